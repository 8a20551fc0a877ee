"""Takes in a report from wherever it stands: our workbook or JSON as it is, anything else by its labels."""

import codecs
import io
import sys
import zipfile
from pathlib import Path

from nianbao.core.errors import Unreadable
from nianbao.core.interchange import is_json, parse
from nianbao.ingest import Ingested, ingest
from nianbao.ingest.source import not_opened
from nianbao.workbook.reader import NotOurs, read_workbook
from nianbao.xlsx.unfit import FIGURES_ALONE, IMPORT, OUR_CSV

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
        raise not_opened(source, str(source), error) from None
    return _other(source, source.name, head)


def _taken(data: bytes, name: str) -> Ingested:
    return Ingested(parse(data, name), ()) if is_json(data[:64]) else _other(data, name, data[:64])


def _other(source: Path | bytes, name: str, head: bytes) -> Ingested:
    """A workbook of ours, or whatever else can be read by its labels."""
    if head.removeprefix(codecs.BOM_UTF8).startswith(OUR_CSV):
        raise Unreadable(name, *FIGURES_ALONE)
    if not head.startswith(b"PK") or _is_word(source):
        return ingest(source, name=name)
    try:
        return Ingested(read_workbook(source, name), ())
    except NotOurs:
        return ingest(source, name=name)
    except Unreadable as problem:  # whoever imports need not be told of importing
        raise Unreadable(problem.file, problem.what, problem.todo.partition(f"；{IMPORT[:6]}")[0]) from None


def _is_word(source: Path | bytes) -> bool:
    """Whether a zip file is a Word document rather than a workbook; only its directory is looked at."""
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as package:
            return "word/document.xml" in package.namelist()
    except (OSError, zipfile.BadZipFile):
        return False
