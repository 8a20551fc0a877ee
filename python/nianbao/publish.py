"""From a filled workbook to the published files: read, validate, export, read back."""

import platform
import posixpath
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from nianbao.checks.validate import validate
from nianbao.core.errors import Unreadable
from nianbao.core.finding import Finding
from nianbao.core.report import Report
from nianbao.export import KINDS, Stopped, export
from nianbao.export.verify import check_published, undecided
from nianbao.ingest import ingest
from nianbao.ingest.package import Package
from nianbao.workbook.reader import read

__all__ = ["Stopped", "differences", "publish", "publish_report"]

#: The kinds that are made from the Word template, and what a Word document's own part is declared as.
WORD_KINDS = ("docx", "pdf")
_DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
#: What a template of ours has wherever a text or a figure is put: ``{{ title }}``, ``{%tr for … %}``.
_TAG = re.compile(r"\{\{|\{%")
_OWN = "请选用由本工具自带模板改成的 .docx 文件"


def publish(
    book: Path,
    kinds: Sequence[str],
    folder: Path,
    draft: bool = False,
    *,
    word_template: Path | None = None,
    previous: Path | None = None,
) -> list[Path]:
    """Export a workbook (or interchange JSON) as the kinds asked for; the paths written.

    ``previous``: last year's report, for the checks and charts, instead of what the workbook holds of last year.
    ``word_template``: a Word template that staff restyled, for Word and PDF. Raises :class:`Stopped` while there
    are errors (unless ``draft``), :class:`Unreadable` for what cannot be read.
    """
    if not kinds:
        raise Unreadable(str(book), "没有写明导出成什么", f"可以导出：{'、'.join(KINDS)}")
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise Unreadable(str(book), f"不能导出为“{unknown[0]}”", f"可以导出：{'、'.join(KINDS)}")
    if word_template is not None:
        _usable(word_template, kinds)
    report = with_previous(read(book), previous)
    return publish_report(report, validate(report), kinds, folder, draft, word_template=word_template)


def with_previous(report: Report, previous: Path | None) -> Report:
    """The report with last year's out of another file, where one is named."""
    return report if previous is None else replace(report, previous=read(previous))


def publish_report(
    report: Report,
    findings: Sequence[Finding],
    kinds: Sequence[str],
    folder: Path,
    draft: bool = False,
    *,
    word_template: Path | None = None,
) -> list[Path]:
    """Export a report that has been validated already, as the ribbon's 导出 does; otherwise as :func:`publish`."""
    return export(
        report,
        kinds,
        folder,
        draft=draft,
        findings=findings,
        to_pdf=printer(),
        word_template=word_template,
        reader=ingest,
    )


def _usable(template: Path, kinds: Sequence[str]) -> None:
    """Refuse a template that no kind asked for is made from, or that is no sound Word document."""
    if not {*kinds} & {*WORD_KINDS}:
        raise Unreadable(
            str(template), "没有导出 Word 或 PDF，用不上 Word 模板", "请在 --to 中写 docx 或 pdf"
        )
    try:
        _sound(Package(template.read_bytes(), template.name), str(template))
    except OSError:
        raise Unreadable(str(template), "没有这个 Word 模板，或者打不开", "请核对文件名") from None
    except Unreadable as problem:
        raise Unreadable(str(template), f"Word 模板不能用（{problem.what}）", _OWN) from None


def _sound(package: Package, name: str) -> None:
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


def differences(published: Path, against: Path | None = None, previous: Path | None = None) -> list[str]:
    """Why a published file no longer says what was validated (a workbook's content, or its own fingerprint).

    ``previous``: last year's report, where the file was exported with it.

    Empty where it still does. Raises :class:`Unreadable`.
    """
    if published.is_dir():
        raise Unreadable(str(published), "是文件夹", "请指定其中一个已发布的文件")
    if not published.is_file():
        raise Unreadable(str(published), "没有这个文件", "请核对文件名")
    if published.suffix.lower() in (".xlsx", ".xlsm"):
        todo = "请指定由它导出的网页、Word、PDF 或数据文件，工作簿写在 --against 之后"
        raise Unreadable(str(published), "是工作簿，不是发布的文件", todo)
    if against is None and (what := undecided(published)):
        todo = "请用 --against 指定工作簿，与其逐项比较"
        raise Unreadable(str(published), f"{what}，无法单独判断", todo)
    return check_published(published, ingest, with_previous(read(against), previous) if against else None)


def printer() -> Callable[[Path, Path], None] | None:
    """What prints a Word document as PDF on this machine: LibreOffice on Linux; None where there is none yet."""
    if platform.system() != "Linux":
        return None
    from nianbao.libreoffice import EngineError, to_pdf

    def print_pdf(source: Path, target: Path) -> None:
        try:
            to_pdf(source, target)
        except EngineError as error:
            raise Unreadable(
                target.name, f"没有生成 PDF（{error}）", "请安装 LibreOffice 后重试，或先导出 Word"
            ) from None

    return print_pdf
