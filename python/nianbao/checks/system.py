"""The identities of one table as a linear system: which corrections would mend those that broke."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

from nianbao.core.cell import Cell
from nianbao.core.equation import Equation
from nianbao.core.number import Figure, simplest
from nianbao.core.report import Report
from nianbao.core.rules import coefficients, sides


class Correction(NamedTuple):
    """One cell, what it counts as now, and the value that mends ``mends`` identities at once."""

    cell: Cell
    now: Figure
    value: Figure
    mends: int


Solution = tuple[Correction, ...]


class System:
    """The identities of one table that can be judged, their residuals (left minus right), and cell → identities."""

    def __init__(self, report: Report, table: str) -> None:
        self.report = report
        self.residual: dict[Equation, Figure] = {}
        self.stands_in: dict[Cell, dict[Equation, int]] = {}
        for equation in report.form.equations:
            rule = equation.rule
            if rule.table != table or rule.uses_previous or rule.op != "=" or rule.severity != "error":
                continue
            both = sides(equation, report)
            if both is None:
                continue
            self.residual[equation] = both.difference
            for cell, sign in coefficients(equation).items():
                self.stands_in.setdefault(cell, {})[equation] = sign
        self.broken = {e: r for e, r in self.residual.items() if r}
        self._effects: dict[Cell, dict[Equation, int]] = {}
        self.order = {cell: n for n, cell in enumerate(self.stands_in)}

    def groups(self) -> list[dict[Equation, Figure]]:
        """The broken identities, those that share a cell together."""
        groups: list[dict[Equation, Figure]] = []
        for equation, residual in self.broken.items():
            joined = [g for g in groups if any(set(equation.cells) & set(e.cells) for e in g)]
            groups = [g for g in groups if g not in joined]
            groups.append({e: r for g in joined for e, r in g.items()} | {equation: residual})
        return groups

    @cached_property
    def live(self) -> Mapping[Cell, Equation]:
        """The totals that are what their parts add up to: they follow when a part is corrected."""
        filled = self.report.form.filled.items()
        return {cell: e for cell, e in filled if e in self.residual and e not in self.broken}

    @cached_property
    def totals_of(self) -> Mapping[Cell, tuple[Cell, ...]]:
        """The live totals that each cell is a part of."""
        totals: dict[Cell, tuple[Cell, ...]] = {}
        for total, equation in self.live.items():
            for term in equation.left:
                totals[term.cell] = (*totals.get(term.cell, ()), total)
        return totals

    def effects(self, cell: Cell) -> dict[Equation, int]:
        """:meth:`effect`, worked out once a cell."""
        if cell not in self._effects:
            self._effects[cell] = self.effect(cell)
        return self._effects[cell]

    def effect(self, cell: Cell) -> dict[Equation, int]:
        """How the identities' residuals change when an input grows by one and the live totals follow."""
        steps, waiting = {cell: 1}, [cell]
        while waiting:
            for total in self.totals_of.get(waiting.pop(), ()):
                if total not in steps:
                    steps[total] = 1
                    waiting.append(total)
        changes: dict[Equation, int] = {}
        for moved, step in steps.items():
            for equation, sign in self.stands_in.get(moved, {}).items():
                changes[equation] = changes.get(equation, 0) + sign * step
        return {e: change for e, change in changes.items() if change}

    def possible(self, cell: Cell, value: Figure) -> bool:
        column = self.report.form.column(cell)
        return (value >= 0 or column.signed) and (isinstance(value, int) or column.decimals)

    def amount(self, cell: Cell) -> Figure:
        return self.report.amount(cell) or 0

    def mends(self, changes: Mapping[Cell, Figure], group: Mapping[Equation, Figure]) -> bool:
        """Whether writing these values, live totals following, mends the whole group and breaks nothing else."""
        touched: dict[Equation, Figure] = {}
        for cell, value in changes.items():
            step = value - self.amount(cell)
            for equation, sign in self.effects(cell).items():
                touched[equation] = touched.get(equation, self.residual[equation]) + sign * step
        return group.keys() <= touched.keys() and not any(touched.values())


def corrected(system: System, changes: Mapping[Cell, Figure]) -> Solution:
    return tuple(Correction(c, system.amount(c), v, len(system.stands_in[c])) for c, v in changes.items())


def covers(system: System, group: Mapping[Equation, Figure], size: int) -> Iterator[Solution]:
    """Sets of ``size`` corrections that mend every identity of the group and break no other; none twice."""
    seen: set[frozenset[Correction]] = set()
    for solution in _mended(system, dict(group), {}, size):
        if solution not in seen:
            seen.add(solution)
            yield tuple(sorted(solution, key=lambda c: system.order[c.cell]))


def _mended(
    system: System, broken: dict[Equation, Figure], changed: dict[Cell, Figure], size: int
) -> Iterator[frozenset[Correction]]:
    """Corrections one after another, each taken from the first identity that is still broken."""
    if not broken:
        yield frozenset(
            Correction(cell, system.amount(cell), value, len(system.stands_in[cell]))
            for cell, value in changed.items()
        )
    if not broken or size == 0:
        return
    for cell in coefficients(next(iter(broken))):
        signs = system.stands_in[cell]
        if cell in changed or (size == 1 and not signs.keys() <= broken.keys()):
            continue
        for step in {-broken[e] * sign for e, sign in signs.items() if e in broken}:
            value = simplest(system.amount(cell) + step)
            if system.possible(cell, value):
                left = {e: broken.get(e, 0) + signs.get(e, 0) * step for e in {**broken, **signs}}
                rest = {e: r for e, r in left.items() if r}
                yield from _mended(system, rest, changed | {cell: value}, size - 1)


def followed(system: System, group: Mapping[Equation, Figure]) -> Iterator[Correction]:
    """Inputs whose correction mends the whole group once the live totals have followed."""
    for cell in system.order:
        if cell in system.report.form.filled:
            continue
        effect = system.effects(cell)
        if effect.keys() != group.keys() or any(abs(change) != 1 for change in effect.values()):
            continue
        steps = {-residual * effect[e] for e, residual in group.items()}
        value = simplest(system.amount(cell) + steps.pop())
        if not steps and system.possible(cell, value):
            yield Correction(cell, system.amount(cell), value, len(group))


def moves(
    system: System, group: Mapping[Equation, Figure]
) -> dict[frozenset[tuple[Cell, Figure]], tuple[str, dict[Cell, Figure]]]:
    """Figures that stand one place off along a row or column, or two that are exchanged, if that mends all."""
    found: dict[frozenset[tuple[Cell, Figure]], tuple[str, dict[Cell, Figure]]] = {}
    for line, words in _lines(system, group):
        if not group.keys() <= {equation for cell in line for equation in system.effects(cell)}:
            continue
        for what, changes in _moved(system, line):
            if system.mends(changes, group):
                found.setdefault(frozenset(changes.items()), (words.format(what), changes))
        if len(found) > 1:
            break
    return found


def _lines(system: System, group: Mapping[Equation, Figure]) -> Iterator[tuple[list[Cell], str]]:
    """The rows and columns of inputs in which a move could mend the group, with words for them."""
    table = system.report.form.tables[next(iter(group)).rule.table]
    filled = system.report.form.filled
    inputs = [cell for cell in table.cells if cell in system.stands_in and cell not in filled]
    for row in table.rows:
        yield [c for c in inputs if c.row == row], f"“{table.rows[row].name}”一行{{}}"
    for column in table.columns:
        yield [c for c in inputs if c.column == column], f"“{table.columns[column].name}”一列{{}}"


def _moved(system: System, line: list[Cell]) -> Iterator[tuple[str, dict[Cell, Figure]]]:
    values = [system.amount(cell) for cell in line]
    for i, j in combinations(range(len(line)), 2):
        if not values[i] and any(values[i + 1 : j + 1]):
            yield "疑似错位一格", _changed(line, values, i, j, [*values[i + 1 : j + 1], 0])
        if not values[j] and any(values[i:j]):
            yield "疑似错位一格", _changed(line, values, i, j, [0, *values[i:j]])
        if values[i] and values[j] and values[i] != values[j]:
            middle = values[i + 1 : j]
            yield "疑似两个数字互换", _changed(line, values, i, j, [values[j], *middle, values[i]])


def _changed(line: list[Cell], old: list[Figure], i: int, j: int, new: list[Figure]) -> dict[Cell, Figure]:
    return {line[i + k]: value for k, value in enumerate(new) if value != old[i + k] and j >= i}
