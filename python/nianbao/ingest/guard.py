"""Others' files within bounds: read in a process of its own that can be stopped, inflated no further than reports go.

A PDF can hold a stream that inflates without end, a page one tag with more attributes than can be compared; only a
process has bounds of time and memory. Nothing but JSON comes back from it. The parts of a zipped Office file are
inflated within bounds and parsed without entities.
"""

import io
import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nianbao.core.files import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

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
    reply = _answer(done.stdout) if done.returncode == 0 else None
    if reply is None:
        raise Unreadable(name, "文件已损坏，或内容过大", f"请重新导出，或{_COPY[1:]}")
    if "refused" in reply:
        raise Unreadable(name, *reply["refused"])
    return reply["read"]


def answer(read: Callable[[bytes, str], Mapping[str, Any]]) -> None:
    """The other end of :func:`run`: what ``read`` makes of the bytes on standard input, as JSON on standard output."""
    import logging

    name, memory = bytes.fromhex(sys.argv[1]).decode("utf-8"), int(sys.argv[2])
    _bound(memory)
    logging.disable(logging.CRITICAL)
    try:
        reply: Mapping[str, Any] = {"read": read(sys.stdin.buffer.read(), name)}
    except Unreadable as problem:
        reply = {"refused": [problem.what, problem.todo]}
    except (MemoryError, RecursionError):
        os._exit(1)
    sys.stdout.buffer.write(json.dumps(reply, ensure_ascii=False, default=_exact).encode("utf-8", "replace"))


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

    def decimals(item: dict[str, Any]) -> Any:
        return exact(item["exact"]) if item.keys() == {"exact"} else item

    try:
        return json.loads(output, object_hook=decimals)
    except ValueError:
        return None


#: A part may not inflate beyond this, nor have more elements than this.
INFLATED = 64 * 1_048_576
ELEMENTS = 2_000_000
_STRICT = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
}
_TODO = "请用 Word 或 WPS 打开后另存一份再导入"


def inflated(data: bytes) -> int:
    """How many bytes of text a zip file promises at most (no more comes out of it); 0 where it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return sum(
                part.file_size for part in package.infolist() if part.filename.endswith((".xml", ".rels"))
            )
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        return 0


class OfficeFile:
    """An Office file; ``Unreadable`` where its directory is damaged."""

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
            raise Unreadable(name, "文件已损坏", _TODO) from None
        self._left = INFLATED

    @property
    def names(self) -> frozenset[str]:
        """The parts of the file."""
        return frozenset(self._zip.namelist())

    def xml(self, part: str) -> "_Element":
        """A part parsed; ``Unreadable`` where it is missing, damaged, encrypted, too large or declares a DTD."""
        from lxml import etree

        data = self._inflated(part)
        for strict, usual in _STRICT.items():
            data = data.replace(strict, usual)
        if data.count(b"<") > 2 * ELEMENTS:
            raise Unreadable(self._name, "内容太多，不是一份年度报告", "请只保留年度报告后再导入")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError:
            raise Unreadable(self._name, "文件已损坏，或嵌套过深", _TODO) from None
        if root.getroottree().docinfo.internalDTD is not None:
            raise Unreadable(self._name, "文件带有实体声明，不是 Office 软件写的", _TODO)
        return root

    def _inflated(self, part: str) -> bytes:
        """A part's bytes; the bound counts what comes out, not what the directory promises."""
        try:
            with self._zip.open(part) as file:
                data = file.read(self._left + 1)
        except (KeyError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
            raise Unreadable(self._name, "文件已损坏或加了密码", _TODO) from None
        self._left -= len(data)
        if self._left < 0:
            raise Unreadable(self._name, "文件解压后超过 64 MB", "请只保留年度报告后再导入")
        return data
