"""``narrative.percent``: shares and year-on-year rates recomputed from the figures beside them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from nianbao.checks.narrative.claims import Claim
from nianbao.checks.narrative.reading import Mention
from nianbao.checks.narrative.text import Paragraph, Sentence
from nianbao.finding import Finding
from nianbao.number import Figure
from nianbao.report import Report
from nianbao.rules import last_year

_SHARE = re.compile(r"[，、（]?(?:约|大约)?占(?P<of>[^，。；、（）占\d]{0,16})$")
_RATE = re.compile(
    r"[，、（]?(?P<lead>[^。；]{0,24}?)(?P<way>增长|增加|上升|提高|增幅|增|下降|减少|降低|下滑|降幅|降|减)[了为达约近]{0,2}$"
)
_PERCENT = re.compile(r"(\d+(?:\.(\d+))?)%")
_CHANGES = ("增加", "减少", "增长", "下降", "多", "少", "增多", "上升", "降低")
_DOWN = ("下降", "减少", "降低", "下滑", "降幅", "降", "减")


def percents(
    report: Report,
    previous: Report | None,
    paragraph: Paragraph,
    sentence: Sentence,
    mentions: Sequence[Mention],
    found: Mapping[int, Claim],
    before: Sequence[Mention],
) -> Iterator[Finding]:
    """The percentages of a sentence that no sensible base bears out (±0.1 point; rounding and cutting accepted)."""
    for match in _PERCENT.finditer(paragraph.masked, sentence.start, sentence.end):
        near = [i for i, m in enumerate(mentions) if m.token.end <= match.start() and not m.zero]
        if not near:
            continue
        between = paragraph.masked[mentions[near[-1]].token.end : match.start()]
        shown, decimals = Fraction(match[1]), len(match[2] or "")
        if share := _SHARE.fullmatch(between):
            if not _elsewhere(share["of"], report):
                rates = _shares(report, mentions[near[-1]], mentions, found.get(near[-1]), before)
                yield from _judge(report, paragraph, mentions[near[-1]], match, shown, decimals, rates)
        elif rate := _RATE.fullmatch(between):
            rates = _rates(report, previous, mentions, near[-1], found, rate)
            yield from _judge(report, paragraph, mentions[near[-1]], match, shown, decimals, rates)


def _elsewhere(words: str, report: Report) -> bool:
    """The share of a whole that this report does not hold (``占全市总量的``)."""
    return any(
        word in words for word in ("全国", "全省", "全市", "全县", "全区")
    ) and not report.agency.endswith("政府")


def _shares(
    report: Report, part: Mention, mentions: Sequence[Mention], claim: Claim | None, before: Sequence[Mention]
) -> list[Fraction]:
    """The share of a part in every whole that makes sense: numbers said before it, totals of its topic."""
    if part.token.rough:
        return []
    value = Fraction(part.token.value)
    wholes = [m for m in (*before, *mentions) if m.token.start < part.token.start and not m.token.rough]
    bases = [Fraction(m.token.value) for m in wholes if m.token.unit == part.token.unit or not m.token.unit]
    bases += [Fraction(v) for v in _totals(report, claim)]
    return [value / base * 100 for base in bases if base and base >= value]


def _totals(report: Report, claim: Claim | None) -> Iterator[Figure]:
    if claim is None:
        return
    topic = claim.topic
    for rows in topic.rows.any:
        for columns in topic.columns.any:
            values = [
                report.amount(type(claim.readings[0][0])(topic.table, r, c)) for r in rows for c in columns
            ]
            yield sum(v for v in values if v is not None)


def _rates(
    report: Report,
    previous: Report | None,
    mentions: Sequence[Mention],
    near: int,
    found: Mapping[int, Claim],
    rate: re.Match[str],
) -> list[Fraction]:
    """The year-on-year rates that the figures give: last year's in the text, in the report, or by the change."""
    down = -1 if rate["way"] in _DOWN else 1
    last = mentions[near]
    compared = any(word in rate["lead"] for word in ("较", "比", "同比")) or "比" in rate["way"]
    changed = near > 0 and any(t.word in _CHANGES for t in last.zone)
    if changed:
        now = mentions[near - 1]
        bases = [Fraction(now.token.value) - down * Fraction(last.token.value)]
    elif last.told == "last" and near > 0 and not last.token.rough:
        now, bases = mentions[near - 1], [Fraction(last.token.value)]
    elif compared:
        now = last
        bases = [Fraction(m.token.value) for m in mentions[:near] if m.told == "last"]
        bases += _last_years(report, previous, found.get(near))
    else:
        return []
    if now.token.rough:
        return []
    return [down * (Fraction(now.token.value) - base) / base * 100 for base in bases if base > 0]


def _last_years(report: Report, previous: Report | None, claim: Claim | None) -> list[Fraction]:
    if claim is None:
        return []
    bases = []
    for cells in (*claim.readings, *claim.also):
        values = [last_year(cell, report, previous) for cell in cells]
        if None not in values:
            bases.append(Fraction(sum(v for v in values if v is not None)))
    return bases


def _judge(
    report: Report,
    paragraph: Paragraph,
    part: Mention,
    match: re.Match[str],
    shown: Fraction,
    decimals: int,
    rates: list[Fraction],
) -> Iterator[Finding]:
    step = Fraction(1, 10**decimals)
    slack = Fraction(1, 10)
    if not rates or any(abs(shown - rate) <= slack or 0 <= rate - shown < step for rate in rates):
        return
    if any(abs(shown - rate) <= step / 2 for rate in rates):
        return
    right = "或".join(dict.fromkeys(f"{float(rate):.{max(decimals, 1)}f}%" for rate in rates[:3]))
    quote = paragraph.quote(part.start, match.end())
    message = f"{paragraph.where(report.form)}写“{quote}”，按所列数字计算应为 {right}，请核对"
    yield Finding("narrative.percent", "verify", (), message, right, match[0], places=(paragraph.place,))
