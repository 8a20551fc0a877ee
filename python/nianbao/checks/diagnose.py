"""Which figure is wrong: the smallest and likeliest corrections after which all identities of a table hold.

Identities that broke together are explained by one figure, else by figures in the wrong place, else by several slips.
Where totals are computed they follow the correction. Explanations are ranked by what they mend (also of what witnesses
say, see :mod:`nianbao.checks.system`), and by how likely the slip is (:mod:`nianbao.checks.system`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations
from math import log
from typing import NamedTuple

from nianbao.checks.system import Changes, System, Witness, likelihood
from nianbao.core.equation import Equation, coefficients
from nianbao.core.grid import Cell
from nianbao.core.number import Figure
from nianbao.core.report import Report

#: The logarithms of how often a figure is wrong, and of how often figures stand in the wrong place.
WRONG, MOVED = log(0.004), log(0.0002)
#: Two figures beside one another are exchanged sooner than distant ones.
DISTANT = log(0.2)
#: So much likelier than any other (as a logarithm) must an explanation be to be the suggestion.
CLEAR = 3.0
#: At most so many explanations are offered.
OFFERED = 3
#: Search: so many slips at once, so many partial explanations kept, and only where no more identities broke.
MOST_SLIPS, KEPT, MESSY = 3, 8, 9


class Correction(NamedTuple):
    """Corrections that mend a group of identities; ``score`` compares explanations (a logarithm, higher is likelier).

    ``words`` says of figures in the wrong place what happened. ``supports`` are the witnesses' words for it.
    """

    changes: tuple[tuple[Cell, Figure], ...]
    score: float
    words: str = ""
    supports: tuple[str, ...] = ()

    @property
    def single(self) -> tuple[Cell, Figure] | None:
        """The cell and its right value, where it is one cell alone."""
        return self.changes[0] if len(self.changes) == 1 else None


class Cause(NamedTuple):
    """One cause of broken identities, with its possible explanations, the likeliest first, at most three.

    ``clear``: the first is the only one or clearly ahead. ``follows``: totals are computed and follow it.
    """

    broken: tuple[Equation, ...]
    explanations: tuple[Correction, ...]
    clear: bool
    follows: bool = False

    @property
    def correction(self) -> tuple[Cell, Figure] | None:
        """The one correction of one cell that is beyond reasonable doubt."""
        return self.explanations[0].single if self.clear and self.explanations else None


class Diagnoses:
    """The causes of what is broken in a report, table by table, each worked out when first asked for."""

    def __init__(self, report: Report, last: Report | None = None) -> None:
        self.report = report if last is report.previous else replace(report, previous=last)
        self.last = last
        self._causes: dict[str, tuple[Cause, ...]] = {}

    @cached_property
    def witnesses(self) -> tuple[Witness, ...]:
        """What the text says beyond doubt; the modules that read it are loaded where there is any."""
        if not any(self.report.narrative.values()):
            return ()
        from nianbao.checks.narrative.check import witnesses

        return witnesses(self.report, self.last)

    @cached_property
    def stated(self) -> Mapping[Cell, Figure]:
        """What the text says beyond doubt of single cells, and never otherwise."""
        values: dict[Cell, set[Figure]] = {}
        for terms, total, _, _ in self.witnesses:
            if len(terms) == 1:
                values.setdefault(terms[0].cell, set()).add(total)
        return {cell: some.pop() for cell, some in values.items() if len(some) == 1}

    def of(self, table: str) -> tuple[Cause, ...]:
        """The causes of one table's broken identities."""
        if table not in self._causes:
            system = System(self.report, table, self.witnesses, self.last)
            self._causes[table] = tuple(diagnose(system)) if system.off else ()
        return self._causes[table]

    def __iter__(self) -> Iterator[Cause]:
        for table in self.report.form.tables:
            yield from self.of(table)

    @cached_property
    def corrections(self) -> Mapping[Cell, Figure]:
        """The cells whose right value is beyond doubt."""
        return dict(cause.correction for cause in self if cause.correction)


def diagnose(system: System) -> Iterator[Cause]:
    """The causes of a table's broken identities, one for each group that broke together."""
    groups = _groups(system)
    searched = [_search(system, group) for group in groups]
    if len(groups) > 1:
        apart = sum(each[0].score if each else 4 * WRONG for each in searched)
        across = sorted(_displaced(system, system.off), key=_score)
        if across and across[0].score > apart:
            yield _cause(system, system.off, across)
            return
    for group, each in zip(groups, searched, strict=True):
        yield from _causes(system, group, each)


def _groups(system: System) -> list[list[int]]:
    """The broken identities, those that one figure's correction touches together."""
    groups: list[list[int]] = []
    for n in system.off:
        near = {m for cell in system.cells(n) for m in system.effects(cell)}
        joined = [group for group in groups if near & set(group)]
        groups = [group for group in groups if group not in joined]
        groups.append(sorted({m for group in joined for m in group} | {n}))
    return groups


def _score(explanation: Correction) -> float:
    return -explanation.score


def _search(system: System, group: list[int]) -> list[Correction]:
    """The explanations of a group, the likeliest first: single figures, figures out of place, several slips."""
    done: dict[frozenset[tuple[Cell, Figure]], Correction] = {}
    known = len(group) + sum(n >= system.hard for n in system.broken)
    beam: list[tuple[float, dict[Cell, Figure], dict[int, Figure]]] = [(0.0, {}, system.broken)]
    for size in range(1, MOST_SLIPS + 1):
        grown: dict[frozenset[tuple[Cell, Figure]], tuple[float, dict[Cell, Figure], dict[int, Figure]]] = {}
        for score, changes, broken in beam:
            for cell, value in _next(system, group, changes, broken):
                key = frozenset([*changes.items(), (cell, value)])
                if key in grown or key in done:
                    continue
                left = system.after({cell: value}, broken)
                price = score + _wrong(system, cell, value)
                if not _open(system, group, left):
                    if size == 1 or size < len(system.broken.keys() - left.keys()):
                        done[key] = _explanation(system, {**changes, cell: value}, price, left)
                elif len(group) <= MESSY:
                    grown[key] = price, {**changes, cell: value}, left
        if not done:  # where one figure does, none is thought to be out of place
            done = {frozenset(e.changes): e for e in _displaced(system, group)} if size == 1 else {}
        best = max(done.values(), key=lambda e: e.score, default=None)
        if (best is not None and not _doubtful(system, best)) or size + 1 >= known:
            break
        beam = sorted(grown.values(), key=lambda state: _promise(system, group, state))[:KEPT]
    return sorted(done.values(), key=_score)


def _wrong(system: System, cell: Cell, value: Figure) -> float:
    """The logarithm of how likely a cell is wrong and should hold the value."""
    now = system.amount(cell)
    return WRONG + likelihood(cell, now, value, system.report, system.expected(cell))


def _next(
    system: System, group: list[int], changes: Changes, broken: Mapping[int, Figure]
) -> Iterator[tuple[Cell, Figure]]:
    """The corrections to try next: those of the first identity that is still broken, and any that mends two facts."""
    target = next((n for n in broken if n in group), None)
    if target is None:  # a new break, made by the corrections so far
        target = next(n for n in broken if n < system.hard)
    for cell in dict.fromkeys(cell for n in group if n in broken or n == target for cell in system.cells(n)):
        if cell not in changes:
            for value in system.steps(cell, target, broken):
                yield cell, value


def _open(system: System, group: list[int], left: Mapping[int, Figure]) -> list[int]:
    """The identities still to mend: those of the group, and those that were not broken before."""
    return [n for n in left if n < system.hard and (n in group or n not in system.broken)]


def _promise(
    system: System, group: list[int], state: tuple[float, dict[Cell, Figure], dict[int, Figure]]
) -> float:
    score, _, left = state
    return _price(system, left) - WRONG / 2 * len(_open(system, group, left)) - score


def _price(system: System, left: Iterable[int]) -> float:
    """What it costs to hold the witnesses for wrong that are still contradicted."""
    return sum(system.facts[n].price or 0.0 for n in left)


def _explanation(
    system: System, changes: Changes, score: float, left: Iterable[int], words: str = ""
) -> Correction:
    mended = [n for n in system.broken if n >= system.hard and n not in set(left)]
    supports = tuple(dict.fromkeys(system.facts[n].source for n in mended))
    ordered = tuple(sorted(changes.items(), key=lambda change: system.order[change[0]]))
    return Correction(ordered, score - _price(system, left), words, supports)


def _doubtful(system: System, best: Correction) -> bool:
    """Whether an explanation leaves so many witnesses contradicted that one more slip may be the better one."""
    return _price(system, system.after(dict(best.changes))) > -WRONG


def _displaced(system: System, group: list[int]) -> Iterator[Correction]:
    """Figures in the wrong place that explain the group."""
    for move in moves(system, group):
        cells = list(move.changes)
        far = DISTANT if len(cells) == 2 and not _beside(system, *cells) else 0.0
        yield _explanation(system, move.changes, MOVED + far, system.after(move.changes), move.words)


def _beside(system: System, one: Cell, other: Cell) -> bool:
    table = system.report.form.tables[system.table]
    rows, columns = list(table.rows), list(table.columns)
    down = abs(rows.index(one.row) - rows.index(other.row))
    along = abs(columns.index(one.column) - columns.index(other.column))
    return down + along == 1


def _causes(system: System, group: list[int], corrections: list[Correction]) -> Iterator[Cause]:
    """The causes behind a group: one, or one for each of several independent slips."""
    if not corrections or corrections[0].single or corrections[0].words:
        yield _cause(system, group, corrections)
        return
    own = _shared_out(system, group, corrections[0])
    if not all(own.values()):
        yield _cause(system, group, corrections)
        return
    for (cell, value), identities in own.items():
        rest = {c: v for c, v in corrections[0].changes if c != cell}
        others = _instead(system, group, rest)
        ahead = all(
            corrections[0].score - e.score >= CLEAR
            for e in [*corrections, *others]
            if (cell, value) not in e.changes
        )
        alone = [e._replace(changes=tuple(c for c in e.changes if c[0] not in rest)) for e in others]
        yield _cause(system, identities, sorted(alone, key=_score))._replace(clear=ahead)


def _shared_out(
    system: System, group: list[int], correction: Correction
) -> dict[tuple[Cell, Figure], list[int]]:
    """The identities of a group, each with the first of the slips that touches it."""
    own: dict[tuple[Cell, Figure], list[int]] = {change: [] for change in correction.changes}
    for n in group:
        first = next(
            (change for change in correction.changes if n in system.effects(change[0])),
            correction.changes[0],
        )
        own[first].append(n)
    return own


def _instead(system: System, group: list[int], rest: Changes) -> list[Correction]:
    """All single corrections that mend the group together with the rest of its corrections."""
    broken = system.after(rest)
    price = sum(_wrong(system, c, v) for c, v in rest.items())
    corrections = []
    for cell, value in _next(system, group, rest, broken):
        left = system.after({cell: value}, broken)
        if not _open(system, group, left):
            score = price + _wrong(system, cell, value)
            corrections.append(_explanation(system, {**rest, cell: value}, score, left))
    return corrections


def _cause(system: System, identities: list[int], corrections: list[Correction]) -> Cause:
    equations = tuple(e for n in identities if (e := system.facts[n].equation) is not None)
    clear = len(corrections) == 1 or (
        len(corrections) > 1
        and corrections[0].score - corrections[1].score >= _margin(system, corrections[0])
    )
    cells = [cell for e in corrections[:1] for cell, _ in e.changes]
    follows = any(total in system.follows for cell in cells for total in system.moved(cell))
    return Cause(equations, tuple(corrections[:OFFERED]), clear, follows)


def _margin(system: System, first: Correction) -> float:
    """How far an explanation must be ahead: a single digit for another, borne out by no witness, shows little of itself."""
    single = first.single
    digits = single is not None and not first.supports and max(single[1], system.amount(single[0])) < 10
    return CLEAR * 2 if digits else CLEAR


def solved(report: Report, table: str) -> dict[Cell, Figure]:
    """Cells that cannot be counted, solved one after another from identities in which nothing else is unknown."""
    equations = [
        e for e in report.form.equations if e.rule.table == table and not e.uses_previous and e.rule.op == "="
    ]
    known = {cell: report.amount(cell) for e in equations for cell in e.cells}
    right: dict[Cell, Figure] = {}
    while new := {c: v for c, v in _unknown(equations, known).items() if proper(report, c, v)}:
        right |= new
        known |= new
    return right


def proper(report: Report, cell: Cell, value: Figure) -> bool:
    """Whether a value may stand in a cell: a count is a whole number, and nothing falls below 0 that is not signed."""
    column = report.form.column(cell)
    return (column.decimals or isinstance(value, int)) and (column.signed or value >= 0)


def _unknown(equations: list[Equation], known: Mapping[Cell, Figure | None]) -> dict[Cell, Figure]:
    """What the identities with one unknown each say of it, where they agree on a figure that may be."""
    proposals: dict[Cell, set[Figure]] = {}
    for equation in equations:
        unknown = [cell for cell in equation.cells if known[cell] is None]
        if len(unknown) == 1:
            signs = coefficients(equation)
            rest = sum(sign * (known[cell] or 0) for cell, sign in signs.items())
            proposals.setdefault(unknown[0], set()).add(-rest * signs[unknown[0]])
    return {cell: values.pop() for cell, values in proposals.items() if len(values) == 1}


class Move(NamedTuple):
    """The figures where they belong, and what happened in words."""

    words: str
    changes: Changes


def moves(system: System, off: Collection[int]) -> Iterator[Move]:
    """The moves after which none of the broken identities ``off`` is broken any more, no other one, and no witness contradicted."""
    wanted = set(off)
    seen: list[Changes] = []
    for line, words in _lines(system):
        if not wanted <= {n for cell in line for n in system.effects(cell)}:
            continue
        for what, changes in _moved(system, line):
            left = system.after(changes)
            if changes not in seen and not any(n in wanted or n not in system.broken for n in left):
                seen.append(changes)
                yield Move(f"{words}{what}", changes)


def _lines(system: System) -> Iterator[tuple[list[Cell], str]]:
    """The rows and columns of inputs, with words for them."""
    form = system.report.form
    table = form.tables[system.table]
    inputs = [cell for cell in table.cells if cell in system.order and cell not in form.filled]
    for row in table.rows:
        yield [c for c in inputs if c.row == row], f"“{table.rows[row].name}”一行"
    for column in table.columns:
        yield [c for c in inputs if c.column == column], f"“{table.columns[column].name}”一列"


def _moved(system: System, line: list[Cell]) -> Iterator[tuple[str, Changes]]:
    values = [system.amount(cell) for cell in line]
    for i, j in combinations(range(len(line)), 2):
        if not values[i] and any(values[i + 1 : j + 1]):
            yield "疑似错位一格", _changed(line, values, i, [*values[i + 1 : j + 1], 0])
        if not values[j] and any(values[i:j]):
            yield "疑似错位一格", _changed(line, values, i, [0, *values[i:j]])
        exchanged = _changed(line, values, i, [values[j], *values[i + 1 : j], values[i]])
        if values[i] and values[j] and values[i] != values[j]:
            yield "疑似两个数字互换", exchanged
        elif values[i] != values[j] and j > i + 1:
            yield "疑似填错了格", exchanged


def _changed(line: list[Cell], old: list[Figure], i: int, new: Sequence[Figure]) -> Changes:
    return {line[i + k]: value for k, value in enumerate(new) if value != old[i + k]}
