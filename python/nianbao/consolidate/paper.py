"""Sheets of lists in a summary: written row by row to disk, so that memory stays flat however long they are."""

import os
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from nianbao.consolidate.names import sound
from nianbao.core.number import Figure
from nianbao.workbook.layout import quoted
from nianbao.workbook.live import Live
from nianbao.workbook.measure import height as needed
from nianbao.workbook.styles import Styles

#: Rows of a sheet, and links of one: Excel holds 1,048,576 and 65,530.
ROWS, LINKS = 1_048_576, 60_000
_LONGEST_LINK, _LONGEST_TEXT = 2_000, 32_767
_ESCAPED = str.maketrans({c: f"%{ord(c):02X}" for c in '%# "<>[]^`{}'})


class Link(NamedTuple):
    """A text that leads to another place: ``external:…`` a file, ``internal:…`` a cell of this workbook."""

    text: str
    url: str


Value = Link | Live | Figure | str | float | None


def link(text: str, file: Path, summary: Path, sheet: str = "", cell: str = "") -> Link | str:
    """A link to a file (and a cell in it) as seen from the summary; the mere text where no link can be had."""
    try:
        there = os.path.relpath(file, summary.resolve().parent)
    except ValueError:  # another drive
        there = str(file)
    url = "external:" + sound(there.translate(_ESCAPED))
    url += f"#{quoted(sheet)}!{cell}" if sheet else ""
    return Link(text, url) if text and len(url) < _LONGEST_LINK else text


class Paper:
    """A sheet being written downwards: title, note, header, lines. Rows count from 1."""

    def __init__(
        self, book: Workbook, styles: Styles, name: str, widths: Sequence[float], *, wide: bool = False
    ) -> None:
        self.styles, self.widths, self.row, self._links = styles, tuple(widths), 0, 0
        self._number = styles.boxed(align="right", valign="top", font_size=10)
        self.page = _flat(book, name)
        for column, width in enumerate(widths):
            self.page.set_column(column, column, width)
        _print(self.page, name, wide)

    def title(self, text: str, *notes: str) -> None:
        self.line([text], self.styles.title, 28)
        for note in notes:
            self.line([note], self.styles.get(font_size=9.5, font_color="#616E7C"), 16)

    def head(self, *rows: Sequence[str], height: float = 24, frozen: int = 2) -> None:
        """The header, frozen with the first columns and repeated in print; the last of its rows has the filter."""
        first = self.row
        for row in rows:
            self.line(row, self.styles.head, height)
        self.page.freeze_panes(self.row, frozen)
        self.page.repeat_rows(first, self.row - 1)

    def filter(self, columns: int, first: int) -> None:
        """The filter over the lines from a header row to the last one written."""
        self.page.autofilter(first - 1, 0, max(self.row, first) - 1, columns - 1)

    def line(self, values: Iterable[Value], style: Format | None = None, height: float | None = None) -> None:
        """The next row; one of the list where no style is given, as high as its longest text needs."""
        self.row += 1
        shown = list(values)
        if high := height or self._high(shown):
            self.page.set_row(self.row - 1, high)
        for column, value in enumerate(shown):
            number = isinstance(value, int | Decimal | float | Live)
            self.put(column, value, style or (self._number if number else self.styles.listed))

    def _high(self, values: Sequence[Value]) -> float | None:
        """The height of a row in which a text runs over its column; None where none does."""
        long = (
            needed(text, width, 10)
            for value, width in zip(values, self.widths, strict=False)
            if len(text := value.text if isinstance(value, Link) else value if isinstance(value, str) else "")
            * 2
            > width
        )
        return max(long, default=None)

    def put(self, column: int, value: Value, style: Format) -> None:
        """A value in the row being written, its kind kept: a text is never taken for a formula."""
        page, row = self.page, self.row - 1
        if isinstance(value, Link) and self._links < LINKS:
            self._links += 1
            page.write_url(row, column, value.url, self.styles.link, value.text[:_LONGEST_TEXT])
        elif isinstance(value, Link):
            page.write_string(row, column, value.text[:_LONGEST_TEXT], style)
        elif isinstance(value, Live):
            page.write_formula(row, column, value.formula, style, value.value)
        elif value is None or value == "":
            page.write_blank(row, column, None, style)
        elif isinstance(value, str):
            page.write_string(row, column, value[:_LONGEST_TEXT], style)
        else:
            page.write_number(row, column, float(value) if isinstance(value, Decimal) else value, style)


def _flat(book: Workbook, name: str) -> Worksheet:
    """A sheet whose rows go to a temporary file as they are written."""
    before = book.constant_memory
    book.constant_memory = True
    try:
        return book.add_worksheet(name)
    finally:
        book.constant_memory = before


def _print(page: Worksheet, name: str, wide: bool) -> None:
    """A4 across, as wide as the list; a wide sheet is for A3 and runs over several pages, its first columns on each."""
    page.hide_gridlines(2)
    page.set_paper(8 if wide else 9)
    page.set_landscape()
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    if wide:
        page.set_print_scale(50)
        page.repeat_columns(0, 1)
        page.print_across()
    else:
        page.fit_to_pages(1, 0)
    page.set_footer(f"&C&9{name}　第 &P 页，共 &N 页")
