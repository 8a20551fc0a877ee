"""The places that the sheet of results lists, as 校验 leads to the first. 上一处 and 下一处 are VBA. No engine here."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nianbao.workbook.layout import RESULTS_TOP, Spot
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


def said(places: Sequence[Stop], index: int) -> str:
    """What the status bar says on arriving at a stop."""
    words = "；".join(places[index].messages)
    short = words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
    return f"第 {index + 1} 处，共 {len(places)} 处：{short}"
