"""A formula where a figure should be typed is told: what it shows was true when the file was saved."""

from pathlib import Path

import openpyxl
import pytest

from nianbao.checks.validate import validate
from nianbao.core.grid import Cell
from nianbao.core.report import Report
from nianbao.excel.book import cells
from nianbao.workbook.layout import Layout
from nianbao.workbook.reader import read, report_of
from nianbao.xlsx.value import Value
from support.units import put, run, unit

RECEIVED = Cell("requests", "received", "natural")
PLACE = "E8"


def told(report: Report) -> list[str]:
    return [f.message for f in validate(report) if f.rule == "cell.formula"]


def typed(tmp_path: Path, formula: str, *places: str) -> Path:
    """A sound workbook with a formula in input cells; its value as a spreadsheet would have saved it."""
    put(tmp_path, unit(1), suffix=".xlsx")
    path = tmp_path / f"{unit(1).agency}.xlsx"
    book = openpyxl.load_workbook(path)
    for place in places or (PLACE,):
        book["三、申请办理"][place] = formula
    book.save(path)
    return path


def with_cache(path: Path) -> Report:
    """The report as after saving in a spreadsheet: every formula with the value it shows."""
    from nianbao.xlsx.package import Package, read_package

    package = read_package(path)
    form = unit(1).form
    layout, shown = Layout.of(form), unit(1).figures
    sheets = {name: dict(sheet) for name, sheet in package.sheets.items()}
    for cell in form.cells:
        spot = layout.spot(cell)
        value = sheets[spot.sheet].get((spot.row, spot.column))
        if value is not None and value.formula and shown[cell] is not None:
            sheets[spot.sheet][spot.row, spot.column] = Value("n", str(shown[cell]), True)
    return report_of(Package(package.names, sheets), path.name)


@pytest.mark.many
@pytest.mark.parametrize("formula", ["=7*0", "=[1]Sheet1!A1", "=SUM(F8:G8)"])
def test_a_formula_in_an_input_cell_is_to_be_verified(tmp_path: Path, formula: str) -> None:
    report = with_cache(typed(tmp_path, formula))
    assert told(report) == ["“一、本年新收·自然人”（E8）是公式，所载数值以保存时为准，请改为直接填写的数字"]
    (finding,) = [f for f in validate(report) if f.rule == "cell.formula"]
    assert finding.severity == "verify" and finding.cells == (RECEIVED,)


def test_a_table_full_of_formulas_is_told_once(tmp_path: Path) -> None:
    (words,) = told(with_cache(typed(tmp_path, "=1*1", "E8", "F8", "G8", "H8", "I8")))
    assert "（E8）" in words and "等 5 格是公式" in words


def test_the_templates_own_totals_are_no_such_formulas(tmp_path: Path) -> None:
    put(tmp_path, unit(1), suffix=".xlsx")
    assert told(read(tmp_path / f"{unit(1).agency}.xlsx")) == []


@pytest.mark.long
def test_the_sums_of_a_summary_are_no_such_formulas(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    run(tmp_path / "in", tmp_path / "汇总.xlsx", agency="某市")
    assert told(read(tmp_path / "汇总.xlsx")) == []


def test_in_an_open_workbook_the_same_is_seen() -> None:
    found = cells([[65]], [["=7*0"]], 5)
    assert found[1, 5] == Value("n", "65", True)
