"""台账核对数, tabs, growing rows and damage: what the template offers beside the printed form."""

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from nianbao.checks.validate import validate
from nianbao.core.report import Report, dump, parse
from nianbao.workbook import layout as at
from nianbao.workbook import live
from nianbao.workbook.flags import TABS
from nianbao.workbook.layout import Layout
from nianbao.workbook.reader import read
from nianbao.workbook.repair import damages, inspected
from nianbao.workbook.tidy import apply, changes
from support.books import mark, write
from support.build import FORM, cell, changed, hubei

LAYOUT = Layout.of(FORM)
REQUESTS = LAYOUT.section("requests")
ROW, COLUMN = cell("requests.granted.total"), cell("requests.concluded.natural")
CROSS = cell("requests.granted.natural")


def with_ledger(row: int, column: int) -> Report:
    return replace(hubei(), ledger={ROW: row, COLUMN: column})


def test_the_ledger_is_kept_in_workbook_and_interchange_data(tmp_path: Path) -> None:
    report = with_ledger(174, 201)
    write(report, tmp_path / "年报.xlsx")
    assert read(tmp_path / "年报.xlsx") == report
    assert parse(dump(report).encode(), "年报.json").ledger == report.ledger


def test_every_total_of_a_row_has_a_place_beside_it_and_of_a_column_below_it() -> None:
    spots = REQUESTS.ledger
    assert {spots[c].row for c in spots if c.column != "total"} == {REQUESTS.ledger_row}
    assert spots[ROW] == LAYOUT.spot(ROW)._replace(column=REQUESTS.ledger_column)
    remedies = LAYOUT.section("remedies").ledger
    assert [c.row for c in remedies] == [
        "reconsideration",
        "direct_litigation",
        "litigation_after_reconsideration",
    ]
    assert not LAYOUT.section("disclosure").ledger


def test_where_a_differing_row_and_column_cross_the_figure_is_flagged() -> None:
    def flag(report: Report) -> object:
        return live.live(REQUESTS, CROSS, report).value

    assert flag(with_ledger(170, 197)) == at.CROSSED
    assert flag(with_ledger(170, 201)) == flag(with_ledger(174, 201)) == 0
    assert live.status(REQUESTS, with_ledger(170, 201)).value == "？ 台账核对数有 1 处与表内合计不同，请核对"


def test_what_is_no_number_in_the_ledger_is_said_and_not_used(tmp_path: Path) -> None:
    write(with_ledger(174, 201), tmp_path / "年报.xlsx")
    book = openpyxl.load_workbook(tmp_path / "年报.xlsx")
    book[REQUESTS.name][REQUESTS.ledger[ROW].a1] = "见附件"
    book[REQUESTS.name][REQUESTS.ledger[COLUMN].a1] = "２０１件"
    book.save(tmp_path / "年报.xlsx")
    report = read(tmp_path / "年报.xlsx")
    assert report.ledger == {COLUMN: 201}
    (finding,) = [f for f in validate(report) if f.rule == "cell.ledger"]
    assert finding.severity == "info" and "“见附件”不是数字" in finding.message


def test_the_ledger_is_not_printed(tmp_path: Path) -> None:
    write(hubei(), tmp_path / "年报.xlsx")
    areas = str(openpyxl.load_workbook(tmp_path / "年报.xlsx")[REQUESTS.name].print_area)
    assert f"${REQUESTS.ledger_row}" not in areas and "$L$" not in areas


@pytest.mark.long
def test_tabs_are_coloured_by_the_state_of_work(tmp_path: Path) -> None:
    report = changed(hubei(), {"requests.granted.natural": 136})
    write(replace(report, narrative={**report.narrative, "other": ()}), tmp_path / "年报.xlsx")
    again = read(tmp_path / "年报.xlsx")
    mark(tmp_path / "年报.xlsx", tmp_path / "标.xlsx", again, validate(again))
    book = openpyxl.load_workbook(tmp_path / "标.xlsx")
    colours = {page.title: page.sheet_properties.tabColor for page in book}
    seen = {name: colour.rgb[-6:] for name, colour in colours.items() if colour is not None}
    assert seen["三、申请办理"] == TABS["error"]
    assert seen["四、复议诉讼"] == TABS["done"]


def test_rows_of_text_have_a_height_to_begin_with_and_grow(tmp_path: Path) -> None:
    write(hubei(), tmp_path / "年报.xlsx")
    with zipfile.ZipFile(tmp_path / "年报.xlsx") as package:
        sheet = package.read("xl/worksheets/sheet3.xml").decode()
    row = next(
        part
        for part in sheet.split("<row ")[1:]
        if part.startswith(f'r="{LAYOUT.section("disclosure").text_top}"')
    )
    assert 'ht="' in row.partition(">")[0] and "customHeight" not in row.partition(">")[0]


DAMAGE: dict[str, tuple[Any, str]] = {
    "a check": (lambda p: setattr(p["P10"], "value", 5), "核对公式"),
    "a lock": (lambda p: setattr(p["E10"], "protection", openpyxl.styles.Protection(locked=True)), "锁定"),
    "a format": (lambda p: setattr(p["E10"], "number_format", "m/d"), "数字格式"),
    "the validations": (lambda p: p.data_validations.dataValidation.clear(), "输入校验"),
    "another validation": (
        lambda p: setattr(p.data_validations.dataValidation[0], "type", "textLength"),
        "输入校验",
    ),
    "a lock on a row for text": (
        lambda p: setattr(p["B36"], "protection", openpyxl.styles.Protection(locked=True)),
        "锁定",
    ),
    "an open total": (
        lambda p: setattr(p["K10"], "protection", openpyxl.styles.Protection(locked=False)),
        "锁定",
    ),
    "the protection": (lambda p: p.protection.disable(), "工作表保护"),
}


def damaged(folder: Path, *what: str) -> Report:
    """The report out of a workbook in which all this was done."""
    write(hubei(), folder / "年报.xlsx")
    book = openpyxl.load_workbook(folder / "年报.xlsx")
    for each in what:
        DAMAGE[each][0](book["三、申请办理"])
    book.save(folder / "坏.xlsx")
    return inspected(folder / "坏.xlsx", read(folder / "坏.xlsx"))


@pytest.mark.long
@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_said(tmp_path: Path, what: str) -> None:
    (finding,) = [f for f in damaged(tmp_path, what).problems if f.rule == "form.damaged"]
    assert DAMAGE[what][1] in finding.message and "三、申请办理" in finding.message


@pytest.mark.long
@pytest.mark.parametrize(
    "what",
    [
        ("a check", "a lock", "a format", "the validations", "the protection"),
        ("another validation", "a lock on a row for text", "an open total"),
    ],
)
def test_damage_comes_back_in_copies(tmp_path: Path, what: tuple[str, ...]) -> None:
    report = damaged(tmp_path, *what)
    mark(tmp_path / "坏.xlsx", tmp_path / "标.xlsx", report, validate(report))
    lines = apply(tmp_path / "坏.xlsx", tmp_path / "规范.xlsx", changes(report), report)
    assert all(any(DAMAGE[each][1] in line for line in lines) for each in what)
    for copy in ("标.xlsx", "规范.xlsx"):
        assert damages(tmp_path / copy, report) == ()
        assert read(tmp_path / copy).figures == hubei().figures


@pytest.mark.long
def test_what_is_done_to_last_years_figures_comes_back_in_copies(tmp_path: Path) -> None:
    write(hubei(), tmp_path / "年报.xlsx")
    book = openpyxl.load_workbook(tmp_path / "年报.xlsx")
    page = book["上年数据"]
    page["C8"].protection = openpyxl.styles.Protection(locked=True)
    page["C9"].number_format = "m/d"
    page.data_validations.dataValidation.clear()
    book.save(tmp_path / "坏.xlsx")
    report = inspected(tmp_path / "坏.xlsx", read(tmp_path / "坏.xlsx"))
    (finding,) = [f for f in report.problems if f.rule == "form.damaged"]
    assert all(kind in finding.message for kind in ("上年数据", "锁定", "数字格式", "输入校验"))
    mark(tmp_path / "坏.xlsx", tmp_path / "标.xlsx", report, validate(report))
    assert damages(tmp_path / "标.xlsx", report) == ()


@pytest.mark.long
def test_what_other_programs_saved_is_not_damaged(tmp_path: Path) -> None:
    write(hubei(), tmp_path / "年报.xlsx")
    book = openpyxl.load_workbook(tmp_path / "年报.xlsx")
    book.save(tmp_path / "又存.xlsx")
    assert damages(tmp_path / "又存.xlsx", hubei()) == ()


@pytest.mark.long
def test_the_seed_is_filled_with_the_figures_that_are_not_zero_and_one_command(tmp_path: Path) -> None:
    seed = hubei()
    inputs = [c for c in FORM.cells if c not in FORM.filled and seed.figures[c] is not None]
    zeros = {c for c in inputs if seed.figures[c] == 0}
    typed = {c: None if c in zeros or c in FORM.filled else seed.figures[c] for c in FORM.cells}
    write(replace(seed, figures=typed), tmp_path / "年报.xlsx")
    report = read(tmp_path / "年报.xlsx")
    apply(tmp_path / "年报.xlsx", tmp_path / "补.xlsx", changes(report, zeros=True), report)
    filled = read(tmp_path / "补.xlsx").figures
    assert {c: filled[c] for c in inputs} == {c: seed.figures[c] for c in inputs}
    before = sum(len(str(seed.figures[c])) for c in inputs)
    after = before - len(zeros)
    assert (len(inputs), len(zeros), before, after) == (163, 142, 177, 35)
