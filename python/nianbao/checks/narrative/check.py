"""The checks of the narrative, in the order of the text."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from nianbao.checks.narrative.changes import changes
from nianbao.checks.narrative.channels import channels
from nianbao.checks.narrative.claims import claims
from nianbao.checks.narrative.compare import misdated, mismatches
from nianbao.checks.narrative.context import Passage, Told
from nianbao.checks.narrative.leftovers import leftovers, sought
from nianbao.checks.narrative.meaning import Claim
from nianbao.checks.narrative.parts import parts, whole_of
from nianbao.checks.narrative.patterns import active
from nianbao.checks.narrative.reading import Reader
from nianbao.checks.narrative.sections import sections
from nianbao.checks.narrative.text import Paragraph, Sentence, paragraphs
from nianbao.checks.narrative.tokens import Lexicon, lexicon
from nianbao.checks.narrative.wording import Spec, contradictable, wording
from nianbao.checks.witness import Witness
from nianbao.core.equation import Term
from nianbao.core.finding import Finding
from nianbao.core.report import Report


def narrative(report: Report, previous: Report | None) -> Iterator[Finding]:
    """``narrative.*``: the text against the cells, against itself, and against what the circular asks of it.

    Silent where the form declares no phrases, or the report came without text and without sections for it
    (figures alone, as interchange JSON may carry them).
    """
    texts = paragraphs(report) if report.form.phrases.data else []
    if not texts and not (report.given and report.form.phrases.data):
        return
    yield from sections(report, previous, texts)
    lex = lexicon(report.form)
    live = _live(lex, texts)
    yield from leftovers(report, texts, live)
    specs = [spec for spec in lex.phrases.data.get("wording", ()) if spec["pattern"] in live]
    reader = Reader(report, lex)
    for paragraph in texts:
        yield from _figures(Passage(report, previous, paragraph, lex), reader, specs)


def _live(lex: Lexicon, texts: Sequence[Paragraph]) -> AbstractSet[str]:
    """The patterns that can match somewhere in the text: few of them, so that the others are tried only once."""
    wordings = [spec["pattern"] for spec in lex.phrases.data.get("wording", ())]
    return active((*sought(lex.phrases), *wordings), "\n".join([p.text for p in texts]))


def _figures(passage: Passage, reader: Reader, specs: Sequence[Spec]) -> Iterator[Finding]:
    """The sentences of a paragraph, each in the light of the last one that told figures."""
    specs = contradictable(passage.paragraph, specs)
    shares = "%" in passage.paragraph.masked
    last: Told | None = None
    for sentence, mentions in reader.read(passage.paragraph):
        said = list(wording(passage, sentence, specs)) if specs else []
        if not (mentions or shares):
            yield from said
            continue
        before = (*last.before, *last.mentions) if last else ()
        if mentions:
            whole = last if last and _listed(passage, sentence) else None
            found = claims(mentions, passage.lex, _head(whole) if whole else None)
            wrong: set[int] = set()
            for about, finding in mismatches(passage, found, {c for f in said for c in f.cells}):
                wrong.update(about)
                yield finding
            last = Told(sentence, mentions, found, wrong, before)
            yield from _recomputed(passage, last, whole)
        else:
            yield from _percents(passage, Told(sentence, before=before))
        yield from said


def _recomputed(passage: Passage, told: Told, whole: Told | None) -> Iterator[Finding]:
    """The arithmetic of a sentence with figures; ``whole`` is the sentence before it where this one lists its parts."""
    yield from parts(passage, told, whole_of(whole, passage.lex) if whole else None)
    yield from _percents(passage, told)
    if len(told.mentions) > 1:
        yield from channels(passage, told.mentions)
    yield from changes(passage, told)
    yield from misdated(passage, told)


def _head(told: Told) -> Claim | None:
    """The last statement of its own that a sentence made: what a list in the next one is about."""
    return next((claim for claim in reversed([*told.found.values()]) if claim.rows.head), None)


def _percents(passage: Passage, told: Told) -> Iterator[Finding]:
    """The percentages of a sentence; what judges them is loaded once there are any."""
    start, end = told.sentence
    if passage.paragraph.masked.find("%", start, end) >= 0:
        from nianbao.checks.narrative.percent import percents

        yield from percents(passage, told)


def _listed(passage: Passage, sentence: Sentence) -> bool:
    """Whether a sentence lists what the one before it told (``。其中：…``)."""
    return passage.paragraph.masked.startswith(passage.lex.openings, sentence.start)


def witnesses(report: Report, previous: Report | None) -> tuple[Witness, ...]:
    """What the text says beyond doubt of sums of cells, whether or not the table agrees."""
    if not report.form.phrases.data:
        return ()
    lex = lexicon(report.form)
    reader, found = Reader(report, lex), []
    for paragraph in paragraphs(report):
        for _, mentions in reader.read(paragraph):
            for claim in claims(mentions, lex).values() if mentions else ():
                plain = len(claim.readings) == 1 and not (claim.loose or claim.joint)
                if claim.severity != "error" or not plain or claim.mention.token.step:
                    continue
                terms = tuple(Term(cell) for cell in claim.readings[0])
                quote = paragraph.quote(claim.mention.start, claim.mention.token.end)
                found.append(Witness(terms, claim.mention.token.value, paragraph.where(report.form), quote))
    return tuple(found)
