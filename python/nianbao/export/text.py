"""What stands in a published file: figures as they stood, text cleaned of what no file can carry, fixed words."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import NamedTuple

from nianbao.core.grid import Cell
from nianbao.core.report import Report

# What XML 1.0 cannot carry, marks that turn the direction of a line, and what is pasted along unseen; not the joiners
# that Mongolian and Uyghur are written with (core's INVISIBLE is for comparing).
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_NUMBERED = r"[（(][一二三四五六七八九十]{1,3}[）)]"
_LEAD = re.compile(_NUMBERED + r"[^。；;：:，,]{2,28}[。：:]|" + _NUMBERED + r"[^。；;：:，,]{2,28}$")
_NUMBER = re.compile(_NUMBERED + "|[一二三四五六七八九十]{1,3}、")


def now() -> datetime:
    """The time of an export; ``SOURCE_DATE_EPOCH`` (seconds since 1970) makes exports the same every time."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isascii() and epoch.isdigit() and len(epoch) < 12:
        return datetime.fromtimestamp(int(epoch), UTC).replace(tzinfo=None)
    return datetime.now().replace(microsecond=0)


@dataclass(frozen=True)
class Issue:
    """How a report is issued: as a draft or not, and when."""

    draft: bool = False
    at: datetime = field(default_factory=now)

    @property
    def date(self) -> date:
        return self.at.date()


class HeadedParagraph(NamedTuple):
    """A paragraph: its run-in heading (``（一）压实责任。``; empty where there is none) and the rest."""

    lead: str
    rest: str


def clean(text: str) -> str:
    """The text on one line, without characters that no document can hold."""
    return " ".join(_UNPRINTABLE.sub("", text).split())


def figure(report: Report, cell: Cell) -> str:
    """What stands in a cell: the text as it stood, the exact figure in plain digits, or nothing for a blank."""
    if cell in report.raw:
        return clean(report.raw[cell])
    value = report.figures.get(cell)
    if value is None:
        return ""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def paragraph(text: str) -> HeadedParagraph:
    """The paragraph with its second-level heading, as officials number it, told apart."""
    whole = clean(text)
    lead = _LEAD.match(whole)
    end = lead.end() if lead else 0
    return HeadedParagraph(whole[:end], whole[end:])


def paragraphs(report: Report, section: str) -> list[HeadedParagraph]:
    """The paragraphs of a section (or of the ``preamble``): a line of its own each, those without text left out."""
    texts = report.opening if section == "preamble" else report.narrative.get(section, ())
    return [paragraph(line) for text in texts for line in text.splitlines() if clean(line)]


def signed_date(report: Report) -> str:
    """The date under the text as it is printed."""
    return clean(report.dated)


def title_parts(report: Report) -> list[str]:
    """The report's title where a line may best break: the agency, then the rest."""
    title, agency = clean(report.heading), clean(report.agency)
    head = agency if agency and title.startswith(agency) else ""
    return [part for part in (head, title[len(head) :]) if part]


def label_parts(text: str) -> list[str]:
    """A label where a line may best break: its number, then the rest."""
    match = _NUMBER.match(text)
    end = match.end() if match else 0
    return [part for part in (text[:end], text[end:]) if part]


WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "contents": "目录",
        "facts": "基本信息",
        "skip": "跳到正文",
        "agency": "填报单位",
        "year": "报告年度",
        "form": "报告格式",
        "published": "发布日期",
        "fingerprint": "数据指纹",
        "downloads": "下载本报告",
        "table": "统计表",
        "scroll": "表格较宽，可左右滑动查看",
        "draft": "草稿",
        "final": "正式稿",
        "draft_note": "本文件为草稿，尚未校验通过，不得对外公开。",
        "docx": "Word 文档",
        "pdf": "PDF 文档",
        "json": "数据（JSON）",
        "csv": "表格数据（CSV）",
        "html": "网页",
        "infographic": "一图读懂",
        "this_year": "本年",
        "last_year": "上年",
        "figures": "主要数据",
        "same": "与上年持平",
        "more": "比上年增加",
        "less": "比上年减少",
        "no_data": "无数据",
        "source": "数据来源：",
        "all_zero": "{title}：本年均为 0",
        "whole": "共 {whole} {unit}，",
        "only": "全部为“{label}”",
        "largest": "其中“{label}”最多，{value} {unit}，占 {share}",
        "equal": "其中“{label}”最多，各 {value} {unit}，各占 {share}",
        "and": "”“",
        "than": "；{change} {unit}",
        "stop": "。",
    },
    "en": {
        "contents": "Contents",
        "facts": "About this report",
        "skip": "Skip to the report",
        "agency": "Agency",
        "year": "Year",
        "form": "Form",
        "published": "Published",
        "fingerprint": "Fingerprint",
        "downloads": "Download this report",
        "table": "Table",
        "scroll": "Wide table: scroll sideways",
        "draft": "DRAFT",
        "final": "final",
        "draft_note": "This is a draft that has not passed validation. Not for publication.",
        "docx": "Word",
        "pdf": "PDF",
        "json": "Data (JSON)",
        "csv": "Tables (CSV)",
        "html": "Web page",
        "infographic": "At a glance",
        "this_year": "This year",
        "last_year": "Last year",
        "figures": "Main figures",
        "same": "same as last year",
        "more": "more than last year:",
        "less": "less than last year:",
        "no_data": "no data",
        "source": "Source: ",
        "all_zero": "{title}: none this year",
        "whole": "{whole} {unit} in all, ",
        "only": "all of them {label}",
        "largest": "most of them {label} ({value} {unit}, {share})",
        "equal": "most of them {label} (each {value} {unit}, {share})",
        "and": " and ",
        "than": "; {change} {unit}",
        "stop": ".",
    },
}


def words(language: str) -> Mapping[str, str]:
    """The fixed words of a page in the form's language (Chinese and English are known, others get English)."""
    return WORDS.get(language.split("-")[0].lower(), WORDS["en"])
