"""异常提示: what differs markedly from the unit's own last year, or from what is usual among its siblings."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from nianbao.core.report import Report
from support.units import LICENSING, name, put, run, unit, units


def licensed(number: int, count: int, *, year: int = 2024) -> Report:
    report = unit(number, year=year)
    return replace(report, figures={**report.figures, LICENSING: count})


def shown(book: Path) -> list[tuple[str, str, int, str, int]]:
    """Unit, indicator, figure, what it is compared with and that figure, as far as the licences go."""
    rows = openpyxl.load_workbook(BytesIO(book.read_bytes()), read_only=True)["异常提示"].iter_rows(
        min_row=4, values_only=True
    )
    return [(r[1], r[4], r[5], r[6], r[7]) for r in rows if r[4] and "许可" in str(r[4])]


@pytest.mark.long
def test_a_figure_far_above_its_siblings_is_shown(tmp_path: Path) -> None:
    put(tmp_path / "in", *(licensed(n, 30 + n) for n in range(1, 10)), licensed(10, 9_487))
    run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert shown(tmp_path / "汇总.xlsx") == [(name(10), "行政许可·本年处理决定数量", 9_487, "同级中位数", 36)]


@pytest.mark.long
def test_a_nought_where_every_sibling_has_some_is_shown(tmp_path: Path) -> None:
    put(tmp_path / "in", *(licensed(n, 50) for n in range(1, 19)), licensed(20, 0))
    run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert [(row[0], row[2]) for row in shown(tmp_path / "汇总.xlsx")] == [(name(20), 0)]


@pytest.mark.long
def test_a_jump_against_the_units_own_last_year_is_shown(tmp_path: Path) -> None:
    put(tmp_path / "去年", *(licensed(n, 550, year=2023) for n in (1, 2)))
    run(tmp_path / "去年", tmp_path / "去年汇总.xlsx", agency="某市")
    put(tmp_path / "今年", licensed(1, 560), licensed(2, 9_487))
    run(tmp_path / "今年", tmp_path / "汇总.xlsx", previous=tmp_path / "去年汇总.xlsx", agency="某市")
    assert shown(tmp_path / "汇总.xlsx") == [(name(2), "行政许可·本年处理决定数量", 9_487, "上年", 550)]


def test_without_anything_to_compare_with_there_is_no_such_sheet(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert (
        "异常提示"
        not in openpyxl.load_workbook(
            BytesIO((tmp_path / "汇总.xlsx").read_bytes()), read_only=True
        ).sheetnames
    )


@pytest.mark.long
def test_the_chart_of_years_goes_back_as_far_as_earlier_summaries_tell(tmp_path: Path) -> None:
    last: dict[str, Path] = {}
    for year in (2022, 2023, 2024):
        put(tmp_path / str(year), unit(1, year=year))
        target = tmp_path / f"{year}.xlsx"
        run(tmp_path / str(year), target, agency="某市", **last)
        last = {"previous": target}
    texts = {
        cell.value
        for row in openpyxl.load_workbook(tmp_path / "2024.xlsx")["图表"].iter_rows()
        for cell in row
    }
    assert {"2022年", "2023年", "2024年"} <= texts
