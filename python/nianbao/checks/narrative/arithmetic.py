"""``narrative.parts`` and ``narrative.percent``: the sums, changes and shares that the text itself states."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain, pairwise

from nianbao.checks.narrative.compare import agrees
from nianbao.checks.narrative.lexicon import PERCENT, Token, has, labelled, strong, values, written
from nianbao.checks.narrative.quantities import Figures, Quantity, slip
from nianbao.checks.narrative.reading import BOTH, CONCLUDED, RECEIVED, SETTLED, TOTAL, USUAL
from nianbao.checks.narrative.sentence import Context, Statement
from nianbao.checks.narrative.text import Paragraph
from nianbao.core.finding import Finding, Severity
from nianbao.core.number import Figure, simplest

_CASES = frozenset(("件", "件次", "份", "宗", "起"))
_PIECES = frozenset(("篇", "个", "条", "则", "幅", "部", "期"))
_REST = ("其他", "其它")
#: Totals that name how many they add up.
_ALL = ("两者", "两项", "两类", "三项", "三者", "四项", "以上")
#: How far behind its number a share stands at most.
_REACH = 14
#: Two parts with swapped digits are counts from two of many from this number on.
_LONG = 100
_TENTH = Decimal("0.1")

Counts = Sequence[Statement]
Exhaustive = Callable[[Counts], bool]
Sum = tuple[Statement, Finding]
Issue = Callable[[str, Severity, Statement, Statement, str], Finding]


def arithmetic(counts: Counts, context: Context, paragraph: Paragraph) -> Iterator[Finding]:
    """What the numbers of a paragraph say of one another and do not bear out."""
    if len(counts) < 2 and not any(s.token.unit == "%" for s in counts):
        return

    def issue(rule: str, severity: Severity, first: Statement, last: Statement, message: str) -> Finding:
        quote = paragraph.quote(first.start, last.token.end)
        words = f"{paragraph.where(context.figures.form)}写“{quote}”，{message}，请核对"
        return Finding(f"narrative.{rule}", severity, (), words, places=(paragraph.place,))

    wholes: list[list[str]] = context.figures.data.get("exhaustive", [])

    def exhaustive(group: Counts) -> bool:
        """Whether the words of a list name all that there is (四个季度, 主办和会办)."""
        words = "".join([written(s.before) for s in group])
        return any(len(names) == len(group) and all(name in words for name in names) for names in wholes)

    sums = (
        _lists(counts, issue, exhaustive, context.figures),
        _unmarked(counts, issue, exhaustive),
        _by_name(counts, issue, exhaustive),
        _periods(counts, wholes, context, issue),
    )
    ends: set[int] = set()  # several findings about one list are one
    for last, finding in chain(*sums, _totals(counts, issue)):
        if last.token.end not in ends:
            ends.add(last.token.end)
            yield finding
    yield from _changes(counts, context, issue)
    yield from _overdone(counts, issue)
    if any(s.token.unit == "%" for s in counts):
        yield from _percents(counts, context, issue)


#: What is to be done.
_DUTIES = ("任务", "事项", "要点", "工作", "举措", "项目")
#: Kinds of words before a rate that do not say of what it is one.
_BESIDE = frozenset(("subject", "period", "filler", "own", "area"))
#: What an agenda has at most.
_FEW_THINGS = 10


def _value(some: Sequence[Statement]) -> Figure:
    return simplest(sum((s.token.value for s in some), 0))


# ------------------------------------------------------------------------------------------------ sums


def _lists(counts: Counts, issue: Issue, exhaustive: Exhaustive, figures: Figures) -> Iterator[Sum]:
    """其中 lists against their whole."""
    parts: dict[int, list[Statement]] = {}
    for s in counts:
        if s.parent is not None and (_alike(s, counts[s.parent]) or _mixed(s, counts[s.parent])):
            parts.setdefault(s.parent, []).append(s)
    for at, listed in parts.items():
        whole = counts[at]
        for group in _by_kind(listed):
            total = _value(group)
            wholes = [w.token.value for w in _wholes(counts, at, group)]
            both = at > 0 and _alike(counts[at - 1], whole) and counts[at - 1].sentence == whole.sentence
            if both and total == whole.token.value + counts[at - 1].token.value:
                continue  # 建议5件、提案8件，其中主办9件，会办4件
            if total in wholes or (len(group) > 1 and _ends_early(group, wholes)):
                continue
            if whole.wrong or any(s.wrong for s in group) or _agenda(whole, group):
                continue
            near = whole.sentence == group[0].sentence
            applicants = total < max(wholes) and all(s.kind == "column" for s in group)
            if (not near or applicants) and _borne_out(whole, group, figures):
                continue  # 其中 of a sentence further back; some of the applicants
            if any(s.token.unit != whole.token.unit for s in group if _mixed(s, whole)):
                if len(group) > 2 and abs(Decimal(whole.token.value) - total) * 50 <= max(
                    50, whole.token.value
                ):
                    message = f"各部分之和 {total}，总数为 {whole.token.value}"
                    yield group[-1], issue("parts", "verify", whole, group[-1], message)
                continue
            if total > max(wholes) and any(s.token.value == total for s in _earlier(counts, at, whole)):
                continue
            if total > max(wholes):
                message = f"各部分之和 {total}，超过总数 {whole.token.value}"
                clear = near and all(s.kind != "free" for s in group)
                severity: Severity = "error" if clear else "verify"
                yield group[-1], issue("parts", severity, whole, group[-1], message)
            elif any(
                s.token.value == total for s in counts[max(0, at - 12) : at]
            ) or whole.token.value != max(wholes):
                continue
            elif _fills(group, whole, total) or exhaustive(group):
                message = f"各部分之和 {total}，不等于总数 {whole.token.value}"
                yield group[-1], issue("parts", "verify", whole, group[-1], message)


def _borne_out(whole: Statement, group: Counts, figures: Figures) -> bool:
    """Whether the table says the same as each of the parts, and as the whole where it knows that."""
    known = [s for s in (whole, *group) if s.likely and not s.away]
    return any(s.likely for s in group) and all(agrees(s, figures) for s in known)


def _agenda(whole: Statement, group: Sequence[Statement]) -> bool:
    """True if so few things, none of them a part in words, are what follows told one by one (三项工作：更新事项25项)."""
    few = whole.token.value <= _FEW_THINGS and whole.token.unit in ("项", "个", "条")
    return few and not any(t.text == "其中" for s in group for t in s.before)


def _alike(part: Statement, whole: Statement, *, dated: bool = False) -> bool:
    """Whether two numbers count the same things, so that one may be a part of the other (``dated``: of a part of the year too)."""
    t, w = part.token, whole.token
    same = t.unit == w.unit or not t.unit or {t.unit, w.unit} <= _CASES
    plain = not (
        t.rough or w.rough or w.places or (part.change and not (dated and part.dated)) or whole.change
    )
    return same and plain and t.unit not in PERCENT and not has(whole.before[-2:], "each")


def _mixed(part: Statement, whole: Statement) -> bool:
    """``343篇，其中图片293个``: pieces of one kind under several measure words."""
    units = {part.token.unit, whole.token.unit}
    plain = not (part.token.rough or whole.token.rough or whole.token.places or part.change or whole.change)
    return plain and len(units) == 2 and units <= _PIECES


def _by_kind(parts: Counts) -> list[list[Statement]]:
    """Lists of one kind each (applicants, channels, outcomes), in their order."""
    groups: list[list[Statement]] = []
    for s in parts:
        last = groups[-1][-1] if groups else None
        same = last is not None and (last.kind, last.sentence, last.depth) == (s.kind, s.sentence, s.depth)
        if same and not (s.kind == "free" and s.joined == "；"):
            groups[-1].append(s)
        else:
            groups.append([s])
    return groups


def _wholes(counts: Counts, at: int, group: Counts) -> list[Statement]:
    """The whole, and what else before the list may be meant by it: the table's numbers beside it."""
    whole = counts[at]
    if whole.subject != "requests" and group[0].sentence == whole.sentence:
        return [whole]
    key = (whole.sentence, whole.subject, whole.parent, whole.depth, whole.token.unit)
    beside = [
        s
        for s in counts[max(0, at - 8) : at]
        if (s.sentence, s.subject, s.parent, s.depth, s.token.unit) == key and not s.change
    ]
    return [whole, *beside]


def _earlier(counts: Counts, at: int, whole: Statement) -> Iterator[Statement]:
    """The numbers before a whole that a list may split instead (``诉讼47件，维持31件…，其中直接起诉24件、复议后起诉23件``)."""
    for s in counts[max(0, at - 12) : at]:
        if whole.sentence - s.sentence < 2 and s.token.unit == whole.token.unit and not s.change:
            yield s


def _ends_early(group: Counts, wholes: Sequence[Figure]) -> bool:
    """Whether the first of the numbers fill a whole, and the others belong to something else."""
    total = group[0].token.value
    for k in range(1, len(group) - 1):
        total += group[k].token.value
        after = group[k + 1]
        if total in wholes and (after.joined != "、" or not after.token.text[:1].isdecimal()):
            return True
    return False


def _last_is_rest(group: Counts) -> bool:
    return any("rest" in t.tags or t.text in _REST for t in group[-1].before[:2])


def _fills(group: Counts, whole: Statement, total: Figure) -> bool:
    """Whether parts should fill their whole: all channels, a list that ends with the rest, one with swapped digits."""
    if group[0].kind == "channel" and len(group) > 1:
        return True
    gap = whole.token.value - total
    if len(group) < 3:
        long = [s for s in group if s.token.value >= _LONG]
        return len(group) > 1 and any(
            sorted(str(s.token.value)) == sorted(str(s.token.value + gap)) for s in long
        )
    swapped = (sorted(str(s.token.value)) == sorted(str(s.token.value + gap)) for s in group)
    close = 0 < gap <= whole.token.value // 100 or (gap == 1 and whole.token.value >= 100)
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
        total, complete = _value(parts), exhaustive(parts)
        listed = _last_is_rest(parts) or all(s.joined == "、" for s in parts[1:])
        listed = listed and parts[0].joined == "，" and not any(s.dated for s in parts)
        most = whole.token.value
        if (complete and total != most) or (listed and most < total < most * Decimal("1.2")):
            yield parts[-1], issue("parts", "verify", whole, parts[-1], f"各部分之和 {total}，总数为 {most}")


def _by_name(counts: Counts, issue: Issue, exhaustive: Exhaustive) -> Iterator[Sum]:
    """``建议55件、提案78件；建议主办11件、会办45件``: a list under the name of a number before it."""
    for k, first in enumerate(counts):
        name = next((t.text for t in first.before if t.kind == "word" and "foreign" in t.tags), None)
        if name is None or (
            k and counts[k - 1].clause == first.clause and counts[k - 1].sentence == first.sentence
        ):
            continue
        earlier = counts[max(0, k - 12) : k][::-1]
        whole = next((s for s in earlier if _named(s) == name and _alike(first, s)), None)
        if whole is None or first.sentence - whole.sentence > 1 or first.token.value > whole.token.value:
            continue
        if first.parent is not None and counts[first.parent] is whole:
            continue
        group = [first]
        for s in counts[k + 1 : k + 12]:
            joined = (
                s.joined in ("、", "和", "，") and s.sentence == first.sentence and not has(s.before, "list")
            )
            if not joined or not _alike(s, first) or has(s.before, "foreign"):
                break
            group.append(s)
        total, most = _value(group), whole.token.value
        if len(group) > 1 and (total > most or (total < most and exhaustive(group))):
            message = f"各部分之和 {total}，总数为 {most}"
            yield group[-1], issue("parts", "verify", whole, group[-1], message)


def _periods(
    counts: Counts, wholes: Sequence[Sequence[str]], context: Context, issue: Issue
) -> Iterator[Sum]:
    """``一季度5件，二季度6件，三季度4件，四季度7件，全年22件``: periods that fill the year, against its number or the table's."""
    dated = [k for k, s in enumerate(counts) if s.dated]
    for k, names in ((k, names) for k in dated for names in wholes):
        first, group = counts[k], counts[k : k + len(names)]
        ordered = len(group) == len(names) and all(
            name in written(s.before) for name, s in zip(names, group, strict=True)
        )
        key = (first.token.unit, False)
        if not (ordered and all((s.token.unit, s.token.rough) == key for s in group)):
            continue
        near = [s for s in counts if abs(s.sentence - first.sentence) < 2 and s not in group]
        of_year = [s for s in near if (s.token.unit, s.token.rough) == key and not s.change]
        total, table = _value(group), Quantity("requests", RECEIVED, TOTAL)
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


def _listed(near: Counts) -> bool:
    """Whether the last numbers are several parts of one whole."""
    return len(near) > 1 and near[-1].parent is not None and near[-1].parent == near[-2].parent


def _named(s: Statement) -> str:
    """The last word before a number."""
    return next((t.text for t in reversed(s.before) if "join" not in t.tags), "")


def _changes(counts: Counts, context: Context, issue: Issue) -> Iterator[Finding]:
    """``126件，比上年的120件增加16件``: the change is the difference, to a number of the text or of last year's report."""
    for k, change in enumerate(counts):
        ways = values(change.before, "delta")
        if not ways or not k or change.token.rough or change.token.unit in PERCENT or change.reached:
            continue
        last = counts[k - 1]
        stated = last.change and not has(last.before, "delta")
        now = counts[k - 2] if stated and k > 1 else last
        key = (change.sentence, change.token.unit)
        if any((s.sentence, s.token.unit) != key or s.token.rough for s in (now, last)) or now.change:
            continue
        before = [last.token.value] if stated else context.figures.before(now.likely)
        gaps = [(now.token.value - value) * (1 if ways[-1] == "up" else -1) for value in before]
        if gaps and change.token.value not in gaps:
            yield issue("percent", "verify", now, change, f"两数之差为 {abs(gaps[0])}")


def _overdone(counts: Counts, issue: Issue) -> Iterator[Finding]:
    """``确定的22项任务已完成25项``: more done than there was to do."""
    for whole, s in pairwise(counts):
        done = (
            s.before
            and s.before[-1].text.endswith(("完成", "落实", "办结"))
            and (not labelled(s.before) or s.token.unit == "项")
        )
        key = (whole.sentence, whole.token.unit, whole.depth)
        duty = whole.after and any(word in written(whole.after) for word in _DUTIES)
        if done and duty and key == (s.sentence, s.token.unit, s.depth) and s.token.value > whole.token.value:
            yield issue("parts", "verify", whole, s, f"完成数 {s.token.value} 超过总数 {whole.token.value}")


def _totals(counts: Counts, issue: Issue) -> Iterator[Sum]:
    """``A件和B件共C件``: the total stands last."""
    plain = [s for s in counts if s.token.unit not in PERCENT]
    for k, s in enumerate(plain):
        if not s.adds_up or s.change or s.token.rough:
            continue
        items = _items(plain[max(0, k - 12) : k], s)
        outcomes = has(s.before, "outcome") and not any(has(p.before, "outcome") for p in items)
        if outcomes or any(t.text.startswith("占") for t in s.before):
            continue  # 直接起诉4件、复议后起诉5件，维持合计8件；答复56件，占应办总数59件
        flows = bool({"concluded", "received"} & set(values(s.before, "verb")))
        if (
            len(items) < 2
            or any(p.dated for p in items)
            or (flows and not all(p.kind == "channel" for p in items))
        ):
            continue
        sums = [_value(items[j:]) for j in range(len(items) - 1)]
        every = any(t.text[:2] in _ALL for t in s.before)
        near = any(s.token.value * 2 > total > Decimal(s.token.value) / 2 for total in sums)
        ways = all(p.kind == "channel" for p in items)
        near |= (ways or len(items) == 2) and bool(slip(s.token.value, sums[0]))
        listed = len(items) == 2 or every or len({p.kind for p in items}) == 1
        if s.token.value not in sums and listed and (near or every):
            known: Severity = "error" if all(p.kind != "free" for p in items) else "verify"
            yield s, issue("parts", known, items[0], s, f"各项之和 {sums[0]}，合计 {s.token.value}")


def _items(before: Counts, total: Statement) -> list[Statement]:
    """What a total that stands last adds up."""
    items: list[Statement] = []
    for p in reversed(before):
        if p.token.unit in ("个", "项", "类", "家") and p.token.unit != total.token.unit:
            continue
        deep = p.depth - (p.depth == total.depth + 1 and (not items or items[0].depth == p.depth))
        alike = (p.sentence, p.token.unit, p.parent, deep)
        if (
            alike != (total.sentence, total.token.unit, total.parent, total.depth)
            or (p.change and not p.dated)
            or p.token.rough
        ):
            if (
                items
                and items[0].joined == "、"
                and p.sentence == total.sentence
                and alike[1] != total.token.unit
            ):
                return []  # 文件63件、动态1203条…，合计1492条
            break
        items.insert(0, p)
    return items


# ------------------------------------------------------------------------------------------------ percentages


def _percents(counts: Counts, context: Context, issue: Issue) -> Iterator[Finding]:
    shares, k = Shares(counts, context), 0
    while k < len(counts):
        run = 1
        while k + run < len(counts) and _runs_on(counts[k + run]):
            run += 1
        for j in range(run if counts[k].token.unit == "%" else 0):
            s = counts[k + j]
            rates = shares.rates(k, j, run) if not s.token.rough else []
            if rates and not any(_fits(s.token, rate) for rate in rates):
                yield issue("percent", "verify", s, s, f"按所列数字应为 {rates[0]:.1f}%")
        k += run


def _runs_on(s: Statement) -> bool:
    """Whether a percentage goes on a list of them (``分别占40%、30%``)."""
    return s.joined in ("、", "和") and s.token.unit == "%" and not s.before


def _fits(token: Token, rate: Decimal) -> bool:
    """Whether a percentage is the rate, rounded or cut to the digits that it shows."""
    step = Decimal(1).scaleb(-len(token.text.rstrip("%").partition(".")[2]))
    return abs(token.value - rate) <= max(_TENTH, step / 2) or 0 <= rate - token.value < step


def _rate(part: Figure, whole: Figure) -> Decimal:
    return Decimal(part) / whole * 100


def _grown(now: Figure, change: Statement, down: bool) -> list[Decimal]:
    """By how much a number grew (or fell), from a change or from last year's."""
    v = change.token.value
    if ways := values(change.before, "delta"):
        base = now + v if "down" in ways else now - v
        return [_rate(v, base)] if base > 0 else []
    return [_rate(v - now if down else now - v, v)] if v else []


class Shares:
    """The percentages that the numbers beside a percentage may give, the likeliest first; none where no base is spoken of."""

    def __init__(self, counts: Counts, context: Context) -> None:
        self.counts, self.context, self.figures = counts, context, context.figures

    def rates(self, k: int, j: int, run: int) -> list[Decimal]:
        """Those of the ``j``-th of a run of percentages that begins at ``k``."""
        s = self._risen(k)
        numbers = [
            p for p in self.counts[max(0, k - 40) : k] if p.token.unit not in PERCENT and not p.token.rough
        ]
        if numbers and not s.before and s.depth and s.token.start - numbers[-1].token.end == 1:
            part = numbers[-1]  # 部分公开280件（13.1%）
            return self._shares(part, numbers[:-1], numbers) if part.likely and not part.away else []
        changed = has(s.before, "delta")
        if changed and has(s.before, "cumulative"):
            return []
        if changed:
            return self._growth(k, numbers)
        if any(period != "this" for period in values(s.before, "period")):
            return []
        words = written(s.before)
        if any(manner in words for manner in self.figures.data["words"].get("manner", ())):
            return []  # 按期答复率: of what is not counts
        classes = [t for t in s.before if (row := t.tags.get("row")) and row.strong]
        if classes and "率" in words:
            return self._of_table(classes[-1])
        if self._of_disclosure(s, words):
            asked = not numbers or numbers[-1].rows or numbers[-1].sentence != s.sentence
            return self._disclosed() if asked and s.token.value < 100 else []
        if not s.before and s.leads and s.subject in ("", "requests") and not has(s.after, "foreign"):
            whose = [t for t in s.after if "column" in t.tags or (has([t], "row") and t.tags["row"].strong)]
            return self._of_table(whose[0]) if len(whose) == 1 else []  # 86.6%的申请由自然人提出
        if "率" in words:
            return self._named(
                written(t for t in s.before if "outcome" in t.tags or _BESIDE.isdisjoint(t.tags)), s, numbers
            )
        base = numbers[-1] if numbers else None
        if base is not None and base.clause == s.clause and has(base.before, "share") and numbers[1:]:
            return [_rate(numbers[-2].token.value, base.token.value)] if base.token.value else []
        at = next((i for i, t in enumerate(s.before) if "share" in t.tags), None)
        return [] if at is None else self._share(k, j, run, at, numbers)

    def _risen(self, k: int) -> Statement:
        """``占比由上年的91.2%变为88.1%``: the second share is of what the first one is."""
        s, last = self.counts[k], self.counts[k - 1] if k else None
        alone = last is None or last.sentence != s.sentence or last.clause < s.clause - 1
        named = has(s.governing, "column") or bool(strong(s.governing, "row"))
        if alone and named and has([*s.governing, *s.before], "share") and not labelled(s.before):
            words = sorted([*s.governing, *s.before], key=lambda t: "share" in t.tags)
            return replace(s, before=words)  # 占比最高的是自然人，达86.6%
        to = bool(s.before) and s.before[-1].text[-1] in "至到为" and not labelled(s.before)
        if (
            last is None
            or last.token.unit != "%"
            or last.sentence != s.sentence
            or not (to and (has(last.before, "share") or has(last.before, "rate")))
        ):
            return s
        return replace(
            s, before=[t for t in last.before if "period" not in t.tags and t.text not in ("由", "从")]
        )

    def _of_disclosure(self, s: Statement, words: str) -> bool:
        if "公开率" not in words or "主动" in words or s.subject != "requests":
            return False
        return not any(
            (t.kind == "gap" and len(t.text) > 3)
            or "foreign" in t.tags
            or t.means("subject") not in ("", "requests")
            for t in s.before
        )

    def _share(self, k: int, j: int, run: int, at: int, numbers: Counts) -> list[Decimal]:
        s = self._risen(k)
        lead = s.before[:at]
        if has(s.before[at:], "area") and not self.context.wide:
            return []
        about = [t for t in lead if "row" in t.tags or "column" in t.tags]
        if len(about) == run and run > 1:
            about = about[j : j + 1]
        after = self.counts[k + 1] if k + 1 < len(self.counts) else None
        if after is not None and after.depth > s.depth and after.token.start - s.token.end == 1 and run == 1:
            return self._shares(after, numbers)
        if any(t.tags.keys() & {"foreign"} and "channel" not in t.tags for t in lead):
            return []
        channels = [t.text for t in lead if "channel" in t.tags]
        same = [p for p in numbers if any("channel" in t.tags and t.text in channels for t in p.before)]
        if same:
            return self._shares(same[-1], [p for p in numbers if p is not same[-1]], numbers)
        if about:
            return self._of_table(about[-1], numbers[-1:])
        if (outcomes := values(lead, "outcome")) and outcomes != ["done"] and run in (1, len(outcomes)):
            return self._outcome_rate(outcomes[j if run > 1 else -1], s, numbers)
        if not numbers and (kinds := [x for x in values(lead, "subject") if self.context.disputes(x)]):
            return self._of_disputes(kinds[-1])
        if channels or any(t.kind == "gap" and len(t.text) > 1 for t in lead):
            return []
        if (
            any(t.text.endswith("类") and "total" not in t.tags for t in lead)
            or (s.governing and not numbers)
            or len(numbers) < run
            or (lead and any(t.kind == "gap" for t in lead))
        ):
            return []
        part = numbers[-run + j]
        if s.token.start - part.token.end > _REACH + 12 * (run > 1):
            return []
        if of := strong(s.before[at:], "row"):  # 占无法提供总数的91%
            wholes = self._values(*(Quantity("requests", self.figures.rows(r), TOTAL) for r in of[-1:]))
            return [_rate(part.token.value, n) for n in wholes if n]
        rates = self._shares(part, [p for p in numbers if p is not part])
        verbs = values(s.before[at:], "verb")
        if verbs and not rates and s.subject == "requests":
            named = [tuple(rows) for rows in self.figures.data["verbs"][verbs[-1]]]
            rates = [
                _rate(part.token.value, n)
                for n in self._values(*(Quantity("requests", r, TOTAL) for r in named))
                if n
            ]
        if rates and (has(s.before, "total") or has(part.before, "total")) and part.token.value:
            sums = [_value(numbers[-n:]) for n in range(2, 5) if len(numbers) >= n]
            rates += [rate * total / part.token.value for rate in list(rates) for total in sums]
        return rates

    def _values(self, *quantities: Quantity) -> list[Figure]:
        return self.figures.known(*quantities)

    def _flows(self) -> list[Figure]:
        return self._values(*(Quantity("requests", rows, TOTAL) for rows in USUAL))

    def _shares(self, part: Statement, others: Counts, listed: Counts = ()) -> list[Decimal]:
        """A number's share of the numbers before it, of what the table says beside it, of its list."""
        n = part.token.value
        alike = [p for p in listed if p.kind == part.kind and p.sentence == part.sentence]
        bases = [_value(alike)] if alike else []
        larger = [p.token.value for p in others if p.token.unit == part.token.unit and p.token.value >= n]
        if part.parent is None and not larger and not part.likely:
            return []
        table = [*self._flows(), *self._values(*part.likely)]
        if part.likely and part.likely[0].table == "remedies":
            rows = part.likely[0].rows
            table += self._values(Quantity("remedies", rows, TOTAL), Quantity("remedies", rows, SETTLED))
        bases += [*reversed(larger), *(base for base in table if base >= n)]
        return [_rate(n, base) for base in bases if base]

    def _of_table(self, token: Token, group: Counts = ()) -> list[Decimal]:
        """The share of a class or an applicant that stands without its number."""
        figures = self.figures
        pairs: list[tuple[Quantity, tuple[str, ...]]]
        if column := token.means("column"):
            pairs = [(Quantity("requests", r, figures.columns(column)), r) for r in USUAL]
        elif token.tags["row"].strong:
            part = Quantity("requests", figures.rows(token.means("row")), TOTAL)
            whole = (
                s.rows for s in group if set(part.rows) < set(s.rows)
            )  # 不予处理108件，其中信访类占54.6%
            pairs = [(part, r) for r in (*whole, CONCLUDED, RECEIVED, BOTH)]
        else:
            return []
        known = [
            (figures.value(part), figures.value(Quantity("requests", rows, TOTAL))) for part, rows in pairs
        ]
        return [_rate(part, whole) for part, whole in known if whole and part is not None]

    def _named(self, stem: str, s: Statement, numbers: Counts) -> list[Decimal]:
        """维持率, 纠错率 of the table; X率 of the number that X names before it."""
        stem = stem.rsplit("，", 1)[-1].split("率")[0]
        if stem.endswith(("维持", "纠错", "纠正", "败诉")) and s.subject:
            return self._outcome_rate("upheld" if stem.endswith("维持") else "corrected", s, numbers)
        near = [p for p in numbers if p.sentence == s.sentence]
        plain = not any((t.kind == "gap" and t.unknown) or "foreign" in t.tags for t in s.before)
        plain = plain and not {*values(s.before, "subject")} - {"requests"}
        if stem == "办结" and len(near) < 2 and plain:
            return self._conclusion(near, numbers)
        if (
            len(stem) < 2
            or len(near) < 2
            or _listed(near)
            or near[-1].joined in ("、", "和")
            or stem not in written(near[-1].before or near[-1].after)
        ):
            return []
        n, unit = near[-1].token.value, near[-1].token.unit
        bases = [p.token.value for p in reversed(near[:-1]) if p.token.unit == unit and p.token.value >= n]
        if near[-1].rows == CONCLUDED:
            bases += self._flows()  # 受理2131件，办结2139件，办结率96.7%
        return [_rate(n, base) for base in bases if base]

    def _conclusion(self, near: Counts, numbers: Counts) -> list[Decimal]:
        """办结率 of the number beside it, or of the table where the paragraph counts nothing else."""
        if near and near[0].rows == CONCLUDED and not near[0].away:
            return [_rate(near[0].token.value, base) for base in self._flows() if base]
        concluded = self.figures.value(Quantity("requests", CONCLUDED, TOTAL)) if not numbers else None
        return [_rate(concluded, base) for base in self._flows()[::-1] if base] if concluded else []

    def _outcome_rate(self, column: str, s: Statement, numbers: Counts) -> list[Decimal]:
        if numbers and numbers[-1].away and not numbers[-1].change:
            return []
        disputes = self.context.disputes
        beside = [p for p in numbers[-1:] if p.sentence == s.sentence and disputes(p.subject)]
        if any(p.weight < 1 and not agrees(p, self.figures) for p in beside):
            return []  # 直接纠正行政行为212件，综合纠错率11.4%
        named = [x for x in values(s.before, "subject") if disputes(x)][-1:]
        subjects = named or [p.subject for p in numbers if disputes(p.subject)][-1:] or ["recon"]
        rows = self.context.subject_rows(subjects[0])
        part = self.figures.value(Quantity("remedies", rows, (column,)))
        wholes = self._values(Quantity("remedies", rows, TOTAL), Quantity("remedies", rows, SETTLED))
        return [_rate(part, whole) for whole in wholes if whole and part is not None]

    def _of_disputes(self, subject: str) -> list[Decimal]:
        """``直接起诉占33.3%``: of all court cases, or of all disputes."""
        rows = [self.context.subject_rows(x) for x in (subject, "litig", "recon")]
        totals = self._values(
            *(Quantity("remedies", r, TOTAL) for r in (rows[0], rows[1], rows[1] + rows[2]))
        )
        return [_rate(totals[0], whole) for whole in totals[1:] if whole >= totals[0] and whole]

    def _disclosed(self) -> list[Decimal]:
        granted = Quantity("requests", ("granted", "partly_granted"), TOTAL)
        parts = self._values(granted, granted._replace(rows=("granted",)))
        return [_rate(part, base) for part in parts for base in self._flows() if base]

    def _growth(self, k: int, numbers: Counts) -> list[Decimal]:
        """``126件，比上年的120件增长5%``: of the numbers of the sentence that the change is about."""
        s = self.counts[k]
        down = "down" in values(s.before, "delta")
        near = [p for p in numbers if p.sentence == s.sentence]
        own = [t.text for t in s.before if "foreign" in t.tags]
        if own and not any(word in written(p.before) for word in own for p in near):
            return []  # 咨询群众390人次，信访量同比下降13%
        starts = [i for i, p in enumerate(near) if p.joined == "；"]
        near = near[starts[-1] :] if starts and s.joined != "；" else near
        after = self.counts[k + 1] if k + 1 < len(self.counts) else None
        if after is not None and after.depth > s.depth and after.change:
            near.append(after)
        same = len(near) > 1 and near[-1].token.unit == near[-2].token.unit
        if same and (near[-1].reached or (near[-2].dated and not near[-1].change)):
            base: Figure = near[-2].token.value  # 由2447件降至2131件
            return [_rate(abs(Decimal(near[-1].token.value) - base), base)] if base else []
        changed = [p for p in near if p.change]
        if not near or not near[-1].change:
            return []
        unit = changed[-1].token.unit
        now = [p.token.value for p in reversed(near) if not p.change and p.token.unit == unit]
        if not now and len(changed) == 1 and changed[0].likely:
            now = self._values(changed[0].likely[0])  # 申请量同比增加23件，增幅9.5%
        gaps = [p for p in changed if has(p.before, "delta")]
        before = [p for p in changed if p not in gaps and p.token.value]
        out = [rate for n in now for p in changed for rate in _grown(n, p, down)]
        out += [_rate(gap.token.value, p.token.value) for gap in gaps for p in before]
        others = [
            (Decimal(a.token.value) / b.token.value - 1) * (-100 if down else 100)
            for a in near
            for b in near
            if a is not b and b.token.value and not a.change
        ]
        return [*out, *others] if out else []
