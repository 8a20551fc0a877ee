"""新建年报, 导出, 汇总: what the ribbon writes beside the workbook. Never over a file that is there."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from nianbao.checks.validate import count
from nianbao.core import form as forms
from nianbao.core.errors import Unreadable, refused
from nianbao.excel.book import OpenBook
from nianbao.excel.flagging import Checked
from nianbao.workbook.layout import COVER, COVER_FIELDS, FORM_NAME
from nianbao.workbook.template import blank, write

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


def free(folder: Path, stem: str) -> Path:
    """A workbook's path in a folder that no file has yet: ``年报.xlsx``, ``年报(2).xlsx`` …"""
    number = 1
    while True:
        path = folder / f"{stem}{f'({number})' if number > 1 else ''}.xlsx"
        if not path.exists():
            return path
        number += 1


def fresh_template(book: OpenBook | None, today: date) -> Path:
    """A new workbook for last year, beside the open one (else in the user's documents); its path."""
    year = today.year - 1
    target = free(home_of(book), f"政府信息公开年报{year}")
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
