"""``narrative.percent``: how much more or less than last year, in numbers (``比上年的20件增加5件``)."""

from collections.abc import Iterator, Sequence

from nianbao.checks.narrative.context import Passage, Told
from nianbao.checks.narrative.meaning import Claim
from nianbao.checks.narrative.mention import Mention
from nianbao.checks.narrative.tokens import Lexicon
from nianbao.core.finding import Finding
from nianbao.core.number import Figure, simplest
from nianbao.core.rules import last_year


def changes(passage: Passage, told: Told) -> Iterator[Finding]:
    """The changes of a sentence that none of its figures bears out against last year's (to be verified).

    Last year's figure stands in the sentence, or is known for the cells that one of its figures speaks of.
    """
    lex = passage.lex
    for i, mention in enumerate(told.mentions):
        if not (way := _way(mention, lex)) or mention.token.rough or not mention.token.unit:
            continue
        earlier = [k for k in range(i) if _this_years(told.mentions[k], mention, lex)]
        said = [m.token.value for m in told.mentions[: i + 2] if _last_years(m, mention, lex)]
        right = [
            told.mentions[k].token.value - base
            for k in earlier
            for base in (said or _known(passage, told.found.get(k)))
        ]
        if right and way * mention.token.value not in right:
            yield _finding(passage, told.mentions[earlier[-1]], mention, right[-1])


def _way(mention: Mention, lex: Lexicon) -> int:
    """1 where the number is a growth, -1 where it is a decline, 0 where it is no change."""
    up, down = bool(mention.words & lex.growth), bool(mention.words & lex.decline)
    return 0 if up == down else 1 if up else -1


def _alike(mention: Mention, change: Mention, lex: Lexicon) -> bool:
    same = mention.token.unit == change.token.unit and not mention.token.rough and not mention.zero
    return same and not _way(mention, lex)


def _this_years(mention: Mention, change: Mention, lex: Lexicon) -> bool:
    return _alike(mention, change, lex) and mention.told in ("", "this") and mention.parent == change.parent


def _last_years(mention: Mention, change: Mention, lex: Lexicon) -> bool:
    return _alike(mention, change, lex) and mention.told == "last" and not mention.words & lex.carried


def _known(passage: Passage, claim: Claim | None) -> Sequence[Figure]:
    """Last year's figures for each reading of a claim; none unless all of them are known."""
    readings = (*claim.readings, *claim.also) if claim else ()
    values = [[last_year(cell, passage.report, passage.previous) for cell in cells] for cells in readings]
    if any(value is None for row in values for value in row):
        return ()
    return [simplest(sum((value for value in row if value is not None), 0)) for row in values]


def _finding(passage: Passage, now: Mention, change: Mention, right: Figure) -> Finding:
    words = "持平" if not right else f"{'增加' if right > 0 else '减少'} {abs(right)}{change.token.unit}"
    said = passage.writes(now.start, change.token.end)
    message = f"{said}，与上年数相比应为{words}，请核对"
    place = passage.paragraph.place
    return Finding("narrative.percent", "verify", (), message, right, change.token.value, places=(place,))
