"""What a workbook shows otherwise than it holds: dates in figure cells, figures in hidden rows and columns."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl import Workbook

from nianbao.checks.validate import validate
from nianbao.core.finding import Finding
from nianbao.workbook.reader import read
from nianbao.workbook.repair import inspected
from nianbao.xlsx.value import is_date
from support.books import write
from support.build import hubei

REQUESTS = "三、申请办理"


def judged(folder: Path, change: Callable[[Workbook], None]) -> list[Finding]:
    """The findings of the filled template after a change, as the command gives them."""
    write(hubei(), folder / "a.xlsx")
    book = openpyxl.load_workbook(folder / "a.xlsx")
    change(book)
    book.save(folder / "b.xlsx")
    return validate(inspected(folder / "b.xlsx", read(folder / "b.xlsx")))


def test_a_cell_that_shows_a_date_is_one_error_with_what_was_typed_and_what_should_be(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        book[REQUESTS]["E10"] = datetime(2026, 3, 1)
        book[REQUESTS]["E10"].number_format = 'm"月"d"日"'

    (told,) = [f for f in judged(tmp_path, change) if f.severity == "error"]
    assert told.rule == "cell.not_number"
    assert "填的是日期“2026-03-01”，疑为“3-1”被当作日期" in told.message
    assert told.suggestion is not None and told.suggestion.value == 163


@pytest.mark.long
def test_figures_in_hidden_rows_and_columns_are_told(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        book[REQUESTS].row_dimensions[10].hidden = True
        book[REQUESTS].column_dimensions["I"].hidden = True
        book["二、主动公开"].row_dimensions[7].hidden = True  # 规章: blank

    (told,) = [f for f in judged(tmp_path, change) if f.rule == "form.hidden"]
    assert told.severity == "verify"
    assert "“三、申请办理”隐藏了第 10 行和I 列" in told.message


def test_an_untouched_workbook_hides_nothing(tmp_path: Path) -> None:
    assert not [f for f in judged(tmp_path, lambda book: None) if f.rule == "form.hidden"]


@pytest.mark.parametrize(
    "code",
    [
        "14",
        "m/d;@",
        '[$-804]yyyy"年"m"月"',
        "yyyy-mm-dd",
        "22",
        "hh",
        "s",
        "ss.0",
        '上午/下午h"时"',
        "[h]",
        "[ss].00",
        "e/m/d",
    ],
)
def test_formats_of_dates_are_known(code: str) -> None:
    assert is_date(code)


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "0",
        "0.####",
        "@",
        "#,##0",
        '0"月"',
        "1",
        "[Red]0",
        "0.00E+00",
        "##0.0E-0",
        "[DBNum1]General",
        "0_d",
        "*d0",
    ],
)
def test_formats_of_numbers_are_no_dates(code: str) -> None:
    assert not is_date(code)
