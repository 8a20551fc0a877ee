"""Functions for a pool's workers that go wrong, each in its way. They must be importable by other processes."""

import os
import signal
import time
from pathlib import Path

from nianbao.consolidate.folder import Item
from nianbao.consolidate.journal import JournalEntry


def by_name(item: Item) -> JournalEntry:
    """What happens is in the file's name: ``dies`` kills the worker, ``hangs`` keeps it, ``raises`` is a mistake of ours."""
    if "dies" in item.name:
        os.kill(os.getpid(), signal.SIGKILL)
    if "hangs" in item.name:
        time.sleep(600)
    if "raises" in item.name:
        raise ZeroDivisionError(item.name)
    return JournalEntry(*item.key, agency=f"read {item.name}")


def once(item: Item) -> JournalEntry:
    """Kills the worker that meets ``dies`` for the first time; the file at ``path`` remembers that."""
    if "dies" in item.name and not Path(item.path).exists():
        Path(item.path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return JournalEntry(*item.key, agency=f"read {item.name}")
