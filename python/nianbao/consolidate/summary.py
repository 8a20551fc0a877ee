"""The summary workbook: a valid workbook of the form whose figures are live sums, with the lists behind them."""

from pathlib import Path

from xlsxwriter import Workbook

from nianbao.consolidate.case import RETURNED
from nianbao.consolidate.charts import write_charts
from nianbao.consolidate.detail import sums, write_detail
from nianbao.consolidate.differences import write_differences
from nianbao.consolidate.pages import write_basis, write_problems, write_standings, write_subtotals
from nianbao.consolidate.result import Result
from nianbao.workbook.below import MISSING
from nianbao.workbook.leaves import write_leaves
from nianbao.workbook.styles import Styles
from nianbao.workbook.template import Extra, write

NOTE = "本表是汇总数：每格为“单位明细”各行之和，不在此处填写。"


def incomplete(result: Result) -> str:
    """How many units the sums are of, while some are missing or sent back; nothing when all are in."""
    counts = result.standing_counts()
    back = sum(case.state == RETURNED for case in result.cases)
    parts = [f"{word} {n}" for word, n in (("未报", counts[MISSING]), ("退回", back)) if n]
    return f"数字不全：只含 {len(result.lines)} 个单位，{'，'.join(parts)}。" if parts else ""


def write_summary(result: Result, target: Path) -> None:
    """Write the summary at ``target``, moved into place when it is complete."""
    live = sums(result)

    def sheets(book: Workbook, styles: Styles) -> None:
        write_charts(book, styles, result)
        write_detail(book, styles, result)
        write_standings(book, styles, result, target)
        write_subtotals(book, styles, result)
        write_problems(book, styles, result, target)
        if result.whole is not None:
            write_differences(book, styles, result)
        write_basis(book, styles, result)
        write_leaves(book, tuple(result.leaves()))

    missing = incomplete(result)
    write(result.report, target, Extra(sheets, live.get, f"{missing}{NOTE}"))
