"""The main path: a report, all checks in order, findings."""

from collections.abc import Iterator, Mapping, Sequence

from nianbao.checks import Check
from nianbao.checks.cells import figures, plausible
from nianbao.checks.explain import explained
from nianbao.checks.identities import corrected
from nianbao.checks.previous import jumps
from nianbao.checks.previous import previous as across_years
from nianbao.checks.structure import structure, text_year
from nianbao.core.cell import Cell
from nianbao.core.finding import Finding, Suggestion
from nianbao.core.finding import count as count
from nianbao.core.local import Change, tuned
from nianbao.core.number import Figure
from nianbao.core.report import Report


def narrative(report: Report, previous: Report | None) -> Iterator[Finding]:
    """The checks of the text; their modules are loaded once a report has any, or was handed in without."""
    if report.given or any(raw and not raw.isspace() for _, _, raw in report.text()):
        from nianbao.checks.narrative.check import narrative as checks

        for finding in checks(report, previous):
            other = text_year(report) if finding.rule == "narrative.year" else None
            if other is None or finding.actual != other.year:
                yield finding  # the year of the whole text has been reported as one cause


CHECKS: tuple[Check, ...] = (structure, figures, across_years, plausible, narrative)


def validate(
    report: Report, previous: Report | None = None, local: Mapping[str, Change] | None = None
) -> list[Finding]:
    """All findings of a report, in the order of the checks and of the form.

    ``previous`` is last year's report; without it, what the workbook holds of last year is used.
    ``local`` are a department's own changes to the rules (see :mod:`nianbao.core.local`).
    """
    last = previous or report.previous
    found = [finding for check in CHECKS for finding in check(report, last)]
    return list(explained(tuned(one_cause(report, found), local or {}, report.form), report))


#: The rules whose findings only repeat what a wrong figure elsewhere causes, once that is corrected.
_REPEATED = ("narrative.mismatch", "previous.jump")


def one_cause(report: Report, findings: Sequence[Finding]) -> Sequence[Finding]:
    """The findings without those that vanish with a correction that another finding suggests, or offers as likeliest."""
    if not any(f.rule in _REPEATED for f in findings):
        return findings
    corrections = [corrected(report, findings), *_offered(report, findings)]
    return [
        f
        for f in findings
        if f.rule not in _REPEATED or not any(after and _vanishes(f, report, after) for after in corrections)
    ]


def _offered(report: Report, findings: Sequence[Finding]) -> Iterator[Mapping[Cell, Figure]]:
    """What the figures become by the likeliest correction of each error that suggests none."""
    for finding in findings:
        first = finding.candidates[0] if finding.candidates else None
        if finding.suggestion is None and finding.severity == "error" and first and first.cell is not None:
            hint = Suggestion(first.cell, first.value, first.why)
            yield corrected(report, [finding._replace(suggestion=hint)])


def _vanishes(finding: Finding, report: Report, after: Mapping[Cell, Figure]) -> bool:
    """Whether a figure that contradicts the text, or last year's, is what it should be after the corrections."""
    if not any(cell in after for cell in finding.cells):
        return False
    cells = finding.cells if finding.rule == "narrative.mismatch" else finding.cells[:1]
    now = sum(report.amount(cell) or 0 for cell in cells)
    right = sum(after.get(cell, report.amount(cell) or 0) for cell in cells)
    if finding.rule == "narrative.mismatch":
        return finding.expected == now and finding.actual == right
    before = finding.expected
    return not isinstance(before, str) and before is not None and not jumps(right, before)
