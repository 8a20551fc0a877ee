"""Everyday short names: offices sign with them, the roster has the full ones."""

from dataclasses import replace
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
    page = openpyxl.load_workbook(tmp_path / "汇总.xlsx")[ALIASES]
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
        and ALIASES not in openpyxl.load_workbook(tmp_path / "又.xlsx")
    )
