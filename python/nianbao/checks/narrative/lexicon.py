"""The words and numbers of a paragraph: every known word with its meanings, and what stands between as gaps."""

import re
import string
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from nianbao.core.form import Form
from nianbao.core.number import Figure, chinese, simplest
from nianbao.core.phrases import Meaning, Meanings, Phrases

#: Kinds of words by which a sentence may claim something without a number.
CLAIMS = ("none", "none_after", "all", "clear", "some")
#: What ends a clause; ``、`` only parts the items of a list.
MARKS = "，；。：（）！？…—\n|、"
ENDS = "。！？\n"
_MARKS = frozenset(MARKS)
PERCENT = frozenset(("%", "个百分点", "百分点", "‰"))
#: Kinds of meanings that say what a number counts.
LABELS = frozenset(("row", "column", "outcome", "subject", "verb", "change"))
#: Kinds of words that leave open whether a subset is meant; all others are passed over on the way to a number.
_TELLING = frozenset(("foreign", "qualifier", "channel", "delta", "compare", "rough", "rate", "share"))
_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_POWERS = {"十": 10, "百": 100, "千": 1000}
_NOTHING: Meanings = {}


class Token(NamedTuple):
    """A word, a number, a mark or a gap (unknown characters) with its place in the folded text.

    ``places``: how many last digits of a number 万 or 亿 may have rounded away; ``rough``: it is an estimate.
    """

    kind: str
    text: str
    start: int
    end: int
    tags: Meanings = _NOTHING
    value: Figure = 0
    unit: str = ""
    rough: bool = False
    places: int = 0
    unknown: bool = False

    def means(self, kind: str) -> str:
        """What the word means of a kind; empty where nothing."""
        found = self.tags.get(kind)
        return found.value if found else ""


Words = Sequence[Token]


def has(words: Iterable[Token], kind: str) -> bool:
    """Whether one of the words is of a kind."""
    for word in words:  # noqa: SIM110 (any() takes twice as long)
        if kind in word.tags:
            return True
    return False


def labelled(words: Iterable[Token]) -> bool:
    """Whether one of the words says what is counted."""
    for word in words:  # noqa: SIM110
        if not LABELS.isdisjoint(word.tags):
            return True
    return False


def pick(words: Iterable[Token], kind: str) -> list[Meaning]:
    """The meanings of a kind, in order."""
    return [word.tags[kind] for word in words if kind in word.tags]


def values(words: Iterable[Token], kind: str) -> list[str]:
    """What the words mean of a kind, in order."""
    return [word.tags[kind].value for word in words if kind in word.tags]


def strong(words: Iterable[Token], kind: str) -> list[str]:
    """What the words mean of a kind wherever they stand."""
    return [m.value for word in words if (m := word.tags.get(kind)) and m.strong]


def joined_to_last(words: Words, kind: str) -> list[str]:
    """The meanings of a kind that end the words, as far as they are joined (``不予公开、无法提供``)."""
    found: list[str] = []
    last = len(words)
    for k in range(len(words) - 1, -1, -1):
        tag = words[k].tags.get(kind)
        if tag is None:
            continue
        if found and any(w.text not in "、的以作" and "join" not in w.tags for w in words[k + 1 : last]):
            break
        if tag.value not in found:
            found.insert(0, tag.value)
        last = k
    return found


def written(words: Iterable[Token]) -> str:
    """The words as they stand together."""
    return "".join([word.text for word in words])


class Lexicon:
    """The words of a form, ready to be looked up; one of each for each form (:func:`lexicon`)."""

    def __init__(self, phrases: Phrases) -> None:
        self.phrases = phrases
        self.words: Mapping[str, Meanings] = phrases.vocabulary
        self.lengths: dict[str, list[int]] = {}
        for word in self.words:
            self.lengths.setdefault(word[:2], []).append(len(word))
        self.lengths = {ch: sorted(set(sizes), reverse=True) for ch, sizes in self.lengths.items()}
        labels = [word for word, tags in self.words.items() if _labels(tags)]
        self._prefixes = frozenset([word[:n] for word in labels for n in range(1, len(word))])
        self._yielding: dict[str, Sequence[int]] = {}
        self.fillers = frozenset(phrases.data.get("fillers", ""))
        self.counted = frozenset(phrases.words("counted"))
        units = "|".join(sorted(phrases.words("units"), key=len, reverse=True))
        self._number = re.compile(
            r"(?P<n>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)(?P<pct>个?百分点|%|‰)?(?P<big>[万亿]?)(?P<rough>[余多来]?)"
            rf"(?P<unit>{units})?(?P<tail>余|多|左右|以上|以内|上下)?"
        )
        self._chinese = re.compile(
            rf"(?P<n>[零〇一二两三四五六七八九十百千万]+)(?P<rough>[余多来]?)(?P<unit>{units})"
        )
        self._begins = frozenset(
            (
                *{word[0] for word in self.words},
                *MARKS,
                *string.ascii_letters,
                *string.digits,
                *"第（",
                *_DIGITS,
                *_POWERS,
                *_CARRYING,
            )
        )
        self.alert = re.compile(self._any(CLAIMS) + r"|\d|[一二三四五六七八九十百][件份起宗条部项]")
        self.naming = re.compile(self._any(("subject", "foreign")))

    def _any(self, kinds: Iterable[str]) -> str:
        """A pattern that is found wherever a word of some kinds is; longer words that begin with another are left out."""
        some = {word for word, tags in self.words.items() if not tags.keys().isdisjoint(kinds)}
        least = [word for word in some if some.isdisjoint(word[:n] for n in range(1, len(word)))]
        return "|".join(map(re.escape, sorted(least))) or "(?!)"

    def longest(self, text: str, at: int) -> str:
        """The longest known word that begins at a place; empty where none does."""
        words, begin = self.words, text[at : at + 2]
        for size in self.lengths.get(begin, ()):
            if (word := text[at : at + size]) in words and not (
                word[-1] in string.digits and _NUMBER_GOES_ON.match(text, at + size - 1)
            ):
                return word
        return begin[0] if begin[0] in words else ""

    def word(self, text: str, at: int) -> str:
        """The word at a place: the longest, but a weak one gives way to a strong and longer one that begins inside it."""
        word = self.longest(text, at)
        for k in self._yields(word) if len(word) > 1 else ():
            later = self.longest(text, at + k)
            if len(later) > len(word) and k + len(later) > len(word) and _labels(self.words[later]):
                return next((w for n in range(k, 0, -1) if (w := word[:n]) in self.words), "")
        return word

    def _yields(self, word: str) -> Sequence[int]:
        """Where inside a weak word a strong one may begin that runs on beyond it."""
        known = self._yielding.get(word)
        if known is None:
            weak = not _labels(self.words[word])
            known = [k for k in range(1, len(word)) if word[k:] in self._prefixes] if weak else []
            self._yielding[word] = known
        return known

    def tokens(self, text: str, year: int, start: int, end: int) -> list[Token]:
        """The tokens of a stretch of a text, without a gap between them."""
        found: list[Token] = []
        i = gap = start
        begins = self._begins
        while i < end:
            if text[i] not in begins or (token := self._token(text, i, year)) is None:
                i += 1
                continue
            if gap < i:
                found.append(self._gap(text, gap, i))
            if token.kind == "number" and found and found[-1].means("rough") == "before":
                token = token._replace(rough=True)
            found.append(token)
            i = gap = token.end
        if gap < end:
            found.append(self._gap(text, gap, end))
        return found

    def _gap(self, text: str, start: int, end: int) -> Token:
        stretch = text[start:end]
        unknown = end - start > 1 and len([c for c in stretch if c not in self.fillers]) > 1
        return Token("gap", stretch, start, end, _NOTHING, 0, "", False, 0, unknown)

    def _token(self, text: str, i: int, year: int) -> Token | None:
        ch = text[i]
        if ch == "（" and (m := _ITEM.match(text, i)):
            return Token("word", m[0], i, m.end(), _meaning("skip"))
        if ch in _MARKS:
            return Token("mark", ch, i, i + 1)
        word = self.word(text, i)
        end = i + len(word)
        if (ch in _CARRYING or ch.isdigit()) and (m := _CARRY.match(text, i)) and (not word or m.end() > end):
            return Token("word", m[0], i, m.end(), _carried(m, year))
        if ch == "近" and (m := _RECENT.match(text, i)):
            count = chinese(m[1]) or 0
            return Token("word", m[0], i, m.end(), _years(count, count - 1))
        if ch.isascii() or ch in "第（":
            if m := _RANGE.match(text, i):
                since, to = int(m[1]), int(m[2])
                return Token("word", m[0], i, m.end(), _years(to - since + 1, year - since))
            if m := _DATE.match(text, i):
                return Token("word", m[0], i, m.end(), _meaning("period", _period(m, year)))
            if m := _ITEM.match(text, i):
                return Token("word", m[0], i, m.end(), _meaning("skip"))
            n = self._number.match(text, i)
            counted = n is not None and n["unit"] is not None
            m = _SKIP.match(text, i)
            if m and not (counted and n and n.end() > m.end()) and not (word and end >= m.end()):
                return Token("word", m[0], i, m.end(), _meaning("skip"))
            if n and (not word or n.end() > end):
                return _numeral(n)
        if ch in _DIGITS or ch in _POWERS:
            n = self._chinese.match(text, i)
            if n and n["unit"] in ("类", "种", "级") and len(n["n"]) == 1 and n.end() > end:
                return Token("word", n[0], i, n.end(), _meaning("filler"))
            value = chinese(n["n"]) if n else None
            if (
                n
                and value is not None
                and (not word or n.end() > end)
                and not (i and text[i - 1] in "第之每")
            ):
                rough = (
                    bool(n["rough"]) or n["n"][0] in "百千万" or text[n.end() : n.end() + 1] in ("余", "多")
                )
                return Token("number", n[0], i, n.end(), value=value, unit=n["unit"], rough=rough)
        if not word:
            return None
        tags = self.words[word]
        return Token("word", word, i, end, tags, 0, "", False, 0, _TELLING.issuperset(tags))


def of_year(tokens: list[Token]) -> list[Token]:
    """The tokens of a sentence; 全年 means the year that it opens with (``2022年，我局…，全年收到申请76件``)."""
    opening = tokens[0].tags.get("period") if tokens else None
    if opening is None or opening.value == "this" or tokens[1:2] == [] or tokens[1].text != "，":
        return tokens
    if not tokens[0].text[0].isdigit() or any(t.text[0].isdigit() and "period" in t.tags for t in tokens[1:]):
        return tokens
    return [t._replace(tags=tokens[0].tags) if t.text in _WITHIN else t for t in tokens]


@cache
def lexicon(form: Form) -> Lexicon:
    """The lexicon of a form, made once."""
    return Lexicon(form.phrases)


@cache
def _meaning(kind: str, value: str = "", strong: bool = True) -> Meanings:
    return {kind: Meaning(kind, value, strong)}


def _labels(tags: Meanings) -> bool:
    return any(m.strong and m.kind in LABELS for m in tags.values())


@cache
def _years(count: int, own: int) -> Meanings:
    """Several years, of which one may be the report's own."""
    return {**_meaning("period", "other"), **_meaning("years", f"y{count}_{own}")}


#: A number that a word ends within (为0.3%).
_NUMBER_GOES_ON = re.compile(r"\d\.?\d")
#: Words for a year that was named before.
_WITHIN = frozenset(("全年", "年内", "当年"))
_CARRYING = frozenset("结转顺延接留")
_YEAR = r"(?:19|20)\d\d"
_CARRY = re.compile(
    rf"(?P<a>{_YEAR})年度?(?:结转|转接|转结|转入|未办结|顺延|接转|留存)(?:至|到|入)(?P<b>{_YEAR})年度?"
    rf"|(?:结转|转接|转结|顺延|转入|延续|接转|转|留转|延)(?:至|到|入)?(?P<c>{_YEAR})年度?(?:继续)?(?:办理|处理|答复|作答)?"
    rf"|(?P<d>{_YEAR})年度?(?:结转|转接|转结|转入|顺延|接转)(?!至|到|入|下)"
)
#: The number of an item of a list: ``（3）``, and ``1.`` where a sentence or clause begins.
_ITEM = re.compile(r"(?:(?<![^。；：，])（\d{1,2}）|(?<![^。；：])\d{1,2}[.．、）])(?![\d，。；、])")
_RECENT = re.compile("近([两二三四五六])年")
_RANGE = re.compile(rf"({_YEAR})年?度?(?:-|至|到|—){{1,2}}({_YEAR})年度?(?!\d)")
_DATE = re.compile(
    rf"(?P<span>(?:{_YEAR}年)?\d{{1,2}}月?[-至到—]\d{{1,2}}月)"
    rf"|(?P<y>{_YEAR})年(?P<m>\d{{1,2}}月)?(?P<d>\d{{1,2}}日)?度?(?P<e>底|末|初|以来|来)?"
    r"|(?P<m2>\d{1,2}月)(?P<d2>\d{1,2}日)?份?"
)
_SKIP = re.compile(
    r"（\d{4}）\d*号?|第[\d一二三四五六七八九十百]+[^，。；、]?|[A-Za-z][A-Za-z0-9_./:@-]*|\d[\d-]{6,}|\d+(?:号|时|分|楼|月|日|年)"
)
_WHOLE_YEAR = re.compile(r"(?<!\d)1月?[-至到—]12月")


def _numeral(n: re.Match[str]) -> Token:
    digits, unit, places = n["n"].replace(",", ""), n["pct"] or n["unit"] or "", 0
    value: Figure = int(digits) if digits.isdigit() else Decimal(digits)
    if n["big"]:
        shift = 4 if n["big"] == "万" else 8
        places = max(0, shift - len(digits.partition(".")[2]))
        value = simplest(Decimal(value).scaleb(shift))
    if unit in ("万元", "亿元"):
        shift = 4 if unit == "万元" else 8
        places = max(0, shift - len(digits.partition(".")[2])) if not n["big"] else places
        value, unit = simplest(Decimal(value).scaleb(shift)), "元"
    rough = bool(n["rough"] or n["tail"])
    return Token("number", n[0], n.start(), n.end(), value=value, unit=unit, rough=rough, places=places)


def _carried(m: re.Match[str], year: int) -> Meanings:
    to, since = m["b"] or m["c"], m["a"] or m["d"]
    if (to and int(to) > year) or (not to and int(since) == year):
        return _meaning("row", "carried_out")
    if (since and int(since) == year - 1) or (to and int(to) == year):
        return _meaning("row", "carried_in", bool(since))
    return _meaning("period", "other")


def _period(m: re.Match[str], year: int) -> str:
    """Which year a date names: this (the report's), last, next or another (also a part of this one)."""
    if m["span"]:
        return "this" if _WHOLE_YEAR.search(m["span"]) else "other"
    if not m["y"]:
        return "this" if m["m2"] in ("12月", "1月") and m["d2"] else "other"
    if m["e"] and m["e"][-1] == "来" and not m["m"] and int(m["y"]) == year:
        return "this"
    if m["e"] in ("以来", "来", "初") or (m["m"] and not (m["d"] and m["m"] in ("12月", "1月"))):
        return "other"
    return {0: "this", -1: "last", 1: "next"}.get(int(m["y"]) - year, "other")
