"""Export: the files of a report, made one by one into a folder; and what they are called."""

import re
import tempfile
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nianbao.core.report import Report
from nianbao.export import data, infographic, pdf, word
from nianbao.export.html import Download, fragment, page
from nianbao.export.pdf import ToPdf
from nianbao.export.seal import commented, filled
from nianbao.export.text import Issue

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
class Job:
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

    def without(self, kind: str) -> "Job":
        """The same export without a kind that cannot be made here."""
        names = {other: name for other, name in self.names.items() if other != kind}
        return Job(self.report, names, self.issue, self.to_pdf, self.word_template, self.style)


def make(job: Job, kind: str, path: Path) -> None:
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


def _page(job: Job, path: Path) -> None:
    path.write_bytes(commented(page(job.report, job.downloads, job.issue)))


def _fragment(job: Job, path: Path) -> None:
    path.write_bytes(commented(fragment(job.report, job.issue)))


def _word(job: Job, path: Path) -> None:
    path.write_bytes(word.document(job.report, job.issue, template=job.word_template))


def _pdf(job: Job, path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="pdf-", dir=path.parent) as folder:
        source = Path(folder) / "word.docx"
        _word(job, source)
        pdf.write(source, path, job.to_pdf)


def _svg(job: Job, path: Path) -> None:
    path.write_bytes(commented(infographic.svg(job.report, job.issue, job.style)))


def _png(job: Job, path: Path) -> None:
    drawing = infographic.svg(job.report, job.issue, job.style)
    path.write_bytes(infographic.png(drawing, job.report.fingerprint()))


def _json(job: Job, path: Path) -> None:
    path.write_bytes(filled(data.to_json(job.report, draft=job.issue.draft)))


def _csv(job: Job, path: Path) -> None:
    path.write_bytes(data.to_csv(job.report, draft=job.issue.draft).encode("utf-8-sig"))


_WRITERS: dict[str, Callable[[Job, Path], None]] = {
    "html": _page,
    "fragment": _fragment,
    "docx": _word,
    "pdf": _pdf,
    "json": _json,
    "csv": _csv,
    "infographic": _png,
    "svg": _svg,
}
