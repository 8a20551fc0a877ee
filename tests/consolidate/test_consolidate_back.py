"""Back to the units: flagged copies and lists of problems; who is missing; the outputs for machines."""

import csv
import json
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pandas as pd
import pyarrow.parquet as parquet
import pytest

from nianbao.consolidate.returns import names_back
from nianbao.core.report import with_figures
from nianbao.workbook.marks import NOTE_HEAD
from nianbao.workbook.reader import read
from support.build import FORM
from support.units import FEES, LICENSING, REGULATIONS, put, run, save, unit, units, word_lines


def slip(number: int, text: str = "163件") -> object:
    return with_figures(unit(number), {LICENSING: text})


@pytest.mark.long
def test_returned_units_get_a_flagged_copy_and_a_list(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    put(tmp_path / "in" / "县", with_figures(unit(2), {LICENSING: "163件"}), suffix=".xlsx")
    put(tmp_path / "in", with_figures(unit(3), {LICENSING: "<b>若干</b>"}))
    (tmp_path / "in" / "坏.xlsx").write_bytes(b"broken")
    run(tmp_path / "in", tmp_path / "汇总.xlsx", returns=tmp_path / "退回")
    written = sorted(
        path.relative_to(tmp_path / "退回").as_posix() for path in (tmp_path / "退回").rglob("[!.]*.*")
    )
    assert {"全部退回意见.docx", "通知消息.txt"} <= set(written)
    written = [name for name in written if name not in ("全部退回意见.docx", "通知消息.txt")]
    assert written == [
        "县/第2号单位.校验.xlsx",
        "县/第2号单位.退回意见.docx",
        "坏.退回意见.docx",
        "第3号单位.校验.xlsx",
        "第3号单位.退回意见.docx",
    ]
    import openpyxl

    copy = openpyxl.load_workbook(tmp_path / "退回" / "县" / "第2号单位.校验.xlsx")
    assert copy["二、主动公开"]["C11"].comment.text.startswith(NOTE_HEAD)
    page = word_lines(tmp_path / "退回" / "第3号单位.退回意见.docx")
    assert "<b>若干" in "".join(page)
    assert any("现予退回" in text for text in word_lines(tmp_path / "退回" / "坏.退回意见.docx"))


@pytest.mark.long
def test_the_missing_and_the_returned_are_listed_for_a_notice(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1), with_figures(unit(2), {LICENSING: "163件"}))
    (tmp_path / "名录.csv").write_text(
        "名称,上级\n第1号单位,甲\n第2号单位,甲\n=第3号单位,甲\n", encoding="utf-8"
    )
    run(tmp_path / "in", tmp_path / "a.xlsx", roster=tmp_path / "名录.csv", remind=tmp_path / "催报.txt")
    text = (tmp_path / "催报.txt").read_text(encoding="utf-8-sig")
    assert (
        "尚未报送的单位 1 个：\n1. =第3号单位（甲）" in text
        and "1. 第2号单位（甲）：有 1 个强制性问题" in text
    )
    run(tmp_path / "in", tmp_path / "b.xlsx", roster=tmp_path / "名录.csv", remind=tmp_path / "催报.csv")
    with (tmp_path / "催报.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows] == ["单位", "第2号单位", "'=第3号单位"]


def test_the_detail_goes_to_parquet_csv_and_json_exactly(tmp_path: Path) -> None:
    reports = units(range(1, 6))
    put(tmp_path / "in", *reports)
    run(tmp_path / "in", tmp_path / "汇总.xlsx", to=("parquet", "csv", "json"))
    table = parquet.read_table(tmp_path / "汇总.单位明细.parquet").to_pylist()
    records = json.loads((tmp_path / "汇总.单位明细.json").read_text(encoding="utf-8"))
    frame = pd.read_csv(tmp_path / "汇总.单位明细.csv", dtype=str, keep_default_na=False)
    assert [row["unit"] for row in table] == [row["unit"] for row in records] == list(frame["单位"])
    for n, report in enumerate(reports):
        for cell in (FEES, LICENSING, *REGULATIONS, FORM.cells[60]):
            figure = report.figures[cell]
            assert table[n][str(cell)] == figure
            assert frame[FORM.name(cell)][n] == ("" if figure is None else str(figure))
            assert records[n][str(cell)] == (float(figure) if isinstance(figure, Decimal) else figure)


def test_the_findings_go_there_too(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1), with_figures(unit(2), {LICENSING: "163件"}))
    run(tmp_path / "in", tmp_path / "汇总.xlsx", to=("parquet", "csv", "json"))
    rows = parquet.read_table(tmp_path / "汇总.问题清单.parquet").to_pylist()
    assert [row["rule"] for row in rows if row["severity"] == "error"] == ["cell.annotated"]
    assert json.loads((tmp_path / "汇总.问题清单.json").read_text(encoding="utf-8")) == rows


@pytest.mark.long
def test_a_name_that_looks_like_a_formula_is_made_harmless_in_csv(tmp_path: Path) -> None:
    put(tmp_path / "in", replace(unit(1), agency="x"))
    save(replace(unit(2), agency="=cmd|' /C calc'!A0"), tmp_path / "in" / "b.json")
    run(tmp_path / "in", tmp_path / "汇总.xlsx", to=("csv",))
    assert "'=cmd|" in (tmp_path / "汇总.单位明细.csv").read_text(encoding="utf-8-sig")
    import openpyxl

    page = openpyxl.load_workbook(BytesIO((tmp_path / "汇总.xlsx").read_bytes()), read_only=True)["单位明细"]
    assert [page.cell(row, 2).data_type for row in (6, 7)] == ["s", "s"]


@pytest.mark.long
def test_beyond_a_sheets_rows_the_detail_goes_to_csv_and_the_workbook_says_so(tmp_path: Path) -> None:
    reports = units(range(1, 6))
    put(tmp_path / "in", *reports)
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", detail_rows=4)
    assert len(pd.read_csv(tmp_path / "汇总.单位明细.csv")) == 5
    summary = read(tmp_path / "汇总.xlsx")
    assert summary.figures == result.report.figures
    assert [problem.rule for problem in summary.problems] == ["summary.below"]
    import openpyxl

    page = openpyxl.load_workbook(BytesIO((tmp_path / "汇总.xlsx").read_bytes()), read_only=True)["单位明细"]
    assert "共 5 个单位，超过 4 个，明细另存为数据文件" in page["A2"].value


@pytest.mark.many
@pytest.mark.parametrize("kinds", [(), ("json",)])
def test_nothing_is_written_that_was_not_asked_for(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    put(tmp_path / "in", unit(1))
    run(tmp_path / "in", tmp_path / "out" / "汇总.xlsx", to=kinds)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    data = {f"汇总.{what}.{kind}" for kind in kinds for what in ("单位明细", "问题清单")}
    assert names == {"汇总.xlsx", "汇总.汇总记录.sqlite"} | data


def test_what_goes_back_is_named_without_the_kind_unless_two_files_would_be_called_the_same() -> None:
    alone = [
        "县/甲.xlsx",
        "乙.json",
        "丙.校验.xlsx",
        "丁.xlsx.校验.xlsx",
        "戊.xlsx.校验.xlsx.校验.xlsx",
        "2025.1月.校验.xlsx",
    ]
    assert list(names_back(alone).values()) == ["县/甲", "乙", "丙", "丁", "戊", "2025.1月"]
    pairs = ["甲.json", "甲.XLSX", "乙.xlsx", "乙.校验.xlsx", "县/甲.json", "丙.xlsx", "丙.xlsx.xlsx"]
    named = ["甲.json", "甲.XLSX", "乙.xlsx", "乙.校验", "县/甲", "丙", "丙.xlsx.xlsx"]
    assert list(names_back(pairs).values()) == named


def test_a_name_that_is_nothing_but_an_ending_is_not_emptied() -> None:
    assert names_back([".校验.xlsx", "县/.校验.xlsx"]) == {".校验.xlsx": ".校验", "县/.校验.xlsx": "县/.校验"}


@pytest.mark.long
def test_a_copy_sent_again_with_faults_keeps_its_name(tmp_path: Path) -> None:
    wrong = with_figures(unit(2), {LICENSING: "163件"})
    put(tmp_path / "in", wrong, suffix=".xlsx")
    run(tmp_path / "in", tmp_path / "一.xlsx", returns=tmp_path / "一退回")
    (tmp_path / "in" / "第2号单位.xlsx").unlink()
    (tmp_path / "一退回" / "第2号单位.校验.xlsx").rename(tmp_path / "in" / "第2号单位.校验.xlsx")
    run(tmp_path / "in", tmp_path / "二.xlsx", returns=tmp_path / "二退回")
    assert sorted(path.name for path in (tmp_path / "二退回").glob("第*")) == [
        "第2号单位.校验.xlsx", "第2号单位.退回意见.docx",
    ]  # fmt: skip
