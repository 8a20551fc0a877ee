"""Which correction would mend the broken identities of a table: cross-footing read as an error-correcting code.

A slip in one figure breaks exactly the identities that figure stands in, all by the same difference; from the
pattern of what broke, the cell and its right value follow. Where several corrections would do, none is chosen.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from nianbao.cell import Cell
from nianbao.checks.slip import slip
from nianbao.equation import Equation
from nianbao.number import Figure
from nianbao.report import Report
from nianbao.rules import coefficients, sides

#: More simultaneous slips than this are not told apart.
MOST_SLIPS = 2


class Correction(NamedTuple):
    """One cell, what it counts as now, and the value that mends ``mends`` identities at once."""

    cell: Cell
    now: Figure
    value: Figure
    mends: int


class Diagnosis(NamedTuple):
    """What would mend one group of identities that broke together.

    One solution: the suspect. Several: each would do, none is chosen. ``moved`` says that the solution is
    figures standing one place off (a shifted row or column, two exchanged cells).
    """

    broken: tuple[Equation, ...]
    solutions: tuple[tuple[Correction, ...], ...]
    moved: str = ""

    def correction(self, equation: Equation) -> Correction | None:
        """The one correction that mends this identity, where it is beyond doubt and of a single cell."""
        if len(self.solutions) != 1 or self.moved:
            return None
        return next((c for c in self.solutions[0] if c.cell in coefficients(equation)), None)


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
        self.order = {cell: n for n, cell in enumerate(self.stands_in)}

    def groups(self) -> list[dict[Equation, Figure]]:
        """The broken identities, those that share a cell together."""
        groups: list[dict[Equation, Figure]] = []
        for equation, residual in self.broken.items():
            joined = [g for g in groups if any(set(equation.cells) & set(e.cells) for e in g)]
            groups = [g for g in groups if g not in joined]
            groups.append({e: r for g in joined for e, r in g.items()} | {equation: residual})
        return groups

    def possible(self, cell: Cell, value: Figure) -> bool:
        column = self.report.form.column(cell)
        return (value >= 0 or column.signed) and (isinstance(value, int) or column.decimals)

    def amount(self, cell: Cell) -> Figure:
        return self.report.amount(cell) or 0

    def mends(self, changes: Mapping[Cell, Figure], group: Mapping[Equation, Figure]) -> bool:
        """Whether writing these values mends the whole group and breaks nothing else."""
        touched: dict[Equation, Figure] = {}
        for cell, value in changes.items():
            step = value - self.amount(cell)
            for equation, sign in self.stands_in.get(cell, {}).items():
                touched[equation] = touched.get(equation, self.residual[equation]) + sign * step
        return group.keys() <= touched.keys() and not any(touched.values())


def diagnose(report: Report, table: str) -> list[Diagnosis]:
    """The diagnoses of one table, one for each group of identities that broke together."""
    system = System(report, table)
    return [_group(system, group) for group in system.groups()]


def _group(system: System, group: Mapping[Equation, Figure]) -> Diagnosis:
    broken = tuple(group)
    single = list(_covers(system, group, 1))
    if single:
        return Diagnosis(broken, tuple(single))
    if moves := _moves(system, group):
        words, _ = next(iter(moves.values()))
        solutions = tuple(_corrections(system, c) for _, c in moves.values())
        return Diagnosis(broken, solutions, words if len(moves) == 1 else "几个数字填错了位置")
    for size in range(2, MOST_SLIPS + 1):
        if found := list(_covers(system, group, size)):
            return Diagnosis(broken, tuple(found))
    return Diagnosis(broken, ())


def _corrections(system: System, changes: Mapping[Cell, Figure]) -> tuple[Correction, ...]:
    return tuple(Correction(c, system.amount(c), v, len(system.stands_in[c])) for c, v in changes.items())


def _covers(system: System, group: Mapping[Equation, Figure], size: int) -> Iterator[tuple[Correction, ...]]:
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
            value = system.amount(cell) + step
            if system.possible(cell, value):
                left = {e: broken.get(e, 0) + signs.get(e, 0) * step for e in {**broken, **signs}}
                rest = {e: r for e, r in left.items() if r}
                yield from _mended(system, rest, changed | {cell: value}, size - 1)


def _moves(
    system: System, group: Mapping[Equation, Figure]
) -> dict[frozenset[tuple[Cell, Figure]], tuple[str, dict[Cell, Figure]]]:
    """Figures that stand one place off along a row or column, or two that are exchanged, if that mends all."""
    found: dict[frozenset[tuple[Cell, Figure]], tuple[str, dict[Cell, Figure]]] = {}
    for line, words in _lines(system, group):
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


def corrections(report: Report) -> dict[Cell, Figure]:
    """The values that the identities leave no doubt about: of cells that hold no number, and of single suspects."""
    known: dict[Cell, Figure] = {}
    for table in report.form.tables:
        known |= _solved(report, table)
        for diagnosis in diagnose(report, table):
            if len(diagnosis.solutions) == 1 and not diagnosis.moved:
                known |= {c.cell: c.value for c in diagnosis.solutions[0]}
    return known


def _solved(report: Report, table: str) -> dict[Cell, Figure]:
    """Cells whose text cannot be counted, solved from identities in which nothing else is unknown."""
    proposals: dict[Cell, set[Figure]] = {}
    for equation in report.form.equations:
        if equation.rule.table != table or equation.uses_previous or equation.rule.op != "=":
            continue
        unknown = [cell for cell in equation.cells if report.amount(cell) is None]
        if len(unknown) == 1:
            signs = coefficients(equation)
            rest = sum(sign * (report.amount(cell) or 0) for cell, sign in signs.items())
            proposals.setdefault(unknown[0], set()).add(-rest * signs[unknown[0]])
    return {cell: values.pop() for cell, values in proposals.items() if len(values) == 1 and min(values) >= 0}


def words(diagnosis: Diagnosis, equation: Equation, report: Report) -> str:
    """What a finding says of the diagnosis: the suspect, the move, or that several corrections would do."""
    form = report.form
    if (correction := diagnosis.correction(equation)) and len(diagnosis.solutions[0]) > 1:
        return f"疑似有 {len(diagnosis.solutions[0])} 处错误，一并改正后勾稽关系同时成立：{_listed(diagnosis.solutions[0], report)}"
    if correction:
        kind = slip(correction.cell, correction.now, correction.value, report)
        mends = f"可使 {correction.mends} 处勾稽关系同时成立" if correction.mends > 1 else "即可平衡"
        why = f"（{kind}）" if kind else ""
        return f"疑似“{form.name(correction.cell)}”有误{why}：现为 {correction.now}，改为 {correction.value} {mends}"
    if diagnosis.moved and len(diagnosis.solutions) == 1:
        changes = "，".join(f"“{form.name(c.cell)}”由 {c.now} 改为 {c.value}" for c in diagnosis.solutions[0])
        return f"{diagnosis.moved}，可改为：{changes}"
    choices = [s for s in diagnosis.solutions if any(c.cell in coefficients(equation) for c in s)]
    if not choices:
        return "有不止一处错误，请逐项核对"
    shown = "；".join(_listed(choice, report) for choice in choices[:6])
    return f"可能的更正有 {len(choices)} 种，请对照原始台账核对后改正其中一种：{shown}{'；等' if len(choices) > 6 else ''}"


def _listed(solution: tuple[Correction, ...], report: Report) -> str:
    return "，".join(_one(c, report) for c in solution)


def _one(c: Correction, report: Report) -> str:
    kind = slip(c.cell, c.now, c.value, report)
    return f"“{report.form.name(c.cell)}”由 {c.now} 改为 {c.value}{f'（{kind}）' if kind else ''}"
