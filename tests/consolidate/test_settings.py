"""汇总设置.xlsx: filled in once, run every day; what nobody changed is replaced, what somebody changed is kept."""

import datetime
import errno
import re
import tempfile
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import openpyxl
import pytest
from click.testing import CliRunner

from nianbao.cli import main
from nianbao.consolidate.choices import gather_choices
from nianbao.consolidate.settings import local_rules, new_settings
from nianbao.core import form as forms
from nianbao.core.files import Unreadable
from nianbao.core.grid import Cell
from nianbao.core.report import Explanation, with_figures
from nianbao.workbook.reader import read
from support.books import write
from support.units import YEAR, put, total, unit, units


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A filled-in workbook of settings: three units on the roster, one item left out."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "data"))
    path = tmp_path / "工作" / "汇总设置.xlsx"
    assert CliRunner().invoke(main, ["consolidate", "--new", str(path)]).exit_code == 0
    book = openpyxl.load_workbook(path)
    answers = {"汇总单位": "某县人民政府", "年度": YEAR, "截止日期": "2099年1月20日", "联系人": "张三"}
    for row in book["设置"].iter_rows(min_row=4):
        row[1].value = answers.get(row[0].value)
    for number in (1, 2, 3):
        book["名录"].append([unit(number).agency])
    book.save(path)
    return path


def run(settings: Path) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["consolidate", str(settings)])
    return done.exit_code, done.output


@pytest.mark.long
def test_one_workbook_makes_the_summary_the_letters_and_the_notice(settings: Path) -> None:
    put(settings.parent / "报送", unit(1), unit(2, year=YEAR - 1))
    code, said = run(settings)
    assert code == 1 and "未报：第3号单位" in said and "退回：第2号单位" in said
    notice = (settings.parent / "催报名单.txt").read_text("utf-8-sig")
    assert "第3号单位" in notice and "2099年1月20日前报送" in notice and "联系人：张三" in notice
    assert read(settings.parent / "汇总.xlsx").agency == "某县人民政府"
    assert list((settings.parent / "退回").glob("第2号单位*"))
    names = {path.name for path in settings.parent.iterdir() if not path.name.startswith(".")}
    assert names == {"汇总设置.xlsx", "报送", "退回", "汇总.xlsx", "催报名单.txt"}
    shown = openpyxl.load_workbook(settings.parent / "汇总.xlsx")
    assert "差额表" not in shown.sheetnames
    words = [
        str(cell.value) for row in shown["三、申请办理"].iter_rows(max_row=4) for cell in row if cell.value
    ]
    assert any("只含 1 个单位，未报 1，退回 1" in text for text in words)


@pytest.mark.long
def test_the_next_days_run_updates_what_nobody_changed(settings: Path) -> None:
    put(settings.parent / "报送", *units((1, 2)))
    assert run(settings)[0] == 1
    put(settings.parent / "报送", unit(3))
    assert run(settings)[0] == 0
    figures = read(settings.parent / "汇总.xlsx").figures
    assert figures == total(units((1, 2, 3)))
    changed = settings.parent / "汇总.xlsx"
    book = openpyxl.load_workbook(changed)
    book["封面"]["D7"] = "改过"
    book.save(changed)
    before = changed.read_bytes()
    assert run(settings)[0] == 0
    assert changed.read_bytes() == before and read(settings.parent / "汇总(2).xlsx").figures == figures


@pytest.mark.long
def test_what_staff_wrote_into_yesterdays_summary_stands_in_todays(settings: Path) -> None:
    put(settings.parent / "报送", *units((1, 2)))
    run(settings)
    yesterday, today = settings.parent / "汇总.xlsx", settings.parent / "汇总(2).xlsx"
    written = replace(
        read(yesterday),
        preamble=("根据《条例》编制本报告。",),
        narrative={
            "overview": ("全市公开工作平稳。",),
            "problems": ("存在的问题。",),
            "requests": ("表下的说明。",),
        },
        explanations=(Explanation("plausible.requests.received", ("requests.received.total",), "属实"),),
        level="县级政府",
    )
    yesterday.unlink()
    write(written, yesterday)
    put(settings.parent / "报送", unit(3))
    code, words = run(settings)
    assert code == 0 and "汇总.xlsx 您改过，已保留原样；今天的数字在 汇总(2).xlsx" in words
    assert "前言、“一、总体情况”" in words and "审核说明已带入 汇总(2).xlsx" in words
    report = read(today)
    assert report.figures == total(units((1, 2, 3))) and report.preamble == written.preamble
    assert {key: text for key, text in report.narrative.items() if text} == written.narrative
    assert [e.text for e in report.explanations] == ["属实"] and report.level == written.level
    put(settings.parent / "报送", unit(4))
    yesterday.unlink()
    run(settings)
    assert read(yesterday).narrative == report.narrative, "what was carried over is carried on"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (("汇总单位", None), "没有填写汇总单位"),
        (("年度", "去年"), "不是年份"),
        (("本级", "无.xlsx"), "找不到"),
    ],
)
def test_what_is_missing_in_the_settings_is_told(
    settings: Path, answer: tuple[str, str | None], words: str
) -> None:
    book = openpyxl.load_workbook(settings)
    for row in book["设置"].iter_rows(min_row=4):
        if row[0].value == answer[0]:
            row[1].value = answer[1]
    book.save(settings)
    code, said = run(settings)
    assert code == 2 and words in said


def test_items_left_out_are_chosen_on_a_sheet(settings: Path) -> None:
    put(settings.parent / "报送", *units((1, 2, 3)))
    book = openpyxl.load_workbook(settings)
    book["不计入指标"].append(["所有下级单位", "复议", "由复议机关统一计入", "2025-01-10"])
    book.save(settings)
    assert run(settings)[0] == 0
    left = [v for c, v in read(settings.parent / "汇总.xlsx").figures.items() if c.row == "reconsideration"]
    assert set(left) == {0}


@pytest.mark.long
def test_a_rule_is_switched_off_by_its_chinese_name(settings: Path) -> None:
    book = openpyxl.load_workbook(settings)
    report = with_figures(unit(1), {Cell("disclosure", "fees", "amount"): Decimal("0.5")})
    put(settings.parent / "报送", report, unit(2), unit(3))
    run(settings)
    name = next(row[4].value for row in lines(settings) if row[1].value == unit(1).agency)
    book["本地规则"].append([name, "停用", "小额收费属实", "2025-01-05"])
    book.save(settings)
    run(settings)
    assert not [row for row in lines(settings) if row[1].value == unit(1).agency and row[4].value == name]


def lines(settings: Path) -> list[tuple[Cell, ...]]:
    page = openpyxl.load_workbook(BytesIO((settings.parent / "汇总.xlsx").read_bytes()), read_only=True)[
        "问题清单"
    ]
    return list(page.iter_rows(min_row=5))


def test_an_item_is_left_out_by_its_chinese_name(settings: Path) -> None:
    book = openpyxl.load_workbook(settings)
    book["不计入指标"].append(["所有下级单位", "行政许可·本年处理决定数量", "由市级统一计入", "2025-01-05"])
    book.save(settings)
    put(settings.parent / "报送", *units((1, 2, 3)))
    assert run(settings)[0] == 0
    assert read(settings.parent / "汇总.xlsx").figures[Cell("disclosure", "licensing", "decisions")] == 0


@pytest.mark.parametrize(
    ("word", "words"),
    [
        (
            "许可证",
            "“许可证”不认识.*最相近的是“行政许可·本年处理决定数量”；.*“单位明细”表头.*分组：现行有效、复议",
        ),
        ("行政处罚", "最相近的是“行政处罚·本年处理决定数量”"),
        ("复义", "最相近的是“复议”"),
        ("abc", "“abc”不认识；请写指标名称"),
    ],
)
def test_an_item_that_is_not_known_is_told_with_the_one_most_like_it(
    settings: Path, word: str, words: str
) -> None:
    book = openpyxl.load_workbook(settings)
    book["不计入指标"].append(["所有下级单位", word, "由市级统一计入", "2025-01-05"])
    book.save(settings)
    with pytest.raises(Unreadable) as refused:
        gather_choices(forms.load("cn-2021"), None, settings)
    assert re.search(words, str(refused.value))


def test_new_settings_never_replace_those_that_are_there(tmp_path: Path) -> None:
    first, second = new_settings(tmp_path), new_settings(tmp_path)
    assert (first.name, second.name) == ("汇总设置.xlsx", "汇总设置(2).xlsx") and (tmp_path / "报送").is_dir()


def sheet_of_rules(settings: Path, *rows: tuple[Any, ...]) -> Path:
    book = openpyxl.load_workbook(settings)
    for row in rows:
        book["本地规则"].append(row)
    book.save(settings)
    return settings


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [
                ("增减幅度过大", "停用", "本市统一口径", "2025-01-05"),
                ("previous.jump", "改为提示", "本市统一口径", "2025-01-05"),
            ],
            "写了不止一次",
        ),
        ([("增减幅度过大", "停用", "本市统一口径", "2026-13-45")], "日期 2026-13-45 不存在"),
        ([("增减幅度过大", "停用", "本市统一口径", "今年")], "日期 今年 不存在"),
        ([("增减幅度过大", "停用", "本市统一口径")], "本地规则“增减幅度过大”没有写日期"),
        (
            [("申请平衡", "停用", "本市统一口径", "2025-01-05")],
            "：“申请平衡”是规定格式的强制性规则，不能停用或降级",
        ),
        (
            [("增减幅度太大", "停用", "本市统一口径", "2025-01-05")],
            "没有规则“增减幅度太大”.*是不是“增减幅度过大”？",
        ),
    ],
)
def test_the_sheet_of_local_rules_is_held_to_what_the_file_is_held_to(
    settings: Path, rows: list[tuple[Any, ...]], words: str
) -> None:
    with pytest.raises(Unreadable, match=words):
        local_rules(sheet_of_rules(settings, *rows), forms.load("cn-2021"))


@pytest.mark.parametrize("day", ["2025-01-05", "2025年1月5日", "2025.1.5", datetime.date(2025, 1, 5)])
def test_the_day_of_a_local_rule_may_be_written_as_staff_write_days(settings: Path, day: Any) -> None:
    rules = local_rules(
        sheet_of_rules(settings, ("增减幅度过大", "停用", "本市统一口径", day)), forms.load("cn-2021")
    )
    assert rules["previous.jump"].date == "2025-01-05"


def answer(settings: Path, label: str, value: object) -> None:
    book = openpyxl.load_workbook(settings)
    for row in book["设置"].iter_rows(min_row=4):
        if row[0].value == label:
            row[1].value = value  # type: ignore[assignment]
    book.save(settings)


def test_after_the_deadline_letters_ask_at_once_and_the_run_says_so(settings: Path) -> None:
    answer(settings, "截止日期", "2020-1-5")
    put(settings.parent / "报送", unit(1))
    _, words = run(settings)
    assert "截止日期 2020年1月5日 已过" in words
    messages = (settings.parent / "退回" / "通知消息.txt").read_text("utf-8-sig")
    assert "已超过报送期限（2020年1月5日），请立即报送" in messages and "2020年1月5日前" not in messages


def test_a_fixed_day_dates_the_letters(settings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1578009600")  # 3 January 2020
    answer(settings, "截止日期", "2020-1-5")
    put(settings.parent / "报送", unit(1))
    _, words = run(settings)
    assert "已过" not in words
    messages = (settings.parent / "退回" / "通知消息.txt").read_text("utf-8-sig")
    assert "请于2020年1月5日前" in messages
    assert "2020年1月3日" in (settings.parent / "催报名单.txt").read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("label", "value", "words"),
    [("截止日期", "尽快", "截止日期“尽快”不是日期"), ("报送文件夹", "没有的", "行“报送文件夹”所写的文件夹")],
)
def test_a_deadline_that_is_no_date_and_a_folder_that_is_not_there_are_refused(
    settings: Path, label: str, value: str, words: str
) -> None:
    answer(settings, label, value)
    code, said = run(settings)
    assert code == 2 and words in said


@pytest.mark.long
def test_the_run_says_what_it_made_what_is_new_and_whom_to_call(settings: Path) -> None:
    book = openpyxl.load_workbook(settings)
    book["名录"]["G4"], book["名录"]["H4"] = "王五", "0712-33"
    book.save(settings)
    doubtful = with_figures(unit(2), {Cell("disclosure", "fees", "amount"): Decimal("0.5")})
    put(settings.parent / "报送", unit(1), doubtful)
    _, words = run(settings)
    assert (
        "退回 文件夹：退回意见 0 份、催报函 1 份、通知消息.txt" in words and "催报名单：催报名单.txt" in words
    )
    assert "接收但须核实：第2号单位" in words
    messages = (settings.parent / "退回" / "通知消息.txt").read_text("utf-8-sig")
    assert "【王五 0712-33】第3号单位：尚未收到" in messages and "第2号单位：报送的" in messages
    assert "联系人：王五 0712-33" in (settings.parent / "催报名单.txt").read_text("utf-8-sig")
    letter = settings.parent / "退回" / "催报函" / "第3号单位.催报函.docx"
    letter.write_bytes(letter.read_bytes() + b"edited")
    _, words = run(settings)
    name = "第3号单位.催报函"
    assert f"{name}.docx 您改过，已保留；今天的另存为 {name}(2).docx" in words and "不需要" not in words
    put(settings.parent / "报送", unit(3), unit(1, year=YEAR - 1))
    _, words = run(settings)
    assert "比上次新写的：" in words and f"{name}.docx 您改过，今天已不需要，没有删除" in words


def test_without_units_on_the_roster_the_run_warns(settings: Path) -> None:
    book = openpyxl.load_workbook(settings)
    book["名录"].delete_rows(2, 10)
    book.save(settings)
    put(settings.parent / "报送", unit(1))
    _, words = run(settings)
    assert "“名录”表是空的" in words
    notice = (settings.parent / "催报名单.txt").read_text("utf-8-sig")
    assert "没有提供名录" in notice and "尚未报送的单位 0" not in notice


@pytest.mark.parametrize("place", ["退回", "汇总.xlsx"])
def test_where_nothing_can_be_written_is_told_before_anything_is_read(
    settings: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    if place == "退回":
        (settings.parent / place).write_text("", encoding="utf-8")
    else:
        monkeypatch.setattr(tempfile, "TemporaryFile", Mock(side_effect=OSError(errno.EACCES, "denied")))
    put(settings.parent / "报送", unit(1))
    before = sorted(settings.parent.rglob("*"))
    code, words = run(settings)
    assert code == 2
    assert words.startswith("错误：") and words.count("\n") == 1
    assert sorted(settings.parent.rglob("*")) == before
