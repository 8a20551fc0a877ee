"""Workbooks: opening, saving, closing, exporting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlwings import base_classes as base

from .address import Box
from .bridge import properties, uno_safe
from .document import Document
from .errors import EngineError
from .filters import ENCRYPTED, SAVED_AS, encryption, open_file
from .names import Names
from .range import Range
from .sheet import Sheet, Sheets

if TYPE_CHECKING:
    from .app import App


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
