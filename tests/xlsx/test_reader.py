"""The reader of closed workbooks: what staff typed as it stood, and what was done to the template, told."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from nianbao.checks.validate import validate
from nianbao.core.files import Unreadable
from nianbao.core.finding import Finding
from nianbao.core.report import Report
from nianbao.workbook.layout import Layout
from nianbao.workbook.reader import read
from support.books import write
from support.build import FORM, HUBEI, cell, found, hubei, identities, plain, tiny, tiny_report

LAYOUT = Layout(FORM)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 湖北 report in a workbook, as the template writes it."""
    path = tmp_path_factory.mktemp("reader") / "湖北.xlsx"
    write(hubei(), path)
    return path


Edit = Callable[[Callable[[Workbook], None]], Report]


@pytest.fixture
def edited(filled: Path, tmp_path: Path) -> Edit:
    """``edited(change)``: the workbook opened, changed and saved by another program (without cached values)."""

    def edit(change: Callable[[Workbook], None]) -> Report:
        book = openpyxl.load_workbook(filled)
        change(book)
        book.save(tmp_path / "edited.xlsx")
        return read(tmp_path / "edited.xlsx")

    return edit


def put(key: str, value: object) -> Callable[[Workbook], None]:
    spot = LAYOUT.spot(cell(key))

    def change(book: Workbook) -> None:
        book[spot.sheet][spot.a1].value = value

    return change


def errors(report: Report) -> list[Finding]:
    return [f for f in validate(report) if f.severity == "error"]


class TestAsItStood:
    def test_the_湖北_workbook_reads_as_it_was_written(self, filled: Path) -> None:
        assert plain(read(filled)) == plain(hubei())
        assert not read(filled).problems

    def test_totals_without_a_cached_value_are_computed_again(self, edited: Edit) -> None:
        assert plain(edited(lambda book: None)) == plain(hubei())

    def test_json_is_taken_wherever_a_workbook_is(self) -> None:
        assert read(HUBEI) == hubei()

    @pytest.mark.many
    @pytest.mark.parametrize(
        ("typed", "stood"),
        [
            ("163件", "163件"),
            ("'12", "'12"),
            (True, "TRUE"),
            (False, "FALSE"),
            ("#REF!", "#REF!"),
            ("#DIV/0!", "#DIV/0!"),
        ],
    )
    def test_what_is_no_number_is_kept_as_its_text(self, edited: Edit, typed: object, stood: str) -> None:
        report = edited(put("requests.received.natural", typed))
        assert report.raw == {cell("requests.received.natural"): stood}
        assert errors(report)[0].cells == (cell("requests.received.natural"),)

    def test_spaces_alone_are_a_blank_to_be_filled(self, edited: Edit) -> None:
        report = edited(put("disclosure.penalty.decisions", "  "))
        assert [f.rule for f in errors(report)] == ["cell.blank"]

    def test_a_formula_of_ones_own_without_a_result_is_told(self, edited: Edit) -> None:
        report = edited(put("requests.received.natural", "=200+1"))
        told = [f for f in errors(report) if f.cells == (cell("requests.received.natural"),)]
        assert "（E8）是没有计算结果的公式" in told[0].message

    @pytest.mark.long
    def test_a_blank_row_between_two_paragraphs_is_passed_over_and_the_rows_are_known(
        self, edited: Edit
    ) -> None:
        def change(book: Workbook) -> None:
            page = book["六、其他事项"]
            page["B6"], page["B7"], page["B9"] = "第一段", "  ", "第二段"

        report = edited(change)
        assert report.narrative["other"] == ("第一段", "第二段")
        assert report.lines["other"] == (6, 9)

    @pytest.mark.many
    @pytest.mark.parametrize(
        ("typed", "year"),
        [
            ("2021年", 2021),
            ("２０２１", 2021),
            (2021, 2021),
            ("报告年度：2021", 2021),
            (20211, 20211),
            ("去年", None),
        ],
    )
    def test_the_year_is_understood_or_left_open_never_guessed(
        self, edited: Edit, typed: object, year: int | None
    ) -> None:
        def change(book: Workbook) -> None:
            book["封面"]["D8"].value = typed

        assert edited(change).year == year

    def test_a_form_of_another_country_is_read_by_its_own_file(self, tmp_path: Path) -> None:
        write(tiny_report(), tmp_path / "tiny.xlsx")
        assert read(tmp_path / "tiny.xlsx", tiny()) == tiny_report()
        with pytest.raises(Unreadable, match="表式代码“xx-foi”不认识"):
            read(tmp_path / "tiny.xlsx")


class TestTotals:
    @pytest.mark.long
    def test_a_total_typed_over_is_told_with_its_sum(self, edited: Edit) -> None:
        report = edited(put("requests.received.total", 216))
        (told,) = found(report, "form.total_typed")
        assert told.severity == "info"
        assert told.cells == (cell("requests.received.total"),)
        assert (told.expected, told.actual) == (215, 216)
        (broken,) = identities(errors(report))
        assert broken.rule == "requests.total"
        assert (
            broken.message.startswith("“一、本年新收·总计”填了 216，应为 215")
            and "同时不平的还有：总计列（申请平衡）差 1" in broken.message
        )

    @pytest.mark.long
    def test_a_total_typed_over_with_its_sum_is_only_a_hint(self, edited: Edit) -> None:
        (told,) = found(edited(put("requests.received.total", 215)), "form.total_typed")
        assert told.severity == "info"

    @pytest.mark.long
    def test_a_total_typed_over_with_a_text_is_a_text(self, edited: Edit) -> None:
        report = edited(put("requests.received.total", "215件"))
        assert report.raw == {cell("requests.received.total"): "215件"}

    @pytest.mark.long
    def test_a_total_cleared_is_a_blank_to_be_filled_with_its_sum(self, edited: Edit) -> None:
        report = edited(put("requests.received.total", None))
        told = [f for f in errors(report) if f.rule == "cell.blank"]
        assert [f.suggestion and f.suggestion.value for f in told] == [215]


def insert_row(page: Worksheet) -> None:
    page.insert_rows(9)


class TestAChangedTemplate:
    @pytest.mark.long
    def test_a_changed_label_is_told_with_its_address_and_the_figures_are_read(self, edited: Edit) -> None:
        def change(book: Workbook) -> None:
            book["三、申请办理"]["B8"].value = "一、新收申请"

        report = edited(change)
        (told,) = found(report, "form.layout")
        assert (
            "“三、申请办理”的表格被改动：B8 应为“一、本年新收政府信息公开申请数量”，现为“一、新收申请”"
            in told.message
        )
        assert report.figures == hubei().figures

    @pytest.mark.long
    def test_spaces_and_width_of_a_label_do_not_matter(self, edited: Edit) -> None:
        def change(book: Workbook) -> None:
            book["三、申请办理"]["E6"].value = "自 然 人"
            book["三、申请办理"]["D12"].value = "１．属于国家秘密"

        assert not found(edited(change), "form.layout")

    @pytest.mark.long
    @pytest.mark.parametrize(
        "move",
        [
            lambda page: page.insert_rows(9),
            lambda page: page.delete_rows(9),
            lambda page: page.insert_cols(5),
            lambda page: page.move_range("B5:K32", rows=1),
        ],
        ids=["row inserted", "row deleted", "column inserted", "table moved"],
    )
    def test_a_shifted_table_is_told_and_its_figures_are_not_taken_for_others(
        self, edited: Edit, move: Callable[[Worksheet], None]
    ) -> None:
        report = edited(lambda book: move(book["三、申请办理"]))
        (told,) = found(report, "form.layout")
        assert "版式错位，本表数字没有读入" in told.message
        assert {c.table for c in report.figures} == {"disclosure", "remedies"}
        assert not [f for f in validate(report) if f.rule.startswith("requests.")]

    @pytest.mark.many
    @pytest.mark.parametrize(
        ("title", "todo"),
        [
            (None, "请从模板重新填写，不要删除或改名"),
            ("三、申请办理(2)", "“三、申请办理(2)”像是它，请把名称改回“三、申请办理”"),
            ("申请办理表", "“申请办理表”像是它，请把名称改回“三、申请办理”"),
            ("三", "“三”像是它，请把名称改回“三、申请办理”"),
            ("Sheet9", "“Sheet9”可能是它，是的请把名称改回“三、申请办理”，不是的请从模板重新填写"),
        ],
    )
    def test_a_missing_sheet_is_told_by_name_and_so_is_the_one_that_looks_like_it(
        self, edited: Edit, title: str | None, todo: str
    ) -> None:
        def change(book: Workbook) -> None:
            if title:
                book["三、申请办理"].title = title
            else:
                del book["三、申请办理"]

        (told,) = found(edited(change), "form.layout")
        assert told.message == f"缺少工作表“三、申请办理”，{todo}"

    def test_without_the_cover_it_is_no_workbook_of_ours(self, edited: Edit) -> None:
        def change(book: Workbook) -> None:
            del book["封面"]

        with pytest.raises(Unreadable, match="不是年报模板的工作簿（没有“封面”工作表）"):
            edited(change)

    @pytest.mark.long
    def test_an_unknown_form_is_told_with_the_cell(self, edited: Edit) -> None:
        def change(book: Workbook) -> None:
            book["封面"]["D12"].value = "cn-2099"

        with pytest.raises(Unreadable, match="封面 D12 的表式代码“cn-2099”不认识"):
            edited(change)

    def test_reordered_sheets_and_sheets_of_ones_own_are_no_harm(self, edited: Edit) -> None:
        def change(book: Workbook) -> None:
            book.create_sheet("台账", 0)["A1"] = "=封面!D6"
            book.move_sheet("封面", 5)

        assert plain(edited(change)) == plain(hubei())


@cache
def gone() -> Path:
    return Path("没有这个文件.xlsx")


class TestUnreadable:
    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("空.xlsx", b"", "文件是空的"),
            ("旧.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "另存为“.xlsx”格式"),
            ("表.et", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "另存为“.xlsx”格式"),
            ("页.xlsx", b"<!DOCTYPE html><html></html>", "网页"),
            ("乱.xlsx", b"hello", "不是"),
        ],
    )
    def test_each_is_told_in_one_sentence(
        self, tmp_path: Path, name: str, content: bytes, words: str
    ) -> None:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Unreadable) as told:
            read(tmp_path / name)
        assert words in str(told.value)
        assert str(told.value).count("。") == 1

    def test_a_missing_file_a_folder_and_another_workbook_are_told(self, tmp_path: Path) -> None:
        openpyxl.Workbook().save(tmp_path / "别的.xlsx")
        for path, words in (
            (tmp_path / gone(), "找不到文件"),
            (tmp_path, "这是文件夹"),
            (tmp_path / "别的.xlsx", "不是年报模板的工作簿"),
        ):
            with pytest.raises(Unreadable, match=words):
                read(path)

    def test_a_truncated_workbook_is_told(self, filled: Path, tmp_path: Path) -> None:
        (tmp_path / "断.xlsx").write_bytes(filled.read_bytes()[:20_000])
        with pytest.raises(Unreadable, match="截断"):
            read(tmp_path / "断.xlsx")

    def test_a_workbook_with_macros_is_read_like_any_other(self, filled: Path, tmp_path: Path) -> None:
        shutil.copy(filled, tmp_path / "湖北.xlsm")
        assert plain(read(tmp_path / "湖北.xlsm")) == plain(hubei())
