"""Back to the units: flagged copies and lists of problems of what is returned, and the list of who is missing."""

import csv
import io
from collections.abc import Iterator
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from nianbao.consolidate.case import FOREIGN, RETURNED, Case
from nianbao.consolidate.entry import Found
from nianbao.consolidate.result import MISSING, SENT_BACK, Result, Standing
from nianbao.finding import SEVERITY_WORDS
from nianbao.problem import Unreadable
from nianbao.validate import validate
from nianbao.workbook.marks import mark
from nianbao.workbook.reader import read
from nianbao.workbook.template import into_place, write

#: What openpyxl raises on workbooks that our reader accepts but that it does not understand.
_REFUSED = (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, SyntaxError, EOFError)
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title><style>
body{{font:15px/1.7 "SimSun","Noto Serif CJK SC",serif;max-width:46em;margin:2em auto;padding:0 1em;color:#1f2933}}
h1{{font-size:20px}} table{{border-collapse:collapse;width:100%}} th,td{{border:1px solid #7b8794;padding:4px 8px;
text-align:left;vertical-align:top}} th{{background:#eef2f6}} @page{{size:A4;margin:2cm}}
</style></head><body><h1>{title}</h1><p>文件：{file}</p><p>退回原因：{reason}</p>{table}
<p>{closing}</p></body></html>
"""
_HEADS = "<tr><th>序号</th><th>性质</th><th>位置</th><th>问题</th><th>处理建议</th></tr>"


def send(result: Result, returns: Path | None, remind: Path | None) -> None:
    """Write the returned units' copies and lists under ``returns``, and the list of missing units to ``remind``."""
    if returns:
        for case in result.cases:
            if case.state in (RETURNED, FOREIGN):
                _return(result, case, returns)
    if remind:
        text = _table(result) if remind.suffix.lower() == ".csv" else notice(result)
        with into_place(fresh(remind)) as temporary:
            temporary.write_text(text, encoding="utf-8-sig", newline="")


def fresh(target: Path) -> Path:
    """The target of a new file; Unreadable when there is one already."""
    if target.exists():
        raise Unreadable(str(target), "文件已经存在，不覆盖", "请换一个文件名，或先移走原文件")
    return target


def _return(result: Result, case: Case, folder: Path) -> None:
    """The flagged copy where there is something to flag, and the list; an earlier pair of ours is replaced."""
    place = folder / case.head.name
    copy = place.with_name(f"{place.name}.校验.xlsx")
    flagged = bool(case.head.errors) and _flagged(result.path(case.head.name), copy)
    with into_place(place.with_name(f"{place.name}.退回意见.html")) as temporary:
        temporary.write_text(page(result, case, copy.name if flagged else ""), encoding="utf-8")


def _flagged(source: Path, copy: Path) -> bool:
    """A flagged copy of the unit's own workbook, or of its figures where that cannot be edited."""
    try:
        report = read(source)
    except Unreadable:  # changed since it was read
        return False
    findings = validate(report)
    with TemporaryDirectory() as scratch:
        if source.suffix.lower() in (".xlsx", ".xlsm"):
            try:
                mark(source, copy, report, findings)
                return True
            except _REFUSED:
                pass
        plain = Path(scratch) / "report.xlsx"
        write(report, plain)
        mark(plain, copy, report, findings)
    return True


def page(result: Result, case: Case, copy: str) -> str:
    """One page for the unit: why its report is returned, and every problem with its place."""
    found = [] if case.head.trouble else result.journal.findings(case.head.name)
    rows = "".join(_row(n, item) for n, item in enumerate(found, 1))
    return _PAGE.format(
        title=escape(
            f"{case.name or case.head.name}　{case.head.year or result.report.year or ''}年年报退回意见"
        ),
        file=escape(case.head.name),
        reason=escape(case.reason),
        table=f"<table>{_HEADS}{rows}</table>" if rows else "",
        closing=escape(_closing(case, copy)),
    )


def _closing(case: Case, copy: str) -> str:
    """What the unit is to do: correct its report only where something in it is wrong."""
    if not case.head.errors:
        return "请按退回原因处理后重新报送。"
    return f"请改正后重新报送。{f'问题已在副本“{copy}”中标出。' if copy else ''}"


def _row(number: int, found: Found) -> str:
    place = f"{found.sheet} {found.cell}"
    cells = (str(number), SEVERITY_WORDS[found.severity], place, found.message, found.advice)
    return "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in cells) + "</tr>"


def notice(result: Result) -> str:
    """The list for a notice: who has not reported, under which superior; who must report again."""
    year = result.report.year or ""
    lines = [f"{year}年政府信息公开工作年度报告催报名单", ""]
    for state, words in ((MISSING, "尚未报送"), (SENT_BACK, "已退回、须重新报送")):
        standings = [s for s in result.standings if s.state == state]
        lines.append(f"{words}的单位 {len(standings)} 个：")
        lines += [f"{n}. {_named(s)}" for n, s in enumerate(standings, 1)] + [""]
    if foreign := [case for case in result.cases if case.state == FOREIGN]:
        lines.append(f"不是年报、须核对是否报错文件的 {len(foreign)} 个：")
        lines += [f"{n}. {case.head.name}：{case.reason}" for n, case in enumerate(foreign, 1)] + [""]
    if result.roster is None:
        lines.append("没有提供名录，无法列出未报单位。")
    return "\n".join(lines).rstrip() + "\n"


def _named(standing: Standing) -> str:
    name = standing.name or standing.cases[0].head.name
    superior = f"（{standing.superior}）" if standing.superior else ""
    reason = "；".join(case.reason.rstrip("。") for case in standing.cases)
    return f"{name}{superior}{f'：{reason}' if reason else ''}"


def _table(result: Result) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("单位", "代码", "上级", "报送", "说明"))
    writer.writerows(_lines(result))
    return text.getvalue()


def _lines(result: Result) -> Iterator[tuple[str, ...]]:
    for standing in result.standings:
        if standing.state in (MISSING, SENT_BACK):
            reason = "；".join(case.reason for case in standing.cases)
            name = standing.name or standing.cases[0].head.name
            line = (name, standing.code, standing.superior, standing.state, reason)
            yield tuple(f"'{text}" if text.startswith(("=", "+", "-", "@")) else text for text in line)
