"""How far a consolidation is: a line on a terminal, or a callback for a status bar."""

import sys
import time
from collections.abc import Callable

#: Called with the files read so far and all there are to read.
Progress = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Says nothing."""


class Bar:
    """One line on standard error, rewritten a few times a second: rate and time left."""

    def __init__(self) -> None:
        self._begun = self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._last < 0.2 and done < total:
            return
        self._last = now
        sys.stderr.write(f"\r{words(done, total, now - self._begun)}\x1b[K" + ("\n" if done >= total else ""))
        sys.stderr.flush()


def words(done: int, total: int, seconds: float) -> str:
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
    return Bar() if sys.stderr.isatty() else silent
