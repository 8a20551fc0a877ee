"""``narrative.parts`` and ``narrative.percent``: the sums, changes and shares that the text itself states (shares: :mod:`.shares`)."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice

from nianbao.checks.narrative.changes import Counts, Issue, added, changes, overdone, remnants, rightly
from nianbao.checks.narrative.lexicon import PERCENT, Token, has, values, written
from nianbao.checks.narrative.quantities import (
    CARRIED,
    CONCLUDED,
    RECEIVED,
    TOTAL,
    Figures,
    Quantity,
)
from nianbao.checks.narrative.sentence import Context, Statement, agrees
from nianbao.checks.narrative.shares import untrue_shares
from nianbao.checks.narrative.text import Paragraph
from nianbao.checks.narrative.totals import Sum, certain, totals
from nianbao.core.finding import Finding, Severity
from nianbao.core.number import Figure

_TIMES = frozenset(("场次", "期次", "篇次"))
_CASES = frozenset(("件", "件次", "份", "宗", "起"))
_REST = ("其他", "其它")
#: What was there to do: new requests and those carried in.
_IN = {RECEIVED, CARRIED[0]}
#: Kinds of numbers that may stand in one list; the last in any, the others in brackets (公开46、不予公开17).
_LISTED = ({"free", "row"}, {"free", "column"}, {"free", "channel"})
#: What kinds of things are counted by.
_SORTS = frozenset(("个", "类", "种", "方面", "级"))
#: Words for all the others of a list.
_OTHERS = ("其余", "余下", "剩余", "剩下")
#: So near behind a number a bracket splits it alone.
_NEXT = 8
#: Two parts with swapped digits are counts from two of many from this number on.
_LONG = 100


Exhaustive = Callable[[Counts], bool]


def arithmetic(counts: Counts, context: Context, paragraph: Paragraph) -> Iterator[Finding]:
    """What the numbers of a paragraph say of one another and do not bear out."""
    if len(counts) < 2 and not any(s.token.unit in ("%", "成") for s in counts):
        return

    def issue(rule: str, severity: Severity, first: Statement, last: Statement, message: str) -> Finding:
        quote = paragraph.quote(first.start, last.token.end)
        words = f"{paragraph.where(context.figures.form)}写“{quote}”，{message}，请核对"
        return Finding(f"narrative.{rule}", severity, (), words, places=(paragraph.place,))

    wholes: list[list[str]] = context.figures.data.get("exhaustive", [])

    def exhaustive(group: Counts) -> bool:
        """Whether the words of a list name all that there is (四个季度, 主办和会办)."""
        words = "".join([written(s.before) for s in group])
        if {s.rows for s in group} == _IN:
            return True  # 共98件（新收84件加上年结转5件）
        return any(len(names) == len(group) and all(name in words for name in names) for names in wholes)

    sums = (
        _lists(counts, issue, exhaustive, paragraph, context.figures),
        _unmarked(counts, issue, exhaustive),
        _by_name(counts, issue, exhaustive),
        _periods(counts, wholes, context, issue),
    )
    ends: set[int] = set()  # several findings about one list are one
    for last, finding in chain(*sums, totals(counts, issue, context.figures)):
        if last.token.end not in ends:
            ends.add(last.token.end)
            yield finding
    yield from changes(counts, context, issue)
    yield from overdone(counts, issue)
    yield from remnants(counts, issue)
    if any(s.token.unit in ("%", "成") for s in counts):
        for s, rate in untrue_shares(counts, context):
            yield issue("percent", "verify", s, s, rightly(s, rate))


#: What an agenda has at most.
_FEW_THINGS = 10


def _lists(
    counts: Counts, issue: Issue, exhaustive: Exhaustive, paragraph: Paragraph, figures: Figures
) -> Iterator[Sum]:
    """其中 lists against their whole."""
    parts: dict[Statement, list[Statement]] = {}
    for s in counts:
        whole = _split_by(s)
        if whole is not None and _alike(s, whole) and not _beside_whole(s, whole):
            parts.setdefault(whole, []).append(s)
    some = ((whole, listed) for whole, listed in parts.items() if added(listed) != whole.token.value)
    for whole, group in ((whole, group) for whole, listed in some for group in _by_kind(listed)):
        total, most = added(group), max(wholes := _wholes(whole, group))
        if _no_parts(whole, group, wholes):
            continue
        near = whole.sentence == group[0].sentence
        known = total < most and all(s.likely and not s.away for s in group) and not exhaustive(group)
        if (not near or known or _another(whole, group)) and _borne_out(whole, group, figures):
            continue  # 其中 of a sentence further back; some of the parts
        if total > most:
            if _goes_beyond(whole, group, total):
                message = f"各部分之和 {total}，超过总数 {whole.token.value}"
                severity: Severity = "error" if near and certain([whole, *group]) else "verify"
                yield group[-1], issue("parts", severity, whole, group[-1], message)
        elif whole.token.value == most and not _more_follow(whole, group, counts, paragraph):
            split = all(s.token.value != total for s in whole.back(12))
            if split and (_fills(group, whole, total) or exhaustive(group) or _told_how_many(group, whole)):
                message = f"各部分之和 {total}，不等于总数 {whole.token.value}"
                yield group[-1], issue("parts", "verify", whole, group[-1], message)


def _no_parts(whole: Statement, group: Sequence[Statement], wholes: Sequence[Figure]) -> bool:
    """Whether a list adds up to its whole, or counts other things than its parts."""
    total, key = added(group), (whole.token.value, whole.token.unit)
    if total in wholes or (len(group) > 1 and _ends_early(group, wholes)):
        return True
    apart = len(group) > 1 and whole.kind == "free"
    apart = apart and not (_inside(whole, group) or all(s.likely for s in group))
    if apart and any((s.token.value, s.token.unit) == key for s in group):
        return True  # 决策12项，其中听证4项、专家论证12项
    if _overlaps(group[-1]) and total - group[-1].token.value in wholes:
        return True  # 86件，其中办公室29件、部门57件、联合制发12件
    told = whole.wrong or any(s.wrong for s in group)
    return told or _agenda(whole, group) or not (group[0].token.unit or group[1:])


def _goes_beyond(whole: Statement, group: Counts, total: Figure) -> bool:
    """Whether parts that are more than their whole split it alone, and nothing told before it."""
    if any(s.token.value == total for s in _earlier(whole)):
        return False
    # 微信号52个、微博9个、抖音号17个，其中区级23个; 1件尚未审结，其余分别为维持4件、其他结果2件
    return (_inside(whole, group) or total > _run(whole)) and not has(group[0].before, "rest")


def _more_follow(whole: Statement, group: Counts, counts: Counts, paragraph: Paragraph) -> bool:
    """Whether the whole has parts beside those that are added up: by another measure word, or without a number."""
    others = (s for s in counts if s.parent is whole and s.joined == "、")
    if any(_measure(s.token) != _measure(whole.token) for s in others):
        return True  # 728条，其中月度数据264条、公报3份、其他238条
    return paragraph.masked.startswith(_OTHERS, group[-1].token.end + 1)  # 雷电预警33次，其余为寒潮等预警


def _told_how_many(group: Counts, whole: Statement) -> bool:
    """Whether the parts are as many as the sentence says that there are."""
    sorts = group[0].parent
    chief = sorts is not None and any(
        t.text.startswith(("主要", "集中")) for t in (*sorts.before, *whole.after)
    )
    return sorts is not None and sorts is not whole and not chief and sorts.token.value == len(group)


def _split_by(s: Statement) -> Statement | None:
    """The number of which another is a part, past one that tells the parts (``61件申请分布在三个层面，其中…``)."""
    whole, last = s.parent, s.last
    if whole is not None and whole.token.unit in _SORTS and whole.token.unit != s.token.unit:
        return whole.last if whole.last and whole.last.sentence == whole.sentence else whole
    if whole is not None and whole.token.unit != s.token.unit and (named := _whole_named(s, whole)):
        return named
    beside = whole.last if whole is not None and not whole.before else None
    adjoins = whole is not None and beside is not None and beside.token.end == whole.token.start
    if whole and beside and adjoins and beside.token.unit == s.token.unit != whole.token.unit:
        return beside  # 12期1860人次，其中市级4期720人次
    carried = whole is None and s.rows == CARRIED[0] and s.joined in ("、", "和") and last is not None
    if carried and last and last.rows == RECEIVED and last.parent and has(last.before, "list"):
        return last.parent  # 收办2131件，其中新收2131件、上年结转82件
    return whole


def _whole_named(s: Statement, whole: Statement) -> Statement | None:
    """``发布会12场、访谈9期，征集意见21次。其中涉及民生的发布会14场``: the number whose things a part names again."""
    names = {t.text for t in s.before if "foreign" in t.tags and len(t.text) > 1}
    some = (p for p in whole.back(4) if p.sentence == whole.sentence and p.token.unit == s.token.unit)
    return next((p for p in some if any(t.text in names for t in p.before)), None)


def _beside_whole(s: Statement, whole: Statement) -> bool:
    """Whether a number behind a list of parts is none of them."""
    carried = s.rows == CARRIED[1] and whole.rows == CONCLUDED  # 办结177件，其中…，仍有5件结转下年度
    dated = s.joined == "，" and has(s.before, "period")  # ，年内动态调整53项: of the whole
    other = {s.named, whole.named} == {"recon", "litig"}  # 诉讼9件中维持8件、其他结果1件，复议17件
    larger = s.adds_up and s.token.value > whole.token.value
    return carried or dated or larger or (other and not has(s.before, "outcome"))


def _borne_out(whole: Statement, group: Counts, figures: Figures) -> bool:
    """Whether the table says the same as each of the parts, and as the whole where it knows that."""
    known = [s for s in (whole, *group) if s.likely and not s.away]
    return any(s.likely for s in group) and all(agrees(s, figures) for s in known)


def _another(whole: Statement, group: Counts) -> bool:
    """True if disputes are told by kinds that the whole or other parts are not told by (诉讼57件，其中复议维持103件)."""
    if not any(s.likely and s.likely[0].table == "remedies" for s in group):
        return False
    suits = whole.named == "litig"
    both = {s.named for s in group} in ({"recon", "litig"}, {"direct", "after"})
    if both and not any(has(s.before, "outcome") for s in group):
        return False  # 涉诉涉复案件12件，其中复议8件、诉讼4件
    kinds = any(
        s.named and whole.named and s.named != whole.named and not (suits and s.named in ("direct", "after"))
        for s in group
    )
    outcomes = [has(s.before, "outcome") for s in (whole, *group)]
    spread = any(has(s.before, "respectively") for s in (whole, *whole.back(1), *group))
    columns = [{*s.likely[0].columns} for s in group if s.likely]
    nested = any(a < b for a in columns for b in columns)  # 已审结47件，维持31件
    return kinds or outcomes[0] or len({*outcomes[1:]}) > 1 or spread or nested


def _agenda(whole: Statement, group: Sequence[Statement]) -> bool:
    """True if so few things, none of them a part in words, are what follows told one by one (三项工作：更新事项25项)."""
    few = whole.token.value <= _FEW_THINGS and whole.token.unit in ("项", "个", "条")
    return few and not any(t.text == "其中" for s in group for t in s.before)


def _alike(part: Statement, whole: Statement, *, dated: bool = False) -> bool:
    """Whether two numbers count the same things, so that one may be a part of the other (``dated``: of a part of the year too)."""
    t, w = part.token, whole.token
    same = _measure(t) == _measure(w) or not t.unit or {t.unit, w.unit} <= _CASES
    plain = not (
        t.rough
        or w.rough
        or t.places
        or w.places
        or (part.change and not (dated and part.dated))
        or whole.change
    )
    return same and plain and PERCENT.isdisjoint((t.unit, w.unit)) and not has(whole.before[-2:], "each")


def _measure(token: Token) -> str:
    """The measure word; 场次 is 场."""
    return token.unit.removesuffix("次") if token.unit in _TIMES else token.unit


def _by_kind(parts: Counts) -> list[list[Statement]]:
    """Lists of one kind each (applicants, channels, outcomes), in their order."""
    groups: list[list[Statement]] = []
    if len(parts) == 2 and {s.rows for s in parts} == _IN:
        return [[*parts]]
    for s in parts:
        last = groups[-1][-1] if groups else None
        rest = s.kind == "free" and written(s.before[:1]) in _OTHERS
        kinds = {s.kind, last.kind} if last else set()
        mixed = s.joined == "、" and any(kinds <= some for some in _LISTED[0 if s.depth else 2 :])
        same = last is not None and (last.kind == s.kind or rest or mixed)
        if (
            same
            and last is not None
            and (last.sentence, last.depth) == (s.sentence, s.depth)
            and not (s.kind == "free" and s.joined == "；")
            and (s.token.unit or s.joined == "、" or not last.token.unit)
        ):
            groups[-1].append(s)
        else:
            groups.append([s])
    return groups


def _wholes(whole: Statement, group: Counts) -> list[Figure]:
    """The whole, and what else before the list may be meant by it: the numbers beside it, or it and the last of them."""
    last = whole.last
    both = last is not None and last.sentence == whole.sentence and _alike(last, whole)
    if last and both and added(group) == added([last, whole]):
        return [added(group)]  # 建议5件、提案8件，其中主办9件，会办4件
    if _inside(whole, group) or (whole.subject != "requests" and group[0].sentence == whole.sentence):
        return [whole.token.value]
    key = (whole.sentence, whole.subject, whole.parent, whole.depth, whole.token.unit)
    beside = (
        s.token.value
        for s in whole.back(8)
        if (s.sentence, s.subject, s.parent, s.depth, s.token.unit) == key and not s.change
    )
    return [whole.token.value, *beside]


def _inside(whole: Statement, group: Counts) -> bool:
    """Whether a list stands in brackets right behind its whole."""
    return group[0].depth > whole.depth and group[0].token.start - whole.token.end < _NEXT


def _earlier(whole: Statement) -> Iterator[Statement]:
    """The numbers before a whole that a list may split instead (``诉讼57件，尚未审结10件，其中直接起诉19件、复议后起诉38件``)."""
    for s in whole.back(12):
        if whole.sentence - s.sentence < 2 and s.token.unit == whole.token.unit and not s.change:
            yield s


def _run(last: Statement) -> Figure:
    """The sum of a number and those that it is joined to."""
    run = [last]
    for s in last.back():
        plain = (
            run[-1].joined == "，" and has(run[-1].before, "foreign") and has(s.before, "foreign")
        )  # 网站5286条，公众号1348条
        linked = run[-1].joined == "、" or plain or has(s.wide[-1:], "join")  # 6件复议案件和1件诉讼案件
        if not linked or s.token.unit != last.token.unit:
            break
        run.append(s)
    return added(run)


def _ends_early(group: Counts, wholes: Sequence[Figure]) -> bool:
    """Whether the first of the numbers fill a whole, and the others belong to something else."""
    total = group[0].token.value
    for k in range(1, len(group) - 1):
        total += group[k].token.value
        after = group[k + 1]
        if total in wholes and (after.joined != "、" or not after.token.text[:1].isdecimal()):
            return True
    return False


def _overlaps(last: Statement) -> bool:
    """Whether the last of a list is told of those before it."""
    return any(word in written(last.before) for word in ("联合", "同时", "兼", "含", "交叉", "涉及", "并"))


def _last_is_rest(group: Counts) -> bool:
    return any("rest" in t.tags or t.text in _REST for t in group[-1].before[:2])


def _fills(group: Counts, whole: Statement, total: Figure) -> bool:
    """Whether parts should fill their whole: all channels, a list that ends with the rest, one with swapped digits."""
    if len(group) > 1 and all(s.kind == "channel" for s in group):
        return True
    gap = whole.token.value - total
    if len(group) < 3:
        long = [s for s in group if s.token.value >= _LONG]
        return len(group) > 1 and any(
            sorted(str(s.token.value)) == sorted(str(s.token.value + gap)) for s in long
        )
    swapped = (sorted(str(s.token.value)) == sorted(str(s.token.value + gap)) for s in group)
    close = 0 < gap <= whole.token.value // 200 or (gap == 1 and whole.token.value >= 100)
    return _last_is_rest(group) or close or any(swapped)


def _unmarked(counts: Counts, issue: Issue, exhaustive: Exhaustive) -> Iterator[Sum]:
    """``共583项，省级112项、市级206项、县级275项``: a list without 其中 that goes a little beyond the total before it."""
    for k, whole in enumerate(counts):
        parts: list[Statement] = []
        for s in counts[k + 1 : k + 30]:
            plain = s.parent is None and s.kind == "free" and not s.flow and not s.depth
            if s.sentence != whole.sentence or not plain or not _alike(s, whole, dated=True):
                break
            parts.append(s)
        two = (
            len(parts) == 2
            and exhaustive(parts)
            and has(whole.before, "foreign")
            and not any(has(s.before, "foreign") for s in parts)
        )
        if len(parts) < 3 - (two and not whole.adds_up and parts[0].joined == "，"):
            continue
        if written(whole.before)[:1] == written(parts[0].before)[:1] != "":
            continue  # 要征地批文的41件，要宅基地资料的19件，…
        total, complete = added(parts), exhaustive(parts)
        listed = _last_is_rest(parts) or all(s.joined == "、" for s in parts[1:])
        listed = listed and parts[0].joined == "，" and not any(s.dated for s in parts)
        most = whole.token.value
        if any(s.token.value in (total, total + most) for s in _earlier(whole)):
            continue  # 新收84件，邮寄38件、…、当面11件；按季度分，一季度17件…
        if (complete and total != most) or (listed and most < total < most * Decimal("1.2")):
            yield parts[-1], issue("parts", "verify", whole, parts[-1], f"各部分之和 {total}，总数为 {most}")


def _by_name(counts: Counts, issue: Issue, exhaustive: Exhaustive) -> Iterator[Sum]:
    """``建议55件、提案78件；建议主办11件、会办45件``: a list under the name of a number before it."""
    for k, first in enumerate(counts):
        name = next((t.text for t in first.before if t.kind == "word" and "foreign" in t.tags), None)
        if name is None or any(s.clause == first.clause for s in islice(first.here(), 1)):
            continue
        whole = next((s for s in first.back(12) if _named(s) == name and _alike(first, s)), None)
        if whole is None or first.sentence - whole.sentence > 1 or first.token.value > whole.token.value:
            continue
        if first.parent is whole:
            continue
        group = [first]
        for s in counts[k + 1 : k + 12]:
            joined = (
                s.joined in ("、", "和", "，") and s.sentence == first.sentence and not has(s.before, "list")
            )
            if not joined or not _alike(s, first) or has(s.before, "foreign") or s.adds_up:
                break
            group.append(s)
        total, most = added(group), whole.token.value
        if len(group) > 1 and (total > most or (total < most and exhaustive(group))):
            message = f"各部分之和 {total}，总数为 {most}"
            yield group[-1], issue("parts", "verify", whole, group[-1], message)


def _periods(
    counts: Counts, wholes: Sequence[Sequence[str]], context: Context, issue: Issue
) -> Iterator[Sum]:
    """``一季度5件，二季度6件，三季度4件，四季度7件，全年22件``: periods that fill the year, against its number or the table's."""
    plain = [s for s in counts if not s.depth or s.dated]  # 一季度512件（另办理建议提案46件），二季度538件
    dated = [k for k, s in enumerate(plain) if s.dated]
    for k, names in ((k, names) for k in dated for names in wholes):
        first, group = plain[k], plain[k : k + len(names)]
        ordered = len(group) == len(names) and all(
            name in written(s.before) for name, s in zip(names, group, strict=True)
        )
        key = (first.token.unit, False)
        moved = any(s.reached or has(s.before, "delta") for s in group)  # 由上半年的6条减少到下半年的1条
        if moved or not (ordered and all((s.token.unit, s.token.rough) == key for s in group)):
            continue
        parts = {name for names in wholes for name in names}  # 上半年合计1768条
        near = [s for s in counts if abs(s.sentence - first.sentence) < 2 and s not in group]
        near = [s for s in near if not any(name in written(s.before) for name in parts)]
        of_year = [s for s in near if (s.token.unit, s.token.rough) == key and (s.adds_up or not s.change)]
        total, table = added(group), Quantity("requests", RECEIVED, TOTAL)
        same = [
            s.token.value
            for s in of_year
            if s.sentence == first.sentence or (s.likely[:1] == (table,) and not s.away)
        ]
        about = {"received", "new"} & set(values(first.before, "verb")) and first.subject == "requests"
        known = same or (context.figures.known(table) if about else [])
        if known and total not in known:
            yield (
                group[-1],
                issue("parts", "verify", first, group[-1], f"各部分之和 {total}，总数为 {known[0]}"),
            )


def _named(s: Statement) -> str:
    """The last word before a number."""
    return next((t.text for t in reversed(s.before) if "join" not in t.tags), "")
