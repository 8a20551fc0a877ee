"""The names of a form's cells and places, and a table's printed grid: which label or figure stands where; A1 names."""

import re
from collections.abc import Iterator
from functools import cache, cached_property
from typing import Literal, NamedTuple


class Cell(NamedTuple):
    """One figure of a form; ``str(cell)`` is its interchange key, e.g. ``requests.received.natural``."""

    table: str
    row: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.row}.{self.column}"

    @classmethod
    def parse(cls, key: str) -> "Cell":
        """The cell of an interchange key; ``ValueError`` when it has not three parts."""
        table, row, column = key.split(".")
        return cls(table, row, column)


class Place(NamedTuple):
    """One paragraph of the narrative: its section's key and its number from 1 (0: the section as a whole)."""

    section: str
    paragraph: int

    def __str__(self) -> str:
        return f"{self.section}#{self.paragraph}"


class Anchor(NamedTuple):
    """What a finding is about where it is neither a figure nor a paragraph; :data:`NOWHERE` when it has no place.

    ``area``: ``cover`` or ``previous`` (last year's data) with the field as ``key``; ``section`` with its key, and
    row and column of a printed label; ``explanation`` with its number from 0 as ``row``; ``sheet`` with the name of
    another sheet, row and column.
    """

    area: str
    key: str = ""
    row: int = 0
    column: int = 0


NOWHERE = Anchor("")


Kind = Literal["title", "corner", "head", "side", "figure"]


class Box(NamedTuple):
    """One printed cell: where it stands (row and column from 0), its spans, and what is in it.

    ``title`` spans a block of rows, ``corner`` and ``head`` are column headers, ``side`` heads a row.
    """

    row: int
    column: int
    rows: int
    columns: int
    kind: Kind
    text: str
    cell: Cell | None

    @property
    def is_label(self) -> bool:
        return self.cell is None


class Grid:
    """The printed boxes of one table, in reading order; every grid square is covered exactly once."""

    def __init__(self, boxes: tuple[Box, ...], height: int, width: int) -> None:
        self.boxes, self.height, self.width = boxes, height, width

    @cached_property
    def at(self) -> dict[Cell, Box]:
        """The box of every figure cell."""
        return {box.cell: box for box in self.boxes if box.cell is not None}

    @cached_property
    def labels(self) -> tuple[Box, ...]:
        return tuple(box for box in self.boxes if box.is_label)

    def rows(self) -> Iterator[tuple[Box, ...]]:
        """The boxes that begin in each printed row."""
        for row in range(self.height):
            yield tuple(box for box in self.boxes if box.row == row)


def place(rows: list[list[Box]], width: int) -> Grid:
    """Boxes given row by row (their own row and column ignored) laid out as HTML lays out table cells.

    ``ValueError`` names the row in which squares are left over or covered twice.
    """
    taken: set[tuple[int, int]] = set()
    boxes: list[Box] = []
    for r, row in enumerate(rows):
        column = 0
        for box in row:
            while (r, column) in taken:
                column += 1
            squares = {(r + i, column + j) for i in range(box.rows) for j in range(box.columns)}
            if squares & taken or column + box.columns > width:
                raise ValueError(f"row {r + 1}: {box.text or box.cell} does not fit")
            taken |= squares
            boxes.append(box._replace(row=r, column=column))
            column += box.columns
    missing = {(r, c) for r in range(len(rows)) for c in range(width)} - taken
    if missing or len(taken) != len(rows) * width:
        raise ValueError(f"row {min(missing, default=(len(rows), 0))[0] + 1}: the row is not filled")
    return Grid(tuple(boxes), len(rows), width)


@cache
def column_name(column: int) -> str:
    """The letters of a sheet column counted from 1: 1 → ``A``, 27 → ``AA``."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


@cache
def column_number(letters: str) -> int:
    """The number of a sheet column, counted from 1, by its letters: ``A`` → 1, ``XFD`` → 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


_A1 = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})", re.ASCII)


def square(address: str) -> tuple[int, int] | None:
    """Row and column, counted from 1, of an A1 address (``B12``, ``$B$12``); None for what is none."""
    match = _A1.fullmatch(address)
    return (int(match[2]), column_number(match[1])) if match else None


def a1(row: int, column: int) -> str:
    """The A1 address of a row and column counted from 1."""
    return f"{column_name(column)}{row}"


def runs(addresses: list[str]) -> list[str]:
    """Addresses with vertical or horizontal neighbours joined to ranges: ``D5,D6,D7`` → ``D5:D7``."""
    joined: list[list[str]] = []
    for address in addresses:
        if joined and _next(joined[-1], address):
            joined[-1].append(address)
        else:
            joined.append([address])
    return [run[0] if len(run) == 1 else f"{run[0]}:{run[-1].rpartition('!')[2]}" for run in joined]


def _next(run: list[str], address: str) -> bool:
    (sheet, column, row), (sheet2, column2, row2) = _split(run[-1]), _split(address)
    if sheet != sheet2:
        return False
    down = column == column2 and row2 == row + 1
    along = row == row2 and column2 == column + 1
    if len(run) == 1:
        return down or along
    _, first_column, _ = _split(run[0])
    return down and first_column == column if first_column == column else along


def _split(address: str) -> tuple[str, int, int]:
    sheet, _, bare = address.rpartition("!")
    row, column = square(bare) or (0, 0)
    return sheet, column, row
