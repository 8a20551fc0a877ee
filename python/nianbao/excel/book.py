"""The open workbook as the verbs see it: whole blocks in, whole blocks out. The only home of xlwings.

Everything here goes through xlwings' public interface; the few calls that it has no word for (protection, filters,
the size of a note) are Excel's own and answered, or not known, by the engine over LibreOffice.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import xlwings as xw

from nianbao.core.files import OfficeError, Unreadable
from nianbao.core.number import ERRORS
from nianbao.workbook import layout as at
from nianbao.workbook.layout import COVER_FIELDS, Layout, Spot
from nianbao.xlsx.package import Package
from nianbao.xlsx.value import Value

#: A spreadsheet counts days from here (LibreOffice and Excel after February 1900 agree).
_FIRST_DAY = datetime(1899, 12, 30)
#: Whole numbers of more digits are written with an exponent, as files have them.
_LONGEST_WHOLE = 1e15


class InputColumns(NamedTuple):
    """The columns of a sheet that hold what staff type; row 1 down to ``bottom`` or further.

    ``grows``: the last row with something in this column counts as well (0: never further down).
    ``formulas``: whether it matters that a cell holds a formula. Hidden columns are not in it.
    """

    sheet: str
    left: int
    right: int
    bottom: int
    grows: int = 0
    formulas: bool = False


def cover() -> InputColumns:
    """The cover, which stands in the same place in every form."""
    right = max(spot.column for _, spot in COVER_FIELDS.values())
    return InputColumns(at.COVER, at.LEFT, right, at.PREAMBLE.row, at.PREAMBLE.column)


def areas(layout: Layout) -> Iterator[InputColumns]:
    """What must be read of an open workbook of this form besides the cover, a block a sheet."""
    for sheet in layout.sheets:
        tabular = sheet.table is not None
        yield InputColumns(
            sheet.name, at.LEFT, layout.read_columns[sheet.name], sheet.text_top, at.LEFT, tabular
        )
    last = [at.PREVIOUS_YEAR, at.PREVIOUS_FORM, *layout.previous.values()]
    yield InputColumns(at.PREVIOUS, at.LEFT, max(s.column for s in last), max(s.row for s in last))
    yield explanations()


def explanations() -> InputColumns:
    """The lines of 审核说明, with the hidden columns that bind each to what it speaks of."""
    columns = at.EXPLANATION_COLUMNS
    return InputColumns(at.EXPLANATIONS, columns[0], columns[-1], at.EXPLANATIONS_TOP, columns[0])


def cells(
    values: Sequence[Sequence[Any]], formulas: Sequence[Sequence[str]], left: int
) -> dict[tuple[int, int], Value]:
    """A block that begins in row 1 and column ``left``, as a closed sheet's content by (row, column).

    Without ``formulas`` every cell is taken for a typed one.
    """
    content = {}
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            formula = formulas[row][column] if formulas else ""
            if (cell := as_saved(value, formula or "")) is not None:
                content[row + 1, left + column] = cell
    return content


def as_saved(value: Any, formula: str) -> Value | None:
    """One cell as a file would have it: numbers by their exact digits, error values and truth values as such.

    ``value``: None, bool, a number, a text (error values as text too); ``formula``: what would be typed.
    """
    computed = formula.startswith("=") and formula != value
    if value is None or value == "":
        return Value("s", "", True) if computed else None
    if isinstance(value, bool):
        return Value("b", "1" if value else "0", computed)
    if isinstance(value, float | int | Decimal):
        return Value("n", digits(value), computed)
    text = str(value)
    return Value("e" if text in ERRORS else "s", text, computed)


def digits(value: float | int | Decimal) -> str:
    """The shortest digits that give exactly this number back."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _LONGEST_WHOLE:
        return str(int(value))
    return str(value)


def serial(*parts: Any, **named: Any) -> float:
    """A cell that is formatted as a date holds a number all the same: its days since the spreadsheet's first.

    The parts are those of a ``datetime``, as xlwings hands them over; its time zone is none of a spreadsheet's.
    """
    named.pop("tzinfo", None)
    passed = datetime(*parts, **named) - _FIRST_DAY
    days = passed.days + (passed.seconds + passed.microseconds / 1e6) / 86400
    return round(days, 9)


class Formula(str):
    """A text that is entered as a formula; every other text stays text."""


def typed(value: str | float | None) -> str | float | None:
    """A value as it must be handed over so that a text never turns into a number, a date or a formula."""
    if not isinstance(value, str) or isinstance(value, Formula):
        return value
    return f"'{value}" if value and (value[0] in "=+-@'." or value[0].isdigit()) else value


def link(sheet: str, address: str, text: str) -> Formula:
    """A cell that leads to another cell of the workbook when it is clicked (texts in formulas: 255 characters)."""
    target = f"#{at.quoted(sheet)}!{address}"
    return Formula(f'=HYPERLINK("{_inside(target)}","{_inside(text[:120])}")')


def _inside(text: str) -> str:
    return text.replace('"', '""')


TITLE = "政府信息公开年报"
#: Excel's Protect takes its arguments by place: no password; drawings, contents and scenarios protected; not for
#: the user interface alone; formatting of columns and rows, sorting and filtering allowed (see workbook/sheet.py).
_PROTECT = ("", True, True, True, False, False, True, True, *[False] * 5, True, True, False)
#: More rows in use than any report has: formats, perhaps, and nothing in them.
_TALL = 500
_NOTE_WIDTH, _NOTE_LINE, _NOTE_ROOM = 270.0, 15.0, 22

_FOLDER_PICKER = 4  # msoFileDialogFolderPicker
_NO_WINDOW = Unreadable(
    "选择文件", "这个程序没有选择文件的窗口", "请改用命令行 nianbao import、nianbao consolidate"
)

Row = Sequence[str | float | None]


def refusals() -> tuple[type[Exception], ...]:
    """What a spreadsheet application raises when it refuses something."""
    if sys.platform == "win32":
        import pywintypes

        return (OfficeError, xw.XlwingsError, pywintypes.com_error)
    return (OfficeError, xw.XlwingsError)


def calling_app(env: Mapping[str, str] = os.environ) -> xw.App | None:
    """The application whose ribbon was clicked (``NIANBAO_HWND``), or the one that called through xlwings."""
    window = env.get("NIANBAO_HWND", "")
    if window:
        with suppress(*refusals()):
            return next((app for app in xw.apps if str(app.hwnd) == window), None)
        return None
    return xw.Book.caller().app if _called() else None


def _called() -> bool:
    """Whether xlwings' own RunPython called us (or a test pretends so)."""
    return hasattr(xw.Book, "_mock_caller") or any(a.startswith("--from_xl") for a in sys.argv)


def attached() -> dict[str, str]:
    """What the add-in would have said of the workbook in front, for verbs that are started from outside.

    Raises Unreadable where no Excel with a workbook is open.
    """
    with suppress(*refusals()):
        app = xw.apps.active
        if app is not None and app.books:
            return {"NIANBAO_HWND": str(app.hwnd), "NIANBAO_NAME": app.books.active.name}
    raise Unreadable("Excel", "没有打开工作簿", "请先在 Excel 中打开年报工作簿，再运行一次")


def calling_book(book: xw.Book | None = None, env: Mapping[str, str] = os.environ) -> "OpenBook":
    """The workbook in front of which the button was clicked; ``book``: this one. Raises Unreadable when there is none."""
    if book is not None:
        return OpenBook(book)
    name = env.get("NIANBAO_NAME", "")
    app = calling_app(env)
    if app is None:
        raise Unreadable(name or "工作簿", "没有找到打开它的表格程序", "请从 Excel 的“年报”选项卡点击按钮")
    if not env.get("NIANBAO_HWND"):
        return OpenBook(xw.Book.caller())
    if not name or name not in [opened.name for opened in app.books]:
        raise Unreadable(name or "工作簿", "没有打开", "请先打开年报工作簿，再点击按钮")
    return OpenBook(app.books[name])


def in_front(
    book: xw.Book | None = None, env: Mapping[str, str] = os.environ
) -> "tuple[xw.App, OpenBook | None]":
    """The application, and the workbook in front if there is one, for what needs no workbook."""
    if book is not None:
        return book.app, OpenBook(book)
    app = calling_app(env)
    if app is None:
        raise Unreadable("表格程序", "没有找到", "请从 Excel 的“年报”选项卡点击按钮")
    workbook = next((opened for opened in app.books if opened.name == env.get("NIANBAO_NAME")), None)
    return app, OpenBook(workbook) if workbook is not None else None


def number_of(colour: str) -> int:
    """A colour (RRGGBB) as Excel counts it: blue, green, red."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red + 256 * green + 65536 * blue


class OpenBook:
    """One open workbook and the application it is open in."""

    def __init__(self, book: xw.Book) -> None:
        self.book, self.app = book, book.app
        self._bottoms: dict[str, int] = {}

    @property
    def name(self) -> str:
        return str(self.book.name)

    @property
    def path(self) -> Path | None:
        """Where it is saved; None for a workbook that never was, or only in a cloud without a folder here."""
        with suppress(*refusals()):
            path = Path(self.book.fullname)
            return path if path.is_absolute() else None
        return None

    @property
    def folder(self) -> Path:
        """Where it is saved; raises Unreadable for a workbook that never was."""
        if self.path is None:
            raise Unreadable(self.name, "还没有保存到本机的文件夹，不知道文件写到哪里", "请先保存到本机再试")
        return self.path.parent

    @cached_property
    def pages(self) -> dict[str, xw.Sheet]:
        """The sheets by name, looked up once for a click."""
        return {sheet.name: sheet for sheet in self.book.sheets}

    @property
    def sheet_names(self) -> tuple[str, ...]:
        return tuple(self.pages)

    def calculate(self) -> None:
        """Bring formulas up to date where the user has switched that off; to be done before anything is read."""
        if self.app.calculation != "automatic":
            self.app.calculate()

    # Reading

    def package(self, wanted: Sequence[InputColumns]) -> Package:
        """The wanted areas, in the shape in which a closed workbook is read; a missing sheet is absent."""
        names = self.sheet_names
        sheets = {area.sheet: self._cells(area) for area in wanted if area.sheet in names}
        return Package(names, sheets)

    def _cells(self, area: InputColumns) -> dict[tuple[int, int], Any]:
        page = self.pages[area.sheet]
        bottom = max(area.bottom, self._last(area.sheet, area.grows) if area.grows else 0)
        block = page.range((1, area.left), (bottom, area.right))
        values = block.options(ndim=2, err_to_str=True, dates=serial).value
        return cells(values, block.formula if area.formulas else (), area.left)

    def _last(self, sheet: str, column: int) -> int:
        """The last row with something in a column, or one a little further down."""
        bottom = self.bottom(sheet)
        if bottom <= _TALL:
            return bottom
        return int(self.pages[sheet].range((bottom + 1, column)).end("up").row)

    def bottom(self, sheet: str) -> int:
        """The last row in use, at least 1; looked up once, then kept in step with what is written."""
        if sheet not in self._bottoms:
            used = self.pages[sheet].used_range
            self._bottoms[sheet] = int(used.row + used.shape[0] - 1)
        return self._bottoms[sheet]

    def value(self, spot: Spot) -> Any:
        """One cell's value: None, bool, float or text; None for an error value."""
        return self._cell(spot).options(dates=serial).value

    def number_format(self, spot: Spot) -> str:
        """The number format of one cell."""
        return str(self._cell(spot).number_format or "")

    def formula(self, spot: Spot) -> str:
        """What would be typed to get one cell: a formula, or the text of its value."""
        return str(self._cell(spot).formula or "")

    def formulas(self, first: Spot, bottom: int, right: int) -> dict[tuple[int, int], str]:
        """The formulas of a block by row and column."""
        block = self.pages[first.sheet].range((first.row, first.column), (bottom, right)).formula
        return {
            (row, column): text[1:]
            for row, line in enumerate(block, first.row)
            for column, text in enumerate(line, first.column)
            if isinstance(text, str) and text.startswith("=")
        }

    def block(self, first: Spot, bottom: int, right: int) -> list[Row]:
        """The values of a block as rows."""
        cells = self.pages[first.sheet].range((first.row, first.column), (bottom, right))
        return list(cells.options(ndim=2, err_to_str=True, dates=serial).value)

    def column(self, first: Spot, last_row: int) -> list[Any]:
        """The values of a column from a cell down."""
        return [row[0] for row in self.block(first, last_row, first.column)]

    def _cell(self, spot: Spot) -> xw.Range:
        return self.pages[spot.sheet].range((spot.row, spot.column))

    # Writing

    def put(self, first: Spot, rows: Sequence[Row]) -> None:
        """Write a block whose top left cell is ``first``, in one call; None empties a cell.

        As raw values: xlwings would measure the block's range anew, a dozen calls to the application each time.
        """
        bottom = first.row + len(rows) - 1
        corner = (bottom, first.column + len(rows[0]) - 1)
        block = self.pages[first.sheet].range((first.row, first.column), corner)
        block.raw_value = [["" if value is None else typed(value) for value in row] for row in rows]
        self._bottoms[first.sheet] = max(bottom, self.bottom(first.sheet))

    def as_number(self, spot: Spot) -> None:
        """A cell that is formatted as text would turn a number into text again."""
        cell = self._cell(spot)
        if cell.number_format == "@":
            cell.number_format = "General"

    def add_sheet(self, name: str) -> None:
        """A new sheet behind all others."""
        self.pages[name] = self.book.sheets.add(name, after=self.book.sheets[-1])

    def empty(self, first: Spot, bottom: int, right: int) -> None:
        """Remove the contents of a block, not its looks."""
        if bottom >= first.row:
            page = self.pages[first.sheet]
            page.range((first.row, first.column), (bottom, right)).clear_contents()

    def fit(self, sheet: str, first: int, last: int) -> None:
        """Make rows as high as what is in them."""
        self.pages[sheet].range(f"{first}:{last}").rows.autofit()

    def show_all(self, sheet: str) -> None:
        """Undo a filter, behind whose hidden rows a block could not be written."""
        api = self.pages[sheet].api
        if getattr(api, "FilterMode", False):
            api.ShowAllData()

    def colour_tabs(self, colours: Mapping[str, str]) -> None:
        """Colour the tabs of sheets (RRGGBB) where the application can."""
        for name in colours.keys() & set(self.sheet_names):
            tab = getattr(self.pages[name].api, "Tab", None)
            if tab is not None:
                tab.Color = number_of(colours[name])

    def notes(self, sheet: str) -> dict[Spot, xw.main.Note]:
        """Every note of a sheet by its cell."""
        placed = ((note.location, note) for note in self.pages[sheet].notes)
        return {Spot(sheet, cell.row, cell.column): note for cell, note in placed}

    def annotate(self, spot: Spot, text: str) -> None:
        """Add a note to a cell that has none; a threaded comment stays alone."""
        cell = self._cell(spot)
        if self.app.engine.name != "excel":
            cell.add_note(text)
        elif getattr(cell.api, "CommentThreaded", None) is None:
            shape = cell.add_note(text).api.Shape
            lines = sum(1 + len(line) // _NOTE_ROOM for line in text.split("\n"))
            shape.Width, shape.Height = _NOTE_WIDTH, _NOTE_LINE * (lines + 1)

    def save(self) -> None:
        """Save the workbook in its place, unless nothing was changed since."""
        if getattr(self.book.api, "Saved", False) is not True:
            self.book.save()

    # What the user sees

    def select(self, spot: Spot) -> None:
        self.book.activate()
        self.pages[spot.sheet].activate()
        self._cell(spot).select()

    def status(self, text: str) -> None:
        """Say something in the status bar; nothing gives it back to the application."""
        self.app.status_bar = text or False

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Nothing flickers and nothing recalculates meanwhile; afterwards all is as it was, even on failure.

        That is: screen updating, calculation, status bar, active sheet and selection.
        """
        app, sheet, chosen = self.app, self.book.sheets.active, self.app.selection
        before = {name: getattr(app, name) for name in ("screen_updating", "calculation", "status_bar")}
        with ExitStack() as undo:
            for name, value in before.items():
                undo.callback(setattr, app, name, value)
            undo.callback(_reselect, sheet, chosen)
            app.screen_updating, app.calculation = False, "manual"
            yield

    @contextmanager
    def unlocked(self, sheets: Sequence[str]) -> Iterator[None]:
        """These sheets without their protection, which comes back with what the template allows.

        Raises Unreadable, with every sheet protected as before, where a password is needed.
        """
        pages = [self.pages[name] for name in sheets if name in self.sheet_names]
        with ExitStack() as undo:
            for page in pages:
                if page.api.ProtectContents:
                    self._unprotect(page)
                    undo.callback(page.api.Protect, *_PROTECT)
            yield

    def _unprotect(self, page: xw.Sheet) -> None:
        with suppress(*refusals()):
            page.api.Unprotect("")
        if page.api.ProtectContents:
            raise Unreadable(
                self.name,
                f"工作表“{page.name}”设有保护密码，无法写入校验标记，工作簿未作任何改动",
                "请在“审阅”中用密码撤销工作表保护后重试",
            )


@contextmanager
def undone_by(undo: Callable[[], None]) -> Iterator[None]:
    """All of the block, or ``undo`` where it fails, whatever fails."""
    try:
        yield
    except BaseException:
        undo()
        raise


def _reselect(sheet: xw.Sheet, chosen: xw.Range | None) -> None:
    sheet.activate()
    if chosen is not None and chosen.sheet == sheet:
        chosen.select()


def ask_file(app: xw.App) -> Path | None:
    """The workbook or data file the user chooses in Excel's own window; None when the user cancels."""
    dialog = getattr(app.api, "GetOpenFilename", None)
    if dialog is None:
        raise _NO_WINDOW
    chosen = dialog("年报 (*.xlsx;*.xlsm;*.json),*.xlsx;*.xlsm;*.json", 1, "选择上年度的年报工作簿或数据文件")
    return Path(chosen) if isinstance(chosen, str) and chosen else None


def ask_folder(app: xw.App) -> Path | None:
    """The folder the user chooses in Excel's own window; None when the user cancels."""
    window = getattr(app.api, "FileDialog", None)
    if window is None:
        raise _NO_WINDOW
    dialog = window(_FOLDER_PICKER)
    dialog.Title = "选择存放下级单位年报的文件夹"
    return Path(dialog.SelectedItems.Item(1)) if dialog.Show() == -1 else None


def open_book(app: xw.App, path: Path) -> None:
    """Open a workbook in front of the user."""
    app.books.open(path).activate()


def tell(app: xw.App | None, sentence: str) -> bool:
    """Show the user a sentence in the application; False where there is none to show it in."""
    if app is None:
        return False
    with suppress(*refusals()):
        app.alert(sentence, TITLE)
        return True
    return False
