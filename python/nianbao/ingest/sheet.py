"""An old workbook of another layout (.xlsx) → its rows as lines and tables, sheet by sheet."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from decimal import Decimal
from posixpath import join, normpath
from typing import TYPE_CHECKING, NamedTuple

from nianbao.core.grid import square
from nianbao.core.number import exact
from nianbao.ingest import dates, words
from nianbao.ingest.blocks import SQUARES, WIDTH, Block, Line, RawCell, RawTable, Source, gathered
from nianbao.ingest.package import Package

if TYPE_CHECKING:
    from lxml.etree import _Element

PART = "xl/workbook.xml"
_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
#: A text this long is a paragraph wherever it stands.
LONG = 60


#: Sheets of our own workbook that hold no text of the report: their labels would be taken for a second table.
_OWN = frozenset({"上年数据", "勾稽核对", "校验结果", "审核说明", "填报说明"})


class _Area(NamedTuple):
    """A merged area, rows and columns from 0, ends included."""

    top: int
    left: int
    bottom: int
    right: int


def read(data: bytes, name: str) -> Source:
    """Visible sheets in order; a sheet's name stands before its rows, as it may be a section's heading."""
    package = Package(data, name)
    book = package.xml(PART)
    texts = _Texts(_shared(package), _date_styles(package), _starts_in_1904(book))
    targets = _targets(package)
    blocks: list[Block] = []
    doubts: list[str] = []
    sheets = list(book.iter(_S + "sheet"))
    aside = _OWN if len(_OWN & {sheet.get("name") for sheet in sheets}) > 1 else frozenset()
    for sheet in sheets:
        if sheet.get("name") in aside:
            continue
        part = targets.get(sheet.get(_R) or "", "")
        if sheet.get("state", "visible") == "visible" and part in package.names:
            title = words.trim(sheet.get("name") or "")
            blocks.append(Line(title, hint=True))
            root = package.xml(part)
            blocks += _Sheet(root, texts, bool(aside)).blocks()
            doubts += _uncounted(root, title)
    return Source(gathered(blocks, name), (), tuple(doubts))


def _uncounted(root: "_Element", title: str) -> Iterator[str]:
    formulas = (cell for cell in root.iter(_S + "c") if cell.find(_S + "f") is not None)
    count = sum(1 for cell in formulas if cell.find(_S + "v") is None)
    if count:
        yield f"工作表“{title}”有 {count} 个公式没有计算结果，按空白读入，请在 Excel 中打开保存后再导入"


def _targets(package: Package) -> Mapping[str, str]:
    root = package.xml("xl/_rels/workbook.xml.rels")
    return {r.get("Id") or "": normpath(join("/xl", r.get("Target") or "")).lstrip("/") for r in root}


def _shared(package: Package) -> tuple[str, ...]:
    if "xl/sharedStrings.xml" not in package.names:
        return ()
    return tuple(_string(item) for item in package.xml("xl/sharedStrings.xml").iter(_S + "si"))


def _string(item: "_Element") -> str:
    """A string's text without its reading aids (phonetic runs)."""
    reading = {t for run in item.iter(_S + "rPh") for t in run.iter(_S + "t")}
    return "".join(t.text or "" for t in item.iter(_S + "t") if t not in reading)


class _Texts(NamedTuple):
    """What the text of a cell depends on: shared strings, styles that show dates, the first day of the calendar."""

    shared: tuple[str, ...]
    dates: frozenset[str]
    from_1904: bool


def _starts_in_1904(book: "_Element") -> bool:
    return any(p.get("date1904") in ("1", "true") for p in book.iter(_S + "workbookPr"))


def _date_styles(package: Package) -> frozenset[str]:
    """The numbers of the cell styles that show a number as a date or time."""
    if "xl/styles.xml" not in package.names:
        return frozenset()
    root = package.xml("xl/styles.xml")
    codes = {f.get("numFmtId"): f.get("formatCode") or "" for f in root.iter(_S + "numFmt")}
    styles = (style for list_ in root.iter(_S + "cellXfs") for style in list_.iter(_S + "xf"))
    formats = [style.get("numFmtId") or "0" for style in styles]
    return frozenset(str(n) for n, key in enumerate(formats) if dates.is_date(key, codes.get(key, "")))


class _Sheet:
    """One sheet's cells by row, and its merged areas."""

    def __init__(self, root: "_Element", texts: "_Texts", ours: bool) -> None:
        self._rows: dict[int, dict[int, str]] = {}
        for (row, column), text in _cells(root, texts):
            if not (ours and words.patterns("template").fullmatch(words.simplify(text))):
                self._rows.setdefault(row, {})[column] = text
        hidden = _hidden(root)
        for cells in self._rows.values():
            for column in hidden & cells.keys():
                del cells[column]
        self._merged = {(a.top, a.left): a for a in _merges(root)}
        self._hidden = {place for a in self._merged.values() for place in _inside(a)} - set(self._merged)
        self._tied = {row for a in self._merged.values() for row in range(a.top + 1, a.bottom + 1)}

    def blocks(self) -> Iterator[Block]:
        """Rows of one long text as lines, the others as tables; an empty row ends a table."""
        group: list[int] = []
        for row in sorted(r for r, cells in self._rows.items() if any(cells.values())):
            lone = self._lone(row)
            if lone or (group and row > group[-1] + 1 and row not in self._tied):
                yield from self._table(group)
                group = []
            if lone:
                yield from (Line(words.trim(t)) for t in lone.split("\n") if words.trim(t))
            else:
                group.append(row)
        yield from self._table(group)

    def _lone(self, row: int) -> str:
        """The text of a row that has only one, where it is too long for a label."""
        texts = [t for c, t in self._rows[row].items() if t and (row, c) not in self._hidden]
        return texts[0] if len(texts) == 1 and len(texts[0]) > LONG else ""

    def _table(self, group: list[int]) -> Iterator[RawTable]:
        if not group:
            return
        first = min(min(self._rows[row]) for row in group)
        last = min(first + WIDTH, max(max(self._rows[row]) for row in group))
        yield RawTable(tuple(tuple(self._line(group, row, first, last)) for row in group))

    def _line(self, group: list[int], row: int, first: int, last: int) -> Iterator[RawCell]:
        for column in range(first, last + 1):
            if (row, column) not in self._hidden:
                area = self._merged.get((row, column), _Area(row, column, row, column))
                height = bisect_right(group, area.bottom) - bisect_left(group, area.top)
                text = self._rows[row].get(column, "")
                yield RawCell(text, height, area.right - area.left + 1)


def _hidden(root: "_Element") -> frozenset[int]:
    """The hidden columns, from 0, as far as tables reach."""
    found: set[int] = set()
    for columns in root.iter(_S + "col"):
        low, high = columns.get("min") or "", columns.get("max") or ""
        if columns.get("hidden") in ("1", "true") and low.isdigit() and high.isdigit():
            found |= set(range(int(low[:6]) - 1, min(int(high[:6]), WIDTH)))
    return frozenset(found)


def _inside(area: _Area) -> Iterator[tuple[int, int]]:
    for row in range(area.top, area.bottom + 1):
        for column in range(area.left, area.right + 1):
            yield row, column


def _merges(root: "_Element") -> Iterator[_Area]:
    """Merged areas, as far as they are of the size that tables have."""
    squares = 0
    for merge in root.iter(_S + "mergeCell"):
        ends = [_place(end) for end in (merge.get("ref") or "").split(":")]
        if len(ends) != 2 or ends[0] is None or ends[1] is None:
            continue
        area = _Area(*ends[0], *ends[1])
        squares += max(0, area.bottom - area.top + 1) * max(0, area.right - area.left + 1)
        if squares > SQUARES:
            return
        yield area


def _place(name: str) -> tuple[int, int] | None:
    """Row and column from 0 of an A1 name."""
    found = square(name)
    return (found[0] - 1, found[1] - 1) if found else None


def _cells(root: "_Element", texts: "_Texts") -> Iterator[tuple[tuple[int, int], str]]:
    for cell in root.iter(_S + "c"):
        place = _place(cell.get("r") or "")
        if place:
            yield place, words.trim(_value(cell, texts))


def _value(cell: "_Element", texts: "_Texts") -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(_string(item) for item in cell.iter(_S + "is"))
    value = cell.find(_S + "v")
    text = (value.text or "") if value is not None else ""
    if kind == "s":
        known = text.isascii() and text.isdigit() and int(text) < len(texts.shared)
        return texts.shared[int(text)] if known else ""
    number = exact(text) if kind == "n" and text else None
    if number is not None and cell.get("s", "0") in texts.dates:
        return dates.shown(number, texts.from_1904)
    return text if number is None else f"{Decimal(number):f}"
