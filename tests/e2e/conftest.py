"""One real LibreOffice for all end-to-end tests, and copies of workbooks opened in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import xlsxwriter
import xlwings as xw

import libreoffice
from support.books import write
from support.build import hubei


@pytest.fixture(scope="session")
def app() -> Iterator[xw.App]:
    """The LibreOffice that all tests share, as the active xlwings app. Books of a test are its own to close."""
    with libreoffice.start() as started:
        yield started


@pytest.fixture
def office_book(app: xw.App, tmp_path: Path) -> Iterator[Callable[[Path], xw.Book]]:
    """`office_book(path)` opens a copy of a workbook, of the same name; every copy is closed when the test ends.

    Like Excel, xlwings opens only one workbook of a name at a time.
    """
    opened: list[xw.Book] = []

    def open_copy(path: Path) -> xw.Book:
        folder = tmp_path / f"copy{len(opened)}"
        folder.mkdir()
        opened.append(app.books.open(shutil.copy(path, folder / path.name)))
        return opened[-1]

    yield open_copy
    for book in opened:
        if app.impl.office.alive() and book.impl.document in app.impl.documents:
            book.close()


@pytest.fixture
def book(app: xw.App) -> Iterator[xw.Book]:
    new = app.books.add()
    yield new
    new.close()


@pytest.fixture
def sheet(book: xw.Book) -> xw.Sheet:
    return book.sheets[0]


@pytest.fixture
def form(tmp_path: Path) -> Path:
    """A workbook as our template is: locked but for B2:C3, a total with a stale cached value, a hidden column."""
    path = tmp_path / "年报 样表.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("三、申请办理")
        workbook.add_worksheet("校验结果")
        unlocked = workbook.add_format({"locked": False})
        for row in (1, 2):
            sheet.write_row(row, 1, [row, 10 * row], unlocked)
        sheet.write_formula("D2", "=B2+C2", None, 999)
        sheet.write("A1", "自然人")
        sheet.set_column("F:F", None, None, {"hidden": True})
        workbook.define_name("填报区", "='三、申请办理'!$B$2:$C$3")
        sheet.protect()
    return path


@pytest.fixture
def clean(tmp_path: Path, office_book: Callable[[Path], xw.Book]) -> xw.Book:
    """The figures of 湖北 2021, nothing to be said against them but the blank 规章."""
    path = tmp_path / "年报.xlsx"
    write(hubei(), path)
    return office_book(path)


@pytest.fixture
def caller() -> Iterator[Callable[[xw.Book], None]]:
    """Makes a workbook xlwings' mocked caller for one test."""
    yield lambda book: book.set_mock_caller()
    if hasattr(xw.Book, "_mock_caller"):
        del xw.Book._mock_caller
