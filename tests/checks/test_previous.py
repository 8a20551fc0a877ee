"""Across years: what is carried over, what is in force, what jumps — and when nothing is said."""

from dataclasses import replace

import pytest

from nianbao.checks.validate import validate
from nianbao.core.form import load
from nianbao.core.number import Figure
from nianbao.core.report import Report, with_figures
from support.build import FORM, Changes, cell, changed, found, hubei, summed
from support.slips import typed


def last_year(changes: Changes | None = None, year: int = 2020) -> Report:
    """A report on the year before from which the 湖北 figures follow without a break."""
    before = changed(hubei(), {"disclosure.normative.in_force": 485, **(changes or {})})
    return replace(before, year=year)


def with_last(last: Report) -> Report:
    return replace(hubei(), previous=last)


def test_a_year_that_follows_from_the_last_gives_no_finding() -> None:
    assert found(with_last(last_year()), "previous") == []


def test_without_last_year_nothing_is_said() -> None:
    assert found(hubei(), "previous") == []


@pytest.mark.parametrize("column", ["natural", "business", "research", "charity", "legal", "other", "total"])
def test_carried_in_is_held_against_last_years_carried_out_in_each_column(column: str) -> None:
    carried = hubei().figures[cell(f"requests.carried_out.{column}")] or 0
    findings = found(
        with_last(last_year({f"requests.carried_out.{column}": carried + 3})), "previous.carried_in"
    )
    assert [f.severity for f in findings] == ["verify"]
    assert findings[0].cells == (cell(f"requests.carried_in.{column}"),)
    assert (findings[0].expected, findings[0].actual) == (carried + 3, carried)


def test_in_force_is_last_years_plus_issued_less_repealed() -> None:
    (finding,) = found(with_last(last_year({"disclosure.normative.in_force": 480})), "previous.in_force")
    assert "相差 5" in finding.message
    assert cell("disclosure.normative.in_force") in finding.cells


def test_a_slip_in_what_is_in_force_is_named_with_the_right_figure() -> None:
    where = cell("disclosure.normative.in_force")
    now = hubei().figures[where]
    assert isinstance(now, int)
    wrong = int(str(now)[1] + str(now)[0] + str(now)[2:])
    report = with_figures(with_last(last_year()), {where: wrong})
    (finding,) = found(report, "previous.in_force")
    assert finding.suggestion is not None
    assert (finding.suggestion.cell, finding.suggestion.value) == (where, now)
    assert finding.message.startswith(
        f"“行政规范性文件·现行有效件数”填了 {wrong}，疑为 {now}（疑似数字颠倒）。"
    )
    assert finding.candidates[0].cell == where and finding.message.endswith("请核实")


def test_a_difference_that_looks_like_no_slip_names_no_cell() -> None:
    (finding,) = found(with_last(last_year({"disclosure.normative.in_force": 380})), "previous.in_force")
    assert finding.suggestion is None


def test_blank_regulations_are_not_held_against_last_year() -> None:
    assert found(with_last(last_year({"disclosure.regulations.in_force": 12})), "previous.in_force") == []


@pytest.mark.parametrize(
    ("before", "now", "jumps"),
    [
        (550, 9487, True),
        (0, 12, True),
        (12, 0, True),
        (10, 50, False),
        (1, 4, False),
        (0, 4, False),
        (100, 19, True),
    ],
)
def test_a_figure_jumps_when_it_changes_more_than_fivefold_or_to_or_from_nothing(
    before: Figure, now: Figure, jumps: bool
) -> None:
    report = changed(hubei(), {"disclosure.licensing.decisions": now})
    last = last_year({"disclosure.licensing.decisions": before})
    findings = found(replace(report, previous=last), "previous.jump")
    assert [f.cells for f in findings] == ([(cell("disclosure.licensing.decisions"),)] if jumps else [])


def test_a_total_that_leaves_out_a_text_is_not_held_against_last_year() -> None:
    part, whole = cell("requests.received.natural"), cell("requests.received.total")
    told = found(changed(with_last(last_year()), {str(part): "163件", str(whole): 0}), "previous.jump")
    assert whole not in [c for f in told for c in f.cells]


def test_the_parts_of_a_total_may_come_and_go() -> None:
    last = last_year({"requests.granted.natural": 0, "requests.granted.legal": 174})
    assert found(with_last(last), "previous.jump") == []


def test_last_years_report_may_be_given_instead_of_standing_in_the_workbook() -> None:
    given = last_year({"requests.carried_out.total": 99})
    assert any(f.rule == "previous.carried_in" for f in validate(hubei(), given))


def test_a_report_of_another_year_is_not_compared() -> None:
    findings = found(with_last(last_year({"requests.carried_out.total": 99}, year=2018)), "previous")
    assert [f.rule for f in findings] == ["previous.year"]


def test_another_units_report_is_noticed() -> None:
    other = replace(last_year(), agency="另一个厅")
    assert [f.rule for f in found(with_last(other), "previous")] == ["previous.agency"]


def test_the_2019_form_is_compared_only_where_it_means_the_same() -> None:
    form = load("cn-2019")
    figures: dict[object, Figure | None] = {c: hubei().figures.get(c, 0) for c in form.cells}
    figures[cell("disclosure.licensing.decisions")] = 9_000
    figures[cell("requests.carried_out.natural")] = 40
    last = Report(form, hubei().agency, 2020, figures)  # type: ignore[arg-type]
    rules = [f.rule for f in found(with_last(last), "previous")]
    assert rules == ["previous.carried_in"]


def test_one_jump_is_one_finding_with_every_figure_that_changed_alike() -> None:
    last = with_figures(hubei(), {cell("requests.granted.natural"): 1})
    last = replace(with_figures(last, summed(FORM, last.figures)), year=2020)
    told = [f for f in validate(hubei(), last) if f.rule == "previous.jump"]
    assert len(told) == 1
    assert {str(c) for c in told[0].cells} >= {"requests.granted.total"}


def test_a_rule_across_years_is_one_finding_whatever_columns_it_is_broken_in() -> None:
    last = with_figures(hubei(), {cell(f"requests.carried_out.{c}"): 90 for c in ("natural", "business")})
    last = replace(with_figures(last, summed(FORM, last.figures)), year=2020)
    (told,) = [f for f in validate(hubei(), last) if f.rule == "previous.carried_in"]
    assert {c.column for c in told.cells} >= {"natural", "business", "total"}
    assert "；另有" in told.message


def test_what_vanishes_with_a_suggested_correction_is_not_told_again() -> None:
    wrong = typed(hubei(), {cell("requests.granted.natural"): 1630})
    last = replace(hubei(), year=2020)
    told = [
        f
        for f in validate(wrong, last)
        if f.rule in ("requests.balance", "narrative.mismatch", "previous.jump")
    ]
    assert [f.rule for f in told] == ["requests.balance"]
    assert told[0].suggestion is not None and told[0].suggestion.value == 163
