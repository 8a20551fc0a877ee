"""The patterns of a phrase table: compiled once, and only when a text holds one of the words they cannot do without.

A pattern may begin with a comment that lists such words: ``(?#现将|兹将)(?:现|兹)将.*报告如下``. Where a text has
none of them the pattern cannot match, and is neither compiled nor searched.
"""

import re
from collections.abc import Iterable
from functools import cache
from operator import add


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, compiled once a process."""
    return re.compile(pattern)


@cache
def needed(pattern: str) -> tuple[str, ...]:
    """The words of which any match of a pattern holds one; empty where the pattern names none."""
    if not pattern.startswith("(?#"):
        return ()
    return tuple(pattern[3 : pattern.index(")")].split("|"))


def matches(pattern: str, text: str) -> Iterable[re.Match[str]]:
    """The matches of a pattern in a text, in order."""
    return compiled(pattern).finditer(text) if possible(pattern, text) else ()


def active(patterns: Iterable[str], text: str) -> list[str]:
    """The patterns that can match somewhere in a long text."""
    pairs = set(map(add, text, text[1:]))  # one pass instead of one for each word
    found = []
    for pattern in patterns:
        words = needed(pattern)
        if not words or any((len(w) < 2 or w[:2] in pairs) and w in text for w in words):
            found.append(pattern)
    return found


def possible(pattern: str, text: str) -> bool:
    """Whether a text holds one of the words that a pattern cannot do without (True where it names none)."""
    words = needed(pattern)
    for word in words:  # a plain loop: this runs thousands of times a report
        if word in text:
            return True
    return not words
