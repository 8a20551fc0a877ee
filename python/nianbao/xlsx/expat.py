"""The careful reading of a workbook's XML parts, with expat: whatever is well-formed is understood.

Document types are refused (no entity, no external file is ever read); elements of foreign namespaces and
phonetic readings are passed over; elements count only where the standard puts them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, NamedTuple
from xml.parsers.expat import ExpatError, ParserCreate, XMLParserType

from nianbao.core.grid import column_name, column_number
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
    elements: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        elements.append((name, attributes))
        if len(elements) > _ELEMENTS:
            raise too_large("XML 元素过多")

    def prepare(parser: XMLParserType) -> None:
        parser.StartElementHandler = start

    parse(data, prepare)
    return iter(elements)


class _SheetParser:
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


class _Strings(_SheetParser):
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


class _Cells(_SheetParser):
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


class Structure(NamedTuple):
    """What a sheet part holds beside contents: formulas and styles (by number) of its cells, the areas of its
    validations (each with its kind, ``whole``) and conditional formats (``B5:K9 M5``), whether it is protected, what
    of it is hidden."""

    formulas: dict[tuple[int, int], str]
    styles: dict[tuple[int, int], int]
    validations: list[tuple[str, str]]
    conditions: list[str]
    protected: bool
    hidden: Hidden


class Hidden(NamedTuple):
    """The rows of a sheet that are hidden, and the columns, from first to last."""

    rows: set[int]
    columns: list[tuple[int, int]]

    def holds(self, row: int, column: int) -> bool:
        """Whether a cell is out of sight."""
        return row in self.rows or any(first <= column <= last for first, last in self.columns)


_EXTENDED = (
    "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main",
    "http://schemas.microsoft.com/office/excel/2006/main",
)


_RANGED = ("dataValidation", "conditionalFormatting")


class _Structure(_SheetParser):
    inside: ClassVar = {
        "worksheet": frozenset(
            {"cols", "sheetData", "dataValidations", "conditionalFormatting", "sheetProtection"}
        ),
        "cols": frozenset({"col"}),
        "col": frozenset(),
        "sheetData": frozenset({"row"}),
        "row": frozenset({"c"}),
        "c": frozenset({"f"}),
        "f": frozenset(),
        "dataValidations": frozenset({"dataValidation"}),
        "dataValidation": frozenset(),
        "conditionalFormatting": frozenset(),
        "sheetProtection": frozenset(),
    }
    root = "worksheet"
    texts = frozenset({"f"})

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit, self.at = limit, (0, 0)
        self.formulas: dict[tuple[int, int], str] = {}
        self.shared: dict[str, tuple[tuple[int, int], str]] = {}
        self.group = ""
        self.styles: dict[tuple[int, int], int] = {}
        self.validations: list[tuple[str, str]] = []
        self.conditions: list[str] = []
        self.protected = False
        self.hidden, self.row = Hidden(set(), []), 0
        self.extension = self.kind = ""
        self.area: list[str] | None = None

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        namespace, _, name = qualified.rpartition(" ")
        if (
            namespace in _EXTENDED
        ):  # some programs write what Excel 2010 added also where nothing of it is needed
            if name in _RANGED:
                self.extension, self.kind = name, attributes.get("type", "")
            self.area = [] if name == "sqref" else None
        super()._start(qualified, attributes)

    def _characters(self, text: str) -> None:
        if self.area is not None:
            self.area.append(text)
        super()._characters(text)

    def _end(self, qualified: str) -> None:
        if self.area is not None:
            self._area(self.extension, self.kind, "".join(self.area))
            self.area = None
        super()._end(qualified)

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self.at = address(attributes.get("r", ""))
            style = attributes.get("s", "0")
            self.styles[self.at] = int(style) if style.isascii() and style.isdigit() else 0
            if len(self.styles) > self.limit:
                raise too_large("单元格过多")
        elif name == "row":
            self.row = _row(attributes.get("r"), self.row)
            if _true(attributes.get("hidden")):
                self.hidden.rows.add(self.row)
        elif name == "col" and _true(attributes.get("hidden")):
            first, last = attributes.get("min", ""), attributes.get("max", "")
            if first.isdecimal() and last.isdecimal():
                self.hidden.columns.append((int(first), int(last)))
        elif name == "f":
            self.group = attributes.get("si", "") if attributes.get("t") == "shared" else ""
        elif name == "sheetProtection":
            self.protected = attributes.get("sheet", "0") in ("1", "true")
        elif name in ("dataValidation", "conditionalFormatting"):
            self._area(name, attributes.get("type", ""), attributes.get("sqref", ""))

    def _area(self, name: str, kind: str, area: str) -> None:
        if name == "dataValidation":
            self.validations.append((kind, area))
        else:
            self.conditions.append(area)

    def closed(self, name: str, text: str) -> None:
        if name != "f":
            return
        if self.group and text:
            self.shared[self.group] = self.at, text
        elif self.group in self.shared:
            text = _moved(*self.shared[self.group], self.at)
        self.formulas[self.at] = text


def _true(text: str | None) -> bool:
    return text in ("1", "true")


_RELATIVE = re.compile(r"(\$?)([A-Z]{1,3})(\$?)([1-9][0-9]{0,6})(?![0-9A-Za-z_(])")


def _moved(source: tuple[int, int], formula: str, target: tuple[int, int]) -> str:
    """A shared formula as it stands in another cell of its group."""
    down, along = target[0] - source[0], target[1] - source[1]

    def place(match: re.Match[str]) -> str:
        column = match[2] if match[1] else column_name(max(column_number(match[2]) + along, 1))
        row = match[4] if match[3] else str(int(match[4]) + down)
        return f"{match[1]}{column}{match[3]}{row}"

    return _RELATIVE.sub(place, formula)


def structure(data: bytes, limit: int) -> Structure:
    """What a sheet part holds beside the contents of its cells."""
    reader = _Structure(limit)
    parse(data, reader.prepare)
    return Structure(
        reader.formulas, reader.styles, reader.validations, reader.conditions, reader.protected, reader.hidden
    )


class _Names(_SheetParser):
    inside: ClassVar = {"definedNames": frozenset({"definedName"}), "definedName": frozenset()}
    root = "definedNames"
    texts = frozenset({"definedName"})

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, str] = {}
        self.name = ""

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        self.name = attributes.get("name", "")

    def closed(self, name: str, text: str) -> None:
        if name == "definedName":
            self.names[self.name] = text


def names(data: bytes) -> dict[str, str]:
    """The defined names of a workbook part and what they refer to."""
    reader = _Names()
    parse(data, reader.prepare)
    return reader.names


def looks(data: bytes) -> list[tuple[bool, str]]:
    """Of every cell style in a part of styles: whether its cells are locked, and the code of its number format."""
    codes = {"0": "General", "1": "0", "49": "@"}
    styles: list[tuple[bool, str]] = []
    inside = False
    for qualified, attributes in elements(data):
        name = qualified.rpartition(" ")[2]
        if name == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name in ("cellXfs", "cellStyles", "dxfs"):
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            number = attributes.get("numFmtId", "0")
            styles.append((True, codes.get(number, number)))
        elif name == "protection" and inside and styles:
            styles[-1] = (attributes.get("locked", "1") in ("1", "true"), styles[-1][1])
    return styles
