"""Names of exported files, and which existing files are our own to replace."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

from nianbao.core.report import Report

#: Kind of export → the part of its name after the report's title, and its extension.
ENDINGS = {
    "html": ("", ".html"),
    "fragment": ("（网站粘贴用）", ".html"),
    "docx": ("", ".docx"),
    "pdf": ("", ".pdf"),
    "json": ("", ".json"),
    "csv": ("", ".csv"),
    "infographic": ("（一图读懂）", ".html"),
}
#: Longest title in a file's name, in bytes of UTF-8 (file systems allow 255 for the whole name).
LONGEST = 180
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def file_name(report: Report, kind: str, *, draft: bool = False) -> str:
    """The name of an exported file: the report's full title, safe on every file system."""
    middle, extension = ENDINGS[kind]
    return f"{stem(report.heading)}{'（草稿）' if draft else ''}{middle}{extension}"


def stem(title: str) -> str:
    """The title as a file name's stem: nothing that Windows forbids, that leads out of the folder, or that hides."""
    seen = "".join(
        c for c in title if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    bare = _FORBIDDEN.sub("_", " ".join(seen.split()))
    bare = bare.encode()[:LONGEST].decode(errors="ignore").strip(". ").lstrip("-~$")
    return f"_{bare}" if not bare or _RESERVED.fullmatch(bare) else bare


def free(folder: Path, name: str, ours: Callable[[Path], bool]) -> Path:
    """Where a file of that name may be written: as named, over our own earlier export, or with ``(2)`` and so on."""
    path = folder / name
    number = 2
    while (path.exists() or path.is_symlink()) and not (path.is_file() and ours(path)):
        path = folder / f"{Path(name).stem}({number}){Path(name).suffix}"
        number += 1
    return path
