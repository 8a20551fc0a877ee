"""Flags: a copy in which every finding is marked, and not a thing of the staff's own is touched."""

import shutil
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.cell import Cell as Written
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.workbook import Workbook

from nianbao.checks.validate import validate
from nianbao.core.report import Report
from nianbao.workbook.flags import NOTE_HEAD
from nianbao.workbook.layout import Layout
from nianbao.workbook.marks import clear, open_book
from nianbao.workbook.reader import read
from support.books import mark, write
from support.build import FORM, cell, changed, hubei, plain, tiny, tiny_report

WRONG = changed(hubei(), {"requests.granted.natural": 136, "requests.received.legal": "14件"})


@pytest.fixture(scope="session")
def wrong_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with two slips, and the staff's own notes and colours in it."""
    path = tmp_path_factory.mktemp("marks") / "错.xlsx"
    write(WRONG, path)
    book = openpyxl.load_workbook(path)
    page = book["三、申请办理"]
    page["E10"].comment = Comment("问老张", "小李")
    page["E11"].comment = Comment("年报校验：这是我自己的批注", "小李")
    page["E10"].fill = PatternFill("solid", fgColor="FF00FF00")
    page["F12"].font = Font("楷体", 14, color="FFFF0000")
    page["C30"].fill = PatternFill("solid", fgColor="FF123456")
    book["封面"]["B3"].comment = Comment("封面批注", "小李")
    book["六、其他事项"]["B20"].value = "自己加的一段"
    book.create_sheet("台账")["A1"] = "自己的表"
    book["台账"]["B2"].comment = Comment("台账批注", "小李")
    book.save(path)
    return path


def flagged(source: Path, target: Path, report: Report | None = None) -> Workbook:
    report = report or read(source)
    mark(source, target, report, validate(report))
    return openpyxl.load_workbook(target)


def own(book: Workbook) -> Iterator[tuple[str, str, Any]]:
    """What belongs to the staff in every cell: content, look and notes that are not ours."""
    layout = Layout(FORM)
    mirrors = {s.name: s.hidden for s in layout.sheets}
    for page in book:
        if page.title in ("校验结果", "审核说明"):
            continue
        first, last = mirrors.get(page.title, (8, 9) if page.title == "封面" else (11, 19))
        for row in page.iter_rows():
            for one in row:
                if not first <= one.column <= last and (one.value or one.comment or one.has_style):
                    yield page.title, one.coordinate, _state(one)


def _state(one: Written | Any) -> Any:
    note = one.comment.text if one.comment and not one.comment.text.startswith(NOTE_HEAD) else None
    font, fill = (one.font.name, one.font.sz, one.font.color and one.font.color.rgb), one.fill.fgColor.rgb
    return one.value, note, font, fill, one.number_format, one.protection.locked, one.border.left.style


def contents(book: Workbook) -> list[Any]:
    """Everything in a workbook but the time of validation."""
    return [
        (
            page.title,
            one.coordinate,
            one.value,
            one.comment and one.comment.text,
            one.hyperlink and one.hyperlink.location,
        )
        for page in book
        for row in page.iter_rows()
        for one in row
        if (page.title, one.coordinate) not in (("校验结果", "B2"), ("校验结果", "J2"))
    ]


class TestAFlaggedCopy:
    def test_the_suspect_is_flagged_as_an_error_and_its_note_says_why(
        self, wrong_book: Path, tmp_path: Path
    ) -> None:
        book = flagged(wrong_book, tmp_path / "copy.xlsx")
        sheet = Layout(FORM).section("requests")
        for key, words in (
            ("requests.received.legal", "填的是文本“14件”"),
            ("requests.granted.business", None),
        ):
            code = book["三、申请办理"][sheet.mark(cell(key)).a1].value
            note = book["三、申请办理"][sheet.spot(cell(key)).a1].comment
            if words:
                assert code.startswith("E cell.annotated")
                assert note.text.startswith(NOTE_HEAD)
                assert words in note.text
            else:
                assert code.startswith("N ")
                assert note is None
        assert book["三、申请办理"][sheet.mark(cell("requests.granted.natural")).a1].value.startswith(
            "E requests."
        )

    @pytest.mark.long
    def test_the_results_are_listed_errors_first_with_links_to_their_cells(
        self, wrong_book: Path, tmp_path: Path
    ) -> None:
        book = flagged(wrong_book, tmp_path / "copy.xlsx")
        page, told = book["校验结果"], validate(read(wrong_book))
        severities = [page.cell(6 + n, 3).value for n in range(len(told))]
        assert severities == sorted(severities, key=["强制性", "核实性", "提示"].index)
        assert page.cell(6 + len(told), 2).value is None
        links = [page.cell(6 + n, 4).hyperlink for n in range(len(told))]
        assert all("!" in (link.location or link.target) for link in links)
        assert f"强制性问题 {severities.count('强制性')} 个" in page["B2"].value

    def test_the_copy_reads_as_the_original_did(self, wrong_book: Path, tmp_path: Path) -> None:
        flagged(wrong_book, tmp_path / "copy.xlsx")
        assert plain(read(tmp_path / "copy.xlsx")) == plain(read(wrong_book))
        assert validate(read(tmp_path / "copy.xlsx")) == validate(read(wrong_book))

    def test_the_original_is_not_touched(self, wrong_book: Path, tmp_path: Path) -> None:
        before = wrong_book.read_bytes()
        flagged(wrong_book, tmp_path / "copy.xlsx")
        assert wrong_book.read_bytes() == before
        assert [p.name for p in tmp_path.iterdir()] == ["copy.xlsx"]

    @pytest.mark.long
    def test_what_staff_typed_coloured_and_noted_is_not_touched_cell_by_cell(
        self, wrong_book: Path, tmp_path: Path
    ) -> None:
        book = flagged(wrong_book, tmp_path / "copy.xlsx")
        assert list(own(book)) == list(own(openpyxl.load_workbook(wrong_book)))

    def test_a_cell_with_a_note_of_the_staff_keeps_it_though_it_is_flagged(
        self, wrong_book: Path, tmp_path: Path
    ) -> None:
        book = flagged(wrong_book, tmp_path / "copy.xlsx")
        assert book["三、申请办理"]["E10"].comment.text == "问老张"
        mirror = Layout(FORM).section("requests").mark(cell("requests.granted.natural"))
        assert book["三、申请办理"][mirror.a1].value.startswith("E ")

    @pytest.mark.long
    def test_formats_validations_names_and_protection_are_kept(
        self, wrong_book: Path, tmp_path: Path
    ) -> None:
        before, after = openpyxl.load_workbook(wrong_book), flagged(wrong_book, tmp_path / "copy.xlsx")
        for page in before:
            copy = after[page.title]
            assert len(copy.data_validations.dataValidation) == len(page.data_validations.dataValidation)
            assert [f.sqref for f in copy.conditional_formatting] == [
                f.sqref for f in page.conditional_formatting
            ]
            assert copy.protection.sheet == page.protection.sheet
            assert copy.merged_cells.ranges == page.merged_cells.ranges
        assert set(after.defined_names) >= {"nianbao.form", "nianbao.time"}


class TestAgain:
    @pytest.mark.long
    def test_flagging_a_flagged_copy_changes_nothing(self, wrong_book: Path, tmp_path: Path) -> None:
        once = contents(flagged(wrong_book, tmp_path / "once.xlsx"))
        twice = contents(flagged(tmp_path / "once.xlsx", tmp_path / "twice.xlsx"))
        assert twice == once

    @pytest.mark.long
    def test_flags_of_what_was_mended_go_and_the_rest_stays(self, wrong_book: Path, tmp_path: Path) -> None:
        flagged(wrong_book, tmp_path / "once.xlsx")
        book = openpyxl.load_workbook(tmp_path / "once.xlsx")
        book["三、申请办理"]["E10"].value, book["三、申请办理"]["I8"].value = 163, 14
        book.save(tmp_path / "mended.xlsx")
        again = flagged(tmp_path / "mended.xlsx", tmp_path / "twice.xlsx")
        sheet = Layout(FORM).section("requests")
        assert not [
            again[sheet.name][sheet.mark(c).a1].value
            for c in sheet.spots
            if again[sheet.name][sheet.mark(c).a1].value
        ]
        assert again["三、申请办理"]["I8"].comment is None
        assert not [row for row in again["校验结果"].iter_rows(6, values_only=True) if "强制性" in row]

    @pytest.mark.long
    def test_clearing_leaves_what_was_there_before(self, wrong_book: Path, tmp_path: Path) -> None:
        book = flagged(wrong_book, tmp_path / "copy.xlsx")
        clear(book, Layout(FORM))
        before = openpyxl.load_workbook(wrong_book)
        assert list(own(book)) == list(own(before))
        for sheet in Layout(FORM).sheets:
            first, last = sheet.hidden
            for row in before[sheet.name].iter_rows(min_col=first, max_col=last):
                for one in row:
                    if one.column < sheet.left_of(5):  # beyond stands what was validated last
                        assert book[sheet.name][one.coordinate].value == one.value
        assert not [r for r in book["校验结果"].iter_rows(6, max_col=7, values_only=True) if any(r)]


class TestOddCases:
    @pytest.mark.long
    def test_the_flagged_copy_of_a_macro_workbook_is_a_plain_workbook_that_opens(
        self, wrong_book: Path, tmp_path: Path
    ) -> None:
        source = tmp_path / "宏.xlsm"
        shutil.copy(wrong_book, source)
        _macros(source)
        flagged(source, tmp_path / "宏.校验.xlsx")
        with zipfile.ZipFile(tmp_path / "宏.校验.xlsx") as package:
            types = package.read("[Content_Types].xml").decode()
        assert "macroEnabled" not in types
        assert "sheet.main+xml" in types

    @pytest.mark.long
    @pytest.mark.parametrize("text", ["\x01", "=cmd|x", "长" * 5000, "<b>&", "_x0041_", "a\nb"])
    def test_an_odd_text_is_flagged_and_never_stumbled_over(self, tmp_path: Path, text: str) -> None:
        report = replace(
            changed(hubei(), {"requests.received.natural": text}),
            narrative={"overview": (text, f"收到申请9件{text}")},
        )
        write(report, tmp_path / "book.xlsx")
        book = flagged(tmp_path / "book.xlsx", tmp_path / "copy.xlsx")
        assert book["三、申请办理"]["E8"].comment.text.startswith(NOTE_HEAD)
        assert not [
            c for row in book["校验结果"].iter_rows() for c in row if c.data_type == "f" and c.row > 5
        ]
        assert plain(read(tmp_path / "copy.xlsx")) == plain(read(tmp_path / "book.xlsx"))

    @pytest.mark.long
    @pytest.mark.parametrize(
        "gone", ["校验结果", "审核说明", "四、复议诉讼", "上年数据", "勾稽核对", "填报说明"]
    )
    def test_a_workbook_that_lacks_a_sheet_is_flagged_all_the_same(
        self, wrong_book: Path, tmp_path: Path, gone: str
    ) -> None:
        book = openpyxl.load_workbook(wrong_book)
        del book[gone]
        book.save(tmp_path / "book.xlsx")
        copy = flagged(tmp_path / "book.xlsx", tmp_path / "copy.xlsx")
        assert "校验结果" in copy.sheetnames
        assert copy["校验结果"]["B6"].value == 1

    @pytest.mark.long
    @pytest.mark.parametrize(
        ("part", "old", "new"),
        [
            ("xl/styles.xml", b"<fonts count=", b"<fonts junk='1' kount="),
            ("xl/styles.xml", b'style="thin"', b'style="odd"'),
            ("docProps/core.xml", b"<dcterms:created", b"<dcterms:kreated"),
            ("xl/workbook.xml", b"<calcPr", b"<calcPr calcMode='odd'"),
        ],
    )
    def test_a_workbook_with_a_part_that_openpyxl_refuses_is_flagged_all_the_same(
        self, wrong_book: Path, tmp_path: Path, part: str, old: bytes, new: bytes
    ) -> None:
        with zipfile.ZipFile(wrong_book) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new)
        with zipfile.ZipFile(tmp_path / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as package:
            for name, data in parts.items():
                package.writestr(name, data)
        copy = flagged(tmp_path / "book.xlsx", tmp_path / "copy.xlsx")
        assert copy["三、申请办理"]["I8"].comment.text.startswith(NOTE_HEAD)
        assert plain(read(tmp_path / "copy.xlsx")) == plain(read(wrong_book))

    @pytest.mark.long
    def test_one_cell_far_down_makes_no_cells_between(self, wrong_book: Path, tmp_path: Path) -> None:
        book = openpyxl.load_workbook(wrong_book)
        book["三、申请办理"]["E1048576"] = 1
        book.create_sheet("别的")["XFD1048576"] = 1
        book.save(tmp_path / "book.xlsx")
        tracemalloc.start()
        copy = flagged(tmp_path / "book.xlsx", tmp_path / "copy.xlsx")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert copy["三、申请办理"]["E1048576"].value == 1
        assert peak < 100 << 20

    def test_a_workbook_of_another_country_is_flagged_in_its_own_places(self, tmp_path: Path) -> None:
        report = tiny_report(granted__press=5, staff__public="two")
        write(report, tmp_path / "book.xlsx")
        book = flagged(tmp_path / "book.xlsx", tmp_path / "copy.xlsx", read(tmp_path / "book.xlsx", tiny()))
        sheet = Layout(tiny()).section("casework")
        assert book[sheet.name][sheet.mark(cell("casework.granted.press")).a1].value.startswith("E casework.")
        assert book[sheet.name][sheet.mark(cell("casework.staff.public")).a1].value.startswith(
            "E cell.not_number"
        )


def _macros(path: Path) -> None:
    """Turn a workbook into one with macros, as far as its package says."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    plain_type, macro = b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.macroEnabled.main+xml"
    types = parts["[Content_Types].xml"].replace(b"openxmlformats-officedocument." + plain_type, macro)
    parts["[Content_Types].xml"] = types.replace(
        b"</Types>", b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    )
    parts["xl/vbaProject.bin"] = b"not really"
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)


@pytest.mark.long
def test_merged_cells_keep_the_look_that_each_of_them_has(tmp_path: Path) -> None:
    write(WRONG, tmp_path / "错.xlsx")
    mark(tmp_path / "错.xlsx", tmp_path / "副本.xlsx", WRONG, validate(WRONG))

    def looks(path: Path) -> dict[tuple[str, str], str]:
        book = open_book(path)
        assert book is not None
        return {
            (page.title, one.coordinate): repr((one.border, one.fill, one.protection, one.alignment))
            for page in book.worksheets
            for merged in page.merged_cells.ranges
            for row in page[merged.coord]
            for one in row
        }

    before, after = looks(tmp_path / "错.xlsx"), looks(tmp_path / "副本.xlsx")
    assert len(before) > 400 and before == after
