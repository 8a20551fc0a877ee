"""The main path: a report, all checks in order, findings."""

from collections.abc import Iterator, Mapping

from nianbao.checks import Check
from nianbao.checks.cells import figures
from nianbao.checks.explain import explained
from nianbao.checks.plausible import plausible
from nianbao.checks.previous import previous as across_years
from nianbao.checks.structure import structure
from nianbao.core.finding import Finding
from nianbao.core.local import Change, tuned
from nianbao.core.report import Report


def narrative(report: Report, previous: Report | None) -> Iterator[Finding]:
    """The checks of the text; their modules are loaded once a report has any, or was handed in without."""
    if report.given or any(raw and not raw.isspace() for _, _, raw in report.text()):
        from nianbao.checks.narrative.check import narrative as checks

        yield from checks(report, previous)


CHECKS: tuple[Check, ...] = (structure, figures, across_years, plausible, narrative)


def validate(
    report: Report, previous: Report | None = None, local: Mapping[str, Change] | None = None
) -> list[Finding]:
    """All findings of a report, in the order of the checks and of the form.

    ``previous`` is last year's report; without it, what the workbook holds of last year is used.
    ``local`` are a department's own changes to the rules (see :mod:`nianbao.core.local`).
    """
    last = previous or report.previous
    found = (finding for check in CHECKS for finding in check(report, last))
    return list(explained(tuned(found, local or {}, report.form), report))


def count(findings: list[Finding], severity: str) -> int:
    """How many findings are of a severity."""
    return sum(finding.severity == severity for finding in findings)
