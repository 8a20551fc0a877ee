"""What was doubtful below stays visible above: in the summary itself, and at the next level."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from nianbao.cli import main
from nianbao.consolidate.submissions import ACCEPTED, VERIFY
from nianbao.core.report import with_figures
from support.units import LICENSING, put, run, states, unit, units


def county(tmp_path: Path, *numbers: int) -> Path:
    """The summary of a county among whose units one was sent back and one is missing."""
    put(tmp_path / "县", *units(numbers), with_figures(unit(7), {LICENSING: "163件"}))
    rows = ["名称,上级", *(f"第{n}号单位,某县" for n in (*numbers, 7, 8))]
    (tmp_path / "名录.csv").write_text("\n".join(rows), encoding="utf-8")
    target = tmp_path / "市" / "某县汇总.xlsx"
    run(tmp_path / "县", target, roster=tmp_path / "名录.csv", agency="某县人民政府")
    return target


def test_validating_a_summary_tells_who_was_missing_returned_or_doubtful(tmp_path: Path) -> None:
    shown = CliRunner().invoke(main, ["validate", str(county(tmp_path, 1, 3, 6))]).output
    assert "未报 1 个（第8号单位）" in shown and "退回 1 个（第7号单位）" in shown
    assert "接收但须核实 2 个（第3号单位、第6号单位）" in shown and "可上报\n" not in shown


@pytest.mark.long
def test_the_next_level_has_the_summary_to_verify_and_says_why(tmp_path: Path) -> None:
    county(tmp_path, 1, 3, 6)
    put(tmp_path / "市", unit(20))
    result = run(tmp_path / "市", tmp_path / "市汇总.xlsx", to=("json",))
    assert states(result) == {"某县汇总.xlsx": VERIFY, "第20号单位.json": ACCEPTED}
    (told,) = (case.full_reason for case in result.cases if case.state == VERIFY)
    assert "未报 1 个（第8号单位）" in told and "接收但须核实 2 个" in told
    lines = json.loads((tmp_path / "市汇总.问题清单.json").read_text(encoding="utf-8"))
    assert [line["rule"] for line in lines if line["file"] == "某县汇总.xlsx"] == ["summary.below"]


@pytest.mark.long
def test_a_summary_of_sound_units_is_accepted_as_such(tmp_path: Path) -> None:
    put(tmp_path / "县", *units((1, 2)))
    run(tmp_path / "县", tmp_path / "市" / "某县汇总.xlsx", agency="某县人民政府")
    assert states(run(tmp_path / "市", tmp_path / "市汇总.xlsx")) == {"某县汇总.xlsx": ACCEPTED}
