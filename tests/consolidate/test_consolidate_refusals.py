"""What a consolidation refuses in one sentence, and what it takes as it was meant."""

import json
import multiprocessing.process
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from nianbao.checks.validate import validate
from nianbao.cli import main
from nianbao.consolidate.submissions import ACCEPTED, RETURNED
from nianbao.core.files import Unreadable, staging, sweep
from nianbao.core.report import with_figures
from nianbao.workbook.reader import read
from support.units import (
    APPEALS,
    LICENSING,
    YEAR,
    put,
    reason,
    run,
    save,
    states,
    total,
    unit,
    units,
    word_lines,
    words,
)


def choices(folder: Path, name: str, exclude: str = "复议") -> Path:
    said = [{"unit": name, "exclude": [exclude], "reason": "由复议机关计入", "date": "2025-02-01"}]
    file = folder / "不计入.json"
    file.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return file


@pytest.mark.long
@pytest.mark.parametrize("name", ["第 1 号单位", "第1号单位（本级）", unit(1).agency_code.lower()])
def test_a_choice_finds_its_unit_as_the_roster_does(tmp_path: Path, name: str) -> None:
    put(tmp_path / "in", *units((1, 2)))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", choices=choices(tmp_path, name))
    assert [result.report.figures[cell] for cell in APPEALS] == [unit(2).figures[cell] for cell in APPEALS]
    assert "第1号单位" in words(tmp_path / "汇总.xlsx", "口径说明")


def test_a_choice_by_the_rosters_alias_is_applied(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    (tmp_path / "名录.csv").write_text("名称,别名\n第1号单位,一局\n第2号单位,\n", encoding="utf-8")
    file = choices(tmp_path, "一局")
    result = run(tmp_path / "in", tmp_path / "a.xlsx", choices=file, roster=tmp_path / "名录.csv")
    assert [result.report.figures[cell] for cell in APPEALS] == [unit(2).figures[cell] for cell in APPEALS]


def test_a_choice_that_means_nobody_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    with pytest.raises(Unreadable, match="清河县不存在局"):
        run(tmp_path / "in", tmp_path / "a.xlsx", choices=choices(tmp_path, "清河县不存在局"))


def test_a_choice_whose_unit_is_written_wrong_is_told_with_the_unit_it_resembles(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    roster = tmp_path / "名录.csv"
    roster.write_text(f"单位名称\n{unit(1).agency}\n清河县民政局\n", encoding="utf-8")
    with pytest.raises(Unreadable, match="名录中相近的有“清河县民政局”；请改成"):
        run(tmp_path / "in", tmp_path / "a.xlsx", roster=roster, choices=choices(tmp_path, "清河县民正局"))


@pytest.mark.long
def test_what_is_left_out_of_every_unit_is_nought_and_told(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    run(tmp_path / "in", tmp_path / "汇总.xlsx", choices=choices(tmp_path, "*"))
    summary = read(tmp_path / "汇总.xlsx")
    assert {summary.figures[cell] for cell in APPEALS} == {0}
    assert not [f.message for f in validate(summary) if f.severity == "error" and f.cells and not f.places]
    assert "所有单位都不计入，合计填 0" in words(tmp_path / "汇总.xlsx", "口径说明")


@pytest.mark.long
def test_an_item_left_out_is_told_by_its_name(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    file = choices(tmp_path, unit(1).agency_code, "disclosure.fees.amount")
    run(tmp_path / "in", tmp_path / "汇总.xlsx", choices=file)
    said = words(tmp_path / "汇总.xlsx", "口径说明")
    assert "disclosure" not in said and "不计入的指标\n第1号单位" in said


@pytest.mark.long
def test_a_file_name_that_is_no_utf8_is_read_and_shown(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    save(with_figures(unit(3), {LICENSING: "163件"}), tmp_path / "in" / "\udcb5\udca5\udcce\udcbb.json")
    save(unit(4), tmp_path / "in" / "\udcbe\udcd6.json")
    asked = {"returns": tmp_path / "退回", "to": ("csv", "json", "parquet"), "remind": tmp_path / "催报.txt"}
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", **asked)
    assert states(result)["\\xbe\\xd6.json"] == ACCEPTED
    assert result.report.figures == total(units((1, 2, 4)))
    assert "\\xb5\\xa5λ.json" in words(tmp_path / "汇总.xlsx", "报送情况")
    assert (tmp_path / "退回" / "\\xb5\\xa5λ.校验.xlsx").exists()


def test_a_worker_that_cannot_be_started_ends_the_run_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    put(tmp_path / "in", *units((1, 2)))
    monkeypatch.setattr(multiprocessing.process.BaseProcess, "start", refuse)
    with pytest.raises(Unreadable, match="无法启动读取进程"):
        run(tmp_path / "in", tmp_path / "汇总.xlsx")


@pytest.mark.many
@pytest.mark.parametrize(
    ("part", "year"),
    [("own", YEAR - 1), ("whole", YEAR + 1), ("previous", YEAR), ("previous", YEAR - 2), ("previous", None)],
)
def test_a_named_report_of_the_wrong_year_is_refused(tmp_path: Path, part: str, year: int | None) -> None:
    put(tmp_path / "in", *units((1, 2)))
    file = save(replace(unit(50), year=year), tmp_path / "另.json")
    with pytest.raises(Unreadable, match="报告年度为"):
        run(tmp_path / "in", tmp_path / "汇总.xlsx", **{part: file})


def test_a_faulty_copy_does_not_turn_the_good_one_away(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    save(with_figures(unit(1), {LICENSING: "163件"}), tmp_path / "in" / "又一份.json")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert states(result)["第1号单位.json"] == ACCEPTED and states(result)["又一份.json"] == RETURNED
    assert "强制性问题" in reason(result, "又一份.json") and "另有" not in reason(result, "又一份.json")


def test_one_code_under_two_names_is_told(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1), replace(unit(2), agency_code=unit(1).agency_code))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert "代码相同而名称不同（“第2号单位”）" in reason(result, "第1号单位.json")


@pytest.mark.long
def test_a_report_rejected_beside_another_is_not_told_to_be_corrected(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    save(replace(unit(2), agency=unit(1).agency, agency_code=""), tmp_path / "in" / "另一份.json")
    run(tmp_path / "in", tmp_path / "汇总.xlsx", returns=tmp_path / "退回")
    (letter,) = (tmp_path / "退回").glob("*.退回意见.docx")
    page = "".join(word_lines(letter))
    assert f"退回{YEAR}年" in page and "请改正" not in page and "标出" not in page
    assert "请按退回原因处理后重新报送" in page


def test_the_first_problems_of_a_returned_report_are_quoted_and_the_others_counted(tmp_path: Path) -> None:
    slips = dict.fromkeys(unit(1).form.cells[:12], "若干")
    put(tmp_path / "in", with_figures(unit(1), {LICENSING: "163件", APPEALS[0]: "两件"}), unit(2))
    put(tmp_path / "in", with_figures(unit(3), slips))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    told = {case.head.name: case.full_reason for case in result.cases}
    assert "163件" in told["第1号单位.json"] and "两件" in told["第1号单位.json"]
    assert "等 " in told["第3号单位.json"] and len(told["第3号单位.json"]) < 300


@pytest.mark.long
def test_one_unit_counted_twice_by_the_whole_explains_all_differences(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2, 4)))
    given = replace(unit(1), agency="某市", figures=total(units((1, 2, 2, 4))), scope="含下级汇总")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", whole=save(given, tmp_path / "整体.json"))
    assert "整体报告似重复计入该单位" in words(tmp_path / "汇总.xlsx", "差额表")
    assert [said for said in result.warnings() if "与本级＋下级不等" in said]
    assert "whole.difference" in words(tmp_path / "汇总.xlsx", "问题清单")


@pytest.mark.long
def test_an_own_report_that_the_whole_left_out_explains_all_differences(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    given = replace(unit(1), agency="某市", figures=total(units((1, 2))), scope="含下级汇总")
    own = save(unit(50), tmp_path / "本级.json")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", whole=save(given, tmp_path / "整体.json"), own=own)
    assert "整体报告似未计入本级" in words(tmp_path / "汇总.xlsx", "差额表")
    assert any("本级＋下级大于整体" in said for said in result.warnings())


def said(*asked: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["consolidate", "--jobs", "1", *map(str, asked)])
    return result.exit_code, result.output


@pytest.mark.long
def test_an_own_report_with_errors_is_told_and_ends_in_one(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    own = save(with_figures(unit(50), {LICENSING: "163件"}), tmp_path / "本级.json")
    code, output = said(tmp_path / "in", "-o", tmp_path / "汇总.xlsx", "--own", own)
    assert code == 1 and "强制性问题" in output
    assert "本级报告：" in words(tmp_path / "汇总.xlsx", "问题清单")


def test_a_folder_without_a_usable_report_ends_in_one(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "配置.json").write_text('{"name": "x"}')
    asked = ("-o", tmp_path / "汇总.xlsx", "--return", tmp_path / "退回", "--remind", tmp_path / "催报.txt")
    code, output = said(tmp_path / "in", *asked)
    assert code == 1 and "没有一份可以计入的年报" in output
    assert not list((tmp_path / "退回").glob("*.docx")), "what is no report goes back to nobody"
    assert "配置.json" in (tmp_path / "催报.txt").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("target", "remind"), [("汇总.xls", "催报.txt"), ("汇总.xlsx", "催报.docx"), ("汇总.xlsx", "有.txt")]
)
def test_outputs_are_checked_before_the_work(tmp_path: Path, target: str, remind: str) -> None:
    put(tmp_path / "in", unit(1))
    (tmp_path / "有.txt").write_text("旧")
    code, output = said(tmp_path / "in", "-o", tmp_path / target, "--remind", tmp_path / remind)
    assert code == 2 and output.startswith("错误：")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "有.txt"]


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    old, young = tmp_path / ".nianbao-old.xlsx", tmp_path / ".nianbao-young.xlsx"
    for path in (old, young):
        path.write_bytes(b"")
    os.utime(old, (1, 1))
    run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert (old.exists(), young.exists()) == (False, True)


def test_what_a_process_of_this_computer_left_that_is_no_more_is_removed_at_once(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    mine = staging()
    theirs = mine.replace(f"-{os.getpid()}-", f"-{gone.pid}-")
    for folder in (tmp_path, tmp_path / "退回", tmp_path / "退回" / "催报函"):
        (folder / f"{theirs}x").mkdir(parents=True)
        (folder / f"{mine}x").mkdir()
    sweep(tmp_path, tmp_path / "退回", tmp_path / "退回" / "催报函")
    left = list(tmp_path.rglob(".nianbao-*"))
    assert len(left) == 3 and all(path.name.startswith(mine) for path in left)


def test_an_unnamed_report_is_returned_and_the_rosters_foot_is_no_unit(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    save(replace(unit(2), agency="", agency_code=""), tmp_path / "in" / "无名.json")
    (tmp_path / "名录.csv").write_text("名称,主管部门\n第1号单位,甲\n合计,\n", encoding="utf-8")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=tmp_path / "名录.csv")
    assert states(result)["无名.json"] == RETURNED and "没有填写单位名称" in reason(result, "无名.json")
    assert result.roster is not None and [u.superior for u in result.roster.units] == ["甲"]


def test_a_roster_with_values_of_another_kind_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    (tmp_path / "名录.json").write_text('[{"name": ["第1号单位"]}]', encoding="utf-8")
    with pytest.raises(Unreadable, match="不是文字"):
        run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=tmp_path / "名录.json")


@pytest.mark.long
def test_a_summary_of_nobody_named_asks_for_the_name(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert result.report.agency == "" and "请填写汇总单位" in words(tmp_path / "汇总.xlsx", "口径说明")


def test_a_node_of_the_roster_without_a_report_is_not_missing(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    (tmp_path / "名录.csv").write_text(
        "名称,上级,汇总节点\n县,,是\n第1号单位,县,\n乡,县,\n", encoding="utf-8"
    )
    asked = {"roster": tmp_path / "名录.csv", "remind": tmp_path / "催报.txt"}
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", **asked)
    assert [standing.state for standing in result.standings] == ["汇总节点", "已报", "未报"]
    assert "尚未报送的单位 1 个：\n1. 乡" in (tmp_path / "催报.txt").read_text(encoding="utf-8-sig")


@pytest.mark.long
def test_units_that_say_something_else_than_their_groups_summary_are_told(tmp_path: Path) -> None:
    put(tmp_path / "组", *units((1, 2)))
    run(tmp_path / "组", tmp_path / "in" / "组.xlsx", agency="某组")
    put(tmp_path / "in", unit(1), replace(unit(3), agency=unit(2).agency, agency_code=unit(2).agency_code))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert any("与其所列单位单独报送的数字之和不同" in said for said in result.warnings())
    assert "请核对以哪一份为准" in words(tmp_path / "汇总.xlsx", "口径说明")


@pytest.mark.long
def test_a_corrected_report_beside_its_groups_summary_is_told(tmp_path: Path) -> None:
    put(tmp_path / "组", *units((1, 2, 4)))
    run(tmp_path / "组", tmp_path / "in" / "组.xlsx", agency="某组")
    put(tmp_path / "in", unit(1), replace(unit(3), agency=unit(2).agency, agency_code=unit(2).agency_code))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    (told,) = result.warnings()
    assert "“第2号单位”单独报送的报告" in told and "本次按汇总计入" in told


@pytest.mark.parametrize("what", ["roster", "choices", "rules"])
def test_lists_nested_without_end_are_refused_in_one_sentence(tmp_path: Path, what: str) -> None:
    put(tmp_path / "in", unit(1))
    path = tmp_path / "深.json"
    path.write_text("[" * 200_000 + "]" * 200_000, encoding="utf-8")
    with pytest.raises(Unreadable, match="JSON"):
        run(tmp_path / "in", tmp_path / "汇总.xlsx", **{what: path})


@pytest.mark.parametrize(
    "asked",
    [
        ["-o", "汇总.xlsx", "--return", "文件/退回"],
        ["-o", "汇总.xlsx", "--return", "文件"],
        ["-o", "汇总.xlsx", "--return", "他人"],
        ["-o", "汇总.xlsx", "--remind", "文件/名单.txt"],
        ["-o", "文件/汇总.xlsx"],
        ["--new", "文件/汇总设置.xlsx"],
    ],
)
def test_a_place_that_cannot_be_written_is_told_before_anything_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    put(Path("in"), *units((1, 2)))
    Path("文件").write_text("", encoding="utf-8")
    Path("他人").mkdir()
    Path("他人/.退回记录.json").write_text("别人的", encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    done = CliRunner().invoke(main, ["consolidate", "in", *asked])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("错误：") and done.stderr.count("\n") == 1
    assert "请" in done.stderr and "已经写成" not in done.stderr
    assert sorted(tmp_path.rglob("*")) == before
