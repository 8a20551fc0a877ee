"""The checks of the narrative: every number is a statement, the table its witness.

The text is folded (:mod:`.text`), its words and numbers are looked up in the form's table of phrases (:mod:`.lexicon`), sentences are read
in order, each number with the words around it (:mod:`.sentence`, :mod:`.statements`, :mod:`.walk`). What a number may count follows from its words
(:mod:`.reading`, :mod:`.requests`, :mod:`.disputes`, :mod:`.quantities`); the lists of a sentence are interpreted together, and what the table does not bear out is judged by the
weight of its words and by how it may have come about (:func:`mismatches`). Negatives and universals are statements too (:mod:`.claims`), and so
are the sums and shares of the text itself (:mod:`.arithmetic`, :mod:`.totals`, :mod:`.changes`, :mod:`.shares`). :mod:`.sections` asks for the rest, and :mod:`.text` for what was left in.
How to add a phrase is told in the package's docstring.
"""

import re
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from nianbao.checks.narrative.arithmetic import arithmetic
from nianbao.checks.narrative.changes import directions, misdated, remainders
from nianbao.checks.narrative.claims import contradictions
from nianbao.checks.narrative.lexicon import (
    Lexicon,
    Words,
    claiming,
    has,
    lexicon,
    of_year,
    pick,
    strong,
    values,
)
from nianbao.checks.narrative.quantities import CARRIED, RECEIVED, TOTAL, USUAL, Figures, Quantity, slip
from nianbao.checks.narrative.requests import NEVER, residue
from nianbao.checks.narrative.sections import sections
from nianbao.checks.narrative.sentence import (
    HOMES,
    Context,
    Statement,
    agrees,
    filled,
    in_own_list,
    of_foreign,
    otherwise,
)
from nianbao.checks.narrative.text import Leftovers, Paragraph, Sentence, paragraphs
from nianbao.checks.narrative.totals import by_channels, sums_of
from nianbao.checks.narrative.walk import walk
from nianbao.checks.system import Kind, Witness
from nianbao.core.equation import Term
from nianbao.core.finding import Finding, Severity
from nianbao.core.number import Figure, simplest
from nianbao.core.report import Report

#: A paragraph of more characters is no heading, nor is one of more tokens.
_HEADING_LENGTH, _HEADING_TOKENS = 40, 12
#: With what a heading begins that holds for the paragraphs behind its own.
_NUMBERED = "（—一二三四五六七八九十123456789"
_HEADING = re.compile(
    r"(?:（[一二三四五六七八九十\d]+）|[一二三四五六七八九十\d]+[、.．是]|——)?[^，。；：]{2,24}?(?:。|：|情况|方面，|$)"
)


def narrative(report: Report, previous: Report | None) -> Iterator[Finding]:
    """``narrative.*``: the text against the cells, against itself, and against what the circular asks of it.

    Silent where the form declares no phrases, or the report came without text and without sections for it
    (figures alone, as interchange JSON may carry them).
    """
    phrases = report.form.phrases
    texts = paragraphs(report) if phrases.data else []
    if not texts and not (report.given and phrases.data):
        return
    yield from sections(report, previous, texts)
    yield from Leftovers(report, texts).findings()
    for reader in _readers(report, previous, texts):
        yield from reader.findings()


def witnesses(report: Report, previous: Report | None) -> tuple[Witness, ...]:
    """What the text says beyond doubt of sums of cells, whether or not the table agrees."""
    if not report.form.phrases.data:
        return ()
    every = []
    for reader in _readers(report, previous, paragraphs(report)):
        for new in reader.by_sentence():
            live = [s for s in new if s.likely and not s.away]
            interpret(live, reader.figures)
            every += [w for s in live if (w := _witness(s, reader))]
    return tuple(every)


def _witness(item: Statement, reader: "Reader") -> Witness | None:
    """A number as a witness: only where its words are beyond doubt and no other reading of them is borne out."""
    figures, quantity = reader.figures, item.likely[0]
    plain = item.weight >= 3 and len(set(item.likely)) == 1 and not item.token.places
    plain = plain and (not item.weak or {*item.possible} <= {*item.likely})
    right = figures.value(quantity)
    if not plain or right is None or (item.token.value != right and agrees(item, figures)):
        return None
    scale, _ = figures.scale(quantity)
    total = item.token.value if scale == 1 else item.token.value / scale
    if isinstance(total, float):
        return None
    terms = tuple(Term(cell) for cell in quantity.cells())
    quote = reader.paragraph.quote(item.start, item.token.end)
    return Witness(terms, total, reader.paragraph.where(figures.form), quote)


def _readers(report: Report, previous: Report | None, texts: Sequence[Paragraph]) -> Iterator["Reader"]:
    """A reader for each paragraph that may state something, headings heard on the way."""
    figures, lex = Figures(report, previous), lexicon(report.form)
    context = Context(figures, "")
    for paragraph in texts:
        if paragraph.section != context.section:
            context = Context(figures, paragraph.section)
        alert = lex.alert.search(paragraph.masked)
        if alert or len(paragraph.masked) <= _HEADING_LENGTH:
            reader = Reader(paragraph, context, lex, figures)
            if not reader.heading and alert:
                yield reader


class Reader:
    """One paragraph, sentence by sentence."""

    def __init__(self, paragraph: Paragraph, context: Context, lex: Lexicon, figures: Figures) -> None:
        self.paragraph, self.context, self.lex, self.figures = paragraph, context, lex, figures
        self.spans = paragraph.sentences()
        self.year = figures.report.year or 0
        context.start_paragraph()
        lead = _HEADING.match(paragraph.masked)
        self.first = self._tokens(self.spans[0]) if lead and self.spans else None
        self.heading = lead is not None and _is_heading(lead, self.first or (), context)
        self.counts: list[Statement] = []

    def _tokens(self, span: Sentence) -> Words:
        return of_year(self.lex.tokens(self.paragraph.masked, self.year, span.start, span.end))

    def by_sentence(self) -> Iterator[list[Statement]]:
        """The numbers of each sentence that states any."""
        for _, new, _ in self._read():
            if new:
                yield new

    def findings(self) -> Iterator[Finding]:
        """All that the paragraph says and the table or itself does not bear out."""
        for words, new, begun in self._read():
            wrong = mismatches(new, self.paragraph, self.figures) if new else []
            yield from wrong
            if new:
                yield from misdated(words, new, self.paragraph, self.figures)
            if new and has(words, "compare") and has(words, "delta"):
                yield from directions(words, new, self.paragraph, self.figures)
            if len(new) > 1 and has(words, "rest"):
                yield from remainders(words, new, self.paragraph, self.figures)
            if claiming(words):
                cells = {cell for finding in wrong for cell in finding.cells}
                yield from contradictions(words, new, begun, self.paragraph, self.figures, cells)
        yield from arithmetic(self.counts, self.context, self.paragraph)

    def _read(self) -> Iterator[tuple[Words, list[Statement], Context]]:
        """Each sentence that may state something: its words, its numbers, and the context it began with."""
        masked, context = self.paragraph.masked, self.context
        passed: Sentence | None = None
        for number, span in enumerate(self.spans):
            if self.lex.alert.search(masked, span.start, span.end) is None:
                passed = span
                continue
            words = self._tokens(passed) if passed else ()
            if has(words, "subject") or has(words, "foreign"):
                context.start_sentence(words)
                context.hear(words)
            passed = None
            words = self.first if self.first and not number else self._tokens(span)
            context.start_sentence(words)
            begun = context.copy() if claiming(words) else context
            yield words, walk(words, number, self.counts, context), begun


def _is_heading(lead: re.Match[str], words: Words, context: Context) -> bool:
    """Whether a paragraph is a heading alone; any heading, alone or before its text, says what follows is about."""
    text = lead.string
    inside = [t for t in words if t.end <= lead.end()]
    if any(t.kind == "number" for t in inside):
        return False
    whole = lead.end() == len(text)
    if named := pick(inside, "subject"):
        context.home = context.subject = named[-1].value
    elif (text[:1] in "（—" or whole) and len(inside) < _HEADING_TOKENS:
        context.home = context.subject = HOMES.get(context.section, "")
    if whole or text[0] in _NUMBERED:
        context.standing = context.home
    return whole and not claiming(words)


# ------------------------------------------------------------------------------------------ numbers against the cells

#: A list of so many tells what it is of.
_SEVERAL = 3
#: Numbers up to this one bear nothing out: they are equal too often.
_CHANCE = 2
#: How many numbers before and behind one are looked at beside it.
_BESIDE = 30
#: An estimate of so many digits at least may be off by a tenth, one of more by a twenty-fifth.
_SHOWN, _OFF, _LESS_OFF = 2, 10, 25
#: Numbers from these on are rarely equal by chance, tell what a sentence speaks of where the table has them, are not alike by chance.
_TELLING, _LARGE, _MANY = 10, 100, 10_000
#: A number so many times smaller than the table's is likelier a part of it than wrong.
_FAR = 5


def mismatches(new: Sequence[Statement], paragraph: Paragraph, figures: Figures) -> list[Finding]:
    """The statements of a sentence that no legitimate reading bears out, once the sentence is read as a whole."""
    _of_last_year(new, figures)
    live = [s for s in new if not s.away and s.likely]
    if len(live) > 1:
        interpret(live, figures)
    _of_others(live, new, figures)
    findings: list[Finding] = []
    for k, s in enumerate(live):
        near = live if len(live) <= 2 * _BESIDE else live[max(0, k - _BESIDE) : k + _BESIDE]
        if _of_subset(s, figures):
            continue
        if s.weight > 0 and not of_foreign(s, new) and (finding := _judge(s, near, paragraph, figures)):
            findings.append(finding)
    for s in new:
        digits = sum(c in string.digits for c in s.token.text)
        exact = s.token.places and digits > _SHOWN and not (s.away or s.wrong)  # 行政强制1.75万件
        exact = exact and max(figures.known(*s.likely), default=0) >= _MANY
        if (s.rounded or exact) and s.likely and s.weight > 0:
            findings += _rounded_wrong(s, paragraph, figures)
        apart = s.scoped or (s.away and s.kind == "channel")  # 通过网站公示行政许可决定634817件
        if apart and s.likely and s.weight > 0 and s.token.value >= _MANY and not agrees(s, figures):
            why = slip(s.token.value, figures.value(s.likely[0]) or 0)  # 本级收费共计2174.8万元
            findings += [_finding(s, s.likely[0], why, "verify", paragraph, figures)] if why else []
    return findings or by_channels(new, paragraph, figures)


def _of_last_year(new: Sequence[Statement], figures: Figures) -> None:
    """``去年受理申请84件，自然人74件，企业3件``: whoever writes in January calls the year of the report so; its figures tell."""
    some = [s for s in new if s.dated and s.likely and s.weight > 0 and not (s.foreign or s.depth or s.noted)]
    if not any(t.text == "去年" for s in some[:1] for t in (*s.governing, *s.before)):
        return
    own = [s for s in some if s.token.value >= _TELLING and agrees(s, figures)]
    for s in some if len(own) > 1 and not any(has(s.before, "compare") for s in new) else ():
        s.away = s.change = s.dated = False


def _of_subset(item: Statement, figures: Figures) -> bool:
    """Whether a number is a part of one that the table has not, and that may be less (``征地批复的312件中，予以公开287件``)."""
    whole = item.parent
    return (
        whole is not None
        and bool(whole.likely)
        and any(t.unknown for t in whole.before)
        and not (whole.token.rough or agrees(whole, figures))
    )


def _of_others(live: Sequence[Statement], new: Sequence[Statement], figures: Figures) -> None:
    """``征地领域收到申请612件，予以公开213件，部分公开88件``: a list of which no number is the table's is of other things."""
    for table in {s.likely[0].table for s in live}:
        some = [s for s in live if s.likely[0].table == table and s.weight > 0 and s.token.value > _CHANCE]
        if len(some) < 2 or any(s.kind == "column" or agrees(s, figures) for s in some):
            continue
        before = new[0] if new[0] is not some[0] else new[0].last  # 该局收到申请318件。予以公开96件
        among = before is not None and before.away and (before is new[0] or before.foreign or before.dated)
        alike = sum(
            s.token.value >= _TELLING and figures.relation(s.token.value, s.likely[0]) != "" for s in some
        )
        if len(some) > 2 - among and alike * 2 < len(some):
            for s in live:
                s.weight = NEVER if s.likely[0].table == table else s.weight


def _rounded_wrong(item: Statement, paragraph: Paragraph, figures: Figures) -> list[Finding]:
    """``许可决定约36.5万件``, of 634,817: the digits shown are not those of the table, and a slip makes them so."""
    every = [v for v in figures.known(*item.likely, *item.possible) if v]
    value, right = Decimal(item.token.value), figures.value(item.likely[0])
    shown = len("".join([c for c in item.token.text if c in string.digits]).strip("0"))
    off = _OFF if shown == _SHOWN else _LESS_OFF
    if not right or shown < _SHOWN or any(abs(value - v) * off < v for v in every):
        return []
    digits = Decimal(right).scaleb(shown - 1 - Decimal(right).adjusted())
    rounded = {int(digits), int(digits + Decimal("0.5"))}
    told = int(value.scaleb(shown - 1 - value.adjusted()))
    why = next((why for r in rounded if (why := slip(told, r))), "" if told not in rounded else Kind.SHIFTED)
    return [_finding(item, item.likely[0], why, "verify", paragraph, figures)] if why else []


def interpret(live: Sequence[Statement], figures: Figures) -> None:
    """One reading for each list of the sentence: the row (or column) that most of its numbers bear out binds the others."""
    _of_table(live, figures)
    _of_list(live, figures)
    _of_decisions(live, figures)
    for rows in {_whole_rows(s) for s in live}:
        some = [s for s in live if _whole_rows(s) == rows]
        _agree(some, figures, "column", "requests", lambda q: q.rows)
    _agree(live, figures, "row", "requests", lambda q: q.columns)
    for subject in {s.subject for s in live}:
        _agree([s for s in live if s.subject == subject], figures, "row", "remedies", lambda q: q.rows)
    _exclude(live[: 2 * _BESIDE], figures)


def _whole_rows(s: Statement) -> tuple[str, ...]:
    """The rows of the number that a list of applicants splits."""
    return s.parent.rows if s.parent is not None and s.parent.kind != "column" else ()


def _of_table(live: Sequence[Statement], figures: Figures) -> None:
    """``新收84件，转入8件，答复81件``: a sentence of which two flows are the table's speaks of requests."""
    flows = [s for s in live if s.rows and s.likely[0].columns == TOTAL and s.weight > -_CHANCE]
    known = {
        s.likely[0] for s in flows if s.token.value >= _TELLING and figures.bears_out(s.token, s.likely[0])
    }
    sure = len(known) > 1 or any(s.token.value >= _LARGE and s.likely[0] in known for s in flows)
    for s in flows if len(flows) >= _SEVERAL and sure else ():
        if len(known) > 1 or s.rows in (*USUAL, *CARRIED):
            s.weight = max(s.weight, 1)
    for one, s in pairwise(flows):
        carried = s.rows in (("carried_in",), ("carried_out",)) and s.clause - one.clause == 1
        if carried and one.rows == RECEIVED and one.weight > 0 and one.likely[0] in known:
            s.weight = max(s.weight, 3)  # 新收265件，结转6件


def _of_decisions(live: Sequence[Statement], figures: Figures) -> None:
    """``公开许可268件，处罚43件，收费386.45万元``: a list of which two are the table's decisions is of these."""
    some = [s for s in live if s.likely[0].columns in (("decisions",), ("amount",))]
    known = [s for s in some if s.token.value >= _TELLING and agrees(s, figures)]
    for s in some if len(known) > 1 else ():
        if s.token.unit == "件" and s.weight == 0:
            s.weight = 1


def _of_list(live: Sequence[Statement], figures: Figures) -> None:
    """``自然人236件，企业91件，公益组织2件，律所8件``: a list of applicants most of which are the table's speaks of requests."""
    some = [s for s in live if s.kind == "column" and s.likely[0].table == "requests"]
    if len(some) < _SEVERAL:
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


def _beside(item: Statement, live: Sequence[Statement]) -> list[Statement]:
    """``废止3件、失效1件``: the numbers that may be one cell together."""
    table = item.likely[0].table
    return [s for s in live if s.likely[0] == item.likely[0]] if table != "requests" else []


def _together(beside: Sequence[Statement], figures: Figures) -> bool:
    total = (
        replace(beside[0].token, value=simplest(sum((s.token.value for s in beside), 0))) if beside else None
    )
    return (
        total is not None and len(beside) > 1 and any(figures.bears_out(total, q) for q in beside[0].likely)
    )


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
    if filled(item, live, figures) or _sum_of_last(item):
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
    if 0 < item.token.value * _FAR < right and not (support or _telling(item, why, live, figures)):
        return None
    item.wrong = True
    sure = item.weight >= 3 and not item.doubtful and not otherwise(item, quantity, figures)
    listed = not residue(item) and in_own_list(item, live, figures)
    sure &= listed or (item.plain and bool(why or support or item.opens))
    return _finding(item, quantity, why, "error" if sure else "verify", paragraph, figures)


def _telling(item: Statement, why: str, live: Sequence[Statement], figures: Figures) -> bool:
    """Whether a number far below the table's is wrong rather than a part of it, told apart in words that are not known."""
    firm = item.opens and item.weight >= 3 and ("new" in values(item.own, "verb") or strong(item.own, "row"))
    beside = item.parent is not None and any(
        s is not item and s.parent is item.parent and agrees(s, figures) for s in live
    )
    swapped = bool(_exchanged(item, item.likely[0], live, figures))
    return item.plain or bool(firm) or beside or swapped or why not in ("", Kind.NEIGHBOUR, Kind.PART)


def _sum_of_last(item: Statement) -> bool:
    """Whether it adds up decisions or documents of several kinds (``处罚3件，许可5件，共计8件``), or some reasons of its class."""
    here = [s for s in item.here() if item.adds_up and s.token.unit == item.token.unit][::-1]
    if item.likely[0].table != "disclosure":  # 第三方权益6件、内部事务4件，合计10件不予公开
        here = [s for s in here if s.rows and {*s.rows} < {*item.rows}]
    return item.token.value in sums_of(here)


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
    stands = "空白" if figures.blank(quantity) else f"为 {right}{unit}"
    message = (
        f"{paragraph.where(figures.form)}写“{quote}”，表中{figures.name(quantity)}{stands}，"
        f"与文字的 {shown}{unit} 不一致{note}，请核对文字和表格"
    )
    return Finding(
        "narrative.mismatch", severity, quantity.cells(), message, right, shown, places=(paragraph.place,)
    )


def _per(value: Figure, scale: int) -> Figure:
    return simplest(Decimal(value) / scale) if scale > 1 else value
