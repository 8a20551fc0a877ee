"""规范数字, 空格补 0 and 撤销 in a workbook that is open in a real LibreOffice."""

from __future__ import annotations

import pytest
import xlwings as xw

from nianbao.core.files import Unreadable
from nianbao.core.grid import Cell
from nianbao.excel import verbs
from nianbao.workbook.layout import Layout
from nianbao.workbook.tidy import RECORD
from support.build import hubei

LAYOUT = Layout.of(hubei().form)
TEXT, BLANK, OTHER = (
    "requests.granted.natural",
    "requests.granted.business",
    "remedies.reconsideration.upheld",
)


def cell(book: xw.Book, key: str) -> xw.Range:
    spot = LAYOUT.spot(Cell.parse(key))
    return book.sheets[spot.sheet][spot.a1]


def told(app: xw.App) -> str:
    return str(app.impl.asked.pop().prompt)


@pytest.fixture
def untidy(clean: xw.Book) -> xw.Book:
    """A number with a unit, a full-width one, a blank."""
    cell(clean, TEXT).value = "'１３６件"
    cell(clean, OTHER).value = "'1,003"
    cell(clean, BLANK).value = None
    return clean


def test_texts_become_numbers_blanks_stay_and_every_change_is_recorded(app: xw.App, untidy: xw.Book) -> None:
    verbs.tidy(untidy)
    said = told(app)
    assert (cell(untidy, TEXT).value, cell(untidy, OTHER).value, cell(untidy, BLANK).value) == (
        136,
        1003,
        None,
    )
    assert "已改动 2 格" in said and "“１３６件” → 136" in said
    assert untidy.sheets[RECORD]["E4:F5"].value == [["１３６件", 136], ["1,003", 1003]]
    assert untidy.sheets["三、申请办理"].api.ProtectContents


def test_blanks_become_zeros_only_when_asked_and_undo_brings_everything_back(
    app: xw.App, untidy: xw.Book
) -> None:
    verbs.fill_zeros(untidy)
    assert "空格补0" in [row[6] for row in untidy.sheets[RECORD]["A4:G30"].value]
    assert cell(untidy, BLANK).value == 0
    verbs.undo(untidy)
    assert told(app).startswith("已撤销")
    assert (cell(untidy, TEXT).value, cell(untidy, OTHER).value, cell(untidy, BLANK).value) == (
        "１３６件",
        "1,003",
        None,
    )
    with pytest.raises(Unreadable, match="没有可以撤销的改动"):
        verbs.undo(untidy)


def test_undo_leaves_what_was_edited_since(app: xw.App, untidy: xw.Book) -> None:
    verbs.tidy(untidy)
    cell(untidy, TEXT).value = 140
    verbs.undo(untidy)
    assert "改动后又编辑过，没有恢复" in told(app)
    assert cell(untidy, TEXT).value == 140 and cell(untidy, OTHER).value == "1,003"


def test_a_total_that_was_typed_over_gets_its_formula_back_and_undo_the_number(
    app: xw.App, clean: xw.Book
) -> None:
    total = cell(clean, "requests.granted.total")
    formula, value = total.formula, total.value
    sheet = total.sheet
    sheet.api.Unprotect("")
    total.value = value
    verbs.tidy(clean)
    assert "合计公式" in told(app) and total.formula == formula
    verbs.undo(clean)
    assert total.value == value and not str(total.formula).startswith("=")


def test_a_failure_midway_leaves_every_cell_as_it_was(
    untidy: xw.Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nianbao.excel.book import OpenBook

    put = OpenBook.put

    def refuse(self: OpenBook, first: object, rows: list[list[object]]) -> None:
        if rows == [[1003.0]]:
            raise ZeroDivisionError
        put(self, first, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(OpenBook, "put", refuse)
    with pytest.raises(ZeroDivisionError):
        verbs.tidy(untidy)
    assert (cell(untidy, TEXT).value, cell(untidy, OTHER).value) == ("１３６件", "1,003")
    assert RECORD not in [sheet.name for sheet in untidy.sheets]


def test_a_tidy_workbook_is_told_and_left_alone(app: xw.App, clean: xw.Book) -> None:
    verbs.tidy(clean)
    assert "没有需要规范的单元格" in told(app)
    assert RECORD not in [sheet.name for sheet in clean.sheets]
