"""What staff read of a rule is its short Chinese name; machines keep its code."""

import json
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from nianbao.checks.validate import fingerprint, validate
from nianbao.cli import main
from nianbao.console import rules_text
from nianbao.core import form as forms
from nianbao.core.finding import CODES
from nianbao.core.report import Explanation, Report
from nianbao.workbook import layout as at
from nianbao.workbook.layout import Layout
from nianbao.workbook.reader import read
from support.books import mark, write
from support.build import FORM, changed, hubei

KNOWN = forms.keys()
REASON = "本单位是省政府工作部门，没有规章制定权。"
CODE = re.compile(r"\b(?:" + "|".join(map(re.escape, FORM.rule_names)) + r")\b")


def wrong() -> Report:
    """An identity broken, a unit of measure in a cell, a blank to be explained."""
    slips = {"requests.granted.natural": 136, "disclosure.licensing.decisions": "3件"}
    return changed(hubei(), {**slips, "disclosure.regulations.issued": None})


def flagged(report: Report, folder: Path) -> Path:
    write(report, folder / "年报.xlsx")
    again = read(folder / "年报.xlsx")
    mark(folder / "年报.xlsx", folder / "标.xlsx", again, validate(again))
    return folder / "标.xlsx"


def column(path: Path, sheet: str, number: int) -> list[str]:
    page = openpyxl.load_workbook(BytesIO(path.read_bytes()), read_only=True)[sheet]
    return [str(value) for row in range(6, 200) if (value := page.cell(row, number).value)]


class TestNames:
    def test_each_is_three_to_ten_chinese_characters(self) -> None:
        for key in KNOWN:
            for code, name in forms.load(key).rule_names.items():
                assert re.fullmatch("[一-鿿]{3,10}", name), (code, name)

    def test_none_is_given_twice_in_a_form(self) -> None:
        for key in KNOWN:
            names = list(forms.load(key).rule_names.values())
            assert len(set(names)) == len(names)

    def test_a_rule_of_two_forms_has_one_name(self) -> None:
        old, new = (forms.load(key).rule_names for key in ("cn-2019", "cn-2021"))
        assert {code: old[code] for code in old.keys() & new.keys()} == {
            code: new[code] for code in old.keys() & new.keys()
        }

    @pytest.mark.parametrize("code", [*CODES, *(rule.id for rule in FORM.rules)])
    def test_name_and_code_lead_to_each_other(self, code: str) -> None:
        assert FORM.rule_code(FORM.rule_name(code)) == FORM.rule_code(code) == code

    def test_what_is_no_rule_stays_as_it_was_written(self) -> None:
        assert FORM.rule_name("a.b") == FORM.rule_code("a.b") == "a.b"

    def test_the_list_of_rules_has_both(self) -> None:
        assert "申请平衡　强制性　requests.balance\n" in rules_text("cn-2021")
        assert "叙述与表不符　强制性　narrative.mismatch\n" in rules_text("cn-2021")


class TestShown:
    @pytest.mark.long
    def test_the_sheets_of_results_and_explanations_have_names_only(self, tmp_path: Path) -> None:
        path = flagged(wrong(), tmp_path)
        assert {"办理结果合计", "数字带单位文字"} <= set(column(path, at.RESULTS, 7))
        assert "数字栏空白" in column(path, at.EXPLANATIONS, 2)
        for sheet in (at.RESULTS, at.EXPLANATIONS):
            page = openpyxl.load_workbook(BytesIO(path.read_bytes()), read_only=True)[sheet]
            said = [str(cell.value) for row in page.iter_rows() for cell in row if cell.value is not None]
            assert not [text for text in said if CODE.search(text)], sheet

    @pytest.mark.long
    def test_the_hidden_marks_keep_the_codes(self, tmp_path: Path) -> None:
        path = flagged(wrong(), tmp_path)
        sheet = Layout(FORM).section("disclosure")
        place = sheet.mark(FORM.cells_of("disclosure.licensing.decisions")[0])
        value = (
            openpyxl.load_workbook(BytesIO(path.read_bytes()), read_only=True)[sheet.name]
            .cell(place.row, place.column)
            .value
        )
        assert value == "E cell.annotated"

    def test_the_terminal_has_names_and_the_json_has_codes(self, tmp_path: Path) -> None:
        write(wrong(), tmp_path / "年报.xlsx")
        said = CliRunner().invoke(main, ["validate", str(tmp_path / "年报.xlsx")]).stdout
        assert "[办理结果合计]" in said and not CODE.search(said)
        data = json.loads(
            CliRunner().invoke(main, ["validate", "--json", str(tmp_path / "年报.xlsx")]).stdout
        )
        assert {"requests.concluded", "cell.annotated"} <= {finding["rule"] for finding in data["findings"]}

    def test_the_guide_in_the_workbook_calls_the_rules_the_same(self, tmp_path: Path) -> None:
        write(hubei(), tmp_path / "年报.xlsx")
        said = column(tmp_path / "年报.xlsx", at.GUIDE, 2)
        assert all(any(text.endswith(f"：{rule.name}") for text in said) for rule in FORM.rules)


class TestExplanations:
    def full(self) -> Report:
        """A report without a blank."""
        return changed(
            hubei(), {f"disclosure.regulations.{c}": 0 for c in ("issued", "repealed", "in_force")}
        )

    def bound(self) -> Report:
        """A blank with an explanation that is bound to the figures of now."""
        report = changed(self.full(), {"disclosure.regulations.issued": None})
        finding = next(f for f in validate(report) if f.rule == "cell.blank")
        keys = tuple(map(str, finding.cells))
        given = Explanation("cell.blank", keys, REASON, fingerprint(finding, report))
        return replace(report, explanations=(given,))

    @pytest.mark.long
    @pytest.mark.parametrize("shown", ["数字栏空白", "cell.blank", " 数字栏空白 "])
    def test_one_under_the_name_or_the_code_of_older_workbooks_holds(
        self, tmp_path: Path, shown: str
    ) -> None:
        write(self.bound(), tmp_path / "年报.xlsx")
        book = openpyxl.load_workbook(tmp_path / "年报.xlsx")
        assert book[at.EXPLANATIONS]["B6"].value == "数字栏空白"
        book[at.EXPLANATIONS]["B6"].value = shown
        book.save(tmp_path / "旧.xlsx")
        report = read(tmp_path / "旧.xlsx")
        assert report.explanations == self.bound().explanations
        assert [f.explanation for f in validate(report) if f.rule == "cell.blank"] == [REASON]

    @pytest.mark.long
    def test_an_older_workbook_validated_again_has_the_names(self, tmp_path: Path) -> None:
        write(self.bound(), tmp_path / "年报.xlsx")
        book = openpyxl.load_workbook(tmp_path / "年报.xlsx")
        book[at.EXPLANATIONS]["B6"].value = "cell.blank"
        book.save(tmp_path / "旧.xlsx")
        report = read(tmp_path / "旧.xlsx")
        mark(tmp_path / "旧.xlsx", tmp_path / "标.xlsx", report, validate(report))
        assert column(tmp_path / "标.xlsx", at.EXPLANATIONS, 2) == ["数字栏空白"]
        assert column(tmp_path / "标.xlsx", at.EXPLANATIONS, 5) == [REASON]
        again = read(tmp_path / "标.xlsx")
        assert [f.explanation for f in validate(again) if f.rule == "cell.blank"] == [REASON]

    def test_one_that_answers_to_nothing_is_told_by_the_rules_name(self) -> None:
        report = replace(self.full(), explanations=self.bound().explanations)
        (told,) = [f for f in validate(report) if f.rule == "explanation.unmatched"]
        assert "（数字栏空白）没有对应的问题" in told.message
