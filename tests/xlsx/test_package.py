"""Closed workbooks are read exactly as they stand, on both paths, as openpyxl sees them."""

from __future__ import annotations

import io
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from nianbao.core.files import Unreadable
from nianbao.core.grid import column_name
from nianbao.xlsx import scan
from nianbao.xlsx.package import NO_BOUNDS, Limits, Package, Value, read_package
from support.once import once

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@cache
def by_xlsxwriter(option: str | None = None, *, corner: bool = True) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {option: True} if option else {})
    boxed, bold = book.add_format({"border": 1}), book.add_format({"bold": True})
    sheet = book.add_worksheet("三、申请办理")
    sheet.set_row(1, 30)
    sheet.set_row(40, 12)
    for column, value in enumerate(
        [0, 12, -3, 0.1, 1e21, 1 / 3, "文字", "a & b < c > \"d\" 'e'", True, False]
    ):
        sheet.write(0, column, value, boxed)
    sheet.write_blank(1, 0, None, boxed)
    sheet.write_formula("B3", '=IF(B1>3,"<大>",B1&"x")', boxed, "<大>")
    sheet.write_formula("C3", "=SUM(A1:B1)", None, 12)
    sheet.write_formula("D3", "=1/0", None, "#DIV/0!")
    sheet.write_formula("E3", "=A1=0", None, True)
    sheet.write_formula("F3", '=""', None, "")
    sheet.write_array_formula("G3:G4", "{=A1:A2}", None, 7)
    sheet.write_rich_string("A5", "前", bold, "粗 ", "后")
    sheet.write_string("A6", "  两端有空格\n换行\t ")
    sheet.write_string("A7", "_x0041_ 和 \x07")
    sheet.write_string("XFD1048576", "角落") if corner and not option else None
    sheet.merge_range("A9:C10", "合并", boxed)
    sheet.data_validation("A1:C3", {"validate": "integer", "criteria": ">=", "value": 0})
    book.add_worksheet("空表")
    book.add_worksheet("其他").write("B2", 5)
    book.close()
    return buffer.getvalue()


@cache
def by_openpyxl() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "数据"
    sheet.append([1, 2.5, "文字 & <b>", True, None, "#N/A", "=A1+B1", " 空格 "])
    sheet["C4"] = CellRichText("甲", TextBlock(InlineFont(b=True), "乙"))
    sheet.row_dimensions[2].height = 30
    sheet["A3"] = "第三行"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def by_libreoffice(soffice: str, writer: str, folder: Path) -> bytes:
    """A writer's workbook as LibreOffice saves it, once a run."""
    return once(f"libreoffice {writer}", lambda: _converted(soffice, SAVED[writer](), folder))


def _converted(soffice: str, data: bytes, folder: Path) -> bytes:
    (folder / "in").mkdir()
    (folder / "in" / "book.xlsx").write_bytes(data)
    profile = (folder / "profile").as_uri()
    command = [soffice, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "xlsx"]
    for _ in range(2):  # a fresh profile may end the first start with status 81
        subprocess.run(
            [*command, "--outdir", str(folder / "out"), str(folder / "in" / "book.xlsx")],
            check=False,
            capture_output=True,
            timeout=120,
        )
        if (folder / "out" / "book.xlsx").exists():
            break
    return (folder / "out" / "book.xlsx").read_bytes()


SAVED: dict[str, Callable[[], bytes]] = {
    "xlsxwriter": partial(by_xlsxwriter, corner=False),
    "openpyxl": by_openpyxl,
}


def seen_by_openpyxl(value: Value | None) -> object:
    """What openpyxl gives for the same cell."""
    if value is None or value.kind == "" or value == ("s", "", True):
        return None
    if value.kind == "n":
        return float(value.text) if set(value.text) & set(".eE") else int(value.text)
    return value.text == "1" if value.kind == "b" else value.text


def assert_agrees_with_openpyxl(data: bytes) -> None:
    package = read_package(data)
    assert package == read_package(data, careful=True)
    cached = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(data))
    assert list(package.names) == cached.sheetnames
    for name in package.names:
        ours = dict(package.sheets[name])
        theirs: dict[tuple[int, int], Any] = dict(cached[name]._cells)
        for place in ours.keys() | theirs.keys():
            expected = theirs[place].value if place in theirs else None
            found = seen_by_openpyxl(ours.get(place))
            if isinstance(expected, str) and "_x" in expected:
                continue  # openpyxl undoes only one of these escapes; a test of its own has them
            assert found == expected, (name, place)
            assert type(found) is type(expected), (name, place)
            if place in ours:
                assert ours[place].formula == (formulas[name].cell(*place).data_type == "f"), (name, place)


def package_of(**parts: str | bytes) -> bytes:
    """A minimal workbook of one sheet "表"; the keyword arguments replace its parts."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relationships = "http://schemas.openxmlformats.org/package/2006/relationships"
    files: dict[str, str | bytes] = {
        "_rels/.rels": f'<Relationships xmlns="{relationships}"><Relationship Id="rId1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{office}"><sheets>'
        '<sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relationships}">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>甲</t></si></sst>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>',
    }
    names = {"rels": "_rels/.rels", "book": "xl/workbook.xml", "book_rels": "xl/_rels/workbook.xml.rels"}
    names |= {"strings": "xl/sharedStrings.xml", "sheet": "xl/worksheets/sheet1.xml"}
    return zipped(files | {names[key]: content for key, content in parts.items()})


def zipped(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def rows(text: str, declaration: str = DECLARATION, around: str = "") -> str:
    return f'{declaration}<worksheet xmlns="{MAIN}">{around}<sheetData>{text}</sheetData></worksheet>'


def cells(
    sheet: str | bytes, strings: str | None = None, last: int | None = None
) -> dict[tuple[int, int], Value]:
    parts: dict[str, str | bytes] = {"sheet": sheet} | ({"strings": strings} if strings else {})
    data, columns = package_of(**parts), {} if last is None else {"表": last}
    found = dict(read_package(data, columns=columns).sheets["表"])
    assert found == dict(read_package(data, columns=columns, careful=True).sheets["表"])
    return found


# Agreement with openpyxl


@pytest.mark.long
@pytest.mark.parametrize("option", [None, "constant_memory", "use_zip64"])
def test_a_workbook_by_xlsxwriter_reads_as_in_openpyxl(option: str | None) -> None:
    assert_agrees_with_openpyxl(by_xlsxwriter(option))


def test_a_workbook_by_openpyxl_reads_as_in_openpyxl() -> None:
    assert_agrees_with_openpyxl(by_openpyxl())


@pytest.mark.parametrize("writer", SAVED)
def test_a_workbook_saved_again_by_libreoffice_reads_as_in_openpyxl(
    writer: str, soffice: str, tmp_path: Path
) -> None:
    assert_agrees_with_openpyxl(by_libreoffice(soffice, writer, tmp_path))


def taken(sheet: bytes, strings: bytes | None) -> bool:
    """Whether the fast reading takes both parts."""
    rest = scan.shortened(sheet, None)
    known = ["x"] * 99 if strings is None else scan.strings(strings, 999)
    return rest is not None and known is not None and scan.cells(rest, known, 999) is not None


def test_the_fast_path_takes_the_parts_of_every_writer(soffice: str, tmp_path: Path) -> None:
    writers = [by_xlsxwriter(), by_xlsxwriter("constant_memory"), by_openpyxl()]
    for writer in SAVED:
        (tmp_path / writer).mkdir()
        writers.append(by_libreoffice(soffice, writer, tmp_path / writer))
    for data in writers:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            strings = archive.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in names else None
            for name in names:
                if name.startswith("xl/worksheets/sheet"):
                    assert taken(archive.read(name), strings), name


# Parts as programs write them that are not at hand here.
EXCEL_SHEET = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<worksheet xmlns="{MAIN}" xmlns:r="http://schemas.'
    'openxmlformats.org/officeDocument/2006/relationships" xmlns:mc="http://schemas.openxmlformats.org/'
    'markup-compatibility/2006" mc:Ignorable="x14ac xr xr2 xr3" xmlns:x14ac="http://schemas.microsoft.com/office/'
    'spreadsheetml/2009/9/ac" xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision" xmlns:xr2='
    '"http://schemas.microsoft.com/office/spreadsheetml/2015/revision2" xmlns:xr3="http://schemas.microsoft.com/office/'
    'spreadsheetml/2016/revision3" xr:uid="{00000000-0001-0000-0000-000000000000}"><sheetPr codeName="Sheet1">'
    '<pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="A1:F6"/><sheetViews><sheetView tabSelected="1" '
    'workbookViewId="0"/></sheetViews><sheetFormatPr defaultRowHeight="14" x14ac:dyDescent="0.3"/><cols><col min="1" '
    'max="1" width="9" style="1" customWidth="1"/></cols><sheetData><row r="1" spans="1:6" s="2" customFormat="1" '
    'ht="28" customHeight="1" x14ac:dyDescent="0.3"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1" s="1"/><c r="C1" t="s">'
    '<v>1</v></c><c r="D1" s="3" t="s" ph="1"><v>2</v></c></row><row r="2" spans="1:6" x14ac:dyDescent="0.3"><c r="A2">'
    '<v>12</v></c><c r="B2"><f t="shared" ref="B2:B4" si="0">SUM(A2:A2)</f><v>12</v></c><c r="C2" t="str"><f>IF(A2&gt;0,'
    '"是","否")</f><v>是</v></c><c r="D2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="E2" t="b"><v>1</v></c></row><row r="3" '
    'spans="1:6" thickBot="1" x14ac:dyDescent="0.3"><c r="A3"><v>0.10000000000000001</v></c><c r="B3"><f t="shared" '
    'si="0"/><v>0.1</v></c><c r="C3"><f ca="1">NOW()</f><v>44561.5</v></c><c r="D3" cm="1"><f t="array" ref="D3:D4">'
    '_xlfn.UNIQUE(A2:A3)</f><v>12</v></c><c r="E3" t="str"><f xml:space="preserve"> " a " </f><v xml:space="preserve"> a '
    '</v></c></row><row r="5" spans="1:6" hidden="1" collapsed="1" x14ac:dyDescent="0.3"/></sheetData><sheetProtection '
    'sheet="1"/><phoneticPr fontId="1" type="noConversion"/></worksheet>'
).encode()
EXCEL_STRINGS = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<sst xmlns="{MAIN}" count="3" uniqueCount="3"><si><t>单位'
    '</t><phoneticPr fontId="1" type="noConversion"/></si><si><t xml:space="preserve"> 两端 \n_x000D_</t></si><si><r><t>前'
    '</t></r><r><rPr><b/><sz val="11"/><color theme="1" tint="-0.249977111117893"/><rFont val="宋体"/><family val="3"/>'
    '<charset val="134"/><scheme val="minor"/></rPr><t xml:space="preserve"> 粗</t></r><r><rPr><sz val="11"/><color rgb='
    '"FFFF0000"/><rFont val="等线"/></rPr><t>&amp;红</t></r><phoneticPr fontId="1" type="noConversion" '
    'alignment="center"/></si></sst>'
).encode()
WPS_SHEET = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n<worksheet xmlns="{MAIN}" xmlns:r="http://schemas.'
    'openxmlformats.org/officeDocument/2006/relationships" xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/'
    'spreadsheetDrawing" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" xmlns:mc="http://'
    'schemas.openxmlformats.org/markup-compatibility/2006" xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData">'
    '<sheetPr/><dimension ref="A1:C3"/><sheetViews><sheetView tabSelected="1" workbookViewId="0"/></sheetViews>'
    '<sheetFormatPr defaultColWidth="9" defaultRowHeight="13.5" outlineLevelCol="2"/><sheetData><row r="1" s="1" '
    'customFormat="1" ht="27" customHeight="1" spans="1:3"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1" s="1"/></row>'
    '<row r="2" spans="1:3"><c r="A2"><v>12</v></c><c r="B2"><f>SUM(A2:A2)</f><v>12</v></c><c r="C2" t="str"><f>A1&amp;"x"'
    '</f><v>单位x</v></c></row><row r="3" ht="14.25" spans="1:3"><c r="A3" t="s"><v>1</v></c></row></sheetData></worksheet>'
).encode()
LIBREOFFICE_STRINGS = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<sst xmlns="{MAIN}" count="2" uniqueCount="2"><si><r><rPr>'
    '<sz val="12"/><color rgb="FF0B3D91"/><rFont val="Noto Sans CJK SC"/><family val="2"/></rPr><t xml:space="preserve">第'
    '</t></r><r><rPr><b val="true"/><sz val="12"/><rFont val="宋体"/><charset val="1"/></rPr><t xml:space="preserve">1&#10;'
    '</t></r></si><si><t xml:space="preserve">号单位 &lt;_x000D_</t></si></sst>'
).encode()
REFERRING_SHEET = (
    f'<worksheet xmlns="{MAIN}"><sheetPr/><dimension ref="A1:C2"/><sheetData><row r="1" ht="27.75" customHeight="1"></row>'
    '<row r="2"><c r="A2" s="2" t="inlineStr"><is><t>&#65288;&#22269;2021&#128512;&#x4e2d;&#10;&amp;#22269;</t></is></c>'
    '<c r="B2" s="3" t="n"></c><c r="C2"><f>"&#26377;"&amp;A2</f><v></v></c><c r="D2" t="inlineStr"><is><r><t>&#30002;</t>'
    '</r><r><rPr><b val="1"/></rPr><t>&#20057;</t></r></is></c></row></sheetData></worksheet>'
).encode()
BY_HAND = {
    "excel": (EXCEL_SHEET, EXCEL_STRINGS),
    "wps": (WPS_SHEET, LIBREOFFICE_STRINGS),
    "libreoffice": (WPS_SHEET.replace(b'spans="1:3"', b'hidden="false"'), LIBREOFFICE_STRINGS),
    "openpyxl": (REFERRING_SHEET, EXCEL_STRINGS),
}


def with_parts(sheet: bytes, strings: bytes) -> bytes:
    """A workbook of one sheet as XlsxWriter writes it, with these parts in it."""
    book = xlsxwriter.Workbook(buffer := io.BytesIO())
    page = book.add_worksheet()
    for column in range(4):
        page.write(0, column, "x", book.add_format({"border": column}))
    book.close()
    with zipfile.ZipFile(buffer) as archive:
        files: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    return zipped(files | {"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": strings})


@pytest.mark.parametrize("program", BY_HAND)
def test_the_fast_path_takes_what_other_programs_write_and_reads_it_as_openpyxl(program: str) -> None:
    sheet, strings = BY_HAND[program]
    assert taken(sheet, strings)
    assert_agrees_with_openpyxl(with_parts(sheet, strings))


def test_references_and_runs_are_read_as_their_characters() -> None:
    found = cells(REFERRING_SHEET)
    assert shown(found) == {"A2": "（国2021😀中\n&#22269;", "C2": "", "D2": "甲乙"}
    found = cells(EXCEL_SHEET, EXCEL_STRINGS.decode())
    assert [found[1, column].text for column in (1, 3, 4)] == ["单位", " 两端 \n\r", "前 粗&红"]
    assert found[3, 5] == Value("s", " a ", True)


@pytest.mark.parametrize(
    "reference",
    ["&#0;", "&#8;", "&#xB;", "&#55296;", "&#xDFFF;", "&#65534;", "&#x110000;", "&#X41;", "&#;", "&x;"],
)
@pytest.mark.parametrize("place", ['"A1" t="str"><v>%s</v>', '"A1"><f>%s</f><v>1</v>', '"A1%s"><v>1</v>'])
def test_a_reference_to_no_character_is_damage_wherever_it_stands(reference: str, place: str) -> None:
    sheet = rows(f'<row r="1"><c r={place % reference}</c></row>')
    assert outcome(package_of(sheet=sheet), careful=False) == "unreadable"
    assert outcome(package_of(sheet=sheet), careful=True) == "unreadable"


@pytest.mark.parametrize("broken", ["<c&#32;", "<&#99; ", "&#60;c ", '<c &#20013;="" ', "&#20013;<c "])
def test_a_reference_is_never_mark_up(broken: str) -> None:
    data = package_of(sheet=rows(f'<row r="1">{broken}r="A1"><v>1</v></c></row>'))
    assert outcome(data, careful=False) == outcome(data, careful=True)


@pytest.mark.long
def test_what_stood_in_the_cells_is_kept_as_it_stood() -> None:
    found = read_package(by_xlsxwriter()).sheets["三、申请办理"]
    assert found[1, 4] == Value("n", "0.1", False)
    assert found[1, 5] == Value("n", "1E+21", False)
    assert found[1, 9] == Value("b", "1", False)
    assert found[3, 2] == Value("s", "<大>", True)
    assert found[3, 4] == Value("e", "#DIV/0!", True)
    assert found[3, 6] == Value("", "", True)
    assert found[5, 1].text == "前粗 后"
    assert found[6, 1].text == "  两端有空格\n换行\t "
    assert found[7, 1].text == "_x0041_ 和 \x07"
    assert found[1_048_576, 16_384].text == "角落"
    assert (2, 1) not in found


# Single features, on both paths


@pytest.mark.long
def test_only_the_sheets_wanted_are_read_and_missing_ones_are_absent() -> None:
    package = read_package(by_xlsxwriter(), ["其他", "没有的"])
    assert package.names == ("三、申请办理", "空表", "其他")
    assert dict(package.sheets) == {"其他": {(2, 2): Value("n", "5", False)}}


def test_a_damaged_sheet_that_is_not_wanted_does_no_harm() -> None:
    assert read_package(package_of(sheet="<broken"), []) == Package(("表",), {})


def test_cells_and_rows_without_address_stand_where_they_are_implied() -> None:
    text = '<row><c><v>1</v></c><c r="D1"><v>2</v></c><c><v>3</v></c></row><row r="5"/><row><c><v>4</v></c></row>'
    assert {place: value.text for place, value in cells(rows(text)).items()} == {
        (1, 1): "1",
        (1, 4): "2",
        (1, 5): "3",
        (6, 1): "4",
    }


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c r="A1"/>', None),
        ('<c r="A1"><v></v></c>', None),
        ('<c r="A1"><v/></c>', None),
        ('<c r="A1" t="str"><v></v></c>', None),
        ('<c r="A1"><f>B1</f></c>', Value("", "", True)),
        ('<c r="A1"><f>B1</f><v></v></c>', Value("", "", True)),
        ('<c r="A1" t="str"><f>B1</f><v></v></c>', Value("s", "", True)),
        ('<c r="A1"><f t="shared" ref="A1:A9" si="0">B1</f><v>7</v></c>', Value("n", "7", True)),
        ('<c r="A1"><f t="shared" si="0"/><v>7</v></c>', Value("n", "7", True)),
        ('<c r="A1"><v>0012.50</v></c>', Value("n", "0012.50", False)),
        ('<c r="A1"><v> 12 </v></c>', Value("n", "12", False)),
        ('<c r="A1"><v>&#49;2</v></c>', Value("n", "12", False)),
        ('<c r="A1"><v><![CDATA[12]]></v></c>', Value("n", "12", False)),
        ('<c r="A1"><v>1<!-- 2 -->3</v></c>', Value("n", "13", False)),
        ('<c r="A1"><v>12件</v></c>', Value("s", "12件", False)),
        ('<c r="A1"><v>1.</v></c>', Value("s", "1.", False)),
        ('<c r="A1"><v>１２</v></c>', Value("s", "１２", False)),
        ('<c r="A1" t="b"><v>1</v></c>', Value("b", "1", False)),
        ('<c r="A1" t="b"><v>true</v></c>', Value("b", "1", False)),
        ('<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>', Value("e", "#DIV/0!", True)),
        ('<c r="A1" t="d"><v>2021-01-31</v></c>', Value("s", "2021-01-31", False)),
        ('<c r="A1" s="0" t="s"><v>0</v></c>', Value("s", "甲", False)),
        (
            '<c r="A1" t="str"><v>a_x000D_b_x005F_x0041_ &lt;&amp;lt;</v></c>',
            Value("s", "a\rb_x0041_ <&lt;", False),
        ),
        ('<c r="A1" t="inlineStr"><is><t> 甲 </t></is></c>', Value("s", " 甲 ", False)),
        ('<c r="A1" t="inlineStr"><is><t xml:space="preserve">/> ></t></is></c>', Value("s", "/> >", False)),
        ('<c r="A1" t="str"><f>A2>"a"</f><v>a > b /></v></c>', Value("s", "a > b />", True)),
        ('<c r="A1" t="inlineStr"><is><t/></is></c>', Value("s", "", False)),
        (
            '<c r="A1" t="inlineStr"><is><r><rPr><b/></rPr><t>甲</t></r><r><t>乙</t></r><rPh sb="0" eb="1">'
            "<t>jia</t></rPh></is></c>",
            Value("s", "甲乙", False),
        ),
        ('<c t="n" r="A1"><v>1</v></c>', Value("n", "1", False)),
        ("<c r='A1' ><v>1</v></c >", Value("n", "1", False)),
    ],
)
def test_a_cell_is_read_as_it_stands(cell: str, expected: Value | None) -> None:
    assert cells(rows(f'<row r="1">{cell}</row>')).get((1, 1)) == expected


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("<si><t>甲</t></si>", "甲"),
        ("<si><t/></si>", ""),
        ('<si><t xml:space="preserve"> 甲 </t></si>', " 甲 "),
        ("<si><r><t>甲</t></r><r><rPr><sz val='9'/></rPr><t>乙</t></r></si>", "甲乙"),
        ('<si><t>甲</t><rPh sb="0" eb="1"><t>jia</t></rPh><phoneticPr fontId="1"/></si>', "甲"),
        ('<si><t>甲</t><phoneticPr fontId="1" type="noConversion"/></si>', "甲"),
        ("<si><t>&lt;&amp;amp;&gt;&#x7532;</t></si>", "<&amp;>甲"),
        ("<si><t><![CDATA[<甲>]]></t></si>", "<甲>"),
        ("<si><t>a\r\nb_x000D_</t></si>", "a\nb\r"),
        ("<si><t>_xD83D__xDE00_ _xD83D_</t></si>", "😀 \ufffd"),
    ],
)
def test_a_shared_string_is_read_as_excel_shows_it(item: str, text: str) -> None:
    sheet = rows('<row r="1"><c r="A1" t="s"><v>0</v></c></row>')
    assert cells(sheet, f'{DECLARATION}<sst xmlns="{MAIN}">{item}</sst>')[1, 1].text == text


ONE = '<row r="1"><c r="A1"><v>1</v></c></row>'


@pytest.mark.parametrize(
    "sheet",
    [
        rows(ONE, ""),
        rows(ONE).replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
        rows(ONE).encode("utf-8-sig"),
        rows(ONE, '<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16"),
        rows(ONE, around="<!-- <sheetData> -->"),
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c r="A1"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>',
        rows(ONE + '<x:row xmlns:x="urn:x"><c r="A1"><v>2</v></c></x:row>'),
        rows('<row r="1"/>' + '<row r="2"/><c r="A1"><v>2</v></c>' + ONE),
        rows(f'<row r="1" spans="1:1" ht="9" customHeight="1"/>{ONE}<row r="3"></row><row r="4"/>'),
    ],
)
def test_unusual_but_sound_sheets_are_read(sheet: str | bytes) -> None:
    assert cells(sheet) == {(1, 1): Value("n", "1", False)}


def test_parts_are_found_through_relationships_wherever_they_are() -> None:
    strict = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    relation = f'<Relationship Id="a" Type="{strict}/%s" Target="%s"/>'
    frame = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
    data = zipped(
        {
            "_rels/.rels": frame % (relation % ("officeDocument", "/office/main.xml")),
            "office/main.xml": f'<workbook xmlns="http://purl.oclc.org/ooxml/spreadsheetml/main" xmlns:q="{strict}">'
            '<sheets><sheet name="表" sheetId="1" q:id="a"/></sheets></workbook>',
            "office/_rels/main.xml.rels": frame % (relation % ("worksheet", "../Data/./One.xml")),
            "data/one.xml": rows(ONE),
        }
    )
    assert read_package(data).sheets["表"] == {(1, 1): Value("n", "1", False)}


# What need not be read: columns beyond a bound, and what follows the cells


def shown(found: dict[tuple[int, int], Value]) -> dict[str, str]:
    return {f"{column_name(column)}{row}": value.text for (row, column), value in found.items()}


WIDE = (
    '<row r="1" spans="1:30"><c r="A1"><v>1</v></c><c r="B1" s="1"/><c r="C1"><v>3</v></c><c r="D1" s="1"/>'
    '<c r="E1"><f>SUM(A1:C1)&gt;0</f><v>5</v></c></row><row r="2"><c r="E2"><v>6</v></c></row>'
    '<row r="3"><c r="C3"><v>7</v></c></row><row r="4"/><row r="5"><c r="AA5"><v>8</v></c></row>'
)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (None, {"A1": "1", "C1": "3", "E1": "5", "E2": "6", "C3": "7", "AA5": "8"}),
        (27, {"A1": "1", "C1": "3", "E1": "5", "E2": "6", "C3": "7", "AA5": "8"}),
        (26, {"A1": "1", "C1": "3", "E1": "5", "E2": "6", "C3": "7"}),
        (4, {"A1": "1", "C1": "3", "C3": "7"}),
        (2, {"A1": "1"}),
    ],
)
def test_cells_beyond_the_last_column_wanted_are_left_out(last: int | None, expected: dict[str, str]) -> None:
    assert shown(cells(rows(WIDE), last=last)) == expected
    assert shown(cells(rows(WIDE.replace('"', "'")), last=last)) == expected


def test_the_bound_of_columns_falls_between_every_two_columns() -> None:
    names = [column_name(column) for column in range(1, 16_385)]
    for last in (1, 7, 25, 26, 27, 51, 52, 53, 701, 702, 703, 1_378, 16_383):
        row = "".join(f'<c r="{name}1"><v>1</v></c>' for name in names[last - 1 : last + 1])
        assert set(cells(rows(f'<row r="1">{row}</row>'), last=last)) == {(1, last)}, last


@pytest.mark.parametrize(
    "row",
    [
        '<row r="1"><c r="Z1"><!--</row><row r="2"><c r="A2"><v>7</v></c></row><row r="3"><c r="Z3">--></c></row>',
        '<row r="1"><c r="Z1"><v><![CDATA[</row><row r="2"><c r="A2"><v>7</v></c></row>]]></v></c></row>',
        '<row r="1"><?x <c r="Z1"?><c r="C1"><v>1</v></c></row>',
    ],
)
def test_what_only_looks_like_the_end_of_a_row_is_not_taken_for_it(row: str) -> None:
    found = cells(rows(f'{row}<row r="9"><c r="A9"><v>9</v></c></row>'), last=3)
    assert found.pop((9, 1)).text == "9"
    assert set(found) <= {(1, 3)}


def test_a_row_whose_end_is_written_unusually_does_not_swallow_the_next() -> None:
    sheet = rows(
        f'<row r="1"><c r="Z1"/></row >{ONE.replace("1", "2")}<row r="3"><c r="A3"><v>3</v></c></row>'
    )
    assert shown(cells(sheet, last=3)) == {"A2": "2", "A3": "3"}


@pytest.mark.parametrize("tail", ["<broken", "&nothing;", "<sheetData><row/></sheetData>", "\0", ""])
def test_what_follows_the_cells_is_not_looked_at(tail: str) -> None:
    sheet = f'{DECLARATION}<worksheet xmlns="{MAIN}"><sheetData>{ONE}</sheetData>{tail}'
    assert cells(sheet) == {(1, 1): Value("n", "1", False)}
    assert cells(f'{DECLARATION}<worksheet xmlns="{MAIN}"><sheetData/>{tail}') == {}


def test_damage_in_what_is_not_looked_at_is_still_found_by_its_checksum() -> None:
    plain = rows(ONE).replace("</worksheet>", "<legacy/></worksheet>")
    with zipfile.ZipFile(io.BytesIO(package_of(sheet=plain))) as archive:
        files: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    data = zipped(files, zipfile.ZIP_STORED)
    assert read_package(data).sheets["表"] == {(1, 1): Value("n", "1", False)}
    with pytest.raises(Unreadable, match="校验码不符"):
        read_package(data.replace(b"<legacy/>", b"<legacx/>"))


# Files that cannot be read: one sentence each


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le") + bytes(400)


def flagged(data: bytes) -> bytes:
    """The container with the "encrypted" bit set on every entry."""
    changed = bytearray(data)
    at = -1
    while (at := data.find(b"PK\1\2", at + 1)) >= 0:
        changed[at + 8] |= 1
    return bytes(changed)


def duplicated() -> bytes:
    data = package_of()
    with pytest.warns(UserWarning), zipfile.ZipFile(buffer := io.BytesIO(data), "a") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    return buffer.getvalue()


def corrupt() -> bytes:
    data = zipped({"_rels/.rels": "x" * 99}, zipfile.ZIP_STORED)
    return data.replace(b"xxx", b"xyx", 1)


def other(main: str, folder: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package_of())) as archive:
        rels = archive.read("_rels/.rels").replace(b"xl/workbook.xml", main.encode())
    return zipped({"_rels/.rels": rels, main: f"<{folder}/>", "[Content_Types].xml": "<x/>"})


ENTITY = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'

UNREADABLE = {
    "empty": (b"", "文件是空的"),
    "encrypted": (ole("EncryptedPackage"), "已加密"),
    "xls": (ole("Workbook"), ".xls 格式"),
    "doc": (ole("WordDocument"), "旧版 Word"),
    "ole": (ole("?"), "旧版 Office"),
    "truncated": (by_openpyxl()[:-200], "文件不完整"),
    "truncated early": (by_openpyxl()[:900], "文件不完整"),
    "hole": (by_openpyxl()[:300] + by_openpyxl()[700:], "结构有误"),
    "crc": (corrupt(), "校验码不符"),
    "zip password": (flagged(package_of()), "压缩包已加密"),
    "bzip2": (zipped({"_rels/.rels": "x"}, zipfile.ZIP_BZIP2), "不支持的压缩方式"),
    "docx": (other("word/document.xml", "document"), "Word 文档（.docx）"),
    "pptx": (other("ppt/presentation.xml", "presentation"), "演示文稿"),
    "xlsb": (other("xl/workbook.bin", "workbook"), ".xlsb"),
    "ods": (
        zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"}),
        "ods 请另存为“.xlsx”格式",
    ),
    "zip": (zipped({"说明.txt": "x"}), "普通压缩包"),
    "html": ("<!DOCTYPE html><table><tr><td>1</td></tr></table>".encode("gbk"), "网页（HTML）"),
    "html of a system": (
        b"\xef\xbb\xbf<html xmlns:x='urn:schemas-microsoft-com:office:excel'>",
        "网页（HTML）",
    ),
    "csv": ("单位,件数\n甲,1\n".encode("gb18030"), "文本表格（CSV）"),
    "text": ("只有文字".encode(), "纯文本"),
    "xml": (b"<?xml version='1.0'?><a/>", "XML 文件"),
    "xml 2003": (b"<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>", "XML 表格 2003"),
    "pdf": (b"%PDF-1.7", "PDF"),
    "picture": (b"\x89PNG\r\n\x1a\n", "图片"),
    "binary": (bytes(range(256)), "或文件已损坏"),
    "broken xml": (package_of(sheet=rows("<row></c>")), "XML 有误"),
    "stray quote": (package_of(sheet=rows('<row r="1"" ht="9"><c r="A1" s="1"/></row>')), "XML 有误"),
    "twice the same": (package_of(sheet=rows('<row r="1" s="1" s="1"><c r="A1" s="1"/></row>')), "XML 有误"),
    "broken strings": (package_of(strings="<sst"), "XML 有误"),
    "broken book": (package_of(book="<workbook"), "XML 有误"),
    "doctype": (package_of(sheet=ENTITY + rows("<row><c><v>&e;</v></c></row>", "")), "文档类型声明"),
    "encoding": (
        package_of(sheet=rows("", '<?xml version="1.0" encoding="GBK"?>').encode("gbk")),
        "字符编码",
    ),
    "string index": (package_of(sheet=rows('<row r="1"><c r="A1" t="s"><v>9</v></c></row>')), "不存在的文字"),
    "address": (package_of(sheet=rows('<row r="1"><c r="XFE1"><v>9</v></c></row>')), "单元格地址"),
    "row number": (package_of(sheet=rows('<row r="x"><c><v>9</v></c></row>')), "行号"),
    "no sheets": (package_of(book=f'<workbook xmlns="{MAIN}"/>'), "没有工作表"),
    "duplicate": (duplicated(), "重名的部件"),
    "no relationship": (package_of(book_rels="<x/>"), "找不到工作表“表”"),
}


@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize("kind", UNREADABLE)
def test_each_kind_of_bad_file_has_its_own_sentence(kind: str, careful: bool, tmp_path: Path) -> None:
    data, expected = UNREADABLE[kind]
    path = tmp_path / "年报.xlsx"
    path.write_bytes(data)
    with pytest.raises(Unreadable) as error:
        read_package(path, careful=careful)
    assert expected in str(error.value)
    assert str(error.value).startswith(f"{path}：")
    assert "请" in error.value.todo
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("没有.xlsx", None, "找不到文件"),
        ("年报.et", ole("Workbook"), ".et 格式"),
        ("~$年报.xlsx", b"\x05user", "临时文件"),
    ],
)
def test_a_missing_file_a_lock_file_and_a_wps_file_are_told_by_name(
    name: str, content: bytes | None, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Unreadable, match=expected.replace("$", r"\$")):
        read_package(str(path))


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="这是文件夹"):
        read_package(tmp_path)


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "年报.xlsx"
    path.write_bytes(package_of())

    def denied(self: Path, *args: object, **options: object) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(Unreadable, match="没有权限读取"):
        read_package(path)


# Bounds


@pytest.mark.long
def test_a_zip_bomb_is_stopped_while_inflating_whatever_size_it_declares() -> None:
    bomb = package_of(sheet=b" " * 200_000_000)
    lying = bomb.replace((200_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    for data in (bomb, lying):
        tracemalloc.start()
        with pytest.raises(Unreadable, match="解压后的内容超出上限"):
            read_package(data, limit=Limits(part=1_000_000))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 6_000_000


@pytest.mark.many
@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize(
    ("part", "content", "expected"),
    [
        ("sheet", rows("<a>" * 400_000), "嵌套过深"),
        ("sheet", rows("", around="<a>" * 400_000), "嵌套过深"),
        ("sheet", rows("<row " + " ".join(f'a{n}=""' for n in range(40_000)) + "/>"), "标记过长"),
        ("strings", "<a>" * 400_000, "嵌套过深"),
        ("book", "<a>" * 400_000, "元素过多"),
        ("rels", "<a>" + "<b/>" * 400_000 + "</a>", "元素过多"),
    ],
    ids=range(6),
)
def test_deep_wide_and_crowded_xml_is_refused(part: str, content: str, expected: str, careful: bool) -> None:
    with pytest.raises(Unreadable, match=expected):
        read_package(package_of(**{part: content}), careful=careful)


@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (Limits(file=100), "文件字节数"),
        (Limits(total=2_000), "解压后的内容"),
        (Limits(cells=3), "单元格过多"),
        (Limits(strings=0), "文字条目过多"),
        (Limits(entries=3), "压缩包内文件过多"),
    ],
)
def test_every_limit_is_held(limit: Limits, expected: str, careful: bool) -> None:
    many = "".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(1, 60))
    with pytest.raises(Unreadable, match=expected):
        read_package(package_of(sheet=rows(many)), limit=limit, careful=careful)


def test_blank_cells_do_not_count_and_a_stray_last_cell_costs_nothing() -> None:
    blanks = "".join(f'<c r="A{row}" s="1"/>' for row in range(1, 60))
    sheet = rows(f'<row r="1">{blanks}<c r="XFD1048576"><v>1</v></c></row>')
    found = read_package(package_of(sheet=sheet), limit=Limits(cells=1)).sheets["表"]
    assert found == {(1_048_576, 16_384): Value("n", "1", False)}


@pytest.mark.long
def test_a_large_sheet_reads_the_same_on_both_paths() -> None:
    many = "".join(f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(1, 30_001))
    assert len(cells(rows(many))) == 30_000


# Mutations: both paths give the same, or both refuse


def parts_of(data: bytes) -> tuple[bytes, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        strings = archive.read("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in names else b"<sst"
        return archive.read("xl/worksheets/sheet1.xml"), strings


def with_a_corner(sheet: bytes, strings: bytes) -> tuple[bytes, bytes]:
    """The sheet with a text in its last cell, which XlsxWriter writes slowly."""
    row = b'<row r="1048576"><c r="XFD1048576" t="s"><v>0</v></c></row></sheetData>'
    assert b"</sheetData>" in sheet
    return sheet.replace(b"</sheetData>", row), strings


ORIGINALS = [
    with_a_corner(*parts_of(by_xlsxwriter(corner=False))),
    parts_of(by_openpyxl()),
    *BY_HAND.values(),
]
PIECES = [
    b"<",
    b">",
    b'"',
    b"/",
    b"&",
    b"&amp;",
    b"&#65;",
    b"&#20013;",
    b"&#xFFFF;",
    b"<r>",
    b"</r>",
    b"<t/>",
    b"<b/>",
    b"<!--",
    b"]]>",
    b"<row>",
    b"</row>",
    b"<c>",
    b"</c>",
]
PIECES += [
    b"<v>",
    b"</v>",
    b"<f>",
    b"<row r='1'/>",
    b'<row r="1"/>',
    b'<c r="A1"/>',
    b' t="s"',
    b' r="1"',
    b"\0",
]
PIECES += [b"\r", b"\xff", b"\xef\xbf\xbe", b"<si>", b"</si>", b"<t>", b"</t>", b"1", b"_x000A_", b" "]


@st.composite
def mutated(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    data = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.sampled_from([0, 0, 1, 1, 2, 7, 30]))
        piece = draw(st.one_of(st.just(b""), st.sampled_from(PIECES), st.binary(min_size=1, max_size=2)))
        data = data[:at] + piece + data[at + cut :]
    return data


def outcome(data: bytes, careful: bool, columns: Mapping[str, int] = NO_BOUNDS) -> Package | str:
    try:
        return read_package(data, columns=columns, careful=careful)
    except Unreadable:
        return "unreadable"


@pytest.mark.long
@settings(max_examples=400, deadline=None)
@given(mutated([sheet for sheet, _ in ORIGINALS]), st.sampled_from([None, 1, 3, 5, 26, 16_384]))
def test_both_paths_agree_on_mutated_sheets(sheet: bytes, last: int | None) -> None:
    data = package_of(sheet=sheet, strings=ORIGINALS[0][1])
    columns = {} if last is None else {"表": last}
    found = outcome(data, careful=False, columns=columns)
    assert found == outcome(data, careful=True, columns=columns)
    if last is not None and isinstance(found, Package):
        assert all(column <= last for sheet in found.sheets.values() for _, column in sheet)


@pytest.mark.long
@settings(max_examples=250, deadline=None)
@given(mutated([ORIGINALS[0][1], EXCEL_STRINGS, LIBREOFFICE_STRINGS]))
def test_both_paths_agree_on_mutated_strings(strings: bytes) -> None:
    data = package_of(sheet=ORIGINALS[0][0], strings=strings)
    assert outcome(data, careful=False) == outcome(data, careful=True)


@pytest.mark.long
@settings(max_examples=250, deadline=None)
@given(mutated([package_of(), by_openpyxl()]))
def test_a_mutated_container_is_read_or_refused(data: bytes) -> None:
    assert outcome(data, careful=False) == outcome(data, careful=True)
