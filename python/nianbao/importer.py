"""Takes in a report from wherever it stands: our workbook or JSON as it is, anything else by its labels."""

import codecs
import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Set
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from nianbao.core.equation import totals
from nianbao.core.files import Unreadable
from nianbao.core.form import keys, load
from nianbao.core.report import Report, is_json, parse
from nianbao.export.word import programs
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
    if source.is_fifo():  # would be waited for without end
        raise Unreadable(str(source), "不是普通文件", "请指定文件，或用“-”从标准输入读入")
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
        taken = ingest(source, name=name)
        if not _was_ours(source):
            return taken
        doubt = f"{other.what}，已按表中的文字读入，请核对"
        return _totalled(source, taken._replace(doubts=(doubt, *taken.doubts), by_labels=True))
    except Unreadable as problem:  # whoever imports need not be told of importing
        raise Unreadable(problem.file, problem.what, problem.todo.partition(f"；{IMPORT[:6]}")[0]) from None
    if all(finding.rule != "form.layout" for finding in report.problems):
        return Ingested(report, ())
    return _totalled(source, _completed(report, ingest(source, name=name, form=report.form)))


def _completed(report: Report, labelled: Ingested) -> Ingested:
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
    lost = [doubt for doubt in labelled.doubts if "没有读" in doubt]
    return Ingested(whole, (*_by_labels(report, moved), *lost), by_labels=True)


def _by_labels(report: Report, moved: Set[str]) -> Iterator[str]:
    """Which of the template's sheets were not read in their place, and why."""
    for sheet in Layout.of(report.form).sheets:
        if sheet.section.key not in report.given:
            yield f"没有名为“{sheet.name}”的工作表，其内容已按表中的文字读入，请核对"
        elif sheet.section.key in moved:
            yield f"“{sheet.name}”的表格被改动，已按表中的文字读入，请核对"


def _totalled(source: Path | bytes, taken: Ingested) -> Ingested:
    """The totals computed from their parts where the workbook holds formulas without results (some programs save none)."""
    sheets = read_package(source).sheets.values()
    if not any(value.formula and not value.kind for sheet in sheets for value in sheet.values()):
        return taken
    figures, filled = dict(taken.report.figures), taken.report.form.filled
    whole = {c for c, equation in filled.items() if all(term.cell in figures for term in equation.left)}
    pending = {c for c in whole if figures.get(c, 0) is None and c not in taken.report.raw}
    figures |= totals(filled, figures, pending)
    return taken._replace(report=replace(taken.report, figures=figures))


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
