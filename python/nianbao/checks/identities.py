"""Identities: every within-table consistency rule of the form; what one cause broke is one finding."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from nianbao.checks.diagnose import Cause, Correction, Diagnoses
from nianbao.checks.slip import slip
from nianbao.core.cell import Cell
from nianbao.core.equation import Equation, totals
from nianbao.core.finding import Candidate, Finding, Suggestion
from nianbao.core.number import Figure
from nianbao.core.report import Report
from nianbao.core.rules import Sides, about, holds, sides, suspects

#: How the list of several possible corrections begins and what stands between them.
SEVERAL, BETWEEN = "可能的更正", "；"
#: So many identities that broke together are named, so many witnesses, and so much of a text in place of a figure.
NAMED, QUOTED, QUOTED_TEXT = 4, 2, 20
_NUMBERS = "①②③"


def identities(report: Report, diagnoses: Diagnoses, told: frozenset[Cell]) -> Iterator[Finding]:
    """One finding for each cause of broken identities; it lists every cell of these identities.

    What the blanks and other odd cells in ``told`` explain is told with them, and not again.
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
        if cause.correction is None or cause.correction[0] not in told:
            yield _finding(report, [(e, broken[e]) for e in _led(cause, report) if e in broken], cause)


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
    rule, head = equation.rule, about(equation, report.form)
    gap = "应不大于" if rule.op == "<=" else "不等于"
    much = "超出" if rule.op == "<=" else "相差"
    text = f"{head}：{rule.left_says} {both.left}，{gap}{rule.right_says} {both.right}，{much} {abs(both.difference)}"
    return f"{text}{_counted(equation, report)}{_also(equation, others, report)}"


def _counted(equation: Equation, report: Report) -> str:
    """How cells that hold no plain number were counted, so that the sums agree with what stands in the sheet."""
    texts = [
        f"“{report.raw[cell]}”按 {report.amount(cell)} 计" for cell in equation.cells if cell in report.raw
    ]
    blanks = sum(report.figures.get(cell) is None and cell not in report.raw for cell in equation.cells)
    counted = [*texts[:NAMED], *([f"空白 {blanks} 格按 0 计"] if blanks else [])]
    return f"（{'，'.join(counted)}）" if counted else ""


def _also(first: Equation, others: Sequence[tuple[Equation, Sides]], report: Report) -> str:
    """The other identities that the same cause broke."""
    if not others:
        return ""
    shown = [
        f"{about(e, report.form) or e.rule.name}{'' if e.rule is first.rule else f'（{e.rule.name}）'}差 {abs(both.difference)}"
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
    typed = "空白" if report.figures.get(cell) is None and cell not in report.raw else f" {now} "
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
