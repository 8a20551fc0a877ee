"""A consistency rule and the linear identities it stands for: a check in Python, a live formula, words, a row of coefficients."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from nianbao.core.grid import Cell
from nianbao.core.number import Figure

Across = Literal["rows", "columns", "cells"]
PREVIOUS = "previous:"


class Term(NamedTuple):
    """One summand: a figure of this year's report, or of last year's."""

    cell: Cell
    previous: bool = False


@dataclass(frozen=True)
class Rule:
    """A consistency rule as the form declares it: the sum of ``left`` ``op`` the sum of ``right``.

    ``across`` columns: the names are row keys, one identity for each column in ``only`` (default: all);
    ``rows``: the names are column keys, one identity a row; ``cells``: the names are whole cell keys.
    ``fills``: in the workbook the single right cell is a live formula of the left side.
    ``name`` is what staff call it in a few characters, ``says`` is the rule in words, ``left_says``/``right_says`` name its two sides, ``source`` where it comes from.
    """

    id: str
    name: str
    severity: Literal["error", "verify"]
    table: str
    across: Across
    left: tuple[str, ...]
    op: Literal["=", "<="]
    right: tuple[str, ...]
    says: str
    left_says: str
    right_says: str
    source: str
    only: tuple[str, ...] = ()
    fills: bool = False

    def __hash__(self) -> int:
        """Of the id alone, which no two rules of a form share: rules are looked up thousands of times a report."""
        return hash(self.id)

    @property
    def uses_previous(self) -> bool:
        return any(name.startswith(PREVIOUS) for name in (*self.left, *self.right))


class Equation(NamedTuple):
    """One identity of a rule; ``key`` is the row or column it is about (empty for a rule over single cells)."""

    rule: Rule
    key: str
    left: tuple[Term, ...]
    right: tuple[Term, ...]

    def __hash__(self) -> int:
        return hash((self.rule.id, self.key))

    @property
    def cells(self) -> tuple[Cell, ...]:
        """This year's cells of the identity, left side first."""
        return tuple(term.cell for term in (*self.left, *self.right) if not term.previous)

    @property
    def uses_previous(self) -> bool:
        return self.rule.uses_previous


class Sides(NamedTuple):
    """Both sides of an identity for one report; ``difference`` is left minus right."""

    left: Figure
    right: Figure

    @property
    def difference(self) -> Figure:
        return self.left - self.right


def holds(equation: Equation, both: Sides) -> bool:
    """Whether the identity (or the ≤ of the rule) is kept."""
    return both.difference <= 0 if equation.rule.op == "<=" else both.difference == 0


def coefficients(equation: Equation) -> Mapping[Cell, int]:
    """This year's cells with +1 on the left side and −1 on the right side."""
    return {t.cell: 1 for t in equation.left if not t.previous} | {
        t.cell: -1 for t in equation.right if not t.previous
    }


def added(equation: Equation, figures: Mapping[Cell, Figure | None]) -> Figure | None:
    """The sum of the left side as a spreadsheet adds it: texts and blanks left out, None when nothing is left."""
    parts = [value for term in equation.left if (value := figures.get(term.cell)) is not None]
    return sum(parts) if parts else None


def totals(
    filled: Mapping[Cell, Equation], figures: Mapping[Cell, Figure | None], cells: Iterable[Cell]
) -> dict[Cell, Figure | None]:
    """What some totals come to; among these, a total within a total is added up first (a form has no circle)."""
    asked, values = list(cells), dict[Cell, Figure | None]()
    wanted, known = set(asked), dict(figures)

    def settle(cell: Cell) -> None:
        for term in filled[cell].left:
            if term.cell in wanted and term.cell not in values:
                settle(term.cell)
        values[cell] = known[cell] = added(filled[cell], known)

    for cell in asked:
        if cell not in values:
            settle(cell)
    return values


def expand(rule: Rule, keys: Sequence[str], groups: Mapping[str, Sequence[str]]) -> Iterator[Equation]:
    """The identities of a rule, one for each of ``keys`` (the rows or columns it runs across).

    A name ``@group`` stands for the group's members, ``previous:name`` for last year's figure.
    """
    for key in keys:
        left = tuple(_terms(rule, key, rule.left, groups))
        yield Equation(rule, key, left, tuple(_terms(rule, key, rule.right, groups)))


def _terms(rule: Rule, key: str, names: Sequence[str], groups: Mapping[str, Sequence[str]]) -> Iterator[Term]:
    for name in names:
        bare = name.removeprefix(PREVIOUS)
        for member in groups[bare[1:]] if bare.startswith("@") else (bare,):
            yield Term(_cell(rule, key, member), bare != name)


def _cell(rule: Rule, key: str, name: str) -> Cell:
    if rule.across == "columns":
        return Cell(rule.table, name, key)
    if rule.across == "rows":
        return Cell(rule.table, key, name)
    return Cell.parse(name)
