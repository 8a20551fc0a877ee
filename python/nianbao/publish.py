"""From a filled workbook to the published files: read, validate, export, read back."""

from collections.abc import Sequence
from pathlib import Path

from nianbao.export import KINDS, Stopped, export
from nianbao.problem import Unreadable
from nianbao.validate import validate
from nianbao.workbook.reader import read

__all__ = ["Stopped", "publish"]


def publish(book: Path, kinds: Sequence[str], folder: Path, draft: bool = False) -> list[Path]:
    """Export a workbook (or interchange JSON) as the kinds asked for; the paths written.

    Raises :class:`Stopped` while there are errors (unless ``draft``), :class:`Unreadable` for what cannot be read.
    """
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise Unreadable(str(book), f"不能导出为“{unknown[0]}”", f"可以导出：{'、'.join(KINDS)}")
    report = read(book)
    return export(report, kinds, folder, draft=draft, findings=validate(report))
