"""What governs the reading of a sentence: the report's setting, what the paragraph said, the level of brackets."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nianbao.checks.narrative.tokens import Lexicon, Token, speaks
from nianbao.core.phrases import Topic

_WHOLE_YEAR = ("1月1日", "12月31日", "12月", "1月")
#: The topics that words name, and whether they name any (or something foreign).
Named = tuple[tuple[Topic, ...], bool]


class Setting(NamedTuple):
    """What does not change within a report: the words, its year, whether its agency speaks for a whole area."""

    lex: Lexicon
    year: int | None
    wide: bool

    def period_of(self, token: Token) -> str:
        """``this``, ``last``, ``next``, ``other`` of a word, a year or a month; empty where it is none."""
        if token.kind == "word":
            return self.lex.period.get(token.word, "")
        if token.kind == "skip":
            return "other" if "月" in token.word and token.word not in _WHOLE_YEAR else ""
        if token.kind != "year":
            return ""
        step = int(token.value) - (self.year or int(token.value))
        return {0: "this", -1: "last", 1: "next"}.get(step, "other")

    def period_in(self, tokens: Iterable[Token]) -> str:
        """The first period that tokens name; empty where they name none."""
        known = self.lex.period
        for token in tokens:
            if token.kind == "word":  # most are; asked here to spare a call for each
                if token.word in known:
                    return known[token.word]
            elif period := self.period_of(token):
                return period
        return ""


class State:
    """What a paragraph has said so far that governs its next words.

    ``opened`` is the period the last sentence opened with, ``barred`` the topics the paragraph cannot be about;
    ``divided``: it tells the agency's own offices from those below.
    """

    def __init__(self, setting: Setting, topic: Topic | None, barred: frozenset[str]) -> None:
        self.setting, self.lex = setting, setting.lex
        self.topic = self.home = self.told = topic
        self.barred = barred
        self.near = True
        self.period = self.opened = "this"
        self.outside = self.divided = False

    def open(self, tokens: Sequence[Token], start: int) -> None:
        """Another year carries over from sentence to sentence only where a sentence opened with it."""
        period = self.setting.period_in(tokens[:5])
        if not period:
            return
        at = next(i for i, t in enumerate(tokens) if self.setting.period_of(t))
        if tokens[at].start > start + 4:
            return
        following = tokens[at + 1].word if at + 1 < len(tokens) else ""
        if not speaks(tokens[: at + 2], self.lex.compare) and following not in self.lex.dated:
            self.period = self.opened = "this" if period == "this" else "away"

    def turn(self, zone: Sequence[Token], *, none: bool = False) -> Named:
        """Topic and period as a zone leaves them: the topics it names and whether it names any.

        ``none``: there were none at all, so none of the kind that the form counts either.
        """
        topics, named = self.name(zone, none=none)
        period = self.setting.period_in(reversed(zone))
        if period and not speaks(zone, self.lex.undating):
            self.period = "this" if period == "this" else "away"
        return topics, named

    def name(self, zone: Sequence[Token], *, none: bool = False) -> Named:
        """The topics a zone names, the last of them the paragraph's from here on."""
        topics, named = self._topics(zone, none)
        if named:
            self.topic, self.near = (topics[-1] if topics else None), True
            self.told = self.topic or self.told
        return topics, named

    def _topics(self, zone: Sequence[Token], none: bool = False) -> Named:
        """The topics a zone names (several where they are joined); a foreign subject names none."""
        if speaks(zone, self.lex.foreign):
            return (), True
        names = self.lex.named
        named = [(t, topic) for t in zone if t.word in names for topic in names[t.word]]
        if not named:
            topic = self.topic
            return ((topic,), speaks(zone, topic.short)) if topic else ((), False)
        if self.barred and not none and any(topic.key in self.barred for _, topic in named):
            return (), True
        chain = [named[-1]]
        for pair in reversed(named[:-1]):
            if not self._joined(pair[0], chain[0][0], zone):
                break
            chain.insert(0, pair)
        return tuple(dict.fromkeys(topic for _, topic in chain)), True

    def names_any(self, zone: Sequence[Token]) -> bool:
        """Whether a zone names a topic or something foreign."""
        return self._topics(zone)[1]

    def _joined(self, one: Token, other: Token, zone: Sequence[Token]) -> bool:
        between = [t for t in zone if one.end <= t.start < other.start]
        length = sum(t.end - t.start for t in between if t.word in self.lex.joins)
        return bool(between) and length == other.start - one.end

    def look_outside(self, zone: Sequence[Token]) -> None:
        """Whether words leave the report's own scope (全市) or come back to it (本机关)."""
        if not speaks(zone, self.lex.scoping):
            return
        for token in zone:
            if token.word in self.lex.outside:
                self.outside = True
            elif token.word in self.lex.own:
                self.outside = False
            elif token.word in self.lex.inner:
                self.outside = self.divided
            elif token.word in self.lex.area:
                self.outside = not self.setting.wide


class Level:
    """One level of brackets: the zone so far, where it began, the whole of its list, its last mention.

    ``whole`` is the last mention that a list may split: a change (``同比增加5件``) is none where a figure stands before.
    """

    def __init__(self, start: int, parent: int | None = None) -> None:
        self.zone: list[Token] = []
        self.start = start
        self.parent = parent
        self.last: int | None = None
        self.whole: int | None = None
        self.joined = ""
