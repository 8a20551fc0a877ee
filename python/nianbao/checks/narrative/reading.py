"""What a number counts: the quantities that its words name (likely), those they may also mean, and how much they weigh.

The form's own class names speak of the table wherever they stand; weaker words need their subject in the sentence, the paragraph, its
heading or the section. A weight of 3 is beyond doubt, of 1 a guess, and :data:`NEVER` rules a number out.
"""

from itertools import takewhile

from nianbao.checks.narrative.disputes import columns_of, disputes, outcomes_before, part_of_same, together
from nianbao.checks.narrative.lexicon import (
    Token,
    Words,
    has,
    joined_to_last,
    labelled,
    pick,
    strong,
    values,
)
from nianbao.checks.narrative.quantities import Quantity
from nianbao.checks.narrative.requests import NEVER, Subject, predicate, requests, residue
from nianbao.checks.narrative.sentence import Context, Statement
from nianbao.checks.narrative.statements import core

#: Measure words that count things rather than decisions.
_ITEMS = ("项", "条", "个", "份")
#: Words that point back to a number.
_SPOKEN_OF = ("这", "该", "上述", "前述")
#: Money from this on is rarely alike by chance.
_TEN_THOUSAND = 10_000
#: Kinds of words that tell a change.
_CHANGING = frozenset(("delta", "compare", "period"))
#: What a clause says of a class that it names before.
_MOST = ("最高", "最大", "较高", "较多", "最多", "最少", "居多")
#: What may stand alone between a clause that names applicants and their number.
_AMOUNTS = ("即", "达", "为", "有", "共", "计", "共计", "共有", "达到")
#: Kinds of words that say by whom a document was issued.
_NARROWING = frozenset(("own", "outside", "area", "qualifier"))


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
        part_of_same(item, context)
    elif kind == "decisions":
        _decisions(item, own, subject, context)
    elif kind == "money":
        _money(item, own, subject, context)
    elif not (kind == "disputes" and disputes(item, own, subject, context)):
        requests(item, own, subject, context)
    elif not has(own, "outcome"):
        lead = outcomes_before(item)  # 未审结的复议案件19件、诉讼案件10件
        columns = columns_of(lead)
        item.possible += tuple(q._replace(columns=columns) for q in item.likely if columns)
    if item.likely and parent is not None and own is parent.before:
        item.weight = 3


def _such(words: Words) -> bool:
    """Whether words end in an open list (``由律师等提出``); what is named behind 等 holds all of it (``律师事务所等法律服务机构``)."""
    at = next((k for k, t in enumerate(words) if "等" in t.text and "column" not in t.tags), None)
    return at is not None and not (len({*values(words, "column")}) == 1 and has(words[at + 1 :], "column"))


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
    if item.token.unit in _ITEMS:
        return None  # 区分“可公开”“不公开”三类，共计54项
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
    return named and not (has(words, "foreign") or has(words, "qualifier") or has(words, "none"))


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


def _decisions(item: Statement, own: Words, subject: Subject, context: Context) -> None:
    """行政许可, 处罚, 强制: decisions, where items and posts are counted too."""
    columns = tuple(context.figures.data["subjects"][subject.name]["columns"])
    spoken = item.governing if has(item.governing, "total") and not pick(own, "subject") else ()
    whole = own if item.adds_up else spoken
    names = [s for s in joined_to_last(whole, "subject") if context.kind(s) == "decisions"]
    rows = together(
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
    part_of_same(item, context)
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
