"""汇总 behind its button: the roster it finds by itself, and what its message says."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from nianbao.core.files import Unreadable
from nianbao.excel.verbs import (
    SHOWN,
    consolidated,
    consolidated_settings,
    fresh_settings,
    look_into,
    rosters,
)
from nianbao.workbook.reader import read
from support.units import name, put, run, unit, units


def seen(_: str) -> None:
    """Nobody looks at the status bar."""


def listed(path: Path, *names: str) -> Path:
    """A roster as staff write it: a title, the header, a unit a row."""
    book = openpyxl.Workbook()
    for row in (("报送单位名单",), ("序号", "单位名称"), *enumerate(names, 1)):
        book.active.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize(
    "called",
    [
        "名册.xlsx",
        "单位名册.xlsx",
        "单位名单.xlsx",
        "名录.csv",
        "2024年报送单位名录.XLSX",
        "下属单位名单.json",
    ],
)
def test_a_roster_is_known_by_its_name(tmp_path: Path, called: str) -> None:
    for other in (
        "~$名册.xlsx",
        "名册.docx",
        "甲局名单局.xlsx",
        "催报名单.csv",
        "年报.xlsx",
        "名册（旧）.xlsx",
    ):
        (tmp_path / other).touch()
    (tmp_path / "名录").mkdir()
    (tmp_path / called).touch()
    assert rosters(tmp_path) == [tmp_path / called]


@pytest.mark.long
def test_the_one_roster_of_the_folder_tells_who_is_missing(tmp_path: Path) -> None:
    put(tmp_path / "报送", *units((1, 2)))
    listed(tmp_path / "报送/单位名册.xlsx", name(1), name(2), name(3))
    said = consolidated(tmp_path / "报送", tmp_path / "汇总.xlsx", seen)
    assert "已按文件夹中的名录“单位名册.xlsx”核对报送情况。" in said
    assert "名录 3 个单位：已报 2，未报 1" in said
    assert "共 2 个文件" in said, "the roster is no unit's report"
    assert f"汇总工作簿：{tmp_path / '汇总.xlsx'}" in said
    page = openpyxl.load_workbook(BytesIO((tmp_path / "汇总.xlsx").read_bytes()), read_only=True)["报送情况"]
    assert name(3) in [cell.value for row in page.iter_rows() for cell in row]


@pytest.mark.long
def test_of_two_rosters_none_is_used_and_that_is_told(tmp_path: Path) -> None:
    put(tmp_path / "报送", *units((1, 2)))
    for called in ("名册.xlsx", "单位名单.xlsx"):
        listed(tmp_path / "报送" / called, name(1))
    said = consolidated(tmp_path / "报送", tmp_path / "汇总.xlsx", seen)
    assert "文件夹中有 2 个名录（“单位名单.xlsx”、“名册.xlsx”），不能确定用哪一个" in said
    assert "未报 " not in said


def test_without_a_roster_nothing_is_said_of_one(tmp_path: Path) -> None:
    put(tmp_path / "报送", *units((1, 2)))
    said = consolidated(tmp_path / "报送", tmp_path / "汇总.xlsx", seen)
    assert "名录" not in said and "名册" not in said
    assert "请核对：" not in said
    assert read(tmp_path / "汇总.xlsx").year == 2024


def test_a_roster_that_is_none_is_one_sentence_and_no_summary(tmp_path: Path) -> None:
    put(tmp_path / "报送", *units((1,)))
    (tmp_path / "报送/名录.csv").write_text("第一列,第二列\n1,2\n", encoding="utf-8")
    with pytest.raises(Unreadable, match=r"名录\.csv：没有找到名录的表头；名录须有“单位名称”一列"):
        consolidated(tmp_path / "报送", tmp_path / "汇总.xlsx", seen)
    assert not (tmp_path / "汇总.xlsx").exists()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="文件夹打不开"):
        consolidated(tmp_path / "没有", tmp_path / "汇总.xlsx", seen)


@pytest.mark.long
def test_a_message_without_a_countable_report_says_so(tmp_path: Path) -> None:
    (tmp_path / "报送").mkdir()
    (tmp_path / "报送/坏.xlsx").write_bytes(b"PK\3\4")
    said = consolidated(tmp_path / "报送", tmp_path / "汇总.xlsx", seen)
    assert "没有一份可以计入的年报，汇总各格空白，不能使用。" in said


@pytest.mark.long
def test_a_summary_that_differs_from_its_own_units_is_told_in_the_message(tmp_path: Path) -> None:
    put(tmp_path / "组", *units((1, 2)))
    run(tmp_path / "组", tmp_path / "报送/组.xlsx", agency="某组")
    put(tmp_path / "报送", unit(1), replace(unit(3), agency=name(2), agency_code=unit(2).agency_code))
    said = consolidated(tmp_path / "报送", tmp_path / "汇总.xlsx", seen)
    (line,) = [line for line in said.splitlines() if line.startswith("请核对：")]
    assert "与其所列单位单独报送的数字之和不同" in line and line.endswith("。")


def test_what_is_to_be_looked_into_is_one_sentence_and_never_a_long_one() -> None:
    assert list(look_into([], "口径说明")) == []
    assert list(look_into(["甲不等。", "乙重复"], "口径说明")) == ["请核对：甲不等；乙重复。"]
    many = [f"第{n}项" for n in range(SHOWN + 3)]
    assert list(look_into(many, "口径说明")) == [
        "请核对：第0项；第1项；第2项；第3项；第4项……共 8 项，全部见“口径说明”。"
    ]


@pytest.mark.long
def test_settings_made_by_the_button_give_summary_and_letters_and_replace_them_next_day(
    tmp_path: Path,
) -> None:
    settings = fresh_settings(tmp_path)
    assert settings.name == "汇总设置.xlsx" and (tmp_path / "报送").is_dir()
    assert fresh_settings(tmp_path) != settings, "never over one that is there"
    book = openpyxl.load_workbook(settings)
    for row in book["设置"].iter_rows():
        if row[0].value == "汇总单位":
            book["设置"].cell(row[0].row, 2).value = "某市人民政府"
    for row in range(2, 5):
        book["名录"].cell(row, 1).value = name(row - 1)
    book.save(settings)
    put(tmp_path / "报送", unit(1))
    first, target = consolidated_settings(settings, seen)
    assert "已报 1" in first and str(target) in first and "催报名单.txt" in first
    put(tmp_path / "报送", unit(2))
    second, again = consolidated_settings(settings, seen)
    assert "已报 2" in second and again == target


@pytest.mark.long
def test_what_goes_back_is_written_beside_the_folder(tmp_path: Path) -> None:
    put(tmp_path / "报送", *units((1, 2)))
    (tmp_path / "报送/坏.xlsx").write_bytes(b"PK\3\4")
    listed(tmp_path / "报送/名录.xlsx", name(1), name(2), name(3))
    (tmp_path / "报送催报名单.txt").write_text("别人的文件", encoding="utf-8")
    said = consolidated(tmp_path / "报送", tmp_path / "汇总.xlsx", seen)
    assert f"退回意见、催报函和标好问题的副本：{tmp_path / '报送退回'}" in said
    assert f"催报名单：{tmp_path / '报送催报名单(2).txt'}" in said
    assert (tmp_path / "报送退回/全部催报函.docx").is_file()
    assert name(3) in (tmp_path / "报送催报名单(2).txt").read_text(encoding="utf-8-sig")
    assert (tmp_path / "报送催报名单.txt").read_text(encoding="utf-8") == "别人的文件"


def test_where_all_is_in_no_folder_of_returns_is_made_or_named(tmp_path: Path) -> None:
    put(tmp_path / "报送", *units((1, 2)))
    said = consolidated(tmp_path / "报送", tmp_path / "汇总.xlsx", seen)
    assert "退回意见" not in said and "催报名单" not in said
    assert not (tmp_path / "报送退回").exists()
