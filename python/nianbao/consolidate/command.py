"""The command ``nianbao consolidate``: its options, and what it says at the end."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from nianbao.consolidate.folder import is_url
from nianbao.consolidate.outputs import KINDS
from nianbao.consolidate.pool import on_terminal
from nianbao.consolidate.result import Result
from nianbao.consolidate.run import consolidate
from nianbao.consolidate.settings import Job
from nianbao.consolidate.submissions import COVERED, EARLIER, FOREIGN, OUTSIDE, RETURNED
from nianbao.consolidate.summary import PROBLEMS, counted_words
from nianbao.core.errors import Unreadable
from nianbao.workbook.reader import MISSING, SENT_BACK


def kinds(text: str) -> tuple[str, ...]:
    """The kinds in ``parquet,csv,json``; Unreadable names one that is none."""
    found = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    for kind in found:
        if kind not in KINDS:
            raise Unreadable(kind, "没有这种数据格式", f"可用：{'、'.join(KINDS)}")
    return found


def run(job: Job, target: str) -> int:
    """Consolidate, say what came of it; 0: all is in and sound, 1: something was returned, is missing or wrong."""
    if not is_url(target):
        return _report_result(_run(job), target)
    from nianbao.consolidate.folder import deliver

    parent, _, name = target.rpartition("/")
    with TemporaryDirectory() as scratch:
        from dataclasses import replace

        result = _run(replace(job, target=Path(scratch) / name))
        deliver(Path(scratch), parent)
    return _report_result(result, target)


def _run(job: Job) -> Result:
    try:
        return consolidate(job, on_terminal())
    except KeyboardInterrupt:
        click.echo("\n已中断，没有写出汇总；加 --resume 可接着读。", err=True)
        raise SystemExit(130) from None


def _report_result(result: Result, target: str) -> int:
    click.echo(counted_words(result))
    if errors := sum(found.severity == "error" for found in result.findings):
        click.echo(f"汇总数或本级报告有 {errors} 个强制性问题，须改正，见“{PROBLEMS}”。")
    for kind in (MISSING, SENT_BACK):
        if names := [s.name for s in result.standings if s.state == kind and s.name]:
            click.echo(
                f"{kind}：{'、'.join(names[:10])}{f' 等 {len(names)} 个单位' if len(names) > 10 else ''}"
            )
    for kind in (COVERED, EARLIER, OUTSIDE):
        if names := [case.name for case in result.cases if case.state == kind]:
            click.echo(
                f"{kind}、没有计入：{'、'.join(names[:10])}{f' 等 {len(names)} 份' if len(names) > 10 else ''}"
            )
    for note in result.warnings():
        click.echo(f"请核对：{note}。")
    if not result.lines:
        click.echo("没有一份可以计入的年报，汇总各格空白，不能使用。")
    click.echo(f"已生成 {target}")
    waiting = any(c.state in (RETURNED, FOREIGN) for c in result.cases) or result.standing_counts()[MISSING]
    return int(bool(waiting or errors or not result.lines))
