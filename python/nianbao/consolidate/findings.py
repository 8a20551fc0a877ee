"""Problems as the journal keeps them and the lists show them: flat, bounded a file, like ones in one line."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from nianbao.core.finding import Finding
from nianbao.core.form import Form
from nianbao.core.report import Report
from nianbao.workbook.flags import advice, where
from nianbao.workbook.layout import Layout

#: So many findings of one file are kept, the gravest first; the others are counted.
MOST = 300
#: Stands for a rule where a file as a whole is spoken of.
FILE = "file"
GRAVITY = {"error": 0, "verify": 1, "info": 2}


class Problem(NamedTuple):
    """A finding as the lists show it: severity, rule, words, what to do, the sheet and cell it points at, and the
    unit's explanation where one holds."""

    severity: str
    rule: str
    message: str
    advice: str
    sheet: str
    cell: str
    explanation: str = ""
    brief: str = ""


def gravest(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that are kept of a file: errors first, at most :data:`MOST`."""
    return sorted(findings, key=lambda finding: GRAVITY[finding.severity])[:MOST]


def problems_of(findings: Sequence[Finding], report: Report) -> list[Problem]:
    """The findings of one report, errors first, at most :data:`MOST`; the last line counts those left out."""
    layout = Layout.of(report.form)
    shown = [_problem(finding, report, layout) for finding in gravest(findings)]
    if left := len(findings) - len(shown):
        words = f"问题过多，另有 {left} 个没有列出"
        shown.append(Problem("info", FILE, words, "改正已列出的问题后重新校验", "", ""))
    return shown


def packed(found: Sequence[Problem]) -> str:
    """The findings as one JSON text."""
    return json.dumps(found, ensure_ascii=False)


def unpacked(text: str) -> list[Problem]:
    """The findings of :func:`packed`."""
    return [Problem(*fields) for fields in json.loads(text)]


def _problem(finding: Finding, report: Report, layout: Layout) -> Problem:
    at = where(finding, report, layout)
    words = (finding.message, advice(finding, report), at.sheet, at.a1, finding.explanation, finding.brief)
    return Problem(finding.severity, finding.rule, *words)


#: So many blanks become one line; of other findings under one rule so many are shown before the rest is counted.
BLANKS, SHOWN = 3, 5
#: So many places of like findings and problems in a reason are named.
PLACES, QUOTED = 8, 3


def in_few_lines(found: Iterable[Problem]) -> list[Problem]:
    """The findings in as few lines as tell them, errors first; each line points at the first of its places."""
    groups: dict[tuple[int, str, bool], list[Problem]] = {}
    for item in found:
        key = GRAVITY.get(item.severity, 0), item.rule, bool(item.explanation)
        groups.setdefault(key, []).append(item)
    ordered = sorted(groups.items(), key=lambda pair: (pair[0][0], pair[0][1] == FILE))
    return [line for _, group in ordered for line in _lines(group)]


def quoted(found: Iterable[Problem], count: int) -> str:
    """What the first few of ``count`` problems say, without corrections."""
    lines = [(line.brief or line.message).rstrip("。") for line in in_few_lines(found)]
    more = f" 等 {count} 个" if len(lines) > QUOTED else ""
    return "；".join(lines[:QUOTED]) + more


def _lines(group: Sequence[Problem]) -> Iterator[Problem]:
    """The lines of one rule."""
    first = group[0]
    if first.rule == "cell.blank" and len(group) >= BLANKS:
        yield _blanks(group)
    elif len(group) > SHOWN + 1:
        yield from group[:SHOWN]
        rest = group[SHOWN:]
        yield rest[0]._replace(brief="", message=f"同类问题另有 {len(rest)} 处：{places(rest)}")
    else:
        yield from group


def _blanks(group: Sequence[Problem]) -> Problem:
    first = group[0]
    if first.severity == "error":
        words = f"有 {len(group)} 个格没有填写：{places(group)}"
        return first._replace(message=words, advice="请逐格填写，没有的填 0")
    return first._replace(message=f"{first.message}（同此共 {len(group)} 格：{places(group)}）")


def places(found: Sequence[Problem]) -> str:
    """Where findings stand, sheet by sheet: ``三、申请办理 E8、F8，二、主动公开 C7 等 12 处``."""
    parts = []
    for sheet, group in groupby(found[:PLACES], key=lambda item: item.sheet):
        parts.append(f"{sheet} {'、'.join(item.cell for item in group)}".strip())
    return "，".join(parts) + (f" 等 {len(found)} 处" if len(found) > PLACES else "")


def rule_words(form: Form, found: Problem) -> str:
    """The rule's short name."""
    return "整份文件" if found.rule == FILE else form.rule_name(found.rule)
