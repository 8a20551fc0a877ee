"""One pass over a sentence: zones, tails, lists, brackets, and what governs what follows.

The zone of a number is what stands before it up to the last separator or number; what a sentence says without a
number governs what follows. Lists (``其中``, brackets, a colon) give a mention its parent.
"""

import itertools
import re
from collections.abc import Sequence

from nianbao.checks.narrative.mention import Mention, became
from nianbao.checks.narrative.nesting import ordered
from nianbao.checks.narrative.state import Level, Setting, State
from nianbao.checks.narrative.text import Sentence
from nianbao.checks.narrative.tokens import Token
from nianbao.phrases import Topic

_Span = tuple[int, int]
_BRACKETS = re.compile(r"（[^（）]*）")
_TAIL_ENDS = ("、", "和", "及", "与", "以及")


class Walk:
    """One pass over the tokens of a sentence."""

    def __init__(self, setting: Setting, state: State, text: str, sentence: Sentence) -> None:
        self.setting, self.lex, self.state = setting, setting.lex, state
        self.text, self.sentence = text, sentence
        self.tokens = self.lex.tokens(text, sentence.start, sentence.end)
        self.found: list[Mention] = []
        self.governed: list[Token] = []
        self.levels = [Level(sentence.start)]
        self.until = 0
        self.unclear = False
        if text.find("■", sentence.start, sentence.end) >= 0:
            state.outside = False

    def run(self) -> list[Mention]:
        self._open_period()
        turns = self.lex.turns
        for i, token in enumerate(self.tokens):
            if token.start < self.until:
                continue
            kind = token.kind
            if kind == "word" and token.word not in turns:
                self.levels[-1].zone.append(token)
            elif kind == "number":
                self._number(i, token)
            elif kind == "mark":
                self._mark(token)
            else:
                self._turning(i, token)
        return ordered(self.found, self.lex)

    def _turning(self, i: int, token: Token) -> None:
        """A word that opens a list or says that there was nothing; years and the rest join the zone."""
        if token.word in self.lex.none_after and self._topics(self.level.zone)[1]:
            if self._of_results(i):
                self.level.zone.append(token)
            else:
                self._none(token)
        elif token.word.removeprefix("均") in self.lex.none_before:
            self._nothing(i, token)
        elif token.word in self.lex.respectively:
            self._respectively(i, token)
        elif token.word in self.lex.lists:
            self._list(token)
        else:
            self.level.zone.append(token)

    def _of_results(self, i: int) -> bool:
        """``行政复议中未发生被纠错情形``: none of that result, which says nothing of how many there were."""
        behind = itertools.takewhile(lambda t: t.kind != "mark", self.tokens[i + 1 :])
        return any(t.word in self.lex.results for t in behind)

    @property
    def level(self) -> Level:
        return self.levels[-1]

    def _open_period(self) -> None:
        """Another year carries over from sentence to sentence only where a sentence opened with it."""
        self.state.period = self.state.opened
        opening = [t for t in self.tokens[:5] if t.start <= self.sentence.start + 4]
        at = next((i for i, t in enumerate(opening) if self.setting.period_of(t)), None)
        if at is None:
            return
        following = self.tokens[at + 1].word if at + 1 < len(self.tokens) else ""
        compared = any(t.word in self.lex.compare for t in self.tokens[: at + 2])
        if not compared and following not in self.lex.dated:
            period = self.setting.period_of(self.tokens[at])
            self.state.period = self.state.opened = "this" if period == "this" else "away"

    def _mark(self, token: Token) -> None:
        level = self.level
        if token.word == "（":
            parent = level.last if self._ended_at(token.start) and not level.zone else None
            self.levels.append(Level(token.end, parent))
            return
        if token.word == "）" and len(self.levels) > 1:
            self._dated_after(self.levels.pop())
            if not self.level.zone:
                self.level.start = token.end
            return
        self._govern(level.zone)
        level.zone, level.start, level.joined = [], token.end, token.word
        if token.word == "；":
            self.governed, level.parent, self.unclear = [], None, False
        if token.word == "：" and level.last is not None and self._ended_at(token.start):
            level.parent = level.last

    def _dated_after(self, inner: Level) -> None:
        """``行政复议3件，行政诉讼1件（2023年）``: a year in brackets dates the numbers before it."""
        periods = [self.setting.period_of(t) for t in inner.zone]
        if inner.last is None and inner.parent is not None and periods and set(periods) <= {"last", "other"}:
            self.found[:] = [m if m.told else m._replace(period="away") for m in self.found]

    def _ended_at(self, position: int) -> bool:
        last = self.level.last
        return last is not None and self.found[last].token.end == position

    def _list(self, token: Token) -> None:
        level = self.level
        self._govern(level.zone)
        if level.last is not None:
            level.parent = level.last
        level.zone, level.start, level.joined = [], token.end, token.word

    def _respectively(self, i: int, token: Token) -> None:
        """``行政复议、行政诉讼分别为11件、9件``: one number for each of the joined names, or none of them is read."""
        objects = _split(self.level.zone)
        numbers: list[Token] = []
        for other in self.tokens[i + 1 :]:
            if other.kind == "number":
                numbers.append(other)
            elif other.word not in _TAIL_ENDS:
                break
        if len(objects) < 2 or len(objects) != len(numbers):
            self.unclear = True
            return
        for words, number in zip(objects, numbers, strict=True):
            self.level.start = words[0].start
            self._add(number, words, [], span=(words[0].start, words[-1].end))
        self.until = numbers[-1].end
        self.level.zone, self.level.start = [], self.until

    def _govern(self, zone: list[Token]) -> None:
        """Words without a number of their own say what the following numbers are about."""
        if zone and zone[0].start >= self.level.start and not self._tail_of_last(zone):
            self._look_back(zone)
            self.governed += zone
            if not any(t.kind != "word" or t.word in self.lex.telling for t in zone):
                return
            self._turn(zone)
            if len(zone) and zone[-1].end - zone[0].start <= 8:
                self._look_outside(zone)

    def _look_back(self, zone: list[Token]) -> None:
        """``另有5件因…，接转下年度``: a clause of its own says what became of the number before it."""
        last = self.level.last
        if last is not None and (told := became(self.found[last], zone, self.setting)):
            self.found[last] = told

    def _tail_of_last(self, zone: list[Token]) -> bool:
        last = self.level.last
        return last is not None and self.found[last].tail == tuple(zone)

    def _turn(self, zone: list[Token]) -> tuple[tuple[Topic, ...], bool]:
        """Topic and period as a zone leaves them: the topics it names and whether it names any."""
        topics, named = self._topics(zone)
        if named:
            self.state.topic, self.state.near = (topics[-1] if topics else None), True
        if not any(t.word in self.lex.compare or t.word in self.lex.dated for t in zone):
            for period in filter(None, map(self.setting.period_of, zone)):
                self.state.period = "this" if period == "this" else "away"
        return topics, named

    def _topics(self, zone: list[Token]) -> tuple[tuple[Topic, ...], bool]:
        """The topics a zone names (several where they are joined); a foreign subject names none."""
        if any(t.word in self.lex.foreign for t in zone):
            return (), True
        named = [(t, topic) for t in zone for topic in self.lex.named.get(t.word, ())]
        if any(topic.key in self.state.barred for _, topic in named):
            return (), True
        if named:
            chain = [named[-1]]
            for pair in reversed(named[:-1]):
                if not self._joined(pair[0], chain[0][0], zone):
                    break
                chain.insert(0, pair)
            return tuple(dict.fromkeys(topic for _, topic in chain)), True
        topic = self.state.topic
        short = topic is not None and any(t.word in topic.short for t in zone)
        return ((topic,) if topic else ()), short

    def _joined(self, one: Token, other: Token, zone: list[Token]) -> bool:
        between = [t for t in zone if one.end <= t.start < other.start]
        length = sum(t.end - t.start for t in between if t.word in self.lex.joins)
        return bool(between) and length == other.start - one.end

    def _look_outside(self, zone: list[Token]) -> None:
        for token in zone:
            if token.word in self.lex.outside:
                self.state.outside = True
            elif token.word in self.lex.own:
                self.state.outside = False
            elif token.word in self.lex.area:
                self.state.outside = not self.setting.wide

    def _number(self, i: int, token: Token) -> None:
        if self._labelled(i, token):
            return
        tail = self._tail(i)
        self._add(token, self.level.zone, tail)
        level = self.level
        level.zone, level.start, level.joined = [], token.end, ""
        if tail and not (i + 1 + len(tail) < len(self.tokens) and self._runs_on(i + 1 + len(tail))):
            self.until = tail[-1].end

    def _labelled(self, i: int, token: Token) -> bool:
        """``予以公开（61件）``: a number alone in brackets belongs to the words before them."""
        closed = i + 1 < len(self.tokens) and self.tokens[i + 1].word == "）"
        if len(self.levels) < 2 or not closed or token.start != self.level.start or not self.levels[-2].zone:
            return False
        inner = self.levels.pop()
        outer = self.level
        self._add(token, outer.zone, [], span=(outer.start, token.start - 1))
        outer.zone, outer.start, outer.joined = [], token.end, ""
        self.levels.append(inner)
        return True

    def _runs_on(self, i: int) -> bool:
        return self.tokens[i].kind == "number"

    def _tail(self, i: int) -> list[Token]:
        tail: list[Token] = []
        for token in self.tokens[i + 1 :]:
            if token.kind not in ("word", "year") or token.word in _TAIL_ENDS or token.word in self.lex.lists:
                break
            tail.append(token)
        return tail

    def _add(self, token: Token, zone: list[Token], tail: list[Token], *, span: _Span | None = None) -> None:
        """A mention; ``span`` is where its words stand if not right before the number (0 is then meant)."""
        told = next((p for t in (*reversed(zone), *tail) if (p := self.setting.period_of(t))), "")
        topics, named = self._turn(zone)
        if tail and not named:
            topics, named = self._topics(tail)
            if named:
                self.state.topic, self.state.near = (topics[-1] if topics else None), True
        self._look_outside(zone)
        lead = zone[0] if zone and zone[0].word in _TAIL_ENDS else None
        if self.level.parent is not None and self.level.parent < len(self.found) - 1 and self._heads(zone):
            self.level.parent = None
        each = len(topics) > 1 and any(t.word in self.lex.each for t in zone)
        for some in [(topic,) for topic in topics] if each else [topics]:
            self.found.append(self._mention(token, zone, tail, lead, some, named, told, span))
        self.level.last = len(self.found) - 1

    def _heads(self, zone: list[Token]) -> bool:
        """Whether words open a statement of their own, where the list began with parts of another sort."""
        first = next((m for m in self.found if m.parent == self.level.parent), None)
        return first is not None and not self._head(first.zone) and self._head(zone)

    def _head(self, zone: Sequence[Token]) -> bool:
        results = t.said_columns if (t := self.state.topic) and t.steady else ()
        said = [self.lex.heads[t.word] for t in zone if t.word in self.lex.heads and t.word not in results]
        return bool(said) and all(said)

    def _mention(
        self,
        token: Token,
        zone: list[Token],
        tail: list[Token],
        lead: Token | None,
        topics: tuple[Topic, ...],
        named: bool,
        told: str,
        span: _Span | None,
    ) -> Mention:
        level = self.level
        start = lead.end if lead else level.start
        offset, end = span or (start, token.start)
        return Mention(
            token=token,
            start=start,
            zone=tuple(zone[1:] if lead else zone),
            tail=tuple(tail),
            governed=tuple(self.governed),
            topics=topics,
            named=named,
            near=self.state.near,
            period=self.state.period,
            told=told,
            outside=self.state.outside or self.unclear,
            parent=level.parent,
            joined=lead.word if lead else level.joined,
            stretch=_BRACKETS.sub(lambda m: "■" * len(m[0]), self.text[offset:end]),
            offset=offset,
            zero=token.start == token.end,
        )

    def _nothing(self, i: int, token: Token) -> None:
        """``未收到…``: each of the objects joined behind it is a mention of 0."""
        objects: list[list[Token]] = [[]]
        end = self.sentence.end - (self.text[self.sentence.end - 1] in "。！？")
        for other in self.tokens[i + 1 :]:
            if other.kind == "mark" and other.word != "、":
                end = other.start
                break
            if other.kind != "word" or other.word in self.lex.none_before:
                self.level.zone.append(token)
                return
            if other.word in _TAIL_ENDS or other.word == "或":
                objects.append([])
            else:
                objects[-1].append(other)
        self._zeros(token, [o for o in objects if o], end)
        self.until = end

    def _zeros(self, token: Token, objects: list[list[Token]], end: int) -> None:
        verb = token._replace(
            word=token.word.removeprefix("均").removeprefix("没有").removeprefix("未").removeprefix("无")
        )
        for n, words in enumerate(objects):
            stop = words[-1].end if n + 1 < len(objects) else end
            zero = Token("number", stop, stop, "", 0)
            self.level.start = token.start
            self._add(zero, [verb, *words], [], span=(token.start if n == 0 else words[0].start, stop))
        level = self.level
        level.zone, level.start = [], end

    def _none(self, token: Token) -> None:
        """``行政复议、行政诉讼均未发生``: each of the objects joined before it is a mention of 0."""
        for words in _split(self.level.zone):
            zero = Token("number", words[-1].end, words[-1].end, "", 0)
            self.level.start = words[0].start
            self._add(zero, words, [], span=(words[0].start, words[-1].end))
        self.level.zone, self.level.start = [], token.end


def _split(zone: Sequence[Token]) -> list[list[Token]]:
    """The words of a zone, one list for each of the things joined by 、 or 和."""
    objects: list[list[Token]] = [[]]
    for token in zone:
        if token.word in _TAIL_ENDS:
            objects.append([])
        else:
            objects[-1].append(token)
    return [words for words in objects if words]
