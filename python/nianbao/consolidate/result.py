"""What a consolidation came to: exact sums, and everything the summary's sheets, data and letters are made from."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from nianbao.consolidate.choices import Choices
from nianbao.consolidate.folder import import_command, original
from nianbao.consolidate.journal import FILE, Journal, ListedFinding
from nianbao.consolidate.names import code_key, folded
from nianbao.consolidate.roster import DOUBTFUL_WORDS, Roster, Unit
from nianbao.consolidate.submissions import (
    COVERED,
    NAMED,
    OUTSIDE,
    RETURNED,
    STATES,
    Submission,
    printed,
)
from nianbao.core.form import Form
from nianbao.core.grid import Cell
from nianbao.core.number import Figure, one_of, pack, simplest
from nianbao.core.report import Leaf, Report, figures_digest, incomplete_words
from nianbao.workbook.leaves import MISSING, SENT_BACK

Figures = tuple[Figure | None, ...]
#: So many units that left a cell blank are named; the others are counted.
BLANKS_NAMED = 5
#: So many units are added at once.
AT_ONCE = 200


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
    waiting: list[tuple[Figures, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sums = self.sums or [None] * len(self.form.cells)
        self.places = self.places or [0] * len(self.form.cells)

    def add(self, figures: Figures, unit: str = "", without: Collection[int] = ()) -> None:
        """Add one unit's figures but for the cells (by their place in the form) in ``without``."""
        self.units += 1
        for n, value in enumerate(figures):
            if n in without:
                self.excluded[n] = self.excluded.get(n, 0) + 1
            else:
                self._add(n, value, unit)

    def gather(self, figures: Figures, unit: str, without: Collection[int] = ()) -> None:
        """As :meth:`add`, many units at a time; :meth:`settle` ends it."""
        if without:
            self.settle()
            self.add(figures, unit, without)
            return
        self.waiting.append((figures, unit))
        if len(self.waiting) == AT_ONCE:
            self.settle()

    def settle(self) -> None:
        """Add what was gathered: whole columns at once where every unit has a whole number."""
        if not self.waiting:
            return
        self.units += len(self.waiting)
        for n, column in enumerate(zip(*(figures for figures, _ in self.waiting), strict=True)):
            before = self.sums[n]
            if set(map(type, column)) == {int}:
                self.sums[n] = sum(column, 0 if before is None else before)
            else:
                self._column(n, column)
        self.waiting.clear()

    def _column(self, n: int, column: Sequence[Figure | None]) -> None:
        for value, (_, unit) in zip(column, self.waiting, strict=True):
            self._add(n, value, unit)

    def _add(self, n: int, value: Figure | None, unit: str) -> None:
        """Add one figure."""
        if value is None:
            self._blank(n, unit)
            return
        before = self.sums[n]
        self.sums[n] = value if before is None else before + value
        if type(value) is not int and isinstance(value, Decimal):
            self.places[n] = max(self.places[n], -int(value.as_tuple().exponent))

    def _blank(self, n: int, unit: str) -> None:
        self.blanks[n] = self.blanks.get(n, 0) + 1
        named = self.blank_units.setdefault(n, [])
        if len(named) < BLANKS_NAMED:
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


SUBMITTED, NODE = "已报", "汇总节点"
BEYOND, NOBODY = "名录外", "无法对应单位的文件"
OWN = "本级"
#: The sheet of the names that reports give instead of the roster's.
ALIASES = "简称对应"


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One line of the detail: a unit, its figures' place in the journal, and the cells that are not added.

    ``case`` is None for the government's own report.
    """

    name: str
    code: str
    superior: str
    state: str
    file: str
    without: frozenset[int]
    case: Submission | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One unit of the roster, or one file that belongs to none of them: whether it has reported, with which files.

    ``listed``: it is of the roster. A standing without a name is a file of which nobody knows whose it is.
    """

    name: str
    code: str
    superior: str
    state: str
    cases: tuple[Submission, ...]
    note: str = ""
    listed: bool = False
    contact: str = ""


class Alias(NamedTuple):
    """A name that a report gives for a unit of the roster, and is not written there; ``text``: what the unit's 别名
    then has to say; ``how``: by what the unit was found; ``counted``: the report was taken for the unit's."""

    file: str

    unit: Unit
    written: str
    text: str
    how: str
    counted: bool


class Anomaly(NamedTuple):
    """A figure of a unit that differs markedly from its own last year, or from what is usual among its siblings."""

    unit: str
    superior: str
    cell: Cell
    value: Figure
    other: Figure
    against: str
    words: str

    @property
    def weight(self) -> float:
        """How striking it is: by how many times the one is larger than the other."""
        large, small = max(self.value, self.other), min(self.value, self.other)
        return float(large) / float(max(small, 1))


@dataclass(frozen=True)
class Result:
    """A consolidation: the summary as a report of its own, and all that led to it; ``asked``: whose it is to be;
    ``shared``: groups of units that share text, each with its finding; ``anomalies``: striking figures, None where there
    is nothing to compare with; ``carried``: what became of an earlier summary and what was written into it."""

    report: Report
    folder: str
    cases: tuple[Submission, ...]
    lines: tuple[UnitRow, ...]
    journal: Journal
    totals: Totals
    below: Totals
    choices: Choices
    roster: Roster | None
    subtotals: Mapping[str, Totals]
    own: Report | None
    whole: Report | None
    findings: tuple[ListedFinding, ...]
    detail_rows: int
    remarks: tuple[str, ...] = ()
    asked: str = ""
    shared: tuple[tuple[str, ListedFinding], ...] = ()
    anomalies: tuple[Anomaly, ...] | None = None
    carried: tuple[str, ...] = ()

    @property
    def form(self) -> Form:
        return self.report.form

    def figures(self, line: UnitRow) -> Figures:
        """The exact figures of one line of the detail, in the order of the form's cells."""
        if line.case is None:
            assert self.own is not None
            return tuple(map(self.own.figures.get, self.form.cells))
        return self.journal.figures(line.case.head.name)

    def texts(self, line: UnitRow) -> list[str]:
        """The figures of a line as texts, blanks empty."""
        if line.case is None:
            return pack(self.figures(line)).split(",")
        return self.journal.texts(line.case.head.name)

    def some(self, line: UnitRow, places: Sequence[int]) -> Figures:
        """A few of a line's figures, by their places in the form."""
        texts = self.texts(line)
        return tuple(one_of(texts[n]) for n in places)

    def levels(self, line: UnitRow) -> Iterator[str]:
        """The units whose subtotals a line may belong to: itself and its superiors, the nearest first."""
        if self.roster is None:
            return
        name = line.name
        if line.case is None and (match := self.roster.match(line.name, line.code)):
            name = match.unit.name
        yield name
        yield from self.roster.above(name)

    def leaves(self) -> Iterator[Leaf]:
        """The units whose figures are in the sums; of a summary those that it adds up itself."""
        for line in self.lines:
            head = line.case.head if line.case else None
            if head and head.covers and not head.opaque:
                yield from head.covers
            elif head:
                yield Leaf(line.name, line.code, head.sums, head.summary)
            else:
                yield Leaf(line.name, line.code, figures_digest(self.figures(line)))

    @property
    def excluded(self) -> list[int]:
        """The places in the form of the cells that are added of no unit."""
        return [n for n, count in sorted(self.totals.excluded.items()) if count == self.totals.units]

    @property
    def detail(self) -> Sequence[UnitRow]:
        """The lines that the workbook shows: all, or none where they are more than a sheet holds."""
        return self.lines if len(self.lines) <= self.detail_rows else ()

    @property
    def standings(self) -> Iterator[Standing]:
        """The roster's units in its order, then the files that belong to none; without a roster, file by file."""
        yield from self.listed
        for case in self.cases:
            if case.unit is None:
                yield Standing(case.name, case.code, "", _state(case), (case,))

    @cached_property
    def listed(self) -> tuple[Standing, ...]:
        """The roster's units in its order."""
        units = self.roster.units if self.roster else ()
        mine: dict[str, list[Submission]] = {}
        for case in self.cases if units else ():
            if case.unit:
                mine.setdefault(case.unit.name, []).append(case)
        return tuple(self._standing(unit, mine.get(unit.name, [])) for unit in units)

    def _standing(self, unit: Unit, cases: list[Submission]) -> Standing:
        state, note = MISSING, ""
        if any(case.state != RETURNED for case in cases) or self._is_own(unit):
            state = SUBMITTED
        elif cases:
            state = SENT_BACK
        elif summary := self._within(unit):
            state, note = SUBMITTED, f"含在“{summary}”的汇总中"
        elif unit.node:
            state, note = NODE, "名录注明为汇总节点，本身没有报告"
        elif file := self.suspected.get(unit.name):
            note = f"可能就是“{file}”（单位名称相近），请先核对，不发催报函，见“{ALIASES}”"
        return Standing(unit.name, unit.code, unit.superior, state, tuple(cases), note, True, unit.contact)

    def _is_own(self, unit: Unit) -> bool:
        return self.own is not None and self.own.agency != "" and unit.name == self._own_unit

    @cached_property
    def _own_unit(self) -> str:
        match = self.roster.match(self.own.agency, self.own.agency_code) if self.roster and self.own else None
        return match.unit.name if match else ""

    def _within(self, unit: Unit) -> str:
        """The superior whose counted summary includes the unit; empty when none does."""
        assert self.roster is not None
        keys = {folded(unit.name), code_key(unit.code)} - {""}
        return next((self._listed[key] for key in keys if key in self._listed), "")

    @cached_property
    def _listed(self) -> Mapping[str, str]:
        """Every unit that a counted summary lists, by name and code, with the summary's unit."""
        return {
            key: case.name
            for case in self.cases
            if case.counted
            for leaf in case.head.covers
            for key in (folded(leaf.name), code_key(leaf.code))
            if key
        }

    @cached_property
    def aliases(self) -> tuple[Alias, ...]:
        """The names that may be written into the roster, once each, those that are not counted yet at the end."""
        aliases = {(alias.unit.name, folded(alias.written)): alias for alias in self._aliases()}
        return tuple(sorted(aliases.values(), key=lambda alias: not alias.counted))

    @cached_property
    def suspected(self) -> Mapping[str, str]:
        """The units that may have reported under a name like theirs, by name, with the file: they are not reminded."""
        return {alias.unit.name: alias.file for alias in self.aliases if not alias.counted}

    def _aliases(self) -> Iterator[Alias]:
        if self.roster is None:
            return
        known: dict[str, tuple[str, ...]] = {}
        for case in (case for case in self.cases if not case.head.trouble and case.head.agency.strip()):
            written = " ".join(case.head.agency.split())
            unit, how = self.roster.called(written)
            if case.unit and (how in DOUBTFUL_WORDS if unit == case.unit else unit is None):
                known[case.unit.name] = (*known.get(case.unit.name, case.unit.aliases), written)
                text = "、".join(dict.fromkeys(known[case.unit.name]))
                how = how.partition("（")[0] if unit else "代码"
                yield Alias(case.head.name, case.unit, written, text, how, counted=True)
            elif case.state == OUTSIDE and case.unit is None:
                for near in self.roster.near(written):
                    text = "、".join(dict.fromkeys((*near.aliases, written)))
                    yield Alias(case.head.name, near, written, text, "名称相近", counted=False)

    def counts(self) -> Mapping[str, int]:
        """How many files are in each state."""
        counts = Counter(case.state for case in self.cases)
        return {state: counts[state] for state in STATES}

    def standing_counts(self) -> Mapping[str, int]:
        """How many units of the roster have reported, are missing, were sent back, only group others.

        The counts add up to the units of the roster; files of nobody and units outside it are not among them
        (see :meth:`apart`).
        """
        counts = Counter(standing.state for standing in self.listed)
        known = (SUBMITTED, MISSING, SENT_BACK, NODE)
        return {state: counts[state] for state in known if counts[state] or state != NODE}

    @property
    def incomplete(self) -> str:
        """The sentence on how many units the sums are of, while some are missing or sent back; else nothing."""
        counts = self.standing_counts()
        files = sum(case.state == RETURNED for case in self.cases)
        back = counts[SENT_BACK] if self.roster else files
        return incomplete_words(len(self.lines), counts[MISSING], back)

    def apart(self) -> Mapping[str, int]:
        """How many files belong to no unit of the roster: reports from outside it, and files of nobody."""
        named = [case.name != "" for case in self.cases if case.unit is None]
        counts = {BEYOND: sum(named), NOBODY: len(named) - sum(named)}
        return {what: count for what, count in counts.items() if count}

    def _likely(self) -> Iterator[str]:
        """The names that are like one in the roster and were not counted, with what to write where."""
        likely = [alias for alias in self.aliases if not alias.counted]
        for alias in likely[:NAMED]:
            yield (
                f"“{alias.written}”不在名录中，没有计入，与名录中的“{alias.unit.name}”相近；"
                f"如是同一单位，请在名录该单位的“别名”栏写“{alias.text}”，再运行一次"
            )

    def warnings(self) -> Iterator[str]:
        """What is to be looked into although nothing is returned for it: the whole beside the sum, other copies."""
        yield from self.remarks
        if self.aliases:
            yield f"{len(self.aliases)} 份报告的单位名称与名录写法不同，见“{ALIASES}”，核对后可填入名录的“别名”"
        yield from self._likely()
        if self.shared:
            yield f"有 {len(self.shared)} 组单位的正文有整段相同的文字，见“问题清单”"
        for case in self.cases:
            if case.undecided:
                words = case.reason if case.state == RETURNED else case.notes[-1]
                if kind := printed(case.head):
                    source = self.path(case.head.name)
                    command = import_command(str(source), str(source.with_suffix(".xlsx")))
                    words = f"是 {kind} 文件，须先导入：{command}"
                yield f"{case.name}（{case.head.name}）{words}"
            yield from case.notes if case.state == COVERED else ()

    def problems(self, severity: str = "") -> Iterator[tuple[str, str, list[ListedFinding]]]:
        """The findings file by file, with unit and file (none for the sums); see :meth:`of`. ``severity``: some files
        without any of that one are left out."""
        yield self.report.agency, "", list(self.findings)
        yield from ((units, "", [finding]) for units, finding in self.shared)
        for case in self.cases:
            if severity != "error" or case.head.errors or case.head.trouble or case.state == RETURNED:
                yield case.name, case.head.name, self.of(case)

    def of(self, case: Submission) -> list[ListedFinding]:
        """The findings on one file; one that cannot be read, or is sent back as a whole, has its one sentence."""
        if case.head.trouble:
            return [_whole_file(case.reason, "请按说明处理")]
        whole = [_whole_file(case.reason, "请改正后重新报送")]
        if case.state == RETURNED and case.head.form != self.form.key:
            return whole
        findings = self.journal.findings(case.head.name)
        return [*whole, *findings] if case.state == RETURNED and not case.mendable else findings

    def path(self, file: str) -> Path:
        """Where a file of the folder stands."""
        return original(Path(self.folder), file)


def rule_words(form: Form, finding: ListedFinding) -> str:
    """The rule's short name."""
    return "整份文件" if finding.rule == FILE else form.rule_name(finding.rule)


def _whole_file(reason: str, otherwise: str) -> ListedFinding:
    """The finding on a file as a whole: what is wrong, and what to do where the reason says so (``请…``)."""
    words, _, todo = reason.rstrip("。").partition("；请")
    if not todo:
        words, _, todo = reason.rstrip("。").partition("，请")
    return ListedFinding("error", FILE, words, f"请{todo}" if todo else otherwise, "", "")


def _state(case: Submission) -> str:
    if case.state == RETURNED:
        return SENT_BACK
    return SUBMITTED if case.counted else case.state
