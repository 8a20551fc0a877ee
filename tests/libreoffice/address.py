"""Places on a sheet: one-based boxes of cells, their A1 spelling, and links to them. No UNO here."""

from __future__ import annotations

import re
from typing import NamedTuple

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
