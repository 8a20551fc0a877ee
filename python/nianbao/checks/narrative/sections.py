"""The sections as a whole: empty ones, aspects left out, headings and title, the fee, last year's text again."""

import re
from collections.abc import Iterator, Sequence

from nianbao.checks.narrative.compare import counted
from nianbao.checks.narrative.headings import headings, runs
from nianbao.checks.narrative.patterns import matches
from nianbao.checks.narrative.text import Paragraph
from nianbao.core import number
from nianbao.core.cell import Cell, Place
from nianbao.core.finding import CODES, Finding, Severity
from nianbao.core.form import Section
from nianbao.core.number import Figure
from nianbao.core.report import Report

_NOISE = re.compile(r"[\d\W_]+")
#: From this share of common runs of five characters on, two texts are nearly identical.
_ALIKE = 0.85


def sections(report: Report, previous: Report | None, texts: Sequence[Paragraph]) -> Iterator[Finding]:
    """``narrative.empty``, ``.aspects``, ``.fee``, ``.heading`` and ``.similar``."""
    yield from headings(report, texts)
    if not report.given and not any(p.section != "preamble" for p in texts):
        return
    yield from empty(report, texts)
    yield from aspects(report, texts)
    yield from fee(report, texts)
    if previous is not None:
        yield from similar(report, previous)


def _find(
    rule: str,
    place: Place,
    message: str,
    severity: Severity | None = None,
    cells: tuple[Cell, ...] = (),
    expected: Figure | str | None = None,
    actual: Figure | str | None = None,
) -> Finding:
    return Finding(rule, severity or CODES[rule].severity, cells, message, expected, actual, places=(place,))


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
        said = "".join(body)
        what = f"只写了“{said}”" if said else "没有内容"
        asks = "、".join(section.asks)
        severity: Severity = "verify" if section.key == last and said else "error"
        message = f"“{section.heading}”{what}，请补充" + (f"（应包括：{asks}）" if asks else "")
        yield _find("narrative.empty", Place(section.key, 0), message, severity)


def _silent(report: Report) -> Finding:
    """A report with figures alone: they may be handed in and added up, and the text is still to come."""
    told = [section for section in report.form.sections if not section.table]
    names = "、".join(f"“{section.heading}”" for section in told)
    message = f"{names}都还没有文字，报送和公开之前请补写"
    return _find("narrative.empty", Place(told[0].key, 0), message, "verify")


def aspects(report: Report, texts: Sequence[Paragraph]) -> Iterator[Finding]:
    """What the form asks of a section and its text never touches on."""
    known = report.form.phrases.data.get("aspects", {})
    for section in report.form.sections:
        body = _body(section, texts)
        if not section.asks or section.table or _blank(body, report):
            continue
        said = "".join(body)
        missing = [ask for ask in section.asks if ask in known and not any(w in said for w in known[ask])]
        if missing:
            names = "、".join(missing)
            message = f"“{section.heading}”没有写到：{names}，请补充，或者说明没有此项情况"
            yield _find("narrative.aspects", Place(section.key, 0), message, actual=names)


def fee(report: Report, texts: Sequence[Paragraph]) -> Iterator[Finding]:
    """The fee for information requests: stated at all, and in keeping with the cells it touches."""
    spec = report.form.phrases.data.get("fee")
    if spec is None:
        return
    section = report.form.section(spec["section"])
    body = _body(section, texts)
    if _blank(body, report):
        return
    said = "".join(body)
    if not any(word in said for word in spec["words"]):
        message = f"“{section.heading}”没有写明信息处理费收取情况，没有收取的也要写明"
        yield _find("narrative.fee", Place(section.key, 0), message)
    for paragraph in texts:
        if paragraph.section == section.key:
            yield from _fee_figures(report, paragraph)


def _fee_figures(report: Report, paragraph: Paragraph) -> Iterator[Finding]:
    spec, known = report.form.phrases.data["fee"], report.form.cell_set
    unpaid, within = (Cell.parse(spec[key]) for key in ("unpaid", "within"))
    none = next(iter(matches(spec["none"], paragraph.text)), None)
    if none and unpaid in known and (count := counted(report, unpaid) or 0) > 0:
        name = report.form.name(unpaid)
        message = f"{paragraph.where(report.form)}写“{paragraph.quote(*none.span())}”，而“{name}”为 {count}，请核对或说明"
        yield _find("narrative.fee_unpaid", paragraph.place, message, None, (unpaid,), count, 0)
    limit = counted(report, within) if within in known else None
    for match in matches(spec["amount"], paragraph.text):
        value = number.exact(match[1])
        if value is None or limit is None:
            continue
        value = value * 10_000 if match[2] else value
        if value > limit * 10_000:
            name = report.form.name(within)
            message = (
                f"{paragraph.where(report.form)}写“{paragraph.quote(*match.span())}”，"
                f"大于“{name}”的 {limit} 万元，请核对两处的单位和金额，或说明原因"
            )
            yield _find("narrative.fee_above", paragraph.place, message, None, (within,), limit, str(value))


def similar(report: Report, previous: Report) -> Iterator[Finding]:
    """Sections of text that repeat last year's almost word for word (figures and punctuation left aside)."""
    for section in report.form.sections:
        one = _NOISE.sub("", "".join(report.narrative.get(section.key, ())))
        other = _NOISE.sub("", "".join(previous.narrative.get(section.key, ())))
        if min(len(one), len(other)) < 80 or section.table:
            continue
        a, b = runs(one, 5), runs(other, 5)
        share = len(a & b) / max(len(a), len(b))
        if share >= _ALIKE:
            percent = f"{share:.0%}"
            message = (
                f"“{section.heading}”与上年报告的文字有 {percent} 相同，请按本年工作实际撰写，或说明原因"
            )
            yield _find("narrative.similar", Place(section.key, 0), message, actual=percent)
