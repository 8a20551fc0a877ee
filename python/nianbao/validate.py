"""The main path: a report, all checks in order, findings."""

from nianbao.checks import Check
from nianbao.checks.cells import cells
from nianbao.checks.identities import identities
from nianbao.checks.structure import structure
from nianbao.finding import Finding
from nianbao.report import Report

CHECKS: tuple[Check, ...] = (structure, cells, identities)


def validate(report: Report, previous: Report | None = None) -> list[Finding]:
    """All findings of a report, in the order of the checks and of the form.

    ``previous`` is last year's report; without it, what the workbook holds of last year is used.
    """
    last = previous or report.previous
    return [finding for check in CHECKS for finding in check(report, last)]


def count(findings: list[Finding], severity: str) -> int:
    return sum(finding.severity == severity for finding in findings)
