"""The throw-away profile of one LibreOffice: its settings, its pipe, and leaving nothing of it behind."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

_PREFIX = "nianbao-office-"
_ITEM = (
    '<item oor:path="/org.openoffice.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>'
)
_FILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
{}
</oor:items>
"""
_SETTINGS = (
    ("Setup/L10N", "ooSetupSystemLocale", "en-US"),
    ("Office.Linguistic/General", "DefaultLocale_CJK", "zh-CN"),
    ("Office.Calc/Formula/Load", "OOXMLRecalcMode", "0"),  # always: stale cached values are recalculated
    ("Office.Calc/Formula/Load", "ODFRecalcMode", "0"),
    ("Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Office.Common/Misc", "UseLocking", "false"),
    ("Office.Common/Misc", "UseDocumentOOoLockFile", "false"),
    ("Office.Common/Misc", "FirstRun", "false"),
    ("Office.Common/Save/Document", "AutoSave", "false"),
)
_ENGLISH = (
    "Setup/L10N",
    "ooLocale",
    "en-US",
)  # a window speaks the user's language, the hidden office English


class Profile:
    """A new profile folder. Its lock file is held as long as we live: so a later run knows what was abandoned."""

    def __init__(self, *, english: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        settings = (*_SETTINGS, _ENGLISH) if english else _SETTINGS
        text = _FILE.format("\n".join(_ITEM.format(*setting) for setting in settings))
        (self.folder / "user").mkdir()
        (self.folder / "user" / "registrymodifications.xcu").write_text(text, encoding="utf-8")
        self._lock = _hold(self.folder)

    @property
    def pipe(self) -> str:
        """The name of the pipe to reach its LibreOffice by; random as the folder's."""
        return self.folder.name

    def remove(self) -> None:
        """Remove the folder and both pipes. Idempotent; only once its LibreOffice has ended."""
        _remove(self.folder)
        self._lock.close()


def sweep() -> None:
    """Remove the profiles that earlier runs of this user had no chance to remove, having been killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError), (folder / "lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(folder)


def _hold(folder: Path) -> IO[str]:
    """A lock file, locked before it has its name, so that nobody sees it unlocked while we live."""
    lock = (folder / "new").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    (folder / "new").rename(folder / "lock")
    return lock


def _remove(folder: Path) -> None:
    digest = hashlib.md5(folder.as_uri().encode("utf-16-le"), usedforsecurity=False).digest()
    own = "SingleOfficeIPC_" + "".join(f"{byte:x}" for byte in digest)  # as LibreOffice names it
    for pipe in (folder.name, own):
        (Path("/tmp") / f"OSL_PIPE_{os.getuid()}_{pipe}").unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
