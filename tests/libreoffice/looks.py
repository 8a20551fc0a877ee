"""How cells look: colours, fonts, number formats, wrapping; and clearing all that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlwings import base_classes as base

from .block import Block
from .bridge import enum, uno_safe

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        return self.document.format_code(self.xl.NumberFormat) if self.one_format() else None

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
