"""Identities: every consistency rule of the form, within a year and across two; what one cause broke is one finding."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

from nianbao.checks.diagnose import OFFERED, Cause, Correction, Diagnoses, proper
from nianbao.checks.system import last_year, likelihood, of_keys, sides, slip
from nianbao.core.equation import Equation, Rule, Sides, Term, coefficients, holds, totals
from nianbao.core.finding import CODES, Candidate, Finding, Suggestion
from nianbao.core.form import Form
from nianbao.core.grid import Anchor, Cell
from nianbao.core.number import Figure
from nianbao.core.report import Report

#: How the list of several possible corrections begins and what stands between them.
SEVERAL, BETWEEN = "可能的更正", "；"
#: So many identities that broke together are named, so many witnesses, and so much of a text in place of a figure.
NAMED, QUOTED, QUOTED_TEXT = 4, 2, 20
_NUMBERS = "①②③"


def identities(report: Report, diagnoses: Diagnoses, reported: frozenset[Cell]) -> Iterator[Finding]:
    """One finding for each cause of broken identities; it lists every cell of these identities.

    What the blanks and other odd cells in ``reported`` explain is told with them, and not again.
    """
    broken = {
        equation: both
        for equation in suspects(report)
        if (both := sides(equation, report)) is not None and not holds(equation, both)
    }
    done: set[Equation] = set()
    for equation, both in broken.items():
        if equation in done:
            continue
        cause = next((c for c in diagnoses.of(equation.rule.table) if equation in c.broken), None)
        if cause is None or not cause.explanations:
            yield _finding(report, [(equation, both)], None)
            continue
        done.update(cause.broken)
        if cause.correction is None or cause.correction[0] not in reported:
            yield _finding(report, [(e, broken[e]) for e in _led(cause, report) if e in broken], cause)


class _Plain(NamedTuple):
    """An identity of this year's figures as places among the form's cells, one place a zero: quick to sum."""

    equation: Equation
    left: Callable[[Sequence[Figure]], tuple[Figure, ...]]
    right: Callable[[Sequence[Figure]], tuple[Figure, ...]]


@lru_cache(maxsize=16)
def _plain(form: Form) -> tuple[_Plain, ...]:
    order = {cell: n for n, cell in enumerate(form.cells)}

    def side(terms: Iterable[Term]) -> Callable[[Sequence[Figure]], tuple[Figure, ...]]:
        return itemgetter(*(order[term.cell] for term in terms), len(order), len(order))

    return tuple(_Plain(e, side(e.left), side(e.right)) for e in form.equations if not e.uses_previous)


def suspects(report: Report) -> Iterator[Equation]:
    """This year's identities that may be broken: all where a text stands among the figures, else those whose
    sides differ."""
    if report.raw:
        yield from (equation for equation, _, _ in _plain(report.form))
        return
    values = [figure or 0 for figure in report.amounts.values()] + [0]
    for equation, left, right in _plain(report.form):
        if sum(left(values)) != sum(right(values)):
            yield equation


def _led(cause: Cause, report: Report) -> list[Equation]:
    """What a cause broke; where a total is the suspect, the sum that it should be comes first."""
    first = cause.explanations[0].single
    own = report.form.filled.get(first[0]) if first else None
    return sorted(cause.broken, key=lambda equation: equation != own)


def _finding(report: Report, broken: Sequence[tuple[Equation, Sides]], cause: Cause | None) -> Finding:
    (equation, both), *_ = broken
    rule, brief, suggestion = equation.rule, _message(report, broken), None
    message = brief
    if rule.op == "=" and rule.severity == "error":
        if cause is not None and cause.explanations and cause.clear:
            first = cause.explanations[0]
            culprit, mended = _culprit(first, report), _mended(cause) + _supported(first)
            message = f"{culprit}。{brief}。{mended}"
            suggestion = Suggestion(*first.single, f"{culprit}，{mended}") if first.single else None
        else:
            message = f"{brief}。{_doubt(cause, report)}"
    cells = dict.fromkeys(cell for e, _ in broken for cell in e.cells)
    return Finding(
        rule.id,
        rule.severity,
        tuple(cells),
        message,
        both.left,
        both.right,
        suggestion,
        candidates=candidates(cause, report),
        brief=brief,
    )


def _message(report: Report, broken: Sequence[tuple[Equation, Sides]]) -> str:
    (equation, both), *others = broken
    rule, head = equation.rule, report.form.about(equation)
    gap = "应不大于" if rule.op == "<=" else "不等于"
    much = "超出" if rule.op == "<=" else "相差"
    text = f"{head}：{rule.left_says} {both.left}，{gap}{rule.right_says} {both.right}，{much} {abs(both.difference)}"
    return f"{text}{_counted(equation, report)}{_also(equation, others, report)}"


def _counted(equation: Equation, report: Report) -> str:
    """How cells that hold no plain number were counted, so that the sums agree with what stands in the sheet."""
    texts = [
        f"“{report.raw[cell]}”按 {report.amount(cell)} 计" for cell in equation.cells if cell in report.raw
    ]
    blanks = sum(map(report.blank, equation.cells))
    counted = [*texts[:NAMED], *([f"空白 {blanks} 格按 0 计"] if blanks else [])]
    return f"（{'，'.join(counted)}）" if counted else ""


def _also(first: Equation, others: Sequence[tuple[Equation, Sides]], report: Report) -> str:
    """The other identities that the same cause broke."""
    if not others:
        return ""
    shown = [
        f"{report.form.about(e) or e.rule.name}{'' if e.rule is first.rule else f'（{e.rule.name}）'}差 {abs(both.difference)}"
        for e, both in others[:NAMED]
    ]
    more = f"等 {len(others)} 处" if len(others) > NAMED else ""
    return f"；同时不平的还有：{'、'.join(shown)}{more}"


def corrected(report: Report, findings: Iterable[Finding]) -> Mapping[Cell, Figure]:
    """What the figures become that change when the suggestions are followed; totals that are sums follow."""
    hints = [f.suggestion for f in findings if f.suggestion and f.severity == "error"]
    after: dict[Cell, Figure] = {hint.cell: hint.value for hint in hints}
    sums = {total: [term.cell for term in e.left] for total, e in report.form.filled.items()} if after else {}
    now = report.amounts
    live = [t for t, parts in sums.items() if t not in after and now[t] == sum(now[c] or 0 for c in parts)]
    if live:
        counted = {cell: value or 0 for cell, value in now.items()} | after
        after |= {t: value or 0 for t, value in totals(report.form.filled, counted, live).items()}
    return {cell: value for cell, value in after.items() if value != now.get(cell)}


def _doubt(cause: Cause | None, report: Report) -> str:
    """What a finding says where no cell is to blame beyond doubt: the likeliest corrections, if any."""
    if cause is None or not cause.explanations:
        return "有不止一处错误，请逐项核对"
    listed = BETWEEN.join(f"{_NUMBERS[n]}{_listed(e, report)}" for n, e in enumerate(cause.explanations))
    return f"{SEVERAL}（请对照原始台账核对）：{listed}"


def _culprit(first: Correction, report: Report) -> str:
    """How the sentence begins where the cause is clear: what was filled in, and what it should be."""
    if first.single is None:
        head = first.words or f"疑似有 {len(first.changes)} 处填错"
        return f"{head}，应改为：{_changes(first, report)}"
    (cell, value), now = first.single, report.amount(first.single[0]) or 0
    kind = slip(cell, now, value, report)
    text = " ".join(report.raw.get(cell, "").split())[:QUOTED_TEXT]
    blank = report.figures.get(cell) is None and not text
    typed = "空着" if blank else f"填了“{text}”" if text else f"填了 {now}"
    return f"“{report.form.name(cell)}”{typed}，应为 {value}{f'（{kind}）' if kind else ''}"


def _mended(cause: Cause) -> str:
    """What the correction of a cause brings about."""
    count = len(cause.broken)
    follow = "（合计随之重算）" if cause.follows else ""
    return f"改正后 {count} 处勾稽关系同时成立{follow}" if count > 1 else f"改正后即可平衡{follow}"


def _supported(explanation: Correction) -> str:
    return f"，与{'、'.join(explanation.supports[:QUOTED])}相符" if explanation.supports else ""


def _listed(explanation: Correction, report: Report) -> str:
    moved = f"{explanation.words}：" if explanation.words else ""
    return f"{moved}{_changes(explanation, report)}{_supported(explanation)}"


def _changes(explanation: Correction, report: Report) -> str:
    return "，".join(
        _change(cell, value, report, bool(explanation.words)) for cell, value in explanation.changes
    )


def _change(cell: Cell, value: Figure, report: Report, moved: bool) -> str:
    now = report.amount(cell) or 0
    kind = "" if moved else slip(cell, now, value, report)
    typed = "空白" if report.blank(cell) else f" {now} "
    return f"“{report.form.name(cell)}”由{typed}改为 {value}{f'（{kind}）' if kind else ''}"


def candidates(cause: Cause | None, report: Report) -> tuple[Candidate, ...]:
    """The explanations as a finding offers them: one that changes several cells says so at its first."""
    if cause is None:
        return ()
    mends = _mended(cause._replace(follows=False))
    return tuple(_candidate(e, mends, report) for e in cause.explanations)


def _candidate(explanation: Correction, mends: str, report: Report) -> Candidate:
    (cell, value), *more = explanation.changes
    if more:
        why = f"{explanation.words or '一并改正'}：{_changes(explanation, report)}，{mends}"
    else:
        kind = slip(cell, report.amount(cell) or 0, value, report)
        why = f"{kind}，{mends}" if kind else mends
    return Candidate(cell, value, f"{why}{_supported(explanation)}")


#: A figure jumps when it grows or shrinks more than so many times, or comes from or falls to 0,
FACTOR = 5
#: and differs by at least so much (smaller ones come and go by chance).
LEAST = 5


def previous(report: Report, last: Report | None) -> Iterator[Finding]:
    """``previous.*``: silent where the two forms do not mean the same; without last year's report a workbook is told
    that nothing was compared, interchange JSON (which need not have any) is not."""
    if last is None:
        if report.lines and report.form.across_years:
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
    for equation in report.form.across_years:
        both = sides(equation, report, last)
        if both is not None and not holds(equation, both) and not _blank(equation, report):
            broken.setdefault(equation.rule, []).append((equation, both))
    for rule, failed in broken.items():
        (equation, both), *others = failed
        head = report.form.about(equation)
        message = (
            f"{f'{head}：' if head else ''}{rule.left_says} {both.left}，不等于{rule.right_says} {both.right}，"
            f"相差 {abs(both.difference)}"
        )
        if others:
            also = "、".join(f"{report.form.about(e)}差 {abs(b.difference)}" for e, b in others)
            message = f"{message}；另有{also}"
        cells = tuple(dict.fromkeys(cell for e, _ in failed for cell in e.cells))
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
    return all(map(report.blank, equation.cells))


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
    unsettled = _unsettled(report)
    for cell in _watched(report):
        if cell in unsettled:
            continue
        now, before = report.figures.get(cell), last_year(cell, report, last)
        if now is not None and before is not None and jumps(now, before):
            alike.setdefault((cell.table, now - before), []).append((cell, now, before))
    for changes in alike.values():
        yield _jump(changes, report)


def _unsettled(report: Report) -> set[Cell]:
    """Cells with a text in place of a figure, and the totals that leave them out: what they come to is not known."""
    unsettled, filled = set(report.raw), report.form.filled
    while more := {
        c for c, e in filled.items() if c not in unsettled and any(t.cell in unsettled for t in e.left)
    }:
        unsettled |= more
    return unsettled


def _jump(changes: Sequence[tuple[Cell, Figure, Figure]], report: Report) -> Finding:
    (cell, now, before), *others = changes
    if before and now:
        grown = f"是上年的 {float(now) / float(before):.1f} 倍"
        change = grown if now > before else f"只有上年的 {float(now) / float(before):.0%}"
    else:
        change = "上年为 0" if now else "本年为 0"
    also = "、".join(f"“{report.form.name(other)}”由 {b} 到 {n}" for other, n, b in others)
    message = f"“{report.form.name(cell)}”上年 {before}，本年 {now}，变化很大（{change}）{f'；同样变化：{also}' if also else ''}，请核实口径和数字"
    cells = tuple(cell for cell, _, _ in changes)
    return Finding("previous.jump", CODES["previous.jump"].severity, cells, message, before, now)
