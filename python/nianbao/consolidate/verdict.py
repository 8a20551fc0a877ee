"""What becomes of each file: accepted, returned, a duplicate, outside the roster — and whether it is added up."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from nianbao import form as forms
from nianbao.consolidate import names
from nianbao.consolidate.case import ACCEPTED, DUPLICATE, FOREIGN, OUTSIDE, RETURNED, VERIFY, Case
from nianbao.consolidate.journal import Head
from nianbao.consolidate.overlap import Overlap
from nianbao.consolidate.roster import Roster, Unit
from nianbao.form import FormError
from nianbao.workbook.layout import SCOPES


@dataclass(frozen=True)
class Standard:
    """What every report is held to: the year, the form prescribed for it, the roster if there is one."""

    year: int | None
    form: str
    roster: Roster | None = None


def standard(heads: Sequence[Head], year: int | None, roster: Roster | None) -> Standard:
    """The year asked for, else the one most reports are of; the form prescribed for it, else the one most use."""
    read = [head for head in heads if not head.trouble]
    years = Counter(head.year for head in read if head.year is not None)
    chosen = year or max(years, key=lambda y: (years[y], y), default=None)
    return Standard(chosen, _form(chosen, Counter(head.form for head in read)), roster)


def _form(year: int | None, used: Counter[str]) -> str:
    try:
        if year is not None:
            return forms.for_year(year).key
    except FormError:
        pass
    return max(used, key=lambda key: (used[key], key), default=forms.keys()[0])


def judge(heads: Iterable[Head], held_to: Standard) -> list[Case]:
    """What becomes of every file; the same whatever the order in which they were read."""
    cases = _duplicates([_alone(head, held_to) for head in sorted(heads, key=lambda head: head.name)])
    return Overlap(cases, held_to.roster).settle()


def _alone(head: Head, held_to: Standard) -> Case:
    """The state of a file by itself."""
    roster = held_to.roster
    if head.alien:
        return Case(head, FOREIGN, head.trouble)
    if head.trouble:
        return Case(head, RETURNED, head.trouble, _by_file(head, roster) if roster else None)
    match = roster.match(head.agency, head.code) if roster else None
    unit, note = match or (None, "")
    reason = "；".join(_reasons(head, held_to))
    if roster and unit is None and not (head.agency.strip() or head.code):
        nameless = "没有填写单位名称，不能对应名录"
        words = "；".join(text for text in (nameless, reason) if text)
        return Case(head, RETURNED, words, _by_file(head, roster))
    if roster and unit is None:
        return Case(head, OUTSIDE, f"“{head.agency}”不在名录中，没有计入" + (f"；{reason}" if reason else ""))
    state = RETURNED if reason else VERIFY if head.verify else ACCEPTED
    if state == VERIFY:
        reason = f"有 {head.verify} 个核实性问题，请核实：{head.first}"
    return Case(head, state, reason, unit).noted(note)


def _reasons(head: Head, held_to: Standard) -> Iterator[str]:
    """Why a report that could be read is returned."""
    if head.form != held_to.form:
        yield f"表式为 {head.form}，本次汇总用 {held_to.form}，格式不得混用"
    if head.year is not None and head.year != held_to.year:
        yield f"报告年度为 {head.year}，本次汇总为 {held_to.year}"
    if head.errors:
        yield f"有 {head.errors} 个强制性问题，须改正：{head.first}"


def _by_file(head: Head, roster: Roster) -> Unit | None:
    """The unit of a file that cannot be read, by the file's name, where that is beyond doubt."""
    stem = PurePosixPath(head.name).stem
    if match := roster.match(stem, ""):
        return match.unit
    folded = names.loose(stem)
    inside = [unit for unit in roster.units if names.loose(unit.name) in folded]
    longest = max((len(unit.name) for unit in inside), default=0)
    best = [unit for unit in inside if len(unit.name) == longest]
    return best[0] if len(best) == 1 else None


def _duplicates(cases: list[Case]) -> list[Case]:
    """Reports of one unit and year: equal ones count once, different ones are all returned.

    A copy that is returned for faults of its own has no part in this.
    """
    found = list(cases)
    for group in _same_unit(cases):
        digests = {cases[n].head.digest for n in group}
        files = [cases[n].head.name for n in group]
        for n in group if len(digests) > 1 else group[1:]:
            if len(digests) == 1:
                found[n] = replace(cases[n], state=DUPLICATE, reason=f"与“{files[0]}”内容相同，只计一次")
            else:
                state = OUTSIDE if cases[n].state == OUTSIDE else RETURNED
                found[n] = replace(cases[n], state=state, reason=_rivals(cases[n], [cases[m] for m in group]))
    return found


def _rivals(case: Case, group: Sequence[Case]) -> str:
    """Why a good report is returned beside others that have equal claim to be the unit's."""
    others = [other for other in group if other.head.name != case.head.name]
    files = "、".join(f"“{other.head.name}”" for other in others)
    mine = names.loose(case.head.agency)
    if strange := [o for o in others if case.head.code and names.loose(o.head.agency) != mine]:
        called = "、".join(f"“{other.head.agency}”" for other in strange)
        return f"与另一份报告（{files}）代码相同而名称不同（{called}），请核对单位名称和代码"
    return f"同一单位同一年度另有内容不同的报告（{files}），请确认以哪一份为准"


def _same_unit(cases: Sequence[Case]) -> Iterator[list[int]]:
    """Places of the reports of one unit, year and scope, wherever there is more than one."""
    groups: dict[tuple[str, int | None, bool], list[int]] = {}
    codes = _codes(cases)
    for n, case in enumerate(cases):
        if not case.head.trouble and case.state != RETURNED and (key := _key(case, codes)):
            groups.setdefault((key, case.head.year, case.head.scope == SCOPES[1]), []).append(n)
    return (group for group in groups.values() if len(group) > 1)


def _codes(cases: Sequence[Case]) -> Mapping[str, str]:
    """The code of each name, where only one is given with it."""
    found: dict[str, set[str]] = {}
    for case in cases:
        if case.head.code:
            found.setdefault(names.folded(case.head.agency), set()).add(names.code(case.head.code))
    return {name: codes.pop() for name, codes in found.items() if len(codes) == 1}


def _key(case: Case, codes: Mapping[str, str]) -> str:
    """What tells units apart: the roster's unit, else the code, else the name."""
    if case.unit:
        return f"unit {case.unit.name}"
    name = names.folded(case.head.agency)
    code = names.code(case.head.code) or codes.get(name, "")
    return f"code {code}" if code else f"name {name}" if name else ""
