"""Plain text, Markdown and CSV, as copied from a page or saved from one → lines."""

import re
from collections.abc import Iterator

from nianbao.ingest import words
from nianbao.ingest.blocks import LINES, Line, Source, gathered, too_much

_WIDE_GAP = re.compile(r"\t|(?<=\S)[ \u3000]{2,}(?=\S)")
#: So many lines for one with text no report has.
BLANK = 20


def read(text: str, name: str) -> Source:
    """The lines of a text, each with the empty lines before it and its cells where it is divided."""
    if text.count("\n") + text.count("\r") > BLANK * LINES:
        raise too_much(name)
    return Source(gathered(_lines(text), name))


def _lines(text: str) -> Iterator[Line]:
    blanks = 0
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        trimmed = words.trim(line)
        if not trimmed and "\t" not in line:
            blanks += 1
            continue
        yield Line(trimmed, blanks, _parts(line))
        blanks = 0


def _parts(line: str) -> tuple[str, ...]:
    """The cells of a line divided by tabs, else by wide spaces; none where it is whole."""
    parts = line.split("\t") if "\t" in line.strip(" \u3000") else _WIDE_GAP.split(words.trim(line))
    return tuple(parts) if len(parts) > 1 else ()
