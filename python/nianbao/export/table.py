"""A printed grid as a Word table: the form's spans, widths that fit the page, header rows repeated, no row split."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

from nianbao.core.form import Table
from nianbao.core.grid import Box
from nianbao.export.layout import head_height
from nianbao.export.styles import TEXT_WIDTH

if TYPE_CHECKING:
    from docx.document import Document

#: Twentieths of a point in a millimetre; the least height of a row in millimetres.
TWIPS = 56.6929
ROW_HEIGHT = 7.4
#: A table of more rows than this is set tighter, so that it stands on one page as long as it can.
TALL, TIGHT = 20, 6.0
#: Where a line ends within a label.
BREAK = "\n"
_ORDINAL = re.compile(r"^（[一二三四五六七八九十]+）(?=.)")
#: Labels of header boxes that span several rows stand centred, others at the left, as printed.
_STYLES = {"title": "年报表头", "corner": "年报数字", "head": "年报表头", "figure": "年报数字"}


def add_table(document: Document, table: Table) -> None:
    """The table with a template tag in every figure cell, appended to the document."""
    from docx.oxml import OxmlElement

    element = OxmlElement("w:tbl")
    widths = twips(table)
    element.append(_properties(table))
    element.append(_grid(widths))
    repeated = head_height(table.grid)
    for row in range(table.grid.height):
        element.append(_row(document, table, row, widths, repeated))
    body = document.element.body
    body.insert(len(body) - 1, element)


def twips(table: Table) -> list[int]:
    """The columns' widths, together exactly as wide as the text."""
    whole, full = sum(table.widths), round(TEXT_WIDTH * TWIPS)
    edges = [round(full * sum(table.widths[:n]) / whole) for n in range(len(table.widths) + 1)]
    return [right - left for left, right in itertools.pairwise(edges)]


def literal(text: str) -> str:
    """A label as it may stand in a template: its braces do not become tags."""
    return text.replace("{", "{{ '{' }}") if any(tag in text for tag in ("{{", "{%", "{#")) else text


def tag(box: Box) -> str:
    """What stands in a box of the template: its label, or the tag of its figure."""
    if box.cell is None:
        return literal(box.text)
    return f"{{{{ {box.cell} }}}}"


def _properties(table: Table) -> Any:
    properties = _new("tblPr")
    properties.append(_new("tblStyle", val="TableGrid"))
    properties.append(_new("tblW", w=str(round(TEXT_WIDTH * TWIPS)), type="dxa"))
    properties.append(_new("jc", val="center"))
    properties.append(_new("tblLayout", type="fixed"))
    margins = _new("tblCellMar")
    for side in ("left", "right"):
        margins.append(_new(side, w="8", type="dxa"))
    properties.append(margins)
    properties.append(_new("tblLook", val="04A0"))
    properties.append(_new("tblCaption", val=table.name))
    return properties


def _grid(widths: list[int]) -> Any:
    grid = _new("tblGrid")
    for width in widths:
        grid.append(_new("gridCol", w=str(width)))
    return grid


def _row(document: Document, table: Table, row: int, widths: list[int], repeated: int) -> Any:
    line = _new("tr")
    properties = _new("trPr")
    properties.append(_new("cantSplit"))
    height = TIGHT if table.grid.height > TALL else ROW_HEIGHT
    properties.append(_new("trHeight", val=str(round(height * TWIPS)), hRule="atLeast"))
    if row < repeated:
        properties.append(_new("tblHeader"))
    line.append(properties)
    for box in sorted(_crossing(table, row), key=lambda box: box.column):
        line.append(_cell(document, box, row, widths, row < table.grid.height - 1))
    return line


def _crossing(table: Table, row: int) -> list[Box]:
    return [box for box in table.grid.boxes if box.row <= row < box.row + box.rows]


def _cell(document: Document, box: Box, row: int, widths: list[int], keep: bool) -> Any:
    cell, properties = _new("tc"), _new("tcPr")
    properties.append(_new("tcW", w=str(sum(widths[box.column : box.column + box.columns])), type="dxa"))
    if box.columns > 1:
        properties.append(_new("gridSpan", val=str(box.columns)))
    if box.rows > 1:
        properties.append(_new("vMerge", **({"val": "restart"} if row == box.row else {})))
    properties.append(_new("vAlign", val="center"))
    cell.append(properties)
    text = _broken(tag(box)) if box.kind == "side" and box.rows > 1 else tag(box)
    paragraph = _paragraph(document, _style(box), text if row == box.row else "")
    paragraph.paragraph_format.keep_with_next = keep or None
    cell.append(paragraph._p)
    return cell


def _broken(label: str) -> str:
    """A label beside several rows, its ordinal on a line of its own: （三） over 不予公开, not （三）不 over 予公开."""
    return _ORDINAL.sub(lambda found: f"{found[0]}{BREAK}", label)


def _style(box: Box) -> str:
    if box.kind == "side":
        return "年报数字" if box.rows > 1 else "年报表栏"
    return _STYLES[box.kind]


def _paragraph(document: Document, style: str, text: str) -> Any:
    from docx.text.paragraph import Paragraph

    paragraph = Paragraph(_new("p"), document._body)
    paragraph.style = document.styles[style]
    for n, line in enumerate(text.split(BREAK)):
        run = paragraph.add_run()
        if n:
            run.add_break()
        run.add_text(line)
    return paragraph


def _new(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element
