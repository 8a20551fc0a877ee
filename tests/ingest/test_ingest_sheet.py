"""Old workbooks of another layout: everything on one sheet, or a sheet a table."""

import io
import zipfile
from collections.abc import Callable

import pytest

from nianbao.core import form as forms
from nianbao.core.grid import Cell
from nianbao.core.report import Report, to_json
from nianbao.ingest.ingest import ingest
from nianbao.xlsx.value import is_date
from support.pages import counted, random_report, report, said

FORM = forms.load("cn-2021")
SIX = {
    s.key: (f"{s.heading[2:]}的文字，这一段写得长一些，以便占满一整行的合并单元格。",) for s in FORM.sections
}


def _write(fill: Callable[..., None]) -> bytes:
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        fill(book)
    return file.getvalue()


def _put(sheet: object, row: int, column: int, told: Report, key: str) -> int:
    grid = told.form.tables[key].grid
    for box in grid.boxes:
        text = said(told, box.cell) if box.cell else box.text
        value = float(text) if box.cell and box.cell not in told.raw and text else text
        top, left = row + box.row, column + box.column
        if box.rows * box.columns > 1:
            sheet.merge_range(top, left, top + box.rows - 1, left + box.columns - 1, value)  # type: ignore[attr-defined]
        else:
            sheet.write(top, left, value)  # type: ignore[attr-defined]
    return row + grid.height


def one_sheet(told: Report) -> bytes:
    """Title, headings, text and tables one under another on one sheet."""

    def fill(book: object) -> None:
        sheet = book.add_worksheet("Sheet1")  # type: ignore[attr-defined]
        sheet.merge_range(0, 1, 0, 15, told.heading)
        row = 2
        for text in told.preamble:
            sheet.merge_range(row, 1, row, 15, text)
            row += 1
        for section in told.form.sections:
            sheet.merge_range(row, 1, row, 15, section.heading)
            row += 1
            for text in told.narrative.get(section.key, ()):
                sheet.merge_range(row, 1, row, 15, text)
                row += 1
            if section.table:
                row = _put(sheet, row, 1, told, section.table) + 1

    return _write(fill)


def sheet_by_sheet(told: Report) -> bytes:
    """A sheet a section, named as the section; the title is on the first."""

    def fill(book: object) -> None:
        cover = book.add_worksheet("封面")  # type: ignore[attr-defined]
        cover.write(3, 2, told.heading)
        for section in told.form.sections:
            sheet = book.add_worksheet(section.sheet)  # type: ignore[attr-defined]
            for row, text in enumerate(told.narrative.get(section.key, ())):
                sheet.write(row, 0, text)
            if section.table:
                _put(sheet, 5, 0, told, section.table)
        book.add_worksheet("Sheet9")  # type: ignore[attr-defined]

    return _write(fill)


@pytest.mark.parametrize("layout", [one_sheet, sheet_by_sheet])
def test_an_old_workbook_is_read(layout: Callable[[Report], bytes]) -> None:
    told = report(FORM, counted(FORM), SIX)
    got = ingest(layout(told), name="旧表.xlsx")
    assert to_json(got.report) == to_json(told)
    assert got.doubts == ()


@pytest.mark.parametrize("seed", range(4))
def test_random_workbooks_are_read_back_as_they_were(seed: int) -> None:
    told = random_report(seed)
    assert to_json(ingest(one_sheet(told), name="旧表.xlsx").report)["tables"] == to_json(told)["tables"]


def test_a_formula_without_a_result_is_told() -> None:
    data = sheet_by_sheet(report(FORM, counted(FORM, start=100_000)))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            part = source.read(name).replace(b"<v>100018</v>", b"<f>1+1</f>", 1)
            target.writestr(name, part)
    got = ingest(out.getvalue(), name="旧表.xlsx")
    assert got.report.figures[FORM.cells[18]] is None
    assert (
        "工作表“三、申请办理”有 1 个公式没有计算结果，按空白读入，请在 Excel 中打开保存后再导入" in got.doubts
    )


def _old_book(date_at: tuple[int, int] | None, told: Report) -> bytes:
    """Label and name in two cells above every table, and perhaps a date where a figure belongs."""

    def fill(book: object) -> None:
        day = book.add_format({"num_format": "yyyy/m/d"})  # type: ignore[attr-defined]
        for section in told.form.sections:
            sheet = book.add_worksheet(section.sheet)  # type: ignore[attr-defined]
            if section.table:
                sheet.write_row(0, 0, ["填报单位：", told.agency, "填报日期："])
                sheet.write_number(0, 3, 45_306, day)
                _put(sheet, 1, 0, told, section.table)
            else:
                sheet.write(0, 0, f"{section.heading[2:]}的文字。")
            if date_at and section.table == "disclosure":
                sheet.write_number(*date_at, 45_306, day)

    return _write(fill)


def test_the_agency_is_read_from_a_line_above_the_tables() -> None:
    told = report(FORM, counted(FORM))
    got = ingest(_old_book(None, told), name="旧表.xlsx")
    assert got.report.agency == told.agency
    assert got.report.figures == told.figures
    assert got.doubts == ("没有认出报告年度，请在封面填写四位年份",)
    assert "disclosure" not in got.report.narrative


def test_a_date_in_the_place_of_a_figure_is_kept_as_a_date_and_is_no_number() -> None:
    told = report(FORM, counted(FORM))
    got = ingest(_old_book((4, 2), told), name="旧表.xlsx")
    cell = Cell("disclosure", "normative", "repealed")
    assert got.report.raw == {cell: "2024年1月15日"}
    assert got.report.figures == {**told.figures, cell: None}


@pytest.mark.parametrize(
    ("key", "code", "date"),
    [
        ("14", "", True),
        ("164", 'yyyy"年"m"月"', True),
        ("165", "[h]:mm", True),
        ("0", "", False),
        ("166", '#,##0"day"', False),
        ("167", "[Red]0.00_d", False),
        ("168", "General", False),
    ],
)
def test_formats_of_dates_are_told_from_those_of_numbers(key: str, code: str, date: bool) -> None:
    assert is_date(code or key) is date
