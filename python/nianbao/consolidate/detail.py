"""单位明细: a row a unit, a column a cell; the printed tables of the summary are live sums over it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import groupby

from xlsxwriter import Workbook

from nianbao.consolidate.paper import Paper
from nianbao.consolidate.result import Line, Result
from nianbao.core.cell import Cell
from nianbao.core.form import Form
from nianbao.core.grid import column_name
from nianbao.core.number import Figure
from nianbao.workbook.layout import DETAIL, quoted
from nianbao.workbook.leaves import DETAIL_TOP
from nianbao.workbook.live import Live
from nianbao.workbook.styles import HEI, LABEL, LINE, Styles

HEADS = ("序号", "单位", "代码", "上级", "处理结果", "文件")
WIDTHS = (6, 30, 20, 18, 12, 26)
FIRST = len(HEADS) + 1
NOTE = "一行一个单位，一列一项指标；各表数字是本表各列之和。（括号内）的数字按口径说明不计入。本表很宽，打印用 A3 横向。"
#: The last column of the sheet, hidden: the levels that a line belongs to.
LEVELS = "所属各级"
STATE = HEADS.index("处理结果") + 1


def write_detail(book: Workbook, styles: Styles, result: Result) -> None:
    """The sheet of all units' figures, or a line that says where they are when they are too many for a sheet."""
    form = result.form
    paper = Paper(book, styles, DETAIL, (*WIDTHS, *(9.5 for _ in form.cells)), wide=True)
    note = NOTE if result.detail or not result.lines else beyond(result)
    paper.title("单位明细", note)
    blank = [""] * len(HEADS)
    across = styles.get(font_name=HEI, align="left", bg_color=LABEL, top=1, bottom=1, border_color=LINE)
    paper.line([*blank, *_banner(form)], across, 22)
    rows = [*blank, *(form.row(cell).name for cell in form.cells)]
    paper.head(rows, [*HEADS, *(form.column(cell).name for cell in form.cells), LEVELS], height=44)
    paper.page.set_column(
        len(HEADS) + len(form.cells), len(HEADS) + len(form.cells), 9.5, None, {"hidden": True}
    )
    assert paper.row == DETAIL_TOP - 1
    for number, line in enumerate(result.detail, 1):
        _line(paper, number, line, result.figures(line))
        paper.put(len(HEADS) + len(form.cells), _path(result, line), styles.listed)
    paper.filter(len(HEADS) + len(form.cells), DETAIL_TOP - 1)


def beyond(result: Result) -> str:
    """What the workbook says when the detail does not fit a sheet."""
    return (
        f"共 {len(result.lines)} 个单位，超过一张工作表的行数，明细另存为数据文件（CSV，可加 parquet、json），"
        "本工作簿各表为合计数"
    )


def _banner(form: Form) -> Iterator[str]:
    """The name of each printed table over its first column; the blanks beside it let it spread."""
    for _, cells in groupby(form.cells, key=lambda cell: cell.table):
        first, *rest = cells
        yield form.tables[first.table].name
        yield from ("" for _ in rest)


def _line(paper: Paper, number: int, line: Line, figures: Sequence[Figure | None]) -> None:
    styles = paper.styles
    figure = styles.get(font_size=10, align="right", border=1, border_color="#D5DBE1")
    paper.line((number, line.name, line.code, line.superior, line.state, line.file))
    write, row, column = paper.page.write_number, paper.row - 1, len(HEADS)
    for n, value in enumerate(figures, column):
        if n - column in line.without:
            paper.put(n, "" if value is None else f"（{value}）", figure)
        elif value is None:
            paper.page.write_blank(row, n, None, figure)
        else:
            write(row, n, float(value) if isinstance(value, Decimal) else value, figure)


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
    return column(result, column_name(FIRST + n))


def summed(result: Result, n: int, value: Figure | None, where: str) -> Live | Figure | None:
    """The live sum of a cell over the lines that ``where`` (ranges and criteria of SUMIFS) picks, with its value now;
    the mere value where the sheet has no detail, nothing where no line has a figure."""
    if value is None or not result.detail:
        return value
    total, places = f"SUMIFS({figures_of(result, n)},{where})", result.totals.places[n]
    return Live(f"=ROUND({total},{places})" if places else f"={total}", float(value))


def sums(result: Result) -> dict[Cell, Live]:
    """For every cell the live sum of its column in the detail, with the exact sum as its value now.

    A cell that all units left blank is left blank too: an empty formula would not be read as a blank.
    """
    return dict(_sums(result)) if result.detail else {}


def _sums(result: Result) -> Iterator[tuple[Cell, Live]]:
    for n, cell in enumerate(result.form.cells):
        area = figures_of(result, n)
        places, value = result.totals.places[n], result.totals.sums[n]
        total = f"ROUND(SUM({area}),{places})" if places else f"SUM({area})"
        if value is not None:
            yield cell, Live(f'=IF(COUNT({area})=0,"",{total})', float(value))
