"""The time from a filled workbook to all published files, each read back before it is released; and back from PDF.

Beside them what others do alone: docxtpl fills a template, LibreOffice prints, pdfplumber looks for tables on all pages.
"""

import io
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from nianbao.checks.validate import validate
from nianbao.core.files import Unreadable, shipped
from nianbao.core.report import Report
from nianbao.export import word
from nianbao.export.text import Issue
from nianbao.ingest.ingest import ingest
from nianbao.publish import Options, publish_report
from nianbao.workbook.reader import read
from nianbao.workbook.writer import write
from support.samples import county

KINDS = ("html", "docx", "pdf", "json", "csv", "infographic")
ROUNDS = 3
LONG = "全年主动公开政府信息86条，其中水旱灾害防御信息31条，逐条核对内容和来源，按规定的时限和渠道发布，并及时更新。"


def best(work: Callable[[], Any], rounds: int = ROUNDS) -> float:
    """Wall time in seconds, the best of several rounds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def published(book: Path, kinds: tuple[str, ...], folder: Path) -> None:
    """Read, check, export and read back one report."""
    report = read(book)
    publish_report(report, validate(report), kinds, folder, Options(draft=True))


def long_report() -> Report:
    """A report that fills about twenty pages."""
    text = {section.key: (LONG * 4,) * 7 for section in county().form.sections}
    return replace(county(), narrative=text)


def printed(report: Report, folder: Path) -> bytes:
    """The report as PDF."""
    source, target = folder / "long.docx", folder / "long.pdf"
    source.write_bytes(word.document(report, Issue(True)))
    word.print_pdf(source, target)
    return target.read_bytes()


def other_pdf(pages: int = 16) -> bytes:
    """A PDF of ruled tables that are no report's."""
    from reportlab.pdfgen.canvas import Canvas

    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(595, 842))
    for n in range(pages):
        canvas.drawString(72, 800, f"Page {n}: accounts receivable, fixed assets")
        for line in range(90):
            canvas.line(72, 60 + 8 * line, 520, 60 + 8 * line)
            canvas.line(72 + 5 * line, 60, 72 + 5 * line, 780)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def refused(data: bytes) -> None:
    """Import what is no report."""
    try:
        ingest(data, name="other.pdf")
    except Unreadable:
        return
    raise AssertionError("a PDF without labels was read")


def all_tables(data: bytes) -> None:
    """What a script does that does not know the form."""
    import pdfplumber

    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            page.extract_text()
            page.extract_tables()


def with_docxtpl(folder: Path) -> None:
    """The template filled in, without anything else."""
    from docxtpl import DocxTemplate

    document = DocxTemplate(str(shipped("templates/report.docx")))
    document.render(word.context(county()))
    document.save(str(folder / "docxtpl.docx"))


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = folder / "book.xlsx"
        write(county(), book)
        for kinds in (KINDS, *((kind,) for kind in KINDS)):
            seconds = best(lambda kinds=kinds: published(book, kinds, folder / "out"))  # type: ignore[misc]
            print(f"export: workbook to {', '.join(kinds)}, read back: {seconds:.2f} s")
        print(f"export: docxtpl alone: {best(lambda: with_docxtpl(folder)):.2f} s")
        made = folder / "docxtpl.docx"
        only = best(lambda: word.print_pdf(made, folder / "alone.pdf"))
        print(f"export: LibreOffice alone, from Word to PDF: {only:.2f} s")
        data = printed(long_report(), folder)
        pages = data.count(b"/Type/Page/") or data.count(b"/Type/Page\n")
        print(f"import: a PDF of {pages} pages: {best(lambda: ingest(data, name='long.pdf')):.2f} s")
        print(f"import: pdfplumber alone, all pages: {best(lambda: all_tables(data), 1):.2f} s")
        other = other_pdf()
        print(f"import: a PDF of 16 pages refused for want of labels: {best(lambda: refused(other)):.2f} s")
        one = best(lambda: all_tables(other_pdf(1)), 1)
        print(f"import: pdfplumber alone on one of these pages: {one:.2f} s")


if __name__ == "__main__":
    main()
