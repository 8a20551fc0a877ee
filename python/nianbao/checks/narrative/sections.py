"""The sections as a whole: empty ones, aspects left out, headings and title, the fee, last year's text again."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from nianbao.checks.narrative.text import Paragraph, matches, stands
from nianbao.core import number
from nianbao.core.finding import CODES, Finding, Severity
from nianbao.core.form import Section
from nianbao.core.grid import Cell, Place
from nianbao.core.number import Figure
from nianbao.core.report import Report

_YEAR = re.compile(r"(?:19|20)\d\d(?=年)")
_NOISE = re.compile(r"[\d\W_]+")
#: Texts that have more than this share of runs of five characters in common are alike; shorter ones are set phrases.
_ALIKE, _LEAST = 0.5, 80


def sections(report: Report, previous: Report | None, texts: Sequence[Paragraph]) -> Iterator[Finding]:
    """``narrative.empty``, ``.aspects``, ``.fee``, ``.heading`` and ``.similar``."""
    yield from headings(report, texts)
    if not report.given and not any(p.section != "preamble" for p in texts):
        return
    yield from empty(report, texts)
    yield from aspects(report, texts)
    yield from fee(report, texts)
    yield from corrected(report, texts)
    if previous is not None:
        yield from similar(report, previous)


def _find(
    rule: str,
    place: Place,
    message: str,
    severity: Severity | None = None,
    cells: tuple[Cell, ...] = (),
) -> Finding:
    return Finding(rule, severity or CODES[rule].severity, cells, message, places=(place,))


def _body(section: Section, texts: Sequence[Paragraph]) -> list[str]:
    """The folded paragraphs of a section without its own heading."""
    return [p.text for p in texts if p.section == section.key and p.text != section.heading]


def _blank(body: list[str], report: Report) -> bool:
    return "".join(body) in ("", *report.form.phrases.words("absent"))


def empty(report: Report, texts: Sequence[Paragraph]) -> Iterator[Finding]:
    """Sections that consist of text and were handed in must not be empty, nor say no more than 无."""
    if not any(p.section != "preamble" for p in texts):
        yield _silent(report)
        return
    last = report.form.sections[-1].key
    for section in report.form.sections:
        if section.table or not _blank(body := _body(section, texts), report):
            continue
        if not body and section.key not in report.given:
            continue
        wording = "".join(body)
        what = f"只写了“{wording}”" if wording else "没有内容"
        asks = "、".join(section.asks)
        severity: Severity = "verify" if section.key == last and wording else "error"
        message = f"“{section.heading}”{what}，请补充" + (f"（应包括：{asks}）" if asks else "")
        yield _find("narrative.empty", Place(section.key, 0), message, severity)


def _silent(report: Report) -> Finding:
    """A report with figures alone: they may be handed in and added up, and the text is still to come."""
    sections_of_text = [section for section in report.form.sections if not section.table]
    names = "、".join(f"“{section.heading}”" for section in sections_of_text)
    message = f"{names}都还没有文字，报送和公开之前请补写"
    return _find("narrative.empty", Place(sections_of_text[0].key, 0), message, "verify")


def aspects(report: Report, texts: Sequence[Paragraph]) -> Iterator[Finding]:
    """What the form asks of a section and its text never touches on."""
    known = report.form.phrases.data.get("aspects", {})
    for section in report.form.sections:
        body = _body(section, texts)
        if not section.asks or section.table or _blank(body, report):
            continue
        wording = "".join(body)
        missing = [ask for ask in section.asks if ask in known and not any(w in wording for w in known[ask])]
        if missing:
            names = "、".join(missing)
            message = f"“{section.heading}”没有写到：{names}，请补充，或者说明没有此项情况"
            yield _find("narrative.aspects", Place(section.key, 0), message)._replace(actual=names)


def fee(report: Report, texts: Sequence[Paragraph]) -> Iterator[Finding]:
    """The fee for information requests: stated at all, and in keeping with the cells it touches."""
    spec = report.form.phrases.data.get("fee")
    if spec is None:
        return
    section = report.form.section(spec["section"])
    body = _body(section, texts)
    if _blank(body, report):
        return
    wording = "".join(body)
    if not any(word in wording for word in spec["words"]):
        message = f"“{section.heading}”没有写明信息处理费收取情况，没有收取的也要写明"
        yield _find("narrative.fee", Place(section.key, 0), message)
    for paragraph in texts:
        if paragraph.section == section.key:
            yield from _fee_figures(report, paragraph)
    yield from _fee_differs(report, texts)


#: Sentences about the fee of one request, of a part, or of another year.
_NOT_THE_FEE = re.compile(r"每[件份]|单件|标准|其中|上年|去年|上一年|计划|拟|最[高多低少]")


def _fee_differs(report: Report, texts: Sequence[Paragraph]) -> Iterator[Finding]:
    """The fee told differently in two places: two amounts, or an amount and none at all."""
    spec = report.form.phrases.data["fee"]
    amounts: dict[Figure, tuple[Paragraph, re.Match[str]]] = {}
    for paragraph in texts:
        some = [(_yuan(m), m) for m in matches(spec["amount"], paragraph.text)]
        some += [(0, m) for m in matches(spec["none"], paragraph.text) if "处理费" in m[0]]
        for value, match in some:
            start, end = (
                paragraph.text.rfind("。", 0, match.start()) + 1,
                paragraph.text.find("。", match.end()),
            )
            sentence = paragraph.text[start : end if end >= 0 else None]
            years = {*_YEAR.findall(sentence)} - {str(report.year)}
            if value is not None and not years and not _NOT_THE_FEE.search(sentence):
                amounts.setdefault(value, (paragraph, match))
    if len(amounts) > 1:
        (first, one), (then, two), *_ = amounts.values()
        message = (
            f"信息处理费前后不一致：{first.where(report.form)}写“{first.quote(*one.span())}”，"
            f"{then.where(report.form)}写“{then.quote(*two.span())}”，请核对"
        )
        yield _find("narrative.fee_differs", then.place, message)


def _yuan(match: re.Match[str]) -> Figure | None:
    value = number.exact(match[1].replace(",", ""))
    return None if value is None else number.simplest(value * (10_000 if match[2] else 1))


def _fee_figures(report: Report, paragraph: Paragraph) -> Iterator[Finding]:
    spec, known = report.form.phrases.data["fee"], report.form.cell_set
    unpaid, within = (Cell.parse(spec[key]) for key in ("unpaid", "within"))
    none = next(iter(matches(spec["none"], paragraph.text)), None)
    charged = any(_yuan(match) for match in matches(spec["amount"], paragraph.text))  # the parts of it told
    if none and not charged and unpaid in known and (count := report.counted(unpaid) or 0) > 0:
        name = report.form.name(unpaid)
        message = f"{paragraph.where(report.form)}写“{paragraph.quote(*none.span())}”，而“{name}”为 {count}，请核对或说明"
        yield _find("narrative.fee_unpaid", paragraph.place, message, None, (unpaid,))._replace(
            expected=count, actual=0
        )
    limit = report.counted(within) if within in known else None
    for match in matches(spec["amount"], paragraph.text):
        value = _yuan(match)
        if value is None or limit is None:
            continue
        if value > limit * 10_000:
            name = report.form.name(within)
            message = (
                f"{paragraph.where(report.form)}写“{paragraph.quote(*match.span())}”，"
                f"大于“{name}”的 {limit} 万元，请核对两处的单位和金额，或说明原因"
            )
            yield _find("narrative.fee_above", paragraph.place, message, None, (within,))._replace(
                expected=limit, actual=str(value)
            )


def similar(report: Report, previous: Report) -> Iterator[Finding]:
    """Text that repeats last year's by more than half (figures and punctuation left aside): the whole of it, and each section."""
    written = [section for section in report.form.sections if not section.table]
    texts = [(section.key, f"“{section.heading}”") for section in written]
    shares = {key: _share([key], report, previous) for key, _ in texts}
    whole = _share([key for key, _ in texts], report, previous)
    alike = [(key, name, shares[key]) for key, name in texts if shares[key] > _ALIKE]
    if whole > _ALIKE and len(alike) != 1:  # one section is sections_of_text by itself
        yield _similar(written[0].key, "全文", whole)
    for key, name, share in alike:
        yield _similar(key, name, share)


def _similar(section: str, name: str, share: float) -> Finding:
    percent = f"{share:.0%}"
    message = f"{name}与上年报告的文字有 {percent} 相同，请按本年工作实际撰写，或说明原因"
    return _find("narrative.similar", Place(section, 0), message)._replace(actual=percent)


def _share(sections: Sequence[str], report: Report, previous: Report) -> float:
    """The share of common runs of five characters; 0 where either text is too short to tell."""
    one, other = (
        _NOISE.sub("", "".join(text for key in sections for text in some.narrative.get(key, ())))
        for some in (report, previous)
    )
    if min(len(one), len(other)) < _LEAST:
        return 0
    a, b = runs(one, 5), runs(other, 5)
    return len(a & b) / max(len(a), len(b))


def corrected(report: Report, texts: Sequence[Paragraph]) -> Iterator[Finding]:
    """复议纠正 or 败诉 in the table, and not a word of disputes in the section on problems."""
    spec = report.form.phrases.data.get("corrected")
    if spec is None:
        return
    cells = [Cell.parse(key) for key in spec["cells"]]
    some = tuple(c for c in cells if c in report.form.cell_set and (report.counted(c) or 0) > 0)
    body = "".join(_body(report.form.section(spec["section"]), texts))
    if some and body and not any(word in body for word in spec["words"]):
        names = "、".join(f"“{report.form.name(c)}”为 {report.amount(c)}" for c in some)
        heading = report.form.section(spec["section"]).heading
        message = f"表中{names}，“{heading}”没有提到复议或诉讼，建议写明原因和改进措施"
        yield _find("narrative.corrected", Place(spec["section"], 0), message, cells=some)


# ------------------------------------------------------------------------------------------ headings

_ORDINALS = "一二三四五六七八九十"
_LINE = re.compile(
    rf"^(?:第(?P<part>[{_ORDINALS}])部分[、：]?|(?P<ordinal>[{_ORDINALS}]+)、)(?P<words>[^。；，！？]{{2,40}})$"
)
_ITEM = re.compile(rf"^(?P<ordinal>[{_ORDINALS}])、")
_TITLE = re.compile(r"^[^。；！？]{2,60}报告。?$")
#: A line of more characters is no heading unless it is worded like one.
_SHORT = 20


class HeadingLine(NamedTuple):
    """A heading-like line: its ordinal (from 1; 0 beyond the sections), its words, whether it opens its section."""

    paragraph: Paragraph
    ordinal: int
    words: str
    first: bool


def headings(report: Report, texts: Sequence[Paragraph]) -> Iterator[Finding]:
    """Heading lines and a title that stand in the text and are not worded as prescribed."""
    prescribed = {s.heading for s in report.form.sections}
    opened: set[str] = set()
    for paragraph in texts:
        first = paragraph.section not in opened
        opened.add(paragraph.section)
        line = _line(paragraph, first) if paragraph.text not in prescribed else None
        if line is not None:
            section = _section_of(report, line, texts)
            if section is not None:
                yield _finding(report, paragraph, section)
        elif paragraph.section == "preamble" and _TITLE.match(paragraph.text):
            yield from _title(report, paragraph)


def _line(paragraph: Paragraph, first: bool) -> HeadingLine | None:
    match = _LINE.match(paragraph.text)
    if match is None:
        return None
    ordinal = match["part"] or match["ordinal"]
    return HeadingLine(
        paragraph, _ORDINALS.index(ordinal) + 1 if len(ordinal) == 1 else 0, match["words"], first
    )


def _section_of(report: Report, line: HeadingLine, texts: Sequence[Paragraph]) -> Section | None:
    """The section whose heading a line stands for: alike in words, named by them, or where it stands."""
    form = report.form.sections
    for n, section in enumerate(form, 1):
        if likeness(line.words, _words(section)) >= (0.5 if n == line.ordinal else 0.85):
            return section
    if len(line.words) > _SHORT or _enumerated(report, line, texts):
        return None
    own = next((s for s in form if s.key == line.paragraph.section), None)
    numbered = form[line.ordinal - 1] if 0 < line.ordinal <= len(form) else None
    if numbered is not None and (_names(report, numbered, line.words) or (line.first and numbered is own)):
        return numbered
    astray = line.first and own is not None and line.ordinal > 1 and _names(report, own, line.words)
    return own if astray else None


def _words(section: Section) -> str:
    match = _LINE.match(section.heading)
    return match["words"] if match else section.heading


def _names(report: Report, section: Section, words: str) -> bool:
    """Whether words speak of what a section is about."""
    known: Mapping[str, Sequence[str]] = report.form.phrases.data.get("headings", {})
    return any(stands(pattern, words) for pattern in known.get(section.key, ()))


def _enumerated(report: Report, line: HeadingLine, texts: Sequence[Paragraph]) -> bool:
    """Whether a line is one of several points of its section (一、加强领导 … 二、落实责任 …)."""
    form = report.form.sections
    beside = 2 if line.ordinal == 1 else line.ordinal - 1
    for paragraph in texts:
        item = _ITEM.match(paragraph.text) if paragraph.section == line.paragraph.section else None
        if item is None or _ORDINALS.index(item["ordinal"]) + 1 != beside:
            continue
        section = form[beside - 1] if beside <= len(form) else None
        heading = section is not None and (
            paragraph.text == section.heading or _names(report, section, paragraph.text[item.end() :])
        )
        if not heading:
            return True
    return False


def _finding(report: Report, paragraph: Paragraph, section: Section) -> Finding:
    wording = paragraph.raw.strip()
    message = f"{paragraph.where(report.form)}的标题“{wording}”与规定不符，应为“{section.heading}”"
    return _heading(paragraph, message, "error", section.heading, paragraph.text)


def _heading(paragraph: Paragraph, message: str, severity: Severity, right: str, wording: str) -> Finding:
    return Finding("narrative.heading", severity, (), message, right, wording, places=(paragraph.place,))


def _title(report: Report, paragraph: Paragraph) -> Iterator[Finding]:
    """A title with the right agency (or none) and year, but not as prescribed (others are rules of their own)."""
    right, wording = "".join(report.heading.split()), paragraph.raw.strip()
    if report.year is None or "信息公开" not in paragraph.text or paragraph.text == right:
        return
    own = "".join(report.agency.split())
    if paragraph.text.removeprefix(own).removeprefix("关于").startswith(f"{report.year}年"):
        message = f"标题“{wording}”与规定不符，应为“{report.heading}”"
        yield _heading(paragraph, message, "verify", report.heading, wording)


def likeness(one: str, other: str) -> float:
    """The share of character pairs that two short texts have in common (Dice), from 0 to 1."""
    a, b = runs(one, 2), runs(other, 2)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def runs(text: str, size: int) -> AbstractSet[str]:
    """All runs of so many characters of a text."""
    return {text[i : i + size] for i in range(len(text) - size + 1)}
