"""Channels that are listed without their total (``收到网络申请136件、当面申请42件``): their sum against the cells."""

from collections.abc import Iterator, Sequence

from nianbao.checks.narrative.compare import counted
from nianbao.checks.narrative.context import Passage
from nianbao.checks.narrative.kinds import complete
from nianbao.checks.narrative.mention import Mention
from nianbao.checks.narrative.tokens import Lexicon
from nianbao.core.cell import Cell
from nianbao.core.finding import Finding
from nianbao.core.number import Figure, simplest
from nianbao.core.phrases import Reading, Topic
from nianbao.core.report import Report


def channels(passage: Passage, mentions: Sequence[Mention]) -> Iterator[Finding]:
    """The sum of a sentence's channels, where they are all there are (to be verified).

    Behind other figures (``收到25件；当面4件、邮寄9件、网络13件``) only three or more that stand together.
    """
    report, paragraph, lex = passage.report, passage.paragraph, passage.lex
    run = _run(mentions, lex)
    if not run or run[-1] is not mentions[-1]:
        return  # a total that stands last is judged as the sum of its parts
    topic = _topic(run, lex)
    rows = _rows(run, topic, alone=len(run) == len(mentions)) if topic else ()
    if topic is None or not rows or not complete([m.stretch for m in run], lex):
        return
    total = simplest(sum(m.token.value for m in run))
    column = topic.columns.any[0][0]
    cells = tuple(Cell(topic.table, row, column) for row in rows[0])
    right = [_sum(report, topic, reading, column) for reading in rows]
    if None in right or total in right:
        return
    if len(run) < 3 and total < (right[0] or 0):
        return  # another channel may be told elsewhere
    values = "＋".join(str(m.token.value) for m in run)
    message = (
        f"{passage.writes(run[0].start, run[-1].token.end)}，各渠道之和 {values}＝{total}，"
        f"表中“{report.form.name(cells[0])}”为 {right[0]}，请核对文字和表格"
    )
    yield Finding("narrative.mismatch", "verify", cells, message, right[0], total, places=(paragraph.place,))


def _run(mentions: Sequence[Mention], lex: Lexicon) -> Sequence[Mention]:
    """The numbers of a sentence that name a channel, where they stand together."""
    at = [i for i, m in enumerate(mentions) if m.words & lex.channels]
    return mentions[at[0] : at[-1] + 1] if at and at[-1] - at[0] + 1 == len(at) else ()


def _rows(run: Sequence[Mention], topic: Topic, *, alone: bool) -> tuple[Reading, ...]:
    """The readings of the statement that the list opens with (收到), or any of the topic's behind other figures."""
    if alone:
        return _received(run[0], topic)
    return topic.rows.any if len(run) > 2 else ()


def _topic(mentions: Sequence[Mention], lex: Lexicon) -> Topic | None:
    """The one subject of a sentence that counts nothing but channels, this year's and exactly."""
    topics = {m.topics for m in mentions}
    if len(mentions) < 2 or len(topics) != 1 or not (subject := next(iter(topics))) or subject[0].steady:
        return None
    alike = all(_plain(m, lex) and m.token.unit == mentions[0].token.unit for m in mentions)
    return subject[0] if len(subject) == 1 and subject[0].columns.any and alike else None


def _plain(mention: Mention, lex: Lexicon) -> bool:
    if mention.token.rough or mention.zero or mention.outside or mention.parent is not None:
        return False
    words = mention.words
    return mention.period == "this" and bool(words & lex.channels) and not words & lex.compare


def _received(first: Mention, topic: Topic) -> tuple[Reading, ...]:
    """The readings of the statement that the list opens with (收到)."""
    said = [topic.said_rows[t.word] for t in first.zone if t.word in topic.said_rows]
    return (*said[0].any, *said[0].also) if len(said) == 1 and said[0].head else ()


def _sum(report: Report, topic: Topic, rows: Reading, column: str) -> Figure | None:
    values = [counted(report, Cell(topic.table, row, column)) for row in rows]
    return None if None in values else sum(v for v in values if v is not None)
