"""The Word templates of the letters to units: ``python templates/source/letter_templates.py templates``.

Staff may restyle the results in Word; the tags in double braces and the lines ``{%p … %}``, ``{%tr … %}`` are to be left in
place. A file holds any number of letters, each on a page of its own.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from word_template import BUILT, styled

from nianbao.export.word import rewritten

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

#: The columns of the list of problems: head, tag, width in millimetres.
COLUMNS = (
    ("序号", "n", 10),
    ("性质", "severity", 16),
    ("位置", "place", 34),
    ("问题", "message", 58),
    ("处理建议", "advice", 38),
)


def return_letter() -> Document:
    """退回意见: why a report goes back, what is to be mended, until when."""
    document = _begun("退回意见")
    _paragraph(document, "{{ letter.addressee }}：", indent=0)
    why = _paragraph(
        document,
        "你单位报送的{{ letter.year }}政府信息公开工作年度报告（文件“{{ letter.file }}”）：{{ letter.reason }}现予退回。",
    )
    why.paragraph_format.space_after = _points(6)
    _problems(document)
    _paragraph(document, "{{ letter.closing }}")
    return _ended(document)


def reminder() -> Document:
    """催报函: that a report is still missing, until when it is awaited."""
    document = _begun("催报函")
    _paragraph(document, "{{ letter.addressee }}：", indent=0)
    _paragraph(
        document,
        "根据《中华人民共和国政府信息公开条例》第四十九条和年度报告汇总工作安排，你单位应当报送{{ letter.year }}政府信息公开工作年度报告。"
        "截至{{ letter.date }}，尚未收到你单位的报告。",
    )
    _paragraph(document, "{{ letter.closing }}")
    return _ended(document)


def _begun(kind: str) -> Document:
    from docx import Document as new

    document = new()
    styled(document, "zh-CN")
    document.styles["Title"].paragraph_format.page_break_before = True
    document.styles["Title"].font.size = _points(18)  # the whole title on one line
    document.settings.odd_and_even_pages_header_footer = False
    properties = document.core_properties
    properties.title, properties.author, properties.comments, properties.language = (
        kind,
        "nianbao",
        "",
        "zh-CN",
    )
    properties.created = properties.modified = BUILT
    properties.last_modified_by, properties.revision = "nianbao", 1
    document.add_paragraph("{%p for letter in letters %}")
    document.add_paragraph("{{ letter.title }}", style="Title")
    return document


def _ended(document: Document) -> Document:
    """Contact, sender and date, then the end of the letter."""
    document.add_paragraph("{%p if letter.contact %}")
    _paragraph(document, "{{ letter.contact }}")
    document.add_paragraph("{%p endif %}")
    for name, right in (("signature", 2), ("date", 4)):
        document.add_paragraph(f"{{%p if letter.{name} %}}")
        line = document.add_paragraph(f"{{{{ letter.{name} }}}}", style="年报落款")
        line.paragraph_format.right_indent = _points(16 * right)
        document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p endfor %}")
    return document


def _paragraph(document: Document, text: str, indent: float = 2) -> Paragraph:
    line = document.add_paragraph(text)
    if not indent:
        line.paragraph_format.first_line_indent = _points(0)
    return line


def _problems(document: Document) -> None:
    """The list of problems, its head repeated on every page; nothing where there is none."""
    from docx.enum.table import WD_TABLE_ALIGNMENT

    document.add_paragraph("{%p if letter.problems %}")
    table = document.add_table(rows=4, cols=len(COLUMNS), style="Table Grid")
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    for column, (head, name, _) in enumerate(COLUMNS):
        _cell(table.cell(0, column), head, "年报表头")
        _cell(table.cell(2, column), f"{{{{ item.{name} }}}}", "年报数字" if column < 2 else "年报表栏")
    _cell(table.cell(1, 0), "{%tr for item in letter.problems %}", "年报表栏")
    _cell(table.cell(3, 0), "{%tr endfor %}", "年报表栏")
    _widths(table)
    document.add_paragraph("{%p if letter.more %}")
    _paragraph(document, "{{ letter.more }}")
    document.add_paragraph("{%p endif %}")
    document.add_paragraph("{%p endif %}")


def _cell(cell: Any, text: str, style: str) -> None:
    cell.paragraphs[0].text = text
    cell.paragraphs[0].style = style


def _widths(table: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Mm

    for column, (_, _, width) in zip(table.columns, COLUMNS, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, (_, _, width) in zip(row.cells, COLUMNS, strict=True):
            cell.width = Mm(width)
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _points(size: float) -> Any:
    from docx.shared import Pt

    return Pt(size)


def main(folder: Path) -> None:
    """Both templates, written into the folder."""
    for name, made in (("return-letter.docx", return_letter()), ("reminder.docx", reminder())):
        data = io.BytesIO()
        made.save(data)
        (folder / name).write_bytes(rewritten(data.getvalue()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
