"""Findings as a person reads them: the gravest first, like ones in one line, few of many possible corrections."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from nianbao.checks.identities import parted
from nianbao.consolidate.found import FILE, GRAVITY, Found

#: So many blanks become one line; of other findings under one rule so many are shown before the rest is counted.
BLANKS, SHOWN = 3, 5
#: So many possible corrections of one slip, places of like findings and problems in a reason are named.
CORRECTIONS, PLACES, QUOTED = 3, 8, 3


def gist(found: Iterable[Found]) -> list[Found]:
    """The findings in as few lines as tell them, errors first; each line points at the first of its places."""
    groups: dict[tuple[int, str, bool], list[Found]] = {}
    for item in found:
        key = GRAVITY.get(item.severity, 0), item.rule, bool(item.explanation)
        groups.setdefault(key, []).append(item)
    ordered = sorted(groups.items(), key=lambda pair: (pair[0][0], pair[0][1] == FILE))
    told: set[tuple[str, ...]] = set()
    return [_brief(line, told) for _, group in ordered for line in _lines(group)]


def quoted(found: Iterable[Found], count: int) -> str:
    """What the first few of ``count`` problems say, without corrections."""
    lines = [parted(line.message)[0].rstrip("。") for line in gist(found)]
    more = f" 等 {count} 个" if len(lines) > QUOTED else ""
    return "；".join(lines[:QUOTED]) + more


def _lines(group: Sequence[Found]) -> Iterator[Found]:
    """The lines of one rule."""
    first = group[0]
    if first.rule == "cell.blank" and len(group) >= BLANKS:
        yield _blanks(group)
    elif len(group) > SHOWN + 1:
        yield from group[:SHOWN]
        rest = group[SHOWN:]
        yield rest[0]._replace(message=f"同类问题另有 {len(rest)} 处：{places(rest)}")
    else:
        yield from group


def _blanks(group: Sequence[Found]) -> Found:
    first = group[0]
    if first.severity == "error":
        words = f"有 {len(group)} 个格没有填写：{places(group)}"
        return first._replace(message=words, advice="请逐格填写，没有的填 0")
    return first._replace(message=f"{first.message}（同此共 {len(group)} 格：{places(group)}）")


def places(found: Sequence[Found]) -> str:
    """Where findings stand, sheet by sheet: ``三、申请办理 E8、F8，二、主动公开 C7 等 12 处``."""
    parts = []
    for sheet, group in groupby(found[:PLACES], key=lambda item: item.sheet):
        parts.append(f"{sheet} {'、'.join(item.cell for item in group)}".strip())
    return "，".join(parts) + (f" 等 {len(found)} 处" if len(found) > PLACES else "")


def _brief(item: Found, told: set[tuple[str, ...]]) -> Found:
    """The finding with a few of the corrections that would mend it; the same ones are not listed again."""
    message, corrections = parted(item.message)
    if not corrections:
        return item
    if corrections in told:
        return item._replace(message=f"{message}（可能的更正同上）")
    told.add(corrections)
    shown = "；".join(corrections[:CORRECTIONS])
    more = f" 等 {len(corrections)} 种" if len(corrections) > CORRECTIONS else ""
    return item._replace(message=f"{message}。可能的更正：{shown}{more}，请对照原始台账核对")
