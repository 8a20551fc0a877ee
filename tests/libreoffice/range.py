"""A range: where its cells lie, how they look, how one gets from it to others."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlwings import NoSuchObjectError
from xlwings import base_classes as base

from .block import Block, Contents, FormatConditions, Validation
from .document import Name, Note
from .office import enum, properties, property_list, uno_safe
from .values import MAX_COLUMN, MAX_ROW, Box, link_for_excel, link_for_office, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence


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


_EVERYTHING_SEEN = 32 | 64 | 256  # com.sun.star.sheet.CellFlags: HARDATTR, STYLES, EDITATTR
_EVERYTHING = _EVERYTHING_SEEN | 1 | 2 | 4 | 8 | 16
_NO_COLOR = -1

Rgb = tuple[int, int, int]


def to_rgb(value: int) -> Rgb | None:
    """LibreOffice's colour number as (red, green, blue); None for no colour."""
    return None if value < 0 else ((value >> 16) & 255, (value >> 8) & 255, value & 255)


def from_rgb(color: Any) -> int:
    """(red, green, blue), "#rrggbb" or Excel's number (blue first) as LibreOffice's number; None is no colour."""
    if color is None:
        return _NO_COLOR
    if isinstance(color, str):
        return int(color.removeprefix("#"), 16)
    if isinstance(color, int):
        color = (color & 255, (color >> 8) & 255, (color >> 16) & 255)
    red, green, blue = color
    return (int(red) << 16) | (int(green) << 8) | int(blue)


@uno_safe
class Font(base.Font):
    """The font of a range; what differs between its cells reads as the first cell's."""

    def __init__(self, block: Block) -> None:
        self._block = block

    @property
    def api(self) -> Any:
        return self._block.xl

    def _set(self, name: str, value: Any) -> None:
        self._block.guard(formats=True)
        setattr(self._block.xl, name, value)

    @property
    def bold(self) -> bool:
        return bool(self.api.CharWeight > 110)

    @bold.setter
    def bold(self, value: bool) -> None:
        self._set("CharWeight", 150.0 if value else 100.0)

    @property
    def italic(self) -> bool:
        return bool(self.api.CharPosture.value == "ITALIC")

    @italic.setter
    def italic(self, value: bool) -> None:
        self._set("CharPosture", enum("awt.FontSlant", "ITALIC" if value else "NONE"))

    @property
    def size(self) -> float:
        return float(self.api.CharHeight)

    @size.setter
    def size(self, value: float) -> None:
        self._set("CharHeight", float(value))

    @property
    def name(self) -> str:
        return str(self.api.CharFontName)

    @name.setter
    def name(self, value: str) -> None:
        self._set("CharFontName", value)

    @property
    def color(self) -> Rgb | None:
        return to_rgb(max(self.api.CharColor, 0))  # automatic is black

    @color.setter
    def color(self, value: Any) -> None:
        self._set("CharColor", from_rgb(value))


@uno_safe
class Looks(Block):
    """The formats of a range. On a protected sheet none may be changed, as in Excel."""

    @property
    def color(self) -> Rgb | None:
        return None if self.xl is None else to_rgb(self.xl.CellBackColor)

    @color.setter
    def color(self, value: Any) -> None:
        self.guard(formats=True)
        self.xl.CellBackColor = from_rgb(value)

    def set_colors(self, colors: Sequence[Sequence[Any]]) -> None:
        """A colour for every cell, in one call for each distinct colour; `...` leaves a cell as it is."""
        self.guard(formats=True)
        groups: dict[int, list[tuple[int, int]]] = {}
        for r, row in enumerate(colors):
            for c, color in enumerate(row):
                if color is not ...:
                    groups.setdefault(from_rgb(color), []).append((r, c))
        for number, cells in groups.items():
            self.several(cells).CellBackColor = number

    @property
    def font(self) -> Font:
        return Font(self)

    @property
    def number_format(self) -> str | None:
        """The format code; None when the cells differ."""
        found = self.document.inside("format_of", self.document.doc, self.sheet.xl, tuple(self.box))
        return self.document.format_code(*found) if found else None

    @number_format.setter
    def number_format(self, value: str) -> None:
        self.guard(formats=True)
        self.xl.NumberFormat = self.document.format_key(value)

    @property
    def wrap_text(self) -> bool:
        return bool(self.xl.IsTextWrapped)

    @wrap_text.setter
    def wrap_text(self, value: bool) -> None:
        self.guard(formats=True)
        self.xl.IsTextWrapped = bool(value)

    def clear_formats(self) -> None:
        self.change("clear", _EVERYTHING_SEEN, formats=True)

    def clear(self) -> None:
        if len(self):
            self.change("clear", _EVERYTHING, formats=True)


_DIRECTIONS = {"d": "down", "u": "up", "r": "right", "l": "left"}


@uno_safe
class RangeApi:
    """The native object; also what Excel's own object has and xlwings has no word for: `Locked`, `Validation`,
    `FormatConditions`. Costs nothing until used."""

    def __init__(self, block: Range) -> None:
        object.__setattr__(self, "_block", block)

    def __getattr__(self, name: str) -> Any:
        if name == "Validation":
            return Validation(self._block)
        if name == "FormatConditions":
            return FormatConditions(self._block)
        return self._block.locked if name == "Locked" else getattr(self._block.xl, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "Locked":
            self._block.lock(bool(value))
        else:
            setattr(self._block.xl, name, value)


@uno_safe
class Range(Contents, Looks, Layout):
    """A range as xlwings asks for it."""

    @property
    def api(self) -> RangeApi | None:
        return RangeApi(self) if len(self) else None

    def lock(self, locked: bool) -> None:
        """Lock or unlock the cells; it takes effect while the sheet is protected."""
        self.guard(formats=True)
        protection = self.xl.CellProtection
        protection.IsLocked = locked
        self.xl.CellProtection = protection

    def end(self, direction: str) -> Range:
        """The cell that Ctrl and an arrow key reach from the first cell."""
        way = _DIRECTIONS.get(direction, direction)
        used = self.sheet.used_range.box
        vertical = way in ("down", "up")
        if vertical:
            line = self.at(Box(1, self.column, used.bottom, self.column))
            filled = [row[0] != "" for row in line.inside("typed")]
            start, last = self.row, MAX_ROW
        else:
            line = self.at(Box(self.row, 1, self.row, used.right))
            filled = [text != "" for text in line.inside("typed")[0]]
            start, last = self.column, MAX_COLUMN
        stop = _jump(filled, start, 1 if way in ("down", "right") else -1, last)
        row, column = (stop, self.column) if vertical else (self.row, stop)
        return self.at(Box(row, column, row, column))  # type: ignore[no-any-return]

    @property
    def current_region(self) -> Range:
        cursor = self.sheet.xl.createCursorByRange(self.xl)
        cursor.collapseToCurrentRegion()
        return self.book.range_at(cursor.RangeAddress)

    def select(self) -> None:
        self.document.inside("select", self.document.doc, self.sheet.xl, tuple(self.box))

    @property
    def note(self) -> Note | None:
        return Note(self) if self.inside("note") else None

    def add_note(self, text: str) -> Note:
        """A note where there is none yet; xlwings has made sure of that."""
        self.change("annotate", text, formats=True)
        return Note(self)

    @property
    def hyperlink(self) -> str:
        fields = self.first.TextFields
        address = fields.getByIndex(0).URL if fields.hasElements() else self.first.Hyperlink
        if not address:
            raise NoSuchObjectError(f"单元格 {self.get_address(False, False)} 没有超链接。")
        return link_for_excel(address)

    def add_hyperlink(
        self, address: str, text_to_display: str | None = None, screen_tip: str | None = None
    ) -> None:
        """Replace the cell's content by a link; `#'表'!A1` leads into the workbook. Screen tips are not kept."""
        self.guard(formats=True)
        cell = self.first
        cell.String = ""
        field = self.document.doc.createInstance("com.sun.star.text.TextField.URL")
        field.URL, field.Representation = link_for_office(address), text_to_display or address
        cell.insertTextContent(cell.createTextCursor(), field, False)

    @property
    def name(self) -> Name | None:
        """The first name that refers to exactly these cells."""
        candidates = [*self.sheet.names, *(name for name in self.book.names if name.sheet is None)]
        return next((name for name in candidates if self._is_meant(name)), None)

    @name.setter
    def name(self, value: str) -> None:
        self.book.names.add(value, f"={quoted(self.sheet.name)}!{self.address}")

    def _is_meant(self, name: Name) -> bool:
        if not name.refers_to_cells():
            return False
        other = name.refers_to_range
        return other.box == self.box and other.sheet.name == self.sheet.name

    @property
    def table(self) -> None:
        """LibreOffice has no tables of Excel's kind."""
        return

    def to_pdf(self, path: str | Path, quality: str = "standard") -> None:
        only = property_list(Selection=self.xl)
        arguments = properties(FilterName="calc_pdf_Export", Overwrite=True, FilterData=only)
        self.document.doc.storeToURL(Path(path).resolve().as_uri(), arguments)


def _jump(filled: list[bool], start: int, step: int, last: int) -> int:
    """Where Ctrl and an arrow stop on a line of cells; one-based, `last` is the end of the sheet."""

    def full(position: int) -> bool:
        return 1 <= position <= len(filled) and filled[position - 1]

    start = min(start, len(filled) + 1) if step < 0 else start
    position = start + step
    if full(start) and full(position):
        while full(position + step):
            position += step
        return position
    while 1 <= position <= len(filled) and not full(position):
        position += step
    if position < 1:
        return 1
    return position if position <= len(filled) else last
