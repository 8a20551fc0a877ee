"""The fast reading of a workbook's XML parts: strict patterns over the text, None on anything unforeseen.

A pattern describes exactly what Excel, WPS, LibreOffice, XlsxWriter and openpyxl write, token after token
without a gap; what lies around the cells is given to expat, so that a part accepted here is well-formed.
The caller falls back to `expat` on None; both give the same (the tests hold them to it).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from operator import itemgetter
from typing import TypeVar
from xml.parsers.expat import ExpatError, ParserCreate

from nianbao.core.grid import column_name
from nianbao.xlsx.value import (
    MAIN,
    STRICT_MAIN,
    Defect,
    Value,
    address,
    number,
    settle,
    unescape,
)

_DECLARATION = r'(?:<\?xml version="1\.0" encoding="(?:UTF|utf)-8"(?: standalone="(?:yes|no)")?\?>[\r\n]*)?'
_NAMESPACE = f'"(?:{re.escape(MAIN)}|{re.escape(STRICT_MAIN)})"'

# Text without mark-up, references or control characters; and the same with references, the five named ones and
# those to single bytes (others have been put in before, see `_decoded`).
_PLAIN = r"[^<>&\x00-\x08\x0b-\x1f]*+"
_BYTE = "#(?:9|10|13|3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-7])"
_TEXT = rf"{_PLAIN}(?:&(?:amp|lt|gt|quot|apos|{_BYTE});{_PLAIN})*+"
_ATTRIBUTE = r'="[^"<>&\x00-\x1f]*+"'
_SPACE = '(?: xml:space="preserve")?+'

_ROW = (
    "spans s customFormat ht hidden customHeight outlineLevel collapsed thickTop thickBot ph x14ac:dyDescent"
)
_F = rf"<f(?: t{_ATTRIBUTE}(?: aca{_ATTRIBUTE})?+| aca{_ATTRIBUTE}(?: t{_ATTRIBUTE})?+|)"
_F += "".join(rf"(?: {name}{_ATTRIBUTE})?+" for name in ("ref", "ca", "si"))
_F += rf"{_SPACE}(?:/>|>{_TEXT}</f>)"
_V = rf"<v{_SPACE}>"
_T = rf"<t{_SPACE}(?:/>|>{_TEXT}</t>)"
# A run of rich text; the properties of its font have one attribute each, a colour two, none twice.
_FONT = f"<[A-Za-z]++(?: (?:val|rgb|theme|indexed|auto){_ATTRIBUTE}(?: tint{_ATTRIBUTE})?+)?+/>"
_RUN = rf"<r>(?:<rPr>(?:{_FONT})*+</rPr>|<rPr/>)?+{_T}</r>"

_BLANKS = r'(?:<c r="[A-Z]++[0-9]++"(?: s="[0-9]++"|)(?:/>|(?: t="n"|)></c>))*+'

# Longer texts are taken cell by cell, so that memory stays flat; and a cell with content is never shorter.
_AT_ONCE, _SHORTEST = 1_000_000, len('<c r="A1"><f/></c>')
# Bytes around the cells beyond which a sheet part is left to the careful reading, which bounds its depth;
# and those up to which it is remembered whether they were sound.
_RIM, _SMALL = 1_000_000, 4_000
_column = itemgetter(1)


@cache
def _cells() -> re.Pattern[str]:
    """One token: a cell (blank ones in runs), the step from one row to the next, or all the rest; at the very end, nothing.

    Groups: address (anything), number (anything), index of a shared string, number of a formula (anything), any
    other content; of a step </row> and the row it opens, rows without content passed over; of the rest a character.
    """
    other = (
        rf'(?: t="(?:n|s|str|b|e|d)")?+(?: cm="[0-9]++")?+(?: vm="[0-9]++")?+(?: ph="[01]")?+>'
        rf"(?:{_F})?+(?:<v/>|{_V}{_TEXT}</v>)?+"
        rf'| t="inlineStr"><is>(?:{_T}|(?:{_RUN})++)</is>'
    )
    plain = r'(?: t="n"|)><v>([^<]++)</v>| t="s"><v>([0-9]{1,9}+)</v>'
    plain += rf'|(?: t="n"|)>{_F}<v>([^<]++)</v>'
    blank = rf'(?:/>|(?: t="n"|)></c>){_BLANKS}'
    cell = rf'<c r="([^"]*+)(?:" s="[0-9]++|)"(?:{blank}|(?:{plain}|({other}))</c>)'
    # An empty row (<row/>) must be followed by a row or the end, not by cells.
    row = r'<row r="[1-9][0-9]{0,6}+"[^<>&]*+>(?:(?<!/>)|(?=<row |\Z))'
    empty = r'<row r="[1-9][0-9]{0,6}+"(?: spans="[0-9:]++"|)(?: ht="[0-9.]++" customHeight="1"|)'
    empty += rf"(?:/>|>{_BLANKS}</row>)"
    return re.compile(rf"{cell}|(</row>|)(?:{empty})*+({row}|\Z)|([\s\S])[\s\S]*+")


def _opens(row: str) -> bool:
    """Whether a row stays open after its first tag, not <row/>.

    Raises Defect when its attributes after r are not known and well-formed.
    """
    attributes = row[row.index('"', 8) + 1 :]
    if _row().fullmatch(attributes):
        names = _NAMES.findall(attributes)
        if len(names) == len(set(names)):
            return not attributes.endswith("/>")
    raise Defect("")


_NAMES = re.compile(" ([^ =]++)=")


@cache
def _row() -> re.Pattern[str]:
    return re.compile(rf"(?: (?:{_ROW.replace(' ', '|')}){_ATTRIBUTE})*+/?>")


@cache
def _string() -> re.Pattern[str]:
    phonetic = r'(?:<phoneticPr fontId="[0-9]+"(?: type="[A-Za-z]+")?+(?: alignment="[A-Za-z]+")?+/>)?+'
    return re.compile(rf"<si>(?:{_T}|(?:{_RUN})++){phonetic}")


_INNER = re.compile(rf"<t{_SPACE}>([^<]++)<")


def _joined(content: str) -> str:
    """The text of a <si> or <is> that the patterns have accepted, its runs joined."""
    return "".join(unescape(_resolved(text)) for text in _INNER.findall(content))


def _item(item: bytes) -> str:
    """The text of a shared string from its <si>, </si> left out; raises Defect when it is not of the plain shape."""
    text = _decoded(item)
    if text is None or _string().fullmatch(text) is None:
        raise Defect("")
    return _joined(text)


@cache
def _root(name: str, attributes: str) -> re.Pattern[str]:
    return re.compile(rf"{_DECLARATION}<{name} xmlns={_NAMESPACE}{attributes}")


def strings(data: bytes, limit: int) -> list[str] | None:
    """The shared strings in order, or None where the part is not of the plain shape."""
    data = data.rstrip(b"\r\n")
    first = data.find(b"<si>")
    rim = _decoded(data if first < 0 else data[:first])
    root = rim and _root("sst", r'(?: count="[0-9]+")?+(?: uniqueCount="[0-9]+")?+>').match(rim)
    if not rim or not root or data.count(b"<si>") > limit:
        return None
    if rim[root.end() :] == "</sst>":
        return []
    if root.end() != len(rim) or not data.endswith(b"</si></sst>"):
        return None
    items = data[first : -len(b"</si></sst>")].split(b"</si>")
    try:
        return [_items[item] for item in items]
    except Defect:
        return None


def cells(
    data: bytes, strings: list[str], limit: int, last: int | None = None
) -> dict[tuple[int, int], Value] | None:
    """The cells with content of one sheet part that `shortened` has left, or None where it is not of the plain shape."""
    start, end = data.find(b"<sheetData>"), data.rfind(b"</sheetData>")
    if start < 0:
        return {} if _well_formed(data) else None
    body = _decoded(data[start + 11 : end])
    if end < start or body is None or len(body) > _SHORTEST * limit < body.count("</c>") * _SHORTEST:
        return None
    mark = b'<sheetData x14ac:dyDescent="0"/>' if b" x14ac:dyDescent" in data else b"<sheetData/>"
    if not _well_formed(data[:start] + mark + data[end + 12 :]):
        return None
    try:
        values = _gather(body, strings)
    except (Defect, IndexError):
        return None
    return None if last is not None and max(map(_column, values), default=0) > last else values


_DECLARATION_OF_SHEET = (
    rb'(?:<\?xml version="1\.0" encoding="(?:UTF|utf)-8"(?: standalone="(?:yes|no)")?\?>[\r\n]*)?'
)
_NAMESPACE_OF_SHEET = f'"(?:{re.escape(MAIN)}|{re.escape(STRICT_MAIN)})"'.encode()
_ROOT = re.compile(_DECLARATION_OF_SHEET + b"<worksheet xmlns=" + _NAMESPACE_OF_SHEET + b"[ >]")
# A comment, CDATA section, document type or processing instruction, in which a tag would be none.
_HIDING = re.compile(rb"<[!?]")
_OPEN, _CLOS, _NO_CELLS = b"<sheetData>", b"</sheetData>", b"<sheetData/>"
_END = b"</worksheet>"


def shortened(data: bytes, last: int | None) -> bytes | None:
    """The part without what follows the cells, and without the rows' cells from the first one right of
    column `last` on (None: all columns are wanted); None where the part is not of the plain shape.

    What is shortened off is not looked at but for this: a row whose cells do not stand in the order of their columns
    (ECMA-376 part 1, 18.3.1.4) is not of the plain shape.
    """
    root = _ROOT.match(data)
    start = data.find(_OPEN)
    end = data.find(_CLOS if start >= 0 else _NO_CELLS)
    if root is None or end < max(start, 0) or _HIDING.search(data, root.end(), end):
        return None
    if start < 0:
        return data[:end] + _NO_CELLS + _END
    if last is None:
        return data[: end + len(_CLOS)] + _END
    kept = list(_kept(data, start, end, last))
    return None if b"" in kept else b"".join([data[:start], *kept, _CLOS, _END])


def _kept(data: bytes, start: int, end: int, last: int) -> Iterator[bytes]:
    """The pieces of the rows that are wanted, from `start` to `end`; an empty one when a row has no plain end, or a
    wanted cell after one that is not."""
    beyond, within, here = _beyond(last), _within(last), start
    while match := beyond.search(data, here, end):
        stop = data.find(b"</row>", match.end(), end)
        if stop < 0 or data.find(b"<row", match.end(), stop) >= 0 or within.search(data, match.end(), stop):
            yield b""
            return
        yield data[here : match.start()]
        here = stop
    yield data[here:end]


@cache
def _beyond(last: int) -> re.Pattern[bytes]:
    """The beginning of a cell right of column `last`."""
    return re.compile(f'<c r="(?!{_wanted(last)})[A-Z]{{1,3}}+[0-9]'.encode())


@cache
def _within(last: int) -> re.Pattern[bytes]:
    """The beginning of a cell not right of column `last`."""
    return re.compile(f'<c r="{_wanted(last)}'.encode())


def _wanted(last: int) -> str:
    """The addresses up to column `last`, as far as the first digit."""
    letters = column_name(last)
    highest = [*(chr(ord(c) - 1) for c in letters[:-1]), letters[-1]]
    same = [
        f"{letters[:n]}[A-{high}]{'[A-Z]' * (len(letters) - n - 1)}"
        for n, high in enumerate(highest)
        if high >= "A"
    ]
    shorter = [f"[A-Z]{{1,{len(letters) - 1}}}+"] if len(letters) > 1 else []
    return f"(?:{'|'.join([*same, *shorter])})[0-9]"


def _decoded(data: bytes) -> str | None:
    """The text of a part, references beyond ASCII put in: the patterns let such characters pass only where a
    reference might stand too, within texts and attributes."""
    try:
        text = data.decode()
        if odd := b"&#" in data:
            text = _REFERENCES.sub(lambda match: _characters[match[0]], text)
    except (UnicodeDecodeError, Defect):
        return None
    return None if (odd or b"\xef\xbf" in data) and ("\ufffe" in text or "\uffff" in text) else text


#: A run of references, with what of digits and letters stands between and after them; no reference is ever split.
_REFERENCES = re.compile("&#[&#;x0-9A-Fa-f]++")
_BY_NUMBER = re.compile("&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")


def _referred(run: str) -> str:
    return _BY_NUMBER.sub(_numbered, run)


def _numbered(match: re.Match[str]) -> str:
    """The character that a reference means, or, within ASCII, the decimal reference to it; raises Defect when it
    means no character of XML."""
    code = int(match[1], 16) if match[1] else int(match[2])
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise Defect("")
    return chr(code) if code > 127 else f"&#{code};"


def _well_formed(rim: bytes) -> bool:
    """Whether a sheet part without its cells is well-formed and puts plain cells in the main namespace."""
    return _parses(rim) if len(rim) <= _SMALL else len(rim) <= _RIM and _parses.__wrapped__(rim)


@lru_cache(maxsize=256)
def _parses(rim: bytes) -> bool:
    """Kept for the rims of late: those of one template are the same from workbook to workbook."""
    if rim.count(b"sheetData") != 1 or rim.count(b"xmlns=") != 1:
        return False
    try:
        ParserCreate(None, " ").Parse(rim, True)
    except ExpatError:
        return False
    return True


def _tokens(text: str) -> Iterable[tuple[str, ...]]:
    if len(text) <= _AT_ONCE:
        return _cells().findall(text)
    return (match.groups("") for match in _cells().finditer(text))


def figure(digits: str) -> Value:
    return _exactly(digits, False)


def result(digits: str) -> Value:
    return _exactly(digits, True)


def _exactly(digits: str, formula: bool) -> Value:
    value = number(formula, digits)
    if value != ("n", digits, formula):
        raise Defect("")
    return value


_WHOLE_TEXT = re.compile(_TEXT)


def content(raw: bytes) -> str:
    """What stands between <v> and </v> as text; raises Defect when it is not of the plain shape."""
    text = _decoded(raw)
    if text is None or _WHOLE_TEXT.fullmatch(text) is None:
        raise Defect("")
    return _resolved(text)


_Given = TypeVar("_Given", bound=str | bytes)
_Made = TypeVar("_Made")


class Memo(dict[_Given, _Made]):
    """What was made of recent texts: addresses, rows and figures repeat within a workbook and from one to the
    next. Bounded, and emptied when full, so that a long run of files keeps its memory flat."""

    def __init__(self, make: Callable[[_Given], _Made], bound: int) -> None:
        super().__init__()
        self._make, self._bound = make, bound

    def __missing__(self, text: _Given) -> _Made:
        made = self._make(text)
        if len(text) < 2_000:
            if len(self) >= self._bound:
                self.clear()
            self[text] = made
        return made


def _gather(text: str, strings: list[str]) -> dict[tuple[int, int], Value]:
    """The cells of the rows in `text`; raises Defect or IndexError on anything unforeseen."""
    values: dict[tuple[int, int], Value] = {}
    new = tuple.__new__  # spares the named tuple's own __new__, a Python function
    inside = False
    for place, digits, index, result, other, closes, row, rest in _tokens(text):
        if digits:
            values[places[place]] = _numbers[digits]
        elif index:
            values[places[place]] = new(Value, ("s", strings[int(index)], False))
        elif result:
            values[places[place]] = _results[result]
        elif other:
            value = _other(other, strings) if other.startswith(' t="s"') else _others[other]
            if value is not None:
                values[places[place]] = value
        elif place:
            places[place]  # a blank cell, whose address must be one
        else:
            if rest or inside is not (closes != ""):
                raise Defect("")
            inside = row != "" and _open[row]
    return values


def _other(content: str, strings: list[str]) -> Value | None:
    """The value of a cell from its text between address and </c>, which the pattern has accepted."""
    attribute, _, inner = content.partition(">")
    if inner.startswith("<is>"):
        return Value("s", _joined(inner), False)
    raw = None
    if inner.endswith("</v>"):
        raw = _resolved(inner[:-4].rpartition(">")[2])
    elif inner.endswith("<v/>"):
        raw = ""
    kind = attribute[4:].partition('"')[0] if attribute.startswith(" t=") else "n"
    return settle(kind, raw, strings, inner.startswith("<f"))


def _unshared(content: str) -> Value | None:
    """The same of a cell that shows no shared string, so that it is the same in every workbook."""
    return _other(content, [])


_REFERENCE = re.compile("&([^;]++);")
_NAMED = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&"}


def _resolved(text: str) -> str:
    """`text` with references put in, of which the patterns let pass the named ones and those to single bytes."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    name = match[1]
    return chr(int(name[1:])) if name[0] == "#" else _NAMED[name]


places = Memo(address, 16_384)
_open = Memo(_opens, 4_096)
_numbers = Memo(figure, 4_096)
_results = Memo(result, 4_096)
_items = Memo(_item, 2_048)
_others = Memo(_unshared, 2_048)
_characters = Memo(_referred, 4_096)
