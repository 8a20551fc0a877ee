"""Reading in a process of its own that can be stopped: others' files may hold work without end.

A PDF can hold a stream that inflates without end, a page one tag with more attributes than can be compared; only a
process has bounds of time and memory. Nothing but JSON comes back from it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

from nianbao.core.errors import Unreadable

#: Bounds of one file: seconds, and bytes of memory (where the system can bound a process).
SECONDS = 60
MEMORY = 1536 * 1024**2
_CHILD = "from nianbao.ingest.ingest import child; child()"
_COPY = "请把年度报告的正文复制为文本文件后再导入"


def run(data: bytes, name: str, seconds: float = SECONDS, memory: int = MEMORY) -> Any:
    """What :func:`answer` wrote in a process of its own; ``Unreadable`` where it refused or was stopped."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "PYTHONIOENCODING": "utf-8"}
    window = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    command = [sys.executable, "-P", "-c", _CHILD, name.encode("utf-8", "replace").hex(), str(memory)]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, env=env, timeout=seconds, creationflags=window
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(name, f"在 {seconds:g} 秒内没有读完，内容过多或不正常", _COPY) from None
    except OSError:  # the system has no room for another process
        raise Unreadable(name, "系统资源不足，没有读完", "请关闭其他程序后重试") from None
    told = _answer(done.stdout) if done.returncode == 0 else None
    if told is None:
        raise Unreadable(name, "文件已损坏，或内容过大", f"请重新导出，或{_COPY[1:]}")
    if "refused" in told:
        raise Unreadable(name, *told["refused"])
    return told["read"]


def answer(read: Callable[[bytes, str], Mapping[str, Any]]) -> None:
    """The other end of :func:`run`: what ``read`` makes of the bytes on standard input, as JSON on standard output."""
    import logging

    name, memory = bytes.fromhex(sys.argv[1]).decode("utf-8"), int(sys.argv[2])
    _bound(memory)
    logging.disable(logging.CRITICAL)
    try:
        told: Mapping[str, Any] = {"read": read(sys.stdin.buffer.read(), name)}
    except Unreadable as problem:
        told = {"refused": [problem.what, problem.todo]}
    except (MemoryError, RecursionError):
        os._exit(1)
    sys.stdout.buffer.write(json.dumps(told, ensure_ascii=False, default=_exact).encode("utf-8", "replace"))


def _bound(memory: int) -> None:
    """Bound the memory of this process, where the system can."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _exact(value: Any) -> dict[str, str]:
    return {"exact": str(value)}


def _answer(output: bytes) -> Any:
    from nianbao.core.number import exact

    def decimals(found: dict[str, Any]) -> Any:
        return exact(found["exact"]) if found.keys() == {"exact"} else found

    try:
        return json.loads(output, object_hook=decimals)
    except ValueError:
        return None
