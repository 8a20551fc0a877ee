"""A PDF with text → lines and tables. It is read in a process of its own (``guard``), which has bounds.

PDFium tells quickly what is written on each page; only where the labels of a form are does the slow search for drawn
tables begin, and it ends when all labels have been met.
"""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from nianbao.core import form as forms
from nianbao.core.files import Unreadable
from nianbao.core.form import Form
from nianbao.core.text import unified
from nianbao.ingest import words
from nianbao.ingest.blocks import Block, Line, RawCell, RawTable, Source, no_report
from nianbao.ingest.pdf_layout import DrawnTable, PdfPage, characters, column_lines, framed, paragraphs

#: Bounds of a file: pages, and characters of all of them.
PAGES = 300
CHARACTERS = 1_000_000
#: A page with more drawn edges than this, or more crossings of drawn lines, is a drawing and no table.
EDGES = 20_000
CROSSINGS = 20_000
#: Labels shorter than this may stand in any text.
TELLING = 4
#: Edges this near (points) are one; shorter pieces are part of one too.
_NEAR, _SHORT = 3, 8
_DAMAGED = ("PDF 已损坏，或内容过大", "请重新导出 PDF，或复制为文本文件后再导入")
_LOCKED = ("PDF 加了密码", "请去掉密码后再导入")


def read(data: bytes, name: str, form: Form | None = None) -> Source:
    """The PDF's blocks; ``form``: whose labels are looked for, else all built-in forms'. ``Unreadable`` where it is locked, scanned, damaged, too long or has none of our labels."""
    texts = _texts(data, name)
    if not any(words.trim(text) for text in texts):
        raise Unreadable(name, "扫描件没有文字", "请改用带文字的 PDF、Word 或网页")
    known = forms.keys()
    every = [form] if form else [forms.load(key) for key in known]
    labels = [_labels(one) for one in every]
    telling: frozenset[str] = frozenset().union(*labels, *map(_headings, every))
    if not any(_on(telling, text) for text in texts):
        raise no_report(name)
    pages = _pages(data, name, list(_tabled(texts, labels)))
    empty = sum(1 for page in pages if not page.parts)
    doubts = (f"PDF 有 {empty} 页没有文字（可能是扫描件或图片），没有读入",) if empty else ()
    return Source(tuple(_block(block) for block in paragraphs(pages)), (), doubts)


def _block(block: Any) -> Block:
    if isinstance(block, str):
        return Line(block)
    return RawTable(tuple(tuple(RawCell(*cell) for cell in row) for row in block))


# what is written on the pages


def _texts(data: bytes, name: str) -> list[str]:
    """The folded text of every page, as PDFium reads it."""
    import pypdfium2
    from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) in (FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY)
        raise Unreadable(name, *(_LOCKED if locked else _DAMAGED)) from None
    if len(document) > PAGES:
        raise Unreadable(name, f"PDF 超过 {PAGES} 页，不是一份年度报告", "请只导出年度报告的各页后再导入")
    texts: list[str] = []
    left = CHARACTERS
    for n in range(len(document)):
        text = _written(document, n)
        left -= len(text)
        if left < 0:
            raise Unreadable(name, "PDF 内容太多，不是一份年度报告", "请只导出年度报告的各页后再导入")
        texts.append(words.fold(unified(text)))
    document.close()
    return texts


def _written(document: Any, n: int) -> str:
    import pypdfium2

    try:
        page = document[n]
        text = page.get_textpage()
        return str(text.get_text_range()) if 0 < text.count_chars() <= CHARACTERS else ""
    except pypdfium2.PdfiumError:
        return ""


def _labels(form: Form) -> frozenset[str]:
    """The labels of a form's tables, folded; those that are long enough to tell."""
    texts = (box.text for table in form.tables.values() for box in table.grid.labels)
    folded = (words.fold(words.split_number(text)[1]) for text in texts)
    return frozenset(text for text in folded if len(text) >= TELLING)


def _headings(form: Form) -> frozenset[str]:
    headings = (words.fold(words.split_number(section.heading)[1]) for section in form.sections)
    return frozenset(heading for heading in headings if heading)


def _on(labels: frozenset[str], text: str) -> frozenset[str]:
    return frozenset(label for label in labels if label in text)


def _tabled(texts: Sequence[str], every: Sequence[frozenset[str]]) -> Iterator[bool]:
    """Whether tables are to be looked for on each page: it has labels, or the page before it had, and not all labels
    were met before."""
    left = list(every)
    before, complete = False, False
    for text in texts:
        has = any(_on(labels, text) for labels in every)
        yield (has and not complete) or before
        left = [labels - _on(labels, text) for labels in left]
        before = has and not complete
        complete = not all(left)


# where it stands


def _pages(data: bytes, name: str, tabled: Sequence[bool]) -> list[PdfPage]:
    import pdfplumber
    from pdfminer.pdfexceptions import PDFException
    from pdfplumber.utils.exceptions import PdfminerException

    wrong = (PDFException, PdfminerException, ValueError, KeyError, TypeError, AttributeError, IndexError)
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            return [_page(page, has) for page, has in zip(pdf.pages, tabled, strict=False)]
    except wrong:
        raise Unreadable(name, *_DAMAGED) from None


def _page(page: Any, tabled: bool) -> PdfPage:
    """One page: its tables, where they are looked for, and the lines outside them, from the top down."""
    tables = _tables(page) if tabled else []
    chars = characters(page.dedupe_chars().chars)
    spaced = any(char.text == " " for char in chars)
    grids: list[DrawnTable] = []
    for table in tables:
        inside = [c for c in chars if c.within(table.bbox)]
        if len(table.cells) > 1 and inside:
            grids += framed(table.cells, inside, page.height)
    held = {c for grid in grids for c in grid.chars}
    outside = [c for c in chars if c not in held]
    parts: list[tuple[float, Any]] = [(line.order, line) for line in column_lines(outside, spaced)]
    parts += [(grid.box[1], grid) for grid in grids]
    ordered = tuple(part for _, part in sorted(parts, key=lambda p: p[0]))
    size = Counter(round(c.size) for c in chars).most_common(1)
    page.close()
    return PdfPage(ordered, float(page.height), float(size[0][0]) if size else 0.0)


def _tables(page: Any) -> list[Any]:
    """The drawn tables of a page; none where so many lines cross that it is a drawing.

    A table that goes on over the page's end may lack the line there: it is closed where its upright lines end.
    """
    from pdfplumber.table import merge_edges

    if len(page.edges) > EDGES:
        return []
    straight = [edge for edge in page.edges if edge["orientation"] in ("h", "v")]
    lines = merge_edges(straight, _NEAR, _NEAR, _NEAR, _NEAR)
    across = [e["top"] for e in lines if e["orientation"] == "h" and e["x1"] - e["x0"] > _SHORT]
    upright = [e for e in lines if e["orientation"] == "v" and e["bottom"] - e["top"] > _SHORT]
    if not upright or len(across) * len(upright) > CROSSINGS:
        return []
    ends = (min(e["top"] for e in upright), max(e["bottom"] for e in upright))
    on_page = [end for end in ends if 0 < end < page.height]
    open_ends = [end for end in on_page if not any(abs(end - y) <= _NEAR for y in across)]
    tables: list[Any] = page.find_tables({"explicit_horizontal_lines": open_ends})
    return tables
