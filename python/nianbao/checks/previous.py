"""Across years: carried over, still in force, and figures that jump — against last year's report."""

from collections.abc import Iterator

from nianbao.core.cell import Anchor, Cell
from nianbao.core.equation import Equation
from nianbao.core.finding import CODES, Finding
from nianbao.core.number import Figure
from nianbao.core.report import Report
from nianbao.core.rules import Sides, about, holds, last_year, sides

#: A figure jumps when it grows or shrinks more than so many times, or comes from or falls to 0,
FACTOR = 5
#: and differs by at least so much (smaller ones come and go by chance).
LEAST = 5


def previous(report: Report, last: Report | None) -> Iterator[Finding]:
    """``previous.*``: silent where the two forms do not mean the same; without last year's report a workbook is told
    that nothing was compared, interchange JSON (which need not have any) is not."""
    if last is None:
        if report.lines and any(equation.rule.uses_previous for equation in report.form.equations):
            yield _missing()
        return
    if report.year is not None and last.year is not None and last.year != report.year - 1:
        words = (
            f"上年数据是 {last.year} 年度的，不是 {report.year - 1} 年度的，没有作跨年核对，请核对上年数据"
        )
        severity, at = CODES["previous.year"].severity, Anchor("previous", "year")
        yield Finding("previous.year", severity, (), words, report.year - 1, last.year, at=at)
        return
    if last.agency and report.agency and last.agency != report.agency:
        words = f"上年数据的填报单位是“{last.agency}”，与本年“{report.agency}”不同；单位更名的请说明，选错文件的请更换"
        at = Anchor("cover", "agency")
        yield Finding("previous.agency", CODES["previous.agency"].severity, (), words, at=at)
    for equation in report.form.equations:
        if equation.rule.uses_previous:
            yield from _identity(equation, report, last)
    for cell in _watched(report):
        yield from _jump(cell, report, last)


def _missing() -> Finding:
    words = "未填上年数据，没有核对上年结转、现行有效件数和增减幅度；可用“导入上年”填入，或在“上年数据”中填写"
    at = Anchor("previous", "year")
    return Finding("previous.missing", CODES["previous.missing"].severity, (), words, at=at)


def _identity(equation: Equation, report: Report, last: Report) -> Iterator[Finding]:
    both = sides(equation, report, last)
    if both is None or holds(equation, both) or _blank(equation, report):
        return
    rule = equation.rule
    message = (
        f"{about(equation, report.form)}：{rule.left_says} {both.left}，不等于{rule.right_says} {both.right}，"
        f"相差 {abs(both.difference)}，请核实"
    )
    yield Finding(rule.id, rule.severity, equation.cells, message, *_expected(equation, both))


def _blank(equation: Equation, report: Report) -> bool:
    """Whether all of this year's figures are blank: that is the blank's own finding."""
    return all(report.figures.get(cell) is None and cell not in report.raw for cell in equation.cells)


def _expected(equation: Equation, both: Sides) -> tuple[Figure, Figure]:
    """The side that rests on last year's report is what is expected."""
    last_on_left = any(term.previous for term in equation.left)
    return (both.left, both.right) if last_on_left else (both.right, both.left)


def _watched(report: Report) -> Iterator[Cell]:
    """Totals and free-standing figures; the parts of a total come and go."""
    parts = {term.cell for equation in report.form.filled.values() for term in equation.left}
    ends = {equation.right[0].cell for equation in report.form.equations if equation.rule.across == "rows"}
    for cell in report.form.cells:
        if cell not in parts or cell in ends:
            yield cell


def _jump(cell: Cell, report: Report, last: Report) -> Iterator[Finding]:
    now, before = report.figures.get(cell), last_year(cell, report, last)
    if now is None or before is None or now < 0 or before < 0 or -LEAST < now - before < LEAST:
        return
    if before and now and now <= before * FACTOR and before <= now * FACTOR:
        return
    if before and now:
        grown = f"是上年的 {float(now) / float(before):.1f} 倍"
        change = grown if now > before else f"只有上年的 {float(now) / float(before):.0%}"
    else:
        change = "上年为 0" if now else "本年为 0"
    message = f"“{report.form.name(cell)}”上年 {before}，本年 {now}，变化很大（{change}），请核实口径和数字"
    yield Finding("previous.jump", CODES["previous.jump"].severity, (cell,), message, before, now)
