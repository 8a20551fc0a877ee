"""What becomes of each file: accepted, returned, a duplicate, outside the roster — and whether it is added up."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import PurePosixPath

from nianbao.consolidate.folder import MARKED, OLD, PRINTED, bare_name, import_command
from nianbao.consolidate.journal import Head
from nianbao.consolidate.names import code_key, folded, name_key
from nianbao.consolidate.roster import DOUBTFUL_WORDS, Match, Roster, Unit
from nianbao.core import form as forms
from nianbao.core import text
from nianbao.core.form import FormError
from nianbao.core.report import Leaf, figures_digest
from nianbao.workbook.layout import SCOPES
from nianbao.workbook.leaves import DOUBTFUL

ACCEPTED, VERIFY, RETURNED = "接收", DOUBTFUL, "退回"
DUPLICATE, OUTSIDE, FOREIGN, COVERED = "重复", "名录外", "不是年报文件", "已含在汇总中"
#: What this program made of the same folder before: no report that anybody sent.
EARLIER = "此前的汇总"
#: The order in which the states are shown and counted.
STATES = (ACCEPTED, VERIFY, RETURNED, DUPLICATE, OUTSIDE, COVERED, EARLIER, FOREIGN)


@dataclass(frozen=True, slots=True)
class Submission:
    """One file and what became of it: its state, the reason in a sentence, the roster's unit it belongs to.

    ``details`` quote the problems behind the reason, where it is problems that are to be mended or verified.
    ``notes`` are what the summary tells about it besides (a name written differently, possible double counting);
    ``weak``: by what alone the unit was found, where its name is another (see ``roster.Match``).
    ``undecided``: whether its figures are in others too must be decided by somebody; the reason or the notes ask.
    """

    head: Head
    state: str
    reason: str = ""
    unit: Unit | None = None
    notes: tuple[str, ...] = ()
    weak: str = ""
    details: str = ""
    undecided: bool = False

    @property
    def counted(self) -> bool:
        """Whether its figures are added up."""
        return self.state in (ACCEPTED, VERIFY)

    @property
    def name(self) -> str:
        """The unit's name as the roster has it, else as the report has it."""
        return self.unit.name if self.unit else self.head.agency

    @property
    def code(self) -> str:
        """The report's code in plain signs, else the roster's."""
        plain = text.folded(self.head.code) or (self.unit.code if self.unit else "")
        return self.head.code if plain == self.head.code else plain

    @property
    def full_reason(self) -> str:
        """The reason with the problems behind it."""
        return f"{self.reason}：{self.details}" if self.details else self.reason

    @property
    def mendable(self) -> bool:
        """Whether it is sent back for problems of its own, in the form that was asked for."""
        return self.state == RETURNED and bool(self.details)

    def noted(self, note: str) -> "Submission":
        return replace(self, notes=(*self.notes, note)) if note else self


def short_reason(cases: Sequence[Submission]) -> str:
    """Why reports were sent back, in one short sentence."""
    reasons = list(dict.fromkeys(case.reason.split("；")[0].rstrip("。") for case in cases))
    if len(cases) == 1 or not reasons:
        return "".join(reasons)
    if all(RIVALS in reason for reason in reasons):
        return f"报来 {len(cases)} 份内容不同的报告，请确认以哪一份为准"
    return f"报来 {len(cases)} 份，都不能用：{reasons[0]}"


#: What stands in the reasons of a unit's differing reports, of reports that have the very same figures under different
#: names, and of reports of which no figure is filled in.
RIVALS, ALIKE = "另有内容不同", "数字完全相同而单位名称不同"
UNFILLED = "表中数字一个也没有填写，是没有填完的模板"


class Identities:
    """What tells units apart: the roster's unit, else the code, else the name; one unit has one identity.

    A name with one code is that code's unit wherever it stands without it. A name that stands with two codes but
    with the same figures is one unit all the same.
    """

    def __init__(self, leaves: Sequence[Leaf], roster: Roster | None) -> None:
        self._roster = roster
        self._known: dict[tuple[str, str], str] = {}
        self._codes: dict[str, str] = {}  # an empty text for a name that stands with several
        for leaf in leaves:
            if leaf.code and (name := name_key(leaf.name)):
                code = code_key(leaf.code)
                if self._codes.setdefault(name, code) != code:
                    self._codes[name] = ""
        self._same = self._alike(leaves)

    def _alike(self, leaves: Sequence[Leaf]) -> dict[str, str]:
        """The codes that stand with one name and one set of figures, each with the least of them."""
        several = {
            code_key(leaf.code)
            for leaf in leaves
            if leaf.code and not self._codes.get(name_key(leaf.name), "-")
        }
        alike: dict[tuple[str, str], set[str]] = {}
        for leaf in leaves if several else ():
            if leaf.digest and leaf.code and (code := code_key(leaf.code)) in several:
                alike.setdefault((name_key(leaf.name), leaf.digest), set()).add(code)
        return {code: min(codes) for (name, _), codes in alike.items() if name for code in codes}

    def of(self, name: str, code: str) -> str:
        """The identity of a unit by name and code; empty where it has neither."""
        key = name, code
        if key not in self._known:
            if len(self._known) >= 12_000:  # memory stays flat
                self._known.clear()
            self._known[key] = self._identity(name, code)
        return self._known[key]

    def _identity(self, name: str, code: str) -> str:
        if self._roster and (match := self._roster.match(name, code)):
            return f"unit {match.unit.name}"
        loose = name_key(name)
        number = code_key(code) or self._codes.get(loose, "")
        if number:
            return f"code {self._same.get(number, number)}"
        return f"name {loose}" if loose else ""

    def below(self, identity: str) -> Iterator[str]:
        """The units that the roster puts under a unit, at any depth."""
        if self._roster and identity.startswith("unit "):
            yield from (f"unit {name}" for name in self._roster.below(identity.removeprefix("unit ")))

    def confirmed(self, identities: Iterable[str]) -> bool:
        """Whether the roster says of all but one of these units that their equal figures are right."""
        roster = self._roster
        units = {unit.name: unit for unit in roster.units} if roster else {}
        open_ = [i for i in identities if not (u := units.get(i.removeprefix("unit "))) or not u.same]
        return len(open_) <= 1


def leaf_of(head: Head) -> Leaf:
    """A file as one leaf: its unit and the figures that it reports."""
    return Leaf(head.agency, head.code, head.sums, head.summary)


#: What has no part in the comparison of a unit's reports.
APART = (RETURNED, DUPLICATE, EARLIER)
#: So many units are named in a reason.
NAMED = 5


@dataclass(frozen=True, slots=True)
class Standard:
    """What every report is held to: the year, the form prescribed for it, the roster if there is one; ``agency``:
    whose summary is being made, where that is known."""

    year: int | None
    form: str
    roster: Roster | None = None
    agency: str = ""


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


def judge(heads: Iterable[Head], held_to: Standard) -> list[Submission]:
    """What becomes of every file; the same whatever the order in which they were read."""
    cases = [_by_itself(head, held_to) for head in sorted(heads, key=lambda head: head.name)]
    cases = _duplicates(_strangers(_copies(_earlier(cases, held_to.agency))))
    return _imported(_same_figures(_replaced(cases)))


def _same_figures(cases: list[Submission]) -> list[Submission]:
    """A report from outside the roster that has the very figures of one inside is told to have them."""
    if not any(case.state == OUTSIDE for case in cases):
        return cases
    known = {case.head.sums: case for case in cases if case.unit and case.counted}
    return [
        replace(
            case,
            reason=f"{case.reason}；数字与“{other.name}”的报告（{other.head.name}）完全相同，可能是同一单位的",
        )
        if case.state == OUTSIDE
        and not case.head.sums.startswith("~")
        and (other := known.get(case.head.sums))
        else case
        for case in cases
    ]


def _by_itself(head: Head, held_to: Standard) -> Submission:
    """The state of a file by itself."""
    roster = held_to.roster
    if head.trouble:
        unit = _by_file(head, roster) if roster else None
        if unit and printed(head):
            return Submission(head, RETURNED, _to_import(head), unit, undecided=True)
        head = head._replace(agency="")
        return Submission(head, FOREIGN if head.alien and unit is None else RETURNED, head.trouble, unit)
    match = roster.match(head.agency, head.code) if roster else None
    reason = "；".join(_reasons(head, held_to, match))
    if roster and match is None:
        return _unmatched(head, roster, reason)
    unit, note, _, weak = match or (None, "", None, "")
    state = RETURNED if reason else VERIFY if head.verify else ACCEPTED
    if state == VERIFY:
        reason = sys.intern(f"有 {head.verify} 个核实性问题，请核实")
    mended = head.form == held_to.form and (head.errors or state == VERIFY)
    return (
        Submission(head, state, reason, unit, weak=weak, details=head.first if mended else "")
        .noted(note)
        .noted(_odd(head))
    )


def printed(head: Head) -> str:
    """The kind of a file that is to be imported before it can be counted: Word, PDF; empty for all others."""
    return PRINTED.get(PurePosixPath(head.name).suffix.lower(), "") if head.trouble else ""


def _to_import(head: Head) -> str:
    name = PurePosixPath(head.name)
    return (
        f"报来的是 {printed(head)} 文件，须先导入成工作簿才能计入；"
        f"请在报送文件夹中运行 {import_command(head.name, name.with_suffix('.xlsx').as_posix())}"
    )


def _imported(cases: list[Submission]) -> list[Submission]:
    """A Word file beside the workbook made of it has had its part, an old workbook beside its namesake too."""
    if not any(_kind(case.head) for case in cases):
        return cases
    stems = {_stem(case.head): case for case in cases if case.counted}
    counted = {case.unit.name: case for case in cases if case.counted and case.unit}
    return [_import_done(case, counted, stems) if _kind(case.head) else case for case in cases]


def _kind(head: Head) -> str:
    return printed(head) or (OLD.get(PurePosixPath(head.name).suffix.lower(), "") if head.trouble else "")


def _import_done(
    case: Submission, counted: dict[str, Submission], stems: dict[str, Submission]
) -> Submission:
    of_unit = case.unit is not None and printed(case.head)
    workbook = counted.get(case.name) if of_unit else stems.get(_stem(case.head))
    if workbook is None:
        return case
    words = f"已按“{workbook.head.name}”计入，这份 {_kind(case.head)} 文件不另计"
    return replace(case, state=DUPLICATE, reason=words, undecided=False)


def _stem(head: Head) -> str:
    return PurePosixPath(head.name).with_suffix("").as_posix()


def _odd(head: Head) -> str:
    """What is told of a code typed in full-width signs or with spaces."""
    plain = text.folded(head.code)
    return "" if plain == head.code else f"报告中代码“{head.code}”有全角字符或空格，按“{plain}”登记"


def _unmatched(head: Head, roster: Roster, reason: str) -> Submission:
    """The state of a report that belongs to no unit of the roster."""
    more = f"；{reason}" if reason else ""
    if not (head.agency.strip() or head.code):
        return Submission(head, RETURNED, f"没有填写单位名称，请填写{more}", _by_file(head, roster))
    if near := "、".join(f"“{unit.name}”" for unit in roster.near(head.agency)):
        near = f"（名录中相近的有{near}，如是同一单位，请改正名称或在该单位的“别名”中写“{head.agency}”）"
    return Submission(head, OUTSIDE, f"“{head.agency}”不在名录中，没有计入{near}{more}")


def _reasons(head: Head, held_to: Standard, match: Match | None) -> Iterator[str]:
    """Why a report that could be read is returned."""
    if match and match.clash:
        yield (
            f"单位名称“{head.agency}”是名录中的“{match.unit.name}”，代码“{head.code}”却是“{match.clash.name}”的，"
            "代码和名称属于两个单位，请核对后改正"
        )
    if held_to.roster and match and (strange := intruders(head, held_to.roster, match.unit)):
        more = f"等 {len(strange)} 个单位" if len(strange) > NAMED else ""
        yield (
            f"是含下级汇总的报告，但所列单位中的{'、'.join(f'“{name}”' for name in strange[:NAMED])}{more}"
            f"在名录中不是“{match.unit.name}”的下级，不能代为汇总，请从汇总中删去；确是下级的，请在名录“上级”一列写明"
        )
    if head.form != held_to.form:
        mine, asked = (f"{key}（{forms.load(key).authority}）" for key in (head.form, held_to.form))
        yield f"表式为 {mine}，本次汇总用 {asked}，格式不得混用，请用规定的表式重新填报"
        return
    if (scope := folded(head.scope)) and scope not in SCOPES:
        yield f"编制范围“{head.scope[:20]}”不是规定的值，请从列表中选择“{'”或“'.join(SCOPES)}”"
    if head.year is not None and head.year != held_to.year:
        yield f"报告年度为 {head.year}，本次汇总为 {held_to.year}，请改报 {held_to.year} 年度的报告（年度填错的，请改正年度）"
    if head.errors and head.sums == _nothing(head.form):
        yield f"{UNFILLED}，请填写完整"
    elif head.errors:
        yield f"有 {head.errors} 个强制性问题，须改正"


@cache
def _nothing(form: str) -> str:
    """The digest of a form's figures of which none is filled in."""
    return figures_digest([None] * len(forms.load(form).cells))


def intruders(head: Head, roster: Roster, unit: Unit) -> list[str]:
    """The units of the roster that a summary lists although they are not under its own unit."""
    listed = (match.unit for cover in head.covers if (match := roster.match(cover.name, cover.code)))
    return [other.name for other in listed if other != unit and unit.name not in roster.above(other.name)]


#: What stands in the name of a file beside the unit's.
_ABOUT = re.compile(
    r"(?:20\d\d年?度?)?(?:政府)?(?:信息公开)?(?:工作)?(?:年度)?(?:年报|报告)|20\d\d年?度?|\(.*?\)|定稿|终稿|盖章|[-_—.\d]+"
)


def _by_file(head: Head, roster: Roster) -> Unit | None:
    """The unit of a file that cannot be read, by the file's name, where that is beyond doubt."""
    if head.name.endswith("/"):  # a folder that does not open is no unit's fault
        return None
    stem = PurePosixPath(head.name).stem
    names = (stem, _ABOUT.sub("", folded(stem)), head.agency if printed(head) else "")
    if match := next((m for name in names if name and (m := roster.match(name, ""))), None):
        return match.unit
    key = name_key(stem)
    inside = [unit for unit in roster.units if name_key(unit.name) in key]
    longest = max((len(unit.name) for unit in inside), default=0)
    best = [unit for unit in inside if len(unit.name) == longest]
    return best[0] if len(best) == 1 else None


def _earlier(cases: list[Submission], agency: str) -> list[Submission]:
    """What this program made of these very reports before, under whatever name: a summary by nobody or by the
    one whose summary is being made, with units that have sent their reports here."""
    if not any(case.head.summary for case in cases):
        return cases
    here = {key for case in cases if not case.head.covers for key in _keys(case.head.agency, case.head.code)}
    return [_summed(case) if _is_earlier(case.head, agency, here) else case for case in cases]


def _is_earlier(head: Head, agency: str, here: set[str]) -> bool:
    by = name_key(head.agency)
    listed = (key for leaf in head.covers for key in _keys(leaf.name, leaf.code))
    return head.summary and by in ("", name_key(agency)) and not here.isdisjoint(listed)


def _summed(case: Submission) -> Submission:
    words = f"这是本程序以前生成的汇总（列有 {len(case.head.covers)} 个单位），不是单位报送的年报，没有计入"
    return Submission(case.head, EARLIER, words)


def _keys(name: str, code: str) -> set[str]:
    return {name_key(name), code_key(code)} - {""}


def _copies(cases: list[Submission]) -> list[Submission]:
    """A flagged copy that nobody changed says what its original says: it is told, and nothing is asked twice."""
    if not any(case.head.name.endswith(MARKED) for case in cases):
        return cases
    originals = {
        _content(case.head): case.head.name
        for case in cases
        if not case.head.trouble and not case.head.name.endswith(MARKED)
    }
    return [_copy(case, originals.get(_content(case.head), "")) for case in cases]


def _content(head: Head) -> tuple[str, str, int | None, str]:
    return folded(head.agency), code_key(head.code), head.year, head.digest


def _copy(case: Submission, original: str) -> Submission:
    if not original or not case.head.name.endswith(MARKED):
        return case
    words = f"是“{original}”标出问题的副本，内容没有改动，不另计；改正后可直接用它报送"
    return replace(case, state=DUPLICATE, reason=words)


def _replaced(cases: list[Submission]) -> list[Submission]:
    """A returned report whose flagged copy came back corrected is not asked for again."""
    mended = {
        (bare_name(case.head.name), folded(case.head.agency)): case
        for case in cases
        if case.counted and case.head.name.endswith(MARKED)
    }
    return [_replacement(case, mended) for case in cases] if mended else cases


def _replacement(case: Submission, mended: Mapping[tuple[str, str], Submission]) -> Submission:
    copy = mended.get((bare_name(case.head.name), folded(case.head.agency)))
    if copy is None or case.state != RETURNED:
        return case
    words = f"已由改正后的副本“{copy.head.name}”代替，不再退回"
    return replace(case, state=DUPLICATE, reason=words, details="")


def _strangers(cases: list[Submission]) -> list[Submission]:
    """A report that only seems to be a unit's (by its code, by part of its name) has no claim beside one that is."""
    if not any(case.weak for case in cases):
        return cases
    own = {_place(case): case.head for case in cases if case.unit and not case.weak and not case.head.trouble}
    return [_stranger(case, own.get(_place(case))) for case in cases]


def _place(case: Submission) -> tuple[str, int | None, bool]:
    return case.name, case.head.year, case.head.summary


def _stranger(case: Submission, own: Head | None) -> Submission:
    if own is None or not case.unit or not case.weak or own.digest == case.head.digest:
        return case
    known = f"该单位另有自己的报告（“{own.name}”）"
    if case.weak in DOUBTFUL_WORDS:
        words = f"“{case.head.agency}”不在名录中，没有计入；名称与“{case.unit.name}”相近，但{known}"
        return replace(case, state=OUTSIDE, reason=words, unit=None, notes=())
    words = f"单位名称“{case.head.agency}”不在名录中，代码“{case.head.code}”是“{case.unit.name}”的，{known}"
    return replace(case, state=RETURNED, reason=f"{words}，请核对单位名称和代码", unit=None, notes=())


def _duplicates(cases: list[Submission]) -> list[Submission]:
    """Reports of one unit and year: equal ones count once, different ones are all returned.

    A copy that is returned for faults of its own has no part in this. Of equal ones that counts which leaves
    least to verify: its 审核说明 are written.
    """
    judged = list(cases)
    for group in _same_unit(cases):
        if len({cases[n].head.digest for n in group}) > 1:
            for n in group:
                state = OUTSIDE if cases[n].state == OUTSIDE else RETURNED
                words = _rivals(cases[n], [cases[m] for m in group])
                judged[n] = replace(cases[n], state=state, reason=words, details="")
            continue
        best = min(group, key=lambda n: (cases[n].weak, cases[n].head.verify, len(cases[n].head.name), n))
        words = f"与“{cases[best].head.name}”内容相同，只计一次"
        for n in set(group) - {best}:
            judged[n] = replace(cases[n], state=DUPLICATE, reason=words, details="")
    return judged


def _rivals(case: Submission, group: Sequence[Submission]) -> str:
    """Why a good report is returned beside others that have equal claim to be the unit's."""
    others = [other for other in group if other.head.name != case.head.name]
    files = "、".join(f"“{other.head.name}”" for other in others)
    mine = name_key(case.head.agency)
    if strange := [o for o in others if case.head.code and name_key(o.head.agency) != mine]:
        called = "、".join(f"“{other.head.agency}”" for other in strange)
        return f"与另一份报告（{files}）代码相同而名称不同（{called}），请核对单位名称和代码"
    return f"同一单位同一年度{RIVALS}的报告（{files}），请确认以哪一份为准"


def _same_unit(cases: Sequence[Submission]) -> Iterator[list[int]]:
    """Places of the reports of one unit, year and scope, wherever there is more than one."""
    first: dict[tuple[str, int | None, bool], int] = {}
    groups: dict[int, list[int]] = {}
    known = Identities([leaf_of(case.head) for case in cases if not case.head.trouble], None)
    for n, case in enumerate(cases):
        if not case.head.trouble and case.state not in APART and (key := _unit_key(case, known)):
            begun = first.setdefault((key, case.head.year, case.head.summary), n)
            if begun != n:
                groups.setdefault(begun, [begun]).append(n)
    return iter([groups[n] for n in sorted(groups)])


def _unit_key(case: Submission, known: Identities) -> str:
    """What tells units apart: the roster's unit, else the code, else the name."""
    return f"unit {case.unit.name}" if case.unit else known.of(case.head.agency, case.head.code)
