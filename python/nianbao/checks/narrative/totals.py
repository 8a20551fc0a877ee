"""Totals that stand behind what they add up (``A件和B件共C件``), and the ways by which requests came, together."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import takewhile

from nianbao.checks.narrative.changes import Counts, Issue, added
from nianbao.checks.narrative.lexicon import PERCENT, has, how_many, strong, values, written
from nianbao.checks.narrative.quantities import BOTH, RECEIVED, TOTAL, USUAL, Figures, Quantity, slip
from nianbao.checks.narrative.sentence import Statement, agrees
from nianbao.checks.narrative.text import Paragraph
from nianbao.core.finding import Finding, Severity
from nianbao.core.number import Figure, simplest

#: What all kinds of things are counted by.
_SORTED = ("个", "项", "类", "家", "条", "种")

#: Totals that name how many they add up.
_ALL = ("两者", "两项", "两类", "两种", "三项", "三者", "三类", "三种", "四项", "四类", "以上")
#: So few channels may be some of them only.
_CHANNELS = 3


Sum = tuple[Statement, Finding]


def certain(items: Counts) -> bool:
    """Whether the words of a list leave no doubt that each of its numbers counts the same things, once."""
    words = [t for s in items for t in s.before]
    plain = not any(t.unknown and not t.tags for t in words)
    once = not any(has(words, kind) for kind in ("foreign", "qualifier", "respectively", "each", "outside"))
    alike = all(s.kind != "free" and not (s.foreign or s.dated or s.shared) for s in items[1:])
    return plain and once and alike and {s.subject for s in items} == {items[0].subject}


def totals(counts: Counts, issue: Issue, figures: Figures) -> Iterator[Sum]:
    """``A件和B件共C件``: the total stands last."""
    plain = [s for s in counts if s.token.unit not in PERCENT]
    for k, s in enumerate(plain):
        if (
            s.wrong
            or not (s.adds_up or _after_ways(s))
            or (s.change and not (s.dated and not has(s.before, "period")))
            or s.token.rough
            or has(s.before, "rest")  # 其余所合计12件
            or written(s.after[:1]).startswith("加")
        ):
            continue
        before = plain[max(0, k - 12) : k]
        here = [p for p in before if p.sentence == s.sentence]
        if s.token.unit in ("个", "家") and any(t.unknown for t in s.before):
            continue  # 对21个处室、9个直属单位进行评估，共通报问题58个
        if any(has(p.before, "each") for p in here):
            continue  # 日文、韩文版各320条
        # 文字85篇、图文36篇、视频16个，共137篇; 复议177件，其中…；诉讼57件，其中…，两类合计234件
        whole = [p for p in here if p.parent is None and p.depth == s.depth]
        left = plain[k + 1].token.value if k + 1 < len(plain) and has(plain[k + 1].before, "rest") else 0
        if not {s.token.value, s.token.value + left}.isdisjoint((*sums_of(here), *sums_of(whole))):
            continue  # 建议33件、提案57件，主办件共61件，其余29件为会办
        if not here and any(t.text.startswith(("以上", "上述")) for t in s.before):
            here = [p for p in before if p.sentence == s.sentence - 1 and not p.depth]
            sums = sums_of(here)[:-1]
            alike = all(p.kind == "row" and p.token.unit == s.token.unit and not p.away for p in here)
            alike = alike and not (s.likely and all(agrees(p, figures) for p in (s, *here)))
            if sums and alike and s.token.value not in sums and sums[0] < 2 * s.token.value < 4 * sums[0]:
                yield s, issue("parts", "verify", here[0], s, f"各项之和 {sums[0]}，合计 {s.token.value}")
            continue  # 予以公开110件；…其他处理19件。以上合计279件
        items = _items(before, s)
        many = next((n for t in s.before if "total" in t.tags and (n := how_many(t.text))), len(items))
        items = items[-many:]
        if items and _adds_wrong(items, s) and not _all_borne_out(items, s, figures):
            known: Severity = "error" if certain([s, *items]) else "verify"
            yield s, issue("parts", known, items[0], s, f"各项之和 {sums_of(items)[0]}，合计 {s.token.value}")


def _all_borne_out(items: Counts, s: Statement, figures: Figures) -> bool:
    """Whether the table says the same as the total and each of what stands before it (``新收84件，结转5件，办理总计81件``)."""
    return all(p.likely and not p.away and agrees(p, figures) for p in (*items, s))


def _after_ways(s: Statement) -> bool:
    """Whether a number of requests follows their ways, one by one (``来信23件、网上52件、窗口9件，84件申请都登记在册``)."""
    if s.rows not in USUAL or s.joined != "，" or has(s.before, "channel"):
        return False
    ways = list(takewhile(lambda p: p.kind == "channel" and p.clause == s.clause - 1, s.here()))
    return len(ways) > 2 and all(p.joined in ("、", "和") for p in ways[:-1])


def sums_of(items: Counts) -> list[Figure]:
    """The sums of all of some numbers, of all but the first, and so on, down to the last two."""
    return [added(items[j:]) for j in range(len(items) - 1)]


def _adds_wrong(items: Counts, s: Statement) -> bool:
    """Whether a total means to add up some numbers, and does not."""
    outcomes = has(s.before, "outcome") and not any(has(p.before, "outcome") for p in items)
    outcomes = outcomes and not strong(s.before, "row")
    if outcomes or has(s.before, "each") or any(t.text.startswith("占") for t in s.before):
        return False  # 直接起诉4件、复议后起诉5件，维持合计8件；答复56件，占应办总数59件
    ways = all(p.kind == "channel" for p in items)
    if any(t.text == "、" for t in s.before):
        return False  # 代表建议176件，党派提案、界别提案合计211件
    stock = "in_force" in values(s.own, "change")  # 出台规章4件，废止3件，现行有效的规章共37件
    flows = stock or bool({"concluded", "received"} & set(values(s.before, "verb")))
    if (
        len(items) < 2
        or any(p.dated for p in items) != all(p.dated for p in (*items, s))
        or (flows and not ways)
    ):
        return False
    if any(how_many(t.text) not in (0, len(items)) for t in s.before if "total" in t.tags):
        return False  # 三者合计, of two
    sums, value = sums_of(items), s.token.value
    every = any("total" in t.tags and (how_many(t.text) or t.text[:2] in _ALL) for t in s.before)
    near = any(value * 2 > total > Decimal(value) / 2 for total in sums)
    near |= (ways or len(items) == 2) and bool(slip(value, sums[0]))
    kinds = {p.kind for p in items}
    row = kinds == {"free", "channel"} and all(p.joined == "、" for p in items[1:])
    listed = len(items) == 2 or every or len(kinds) == 1 or row
    return value not in sums and listed and (near or every)


def _items(before: Counts, total: Statement) -> list[Statement]:
    """What a total that stands last adds up."""
    items: list[Statement] = []
    for p in reversed(before):
        gap = p.change and has(p.before, "delta") and not p.dated  # 受理61件，较上年增加9件
        if gap or (p.token.unit in _SORTED and p.token.unit != total.token.unit):
            continue
        if items and p.depth > items[0].depth:
            continue  # 网络申请52件（另办理建议提案46件）、信函申请28件
        deep = p.depth - (p.depth == total.depth + 1 and (not items or items[0].depth == p.depth))
        alike = (p.sentence, p.token.unit, p.parent, deep)
        if (
            alike != (total.sentence, total.token.unit, total.parent, total.depth)
            or (p.change and not p.dated)
            or p.token.rough
        ):
            break
        items.insert(0, p)
    return items


def by_channels(new: Sequence[Statement], paragraph: Paragraph, figures: Figures) -> list[Finding]:
    """``收到网络8件、信函4件``: all channels together are what was received."""
    if sum(s.kind == "channel" for s in new) < 2:
        return []
    counted = [s for s in new if s.token.unit not in PERCENT]
    some = [s for s in counted if s.kind == "channel" and not (s.change or s.token.rough or s.foreign)]
    some = [s for s in some if s.token.unit == some[-1].token.unit]
    if len(some) < 2 or some[0].parent is not None or any(s.subject != "requests" for s in some):
        return []
    words = [t for s in counted for t in s.before]
    others = [s for s in counted if s not in some and s.kind != "column"]
    total = simplest(sum((s.token.value for s in some), 0))
    added = [s for s in others if s.token.value == total and s.adds_up]
    received = [s for s in others if s.rows in (RECEIVED, BOTH)]
    if len(added) + len(received) < len(others) or has(words, "foreign") or has(words, "qualifier"):
        return []
    arrivals = {"received", "new"} & set(values(words, "verb"))
    if not arrivals and (len(some) < _CHANNELS or not has(words, "subject")):
        return []
    quantities = [Quantity("requests", rows, TOTAL) for rows in (RECEIVED, BOTH)]
    known: list[Figure] = [*figures.known(*quantities), *(s.token.value for s in received)]
    last = [s for s in others if s.token.start > some[0].token.start or s not in received]
    if any(s.adds_up and s.token.value != total for s in last):
        return []  # an item of the text's own arithmetic
    if not arrivals and not any(value * 4 <= total * 5 and total * 4 <= value * 5 for value in known):
        return []  # too few of them to be all
    if not known or total in known or (len(some) < _CHANNELS and total < max(known) and not added):
        return []
    right = known[-1] if received else known[0]
    quote = paragraph.quote(some[0].start, some[-1].token.end)
    message = (
        f"{paragraph.where(figures.form)}写“{quote}”，各渠道之和 {total}，新收为 {right}，请核对文字和表格"
    )
    cells, places = quantities[0].cells(), (paragraph.place,)
    return [Finding("narrative.mismatch", "verify", cells, message, right, total, places=places)]
