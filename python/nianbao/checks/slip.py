"""How a slip looks and how likely it is: the kinds of wrong figures that reports have, as chances to compare.

The chance that a figure was meant to be ``right`` and was typed as ``now`` is the chance of the figure (given the rest
of its row and column) times that of the slip. Only differences of the logarithms are used.
"""

from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from math import exp, lgamma, log, log1p

from nianbao.core.cell import Cell
from nianbao.core.number import Figure, day
from nianbao.core.report import Report


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
