"""What governs the reading of a sentence: the report's setting, what the paragraph said, the level of brackets."""

from typing import NamedTuple

from nianbao.checks.narrative.tokens import Lexicon, Token
from nianbao.phrases import Topic

_WHOLE_YEAR = ("1月1日", "12月31日", "12月", "1月")


class State:
    """What a paragraph has said so far that governs its next words.

    ``opened`` is the period the last sentence opened with, ``barred`` the topics the paragraph cannot be about.
    """

    def __init__(self, topic: Topic | None, barred: frozenset[str]) -> None:
        self.topic = topic
        self.barred = barred
        self.near = True
        self.period = self.opened = "this"
        self.outside = False


class Level:
    """One level of brackets: the zone so far, where it began, the whole of its list, its last mention."""

    def __init__(self, start: int, parent: int | None = None) -> None:
        self.zone: list[Token] = []
        self.start = start
        self.parent = parent
        self.last: int | None = None
        self.joined = ""


class Setting(NamedTuple):
    """What does not change within a report: the words, its year, whether its agency speaks for a whole area."""

    lex: Lexicon
    year: int | None
    wide: bool

    def period_of(self, token: Token) -> str:
        """``this``, ``last``, ``next``, ``other`` of a word, a year or a month; empty where it is none."""
        if token.kind == "skip":
            return "other" if "月" in token.word and token.word not in _WHOLE_YEAR else ""
        if token.kind != "year":
            return self.lex.period.get(token.word, "")
        step = int(token.value) - (self.year or int(token.value))
        return {0: "this", -1: "last", 1: "next"}.get(step, "other")
