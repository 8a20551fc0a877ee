"""Export: a validated report into the files that are published, each read back before it is released."""

import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nianbao.core.errors import Unreadable, refused
from nianbao.core.finding import Finding
from nianbao.core.report import Report
from nianbao.export import data, infographic, pdf, word
from nianbao.export.html import Download, fragment, page
from nianbao.export.names import ENDINGS, file_name, free, stem
from nianbao.export.pdf import ToPdf
from nianbao.export.stamp import ours, seal
from nianbao.export.verify import READ_BACK, Reader, verify

#: What can be exported, in the order in which it is written; ``fragment`` is written with every ``html``.
KINDS = tuple(ENDINGS)


class Stopped(Unreadable):
    """The export was stopped and nothing released; ``reasons`` are the findings or differences, a sentence each."""

    def __init__(self, file: str, what: str, todo: str, reasons: Sequence[str] = ()) -> None:
        super().__init__(file, what, todo)
        self.reasons = tuple(reasons)


@dataclass(frozen=True)
class Job:
    """One export: the report, where each kind will stand, and whether it is a draft."""

    report: Report
    targets: Mapping[str, Path]
    draft: bool
    to_pdf: ToPdf | None = None
    word_template: Path | None = None

    @property
    def downloads(self) -> list[Download]:
        """What the page links to: the other files of this export."""
        kinds = [kind for kind in self.targets if kind not in ("html", "fragment")]
        return [Download(kind, self.targets[kind].name) for kind in kinds]


def export(
    report: Report,
    kinds: Collection[str],
    folder: Path,
    *,
    draft: bool = False,
    findings: Sequence[Finding] = (),
    to_pdf: ToPdf | None = None,
    word_template: Path | None = None,
    reader: Reader | None = None,
) -> list[Path]:
    """The report written into the folder as the kinds asked for (see :data:`KINDS`); the paths written.

    An error among the findings stops it, unless it is a draft: then every file is marked 草稿. Nothing is released
    before everything is written. Only our own earlier exports, unchanged since, are replaced; beside any other
    file of that name a ``(2)`` is written. ``to_pdf(source, target)`` prints a Word document; ``word_template`` is one that staff
    restyled. With a ``reader`` (``nianbao.ingest.ingest``) every file is read back and compared before any of them is
    released. Raises :class:`Stopped`, and ``Unreadable`` when the folder cannot be written.
    """
    _blocked(report, findings, draft)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        job = Job(report, _targets(report, kinds, folder, draft), draft, to_pdf, word_template)
        with tempfile.TemporaryDirectory(prefix=".nianbao-", dir=folder) as staging:
            made = {kind: Path(staging) / target.name for kind, target in job.targets.items()}
            for kind, path in made.items():
                _WRITERS[kind](job, path)
                seal(path)
            if reader is not None:
                _read_back(report, made, reader)
            for kind, path in made.items():
                path.replace(job.targets[kind])
    except OSError as error:
        raise refused(folder, error) from None
    return list(job.targets.values())


def _blocked(report: Report, findings: Sequence[Finding], draft: bool) -> None:
    errors = [finding.message for finding in findings if finding.severity == "error"]
    if errors and not draft:
        raise Stopped(
            stem(report.heading),
            f"尚有 {len(errors)} 处强制性问题，不能导出",
            "请按校验结果改正后再导出；需要内部传阅的，可导出草稿（--draft）",
            errors,
        )


def _read_back(report: Report, made: Mapping[str, Path], reader: Reader) -> None:
    for kind, path in made.items():
        found = verify(path, report, reader) if kind in READ_BACK else []
        if found:
            raise Stopped(
                path.name,
                f"读回核对发现 {len(found)} 处与工作簿不一致，已停止导出",
                "请按所列之处检查工作簿的文字和所用的 Word 模板后重新导出",
                found,
            )


def _targets(report: Report, kinds: Collection[str], folder: Path, draft: bool) -> dict[str, Path]:
    wanted = {*kinds} | ({"fragment"} if "html" in kinds else set())
    if unknown := wanted - {*KINDS}:
        raise ValueError(f"unknown kinds of export: {sorted(unknown)}")
    return {
        kind: free(folder, file_name(report, kind, draft=draft), ours) for kind in KINDS if kind in wanted
    }


def _write(path: Path, text: str, encoding: str = "utf-8") -> None:
    path.write_text(text, encoding=encoding, newline="")


def _page(job: Job, path: Path) -> None:
    _write(path, page(job.report, job.downloads, draft=job.draft))


def _word(job: Job, path: Path) -> None:
    word.write(job.report, path, draft=job.draft, template=job.word_template)


def _pdf(job: Job, path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="pdf-", dir=path.parent) as folder:
        source = Path(folder) / "word.docx"
        _word(job, source)
        pdf.write(source, path, job.to_pdf)


_WRITERS: dict[str, Callable[[Job, Path], None]] = {
    "html": _page,
    "fragment": lambda job, path: _write(path, fragment(job.report, draft=job.draft)),
    "docx": _word,
    "pdf": _pdf,
    "json": lambda job, path: _write(path, data.to_json(job.report, draft=job.draft)),
    "csv": lambda job, path: _write(path, data.to_csv(job.report, draft=job.draft), "utf-8-sig"),
    "infographic": lambda job, path: _write(path, infographic.page(job.report, draft=job.draft)),
}
