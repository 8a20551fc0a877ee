"""A paragraph as the checks read it: folded, without spaces, able to quote what stood there; and the patterns it is searched by.

A pattern may begin with comments that list words: ``(?#现将|兹将)(?:现|兹)将.*报告如下``. Where a text has none of the words of one
of them the pattern cannot match, and is neither compiled nor searched.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache, cached_property
from typing import NamedTuple

from nianbao.core.form import Form
from nianbao.core.grid import Place
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
        return [Sentence._make(found.span()) for found in _SENTENCE.finditer(self.masked)]

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
    first, then = ("|".join([re.escape(pair[k]) for pair in words if pair]) for k in (0, 1))
    return groups, words, re.compile(f"(?=((?:{first})(?:{then})))")
