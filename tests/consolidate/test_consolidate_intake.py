"""No file of the folder vanishes without a word, nothing outside it is read, one odd place stops nothing."""

import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document

from nianbao.consolidate.folder import find
from nianbao.consolidate.result import MISSING, SENT_BACK
from nianbao.consolidate.submissions import ACCEPTED, DUPLICATE, EARLIER, FOREIGN, RETURNED, VERIFY
from nianbao.core.report import with_figures
from nianbao.workbook.reader import read
from support.badfiles import not_workbooks
from support.books import write
from support.units import (
    LICENSING,
    name,
    put,
    reason,
    roster,
    run,
    save,
    standings,
    states,
    total,
    unit,
    units,
    word_lines,
    words,
)

ROWS = [("名称",), *((name(n),) for n in range(1, 9))]


def plant(folder: Path) -> None:
    """What comes in beside workbooks: a report as Word, page, PDF, archives, a note, a picture."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name(2)}年报.docx", "w") as file:
        file.writestr("word/document.xml", "<w/>")
        file.writestr("[Content_Types].xml", "<w/>")
    with zipfile.ZipFile(folder / "打包.zip", "w") as file:
        file.writestr("a.xlsx", "x")
    for file_name, data in {
        f"{name(3)}年报.html": b"<!doctype html><html><table></table></html>",
        f"{name(4)}.pdf": b"%PDF-1.7 ...",
        "报送.rar": b"Rar!\x1a\x07\0" + bytes(99),
        "说明.txt": "请查收".encode(),
        "照片.jpg": b"\xff\xd8\xff",
        "无后缀": b"\x00\x01\x02",
    }.items():
        (folder / file_name).write_bytes(data)


def test_every_file_is_named_with_a_reason_and_what_to_do(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    plant(tmp_path / "in")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=roster(tmp_path, *ROWS))
    found = states(result)
    assert {file for file, state in found.items() if state == RETURNED} == {
        f"{name(2)}年报.docx",
        f"{name(3)}年报.html",
        f"{name(4)}.pdf",
    }
    assert {file for file, state in found.items() if state == FOREIGN} == {
        "打包.zip",
        "报送.rar",
        "说明.txt",
        "照片.jpg",
        "无后缀",
    }
    for file in (f"{name(2)}年报.docx", f"{name(3)}年报.html", f"{name(4)}.pdf"):
        assert "须先导入成工作簿" in reason(result, file) and "nianbao import" in reason(result, file)
    for file in ("打包.zip", "报送.rar"):
        assert "请先解压" in reason(result, file)
    known = standings(result)
    assert [known[name(n)] for n in range(2, 6)] == [SENT_BACK] * 3 + [MISSING]


def test_a_workbook_without_an_ending_is_read_by_its_content(tmp_path: Path) -> None:
    save(unit(1), tmp_path / "in" / "年报.xlsx").rename(tmp_path / "in" / "年报")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert states(result) == {"年报": ACCEPTED} and result.report.figures == total(units((1,)))


def test_what_systems_and_programs_leave_is_passed_over(tmp_path: Path) -> None:
    for file in ("Thumbs.db", "desktop.ini", ".DS_Store", "a.tmp", "~$a.docx", "__MACOSX/._a.xlsx"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(b"x")
    assert find(tmp_path) == []


def test_a_link_is_refused_wherever_it_leads(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    put(tmp_path / "外", unit(2))
    (tmp_path / "in" / "x.json").symlink_to(tmp_path / "外" / f"{name(2)}.json")
    (tmp_path / "in" / "夹").symlink_to(tmp_path / "外")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert states(result) == {f"{name(1)}.json": ACCEPTED, "x.json": FOREIGN, "夹": FOREIGN}
    assert "没有跟随" in reason(result, "x.json") and "没有跟随" in reason(result, "夹")
    assert result.report.figures == total(units((1,)))


def test_a_folder_that_does_not_open_is_told_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "in", unit(1))
    put(tmp_path / "in" / "锁", unit(2))
    scan = os.scandir

    def refuse(path: Path) -> object:
        if str(path).endswith("锁"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert states(result) == {f"{name(1)}.json": ACCEPTED, "锁/": FOREIGN}
    assert "这个文件夹打不开" in reason(result, "锁/")


@pytest.mark.long
@pytest.mark.parametrize("beside", [True, False])
def test_a_flagged_copy_that_comes_back_corrected_is_read(tmp_path: Path, beside: bool) -> None:
    wrong = with_figures(unit(2), {LICENSING: "163件"})
    put(tmp_path / "in", unit(1))
    put(tmp_path / "in", wrong, suffix=".xlsx")
    run(tmp_path / "in", tmp_path / "一.xlsx", returns=tmp_path / "退回")
    copy = tmp_path / "退回" / f"{name(2)}.校验.xlsx"
    assert read(copy).raw[LICENSING] == "163件"
    copy.unlink()
    write(unit(2), tmp_path / "in" / copy.name)
    if not beside:
        (tmp_path / "in" / f"{name(2)}.xlsx").unlink()
    result = run(tmp_path / "in", tmp_path / "二.xlsx")
    assert states(result)[copy.name] in (ACCEPTED, VERIFY)
    if beside:
        assert states(result)[f"{name(2)}.xlsx"] == DUPLICATE
        assert "已由改正后的副本" in reason(result, f"{name(2)}.xlsx")
    assert result.report.figures == total(units((1, 2)))


@pytest.mark.long
def test_a_flagged_copy_that_nobody_changed_is_told_beside_its_original(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    put(tmp_path / "in", with_figures(unit(2), {LICENSING: "163件"}), suffix=".xlsx")
    run(tmp_path / "in", tmp_path / "一.xlsx", returns=tmp_path / "in" / "退回")
    again = run(tmp_path / "in", tmp_path / "二.xlsx", returns=tmp_path / "又退回")
    assert states(again) == {
        f"{name(1)}.json": ACCEPTED,
        f"{name(2)}.xlsx": RETURNED,
        f"退回/{name(2)}.校验.xlsx": DUPLICATE,
    }
    assert "内容没有改动" in reason(again, f"退回/{name(2)}.校验.xlsx")


@pytest.mark.long
def test_the_folder_of_what_goes_back_is_not_read(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    put(tmp_path / "in", with_figures(unit(2), {LICENSING: "163件"}), suffix=".xlsx")
    for target in ("一.xlsx", "二.xlsx"):
        result = run(tmp_path / "in", tmp_path / target, returns=tmp_path / "in" / "退回")
    assert set(states(result)) == {f"{name(1)}.json", f"{name(2)}.xlsx"}


@pytest.mark.long
@pytest.mark.parametrize("agency", ["", "某市"])
def test_a_summary_made_of_this_folder_before_is_known_by_its_content(tmp_path: Path, agency: str) -> None:
    put(tmp_path / "in", *units((1, 2, 4)))
    run(tmp_path / "in", tmp_path / "in" / "汇总.xlsx", agency=agency)
    (tmp_path / "in" / "汇总.xlsx").rename(tmp_path / "in" / "某某v2.xlsx")
    (tmp_path / "in" / f"{name(4)}.json").unlink()
    put(tmp_path / "in", replace(unit(5), agency=name(2), agency_code=unit(2).agency_code))
    result = run(tmp_path / "in", tmp_path / "再汇总.xlsx", agency="某市")
    assert states(result)["某某v2.xlsx"] == EARLIER
    assert "以前生成的汇总（列有 3 个单位）" in reason(result, "某某v2.xlsx")
    assert result.report.figures == total([unit(1), unit(5)])
    assert "以前生成的汇总" in words(tmp_path / "再汇总.xlsx", "口径说明")


@pytest.mark.long
def test_the_letter_says_how_a_corrected_copy_is_sent_back(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1), with_figures(unit(2), {LICENSING: "163件"}))
    run(tmp_path / "in", tmp_path / "汇总.xlsx", returns=tmp_path / "退回")
    letter = "".join(word_lines(tmp_path / "退回" / f"{name(2)}.退回意见.docx"))
    assert f"副本“{name(2)}.校验.xlsx”" in letter and "改好后把副本报来，文件名不限" in letter


@pytest.mark.long
def test_a_report_that_no_workbook_holds_stops_no_other_letter(tmp_path: Path) -> None:
    wrong = with_figures(unit(2), {LICENSING: "163件"})
    put(tmp_path / "in", unit(1))
    save(replace(wrong, narrative={"overview": ("长" * 40_000,)}), tmp_path / "in" / "a长段.json")
    put(tmp_path / "in", with_figures(unit(3), {LICENSING: "163件"}))
    asked = {"returns": tmp_path / "退回", "remind": tmp_path / "催报.txt"}
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", **asked)
    assert states(result)["a长段.json"] == RETURNED and (tmp_path / "催报.txt").exists()
    letter = "".join(word_lines(tmp_path / "退回" / "a长段.退回意见.docx"))
    assert "问题未能在工作簿中标出" in letter
    assert (tmp_path / "退回" / f"{name(3)}.校验.xlsx").exists()


def test_an_old_workbook_beside_the_one_it_was_saved_as_has_had_its_part(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1), suffix=".xlsx")
    old = dict(not_workbooks())["旧版.xls"]
    old(tmp_path / "in" / f"{name(1)}.xls")
    old(tmp_path / "in" / f"{name(2)}.xls")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert states(result) == {
        f"{name(1)}.xls": DUPLICATE,
        f"{name(1)}.xlsx": ACCEPTED,
        f"{name(2)}.xls": RETURNED,
    }
    assert reason(result, f"{name(1)}.xls") == f"已按“{name(1)}.xlsx”计入，这份 .xls 文件不另计"


@pytest.mark.long
def test_a_word_report_is_its_units_and_waits_for_its_import(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    docx = tmp_path / "in" / "医保局2024年报（定稿）.docx"
    whole = tmp_path / "in" / "扫描件3.docx"
    for path, text in ((docx, "年报"), (whole, "某市水利局2024年政府信息公开工作年度报告")):
        document = Document()
        document.add_paragraph(text)
        document.save(str(path))
    rows = (("名称",), (name(1),), *((f"某市{what}局",) for what in ("医疗保障", "水利", "体育")))
    listed = roster(tmp_path, *rows)
    asked = {"roster": listed, "returns": tmp_path / "退回", "resume": True, "update": True}
    result = run(tmp_path / "in", tmp_path / "a.xlsx", **asked)
    assert states(result)[docx.name] == RETURNED and "须先导入成工作簿" in reason(result, docx.name)
    assert any(
        f"nianbao import {docx} -o {docx.with_suffix('.xlsx')}" in w.replace("'", "")
        for w in result.warnings()
    )
    assert states(result)[whole.name] in (RETURNED, FOREIGN)
    letters = {path.name for path in (tmp_path / "退回").rglob("*.docx")}
    assert "某市体育局.催报函.docx" in letters and not any("医" in name for name in letters)
    save(replace(unit(2), agency="某市医疗保障局", agency_code=""), docx.with_suffix(".xlsx"))
    again = run(tmp_path / "in", tmp_path / "b.xlsx", **asked)
    assert states(again)[docx.name] == DUPLICATE and f"已按“{docx.with_suffix('.xlsx').name}”计入" in reason(
        again, docx.name
    )
