"""What the ribbon's buttons do, one function a button, without arguments: so that plain xlwings RunPython works too.

``book`` is for callers that hold a workbook already; without it the workbook is the one that was clicked in.
Failures are raised as Unreadable (or the engine's own error) in one Chinese sentence; see ``__main__``.
"""

from typing import TYPE_CHECKING

from nianbao.excel.book import OpenBook, calling_book
from nianbao.excel.flagging import check, flag, unflag
from nianbao.excel.stops import Stop, following, said, stops
from nianbao.problem import Unreadable
from nianbao.workbook.layout import RESULTS, RESULTS_TOP, SUMMARY, Spot

if TYPE_CHECKING:
    import xlwings as xw


def validate(book: "xw.Book | None" = None) -> None:
    """校验: flag every finding in its cell, list them on the sheet of results, select the first."""
    workbook = calling_book(book)
    workbook.status("正在校验……")
    try:
        flag(workbook, check(workbook))
    finally:
        workbook.status("")
    places = _stops(workbook)
    if places:
        _go(workbook, places, 0)
    else:
        workbook.select(SUMMARY)
        workbook.status("校验完成：没有发现问题。")


def clear(book: "xw.Book | None" = None) -> None:
    """清除标记: remove what 校验 made, and nothing else."""
    workbook = calling_book(book)
    unflag(workbook)
    workbook.status("")


def next_finding(book: "xw.Book | None" = None) -> None:
    """下一处: the next cell that the sheet of results lists, seen from the selected one."""
    _walk(calling_book(book), 1)


def previous_finding(book: "xw.Book | None" = None) -> None:
    """上一处: the one before."""
    _walk(calling_book(book), -1)


def _walk(workbook: OpenBook, step: int) -> None:
    places = _stops(workbook)
    if not places:
        raise Unreadable(workbook.name, "“校验结果”中没有列出问题", "请先点击“校验”；没有问题时不需要查看")
    _go(workbook, places, following(places, workbook.selected(), step))


def _stops(workbook: OpenBook) -> list[Stop]:
    if RESULTS not in workbook.sheet_names:
        return []
    bottom = max(workbook.bottom(RESULTS), RESULTS_TOP)
    listed, messages = (workbook.column(Spot(RESULTS, RESULTS_TOP, c), bottom) for c in (4, 5))
    places = stops(zip(listed, messages, strict=True))
    return [stop for stop in places if stop.at.sheet in workbook.sheet_names]


def _go(workbook: OpenBook, places: list[Stop], index: int) -> None:
    workbook.select(places[index].at)
    workbook.status(said(places, index))
