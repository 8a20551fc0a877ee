"""What was left in or left out: template text, missing numbers, the obsolete circular, another year or agency."""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from nianbao.checks.narrative.compare import agrees
from nianbao.checks.narrative.lexicon import Words, has
from nianbao.checks.narrative.quantities import Figures
from nianbao.checks.narrative.sentence import Statement
from nianbao.checks.narrative.text import Paragraph, compiled, holds, matches
from nianbao.core.finding import CODES, Finding, Severity
from nianbao.core.phrases import Phrases
from nianbao.core.report import Report

#: How many years after its own a report means where it names a year there.
_FROM_NOW = {"onward": 1, "ahead": 1, "brought": -1, "named": -1, "versus": -1}
#: Governments of one rank: what stands before it is the place's own name.
_TOWN = re.compile(r"(?:[镇乡县区市]人民政府|街道办事处)$")
_SENTENCE = re.compile(r"[^。！？]*$")
#: The year that a sentence opens with.
_DATED = re.compile(r"((?:19|20)\d\d)年(?:度|底|末|12月31日)?$")
_DAY = re.compile(r"(?<!\d)(?:((?:19|20)\d\d)年)?(?<![\d.])(\d{1,2})月(\d{1,2})日")
_MONTHS = 12
_COUNTED = re.compile(r"\d[件份起宗]")
#: Years so near may be meant for the report's own; so few and so small numbers may be equal by chance.
_NEAR, _FEW, _LEAST = 3, 3, 10


#: The word lists of a form that are patterns of leftovers.
_LISTS = ("leftover", "missing_number", "obsolete")


def sought(phrases: Phrases) -> Iterator[str]:
    """All the patterns of a form that leftovers are found by."""
    for key in _LISTS:
        yield from phrases.words(key)
    yield from phrases.data.get("dates", {}).values()
    agency = phrases.data.get("agency", {})
    yield from (*agency.get("said", ()), *agency.get("others", ()))


def leftovers(report: Report, texts: Sequence[Paragraph], live: AbstractSet[str]) -> Iterator[Finding]:
    """``narrative.leftover``, ``.missing_number``, ``.circular``, ``.year`` and ``.agency``, paragraph by paragraph.

    ``live`` are those of the patterns ``sought`` that can match in these texts at all.
    """
    phrases = report.form.phrases
    template, numberless, obsolete = ([p for p in phrases.words(key) if p in live] for key in _LISTS)
    gaps = phrases.words("missing_gap")
    dates = {key: p for key, p in phrases.data.get("dates", {}).items() if p in live}
    agency = phrases.data.get("agency", {})
    by_name, others = ([p for p in agency.get(key, ()) if p in live] for key in ("said", "others"))
    for paragraph in texts:
        if template:
            yield from _matches(
                report, paragraph, "narrative.leftover", template, "疑为模板文字，请改写或删去"
            )
        yield from _matches(
            report, paragraph, "narrative.missing_number", numberless, "计量单位前缺少数字，请补填", gaps
        )
        yield from _circular(report, paragraph, obsolete)
        yield from _dates(report, paragraph)
        if report.year is not None:
            yield from _years(report, paragraph, report.year, dates)
            yield from _opening(report, paragraph, report.year, texts)
        if report.agency.strip():
            named = list(_agencies(report, paragraph, agency, by_name))
            yield from named
            reported = {finding.actual for finding in named}
            yield from (f for f in _others(report, paragraph, agency, others) if f.actual not in reported)


def _find(
    report: Report,
    paragraph: Paragraph,
    rule: str,
    span: tuple[int, int],
    what: str,
    severity: Severity | None = None,
) -> Finding:
    message = f"{paragraph.where(report.form)}写“{paragraph.quote(*span)}”，{what}"
    return Finding(rule, severity or CODES[rule].severity, (), message, places=(paragraph.place,))


def _matches(
    report: Report,
    paragraph: Paragraph,
    rule: str,
    patterns: Sequence[str],
    what: str,
    gaps: Sequence[str] = (),
) -> Iterator[Finding]:
    """The matches of patterns, and of ``gaps`` where spaces stood right before them (``收到申请 件``)."""
    taken: list[tuple[int, int]] = []
    spaced = gaps if len(paragraph.raw) > len(paragraph.text) else ()
    for pattern in (*patterns, *spaced):
        for match in matches(pattern, paragraph.text):
            start, end = match.span()
            if any(start < last and first < end for first, last in taken) or (
                rule == "narrative.leftover"
                and any("。" not in paragraph.text[last:start] for _, last in taken)
            ):
                continue
            if pattern in spaced and not paragraph.gap(start):
                continue
            taken.append((start, end))
            lead = _SENTENCE.search(paragraph.text[max(0, start - 6) : start])
            start -= len(lead[0]) if lead else 0
            yield _find(report, paragraph, rule, (start, end), what)._replace(actual=match[0])


def _circular(report: Report, paragraph: Paragraph, patterns: Sequence[str]) -> Iterator[Finding]:
    if report.year is not None and not report.form.covers(report.year):
        return  # the form itself is not that year's
    superseding = report.form.phrases.words("superseding")
    for pattern in patterns:
        for match in matches(pattern, paragraph.text):
            around = paragraph.text[max(0, match.start() - 30) : match.end() + 30]
            if holds(around, superseding):
                continue
            what = f"引用的是已停用的文件，应为{report.form.authority}"
            span = (match.start(), match.end())
            finding = _find(report, paragraph, "narrative.circular", span, what)
            yield finding._replace(expected=report.form.authority, actual=match[0])
            return


def _dates(report: Report, paragraph: Paragraph) -> Iterator[Finding]:
    """``11月31日``, ``2023年2月29日``: days that no calendar has."""
    if "月" not in paragraph.text:
        return
    for match in _DAY.finditer(paragraph.text):
        year, month, day = int(match[1] or 2024), int(match[2]), int(match[3])
        if not 0 < month <= _MONTHS or not 0 < day <= monthrange(year, month)[1]:
            yield _find(report, paragraph, "narrative.date", match.span(), "没有这一天，请核对日期")


#: The patterns of years that must be the report's own (or follow from it), in the order they are reported.
_YEARS: tuple[tuple[str, Severity], ...] = (
    ("title", "error"),
    ("span", "error"),
    ("cut", "error"),
    ("own", "error"),
    ("odd", "error"),
    ("told", "error"),
    ("summary", "error"),
    ("onward", "verify"),
    ("brought", "verify"),
    ("named", "error"),
    ("versus", "verify"),
    ("ahead", "verify"),
)


def _years(report: Report, paragraph: Paragraph, year: int, dates: Mapping[str, str]) -> Iterator[Finding]:
    taken: list[tuple[int, int]] = []
    for key, severity in _YEARS:
        if key not in dates or (key in ("title", "cut", "told") and paragraph.section != "preamble"):
            continue
        right = year + _FROM_NOW.get(key, 0)
        for match in matches(dates[key], paragraph.text):
            if key == "span" and paragraph.section != "preamble" and not _counts(paragraph, match):
                continue
            wrong = [y for year_ in match.groups() if year_ and _wrong(key, y := int(year_), year)]
            if wrong and not any(match.start() < end and start < match.end() for start, end in taken):
                taken.append(match.span())
                what = f"年份疑有误：本报告是{year}年度的，这里应为{right}年"
                yield _find(
                    report,
                    paragraph,
                    "narrative.year",
                    match.span(),
                    what,
                    severity,
                )._replace(expected=right, actual=wrong[0])


def _wrong(key: str, written: int, year: int) -> bool:
    """Whether a year cannot stand where it does in the report of a year."""
    if key == "versus":
        return written == year  # compared with itself
    if key == "odd":  # 2204年, 202年, 20224年
        return written in range(190, 210) or (999 < written < 100_000 and not 1899 < written < 2100)
    if key == "brought":
        return written not in (year - 1, year)
    return written <= year if key == "ahead" else written != year + _FROM_NOW.get(key, 0)


def _counts(paragraph: Paragraph, match: re.Match[str]) -> bool:
    """Whether a span of dates is the one that is counted in, not when some files were issued."""
    return holds(
        paragraph.text[max(0, match.start() - 30) : match.start()], ("统计", "数据", "报告期", "时限")
    )


def _opening(
    report: Report, paragraph: Paragraph, year: int, texts: Sequence[Paragraph]
) -> Iterator[Finding]:
    """The first words of the first section name the year before, and the section never its own."""
    if paragraph.section == report.form.phrases.data.get("fee", {}).get("section"):
        yield from _last_years(report, paragraph, year, texts)
        return
    first = report.form.sections[0].key
    pattern = report.form.phrases.data.get("dates", {}).get("opening")
    if pattern is None or paragraph.place != (first, 1):
        return
    match = compiled(pattern).match(paragraph.text)
    if match is None or not year - 5 < int(match[1]) < year:
        return
    counted = _COUNTED.search(paragraph.text.partition("。")[0])
    if counted or f"{year}年" in paragraph.text:
        return  # judged by its figures, or reported beside this year: another year is meant
    whole = "".join(p.text for p in texts if p.section == first)
    certain = int(match[1]) == year - 1 and f"{year}年" not in whole
    severity: Severity = "error" if certain else "verify"
    what = f"年份疑有误：本报告是{year}年度的，这里应为{year}年"
    finding = _find(report, paragraph, "narrative.year", match.span(), what, severity)
    yield finding._replace(expected=year, actual=int(match[1]))


def _last_years(
    report: Report, paragraph: Paragraph, year: int, texts: Sequence[Paragraph]
) -> Iterator[Finding]:
    """``2023年，本单位未收取信息处理费``: a statement of last year's in a section that never names this year."""
    pattern = report.form.phrases.data.get("dates", {}).get("stated")
    match = compiled(pattern).match(paragraph.text) if pattern else None
    if match is None or not year - 5 < int(match[1]) < year:
        return
    if any(f"{year}年" in p.text for p in texts if p.section == paragraph.section):
        return
    what = f"年份疑有误：本报告是{year}年度的，这里应为{year}年"
    finding = _find(report, paragraph, "narrative.year", match.span(), what, "verify")
    yield finding._replace(expected=year, actual=int(match[1]))


def _agencies(
    report: Report, paragraph: Paragraph, spec: Mapping[str, Any], by_name: Sequence[str]
) -> Iterator[Finding]:
    patterns: list[tuple[str, Severity]] = [(p, "verify") for p in by_name]
    if "title" in spec and paragraph.section == "preamble":
        patterns.insert(0, (spec["title"], "error"))
    reported: set[str] = set()
    for pattern, severity in patterns:
        for match in matches(pattern, paragraph.text):
            name = match[1]
            if (
                name in reported
                or name.startswith(tuple(spec.get("self", ())))
                or same(name, report.agency, spec.get("desks", ()))
            ):
                continue
            reported.add(name)
            what = f"单位名称“{name}”与填报单位“{report.agency.strip()}”不符，请核对"
            span = match.span(1)
            finding = _find(report, paragraph, "narrative.agency", span, what, severity)
            yield finding._replace(expected=report.agency.strip(), actual=name)


def _others(
    report: Report, paragraph: Paragraph, spec: Mapping[str, Any], others: Sequence[str]
) -> Iterator[Finding]:
    """Another bureau of the same rank as author or contact: what was copied from its report and left in."""
    ends = set()
    for pattern in others:
        for match in matches(pattern, paragraph.text):
            name = match[1]
            if (
                match.end(1) in ends
                or name.startswith(tuple(spec.get("self", ())))
                or not sibling(name, report.agency, spec)
            ):
                continue
            ends.add(match.end(1))
            what = f"单位名称“{name}”与填报单位“{report.agency.strip()}”不符，请核对"
            span, own = match.span(1), report.agency.strip()
            finding = _find(report, paragraph, "narrative.agency", span, what, "verify")
            yield finding._replace(expected=own, actual=name)


def sibling(name: str, agency: str, spec: Mapping[str, Any]) -> bool:
    """Whether two names are those of different bureaus of one rank; in doubt (superiors, short forms) not."""
    own = "".join(agency.split())
    if (rank := _TOWN.search(name)) and (mine := _TOWN.search(own)):
        return rank[0] == mine[0] and not same(name, own)
    if any(word in name for word in spec.get("ruling", ())) or same(name, own, spec.get("desks", ())):
        return False
    area, body = _split(name, spec)
    own_area, own_body = _split(own, spec)
    if not body or not own_body or (area and own_area and area[-1] != own_area[-1]):
        return False
    if area and own_area and not (area.endswith(own_area) or own_area.endswith(area)):
        return True
    return not any(body[i : i + 2] in own_body for i in range(max(len(body) - 1, 1)))


def _split(name: str, spec: Mapping[str, Any]) -> tuple[str, str]:
    """The area and the field of a bureau's name; no field where it is no bureau's."""
    kind = next((k for k in spec.get("kinds", ()) if name.endswith(k)), None)
    if kind is None:
        return "", ""
    words = name.removesuffix(kind)
    cut = max((words.rfind(level) for level in spec.get("levels", "")), default=-1) + 1
    return words[:cut], words[cut:]


def same(name: str, agency: str, desks: Sequence[str] = ()) -> bool:
    """Whether a name may be the agency's: its short form (characters in order), or one of its own desks."""
    full = "".join(agency.split())
    for desk in desks:
        name = name.removesuffix(desk) or name
    return full in name or _inside(name, full) or _inside(full, name)


def _inside(short: str, long: str) -> bool:
    rest = iter(long)
    return all(c in rest for c in short)


def misdated(
    words: Words, new: Sequence[Statement], paragraph: Paragraph, figures: Figures
) -> Iterator[Finding]:
    """A sentence dated another year that tells this year's figures, in a paragraph without this year.

    Next year's figures cannot be known yet, whatever they are.
    """
    year = figures.report.year
    until = len(words) > 1 and words[0].text in ("截至", "截止")
    match = _DATED.match(words[until].text) if words else None
    if (
        year is None
        or match is None
        or not 0 < abs(int(match[1]) - year) <= _NEAR
        or f"{year}年" in paragraph.text
    ):
        return
    future = int(match[1]) == year + 1
    reported = [s for s in new if s.dated and s.likely and s.weight > 0]
    if future:
        reported = [s for s in reported if not has(s.before, "qualifier")]  # 2025年计划制发规范性文件15件
    if not reported or paragraph.section == "preamble":
        return
    section = figures.form.section(paragraph.section)
    few = len(reported) < _FEW and max(s.token.value for s in reported) < _LEAST
    if few and not (section.table and has(words[:4], "own")):
        return
    if not future and not all(agrees(s, figures) for s in reported):
        return
    quote = paragraph.quote(words[0].start, reported[-1].token.end)
    same = "" if future else "数字与本年表格一致，"
    message = f"{paragraph.where(figures.form)}写“{quote}”，{same}年份疑应为{year}年"
    severity: Severity = "error" if future else "verify"
    yield Finding("narrative.year", severity, (), message, year, int(match[1]), places=(paragraph.place,))
