"""Whose report a file is, and whether two files say the same: by content, by name, by code, never by chance."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nianbao.consolidate import journal
from nianbao.consolidate.result import MISSING, SENT_BACK, SUBMITTED, Result
from nianbao.consolidate.roster import Roster, Unit
from nianbao.consolidate.submissions import ACCEPTED, DUPLICATE, OUTSIDE, RETURNED
from nianbao.core.grid import Cell
from nianbao.core.number import pack
from nianbao.core.report import Explanation, Report, dump, parse, with_figures
from support.units import put, reason, roster, run, save, standings, states, total, unit, units

FIRST, SECOND = Cell("disclosure", "licensing", "decisions"), Cell("disclosure", "penalty", "decisions")


def digest(report: Report) -> str:
    return journal.digest(report, pack(journal.plain_figures(report)))


def notes(result: Result, file: str) -> str:
    return "；".join(note for case in result.cases if case.head.name == file for note in case.notes)


def test_the_same_numbers_in_other_cells_are_another_report(tmp_path: Path) -> None:
    one = with_figures(unit(1), {FIRST: "11", SECOND: "22"})
    data = json.loads(dump(with_figures(unit(1), {FIRST: "22", SECOND: "11"})))
    rows = data["tables"]["disclosure"]
    rows["licensing"], rows["penalty"] = rows.pop("licensing"), rows.pop("penalty")
    data["tables"]["disclosure"] = {key: rows[key] for key in ("penalty", "licensing", *rows)}
    swapped = parse(json.dumps(data).encode(), "乙")
    assert digest(one) != digest(swapped)


@pytest.mark.long
def test_one_report_in_json_of_any_order_and_in_a_workbook_counts_once(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(3))
    put(tmp_path / "in", unit(3), suffix=".xlsx")
    data = json.loads(dump(unit(3)))
    data["tables"] = {table: data["tables"][table] for table in reversed(data["tables"])}
    data["tables"]["disclosure"].pop("regulations")
    data["narrative"]["overview"] = [f"　{text} " for text in data["narrative"]["overview"]]
    (tmp_path / "in" / "乙.json").write_text(json.dumps(data), encoding="utf-8")
    read = parse(json.dumps(data).encode(), "乙")
    assert digest(read) == digest(unit(3))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert sorted(states(result)[f"第3号单位{kind}"] for kind in (".json", ".xlsx"))[-1] == DUPLICATE
    assert result.report.figures == total(units((3,)))


@pytest.mark.long
def test_of_equal_copies_the_one_with_its_explanations_counts(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(3))
    from nianbao.checks.validate import validate

    asked = [f for f in validate(unit(3)) if f.severity == "verify"]
    said = tuple(
        Explanation(f.rule, tuple(map(str, f.cells)), "本单位没有规章制定权，此三格空白") for f in asked
    )
    assert said
    save(replace(unit(3), explanations=said), tmp_path / "in" / "补说明.json")
    found = states(run(tmp_path / "in", tmp_path / "汇总.xlsx"))
    assert found == {"补说明.json": ACCEPTED, "第3号单位.json": DUPLICATE}


def test_a_report_with_one_units_name_and_anothers_code_goes_back(tmp_path: Path) -> None:
    rows = [("名称", "代码"), *((f"第{n}号单位", unit(n).agency_code) for n in (1, 2, 3))]
    put(tmp_path / "in", unit(1), unit(4), replace(unit(2), agency_code=unit(1).agency_code))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=roster(tmp_path, *rows))
    assert states(result) == {
        "第1号单位.json": ACCEPTED,
        "第2号单位.json": RETURNED,
        "第4号单位.json": OUTSIDE,
    }
    assert "代码和名称属于两个单位" in reason(result, "第2号单位.json")
    known = standings(result)
    assert (known["第1号单位"], known["第2号单位"], known["第3号单位"]) == (SUBMITTED, SENT_BACK, MISSING)
    assert result.report.figures == total(units((1,)))


@pytest.mark.many
@pytest.mark.parametrize("code", ["999999999999999999", "乱写"])
def test_a_code_that_is_nobodys_is_told_and_the_name_holds(tmp_path: Path, code: str) -> None:
    rows = [("名称", "代码"), ("第1号单位", unit(1).agency_code)]
    put(tmp_path / "in", replace(unit(1), agency_code=code))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=roster(tmp_path, *rows))
    assert states(result)["第1号单位.json"] == ACCEPTED
    assert f"所填代码“{code}”与名录的“{unit(1).agency_code}”不同" in notes(result, "第1号单位.json")


def test_a_stranger_with_a_units_code_does_not_send_that_units_report_back(tmp_path: Path) -> None:
    rows = [("名称", "代码"), ("第1号单位", unit(1).agency_code)]
    put(tmp_path / "in", unit(1), replace(unit(2), agency_code=unit(1).agency_code))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=roster(tmp_path, *rows))
    assert states(result) == {"第1号单位.json": ACCEPTED, "第2号单位.json": RETURNED}
    assert "是“第1号单位”的，该单位另有自己的报告" in reason(result, "第2号单位.json")


TOWN = "甲市乙区河口镇人民政府"


@pytest.mark.parametrize(
    ("known", "name"),
    [
        (TOWN, "甲市乙区河口镇"),
        (TOWN, "甲市乙区河口镇政府"),
        ("甲市教育局", "甲市教育委员会"),
        ("甲市卫生健康委员会", "甲市卫生健康委"),
        ("甲市乙区白云街道办事处", "甲市乙区白云街道"),
    ],
)
def test_another_word_at_the_end_of_a_name_is_tolerated_and_told(known: str, name: str) -> None:
    found = Roster((Unit(known), Unit("甲市财政局"))).match(name, "")
    assert found and found.unit.name == known and f"报告中单位写作“{name}”" in found.note


@pytest.mark.parametrize("name", ["甲市国资", "甲市人民政府办公室", "丙区河口镇"])
def test_an_ending_that_leaves_a_doubt_is_not_tolerated(name: str) -> None:
    known = ("甲市国资局", "甲市国资委", "甲市人民政府", TOWN)
    assert Roster(tuple(map(Unit, known))).match(name, "") is None


def test_where_a_name_is_in_doubt_the_units_it_may_mean_are_told(tmp_path: Path) -> None:
    rows = [("名称",), ("甲市国资局",), ("甲市国资委",), (TOWN,)]
    for n, name in enumerate(("甲市国资", "乙区河口镇")):
        save(replace(unit(n), agency=name, agency_code=""), tmp_path / "in" / f"{n}.json")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=roster(tmp_path, *rows))
    assert set(states(result).values()) == {OUTSIDE}
    assert "相近的有“甲市国资局”、“甲市国资委”" in reason(result, "0.json")
    assert f"相近的有“{TOWN}”" in reason(result, "1.json")


def test_a_similar_name_has_no_claim_beside_the_units_own_report(tmp_path: Path) -> None:
    rows = [("名称",), (TOWN,)]
    for n, name in enumerate((TOWN, "甲市乙区河口镇"), 1):
        save(replace(unit(n), agency=name, agency_code=""), tmp_path / "in" / f"{n}.json")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=roster(tmp_path, *rows))
    assert states(result) == {"1.json": ACCEPTED, "2.json": OUTSIDE}
    assert result.report.figures == total(units((1,)))
