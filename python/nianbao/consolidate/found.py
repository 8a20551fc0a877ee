"""A finding as the journal keeps it and the lists show it: flat, with the place it points at, bounded a file."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from nianbao.core.finding import Finding
from nianbao.core.report import Report
from nianbao.workbook.flags import advice, where
from nianbao.workbook.layout import Layout

#: So many findings of one file are kept, the gravest first; the others are counted.
MOST = 300
#: Stands for a rule where a file as a whole is spoken of.
FILE = "file"
GRAVITY = {"error": 0, "verify": 1, "info": 2}


class Found(NamedTuple):
    """A finding as the lists show it: severity, rule, words, what to do, the sheet and cell it points at, and the
    unit's explanation where one holds."""

    severity: str
    rule: str
    message: str
    advice: str
    sheet: str
    cell: str
    explanation: str = ""


def gravest(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that are kept of a file: errors first, at most :data:`MOST`."""
    return sorted(findings, key=lambda finding: GRAVITY[finding.severity])[:MOST]


def kept(findings: Sequence[Finding], report: Report) -> list[Found]:
    """The findings of one report, errors first, at most :data:`MOST`; the last line counts those left out."""
    layout = Layout.of(report.form)
    shown = [_found(finding, report, layout) for finding in gravest(findings)]
    if left := len(findings) - len(shown):
        words = f"问题过多，另有 {left} 个没有列出"
        shown.append(Found("info", FILE, words, "改正已列出的问题后重新校验", "", ""))
    return shown


def packed(found: Sequence[Found]) -> str:
    """The findings as one JSON text."""
    return json.dumps(found, ensure_ascii=False)


def unpacked(text: str) -> list[Found]:
    """The findings of :func:`packed`."""
    return [Found(*fields) for fields in json.loads(text)]


def _found(finding: Finding, report: Report, layout: Layout) -> Found:
    at = where(finding, report, layout)
    words = (finding.message, advice(finding, report), at.sheet, at.a1, finding.explanation)
    return Found(finding.severity, finding.rule, *words)
