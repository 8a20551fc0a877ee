"""What every source becomes: lines of text and tables of cells, in the order of the document."""

from collections.abc import Iterable
from typing import NamedTuple

from nianbao.core.errors import Unreadable


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
    """A document taken apart; ``titles`` are names it gives itself outside its text (``<title>``, meta data)."""

    blocks: tuple[Block, ...]
    titles: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


class Square(NamedTuple):
    """One square of a rectangle: its cell's text, and which cell of the table it is."""

    text: str
    origin: int


class Row(NamedTuple):
    """One row of a table spread over a rectangle; None where the source has no cell at all.

    ``table`` numbers the source's table. ``aligned``: columns mean something (False in text lines).
    """

    squares: tuple[Square | None, ...]
    table: int
    aligned: bool = True

    @property
    def cells(self) -> tuple[Square, ...]:
        """The row's cells from left to right, each once."""
        found: dict[int, Square] = {}
        for square in self.squares:
            if square is not None:
                found.setdefault(square.origin, square)
        return tuple(found.values())


Item = Line | Row

#: A statutory table has 280 squares at most; beyond this a table is no table of a report.
SQUARES = 20_000
#: Bounds of a whole document: lines of text, and squares of all its tables.
LINES = 20_000
ALL_SQUARES = 100_000
WIDTH = 200


def gathered(blocks: Iterable[Block], name: str) -> tuple[Block, ...]:
    """The blocks of a source; ``Unreadable`` as soon as there are more lines than a report has."""
    found: list[Block] = []
    lines = 0
    for block in blocks:
        lines += isinstance(block, Line)
        if lines > LINES:
            raise too_much(name)
        found.append(block)
    return tuple(found)


def too_much(name: str) -> Unreadable:
    """A source with more text than a report has."""
    return Unreadable(name, "内容太多，不是一份年度报告", "请只保留年度报告的正文后再导入")


def no_report(name: str) -> Unreadable:
    """A source that can be read and has neither the tables nor the headings of a report."""
    return Unreadable(name, "没有找到年度报告的表格和各部分标题", "请核对文件是不是政府信息公开工作年度报告")


def expand(table: RawTable, number: int) -> tuple[Row, ...]:
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
    return tuple(Row(tuple(taken.get((r, c)) for c in range(width)), number) for r in range(len(table.rows)))
