"""What stops work on one file, in one Chinese sentence; and files that we write into somebody's folder: only what we
wrote there, unchanged since, is ever replaced."""

import errno
import json
import os
import platform
import shutil
import stat
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from nianbao.core.text import one_line


class Unreadable(Exception):
    """A file cannot be used at all: which file, what is wrong, and what to do (Chinese, one sentence)."""

    def __init__(self, file: str, what: str, todo: str) -> None:
        super().__init__(file, what, todo)
        self.file, self.what, self.todo = file, what, todo

    def __str__(self) -> str:
        return one_line(f"{self.file}：{self.what}；{self.todo}。")


class Alien(Unreadable):
    """A sound file, but no annual report: another workbook, another JSON."""


class OfficeError(Exception):
    """A spreadsheet program refused a request or could not finish it; ``str()`` is the sentence that staff read."""


_ELSEWHERE = "请换一个位置"
_REASONS: dict[int, tuple[str, str]] = {
    errno.EISDIR: ("是文件夹，不是文件", "请写明文件名"),
    errno.EACCES: ("没有权限，或者文件正被打开", "请先关闭同名文件，或换一个有写入权限的文件夹"),
    errno.EPERM: ("没有权限", "请换一个有写入权限的文件夹"),
    errno.EROFS: ("磁盘只能读，不能写", _ELSEWHERE),
    errno.ENOSPC: ("磁盘已满", "请腾出空间后重试"),
    errno.ENAMETOOLONG: ("名称太长", "请换一个短些的名称"),
}


def refused(target: Path, error: OSError) -> Unreadable:
    """Why the system would not write at ``target``, in Chinese on every system."""
    above = [target, *target.parents]
    if (file := next((p for p in above if _is_file(p)), None)) and file != target:
        return Unreadable(str(target), f"不能写到这里（{file} 是文件，不是文件夹）", "请换一个文件夹")
    if file and error.errno in (errno.EEXIST, errno.ENOTDIR):
        return Unreadable(str(target), "是文件，不是文件夹", "请写明文件夹，或换一个名称")
    if error.errno == errno.ENOENT:
        return Unreadable(str(target), "所在的文件夹不存在", "请先建好文件夹，或换一个位置")
    what, todo = _REASONS.get(error.errno or 0, ("系统不允许", "请核对文件夹和写入权限，或换一个位置"))
    return Unreadable(str(target), f"无法写入（{what}）", todo)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


#: A manifest of more bytes than this is none of ours; it is read within bounds because anybody may have put it there.
LARGEST_MANIFEST = 16 << 20
#: No file of ours is larger; a larger one is never taken for ours.
LARGEST = 256 << 20


def bounded(path: Path, largest: int, todo: str = "请核对文件名和所在文件夹") -> bytes:
    """The bytes of a regular file; :class:`Unreadable` where it cannot be had, is larger, or has no end (a pipe)."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise Unreadable(str(path), "是文件夹，不是文件", todo)
        if not stat.S_ISREG(status.st_mode):  # a pipe would keep us waiting for ever
            raise Unreadable(str(path), "不是普通文件", todo)
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except (OSError, ValueError):
        raise Unreadable(str(path), "没有这个文件，或者打不开", todo) from None
    if len(data) > largest:
        raise Unreadable(str(path), f"文件超过 {largest // 1_000_000} MB", todo)
    return data


#: How the hidden places begin in which files are written before they are moved into place.
STAGING = ".nianbao-"
#: Seconds after which such a place is of no run that still goes on, wherever that runs.
LEFT = 900.0


def staging() -> str:
    """How the hidden places of this very process begin: they say on which computer it runs, and its number."""
    return f"{STAGING}{zlib.crc32(platform.node().encode('utf-8', 'replace')):08x}-{os.getpid()}-"


def sweep(*folders: Path | None) -> None:
    """Remove the hidden places of runs that were killed from folders; not those of runs that still go on."""
    for path in (path for folder in folders if folder for path in folder.glob(f"{STAGING}*")):
        with suppress(OSError):
            if _killed(path.name) or time.time() - path.stat().st_mtime > LEFT:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _killed(name: str) -> bool:
    """Whether a place is of a process of this computer that is no more (only where asking does not end it)."""
    computer, number = [*name.removeprefix(STAGING).split("-"), "", ""][:2]
    if sys.platform == "win32" or computer != staging().split("-")[1] or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False


def digest(data: bytes) -> str:
    """64 hexadecimal digits that no two different files share."""
    import hashlib  # costs more than reading a report; few commands need it

    return hashlib.sha256(data).hexdigest()


def free_name(folder: Path, name: str, ours: Callable[[Path], bool] = lambda path: False) -> Path:
    """Where a file of that name may be written: as named, over a file of ours, or with ``(2)`` and so on."""
    path = folder / name
    first, number = path, 2
    while (path.exists() or path.is_symlink()) and not (path.is_file() and ours(path)):
        path = first.with_name(f"{first.stem}({number}){first.suffix}")
        number += 1
    return path


#: What the system says when there is no room for a file.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class into_place:
    """A temporary file beside ``target`` that is moved there when the block ends well, else removed.

    Raises :class:`Unreadable` where nothing can be written there, there is no room, or a link leads to nowhere.
    """

    def __init__(self, target: Path) -> None:
        self.target = target

    def __enter__(self) -> Path:
        import tempfile  # costs more than reading a report

        folder = self.target.parent
        _no_dead_link(self.target)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=staging(), suffix=self.target.suffix, dir=folder)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise refused(self.target, error) from None
            todo = "请核对文件夹和写入权限，或换一个位置"
            raise Unreadable(str(self.target), "不能写到这里", todo) from None
        os.close(handle)
        self.temporary = Path(name)
        return self.temporary

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self.temporary.chmod(0o644)
            self.temporary.replace(self.target)
            return
        self.temporary.unlink(missing_ok=True)
        cause = _cause(error)
        if cause is not None and cause.errno in _NO_ROOM:
            raise refused(self.target, cause) from None


def _cause(error: object) -> OSError | None:
    """What the system said, also where a library put it into an error of its own."""
    inner = error.args[0] if isinstance(error, Exception) and error.args else None
    return next((e for e in (error, inner) if isinstance(e, OSError)), None)


def fresh(target: Path, *endings: str, otherwise: str = "") -> Path:
    """The target of a new file, with one of the endings; a file that is there already is never overwritten.

    ``otherwise``: what else could be done about one that is there. Asked before the work, so that a place where nothing
    can be written is told at once.
    """
    ended(target, *endings)
    _no_dead_link(target)
    if target.exists():
        raise Unreadable(str(target), "文件已经存在，不覆盖", f"请换一个文件名，或先移走原文件{otherwise}")
    writable(target.parent)
    return target


def writable(folder: Path) -> None:
    """Refuse, as writing would, a folder that cannot be made or written into.

    Tried out, because what a folder says of itself is not true on every system; nothing is left behind.
    """
    import tempfile  # costs more than reading a report

    made: list[Path] = []
    try:
        for path in [path for path in (*reversed(folder.parents), folder) if not path.exists()]:
            path.mkdir()
            made.append(path)
        tempfile.TemporaryFile(prefix=staging(), dir=folder).close()
    except OSError as error:
        raise refused(folder, error) from None
    finally:
        for path in reversed(made):
            with suppress(OSError):  # somebody else has put a file there in between
                path.rmdir()


def replaceable(target: Path) -> None:
    """Refuse a file of ours that could not be written anew: its folder, or the file that another program holds."""
    writable(target.parent)
    if target.exists():
        try:
            target.replace(target)  # Windows refuses this of a file that is open in Excel
        except OSError as error:
            raise refused(target, error) from None


def ended(target: Path, *endings: str) -> None:
    """Refuse a name of another ending."""
    if endings and target.suffix.lower() not in endings:
        raise Unreadable(str(target), f"文件名须以 {' 或 '.join(endings)} 结尾", "请改好文件名后重试")


def _no_dead_link(target: Path) -> None:
    if target.is_symlink() and not target.exists():
        raise Unreadable(str(target), "是失效的链接，指向的文件不存在", "请删去这个链接，或换一个文件名")


class Manifest:
    """The record of what we wrote into a folder, kept beside the files: their names with their digests."""

    def __init__(self, path: Path, *, writing: bool = False) -> None:
        """Read the record; ``writing``: raises Unreadable where something else stands in its place."""
        self.path = path
        known = _read(path)
        if writing and known is None and (path.exists() or path.is_symlink()):
            raise Unreadable(str(path), "不是本程序写的清单，或已损坏", "请移走或改名后重试")
        self.files = known or {}

    @property
    def folder(self) -> Path:
        return self.path.parent

    def name(self, path: Path) -> str:
        """The name under which a file of the folder is recorded."""
        return path.relative_to(self.folder).as_posix()

    def digest(self, path: Path) -> str | None:
        """The digest that a file had when we wrote it; None where we wrote none of that name."""
        try:
            return self.files.get(self.name(path))
        except ValueError:
            return None

    def unchanged(self, path: Path) -> bool:
        """Whether we wrote the file and nobody changed it since."""
        wrote = self.digest(path)
        try:
            return wrote is not None and path.stat().st_size <= LARGEST and digest(path.read_bytes()) == wrote
        except OSError:
            return False

    def free(self, name: str) -> Path:
        """Where a file of that name may be written: over nothing but what we wrote ourselves."""
        return free_name(self.folder, name, self.unchanged)

    def add(self, path: Path, data: bytes) -> None:
        """Record a file of the folder with what stands in it."""
        self.files[self.name(path)] = digest(data)

    def text(self) -> str:
        """The record as it is kept: JSON, one file a line, sorted by name."""
        return json.dumps({"files": dict(sorted(self.files.items()))}, ensure_ascii=False, indent=1) + "\n"

    def save(self) -> None:
        """Write the record, moved into place as a whole."""
        with into_place(self.path) as temporary:
            temporary.write_text(self.text(), encoding="utf-8")


def _read(path: Path) -> dict[str, str] | None:
    """The names and digests of a record; None where there is no record, or something else in its place."""
    try:
        if path.stat().st_size > LARGEST_MANIFEST:
            return None
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {str(name): str(value) for name, value in files.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


_PACKAGE = Path(__file__).parents[1]


def shipped(relative: str) -> Path:
    """The path of a shipped file, such as `workbook/nianbao.xlam`.

    An installed package keeps them under `nianbao/_shipped`, a checkout at the top of the repository.
    Raises FileNotFoundError when neither has it: a broken installation, never the user's data.
    """
    for root in (_PACKAGE / "_shipped", _PACKAGE.parents[1]):
        if (root / relative).exists():
            return root / relative
    raise FileNotFoundError(relative)
