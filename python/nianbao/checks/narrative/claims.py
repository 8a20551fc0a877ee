"""From mentions to claims: which cells of the form a number speaks of, in every reading that is legitimate."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from nianbao.checks.narrative.meaning import (
    Cells,
    Choice,
    Claim,
    columns_of,
    named_here,
    rows_of,
    scoped,
    spoken_words,
)
from nianbao.checks.narrative.mention import Mention
from nianbao.checks.narrative.text import holds
from nianbao.checks.narrative.tokens import Lexicon, speaks
from nianbao.core.cell import Cell
from nianbao.core.phrases import Reading, Said, Topic

#: Measure words that leave no doubt that cases are counted; others need the subject named beside them.
_PLAIN_UNITS = "件起宗元"
#: ``因征地引发的行政诉讼``: what a dispute is about.
_CAUSE = re.compile(r"因(.{2,24}?)(?:引发|引起|产生|导致|提起)")


def claims(mentions: Sequence[Mention], lexicon: Lexicon, prior: Claim | None = None) -> dict[int, Claim]:
    """The claims of one sentence, by the index of their mention; ``prior`` is what it is a list of (``。其中：…``)."""
    if not mentions:
        return {}
    found: dict[int, Claim] = {} if prior is None else {-1: prior}
    for i in range(len(mentions)):
        claim = _claim(i, mentions, found, lexicon)
        if claim is not None and not _subset(claim, found, lexicon):
            found[i] = claim
    found.pop(-1, None)
    return _included(mentions, found, lexicon)


def _subset(claim: Claim, found: dict[int, Claim], lex: Lexicon) -> bool:
    """``制定规范性文件13件，其中以市政府名义印发3件``: a part in its whole's own words has no cell."""
    parent = found.get(claim.mention.parent) if claim.mention.parent is not None else None
    if parent is None or parent.topic is not claim.topic:
        return False
    if claim.topic.steady:
        if parent.readings == claim.readings:
            return not scoped(claim.mention, claim.topic)
        dated = claim.mention.told == "this" or any(t.word.startswith("本年") for t in claim.mention.zone)
        return not claim.topic.columns.any and not dated
    if claim.who or not claim.rows.head or claim.mention.words & lex.carried:
        return False
    within = any(set(claim.readings[0]) < set(wide) for wide in (*parent.readings, *parent.also))
    return claim.rows.weak or not within


def _claim(i: int, mentions: Sequence[Mention], found: dict[int, Claim], lex: Lexicon) -> Claim | None:
    mention = mentions[i]
    if len(mention.topics) != 1:
        return _together(mention, lex)
    topic = mention.topics[0]
    if vetoed(mention, topic, lex):
        return None
    if mention.parent is not None and mentions[mention.parent].words & topic.barred:
        return None  # a part of what is none of the form's
    words = spoken_words(mention, topic)
    columns = columns_of(i, mentions, found, topic, words, lex)
    if columns is None:
        return None
    rows = rows_of(i, mentions, found, topic, words, columns, lex)
    if rows is None or not _fits(mention, topic, rows, columns, lex):
        return None
    return _made(mention, topic, rows, columns, lex)


def vetoed(mention: Mention, topic: Topic, lex: Lexicon) -> bool:
    """Whether the words say that this number is none of the form's: another year, scope, a rounded figure …"""
    token = mention.token
    if token.rough or mention.outside:
        return True
    if token.unit and token.unit not in topic.units + topic.soft_units:
        return True
    if token.unit and token.unit not in _PLAIN_UNITS + topic.soft_units and not named_here(mention, topic):
        return True
    words = mention.words
    if (
        words & lex.vetoing - (lex.remaining if words & topic.said else frozenset())
        or words & topic.barred
        or speaks(mention.governed, lex.picks)
    ):
        return True
    if mention.tail and speaks(mention.tail, lex.away):
        return True
    if topic.needs and (_all_cases(mention, topic, lex) or _caused(mention, topic)):
        return True
    if (carried := words & lex.carried) and not carried <= topic.said_rows.keys():
        return True
    return bool(topic.short_bars) and holds(_uncovered(mention, 0), topic.short_bars)


def _all_cases(mention: Mention, topic: Topic, lex: Lexicon) -> bool:
    """``全厅共办理行政应诉案件30件``: all the agency's cases, whatever they are about."""
    named = mention.words & lex.all_cases or speaks(mention.governed[-1:], lex.all_cases)
    return bool(named) and not holds(mention.stretch, topic.needs)


def _caused(mention: Mention, topic: Topic) -> bool:
    """``因征地引发的行政诉讼``: the dispute is about something else."""
    cause = _CAUSE.search(mention.stretch)
    return cause is not None and not holds(cause[1], topic.needs)


def _fits(mention: Mention, topic: Topic, rows: Choice, columns: Choice, lex: Lexicon) -> bool:
    """Whether the period and every word between the first that counts and the number leave no doubt."""
    away = mention.period != "this" or (mention.told not in ("", "this"))
    soft = mention.token.unit and mention.token.unit in topic.soft_units
    if soft and (columns.said.severity == "verify" or not columns.spoken):
        return False
    if away and not (rows.said.any and _time_bound(mention, topic)):
        return False
    cumulative = columns.said.cumulative or rows.said.cumulative
    words = mention.words
    if words & lex.cumulative and not cumulative and (mention.told != "this" or words & lex.since):
        return False
    return _all_read(mention, topic, lex)


def _time_bound(mention: Mention, topic: Topic) -> bool:
    """``2020年结转``, ``结转2022年度``: the other year belongs to the word itself."""
    words = (*mention.zone, *mention.tail[:1])
    return any(t.word in topic.said_rows and topic.said_rows[t.word].when for t in words)


def _all_read(mention: Mention, topic: Topic, lex: Lexicon) -> bool:
    """Whether nothing stands between the first word that counts and the number but known words and fillers."""
    for token in mention.zone:
        if token.word in topic.counts:
            start = 0 if mention.zero else max(token.start - mention.offset, 0)
            return lex.passing.issuperset(_uncovered(mention, start))
    return True


def _uncovered(mention: Mention, start: int) -> str:
    """The stretch from ``start`` on, with a space for each known word in it."""
    text, offset = mention.stretch, mention.offset
    pieces, at = [], start
    for token in mention.zone:
        begin, end = token.start - offset, token.end - offset
        if begin >= at and end <= len(text):
            pieces.append(text[at:begin])
            at = end
    return " ".join([*pieces, text[at:]])


def _made(mention: Mention, topic: Topic, rows: Choice, columns: Choice, lex: Lexicon) -> Claim | None:
    readings = _cells(topic, rows.said.any, columns.said.any)
    also = _cells(topic, (*rows.said.any, *rows.said.also), (*columns.said.any, *columns.said.also))
    if mention.zero and topic.steady:  # 未发生行政诉讼: none at all, those that wait for judgement neither
        also = readings
    severity = _severity(mention, topic, rows, columns, readings, lex)
    who = columns.spoken and not topic.steady
    loose = rows.said.loose or columns.said.loose
    joint = rows.said.joint or columns.said.joint
    less = _cells(topic, rows.said.less, columns.said.any)
    return Claim(mention, topic, readings, also, severity, less, rows.said, who, loose, joint)


@lru_cache(4096)
def _cells(topic: Topic, rows: tuple[Reading, ...], columns: tuple[Reading, ...]) -> tuple[Cells, ...]:
    """The sums of cells that readings of rows and columns mean together, without repetition."""
    found = (
        tuple(Cell(topic.table, row, column) for row in some for column in others)
        for some in rows
        for others in columns
    )
    return tuple(dict.fromkeys(found))


def _severity(
    mention: Mention,
    topic: Topic,
    rows: Choice,
    columns: Choice,
    readings: tuple[Cells, ...],
    lex: Lexicon,
) -> Literal["error", "verify"]:
    doubtful = len(readings) > 1 or not columns.severe
    doubtful = doubtful or "verify" in (rows.said.severity, columns.said.severity)
    plain = rows.spoken and not rows.said.head  # 不予公开, 无法提供: of requests wherever they stand
    doubtful = doubtful or not (mention.near or mention.named or plain)
    doubtful = doubtful or bool(mention.token.unit and mention.token.unit in topic.soft_units)
    doubtful = doubtful or bool(mention.words & lex.running)
    return "verify" if doubtful else "error"


def _together(mention: Mention, lex: Lexicon) -> Claim | None:
    """``行政复议、行政诉讼共4件``: the sum of subjects that were joined."""
    if len(mention.topics) < 2 or any(vetoed(mention, t, lex) for t in mention.topics):
        return None
    words, topics = mention.words, mention.topics
    spoken = any(words & t.said - {*t.names} for t in topics)
    if spoken or words & lex.each or mention.period != "this" or any(not t.columns.any for t in topics):
        return None
    if not all(_all_read(mention, t, lex) for t in topics):
        return None
    cells = tuple(c for t in topics for c in _cells(t, t.rows.any[:1], t.columns.any[:1])[0])
    done = tuple(
        c for t in topics for c in _cells(t, t.rows.any[:1], (t.columns.also or t.columns.any)[:1])[0]
    )
    also = (cells,) if mention.zero else (done,)
    return Claim(mention, topics[0], (cells,), also, "verify", (), Said(), False, False, False)


def _included(mentions: Sequence[Mention], found: dict[int, Claim], lex: Lexicon) -> dict[int, Claim]:
    """``收到232件（含上年结转17件）``: a part outside the first reading shows which reading is meant."""
    carried = _carried_over(mentions, lex)
    for i, claim in list(found.items()):
        if not carried and claim.less:
            claim = found[i] = claim._replace(less=())  # nothing hints at a part left out
        if carried and claim.topic.steady and _carries(mentions, claim.topic, lex):
            del found[i]  # 新增行政复议9件，上年结转2件: which of them the table counts is not said
        elif wider := _wider(i, mentions, found):
            found[i] = claim._replace(readings=(wider,), also=())
    return found


def _carried_over(mentions: Sequence[Mention], lex: Lexicon) -> bool:
    """Whether a sentence speaks of what is carried over at all."""
    for mention in mentions:
        if mention.words & lex.carried or speaks(mention.governed, lex.carried):
            return True
        if speaks(mention.tail, lex.carried):
            return True
    return False


def _carries(mentions: Sequence[Mention], topic: Topic, lex: Lexicon) -> bool:
    return any(topic in m.topics and m.words & lex.carried for m in mentions)


def _wider(i: int, mentions: Sequence[Mention], found: Mapping[int, Claim]) -> Cells | None:
    """The reading of a claim that holds the cells of all its parts, where its first does not."""
    claim = found[i]
    parts = {c for k, part in found.items() if mentions[k].parent == i for c in part.readings[0]}
    own = set(claim.readings[0])
    if parts <= own or len(claim.readings[0]) != 1:
        return None
    wider = (reading for reading in (*claim.readings, *claim.also) if own < set(reading))
    return next((reading for reading in wider if parts <= set(reading)), None)
