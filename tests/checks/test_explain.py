"""审核说明: bound to rule and figures, refused where hollow, lapsing when a figure changes, travelling along."""

from dataclasses import replace
from pathlib import Path

import pytest

from nianbao.checks.validate import binding, fingerprint, hollow, ready, unexplained, validate
from nianbao.core.finding import Finding
from nianbao.core.grid import Cell
from nianbao.core.report import Explanation, Report, dump, parse
from nianbao.workbook.reader import read
from support.books import write
from support.build import changed, hubei

KEY = "disclosure.regulations.issued"
REASON = "本单位是省政府工作部门，没有规章制定权。"


def blank_regulations(explanations: tuple[Explanation, ...] = ()) -> Report:
    blanks = dict.fromkeys(f"disclosure.regulations.{c}" for c in ("issued", "repealed", "in_force"))
    return replace(changed(hubei(), blanks), explanations=explanations)


def asked(report: Report) -> Finding:
    return next(f for f in validate(report) if f.rule == "cell.blank" and f.cells == (Cell.parse(KEY),))


def explanation(text: str = REASON, bound_to: str = "") -> Explanation:
    return Explanation("cell.blank", (KEY,), text, bound_to)


def test_an_explained_finding_keeps_its_explanation_and_no_longer_blocks() -> None:
    finding = asked(blank_regulations((explanation(),)))
    assert finding.explanation == REASON
    assert finding not in unexplained([finding])


def test_a_report_is_ready_when_every_verify_finding_is_explained() -> None:
    columns = ("issued", "repealed", "in_force")
    given = tuple(Explanation("cell.blank", (f"disclosure.regulations.{c}",), REASON) for c in columns)
    assert ready(validate(blank_regulations(given)))
    assert not ready(validate(blank_regulations(given[:2])))


def test_an_error_cannot_be_explained_away() -> None:
    report = changed(hubei(), {"remedies.reconsideration.total": 9})
    finding = next(f for f in validate(report) if f.rule == "remedies.total")
    given = Explanation(
        "remedies.total", tuple(map(str, finding.cells)), "情况特殊，报经领导同意后如此填写。"
    )
    assert not ready(validate(replace(report, explanations=(given,))))


@pytest.mark.parametrize(
    "text",
    [
        "无",
        "核实无误",
        "情况属实",
        "经核实，情况属实，数据无误。",
        "已核实",
        "——",
        "同意上报",
        "12345678",
        "abcdefgh",
        "同上同上同上同上",
        "情况就是这样的没有问题",
    ],
)
def test_a_hollow_explanation_is_refused(text: str) -> None:
    assert hollow(text)
    findings = validate(blank_regulations((explanation(text),)))
    assert "explanation.empty" in [f.rule for f in findings]
    assert not asked(blank_regulations((explanation(text),))).explanation


@pytest.mark.parametrize(
    "text", [REASON, "2020年机构改革划入原商务局行政许可事项12项。", "上年数据漏计网上申请9件，已更正。"]
)
def test_a_reason_is_not_hollow(text: str) -> None:
    assert not hollow(text)


def test_an_explanation_lapses_visibly_when_a_figure_changes() -> None:
    last = replace(changed(hubei(), {"requests.carried_out.natural": 20}), year=2020)
    report = replace(hubei(), previous=last)
    finding = next(f for f in validate(report) if f.rule == "previous.carried_in")
    bound = Explanation(finding.rule, tuple(map(str, finding.cells)), REASON, fingerprint(finding, report))
    assert any(f.explanation for f in validate(replace(report, explanations=(bound,))))
    moved = replace(last, figures={**last.figures, Cell.parse("requests.carried_out.natural"): 21})
    findings = validate(replace(report, explanations=(bound,), previous=moved))
    assert not any(f.explanation for f in findings)
    assert "explanation.lapsed" in [f.rule for f in findings]


def test_a_lapsed_explanation_holds_again_once_it_is_rewritten() -> None:
    last = replace(changed(hubei(), {"requests.carried_out.natural": 20}), year=2020)
    report = replace(hubei(), previous=last)
    finding = next(f for f in validate(report) if f.rule == "previous.carried_in")
    now, keys = fingerprint(finding, report), tuple(map(str, finding.cells))
    first = Explanation(finding.rule, keys, REASON, "000000000000")
    marked = first._replace(figures=binding(first, now))
    assert not any(f.explanation for f in validate(replace(report, explanations=(marked,))))
    rewritten = marked._replace(text="2021年划转的自然人申请3件改由省住建厅继续办理。")
    assert any(f.explanation for f in validate(replace(report, explanations=(rewritten,))))
    bound = rewritten._replace(figures=binding(rewritten, now))
    assert any(f.explanation for f in validate(replace(report, explanations=(bound,))))


def test_one_explanation_may_speak_of_several_cells_of_a_rule() -> None:
    cells = tuple(f"disclosure.regulations.{c}" for c in ("issued", "repealed", "in_force"))
    assert ready(validate(blank_regulations((Explanation("cell.blank", cells, REASON),))))


def test_an_explanation_that_answers_to_nothing_is_told() -> None:
    idle = Explanation("previous.jump", ("disclosure.licensing.decisions",), REASON)
    findings = validate(replace(hubei(), explanations=(idle,)))
    assert "explanation.unmatched" in [f.rule for f in findings]


def test_regulations_may_stay_blank_where_the_stated_level_has_no_such_power() -> None:
    report = replace(blank_regulations(), level="省级部门")
    assert [f.severity for f in validate(report) if f.rule == "cell.blank"] == ["info"] * 3


def test_explanations_travel_in_json_and_workbook(tmp_path: Path) -> None:
    report = blank_regulations((explanation(bound_to="0123456789ab"),))
    assert parse(dump(report).encode(), "年报.json").explanations == report.explanations
    write(report, tmp_path / "年报.xlsx")
    assert read(tmp_path / "年报.xlsx").explanations == report.explanations
