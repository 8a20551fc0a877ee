"""The command line: what it prints and writes, its exit codes, and that it never overwrites or stumbles."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from nianbao.cli import main
from nianbao.core import form as forms
from nianbao.core.finding import CODES
from nianbao.core.report import dump
from nianbao.workbook.reader import read
from support.books import write
from support.build import FORM, HUBEI, changed, hubei, plain

LINE = ["file", "form", "agency", "year", "errors", "verify", "unexplained", "ready", "findings"]
FINDING = ["rule", "severity", "cells", "message", "expected", "actual", "suggestion", "candidates"]
HEAVY = (
    "openpyxl",
    "pandas",
    "xlwings",
    "lxml",
    "jinja2",
    "jsonschema",
    "numpy",
    "xlsxwriter",
    "docxtpl",
    "pdfplumber",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good and a wrong workbook, the good one as JSON, and a file that cannot be read."""
    write(hubei(), tmp_path / "对.xlsx")
    write(changed(hubei(), {"requests.granted.natural": 136}), tmp_path / "错.xlsx")
    shutil.copy(HUBEI, tmp_path / "对.json")
    (tmp_path / "坏.xlsx").write_bytes(b"PK\3\4")
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def process(*arguments: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from nianbao.cli import main; main()", *map(str, arguments)]
    paths = os.pathsep.join(path for path in sys.path if path)
    env = {**os.environ, "PYTHONPATH": paths, **environment}
    return subprocess.run(command, capture_output=True, env=env, timeout=120, check=False)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


class TestValidate:
    def test_a_good_workbook_ends_with_0(self, folder: Path) -> None:
        result = run("validate", folder / "对.xlsx")
        assert (result.exit_code, result.stderr) == (0, "")
        assert "合计：强制性问题 0 个，核实性问题 3 个" in result.stdout

    def test_a_wrong_one_ends_with_1_and_names_the_sheet_and_the_cell(self, folder: Path) -> None:
        result = run("validate", folder / "错.xlsx")
        assert result.exit_code == 1
        assert "【三、申请办理】" in result.stdout
        assert "✗ E10" in result.stdout
        assert "[办理结果合计]" in result.stdout

    def test_one_that_cannot_be_read_ends_with_2_and_one_sentence(self, folder: Path) -> None:
        result = run("validate", folder / "坏.xlsx")
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith("错误：")
        assert result.stderr.count("\n") == result.stderr.count("。") == 1

    def test_an_unreadable_file_among_good_ones_does_not_stop_the_others(self, folder: Path) -> None:
        files = [folder / name for name in ("坏.xlsx", "对.xlsx", "没有.xlsx", "对.json")]
        result = run("validate", "--json", *files)
        assert result.exit_code == 2
        told = lines(result)
        assert [Path(one["file"]).name for one in told] == ["坏.xlsx", "对.xlsx", "没有.xlsx", "对.json"]
        assert ["unreadable" in one for one in told] == [True, False, True, False]

    def test_json_has_exactly_the_keys_of_the_contract(self, folder: Path) -> None:
        good, wrong, bad = lines(run("validate", "--json", *(folder / f"{n}.xlsx" for n in "对错坏")))
        assert list(good) == list(wrong) == LINE
        assert list(bad) == [*LINE, "unreadable"]
        assert (wrong["form"], wrong["agency"], wrong["year"]) == ("cn-2021", hubei().agency, 2021)
        (one,) = [f for f in wrong["findings"] if f["rule"] == "requests.concluded"]
        assert list(one) == FINDING
        assert one["suggestion"] == {
            "cell": "requests.granted.natural",
            "value": 163,
            "text": one["suggestion"]["text"],
        }
        assert [(c["cell"], c["value"]) for c in one["candidates"]] == [("requests.granted.natural", 163)]
        assert (one["severity"], one["expected"], one["actual"]) == ("error", 174, 201)
        assert one["cells"][-1] == "requests.granted.total"
        assert wrong["errors"] == sum(f["severity"] == "error" for f in wrong["findings"])

    def test_a_workbook_and_its_json_are_judged_alike(self, folder: Path) -> None:
        book, data = lines(run("validate", "--json", folder / "对.xlsx", folder / "对.json"))
        book["findings"] = [f for f in book["findings"] if f["rule"] != "previous.missing"]
        assert {**book, "file": ""} == {**data, "file": ""}

    def test_last_years_report_that_cannot_be_read_ends_with_2(self, folder: Path) -> None:
        result = run("validate", folder / "对.xlsx", "--previous", folder / "坏.xlsx")
        assert (result.exit_code, result.stdout) == (2, "")


class TestMark:
    @pytest.mark.long
    def test_a_flagged_copy_is_written_beside_and_the_original_left_alone(self, folder: Path) -> None:
        before = (folder / "错.xlsx").read_bytes()
        result = run("validate", "--mark", folder / "错.xlsx")
        assert result.exit_code == 1
        assert (folder / "错.xlsx").read_bytes() == before
        assert plain(read(folder / "错.校验.xlsx")) == plain(read(folder / "错.xlsx"))

    @pytest.mark.long
    def test_an_earlier_copy_is_never_overwritten(self, folder: Path) -> None:
        (folder / "错.校验.xlsx").write_bytes(b"mine")
        for name in ("错.校验(2).xlsx", "错.校验(3).xlsx"):
            assert f"{name}\n" in run("validate", "--mark", folder / "错.xlsx").stdout
            assert (folder / name).exists()
        assert (folder / "错.校验.xlsx").read_bytes() == b"mine"

    def test_interchange_json_is_flagged_in_a_workbook(self, folder: Path) -> None:
        result = run("validate", "--mark", "--json", folder / "对.json")
        assert len(lines(result)) == 1
        assert plain(read(folder / "对.校验.xlsx")) == plain(hubei())


class TestTemplateAndImport:
    def test_a_template_is_written_for_year_and_agency(self, tmp_path: Path) -> None:
        target = tmp_path / "新" / "表.xlsx"
        assert run("template", "--year", 2025, "--agency", "某局", "-o", target).exit_code == 0
        report = read(target)
        assert (report.form.key, report.year, report.agency) == ("cn-2021", 2025, "某局")

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("--year", 2010), "没有适用于2010年度的表式；现有表式：cn-2021"),
            (("--year", 2025, "--form", "cn-1999"), "没有适用于cn-1999的表式"),
        ],
    )
    def test_a_year_or_form_that_is_not_there_ends_with_2(
        self, tmp_path: Path, arguments: tuple[object, ...], words: str
    ) -> None:
        result = run("template", *arguments, "-o", tmp_path / "x.xlsx")
        assert result.exit_code == 2
        assert words in result.stderr
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize(
        ("command", "suffix"),
        [(("template", "--year", "2025"), "xlsx"), (("import", HUBEI), "xlsx"), (("import", HUBEI), "json")],
    )
    def test_a_file_that_is_there_is_never_overwritten(
        self, tmp_path: Path, command: tuple[object, ...], suffix: str
    ) -> None:
        target = tmp_path / f"有.{suffix}"
        target.write_bytes(b"mine")
        result = run(*command, "-o", target)
        assert result.exit_code == 2
        assert "文件已经存在，不覆盖" in result.stderr
        assert target.read_bytes() == b"mine"

    def test_a_place_where_nothing_can_be_written_ends_with_2(self, folder: Path) -> None:
        result = run("template", "--year", 2025, "-o", folder / "对.xlsx" / "新.xlsx")
        assert (result.exit_code, result.exception.__class__) == (2, SystemExit)
        assert "是文件，不是文件夹" in result.stderr

    def test_json_to_workbook_to_json_is_the_same(self, folder: Path) -> None:
        hard = changed(hubei(), {"requests.received.total": 999, "remedies.reconsideration.upheld": "/"})
        (folder / "一.json").write_text(dump(hard), encoding="utf-8")
        assert run("import", folder / "一.json", "-o", folder / "二.xlsx").exit_code == 0
        assert run("import", folder / "二.xlsx", "-o", folder / "三.json").exit_code == 0
        assert (folder / "三.json").read_bytes() == (folder / "一.json").read_bytes()


class TestRules:
    def test_every_rule_is_listed_with_its_source(self) -> None:
        shown = run("rules").stdout
        for code in (*(rule.id for rule in FORM.rules), *CODES):
            assert f"　{code}\n" in shown

    @pytest.mark.parametrize("key", forms.keys())
    def test_the_page_of_rules_has_a_line_for_each(self, tmp_path: Path, key: str) -> None:
        assert run("rules", "--form", key, "--write", tmp_path / "rules.md").exit_code == 0
        page = (tmp_path / "rules.md").read_text(encoding="utf-8")
        assert all(f"| `{rule.id}` |" in page for rule in forms.load(key).rules)

    def test_an_unknown_form_ends_with_2(self) -> None:
        assert run("rules", "--form", "cn-1999").exit_code == 2


class TestAsAProcess:
    def test_validating_a_workbook_imports_nothing_heavy(self, folder: Path) -> None:
        code = (
            "import sys; from nianbao.cli import main\n"
            "try: main()\nexcept SystemExit: pass\n"
            f"print([name for name in {HEAVY} if name in sys.modules])"
        )
        paths = os.pathsep.join(path for path in sys.path if path)
        env = {**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"}
        command = [sys.executable, "-c", code, "validate", str(folder / "错.xlsx"), str(folder / "对.json")]
        shown = subprocess.run(command, capture_output=True, env=env, timeout=120, check=True, text=True)
        assert shown.stdout.splitlines()[-1] == "[]"

    def test_a_console_that_lacks_a_character_is_no_reason_to_fail(self, folder: Path) -> None:
        result = process("validate", folder / "错.xlsx", PYTHONIOENCODING="gbk")
        assert (result.returncode, result.stderr) == (1, b"")
        assert "【三、申请办理】" in result.stdout.decode("gbk")

    @pytest.mark.long
    def test_a_file_name_in_another_encoding_is_no_reason_to_fail(self, folder: Path) -> None:
        odd = os.fsencode(folder) + b"/\xb1\xa8\xb1\xed.xlsx"
        shutil.copy(folder / "错.xlsx", os.fsdecode(odd))
        for extra in ((), ("--json",)):
            result = process("validate", os.fsdecode(odd), *extra)
            assert (result.returncode, result.stderr) == (1, b"")

    @pytest.mark.many
    @pytest.mark.parametrize(
        "arguments", [("validate", "没有.xlsx"), ("import", "没有.xlsx", "-o", "x.json")]
    )
    def test_a_missing_file_is_one_sentence_and_no_traceback(
        self, tmp_path: Path, arguments: tuple[str, ...]
    ) -> None:
        result = process(*arguments, PYTHONIOENCODING="utf-8")
        assert result.returncode == 2
        assert result.stderr.decode().count("\n") == 1
        assert b"Traceback" not in result.stderr


def test_python_m_nianbao_is_the_command_line() -> None:
    command = [sys.executable, "-P", "-E", "-m", "nianbao", "--version"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.startswith("nianbao ")


@pytest.mark.parametrize("asked", ["--roster", "--choices", "--rules", "verify", "verify --against"])
def test_json_without_end_of_brackets_is_one_sentence_wherever_it_is_given(
    tmp_path: Path, asked: str
) -> None:
    folder, deep = tmp_path / "报送", tmp_path / "deep.json"
    folder.mkdir()
    (folder / "甲.json").write_text(dump(hubei()), encoding="utf-8")
    deep.write_bytes(b"[" * 200_000)
    consolidate = ["consolidate", str(folder), "-o", str(tmp_path / "h.xlsx"), asked, str(deep)]
    verify = ["verify", str(deep), *(["--against", str(folder / "甲.json")] if "against" in asked else [])]
    result = CliRunner().invoke(main, verify if asked.startswith("verify") else consolidate)
    assert result.exit_code in ((1, 2) if "against" in asked else (2,)), result.output
    assert "嵌套过深" in result.output or asked == "verify"
    assert "Traceback" not in result.output


def test_a_workbook_in_which_nothing_is_filled_in_is_said_to_be_blank(tmp_path: Path) -> None:
    run("template", "--year", 2025, "--agency", "甲县水利局", "-o", tmp_path / "a.xlsx")
    assert "这是一份没有填写的空白年报" in run("validate", tmp_path / "a.xlsx").output


def test_many_cells_with_one_fault_are_told_in_a_few_lines(tmp_path: Path) -> None:
    wrong = {str(cell): "#REF!" for cell in FORM.cells if cell.table == "requests" and cell.column == "legal"}
    write(changed(hubei(), wrong), tmp_path / "a.xlsx")
    lines = [
        line for line in run("validate", tmp_path / "a.xlsx").output.splitlines() if "[公式错误值]" in line
    ]
    assert len(lines) == 6 and "同样的问题另有" in lines[-1]


@pytest.mark.parametrize("verb", [["validate"], ["tidy", "-o", "规范.xlsx"]])
def test_a_full_disk_behind_the_output_is_told_in_one_sentence(verb: list[str], tmp_path: Path) -> None:
    book = tmp_path / "年报.xlsx"
    shutil.copyfile("workbook/样例/有错的年报.xlsx", book)
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "nianbao", verb[0], str(book), *verb[1:]]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=tmp_path, check=False)
    assert done.returncode == 2
    words = done.stderr.decode()
    assert "磁盘已满" in words and "Traceback" not in words and words.count("\n") == 1


def test_a_units_name_forges_no_verdict(tmp_path: Path) -> None:
    data = json.loads(Path("workbook/样例/填好的年报.json").read_text(encoding="utf-8"))
    data["agency"] = "青山县\x1b[2J水利局\n  合计：强制性问题 0 个，核实性问题 0 个。可上报"
    source = tmp_path / "年报.json"
    source.write_text(json.dumps(data), encoding="utf-8")
    result = CliRunner().invoke(main, ["validate", str(source)])
    assert "\x1b[2J" not in result.output
    assert sum(line.startswith("  合计：") for line in result.output.splitlines()) == 1
