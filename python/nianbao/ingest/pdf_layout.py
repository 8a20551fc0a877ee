"""Characters on a page → lines, paragraphs and table cells, from where they stand."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

_NUMBER = re.compile(
    r"[-—–·•\s]*(?:第\s*)?\d{1,3}\s*(?:页)?(?:\s*[/／共，,]\s*共?\s*\d{1,3}\s*页?)?[-—–·•\s]*"
)
#: Straight from the rules of line breaking: quotation marks stick to both sides.
_OPENING = "（《“”‘’〔【(["
_CLOSING = "，。、；：？！）》“”‘’〕】…,.;:)]%"
#: A full-width space narrower than this share of the type's size is an ordinary one under another name.
NARROW = 0.75
#: The share of the page at its top and bottom where headers and page numbers stand.
MARGIN = 0.1
#: So many characters a line may lack where the next one is not indented as paragraphs are.
SLACK = 4
#: Fewer full lines than this do not tell the margins; tables then do, but for their cells' padding (points).
FULL_LINES = 3
PADDING = 6.0
#: Edges of cells closer than this (points) are one edge.
SNAP = 3.0
#: A box of this share of the drawing's width with more than one line of text holds paragraphs.
WHOLE = 0.98

BBox = tuple[float, float, float, float]


class Char(NamedTuple):
    """One character and its place in points from the page's top left corner."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float

    def within(self, box: BBox) -> bool:
        """Whether its middle lies in a box (left, top, right, bottom)."""
        x, y = (self.x0 + self.x1) / 2, (self.top + self.bottom) / 2
        return box[0] <= x < box[2] and box[1] <= y < box[3]


class Text(NamedTuple):
    """One line of text outside tables; ``lead``: the width of what could not have been broken at its start;
    ``reach``: its end without punctuation, which may hang over the margin."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    lead: float
    reach: float


Rows = list[list[tuple[str, int, int]]]


class Grid(NamedTuple):
    """A table as drawn: the boxes of its cells, and the characters within."""

    cells: tuple[BBox, ...]
    chars: tuple[Char, ...]

    @property
    def box(self) -> BBox:
        """The box around all cells."""
        left, top, right, bottom = zip(*self.cells, strict=True)
        return min(left), min(top), max(right), max(bottom)

    def below(self, upper: "Grid") -> "Grid":
        """The two tables as one, this one moved right under the other."""
        by = upper.box[3] - self.box[1]
        cells = tuple((x0, top + by, x1, bottom + by) for x0, top, x1, bottom in self.cells)
        chars = tuple(c._replace(top=c.top + by, bottom=c.bottom + by) for c in self.chars)
        return Grid((*upper.cells, *cells), (*upper.chars, *chars))


class Page(NamedTuple):
    """A page's lines and tables from the top down, its height and its usual size of type."""

    parts: tuple[Any, ...]
    height: float
    size: float


def text_lines(chars: Sequence[Char]) -> list[Text]:
    """Characters gathered into lines from the top down."""
    lines: list[list[Char]] = []
    for char in sorted(chars, key=lambda c: (c.top + c.bottom) / 2):
        middle = (char.top + char.bottom) / 2
        if lines and abs(middle - _middle(lines[-1])) < max(2.0, 0.4 * char.size):
            lines[-1].append(char)
        else:
            lines.append([char])
    found = [_line(sorted(line, key=lambda c: c.x0)) for line in lines]
    return [line for line in found if line.text.strip()]


def _middle(chars: Sequence[Char]) -> float:
    return (chars[0].top + chars[0].bottom) / 2


def _line(chars: Sequence[Char]) -> Text:
    solid = [c for c in chars if c.text.strip()] or list(chars)
    return Text(
        _joined(chars),
        solid[0].x0,
        solid[-1].x1,
        min(c.top for c in chars),
        max(c.bottom for c in chars),
        max(c.size for c in solid),
        _lead(solid),
        max((c.x1 for c in solid if c.text not in _CLOSING), default=solid[0].x1),
    )


def _joined(chars: Sequence[Char]) -> str:
    """The text of one line; a gap between Latin letters, or a wide one, is a space."""
    text = ""
    for before, char in zip((None, *chars), chars, strict=False):
        if before is not None and before.text.strip() and char.text.strip():
            gap = char.x0 - before.x1
            latin = before.text.isascii() and char.text.isascii()
            if gap > (0.2 if latin else 1.5) * char.size:
                text += " "
        narrow = char.text == "\u3000" and char.x1 - char.x0 < NARROW * char.size
        text += " " if narrow else char.text
    return text


def _lead(chars: Sequence[Char]) -> float:
    """The width of the first word: what no line may be broken within (Latin runs, brackets with their text)."""
    end = 1
    while end < len(chars) and _sticks(chars[end - 1], chars[end]):
        end += 1
    return chars[end - 1].x1 - chars[0].x0


def _sticks(before: Char, char: Char) -> bool:
    if char.text in _CLOSING or before.text in _OPENING:
        return True
    if not before.text.isascii() or char.x0 - before.x1 > 0.2 * char.size:
        return False
    return char.text.isascii() or char.text in _OPENING


class _Body(NamedTuple):
    """Where lines of the text begin and end, and whether paragraphs begin with an indentation."""

    left: float
    right: float
    indented: bool


def _body(parts: Sequence[Text | Grid]) -> _Body:
    """The margins of the text, from its lines; where those are too few to tell, from the tables too."""
    lines = [part for part in parts if isinstance(part, Text)]
    left = min((line.x0 for line in lines), default=0.0)
    right = max((line.reach for line in lines), default=0.0)
    full = sum(1 for line in lines if line.reach > right - 1.2 * line.size)
    boxes = [part.box for part in parts if isinstance(part, Grid)]
    if boxes and full < FULL_LINES:
        size = max((line.size for line in lines), default=0.0)
        outer = min(box[0] for box in boxes)
        left = outer if outer < left - size else left
        right = max(right, *(box[2] - PADDING for box in boxes))
    begins = [
        line.x0 > left + line.size
        for before, line in pairwise(lines)
        if before.x1 + line.lead + SLACK * line.size < right and before.size == line.size
    ]
    return _Body(left, right, sum(begins) * 2 > len(begins))


def paragraphs(pages: Sequence[Page]) -> list[Any]:
    """Lines joined to paragraphs and the parts of a table to one, over page ends too; headers and page
    numbers are left out."""
    running = _running(pages)
    kept = [
        [p for p in page.parts if isinstance(p, Grid) or not _furniture(p, page, running)] for page in pages
    ]
    body = _body([part for parts in kept for part in parts])
    blocks: list[Any] = []
    last: Text | None = None
    for parts in kept:
        for n, part in enumerate(parts):
            if isinstance(part, Grid):
                if n == 0 and blocks and isinstance(blocks[-1], Grid) and _same_width(blocks[-1], part):
                    blocks[-1] = part.below(blocks[-1])
                else:
                    blocks.append(part)
                last = None
            elif last is not None and _goes_on(last, part, body):
                blocks[-1] = _attached(blocks[-1], part.text)
                last = part
            else:
                blocks.append(part.text.lstrip())
                last = part
    return [
        table_rows(block.cells, block.chars) if isinstance(block, Grid) else block.rstrip()
        for block in blocks
    ]


def _same_width(upper: Grid, lower: Grid) -> bool:
    return all(abs(upper.box[n] - lower.box[n]) < 2 * SNAP for n in (0, 2))


def _goes_on(last: Text, line: Text, body: _Body) -> bool:
    """Whether a line continues the paragraph of the one before: not indented, of the same size, and its
    first word would not have fitted there (or hardly, where paragraphs begin with an indentation)."""
    if line.x0 > body.left + 0.8 * line.size or abs(line.size - last.size) > 0.15 * last.size:
        return False
    slack = SLACK if body.indented else 0.3
    return last.x1 + line.lead > body.right - slack * line.size


def _attached(text: str, more: str) -> str:
    """Two lines as one. Latin text is broken at spaces, of which the last on a full line is not in the file;
    after a few signs it may be broken without one."""
    tail = more.lstrip()
    latin = text[-1:].isascii() and tail[:1].isascii() and not text[-1:].isspace()
    if latin and text[-1:] not in "-/}?%|" and tail[:1] not in "([{%":
        return f"{text} {tail}"
    return text + tail


def _furniture(line: Text, page: Page, running: frozenset[str]) -> bool:
    if not _in_margin(line, page):
        return False
    return bool(_NUMBER.fullmatch(line.text.strip())) or _bare(line.text) in running


def _in_margin(line: Text, page: Page) -> bool:
    return line.bottom < MARGIN * page.height or line.top > (1 - MARGIN) * page.height


def _bare(text: str) -> str:
    return re.sub(r"[\d\s]", "", text)


def _running(pages: Sequence[Page]) -> frozenset[str]:
    """Headers and footers: what stands in the margin of more than one page."""
    told = Counter(
        text
        for page in pages
        for text in {_bare(p.text) for p in page.parts if isinstance(p, Text) and _in_margin(p, page)}
    )
    return frozenset(text for text, count in told.items() if count > 1)


def table_rows(cells: Sequence[BBox], chars: Sequence[Char]) -> Rows:
    """A table's cells row by row with the rows and columns each spans; squares without a cell are blank."""
    columns = _edges([x for cell in cells for x in (cell[0], cell[2])])
    rows = _edges([y for cell in cells for y in (cell[1], cell[3])])
    starts: dict[tuple[int, int], tuple[str, int, int]] = {}
    covered: set[tuple[int, int]] = set()
    for cell in cells:
        top, bottom = _at(rows, cell[1]), _at(rows, cell[3])
        first, last = _at(columns, cell[0]), _at(columns, cell[2])
        text = _cell_text([c for c in chars if c.within(cell)], cell)
        starts[(top, first)] = (text, bottom - top, last - first)
        covered |= {(r, c) for r in range(top, bottom) for c in range(first, last)}
    return [list(_row(r, len(columns) - 1, starts, covered)) for r in range(len(rows) - 1)]


def _row(
    row: int, width: int, starts: dict[tuple[int, int], tuple[str, int, int]], covered: set[tuple[int, int]]
) -> Iterator[tuple[str, int, int]]:
    for column in range(width):
        if (row, column) in starts:
            yield starts[(row, column)]
        elif (row, column) not in covered:
            yield ("", 1, 1)


def _edges(values: Sequence[float]) -> list[float]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > SNAP:
            found.append(value)
    return found


def _at(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda n: abs(edges[n] - value))


def _cell_text(chars: Sequence[Char], cell: BBox) -> str:
    """A cell's lines; digits broken at the cell's edge are one figure, smaller raised ones a footnote mark."""
    text = ""
    before: Text | None = None
    for line in text_lines(chars):
        text += ("\n" if before and not _filled(before, line, cell[2] - cell[0]) else "") + line.text.strip()
        before = line
    sizes = {round(c.size, 1) for c in chars if c.text.strip()}
    if text.isdigit() and sizes and max(sizes) > 1.3 * min(sizes):
        large = max(sizes)
        return "".join(
            c.text if round(c.size, 1) == large else f"[{c.text}]" for c in sorted(chars, key=lambda c: c.x0)
        )
    return text


def _filled(line: Text, after: Text, width: float) -> bool:
    """Whether a cell's line was full, so that the next one goes on within a word."""
    used = line.x1 - line.x0
    return used > 0.55 * width or used + after.lead > width - line.size


def framed(cells: Sequence[BBox], chars: Sequence[Char]) -> tuple[list[Grid], list[Char]]:
    """The tables in a drawing from the top down, and the characters that stand in none of them.

    A box as wide as the drawing with more than one line of text is part of no table and divides what is above it
    from what is below.
    """
    held: dict[BBox, list[Char]] = {cell: [c for c in chars if c.within(cell)] for cell in cells}
    prose = [cell for cell in cells if _wide(cell, cells) and len(text_lines(held[cell])) > 1]
    if not prose:
        return [Grid(tuple(cells), tuple(chars))], []
    groups: dict[int, list[BBox]] = {}
    for cell in sorted(set(cells) - set(prose), key=lambda c: (c[1], c[0])):
        groups.setdefault(sum(p[1] <= cell[1] for p in prose), []).append(cell)
    tables = [group for group in groups.values() if not all(_wide(cell, cells) for cell in group)]
    grids = [Grid(tuple(group), tuple(c for cell in group for c in held[cell])) for group in tables]
    within = {c for grid in grids for c in grid.chars}
    return grids, [c for c in chars if c not in within]


def _wide(cell: BBox, cells: Sequence[BBox]) -> bool:
    whole = max(c[2] for c in cells) - min(c[0] for c in cells)
    return cell[2] - cell[0] >= WHOLE * whole
