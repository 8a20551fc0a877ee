"""Exact sums of the units' figures, one unit after another; a blank adds nothing and is counted as such."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from nianbao.core.cell import Cell
from nianbao.core.form import Form
from nianbao.core.number import Figure, simplest

Figures = tuple[Figure | None, ...]
#: So many units that left a cell blank are named; the others are counted.
NAMED = 5


@dataclass
class Totals:
    """The running sums of one form's cells: the only thing that changes while units stream by."""

    form: Form
    units: int = 0
    sums: list[Figure | None] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    blanks: dict[int, int] = field(default_factory=dict)
    excluded: dict[int, int] = field(default_factory=dict)
    blank_units: dict[int, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sums = self.sums or [None] * len(self.form.cells)
        self.places = self.places or [0] * len(self.form.cells)

    def add(self, figures: Figures, unit: str = "", without: Collection[int] = ()) -> None:
        """Add one unit's figures but for the cells (by their place in the form) in ``without``."""
        self.units += 1
        for n, value in enumerate(figures):
            if n in without:
                self.excluded[n] = self.excluded.get(n, 0) + 1
                continue
            if value is None:
                self._blank(n, unit)
                continue
            before = self.sums[n]
            self.sums[n] = value if before is None else before + value
            if isinstance(value, Decimal):
                self.places[n] = max(self.places[n], -int(value.as_tuple().exponent))

    def _blank(self, n: int, unit: str) -> None:
        self.blanks[n] = self.blanks.get(n, 0) + 1
        named = self.blank_units.setdefault(n, [])
        if len(named) < NAMED:
            named.append(unit)

    def figures(self) -> Mapping[Cell, Figure | None]:
        """The sums; None where every unit left the cell blank, 0 where no unit's figure was to be added."""
        sums = (self._none(n) if value is None else simplest(value) for n, value in enumerate(self.sums))
        return dict(zip(self.form.cells, sums, strict=True))

    def _none(self, n: int) -> Figure | None:
        return 0 if self.excluded.get(n) == self.units > 0 else None

    def vector(self) -> Figures:
        return tuple(self.figures().values())


def total(form: Form, units: Iterable[Figures]) -> Totals:
    """The sums of all units at once."""
    totals = Totals(form)
    for figures in units:
        totals.add(figures)
    return totals
