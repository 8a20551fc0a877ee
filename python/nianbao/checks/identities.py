"""Identities: every within-table consistency rule of the form, with the diagnosis of what would mend it."""

from collections.abc import Iterator

from nianbao.checks.diagnose import Diagnosis, candidate, diagnose, likely, words
from nianbao.core.equation import Equation
from nianbao.core.finding import Candidate, Finding, Suggestion
from nianbao.core.report import Report
from nianbao.core.rules import Sides, about, holds, sides, suspects


def identities(report: Report, previous: Report | None) -> Iterator[Finding]:
    """One finding for each broken identity of this year's figures; it lists every cell of the identity."""
    broken = [
        (equation, both)
        for equation in suspects(report)
        if (both := sides(equation, report)) is not None and not holds(equation, both)
    ]
    diagnoses = [d for table in {e.rule.table: None for e, _ in broken} for d in diagnose(report, table)]
    for equation, both in broken:
        found = next((d for d in diagnoses if equation in d.broken), None)
        yield _finding(report, equation, both, found)


def _finding(report: Report, equation: Equation, both: Sides, diagnosis: Diagnosis | None) -> Finding:
    message = _message(report, equation, both)
    suggestion = None
    if diagnosis is not None:
        hint = words(diagnosis, equation, report)
        message = f"{message}。{hint}"
        if correction := diagnosis.correction(equation):
            suggestion = Suggestion(correction.cell, correction.value, hint)
    return Finding(
        equation.rule.id,
        equation.rule.severity,
        equation.cells,
        message,
        both.left,
        both.right,
        suggestion,
        candidates=_candidates(report, equation, diagnosis),
    )


def _candidates(report: Report, equation: Equation, diagnosis: Diagnosis | None) -> tuple[Candidate, ...]:
    """The corrections of a single cell that would do, the likeliest first."""
    if diagnosis is None or diagnosis.moved:
        return ()
    if correction := diagnosis.correction(equation):
        return (candidate(correction, report),)
    single = [s[0] for s in diagnosis.solutions if len(s) == 1]
    return tuple(candidate(c, report) for c in sorted(single, key=lambda c: not likely(c, report))[:3])


def _message(report: Report, equation: Equation, both: Sides) -> str:
    rule, head = equation.rule, about(equation, report.form)
    gap = "应不大于" if rule.op == "<=" else "不等于"
    if rule.op == "<=":
        return f"{head}：{rule.left_says} {both.left}，{gap}{rule.right_says} {both.right}，超出 {abs(both.difference)}"
    return f"{head}：{rule.left_says} {both.left}，{gap}{rule.right_says} {both.right}，相差 {abs(both.difference)}"
