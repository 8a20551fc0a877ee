"""The checks of the narrative: every number is a statement, the table its witness.

The text is folded (:mod:`.text`), its words and numbers are looked up in the form's table of phrases (:mod:`.lexicon`), sentences are read
in order, each number with the words around it (:mod:`.sentence`, :mod:`.statements`, :mod:`.walk`). What a number may count follows from its words
(:mod:`.reading`, :mod:`.requests`, :mod:`.quantities`); the lists of a sentence are interpreted together, and what the table does not bear out is judged by the
weight of its words and by how it may have come about (:mod:`.compare`). Negatives and universals are statements too (:mod:`.claims`), and so
are the sums and shares of the text itself (:mod:`.arithmetic`, :mod:`.shares`). :mod:`.sections` asks for the rest, and :mod:`.text` for what was left in.
How to add a phrase is told in the package's docstring.
"""

import re
from collections.abc import Iterator, Sequence

from nianbao.checks.narrative.arithmetic import arithmetic
from nianbao.checks.narrative.claims import contradictions
from nianbao.checks.narrative.compare import agrees, interpret, mismatches
from nianbao.checks.narrative.lexicon import Lexicon, Words, claiming, has, lexicon, of_year, pick
from nianbao.checks.narrative.quantities import Figures
from nianbao.checks.narrative.sections import sections
from nianbao.checks.narrative.sentence import HOMES, Context, Statement
from nianbao.checks.narrative.text import Leftovers, Paragraph, Sentence, paragraphs
from nianbao.checks.narrative.walk import walk
from nianbao.checks.system import Witness
from nianbao.core.equation import Term
from nianbao.core.finding import Finding, Severity
from nianbao.core.report import Report

#: The year that a sentence opens with.
_DATED = re.compile(r"((?:19|20)\d\d)年(?:度|底|末|12月31日)?$")
#: Years so near may be meant for the report's own; so few and so small numbers may be equal by chance.
_NEAR, _FEW, _LEAST = 3, 3, 10
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
            if passed and self.lex.naming.search(masked, passed.start, passed.end):
                words = self._tokens(passed)
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


def misdated(
    words: Words, new: Sequence[Statement], paragraph: Paragraph, figures: Figures
) -> Iterator[Finding]:
    """A sentence dated another year that tells this year's figures, in a paragraph without this year.

    Next year's figures cannot be known yet, whatever they are.
    """
    year = figures.report.year
    until = len(words) > 1 and words[0].text in ("截至", "截止")
    match = _DATED.match(words[until].text) if words else None
    if (
        year is None
        or match is None
        or not 0 < abs(int(match[1]) - year) <= _NEAR
        or f"{year}年" in paragraph.text
    ):
        return
    future = int(match[1]) == year + 1
    reported = [s for s in new if s.dated and s.likely and s.weight > 0]
    if future:
        reported = [
            s for s in reported if not has(s.before, "qualifier") and s.rows != ("carried_out",)
        ]  # 2025年计划制发规范性文件15件
    if not reported or paragraph.section == "preamble":
        return
    section = figures.form.section(paragraph.section)
    few = len(reported) < _FEW and max(s.token.value for s in reported) < _LEAST
    if few and not (section.table and has(words[:4], "own")):
        return
    if not future and not all(agrees(s, figures) for s in reported):
        return
    quote = paragraph.quote(words[0].start, reported[-1].token.end)
    same = "" if future else "数字与本年表格一致，"
    message = f"{paragraph.where(figures.form)}写“{quote}”，{same}年份疑应为{year}年"
    severity: Severity = "error" if future else "verify"
    yield Finding("narrative.year", severity, (), message, year, int(match[1]), places=(paragraph.place,))
