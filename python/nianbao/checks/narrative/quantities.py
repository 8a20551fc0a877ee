"""What a number may count: sums of cells, what the table says of them, and how a number may have come about from it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from nianbao.checks.narrative.lexicon import Token
from nianbao.checks.system import Kind
from nianbao.core.form import Form
from nianbao.core.grid import Cell
from nianbao.core.number import Figure, simplest
from nianbao.core.report import Report

#: Stands for what was not added up yet (a sum of -1 is merely added up again).
_UNASKED = -1
#: How much one unit of measure of a money column is in 元.
MONEY = {"元": 1, "万元": 10_000, "亿元": 100_000_000}
#: From so many entries on, only the next ones of a line of the table are taken for one another.
_SHORT_LINE = 4
#: Smaller numbers equal too much by chance to tell where they come from.
_LEAST = 10


class Quantity(NamedTuple):
    """The sum of the cells of some rows and columns of one table."""

    table: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]

    def cells(self) -> tuple[Cell, ...]:
        return tuple([Cell(self.table, row, column) for row in self.rows for column in self.columns])


Quantities = Sequence[Quantity]

TOTAL = ("total",)
#: What the requests' flows are called in the form.
RECEIVED, BOTH, CONCLUDED = ("received",), ("received", "carried_in"), ("concluded",)
CARRIED = (("carried_in",), ("carried_out",))
USUAL = (RECEIVED, CONCLUDED, BOTH)
SETTLED = ("upheld", "corrected", "other")
FLOWS = [
    Quantity("requests", (row,), TOTAL) for row in ("received", "carried_in", "concluded", "carried_out")
]
#: What is still open at the end of the year.
OPEN = FLOWS[-1]


class Figures:
    """The figures of a report and of last year's, as quantities are judged by them."""

    def __init__(self, report: Report, previous: Report | None) -> None:
        self.report, self.previous = report, previous
        self.form: Form = report.form
        self.data = report.form.phrases.data
        self._values: dict[Quantity, Figure | None] = {}

    def rows(self, key: str) -> tuple[str, ...]:
        """The rows behind a word's meaning: a row, a group's members, or several joined by ``+``."""
        return self._rows.get(key) or tuple(
            row for part in key.split("+") for row in self._rows.get(part, (part,))
        )

    @cached_property
    def _rows(self) -> dict[str, tuple[str, ...]]:
        return {name: rows for table in self.form.tables.values() for name, rows in table.groups.items()}

    @cached_property
    def reasons(self) -> frozenset[str]:
        """The single rows of the requests' groups, which have names of their own (``不掌握``, ``重复申请``)."""
        return frozenset(row for rows in self._rows.values() if len(rows) > 1 for row in rows)

    def columns(self, key: str) -> tuple[str, ...]:
        """The columns behind a word's meaning."""
        return tuple(self.data["columns"].get(key, (key,)))

    def value(self, quantity: Quantity) -> Figure | None:
        """What the table says (money in 元); None where a cell is missing or holds no number."""
        known = self._values.get(quantity, _UNASKED)
        if known == _UNASKED:
            known = self._values[quantity] = _sum(self.report, quantity)
        return known

    def known(self, *quantities: Quantity) -> list[Figure]:
        """What the table says of each, as far as it says anything."""
        return [value for q in quantities if (value := self.value(q)) is not None]

    def before(self, quantities: Quantities) -> list[Figure]:
        """Last year's figures of the quantities; none unless all are known."""
        known = [_sum(self.previous, q) for q in quantities] if self.previous else []
        return [value for value in known if value is not None] if None not in known else []

    def bears_out(self, token: Token, quantity: Quantity) -> bool:
        """Whether the table says what a number says, as far as 万 shows its digits."""
        value = self.value(quantity)
        if value is None:
            return False
        if token.value == value:
            return True
        gap = abs(token.value - value)
        return bool(token.places) and gap < 10**token.places and value % 10**token.places != 0

    def relation(self, value: Figure, quantity: Quantity) -> str:
        """How a number may have come about from what the table says, in words; empty where nothing suggests it."""
        right = self.value(quantity)
        if right is None:
            return ""
        if why := slip(value, right):
            return why
        if self.previous is not None and value >= _LEAST and _sum(self.previous, quantity) == value:
            return Kind.LAST_YEAR
        if value >= _LEAST and any(self.value(q) == value for q in self.beside(quantity)):
            return Kind.NEIGHBOUR
        if value and any(self.value(part) == right - value for part in _parts(quantity)):
            return Kind.PART
        return ""

    def beside(self, quantity: Quantity) -> Iterator[Quantity]:
        """What stands next to a quantity in its table: the rows above and below, the columns left and right."""
        table, rows, columns = quantity
        lines = self.data.get("beside", {}).get(table, {})
        for line in lines.get("rows", ()):
            for other in _next([self.rows(key) for key in line], rows):
                yield Quantity(table, other, columns)
        for line in lines.get("columns", ()):
            for other in _next([(key,) for key in line], columns):
                yield Quantity(table, rows, other)

    def blank(self, quantity: Quantity) -> bool:
        """Whether nothing stands in any cell of a quantity."""
        return all(map(self.report.blank, quantity.cells()))

    def name(self, quantity: Quantity) -> str:
        """A quantity in words."""
        cells = quantity.cells()
        if len(cells) <= 2:
            names = "与".join(f"“{self.form.name(cell)}”" for cell in cells)
            return names + ("之和" if len(cells) > 1 else "")
        return f"“{self.form.name(cells[0])}”至“{self.form.name(cells[-1])}”{len(cells)} 项之和"

    def scale(self, quantity: Quantity) -> tuple[int, str]:
        """How much one unit of a quantity is in 元, and the unit, where it is money."""
        unit = self.form.column(quantity.cells()[0]).unit
        return MONEY.get(unit, 1), unit if unit in MONEY else ""


def _sum(report: Report, quantity: Quantity) -> Figure | None:
    total: Figure = 0
    known = report.form.cell_set
    for cell in quantity.cells():
        value = report.counted(cell) if cell in known else None
        if value is None:
            return None
        unit = report.form.column(cell).unit
        total += value * MONEY[unit] if unit in MONEY else value
    return simplest(total)


def _parts(quantity: Quantity) -> Iterator[Quantity]:
    if len(quantity.rows) > 1:
        yield from (quantity._replace(rows=(row,)) for row in quantity.rows)
    elif len(quantity.columns) > 1:
        yield from (quantity._replace(columns=(column,)) for column in quantity.columns)


def _next(line: Sequence[tuple[str, ...]], some: tuple[str, ...]) -> Sequence[tuple[str, ...]]:
    if some not in line:
        return ()
    at = line.index(some)
    return line if len(line) <= _SHORT_LINE else [*line[max(0, at - 1) : at], *line[at + 1 : at + 2]]


def slip(value: Figure, right: Figure) -> str:
    """What a typing slip may have done to the right number; empty where none explains the difference."""
    one, other = _digits(value), _digits(right)
    if not value or not right or value == right:
        return ""
    if one.strip("0") == other.strip("0"):
        return Kind.SHIFTED
    if len(one) == len(other) >= 2:
        if sorted(one) == sorted(other):
            return Kind.TURNED
        return Kind.ONE_DIGIT if sum(a != b for a, b in zip(one, other, strict=True)) == 1 else ""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) == 1 and any(long[:k] + long[k + 1 :] == short for k in range(len(long))):
        return Kind.TOO_LONG if len(one) > len(other) else Kind.TOO_SHORT
    return ""


def _digits(value: Figure) -> str:
    return f"{Decimal(value):f}".replace(".", "") if isinstance(value, Decimal) else str(value)
