"""A flagged copy of a closed workbook: the validator's flags, notes and list of results, nothing else changed."""

import warnings
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from nianbao.core.files import into_place
from nianbao.core.finding import Finding
from nianbao.core.grid import a1
from nianbao.core.report import Report
from nianbao.workbook import layout as at
from nianbao.workbook.flags import (
    NOTE_HEAD,
    UNCHANGED,
    Asked,
    Flag,
    InputArea,
    Plan,
    ResultRow,
    keep,
    plan,
    typed_areas,
    value_of,
)
from nianbao.workbook.layout import Layout, Spot, height
from nianbao.workbook.patch import Book, Note, SheetPart, Unforeseen
from nianbao.workbook.repair import damages, restore
from nianbao.workbook.writer import write
from nianbao.xlsx.package import read_package
from nianbao.xlsx.value import LAST_ROW, Defect, Limits, escaped, printable

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

RESULT_COLUMNS = range(2, 8)
NOTE_AUTHOR = "年报校验"
#: How openpyxl gives up on a part that our reader does without (it has no exception of its own for that).
_REFUSED = (
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
    OSError,
    EOFError,
)
_BROKEN = (*_REFUSED, SyntaxError, BadZipFile, zlib.error)


def mark(source: Path, target: Path, report: Report, findings: Sequence[Finding]) -> bool:
    """Write a copy of the workbook ``source`` at ``target`` with every finding flagged in its cells.

    What an earlier validation flagged is replaced; the staff's own notes, colours and contents stay. Where the source
    is no workbook (interchange JSON), or one that openpyxl refuses, the copy is written anew from the report: False.
    """
    made = plan(report, findings, datetime.now())
    with into_place(target) as temporary:
        kept = _kept(source, temporary, report, made, macros=target.suffix.lower() == ".xlsm")
        if not kept:
            write(report, temporary)
            book = _load(temporary)
            _apply(book, report, made)
            book.save(temporary)
    return kept


def _kept(source: Path, target: Path, report: Report, made: Plan, *, macros: bool) -> bool:
    """Write the flagged copy out of the workbook itself; False where openpyxl refuses."""
    damaged = damages(source, report)
    if not damaged and _patched(source, target, report, made, macros=macros):
        return True
    book = open_book(source, macros=macros)
    if book is None:
        return False
    try:
        restore(book, report.form, damaged)
        _apply(book, report, made)
        book.save(target)
    except _BROKEN:
        return False
    return True


def _patched(source: Path, target: Path, report: Report, made: Plan, *, macros: bool) -> bool:
    """Write the flagged copy by editing the parts of a workbook that has no notes yet; False where that is not done."""
    try:
        if source.stat().st_size > Limits().file:
            return False
        book = Book(source.read_bytes(), macros=macros)
        patch(book, report, made)
        book.write(target)
    except (Unforeseen, Defect, *_BROKEN):
        return False
    return True


def open_book(source: Path, *, macros: bool = False) -> "Workbook | None":
    """The workbook for editing, its texts as they stand; None where it is none, or openpyxl refuses a part of it."""
    try:
        if not _workbook(source):
            return None
        book = _load(source, macros=macros)
        _escape(book, source)
    except _BROKEN:
        return None
    return book


def _load(source: Path, *, macros: bool = False) -> "Workbook":
    from openpyxl import load_workbook

    with warnings.catch_warnings(), source.open("rb") as file, merged_as_they_are():
        warnings.simplefilter("ignore")  # what it leaves out is not ours
        return load_workbook(file, keep_vba=macros, keep_links=False)


@contextmanager
def merged_as_they_are() -> Iterator[None]:
    """Within it openpyxl leaves the looks of merged cells alone: drawing their borders anew is half of its work."""
    from openpyxl.cell.cell import MergedCell
    from openpyxl.reader import excel as reading
    from openpyxl.worksheet.cell_range import CellRange, MultiCellRange

    excel: Any = reading
    usual = excel.WorksheetReader

    class Kept(usual):  # type: ignore[misc,valid-type]  # the library has no types
        def bind_merged_cells(self) -> None:
            """Every cell of a range has its own look in the file; the first alone holds something."""
            cells, ranges = self.ws._cells, []
            for given in self.parser.merged_cells.mergeCell if self.parser.merged_cells else ():
                merged = CellRange(given.ref)
                for place in list(merged.cells)[1:]:
                    original, cells[place] = cells.get(place), MergedCell(self.ws, *place)
                    if original is not None:
                        cells[place]._style = original._style
                ranges.append(merged)
            self.ws.merged_cells = MultiCellRange(ranges)

    excel.WorksheetReader = Kept
    try:
        yield
    finally:
        excel.WorksheetReader = usual


def _workbook(source: Path) -> bool:
    with source.open("rb") as file:
        return file.read(2) == b"PK"


def _apply(book: "Workbook", report: Report, made: Plan) -> None:
    """Write a plan down in a workbook, in place of what an earlier validation wrote."""
    layout = Layout.of(report.form)
    clear(book, layout)
    for flag in made.flags:
        if flag.at.sheet in book.sheetnames:
            _flag(book, flag)
    results = book[at.RESULTS] if at.RESULTS in book.sheetnames else book.create_sheet(at.RESULTS)
    _results(results, made)
    keep(book, report, layout)
    for spot, value in zip(at.STORED, made.stored, strict=True):
        results.cell(spot.row, spot.column).value = value
    if at.EXPLANATIONS in book.sheetnames:
        _asked(book[at.EXPLANATIONS], made.asked)
    for name, colour in made.tabs.items():
        if name in book.sheetnames:
            book[name].sheet_properties.tabColor = colour
    _open_at(book, made.lines)


def patch(book: Book, report: Report, made: Plan) -> None:
    """Write a plan down in the parts of a workbook, in place of what an earlier validation wrote."""
    layout = Layout.of(report.form)
    if not {at.RESULTS, at.EXPLANATIONS} <= book.sheets.keys():
        raise Unforeseen
    _patch_flags(book, layout, made.flags)
    figures = {spot: value_of(report, cell) for cell, spot in layout.cells()}
    for area in typed_areas(layout):
        if area.first.sheet in book.sheets:
            _patch_copy(book.sheet(area.first.sheet), area, figures)
    _patch_results(book, made)
    page = book.sheet(at.EXPLANATIONS)
    for n, line in enumerate(made.asked):
        row = at.EXPLANATIONS_TOP + n
        for column, value in zip(at.EXPLANATION_COLUMNS, line, strict=True):
            page.put(row, column, escaped(value) if value else None)
        page.height(row, max(height(line.problem, 54, 10), height(line.place, 34, 10), 18))
    for name in made.tabs.keys() & book.sheets.keys():
        book.sheet(name).tab(made.tabs[name])
    if made.lines and made.lines[0].at.sheet in book.sheets:
        first = made.lines[0].at
        for name in book.sheets:
            book.sheet(name).select(first.a1 if name == first.sheet else None)
        book.open_at(first.sheet)
    book.calculate()


def _patch_flags(book: Book, layout: Layout, flags: Sequence[Flag]) -> None:
    for name, columns in _mark_columns(layout).items():
        if name not in book.sheets:
            continue
        page = book.sheet(name)
        for row in page.numbers():
            for column in columns if name != at.COVER or row >= at.PREAMBLE.row else ():
                page.put(row, column, None)
    for name in dict.fromkeys(flag.at.sheet for flag in flags if flag.at.sheet in book.sheets):
        notes: dict[Spot, Note] = {}
        for flag in flags:
            if flag.at.sheet != name:
                continue
            if flag.code:
                book.sheet(name).put(flag.mark.row, flag.mark.column, escaped(flag.code))
            if flag.note:
                note = Note(flag.at.row, flag.at.column, printable(flag.note), *_note_size(flag.note))
                notes.setdefault(flag.at, note)
        if notes:
            book.notes(name, NOTE_AUTHOR, list(notes.values()))


def _patch_copy(page: SheetPart, area: InputArea, figures: Mapping[Spot, Any]) -> None:
    """Copy what is typed in an area beside it."""
    for row in range(area.first.row, area.last.row + 1):
        for column in range(area.first.column, area.last.column + 1):
            spot = Spot(area.first.sheet, row, column)
            if spot in figures:
                page.put(row, column + area.shift, figures[spot])
            else:
                page.copy(row, column, column + area.shift)


def _patch_results(book: Book, made: Plan) -> None:
    page = book.sheet(at.RESULTS)
    if not page.styled(RESULT_COLUMNS):
        raise Unforeseen
    page.put(at.SUMMARY.row, at.SUMMARY.column, escaped(made.summary))
    page.result(at.EDITED.row, at.EDITED.column, 0)
    page.result(at.VERDICT.row, at.VERDICT.column, UNCHANGED)
    for spot, value in zip(at.STORED, made.stored, strict=True):
        page.put(spot.row, spot.column, escaped(value))
    for row in page.numbers():
        if row >= at.RESULTS_TOP:
            page.height(row, None)
            for column in RESULT_COLUMNS:
                page.put(row, column, None)
    links = {}
    for row, values, line in _rows(made.lines):
        for column, shown in zip(RESULT_COLUMNS, values, strict=True):
            page.put(row, column, escaped(shown) if isinstance(shown, str) else shown)
        page.height(row, _line_height(line))
        if line.at.sheet in book.sheets:
            links[a1(row, 4)] = line.at.full()
    page.links((range(at.RESULTS_TOP, LAST_ROW + 1), RESULT_COLUMNS), links)
    if made.lines:
        book.filtered(at.RESULTS, _filtered(made))


def _cells(page: "Worksheet") -> list[Any]:
    """The cells that are there: going over rows would make those between, a million for one far down."""
    return list(page._cells.values())


def _open_at(book: "Workbook", listed: Sequence[ResultRow]) -> None:
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
    cells = [cell for page in book.worksheets for cell in _cells(page)]
    odd = [cell for cell in cells if cell.data_type == "s" and escaped(str(cell.value)) != cell.value]
    sheets = read_package(source).sheets if odd else {}
    for cell in odd:
        original = sheets[cell.parent.title].get((cell.row or 0, cell.column or 0))
        if original is not None:
            cell.value = escaped(original.text)
            cell.data_type = "s"


def _mark_columns(layout: Layout) -> dict[str, range]:
    """The hidden columns of the validator's flags, by sheet."""
    columns = {sheet.name: sheet.mark_columns for sheet in layout.sheets}
    return columns | {at.COVER: range(at.PREAMBLE_MARK, at.PREAMBLE_MARK + 1)}


def clear(book: "Workbook", layout: Layout) -> None:
    """Remove every flag, note and result that a validation made; nothing else."""
    columns = _mark_columns(layout)
    for name in columns.keys() & set(book.sheetnames):
        for cell in _cells(book[name]):
            if cell.column in columns[name] and (name != at.COVER or cell.row >= at.PREAMBLE.row):
                cell.value = None
            if cell.comment is not None and cell.comment.text.startswith(NOTE_HEAD):
                cell.comment = None
    for area in typed_areas(layout):
        if area.first.sheet in book.sheetnames:
            page, right = book[area.first.sheet], area.last.column + area.shift
            for cell in _cells(page):
                if area.first.row <= cell.row <= area.last.row and area.copy.column <= cell.column <= right:
                    cell.value = None
    if at.RESULTS in book.sheetnames:
        _clear_results(book[at.RESULTS])


def _clear_results(page: "Worksheet") -> None:
    for cell in _cells(page):
        if cell.row >= at.RESULTS_TOP and cell.column in RESULT_COLUMNS:
            cell.hyperlink = None
            del page._cells[cell.row, cell.column]
    for row in [row for row in page.row_dimensions if row >= at.RESULTS_TOP]:
        del page.row_dimensions[row]
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
        comment = Comment(printable(flag.note), NOTE_AUTHOR)
        comment.width, comment.height = _note_size(flag.note)
        cell.comment = comment


def _note_size(note: str) -> tuple[int, int]:
    """The width and height in pixels of the window of a note."""
    return 400, 24 + 20 * sum(1 + len(line) // 26 for line in note.split("\n"))


def _results(page: "Worksheet", made: Plan) -> None:
    from openpyxl.styles import Font

    book = page.parent
    page.cell(2, 2).value = made.summary
    for row, values, line in _rows(made.lines):
        for column, value in zip(RESULT_COLUMNS, values, strict=True):
            _listed(page, row, column, value)
        page.row_dimensions[row].height = _line_height(line)
        link = page.cell(row, 4)
        if book is not None and line.at.sheet in book.sheetnames:
            link.hyperlink = f"#{line.at.full()}"
            link.font = Font("宋体", 10, color="0563C1", underline="single")
    if made.lines:
        page.auto_filter.ref = _filtered(made)


def _line_height(line: ResultRow) -> float:
    return max(height(line.message, 62, 10), height(line.advice, 44, 10), height(line.place, 38, 10))


def _filtered(made: Plan) -> str:
    """The range of the filter over the results."""
    return f"B{at.RESULTS_TOP - 1}:G{at.RESULTS_TOP + len(made.lines) - 1}"


def _rows(lines: Sequence[ResultRow]) -> Iterator[tuple[int, tuple[int | str, ...], ResultRow]]:
    for n, line in enumerate(lines):
        yield (
            at.RESULTS_TOP + n,
            (n + 1, line.severity, line.place, line.message, line.advice, line.rule),
            line,
        )


def _asked(page: "Worksheet", lines: Sequence[Asked]) -> None:
    """Write the lines of what must be explained; what staff explained stays in its line."""
    for n, line in enumerate(lines):
        row = at.EXPLANATIONS_TOP + n
        page.row_dimensions[row].height = max(height(line.problem, 54, 10), height(line.place, 34, 10), 18)
        for column, value in zip(at.EXPLANATION_COLUMNS, line, strict=True):
            cell = page.cell(row, column)
            cell.value = value or None
            if value:
                cell.data_type = "s"


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
