"""Workbooks: opening, saving, closing, exporting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlwings import base_classes as base

from .address import Box
from .bridge import UnoException, constant, properties, uno_safe
from .document import Document
from .errors import EngineError
from .names import Names
from .range import Range
from .sheet import Sheet, Sheets

if TYPE_CHECKING:
    from .app import App

_VBA = "Calc MS Excel 2007 VBA XML"
_FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xlsm": _VBA,
    ".xls": "MS Excel 97",
    ".ods": "calc8",
}


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
        sheet = Sheet(self, self.document.doc.Sheets.getByIndex(address.Sheet))
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
        kind = _FILTERS.get(target.suffix.lower())
        if kind is None:
            raise EngineError(f"LibreOffice 不能保存为“{target.suffix}”格式；请改用 .xlsx。")
        secret = {"Password": password} if password else {}
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
        documents = self.app.documents
        return Book(self.app, documents[0]) if documents else None

    def _ordered(self) -> list[Book]:
        return [Book(self.app, d) for d in sorted(self.app.documents, key=lambda document: document.number)]

    def __len__(self) -> int:
        return len(self.app.documents)

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
        return self._adopt(self.app.load("private:factory/scalc"))

    def open(
        self,
        fullname: str | Path,
        update_links: bool | None = None,
        read_only: bool | None = None,
        format: int | None = None,
        password: str | None = None,
        *_others: Any,
    ) -> Book:
        """Open a workbook. Links to other files are never followed. Raises EngineError when it is no spreadsheet."""
        path = Path(fullname).resolve()
        arguments: dict[str, Any] = {"ReadOnly": bool(read_only), "UpdateDocMode": 0}
        if password:
            arguments["Password"] = password
        if path.suffix.lower() == ".xlam":
            arguments["FilterName"] = _VBA
        refused = EngineError(
            f"{path.name}：LibreOffice 不能把它作为表格打开；请确认文件完整、没有打开密码。"
        )
        try:
            doc = self.app.load(path.as_uri(), **arguments)
        except UnoException:
            if self.app.office.alive():
                doc = None
            else:
                raise
        if doc is None:
            raise refused
        if not doc.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
            doc.close(True)
            raise refused
        return self._adopt(doc)

    def _adopt(self, doc: Any) -> Book:
        return Book(self.app, self.app.adopt(doc))


def macro_mode(allowed: bool) -> int:
    """Whether the macros of a document may run when it is opened and asked for."""
    name = "ALWAYS_EXECUTE_NO_WARN" if allowed else "NEVER_EXECUTE"
    return constant(f"document.MacroExecMode.{name}")
