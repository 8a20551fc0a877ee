"""What every source becomes: lines of text and tables of cells, in the order of the document.

Tables that lost their lines, cells one under another or divided by tabs and spaces, become rows again here.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from nianbao.core.files import Unreadable
from nianbao.ingest import words
from nianbao.ingest.words import Labels, Target


class Line(NamedTuple):
    """One paragraph, or one line of plain text.

    ``blanks``: empty lines before it (plain text only: they may stand for empty cells).
    ``parts``: its cells, where tabs or wide spaces divide the line. ``hint``: not text of the document,
    such as a sheet's name; it counts where it is a heading, else not at all.
    """

    text: str
    blanks: int = 0
    parts: tuple[str, ...] = ()
    hint: bool = False


class RawCell(NamedTuple):
    """A table cell as the source states it; spans are not trusted yet."""

    text: str
    rows: int = 1
    columns: int = 1


class RawTable(NamedTuple):
    """A table as the source states it, row by row."""

    rows: tuple[tuple[RawCell, ...], ...]


Block = Line | RawTable


class Source(NamedTuple):
    """A document taken apart; ``titles`` are names it gives itself outside its text (``<title>``, meta data);
    ``pictures``: whether it has any, in which text may stand."""

    blocks: tuple[Block, ...]
    titles: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    pictures: bool = False


class Square(NamedTuple):
    """One square of a rectangle: its cell's text, and which cell of the table it is."""

    text: str
    origin: int


class SourceRow(NamedTuple):
    """One row of a table spread over a rectangle; None where the source has no cell at all.

    ``table`` numbers the source's table. ``aligned``: columns mean something (False in text lines).
    """

    squares: tuple[Square | None, ...]
    table: int
    aligned: bool = True

    @property
    def cells(self) -> tuple[Square, ...]:
        """The row's cells from left to right, each once."""
        squares: dict[int, Square] = {}
        for square in self.squares:
            if square is not None:
                squares.setdefault(square.origin, square)
        return tuple(squares.values())


Item = Line | SourceRow

#: A statutory table has 280 squares at most; beyond this a table is no table of a report.
SQUARES = 20_000
#: Bounds of a whole document: lines of text, and squares of all its tables.
LINES = 20_000
ALL_SQUARES = 100_000
WIDTH = 200


def gathered(blocks: Iterable[Block], name: str) -> tuple[Block, ...]:
    """The blocks of a source; ``Unreadable`` as soon as there are more lines than a report has."""
    result: list[Block] = []
    lines = 0
    for block in blocks:
        lines += isinstance(block, Line)
        if lines > LINES:
            raise too_much(name)
        result.append(block)
    return tuple(result)


def whole_tables(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, with tables of one row right under one another as one table: some sites close it after each row."""
    rows: list[tuple[RawCell, ...]] = []
    for block in blocks:
        if isinstance(block, RawTable) and len(block.rows) == 1:
            rows += block.rows
            continue
        if rows:
            yield RawTable(tuple(rows))
            rows = []
        yield block
    if rows:
        yield RawTable(tuple(rows))


def too_much(name: str) -> Unreadable:
    """A source with more text than a report has."""
    return Unreadable(name, "内容太多，不是一份年度报告", "请只保留年度报告的正文后再导入")


def no_report(name: str, pictures: bool = False) -> Unreadable:
    """A source that can be read and has neither the tables nor the headings of a report."""
    if pictures:
        what = "没有找到年度报告的表格和各部分标题，正文可能是图片，图片里的文字读不出来"
        return Unreadable(name, what, "请改用带文字的网页、Word 或 PDF")
    return Unreadable(name, "没有找到年度报告的表格和各部分标题", "请核对文件是不是政府信息公开工作年度报告")


def expand(table: RawTable, number: int) -> tuple[SourceRow, ...]:
    """The rows of a table with spans spread out as a browser does; overlaps move the later cell right.

    ``ValueError`` when the rectangle would have more than ``SQUARES`` squares.
    """
    taken: dict[tuple[int, int], Square] = {}
    origin, width = 0, 0
    for r, row in enumerate(table.rows):
        column = 0
        for cell in row:
            while (r, column) in taken:
                column += 1
            square = Square(cell.text, origin)
            origin += 1
            across = max(1, min(cell.columns, WIDTH))
            for i in range(min(max(1, cell.rows), len(table.rows) - r)):
                for j in range(across):
                    taken.setdefault((r + i, column + j), square)
            column += across
            width = max(width, column)
            if len(taken) > SQUARES or width > SQUARES:
                raise ValueError("too many squares")
    if width * len(table.rows) > SQUARES:
        raise ValueError("too many squares")
    return tuple(
        SourceRow(tuple(taken.get((r, c)) for c in range(width)), number) for r in range(len(table.rows))
    )


#: A label may be broken over this many lines, and is never longer than this.
PIECES = 8
LONGEST = 100
#: A row label that is not the form's is taken for one up to this length.
SHORT = 40


class CellText(NamedTuple):
    """One cell's text, the line it stands in, and how many empty cells come before it."""

    text: str
    line: int
    empty: int = 0


class Streamed(NamedTuple):
    """Rows found among lines, and the lines that are text."""

    rows: tuple[SourceRow, ...]
    text: tuple[Line, ...]


class _Label(NamedTuple):
    """A label that begins at a token: how many tokens it takes, and what it is."""

    size: int
    text: str
    target: Target | None = None
    head: bool = False
    group: bool = False


def rows_among(lines: Sequence[Line], labels: Labels, number: int, wanted: frozenset[str]) -> Streamed:
    """The rows that stand among lines; ``wanted``: the tables of the form that are looked for there."""
    reader = _Stream(tuple(_tokens(lines, labels)), labels, number, wanted)
    rows, used = reader.rows()
    return Streamed(rows, tuple(line for i, line in enumerate(lines) if i not in used))


class _Stream:
    def __init__(
        self, tokens: tuple[CellText, ...], labels: Labels, number: int, wanted: frozenset[str]
    ) -> None:
        self._tokens, self._labels, self._number, self._wanted = tokens, labels, number, wanted
        self._rows: list[SourceRow] = []
        self._heads: list[str] = []
        self._used: set[int] = set()

    def rows(self) -> tuple[tuple[SourceRow, ...], set[int]]:
        """All rows, and the numbers of the lines they stand in."""
        n = 0
        while n < len(self._tokens):
            label = self._label(n)
            n = self._take(n, label) if label else self._strange(n)
        return tuple(self._rows), self._used

    def _take(self, n: int, label: _Label) -> int:
        """A label of the form, and the figures after it where it heads a row."""
        start = n + label.size
        self._use(n, start)
        if label.target:
            end = self._run(start)
            self._flush()
            self._emit(label.text, *self._cells(start, end, len(label.target.cells)))
            self._use(start, end)
            return end
        if label.head:
            self._heads.append(label.text)
        elif label.group:
            end = self._run(start)
            self._emit(label.text, *self._cells(start, end, 0))
            self._use(start, end)
            return end
        return start

    def _strange(self, n: int) -> int:
        """A token that is no label: figures right under a header, a row that is not the form's, or text."""
        end = self._run(n)
        if end > n:
            if self._heads:
                self._flush()
                self._emit(*self._cells(n, end, self._unlabelled()))
                self._use(n, end)
            return end
        end = self._run(n + 1)
        token = self._tokens[n]
        if end > n + 1 and self._rows and len(token.text) <= SHORT and not set(token.text) & set("。；;"):
            self._flush()
            self._emit(token.text, *self._cells(n + 1, end, 0))
            self._use(n, end)
            return end
        return n + 1

    def _unlabelled(self) -> int:
        """How many figures the row of a wanted table without row labels has."""
        rows = (t for t in self._labels.targets if t.label is None and t.table in self._wanted)
        return next((len(target.cells) for target in rows), 0)

    def _use(self, start: int, end: int) -> None:
        self._used |= {token.line for token in self._tokens[start:end]}

    def _flush(self) -> None:
        if self._heads:
            self._emit(*self._heads)
            self._heads = []

    def _emit(self, *texts: str) -> None:
        squares = tuple(Square(text, len(self._rows) * 1000 + n) for n, text in enumerate(texts))
        self._rows.append(SourceRow(squares, self._number, aligned=False))

    def _run(self, start: int) -> int:
        """Where the figures that begin at a token end."""
        end = start
        while end < len(self._tokens) and words.is_figure(self._tokens[end].text):
            end += 1
        return end

    def _cells(self, start: int, end: int, due: int) -> list[str]:
        """The figure cells with the empty ones between them; those at the end only as far as the row lacks."""
        cells: list[str] = []
        for token in self._tokens[start:end]:
            cells += [*[""] * min(token.empty, SHORT), token.text]
        after = self._tokens[end].empty if end < len(self._tokens) else 0
        lacking = due - len(cells)
        return cells + [""] * lacking if 0 < lacking == after else cells

    def _label(self, n: int) -> _Label | None:
        """The longest label of the wanted tables that begins at a token."""
        target, text = None, ""
        for size, token in enumerate(self._tokens[n : n + PIECES], 1):
            text += token.text
            if len(text) > LONGEST or words.is_figure(token.text) or (size > 1 and token.empty):
                break
            target = self._as_label(size, text) or target
        return target

    def _as_label(self, size: int, text: str) -> _Label | None:
        target = self._labels.row(text)
        if target and target.table in self._wanted:
            return _Label(size, text, target)
        others = [label for label in self._labels.other(text) if label.table in self._wanted]
        kinds = {label.box.kind for label in others}
        return _Label(size, text, None, "head" in kinds, "side" in kinds) if others else None


def _tokens(lines: Sequence[Line], labels: Labels) -> Iterator[CellText]:
    usual = _usual_gap(lines)
    empty = 0
    for number, line in enumerate(lines):
        empty += max(0, line.blanks - usual)
        for part in line.parts or (_parts(line.text, labels) if line.text else ()):
            if words.trim(part):
                yield CellText(words.trim(part), number, empty)
                empty = 0
            else:
                empty += 1
    yield CellText("。", len(lines), empty)


def _usual_gap(lines: Sequence[Line]) -> int:
    """How many empty lines stand between two figures, as a rule."""
    gaps = Counter(
        line.blanks
        for before, line in pairwise(lines)
        if words.is_number(line.text) and words.is_number(before.text)
    )
    return gaps.most_common(1)[0][0] if gaps else 1


def _parts(text: str, labels: Labels) -> list[str]:
    """A line that is labels and figures divided by spaces, taken apart; any other line whole."""
    pieces = text.split()
    if len(pieces) < 2 or len(text) > 300:
        return [text]
    if words.is_figure(pieces[-1]):
        return pieces
    known = sum(labels.is_label(piece) for piece in pieces)
    return pieces if known > 1 and known * 2 >= len(pieces) else [text]
