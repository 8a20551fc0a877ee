"""The patterns of a phrase table: compiled once, and only when a text holds one of the words they cannot do without.

A pattern may begin with a comment that lists such words: ``(?#现将|兹将)(?:现|兹)将.*报告如下``. Where a text has
none of them the pattern cannot match, and is neither compiled nor searched.
"""

import re
from collections.abc import Iterable
from functools import cache


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
    words = needed(pattern)
    if words and not any(word in text for word in words):
        return ()
    return compiled(pattern).finditer(text)
