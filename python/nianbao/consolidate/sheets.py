"""Long sheets of a summary, written row by row: lists, 单位明细 with its live sums, and 图表."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from nianbao.consolidate.result import Line, Result
from nianbao.consolidate.roster import displayable
from nianbao.core.form import Form
from nianbao.core.grid import Cell, column_name
from nianbao.core.number import Figure
from nianbao.core.report import Report
from nianbao.core.rules import runs
from nianbao.workbook.layout import DETAIL, Layout, Spot, quoted
from nianbao.workbook.layout import height as needed
from nianbao.workbook.live import Live
from nianbao.workbook.reader import DETAIL_TOP
from nianbao.workbook.styles import HEI, LABEL, LINE, Styles, put

#: Rows of a sheet, and links of one: Excel holds 1,048,576 and 65,530.
ROWS, LINKS = 1_048_576, 60_000
_LONGEST_LINK, _LONGEST_TEXT = 2_000, 32_767
_ESCAPED = str.maketrans({c: f"%{ord(c):02X}" for c in '%# "<>[]^`{}'})


class Link(NamedTuple):
    """A text that leads to another place: ``external:…`` a file, ``internal:…`` a cell of this workbook."""

    text: str
    url: str


Value = Link | Live | Figure | str | float | None


def link(text: str, file: Path, summary: Path, sheet: str = "", cell: str = "") -> Link | str:
    """A link to a file (and a cell in it) as seen from the summary; the mere text where no link can be had."""
    try:
        there = os.path.relpath(file, summary.resolve().parent)
    except ValueError:  # another drive
        there = str(file)
    url = "external:" + displayable(there.translate(_ESCAPED))
    url += f"#{quoted(sheet)}!{cell}" if sheet else ""
    return Link(text, url) if text and len(url) < _LONGEST_LINK else text


class ListSheet:
    """A sheet being written downwards: title, note, header, lines. Rows count from 1."""

    def __init__(
        self, book: Workbook, styles: Styles, name: str, widths: Sequence[float], *, wide: bool = False
    ) -> None:
        self.styles, self.widths, self.row, self._links = styles, tuple(widths), 0, 0
        self._number = styles.boxed(align="right", valign="top", font_size=10, indent=1)
        self.page = _streamed_sheet(book, name)
        for column, width in enumerate(widths):
            self.page.set_column(column, column, width)
        _page_setup(self.page, name, wide)

    def title(self, text: str, *notes: str) -> None:
        self.line([text], self.styles.title, 28)
        for note in notes:
            self.line([note], self.styles.get(font_size=9.5, font_color="#616E7C"), 16)

    def head(self, *rows: Sequence[str], height: float = 24, frozen: int = 2) -> None:
        """The header, frozen with the first columns and repeated in print; the last of its rows has the filter."""
        first = self.row
        for row in rows:
            self.line(row, self.styles.head, height)
        self.page.freeze_panes(self.row, frozen)
        self.page.repeat_rows(first, self.row - 1)

    def filter(self, columns: int, first: int) -> None:
        """The filter over the lines from a header row to the last one written."""
        self.page.autofilter(first - 1, 0, max(self.row, first) - 1, columns - 1)

    def line(self, values: Iterable[Value], style: Format | None = None, height: float | None = None) -> None:
        """The next row; one of the list where no style is given, as high as its longest text needs."""
        self.row += 1
        shown = list(values)
        if high := height or self._high(shown):
            self.page.set_row(self.row - 1, high)
        for column, value in enumerate(shown):
            number = isinstance(value, int | Decimal | float | Live)
            self.put(column, value, style or (self._number if number else self.styles.listed))

    def bar(self, column: int, done: int, total: int, words: str, *, signs: int = 40) -> None:
        """A bar in the row being written: how much of a whole is done, and words after it."""
        full = signs * done // total if total else 0
        green, grey = (self.styles.get(font_size=11, font_color=colour) for colour in ("#1B7F3B", "#CBD5E0"))
        pieces = [(green, "█" * full), (grey, "█" * (signs - full)), (self.styles.get(bold=True), words)]
        parts = [part for style, text in pieces if text for part in (style, text)]
        if len(parts) > 2:
            self.page.write_rich_string(self.row - 1, column, *parts, self.styles.get(align="left"))
        elif parts:
            self.page.write_string(self.row - 1, column, parts[1], parts[0])

    def spread(self, label: str, text: str) -> None:
        """A row of a label and a text over all the columns after it, as high as the text needs."""
        high = needed(text, sum(self.widths[2:]) * 0.9, 10)
        self.line(["", label], self.styles.get(font_size=10, valign="top"), high)
        style = self.styles.get(font_size=10, valign="top", align="left", text_wrap=True)
        self.page.merge_range(self.row - 1, 2, self.row - 1, len(self.widths) - 1, text, style)

    def figures(self, column: int, values: Sequence[str], style: Format) -> None:
        """Figures side by side in the row being written, as texts and all of one look; put down at once."""
        page, row = self.page, self.row - 1
        page._check_dimensions(row, column)
        page._check_dimensions(row, column + len(values) - 1)
        page.table[row][column] = _Figures(row, column, values, style)

    def _high(self, values: Sequence[Value]) -> float | None:
        """The height of a row in which a text runs over its column; None where none does."""
        long = (
            needed(text, width, 10)
            for value, width in zip(values, self.widths, strict=False)
            if len(text := value.text if isinstance(value, Link) else value if isinstance(value, str) else "")
            * 2
            > width
        )
        return max(long, default=None)

    def put(self, column: int, value: Value, style: Format) -> None:
        """A value in the row being written, its kind kept: a text is never taken for a formula."""
        page, row = self.page, self.row - 1
        if isinstance(value, Link) and self._links < LINKS:
            self._links += 1
            page.write_url(row, column, value.url, self.styles.link, value.text[:_LONGEST_TEXT])
        elif isinstance(value, Link):
            page.write_string(row, column, value.text[:_LONGEST_TEXT], style)
        elif isinstance(value, Live):
            page.write_formula(row, column, value.formula, style, value.value)
        elif value is None or value == "":
            page.write_blank(row, column, None, style)
        elif isinstance(value, str):
            page.write_string(row, column, value[:_LONGEST_TEXT], style)
        else:
            page.write_number(row, column, float(value) if isinstance(value, Decimal) else value, style)


def _streamed_sheet(book: Workbook, name: str) -> Worksheet:
    """A sheet whose rows go to a temporary file as they are written."""
    before = book.constant_memory
    book.constant_memory = True
    try:
        page = book.add_worksheet(name)
    finally:
        book.constant_memory = before
    cell_by_cell = page._write_cell

    def write_cell(row: int, column: int, cell: Any) -> None:
        page.fh.write(cell.xml()) if isinstance(cell, _Figures) else cell_by_cell(row, column, cell)

    page._write_cell = write_cell
    return page


def _page_setup(page: Worksheet, name: str, wide: bool) -> None:
    """A4 across, as wide as the list; a wide sheet is for A3 and runs over several pages, its first columns on each."""
    page.hide_gridlines(2)
    page.set_paper(8 if wide else 9)
    page.set_landscape()
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    if wide:
        page.set_print_scale(50)
        page.repeat_columns(0, 1)
        page.print_across()
    else:
        page.fit_to_pages(1, 0)
    page.set_footer(f"&C&9{name}　第 &P 页，共 &N 页")


DETAIL_HEADS = ("序号", "单位", "代码", "上级", "处理结果", "文件")
DETAIL_WIDTHS = (6, 30, 20, 18, 12, 26)
FIRST_FIGURE = len(DETAIL_HEADS) + 1
DETAIL_NOTE = "一行一个单位，一列一项指标；各表数字是本表各列之和。（括号内）的数字按口径说明不计入。本表很宽，打印用 A3 横向。"
#: The last column of the sheet, hidden: the levels that a line belongs to.
LEVELS = "所属各级"
STATE = DETAIL_HEADS.index("处理结果") + 1


def write_detail(book: Workbook, styles: Styles, result: Result) -> None:
    """The sheet of all units' figures, or a line that says where they are when they are too many for a sheet."""
    form = result.form
    paper = ListSheet(book, styles, DETAIL, (*DETAIL_WIDTHS, *(9.5 for _ in form.cells)), wide=True)
    note = DETAIL_NOTE if result.detail or not result.lines else beyond_sheet(result)
    paper.title("单位明细", note)
    blank = [""] * len(DETAIL_HEADS)
    across = styles.get(font_name=HEI, align="left", bg_color=LABEL, top=1, bottom=1, border_color=LINE)
    paper.line([*blank, *_banner(form)], across, 22)
    rows = [*blank, *(form.row(cell).name for cell in form.cells)]
    paper.head(rows, [*DETAIL_HEADS, *(form.column(cell).name for cell in form.cells), LEVELS], height=44)
    paper.page.set_column(
        len(DETAIL_HEADS) + len(form.cells), len(DETAIL_HEADS) + len(form.cells), 9.5, None, {"hidden": True}
    )
    assert paper.row == DETAIL_TOP - 1
    for number, line in enumerate(result.detail, 1):
        _detail_line(paper, number, line, result)
        paper.put(len(DETAIL_HEADS) + len(form.cells), _path(result, line), styles.listed)
    paper.filter(len(DETAIL_HEADS) + len(form.cells), DETAIL_TOP - 1)


def beyond_sheet(result: Result) -> str:
    """What the workbook says when the detail does not fit a sheet."""
    return (
        f"共 {len(result.lines)} 个单位，超过 {result.detail_rows:,} 个，明细另存为数据文件（CSV，可加 parquet、json），"
        "本工作簿各表为合计数"
    )


def _banner(form: Form) -> Iterator[str]:
    """The name of each printed table over its first column; the blanks beside it let it spread."""
    for _, cells in groupby(form.cells, key=lambda cell: cell.table):
        first, *rest = cells
        yield form.tables[first.table].name
        yield from ("" for _ in rest)


def _detail_line(paper: ListSheet, number: int, line: Line, result: Result) -> None:
    styles = paper.styles
    figure = styles.get(font_size=10, align="right", border=1, border_color="#D5DBE1")
    paper.line((number, line.name, line.code, line.superior, line.state, line.file))
    if not line.without:
        paper.figures(len(DETAIL_HEADS), result.texts(line), figure)
        return
    figures = result.figures(line)
    write, row, column = paper.page.write_number, paper.row - 1, len(DETAIL_HEADS)
    for n, value in enumerate(figures, column):
        if n - column in line.without:
            paper.put(n, "" if value is None else f"（{value}）", figure)
        elif value is None:
            paper.page.write_blank(row, n, None, figure)
        else:
            write(row, n, float(value) if isinstance(value, Decimal) else value, figure)


class _Figures(NamedTuple):
    """The figures of a row as one piece of XML: a tenth of the work of a cell after a cell; blanks are empty."""

    row: int
    column: int
    values: Sequence[str]
    style: Format

    def xml(self) -> str:
        end = f'{self.row + 1}" s="{self.style._get_xf_index()}"'
        cells = zip(_columns(self.column, len(self.values)), self.values, strict=True)
        return "".join(
            f'<c r="{letters}{end}><v>{text if text.isdigit() else format(float(text), ".16G")}</v></c>'
            if text
            else f'<c r="{letters}{end}/>'
            for letters, text in cells
        )


@cache
def _columns(first: int, count: int) -> tuple[str, ...]:
    return tuple(column_name(n + 1) for n in range(first, first + count))


def _path(result: Result, line: Line) -> str:
    """The levels that a line belongs to, each between bars: ``|某市|东县|``."""
    levels = [name for name in result.levels(line) if name in result.subtotals]
    return f"|{'|'.join(levels)}|" if levels else ""


def column(result: Result, letters: str) -> str:
    """A column of the detail over all its lines, as a formula needs it."""
    last = DETAIL_TOP + len(result.detail) - 1
    return f"{quoted(DETAIL)}!${letters}${DETAIL_TOP}:${letters}${last}"


def figures_of(result: Result, n: int) -> str:
    """The column of the n-th cell of the form."""
    return column(result, column_name(FIRST_FIGURE + n))


def summed(result: Result, n: int, value: Figure | None, where: str) -> Live | Figure | None:
    """The live sum of a cell over the lines that ``where`` (ranges and criteria of SUMIFS) picks, with its value now;
    the mere value where the sheet has no detail, nothing where no line has a figure."""
    if value is None or not result.detail:
        return value
    total, places = f"SUMIFS({figures_of(result, n)},{where})", result.totals.places[n]
    return Live(f"=ROUND({total},{places})" if places else f"={total}", float(value))


def live_sums(result: Result) -> dict[Cell, Live]:
    """For every cell the live sum of its column in the detail, with the exact sum as its value now.

    A cell that all units left blank is left blank too: an empty formula would not be read as a blank.
    """
    return dict(_live_sums(result)) if result.detail else {}


def _live_sums(result: Result) -> Iterator[tuple[Cell, Live]]:
    for n, cell in enumerate(result.form.cells):
        area = figures_of(result, n)
        places, value = result.totals.places[n], result.totals.sums[n]
        total = f"ROUND(SUM({area}),{places})" if places else f"SUM({area})"
        if value is not None:
            yield cell, Live(f'=IF(COUNT({area})=0,"",{total})', float(value))


CHARTS = "图表"
TOP, HEIGHT = 10, 20
COLOURS = ("#1F4E79", "#2E75B6", "#9DC3E6", "#F4B183", "#C55A11", "#A5A5A5", "#70AD47", "#FFC000")
_GRID = {"line": {"color": "#D5DBE1", "width": 0.75}}
_FONT = {"name": "宋体", "size": 9}
#: Where the charts' data stands: to the right of them.
CHART_DATA = 22


class Block(NamedTuple):
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

    def table(self, row: int, title: str, block: Block) -> int:
        """The data of one chart; gives the row of its header."""
        put(self.page, Spot("", row, CHART_DATA), title, self.styles.heading)
        for c, text in enumerate(("", *block.heads)):
            put(self.page, Spot("", row + 1, CHART_DATA + c), text, self.styles.head)
        for n, (name, values) in enumerate(block.lines, row + 2):
            put(self.page, Spot("", n, CHART_DATA), name, self.styles.listed)
            for c, value in enumerate(values, 1):
                put(self.page, Spot("", n, CHART_DATA + c), value, self.styles.listed_center)
        return row + 1

    def chart(self, spec: Mapping[str, Any], number: int, block: Block, row: int) -> None:
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


def _share(spec: Mapping[str, Any], result: Result) -> Block:
    at = Layout.of(result.form).spot
    lines: list[tuple[str, list[Live | Figure | None]]] = [
        (p["name"], [_cells_sum(_part_cells(result.form, p), result.report, at)]) for p in spec["parts"]
    ]
    return Block(("件数",), lines)


def _years(spec: Mapping[str, Any], result: Result) -> Block:
    """This year beside last year and, where last year's summary tells of it, the year before that."""
    layout, report, last = Layout.of(result.form), result.report, result.report.previous
    if last is None:
        return Block((), [])
    older = last.previous
    lines: list[tuple[str, list[Live | Figure | None]]] = []
    for part in spec["parts"]:
        cells = _part_cells(result.form, part)
        known = [c for c in cells if c.table in report.form.comparable.get(last.form.key, ())]
        then = _cells_sum(known, last, layout.previous.__getitem__) if known else None
        before = [sum(older.figures.get(cell) or 0 for cell in known)] if older and older.year else []
        lines.append((part["name"], [*before, then, _cells_sum(cells, report, layout.spot)]))
    heads = [f"{last.year or '上'}年", f"{report.year or '本'}年"]
    return Block([f"{older.year}年", *heads] if older and older.year else heads, lines)


def _stack(spec: Mapping[str, Any], result: Result) -> Block:
    form, at = result.form, Layout.of(result.form).spot
    table = form.tables[spec["table"]]
    lines: list[tuple[str, list[Live | Figure | None]]] = [
        (
            table.rows[r].name,
            [_cells_sum([Cell(table.key, r, c)], result.report, at) for c in spec["columns"]],
        )
        for r in spec["rows"]
    ]
    return Block([table.columns[c].name for c in spec["columns"]], lines)


def _top(spec: Mapping[str, Any], result: Result) -> Block:
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
    return Block([part["name"] for part in spec["parts"]], lines)


_BLOCKS: dict[str, Callable[[Mapping[str, Any], Result], Block]] = {
    "share": _share,
    "years": _years,
    "stack": _stack,
    "top": _top,
}
