"""Structure: what the reading met (changed layout, unknown cells), the agency's name, and the year of the report."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from nianbao.core.cell import Anchor, Place
from nianbao.core.finding import CODES, Finding, Severity
from nianbao.core.report import Report
from nianbao.core.text import year_in

#: No agency's full name has more characters.
LONGEST = 100
#: A year as the subject of a sentence: at its beginning, as the period that is counted, or in the report's title.
_YEAR = r"((?:19|20|１９|２０)\d\d|[一二][〇○零九][〇○零一二三四五六七八九]{2})年"
_OPENS = re.compile(rf"^[\s　（(“]*{_YEAR}(?=度|[，,]|全年|我|本|全)")
_COUNTED = re.compile(rf"{_YEAR}1月1日|{_YEAR}度?政府信息公开")
#: Sentences that speak of what is to come, or compare with another year.
_OTHER = re.compile(r"将|下一步|计划|拟|力争|相比|同比|较上年|历年|以来|起施行")
_SENTENCE = re.compile(r"[。！？；\n]")
#: The text must name a year in so many sections, and so many times as often as the report's own, to weigh against the cover.
SECTIONS, CLEARLY = 2, 2


def structure(report: Report, previous: Report | None) -> Iterator[Finding]:
    """``form.*``: findings of the reading, the agency's name, the form's years and the year of the cover."""
    yield from report.problems
    if report.incomplete and not any(problem.rule == "summary.below" for problem in report.problems):
        words = f"所汇总的单位不全：{report.incomplete.partition('：')[2].rstrip('。')}，请核实或说明"
        yield Finding("summary.below", CODES["summary.below"].severity, (), words, at=Anchor("cover"))
    if not report.agency.strip():
        yield _finding("form.agency", "没有填写填报单位，请在封面填写单位全称")
    elif len(report.agency.strip()) > LONGEST:
        begins = f"填报单位“{report.agency.strip()[:12]}…”有 {len(report.agency.strip())} 个字，不像单位名称"
        yield _finding("form.agency", f"{begins}，请只填写单位全称（不超过 {LONGEST} 个字）")
    if report.year is None and any(problem.rule == "form.year" for problem in report.problems):
        return
    if report.year is None:
        yield _finding("form.year", "没有填写报告年度，请在封面填写四位年份")
    elif not report.form.covers(report.year):
        yield _finding("form.year", _wrong_year(report, report.year))
    else:
        yield from _year(report, report.year, date.today().year)


def _year(report: Report, year: int, now: int) -> Iterator[Finding]:
    """The year of the cover against the calendar and the text; one finding says what is wrong with it."""
    other = text_year(report)
    if year > now:
        named = f"，正文写的是{other.year}年" if other else ""
        yield _finding("form.year", f"填报的是{year}年度，今年是{now}年{named}，请核对封面的报告年度")
    elif other:
        quotes = f"（“{other.quote}”等 {other.times} 处）"
        words = f"封面填报的是{year}年度，正文写的是{other.year}年{quotes}，请核对封面的报告年度和正文"
        yield _finding("form.year", words)._replace(expected=other.year, actual=year)
    elif report.lines and year != now - 1 and not _confirmed(report, year):
        words = f"填报的是{year}年度，现在一般报送{now - 1}年度的报告，请核对报告年度"
        yield _finding("form.old_year", words)


def _finding(rule: str, message: str) -> Finding:
    severity: Severity = CODES[rule].severity
    field = "agency" if rule == "form.agency" else "year"
    return Finding(rule, severity, (), message, at=Anchor("cover", field))


def _wrong_year(report: Report, year: int) -> str:
    first, last = report.form.years
    period = f"{first}年及以后年度" if last is None else f"{first}至{last}年度"
    return (
        f"本表式（{report.form.authority}）用于{period}的报告，填报的是{year}年度，"
        "请核对年度，或改用该年度规定的表式重新填报"
    )


class TextYear(NamedTuple):
    """The year that the text as a whole is about, where that is not the report's: how often, where first, in which words."""

    year: int
    times: int
    place: Place
    quote: str


def text_year(report: Report) -> TextYear | None:
    """The other year that the text names as its own, in several sections and clearly more often than the report's."""
    named = list(_named(report))
    if not named or not report.form.language.startswith("zh"):
        return None
    votes = Counter(year for year, _, _ in named)
    year, times = votes.most_common(1)[0]
    places = [(place, quote) for other, place, quote in named if other == year]
    if year == report.year or times < CLEARLY * votes[report.year or 0]:
        return None
    if len({place.section for place, _ in places}) < SECTIONS:
        return None
    return TextYear(year, times, *places[0])


def _confirmed(report: Report, year: int) -> bool:
    """Whether the text, or last year's report beside it, shows that the year is meant."""
    last = report.previous
    return any(named == year for named, _, _ in _named(report)) or (
        last is not None and last.year == year - 1
    )


def _named(report: Report) -> Iterator[tuple[int, Place, str]]:
    """The years that sentences have as their subject, with their place and words; one a sentence."""
    for section, n, text in report.text():
        if "年" not in text:
            continue
        for sentence in _SENTENCE.split(text):
            match = _OPENS.search(sentence) or _COUNTED.search(sentence)
            if match and not _OTHER.search(sentence):
                digits = next(group for group in match.groups() if group)
                year = int(digits) if digits.isdecimal() else year_in(digits)
                if year is not None:
                    yield year, Place(section, n), match[0].strip(" 　（(“")
