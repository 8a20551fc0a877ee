"""Half-width punctuation among Chinese characters, as input methods leave it, and what should stand there."""

import re
from typing import NamedTuple

_FULL = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！", ".": "。"}
_CHINESE = "\u3400-\u9fff"
_BEFORE = f"[{_CHINESE}”’》）】〕%％]"
#: A mark behind Chinese, not before a digit or Latin letter that it may belong to (``第3.2节`` is left alone).
_MARK = re.compile(rf"(?<={_BEFORE})[,;:?!](?![,;:?!])|(?<={_BEFORE})\.(?=[{_CHINESE}“‘《（【〔]|$)")
#: A mark between a number and Chinese: ``12件,办结`` is caught above, ``共12,办结`` here.
_AFTER_NUMBER = re.compile(rf"(?<=\d)[,;:](?=[{_CHINESE}“‘《（])")
_BRACKETS = re.compile(r"\(([^()]{1,200})\)")


class Correction(NamedTuple):
    """Where a half-width mark stands in a text, and the full-width one that should."""

    at: int
    old: str
    new: str


def corrections(text: str) -> list[Correction]:
    """The half-width marks that should be full-width; those in numbers, times, addresses and Latin text are right."""
    found = [
        Correction(m.start(), m[0], _FULL[m[0]])
        for pattern in (_MARK, _AFTER_NUMBER)
        for m in pattern.finditer(text)
    ]
    for pair in _BRACKETS.finditer(text):
        around = text[max(0, pair.start() - 1) : pair.start()] + pair[1]
        if re.search(f"[{_CHINESE}]", around):
            found += [Correction(pair.start(), "(", "（"), Correction(pair.end() - 1, ")", "）")]
    return sorted(found)


def corrected(text: str) -> str:
    """The text with full-width punctuation among Chinese characters; nothing else changes."""
    letters = list(text)
    for correction in corrections(text):
        letters[correction.at] = correction.new
    return "".join(letters)
