"""``narrative.mismatch``: the numbers of a sentence, interpreted together, against the cells."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise, takewhile

from nianbao.checks.narrative.lexicon import (
    PERCENT,
    has,
    values,
)
from nianbao.checks.narrative.quantities import BOTH, CARRIED, RECEIVED, TOTAL, USUAL, Figures, Quantity, slip
from nianbao.checks.narrative.sentence import Statement
from nianbao.checks.narrative.text import Paragraph
from nianbao.core.finding import Finding, Severity
from nianbao.core.number import Figure, simplest

#: Numbers up to this one bear nothing out: they are equal too often.
_CHANCE = 2
#: How many numbers before and behind one are looked at beside it.
_NEAR = 30
#: Numbers from this one on are rarely equal by chance.
_TELLING = 10
#: Numbers from this one on are not alike by chance.
_MANY = 10_000
#: One number from this on, the table's own, tells what a sentence speaks of.
_LARGE = 100
#: So few channels may be some of them only.
_FEW = 3


def mismatches(new: Sequence[Statement], paragraph: Paragraph, figures: Figures) -> list[Finding]:
    """The statements of a sentence that no legitimate reading bears out, once the sentence is read as a whole."""
    live = [s for s in new if not s.away and s.likely]
    if len(live) > 1:
        interpret(live, figures)
    found: list[Finding] = []
    for k, s in enumerate(live):
        near = live if len(live) <= 2 * _NEAR else live[max(0, k - _NEAR) : k + _NEAR]
        if s.weight > 0 and (finding := _judge(s, near, paragraph, figures)):
            found.append(finding)
    for s in new:
        if s.scoped and s.likely and s.weight > 0 and s.token.value >= _MANY and not agrees(s, figures):
            why = slip(s.token.value, figures.value(s.likely[0]) or 0)  # 本级收费共计2174.8万元
            found += [_finding(s, s.likely[0], why, "verify", paragraph, figures)] if why else []
    return found or _channels(new, paragraph, figures)


def _channels(new: Sequence[Statement], paragraph: Paragraph, figures: Figures) -> list[Finding]:
    """``收到网络8件、信函4件``: all channels together are what was received."""
    if sum(s.kind == "channel" for s in new) < 2:
        return []
    counted = [s for s in new if s.token.unit not in PERCENT]
    some = [s for s in counted if s.kind == "channel" and not (s.change or s.token.rough or s.foreign)]
    some = [s for s in some if s.token.unit == some[-1].token.unit]
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
    _of_list(live, figures)
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
    sure = len(known) > 1 or any(s.token.value >= _LARGE and s.likely[0] in known for s in flows)
    for s in flows if len(flows) >= _FEW and sure else ():
        if len(known) > 1 or s.rows in (*USUAL, *CARRIED):
            s.weight = max(s.weight, 1)
    for one, s in pairwise(flows):
        carried = s.rows in (("carried_in",), ("carried_out",)) and s.clause - one.clause == 1
        if carried and one.rows == RECEIVED and one.weight > 0 and one.likely[0] in known:
            s.weight = max(s.weight, 3)  # 新收265件，结转6件


def _of_list(live: Sequence[Statement], figures: Figures) -> None:
    """``自然人236件，企业91件，公益组织2件，律所8件``: a list of applicants most of which are the table's speaks of requests."""
    some = [s for s in live if s.kind == "column" and s.likely[0].table == "requests"]
    if len(some) < _FEW:
        return
    own = sum(s.token.value > _CHANCE and agrees(s, figures) for s in some)
    for s in some if own > 1 and own * 2 >= len(some) else ():
        s.weight = max(s.weight, 2)


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
    total = replace(beside[0].token, value=simplest(sum((s.token.value for s in beside), 0)))
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
    if _filled(item, live, figures):
        return None
    support = 0 if item.leads and item.weak else _support(item, live, figures)
    guess = item.weight == 1 and known[0].table == "disclosure"
    weight = item.weight + (0 if guess else support)
    related = [
        (q, why)
        for q in known
        if (why := figures.relation(item.token.value, q) or _exchanged(item, q, live, figures))
    ]
    quantity, why = related[0] if related else (known[0], "")
    right = figures.value(quantity) or 0
    if not why and item.before and not item.leads and item.before[0].unknown and item.token.value * 2 < right:
        return None  # 交通条线作出处罚决定9718件: of a part
    if not why and (weight < 3 or (item.weak and not (item.named or item.opens or support))):
        return None
    item.wrong = True
    sure = item.weight >= 3 and not item.doubtful and (why or support or (item.opens and not item.leads))
    sure = sure and not (item.leads and not support) and not _otherwise(item, quantity, figures)
    return _finding(item, quantity, why, "error" if sure else "verify", paragraph, figures)


def _otherwise(item: Statement, quantity: Quantity, figures: Figures) -> bool:
    """Whether another frame gives the number: the row before of the same applicants, a class with the one beside it."""
    table, rows, columns = quantity
    if table != "requests":
        return False
    others = [Quantity(table, flow, columns) for flow in USUAL if flow != rows]
    wider = [
        Quantity(table, (*rows, *q.rows), columns) for q in figures.beside(quantity) if q.columns == columns
    ]
    return any(figures.bears_out(item.token, q) for q in (*others, *wider))


def _filled(item: Statement, live: Sequence[Statement], figures: Figures) -> bool:
    """Whether the numbers in brackets behind it, each the table's own, add up to it (``35件其他情形（不予处理16件、其他处理19件）``)."""
    at = next(k for k, s in enumerate(live) if s is item)
    inside = list(takewhile(lambda s: s.depth > item.depth, live[at + 1 :]))
    total = sum(s.token.value for s in inside)
    return len(inside) > 1 and total == item.token.value and all(agrees(s, figures) for s in inside)


def _exchanged(item: Statement, quantity: Quantity, live: Sequence[Statement], figures: Figures) -> str:
    """Whether another number of the sentence is this one's, and this one is that one's."""
    right = figures.value(quantity)
    for s in live:
        if s.token.value == right and s.likely[0] != quantity and figures.bears_out(item.token, s.likely[0]):
            return f"疑似与{figures.name(s.likely[0])}的数字互换"
    return ""


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
