"""``narrative.wording``: claims without a number, against the cells.

What a sentence puts at nothing at all, or all of one kind: 未收到, 无结转, 全部办结, 均为自然人, 全部维持.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from nianbao.checks.narrative.changes import left_open
from nianbao.checks.narrative.lexicon import (
    LABELS,
    Token,
    Words,
    clauses,
    has,
    joined_to_last,
    labelled,
    pick,
    strong,
    values,
    written,
)
from nianbao.checks.narrative.quantities import OPEN, RECEIVED, SETTLED, TOTAL, USUAL, Figures, Quantity
from nianbao.checks.narrative.sentence import AIMS, Context, Statement, agrees, of_others
from nianbao.checks.narrative.text import Paragraph
from nianbao.core.finding import Finding
from nianbao.core.grid import Cell

#: Words that leave other outcomes open beside 全部维持.
_REMAINDER = ("其余", "驳回", "撤", "终止", "其他", "审结", "审理", "未结", "调解")
#: Words that leave open what became of the rest beside 全部办结.
_BUT = ("除", "剩余", "剩下", "还剩", "尚余", "尚有", "仍有", "还有", "另有")

_COMMA = Token("mark", "，", 0, 0)
#: With what a clause begins that goes on about the number before it.
_OF_THESE = frozenset("虽但均都也亦")


class Claim(NamedTuple):
    """A quantity that the text puts at 0, and the rule under which the table contradicts it."""

    quantity: Quantity
    rule: str = "mismatch"


def contradictions(
    sentence: Words,
    new: Sequence[Statement],
    context: Context,
    paragraph: Paragraph,
    figures: Figures,
    wrong: AbstractSet[Cell],
) -> Iterator[Finding]:
    """The claims of a sentence that figures above 0 contradict; ``context`` is the one it begins with.

    ``wrong`` are the cells of its numbers (``new``) that are: a claim about all of them follows from the number.
    """
    heard, named = context.copy(), list[Token]()
    for own in clauses(sentence):
        earlier = [s for s in new if s.token.end <= own[0].start]
        last = earlier[-1] if earlier and named and earlier[-1].token.start >= named[0].start else None
        if last and last.rows and not last.away:
            heard.rows = last.rows  # 以国家秘密为由不予公开的4件，均为自然人
        heard.group = heard.rows
        heard.hear([*own, _COMMA])
        clause = [*named, *own] if _of_the_last(own) else own
        named = own
        if left_open(clause, heard, sentence, figures):
            yield _denied(Claim(OPEN, "wording"), 0, clause, paragraph, figures)
        if heard.outside or _abroad(own, heard) or of_others(own, new, sentence) or _of_less(own, last):
            continue
        denied = has(own, "none") or has(own, "none_after")
        if last and denied and own[0].text[0] in _OF_THESE and not agrees(last, figures):
            continue  # 有3件答复超期1日，虽未引发复议
        part = last is not None and bool(last.rows) and last.weak and not agrees(last, figures)
        if part and has(own, "all") and not has(own, "clear"):
            continue  # 以“不存在”为由答复的14件，均为自然人申请: of a part
        for claim in claimed(clause, heard, sentence):
            claim = _of_applicants(claim, earlier)
            value = figures.value(claim.quantity)
            whole = Quantity(claim.quantity.table, claim.quantity.rows, TOTAL)
            if value and wrong.isdisjoint(whole.cells()):
                yield _denied(claim, value, clause, paragraph, figures)


def _of_applicants(claim: Claim, earlier: Sequence[Statement]) -> Claim:
    """A claim of what was carried over, of those applicants alone of whom the sentence speaks (``科研机构的8件已办结，无结转``)."""
    whose = {s.likely[0].columns for s in earlier if s.likely}
    alone = (
        claim.quantity == OPEN and len(whose) == 1 and all(s.kind == "column" for s in earlier if s.likely)
    )
    return claim._replace(quantity=OPEN._replace(columns=whose.pop())) if alone else claim


def _of_less(clause: Words, last: Statement | None) -> bool:
    """Whether all is a share's whole (``占全部办结量的78.9%``), or all of what was told of just before (``延期答复6件，上述申请现已全部答复``)."""
    at = next((k for k, t in enumerate(clause) if "all" in t.tags or "clear" in t.tags), 0)
    points = any(t.text.startswith(("上述", "前述", "这些", "这几件", "以上")) for t in clause)
    return has(clause[max(0, at - 2) : at], "share") or (
        points and last is not None and last.rows not in USUAL
    )


def _quoted(clause: Words, k: int) -> bool:
    """Whether a word is only quoted (``对“不存在”的举证责任``)."""
    return k > 0 and clause[k - 1].text[-1] == "“" and written(clause[k + 1 : k + 2])[:1] == "”"


def _abroad(clause: Words, context: Context) -> bool:
    """Whether a clause goes on about what no cell holds; the single classes have names of their own."""
    classes = not context.figures.reasons.isdisjoint(strong(clause, "row")) and not has(clause, "foreign")
    return context.subject == "foreign" and not classes


def _of_the_last(clause: Words) -> bool:
    """Whether a clause denies what the one before it names (``公开出版物的申请，今年一件也没有``)."""
    return has(clause, "none_after") and all(
        not {"none_after", "period", "filler"}.isdisjoint(t.tags) for t in clause
    )


def claimed(clause: Words, context: Context, sentence: Words) -> list[Claim]:
    """What a clause says is nothing at all."""
    periods = values(clause, "period")
    none = next((k for k, t in enumerate(clause) if "none" in t.tags and not _quoted(clause, k)), None)
    of = none is not None and bool(strong(clause[none:], "row"))  # 201件答复中不存在国家秘密的情形
    after = next((k for k, t in enumerate(clause) if "none_after" in t.tags), None)
    if none is None and after is not None and labelled(clause[after + 1 :]):
        none = after
    counted = any(
        t.kind == "number" and t.value and written(clause[max(0, k - 1) : k])[-1:] not in ("由", "从")
        for k, t in enumerate(clause)
        if k > (none or 0) or not (of or (none and _told_whole(clause, k, context)))
    )
    last = bool(clause) and clause[0].means("period") == "last" and has(clause[1:2], "none")
    if last and not counted and "carried_out" in values(clause[2:4], "row"):  # 上年无结转
        return [Claim(Quantity("requests", ("carried_in",), TOTAL), "wording")]
    if not periods and context.when == "next":
        return []  # 2025年，我们将力争零纠错
    if clause and any(t.text in AIMS and t.start <= clause[-1].start for t in sentence):
        return []  # 力争行政复议零纠错、行政诉讼零败诉
    if counted or (periods[-1] if periods else context.period) != "this":
        return _all(clause, context, sentence)
    if any(t.text == "除" and t.start <= clause[-1].start for t in sentence):
        return _all_others(clause, context, sentence)  # 除1件重复申请外，再无不予处理的申请
    if none is not None and labelled(clause[none:]):
        return _none(clause[none:], clause[:none], context) or _all(clause, context, sentence)
    if after is not None and labelled(clause[:after]):
        return _none(clause[:after], [], context)
    return _all(clause, context, sentence)


def _told_whole(clause: Words, k: int, context: Context) -> bool:
    """Whether a number counts all disputes of a kind (``17件复议均未被纠正``)."""
    kinds = [s for s in values(clause[k + 1 :], "subject") if context.disputes(s)][:1]
    every = [Quantity("remedies", context.subject_rows(s), c) for s in kinds for c in (TOTAL, SETTLED)]
    return clause[k].value in context.figures.known(*every)


def _all_others(clause: Words, context: Context, sentence: Words) -> list[Claim]:
    """``除企业外，其他组织未提出申请``: none of the applicants, or the organisations, that were not excepted."""
    at = next(k for k, t in enumerate(sentence) if t.text == "除")
    until = next((k for k, t in enumerate(sentence) if k > at and "外" in t.text), at)
    but, rest = sentence[at:until], [t for t in clause if t.start > sentence[until].start]
    named = {c for key in values(but, "column") for c in context.figures.columns(key)}
    other = next((t for t in rest if t.text.startswith(("其他", "其它"))), None)
    asked = {"received", "new"} & set(values(rest, "verb")) or any("申请" in t.text for t in rest)
    plain = not any(t.kind == "number" for t in (*but, *rest)) and not has(rest, "foreign")
    if not (named and other and asked and plain and has(rest, "none")):
        return []
    every = context.figures.columns("org")
    every = every if "column" in other.tags else ("natural", *every)  # 其他组织, 其他申请人
    left = tuple(c for c in every if c not in named)
    return [Claim(Quantity("requests", RECEIVED, left))] if left else []


def _none(words: Words, lead: Words, context: Context) -> list[Claim]:
    """What the words of a negative name."""
    causes = next((k for k, t in enumerate(words) if t.text[0] == "而"), 0)
    if causes and any(t.text == "因" for t in words[:3]) and not strong(words[:causes], "row"):
        words = [words[0], *words[causes:]]  # 没有因机构合并、撤销而移交
        if not labelled(words):
            return []
    caused = next((k for k, t in enumerate(words) if t.text.startswith(("引发", "引起", "导致"))), 0)
    if written(words[1:3]).startswith("因此") and not strong(words, "row"):
        return []  # 没有因此终止办理的申请
    if any(ch in written(words[1:caused]) for ch in "不误错超违"):
        return []  # 没有因不予公开引发的复议, 未因答复不当引发行政复议
    last = max(k for k, t in enumerate(words) if not LABELS.isdisjoint(t.tags))
    first = 1 if "none" in words[0].tags or "none_after" in words[0].tags else 0
    if not has(lead[-3:], "column") and any(t.text in ("其他", "其它") for t in lead[-2:]):
        return []  # 其他主体未提出申请
    beyond = any("以外" in t.text or "之外" in t.text for t in words)
    foreign = any("foreign" in t.tags and LABELS.isdisjoint(t.tags) for t in words)
    if beyond and values(words, "column") == ["natural"]:  # 没有自然人以外的申请
        return [Claim(Quantity("requests", RECEIVED, context.figures.columns("org")), "wording")]
    if beyond or foreign or has(words, "qualifier") or has(words, "channel"):
        return []
    if any(t.unknown and not _illustrates(words, k) for k, t in enumerate(words[first:last], first)):
        return []
    subjects = list(dict.fromkeys(values(words, "subject")))
    subjects = [s for s in subjects if s != "requests"] or subjects
    if {"direct", "after"} & set(subjects):
        subjects = [s for s in subjects if s != "litig"]
    for some in (
        _no_documents(words, subjects, context),
        _no_rows(words, context),
        _not_corrected(words, lead, context),
        _no_outcome(words, context),
    ):
        if some:
            return some
    spoken = context.subject == "requests" or strong(lead, "column")  # 我单位无其他事项
    return _no_subject(words, subjects, context, joined_to_last(lead, "column") if spoken else [])


def _illustrates(words: Words, k: int) -> bool:
    """Whether unknown words are joined to a label, or are instances of it (``高校和科研机构``, ``报刊等公开出版物``)."""
    after = written(words[k + 1 : k + 2])
    listed = after == "、" and written(words[max(0, k - 1) : k]) == "、"  # 被撤销、变更、确认违法
    return (
        listed or words[k].text[-1] == "等" or after == "等" or (not k and after in ("和", "及", "与", "或"))
    )


def _no_documents(words: Words, subjects: Sequence[str], context: Context) -> list[Claim]:
    documents = [s for s in subjects if context.kind(s) == "documents"]
    changes = values(words, "change") or ["repealed"] * ("废止" in words[0].text)
    if not documents and not (context.kind(context.subject) == "documents" and changes and not subjects):
        return []
    return [
        Claim(Quantity("disclosure", context.subject_rows(s), (change,)))
        for s in documents or [context.subject]
        for change in dict.fromkeys(changes or ["issued"])
    ]


def _no_rows(words: Words, context: Context) -> list[Claim]:
    figures = context.figures
    rows = [m.value for m in pick(words, "row") if m.strong or m.value == "carried_out"]
    columns = [c for key in joined_to_last(words, "column") for c in figures.columns(key)]
    narrow = [r for r in rows if not any(set(figures.rows(o)) < set(figures.rows(r)) for o in rows)]
    return [
        Claim(
            Quantity("requests", figures.rows(row), tuple(columns) or TOTAL),
            "wording" if row == "carried_out" else "mismatch",
        )
        for row in dict.fromkeys(narrow)
    ]


def _not_corrected(words: Words, lead: Words, context: Context) -> list[Claim]:
    if "corrected" not in values(words, "outcome"):
        return []
    courts = any("法院" in t.text for t in (*lead, *words))
    lost = all("败诉" in t.text for t in words if t.means("outcome") == "corrected")
    named = values([t for t in (*lead, *words) if lost or "败诉" not in t.text], "subject")
    named = [s for s in named if context.disputes(s)]
    if courts and "recon" in named:
        return []  # 复议决定被法院撤销: of another organ's decisions
    if not named:
        later = context.subject in ("direct", "after") and "litig" in context.subjects
        either = not lost and any("败诉" in t.text for t in words)  # 无纠错、无败诉
        named = ["litig"] if lost or later else [] if either else [context.subject]
    subjects = [s for s in dict.fromkeys(named) if context.disputes(s)]
    if {"direct", "after"} & {*subjects}:
        subjects = [s for s in subjects if s != "litig"]  # 直接起诉的均无败诉
    if not subjects:
        rows = tuple(row for s in ("recon", "litig") for row in context.subject_rows(s))
        return [Claim(Quantity("remedies", rows, ("corrected",)), "wording")]
    return [Claim(Quantity("remedies", context.subject_rows(s), ("corrected",)), "wording") for s in subjects]


def _no_outcome(words: Words, context: Context) -> list[Claim]:
    """``无未审结案件``, ``没有其他结果的案件``."""
    pending = any("审" in t.text and t.means("outcome") == "pending" for t in words)
    if not pending and "other" not in strong(words, "outcome"):
        return []
    named = [s for s in values(words, "subject") if context.disputes(s)] or [context.subject]
    subjects = [s for s in dict.fromkeys(named) if context.disputes(s)] or ["recon", "litig"]
    rows = tuple(row for s in subjects for row in context.subject_rows(s))
    return [Claim(Quantity("remedies", rows, ("pending" if pending else "other",)), "wording")]


def _no_subject(
    words: Words, subjects: Sequence[str], context: Context, before: Sequence[str]
) -> list[Claim]:
    figures, out = context.figures, []
    outcomes = has(words, "outcome")
    for s in subjects:
        spec = figures.data["subjects"][s]
        kind = context.kind(s)
        firm = kind == "decisions" or s in strong(words, "subject")  # 收费金额为0元, behind 信息处理费
        if (kind == "disputes" and not outcomes) or (kind in ("decisions", "money") and firm):
            out.append(Claim(Quantity(spec["table"], tuple(spec["rows"]), tuple(spec.get("columns", TOTAL)))))
    applied = any("column" in t.tags and t.text.endswith("申请") for t in words)  # 没有企业申请
    named = context.subject == "requests" or strong(words, "column") or before or applied
    keys = joined_to_last(words, "column") or before
    everyone = {"natural", "org"} <= set(keys)  # 未收到公民、法人或者其他组织提出的申请
    columns = [c for key in keys if named and not everyone for c in figures.columns(key)]
    about = subjects == ["requests"] or (columns and context.subject in ("requests", ""))
    if words[0].text[-1] == "因" and not out:
        return []  # 未因信息公开申请收费
    if not out and about and not {"concluded", "handled"} & set(values(words, "verb")):
        each = [figures.columns(key) for key in keys] if columns else [TOTAL]
        out += [Claim(Quantity("requests", RECEIVED, tuple(some))) for some in each]
    return out


#: The two ways into court: all by one leaves nothing to the other.
_WAYS = {"direct": "after", "after": "direct"}


def _all(clause: Words, context: Context, sentence: Words) -> list[Claim]:
    """What a clause that speaks of all leaves at nothing."""
    if has(clause, "clear") or _finished(clause):
        return _cleared(clause, context, sentence)
    if has(clause, "only"):
        return _only(clause, context)
    at = next((k for k, t in enumerate(clause) if "all" in t.tags), None)
    rest = has(clause, "rest") or any(t.text in ("其他", "其它") for t in clause[:at])
    if at is None or any(t.kind == "number" for t in clause[at:]) or rest:
        return []
    tail = clause[at:]
    figures = context.figures
    applicants = _applicants(tail)
    if len(set(applicants)) == 1 and _of_requests(clause, context):
        named = strong(clause, "row")
        rows = figures.rows(named[0]) if named else context.rows or RECEIVED
        others = [c for c in ("natural", *figures.columns("org")) if c not in figures.columns(applicants[0])]
        return [Claim(Quantity("requests", rows, tuple(others)), "wording")]
    inside = {row for key in strong(tail, "row") for row in figures.rows(key)}
    classes = strong(clause[:at], "row")
    group = figures.rows(classes[0]) if len(classes) == 1 else context.group
    if inside and inside < set(group) and not has(tail, "none"):  # 无法提供的61件，均为不掌握
        left = tuple(row for row in group if row not in inside)
        return [Claim(Quantity("requests", left, TOTAL), "wording")]
    open_ = any(t.text in _BUT for t in sentence)
    if (
        inside
        and not (open_ or has(tail, "none"))
        and (alike := _all_alike(clause, at, sentence, inside, figures))
    ):
        return alike
    if "this" not in (values(clause, "period") or [context.when])[-1:]:
        return []
    if any(t.text in ("审结", "已审结") for t in tail) and context.disputes(context.subject) and not open_:
        return [Claim(Quantity("remedies", context.subject_rows(context.subject), ("pending",)), "wording")]
    ways = [s for s in values(tail, "subject") if s in _WAYS]
    if len(set(ways)) == 1 and tail[-1].means("subject") in _WAYS and not open_:
        other = _WAYS[ways[0]]  # 行政诉讼57件，均为复议后起诉
        return [Claim(Quantity("remedies", context.subject_rows(other), TOTAL), "wording")]
    if "upheld" in values(tail, "outcome") and not has(clause, "none"):
        return _upheld(clause, context, sentence)
    return []


#: What may stand between ``only`` and those that alone applied.
_BESIDE_ONLY = frozenset(("column", "only", "join", "filler", "period", "own", "all", "rest", "subject"))


def _only(clause: Words, context: Context) -> list[Claim]:
    """``仅自然人提出申请``, ``不予公开的仅涉及执法案卷``: nothing of the others."""
    at = next(k for k, t in enumerate(clause) if "only" in t.tags)
    lead, tail = clause[:at], clause[at + 1 :]
    odd = any(t.kind == "number" or t.unknown or "foreign" in t.tags or "等" in t.text for t in clause)
    when = (values(lead, "period") or [context.when])[-1]
    if odd or when != "this" or written(lead)[-1:] == "不":
        return []
    figures, classes = context.figures, strong(lead, "row")
    inside = {row for key in strong(tail, "row") for row in figures.rows(key)}
    group = figures.rows(classes[-1]) if classes else context.group
    if inside and inside < set(group):
        left = tuple(row for row in group if row not in inside)
        return [Claim(Quantity("requests", left, TOTAL), "wording")]
    named = {c for key in values(tail, "column") for c in figures.columns(key)}
    others = tuple(c for c in ("natural", *figures.columns("org")) if c not in named)
    ours = any("申请" in t.text for t in clause) and not {*values(clause, "subject")} - {"requests"}
    rest = [t for t in tail if t.tags and t.means("verb") not in ("received", "new")]
    if not (named and others and ours and all(t.tags.keys() & _BESIDE_ONLY for t in rest)):
        return []
    return [Claim(Quantity("requests", group if classes else RECEIVED, others), "wording")]


def _all_alike(
    clause: Words, at: int, sentence: Words, inside: AbstractSet[str], figures: Figures
) -> list[Claim]:
    """``全部申请均予以公开``: no other outcomes."""
    about = _about_all(clause, sentence)
    before = sentence[: sentence.index(clause[at]) + 1] if about else clause[: at + 1]
    outcomes = figures.data.get("beside", {}).get("requests", {}).get("rows", [(), ()])[1]
    known = [row for key in outcomes for row in figures.rows(key)]
    every = any(t.text in ("所有", "全部") for t in before) and inside <= {*known}
    if not (every and (about or values(clause, "subject") == ["requests"])):
        return []
    return [Claim(Quantity("requests", tuple(row for row in known if row not in inside), TOTAL), "wording")]


def _about_all(clause: Words, sentence: Words) -> bool:
    """Whether the words before a clause speak of the requests without narrowing them (``对收到的申请，全部…``)."""
    lead = [t for t in sentence if t.start < clause[0].start]
    narrowed = any(
        t.kind == "number" or t.unknown or {"row", "column", "qualifier"} & t.tags.keys() for t in lead
    )
    return values(lead, "subject") == ["requests"] and not narrowed


def _applicants(tail: Words) -> list[str]:
    """Of whom all are, as the words behind ``all`` name them."""
    named = [(k, m) for k, t in enumerate(tail) if (m := t.tags.get("column"))]
    return [m.value for k, m in named if m.strong or _come_from(tail, k)]


def _come_from(tail: Words, k: int) -> bool:
    """Whether all are of an applicant, not done by one (``均由单位负责人签批``)."""
    return _is(tail[:k]) and not any(t.unknown for t in tail[k + 1 : k + 2])


def _is(words: Words) -> bool:
    """Whether words say that all are, or come from, what follows (``全部由``, ``均为``)."""
    return bool(words) and words[-1].text[-1] in "由自为系是属"


def _finished(clause: Words) -> bool:
    """``所有申请均已按时办结``, ``均在本年度内办结``."""
    every = [k for k, t in enumerate(clause) if "all" in t.tags]
    tail = clause[every[-1] + 1 :] if every else ()
    done = bool(tail) and tail[-1].means("verb") == "concluded" and tail[-1].text[-1] not in "复答"
    ours = len(every) > 1 and any(t.text == "已" for t in tail)
    plain = all(
        "filler" in t.tags or "period" in t.tags or (t.kind == "gap" and not t.unknown) for t in tail[:-1]
    )
    return done and plain and (ours or "this" in values(tail, "period"))


def _of_requests(clause: Words, context: Context) -> bool:
    if "new" in strong(clause, "verb") and any("申请" in t.text for t in clause):
        return True  # 新收申请的申请人均为自然人
    about = context.subject == "foreign" or context.disputes(context.subject)
    applicants = not about and any(t.text == "申请人" for t in clause)
    plain = not context.subject and bool(strong(clause, "column"))  # 新收265件，均为自然人申请
    return context.subject == "requests" or applicants or plain


def _cleared(clause: Words, context: Context, sentence: Words) -> list[Claim]:
    """全部办结: nothing is carried over."""
    carried = any(
        t.kind == "number" and t.value and "carried_out" in values(sentence[max(0, k - 4) : k + 4], "row")
        for k, t in enumerate(sentence)
    )
    arrived = {"received", "new"} & set(values(sentence, "verb"))
    before = "carried_in" in values(clause if arrived else sentence, "row")
    passed = clauses([t for t in sentence if t.start < clause[0].start])[-1:]
    if not before and passed and clause[0].text[0] in "已均全":  # 上年结转82件，已全部办结；本年新收2131件
        before = "carried_in" in values(passed[0], "row") and not {"received", "new"} & set(
            values(passed[0], "verb")
        )
    before &= "new" not in values(clause, "verb")  # 新收和上年结转的2213件已全部办结
    rate = any("率" in t.text for t in clause)  # beside 超期: of what was due
    open_ = any(t.text in _BUT for t in sentence) or any("到期" in t.text for t in clause)
    open_ |= rate and any("超期" in t.text for t in sentence)
    open_ |= any(t.text in AIMS for t in clause)
    carried &= not any(t.text == "所有" for t in clause)
    earlier = {"last", "next", "other"} & set(values(clause, "period"))  # 上半年收到的申请已全部办结
    bare = rate and not context.subject and all(t.kind != "gap" or not t.unknown for t in clause)
    about = context.subject == "requests" or bare  # 办结率为100%
    if earlier or carried or before or open_ or not about or has(clause, "foreign"):
        return []
    whose = [c for key in joined_to_last(clause, "column") for c in context.figures.columns(key)]
    return [Claim(Quantity("requests", ("carried_out",), tuple(whose) or TOTAL), "wording")]


def _upheld(clause: Words, context: Context, sentence: Words) -> list[Claim]:
    """全部维持: nothing corrected, and no other result where none is carried of."""
    split = any(t.text in ("其中", "；") for t in sentence)
    named = [s for s in values(clause, "subject") if context.disputes(s)]
    subjects = named or [s for s in ([context.subject] if split else context.subjects) if context.disputes(s)]
    others = [t for c in clauses(sentence) if not has(c, "none") for t in c]
    others = [
        t for k, t in enumerate(others) if not ("审结" in t.text and has(others[max(0, k - 1) : k], "all"))
    ]
    rest = any(word in t.text for t in others for word in _REMAINDER)
    numbers = any(t.kind == "number" for t in sentence)
    columns = ("corrected",) if rest else ("corrected", "other", *(["pending"] if numbers else []))
    return [
        Claim(Quantity("remedies", context.subject_rows(s), columns), "wording")
        for s in dict.fromkeys(subjects)
    ]


def _denied(
    claim: Claim, value: object, clause: Sequence[Token], paragraph: Paragraph, figures: Figures
) -> Finding:
    quote = paragraph.quote(clause[0].start, clause[-1].end)
    right = value if figures.scale(claim.quantity)[0] == 1 else f"{value} 元"
    message = f"{paragraph.where(figures.form)}写“{quote}”，而表中{figures.name(claim.quantity)}为 {right}，请核对文字和表格"
    rule, places = f"narrative.{claim.rule}", (paragraph.place,)
    return Finding(rule, "verify", claim.quantity.cells(), message, str(value), 0, places=places)
