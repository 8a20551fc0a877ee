"""``narrative.heading``: heading lines and a title that stand in the text and are not worded as prescribed.

Observed in about three of ten published reports: 一、概述, 三、依申请公开情况, 五、存在问题 (domain notes, section 6).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from nianbao.checks.narrative.patterns import stands
from nianbao.checks.narrative.text import Paragraph
from nianbao.core.finding import Finding, Severity
from nianbao.core.form import Section
from nianbao.core.report import Report

_ORDINALS = "一二三四五六七八九十"
_LINE = re.compile(
    rf"^(?:第(?P<part>[{_ORDINALS}])部分[、：]?|(?P<ordinal>[{_ORDINALS}]+)、)(?P<words>[^。；，！？]{{2,40}})$"
)
_ITEM = re.compile(rf"^(?P<ordinal>[{_ORDINALS}])、")
_TITLE = re.compile(r"^[^。；！？]{2,60}报告。?$")
#: A line of more characters is no heading unless it is worded like one.
_SHORT = 20


class Line(NamedTuple):
    """A heading-like line: its ordinal (from 1; 0 beyond the sections), its words, whether it opens its section."""

    paragraph: Paragraph
    ordinal: int
    words: str
    first: bool


def headings(report: Report, texts: Sequence[Paragraph]) -> Iterator[Finding]:
    """Heading lines and a title that stand in the text and are not worded as prescribed."""
    prescribed = {s.heading for s in report.form.sections}
    opened: set[str] = set()
    for paragraph in texts:
        first = paragraph.section not in opened
        opened.add(paragraph.section)
        line = _line(paragraph, first) if paragraph.text not in prescribed else None
        if line is not None:
            section = _meant(report, line, texts)
            if section is not None:
                yield _finding(report, paragraph, section)
        elif paragraph.section == "preamble" and _TITLE.match(paragraph.text):
            yield from _title(report, paragraph)


def _line(paragraph: Paragraph, first: bool) -> Line | None:
    match = _LINE.match(paragraph.text)
    if match is None:
        return None
    ordinal = match["part"] or match["ordinal"]
    return Line(paragraph, _ORDINALS.index(ordinal) + 1 if len(ordinal) == 1 else 0, match["words"], first)


def _meant(report: Report, line: Line, texts: Sequence[Paragraph]) -> Section | None:
    """The section whose heading a line stands for: alike in words, named by them, or where it stands."""
    form = report.form.sections
    for n, section in enumerate(form, 1):
        if likeness(line.words, _words(section)) >= (0.5 if n == line.ordinal else 0.85):
            return section
    if len(line.words) > _SHORT or _enumerated(report, line, texts):
        return None
    own = next((s for s in form if s.key == line.paragraph.section), None)
    numbered = form[line.ordinal - 1] if 0 < line.ordinal <= len(form) else None
    if numbered is not None and (_names(report, numbered, line.words) or (line.first and numbered is own)):
        return numbered
    astray = line.first and own is not None and line.ordinal > 1 and _names(report, own, line.words)
    return own if astray else None


def _words(section: Section) -> str:
    match = _LINE.match(section.heading)
    return match["words"] if match else section.heading


def _names(report: Report, section: Section, words: str) -> bool:
    """Whether words speak of what a section is about."""
    known: Mapping[str, Sequence[str]] = report.form.phrases.data.get("headings", {})
    return any(stands(pattern, words) for pattern in known.get(section.key, ()))


def _enumerated(report: Report, line: Line, texts: Sequence[Paragraph]) -> bool:
    """Whether a line is one of several points of its section (一、加强领导 … 二、落实责任 …)."""
    form = report.form.sections
    beside = 2 if line.ordinal == 1 else line.ordinal - 1
    for paragraph in texts:
        item = _ITEM.match(paragraph.text) if paragraph.section == line.paragraph.section else None
        if item is None or _ORDINALS.index(item["ordinal"]) + 1 != beside:
            continue
        section = form[beside - 1] if beside <= len(form) else None
        heading = section is not None and (
            paragraph.text == section.heading or _names(report, section, paragraph.text[item.end() :])
        )
        if not heading:
            return True
    return False


def _finding(report: Report, paragraph: Paragraph, section: Section) -> Finding:
    said = paragraph.raw.strip()
    message = f"{paragraph.where(report.form)}的标题“{said}”与规定不符，应为“{section.heading}”"
    return _heading(paragraph, message, "error", section.heading, paragraph.text)


def _heading(paragraph: Paragraph, message: str, severity: Severity, right: str, said: str) -> Finding:
    return Finding("narrative.heading", severity, (), message, right, said, places=(paragraph.place,))


def _title(report: Report, paragraph: Paragraph) -> Iterator[Finding]:
    """A title with the right agency (or none) and year, but not as prescribed (others are rules of their own)."""
    right, said = "".join(report.heading.split()), paragraph.raw.strip()
    if report.year is None or "信息公开" not in paragraph.text or paragraph.text == right:
        return
    own = "".join(report.agency.split())
    if paragraph.text.removeprefix(own).removeprefix("关于").startswith(f"{report.year}年"):
        message = f"标题“{said}”与规定不符，应为“{report.heading}”"
        yield _heading(paragraph, message, "verify", report.heading, said)


def likeness(one: str, other: str) -> float:
    """The share of character pairs that two short texts have in common (Dice), from 0 to 1."""
    a, b = runs(one, 2), runs(other, 2)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def runs(text: str, size: int) -> AbstractSet[str]:
    """All runs of so many characters of a text."""
    return {text[i : i + size] for i in range(len(text) - size + 1)}
