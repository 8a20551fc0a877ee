"""An xlwings engine over LibreOffice (UNO): it stands in for Excel in the end-to-end tests.

    with start() as app:
        book = app.books.open("年报.xlsx")

`xw.App(...)`, `xw.Book(...)` and `xw.Book.caller()` work through it unchanged. Linux with LibreOffice and
python3-uno only. Importing this package costs nothing: xlwings and uno are imported when something is started.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.core.files import OfficeError

if TYPE_CHECKING:
    import xlwings as xw

__all__ = ["EngineError", "Gone", "Locked", "Missing", "recalculated", "start", "to_pdf", "wait_closed"]


class EngineError(OfficeError):
    """A request that LibreOffice refused or could not finish; `str()` is the sentence that staff read."""


class Missing(EngineError):
    """LibreOffice or its Python bridge is not on this machine, or this is not Linux."""


class Gone(EngineError):
    """LibreOffice ended, or the document was closed, while we worked with it."""


class Locked(EngineError):
    """A locked cell of a protected sheet would have been changed; Excel refuses this too."""


GONE = "LibreOffice 已退出或文件已关闭，未保存的改动可能丢失；请重新打开文件再试。"


def start(*, visible: bool = False, macros: bool = False) -> AbstractContextManager[xw.App]:
    """A private LibreOffice as an xlwings app, the active engine's within the `with` block, ended for sure after it.

    `visible` shows its window (needs a display). `macros` lets the macros of opened workbooks run; leave it off
    for files of others. Start it from a thread that outlives it. On entry raises Missing (one Chinese sentence) where
    LibreOffice or its Python bridge is not installed, EngineError where it does not start.
    """
    _require_linux()
    from .app import running

    return running(visible, macros)


def wait_closed(app: xw.App, *, every: float = 0.5) -> None:
    """Return once the user has closed every workbook of a visible `app`, or LibreOffice itself.

    Looks every `every` seconds. Leaving the `with` block of `start` would close the window at once.
    """
    import time

    with suppress(Gone):
        while app.impl.office.alive() and len(app.impl.books):
            time.sleep(every)


def recalculated(source: Path, target: Path, *, app: xw.App | None = None, timeout: float = 120.0) -> None:
    """`source` as LibreOffice would save it again: every formula recalculated, written as .xlsx to `target`.

    `app` lends a running LibreOffice of `start`; else one is started for the purpose. It is ended when the work takes
    longer than `timeout` seconds. Raises Unreadable for what cannot be opened, EngineError for the rest (an existing
    `target` is never overwritten).
    """
    _require_linux()
    from .document import recalculate

    recalculate(Path(source), Path(target), timeout, app.impl.office if app else None)


def to_pdf(source: Path, target: Path, *, app: xw.App | None = None, timeout: float = 120.0) -> None:
    """`source` (.xlsx or .docx) as a tagged PDF with bookmarks and embedded fonts. Otherwise as `recalculated`."""
    _require_linux()
    from .document import print_pdf

    print_pdf(Path(source), Path(target), timeout, app.impl.office if app else None)


def _require_linux() -> None:
    import platform

    if platform.system() != "Linux":
        raise Missing("通过 LibreOffice 操作表格目前只支持 Linux；其他系统请使用 Excel 加载项或命令行。")
