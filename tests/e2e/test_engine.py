"""The xlwings engine over a real LibreOffice, used as the functions behind the buttons use it: cells."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlwings as xw

import libreoffice

Opener = Callable[[Path], xw.Book]


class TestValues:
    def test_a_block_comes_back_as_it_was_written(self, sheet: xw.Sheet) -> None:
        block = [[1, 2.5, "自然人"], [None, True, "“三安全一稳定”"], [dt.datetime(2025, 1, 31), -4, "01 号"]]
        sheet["B2:D4"].value = block
        assert sheet["B2:D4"].value == block

    def test_a_blank_is_none_and_not_an_error(self, sheet: xw.Sheet) -> None:
        sheet["A1:C1"].value = [None, 0, ""]
        assert sheet["A1:C1"].value == [None, 0, None]
        assert sheet["A1:C1"].formula == (("", "0", ""),)

    def test_integers_beyond_64_bits_and_decimals_are_numbers(self, sheet: xw.Sheet) -> None:
        from decimal import Decimal

        sheet["A1:B1"].value = [2**70, Decimal("12.3456")]
        assert sheet["A1:B1"].value == [float(2**70), 12.3456]

    def test_digits_are_a_number_unless_the_cell_is_text(self, sheet: xw.Sheet) -> None:
        sheet["A1"].number_format = "@"
        sheet["A1:D1"].value = [["0012", "12", "50%", "'34"]]
        assert sheet["A1:D1"].value == ["0012", 12, 0.5, "34"]

    def test_error_values_have_their_names(self, sheet: xw.Sheet) -> None:
        sheet["A1:D1"].value = ["=1/0", "=NA()", "=nonsense()", '="x"+1']
        shown = sheet["A1:D1"].options(err_to_str=True).value
        assert shown == ["#DIV/0!", "#N/A", "#NAME?", "#VALUE!"]
        assert sheet["A1:D1"].value == [None] * 4

    def test_values_of_another_shape_are_refused(self, sheet: xw.Sheet) -> None:
        with pytest.raises(ValueError, match="2 × 2"):
            sheet["A1:B2"].impl.raw_value = [[1, 2], [3]]

    def test_what_no_cell_can_hold_is_refused(self, sheet: xw.Sheet) -> None:
        with pytest.raises(TypeError, match="set"):
            sheet["A1"].impl.raw_value = {1}

    def test_dates_are_found_among_many_differently_drawn_cells(self, sheet: xw.Sheet) -> None:
        for n in range(40):
            sheet[n, n % 5].color = (n, 0, 0)
        sheet["A1:E40"].value = [[float(5 * r + c) for c in range(5)] for r in range(40)]
        sheet["B7"].value, sheet["D31"].value = dt.date(2025, 1, 31), True
        values = sheet["A1:E40"].value
        assert (values[6][1], values[30][3]) == (dt.datetime(2025, 1, 31), True)
        others = [(r, c) for r in range(40) for c in range(5) if (r, c) not in ((6, 1), (30, 3))]
        assert all(type(values[r][c]) is float and values[r][c] == 5 * r + c for r, c in others)
        assert (sheet["A1:E40"].number_format, sheet["A1:A5"].number_format) == (None, "General")

    def test_a_whole_column_is_read_to_its_last_value(self, sheet: xw.Sheet) -> None:
        sheet["A1:A3"].value = [[1], [2], [3]]
        assert sheet["A:A"].value == [1, 2, 3]

    def test_numpy_and_pandas_values_are_written(self, sheet: xw.Sheet) -> None:
        import numpy as np
        import pandas as pd

        sheet["A1:E1"].value = [np.int64(7), np.float64("nan"), pd.NA, pd.NaT, np.bool_(True)]
        sheet["A2:B2"].value = [np.datetime64("2025-03-31"), pd.Timestamp("2025-01-31")]
        assert sheet["A1:E1"].value == [7, None, None, None, True]
        assert sheet["A2:B2"].value == [dt.datetime(2025, 3, 31), dt.datetime(2025, 1, 31)]


class TestFormulas:
    def test_excels_spelling_goes_in_and_comes_back(self, book: xw.Book, sheet: xw.Sheet) -> None:
        book.sheets.add("上年 数据", after=sheet)["A1"].value = 5
        formulas = ("=SUM(A1:B1)", "='上年 数据'!A1*2", '=IF(A1>0,TRUE,"FALSE")', "=ROUND(C2/3,1)")
        sheet["C1:C4"].formula = [[formula] for formula in formulas]
        assert sheet["C1:C4"].formula == tuple((formula,) for formula in formulas)
        sheet["A1:B1"].value = [1, 2]
        assert sheet["C1:C4"].value == [3, 10, True, 3.3]

    def test_formulas_read_the_same_wherever_they_stand_and_whatever_they_mean(
        self, book: xw.Book, sheet: xw.Sheet
    ) -> None:
        last = book.sheets.add("上年 数据", after=sheet)
        last.names.add("本表名称", "='上年 数据'!$B$1")
        formulas = [
            "=Sheet1!A1",
            "='上年 数据'!$A1+A$2",
            "=本表名称*2",
            "=SUM(A:A)",
            '=IF(A1="是;否",1,-0.0025)',
        ]
        last["C5:C9"].formula = [[formula] for formula in formulas]
        assert last["C5:C9"].formula == tuple((formula,) for formula in formulas)
        last["D5:D6"].formula_array = "=A1:A2*2"
        assert last["D5"].formula == "=A1:A2*2"
        assert last["D5:D6"].formula == (("=A1:A2*2",), ("=A1:A2*2",))

    def test_one_formula_fills_a_range_relative_to_its_first_cell(self, sheet: xw.Sheet) -> None:
        sheet["A1:A3"].value = [[1], [2], [3]]
        sheet["B1:B3"].formula = "=A1*2"
        sheet["C1:C3"].value = "=A1+B1"
        assert sheet["B1:C3"].value == [[2, 3], [4, 6], [6, 9]]

    def test_manual_calculation_waits_for_calculate(self, app: xw.App, sheet: xw.Sheet) -> None:
        sheet["A1"].value, sheet["B1"].formula = 1, "=A1+1"
        app.calculation = "manual"
        sheet["A1"].value = 10
        assert sheet["B1"].value == 2
        app.calculate()
        assert sheet["B1"].value == 11
        app.calculation = "automatic"
        sheet["A1"].value = 20
        assert sheet["B1"].value == 21

    def test_stale_cached_values_are_recalculated_on_opening(self, office_book: Opener, form: Path) -> None:
        assert office_book(form).sheets[0]["D2"].value == 11


class TestProtection:
    def test_unlocked_cells_take_values_on_a_protected_sheet(self, office_book: Opener, form: Path) -> None:
        sheet = office_book(form).sheets[0]
        sheet["B2:C3"].value = [[5, 6], [7, 8]]
        assert sheet["B2:C3"].value == [[5, 6], [7, 8]]
        assert sheet["D2"].value == 11

    @pytest.mark.parametrize("address", ["A1", "D2", "A1:C3"])
    def test_locked_cells_refuse_values_with_a_clear_sentence(
        self, office_book: Opener, form: Path, address: str
    ) -> None:
        sheet = office_book(form).sheets[0]
        before = sheet["A1:D3"].formula
        with pytest.raises(libreoffice.Locked, match=f"工作表“三、申请办理”受保护，不能修改 {address}；"):
            sheet[address].value = 1
        assert sheet["A1:D3"].formula == before

    def test_every_other_change_of_a_protected_sheet_is_refused_and_leaves_no_trace(
        self, office_book: Opener, form: Path
    ) -> None:
        sheet = office_book(form).sheets[0]
        cell = sheet["A1"]
        changes: list[Callable[[], object]] = [
            lambda: setattr(cell, "color", (255, 0, 0)),
            lambda: setattr(cell.font, "bold", True),
            lambda: setattr(cell, "number_format", "0.00"),
            lambda: setattr(cell, "formula", "=1"),
            lambda: setattr(cell, "row_height", 40),
            lambda: cell.add_note("批注"),
            lambda: cell.add_hyperlink("#'校验结果'!A1"),
            lambda: cell.insert("down"),
            lambda: cell.delete("up"),
            cell.clear,
            cell.clear_contents,
            cell.clear_formats,
            lambda: sheet["A1:B1"].merge(),
        ]
        for change in changes:
            with pytest.raises(libreoffice.Locked):
                change()
        assert (cell.value, cell.color, cell.font.bold, cell.note) == ("自然人", None, False, None)

    def test_a_sheet_is_unprotected_changed_and_protected_again(
        self, office_book: Opener, form: Path
    ) -> None:
        sheet = office_book(form).sheets[0]
        assert sheet.api.ProtectContents
        sheet.api.Unprotect()
        sheet["A1"].color = (255, 199, 206)
        sheet.api.Protect()
        assert sheet.api.ProtectContents
        assert sheet["A1"].color == (255, 199, 206)

    def test_a_wrong_password_is_told(self, sheet: xw.Sheet) -> None:
        sheet.api.Protect("right")
        with pytest.raises(libreoffice.EngineError, match="密码不对"):
            sheet.api.Unprotect("wrong")
        sheet.api.Unprotect("right")

    def test_locks_can_be_read_and_set(self, sheet: xw.Sheet) -> None:
        sheet["B1"].api.Locked = False
        assert [sheet[a].api.Locked for a in ("A1", "B1", "A1:B1")] == [True, False, None]


class TestLooks:
    def test_colours_fonts_and_formats_are_kept(self, sheet: xw.Sheet) -> None:
        cell = sheet["A1"]
        cell.color, cell.font.color, cell.font.bold = "#ffc7ce", (156, 0, 6), True
        cell.number_format = "#,##0.0000"
        assert (cell.color, cell.font.color, cell.font.bold) == ((255, 199, 206), (156, 0, 6), True)
        assert cell.number_format == "#,##0.0000"
        cell.color = None
        assert cell.color is None

    def test_many_cells_are_coloured_at_once(self, sheet: xw.Sheet) -> None:
        sheet["B1"].color = (0, 0, 255)
        sheet["A1:C1"].set_colors([[(255, 0, 0), ..., None]])
        assert [cell.color for cell in sheet["A1:C1"]] == [(255, 0, 0), (0, 0, 255), None]

    def test_widths_and_heights_are_in_excels_measures(self, sheet: xw.Sheet) -> None:
        sheet["A1:B1"].column_width, sheet["A1"].row_height = 20, 30
        assert (sheet["A1:B1"].column_width, sheet["A1"].row_height) == (pytest.approx(20, abs=0.1), 30)
        assert sheet["A1:C1"].column_width is None

    def test_columns_are_hidden_and_shown(self, office_book: Opener, form: Path) -> None:
        sheet = office_book(form).sheets[1]
        sheet["B:B"].columns.hidden = True
        assert sheet["B:B"].columns.hidden
        sheet["B:B"].columns.hidden = False
        assert not sheet["B:B"].columns.hidden

    def test_clearing_contents_keeps_formats_and_notes(self, sheet: xw.Sheet) -> None:
        cell = sheet["A1"]
        cell.value, cell.color = 5, (255, 0, 0)
        cell.add_note("说明")
        cell.clear_contents()
        assert (cell.value, cell.color, cell.note and cell.note.text) == (None, (255, 0, 0), "说明")
        cell.clear()
        assert (cell.color, cell.note) == (None, None)

    def test_a_sheet_that_is_held_stays_whole_when_cells_are_inserted_and_deleted(
        self, book: xw.Book, sheet: xw.Sheet
    ) -> None:
        sheet["A1"].value = ["一", "二", "三"]
        sheet["A1"].insert("down")
        assert sheet["A1:C2"].value == [[None, "二", "三"], ["一", None, None]]
        sheet["A1"].delete("up")
        assert sheet["A1:C1"].value == book.sheets[0]["A1:C1"].value == ["一", "二", "三"]
        book.api.Sheets.getByIndex(0).Rows.removeByIndex(0, 1)  # by the user
        book.sheets[0]["A1"].value = "新"
        assert (sheet.used_range.address, sheet["A1"].value) == ("$A$1", "新")

    def test_merged_cells_tell_their_area(self, sheet: xw.Sheet) -> None:
        sheet["A1:C2"].merge()
        assert sheet["B2"].merge_cells
        assert sheet["A1"].merge_area.address == "$A$1:$C$2"
        sheet["A1:C2"].unmerge()
        assert not sheet["B2"].merge_cells


class TestNotesLinksAndNames:
    def test_notes_are_added_read_changed_and_removed(self, sheet: xw.Sheet) -> None:
        note = sheet["B5"].add_note("【年报校验】第一行\n第二行")
        sheet["C7"].add_note("单位自己的批注")
        assert note.text == "【年报校验】第一行\n第二行"
        note.text = "改过"
        assert sheet["B5"].note.text == "改过"
        assert [(n.location.address, n.text) for n in sheet.notes] == [
            ("$B$5", "改过"),
            ("$C$7", "单位自己的批注"),
        ]
        sheet["B5"].note.delete()
        assert sheet["B5"].note is None
        assert [n.text for n in sheet.notes] == ["单位自己的批注"]

    def test_notes_survive_saving(
        self, office_book: Opener, app: xw.App, sheet: xw.Sheet, tmp_path: Path
    ) -> None:
        sheet["A1"].add_note("一加二等于三加四")
        sheet.book.save(tmp_path / "批注.xlsx")
        saved = tmp_path / "批注 已存.xlsx"
        (tmp_path / "批注.xlsx").rename(saved)
        assert office_book(saved).sheets[0]["A1"].note.text == "一加二等于三加四"

    def test_a_link_leads_into_the_workbook_as_excel_spells_it(self, book: xw.Book, tmp_path: Path) -> None:
        book.sheets.add("三、申请办理", after=book.sheets[0])
        book.sheets[0]["A1"].add_hyperlink("#'三、申请办理'!B5", "三、申请办理 B5")
        assert book.sheets[0]["A1"].hyperlink == "#'三、申请办理'!B5"
        assert book.sheets[0]["A1"].value == "三、申请办理 B5"
        book.save(tmp_path / "链接.xlsx")
        with zipfile.ZipFile(tmp_path / "链接.xlsx") as saved:
            page = saved.read("xl/worksheets/sheet1.xml").decode()
        assert "三、申请办理" in page.partition("<hyperlinks>")[2]
        assert "B5" in page.partition("<hyperlinks>")[2]

    def test_a_cell_without_a_link_says_so(self, sheet: xw.Sheet) -> None:
        with pytest.raises(xw.NoSuchObjectError, match="单元格 A1 没有超链接"):
            assert sheet["A1"].hyperlink

    def test_names_lead_to_their_cells(self, office_book: Opener, form: Path) -> None:
        book = office_book(form)
        assert book.names["填报区"].refers_to_range.value == [[1, 10], [2, 20]]
        assert book.sheets[0].range("填报区").address == "$B$2:$C$3"
        assert book.names["填报区"].refers_to == "='三、申请办理'!$B$2:$C$3"

    def test_names_are_made_and_removed(self, book: xw.Book, sheet: xw.Sheet) -> None:
        sheet["B2"].name = "nianbao_fingerprint"
        assert sheet["B2"].name.name == "nianbao_fingerprint"
        assert "nianbao_fingerprint" in book.names
        book.names["nianbao_fingerprint"].delete()
        assert "nianbao_fingerprint" not in book.names

    def test_an_unknown_address_is_told(self, sheet: xw.Sheet) -> None:
        with pytest.raises(xw.NoSuchObjectError, match="没有地址或名称“没有的名称”"):
            sheet.range("没有的名称")
