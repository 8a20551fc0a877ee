"""From mentions to claims: which cells of the form a number speaks of, in every reading that is legitimate."""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from nianbao.cell import Cell
from nianbao.checks.narrative.reading import Mention
from nianbao.checks.narrative.tokens import Lexicon, Token
from nianbao.phrases import Reading, Said, Topic

Cells = tuple[Cell, ...]
#: Measure words that leave no doubt that cases are counted; others need the subject named beside them.
_PLAIN_UNITS = "件起宗元"


class Claim(NamedTuple):
    """A number and the sums of cells it may stand for: ``readings`` as findings name them, ``also`` accepted."""

    mention: Mention
    topic: Topic
    readings: tuple[Cells, ...]
    also: tuple[Cells, ...]
    severity: Literal["error", "verify"]
    rows: Said
    who: bool
    loose: bool
    joint: bool


class _Choice(NamedTuple):
    """One dimension of a claim: what was said of rows (or columns), and whether it stood in the words."""

    said: Said
    spoken: bool
    first: Token | None
    severe: bool = True


def claims(mentions: Sequence[Mention], lexicon: Lexicon) -> dict[int, Claim]:
    """The claims of one sentence, by the index of their mention."""
    found: dict[int, Claim] = {}
    for i in range(len(mentions)):
        claim = _claim(i, mentions, found, lexicon)
        if claim is not None and not _subset(claim, found):
            found[i] = claim
    return _included(mentions, found)


def _subset(claim: Claim, found: dict[int, Claim]) -> bool:
    """``制定规范性文件13件，其中以市政府名义印发3件``: a part in its whole's own words has no cell."""
    parent = claim.mention.parent
    return parent is not None and parent in found and found[parent].readings == claim.readings


def _claim(i: int, mentions: Sequence[Mention], found: dict[int, Claim], lex: Lexicon) -> Claim | None:
    mention = mentions[i]
    if len(mention.topics) != 1:
        return _together(mention, lex)
    topic = mention.topics[0]
    if vetoed(mention, topic, lex):
        return None
    words = _spoken_words(mention, topic)
    columns = _columns(i, mentions, found, topic, words, lex)
    if columns is None:
        return None
    rows = _rows(i, mentions, found, topic, words, columns, lex)
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
    if token.unit and token.unit not in _PLAIN_UNITS + topic.soft_units and not _named_here(mention, topic):
        return True
    for word in (t.word for t in mention.zone):
        if word in lex.qualifiers or word in lex.compare or word in lex.channels or word in lex.respectively:
            return True
    tail = {t.word for t in mention.tail}
    if tail & (lex.foreign | {"以上", "以下"}):
        return True
    carried = any(t.word in lex.carried and t.word not in topic.said_rows for t in mention.zone)
    return carried or any(t.word in topic.bars for t in mention.zone)


def _named_here(mention: Mention, topic: Topic) -> bool:
    words = {t.word for t in (*mention.zone, *mention.tail)}
    return bool(words & {*topic.names, *topic.short})


def _spoken_words(mention: Mention, topic: Topic) -> tuple[Token, ...]:
    """The words that say what is counted: before the number, or right behind it (``3件维持``)."""
    known = topic.said_rows.keys() | topic.said_columns.keys()
    if any(t.word in known for t in mention.zone):
        return mention.zone
    first = mention.tail[0] if mention.tail else None
    if first is not None and first.word in known and first.start <= mention.token.end + 2:
        return (*mention.zone, first)
    return mention.zone


def _columns(
    i: int,
    mentions: Sequence[Mention],
    found: dict[int, Claim],
    topic: Topic,
    words: Sequence[Token],
    lex: Lexicon,
) -> _Choice | None:
    choice = _pick(words, topic.said_columns, mentions[i], lex)
    if topic.said_rows and topic.columns.any and len(_distinct(words, topic)) > 1:
        return _Choice(topic.columns, False, None)  # 公民、法人和其他组织: everybody
    if choice is not None and choice.said.any:
        return choice
    if choice is not None:
        return None
    governed = [t for t in mentions[i].governed if t.word in topic.said_columns]
    if governed and topic.said_rows and topic.columns.any:
        said = topic.said_columns[governed[-1].word]
        if mentions[i].parent is None:
            return _Choice(Said(said.any, (*said.also, *topic.columns.any)), False, None, False)
    if topic.columns.any:
        return _Choice(topic.columns, False, None)
    if governed:
        return _Choice(topic.said_columns[governed[-1].word], False, None)
    previous = found.get(i - 1)
    if previous and mentions[i].joined in lex.joins and previous.topic.table == topic.table:
        return _Choice(_carried(previous, topic), False, None) if _carried(previous, topic).any else None
    return None


def _distinct(words: Sequence[Token], topic: Topic) -> set[tuple[Reading, ...]]:
    return {topic.said_columns[t.word].any for t in words if t.word in topic.said_columns}


def _carried(previous: Claim, topic: Topic) -> Said:
    """``制定规章2件、规范性文件9件``: the verb of the first goes for the second."""
    columns = tuple(dict.fromkeys(cell.column for cell in previous.readings[0]))
    matching = [said for said in topic.said_columns.values() if columns in said.any]
    return matching[0] if matching else Said()


def _rows(
    i: int,
    mentions: Sequence[Mention],
    found: dict[int, Claim],
    topic: Topic,
    words: Sequence[Token],
    columns: _Choice,
    lex: Lexicon,
) -> _Choice | None:
    mention = mentions[i]
    choice = _pick(words, topic.said_rows, mention, lex)
    if choice is not None:
        return choice if choice.said.any else None
    if topic.rows.severity == "error":
        return _steady_rows(i, mentions, found, topic, columns)
    if columns.spoken:
        return _context_rows(i, mentions, found, topic)
    if _bare_total(mention, lex):
        return _total_rows(i, mentions, found, topic)
    pending = [t for t in mention.governed if t.word in topic.said_rows]
    if pending and topic.said_rows[pending[-1].word].head and not found:
        return _Choice(_dated(topic.said_rows[pending[-1].word], mention), False, None)
    named = any(t.word in topic.names for t in mention.zone)
    return _Choice(topic.rows, False, None) if named and mention.parent is None else None


def _steady_rows(
    i: int, mentions: Sequence[Mention], found: dict[int, Claim], topic: Topic, columns: _Choice
) -> _Choice | None:
    """The rows of a topic that names them itself (复议, 规章): the whole's, or the ones last spoken of."""
    mention = mentions[i]
    named = {t.word for t in (*mention.zone, *mention.tail)} & {*topic.names}
    if not named and not columns.spoken:
        governed = {t.word for t in mention.governed} & {*topic.names}
        if not governed or any(m.named for m in mentions[:i]):
            return None
    whole = found.get(mention.parent) if mention.parent is not None else None
    if whole is not None and whole.topic is topic:
        return _Choice(whole.rows if whole.rows.any else topic.rows, False, None)
    spoken = [c.rows for k, c in found.items() if k < i and c.topic is topic and c.rows.any != topic.rows.any]
    if named or not spoken:
        return _Choice(topic.rows, False, None)
    return _Choice(spoken[-1]._replace(also=topic.rows.any, severity="verify"), False, None)


def _pick(
    words: Sequence[Token], table: "dict[str, Said] | object", mention: Mention, lex: Lexicon
) -> _Choice | None:
    """What the words of a zone say in one dimension; an empty ``Said`` where they say too much."""
    known: dict[str, Said] = table  # type: ignore[assignment]
    spoken = [(t, _dated(known[t.word], mention)) for t in words if t.word in known]
    if both := _both(spoken, mention, lex):
        return _Choice(both, True, spoken[0][0])
    strong = [(t, s) for t, s in spoken if not s.weak] or spoken
    distinct = list(dict.fromkeys(s.any for _, s in strong))
    if not distinct:
        return None
    if len(distinct) == 1:
        return _Choice(strong[-1][1], True, strong[0][0])
    narrow = [(t, s) for t, s in strong if not s.head]
    if narrow and len({s.any for _, s in narrow}) == 1:
        return _Choice(narrow[-1][1], True, narrow[0][0])
    inner = [(t, s) for t, s in narrow if all(set(s.any[0]) <= set(o.any[0]) for _, o in narrow)]
    if inner:
        return _Choice(inner[0][1], True, inner[0][0])
    return _Choice(Said(), True, None)


def _both(spoken: Sequence[tuple[Token, Said]], mention: Mention, lex: Lexicon) -> Said | None:
    """Two joined phrases: outcomes are added up (``不予公开和无法提供``), statements alternate (``收到并办结``)."""
    if len(spoken) != 2 or spoken[0][1].any == spoken[1][1].any:
        return None
    (one, first), (other, second) = spoken
    if mention.stretch[one.end - mention.start : other.start - mention.start] not in lex.joins:
        return None
    if first.head or second.head:
        return Said((*first.any, *second.any), (*first.also, *second.also), "verify", head=True)
    severity = "verify" if "verify" in (first.severity, second.severity) else "error"
    return Said(((*first.any[0], *second.any[0]),), (), severity)


def _dated(said: Said, mention: Mention) -> Said:
    """``2020年结转``: the year beside the word decides between its readings."""
    readings = said.when.get(mention.told, ()) if said.when else ()
    return said._replace(any=readings, when={}) if readings else said


def _context_rows(
    i: int, mentions: Sequence[Mention], found: dict[int, Claim], topic: Topic
) -> _Choice | None:
    """``其中自然人201件``: the rows the sentence speaks of, the whole's first; others are accepted."""
    mention = mentions[i]
    spoken = [found[k] for k in found if found[k].topic is topic and found[k].rows.any and not found[k].who]
    heads = [c for c in spoken if c.rows.head]
    whole = found.get(mention.parent) if mention.parent is not None else None
    if whole is not None and whole.topic is topic:
        rows = whole.rows
    elif heads:
        rows = heads[0].rows
    else:
        governed = [t for t in mention.governed if t.word in topic.said_rows]
        rows = _dated(topic.said_rows[governed[-1].word], mention) if governed else topic.rows
    others = tuple(r for c in heads for r in (*c.rows.any, *c.rows.also))
    return _Choice(rows._replace(also=(*rows.also, *others)), False, None)


def _bare_total(mention: Mention, lex: Lexicon) -> bool:
    words = [t.word for t in mention.zone]
    return bool(words) and all(w in lex.totals for w in words)


def _total_rows(i: int, mentions: Sequence[Mention], found: dict[int, Claim], topic: Topic) -> _Choice | None:
    """``收到网络8件、信函4件，共12件``: the total of parts that differ only in their channel or applicant."""
    before = [found[k] for k in found if k < i]
    if any(not claim.who for claim in before):
        return None
    tokens = [t for m in mentions[:i] for t in (*m.governed, *m.zone)] + list(mentions[i].governed)
    verbs = [topic.said_rows[t.word] for t in tokens if t.word in topic.said_rows]
    heads = [_dated(said, mentions[i]) for said in verbs if said.head]
    return _Choice(heads[0], False, None) if heads and len({h.any for h in heads}) == 1 else None


def _fits(mention: Mention, topic: Topic, rows: _Choice, columns: _Choice, lex: Lexicon) -> bool:
    """Whether the period and every word between the first that counts and the number leave no doubt."""
    away = mention.period != "this" or (mention.told not in ("", "this"))
    soft = mention.token.unit and mention.token.unit in topic.soft_units
    if soft and (columns.said.severity == "verify" or not columns.spoken):
        return False
    if away and not (rows.said.any and _time_bound(mention, topic)):
        return False
    words = {t.word for t in mention.zone}
    cumulative = columns.said.cumulative or rows.said.cumulative
    if words & lex.cumulative and not cumulative and (mention.told != "this" or words & lex.since):
        return False
    return not _residue(mention, topic, lex)


def _time_bound(mention: Mention, topic: Topic) -> bool:
    """``2020年结转``, ``结转2022年度``: the other year belongs to the word itself."""
    words = (*mention.zone, *mention.tail[:1])
    return any(t.word in topic.said_rows and topic.said_rows[t.word].when for t in words)


def _residue(mention: Mention, topic: Topic, lex: Lexicon) -> str:
    """What stands between the first word that counts and the number and is neither known nor a filler."""
    counts = {*topic.names, *topic.short, *topic.said_rows, *topic.said_columns}
    first = next((t for t in mention.zone if t.word in counts), None)
    if first is None:
        return ""
    offset = mention.start
    text = list(mention.stretch)
    for token in mention.zone:
        for k in range(token.start - offset, token.end - offset):
            if 0 <= k < len(text):
                text[k] = ""
    rest = "".join(text[max(first.start - offset, 0) :])
    return "".join(c for c in rest if c not in lex.fillers and c not in "■□")


def _made(mention: Mention, topic: Topic, rows: _Choice, columns: _Choice, lex: Lexicon) -> Claim | None:
    readings = _cells(topic, rows.said.any, columns.said.any)
    also = _cells(topic, (*rows.said.any, *rows.said.also), (*columns.said.any, *columns.said.also))
    severity = _severity(mention, topic, rows, columns, readings, lex)
    who = columns.spoken and bool(topic.said_rows) and bool(topic.rows.severity == "verify")
    loose = rows.said.loose or columns.said.loose
    joint = rows.said.joint or columns.said.joint
    return Claim(mention, topic, readings, also, severity, rows.said, who, loose, joint)


def _cells(topic: Topic, rows: Iterable[Reading], columns: Iterable[Reading]) -> tuple[Cells, ...]:
    columns = tuple(columns)
    found = (
        tuple(Cell(topic.table, row, column) for row in some for column in others)
        for some in rows
        for others in columns
    )
    return tuple(dict.fromkeys(found))


def _severity(
    mention: Mention,
    topic: Topic,
    rows: _Choice,
    columns: _Choice,
    readings: tuple[Cells, ...],
    lex: Lexicon,
) -> Literal["error", "verify"]:
    doubtful = len(readings) > 1 or not columns.severe
    doubtful = doubtful or "verify" in (rows.said.severity, columns.said.severity)
    doubtful = doubtful or not (mention.near or mention.named)
    doubtful = doubtful or bool(mention.token.unit and mention.token.unit in topic.soft_units)
    words = {t.word for t in mention.zone}
    doubtful = doubtful or bool(words & (lex.cumulative_year | lex.cumulative))
    return "verify" if doubtful else "error"


def _together(mention: Mention, lex: Lexicon) -> Claim | None:
    """``行政复议、行政诉讼共4件``: the sum of subjects that were joined."""
    if len(mention.topics) < 2 or any(vetoed(mention, t, lex) for t in mention.topics):
        return None
    words = {t.word for t in mention.zone}
    topics = mention.topics
    spoken = any(words & (t.said_rows.keys() | t.said_columns.keys()) - {*t.names} for t in topics)
    if spoken or words & lex.each or mention.period != "this" or any(not t.columns.any for t in topics):
        return None
    if any(_residue(mention, t, lex) for t in topics):
        return None
    cells = tuple(c for t in topics for c in _cells(t, t.rows.any[:1], t.columns.any[:1])[0])
    done = tuple(
        c for t in topics for c in _cells(t, t.rows.any[:1], (t.columns.also or t.columns.any)[:1])[0]
    )
    return Claim(mention, topics[0], (cells,), (done,), "verify", Said(), False, False, False)


def _included(mentions: Sequence[Mention], found: dict[int, Claim]) -> dict[int, Claim]:
    """``收到232件（含上年结转17件）``: a part outside the first reading shows which reading is meant."""
    for i, claim in list(found.items()):
        parts = {
            c for k, m in enumerate(mentions) if m.parent == i and k in found for c in found[k].readings[0]
        }
        beyond = parts - set(claim.readings[0])
        wider = [r for r in (*claim.readings, *claim.also) if parts <= set(r)]
        wider = [r for r in wider if set(claim.readings[0]) < set(r)]
        if beyond and wider and len(claim.readings[0]) == 1:
            found[i] = claim._replace(readings=(wider[0],), also=())
    return found
