"""Faults of this program itself: written down for its maintainers, told to staff as no fault of the unit's."""

import traceback
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType

ENDING = ".汇总错误.log"
#: Instead of a file's reading, where this program failed.
DIED = "读取时程序异常中断，未能读入；这是本程序的故障，不是报送单位的责任"


def beside(summary: Path) -> Path:
    """Where faults are written down: beside the summary and its journal, made only when there is one."""
    return summary.with_name(f"{summary.stem}{ENDING}")


def died(log: Path | None) -> str:
    """The sentence on a file that could not be read for a fault of ours, with what to do."""
    return f"{DIED}，请把该文件{f'和“{log.name}”' if log else ''}交维护人员，或请单位另存一份后再试。"


def note(log: Path | None, file: str, words: str) -> None:
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
            note(self._log, self._file, "".join(traceback.format_exception(kind, error, trace)))
