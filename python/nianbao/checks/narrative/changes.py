"""What has risen or fallen, is done or is left: the differences that a text states; and this year's figures told as another's."""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise

from nianbao.checks.narrative.lexicon import (
    PERCENT,
    Token,
    Words,
    clauses,
    has,
    joined_to_last,
    labelled,
    values,
    written,
)
from nianbao.checks.narrative.quantities import BOTH, CARRIED, CONCLUDED, OPEN, RECEIVED, Figures, Quantity
from nianbao.checks.narrative.sentence import Context, Statement, agrees, of_two_classes
from nianbao.checks.narrative.text import Paragraph
from nianbao.core.finding import Finding, Severity
from nianbao.core.number import Figure, simplest

#: The year that a sentence opens with.
_DATED = re.compile(r"((?:19|20)\d\d)年(?:度|底|末|12月31日)?$")
#: Years so near may be meant for the report's own; so few and so small numbers may be equal by chance.
_NEAR, _FEW, _LEAST = 3, 3, 10
_TENTH = Decimal("0.1")
#: How far tenths may be off.
_TENTHS = 11
#: How much below some tenths 近 may be.
_SHORT = 6
#: Words for more than a number.
_BEYOND = ("超过", "超", "逾", "突破")
#: How much the difference of two rounded shares may be off.
_ROUNDED = Decimal("0.15")
#: Kinds of words with which a clause speaks of something else; longer gaps may, too.
_OTHERS = frozenset(
    ("foreign", "qualifier", "row", "column", "outcome", "subject", "channel", "outside", "each")
)
_GAP = 4
#: Words for what is left; for what is done; and for what is not yet.
_LEFT = ("其余", "余下", "剩余", "剩下", "余", "剩", "其余的", "尚余", "还剩")
_ENDED = ("办结", "完成", "整改", "答复", "回复", "解决", "改正", "落实", "办复", "解答")
_STILL = ("正在", "转入", "转至", "结转", "跨年", "在办", "待办", "尚未")
#: What is to be done.
_DUTIES = ("问题", "任务", "事项", "要点", "工作", "举措", "项目")

Counts = Sequence[Statement]
#: Makes a finding of a rule: its severity, the numbers that it spans, what is wrong.
Issue = Callable[[str, Severity, Statement, Statement, str], Finding]


def changes(counts: Counts, context: Context, issue: Issue) -> Iterator[Finding]:
    """``126件，比上年的120件增加16件``: the change is the difference, to a number of the text or of last year's report."""
    for k, change in enumerate(counts):
        if "百分点" in change.token.unit and k > 1 and (gap := _points(change, *counts[k - 2 : k])):
            yield issue("percent", "verify", counts[k - 2], change, f"两数之差为 {gap} 个百分点")
        ways = values(change.before, "delta")
        if not ways or not k or change.token.rough or change.token.unit in PERCENT or change.reached:
            continue
        known = [s for s in (*counts[max(0, k - 6) : k], *counts[k + 1 : k + 2]) if _comparable(s, change)]
        pairs: list[tuple[Figure, Figure]] = []
        if pair := _compared(known, change):
            now, before = pair
            gaps = [(now.token.value - before.token.value) * (1 if ways[-1] == "up" else -1)]
            others = (abs(Decimal(a.token.value) - b.token.value) for a, b in combinations(known, 2))
            net = "净" in written(change.before)
            right = change.token.value in (others if net or abs(gaps[0]) != change.token.value else gaps)
            ends = sorted((now, before, change), key=lambda s: s.token.start)
            first, last = ends[0], ends[-1]
            if right and (base := _misquoted(now, before, context.figures)):
                yield issue("percent", "verify", first, last, f"上年报告为 {base[0]}")
        else:
            now = first = counts[k - 1]
            last = change
            plain = known[-1:] == [now] and not now.change and not has(change.before, "respectively")
            pairs = since_last_year(now, context.figures) if plain else []
            gaps = [(value - before) * (1 if ways[-1] == "up" else -1) for value, before in pairs]
            right = not gaps or change.token.value in gaps
        if not right:
            unit = " 元" if change.token.unit == "元" else ""
            known_before = f"上年报告为 {pairs[0][1]}{unit}，" if not pair else ""
            turned = "" if pair or gaps[0] > 0 else "，增减方向也不符" if gaps[0] < 0 else ""
            message = f"{known_before}两数之差为 {abs(gaps[0])}{unit}{turned}"
            yield issue("percent", "verify", first, last, message)


def _misquoted(now: Statement, before: Statement, figures: Figures) -> list[Figure]:
    """Last year's figure by its own report, where the text tells another beside this year's right one (``11件，较上年的9件增加2件``)."""
    words = written(before.before)
    last = any(word in words for word in ("上年", "去年", "上一年")) and not {*"末底"} & {*words}
    ours = bool(now.likely) and not (now.away or now.change) and agrees(now, figures)
    known = figures.before(now.likely[:1]) if last and ours else []
    return known if before.token.value not in known else []


def since_last_year(now: Statement, figures: Figures) -> list[tuple[Figure, Figure]]:
    """A number beside last year's figure, and what it is a part of, of which a change behind both may be told."""
    wholes = [now, now.parent, *list(now.here())[-1:]]
    some = [s for s in dict.fromkeys(wholes) if s and s.likely and not (s.change or s.away)]
    return [(s.token.value, value) for s in some for value in figures.before(s.likely[:1])]


def _comparable(s: Statement, change: Statement) -> bool:
    """Whether a change may be one of a number, or against it."""
    same = (s.sentence, s.token.unit) == (change.sentence, change.token.unit)
    part = s.dated and not any("年" in t.text and "半" not in t.text for t in s.before if "period" in t.tags)
    things = s.token.unit in ("个", "项") and not s.token.text[0].isdigit()  # 提出的两个问题
    return same and not (s.token.rough or part or things) and (s.reached or not has(s.before, "delta"))


def _compared(known: Counts, change: Statement) -> tuple[Statement, Statement] | None:
    """The number that has changed, and what it was before; None where the text does not tell both."""
    before = [s for s in known if s.token.start < change.token.start][-2:]
    after = known[len([s for s in known if s.token.start < change.token.start]) :]
    if after and before and after[0].change and not before[-1].change:
        return (before[-1], after[0]) if "last" in values(after[0].before, "period") else None
    if pair := of_two_classes(before, change):
        return pair
    if len(before) == 1 and before[0].change and after and not after[0].change:
        return after[0], before[0]  # 较上年的71件增加13件，达84件
    if len(before) == 2 and before[1].depth > before[0].depth and has(before[1].before, "compare"):
        return before[0], before[1]  # 2139件，较上年（1985件）净增154件
    if len(before) < 2 or before[0].depth != before[1].depth:
        return None
    one, other = before
    if "净" in written(change.before) and has(one.before, "change") and has(other.before, "change"):
        return one, other  # 制发7件、废止11件，净减少3件
    if one.change == other.change:
        return None
    return (other, one) if one.change else (one, other)


def _points(change: Statement, before: Statement, now: Statement) -> Decimal:
    """By how much two shares before a difference differ, where that is not it (``由88.1%升至98.4%，提高4.3个百分点``)."""
    key, unit = (change.sentence, change.depth), "%"
    if any((s.sentence, s.depth) != key or s.token.unit != unit or s.token.rough for s in (before, now)):
        return Decimal(0)
    rose = now.reached or has(now.before, "delta") or has(before.before, "compare") or before.change
    gap = abs(Decimal(now.token.value) - Decimal(before.token.value))
    return gap if rose and abs(gap - change.token.value) > _ROUNDED else Decimal(0)


def overdone(counts: Counts, issue: Issue) -> Iterator[Finding]:
    """``确定的22项任务已完成25项``: more done than there was to do."""
    for whole, s in pairwise(counts):
        done = (
            s.before
            and s.before[-1].text.endswith(("完成", "落实", "办结", "整改"))
            and (not labelled(s.before) or s.token.unit == "项")
        )
        key = (whole.sentence, whole.token.unit, whole.depth)
        listed = s.parent is not None and s.parent is whole.parent  # 其中未发现问题40户、责令整改66户
        same = key == (s.sentence, s.token.unit, s.depth) and s.token.value > whole.token.value
        if not (done and same) or listed:
            continue
        words = written([*whole.before, *whole.after])
        if any(word in words for word in _DUTIES):
            yield issue("parts", "verify", whole, s, f"完成数 {s.token.value} 超过总数 {whole.token.value}")


def remnants(counts: Counts, issue: Issue) -> Iterator[Finding]:
    """``问题862户，已责令改正845户，其余17户``: what is done and what is left are what there was."""
    for k in range(2, len(counts)):
        left = counts[k]
        rest = written(left.before[:1]) in _LEFT
        around = "" if rest else written([*left.before, *left.after])
        if left.wrong or not (rest or any(word in around for word in _STILL)):
            continue
        here = [s for s in reversed(list(left.here())) if s.token.unit == left.token.unit]
        if len(here) < 2:
            continue
        whole, done = here[-2:]
        own = any(s.parent or s.depth or s.change or s.token.rough or s.dated for s in (whole, done, left))
        ended = any(word in written(done.before) for word in _ENDED)
        ours = any(s.likely and not s.foreign for s in (whole, done, left))
        if own or ours or not ended or done.token.value > whole.token.value:
            continue
        total = done.token.value + left.token.value
        behind = k + 1 < len(counts) and counts[k + 1].sentence == left.sentence
        known = {s.token.value - done.token.value for s in here[:-1]}
        over = total > max(s.token.value for s in here)
        if left.token.value not in known and (over or (rest and not behind)):
            yield issue("parts", "verify", whole, left, f"各部分之和 {total}，总数为 {whole.token.value}")


def remainders(
    sentence: Words, new: Sequence[Statement], paragraph: Paragraph, figures: Figures
) -> Iterator[Finding]:
    """``应办279件，办结265件，余下的转下年``: what is left, without a number of its own, is the difference."""
    for clause in clauses(sentence):
        earlier = [s for s in new if s.token.end <= clause[0].start and not s.depth]
        plain = all(
            s.rows and not (s.away or s.wrong) and s.token.unit == earlier[0].token.unit for s in earlier
        )
        several = any("等" in t.text or t.kind == "number" for t in clause)
        if len(earlier) < 2 or not plain or several or not has(clause, "rest"):
            continue
        rows, columns = (joined_to_last(clause, kind) for kind in ("row", "column"))
        into = [s for s in earlier if s.rows == BOTH] or [
            s for s in earlier if s.rows in (RECEIVED, CARRIED[0])
        ]
        parts = [s for s in earlier if s.rows == CONCLUDED]
        wholes = [
            q.rows
            for q in (*earlier[0].likely, *earlier[0].possible)
            if figures.bears_out(earlier[0].token, q)
        ]
        if rows == ["carried_out"] and not columns and into and len(parts) == 1:
            some = [OPEN]
        elif (
            columns
            and not rows
            and wholes
            and earlier[0].kind != "column"
            and all(s.kind == "column" for s in earlier[1:])
        ):
            into, parts = earlier[:1], earlier[1:]
            named = [c for key in columns for c in figures.columns(key)]
            every = (named, figures.columns("org")) if "natural" not in columns else (named,)
            some = [Quantity("requests", r, tuple(some)) for r in wholes for some in every]
        else:
            continue
        left = sum(s.token.value for s in into) - sum(s.token.value for s in parts)
        value = figures.value(some[0])
        if left >= 0 and value is not None and left not in figures.known(*some):
            yield _left(some[0], left, [*earlier[-1].before, *clause], paragraph, figures)


def _left(quantity: Quantity, left: Figure, words: Words, paragraph: Paragraph, figures: Figures) -> Finding:
    quote = paragraph.quote(words[0].start, words[-1].end)
    right = figures.value(quantity)
    message = (
        f"{paragraph.where(figures.form)}写“{quote}”，按所列数字剩余 {left} 件，"
        f"而表中{figures.name(quantity)}为 {right}，请核对文字和表格"
    )
    places = (paragraph.place,)
    return Finding("narrative.mismatch", "verify", quantity.cells(), message, right, left, places=places)


def misdated(
    words: Words, new: Sequence[Statement], paragraph: Paragraph, figures: Figures
) -> Iterator[Finding]:
    """A sentence dated another year that tells this year's figures, in a paragraph without this year's.

    Next year's figures cannot be known yet, whatever they are.
    """
    year = figures.report.year
    until = len(words) > 1 and words[0].text in ("截至", "截止")
    match = _DATED.match(words[until].text) if words else None
    if year is None or match is None or not 0 < abs(int(match[1]) - year) <= _NEAR:
        return
    future, named = int(match[1]) == year + 1, f"{year}年" in paragraph.text
    own = (
        len(words) > 2
        and words[1].text == "，"
        and (has(words[2:4], "own") or has(words[2:4], "area"))
        and not has(words, "compare")
    )
    passed = CARRIED[future]  # 2022年受理的82件结转至本年度; 2025年继续办理结转的8件
    reported = [s for s in new if (s.dated or own) and s.likely and s.weight > 0]  # 2023年，本局…本年度
    reported = [s for s in reported if passed not in {q.rows for q in s.likely}]
    if future:  # 2025年计划制发规范性文件15件
        reported = [s for s in reported if not has(s.before, "qualifier")]
    if not reported or paragraph.section == "preamble":
        return
    if named and (future or not _told_once(words, reported, new[0], paragraph, year)):
        return
    section = figures.form.section(paragraph.section)
    few = len(reported) < _FEW and max(s.token.value for s in reported) < _LEAST
    if few and not (section.table and has(words[:4], "own")):
        return
    if not future and not all(agrees(s, figures) for s in reported):
        return
    if all(s.token.value in figures.before(s.likely) for s in reported):
        return
    quote = paragraph.quote(words[0].start, reported[-1].token.end)
    same = "" if future else "数字与本年表格一致，"
    message = f"{paragraph.where(figures.form)}写“{quote}”，{same}年份疑应为{year}年"
    severity: Severity = "error" if future else "verify"
    yield Finding("narrative.year", severity, (), message, year, int(match[1]), places=(paragraph.place,))


def _told_once(
    words: Words, reported: Sequence[Statement], first: Statement, paragraph: Paragraph, year: int
) -> bool:
    """Whether several large figures are told in a sentence that does not name the report's year, and nothing counted before it."""
    large = {s.token.value for s in reported if s.token.value >= _LEAST}
    named = f"{year}年" in paragraph.text[words[0].start : words[-1].end] or has(words, "compare")
    return len(large) > 1 and not named and not any(s.likely for s in first.back())


def added(some: Sequence[Statement]) -> Figure:
    """The sum of some numbers."""
    return simplest(sum((s.token.value for s in some), 0))


def row_of(numbers: Counts, last: Statement) -> list[Statement]:
    """The numbers of one row (``分别为47件、39件、36件``) that ends with ``last``."""
    row, k = [last], numbers.index(last)
    while k and row[0].joined == "、":
        k -= 1
        row.insert(0, numbers[k])
    return row


def sums_before(s: Statement, last: Statement, numbers: Counts) -> list[Figure]:
    """What a share of several numbers together may be of (``50件、48件、33件，合计占…``)."""
    several = has(s.before, "total") or len(row_of(numbers, last)) > 1
    return [added(numbers[-n:]) for n in range(2, 5) if len(numbers) >= n] if several else []


def whole_of(s: Statement, part: Statement) -> list[Figure]:
    """What a share behind a list may be of beside its last number: the list's whole."""
    whole = part.parent
    return [whole.token.value] if whole is not None and s.joined == "，" and s.clause > part.clause else []


def part_of_all(s: Statement) -> bool:
    """Whether a percentage is one of parts, so that it cannot go beyond all (``满意率102.7%``)."""
    words = written(s.before)
    rate = any(
        f"{word}率" in words for word in ("办结", "满意", "答复", "公开", "合格", "好评", "优良", "维持")
    )
    other = has(s.before, "delta") or has(s.before, "compare") or "last" in values(s.before, "period")
    return (rate or has(s.before, "share")) and not other


def percentage(part: Figure, whole: Figure) -> Decimal:
    """What a part is of a whole, in per cent."""
    return Decimal(part) / whole * 100


def _grown(now: Figure, change: Statement, down: bool) -> list[Decimal]:
    """By how much a number grew (or fell), from a change or from last year's."""
    v = change.token.value
    if ways := values(change.before, "delta"):
        base = now + v if "down" in ways else now - v
        return [percentage(v, base)] if base > 0 else []
    return [percentage(v - now if down else now - v, v)] if v else []


def _opening(s: Statement, base: Statement) -> Statement | None:
    """The first number of the sentence, where it counts what the number it is compared to does."""
    first = list(s.here())[-1]
    same = first is not base and first.token.unit == base.token.unit and not labelled(base.before)
    return first if same and not first.change and first.depth == base.depth else None


def growth(counts: Counts, k: int, numbers: Counts, figures: Figures) -> list[Decimal]:
    """``126件，比上年的120件增长5%``: of the numbers of the sentence that the change is about."""
    s = counts[k]
    down = "down" in values(s.before, "delta")
    near = [p for p in numbers if p.sentence == s.sentence]
    own = [t.text for t in s.before if "foreign" in t.tags]
    if own and not any(word in written(p.before) for word in own for p in near):
        return []  # 咨询群众390人次，信访量同比下降13%
    starts = [i for i, p in enumerate(near) if p.joined == "；"]
    if starts and s.joined != "；" and not (starts[-1] and near[-1] is near[starts[-1]] and near[-1].reached):
        near = near[starts[-1] :]  # but 2021年收到241件；今年增至265件
    if len(near) == 1 and near[0].change and (whole := _opening(s, near[0])):
        near = [whole, *near]  # 人员2847人，其中专职312人；较上年的2654人增长9.3%
    after = counts[k + 1] if k + 1 < len(counts) else None
    beside = after is not None and (after.depth > s.depth or "last" in values(after.before, "period"))
    if after is not None and beside and after.change and after.sentence == s.sentence:
        near.append(after)
    same = len(near) > 1 and near[-1].token.unit == near[-2].token.unit
    if same and (near[-1].reached or (near[-2].dated and not near[-1].change)):
        base: Figure = near[-2].token.value  # 由2447件降至2131件
        return [percentage(abs(Decimal(near[-1].token.value) - base), base)] if base else []
    changed = [p for p in near if p.change]
    if near and not (near[-1].change or near[-1].away) and near[-1].likely:
        alone = has(s.before, "compare") and not (labelled(s.before) or has(s.before, "respectively"))
        alone = alone and s.joined == "，" and s.clause - near[-1].clause == 1
        pairs = since_last_year(near[-1], figures) if alone else []
        rose = [percentage(Decimal(value) - base, base) for value, base in pairs if base]
        return [-rate if down else rate for rate in rose if "other" not in values(s.before, "period")]
    if not near or not near[-1].change:
        return []
    unit = changed[-1].token.unit
    now = [p.token.value for p in reversed(near) if not p.change and p.token.unit == unit]
    if not now and len(changed) == 1 and changed[0].likely:
        now = figures.known(changed[0].likely[0])  # 申请量同比增加23件，增幅9.5%
    gaps = [p for p in changed if has(p.before, "delta")]
    before = [p for p in changed if p not in gaps and p.token.value]
    out = [rate for n in now for p in changed for rate in _grown(n, p, down)]
    out += [percentage(gap.token.value, p.token.value) for gap in gaps for p in before]
    others = [
        (Decimal(a.token.value) / b.token.value - 1) * (-100 if down else 100)
        for a in near
        for b in near
        if a is not b and b.token.value and not a.change
    ]
    return [*out, *others] if out else []


def rightly(s: Statement, rate: Decimal) -> str:
    """What a percentage should be, in words."""
    if not rate and s.token.value > 100:
        return "比率不会超过 100%"
    listed = any(p.change or p.dated for p in s.here()) or not has(s.before, "compare")
    told = "按所列数字" if listed else "按上年报告的数字"
    if not rate:
        return f"{told}没有增减" if has(s.before, "delta") else f"{told}应为 0"
    turned = ("下降 " if "up" in values(s.before, "delta") else "增长 ") if rate < 0 else ""
    return f"{told}应为{turned or ' '}{abs(rate):.1f}%"


def fits(s: Statement, rate: Decimal) -> bool:
    """Whether a percentage is the rate, rounded or cut to the digits that it shows."""
    token = s.token
    step = Decimal(1).scaleb(-len(token.text.rstrip("%").partition(".")[2]))
    if token.rough:  # 约28.3%, 近三十个百分点
        short = _at_least(s) and rate + step < token.value
        return not short and abs(token.value - rate) < (_TENTHS if step == 1 else 1)
    return abs(token.value - rate) <= max(_TENTH, step / 2) or 0 <= rate - token.value < step


def _at_least(s: Statement) -> bool:
    """Whether no less than a number is meant (``九成以上``, ``超过90%``)."""
    behind = written(s.after[:1])
    return "以上" in s.token.text or behind.startswith("以上") or written(s.before[-1:]) in _BEYOND


def likeliest(token: Token, rates: Sequence[Decimal]) -> Decimal:
    """The rate whose digits a percentage exchanges, else the first."""
    digits = sorted(token.text.rstrip("%"))
    return next((rate for rate in rates if sorted(f"{rate:.1f}") == digits), rates[0])


def tenths(s: Statement, rate: Decimal) -> bool:
    """Whether some tenths (``近九成``, ``七成以上``) may be meant by a percentage."""
    gap = rate - Decimal(s.token.value) * 10
    if "以上" in s.token.text:
        return gap > -1
    if written(s.before[-1:])[-1:] == "近":
        return -_SHORT < gap < _TENTHS
    return -1 < gap < _TENTHS if _at_least(s) else abs(gap) < _TENTHS


def directions(
    words: Words, new: Sequence[Statement], paragraph: Paragraph, figures: Figures
) -> Iterator[Finding]:
    """``申请265件，较上年283件有所增长``: a rise or a fall without its size, against the sentence or last year's report."""
    for clause in clauses(words):
        at = next((k for k, t in enumerate(clause) if "delta" in t.tags), None)
        ways = {*values(clause, "delta")}
        if at is None or len(ways) > 1 or not has(clause, "compare") or not _only_compares(clause, at):
            continue
        earlier = [s for s in new if s.token.end <= clause[at].start and s.token.unit not in PERCENT]
        if not earlier:
            continue
        now, bases, sign = earlier[-1], list[Figure](), 1 if ways == {"up"} else -1
        between = [t.text for t in words if now.token.end <= t.start < clause[0].start]
        if now.change and len(earlier) > 1 and now.token.unit == earlier[-2].token.unit:
            now, bases = earlier[-2], [now.token.value]
        elif now.likely and not now.away and between[-1:] == ["，"] and between.count("，") == 1:
            pairs = since_last_year(now, figures)
            bases = [base for _, base in pairs if not any((v - base) * sign >= 0 for v, base in pairs)]
        if now.change or now.token.rough or not bases:
            continue
        # 14件，其中法律服务机构1件，较上年的9件有所增加
        wholes = [s for s in (now, now.parent) if s]
        if all((s.token.value - bases[0]) * sign < 0 for s in wholes):
            quote = paragraph.quote(now.start, clause[-1].end)
            message = f"{paragraph.where(figures.form)}写“{quote}”，而上年为 {bases[0]}，方向不符，请核对"
            yield Finding("narrative.percent", "verify", (), message, places=(paragraph.place,))


def _only_compares(clause: Words, at: int) -> bool:
    """Whether a clause says no more than that what was counted rose or fell (its change at ``at``)."""
    kinds = {kind for t in clause for kind in t.tags}
    first = next(k for k, t in enumerate(clause) if "compare" in t.tags)
    if any("period" not in t.tags for t in clause[:first]):
        return False  # 尚未审结2件，被申请数量较上年的24件有所增加
    vague = any(t.unknown and not t.tags and len(t.text) > _GAP for t in clause)
    counted = any(t.kind == "number" for t in clause[at:]) or "other" in values(clause, "period")
    return _OTHERS.isdisjoint(kinds) and not (vague or counted)


def left_open(clause: Words, context: Context, sentence: Words, figures: Figures) -> bool:
    """``尚有申请未办结，结转下年度``, where nothing is carried over."""
    some = has(clause, "some") and "carried_out" in values(sentence, "row")
    plain = context.subject == "requests" and not context.outside and not has(sentence, "none")
    counted = any(t.kind == "number" for t in sentence)
    return some and plain and not counted and figures.value(OPEN) == 0
