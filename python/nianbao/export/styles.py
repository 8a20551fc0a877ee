"""The look of an official document (GB/T 9704-2012): page, fonts, paragraph styles of the Word template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from docx.document import Document

#: Page and margins in millimetres: width, height, top, right, bottom, left; the text is 156 mm wide.
PAGE = (210, 297, 37, 26, 35, 28)
TEXT_WIDTH = PAGE[0] - PAGE[3] - PAGE[5]
#: Line pitch of the body in points: 22 lines a page.
PITCH = 28.8
#: The footer's last line above the paper's edge, in millimetres: the page number is 7 mm below the text.
FOOTER = 17

SONG, HEI, KAI, FANG, BIAOSONG = "宋体", "黑体", "楷体_GB2312", "仿宋_GB2312", "方正小标宋简体"
LATIN = "Times New Roman"
#: Fonts that stand in where a computer has not the prescribed one.
FALLBACK = {
    BIAOSONG: "华文中宋,STZhongsong,小标宋,Noto Serif CJK SC",
    FANG: "仿宋,FangSong,华文仿宋,STFangsong,Noto Serif CJK SC",
    KAI: "楷体,KaiTi,华文楷体,STKaiti,Noto Serif CJK SC",
    HEI: "SimHei,华文黑体,STHeiti,Noto Sans CJK SC",
    SONG: "SimSun,华文宋体,STSong,Noto Serif CJK SC",
}


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
    "年报表题": Look(HEI, 12, "center", 0, 22, 6, 4),
    "年报表头": Look(HEI, 10.5, "center", 0, 13),
    "年报表栏": Look(SONG, 10.5, "left", 0, 13, left=3),
    "年报数字": Look(SONG, 10.5, "center", 0, 13),
    "年报页码": Look(SONG, 14, "center", 0, 18),
    "年报指纹": Look(SONG, 9, "left", 0, 12),
}
#: The character style of a run-in second-level heading.
LEAD = "年报二级标题"


def apply(document: Document, language: str) -> None:
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
    }[look.align]
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(look.pitch)
    form.space_before, form.space_after = Pt(look.before), Pt(look.after)
    form.first_line_indent = Pt(look.size * look.indent)
    form.left_indent = Pt(look.left) if look.left else None
    form.widow_control = True
    for border in style.element.pPr.xpath("w:pBdr"):
        style.element.pPr.remove(border)


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
