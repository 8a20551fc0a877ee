"""``narrative.percent``: shares and year-on-year rates recomputed from the figures beside them."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from nianbao.checks.narrative.compare import counted
from nianbao.checks.narrative.context import Passage, Told
from nianbao.checks.narrative.meaning import Claim
from nianbao.checks.narrative.mention import Mention
from nianbao.checks.narrative.shares import EACH, bare, each, named, recalled, wholes
from nianbao.checks.narrative.text import holds
from nianbao.checks.narrative.tokens import Lexicon
from nianbao.core.cell import Cell
from nianbao.core.finding import Finding
from nianbao.core.number import Figure
from nianbao.core.report import Report
from nianbao.core.rules import last_year

_SHARE = re.compile(r"[，、（]?(?:约|大约)?占(?P<of>[^，。；、（）占\d]{0,16})$")
_RATE = re.compile(
    r"[，、（]?(?P<lead>[^。；]{0,24}?)(?P<way>增长|增加|上升|提高|增幅|增|下降|减少|降低|下滑|降幅|降|减)[了为达约近]{0,2}$"
)
#: What a percentage should be, and what it may be besides.
Rates = tuple[list[Fraction], list[Fraction]]
#: ``，解读率90%``: a rate by the name of what the number before it counts.
_OF_PART = re.compile(r"，(?P<what>[^，。；：（）\d]{1,6})率(?:为|达|达到|是)?")
_PERCENT = re.compile(r"(\d+(?:\.(\d+))?)%")


def percents(passage: Passage, told: Told) -> Iterator[Finding]:
    """The percentages of a sentence that no sensible base bears out (±0.1 point; rounding and cutting accepted)."""
    report, text, until = passage.report, passage.paragraph.masked, 0
    start, end = told.sentence
    for match in _PERCENT.finditer(text, start, end):
        if match.start() < until:
            continue
        before = text[start : match.start()]
        if rates := named(report, before, text[start:end], passage.lex):
            yield from _judge(passage, max(start, match.start() - 8), match, rates)
            continue
        near = [i for i, m in enumerate(told.mentions) if m.token.end <= match.start() and not m.zero]
        between = text[told.mentions[near[-1]].token.end : match.start()] if near else ""
        if near and EACH.fullmatch(between):
            group = _list(text, match, end)
            until = group[-1].end()
            yield from _each(passage, told, near, group)
        elif near and (_SHARE.fullmatch(between) or _RATE.fullmatch(between)):
            rates, wide = _of_number(passage, told, near[-1], between)
            yield from _judge(passage, told.mentions[near[-1]].start, match, rates, wide)
        elif near and (stem := _OF_PART.fullmatch(between)) and _part_rate(told, near[-1], stem["what"]):
            yield from _judge(
                passage, told.mentions[near[-1]].start, match, _part_rate(told, near[-1], stem["what"])
            )
        elif again := recalled(report, told.mentions, before):
            yield from _judge(passage, start + again[0], match, *again[1:])
        elif rates := bare(report, passage.paragraph.section, before, text[start:end], passage.lex):
            yield from _judge(passage, max(start, match.start() - 12), match, rates)


def _each(
    passage: Passage, told: Told, near: Sequence[int], group: Sequence[re.Match[str]]
) -> Iterator[Finding]:
    """The percentages of a list, each against its own of the last numbers (``当面42件、邮寄37件，分别占…``)."""
    said = [told.mentions[i] for i in near]
    items = each(passage.report, said, len(group), (*told.before, *said))
    for match, (item, shares) in zip(group, items, strict=False):
        yield from _judge(passage, item.start, match, shares)


def _list(text: str, first: re.Match[str], end: int) -> list[re.Match[str]]:
    """The percentages of one list (``19.5%、18.2%和63.3%``)."""
    found = [first]
    while text[found[-1].end() : found[-1].end() + 1] in ("、", "和", "，"):
        following = _PERCENT.match(text, found[-1].end() + 1, end)
        if following is None:
            break
        found.append(following)
    return found


def _of_number(passage: Passage, told: Told, near: int, between: str) -> Rates:
    """What the percentage beside a number may be: its share in a whole, or how it changed."""
    if share := _SHARE.fullmatch(between):
        return ([], []) if _elsewhere(share["of"], passage.report) else _shares(passage.report, told, near)
    rate = _RATE.fullmatch(between)
    return _rates(passage, told, near, rate) if rate else ([], [])


def _part_rate(told: Told, near: int, what: str) -> list[Fraction]:
    """``文件40件，其中配套解读36件，解读率90%``: the rate that a part is named for, of the number before it."""
    part = told.mentions[near]
    if part.token.rough or what not in part.stretch or (part.parent is None and near == 0):
        return []
    beside = [m for m in told.mentions if m.parent == part.parent]
    if part.parent is not None and len(beside) > 1:
        return []
    whole = told.mentions[near - 1 if part.parent is None else part.parent].token
    fits = (
        whole.value and part.token.value <= whole.value and not whole.rough and whole.unit == part.token.unit
    )
    return [Fraction(part.token.value) / Fraction(whole.value) * 100] if fits else []


def _elsewhere(words: str, report: Report) -> bool:
    """The share of a whole that this report does not hold (``占全市总量的``)."""
    return any(
        word in words for word in ("全国", "全省", "全市", "全县", "全区")
    ) and not report.agency.endswith("政府")


def _shares(report: Report, told: Told, near: int) -> Rates:
    """The share of a part in its whole or its topic's totals, and in any number said before it."""
    mentions, found = told.mentions, told.found
    part = mentions[near]
    if part.token.rough:
        return [], []
    value = Fraction(part.token.value)
    said = [
        m
        for m in (*told.before, *mentions[:near])
        if not m.token.rough and m.token.unit in (part.token.unit, "")
    ]
    bases = [mentions[part.parent].token.value] if part.parent is not None else []
    bases += _totals(report, found.get(near))
    if near in found and not bases:
        return [], []  # nothing is known of the whole
    wide = [value / Fraction(m.token.value) * 100 for m in said if m.token.value and m.token.value >= value]
    if near not in found and part.topics:
        wide += [value / Fraction(base) * 100 for base in wholes(report, part.topics[0]) if base >= value > 0]
    rates = [value / Fraction(base) * 100 for base in bases if base and base >= value]
    return rates or wide, wide


def _totals(report: Report, claim: Claim | None) -> Iterator[Figure]:
    if claim is None:
        return
    topic = claim.topic
    for rows in topic.rows.any:
        for columns in (*topic.columns.any, *topic.columns.also):
            values = [counted(report, Cell(topic.table, r, c)) for r in rows for c in columns]
            if None not in values:
                yield sum(v for v in values if v is not None)


def _rates(passage: Passage, told: Told, near: int, rate: re.Match[str]) -> Rates:
    """The year-on-year rates that the figures give, and those that any two numbers of the sentence would give.

    Last year's figure stands in the text, follows from the change (``减少30件``), or is in last year's report.
    """
    down = -1 if rate["way"] in passage.lex.decline else 1
    mentions = told.mentions
    now = last = mentions[near]
    if last.words & passage.lex.changing and near > 0:
        now = _this_years(mentions, near, passage.lex)
        bases = [Fraction(now.token.value) - down * Fraction(last.token.value)]
    elif any(word in rate["lead"] for word in ("较", "比")) or "比" in last.stretch or last.told == "last":
        now = last if last.told != "last" else _this_years(mentions, near, passage.lex)
        bases = [Fraction(m.token.value) for m in mentions if m.told == "last" and _base(m, now, passage.lex)]
        bases += _last_years(passage, told.found.get(near))
    else:
        return [], []
    if any(m.token.rough for m in mentions):
        return [], []
    pairs = [(m, n) for m in mentions for n in mentions if m is not n and n.token.value]
    others = [Fraction(m.token.value) / Fraction(n.token.value) for m, n in pairs]
    rates = [down * (Fraction(now.token.value) / base - 1) * 100 for base in bases if base > 0]
    return rates, [down * (share - 1) * 100 for share in others]


def _base(mention: Mention, now: Mention, lex: Lexicon) -> bool:
    changed = bool(mention.words & lex.changing)
    return mention is not now and not changed and mention.token.unit == now.token.unit


def _this_years(mentions: Sequence[Mention], near: int, lex: Lexicon) -> Mention:
    """The nearest earlier number that is this year's, neither in brackets nor a change."""
    for mention in reversed(mentions[:near]):
        if mention.told != "last" and mention.zone and not mention.words & lex.changing:
            return mention
    return mentions[0]


def _last_years(passage: Passage, claim: Claim | None) -> list[Fraction]:
    if claim is None:
        return []
    bases = []
    for cells in (*claim.readings, *claim.also):
        values = [last_year(cell, passage.report, passage.previous) for cell in cells]
        if None not in values:
            bases.append(Fraction(sum(v for v in values if v is not None)))
    return bases


def _judge(
    passage: Passage,
    start: int,
    match: re.Match[str],
    rates: Sequence[Fraction],
    others: Sequence[Fraction] = (),
) -> Iterator[Finding]:
    """The finding where the percentage is none of the ``rates`` (nor of the ``others`` that may be meant)."""
    shown, decimals = Fraction(match[1]), len(match[2] or "")
    if not rates or any(_fits(shown, rate, decimals) for rate in (*rates, *others)):
        return
    way = passage.paragraph.masked[max(0, match.start() - 4) : match.start()]
    down = holds(way, passage.lex.decline)
    right = "或".join(dict.fromkeys(_said(rate, max(decimals, 1), down) for rate in rates[:3]))
    message = f"{passage.writes(start, match.end())}，按所列数字计算应为 {right}，请核对"
    place = passage.paragraph.place
    yield Finding("narrative.percent", "verify", (), message, right, match[0], places=(place,))


def _said(rate: Fraction, decimals: int, down: bool) -> str:
    """A rate in words; one the other way round says which (``同比下降25%`` that was a growth)."""
    shown = f"{abs(float(rate)):.{decimals}f}%"
    if rate >= 0:
        return shown
    return f"{'增长' if down else '下降'} {shown}"


def _fits(shown: Fraction, rate: Fraction, decimals: int) -> bool:
    """Within 0.1 point, rounded to the digits shown, or cut to them."""
    step = Fraction(1, 10**decimals)
    near = abs(shown - rate) <= max(Fraction(1, 10), step / 2)
    return near or 0 <= rate - shown < step
