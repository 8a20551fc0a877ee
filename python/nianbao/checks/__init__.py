"""Checks: one family of rules a file; each is a plain function from a report to findings."""

from collections.abc import Callable, Iterator

from nianbao.core.finding import Finding
from nianbao.core.report import Report

Check = Callable[[Report, Report | None], Iterator[Finding]]
