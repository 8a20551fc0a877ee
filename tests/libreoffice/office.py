"""A LibreOffice of our own: its bridge to Python, its profile and process, and what can go wrong, as one Chinese sentence each."""

from __future__ import annotations

import builtins
import ctypes
import fcntl
import functools
import hashlib
import importlib
import inspect
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, TypeVar

from . import GONE, EngineError, Gone, Missing

# Debian keeps the bridge with the system's Python, other distributions beside LibreOffice itself.
PLACES = (
    "/usr/lib/python3/dist-packages",
    "/usr/lib/libreoffice/program",
    "/usr/lib64/libreoffice/program",
    "/opt/libreoffice/program",
)
_DUNDERS = (
    "__init__",
    "__call__",
    "__len__",
    "__iter__",
    "__getitem__",
    "__contains__",
    "__getattr__",
    "__setattr__",
)

C = TypeVar("C", bound=type)


def _import_uno() -> Any:
    """`uno`, while `sys.path` and `builtins.__import__`, which it replaces, stay what they were."""
    real, path = builtins.__import__, list(sys.path)
    sys.path.extend(PLACES)
    try:
        return importlib.import_module("uno")
    except ImportError as error:
        raise Missing(
            "没有找到与当前 Python 配套的 LibreOffice 接口（python3-uno）；"
            "请安装 python3-uno，并使用系统自带版本的 Python。"
        ) from error
    finally:
        builtins.__import__ = real
        sys.path[:] = path


uno: Any = _import_uno()
UnoException: type[Exception] = uno.getClass("com.sun.star.uno.Exception")
Disposed: type[Exception] = uno.getClass("com.sun.star.lang.DisposedException")
NoConnect: type[Exception] = uno.getClass("com.sun.star.connection.NoConnectException")


def struct(name: str, **fields: Any) -> Any:
    """A UNO struct `com.sun.star.<name>` with these fields."""
    made = uno.createUnoStruct(f"com.sun.star.{name}")
    for key, value in fields.items():
        setattr(made, key, value)
    return made


def constant(name: str) -> int:
    """The value of the UNO constant `com.sun.star.<name>`."""
    return int(uno.getConstantByName(f"com.sun.star.{name}"))


def enum(kind: str, name: str) -> Any:
    """The member `name` of the UNO enumeration `com.sun.star.<kind>`."""
    return uno.Enum(f"com.sun.star.{kind}", name)


def properties(**fields: Any) -> tuple[Any, ...]:
    """Named arguments as UNO wants them: a tuple of PropertyValue."""
    return tuple(struct("beans.PropertyValue", Name=key, Value=value) for key, value in fields.items())


def property_list(**fields: Any) -> Any:
    """The same, typed, for a property whose value is itself a list of properties (FilterData)."""
    return uno.Any("[]com.sun.star.beans.PropertyValue", properties(**fields))


def translated(error: Exception) -> EngineError:
    """The sentence for an exception that UNO raised."""
    if isinstance(error, Disposed):
        return Gone(GONE)
    return refused(str(getattr(error, "Message", "")) or type(error).__name__.rpartition(".")[2])


def refused(message: str) -> EngineError:
    """The sentence for what UNO says, without the place in its source."""
    said = re.sub(r"\s*\bat \./\S+", "", message).strip()
    return EngineError(f"LibreOffice 没有完成这一步（{said}）。")


def safely(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, raising EngineError where UNO raised.

    UNO's exceptions refuse `__traceback__` and so break contextlib and pytest: the new one is raised after the
    `except` block, so that it does not even carry the old one as its context.
    """

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except UnoException as error:
            sentence = translated(error)
        raise sentence

    return call


def uno_safe(cls: C) -> C:
    """Class decorator: every method and property of the class itself goes through `safely`."""
    for name, member in list(vars(cls).items()):
        if isinstance(member, property):
            read, write = (part and safely(part) for part in (member.fget, member.fset))
            setattr(cls, name, property(read, write, doc=member.__doc__))
        elif inspect.isfunction(member) and (name in _DUNDERS or not name.startswith("__")):
            setattr(cls, name, safely(member))
    return cls


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


_PR_SET_PDEATHSIG = 1
_START_ME_AGAIN = 81  # what soffice.bin answers once its fresh profile is laid out
_RESTARTS = 3
_INSIDE = Path(__file__).resolve().with_name("inside.py")
_OTHER_PYTHONS = (
    "PYTHONPATH",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "VIRTUAL_ENV",
)  # for ours, not for LibreOffice's own


def executable() -> Path:
    """`soffice.bin` itself, not the wrapper: one process whose pid we know. Raises Missing."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is None:
        raise Missing(
            "本机没有找到 LibreOffice；请先安装 libreoffice-calc、libreoffice-writer 与 python3-uno。"
        )
    program = Path(found).resolve().with_name("soffice.bin")
    if not program.exists():
        raise Missing(
            f"LibreOffice 安装不完整（{program.parent} 中没有 soffice.bin）；请重新安装 LibreOffice。"
        )
    return program


def _dies_with(parent: int) -> Callable[[], None]:
    """What the child runs before it becomes soffice.bin: the kernel ends it when our process ends."""
    libc = ctypes.CDLL(None)

    def prepare() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # we ended in between
            os._exit(1)

    return prepare


def _environment() -> dict[str, str]:
    """Our own, but that LibreOffice's Python finds its own library: by the first `python3` on the path, which must
    be the system's and not that of a virtual environment."""
    ours = {name: value for name, value in os.environ.items() if name not in _OTHER_PYTHONS}
    return ours | {"PATH": os.pathsep.join(filter(None, ("/usr/bin", "/bin", ours.get("PATH"))))}


@uno_safe
class Office:
    """A running LibreOffice. Start it from a thread that lives as long as it: the kernel ties it to that thread.

    `headless=False` shows a window (needs a display). Raises Missing when LibreOffice is not there and
    EngineError when it does not answer within `timeout` seconds.
    """

    def __init__(self, *, headless: bool = True, timeout: float = 60.0) -> None:
        self.program = executable()
        self.headless = headless
        sweep()
        self._profile = Profile(english=headless)
        self._process = self._launch()
        try:
            self.context = self._connect(time.monotonic() + timeout)
            self.desktop = self.service("com.sun.star.frame.Desktop")
        except BaseException:
            self.kill()
            raise

    @property
    def profile(self) -> Path:
        return self._profile.folder

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def service(self, name: str) -> Any:
        """A new UNO service object of this office."""
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def inside(self, name: str, *arguments: Any) -> Any:
        """Call a function of inside.py within LibreOffice's own process: one round trip, whatever it does there."""
        outcome, given = self._invoke((name, *arguments), (), ())[0]
        if outcome == "gone":
            raise Gone(GONE)
        if outcome == "refused":
            raise refused(given)
        return given

    @functools.cached_property
    def _invoke(self) -> Any:
        loader = self.service("com.sun.star.loader.Python")
        if loader is None:
            raise Missing("LibreOffice 中没有 Python 支持；请安装与 LibreOffice 同一版本的 python3-uno。")
        return loader.activate("", "", _INSIDE.as_uri(), None).invoke

    def quit(self, timeout: float = 10.0) -> None:
        """Ask it to end; after `timeout` seconds, or when it does not listen, end it."""
        with suppress(UnoException):  # the bridge goes away during the call, or was gone before
            self.desktop.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)
        self.kill()

    def kill(self) -> None:
        """End the process at once, with whatever it started, and remove its profile and pipe. Idempotent."""
        if self.alive():
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)  # its own session, so its own group
        self._process.wait(10)
        self._profile.remove()

    def _launch(self) -> subprocess.Popen[bytes]:
        command = [
            str(self.program),
            f"-env:UserInstallation={self._profile.folder.as_uri()}",
            *(["--headless"] if self.headless else []),
            "--norestore",
            "--nologo",
            "--nodefault",
            f"--accept=pipe,name={self._profile.pipe};urp;StarOffice.ComponentContext",
        ]
        # File names are UTF-8 whatever our own locale says; a window keeps the user's.
        locale = {"LC_ALL": "C.UTF-8"} if self.headless else {}
        with (self._profile.folder / "soffice.log").open("ab") as log:
            return subprocess.Popen(
                command,
                env={**_environment(), **locale},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_dies_with(os.getpid()),
            )

    def _connect(self, deadline: float) -> Any:
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
        address = f"uno:pipe,name={self._profile.pipe};urp;StarOffice.ComponentContext"
        restarts = 0
        while time.monotonic() < deadline:
            try:
                return resolver.resolve(address)
            except NoConnect:
                pass
            code = self._process.poll()
            if code == _START_ME_AGAIN and restarts < _RESTARTS:
                self._process, restarts = self._launch(), restarts + 1
            elif code is not None:
                raise EngineError(
                    f"LibreOffice 没能启动（退出码 {code}）；请先直接打开一次 LibreOffice，确认它能运行。"
                )
            time.sleep(0.02)
        raise EngineError("LibreOffice 迟迟没有响应；请关闭其他占用资源的程序后再试。")
