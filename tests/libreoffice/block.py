"""The ground every range stands on: sheet, box, UNO object and the guard of locked cells; what its cells hold."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from xlwings import base_classes as base

from . import EngineError, Locked
from .office import struct, uno_safe
from .values import (
    MAX_ROW,
    Box,
    Place,
    column_letters,
    error_code,
    from_serial,
    quoted,
    ready,
    rectangle,
    spell,
)

if TYPE_CHECKING:
    from .document import Document
    from .sheet import Book, Sheet


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


_CONTENT = 1 | 2 | 4 | 16  # com.sun.star.sheet.CellFlags: values, dates, strings, formulas


@uno_safe
class Contents(Block):
    """The values and formulas of a range."""

    @property
    def raw_value(self) -> Any:
        """One cell: its value; else rows of values. Numbers are floats, dates datetimes, error values Excel's codes."""
        if not len(self):
            return None
        block = self._used() if len(self) > WHOLE else self
        found, errors, dates, truths = block.document.inside(
            "values", block.document.doc, block.sheet.xl, tuple(block.box)
        )
        rows = [[None if value == "" else value for value in row] for row in found]
        for r, c, error in errors:
            rows[r][c] = error_code(error)
        for r, c in dates:
            rows[r][c] = from_serial(rows[r][c])
        for r, c in truths:
            rows[r][c] = bool(rows[r][c])
        return rows[0][0] if len(self) == 1 else tuple(map(tuple, rows))

    @raw_value.setter
    def raw_value(self, value: Any) -> None:
        self._write(value)

    def _used(self) -> Any:
        """The part of whole columns or rows that lies within the used area."""
        used, box = self.sheet.used_range.box, self.box
        bottom, right = max(box.top, min(box.bottom, used.bottom)), max(box.left, min(box.right, used.right))
        return self.at(box._replace(bottom=bottom, right=right))

    def _write(self, value: Any) -> None:
        if not len(self):
            return
        if isinstance(value, str) and value.startswith("=") and len(value) > 1:
            self._fill(value)
            return
        if len(self) > WHOLE:
            raise EngineError("不能一次写满整列、整行或整张工作表；请指定具体的单元格区域。")
        rows = rectangle(value, self.shape)
        block = ready(rows, functools.cache(self._text_places))
        self.change("write", tuple(block.data))
        for code, shown in block.formats.items():
            self.inside("show", self.document.format_key(code), tuple(shown))
        if block.formulas:
            entered = tuple((r, c, formula) for (r, c), formula in block.formulas)
            self.document.inside("enter", self.document.languages[1], self.sheet.xl, tuple(self.box), entered)

    def _text_places(self) -> frozenset[Place]:
        """The cells that are formatted as text."""
        found = self.document.inside("text_places", self.document.doc, self.sheet.xl, tuple(self.box))
        return frozenset((r, c) for r, c in found)

    def _fill(self, formula: str) -> None:
        """One formula fills the range, its relative references counted from the first cell."""
        if len(self) > WHOLE:
            raise EngineError("不能用公式填满整列、整行或整张工作表；请指定具体的单元格区域。")
        self.guard()
        self.document.inside("fill", self.document.languages[1], self.sheet.xl, tuple(self.box), formula)

    @property
    def formula(self) -> Any:
        """What would be typed: formulas in Excel's spelling, other contents as text; one, or rows of them."""
        if not len(self):
            return None
        block = self._used() if len(self) > WHOLE else self
        rows = self.document.inside("formulas", self.document.languages, block.sheet.xl, tuple(block.box))
        return rows[0][0] if len(self) == 1 else rows

    @formula.setter
    def formula(self, value: Any) -> None:
        self._write(value)

    formula2 = formula

    @property
    def formula_array(self) -> Any:
        return self.formula if len(self) == 1 else self(1, 1).formula

    @formula_array.setter
    def formula_array(self, value: str) -> None:
        self.guard()
        self.xl.setArrayTokens(self.document.tokens(value, self.first.CellAddress))

    @property
    def has_array(self) -> bool:
        return len(self) == 1 and bool(self.xl.getArrayFormula())

    def clear_contents(self) -> None:
        if len(self):
            self.change("clear", _CONTENT)
