"""The year of a report against the calendar, the text and last year's data; one wrong year is one finding."""

from dataclasses import replace
from datetime import date

import pytest

from nianbao.checks.cells import text_year
from nianbao.checks.validate import validate
from nianbao.core.finding import Finding
from nianbao.core.report import Report
from support.build import hubei

NOW = date.today().year


def years(report: Report) -> list[Finding]:
    return [f for f in validate(report) if "year" in f.rule]


def workbook(year: int, text: str = "工作有序开展。") -> Report:
    """A report as it is read from a workbook, with a text that names no year of its own."""
    return replace(
        hubei(),
        year=year,
        preamble=(),
        narrative={"overview": (text,)},
        lines={"overview": (6,)},
        previous=None,
    )


@pytest.mark.parametrize("year", [2022, 2023, 2025])
def test_a_cover_with_another_year_than_the_text_is_one_error(year: int) -> None:
    (told,) = years(replace(hubei(), year=year))
    assert (told.rule, told.severity) == ("form.year", "error")
    assert (told.expected, told.actual) == (2021, year)
    assert f"封面填报的是{year}年度，正文写的是2021年（“2021年1月1日”等 2 处）" in told.message


def test_signs_and_full_width_digits_are_years_too() -> None:
    text = {"overview": ("二〇二三年，我局认真落实。",), "problems": ("２０２３年，信息更新还不够及时。",)}
    other = text_year(replace(hubei(), preamble=(), narrative=text))
    assert other is not None and (other.year, other.times) == (2023, 2)


@pytest.mark.parametrize(
    "text",
    [
        "2022年，我厅将继续完善制度。",
        "2022年计划增加解读。",
        "自2019年5月15日起施行的《条例》得到落实。",
        "2020年以来，公开渠道不断拓展。",
    ],
)
def test_plans_comparisons_and_history_are_no_evidence(text: str) -> None:
    assert (
        years(replace(hubei(), narrative={**hubei().narrative, "problems": (text,), "other": (text,)})) == []
    )


def test_a_year_after_this_one_is_an_error() -> None:
    (told,) = years(workbook(NOW + 1))
    assert (told.rule, told.severity) == ("form.year", "error")
    assert f"今年是{NOW}年" in told.message


def test_a_year_that_is_not_last_year_is_to_be_verified_unless_the_text_confirms_it() -> None:
    assert years(workbook(NOW - 1)) == []
    (told,) = years(workbook(NOW - 2))
    assert (told.rule, told.severity) == ("form.old_year", "verify")
    assert years(workbook(NOW - 2, f"{NOW - 2}年，本机关工作有序开展。")) == []
    assert years(replace(workbook(NOW - 2), previous=replace(hubei(), year=NOW - 3))) == []


def test_interchange_data_of_any_year_is_not_questioned() -> None:
    assert years(replace(workbook(NOW - 3), lines={})) == []
