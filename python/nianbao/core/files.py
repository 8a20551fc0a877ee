"""Files of other people, read within bounds; files that we write into their folders, never over what is not ours."""

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

from nianbao.core.errors import Unreadable

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


class Manifest:
    """The record of what we wrote into a folder, kept beside the files: their names with their digests."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = _read(path)

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
        temporary = self.path.with_name(f"{self.path.name}.new")
        temporary.write_text(self.text(), encoding="utf-8")
        temporary.replace(self.path)


def _read(path: Path) -> dict[str, str]:
    """The names and digests of a record; none where there is no record, or something else in its place."""
    try:
        if path.stat().st_size > LARGEST_MANIFEST:
            return {}
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {str(name): str(value) for name, value in files.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}


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
