"""Reports: nothing is lost between interchange JSON and a report, and a figure is counted as it was meant."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nianbao.core.number import Figure
from nianbao.core.report import Explanation, Report, dump, from_json, parse, with_figures
from support.build import FORM, HUBEI, cell, changed, consistent, found, hubei, plain, tiny, tiny_report
from support.strategies import anything, odd


def through_json(report: Report) -> Report:
    return parse(dump(report).encode("utf-8", "surrogatepass"), "a.json", report.form)


class TestInterchange:
    @pytest.mark.long
    @given(odd())
    def test_whatever_stood_in_a_report_goes_through_json_unchanged(self, report: Report) -> None:
        assert through_json(report) == report

    @given(consistent())
    def test_last_years_figures_go_through_json_unchanged(self, last: Report) -> None:
        previous = Report(FORM, hubei().agency, 2020, last.figures)
        assert through_json(replace(hubei(), previous=previous)).previous == previous

    def test_the_json_of_the_湖北_report_is_the_same_after_reading_it(self) -> None:
        assert json.loads(dump(hubei())) == json.loads(HUBEI.read_text(encoding="utf-8"))

    def test_tables_and_cells_stand_in_the_order_of_the_form(self) -> None:
        tables = plain(hubei())["tables"]
        keys = [f"{t}.{r}.{c}" for t, rows in tables.items() for r, row in rows.items() for c in row]
        assert keys == [str(c) for c in FORM.cells]

    def test_decimals_are_written_as_numbers_of_the_same_digits(self) -> None:
        report = changed(hubei(), {"disclosure.fees.amount": Decimal("8988.0625")})
        assert '"amount": 8988.0625' in dump(report)

    def test_a_form_of_another_country_goes_through_json_unchanged(self) -> None:
        assert through_json(tiny_report()) == tiny_report()


class TestWhatIsReadFromJson:
    def test_an_unknown_cell_is_told_and_the_rest_is_read(self) -> None:
        data = plain(hubei())
        data["tables"]["requests"]["received"]["naturals"] = 3
        data["tables"]["wages"] = {"paid": {"total": 1}}
        report = from_json(data, FORM)
        told = [f.message for f in found(report, "form.unknown_cell")]
        assert ["requests.received.naturals" in told[0], "wages.paid.total" in told[1]] == [True, True]
        assert report.figures == hubei().figures

    def test_missing_cells_are_told_once_a_table(self) -> None:
        data = plain(hubei())
        del data["tables"]["remedies"]
        del data["tables"]["requests"]["granted"]["natural"]
        told = found(from_json(data, FORM), "form.missing_cell")
        assert [len(f.cells) for f in told] == [1, 15]
        assert (
            "缺少 15 项指标（行政复议·结果维持、行政复议·结果纠正、行政复议·其他结果等）" in told[1].message
        )

    def test_a_missing_cell_is_not_a_blank_one(self) -> None:
        data = plain(hubei())
        del data["tables"]["remedies"]["reconsideration"]["pending"]
        assert not found(from_json(data, FORM), "cell.blank")[3:]

    def test_text_of_an_unknown_section_is_told(self) -> None:
        data = plain(hubei()) | {"narrative": {"wages": ["x"]}}
        assert "“wages”" in found(from_json(data, FORM), "form.unknown_cell")[0].message

    def test_an_empty_text_is_a_blank(self) -> None:
        data = plain(hubei())
        data["tables"]["requests"]["received"]["natural"] = ""
        report = from_json(data, FORM)
        assert report.raw == {}
        assert report.figures[cell("requests.received.natural")] is None

    def test_paragraphs_that_say_nothing_are_left_out(self) -> None:
        data = plain(hubei()) | {"narrative": {"other": ["", " 　", "有。"]}, "preamble": [""]}
        report = from_json(data, FORM)
        assert (report.narrative, report.preamble) == ({"other": ("有。",)}, ())


def under_formulas(report: Report) -> Report:
    """The report as if it had been read from a workbook in which every total is a formula."""
    return replace(report, live=frozenset(report.form.filled))


class TestAmounts:
    @pytest.mark.parametrize(
        ("stood", "amount"),
        [(5, 5), (None, 0), ("/", 0), ("163件", 163), ("１２", 12), ("是", None), ("#REF!", None), (-2, -2)],
    )
    def test_a_figure_is_counted_as_it_was_meant(
        self, stood: Figure | str | None, amount: Figure | None
    ) -> None:
        report = changed(hubei(), {"remedies.reconsideration.upheld": stood})
        assert report.amount(cell("remedies.reconsideration.upheld")) == amount

    def test_a_cell_that_the_form_has_not_has_no_amount(self) -> None:
        assert hubei().amount(cell("requests.received.naturals")) is None

    def test_a_live_total_that_skips_a_text_counts_what_the_text_means(self) -> None:
        changes = {"remedies.reconsideration.upheld": "3件", "remedies.reconsideration.total": 1}
        assert under_formulas(changed(hubei(), changes)).amount(cell("remedies.reconsideration.total")) == 4

    def test_a_published_total_that_skips_a_text_stands_as_it_stood(self) -> None:
        changes = {"remedies.reconsideration.upheld": "3件", "remedies.reconsideration.total": 1}
        assert changed(hubei(), changes).amount(cell("remedies.reconsideration.total")) == 1

    def test_a_live_total_of_texts_alone_is_blank_and_counts_what_they_mean(self) -> None:
        row = {
            "upheld": "3件",
            "corrected": None,
            "other": "1件",
            "pending": None,
            "total": None,
        }
        report = under_formulas(
            changed(hubei(), {f"remedies.reconsideration.{k}": v for k, v in row.items()})
        )
        assert report.amount(cell("remedies.reconsideration.total")) == 4

    def test_a_total_above_an_unreadable_text_cannot_be_counted(self) -> None:
        changes = {"remedies.reconsideration.upheld": "是", "remedies.reconsideration.total": 1}
        report = under_formulas(changed(hubei(), changes))
        assert report.amount(cell("remedies.reconsideration.total")) is None

    def test_a_total_that_was_published_otherwise_stands_as_it_stood(self) -> None:
        report = changed(
            hubei(), {"remedies.reconsideration.upheld": "3件", "remedies.reconsideration.total": 5}
        )
        assert report.amount(cell("remedies.reconsideration.total")) == 5


class TestFingerprint:
    def test_it_is_sixteen_hexadecimal_digits_and_the_same_each_time(self) -> None:
        assert hubei().fingerprint() == through_json(hubei()).fingerprint()
        assert len(bytes.fromhex(hubei().fingerprint())) == 8

    @given(st.sampled_from(FORM.cells), anything)
    def test_it_changes_with_every_figure(self, where: Any, value: Figure | str | None) -> None:
        other = with_figures(hubei(), {where: value})
        assert (other.fingerprint() == hubei().fingerprint()) == (plain(other) == plain(hubei()))

    @pytest.mark.parametrize("change", [{"agency": "某厅"}, {"year": 2022}, {"narrative": {"other": ("x",)}}])
    def test_it_changes_with_agency_year_and_text(self, change: dict[str, Any]) -> None:
        assert replace(hubei(), **change).fingerprint() != hubei().fingerprint()

    def test_explanations_and_last_year_leave_it_as_it_is(self) -> None:
        explained = replace(hubei(), explanations=(Explanation("a.b", (), "属实"),), previous=hubei())
        assert explained.fingerprint() == hubei().fingerprint()


def test_the_heading_names_agency_and_year_and_without_a_year_the_form() -> None:
    assert hubei().heading == "湖北省人力资源和社会保障厅2021年政府信息公开工作年度报告"
    assert replace(hubei(), year=None).heading == "政府信息公开工作年度报告"


def test_text_comes_with_its_section_and_number() -> None:
    assert [(key, n) for key, n, _ in hubei().text()][:3] == [
        ("preamble", 1),
        ("overview", 1),
        ("overview", 2),
    ]
    assert tiny_report().form is tiny()
