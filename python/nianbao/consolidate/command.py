"""The command ``nianbao consolidate``: what it says at the end, and that nothing is done twice where nothing changed."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click

from nianbao.consolidate.folder import deliver, is_url
from nianbao.consolidate.journal import Journal
from nianbao.consolidate.outputs import KINDS, data_files
from nianbao.consolidate.pool import on_terminal
from nianbao.consolidate.result import Result
from nianbao.consolidate.returns import RECORD
from nianbao.consolidate.run import consolidate, find_items, journal_settings
from nianbao.consolidate.settings import Job
from nianbao.consolidate.submissions import COVERED, EARLIER, FOREIGN, OUTSIDE, RETURNED, VERIFY
from nianbao.consolidate.summary import PROBLEMS, counted_words
from nianbao.core.files import Manifest, Unreadable
from nianbao.core.text import one_line
from nianbao.export.text import now
from nianbao.workbook.leaves import MISSING, SENT_BACK

#: The text of the earlier run's record in the journal.
_LAST = "last"
UNCHANGED = "上次汇总以来没有任何变化，汇总保持原样。"


class Words(NamedTuple):
    """What a run says at its end, and its exit code."""

    lines: Sequence[str]
    code: int


def kinds(text: str) -> tuple[str, ...]:
    """The kinds in ``parquet,csv,json``; Unreadable names one that is none."""
    wanted = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    for kind in wanted:
        if kind not in KINDS:
            raise Unreadable(kind, "没有这种数据格式", f"可用：{'、'.join(KINDS)}")
    return wanted


def run(job: Job, target: str) -> int:
    """Consolidate, say what came of it; 0: all is in and sound, 1: something was returned, is missing or wrong."""
    if is_url(target):
        parent, _, name = target.rpartition("/")
        with TemporaryDirectory() as scratch:
            words = _words(_run(replace(job, target=Path(scratch) / name)), target)
            deliver(Path(scratch), parent)
    elif kept := _kept(job):
        words = kept._replace(lines=[*kept.lines[:-1], UNCHANGED])
    else:
        words = _words(_run(job), target)
        _keep(job, words)
    for line in words.lines:
        click.echo(one_line(line))
    return words.code


def _run(job: Job) -> Result:
    try:
        return consolidate(job, on_terminal())
    except KeyboardInterrupt:
        click.echo("\n已中断，没有写出汇总；加 --resume 可接着读。", err=True)
        raise SystemExit(130) from None


def _words(result: Result, target: str) -> Words:
    errors = sum(finding.severity == "error" for finding in result.findings)
    waiting = any(c.state in (RETURNED, FOREIGN) for c in result.cases) or result.standing_counts()[MISSING]
    return Words(list(_lines(result, errors, target)), int(bool(waiting or errors or not result.lines)))


def _lines(result: Result, errors: int, target: str) -> Iterator[str]:
    yield from counted_words(result).splitlines()
    if errors:
        yield f"汇总数或本级报告有 {errors} 个强制性问题，须改正，见“{PROBLEMS}”。"
    for kind in (MISSING, SENT_BACK):
        if names := [s.name for s in result.standings if s.state == kind and s.name]:
            yield f"{kind}：{'、'.join(names[:10])}{f' 等 {len(names)} 个单位' if len(names) > 10 else ''}"
    for kind in (VERIFY, COVERED, EARLIER, OUTSIDE):
        if names := [case.name for case in result.cases if case.state == kind]:
            more = f" 等 {len(names)} 份" if len(names) > 10 else ""
            yield f"{kind}{'' if kind == VERIFY else '、没有计入'}：{'、'.join(names[:10])}{more}"
    yield from (f"请核对：{note}。" for note in result.warnings())
    if not result.lines:
        yield "没有一份可以计入的年报，汇总各格空白，不能使用。"
    yield from (f"{words}。" for words in result.carried)
    yield f"已生成 {target}"


def _kept(job: Job) -> Words | None:
    """What the last run said, where it was asked for the same, no file changed since, and all it wrote stands."""
    if not job.resume or is_url(job.folder) or not job.journal.exists():
        return None
    with closing(Journal(job.journal, journal_settings(job), resume=True)) as journal:
        try:
            last = json.loads(journal.note(_LAST))
            if last["asked"] != _asked(job) or last["written"] != _written(job):
                return None
            return Words(last["lines"], last["code"]) if journal.current(find_items(job)) else None
        except (ValueError, LookupError, OSError):
            return None


def _keep(job: Job, words: Words) -> None:
    """Record in the journal what the run was asked for, what it wrote, and what it said."""
    if is_url(job.folder):
        return
    with suppress(OSError), closing(Journal(job.journal, journal_settings(job), resume=True)) as journal:
        last = {"asked": _asked(job), "written": _written(job), "lines": words.lines, "code": words.code}
        journal.keep(_LAST, json.dumps(last, ensure_ascii=False))


def _asked(job: Job) -> str:
    """A digest of what is asked for: the options, the files that they name, and today's date, which letters bear."""
    asked = hashlib.sha256(repr(replace(job, resume=True, jobs=0, scheduler="")).encode("utf-8", "replace"))
    for path in (job.roster, job.own, job.previous, job.whole, job.choices, job.rules):
        asked.update(path.read_bytes() if path else b"\0")
    asked.update(str(now().date()).encode())
    return asked.hexdigest()


def _written(job: Job) -> list[list[int | str]]:
    """What stands where the job writes: every file's size and time of change, and how many letters are there."""
    files = [job.target, *data_files(job.target, job.to), *([job.remind] if job.remind else [])]
    record = Manifest(job.returns / RECORD) if job.returns else None
    here: list[list[int | str]] = [[str(p), p.stat().st_size, p.stat().st_mtime_ns] for p in files]
    letters = [record.folder / name for name in record.files] if record else []
    stats = [path.stat() for path in letters if path.is_file()]
    size, changed = sum(s.st_size for s in stats), max((s.st_mtime_ns for s in stats), default=0)
    return [*here, [len(stats), size, changed]]
