"""The stamp of a workbook: short formulas, distinct weights, older workbooks renewed."""

from pathlib import Path

import openpyxl

from nianbao.checks.validate import validate
from nianbao.workbook import layout as at
from nianbao.workbook import stamp
from nianbao.workbook.layout import Layout
from nianbao.workbook.marks import mark
from nianbao.workbook.reader import read
from nianbao.workbook.template import write
from support.build import FORM, hubei, tiny


def test_every_sign_has_a_weight_of_its_own() -> None:
    assert len(set(stamp.SIGNS)) == len(stamp.SIGNS) == len(set(stamp.WEIGHTS.values()))


def test_a_word_weighs_by_its_signs_its_length_and_its_row() -> None:
    assert stamp.weigh("", 9) == 0
    assert stamp.weigh("甲乙", 7) == 14
    assert stamp.weigh("全部", 7) != stamp.weigh("部分", 7)
    assert stamp.weigh("维持", 8) == 8 * stamp.weigh("维持", 1)


def test_the_formulas_are_short_enough_and_use_nothing_newer_than_excel_2010() -> None:
    for form in (FORM, tiny()):
        for _, formula in stamp.formulas(Layout.of(form)):
            assert len(formula) < 4000
            for newer in ("UNICODE", "CONCAT", "LET(", "TEXTJOIN", "_xlfn"):
                assert newer not in formula


def test_an_older_workbook_gets_the_formulas_of_now_when_it_is_flagged(tmp_path: Path) -> None:
    write(hubei(), tmp_path / "年报.xlsx")
    book = openpyxl.load_workbook(tmp_path / "年报.xlsx")
    page = book[at.RESULTS]
    page[at.STAMP_NOW.a1].value = "=1"
    for n in range(stamp.parts(Layout.of(FORM))):
        page[stamp.part(n).a1].value = None
    book.save(tmp_path / "旧.xlsx")
    report = read(tmp_path / "旧.xlsx")
    mark(tmp_path / "旧.xlsx", tmp_path / "标.xlsx", report, validate(report))
    after = openpyxl.load_workbook(tmp_path / "标.xlsx")[at.RESULTS]
    assert {after[spot.a1].value for spot, _ in stamp.formulas(Layout.of(FORM))} == {
        formula for _, formula in stamp.formulas(Layout.of(FORM))
    }


def test_a_workbook_whose_sheet_of_results_was_deleted_is_flagged_without_a_stamp_of_its_own(
    tmp_path: Path,
) -> None:
    write(hubei(), tmp_path / "年报.xlsx")
    book = openpyxl.load_workbook(tmp_path / "年报.xlsx")
    del book[at.RESULTS]
    book.save(tmp_path / "旧.xlsx")
    report = read(tmp_path / "旧.xlsx")
    mark(tmp_path / "旧.xlsx", tmp_path / "标.xlsx", report, validate(report))
    assert openpyxl.load_workbook(tmp_path / "标.xlsx")[at.RESULTS][at.STAMP_NOW.a1].value is None
