"""Builds the manual as Word and PDF from its Markdown, by the styles of our own Word template.

``python workbook/source/manual.py`` writes ``workbook/手册/手册.docx`` and ``手册.pdf``; a test says when they are stale.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.export.word import rewritten

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "workbook" / "手册"
TEMPLATE = ROOT / "templates" / "report.docx"
#: The template is made for reports in 16 points; a manual is read at the desk.
SIZES = {
    "Normal": (11, 18),
    "Title": (20, 30),
    "Heading 1": (14, 26),
    "Heading 2": (12, 24),
    "年报表栏": (9, 12.5),
}
#: Widest and highest that a picture stands on the page, in centimetres.
WIDTH, HEIGHT = 15.4, 7.2
#: The size in which a line to be typed is set: most fit on one line.
COMMAND = 9
#: Centimetres of the text's width, and of the narrowest column of a table.
TEXT, NARROWEST = 15.6, 1.5
_KINDS = (
    ("picture", re.compile(r"!\[([^]]*)\]\(([^)]+)\)")),
    ("heading", re.compile(r"(#+) (.+)")),
    ("row", re.compile(r"\|(.+)\|")),
    ("item", re.compile(r"(?:- |(\d+)\. )(.+)")),
    ("command", re.compile(r" {4}(.+)")),
    ("text", re.compile(r"(.+)")),
)
_PIECES = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^]]+)\]\([^)]+\)")


def build(markdown: str, pictures: Path) -> bytes:
    """The Word document of a text in Markdown whose pictures stand in a folder."""
    from docx import Document as load

    document = load(str(TEMPLATE))
    _emptied(document)
    _sized(document)
    for kind, lines in groupby(_lines(markdown), key=lambda line: line[0]):
        if kind == "row":
            _table(document, [found[1] for _, found in lines])
        else:
            for _, found in lines:
                _WRITERS[kind](document, found, pictures)
    properties = document.core_properties
    properties.title, properties.subject = "政府信息公开年报：使用手册", ""
    properties.created = properties.modified = datetime(2026, 1, 1)
    whole = io.BytesIO()
    document.save(whole)
    return rewritten(whole.getvalue())


def _lines(markdown: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Each line with what it is; blank lines separate and are left out."""
    for line in markdown.splitlines():
        for kind, pattern in _KINDS:
            if found := pattern.fullmatch(line):
                yield kind, found
                break


def _emptied(document: Document) -> None:
    body = document.element.body
    for child in list(body):
        if not child.tag.endswith("}sectPr"):
            body.remove(child)


def _sized(document: Document) -> None:
    from docx.shared import Cm, Pt

    for name, (size, pitch) in SIZES.items():
        style = document.styles[name]
        style.font.size = Pt(size)
        style.paragraph_format.line_spacing = Pt(pitch)
    for name in ("Heading 1", "Heading 2"):
        document.styles[name].paragraph_format.first_line_indent = Pt(0)
        document.styles[name].paragraph_format.space_before = Pt(8)
        document.styles[name].paragraph_format.keep_with_next = True
    section = document.sections[0]
    section.top_margin, section.bottom_margin = Cm(2.5), Cm(2.3)


def _heading(document: Document, found: re.Match[str], _: Path) -> None:
    first = not document.paragraphs
    style = "Title" if first else "Heading 1" if len(found[1]) == 1 else "Heading 2"
    document.add_paragraph(found[2], style=style)


def _text(document: Document, found: re.Match[str], _: Path) -> None:
    paragraph = document.add_paragraph()
    _fill(paragraph, found[1])
    paragraph.paragraph_format.first_line_indent = _characters(2)


def _item(document: Document, found: re.Match[str], _: Path) -> None:
    paragraph = document.add_paragraph()
    _fill(paragraph, f"{found[1]}．{found[2]}" if found[1] else f"·　{found[2]}")
    paragraph.paragraph_format.left_indent = _characters(2)
    paragraph.paragraph_format.first_line_indent = _characters(-1.5)


def _command(document: Document, found: re.Match[str], _: Path) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
    run = paragraph.add_run(found[1])
    run.font.name, run.font.size = "Consolas", _points(COMMAND)
    paragraph.paragraph_format.left_indent = _characters(2)
    paragraph.paragraph_format.first_line_indent = _characters(0)


def _picture(document: Document, found: re.Match[str], pictures: Path) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm
    from PIL import Image

    words, name = found[1], found[2]
    with Image.open(pictures / name) as image:
        width = min(WIDTH, HEIGHT * image.width / image.height)
    paragraph = document.add_paragraph(style="年报表头")
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing = 1.0
    paragraph.paragraph_format.keep_with_next = True
    paragraph.add_run().add_picture(str(pictures / name), width=Cm(width))
    shape = document.inline_shapes[-1]._inline.docPr
    shape.set("descr", words)
    document.add_paragraph(words, style="年报表头")


def _table(document: Document, rows: list[str]) -> None:
    from docx.shared import Cm

    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)] for row in rows]
    cells = [row for row in cells if not all(re.fullmatch(r":?-+:?", cell) for cell in row)]
    widths = _widths(cells)
    table = document.add_table(len(cells), len(widths), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for line, row in zip(table.rows, cells, strict=True):
        _unbroken(line, repeated=line is table.rows[0] or row is cells[0])
        for cell, text, width in zip(line.cells, row, widths, strict=True):
            cell.width = Cm(width)
            paragraph = cell.paragraphs[0]
            paragraph.style = "年报表头" if row is cells[0] else "年报表栏"
            _fill(paragraph, text)
    document.add_paragraph().paragraph_format.line_spacing = _points(6)


def _unbroken(row: object, *, repeated: bool) -> None:
    """A row stays on one page; the head stands on each."""
    from docx.oxml import OxmlElement

    properties = row._tr.get_or_add_trPr()  # type: ignore[attr-defined]
    properties.append(OxmlElement("w:cantSplit"))
    if repeated:
        properties.append(OxmlElement("w:tblHeader"))


def _widths(cells: list[list[str]]) -> list[float]:
    """Columns by their longest text, none narrower than its head needs."""
    longest = [min(max(4, *map(_wide, column)), 48) + 2 for column in zip(*cells, strict=True)]
    widths = [max(NARROWEST, TEXT * share / sum(longest)) for share in longest]
    widths[widths.index(max(widths))] -= sum(widths) - TEXT
    return widths


def _wide(text: str) -> float:
    """The width of a text in Chinese characters."""
    return sum(1 if character > "ÿ" else 0.6 for character in text)


def _fill(paragraph: Paragraph, text: str) -> None:
    """Text with its code in another font, what is stressed bold, links as their words."""
    at = 0
    for found in _PIECES.finditer(text):
        paragraph.add_run(text[at : found.start()])
        code, strong, link = found.groups()
        run = paragraph.add_run(code or strong or link)
        run.bold = bool(strong) or None
        if code:
            run.font.name = "Consolas"
        at = found.end()
    paragraph.add_run(text[at:])


def _points(size: float) -> object:
    from docx.shared import Pt

    return Pt(size)


def _characters(count: float) -> object:
    return _points(count * SIZES["Normal"][0])


_WRITERS: dict[str, Callable[[Document, re.Match[str], Path], None]] = {
    "heading": _heading,
    "text": _text,
    "item": _item,
    "command": _command,
    "picture": _picture,
}


def main() -> None:
    from nianbao.export.word import print_pdf

    word = FOLDER / "手册.docx"
    word.write_bytes(build((FOLDER / "手册.md").read_text(encoding="utf-8"), FOLDER))
    print_pdf(word, FOLDER / "手册.pdf")
    (FOLDER / "print.docx").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
