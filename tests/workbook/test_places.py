"""Every finding leads to where it stands in the workbook: on the console, in 校验结果, in the notes."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from nianbao.checks.validate import RuleChange, unexplained, validate
from nianbao.core.finding import Finding, to_json
from nianbao.core.report import Explanation, Report, with_figures
from nianbao.workbook.flags import WHOLE, flags, lines
from nianbao.workbook.layout import Layout
from nianbao.workbook.reader import read
from support.books import mark, write
from support.build import FORM, cell, hubei

LAYOUT = Layout.of(FORM)


def edited(folder: Path, changes: Mapping[tuple[str, str], object], report: Report | None = None) -> Path:
    """The workbook of 湖北 2021 with cells of its sheets changed by hand."""
    book = folder / "book.xlsx"
    write(report or hubei(), book)
    opened = openpyxl.load_workbook(book)
    for (sheet, address), value in changes.items():
        opened[sheet][address] = value
    opened.save(book)
    return book


def places(findings: list[Finding], report: Report, rule: str) -> list[str]:
    return [f"{line.at.sheet} {line.at.a1}".strip() for line in _lines(findings, report, rule)]


def _lines(findings: list[Finding], report: Report, rule: str) -> list[object]:
    name = FORM.rule_name(rule)
    return [line for line in lines(findings, report, LAYOUT) if line.rule == name]


@pytest.mark.long
@pytest.mark.parametrize(
    ("sheet", "address", "value", "rule", "place"),
    [
        ("封面", "D6", None, "form.agency", "封面 D6"),
        ("封面", "D8", None, "form.year", "封面 D8"),
        ("封面", "D8", 2019, "form.year", "封面 D8"),
        ("封面", "D8", "去年", "form.year", "封面 D8"),
        ("三、申请办理", "C11", "（二）部分公开", "form.layout", "三、申请办理 C11"),
    ],
)
def test_a_finding_stands_where_staff_must_write(
    tmp_path: Path, sheet: str, address: str, value: object, rule: str, place: str
) -> None:
    book = edited(tmp_path, {(sheet, address): value})
    report = read(book)
    findings = validate(report)
    assert places(findings, report, rule) == [place]
    if rule == "form.year" and value is not None:
        return  # the same cell is marked, and cleared, for a year that is missing
    mark(book, tmp_path / "marked.xlsx", report, findings)
    marked = openpyxl.load_workbook(tmp_path / "marked.xlsx")
    at = place.split()[1]
    (said,) = [f.message for f in findings if f.rule == rule]
    assert said in marked[sheet][at].comment.text
    links = [row[3].hyperlink for row in marked["校验结果"].iter_rows(min_row=6) if row[3].hyperlink]
    assert f"#'{sheet}'!{at}" in {link.target for link in links}
    again = read(tmp_path / "marked.xlsx")
    mark(tmp_path / "marked.xlsx", tmp_path / "cleared.xlsx", again, [])
    assert openpyxl.load_workbook(tmp_path / "cleared.xlsx")[sheet][at].comment is None


def test_a_year_in_chinese_numerals_is_read(tmp_path: Path) -> None:
    assert read(edited(tmp_path, {("封面", "D8"): "二〇二一年"})).year == 2021


def test_what_stands_there_instead_of_a_year_is_quoted(tmp_path: Path) -> None:
    findings = validate(read(edited(tmp_path, {("封面", "D8"): "去年"})))
    assert [f.message for f in findings if f.rule == "form.year"] == [
        "报告年度填的是“去年”，不是年份，请在封面填写四位年份（如 2025）"
    ]


@pytest.mark.long
def test_a_renamed_sheet_is_named_beside_the_state_of_all_sheets(tmp_path: Path) -> None:
    book = edited(tmp_path, {})
    opened = openpyxl.load_workbook(book)
    opened["四、复议诉讼"].title = "复议"
    opened.save(book)
    report = read(book)
    (line,) = lines([f for f in validate(report) if f.rule == "form.layout"], report, LAYOUT)
    assert (line.at.sheet, line.at.a1) == ("封面", "B13")
    assert "缺少工作表“四、复议诉讼”" in line.message


def test_last_years_year_is_looked_at_on_its_own_sheet() -> None:
    last = replace(hubei(), year=2018)
    assert places(validate(hubei(), last), hubei(), "previous.year") == ["上年数据 C3"]


def test_a_local_rule_belongs_to_no_cell() -> None:
    change = RuleChange("narrative.fee", None, "另行统一说明", "2026-01-05")
    report = replace(
        hubei(), narrative=hubei().narrative | {"other": ("没有其他需要报告的事项，全年工作平稳。",)}
    )
    findings = validate(report, None, {"narrative.fee": change})
    (line,) = [line for line in lines(findings, report, LAYOUT) if line.rule == FORM.rule_name("rules.local")]
    assert (line.place, line.at.a1) == (WHOLE, "")


def doubtful(*texts: str) -> tuple[Report, Report]:
    """A report with one verify finding for each text, explained so; and last year's."""
    cells = [cell for cell in FORM.cells if cell.column == "decisions"][: len(texts)]
    last = with_figures(hubei(), {cell: 9000 + 100 * n for n, cell in enumerate(cells)})
    last = replace(last, year=2020)
    found = [f for f in validate(hubei(), last) if f.rule == "previous.jump"]
    given = tuple(
        Explanation(f.rule, tuple(map(str, f.cells)), text) for f, text in zip(found, texts, strict=False)
    )
    return replace(hubei(), explanations=given), last


@pytest.mark.long
def test_a_bad_explanation_is_told_in_its_row_and_counts_once(tmp_path: Path) -> None:
    report, last = doubtful("无", "情况属实", "核实无误")
    write(report, tmp_path / "book.xlsx")
    report = read(tmp_path / "book.xlsx")
    findings = validate(report, last)
    bare = unexplained(validate(replace(report, explanations=()), last))
    assert len(unexplained(findings)) == len(bare)
    told = [
        line for line in lines(findings, report, LAYOUT) if line.rule == FORM.rule_name("explanation.empty")
    ]
    assert {line.at.sheet for line in told} == {"审核说明"}
    mark(tmp_path / "book.xlsx", tmp_path / "marked.xlsx", report, findings)
    page = openpyxl.load_workbook(tmp_path / "marked.xlsx")["审核说明"]
    assert [page[line.at.a1].value for line in told] == ["无", "情况属实", "核实无误"]
    assert {line.advice for line in told} == {"请在“审核说明”的这一行重新写明原因"}


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("cn-2019", "cn-2019"),
        ("国办公开办函〔2019〕60号", "cn-2019"),
        ("cn-2021", "cn-2021"),
        (None, "cn-2021"),
        ("去年的", "cn-2021"),
    ],
)
@pytest.mark.long
def test_last_years_form_is_known_by_its_authority_and_by_its_key(
    tmp_path: Path, typed: str | None, key: str
) -> None:
    write(replace(hubei(), previous=replace(hubei(), year=2020)), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    cover, page = book["封面"], book["上年数据"]
    assert cover.row_dimensions[12].hidden and cover["D12"].value == "cn-2021"
    assert page["C4"].value == "国办公开办函〔2021〕30号" and page["C4"].protection.locked
    page["C4"] = typed
    book.save(tmp_path / "b.xlsx")
    report = read(tmp_path / "b.xlsx")
    assert report.previous is not None and report.previous.form.key == key
    told = [f.message for f in report.problems if f.rule == "form.damaged"]
    assert len(told) == (typed == "去年的")
    assert all("“上年数据”C4 的格式依据“去年的”不认识" in message for message in told)


@pytest.mark.parametrize("change", ["insert_rows", "delete_rows"])
def test_rows_of_last_year_that_moved_are_an_error_and_no_figure_of_them_is_used(
    tmp_path: Path, change: str
) -> None:
    write(replace(hubei(), previous=replace(hubei(), year=2020)), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    getattr(book["上年数据"], change)(20)
    book.save(tmp_path / "b.xlsx")
    report = read(tmp_path / "b.xlsx")
    (told,) = [f for f in report.problems if f.rule == "form.layout"]
    assert report.previous is None and told.severity == "error"
    assert "“上年数据”的行错位：B" in told.message and "上年数字没有读入" in told.message


def test_a_note_is_never_cut_within_a_word() -> None:
    parts = [f"第{n}条理由是单位自己的说明" for n in range(80)]
    finding = Finding("narrative.mismatch", "error", (cell("requests.received.natural"),), "，".join(parts))
    (flag,) = [f for f in flags([finding], hubei(), LAYOUT) if f.note]
    note, ending = flag.note.partition("：")[2], "……（全文见“校验结果”）"
    assert note.endswith(ending) and len(flag.note) < 640
    assert note.removesuffix(ending).split("，") == parts[: note.count("，") + 1]


def test_machines_are_told_of_cells_and_paragraphs_only() -> None:
    (finding,) = [f for f in validate(replace(hubei(), year=None)) if f.rule == "form.year"]
    assert to_json(finding)["cells"] == []
    assert "places" not in to_json(finding) and "at" not in to_json(finding)


@pytest.mark.parametrize(
    ("key", "typed"),
    [("requests.granted.natural", 136), ("requests.received.natural", 21), ("requests.granted.legal", 110)],
)
def test_the_culprit_is_the_deepest_cell_and_carries_the_only_note(
    tmp_path: Path, key: str, typed: int
) -> None:
    """One slip in an input under live totals: the copy shows one deep cell, pale ones around it, one note."""
    culprit = LAYOUT.spot(cell(key))
    write(hubei(), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book[culprit.sheet][culprit.a1].value not in (typed, None)
    book[culprit.sheet][culprit.a1] = typed
    book.save(tmp_path / "b.xlsx")
    report = read(tmp_path / "b.xlsx")
    findings = [f for f in validate(report) if f.severity == "error"]
    mark(tmp_path / "b.xlsx", tmp_path / "copy.xlsx", report, findings)
    page = openpyxl.load_workbook(tmp_path / "copy.xlsx")[culprit.sheet]
    sheet = LAYOUT.section("requests")
    codes = {c: page[sheet.mark(c).a1].value for c in sheet.spots if page[sheet.mark(c).a1].value}
    assert [c for c, code in codes.items() if code.startswith("E")] == [cell(key)]
    assert len(codes) > 5 and {code[0] for code in codes.values()} == {"E", "N"}
    notes = [one.coordinate for row in page.iter_rows() for one in row if one.comment]
    assert notes == [culprit.a1]


@pytest.mark.parametrize(
    ("change", "words"), [("insert_rows", "多出了第 12 行"), ("insert_cols", "多出了G 列")]
)
def test_a_row_or_column_that_was_inserted_is_named(tmp_path: Path, change: str, words: str) -> None:
    write(hubei(), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    page = book["三、申请办理"]
    for area in list(page.merged_cells.ranges):
        page.unmerge_cells(str(area))
    getattr(page, change)(12 if change == "insert_rows" else 7)
    book.save(tmp_path / "b.xlsx")
    (error,) = [f for f in read(tmp_path / "b.xlsx").problems if f.rule == "form.layout"]
    assert "版式错位，本表数字没有读入" in error.message and words in error.message
