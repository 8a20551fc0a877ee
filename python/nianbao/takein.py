"""Takes in a report from wherever it stands: our workbook or JSON as it is, anything else by its labels."""

import sys
from pathlib import Path

from nianbao.ingest import Ingested, ingest
from nianbao.interchange import is_json, parse
from nianbao.problem import Unreadable
from nianbao.workbook.reader import NotOurs, read_workbook

#: More than this is read from standard input by nobody.
LARGEST = 100_000_000


def take(source: Path) -> Ingested:
    """The report in a file (``-``: standard input), with the doubts of the reading; nothing is fetched.

    A workbook of ours and interchange JSON are read losslessly; a page, Word, PDF, text or another workbook is
    read by the labels of the form. Raises :class:`Unreadable`.
    """
    if str(source) == "-":
        return _taken(sys.stdin.buffer.read(LARGEST), "标准输入")
    try:
        with source.open("rb") as file:
            head = file.read(64)
            if is_json(head):
                return Ingested(parse(head + file.read(LARGEST), source.name), ())
    except OSError as error:
        raise Unreadable(str(source), f"打不开（{error.strerror}）", "请核对文件名和权限") from None
    if not head.startswith(b"PK"):
        return ingest(source, name=source.name)
    try:
        return Ingested(read_workbook(source, source.name), ())
    except NotOurs:
        return ingest(source, name=source.name)


def _taken(data: bytes, name: str) -> Ingested:
    if is_json(data[:64]):
        return Ingested(parse(data, name), ())
    if data.startswith(b"PK"):
        try:
            return Ingested(read_workbook(data, name), ())
        except NotOurs:
            pass
    return ingest(data, name=name)
