"""What a reader of a PDF would see beside figures and text: annotations, form fields, pictures, added letters."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nianbao.core.report import Report
from nianbao.core.text import unified
from nianbao.export.text import WORDS, clean, figure
from nianbao.verify.page import Seen

_IMAGE, _FORM = 3, 5
_LETTER = re.compile(r"[\u3400-\u9fffA-Za-z]")
#: What makes a PDF act by itself.
_ACTIVE = {b"/JavaScript": "脚本", b"/JS": "脚本", b"/Launch": "启动程序的动作", b"/OpenAction": "打开时的动作",
           b"/AcroForm": "表单", b"/EmbeddedFile": "附件", b"/RichMedia": "多媒体", b"/XFA": "表单"}  # fmt: skip


def compare(path: Path, report: Report) -> Seen:
    """A PDF against the report: whatever lies over or beside its text, and how it was changed as a file."""
    data = path.read_bytes()
    updates = data.count(b"startxref") - 1
    told = [f"多出{what}" for mark, what in _ACTIVE.items() if re.search(re.escape(mark) + rb"\b", data)]
    if data.startswith(b"%PDF") and _is_plain(data, told):
        told = [text for text in told if text != "多出打开时的动作"]
    changes = [f"导出后又追加保存过 {updates} 次（增量更新）"] if updates > 0 else []
    return Seen(tuple(dict.fromkeys([*told, *_pages(data, report)])), tuple(changes))


def _is_plain(data: bytes, told: list[str]) -> bool:
    """Whether the only thing that happens on opening is that a page is shown, as LibreOffice asks."""
    actions = re.findall(rb"/OpenAction\s*(.)", data)
    return bool(told) and all(action == b"[" for action in actions)


def _pages(data: bytes, report: Report) -> Iterator[str]:
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        yield "PDF 的结构已损坏"
        return
    try:
        if len(document) > 300:
            return
        texts = []
        for page in document:
            notes = raw.FPDFPage_GetAnnotCount(page)
            if notes:
                yield f"多出批注、链接或表单域 {notes} 处"
            kinds = Counter(item.type for item in page.get_objects(max_depth=3))
            if kinds[_IMAGE]:
                yield f"多出图片 {kinds[_IMAGE]} 幅"
            texts.append(page.get_textpage().get_text_range())
            page.close()
        yield from _letters(texts, report)
    finally:
        document.close()


def _letters(texts: list[str], report: Report) -> Iterator[str]:
    """Letters that stand more often in the PDF than they are due; heads of tables are printed on every page."""
    there = _counted("".join(texts))
    due = _counted("".join(_due(report)))
    heads = _counted(
        "".join(b.text for t in report.form.tables.values() for b in t.grid.labels if b.kind != "side")
    )
    extra = "".join(c * n for c, n in (there - due).items() if n > heads[c] * (len(texts) - 1))
    if extra:
        yield f"多出文字（其中有“{extra[:20]}”等字）"


def _due(report: Report) -> Iterator[str]:
    yield clean(report.heading)
    yield from (clean(text) for _, _, text in report.text())
    for section in report.form.sections:
        yield section.heading
    for table in report.form.tables.values():
        yield from (
            b.text if b.cell is None else figure(report, b.cell) for row in table.grid.rows() for b in row
        )
    yield from (report.signature, report.dated)


def _counted(text: str) -> Any:
    for said in WORDS.values():
        text = text.replace(f"【{said['draft']}】{said['draft_note']}", "")
    return Counter(c for c in unified(text) if _LETTER.match(c))
