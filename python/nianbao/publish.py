"""From a filled workbook to the published files: read, validate, export, read back."""

import platform
from collections.abc import Callable, Sequence
from pathlib import Path

from nianbao.export import KINDS, Stopped, export, published_fingerprint
from nianbao.export.verify import check_published
from nianbao.finding import Finding
from nianbao.ingest import ingest
from nianbao.problem import Unreadable
from nianbao.report import Report
from nianbao.validate import validate
from nianbao.workbook.reader import read

__all__ = ["Stopped", "differences", "publish", "publish_report"]


def publish(book: Path, kinds: Sequence[str], folder: Path, draft: bool = False) -> list[Path]:
    """Export a workbook (or interchange JSON) as the kinds asked for; the paths written.

    Raises :class:`Stopped` while there are errors (unless ``draft``), :class:`Unreadable` for what cannot be read.
    """
    if not kinds:
        raise Unreadable(str(book), "没有写明导出成什么", f"可以导出：{'、'.join(KINDS)}")
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise Unreadable(str(book), f"不能导出为“{unknown[0]}”", f"可以导出：{'、'.join(KINDS)}")
    report = read(book)
    return publish_report(report, validate(report), kinds, folder, draft)


def publish_report(
    report: Report, findings: Sequence[Finding], kinds: Sequence[str], folder: Path, draft: bool = False
) -> list[Path]:
    """Export a report that has been validated already, as the ribbon's 导出 does; otherwise as :func:`publish`."""
    return export(report, kinds, folder, draft=draft, findings=findings, to_pdf=printer(), reader=ingest)


def differences(published: Path, against: Path | None = None) -> list[str]:
    """Why a published file no longer says what was validated (a workbook's content, or its own fingerprint).

    Empty where it still does. Raises :class:`Unreadable`.
    """
    if not published.is_file():
        raise Unreadable(str(published), "没有这个文件", "请核对文件名")
    if against is None and (
        published.suffix.lower() in (".json", ".csv") or not published_fingerprint(published)
    ):
        what = "文件里没有数据指纹，无法单独判断"
        raise Unreadable(str(published), what, "请用 --against 指定工作簿，与其逐项比较")
    return check_published(published, ingest, read(against) if against else None)


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
