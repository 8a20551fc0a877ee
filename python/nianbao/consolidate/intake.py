"""The files of a folder, at any depth: none is passed over without a word but our own outputs and litter."""

import os
import re
from collections.abc import Collection, Iterator
from pathlib import Path

from nianbao.consolidate import names
from nianbao.consolidate.entry import Item
from nianbao.consolidate.kinds import hidden, wanted
from nianbao.core.errors import Unreadable


def is_url(folder: str) -> bool:
    """Whether a folder is named by a URL (``s3://…``) and not by a path."""
    return "://" in folder


def find(folder: Path, apart: Collection[Path] = ()) -> list[Item]:
    """The files to look into, by name; ``apart`` are files and folders with another part to play (roster, last
    year, output, returned copies).

    Every file is there but lock files (``~$…``), hidden and temporary files and what this program wrote; links
    and folders that do not open are there too, for their reader to refuse them. Raises Unreadable when there is
    no such folder or it does not open.
    """
    if not folder.is_dir():
        raise Unreadable(str(folder), "找不到这个文件夹", "请核对文件夹的位置")
    entries = _entries(folder)
    if entries is None:
        raise Unreadable(str(folder), "文件夹打不开", "请核对访问权限后重试")
    return sorted(_walk(folder, entries, {path.resolve() for path in apart}))


def _walk(folder: Path, entries: "list[os.DirEntry[str]]", apart: Collection[Path]) -> Iterator[Item]:
    waiting = [entries]
    while waiting:
        for entry in waiting.pop():
            if hidden(entry.name) or not wanted(entry.name) or Path(entry.path).resolve() in apart:
                continue
            if not entry.is_dir(follow_symlinks=False):
                yield _item(folder, entry)
            elif (below := _entries(Path(entry.path))) is not None:
                waiting.append(below)
            else:
                yield _item(folder, entry, "/")


def _entries(folder: Path) -> "list[os.DirEntry[str]] | None":
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return None


def original(folder: Path, name: str) -> Path:
    """Where a file of the folder stands, by the name that is shown of it (see ``names.sound``)."""
    shown = folder / name
    if "\\x" not in name or shown.exists():
        return shown
    return folder / re.sub(r"\\x([89a-f][0-9a-f])", lambda hit: chr(0xDC00 + int(hit[1], 16)), name)


def _item(folder: Path, entry: "os.DirEntry[str]", mark: str = "") -> Item:
    name = names.sound(Path(entry.path).relative_to(folder).as_posix()) + mark
    try:
        status = entry.stat(follow_symlinks=False)
        return Item(name, entry.path, status.st_size, status.st_mtime_ns)
    except OSError:  # gone since: reading it says so
        return Item(name, entry.path, 0, 0)
