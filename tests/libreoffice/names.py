"""Defined names, of the workbook and of single sheets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xlwings import NoSuchObjectError
from xlwings import base_classes as base

from .bridge import uno_safe

if TYPE_CHECKING:
    from .book import Book
    from .range import Range
    from .sheet import Sheet

_INTERNAL = ("_xlnm.", "_xlfn")  # print areas, filters and newer functions: Excel does not list them


@uno_safe
class Name(base.Name):
    """One defined name; `sheet` is None for a name of the whole workbook."""

    def __init__(self, book: Book, names: Any, key: str, sheet: Sheet | None) -> None:
        self._book = book
        self._names = names
        self.key = key
        self.sheet = sheet

    @property
    def api(self) -> Any:
        return self._names.getByName(self.key)

    @property
    def name(self) -> str:
        return self.key if self.sheet is None else f"{self.sheet.name}!{self.key}"

    @name.setter
    def name(self, value: str) -> None:
        self.api.setName(value)
        self.key = value

    def delete(self) -> None:
        self._names.removeByName(self.key)

    @property
    def refers_to(self) -> str:
        return self._book.document.spelled(self.api.getTokens(), self.api.ReferencePosition)

    @refers_to.setter
    def refers_to(self, value: str) -> None:
        self.api.setTokens(self._book.document.tokens(value, self.api.ReferencePosition))

    @property
    def refers_to_range(self) -> Range:
        cells = self.api.getReferredCells()
        if cells is None:
            raise NoSuchObjectError(f"名称“{self.name}”没有指向单元格区域。")
        return self._book.range_at(cells.RangeAddress)

    def refers_to_cells(self) -> bool:
        return self.api.getReferredCells() is not None


@uno_safe
class Names(base.Names):
    """The names of one sheet, or of the workbook: then those of its sheets are listed too, as Excel does."""

    def __init__(self, book: Book, sheet: Sheet | None = None) -> None:
        self._book = book
        self._sheet = sheet

    @property
    def api(self) -> Any:
        return self._scopes()[0][0]

    def _scopes(self) -> list[tuple[Any, Sheet | None]]:
        if self._sheet is not None:
            return [(self._sheet.xl.NamedRanges, self._sheet)]
        sheets: list[tuple[Any, Sheet | None]] = [
            (sheet.xl.NamedRanges, sheet) for sheet in self._book.sheets
        ]
        return [(self._book.document.doc.NamedRanges, None), *sheets]

    def _all(self) -> list[Name]:
        return [
            Name(self._book, names, key, sheet)
            for names, sheet in self._scopes()
            for key in names.ElementNames
            if not key.startswith(_INTERNAL)
        ]

    def __iter__(self) -> Iterator[Name]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __call__(self, key: int | str) -> Name:
        if isinstance(key, int):
            return self._all()[key - 1]
        for name in self._all():
            reachable = self._sheet is not None or name.sheet is None or "!" in key
            if reachable and key.lower() in (name.key.lower(), name.name.lower()):
                return name
        raise KeyError(key)

    def contains(self, key: int | str) -> bool:
        try:
            self(key)
        except (KeyError, IndexError):
            return False
        return True

    def add(self, name: str, refers_to: str) -> Name:
        """Define a name, again if need be; `表!名` defines it for that sheet."""
        sheet, prefix = self._sheet, ""
        if "!" in name:
            prefix, _, name = name.rpartition("!")
            sheet = self._book.sheets(prefix.strip("'").replace("''", "'"))
        names = sheet.xl.NamedRanges if sheet else self._book.document.doc.NamedRanges
        if names.hasByName(name):
            names.removeByName(name)
        origin = (sheet or self._book.sheets(1)).xl.getCellByPosition(0, 0).CellAddress
        names.addNewByName(name, "0", origin, 0)
        names.getByName(name).setTokens(self._book.document.tokens(refers_to, origin))
        return Name(self._book, names, name, sheet)
