"""Whether a report that does not say so is the sum of others in the folder: by the roster, by its figures."""

import bisect
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from nianbao.consolidate.journal import Head
from nianbao.consolidate.names import LAST_REGION, folded, name_key, name_stem
from nianbao.consolidate.roster import Roster
from nianbao.consolidate.submissions import RETURNED, Submission
from nianbao.core.form import Form
from nianbao.core.number import Figure
from nianbao.core.report import Report

Figures = Sequence[Figure | None]
#: So many units or files are named in a reason.
NAMED = 5
#: Stands for the place of the government's own report, which is no file of the folder.
OWN = -1
#: So many bits of figures must agree before a coincidence is out of the question: of the units under a superior, of all
#: units with a name's region, of any units of the folder (and one more for each that might have a part).
RELATED_BITS, REGION_BITS, ANY_BITS = 8, 12, 20
#: So many bits tell that a superior's figures contain those of its units when they are larger in every cell.
CONTAINED_BITS = 30
#: So many reports are searched for those that add up to one of them, in so many steps.
SEARCHED, STEPS = 300, 2_000
UNWRITTEN = "未写明编制范围"
ASK = (
    "像是含下级汇总，计入会重复，没有计入；请在封面“编制范围”选“含下级汇总”或“本级”后重新报送；"
    "确是本级的也可在名录“数字相同属实”一列填“是”"
)


class Scopes:
    """Finds the reports without 编制范围 whose figures contain those of other reports of the folder."""

    def __init__(
        self,
        cases: Sequence[Submission],
        roster: Roster | None,
        own: Report | None,
        form: Form,
        figures: Callable[[str], Figures],
    ) -> None:
        self.cases, self.roster, self.form, self._figures = list(cases), roster, form, figures
        self.own = tuple(map(own.figures.get, form.cells)) if own else ()

    def decided(self) -> list[Submission]:
        """The cases; what seems to be a summary is held back, what may be one has a note."""
        related = self._related()
        self._alone(related)
        return self.cases

    def _counted(self) -> list[int]:
        return [n for n, case in enumerate(self.cases) if case.counted]

    def _related(self) -> set[int]:
        """Judge the superiors by the units that the roster puts under them, the lowest first; gives their places."""
        if self.roster is None or not self.roster.superiors:
            return set()
        by_unit: dict[str, list[int]] = {}
        for n, case in enumerate(self.cases):
            if case.unit and not case.head.trouble and case.head.form == self.form.key:
                by_unit.setdefault(case.unit.name, []).append(n)
        sums, above = set(), self.roster.above
        superiors = {name for name in self.roster.superiors.values() if name in by_unit}
        for name in sorted(superiors, key=lambda s: -len([*above(s)])):
            below = [n for unit in self.roster.below(name) for n in by_unit.get(unit, ())]
            for n in by_unit[name]:
                if below and self.cases[n].counted and not self.cases[n].head.summary:
                    sums.add(n)
                    self._judge(n, below)
        return sums

    def _judge(self, n: int, below: Sequence[int]) -> None:
        """One superior: equal to its units' sum, containing it, or plainly another figure."""
        mine, case = self._vector(n), self.cases[n]
        counted = [m for m in below if self.cases[m].counted]
        single = {self.cases[m].name: m for m in below if not self.cases[m].head.summary}
        for parts in filter(None, (counted, [*single.values()])):
            added = self._sum(parts)
            if added == mine and bits(added) >= RELATED_BITS:
                return self._hold(n, parts, "等于其", "之和")
        if not counted or not (added := self._sum(counted)) or not bits(added):
            return None
        smaller = next((i for i, value in enumerate(added) if value > mine[i]), None)
        if smaller is None and bits(added) >= CONTAINED_BITS:
            return self._hold(n, counted, "各格都不小于其", "之和")
        if _unwritten(case.head):
            words = f"{UNWRITTEN}，而{self._units(counted)}另有报送；"
            if smaller is None:
                words += "各格都不小于这些单位之和，按本级计入，请核对是本级还是含下级汇总"
            else:
                words += f"“{self.form.name(self.form.cells[smaller])}”小于这些单位之和，按本级计入"
            self.cases[n] = replace(case.noted(words), undecided=smaller is None)
        return None

    def _hold(self, n: int, parts: Sequence[int], before: str, after: str) -> None:
        """Hold a report back that does not say what it is; one that says 本级 has a note."""
        case = self.cases[n]
        if case.unit and case.unit.same:
            return
        seems = f"数字{before}所属{self._units(parts)}{after}"
        if _unwritten(case.head):
            words = f"{UNWRITTEN}，{seems}，{ASK}"
            self.cases[n] = replace(case, state=RETURNED, reason=words, details="", undecided=True)
        elif before == "等于其":
            words = f"封面写明“{case.head.scope}”，{seems}，按本级计入，请核对有无重复"
            self.cases[n] = replace(case.noted(words), undecided=True)

    def _units(self, parts: Sequence[int]) -> str:
        names = list(dict.fromkeys(self.cases[n].name or self.cases[n].head.name for n in sorted(parts)))
        return f" {len(names)} 个单位（{'、'.join(names[:NAMED])}{'等' if len(names) > NAMED else ''}）"

    def _vector(self, n: int) -> tuple[Figure, ...]:
        return tuple(value or 0 for value in self._figures(self.cases[n].head.name))

    def _sum(self, parts: Iterable[int]) -> tuple[Figure, ...]:
        return tuple(sum(values) for values in zip(*map(self._vector, parts), strict=True))

    def _alone(self, known: Collection[int]) -> None:
        """Reports that are the sum of others by their figures alone: of their region's, in small folders of any."""
        counted = self._counted()
        if len(counted) <= SEARCHED:
            for n, parts in _composed(self._vectors(counted), known, ANY_BITS):
                self._add_up(n, parts)
            return
        names = sorted((name_key(self.cases[n].head.agency), n) for n in counted)
        for n in counted:
            key = name_key(self.cases[n].head.agency)
            if n in known or not key.endswith("政府") or self.cases[n].head.summary:
                continue
            stem = name_stem(key)
            region = LAST_REGION.search(stem)
            starts = {stem, region[0] if region else stem}
            group = {m for start in starts for m in _beginning(names, start)} - {n}
            if 2 <= len(group) <= SEARCHED:
                wanted = self._vectors([n, *group])
                others = {m for m in group if m != n}
                for whole, parts in _composed(wanted, others, REGION_BITS):
                    self._add_up(whole, parts)

    def _vectors(self, places: Iterable[int]) -> dict[int, tuple[Figure, ...]]:
        vectors = {n: self._vector(n) for n in places}
        return vectors | ({OWN: tuple(value or 0 for value in self.own)} if self.own else {})

    def _add_up(self, n: int, parts: Sequence[int]) -> None:
        if not self.cases[n].head.summary:
            self._hold(n, [m for m in parts if m != OWN], "恰好等于", "之和")


def names_of(names: Iterable[str]) -> str:
    ordered = sorted(names)
    return "、".join(f"“{name}”" for name in ordered[:NAMED]) + (
        f"等 {len(ordered)} 份" if len(ordered) > NAMED else ""
    )


def _unwritten(head: Head) -> bool:
    return not folded(head.scope)


def _beginning(names: Sequence[tuple[str, int]], start: str) -> Iterator[int]:
    for key, n in names[bisect.bisect_left(names, (start, -1)) :][: SEARCHED + 1]:
        if not key.startswith(start):
            return
        yield n


def bits(figures: Iterable[Figure]) -> float:
    """How much figures say: that of two reports all these agree by chance is one in two to the power of this."""
    distinct: set[Figure] = set(figures)
    return math.fsum(math.log2(1 + abs(float(value))) for value in distinct)


def _composed(
    vectors: Mapping[int, tuple[Figure, ...]], known: Collection[int], least: float
) -> Iterator[tuple[int, list[int]]]:
    """The reports that are cell by cell the sum of two or more others, each with these."""
    weights = {n: sum(vector) for n, vector in vectors.items()}
    for n, whole in vectors.items():
        if n == OWN or n in known:
            continue
        inside = [
            m
            for m, weight in weights.items()
            if 0 < weight < weights[n] and all(a <= b for a, b in zip(vectors[m], whole, strict=True))
        ]
        if len(inside) >= 2 and bits(whole) >= least + len(inside):
            parts = _Search(vectors, inside).parts(whole)
            if len(parts) >= 2:
                yield n, parts


class _Search:
    """A search for reports that add up to another, given up after so many steps."""

    def __init__(self, vectors: Mapping[int, tuple[Figure, ...]], inside: Sequence[int]) -> None:
        self._vectors, self._inside, self._left = vectors, inside, STEPS

    def parts(self, whole: tuple[Figure, ...]) -> list[int]:
        return self._parts(whole, list(self._inside)) or []

    def _parts(self, rest: tuple[Figure, ...], inside: list[int]) -> list[int] | None:
        """Those of ``inside`` that add up to ``rest``; they are tried at the cell that leaves the least choice."""
        if not any(rest):
            return []
        self._left -= 1
        if self._left < 0:
            return None
        open_ = (i for i, value in enumerate(rest) if value)
        choices = ([m for m in inside if self._vectors[m][i]] for i in open_)
        for m in min(choices, key=len):
            smaller = tuple(a - b for a, b in zip(rest, self._vectors[m], strict=True))
            inside = [o for o in inside if o != m]
            fits = [o for o in inside if all(a <= b for a, b in zip(self._vectors[o], smaller, strict=True))]
            if (parts := self._parts(smaller, fits)) is not None:
                return [m, *parts]
        return None
