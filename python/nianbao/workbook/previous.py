"""导入上年: last year's figures into 上年数据 and the opening figures, into blank cells only."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from nianbao.core.cell import Cell
from nianbao.core.equation import Equation
from nianbao.core.errors import Unreadable
from nianbao.core.form import Form
from nianbao.core.report import Report
from nianbao.core.rules import last_year
from nianbao.workbook.layout import COVER_FIELDS, PREVIOUS_FORM, PREVIOUS_YEAR, Layout, Spot
from nianbao.workbook.template import blank, into_place

#: As many differing cells are named; the rest is counted.
NAMED = 10
Content = str | float


class Brought(NamedTuple):
    """What goes into blank cells, and which cells hold something else and stay as they are (in words)."""

    fill: dict[Spot, Content]
    differing: tuple[str, ...]


def suits(report: Report, last: Report, name: str) -> None:
    """Raises Unreadable when ``last`` is not of the year before the report, or nothing in it means the same."""
    if report.year and last.year and last.year != report.year - 1:
        what = f"是 {last.year} 年度的报告，本工作簿是 {report.year} 年度，上年应为 {report.year - 1} 年度"
        raise Unreadable(name, what, "请选择上年度的年报，或核对封面的报告年度")
    if not report.form.comparable.get(last.form.key):
        raise Unreadable(name, "所用的表式与本年度的没有可比的指标", "请核对是否选错文件")


def bring(report: Report, last: Report, layout: Layout) -> Brought:
    """What last year's report gives to this year's workbook, compared with what stands there."""
    fill: dict[Spot, Content] = {}
    differing: list[str] = []
    stood = report.previous or Report(report.form, "", None, {})
    for cell in _kept(report, last):
        value = last.raw.get(cell, last.figures.get(cell))
        _offer(fill, differing, cell, layout.previous[cell], value, stood)
    for now, before in opening(report):
        _offer(fill, differing, now, layout.spot(now), last_year(before, report, last), report)
    if report.previous is None:
        fill[PREVIOUS_FORM] = last.form.key
        fill |= {PREVIOUS_YEAR: float(last.year)} if last.year else {}
    for name in ("agency", "agency_code", "level"):
        if getattr(last, name) and not getattr(report, name):
            fill[COVER_FIELDS[name][1]] = getattr(last, name)
    return Brought(fill, tuple(differing))


def _kept(report: Report, last: Report) -> list[Cell]:
    """Last year's cells that mean the same in this year's form."""
    tables = report.form.comparable.get(last.form.key, ())
    return [cell for cell in report.form.cells if cell.table in tables and cell in last.form.cell_set]


def opening(report: Report) -> Iterator[tuple[Cell, Cell]]:
    """The cells that begin with a figure of last year: this year's cell and last year's, as the form's rules say.

    That is what an equality of one cell of this year with one of last year says; totals add up by themselves.
    """
    for equation in report.form.equations:
        pair = _pair(equation)
        if pair is not None and pair[0] not in report.form.filled:
            yield pair


def _pair(equation: Equation) -> tuple[Cell, Cell] | None:
    terms = (*equation.left, *equation.right)
    if equation.rule.op != "=" or len(equation.left) != 1 or len(equation.right) != 1:
        return None
    now = [term.cell for term in terms if not term.previous]
    before = [term.cell for term in terms if term.previous]
    return (now[0], before[0]) if len(now) == len(before) == 1 else None


def _offer(
    fill: dict[Spot, Content], differing: list[str], cell: Cell, spot: Spot, value: object, holder: Report
) -> None:
    stands = holder.raw.get(cell, holder.figures.get(cell))
    if value is None or stands == value:
        return
    if stands is None or (isinstance(stands, str) and not stands.strip()):
        fill[spot] = value if isinstance(value, str) else float(str(value))
    else:
        name = holder.form.name(cell) if cell in holder.form.cell_set else str(cell)
        differing.append(f"{spot.sheet} {spot.a1}　{name}：现为 {stands}，上年报告为 {value}")


def said(brought: Brought) -> str:
    """What to tell the user afterwards."""
    words = (
        f"已填入 {len(brought.fill)} 格空白单元格（上年数据、上年结转和封面）。"
        if brought.fill
        else "没有需要填入的空白单元格。"
    )
    if not brought.differing:
        return words
    named = "\n".join(brought.differing[:NAMED])
    more = f"\n……另有 {len(brought.differing) - NAMED} 格" if len(brought.differing) > NAMED else ""
    return f"{words}\n\n以下单元格已经填有不同的内容，没有改动，请核对：\n{named}{more}"


def begin(form: Form, year: int, agency: str, last: Report, name: str) -> Report:
    """A report in which nothing is filled in but what last year's gives; raises Unreadable where it does not suit."""
    report = blank(form, year, agency or last.agency)
    suits(report, last, name)
    figures = dict(report.figures)
    figures |= {now: last_year(before, report, last) for now, before in opening(report)}
    fields = {key: getattr(last, key) for key in ("agency_code", "level", "scope")}
    return replace(report, figures=figures, previous=last, **fields)


def bring_into(source: Path, target: Path, report: Report, brought: Brought) -> None:
    """A copy of a workbook with last year's figures in it; raises Unreadable where it cannot be edited."""
    from nianbao.workbook.marks import open_book

    book = open_book(source, macros=target.suffix.lower() == ".xlsm")
    if book is None:
        raise Unreadable(source.name, "有表格组件无法识别，不能改动", "请用 Excel 或 WPS 另存为 .xlsx 后重试")
    for spot, value in brought.fill.items():
        if spot.sheet in book.sheetnames:
            cell = book[spot.sheet].cell(spot.row, spot.column)
            cell.value = int(value) if isinstance(value, float) and value.is_integer() else value
            if isinstance(value, str):
                cell.data_type = "s"
    with into_place(target) as temporary:
        book.save(temporary)
