"""Nothing is changed in silence: long figures, codes in odd signs; lists that look and print as they should."""

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from nianbao.core.report import parse
from support.build import FORM
from support.units import FEES, REGULATIONS, put, run, save, states, unit, units


def told(folder: Path, literal: str) -> tuple[str, str]:
    """What becomes of a report whose fees are that JSON literal, and why."""
    put(folder / "in", unit(1))
    file = folder / "in" / "第1号单位.json"
    data = json.loads(file.read_text(encoding="utf-8"))
    data["tables"]["disclosure"]["fees"]["amount"] = "@"
    file.write_text(json.dumps(data).replace('"@"', literal), encoding="utf-8")
    result = run(folder / "in", folder / "汇总.xlsx")
    return states(result)["第1号单位.json"], result.cases[0].full_reason


def test_a_figure_with_more_digits_than_a_spreadsheet_holds_is_sent_back(tmp_path: Path) -> None:
    state, why = told(tmp_path, "0.1234567890123456789")
    assert state == "退回" and "超过 15 位有效数字" in why


def test_the_noise_of_a_binary_fraction_is_no_reason(tmp_path: Path) -> None:
    assert told(tmp_path, "30.000000000000004")[0] == "接收"
    report = parse((tmp_path / "in" / "第1号单位.json").read_bytes(), "x")
    assert report.figures[FEES] == 30


@pytest.mark.long
def test_a_code_in_full_width_signs_is_shown_plain_and_told(tmp_path: Path) -> None:
    put(tmp_path / "in", replace(unit(1), agency_code="１１４２00 0001"))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    book = openpyxl.load_workbook(tmp_path / "汇总.xlsx")
    assert book["单位明细"]["C6"].value == "1142000001"
    assert ["有全角字符或空格，按“1142000001”登记" in note for note in result.cases[0].notes] == [True]


@pytest.mark.long
def test_blank_figures_of_the_detail_stand_in_a_frame_like_the_others(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(3))
    run(tmp_path / "in", tmp_path / "汇总.xlsx")
    page = openpyxl.load_workbook(tmp_path / "汇总.xlsx")["单位明细"]
    blank = page.cell(6, 7 + FORM.cells.index(REGULATIONS[0]))
    assert blank.value is None and blank.border.left.style == blank.border.bottom.style == "thin"


@pytest.mark.long
def test_lists_print_across_a_page_and_wide_sheets_on_large_paper(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    (tmp_path / "名录.csv").write_text("名称,上级\n第1号单位,甲\n第2号单位,甲\n", encoding="utf-8")
    whole = save(unit(3), tmp_path / "整体.json")
    run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=tmp_path / "名录.csv", whole=whole)
    book = openpyxl.load_workbook(tmp_path / "汇总.xlsx")
    for name in ("报送情况", "问题清单", "差额表", "口径说明"):
        assert book[name].sheet_properties.pageSetUpPr.fitToPage and book[name].page_setup.paperSize == 9
    for name in ("单位明细", "分级小计"):
        assert book[name].page_setup.paperSize == 8 and book[name].print_title_cols == "$A:$B"


@pytest.mark.long
def test_subtotals_and_differences_are_formulas_over_the_detail(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    (tmp_path / "名录.csv").write_text("名称,上级\n第1号单位,甲*县\n第2号单位,甲*县\n", encoding="utf-8")
    whole = save(unit(3), tmp_path / "整体.json")
    run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=tmp_path / "名录.csv", whole=whole)
    book = openpyxl.load_workbook(tmp_path / "汇总.xlsx")
    assert '"*|甲~*县|*"' in book["分级小计"]["J5"].value
    assert book["差额表"]["F5"].value.startswith("=SUMIFS('单位明细'!")
