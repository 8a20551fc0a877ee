"""The sheets of all the units: 单位明细, a row a unit and a column a figure, with the live sums over it; and the hidden
list of whose figures are in the sums."""

from collections.abc import Iterator
from itertools import groupby

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from nianbao.consolidate.result import Result, UnitRow
from nianbao.consolidate.sheets import Beside, ListSheet, plain_rows, streamed_sheet
from nianbao.core.form import Form
from nianbao.core.grid import Cell, column_name
from nianbao.core.number import Figure
from nianbao.workbook.layout import DETAIL, LEAVES, quoted
from nianbao.workbook.leaves import DETAIL_TOP, leaf_rows
from nianbao.workbook.live import Live
from nianbao.workbook.styles import HEI, LABEL, LINE, Styles

DETAIL_HEADS = ("序号", "单位", "代码", "上级", "处理结果", "文件")
DETAIL_WIDTHS = (6, 30, 20, 18, 12, 26)
FIRST_FIGURE = len(DETAIL_HEADS) + 1
DETAIL_NOTE = "一行一个单位，一列一项指标；各表数字是本表各列之和。（括号内）的数字按口径说明不计入。本表很宽，打印用 A3 横向。"
#: The last column of the sheet, hidden: the levels that a line belongs to.
LEVELS = "所属各级"
STATE = DETAIL_HEADS.index("处理结果") + 1


def write_detail(book: Workbook, styles: Styles, result: Result) -> Beside:
    """The sheet of all units' figures, or a line that says where they are when they are too many for a sheet; its
    lines are there when the context that is given ends."""
    form = result.form
    listing = ListSheet(book, styles, DETAIL, (*DETAIL_WIDTHS, *(9.5 for _ in form.cells)), wide=True)
    note = DETAIL_NOTE if result.detail or not result.lines else beyond_sheet(result)
    listing.title("单位明细", note)
    blank = [""] * len(DETAIL_HEADS)
    across = styles.get(font_name=HEI, align="left", bg_color=LABEL, top=1, bottom=1, border_color=LINE)
    listing.line([*blank, *_banner(form)], across, 22)
    rows = [*blank, *(form.row(cell).name for cell in form.cells)]
    listing.head(rows, [*DETAIL_HEADS, *(form.column(cell).name for cell in form.cells), LEVELS], height=44)
    listing.page.set_column(
        len(DETAIL_HEADS) + len(form.cells), len(DETAIL_HEADS) + len(form.cells), 9.5, None, {"hidden": True}
    )
    assert listing.row == DETAIL_TOP - 1
    last = len(DETAIL_HEADS) + len(form.cells)

    def lines() -> None:
        for number, line in enumerate(result.detail, 1):
            _detail_line(listing, number, line, result)
            listing.add(last, _path(result, line), styles.listed)

    if result.detail:
        _figure_style(styles)._get_xf_index()  # styles are numbered as they are met
    return Beside(listing, len(result.detail), lines, lambda first: listing.filter(last, first))


def write_leaves(book: Workbook, result: Result) -> None:
    """The list of the units in a sheet that Excel does not offer to show."""
    page = book.add_worksheet(LEAVES) if book.in_memory else streamed_sheet(book, LEAVES)
    plain_rows(page, 0, leaf_rows(result.leaves))
    page.very_hidden()


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


def _detail_line(listing: ListSheet, number: int, line: UnitRow, result: Result) -> None:
    figure = _figure_style(listing.styles)
    listing.line((number, line.name, line.code, line.superior, line.state, line.file))
    if not line.without:
        listing.figures(len(DETAIL_HEADS), result.texts(line), figure)
        return
    for n, text in enumerate(result.texts(line)):
        column = len(DETAIL_HEADS) + n
        if n in line.without:
            listing.add(column, f"（{text}）" if text else "", figure)
        else:
            listing.figures(column, [text], figure)


def _figure_style(styles: Styles) -> Format:
    return styles.get(font_size=10, align="right", border=1, border_color="#D5DBE1")


def _path(result: Result, line: UnitRow) -> str:
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
