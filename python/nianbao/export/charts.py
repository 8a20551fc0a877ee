"""The charts of 一图读懂: what the form asks to show, computed from the figures, last year's beside them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from nianbao.core.cell import Cell
from nianbao.core.form import Form, FormError
from nianbao.core.number import Figure
from nianbao.core.report import Report


class Bar(NamedTuple):
    """One figure of a chart: its label, unit of measure, value and last year's (None: not known)."""

    label: str
    unit: str
    value: Figure | None
    previous: Figure | None


class Chart(NamedTuple):
    """Bars under a title."""

    title: str
    bars: tuple[Bar, ...]

    @property
    def largest(self) -> Figure:
        return max((v for bar in self.bars for v in (bar.value, bar.previous) if v is not None), default=0)

    @property
    def whole(self) -> Figure:
        """The sum of this year's values, of which the shares are taken."""
        return sum((bar.value for bar in self.bars if bar.value is not None), start=0)


def headline(report: Report) -> tuple[Bar, ...]:
    """The figures that stand above the charts."""
    return _bars(report, report.form.data.get("infographic", {}).get("headline", ()))


def charts(report: Report) -> list[Chart]:
    """The form's charts with the report's figures."""
    specs = report.form.data.get("infographic", {}).get("charts", ())
    return [Chart(spec["title"], _bars(report, spec["bars"])) for spec in specs]


def _bars(report: Report, specs: Sequence[Mapping[str, Any]]) -> tuple[Bar, ...]:
    return tuple(_bar(report, spec["label"], _cells(report.form, spec["cells"])) for spec in specs)


def _bar(report: Report, label: str, cells: Sequence[Cell]) -> Bar:
    last = _sum(report.previous, cells) if report.previous else None
    return Bar(label, report.form.column(cells[0]).unit, _sum(report, cells), last)


def _sum(report: Report, cells: Sequence[Cell]) -> Figure | None:
    """The sum as arithmetic counts the cells; None where one cannot be counted or is not in that year's report."""
    total: Figure = 0
    for cell in cells:
        amount = report.amount(cell) if cell in report.figures else None
        if amount is None:
            return None
        total += amount
    return total


def _cells(form: Form, keys: Sequence[str]) -> list[Cell]:
    cells = [cell for key in keys for cell in _expanded(form, key)]
    if strange := [cell for cell in cells if cell not in form.cell_set]:
        raise FormError(f"infographic: unknown cell {strange[0]}")
    return cells


def _expanded(form: Form, key: str) -> Iterator[Cell]:
    """``table.row.column``, where ``@group`` stands for every row of a group."""
    table, row, column = key.split(".")
    if not row.startswith("@"):
        yield Cell(table, row, column)
        return
    groups = form.tables[table].groups if table in form.tables else {}
    if row[1:] not in groups:
        raise FormError(f"infographic: unknown group {key}")
    for member in groups[row[1:]]:
        yield Cell(table, member, column)
