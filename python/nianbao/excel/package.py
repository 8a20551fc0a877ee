"""The add-in's package: its zip, the parts that never change, and the two that carry what it says and which Python it runs."""

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from nianbao.excel.messages import MESSAGES, SHEET

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
WORKBOOK_PART = "xl/workbook.xml"
SHEET_PART = "xl/worksheets/sheet1.xml"
RIBBON_PART = "customUI/customUI14.xml"
VBA_PART = "xl/vbaProject.bin"

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MICROSOFT = "http://schemas.microsoft.com/office"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _relationships(*triples: tuple[str, str, str]) -> str:
    items = "".join(
        f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>' for name, kind, target in triples
    )
    return f'{XML}<Relationships xmlns="{_PACKAGE}/relationships">{items}</Relationships>'


_TYPES = (
    f'{XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/{WORKBOOK_PART}" '
    'ContentType="application/vnd.ms-excel.addin.macroEnabled.main+xml"/>'
    f'<Override PartName="/{SHEET_PART}" ContentType="{_SHEET}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET}.styles+xml"/>'
    "</Types>"
)
_STYLES = (
    f'{XML}<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<fonts count="1"><font><sz val="11"/><name val="宋体"/><family val="3"/><charset val="134"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
FIXED_PARTS = {
    "[Content_Types].xml": _TYPES,
    "_rels/.rels": _relationships(
        ("rId1", f"{_OFFICE}/officeDocument", WORKBOOK_PART),
        ("rId2", f"{_MICROSOFT}/2007/relationships/ui/extensibility", RIBBON_PART),
    ),
    "xl/_rels/workbook.xml.rels": _relationships(
        ("rId1", f"{_OFFICE}/worksheet", "worksheets/sheet1.xml"),
        ("rId2", f"{_OFFICE}/styles", "styles.xml"),
        ("rId3", f"{_MICROSOFT}/2006/relationships/vbaProject", "vbaProject.bin"),
    ),
    "xl/styles.xml": _STYLES,
}

_DATE = (1980, 1, 1, 0, 0, 0)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def pack(parts: Mapping[str, bytes]) -> bytes:
    """A zip of the parts in the order given, uncompressed, dated 1980-01-01."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system = 0
            package.writestr(info, content)
    return out.getvalue()


def workbook_xml() -> str:
    """The hidden workbook of one sheet, with a defined name for each message's cell."""
    names = "".join(
        f'<definedName name="{name}">{SHEET}!$B${row}</definedName>'
        for name, row in sorted((name, row) for row, name in enumerate(MESSAGES, 1))
    )
    return (
        f'{XML}<workbook xmlns="{_MAIN}" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<workbookPr codeName="ThisWorkbook"/>'
        '<bookViews><workbookView visibility="hidden"/></bookViews>'
        f'<sheets><sheet name="{SHEET}" sheetId="1" r:id="rId1"/></sheets>'
        f"<definedNames>{names}</definedNames></workbook>"
    )


def sheet_xml(messages: Mapping[str, str]) -> str:
    """One row a message: its name in A, its text in B."""
    rows = "".join(
        f'<row r="{row}">{_text(f"A{row}", name)}{_text(f"B{row}", text)}</row>'
        for row, (name, text) in enumerate(messages.items(), 1)
    )
    return (
        f'{XML}<worksheet xmlns="{_MAIN}"><sheetPr codeName="Sheet1"/>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def _text(cell: str, text: str) -> str:
    return f'<c r="{cell}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
