"""Interchange JSON and CSV of an export, against the report: every key, every line, every label."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from nianbao.core.report import Report
from nianbao.export import data
from nianbao.export.seal import filled
from nianbao.verify.page import Seen

#: Marks of the published file; they are no part of the report.
_MARKS = ("fingerprint", "digest", "draft")
_KEYS = {
    "agency_code": "单位代码", "level": "行政层级", "scope": "统计范围", "explanations": "审核说明", "previous": "上年数据",
    "signature": "落款单位", "date": "落款日期", "form": "表式", "agency": "填报单位", "year": "年度", "tables": "表中数据",
    "narrative": "各部分文字", "preamble": "引言", "ledger": "台账",
}  # fmt: skip


def json_compare(text: bytes, report: Report, alone: bool) -> Seen:
    """Published JSON against the report; ``alone``: against what it says itself, so that only the digest can tell."""
    drafts = [filled(data.to_json(report, draft=draft)) for draft in (False, True)]
    if text in drafts:
        return Seen()
    there, due = _plain(text), json.loads(drafts[0])
    told = [
        f"“{_KEYS.get(key, key)}”与工作簿不同"
        for key in dict.fromkeys((*due, *there))
        if key not in _MARKS and due.get(key) != there.get(key)
    ]
    told += [f"“{key}”重复出现" for key in _doubled(text)]
    if alone and not _canonical(text, drafts):
        told.append(
            "数据指纹之外的栏目（代码、层级、范围、审核说明、上年数据等）有改动，用 --against 指定工作簿可列出"
        )
    return Seen(tuple(told), () if told else ("排版（空格、换行、次序）或标记有改动",))


def _plain(text: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(text.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _doubled(text: bytes) -> list[str]:
    """Keys that stand twice in one place, of which programs read either."""
    names: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        names.extend(key for key in dict.fromkeys(keys) if keys.count(key) > 1)
        return dict(pairs)

    try:
        json.loads(text.decode("utf-8-sig"), object_pairs_hook=once)
    except (ValueError, RecursionError):
        return []
    return names


def _canonical(text: bytes, drafts: list[bytes]) -> bool:
    """Whether the file, written as the export writes, would have the digest that it carries."""
    carried = _plain(text).get("digest")
    return any(_plain(draft).get("digest") == carried for draft in drafts)


def csv_compare(text: bytes, report: Report) -> Seen:
    """Published CSV against the report, line by line and column by column."""
    ours = [data.to_csv(report, draft=draft).encode("utf-8-sig") for draft in (False, True)]
    if text in ours:
        return Seen()
    told = list(csv_lines(text, report))
    return Seen(tuple(told), () if told else ("换行、引号、编码标记、状态或指纹一栏有改动",))


def csv_lines(text: bytes, report: Report) -> Iterator[str]:
    """What the lines say otherwise than they should."""
    due = _lines(data.to_csv(report))
    there = _lines(text.decode("utf-8-sig", "replace"))
    columns = data.COLUMNS + data.OWNER
    if there[:1] != [list(columns)]:
        yield "表头与导出的不同"
    for n, (line, found) in enumerate(zip_longest(due[1:], there[1:], fillvalue=None), 2):
        if line is None:
            yield f"第 {n} 行是多出来的：“{','.join(found or ())[:60]}”"
        elif found is None:
            yield f"少了“{line[0]}”一行"
        else:
            yield from _line(report, columns, line, found, n)


def _line(
    report: Report, columns: tuple[str, ...], due: list[str], found: list[str], n: int
) -> Iterator[str]:
    if len(found) != len(columns):
        yield f"第 {n} 行有 {len(found)} 栏，应有 {len(columns)} 栏"
        return
    for column, here, there in zip(columns, due, found, strict=True):
        if here == there or column in ("status", "fingerprint"):
            continue
        if column == "value":
            name = report.form.name(report.form.cells[n - 2])
            yield f"{name}：应为{_quoted(here)}，文件中是{_quoted(there)}"
        else:
            yield f"第 {n} 行“{column}”一栏应为{_quoted(here)}，文件中是{_quoted(there)}"


def _lines(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    except csv.Error:
        return []


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "空白"
