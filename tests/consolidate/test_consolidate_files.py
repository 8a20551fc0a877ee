"""One bad, huge, encrypted or hostile file never stops or spoils the rest; each is listed with its own reason."""

from dataclasses import replace
from pathlib import Path

import pytest

from nianbao.consolidate.folder import find
from nianbao.consolidate.submissions import ACCEPTED, DUPLICATE, FOREIGN, RETURNED, VERIFY
from nianbao.core.files import Unreadable
from nianbao.core.grid import Cell
from nianbao.core.report import with_figures
from support.badfiles import plant
from support.units import put, reason, run, save, states, total, unit, units


@pytest.mark.long
def test_among_fifty_bad_files_sixty_good_ones_are_summed_exactly(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    good = units(range(60))
    put(tmp_path / "in" / "好", *good[3:])
    put(tmp_path / "in" / "好", *good[:3], suffix=".xlsx")
    bad = plant(tmp_path / "in" / "坏")
    assert len(bad) >= 40
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", limit=20.0)
    assert result.report.figures == total(good)
    found = states(result)
    assert {found[f"坏/{name}"] for name in bad} == {RETURNED, FOREIGN}
    assert {name for name, state in found.items() if name.startswith("好/")} and len(found) == 60 + len(bad)
    assert {found[f"好/{r.agency}{'.xlsx' if n < 3 else '.json'}"] for n, r in enumerate(good)} == {
        ACCEPTED,
        VERIFY,
    }
    reasons = {c.head.name: c.full_reason for c in result.cases if c.head.name.startswith("坏/")}
    assert all(reasons.values()) and len(set(reasons.values())) == len(bad), reasons
    assert "Traceback" not in "".join(capfd.readouterr())


def test_what_is_no_report_is_told_apart_from_what_is_returned(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    (tmp_path / "in" / "配置.json").write_text('{"name": "x"}')
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert states(result)["配置.json"] == FOREIGN


def test_lock_files_hidden_files_and_our_own_outputs_are_passed_over(tmp_path: Path) -> None:
    names = (
        "~$甲.xlsx",
        ".甲.xlsx",
        ".隐藏/甲.xlsx",
        "甲.校验.xlsx",
        "汇总.单位明细.csv",
        "说明.docx",
        "甲.xlsx",
        "子/乙.JSON",
    )
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert [item.name for item in find(tmp_path)] == ["子/乙.JSON", "甲.xlsx", "甲.校验.xlsx", "说明.docx"]


def test_the_summary_in_the_same_folder_is_not_read_again(tmp_path: Path) -> None:
    put(tmp_path, unit(1), unit(2))
    run(tmp_path, tmp_path / "汇总.xlsx")
    assert set(states(run(tmp_path, tmp_path / "汇总.xlsx", resume=True))) == {
        "第1号单位.json",
        "第2号单位.json",
    }


def test_a_copy_of_a_report_counts_once(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1), unit(2))
    save(unit(1), tmp_path / "in" / "副本.json")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert states(result) == {"副本.json": ACCEPTED, "第1号单位.json": DUPLICATE, "第2号单位.json": ACCEPTED}
    assert result.report.figures == total(units((1, 2)))


def test_two_different_reports_of_one_unit_are_both_returned(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1), unit(2))
    save(replace(unit(2), agency=unit(1).agency, agency_code=""), tmp_path / "in" / "另一份.json")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert states(result) == {"另一份.json": RETURNED, "第1号单位.json": RETURNED, "第2号单位.json": ACCEPTED}
    assert "“第1号单位.json”" in reason(result, "另一份.json")


@pytest.mark.long
def test_the_year_is_that_of_most_reports_or_the_one_asked_for(tmp_path: Path) -> None:
    put(tmp_path / "in", *units(range(1, 4)), unit(4, year=2023))
    assert states(run(tmp_path / "in", tmp_path / "a.xlsx"))["第4号单位.json"] == RETURNED
    asked = run(tmp_path / "in", tmp_path / "b.xlsx", year=2023)
    assert [name for name, state in states(asked).items() if state == ACCEPTED] == ["第4号单位.json"]
    assert "报告年度为 2024，本次汇总为 2023" in reason(asked, "第1号单位.json")


def test_nothing_is_written_into_the_units_folder(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    before = {path: path.read_bytes() for path in (tmp_path / "in").iterdir()}
    run(tmp_path / "in", tmp_path / "out" / "汇总.xlsx")
    assert {path: path.read_bytes() for path in (tmp_path / "in").iterdir()} == before


@pytest.mark.parametrize("there", ["汇总.xlsx", "汇总.单位明细.csv"])
def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path, there: str) -> None:
    put(tmp_path / "in", unit(1))
    (tmp_path / there).write_text("mine")
    with pytest.raises(Unreadable, match="已经存在"):
        run(tmp_path / "in", tmp_path / "汇总.xlsx", to=("csv",))
    assert (tmp_path / there).read_text() == "mine"


def test_a_folder_with_nothing_in_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="没有工作簿"):
        run(tmp_path, tmp_path / "汇总.xlsx")
    with pytest.raises(Unreadable, match="找不到这个文件夹"):
        run(tmp_path / "没有", tmp_path / "汇总.xlsx")


@pytest.mark.long
def test_findings_travel_into_the_list_of_problems_with_links_into_workbooks_only(tmp_path: Path) -> None:
    licensing = Cell("disclosure", "licensing", "decisions")
    put(tmp_path / "in", with_figures(unit(1), {licensing: "163件"}), suffix=".xlsx")
    put(tmp_path / "in", with_figures(unit(2), {licensing: "163件"}))
    import openpyxl

    run(tmp_path / "in", tmp_path / "汇总.xlsx")
    page = openpyxl.load_workbook(tmp_path / "汇总.xlsx")["问题清单"]
    rows = [row for row in page.iter_rows(min_row=5) if row[4].value == "数字带单位文字"]
    shown = [(row[1].value, row[3].value, row[5].value) for row in rows]
    assert shown == [(f"第{n}号单位", "强制性", "二、主动公开 C11") for n in (1, 2)]
    link = rows[0][5].hyperlink
    assert (link.target, link.location) == ("in\\第1号单位.xlsx", "'二、主动公开'!C11")
    assert rows[1][5].hyperlink is None and "交换数据（JSON）没有单元格" in page["A2"].value
