"""Text as it is compared and published: look-alike characters, folding, years in signs, punctuation, formulas as text."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

#: What U+2E80–U+2EF3 (CJK radicals supplement) stand for, in order (Unicode property Equivalent_Unified_Ideograph).
_SUPPLEMENT = (
    " 厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑彐忄心扌攵 旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂"
    "肀聿肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"
)
_RADICALS = range(0x2F00, 0x2FD6)
_COMPATIBLE = (*range(0xF900, 0xFB00), *range(0x2F800, 0x2FA1E))
#: Where fonts for simplified Chinese draw another ideograph than Unicode names, or draw a variant like the usual form.
_SIMPLIFIED = {"\u2f3e": "户", "㬵": "胶", "晩": "晚", "𨓜": "逸"}
#: Angle brackets of mathematics, and Latin letters written as one (``ﬁ``).
_OTHERS = (0x2329, 0x232A, *range(0xFB00, 0xFB07))


@cache
def _lookalikes() -> Mapping[int, str]:
    pairs = {0x2E80 + n: c for n, c in enumerate(_SUPPLEMENT) if c != " "}
    folded = {n: unicodedata.normalize("NFKC", chr(n)) for n in (*_RADICALS, *_COMPATIBLE)}
    others = {n: unicodedata.normalize("NFKC", chr(n)) for n in _OTHERS}
    drawn = {ord(c): usual for c, usual in _SIMPLIFIED.items()}
    return pairs | {n: c for n, c in folded.items() if len(c) == 1 and c != chr(n)} | others | drawn


def unified(text: str) -> str:
    """The text with Kangxi radicals, other radicals and compatibility ideographs as the ideographs they look like.

    Angle brackets and ligatures too. Nothing else changes: full-width punctuation and digits stay.
    """
    return text if text.isascii() else text.translate(_lookalikes())


def plain(text: str) -> str:
    """The text as numbers are read in it: compatibility forms folded (full-width digits, brackets), outer spaces off."""
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


def folded(text: str) -> str:
    """The text as labels are compared: as :func:`plain`, without any white space."""
    return "".join(plain(text).split())


def dense(text: str) -> str:
    """The text as published texts are compared: no white space or invisible characters, look-alikes as what they look like."""
    bare = "".join(unified(text).split())
    if bare.isprintable():  # what is invisible is not printable; nearly every text is
        return bare
    return "".join(c for c in bare if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf"))


def shortened(text: str, most: int, tail: int = 0) -> str:
    """The text, with ``…`` for what is beyond so many characters; the last ``tail`` of them are kept."""
    if len(text) <= most:
        return text
    return f"{text[: most - tail - 1]}…{text[len(text) - tail :]}"


#: Characters that nobody sees, as a class of a pattern.
INVISIBLE = "\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
_UNSEEN = re.compile(f"[{INVISIBLE}]+")
_SIGNS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def visible(text: str) -> str:
    """The text without characters that nobody sees; for comparing, since some scripts are written with them."""
    return _UNSEEN.sub("", text)


#: What moves the cursor, colours or turns what is shown behind it, on a terminal or in a line.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """Others' text as it may stand in a line that is shown: no line breaks, no control characters."""
    return _CONTROL.sub("\ufffd", text)


def year_in(text: str) -> int | None:
    """The first year of four digits that a text names, in digits (full-width ones too) or signs (``二〇二一年``)."""
    bare = plain(text)
    named = _YEAR.search(bare) or _YEAR.search(bare.translate(_SIGNS))
    return int(named[0]) if named else None


#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """The text so that no spreadsheet calculates it when it opens a CSV; a plain number, negative ones too, stays."""
    if text.startswith(_FORMULA) and not text.removeprefix("-").replace(".", "", 1).isdecimal():
        return f"'{text}"
    return text


_FULL = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", ".": "。"}
_CHINESE = "\u3400-\u9fff"
_BEFORE = f"[{_CHINESE}”’》）】〕%％]"
#: A mark behind Chinese, not before a digit or Latin letter that it may belong to (``第3.2节`` is left alone).
_MARK = re.compile(rf"(?<={_BEFORE})[,;:?!](?![,;:?!])|(?<={_BEFORE})\.(?=[{_CHINESE}“‘《（【〔]|$)")
#: A mark between a number and Chinese: ``12件,办结`` is caught above, ``共12,办结`` here.
_AFTER_NUMBER = re.compile(rf"(?<=\d)[,;:](?=[{_CHINESE}“‘《（])")
_BRACKETS = re.compile(r"\(([^()]{1,200})\)")


class Mark(NamedTuple):
    """Where a half-width mark stands in a text, and the full-width one that should."""

    at: int
    old: str
    new: str


def corrections(text: str) -> list[Mark]:
    """The half-width marks that should be full-width; those in numbers, times, addresses and Latin text are right."""
    marks = [
        Mark(m.start(), m[0], _FULL[m[0]])
        for pattern in (_MARK, _AFTER_NUMBER)
        for m in pattern.finditer(text)
    ]
    for pair in _BRACKETS.finditer(text):
        around = text[max(0, pair.start() - 1) : pair.start()] + pair[1]
        if re.search(f"[{_CHINESE}]", around):
            marks += [Mark(pair.start(), "(", "（"), Mark(pair.end() - 1, ")", "）")]
    return sorted(marks)


def corrected(text: str) -> str:
    """The text with full-width punctuation among Chinese characters; nothing else changes."""
    letters = list(text)
    for correction in corrections(text):
        letters[correction.at] = correction.new
    return "".join(letters)
