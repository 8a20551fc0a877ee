"""Files that LibreOffice turns into others: a workbook saved again, a PDF."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from nianbao.core.errors import Unreadable

from .bridge import UnoException, properties, property_list, safely
from .errors import EngineError
from .filters import WORKBOOK, open_file
from .office import Office

_PDF_FILTERS = {".docx": "writer_pdf_Export", ".odt": "writer_pdf_Export"}
_PDF_SETTINGS = {
    "UseTaggedPDF": True,  # readable aloud
    "ExportBookmarks": True,
    "EmbedStandardFonts": True,
    "DisplayPDFDocumentTitle": True,
}


def recalculate(source: Path, target: Path, timeout: float, office: Office | None) -> None:
    with _converted(source, target, timeout, office) as (doc, draft):
        safely(doc.calculateAll)()
        _store(doc, draft, FilterName=WORKBOOK)


def print_pdf(source: Path, target: Path, timeout: float, office: Office | None) -> None:
    kind = _PDF_FILTERS.get(source.suffix.lower(), "calc_pdf_Export")
    with _converted(source, target, timeout, office) as (doc, draft):
        if kind == "writer_pdf_Export":
            _keep_punctuation(doc)
        _store(doc, draft, FilterName=kind, FilterData=property_list(**_PDF_SETTINGS))


@safely
def _keep_punctuation(doc: Any) -> None:
    """No punctuation over the margin: a sign that hangs there and has no room is left out of the PDF."""
    styles = doc.StyleFamilies.getByName("ParagraphStyles")
    for name in styles.ElementNames:
        styles.getByName(name).ParaIsHangingPunctuation = False


@safely
def _store(doc: Any, path: Path, **arguments: Any) -> None:
    doc.storeToURL(path.as_uri(), properties(Overwrite=True, **arguments))


@contextmanager
def _converted(
    source: Path, target: Path, timeout: float, office: Office | None
) -> Iterator[tuple[Any, Path]]:
    """The opened document and where to store it; the result then moves to `target`, whole or not at all."""
    if target.exists() and target.stat().st_size:
        raise EngineError(f"{target.name} 已经存在，不会覆盖它；请换一个文件名或先移走原文件。")
    if not source.is_file():
        raise Unreadable(source.name, "没有这个文件", "请检查文件名和所在文件夹")
    folder = target.resolve().parent
    if not os.access(folder, os.W_OK):
        raise EngineError(f"不能在文件夹“{folder}”中写文件；请检查它是否存在、是否有写入权限。")
    with (
        tempfile.TemporaryDirectory(prefix=".nianbao-", dir=folder) as beside,
        _within(timeout, source.name, office) as used,
    ):
        private = Path(shutil.copy(source, Path(beside) / f"in{source.suffix}"))
        doc = _open(used, private, source.name)
        draft = Path(beside) / f"out{target.suffix}"
        try:
            yield doc, draft
        finally:
            with suppress(UnoException):
                doc.close(True)
        draft.replace(target)


@safely
def _open(office: Office, path: Path, name: str) -> Any:
    doc = open_file(office, path, ReadOnly=True)
    if doc is None:
        raise Unreadable(
            name, "LibreOffice 打不开它", "请确认文件完整、没有打开密码，Word 文件还需安装 libreoffice-writer"
        )
    return doc


@contextmanager
def _within(timeout: float, name: str, office: Office | None) -> Iterator[Office]:
    """An office, the given one or one of our own, that is ended when the work takes longer than `timeout` seconds."""
    used = office or Office(timeout=timeout)
    late = threading.Event()

    def stop() -> None:
        late.set()
        used.kill()

    watch = threading.Timer(timeout, stop)
    watch.start()
    try:
        yield used
    except (EngineError, Unreadable):
        if late.is_set():
            raise EngineError(
                f"{name}：LibreOffice 在 {timeout:g} 秒内没有完成，已停止；请检查文件是否过大或损坏。"
            ) from None
        raise
    finally:
        watch.cancel()
        if office is None:
            used.quit()
