"""A PDF with text → lines and tables, read by a process of its own that can be stopped (``pdf_worker``).

A PDF can hold a stream that inflates without end or a page that takes hours; only a process has bounds.
"""

import json
import os
import subprocess
import sys
from typing import Any

from nianbao.core.errors import Unreadable
from nianbao.ingest.blocks import Block, Line, RawCell, RawTable, Source

#: Bounds: pages, seconds for all of them, and bytes of memory (where the system can bound a process).
PAGES = 300
SECONDS = 120
MEMORY = 2 * 1024**3


def read(data: bytes, name: str, seconds: float = SECONDS, memory: int = MEMORY) -> Source:
    """The PDF's blocks; ``Unreadable`` where it is encrypted, scanned, damaged, too long or takes too long."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "PYTHONIOENCODING": "utf-8"}
    window = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    command = [sys.executable, "-P", "-m", "nianbao.ingest.pdf_worker", str(PAGES), str(memory)]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, env=env, timeout=seconds, creationflags=window
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(name, f"PDF 在 {seconds:g} 秒内没有读完", "请复制为文本文件后再导入") from None
    told = _answer(done.stdout) if done.returncode == 0 else None
    if told is None:
        raise Unreadable(name, "PDF 已损坏，或内容过大", "请重新导出 PDF，或复制为文本文件后再导入")
    if "refused" in told:
        raise Unreadable(name, *told["refused"])
    return Source(tuple(_block(block) for block in told["blocks"]), (), tuple(told["doubts"]))


def _answer(output: bytes) -> Any:
    try:
        return json.loads(output.decode("utf-8"))
    except ValueError:
        return None


def _block(block: Any) -> Block:
    if isinstance(block, str):
        return Line(block)
    return RawTable(tuple(tuple(RawCell(*cell) for cell in row) for row in block))
