"""Back to the units: what is returned to them, and the notice of who is missing."""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from nianbao.consolidate.case import FOREIGN, Case
from nianbao.consolidate.job import Job
from nianbao.consolidate.result import NOBODY, Result, Standing
from nianbao.consolidate.sendback import send_back
from nianbao.core.errors import Unreadable
from nianbao.workbook.below import MISSING, SENT_BACK
from nianbao.workbook.template import into_place


def send(result: Result, job: Job) -> None:
    """Write the returned units' copies and letters, and the list of missing units, where they are asked for."""
    if job.returns:
        send_back(result, job, job.returns)
    if job.remind:
        text = _table(result) if job.remind.suffix.lower() == ".csv" else notice(result)
        if job.closing and job.remind.suffix.lower() == ".txt":
            text += f"\n{job.closing}\n"
        with into_place(job.remind if job.update else fresh(job.remind)) as temporary:
            temporary.write_text(text, encoding="utf-8-sig", newline="")


def fresh(target: Path) -> Path:
    """The target of a new file; Unreadable when there is one already."""
    if target.exists():
        raise Unreadable(str(target), "文件已经存在，不覆盖", "请换一个文件名，或先移走原文件")
    return target


def notice(result: Result) -> str:
    """The list for a notice: who has not reported, under which superior; who must report again; files of nobody."""
    year = result.report.year or ""
    lines = [f"{year}年政府信息公开工作年度报告催报名单", ""]
    for state, words in ((MISSING, "尚未报送"), (SENT_BACK, "已退回、须重新报送")):
        standings = [s for s in result.standings if s.state == state and s.name]
        lines += [f"{words}的单位 {len(standings)} 个：", *_numbered(map(_named, standings))]
    if nobody := [s.cases[0] for s in result.standings if s.state == SENT_BACK and not s.name]:
        lines += [f"{NOBODY} {len(nobody)} 个，请核对是谁报的：", *_numbered(map(_file, nobody))]
    if foreign := [case for case in result.cases if case.state == FOREIGN]:
        lines += [f"不是年报、须核对是否报错文件的 {len(foreign)} 个：", *_numbered(map(_file, foreign))]
    if result.roster is None:
        lines.append("没有提供名录，无法列出未报单位。")
    return "\n".join(lines).rstrip() + "\n"


def _numbered(lines: Iterator[str]) -> list[str]:
    return [*(f"{n}. {line}" for n, line in enumerate(lines, 1)), ""]


def _named(standing: Standing) -> str:
    superior = f"（{standing.superior}）" if standing.superior else ""
    reason = _short(standing.cases)
    return f"{standing.name}{superior}{f'：{reason}' if reason else ''}"


def _file(case: Case) -> str:
    return f"{case.head.name}：{_short([case])}"


def _short(cases: Sequence[Case]) -> str:
    """Why reports were sent back, in one short sentence."""
    reasons = list(dict.fromkeys(case.reason.split("；")[0].rstrip("。") for case in cases))
    if len(cases) == 1 or not reasons:
        return "".join(reasons)
    if all("另有内容不同" in reason for reason in reasons):
        return f"报来 {len(cases)} 份内容不同的报告，请确认以哪一份为准"
    return f"报来 {len(cases)} 份，都不能用：{reasons[0]}"


def _table(result: Result) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("单位", "代码", "上级", "报送", "说明"))
    writer.writerows(_lines(result))
    return text.getvalue()


def _lines(result: Result) -> Iterator[tuple[str, ...]]:
    for standing in result.standings:
        if standing.state in (MISSING, SENT_BACK):
            name = standing.name or f"（{NOBODY}）{standing.cases[0].head.name}"
            line = (name, standing.code, standing.superior, standing.state, _short(standing.cases))
            yield tuple(f"'{text}" if text.startswith(("=", "+", "-", "@")) else text for text in line)
