"""Plain text, Markdown and CSV, as copied from a page or saved from one → lines and tables."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from nianbao.ingest import words
from nianbao.ingest.blocks import LINES, Block, Line, RawCell, RawTable, Source, gathered, too_much

_WIDE_GAP = re.compile(r"\t|(?<=\S)[ \u3000]{2,}(?=\S)")
#: So many lines for one with text no report has.
BLANK = 20
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*")
_EMPHASIS = re.compile(r"(\*\*|__)(.+?)\1")
_BAR = re.compile(r"(?<!\\)[|｜]")
_RULE = re.compile(r"[|｜\s]*:?-{2,}:?(?:\s*[|｜]\s*:?-+:?)*[|｜\s]*")
#: A table divided by commas has so many columns at least, in so large a share of its lines.
COLUMNS, SHARE = 3, 0.8


def read(text: str, name: str) -> Source:
    """The lines of a text, each with the empty lines before it and its cells where it is divided; rows of cells
    between bars, or all rows of a file divided by commas, as tables."""
    if text.count("\n") + text.count("\r") > BLANK * LINES:
        raise too_much(name)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rows = _separated(lines)
    return Source(gathered((RawTable(rows),) if rows else _blocks(lines), name))


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    blanks = 0
    rows: list[tuple[RawCell, ...]] = []
    for line in lines:
        trimmed = words.trim(line)
        cells = _between_bars(trimmed)
        if len(cells) > 1:
            rows.append(tuple(map(RawCell, cells)))
            continue
        if _RULE.fullmatch(trimmed) and (rows or _BAR.search(trimmed)):
            continue
        yield from _table(rows)
        rows = []
        if not trimmed and "\t" not in line:
            blanks += 1
            continue
        yield Line(cells[0], blanks, cells) if cells else _line(trimmed, blanks, line)
        blanks = 0
    yield from _table(rows)


def _table(rows: Sequence[tuple[RawCell, ...]]) -> Iterator[Block]:
    """Rows between bars; a single one is a line that happens to have them."""
    if len(rows) == 1:
        texts = tuple(cell.text for cell in rows[0])
        yield Line(" | ".join(texts), 0, texts)
    elif rows:
        yield RawTable(tuple(rows))


def _between_bars(line: str) -> tuple[str, ...]:
    """The cells of a line that are divided by bars, or its one cell where it ends in a bar; else none."""
    if not _BAR.search(line) or _RULE.fullmatch(line):
        return ()
    cells = [_plain(words.trim(cell)) for cell in _BAR.split(line)]
    if not cells[0] and len(cells) > 2:
        del cells[0]
    ended = not cells[-1]
    if ended and len(cells) > 1:
        del cells[-1]
    return tuple(cells) if len(cells) > 1 or ended else ()


def _line(trimmed: str, blanks: int, line: str) -> Line:
    heading = _HEADING.fullmatch(trimmed)
    return Line(_plain(heading[1] if heading else trimmed), blanks, _parts(line))


def _plain(text: str) -> str:
    """The text without marks of emphasis."""
    return (
        _EMPHASIS.sub(r"\2", text).replace("\\|", "|") if "*" in text or "_" in text or "\\" in text else text
    )


def _parts(line: str) -> tuple[str, ...]:
    """The cells of a line divided by tabs, else by wide spaces; none where it is whole."""
    parts = line.split("\t") if "\t" in line.strip(" \u3000") else _WIDE_GAP.split(words.trim(line))
    return tuple(parts) if len(parts) > 1 else ()


def _separated(lines: Sequence[str]) -> tuple[tuple[RawCell, ...], ...]:
    """The rows of a text that is divided by commas or semicolons as a whole; none where it is not."""
    for sign in ",;":
        if sum(1 for line in lines if line.count(sign) >= COLUMNS - 1) < COLUMNS:
            continue
        try:
            rows = [row for row in csv.reader(lines, delimiter=sign, strict=True) if any(map(str.strip, row))]
        except csv.Error:
            continue
        width, count = Counter(map(len, rows)).most_common(1)[0]
        if width >= COLUMNS and count >= SHARE * len(rows):
            return tuple(tuple(RawCell(words.trim(cell)) for cell in row) for row in rows)
    return ()
