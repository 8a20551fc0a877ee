"""Edits a closed workbook in its parts' own bytes: cells, notes, links, tabs; whatever is not changed stays as it is.

Only parts of the plain shape that spreadsheets write are edited; :class:`Unforeseen` is raised on anything else, and
nothing has been changed then.
"""

import html
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, cached_property, partial
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from nianbao.core.grid import a1, column_name, column_number
from nianbao.xlsx.container import Container
from nianbao.xlsx.value import MAIN, Limits

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument"
_NO_RELATIONS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)
_CONTENT_TYPES = "[Content_Types].xml"
_UTF8 = re.compile(rb'<\?xml version="1\.0" encoding="(?:UTF|utf)-8"(?: standalone="(?:yes|no)")?\s*\?>\s*')
_ROW = re.compile(rb"<row ([^>]*?)(?:/>|>(.*?)</row>)\s*", re.S)
_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"([^>]*?)(?:/>|>(.*?)</c>)\s*', re.S)
_STYLE = re.compile(rb'\bs="([0-9]+)"')
_COLUMN = re.compile(rb'<col\b(?=[^>]* min="([0-9]+)")(?=[^>]* max="([0-9]+)")[^>]* style="([0-9]+)"')
#: Tags and texts in turn, every attribute in double quotes.
_TAGS = re.compile(rb"""[^<>]*+(?:<[^<>"']*+(?:"[^<>"]*+"[^<>"']*+)*+>[^<>]*+)*+""")
_RESULT = re.compile(rb"<v(?:/>|>[^<]*</v>)")
_PLACE = re.compile("([A-Z]{1,3})([0-9]{1,7})")
#: What stands behind the hyperlinks, and behind the drawing of the notes, in a sheet.
_BEHIND_LINKS = re.compile(rb"<(?:printOptions|pageMargins)\b")
_BEHIND_NOTES = re.compile(
    rb"<(?:legacyDrawingHF|drawingHF|picture|oleObjects|controls|webPublishItems|tableParts|extLst)\b|</worksheet>"
)
#: Parts without which a copy can not be vouched for.
_STRANGE = re.compile(r"vbaproject|externallink|_xmlsignatures|\.bin$", re.I)


class Unforeseen(Exception):
    """A part that is not of the shape that is edited here."""


class Note(NamedTuple):
    """A note on a cell, with the size of its window in pixels."""

    row: int
    column: int
    text: str
    width: int
    height: int


class _Held(NamedTuple):
    """What a cell is: its attributes but for its address, and what stands in it (None: a blank)."""

    attributes: bytes
    inner: bytes | None

    @property
    def style(self) -> bytes:
        return match[1] if (match := _STYLE.search(self.attributes)) else b""


class _RowXml(NamedTuple):
    attributes: bytes
    cells: dict[int, _Held]


class Strings:
    """The workbook's table of texts, to which texts are added."""

    def __init__(self, data: bytes) -> None:
        _plain(data, b"sst")
        if not data.rstrip().endswith(b"</sst>"):
            raise Unforeseen
        self._data, self._first = data.rstrip(), data.count(b"<si>") + data.count(b"<si/>")
        self._added: dict[str, int] = {}

    def index(self, text: str) -> int:
        """The number of a text."""
        return self._added.setdefault(text, self._first + len(self._added))

    def packed(self) -> bytes:
        """The part as bytes; how many texts it has need not be said."""
        counts = re.compile(rb' (?:count|uniqueCount)="[0-9]+"')
        bare = re.sub(rb"<sst\b[^>]*>", lambda root: counts.sub(b"", root[0]), self._data, count=1)
        new = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in self._added)
        return bare.removesuffix(b"</sst>") + new.encode() + b"</sst>"


def _plain(data: bytes, root: bytes) -> None:
    """Raises Unforeseen unless tags are what stands between < and >, in UTF-8 and the main namespace, and nothing else
    (comments, sections, declarations) is there."""
    begins = _UTF8.match(data)
    start = begins.end() if begins else 0
    if not re.match(rb"<" + root + rb'\b[^>]* xmlns="' + MAIN.encode() + rb'"', data[start : start + 4000]):
        raise Unforeseen
    body = data[start:]
    if b"<!" in body or b"<?" in body or _TAGS.fullmatch(body) is None:
        raise Unforeseen


class SheetPart:
    """A sheet's part: its rows and cells, and what stands before and behind them."""

    def __init__(self, data: bytes, strings: Strings) -> None:
        _plain(data, b"worksheet")
        start, end = data.find(b"<sheetData>"), data.find(b"</sheetData>")
        if start < 0 or end < start or data.count(b"<sheetData") != 1:
            raise Unforeseen
        self._strings = strings
        self.head, self.tail = data[: start + 11], data[end:]
        self.rows: dict[int, _RowXml] = {}
        self._body = data[start + 11 : end]
        self._columns = [(int(a), int(b), style) for a, b, style in _COLUMN.findall(self.head)]

    @cached_property
    def _raw(self) -> dict[int, tuple[bytes, bytes | None]]:
        """The rows that were not looked into yet: attributes and cells."""
        cells: dict[int, tuple[bytes, bytes | None]] = {}
        last = 0
        for match in _whole(_ROW, self._body):
            number = re.search(rb'(?:^| )r="([0-9]{1,7})"', match[1])
            if number is None or int(number[1]) <= last:
                raise Unforeseen
            last = int(number[1])
            cells[last] = match[1], match[2]
        return cells

    def numbers(self) -> list[int]:
        """The rows that are there."""
        return sorted(self._raw.keys() | self.rows.keys())

    def row(self, number: int) -> dict[int, _Held]:
        """The cells of a row by column."""
        if number not in self.rows:
            attributes, body = self._raw.pop(number, (b'r="%d"' % number, None))
            cells: dict[int, _Held] = {}
            last, here = 0, b"%d" % number
            for match in _whole(_CELL, body or b""):
                letters, digits, look, inner = match.groups()
                column = _column(letters)
                if digits != here or column <= last:
                    raise Unforeseen
                last = column
                cells[column] = _Held(look, inner)
            self.rows[number] = _RowXml(re.sub(rb' ?spans="[^"]*"', b"", attributes), cells)
        return self.rows[number].cells

    def put(self, row: int, column: int, value: int | Decimal | str | None) -> None:
        """Write a value into a cell; its look stays, or is its column's. Raises Unforeseen on a formula."""
        if value is None and row not in self.rows and row not in self._raw:
            return
        cells = self.row(row)
        held = cells.get(column)
        if held is not None and held.inner and b"<f" in held.inner:
            raise Unforeseen
        if value is None and held is None:
            return
        style = held.style if held is not None else self._style(row, column)
        look = b' s="%s"' % style if style else b""
        if value is None:
            cells[column] = _Held(look, None)
        elif isinstance(value, str):
            cells[column] = _Held(look + b' t="s"', b"<v>%d</v>" % self._strings.index(value))
        else:
            cells[column] = _Held(look, b"<v>%s</v>" % str(value).encode())

    def copy(self, row: int, column: int, target: int) -> None:
        """Copy what a cell holds (of a formula: its result) into another column."""
        held = self.row(row).get(column) if row in self.rows or row in self._raw else None
        result = _RESULT.search(held.inner) if held and held.inner else None
        inline = bool(held and held.inner and b"<is>" in held.inner)
        if held is None or not held.inner or not (result or inline):
            self.put(row, target, None)
            return
        self.put(row, target, 0)
        kind = re.search(rb' t="[a-zA-Z]+"', held.attributes)
        look = b' s="%s"' % s if (s := self.row(row)[target].style) else b""
        inner = held.inner if inline else result[0] if result else None
        self.row(row)[target] = _Held(look + (kind[0] if kind else b""), inner)

    def result(self, row: int, column: int, value: int | str) -> None:
        """Write what a formula comes to, where there is one."""
        cells = self.row(row)
        held = cells.get(column)
        if held is None or not held.inner or b"<f" not in held.inner:
            return
        bare = re.sub(rb' t="[a-zA-Z]+"', b"", held.attributes)
        kind = b' t="str"' if isinstance(value, str) else b""
        shown = escape(str(value)).encode()
        cells[column] = _Held(bare + kind, _RESULT.sub(b"", held.inner) + b"<v>" + shown + b"</v>")

    def height(self, row: int, points: float | None) -> None:
        """Set a row's height; None: as high as it needs to be."""
        cells = self.row(row)
        bare = re.sub(rb' ?\b(?:ht|customHeight)="[^"]*"', b"", self.rows[row].attributes)
        high = b' ht="%s" customHeight="1"' % f"{points:g}".encode() if points is not None else b""
        self.rows[row] = _RowXml(bare + high, cells)

    def styled(self, columns: range) -> bool:
        """Whether cells to come have a look of their own in each of some columns."""
        return all(any(first <= c <= last for first, last, _ in self._columns) for c in columns)

    def _style(self, row: int, column: int) -> bytes:
        """The look of a cell that is not there: its row's, else its column's."""
        if row in self.rows and b'customFormat="1"' in self.rows[row].attributes:
            match = _STYLE.search(self.rows[row].attributes)
            return match[1] if match else b""
        return next((style for first, last, style in self._columns if first <= column <= last), b"")

    def tab(self, colour: str) -> None:
        """Colour the sheet's tab."""
        made = b'<tabColor rgb="FF%s"/>' % colour.encode()
        head = re.sub(rb"<tabColor\b[^>]*/>", b"", self.head)
        if b"<tabColor" in head:
            raise Unforeseen
        if match := re.search(rb"<sheetPr\b([^>]*?)(/?)>", head):
            close = b"</sheetPr>" if match[2] else b""
            new = b"<sheetPr%s>%s%s" % (match[1], made, close)
            self.head = head[: match.start()] + new + head[match.end() :]
            return
        root = re.search(rb"<worksheet\b[^>]*>", head)
        assert root is not None
        self.head = head[: root.end()] + b"<sheetPr>" + made + b"</sheetPr>" + head[root.end() :]

    def select(self, cell: str | None) -> None:
        """Show this sheet, with a cell selected; None: another is shown."""
        head = re.sub(rb' tabSelected="[^"]*"', b"", self.head)
        if cell is not None:
            at, views = cell.encode(), head.count(b"<sheetView ")
            if views != 1:
                raise Unforeseen
            head = re.sub(rb'(<selection\b[^>]*?) (?:activeCell|sqref)="[^"]*"', rb"\1", head)
            head = re.sub(rb'(<selection\b[^>]*?) (?:activeCell|sqref)="[^"]*"', rb"\1", head)
            head = re.sub(
                rb"<selection\b([^>]*?) ?/>", rb'<selection\1 activeCell="%s" sqref="%s"/>' % (at, at), head
            )
            head = head.replace(b"<sheetView ", b'<sheetView tabSelected="1" ')
            if b"<selection" not in head:
                made = rb'<selection activeCell="%s" sqref="%s"/></sheetView>' % (at, at)
                head = re.sub(rb"(<sheetView [^>]*?)/>", rb"\1></sheetView>", head)
                head = head.replace(b"</sheetView>", made)
        self.head = head

    def links(self, gone: Sequence[range], links: Mapping[str, str]) -> None:
        """Set the links to places within the workbook; those within ``gone`` (rows, columns) are taken away."""

        def kept(match: re.Match[bytes]) -> bytes:
            place = re.search(rb' ref="([A-Z]+)([0-9]+)', match[0])
            away = place and int(place[2]) in gone[0] and column_number(place[1].decode()) in gone[1]
            return b"" if away else match[0]

        tail = re.sub(rb"<hyperlink\b[^>]*?/>", kept, self.tail).replace(b"<hyperlinks></hyperlinks>", b"")
        made = "".join(f'<hyperlink ref="{c}" location="{html.escape(to)}"/>' for c, to in links.items())
        if made and b"</hyperlinks>" in tail:
            tail = tail.replace(b"</hyperlinks>", made.encode() + b"</hyperlinks>", 1)
        elif made:
            tail = _before(_BEHIND_LINKS, tail, f"<hyperlinks>{made}</hyperlinks>".encode())
        self.tail = tail

    def filtered(self, area: str) -> None:
        """Set the range that the sheet's filter is about."""
        self.tail = re.sub(rb'(<autoFilter\b[^>]*? ref=)"[^"]*"', rb'\1"%s"' % area.encode(), self.tail)

    def drawn(self, relation: str) -> None:
        """Name the relation of the drawing of the notes."""
        margins = self.tail.find(b"<pageMargins")
        if margins < 0 or b"<legacyDrawing" in self.tail:
            raise Unforeseen
        made = f'<legacyDrawing xmlns:r="{_RELATIONS}" r:id="{relation}"/>'.encode()
        self.tail = self.tail[:margins] + _before(_BEHIND_NOTES, self.tail[margins:], made)

    def packed(self) -> bytes:
        """The part as bytes."""
        if not self.rows:
            return self.head + self._body + self.tail
        every: dict[int, bytes] = {}
        for number, (attributes, body) in self._raw.items():
            every[number] = (
                b"<row %s/>" % attributes if body is None else b"<row %s>%s</row>" % (attributes, body)
            )
        for number, row in self.rows.items():
            if row.cells or row.attributes != b'r="%d"' % number:
                every[number] = b"<row %s>%s</row>" % (row.attributes, b"".join(_cells(number, row.cells)))
        return self._extent() + b"".join(every[number] for number in sorted(every)) + self.tail

    def _extent(self) -> bytes:
        """What stands before the cells, with the range that they fill."""
        match = re.search(rb'<dimension ref="([^"]*)"', self.head)
        given = _PLACE.findall(match[1].decode()) if match else []
        if match is None or not given:
            return self.head
        rows = [int(row) for _, row in given] + [n for n, row in self.rows.items() if row.cells]
        columns = [column_number(c) for c, _ in given] + [c for row in self.rows.values() for c in row.cells]
        area = f"{a1(min(rows), min(columns))}:{a1(max(rows), max(columns))}".encode()
        return self.head[: match.start(1)] + area + self.head[match.end(1) :]


escape = partial(html.escape, quote=False)
_column = cache(lambda letters: column_number(letters.decode()))
_letters = cache(lambda column: column_name(column).encode())


def _whole(pattern: re.Pattern[bytes], text: bytes) -> Iterator[re.Match[bytes]]:
    """The matches of a pattern, which must follow one another without a gap."""
    here = len(text) - len(text.lstrip())
    for match in pattern.finditer(text):
        if match.start() != here:
            raise Unforeseen
        here = match.end()
        yield match
    if here != len(text):
        raise Unforeseen


def _cells(row: int, cells: Mapping[int, _Held]) -> Iterator[bytes]:
    for column in sorted(cells):
        attributes, inner = cells[column]
        place = b'<c r="%s%d"%s' % (_letters(column), row, attributes)
        yield place + (b"/>" if inner is None else b">%s</c>" % inner)


def _before(pattern: re.Pattern[bytes], text: bytes, new: bytes) -> bytes:
    if not (match := pattern.search(text)):
        raise Unforeseen
    return text[: match.start()] + new + text[match.start() :]


class Book:
    """A workbook's package, to be edited and written to another place; raises Unforeseen on one of another shape."""

    def __init__(self, data: bytes, *, macros: bool) -> None:
        container = Container(data, Limits())
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = [info.filename for info in package.infolist() if not info.is_dir()]
        if not macros and any(_STRANGE.search(name) for name in names if "printerSettings" not in name):
            raise Unforeseen
        self.parts = {name: container.read(name) for name in names}
        if not macros and b"macroEnabled" in self.parts.get(_CONTENT_TYPES, b"macroEnabled"):
            raise Unforeseen
        self._main = self._one("", "officeDocument")
        self._texts = self._one(self._main, "sharedStrings")
        self.strings = Strings(self.parts[self._texts])
        _plain(self.parts[self._main], b"workbook")
        relations = self._relations(self._main)
        listed = re.findall(rb"<sheet\b[^>]*/>", self.parts[self._main])
        self.sheets: dict[str, str] = {}
        for sheet in listed:
            attributes = _attributes(sheet)
            kind, part = relations.get(attributes.get("r:id", ""), ("", ""))
            if kind != "worksheet":
                raise Unforeseen
            self.sheets[attributes["name"]] = part
        if len(self.sheets) != len(listed):
            raise Unforeseen
        self._open: dict[str, SheetPart] = {}

    def sheet(self, name: str) -> SheetPart:
        """A sheet to be edited. Raises Unforeseen where it has notes already."""
        if name not in self._open:
            part = self.sheets[name]
            relations = self.parts.get(_relations_of(part), b"").lower()
            if b"comment" in relations or b"vmldrawing" in relations:
                raise Unforeseen
            self._open[name] = SheetPart(self.parts[part], self.strings)
        return self._open[name]

    def open_at(self, name: str) -> None:
        """The workbook opens with this sheet."""
        number = list(self.sheets).index(name)
        main = re.sub(rb' activeTab="[0-9]*"', b"", self.parts[self._main])
        main, views = re.subn(rb"<workbookView\b", b'<workbookView activeTab="%d"' % number, main)
        if views != 1:
            raise Unforeseen
        self.parts[self._main] = main

    def calculate(self) -> None:
        """Have everything calculated when the workbook is opened."""
        main = re.sub(rb' fullCalcOnLoad="[^"]*"', b"", self.parts[self._main])
        self.parts[self._main] = re.sub(rb"<calcPr\b", b'<calcPr fullCalcOnLoad="1"', main)

    def filtered(self, name: str, area: str) -> None:
        """Set the range of a sheet's filter, in the sheet and in the name that goes with it."""
        self.sheet(name).filtered(area)
        number = list(self.sheets).index(name)
        fixed = "$" + re.sub("([A-Z])([0-9])", r"\1$\2", area).replace(":", ":$")
        inside = rb'(<definedName name="_xlnm\._FilterDatabase" localSheetId="%d"[^>]*>[^<]*!)[^<]*<' % number
        self.parts[self._main] = re.sub(inside, rb"\1%s<" % fixed.encode(), self.parts[self._main])

    def notes(self, name: str, author: str, notes: Sequence[Note]) -> None:
        """Put notes on the cells of a sheet that has none."""
        part, number = self.sheets[name], 1
        folder = self._main.rpartition("/")[0]
        while f"{folder}/comments{number}.xml".lower() in {known.lower() for known in self.parts}:
            number += 1
        comments, drawing = f"{folder}/comments{number}.xml", f"{folder}/drawings/nianbao{number}.vml"
        self.parts[comments], self.parts[drawing] = _comments(author, notes), _drawing(number, notes)
        self._relate(part, "NianbaoNotes", "comments", comments)
        self.sheet(name).drawn(self._relate(part, "NianbaoDrawing", "vmlDrawing", drawing))
        types = self.parts[_CONTENT_TYPES]
        if b'Extension="vml"' not in types:
            vml = f'<Default Extension="vml" ContentType="{_TYPES}.vmlDrawing"/>'.encode()
            types = re.sub(rb"(<Types\b[^>]*>)", rb"\1" + vml, types, count=1)
        override = (
            f'<Override PartName="/{comments}" ContentType="{_TYPES}.spreadsheetml.comments+xml"/></Types>'
        )
        self.parts[_CONTENT_TYPES] = types.replace(b"</Types>", override.encode())

    def write(self, target: Path) -> None:
        """Write the package."""
        for name, sheet in self._open.items():
            self.parts[self.sheets[name]] = sheet.packed()
        self.parts[self._texts] = self.strings.packed()
        made = BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
            for name, data in self.parts.items():
                package.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
        target.write_bytes(made.getvalue())

    def _one(self, part: str, kind: str) -> str:
        targets = [target for given, target in self._relations(part).values() if given == kind]
        if len(targets) != 1:
            raise Unforeseen
        return targets[0]

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """The kind and the part of every relation of a part that leads to one within the package."""
        folder = part.rpartition("/")[0]
        relations = {}
        for element in re.findall(rb"<Relationship\b[^>]*/>", self.parts.get(_relations_of(part), b"")):
            given = _attributes(element)
            if given.get("TargetMode") != "External":
                target = given["Target"]
                path = target[1:] if target.startswith("/") else f"{folder}/{target}".lstrip("/")
                while "/../" in f"/{path}":
                    path = re.sub(r"(^|/)[^/]+/\.\./", r"\1", path, count=1)
                if path not in self.parts:
                    raise Unforeseen
                relations[given["Id"]] = given["Type"].rpartition("/")[2], path
        return relations

    def _relate(self, part: str, id: str, kind: str, target: str) -> str:
        name = _relations_of(part)
        data = self.parts.get(name, _NO_RELATIONS)
        if b"</Relationships>" not in data or f'"{id}"'.encode() in data:
            raise Unforeseen
        made = f'<Relationship Id="{id}" Type="{_RELATIONS}/{kind}" Target="/{target}"/></Relationships>'
        self.parts[name] = data.replace(b"</Relationships>", made.encode())
        return id


def _relations_of(part: str) -> str:
    folder, _, base = part.rpartition("/")
    return f"{folder}/_rels/{base}.rels".lstrip("/")


def _attributes(element: bytes) -> dict[str, str]:
    """The attributes of a tag; one with a reference in it is Unforeseen."""
    if b"&" in element:
        raise Unforeseen
    return {name.decode(): value.decode() for name, value in re.findall(rb' ([\w:]+)="([^"]*)"', element)}


def _comments(author: str, notes: Sequence[Note]) -> bytes:
    listed = "".join(
        f'<comment ref="{a1(note.row, note.column)}" authorId="0"><text><t xml:space="preserve">'
        f"{escape(note.text)}</t></text></comment>"
        for note in notes
    )
    head = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{MAIN}">'
    authors = f"<authors><author>{escape(author)}</author></authors>"
    return f"{head}{authors}<commentList>{listed}</commentList></comments>".encode()


def _drawing(number: int, notes: Sequence[Note]) -> bytes:
    """The windows of the notes, hidden until they are pointed at."""
    shapes = "".join(
        f'<v:shape id="_x0000_s{1024 * number + n}" type="#_x0000_t202" style="position:absolute;margin-left:59.25pt;'
        f'margin-top:1.5pt;width:{note.width}px;height:{note.height}px;z-index:{n};visibility:hidden" '
        'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"/>'
        '</v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:AutoFill>False'
        f"</x:AutoFill><x:Row>{note.row - 1}</x:Row><x:Column>{note.column - 1}</x:Column></x:ClientData></v:shape>"
        for n, note in enumerate(notes, 1)
    )
    return (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" '
        f'data="{number}"/></o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
        'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/><v:path gradientshapeok="t" '
        f'o:connecttype="rect"/></v:shapetype>{shapes}</xml>'
    ).encode()
