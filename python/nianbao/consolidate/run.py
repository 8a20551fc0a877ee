"""The main path of a consolidation: find the files, read them in parallel, decide on each, add up, write."""

import hashlib
import sys
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

from nianbao import __version__
from nianbao.consolidate import back, intake, names, outputs, roster
from nianbao.consolidate.entry import Entry, Item, examine
from nianbao.consolidate.job import Job
from nianbao.consolidate.journal import Journal, beside
from nianbao.consolidate.pool import IN_FLIGHT, Alone, Crew, Workers, drive
from nianbao.consolidate.progress import Progress, silent
from nianbao.consolidate.reckon import reckon
from nianbao.consolidate.result import Result
from nianbao.consolidate.summary import write_summary
from nianbao.core.errors import Unreadable
from nianbao.core.form import FORMS
from nianbao.workbook.reader import read

#: Seconds after which a half-written file of ours is of no run that still goes on.
LEFT = 3600.0


def consolidate(job: Job, progress: Progress = silent) -> Result:
    """Consolidate a folder into a summary workbook and whatever else the job asks for; gives what it came to.

    Raises Unreadable, one Chinese sentence, when a named file (roster, own, last year's …) cannot be used, there is
    nothing to read, or a target exists. No file of the folder ever raises: what is wrong with it is in the result.
    """
    _fresh(job)
    known = roster.load(job.roster) if job.roster else None
    reports = {path: read(path) for path in (job.own, job.previous, job.whole) if path}
    items = _find(job)
    if not items:
        raise Unreadable(job.folder, "文件夹里没有工作簿或交换数据", "请核对文件夹的位置")
    with closing(Journal(job.journal, _settings(job), resume=job.resume)) as journal:
        _read(job, journal, items, progress)
        result = reckon(job, journal, known, reports)
        write_summary(result, job.target)
        try:
            outputs.write(result, job.target, job.to)
            back.send(result, job)
        except Unreadable as problem:
            todo = f"{problem.todo}（汇总“{job.target.name}”已经写成）"
            raise Unreadable(problem.file, problem.what, todo) from None
        return result


def _fresh(job: Job) -> None:
    """Nothing that is there already is overwritten; --resume replaces what an earlier run of ours made."""
    _ended(job.target, ".xlsx")
    if job.remind:
        _ended(job.remind, ".txt", ".csv")
        if not job.update:
            back.fresh(job.remind)
    if job.returns and job.returns.exists() and not job.returns.is_dir():
        raise Unreadable(str(job.returns), "这不是文件夹", "请换一个文件夹")
    _swept(job.target.parent)
    ours = job.update or (job.resume and beside(job.target).exists())
    for path in (job.target, *outputs.targets(job.target, job.to)):
        if path.exists() and not ours:
            raise Unreadable(
                str(path), "文件已经存在，不覆盖", "请换一个文件名，或先移走原文件，或用 --resume 续做"
            )


def _ended(target: Path, *endings: str) -> None:
    if target.suffix.lower() not in endings:
        raise Unreadable(str(target), f"文件名须以 {' 或 '.join(endings)} 结尾", "请改好文件名后重试")


def _swept(folder: Path) -> None:
    """Remove what runs that were killed left half-written; not what another run may be writing just now."""
    for path in folder.glob(".nianbao-*.xlsx"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > LEFT:
                path.unlink()


def _settings(job: Job) -> Mapping[str, str]:
    """What the entries of the journal depend on besides the files themselves."""
    said = hashlib.sha256()
    for path in sorted(FORMS.glob("*.json")):
        said.update(path.read_bytes())
    folder = job.folder if intake.is_url(job.folder) else str(Path(job.folder).resolve())
    return {
        "folder": names.sound(folder),
        "version": __version__,
        "forms": said.hexdigest(),
        "fields": " ".join(Entry._fields),
    }


def _read(job: Job, journal: Journal, items: list[Item], progress: Progress) -> None:
    """Read what the journal does not know yet, by a cluster or by processes of our own."""
    todo = journal.todo(items)
    done = 0
    progress(0, len(todo))
    if not todo:
        return
    function = examine
    if intake.is_url(job.folder):
        from nianbao.consolidate.cluster import examine_url as function
    with closing(_crew(job, len(todo))) as crew:
        for entries in drive(todo, crew.submit, function, IN_FLIGHT * crew.count, job.log):
            journal.add(entries)
            done += len(entries)
            progress(done, len(todo))


def _find(job: Job) -> list[Item]:
    if intake.is_url(job.folder):
        from nianbao.consolidate.cluster import find

        return find(job.folder)
    return intake.find(Path(job.folder), job.files)


def _crew(job: Job, files: int) -> Crew:
    """Who reads: a cluster's workers, or processes of our own (no more than there is work for)."""
    if job.scheduler:
        from nianbao.consolidate.cluster import Cluster

        return Cluster(job.scheduler)
    if sys.platform == "emscripten":
        return Alone()
    return Workers(min(job.workers, -(-files // 8)), job.limit, job.log)
