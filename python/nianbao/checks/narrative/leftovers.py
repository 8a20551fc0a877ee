"""What was left in or left out: template text, missing numbers, the obsolete circular, another year or agency."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from nianbao.checks.narrative.compare import agrees
from nianbao.checks.narrative.lexicon import Words, has
from nianbao.checks.narrative.quantities import Figures
from nianbao.checks.narrative.sentence import Statement
from nianbao.checks.narrative.text import Paragraph, active, compiled, holds, holds_each, matches
from nianbao.core.finding import CODES, Finding, Severity
from nianbao.core.phrases import Phrases
from nianbao.core.report import Report

#: How many years after its own a report means where it names a year there.
_FROM_NOW = {"onward": 1, "ahead": 1, "plan": 1, "brought": -1, "named": -1, "versus": -1}
#: Governments of one rank: what stands before it is the place's own name.
_TOWN = re.compile(r"(?:[镇乡县区市]人民政府|街道办事处)$")
_GOVERNMENT = re.compile(r"(\w*[省市县区州盟旗])人民政府")
#: Which areas are no smaller than others.
_RANK = {"区": 1, "县": 1, "旗": 1, "市": 2, "州": 2, "盟": 2, "省": 3}
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


class Leftovers:
    """``narrative.leftover``, ``.missing_number``, ``.circular``, ``.year`` and ``.agency``, paragraph by paragraph."""

    def __init__(self, report: Report, texts: Sequence[Paragraph]) -> None:
        self.report, self.texts, self.agency = report, texts, report.agency.strip()
        self.phrases = report.form.phrases
        self.dates: Mapping[str, str] = self.phrases.data.get("dates", {})
        self.names: Mapping[str, Any] = self.phrases.data.get("agency", {})
        self.needs = active(tuple(sought(self.phrases)), "\n".join([p.text for p in texts]))
        self.lists = {key: self._live(self.phrases.words(key)) for key in _LISTS}
        self.said, self.others = (self._live(self.names.get(key, ())) for key in ("said", "others"))
        self.years = [(key, p) for key in _YEARS for p in self._live([self.dates.get(key, "")])]

    def _live(self, patterns: Iterable[str]) -> list[str]:
        """Those of some patterns that may match somewhere."""
        return [pattern for pattern in patterns if pattern in self.needs]

    def findings(self) -> Iterator[Finding]:
        """What was left in or left out."""
        year, lists = self.report.year, self.lists
        covered = year is None or self.report.form.covers(year)  # else the form itself is not that year's
        for paragraph in self.texts:
            if lists["leftover"]:
                yield from self._template(paragraph)
            yield from self._numberless(paragraph)
            if covered and lists["obsolete"]:
                yield from self._circular(paragraph)
            if "月" in paragraph.text:
                yield from self._dates(paragraph)
            if year is not None:
                yield from self._years(paragraph, year)
                yield from self._opening(paragraph, year)
            if self.agency:
                named = list(self._agencies(paragraph))
                yield from named
                reported = {finding.actual for finding in named}
                yield from (f for f in self._others(paragraph) if f.actual not in reported)

    def _matches(self, patterns: Iterable[str], paragraph: Paragraph) -> Iterator[re.Match[str]]:
        for pattern in patterns:
            if holds_each(paragraph.text, self.needs[pattern]):
                yield from compiled(pattern).finditer(paragraph.text)

    def _find(
        self,
        rule: str,
        paragraph: Paragraph,
        span: tuple[int, int],
        what: str,
        severity: Severity | None = None,
    ) -> Finding:
        message = f"{paragraph.where(self.report.form)}写“{paragraph.quote(*span)}”，{what}"
        severity = severity or CODES[rule].severity
        return Finding(rule, severity, (), message, places=(paragraph.place,))

    def _template(self, paragraph: Paragraph) -> Iterator[Finding]:
        """Words of a template, once a sentence."""
        text = paragraph.text
        taken: list[tuple[int, int]] = []
        for match in self._matches(self.lists["leftover"], paragraph):
            if not _within(match, taken) and all("。" in text[last : match.start()] for _, last in taken):
                taken.append(match.span())
                what = "疑为模板文字，请改写或删去"
                span = _led(match, text)
                yield self._find("narrative.leftover", paragraph, span, what)._replace(actual=match[0])

    def _numberless(self, paragraph: Paragraph) -> Iterator[Finding]:
        """Measure words without a number, and such as spaces stood before (``收到申请 件``)."""
        taken: list[tuple[int, int]] = []
        some = chain(
            self._matches(self.lists["missing_number"], paragraph),
            self._spaced(paragraph) if len(paragraph.raw) > len(paragraph.text) else (),
        )
        for match in some:
            if not _within(match, taken):
                taken.append(match.span())
                what, span = "计量单位前缺少数字，请补填", _led(match, paragraph.text)
                yield self._find("narrative.missing_number", paragraph, span, what)._replace(actual=match[0])

    def _spaced(self, paragraph: Paragraph) -> Iterator[re.Match[str]]:
        for pattern in self.phrases.words("missing_gap"):
            yield from (m for m in matches(pattern, paragraph.text) if paragraph.gap(m.start()))

    def _circular(self, paragraph: Paragraph) -> Iterator[Finding]:
        superseding, right = self.phrases.words("superseding"), self.report.form.authority
        for match in self._matches(self.lists["obsolete"], paragraph):
            around = paragraph.text[max(0, match.start() - 30) : match.end() + 30]
            if not holds(around, superseding):
                what = f"引用的是已停用的文件，应为{right}"
                finding = self._find("narrative.circular", paragraph, match.span(), what)
                yield finding._replace(expected=right, actual=match[0])
                return

    def _dates(self, paragraph: Paragraph) -> Iterator[Finding]:
        """``11月31日``, ``2023年2月29日``: days that no calendar has."""
        for match in _DAY.finditer(paragraph.text):
            year, month, day = int(match[1] or 2024), int(match[2]), int(match[3])
            if not 0 < month <= _MONTHS or not 0 < day <= monthrange(year, month)[1]:
                yield self._find("narrative.date", paragraph, match.span(), "没有这一天，请核对日期")

    def _year(
        self, paragraph: Paragraph, span: tuple[int, int], severity: Severity, right: int, wrong: int
    ) -> Finding:
        what = f"年份疑有误：本报告是{self.report.year}年度的，这里应为{right}年"
        finding = self._find("narrative.year", paragraph, span, what, severity)
        return finding._replace(expected=right, actual=wrong)

    def _years(self, paragraph: Paragraph, year: int) -> Iterator[Finding]:
        taken: list[tuple[int, int]] = []
        for key, pattern in self.years:
            preamble = key not in _OF_PREAMBLE or paragraph.section == "preamble"
            if not preamble or not holds_each(paragraph.text, self.needs[pattern]):
                continue
            for match in compiled(pattern).finditer(paragraph.text):
                if key in _EARLIER and f"{year}年" in paragraph.text:
                    continue
                turned = key == "span" and match[2] and match[2] < match[1]
                elsewhere = key == "span" and paragraph.section != "preamble" and not turned
                if elsewhere and not _counts(paragraph, match):
                    continue
                wrong = [y for year_ in match.groups() if year_ and _wrong(key, y := int(year_), year)]
                if wrong and not _within(match, taken):
                    taken.append(match.span())
                    right = year + _FROM_NOW.get(key, 0)
                    yield self._year(paragraph, match.span(), _YEARS[key], right, wrong[0])

    def _opening(self, paragraph: Paragraph, year: int) -> Iterator[Finding]:
        """The first words of the first section, or of the fee's, name a year before, and the section never its own."""
        fee = paragraph.section == self.phrases.data.get("fee", {}).get("section")
        pattern = self.dates.get("stated" if fee else "opening")
        first = (self.report.form.sections[0].key, 1)
        match = (
            compiled(pattern).match(paragraph.text) if pattern and (fee or paragraph.place == first) else None
        )
        if match is None or not year - 5 < int(match[1]) < year or f"{year}年" in paragraph.text:
            return
        own = any(f"{year}年" in p.text for p in self.texts if p.section == paragraph.section)
        if own if fee else _COUNTED.search(paragraph.text.partition("。")[0]):
            return  # reported beside this year, or judged by its figures: another year is meant
        certain = not fee and int(match[1]) == year - 1 and not own
        yield self._year(paragraph, match.span(), "error" if certain else "verify", year, int(match[1]))

    def _agencies(self, paragraph: Paragraph) -> Iterator[Finding]:
        """Another name than the agency's own where the author stands."""
        titled = paragraph.section == "preamble" and "title" in self.names
        title = matches(self.names["title"], paragraph.text) if titled else ()
        desks, taken = self.names.get("desks", ()), set()
        for match in (*title, *self._matches(self.said, paragraph)):
            if match[1] not in taken and not self._own(match[1]) and not same(match[1], self.agency, desks):
                taken.add(match[1])
                titled = match.re.pattern == self.names.get("title")
                yield self._named(paragraph, match, "error" if titled else "verify")

    def _others(self, paragraph: Paragraph) -> Iterator[Finding]:
        """Another bureau of the same rank as author or contact: what was copied from its report and left in."""
        ends = set()
        for match in self._matches(self.others, paragraph):
            other = match.end(1) not in ends and not self._own(match[1])
            if other and sibling(match[1], self.agency, self.names):
                ends.add(match.end(1))
                yield self._named(paragraph, match, "verify")

    def _own(self, name: str) -> bool:
        return name.startswith(tuple(self.names.get("self", ())))

    def _named(self, paragraph: Paragraph, match: re.Match[str], severity: Severity) -> Finding:
        what = f"单位名称“{match[1]}”与填报单位“{self.agency}”不符，请核对"
        finding = self._find("narrative.agency", paragraph, match.span(1), what, severity)
        return finding._replace(expected=self.agency, actual=match[1])


def _within(match: re.Match[str], taken: Iterable[tuple[int, int]]) -> bool:
    """Whether a match overlaps with what was found before."""
    return any(match.start() < last and first < match.end() for first, last in taken)


def _led(match: re.Match[str], text: str) -> tuple[int, int]:
    """Where a match stands, with up to six characters of its sentence before it."""
    lead = _SENTENCE.search(text[max(0, match.start() - 6) : match.start()])
    return match.start() - (len(lead[0]) if lead else 0), match.end()


#: The patterns of years that must be the report's own (or follow from it), in the order they are reported.
_YEARS: Mapping[str, Severity] = {
    **dict.fromkeys(("title", "span", "cut", "asof", "own", "odd", "told", "summary"), "error"),
    **dict.fromkeys(("onward", "brought"), "verify"),
    "named": "error",
    **dict.fromkeys(("versus", "ahead", "plan", "listed", "pivotal", "until"), "verify"),
}
#: Those that speak of the report's year where the paragraph does not name it.
_EARLIER = ("listed", "pivotal", "until")
#: Those that only a preamble has.
_OF_PREAMBLE = ("title", "cut")


def _wrong(key: str, written: int, year: int) -> bool:
    """Whether a year cannot stand where it does in the report of a year."""
    if key == "versus":
        return written == year  # compared with itself
    if key == "odd":  # 2204年, 202年, 20224年
        return written in range(190, 210) or (999 < written < 100_000 and not 1899 < written < 2100)
    if key == "brought":
        return written not in (year - 1, year)
    if key in _EARLIER:
        return written != year and year - 5 < written < year + 3 * (key == "listed")
    return written <= year if key in ("ahead", "plan") else written != year + _FROM_NOW.get(key, 0)


def _counts(paragraph: Paragraph, match: re.Match[str]) -> bool:
    """Whether a span of dates is the one that is counted in, not when some files were issued."""
    before = paragraph.text[max(0, match.start() - 30) : match.start()]
    return holds(before, ("统计", "数据", "报告", "时限"))


def sibling(name: str, agency: str, spec: Mapping[str, Any]) -> bool:
    """Whether two names are those of different bureaus of one rank; in doubt (superiors, short forms) not."""
    own = "".join(agency.split())
    if (other := _GOVERNMENT.fullmatch(name)) and (mine := _GOVERNMENT.fullmatch(own)):
        return other[1] != mine[1] and _RANK[other[1][-1]] == _RANK[mine[1][-1]]
    if (rank := _TOWN.search(name)) and (mine := _TOWN.search(own)):
        return rank[0] == mine[0] and not same(name, own)
    if any(word in name for word in spec.get("ruling", ())) or same(name, own, spec.get("desks", ())):
        return False
    area, body = _split(name, spec)
    if place := _GOVERNMENT.match(own):
        return bool(body) and len(area) > 1 and area not in own and _RANK[area[-1]] >= _RANK[place[1][-1]]
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
        reported = [
            s for s in reported if not has(s.before, "qualifier") and s.rows != ("carried_out",)
        ]  # 2025年计划制发规范性文件15件
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
