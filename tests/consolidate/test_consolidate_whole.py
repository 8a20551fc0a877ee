"""Own, subordinates and the whole; what is left out by choice; last year; the charts' data."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from nianbao.consolidate.comparisons import gaps
from nianbao.core.files import Unreadable
from nianbao.core.form import load
from nianbao.core.grid import Cell
from nianbao.core.number import Figure
from nianbao.core.report import Report
from nianbao.workbook.reader import read
from nianbao.workbook.writer import blank
from support.build import FORM
from support.units import APPEALS, FEES, YEAR, put, run, save, total, unit, units, words

IN_FORCE = Cell("disclosure", "normative", "in_force")


def whole(folder: Path, figures: dict[Cell, Figure | None]) -> Path:
    return save(Report(FORM, "某市", YEAR, figures, scope="含下级汇总"), folder / "整体.json")


@pytest.mark.long
def test_a_unit_that_the_whole_left_out_is_named(tmp_path: Path) -> None:
    put(tmp_path / "in", *units(range(1, 5)))
    given = whole(tmp_path, total(units((1, 2, 4))))
    run(tmp_path / "in", tmp_path / "汇总.xlsx", whole=given)
    said = words(tmp_path / "汇总.xlsx", "差额表")
    assert "全部差额等于“第3号单位”的数字：整体报告似未计入该单位" in said


@pytest.mark.long
def test_a_returned_unit_that_the_whole_has_is_named(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)), unit(3, year=YEAR - 1))
    given = whole(tmp_path, total(units((1, 2, 3))))
    run(tmp_path / "in", tmp_path / "汇总.xlsx", whole=given)
    assert "“第3号单位”的数字：整体报告似已计入，而本次汇总没有计入" in words(
        tmp_path / "汇总.xlsx", "差额表"
    )


@pytest.mark.long
def test_a_single_difference_names_the_unit_with_the_same_figure(tmp_path: Path) -> None:
    reports = units(range(1, 4))
    sums = total(reports)
    cell = Cell("disclosure", "penalty", "decisions")
    reports[1] = replace(reports[1], figures={**reports[1].figures, cell: 7_777})
    put(tmp_path / "in", *reports)
    given = whole(tmp_path, total(reports) | {cell: (total(reports)[cell] or 0) - 7_777})
    run(tmp_path / "in", tmp_path / "汇总.xlsx", whole=given)
    said = words(tmp_path / "汇总.xlsx", "差额表")
    assert "差额等于“第2号单位”的数字" in said and sums[cell] != total(reports)[cell]


@pytest.mark.long
def test_a_part_larger_than_its_whole_is_told(tmp_path: Path) -> None:
    reports = units(range(1, 4))
    cell = Cell("disclosure", "coercion", "decisions")
    reports[0] = replace(reports[0], figures={**reports[0].figures, cell: 5_000})
    put(tmp_path / "in", *reports)
    given = whole(tmp_path, total(reports) | {cell: 4_000})
    run(tmp_path / "in", tmp_path / "汇总.xlsx", whole=given)
    assert "“第1号单位”的数字大于整体" in words(tmp_path / "汇总.xlsx", "差额表")


@pytest.mark.long
def test_an_equal_whole_has_no_difference(tmp_path: Path) -> None:
    put(tmp_path / "in", *units(range(1, 4)))
    own = save(unit(50), tmp_path / "本级.json")
    given = whole(tmp_path, total([unit(50), *units(range(1, 4))]))
    run(tmp_path / "in", tmp_path / "汇总.xlsx", whole=given, own=own)
    assert "逐格相等" in words(tmp_path / "汇总.xlsx", "差额表")


def test_without_a_whole_own_and_subordinates_stand_side_by_side(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", own=save(unit(50), tmp_path / "本级.json"))
    fee = next(gap for gap in _gaps_before_closing(result) if gap[0] == FEES)
    assert fee[1:] == (unit(50).figures[FEES], total(units((1, 2)))[FEES])


def _gaps_before_closing(result: object) -> list[tuple[Cell, object, object]]:
    return [(gap.cell, gap.own, gap.below) for gap in gaps(result)]  # type: ignore[arg-type]


@pytest.mark.long
def test_items_left_out_by_choice_are_not_added_and_the_choice_is_on_record(tmp_path: Path) -> None:
    reports = [replace(r, figures={**r.figures, IN_FORCE: 10}) for r in units((1, 2, 3))]
    put(tmp_path / "in", *reports)
    choices = [
        {
            "unit": "第1号单位",
            "exclude": ["现行有效"],
            "reason": "联合发文由牵头单位计入",
            "date": "2025-02-01",
        },
        {"unit": "*", "exclude": ["复议"], "reason": "由复议机关统一计入", "date": "2025-02-02"},
        {
            "unit": reports[1].agency_code,
            "exclude": [str(FEES)],
            "reason": "已由主管部门计入",
            "date": "2025-02-03",
        },
    ]
    file = tmp_path / "不计入.json"
    file.write_text(json.dumps(choices, ensure_ascii=False), encoding="utf-8")
    own = save(unit(50), tmp_path / "本级.json")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", choices=file, own=own)
    assert result.report.figures[IN_FORCE] == 20 + (unit(50).figures[IN_FORCE] or 0)
    assert [result.report.figures[cell] for cell in APPEALS] == [unit(50).figures[cell] for cell in APPEALS]
    assert result.report.figures[FEES] == sum(
        (r.figures[FEES] for r in (reports[0], reports[2], unit(50))), Decimal(0)
    )
    assert read(tmp_path / "汇总.xlsx").figures == result.report.figures
    said = words(tmp_path / "汇总.xlsx", "口径说明")
    assert "现行有效：联合发文由牵头单位计入（2025-02-01）" in said and "所有下级单位" in said
    assert "（10）" in words(tmp_path / "汇总.xlsx", "单位明细")


@pytest.mark.long
def test_the_roster_may_hold_the_choice(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    (tmp_path / "名录.csv").write_text(
        "单位名称,不计入指标,不计入原因\n第1号单位,复议,由复议机关计入\n第2号单位,,\n", encoding="utf-8"
    )
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=tmp_path / "名录.csv")
    assert [result.report.figures[cell] for cell in APPEALS] == [unit(2).figures[cell] for cell in APPEALS]
    assert "复议：由复议机关计入，依据名录" in words(tmp_path / "汇总.xlsx", "口径说明")


@pytest.mark.many
@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        '[{"unit": "甲"}]',
        '[{"unit": "甲", "exclude": ["没有"], "reason": "原因", "date": "今天"}]',
    ],
)
def test_a_wrong_list_of_choices_is_told(tmp_path: Path, text: str) -> None:
    put(tmp_path / "in", unit(1))
    (tmp_path / "不计入.json").write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable):
        run(tmp_path / "in", tmp_path / "汇总.xlsx", choices=tmp_path / "不计入.json")


@pytest.mark.long
def test_last_years_figures_stand_beside_this_years(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    last = save(unit(3, year=YEAR - 1, blanks=False), tmp_path / "上年.json")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", previous=last)
    summary = read(tmp_path / "汇总.xlsx")
    assert summary.previous is not None and summary.previous.year == YEAR - 1
    assert summary.previous.figures == unit(3, blanks=False).figures
    assert any(found.rule == "previous.carried_in" for found in result.findings)
    assert f"{YEAR - 1}年" in words(tmp_path / "汇总.xlsx", "图表")


@pytest.mark.long
def test_blanks_are_told_with_the_units_that_left_them(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 3)))
    run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert "规章·本年制发件数\n第3号单位未填此格" in words(tmp_path / "汇总.xlsx", "口径说明")


@pytest.mark.long
def test_the_charts_show_the_units_with_most_requests(tmp_path: Path) -> None:
    put(tmp_path / "in", *units(range(1, 15)))
    run(tmp_path / "in", tmp_path / "汇总.xlsx")
    book = openpyxl.load_workbook(tmp_path / "汇总.xlsx")
    assert len(book["图表"]._charts) == 3  # no last year to compare with
    received = Cell("requests", "received", "total")
    ranked = sorted(units(range(1, 15)), key=lambda r: -(r.figures[received] or 0))[:10]
    shown = words(tmp_path / "汇总.xlsx", "图表").split("\n")
    assert [name for name in shown if name.startswith("第")] == [r.agency for r in ranked]


def test_reports_of_an_older_form_are_consolidated_with_that_form(tmp_path: Path) -> None:
    old = load("cn-2019")
    reports = [replace(blank(old, 2020, f"旧{n}"), figures=dict.fromkeys(old.cells, n)) for n in (0, 0)]
    put(tmp_path / "in", replace(reports[0], agency="旧甲"), replace(reports[1], agency="旧乙"), unit(1))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", year=2020)
    assert result.form is old and read(tmp_path / "汇总.xlsx").form is old


@pytest.mark.long
def test_items_that_a_choice_leaves_out_of_all_units_explain_the_differences(tmp_path: Path) -> None:
    reports = [replace(r, figures={**r.figures, IN_FORCE: 77}) for r in units((1, 2, 3))]
    put(tmp_path / "in", *reports)
    choices = [
        {"unit": "*", "exclude": ["复议"], "reason": "由复议机关统计", "date": "2025-02-02"},
        {"unit": "第1号单位", "exclude": [str(IN_FORCE)], "reason": "联合发文", "date": "2025-02-02"},
    ]
    file = tmp_path / "不计入.json"
    file.write_text(json.dumps(choices, ensure_ascii=False), encoding="utf-8")
    given = total(reports) | {IN_FORCE: 154}
    run(tmp_path / "in", tmp_path / "汇总.xlsx", whole=whole(tmp_path, given), choices=file)
    said = words(tmp_path / "汇总.xlsx", "差额表")
    assert "全部差额等于各单位按口径不计入的“复议”：整体报告似已计入，而本次汇总没有计入" in said


@pytest.mark.long
def test_one_units_items_that_are_left_out_are_called_so_in_plain_words(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    choices = [{"unit": "第1号单位", "exclude": ["复议"], "reason": "由复议机关统计", "date": "2025-02-02"}]
    file = tmp_path / "不计入.json"
    file.write_text(json.dumps(choices, ensure_ascii=False), encoding="utf-8")
    run(tmp_path / "in", tmp_path / "汇总.xlsx", whole=whole(tmp_path, total(units((1, 2)))), choices=file)
    assert "全部差额等于“第1号单位”按口径不计入的指标：整体报告似已计入" in words(
        tmp_path / "汇总.xlsx", "差额表"
    )


@pytest.mark.long
def test_many_units_above_the_whole_are_counted(tmp_path: Path) -> None:
    cell = Cell("disclosure", "coercion", "decisions")
    reports = [replace(r, figures={**r.figures, cell: 5_000}) for r in units(range(1, 6))]
    put(tmp_path / "in", *reports)
    run(tmp_path / "in", tmp_path / "汇总.xlsx", whole=whole(tmp_path, total(reports) | {cell: 4_000}))
    assert "“第1号单位”“第2号单位”“第3号单位” 等 5 个单位的数字大于整体" in words(
        tmp_path / "汇总.xlsx", "差额表"
    )


@pytest.mark.long
def test_an_own_report_of_another_agency_is_told(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    own = save(replace(unit(50), agency="某市水利局"), tmp_path / "本级.json")
    result = run(tmp_path / "in", tmp_path / "a.xlsx", own=own, agency="某市人民政府")
    assert [w for w in result.warnings() if "本级报告的单位是“某市水利局”，不是“某市人民政府”" in w]
    fits = save(replace(unit(50), agency="某市人民政府办公室"), tmp_path / "办公室.json")
    assert not list(run(tmp_path / "in", tmp_path / "b.xlsx", own=fits, agency="某市人民政府").warnings())
    twice = save(unit(1), tmp_path / "重.json")
    once = run(tmp_path / "in", tmp_path / "c.xlsx", own=twice)
    assert once.report.figures == total(units((1, 2)))
