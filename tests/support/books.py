"""Workbooks and flagged copies that many tests begin with: each is made once a run, and copied from then on."""

from collections.abc import Sequence
from pathlib import Path

from nianbao.core.finding import Finding
from nianbao.core.form import Form
from nianbao.core.report import Report, dump
from nianbao.workbook import marks, writer
from nianbao.workbook.styles import Extra

_written: dict[tuple[int, str], tuple[bytes, Form]] = {}  # the form is kept, so that its id stays its own
_marked: dict[tuple[bytes, str, int, str, str], tuple[bytes, bool, Form]] = {}


def write(report: Report, target: Path, extra: Extra | None = None) -> None:
    """As `writer.write`; a report that was written before is not written anew."""
    key = (id(report.form), dump(report))
    if extra is not None or key not in _written or target.exists() or not target.parent.is_dir():
        writer.write(report, target, extra)
        if extra is None:
            _written[key] = target.read_bytes(), report.form
    else:
        target.write_bytes(_written[key][0])


def mark(source: Path, target: Path, report: Report, findings: Sequence[Finding]) -> bool:
    """As `marks.mark`; the same flags in the same workbook are not made anew."""
    key = (source.read_bytes(), target.suffix, id(report.form), dump(report), repr(list(findings)))
    if key not in _marked or target.exists() or not target.parent.is_dir():
        kept = marks.mark(source, target, report, findings)
        _marked[key] = target.read_bytes(), kept, report.form
    else:
        target.write_bytes(_marked[key][0])
    return _marked[key][1]
