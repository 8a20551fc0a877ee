"""Where cells lie: widths and heights, inserting, deleting, copying, merging."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .address import MAX_COLUMN, MAX_ROW, Box
from .block import Block
from .bridge import enum, uno_safe

_PIXELS_PER_INCH, _INCH = 96, 2540  # LibreOffice measures in 1/100 mm
_CHARACTER, _MARGIN = 7, 5  # pixels of a digit and of the cell's margins in Excel's default font
_LOOKED_AT = 256  # rows or columns whose size is compared


def points(hundredths: float) -> float:
    """1/100 mm as points, rounded to the quarter points Excel shows."""
    return round(hundredths * 72 / _INCH * 4) / 4


def _common(values: Iterable[float]) -> float | None:
    found = list(values)
    return found[0] if all(abs(value - found[0]) < 0.01 for value in found) else None


@uno_safe
class Layout(Block):
    """The size and place of a range."""

    @property
    def column_width(self) -> float | None:
        """In characters of the default font; None when the columns differ."""
        columns = self.xl.Columns
        widths = (columns.getByIndex(i).Width for i in range(min(self.shape[1], _LOOKED_AT)))
        return _common(
            round((width * _PIXELS_PER_INCH / _INCH - _MARGIN) / _CHARACTER, 2) for width in widths
        )

    @column_width.setter
    def column_width(self, value: float) -> None:
        self.guard(formats=True)
        self.xl.Columns.Width = round((value * _CHARACTER + _MARGIN) * _INCH / _PIXELS_PER_INCH)

    @property
    def row_height(self) -> float | None:
        """In points; None when the rows differ."""
        rows = self.xl.Rows
        return _common(points(rows.getByIndex(i).Height) for i in range(min(self.shape[0], _LOOKED_AT)))

    @row_height.setter
    def row_height(self, value: float) -> None:
        self.guard(formats=True)
        self.xl.Rows.Height = round(value * _INCH / 72)

    @property
    def width(self) -> float:
        return points(self.xl.Size.Width)

    @property
    def height(self) -> float:
        return points(self.xl.Size.Height)

    @property
    def left(self) -> float:
        return points(self.xl.Position.X)

    @property
    def top(self) -> float:
        return points(self.xl.Position.Y)

    @property
    def row_hidden(self) -> bool:
        return not self.xl.Rows.IsVisible

    @row_hidden.setter
    def row_hidden(self, value: bool) -> None:
        self.guard(formats=True)
        self.xl.Rows.IsVisible = not value

    @property
    def column_hidden(self) -> bool:
        return not self.xl.Columns.IsVisible

    @column_hidden.setter
    def column_hidden(self, value: bool) -> None:
        self.guard(formats=True)
        self.xl.Columns.IsVisible = not value

    def autofit(self, axis: str | None = None) -> None:
        """Fit columns ("columns"), rows ("rows") or both (None) to what they hold."""
        columns, rows = (axis in (None, name[0], name) for name in ("columns", "rows"))
        self.change("fit", columns, rows, formats=True)

    def insert(self, shift: str | None = None, copy_origin: str | None = None) -> None:
        self.guard(formats=True)
        rows, columns = self.shape
        sides = {"down": "DOWN", "right": "RIGHT", None: "DOWN" if columns >= rows else "RIGHT"}
        mode = enum("sheet.CellInsertMode", self._whole("ROWS", "COLUMNS") or sides[shift])
        self.sheet.xl.insertCells(self.xl.RangeAddress, mode)
        self.sheet.span()

    def delete(self, shift: str | None = None) -> None:
        self.guard(formats=True)
        rows, columns = self.shape
        sides = {"up": "UP", "left": "LEFT", None: "UP" if columns > rows else "LEFT"}
        mode = enum("sheet.CellDeleteMode", self._whole("ROWS", "COLUMNS") or sides[shift])
        self.sheet.xl.removeRange(self.xl.RangeAddress, mode)
        self.sheet.span()

    def _whole(self, rows: str, columns: str) -> str | None:
        """Whether the range is made of whole rows or of whole columns."""
        if self.shape[1] == MAX_COLUMN:
            return rows
        return columns if self.shape[0] == MAX_ROW else None

    def copy(self, destination: Any = None) -> None:
        if destination is None:
            self.book.app.clipboard = self
            return
        target = getattr(destination, "impl", destination)
        target.guard()
        target.sheet.xl.copyRange(target.first.CellAddress, self.xl.RangeAddress)

    def paste(
        self,
        paste: str | None = None,
        operation: str | None = None,
        skip_blanks: bool = False,
        transpose: bool = False,
    ) -> None:
        source: Any = self.book.app.clipboard
        if source is None or operation or skip_blanks or transpose or paste not in (None, "all", "values"):
            raise NotImplementedError
        if paste != "values":
            source.copy(self)
            return
        rows, columns = source.shape
        target = self.at(Box(self.row, self.column, self.row + rows - 1, self.column + columns - 1))
        target.guard()
        data = source.xl.getDataArray()
        target.xl.setDataArray(tuple(tuple("" if value is None else value for value in row) for row in data))

    def merge(self, across: bool = False) -> None:
        self.guard(formats=True)
        self.xl.merge(False)  # a merge over a merged cell is ignored
        if not across:
            self.xl.merge(True)
            return
        for row in range(self.box.top, self.box.bottom + 1):
            self.at(self.box._replace(top=row, bottom=row)).xl.merge(True)

    def unmerge(self) -> None:
        self.guard(formats=True)
        self.xl.merge(False)

    @property
    def merge_area(self) -> Any:
        cursor = self.sheet.xl.createCursorByRange(self.first)
        cursor.collapseToMergedArea()
        return self.book.range_at(cursor.RangeAddress)

    @property
    def merge_cells(self) -> bool:
        return len(self.merge_area) > 1
