"""Workbooks and flagged copies that many tests begin with: each is made once a run, and copied from then on."""

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from nianbao.core.finding import Finding
from nianbao.core.form import Form
from nianbao.core.report import Report, dump
from nianbao.workbook import marks, writer
from nianbao.workbook.styles import Extra
from support.once import once


@lru_cache(maxsize=32)
def _named(form: Form) -> str:
    """A form by all that it says: tests change forms under their name."""
    return json.dumps(form.data, ensure_ascii=False, sort_keys=True, default=str)


def write(report: Report, target: Path, extra: Extra | None = None) -> None:
    """As `writer.write`; a report that was written before is not written anew."""

    def written() -> bytes:
        with TemporaryDirectory() as folder:
            writer.write(report, Path(folder) / "book.xlsx")
            return (Path(folder) / "book.xlsx").read_bytes()

    if extra is not None or target.exists() or not target.parent.is_dir():
        writer.write(report, target, extra)
    else:
        target.write_bytes(once(f"book {_named(report.form)} {dump(report)}", written))


def mark(source: Path, target: Path, report: Report, findings: Sequence[Finding]) -> bool:
    """As `marks.mark`; the same flags in the same workbook are not made anew."""

    def marked() -> bytes:
        with TemporaryDirectory() as folder:
            copy = Path(folder) / f"copy{target.suffix}"
            kept = marks.mark(source, copy, report, findings)
            return bytes([kept]) + copy.read_bytes()

    if target.exists() or not target.parent.is_dir():
        return marks.mark(source, target, report, findings)
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    asked = (digest, target.suffix, _named(report.form), dump(report), repr(list(findings)))
    made = once(f"copy {asked}", marked)
    target.write_bytes(made[1:])
    return bool(made[0])
