"""Whose report of which year it is: from the title, the page's meta data, a cover or the preamble."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nianbao.core.form import Form
from nianbao.core.text import year_in
from nianbao.ingest import narrative, words
from nianbao.ingest.blocks import Item, SourceRow
from nianbao.ingest.words import Labels

#: The parts of a title; it is read as simplified text without white space.
_YEAR = r"(?P<year>(?:19|20)\d{2}|二[〇○零0OＯ][一二][〇○零0OＯ一二三四五六七八九])"
_SUBJECT = r"(?:政[务務]公开[与和及暨、])?(?:政[府務务])?(?:(?:信息|資訊|资讯)(?:公开)?(?:[与和及暨、]?政[务務])?|政[务務])公开"
_OF = r"(?:工作|情况|的|总结)*"
_KIND = r"(?:年|度|工作|情况|的|总结)*(?:报告|年报)"
_QUOTES = "〈〉<>《》()[]〔〕【】「」“”\"'"
_OPEN, _CLOSE = (f"[{re.escape(signs)}]*" for signs in (_QUOTES[::2], _QUOTES[1::2]))
_REST = r"(?P<rest>.{0,20})"
#: The year stands behind the agency, before it, within the report's name, or behind that; or there is none.
_FORMS = (
    rf"(?P<agency>.*?){_OPEN}{_YEAR}{_CLOSE}年?度?{_CLOSE}的?{_SUBJECT}{_OF}{_KIND}{_REST}",
    rf"{_OPEN}{_YEAR}年?度?{_CLOSE}(?P<agency>.+?)的?{_SUBJECT}{_OF}{_KIND}{_REST}",
    rf"(?P<agency>.*?)的?{_SUBJECT}{_OF}{_OPEN}{_YEAR}{_CLOSE}年?{_KIND}{_REST}",
    rf"(?P<agency>.*?)的?{_SUBJECT}{_OF}{_KIND}[-—·:]*{_OPEN}{_YEAR}年?度?{_CLOSE}{_REST}",
)
_PATTERNS = tuple(map(re.compile, _FORMS))
_UNDATED = re.compile(rf"(?P<agency>.{{4,}}?)的?{_SUBJECT}{_OF}{_KIND}(?P<rest>)")
_PERIOD = re.compile(r"((?:19|20)\d{2})年1月1日(?:起)?(?:至|-|—|－|~|到)(?:\1年)?12月31日")
#: What an opening says and no title does: ``现将…报告如下：``, ``…予以公布``; and what only another document's title says.
_OPENS = re.compile(
    r"现[将就公予把]|根据|按照|依据|依照|遵照|为了|^[我本]|^关于(?:做好|印发|转发|报送|公布|发布|公开|编制|开展|举办)"
)
_ENDS = re.compile(r"如下|予以|公布|发布|刊登|编制|特此|通知|[:：]$")
_REPORT = re.compile("报告|年报|公开$")
#: An agency that stands behind the title, in brackets.
_BEHIND = re.compile(r"\(([\u3400-\u9fff]{2,38}[局委会府办室厅院署处科社站队所校司镇乡])\)")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|〔[^〔〕]*〕|【[^【】]*】")
#: A line shorter than this and without punctuation may be part of a menu.
SHORT = 15
_SENTENCE = re.compile(r"[，。；,;]")
#: A line of a broken title: no sentence and no path of links, as long as a name may be.
_NAMED = re.compile(r"[^，。；！？,;!?>|:：]{2,40}")
#: What an agency's name never begins with: the title was broken before it.
_JOINING = "和及与暨、"
#: A title may be broken over this many lines; it is never longer than so many characters.
LINES, LONGEST = 4, 120
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
    pieces = (piece for text in titles for piece in _meta_pieces(text))
    other = next(iter(outside(titles)), None) or next(filter(None, (_undated(p, 0) for p in pieces)), None)
    agency = named.agency if named else ""
    if other and (not agency or other.agency.endswith(agency)):
        agency = other.agency
    year = (named and named.year) or (other.year if other else None) or _period(front)
    return Title(agency, year, named.end, named.text) if named else Title(agency, year, 0)


def _in_lines(front: Sequence[str]) -> Title | None:
    whole = [parsed._replace(end=n + 1) for n, text in enumerate(front) if (parsed := parse(text))]
    named = [title for title in whole if title.agency and title.agency[0] not in _JOINING]
    if named:
        return next((title for title in named if _same_report(title, named[-1], front)), named[-1])
    joined = [broken[1] for end in range(2, len(front) + 1) if (broken := _broken(front, end))]
    undated = (_undated(text, n + 1) for n, text in reversed(tuple(enumerate(front))))
    return next(reversed(joined or whole), None) or next(filter(None, undated), None)


def _undated(text: str, end: int) -> Title | None:
    """The title that a line is where it names no year."""
    plain = _compared(text)
    match = _UNDATED.fullmatch(plain) if len(plain) <= LONGEST and not _SENTENCE.search(plain) else None
    if not match or _OPENS.search(match["agency"]) or narrative.furniture(text) or parse(text):
        return None  # a line that names the year and no agency is the end of a broken title
    return Title(_agency(match["agency"], text), None, end, words.trim(text))


def _as_prescribed(front: Sequence[str], form: Form) -> Iterator[Title]:
    """The lines that together are the form's own title, for forms whose titles read otherwise."""
    marks = {"{agency}": "(?P<agency>.+?)", "{year}": r"(?P<year>\d{4})"}
    pieces = re.findall(r"\{agency\}|\{year\}|[^{}\s]+", form.full_title)
    pattern = r"\s*".join(marks.get(piece) or re.escape(piece) for piece in pieces)
    for end in range(1, len(front) + 1):
        for start in range(end - 1, max(-1, end - LINES - 1), -1):
            if match := re.fullmatch(pattern, words.trim(" ".join(front[start:end]))):
                yield Title(match["agency"], int(match["year"]), end, match[0])
                break


#: How the name of an agency ends; a government above the title is whose site it is.
_OFFICE = re.compile(r"[^，。；！？,;!?：:|>]{2,38}(?:局|厅|委员会|办公室|署|中心)")


def above(front: Sequence[str], title: Title) -> str:
    """Another agency on the line right above the title (two that report together); an empty text where there is none."""
    before = list(front[: title.end])
    while before and _compared(before[-1]) in _compared(title.text):
        before.pop()
    line = words.trim(before[-1]) if before and title.agency and title.text else ""
    apart = line not in title.agency and title.agency not in line
    return line if _OFFICE.fullmatch(line) and apart and not narrative.furniture(line) else ""


def _same_report(title: Title, last: Title, front: Sequence[str]) -> bool:
    """Whether a title is said again by the last one, with sentences of an opening between them."""
    between = front[title.end : last.end - 1]
    return title[:2] == last[:2] and any(_SENTENCE.search(text) for text in between)


def _broken(front: Sequence[str], end: int) -> tuple[int, Title] | None:
    """The title that is broken over the few lines before ``end``, and the first of them."""
    for start in range(end - 2, max(-1, end - LINES - 1), -1):
        if not _NAMED.fullmatch(front[start]) or narrative.furniture(front[start]):
            return None
        title = parse("".join(front[start:end]))
        if title and title.agency and title.agency[0] not in _JOINING and not _REPORT.search(title.agency):
            return start, title._replace(end=end)
    return None


def parse(text: str) -> Title | None:
    """The title that a line is, with no place of its own; None where it is none."""
    plain = _compared(text)
    if len(plain) > LONGEST or _SENTENCE.search(plain):
        return None
    match = next(filter(None, (pattern.fullmatch(plain) for pattern in _PATTERNS)), None)
    if not match or _OPENS.search(match["agency"]) or _ENDS.search(_BRACKETED.sub("", match["rest"])):
        return None
    behind = None if match["agency"] else _BEHIND.search(match["rest"])
    agency = behind[1] if behind else match["agency"]
    return Title(_agency(agency, text), _year(match["year"]), 0, words.trim(text))


def _compared(text: str) -> str:
    return re.sub(r"\s+", "", words.simplify(text))


def _agency(folded: str, text: str) -> str:
    """The agency as it is written in the title (the comparison folds brackets and characters)."""
    agency = _bare(folded).removeprefix("关于").removesuffix("关于")
    original = re.sub(r"\s+", "", text)
    simple = [words.simplify(c) for c in original]
    if all(len(c) == 1 for c in simple) and (at := "".join(simple).find(agency)) >= 0:
        return original[at : at + len(agency)]
    return agency


def _bare(agency: str) -> str:
    """The agency without what stands around it: separators, marks of the page (``【年报】``), brackets without their
    other half or around the whole."""
    agency = re.sub(r"^[【\[][^】\]]*[】\]](?=.)", "", agency).strip("·-—_|:：*#")
    for opened, closed in zip(_QUOTES[::2], _QUOTES[1::2], strict=True):
        if agency.startswith(opened) and closed not in agency[1:-1]:
            agency = agency[1:].removesuffix(closed)
        if agency.endswith(closed) and opened not in agency[:-1]:
            agency = agency[:-1]
    return agency


def _year(text: str) -> int | None:
    return year_in(re.sub("[OＯ]", "〇", text))


def _period(front: Sequence[str]) -> int | None:
    """The year whose 1 January to 31 December the preamble names, when it names one."""
    years = set(_PERIOD.findall(re.sub(r"\s+", "", words.simplify("".join(front)))))
    return int(years.pop()) if len(years) == 1 else None


def outside(titles: Sequence[str]) -> tuple[Title, ...]:
    """What a page calls itself outside its text, as far as that is a report's title."""
    return tuple(title for text in titles if (title := parse(_clean_meta(text))))


def _clean_meta(text: str) -> str:
    """A page's title without the site's and the column's names, which stand behind it or before it."""
    pieces = _meta_pieces(text)
    return next((piece for piece in pieces if parse(piece)), pieces[0])


def _meta_pieces(text: str) -> list[str]:
    return re.split(r"\s*[-_|—–－›»]+\s*|\s+>+\s+", words.trim(text))


def preamble(front: Sequence[str], title: Title) -> Iterator[str]:
    """The text between title and first section, without the page's own lines and the title said again."""
    again = _said_again(front, title)
    for n, text in enumerate(front[title.end :], title.end):
        if n in again or narrative.furniture(text):
            continue
        if title.end or _SENTENCE.search(text) or len(text) >= SHORT or text.endswith((":", "：")):
            yield text


def _said_again(front: Sequence[str], title: Title) -> set[int]:
    """The lines behind the title that say it again, in one line or broken over a few."""
    lines: set[int] = set()
    for n, text in enumerate(front[title.end :], title.end):
        whole, broken = parse(text), _broken(front, n + 1)
        if whole and whole.agency in ("", title.agency):
            lines.add(n)
        if broken and broken[0] >= title.end and broken[1].agency == title.agency:
            lines |= set(range(broken[0], n + 1))
    return lines


# covers


def completed(named: Title, items: Sequence[Item], labels: Labels) -> Title:
    """The title with agency and year from the cover, where it has none itself."""
    if named.agency and named.year is not None:
        return named
    texts = [text for item in items[:ITEMS] for text in _pieces(item)]
    agency = named.agency or next((n for n in _behind(texts, _COVER_AGENCY) if _is_name(n, labels)), "")
    years = (match for text in _behind(texts, _COVER_YEAR) if (match := _FULL_YEAR.fullmatch(text)))
    year = named.year if named.year is not None else next((int(match[1]) for match in years), None)
    return named._replace(agency=agency, year=year)


def is_cover_row(row: SourceRow, labels: Labels) -> bool:
    """Whether a table's row is a cover line: it names the agency or the year, and nothing of the form."""
    texts = _pieces(row)
    named = any(_is_name(name, labels) for name in _behind(texts, _COVER_AGENCY))
    named = named or any(_FULL_YEAR.fullmatch(year) for year in _behind(texts, _COVER_YEAR))
    return named and not any(labels.is_label(text) for text in texts)


def _texts(item: Item) -> tuple[str, ...]:
    return tuple(cell.text for cell in item.cells) if isinstance(item, SourceRow) else (item.text,)


def _pieces(item: Item) -> tuple[str, ...]:
    """The cells of an item, those of one line divided by wide spaces too."""
    cells = _texts(item) if isinstance(item, SourceRow) else item.parts or (item.text,)
    pieces = (piece for cell in cells for piece in re.split(r"\s{2,}|\u3000+|\n", words.trim(cell)))
    return tuple(words.trim(piece) for piece in pieces if words.trim(piece))


def _behind(texts: Sequence[str], label: re.Pattern[str]) -> Iterator[str]:
    """What stands behind a label, in the same text after a colon or in the next one."""
    for n, text in enumerate(texts):
        match = label.fullmatch(re.sub(r"\s", "", words.simplify(text))) if len(text) <= COVER_LINE else None
        if match and match["name"]:
            if match["colon"]:
                yield _STAMP.sub("", re.split(r"(?:单位|日期|人|电话|年度):", match["name"])[0])
        elif match and n + 1 < len(texts):
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
            doubt = (
                f"文件中还有另一份报告（“{words.trim(named[0])[:60]}”），只读入了第一份，请把各份分开后再导入"
            )
            return list(items[:n]), (doubt,)
        if named and not titled:
            first = n
        titled = titled or bool(named) or figures > 0
        figures += counts[n]
    return list(items), ()


def _plain(items: Sequence[Item]) -> list[tuple[str, ...]]:
    return [_texts(item) for item in items]


def _figures(item: Item) -> int:
    """How many plain numbers stand in an item."""
    texts = _texts(item) if isinstance(item, SourceRow) else item.parts or item.text[:300].split()
    return sum(map(words.is_number, texts))
