"""All that is known of one table as equations: its identities, and what witnesses say; and what a correction changes.

Identities must hold. A witness (a number in the text, the agency's own ledger, what last year's report carried over)
may be wrong itself, at a price. And how likely a correction is: the kinds of wrong figures that reports have.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from math import exp, lgamma, log, log1p
from typing import NamedTuple

from nianbao.core.equation import Equation, Sides, Term, coefficients
from nianbao.core.grid import Cell
from nianbao.core.number import Figure, day, simplest
from nianbao.core.report import Report


class Witness(NamedTuple):
    """The sum of ``terms`` is ``total``; ``source`` is where that is written (in words), ``quote`` the words."""

    terms: tuple[Term, ...]
    total: int | Decimal
    source: str
    quote: str


#: The price, as a logarithm, of holding a witness for wrong: a statement of the text, a figure of the ledger, what
#: last year's report says.
TEXT, LEDGER, CARRIED = 5.5, 7.0, 4.0

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


def sides(equation: Equation, report: Report, previous: Report | None = None) -> Sides | None:
    """Both sides' sums, or None where there is nothing to judge.

    Nothing to judge: a cell cannot be counted, or last year's figure is asked for and is not there
    (no previous report, a form whose table does not mean the same, a blank), or no more stands there than what was
    brought from last year.
    """
    left, right = (_side(terms, report, previous) for terms in (equation.left, equation.right))
    if left is None or right is None:
        return None
    telling = report.form.telling(equation)
    begun = left == right or any(c in report.raw or report.figures.get(c) is not None for c in telling)
    return Sides(left, right) if begun else None


def _side(terms: Iterable[Term], report: Report, previous: Report | None) -> Figure | None:
    total: Figure = 0
    for term in terms:
        value = last_year(term.cell, report, previous) if term.previous else report.amount(term.cell)
        if value is None:
            return None
        total += value
    return total


def last_year(cell: Cell, report: Report, previous: Report | None) -> Figure | None:
    """Last year's figure of a cell; None unless there is one that means the same."""
    if previous is None or cell.table not in report.form.comparable.get(previous.form.key, ()):
        return None
    if previous.figures.get(cell) is None and cell not in previous.raw:
        return None
    return previous.amount(cell)


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
            yield Fact(signs, now - both.difference, equation, CARRIED, f"上年数据（{rule.right_says}）")


class Kind(StrEnum):
    """The kinds of slips, in the words that staff read wherever one is suspected, in a table or in the text."""

    ONE_DIGIT = "疑似错了一位数字"
    TURNED = "疑似数字颠倒"
    TOO_SHORT = "疑似漏录一位数字"
    TOO_LONG = "疑似多录一位数字"
    POINT = "疑似多了小数点"
    SHIFTED = "疑似小数点或单位错位"
    LAST_YEAR = "疑似沿用上年数字"
    NEIGHBOUR = "疑似填了相邻行或列的数字"
    PART = "疑似漏加一项"
    BLANK = "疑似漏填"
    MINUS = "疑似多了负号"


#: How wrong figures come about: two digits exchanged, a digit left out or too many, last year's figure, the figure of a
#: neighbouring cell, one digit misread, nothing or 0 typed, a total without one of its parts, anything else.
SWAPPED, LENGTH, LAST_YEAR, NEIGHBOUR = 0.26, 0.2, 0.1, 0.08
MISREAD, OMITTED, SUMMAND, OTHER = 0.1, 0.12, 0.1, 0.01
#: Digits that are taken for one another, or lie beside one another on a keyboard's number block.
ALIKE = ("17", "38", "06", "56", "49", "69", "12", "23", "45", "78", "89", "14", "25", "36", "47", "58")
#: The chances of slips in single digits are those of a number of so many digits.
TYPICAL = 2
#: Two single digits are often the same without having been copied.
COMMON = (0.1, 0.3)  # where another figure belongs there, where none does
#: A number that is a day of these years was hardly typed as such.
DATED = 0.9
#: A blank, a figure below 0 or a fraction where none may be is wrong in itself; so is, nearly always, a total that
#: somebody typed over its formula.
WRONG_ITSELF, TYPED_OVER = 9.0, 6.0
#: How much figures scatter about what their row and column let expect (the shape of a negative binomial distribution),
#: and the least that is expected of any cell.
SHAPE, LEAST = 4.0, 0.05
#: One figure in so many is not as its row and column let expect: then small ones are commoner than large ones.
ODD, SPREAD = 0.06, 11.5


def slip(cell: Cell, now: Figure, right: Figure, report: Report) -> str:
    """The slip's name in words where it has a known shape, else an empty string."""
    kind, _ = _likeliest(cell, now, right, report)
    return kind


def of_keys(now: Figure, right: Figure) -> str:
    """The slip's name where single keys make one figure of the other, whatever stands around it; else an empty string."""
    return max(_digits(str(now), str(right)), key=lambda kind: kind[1], default=("", 0.0))[0]


def likelihood(cell: Cell, now: Figure, right: Figure, report: Report, expected: float) -> float:
    """The logarithm of how likely ``now`` is a slip for ``right``, compared with ``now`` being right.

    ``expected`` is what the rest of the row and column lets expect of the cell.
    """
    _, chance = _likeliest(cell, now, right, report)
    often = _figure(right, expected) - _figure(now, expected)
    return log(chance) + often + _suspicious(cell, now, right, report)


def _figure(value: Figure, expected: float) -> float:
    """The logarithm of how often a figure is so large where so much is expected."""
    mean, count = max(expected, LEAST), float(max(value, 0))
    few = SHAPE / (SHAPE + mean)
    scattered = (
        lgamma(count + SHAPE) - lgamma(SHAPE) - lgamma(count + 1) + SHAPE * log(few) + count * log1p(-few)
    )
    return log((1 - ODD) * exp(scattered) + ODD / SPREAD / (count + 1))


def _suspicious(cell: Cell, now: Figure, right: Figure, report: Report) -> float:
    column = report.form.column(cell)
    if report.figures.get(cell) is None and not report.form.row(cell).optional:
        return WRONG_ITSELF
    if (now < 0 and not column.signed) or (not isinstance(now, int) and not column.decimals):
        return WRONG_ITSELF
    if typed_over(cell, report) and right == sum(
        report.amount(t.cell) or 0 for t in report.form.filled[cell].left
    ):
        return TYPED_OVER
    return 0.0


def typed_over(cell: Cell, report: Report) -> bool:
    """Whether a cell is a total that somebody typed where a workbook has a formula."""
    return bool(report.live) and cell in report.form.filled and cell not in report.live


def _likeliest(cell: Cell, now: Figure, right: Figure, report: Report) -> tuple[str, float]:
    return max(_kinds(cell, now, right, report), key=lambda kind: kind[1])


def _kinds(cell: Cell, now: Figure, right: Figure, report: Report) -> Iterator[tuple[str, float]]:
    """Every kind of slip that leads from one figure to the other, with its chance."""
    yield "", OTHER / 2 / (float(max(now - right, right - now)) + 1)
    if typed_over(cell, report):
        yield "合计为手工填写", OTHER
    if part := _summand(cell, now, right, report):
        yield f"疑似{'重复计入' if now > right else '漏加'}“{report.form.name(part)}”", SUMMAND
    if not now:
        yield Kind.BLANK, OMITTED
    elif (typed := day(now)) and report.year and 0 <= typed.year - report.year <= 2:
        yield f"疑似“{typed.month}-{typed.day}”被当作日期", DATED
    elif -now == right:
        yield Kind.MINUS, OMITTED
    else:
        yield from _digits(str(now), str(right))
        yield from _copied(cell, now, right, report)


def _digits(old: str, new: str) -> Iterator[tuple[str, float]]:
    """Slips of single keys: each digit is one more chance of one, and long numbers are copied worst."""
    keys = len(new) / TYPICAL
    if len(old) == len(new):
        differ = [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
        if len(differ) == 1:
            alike = "".join(sorted(old[differ[0]] + new[differ[0]])) in ALIKE
            yield Kind.ONE_DIGIT, MISREAD * keys * (0.2 if alike else 0.08)
        if sorted(old) == sorted(new):
            beside = len(differ) == 2 and differ[1] - differ[0] == 1
            yield Kind.TURNED, SWAPPED * keys * (1 if beside else 0.2)
    if _drops_one(new, old):
        yield Kind.TOO_SHORT, LENGTH * keys
    if _drops_one(old, new):
        doubled = any(a == b for a, b in pairwise(old))
        yield Kind.TOO_LONG, LENGTH * keys * (1 if doubled else 0.1)
    if "." in old and old.replace(".", "") == new:
        yield Kind.POINT, MISREAD


def _drops_one(long: str, short: str) -> bool:
    return len(long) == len(short) + 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def _summand(cell: Cell, now: Figure, right: Figure, report: Report) -> Cell | None:
    """The part that a total counts twice, or not at all; None unless there is exactly one."""
    equation = report.form.filled.get(cell)
    if equation is None or now == right:
        return None
    parts = [t.cell for t in equation.left if report.amount(t.cell) == abs(now - right)]
    return parts[0] if len(parts) == 1 else None


def _copied(cell: Cell, now: Figure, right: Figure, report: Report) -> Iterator[tuple[str, float]]:
    """A figure that stands in the cell beside or below as well, or stood there last year."""
    last = report.previous
    if last is not None and last.form is report.form and last.figures.get(cell) == now:
        yield Kind.LAST_YEAR, LAST_YEAR
    table = report.form.tables[cell.table]
    columns, rows = list(table.columns), list(table.rows)
    beside = [Cell(cell.table, cell.row, c) for c in _near(columns, cell.column)]
    below = [Cell(cell.table, r, cell.column) for r in _near(rows, cell.row)]
    for other in beside + below:
        if report.figures.get(other) == now and other not in report.form.filled:
            twice = "重复填写" if not right else "填成同一个数"
            chance = NEIGHBOUR / (2 if not right else 4) * (1 if now > 9 else COMMON[not right])
            yield f"疑似与相邻的“{report.form.name(other)}”{twice}", chance


def _near(keys: list[str], key: str) -> list[str]:
    i = keys.index(key)
    return keys[max(i - 1, 0) : i] + keys[i + 1 : i + 2]
