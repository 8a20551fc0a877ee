"""How a slip looks: transposed digits, a digit too many or too few, a cell doubled or left out."""

from nianbao.core.cell import Cell
from nianbao.core.number import Figure
from nianbao.core.report import Report


def slip(cell: Cell, now: Figure, right: Figure, report: Report) -> str:
    """The slip's name in words where it has a known shape, else an empty string."""
    return _total(cell, now, right, report) or _neighbour(cell, now, right, report) or _digits(now, right)


def _digits(now: Figure, right: Figure) -> str:
    old, new = str(now), str(right)
    if not now:
        return "疑似漏填"
    if sorted(old) == sorted(new):
        return "疑似数字颠倒"
    if _drops_one(old, new):
        return "疑似多录一位数字"
    return "疑似漏录一位数字" if _drops_one(new, old) else ""


def _drops_one(long: str, short: str) -> bool:
    return len(long) == len(short) + 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def _total(cell: Cell, now: Figure, right: Figure, report: Report) -> str:
    """A total that counts one of its parts twice, or not at all."""
    equation = report.form.filled.get(cell)
    if equation is None or now == right:
        return ""
    parts = [t.cell for t in equation.left if report.amount(t.cell) == abs(now - right)]
    if len(parts) != 1:
        return ""
    return f"疑似{'重复计入' if now > right else '漏加'}“{report.form.name(parts[0])}”"


def _neighbour(cell: Cell, now: Figure, right: Figure, report: Report) -> str:
    """A figure typed a second time in the cell beside or below it."""
    if right or not now:
        return ""
    table = report.form.tables[cell.table]
    columns, rows = list(table.columns), list(table.rows)
    beside = [Cell(cell.table, cell.row, c) for c in _near(columns, cell.column)]
    below = [Cell(cell.table, r, cell.column) for r in _near(rows, cell.row)]
    for other in beside + below:
        if report.figures.get(other) == now and other not in report.form.filled:
            return f"疑似与相邻的“{report.form.name(other)}”重复填写"
    return ""


def _near(keys: list[str], key: str) -> list[str]:
    i = keys.index(key)
    return keys[max(i - 1, 0) : i] + keys[i + 1 : i + 2]
