"""The roster: who has reported, who is missing, whose name is written differently; no summary counts twice."""

import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from nianbao.consolidate.result import BEYOND, MISSING, SENT_BACK, SUBMITTED
from nianbao.consolidate.roster import Roster, Unit, load_roster
from nianbao.consolidate.submissions import ACCEPTED, COVERED, OUTSIDE, RETURNED, VERIFY
from nianbao.core.files import Unreadable
from nianbao.workbook.reader import read
from support.units import put, reason, roster, run, save, standings, states, total, unit, units

ROWS = [
    ("单位名称", "代码", "别名", "上级"),
    ("甲县财政局", "A-1", "甲财政；县财政", "甲县人民政府"),
    ("甲县人民政府", "", "", ""),
]


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_a_roster_may_be_csv_xlsx_or_json(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"名录.{kind}"
    if kind == "json":
        heads, *rows = ROWS
        path.write_text(json.dumps([dict(zip(heads, row, strict=True)) for row in rows]), encoding="utf-8")
    elif kind == "csv":
        roster(tmp_path, *ROWS)
    else:
        book = openpyxl.Workbook()
        for row in [("2024年名录",), *ROWS]:
            book.active.append(row)
        book.save(path)
    assert load_roster(path).units[0] == Unit("甲县财政局", "A-1", ("甲财政", "县财政"), "甲县人民政府")


@pytest.mark.parametrize(
    ("name", "code", "note"),
    [
        ("甲县财政局", "", ""),
        ("别的名字", "a1", "按代码"),
        ("县财政", "", "按名称（别名"),
        ("甲县 财政局", "", "按名称（别名"),
        ("甲县财政局（本级）", "", "词尾"),
        ("甲縣财政局", "", "按名称"),
        ("", "", None),
    ],
)
def test_units_are_matched_by_code_name_alias_and_usual_ending(
    tmp_path: Path, name: str, code: str, note: str | None
) -> None:
    match = load_roster(roster(tmp_path, *ROWS)).match(name, code)
    assert (match is None) == (note is None)
    if match and note is not None:
        assert match.unit.name == "甲县财政局" and (note in match.note if note else match.note == "")


def test_full_width_names_and_government_spellings_match() -> None:
    known = Roster((Unit("Ａ市政府"), Unit("乙")))
    match = known.match("A市人民政府", "")
    assert match and match.unit.name == "Ａ市政府"


def test_an_alias_of_two_units_means_neither() -> None:
    assert Roster((Unit("甲局", aliases=("局",)), Unit("乙局", aliases=("局",)))).match("局", "") is None


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("单位名称",)], "没有单位"),
        ([("数量",), ("1",)], "表头"),
        ([("单位名称",), ("甲",), ("甲",)], "重复出现"),
        ([("单位名称", "代码"), ("甲", "1"), ("乙", "1")], "代码“1”重复出现"),
        ([("单位名称",), ("甲" * 200_000,)], "不是完整的 CSV"),
        ([("单位名称", "上级"), ("甲", "乙"), ("乙", "甲")], "互为上下级"),
    ],
)
def test_a_wrong_roster_is_told_in_one_sentence(
    tmp_path: Path, rows: list[tuple[str, ...]], words: str
) -> None:
    with pytest.raises(Unreadable, match=words):
        load_roster(roster(tmp_path, *rows))


def test_submitted_missing_returned_and_outside(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1), replace(unit(2), agency="第２号单位（本级）", agency_code=""), unit(9))
    (tmp_path / "in" / "第3号单位2024年报.xlsx").write_bytes(b"broken")
    rows = [("名称", "上级"), *((f"第{n}号单位", "某县") for n in range(1, 5))]
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=roster(tmp_path, *rows))
    assert standings(result) == {
        "第1号单位": SUBMITTED,
        "第2号单位": SUBMITTED,
        "第3号单位": SENT_BACK,
        "第4号单位": MISSING,
        "第9号单位": BEYOND,
    }
    assert states(result)["第9号单位.json"] == OUTSIDE
    assert result.report.figures == total(units((1, 2))) and result.report.agency == "某县"
    assert "写作“第２号单位（本级）”" in "".join(note for case in result.cases for note in case.notes)


@pytest.mark.long
def test_a_tree_of_superiors_gives_subtotals_at_each_level(tmp_path: Path) -> None:
    put(tmp_path / "in", *units(range(1, 6)))
    rows = [
        ("名称", "上级"),
        ("第1号单位", "东县"),
        ("第2号单位", "东县"),
        ("第3号单位", "西县"),
        ("第4号单位", "市"),
    ]
    rows += [("第5号单位", "第4号单位"), ("东县", "市"), ("西县", "市"), ("市", "")]
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=roster(tmp_path, *rows))
    sums = {name: level.figures() for name, level in result.subtotals.items()}
    assert sums == {
        "东县": total(units((1, 2))),
        "西县": total(units((3,))),
        "第4号单位": total(units((4, 5))),
        "市": total(units(range(1, 6))),
    }
    assert (
        "分级小计"
        in openpyxl.load_workbook(BytesIO((tmp_path / "汇总.xlsx").read_bytes()), read_only=True).sheetnames
    )


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """A folder that holds a county's summary of three units beside two of those units and a stranger."""
    put(tmp_path / "county", *units(range(1, 4)))
    run(tmp_path / "county", tmp_path / "in" / "东县汇总.xlsx", agency="东县")
    (tmp_path / "in" / "东县汇总.汇总记录.sqlite").unlink()
    put(tmp_path / "in", *units((1, 2, 7)))
    return tmp_path


@pytest.mark.long
def test_units_that_a_summary_lists_are_not_added_again(county: Path) -> None:
    result = run(county / "in", county / "汇总.xlsx")
    found = states(result)
    assert found["东县汇总.xlsx"] in (ACCEPTED, VERIFY) and found["第7号单位.json"] == ACCEPTED
    assert [found[f"第{n}号单位.json"] for n in (1, 2)] == [COVERED, COVERED]
    assert result.report.figures == total(units((1, 2, 3, 7)))
    assert "已含在“东县”的汇总" in reason(result, "第1号单位.json")


@pytest.mark.long
def test_a_summary_whose_units_are_all_there_is_left_out(county: Path) -> None:
    put(county / "in", unit(3))
    result = run(county / "in", county / "汇总.xlsx")
    assert states(result)["东县汇总.xlsx"] == COVERED
    assert result.report.figures == total(units((1, 2, 3, 7)))


@pytest.mark.long
def test_the_rosters_tree_tells_what_a_summary_includes(county: Path) -> None:
    summary = read(county / "in" / "东县汇总.xlsx")
    (county / "in" / "东县汇总.xlsx").unlink()
    save(summary, county / "in" / "东县汇总.json")
    rows = [
        ("名称", "上级"),
        ("第1号单位", "东县"),
        ("第2号单位", "东县"),
        ("第3号单位", "东县"),
        ("东县", "市"),
        ("第7号单位", "市"),
    ]
    result = run(county / "in", county / "汇总.xlsx", roster=roster(county, *rows))
    assert states(result)["第2号单位.json"] == COVERED
    assert result.report.figures == total(units((1, 2, 3, 7)))


@pytest.mark.long
def test_a_unit_that_reported_through_a_summary_is_not_missing(county: Path) -> None:
    rows = [
        ("名称", "上级"),
        *((f"第{n}号单位", "东县") for n in (1, 2, 3)),
        ("东县", "市"),
        ("第7号单位", "市"),
    ]
    result = run(county / "in", county / "汇总.xlsx", roster=roster(county, *rows))
    assert standings(result)["第3号单位"] == SUBMITTED


def test_a_summary_of_nobody_knows_what_is_held_back_beside_others(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1), replace(unit(8), scope="含下级汇总"))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert states(result)["第8号单位.json"] == RETURNED and "没有写明包含哪些单位" in reason(
        result, "第8号单位.json"
    )
    assert result.report.figures == total(units((1,)))


TREE = [
    ("名称", "上级"),
    *((f"第{n}号单位", "东县") for n in (1, 2, 3)),
    ("东县", "市"),
    ("第7号单位", "市"),
]


@pytest.mark.long
def test_a_summary_stands_for_no_unit_that_the_roster_does_not_put_under_it(tmp_path: Path) -> None:
    put(tmp_path / "东县", *units((1, 2)), replace(unit(8), agency="第7号单位", agency_code=""))
    run(tmp_path / "东县", tmp_path / "in" / "东县汇总.xlsx", agency="东县")
    put(tmp_path / "in", *units((1, 7)))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=roster(tmp_path, *TREE))
    assert states(result)["东县汇总.xlsx"] == RETURNED
    assert "“第7号单位”在名录中不是“东县”的下级，不能代为汇总" in reason(result, "东县汇总.xlsx")
    assert result.report.figures == total(units((1, 7)))
    known = standings(result)
    assert known["第7号单位"] == SUBMITTED and known["第2号单位"] == MISSING and known["东县"] == SENT_BACK


@pytest.mark.long
def test_a_unit_that_a_summary_does_not_list_is_counted_beside_it(county: Path) -> None:
    rows = [*TREE, ("第4号单位", "东县")]
    put(county / "in", unit(4))
    result = run(county / "in", county / "汇总.xlsx", roster=roster(county, *rows))
    assert states(result)["第4号单位.json"] in (ACCEPTED, VERIFY)
    assert result.report.figures == total(units((1, 2, 3, 4, 7)))


@pytest.mark.long
def test_a_unit_below_one_that_a_summary_lists_with_its_own_figures_counts_by_itself(tmp_path: Path) -> None:
    put(tmp_path / "东县", *units((1, 2)))
    run(tmp_path / "东县", tmp_path / "in" / "东县汇总.xlsx", agency="东县")
    put(tmp_path / "in", *units((4, 7)))
    rows = [*TREE, ("第4号单位", "第2号单位")]
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=roster(tmp_path, *rows))
    assert states(result)["第4号单位.json"] == ACCEPTED
    assert result.report.figures == total(units((1, 2, 4, 7)))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("codes", [("1.142E+17", "1.142E+17"), (114200000000001000, 114200000000002000)])
def test_codes_that_a_spreadsheet_cut_are_told_as_such(
    tmp_path: Path, kind: str, codes: tuple[object, object]
) -> None:
    path = tmp_path / f"名录.{kind}"
    rows = [("单位名称", "代码"), ("甲", codes[0]), ("乙", codes[1])]
    if kind == "csv":
        roster(tmp_path, *(tuple(map(str, row)) for row in rows))
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append([float(v) if isinstance(v, str) and "E+" in v else v for v in row])
        book.save(path)
    with pytest.raises(Unreadable, match="15 位以后已经丢失；请把“代码”一列设为文本格式"):
        load_roster(path)


def test_a_workbook_of_the_report_is_no_roster(tmp_path: Path) -> None:
    save(unit(1), tmp_path / "年报.xlsx")
    with pytest.raises(Unreadable, match="是年报工作簿，不是单位名录"):
        load_roster(tmp_path / "年报.xlsx")
