"""What the words beside a number say of rows and columns: spoken, governed from before, or the topic's own."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from nianbao.checks.narrative.mention import Mention
from nianbao.checks.narrative.tokens import Lexicon, Token, speaks
from nianbao.core.cell import Cell
from nianbao.core.phrases import Reading, Said, Topic

Cells = tuple[Cell, ...]


class Claim(NamedTuple):
    """A number and the sums of cells it may stand for: ``readings`` as findings name them, ``also`` accepted.

    ``less`` may have been left out of the number; ``rows`` is what was said of rows; ``who``: it tells
    applicants apart; ``loose``, ``joint``: as the phrase is (see :class:`nianbao.core.phrases.Said`).
    """

    mention: Mention
    topic: Topic
    readings: tuple[Cells, ...]
    also: tuple[Cells, ...]
    severity: Literal["error", "verify"]
    less: tuple[Cells, ...]
    rows: Said
    who: bool
    loose: bool
    joint: bool


class Choice(NamedTuple):
    """One dimension of a claim: what was said of rows (or columns), and whether it stood in the words."""

    said: Said
    spoken: bool
    first: Token | None
    severe: bool = True


def spoken_words(mention: Mention, topic: Topic) -> tuple[Token, ...]:
    """The words that say what is counted: before the number, or right behind it (``3件维持``)."""
    first = mention.tail[0] if mention.tail and not mention.words & topic.said else None
    if first is not None and first.word in topic.said and first.start <= mention.token.end + 2:
        return (*mention.zone, first)
    return mention.zone


def named_here(mention: Mention, topic: Topic) -> bool:
    return bool(mention.words & topic.called) or speaks(mention.tail, topic.called)


def scoped(mention: Mention, topic: Topic) -> bool:
    """``120件，其中涉及政府信息公开4件``: a part that is what the form counts, of a whole that is wider."""
    said = [topic.said_columns[t.word] for t in mention.zone if t.word in topic.said_columns]
    told = bool(topic.columns.any) and any(s.any == topic.columns.any for s in said)
    return mention.parent is not None and (told or any(word in mention.stretch for word in topic.needs))


def columns_of(
    i: int,
    mentions: Sequence[Mention],
    found: dict[int, Claim],
    topic: Topic,
    words: Sequence[Token],
    lex: Lexicon,
) -> Choice | None:
    choice = _pick(words, topic.said_columns, mentions[i], lex)
    if choice is not None:
        if topic.said_rows and topic.columns.any and len(_distinct(words, topic)) > 1:
            return Choice(topic.columns, False, None)  # 公民、法人和其他组织: everybody
        return choice if choice.said.any else None
    if not topic.steady and (after := _behind(mentions[i], topic)) is not None:
        return Choice(after, True, None, False)
    governed = [t for t in mentions[i].governed if t.word in topic.said_columns]
    if governed and topic.said_rows and topic.columns.any:
        said = topic.said_columns[governed[-1].word]
        if mentions[i].parent is None:
            return Choice(Said(said.any, (*said.also, *topic.columns.any)), False, None, False)
    if topic.columns.any:
        return Choice(topic.columns, False, None)
    if governed:
        return Choice(topic.said_columns[governed[-1].word], False, None)
    inherited = _of_whole(mentions, i, topic)
    if inherited is not None:
        return Choice(inherited._replace(severity="verify"), False, None)
    if (only := _only_column(topic)) and _plainly_named(mentions[i], topic, found.get(i - 1)):
        return Choice(only._replace(severity="verify"), False, None)
    previous = found.get(i - 1)
    if previous and mentions[i].joined in lex.joins and previous.topic.table == topic.table:
        said = _carried(previous, topic)._replace(severity=previous.severity)
        return Choice(said, False, None) if said.any else None
    return None


def _only_column(topic: Topic) -> Said | None:
    """What a subject with one column only is counted in (行政处罚: decisions)."""
    said = [*topic.said_columns.values()]
    return said[0] if said and len({s.any for s in said}) == 1 else None


def _plainly_named(mention: Mention, topic: Topic, previous: Claim | None) -> bool:
    """``本年行政处罚23件``, ``作出行政许可156件，行政处罚23件``: nothing but the name, of this year."""
    bare = sum(t.end - t.start for t in mention.zone) == len(mention.stretch)
    beside = previous is not None and previous.topic.table == topic.table
    return bare and bool(mention.words & topic.called) and (mention.told == "this" or beside)


def _of_whole(mentions: Sequence[Mention], i: int, topic: Topic) -> Said | None:
    """``制发文件56件，其中规范性文件13件``: the verb of the whole goes for the part."""
    parent = mentions[i].parent
    words = mentions[parent].zone if parent is not None else ()
    said = [topic.said_columns[t.word] for t in words if t.word in topic.said_columns]
    return said[0] if len(said) == 1 else None


def _behind(mention: Mention, topic: Topic) -> Said | None:
    """``收到2个自然人的申请``: who applied, right behind the number."""
    first = mention.tail[0] if mention.tail else None
    near = first is not None and first.start <= mention.token.end + 1
    return topic.said_columns.get(first.word) if first is not None and near else None


def _distinct(words: Sequence[Token], topic: Topic) -> set[tuple[Reading, ...]]:
    return {topic.said_columns[t.word].any for t in words if t.word in topic.said_columns}


def _carried(previous: Claim, topic: Topic) -> Said:
    """``制定规章2件、规范性文件9件``: the verb of the first goes for the second."""
    columns = tuple(dict.fromkeys(cell.column for cell in previous.readings[0]))
    matching = [said for said in topic.said_columns.values() if columns in said.any]
    return matching[0] if matching else Said()


def rows_of(
    i: int,
    mentions: Sequence[Mention],
    found: dict[int, Claim],
    topic: Topic,
    words: Sequence[Token],
    columns: Choice,
    lex: Lexicon,
) -> Choice | None:
    mention = mentions[i]
    choice = _pick(words, topic.said_rows, mention, lex)
    if choice is not None:
        return _onward(choice, i, found) if choice.said.any else None
    if topic.steady:
        return _steady_rows(i, mentions, found, topic, columns, lex)
    if columns.spoken:
        return _context_rows(i, mentions, found, topic)
    if _bare_total(mention, lex):
        return _total_rows(i, mentions, found, topic)
    pending = [t for t in mention.governed if t.word in topic.said_rows]
    if pending and topic.said_rows[pending[-1].word].head and not found:
        if _all_known(mention, lex):
            return Choice(_dated(topic.said_rows[pending[-1].word], mention), False, None)
        return None
    named = speaks(mention.zone, topic.names)
    if mention.zero:
        return Choice(Said(topic.rows.any[:1], topic.rows.any[1:]), False, None) if named else None
    return Choice(topic.rows, False, None) if named and mention.parent is None else None


def _onward(choice: Choice, i: int, found: Mapping[int, Claim]) -> Choice:
    """``办结128件，结转8件``: what is carried over after other statements of the year is carried out of it."""
    onward = choice.said.when.get("next") if choice.said.when else None
    if onward is None or not any(k < i and c.rows.head for k, c in found.items()):
        return choice
    return choice._replace(said=choice.said._replace(any=onward, when={}, severity="verify"))


def _steady_rows(
    i: int,
    mentions: Sequence[Mention],
    found: dict[int, Claim],
    topic: Topic,
    columns: Choice,
    lex: Lexicon,
) -> Choice | None:
    """The rows of a topic that names them itself (复议, 规章): the whole's, or the ones last spoken of."""
    mention = mentions[i]
    named = {t.word for t in (*mention.zone, *mention.tail)} & {*topic.names}
    whole = found.get(mention.parent) if mention.parent is not None else None
    if not named and not columns.spoken and not (whole and whole.topic is topic and scoped(mention, topic)):
        governed = {t.word for t in mention.governed} & {*topic.names}
        if not governed or any(m.named for m in mentions[:i]) or not _bare(mention, lex):
            return None
    if whole is not None and whole.topic is topic:
        return Choice(_rows_of_whole(whole, mention), False, None)
    spoken = [c.rows for k, c in found.items() if k < i and c.topic is topic and c.rows.any != topic.rows.any]
    if named or not spoken:
        return Choice(topic.rows, False, None)
    return Choice(spoken[-1]._replace(also=topic.rows.any, severity="verify"), False, None)


def _rows_of_whole(whole: Claim, part: Mention) -> Said:
    """The whole's rows; where only the order tells which whole is meant, all of the topic's are accepted."""
    rows = whole.rows if whole.rows.any else whole.topic.rows
    return rows._replace(also=(*rows.also, *whole.topic.rows.any)) if part.inferred else rows


def _pick(
    words: Sequence[Token], table: "dict[str, Said] | object", mention: Mention, lex: Lexicon
) -> Choice | None:
    """What the words of a zone say in one dimension; an empty ``Said`` where they say too much."""
    known: dict[str, Said] = table  # type: ignore[assignment]
    spoken = [(t, _dated(known[t.word], mention)) for t in words if t.word in known]
    if not spoken:
        return None
    if len(spoken) == 1:
        (token, said), each = spoken[0], mention.words & lex.each
        return Choice(_each(said) if each else said, True, token)
    if both := _both(spoken, mention, lex):
        return Choice(both, True, spoken[0][0])
    strong = [(t, s) for t, s in spoken if not s.weak] or spoken
    distinct = list(dict.fromkeys(s.any for _, s in strong))
    if len(distinct) == 1:
        return Choice(strong[-1][1], True, strong[0][0])
    narrow = [(t, s) for t, s in strong if not s.head]
    if narrow and len({s.any for _, s in narrow}) == 1:
        return Choice(narrow[-1][1], True, narrow[0][0])
    if len(narrow) > 1 and (group := narrow[-1])[0] is spoken[-1][0] and _covers(group[1], narrow):
        between = mention.stretch[narrow[-2][0].end - mention.offset : group[0].start - mention.offset]
        if len(narrow) > 2 or "等" in between:
            return Choice(group[1], True, group[0])  # 因不掌握、没有现成信息等原因无法提供
    inner = [(t, s) for t, s in narrow if all(set(s.any[0]) <= set(o.any[0]) for _, o in narrow)]
    if inner:
        return Choice(inner[0][1], True, inner[0][0])
    return Choice(Said(), True, None)


def _covers(group: Said, narrow: Sequence[tuple[Token, Said]]) -> bool:
    """Whether a phrase stands for a group of rows that holds those of all the others."""
    return len(group.any[0]) > 1 and all(set(said.any[0]) <= set(group.any[0]) for _, said in narrow)


def _each(said: Said) -> Said:
    """``予以公开、部分公开各1件``: the number goes for each of the rows."""
    return said._replace(any=tuple((row,) for row in said.any[0]), severity="verify")


def _both(spoken: Sequence[tuple[Token, Said]], mention: Mention, lex: Lexicon) -> Said | None:
    """Two joined phrases: outcomes are added up (``不予公开和无法提供``), statements alternate (``收到并办结``)."""
    if len(spoken) != 2 or spoken[0][1].any == spoken[1][1].any:
        return None
    (one, first), (other, second) = spoken
    if mention.stretch[one.end - mention.offset : other.start - mention.offset] not in lex.joins:
        return None
    if first.head or second.head or mention.words & lex.each:
        return Said((*first.any, *second.any), (*first.also, *second.also), severity="verify", head=True)
    doubtful = "verify" in (first.severity, second.severity)
    return Said(((*first.any[0], *second.any[0]),), severity="verify" if doubtful else "error")


def _dated(said: Said, mention: Mention) -> Said:
    """``2020年结转``: the year beside the word decides between its readings."""
    readings = said.when.get(mention.told, ()) if said.when else ()
    return said._replace(any=readings, when={}) if readings else said


def _context_rows(
    i: int, mentions: Sequence[Mention], found: dict[int, Claim], topic: Topic
) -> Choice | None:
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
    return Choice(rows._replace(also=(*rows.also, *others)), False, None)


def _bare_total(mention: Mention, lex: Lexicon) -> bool:
    words = [t.word for t in mention.zone]
    return bool(words) and all(w in lex.totals for w in words)


def _bare(mention: Mention, lex: Lexicon) -> bool:
    """Whether the zone says nothing but that a total follows."""
    words = "".join(t.word for t in mention.zone if t.word in lex.totals or t.word in lex.period)
    return len(words) == len(mention.stretch)


def _all_known(mention: Mention, lex: Lexicon) -> bool:
    """Whether the words before the number say nothing of their own (``答复类型为：信息不存在2件`` does)."""
    at, rest = mention.offset, ""
    for token in mention.zone:
        rest += mention.stretch[max(at - mention.offset, 0) : token.start - mention.offset]
        at = token.end
    rest += mention.stretch[max(at - mention.offset, 0) :]
    return all(c in lex.fillers or c in "■□" for c in rest)


def _total_rows(i: int, mentions: Sequence[Mention], found: dict[int, Claim], topic: Topic) -> Choice | None:
    """``收到网络8件、信函4件，共12件``: the total of parts that differ only in their channel or applicant."""
    before = [found[k] for k in found if k < i]
    if any(not claim.who for claim in before):
        return None
    tokens = [t for m in mentions[:i] for t in (*m.governed, *m.zone)] + list(mentions[i].governed)
    verbs = [topic.said_rows[t.word] for t in tokens if t.word in topic.said_rows]
    heads = [_dated(said, mentions[i]) for said in verbs if said.head]
    return Choice(heads[0], False, None) if heads and len({h.any for h in heads}) == 1 else None
