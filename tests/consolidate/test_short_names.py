"""Everyday short names: offices sign with them, the roster has the full ones."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from nianbao.consolidate.result import ALIASES
from nianbao.consolidate.roster import SHORT_WORDS, Roster, Unit
from nianbao.consolidate.submissions import OUTSIDE
from support.units import put, run, states, unit

UNITS = (
    "某县发展和改革委员会", "某县人力资源和社会保障局", "某县住房和城乡建设局", "某县卫生健康委员会", "某县文化广电和旅游局",
    "某县工业和信息化局", "某县民政局", "某县市场监督管理局", "某县人民政府办公室", "某县财政局", "东区财政局",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("发改委", UNITS[0]),
        ("某县发改局", UNITS[0]),
        ("人社局", UNITS[1]),
        ("住建局", UNITS[2]),
        ("某县卫健委", UNITS[3]),
        ("卫健局", UNITS[3]),
        ("文旅局", UNITS[4]),
        ("某县文广旅局", UNITS[4]),
        ("工信局", UNITS[5]),
        ("民政局办公室", UNITS[6]),
        ("市监局", UNITS[7]),
        ("县政府办", UNITS[8]),
        ("县发改委", UNITS[0]),
        ("县财政局", UNITS[9]),
        ("区财政局", UNITS[10]),
        ("市发改委", None),
        ("财政局", None),
        ("发改", UNITS[0]),
        ("别县发改委", None),
        ("某县发改委下属中心", None),
    ],
)
def test_a_short_name_means_the_one_unit_that_it_fits(name: str, unit: str | None) -> None:
    match = Roster(tuple(map(Unit, UNITS))).match(name, "")
    assert (match.unit.name if match else None) == unit
    if match:
        assert match.weak == SHORT_WORDS and "简称" in match.note


CITY = tuple(
    Unit(name)
    for name in (
        "临江市卫生健康委员会", "临江市发展和改革委员会", "临江市财政局", "临江市生态环境局", "临江市应急管理局",
        "临江市行政审批局", "临江市农业农村局", "临江市教育局", "临江市青山县人民政府", "青山县卫生健康局", "青山县财政局",
        "青山县教育局", "白水县教育局",
    )
)  # fmt: skip


@pytest.mark.parametrize(
    "agency", ["临江市人民政府", "某省临江市人民政府办公室", "临江市政务服务和数据管理局"]
)
@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("市卫健委", 0), ("卫健委", 0), ("市发改委", 1), ("财政局", 2), ("市财政局", 2), ("生态局", 3), ("环保局", 3),
        ("临江应急局", 4), ("临江市行政审批服务局", 5), ("市农业农村局", 6), ("市教育局", 7), ("青山县", 8),
        ("青山县教育局", 11), ("青山县卫健局", 9), ("县教育局", None), ("西山县财政局", None), ("水利局", None),
    ],
)  # fmt: skip
def test_a_short_name_means_the_direct_unit_of_the_agency_that_sums_up(
    agency: str, name: str, unit: int | None
) -> None:
    match = Roster(CITY, agency).match(name, "")
    assert (match.unit if match else None) == (None if unit is None else CITY[unit])


def test_candidates_are_named_also_where_there_are_two() -> None:
    known = Roster(CITY)
    assert {u.name for u in known.near("财政局")} == {"临江市财政局", "青山县财政局"}
    assert {u.name for u in known.near("县教育局")} == {"青山县教育局", "白水县教育局"}
    assert known.near("西山县财政局") == [] == known.near("水利局")


def test_a_unit_that_may_have_sent_an_unmatched_file_is_not_reminded(tmp_path: Path) -> None:
    put(tmp_path / "in", replace(unit(1), agency="财政局", agency_code=""), unit(2))
    roster = tmp_path / "名录.csv"
    roster.write_text("单位名称\n甲市财政局\n乙县财政局\n丙局\n第2号单位\n", encoding="utf-8")
    asked = {"roster": roster, "returns": tmp_path / "退回", "remind": tmp_path / "催报.txt"}
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", **asked)
    assert [path.stem for path in (tmp_path / "退回" / "催报函").glob("*.docx")] == ["丙局.催报函"]
    notes = [s.note for s in result.standings if s.name in ("甲市财政局", "乙县财政局")]
    assert all("可能就是“财政局.json”" in note for note in notes) and len(notes) == 2
    assert (tmp_path / "催报.txt").read_text("utf-8-sig").count("可能就是“财政局.json”") == 2


COUNTY = tuple(
    Unit(name)
    for name in (
        "青山县住房和城乡建设局", "青山县文化和旅游局", "青山县自然资源和规划局", "青山县民政局", "青山县教育局",
        "青山县民族宗教事务局", "青山县卫生健康局", "青山县河口镇人民政府", "青山县河东镇人民政府", "青山县审计局", "东山县水利局",
        "青山县红旗镇人民政府", "青山县红星镇人民政府",
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("清山县住房和城乡建设局", 0), ("青山县住房与城乡建设局", 0), ("清山县住建局", 0), ("青山县住房城乡建设局", 0),
        ("青山县文化旅游局", 1), ("清山县文化旅游局", 1), ("青山县自然资源与规划局", 2), ("青山县民正局", 3), ("民正局", 3),
        ("青县山民政局", 3), ("青山县卫生健局", 6), ("青山县卫生健康康局", 6),
        ("青山县河囗镇人民政府", 7),
        # other units: known departments, signs that tell names apart, as like to one as to another
        ("青山县体育局", None), ("青山县统计局", None), ("西山县水利局", None), ("青山县红其镇人民政府", None),
        ("白水县民政局", None), ("青山县水务局", None),
    ],
)  # fmt: skip
def test_a_name_with_a_slip_of_the_pen_is_not_counted_but_its_unit_suggested(
    name: str, unit: int | None
) -> None:
    known = Roster(COUNTY, "青山县人民政府")
    assert known.match(name, "") is None
    assert known.near(name) == ([] if unit is None else [COUNTY[unit]])


def test_numbered_units_are_not_taken_for_one_another() -> None:
    known = Roster(tuple(Unit(f"第{n}号办事机构") for n in (1, 12, 30)))
    assert [known.near(f"第{n}号办事机构") for n in (2, 13, 3, 120)] == [[], [], [], []]


def test_a_unit_whose_name_was_written_wrong_is_suggested_and_not_reminded(tmp_path: Path) -> None:
    put(tmp_path / "in", replace(unit(1), agency="青山县民正局", agency_code=""), unit(2))
    roster = tmp_path / "名录.csv"
    roster.write_text("单位名称,别名\n青山县民政局,县民政科\n青山县司法局,\n第2号单位,\n", encoding="utf-8")
    asked = {"roster": roster, "returns": tmp_path / "退回", "remind": tmp_path / "催报.txt"}
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", **asked)
    assert [path.stem for path in (tmp_path / "退回" / "催报函").glob("*.docx")] == ["青山县司法局.催报函"]
    (outside,) = [case for case in result.cases if case.state == OUTSIDE]
    assert "名录中相近的有“青山县民政局”" in outside.reason and "“别名”中写“青山县民正局”" in outside.reason
    (said,) = [note for note in result.warnings() if "青山县民正局" in note]
    assert "与名录中的“青山县民政局”相近" in said and "“别名”栏写“县民政科、青山县民正局”" in said
    page = openpyxl.load_workbook(BytesIO((tmp_path / "汇总.xlsx").read_bytes()), read_only=True)[ALIASES]
    (listed,) = [[cell.value for cell in row[1:6]] for row in page.iter_rows(min_row=5)]
    assert listed == ["青山县民政局", "青山县民正局", "名称相近", "没有计入", "县民政科、青山县民正局"]


@pytest.mark.long
def test_what_the_summary_lists_is_pasted_into_the_roster_and_not_asked_again(tmp_path: Path) -> None:
    said = {1: "发改委", 2: "某县财政", 3: "别的县水利局", 4: "某县民政局"}
    put(tmp_path / "in", *(replace(unit(n), agency=name, agency_code="") for n, name in said.items()))
    roster = tmp_path / "名录.xlsx"
    book = openpyxl.Workbook()
    for line in (("单位名称", "别名"), (UNITS[0], "县计委"), ("某县财政局",), ("县水利局",), ("某县民政局",)):
        book.active.append(line)
    book.save(roster)
    first = run(tmp_path / "in", tmp_path / "汇总.xlsx", roster=roster)
    assert any("简称对应" in note for note in first.warnings())
    assert states(first)["别的县水利局.json"] == OUTSIDE
    page = openpyxl.load_workbook(BytesIO((tmp_path / "汇总.xlsx").read_bytes()), read_only=True)[ALIASES]
    listed = [[cell.value for cell in row[1:6]] for row in page.iter_rows(min_row=5)]
    assert [UNITS[0], "发改委", "简称", "按此计入", "县计委、发改委"] in listed
    assert ["县水利局", "别的县水利局", "名称相近", "没有计入", "别的县水利局"] in listed
    assert not any("某县民政局" in line for line in listed)
    pasted = {line[0]: line[4] for line in listed}
    for row in book.active.iter_rows(min_row=2):
        book.active.cell(row[0].row, 2, pasted.get(row[0].value))
    book.save(roster)
    again = run(tmp_path / "in", tmp_path / "又.xlsx", roster=roster)
    assert (
        not again.aliases
        and len(again.lines) == 4
        and ALIASES
        not in openpyxl.load_workbook(BytesIO((tmp_path / "又.xlsx").read_bytes()), read_only=True)
    )
