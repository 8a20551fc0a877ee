"""Files opened, saved and printed by LibreOffice; an open document, the names defined in it and its notes."""

from __future__ import annotations

import functools
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from xlwings import NoSuchObjectError
from xlwings import base_classes as base

from nianbao.core.files import Unreadable

from . import GONE, EngineError, Gone
from .office import (
    Disposed,
    Office,
    UnoException,
    constant,
    properties,
    property_list,
    safely,
    struct,
    uno,
    uno_safe,
)

if TYPE_CHECKING:
    from .range import Range
    from .sheet import Book, Sheet


WORKBOOK = "Calc MS Excel 2007 XML"
_VBA = "Calc MS Excel 2007 VBA XML"

SAVED_AS = {".xlsx": WORKBOOK, ".xlsm": _VBA, ".xls": "MS Excel 97", ".ods": "calc8"}
# Without these, a text file named .xlsx is opened as text.
_OPENED_AS = {".xlsx": WORKBOOK, ".xlsm": _VBA, ".xlam": _VBA, ".docx": "MS Word 2007 XML"}
ENCRYPTED = (".xlsx", ".xlsm")


def open_file(office: Office, path: Path, *, macros: bool = False, **arguments: Any) -> Any:
    """The UNO document, or None when LibreOffice cannot open it. Never hidden: such a document has no controller.

    Links to other files are not followed; macros run only if `macros`.
    """
    kind = _OPENED_AS.get(path.suffix.lower())
    named = {"FilterName": kind} if kind else {}
    settings = properties(**named, **arguments, UpdateDocMode=0, MacroExecutionMode=macro_mode(macros))
    try:
        return office.desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, settings)
    except Disposed:
        raise
    except UnoException:
        return None


def macro_mode(allowed: bool) -> int:
    """Whether a document's macros may run."""
    name = "ALWAYS_EXECUTE_NO_WARN" if allowed else "NEVER_EXECUTE"
    return constant(f"document.MacroExecMode.{name}")


def encryption(password: str) -> Any:
    """The argument that encrypts an Excel file; a plain Password is ignored there, silently."""
    parts = (("CryptoType", "Standard"), ("OOXPassword", password))
    values = tuple(struct("beans.NamedValue", Name=name, Value=value) for name, value in parts)
    return uno.Any("[]com.sun.star.beans.NamedValue", values)


_PDF_FILTERS = {".docx": "writer_pdf_Export", ".odt": "writer_pdf_Export"}
_PDF_SETTINGS = {
    "UseTaggedPDF": True,  # readable aloud
    "ExportBookmarks": True,
    "EmbedStandardFonts": True,
    "DisplayPDFDocumentTitle": True,
}


def recalculate(source: Path, target: Path, timeout: float, office: Office | None) -> None:
    with _converted(source, target, timeout, office) as (doc, draft):
        safely(doc.calculateAll)()
        _store(doc, draft, FilterName=WORKBOOK)


def print_pdf(source: Path, target: Path, timeout: float, office: Office | None) -> None:
    kind = _PDF_FILTERS.get(source.suffix.lower(), "calc_pdf_Export")
    with _converted(source, target, timeout, office) as (doc, draft):
        if kind == "writer_pdf_Export":
            _keep_punctuation(doc)
        _store(doc, draft, FilterName=kind, FilterData=property_list(**_PDF_SETTINGS))


@safely
def _keep_punctuation(doc: Any) -> None:
    """No punctuation over the margin: a sign that hangs there and has no room is left out of the PDF."""
    styles = doc.StyleFamilies.getByName("ParagraphStyles")
    for name in styles.ElementNames:
        styles.getByName(name).ParaIsHangingPunctuation = False


@safely
def _store(doc: Any, path: Path, **arguments: Any) -> None:
    doc.storeToURL(path.as_uri(), properties(Overwrite=True, **arguments))


@contextmanager
def _converted(
    source: Path, target: Path, timeout: float, office: Office | None
) -> Iterator[tuple[Any, Path]]:
    """The opened document and where to store it; the result then moves to `target`, whole or not at all."""
    if target.exists() and target.stat().st_size:
        raise EngineError(f"{target.name} 已经存在，不会覆盖它；请换一个文件名或先移走原文件。")
    if not source.is_file():
        raise Unreadable(source.name, "没有这个文件", "请检查文件名和所在文件夹")
    folder = target.resolve().parent
    if not os.access(folder, os.W_OK):
        raise EngineError(f"不能在文件夹“{folder}”中写文件；请检查它是否存在、是否有写入权限。")
    with (
        tempfile.TemporaryDirectory(prefix=".nianbao-", dir=folder) as beside,
        _within(timeout, source.name, office) as used,
    ):
        private = Path(shutil.copy(source, Path(beside) / f"in{source.suffix}"))
        doc = _open(used, private, source.name)
        draft = Path(beside) / f"out{target.suffix}"
        try:
            yield doc, draft
        finally:
            with suppress(UnoException):
                doc.close(True)
        draft.replace(target)


@safely
def _open(office: Office, path: Path, name: str) -> Any:
    doc = open_file(office, path, ReadOnly=True)
    if doc is None:
        raise Unreadable(
            name, "LibreOffice 打不开它", "请确认文件完整、没有打开密码，Word 文件还需安装 libreoffice-writer"
        )
    return doc


@contextmanager
def _within(timeout: float, name: str, office: Office | None) -> Iterator[Office]:
    """An office, the given one or one of our own, that is ended when the work takes longer than `timeout` seconds."""
    used = office or Office(timeout=timeout)
    late = threading.Event()

    def stop() -> None:
        late.set()
        used.kill()

    watch = threading.Timer(timeout, stop)
    watch.start()
    try:
        yield used
    except (EngineError, Unreadable):
        if late.is_set():
            raise EngineError(
                f"{name}：LibreOffice 在 {timeout:g} 秒内没有完成，已停止；请检查文件是否过大或损坏。"
            ) from None
        raise
    finally:
        watch.cancel()
        if office is None:
            used.quit()


_DATE_OR_TIME = 2 | 4  # com.sun.star.util.NumberFormat


class Document:
    """A spreadsheet that LibreOffice holds open. `title` is its name until it is saved, `number` its order."""

    def __init__(self, doc: Any, office: Office, number: int, title: str) -> None:
        self._doc = doc
        self._office = office
        self._sheets: tuple[Any, ...] = ()
        self._closed = False
        self.number = number
        self._title = title
        self.dotted: dict[str, str] = {}

    @property
    def doc(self) -> Any:
        """The UNO document. Raises Gone once it is closed."""
        if self._closed:
            raise Gone(GONE)
        return self._doc

    def alive(self) -> bool:
        """Whether it is still open: the user may have closed its window. Raises Gone when the whole office ended."""
        if not self._closed:
            self._closed = not self.inside("alive", self._doc)
        return not self._closed

    @property
    def fullname(self) -> str:
        """The path, or the title before it is first saved; whatever the encoding of our own locale."""
        url = self.doc.URL
        return unquote(urlsplit(url).path) if url else self._title

    @property
    def name(self) -> str:
        return Path(self.fullname).name

    def close(self) -> None:
        """Close without saving; a document that is gone already is closed."""
        with suppress(UnoException):
            self._doc.setModified(False)
            self._doc.close(True)
        self._closed = True

    def inside(self, name: str, *arguments: Any) -> Any:
        """See `Office.inside`."""
        return self._office.inside(name, *arguments)

    def sheets(self) -> tuple[Any, ...]:
        """The UNO sheets in their order; those known already are kept while they are all there are."""
        order = self.inside("order", self.doc, self._sheets)
        if order:
            self._sheets = tuple(
                sheet for _, sheet in sorted(zip(order, self._sheets, strict=True), key=itemgetter(0))
            )
        else:
            sheets = self.doc.Sheets
            self._sheets = tuple(sheets.getByIndex(n) for n in range(sheets.Count))
        return self._sheets

    @functools.cached_property
    def indicator(self) -> Any:
        """The UNO status bar of its window."""
        return self.inside("indicator", self.doc)

    # Formulas are written and read as Excel spells them.

    @functools.cached_property
    def languages(self) -> tuple[Any, Any]:
        """The UNO parsers of LibreOffice's own spelling of formulas and of Excel's."""
        english = constant("sheet.FormulaLanguage.XL_ENGLISH")
        native, excel = self.inside("languages", self.doc, english, constant("sheet.AddressConvention.XL_A1"))
        return native, excel

    def refers(self, name: str) -> str:
        """What a name of the workbook refers to; empty where there is none."""
        return self.dotted.get(name) or str(self.inside("refers", self.languages[1], self.doc, name))

    @functools.cached_property
    def names(self) -> Any:
        """The UNO names of the whole workbook."""
        return self.doc.NamedRanges

    def tokens(self, formula: str, origin: Any) -> Any:
        """Excel's spelling of a formula, with or without `=`, compiled as if it stood at `origin`."""
        return self.inside("tokens", self.languages[1], formula, origin)

    def spelled(self, tokens: Any, origin: Any) -> str:
        """The way back, with `=`."""
        return str(self.inside("spelled", self.languages[1], tokens, origin))

    # Number formats

    def format_key(self, code: str) -> int:
        """The document's key of an English format code, which is added where it is new."""
        formats, english = self.doc.NumberFormats, struct("lang.Locale", Language="en", Country="US")
        key = (
            -1
            if any(letter.isalpha() for letter in code)
            else formats.queryKey(code, struct("lang.Locale"), False)
        )
        key = formats.queryKey(code, english, False) if key == -1 else key
        return int(key if key != -1 else formats.addNew(code, english))

    def format_code(self, code: str, kind: int) -> str:
        """A format code of LibreOffice as Excel writes it."""
        return _excel_case(code) if kind & _DATE_OR_TIME else code


def _excel_case(code: str) -> str:
    """LibreOffice writes date codes in capitals (MM/DD/YY), Excel in small letters (mm/dd/yy)."""
    parts = re.compile(r'"[^"]*"|AM/PM|A/P|[A-Z]+')
    return parts.sub(
        lambda found: found[0] if found[0][0] == '"' or "/" in found[0] else found[0].lower(), code
    )


_INTERNAL = ("_xlnm.", "_xlfn")  # print areas, filters and newer functions: Excel does not list them


@uno_safe
class Name(base.Name):
    """One defined name; `sheet` is None for a name of the whole workbook."""

    def __init__(self, book: Book, names: Any, key: str, sheet: Sheet | None) -> None:
        self._book = book
        self._names = names
        self.key = key
        self.sheet = sheet

    @property
    def api(self) -> Any:
        return self._names.getByName(self.key)

    @property
    def name(self) -> str:
        return self.key if self.sheet is None else f"{self.sheet.name}!{self.key}"

    @name.setter
    def name(self, value: str) -> None:
        self.api.setName(value)
        self.key = value

    def delete(self) -> None:
        self._names.removeByName(self.key)

    @property
    def refers_to(self) -> str:
        if self.sheet is None:
            return self._book.document.refers(self.key)
        return self._book.document.spelled(self.api.getTokens(), self.api.ReferencePosition)

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self.api.setTokens(self._book.document.tokens(value, self.api.ReferencePosition))

    @property
    def refers_to_range(self) -> Range:
        cells = self.api.getReferredCells()
        if cells is None:
            raise NoSuchObjectError(f"名称“{self.name}”没有指向单元格区域。")
        return self._book.range_at(cells.RangeAddress)

    def refers_to_cells(self) -> bool:
        return self.api.getReferredCells() is not None


@uno_safe
class Names(base.Names):
    """The names of one sheet, or of the workbook: then those of its sheets are listed too, as Excel does."""

    def __init__(self, book: Book, sheet: Sheet | None = None) -> None:
        self._book = book
        self._sheet = sheet

    @property
    def api(self) -> Any:
        return self._scopes()[0][0]

    def _scopes(self) -> list[tuple[Any, Sheet | None]]:
        if self._sheet is not None:
            return [(self._sheet.xl.NamedRanges, self._sheet)]
        sheets: list[tuple[Any, Sheet | None]] = [
            (sheet.xl.NamedRanges, sheet) for sheet in self._book.sheets
        ]
        return [(self._book.document.doc.NamedRanges, None), *sheets]

    def _all(self) -> list[Name]:
        return [
            Name(self._book, names, key, sheet)
            for names, sheet in self._scopes()
            for key in names.ElementNames
            if not key.startswith(_INTERNAL)
        ]

    def __iter__(self) -> Iterator[Name]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __call__(self, key: int | str) -> Name:
        if isinstance(key, int):
            return self._all()[key - 1]
        document = self._book.document
        if self._sheet is None and document.refers(key):
            return Name(self._book, document.names, key, None)
        for name in self._all():
            reachable = self._sheet is not None or name.sheet is None or "!" in key
            if reachable and key.lower() in (name.key.lower(), name.name.lower()):
                return name
        raise KeyError(key)

    def contains(self, key: int | str) -> bool:
        try:
            self(key)
        except (KeyError, IndexError):
            return False
        return True

    def add(self, name: str, refers_to: str) -> Name:
        """Define a name, again if need be; `表!名` defines it for that sheet."""
        sheet, prefix = self._sheet, ""
        if "!" in name:
            prefix, _, name = name.rpartition("!")
            sheet = self._book.sheets(prefix.strip("'").replace("''", "'"))
        names = sheet.xl.NamedRanges if sheet else self._book.document.doc.NamedRanges
        if "." in name and sheet is None and not names.hasByName(name):
            self._book.document.dotted[name] = refers_to  # LibreOffice reads such names, but makes none
            return Name(self._book, names, name, sheet)
        if names.hasByName(name):
            names.removeByName(name)
        origin = (sheet or self._book.sheets(1)).xl.getCellByPosition(0, 0).CellAddress
        names.addNewByName(name, "0", origin, 0)
        names.getByName(name).setTokens(self._book.document.tokens(refers_to, origin))
        return Name(self._book, names, name, sheet)


_ANNOTATION = 8  # com.sun.star.sheet.CellFlags


@uno_safe
class Note(base.Note):
    """The note of one cell. On a protected sheet notes may be read only, as in Excel."""

    def __init__(self, cell: Range) -> None:
        self._cell = cell

    @property
    def api(self) -> Any:
        return self._cell.first.Annotation

    @property
    def text(self) -> str:
        return str(self._cell.inside("note"))

    @text.setter
    def text(self, value: str) -> None:
        self._cell.change("annotate", value, formats=True)

    @property
    def author(self) -> str:
        return str(self.api.Author)

    @property
    def location(self) -> Range:
        return self._cell

    def delete(self) -> None:
        self._cell.change("clear", _ANNOTATION, formats=True)
