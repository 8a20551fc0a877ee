"""Everyday short names: offices sign with them, the roster has the full ones."""

import pytest

from nianbao.consolidate.roster import SHORT_WORDS, Roster, Unit

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
        ("县政府办", None),
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
