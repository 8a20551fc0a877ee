"""Across years: carried over, still in force, and figures that jump — against last year's report."""

from collections.abc import Iterator, Sequence

from nianbao.checks.diagnose import OFFERED, proper
from nianbao.checks.slip import likelihood, of_keys
from nianbao.core.cell import Anchor, Cell
from nianbao.core.equation import Equation, Rule
from nianbao.core.finding import CODES, Candidate, Finding, Suggestion
from nianbao.core.number import Figure
from nianbao.core.report import Report
from nianbao.core.rules import Sides, about, coefficients, holds, last_year, sides

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
    yield from _identities(report, last)
    yield from _jumps(report, last)


def _missing() -> Finding:
    words = "未填上年数据，没有核对上年结转、现行有效件数和增减幅度；有上年报告的，请在“上年数据”中填写"
    at = Anchor("previous", "year")
    return Finding("previous.missing", CODES["previous.missing"].severity, (), words, at=at)


def _identities(report: Report, last: Report) -> Iterator[Finding]:
    """One finding for each rule that is broken, whatever columns it is broken in."""
    broken: dict[Rule, list[tuple[Equation, Sides]]] = {}
    for equation in report.form.equations:
        if equation.rule.uses_previous:
            both = sides(equation, report, last)
            if both is not None and not holds(equation, both) and not _blank(equation, report):
                broken.setdefault(equation.rule, []).append((equation, both))
    for rule, found in broken.items():
        (equation, both), *others = found
        head = about(equation, report.form)
        message = (
            f"{f'{head}：' if head else ''}{rule.left_says} {both.left}，不等于{rule.right_says} {both.right}，"
            f"相差 {abs(both.difference)}"
        )
        if others:
            also = "、".join(f"{about(e, report.form)}差 {abs(b.difference)}" for e, b in others)
            message = f"{message}；另有{also}"
        cells = tuple(dict.fromkeys(cell for e, _ in found for cell in e.cells))
        likely = _slips(equation, both, report, last) if not others else []
        hint = None
        if len(likely) == 1:
            ((cell, value, kind),) = likely
            culprit = f"“{report.form.name(cell)}”填了 {report.amount(cell)}，疑为 {value}（{kind}）"
            message, hint = f"{culprit}。{message}", Suggestion(cell, value, culprit)
        sums = _expected(equation, both)
        yield Finding(
            rule.id,
            rule.severity,
            cells,
            f"{message}，请核实",
            *sums,
            hint,
            candidates=tuple(Candidate(*each) for each in likely[:OFFERED]),
        )


def _slips(equation: Equation, both: Sides, report: Report, last: Report) -> list[tuple[Cell, Figure, str]]:
    """This year's figures that look like a slip of what would balance an identity across two years, the likeliest first:
    cell, right value, kind of slip."""
    slips: list[tuple[float, tuple[Cell, Figure, str]]] = []
    signs = coefficients(equation)
    for cell in dict.fromkeys(term.cell for term in (*equation.left, *equation.right) if not term.previous):
        now = report.figures.get(cell)
        if now is None or cell in report.form.filled:
            continue
        value = now - both.difference * signs[cell]
        kind = of_keys(now, value) if proper(report, cell, value) else ""
        if kind:
            before = last_year(cell, report, last)
            expected = float(value if before is None else before)
            chance = likelihood(cell, now, value, report, expected)
            slips.append((chance, (cell, value, kind)))
    return [each for _, each in sorted(slips, key=lambda pair: -pair[0])]


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


def jumps(now: Figure, before: Figure) -> bool:
    """Whether a figure has changed so much that it is to be verified."""
    if now < 0 or before < 0 or -LEAST < now - before < LEAST:
        return False
    return not (before and now) or now > before * FACTOR or before > now * FACTOR


def _jumps(report: Report, last: Report) -> Iterator[Finding]:
    """One finding for each jump: figures of a table that changed alike (a total with its part) are one."""
    alike: dict[tuple[str, Figure], list[tuple[Cell, Figure, Figure]]] = {}
    for cell in _watched(report):
        now, before = report.figures.get(cell), last_year(cell, report, last)
        if now is not None and before is not None and jumps(now, before):
            alike.setdefault((cell.table, now - before), []).append((cell, now, before))
    for found in alike.values():
        yield _jump(found, report)


def _jump(found: Sequence[tuple[Cell, Figure, Figure]], report: Report) -> Finding:
    (cell, now, before), *others = found
    if before and now:
        grown = f"是上年的 {float(now) / float(before):.1f} 倍"
        change = grown if now > before else f"只有上年的 {float(now) / float(before):.0%}"
    else:
        change = "上年为 0" if now else "本年为 0"
    also = "、".join(f"“{report.form.name(other)}”由 {b} 到 {n}" for other, n, b in others)
    message = f"“{report.form.name(cell)}”上年 {before}，本年 {now}，变化很大（{change}）{f'；同样变化：{also}' if also else ''}，请核实口径和数字"
    cells = tuple(cell for cell, _, _ in found)
    return Finding("previous.jump", CODES["previous.jump"].severity, cells, message, before, now)
