"""Names that are joined (、 和 或): one list of words for each, so that a number or a denial goes for every one."""

from collections.abc import Sequence
from typing import NamedTuple

from nianbao.checks.narrative.tokens import Lexicon, Token

#: What joins two things, each with words of its own.
JOINS = ("、", "和", "及", "与", "以及")


class Denied(NamedTuple):
    """The objects of which a text says that there were none, and where the last of them ends."""

    objects: tuple[tuple[Token, ...], ...]
    end: int


def split(zone: Sequence[Token], joins: Sequence[str] = JOINS) -> list[tuple[Token, ...]]:
    """The words of a zone, for each of the things that are joined."""
    objects: list[list[Token]] = [[]]
    for token in zone:
        if token.word in joins:
            objects.append([])
        else:
            objects[-1].append(token)
    return [tuple(words) for words in objects if words]


def denied(tokens: Sequence[Token], end: int, lex: Lexicon) -> Denied | None:
    """The objects behind ``未收到…``; None where the words behind it are no list of objects."""
    objects: list[Token] = []
    for token in tokens:
        if token.kind == "mark" and token.word != "、":
            end = token.start
            break
        if token.kind != "word" or token.word in lex.none_before:
            return None
        objects.append(token)
    return Denied(tuple(split(objects, (*JOINS, "或", "或者"))), end)


def respective(tokens: Sequence[Token]) -> list[Token]:
    """The numbers that ``分别为`` is followed by, as far as nothing but what joins them stands between."""
    numbers: list[Token] = []
    for token in tokens:
        if token.kind == "number":
            numbers.append(token)
        elif token.word not in JOINS:
            break
    return numbers
