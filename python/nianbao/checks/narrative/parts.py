"""``narrative.parts``: the arithmetic of the text itself, wherever it stands: 其中 lists, A件和B件共C件, channels."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nianbao.checks.narrative.context import Passage, Told
from nianbao.checks.narrative.groups import Parts, common, groups
from nianbao.checks.narrative.kinds import Numbers, complete, is_total, numbers
from nianbao.checks.narrative.meaning import Claim
from nianbao.checks.narrative.mention import Mention
from nianbao.checks.narrative.tokens import Lexicon
from nianbao.core.finding import Finding, Severity
from nianbao.core.number import Figure, simplest


class Whole(NamedTuple):
    """A number that a list in the next sentence may split: its claim on cells, and whether it was found wrong.

    ``beside`` are the words of the other numbers of its sentence: a list that takes them up splits those.
    """

    mention: Mention
    claim: Claim | None
    wrong: bool
    beside: tuple[str, ...]


class _Sum(NamedTuple):
    """One group with its arithmetic: the values of its parts and their total."""

    group: Parts
    values: Sequence[Figure]
    total: Figure
    whole: Figure


def whole_of(told: Told, lex: Lexicon) -> Whole | None:
    """What a list in the next sentence would split: the only number of this one, or its total that stands last."""
    mentions = told.mentions
    top = [i for i, m in enumerate(mentions) if m.parent is None and not m.zero]
    last = top[-1] if top else None
    if last is None or not (len(top) == 1 or is_total(numbers(mentions, lex), last)):
        return None
    beside = tuple(mentions[i].stretch for i in top[:-1])
    return Whole(mentions[last], told.found.get(last), last in told.wrong, beside)


def _prefixed(whole: Whole, told: Told) -> Told:
    """A list with its whole put first, as if it stood in the same sentence."""
    moved = [m._replace(parent=0 if m.parent is None else m.parent + 1) for m in told.mentions]
    found = {k + 1: claim for k, claim in told.found.items()}
    if whole.claim is not None:
        found[0] = whole.claim
    first = whole.mention._replace(parent=None)
    wrong = {i + 1 for i in told.wrong} | ({0} if whole.wrong else set())
    return told._replace(mentions=[first, *moved], found=found, wrong=wrong)


def parts(passage: Passage, told: Told, before: Whole | None = None) -> Iterator[Finding]:
    """Parts that exceed their whole (error); parts that should fill it and do not (verify).

    ``before`` is the whole that the sentence before told, where this one is the list of its parts (``。其中：…``).

    A shortfall is silent where the cells speak for themselves: in the claims of ``told``, and where it is found
    wrong already.
    """
    if before is not None and not _taken_up(before, told):
        told = _prefixed(before, told)
    if len(told.mentions) < 2:
        return
    among = numbers(told.mentions, passage.lex)
    for group in groups(among, told.found):
        values = [told.mentions[i].token.value for i in group.parts]
        made = _Sum(group, values, simplest(sum(values, 0)), told.mentions[group.whole].token.value)
        if made.total == made.whole or _prefix_fits(among, made, told):
            continue
        severity = _severity(among, made, told)
        if severity is not None:
            yield _finding(passage, told.mentions, made, severity)


def _taken_up(whole: Whole, told: Told) -> bool:
    return any(common(words, m.stretch) for words in whole.beside for m in told.mentions)


def _prefix_fits(among: Numbers, made: _Sum, told: Told) -> bool:
    """The list ended before what follows it, or (a total that stands last) began later than it seems."""
    values, whole = made.values, made.whole
    if made.group.summed:
        return any(sum(values[k:]) == whole for k in range(len(values) - 1))
    joins = [among.mentions[i].joined for i in made.group.parts]
    if told.wrong & {made.group.whole, *made.group.parts}:
        joins = [""] * len(joins)  # one of the numbers is told to be wrong already
    return any(sum(values[:k]) == whole and joins[k] not in among.lex.joins for k in range(2, len(values)))


def _severity(among: Numbers, made: _Sum, told: Told) -> Severity | None:
    group = made.group
    if group.summed:
        return "error" if len(group.parts) == 2 or _plain_list(among, group) else "verify"
    if made.total > made.whole:
        return "error" if _sure(among, group) else "verify"
    every = {group.whole, *group.parts}
    if told.wrong & every or every <= told.found.keys():
        return None
    if _goes_on(among.mentions, group):
        return None
    if _exhaustive(among, group, group.whole in told.found) or _slip(made.values, made.whole):
        return "verify"
    return None


def _plain_list(among: Numbers, group: Parts) -> bool:
    """Whether a total that stands last follows nothing but the one list it adds up."""
    items = [among.mentions[i] for i in group.parts]
    alone = len([m for m in among.mentions[: group.whole] if m.parent == items[0].parent]) == len(items)
    return alone and (len({among.kinds[i] for i in group.parts}) == 1 or _joined(items, among.lex))


def _joined(items: Sequence[Mention], lex: Lexicon) -> bool:
    return all(m.joined in lex.joins for m in items[1:])


def _sure(among: Numbers, group: Parts) -> bool:
    """Whether the list has one reading only: its items are of one recognised kind or joined by 、."""
    items = [among.mentions[i] for i in group.parts]
    if among.kinds[group.parts[0]] != "free" or len(items) <= 2 or _joined(items, among.lex):
        return True
    return all(len(m.stretch) <= 12 and m.token.unit == items[0].token.unit for m in items)


def _goes_on(mentions: Sequence[Mention], group: Parts) -> bool:
    """Whether more of the list follows, of another sort or measure."""
    last = group.parts[-1]
    return any(m.parent == mentions[last].parent is not None and not m.zero for m in mentions[last + 1 :])


def _exhaustive(among: Numbers, group: Parts, claimed: bool) -> bool:
    """Whether the parts are named as all there is: by their names, by the whole, or as channels of a claim."""
    labels = [among.mentions[i].stretch for i in group.parts]
    if len(labels) < 2:
        return False
    if (claimed and among.kinds[group.parts[0]] == "channel") or complete(labels, among.lex):
        return True
    whole = among.mentions[group.whole].stretch
    if labels[-1] in among.lex.rest and len(labels) > 2:
        return True
    return all(len(label) >= 2 and label in whole for label in labels)


def _slip(values: Sequence[Figure], whole: Figure) -> bool:
    """Three parts or more that fall short by a little, or by two exchanged digits of one of the numbers."""
    gap = whole - sum(values)
    if len(values) < 3:
        return False
    if gap * 20 <= whole:
        return True
    pairs = [(v, v + gap) for v in values] + [(whole, whole - gap)]
    return any(sorted(str(a)) == sorted(str(b)) for a, b in pairs)


def _finding(passage: Passage, mentions: Sequence[Mention], made: _Sum, severity: Severity) -> Finding:
    group, total = made.group, made.total
    values = "＋".join(str(value) for value in made.values)
    every = [mentions[i] for i in (group.whole, *group.parts)]
    start, end = min(m.start for m in every), max(m.token.end for m in every)
    gap = "超过" if total > made.whole and not group.summed else "不等于"
    sums = f"各部分之和 {values}＝{total}" if len(group.parts) > 1 else f"其中的一部分 {total}"
    message = (
        f"{passage.writes(start, end)}，{sums}，"
        f"{gap}总数 {made.whole}，相差 {abs(total - made.whole)}，请核对"
    )
    place = passage.paragraph.place
    return Finding("narrative.parts", severity, (), message, total, made.whole, places=(place,))
