"""The cross-checks of a form when it loads: each raises ``FormError`` that names the place."""

from collections.abc import Mapping

from nianbao.core.cell import Cell
from nianbao.core.equation import Equation
from nianbao.core.shape import Form, FormError, Section, Table


def sound(equation: Equation, tables: Mapping[str, Table]) -> None:
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


def unique(what: str, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise FormError(f"duplicate {what}: {name}")


def tables_have_sections(tables: Mapping[str, Table], sections: tuple[Section, ...]) -> None:
    named = [section.table for section in sections if section.table]
    unique("table of a section", named)
    for table in {*named} ^ {*tables}:
        raise FormError(f"sections: table {table} has no section, or the section no table")


def headed(full_title: str, first: int, last: int | None) -> None:
    """The full title has no blanks to fill but agency and year; the years are in order."""
    try:
        full_title.format(agency="", year="")
    except (LookupError, ValueError, AttributeError) as error:
        raise FormError(f"full_title: unknown {error}") from None
    if last is not None and first > last:
        raise FormError(f"years: {first} is after {last}")


def no_circle(form: Form) -> None:
    """No total is filled, at whatever remove, from itself."""
    for start in form.filled:
        seen, waiting = set[Cell](), [start]
        while waiting:
            terms = form.filled[waiting.pop()].left
            waiting += [t.cell for t in terms if t.cell in form.filled and t.cell not in seen]
            seen |= {term.cell for term in terms}
        if start in seen:
            raise FormError(f"rules: the total {start} is filled from itself")


def plausible(form: Form) -> None:
    """The limits a form declares speak of its own cells."""
    limits = form.data.get("plausible", {})
    named = [cell for spec in limits.get("not_competent", ()) for cell in spec["cells"]]
    for key in (*named, *(spec["cell"] for spec in limits.get("amounts", ()))):
        if Cell.parse(key) not in form.cell_set:
            raise FormError(f"plausible: unknown cell {key}")


def guarded(form: Form, free: tuple[str, ...]) -> None:
    """Every figure cell stands in an identity or is listed as free-standing."""
    listed = [Cell.parse(key) for key in free]
    for cell in listed:
        if cell not in form.cell_set:
            raise FormError(f"free: unknown cell {cell}")
    held = {cell for equation in form.equations for cell in equation.cells}
    for cell in form.cells:
        if cell not in held and cell not in listed:
            raise FormError(f"cell {cell} is guarded by no rule and not listed as free-standing")
