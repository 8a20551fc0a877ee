"""One pass over a sentence: zones, tails, lists, brackets, and what governs what follows.

The zone of a number is what stands before it up to the last separator or number; what a sentence says without a
number governs what follows. Lists (``其中``, brackets, a colon) give a mention its parent.
"""

import itertools
import re
from collections.abc import Sequence

from nianbao.checks.narrative.joined import JOINS, Denied, denied, respective, split
from nianbao.checks.narrative.kinds import complete
from nianbao.checks.narrative.mention import Mention, became
from nianbao.checks.narrative.nesting import ordered
from nianbao.checks.narrative.state import Level, Named, Setting, State
from nianbao.checks.narrative.text import Sentence
from nianbao.checks.narrative.tokens import Token, speaks
from nianbao.core.phrases import Topic

#: What ends a clause.
_CLAUSES = frozenset("，；、：。")
#: More numbers than this in one sentence are no text that anybody wrote.
MOST = 200
_Span = tuple[int, int]
_BRACKETS = re.compile(r"（[^（）]*）")


class Walk:
    """One pass over the tokens of a sentence."""

    def __init__(self, setting: Setting, state: State, text: str, sentence: Sentence) -> None:
        self.setting, self.lex, self.state = setting, setting.lex, state
        self.text, self.sentence = text, sentence
        self.tokens = self.lex.tokens(text, sentence.start, sentence.end)
        self.found: list[Mention] = []
        self.governed: list[Token] = []
        self.outer: list[Level] = []
        self.level = Level(sentence.start)
        self.until = 0
        self.unclear = False

    def run(self) -> list[Mention]:
        self.state.open(self.tokens, self.sentence.start)
        turns = self.lex.turns
        for i, token in enumerate(self.tokens):
            if token.start < self.until:
                continue
            if len(self.found) >= MOST:
                break
            kind = token.kind
            if kind == "word" and token.word not in turns:
                self.level.zone.append(token)
            elif kind == "number":
                self._number(i, token)
            elif kind == "mark":
                self._mark(token)
            else:
                self._turning(i, token)
        return ordered(self.found, self.lex)

    def _turning(self, i: int, token: Token) -> None:
        """A word that opens a list or says that there was nothing; years and the rest join the zone."""
        if token.word in self.lex.none_after and self.state.names_any(self.level.zone):
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
        return speaks(behind, self.lex.results)

    def _mark(self, token: Token) -> None:
        level = self.level
        if token.word == "（":
            parent = level.last if self._ended_at(token.start) and not level.zone else None
            self.outer.append(level)
            self.level = Level(token.end, parent)
            return
        if token.word == "）" and self.outer:
            self.level = self.outer.pop()
            self._dated_after(level)
            if not self.level.zone:
                self.level.start = token.end
            return
        self._govern(level.zone)
        level.zone, level.start, level.joined = [], token.end, token.word
        if token.word == "，" and self._among(token.start):
            level.parent = level.last
        if token.word == "；":
            self.governed, level.parent, self.unclear = [], None, False
        if token.word == "：" and level.last is not None and self._ended_at(token.start):
            level.parent = level.last

    def _among(self, position: int) -> bool:
        """``40件代表建议中，主办14件…``: what follows splits the number before the noun."""
        last = self.level.last
        end = self.found[last].token.end if last is not None else position
        between = self.text[end:position]
        return 1 < len(between) <= 16 and between.endswith("中") and _CLAUSES.isdisjoint(between)

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
            level.parent = self._split(level.last, level.whole)
        level.zone, level.start, level.joined = [], token.end, token.word

    def _split(self, last: int, whole: int | None) -> int:
        """``收到25件，同比增加5件，其中…``: what the list splits is the figure, not its change."""
        if whole is None or whole == last or self.found[whole].token.unit != self.found[last].token.unit:
            return last
        return whole

    def _respectively(self, i: int, token: Token) -> None:
        """``行政复议、行政诉讼分别为11件、9件``: one number for each of the joined names, or none of them is read."""
        objects, numbers = split(self.level.zone), respective(self.tokens[i + 1 :])
        if len(objects) < 2 or len(objects) != len(numbers):
            self.unclear = True
            return
        whole = (
            self.level.whole
            if complete([self.text[w[0].start : w[-1].end] for w in objects], self.lex)
            else None
        )
        for words, number in zip(objects, numbers, strict=True):
            self.level.start = words[0].start
            self._add(number, words, [], span=(words[0].start, words[-1].end))
            if whole is not None:  # 一季度、二季度 … 分别: all there is of the number before them
                self.found[-1] = self.found[-1]._replace(parent=whole, told="")
        self.until = numbers[-1].end
        self.level.zone, self.level.start = [], self.until

    def _govern(self, zone: list[Token]) -> None:
        """Words without a number of their own say what the following numbers are about."""
        if zone and zone[0].start >= self.level.start and not self._tail_of_last(zone):
            self._look_back(zone)
            self.governed += zone
            if speaks(zone, self.lex.telling) or any(t.kind != "word" for t in zone):
                self.state.turn(zone)
                if zone[-1].end - zone[0].start <= 8:
                    self.state.look_outside(zone)

    def _look_back(self, zone: list[Token]) -> None:
        """``另有5件因…，接转下年度``: a clause of its own says what became of the number before it."""
        last = self.level.last
        if last is not None and (told := became(self.found[last], zone, self.setting)):
            self.found[last] = told

    def _tail_of_last(self, zone: list[Token]) -> bool:
        last = self.level.last
        return last is not None and self.found[last].tail == tuple(zone)

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
        closed = self.outer and i + 1 < len(self.tokens) and self.tokens[i + 1].word == "）"
        if not closed or token.start != self.level.start or not self.outer[-1].zone:
            return False
        inner, self.level = self.level, self.outer.pop()
        level = self.level
        self._add(token, level.zone, [], span=(level.start, token.start - 1))
        level.zone, level.start, level.joined = [], token.end, ""
        self.outer.append(level)
        self.level = inner
        return True

    def _runs_on(self, i: int) -> bool:
        return self.tokens[i].kind == "number"

    def _tail(self, i: int) -> list[Token]:
        tail: list[Token] = []
        for token in self.tokens[i + 1 :]:
            if token.kind not in ("word", "year") or token.word in JOINS or token.word in self.lex.lists:
                break
            tail.append(token)
        return tail

    def _add(
        self, token: Token, zone: Sequence[Token], tail: Sequence[Token], *, span: _Span | None = None
    ) -> None:
        """A mention; ``span`` is where its words stand if not right before the number (0 is then meant)."""
        told = self.setting.period_in(reversed(zone)) or self.setting.period_in(tail)
        topics, named = self.state.turn(zone, none=token.start == token.end)
        if tail and not named:
            topics, named = self.state.name(tail)
        if self._attribute(zone):
            topics, named = (), True
        elif not topics and not named:
            topics, named = self._of_the_section(zone, tail)
        self.state.look_outside(zone)
        lead = zone[0] if zone and zone[0].word in JOINS else None
        if self.level.parent is not None and self.level.parent < len(self.found) - 1 and self._heads(zone):
            self.level.parent = None
        each = len(topics) > 1 and speaks(zone, self.lex.each)
        for some in [(topic,) for topic in topics] if each else [topics]:
            self.found.append(self._mention(token, zone, tail, lead, some, named, told, span))
        self.level.last = len(self.found) - 1
        if not speaks(zone, self.lex.compare):
            self.level.whole = self.level.last

    def _attribute(self, zone: Sequence[Token]) -> bool:
        """``公文365件，其中主动公开118件，依申请公开73件，不予公开174件``: how documents are classed, no requests."""
        classes = self.lex.classes
        if not classes or not any(classes[0] in m.words for m in self.found):
            return False
        return bool(zone) and all(t.word in classes or t.word in JOINS for t in zone)

    def _of_the_section(self, zone: Sequence[Token], tail: Sequence[Token]) -> Named:
        """``不予处理9件``: an outcome that only the section's own subject has, whatever was spoken of before."""
        plain = next((self.lex.plain[t.word] for t in zone if t.word in self.lex.plain), None)
        plain = plain or self.lex.stated((*zone, *tail))
        if plain is not None and all(m.topics for m in self.found):
            self.state.topic = plain
            return (plain,), False
        home = self.state.home or self.state.told
        if home is None or any(not m.topics for m in self.found) or not speaks(zone, home.outcomes):
            return (), False
        return (home,), True

    def _heads(self, zone: Sequence[Token]) -> bool:
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
        zone: Sequence[Token],
        tail: Sequence[Token],
        lead: Token | None,
        topics: tuple[Topic, ...],
        named: bool,
        told: str,
        span: _Span | None,
    ) -> Mention:
        level = self.level
        start = lead.end if lead else level.start
        offset, end = span or (start, token.start)
        own = zone[1:] if lead else zone
        return Mention(
            token,
            start,
            tuple(own),
            frozenset([t.word for t in own]),
            tuple(tail),
            tuple(self.governed),
            topics,
            named,
            self.state.near,
            self.state.period,
            told,
            self.state.outside or self.unclear,
            level.parent,
            lead.word if lead else level.joined,
            _without_brackets(self.text[offset:end]),
            offset,
            token.start == token.end,
        )

    def _nothing(self, i: int, token: Token) -> None:
        """``未收到…``: each of the objects joined behind it is a mention of 0."""
        end = self.sentence.end - (self.text[self.sentence.end - 1] in "。！？")
        denial = denied(self.tokens[i + 1 :], end, self.lex)
        if denial is None:
            self.level.zone.append(token)
            return
        self._zeros(token, denial)
        self.until = denial.end

    def _zeros(self, token: Token, denial: Denied) -> None:
        verb = token
        for word in ("均", "没有", "未", "无"):
            verb = verb._replace(word=verb.word.removeprefix(word))
        for n, words in enumerate(denial.objects):
            stop = words[-1].end if n + 1 < len(denial.objects) else denial.end
            zero = Token("number", stop, stop, "", 0)
            self.level.start = token.start
            self._add(zero, [verb, *words], [], span=(token.start if n == 0 else words[0].start, stop))
        level = self.level
        level.zone, level.start = [], denial.end

    def _none(self, token: Token) -> None:
        """``行政复议、行政诉讼均未发生``: each of the objects joined before it is a mention of 0."""
        for words in split(self.level.zone):
            zero = Token("number", words[-1].end, words[-1].end, "", 0)
            self.level.start = words[0].start
            self._add(zero, words, [], span=(words[0].start, words[-1].end))
        self.level.zone, self.level.start = [], token.end


def _without_brackets(text: str) -> str:
    return _BRACKETS.sub(lambda m: "■" * len(m[0]), text) if "（" in text else text
