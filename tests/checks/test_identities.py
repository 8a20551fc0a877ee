"""Identities: every one that is broken is told, with all its cells and both sides; none that holds is."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nianbao.checks.validate import validate
from nianbao.core.finding import Finding
from nianbao.core.grid import Cell
from nianbao.core.report import Report, with_figures
from support.build import FORM, cell, changed, consistent, found, hubei, identities, tiny, tiny_report


class TestTheFiguresOf湖北:
    def test_there_is_no_error(self) -> None:
        assert [f for f in validate(hubei()) if f.severity == "error"] == []

    def test_every_cell_of_a_broken_identity_is_listed_with_both_sides(self) -> None:
        (told,) = found(changed(hubei(), {"remedies.reconsideration.total": 5}), "remedies")
        assert told.rule == "remedies.total"
        assert [c.column for c in told.cells] == ["upheld", "corrected", "other", "pending", "total"]
        assert (told.expected, told.actual) == (4, 5)
        assert told.brief == "行政复议：结果维持、结果纠正、其他结果、尚未审结之和 4，不等于总计 5，相差 1"
        assert f"。{told.brief}。" in told.message

    def test_no_total_is_ever_silently_recomputed(self) -> None:
        report = changed(hubei(), {"requests.received.total": 216})
        assert {f.rule for f in identities(validate(report))} == {"requests.total"}
        assert report.figures[cell("requests.received.total")] == 216


@given(consistent())
def test_a_consistent_report_is_clean(report: Report) -> None:
    assert not [f for f in validate(report) if f.severity == "error" or not f.rule.startswith("cell.")]


@given(consistent(), consistent())
def test_the_sum_of_consistent_reports_is_consistent(one: Report, other: Report) -> None:
    both = {c: (one.figures[c] or 0) + (other.figures[c] or 0) for c in FORM.cells}
    assert not validate(with_figures(one, both))


@pytest.mark.long
@settings(max_examples=40, deadline=None)
@given(consistent(), st.dictionaries(st.sampled_from(FORM.cells), st.integers(0, 500), min_size=1))
def test_an_identity_is_told_exactly_when_its_sides_differ(report: Report, some: dict[Cell, int]) -> None:
    wrong = with_figures(report, some)
    told = [set(f.cells) for f in identities(validate(wrong))]
    amounts = {c: wrong.figures[c] or 0 for c in FORM.cells}
    broken = {
        e.cells
        for e in FORM.equations
        if not e.uses_previous
        and sum(amounts[t.cell] for t in e.left) != sum(amounts[t.cell] for t in e.right)
    }
    assert all(any(cells >= set(identity) for cells in told) for identity in broken)
    assert all(any(cells >= set(identity) for identity in broken) for cells in told)


class TestTheFormOfAnotherCountry:
    def one(self, **changes: Decimal | int) -> Finding:
        told = identities(validate(tiny_report(**changes)))
        assert len(told) == 1
        return told[0]

    def test_it_is_clean_in_decimals(self) -> None:
        assert validate(tiny_report()) == []

    def test_at_most_is_told_with_the_excess(self) -> None:
        changes = {"granted__refunds": 200, "decided__refunds": Decimal("200.2")}
        changes |= {"granted__net": Decimal("-79.5"), "decided__net": Decimal("-79.6")}
        told = self.one(**changes)
        assert (told.rule, told.severity) == ("casework.refunds", "verify")
        assert "应不大于fees 120.6，超出 79.6" in told.message
        assert told.suggestion is None

    def test_a_slip_of_a_cent_is_found_and_located(self) -> None:
        told = identities(validate(tiny_report(granted__fees=Decimal("120.51"))))
        assert {f.rule for f in told} == {"casework.decided"}
        assert {f.suggestion and (str(f.suggestion.cell), f.suggestion.value) for f in told} == {
            ("casework.granted.fees", Decimal("120.5"))
        }

    def test_messages_stay_chinese_whatever_the_language_of_the_form(self) -> None:
        told = validate(tiny_report(granted__press="3 requests", refused__public=None, decided__fees=1))
        assert tiny().language == "en"
        assert all(any("一" <= c <= "鿿" for c in f.message) for f in told)


@pytest.mark.parametrize("year", [2020, 2008])
def test_the_wrong_form_for_the_year_is_told(year: int) -> None:
    from dataclasses import replace

    (told,) = found(replace(hubei(), year=year), "form.year")
    assert told.severity == "error"
    assert f"填报的是{year}年度" in told.message


def test_a_report_without_agency_or_year_is_told() -> None:
    from dataclasses import replace

    told = {f.rule: f.message for f in found(replace(hubei(), agency=" ", year=None), "form.")}
    assert told == {
        "form.agency": "没有填写填报单位，请在封面填写单位全称",
        "form.year": "没有填写报告年度，请在封面填写四位年份",
    }
