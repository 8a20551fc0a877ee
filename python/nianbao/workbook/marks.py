"""A flagged copy of a closed workbook: the validator's flags, notes and list of results, nothing else changed."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.core.finding import Finding
from nianbao.core.report import Report
from nianbao.workbook import layout as at
from nianbao.workbook.flags import NOTE_HEAD, Flag, Line, asked, flags, lines, summary
from nianbao.workbook.layout import Layout, SheetLayout
from nianbao.workbook.measure import height
from nianbao.workbook.stamp import of_book, renew
from nianbao.workbook.template import into_place
from nianbao.workbook.text import escaped, printable
from nianbao.xlsx.package import read_package

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

RESULT_COLUMNS = range(2, 8)


def mark(source: Path, target: Path, report: Report, findings: Sequence[Finding]) -> None:
    """Write a copy of the workbook ``source`` at ``target`` with every finding flagged in its cells.

    What an earlier validation flagged is replaced; the staff's own notes, colours and contents stay. Macros
    are kept where the target is an .xlsm; a sheet of results that was deleted is made anew.
    """
    from openpyxl import load_workbook

    book = load_workbook(source, keep_vba=target.suffix.lower() == ".xlsm", keep_links=False)
    _escape(book, source)
    layout = Layout.of(report.form)
    clear(book, layout)
    for flag in flags(findings, report, layout):
        if flag.at.sheet in book.sheetnames:
            _flag(book, flag)
    results = book[at.RESULTS] if at.RESULTS in book.sheetnames else book.create_sheet(at.RESULTS)
    _results(results, book, report, layout, findings)
    if at.EXPLANATIONS in book.sheetnames:
        _asked(book[at.EXPLANATIONS], report, layout, findings)
    _open_at(book, lines(findings, report, layout))
    with into_place(target) as temporary:
        book.save(temporary)


def _open_at(book: "Workbook", listed: Sequence[Line]) -> None:
    """The copy opens with the first finding selected."""
    if not listed or listed[0].at.sheet not in book.sheetnames:
        return
    at_first = listed[0].at
    for page in book.worksheets:
        page.sheet_view.tabSelected = page.title == at_first.sheet
    book.active = book.sheetnames.index(at_first.sheet)
    for selection in book[at_first.sheet].sheet_view.selection:
        selection.activeCell = selection.sqref = at_first.a1


def _escape(book: "Workbook", source: Path) -> None:
    """Texts with an escape in them (``_x0041_``) as they were: openpyxl takes off only half of the escaping."""
    cells = [cell for page in book.worksheets for row in page.iter_rows() for cell in row]
    odd = [cell for cell in cells if cell.data_type == "s" and escaped(str(cell.value)) != cell.value]
    sheets = read_package(source).sheets if odd else {}
    for cell in odd:
        stood = sheets[cell.parent.title].get((cell.row or 0, cell.column or 0))
        if stood is not None:
            cell.value = escaped(stood.text)
            cell.data_type = "s"


def clear(book: "Workbook", layout: Layout) -> None:
    """Remove every flag, note and result that a validation made; nothing else."""
    for sheet in layout.sheets:
        if sheet.name in book.sheetnames:
            _clear_sheet(book[sheet.name], sheet)
    for row in range(at.PREAMBLE.row, book[at.COVER].max_row + 1):
        book[at.COVER].cell(row, at.PREAMBLE_MARK).value = None
    _clear_notes(book[at.COVER])
    if at.RESULTS in book.sheetnames:
        _clear_results(book[at.RESULTS])


def _clear_sheet(page: "Worksheet", sheet: SheetLayout) -> None:
    first, last = sheet.hidden
    start = first + 2 * (sheet.width + 1)
    for row in range(1, page.max_row + 1):
        for column in range(start, last + 1):
            if page.cell(row, column).value is not None:
                page.cell(row, column).value = None
    _clear_notes(page)


def _clear_notes(page: "Worksheet") -> None:
    for row in page.iter_rows():
        for cell in row:
            if cell.comment is not None and cell.comment.text.startswith(NOTE_HEAD):
                cell.comment = None


def _clear_results(page: "Worksheet") -> None:
    if page.max_row >= at.RESULTS_TOP:
        page.delete_rows(at.RESULTS_TOP, page.max_row - at.RESULTS_TOP + 1)
    page.cell(at.SUMMARY.row, at.SUMMARY.column).value = at.NOT_VALIDATED
    for spot in at.STORED:
        page.cell(spot.row, spot.column).value = None


def _flag(book: "Workbook", flag: Flag) -> None:
    from openpyxl.comments import Comment

    page = book[flag.at.sheet]
    if flag.code:
        page.cell(flag.mark.row, flag.mark.column).value = flag.code
    cell = page.cell(flag.at.row, flag.at.column)
    if flag.note and cell.comment is None:
        comment = Comment(printable(flag.note), "年报校验")
        comment.width, comment.height = 360, 60 + 22 * (len(flag.note) // 24 + 1)
        cell.comment = comment


def _results(
    page: "Worksheet", book: "Workbook", report: Report, layout: Layout, findings: Sequence[Finding]
) -> None:
    from openpyxl.styles import Font

    page.cell(2, 2).value = summary(findings, datetime.now())
    for n, line in enumerate(lines(findings, report, layout)):
        row = at.RESULTS_TOP + n
        values = (n + 1, line.severity, line.place, line.message, line.advice, line.rule)
        for column, value in zip(RESULT_COLUMNS, values, strict=True):
            _listed(page, row, column, value)
        high = max(height(line.message, 62, 10), height(line.advice, 44, 10), height(line.place, 38, 10))
        page.row_dimensions[row].height = high
        link = page.cell(row, 4)
        if line.at.sheet in book.sheetnames:
            link.hyperlink = f"#{line.at.full()}"
            link.font = Font("宋体", 10, color="0563C1", underline="single")
    if findings:
        page.auto_filter.ref = f"B{at.RESULTS_TOP - 1}:G{at.RESULTS_TOP + len(findings) - 1}"
    renew(page, layout)
    _stored(page, of_book(book, report, layout), report)


def _asked(page: "Worksheet", report: Report, layout: Layout, findings: Sequence[Finding]) -> None:
    """Write the lines of what must be explained; what staff explained stays in its line."""
    for n, line in enumerate(asked(findings, report, layout)):
        row = at.EXPLANATIONS_TOP + n
        page.row_dimensions[row].height = max(height(line.problem, 54, 10), height(line.place, 34, 10), 18)
        for column, value in zip(at.EXPLANATION_COLUMNS, line, strict=True):
            cell = page.cell(row, column)
            cell.value = value or None
            if value:
                cell.data_type = "s"


def _stored(page: "Worksheet", number: float, report: Report) -> None:
    values: tuple[float | str, ...] = (number, f"{datetime.now():%Y-%m-%d %H:%M:%S}", report.fingerprint())
    for spot, value in zip(at.STORED, values, strict=True):
        page.cell(spot.row, spot.column).value = value


def _listed(page: "Worksheet", row: int, column: int, value: Any) -> None:
    from openpyxl.styles import Alignment, Border, Font, Side

    cell = page.cell(row, column)
    cell.value = printable(value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
    line = Side("thin", "7B8794")
    cell.border = Border(line, line, line, line)
    cell.font = Font("宋体", 10)
    center = column in (2, 3)
    cell.alignment = Alignment("center" if center else "left", "top", wrap_text=True)
