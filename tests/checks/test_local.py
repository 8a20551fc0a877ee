"""Rules that a department tunes: switched off or changed, with a reason and a date, shown in the results."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from nianbao.checks.validate import RULES_SHAPE, check_changes, load_changes, validate
from nianbao.cli import main
from nianbao.core.files import Unreadable
from nianbao.core.report import Report, dump
from support.build import changed, hubei

WHY = {"reason": "本市统一口径，不作年度比较", "date": "2026-01-05"}


def rules(folder: Path, *entries: dict[str, Any]) -> Path:
    file = folder / "rules.json"
    file.write_text(json.dumps({"rules": list(entries)}, ensure_ascii=False), encoding="utf-8")
    return file


def jumping() -> Report:
    last = replace(changed(hubei(), {"disclosure.normative.in_force": 485}), year=2020)
    return replace(changed(hubei(), {"disclosure.licensing.decisions": 900}), previous=last)


def test_a_rule_switched_off_is_silent_and_the_results_say_so(tmp_path: Path) -> None:
    changes = load_changes(rules(tmp_path, {"rule": "previous.jump", "off": True, **WHY}))
    findings = validate(jumping(), local=changes)
    assert "previous.jump" not in [f.rule for f in findings]
    (note,) = [f for f in findings if f.rule == "rules.local"]
    assert WHY["reason"] in note.message
    assert WHY["date"] in note.message
    assert "“增减幅度过大”已停用" in note.message


def test_a_severity_is_changed(tmp_path: Path) -> None:
    changes = load_changes(rules(tmp_path, {"rule": "previous.jump", "severity": "error", **WHY}))
    assert [f.severity for f in validate(jumping(), local=changes) if f.rule == "previous.jump"] == ["error"]


@pytest.mark.parametrize("rule", ["requests.balance", "remedies.total", "cell.not_number", "form.layout"])
def test_what_the_statutory_form_demands_cannot_be_switched_off(tmp_path: Path, rule: str) -> None:
    changes = load_changes(rules(tmp_path, {"rule": rule, "off": True, **WHY}))
    name = hubei().form.rule_name(rule)
    with pytest.raises(Unreadable, match=f"“{name}”（{rule}）是规定格式的强制性规则，不能停用或降级"):
        check_changes(changes, hubei().form, "rules.json")


@pytest.mark.parametrize(
    "entry",
    [
        {"rule": "previous.jump", "off": True, "date": "2026-01-05"},
        {"rule": "previous.jump", "off": True, "reason": "统一口径"},
        {"rule": "previous.jump", "off": True, "reason": "统一口径", "date": "今年"},
        {"rule": "previous.jump", "off": True, "severity": "info", **WHY},
        {"rule": "previous.jump", **WHY},
    ],
)
def test_a_change_without_reason_date_or_meaning_is_refused(tmp_path: Path, entry: dict[str, Any]) -> None:
    with pytest.raises(Unreadable, match="本地规则不符合规定"):
        load_changes(rules(tmp_path, entry))


def test_a_list_without_its_outer_object_is_told_the_whole_shape(tmp_path: Path) -> None:
    source = tmp_path / "rules.json"
    source.write_text("[]", encoding="utf-8")
    with pytest.raises(Unreadable) as told:
        load_changes(source)
    assert '整个文件写成 {"rules": [{"rule": ' in str(told.value)
    example = json.loads(RULES_SHAPE.partition("写成 ")[2].partition("，每条")[0])
    source.write_text(json.dumps(example), encoding="utf-8")
    assert list(load_changes(source)) == ["previous.jump"]


def test_the_command_line_takes_a_rules_file_and_refuses_an_unknown_rule(tmp_path: Path) -> None:
    book = tmp_path / "年报.json"
    book.write_text(dump(jumping()), encoding="utf-8")
    off = rules(tmp_path, {"rule": "previous.jump", "off": True, **WHY})
    result = CliRunner().invoke(main, ["validate", str(book), "--rules", str(off), "--json"])
    codes = [f["rule"] for f in json.loads(result.stdout)["findings"]]
    assert "rules.local" in codes
    assert "previous.jump" not in codes
    unknown = rules(tmp_path, {"rule": "previous.jmup", "off": True, **WHY})
    assert CliRunner().invoke(main, ["validate", str(book), "--rules", str(unknown)]).exit_code == 2
