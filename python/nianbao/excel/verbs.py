"""What the ribbon's buttons do, one function a button, without arguments: so that plain xlwings RunPython works too.

``book`` is for callers that hold a workbook already; without it the workbook is the one that was clicked in.
Failures are raised as Unreadable (or the engine's own error) in one Chinese sentence; see ``__main__``.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.checks.validate import count
from nianbao.core import form as forms
from nianbao.core.files import Unreadable, free_name, refused
from nianbao.excel.book import OpenBook, ask_file, ask_folder, calling_book, in_front, open_book, tell
from nianbao.excel.flagging import Checked, check, first_place, flag, unflag
from nianbao.excel.tidying import put_right, put_runs, read, take_back
from nianbao.workbook.layout import COVER, COVER_FIELDS, FORM_NAME, SUMMARY
from nianbao.workbook.tidy import bring, in_words, suits
from nianbao.workbook.writer import blank, write

if TYPE_CHECKING:
    import xlwings as xw

    from nianbao.consolidate.result import Result

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


# What 新建年报, 导出 and 汇总 write beside the workbook: never over a file that is there.

#: As many reasons are listed; the rest is counted.
LISTED = 10
_AFTER_ERRORS = "请改正后再点“导出”；只供内部传阅的，可在“导出”的下拉菜单中选“仍要导出草稿”"
EVERYTHING = ("html", "docx", "pdf", "json")


def documents() -> Path:
    """The user's folder for documents, else the home folder."""
    folder = Path.home() / "Documents"
    return folder if folder.is_dir() else Path.home()


def home_of(book: OpenBook | None) -> Path:
    """Where new workbooks go: the open workbook's folder, else the user's documents."""
    return book.path.parent if book is not None and book.path is not None else documents()


def fresh_template(book: OpenBook | None, today: date) -> Path:
    """A new workbook for last year, beside the open one (else in the user's documents); its path."""
    year = today.year - 1
    target = free_name(home_of(book), f"政府信息公开年报{year}.xlsx")
    try:
        write(blank(forms.for_year(year), year, _agency(book)), target)
    except OSError as error:
        raise refused(target, error) from error
    return target


def _agency(book: OpenBook | None) -> str:
    """The agency on the cover of the open workbook, when it is one of ours."""
    if book is None or COVER not in book.sheet_names or FORM_NAME not in [n.name for n in book.book.names]:
        return ""
    return str(book.value(COVER_FIELDS["agency"][1]) or "")


def export_files(book: OpenBook, checked: Checked, kinds: Sequence[str], draft: bool) -> str:
    """Write the report beside the workbook; what to tell the user. Raises Unreadable with the reasons when stopped."""
    from nianbao.publish import Options, Stopped, publish_report

    try:
        made = publish_report(checked.report, checked.findings, list(kinds), book.folder, Options(draft))
    except Stopped as stop:
        if not stop.reasons:
            raise
        todo = _AFTER_ERRORS if count(checked.findings, "error") and not draft else stop.todo
        raise Unreadable(book.name, f"{stop.what}\n{_listed(stop.reasons)}\n", todo) from stop
    names = "\n".join([*(path.name for path in made.paths), *made.missing, *made.notes])
    return f"已导出{'草稿' if draft else ''}到 {book.folder}：\n{names}"


def _listed(reasons: Sequence[str]) -> str:
    lines = [f"{n}. {reason}" for n, reason in enumerate(reasons[:LISTED], 1)]
    more = [f"……另有 {len(reasons) - LISTED} 处，见“校验结果”"] if len(reasons) > LISTED else []
    return "\n".join([*lines, *more])


#: So many things to look into are told in the message; all stand in the summary.
SHOWN = 5
#: A roster by its name: 名录.xlsx, 单位名册.xlsx, 2024年单位名单.csv … beside the units' reports.
_ROSTER = re.compile(
    r"(?:20\d\d年?度?)?(?:下级|下属|所属|报送|填报|报告|汇总)?(?:单位|机关|部门)?(?:名册|名单|名录)"
)
_KINDS = (".xlsx", ".xlsm", ".csv", ".json")


def rosters(folder: Path) -> list[Path]:
    """The files of a folder (not of those within) that are rosters by their names, in order of name."""
    try:
        return sorted(path for path in folder.iterdir() if _called_roster(path) and path.is_file())
    except OSError:
        raise Unreadable(str(folder), "文件夹打不开", "请核对文件夹的位置和访问权限") from None


def _called_roster(path: Path) -> bool:
    return path.suffix.lower() in _KINDS and bool(_ROSTER.fullmatch(path.stem.strip()))


def consolidated(folder: Path, target: Path, show: Callable[[str], None]) -> str:
    """Consolidate a folder into the workbook ``target``; what came of it, in words. ``show`` tells how far it is.

    A roster in the folder is used where there is exactly one; letters, flagged copies and reminders go beside the
    folder. Raises Unreadable as the consolidation does.
    """
    from nianbao.consolidate.run import consolidate
    from nianbao.consolidate.settings import Job

    files = rosters(folder)
    roster = files[0] if len(files) == 1 else None
    listing = free_name(folder.parent, f"{folder.name}催报名单.txt") if roster else None
    returns = folder.parent / f"{folder.name}退回"
    result = consolidate(
        Job(str(folder), target, roster=roster, returns=returns, remind=listing), _progress(show)
    )
    more = f"\n退回意见、催报函和标好问题的副本：{returns}" if returns.is_dir() else ""
    more += f"\n催报名单：{listing}" if listing else ""
    return _in_words(_roster_words(files), result, target) + more


def fresh_settings(folder: Path) -> Path:
    """A new workbook of settings in a folder, with the folder for what comes in; its path."""
    from nianbao.consolidate.settings import new_settings

    try:
        return new_settings(folder)
    except OSError as error:
        raise refused(folder / "汇总设置.xlsx", error) from error


def settings_of(book: OpenBook) -> Path | None:
    """The file of an open workbook of settings, saved first; None for any other workbook."""
    from nianbao.consolidate.settings import ROSTER_SHEET, SETTINGS_SHEET, is_settings

    if not {SETTINGS_SHEET, ROSTER_SHEET} <= set(book.sheet_names):
        return None
    path = book.folder / book.name
    book.save()
    return path if is_settings(path) else None


def consolidated_settings(settings: Path, show: Callable[[str], None]) -> tuple[str, Path]:
    """Consolidate as a workbook of settings asks: summary, letters, reminders; what came of it, and the summary."""
    from nianbao.consolidate.run import consolidate_settings

    result, target = consolidate_settings(settings, _progress(show))
    beside = [name for name in ("退回", "催报名单.txt") if (settings.parent / name).exists()]
    more = f"\n同一文件夹中另有：{'、'.join(beside)}" if beside else ""
    return _in_words((), result, target) + more, target


def _progress(show: Callable[[str], None]) -> Callable[[int, int], None]:
    return lambda done, total: show(f"正在汇总：已读 {done}，共 {total} 个文件")


def _in_words(before: Iterable[str], result: "Result", target: Path) -> str:
    from nianbao.consolidate.summary import BASIS, counted_words

    parts = [*before, counted_words(result), *look_into(list(result.warnings()), BASIS), *result.carried]
    if not result.lines:
        parts.append("没有一份可以计入的年报，汇总各格空白，不能使用。")
    return "\n".join(parts) + f"\n\n汇总工作簿：{target}"


def _roster_words(files: Sequence[Path]) -> Iterator[str]:
    names = "、".join(f"“{path.name}”" for path in files)
    if len(files) == 1:
        yield f"已按文件夹中的名录{names}核对报送情况。"
    elif files:
        yield f"文件夹中有 {len(files)} 个名录（{names}），不能确定用哪一个，没有核对未报单位；请只留一个后重新汇总。"


def look_into(warnings: Sequence[str], sheet: str) -> Iterator[str]:
    """One sentence of what is to be looked into, a few of many; ``sheet`` is where all of it stands."""
    if warnings:
        more = f"……共 {len(warnings)} 项，全部见“{sheet}”" if len(warnings) > SHOWN else ""
        yield f"请核对：{'；'.join(warning.rstrip('。') for warning in warnings[:SHOWN])}{more}。"
