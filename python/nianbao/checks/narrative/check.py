"""The checks of the narrative, in the order of the text."""

from collections.abc import Iterator, Mapping, Sequence

from nianbao.checks.narrative.channels import channels
from nianbao.checks.narrative.claims import claims
from nianbao.checks.narrative.compare import misdated, mismatches
from nianbao.checks.narrative.leftovers import leftovers
from nianbao.checks.narrative.meaning import Claim
from nianbao.checks.narrative.mention import Mention
from nianbao.checks.narrative.parts import Told, parts, whole_of
from nianbao.checks.narrative.reading import Reader
from nianbao.checks.narrative.sections import sections
from nianbao.checks.narrative.text import Paragraph, Sentence, paragraphs
from nianbao.checks.narrative.tokens import Lexicon, lexicon
from nianbao.checks.narrative.wording import contradictable, wording
from nianbao.finding import Finding
from nianbao.report import Report


def narrative(report: Report, previous: Report | None) -> Iterator[Finding]:
    """``narrative.*``: the text against the cells, against itself, and against what the circular asks of it.

    Silent where the form declares no phrases, or the report came without any text.
    """
    texts = paragraphs(report) if report.form.phrases.data else []
    if not texts:
        return
    yield from sections(report, previous, texts)
    yield from leftovers(report, texts)
    lex = lexicon(report.form)
    reader = Reader(report, lex)
    for paragraph in texts:
        yield from _figures(report, previous, paragraph, reader, lex)


def _figures(
    report: Report, previous: Report | None, paragraph: Paragraph, reader: Reader, lex: Lexicon
) -> Iterator[Finding]:
    before: list[Mention] = []
    specs = contradictable(paragraph, lex)
    head: Claim | None = None
    told: Told | None = None
    for sentence, mentions in reader.read(paragraph):
        said = list(wording(report, paragraph, sentence, specs, lex)) if specs else []
        if mentions:
            listed = _listed(paragraph, sentence, lex)
            found = claims(mentions, lex, head if listed else None)
            head = next((c for c in reversed(found.values()) if c.rows.head), None)
            cells = {cell for finding in said for cell in finding.cells}
            wrong: set[int] = set()
            for about, finding in mismatches(report, paragraph, found, cells):
                wrong |= set(about)
                yield finding
            whole = whole_of(told, lex) if told and listed else None
            yield from parts(report, paragraph, mentions, found, wrong, lex, whole)
            told = Told(mentions, found, wrong)
            yield from _percents(report, previous, paragraph, sentence, mentions, found, before, lex)
            yield from channels(report, paragraph, mentions, lex)
            yield from misdated(report, paragraph, sentence, mentions, lex)
            before += mentions
        else:
            yield from _percents(report, previous, paragraph, sentence, mentions, {}, before, lex)
        yield from said


def _percents(
    report: Report,
    previous: Report | None,
    paragraph: Paragraph,
    sentence: Sentence,
    mentions: Sequence[Mention],
    found: Mapping[int, Claim],
    before: Sequence[Mention],
    lex: Lexicon,
) -> Iterator[Finding]:
    """The percentages of a sentence; what judges them is loaded once there are any."""
    if paragraph.masked.find("%", sentence.start, sentence.end) >= 0:
        from nianbao.checks.narrative.percent import percents

        yield from percents(report, previous, paragraph, sentence, mentions, found, before, lex)


def _listed(paragraph: Paragraph, sentence: Sentence, lex: Lexicon) -> bool:
    """Whether a sentence lists what the one before it told (``。其中：…``)."""
    return bool(lex.lists) and paragraph.masked.startswith(tuple(lex.lists), sentence.start)
