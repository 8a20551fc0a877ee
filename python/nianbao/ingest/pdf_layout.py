"""Characters on a page → lines, paragraphs and table cells, from where they stand."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

_NUMBER = re.compile(
    r"[-—–·•\s]*(?:第\s*)?\d{1,3}\s*(?:页)?(?:\s*[/／共，,]\s*共?\s*\d{1,3}\s*页?)?[-—–·•\s]*"
)
#: Straight from the rules of line breaking: quotation marks stick to both sides.
_OPENING = "（《“”‘’〔【(["
_CLOSING = "，。、；：？！）》“”‘’〕】…,.;:)]%"
#: What never begins a line and may hang over the margin instead; what ends a sentence, and what goes on after it.
_HANGING = "，。、；：？！）》”’〕】,.;:!?"
_FINAL = "。！？：；”）"
_GOES_ON = "，、（《“〔【"
#: Signs that are written twice and never parted.
_DOUBLE = "—…"
#: A full-width space narrower than this share of the type's size is an ordinary one under another name.
NARROW = 0.75
#: The share of the page at its top and bottom where headers and page numbers stand.
MARGIN = 0.1
#: So many characters a line may lack where the next one is not indented as paragraphs are.
SLACK = 4
#: Fewer full lines than this do not tell the margins; tables then do, but for their cells' padding (points).
FULL_LINES = 3
PADDING = 6.0
#: One line in so many may stand beyond the margins.
ODD_LINES = 30
#: Where paragraphs are not indented, lines further apart than so many times the usual begin a new one.
APART = 1.45
#: Two columns of text: so many lines side by side, each of so many signs, with so wide a gap (in the type's size).
SIDE_BY_SIDE = 4
COLUMN_SIGNS = 8
GUTTER = 1.8
#: Edges of cells closer than this (points) are one edge.
SNAP = 3.0
#: A box of this share of the drawing's width with more than one line of text holds paragraphs.
WHOLE = 0.98

BBox = tuple[float, float, float, float]


class Char(NamedTuple):
    """One character and its place in points from the page's top left corner; ``x``, ``y``: the point that tells in
    which cell and line it is."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    x: float
    y: float

    def within(self, box: BBox) -> bool:
        """Whether it lies in a box (left, top, right, bottom)."""
        return box[0] <= self.x < box[2] and box[1] <= self.y < box[3]


def characters(raw: Iterable[Mapping[str, Any]]) -> list[Char]:
    """The characters of a page in the order of the file. Punctuation that hangs over a margin, or over the edge of
    its cell, stays with the sign before it, and behind it where that was drawn in another font further to the right.
    """
    chars: list[Char] = []
    for c in raw:
        x0, x1, top, bottom, size = c["x0"], c["x1"], c["top"], c["bottom"], c["size"]
        x, y = (x0 + x1) / 2, (top + bottom) / 2
        before = chars[-1] if chars else None
        near = before is not None and abs(x0 - before.x1) < 0.7 * size and before.top < y < before.bottom
        if before and near and c["text"] in _HANGING:
            x, y, x0 = before.x, before.y, max(x0, before.x0)
        chars.append(Char(c["text"], x0, x1, top, bottom, size, x, y))
    return chars


class Text(NamedTuple):
    """One line of text outside tables; ``lead``: the width of what could not have been broken at its start;
    ``reach``: its end without punctuation, which may hang over the margin. ``column``: 1 and 2 side by side, else 0;
    ``order``: its place among the parts of the page."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    lead: float
    reach: float
    order: float
    column: int = 0


Rows = list[list[tuple[str, int, int]]]


class DrawnTable(NamedTuple):
    """A table as drawn: the boxes of its cells, and the characters within."""

    cells: tuple[BBox, ...]
    chars: tuple[Char, ...]

    @property
    def box(self) -> BBox:
        """The box around all cells."""
        left, top, right, bottom = zip(*self.cells, strict=True)
        return min(left), min(top), max(right), max(bottom)

    def below(self, upper: "DrawnTable") -> "DrawnTable":
        """The two tables as one, this one moved right under the other."""
        by = upper.box[3] - self.box[1]
        cells = tuple((x0, top + by, x1, bottom + by) for x0, top, x1, bottom in self.cells)
        chars = tuple(c._replace(top=c.top + by, bottom=c.bottom + by, y=c.y + by) for c in self.chars)
        return DrawnTable((*upper.cells, *cells), (*upper.chars, *chars))


class PdfPage(NamedTuple):
    """A page's lines and tables from the top down, its height and its usual size of type."""

    parts: tuple[Any, ...]
    height: float
    size: float


def text_lines(chars: Sequence[Char], spaced: bool = False) -> list[Text]:
    """Characters gathered into lines from the top down. ``spaced``: the file has its spaces written as signs."""
    lines = [_line(line, spaced) for line in _rows_of(chars)]
    return [line for line in lines if line.text.strip()]


def _rows_of(chars: Sequence[Char]) -> list[list[Char]]:
    """The characters of each line from left to right."""
    lines: list[list[Char]] = []
    for char in sorted(chars, key=lambda c: c.y):
        if lines and abs(char.y - lines[-1][0].y) < max(2.0, 0.4 * char.size):
            lines[-1].append(char)
        else:
            lines.append([char])
    return [sorted(line, key=lambda c: c.x0) for line in lines]


def _line(chars: Sequence[Char], spaced: bool) -> Text:
    solid = [c for c in chars if c.text.strip()] or list(chars)
    top = min(c.top for c in chars)
    return Text(
        _joined(chars, spaced),
        solid[0].x0,
        solid[-1].x1,
        top,
        max(c.bottom for c in chars),
        max(c.size for c in solid),
        _lead(solid),
        max((c.x1 for c in solid if c.text not in _CLOSING), default=solid[0].x1),
        top,
    )


def _joined(chars: Sequence[Char], spaced: bool) -> str:
    """The text of one line; a wide gap is a space, and one between Latin letters where the file writes no spaces."""
    text = ""
    for before, char in zip((None, *chars), chars, strict=False):
        if before is not None and before.text.strip() and char.text.strip():
            gap = char.x0 - before.x1
            latin = before.text.isalnum() and char.text.isalnum() and (before.text + char.text).isascii()
            if gap > (0.2 if latin and not spaced else 1.5) * char.size:
                text += " "
        narrow = char.text == "\u3000" and char.x1 - char.x0 < NARROW * char.size
        text += " " if narrow else char.text
    return text


def column_lines(chars: Sequence[Char], spaced: bool = False) -> list[Text]:
    """The lines of a page in reading order: where two columns stand side by side, the left one comes first."""
    rows = _rows_of(chars)
    halves = [_halves(row) for row in rows]
    texts: list[Text] = []
    n = 0
    while n < len(rows):
        end = _side_by_side(halves, n)
        if end == n:
            texts += text_lines(rows[n], spaced)
            n += 1
            continue
        at = min(c.top for c in rows[n])
        both = [text_lines([c for half in halves[n:end] for c in half[side]], spaced) for side in (0, 1)]
        for side, lines in enumerate(both):
            texts += [line._replace(order=at, column=side + 1) for line in lines]
        n = end
    return texts


def _halves(row: Sequence[Char]) -> tuple[list[Char], list[Char]]:
    """A line parted at its widest gap, where that is as wide as between columns; else all of it on the left."""
    solid = [c for c in row if c.text.strip()]
    gaps = [(right.x0 - left.x1, n) for n, (left, right) in enumerate(pairwise(solid))]
    width, n = max(gaps, default=(0.0, 0))
    if not solid or width < GUTTER * solid[0].size:
        return list(row), []
    edge = solid[n + 1].x0
    return [c for c in row if c.x0 < edge], [c for c in row if c.x0 >= edge]


def _side_by_side(halves: Sequence[tuple[list[Char], list[Char]]], start: int) -> int:
    """The end of the lines from ``start`` that stand in two columns; ``start`` itself where they do not."""
    left, right, full = 0.0, float("inf"), 0
    end = start
    for n, (one, two) in enumerate(halves[start:], start):
        if not two:
            break
        edge, begin = max(c.x1 for c in one), min(c.x0 for c in two)
        if max(left, edge) > min(right, begin):
            break
        left, right = max(left, edge), min(right, begin)
        full += min(len(one), len(two)) >= COLUMN_SIGNS
        end = n + 1
    return end if full >= SIDE_BY_SIDE else start


def _lead(chars: Sequence[Char]) -> float:
    """The width of the first word: what no line may be broken within (Latin runs, brackets with their text)."""
    end = 1
    while end < len(chars) and _sticks(chars[end - 1], chars[end]):
        end += 1
    return chars[end - 1].x1 - chars[0].x0


def _sticks(before: Char, char: Char) -> bool:
    if (
        char.text in _CLOSING
        or before.text in _OPENING
        or (char.text == before.text and char.text in _DOUBLE)
    ):
        return True
    if not before.text.isascii() or char.x0 - before.x1 > 0.2 * char.size:
        return False
    return char.text.isascii() or char.text in _OPENING


class _Body(NamedTuple):
    """Where lines of the text begin and end, whether paragraphs begin with an indentation, and how far one line is
    below the other."""

    left: float
    right: float
    indented: bool
    leading: float


def _body(lines: Sequence[Text], grids: Sequence[DrawnTable]) -> _Body:
    """The margins of the text, from its lines; where those are too few to tell, from the tables too."""
    odd = len(lines) // ODD_LINES
    left = sorted(line.x0 for line in lines)[odd] if lines else 0.0
    right = sorted(line.reach for line in lines)[-1 - odd] if lines else 0.0
    full = sum(1 for line in lines if line.reach > right - 1.2 * line.size)
    if grids and full < FULL_LINES:
        size = max((line.size for line in lines), default=0.0)
        outer = min(grid.box[0] for grid in grids)
        left = outer if outer < left - size else left
        right = max(right, *(grid.box[2] - PADDING for grid in grids))
    begins = [
        line.x0 > left + line.size
        for before, line in pairwise(lines)
        if before.x1 + line.lead + SLACK * line.size < right and before.size == line.size
    ]
    steps = [b.top - a.top for a, b in pairwise(lines) if b.top > a.top and a.reach > right - 1.2 * a.size]
    leading = sorted(steps)[len(steps) // 2] if steps else 0.0
    return _Body(left, right, sum(begins) * 2 > len(begins), leading)


def paragraphs(pages: Sequence[PdfPage]) -> list[Any]:
    """Lines joined to paragraphs and the parts of a table to one, over page ends too; headers and page
    numbers are left out."""
    running = _running(pages)
    kept = [
        [p for p in page.parts if isinstance(p, DrawnTable) or not _furniture(p, page, running)]
        for page in pages
    ]
    lines = [part for parts in kept for part in parts if isinstance(part, Text)]
    grids = [part for parts in kept for part in parts if isinstance(part, DrawnTable)]
    bodies = {
        column: _body([line for line in lines if line.column == column], grids if column == 0 else ())
        for column in {line.column for line in lines}
    }
    blocks: list[Any] = []
    last: Text | None = None
    for parts in kept:
        for n, part in enumerate(parts):
            if isinstance(part, DrawnTable):
                if n == 0 and blocks and isinstance(blocks[-1], DrawnTable) and _same_width(blocks[-1], part):
                    blocks[-1] = part.below(blocks[-1])
                else:
                    blocks.append(part)
                last = None
            elif last is not None and (_hangs(part) or _goes_on(last, part, bodies)):
                blocks[-1] = _attached(blocks[-1], part.text)
                last = last if _hangs(part) else part
            else:
                blocks.append(part.text.lstrip())
                last = part
    return [
        table_rows(block.cells, block.chars) if isinstance(block, DrawnTable) else block.rstrip()
        for block in blocks
    ]


def _hangs(line: Text) -> bool:
    """Whether a line is but punctuation, which never stands by itself."""
    return all(c in _HANGING for c in line.text.strip())


def _same_width(upper: DrawnTable, lower: DrawnTable) -> bool:
    return all(abs(upper.box[n] - lower.box[n]) < 2 * SNAP for n in (0, 2))


def _goes_on(last: Text, line: Text, bodies: Mapping[int, _Body]) -> bool:
    """Whether a line continues the paragraph of the one before: not indented, of the same size, and its first word
    would not have fitted there; or hardly, where paragraphs begin with an indentation or the sentence is not over."""
    before, body = bodies[last.column], bodies[line.column]
    if line.x0 > body.left + 0.8 * line.size or abs(line.size - last.size) > 0.05 * last.size:
        return False
    ending = last.text.rstrip()[-1:]
    room = before.right - last.x1 - line.lead
    if body.indented:
        return ending in _GOES_ON or room < (SLACK if ending not in _FINAL else SLACK / 2) * line.size
    if 0 < body.leading * APART < line.top - last.top and ending not in _GOES_ON:
        return False
    return ending in _GOES_ON or room < 0.3 * line.size


def _attached(text: str, more: str) -> str:
    """Two lines as one. Latin words are parted by a space, of which the last on a full line is not in the file; a
    line may also break between signs, and within a long number, without one."""
    tail = more.lstrip()
    words = tail[:1].isalpha() and (text[-1:].isalpha() or text[-1:] in ",.;:!?)")
    latin = (text[-1:] + tail[:1]).isascii() and bool(text)
    return f"{text} {tail}" if words and latin else text + tail


def _furniture(line: Text, page: PdfPage, running: frozenset[str]) -> bool:
    if not _in_margin(line, page):
        return False
    return bool(_NUMBER.fullmatch(line.text.strip())) or _bare(line.text) in running


def _in_margin(line: Text, page: PdfPage) -> bool:
    return line.bottom < MARGIN * page.height or line.top > (1 - MARGIN) * page.height


def _bare(text: str) -> str:
    return re.sub(r"[\d\s]", "", text)


def _running(pages: Sequence[PdfPage]) -> frozenset[str]:
    """Headers and footers: what stands in the margin of more than one page."""
    counts = Counter(
        text
        for page in pages
        for text in {_bare(p.text) for p in page.parts if isinstance(p, Text) and _in_margin(p, page)}
    )
    return frozenset(text for text, count in counts.items() if count > 1)


def table_rows(cells: Sequence[BBox], chars: Sequence[Char]) -> Rows:
    """A table's cells row by row with the rows and columns each spans; squares without a drawn cell are cells too."""
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
    for row, (upper, lower) in enumerate(pairwise(rows)):
        for column, (left, right) in enumerate(pairwise(columns)):
            if (row, column) not in covered:
                box = (left, upper, right, lower)
                starts[(row, column)] = (_cell_text([c for c in chars if c.within(box)], box), 1, 1)
    return [
        [starts[(r, c)] for c in range(len(columns) - 1) if (r, c) in starts] for r in range(len(rows) - 1)
    ]


def _edges(values: Sequence[float]) -> list[float]:
    edges: list[float] = []
    for value in sorted(values):
        if not edges or value - edges[-1] > SNAP:
            edges.append(value)
    return edges


def _at(edges: Sequence[float], value: float) -> int:
    return min(range(len(edges)), key=lambda n: abs(edges[n] - value))


def _cell_text(chars: Sequence[Char], cell: BBox) -> str:
    """A cell's lines; digits broken at the cell's edge are one figure, smaller raised ones a footnote mark."""
    text = ""
    before: Text | None = None
    for line in text_lines(chars, spaced=True):
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


def framed(cells: Sequence[BBox], chars: Sequence[Char], height: float) -> list[DrawnTable]:
    """The tables in a drawing from the top down; what characters stand in none of them is text.

    A box as wide as the drawing is part of no table, and divides what is above it from what is below, where it has
    more than one line of text or reaches over the page's end.
    """
    held: dict[BBox, list[Char]] = {cell: [c for c in chars if c.within(cell)] for cell in cells}
    wide = [cell for cell in cells if _wide(cell, cells)]
    prose = [cell for cell in wide if cell[3] > height or len(text_lines(held[cell])) > 1]
    if not prose:
        return [DrawnTable(tuple(cells), tuple(chars))]
    groups: dict[int, list[BBox]] = {}
    for cell in sorted(set(cells) - set(prose), key=lambda c: (c[1], c[0])):
        groups.setdefault(sum(p[1] <= cell[1] for p in prose), []).append(cell)
    tables = [group for group in groups.values() if not all(_wide(cell, cells) for cell in group)]
    return [DrawnTable(tuple(group), tuple(c for cell in group for c in held[cell])) for group in tables]


def _wide(cell: BBox, cells: Sequence[BBox]) -> bool:
    whole = max(c[2] for c in cells) - min(c[0] for c in cells)
    return cell[2] - cell[0] >= WHOLE * whole
