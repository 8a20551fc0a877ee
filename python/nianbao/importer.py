"""Takes in a report from wherever it stands: our workbook or JSON as it is, anything else by its labels."""

import codecs
import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from nianbao.core.errors import Unreadable
from nianbao.core.form import keys, load
from nianbao.core.interchange import is_json, parse
from nianbao.core.report import Report
from nianbao.export.pdf import programs
from nianbao.ingest.ingest import Ingested, ingest
from nianbao.ingest.source import not_opened
from nianbao.workbook.layout import Layout
from nianbao.workbook.reader import NotOurs, read_workbook
from nianbao.xlsx.container import FIGURES_ALONE, IMPORT, OUR_CSV
from nianbao.xlsx.package import read_package

#: More than this is read from standard input by nobody.
LARGEST = 100_000_000
#: A workbook with so many sheets of our template was one, whatever became of the others.
OURS = 3


def take(source: Path) -> Ingested:
    """The report in a file (``-``: standard input), with the doubts of the reading; nothing is fetched.

    A workbook of ours and interchange JSON are read losslessly; a page, Word, PDF, text or another workbook is
    read by the labels of the form. Raises :class:`Unreadable`.
    """
    if str(source) == "-":
        return _taken(sys.stdin.buffer.read(LARGEST), "标准输入")
    try:
        with source.open("rb") as file:
            head = file.read(128)
            if is_json(head):
                return Ingested(parse(head + file.read(LARGEST), source.name), ())
    except OSError as error:
        raise not_opened(source, str(source), error) from None
    converted = _converted(source, head)
    if converted is None:
        return _other(source, source.name, head)
    taken = _other(converted, source.name, converted[:64])
    return taken._replace(doubts=("由 LibreOffice 转换后读入，请核对数字", *taken.doubts))


#: The filters by which LibreOffice reads older and other workbooks; with one named it takes nothing else for one.
_OLE, _XLS, _ODS = b"\xd0\xcf\x11\xe0", "MS Excel 97", "calc8"
_OLD_ENDINGS = (".xls", ".et", ".xlt", ".ett")
#: A workbook of more bytes or seconds is converted by nobody.
CONVERTED, SECONDS = 20_000_000, 120


def _converted(source: Path, head: bytes) -> bytes | None:
    """An .xls, .et or .ods workbook as .xlsx, made by the LibreOffice of this machine; None where it is none, or none can.

    In a profile of its own, in which no macro is run and no link is followed.
    """
    kind = _XLS if head.startswith(_OLE) and source.suffix.lower() in _OLD_ENDINGS else ""
    if b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet" in head:
        kind = _ODS
    program = next(programs(os.environ), None) if kind else None
    if program is None or source.stat().st_size > CONVERTED:
        return None
    with tempfile.TemporaryDirectory(prefix="nianbao-office-") as folder:
        copy = Path(folder, "in" + source.suffix.lower())
        shutil.copyfile(source, copy)
        made = Path(folder, "out", "in.xlsx")
        command = [program, f"-env:UserInstallation={Path(folder, 'profile').as_uri()}", "--headless"]
        command += ["--norestore", "--nolockcheck", f"--infilter={kind}", "--convert-to", "xlsx"]
        command += ["--outdir", str(made.parent), str(copy)]
        with suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(command, capture_output=True, check=False, timeout=SECONDS, cwd=folder)
        return made.read_bytes() if made.is_file() else None


def _taken(data: bytes, name: str) -> Ingested:
    return Ingested(parse(data, name), ()) if is_json(data[:64]) else _other(data, name, data[:64])


def _other(source: Path | bytes, name: str, head: bytes) -> Ingested:
    """A workbook of ours, or whatever else can be read by its labels."""
    if head.removeprefix(codecs.BOM_UTF8).startswith(OUR_CSV):
        raise Unreadable(name, *FIGURES_ALONE)
    if not head.startswith(b"PK") or _is_word(source):
        return ingest(source, name=name)
    try:
        report = read_workbook(source, name)
    except NotOurs as other:
        told = (f"{other.what}，已按表中的文字读入，请核对",) if _was_ours(source) else ()
        found = ingest(source, name=name)
        return found._replace(doubts=(*told, *found.doubts), by_labels=bool(told))
    except Unreadable as problem:  # whoever imports need not be told of importing
        raise Unreadable(problem.file, problem.what, problem.todo.partition(f"；{IMPORT[:6]}")[0]) from None
    changed = [finding.message for finding in report.problems if finding.rule == "form.layout"]
    if not changed:
        return Ingested(report, ())
    return _completed(report, ingest(source, name=name, form=report.form), changed)


def _completed(report: Report, labelled: Ingested, changed: Sequence[str]) -> Ingested:
    """A workbook of ours whose sheets were changed: what it has in its place as it is, the rest by its labels."""
    figures = {c: v for c, v in labelled.report.figures.items() if c not in report.figures}
    raw = {c: t for c, t in labelled.report.raw.items() if c in figures}
    layout = [p for p in report.problems if p.rule == "form.layout"]
    moved = {p.at.key for p in layout if p.at and p.at.area == "section"}
    texts = labelled.report.narrative
    text = {k: t for k, t in texts.items() if k in moved or not report.narrative.get(k)}
    problems = tuple(p for p in report.problems if p not in layout)
    whole = replace(
        report,
        figures={**report.figures, **figures},
        raw={**report.raw, **raw},
        narrative={**report.narrative, **text},
        problems=problems,
    )
    told = [f"{message.partition('，请')[0]}，已按表中的文字读入，请核对" for message in changed]
    lost = [doubt for doubt in labelled.doubts if "没有读" in doubt]
    return Ingested(whole, (*told, *lost), by_labels=True)


def _was_ours(source: Path | bytes) -> bool:
    """Whether a workbook has so many sheets of our template that it was one."""
    names = set(read_package(source, ()).names)
    return len(names.intersection(Layout.of(load(keys()[0])).read_sheets)) >= OURS


def _is_word(source: Path | bytes) -> bool:
    """Whether a zip file is a Word document rather than a workbook; only its directory is looked at."""
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as package:
            return "word/document.xml" in package.namelist()
    except (OSError, zipfile.BadZipFile):
        return False
