"""The ribbon's 校验 without a ribbon: ``nianbao validate --app libreoffice``."""

from collections.abc import Callable
from pathlib import Path

from nianbao.core.report import Report
from nianbao.excel.flagging import Checked, check, flag


def flagged_by_libreoffice(
    source: Path,
    target: Path,
    *,
    previous: Report | None = None,
    rules: Path | None = None,
    seen: Callable[[], None] | None = None,
) -> Checked:
    """Open a workbook in LibreOffice (visibly where there is a display), flag it there, save it as ``target``.

    ``source`` stays as it is. ``seen`` is called while a visible workbook is still open. Raises Unreadable for a
    workbook that is none of ours, EngineError where LibreOffice is missing or refuses.
    """
    from nianbao import libreoffice
    from nianbao.excel.book import OpenBook
    from nianbao.libreoffice.app import has_display
    from nianbao.workbook.template import into_place

    visible = has_display()
    with libreoffice.start(visible=visible) as app:
        workbook = OpenBook(app.books.open(source))
        checked = check(workbook, previous, rules)
        flag(workbook, checked)
        with into_place(target) as temporary:
            workbook.book.save(temporary)
        if visible and seen is not None:
            seen()
    return checked
