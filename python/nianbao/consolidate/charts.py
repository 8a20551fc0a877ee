"""The sheet 图表 of a summary: one chart for each that the form names, with the data they show beside them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from nianbao.consolidate.detail import FIRST_FIGURE
from nianbao.consolidate.result import Result
from nianbao.core.form import Form
from nianbao.core.grid import Cell, column_name, runs
from nianbao.core.number import Figure
from nianbao.core.report import Report
from nianbao.workbook.layout import DETAIL, Layout, Spot, quoted
from nianbao.workbook.leaves import DETAIL_TOP
from nianbao.workbook.live import Live
from nianbao.workbook.styles import Styles, put

CHARTS = "图表"
TOP, HEIGHT = 10, 20
COLOURS = ("#1F4E79", "#2E75B6", "#9DC3E6", "#F4B183", "#C55A11", "#A5A5A5", "#70AD47", "#FFC000")
_GRID = {"line": {"color": "#D5DBE1", "width": 0.75}}
_FONT = {"name": "宋体", "size": 9}
#: Where the charts' data stands: to the right of them.
CHART_DATA = 22


class ChartData(NamedTuple):
    """The data of one chart: the names of its columns, and its lines by name."""

    heads: Sequence[str]
    lines: list[tuple[str, list[Live | Figure | None]]]


def write_charts(book: Workbook, styles: Styles, result: Result) -> None:
    """One chart for each that the form names, two beside each other, with the data they show beside them."""
    page = book.add_worksheet(CHARTS)
    page.hide_gridlines(2)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_column(0, 0, 2)
    page.set_column(CHART_DATA - 1, CHART_DATA - 1, 30)
    put(page, Spot("", 1, 2), f"{result.report.heading}　图表", styles.title)
    drawing, row = _Drawing(book, page, styles), 4
    blocks = ((spec, _BLOCKS[spec["kind"]](spec, result)) for spec in result.form.data.get("charts", ()))
    for n, (spec, block) in enumerate(pair for pair in blocks if pair[1].lines):
        row = drawing.table(row, spec["title"], block)
        drawing.chart(spec, n, block, row)
        row += len(block.lines) + 2
    page.print_area(0, 0, 3 + HEIGHT * 2, CHART_DATA - 2)


class _Drawing:
    def __init__(self, book: Workbook, page: Worksheet, styles: Styles) -> None:
        self.book, self.page, self.styles = book, page, styles

    def table(self, row: int, title: str, block: ChartData) -> int:
        """The data of one chart; gives the row of its header."""
        put(self.page, Spot("", row, CHART_DATA), title, self.styles.heading)
        for c, text in enumerate(("", *block.heads)):
            put(self.page, Spot("", row + 1, CHART_DATA + c), text, self.styles.head)
        for n, (name, values) in enumerate(block.lines, row + 2):
            put(self.page, Spot("", n, CHART_DATA), name, self.styles.listed)
            for c, value in enumerate(values, 1):
                put(self.page, Spot("", n, CHART_DATA + c), value, self.styles.listed_center)
        return row + 1

    def chart(self, spec: Mapping[str, Any], number: int, block: ChartData, row: int) -> None:
        """Draw the chart of the data whose header stands in ``row``."""
        kind = spec["kind"]
        shape = {"share": {"type": "doughnut"}, "stack": {"type": "bar", "subtype": "percent_stacked"}}
        chart = self.book.add_chart(shape.get(kind, {"type": "bar" if kind == "top" else "column"}))
        for c in range(len(block.heads)):
            chart.add_series(self._series(kind, c, row, len(block.lines)))
        chart.set_title({"name": spec["title"], "name_font": {"name": "黑体", "size": 12, "bold": False}})
        chart.set_legend({"none": True} if kind == "top" else {"position": "bottom", "font": _FONT})
        if kind != "share":
            across = kind in ("top", "stack")
            chart.set_x_axis({"num_font": _FONT, "major_gridlines": {"visible": False}})
            y = {"num_font": _FONT, "reverse": across, "major_gridlines": {**_GRID, "visible": not across}}
            chart.set_y_axis(y | ({"crossing": "max"} if across else {}))
        chart.set_size({"width": 600, "height": 380})
        self.page.insert_chart(2 + HEIGHT * (number // 2), 1 + 10 * (number % 2), chart)

    def _series(self, kind: str, c: int, row: int, count: int) -> dict[str, Any]:
        column, first, last = CHART_DATA + c, row, row + count - 1
        series: dict[str, Any] = {
            "name": [CHARTS, row - 1, column],
            "categories": [CHARTS, first, CHART_DATA - 1, last, CHART_DATA - 1],
            "values": [CHARTS, first, column, last, column],
            "fill": {"color": COLOURS[c % len(COLOURS)]},
            "gap": 60,
        }
        if kind == "share":
            points = [{"fill": {"color": COLOURS[n % len(COLOURS)]}} for n in range(count)]
            return series | {"points": points, "data_labels": {"percentage": True, "font": _FONT}}
        return series if kind == "stack" else series | {"data_labels": {"value": True, "font": _FONT}}


def _part_cells(form: Form, part: Mapping[str, Any]) -> list[Cell]:
    return [cell for key in part["cells"] for cell in form.cells_of(key)]


def _cells_sum(cells: Sequence[Cell], report: Report, at: Callable[[Cell], Spot]) -> Live:
    """The live sum of some of the summary's cells."""
    value = sum(report.figures.get(cell) or 0 for cell in cells)
    return Live(f"=SUM({','.join(runs([at(cell).full() for cell in cells]))})", float(value))


def _share(spec: Mapping[str, Any], result: Result) -> ChartData:
    at = Layout.of(result.form).spot
    lines: list[tuple[str, list[Live | Figure | None]]] = [
        (p["name"], [_cells_sum(_part_cells(result.form, p), result.report, at)]) for p in spec["parts"]
    ]
    return ChartData(("件数",), lines)


def _years(spec: Mapping[str, Any], result: Result) -> ChartData:
    """This year beside last year and, where last year's summary tells of it, the year before that."""
    layout, report, last = Layout.of(result.form), result.report, result.report.previous
    if last is None:
        return ChartData((), [])
    older = last.previous
    lines: list[tuple[str, list[Live | Figure | None]]] = []
    for part in spec["parts"]:
        cells = _part_cells(result.form, part)
        known = [c for c in cells if c.table in report.form.comparable.get(last.form.key, ())]
        then = _cells_sum(known, last, layout.previous.__getitem__) if known else None
        before = [sum(older.figures.get(cell) or 0 for cell in known)] if older and older.year else []
        lines.append((part["name"], [*before, then, _cells_sum(cells, report, layout.spot)]))
    heads = [f"{last.year or '上'}年", f"{report.year or '本'}年"]
    return ChartData([f"{older.year}年", *heads] if older and older.year else heads, lines)


def _stack(spec: Mapping[str, Any], result: Result) -> ChartData:
    form, at = result.form, Layout.of(result.form).spot
    table = form.tables[spec["table"]]
    lines: list[tuple[str, list[Live | Figure | None]]] = [
        (
            table.rows[r].name,
            [_cells_sum([Cell(table.key, r, c)], result.report, at) for c in spec["columns"]],
        )
        for r in spec["rows"]
    ]
    return ChartData([table.columns[c].name for c in spec["columns"]], lines)


def _top(spec: Mapping[str, Any], result: Result) -> ChartData:
    """The units with the most, by their lines of the detail."""
    place = {cell: n for n, cell in enumerate(result.form.cells)}
    wanted = [place[cell] for part in spec["parts"] for cell in _part_cells(result.form, part)]
    ranked: list[tuple[Figure, int]] = []
    for n, line in enumerate(result.lines):
        figures = result.some(line, [w for w in wanted if w not in line.without])
        ranked.append((-sum(value or 0 for value in figures), n))
        if len(ranked) > 1000:
            ranked = sorted(ranked)[:TOP]
    lines: list[tuple[str, list[Live | Figure | None]]] = []
    for most, n in sorted(ranked)[:TOP]:
        if most:
            at = ",".join(f"{quoted(DETAIL)}!{column_name(FIRST_FIGURE + w)}{DETAIL_TOP + n}" for w in wanted)
            value = Live(f"=SUM({at})", float(-most)) if result.detail else -most
            lines.append((result.lines[n].name, [value]))
    return ChartData([part["name"] for part in spec["parts"]], lines)


_BLOCKS: dict[str, Callable[[Mapping[str, Any], Result], ChartData]] = {
    "share": _share,
    "years": _years,
    "stack": _stack,
    "top": _top,
}
