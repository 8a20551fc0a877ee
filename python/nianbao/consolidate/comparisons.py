"""What figures and text are compared with: a given whole (差额表), last year and the other units (异常提示), shared text."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from xlsxwriter import Workbook

from nianbao.consolidate.choices import choice_words
from nianbao.consolidate.detail import STATE, column, summed
from nianbao.consolidate.journal import Journal, ListedFinding, paragraph_hash
from nianbao.consolidate.names import code_key, name_key
from nianbao.consolidate.result import OWN, Anomaly, Figures, Result, UnitRow
from nianbao.consolidate.sheets import ListSheet, Value
from nianbao.consolidate.submissions import RETURNED, Submission
from nianbao.core.form import Form
from nianbao.core.grid import Cell, column_name
from nianbao.core.number import Figure
from nianbao.workbook.leaves import DETAIL_CODE, DETAIL_FIRST, DETAIL_NAME, detail_lines
from nianbao.workbook.live import Live
from nianbao.workbook.styles import Styles

DIFFERENCES = "差额表"
#: So many units that match a single difference are named.
FEW = 3
FIGURES = "的数字"
HAS_IT = "整体报告似已计入，而本次汇总没有计入"


class Gap(NamedTuple):
    """One cell of the whole: as given, own, subordinates, and what may explain the difference."""

    cell: Cell
    whole: Figure | None
    own: Figure | None
    below: Figure | None
    cause: str

    @property
    def difference(self) -> Figure:
        """The whole as given less own and subordinates."""
        return (self.whole or 0) - (self.own or 0) - (self.below or 0)


def gaps(result: Result) -> list[Gap]:
    """Every cell with its difference (against the whole that was given) and the unit that explains it, if one does."""
    cells = result.form.cells
    own = _own(result)
    below = result.below.vector()
    if result.whole is None:
        return [Gap(cell, None, own[n], below[n], "") for n, cell in enumerate(cells)]
    whole = [result.whole.amount(cell) for cell in cells]
    compared = [Gap(cell, whole[n], own[n], below[n], "") for n, cell in enumerate(cells)]
    differing = [n for n, gap in enumerate(compared) if gap.difference]
    causes = _causes(result, compared, differing)
    return [gap._replace(cause=causes.get(n, "")) for n, gap in enumerate(compared)]


def _own(result: Result) -> Sequence[Figure | None]:
    """The own report's figures as far as they are added."""
    for line in result.lines:
        if line.case is None:
            return [None if n in line.without else v for n, v in enumerate(result.figures(line))]
    return [None] * len(result.form.cells)


class Addend(NamedTuple):
    """What might explain differences: ``sign`` times its figures, the ``reason`` in words; ``called``: whose figures
    they are, in words; ``counted``: a unit that is counted here, ``alone``: it may explain one cell alone."""

    called: str
    figures: Sequence[Figure | None]
    sign: int
    reason: str
    counted: bool = False
    alone: bool = True


def _causes(result: Result, compared: Sequence[Gap], differing: Sequence[int]) -> dict[int, str]:
    """Words for the differing cells: what explains them all, or what matches a cell alone."""
    if not differing:
        return {}
    whole: list[Addend] = []
    single: dict[int, list[Addend]] = {n: [] for n in differing}
    larger: dict[int, list[str]] = {n: [] for n in differing}
    for candidate in chain(left_out(result), _candidates(result)):
        sign = candidate.sign
        if all((candidate.figures[n] or 0) * sign == gap.difference for n, gap in enumerate(compared)):
            whole.append(candidate)
        for n in differing:
            value = candidate.figures[n] or 0
            if candidate.alone and value and value * sign == compared[n].difference:
                single[n].append(candidate)
            if candidate.counted and candidate.alone and value > (compared[n].whole or 0):
                larger[n].append(candidate.called.removesuffix(FIGURES))
    if len({candidate.called for candidate in whole}) == 1:
        return dict.fromkeys(differing, f"全部差额等于{whole[0].called}：{whole[0].reason}")
    return {n: _cause_words(single[n], larger[n]) for n in differing}


def _candidates(result: Result) -> Iterator[Addend]:
    """Units that the whole may have left out, counted twice or counted although they are not here."""
    for line in result.lines:
        figures = result.figures(line)
        kept = [None if n in line.without else value for n, value in enumerate(figures)]
        name, unit = (line.name, "该单位") if line.case else ("本级", "本级")
        called = f"“{name}”{FIGURES}"
        yield Addend(called, kept, -1, f"整体报告似未计入{unit}", counted=True)
        yield Addend(called, kept, 1, f"整体报告似重复计入{unit}", counted=True, alone=False)
        if any(value for n, value in enumerate(figures) if n in line.without):
            left = [value if n in line.without else None for n, value in enumerate(figures)]
            yield Addend(f"“{name}”按口径不计入的指标", left, 1, HAS_IT)
    for case in result.cases:
        if not case.counted and not case.head.trouble and case.head.form == result.form.key:
            yield Addend(f"“{case.name}”的数字", result.journal.figures(case.head.name), 1, HAS_IT)


def left_out(result: Result) -> Iterator[Addend]:
    """What the choices on record leave out: each group of items over all units, and all of them together."""
    every = [line for line in result.lines if line.without]
    if len(every) < 2:
        return  # one unit's own is a candidate by itself
    sums: list[Figure] = [0] * len(result.form.cells)
    for line in every:
        figures = result.figures(line)
        for n in line.without:
            sums[n] += figures[n] or 0
    groups = {choice.words: choice.cells for choice in result.choices.all}
    for words, cells in groups.items():
        places = {n for n, cell in enumerate(result.form.cells) if cell in cells}
        if sum(not places.isdisjoint(line.without) for line in every) < 2:
            continue
        kept = [value if cell in cells else 0 for cell, value in zip(result.form.cells, sums, strict=True)]
        if kept != sums or len(groups) == 1:
            named = "、".join(choice_words(result.form, word) for word in words)
            yield Addend(f"各单位按口径不计入的“{named}”", kept, 1, HAS_IT)
    if len(groups) > 1:
        yield Addend("各单位按口径不计入的全部指标", sums, 1, HAS_IT, alone=False)


def _cause_words(units: Sequence[Addend], larger: Sequence[str]) -> str:
    words = []
    if larger:
        more = f" 等 {len(larger)} 个单位" if len(larger) > FEW else ""
        words.append(f"{''.join(larger[:FEW])}{more}{FIGURES}大于整体，整体或单位必有一误")
    if 0 < len(units) <= FEW:
        words.append("；".join(f"差额等于{unit.called}，{unit.reason}" for unit in units))
    elif units:
        words.append(f"有 {len(units)} 个单位的数字与差额相同")
    return "；".join(words)


def remarks(result: Result) -> tuple[str, ...]:
    """What is to be looked into: an own report of somebody else, differences from the whole."""
    return (*_strange(result), *_different(result))


def _strange(result: Result) -> Iterator[str]:
    """An own report that is not the agency's whose summary this is, as far as that is known."""
    own = result.own
    if own is None:
        return
    tops = {n for n, above in result.roster.superiors.items() if not above} if result.roster else set()
    given = [result.whole.agency] if result.whole else []
    known = [name for name in (result.asked, *given, *(tops if len(tops) == 1 else ())) if name]
    mine = name_key(own.agency)
    strange = [name for name in known if not mine.startswith(name_key(name))]
    if strange:
        yield f"本级报告的单位是“{own.agency}”，不是“{strange[0]}”，请核对 --own 是否选错文件"


def _different(result: Result) -> tuple[str, ...]:
    """A sentence on the differences from the whole, if there are any."""
    differing = [gap for gap in gaps(result) if gap.difference] if result.whole else []
    if not differing:
        return ()
    larger = sum(gap.difference < 0 for gap in differing)
    more = f"，其中 {larger} 格本级＋下级大于整体" if larger else ""
    return (f"整体报告有 {len(differing)} 格与本级＋下级不等{more}，见“{DIFFERENCES}”",)


def difference_findings(result: Result) -> tuple[ListedFinding, ...]:
    """The differences from the whole as findings of the list of problems."""
    return tuple(_difference_finding(result, gap) for gap in gaps(result) if result.whole and gap.difference)


def _difference_finding(result: Result, gap: Gap) -> ListedFinding:
    total = (gap.own or 0) + (gap.below or 0)
    how = "大于" if gap.difference < 0 else "小于"
    words = f"“{result.form.name(gap.cell)}”本级＋下级为 {total}，{how}整体报告的 {gap.whole or 0}"
    return ListedFinding(
        "verify", "whole.difference", words, gap.cause or f"请按“{DIFFERENCES}”逐格核对", "", ""
    )


def write_differences(book: Workbook, styles: Styles, result: Result) -> None:
    """The sheet: every cell, differing ones first."""
    listing = ListSheet(book, styles, DIFFERENCES, (6, 24, 52, 13, 13, 13, 13, 13, 70))
    compared = gaps(result)
    differing = [gap for gap in compared if gap.difference] if result.whole else []
    listing.title(DIFFERENCES, _note(result, len(differing)))
    listing.head(
        ("序号", "表", "指标", "整体报告", "本级", "下级合计", "本级＋下级", "差额", "可能的原因"), frozen=3
    )
    first = listing.row
    for number, gap in enumerate([*differing, *(g for g in compared if g not in differing)], 1):
        table = result.form.tables[gap.cell.table].name
        listing.line(
            (
                number,
                table,
                result.form.name(gap.cell),
                *_difference_values(result, gap, listing.row + 1),
                gap.cause,
            )
        )
    listing.filter(9, first)


def _difference_values(result: Result, gap: Gap, row: int) -> tuple[Value, ...]:
    """The figures of a line: the whole as it was given, the others formulas over the detail and over this line."""
    n = result.form.cells.index(gap.cell)
    states, places = column(result, column_name(STATE)), max(result.totals.places[n], 6)
    own = summed(result, n, gap.own, f'{states},"{OWN}"')
    below = summed(result, n, gap.below, f'{states},"<>{OWN}"')
    total: Value = None
    if gap.own is not None or gap.below is not None:
        total = Live(f"=ROUND(N(E{row})+N(F{row}),{places})", float((gap.own or 0) + (gap.below or 0)))
    difference: Value = None
    if result.whole is not None:
        difference = Live(f"=ROUND(N(D{row})-N(G{row}),{places})", float(gap.difference))
    return gap.whole, own, below, total, difference


def _note(result: Result, differing: int) -> str:
    if result.whole is None:
        return "没有提供整体报告，只列本级与下级合计；提供后逐格比较差额。"
    if not differing:
        return f"整体报告（{result.whole.agency}）与本级＋下级逐格相等。"
    return f"整体报告（{result.whole.agency}）有 {differing} 格与本级＋下级不等，列在最前；差额＝整体－（本级＋下级）。"


def detail_figures(source: Path, cells: int) -> dict[str, tuple[str, ...]]:
    """The figures of every unit that a summary lists, as they stand in its detail, by name and by code.

    Raises Unreadable when the summary cannot be read any more.
    """
    lines: dict[str, tuple[str, ...]] = {}
    for texts in detail_lines(source, cells):
        for key in (texts[DETAIL_NAME - 1], texts[DETAIL_CODE - 1]):
            lines[key] = tuple(texts[DETAIL_FIRST - 1 :])
    return lines


SHARED_RULE = "narrative.sibling"
#: So many units of a group are named, and groups listed.
NAMED, GROUPS = 5, 200


@dataclass
class SharedText:
    """Units that share paragraphs: the first few of them, how many they are, how many paragraphs, how one begins."""

    named: Sequence[str]
    units: int
    paragraphs: int
    begins: str

    @property
    def called(self) -> str:
        return "、".join(self.named) + (f" 等 {self.units} 个单位" if self.units > len(self.named) else "")


def shared_text(journal: Journal, cases: Iterable[Submission]) -> tuple[tuple[str, ListedFinding], ...]:
    """For each group of units that share text their names and a finding; the groups with most of it first."""
    of_unit = {
        case.head.name: case.name
        for case in cases
        if (case.counted or case.state == RETURNED) and not case.head.trouble and not case.head.summary
    }
    groups = sorted(_shared_groups(journal.shared(of_unit)), key=lambda g: (-g.paragraphs, -g.units, g.named))
    lines = [(group.called, _shared_finding(group)) for group in groups[:GROUPS]]
    if len(groups) > GROUPS:
        words = f"另有 {len(groups) - GROUPS} 组单位的正文有整段相同，没有列出"
        lines.append(("", ListedFinding("verify", SHARED_RULE, words, "请核实", "", "")))
    return tuple(lines)


def _shared_groups(paragraphs: Iterator[tuple[str, list[str]]]) -> Iterable[SharedText]:
    shared: dict[int, SharedText] = {}
    for begins, units in paragraphs:
        key = paragraph_hash("\n".join(units))
        if key in shared:
            shared[key].paragraphs += 1
        else:
            shared[key] = SharedText(units[:NAMED], len(units), 1, begins)
    return shared.values()


def _shared_finding(group: SharedText) -> ListedFinding:
    words = f"这 {group.units} 个单位的正文有 {group.paragraphs} 段文字相同（数字不计），如“{group.begins}……”"
    return ListedFinding("verify", SHARED_RULE, words, "请核实是否照抄，各单位应按本单位工作实际撰写", "", "")


ANOMALIES = "异常提示"
#: Figures below this are too small to be striking; so many times more or less than before or than usual is striking.
SMALL, TIMES, APART = 20, 5, 10
#: So many units make a group to be compared with; so many lines are shown, the most striking first.
GROUP, SHOWN = 8, 2_000


def headlines(form: Form) -> list[int]:
    """The places of the cells that are no part of another: totals, and figures that stand alone."""
    parts = {term.cell for equation in form.filled.values() for term in equation.left}
    return [n for n, cell in enumerate(form.cells) if cell not in parts]


class Columns:
    """The headline figures of many units in little room: an array for each of them, a list where one is not whole."""

    def __init__(self, form: Form) -> None:
        self.places = headlines(form)
        self.columns: list[array[int] | list[Figure]] = [array("H") for _ in self.places]

    def add(self, figures: Figures) -> None:
        """The next unit's figures, of which the headlines are kept."""
        for n, place in enumerate(self.places):
            value = figures[place] or 0
            try:
                self.columns[n].append(value)  # type: ignore[arg-type]  # others are refused
            except (TypeError, OverflowError):
                self.columns[n] = _wider([*self.columns[n], value])

    def row(self, unit: int) -> list[Figure]:
        """The headlines of one unit."""
        return [column[unit] for column in self.columns]


def _wider(values: "list[Figure]") -> "array[int] | list[Figure]":
    try:
        return array("q", values)  # type: ignore[arg-type]  # others are refused
    except (TypeError, OverflowError):
        return values


def anomalies(
    form: Form, lines: Sequence[UnitRow], values: Columns, before: Mapping[str, Figures]
) -> list[Anomaly]:
    """The striking figures, the most striking first; ``values`` has the headline figures of each line, ``before``
    last year's of units by the keys of their names and codes."""
    cells = [form.cells[n] for n in values.places]
    subordinates = [n for n, line in enumerate(lines) if line.case]
    jumps = (
        hit
        for n in (subordinates if before else ())
        if (last := before.get(name_key(lines[n].name)) or before.get(code_key(lines[n].code)))
        for cell, value, other in zip(cells, values.row(n), last, strict=True)
        if (hit := _jump(lines[n], cell, value, other))
    )
    groups: dict[str, list[int]] = {}
    for n in subordinates:
        groups.setdefault(lines[n].superior, []).append(n)
    every = _usual(values, subordinates) if len(subordinates) >= GROUP else []
    outliers = (
        hit
        for group in groups.values()
        for hit in (
            _outliers(cells, _Group(lines, values, group, len(group)), _usual(values, group))
            if len(group) >= GROUP
            else _outliers(cells, _Group(lines, values, group, len(subordinates)), every)
        )
    )
    return nsmallest(SHOWN, chain(jumps, outliers), key=lambda hit: (-hit.weight, hit.unit, hit.cell))


class _Group(NamedTuple):
    """Some of the units, and of how many they are compared with."""

    lines: Sequence[UnitRow]
    values: Columns
    units: Sequence[int]
    size: int


def _jump(line: UnitRow, cell: Cell, value: Figure | None, other: Figure | None) -> Anomaly | None:
    """A figure that rose or fell manyfold within the year."""
    now, then = value or 0, other or 0
    large, small = max(now, then), min(now, then)
    if other is None or large < SMALL or large < small * TIMES:
        return None
    if now and then:
        how = (
            f"是上年的 {float(now / then):.1f} 倍"
            if now > then
            else f"只有上年的 {100 * float(now / then):.2g}%"
        )
    else:
        how = "本年为 0" if then else "上年为 0"
    return Anomaly(line.name, line.superior, cell, now, then, "上年", f"{how}，请核实是否填错或口径有变")


def _usual(values: Columns, units: Sequence[int]) -> list[tuple[Figure, Figure, Figure]]:
    """What is usual among units, figure by figure: the value of the lowest tenth, the middle, the highest quarter."""
    columns = (sorted(column[n] for n in units) for column in values.columns)
    return [(c[len(c) // 10], c[len(c) // 2], c[len(c) * 3 // 4]) for c in columns]


def _outliers(
    cells: Sequence[Cell], group: _Group, usual: Sequence[tuple[Figure, Figure, Figure]]
) -> Iterator[Anomaly]:
    """Figures that are far above what is usual, or 0 where hardly another is."""
    size = group.size
    for cell, figures, (lowest, middle, upper) in zip(cells, group.values.columns, usual, strict=False):
        for n in group.units:
            line, value = group.lines[n], figures[n]
            if value >= SMALL and value > APART * max(middle, 1) and value > TIMES * max(upper, 1):
                words = f"远高于同级 {size} 个单位的中位数，请核实是否多填了一位或把全区数字填成了本单位的"
            elif not value and lowest >= SMALL:
                words = f"同级 {size} 个单位几乎都不是 0，请核实是否漏填"
            else:
                continue
            yield Anomaly(line.name, line.superior, cell, value, middle, "同级中位数", words)


def write_anomalies(book: Workbook, styles: Styles, result: Result) -> None:
    """The sheet 异常提示: figures that may be right and are worth a look."""
    listing = ListSheet(book, styles, ANOMALIES, (6, 30, 18, 20, 52, 13, 14, 13, 60))
    listing.title(
        ANOMALIES,
        "与本单位上年、与同级其他单位相差悬殊的数字，不一定有错，请向单位核实；上年数字取自所给的上年汇总的“单位明细”。",
    )
    listing.head(("序号", "单位", "上级", "表", "指标", "本年", "对照", "对照数", "提示"))
    first = listing.row
    form = result.form
    for number, hit in enumerate(result.anomalies or (), 1):
        table = form.tables[hit.cell.table].name
        what = (hit.unit, hit.superior, table, form.name(hit.cell))
        listing.line((number, *what, hit.value, hit.against, hit.other, hit.words))
    if not result.anomalies:
        listing.line(["", "没有相差悬殊的数字"])
    listing.filter(9, first)
