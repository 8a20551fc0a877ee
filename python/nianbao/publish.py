"""From a filled workbook to the published files: read, validate, export, read back, release."""

import posixpath
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from nianbao.checks.validate import unexplained, validate
from nianbao.core.files import Manifest, Unreadable, bounded, refused, staging, sweep
from nianbao.core.finding import Finding
from nianbao.core.report import Report
from nianbao.export.export import KINDS, ExportJob, complete, file_name, make, stem
from nianbao.export.infographic import STYLES
from nianbao.export.text import Issue
from nianbao.export.word import LARGEST_TEMPLATE, ToPdf
from nianbao.ingest.office import OfficeFile
from nianbao.verify.verify import MANIFEST, read_back
from nianbao.workbook.reader import read

#: The kinds that are made from the Word template, and what a Word document's own part is declared as.
WORD_KINDS = ("docx", "pdf")
#: What is waited for at the end.
_LATE = {"pdf": 1, "html": 2}
#: The kinds whose content is read back; pictures are drawn from figures that the others are checked for.
READ_BACK = ("html", "fragment", "docx", "pdf", "json", "csv")
_DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
#: What a template of ours has wherever a text or a figure is put: ``{{ title }}``, ``{%tr for … %}``.
_TAG = re.compile(r"\{\{|\{%")
_OWN = "请选用由本工具自带模板改成的 .docx 文件"


#: What is left to whoever wants to show a report that has errors to colleagues.
AS_DRAFT = "需要内部传阅的，可以导出草稿"


class Stopped(Unreadable):
    """The export was stopped and nothing released; ``reasons`` are the findings or differences, a sentence each."""

    def __init__(self, file: str, what: str, todo: str, reasons: Sequence[str] = ()) -> None:
        super().__init__(file, what, todo)
        self.reasons = tuple(reasons)


class Published(NamedTuple):
    """What an export wrote; ``missing``: a sentence for each kind that cannot be made here; ``notes``: what is open."""

    paths: tuple[Path, ...]
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Options(NamedTuple):
    """How the files are made: drafts or not, from which Word template, the picture's colours, with which printer,
    and whether they are read back and compared before release."""

    draft: bool = False
    word_template: Path | None = None
    style: str = STYLES[0]
    to_pdf: ToPdf | None = None
    read_back: bool = True


AS_IS = Options()
#: So many of the findings that nobody has explained are named.
SHOWN = 5
#: So many of the blank cells are named where they are told in one sentence.
NAMED = 3


def publish(
    book: Path, kinds: Sequence[str], folder: Path, options: Options = AS_IS, previous: Path | None = None
) -> Published:
    """Export a workbook (or interchange JSON) as the kinds asked for.

    ``previous``: last year's report, for the checks and charts, instead of what the workbook holds of last year.
    Raises :class:`Stopped` while there are errors (unless it is a draft), :class:`Unreadable` for what cannot be read.
    """
    if not kinds:
        raise Unreadable(str(book), "没有写明导出成什么", f"可以导出：{_CHOICE}")
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise Unreadable(str(book), f"不能导出为“{unknown[0]}”", f"可以导出：{_CHOICE}")
    if options.style not in STYLES:
        raise Unreadable(
            str(book), f"一图读懂没有“{options.style}”这种样式", f"可以选用：{'、'.join(STYLES)}"
        )
    if options.word_template is not None:
        _usable(options.word_template, kinds)
    report = with_previous(read(book), previous)
    return publish_report(report, validate(report), kinds, folder, options)


_CHOICE = "html（网页）、docx（Word）、pdf、json、csv、infographic（一图读懂）"


def with_previous(report: Report, previous: Path | None) -> Report:
    """The report with last year's out of another file, where one is named."""
    return report if previous is None else replace(report, previous=read(previous))


def publish_report(
    report: Report,
    findings: Sequence[Finding],
    kinds: Collection[str],
    folder: Path,
    options: Options = AS_IS,
) -> Published:
    """Export a report that has been validated already, as the ribbon's 导出 does; otherwise as :func:`publish`.

    Each kind stands alone: one that cannot be made here is told and the others are written. Nothing is released before
    every file is written, read back and compared. Only our own earlier exports, unchanged since, are replaced; beside
    any other file of that name a ``(2)`` is written. The manifest beside the files records what was written.
    """
    _blocked(report, findings, options.draft)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        sweep(folder)
        manifest = Manifest(folder / MANIFEST, writing=True)
        targets = {
            kind: manifest.free(file_name(report, kind, draft=options.draft)) for kind in complete(kinds)
        }
        with tempfile.TemporaryDirectory(prefix=staging(), dir=folder) as beside:
            made, missing = _made(report, targets, Path(beside), options)
            for kind, path in made.items():
                manifest.add(targets[kind], path.read_bytes())
                path.replace(targets[kind])
        if made:
            manifest.save()
    except OSError as error:
        raise refused(folder, error) from None
    return Published(tuple(targets[kind] for kind in made), missing, tuple(_open_findings(findings)))


def _made(
    report: Report, targets: Mapping[str, Path], staging: Path, options: Options
) -> tuple[dict[str, Path], tuple[str, ...]]:
    """The files that can be made, written into the staging folder and read back, and why others cannot.

    The PDF is printed while the others are made; the page comes last, so that it links what there is.
    """
    names = {kind: target.name for kind, target in targets.items()}
    job = ExportJob(report, names, Issue(options.draft), options.to_pdf, options.word_template, options.style)
    written: dict[str, Path] = {}
    missing: list[str] = []
    with ThreadPoolExecutor(max_workers=1) as printer:
        printing = printer.submit(make, job, "pdf", staging / names["pdf"]) if "pdf" in targets else None
        for kind in sorted(targets, key=lambda kind: _LATE.get(kind, 0)):
            path = staging / names[kind]
            try:
                printing.result() if kind == "pdf" and printing else make(job, kind, path)
            except Unreadable as problem:
                if kind == "docx" or (options.word_template and problem.file == str(options.word_template)):
                    raise
                missing.append(str(problem))
                job = job.without(kind)
                continue
            written[kind] = path
            if options.read_back and kind in READ_BACK:
                _compare(path, report)
    if missing and not written:
        raise Stopped(stem(report.heading), "没有导出任何文件", "请按下面的说明处理后重试", missing)
    return {kind: written[kind] for kind in targets if kind in written}, tuple(dict.fromkeys(missing))


def _compare(path: Path, report: Report) -> None:
    if differences := read_back(path, report):
        raise Stopped(
            path.name,
            f"读回核对发现 {len(differences)} 处与工作簿不一致，已停止导出",
            "请按所列之处检查工作簿的文字和所用的 Word 模板后重新导出",
            differences,
        )


def _blocked(report: Report, findings: Sequence[Finding], draft: bool) -> None:
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors and not draft:
        raise Stopped(
            stem(report.heading),
            f"尚有 {len(errors)} 处强制性问题，不能导出",
            f"请按校验结果改正后再导出；{AS_DRAFT}",
            tuple(_reasons(errors, report)),
        )


def _reasons(errors: Sequence[Finding], report: Report) -> Iterator[str]:
    """What stands in the way, a sentence each; blanks that are likely 0 in one."""
    blanks = [f for f in errors if f.rule == "cell.blank" and not (f.suggestion and f.suggestion.value)]
    if len(blanks) > SHOWN:
        names = "、".join(f"“{report.form.name(f.cells[0])}”" for f in blanks[:NAMED])
        yield f"{names}等 {len(blanks)} 格空白，没有的请填 0"
    for finding in errors:
        if len(blanks) <= SHOWN or finding not in blanks:
            yield finding.message


def _open_findings(findings: Sequence[Finding]) -> Iterator[str]:
    """What is still to be verified or explained; it does not stop the export."""
    yield from (finding.message for finding in findings if finding.rule == "summary.below")
    if waiting := unexplained(findings):
        yield f"另有 {len(waiting)} 处核实性问题没有说明，发布前请核实，或在“审核说明”写明原因："
        yield from (f"· {finding.message}" for finding in waiting[:SHOWN])
        if more := waiting[SHOWN:]:
            yield f"· 还有 {len(more)} 处，校验后逐条列出"


def _usable(template: Path, kinds: Sequence[str]) -> None:
    """Refuse a template that no kind asked for is made from, or that is no sound Word document."""
    if not {*kinds} & {*WORD_KINDS}:
        raise Unreadable(
            str(template), "没有导出 Word 或 PDF，用不上 Word 模板", "请在 --to 中写 docx 或 pdf"
        )
    data = bounded(template, LARGEST_TEMPLATE)
    try:
        _check_template(OfficeFile(data, template.name), str(template))
    except Unreadable as problem:
        raise Unreadable(str(template), f"Word 模板不能用（{problem.what}）", _OWN) from None


def _check_template(package: OfficeFile, name: str) -> None:
    """Every part can be read, the main one is a Word document, and what the parts point at is there."""
    if not package.names >= {"word/document.xml", "[Content_Types].xml"}:
        raise Unreadable(name, "不是 Word 的 .docx 文件", _OWN)
    if not _TAG.search("".join(map(str, package.xml("word/document.xml").itertext()))):
        raise Unreadable(name, "不是由自带模板改成的 Word 模板，里面没有填数的标记", _OWN)
    if _DOCUMENT not in {kind.get("ContentType") for kind in package.xml("[Content_Types].xml")}:
        raise Unreadable(name, "不是 .docx 文件，.dotx、.docm 须先另存为 .docx", _OWN)
    for part in sorted(package.names | {"_rels/.rels"}):
        if not part.endswith((".xml", ".rels")):
            continue
        root = package.xml(part)
        for link in root if part.endswith(".rels") else ():
            folder = posixpath.dirname(posixpath.dirname(part))
            target = posixpath.normpath(posixpath.join("/", folder, link.get("Target", "")))
            if link.get("TargetMode") != "External" and target[1:] not in package.names:
                raise Unreadable(name, f"文件缺少 {target[1:]}", _OWN)
