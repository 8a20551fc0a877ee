"""A range of cells: contents, looks and layout together, and what links it with the rest of the workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xlwings import NoSuchObjectError

from .address import MAX_COLUMN, MAX_ROW, Box, link_for_excel, link_for_office, quoted
from .bridge import properties, property_list, uno_safe
from .contents import Contents
from .layout import Layout
from .looks import Looks
from .names import Name
from .notes import Note

_DIRECTIONS = {"d": "down", "u": "up", "r": "right", "l": "left"}


@uno_safe
class RangeApi:
    """The native object; also `Locked` as Excel's own, for code that must run on both. Costs nothing until used."""

    def __init__(self, block: Range) -> None:
        object.__setattr__(self, "_block", block)

    def __getattr__(self, name: str) -> Any:
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
