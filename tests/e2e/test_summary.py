"""The summary in LibreOffice: its live sums give the cached values, and every sheet prints with its charts."""

from collections.abc import Iterator
from dataclasses import replace
from math import isclose
from pathlib import Path
from subprocess import run as command
from typing import Any

import openpyxl
import pytest
import xlwings as xw

from nianbao.workbook.reader import read
from support.units import put, run, save, unit, units


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A summary of own, 20 units, some of them returned, a unit left out by choice, with last year's figures."""
    folder = tmp_path_factory.mktemp("summary")
    put(folder / "in", *units(range(18)), unit(18, year=2023), replace(unit(19), agency=""))
    rows = [
        "单位名称,上级,不计入指标,不计入原因",
        *(f"第{n}号单位,{'东县' if n < 9 else '西县'},," for n in range(20)),
    ]
    rows[3] = "第2号单位,东县,复议,由复议机关统一计入"
    (folder / "名录.csv").write_text("\n".join([*rows, "东县,某市,,", "西县,某市,,"]), encoding="utf-8")
    own = save(replace(unit(99), agency="某市人民政府"), folder / "本级.json")
    last = save(replace(unit(98, year=2023), agency="某市人民政府"), folder / "上年.json")
    whole = save(replace(unit(97), agency="某市人民政府"), folder / "整体.json")
    run(folder / "in", folder / "汇总.xlsx", roster=folder / "名录.csv", own=own, previous=last, whole=whole)
    return folder / "汇总.xlsx"


def values(path: Path) -> dict[tuple[str, str], Any]:
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value not in (None, "")
    }


def same(one: Any, other: Any) -> bool:
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return isclose(one, other, rel_tol=1e-12) if numbers else bool(one == other)


@pytest.fixture(scope="module")
def opened(app: xw.App, summary: Path) -> Iterator[xw.Book]:
    """The summary, open; what is saved of it goes elsewhere."""
    book = app.books.open(summary)
    yield book
    book.close()


def test_live_sums_recalculate_to_the_cached_values_and_follow_a_figure_of_the_detail(
    opened: xw.Book, summary: Path, tmp_path: Path
) -> None:
    before = values(summary)
    opened.app.calculate()
    opened.save(tmp_path / "重算.xlsx")
    after = values(tmp_path / "重算.xlsx")
    assert before.keys() == after.keys()
    unlike = {at: (before[at], after[at]) for at in before if not same(before[at], after[at])}
    assert unlike == {}
    assert read(tmp_path / "重算.xlsx").figures == read(summary).figures

    detail = opened.sheets["单位明细"]
    detail.api.Unprotect("")
    column = detail.range((4, 1), (4, 200)).value.index("行政许可") + 1
    detail.range((8, column)).value += 1000
    opened.app.calculate()
    opened.save(tmp_path / "改.xlsx")
    after = values(tmp_path / "改.xlsx")
    changed = {at: after[at] - before[at] for at in after if not same(before[at], after[at])}
    sheets = [sheet for (sheet, _), by in changed.items() if by == 1000]
    assert changed["二、主动公开", "C11"] == 1000 and sheets.count("单位明细") == 1
    assert sheets.count("分级小计") == 2, "the county and its superior"
    assert sheets.count("差额表") == 2, "the subordinates and the sum"


def test_every_sheet_prints_with_its_title_and_the_charts_are_drawn(opened: xw.Book, tmp_path: Path) -> None:
    opened.to_pdf(tmp_path / "汇总.pdf")
    text = command(
        ["pdftotext", str(tmp_path / "汇总.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    for title in ("单位明细", "报送情况", "分级小计", "问题清单", "差额表", "口径说明"):
        assert title in text
    for chart in ("申请办理结果构成", "本年新收申请最多的单位", "本年与上年", "各类结果占比"):
        assert chart in text
