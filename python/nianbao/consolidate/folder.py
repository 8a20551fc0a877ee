"""The files of a folder or a URL, at any depth: none is passed over without a word but our own outputs and litter."""

import os
import re
import shlex
import stat
import sys
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from nianbao.consolidate.names import displayable
from nianbao.core.files import Alien, Unreadable

#: Where faults of this program are written down, beside the summary.
LOG_ENDING = ".汇总错误.log"
#: What a report is sent as; a file of another kind that holds none is no returned report but something else.
LOOKS = frozenset(
    (".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb", ".et", ".ett", ".ods", ".json", ".csv")
)
#: What a report that is to be imported first comes as, by the ending of its name.
PRINTED = {
    ".docx": "Word", ".doc": "Word", ".wps": "WPS 文字", ".pdf": "PDF", ".html": "网页", ".htm": "网页", ".mht": "网页",
}  # fmt: skip
#: Workbooks in formats that are not read, by the ending of their names.
OLD = {".xls": ".xls", ".et": ".et", ".xlsb": ".xlsb", ".ods": ".ods"}
#: Endings of what this program itself writes beside or into a folder; a flagged copy may come back corrected, so
#: it is read like any other file.
OURS = (
    ".汇总记录.sqlite",
    ".汇总记录.sqlite-wal",
    ".汇总记录.sqlite-shm",
    LOG_ENDING,
    ".退回意见.html",
    ".退回意见.docx",
    ".催报函.docx",
    "全部退回意见.docx",
    "全部催报函.docx",
    "通知消息.txt",
    ".指标代码.csv",
    *(f".{what}.{kind}" for what in ("单位明细", "问题清单") for kind in ("csv", "json", "parquet")),
)
#: What systems and programs leave in folders.
_LITTER = frozenset(("thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "$recycle.bin"))
#: A flagged copy of a report.
MARKED = ".校验.xlsx"
#: What such copies have after the name of the report, some of them after its kind, too, or more than once.
_MARKS = re.compile(r"(?<=[^/])(?:(?:\.xls[xm]|\.json)?\.校验)+\.xlsx$", re.IGNORECASE)
#: Word files and pages of so many bytes are looked into for their title.
TITLED = 2_000_000
#: Larger files are not read: a report has some ten or hundred kilobytes.
LARGEST = 50_000_000


class Item(NamedTuple):
    """A file to read: its name within the folder (forward slashes), where it is, its size, when it changed (ns)."""

    name: str
    path: str
    size: int
    changed: int

    @property
    def key(self) -> tuple[str, int, int]:
        """What tells it from others and from what it was before."""
        return self.name, self.size, self.changed


def hidden(name: str) -> bool:
    """Whether a file or folder of this name is hidden, a lock, or what a system left there."""
    return name.startswith((".", "~$")) or name.casefold() in _LITTER


def wanted(name: str) -> bool:
    """Whether a file of this name (with its folders) is looked into: all but temporary files and our own outputs."""
    parts = name.split("/")
    last = parts[-1].lower()
    notice = last.startswith("催报") and last.endswith((".csv", ".txt"))
    return not (any(map(hidden, parts)) or notice or last.endswith(".tmp") or name.endswith(OURS))


def looks_like_report(name: str) -> bool:
    """Whether a file of this name is meant as a workbook or interchange data."""
    return PurePosixPath(name).suffix.lower() in LOOKS


def refuse_place(name: str, path: Path) -> None:
    """Raises Unreadable for what is no file of the folder: a link is not followed, a folder here did not open."""
    try:
        status = path.lstat()
    except (OSError, ValueError):
        return  # gone since, or not to be had: its reader says so
    if stat.S_ISLNK(status.st_mode):
        raise Alien(name, "这是链接（快捷方式），没有跟随读取", "请把文件本身放进文件夹后重新汇总")
    if stat.S_ISDIR(status.st_mode):
        raise Alien(name, "这个文件夹打不开，其中的文件没有读入", "请核对访问权限后重新汇总")
    if not stat.S_ISREG(status.st_mode):  # a pipe would keep us waiting for ever
        raise Unreadable(name, "这不是普通文件", "请核对文件夹中的内容")
    if status.st_size > LARGEST:
        raise Unreadable(name, "文件过大，为安全起见未读取", "请核对是否选错文件")


def titled(item: Item) -> str:
    """Whose report a Word file or a page is by its title, for it to be imported; empty where that is not clear."""
    if not item.name.lower().endswith((".docx", ".html", ".htm")) or item.size > TITLED:
        return ""
    from nianbao.ingest.ingest import ingest

    try:
        return ingest(Path(item.path), name=item.name).report.agency
    except Unreadable:
        return ""


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
        what = "是文件，不是文件夹" if folder.is_file() else "找不到这个文件夹"
        raise Unreadable(str(folder), what, "请核对文件夹的位置")
    entries = _entries(folder)
    if entries is None:
        raise Unreadable(str(folder), "文件夹打不开", "请核对访问权限后重试")
    return sorted(
        _walk(
            folder,
            entries,
            {path.resolve() for path in apart},
            {name.casefold() for path in apart for name in (path.name, path.resolve().name)},
        )
    )


def _walk(
    folder: Path, entries: "list[os.DirEntry[str]]", apart: Collection[Path], named: Collection[str]
) -> Iterator[Item]:
    """The files below; those of a name in ``named`` are looked at closely, whether they are ``apart``."""
    waiting = [entries]
    while waiting:
        for entry in waiting.pop():
            if (
                hidden(entry.name)
                or not wanted(entry.name)
                or (entry.name.casefold() in named and Path(entry.path).resolve() in apart)
            ):
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
    """Where a file of the folder stands, by the name that is shown of it (see ``displayable``)."""
    shown = folder / name
    if "\\x" not in name or shown.exists():
        return shown
    return folder / re.sub(r"\\x([89a-f][0-9a-f])", lambda hit: chr(0xDC00 + int(hit[1], 16)), name)


def _item(folder: Path, entry: "os.DirEntry[str]", mark: str = "") -> Item:
    name = displayable(entry.path[len(str(folder / "_")) - 1 :].replace(os.sep, "/")) + mark
    try:
        status = entry.stat(follow_symlinks=False)
        return Item(name, entry.path, status.st_size, status.st_mtime_ns)
    except OSError:  # gone since: reading it says so
        return Item(name, entry.path, 0, 0)


INSTALL = "请安装集群组件：pip install nianbao[cluster]"


def find_url(url: str) -> list[Item]:
    """The files to read under a URL, by name; Unreadable when it cannot be listed."""
    files, root = _listed(url)
    items = []
    for path, info in files:
        name = PurePosixPath(path).relative_to(root).as_posix()
        if wanted(name):
            items.append(
                Item(name, f"{url.split('://')[0]}://{path}", int(info.get("size") or 0), _changed(info))
            )
    return sorted(items)


def _listed(url: str) -> tuple[list[tuple[str, dict[str, Any]]], str]:
    filesystem, root = _filesystem(url)
    try:
        entries = filesystem.find(root, detail=True)
    except (OSError, ValueError):
        raise Unreadable(url, "打不开这个位置", "请核对地址和访问权限") from None
    return list(entries.items()), root


def _filesystem(url: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError:
        raise Unreadable(url, "没有安装 fsspec", INSTALL) from None
    try:
        filesystem, root = fsspec.core.url_to_fs(url)
    except (ValueError, ImportError):
        raise Unreadable(url, "不支持这种地址，或没有安装对应的组件（如 s3fs）", INSTALL) from None
    return filesystem, root.rstrip("/")


def _changed(info: dict[str, Any]) -> int:
    """A number that changes when the file does, from whatever the file system tells of it."""
    first = next(
        (info[key] for key in ("ETag", "etag", "mtime", "LastModified", "created") if key in info), ""
    )
    return zlib.crc32(str(first).encode())


def deliver(folder: Path, url: str) -> None:
    """Copy what was written into a folder here to the place that a URL names."""
    filesystem, root = _filesystem(url)
    try:
        filesystem.makedirs(root, exist_ok=True)
        for path in sorted(folder.iterdir()):
            filesystem.put(str(path), f"{root}/{path.name}")
    except OSError:
        raise Unreadable(url, "写不进这个位置", "请核对地址和访问权限") from None


def import_command(source: str, target: str) -> str:
    """The command that makes a workbook of a file, to be copied as it stands."""
    quote = shlex.quote if sys.platform != "win32" else '"{}"'.format
    return f"nianbao import {quote(source)} -o {quote(target)}"


def bare_name(name: str) -> str:
    """The name of a report's file without its kind, and without what flagged copies have after it."""
    bare = _MARKS.sub("", name)
    return bare if bare != name else name.removesuffix(PurePosixPath(name).suffix)
