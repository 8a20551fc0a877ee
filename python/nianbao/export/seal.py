"""The digest that an exported file carries of itself: with it, nobody needs anything else to see that it is unchanged.

A page, picture, Word document or JSON file holds 64 hexadecimal digits: the digest of the whole file with zeros in
their place. Whatever else is changed in the file, be it one byte, the digest no longer fits. PDF and CSV have no place
for one; the manifest beside the files knows them.
"""

import io
import re
import struct
import zipfile
import zlib
from pathlib import Path

from nianbao.core.files import LARGEST, digest

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


def is_sealed(path: Path) -> bool | None:
    """As :func:`carried`, of a file; None where it cannot be read."""
    try:
        return carried(path.read_bytes(), path.suffix) if path.stat().st_size <= LARGEST else None
    except OSError:
        return None


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
