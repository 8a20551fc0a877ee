"""The machine-readable faces of a report: interchange JSON, and one tidy CSV of all cells."""

import csv
import io
import json
from dataclasses import replace

from nianbao.core import report as reports
from nianbao.core.cell import Cell
from nianbao.core.form import Form
from nianbao.core.report import Report
from nianbao.core.text import guarded
from nianbao.export.html import headers
from nianbao.export.seal import OPEN
from nianbao.export.text import clean, figure, words

#: The columns of the CSV: one line a cell. ``unit`` is the unit of measure; the last five are alike in every line,
#: so that a line says whose it is when the tables of many agencies are put together.
COLUMNS = ("key", "section", "row", "column", "unit", "value")
OWNER = ("agency", "year", "form", "status", "fingerprint")


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
    writer.writerow(COLUMNS + OWNER)
    owner = _owner(report, draft)
    for cell in report.form.cells:
        writer.writerow([guarded(text) for text in _line(report, cell) + owner])
    return out.getvalue()


def _owner(report: Report, draft: bool) -> tuple[str, ...]:
    said = words(report.form.language)
    year = "" if report.year is None else str(report.year)
    status = said["draft" if draft else "final"]
    return clean(report.agency), year, report.form.key, status, report.fingerprint()


def _line(report: Report, cell: Cell) -> tuple[str, ...]:
    return (*_labelling(report.form, cell), clean(figure(report, cell)))


def _labelling(form: Form, cell: Cell) -> tuple[str, ...]:
    """What a line of the CSV says of its cell before the value."""
    return str(cell), form.section_of(cell.table).heading, *_labels(form, cell), form.column(cell).unit


def _labels(form: Form, cell: Cell) -> tuple[str, str]:
    """The printed labels of the cell's row and of its column, outermost first."""
    grid = form.tables[cell.table].grid
    found = list(headers(grid, grid.at[cell]))
    row = [box.text for box in found if box.kind in ("side", "title")]
    return "·".join(row) or form.row(cell).name, "·".join(box.text for box in found if box.kind == "head")
