"""Whose report of which year it is, from the title, the page's meta data or the preamble."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nianbao.core import number
from nianbao.ingest import narrative, words

_YEAR = r"(?P<year>(?:19|20)\d{2}|二[〇○零0OＯ][一二][〇○零0OＯ一二三四五六七八九])"
_NAME = r"政[府務务](?:信息|資訊|资讯)公开(?:工作)?(?:情况)?(?:的)?(?:年度)?(?:工作)?(?:年度)?报告"
_QUOTES = "〈〉<>《》()[]〔〕【】「」"
_AFTER = re.compile(
    rf"(?P<agency>.*?)[{re.escape(_QUOTES)}]*{_YEAR}[{re.escape(_QUOTES)}]*年?度?(?:的)?{_NAME}.{{0,12}}"
)
_BEFORE = re.compile(rf"{_YEAR}年?度?(?P<agency>.+?){_NAME}.{{0,12}}")
_PERIOD = re.compile(r"((?:19|20)\d{2})年1月1日(?:起)?(?:至|-|—|－|~|到)(?:\1年)?12月31日")
_SENTENCE = re.compile(r"[，。；,;]")
#: A line of a broken title: no sentence and no path of links, as long as a name may be.
_NAMED = re.compile(r"[^，。；！？,;!?>|:：]{2,40}")
#: What an agency's name never begins with: the title was broken before it.
_JOINING = "和及与暨、"
#: A title may be broken over this many lines.
LINES = 4


class Title(NamedTuple):
    """The agency (empty: not found), the year (None: not found), the lines before and with the title, its text."""

    agency: str
    year: int | None
    end: int
    text: str = ""


def read(front: Sequence[str], titles: Sequence[str]) -> Title:
    """The title among the lines before the first section, else what the page calls itself, else the preamble."""
    named = _in_lines(front)
    other = next(iter(outside(titles)), None)
    agency = named.agency if named else ""
    if other and (not agency or other.agency.endswith(agency)):
        agency = other.agency
    year = (named and named.year) or (other.year if other else None) or _period(front)
    return Title(agency, year, named.end, named.text) if named else Title(agency, year, 0)


def _in_lines(front: Sequence[str]) -> Title | None:
    whole = [found._replace(end=n + 1) for n, text in enumerate(front) if (found := parse(text))]
    named = [title for title in whole if title.agency and title.agency[0] not in _JOINING]
    if named:
        return named[-1]
    joined = [title for end in range(2, len(front) + 1) if (title := _broken(front, end))]
    return next(reversed(joined or whole), None)


def _broken(front: Sequence[str], end: int) -> Title | None:
    """The title that is broken over the few lines before ``end``."""
    for start in range(end - 2, max(-1, end - LINES - 1), -1):
        if not _NAMED.fullmatch(front[start]) or narrative.furniture(front[start]):
            return None
        found = parse("".join(front[start:end]))
        if found and found.agency and found.agency[0] not in _JOINING:
            return found._replace(end=end)
    return None


def parse(text: str) -> Title | None:
    """The title that a line is, with no place of its own; None where it is none."""
    plain = re.sub(r"\s+", "", words.simplify(text))
    if len(plain) > 120 or _SENTENCE.search(plain):
        return None
    found = _AFTER.fullmatch(plain) or _BEFORE.fullmatch(plain)
    if not found:
        return None
    return Title(_agency(found["agency"], text), _year(found["year"]), 0, words.trim(text))


def _agency(folded: str, text: str) -> str:
    """The agency as it is written in the title (the comparison folds brackets and characters)."""
    agency = folded.strip(_QUOTES + "·-—_|:：")
    original = re.sub(r"\s+", "", text)
    simple = [words.simplify(c) for c in original]
    if all(len(c) == 1 for c in simple) and (at := "".join(simple).find(agency)) >= 0:
        return original[at : at + len(agency)]
    return agency


def _year(text: str) -> int | None:
    digits = re.sub(r"[○0OＯ零]", "〇", text) if not text.isdigit() else text
    return int(digits) if digits.isdigit() and digits.isascii() else number.chinese(digits)


def _period(front: Sequence[str]) -> int | None:
    """The year whose 1 January to 31 December the preamble names, when it names one."""
    years = set(_PERIOD.findall(re.sub(r"\s+", "", words.simplify("".join(front)))))
    return int(years.pop()) if len(years) == 1 else None


def outside(titles: Sequence[str]) -> tuple[Title, ...]:
    """What a page calls itself outside its text, as far as that is a report's title."""
    return tuple(title for text in titles if (title := parse(_clean_meta(text))))


def _clean_meta(text: str) -> str:
    """A page's title without the site's name after it."""
    return re.split(r"\s*[-_|—–]+\s*", words.trim(text))[0]


def preamble(front: Sequence[str], title: Title) -> Iterator[str]:
    """The text between title and first section, without the page's own lines."""
    for text in front[title.end :]:
        if narrative.furniture(text) or parse(text):
            continue
        if title.end or _SENTENCE.search(text):
            yield text
