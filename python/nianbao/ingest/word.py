"""A Word file (.docx) → its paragraphs and tables in the order of the document."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nianbao.ingest import words
from nianbao.ingest.blocks import Block, Line, RawCell, RawTable, Source, gathered
from nianbao.ingest.package import Package

if TYPE_CHECKING:
    from lxml.etree import _Element

PART = "word/document.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
#: Not text of the document: deletions, moved-away text, old pictures of what is also there in a newer form.
_SKIPPED = frozenset(
    {_W + "del", _W + "moveFrom", _W + "instrText", _W + "delText", _MC + "Fallback", _W + "rPr"}
)
_WRAPPERS = frozenset(
    {_W + "sdt", _W + "sdtContent", _W + "ins", _W + "moveTo", _W + "customXml", _W + "smartTag"}
)


def read(data: bytes, name: str) -> Source:
    """The document's blocks; automatic numbers of paragraphs are not in the text and are told as a doubt."""
    root = Package(data, name).xml(PART)
    body = root.find(_W + "body")
    blocks = gathered(_blocks(body), name) if body is not None else ()
    return Source(blocks, (), tuple(_numbered(body) if body is not None else ()))


def _numbered(body: "_Element") -> Iterator[str]:
    count = sum(1 for p in body.iter(_W + "p") if p.find(f"{_W}pPr/{_W}numPr") is not None and _text(p))
    if count:
        yield f"文中有 {count} 段用了自动编号，编号没有读入，请核对段首的序号"


def _blocks(parent: "_Element") -> Iterator[Block]:
    for child in parent:
        if child.tag == _W + "p":
            yield from _lines(child)
        elif child.tag == _W + "tbl":
            yield from _table(child)
        elif child.tag in _WRAPPERS:
            yield from _blocks(child)


def _lines(paragraph: "_Element") -> Iterator[Line]:
    for text in _text(paragraph).split("\n"):
        if words.trim(text):
            yield Line(words.trim(text))


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
        elif tag == _W + "r" and superscript and _raised(child):
            yield f"[{''.join(_pieces(child, superscript))}]"
        elif tag not in (_W + "tbl", _W + "pPr"):
            yield from _pieces(child, superscript)


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
    for child in table:
        if child.tag == _W + "tr":
            yield child
        elif child.tag in _WRAPPERS:
            yield from _rows(child)


def _cells(row: "_Element") -> Iterator["_Element"]:
    for child in row:
        if child.tag == _W + "tc":
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
    lines = ("".join(_pieces(p, superscript=True)) for p in cell.iter(_W + "p"))
    return "\n".join(words.trim(line) for line in lines if words.trim(line))
