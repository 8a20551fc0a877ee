"""A Word file (.docx) or an old workbook of another layout (.xlsx) → its text and tables in the order of the document."""

import io
import re
import struct
import zipfile
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from decimal import Decimal
from posixpath import join, normpath
from typing import TYPE_CHECKING, NamedTuple

from nianbao.core.files import Unreadable
from nianbao.core.grid import square
from nianbao.core.number import day_text, exact
from nianbao.ingest import words
from nianbao.ingest.blocks import SQUARES, WIDTH, Block, Line, RawCell, RawTable, Source, gathered
from nianbao.xlsx.value import is_date

if TYPE_CHECKING:
    from lxml.etree import _Element

#: A part may not inflate beyond this, nor have more elements than this.
INFLATED = 64 * 1_048_576
ELEMENTS = 2_000_000
#: The strict namespaces, which some programs write, beside the usual ones.
_STRICT = re.compile(
    rb"http://purl\.oclc\.org/ooxml/(wordprocessingml|spreadsheetml|officeDocument)/(main|relationships)"
)
_USUAL = rb"http://schemas.openxmlformats.org/\1/2006/\2"
_TODO = "请用 Word 或 WPS 打开后另存一份再导入"


class OfficeFile:
    """An Office file; ``Unreadable`` where its directory is damaged."""

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
            raise Unreadable(name, "文件已损坏", _TODO) from None
        self._left = INFLATED

    @property
    def names(self) -> frozenset[str]:
        """The parts of the file."""
        return frozenset(self._zip.namelist())

    def xml(self, part: str) -> "_Element":
        """A part parsed; ``Unreadable`` where it is missing, damaged, encrypted, too large or declares a DTD."""
        from lxml import etree

        data = _STRICT.sub(_USUAL, self._inflated(part))
        if data.count(b"<") > 2 * ELEMENTS:
            raise Unreadable(self._name, "内容太多，不是一份年度报告", "请只保留年度报告后再导入")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError:
            raise Unreadable(self._name, "文件已损坏，或嵌套过深", _TODO) from None
        if root.getroottree().docinfo.internalDTD is not None:
            raise Unreadable(self._name, "文件带有实体声明，不是 Office 软件写的", _TODO)
        return root

    def _inflated(self, part: str) -> bytes:
        """A part's bytes; the bound counts what comes out, not what the directory promises."""
        try:
            with self._zip.open(part) as file:
                data = file.read(self._left + 1)
        except (KeyError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
            raise Unreadable(self._name, "文件已损坏或加了密码", _TODO) from None
        self._left -= len(data)
        if self._left < 0:
            raise Unreadable(self._name, "文件解压后超过 64 MB", "请只保留年度报告后再导入")
        return data


WORD = "word/document.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
#: Not text of the document: deletions, moved-away text, old pictures of what is also there in a newer form.
_SKIPPED = frozenset(
    {_W + "del", _W + "moveFrom", _W + "instrText", _W + "delText", _MC + "Fallback", _W + "rPr"}
)
_BOX = _W + "txbxContent"
_WRAPPERS = frozenset(
    {_W + "sdt", _W + "sdtContent", _W + "ins", _W + "moveTo", _W + "customXml", _W + "smartTag"}
)


def read_word(data: bytes, name: str) -> Source:
    """The document's blocks; automatic numbers of paragraphs are not in the text and are told as a doubt."""
    root = OfficeFile(data, name).xml(WORD)
    body = root.find(_W + "body")
    blocks = gathered(_blocks(body), name) if body is not None else ()
    pictures = next(root.iter("{*}blip", "{*}imagedata"), None) is not None
    return Source(blocks, (), tuple(_numbered(body) if body is not None else ()), pictures)


def _numbered(body: "_Element") -> Iterator[str]:
    count = sum(1 for p in body.iter(_W + "p") if p.find(f"{_W}pPr/{_W}numPr") is not None and _text(p))
    if count:
        yield f"文中有 {count} 段用了自动编号，编号没有读入，请核对段首的序号"


def _blocks(parent: "_Element") -> Iterator[Block]:
    """Paragraphs and tables in order; a paragraph whose end was deleted goes on in the next one, and the text of a box
    stands behind the paragraph that it hangs on."""
    begun = ""
    for child in _content(parent):
        if child.tag == _W + "p":
            begun += _text(child)
            if not _joined(child):
                yield from _lines(begun)
                begun = ""
            for box in _boxes(child):
                yield from _blocks(box)
        else:
            yield from _lines(begun)
            begun = ""
            yield from _table(child)
    yield from _lines(begun)


def _content(parent: "_Element") -> Iterator["_Element"]:
    """The paragraphs and tables in an element and in what is wrapped around them, without prompts to fill in."""
    for child in parent:
        if child.tag in (_W + "p", _W + "tbl"):
            yield child
        elif child.tag in _WRAPPERS and child.find(f"{_W}sdtPr/{_W}showingPlcHdr") is None:
            yield from _content(child)


def _joined(paragraph: "_Element") -> bool:
    """Whether a tracked change deleted the end of a paragraph."""
    mark = paragraph.find(f"{_W}pPr/{_W}rPr")
    return mark is not None and any(mark.find(_W + name) is not None for name in ("del", "moveFrom"))


def _boxes(parent: "_Element") -> Iterator["_Element"]:
    """The text boxes that hang on a paragraph, each once."""
    for child in parent:
        if child.tag == _BOX:
            yield child
        elif child.tag not in _SKIPPED:
            yield from _boxes(child)


def _lines(text: str) -> Iterator[Line]:
    for line in text.split("\n"):
        if words.trim(line):
            yield Line(words.trim(line))


def _text(paragraph: "_Element") -> str:
    return "".join(_pieces(paragraph, superscript=False))


def _pieces(parent: "_Element", superscript: bool) -> Iterator[str]:
    for child in parent:
        tag = child.tag
        if tag in _SKIPPED or (tag == _W + "r" and _gone(child)):
            continue
        if tag == _W + "t":
            yield child.text or ""
        elif tag in (_W + "tab", _W + "ptab"):
            yield "\t" if parent.tag == _W + "r" else ""
        elif tag in (_W + "br", _W + "cr"):
            yield "\n"
        elif tag == _W + "noBreakHyphen":
            yield "-"
        elif tag == _W + "sym":
            yield _symbol(child)
        elif tag == _W + "r" and superscript and _raised(child):
            mark = "".join(_pieces(child, superscript))
            yield f"[{mark.strip('[]')}]" if mark else ""
        elif tag not in (_W + "tbl", _W + "pPr", _BOX):
            yield from _pieces(child, superscript)


def _symbol(sign: "_Element") -> str:
    """A sign inserted by its number; fonts of pictures show under it what no text can hold."""
    number = re.fullmatch("[Ff]0([2-7][0-9A-Fa-f])|[0-9A-Ca-c][0-9A-Fa-f]{3}", sign.get(_W + "char") or "")
    if number is None or "dings" in (sign.get(_W + "font") or "").lower():
        return "□"
    return chr(int(number[1] or number[0], 16))


def _on(run: "_Element", name: str) -> bool:
    mark = run.find(f"{_W}rPr/{_W}{name}")
    return mark is not None and mark.get(_W + "val") not in ("0", "false", "none", "off")


def _gone(run: "_Element") -> bool:
    """Struck-out and hidden text does not count."""
    return any(_on(run, name) for name in ("strike", "dstrike", "vanish"))


def _raised(run: "_Element") -> bool:
    mark = run.find(f"{_W}rPr/{_W}vertAlign")
    return mark is not None and mark.get(_W + "val") in ("superscript", "subscript")


def _rows(table: "_Element") -> Iterator["_Element"]:
    """The rows of a table, without those that a tracked change deleted."""
    for child in table:
        if child.tag == _W + "tr":
            if child.find(f"{_W}trPr/{_W}del") is None:
                yield child
        elif child.tag in _WRAPPERS:
            yield from _rows(child)


def _cells(row: "_Element") -> Iterator["_Element"]:
    for child in row:
        if child.tag == _W + "tc":
            if child.find(f"{_W}tcPr/{_W}cellDel") is None:
                yield child
        elif child.tag in _WRAPPERS:
            yield from _cells(child)


def _table(table: "_Element") -> Iterator[Block]:
    """The table, or what is in it where it only arranges the page (one cell, or tables within)."""
    rows = [list(_cells(row)) for row in _rows(table)]
    inner = any(len(list(_cells(row))) > 1 for t in table.iterdescendants(_W + "tbl") for row in _rows(t))
    if inner or all(len(row) <= 1 for row in rows):
        for row in rows:
            for cell in row:
                yield from _blocks(cell)
        return
    yield RawTable(tuple(_merged(rows, [_before(row) for row in _rows(table)])))


def _before(row: "_Element") -> int:
    skipped = row.find(f"{_W}trPr/{_W}gridBefore")
    return _number(skipped)


def _number(element: "_Element | None", default: int = 0) -> int:
    value = element.get(_W + "val") if element is not None else None
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 5 else default


class _Place:
    """A cell on its way: where it begins, how wide it is, and how far it reaches down."""

    def __init__(self, text: str, column: int, columns: int) -> None:
        self.text, self.column, self.columns, self.rows = text, column, columns, 1


def _merged(rows: list[list["_Element"]], before: list[int]) -> Iterator[tuple[RawCell, ...]]:
    """Rows with vertical merges counted as row spans."""
    above: dict[int, _Place] = {}
    placed: list[list[_Place]] = []
    for cells, column in zip(rows, before, strict=True):
        line = [_Place("", 0, column)] if column else []
        now: dict[int, _Place] = {}
        for cell in cells:
            columns = max(1, _number(cell.find(f"{_W}tcPr/{_W}gridSpan"), 1))
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            upper = above.get(column)
            if (
                merge is not None
                and merge.get(_W + "val") != "restart"
                and upper
                and upper.columns == columns
            ):
                upper.rows += 1
                now[column] = upper
            else:
                place = _Place(_cell_text(cell), column, columns)
                line.append(place)
                now[column] = place
            column += columns
        above = now
        placed.append(line)
    for line in placed:
        yield tuple(RawCell(p.text, p.rows, p.columns) for p in line)


def _cell_text(cell: "_Element") -> str:
    lines = ("".join(_pieces(p, superscript=True)) for p in _paragraphs(cell))
    return "\n".join(words.trim(line) for line in lines if words.trim(line))


def _paragraphs(parent: "_Element") -> Iterator["_Element"]:
    """The paragraphs in a cell, in its tables and boxes too, each once."""
    for child in parent:
        if child.tag == _W + "p":
            yield child
        if child.tag not in _SKIPPED:
            yield from _paragraphs(child)


WORKBOOK = "xl/workbook.xml"
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


def read_workbook(data: bytes, name: str) -> Source:
    """Visible sheets in order; a sheet's name stands before its rows, as it may be a section's heading."""
    package = OfficeFile(data, name)
    book = package.xml(WORKBOOK)
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


def _targets(package: OfficeFile) -> Mapping[str, str]:
    root = package.xml("xl/_rels/workbook.xml.rels")
    return {r.get("Id") or "": normpath(join("/xl", r.get("Target") or "")).lstrip("/") for r in root}


def _shared(package: OfficeFile) -> tuple[str, ...]:
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


def _date_styles(package: OfficeFile) -> frozenset[str]:
    """The numbers of the cell styles that show a number as a date or time."""
    if "xl/styles.xml" not in package.names:
        return frozenset()
    root = package.xml("xl/styles.xml")
    codes = {f.get("numFmtId"): f.get("formatCode") or "" for f in root.iter(_S + "numFmt")}
    styles = (style for list_ in root.iter(_S + "cellXfs") for style in list_.iter(_S + "xf"))
    formats = [style.get("numFmtId") or "0" for style in styles]
    return frozenset(str(n) for n, key in enumerate(formats) if is_date(codes.get(key) or key))


class _Sheet:
    """One sheet's cells by row, and its merged areas."""

    def __init__(self, root: "_Element", texts: "_Texts", ours: bool) -> None:
        self._rows: dict[int, dict[int, str]] = {}
        for (row, column), text in _written(root, texts):
            if not (ours and words.patterns("template").fullmatch(words.simplify(text))):
                self._rows.setdefault(row, {})[column] = text
        hidden = _hidden(root)
        for cells in self._rows.values():
            for column in hidden & cells.keys():
                del cells[column]
        areas = (a for a in _merges(root) if not (ours and self._slipped(a)))
        self._merged = {(a.top, a.left): a for a in areas}
        self._hidden = {place for a in self._merged.values() for place in _inside(a)} - set(self._merged)
        self._tied = {row for a in self._merged.values() for row in range(a.top + 1, a.bottom + 1)}

    def _slipped(self, area: _Area) -> bool:
        """True if an area of our template covers texts: rows were inserted or deleted and it stayed where it was."""
        covered = (place for place in _inside(area) if place != (area.top, area.left))
        return any(self._rows.get(row, {}).get(column) for row, column in covered)

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
    hidden: set[int] = set()
    for columns in root.iter(_S + "col"):
        low, high = columns.get("min") or "", columns.get("max") or ""
        if columns.get("hidden") in ("1", "true") and low.isdigit() and high.isdigit():
            hidden |= set(range(int(low[:6]) - 1, min(int(high[:6]), WIDTH)))
    return frozenset(hidden)


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
    place = square(name)
    return (place[0] - 1, place[1] - 1) if place else None


def _written(root: "_Element", texts: "_Texts") -> Iterator[tuple[tuple[int, int], str]]:
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
        return day_text(number, texts.from_1904)
    return text if number is None else f"{Decimal(number):f}"
