"""``narrative.parts``: the arithmetic of the text itself, wherever it stands: 其中 lists, A件和B件共C件, channels."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from nianbao.checks.narrative.meaning import Claim
from nianbao.checks.narrative.mention import Mention
from nianbao.checks.narrative.text import Paragraph
from nianbao.checks.narrative.tokens import Lexicon
from nianbao.finding import Finding, Severity
from nianbao.number import Figure, simplest
from nianbao.report import Report

#: Measure words of other things: only the like can be parts of the like.
_OWN_KIND = ("元", "人次", "人", "名", "次", "场", "家", "天", "期", "批", "")


class Parts(NamedTuple):
    """A whole and its parts, by the indices of their mentions; ``summed``: the text says that they add up."""

    whole: int
    parts: tuple[int, ...]
    summed: bool = False


class Whole(NamedTuple):
    """A number that a list in the next sentence may split: its claim on cells, and whether it was found wrong.

    ``beside`` are the words of the other numbers of its sentence: a list that takes them up splits those.
    """

    mention: Mention
    claim: Claim | None
    wrong: bool
    beside: tuple[str, ...]


class Told(NamedTuple):
    """What a sentence told: its mentions, their claims on cells, and those found wrong."""

    mentions: Sequence[Mention]
    found: Mapping[int, Claim]
    wrong: AbstractSet[int]


def whole_of(told: Told, lex: Lexicon) -> Whole | None:
    """What a list in the next sentence would split: the only number of this one, or its total that stands last."""
    mentions = told.mentions
    top = [i for i, m in enumerate(mentions) if m.parent is None and not m.zero]
    last = top[-1] if top else None
    if last is None or not (len(top) == 1 or _is_total(mentions[last], mentions[:last], lex)):
        return None
    beside = tuple(mentions[i].stretch for i in top[:-1])
    return Whole(mentions[last], told.found.get(last), last in told.wrong, beside)


def _prefixed(
    whole: Whole, mentions: Sequence[Mention], found: Mapping[int, Claim], wrong: AbstractSet[int]
) -> tuple[list[Mention], dict[int, Claim], set[int]]:
    """The mentions of a list with their whole put first, as if it stood in the same sentence."""
    moved = [m._replace(parent=0 if m.parent is None else m.parent + 1) for m in mentions]
    claimed = {k + 1: claim for k, claim in found.items()}
    if whole.claim is not None:
        claimed[0] = whole.claim
    first = whole.mention._replace(parent=None)
    return [first, *moved], claimed, {i + 1 for i in wrong} | ({0} if whole.wrong else set())


def parts(
    report: Report,
    paragraph: Paragraph,
    mentions: Sequence[Mention],
    found: Mapping[int, Claim],
    wrong: AbstractSet[int],
    lex: Lexicon,
    before: Whole | None = None,
) -> Iterator[Finding]:
    """Parts that exceed their whole (error); parts that should fill it and do not (verify).

    ``before`` is the whole that the sentence before told, where this one is the list of its parts (``。其中：…``).

    A shortfall is silent where the cells speak for themselves: ``found`` are the claims on cells, ``wrong`` the
    mentions found at odds with them.
    """
    if before is not None and not any(_common(words, m.stretch) for words in before.beside for m in mentions):
        mentions, found, wrong = _prefixed(before, mentions, found, wrong)
    for group in _groups(mentions, found, lex):
        values = [mentions[i].token.value for i in group.parts]
        whole, total = mentions[group.whole].token.value, simplest(sum(values, 0))
        if total == whole or _prefix_fits(values, whole, group):
            continue
        severity = _severity(mentions, group, values, whole, found, wrong, lex)
        if severity is not None:
            yield _finding(report, paragraph, mentions, group, total, severity)


def _prefix_fits(values: Sequence[Figure], whole: Figure, group: Parts) -> bool:
    """The list ended before what follows it, or (a total that stands last) began later than it seems."""
    if group.summed:
        return any(sum(values[k:]) == whole for k in range(len(values) - 1))
    return any(sum(values[:k]) == whole for k in range(2, len(values)))


def _severity(
    mentions: Sequence[Mention],
    group: Parts,
    values: Sequence[Figure],
    whole: Figure,
    found: Mapping[int, Claim],
    wrong: AbstractSet[int],
    lex: Lexicon,
) -> Severity | None:
    total = sum(values)
    if group.summed:
        return "error" if len(values) == 2 or _plain_list(mentions, group, lex) else "verify"
    if total > whole:
        return "error" if _sure(mentions, group, lex) else "verify"
    every = {group.whole, *group.parts}
    if wrong & every or every <= found.keys():
        return None
    if _goes_on(mentions, group):
        return None
    if _exhaustive(mentions, group, found, lex) or _slip(values, whole):
        return "verify"
    return None


def _plain_list(mentions: Sequence[Mention], group: Parts, lex: Lexicon) -> bool:
    """Whether a total that stands last follows nothing but the one list it adds up."""
    items = [mentions[i] for i in group.parts]
    alone = len([m for m in mentions[: group.whole] if m.parent == items[0].parent]) == len(items)
    return alone and (
        len({kind(m, lex) for m in items}) == 1 or all(m.joined in lex.joins for m in items[1:])
    )


def _sure(mentions: Sequence[Mention], group: Parts, lex: Lexicon) -> bool:
    """Whether the list has one reading only: its items are of one recognised kind or joined by 、."""
    items = [mentions[i] for i in group.parts]
    if kind(items[0], lex) != "free" or len(items) == 1:
        return True
    if len(items) == 2 or all(m.joined in lex.joins for m in items[1:]):
        return True
    return all(len(m.stretch) <= 12 and m.token.unit == items[0].token.unit for m in items)


def _goes_on(mentions: Sequence[Mention], group: Parts) -> bool:
    """Whether more of the list follows, of another sort or measure."""
    last = group.parts[-1]
    return any(m.parent == mentions[last].parent is not None for m in mentions[last + 1 :])


def _exhaustive(mentions: Sequence[Mention], group: Parts, found: Mapping[int, Claim], lex: Lexicon) -> bool:
    """Whether the parts are named as all there is: 主办 and 会办, 自然人 and 法人, by the whole, or all channels."""
    labels = [mentions[i].stretch for i in group.parts]
    if len(labels) < 2:
        return False
    if kind(mentions[group.parts[0]], lex) == "channel" and group.whole in found:
        return True
    for names in lex.phrases.words("exhaustive"):
        if all(any(name in label for label in labels) for name in names):
            return True
    whole = mentions[group.whole].stretch
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


def kind(mention: Mention, lex: Lexicon) -> str:
    """What a part is told apart by: ``channel``, ``who``, ``outcome``, ``row`` (of a
    subject told apart by rows: 直接起诉), ``head`` (a statement of its own), ``free``."""
    words = [t.word for t in mention.zone]
    if any(w in lex.channels for w in words):
        return "channel"
    for topic in mention.topics:
        said = [topic.said_rows[w] for w in words if w in topic.said_rows]
        if any(s.head for s in said) and not any(not s.head for s in said):
            return "head"
        if said:
            return "row" if topic.steady and not any(w in topic.said_columns for w in words) else "outcome"
        if any(w in topic.said_columns for w in words):
            return "outcome" if topic.steady else "who"
    return "free"


def _groups(mentions: Sequence[Mention], found: Mapping[int, Claim], lex: Lexicon) -> Iterator[Parts]:
    taken: set[int] = set()
    for i, mention in enumerate(mentions):
        if (
            mention.token.rough
            or mention.zero
            or i in taken
            or any(t.word in lex.compare for t in mention.zone)
        ):
            continue
        if _is_total(mention, mentions[:i], lex) and len(run := _run(mentions, i, lex)) > 1:
            yield Parts(i, run, True)
        elif (whole := _whole(mentions, i, lex)) is not None:
            items = _items(mentions, i, whole, lex)
            taken |= set(items)
            if kind(mention, lex) == "head":
                items = tuple(k for k in items if _within(found.get(k), found.get(whole)))
            if items and not mentions[whole].token.rough:
                yield Parts(whole, items)


def _within(part: Claim | None, whole: Claim | None) -> bool:
    """``受理121件（其中新收112件，上年结转9件）``: a statement that is a part of another in its widest reading."""
    if part is None or whole is None:
        return False
    return any(set(part.readings[0]) < set(cells) for cells in (*whole.readings, *whole.also))


def _is_total(mention: Mention, before: Sequence[Mention], lex: Lexicon) -> bool:
    """``共12件``: nothing but the word for a total before the number; after channels also ``共收到申请12件``."""
    if bool(mention.zone) and mention.stretch in lex.totals:
        return True
    sums = kind(mention, lex) == "head" and mention.stretch.startswith(tuple(lex.totals))
    return sums and len(before) > 1 and all(kind(m, lex) == "channel" for m in before)


def _run(mentions: Sequence[Mention], total: int, lex: Lexicon) -> tuple[int, ...]:
    """The numbers that a total standing last adds up, of the total's own level and kind."""
    run: list[int] = []
    for i in range(total - 1, -1, -1):
        mention = mentions[i]
        if mention.parent != mentions[total].parent:
            continue
        if (
            mention.token.rough
            or mention.zero
            or not _alike(mention, mentions[total])
            or mention.joined == "；"
        ):
            break
        if mention.period != mentions[total].period or any(t.word in lex.compare for t in mention.zone):
            break
        run.insert(0, i)
        if _is_total(mention, mentions[:i], lex):
            break
    return tuple(run)


def _alike(part: Mention, whole: Mention) -> bool:
    one, other = part.token.unit, whole.token.unit
    return one == other or not one or not other or (one not in _OWN_KIND and other not in _OWN_KIND)


def _whole(mentions: Sequence[Mention], i: int, lex: Lexicon) -> int | None:
    """The whole of a part: the earlier number whose noun the part repeats, else the one its list hangs on."""
    named = _named_whole(mentions, i, lex)
    whole = mentions[i].parent if named is None else named
    if whole is None or (mentions[i].told and mentions[i].told != (mentions[whole].told or "this")):
        return None  # another year's figure is no part
    return whole


def _named_whole(mentions: Sequence[Mention], i: int, lex: Lexicon) -> int | None:
    """``建议55件、提案78件，其中建议主办11件、会办44件；提案主办6件``: the whole that a part's words begin with."""
    part = mentions[i]
    if kind(part, lex) != "free" or not (_listed(mentions[: i + 1]) or _one_of_pair(part, lex)):
        return None
    best, found = 1, None
    for k in range(i):
        noun = _common(mentions[k].stretch, part.stretch)
        if len(noun) > best and mentions[k].parent is None and _alike(part, mentions[k]):
            best, found = len(noun), k
    return found if found is None or kind(mentions[found], lex) == "free" else None


def _listed(mentions: Sequence[Mention]) -> bool:
    return any(m.parent is not None for m in mentions)


def _one_of_pair(part: Mention, lex: Lexicon) -> bool:
    return any(name in part.stretch for names in lex.phrases.words("exhaustive") for name in names)


def _common(whole: str, part: str) -> str:
    """The longest end of the whole's words that the part's words begin with and go on from."""
    for size in range(min(len(whole), len(part) - 1), 1, -1):
        if part.startswith(whole[-size:]):
            return whole[-size:]
    return ""


def _items(mentions: Sequence[Mention], first: int, whole: int, lex: Lexicon) -> tuple[int, ...]:
    """The parts of one list: of the first one's kind and measure, up to what opens another statement."""
    items: list[int] = []
    sort = kind(mentions[first], lex)
    for i in range(first, len(mentions)):
        mention = mentions[i]
        if i > first and mention.joined == "；":
            break
        if mention.parent is not None and mention.parent in items:
            continue
        if mention.parent != mentions[first].parent or kind(mention, lex) != sort:
            break
        if i > first and (_opens(mention, lex) or _named_whole(mentions, i, lex) not in (None, whole)):
            break
        if mention.token.rough or not _alike(mention, mentions[whole]):
            break
        items.append(i)
    return tuple(items)


def _opens(mention: Mention, lex: Lexicon) -> bool:
    """Whether the words before a number open a statement of their own."""
    if kind(mention, lex) == "free" and any(w in mention.stretch for w in lex.phrases.words("openers")):
        return True
    return any(
        t.word in lex.own or t.word in lex.totals or t.word in lex.compare or t.word in lex.period
        for t in mention.zone
    )


def _finding(
    report: Report,
    paragraph: Paragraph,
    mentions: Sequence[Mention],
    group: Parts,
    total: Figure,
    severity: Severity,
) -> Finding:
    whole = mentions[group.whole]
    values = "＋".join(str(mentions[i].token.value) for i in group.parts)
    every = [whole, *(mentions[i] for i in group.parts)]
    start, end = min(m.start for m in every), max(m.token.end for m in every)
    gap = "超过" if total > whole.token.value and not group.summed else "不等于"
    sums = f"各部分之和 {values}＝{total}" if len(group.parts) > 1 else f"其中的一部分 {total}"
    message = (
        f"{paragraph.where(report.form)}写“{paragraph.quote(start, end)}”，{sums}，"
        f"{gap}总数 {whole.token.value}，相差 {abs(total - whole.token.value)}，请核对"
    )
    return Finding(
        "narrative.parts", severity, (), message, total, whole.token.value, places=(paragraph.place,)
    )
