"""The xlwings engine over a real LibreOffice: workbooks, sheets and the application."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
import xlwings as xw

import libreoffice

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

    @pytest.mark.parametrize("content", [b"not a workbook", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0" * 200])
    def test_what_is_no_workbook_is_refused_in_one_sentence(
        self, app: xw.App, tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / "坏文件.xlsx"
        path.write_bytes(content)
        with pytest.raises(libreoffice.EngineError, match=r"坏文件\.xlsx：LibreOffice 不能把它作为表格打开"):
            app.books.open(path)
        assert "坏文件.xlsx" not in app.books

    def test_an_encrypted_workbook_opens_with_its_password_only(self, app: xw.App, tmp_path: Path) -> None:
        path = tmp_path / "加密.xlsx"
        new = app.books.add()
        new.sheets[0]["A1"].value = "内部"
        new.save(path, password="secret")
        new.close()
        for password in (None, "wrong"):
            with pytest.raises(libreoffice.EngineError, match="没有打开密码或密码正确"):
                app.books.open(path, password=password)
        opened = app.books.open(path, password="secret")
        assert opened.sheets[0]["A1"].value == "内部"
        opened.close()

    def test_an_encryption_that_would_not_happen_is_refused(self, book: xw.Book, tmp_path: Path) -> None:
        with pytest.raises(libreoffice.EngineError, match=r"不能加密保存为“\.ods”格式"):
            book.save(tmp_path / "加密.ods", password="secret")

    def test_a_book_that_the_user_closed_is_no_longer_there(self, app: xw.App) -> None:
        names = [book.name for book in app.books]
        book = app.books.add()
        book.api.close(True)
        assert [book.name for book in app.books] == names
        assert app.selection is None or app.selection.sheet.book.name in names

    def test_sheets_that_the_user_moves_renames_adds_and_deletes_are_never_mistaken(
        self, book: xw.Book
    ) -> None:
        for name in ("乙", "丙"):
            book.sheets.add(name, after=book.sheets[-1])
        second = book.sheets["乙"]
        second["A1"].value = "乙"
        native = book.api.Sheets
        native.moveByName("乙", 0)
        native.getByName("丙").Name = "丁"
        assert (book.sheets[0]["A1"].value, book.sheets[-1].name, second.index) == ("乙", "丁", 1)
        native.removeByName("乙")
        native.insertNewByName("新", 0)
        assert [sheet.name for sheet in book.sheets] == list(native.ElementNames)
        assert book.sheets[0].name == "新"
        book.sheets[0]["A1"].value = "新"
        assert native.getByName("新").getCellByPosition(0, 0).String == "新"
        native.removeByName("丁")
        assert [sheet.index for sheet in book.sheets] == [1, 2]

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

    def test_plain_xlwings_starts_a_second_app_of_its_own_that_is_waited_for(self, app: xw.App) -> None:
        second = xw.App(visible=False)
        assert second.books.active.name == "Book1"
        assert second.pid != app.pid
        assert xw.apps.active == second
        threading.Timer(0.3, second.books.active.api.close, [True]).start()
        libreoffice.wait_closed(second, every=0.05)  # until the user closes its last workbook
        assert len(second.books) == 0
        second.quit()
        assert xw.apps.active == app

    @pytest.mark.parametrize(("macros", "cell"), [(False, None), (True, "ran")])
    def test_macros_of_a_workbook_run_only_where_they_are_allowed(
        self, app: xw.App, tmp_path: Path, macros: bool, cell: str | None
    ) -> None:
        source = 'Sub Opened\nThisComponent.Sheets(0).getCellByPosition(0, 0).String = "ran"\nEnd Sub'
        with libreoffice.start(macros=True) if macros else nullcontext(app) as own:
            with_macro(own, tmp_path / "宏.ods", source)
            book = own.books.open(tmp_path / "宏.ods")
            assert book.sheets[0]["A1"].value == cell
            if macros:
                book.sheets[0]["A1"].clear_contents()
                book.macro("Opened")()
                assert book.sheets[0]["A1"].value == "ran"
            else:
                with pytest.raises(libreoffice.EngineError, match="没有允许运行宏，未运行“"):
                    book.macro("Opened")()
            book.close()


def with_macro(app: xw.App, path: Path, source: str) -> None:
    """Save a workbook whose Sub `Opened` runs whenever it is opened."""
    from libreoffice.office import properties, uno

    book = app.books.add()
    libraries = book.api.BasicLibraries
    if not libraries.hasByName("Standard"):
        libraries.createLibrary("Standard")
    libraries.loadLibrary("Standard")
    libraries.getByName("Standard").insertByName("Module1", source)
    script = "vnd.sun.star.script:Standard.Module1.Opened?language=Basic&location=document"
    event = uno.Any("[]com.sun.star.beans.PropertyValue", properties(EventType="Script", Script=script))
    uno.invoke(book.api.Events, "replaceByName", ("OnLoad", event))
    book.save(path)
    book.close()
