"""No figure is added twice: a summary beside the very units that it adds up."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import PurePosixPath

from nianbao.consolidate import names
from nianbao.consolidate.case import COVERED, Case
from nianbao.consolidate.roster import Roster
from nianbao.workbook.layout import SCOPES


class Overlap:
    """Finds, for each report that includes subordinates, the reports of those subordinates in the same folder.

    The list of units that the summary itself carries tells which they are, else the roster's tree.
    """

    def __init__(self, cases: Sequence[Case], roster: Roster | None) -> None:
        self.cases = list(cases)
        self._roster = roster
        self._named: dict[str, list[int]] = {}
        self._under: dict[str, list[int]] = {}
        for n, case in enumerate(cases):
            if not case.counted:
                continue
            for key in {names.folded(case.head.agency), names.code(case.head.code)} - {""}:
                self._named.setdefault(key, []).append(n)
            for superior in roster.above(case.unit.name) if roster and case.unit else ():
                self._under.setdefault(superior, []).append(n)
        self._folders = Counter(_folder(c) for c in cases if c.counted and c.head.scope != SCOPES[1])

    def settle(self) -> list[Case]:
        """The cases with nothing counted twice; where it cannot be told, that is noted.

        Where all the units that a summary lists are counted by themselves, the summary is left out; else the
        summary is counted and those units are left out.
        """
        for n in range(len(self.cases)):
            if self.cases[n].counted and self.cases[n].head.scope == SCOPES[1]:
                self._settle(n)
        return self.cases

    def _settle(self, n: int) -> None:
        case = self.cases[n]
        below, listed = self._below(n)
        if listed and listed == len(case.head.covers):
            words = f"所汇总的 {listed} 个单位均已单独计入，本汇总不重复计入"
            self.cases[n] = replace(case, state=COVERED, reason=words, details="")
        elif below:
            words = f"已含在“{case.name}”的汇总（{case.head.name}）中，不重复计入"
            for m in below:
                self.cases[m] = replace(self.cases[m], state=COVERED, reason=words, details="")
        elif not case.head.covers and (beside := self._folders[_folder(case)]):
            self.cases[n] = case.noted(
                f"“{case.name}”是含下级汇总的报告（{case.head.name}），同一文件夹内另有 {beside} 份报告；"
                "名录和该汇总都没有写明是否已包含它们，均已计入，请核对有无重复"
            )

    def _below(self, n: int) -> tuple[set[int], int]:
        """The counted reports that the summary includes, and how many of the units it lists are among them."""
        case = self.cases[n]
        below: set[int] = set()
        listed = 0
        for name, code in case.head.covers:
            keys = {names.folded(name), names.code(code)} - {""}
            here = {m for key in keys for m in self._named.get(key, ()) if self._other(m, n)}
            below |= here
            listed += bool(here)
        own = self._named.get(names.folded(case.head.agency), ())
        return below | {m for m in (*self._within(case), *own) if self._other(m, n)}, listed

    def _within(self, case: Case) -> Iterator[int]:
        """The reports of units that the roster puts under the summary's: where it lists units, under one of those."""
        listed = self._listed(case)
        for m in self._under.get(case.name, ()):
            if not case.head.covers or any(name in listed for name in self._between(m, case.name)):
                yield m

    def _listed(self, case: Case) -> set[str]:
        found = (self._roster.match(*unit) for unit in case.head.covers) if self._roster else ()
        return {match.unit.name for match in found if match} - {case.name}

    def _between(self, m: int, top: str) -> Iterator[str]:
        """A unit and its superiors below ``top``."""
        yield self.cases[m].name
        if self._roster:
            yield from takewhile(lambda name: name != top, self._roster.above(self.cases[m].name))

    def _other(self, m: int, n: int) -> bool:
        return m != n and self.cases[m].counted


def _folder(case: Case) -> PurePosixPath:
    return PurePosixPath(case.head.name).parent
