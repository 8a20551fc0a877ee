"""The careful reading of a workbook's XML parts, with expat: whatever is well-formed is understood.

Document types are refused (no entity, no external file is ever read); elements of foreign namespaces and
phonetic readings are passed over; elements count only where the standard puts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType

from nianbao.xlsx.value import (
    MAIN,
    STRICT_MAIN,
    Defect,
    Value,
    address,
    position,
    settle,
    too_large,
    unescape,
)

_ENCODING = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"'>]*)[\"']")
_LONG_TAG = re.compile(rb"<[^<>]{100000}")
_DEPTH = 500
_ELEMENTS = 100_000
_ENCODINGS = {b"UTF-8", b"UTF-16", b"US-ASCII", b"ISO-8859-1"}


def parse(data: bytes, prepare: Callable[[XMLParserType], None]) -> None:
    """Parse one part with the handlers that `prepare` sets; raises Defect on anything not well-formed."""
    encoding = _ENCODING.match(data)
    if encoding and encoding[1].upper() not in _ENCODINGS:
        raise Defect("内容使用了不支持的字符编码")
    if len(data) > 100_000 and _LONG_TAG.search(data):
        raise too_large("XML 标记过长")
    parser = ParserCreate(None, " ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    prepare(parser)
    try:
        parser.Parse(data, True)
    except (ExpatError, LookupError, ValueError):
        raise Defect("内容损坏（XML 有误）") from None


def _refuse(name: str, system: str | None, public: str | None, internal: int) -> None:
    raise Defect("内容可疑（XML 中含有文档类型声明）")


def elements(data: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Every element of a small part in order: its name ("namespace local") and its attributes."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((name, attributes))
        if len(found) > _ELEMENTS:
            raise too_large("XML 元素过多")

    def prepare(parser: XMLParserType) -> None:
        parser.StartElementHandler = start

    parse(data, prepare)
    return iter(found)


class _Reader:
    """Walks the elements that `inside` knows, calling `opened` and `closed`; all others are skipped whole.

    `inside` maps an element to its children; `root` is looked for at any depth.
    """

    inside: ClassVar[Mapping[str, frozenset[str]]] = {}
    root = ""
    texts: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.path: list[str] = []
        self.skipped = self.depth = 0
        self.text: list[str] = []

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def closed(self, name: str, text: str) -> None:
        raise NotImplementedError

    def prepare(self, parser: XMLParserType) -> None:
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > _DEPTH:
            raise too_large("XML 嵌套过深")
        namespace, _, name = qualified.rpartition(" ")
        known = self.inside[self.path[-1]] if self.path else (self.root,)
        if self.skipped or name not in known or namespace not in (MAIN, STRICT_MAIN):
            self.skipped += 1 if self.path else 0
            return
        self.path.append(name)
        if name in self.texts:
            self.text = []
        self.opened(name, attributes)

    def _end(self, qualified: str) -> None:
        self.depth -= 1
        if self.skipped:
            self.skipped -= 1
        elif self.path:
            self.closed(self.path.pop(), "".join(self.text))

    def _characters(self, text: str) -> None:
        if not self.skipped and self.path and self.path[-1] in self.texts:
            self.text.append(text)


class _Strings(_Reader):
    inside: ClassVar = {
        "sst": frozenset({"si"}),
        "si": frozenset({"t", "r"}),
        "r": frozenset({"t"}),
        "t": frozenset(),
    }
    root = "sst"
    texts = frozenset({"t"})

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit
        self.strings: list[str] = []
        self.runs: list[str] = []

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self.runs = []

    def closed(self, name: str, text: str) -> None:
        if name == "t":
            self.runs.append(unescape(text))
        elif name == "si":
            if len(self.strings) >= self.limit:
                raise too_large("文字条目过多")
            self.strings.append("".join(self.runs))


def strings(data: bytes, limit: int) -> list[str]:
    """The shared strings in order, rich text joined, phonetic readings left out."""
    reader = _Strings(limit)
    parse(data, reader.prepare)
    return reader.strings


class _Cells(_Reader):
    inside: ClassVar = {
        "sheetData": frozenset({"row"}),
        "row": frozenset({"c"}),
        "c": frozenset({"v", "f", "is"}),
        "is": frozenset({"t", "r"}),
        "r": frozenset({"t"}),
        "t": frozenset(),
        "v": frozenset(),
        "f": frozenset(),
    }
    root = "sheetData"
    texts = frozenset({"v", "t"})

    def __init__(self, strings: list[str], limit: int, last: int | None) -> None:
        super().__init__()
        self.strings = strings
        self.limit, self.last = limit, last
        self.cells: dict[tuple[int, int], Value] = {}
        self.row = self.column = 0
        self.place: str | None = None
        self.kind = "n"
        self.value: str | None = None
        self.runs: list[str] | None = None
        self.formula = False

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._cell(attributes)
        elif name == "f":
            self.formula = True
        elif name == "is":
            self.runs = []
        elif name == "row":
            self.row = _row(attributes.get("r"), self.row)
            self.column, self.place = 0, None

    def _cell(self, attributes: dict[str, str]) -> None:
        before, self.place = self.place, attributes.get("r")
        if self.place is None:
            self.column = (self.column if before is None else address(before)[1]) + 1
        self.kind = attributes.get("t", "n")
        self.value, self.runs, self.formula = None, None, False

    def closed(self, name: str, text: str) -> None:
        if name == "v":
            self.value = text if self.value is None else self.value
        elif name == "t" and self.runs is not None:
            self.runs.append(unescape(text))
        elif name == "c":
            self._store()

    def _store(self) -> None:
        value: Value | None
        if self.kind == "inlineStr" and self.runs is not None:
            value = Value("s", "".join(self.runs), self.formula)
        else:
            raw = None if self.kind == "inlineStr" else self.value
            value = settle(self.kind, raw, self.strings, self.formula)
        if value is not None:
            at = position(self.row, self.column) if self.place is None else address(self.place)
            if self.last is None or at[1] <= self.last:
                self.cells[at] = value
            if len(self.cells) > self.limit:
                raise too_large("单元格过多")


def _row(number: str | None, last: int) -> int:
    if number is None:
        return last + 1
    if number.isascii() and number.isdigit() and len(number) < 8:
        return int(number)
    raise Defect("内容损坏（行号无法识别）")


def cells(
    data: bytes, strings: list[str], limit: int, last: int | None = None
) -> dict[tuple[int, int], Value]:
    """The cells with content of one sheet part, by (row, column); none right of column `last`."""
    reader = _Cells(strings, limit, last)
    parse(data, reader.prepare)
    return reader.cells
