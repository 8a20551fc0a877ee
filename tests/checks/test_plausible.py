"""Figures that the form's own limits put in doubt, blanks that an agency may leave, and last year not filled in."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from nianbao.checks.validate import validate
from nianbao.console import page
from nianbao.core.report import from_json, to_json
from nianbao.workbook.flags import advice
from nianbao.workbook.layout import LEVELS
from nianbao.workbook.reader import read
from support.books import write
from support.build import FORM, changed, hubei

BLANK = {f"disclosure.regulations.{column}": None for column in ("issued", "repealed", "in_force")}


@pytest.mark.parametrize(
    ("level", "amount", "doubted"),
    [
        ("县级部门", "1253600", True),
        ("县级部门", "125.36", False),
        ("县级部门", "99999", False),
        ("乡镇街道", "53600", True),
        ("市级部门", "512000", True),
        ("省级部门", "1253600", False),
        ("", "1253600", False),
        ("", "5000000", True),
        ("县级部门", "0.5", True),
        ("县级部门", "0", False),
    ],
)
def test_a_fee_beyond_what_the_level_takes_is_to_be_verified(level: str, amount: str, doubted: bool) -> None:
    report = replace(changed(hubei(), {"disclosure.fees.amount": Decimal(amount)}), level=level)
    found = [f for f in validate(report) if f.rule == "plausible.amount"]
    assert [f.severity for f in found] == ["verify"] * doubted


def test_the_limits_know_the_levels_that_the_cover_offers() -> None:
    limits = FORM.data["plausible"]["amounts"][0]["limits"]
    assert {"乡镇街道", "县级部门", "县级政府", "市级部门"} <= {*LEVELS} & {
        n for lim in limits for n in lim["levels"]
    }


def test_blank_regulations_are_spoken_of_alike_where_the_level_has_no_such_power() -> None:
    report = replace(changed(hubei(), BLANK), level="县级部门")
    findings = [f for f in validate(report) if f.rule == "cell.blank"]
    assert {(f.severity, f.suggestion) for f in findings} == {("info", None)}
    said = [
        *(f.message for f in findings),
        *(advice(f, report) for f in findings),
        page(Path("x"), report, findings),
    ]
    assert all("可以空着" in words and "没有的请填 0" not in words and "写明" not in words for words in said)
    assert (
        "可以空着，不必填 0，也不必说明（封面的行政层级须填明）"
        in FORM.tables["disclosure"].rows["regulations"].hint
    )


def test_a_workbook_without_last_years_data_is_told_that_nothing_was_compared(tmp_path: Path) -> None:
    write(hubei(), tmp_path / "book.xlsx")
    report = read(tmp_path / "book.xlsx")
    (told,) = [f for f in validate(report) if f.rule.startswith("previous.")]
    assert (told.rule, told.severity) == ("previous.missing", "info")
    assert "上年数据" in told.message
    last = replace(hubei(), year=2020)
    assert "previous.missing" not in [f.rule for f in validate(report, last)]


def test_interchange_json_need_not_have_last_years_data() -> None:
    report = from_json(to_json(hubei()), FORM)
    assert [f for f in validate(report) if f.rule.startswith("previous.")] == []
