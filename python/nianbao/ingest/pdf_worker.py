"""Reads a PDF from standard input and writes its paragraphs and tables as JSON: a process of its own."""

import io
import json
import logging
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from nianbao.ingest.pdf_boxes import parted
from nianbao.ingest.pdf_layout import Char, Grid, Page, paragraphs, text_lines

#: A page with more drawn lines than this is a drawing, not a table.
EDGES = 20_000


def main() -> None:
    """``pdf_worker PAGES MEMORY``: ``{"blocks", "doubts"}`` or ``{"refused": [what, todo]}`` on standard output."""
    pages, memory = int(sys.argv[1]), int(sys.argv[2])
    _bound(memory)
    logging.disable(logging.CRITICAL)
    answer = read(sys.stdin.buffer.read(), pages)
    sys.stdout.write(json.dumps(answer, ensure_ascii=False))


def _bound(memory: int) -> None:
    """Bound the memory of this process, where the system can."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def read(data: bytes, most: int) -> dict[str, Any]:
    """All pages of a PDF, taken apart."""
    import pdfplumber
    from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
    from pdfminer.pdfexceptions import PDFException
    from pdfplumber.utils.exceptions import PdfminerException

    try:
        if _count(data, most) > most:
            return _refused(f"PDF 超过 {most} 页，不是一份年度报告", "请只导出年度报告的各页后再导入")
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            return _answer([_page(page) for page in pdf.pages])
    except (PDFPasswordIncorrect, PDFEncryptionError):
        return _refused("PDF 加了密码", "请去掉密码后再导入")
    except PdfminerException as error:
        if any(
            isinstance(e, PDFPasswordIncorrect | PDFEncryptionError) for e in (*error.args, error.__cause__)
        ):
            return _refused("PDF 加了密码", "请去掉密码后再导入")
        return _damaged()
    except (
        PDFException,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        MemoryError,
    ):
        return _damaged()


def _refused(what: str, todo: str) -> dict[str, Any]:
    return {"refused": [what, todo]}


def _damaged() -> dict[str, Any]:
    return _refused("PDF 已损坏，或内容过大", "请重新导出 PDF，或复制为文本文件后再导入")


def _count(data: bytes, most: int) -> int:
    """The number of pages, counted no further than one beyond the bound."""
    from pdfminer.pdfdocument import PDFDocument
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser

    count = 0
    for _ in PDFPage.create_pages(PDFDocument(PDFParser(io.BytesIO(data)))):
        count += 1
        if count > most:
            break
    return count


def _answer(pages: Sequence[Page]) -> dict[str, Any]:
    if not any(page.parts for page in pages):
        return _refused("扫描件没有文字", "请改用带文字的 PDF、Word 或网页")
    empty = sum(1 for page in pages if not page.parts)
    doubts = [f"PDF 有 {empty} 页没有文字（可能是扫描件或图片），没有读入"] if empty else []
    return {"blocks": paragraphs(pages), "doubts": doubts}


def _page(page: Any) -> Page:
    """One page: its tables and the lines outside them, from the top down."""
    tables = page.find_tables() if len(page.edges) <= EDGES else []
    chars = [
        Char(c["text"], c["x0"], c["x1"], c["top"], c["bottom"], c["size"]) for c in page.dedupe_chars().chars
    ]
    inside: dict[int, list[Char]] = {n: [] for n in range(len(tables))}
    outside: list[Char] = []
    for char in chars:
        n = next((n for n, t in enumerate(tables) if char.within(t.bbox)), None)
        (outside if n is None else inside[n]).append(char)
    grids: list[Grid] = []
    for n, table in enumerate(tables):
        if len(table.cells) > 1 and inside[n]:
            framed, loose = parted(table.cells, inside[n])
            grids += framed
            outside += loose
    parts: list[tuple[float, Any]] = [(line.top, line) for line in text_lines(outside)]
    parts += [(grid.box[1], grid) for grid in grids]
    found = tuple(part for _, part in sorted(parts, key=lambda p: p[0]))
    size = Counter(round(c.size) for c in chars).most_common(1)
    page.close()
    return Page(found, float(page.height), float(size[0][0]) if size else 0.0)


if __name__ == "__main__":
    main()
