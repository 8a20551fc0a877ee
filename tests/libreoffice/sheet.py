"""Sheets and the workbooks they are in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlwings import NoSuchObjectError
from xlwings import base_classes as base

from . import EngineError
from .document import ENCRYPTED, SAVED_AS, Document, Names, Note, encryption, open_file
from .office import UnoException, properties, uno_safe
from .range import Range
from .values import MAX_COLUMN, MAX_ROW, Box, around, parse

if TYPE_CHECKING:
    from .app import App


@uno_safe
class SheetApi:
    """The native sheet; also protection under the names Excel's own object has, since xlwings has none for it.

    So `sheet.api.Unprotect("")`, `sheet.api.Protect("")` and `sheet.api.ProtectContents` run on both. LibreOffice
    keeps no finer permissions: protecting again allows selecting cells and nothing else.
    """

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    def Protect(self, Password: str = "", *_permissions: bool, **_named: bool) -> None:
        self._sheet.xl.protect(Password or "")

    def Unprotect(self, Password: str = "") -> None:
        with suppress(UnoException):  # a wrong password raises
            self._sheet.xl.unprotect(Password or "")
        if self._sheet.xl.isProtected():
            raise EngineError(f"工作表“{self._sheet.name}”的保护密码不对，未能撤销保护。")

    @property
    def ProtectContents(self) -> bool:
        return bool(self._sheet.xl.isProtected())

    @property
    def Cells(self) -> Any:
        """The whole sheet's range as Excel's own object, for its conditional formats."""
        return self._sheet.cells.api

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sheet.xl, name)


class PageSetup(base.PageSetup):
    """What is printed of a sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    @property
    def print_area(self) -> str | None:
        areas = self._sheet.xl.PrintAreas
        return self._sheet.book.range_at(areas[0]).address if areas else None

    @print_area.setter
    def print_area(self, value: str | None) -> None:
        self._sheet.xl.setPrintAreas((self._sheet.range(value).xl.RangeAddress,) if value else ())


@uno_safe
class Sheet(base.Sheet):
    """One sheet."""

    def __init__(self, book: Book, xl: Any) -> None:
        self._book = book
        self.xl = xl

    @property
    def api(self) -> SheetApi:
        return SheetApi(self)

    @property
    def book(self) -> Book:
        return self._book

    @property
    def name(self) -> str:
        return str(self.xl.Name)

    @name.setter
    def name(self, value: str) -> None:
        self.xl.Name = value

    @property
    def index(self) -> int:
        return int(self.xl.RangeAddress.Sheet) + 1

    def span(self) -> None:
        """Hold the whole sheet again: its UNO object moves along with the cells that are inserted or deleted."""
        self.xl = self._book.document.sheets()[self.index - 1]

    @property
    def names(self) -> Names:
        return Names(self._book, self)

    @property
    def visible(self) -> bool:
        return bool(self.xl.IsVisible)

    @visible.setter
    def visible(self, value: bool) -> None:
        """Refuses to hide the last visible sheet, as Excel does."""
        if not value and not any(s.visible for s in self._book.sheets if s.index != self.index):
            raise EngineError("工作簿至少要有一张可见的工作表。")
        self.xl.IsVisible = bool(value)

    @property
    def notes(self) -> list[Note]:
        return [Note(self.range(place)) for place in self._book.document.inside("noted", self.xl)]

    def range(self, arg1: Any, arg2: Any = None) -> Range:
        """By address, defined name, (row, column), (row, column, rows, columns) or range; with two, what spans them."""
        box = self._box(arg1)
        return Range(self, box if arg2 is None else around(box, self._box(arg2)))

    def _box(self, place: Any) -> Box:
        if isinstance(place, Range):
            return place.box
        if isinstance(place, tuple):
            return _from_numbers(place)
        return parse(place) or self._named(place)

    def _named(self, name: str) -> Box:
        for names in (self.names, self._book.names):
            if names.contains(name):
                cells = names(name).refers_to_range
                if cells.sheet.name == self.name:
                    return cells.box
        raise NoSuchObjectError(f"工作表“{self.name}”上没有地址或名称“{name}”。")

    @property
    def cells(self) -> Range:
        return Range(self, Box(1, 1, MAX_ROW, MAX_COLUMN))

    @property
    def used_range(self) -> Range:
        return Range(self, Box(*self._book.document.inside("used", self.xl)))

    def activate(self) -> None:
        self._book.document.inside("activate", self._book.document.doc, self.xl)

    select = activate

    def clear_contents(self) -> None:
        self.cells.clear_contents()

    def clear_formats(self) -> None:
        self.cells.clear_formats()

    def clear(self) -> None:
        self.cells.clear()

    def autofit(self, axis: str | None = None) -> None:
        self.used_range.autofit(axis)

    def delete(self) -> None:
        self._book.document.doc.Sheets.removeByName(self.name)

    def copy(self, before: Sheet | None, after: Sheet | None) -> None:
        """A copy before or after another sheet, of this workbook or another one open in the same app."""
        sheets, position = _position(before, after)
        if (before or after).book.document is not self._book.document:  # type: ignore[union-attr]
            sheets.importSheet(self._book.document.doc, self.name, position)
            return
        taken, number = sheets.ElementNames, 2
        while f"{self.name} ({number})" in taken:
            number += 1
        sheets.copyByName(self.name, f"{self.name} ({number})", position)

    def move(self, before: Sheet | None, after: Sheet | None) -> None:
        sheets, position = _position(before, after)
        sheets.moveByName(self.name, position)

    @property
    def page_setup(self) -> PageSetup:
        return PageSetup(self)


def _from_numbers(place: tuple[int, ...]) -> Box:
    if len(place) == 4:
        top, left, rows, columns = place
        return Box(top, left, top + rows - 1, left + columns - 1)
    row, column = place
    if row < 1 or column < 1:
        raise IndexError("rows and columns are counted from 1")
    return Box(row, column, row, column)


def _position(before: Sheet | None, after: Sheet | None) -> tuple[Any, int]:
    """The UNO collection and the zero-based place before or after a sheet."""
    if before is not None:
        return before.book.document.doc.Sheets, before.index - 1
    if after is not None:
        return after.book.document.doc.Sheets, after.index
    raise ValueError("before or after which sheet?")


@uno_safe
class Sheets(base.Sheets):
    """The sheets of a workbook, in their order."""

    def __init__(self, book: Book) -> None:
        self._book = book

    @property
    def api(self) -> Any:
        return self._book.document.doc.Sheets

    @property
    def active(self) -> Sheet:
        document = self._book.document
        return Sheet(self._book, document.sheets()[document.inside("active", document.doc)])

    def __len__(self) -> int:
        return int(self.api.Count)

    def __iter__(self) -> Iterator[Sheet]:
        return iter([Sheet(self._book, xl) for xl in self._book.document.sheets()])

    def __contains__(self, key: str) -> bool:
        return any(name.lower() == key.lower() for name in self.api.ElementNames)

    def __call__(self, key: int | str) -> Sheet:
        """By number from 1, or by name in any case."""
        sheets = self._book.document.sheets()
        if not isinstance(key, str):
            if not 1 <= key <= len(sheets):
                raise IndexError(key)
            return Sheet(self._book, sheets[key - 1])
        names = self.api.ElementNames
        found = [name for name in names if name == key] or [n for n in names if n.lower() == key.lower()]
        if not found:
            raise NoSuchObjectError(f"工作簿“{self._book.name}”中没有工作表“{key}”。")
        return Sheet(self._book, sheets[names.index(found[0])])

    def add(self, before: Sheet | None = None, after: Sheet | None = None, name: str | None = None) -> Sheet:
        """A new sheet, active at once; before the active one unless told otherwise."""
        if before is None and after is None:
            before = self.active
        position = _position(before, after)[1]
        name = name or self._free_name()
        self.api.insertNewByName(name, position)
        sheet = self(name)
        sheet.activate()
        return sheet

    def _free_name(self) -> str:
        number = 1
        while f"Sheet{number}" in self:
            number += 1
        return f"Sheet{number}"


@uno_safe
class Book(base.Book):
    """One open workbook."""

    def __init__(self, app: App, document: Document) -> None:
        self._app = app
        self.document = document

    @property
    def api(self) -> Any:
        return self.document.doc

    @property
    def app(self) -> App:
        return self._app

    @property
    def fullname(self) -> str:
        return self.document.fullname

    @property
    def name(self) -> str:
        return self.document.name

    @property
    def sheets(self) -> Sheets:
        return Sheets(self)

    @property
    def names(self) -> Names:
        return Names(self)

    def range_at(self, address: Any) -> Range:
        """The range of a UNO CellRangeAddress."""
        sheet = Sheet(self, self.document.sheets()[address.Sheet])
        box = Box(address.StartRow + 1, address.StartColumn + 1, address.EndRow + 1, address.EndColumn + 1)
        return Range(sheet, box)

    def activate(self) -> None:
        self._app.bring_forward(self.document)

    def close(self) -> None:
        """Close without saving."""
        self._app.forget(self.document)
        self.document.close()

    def save(self, path: str | Path | None = None, password: str | None = None) -> None:
        """Save where it is, or under `path`; the ending says in which format. A new workbook becomes .xlsx."""
        stored = bool(self.document.doc.URL)
        if path is None and stored and not password:
            self.document.doc.store()
            return
        target = Path(path or (self.fullname if stored else f"{self.name}.xlsx")).resolve()
        kind = SAVED_AS.get(target.suffix.lower())
        if kind is None or (password and target.suffix.lower() not in ENCRYPTED):
            how = "加密保存" if password else "保存"
            raise EngineError(f"LibreOffice 不能{how}为“{target.suffix}”格式；请改用 .xlsx。")
        secret = {"EncryptionData": encryption(password)} if password else {}
        self.document.doc.storeAsURL(target.as_uri(), properties(FilterName=kind, Overwrite=True, **secret))

    def to_pdf(self, path: str | Path, quality: str = "standard") -> None:
        arguments = properties(FilterName="calc_pdf_Export", Overwrite=True)
        self.document.doc.storeToURL(Path(path).resolve().as_uri(), arguments)


@uno_safe
class Books(base.Books):
    """The workbooks that an app has open, in the order they were opened."""

    def __init__(self, app: App) -> None:
        self.app = app

    @property
    def api(self) -> Any:
        return self.app.api

    @property
    def active(self) -> Book | None:
        documents = self.app.living()
        return Book(self.app, documents[0]) if documents else None

    def _ordered(self) -> list[Book]:
        return [Book(self.app, d) for d in sorted(self.app.living(), key=lambda document: document.number)]

    def __len__(self) -> int:
        return len(self.app.living())

    def __iter__(self) -> Iterator[Book]:
        return iter(self._ordered())

    def __contains__(self, key: str) -> bool:
        return any(key.lower() in (book.name.lower(), book.fullname.lower()) for book in self)

    def __call__(self, key: int | str) -> Book:
        """By number from 1, name or full name."""
        if isinstance(key, int):
            return self._ordered()[key - 1]
        for book in self:
            if key.lower() in (book.name.lower(), book.fullname.lower()):
                return book
        raise KeyError(key)

    def add(self) -> Book:
        return self._adopt(self.app.new_document())

    def open(
        self,
        fullname: str | Path,
        update_links: bool | None = None,
        read_only: bool | None = None,
        format: int | None = None,
        password: str | None = None,
        *_others: Any,
    ) -> Book:
        """Open a workbook. Raises EngineError when it is no spreadsheet, damaged, or encrypted with another password."""
        path = Path(fullname).resolve()
        secret = {"Password": password} if password else {}
        doc = open_file(self.app.office, path, macros=self.app.macros, ReadOnly=bool(read_only), **secret)
        if doc is not None and not doc.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
            doc.close(True)
            doc = None
        if doc is None:
            raise EngineError(
                f"{path.name}：LibreOffice 不能把它作为表格打开；请确认文件完整，并且没有打开密码或密码正确。"
            )
        return self._adopt(doc)

    def _adopt(self, doc: Any) -> Book:
        return Book(self.app, self.app.adopt(doc))
