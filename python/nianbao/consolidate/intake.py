"""Which files of a folder are to be read: workbooks and JSON, at any depth; our own outputs are passed over."""

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from nianbao.consolidate import names
from nianbao.consolidate.entry import Item
from nianbao.problem import Unreadable

#: What looks like a spreadsheet or interchange JSON; only such files are read or told of.
LOOKS = frozenset(
    (".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb", ".et", ".ett", ".ods", ".json", ".csv")
)
#: Endings of what this program itself writes beside or into a folder.
OURS = (
    ".校验.xlsx",
    ".汇总记录.sqlite",
    ".单位明细.csv",
    ".单位明细.json",
    ".问题清单.csv",
    ".问题清单.json",
)


def is_url(folder: str) -> bool:
    """Whether a folder is named by a URL (``s3://…``) and not by a path."""
    return "://" in folder


def find(folder: Path, apart: Collection[Path] = ()) -> list[Item]:
    """The files to read, by name; ``apart`` are files with another part to play (roster, last year, output).

    Lock files (``~$…``), hidden files and what this program wrote are passed over. Raises Unreadable when
    there is no such folder.
    """
    if not folder.is_dir():
        raise Unreadable(str(folder), "找不到这个文件夹", "请核对文件夹的位置")
    resolved = {path.resolve() for path in apart}
    return sorted(item for item in _walk(folder) if Path(item.path).resolve() not in resolved)


def wanted(name: str) -> bool:
    """Whether a file of this name (with its folders) is to be read."""
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "~$")) for part in path.parts)
    ours = name.endswith(OURS) or (path.name.startswith("催报") and path.suffix.lower() == ".csv")
    return not hidden and path.suffix.lower() in LOOKS and not ours


def _walk(folder: Path) -> Iterator[Item]:
    waiting = [folder]
    while waiting:
        for entry in _entries(waiting.pop()):
            if entry.name.startswith((".", "~$")):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))
            elif wanted(entry.name):
                yield _item(folder, entry)


def _entries(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        raise Unreadable(str(folder), "文件夹打不开", "请核对访问权限后重试") from None


def original(folder: Path, name: str) -> Path:
    """Where a file of the folder stands, by the name that is shown of it (see ``names.sound``)."""
    shown = folder / name
    if "\\x" not in name or shown.exists():
        return shown
    return folder / re.sub(r"\\x([89a-f][0-9a-f])", lambda hit: chr(0xDC00 + int(hit[1], 16)), name)


def _item(folder: Path, entry: "os.DirEntry[str]") -> Item:
    name = names.sound(Path(entry.path).relative_to(folder).as_posix())
    try:
        status = entry.stat()
        return Item(name, entry.path, status.st_size, status.st_mtime_ns)
    except OSError:  # a broken link, or gone since: reading it says so
        return Item(name, entry.path, 0, 0)
