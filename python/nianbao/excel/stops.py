"""上一处 and 下一处: the places that the sheet of results lists, and which of them comes next. No engine here."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nianbao.workbook.layout import RESULTS, RESULTS_TOP, Spot
from nianbao.xlsx.value import address

_PLACE = re.compile(r"(?P<sheet>.+?) (?P<address>[A-Z]{1,3}[1-9][0-9]*)(?:　.*)?", re.DOTALL)
_LONGEST = 160


class Stop(NamedTuple):
    """One cell to look at, with all that is said of it and the rows of the sheet of results that say so."""

    at: Spot
    messages: tuple[str, ...]
    rows: tuple[int, ...]


def stops(listed: Iterable[tuple[object, object]]) -> list[Stop]:
    """The distinct cells of the listed (place, message) pairs, which stand from ``RESULTS_TOP`` on, in their order."""
    found: dict[Spot, Stop] = {}
    for row, (place, message) in enumerate(listed, RESULTS_TOP):
        match = _PLACE.fullmatch(str(place or ""))
        if match is None:
            continue
        at = Spot(match["sheet"], *address(match["address"]))
        before = found.get(at, Stop(at, (), ()))
        found[at] = Stop(at, (*before.messages, str(message or "")), (*before.rows, row))
    return list(found.values())


def following(places: Sequence[Stop], selected: Spot | None, step: int) -> int:
    """The index of the stop that comes ``step`` (1 or -1) after the selected cell, round and round.

    A selected line of the sheet of results leads to its own stop; from anywhere else to the first or last.
    """
    if selected is not None and selected.sheet == RESULTS:
        line = next((n for n, stop in enumerate(places) if selected.row in stop.rows), None)
        if line is not None:
            return line
    here = next((n for n, stop in enumerate(places) if stop.at == selected), None)
    if here is None:
        return 0 if step > 0 else len(places) - 1
    return (here + step) % len(places)


def said(places: Sequence[Stop], index: int) -> str:
    """What the status bar says on arriving at a stop."""
    words = "；".join(places[index].messages)
    short = words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
    return f"第 {index + 1} 处，共 {len(places)} 处：{short}"
