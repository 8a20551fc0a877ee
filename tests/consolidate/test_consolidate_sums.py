"""The summary is the exact sum of its parts, in one step and in two, in any order, with blanks and decimals."""

import os
import zipfile
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from random import Random

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nianbao.consolidate import sheets, summary
from nianbao.consolidate.result import total as add_up
from nianbao.core.grid import Cell
from nianbao.core.number import Figure, pack, simplest, unpack
from nianbao.core.report import Report
from nianbao.workbook.layout import SCOPES
from nianbao.workbook.reader import read
from support.build import FORM
from support.ooxml import OFFICES, Judge
from support.units import FEES, REGULATIONS, YEAR, entry_of, put, run, save, states, total, unit, units

Vector = tuple[Figure | None, ...]


def vector(seed: int) -> Vector:
    """Figures of one unit by chance: whole, decimal, blank."""
    chance = Random(seed)
    return tuple(
        chance.choice(
            (None, 0, chance.randint(1, 10**9), simplest(Decimal(chance.randint(1, 10**9)).scaleb(-4)))
        )
        for _ in FORM.cells
    )


VECTORS = st.integers(0, 10**9).map(vector)


def test_the_units_of_these_tests_are_clean(tmp_path: Path) -> None:
    assert entry_of(save(unit(1), tmp_path / "a.json")) == (0, 0, "")
    assert entry_of(save(unit(3), tmp_path / "b.json"))[0] == 0


@pytest.mark.long
@given(st.lists(VECTORS, max_size=6), st.randoms())
def test_sums_are_exact_in_any_order_and_any_grouping(figures: list[Vector], chance: Random) -> None:
    shuffled = chance.sample(figures, len(figures))
    cut = chance.randint(0, len(figures))
    steps = add_up(FORM, [add_up(FORM, shuffled[:cut]).vector(), add_up(FORM, shuffled[cut:]).vector()])
    assert add_up(FORM, figures).vector() == add_up(FORM, shuffled).vector() == steps.vector()
    for n in range(0, len(FORM.cells), 37):
        known = [Decimal(vector[n]) for vector in figures if vector[n] is not None]
        assert steps.vector()[n] == (sum(known) if known else None)


@given(VECTORS)
def test_figures_travel_exactly(figures: Vector) -> None:
    assert unpack(pack(figures)) == figures


@pytest.mark.long
def test_the_summary_reads_as_a_report_of_the_exact_sums(tmp_path: Path) -> None:
    reports = units(range(12))
    put(tmp_path / "in" / "县", *reports[:4], suffix=".xlsx")
    put(tmp_path / "in", *reports[4:])
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", agency="某市人民政府")
    summary = read(tmp_path / "汇总.xlsx")
    assert summary.figures == total(reports) == result.report.figures
    assert (summary.agency, summary.year, summary.scope) == ("某市人民政府", YEAR, SCOPES[1])
    assert [problem.rule for problem in summary.problems] == ["summary.below"]
    assert entry_of(tmp_path / "汇总.xlsx") == (0, 1, "")


def test_cells_that_all_units_left_blank_stay_blank(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(3), unit(6))
    run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert [read(tmp_path / "汇总.xlsx").figures[cell] for cell in REGULATIONS] == [None] * 3


@pytest.mark.long
@settings(max_examples=2)
@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=5, unique=True), st.integers(1, 4))
def test_two_steps_equal_one(tmp_path_factory: pytest.TempPathFactory, numbers: list[int], cut: int) -> None:
    folder, reports = tmp_path_factory.mktemp("steps"), units(numbers)
    cut = min(cut, len(reports) - 1)
    for name, part in (("东县", reports[:cut]), ("西县", reports[cut:])):
        put(folder / name, *part)
        run(folder / name, folder / "上报" / f"{name}.xlsx", agency=name)
    put(folder / "全部", *reversed(reports))
    run(folder / "上报", folder / "两步.xlsx", agency="某市")
    run(folder / "全部", folder / "一步.xlsx", agency="某市")
    assert read(folder / "两步.xlsx").figures == read(folder / "一步.xlsx").figures == total(reports)


def test_own_and_subordinates_make_the_whole(tmp_path: Path) -> None:
    own, below = unit(100), units(range(3))
    put(tmp_path / "in", *below)
    save(own, tmp_path / "本级.json")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", own=tmp_path / "本级.json")
    assert result.report.figures == total([own, *below])
    assert result.below.figures() == total(below)
    assert result.report.agency == own.agency


def test_the_printed_figures_are_live_sums_over_the_detail(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1), unit(2))
    run(tmp_path / "in", tmp_path / "汇总.xlsx")
    formulas = openpyxl.load_workbook(tmp_path / "汇总.xlsx")
    assert (
        formulas["三、申请办理"]["E8"].value
        == "=IF(COUNT('单位明细'!$Q$6:$Q$7)=0,\"\",SUM('单位明细'!$Q$6:$Q$7))"
    )
    assert "ROUND(SUM(" in formulas["二、主动公开"]["C18"].value and FEES in FORM.cells
    shown = openpyxl.load_workbook(tmp_path / "汇总.xlsx", data_only=True)["单位明细"]
    assert [shown.cell(5, 2).value, shown.cell(6, 2).value, shown.cell(7, 2).value] == [
        "单位",
        "第1号单位",
        "第2号单位",
    ]
    assert shown.freeze_panes == "C6" and shown.auto_filter.ref == "A5:GX7"


@pytest.mark.long
def test_the_sheets_stand_in_the_order_of_reading(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    run(tmp_path / "in", tmp_path / "汇总.xlsx", whole=save(unit(2), tmp_path / "整体.json"))
    names = openpyxl.load_workbook(BytesIO((tmp_path / "汇总.xlsx").read_bytes()), read_only=True).sheetnames
    assert names[:2] == ["报送情况", "封面"], "who is missing is what it opens on"
    added = ["图表", "单位明细", "问题清单", "差额表", "口径说明", "汇总构成"]
    assert names[names.index("六、其他事项") + 1 : names.index("上年数据")] == added


def test_an_overwritten_total_is_returned_not_added(tmp_path: Path) -> None:
    wrong = unit(2)
    cell = next(c for c in FORM.filled if c.row == "concluded")
    put(tmp_path / "in", unit(1), replace(wrong, figures={**wrong.figures, cell: 10**6}))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert states(result) == {"第1号单位.json": "接收", "第2号单位.json": "退回"}
    assert result.report.figures == total([unit(1)])


def test_microsofts_validator_accepts_the_summary(tmp_path: Path, complaints: Judge) -> None:
    put(tmp_path / "in", *units(range(4)))
    save(replace(unit(50), agency=""), tmp_path / "in" / "没有名称.json")
    run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert {office: complaints(tmp_path / "汇总.xlsx", office) for office in OFFICES} == {
        office: [] for office in OFFICES
    }


@pytest.mark.long
def test_a_summary_of_many_files_says_cell_by_cell_what_one_of_few_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "in", *units((1, 2, 3)))
    save(with_a_slip(unit(4)), tmp_path / "in" / "县<&>" / "第4号 单位.xlsx")
    run(tmp_path / "in", tmp_path / "few.xlsx")
    monkeypatch.setattr(summary, "MANY", 0)
    run(tmp_path / "in", tmp_path / "many.xlsx")
    few, many = (openpyxl.load_workbook(tmp_path / f"{name}.xlsx") for name in ("few", "many"))
    assert few.sheetnames == many.sheetnames
    for page in few:
        cells = [(one.coordinate, one.value, one.style_id) for row in page.iter_rows() for one in row]
        others = [
            (one.coordinate, one.value, one.style_id) for row in many[page.title].iter_rows() for one in row
        ]
        assert cells == others
    links = [one.hyperlink for row in many["问题清单"].iter_rows() for one in row if one.hyperlink]
    assert [link.location for link in links] == ["'三、申请办理'!E8"]
    assert "%20" in links[0].target and "第4号" in links[0].target


def with_a_slip(report: Report) -> Report:
    return replace(report, raw={Cell("requests", "received", "natural"): "14件"})


@pytest.mark.parametrize("fails", [False, True])
def test_copies_of_the_process_write_the_same_and_what_they_fail_at_is_done_again(
    fails: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764000000")
    put(tmp_path / "in", *map(with_a_slip, units(range(1, 6))), suffix=".xlsx")
    put(tmp_path / "in", *units(range(6, 9)))
    monkeypatch.setattr(summary, "MANY", 0)
    run(tmp_path / "in", tmp_path / "alone.xlsx")
    forks, system = list[int](), os.fork

    def fork() -> int:
        forks.append(child := system())
        if fails and not child:
            os._exit(1)
        return child

    monkeypatch.setattr(os, "fork", fork)
    monkeypatch.setattr(sheets, "MANY", 0)
    monkeypatch.setattr(sheets.threading, "active_count", lambda: 1)
    run(tmp_path / "in", tmp_path / "beside.xlsx")
    assert len(forks) == 3  # 报送情况, 单位明细, 问题清单
    alone, beside = (parts(tmp_path / name) for name in ("alone.xlsx", "beside.xlsx"))
    assert beside == alone
    assert sum(b"relationships/hyperlink" in part for part in alone.values()) == 2


def parts(path: Path) -> dict[str, bytes]:
    """The files in a workbook, but for its properties, which say when it was made."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.startswith("docProps")}
