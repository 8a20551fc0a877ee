"""The words and numbers of a paragraph: every known word with its meanings, and what stands between as gaps."""

import re
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache

from nianbao.core.form import Form
from nianbao.core.number import Figure, chinese, simplest
from nianbao.core.phrases import Meaning, Meanings, Phrases

#: Kinds of words by which a sentence may claim something without a number.
CLAIMS = frozenset(("none", "none_after", "all", "only", "clear", "some"))
#: What ends a clause; ``、`` only parts the items of a list.
MARKS = "，；。：（）！？…—\n|、"
PERCENT = frozenset(("%", "个百分点", "百分点", "‰"))
#: Kinds of meanings that say what a number counts.
LABELS = frozenset(("row", "column", "outcome", "subject", "verb", "change"))
#: Kinds of words that leave open whether a subset is meant; all others are passed over on the way to a number.
_TELLING = frozenset(("foreign", "qualifier", "channel", "delta", "compare", "rough", "rate", "share"))
_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_POWERS = {"十": 10, "百": 100, "千": 1000}
#: How many a total that names their number adds up (两项, 三者).
_HOW_MANY = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "2": 2, "3": 3, "4": 4, "5": 5, "6": 6}
#: What may stand between joined words.
_JOINING = '、的以作“”"‘’'
_NOTHING: Meanings = {}


@dataclass(slots=True, eq=False)
class Token:
    """A word, a number, a mark or a gap (unknown characters) with its place in the folded text.

    ``places``: how many last digits of a number 万 or 亿 may have rounded away; ``rough``: it is an estimate.
    """

    kind: str
    text: str
    start: int
    end: int
    tags: Meanings = field(default_factory=dict)
    value: Figure = 0
    unit: str = ""
    rough: bool = False
    places: int = 0
    unknown: bool = False

    def means(self, kind: str) -> str:
        """What the word means of a kind; empty where nothing."""
        meaning = self.tags.get(kind)
        return meaning.value if meaning else ""


Words = Sequence[Token]


class Stretch(list[Token]):
    """Words that are asked many things: which kinds they are of is gathered once. Nothing is added to it."""

    __slots__ = ("kinds",)

    def __init__(self, words: Iterable[Token]) -> None:
        super().__init__(words)
        self.kinds: dict[str, Meaning] = {}
        for word in self:
            if tags := word.tags:
                self.kinds.update(tags)


def has(words: Iterable[Token], kind: str) -> bool:
    """Whether one of the words is of a kind."""
    if type(words) is Stretch:
        return kind in words.kinds
    for word in words:  # noqa: SIM110 (any() takes twice as long)
        if kind in word.tags:
            return True
    return False


def _any_of(words: Iterable[Token], kinds: AbstractSet[str]) -> bool:
    if type(words) is Stretch:
        return not kinds.isdisjoint(words.kinds)
    for word in words:  # noqa: SIM110
        if not kinds.isdisjoint(word.tags):
            return True
    return False


def claiming(words: Iterable[Token]) -> bool:
    """Whether one of the words may claim something without a number."""
    return _any_of(words, CLAIMS)


def labelled(words: Iterable[Token]) -> bool:
    """Whether one of the words says what is counted."""
    return _any_of(words, LABELS)


def pick(words: Iterable[Token], kind: str) -> Sequence[Meaning]:
    """The meanings of a kind, in order."""
    if type(words) is Stretch and kind not in words.kinds:
        return ()
    return [word.tags[kind] for word in words if kind in word.tags]


def values(words: Iterable[Token], kind: str) -> list[str]:
    """What the words mean of a kind, in order."""
    return [m.value for m in some] if (some := pick(words, kind)) else []


def strong(words: Iterable[Token], kind: str) -> list[str]:
    """What the words mean of a kind wherever they stand."""
    return [m.value for m in some if m.strong] if (some := pick(words, kind)) else []


def how_many(total: str) -> int:
    """How many numbers a word for a total says that it adds up (``以上三项合计``); 0 where it does not say."""
    return next((_HOW_MANY[ch] for ch in total if ch in _HOW_MANY), 0)


def joined_to_last(words: Words, kind: str) -> list[str]:
    """The meanings of a kind that end the words, as far as they are joined (``不予公开、无法提供``)."""
    joined: list[str] = []
    if not has(words, kind):
        return joined
    last = len(words)
    for k in range(len(words) - 1, -1, -1):
        tag = words[k].tags.get(kind)
        if tag is None:
            continue
        if joined and any(w.text.strip(_JOINING) and "join" not in w.tags for w in words[k + 1 : last]):
            break
        if tag.value not in joined:
            joined.insert(0, tag.value)
        last = k
    return joined


def written(words: Iterable[Token]) -> str:
    """The words as they stand together."""
    return "".join([word.text for word in words])


def clauses(sentence: Words) -> list[list[Token]]:
    """The clauses of a sentence, without those in brackets behind a number, which speak of that number alone."""
    out: list[list[Token]] = [[]]
    beside = False
    for k, token in enumerate(sentence):
        if token.text == "（":
            beside = k > 0 and sentence[k - 1].kind == "number"
        if token.kind == "mark" and token.text != "、":
            out.append([])
        elif not beside:
            out[-1].append(token)
        if token.text == "）":
            beside = False
    return [clause for clause in out if clause]


class Lexicon:
    """The words of a form, ready to be looked up; one of each for each form (:func:`lexicon`)."""

    def __init__(self, phrases: Phrases) -> None:
        self.words: Mapping[str, Meanings] = phrases.vocabulary
        self._first: dict[str, list[str]] = {}  # the words by their first character
        sizes: dict[str, set[int]] = {}
        for word in self.words:
            self._first.setdefault(word[0], []).append(word)
            sizes.setdefault(word[:3], set()).add(len(word))
        #: How long the words are that begin with three characters (or have fewer), the longest first.
        self._sizes = {begin: sorted(some | {2, 1}, reverse=True) for begin, some in sizes.items()}
        self._pairs = {begin[:2] for begin in sizes}
        self._known: dict[str, _Word | None] = dict.fromkeys(
            self.words
        )  # what is asked of those that were met
        self._fillers: str = phrases.data.get("fillers", "")
        units = "|".join(sorted(phrases.words("units"), key=len, reverse=True))
        self._number = re.compile(
            r"(\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)(个?百分点|%|‰)?([万亿]?)([余多来]?)"
            rf"({units})?(余|多(?![了于出达办收受\d])|左右|以上|以内|上下)?"
        )
        self._chinese = re.compile(rf"([零〇一二两三四五六七八九十百千万]+)([余多来]?)({units})(?!门)")
        self._begins: dict[str, _Reader] = dict.fromkeys(self._first, _no_figure)
        self._begins |= dict.fromkeys(string.digits, self._figure)
        self._begins |= dict.fromkeys((*_DIGITS, *_POWERS), self._numeral)
        self._begins |= dict.fromkeys((*string.ascii_letters, "第"), _passed)
        self._begins |= {**dict.fromkeys(_CARRYING, _carrying), "近": _recent, **dict.fromkeys(MARKS, _mark)}
        self.alert = re.compile(self._any(CLAIMS) + r"|\d|[一二三四五六七八九十百][件份起宗条部项成]")

    def _any(self, kinds: Iterable[str]) -> str:
        """A pattern that is found wherever a word of some kinds is; longer words that begin with another are left out."""
        asked = frozenset(kinds)
        some = {word for word, tags in self.words.items() if not asked.isdisjoint(tags)}
        least = [word for word in some if some.isdisjoint(word[:n] for n in range(1, len(word)))]
        return _branches(least) if least else "(?!)"

    def longest(self, text: str, at: int) -> "_Word | None":
        """The longest known word that begins at a place."""
        known_words = self._known
        for size in self._sizes.get(text[at : at + 3], (2, 1)):
            known = known_words.get(text[at : at + size], _UNKNOWN)
            if known is _UNKNOWN:
                continue
            if known is None:
                known = self._met(text[at : at + size])
            if not (known.figure and _NUMBER_GOES_ON.match(text, at + size - 1)):
                return known
        return None

    def _met(self, word: str) -> "_Word":
        """A known word, with what is asked of it often."""
        tags = self.words[word]
        labels = _labels(tags)
        yields = () if labels or len(word) == 1 else None
        figure = word[-1] in string.digits
        known = _Word(word, tags, _TELLING.issuperset(tags), labels, figure, yields)
        self._known[word] = known
        return known

    def word(self, text: str, at: int) -> "_Word | None":
        """The word at a place: the longest, but a weak one gives way to a strong and longer one that begins inside it."""
        known = self.longest(text, at)
        if known is None or known.yields == ():
            return known
        if known.yields is None:
            known.yields = tuple(k for k in range(1, len(known.text)) if self._begun(known.text[k:]))
        for k in known.yields:
            later = self.longest(text, at + k)
            if later is not None and later.labels and len(later.text) > len(known.text):
                return self.longest(known.text[:k], 0)
        return known

    def _begun(self, stretch: str) -> bool:
        """Whether a longer word that says what is counted begins so."""
        some = self._first.get(stretch[0], ())
        return any(w.startswith(stretch) and len(w) > len(stretch) and _labels(self.words[w]) for w in some)

    def tokens(self, text: str, year: int, start: int, end: int) -> list[Token]:
        """The tokens of a stretch of a text, without a gap between them."""
        tokens: list[Token] = []
        i = gap = start
        begins, pairs = self._begins, self._pairs
        while i < end:
            ch = text[i]
            read = begins.get(ch)
            if read is None:
                i += 1
                continue
            if read is _mark and ch != "（":
                token = Token("mark", ch, i, i + 1, _NOTHING)
            else:
                known = self.word(text, i) if text[i : i + 2] in pairs or ch in pairs else None
                figure = None if read is _no_figure else read(text, i, year, known.text if known else "")
                if figure is not None:
                    token = figure
                    if gap == i and tokens and token.kind == "number":
                        _after(tokens, token)
                elif known is not None:
                    word = known.text
                    token = Token("word", word, i, i + len(word), known.tags, 0, "", False, 0, known.unknown)
                else:
                    i += 1
                    continue
            if gap < i:
                tokens.append(self._gap(text, gap, i))
            tokens.append(token)
            gap = i = token.end
        if gap < end:
            tokens.append(self._gap(text, gap, end))
        return tokens

    def _gap(self, text: str, start: int, end: int) -> Token:
        gap = text[start:end]
        unknown = end - start > 1 and len(gap.strip(self._fillers)) > 1
        return Token("gap", gap, start, end, _NOTHING, 0, "", False, 0, unknown)

    def _figure(self, text: str, i: int, year: int, word: str) -> Token | None:
        """What begins with a digit: a date, a span of years, the number of an item or a document, else a number."""
        n = self._number.match(text, i)
        if n and text[n.end() : n.end() + 1] == "+":
            return Token("word", n[0], i, n.end(), _meaning("skip"))  # “10万+”的119篇
        if n and not word and n[5] and n[5][0] not in _UNITS_OF_DATES:
            return _counted(n)
        end = i + len(word)
        if (m := _CARRY.match(text, i)) and (not word or m.end() > end):
            return _meaning_of(m, _carried(m, year))
        if m := _RANGE.match(text, i):
            since, to = int(m[1]), int(m[2])
            return _meaning_of(m, _years(to - since + 1, year - since))
        if m := _DATE.match(text, i):
            return _meaning_of(m, _meaning("period", _period(m, year)))
        if m := _ITEM.match(text, i):
            return _meaning_of(m, _meaning("skip"))
        m = _SKIP.match(text, i)
        if m and not (n and n[5] and n.end() > m.end()) and not (word and end >= m.end()):
            return _meaning_of(m, _meaning("skip"))
        return _counted(n) if n and n.end() > end else None

    def _numeral(self, text: str, i: int, _: int, word: str) -> Token | None:
        """A number in Chinese numerals (``十二件``), unless a word goes as far."""
        n = self._chinese.match(text, i)
        if n is None or n.end() <= i + len(word):
            return None
        digits, more, unit = n.groups()
        alone = n[0] == "一起" and text[n.end() : n.end() + 1] not in _CASES
        if alone or _ONE_BY_ONE.match(text, max(0, i - 5), n.end() + 5):
            return _meaning_of(n, _meaning("filler"))  # 两类一起算; 收到一件记一件
        if unit in ("类", "种", "级") and len(digits) == 1:
            return _meaning_of(n, _meaning("filler"))
        value = chinese(digits)
        if value is None or (i and text[i - 1] in "第之每"):
            return None
        rough = bool(more) or digits[0] in "百千万" or text[n.end() : n.end() + 1] in ("余", "多", "半")
        return Token("number", n[0], i, n.end(), value=value, unit=unit, rough=rough)


@dataclass(slots=True, eq=False)
class _Word:
    """A known word: what it means, whether it leaves open a subset, says what is counted, ends in a figure; where a strong word may begin in it."""

    text: str
    tags: Meanings
    unknown: bool
    labels: bool
    figure: bool
    yields: tuple[int, ...] | None


def _branches(words: Sequence[str]) -> str:
    """A pattern for words of which none begins with another, branched at the first character."""
    ends: dict[str, list[str]] = {}
    for word in words:
        ends.setdefault(word[0], []).append(word[1:])
    last = re.escape("".join(ch for ch, rest in ends.items() if rest == [""]))
    more = [
        f"{re.escape(ch)}(?:{'|'.join(map(re.escape, rest))})" for ch, rest in ends.items() if rest != [""]
    ]
    return "|".join(([f"[{last}]"] if last else []) + more)


def _after(tokens: Sequence[Token], number: Token) -> None:
    """A number right behind other tokens: rough by the word before; its unit is that of a list (``依次为1846、173、8件``)."""
    number.rough = number.rough or tokens[-1].means("rough") == "before"
    for k in range(len(tokens) - 1, 0, -2):
        if not number.unit or tokens[k].text != "、" or tokens[k - 1].kind != "number" or tokens[k - 1].unit:
            break
        tokens[k - 1].unit = number.unit


_UNKNOWN = _Word("", _NOTHING, False, False, False, ())
#: What reads a token at a place of a text, given the report's year and the known word there; None leaves it to the word.
_Reader = Callable[[str, int, int, str], Token | None]


def _no_figure(text: str, i: int, _: int, word: str) -> Token | None:
    """Known words alone begin so."""
    return None


def _meaning_of(m: re.Match[str], tags: Meanings) -> Token:
    return Token("word", m[0], m.start(), m.end(), tags)


def _mark(text: str, i: int, _: int, word: str) -> Token:
    if text[i] == "（" and (m := _ITEM.match(text, i)):
        return _meaning_of(m, _meaning("skip"))
    return Token("mark", text[i], i, i + 1, _NOTHING)


def _passed(text: str, i: int, _: int, word: str) -> Token | None:
    """``第3次``, ``APP``: nothing that is counted."""
    m = _SKIP.match(text, i)
    return _meaning_of(m, _meaning("skip")) if m and len(word) < m.end() - i else None


def _carrying(text: str, i: int, year: int, word: str) -> Token | None:
    m = _CARRY.match(text, i)
    return _meaning_of(m, _carried(m, year)) if m and len(word) < m.end() - i else None


def _recent(text: str, i: int, _: int, word: str) -> Token | None:
    m = _RECENT.match(text, i)
    count = (chinese(m[1]) if m else 0) or 0
    return _meaning_of(m, _years(count, count - 1)) if m else None


def of_year(tokens: Words) -> Words:
    """The tokens of a sentence; 全年 means the year that it opens with (``2022年，我局…，全年收到申请76件``)."""
    opening = tokens[0].tags.get("period") if len(tokens) > 1 else None
    if opening is None or opening.value == "this" or not tokens[0].text[0].isdigit():
        return Stretch(tokens)
    if tokens[1].text != "，":  # 2021年受理的312件申请，已于当年办结298件
        return Stretch([replace(t, tags=tokens[0].tags) if t.text == "当年" else t for t in tokens])
    other = (k for k, t in enumerate(tokens) if k and "period" in t.tags and t.text not in _WITHIN)
    end = tokens[next(other, -1)].start + 1  # 2020年，全年收到64件；2022年，115件
    return Stretch(
        [replace(t, tags=tokens[0].tags) if t.text in _WITHIN and t.start < end else t for t in tokens]
    )


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


#: What may follow 一起 where it counts cases (the end of a text, too).
_CASES = frozenset((*"行政复诉案应信败被因涉申均，。；、）", ""))
_LARGE_MONEY = frozenset(("万元", "亿元"))
#: One thing after the other (``收到一件记一件``).
_ONE_BY_ONE = re.compile(r".*?一([件份个条项起])[^，。；、\d]{1,3}一\1")
#: Measure words that may belong to a date or a document's number.
_UNITS_OF_DATES = "号时分楼月日年度"
#: A number that a word ends within (为0.3%).
_NUMBER_GOES_ON = re.compile(r"\d\.?\d")
#: Words for a year that was named before.
_WITHIN = frozenset(("全年", "年内", "当年"))
_CARRYING = frozenset("结转顺延接留递带移跨")
_YEAR = r"(?:19|20)\d\d"
_CARRY = re.compile(
    rf"(?P<a>{_YEAR})年度?(?:结转|转接|转结|转入|未办结|顺延|接转|留存)(?:至|到|入)(?:(?P<b>{_YEAR})年度?|本年度?|今年度?)"
    rf"|(?:结转|转接|转结|顺延|转入|延续|接转|递延|转|留转|留待|延|带|移|跨)(?:至|到|入|由|给)?(?P<c>{_YEAR})年度?(?!\d{{1,2}}月)(?:继续|接着|再)?(?:办理|处理|答复|作答|办结|办)?"
    rf"|(?:结转|转接|顺延|延续|接转)自(?P<e>{_YEAR})年度?"
    rf"|(?P<d>{_YEAR})年(?:度|底|末)?[尚仍]?(?:未办结|结转|转接|转结|转入|顺延|接转)(?!至|到|入|下)"
)
#: The number of an item of a list: ``（3）``, and ``1.`` where a sentence or clause begins.
_ITEM = re.compile(r"(?:(?<![^。；：，])（\d{1,2}）|(?<![^。；：])\d{1,2}[.．、）])(?![\d，。；、])")
_RECENT = re.compile("近([两二三四五六])年")
_RANGE = re.compile(rf"({_YEAR})年?度?(?:-|至|到|—){{1,2}}({_YEAR})年度?(?!\d)")
_DATE = re.compile(
    rf"(?P<span>(?:{_YEAR}年)?\d{{1,2}}月?[-至到—]\d{{1,2}}月)"
    rf"|(?P<y>{_YEAR})年(?P<m>\d{{1,2}}月)?(?P<d>\d{{1,2}}日)?度?(?P<e>底|末|初|以来|来|[以之][前后]|前(?!\d|[一二三四两半]))?"
    r"|(?P<m2>\d{1,2}月)(?P<d2>\d{1,2}日|(?<=12月)[底末])?份?"
)
_SKIP = re.compile(
    r"（\d{4}）\d*号?|\d+(?:个?工作日|[日天])?[至到—～~-]\d+(?:个?工作日|[日天岁])|\d{1,2}：\d\d(?!\d)|第[\d一二三四五六七八九十百]+[^，。；、]?|[A-Za-z][A-Za-z0-9_./:@-]*|\d[\d-]{6,}|\d+[A-Za-z]|\d+(?:号|时|分|楼|月|日|年)"
)
#: Behind a year, these make other years of it, or a part.
_SPANS = ("以来", "来", "初", "以前", "之前", "前", "以后", "之后")
_WHOLE_YEAR = re.compile(r"(?<!\d)1月?[-至到—]12月")


def _counted(n: re.Match[str]) -> Token:
    figure, percent, big, more, measure, tail = n.groups()
    unit, places = percent or measure or "", 0
    if not big and figure.isdigit() and unit not in _LARGE_MONEY:
        value: Figure = int(figure)
    else:
        figure = figure.replace(",", "")
        value = int(figure) if figure.isdigit() else Decimal(figure)
        for large in (big, unit if unit in _LARGE_MONEY else ""):
            if large:
                shift = 4 if large[0] == "万" else 8
                places = places or max(0, shift - len(figure.partition(".")[2]))
                value = simplest(Decimal(value).scaleb(shift))
        unit = "元" if unit in _LARGE_MONEY else unit
    rough = bool(more or tail)
    return Token("number", n[0], n.start(), n.end(), _NOTHING, value, unit, rough, places)


def _carried(m: re.Match[str], year: int) -> Meanings:
    to, since = m["b"] or m["c"], m["a"] or m["d"] or m["e"]
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
    if (m["e"] in _SPANS and not m["d"]) or (m["m"] and not (m["d"] and m["m"] in ("12月", "1月"))):
        return "other"
    return {0: "this", -1: "last", 1: "next"}.get(int(m["y"]) - year, "other")
