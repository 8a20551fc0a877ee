"""One open document: what belongs to the file and not to a handle on it — name, formula language, formats."""

from __future__ import annotations

import functools
import re
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from .bridge import Disposed, UnoException, constant, struct
from .errors import GONE, Gone

_DATE_OR_TIME = 2 | 4  # com.sun.star.util.NumberFormat
_LOGICAL, _TEXT = 1024, 256

# Bare TRUE and FALSE would be read as the numbers 1 and 0; inside quotes they are text or a sheet's name.
_TRUTH_IN = re.compile(r'("[^"]*"|\'[^\']*\'!?)|(?<![\w.$\[])(TRUE|FALSE)\b(?!\s*[(!\w.])', re.IGNORECASE)
_TRUTH_OUT = re.compile(r'("[^"]*")|\b(TRUE|FALSE)\(\)')


class Document:
    """A spreadsheet that LibreOffice holds open. `title` is its name until it is saved, `number` its order."""

    def __init__(self, doc: Any, number: int, title: str) -> None:
        self._doc = doc
        self._closed = False
        self.number = number
        self._title = title
        self._formats: dict[int, tuple[int, str]] = {}

    @property
    def doc(self) -> Any:
        """The UNO document. Raises Gone once it is closed."""
        if self._closed:
            raise Gone(GONE)
        return self._doc

    def alive(self) -> bool:
        """Whether it is still open: the user may have closed its window. Raises Gone when the whole office ended."""
        if not self._closed:
            try:
                self._closed = self._doc.CurrentController is None
            except Disposed:
                raise
            except UnoException:
                self._closed = True
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

    # Formulas are written and read as Excel spells them.

    @functools.cached_property
    def _parser(self) -> Any:
        parser = self.doc.createInstance("com.sun.star.sheet.FormulaParser")
        mapper = self.doc.createInstance("com.sun.star.sheet.FormulaOpCodeMapper")
        english = constant("sheet.FormulaLanguage.XL_ENGLISH")
        parser.OpCodeMap = mapper.getAvailableMappings(english, -1)
        parser.CompileEnglish = True
        parser.FormulaConvention = constant("sheet.AddressConvention.XL_A1")
        return parser

    def tokens(self, formula: str, origin: Any) -> Any:
        """Excel's spelling of a formula, with or without `=`, compiled as if it stood at `origin`."""
        text = _TRUTH_IN.sub(lambda found: found[1] or f"{found[2].upper()}()", formula.removeprefix("="))
        return self._parser.parseFormula(text, origin)

    def spelled(self, tokens: Any, origin: Any) -> str:
        """The way back, with `=`."""
        text = self._parser.printFormula(tokens, origin)
        return "=" + _TRUTH_OUT.sub(lambda found: found[1] or found[2], text)

    def respelled(self, formula: str, origin: Any) -> str:
        """A formula in LibreOffice's own spelling, that of the cell `origin`, as Excel spells it."""
        return self.spelled(self._native.parseFormula(formula.removeprefix("="), origin), origin)

    @functools.cached_property
    def _native(self) -> Any:
        return self.doc.createInstance("com.sun.star.sheet.FormulaParser")

    # Number formats

    def format_key(self, code: str) -> int:
        """The document's key of an English format code, which is added where it is new."""
        formats, english = self.doc.NumberFormats, struct("lang.Locale", Language="en", Country="US")
        key = formats.queryKey(code, english, False)
        return int(key if key != -1 else formats.addNew(code, english))

    def format_code(self, key: int) -> str:
        return self._format(key)[1]

    def is_date(self, key: int) -> bool:
        return bool(self._format(key)[0] & _DATE_OR_TIME)

    def is_truth(self, key: int) -> bool:
        return bool(self._format(key)[0] & _LOGICAL)

    def is_text(self, key: int) -> bool:
        return bool(self._format(key)[0] & _TEXT)

    def _format(self, key: int) -> tuple[int, str]:
        if key not in self._formats:
            found = self.doc.NumberFormats.getByKey(key)
            date = found.Type & _DATE_OR_TIME
            self._formats[key] = found.Type, _excel_case(found.FormatString) if date else found.FormatString
        return self._formats[key]


def _excel_case(code: str) -> str:
    """LibreOffice writes date codes in capitals (MM/DD/YY), Excel in small letters (mm/dd/yy)."""
    parts = re.compile(r'"[^"]*"|AM/PM|A/P|[A-Z]+')
    return parts.sub(
        lambda found: found[0] if found[0][0] == '"' or "/" in found[0] else found[0].lower(), code
    )
