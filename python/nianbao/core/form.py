"""A statutory form as data: its sections, its tables as printed, its consistency rules.

Everything else reads a :class:`Form`; nothing outside the form files names a row of the report.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from nianbao.core.equation import Equation, Rule, expand
from nianbao.core.finding import CODES
from nianbao.core.grid import Box, Cell, Grid, Kind, place
from nianbao.core.phrases import Phrases, resolve
from nianbao.core.schema import problems

FORMS = Path(__file__).with_name("forms")


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

    def about(self, equation: Equation) -> str:
        """What an identity is about, in words: its row or column; nothing where it is about single cells."""
        rule = equation.rule
        if rule.across == "cells":
            return ""
        table = self.tables[rule.table]
        if rule.across == "columns":
            return f"{table.columns[equation.key].name}列"
        return table.rows[equation.key].name

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

    @cached_property
    def carried(self) -> frozenset[Cell]:
        """The cells that begin with a figure of last year, as rules that equate one cell of each year say."""
        pairs = (e for e in self.equations if e.rule.op == "=" and len(e.left) == len(e.right) == 1)
        return frozenset(e.cells[0] for e in pairs if e.uses_previous and e.cells)

    @cached_property
    def across_years(self) -> tuple[Equation, ...]:
        """The identities with a figure of last year."""
        return tuple(e for e in self.equations if e.uses_previous)

    def telling(self, equation: Equation) -> tuple[Cell, ...]:
        """The cells of an identity that show whether there is anything to judge: not those brought from last year."""
        if equation not in self._telling:
            own = equation.cells
            self._telling[equation] = tuple(cell for cell in own if cell not in self.carried) or own
        return self._telling[equation]

    @cached_property
    def _telling(self) -> dict[Equation, tuple[Cell, ...]]:
        """What was answered by :meth:`telling`: every workbook asks for each identity several times."""
        return {}

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


@cache
def load(key: str) -> Form:
    """The built-in form of that key; ``FormError`` when there is none."""
    path = FORMS / f"{key}.json"
    if key not in keys():
        raise FormError(f"unknown form: {key}")
    return build(json.loads(path.read_text(encoding="utf-8")))


@cache
def keys() -> tuple[str, ...]:
    """The keys of the built-in forms, newest first."""
    return tuple(sorted((p.stem for p in FORMS.glob("*.json") if "schema" not in p.name), reverse=True))


def for_year(year: int) -> Form:
    """The form prescribed for a reporting year; ``FormError`` when none is known."""
    for key in keys():
        if (form := load(key)).covers(year):
            return form
    raise FormError(f"no form for {year}")


def load_file(path: Path) -> Form:
    """A form from a file of one's own, held to ``form.schema.json`` first; ``FormError`` names the place."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except ValueError as error:
        raise FormError(f"{path.name}: {error}") from None
    for problem in problems(data, "form"):
        raise FormError(f"{path.name}: {problem.json_path}: {problem.message}")
    return build(data)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise ValueError(f"duplicate name: {next(name for name in names if names.count(name) > 1)}")
    return dict(pairs)


def build(data: Mapping[str, Any]) -> Form:
    """A form from its parsed file, cross-checked; ``FormError`` names the place of the first mistake."""
    tables = {key: _table(key, spec) for key, spec in data["tables"].items()}
    sections = tuple(Section(**{**s, "asks": tuple(s.get("asks", ()))}) for s in data["sections"])
    rules = tuple(_rule(spec) for spec in data["rules"])
    _unique("section", [s.key for s in sections])
    _unique("sheet", [s.sheet.lower() for s in sections])
    _unique("rule", [rule.id for rule in rules])
    _unique("name of a rule", [*(code.name for code in CODES.values()), *(rule.name for rule in rules)])
    _tables_have_sections(tables, sections)
    _headed(data["full_title"], *data["years"])
    form = Form(
        key=data["form"],
        title=data["title"],
        full_title=data["full_title"],
        authority=data["authority"],
        language=data.get("language", "zh-CN"),
        years=(data["years"][0], data["years"][1]),
        sections=sections,
        tables=tables,
        rules=rules,
        equations=tuple(e for rule in rules for e in _equations(rule, tables)),
        comparable={k: tuple(v) for k, v in data.get("comparable", {}).items()},
        phrases=_phrases(data.get("phrases"), tables),
        data=data,
    )
    _guarded(form, data.get("free", ()))
    _limits(form)
    _no_circle(form)
    if unknown := [key for key in _named_keys(data) if not form.cells_of(key)]:
        raise FormError(f"excludable or charts: unknown cell {unknown[0]}")
    return form


def _table(key: str, spec: Mapping[str, Any]) -> Table:
    rows = {k: Row(k, **v) for k, v in spec["rows"].items()}
    columns = {k: Column(k, **v) for k, v in spec["columns"].items()}
    widths = tuple(float(w) for w in spec["widths"])
    boxes = [[box for item in row for box in _boxes(key, item, columns)] for row in spec["grid"]]
    try:
        grid = place(boxes, len(widths))
    except ValueError as error:
        raise FormError(f"tables.{key}.grid: {error}") from None
    _unique(f"cell of tables.{key}", [str(b.cell) for row in boxes for b in row if b.cell])
    for cell in grid.at:
        if cell.row not in rows or cell.column not in columns:
            raise FormError(f"tables.{key}.grid: unknown cell {cell}")
    groups = {name: tuple(members) for name, members in spec.get("groups", {}).items()}
    for name, members in groups.items():
        if strange := [m for m in members if m not in rows]:
            raise FormError(f"tables.{key}.groups.{name}: unknown row {strange[0]}")
    return Table(key, spec["name"], rows, columns, groups, widths, grid)


def _boxes(table: str, item: Mapping[str, Any], columns: Mapping[str, Column]) -> Iterator[Box]:
    height, width = item.get("rows", 1), item.get("cols", 1)
    kinds: tuple[Kind, ...] = ("title", "corner", "head", "side")
    for kind in kinds:
        if kind in item:
            yield Box(0, 0, height, width, kind, item[kind], None)
    if "cell" in item:
        yield Box(0, 0, height, width, "figure", "", Cell(table, *item["cell"].split(".")))
    for column in columns if "cells" in item else ():
        yield Box(0, 0, height, width, "figure", "", Cell(table, item["cells"], column))


def _rule(spec: Mapping[str, Any]) -> Rule:
    lists = {name: tuple(spec[name]) for name in ("left", "right", "only") if name in spec}
    return Rule(**{"op": "=", "table": "", **spec, **lists})


def _equations(rule: Rule, tables: Mapping[str, Table]) -> tuple[Equation, ...]:
    table = tables.get(rule.table)
    if table is None and rule.across != "cells":
        raise FormError(f"rules.{rule.id}: unknown table {rule.table}")
    known: dict[str, tuple[str, ...]] = {
        "rows": tuple(table.rows) if table else (),
        "columns": tuple(table.columns) if table else (),
        "cells": ("",),
    }
    keys = rule.only or known[rule.across]
    if strange := [key for key in keys if key not in known[rule.across]]:
        raise FormError(f"rules.{rule.id}: unknown {rule.across[:-1]} {strange[0]}")
    try:
        equations = tuple(expand(rule, keys, table.groups if table else {}))
    except KeyError as error:
        raise FormError(f"rules.{rule.id}: unknown group {error}") from None
    except ValueError:
        names = "、".join((*rule.left, *rule.right))
        raise FormError(f"rules.{rule.id}: not all of these are table.row.column: {names}") from None
    for equation in equations:
        _known_cells(equation, tables)
    return equations


def _phrases(declared: str | Mapping[str, Any] | None, tables: Mapping[str, Table]) -> Phrases:
    try:
        return resolve(declared, tables)
    except ValueError as error:
        raise FormError(f"phrases: {error}") from None


def _named_keys(data: Mapping[str, Any]) -> Iterator[str]:
    """Every key that these use; ``table.@group.column`` stands for the rows of a group."""
    for keys in data.get("excludable", {}).values():
        yield from keys
    for chart in data.get("charts", ()):
        yield from (key for part in chart.get("parts", ()) for key in part["cells"])
        yield from (f"{chart['table']}.{r}.{c}" for r in chart.get("rows", ()) for c in chart["columns"])


def _known_cells(equation: Equation, tables: Mapping[str, Table]) -> None:
    """An identity names known cells of one unit of measure, none twice; a filled total stands alone."""
    where = f"rules.{equation.rule.id}[{equation.key}]"
    terms = (*equation.left, *equation.right)
    for term in terms:
        table = tables.get(term.cell.table)
        if table is None or term.cell not in table.grid.at:
            raise FormError(f"{where}: unknown cell {term.cell}")
    units = {tables[t.cell.table].columns[t.cell.column].unit for t in terms}
    if len(units) > 1:
        raise FormError(f"{where}: mixed units of measure {'、'.join(sorted(units))}")
    if len(set(terms)) < len(terms):
        raise FormError(f"{where}: a cell stands in it twice")
    if equation.rule.fills and (
        len(equation.right) != 1 or equation.uses_previous or equation.rule.op != "="
    ):
        raise FormError(f"{where}: only a single total of this year can be filled")


def _unique(what: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise FormError(f"duplicate {what}: {name}")


def _tables_have_sections(tables: Mapping[str, Table], sections: tuple[Section, ...]) -> None:
    named = [section.table for section in sections if section.table]
    _unique("table of a section", named)
    for table in {*named} ^ {*tables}:
        raise FormError(f"sections: table {table} has no section, or the section no table")


def _headed(full_title: str, first: int, last: int | None) -> None:
    """The full title has no blanks to fill but agency and year; the years are in order."""
    try:
        full_title.format(agency="", year="")
    except (LookupError, ValueError, AttributeError) as error:
        raise FormError(f"full_title: unknown {error}") from None
    if last is not None and first > last:
        raise FormError(f"years: {first} is after {last}")


def _no_circle(form: Form) -> None:
    """No total is filled, at whatever remove, from itself."""
    for start in form.filled:
        seen, waiting = set[Cell](), [start]
        while waiting:
            terms = form.filled[waiting.pop()].left
            waiting += [t.cell for t in terms if t.cell in form.filled and t.cell not in seen]
            seen |= {term.cell for term in terms}
        if start in seen:
            raise FormError(f"rules: the total {start} is filled from itself")


def _limits(form: Form) -> None:
    """The limits a form declares speak of its own cells."""
    limits = form.data.get("plausible", {})
    named = [cell for spec in limits.get("not_competent", ()) for cell in spec["cells"]]
    for key in (*named, *(spec["cell"] for spec in limits.get("amounts", ()))):
        if Cell.parse(key) not in form.cell_set:
            raise FormError(f"plausible: unknown cell {key}")


def _guarded(form: Form, free: tuple[str, ...]) -> None:
    """Every figure cell stands in an identity or is listed as free-standing."""
    listed = [Cell.parse(key) for key in free]
    for cell in listed:
        if cell not in form.cell_set:
            raise FormError(f"free: unknown cell {cell}")
    held = {cell for equation in form.equations for cell in equation.cells}
    for cell in form.cells:
        if cell not in held and cell not in listed:
            raise FormError(f"cell {cell} is guarded by no rule and not listed as free-standing")
