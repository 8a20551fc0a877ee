"""What the ribbon's buttons do, one function a button, without arguments: so that plain xlwings RunPython works too.

``book`` is for callers that hold a workbook already; without it the workbook is the one that was clicked in.
Failures are raised as Unreadable (or the engine's own error) in one Chinese sentence; see ``__main__``.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.core.files import free_name
from nianbao.excel.book import OpenBook, ask_file, ask_folder, calling_book, in_front, open_book, tell
from nianbao.excel.flagging import check, first_place, flag, read, unflag
from nianbao.excel.outputs import (
    EVERYTHING,
    consolidated,
    consolidated_settings,
    export_files,
    fresh_settings,
    fresh_template,
    home_of,
    settings_of,
)
from nianbao.excel.tidying import put_right, put_runs, take_back
from nianbao.workbook.layout import SUMMARY
from nianbao.workbook.tidy import bring, in_words, suits

if TYPE_CHECKING:
    import xlwings as xw

    Chooser = Callable[[xw.App], Path | None]


def validate(book: "xw.Book | None" = None) -> None:
    """校验: flag every finding in its cell, list them on the sheet of results, select the first."""
    workbook = calling_book(book)
    with _busy(workbook, "正在校验……"):
        lines = flag(workbook, check(workbook, restoring=True))
    spot, text = first_place(lines, workbook.sheet_names) or (SUMMARY, "校验完成：没有发现问题。")
    workbook.select(spot)
    workbook.status(text)


def clear(book: "xw.Book | None" = None) -> None:
    """清除标记: remove what 校验 made, and nothing else."""
    workbook = calling_book(book)
    unflag(workbook)
    workbook.status("")


def tidy(book: "xw.Book | None" = None) -> None:
    """规范数字: numbers stored as text, full-width or with a unit become numbers, damaged totals get their formula back."""
    workbook = calling_book(book)
    with _busy(workbook, "正在规范数字……"):
        done = put_right(workbook, zeros=False)
    tell(workbook.app, done)


def fill_zeros(book: "xw.Book | None" = None) -> None:
    """空格补 0: as 规范数字, and blank figures become 0 where the form asks for one."""
    workbook = calling_book(book)
    with _busy(workbook, "正在补 0……"):
        done = put_right(workbook, zeros=True)
    tell(workbook.app, done)


def undo(book: "xw.Book | None" = None) -> None:
    """撤销: take back the last 规范数字 or 空格补 0, but for cells that were edited since."""
    workbook = calling_book(book)
    with _busy(workbook, "正在撤销……"):
        done = take_back(workbook)
    tell(workbook.app, done)


def new(book: "xw.Book | None" = None) -> None:
    """新建年报: a new workbook for last year, beside the open one or in the user's documents, opened."""
    app, workbook = in_front(book)
    open_book(app, fresh_template(workbook, date.today()))


def import_previous(book: "xw.Book | None" = None, choose: "Chooser" = ask_file) -> None:
    """导入上年: fill 上年数据 and the opening figures from last year's workbook or data file, blank cells only."""
    from nianbao.workbook import reader

    workbook = calling_book(book)
    report, layout = read(workbook)
    source = choose(workbook.app)
    if source is None:
        return
    last = reader.read(source)
    suits(report, last, source.name)
    brought = bring(report, last, layout)
    sheets = sorted({spot.sheet for spot in brought.fill})
    with workbook.quiet(), workbook.unlocked(sheets):
        put_runs(workbook, brought.fill)
    tell(workbook.app, in_words(brought))


def export_html(book: "xw.Book | None" = None) -> None:
    """导出 → 网页."""
    _export(book, ["html"])


def export_docx(book: "xw.Book | None" = None) -> None:
    """导出 → Word."""
    _export(book, ["docx"])


def export_pdf(book: "xw.Book | None" = None) -> None:
    """导出 → PDF."""
    _export(book, ["pdf"])


def export_json(book: "xw.Book | None" = None) -> None:
    """导出 → 数据."""
    _export(book, ["json"])


def export_all(book: "xw.Book | None" = None) -> None:
    """导出: everything the menu offers."""
    _export(book, EVERYTHING)


export = export_all


def export_draft(book: "xw.Book | None" = None) -> None:
    """仍要导出草稿: the page marked 草稿, whatever is still wrong."""
    _export(book, ["html"], draft=True)


def _export(book: "xw.Book | None", kinds: Sequence[str], draft: bool = False) -> None:
    workbook = calling_book(book)
    with _busy(workbook, "正在导出……"):
        done = export_files(workbook, check(workbook), kinds, draft)
    tell(workbook.app, done)


def new_settings(book: "xw.Book | None" = None) -> None:
    """新建汇总: a workbook of settings beside the open one or in the user's documents, with a folder for what comes in."""
    app, workbook = in_front(book)
    target = fresh_settings(home_of(workbook))
    open_book(app, target)
    tell(app, f"已新建 {target}\n\n请填写“设置”和“名录”并保存，把各单位的年报放进“报送”文件夹，再点“汇总”。")


def consolidate(book: "xw.Book | None" = None, choose: "Chooser" = ask_folder) -> None:
    """汇总: as the settings in front ask, else all workbooks of a folder into one summary beside it; opened.

    A roster in that folder, known by its name, is used.
    """
    app, workbook = in_front(book)
    settings = settings_of(workbook) if workbook is not None else None
    folder = settings or choose(app)
    if folder is None:
        return

    def show(text: str) -> None:
        app.status_bar = text

    try:
        if settings is not None:
            done, target = consolidated_settings(settings, show)
        else:
            target = free_name(folder.parent, f"{folder.name}汇总.xlsx")
            done = consolidated(folder, target, show)
    finally:
        app.status_bar = False
    open_book(app, target)
    tell(app, done)


@contextmanager
def _busy(workbook: OpenBook, text: str) -> Iterator[None]:
    """The status bar says what is going on, and is given back afterwards."""
    workbook.status(text)
    try:
        yield
    finally:
        workbook.status("")
