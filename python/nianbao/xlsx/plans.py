"""Sheets that differ in nothing but their values are read by plan, which is worked out once for all of a kind.

Hundreds of workbooks come of one template. Their sheets are known by every byte that is no value, those beyond the
last wanted column among them, which need then not be looked through again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from nianbao.xlsx import scan
from nianbao.xlsx.value import Defect, Square, Value, settle

#: No part that has a plan has so many cells.
ENOUGH = 100_000
#: Parts of so many bytes and cells have plans; so many plans are kept, and of so many parts it is known that they came.
_LARGEST, _CELLS, _PLANS, _LATE = 250_000, 2_000, 48, 1_024


class SheetPlan(NamedTuple):
    """How the cells of sheets are read that differ in nothing but what stands between <v> and </v>: `kind` is all the
    rest of them, `cells` has every cell in order; the others say at which place of the values stands what (`shared`: the
    number of a shared string, `others`: what is settled by its t attribute, and whether it is a formula's); `fixed` are
    shared strings whose number is not among the values, and `strings` how many there must be for them."""

    kind: Sequence[bytes]
    cells: Mapping[Square, Value]
    numbers: list[tuple[int, Square]]
    results: list[tuple[int, Square]]
    shared: list[tuple[int, Square]]
    others: list[tuple[int, Square, str, bool]]
    fixed: list[tuple[int, Square, bool]]
    strings: int

    def read(self, values: Sequence[bytes], strings: list[str]) -> dict[Square, Value] | None:
        """The cells with these values and strings; None where one of the values is not of the plain shape."""
        cells, new = dict(self.cells), tuple.__new__
        if len(strings) < self.strings:
            return None
        try:
            for n, place in self.numbers:
                cells[place] = _figures[values[n]]
            for n, place in self.results:
                cells[place] = _totals[values[n]]
            for n, place in self.shared:
                cells[place] = new(Value, ("s", strings[_indices[values[n]]], False))
            for n, place, kind, formula in self.others:
                value = settle(kind, _texts[values[n]], strings, formula)
                if value is None:
                    return None
                cells[place] = value
        except (Defect, IndexError):
            return None
        for index, place, formula in self.fixed:
            cells[place] = new(Value, ("s", strings[index], formula))
        return cells


class Planned(NamedTuple):
    """A sheet part with its plan, if there is one: what it has between <v> and </v>."""

    plan: SheetPlan | None
    values: Sequence[bytes]


UNPLANNED = Planned(None, ())
_VALUES = re.compile(rb"<v>([^<]*)</v>")
_HEAD = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"(?: s="[0-9]+")?(?: t="(n|s|str|b|e|d)")?>(<f[ />].*)?\Z', re.DOTALL
)
_START, _END = b"<sheetData>", b"</sheetData>"
#: The plans by the width that is wanted, by what stands before the cells, and by the number of values.
_plans: dict[tuple[int | None, bytes, int], list[SheetPlan]] = {}
_late: set[int] = set()


def planned(data: bytes, last: int | None) -> Planned:
    """A sheet part of which the columns up to `last` are wanted, with the plan of its kind: it is made when parts of the
    kind have come before. Plans are bounded in size and number, and given up when full."""
    start, end = data.find(_START), data.rfind(_END)
    if not 0 <= start < end or len(data) > _LARGEST:
        return UNPLANNED
    rim = data[:start]
    if _new(hash((last, rim))):  # of another template, seen at once
        return UNPLANNED
    pieces = _VALUES.split(data[: end + len(_END)])
    kind, values = pieces[::2], pieces[1::2]
    known = _plans.get((last, rim, len(values)), [])
    for plan in known:
        if plan.kind == kind:
            return Planned(plan, values)
    number = hash((last, *kind))
    if _new(number):
        return Planned(None, values)
    if (made := _plan(kind, values, last)) is None:
        _late.discard(number)  # two more of the kind must come before it is tried again
        return Planned(None, values)
    if sum(map(len, _plans.values())) >= _PLANS:
        _plans.clear()
    _plans.setdefault((last, rim, len(values)), []).append(made)
    return Planned(made, values)


def _new(number: int) -> bool:
    """Whether what has this number did not come of late."""
    if number in _late:
        return False
    if len(_late) >= _LATE:
        _late.clear()
    _late.add(number)
    return True


class _Number(str):
    """The number of a shared string that is not known yet."""


class _AnyStrings(list[str]):
    """Stands for shared strings that are not known yet: each is its number."""

    def __len__(self) -> int:
        return 10**9

    def __getitem__(self, number: Any) -> Any:
        return _Number(number)


def _plan(kind: Sequence[bytes], values: Sequence[bytes], last: int | None) -> SheetPlan | None:
    """The plan of a part; None where one of its values does not stand in a plain cell."""
    data = scan.shortened(_filled(kind, values), last)
    numbered = scan.shortened(_filled(kind, [str(n).encode() for n in range(len(values))]), last)
    cells = None if data is None else scan.cells(data, _AnyStrings(), ENOUGH, last)
    if data is None or numbered is None or cells is None or len(cells) > _CELLS:
        return None
    plan, open_ = SheetPlan(kind, cells, [], [], [], [], [], 0), dict(cells)
    pieces = _VALUES.split(numbered)
    for piece, number in zip(pieces[:-1:2], map(int, pieces[1::2]), strict=True):
        head = _HEAD.match(piece, max(piece.rfind(b'<c r="'), 0))
        place = head and scan.places[head[1].decode()]
        if not head or not place or open_.pop(place, None) is None:
            return None
        what, formula = (head[2] or b"n").decode(), head[3] is not None
        if what == "n" and values[number]:
            (plan.results if formula else plan.numbers).append((number, place))
        elif what == "s" and not formula:
            plan.shared.append((number, place))
        else:
            plan.others.append((number, place, what, formula))
    plan = _fixed(plan, open_)
    return plan if plan.read(values, _AnyStrings()) == cells else None


def _fixed(plan: SheetPlan, cells: Mapping[Square, Value]) -> SheetPlan:
    """The plan with those of some cells that show shared strings as fixed ones."""
    fixed = [(int(v.text), place, v.formula) for place, v in cells.items() if isinstance(v.text, _Number)]
    return plan._replace(fixed=fixed, strings=max((n + 1 for n, _, _ in fixed), default=0))


def settled(plan: SheetPlan, values: Sequence[bytes]) -> Planned:
    """The plan of parts that have these very values, too: only shared strings are left to be put in."""
    cells = plan.read(values, _AnyStrings())
    if cells is None:
        return Planned(plan, values)
    return Planned(_fixed(SheetPlan(plan.kind, cells, [], [], [], [], [], 0), cells), ())


def _filled(kind: Sequence[bytes], values: Sequence[bytes]) -> bytes:
    """A part of that kind with these values."""
    between = [b"<v>%b</v>%b" % pair for pair in zip(values, kind[1:], strict=True)]
    return b"".join([kind[0], *between])


def _of_bytes(make: Callable[[str], Value]) -> Callable[[bytes], Value]:
    return lambda digits: make(digits.decode("latin-1"))  # what is no figure in ASCII is none at all


def _index(digits: bytes) -> int:
    """The number of a shared string; raises Defect when it is none of the plain shape."""
    if not digits.isdigit() or len(digits) > 9:
        raise Defect("")
    return int(digits)


_figures = scan.Memo(_of_bytes(scan.figure), 4_096)
_totals = scan.Memo(_of_bytes(scan.result), 4_096)
_indices = scan.Memo(_index, 4_096)
_texts = scan.Memo(scan.content, 1_024)
