"""Wholes and their parts: which of a sentence's numbers are split into which others."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from nianbao.checks.narrative.kinds import Numbers, alike, is_total, opens
from nianbao.checks.narrative.meaning import Claim
from nianbao.checks.narrative.mention import Mention
from nianbao.checks.narrative.text import holds


class Parts(NamedTuple):
    """A whole and its parts, by the indices of their mentions; ``summed``: the text says that they add up."""

    whole: int
    parts: tuple[int, ...]
    summed: bool = False


def groups(numbers: Numbers, found: Mapping[int, Claim]) -> Iterator[Parts]:
    """The wholes of a sentence with their parts, in the order of the first part (or of a total that stands last)."""
    mentions, lex = numbers.mentions, numbers.lex
    taken: set[int] = set()
    for i, mention in enumerate(mentions):
        if run := _plain_list(numbers, i):
            yield Parts(i, run)
        if i in taken or not _counts(mention) or mention.words & lex.compare:
            continue
        if is_total(numbers, i) and len(run := _run(numbers, i)) > 1:
            yield Parts(i, run, True)
        elif (whole := _whole(numbers, i)) is not None:
            items = _items(numbers, i, whole)
            taken |= set(items)
            if numbers.kinds[i] == "head":
                held = tuple(k for k in items if _within(found.get(k), found.get(whole)))
                items = held or (items if _shared_out(numbers, items, found) else ())
            if items and not mentions[whole].token.rough and not _aside(numbers, whole, items):
                yield Parts(whole, items)


def _plain_list(numbers: Numbers, whole: int) -> tuple[int, ...]:
    """``意见稿共583项，省级112项、市级206项、县级265项``: a list that follows its whole without ``其中``.

    Three numbers or more of one measure, in few words each, behind a total or up to ``其他``.
    """
    mentions, run = numbers.mentions, []
    if whole + 3 >= len(mentions) or mentions[whole].parent is not None or not _counts(mentions[whole]):
        return ()
    for i in range(whole + 1, len(mentions)):
        item = mentions[i]
        if item.joined in ("；", "") or item.parent is not None or not _counts(item) or item.told:
            break
        if (
            numbers.kinds[i] != "free"
            or item.token.unit != mentions[whole].token.unit
            or len(item.stretch) > 8
        ):
            break
        run.append(i)
    if len(run) < 3 or mentions[whole].words & numbers.lex.compare:
        return ()
    rest = mentions[run[-1]].stretch in numbers.lex.rest
    counted = mentions[whole].stretch.endswith(tuple(numbers.lex.totals))
    joined = all(mentions[i].joined == "、" for i in run[1:])
    stated = counted or numbers.kinds[whole] == "head"
    return tuple(run) if (rest and stated) or (counted and joined) else ()


def _aside(numbers: Numbers, whole: int, items: Sequence[int]) -> bool:
    """``予以公开7件（涉及信息20项）``: another count of the same thing, no part of it."""
    one, other = numbers.mentions[items[0]].token.unit, numbers.mentions[whole].token.unit
    return len(items) == 1 and one != other and bool(one) and bool(other)


def _counts(mention: Mention) -> bool:
    return not (mention.token.rough or mention.zero)


def _shared_out(numbers: Numbers, items: Sequence[int], found: Mapping[int, Claim]) -> bool:
    """``157件，其中县政府受理29件，县直部门受理83件``: one statement, told of each of those who share it."""
    heads = {frozenset(numbers.mentions[k].words & numbers.lex.heads.keys()) for k in items}
    told = any(k in found for k in items)
    return len(items) > 2 and len(heads) == 1 and heads != {frozenset()} and not told


def _within(part: Claim | None, whole: Claim | None) -> bool:
    """``受理121件（其中新收112件，上年结转9件）``: a statement that is a part of another in its widest reading."""
    if part is None or whole is None:
        return False
    return any(set(part.readings[0]) < set(cells) for cells in (*whole.readings, *whole.also))


def _run(numbers: Numbers, total: int) -> tuple[int, ...]:
    """The numbers that a total standing last adds up, of the total's own level and kind."""
    run: list[int] = []
    mentions, whole = numbers.mentions, numbers.mentions[total]
    for i in range(total - 1, -1, -1):
        mention = mentions[i]
        if mention.parent != whole.parent:
            continue
        if not _counts(mention) or not alike(mention, whole) or mention.joined == "；":
            break
        if mention.period != whole.period or mention.words & numbers.lex.compare:
            break
        run.insert(0, i)
        if is_total(numbers, i):
            break
    return tuple(run)


def _whole(numbers: Numbers, i: int) -> int | None:
    """The whole of a part: the earlier number whose noun the part repeats, else the one its list hangs on."""
    mentions = numbers.mentions
    named = _named_whole(numbers, i)
    whole = mentions[i].parent if named is None else named
    if whole is not None and mentions[whole].words & numbers.lex.carried:
        whole = mentions[whole].parent  # 办结124件，含上年结转3件，其中予以公开83件
    if whole is not None and any(
        m.parent == whole and m.stretch in numbers.lex.rest for m in mentions[whole:i]
    ):
        return None  # the list ended with what was left
    if whole is None or (mentions[i].told and mentions[i].told != (mentions[whole].told or "this")):
        return None  # another year's figure is no part
    return whole


def _named_whole(numbers: Numbers, i: int) -> int | None:
    """``建议55件、提案78件，其中建议主办11件、会办44件；提案主办6件``: the whole that a part's words begin with."""
    mentions, part = numbers.mentions, numbers.mentions[i]
    if numbers.kinds[i] != "free" or not (numbers.listed <= i or holds(part.stretch, numbers.lex.pairs)):
        return None
    best, found = 1, None
    for k in range(i):
        noun = common(mentions[k].stretch, part.stretch)
        if len(noun) > best and mentions[k].parent is None and alike(part, mentions[k]):
            best, found = len(noun), k
    return found if found is None or numbers.kinds[found] == "free" else None


def common(whole: str, part: str) -> str:
    """The longest end of the whole's words that the part's words begin with and go on from."""
    for size in range(min(len(whole), len(part) - 1), 1, -1):
        if part.startswith(whole[-size:]):
            return whole[-size:]
    return ""


def _items(numbers: Numbers, first: int, whole: int) -> tuple[int, ...]:
    """The parts of one list: of the first one's kind and measure, up to what opens another statement."""
    items: list[int] = []
    mentions, kinds = numbers.mentions, numbers.kinds
    for i in range(first, len(mentions)):
        mention = mentions[i]
        if i > first and mention.joined == "；":
            break
        if mention.parent is not None and mention.parent in items:
            continue
        listed = (mention.joined == "、" or len(mention.stretch) <= 6) and {kinds[i], kinds[first]} <= {
            "channel",
            "free",
        }
        if mention.parent != mentions[first].parent or not (listed or kinds[i] == kinds[first]):
            break
        if i > first and (opens(numbers, i) or _named_whole(numbers, i) not in (None, whole)):
            break
        if mention.token.rough or not alike(mention, mentions[whole]):
            break
        items.append(i)
        if mention.stretch in numbers.lex.rest:
            break
    return tuple(items)
