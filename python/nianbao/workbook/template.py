"""The workbook written new: the empty template, or a report filled into it."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nianbao.form import Form
from nianbao.problem import Unreadable
from nianbao.report import Report
from nianbao.workbook.layout import Layout

#: The longest text a spreadsheet cell holds.
LONGEST = 32_767


@dataclass(frozen=True)
class Extra:
    """What a summary workbook adds: sheets of its own, and formulas instead of typed figures."""

    sheets: Callable[["object"], None] | None = None
    formulas: Callable[[object], str | None] | None = None


def blank(form: Form, year: int, agency: str = "") -> Report:
    """A report in which nothing is filled in yet."""
    return Report(form, agency, year, dict.fromkeys(form.cells))


def write(report: Report, target: Path, extra: Extra | None = None) -> None:
    """Write the report into a new workbook at ``target`` (moved into place when it is complete).

    Inputs are unlocked; totals are live formulas where they equal their sum, and stand as they stood where
    they do not. Raises :class:`Unreadable` when a paragraph is longer than a cell can hold.
    """
    from nianbao.workbook.writer import Writer

    for section, n, paragraph in report.text():
        if len(paragraph) > LONGEST:
            where = section if section == "preamble" else report.form.section(section).heading
            raise Unreadable(
                target.name, f"“{where}”第{n}段超过 {LONGEST} 字，写不进一个单元格", "请把这一段分成几段"
            )
    with into_place(target) as temporary:
        Writer(report, Layout(report.form), extra or Extra()).write(temporary)


class into_place:
    """A temporary file beside ``target`` that is moved there when the block ends well, else removed."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __enter__(self) -> Path:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".nianbao-", suffix=self.target.suffix, dir=self.target.parent)
        os.close(handle)
        self.temporary = Path(name)
        return self.temporary

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            self.temporary.chmod(0o644)
            self.temporary.replace(self.target)
        else:
            self.temporary.unlink(missing_ok=True)
