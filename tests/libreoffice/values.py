"""Addresses of cells, and values as they go over to LibreOffice and come back."""

from __future__ import annotations

import datetime as dt
import math
import numbers
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

MAX_ROW, MAX_COLUMN = 1048576, 16384

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9]\d{0,6})")
_COLUMNS = re.compile(r"\$?([A-Za-z]{1,3}):\$?([A-Za-z]{1,3})")
_ROWS = re.compile(r"\$?([1-9]\d{0,6}):\$?([1-9]\d{0,6})")


class Box(NamedTuple):
    """A rectangle of cells, one-based, both corners included; empty when a bottom lies above its top."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        return max(0, self.bottom - self.top + 1), max(0, self.right - self.left + 1)

    @property
    def size(self) -> int:
        rows, columns = self.shape
        return rows * columns


def around(one: Box, other: Box) -> Box:
    """The smallest box that holds both."""
    return Box(
        min(one.top, other.top),
        min(one.left, other.left),
        max(one.bottom, other.bottom),
        max(one.right, other.right),
    )


def column_number(letters: str) -> int:
    """`"A"` → 1, `"AA"` → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 → `"A"`, 27 → `"AA"`."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _cell(text: str) -> Box | None:
    match = _CELL.fullmatch(text)
    if match is None:
        return None
    row, column = int(match[2]), column_number(match[1])
    return Box(row, column, row, column) if row <= MAX_ROW and column <= MAX_COLUMN else None


def parse(text: str) -> Box | None:
    """`"B2"`, `"B2:C9"`, `"B:C"` or `"2:9"`, with or without `$`, as a box; None for anything else."""
    if match := _ROWS.fullmatch(text):
        first, last = sorted((int(match[1]), int(match[2])))
        return Box(first, 1, last, MAX_COLUMN) if last <= MAX_ROW else None
    if match := _COLUMNS.fullmatch(text):
        first, last = sorted((column_number(match[1]), column_number(match[2])))
        return Box(1, first, MAX_ROW, last) if last <= MAX_COLUMN else None
    first_cell, colon, last_cell = text.partition(":")
    one, other = _cell(first_cell), _cell(last_cell if colon else first_cell)
    return None if one is None or other is None else around(one, other)


def spell(box: Box, row_absolute: bool = True, column_absolute: bool = True) -> str:
    """The box in A1 spelling, `$B$2:$C$9`; one cell has no colon."""

    def cell(row: int, column: int) -> str:
        return f"{'$' * column_absolute}{column_letters(column)}{'$' * row_absolute}{row}"

    first, last = cell(box.top, box.left), cell(box.bottom, box.right)
    return first if first == last else f"{first}:{last}"


def quoted(sheet: str) -> str:
    """A sheet's name as formulas need it: in single quotes, quotes doubled."""
    return "'" + sheet.replace("'", "''") + "'"


def link_for_office(address: str) -> str:
    """Excel's link into the workbook (`#'三'!B5`) as LibreOffice spells it (`#'三'.B5`); others unchanged."""
    if not address.startswith("#") or "!" not in address:
        return address
    sheet, _, cell = address.rpartition("!")
    return f"{sheet}.{cell}"


def link_for_excel(address: str) -> str:
    """The way back."""
    match = re.fullmatch(r"(#.+)\.([^.]+)", address)
    return f"{match[1]}!{match[2]}" if match else address


EPOCH = dt.datetime(1899, 12, 30)
_DAY = 86400.0
_NUMERIC = re.compile(r"[+-]?(\d+(,\d{3})*(\.\d*)?|\.\d+)([eE][+-]?\d+)?%?", re.ASCII)

DATE, MOMENT, BOOLEAN = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "BOOLEAN"

# Excel's COM codes of the error values: what `raw_value` gives on Windows, so also here.
ERROR_TEXTS = {
    -2146826281: "#DIV/0!",
    -2146826246: "#N/A",
    -2146826259: "#NAME?",
    -2146826288: "#NULL!",
    -2146826252: "#NUM!",
    -2146826265: "#REF!",
    -2146826273: "#VALUE!",
}
_VALUE_ERROR = -2146826273
_ERROR_CODES = {  # LibreOffice's → Excel's
    503: -2146826252,
    519: _VALUE_ERROR,
    521: -2146826288,
    524: -2146826265,
    525: -2146826259,
    532: -2146826281,
    32767: -2146826246,
}

Place = tuple[int, int]  # zero-based row and column within a block


def error_code(office_code: int) -> int:
    """Excel's code of the error value that LibreOffice numbers so; #VALUE! for those that Excel lacks."""
    return _ERROR_CODES.get(office_code, _VALUE_ERROR)


def to_serial(moment: dt.date) -> float:
    """A date or moment as the spreadsheet's day number."""
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime(moment.year, moment.month, moment.day)
    passed = moment.replace(tzinfo=None) - EPOCH
    return passed.days + (passed.seconds + passed.microseconds / 1e6) / _DAY


def from_serial(serial: float) -> dt.datetime:
    """The way back, to the millisecond."""
    return EPOCH + dt.timedelta(milliseconds=round(serial * _DAY * 1000))


def plain(value: Any) -> Any:
    """A value of numpy or pandas as plain Python; whatever means "nothing" as the empty string."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return ""
    if type(value).__name__ == "datetime64":
        value = value.astype("datetime64[us]").item()
        return "" if value is None else value
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime()
    if hasattr(value, "item") and not getattr(value, "shape", ()):
        value = value.item()
    return "" if isinstance(value, float) and math.isnan(value) else value


@dataclass
class Block:
    """A block of values made ready: what goes over in one call, and what must follow it."""

    data: list[tuple[float | str, ...]] = field(default_factory=list)
    formulas: list[tuple[Place, str]] = field(default_factory=list)
    formats: dict[str, list[Place]] = field(default_factory=dict)  # number format a General cell needs


def rectangle(value: Any, shape: tuple[int, int]) -> Sequence[Sequence[Any]]:
    """`value` as rows of exactly `shape`: a scalar fills it. Raises ValueError for any other shape."""
    rows, columns = shape
    if not isinstance(value, (list, tuple)):
        return [[value] * columns] * rows
    if value and not isinstance(value[0], (list, tuple)):
        value = [value]
    if len(value) != rows or any(len(row) != columns for row in value):
        raise ValueError(f"the values do not have the shape of the range, {rows} × {columns}")
    rectangular: Sequence[Sequence[Any]] = value
    return rectangular


def ready(rows: Iterable[Sequence[Any]], text_cells: Callable[[], frozenset[Place]]) -> Block:
    """Values as a typist would enter them: `=` begins a formula, digits are a number unless the cell is text.

    `text_cells` is asked only when it matters. Raises TypeError for what no cell can hold.
    """
    block = Block()
    for r, row in enumerate(rows):
        block.data.append(
            tuple(_enter(block, (r, c), plain(value), text_cells) for c, value in enumerate(row))
        )
    return block


def _enter(block: Block, place: Place, value: Any, text_cells: Callable[[], frozenset[Place]]) -> float | str:
    if isinstance(value, str):
        return _typed(block, place, value, text_cells)
    if isinstance(value, bool):
        block.formats.setdefault(BOOLEAN, []).append(place)
        return float(value)
    if isinstance(value, numbers.Number):
        return float(value)  # type: ignore[arg-type]  # Number has no protocol; complex raises TypeError
    if isinstance(value, dt.date):
        block.formats.setdefault(MOMENT if _has_time(value) else DATE, []).append(place)
        return to_serial(value)
    if isinstance(value, dt.time):
        value = dt.timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    if isinstance(value, dt.timedelta):
        return value.total_seconds() / _DAY
    raise TypeError(f"a cell cannot hold a {type(value).__name__}")


def _has_time(value: dt.date) -> bool:
    return isinstance(value, dt.datetime) and value.time().replace(microsecond=0) != dt.time()


def _typed(block: Block, place: Place, text: str, text_cells: Callable[[], frozenset[Place]]) -> float | str:
    if text.startswith("=") and len(text) > 1:
        block.formulas.append((place, text))
        return ""
    if text.startswith("'"):
        return text[1:]
    truth = text.upper() in ("TRUE", "FALSE")
    if not (truth or _NUMERIC.fullmatch(text)) or place in text_cells():
        return text
    if truth:
        block.formats.setdefault(BOOLEAN, []).append(place)
        return float(text.upper() == "TRUE")
    return float(text.rstrip("%").replace(",", "")) / (100 if text.endswith("%") else 1)


def cleaned(
    value: Any,
    build_date: Callable[..., Any],
    empty_as: Any,
    build_number: Callable[[float], Any] | None,
    errors: bool,
) -> Any:
    """One raw value as xlwings hands it to the user (its options `dates`, `empty`, `numbers`, `err_to_str`)."""
    if value is None or value == "":
        return empty_as
    if isinstance(value, dt.datetime):
        parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return build_date(**{part: getattr(value, part) for part in parts}, tzinfo=None)
    if isinstance(value, float) and build_number is not None:
        return build_number(value)
    if type(value) is int and value in ERROR_TEXTS:
        return ERROR_TEXTS[value] if errors else None
    return value
