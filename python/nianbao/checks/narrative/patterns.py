"""The patterns of a phrase table: compiled once, and only when a text holds one of the words they cannot do without.

A pattern may begin with comments that list such words: ``(?#现将|兹将)(?:现|兹)将.*报告如下``. Where a text has none
of the words of one of them the pattern cannot match, and is neither compiled nor searched.
"""

import re
from collections.abc import Iterable
from functools import cache


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled once a process."""
    return re.compile(pattern)


@cache
def needed(pattern: str) -> tuple[tuple[str, ...], ...]:
    """Groups of words of which any match of a pattern holds one each; empty where the pattern names none."""
    groups = []
    while pattern.startswith("(?#"):
        words, pattern = pattern[3:].split(")", 1)
        groups.append(tuple(words.split("|")))
    return tuple(groups)


def matches(pattern: str, text: str) -> Iterable[re.Match[str]]:
    """The matches of a pattern in a text, in order."""
    return compiled(pattern).finditer(text) if possible(pattern, text) else ()


def stands(pattern: str, text: str) -> bool:
    """Whether a pattern matches somewhere in a text."""
    return possible(pattern, text) and compiled(pattern).search(text) is not None


def active(patterns: tuple[str, ...], text: str) -> frozenset[str]:
    """The patterns that can match somewhere in a long text, or in a piece of it."""
    words, alphabet = _alphabet(patterns)
    chars = {c for c in alphabet if c in text}  # most words are out for want of a character
    held = {word for word in words if chars.issuperset(word) and word in text}
    return frozenset([p for p in patterns if all(not held.isdisjoint(some) for some in needed(p))])


@cache
def _alphabet(patterns: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """The words that patterns need, and the characters of these words."""
    words = frozenset([word for pattern in patterns for some in needed(pattern) for word in some])
    return words, frozenset("".join(words))


def possible(pattern: str, text: str) -> bool:
    """Whether a text holds the words that a pattern cannot do without (True where it names none)."""
    for words in needed(pattern):
        for word in words:  # a plain loop: this runs thousands of times a report
            if word in text:
                break
        else:
            return False
    return True
