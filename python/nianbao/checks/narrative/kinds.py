"""What the numbers of a sentence are told apart by: channels, applicants, outcomes, rows, totals, free words."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from nianbao.checks.narrative.mention import Mention
from nianbao.checks.narrative.text import holds
from nianbao.checks.narrative.tokens import Lexicon

#: Measure words of other things: only the like can be parts of the like.
_OWN_KIND = ("元", "人次", "人", "名", "次", "场", "家", "天", "期", "批", "")

#: ``以上两项合计``: how many are added up is itself no figure.
_COUNTED = re.compile(
    r"^(?:以上|上述|前述|这)?(?:(?:[两二三四五六七八九十]|\d)(?:类|项|者|方面|部分|方|种|级|(?:个|家|大)\w{0,3}?)(?:申请)?(?=共|合计|总))?"
)


class Numbers(NamedTuple):
    """The numbers of a sentence, and the kind of each (see :func:`kind`); ``listed`` is the first part of a list."""

    mentions: Sequence[Mention]
    kinds: Sequence[str]
    listed: int
    lex: Lexicon


def numbers(mentions: Sequence[Mention], lex: Lexicon) -> Numbers:
    """The numbers of a sentence with their kinds."""
    listed = next((i for i, m in enumerate(mentions) if m.parent is not None), len(mentions))
    return Numbers(mentions, [kind(m, lex) for m in mentions], listed, lex)


def kind(mention: Mention, lex: Lexicon) -> str:
    """What a part is told apart by: ``channel``, ``who``, ``outcome``, ``row`` (of a
    subject told apart by rows: 直接起诉), ``head`` (a statement of its own), ``free``."""
    words = mention.words
    if words & lex.channels:
        return "channel"
    for topic in mention.topics:
        heads = {topic.said_rows[w].head for w in words if w in topic.said_rows}
        if heads == {True}:
            return "head"
        columns = not topic.said_columns.keys().isdisjoint(words)
        if columns and not topic.columns.any:
            return "head"  # 制发, 废止 and 现行有效 are no parts of one another
        if heads:
            return "row" if topic.steady and not columns else "outcome"
        if columns:
            return "outcome" if topic.steady else "who"
    return "free"


def is_total(numbers: Numbers, i: int) -> bool:
    """``共12件``, ``两项合计12件``: nothing but the word for a total before the number; after what was counted so
    its name (``培训干部8人次、群众4人次，合计培训12人次``), and after channels ``共收到申请12件``."""
    stretch, totals = numbers.mentions[i].stretch, numbers.lex.total_words
    counted = _COUNTED.match(stretch)
    said = stretch[counted.end() :] if counted else stretch
    if said in totals:
        return bool(numbers.mentions[i].zone)
    if said.startswith(totals) and numbers.kinds[i] in ("free", "channel") and i > 1:
        named = max((said.removeprefix(word) for word in totals if said.startswith(word)), key=len)
        return len(named) > 1 and named in _before(numbers, i)
    sums = stretch.startswith(totals) and numbers.kinds[i] == "head"
    return sums and i > 1 and all(kind == "channel" for kind in numbers.kinds[:i])


def _before(numbers: Numbers, i: int) -> str:
    """The words of the numbers before one that count alike."""
    return "；".join([m.stretch for m in numbers.mentions[:i] if alike(m, numbers.mentions[i])])


def alike(part: Mention, whole: Mention) -> bool:
    """Whether two numbers may count the same things, by their measure words."""
    one, other = part.token.unit, whole.token.unit
    return one == other or not one or not other or (one not in _OWN_KIND and other not in _OWN_KIND)


def complete(labels: Sequence[str], lex: Lexicon) -> bool:
    """Whether the labels of parts name all there is (主办 and 会办, 自然人 and 法人)."""
    return any(all(any(name in label for label in labels) for name in names) for names in lex.exhaustive)


def opens(numbers: Numbers, i: int) -> bool:
    """Whether the words before a number open a statement of their own."""
    mention, lex = numbers.mentions[i], numbers.lex
    said = mention.stretch
    for event in lex.events:
        said = said.replace(event, "")  # a 发布会 is no 发布
    if numbers.kinds[i] == "free" and holds(said, lex.phrases.words("openers")):
        return True
    return not (mention.words - lex.seasons).isdisjoint(lex.opening)
