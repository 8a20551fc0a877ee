"""Batches of files on several processes: bounded, and a file that hangs or kills its worker costs only itself.

The seam is ``submit(function, batch)``: it gives a future of one result a file, in order. :class:`Workers`
has it, and so have ``concurrent.futures`` executors and Dask's ``client.get_executor(pure=False)`` through
:func:`each`.
"""

import gc
import multiprocessing
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Protocol

from nianbao.consolidate.folder import INSTALL, LOG_ENDING, Item
from nianbao.consolidate.journal import JournalEntry
from nianbao.core.files import Unreadable
from nianbao.xlsx.container import inflate_with

#: Instead of a file's reading, where this program failed.
DIED = "读取时程序异常中断，未能读入；这是本程序的故障，不是报送单位的责任"


def log_beside(summary: Path) -> Path:
    """Where faults are written down: beside the summary and its journal, made only when there is one."""
    return summary.with_name(f"{summary.stem}{LOG_ENDING}")


def died(log: Path | None) -> str:
    """The sentence on a file that could not be read for a fault of ours, with what to do."""
    return f"{DIED}，请把该文件{f'和“{log.name}”' if log else ''}交维护人员，或请单位另存一份后再试。"


def write_fault(log: Path | None, file: str, words: str) -> None:
    """Write down what happened with a file; that this fails is no reason to stop."""
    if log is not None:
        with suppress(OSError), log.open("a", encoding="utf-8", errors="backslashreplace") as lines:
            lines.write(f"{datetime.now():%Y-%m-%d %H:%M:%S} {file}：{words.rstrip()}\n")


class Watched:
    """A context that writes an exception down and lets it pass."""

    def __init__(self, log: Path | None, file: str) -> None:
        self._log, self._file = log, file

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            write_fault(self._log, self._file, "".join(traceback.format_exception(kind, error, trace)))


Function = Callable[[Item], JournalEntry]
Submit = Callable[[Function, Sequence[Item]], "Future[list[JournalEntry]]"]


class Crew(Protocol):
    """Who reads: ``count`` workers behind the seam."""

    count: int

    def submit(self, function: Function, batch: Sequence[Item]) -> "Future[list[JournalEntry]]":
        """A future of one entry a file, in order."""

    def close(self) -> None:
        """Give up what is under way."""


#: Files in a batch, and batches under way for each worker: more would fill memory, fewer would leave workers idle.
BATCH, IN_FLIGHT = 32, 4
#: Seconds within which a file must have been read; a report takes some milliseconds.
LIMIT = 30.0
#: How a worker begins. Nothing of the parent (threads, open files) comes along: on Linux it is a copy of a process
#: that has only loaded what reads a file, elsewhere a fresh interpreter, which costs some tenths of a second each.
if sys.platform == "linux":
    START = multiprocessing.get_context("forkserver")
else:
    START = multiprocessing.get_context("spawn")
LOADED = ["nianbao.consolidate.journal", "nianbao.checks.narrative.ready"]


def prepare() -> None:
    """Begin to load what workers are copies of; until they are asked for, other work goes on. That it cannot be done is
    told when a worker is asked for something."""
    if START.get_start_method() != "forkserver":
        return
    from multiprocessing import forkserver

    START.set_forkserver_preload(LOADED)
    with suppress(OSError), _unasked():
        forkserver.ensure_running()


NO_CHILD = "请关闭其他程序，或加 --jobs 1 重试；加 --resume 可接着读"
HUNG = "读取超过 {limit:g} 秒，已停止；请核对文件是否过大或被改坏，另存一份后再报送。"


def lost(item: Item, why: str) -> JournalEntry:
    """The entry of a file whose worker did not come back."""
    return JournalEntry(item.name, item.size, item.changed, trouble=why)


def each(function: Function, batch: Sequence[Item]) -> list[JournalEntry]:
    """A whole batch in one go, for executors that have no bound a file."""
    return [function(item) for item in batch]


def drive(
    items: Iterable[Item], submit: Submit, function: Function, most: int, log: Path | None = None
) -> Iterator[list[JournalEntry]]:
    """The entries of all items, batch after batch as they come, never more than ``most`` batches under way.

    A batch that is lost as a whole is tried again file by file; a file that is lost alone is reported as such,
    and written down in ``log``.
    """
    source = iter(items)
    batches: Iterator[list[Item]] = iter(lambda: list(islice(source, BATCH)), [])
    under_way: dict[Future[list[JournalEntry]], list[Item]] = {}
    again: list[list[Item]] = []
    try:
        while True:
            while len(under_way) < most and (batch := again.pop() if again else next(batches, [])):
                under_way[submit(function, batch)] = batch
            if not under_way:
                return
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                batch = under_way.pop(future)
                if (error := future.exception()) is None:
                    yield future.result()
                elif isinstance(error, Unreadable):
                    raise error
                elif len(batch) == 1:
                    write_fault(log, batch[0].name, "".join(traceback.format_exception(error)))
                    yield [lost(batch[0], died(log))]
                else:
                    again += [[item] for item in batch]
    finally:
        for future in under_way:
            future.cancel()


class Alone:
    """One file after another in this very process, where none other can be started (in a browser)."""

    count = 1

    def submit(self, function: Function, batch: Sequence[Item]) -> "Future[list[JournalEntry]]":
        done: Future[list[JournalEntry]] = Future()
        done.set_result(each(function, batch))
        return done

    def close(self) -> None:
        """Nothing is under way."""


class Workers:
    """A pool of processes of our own. Each is watched by a thread that knows which file it is reading, and starts
    another in its place when that file kills it or takes longer than ``limit`` seconds. ``log``: where faults of
    this program are written down."""

    def __init__(self, count: int, limit: float = LIMIT, log: Path | None = None) -> None:
        self.count, self.limit, self.log = count, limit, log
        self._jobs: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, function: Function, batch: Sequence[Item]) -> "Future[list[JournalEntry]]":
        job = _Task(function, batch)
        self._jobs.put(job)
        return job.future

    def close(self) -> None:
        """End every process, at once: what is under way is given up."""
        self._stopped.set()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self) -> None:
        child = _Child(self.log)
        while (job := self._jobs.get()) is not None and not self._stopped.is_set():
            if not job.future.set_running_or_notify_cancel():
                continue
            results: dict[int, JournalEntry] = {}
            try:
                while len(results) < len(job.batch) and not self._stopped.is_set():
                    child = self._some(child, job, results)
                job.future.set_result([results[n] for n in sorted(results)])
            except (OSError, RuntimeError, EOFError) as error:
                job.future.set_exception(
                    Unreadable(
                        "汇总",
                        f"无法启动读取进程（{getattr(error, 'strerror', '') or type(error).__name__}）",
                        NO_CHILD,
                    )
                )
                child = _Child(self.log)
            finally:
                if not job.future.done():
                    job.future.set_exception(RuntimeError("the batch could not be handed over"))
        child.end()

    def _some(self, child: "_Child", job: "_Task", results: dict[int, JournalEntry]) -> "_Child":
        """Results of the batch's remaining files by their places, up to its end or the loss of the child; the child to go
        on with. What a lost child had read and not yet told is read again."""
        left = [n for n in range(len(job.batch)) if n not in results]
        child.ask(job.function, [job.batch[n] for n in left])
        told = 0
        while told < len(left):
            answer = child.answer(self.limit, self._stopped)
            if self._stopped.is_set():
                return child
            if isinstance(answer, str):
                n = left[max(child.begun(), told + 1) - 1]
                results[n] = lost(job.batch[n], answer)
                write_fault(self.log, job.batch[n].name, f"{answer}（退出码 {child.end()}）")
                return _Child(self.log)
            results.update(zip(left[told:], answer, strict=False))
            told += len(answer)
        return child


class _Task:
    def __init__(self, function: Function, batch: Sequence[Item]) -> None:
        self.function, self.batch = function, batch
        self.future: Future[list[JournalEntry]] = Future()


class _Child:
    """One process, started when it is first asked for something."""

    def __init__(self, log: Path | None) -> None:
        self._log = log
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._marks: Connection | None = None

    def ask(self, function: Function, batch: Sequence[Item]) -> None:
        pipe = self._started()
        self.begun()  # those of the batch before
        with suppress(OSError):  # a dead child is met when its answer is awaited
            pipe.send((function, list(batch)))

    def _started(self) -> "Connection":
        if self._pipe is None:
            prepare()
            pipe, theirs = START.Pipe()
            self._marks, marks = START.Pipe(duplex=False)
            process = START.Process(target=_work, args=(theirs, marks, self._log), daemon=True)
            with theirs, marks, _unasked():
                process.start()
            self._pipe, self._process = pipe, process
            try:
                pipe.recv()
            except EOFError:
                raise OSError(0, "进程一启动就退出") from None
        return self._pipe

    def begun(self) -> int:
        """How many files it has begun since it was last asked that."""
        count = 0
        with suppress(OSError, EOFError):
            while self._marks is not None and self._marks.poll():
                self._marks.recv_bytes()
                count += 1
        return count

    def answer(self, limit: float, stopped: threading.Event) -> list[JournalEntry] | str:
        """The next files' entries, or why they will not come."""
        assert self._pipe is not None
        try:
            for _ in range(max(round(limit / 0.1), 1)):
                if self._pipe.poll(0.1):
                    return [JournalEntry._make(fields) for fields in self._pipe.recv()]
                if stopped.is_set():
                    break
        except (EOFError, OSError):
            if self._process is not None:
                self._process.join(1.0)  # it is ending by itself; its exit code tells how
            return died(self._log)
        return HUNG.format(limit=limit)

    def end(self) -> int | None:
        """End it, if it has not ended by itself; gives its exit code."""
        for pipe in (self._pipe, self._marks):
            if pipe is not None:
                pipe.close()
        if self._process is None:
            return None
        self._process.kill()
        self._process.join()
        return self._process.exitcode


@contextmanager
def _unasked() -> Iterator[None]:
    """What is started meanwhile is not stopped by Ctrl-C, which is the parent's to act on: it would say so in a traceback."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # starting it would let the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


#: So many files are answered together; sooner where the last answer was so many seconds ago.
TOGETHER, OFTEN = 16, 0.1


def _work(pipe: "Connection", marks: "Connection", log: Path | None) -> None:
    """The loop of a child: batch after batch, each file marked when it is begun, until the parent is gone."""
    end_with_parent()
    gc.set_threshold(100_000)  # what is read is free of cycles, looking for them is wasted
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to act on
    with suppress(ImportError):  # there is none for some processors
        from isal import isal_zlib

        inflate_with(isal_zlib)
    with Path(os.devnull).open("w") as nowhere:
        sys.stderr = nowhere  # a file that ends this process is told of in one sentence
        _sent(pipe, [])  # ready
        while (asked := _asked(pipe)) is not None:
            function, batch = asked
            made: list[JournalEntry] = []
            before = time.monotonic()
            for n, item in enumerate(batch, 1):
                with suppress(OSError):
                    marks.send_bytes(b".")
                with Watched(log, item.name):
                    made.append(function(item))
                if n == len(batch) or len(made) == TOGETHER or time.monotonic() - before > OFTEN:
                    if not _sent(pipe, made):
                        return
                    made, before = [], time.monotonic()


def end_with_parent() -> None:
    """Have the system end this process when its parent is gone, whatever it is doing (Linux; elsewhere its pipe ends)."""
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _asked(pipe: "Connection") -> tuple[Function, list[Item]] | None:
    try:
        asked: tuple[Function, list[Item]] = pipe.recv()
        return asked
    except (EOFError, OSError):
        return None


def _sent(pipe: "Connection", entries: Sequence[JournalEntry]) -> bool:
    try:
        pipe.send([tuple(entry) for entry in entries])
    except OSError:
        return False
    return True


#: How long the scheduler is waited for.
PATIENCE = "20s"


class Cluster:
    """The workers of an existing Dask cluster behind the seam; lost workers are Dask's to replace and retry."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise Unreadable(address, "没有安装 Dask", INSTALL) from None
        try:
            self._client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError):
            raise Unreadable(address, "连不上 Dask 调度器", "请核对地址和网络，确认调度器正在运行") from None
        self._executor = self._client.get_executor(pure=False, retries=2)
        self.count = max(sum(self._client.nthreads().values()), 1)

    def submit(self, function: Function, batch: Sequence[Item]) -> "Future[list[JournalEntry]]":
        future: Future[list[JournalEntry]] = self._executor.submit(each, function, list(batch))
        return future

    def close(self) -> None:
        """Cancel what is under way and leave; the cluster goes on."""
        self._executor.shutdown(wait=False)
        self._client.close()


#: Called with the files read so far and all there are to read.
Progress = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Says nothing."""


class ProgressLine:
    """One line on standard error, rewritten a few times a second: rate and time left."""

    def __init__(self) -> None:
        self._begun = self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._last < 0.2 and done < total:
            return
        self._last = now
        sys.stderr.write(
            f"\r{progress_words(done, total, now - self._begun)}\x1b[K" + ("\n" if done >= total else "")
        )
        sys.stderr.flush()


def progress_words(done: int, total: int, seconds: float) -> str:
    """The line: a bar, files read, files a second, time left."""
    rate = done / seconds if seconds > 0 else 0
    full = round(24 * done / total) if total else 24
    left = f"，剩余 {_clock((total - done) / rate)}" if rate and done < total else ""
    return f"[{'█' * full}{'░' * (24 - full)}] 已读 {done:,}/{total:,}，每秒 {rate:,.0f} 个{left}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"


def on_terminal() -> Progress:
    """A bar where a person watches, silence else."""
    return ProgressLine() if sys.stderr.isatty() else silent
