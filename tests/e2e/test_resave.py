"""Interchange JSON → workbook → saved again by another program → JSON: nothing is lost, blanks and texts included."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlwings as xw

import libreoffice
from nianbao.checks.validate import validate
from nianbao.core.report import Explanation, Report
from nianbao.workbook.reader import read
from nianbao.workbook.writer import blank
from support.books import mark, write
from support.build import FORM, changed, hubei, plain, tiny_report

HARD = replace(
    changed(
        hubei(),
        {
            "requests.received.natural": "201件",
            "requests.received.business": None,
            "requests.received.research": "/",
            "requests.received.charity": " 12",
            "requests.received.legal": "#REF!",
            "requests.received.other": "=1+1",
            "requests.received.total": 999,
            "requests.carried_in.natural": -17,
            "requests.carried_in.legal": "是",
            "requests.concluded.total": "215",
            "disclosure.fees.amount": Decimal("8988.0625"),
            "disclosure.penalty.decisions": Decimal("0.1"),
            "remedies.reconsideration.total": None,
        },
    ),
    agency='=某"局"<b>&',
    agency_code="00012345",
    level="市级部门",
    narrative={
        "overview": ("=一", ' 二"引" ', "三\n四", "2021", "'五"),
        "requests": ("表旁文字",),
        "other": ("无。",),
    },
    preamble=("前言\n第二行", "二"),
    explanations=(Explanation("previous.jump", ("requests.received.total",), "机构改革，职能划入", "abc"),),
    previous=Report(FORM, '=某"局"<b>&', 2020, {**hubei().figures}),
)


@pytest.mark.parametrize(
    "report",
    [HARD, blank(FORM, 2022, "某局"), tiny_report(granted__press="three")],
    ids=["hard", "empty", "foreign"],
)
class TestSavedAgain:
    def test_by_libreoffice(self, app: xw.App, report: Report, tmp_path: Path) -> None:
        write(report, tmp_path / "book.xlsx")
        libreoffice.recalculated(tmp_path / "book.xlsx", tmp_path / "again.xlsx", app=app)
        assert plain(read(tmp_path / "again.xlsx", report.form)) == plain(report)

    def test_by_a_program_that_leaves_no_calculated_values(self, report: Report, tmp_path: Path) -> None:
        write(report, tmp_path / "book.xlsx")
        openpyxl.load_workbook(tmp_path / "book.xlsx").save(tmp_path / "again.xlsx")
        assert plain(read(tmp_path / "again.xlsx", report.form)) == plain(report)

    def test_flagged_and_then_by_libreoffice(self, app: xw.App, report: Report, tmp_path: Path) -> None:
        write(report, tmp_path / "book.xlsx")
        mark(tmp_path / "book.xlsx", tmp_path / "flagged.xlsx", report, validate(report))
        libreoffice.recalculated(tmp_path / "flagged.xlsx", tmp_path / "again.xlsx", app=app)
        back = plain(read(tmp_path / "again.xlsx", report.form))
        assert back == plain(report)


def shown(path: Path, sheet: str, address: str) -> object:
    return openpyxl.load_workbook(path, data_only=True)[sheet][address].value


class TestTheLineAboveTheResults:
    def test_it_says_whether_anything_changed_since_the_validation(self, app: xw.App, tmp_path: Path) -> None:
        write(hubei(), tmp_path / "book.xlsx")
        mark(tmp_path / "book.xlsx", tmp_path / "flagged.xlsx", hubei(), validate(hubei()))
        libreoffice.recalculated(tmp_path / "flagged.xlsx", tmp_path / "again.xlsx", app=app)
        assert shown(tmp_path / "again.xlsx", "校验结果", "B3") == "校验后未修改"
        assert plain(read(tmp_path / "again.xlsx")) == plain(hubei())
        book = openpyxl.load_workbook(tmp_path / "flagged.xlsx")
        book["三、申请办理"]["E8"].value = 202
        book.save(tmp_path / "edited.xlsx")
        libreoffice.recalculated(tmp_path / "edited.xlsx", tmp_path / "later.xlsx", app=app)
        assert shown(tmp_path / "later.xlsx", "校验结果", "B3") == "校验后已修改，请重新校验"
