"""Long sheets of a summary, written row by row, several at once."""

import html
import marshal
import os
import re
import shutil
import signal
import sys
import threading
import zlib
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlsxwriter import Workbook
from xlsxwriter import workbook as package
from xlsxwriter.format import Format
from xlsxwriter.url import Url
from xlsxwriter.worksheet import Worksheet

from nianbao.consolidate.folder import original
from nianbao.consolidate.names import displayable
from nianbao.consolidate.pool import end_with_parent
from nianbao.core.grid import column_name
from nianbao.core.number import Figure
from nianbao.workbook.layout import height as needed
from nianbao.workbook.layout import quoted
from nianbao.workbook.live import Live
from nianbao.workbook.styles import Styles

#: Rows of a sheet, and how many of them have a link: Excel holds 1,048,576 and 65,530, and each takes room.
ROWS, LINKS = 1_048_576, 20_000
#: The sheets of a summary of more files are written by way of temporary files, long ones by several processes.
MANY = 300
_LONGEST_LINK, _LONGEST_TEXT, _SHORT_NAME = 2_000, 32_767, 200
_ESCAPED = str.maketrans({c: f"%{ord(c):02X}" for c in '%# "<>[]^`{}'})


#: Parts of so many bytes are compressed for speed, by isal where it is there, else at a level that makes them a fifth
#: larger in a third of the time.
_LARGE, _QUICK = 1_000_000, 2


class _Zip(ZipFile):
    """The package of a workbook as XlsxWriter makes it, large parts in less time."""

    def write(self, filename: Any, arcname: Any = None, *_: Any) -> None:
        if Path(filename).stat().st_size <= _LARGE:
            super().write(filename, arcname)
            return
        part = ZipInfo.from_file(filename, arcname)
        part.compress_type = ZIP_DEFLATED
        with Path(filename).open("rb") as source, self.open(part, "w") as packed:
            packed._compressor = _compressor()  # type: ignore[attr-defined]
            shutil.copyfileobj(source, packed, 1 << 20)


def _compressor() -> Any:
    """What compresses a part in little time."""
    try:
        from isal import isal_zlib as library
    except ImportError:  # there is none for some processors
        return zlib.compressobj(_QUICK, zlib.DEFLATED, -15)
    return library.compressobj(_QUICK, library.DEFLATED, -15)


package.ZipFile = _Zip


class Folder:
    """The folder of the reports as seen from the summary, for links into it."""

    def __init__(self, folder: Path, summary: Path) -> None:
        self._folder = folder
        try:
            self._seen = os.path.relpath(folder, summary.resolve().parent)
        except ValueError:  # another drive
            self._seen = str(folder)

    def link(self, text: str, file: str, sheet: str = "", cell: str = "") -> "Link | str":
        """A link to a file (and a cell in it); the mere text where no link can be had."""
        made = Link(text, self, file, sys.intern(sheet), sys.intern(cell))
        return made if text and (len(file) < _SHORT_NAME or len(made.url) < _LONGEST_LINK) else text

    def url(self, file: str, sheet: str, cell: str) -> str:
        name = original(self._folder, file).relative_to(self._folder) if "\\x" in file else file
        there = os.path.normpath(f"{self._seen}{os.sep}{name}")
        url = "external:" + displayable(there.translate(_ESCAPED))
        return url + (f"#{quoted(sheet)}!{cell}" if sheet else "")


class Link(NamedTuple):
    """A text that leads to a file of the reports' folder, and to a cell in it where a sheet is named."""

    text: str
    folder: Folder
    file: str
    sheet: str
    cell: str

    @property
    def url(self) -> str:
        return self.folder.url(self.file, self.sheet, self.cell)


class _Links:
    """The links of a sheet, at most one a row: column, target and place in it by row, written as XlsxWriter does."""

    def __init__(self, page: Worksheet) -> None:
        self.page = page
        self.kept: dict[int, tuple[int, str, str]] = {}

    def keep(self, row: int, column: int, url: str) -> None:
        link = Url(url)
        self.kept[row] = column, link._target(), sys.intern(link._anchor)

    def write(self) -> None:
        page = self.page
        if self.kept:
            page._xml_start_tag("hyperlinks")
        for row, (column, target, anchor) in sorted(self.kept.items()):
            page.rel_count += 1
            page.external_hyper_links.append(["/hyperlink", target, "External"])
            place = [("location", anchor)] if anchor else []
            cell = f"{column_name(column + 1)}{row + 1}"
            page._xml_empty_tag("hyperlink", [("ref", cell), ("r:id", f"rId{page.rel_count}"), *place])
        if self.kept:
            page._xml_end_tag("hyperlinks")


Value = Link | Live | Figure | str | float | None
_ODD = re.compile(r"""[<>&"\x00-\x1f\ufffe\uffff]|^\s|\s$|_x[0-9A-Fa-f]{4}_""")


def _inline(text: str) -> str:
    """A text as the content of a cell."""
    if _ODD.search(text) is None:
        return f"<is><t>{text}</t></is>"
    shown = html.escape(Worksheet._escape_control_characters(text[:_LONGEST_TEXT]), quote=False)
    return f'<is><t xml:space="preserve">{shown}</t></is>'


@cache
def _columns(first: int, count: int) -> tuple[str, ...]:
    return tuple(f'<c r="{column_name(n + 1)}' for n in range(first, first + count))


class _Row:
    """The cells of a row as pieces of XML: a tenth of the work of a cell after a cell."""

    def __init__(self) -> None:
        self.pieces: list[str] = []


def _row(page: Worksheet, row: int, column: int) -> _Row:
    """Begin a row, at a column, that is put down in pieces; the one before it is written."""
    page._check_dimensions(row, column)
    if row > page.previous_row:
        page._write_single_row(row)
    page.table[row][0] = made = _Row()
    return made


def plain_rows(page: Worksheet, first: int, rows: Iterable[Sequence[str]]) -> None:
    """Write rows of texts as they are, without a look, from row ``first`` (from 0) of a sheet on."""
    for row, texts in enumerate(rows, first):
        filled = [(column, text) for column, text in enumerate(texts) if text]
        if not page.constant_memory or not filled or any(map(_ODD.search, texts)):
            for column, text in filled:
                page.write_string(row, column, text)
            continue
        heads = _columns(0, len(texts))
        _row(page, row, filled[0][0]).pieces += [
            f'{heads[column]}{row + 1}" t="inlineStr"><is><t>{text}</t></is></c>' for column, text in filled
        ]
        page._check_dimensions(row, filled[-1][0])


class ListSheet:
    """A sheet being written downwards: title, note, header, lines. Rows count from 1."""

    def __init__(
        self, book: Workbook, styles: Styles, name: str, widths: Sequence[float], *, wide: bool = False
    ) -> None:
        self.styles, self.widths, self.row = styles, tuple(widths), 0
        self._number = styles.boxed(align="right", valign="top", font_size=10, indent=1, text_wrap=False)
        self._looks = {True: self._number._get_xf_index(), False: styles.listed._get_xf_index()}
        self._link_look = styles.link._get_xf_index()
        self._cells = _Row()
        self.page = streamed_sheet(book, name)
        self._links = _Links(self.page)
        self.page._write_hyperlinks = self._links.write
        for column, width in enumerate(widths):
            self.page.set_column(column, column, width)
        _page_setup(self.page, name, wide)

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

    def written(self) -> tuple[Any, ...]:
        """What another process must know to go on with the sheet, in plain types (see :meth:`take_over`)."""
        page = self.page
        size = page.dim_rowmin, page.dim_rowmax, page.dim_colmin, page.dim_colmax
        return self.row, page.previous_row, size, self._links.kept

    def take_over(self, written: tuple[Any, ...]) -> None:
        """Go on where a copy of this process has left the sheet."""
        page = self.page
        self.row, page.previous_row, size, self._links.kept = written
        page.dim_rowmin, page.dim_rowmax, page.dim_colmin, page.dim_colmax = size

    def line(self, values: Iterable[Value], style: Format | None = None, height: float | None = None) -> None:
        """The next row; one of the list where no style is given, as high as its longest text needs."""
        self.row += 1
        shown = list(values)
        for kept in (self.page.row_info, self.page.row_sizes):
            kept.pop(self.row - 3, None)  # that row is written
        if high := height or self._high(shown):
            self.page.set_row(self.row - 1, high)
        if style is None and not any(isinstance(value, Live) for value in shown):
            self._begin()
            self._cells.pieces += map(self._cell, _columns(0, len(shown)), shown, count())
            self.page._check_dimensions(self.row - 1, max(len(shown), 1) - 1)
            return
        for column, value in enumerate(shown):
            number = isinstance(value, int | Decimal | float | Live)
            self.put(column, value, style or (self._number if number else self.styles.listed))

    def _begin(self) -> None:
        self._cells = _row(self.page, self.row - 1, 0)

    def _cell(self, head: str, value: Value, column: int) -> str:
        """A cell of the list; its kind is kept: a text is never taken for a formula."""
        if isinstance(value, Link):
            if len(self._links.kept) < LINKS:
                self._links.keep(self.row - 1, column, value.url)
                return f'{head}{self.row}" s="{self._link_look}" t="inlineStr">{_inline(value.text)}</c>'
            value = value.text
        if value is None or value == "":
            return f'{head}{self.row}" s="{self._looks[False]}"/>'
        if isinstance(value, str):
            return f'{head}{self.row}" s="{self._looks[False]}" t="inlineStr">{_inline(value)}</c>'
        return f'{head}{self.row}" s="{self._looks[True]}"><v>{float(value):.16G}</v></c>'  # type: ignore[arg-type]

    def add(self, column: int, text: str, style: Format) -> None:
        """A text behind what the row being written has."""
        look = style._get_xf_index()
        content = f' t="inlineStr">{_inline(text)}</c>' if text else "/>"
        self._cells.pieces.append(f'{_columns(column, 1)[0]}{self.row}" s="{look}"{content}')
        self.page._check_dimensions(self.row - 1, column)

    def figures(self, column: int, values: Sequence[str], style: Format) -> None:
        """Figures side by side behind what the row being written has, as texts and all of one look."""
        end = f'{self.row}" s="{style._get_xf_index()}"'
        heads = _columns(column, len(values))
        self._cells.pieces += [
            f"{head}{end}><v>{text if text.isdigit() else format(float(text), '.16G')}</v></c>"
            if text
            else f"{head}{end}/>"
            for head, text in zip(heads, values, strict=True)
        ]
        self.page._check_dimensions(self.row - 1, column + len(values) - 1)

    def bar(self, column: int, done: int, total: int, words: str, *, signs: int = 40) -> None:
        """A bar in the row being written: how much of a whole is done, and words after it."""
        full = signs * done // total if total else 0
        green, grey = (self.styles.get(font_size=11, font_color=colour) for colour in ("#1B7F3B", "#CBD5E0"))
        pieces = [(green, "█" * full), (grey, "█" * (signs - full)), (self.styles.get(bold=True), words)]
        parts = [part for style, text in pieces if text for part in (style, text)]
        if len(parts) > 2:
            self.page.write_rich_string(self.row - 1, column, *parts, self.styles.get(align="left"))
        elif parts:
            self.page.write_string(self.row - 1, column, parts[1], parts[0])

    def spread(self, label: str, text: str) -> None:
        """A row of a label and a text over all the columns after it, as high as the text needs."""
        high = needed(text, sum(self.widths[2:]) * 0.9, 10)
        self.line(["", label], self.styles.get(font_size=10, valign="top"), high)
        style = self.styles.get(font_size=10, valign="top", align="left", text_wrap=True)
        self.page.merge_range(self.row - 1, 2, self.row - 1, len(self.widths) - 1, text, style)

    def _high(self, values: Sequence[Value]) -> float | None:
        """The height of a row in which a text runs over its column; None where none does."""
        highest = None
        for value, width in zip(values, self.widths, strict=False):
            text = value if isinstance(value, str) else value.text if isinstance(value, Link) else ""
            if len(text) * 2 > width:
                highest = max(needed(text, width, 10), highest or 0)
        return highest

    def put(self, column: int, value: Value, style: Format) -> None:
        """A value in the row being written, its kind kept: a text is never taken for a formula."""
        page, row = self.page, self.row - 1
        if isinstance(value, Link):
            value = value.text
        if isinstance(value, Live):
            page.write_formula(row, column, value.formula, style, value.value)
        elif value is None or value == "":
            page.write_blank(row, column, None, style)
        elif isinstance(value, str):
            page.write_string(row, column, value[:_LONGEST_TEXT], style)
        else:
            page.write_number(row, column, float(value) if isinstance(value, Decimal) else value, style)


def streamed_sheet(book: Workbook, name: str) -> Worksheet:
    """A sheet whose rows go to a temporary file as they are written."""
    before = book.constant_memory
    book.constant_memory = True
    try:
        page = book.add_worksheet(name)
    finally:
        book.constant_memory = before
    cell_by_cell = page._write_single_row

    def write_row(following: int = 0) -> None:
        number = page.previous_row
        row = page.table[number].get(0)
        if not isinstance(row, _Row):
            cell_by_cell(following)
            return
        page.previous_row = following
        page._write_row(number, None, page.row_info.get(number))
        page.fh.write(f"{''.join(row.pieces)}</row>")
        page.table.clear()

    def write_rows() -> None:
        page.fh.write("<sheetData>")
        page.fh.flush()
        page.row_data_fh.close()
        with Path(page.row_data_filename).open("rb") as rows:
            shutil.copyfileobj(rows, page.fh.buffer, 1 << 20)
        Path(page.row_data_filename).unlink()
        page.fh.write("</sheetData>")

    page._write_single_row = write_row
    if not book.in_memory:
        page._write_optimized_sheet_data = write_rows
    return page


class Beside:
    """A context within which ``write`` writes the last lines of a sheet: where they are many and the system has it, in a
    copy of this process, while this one goes on. ``done`` is called with the row of the first of them when they are
    there."""

    def __init__(
        self, listing: ListSheet, count: int, write: Callable[[], None], done: Callable[[int], None]
    ) -> None:
        self._listing, self._count, self._write, self._done = listing, count, write, done
        self._first, self._child = listing.row, 0

    def __enter__(self) -> None:
        page = self._listing.page
        if self._count < MANY or sys.platform != "linux" or threading.active_count() > 1:
            self._write()
            return
        page._write_single_row(self._first)
        page.fh.flush()
        self._end = page.fh.tell()
        self._told, told = os.pipe()
        self._child = os.fork()
        if not self._child:
            self._within_copy(told)
        os.close(told)

    def _within_copy(self, told: int) -> NoReturn:
        """Write, tell what the other process must know, and end this one in any case."""
        failed = 1
        try:
            end_with_parent()
            self._write()
            self._listing.page._write_single_row()
            self._listing.page.fh.flush()
            with os.fdopen(told, "wb") as pipe:
                marshal.dump(self._listing.written(), pipe)
            failed = 0
        finally:
            os._exit(failed)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._child:
            self._join(given_up=kind is not None)
        if kind is None:
            self._done(self._first)

    def _join(self, *, given_up: bool) -> None:
        """Wait for the copy, and know what it has written."""
        if given_up:
            os.kill(self._child, signal.SIGKILL)
        with os.fdopen(self._told, "rb") as pipe:
            told = pipe.read()
        failed = os.waitpid(self._child, 0)[1]
        page = self._listing.page
        if failed and not given_up:  # killed, for want of memory perhaps: what it did is done again
            page.fh.seek(self._end)
            page.fh.truncate()
            page.previous_row = self._listing.row = self._first
            self._write()
        elif not given_up:
            self._listing.take_over(marshal.loads(told))


def _page_setup(page: Worksheet, name: str, wide: bool) -> None:
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
