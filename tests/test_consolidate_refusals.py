"""What a consolidation refuses in one sentence, and what it takes as it was meant."""

import json
import multiprocessing.process
from dataclasses import replace
from pathlib import Path

import pytest

from nianbao.consolidate.case import ACCEPTED, RETURNED
from nianbao.problem import Unreadable
from nianbao.report import with_figures
from nianbao.validate import validate
from nianbao.workbook.reader import read
from test_consolidate_back import LICENSING
from test_consolidate_whole import APPEALS, words
from units import YEAR, put, reason, run, save, states, total, unit, units


def choices(folder: Path, name: str, exclude: str = "复议") -> Path:
    said = [{"unit": name, "exclude": [exclude], "reason": "由复议机关计入", "date": "2025-02-01"}]
    file = folder / "不计入.json"
    file.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return file


@pytest.mark.parametrize("name", ["第 1 号单位", "第1号单位（本级）", unit(1).agency_code.lower()])
def test_a_choice_finds_its_unit_as_the_roster_does(tmp_path: Path, name: str) -> None:
    put(tmp_path / "in", *units((1, 2)))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", choices=choices(tmp_path, name))
    assert [result.report.figures[cell] for cell in APPEALS] == [unit(2).figures[cell] for cell in APPEALS]
    assert "第1号单位" in words(tmp_path / "汇总.xlsx", "口径说明")


def test_a_choice_by_the_rosters_alias_is_applied(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    (tmp_path / "名录.csv").write_text("名称,别名\n第1号单位,一局\n第2号单位,\n", encoding="utf-8")
    file = choices(tmp_path, "一局")
    result = run(tmp_path / "in", tmp_path / "a.xlsx", choices=file, roster=tmp_path / "名录.csv")
    assert [result.report.figures[cell] for cell in APPEALS] == [unit(2).figures[cell] for cell in APPEALS]


def test_a_choice_that_means_nobody_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    with pytest.raises(Unreadable, match="清河县不存在局"):
        run(tmp_path / "in", tmp_path / "a.xlsx", choices=choices(tmp_path, "清河县不存在局"))


def test_what_is_left_out_of_every_unit_is_nought_and_told(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    run(tmp_path / "in", tmp_path / "汇总.xlsx", choices=choices(tmp_path, "*"))
    summary = read(tmp_path / "汇总.xlsx")
    assert {summary.figures[cell] for cell in APPEALS} == {0}
    assert not [f.message for f in validate(summary) if f.severity == "error" and f.cells and not f.places]
    assert "所有单位都不计入，合计填 0" in words(tmp_path / "汇总.xlsx", "口径说明")


def test_an_item_left_out_is_told_by_its_name(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    file = choices(tmp_path, unit(1).agency_code, "disclosure.fees.amount")
    run(tmp_path / "in", tmp_path / "汇总.xlsx", choices=file)
    said = words(tmp_path / "汇总.xlsx", "口径说明")
    assert "disclosure" not in said and "不计入的指标\n第1号单位" in said


def test_a_file_name_that_is_no_utf8_is_read_and_shown(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    save(with_figures(unit(3), {LICENSING: "163件"}), tmp_path / "in" / "\udcb5\udca5\udcce\udcbb.json")
    save(unit(4), tmp_path / "in" / "\udcbe\udcd6.json")
    asked = {"returns": tmp_path / "退回", "to": ("csv", "json", "parquet"), "remind": tmp_path / "催报.txt"}
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", **asked)
    assert states(result)["\\xbe\\xd6.json"] == ACCEPTED
    assert result.report.figures == total(units((1, 2, 4)))
    assert "\\xb5\\xa5λ.json" in words(tmp_path / "汇总.xlsx", "报送情况")
    assert (tmp_path / "退回" / "\\xb5\\xa5λ.json.校验.xlsx").exists()


def test_a_worker_that_cannot_be_started_ends_the_run_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    put(tmp_path / "in", *units((1, 2)))
    monkeypatch.setattr(multiprocessing.process.BaseProcess, "start", refuse)
    with pytest.raises(Unreadable, match="无法启动读取进程"):
        run(tmp_path / "in", tmp_path / "汇总.xlsx")


@pytest.mark.parametrize(
    ("part", "year"),
    [("own", YEAR - 1), ("whole", YEAR + 1), ("previous", YEAR), ("previous", YEAR - 2), ("previous", None)],
)
def test_a_named_report_of_the_wrong_year_is_refused(tmp_path: Path, part: str, year: int | None) -> None:
    put(tmp_path / "in", *units((1, 2)))
    file = save(replace(unit(50), year=year), tmp_path / "另.json")
    with pytest.raises(Unreadable, match="报告年度为"):
        run(tmp_path / "in", tmp_path / "汇总.xlsx", **{part: file})


def test_a_faulty_copy_does_not_turn_the_good_one_away(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    save(with_figures(unit(1), {LICENSING: "163件"}), tmp_path / "in" / "又一份.json")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert states(result)["第1号单位.json"] == ACCEPTED and states(result)["又一份.json"] == RETURNED
    assert "强制性问题" in reason(result, "又一份.json") and "另有" not in reason(result, "又一份.json")


def test_one_code_under_two_names_is_told(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1), replace(unit(2), agency_code=unit(1).agency_code))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert "代码相同而名称不同（“第2号单位”）" in reason(result, "第1号单位.json")
