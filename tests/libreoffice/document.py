"""One open document: what belongs to the file and not to a handle on it — name, formula language, formats."""

from __future__ import annotations

import functools
import re
from contextlib import suppress
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from .bridge import UnoException, constant, struct
from .errors import GONE, Gone
from .office import Office

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
        key = formats.queryKey(code, english, False)
        return int(key if key != -1 else formats.addNew(code, english))

    def format_code(self, key: int) -> str:
        found = self.doc.NumberFormats.getByKey(key)
        return _excel_case(found.FormatString) if found.Type & _DATE_OR_TIME else str(found.FormatString)


def _excel_case(code: str) -> str:
    """LibreOffice writes date codes in capitals (MM/DD/YY), Excel in small letters (mm/dd/yy)."""
    parts = re.compile(r'"[^"]*"|AM/PM|A/P|[A-Z]+')
    return parts.sub(
        lambda found: found[0] if found[0][0] == '"' or "/" in found[0] else found[0].lower(), code
    )
