"""Whose report of which year it is: from the title, the page's meta data, a cover or the preamble."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nianbao.core import number
from nianbao.core.form import Form
from nianbao.ingest import narrative, words
from nianbao.ingest.blocks import Item, Row
from nianbao.ingest.words import Labels

_YEAR = r"(?P<year>(?:19|20)\d{2}|二[〇○零0OＯ][一二][〇○零0OＯ一二三四五六七八九])"
_NAME = r"政[府務务](?:信息|資訊|资讯)公开(?:工作)?(?:情况)?(?:的)?(?:年度)?(?:工作)?(?:年度)?(?:情况)?(?:的)?(?:报告|年报)"
_QUOTES = "〈〉<>《》()[]〔〕【】「」"
_AFTER = re.compile(
    rf"(?P<agency>.*?)[{re.escape(_QUOTES)}]*{_YEAR}[{re.escape(_QUOTES)}]*年?度?(?:的)?{_NAME}(?P<rest>.{{0,12}})"
)
_BEFORE = re.compile(rf"{_YEAR}年?度?(?P<agency>.+?){_NAME}(?P<rest>.{{0,12}})")
_PERIOD = re.compile(r"((?:19|20)\d{2})年1月1日(?:起)?(?:至|-|—|－|~|到)(?:\1年)?12月31日")
#: What an opening says and no title does: ``现将…报告如下：``, ``…予以公布``; and what only another document's title says.
_OPENS = re.compile(r"现[将就公予把]|根据|按照|依据|依照|遵照|为了|^[我本]|^关于")
_ENDS = re.compile(r"如下|予以|公布|发布|刊登|编制|特此|通知|[:：]$")
#: A line shorter than this and without punctuation may be part of a menu.
SHORT = 15
_SENTENCE = re.compile(r"[，。；,;]")
#: A line of a broken title: no sentence and no path of links, as long as a name may be.
_NAMED = re.compile(r"[^，。；！？,;!?>|:：]{2,40}")
#: What an agency's name never begins with: the title was broken before it.
_JOINING = "和及与暨、"
#: A title may be broken over this many lines.
LINES = 4
#: Cover lines as old workbooks and texts have them: ``填报单位：某某局``, label and name in one cell or in two;
#: the template's own marks what must be filled.
_COVER_AGENCY = re.compile(
    r"\*?(?:(?:填报|报送|编报|编制|报告)(?:单位|机关)(?:名称|全称)?|单位(?:名称|全称))"
    r"(?:\((?:盖章|公章|签章|加盖公章|必填)\))?(?P<colon>:)?(?P<name>.*)"
)
_COVER_YEAR = re.compile(r"\*?(?:报告|填报|统计)?年(?:度|份)(?:\(必填\))?(?P<colon>:)?(?P<name>.*)")
_FULL_YEAR = re.compile(r"((?:19|20)\d{2})年?度?")
_COVER_NAME = re.compile(r"[\u3400-\u9fff〇·()]{3,40}")
_STAMP = re.compile(r"\((?:盖章|公章|签章|加盖公章)\)$")
#: A cover line is never longer than this; it is looked for among so many items.
COVER_LINE = 60
ITEMS = 2_000
#: So many figures before a second title mean that it is not the title after a contents list or a page's head.
FIGURES = 20


class Title(NamedTuple):
    """The agency (empty: not found), the year (None: not found), the lines before and with the title, its text."""

    agency: str
    year: int | None
    end: int
    text: str = ""


def read(front: Sequence[str], titles: Sequence[str], form: Form) -> Title:
    """The title among the lines before the first section, else what the page calls itself, else the preamble."""
    named = _in_lines(front) or next(_as_prescribed(front, form), None)
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
        return next((title for title in named if _same_report(title, named[-1], front)), named[-1])
    joined = [title for end in range(2, len(front) + 1) if (title := _broken(front, end))]
    return next(reversed(joined or whole), None)


def _as_prescribed(front: Sequence[str], form: Form) -> Iterator[Title]:
    """The lines that together are the form's own title, for forms whose titles read otherwise."""
    marks = {"{agency}": "(?P<agency>.+?)", "{year}": r"(?P<year>\d{4})"}
    pieces = re.findall(r"\{agency\}|\{year\}|[^{}\s]+", form.full_title)
    pattern = r"\s*".join(marks.get(piece) or re.escape(piece) for piece in pieces)
    for end in range(1, len(front) + 1):
        for start in range(end - 1, max(-1, end - LINES - 1), -1):
            if found := re.fullmatch(pattern, words.trim(" ".join(front[start:end]))):
                yield Title(found["agency"], int(found["year"]), end, found[0])
                break


def _same_report(title: Title, last: Title, front: Sequence[str]) -> bool:
    """Whether a title is said again by the last one, with sentences of an opening between them."""
    between = front[title.end : last.end - 1]
    return title[:2] == last[:2] and any(_SENTENCE.search(text) for text in between)


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
    if not found or _OPENS.search(found["agency"]) or _ENDS.search(found["rest"]):
        return None
    return Title(
        _agency(found["agency"].removesuffix("关于"), text), _year(found["year"]), 0, words.trim(text)
    )


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
    """The text between title and first section, without the page's own lines and the title said again."""
    for text in front[title.end :]:
        again = parse(text)
        if narrative.furniture(text) or (again and again.agency in ("", title.agency)):
            continue
        if title.end or _SENTENCE.search(text) or len(text) >= SHORT or text.endswith((":", "：")):
            yield text


# covers


def completed(named: Title, items: Sequence[Item], labels: Labels) -> Title:
    """The title with agency and year from the cover, where it has none itself."""
    if named.agency and named.year is not None:
        return named
    texts = [text for item in items[:ITEMS] for text in _pieces(item)]
    agency = named.agency or next((n for n in _behind(texts, _COVER_AGENCY) if _is_name(n, labels)), "")
    years = (found for text in _behind(texts, _COVER_YEAR) if (found := _FULL_YEAR.fullmatch(text)))
    year = named.year if named.year is not None else next((int(found[1]) for found in years), None)
    return named._replace(agency=agency, year=year)


def is_cover_row(row: Row, labels: Labels) -> bool:
    """Whether a table's row is a cover line: it names the agency or the year, and nothing of the form."""
    texts = _pieces(row)
    named = any(_is_name(name, labels) for name in _behind(texts, _COVER_AGENCY))
    named = named or any(_FULL_YEAR.fullmatch(year) for year in _behind(texts, _COVER_YEAR))
    return named and not any(labels.is_label(text) for text in texts)


def _texts(item: Item) -> tuple[str, ...]:
    return tuple(cell.text for cell in item.cells) if isinstance(item, Row) else (item.text,)


def _pieces(item: Item) -> tuple[str, ...]:
    """The cells of an item, those of one line divided by wide spaces too."""
    cells = _texts(item) if isinstance(item, Row) else item.parts or (item.text,)
    pieces = (piece for cell in cells for piece in re.split(r"\s{2,}|\u3000+|\n", words.trim(cell)))
    return tuple(words.trim(piece) for piece in pieces if words.trim(piece))


def _behind(texts: Sequence[str], label: re.Pattern[str]) -> Iterator[str]:
    """What stands behind a label, in the same text after a colon or in the next one."""
    for n, text in enumerate(texts):
        found = label.fullmatch(re.sub(r"\s", "", words.simplify(text))) if len(text) <= COVER_LINE else None
        if found and found["name"]:
            if found["colon"]:
                yield _STAMP.sub("", re.split(r"(?:单位|日期|人|电话|年度):", found["name"])[0])
        elif found and n + 1 < len(texts):
            yield _STAMP.sub("", re.sub(r"\s", "", words.simplify(texts[n + 1])))


def _is_name(text: str, labels: Labels) -> bool:
    return bool(_COVER_NAME.fullmatch(text)) and not labels.is_label(text)


# several reports in one file


def first_report(items: Sequence[Item]) -> tuple[list[Item], tuple[str, ...]]:
    """The items of the first report, and a doubt where a second one with a title and figures follows it."""
    figures, titled, first = 0, False, 0
    counts = [_figures(item) for item in items]
    for n, item in enumerate(items):
        named = [text for text in _texts(item) if parse(text)]
        if named and titled and figures >= FIGURES and sum(counts[n:]) >= FIGURES:
            if _plain(items[first:n]) == _plain(items[n : 2 * n - first]):  # the copy for other screens
                return list(items[:n]), ()
            told = (
                f"文件中还有另一份报告（“{words.trim(named[0])[:60]}”），只读入了第一份，请把各份分开后再导入"
            )
            return list(items[:n]), (told,)
        if named and not titled:
            first = n
        titled = titled or bool(named) or figures > 0
        figures += counts[n]
    return list(items), ()


def _plain(items: Sequence[Item]) -> list[tuple[str, ...]]:
    return [_texts(item) for item in items]


def _figures(item: Item) -> int:
    """How many plain numbers stand in an item."""
    texts = _texts(item) if isinstance(item, Row) else item.parts or item.text[:300].split()
    return sum(map(words.is_number, texts))
