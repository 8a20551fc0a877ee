"""The look of the workbook, and what every sheet shares: writing a value at a spot, page set-up, rows of text, flags."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from nianbao.core.form import Column
from nianbao.core.grid import Cell
from nianbao.core.number import Figure
from nianbao.core.report import Report
from nianbao.workbook.layout import LEFT, Layout, SheetLayout, Spot, height, number_code
from nianbao.workbook.live import Live
from nianbao.xlsx.value import characters, printable

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
        return self.get(**{"border": 1, "border_color": LINE, "text_wrap": True} | properties)

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

    def figure(self, total: bool, column: Column) -> Format:
        """A figure cell of a column."""
        look = {"bg_color": TOTAL, "bold": True} if total else {"locked": False, "font_color": FIGURE}
        return self.boxed(align="center", num_format=number_code(column), **look)

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


Value = Live | Figure | str | float | None
PROTECTED = {
    "select_locked_cells": True,
    "select_unlocked_cells": True,
    "format_rows": True,
    "format_columns": True,
    "autofilter": True,
    "sort": True,
}


def _no_sheets(book: Workbook, styles: Styles) -> None:
    """Nothing is added."""


def _no_formula(cell: Cell) -> Live | None:
    """No figure is a formula of its own."""


@dataclass(frozen=True)
class Extra:
    """What a summary workbook adds.

    ``first`` adds sheets before the cover, ``sheets`` after the sections'; ``formulas`` gives the formula (with its
    value now) of a figure that is not typed, None where it is. ``note`` stands above the tables then. ``long``: the
    sheets are so long that they must not stand in memory.
    """

    sheets: Callable[[Workbook, Styles], None] = _no_sheets
    formulas: Callable[[Cell], Live | None] = _no_formula
    note: str = ""
    first: Callable[[Workbook, Styles], None] = _no_sheets
    long: bool = False


class Page(Worksheet):  # type: ignore[misc]  # the library has no types
    """A sheet some of whose rows (:attr:`growing`, from 0) have a height to begin with and grow with what is typed."""

    def __init__(self) -> None:
        super().__init__()
        self.growing: set[int] = set()

    def _xml_start_tag_unencoded(self, tag: str, attributes: Any = ()) -> None:
        if tag == "row" and attributes[0][1] - 1 in self.growing:
            attributes = [pair for pair in attributes if pair[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, attributes)

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """As it is: the library's search for functions newer than Excel 2010, of which we use none, is a third of writing."""
        return formula.removeprefix("=")


class Area(NamedTuple):
    """Where paragraphs stand: their last column, its width in characters, the column that makes their rows grow."""

    last: int
    width: float
    grow: int = 0


@dataclass(frozen=True)
class Sheet:
    """A sheet being written: the page, the workbook's styles, the report, the layout, what a summary adds."""

    book: Workbook
    page: Page
    styles: Styles
    report: Report
    layout: Layout
    extra: Extra

    def text_row(self, spot: Spot, area: Area, text: str, lines: int = 1) -> None:
        """One unlocked row for a paragraph, over the columns of an area; it grows with what is typed.

        No row grows with a merged cell: so its text stands again in the column ``grow`` (white, as wide, out of
        print), with room for so many ``lines`` from the start.
        """
        row, style = spot.row - 1, self.styles.text if lines == 1 else self.styles.text_top
        if area.last > spot.column:
            self.page.merge_range(row, spot.column - 1, row, area.last - 1, "", style)
        put(self.page, spot, text, style)
        room = "\n" * (lines - 1)
        if area.grow:
            spare = "&CHAR(10)" * (lines - 1) or '&""'
            value = Live(f"={spot.a1}{spare}", text + room)
            put(self.page, Spot("", spot.row, area.grow), value, self.styles.growth)
        self.page.growing.add(row)
        self.page.set_row(row, max(24 if area.grow else 20, height(text + room, area.width, 12)))

    def flag_text(self, first: Spot, last: Spot, mark: Spot) -> None:
        """Paragraphs take the colour of the validator's flag that stands hidden in their row."""
        area = f"{first.a1}:{last.a1}"
        code = f"${mark.a1}"
        for flag, letter in (("error", "E"), ("verify", "V")):
            test = {"type": "formula", "criteria": f'=LEFT({code},1)="{letter}"'}
            self.page.conditional_format(area, {**test, "format": self.styles.flag(flag)})


def put(page: Worksheet, spot: Spot, value: Value, style: Format) -> None:
    """Write a value with its kind kept: a text is never taken for a formula, number or link."""
    row, column = spot.row - 1, spot.column - 1
    if isinstance(value, Live):
        shown = printable(value.value) if isinstance(value.value, str) else value.value
        page.write_formula(row, column, value.formula, style, shown)
    elif value is None or value == "":
        page.write_blank(row, column, None, style)
    elif isinstance(value, str):
        page.write_string(row, column, characters(value), style)
    else:
        page.write_number(row, column, float(value) if isinstance(value, Decimal) else value, style)


def setup(
    context: Sheet,
    widths: Sequence[tuple[int, float]],
    *,
    title: str,
    hidden: tuple[int, int] | None = None,
    landscape: bool = False,
) -> None:
    """Column widths, hidden columns, A4 print set-up with the report's name, protection without a password."""
    page = context.page
    for column, width in widths:
        page.set_column(column - 1, column - 1, width)
    if hidden:
        page.set_column(hidden[0] - 1, hidden[1] - 1, 8, None, {"hidden": True})
    page.set_row(0, 28)
    page.hide_gridlines(2)
    page.set_paper(9)
    if landscape:
        page.set_landscape()
    page.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
    page.fit_to_pages(1, 0)
    page.center_horizontally()
    page.set_footer(f"&C&9{title}　第 &P 页，共 &N 页")
    page.protect("", PROTECTED)


def write_paragraphs(context: Sheet, sheet: SheetLayout, rows: int) -> None:
    """The unlocked rows for text, one paragraph a row, with the flags' conditional formats."""
    paragraphs = context.report.narrative.get(sheet.section.key, ())
    last = max(rows, len(paragraphs) + 5)
    area = Area(sheet.last_column, sum(sheet.table.widths), sheet.growth) if sheet.table else Area(LEFT, 96)
    for n in range(1, last + 1):
        spot, text = sheet.paragraph(n), paragraphs[n - 1] if n <= len(paragraphs) else ""
        context.text_row(spot, area, text, lines=3 if sheet.table and n <= 2 else 1)
    first, end = sheet.paragraph(1), sheet.paragraph(last)
    context.flag_text(first, end, sheet.paragraph_mark(1))
