"""The xlwings engine over a real LibreOffice: workbooks, sheets and the application."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlwings as xw

from nianbao import libreoffice

Opener = Callable[[Path], xw.Book]


class TestBooksAndSheets:
    def test_a_workbook_is_opened_changed_saved_and_opened_again(
        self, office_book: Opener, form: Path
    ) -> None:
        book = office_book(form)
        book.sheets[0]["B2"].value = 77
        book.save()
        saved = Path(book.fullname)
        book.close()
        again = office_book(saved)
        assert again.sheets[0]["B2"].value == 77
        assert again.sheets[0]["D2"].value == 87
        assert again.sheets[0].api.ProtectContents

    def test_saving_in_a_format_that_is_not_offered_is_refused(self, book: xw.Book, tmp_path: Path) -> None:
        with pytest.raises(libreoffice.EngineError, match=r"不能保存为“\.et”格式"):
            book.save(tmp_path / "年报.et")

    @pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04broken"])
    def test_what_is_no_workbook_is_refused_or_shown_but_never_breaks_the_app(
        self, app: xw.App, tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / "坏文件.xlsx"
        path.write_bytes(content)
        try:
            app.books.open(path).close()
        except libreoffice.EngineError as refused:
            assert str(refused).startswith("坏文件.xlsx：LibreOffice 不能把它作为表格打开")
        assert app.impl.office.alive()

    def test_sheets_are_added_found_renamed_hidden_and_deleted(self, book: xw.Book) -> None:
        added = book.sheets.add("校验结果", after=book.sheets[0])
        assert book.sheets.active == added
        added.name = "结果"
        added.visible = False
        assert (book.sheets["结果"].index, book.sheets["结果"].visible) == (2, False)
        assert "结果" in book.sheets
        added.delete()
        assert book.sheet_names == ["Sheet1"]

    def test_the_last_visible_sheet_stays_visible(self, book: xw.Book) -> None:
        with pytest.raises(libreoffice.EngineError, match="至少要有一张可见"):
            book.sheets[0].visible = False

    def test_a_sheet_is_copied_with_its_contents(self, office_book: Opener, form: Path) -> None:
        book = office_book(form)
        copied = book.sheets[0].copy(after=book.sheets[1], name="上年数据")
        assert copied["B2:C3"].value == [[1, 10], [2, 20]]
        assert book.sheet_names == ["三、申请办理", "校验结果", "上年数据"]

    def test_the_used_range_ends_with_the_last_value(self, sheet: xw.Sheet) -> None:
        sheet["C7"].value = 1
        assert sheet.used_range.last_cell.address == "$C$7"

    def test_two_books_are_told_apart_and_the_active_one_changes(self, app: xw.App, book: xw.Book) -> None:
        other = app.books.add()
        assert app.books.active == other
        book.activate()
        assert app.books.active == book
        assert xw.books.active == book
        name = other.name
        other.close()
        assert name not in app.books

    def test_a_closed_book_says_that_it_is_closed(self, app: xw.App) -> None:
        sheet = app.books.add().sheets[0]
        sheet.book.close()
        with pytest.raises(libreoffice.Gone, match="文件已关闭"):
            assert sheet.book.name
        with pytest.raises(libreoffice.EngineError):
            sheet["A1"].value = 1


class TestApp:
    def test_selection_is_read_and_restored(self, app: xw.App, book: xw.Book) -> None:
        book.sheets[0]["B2:C3"].select()
        assert app.selection.address == "$B$2:$C$3"
        book.sheets.add("另一张")["A9"].select()
        assert (app.selection.sheet.name, app.selection.address) == ("另一张", "$A$9")

    def test_screen_updating_and_status_bar_are_set_and_given_back(
        self, app: xw.App, sheet: xw.Sheet
    ) -> None:
        app.screen_updating = False
        app.status_bar = "正在校验…"
        sheet["A1"].value = 1
        assert (app.screen_updating, app.status_bar) == (False, "正在校验…")
        app.screen_updating, app.status_bar = True, False
        assert (app.screen_updating, app.status_bar) == (True, False)

    def test_properties_are_restored_even_after_an_error(self, app: xw.App, book: xw.Book) -> None:
        with (
            pytest.raises(ZeroDivisionError),
            app.properties(screen_updating=False, calculation="manual", status_bar="…"),
        ):
            _ = 1 / 0
        assert (app.screen_updating, app.calculation, app.status_bar) == (True, "automatic", False)

    @pytest.mark.parametrize(
        ("buttons", "cautious"),
        [("ok", "ok"), ("ok_cancel", "cancel"), ("yes_no", "no"), ("yes_no_cancel", "cancel")],
    )
    def test_a_question_without_a_window_gets_the_cautious_answer(
        self, app: xw.App, buttons: str, cautious: str
    ) -> None:
        assert app.alert("仍要导出草稿？", "年报", buttons) == cautious
        assert app.impl.asked.pop().prompt == "仍要导出草稿？"

    def test_the_caller_is_the_mocked_book(self, office_book: Opener, form: Path) -> None:
        office_book(form).set_mock_caller()
        assert xw.Book.caller().sheets[0]["A1"].value == "自然人"

    def test_a_book_is_found_by_its_path_through_plain_xlwings(self, office_book: Opener, form: Path) -> None:
        book = office_book(form)
        assert xw.Book(book.fullname) == book
        assert xw.apps.active.engine.name == "libreoffice"

    def test_macros_of_a_workbook_do_not_run(self, app: xw.App, book: xw.Book) -> None:
        with pytest.raises(libreoffice.EngineError, match="没有宏“Evil”"):
            app.macro("Evil")()
