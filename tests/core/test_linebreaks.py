"""A line broken within a cell (Alt+Enter), or within a paragraph of JSON, is a paragraph of its own everywhere."""

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from nianbao.checks.validate import validate
from nianbao.core import report as interchange
from nianbao.core.grid import Place
from nianbao.core.report import Explanation, Report, to_json
from nianbao.ingest.ingest import ingest
from nianbao.workbook.flags import NOTE_HEAD
from nianbao.workbook.layout import Layout
from nianbao.workbook.reader import read
from support.books import mark, write
from support.published import export
from support.samples import county

SHEET = "五、问题改进"
LINES = ("（一）存在的主要问题。栏目更新不够及时。", "（二）改进情况。全年部分公开件，有待核实。")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook with two paragraphs in one cell, divided by Alt+Enter, and one in the next."""
    write(replace(county(), narrative={**county().narrative, "problems": ("甲", "（三）其他。下一步加强培训。")}),
          tmp_path / "年报.xlsx")  # fmt: skip
    made = openpyxl.load_workbook(tmp_path / "年报.xlsx")
    at = Layout(county().form).section("problems").paragraph(1)
    made[SHEET].cell(at.row, at.column).value = "\r\n\n".join(LINES)
    made.save(tmp_path / "年报.xlsx")
    return tmp_path / "年报.xlsx"


def problems(report: Report) -> tuple[str, ...]:
    return report.narrative["problems"]


@pytest.mark.long
def test_lines_of_one_cell_are_paragraphs_in_the_same_row(book: Path) -> None:
    report = read(book)
    assert problems(report) == (*LINES, "（三）其他。下一步加强培训。")
    first, second, third = report.lines["problems"]
    assert first == second == third - 1


@pytest.mark.long
@pytest.mark.parametrize("kind", ["html", "fragment", "docx", "json"])
def test_every_published_kind_says_the_same_paragraphs_as_the_workbook(book: Path, kind: str) -> None:
    report = read(book)
    path = export(report, [kind], book.parent, draft=True)[-1]
    again = (
        interchange.parse(path.read_bytes(), path.name)
        if kind == "json"
        else ingest(path, name=path.name).report
    )
    assert to_json(again)["narrative"] == to_json(report)["narrative"]


@pytest.mark.long
def test_json_with_line_breaks_is_read_as_the_paragraphs_it_is_published_as(tmp_path: Path) -> None:
    data = to_json(county()) | {"preamble": ["甲\n乙", "丙"]}
    data["narrative"]["problems"] = ["\n".join(LINES), " \n "]
    report = interchange.parse(json.dumps(data).encode(), "年报.json")
    assert (problems(report), report.preamble) == (LINES, ("甲", "乙", "丙"))
    write(report, tmp_path / "年报.xlsx")
    assert to_json(read(tmp_path / "年报.xlsx")) == to_json(report)


@pytest.mark.long
def test_a_finding_in_the_second_line_is_flagged_in_its_cell(book: Path) -> None:
    report = read(book)
    (found,) = [f for f in validate(report) if Place("problems", 2) in f.places]
    mark(book, book.with_name("校验.xlsx"), report, validate(report))
    at = Layout(report.form).section("problems").paragraph(1)
    note = openpyxl.load_workbook(book.with_name("校验.xlsx"))[SHEET].cell(at.row, at.column).comment
    assert note is not None
    assert note.text.startswith(NOTE_HEAD)
    assert found.message in note.text


@pytest.mark.long
def test_an_explanation_of_the_second_line_holds(book: Path) -> None:
    report = read(book)
    text = "该段为引用上级文件原文，数字以原件为准"
    said = [f for f in validate(report) if f.severity == "verify"]
    given = tuple(Explanation(f.rule, (*map(str, f.cells), *map(str, f.places)), text) for f in said)
    left = [
        f
        for f in validate(replace(report, explanations=given))
        if f.severity == "verify" and not f.explanation
    ]
    assert left == []
