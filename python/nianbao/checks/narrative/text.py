"""A paragraph as the checks read it: folded, without spaces, able to quote what stood there; the patterns it is searched by.

A pattern may begin with comments that list words: ``(?#现将|兹将)(?:现|兹)将.*报告如下``. Where a text has none of the words of one
of them the pattern cannot match, and is neither compiled nor searched. :class:`Leftovers` are found by such patterns: template text,
missing numbers, the obsolete circular, another year or agency.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from itertools import chain
from typing import Any, NamedTuple

from nianbao.core.finding import CODES, Finding, Severity
from nianbao.core.form import Form
from nianbao.core.grid import Place
from nianbao.core.phrases import Phrases
from nianbao.core.report import Report

_FOLD = {chr(ord("０") + i): str(i) for i in range(10)} | {chr(ord("Ａ") + i): chr(65 + i) for i in range(26)}
_FOLD |= dict(zip("％．([［〔);:]］〕!?－~", "%.（（（（）；：）））！？-～", strict=True))
#: Most characters stay as they are: a search for those that do not is faster than translating all.
_UNFOLDED = re.compile(f"[{re.escape(''.join(_FOLD))}]")
_SPACE = re.compile(r"\s")
_COMMA = re.compile(r"(?<!\d),|,(?!\d{3}(?!\d))")
_THOUSANDS = re.compile(r"，(?<=\d，)\d{3}")
_GROUPED = re.compile(r"(?<![\d，])\d{1,3}(?:，\d{3})+(?![\d，])(?=\.\d|[万亿元件条])")
_HIDDEN = re.compile(
    r"《(?:[^《》]|《[^《》]*》)*》|（(?:19|20)\d\d）第?\d{1,4}号|https?://[\w./?=&%#:-]+|www\.[\w./?=&%#:-]+"
)
_SENTENCE = re.compile(r"[^。！？]+[。！？]?")


#: Groups of words of which any match of a pattern holds one each.
Needs = Sequence[Sequence[str]]


class Sentence(NamedTuple):
    """A stretch of a paragraph's masked text."""

    start: int
    end: int


class Paragraph:
    """One paragraph: ``text`` is folded (half-width digits, full-width punctuation) and has no spaces."""

    def __init__(self, section: str, number: int, raw: str) -> None:
        self.section = section
        self.place = Place(section, number)
        self.raw = raw
        folded = _UNFOLDED.sub(lambda m: _FOLD[m[0]], raw)
        if _THOUSANDS.search(folded):
            folded = _GROUPED.sub(lambda m: m[0].replace("，", ","), folded)
        if "," in folded:
            folded = _COMMA.sub("，", folded)
        self._at = [i for i, c in enumerate(folded) if not c.isspace()] if _SPACE.search(folded) else None
        self.text = folded if self._at is None else "".join([folded[i] for i in self._at])

    @cached_property
    def masked(self) -> str:
        """The text with titles and addresses blanked, so that no figure is read from them."""
        return _HIDDEN.sub(lambda m: "□" * len(m[0]), self.text)

    def sentences(self) -> list[Sentence]:
        """The sentences of the text, in order."""
        return [Sentence._make(match.span()) for match in _SENTENCE.finditer(self.masked)]

    def quote(self, start: int, end: int) -> str:
        """The words as they stood, from folded position to folded position; long ones shortened."""
        first, last = (start, end - 1) if self._at is None else (self._at[start], self._at[end - 1])
        words = " ".join(self.raw[first : last + 1].split())
        return words if len(words) <= 60 else f"{words[:28]}……{words[-28:]}"

    def gap(self, position: int) -> bool:
        """Whether spaces stood before a folded position, and none before the character ahead of it."""
        at = self._at
        if at is None or position < 2:
            return False
        blank = self.raw[at[position - 1] + 1 : at[position]]
        return bool(blank) and "\n" not in blank and at[position - 1] - at[position - 2] == 1

    def where(self, form: Form) -> str:
        """The place in words: the section's heading and the paragraph's number."""
        if self.section == "preamble":
            return f"标题和前言第{self.place.paragraph}段"
        return f"“{form.section(self.section).heading}”第{self.place.paragraph}段"


def holds(text: str, words: Iterable[str]) -> bool:
    """Whether one of the words stands in a text."""
    for word in words:  # noqa: SIM110 (any() takes twice as long)
        if word in text:
            return True
    return False


def holds_each(text: str, groups: Needs) -> bool:
    """Whether a text holds a word of each group."""
    for words in groups:  # noqa: SIM110
        if not holds(text, words):
            return False
    return True


def paragraphs(report: Report) -> list[Paragraph]:
    """Every paragraph that holds more than spaces, preamble first."""
    return [Paragraph(key, n, raw) for key, n, raw in report.text() if raw and not raw.isspace()]


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled once a process."""
    return re.compile(pattern)


@cache
def needed(pattern: str) -> Needs:
    """Groups of words of which any match of a pattern holds one each; empty where the pattern names none."""
    groups = []
    while pattern.startswith("(?#"):
        words, pattern = pattern[3:].split(")", 1)
        groups.append(tuple(words.split("|")))
    return groups


def matches(pattern: str, text: str) -> Iterable[re.Match[str]]:
    """The matches of a pattern in a text, in order."""
    return compiled(pattern).finditer(text) if holds_each(text, needed(pattern)) else ()


def stands(pattern: str, text: str) -> bool:
    """Whether a pattern matches somewhere in a text."""
    return any(True for _ in matches(pattern, text))


def active(patterns: tuple[str, ...], text: str) -> dict[str, Needs]:
    """The patterns that can match somewhere in a long text, or in a piece of it, and which of their words it holds."""
    groups_of, words, pairs = _words_of(patterns)
    some = [word for pair in words.keys() & {*pairs.findall(text)} for word in words[pair]]
    held = {word for word in (*some, *words[""]) if word in text}
    live: dict[str, Needs] = {}
    for pattern, groups in groups_of:
        needs = [tuple(group & held) for group in groups]
        if all(needs):
            live[pattern] = needs
    return live


@cache
def _words_of(
    patterns: tuple[str, ...],
) -> tuple[list[tuple[str, list[frozenset[str]]]], dict[str, list[str]], re.Pattern[str]]:
    """What each pattern needs; these words by the two characters with which they begin; what finds such pairs."""
    groups = [(pattern, [frozenset(some) for some in needed(pattern)]) for pattern in patterns]
    words: dict[str, list[str]] = {"": []}
    for word in {word for _, some in groups for group in some for word in group}:
        words.setdefault(word[:2] if word[1:] else "", []).append(word)
    first, then = (re.escape("".join({pair[k] for pair in words if pair})) for k in (0, 1))
    return groups, words, re.compile(f"(?=([{first}][{then}]))")


# ---------------------------------------------------------------------------------------- what was left in or left out

#: How many years after its own a report means where it names a year there.
_FROM_NOW = {"onward": 1, "ahead": 1, "plan": 1, "brought": -1, "named": -1, "versus": -1}
#: Governments of one rank: what stands before it is the place's own name.
_TOWN = re.compile(r"(?:[镇乡县区市]人民政府|街道办事处)$")
_GOVERNMENT = re.compile(r"(\w*[省市县区州盟旗])人民政府")
_OFFICE_END = re.compile("办公[室厅]$")
#: Which areas are no smaller than others.
_RANK = {"区": 1, "县": 1, "旗": 1, "市": 2, "州": 2, "盟": 2, "省": 3}
_BEGUN_SENTENCE = re.compile(r"[^。！？]*$")
_DAY = re.compile(r"(?<!\d)(?:((?:19|20)\d\d)年)?(?<![\d.])(\d{1,2})月(\d{1,2})日")
_MONTHS = 12
_COUNTED = re.compile(r"\d[件份起宗]")


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
        self.authors, self.others = (self._live(self.names.get(key, ())) for key in ("said", "others"))
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
        first = self.report.form.sections[0].key
        for key, pattern in self.years:
            place = "preamble" if key in _OF_PREAMBLE else first if key in _OF_OVERVIEW else paragraph.section
            if place != paragraph.section or not holds_each(paragraph.text, self.needs[pattern]):
                continue
            for match in compiled(pattern).finditer(paragraph.text):
                if key in _EARLIER and f"{year}年" in paragraph.text:
                    continue
                turned = key == "span" and match[2] and match[2] < match[1]
                elsewhere = key == "span" and paragraph.section != "preamble" and not turned
                if elsewhere and not _counts(paragraph, match):
                    continue
                if _other_end(key, paragraph, match, year):
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
        if holds(paragraph.text[match.start() : match.end() + 4], ("结转", "转结", "转接", "顺延", "未办结")):
            return  # 2023年结转的申请已全部办结
        own = any(f"{year}年" in p.text for p in self.texts if p.section == paragraph.section)
        if own if fee else _COUNTED.search(paragraph.text.partition("。")[0]):
            return  # reported beside this year, or judged by its figures: another year is meant
        certain = not fee and int(match[1]) == year - 1 and not own
        yield self._year(paragraph, match.span(), "error" if certain else "verify", year, int(match[1]))

    def _agencies(self, paragraph: Paragraph) -> Iterator[Finding]:
        """Another name than the agency's own where the author stands."""
        first = paragraph.place.paragraph == 1 or paragraph.section == "preamble"
        title = matches(self.names["title"], paragraph.text) if first and "title" in self.names else ()
        desks, taken = self.names.get("desks", ()), set()
        for match in (*title, *self._matches(self.authors, paragraph)):
            if match[1] not in taken and not self._own(match[1]) and not same(match[1], self.agency, desks):
                taken.add(match[1])
                titled = match.re.pattern == self.names.get("title") and paragraph.section == "preamble"
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
    lead = _BEGUN_SENTENCE.search(text[max(0, match.start() - 6) : match.start()])
    return match.start() - (len(lead[0]) if lead else 0), match.end()


#: The patterns of years that must be the report's own (or follow from it), in the order they are reported.
_YEARS: Mapping[str, Severity] = {
    **dict.fromkeys(("title", "span", "cut", "asof", "own", "odd", "told", "summary"), "error"),
    **dict.fromkeys(("onward", "brought"), "verify"),
    "named": "error",
    **dict.fromkeys(("versus", "ahead", "plan", "listed", "pivotal", "until", "acting", "summed"), "verify"),
}
#: Those that speak of the report's year where the paragraph does not name it.
_EARLIER = ("listed", "pivotal", "until", "acting", "summed")
#: Those that only a preamble has.
_OF_PREAMBLE = ("title", "cut")
#: Those that only the first section has.
_OF_OVERVIEW = ("acting",)


def _wrong(key: str, written: int, year: int) -> bool:
    """Whether a year cannot stand where it does in the report of a year."""
    if key == "versus":
        return written == year  # compared with itself
    if key == "odd":  # 2204年, 202年, 20224年
        return written in range(190, 210) or (999 < written < 100_000 and not 1899 < written < 2100)
    if key == "acting":  # 2024年，我局坚持…, in the report of 2023
        return written == year + 1
    if key == "brought":
        return written not in (year - 1, year)
    if key in _EARLIER:
        return written != year and year - 5 < written < year + 3 * (key == "listed")
    return written <= year if key in ("ahead", "plan") else written != year + _FROM_NOW.get(key, 0)


def _other_end(key: str, paragraph: Paragraph, match: re.Match[str], year: int) -> bool:
    """Whether the other year was named: of what is carried in its clause, of what is compared in its sentence."""
    near = {"onward": (f"{year - 1}年", "上年", "去年"), "versus": (f"{year + 1}年", "明年", "下一")}.get(
        key, ()
    )
    lead = _BEGUN_SENTENCE.search(paragraph.text[: match.start()])
    words = lead[0] if lead else ""
    return bool(near) and holds(words if key == "versus" else words.rpartition("，")[2], near)


def _counts(paragraph: Paragraph, match: re.Match[str]) -> bool:
    """Whether a span of dates is the one that is counted in, not when some files were issued."""
    before = paragraph.text[max(0, match.start() - 30) : match.start()]
    behind = paragraph.text[match.end() : match.end() + 30].partition("。")[0]
    whole = paragraph.text[match.end() :].partition("。")[0]
    if not before and holds(whole, ("报告如下", "信息公开", "政务公开")):
        return True
    if before[-1:] in ("", "。") and _COUNTED.search(behind) and holds(behind, ("申请", "规范性文件")):
        return True
    return holds(before, ("统计", "数据", "报告", "时限"))


def sibling(name: str, agency: str, spec: Mapping[str, Any]) -> bool:
    """Whether two names are those of different bureaus of one rank; in doubt (superiors, short forms) not."""
    own = "".join(agency.split())
    if (other := _GOVERNMENT.fullmatch(_OFFICE_END.sub("", name))) and (
        mine := _GOVERNMENT.fullmatch(_OFFICE_END.sub("", own))
    ):
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
