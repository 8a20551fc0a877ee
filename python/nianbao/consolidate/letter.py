"""The letter that goes back with a returned report: one page, the problems that are to be mended first."""

from collections.abc import Sequence
from html import escape

from nianbao.consolidate.case import Case
from nianbao.consolidate.found import Found
from nianbao.consolidate.gist import gist
from nianbao.consolidate.result import Result
from nianbao.core.finding import SEVERITY_WORDS

#: So many lines fit the page; the others are counted.
LINES = 14
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title><style>
body{{font:14px/1.6 "SimSun","Noto Serif CJK SC",serif;max-width:48em;margin:2em auto;padding:0 1em;color:#1f2933}}
h1{{font-size:19px}} table{{border-collapse:collapse;width:100%}} th,td{{border:1px solid #7b8794;padding:2px 6px;
text-align:left;vertical-align:top;font-size:13px}} th{{background:#eef2f6;white-space:nowrap}}
@page{{size:A4;margin:2cm}} @media print{{body{{margin:0;max-width:none}}}}
</style></head><body><h1>{title}</h1><p>文件：{file}</p><p>退回原因：{reason}</p>{table}
<p>{closing}</p></body></html>
"""
_HEADS = "<tr><th>序号</th><th>性质</th><th>位置</th><th>问题</th><th>处理建议</th></tr>"


def page(result: Result, case: Case, copy: str) -> str:
    """One page for the unit: why its report is returned, and the problems with their places; ``copy`` is the name
    of the flagged copy that goes with it, if there is one."""
    found = [item for item in result.of(case) if item.severity != "info"] if case.mendable else []
    title = f"{case.name or case.head.name}　{case.head.year or result.report.year or ''}年年报退回意见"
    return _PAGE.format(
        title=escape(title),
        file=escape(case.head.name),
        reason=escape(case.reason.rstrip("。") + "。"),
        table=_table(gist(found), bool(copy)),
        closing=escape(_closing(case, copy)),
    )


def _table(lines: Sequence[Found], copied: bool) -> str:
    if not lines:
        return ""
    rows = "".join(_row(number, item) for number, item in enumerate(lines[:LINES], 1))
    if len(lines) > LINES:
        words = f"等 {len(lines)} 项" + ("，其余见副本的“校验结果”" if copied else "")
        rows += f'<tr><td colspan="5">{words}</td></tr>'
    return f"<table>{_HEADS}{rows}</table>"


def _row(number: int, found: Found) -> str:
    place = f"{found.sheet} {found.cell}".strip() or "整份报告"
    cells = (str(number), SEVERITY_WORDS[found.severity], place, found.message, found.advice)
    return "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in cells) + "</tr>"


def _closing(case: Case, copy: str) -> str:
    """What the unit is to do: correct its report only where something in it is wrong."""
    if not case.mendable:
        return "请按退回原因处理后重新报送。"
    if not copy:
        return "请改正后重新报送。问题未能在工作簿中标出，请按上列各项在原文件中改正。"
    return f"请改正后重新报送。全部问题已在副本“{copy}”中标出，可直接在副本中改正，改好后把副本报来，文件名不限。"
