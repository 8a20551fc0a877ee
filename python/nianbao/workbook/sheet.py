"""What every sheet shares: writing a value at a spot, page set-up, protection, rows of text, flags."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from nianbao.core.number import Figure
from nianbao.core.report import Report
from nianbao.workbook.layout import Layout, Spot
from nianbao.workbook.live import Live
from nianbao.workbook.measure import height
from nianbao.workbook.styles import Styles
from nianbao.workbook.template import Extra
from nianbao.workbook.text import printable, sound

Value = Live | Figure | str | float | None
PROTECTED = {
    "select_locked_cells": True,
    "select_unlocked_cells": True,
    "format_rows": True,
    "format_columns": True,
    "autofilter": True,
    "sort": True,
}


class Page(Worksheet):  # type: ignore[misc]  # the library has no types
    """A sheet some of whose rows (:attr:`growing`, from 0) have a height to begin with and grow with what is typed."""

    def __init__(self) -> None:
        super().__init__()
        self.growing: set[int] = set()

    def _xml_start_tag_unencoded(self, tag: str, attributes: Any = ()) -> None:
        if tag == "row" and attributes[0][1] - 1 in self.growing:
            attributes = [pair for pair in attributes if pair[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, attributes)


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
        page.write_string(row, column, sound(value), style)
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
