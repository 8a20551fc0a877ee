"""What a sentence tells only by its order: whose results a list goes on with, and the name that stands last."""

from collections.abc import Sequence

from nianbao.checks.narrative.mention import Mention
from nianbao.checks.narrative.tokens import Lexicon
from nianbao.core.phrases import Topic


def ordered(mentions: Sequence[Mention], lex: Lexicon) -> list[Mention]:
    """The mentions of a sentence with the parents and subjects that follow from their order."""
    return _nested(_named_last(list(mentions), lex)) if len(mentions) > 1 else list(mentions)


def _named_last(mentions: list[Mention], lex: Lexicon) -> list[Mention]:
    """``废止3件、失效2件规范性文件``: the name behind the last number goes for those joined before it."""
    topic: Topic | None = None
    for i in range(len(mentions) - 1, 0, -1):
        mention, before = mentions[i], mentions[i - 1]
        if topic is None and mention.named and len(mention.topics) == 1:
            names = mention.topics[0].names
            behind = any(t.word in names for t in mention.tail)
            topic = mention.topics[0] if behind and not any(t.word in names for t in mention.zone) else None
        alike = topic is not None and any(t.word in topic.said_columns for t in before.zone)
        if topic is None or not alike or before.named or before.tail or mention.joined not in lex.joins:
            topic = None
        else:
            mentions[i - 1] = before._replace(topics=(topic,), named=True, near=mention.near)
    return mentions


def _nested(mentions: list[Mention]) -> list[Mention]:
    """``诉讼5件：直接起诉4件，维持2件，纠正2件``: results that follow one kind of a list are that kind's own."""
    kind: int | None = None
    for i, mention in enumerate(mentions):
        if mention.joined == "；":
            kind = None
        if _is_kind(mention):
            kind = None if kind == i - 1 else i
        elif kind is not None and _result_of(mention, mentions[kind]):
            if mention.parent == mentions[kind].parent:
                _adopt(mentions, kind, i)
        else:
            kind = None
    return mentions


def _adopt(mentions: list[Mention], kind: int, first: int) -> None:
    """The run of results from ``first`` on becomes the kind's, unless it fills the whole instead."""
    run = [first]
    while run[-1] + 1 < len(mentions) and _result_of(mentions[run[-1] + 1], mentions[kind]):
        run.append(run[-1] + 1)
    parent = mentions[kind].parent
    total = sum(mentions[k].token.value for k in run)
    if parent is None or mentions[kind].token.value < total == mentions[parent].token.value:
        return
    for k in run:
        mentions[k] = mentions[k]._replace(parent=kind, inferred=True)


def _is_kind(mention: Mention) -> bool:
    """Whether a mention of a list names one kind (a row) of its subject and no result of it."""
    if len(mention.topics) != 1 or mention.parent is None or not mention.topics[0].steady:
        return False
    topic, words = mention.topics[0], mention.words
    return bool(words & topic.said_rows.keys()) and not words & topic.said_columns.keys()


def _result_of(mention: Mention, kind: Mention) -> bool:
    topic, words = kind.topics[0], mention.words
    spoken = bool(words & topic.said_columns.keys()) and not words & {*topic.names}
    return spoken and mention.topics == kind.topics and mention.joined != "；"
