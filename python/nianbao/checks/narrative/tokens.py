"""From a sentence to tokens: numbers with their measure word, the words of the phrase table, separators."""

import re
from collections.abc import Callable, Container, Iterable, Iterator
from decimal import Decimal
from functools import cache, partial
from typing import Any, NamedTuple

from nianbao.core import number
from nianbao.core.form import Form
from nianbao.core.number import Figure
from nianbao.core.phrases import SHORT, Phrases, Topic

_SCALE = {"": 1, "万": 10_000, "亿": 100_000_000, "千": 1_000, "百": 100}
NUMERALS = "零〇一二两三四五六七八九十百千万"
_NUMBER = r"(?P<digits>\d{1,3}(?:,\d{3})+(?!\d)|\d++)(?P<part>\.\d++)?(?P<scale>万|亿)?"
_NUMERAL = rf"(?<![第每某同这各逐哪任何无上数几好零一二三四五六七八九十百千])(?P<numeral>[{NUMERALS}]++)"
#: What a number may begin with, ``第三条`` and the like (which are none) included.
_STARTS = frozenset("0123456789第" + NUMERALS)
_MARKS = frozenset("，；：（）。！？")
#: What a number without a measure word may be followed by, to count as a figure all the same.
_BARE_END = r"(?=[，、。；）]|$)"


def trie(words: Iterable[str]) -> str:
    """A pattern for the longest of many words, branching character by character (fast to search)."""
    tree: dict[str, Any] = {}
    for word in words:
        node = tree
        for c in word:
            node = node.setdefault(c, {})
        node[""] = {}
    return _branches(tree)


def _branches(node: dict[str, Any]) -> str:
    longer = [re.escape(c) + _branches(rest) for c, rest in node.items() if c]
    if not longer:
        return ""
    pattern = longer[0] if len(longer) == 1 and "" not in node else f"(?:{'|'.join(longer)})"
    return f"{pattern}?" if "" in node else pattern


class Token(NamedTuple):
    """``kind``: ``number``, ``percent``, ``year``, ``skip``, ``mark`` (separator) or ``word``.

    ``value`` is the number (an amount of money in 元) or the year, ``unit`` its measure word, ``rough`` that
    it is rounded, ``digits`` how many decimals it shows, ``step`` the worth of the last digit of money.
    """

    kind: str
    start: int
    end: int
    word: str
    value: Figure = 0
    unit: str = ""
    rough: bool = False
    digits: int = 0
    step: Figure = 0


def speaks(tokens: Iterable[Token], words: Container[str]) -> bool:
    """Whether one of the tokens is one of the words (asked thousands of times a report)."""
    for token in tokens:  # noqa: SIM110 (any() takes twice as long)
        if token.word in words:
            return True
    return False


#: A token from all of its fields, without the detour over keyword defaults: there are a thousand in a report.
_plain: Callable[[tuple[str, int, int, str, Figure, str, bool, int, Figure]], Token] = partial(
    tuple.__new__, Token
)


class Lexicon:
    """The words of a form's phrase table, compiled once."""

    def __init__(self, phrases: Phrases) -> None:
        self.phrases = phrases
        self.topics = tuple(phrases.topics.values())
        self.foreign = frozenset(phrases.words("foreign"))
        self.qualifiers = frozenset(phrases.words("qualifiers"))
        self.compare = frozenset(phrases.words("compare"))
        self.channels = frozenset(phrases.words("channels"))
        self.outside = frozenset(phrases.words("outside"))
        self.area = frozenset(phrases.words("area"))
        self.inner = frozenset(phrases.words("inner"))
        self.own = frozenset(phrases.words("own"))
        self.cumulative = frozenset(phrases.words("cumulative"))
        self.cumulative_year = frozenset(phrases.words("cumulative_year"))
        self.since = frozenset(phrases.words("since"))
        self.lists = frozenset(phrases.words("lists"))
        self.total_words = phrases.words("totals")
        self.totals = frozenset(self.total_words)
        self.each = frozenset(phrases.words("each"))
        self.respectively = frozenset(phrases.words("respectively"))
        self.remaining = frozenset(phrases.words("remaining"))
        self.picks = frozenset(phrases.words("picks"))
        self.all_cases = frozenset(phrases.words("all_cases"))
        self.joins = frozenset(phrases.words("joins"))
        self.none_before = frozenset(phrases.words("none", "before"))
        self.none_after = frozenset(phrases.words("none", "after"))
        self.vetoing = self.qualifiers | self.compare | self.channels | self.respectively
        self.away = self.foreign | {"以上", "以下"}
        self.scoping = self.outside | self.own | self.area | self.inner
        self.running = self.cumulative | self.cumulative_year
        self.openings = tuple(self.lists)
        self.period = {w: p for p in ("this", "last", "next", "other") for w in phrases.words("periods", p)}
        self.opening = self.own | self.totals | self.compare | self.period.keys()
        self.growth = frozenset(phrases.words("growth"))
        self.decline = frozenset(phrases.words("decline"))
        self.changing = self.growth | self.decline
        self.rest = frozenset(phrases.words("rest"))
        self.classes = phrases.words("classes")
        self.events = phrases.words("events")
        self.exhaustive = phrases.words("exhaustive")
        self.seasons = frozenset([n for names in self.exhaustive for n in names if n in self.period])
        self.pairs = tuple([name for names in self.exhaustive for name in names])
        self.turns = self.none_before | self.none_after | self.lists | self.respectively
        self.fillers = frozenset("".join(phrases.words("fillers")))
        self.passing = self.fillers | set("■□ ")
        self.rough_before = phrases.words("rounded", "before")
        self.rough_after = phrases.words("rounded", "after")
        self._derive()

    def _derive(self) -> None:
        """What follows from the word lists: who is named by a word, which words turn or carry, the pattern."""
        self.named: dict[str, tuple[Topic, ...]] = {}
        for topic in self.topics:
            for name in topic.names:
                self.named[name] = (*self.named.get(name, ()), topic)
        self.heads = {word: said.head for topic in self.topics for word, said in topic.said_rows.items()}
        self.dated = frozenset(w for t in self.topics for w, said in t.said_rows.items() if said.when)
        carried = {r for t in self.topics for s in t.said_rows.values() for rs in s.when.values() for r in rs}
        self.results = frozenset(w for t in self.topics if t.steady for w in t.said_columns)
        self.carried = frozenset(
            w for t in self.topics for w, s in t.said_rows.items() if carried & set(s.any) and s.head
        )
        self.plain = {
            word: topic
            for topic in self.topics
            if not topic.steady
            for word, said in topic.said_rows.items()
            if not said.head and len(word) > 5
        }
        self.openly = {
            word: topic
            for topic in self.topics
            if not topic.steady
            for word, said in topic.said_rows.items()
            if said.head and not said.weak
        }
        self.undating = self.compare | self.dated
        self.telling = frozenset(self.named) | self.foreign | self.compare | self.dated | self.period.keys()
        self.telling |= self.outside | self.own | self.area | self.inner
        self.telling |= {word for topic in self.topics for word in topic.short}
        self.words = self._index()
        none = {word.lstrip("均为")[:1] for word in self.none_before | self.none_after}
        units = {unit[0] for unit in self.phrases.words("units")} or {"件"}
        sure = "0-9" + "".join(none)
        self.counting = re.compile(rf"[{sure}{NUMERALS}](?:(?<=[{sure}])|[{''.join(units)}])")
        self._number_patterns()

    def _all(self) -> Iterator[str]:
        for words in (self.foreign, self.qualifiers, self.compare, self.channels, self.outside, self.area):
            yield from words
        for words in (
            self.inner,
            self.own,
            self.cumulative,
            self.cumulative_year,
            self.lists,
            self.totals,
            self.each,
        ):
            yield from words
        for words in (self.respectively, self.joins, self.none_before, self.none_after):
            yield from words
        yield from self.period
        yield from self.phrases.words("silent")
        yield from self.since
        yield from self.remaining
        for topic in self.topics:
            yield from topic.counts
            yield from (bar for bar in topic.bars if len(bar) > SHORT)

    def stated(self, tokens: Iterable[Token]) -> Topic | None:
        """``上年结转的申请``: the subject that is named in short beside a statement of its own."""
        words = [t.word for t in tokens]
        found = next((self.openly[w] for w in words if w in self.openly), None)
        return found if found and not found.called.isdisjoint(words) else None

    def _index(self) -> dict[str, tuple[str, dict[str, tuple[str, ...]]]]:
        """The words by their first character: those of one character, and the longer ones by their second.

        What a number may begin with and the marks are there too, so that one look tells what to pass over.
        """
        words = frozenset(self._all())
        found: dict[str, dict[str, list[str]]] = {c: {} for c in _STARTS | _MARKS}
        for word in sorted(words, key=len, reverse=True):
            longer = found.setdefault(word[0], {})
            if len(word) > 1:
                longer.setdefault(word[1], []).append(word)
        return {
            c: (c if c in words else "", {k: tuple(v) for k, v in longer.items()})
            for c, longer in found.items()
        }

    def _number_patterns(self) -> None:
        """``numbers``: one number with all that belongs to it. ``numeral``, ``tells``: one of them is found in every
        sentence that counts nothing (see ``counting``) and yet governs what follows it."""
        unit, after = trie(self.phrases.words("units")) or "(?!)", trie(self.rough_after) or "(?!)"
        self.numbers = re.compile(
            rf"(?:(?P<year>(?:19|20)\d\d年度?)|(?P<skip>\d++(?:月(?:\d++日)?|号)|第[\d一二三四五六七八九十]+[^方季])"
            rf"|(?P<items>(?:[两二三四五六七八九十]|\d)(?:类|项|者|方面|部分|方|种|级"
            rf"|(?:个|家|大)(?:平台|渠道|账号|部门|单位|栏目|季度|方面|级别)?)(?=(?:申请)?(?:共|合计|总计))"
            rf"|[一二三四五六七八九十\d]++个?(?:部分|章节)(?![公予]))"
            rf"|(?P<percent>\d++(?:\.(?P<decimals>\d++))?)%"
            rf"|{_NUMBER}(?P<about>{after})?(?:(?P<unit>{unit})(?P<about2>以上|左右|以内|上下|\S?次）)?|{_BARE_END})"
            rf"|{_NUMERAL}(?P<about3>{after})?(?P<unit2>{unit})"
            rf")"
        )
        self.numeral = re.compile(rf"[第{NUMERALS}](?:(?<=第)|(?:{after})?(?:{unit}))")
        self.tells = re.compile(trie(sorted(self.telling)) or "(?!)")

    def tokens(self, text: str, start: int, end: int) -> list[Token]:
        """The tokens of one sentence, with their positions in the whole text."""
        found: list[Token] = []
        known, number, at = self.words, self.numbers.match, start
        while at < end:
            c = text[at]
            if c not in known:
                at += 1
            elif c in _MARKS:
                found.append(_plain(("mark", at, at + 1, c, 0, "", False, 0, 0)))
                at += 1
            elif c in _STARTS and (match := number(text, at, end)):
                if token := self._token(match, text):
                    found.append(token)
                at = match.end()
            else:
                word, longer = known[c]
                for some in longer.get(text[at + 1 : at + 2], ()):  # the longest first
                    if text.startswith(some, at, end):
                        word = some
                        break
                if word:
                    found.append(_plain(("word", at, at + len(word), word, 0, "", False, 0, 0)))
                at += len(word) or 1
        return found

    def _token(self, found: re.Match[str], text: str) -> Token | None:
        """The token of a match of ``numbers``; None where its numeral is none."""
        start, end = found.span()
        year, skip, _, percent, decimals, *figure = found.groups()
        if year:
            return Token("year", start, end, year, int(year[:4]))
        if skip:
            return Token("skip", start, end, skip)
        if percent:
            share = number.exact(percent) or 0
            return Token("percent", start, end, found[0], share, "%", digits=len(decimals or ""))
        digits, part, scale, about, unit, about2, numeral, about3, unit2 = figure
        if not (digits or numeral):
            return None
        value = number.chinese(numeral) if numeral else number.exact(digits.replace(",", "") + (part or ""))
        if value is None:
            return None
        unit, scale = unit or unit2 or "", scale or ""
        rough = bool(about or about2 or about3 or (scale and unit != "元"))
        rough = rough or text.endswith(self.rough_before, max(start - 4, 0), start)
        shown = len(part or ".") - 1
        step = number.simplest(Decimal(_SCALE[scale]) / 10**shown) if unit == "元" else 0
        value = number.simplest(value * _SCALE[scale])
        return _plain(("number", start, end, found[0], value, unit, rough, shown, step))


@cache
def _lexicon(phrases: Phrases) -> Lexicon:
    return Lexicon(phrases)


def lexicon(form: Form) -> Lexicon:
    """The compiled words of a form, once a process."""
    return _lexicon(form.phrases)
