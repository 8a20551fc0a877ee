"""Figures that stand in the wrong place: a row or column shifted by one, two figures exchanged."""

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from nianbao.checks.system import Changes, System
from nianbao.core.cell import Cell
from nianbao.core.number import Figure


class Move(NamedTuple):
    """The figures where they belong, and what happened in words."""

    words: str
    changes: Changes


def moves(system: System, off: Collection[int]) -> Iterator[Move]:
    """The moves after which none of the broken identities ``off`` is broken any more, and no other one."""
    wanted = set(off)
    seen: list[Changes] = []
    for line, words in _lines(system):
        if not wanted <= {n for cell in line for n in system.effects(cell)}:
            continue
        for what, changes in _moved(system, line):
            left = system.after(changes)
            if changes not in seen and not any(
                n in wanted or n not in system.broken for n in left if n < system.hard
            ):
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
        if values[i] and values[j] and values[i] != values[j]:
            middle = values[i + 1 : j]
            yield "疑似两个数字互换", _changed(line, values, i, [values[j], *middle, values[i]])


def _changed(line: list[Cell], old: list[Figure], i: int, new: Sequence[Figure]) -> Changes:
    return {line[i + k]: value for k, value in enumerate(new) if value != old[i + k]}
