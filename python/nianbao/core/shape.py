"""What a statutory form is made of: its sections, its tables as printed, its rules and their identities."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nianbao.core.cell import Cell
from nianbao.core.equation import Equation, Rule
from nianbao.core.finding import CODES
from nianbao.core.grid import Grid
from nianbao.core.phrases import Phrases


class FormError(Exception):
    """A form file is wrong: a mistake of ours or of its author, found when the form loads. Names the place."""


@dataclass(frozen=True)
class Column:
    """A column of figures: its name, unit of measure, whether decimals or negative figures are allowed."""

    key: str
    name: str
    unit: str
    decimals: bool = False
    signed: bool = False


@dataclass(frozen=True)
class Row:
    """A row of figures: its name, what it counts (``hint``), whether it may be left blank (``optional``)."""

    key: str
    name: str
    hint: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Table:
    """One statistical table: rows, columns, groups of rows, and the printed grid with widths in characters."""

    key: str
    name: str
    rows: Mapping[str, Row]
    columns: Mapping[str, Column]
    groups: Mapping[str, tuple[str, ...]]
    widths: tuple[float, ...]
    grid: Grid

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The figure cells in reading order."""
        return tuple(self.grid.at)


@dataclass(frozen=True)
class Section:
    """One section: its prescribed heading, its sheet's name, its table if any, and what its text must cover."""

    key: str
    heading: str
    sheet: str
    asks: tuple[str, ...] = ()
    table: str = ""


@dataclass(frozen=True, repr=False)
class Form:
    """A statutory form. ``years``: first and last reporting year (``None``: still in use)."""

    key: str
    title: str
    full_title: str
    authority: str
    language: str
    years: tuple[int, int | None]
    sections: tuple[Section, ...]
    tables: Mapping[str, Table]
    rules: tuple[Rule, ...]
    equations: tuple[Equation, ...]
    comparable: Mapping[str, tuple[str, ...]]
    phrases: Phrases
    data: Mapping[str, Any]

    def __repr__(self) -> str:
        return f"Form({self.key!r})"

    def __hash__(self) -> int:
        """So that what is worked out of a form can be kept for it."""
        return hash(self.key)

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Every figure cell, tables in the order of the form."""
        return tuple(cell for table in self.tables.values() for cell in table.cells)

    @cached_property
    def cell_set(self) -> frozenset[Cell]:
        return frozenset(self.cells)

    @cached_property
    def filled(self) -> Mapping[Cell, Equation]:
        """The totals that the workbook computes, each with the identity that fills it."""
        return {e.right[0].cell: e for e in reversed(self.equations) if e.rule.fills}

    def section(self, key: str) -> Section:
        return next(section for section in self.sections if section.key == key)

    def section_of(self, table: str) -> Section:
        """The section that holds a table."""
        return next(section for section in self.sections if section.table == table)

    def column(self, cell: Cell) -> Column:
        return self.tables[cell.table].columns[cell.column]

    def row(self, cell: Cell) -> Row:
        return self.tables[cell.table].rows[cell.row]

    def name(self, cell: Cell) -> str:
        """The cell in words, as staff know it: ``（一）予以公开·自然人``."""
        return f"{self.row(cell).name}·{self.column(cell).name}"

    def cells_of(self, key: str) -> tuple[Cell, ...]:
        """The cells that a key means: itself, or one cell for each row of ``table.@group.column``; none if unknown."""
        table, row, column = key.split(".")
        groups = self.tables[table].groups if table in self.tables else {}
        rows = groups.get(row[1:], ()) if row.startswith("@") else (row,)
        return tuple(cell for r in rows if (cell := Cell(table, r, column)) in self.cell_set)

    @cached_property
    def rule_names(self) -> Mapping[str, str]:
        """The short names of all rules by their codes: those of every form, and the form's own."""
        return {code: rule.name for code, rule in CODES.items()} | {rule.id: rule.name for rule in self.rules}

    def rule_name(self, code: str) -> str:
        """What staff call a rule (``申请平衡``); a code that is no rule's stays as it is."""
        return self.rule_names.get(code, code)

    def rule_code(self, shown: str) -> str:
        """The code of a rule by what stands for it in a workbook: its name, or the code itself."""
        return self._rule_codes.get(shown, shown)

    @cached_property
    def _rule_codes(self) -> Mapping[str, str]:
        return {name: code for code, name in self.rule_names.items()}

    def covers(self, year: int) -> bool:
        """Whether the form is the one prescribed for a reporting year."""
        first, last = self.years
        return first <= year and (last is None or year <= last)

    def heading(self, agency: str, year: int) -> str:
        """The report's full title: agency, year and the form's title."""
        return self.full_title.format(agency=agency, year=year)
