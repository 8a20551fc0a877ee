"""Which files of a folder are looked into, and which places are not: links, folders that do not open, pipes."""

import stat
from pathlib import Path, PurePosixPath

from nianbao.consolidate.faults import ENDING
from nianbao.core.errors import Alien, Unreadable

#: What a report is sent as; a file of another kind that holds none is no returned report but something else.
LOOKS = frozenset(
    (".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlsb", ".et", ".ett", ".ods", ".json", ".csv")
)
#: Endings of what this program itself writes beside or into a folder; a flagged copy may come back corrected, so
#: it is read like any other file.
OURS = (
    ".汇总记录.sqlite",
    ".汇总记录.sqlite-wal",
    ".汇总记录.sqlite-shm",
    ENDING,
    ".退回意见.html",
    *(f".{what}.{kind}" for what in ("单位明细", "问题清单") for kind in ("csv", "json", "parquet")),
)
#: What systems and programs leave in folders.
_LITTER = frozenset(("thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "$recycle.bin"))
#: A flagged copy of a report.
MARKED = ".校验.xlsx"
#: Larger files are not read: a report has some ten or hundred kilobytes.
LARGEST = 50_000_000


def hidden(name: str) -> bool:
    """Whether a file or folder of this name is hidden, a lock, or what a system left there."""
    return name.startswith((".", "~$")) or name.casefold() in _LITTER


def wanted(name: str) -> bool:
    """Whether a file of this name (with its folders) is looked into: all but temporary files and our own outputs."""
    path = PurePosixPath(name)
    notice = path.name.startswith("催报") and path.suffix.lower() in (".csv", ".txt")
    temporary = path.suffix.lower() == ".tmp"
    return not (any(map(hidden, path.parts)) or notice or temporary or name.endswith(OURS))


def looks(name: str) -> bool:
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
