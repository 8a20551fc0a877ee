"""What an exported file carries of itself: its digest, and in its properties which validated figures it holds, and whose.

A page, picture, Word document or JSON file holds 64 hexadecimal digits: the digest of the whole file with zeros in
their place. Whatever else is changed in the file, be it one byte, the digest no longer fits. PDF and CSV have no place
for one; the manifest beside the files knows them.
"""

import csv
import html
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from nianbao.core.files import LARGEST, Alien, Unreadable, bounded, digest
from nianbao.core.schema import LARGEST as LARGEST_JSON
from nianbao.core.schema import first_problem, loads

#: What stands in a file's place for the digest until it is sealed.
OPEN = "0" * 64
_COMMENT = f"\n<!-- nianbao {OPEN} -->\n"
_CARRIED = re.compile(rb'(?:<!-- nianbao |<Application>nianbao |^ "digest": ")([0-9a-f]{64})', re.MULTILINE)
#: The part of a Word document that names the program that saved it; it is stored as it is, so that it can be filled in.
APPLICATION = "docProps/app.xml"
#: Kinds that carry their digest, by their ending.
SEALED = (".html", ".htm", ".svg", ".docx", ".json")


def commented(text: str) -> bytes:
    """A page or picture in SVG, ending with its digest in a comment."""
    return _filled((text + _COMMENT).encode(), b"")


def filled(text: str) -> bytes:
    """Interchange JSON in which the digest is still open."""
    return _filled(text.encode(), b"")


def filled_package(package: bytes) -> bytes:
    """A Word document in whose :data:`APPLICATION` part, which is stored, the digest is still open."""
    with zipfile.ZipFile(io.BytesIO(package)) as parts:
        return _filled(package, parts.read(APPLICATION))


def carried(data: bytes, suffix: str) -> bool | None:
    """Whether a file is as it was written, by the digest that it carries; None where it carries none.

    ``suffix``: the ending of the file's name, which says where the digest is looked for.
    """
    kind = suffix.lower()
    if kind not in SEALED or len(data) > LARGEST:
        return None
    part = _application(data) if kind == ".docx" else b""
    marks = _CARRIED.findall(part if kind == ".docx" else data)
    if not marks:
        return None
    opened = _open(data, marks[0], part)
    return len(marks) == 1 and opened is not None and digest(opened).encode() == marks[0]


def _filled(data: bytes, part: bytes) -> bytes:
    opened = _open(data, OPEN.encode(), part)
    if opened is None:  # 64 zeros were typed into the report, too: it goes without a digest of its own
        return data
    mark = digest(opened).encode()
    if not part:
        return data.replace(OPEN.encode(), mark)
    changed = part.replace(OPEN.encode(), mark)
    return data.replace(OPEN.encode(), mark).replace(_sum(part), _sum(changed))


def _open(data: bytes, mark: bytes, part: bytes) -> bytes | None:
    """The file with zeros for the digest and, in a package, for the check sums of the part that holds it.

    None where the digest does not stand in it exactly once.
    """
    if data.count(mark) != 1 or (part and data.count(_sum(part)) != 2):
        return None
    data = data.replace(mark, OPEN.encode())
    return data.replace(_sum(part), bytes(4)) if part else data


def _sum(part: bytes) -> bytes:
    return struct.pack("<I", zlib.crc32(part))


def _application(data: bytes) -> bytes:
    """The part that names the program, where it is stored as we store it; nothing where it is not."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            info = parts.getinfo(APPLICATION)
            if info.compress_type != zipfile.ZIP_STORED or info.file_size > 1 << 20:
                return b""
            return parts.read(info)
    except (KeyError, ValueError, OSError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile):
        return b""


#: No more than this is read of a page or a document's properties.
ENOUGH = 4 << 20
_HEX = "([0-9a-f]{16})"
_DRAWN = re.compile(r'data-nianbao="' + _HEX + '"')
_NOTED = re.compile(r"tEXtnianbao\0" + _HEX)
_META = re.compile(r'<meta\s+name="nianbao-fingerprint"\s+content="' + _HEX + '"')
_KEYWORDS = re.compile(r"nianbao-" + _HEX)
_LINE = re.compile(r"(?:数据指纹|Fingerprint)[：:]\s*" + _HEX)
_AGENCY = re.compile(r'<meta\s+name="nianbao-agency"\s+content="([^"]{1,400})"')
_YEAR = re.compile(r'<meta\s+name="nianbao-year"\s+content="([0-9]{1,4})"')
_CREATOR = re.compile(r"<dc:creator>([^<]{1,2000})</dc:creator>")


def published_fingerprint(path: Path) -> str | None:
    """The fingerprint that an exported file carries; None when it has none (as interchange JSON from elsewhere)."""
    reader = _READERS.get(path.suffix.lower())
    try:
        return reader(path) if reader else None
    except (Unreadable, OSError, ValueError, KeyError, csv.Error, zipfile.BadZipFile, NotImplementedError):
        return None


def published_agency(path: Path) -> str | None:
    """The agency that an exported page, Word document or PDF names in its properties; None when it names none."""
    reader = _AGENCIES.get(path.suffix.lower())
    try:
        return (reader(path) if reader else None) or None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, NotImplementedError):
        return None


def published_year(path: Path) -> int | None:
    """The year that an exported page names in its meta data; None when it names none."""
    try:
        year = _first(_start(path), _YEAR) if path.suffix.lower() in (".html", ".htm") else None
    except OSError:
        return None
    return int(year) if year else None


def _page(path: Path) -> str | None:
    text = _start(path)
    return _first(text, _META) or _first(html.unescape(re.sub(r"<[^>]{0,500}>", "", text)), _LINE)


def _word(path: Path) -> str | None:
    return _first(_part(path, "docProps/core.xml"), _KEYWORDS)


def _pdf(path: Path) -> str | None:
    return next((mark for text in _pdf_entries(path, "Keywords") if (mark := _first(text, _KEYWORDS))), None)


def _pdf_entries(path: Path, key: str) -> Iterator[str]:
    """What the document information of a PDF says under a key, as far as it is written plainly."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - ENOUGH))
        end = file.read(ENOUGH)
    for match in re.finditer(rf"/{key}\s*<([0-9A-Fa-f\s]{{1,4000}})>".encode(), end):
        yield bytes.fromhex(match[1].decode()).decode("utf-16", "replace")
    for match in re.finditer(rf"/{key}\s*\(([^)]{{1,2000}})\)".encode(), end):
        yield match[1].replace(b"\0", b"").decode("latin-1")


def _json(path: Path) -> str | None:
    return _whole(parsed(path).get("fingerprint"))


def _csv(path: Path) -> str | None:
    lines = csv.DictReader(io.StringIO(_start(path).removeprefix("\ufeff"), newline=""))
    first = next(lines, {})
    return _whole(first.get("数据指纹") or first.get("fingerprint"))


def _whole(mark: str | None) -> str | None:
    return mark if mark and re.fullmatch(_HEX, mark) else None


def _first(text: str, pattern: re.Pattern[str]) -> str | None:
    match = pattern.search(text)
    return match[1] if match else None


def _start(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(ENOUGH).decode("utf-8", "replace")


def _part(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as package, package.open(name) as part:
        return part.read(ENOUGH).decode("utf-8", "replace")


def parsed(path: Path) -> dict[str, Any]:
    """The interchange JSON of a file, held to its schema, of names that stand twice the last; ``Unreadable`` if none."""
    data = loads(bounded(path, LARGEST_JSON), path.name, constant=str, doubled=[])
    if first_problem(data):
        raise Alien(path.name, "不是年报交换格式的 JSON", "请重新导出")
    return cast(dict[str, Any], data)


_READERS: dict[str, Callable[[Path], str | None]] = {
    ".html": _page,
    ".htm": _page,
    ".docx": _word,
    ".pdf": _pdf,
    ".json": _json,
    ".csv": _csv,
    ".png": lambda path: _first(path.read_bytes()[:200].decode("latin-1"), _NOTED),
    ".svg": lambda path: _first(_start(path), _DRAWN),
}
_AGENCIES: dict[str, Callable[[Path], str | None]] = {
    ".html": lambda path: html.unescape(_first(_start(path), _AGENCY) or ""),
    ".docx": lambda path: html.unescape(_first(_part(path, "docProps/core.xml"), _CREATOR) or ""),
    ".pdf": lambda path: next(_pdf_entries(path, "Author"), None),
}
