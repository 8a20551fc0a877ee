"""“校验后已修改”: what the workbook's own formulas see of an edit."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwings as xw

from nianbao.checks.validate import validate
from nianbao.core.grid import Cell
from nianbao.core.report import Report
from nianbao.workbook import flags
from nianbao.workbook import layout as at
from nianbao.workbook.layout import Layout, Spot
from nianbao.workbook.reader import read
from support.books import mark, write
from support.build import changed, hubei, tiny_report

Open = Callable[[Path], xw.Book]
LAYOUT = Layout.of(hubei().form)
SAME, EDITED = "校验后未修改", "校验后已修改，请重新校验"
PARAGRAPH = LAYOUT.section("overview").paragraph(1)


def full() -> Report:
    """A report with a preamble, a cover filled in, and last year's figures."""
    cover = {"agency_code": "11420000011", "level": "省级部门", "scope": "本级"}
    told = {"preamble": ("根据条例编制本报告。", "联系电话：027-1234567。")}
    return replace(hubei(), previous=replace(hubei(), year=2020), **cover, **told)


def marked(report: Report, folder: Path, spoil: Callable[[Any], None] = lambda book: None) -> Path:
    """The report's workbook (``spoil``: changed by another program first), flagged while closed."""
    write(report, folder / "年报.xlsx")
    book = openpyxl.load_workbook(folder / "年报.xlsx")
    spoil(book)
    book.save(folder / "年报.xlsx")
    again = read(folder / "年报.xlsx", report.form)
    mark(folder / "年报.xlsx", folder / "标.xlsx", again, validate(again))
    return folder / "标.xlsx"


def said(book: xw.Book) -> str:
    return str(book.sheets[at.RESULTS]["B3"].value)


def error_values(book: Any) -> None:
    for spot in (
        LAYOUT.spot(Cell.parse("disclosure.penalty.decisions")),
        next(iter(LAYOUT.previous.values())),
    ):
        book[spot.sheet][spot.a1].value = "#DIV/0!"
        book[spot.sheet][spot.a1].data_type = "e"


@pytest.mark.parametrize(
    "report", [hubei(), full(), changed(full(), {"requests.granted.natural": "3件"}), tiny_report()]
)
def test_nothing_is_said_before_the_first_validation(
    office_book: Open, tmp_path: Path, report: Report
) -> None:
    write(report, tmp_path / "年报.xlsx")
    book = office_book(tmp_path / "年报.xlsx")
    book.app.calculate()
    assert not book.sheets[at.RESULTS]["B3"].value
    assert book.sheets[at.RESULTS][at.EDITED.a1].value == 0


def test_while_error_values_stand_there_figures_are_compared_by_their_sums(
    office_book: Open, tmp_path: Path
) -> None:
    book = office_book(marked(full(), tmp_path, error_values))
    book.app.calculate()
    assert said(book) == SAME
    spot = LAYOUT.spot(Cell.parse("disclosure.licensing.decisions"))
    book.sheets[spot.sheet].api.Unprotect("")
    book.sheets[spot.sheet][spot.a1].value = 4711
    assert said(book) == EDITED


def test_a_copy_flagged_while_closed_says_that_nothing_was_edited(office_book: Open, tmp_path: Path) -> None:
    book = office_book(marked(full(), tmp_path))
    book.app.calculate()
    assert said(book) == SAME
    pages = openpyxl.load_workbook(book.fullname)
    for area in flags.typed_areas(LAYOUT):
        columns = pages[area.first.sheet].column_dimensions.values()
        hidden = {c for d in columns if d.hidden for c in range(d.min, d.max + 1)}
        assert hidden >= set(range(area.copy.column, area.last.column + area.shift + 1))


EDITS = {
    "单位": (at.COVER_FIELDS["agency"][1], "湖北省水利厅"),
    "代码": (at.COVER_FIELDS["agency_code"][1], "11420000012"),
    "年度": (at.COVER_FIELDS["year"][1], 2022),
    "行政层级": (at.COVER_FIELDS["level"][1], "市级部门"),
    "前言": (at.PREAMBLE, "依据条例编制本报告。"),
    "前言中的数字": (at.PREAMBLE._replace(row=at.PREAMBLE.row + 1), "联系电话：027-1234576。"),
    "上年数据": (LAYOUT.previous[Cell.parse("requests.received.natural")], 4711),
    "上年年度": (at.PREVIOUS_YEAR, 2019),
    "表中数字": (LAYOUT.spot(Cell.parse("requests.received.natural")), 4711),
    "空白补 0": (LAYOUT.spot(Cell.parse("disclosure.regulations.issued")), 0),
    "新写的一段": (LAYOUT.section("problems").paragraph(30), "新写的一段。"),
}


@pytest.fixture(scope="module")
def shown(app: xw.App, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One flagged workbook, open and without protection."""
    path = marked(full(), tmp_path_factory.mktemp("stamp"))
    book = app.books.open(path)
    for sheet in book.sheets:
        sheet.api.Unprotect("")
    book.app.calculate()
    yield book
    book.close()


def edited(book: xw.Book, spot: Spot, value: Any) -> str:
    """What the workbook says while a cell holds something else."""
    cell = book.sheets[spot.sheet][spot.a1]
    stood = cell.value
    cell.value = value
    told = said(book)
    cell.value = stood
    assert said(book) == SAME
    return told


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_of_the_cover_the_preamble_or_last_year_is_seen(shown: xw.Book, what: str) -> None:
    assert edited(shown, *EDITS[what]) == EDITED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("全部予以公开", "部分予以公开"),
        ("增长12%", "下降12%"),
        ("结果维持3件", "结果纠正3件"),
        ("无结转下年度", "有结转下年度"),
        ("收到申请163件", "收到申请136件"),
        ("自然人5件", "企业法5件"),
        ("已办结", "未办结"),
        ("一是机制不健全", "一是力量不足够"),
    ],
)
def test_a_changed_word_of_the_same_length_is_seen(shown: xw.Book, old: str, new: str) -> None:
    page = shown.sheets[PARAGRAPH.sheet]
    copy = next(area for area in flags.typed_areas(LAYOUT) if area.first.sheet == PARAGRAPH.sheet).copy
    kept = copy._replace(row=PARAGRAPH.row)
    stood = page[PARAGRAPH.a1].value
    page[PARAGRAPH.a1].value = page[kept.a1].value = f"本年度{old}。"
    assert said(shown) == SAME
    page[PARAGRAPH.a1].value = f"本年度{new}。"
    assert said(shown) == EDITED
    page[PARAGRAPH.a1].value = page[kept.a1].value = stood
    assert said(shown) == SAME


def test_paragraphs_that_trade_places_are_seen(shown: xw.Book) -> None:
    page, below = shown.sheets[PARAGRAPH.sheet], PARAGRAPH._replace(row=PARAGRAPH.row + 1)
    first, second = page[PARAGRAPH.a1].value, page[below.a1].value
    page[PARAGRAPH.a1].value, page[below.a1].value = second, first
    assert said(shown) == EDITED
    page[PARAGRAPH.a1].value, page[below.a1].value = first, second
    assert said(shown) == SAME
