"""The sample for plain xlwings: its functions without Excel, its workbook and macros as they are built."""

import importlib.util
import io
import re
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any
from zipfile import ZipFile

import addin
import plain
import pytest
import samples
from oletools.olevba import VBA_Parser

from nianbao.core.files import shipped
from nianbao.core.grid import Cell
from nianbao.core.report import parse, to_json
from nianbao.excel import VERBS
from nianbao.excel import __all__ as CALLABLE
from nianbao.workbook.reader import read
from nianbao.xlsx.package import read_package
from support.ooxml import Judge

FUNCTIONS = shipped("workbook/样例/nianbao_plain.py")
NEW = "requests.received.natural"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


sheet = load(FUNCTIONS)


def figures(**changed: Any) -> list[list[Any]]:
    """The sample's figures as Excel hands a range over: names and floats."""
    report = parse(samples.SOURCE.read_bytes(), samples.SOURCE.name)
    rows = [
        [report.form.name(cell), value if value is None else float(value)]
        for cell, value in report.figures.items()
    ]
    new = report.form.name(Cell.parse(NEW))
    return [[name, changed.get("new", value) if name == new else value] for name, value in rows]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (3.0, ""),
        (0, ""),
        ("3件", "只填 3"),
        (-1.0, "为负数（-1）"),
        (1.5, "不是整数（1.5）"),
        (None, "空白"),
        ("", "空白"),
        (True, "True"),
        (datetime(2025, 3, 1), "2025-03-01"),
        (float("nan"), "nan"),
    ],
)
def test_what_is_wrong_with_a_cell_is_a_sentence(value: Any, says: str) -> None:
    for item in (NEW, "一、本年新收·自然人", " 一、本年新收·自然人 "):
        answer = sheet.nianbao_cell(item, value)
        assert says in answer and bool(answer) == bool(says), (item, answer)
        assert "推算" not in answer, "one figure alone says nothing of what another should be"


def test_the_difference_of_a_rule_is_a_number() -> None:
    for rule in ("申请平衡", "requests.balance"):
        assert sheet.nianbao_rule(rule, figures()) == 0
        assert sheet.nianbao_rule(rule, figures(new=11.0), "自然人") == 2
        assert sheet.nianbao_rule(rule, figures(new=11.0), "natural") == 2
        assert sheet.nianbao_rule(rule, figures(new=11.0)) == 2
        assert sheet.nianbao_rule(rule, figures(new=11.0), "商业企业") == 0


def test_a_sentence_is_held_against_the_figures() -> None:
    assert sheet.nianbao_sentence("本机关全年新收政府信息公开申请11件，办结10件。", figures()) == ""
    wrong = sheet.nianbao_sentence("本机关全年新收政府信息公开申请12件。", figures())
    assert "表中“一、本年新收·总计”为 11" in wrong
    assert sheet.nianbao_sentence("", figures()) == ""


def test_what_nobody_knows_is_answered_by_a_sentence() -> None:
    assert "没有“火星”这个指标" in sheet.nianbao_cell("火星", 1)
    assert "没有“火星”这条规则" in sheet.nianbao_rule("火星", figures())
    assert "不涉及“火星”" in sheet.nianbao_rule("申请平衡", figures(), "火星")
    assert "要用上年数据" in sheet.nianbao_rule("上年结转衔接", figures())
    assert "请选两列" in sheet.nianbao_sentence("收到1件。", [["一、本年新收·自然人"]])


def test_the_examples_in_the_sheet_find_what_is_planted() -> None:
    listed = [list(line) for line in plain.LIST]
    names = [formula[1:].partition("(")[0] for _, formula in plain.formulas()]
    given = [listed[0], ["申请平衡", listed, "自然人"], [plain.SENTENCE, listed]]
    cell, rule, sentence = (getattr(sheet, name)(*values) for name, values in zip(names, given, strict=True))
    assert cell == "" and rule == -1 and "不一致" in sentence


def test_the_committed_sheet_is_what_the_command_makes(tmp_path: Path) -> None:
    plain.build(tmp_path / "plain.xlsm")
    paths = (plain.TARGET, tmp_path / "plain.xlsm")
    ours, again = (dict(read_package(path, (plain.SHEET,)).sheets[plain.SHEET]) for path in paths)
    assert ours == again, "run make manual"


def test_the_workbook_is_a_report_as_any_other() -> None:
    report = read(plain.TARGET)
    assert to_json(report) == to_json(samples.reports()["有错的年报.xlsx"])
    assert not [finding for finding in report.problems if finding.rule == "form.layout"]


def test_microsofts_validator_finds_nothing_wrong(complaints: Judge) -> None:
    assert complaints(plain.TARGET) == []


def test_its_macros_are_ours_and_xlwings_own_and_call_verbs_that_are_there() -> None:
    parser = VBA_Parser(str(plain.TARGET))
    try:
        modules = {name.rpartition(".")[0]: code for _, _, name, code in parser.extract_macros()}
    finally:
        parser.close()
    source = addin.sources(plain.SOURCE)["NianbaoPlain"]
    assert addin.body(modules["NianbaoPlain"]) == addin.body(source)
    assert "Public Function RunPython(" in modules["xlwings"] and "BSD 3-clause" in modules["xlwings"]
    assert "Sub ImportPythonUDFs()" in modules["xlwings"] and "Module1" not in modules
    called = re.findall(r"nianbao\.excel\.(\w+)\(\)", source)
    assert len(called) == 7 and set(called) <= set(CALLABLE)
    assert set(called) - {"export"} <= set(VERBS)
    assert set(plain.BUTTONS.values()) == set(re.findall(r"Public Sub (\w+)\(", source))


def test_every_button_runs_its_macro() -> None:
    with ZipFile(plain.TARGET) as package:
        drawn = "".join(package.read(n).decode() for n in package.namelist() if n.endswith(".vml"))
    assert set(re.findall(r"\[0\]!(\w+)", drawn)) == set(plain.BUTTONS.values())


def test_the_template_itself_uses_no_macro_and_no_function_of_ours() -> None:
    content = shipped("workbook/政府信息公开年报模板.xlsx").read_bytes()
    with ZipFile(io.BytesIO(content)) as package:
        assert not [name for name in package.namelist() if "vba" in name.lower()]
        assert not any(b"nianbao_" in package.read(n) for n in package.namelist() if "sheets/" in n)
