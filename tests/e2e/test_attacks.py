"""What people do to a workbook without meaning harm: cut, drag, paste over, insert and delete rows. Nothing is silent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlwings as xw

from nianbao.checks.validate import validate
from nianbao.excel import verbs
from nianbao.workbook.layout import Layout
from nianbao.workbook.reader import read
from nianbao.workbook.repair import damages, inspected
from nianbao.workbook.tidy import apply, changes
from support.books import write
from support.build import FORM, cell, hubei

Open = Callable[[Path], xw.Book]
SHEET = "三、申请办理"
LAYOUT = Layout.of(FORM)


def _move(page: Any, source: str, target: str) -> None:
    area = page.getCellRangeByName(source).getRangeAddress()
    page.moveRange(page.getCellRangeByName(target).getCellAddress(), area)


def _copy(page: Any, source: str, target: str) -> None:
    area = page.getCellRangeByName(source).getRangeAddress()
    page.copyRange(page.getCellRangeByName(target).getCellAddress(), area)


ATTACKS: dict[str, Callable[[Any], None]] = {
    "cut one figure to its neighbour": lambda page: _move(page, "E10", "F10"),
    "drag a block down": lambda page: _move(page, "E10:J12", "E20"),
    "cut a column of inputs": lambda page: _move(page, "I8:I30", "J8"),
    "paste an input over a total": lambda page: _copy(page, "E10", "K10"),
    "paste a label over inputs": lambda page: _copy(page, "C10", "E10"),
    "paste over a hidden check": lambda page: _copy(page, "E10", "P10"),
    "insert a row": lambda page: page.getRows().insertByIndex(11, 1),
    "delete a row": lambda page: page.getRows().removeByIndex(11, 1),
}


@pytest.fixture
def attacked(office_book: Open, tmp_path: Path) -> Callable[[str], xw.Book]:
    """A workbook in which all is right, its sheet unprotected for an attack and protected again."""

    def run(name: str) -> xw.Book:
        write(hubei(), tmp_path / "年报.xlsx")
        book = office_book(tmp_path / "年报.xlsx")
        page = book.sheets[SHEET].impl.xl
        page.unprotect("")
        ATTACKS[name](page)
        page.protect("")
        book.app.calculate()
        book.save()
        return book

    return run


@pytest.mark.parametrize("name", ATTACKS)
def test_whatever_was_done_is_said_and_what_is_ours_comes_back(
    attacked: Callable[[str], xw.Book], tmp_path: Path, name: str
) -> None:
    path = Path(attacked(name).fullname)
    report = inspected(path, read(path))
    usual = {(f.rule, f.message) for f in validate(hubei())}
    new = [f for f in validate(report) if (f.rule, f.message) not in usual]
    assert [f for f in new if f.severity == "error" or f.rule in ("form.damaged", "form.total_typed")]
    if any(f.rule == "form.layout" for f in new):
        return  # rows that do not fit the form are told, and nothing is written into the wrong ones
    apply(path, tmp_path / "规范.xlsx", changes(report), report)
    tidied = tmp_path / "规范.xlsx"
    assert damages(tidied, read(tidied)) == ()


def test_a_click_puts_back_a_check_that_was_pasted_over(attacked: Callable[[str], xw.Book]) -> None:
    book = attacked("paste over a hidden check")
    spot = LAYOUT.sheet_of(cell("requests.granted.natural")).fault(cell("requests.granted.natural"))
    assert not str(book.sheets[SHEET][spot.a1].formula).startswith("=")
    verbs.validate(book)
    assert str(book.sheets[SHEET][spot.a1].formula).startswith("=IF(ISERROR(")


def test_a_cut_figure_does_not_disarm_the_checks_that_run_without_any_macro(
    attacked: Callable[[str], xw.Book],
) -> None:
    book = attacked("cut one figure to its neighbour")
    assert str(book.sheets[SHEET]["B3"].value).startswith("✗ 自然人列 218≠55")
