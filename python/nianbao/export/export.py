"""Export: the files of a report, made one by one into a folder; and what they are called.

The machine-readable ones are written here: interchange JSON, and one tidy CSV of all cells.
"""

import csv
import io
import json
import re
import tempfile
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from nianbao.core import report as reports
from nianbao.core.form import Form
from nianbao.core.grid import Cell
from nianbao.core.report import Report
from nianbao.core.text import guarded
from nianbao.export import infographic, word
from nianbao.export.html import Download, fragment, headers, page
from nianbao.export.seal import OPEN, commented, filled
from nianbao.export.text import Issue, clean, figure, words
from nianbao.export.word import ToPdf

#: Kind of export → the part of its name after the report's title, and its extension; in the order of writing.
#: ``fragment`` is written with every ``html``, ``svg`` with every ``infographic``.
ENDINGS = {
    "html": ("", ".html"),
    "fragment": ("（网站粘贴用）", ".html"),
    "docx": ("", ".docx"),
    "pdf": ("", ".pdf"),
    "json": ("", ".json"),
    "csv": ("", ".csv"),
    "infographic": ("（一图读懂）", ".png"),
    "svg": ("（一图读懂）", ".svg"),
}
KINDS = tuple(ENDINGS)
WITH = {"html": "fragment", "infographic": "svg"}
#: The page offers these for download, the others are for the office.
OFFERED = ("docx", "pdf", "json", "csv", "infographic")
#: What staff call the kinds.
NAMES = {
    "网页": "html", "html": "html", "htm": "html", "web": "html",
    "word": "docx", "docx": "docx", "doc": "docx", "word文档": "docx", "文档": "docx",
    "pdf": "pdf", "pdf文档": "pdf",
    "json": "json", "数据": "json", "交换数据": "json",
    "csv": "csv", "表格": "csv", "表格数据": "csv",
    "infographic": "infographic", "一图读懂": "infographic", "图解": "infographic", "png": "infographic", "图片": "infographic",
    "svg": "infographic",
}  # fmt: skip
#: Longest title in a file's name, in bytes of UTF-8 (file systems allow 255 for the whole name).
LONGEST = 180
_FORBIDDEN = re.compile(r'[<>:"/\\|?*&%#]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


@dataclass(frozen=True)
class ExportJob:
    """One export: the report, what each kind will be called, and how it is issued."""

    report: Report
    names: Mapping[str, str]
    issue: Issue = field(default_factory=Issue)
    to_pdf: ToPdf | None = None
    word_template: Path | None = None
    style: str = infographic.STYLES[0]

    @property
    def downloads(self) -> list[Download]:
        """What the page links to: the other files of this export."""
        return [Download(kind, self.names[kind]) for kind in OFFERED if kind in self.names]

    @cached_property
    def document(self) -> bytes:
        """The Word document, from which the PDF is printed too."""
        return word.document(self.report, self.issue, template=self.word_template)

    @cached_property
    def drawing(self) -> str:
        """The picture, from which the PNG is drawn too."""
        return infographic.drawing(self.report, self.issue, self.style)

    def without(self, kind: str) -> "ExportJob":
        """The same export without a kind that cannot be made here."""
        names = {other: name for other, name in self.names.items() if other != kind}
        return ExportJob(self.report, names, self.issue, self.to_pdf, self.word_template, self.style)


def make(job: ExportJob, kind: str, path: Path) -> None:
    """Write one file of an export. Raises ``Unreadable`` where that kind cannot be made here."""
    _WRITERS[kind](job, path)


def named(words: str) -> list[str]:
    """The kinds that staff ask for (``word,网页``, ``HTML，docx``); what is no kind is given back as it was written."""
    asked = [part for part in re.split(r"[,，、;；\s]+", words) if part]
    return list(dict.fromkeys(NAMES.get(part.lower(), part) for part in asked))


def complete(kinds: Collection[str]) -> list[str]:
    """The kinds asked for with those that are written along, in the order of writing."""
    if unknown := {*kinds} - {*KINDS}:
        raise ValueError(f"unknown kinds of export: {sorted(unknown)}")
    wanted = {*kinds} | {WITH[kind] for kind in kinds if kind in WITH}
    return [kind for kind in KINDS if kind in wanted]


def file_name(report: Report, kind: str, *, draft: bool = False) -> str:
    """The name of an exported file: the report's full title, safe on every file system."""
    middle, extension = ENDINGS[kind]
    return f"{stem(report.heading)}{'（草稿）' if draft else ''}{middle}{extension}"


def stem(title: str) -> str:
    """The title as a file name's stem: nothing that Windows forbids, that leads out of the folder, or that hides."""
    seen = "".join(
        c for c in title if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    bare = _FORBIDDEN.sub("_", " ".join(seen.split()))
    bare = bare.encode()[:LONGEST].decode(errors="ignore").strip(". ").lstrip("-~$")
    return f"_{bare}" if not bare or _RESERVED.fullmatch(bare) else bare


def _page(job: ExportJob, path: Path) -> None:
    path.write_bytes(commented(page(job.report, job.downloads, job.issue)))


def _fragment(job: ExportJob, path: Path) -> None:
    path.write_bytes(commented(fragment(job.report, job.issue)))


def _word(job: ExportJob, path: Path) -> None:
    path.write_bytes(job.document)


def _pdf(job: ExportJob, path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="pdf-", dir=path.parent) as folder:
        source = Path(folder) / "word.docx"
        _word(job, source)
        word.print_pdf(source, path, job.to_pdf)


def _svg(job: ExportJob, path: Path) -> None:
    path.write_bytes(commented(infographic.svg(job.drawing)))


def _png(job: ExportJob, path: Path) -> None:
    path.write_bytes(infographic.png(job.drawing, job.report.fingerprint()))


def _json(job: ExportJob, path: Path) -> None:
    path.write_bytes(filled(to_json(job.report, draft=job.issue.draft)))


def _csv(job: ExportJob, path: Path) -> None:
    path.write_bytes(to_csv(job.report, draft=job.issue.draft).encode("utf-8-sig"))


_WRITERS: dict[str, Callable[[ExportJob, Path], None]] = {
    "html": _page,
    "fragment": _fragment,
    "docx": _word,
    "pdf": _pdf,
    "json": _json,
    "csv": _csv,
    "infographic": _png,
    "svg": _svg,
}


#: The columns of the CSV: one line a cell; the last five are alike in every line, so that a line says whose it is when
#: the tables of many agencies are put together. Forms in other languages have the English heads, which versions before
#: this one wrote for all.
ENGLISH = (
    "key",
    "section",
    "row",
    "column",
    "unit",
    "value",
    "agency",
    "year",
    "form",
    "status",
    "fingerprint",
)
CHINESE = (
    "单元格代码",
    "部分",
    "项目",
    "栏目",
    "计量单位",
    "数值",
    "填报单位",
    "年度",
    "表式",
    "状态",
    "数据指纹",
)


def csv_heads(form: Form) -> tuple[str, ...]:
    """The heads of the columns in the form's language."""
    return CHINESE if form.language.startswith("zh") else ENGLISH


def to_json(report: Report, *, draft: bool = False) -> str:
    """The report as interchange JSON: a space of indent a level, Chinese as it is, a newline at the end.

    What is published also says the fingerprint of what was validated, ``draft`` where it is one, and has room for the
    digest of the file (see ``seal``); the agency's
    own ledger is its own affair.
    """
    report = replace(report, ledger={})
    marks = {"fingerprint": report.fingerprint()} | ({"draft": True} if draft else {})
    return json.dumps(reports.to_json(report) | marks | {"digest": OPEN}, ensure_ascii=False, indent=1) + "\n"


def to_csv(report: Report, *, draft: bool = False) -> str:
    """One line a cell of the form, in its order, for spreadsheets (write it with a byte-order mark).

    A blank cell has an empty value. A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(csv_heads(report.form))
    owner = _owner(report, draft)
    for cell in report.form.cells:
        writer.writerow([guarded(text) for text in _line(report, cell) + owner])
    return out.getvalue()


def _owner(report: Report, draft: bool) -> tuple[str, ...]:
    terms = words(report.form.language)
    year = "" if report.year is None else str(report.year)
    status = terms["draft" if draft else "final"]
    return clean(report.agency), year, report.form.key, status, report.fingerprint()


def _line(report: Report, cell: Cell) -> tuple[str, ...]:
    return (*_labelling(report.form, cell), clean(figure(report, cell)))


def _labelling(form: Form, cell: Cell) -> tuple[str, ...]:
    """What a line of the CSV says of its cell before the value."""
    return str(cell), form.section_of(cell.table).heading, *_labels(form, cell), form.column(cell).unit


def _labels(form: Form, cell: Cell) -> tuple[str, str]:
    """The printed labels of the cell's row and of its column, outermost first."""
    grid = form.tables[cell.table].grid
    names = list(headers(grid, grid.at[cell]))
    row = [box.text for box in names if box.kind in ("side", "title")]
    return "·".join(row) or form.row(cell).name, "·".join(box.text for box in names if box.kind == "head")
