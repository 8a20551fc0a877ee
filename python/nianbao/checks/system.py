"""All that is known of one table as equations: its identities, and what witnesses say; and what a correction changes.

Identities must hold. A witness (a number in the text, the agency's own ledger, what last year's report carried over)
may be wrong itself, at a price.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from nianbao.core.cell import Cell
from nianbao.core.equation import Equation, Term
from nianbao.core.number import Figure, simplest
from nianbao.core.report import Report
from nianbao.core.rules import coefficients, sides


class Witness(NamedTuple):
    """The sum of ``terms`` is ``total``; ``source`` is where that is written (in words), ``quote`` the words."""

    terms: tuple[Term, ...]
    total: int | Decimal
    source: str
    quote: str


#: The price, as a logarithm, of holding a witness for wrong: a statement of the text, a figure of the ledger, what
#: last year's report says.
TEXT, LEDGER, LAST_YEAR = 5.5, 7.0, 4.0

Changes = Mapping[Cell, Figure]


class Fact(NamedTuple):
    """One equation over the table's cells; ``price`` is that of holding it for wrong (None: it must hold).

    ``source`` says in words where a witness's number is written.
    """

    signs: Mapping[Cell, int]
    constant: Figure
    equation: Equation | None
    price: float | None
    source: str


class System:
    """The facts of one table, what each is off by (``residuals``), and how they change with a cell."""

    def __init__(self, report: Report, table: str, witnesses: Iterable[Witness], last: Report | None) -> None:
        self.report, self.table = report, table
        identities = list(_identities(report, table))
        known = {cell for fact in identities for cell in fact.signs}
        clues = [*_ledger(report, table), *_text(witnesses, table), *_carried(report, last, table)]
        self.facts = [*identities, *(fact for fact in clues if fact.signs.keys() <= known)]
        self.hard = len(identities)
        self.residuals = [self._residual(fact) for fact in self.facts]
        self.broken = {n: r for n, r in enumerate(self.residuals) if r}
        self._stands_in: dict[Cell, list[tuple[int, int]]] = {}
        for n, fact in enumerate(self.facts):
            for cell, sign in fact.signs.items():
                self._stands_in.setdefault(cell, []).append((n, sign))
        self.order = {cell: n for n, cell in enumerate(self._stands_in)}
        self._effects: dict[Cell, Mapping[int, int]] = {}
        self._cells: dict[int, list[Cell]] = {}
        holding = {fact.equation for n, fact in enumerate(identities) if n not in self.broken}
        #: The totals that are what their parts add up to: they follow when a part is corrected.
        self.follows = {cell for cell, e in report.form.filled.items() if e in holding}
        self._totals: dict[Cell, list[Cell]] = {}
        for total in self.follows:
            for term in report.form.filled[total].left:
                self._totals.setdefault(term.cell, []).append(total)

    def _residual(self, fact: Fact) -> Figure:
        return sum(sign * self.amount(cell) for cell, sign in fact.signs.items()) - fact.constant

    def amount(self, cell: Cell) -> Figure:
        return self.report.amount(cell) or 0

    @property
    def off(self) -> list[int]:
        """The identities that are broken."""
        return [n for n in self.broken if n < self.hard]

    def effects(self, cell: Cell) -> Mapping[int, int]:
        """How what each fact is off by changes when a cell grows by one and the totals follow; worked out once."""
        if cell not in self._effects:
            changes: dict[int, int] = {}
            for moved in self.moved(cell):
                for n, sign in self._stands_in.get(moved, ()):
                    changes[n] = changes.get(n, 0) + sign
            self._effects[cell] = {n: change for n, change in changes.items() if change}
        return self._effects[cell]

    def moved(self, cell: Cell) -> list[Cell]:
        """The cell and all totals that follow it."""
        moved = [cell]
        for part in moved:
            moved += [total for total in self._totals.get(part, ()) if total not in moved]
        return moved

    def cells(self, fact: int) -> list[Cell]:
        """The cells whose correction changes what a fact is off by, but for the totals that follow."""
        if fact not in self._cells:
            free = (cell for cell in self._stands_in if cell not in self.follows)
            self._cells[fact] = [cell for cell in free if fact in self.effects(cell)]
        return self._cells[fact]

    def expected(self, cell: Cell) -> float:
        """What the rest of its row and column lets expect of a cell: row times column over all; with it last year's
        figure, grown as the whole table has."""
        if cell in self.report.form.filled:
            return float(max(sum(self.amount(t.cell) for t in self.report.form.filled[cell].left), 0))
        rows, columns, whole, last = self._margins
        now = float(self.amount(cell))
        row, column = rows[cell.row] - now, columns[cell.column] - now
        rest = whole - rows[cell.row] - columns[cell.column] + now
        mean = row * column / rest if rest > 0 else row
        return mean if cell not in last else (mean + last[cell]) / 2

    @cached_property
    def _margins(self) -> tuple[Mapping[str, float], Mapping[str, float], float, Mapping[Cell, float]]:
        """The sums of the inputs by row and by column and of all; and last year's figures, grown as the whole has."""
        rows: dict[str, float] = {}
        columns: dict[str, float] = {}
        form, last = self.report.form, self.report.previous
        for cell in form.tables[self.table].cells:
            amount = float(max(self.amount(cell), 0)) if cell not in form.filled else 0.0
            rows[cell.row] = rows.get(cell.row, 0.0) + amount
            columns[cell.column] = columns.get(cell.column, 0.0) + amount
        known = {} if last is None or last.form is not form else last.figures
        inputs = [cell for cell in form.tables[self.table].cells if cell not in form.filled]
        before = {
            cell: float(value) for cell in inputs if (value := known.get(cell)) is not None and value >= 0
        }
        whole, once = sum(rows.values()), sum(before.values())
        grown = whole / once if once else 1.0
        return rows, columns, whole, {cell: value * grown for cell, value in before.items()}

    def possible(self, cell: Cell, value: Figure) -> bool:
        """Whether a value may stand in a cell: a count is whole, and nothing unsigned falls below 0."""
        column = self.report.form.column(cell)
        return (value >= 0 or column.signed) and (isinstance(value, int) or column.decimals)

    def after(self, changes: Changes, broken: Mapping[int, Figure] | None = None) -> dict[int, Figure]:
        """What is still broken when these values are written and the totals follow."""
        left: dict[int, Figure] = dict(self.broken if broken is None else broken)
        for cell, value in changes.items():
            step = value - self.amount(cell)
            for n, change in self.effects(cell).items():
                left[n] = left.get(n, 0) + change * step
        return {n: r for n, r in left.items() if r}

    def steps(self, cell: Cell, target: int, broken: Mapping[int, Figure]) -> Iterator[Figure]:
        """The values of a cell that would mend the target, what a witness says, or two broken facts at once."""
        mends: dict[Figure, int] = {}
        for n, change in self.effects(cell).items():
            off = broken.get(n)
            if off and abs(change) == 1:
                value = simplest(self.amount(cell) - off * change)
                mends[value] = mends.get(value, 0) + (2 if n == target or n >= self.hard else 1)
        for value, count in mends.items():
            if count > 1 and value != self.amount(cell) and self.possible(cell, value):
                yield value


def _identities(report: Report, table: str) -> Iterator[Fact]:
    for equation in report.form.equations:
        rule = equation.rule
        if rule.table != table or rule.uses_previous or rule.op != "=" or rule.severity != "error":
            continue
        if sides(equation, report) is not None:
            yield Fact(coefficients(equation), 0, equation, None, "")


def _text(witnesses: Iterable[Witness], table: str) -> Iterator[Fact]:
    for witness in witnesses:
        if all(term.cell.table == table and not term.previous for term in witness.terms):
            yield Fact(_sum(witness.terms), witness.total, None, TEXT, f"{witness.source}“{witness.quote}”")


def _sum(terms: Iterable[Term]) -> Mapping[Cell, int]:
    return {term.cell: 1 for term in terms}


def _ledger(report: Report, table: str) -> Iterator[Fact]:
    for cell, value in report.ledger.items():
        if cell.table == table:
            yield Fact({cell: 1}, value, None, LEDGER, f"台账核对数 {value}")


def _carried(report: Report, last: Report | None, table: str) -> Iterator[Fact]:
    for equation in report.form.equations:
        rule = equation.rule
        if rule.table != table or not rule.uses_previous or rule.op != "=":
            continue
        if (both := sides(equation, report, last)) is not None:
            signs = coefficients(equation)
            now = sum(sign * (report.amount(cell) or 0) for cell, sign in signs.items())
            yield Fact(signs, now - both.difference, equation, LAST_YEAR, f"上年数据（{rule.right_says}）")
