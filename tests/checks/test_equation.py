"""Rules: the four readings of an identity agree with each other and with plain arithmetic."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nianbao.checks.system import sides
from nianbao.core.equation import Equation, added, coefficients, holds
from nianbao.core.grid import runs
from nianbao.core.report import Report
from support.build import FORM, cell, changed, consistent, hubei, tiny, tiny_report


def equation(rule: str, key: str) -> Equation:
    return next(e for e in (*FORM.equations, *tiny().equations) if e.rule.id == rule and e.key == key)


class TestCheck:
    @given(consistent(), st.sampled_from([e for e in FORM.equations if not e.uses_previous]))
    def test_both_sides_are_the_sums_of_their_cells(self, report: Report, one: Equation) -> None:
        both = sides(one, report)
        assert both is not None
        assert both.left == sum(report.figures[t.cell] or 0 for t in one.left)
        assert (both.difference, holds(one, both)) == (0, True)

    def test_the_coefficients_give_the_difference(self) -> None:
        report = changed(hubei(), {"requests.granted.natural": 160})
        for one in FORM.equations[:14]:
            both = sides(one, report)
            assert both is not None
            by_coefficients = sum(sign * (report.figures[c] or 0) for c, sign in coefficients(one).items())
            assert by_coefficients == both.difference

    def test_there_is_nothing_to_judge_where_a_text_cannot_be_counted(self) -> None:
        report = changed(hubei(), {"requests.received.natural": "是"})
        assert sides(equation("requests.balance", "natural"), report) is None

    def test_decimals_are_added_exactly(self) -> None:
        both = sides(equation("casework.net", "decided"), tiny_report())
        assert both == (Decimal("120.60"), Decimal("120.6"))

    @pytest.mark.parametrize(("refunds", "kept"), [("120.6", True), ("120.61", False), ("0", True)])
    def test_at_most_is_kept_up_to_the_very_figure(self, refunds: str, kept: bool) -> None:
        one = equation("casework.refunds", "")
        both = sides(one, tiny_report(decided__refunds=Decimal(refunds)))
        assert both is not None
        assert holds(one, both) is kept


class TestLastYear:
    BALANCE = equation("previous.carried_in", "natural")

    def test_there_is_nothing_to_judge_without_last_years_report(self) -> None:
        assert sides(self.BALANCE, hubei()) is None

    def test_last_years_carried_out_meets_this_years_carried_in(self) -> None:
        assert sides(self.BALANCE, hubei(), hubei()) == (17, 17)

    def test_a_blank_of_last_year_is_not_taken_for_zero(self) -> None:
        last = changed(hubei(), {"requests.carried_out.natural": None})
        assert sides(self.BALANCE, hubei(), last) is None

    def test_a_form_whose_tables_mean_something_else_is_not_compared(self) -> None:
        strange = replace(hubei(), form=tiny())
        assert sides(self.BALANCE, hubei(), strange) is None


class TestFormula:
    @pytest.mark.parametrize(
        ("addresses", "joined"),
        [
            (["D5", "D6", "D7"], ["D5:D7"]),
            (["D5", "E5", "F5"], ["D5:F5"]),
            (["Z1", "AA1", "AB1"], ["Z1:AB1"]),
            (["D5", "D7"], ["D5", "D7"]),
            (["D5", "E6"], ["D5", "E6"]),
            (["D6", "D5"], ["D6", "D5"]),
            (["D5", "D6", "E6"], ["D5:D6", "E6"]),
            (["D5", "E5", "E6"], ["D5:E5", "E6"]),
            (["'一'!D5", "'一'!D6", "'二'!D7"], ["'一'!D5:D6", "'二'!D7"]),
            ([], []),
        ],
    )
    def test_neighbours_are_joined_to_ranges(self, addresses: list[str], joined: list[str]) -> None:
        assert runs(addresses) == joined

    @given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), unique=True, max_size=10))
    def test_the_ranges_hold_the_same_cells(self, spots: list[tuple[int, int]]) -> None:
        covered = []
        for run in runs([f"{'ABCD'[c - 1]}{r}" for r, c in spots]):
            first, _, last = run.partition(":")
            last = last or first
            rows, columns = (
                range(int(first[1]), int(last[1]) + 1),
                range(ord(first[0]) - 64, ord(last[0]) - 63),
            )
            covered += [(r, c) for r in rows for c in columns]
        assert sorted(covered) == sorted(spots)


def test_an_identity_is_about_its_column_or_row_and_about_nothing_over_single_cells() -> None:
    assert FORM.about(equation("requests.balance", "natural")) == "自然人列"
    assert FORM.about(equation("requests.total", "granted")) == "（一）予以公开"
    assert tiny().about(equation("casework.refunds", "")) == ""


def test_a_spreadsheets_sum_leaves_out_blanks_and_texts() -> None:
    one = equation("remedies.total", "reconsideration")
    keys = [t.cell for t in one.left]
    assert added(one, dict.fromkeys(keys)) is None
    assert added(one, dict(zip(keys, (None, 2, 3, None), strict=True))) == 5
    assert added(one, {cell("requests.received.natural"): 5}) is None
