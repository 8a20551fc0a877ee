"""What a number counts: the quantities that its words name (likely), those they may also mean, and how much they weigh.

The form's own class names speak of the table wherever they stand; weaker words need their subject in the sentence, the paragraph, its
heading or the section. A weight of 3 is beyond doubt, of 1 a guess, and :data:`NEVER` rules a number out.
"""

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import NamedTuple

from nianbao.checks.narrative.lexicon import (
    Token,
    Words,
    has,
    joined_to_last,
    labelled,
    pick,
    strong,
    values,
    written,
)
from nianbao.checks.narrative.quantities import CONCLUDED, SETTLED, TOTAL, USUAL, Quantity
from nianbao.checks.narrative.requests import NEVER, Subject, amidst, predicate, requests, residue
from nianbao.checks.narrative.sentence import Context, Statement, agrees
from nianbao.checks.narrative.statements import core

#: Outcomes in the courts' own words, which the form's classes only may hold.
VAGUE = ("驳回", "撤", "终止", "调解", "违法", "责令", "不予受理")
#: Measure words that count things rather than decisions.
_ITEMS = ("项", "条", "个", "份")
#: Words that point back to a number.
_SPOKEN_OF = ("这", "该", "上述", "前述")
#: So many times the table's disputes are those about everything.
_MANY_TIMES = 4
#: Money from this on is rarely alike by chance.
_TEN_THOUSAND = 10_000
#: Kinds of words that tell a change.
_CHANGING = frozenset(("delta", "compare", "period"))
_NEGATIVE = frozenset(("none", "none_after"))
#: What a clause says of a class that it names before.
_MOST = ("最高", "最大", "较高", "较多", "最多", "最少", "居多")
#: What may stand alone between a clause that names applicants and their number.
_AMOUNTS = ("即", "达", "为", "有", "共", "计", "共计", "共有", "达到")
#: The two ways into court.
_WAYS = frozenset(("direct", "after"))
#: With these words all disputes are counted, not only the settled ones.
#: Kinds of words that say by whom a document was issued.
_NARROWING = frozenset(("own", "outside", "area", "qualifier"))
_ARISEN = frozenset(("引发", "引起", "产生", "发生", "提起", "被提起", "被申请"))


def read(item: Statement, context: Context) -> None:
    """Fill in what a number may count, and the weight of its words for that."""
    parent = item.parent
    own = _own(item, context)
    if own is None:
        item.subject = context.subject
        return
    subject = _subject(item, own, context)
    item.subject = subject.name
    if subject.name == "foreign" or _thing(item) or (item.leads and _such(item.wide)):
        return
    kind = context.kind(subject.name)
    if kind == "documents":
        _documents(item, own, subject, context)
        _part_of_same(item, context)
    elif kind == "decisions":
        _decisions(item, own, subject, context)
    elif kind == "money":
        _money(item, own, subject, context)
    elif not (kind == "disputes" and _disputes(item, own, subject, context)):
        requests(item, own, subject, context)
    elif not has(own, "outcome"):
        lead = _outcomes_before(item)  # 未审结的复议案件19件、诉讼案件10件
        columns = _columns(lead)
        item.possible += tuple(q._replace(columns=columns) for q in item.likely if columns)
    if item.likely and parent is not None and own is parent.before:
        item.weight = 3


def _such(words: Words) -> bool:
    """Whether words end in an open list (``由律师等提出``); what is named behind 等 holds all of it (``律师事务所等法律服务机构``)."""
    at = next((k for k, t in enumerate(words) if "等" in t.text and "column" not in t.tags), None)
    return at is not None and not (len({*values(words, "column")}) == 1 and has(words[at + 1 :], "column"))


def _outcomes_before(item: Statement) -> list[str]:
    """The outcomes that a number before tells of both kinds of disputes (``尚未审结29件，复议19件、诉讼10件``)."""
    for s in item.back(2):
        outcomes = joined_to_last(s.own, "outcome") if s.sentence == item.sentence else []
        if outcomes and (item.joined in ("、", "和", "，") or not s.named):
            return outcomes
    return []


def _own(item: Statement, context: Context) -> Words | None:
    """The words that name a number: its own, or those that it goes with; None where nothing does."""
    if labelled(item.own):
        return item.own
    if item.reached:
        return next((s.before for s in item.back(4) if labelled(s.before)), None)
    last = next(item.here(), None)
    return next((words for borrow in _BORROWED if (words := borrow(item, last, context)) is not None), None)


def _of_beside(item: Statement, last: Statement | None, context: Context) -> Words | None:
    """Those of the share or of the other year's number before it."""
    own = item.own
    if last is None or any(t.unknown and "delta" not in t.tags for t in own):
        return None
    beside = last.token.unit == "%" and item.clause - last.clause < 2
    if beside and labelled(last.before) and not has(own, "rest"):
        return last.before  # 自然人占88.1%，为74件
    if not last.change or "this" not in values(own, "period"):
        return None
    for s in takewhile(lambda s: s.change, item.here()):
        before = [t for t in s.before if "period" not in t.tags]
        if labelled(before):
            return before  # 去年收到56件，今年为63件
    return item.governing if labelled(item.governing) else None  # 申请量波动较大：2021年839件，2022年798件


def _of_decisions(item: Statement, last: Statement | None, context: Context) -> Words | None:
    """``行政强制方面，作出决定15726件``: its own, under a subject named before."""
    own = item.own
    spoken = has(own, "decide") and context.kind(context.subject) == "decisions"
    return own if spoken and not any(t.unknown or "foreign" in t.tags for t in own) else None


def _of_cases(item: Statement, last: Statement | None, context: Context) -> Words | None:
    """``应诉案件872件，其中涉及政府信息公开的57件``: those of its whole, which no cell holds then."""
    parent = item.parent or last
    if parent is None or not _concerning(item.before) or _concerning(parent.before):
        return None
    if item.token.value > parent.token.value:
        wholes = [s for s in item.back(6) if s.token.value >= item.token.value]
        item.parent = next((s for s in reversed(wholes) if s.sentence == item.sentence), parent)
        return None
    parent.weight = NEVER
    return parent.before if labelled(parent.before) else None


def _of_clause(item: Statement, last: Statement | None, context: Context) -> Words | None:
    """Those of the clauses before it, where it stands alone behind them."""
    governing = item.governing
    if has(item.before, "total") and labelled(governing) and last is None:
        kinds = any(t.text[0] in "两二三四五" for t in item.before if "total" in t.tags)
        return None if kinds and any(t.unknown for t in governing) else governing  # 征收、登记，两类合计68件
    if (last is not None and last.clause >= item.clause - 1) or not _bare(item.own):
        return None
    if not labelled(item.after) and (topic := _topic(item)):
        return topic  # 其他法律行政法规禁止公开的，22件; 申请人以自然人为主，达74件
    changed = bool(item.own) and (has(governing[-4:], "delta") or has(governing[-5:], "compare"))
    return _risen(governing) if changed else None  # 申请量较上年下降，为265件


def _of_rounded(item: Statement, last: Statement | None, context: Context) -> Words | None:
    """Those of an estimate or a change that it makes exact (``突破两千件，达2139件``, ``新收申请增加12件，达84件``)."""
    if last is None or not item.own or not _bare(item.own):
        return None
    if last.token.rough or last.token.places:
        rounded = [t for t in last.before if not t.unknown and "rough" not in t.tags]
        return rounded if labelled(rounded) and not has(rounded, "qualifier") else None
    return _risen(last.before) if last.change and has(last.before, "delta") else None


#: Where a number whose own words name nothing takes them from, the surest first.
_BORROWED = (_of_beside, _of_decisions, _of_cases, _of_clause, _of_rounded)


def _bare(words: Words) -> bool:
    """Whether words say nothing but that a number follows."""
    return all(
        t.text in _AMOUNTS or "filler" in t.tags or t.means("period") == "this" or t.text == "的"
        for t in words
    )


def _risen(words: Words) -> Words | None:
    """What words say has changed, without how; None where they do not say it."""
    rest = [t for t in words if _CHANGING.isdisjoint(t.tags) or labelled([t])]
    return rest if labelled(rest) else None


def _topic(item: Statement) -> Words | None:
    """What the clause before speaks of, or the one that the sentence opens with (``重复申请的，…，全年25件``)."""
    clauses: list[list[Token]] = []
    for t in item.governing:
        if not clauses or clauses[-1][-1].end != t.start:
            clauses.append([])
        clauses[-1].append(t)
    for k, clause in enumerate(reversed(clauses)):
        if _class_last(clause) and (not k or clause[-1].text[-1] == "的"):
            return clause
        if item.token.unit == "元" and not k and strong(clause, "subject"):
            return clause  # 依标准征收的行政事业性收费，入库386.45万元
    return None


def _concerning(words: Words) -> bool:
    """Whether words narrow cases down to those about information (``涉政府信息公开的``, ``信息公开类``)."""
    return any(
        "信息公开" in t.text and (t.text[0] in "涉有关" or any(w.text == "类" for w in words[k + 1 : k + 2]))
        for k, t in enumerate(words)
    )


def _class_last(words: Words) -> bool:
    at = next((k for k, t in enumerate(words) if "share" in t.tags), 0)  # 信访类占不予处理的一半以上
    topic = at if at and strong(words[:at], "row") and strong(words[at:], "row") else len(words)
    ends = words[-1].text[-1:] if words else ""
    words = core([t for t in words[:topic] if "share" not in t.tags and not t.text.startswith(_MOST)])
    named = has(words[-3:], "column") or bool(strong(words[-2:] if ends != "的" else words, "row"))
    return named and not (has(words, "foreign") or has(words, "qualifier"))


def _thing(item: Statement) -> bool:
    """Whether what is counted is named after the measure word, and is none of ours (``128个部门``)."""
    after = item.after[0] if item.after else None
    if item.before and item.before[-1].text.endswith(_SPOKEN_OF):
        return True  # 办结了这82件: of which was spoken
    if after is None or item.token.unit not in ("个", "项", "份", "部"):
        return False
    body = item.token.unit == "个" and "column" in after.tags and not after.tags["column"].strong
    return body or (after.kind == "gap" and after.unknown)


def _subject(item: Statement, own: Words, context: Context) -> Subject:
    parent, last = item.parent, item.last
    if named := pick(own, "subject") or pick(item.after, "subject"):
        item.named = named[-1].value
        here = context.at_disputes or any(context.disputes(s) for s in context.subjects)
        if named[-1].strong or not (here and context.disputes(context.subject)):
            return Subject(named[-1].value, 2)
    current, spoken = context.subject, bool(context.subjects)
    key = (item.sentence, "requests", "row")
    listed = last is not None and (last.sentence, last.subject, last.kind) == key
    if listed and has(own, "row") and not has(own, "foreign"):
        return Subject("requests", 1)
    carried = all(value.startswith("carried") for value in strong(own, "row"))
    if current == "foreign" and spoken and carried and not has(own, "column"):
        return Subject("foreign", 1)
    abroad = parent is not None and parent.subject == "foreign"
    abroad |= last is not None and last.sentence == item.sentence and _goes_on_abroad(item, last)
    rows = [t for t in own if (r := t.tags.get("row")) and r.strong]
    # a reason speaks of the table in any list
    reason = any(t.tags["row"].value in context.figures.reasons for t in rows)
    if (reason or not abroad) and any(not ("outcome" in t.tags and context.disputes(current)) for t in rows):
        return Subject("requests", 2)
    if parent is not None:
        beside = (s.named for s in takewhile(lambda s: s is not parent, item.back(12)) if s.parent is parent)
        if named_beside := next((name for name in beside if context.disputes(name)), ""):
            return Subject(named_beside, 1)
    if not spoken and not abroad and strong(own, "column"):
        return Subject("requests", 1)
    if parent is not None and parent.subject:
        later = parent.subject == "litig" and current in ("direct", "after")
        return Subject(current if later else parent.subject, 1)
    governed = values(item.governing, "subject")
    if (governed and current == governed[-1]) or (spoken and current != "foreign"):
        return Subject(current, 1)
    if current in ("", "remedies") and context.home == "remedies" and has(own, "outcome"):
        return Subject("recon", 0)
    return Subject(current, 0 if current else -1)


def _goes_on_abroad(item: Statement, last: Statement) -> bool:
    """Whether a number goes on a list of other things (``提案40件，公开37件，不公开3件``)."""
    others = [s.token.value for s in last.here() if s.subject == "foreign"]
    fills = last.token.value + item.token.value in (*others, sum(others))
    plain = last.subject == "foreign" and last.token.unit == item.token.unit and item.joined != "；"
    return plain and (fills or has(item.before, "rest"))


def _documents(item: Statement, own: Words, subject: Subject, context: Context) -> None:
    """规章, 规范性文件: issued, repealed or in force."""
    near, last, parent = subject.near, item.last, item.parent
    beside = []
    if last is not None and last.sentence == item.sentence:
        alone = item.joined == "，" and last.token.unit == item.token.unit
        alone = item.joined == "、" or (alone and all("subject" in t.tags for t in own))
        beside = joined_to_last(last.before, "change") if alone else []  # 废止规章3件，规范性文件142件
    changes = joined_to_last(own, "change") or joined_to_last(item.after, "change")
    named = [s for s in joined_to_last(own, "subject") if context.kind(s) == "documents"]
    rows = tuple(row for s in named or [subject.name] for row in context.subject_rows(s))
    if not changes and near == 2:
        changes, near = joined_to_last(item.governing, "change") or beside, 1
    columns = tuple(dict.fromkeys(changes)) or ("issued",)
    every = ("issued", "repealed", "in_force") if not changes else columns
    item.likely = tuple(Quantity("disclosure", rows, (c,)) for c in columns)
    item.possible = (
        *(Quantity("disclosure", rows, (c,)) for c in every),
        Quantity("disclosure", rows, columns),
        *(Quantity("disclosure", (r,), (c,)) for r in rows for c in columns),
    )
    shown = has(own, "show")
    item.shown = not changes and shown
    item.doubtful = not changes
    weight = (3 if near >= 1 else 2) if changes else 0 if shown else 1
    item.weight = weight - 2 * residue(item)
    if any(t.text == "名义" for t in own):
        item.weight, item.doubtful = min(item.weight, 1), True  # 以区政府及区政府办公室名义制发28件
    of_whole = parent is not None and changes and values(parent.before, "change")[-1:] == ["in_force"]
    if of_whole and any(
        t.unknown or t.text == "名义" or not _NARROWING.isdisjoint(t.tags) for t in item.before
    ):
        item.weight = NEVER  # 现行有效913件，其中政府制发456件
    if parent is not None and parent.shown and parent.weight <= 0:
        item.weight = NEVER  # 集中公开规范性文件919件，其中废止6件


def _part_of_same(item: Statement, context: Context) -> None:
    """A part of what it is read as itself (``规范性文件913件，其中标注“有效”的827件``) has no cell."""
    whole = item.parent
    if whole is None:
        return
    borne_out = (q for q in whole.possible if context.figures.bears_out(whole.token, q))
    if not {*whole.likely, *borne_out}.isdisjoint(item.likely):
        item.weight = NEVER


def _decisions(item: Statement, own: Words, subject: Subject, context: Context) -> None:
    """行政许可, 处罚, 强制: decisions, where items and posts are counted too."""
    columns = tuple(context.figures.data["subjects"][subject.name]["columns"])
    spoken = item.governing if has(item.governing, "total") and not pick(own, "subject") else ()
    whole = own if item.adds_up else spoken
    names = [s for s in joined_to_last(whole, "subject") if context.kind(s) == "decisions"]
    rows = _together(
        context, names or [subject.name]
    )  # 许可、处罚两类决定合计; 许可、处罚两项加起来，作出决定8件
    item.likely = (Quantity("disclosure", rows, columns),)
    named = pick(own, "subject")
    word = any("决定" in t.text for t in (*item.governing, *own))
    item.weight = 3 if word or has(own, "decide") else 2 if named and named[-1].strong else 1
    item.weight -= 2 * residue(item) + (subject.near < 1)
    item.shown = has(predicate(own), "show")
    cases = any("案件" in t.text for t in own) and not word
    item.weight -= 2 * cases  # 办理行政处罚案件51件
    item.doubtful = not word or item.token.unit in _ITEMS
    _part_of_same(item, context)
    item.weight -= (2 if word else 3) * item.shown + 3 * (item.token.unit in _ITEMS and not word)


def _money(item: Statement, own: Words, subject: Subject, context: Context) -> None:
    if item.token.unit == "元":
        columns = tuple(context.figures.data["subjects"][subject.name]["columns"])
        item.likely = (Quantity("disclosure", context.subject_rows(subject.name), columns),)
        firm = subject.near == 2 and not residue(item)
        item.weight = 3 if firm else 1
        if not strong(own, "subject") and context.section != "disclosure":
            other = any("foreign" in t.tags and t.text[-1] == "费" for t in item.governing)
            item.weight = NEVER if other or item.token.value < _TEN_THOUSAND else 1  # 检索费方面，收费金额


#: Measure words of other things than cases.
_THINGS = ("个", "条", "项")


class _Dispute(NamedTuple):
    """What the words of a number say of 复议 and 诉讼: their kinds and outcomes, whether in the courts' own words."""

    own: Words
    outcomes: list[str]
    named: list[str]
    rows: tuple[str, ...]
    subject: Subject
    vague: bool

    @property
    def in_court(self) -> bool:
        """Whether one of the two ways into court is spoken of."""
        return not _WAYS.isdisjoint((self.subject.name, *self.named))


def _disputes(item: Statement, own: Words, subject: Subject, context: Context) -> bool:
    """复议, 诉讼 and their outcomes; False where neither subject nor outcome is counted."""
    own, after = _affirmed(own), _affirmed(item.after)
    outcomes = joined_to_last(own, "outcome") or joined_to_last(after, "outcome")
    if subject.near < 2 and not outcomes and not (item.parent and item.kind == "free"):
        return False
    if item.token.unit in _THINGS and not (has(item.before, "outcome") or has(item.before, "subject")):
        return False  # 专区由7个增加到12个
    named = [s for s in joined_to_last(own, "subject") if context.disputes(s)]
    if len({"subject" in t.tags for t in own if t.means("outcome") == "corrected"}) > 1:
        named = []  # 被纠正或败诉24件
    named = [s for s in values(own, "subject") if s in _WAYS] or named
    if subject.name in _WAYS and not strong(own, "subject"):
        named = []  # 后者被判决维持的22件
    rows = _together(context, named or [subject.name])
    vague = bool(outcomes) and any(word in written(own) for word in VAGUE)
    words = _Dispute(own, outcomes, named, rows, subject, vague)
    spoken_of = () if outcomes else _columns(_outcomes_spoken_of(item))
    item.likely = tuple(Quantity("remedies", rows, c) for c in (spoken_of, _columns(outcomes) or TOTAL) if c)
    context.arisen |= any(t.text in _ARISEN for t in (*item.governing, *own))
    item.possible = (*_other_kinds(item, words, context), *_other_outcomes(item, words, context))
    loose = bool(outcomes) and not all(m.strong for m in pick(own, "outcome")[-1:])
    _weigh_dispute(item, words, loose, context)
    item.kind = "row" if outcomes else item.kind
    item.weak = not outcomes
    item.doubtful = item.weak or loose or vague or "done" in outcomes
    return True


def _outcomes_spoken_of(item: Statement) -> list[str]:
    """The outcomes of which the clause before speaks without a number (``其他结果的诉讼，直接起诉5件，复议后起诉8件``)."""
    whole = next((s for s in item.back(3) if s.sentence == item.sentence and s.leads), None)
    if whole and whole.clause < item.clause and item.token.value <= whole.token.value:
        return joined_to_last(whole.after, "outcome")  # 从3件诉讼纠正案件看，直接起诉2件、复议后起诉1件
    words = item.governing
    start = next((k for k in range(len(words) - 1, 0, -1) if words[k - 1].end != words[k].start), 0)
    clause = words[start:]
    spoken = "subject" in clause[-1].tags or clause[-1].text[-1] in "的中件" if clause else False
    return strong(clause, "outcome") or joined_to_last(clause, "outcome") if spoken else []


def _other_kinds(item: Statement, words: _Dispute, context: Context) -> list[Quantity]:
    """The other kinds of disputes that a number may count, with the same outcomes."""
    subject, named, columns = words.subject, words.named, item.likely[0].columns
    others = [s for s in dict.fromkeys(context.subjects) if context.disputes(s)]
    if named or (item.parent and item.parent.likely and item.parent.likely[0].table == "remedies"):
        others = []
    kinds = [context.subject_rows(s) for s in others]
    both = "litig" in context.subjects or has(
        context.words, "total"
    )  # 直接起诉…；复议后起诉…。两类合计57件，已审结47件
    if not named and subject.name in _WAYS and both and not item.depth:
        kinds.append(context.subject_rows("litig"))
    spoken = [*others, *(s for s in values(words.own, "subject") if context.disputes(s))]
    if not named and item.adds_up:
        spoken += [s for s in values(context.words, "subject") if context.disputes(s)]
    if {"direct", "after"} <= {*spoken} and item.adds_up:
        kinds.append(context.subject_rows("litig"))  # 复议后起诉…；直接起诉…；二者合计维持31件
    behind = item.wide if item.leads else item.after
    spoken += [s for s in values(behind, "subject") if context.disputes(s)]
    if len(others) > 1:
        kinds.append(_together(context, others))
    mixed = len({"subject" in t.tags for t in words.own if t.means("outcome") == "corrected"}) > 1
    if {"recon", "litig"} <= {*spoken} or mixed:  # 被纠正和败诉的24件
        kinds.append(_together(context, ("recon", "litig")))  # 24件被纠正的复议、诉讼案件
    if not named and item.parent and item.parent.likely and item.parent.likely[0].table == "remedies":
        kinds.append(item.parent.likely[0].rows)  # 复议、诉讼合计234件，其中未审结29件
    if named == ["litig"]:
        kinds += [context.subject_rows(s) for s in context.subjects if s in _WAYS]
    return [Quantity("remedies", rows, columns) for rows in kinds]


def _other_outcomes(item: Statement, words: _Dispute, context: Context) -> list[Quantity]:
    """The other outcomes of the same disputes that a number may count."""
    outcomes, parent = words.outcomes, item.parent
    columns: list[tuple[str, ...]] = []
    if not outcomes and parent is not None:
        wholes = [parent, *([parent.parent] if parent.parent is not None else [])]
        told = next((some for s in wholes if (some := joined_to_last(s.own, "outcome"))), [])
        columns.append(_columns(told) or TOTAL)  # 24件被纠正案件（复议21件）
    if not outcomes and context.settled and not context.arisen:
        columns.append(SETTLED)
    if any("胜诉" in t.text for t in words.own):
        columns.append(("upheld", "other"))
    behind = values([t for t in context.words if t.start > item.token.end], "outcome")
    if "done" in outcomes and ("pending" in behind or "upheld" not in behind):
        columns.append(TOTAL)  # 审结177件，其中维持103件、…、尚未审结19件
    if words.vague:
        columns += [(column,) for column in SETTLED]
    concluded = "done" in outcomes and words.subject.near < 1
    also = [Quantity("requests", CONCLUDED, TOTAL)] if concluded else []
    return [*(Quantity("remedies", words.rows, some) for some in columns), *also]


def _weigh_dispute(item: Statement, words: _Dispute, loose: bool, context: Context) -> None:
    own, outcomes, near = words.own, words.outcomes, words.subject.near - words.vague
    item.weight = (3 if near >= 1 or (not loose and near == 0) else 1) - 2 * residue(item)
    if words.vague and item.leads and any(t.unknown or t.text == "申请人" for t in item.after):
        item.weight -= 2  # 3件申请人自愿撤回的复议申请
    arrived = any("outcome" not in t.tags and t.means("verb") in ("received", "new", "handled") for t in own)
    context.arrived |= arrived and not context.about
    if not outcomes and (arrived or context.arrived):
        item.weight -= 2  # 收到, 办理复议案件 may count other cases than the table's
    ours = context.about or context.at_disputes or words.in_court
    plain = all(t.tags or t.text in "，、" for t in own) and not has(own, "area")
    named = has(own, "outcome") and bool(strong(own, "subject"))
    item.weight -= not (ours or named or plain or context.home == "requests")
    right = context.figures.value(item.likely[0]) or 0
    other = not (ours or outcomes) and item.token.value > _MANY_TIMES * right > 0
    if (context.carried and not outcomes) or (
        other and not context.figures.relation(item.token.value, item.likely[0])
    ):
        item.weight = NEVER  # 新增9件，上年结转2件: cases of other years too
    refused = any(m.strong and "outcome" not in t.tags for t in own if (m := t.tags.get("row")))
    if refused and outcomes:
        item.weight = NEVER  # 不予公开决定被复议纠正的6件
    if not (ours or strong(own, "subject")) and any(s.foreign or s.subject == "foreign" for s in item.here()):
        item.weight = NEVER  # 法院受理行政案件211件，行政机关败诉19件
    if item.parent is not None and item.parent.rows and item.parent.rows not in USUAL:
        item.weight = NEVER  # 不予公开的36件中，被申请复议的4件
    open_ = (item.leads or has(own, "rest")) and any(t.unknown for t in item.after)
    if not outcomes and (amidst(item) or open_):
        item.weight = NEVER  # 诉讼尚有1件没判下来, 复议案件中有5件
    inside = [t for t in context.words if item.start <= t.start < item.token.start and t not in item.before]
    last = next(item.here(), None)
    wider = last is not None and last.subject == item.subject and last.weight == NEVER
    if any(t.unknown for t in inside) or (outcomes and wider and last and not agrees(last, context.figures)):
        item.weight = NEVER  # 复议案件（含征地补偿等）共29件，被纠正5件
    if outcomes:
        _part_of_same(item, context)  # 5件以其他方式结案，其中3件系申请人撤回


def _columns(outcomes: Sequence[str]) -> tuple[str, ...]:
    return tuple(c for o in outcomes for c in (SETTLED if o == "done" else (o,)))


def _affirmed(words: Words) -> Words:
    """The words before a negative (``17件复议无一被纠正``), or the outcome of a rate (``177件复议的纠错率为``)."""
    denied = (k for k, t in enumerate(words) if k and not _NEGATIVE.isdisjoint(t.tags))
    at = next((k for k in denied if words[k - 1].text != "因"), len(words))  # 因未征求意见被纠正
    rate = next((k for k, t in enumerate(words) if "rate" in t.tags and t.text[0] == "率"), at + 1)
    return words[: min(at, rate - 1)]


def _together(context: Context, subjects: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row for s in subjects for row in context.subject_rows(s)))
