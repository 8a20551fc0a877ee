"""Structure: what the reading met (changed layout, unknown cells), and whether the form fits the year."""

from collections.abc import Iterator

from nianbao.core.cell import Anchor
from nianbao.core.finding import CODES, Finding
from nianbao.core.report import Report

#: No agency's full name has more characters.
LONGEST = 100


def structure(report: Report, previous: Report | None) -> Iterator[Finding]:
    """``form.*``: findings of the reading, the agency's name, the form's years."""
    yield from report.problems
    if not report.agency.strip():
        yield _finding("form.agency", "没有填写填报单位，请在封面填写单位全称")
    elif len(report.agency.strip()) > LONGEST:
        said = f"填报单位“{report.agency.strip()[:12]}…”有 {len(report.agency.strip())} 个字，不像单位名称"
        yield _finding("form.agency", f"{said}，请只填写单位全称（不超过 {LONGEST} 个字）")
    if report.year is None and any(problem.rule == "form.year" for problem in report.problems):
        return
    if report.year is None:
        yield _finding("form.year", "没有填写报告年度，请在封面填写四位年份")
    elif not report.form.covers(report.year):
        yield _finding("form.year", _wrong_year(report, report.year))


def _finding(rule: str, message: str) -> Finding:
    where = Anchor("cover", rule.partition(".")[2])
    return Finding(rule, CODES[rule].severity, (), message, at=where)


def _wrong_year(report: Report, year: int) -> str:
    first, last = report.form.years
    period = f"{first}年及以后年度" if last is None else f"{first}至{last}年度"
    return (
        f"本表式（{report.form.authority}）用于{period}的报告，填报的是{year}年度，"
        "请核对年度，或改用该年度规定的表式重新填报"
    )
