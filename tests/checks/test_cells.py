"""Cells: what may stand in a figure cell, and the clean value proposed where it is beyond doubt."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nianbao.checks.validate import validate
from nianbao.core.grid import Cell
from nianbao.core.number import Figure
from nianbao.core.report import Report, with_figures
from nianbao.workbook.writer import blank
from support.build import FORM, cell, changed, consistent, found, hubei, identities, tiny_report
from support.slips import typed

PENALTY = "disclosure.penalty.decisions"
FEE = "disclosure.fees.amount"


class TestOneCell:
    @pytest.mark.many
    @pytest.mark.parametrize(
        ("key", "stood", "rules", "proposed"),
        [
            (PENALTY, 5, [], None),
            (PENALTY, 0, [], None),
            (PENALTY, "5件", ["cell.annotated"], 5),
            (PENALTY, " 12", ["cell.annotated"], 12),
            (PENALTY, "１２", ["cell.annotated"], 12),
            (PENALTY, "5+", ["cell.annotated"], 5),
            (PENALTY, "-5件", ["cell.annotated", "cell.negative"], None),
            (PENALTY, "2.5件", ["cell.annotated", "cell.not_whole"], None),
            (PENALTY, "/", ["cell.not_number"], 0),
            (PENALTY, "—", ["cell.not_number"], 0),
            (PENALTY, "无", ["cell.not_number"], 0),
            (PENALTY, "是", ["cell.not_number"], None),
            (PENALTY, "=1+1", ["cell.not_number"], None),
            (PENALTY, "#REF!", ["cell.error"], None),
            (PENALTY, -5, ["cell.negative"], None),
            (PENALTY, Decimal("0.5"), ["cell.not_whole"], None),
            (PENALTY, Decimal("-0.5"), ["cell.negative", "cell.not_whole"], None),
            (PENALTY, None, ["cell.blank"], 0),
            (PENALTY, "  ", ["cell.blank"], 0),
            (FEE, Decimal("8988.0625"), [], None),
            (FEE, -1, ["cell.negative"], None),
            (FEE, "89880000元", ["cell.annotated"], 8988),
            (FEE, "8988万元", ["cell.annotated"], 8988),
        ],
    )
    def test_it_is_told_by_its_rule_with_the_clean_value(
        self, key: str, stood: Figure | str | None, rules: list[str], proposed: Figure | None
    ) -> None:
        told = [f for f in validate(changed(hubei(), {key: stood})) if cell(key) in f.cells]
        assert [f.rule for f in told] == rules
        assert {f.severity for f in told} <= {"error"}
        hint = told[0].suggestion if told else None
        assert (hint.value if hint else None) == proposed
        assert all(FORM.name(cell(key)) in f.message for f in told)

    @pytest.mark.parametrize("column", ["issued", "repealed", "in_force"])
    def test_规章_left_blank_is_only_to_be_verified(self, column: str) -> None:
        told = found(hubei(), "cell.blank")
        assert [f.severity for f in told] == ["verify"] * 3
        assert cell(f"disclosure.regulations.{column}") in {c for f in told for c in f.cells}

    def test_a_negative_figure_is_allowed_where_the_form_says_so(self) -> None:
        assert not found(tiny_report(), "cell.")

    def test_a_decimal_is_refused_where_the_form_wants_whole_numbers(self) -> None:
        assert [f.rule for f in found(tiny_report(granted__press=Decimal("3.5")), "cell.")] == [
            "cell.not_whole"
        ]


class TestProposals:
    def test_a_blank_that_the_identities_determine_is_proposed_with_its_value(self) -> None:
        told = found(changed(hubei(), {"requests.granted.natural": None}), "cell.blank")
        hint = next(f.suggestion for f in told if f.cells == (cell("requests.granted.natural"),))
        assert hint is not None
        assert hint.value == 163

    def test_a_blank_that_the_text_tells_of_is_one_finding_with_what_the_text_says(self) -> None:
        report = changed(hubei(), {"disclosure.licensing.decisions": None})
        report = replace(report, narrative={"overview": ("本年度作出行政许可决定4821件。",)})
        (told,) = [f for f in validate(report) if cell("disclosure.licensing.decisions") in f.cells]
        assert (told.rule, told.message.endswith("空白，文字中写的是 4821，请核实后填写")) == (
            "cell.blank",
            True,
        )
        assert told.suggestion is not None
        assert told.suggestion.value == 4821

    def test_a_blank_that_the_text_tells_of_in_two_ways_is_left_to_staff(self) -> None:
        report = changed(hubei(), {"disclosure.licensing.decisions": None})
        words = ("本年度作出行政许可决定4821件。", "作出行政许可决定4812件。")
        (told,) = found(replace(report, narrative={"overview": words}), "cell.blank")[3:]
        assert told.suggestion is not None
        assert told.suggestion.value == 0

    @pytest.mark.long
    @pytest.mark.parametrize("stood", ["是", "#REF!", "详见附件"])
    @given(st.sampled_from([c for c in FORM.cells if c.table == "requests"]))
    def test_a_text_in_any_cell_is_worked_out_from_the_published_rest(self, stood: str, where: Cell) -> None:
        report = with_figures(hubei(), {where: stood})
        (told,) = [f for f in validate(report) if f.cells == (where,)]
        assert told.suggestion is not None
        assert told.suggestion.value == hubei().figures[where]

    @pytest.mark.parametrize("stood", ["是", "163件", "一百六十三件"])
    def test_a_text_below_live_totals_is_the_only_thing_told(self, stood: str | None) -> None:
        totals = {
            "requests.granted.total": 11,
            "requests.concluded.natural": 38,
            "requests.concluded.total": 52,
        }
        report = changed(hubei(), {"requests.granted.natural": stood, **totals})
        told = validate(replace(report, live=frozenset(FORM.filled)))
        wrong = [f for f in told if f.severity == "error" and f.rule.startswith("cell.")]
        assert [f.cells for f in wrong] == [(cell("requests.granted.natural"),)]
        assert not identities(told)
        assert wrong[0].suggestion is not None
        assert wrong[0].suggestion.value == 163

    def test_an_empty_template_proposes_zero_everywhere(self) -> None:
        told = validate(blank(FORM, 2021, "某局"))
        assert [f.rule for f in told] == ["cell.blank"] * 200
        assert {f.suggestion.value for f in told if f.suggestion} == {0}

    @pytest.mark.parametrize(
        ("stood", "totals"),
        [
            (None, {"requests.received.total": None}),
            (-1, {"requests.received.total": -1}),
            (Decimal("2.5"), {"requests.received.total": Decimal("2.5")}),
            ("#DIV/0!", {"requests.received.total": "#DIV/0!"}),
        ],
    )
    def test_a_live_total_only_follows_its_parts(self, stood: object, totals: dict[str, Any]) -> None:
        report = changed(hubei(), {"requests.received.natural": stood, **totals})
        told = [f for f in validate(replace(report, live=frozenset(FORM.filled))) if f.severity == "error"]
        assert [f.cells for f in told if f.rule.startswith("cell.")] == [(cell("requests.received.natural"),)]

    def test_a_typed_total_that_is_blank_is_told(self) -> None:
        told = validate(changed(hubei(), {"requests.received.total": None}))
        assert (cell("requests.received.total"),) in [f.cells for f in told if f.rule == "cell.blank"]

    def test_a_total_that_lost_its_formula_is_not_to_be_typed_in(self) -> None:
        report = replace(changed(hubei(), {"requests.received.total": None}), lines={"overview": (6,)})
        (told,) = [f for f in validate(report) if f.rule == "cell.blank" and f.severity == "error"]
        assert "合计公式被删去" in told.message
        assert told.message.endswith("请用“规范数字”恢复公式")

    def test_an_error_in_the_formula_of_a_total_itself_is_told(self) -> None:
        report = changed(hubei(), {"requests.received.total": "#REF!"})
        told = validate(replace(report, live=frozenset(FORM.filled)))
        assert [f.cells for f in told if f.rule == "cell.error"] == [(cell("requests.received.total"),)]

    def test_no_count_is_ever_proposed_that_is_no_whole_number(self) -> None:
        halves = {"requests.granted.natural": Decimal("162.5"), "requests.concluded.natural": "#N/A"}
        told = validate(changed(hubei(), halves))
        counts = [
            f.suggestion for f in told if f.suggestion and FORM.column(f.suggestion.cell).unit != "万元"
        ]
        assert all(isinstance(hint.value, int) for hint in counts)
        assert not any(re.search(r"推算应为 \d+\.5", f.message) for f in told)


@given(
    consistent(),
    st.dictionaries(
        st.sampled_from(FORM.cells), st.one_of(st.none(), st.integers(-3, 99), st.text()), max_size=200
    ),
)
@pytest.mark.long
def test_whatever_stands_in_the_cells_is_told_and_never_stumbled_over(report: Report, some: dict) -> None:  # type: ignore[type-arg]
    told = validate(with_figures(report, some))
    assert all(f.message and f.severity in ("error", "verify", "info") for f in told)
    bad = {c for c, value in some.items() if not isinstance(value, int) or value < 0}
    assert bad <= {c for f in told if f.rule.startswith("cell.") for c in f.cells}


@pytest.mark.parametrize("text", ["2026-03-01", "2026/3/1", "3月1日", "2026年3月1日", "2026-03-01T00:00:00"])
def test_a_date_is_told_with_what_was_probably_typed(text: str) -> None:
    (told,) = found(changed(hubei(), {"requests.granted.natural": text}), "cell.")[-1:]
    assert told.rule == "cell.not_number"
    assert "疑为“3-1”被当作日期" in told.message
    assert told.suggestion is not None and told.suggestion.value == 163


def test_a_number_that_is_a_day_of_the_year_is_told_as_a_date() -> None:
    (told,) = found(typed(hubei(), {cell("requests.granted.natural"): 44621}), "requests")
    assert "疑似“3-1”被当作日期" in told.message
    assert told.suggestion is not None and told.suggestion.value == 163


def test_a_table_pasted_as_text_is_one_finding() -> None:
    texts = {str(c): str(v) for c, v in hubei().figures.items() if c.table == "requests" and v is not None}
    told = [f for f in validate(changed(hubei(), texts)) if f.severity == "error"]
    assert [(f.rule, len(f.cells)) for f in told] == [("cell.annotated", len(texts))]
    assert "175 格是文本格式的数字（如“一、本年新收·自然人”的“201”）" in told[0].message


def test_what_is_more_than_a_number_is_told_cell_by_cell() -> None:
    texts = {f"requests.granted.{c}": "3件" for c in ("business", "research", "charity", "legal")}
    told = [f for f in validate(changed(hubei(), texts)) if f.rule == "cell.annotated"]
    assert [len(f.cells) for f in told] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("", False),
        ("11420000011042575R", False),
        ("１１４２00 00011042575R", False),
        ("123", True),
        ("1" * 19, True),
    ],
)
def test_a_code_of_the_agency_that_cannot_be_one_is_a_hint(code: str, said: bool) -> None:
    findings = [f for f in validate(replace(hubei(), agency_code=code)) if f.rule == "form.agency_code"]
    assert [f.severity for f in findings] == ["info"] * said
