"""The workbook written new: the empty template, or a report filled into it."""

import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.core.errors import Unreadable, refused
from nianbao.core.files import staging
from nianbao.core.form import Form
from nianbao.core.report import Report
from nianbao.workbook.layout import Layout

if TYPE_CHECKING:
    from nianbao.workbook.styles import Extra

#: The longest text a spreadsheet cell holds.
LONGEST = 32_767


def blank(form: Form, year: int, agency: str = "") -> Report:
    """A report in which nothing is filled in yet."""
    return Report(form, agency, year, dict.fromkeys(form.cells))


def write(report: Report, target: Path, extra: "Extra | None" = None) -> None:
    """Write the report into a new workbook at ``target`` (moved into place when it is complete).

    Inputs are unlocked; totals are live formulas where they equal their sum, and stand as they stood where
    they do not. Raises :class:`Unreadable` when a text is longer than a cell can hold.
    """
    from nianbao.workbook.styles import Extra
    from nianbao.workbook.writer import Writer

    for where, text in _texts(report):
        if len(text) > LONGEST // 2 and len(text.encode("utf-16-le", "replace")) > 2 * LONGEST:
            raise Unreadable(target.name, f"{where}超过 {LONGEST} 字，写不进一个单元格", "请缩短，或分成几段")
    with into_place(target) as temporary:
        Writer(report, Layout.of(report.form), extra or Extra()).write(temporary)


def _texts(report: Report) -> Iterator[tuple[str, str]]:
    """Every text of the report with words for where it stands."""
    yield from (
        ("填报单位等封面栏目", getattr(report, name)) for name in ("agency", "agency_code", "level", "scope")
    )
    for section, n, paragraph in report.text():
        where = "前言" if section == "preamble" else report.form.section(section).heading
        yield f"“{where}”第{n}段", paragraph
    for last in (report, report.previous):
        yield from ((f"“{last.form.name(cell)}”", text) for cell, text in last.raw.items()) if last else ()
    yield from (("审核说明", text) for e in report.explanations for text in (e.text, " ".join(e.cells)))


#: What the system says when there is no room for a file.
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class into_place:
    """A temporary file beside ``target`` that is moved there when the block ends well, else removed.

    Raises :class:`Unreadable` where nothing can be written there, there is no room, or a link leads to nowhere.
    """

    def __init__(self, target: Path) -> None:
        self.target = target

    def __enter__(self) -> Path:
        folder = self.target.parent
        if self.target.is_symlink() and not self.target.exists():
            raise Unreadable(
                str(self.target), "是失效的链接，指向的文件不存在", "请删去这个链接，或换一个文件名"
            )
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
    said = error.args[0] if isinstance(error, Exception) and error.args else None
    return next((e for e in (error, said) if isinstance(e, OSError)), None)
