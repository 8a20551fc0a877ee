"""The Word template of a form, built from the form: ``python templates/source/word_template.py templates``.

Staff may restyle the result in Word; the tags in double braces and the lines ``{%p … %}`` are to be left in place.
"""

from __future__ import annotations

import io
import itertools
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from nianbao.core.form import Form, Table, keys, load
from nianbao.core.grid import Box
from nianbao.export.html import head_height
from nianbao.export.word import BIAOSONG, FALLBACK, FANG, HEI, KAI, LATIN, SONG, rewritten, template_name

if TYPE_CHECKING:
    from docx.document import Document

#: Page and margins in millimetres: width, height, top, right, bottom, left; the text is 156 mm wide.
PAGE = (210, 297, 37, 26, 35, 28)
TEXT_WIDTH = PAGE[0] - PAGE[3] - PAGE[5]
#: Line pitch of the body in points: 22 lines a page.
PITCH = 28.8
#: The footer's last line above the paper's edge, in millimetres: the page number is 7 mm below the text.
FOOTER = 17

#: The templates carry this date, so that building them again changes nothing.
BUILT = datetime(2025, 1, 1)


def build(form: Form) -> Document:
    """The template of a form: title, sections, texts, tables with the printed spans, page numbers."""
    from docx import Document as new

    document = new()
    styled(document, form.language)
    document.add_paragraph("{{ title }}", style="Title")
    _texts(document, "preamble")
    for section in form.sections:
        document.add_paragraph(literal(section.heading), style="Heading 1")
        _texts(document, f"texts.{section.key}")
        if section.table:
            add_table(document, form.tables[section.table])
    _signed(document)
    _footers(document)
    _properties(document, form)
    return document


def _texts(document: Document, name: str) -> None:
    """A loop over paragraphs: the run-in heading in its own character style, then the rest."""
    document.add_paragraph(f"{{%p for text in {name} %}}")
    paragraph = document.add_paragraph()
    paragraph.add_run("{{ text.lead }}", style=LEAD)
    paragraph.add_run("{{ text.rest }}")
    document.add_paragraph("{%p endfor %}")


def _signed(document: Document) -> None:
    """落款: who signs and when, at the right, each where it is filled in."""
    for name, right in (("signature", 2), ("date", 4)):
        document.add_paragraph(f"{{%p if {name} %}}")
        line = document.add_paragraph(f"{{{{ {name} }}}}", style="年报落款")
        line.paragraph_format.right_indent = _points(16 * right)
        line.paragraph_format.keep_together = True
        if name == "signature":
            line.paragraph_format.space_before = _points(PITCH)
            line.paragraph_format.keep_with_next = True
        document.add_paragraph("{%p endif %}")


def _points(size: float) -> Any:
    from docx.shared import Pt

    return Pt(size)


def _footers(document: Document) -> None:
    """``— 1 —``: at the outer edge, one character in, odd pages right and even pages left."""
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


class Look(NamedTuple):
    """A paragraph style: its font and size in points, alignment, indent in characters, space around in points."""

    font: str
    size: float
    align: str = "both"
    indent: float = 2
    pitch: float = PITCH
    before: float = 0
    after: float = 0
    bold: bool = False
    left: float = 0


#: The styles of the template, by the name that Word shows; staff restyle the report by changing these.
LOOKS = {
    "Normal": Look(FANG, 16),
    "Title": Look(BIAOSONG, 22, "center", 0, 36, 0, 22),
    "Heading 1": Look(HEI, 16, "left", 2, PITCH, 4, 0),
    "Heading 2": Look(KAI, 16, "left", 2),
    "年报表头": Look(HEI, 10.5, "center", 0, 13),
    "年报表栏": Look(SONG, 10.5, "left", 0, 13, left=3),
    "年报数字": Look(SONG, 10.5, "center", 0, 13),
    "年报页码": Look(SONG, 14, "center", 0, 18),
    "年报落款": Look(FANG, 16, "right", 0),
}
#: The character style of a run-in second-level heading.
LEAD = "年报二级标题"


def styled(document: Document, language: str) -> None:
    """The page and the styles set in a fresh document."""
    _page(document)
    for name, look in LOOKS.items():
        _style(_paragraph_style(document, name), look)
    _lead(document)
    _language(document, language)
    _fonts(document)


def east_asian(style: Any, font: str) -> None:
    """The font of a style, for Chinese and for Latin letters and digits."""
    from docx.oxml.ns import qn

    style.font.name = LATIN
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)


def _page(document: Document) -> None:
    from docx.shared import Mm

    width, height, top, right, bottom, left = PAGE
    section = document.sections[0]
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    section.header_distance, section.footer_distance = Mm(20), Mm(FOOTER)
    document.settings.odd_and_even_pages_header_footer = True


def _paragraph_style(document: Document, name: str) -> Any:
    from docx.enum.style import WD_STYLE_TYPE

    if name in document.styles:
        return document.styles[name]
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.quick_style = True
    return style


def _style(style: Any, look: Look) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.shared import Pt, RGBColor

    east_asian(style, look.font)
    style.font.size, style.font.bold, style.font.italic = Pt(look.size), look.bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    form = style.paragraph_format
    form.alignment = {
        "both": WD_ALIGN_PARAGRAPH.JUSTIFY,
        "left": WD_ALIGN_PARAGRAPH.LEFT,
        "center": WD_ALIGN_PARAGRAPH.CENTER,
        "right": WD_ALIGN_PARAGRAPH.RIGHT,
    }[look.align]
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(look.pitch)
    form.space_before, form.space_after = Pt(look.before), Pt(look.after)
    form.first_line_indent = Pt(look.size * look.indent)
    form.left_indent = Pt(look.left) if look.left else None
    form.widow_control = True
    for border in style.element.pPr.xpath("w:pBdr"):
        style.element.pPr.remove(border)
    if style.name == "Normal":
        _within_the_margin(style.element.pPr)


def _within_the_margin(properties: Any) -> None:
    """No punctuation over the right margin: some programs leave out of a PDF what has no room there."""
    for spacing in properties.xpath("w:spacing"):
        spacing.addprevious(_new("overflowPunct", val="0"))


def _lead(document: Document) -> None:
    from docx.enum.style import WD_STYLE_TYPE

    style = document.styles.add_style(LEAD, WD_STYLE_TYPE.CHARACTER)
    east_asian(style, KAI)
    style.quick_style = True


def _language(document: Document, language: str) -> None:
    """The language by which Word checks the spelling and a screen reader speaks."""
    from docx.oxml.ns import qn

    for lang in document.styles.element.xpath("w:docDefaults//w:lang"):
        lang.set(qn("w:eastAsia"), language if language.startswith("zh") else "zh-CN")
        lang.set(qn("w:val"), "en-US" if language.startswith("zh") else language)


def _fonts(document: Document) -> None:
    """The font table: each prescribed font with the names of those that may stand in for it."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/>{_family(name)}</w:font>'
        for name, other in FALLBACK.items()
    )
    latin = f'<w:font w:name="{LATIN}"><w:charset w:val="00"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font>'
    blob = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts xmlns:w="{main}">{fonts}{latin}</w:fonts>'
    part = document.part
    for relation in part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.FONT_TABLE:
            relation.target_part._blob = blob.encode()
            return
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"
    made = Part(PackURI("/word/fontTable.xml"), kind, blob.encode(), part.package)
    part.relate_to(made, RELATIONSHIP_TYPE.FONT_TABLE)


def _family(name: str) -> str:
    family = "swiss" if name == HEI else "roman"
    return f'<w:charset w:val="86"/><w:family w:val="{family}"/><w:pitch w:val="variable"/>'


#: Twentieths of a point in a millimetre.
TWIPS = 56.6929
#: Above and below the lines of a cell, in twentieths of a point. A row is as high as its lines and these: office
#: programs agree on that, while they count borders differently where a least height is set.
PADDING = 75
#: A table of more rows than this is set tighter, so that it stands on one page as long as it can.
TALL, TIGHT = 20, 30
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
    element.append(_table_properties(table))
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


def _table_properties(table: Table) -> Any:
    properties = _new("tblPr")
    properties.append(_new("tblStyle", val="TableGrid"))
    properties.append(_new("tblW", w=str(round(TEXT_WIDTH * TWIPS)), type="dxa"))
    properties.append(_new("jc", val="center"))
    properties.append(_new("tblLayout", type="fixed"))
    margins = _new("tblCellMar")
    above = str(TIGHT if table.grid.height > TALL else PADDING)
    for side, width in (("top", above), ("left", "8"), ("bottom", above), ("right", "8")):
        margins.append(_new(side, w=width, type="dxa"))
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
    if row < repeated:
        properties.append(_new("tblHeader"))
    line.append(properties)
    for box in sorted(_crossing(table, row), key=lambda box: box.column):
        line.append(_cell(document, box, row, widths))
    return line


def _crossing(table: Table, row: int) -> list[Box]:
    return [box for box in table.grid.boxes if box.row <= row < box.row + box.rows]


def _cell(document: Document, box: Box, row: int, widths: list[int]) -> Any:
    """A cell; nothing in it asks to stay with the next row: LibreOffice may then lose rows of a later table."""
    cell, properties = _new("tc"), _new("tcPr")
    properties.append(_new("tcW", w=str(sum(widths[box.column : box.column + box.columns])), type="dxa"))
    if box.columns > 1:
        properties.append(_new("gridSpan", val=str(box.columns)))
    if box.rows > 1:
        properties.append(_new("vMerge", **({"val": "restart"} if row == box.row else {})))
    properties.append(_new("vAlign", val="center"))
    cell.append(properties)
    text = _broken(tag(box)) if box.kind == "side" and box.rows > 1 else tag(box)
    paragraph = _paragraph(document, _box_style(box), text if row == box.row else "")
    cell.append(paragraph._p)
    return cell


def _broken(label: str) -> str:
    """A label beside several rows, its ordinal on a line of its own: （三） over 不予公开, not （三）不 over 予公开."""
    return _ORDINAL.sub(lambda found: f"{found[0]}{BREAK}", label)


def _box_style(box: Box) -> str:
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


def main(folder: Path) -> None:
    """Every built-in form's template, written into the folder."""
    for key in keys():
        form = load(key)
        made = io.BytesIO()
        build(form).save(made)
        (folder / template_name(form)).write_bytes(rewritten(made.getvalue()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
