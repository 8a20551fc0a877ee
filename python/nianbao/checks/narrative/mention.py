"""A mention: one number of the narrative with the words that belong to it."""

from typing import NamedTuple

from nianbao.checks.narrative.tokens import Token
from nianbao.phrases import Topic


class Mention(NamedTuple):
    """One number in its words. ``start`` is where its zone begins (in the paragraph's folded text).

    ``period`` is ``this``, or ``away`` where the sentence speaks of another year or span; ``told`` the period
    named in the zone itself; ``parent`` the index of the whole it is a part of; ``stretch`` is the zone's text from ``offset`` on; ``joined`` the separator
    before its zone; ``near`` that its topic was named in this sentence or is the section's own.
    """

    token: Token
    start: int
    zone: tuple[Token, ...]
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
