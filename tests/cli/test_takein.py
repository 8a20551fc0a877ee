"""Taking in a report from wherever it stands, the demonstration, and the shipped template."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from nianbao.cli import main
from nianbao.core.files import shipped
from nianbao.core.report import dump
from nianbao.importer import take
from nianbao.ingest.source import not_opened
from nianbao.workbook.reader import read
from support.books import write
from support.build import hubei, plain


def run(*args: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(a) for a in args])
    return result.exit_code, result.output


def test_a_workbook_of_ours_and_json_are_taken_in_without_a_doubt(tmp_path: Path) -> None:
    write(hubei(), tmp_path / "年报.xlsx")
    (tmp_path / "年报.json").write_text(dump(hubei()), encoding="utf-8")
    for name in ("年报.xlsx", "年报.json"):
        report, doubts, *_ = take(tmp_path / name)
        assert plain(report) == plain(hubei())
        assert doubts == ()


@pytest.mark.long
def test_an_exported_page_and_word_file_come_back_as_they_were(tmp_path: Path) -> None:
    write(hubei(), tmp_path / "年报.xlsx")
    assert run("export", tmp_path / "年报.xlsx", "--to", "html,docx,json", "-o", tmp_path)[0] == 0
    want = {
        k: v
        for k, v in plain(hubei()).items()
        if k in ("agency", "year", "form", "tables", "narrative", "preamble")
    }
    for ending in ("html", "docx", "json"):
        (page,) = tmp_path.glob(f"*报告.{ending}")
        target = tmp_path / f"{ending}.back.json"
        assert run("import", page, "-o", target)[0] == 0
        back = json.loads(target.read_text(encoding="utf-8"))
        assert {k: back[k] for k in want} == want


def test_another_workbook_with_the_tables_is_taken_in_by_its_labels(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["某县水务局2021年政府信息公开工作年度报告"])
    page.append(["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"])
    page.append(["行政规范性文件", 4, 1, 30])
    book.save(tmp_path / "旧表.xlsx")
    report, doubts, *_ = take(tmp_path / "旧表.xlsx")
    assert (report.agency, report.year) == ("某县水务局", 2021)
    assert plain(report)["tables"]["disclosure"]["normative"] == {"issued": 4, "repealed": 1, "in_force": 30}
    assert doubts


def changed(tmp_path: Path, change: str) -> Path:
    """The report of Hubei in a workbook that somebody changed as staff do."""
    from openpyxl import load_workbook

    path = tmp_path / "改过.xlsx"
    write(hubei(), path)
    book = load_workbook(path)
    if change == "no cover":
        del book["封面"]
    elif change == "other form":
        for row in book["封面"].iter_rows(max_row=20, max_col=6):
            for cell in row:
                if cell.value == "cn-2021":
                    cell.value = "cn-1999"
    elif change == "renamed":
        book["三、申请办理"].title = "依申请公开"
    elif change == "all renamed":
        for name, other in (("二、主动公开", "甲"), ("三、申请办理", "乙"), ("四、复议诉讼", "丙")):
            book[name].title = other
    elif change == "row, merged cells left where they were":
        book["三、申请办理"].insert_rows(9)
    elif change == "column, merged cells left where they were":
        book["三、申请办理"].insert_cols(4)
    elif change == "row":
        page = book["二、主动公开"]
        for merged in list(page.merged_cells.ranges):
            page.unmerge_cells(str(merged))
        page.insert_rows(5)
    book.save(path)
    return path


CHANGES = ["no cover", "other form", "renamed", "all renamed", "row"]
SLIPPED = ["row, merged cells left where they were", "column, merged cells left where they were"]


@pytest.mark.many
@pytest.mark.parametrize("change", [*CHANGES, *SLIPPED])
def test_a_changed_workbook_of_ours_is_read_by_its_labels_and_told(tmp_path: Path, change: str) -> None:
    code, output = run("import", changed(tmp_path, change), "-o", tmp_path / "出.json")
    assert code == 1
    assert "已按表中的文字读入，请核对" in output
    got = json.loads((tmp_path / "出.json").read_text(encoding="utf-8"))
    want = plain(hubei())
    assert got["tables"] == want["tables"]  # the totals too, though openpyxl saves formulas without results
    assert "不是规定的表格" not in output
    if change != "no cover":
        assert (got["agency"], got["year"]) == (want["agency"], want["year"])
    assert {k: tuple(v) for k, v in got["narrative"].items()} == {
        k: tuple(v) for k, v in want["narrative"].items()
    }


def test_cells_out_of_their_order_in_the_file_are_not_lost(tmp_path: Path) -> None:
    import re
    import zipfile

    write(hubei(), tmp_path / "年报.xlsx")
    target = tmp_path / "乱序.xlsx"
    with zipfile.ZipFile(tmp_path / "年报.xlsx") as source, zipfile.ZipFile(target, "w") as out:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet3.xml":
                row = r'(<row r="14"[^>]*>.*?)(<c r="C14".*?)(<c r="D14".*?)(</row>)'
                data, count = re.subn(row, r"\1\3\2\4", data.decode(), flags=re.DOTALL), 0
                data, count = data[0].encode(), data[1]
                assert count == 1
            out.writestr(name, data)
    assert plain(read(target)) == plain(hubei())


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"<p>hello</p>", b"PK\x03\x04broken", b"{"])
def test_what_is_no_report_is_told_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    code, output = run("import", tmp_path / "x", "-o", tmp_path / "y.json")
    assert code == 2
    assert output.startswith("错误：")
    assert len(output.strip().splitlines()) == 1
    assert not (tmp_path / "y.json").exists()


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "年报.json").write_text(dump(hubei()), encoding="utf-8")
    mine = tmp_path / "有用.xlsx"
    mine.write_text("mine")
    code, output = run("import", tmp_path / "年报.json", "-o", mine)
    assert (code, mine.read_text()) == (2, "mine")
    assert "不覆盖" in output


@pytest.mark.long
def test_the_demonstration_finds_the_slip_and_says_what_to_open(tmp_path: Path) -> None:
    code, output = run("demo", "-o", tmp_path / "演示")
    assert code == 0
    assert "强制性问题 0 个" in output
    assert "填了 136，应为 163" in output
    for line in output.split("请打开看看：")[1].strip().splitlines():
        assert Path(line.split("　")[0].strip()).is_file()
    assert "导出清单.json　各文件的指纹" in output
    assert run("demo", "-o", tmp_path / "演示")[0] == 0


def test_the_shipped_template_is_what_the_source_builds(tmp_path: Path) -> None:
    source = shipped("workbook/source/template.py")
    built = subprocess.run([sys.executable, source, tmp_path], capture_output=True, text=True, check=True)
    name = Path(built.stdout.strip()).name
    assert (tmp_path / name).read_bytes() == shipped(f"workbook/{name}").read_bytes()
    assert read(tmp_path / name).form.key == "cn-2021"


@pytest.mark.long
def test_verify_tells_whether_a_published_file_still_says_what_was_validated(tmp_path: Path) -> None:
    write(hubei(), tmp_path / "年报.xlsx")
    assert (
        run("export", tmp_path / "年报.xlsx", "--to", "html,docx,csv,json", "-o", tmp_path / "发布")[0] == 0
    )
    for path in sorted((tmp_path / "发布").glob("*报告*")):
        assert run("verify", path, "--against", tmp_path / "年报.xlsx") == (0, f"{path.name}：一致\n")
    (page,) = (tmp_path / "发布").glob("*报告.html")
    code, output = run("verify", page)
    assert (code, output.splitlines()[0]) == (0, f"{page.name}：一致")
    assert "没有与工作簿比较" in output
    page.write_text(page.read_text(encoding="utf-8").replace(">163<", ">164<"), encoding="utf-8")
    assert run("verify", page)[0] == 1
    code, output = run("verify", page, "--against", tmp_path / "年报.xlsx")
    assert code == 1
    assert "应为“163”，文件中是“164”" in output


def test_verify_says_what_it_needs_where_a_file_carries_no_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(dump(hubei()), encoding="utf-8")
    code, output = run("verify", tmp_path / "x.json")
    assert code == 2
    assert "--against" in output


def test_a_workbook_is_no_published_file_to_verify(tmp_path: Path) -> None:
    write(hubei(), tmp_path / "年报.xlsx")
    code, output = run("verify", tmp_path / "年报.xlsx", "--against", tmp_path / "年报.xlsx")
    assert code == 2
    assert "是工作簿，不是发布的文件；请指定由它导出的网页、Word、PDF 或数据文件" in output


def test_a_file_that_cannot_be_opened_is_told_in_chinese(tmp_path: Path) -> None:
    for source, told in (
        (tmp_path / "没有.html", "没有这个文件；请核对文件名和所在文件夹。"),
        (tmp_path, "是文件夹；请指定其中的文件。"),
        (tmp_path / "名录.txt" / "年报.html", "没有这个文件；请核对文件名和所在文件夹。"),
    ):
        (tmp_path / "名录.txt").write_text("无", encoding="utf-8")
        assert run("import", source, "-o", tmp_path / "出.json") == (2, f"错误：{source}：{told}\n")


def test_a_file_without_the_right_to_read_it_is_told_in_chinese(tmp_path: Path) -> None:
    told = not_opened(tmp_path / "年报.pdf", "年报.pdf", PermissionError(13, "Permission denied"))
    assert str(told) == "年报.pdf：没有读取权限；请核对文件的访问权限，并关闭正在使用它的程序后再试。"
    assert str(not_opened(tmp_path / "年报.pdf", "年报.pdf", OSError(5, "Input/output error"))) == (
        "年报.pdf：文件读不出来；请检查磁盘或网络连接，或把文件复制到本机后再试。"
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("年报.txt", "某县水务局2021年政府信息公开工作年度报告".encode()),
        ("年报2.txt", "2021年,某县水务局公开3件;办结2件".encode()),
        ("年报.html", b"<html><body><p>1</p></body></html>"),
        ("年报.pdf", b"%PDF-1.7\n"),
    ],
)
def test_validate_points_from_a_published_file_to_import(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    code, told = run("validate", tmp_path / name)
    assert code == 2
    assert "已发布的网页、Word、PDF、文本可用 nianbao import 导入" in told
