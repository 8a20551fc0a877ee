"""Lines → the form's sections by their headings, the preamble before them, page furniture left out."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from nianbao.core.form import Form, Section
from nianbao.ingest import words
from nianbao.ingest.blocks import Line
from nianbao.ingest.words import Labels

_PART_WORD = re.compile(r"^第?([一二三四五六七八九十]{1,2})(?:部分|章)[、.:\s]*")
_STOPS = re.compile(r"[。,;!?]")
_PART = re.compile(r"第?[一二三四五六七八九十]{1,2}(?:部分|章)[、.:\s]*")
#: A contents list is at least so many headings in a row.
CONTENTS = 3
#: A heading is never longer than this.
HEADING = 60
#: A heading unlike the form's is never longer than this.
NEAR = 30
#: After the last furniture line a paragraph this long is told, because it may be text of the report.
LONG = 60


class Sections(NamedTuple):
    """Lines before the first section, the lines of each section that was found, headings unlike the form's, and
    every section's heading as it stood."""

    front: tuple[Line, ...]
    parts: Mapping[str, tuple[Line, ...]]
    doubts: tuple[str, ...] = ()
    headings: Mapping[str, str] = {}


class _Heading(NamedTuple):
    line: int
    section: Section
    rest: str
    near: bool = False


def split(lines: Sequence[Line], form: Form) -> Sections:
    """The lines of each section of the form; a contents list before them is left out."""
    lines = tuple(lines)
    headings, contents = _headings(lines, form)
    starts = [h.line for h in headings]
    ends = [*starts[1:], len(lines)] if starts else []
    first = starts[0] if starts else len(lines)
    front = tuple(line for n, line in enumerate(lines[:first]) if n not in contents)
    parts: dict[str, tuple[Line, ...]] = {}
    for heading, end in zip(headings, ends, strict=True):
        rest = (Line(heading.rest),) if heading.rest else ()
        last = Line("", lines[end].blanks if end < len(lines) else 0)
        parts[heading.section.key] = (*rest, *lines[heading.line + 1 : end], last)
    printed = {h.section.key: _heading_text(lines[h.line].text, h) for h in headings}
    unlike = (
        (printed[h.section.key], h.section.heading)
        for h in headings
        if h.near or not (lines[h.line].hint or _as_prescribed(printed[h.section.key], h.section.heading))
    )
    doubts = tuple(f"标题“{printed}”与规定的“{due}”不同，已按该部分读入，请核对" for printed, due in unlike)
    return Sections(front, parts, doubts, printed)


def _as_prescribed(printed: str, heading: str) -> bool:
    """Whether a heading is the form's in its words and, where it has one, in its number; punctuation apart."""
    number, rest = words.split_number(printed)
    own, due = words.split_number(heading)
    second = bool(number) and words.simplify(printed).lstrip().startswith("(")
    same = number in ("", own) and words.fold(rest) == words.fold(due)
    return not second and (same or words.fold(printed) == words.fold(heading))


def _heading_text(text: str, heading: _Heading) -> str:
    """A heading as it stands, without the text that runs on after it."""
    return text[: len(heading.section.heading)] if heading.rest else text


def _headings(lines: Sequence[Line], form: Form) -> tuple[list[_Heading], set[int]]:
    names = {spelling: s for s in form.sections for spelling in _spellings(s.heading)}
    sheets = names | {words.fold(s.sheet): s for s in form.sections}
    every = [
        h for n, line in enumerate(lines) if (h := _heading(n, line, form, sheets if line.hint else names))
    ]
    order = [section.key for section in form.sections]
    exact = {heading.line for heading in every}
    near = [h for n, line in enumerate(lines) if n not in exact and (h := _near(n, line, form))]
    listed = _contents(sorted((*every, *near)), order)
    sure = _rising([h for h in every if h.line not in listed], order)
    sure = tuple(h for h in sure if not _captioned(h, near, sure, order, lines))
    known = {heading.section.key for heading in sure}
    more = [
        h for h in near if h.line not in listed and h.section.key not in known and _between(h, sure, order)
    ]
    return list(_rising(sorted((*sure, *more)), order)), listed


def _captioned(
    heading: _Heading,
    near: Sequence[_Heading],
    sure: Sequence[_Heading],
    order: Sequence[str],
    lines: Sequence[Line],
) -> bool:
    """Whether a heading without its number is but the caption of a table below the section's own heading."""
    if words.split_number(lines[heading.line].text)[0] or lines[heading.line].hint:
        return False
    others = [h for h in sure if h is not heading]
    return any(
        n.section == heading.section and n.line < heading.line and _between(n, others, order) for n in near
    )


def _between(heading: _Heading, sure: Sequence[_Heading], order: Sequence[str]) -> bool:
    """Whether a heading stands where its section belongs among those that are certain."""
    place = order.index(heading.section.key)
    return all((h.line < heading.line) == (order.index(h.section.key) < place) for h in sure)


def _near(n: int, line: Line, form: Form) -> _Heading | None:
    """A short line with a section's number and one of its telling words (``二、主动公开情况``)."""
    text = words.simplify(line.text)
    number, rest = words.split_number(_PART_WORD.sub(r"\1、", text))
    if not number or text.lstrip().startswith("(") or len(text) > NEAR or _STOPS.search(text) or line.parts:
        return None
    for section in form.sections:
        own, heading = words.split_number(section.heading)
        if own == number and any(t.search(heading) and t.search(rest) for t in _telling()):
            return _Heading(n, section, "", near=True)
    return None


@cache
def _telling() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in words.data()["telling"])


def _rising(headings: Sequence[_Heading], order: Sequence[str]) -> tuple[_Heading, ...]:
    """The most headings that follow each other in the form's order; the first of equals."""
    best: dict[int, tuple[_Heading, ...]] = {}
    for heading in headings:
        place = order.index(heading.section.key)
        before = max((chain for at, chain in best.items() if at < place), key=len, default=())
        if len(before) >= len(best.get(place, ())):
            best[place] = (*before, heading)
    return max(best.values(), key=len, default=())


def _contents(headings: Sequence[_Heading], order: Sequence[str]) -> set[int]:
    """The lines of a contents list: headings one after another that come again later."""
    runs: list[list[_Heading]] = []
    for heading in headings:
        last = runs[-1][-1] if runs else None
        place = order.index(heading.section.key)
        if last and heading.line == last.line + 1 and place > order.index(last.section.key):
            runs[-1].append(heading)
        else:
            runs.append([heading])
    listed: set[int] = set()
    for run in runs:
        later = {h.section.key for h in headings if h.line > run[-1].line}
        if len(run) >= CONTENTS and {h.section.key for h in run} <= later:
            listed |= {h.line for h in run}
    return listed


def _heading(n: int, line: Line, form: Form, names: Mapping[str, Section]) -> _Heading | None:
    text = line.text
    if len(text) <= HEADING:
        for spelling in _spellings(text):
            if spelling in names:
                return _Heading(n, names[spelling], "")
    for section in form.sections:
        if rest := _runs_on(text, section.heading):
            return _Heading(n, section, rest)
    return None


def _spellings(text: str) -> Iterator[str]:
    """A heading as compared: with and without its number and notes, and the ways it is often varied."""
    plain = _PART.sub("", words.simplify(text), count=1) if _PART.match(words.simplify(text)) else text
    rest = words.split_number(plain)[1]
    for way in (text, plain, rest, words.split_number(words.without_notes(plain))[1]):
        if folded := words.fold(way):
            yield _usual(folded)


def _usual(folded: str) -> str:
    for group in words.data()["headings"]:
        names = [words.fold(name) for name in group]
        if folded in names:
            return names[0]
    return folded


def _runs_on(text: str, heading: str) -> str:
    """The text that follows a heading in the same paragraph (``一、总体情况。2021年，…``), or nothing."""
    start = text[: len(heading)]
    if words.fold(start) != words.fold(heading) or len(text) <= len(heading):
        return ""
    after = text[len(heading) :]
    return words.trim(after[1:]) if after[0] in "。:： \u3000\n" else ""


def paragraphs(lines: Sequence[Line], labels: Labels, section: Section) -> tuple[str, ...]:
    """The text of a section; its heading said again, and labels and captions about its table, left out."""
    own = set(_spellings(section.heading))
    texts = (words.trim(line.text) for line in lines if not line.hint)
    kept = (text for text in texts if text and not (len(text) <= HEADING and own & set(_spellings(text))))
    if not section.table:
        return tuple(kept)
    return tuple(text for text in kept if not _about_table(text, labels))


def _about_table(text: str, labels: Labels) -> bool:
    if words.patterns("captions").fullmatch(words.simplify(text)):
        return True
    return len(text) <= HEADING and any(label.box.kind in ("title", "corner") for label in labels.other(text))


def furniture(text: str) -> bool:
    """Whether a line is unmistakably the page's and not the report's."""
    plain = words.trim(words.simplify(text))
    return bool(words.patterns("furniture").fullmatch(plain) or words.patterns("stops").fullmatch(plain))


class Tail(NamedTuple):
    """The last section without the foot of the page, and long text that was left out with it."""

    text: tuple[str, ...]
    lost: tuple[str, ...]


def without_foot(paragraphs: Sequence[str]) -> Tail:
    """The paragraphs up to the first line that only the foot of a page has (``打印本页``, ``上一篇``)."""
    stops = words.patterns("stops")
    end = next(
        (n for n, p in enumerate(paragraphs) if stops.fullmatch(words.trim(words.simplify(p)))),
        len(paragraphs),
    )
    kept = tuple(p for p in paragraphs[:end] if not furniture(p))
    lost = tuple(p for p in paragraphs[end:] if len(p) >= LONG and "。" in p)
    return Tail(kept, lost)
