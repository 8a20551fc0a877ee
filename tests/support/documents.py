"""Reports as Word documents, as staff write them."""

import io
from typing import Any

import docx
from docx.oxml import OxmlElement

from nianbao.core.report import Report, dump
from support.pages import said

_written: dict[tuple[str, str], bytes] = {}


def as_word(told: Report) -> bytes:
    """A document as staff write one: headings, paragraphs, tables with merged cells. Made once for each report."""
    key = (told.form.key, dump(told))
    if key not in _written:
        _written[key] = _as_word(told)
    return _written[key]


def _as_word(told: Report) -> bytes:
    document = docx.Document()
    document.sections[0].left_margin = document.sections[0].right_margin = docx.shared.Cm(1.5)
    document.add_heading(told.heading, 0)
    for text in told.preamble:
        document.add_paragraph("　　" + text)
    for section in told.form.sections:
        document.add_heading(section.heading, 1)
        for text in told.narrative.get(section.key, ()):
            document.add_paragraph("　　" + text)
        if section.table:
            _table(document, told, section.table)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _table(document: Any, told: Report, key: str) -> None:
    grid = told.form.tables[key].grid
    table = document.add_table(grid.height, grid.width, "Table Grid")
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    squares = [list(row.cells) for row in table.rows]
    for box in grid.boxes:
        cell = squares[box.row][box.column]
        if box.rows > 1 or box.columns > 1:
            cell = cell.merge(squares[box.row + box.rows - 1][box.column + box.columns - 1])
        cell.text = said(told, box.cell) if box.cell else box.text
