"""A mention: one number of the narrative with the words that belong to it."""

from collections.abc import Sequence
from typing import NamedTuple

from nianbao.checks.narrative.state import Setting
from nianbao.checks.narrative.tokens import Token, speaks
from nianbao.core.phrases import Topic


class Mention(NamedTuple):
    """One number in its words. ``start`` is where its zone begins (in the paragraph's folded text).

    ``words`` are those of the zone; ``period`` is ``this``, or ``away`` where the sentence speaks of another year or span; ``told`` the period
    named in the zone itself; ``parent`` the index of the whole it is a part of; ``stretch`` is the zone's text
    from ``offset`` on; ``joined`` the separator before its zone; ``near`` that its topic was named in this sentence or is the section's own;
    ``inferred`` that only the order of the words tells its whole.
    """

    token: Token
    start: int
    zone: tuple[Token, ...]
    words: frozenset[str]
    tail: tuple[Token, ...]
    governed: tuple[Token, ...]
    topics: tuple[Topic, ...]
    named: bool
    near: bool
    period: str
    told: str
    outside: bool
    parent: int | None
    joined: str
    stretch: str
    offset: int
    zero: bool = False
    inferred: bool = False


def became(mention: Mention, clause: Sequence[Token], setting: Setting) -> Mention | None:
    """A remainder (``另有5件``) with the words of a later clause that say where it went; None where none do."""
    lex = setting.lex
    words = [t for t in mention.zone if t.word not in lex.remaining]
    if len(words) == len(mention.zone) or speaks(words, lex.heads) or speaks(words, lex.results):
        return None
    first = next((i for i, t in enumerate(clause) if t.word in lex.heads), None)
    if first is None or clause[first].word not in lex.carried or speaks(clause, lex.each):
        return None
    told = next((p for t in clause[first:] if (p := setting.period_of(t))), "")
    zone = (*words, *clause[first:])
    subject = lex.stated((*zone, *mention.tail))
    topics = mention.topics or ((subject,) if subject else ())
    return mention._replace(
        topics=topics, zone=zone, words=frozenset([t.word for t in zone]), told=told, tail=()
    )
