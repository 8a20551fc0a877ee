"""The ground every range stands on: its sheet, its box, its UNO object, and the guard of locked cells."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from xlwings import base_classes as base

from .address import MAX_ROW, Box, column_letters, quoted, spell
from .bridge import struct, uno_safe
from .errors import Locked

if TYPE_CHECKING:
    from .book import Book
    from .document import Document
    from .sheet import Sheet

WHOLE = 1_000_000  # more cells than this are never touched one by one: whole columns, a whole sheet


@uno_safe
class Block(base.Range):
    """A rectangle of cells of one sheet; an empty one has no UNO object."""

    def __init__(self, sheet: Sheet, box: Box) -> None:
        self._sheet = sheet
        self.box = box
        self.options: dict[str, Any] = {}

    @functools.cached_property
    def xl(self) -> Any:
        top, left, bottom, right = self.box
        if bottom < top or right < left:
            return None
        return self._sheet.xl.getCellRangeByPosition(left - 1, top - 1, right - 1, bottom - 1)

    @functools.cached_property
    def first(self) -> Any:
        """The UNO object of the top left cell, kept because every new object costs several round trips."""
        return self._sheet.xl.getCellByPosition(self.column - 1, self.row - 1)

    def inside(self, name: str, *arguments: Any) -> Any:
        """Call a function of inside.py on this box: far quicker than by `xl`, which costs several round trips."""
        return self.document.inside(name, self._sheet.xl, tuple(self.box), *arguments)

    @property
    def sheet(self) -> Sheet:
        return self._sheet

    @property
    def book(self) -> Book:
        return self._sheet.book

    @property
    def document(self) -> Document:
        return self._sheet.book.document

    @property
    def row(self) -> int:
        return self.box.top

    @property
    def column(self) -> int:
        return self.box.left

    @property
    def shape(self) -> tuple[int, int]:
        return self.box.shape

    @property
    def coords(self) -> tuple[str, int, int, int, int]:
        return (self._sheet.name, self.row, self.column, *self.shape)

    def __len__(self) -> int:
        return self.box.size

    def __call__(self, first: int, second: int | None = None) -> Any:
        """The cell (row, column) relative to this range, or the n-th cell row by row; may lie outside."""
        if second is None:
            row, column = divmod(first - 1, self.shape[1])
        else:
            row, column = first - 1, second - 1
        top, left = self.row + row, self.column + column
        return self.at(Box(top, left, top, left))

    def at(self, box: Box) -> Any:
        """Another range of the same sheet."""
        return type(self)(self._sheet, box)

    def get_address(
        self, row_absolute: bool = True, col_absolute: bool = True, external: bool = False
    ) -> str:
        address = spell(self.box, row_absolute, col_absolute)
        if not external:
            return address
        place = f"[{self.book.name}]{self._sheet.name}"
        simple = all(letter.isalnum() or letter in "_.[]" for letter in place)
        return f"{place if simple else quoted(place)}!{address}"

    @property
    def address(self) -> str:
        rows, columns = self.shape
        if not len(self):
            return f"{spell(Box(self.row, self.column, self.row, self.column))}{{{rows}x{columns}}}"
        if rows == MAX_ROW:
            return f"${column_letters(self.box.left)}:${column_letters(self.box.right)}"
        return self.get_address()

    # The guard. UNO is inconsistent: blocks of values raise, single values write through, formats vanish silently.

    @property
    def locked(self) -> bool | None:
        """Whether the cells are locked (which only matters on a protected sheet); None when they differ."""
        found: bool | None = self.inside("locked")
        return found

    def guard(self, formats: bool = False) -> None:
        """Raise Locked where Excel would refuse: locked cells, and any format or note of a protected sheet."""
        if self.inside("guarded", formats):
            raise self._refusal()

    def change(self, name: str, *arguments: Any, formats: bool = False) -> None:
        """Call a function of inside.py that changes this box, guarded as by `guard`."""
        if not self.document.inside("change", formats, name, self._sheet.xl, tuple(self.box), *arguments):
            raise self._refusal()

    def _refusal(self) -> Locked:
        return Locked(
            f"工作表“{self._sheet.name}”受保护，不能修改 {self.get_address(False, False)}；请先撤销工作表保护。"
        )

    def one_format(self) -> bool:
        """Whether all cells have the same number format."""
        return bool(self.xl.getPropertyState("NumberFormat").value != "AMBIGUOUS_VALUE")

    def several(self, places: list[tuple[int, int]]) -> Any:
        """One UNO object of many cells, given as zero-based places within the range."""
        sheet = self._sheet.xl.RangeAddress.Sheet
        ranges = self.document.doc.createInstance("com.sun.star.sheet.SheetCellRanges")
        ranges.addRangeAddresses(tuple(self._cell_address(sheet, place) for place in places), False)
        return ranges

    def _cell_address(self, sheet: int, place: tuple[int, int]) -> Any:
        row, column = self.row - 1 + place[0], self.column - 1 + place[1]
        return struct(
            "table.CellRangeAddress",
            Sheet=sheet,
            StartRow=row,
            EndRow=row,
            StartColumn=column,
            EndColumn=column,
        )
