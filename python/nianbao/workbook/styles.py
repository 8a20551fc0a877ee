"""The look of the workbook: one quiet family of formats, and the colours of the flags."""

from functools import cached_property
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

SONG, HEI, FANG = "宋体", "黑体", "仿宋"
#: The Chinese character set of a font: where the font is missing, another Chinese one takes its place.
GB = 134
INK, LINE, LABEL, TOTAL, ACCENT, MUTED = "#1F2933", "#7B8794", "#EEF2F6", "#F7F9FB", "#1F4E79", "#616E7C"
FIGURE, RULED = "#0B3D91", "#CBD5E0"

#: Fill and font of the flags: what is wrong, what is near it, what must be verified, what is not filled in yet.
FLAGS: dict[str, dict[str, Any]] = {
    "error": {"bg_color": "#F4B6B0", "font_color": "#8B0000", "bold": True},
    "near": {"bg_color": "#FBE3E0"},
    "verify": {"bg_color": "#FFE08A", "font_color": "#7A4B00"},
    "blank": {"bg_color": "#E3EEF9"},
}


class Styles:
    """The workbook's formats by purpose, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[str, Format] = {}

    def get(self, **properties: Any) -> Format:
        base = {
            "font_name": SONG,
            "font_charset": GB,
            "font_size": 10.5,
            "font_color": INK,
            "valign": "vcenter",
        }
        merged = base | properties
        key = repr(sorted(merged.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(merged)
        return self._made[key]

    def boxed(self, **properties: Any) -> Format:
        return self.get(border=1, border_color=LINE, text_wrap=True, **properties)

    @cached_property
    def title(self) -> Format:
        return self.get(font_name=HEI, font_size=16, font_color=ACCENT, align="left")

    @cached_property
    def cover_title(self) -> Format:
        return self.get(font_name=HEI, font_size=22, font_color=ACCENT, align="center", text_wrap=True)

    @cached_property
    def note(self) -> Format:
        return self.get(font_size=9.5, font_color=MUTED, text_wrap=True, align="left")

    @cached_property
    def status(self) -> Format:
        return self.get(font_size=10, font_color=ACCENT, bold=True, align="left")

    @cached_property
    def warning(self) -> Format:
        return self.get(font_size=10.5, font_color="#B00020", bold=True, align="left")

    @cached_property
    def head(self) -> Format:
        return self.boxed(font_name=HEI, align="center", bg_color=LABEL)

    @cached_property
    def side(self) -> Format:
        return self.boxed(align="left", bg_color=LABEL, indent=1)

    @cached_property
    def group(self) -> Format:
        return self.boxed(align="center", bg_color=LABEL)

    @cached_property
    def corner(self) -> Format:
        return self.boxed(align="center", bg_color=LABEL, font_size=9.5)

    def figure(self, total: bool, decimals: bool = False) -> Format:
        """A figure cell; its format keeps ``1/2`` from becoming a date."""
        look = {"bg_color": TOTAL, "bold": True} if total else {"locked": False, "font_color": FIGURE}
        return self.boxed(align="center", num_format="0.####" if decimals else "0", **look)

    @cached_property
    def ledger(self) -> Format:
        look = {"border": 4, "border_color": LINE, "font_color": MUTED, "num_format": "0"}
        return self.get(locked=False, align="center", **look)

    @cached_property
    def ledger_head(self) -> Format:
        look = {"border": 4, "border_color": LINE, "font_color": MUTED, "text_wrap": True, "font_size": 9.5}
        return self.get(align="center", **look)

    @cached_property
    def text(self) -> Format:
        return self._paragraph("vcenter")

    @cached_property
    def text_top(self) -> Format:
        return self._paragraph("top")

    def _paragraph(self, valign: str) -> Format:
        look = {"font_name": FANG, "font_size": 12, "border": 1, "border_color": RULED, "text_wrap": True}
        return self.get(locked=False, align="left", valign=valign, **look)

    @cached_property
    def label(self) -> Format:
        return self.boxed(font_name=HEI, align="center", bg_color=LABEL, font_size=11)

    @cached_property
    def value(self) -> Format:
        return self.boxed(
            locked=False, align="left", font_size=12, font_color=FIGURE, num_format="@", indent=1
        )

    @cached_property
    def year(self) -> Format:
        return self.boxed(
            locked=False, align="left", font_size=12, font_color=FIGURE, num_format="0", indent=1
        )

    @cached_property
    def fixed(self) -> Format:
        return self.boxed(align="left", font_size=11, bg_color=TOTAL, indent=1)

    @cached_property
    def listed(self) -> Format:
        return self.boxed(align="left", valign="top", font_size=10)

    @cached_property
    def listed_center(self) -> Format:
        return self.boxed(align="center", valign="top", font_size=10)

    @cached_property
    def listed_open(self) -> Format:
        return self.boxed(align="left", valign="top", font_size=10, locked=False)

    @cached_property
    def link(self) -> Format:
        return self.boxed(align="left", valign="top", font_size=10, underline=1, font_color=FIGURE)

    @cached_property
    def hidden(self) -> Format:
        return self.get(font_size=8, font_color=MUTED)

    @cached_property
    def body(self) -> Format:
        return self.get(font_size=11, text_wrap=True, align="left", valign="top")

    @cached_property
    def heading(self) -> Format:
        return self.get(font_name=HEI, font_size=13, font_color=ACCENT, align="left")

    @cached_property
    def link_column(self) -> Format:
        return self.get(
            align="left", valign="top", font_size=10, font_color="#0563C1", underline=1, text_wrap=True
        )

    @cached_property
    def text_column(self) -> Format:
        return self.get(align="left", valign="top", font_size=10, text_wrap=True)

    @cached_property
    def center_column(self) -> Format:
        return self.get(align="center", valign="top", font_size=10)

    @cached_property
    def line(self) -> Format:
        """What a conditional format adds to the lines of a list as it grows."""
        return self._book.add_format({"border": 1, "border_color": LINE})

    def flag_line(self, name: str) -> Format:
        """A flag with the border of a listed line (where two conditional formats meet, one may hide the other)."""
        return self._book.add_format({**FLAGS[name], "border": 1, "border_color": LINE})

    @cached_property
    def growth(self) -> Format:
        """Of what is never seen and makes a row as high as the text beside it needs."""
        return self.get(font_name=FANG, font_size=12, font_color="#FFFFFF", text_wrap=True, valign="top")

    def colour(self, colour: str) -> Format:
        """A conditional format that changes nothing but the colour of the text."""
        return self._book.add_format({"font_color": colour})

    def flag(self, name: str) -> Format:
        return self._book.add_format(FLAGS[name])
