"""``narrative.mismatch`` and ``.wording``: the numbers of a sentence, interpreted together, and its claims without one, against the cells.

Claims without a number: what a sentence puts at nothing at all, or all of one kind (未收到, 无结转, 全部办结, 均为自然人, 全部维持).
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from nianbao.checks.narrative.lexicon import (
    LABELS,
    PERCENT,
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
from nianbao.checks.narrative.quantities import Figures, Quantity
from nianbao.checks.narrative.reading import BOTH, RECEIVED, TOTAL
from nianbao.checks.narrative.sentence import Context, Statement, clauses
from nianbao.checks.narrative.text import Paragraph
from nianbao.core.finding import Finding, Severity
from nianbao.core.grid import Cell
from nianbao.core.number import Figure, simplest

#: Numbers up to this one bear nothing out: they are equal too often.
_CHANCE = 2
#: How many numbers before and behind one are looked at beside it.
_NEAR = 30
#: Numbers from this one on are rarely equal by chance.
_TELLING = 10
#: So few channels may be some of them only.
_FEW = 3


def mismatches(new: Sequence[Statement], paragraph: Paragraph, figures: Figures) -> list[Finding]:
    """The statements of a sentence that no legitimate reading bears out, once the sentence is read as a whole."""
    live = [s for s in new if not s.away and s.likely]
    interpret(live, figures)
    _repeated(new)
    found: list[Finding] = []
    for k, s in enumerate(live):
        near = live if len(live) <= 2 * _NEAR else live[max(0, k - _NEAR) : k + _NEAR]
        if s.weight > 0 and (finding := _judge(s, near, paragraph, figures)):
            found.append(finding)
    return found or _channels(new, paragraph, figures)


def _channels(new: Sequence[Statement], paragraph: Paragraph, figures: Figures) -> list[Finding]:
    """``收到网络8件、信函4件``: all channels together are what was received."""
    counted = [s for s in new if s.token.unit not in PERCENT]
    some = [s for s in counted if s.kind == "channel" and not (s.change or s.token.rough or s.foreign)]
    if len(some) < 2 or some[0].parent is not None or any(s.subject != "requests" for s in some):
        return []
    words, others = [t for s in counted for t in s.before], [s for s in counted if s not in some]
    total = simplest(sum((s.token.value for s in some), 0))
    added = [s for s in others if s.token.value == total and s.adds_up]
    received = [s for s in others if s.rows in (RECEIVED, BOTH)]
    if len(added) + len(received) < len(others) or has(words, "foreign") or has(words, "qualifier"):
        return []
    arrivals = {"received", "new"} & set(values(words, "verb"))
    if not arrivals and (len(some) < _FEW or not has(words, "subject")):
        return []
    quantities = [Quantity("requests", rows, TOTAL) for rows in (RECEIVED, BOTH)]
    known: list[Figure] = [*figures.known(*quantities), *(s.token.value for s in received)]
    if any(s.adds_up and s.token.value != total for s in others):
        return []  # an item of the text's own arithmetic
    if not arrivals and not any(value * 4 <= total * 5 and total * 4 <= value * 5 for value in known):
        return []  # too few of them to be all
    if not known or total in known or (len(some) < _FEW and total < max(known) and not added):
        return []
    return [_finding(some[-1], quantities[0], f"各渠道之和为 {total}", "verify", paragraph, figures)]


def interpret(live: Sequence[Statement], figures: Figures) -> None:
    """One reading for each list of the sentence: the row (or column) that most of its numbers bear out binds the others."""
    _of_table(live, figures)
    _agree(live, figures, "column", "requests", lambda q: q.rows)
    _agree(live, figures, "row", "requests", lambda q: q.columns)
    for subject in {s.subject for s in live}:
        _agree([s for s in live if s.subject == subject], figures, "row", "remedies", lambda q: q.rows)
    _exclude(live[: 2 * _NEAR], figures)


def _of_table(live: Sequence[Statement], figures: Figures) -> None:
    """``新收84件，转入8件，答复81件``: a sentence of which two flows are the table's speaks of requests."""
    flows = [s for s in live if s.rows and s.likely[0].columns == TOTAL and s.weight > -_CHANCE]
    known = {
        s.likely[0] for s in flows if s.token.value >= _TELLING and figures.bears_out(s.token, s.likely[0])
    }
    for s in flows if len(flows) >= _FEW and len(known) > 1 else ():
        s.weight = max(s.weight, 1)
    for one, s in pairwise(flows):
        carried = s.rows in (("carried_in",), ("carried_out",)) and s.clause - one.clause == 1
        if carried and one.rows == RECEIVED and one.weight > 0 and one.likely[0] in known:
            s.weight = max(s.weight, 3)  # 新收265件，结转6件


def _exclude(live: Sequence[Statement], figures: Figures) -> None:
    """What one number of a list says rightly of an outcome, another of it does not mean (``维持5件、纠正2件、驳回3件``)."""
    some = [s for s in live if s.kind == "row" and s.likely[0].table == "remedies"]
    taken = {s.likely[0] for s in some if not s.doubtful and figures.bears_out(s.token, s.likely[0])}
    for s in some:
        if not taken.isdisjoint(s.possible):
            s.possible = tuple(q for q in s.possible if q not in taken)


def _agree(
    live: Sequence[Statement],
    figures: Figures,
    kind: str,
    table: str,
    shared: Callable[[Quantity], tuple[str, ...]],
) -> None:
    some = [s for s in live if s.kind == kind and s.likely[0].table == table]
    if len(some) < 2:
        return
    fits: dict[tuple[str, ...], int] = {}
    for s in some:
        every = (*s.likely, *s.possible)
        for key in {shared(q) for q in every}:
            fits[key] = fits.get(key, 0) + any(
                shared(q) == key and figures.bears_out(s.token, q) for q in every
            )
    best = max(fits, key=lambda key: fits[key])
    if fits[best] * 2 < len(some) or list(fits.values()).count(fits[best]) > 1:
        return
    for s in some:
        same = [q for q in s.possible if shared(q) == best]
        alike = [q for q in same if q.columns == s.likely[0].columns or q.rows == s.likely[0].rows]
        if chosen := [q for q in s.likely if shared(q) == best] or alike:
            s.likely, s.possible = tuple(chosen), tuple(same)


def _repeated(new: Sequence[Statement]) -> None:
    """``受理查询5230件，办结5230件``: two numbers of the same things, of which the first is not the table's."""
    weak: dict[Figure, int] = {}
    for s in (s for s in new if not s.change):
        if s.token.value in weak and weak[s.token.value] < s.clause:
            s.weight = min(s.weight, 2)
        if s.weight < 3:
            weak.setdefault(s.token.value, s.clause)


def agrees(item: Statement, figures: Figures) -> bool:
    """Whether any reading of a number is what the table says."""
    if item.token.value in item.allowed:
        return True
    return any(figures.bears_out(item.token, q) for q in (*item.likely, *item.possible))


def _beside(item: Statement, live: Sequence[Statement]) -> list[Statement]:
    """``废止3件、失效1件``: the numbers that may be one cell together."""
    table = item.likely[0].table
    return [s for s in live if s.likely[0] == item.likely[0]] if table != "requests" else []


def _together(beside: Sequence[Statement], figures: Figures) -> bool:
    if len(beside) < 2:
        return False
    total = beside[0].token._replace(value=simplest(sum((s.token.value for s in beside), 0)))
    return any(figures.bears_out(total, q) for q in beside[0].likely)


def _support(item: Statement, live: Sequence[Statement], figures: Figures) -> int:
    """How many other numbers of the sentence, of the same table, are the table's own: then this one means it too."""
    table, count = item.likely[0].table, 0
    for s in live:
        if (
            s is not item
            and s.likely[0].table == table
            and s.weight > 0
            and s.token.value > _CHANCE * s.doubtful
        ):
            count += any(figures.bears_out(s.token, q) for q in s.likely)
            if count == 2:
                break
    return count


def _judge(
    item: Statement, live: Sequence[Statement], paragraph: Paragraph, figures: Figures
) -> Finding | None:
    known = [q for q in item.likely if figures.value(q) is not None]
    if not known or agrees(item, figures):
        return None
    beside = _beside(item, live)
    if _together(beside, figures) or any(s.wrong for s in beside):
        return None
    at = beside.index(item) if beside else 0
    if any(s.adds_up and figures.bears_out(s.token, s.likely[0]) for s in beside[at + 1 :]):
        return None  # 市政府废止38件，…，全市共废止142件
    support = 0 if item.leads and item.weak else _support(item, live, figures)
    guess = item.weight == 1 and known[0].table == "disclosure"
    weight = item.weight + (0 if guess else support)
    related = [(q, why) for q in known if (why := figures.relation(item.token.value, q))]
    quantity, why = related[0] if related else (known[0], "")
    if not why and (weight < 3 or (item.weak and not (item.named or item.opens or support))):
        return None
    item.wrong = True
    sure = item.weight >= 3 and not item.doubtful and (why or support or (item.opens and not item.leads))
    return _finding(item, quantity, why, "error" if sure else "verify", paragraph, figures)


def _finding(
    item: Statement, quantity: Quantity, why: str, severity: Severity, paragraph: Paragraph, figures: Figures
) -> Finding:
    scale, unit = figures.scale(quantity)
    right = _per(figures.value(quantity) or 0, scale)
    shown = _per(item.token.value, scale)
    end = item.after[-1].end if item.leads and item.after else item.token.end
    quote = paragraph.quote(item.start, max(end, item.token.end))
    note = f"（{why}）" if why else ""
    message = (
        f"{paragraph.where(figures.form)}写“{quote}”，表中{figures.name(quantity)}为 {right}{unit}，"
        f"与文字的 {shown}{unit} 不一致{note}，请核对文字和表格"
    )
    return Finding(
        "narrative.mismatch", severity, quantity.cells(), message, right, shown, places=(paragraph.place,)
    )


def _per(value: Figure, scale: int) -> Figure:
    return simplest(Decimal(value) / scale) if scale > 1 else value


# ------------------------------------------------------------------------------------------------ negatives and universals

#: Words that leave other outcomes open beside 全部维持.
_REMAINDER = ("其余", "驳回", "撤", "终止", "其他", "审结", "审理", "未结", "调解")
OPEN = Quantity("requests", ("carried_out",), TOTAL)
#: Words that leave open what became of the rest beside 全部办结.
_BUT = ("除", "尚有", "仍有", "还有", "另有")


_COMMA = Token("mark", "，", 0, 0)


class Claim(NamedTuple):
    """A quantity that the text puts at 0, and the rule under which the table contradicts it."""

    quantity: Quantity
    rule: str = "mismatch"


def contradictions(
    sentence: Words, context: Context, paragraph: Paragraph, figures: Figures, wrong: AbstractSet[Cell]
) -> Iterator[Finding]:
    """The claims of a sentence that figures above 0 contradict; ``context`` is the one it begins with.

    ``wrong`` are the cells of its numbers that are: a claim about all of them follows from the number.
    """
    heard = context.copy()
    for clause in clauses(sentence):
        heard.hear([*clause, _COMMA])
        if _left_open(clause, heard, sentence, figures):
            yield _denied(Claim(OPEN, "wording"), 0, clause, paragraph, figures)
        if heard.outside or heard.subject == "foreign":
            continue
        for claim in claimed(clause, heard, sentence):
            value = figures.value(claim.quantity)
            whole = Quantity(claim.quantity.table, claim.quantity.rows, TOTAL)
            if value and wrong.isdisjoint(whole.cells()):
                yield _denied(claim, value, clause, paragraph, figures)


def _left_open(clause: Words, context: Context, sentence: Words, figures: Figures) -> bool:
    """``尚有申请未办结，结转下年度``, where nothing is carried over."""
    some = has(clause, "some") and "carried_out" in values(sentence, "row")
    plain = context.subject == "requests" and not context.outside and not has(sentence, "none")
    counted = any(t.kind == "number" for t in sentence)
    return some and plain and not counted and figures.value(OPEN) == 0


def claimed(clause: Words, context: Context, sentence: Words) -> list[Claim]:
    """What a clause says is nothing at all."""
    periods = values(clause, "period")
    counted = any(
        t.kind == "number" and t.value and written(clause[max(0, k - 1) : k])[-1:] not in ("由", "从")
        for k, t in enumerate(clause)
    )
    last = bool(clause) and clause[0].means("period") == "last" and has(clause[1:2], "none")
    if last and not counted and "carried_out" in values(clause[2:4], "row"):  # 上年无结转
        return [Claim(Quantity("requests", ("carried_in",), TOTAL), "wording")]
    if not periods and context.when == "next":
        return []  # 2025年，我们将力争零纠错
    if counted or (periods[-1] if periods else context.period) != "this":
        return _all(clause, context, sentence)
    none = next((k for k, t in enumerate(clause) if "none" in t.tags), None)
    after = next((k for k, t in enumerate(clause) if "none_after" in t.tags), None)
    if none is None and after is not None and labelled(clause[after + 1 :]):
        none = after
    if none is not None and labelled(clause[none:]):
        return _none(clause[none:], clause[:none], context) or _all(clause, context, sentence)
    if after is not None and labelled(clause[:after]):
        return _none(clause[:after], [], context)
    return _all(clause, context, sentence)


def _none(words: Words, lead: Words, context: Context) -> list[Claim]:
    """What the words of a negative name."""
    causes = [k for k, t in enumerate(words) if t.text.startswith("而")]
    if causes and any(t.text == "因" for t in words[:3]) and not strong(words[: causes[0]], "row"):
        words = [words[0], *words[causes[0] :]]  # 没有因申请公开政府信息而收取费用
        if not labelled(words):
            return []
    last = max(k for k, t in enumerate(words) if not LABELS.isdisjoint(t.tags))
    first = 1 if "none" in words[0].tags or "none_after" in words[0].tags else 0
    beyond = any("以外" in t.text or "之外" in t.text for t in words)
    foreign = any("foreign" in t.tags and LABELS.isdisjoint(t.tags) for t in words)
    if beyond and values(words, "column") == ["natural"]:  # 没有自然人以外的申请
        return [Claim(Quantity("requests", RECEIVED, context.figures.columns("org")), "wording")]
    if beyond or foreign or has(words, "qualifier") or has(words, "channel"):
        return []
    if any(t.unknown for t in words[first:last]):
        return []
    subjects = list(dict.fromkeys(values(words, "subject")))
    subjects = [s for s in subjects if s != "requests"] or subjects
    if {"direct", "after"} & set(subjects):
        subjects = [s for s in subjects if s != "litig"]
    for some in (
        _no_documents(words, subjects, context),
        _no_rows(words, context),
        _not_corrected(words, lead, context),
        _none_pending(words, context),
    ):
        if some:
            return some
    return _no_subject(words, subjects, context, joined_to_last(lead, "column"))


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
    if not subjects:
        rows = tuple(row for s in ("recon", "litig") for row in context.subject_rows(s))
        return [Claim(Quantity("remedies", rows, ("corrected",)), "wording")]
    return [Claim(Quantity("remedies", context.subject_rows(s), ("corrected",)), "wording") for s in subjects]


def _none_pending(words: Words, context: Context) -> list[Claim]:
    """``无未审结案件``."""
    if not any("审" in t.text and t.means("outcome") == "pending" for t in words):
        return []
    named = [s for s in values(words, "subject") if context.disputes(s)] or [context.subject]
    subjects = [s for s in dict.fromkeys(named) if context.disputes(s)] or ["recon", "litig"]
    rows = tuple(row for s in subjects for row in context.subject_rows(s))
    return [Claim(Quantity("remedies", rows, ("pending",)), "wording")]


def _no_subject(
    words: Words, subjects: Sequence[str], context: Context, before: Sequence[str]
) -> list[Claim]:
    figures, out = context.figures, []
    outcomes = has(words, "outcome")
    for s in subjects:
        spec = figures.data["subjects"][s]
        kind = context.kind(s)
        if (kind == "disputes" and not outcomes) or kind in ("decisions", "money"):
            out.append(Claim(Quantity(spec["table"], tuple(spec["rows"]), tuple(spec.get("columns", TOTAL)))))
    columns = [c for key in joined_to_last(words, "column") or before for c in figures.columns(key)]
    about = subjects == ["requests"] or (columns and context.subject in ("requests", ""))
    if not out and about and not {"concluded", "handled"} & set(values(words, "verb")):
        out.append(Claim(Quantity("requests", RECEIVED, tuple(columns) or TOTAL)))
    return out


def _all(clause: Words, context: Context, sentence: Words) -> list[Claim]:
    """What a clause that speaks of all leaves at nothing."""
    if has(clause, "clear") or _finished(clause):
        return _cleared(clause, context, sentence)
    at = next((k for k, t in enumerate(clause) if "all" in t.tags), None)
    rest = has(clause, "rest") or any(t.text in ("其他", "其它") for t in clause[:at])
    if at is None or any(t.kind == "number" for t in clause[at:]) or rest:
        return []
    tail = clause[at:]
    figures = context.figures
    columns = values(tail, "column")
    if len(set(columns)) == 1 and _of_requests(clause, context):
        named = strong(clause, "row")
        rows = figures.rows(named[0]) if named else context.rows or RECEIVED
        others = [c for c in ("natural", *figures.columns("org")) if c not in figures.columns(columns[0])]
        return [Claim(Quantity("requests", rows, tuple(others)), "wording")]
    open_ = any(t.text in _BUT for t in sentence)
    if "this" not in (values(clause, "period") or [context.when])[-1:]:
        return []
    if any(t.text in ("审结", "已审结") for t in tail) and context.disputes(context.subject) and not open_:
        return [Claim(Quantity("remedies", context.subject_rows(context.subject), ("pending",)), "wording")]
    if "upheld" in values(tail, "outcome") and not has(clause, "none"):
        return _upheld(clause, context, sentence)
    return []


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
    about = context.subject == "foreign" or context.disputes(context.subject)
    applicants = not about and any(t.text == "申请人" for t in clause)
    return context.subject == "requests" or applicants


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
    rate = any("率" in t.text for t in clause)  # beside 超期: of what was due
    open_ = any(t.text in _BUT for t in sentence) or any("到期" in t.text for t in clause)
    open_ |= rate and any("超期" in t.text for t in sentence)
    open_ |= any(t.text in ("力争", "争取", "拟", "计划") for t in clause)
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
    rest = any(word in t.text for t in sentence for word in _REMAINDER)
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
    return Finding(
        f"narrative.{claim.rule}",
        "verify",
        claim.quantity.cells(),
        message,
        str(value),
        0,
        places=(paragraph.place,),
    )
