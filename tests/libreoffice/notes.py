"""Notes on cells. LibreOffice does not keep their authors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlwings import base_classes as base

from .bridge import uno_safe

if TYPE_CHECKING:
    from .range import Range

_ANNOTATION = 8  # com.sun.star.sheet.CellFlags


@uno_safe
class Note(base.Note):
    """The note of one cell. On a protected sheet notes may be read only, as in Excel."""

    def __init__(self, cell: Range) -> None:
        self._cell = cell

    @property
    def api(self) -> Any:
        return self._cell.first.Annotation

    @property
    def text(self) -> str:
        return str(self._cell.inside("note"))

    @text.setter
    def text(self, value: str) -> None:
        self._cell.change("annotate", value, formats=True)

    @property
    def author(self) -> str:
        return str(self.api.Author)

    @property
    def location(self) -> Range:
        return self._cell

    def delete(self) -> None:
        self._cell.change("clear", _ANNOTATION, formats=True)
