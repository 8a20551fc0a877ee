"""The pool is bounded, and a file that hangs or kills its worker costs exactly itself."""

import multiprocessing
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from nianbao.consolidate import pool
from nianbao.consolidate.folder import Item
from nianbao.consolidate.journal import JournalEntry
from nianbao.consolidate.pool import BATCH, Function, Workers, died, drive, each
from support.faulty import by_name


def items(*odd: str, count: int = 100) -> list[Item]:
    plain = [f"{n:04d}" for n in range(count)]
    return [Item(name, "", 0, 0) for name in sorted([*plain, *odd])]


def gathered(workers: Workers, some: list[Item]) -> dict[str, JournalEntry]:
    batches = drive(some, workers.submit, by_name, 4 * workers.count)
    return {entry.name: entry for batch in batches for entry in batch}


def test_every_file_is_read_once_whatever_its_batch() -> None:
    with Workers(2) as workers:
        found = gathered(workers, items(count=3 * BATCH + 1))
    assert [entry.agency for entry in found.values()].count("") == 0 and len(found) == 3 * BATCH + 1


@pytest.mark.many
@pytest.mark.parametrize("start", ["forkserver", "spawn"])  # Linux; Windows
def test_files_that_kill_their_worker_cost_only_themselves(
    start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "START", multiprocessing.get_context(start))
    odd = ("0010 dies", "0011 dies", "0050 raises", "0099 dies")
    with Workers(2) as workers:
        found = gathered(workers, items(*odd))
    assert len(found) == 104
    assert {name: entry.trouble for name, entry in found.items() if entry.trouble} == dict.fromkeys(
        odd, died(None)
    )


def test_a_mistake_of_ours_is_written_down_and_told_as_ours(tmp_path: Path) -> None:
    log = tmp_path / "汇总.汇总错误.log"
    with Workers(1, log=log) as workers:
        batches = list(drive(items("0050 raises", "0060 dies"), workers.submit, by_name, 4, log))
    troubles = {entry.name: entry.trouble for batch in batches for entry in batch if entry.trouble}
    assert troubles == dict.fromkeys(("0050 raises", "0060 dies"), died(log))
    assert "不是报送单位的责任" in died(log) and "“汇总.汇总错误.log”" in died(log)
    written = log.read_text(encoding="utf-8")
    assert "ZeroDivisionError: 0050 raises" in written and "by_name" in written
    assert "0060 dies" in written and "退出码 -9" in written


def test_nothing_is_written_down_where_nothing_went_wrong(tmp_path: Path) -> None:
    log = tmp_path / "汇总.汇总错误.log"
    with Workers(1, log=log) as workers:
        assert sum(map(len, drive(items(), workers.submit, by_name, 4, log))) == 100
    assert not log.exists()


def test_a_file_that_hangs_is_given_up_and_the_rest_goes_on() -> None:
    with Workers(2, limit=0.5) as workers:
        found = gathered(workers, items("0003 hangs", "0080 hangs"))
    troubles = {name: entry.trouble for name, entry in found.items() if entry.trouble}
    assert set(troubles) == {"0003 hangs", "0080 hangs"} and all(
        "超过 0.5 秒" in t for t in troubles.values()
    )
    assert len(found) == 102


def test_never_more_batches_are_under_way_than_allowed() -> None:
    under_way: list[Future[list[JournalEntry]]] = []
    most = 0

    def submit(function: Function, batch: Sequence[Item]) -> Future[list[JournalEntry]]:
        nonlocal most
        future: Future[list[JournalEntry]] = Future()
        under_way.append(future)
        most = max(most, sum(not f.done() for f in under_way))
        threading.Timer(0.01, lambda: future.set_result(each(function, batch))).start()
        return future

    assert sum(map(len, drive(items(count=20 * BATCH), submit, by_name, 3))) == 20 * BATCH
    assert most == 3


def test_the_seam_takes_an_executor_of_the_standard_library() -> None:
    with ProcessPoolExecutor(1) as executor:
        submit = partial(_submitted, executor)
        names = [e.name for batch in drive(items(count=40), submit, by_name, 2) for e in batch]
    assert sorted(names) == [f"{n:04d}" for n in range(40)]


def _submitted(
    executor: ProcessPoolExecutor, function: Function, batch: Sequence[Item]
) -> Future[list[JournalEntry]]:
    return executor.submit(each, function, batch)


def test_a_batch_lost_as_a_whole_is_tried_again_file_by_file() -> None:
    def submit(function: Function, batch: Sequence[Item]) -> Future[list[JournalEntry]]:
        future: Future[list[JournalEntry]] = Future()
        try:
            future.set_result(each(function, batch))
        except ZeroDivisionError as error:
            future.set_exception(error)
        return future

    found = {e.name: e for batch in drive(items("0005 raises"), submit, by_name, 2) for e in batch}
    assert len(found) == 101 and [name for name, e in found.items() if e.trouble] == ["0005 raises"]


@pytest.mark.long
def test_closing_gives_up_what_is_under_way_at_once() -> None:
    workers = Workers(1, limit=600)
    future = workers.submit(by_name, items("0000 hangs", count=0))
    time.sleep(1)
    workers.close()
    assert future.done()


@pytest.mark.many
@pytest.mark.parametrize("count", [1, 3])
def test_the_workers_are_gone_when_the_pool_is_closed(count: int) -> None:
    with Workers(count) as workers:
        gathered(workers, items(count=200))
    assert multiprocessing.active_children() == []
