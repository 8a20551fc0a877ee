"""The Word template of a form, built from the form: ``python -m nianbao.export.build_templates templates``.

Staff may restyle the result in Word; the tags in double braces and the lines ``{%p … %}`` are to be left in place.
"""

from __future__ import annotations

import io
import sys
from datetime import MAXYEAR, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.core.form import Form, for_year, keys, load
from nianbao.export import styles
from nianbao.export.package import rewritten
from nianbao.export.styles import LEAD
from nianbao.export.table import add_table, literal

if TYPE_CHECKING:
    from docx.document import Document

#: The templates carry this date, so that building them again changes nothing.
BUILT = datetime(2025, 1, 1)


def build(form: Form) -> Document:
    """The template of a form: title, sections, texts, tables with the printed spans, page numbers."""
    from docx import Document as new

    document = new()
    styles.apply(document, form.language)
    document.add_paragraph("{{ title }}", style="Title")
    _texts(document, "preamble")
    for section in form.sections:
        document.add_paragraph(literal(section.heading), style="Heading 1")
        _texts(document, f"texts.{section.key}")
        if section.table:
            table = form.tables[section.table]
            document.add_paragraph(
                literal(table.name), style="年报表题"
            ).paragraph_format.keep_with_next = True
            add_table(document, table)
    _footers(document)
    _properties(document, form)
    return document


def template_name(form: Form) -> str:
    """The file name of a form's template: ``report.docx`` is that of the form in use now."""
    in_use = form.key == for_year(MAXYEAR).key
    return "report.docx" if in_use else f"report-{form.key}.docx"


def _texts(document: Document, name: str) -> None:
    """A loop over paragraphs: the run-in heading in its own character style, then the rest."""
    document.add_paragraph(f"{{%p for text in {name} %}}")
    paragraph = document.add_paragraph()
    paragraph.add_run("{{ text.lead }}", style=LEAD)
    paragraph.add_run("{{ text.rest }}")
    document.add_paragraph("{%p endfor %}")


def _footers(document: Document) -> None:
    """``— 1 —``: at the outer edge, one character in, odd pages right and even pages left; then the fingerprint."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    section = document.sections[0]
    sides = ((section.footer, WD_ALIGN_PARAGRAPH.RIGHT), (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT))
    for footer, side in sides:
        footer.is_linked_to_previous = False
        number = footer.paragraphs[0]
        number.style = document.styles["年报页码"]
        number.alignment = side
        number.paragraph_format.left_indent = number.paragraph_format.right_indent = Pt(14)
        number.add_run("— ")
        _page_number(number)
        number.add_run(" —")
        mark = footer.add_paragraph("{{ words.fingerprint }}：{{ fingerprint }}", style="年报指纹")
        mark.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _page_number(paragraph: object) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    field = f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    paragraph._p.append(parse_xml(field))  # type: ignore[attr-defined]


def _properties(document: Document, form: Form) -> None:
    properties = document.core_properties
    properties.title, properties.author, properties.subject = form.title, "nianbao", form.authority
    properties.comments, properties.keywords, properties.language = "", "", form.language
    properties.created = properties.modified = BUILT
    properties.last_modified_by, properties.revision = "nianbao", 1


def main(folder: Path) -> None:
    """Every built-in form's template, written into the folder."""
    for key in keys():
        form = load(key)
        made = io.BytesIO()
        build(form).save(made)
        (folder / template_name(form)).write_bytes(rewritten(made.getvalue()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
