"""新建年报, 导入上年, 导出 and 汇总, through the very functions behind the buttons."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlwings as xw

from nianbao.core.files import Unreadable
from nianbao.core.grid import Cell
from nianbao.core.report import dump, with_figures
from nianbao.excel import verbs
from nianbao.workbook import layout as at
from nianbao.workbook.layout import Layout
from nianbao.workbook.reader import read
from nianbao.workbook.writer import blank
from support.books import write
from support.build import hubei

Opener = Callable[[Path], xw.Book]
LAYOUT = Layout.of(hubei().form)
ERROR = Cell.parse("remedies.reconsideration.upheld")


def cell(book: xw.Book, key: str) -> xw.Range:
    spot = LAYOUT.spot(Cell.parse(key))
    return book.sheets[spot.sheet][spot.a1]


def told(app: xw.App) -> str:
    return str(app.impl.asked.pop().prompt)


@pytest.fixture
def new_book(office_book: Opener, tmp_path: Path) -> xw.Book:
    """This year's workbook, nothing filled in yet."""
    path = tmp_path / "新年报.xlsx"
    write(blank(hubei().form, 2021, "湖北省人力资源和社会保障厅"), path)
    return office_book(path)


@pytest.fixture
def last(tmp_path: Path) -> Path:
    """Last year's report as a data file: 17 carried over."""
    path = tmp_path / "上年.json"
    report = with_figures(replace(hubei(), year=2020), {Cell.parse("requests.carried_out.natural"): 17})
    path.write_text(dump(report), encoding="utf-8")
    return path


class TestNew:
    def test_a_workbook_for_last_year_is_made_beside_the_open_one_and_opened(
        self, app: xw.App, clean: xw.Book
    ) -> None:
        year = date.today().year - 1
        folder = Path(clean.fullname).parent
        verbs.new(clean)
        verbs.new(clean)
        made = [folder / f"政府信息公开年报{year}.xlsx", folder / f"政府信息公开年报{year}(2).xlsx"]
        assert [read(path).year for path in made] == [year, year]
        assert read(made[0]).agency == "湖北省人力资源和社会保障厅"
        assert app.books.active.fullname == str(made[1])
        for path in made:
            app.books[path.name].close()


class TestImportPrevious:
    def test_last_years_figures_and_the_opening_figures_are_filled_in(
        self, app: xw.App, new_book: xw.Book, last: Path
    ) -> None:
        verbs.import_previous(new_book, lambda _: last)
        assert "已填入" in told(app)
        new_book.save()
        report = read(Path(new_book.fullname))
        assert report.previous is not None and report.previous.year == 2020
        assert report.previous.figures == read(last).figures
        assert cell(new_book, "requests.carried_in.natural").value == 17
        assert cell(new_book, "requests.carried_in.total").formula.startswith("=")

    def test_what_staff_typed_stays_and_is_named(self, app: xw.App, new_book: xw.Book, last: Path) -> None:
        cell(new_book, "requests.carried_in.natural").value = 99
        verbs.import_previous(new_book, lambda _: last)
        said = told(app)
        assert "没有改动" in said and "现为 99，上年报告为 17" in said
        assert cell(new_book, "requests.carried_in.natural").value == 99

    def test_a_workbook_is_taken_as_well(self, app: xw.App, new_book: xw.Book, tmp_path: Path) -> None:
        path = tmp_path / "上年.xlsx"
        write(replace(hubei(), year=2020), path)
        verbs.import_previous(new_book, lambda _: path)
        assert "已填入" in told(app)

    def test_nothing_happens_when_no_file_is_chosen(self, app: xw.App, new_book: xw.Book) -> None:
        verbs.import_previous(new_book, lambda _: None)
        assert app.impl.asked == []

    def test_the_wrong_year_is_refused(self, new_book: xw.Book, tmp_path: Path) -> None:
        path = tmp_path / "今年.json"
        path.write_text(dump(hubei()), encoding="utf-8")
        with pytest.raises(Unreadable, match="是 2021 年度的报告"):
            verbs.import_previous(new_book, lambda _: path)

    def test_without_a_window_to_choose_in_the_command_line_is_pointed_to(self, new_book: xw.Book) -> None:
        with pytest.raises(Unreadable, match="nianbao import"):
            verbs.import_previous(new_book)


class TestExport:
    def test_each_kind_is_written_beside_the_workbook_with_unsaved_edits_in_it(
        self, app: xw.App, clean: xw.Book
    ) -> None:
        cell(clean, "disclosure.licensing.decisions").value = 1234
        verbs.export_html(clean)
        folder = Path(clean.fullname).parent
        said = told(app)
        assert said.startswith(f"已导出到 {folder}")
        page = next(folder.glob("*年度报告.html"))
        assert page.name in said and "1234" in page.read_text(encoding="utf-8")
        verbs.export_json(clean)
        assert "1234" in next(folder.glob("*年度报告.json")).read_text(encoding="utf-8")
        app.impl.asked.clear()

    def test_all_kinds_are_written_at_once(self, app: xw.App, clean: xw.Book) -> None:
        clean.sheets[at.COVER]["B16"].value = "本报告按规定编制。"
        verbs.export(clean)
        endings = {path.suffix for path in Path(clean.fullname).parent.iterdir()}
        assert {".html", ".docx", ".pdf", ".json"} <= endings
        assert ".pdf" in told(app)

    def test_while_errors_remain_nothing_is_written_and_they_are_listed(
        self, app: xw.App, clean: xw.Book
    ) -> None:
        cell(clean, str(ERROR)).value = "3件"
        with pytest.raises(Unreadable) as stopped:
            verbs.export_all(clean)
        assert "1. " in str(stopped.value) and "请只填 3" in str(stopped.value)
        assert [p.suffix for p in Path(clean.fullname).parent.iterdir()] == [".xlsx"]
        assert app.status_bar is False

    def test_a_long_list_of_errors_is_cut_at_ten(self, clean: xw.Book) -> None:
        for column in "EFGHIJ":
            clean.sheets["三、申请办理"][f"{column}10:{column}12"].value = "无"
        with pytest.raises(Unreadable) as stopped:
            verbs.export_all(clean)
        assert "10. " in str(stopped.value) and "11. " not in str(stopped.value)
        assert "另有" in str(stopped.value)

    def test_a_draft_is_written_all_the_same_and_says_so(self, app: xw.App, clean: xw.Book) -> None:
        cell(clean, str(ERROR)).value = "3件"
        verbs.export_draft(clean)
        assert "已导出草稿" in told(app)
        page = next(Path(clean.fullname).parent.glob("*.html"))
        assert "草稿" in page.read_text(encoding="utf-8")

    def test_a_workbook_that_was_never_saved_is_told(self, book: xw.Book) -> None:
        from nianbao.excel.book import OpenBook

        with pytest.raises(Unreadable, match=r"还没有保存到本机.*请先保存到本机"):
            _ = OpenBook(book).folder


class TestConsolidate:
    def test_a_folder_is_consolidated_beside_it_and_the_summary_opened(
        self, app: xw.App, clean: xw.Book, tmp_path: Path
    ) -> None:
        folder = tmp_path / "下级 & 单位"
        folder.mkdir()
        fees = Cell.parse("disclosure.fees.amount")
        write(replace(hubei(), agency="甲局"), folder / "甲局.xlsx")
        other = replace(hubei(), agency="乙局", figures={**hubei().figures, fees: Decimal("12.5")})
        write(other, folder / "乙局.xlsx")
        shutil.copy(folder / "甲局.xlsx", tmp_path / "before.xlsx")
        verbs.consolidate(clean, lambda _: folder)
        target = tmp_path / "下级 & 单位汇总.xlsx"
        said = told(app)
        assert str(target) in said
        assert app.books.active.fullname == str(target)
        received = Cell.parse("requests.received.natural")
        assert read(target).figures[received] == 2 * (hubei().figures[received] or 0)
        assert app.status_bar is False
        assert (folder / "甲局.xlsx").read_bytes() == (tmp_path / "before.xlsx").read_bytes()
        app.books.active.close()

    def test_a_roster_in_the_folder_is_used_by_itself(
        self, app: xw.App, clean: xw.Book, tmp_path: Path
    ) -> None:
        folder = tmp_path / "报送"
        folder.mkdir()
        write(replace(hubei(), agency="甲局"), folder / "甲局.xlsx")
        (folder / "单位名单.csv").write_text("单位名称\n甲局\n乙局\n", encoding="utf-8-sig")
        verbs.consolidate(clean, lambda _: folder)
        said = told(app)
        assert "已按文件夹中的名录“单位名单.csv”核对报送情况。" in said
        assert "名录 2 个单位：已报 1，未报 1" in said
        app.books.active.close()

    def test_an_empty_folder_is_told(self, clean: xw.Book, tmp_path: Path) -> None:
        (tmp_path / "空").mkdir()
        with pytest.raises(Unreadable, match="没有工作簿"):
            verbs.consolidate(clean, lambda _: tmp_path / "空")

    def test_settings_in_front_are_saved_and_followed(
        self, app: xw.App, clean: xw.Book, tmp_path: Path
    ) -> None:
        from nianbao.consolidate.settings import new_settings

        opened = app.books.open(new_settings(tmp_path))
        page = opened.sheets["设置"]
        labels = page.range("A1:A20").value
        page.range((labels.index("汇总单位") + 1, 2)).value = "某市人民政府"
        write(replace(hubei(), agency="甲局"), tmp_path / "报送" / "甲局.xlsx")
        verbs.consolidate(opened, lambda _: pytest.fail("no folder is asked for"))
        said = told(app)
        assert "共 1 个文件：接收但须核实 1" in said
        assert app.books.active.fullname in said
        app.books.active.close()
        opened.close()
