"""The add-in's package: its zip, and the two parts that carry what it says and which Python it runs."""

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from nianbao.excel.messages import MESSAGES, SHEET
from nianbao.excel.parts import XML

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
