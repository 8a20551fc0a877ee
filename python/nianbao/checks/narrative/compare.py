"""``narrative.mismatch``: each claim against its cells."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from fractions import Fraction

from nianbao.checks.narrative.claims import claims
from nianbao.checks.narrative.context import Passage, Told
from nianbao.checks.narrative.meaning import Cells, Claim
from nianbao.core.cell import Cell
from nianbao.core.finding import Finding, Severity
from nianbao.core.number import Figure, simplest
from nianbao.core.report import Report

#: Smaller figures may well be the same from year to year.
LEAST = 10
#: The year that a sentence opens with, unless it dates what was carried over (``2023年结转2件``).
_DATED = re.compile(r"((?:19|20)\d\d)年(?!度?(?:结转|转结|末|底)|\d)")
#: ``2021年度，本单位共收到…``: what the year's own statement opens with.
_OWN_WORK = re.compile(r"(?:19|20)\d\d年度?，?(?:我|本|全[局厅委县市区])\w{1,4}共")
#: How much one unit of measure of a money column is in 元.
_MONEY = {"元": 1, "万元": 10_000, "亿元": 100_000_000}


def mismatches(
    passage: Passage, found: Mapping[int, Claim], worded: AbstractSet[Cell]
) -> Iterator[tuple[tuple[int, ...], Finding]]:
    """The claims that no legitimate reading bears out, with the mentions that each finding is about.

    ``worded`` are cells that the sentence's wording was already found at odds with (``无结转``).
    """
    report = passage.report
    done = {i for i, c in found.items() if c.mention.zero and _said_otherwise(c, worded)}
    for i, claim in found.items():
        if i in done or _wider(report, i, found) or _borne_out(report, claim, claim.mention.token.value):
            continue
        group = _partners(i, found)
        done.update(group)
        value = simplest(sum((found[k].mention.token.value for k in group), 0))
        if len(group) > 1 and (_borne_out(report, claim, value) or _all_borne_out(report, found, group)):
            continue
        if _left_out(report, claim, value) or _filed_elsewhere(report, i, found):
            continue
        if known(report, claim.readings):
            yield group, _finding(passage, [found[k] for k in group], value)


def _wider(report: Report, i: int, found: Mapping[int, Claim]) -> bool:
    """``收到复议申请6件，其中不予受理2件，受理4件``: which of them the form counts is told by the cells.

    A whole leaves the word to its part that is scoped; the part, and what was not counted, to a whole that fits.
    """
    claim = found[i]
    if not claim.topic.columns.any or not claim.topic.steady:
        return False
    if _scoped_parts(i, found):
        return True
    parent = claim.mention.parent
    if parent is None or not (parts := _scoped_parts(parent, found)):
        return False
    fits = [k for k in (parent, *parts) if _borne_out(report, found[k], found[k].mention.token.value)]
    return bool(fits) and (i in parts or claim.loose)


def _scoped_parts(i: int, found: Mapping[int, Claim]) -> list[int]:
    whole = found.get(i)
    same = [k for k, c in found.items() if whole and c.mention.parent == i and c.topic is whole.topic]
    return [k for k in same if whole and found[k].readings == whole.readings]


def _said_otherwise(claim: Claim, worded: AbstractSet[Cell]) -> bool:
    return any(cell in worded for reading in claim.readings for cell in reading)


def _partners(i: int, found: Mapping[int, Claim]) -> tuple[int, ...]:
    """``废止3件、失效2件``: claims to one cell in different words that are meant to be added up."""
    claim = found[i]
    if not claim.joint:
        return (i,)
    same = [k for k, c in found.items() if c.joint and c.readings == claim.readings]
    words = {tuple(t.word for t in found[k].mention.zone) for k in same}
    return tuple(same) if len(words) == len(same) else (i,)


def _all_borne_out(report: Report, found: Mapping[int, Claim], group: Sequence[int]) -> bool:
    return all(_borne_out(report, found[k], found[k].mention.token.value) for k in group)


def _filed_elsewhere(report: Report, i: int, found: Mapping[int, Claim]) -> bool:
    """Whether outcomes that courts and clerks file under one heading or another make up the difference.

    Only where the outcomes said add up to the total, so that nothing but the heading is in doubt.
    """
    claim = found[i]
    outcomes = [c for c in found.values() if c.topic is claim.topic and c.loose | bool(_outcome(c))]
    if not any(c.loose for c in outcomes) or claim not in outcomes:
        return False
    said = simplest(sum((c.mention.token.value for c in outcomes), 0))
    listed = {cell.column for c in outcomes for cell in c.readings[0]}
    rows = {cell.row for cell in claim.readings[0]}
    wholes = [columns for columns in _wholes(claim) if len(columns) == 1 or listed <= set(columns)]
    return any(
        _sum(report, tuple(Cell(claim.topic.table, row, c) for row in sorted(rows) for c in columns)) == said
        for columns in wholes
    )


def _outcome(claim: Claim) -> bool:
    return {cell.column for cell in claim.readings[0]} not in [set(columns) for columns in _wholes(claim)]


def _wholes(claim: Claim) -> tuple[tuple[str, ...], ...]:
    return (*claim.topic.columns.any, *claim.topic.columns.also)


def _left_out(report: Report, claim: Claim, value: Figure) -> bool:
    """Whether the number is right but for what it may have left out (``办结118件，不含上年结转10件``)."""
    rest = [gap for cells in claim.less if (gap := _sum(report, cells))]
    total = _sum(report, claim.readings[0])
    return total is not None and any(value + gap == total for gap in rest)


def _borne_out(report: Report, claim: Claim, value: Figure) -> bool:
    for cells in (*claim.readings, *claim.also):
        total = _sum(report, cells)
        if total is not None and _agrees(value, total, claim):
            return True
    return False


def known(report: Report, readings: Sequence[Cells]) -> bool:
    """Whether every reading can be counted at all."""
    return all(_sum(report, cells) is not None for cells in readings)


def _agrees(value: Figure, total: Figure, claim: Claim) -> bool:
    """Equal, or for money equal once rounded or cut to the digits that the text shows."""
    if value == total:
        return True
    step = claim.mention.token.step
    gap = value - total
    return bool(step) and bool(total % step) and -step < gap <= Fraction(step) / 2


def _sum(report: Report, cells: Cells) -> Figure | None:
    """The sum of the cells, an amount of money in 元; None where one cannot be counted."""
    total: Figure = 0
    for cell in cells:
        value = counted(report, cell)
        if value is None:
            return None
        total += value * _MONEY.get(report.form.column(cell).unit, 1)
    return simplest(total)


def counted(report: Report, cell: Cell) -> Figure | None:
    """What a cell counts as; None as well where its table could not be read, so that nothing is known of it."""
    return report.amount(cell) if cell in report.figures or cell in report.raw else None


def _finding(passage: Passage, group: Sequence[Claim], value: Figure) -> Finding:
    report, paragraph, claim = passage.report, passage.paragraph, group[0]
    cells = tuple(dict.fromkeys(cell for reading in claim.readings for cell in reading))
    total = _sum(report, claim.readings[0]) or 0
    scale, unit = _scale(report, cells)
    shown, expected = _per(value, scale), _per(total, scale)
    quote = "、".join(paragraph.quote(c.mention.start, c.mention.token.end) for c in group)
    where = paragraph.where(report.form)
    message = f"{where}写“{quote}”，{_sides(report, claim)}，与文字的 {shown}{unit} 不一致，请核对文字和表格"
    return Finding(
        "narrative.mismatch",
        "verify" if any(c.severity == "verify" for c in group) else "error",
        cells,
        message,
        expected,
        shown,
        places=(paragraph.place,),
    )


def _per(value: Figure, scale: int) -> Figure:
    return simplest(Decimal(value) / scale)


def _scale(report: Report, cells: Cells) -> tuple[int, str]:
    unit = report.form.column(cells[0]).unit
    return _MONEY.get(unit, 1), unit if unit in _MONEY else ""


def _sides(report: Report, claim: Claim) -> str:
    """The table's side in words; each reading where there are several."""
    said = []
    for cells in claim.readings[:3]:
        scale, unit = _scale(report, cells)
        total = _sum(report, cells) or 0
        said.append(f"{_name(report, cells)}为 {_per(total, scale)}{unit}")
    return f"表中{'，'.join(said)}"


def _name(report: Report, cells: Cells) -> str:
    form = report.form
    if len(cells) <= 2:
        return "与".join(f"“{form.name(cell)}”" for cell in cells) + ("之和" if len(cells) > 1 else "")
    return f"“{form.name(cells[0])}”至“{form.name(cells[-1])}”{len(cells)} 项之和"


def misdated(passage: Passage, told: Told) -> Iterator[Finding]:
    """Beside a table: a sentence dated another year that tells this year's figures, in a paragraph without this year.

    Next year's figures cannot be known yet, whatever they are.
    """
    report, paragraph, (start, _) = passage.report, passage.paragraph, told.sentence
    year, section = report.year, paragraph.section
    dated = _DATED.match(paragraph.masked, start)
    if year is None or dated is None or abs(int(dated[1]) - year) not in (1, 2, 3):
        return
    if section == "preamble" or not report.form.section(section).table or f"{year}年" in paragraph.masked:
        return
    mentions = [
        m._replace(period="this", told="") if m.told else m._replace(period="this") for m in told.mentions
    ]
    found = claims(mentions, passage.lex)
    few = len(found) < 3 and max((c.mention.token.value for c in found.values()), default=0) < LEAST
    if not found or (few and not _OWN_WORK.match(paragraph.masked, start)):
        return
    future = int(dated[1]) == year + 1
    if future or all(_borne_out(report, claim, claim.mention.token.value) for claim in found.values()):
        said = passage.writes(start, max(m.token.end for m in mentions))
        same = "" if future else "数字与本年表格一致，"
        message = f"{said}，{same}年份疑应为{year}年"
        severity: Severity = "error" if future else "verify"
        place = (paragraph.place,)
        yield Finding("narrative.year", severity, (), message, year, int(dated[1]), places=place)
