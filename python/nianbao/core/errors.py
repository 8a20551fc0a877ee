"""What stops work on one file: told to staff in one sentence, never as a traceback."""

import errno
from pathlib import Path


class Unreadable(Exception):
    """A file cannot be used at all: which file, what is wrong, and what to do (Chinese, one sentence)."""

    def __init__(self, file: str, what: str, todo: str) -> None:
        super().__init__(file, what, todo)
        self.file, self.what, self.todo = file, what, todo

    def __str__(self) -> str:
        return f"{self.file}：{self.what}；{self.todo}。"


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
