"""Places where nothing can be written and files that are none of ours: one Chinese sentence, exit code 2."""

import json
import zipfile
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner, Result

from nianbao.cli import main
from nianbao.core import form
from nianbao.core.grid import Cell
from nianbao.core.report import to_json, with_figures
from support.build import HUBEI, hubei

LONG = "长" * 120


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.many
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("demo -o 文件", "文件：是文件，不是文件夹；请写明文件夹"),
        ("demo -o 文件/里", "（文件 是文件，不是文件夹）；请换一个文件夹"),
        ("rules --write 文件/r.md", "不能写到这里"),
        ("rules --write 夹", "夹：是文件夹；请写明文件名"),
        ("rules --write 文件", "文件：文件已经存在，不是规则清单，不覆盖"),
        (f"rules --write {LONG}.md", "无法写入（名称太长）"),
        ("verify 夹", "夹：文件夹里没有导出的文件；请指定导出时写入的文件夹"),
        ("export 好.json --to html -o 文件", "文件：是文件，不是文件夹；请写明文件夹"),
        ("export 好.json --to html -o 文件/里", "（文件 是文件，不是文件夹）"),
        ("export 好.json --to docx -o 出 --word-template 别.docx", "不是由自带模板改成的 Word 模板"),
        (f"export 好.json --to html -o {LONG}", "无法写入（名称太长）"),
        ("template --year 2025 -o 文件/x.xlsx", "是文件，不是文件夹"),
        ("import 好.json -o 文件/x.json", "是文件，不是文件夹"),
        ("import 夹 -o x.json", "夹：是文件夹"),
        (
            "import https://示例.局/年报.html -o x.json",
            "是网址，不从网上读取；请在浏览器中打开，另存为网页文件后再导入",
        ),
        ("validate 夹", "夹：这是文件夹，不是文件"),
        (f"validate {LONG}", "找不到文件"),
        ("validate 好.json --previous 夹", "夹：这是文件夹，不是文件"),
        ("validate 好.json --rules 夹", "夹：是文件夹"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_sentence(
    arguments: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("文件").write_text("我的笔记", encoding="utf-8")
    Path("夹").mkdir()
    Path("好.json").write_bytes(HUBEI.read_bytes())
    notice = docx.Document()
    notice.add_paragraph("关于召开会议的通知")
    notice.save("别.docx")
    result = run(*arguments.split())
    assert (result.exit_code, words in result.output) == (2, True), result.output
    assert len(result.output.strip().splitlines()) == 1
    assert Path("文件").read_text(encoding="utf-8") == "我的笔记"


def test_a_form_with_a_mistake_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = json.loads((form.FORMS / "cn-2021.json").read_text(encoding="utf-8")) | {"free": []}
    (tmp_path / "cn-2099.json").write_text(json.dumps(broken), encoding="utf-8")
    monkeypatch.setattr(form, "FORMS", tmp_path)
    form.keys.cache_clear()
    try:
        told = run("rules", "--form", "cn-2099")
    finally:
        monkeypatch.undo()
        form.keys.cache_clear()
    assert told.exit_code == 2
    assert "cn-2099.json：表式有误：cell disclosure.licensing.decisions is guarded by no rule" in told.output


def test_a_list_of_rules_is_written_again_but_never_over_notes_added_to_it(tmp_path: Path) -> None:
    target = tmp_path / "rules.md"
    assert [run("rules", "--write", target).exit_code for _ in range(2)] == [0, 0]
    noted = target.read_text(encoding="utf-8") + "\n我的批注：第三条要问市局。\n"
    target.write_text(noted, encoding="utf-8")
    assert run("rules", "--write", target).exit_code == 2
    assert target.read_text(encoding="utf-8") == noted


def test_a_name_that_no_agency_has_is_told_shortly(tmp_path: Path) -> None:
    source = tmp_path / "长.json"
    source.write_text(json.dumps(to_json(hubei()) | {"agency": "长" * 300}, ensure_ascii=False, default=str))
    stopped = run("export", source, "--to", "docx", "-o", tmp_path / "出")
    assert stopped.exit_code == 1
    assert "有 300 个字，不像单位名称，请只填写单位全称" in stopped.output
    assert all(len(line) < 200 for line in stopped.output.splitlines())
    assert run("export", source, "--to", "docx", "--draft", "-o", tmp_path / "出").exit_code == 0


def test_our_own_csv_is_told_that_it_has_figures_alone(tmp_path: Path) -> None:
    run("export", HUBEI, "--to", "csv", "-o", tmp_path)
    (table,) = tmp_path.glob("*.csv")
    for told in (run("import", table, "-o", tmp_path / "x.json"), run("validate", table)):
        assert told.exit_code == 2
        assert "是导出的表格数据（CSV），只有数字，没有文字部分；请改用同时导出的交换数据" in told.output


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (b"application/vnd.oasis.opendocument.text", "请在 Word 或 WPS 中另存为“.docx”格式"),
        (b"application/vnd.oasis.opendocument.presentation", "请核对是否选错文件"),
    ],
)
def test_an_import_is_not_advised_to_import(tmp_path: Path, kind: bytes, words: str) -> None:
    source = tmp_path / "年报.odt"
    with zipfile.ZipFile(source, "w") as package:
        package.writestr("mimetype", kind)
        package.writestr("content.xml", b"<x/>")
    told = run("import", source, "-o", tmp_path / "x.json")
    assert told.exit_code == 2
    assert words in told.output
    assert "可用 nianbao import" not in told.output


@pytest.mark.long
def test_last_years_bars_are_drawn_from_a_file(tmp_path: Path) -> None:
    last = to_json(with_figures(hubei(), {Cell.parse("disclosure.penalty.decisions"): 4321})) | {"year": 2020}
    (tmp_path / "去年.json").write_text(json.dumps(last, ensure_ascii=False, default=str), encoding="utf-8")
    said = ("export", HUBEI, "--to", "infographic", "-o", tmp_path / "出")
    assert run(*said, "--previous", tmp_path / "去年.json").exit_code == 0
    (page,) = (tmp_path / "出").glob("*一图读懂*.svg")
    assert "上年" in page.read_text(encoding="utf-8")
    assert run("verify", page, "--against", HUBEI, "--previous", tmp_path / "去年.json").exit_code == 0
