"""The flagged copy made in the workbook's own bytes: as openpyxl would make it, and nothing else is touched."""

import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment

import libreoffice
from nianbao.checks.validate import validate
from nianbao.core.report import Report
from nianbao.workbook import layout as at
from nianbao.workbook import marks
from nianbao.workbook.flags import UNCHANGED, plan
from nianbao.workbook.patch import Book, SheetPart, Strings, Unforeseen
from nianbao.workbook.reader import read
from support.books import write
from support.build import changed, hubei, plain

WRONG = changed(
    hubei(),
    {
        "requests.granted.natural": 136,
        "requests.received.legal": "14件",
        "remedies.reconsideration.other": None,
    },
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    write(WRONG, tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def patched(source: Path, target: Path, report: Report | None = None) -> None:
    report = report or read(source)
    edited = Book(source.read_bytes(), macros=False)
    marks.patch(edited, report, plan(report, validate(report), datetime(2023, 1, 9, 10, 30)))
    edited.write(target)


def by_openpyxl(source: Path, target: Path) -> None:
    report = read(source)
    made = plan(report, validate(report), datetime(2023, 1, 9, 10, 30))
    edited = marks.open_book(source)
    assert edited is not None
    marks._apply(edited, report, made)
    edited.save(target)


def contents(path: Path) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Everything that stands in a workbook and how it looks, but for the lines of results (framed by their column)."""
    found = {}
    for page in openpyxl.load_workbook(path):
        for row in page.iter_rows():
            for one in row:
                listed = page.title == at.RESULTS and one.row >= at.RESULTS_TOP
                look = () if listed else (one.border, one.fill, one.font, one.number_format, one.protection)
                note = one.comment and (one.comment.text, one.comment.author, one.comment.width)
                link = one.hyperlink and (one.hyperlink.location or one.hyperlink.target or "").lstrip("#")
                if one.value is not None or note or link or one.has_style:
                    key = page.title, one.coordinate
                    found[key] = (one.value, note, None if listed and one.column > 4 else link, repr(look))
    return found


@pytest.mark.long
def test_the_copy_holds_what_openpyxl_would_write(book: Path, tmp_path: Path) -> None:
    patched(book, tmp_path / "ours.xlsx")
    by_openpyxl(book, tmp_path / "theirs.xlsx")
    ours, theirs = contents(tmp_path / "ours.xlsx"), contents(tmp_path / "theirs.xlsx")
    blank = (None, None, None)
    assert {k: v for k, v in ours.items() if v[:3] != blank and v != theirs.get(k)} == {}
    assert {k for k, v in theirs.items() if v[:3] != blank} - ours.keys() == set()
    first, second = (openpyxl.load_workbook(tmp_path / f"{n}.xlsx") for n in ("ours", "theirs"))
    assert [p.sheet_properties.tabColor.rgb[-6:] if p.sheet_properties.tabColor else "" for p in first] == [
        p.sheet_properties.tabColor.rgb[-6:] if p.sheet_properties.tabColor else "" for p in second
    ]
    assert first.active.title == second.active.title == "三、申请办理"
    assert first.active.sheet_view.selection[-1].sqref == second.active.sheet_view.selection[-1].sqref
    assert [p.title for p in first if p.sheet_view.tabSelected] == ["三、申请办理"]
    results = first[at.RESULTS]
    assert results.auto_filter.ref == second[at.RESULTS].auto_filter.ref
    heights = [[b[at.RESULTS].row_dimensions[n].height for n in range(6, 12)] for b in (first, second)]
    assert heights[0] == [h and pytest.approx(h, rel=1e-4) for h in heights[1]]


def test_parts_that_a_validation_does_not_concern_stay_as_they_are_and_results_of_formulas_are_kept(
    book: Path, tmp_path: Path
) -> None:
    assert marks.mark(book, tmp_path / "copy.xlsx", WRONG, validate(WRONG))
    with zipfile.ZipFile(book) as before, zipfile.ZipFile(tmp_path / "copy.xlsx") as after:
        for name in ("xl/styles.xml", "xl/theme/theme1.xml", "docProps/core.xml"):
            assert after.read(name) == before.read(name)
        assert set(before.namelist()) <= set(after.namelist())
    values = openpyxl.load_workbook(tmp_path / "copy.xlsx", data_only=True)
    assert values[at.RESULTS]["B3"].value == UNCHANGED
    assert values["三、申请办理"]["B3"].value.startswith("✗")


@pytest.mark.long
def test_what_the_copy_says_its_formulas_come_to_is_what_they_come_to(book: Path, tmp_path: Path) -> None:
    patched(book, tmp_path / "copy.xlsx")
    libreoffice.recalculated(tmp_path / "copy.xlsx", tmp_path / "again.xlsx")
    before, after = (
        openpyxl.load_workbook(tmp_path / f"{n}.xlsx", data_only=True) for n in ("copy", "again")
    )
    apart = [
        (page.title, one.coordinate, one.value, after[page.title][one.coordinate].value)
        for page in before
        for row in page.iter_rows()
        for one in row
        if (one.value or None) != (after[page.title][one.coordinate].value or None)
    ]
    assert apart == []
    assert plain(read(tmp_path / "again.xlsx")) == plain(read(book))


@pytest.mark.long
def test_a_workbook_saved_again_by_libreoffice_is_flagged_in_its_own_parts(
    book: Path, tmp_path: Path
) -> None:
    libreoffice.recalculated(book, tmp_path / "again.xlsx")
    patched(tmp_path / "again.xlsx", tmp_path / "copy.xlsx")
    assert plain(read(tmp_path / "copy.xlsx")) == plain(read(book))
    copy = openpyxl.load_workbook(tmp_path / "copy.xlsx")
    assert copy["三、申请办理"]["F8"].comment is None
    assert copy[at.RESULTS]["B6"].value == 1


@pytest.mark.long
def test_notes_of_the_staff_and_of_an_earlier_validation_are_left_to_openpyxl(
    book: Path, tmp_path: Path
) -> None:
    edited = openpyxl.load_workbook(book)
    edited["三、申请办理"]["E10"].comment = Comment("问老张", "小李")
    edited.save(tmp_path / "noted.xlsx")
    with pytest.raises(Unforeseen):
        patched(tmp_path / "noted.xlsx", tmp_path / "copy.xlsx", WRONG)
    assert not (tmp_path / "copy.xlsx").exists()
    assert marks.mark(tmp_path / "noted.xlsx", tmp_path / "copy.xlsx", WRONG, validate(WRONG))
    assert openpyxl.load_workbook(tmp_path / "copy.xlsx")["三、申请办理"]["E10"].comment.text == "问老张"


def _replaced(part: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def edit(parts: dict[str, bytes]) -> None:
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new, 1)

    return edit


SHEET, MAIN, TEXTS = "xl/worksheets/sheet4.xml", "xl/workbook.xml", "xl/sharedStrings.xml"


@pytest.mark.parametrize(
    "edit",
    [
        _replaced(SHEET, b"<sheetData>", b"<!-- <sheetData> --><sheetData>"),
        _replaced(SHEET, b"<sheetData>", b"<?odd?><sheetData>"),
        _replaced(SHEET, b'<c r="B1"', b"<c r='B1'"),
        _replaced(SHEET, b'<c r="B1"', b'<c t="s" r="B1"'),
        _replaced(SHEET, b' r="1"', b' r="2"'),
        _replaced(SHEET, b'encoding="UTF-8"', b'encoding="us-ascii"'),
        _replaced(SHEET, b"<worksheet xmlns=", b"<worksheet xmlns:x="),
        _replaced(TEXTS, b"</sst>", b"<!-- </sst> --></sst>"),
        _replaced(MAIN, b"<sheets>", b"<sheets><!-- -->"),
        _replaced("[Content_Types].xml", b"spreadsheetml.sheet.main", b"macroEnabled.main"),
        _replaced("xl/_rels/workbook.xml.rels", b"worksheets/sheet4.xml", b"worksheets/sheet99.xml"),
    ],
)
def test_what_is_not_of_the_plain_shape_is_not_edited(
    book: Path, tmp_path: Path, edit: Callable[[dict[str, bytes]], None]
) -> None:
    with zipfile.ZipFile(book) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    edit(parts)
    with zipfile.ZipFile(tmp_path / "odd.xlsx", "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    with pytest.raises(Unforeseen):
        patched(tmp_path / "odd.xlsx", tmp_path / "copy.xlsx", WRONG)


def _sheet(cells: str, *, head: str = "", tail: str = "") -> SheetPart:
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    body = f"<worksheet {space}>{head}<sheetData>{cells}</sheetData>{tail}<pageMargins/></worksheet>"
    return SheetPart(body.encode(), Strings(f"<sst {space}></sst>".encode()))


class TestASheet:
    def test_cells_and_rows_that_are_not_there_come_in_their_order(self) -> None:
        page = _sheet('<row r="2" spans="2:2"><c r="B2" s="3"><v>1</v></c></row><row r="9"/>')
        page.put(2, 1, 7)
        page.put(2, 30, None)
        page.put(5, 2, 8)
        page.put(2, 2, None)
        rows = page.packed().split(b"<sheetData>")[1].split(b"</sheetData>")[0]
        assert rows == (
            b'<row r="2"><c r="A2"><v>7</v></c><c r="B2" s="3"/></row>'
            b'<row r="5"><c r="B5"><v>8</v></c></row><row r="9"/>'
        )

    def test_a_new_cell_has_the_look_of_its_column(self) -> None:
        page = _sheet("", head='<cols><col min="2" max="3" width="9" style="5"/></cols>')
        page.put(1, 3, 1)
        assert b'<c r="C1" s="5"><v>1</v></c>' in page.packed()

    def test_a_formula_is_never_written_over_and_its_result_is_what_is_copied(self) -> None:
        page = _sheet('<row r="1"><c r="A1" t="str"><f>"a"</f><v>a</v></c></row>')
        with pytest.raises(Unforeseen):
            page.put(1, 1, 2)
        page.copy(1, 1, 3)
        assert b'<c r="C1" t="str"><v>a</v></c>' in page.packed()

    def test_links_within_the_lists_area_are_replaced_and_others_stay(self) -> None:
        links = (
            '<hyperlinks><hyperlink ref="D6" location="x"/><hyperlink ref="B1" location="y"/></hyperlinks>'
        )
        page = _sheet("", tail=links)
        page.links((range(6, 100), range(2, 8)), {"D7": "'三'!B1"})
        assert page.tail.count(b"<hyperlink ") == 2
        assert b'ref="D6"' not in page.tail and b'ref="B1"' in page.tail and b"D7" in page.tail
