"""What stood in a closed workbook's cell and the bounds within which it is read; texts as cells hold them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from nianbao.core.grid import column_number

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384

RESAVE = "请在 Excel 或 WPS 中打开核对后另存为“.xlsx”格式，再重试"


class Value(NamedTuple):
    """One cell as it was saved, nothing rounded, nothing guessed.

    kind: "n" number, "s" text, "b" boolean, "e" error value, "" formula without a cached value.
    text: a number's digits exactly as stored ("12", "0.1", "1E+2"), the text, "1" or "0", "#DIV/0!".
    formula: whether the cell holds a formula (`text` is then its cached value).
    """

    kind: str
    text: str
    formula: bool


Square = tuple[int, int]
Sheet = Mapping[Square, Value]


#: What of a number format is shown as it is; the letters of hours, minutes and seconds that count on; the plain format.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_ELAPSED, _BRACKETED = re.compile(r"\[(?:h+|m+|s+)\]"), re.compile(r"\[[^\]]*\]")
_GENERAL = re.compile("general|standard")
#: The numbers of the formats of dates and times that every spreadsheet knows (ECMA-376, 18.8.30).
_DATES = frozenset(str(n) for n in (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))


def is_date(code: str) -> bool:
    """Whether a number format (its code, or the number of one that every spreadsheet knows) shows a date or a time."""
    if code in _DATES:
        return True
    shown = _GENERAL.sub("", _LITERAL.sub("", code.lower()))
    return bool(_ELAPSED.search(shown) or re.search(r"[ymdhs]|e(?![+-])", _BRACKETED.sub("", shown)))


class Defect(Exception):
    """Why a file cannot be read, before its name is known: `what` is wrong and what `todo`."""

    def __init__(self, what: str, todo: str = RESAVE) -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo


@dataclass(frozen=True)
class Limits:
    """Bounds of one read; every one is held while reading, whatever sizes the file declares.

    file: bytes of the file itself. part: inflated bytes of any one part. total: inflated bytes of all the
    parts read. cells: cells with content in all the sheets read. strings: entries of the shared strings.
    entries: files within the package.
    """

    file: int = 50_000_000
    part: int = 64_000_000
    total: int = 192_000_000
    cells: int = 500_000
    strings: int = 500_000
    entries: int = 10_000


def too_large(what: str) -> Defect:
    """The refusal of a file that exceeds a limit, `what` naming which."""
    return Defect(
        f"文件过大（{what}），为安全起见未读取",
        "请核对是否选错文件；确属年报的，请删去多余的工作表和内容后重试",
    )


_SPACE = " \t\n\r"
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_CELL = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


def unescape(text: str) -> str:
    """`text` with OOXML's _xHHHH_ escapes decoded, as Excel shows it (ECMA-376 part 1, ST_Xstring)."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if any("\ud800" <= char <= "\udfff" for char in plain):
        plain = plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return plain


def position(row: int, column: int) -> tuple[int, int]:
    """(row, column) when it lies within a sheet; raises Defect when it does not."""
    if 1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN:
        return row, column
    raise Defect("内容损坏（单元格地址超出工作表范围）")


def address(text: str) -> tuple[int, int]:
    """(row, column) of an address such as "B12"; raises Defect when it is none."""
    match = _CELL.fullmatch(text)
    if match is None:
        raise Defect("内容损坏（单元格地址无法识别）")
    return position(int(match[2]), column_number(match[1]))


def shared(strings: list[str], index: str) -> str:
    """The shared string of an index as it stands in the sheet; raises Defect when there is none."""
    digits = index.strip(_SPACE)
    if len(digits) < 10 and digits.isascii() and digits.isdigit() and int(digits) < len(strings):
        return strings[int(digits)]
    raise Defect("内容损坏（引用了不存在的文字）")


_BOOLEANS = {"1": "1", "0": "0", "true": "1", "false": "0"}


def settle(kind: str, raw: str | None, strings: list[str], formula: bool) -> Value | None:
    """A cell's value from its t attribute and the text of its <v> (None: it has none); None is a blank cell.

    An empty <v> is no value, save for a text formula, whose result is then the empty text. What fits no
    type is text as it stood.
    """
    if not raw:
        if not formula:
            return None
        return Value("s", "", True) if kind == "str" and raw is not None else Value("", "", True)
    if kind == "s":
        return Value("s", shared(strings, raw), formula)
    if kind == "e":
        return Value("e", raw, formula)
    if kind == "n":
        return number(formula, raw)
    if kind == "b" and raw.strip(_SPACE) in _BOOLEANS:
        return Value("b", _BOOLEANS[raw.strip(_SPACE)], formula)
    return Value("s", unescape(raw), formula)


def number(formula: bool, raw: str) -> Value:
    """The value of a number cell; what is no number is text as it stood."""
    bare = raw.strip(_SPACE)
    return Value("n", bare, formula) if _NUMBER.fullmatch(bare) else Value("s", unescape(raw), formula)


# What XML cannot hold even escaped; what a cell's text holds only escaped; what would be read as an escape.
_NO_CHARACTER = re.compile("[\ud800-\udfff\ufffe\uffff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def characters(text: str) -> str:
    """The text with what is no character replaced (U+FFFD)."""
    return _NO_CHARACTER.sub("\ufffd", text)


def printable(text: str) -> str:
    """The text without control characters too, for where nothing is escaped: formulas' values, notes, properties."""
    return _CONTROL.sub(" ", characters(text))


def escaped(text: str) -> str:
    """A cell's text as it must be written so that it is read as it is (ECMA-376 part 1, ST_Xstring)."""
    return _CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", _ESCAPED.sub("_x005F_", characters(text)))
