"""The mark that an export carries: which validated figures it says (their fingerprint), and that it is still whole.

Only a file that says what its mark says and nothing else is an earlier export of ours, to be replaced by a new one.
Pages and PDF end with a seal over all that stands before it; a Word document names one over its parts; interchange
JSON and CSV are written again from what they say and compared.
"""

import csv
import hashlib
import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from nianbao.core.errors import Unreadable
from nianbao.export import data

#: The mark in the keywords of a Word document and, through it, of the PDF.
KEYWORD = "nianbao-{}"
#: The part that names the program that saved a Word document, with the seal over all other parts.
APPLICATION = "docProps/app.xml"
#: The properties of a Word document hold so many characters.
PROPERTY = 255
#: No more than this is read of a page or a document's properties.
ENOUGH = 4 << 20
#: A larger file is none of ours.
LARGEST = 64 << 20

_HEX = "([0-9a-f]{16})"
_META = re.compile(r'<meta\s+name="nianbao-fingerprint"\s+content="' + _HEX + '"')
_KEYWORDS = re.compile(r"nianbao-" + _HEX)
_LINE = re.compile(r"(?:数据指纹|Fingerprint)[：:]\s*" + _HEX)
_AGENCY = re.compile(r'<meta\s+name="nianbao-agency"\s+content="([^"]{1,400})"')
_YEAR = re.compile(r'<meta\s+name="nianbao-year"\s+content="([0-9]{1,4})"')
_INFOGRAPHIC = '<meta name="nianbao-kind" content="infographic">'
_CREATOR = re.compile(r"<dc:creator>([^<]{1,2000})</dc:creator>")
_SEALS = {".html": ("\n<!-- nianbao ", " -->\n"), ".pdf": ("\n%nianbao ", "\n")}
_LONG_HEX = "[0-9a-f]{64}"


def published_fingerprint(path: Path) -> str | None:
    """The fingerprint that an exported file carries; None when it has none (as interchange JSON from elsewhere)."""
    reader = _READERS.get(path.suffix.lower())
    try:
        return reader(path) if reader else None
    except (OSError, ValueError, KeyError, csv.Error, zipfile.BadZipFile, NotImplementedError):
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
        found = _first(_start(path), _YEAR) if path.suffix.lower() in (".html", ".htm") else None
    except OSError:
        return None
    return int(found) if found else None


def is_infographic(path: Path) -> bool:
    """Whether the file is an exported 一图读懂."""
    return path.suffix.lower() in (".html", ".htm") and _INFOGRAPHIC in _start(path)


def ours(path: Path) -> bool:
    """Whether the file is an earlier export of ours to which nobody has done anything since."""
    try:
        judge = _OURS.get(path.suffix.lower())
        return judge is not None and path.stat().st_size <= LARGEST and judge(path)
    except (OSError, ValueError, KeyError, csv.Error, zipfile.BadZipFile, NotImplementedError, Unreadable):
        return False


def seal(path: Path) -> None:
    """End a page or PDF that was just written with the seal over all that stands in it; other kinds need none."""
    if path.suffix.lower() in _SEALS:
        before, after = _SEALS[path.suffix.lower()]
        whole = path.read_bytes()
        path.write_bytes(whole + f"{before}{hashlib.sha256(whole).hexdigest()}{after}".encode())


def _sealed(path: Path) -> bool:
    before, after = _SEALS[path.suffix.lower()]
    whole = path.read_bytes()
    found = re.search(f"{re.escape(before)}({_LONG_HEX}){re.escape(after)}\\Z".encode(), whole[-200:])
    return found is not None and hashlib.sha256(whole[: -len(found[0])]).hexdigest().encode() == found[1]


def without_seal(text: str) -> str:
    """The text of a page without the seal at its end."""
    before, after = _SEALS[".html"]
    return re.sub(f"{re.escape(before)}{_LONG_HEX}{re.escape(after)}\\Z", "", text)


def word_seal(package: zipfile.ZipFile) -> str:
    """The seal over the parts of a Word document: their names and what stands in them, but for its own part."""
    if sum(part.file_size for part in package.infolist()) > LARGEST:
        return ""
    whole = hashlib.sha256()
    for name in sorted({*package.namelist()} - {APPLICATION}):
        whole.update(name.encode() + b"\0" + hashlib.sha256(package.read(name)).digest())
    return whole.hexdigest()


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
    for found in re.finditer(rf"/{key}\s*<([0-9A-Fa-f\s]{{1,4000}})>".encode(), end):
        yield bytes.fromhex(found[1].decode()).decode("utf-16", "replace")
    for found in re.finditer(rf"/{key}\s*\(([^)]{{1,2000}})\)".encode(), end):
        yield found[1].replace(b"\0", b"").decode("latin-1")


def _json(path: Path) -> str | None:
    return _whole(parsed(path).get("fingerprint"))


def _csv(path: Path) -> str | None:
    lines = csv.DictReader(io.StringIO(_start(path).removeprefix("\ufeff"), newline=""))
    return _whole(next(lines, {}).get("fingerprint"))


def _whole(mark: str | None) -> str | None:
    return mark if mark and re.fullmatch(_HEX, mark) else None


def _first(text: str, pattern: re.Pattern[str]) -> str | None:
    found = pattern.search(text)
    return found[1] if found else None


def _start(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(ENOUGH).decode("utf-8", "replace")


def _part(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as package, package.open(name) as part:
        return part.read(ENOUGH).decode("utf-8", "replace")


def parsed(path: Path) -> dict[str, Any]:
    """The interchange JSON of a file, held to its schema; ``ValueError`` when it is none."""
    import jsonschema

    from nianbao.core.form import FORMS

    found = json.loads(_start(path), parse_float=_exact)
    schema = json.loads((FORMS / "report.schema.json").read_text(encoding="utf-8"))
    if not jsonschema.Draft202012Validator(schema).is_valid(found):
        raise ValueError(path.name)
    return cast(dict[str, Any], found)


def _exact(literal: str) -> Any:
    from nianbao.core.number import exact

    value = exact(literal)
    return literal if value is None else value


def _our_json(path: Path) -> bool:
    """Ours is what we would write of what it says."""
    from nianbao.core.interchange import parse

    text = path.read_bytes()
    report = parse(text, path.name)
    return any(data.to_json(report, draft=draft).encode() == text for draft in (False, True))


def _our_csv(path: Path) -> bool:
    """Ours has our lines, as we write them: a note, a line or a column more is somebody's work."""
    text = path.read_bytes().decode("utf-8")
    return text.startswith("\ufeff") and data.is_our_csv(text[1:])


def _our_word(path: Path) -> bool:
    with zipfile.ZipFile(path) as package:
        named = f"<Application>nianbao {word_seal(package)}</Application>"
    return named in _part(path, APPLICATION)


_READERS: dict[str, Callable[[Path], str | None]] = {
    ".html": _page,
    ".htm": _page,
    ".docx": _word,
    ".pdf": _pdf,
    ".json": _json,
    ".csv": _csv,
}
_AGENCIES: dict[str, Callable[[Path], str | None]] = {
    ".html": lambda path: html.unescape(_first(_start(path), _AGENCY) or ""),
    ".docx": lambda path: html.unescape(_first(_part(path, "docProps/core.xml"), _CREATOR) or ""),
    ".pdf": lambda path: next(_pdf_entries(path, "Author"), None),
}
_OURS: dict[str, Callable[[Path], bool]] = {
    ".html": _sealed,
    ".docx": _our_word,
    ".pdf": _sealed,
    ".json": _our_json,
    ".csv": _our_csv,
}
