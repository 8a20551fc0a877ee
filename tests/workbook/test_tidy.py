"""nianbao tidy and import-previous: what staff would otherwise do by hand, into a copy, every change listed."""

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from nianbao.checks.validate import validate
from nianbao.cli import main
from nianbao.core.report import Report
from nianbao.workbook.reader import read
from nianbao.workbook.tidy import RECORD, changes
from support.books import write
from support.build import FORM, cell, changed, hubei, identities

WRITTEN = {
    "requests.granted.natural": "１６３",
    "requests.received.legal": "14件",
    "requests.granted.business": "1,234",
    "requests.refused_law.other": "〇",
    "requests.refused_law.legal": "约3",
    "requests.refused_law.charity": "/",
}


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    return result.exit_code, result.output


class TestTidy:
    @pytest.mark.long
    def test_numbers_written_badly_become_numbers_and_each_is_listed(self, tmp_path: Path) -> None:
        write(changed(hubei(), WRITTEN), tmp_path / "a.xlsx")
        before = (tmp_path / "a.xlsx").read_bytes()
        code, said = run("tidy", tmp_path / "a.xlsx", "-o", tmp_path / "b.xlsx")
        report = read(tmp_path / "b.xlsx")
        assert code == 0
        assert [report.figures[cell(key)] for key in list(WRITTEN)[:4]] == [163, 14, 1234, 0]
        assert [report.raw[cell(key)] for key in list(WRITTEN)[4:]] == ["约3", "/"]
        assert "三、申请办理 E10" in said
        assert "“１６３” → 163" in said
        assert (tmp_path / "a.xlsx").read_bytes() == before

    @pytest.mark.long
    def test_blanks_become_zero_only_when_asked_and_only_where_the_form_asks_for_a_figure(
        self, tmp_path: Path
    ) -> None:
        gaps = dict.fromkeys(("requests.granted.natural", "disclosure.regulations.issued"))
        write(changed(hubei(), gaps), tmp_path / "a.xlsx")
        run("tidy", tmp_path / "a.xlsx", "-o", tmp_path / "b.xlsx")
        run("tidy", tmp_path / "a.xlsx", "--zeros", "-o", tmp_path / "c.xlsx")
        assert read(tmp_path / "b.xlsx").figures[cell("requests.granted.natural")] is None
        blanks = {
            "remedies.reconsideration.upheld": None,
            "remedies.reconsideration.other": None,
            "requests.received.legal": "14件",
        }
        write(changed(hubei(), blanks), tmp_path / "d.xlsx")
        _, said = run("tidy", tmp_path / "d.xlsx", "--zeros", "-o", tmp_path / "e.xlsx")
        assert said.splitlines()[0].endswith("“14件” → 14")
        assert "四、复议诉讼　空白补 0 共 2 格：" in said
        filled = read(tmp_path / "c.xlsx").figures
        assert filled[cell("requests.granted.natural")] == 0
        assert filled[cell("disclosure.regulations.issued")] is None

    def test_a_total_typed_over_its_formula_gets_it_back_where_both_say_the_same(
        self, tmp_path: Path
    ) -> None:
        write(hubei(), tmp_path / "a.xlsx")
        book = openpyxl.load_workbook(tmp_path / "a.xlsx")
        total, other = hubei().figures[cell("requests.concluded.natural")], 7
        page = book["三、申请办理"]
        page["E31"].value, page["F31"].value = total, other
        book.save(tmp_path / "a.xlsx")
        _, said = run("tidy", tmp_path / "a.xlsx", "-o", tmp_path / "b.xlsx")
        page = openpyxl.load_workbook(tmp_path / "b.xlsx")["三、申请办理"]
        assert str(page["E31"].value).startswith("=IF(COUNT(")
        assert page["F31"].value == other
        assert "手工填写 7" in said

    @pytest.mark.long
    def test_every_change_is_recorded_with_what_stood_before(self, tmp_path: Path) -> None:
        write(changed(hubei(), WRITTEN), tmp_path / "a.xlsx")
        run("tidy", tmp_path / "a.xlsx", "-o", tmp_path / "b.xlsx")
        rows = list(openpyxl.load_workbook(tmp_path / "b.xlsx")[RECORD].iter_rows(4, values_only=True))
        assert ("三、申请办理", "E10", "１６３", 163) in [(r[1], r[2], r[4], r[5]) for r in rows]
        assert len(rows) == len(changes(read(tmp_path / "a.xlsx")))

    @pytest.mark.long
    def test_a_formula_among_the_texts_stays_a_text(self, tmp_path: Path) -> None:
        report = replace(hubei(), narrative={"overview": ("　=1+１ 收到３件 ",)})
        write(report, tmp_path / "a.xlsx")
        run("tidy", tmp_path / "a.xlsx", "--text", "-o", tmp_path / "b.xlsx")
        assert read(tmp_path / "b.xlsx").narrative["overview"] == ("=1+1 收到3件",)

    @pytest.mark.long
    def test_a_second_run_finds_nothing_and_no_file_is_overwritten(self, tmp_path: Path) -> None:
        write(changed(hubei(), WRITTEN), tmp_path / "a.xlsx")
        run("tidy", tmp_path / "a.xlsx", "-o", tmp_path / "b.xlsx")
        assert changes(read(tmp_path / "b.xlsx")) == []
        assert run("tidy", tmp_path / "a.xlsx", "-o", tmp_path / "b.xlsx")[0] == 2
        assert run("tidy", tmp_path / "a.xlsx")[0] == run("tidy", tmp_path / "a.xlsx")[0] == 0
        assert (tmp_path / "a.规范(2).xlsx").exists()

    @pytest.mark.parametrize("slip", ["a row put in", "a row taken out", "another name"])
    @pytest.mark.long
    def test_a_table_that_was_not_read_is_left_as_it_is_and_told(self, slip: str, tmp_path: Path) -> None:
        write(hubei(), tmp_path / "a.xlsx")
        book = openpyxl.load_workbook(tmp_path / "a.xlsx")
        page = book["三、申请办理"]
        if slip == "a row put in":
            page.insert_rows(12)
        elif slip == "a row taken out":
            page.delete_rows(14)
        else:
            page.title = "表三"
        book.save(tmp_path / "a.xlsx")
        code, said = run("tidy", tmp_path / "a.xlsx", "--zeros", "-o", tmp_path / "b.xlsx")
        before, after = (openpyxl.load_workbook(tmp_path / name)[page.title] for name in ("a.xlsx", "b.xlsx"))
        cells = [(c.coordinate, c.value) for row in before["B5:L33"] for c in row]
        assert cells == [(c.coordinate, c.value) for row in after["B5:L33"] for c in row]
        assert code == 0
        assert "三、申请办理 " not in said
        assert "？ 没有改动：" in said

    @pytest.mark.long
    def test_colours_and_checks_of_ones_own_stay_where_the_templates_come_back(self, tmp_path: Path) -> None:
        write(hubei(), tmp_path / "a.xlsx")
        book = openpyxl.load_workbook(tmp_path / "a.xlsx")
        page = book["三、申请办理"]
        before = len(list(page.conditional_formatting))
        checks = len(page.data_validations.dataValidation)
        page.conditional_formatting = ConditionalFormattingList()
        page.conditional_formatting.add("E8:K8", CellIsRule("greaterThan", ["50"], font=Font(bold=True)))
        page.conditional_formatting.add(
            "E9:K9", ColorScaleRule("min", None, "FFFFFF", end_type="max", end_color="FF0000")
        )
        page.data_validations.dataValidation = []
        page.add_data_validation(DataValidation("list", '"是,否"', sqref="B44"))
        book.save(tmp_path / "a.xlsx")
        code, said = run("tidy", tmp_path / "a.xlsx", "-o", tmp_path / "b.xlsx")
        assert code == 0 and "标色规则" in said and "输入校验" in said
        page = openpyxl.load_workbook(tmp_path / "b.xlsx")["三、申请办理"]
        blocks = {str(block.sqref): block.rules for block in page.conditional_formatting}
        assert len(blocks) == before + 2 and len(page.data_validations.dataValidation) == checks + 1
        assert [rule.type for rule in (*blocks["E8:K8"], *blocks["E9:K9"])] == ["cellIs", "colorScale"]

    def test_a_json_file_is_refused_in_a_sentence(self, tmp_path: Path) -> None:
        code, said = run("tidy", "tests/cases/hubei-2021.json", "-o", tmp_path / "b.xlsx")
        assert code == 2
        assert said.startswith("错误：")

    @pytest.mark.long
    def test_a_text_that_looks_like_the_formula_of_a_total_is_written_as_a_text(self, tmp_path: Path) -> None:
        words = "=IF(COUNT(A1)，１件)"
        write(replace(hubei(), narrative={"overview": (words,)}), tmp_path / "a.xlsx")
        assert run("tidy", tmp_path / "a.xlsx", "-o", tmp_path / "b.xlsx", "--text")[0] == 0
        assert read(tmp_path / "b.xlsx").narrative["overview"] == ("=IF(COUNT(A1)，1件)",)
        book = openpyxl.load_workbook(tmp_path / "b.xlsx")
        (there,) = [
            c
            for row in book["一、总体情况"].iter_rows()
            for c in row
            if str(c.value).startswith("=IF(COUNT(A1)，")
        ]
        assert there.data_type == "s"


class TestLastYear:
    last = replace(hubei(), year=2021, level="省级部门")

    @pytest.mark.long
    def test_a_workbook_that_is_begun_gets_last_years_figures_in_blank_cells_only(
        self, tmp_path: Path
    ) -> None:
        write(self.last, tmp_path / "last.xlsx")
        begun = changed(
            Report(FORM, "湖北省人力资源和社会保障厅", 2022, dict.fromkeys(FORM.cells)),
            {"requests.carried_in.business": 99},
        )
        write(begun, tmp_path / "a.xlsx")
        code, said = run(
            "import-previous", tmp_path / "a.xlsx", tmp_path / "last.xlsx", "-o", tmp_path / "b.xlsx"
        )
        report = read(tmp_path / "b.xlsx")
        assert code == 0
        assert report.previous is not None
        assert report.previous.figures == self.last.figures
        assert report.level == "省级部门"
        assert (
            report.figures[cell("requests.carried_in.natural")]
            == self.last.figures[cell("requests.carried_out.natural")]
        )
        assert report.figures[cell("requests.carried_in.business")] == 99
        assert "现为 99" in said

    def test_a_new_workbook_may_begin_with_last_years(self, tmp_path: Path) -> None:
        write(self.last, tmp_path / "last.xlsx")
        code, _ = run(
            "template", "--year", 2022, "--previous", tmp_path / "last.xlsx", "-o", tmp_path / "b.xlsx"
        )
        report = read(tmp_path / "b.xlsx")
        assert code == 0
        assert report.live == set(FORM.filled)  # a total that is no formula could not be filled in
        assert identities(validate(report)) == []  # nothing is broken before anything is filled in
        book = openpyxl.load_workbook(tmp_path / "b.xlsx", data_only=True)
        assert "✗" not in book["三、申请办理"]["B3"].value
        assert (report.agency, report.level, report.year) == (hubei().agency, "省级部门", 2022)
        assert report.previous is not None
        assert (
            report.figures[cell("requests.carried_in.natural")]
            == self.last.figures[cell("requests.carried_out.natural")]
        )

    @pytest.mark.parametrize("command", ["template", "import-previous"])
    def test_another_agencys_report_is_refused(self, command: str, tmp_path: Path) -> None:
        write(self.last, tmp_path / "last.xlsx")
        write(replace(hubei(), agency="甲县 教育局", year=2022), tmp_path / "a.xlsx")
        asked = (
            ("--year", 2022, "--agency", "甲县教育局", "--previous", tmp_path / "last.xlsx")
            if command == "template"
            else (tmp_path / "a.xlsx", tmp_path / "last.xlsx")
        )
        code, said = run(command, *asked, "-o", tmp_path / "b.xlsx")
        assert code == 2 and not (tmp_path / "b.xlsx").exists()
        assert "是“湖北省人力资源和社会保障厅”的年报" in said and "更名" in said

    def test_a_report_of_another_year_is_refused(self, tmp_path: Path) -> None:
        write(self.last, tmp_path / "last.xlsx")
        code, said = run(
            "template", "--year", 2024, "--previous", tmp_path / "last.xlsx", "-o", tmp_path / "b.xlsx"
        )
        assert code == 2
        assert "2021 年度" in said
