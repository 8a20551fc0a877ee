"""The workbook written new: the empty template, or a report filled into it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.core.errors import Unreadable
from nianbao.core.files import into_place
from nianbao.core.form import Form
from nianbao.core.report import Report
from nianbao.workbook.layout import Layout

if TYPE_CHECKING:
    from nianbao.workbook.styles import Extra

#: The longest text a spreadsheet cell holds.
LONGEST = 32_767


def blank(form: Form, year: int, agency: str = "") -> Report:
    """A report in which nothing is filled in yet."""
    return Report(form, agency, year, dict.fromkeys(form.cells))


def write(report: Report, target: Path, extra: "Extra | None" = None) -> None:
    """Write the report into a new workbook at ``target`` (moved into place when it is complete).

    Inputs are unlocked; totals are live formulas where they equal their sum, and stand as they stood where
    they do not. Raises :class:`Unreadable` when a text is longer than a cell can hold.
    """
    from nianbao.workbook.styles import Extra
    from nianbao.workbook.writer import Writer

    for where, text in _texts(report):
        if len(text) > LONGEST // 2 and len(text.encode("utf-16-le", "replace")) > 2 * LONGEST:
            raise Unreadable(target.name, f"{where}超过 {LONGEST} 字，写不进一个单元格", "请缩短，或分成几段")
    with into_place(target) as temporary:
        Writer(report, Layout.of(report.form), extra or Extra()).write(temporary)


def _texts(report: Report) -> Iterator[tuple[str, str]]:
    """Every text of the report with words for where it stands."""
    yield from (
        ("填报单位等封面栏目", getattr(report, name)) for name in ("agency", "agency_code", "level", "scope")
    )
    for section, n, paragraph in report.text():
        where = "前言" if section == "preamble" else report.form.section(section).heading
        yield f"“{where}”第{n}段", paragraph
    for last in (report, report.previous):
        yield from ((f"“{last.form.name(cell)}”", text) for cell, text in last.raw.items()) if last else ()
    yield from (("审核说明", text) for e in report.explanations for text in (e.text, " ".join(e.cells)))
