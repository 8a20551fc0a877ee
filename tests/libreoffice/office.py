"""One private LibreOffice process: its own profile, its own random pipe, and an end that is certain."""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from .bridge import NoConnect, UnoException, refused, uno, uno_safe
from .errors import GONE, EngineError, Gone, Missing
from .profile import Profile, sweep

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
