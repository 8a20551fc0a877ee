"""The percentages that the numbers of a text, and the table, may give."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from nianbao.checks.narrative.changes import (
    Counts,
    added,
    fits,
    growth,
    likeliest,
    part_of_all,
    percentage,
    row_of,
    sums_before,
    tenths,
    whole_of,
)
from nianbao.checks.narrative.disputes import VAGUE
from nianbao.checks.narrative.lexicon import (
    PERCENT,
    Token,
    has,
    joined_to_last,
    labelled,
    strong,
    values,
    written,
)
from nianbao.checks.narrative.quantities import BOTH, CONCLUDED, RECEIVED, SETTLED, TOTAL, USUAL, Quantity
from nianbao.checks.narrative.sentence import Context, Statement, agrees, beside_other_year
from nianbao.core.number import Figure, simplest

#: How far behind its number a share stands at most.
_REACH = 14
_REQUIRED = ("不低于", "不少于", "不高于", "不超过")
_PERSONS = frozenset(("人", "名", "位"))
#: Kinds of words that make a percentage another than a class's share.
_OF_OTHERS = ("share", "rate", "delta", "compare", "foreign", "period", "qualifier", "channel")
#: Kinds of words before a rate that do not say of what it is one.
_BESIDE = frozenset(("subject", "period", "filler", "own", "area"))


def untrue_shares(counts: Counts, context: Context) -> Iterator[tuple[Statement, Decimal]]:
    """The percentages that nothing beside them bears out, with the likeliest of what they should be."""
    shares, k = Shares(counts, context), 0
    yield from shares.listed()
    while k < len(counts):
        if counts[k].aimed or written(counts[k].before).endswith(_REQUIRED):
            k += 1
            continue
        if counts[k].token.unit == "成":
            rates = shares.rates(k, 0, 1) if _of_something(counts, k) else []
            if rates and not any(tenths(counts[k], rate) for rate in rates):
                yield counts[k], rates[0]
        elif k and counts[k].token.unit == "%" and counts[k].depth > counts[k - 1].depth:
            before = counts[k - 1]
            if before.token.unit == "成" and not tenths(before, Decimal(counts[k].token.value)):
                yield counts[k], Decimal(before.token.value) * 10  # 近九成（68.6%）
        run = 1
        while k + run < len(counts) and _runs_on(counts[k + run]):
            run += 1
        for j in range(run if counts[k].token.unit == "%" else 0):
            s = counts[k + j]
            if s.token.value > 100 and part_of_all(s):
                yield s, Decimal(0)
                continue
            rates = shares.rates(k, j, run)
            if (
                rates
                and min(rates) <= 100 + 900 * has(s.before, "delta")
                and not any(fits(s, rate) for rate in rates)
            ):
                yield s, likeliest(s.token, rates)
        k += run


def _of_something(counts: Counts, k: int) -> bool:
    """Whether it is told of what some tenths are."""
    s = counts[k]
    if has(s.before, "respectively"):
        return False  # 三个方面，分别占四成、三成
    spoken = [t for t in s.governing if "channel" in t.tags or labelled([t])]
    if not labelled(s.own) and spoken and "channel" in spoken[-1].tags:
        return False  # 申请渠道以网络为主，占六成以上
    beside = k > 0 and bool(counts[k - 1].likely) and counts[k - 1].clause >= s.clause - 1
    return labelled(s.own) or beside or (s.opens and has(s.governing, "column"))


def _runs_on(s: Statement) -> bool:
    """Whether a percentage goes on a list of them (``分别占40%、30%``)."""
    return s.joined in ("、", "和") and s.token.unit == "%" and all("join" in t.tags for t in s.before)


def _named(token: Token) -> bool:
    """Whether a word names a class or an applicant."""
    return "column" in token.tags or bool(strong([token], "row"))


def _alike(whole: Statement, part: Statement) -> bool:
    """Whether two numbers have one measure word (148个乡镇专区, 41个)."""
    units = (whole.token.unit, part.token.unit)
    return units[0] == units[1] or all(unit[:1] == "个" for unit in units) or {*units} <= _PERSONS


def _of_another_year(s: Statement) -> bool:
    """Whether a share is one of another year."""
    compared = bool(s.depth) and has(s.before, "compare")  # 较上年的纠错率（12.4%）
    periods = values(s.before, "period") or (
        [] if has(s.governing, "compare") else values(s.governing, "period")[-1:]
    )
    other = compared or any(period != "this" for period in periods)  # 2021年的申请中，不予公开占19.3%
    return other or written(s.before)[-1:] in ("由", "从") or beside_other_year(s)  # 由29.7%降至24.4%


class Shares:
    """The percentages that the numbers beside a percentage may give, the likeliest first; none where no base is spoken of."""

    def __init__(self, counts: Counts, context: Context) -> None:
        self.counts, self.context, self.figures = counts, context, context.figures

    def listed(self) -> Iterator[tuple[Statement, Decimal]]:
        """The outliers of lists of percentages, each behind its class alone, most of which are the table's."""
        lists: list[list[Statement]] = []
        for s in self.counts:
            named = [t for t in s.before if _named(t)]
            alone = s.token.unit == "%" and len(named) == 1 and s.before[-1] is named[0]
            if not alone or any(has(s.before, kind) for kind in _OF_OTHERS):
                continue
            if lists and lists[-1][-1] is s.last and s.last.sentence == s.sentence:
                lists[-1].append(s)
            else:
                lists.append([s])
        for some in (some for some in lists if len(some) > 2 and abs(Decimal(added(some)) - 100) > 1):
            rates = [self._of_table(next(filter(_named, s.before))) for s in some]
            pairs = [(s, r) for s, r in zip(some, rates, strict=True) if r]
            wrong = [(s, r) for s, r in pairs if not any(fits(s, rate) for rate in r)]
            if len(some) > 2 * len(wrong):
                yield from ((s, likeliest(s.token, r)) for s, r in wrong)

    def rates(self, k: int, j: int, run: int) -> list[Decimal]:
        """Those of the ``j``-th of a run of percentages that begins at ``k``."""
        s = self._risen(k)
        numbers = [
            p for p in self.counts[max(0, k - 40) : k] if p.token.unit not in PERCENT and not p.token.rough
        ]
        if numbers and not s.before and s.depth and s.token.start - numbers[-1].token.end == 1:
            part = numbers[-1]  # 部分公开280件（13.1%）
            return self._shares(part, numbers[:-1], numbers) if part.likely and not part.away else []
        beside = [p for p in s.back(3) if p.sentence == s.sentence and p.token.unit == "%"]
        if has(s.before, "share") and any(has(p.before, "foreign") for p in beside):
            return []  # 公文中，主动公开的占62%，不予公开的占17%
        if has(s.before, "delta") and (grown := self._changed(k, s, numbers)) is not None:
            return grown
        if has(s.before, "share") and has(s.before, "rest") and not labelled(s.before):
            return self._left(s)
        if _of_another_year(s):
            return []
        kinds = [x for x in values(s.after, "subject") if self.context.disputes(x)]
        if s.leads and kinds and all("rough" in t.tags for t in s.before):
            return self._of_suits(s, kinds[-1], numbers)
        bare = all("list" in t.tags or "rough" in t.tags for t in s.before)  # 其中九成以上属于本机关不掌握
        if bare and s.leads and s.subject in ("", "requests") and not has(s.after, "foreign"):
            whose = [t for t in s.after if _named(t)]
            return self._of_table(whose[0], numbers[-1:]) if len(whose) == 1 else []  # 86.6%由自然人提出
        words = written(s.before)
        if "率" in words:
            return self._rate_named(s, words, numbers)
        base = numbers[-1] if numbers else None
        if base is not None and base.clause == s.clause and has(base.before, "share"):
            some = [
                p for p in numbers[-5:-1] if p.sentence == s.sentence and base.token.value
            ]  # 三部门合计占到全市1290453件的八成多
            parts = [added(some[-n:]) for n in range(1, len(some) + 1)]
            parts += [s.parent.token.value for s in some[-1:] if s.parent is not None]
            return [percentage(part, base.token.value) for part in parts]
        at = next((i for i, t in enumerate(s.before) if "share" in t.tags), None)
        return [] if at is None else self._share(k, j, run, at, numbers)

    def _left(self, s: Statement) -> list[Decimal]:
        """What the shares of a sentence leave to the rest (``自然人占86.6%，企业占8.1%，其余占5.3%``)."""
        before = list(s.here())
        plain = all(p.token.unit == "%" and p.depth == s.depth and has(p.before, "share") for p in before)
        plain = plain and not any(p.token.rough or p.change for p in before) and len(before) > 1
        return [100 - Decimal(added(before))] if plain else []

    def _changed(self, k: int, s: Statement, numbers: Counts) -> list[Decimal] | None:
        """The rates at which something changed; None where it is told what a rate came to."""
        came_to = has(s.before, "cumulative") or not set(written(s.before[-4:])).isdisjoint("至到为")
        came_to = came_to and not any("幅" in t.text for t in s.before)  # 降幅为13.6%
        if came_to and has(s.before, "outcome") and has(s.before, "rate"):
            return None
        average = has(s.before, "qualifier") or has(s.before, "outside")  # 年均增长13.9%; 市直部门增长9.4%
        return [] if came_to or average else growth(self.counts, k, numbers, self.figures)  # 占线率降到4%

    def _rate_named(self, s: Statement, words: str, numbers: Counts) -> list[Decimal]:
        """公开率, 办结率, 纠错率 …: of the table, or of a number before it."""
        if any(manner in words for manner in self.figures.data["words"].get("manner", ())):
            return []  # 按期答复率: of what is not counted
        if "公开率" in words and any(p.likely and p.likely[0].table != "requests" for p in s.here()):
            return []  # 作出行政许可28945件，依法公开率100%
        if classes := [t for t in s.before if strong([t], "row")]:
            return self._of_table(classes[-1])
        if self._of_disclosure(s, words):
            asked = not numbers or numbers[-1].rows or numbers[-1].sentence != s.sentence
            return self._disclosed(s) if asked and s.token.value < 100 else []
        if s.token.value == 100 and numbers and numbers[-1].parent is not None:
            return []  # 其中转载上级信息7920条，转载率100%
        stem = written(t for t in s.before if "outcome" in t.tags or _BESIDE.isdisjoint(t.tags))
        return self._named(stem, s, numbers)

    def _risen(self, k: int) -> Statement:
        """``占比由上年的91.2%变为88.1%``: the second share is of what the first one is."""
        s, last = self.counts[k], self.counts[k - 1] if k else None
        if (
            last
            and last.leads
            and not s.before
            and has(last.after, "rate")
            and last.after[-1].end == s.token.start
        ):
            return replace(s, before=last.after, leads=False)  # 177件复议案件的纠错率为11.9%
        alone = last is None or last.sentence != s.sentence or last.clause < s.clause - 1
        named = has(s.governing, "column") or bool(strong(s.governing, "row"))
        named = named and not any(t.text == "中" for t in s.governing)  # 是不予处理中最多的一类，占54.6%
        if alone and named and has([*s.governing, *s.before], "share") and not labelled(s.before):
            words = sorted([*s.governing, *s.before], key=lambda t: "share" in t.tags)
            return replace(s, before=words)  # 占比最高的是自然人，达86.6%
        ends = "至到为达" if last is not None and last.token.unit == "成" else "至到为"
        to = bool(s.before) and s.before[-1].text[-1] in ends and not labelled(s.before)
        if (
            last is None
            or last.token.unit not in ("%", "成")
            or last.sentence != s.sentence
            or not (to and (has(last.before, "share") or has(last.before, "rate")))
        ):
            return s
        return replace(
            s, before=[t for t in last.before if "period" not in t.tags and t.text not in ("由", "从")]
        )

    def _of_disclosure(self, s: Statement, words: str) -> bool:
        if "公开率" not in words or "主动" in words or s.subject != "requests" or s.foreign:
            return False
        return not any(
            (t.kind == "gap" and len(t.text) > 3)
            or "foreign" in t.tags
            or t.means("subject") not in ("", "requests")
            for t in s.before
        )

    def _share(self, k: int, j: int, run: int, at: int, numbers: Counts) -> list[Decimal]:
        """The share of what stands before its word (at ``at``), or of the number before it."""
        s = self._risen(k)
        lead = s.before[:at]
        areas = [t.text for t in s.before[at:] if "area" in t.tags]
        if areas and not (self.context.wide and any(name[-1] in self.context.agency for name in areas)):
            return []
        after = self.counts[k + 1] if k + 1 < len(self.counts) else None
        if after is not None and after.depth > s.depth and after.token.start - s.token.end == 1 and run == 1:
            return self._shares(after, numbers)
        if any("foreign" in t.tags and "channel" not in t.tags for t in lead):
            return []
        if any(word in written(s.governing[-4:]) for word in ("考核", "权重", "评分")):
            return []  # 纳入目标管理考核，占比5%
        channels = [t.text for t in lead if "channel" in t.tags]
        same = [p for p in numbers if any("channel" in t.tags and t.text in channels for t in p.before)]
        ways = [p for p in numbers if p.kind == "channel" and p.sentence == s.sentence and not p.adds_up]
        if ways[1:] and (own := [p for p in same if p in ways]):
            bases = [added(ways), *(p.token.value for p in numbers if p not in ways)]
            return [percentage(own[-1].token.value, base) for base in bases if base]
        if same:
            return self._shares(same[-1], [p for p in numbers if p is not same[-1]], numbers)
        about = [t for t in lead if "row" in t.tags or "column" in t.tags]
        if about and lead[-1].text.endswith(("额", "面积", "资金")):
            return []  # 面向中小企业采购金额占比81.3%
        if about:
            joined = joined_to_last(lead, "row") if run == 1 else []
            return self._of_table(about[j if len(about) == run else -1], numbers[-1:], joined)
        if any(word in t.text for t in lead for word in VAGUE if "outcome" in t.tags):
            return []  # 经调解、和解结案的占15.8%
        if (outcomes := values(lead, "outcome")) and outcomes != ["done"] and run in (1, len(outcomes)):
            return self._outcome_rate(outcomes[j if run > 1 else -1], s, numbers)
        if not numbers and (kinds := [x for x in values(lead, "subject") if self.context.disputes(x)]):
            return self._of_disputes(kinds[-1])
        decided = [x for x in values(lead, "subject") if self.context.kind(x) == "decisions"]
        if decided and not any(t.unknown for t in lead):
            return self._of_decisions(decided[-1], numbers)
        named = [t for t in s.before[at + 1 :] if "rough" not in t.tags]
        whole = [t.text.strip("的数量") for t in named if t.unknown or "foreign" in t.tags]
        if whole and not any(written([*p.before, *p.after]).count(whole[0]) for p in s.here()):
            return []  # 约占行政权力事项办件量的三成
        vague = any(t.kind == "gap" or (t.text.endswith("类") and "total" not in t.tags) for t in lead)
        if channels or vague or len(numbers) < run:
            return []
        if (
            has(s.before, "total") and not s.depth
        ):  # 934件（自然人812件）、280件（自然人233件），两类合计占56.8%
            numbers = [p for p in numbers if p.depth <= s.depth] or numbers
        part = numbers[-run + j]
        near = s.token.start - part.token.end <= _REACH + 12 * (run > 1)
        return self._of_number(s, at, part, numbers) if near else []

    def _of_number(self, s: Statement, at: int, part: Statement, numbers: Counts) -> list[Decimal]:
        """The share that a number before it is, of what its words name or of what there is."""
        if wholes := self._wholes_named(s):  # 直接起诉19件，占全部诉讼的33.3%
            return [percentage(part.token.value, whole) for whole in wholes]
        # 59件，是不予处理中最多的一类，占54.6%
        between = [t for t in s.governing if t.start > part.token.end]
        if of := strong([*between, *s.before[at:]], "row"):  # 占无法提供总数的91%
            parts = [part.token.value, *sums_before(s, part, numbers), *whole_of(s, part)]
            return [r for value in parts for r in self._of_flows(value, [self.figures.rows(of[-1])])]
        listed = row_of(numbers, part)
        rates = self._shares(part, [p for p in numbers if p not in listed])
        verbs = values(s.before[at:], "verb")
        if verbs and s.subject == "requests":
            flows = map(tuple, self.figures.data["verbs"][verbs[-1]])
            rates = [*self._of_flows(part.token.value, flows), *rates]
        if rates and part.token.value:
            sums = [*whole_of(s, part), *sums_before(s, part, numbers)]
            of_sums = [rate * total / part.token.value for rate in rates for total in sums]
            rates = [*of_sums, *rates] if whole_of(s, part) and listed[1:] else [*rates, *of_sums]
            same = (self._wholes_named(p, rows=True) for p in s.here() if p.token.unit == "%")
            rates += [percentage(part.token.value, whole) for whole in next(filter(None, same), ())]
        return rates

    def _wholes_named(self, s: Statement, *, rows: bool = False) -> list[Figure]:
        """The disputes, and the classes, of which a share says that it is one (``占全部诉讼的``)."""
        at = next((k for k, t in enumerate(s.before) if "share" in t.tags), len(s.before))
        of = [self.figures.rows(r) for r in strong(s.before[at:], "row")] if rows else []
        kinds = [
            self.context.subject_rows(x) for x in values(s.before[at:], "subject") if self.context.disputes(x)
        ]
        wholes = [Quantity("requests", r, TOTAL) for r in of]
        wholes += [Quantity("remedies", r, columns) for r in kinds for columns in (TOTAL, SETTLED)]
        return [value for value in self._values(*wholes) if value]

    def _of_flows(self, part: Figure, flows: Iterable[tuple[str, ...]]) -> list[Decimal]:
        wholes = self._values(*(Quantity("requests", rows, TOTAL) for rows in flows))
        return [percentage(part, whole) for whole in wholes if whole]

    def _values(self, *quantities: Quantity) -> list[Figure]:
        return self.figures.known(*quantities)

    def _flows(self) -> list[Figure]:
        return self._values(*(Quantity("requests", rows, TOTAL) for rows in USUAL))

    def _disputes(self, part: Statement) -> list[Figure]:
        """What a kind of disputes is a share of: all of them, or those that are settled (直接起诉19件，占33.3%)."""
        kinds = [tuple(kind["rows"]) for kind in self.figures.data["subjects"].values()]
        wider = [rows for rows in kinds if {*part.likely[0].rows} <= {*rows}]
        return self._values(*(Quantity("remedies", rows, c) for rows in wider for c in (TOTAL, SETTLED)))

    def _shares(self, part: Statement, others: Counts, listed: Counts = ()) -> list[Decimal]:
        """A number's share of the numbers before it, of what the table says beside it, of its list."""
        n = part.token.value
        alike = [p for p in listed if p.kind == part.kind and p.sentence == part.sentence]
        bases = [added(alike)] if alike else []
        larger = [p.token.value for p in others if _alike(p, part) and p.token.value >= n]
        summed = part.adds_up and bool(others) and bool(others[-1].rows)  # 两类合计309件，占14.4%
        if part.parent is None and not larger and not (part.likely and part.weight >= 0) and not summed:
            return []
        what = part.likely[0] if part.likely else None
        decided = what is not None and what.table == "disclosure" and agrees(part, self.figures)
        ours = part.token.unit in self.figures.data["counted"] and not decided
        table = [*(self._disputes(part) if what and what.table == "remedies" else ())]
        table += (
            self._flows() if ours else [self._decided()] if what and what.columns == ("decisions",) else []
        )
        table += [value for value in self._values(*part.likely) if value != n or not decided]
        bases += [*reversed(larger), *(base for base in table if base >= n)]
        return [percentage(n, base) for base in bases if base]

    def _of_table(self, token: Token, group: Counts = (), joined: Sequence[str] = ()) -> list[Decimal]:
        """The share of a class or an applicant that stands without its number."""
        figures = self.figures
        pairs: list[tuple[Quantity, tuple[str, ...], tuple[str, ...]]]
        if column := token.means("column"):
            columns = figures.columns(column)
            wider = [(q.rows, q.columns) for s in group for q in s.likely if {*columns} < {*q.columns}]
            pairs = [
                (Quantity("requests", r, columns), r, of) for r, of in (*wider, *((r, TOTAL) for r in USUAL))
            ]
        elif token.tags["row"].strong:
            names = [token.means("row")] if len(joined) < 2 else joined  # 不予处理和其他处理合计占12.5%
            part = Quantity("requests", tuple(row for name in names for row in figures.rows(name)), TOTAL)
            whole = (
                s.rows for s in group if set(part.rows) < set(s.rows)
            )  # 不予处理108件，其中信访类占54.6%
            pairs = [(part, r, TOTAL) for r in (*whole, CONCLUDED, RECEIVED, BOTH)]
        else:
            return []
        known = [
            (figures.value(part), figures.value(Quantity("requests", rows, of))) for part, rows, of in pairs
        ]
        return [percentage(part, whole) for part, whole in known if whole and part is not None]

    def _named(self, stem: str, s: Statement, numbers: Counts) -> list[Decimal]:
        """维持率, 纠错率 of the table; X率 of the number that X names before it."""
        stem = stem.rsplit("，", 1)[-1].split("率")[0]
        if stem.endswith(("维持", "纠错", "纠正", "败诉")) and s.subject:
            return self._outcome_rate("upheld" if stem.endswith("维持") else "corrected", s, numbers)
        near = [p for p in numbers if p.sentence == s.sentence]
        plain = not any((t.kind == "gap" and t.unknown) or "foreign" in t.tags for t in s.before)
        plain = plain and not {*values(s.before, "subject")} - {"requests"}
        due = bool(near) and near[-1].rows == BOTH and not near[-1].away
        if stem == "办结" and plain and (len(near) < 2 or due):
            return self._conclusion(near, numbers)
        if (
            len(stem) < 2
            or len(near) < 2
            or (near[-1].parent is not None and near[-1].parent == near[-2].parent)
            or near[-1].joined in ("、", "和")
            or stem not in written(near[-1].before or near[-1].after)
        ):
            return []
        n, unit = near[-1].token.value, near[-1].token.unit
        bases = [p.token.value for p in reversed(near[:-1]) if p.token.unit == unit and p.token.value >= n]
        if near[-1].rows == CONCLUDED:
            bases += self._flows()  # 受理2131件，办结2139件，办结率96.7%
        return [percentage(n, base) for base in bases if base]

    def _conclusion(self, near: Counts, numbers: Counts) -> list[Decimal]:
        """办结率 of the number beside it, or of the table where the paragraph counts nothing else."""
        if near and near[0].rows == CONCLUDED and not near[0].away:
            return [percentage(near[0].token.value, base) for base in self._flows() if base]
        concluded = self.figures.value(Quantity("requests", CONCLUDED, TOTAL))
        told = near[-1].rows == BOTH if near else not numbers  # 应办89件，办结率91.0%
        return (
            [percentage(concluded, base) for base in self._flows()[::-1] if base]
            if concluded and told
            else []
        )

    def _outcome_rate(self, column: str, s: Statement, numbers: Counts) -> list[Decimal]:
        disputes = self.context.disputes
        spoken_of = any(disputes(x) for x in values(s.before, "subject"))
        last = numbers[-1] if numbers else None
        narrowed = has(s.before, "qualifier") or has(s.before, "outside")  # 市级部门行政诉讼一审败诉率
        away = last and last.away and not last.change and (last.sentence == s.sentence or not spoken_of)
        if narrowed or away:
            return []
        beside = [p for p in numbers[-1:] if p.sentence == s.sentence and disputes(p.subject)]
        if any(p.weight < 1 and not agrees(p, self.figures) for p in beside):
            return []  # 直接纠正行政行为212件，综合纠错率11.4%
        named = [x for x in values(s.before, "subject") if disputes(x)][-1:]
        subjects = named or [p.subject for p in numbers if disputes(p.subject)][-1:] or ["recon"]
        borne = [
            q.rows for p in beside for q in (*p.likely, *p.possible) if self.figures.bears_out(p.token, q)
        ]
        rows = [*(() if named else borne), self.context.subject_rows(subjects[0])][0]  # 二者合计维持31件
        part = self.figures.value(Quantity("remedies", rows, (column,)))
        wholes = self._values(Quantity("remedies", rows, TOTAL), Quantity("remedies", rows, SETTLED))
        return [percentage(part, whole) for whole in wholes if whole and part is not None]

    def _of_suits(self, s: Statement, kind: str, numbers: Counts) -> list[Decimal]:
        """``超过三成的行政诉讼为直接起诉``, ``近六成复议案件结果维持``."""
        if outcomes := values(s.after, "outcome"):
            return self._outcome_rate(outcomes[0], replace(s, before=s.after), numbers)
        return self._of_disputes(kind) if kind in ("direct", "after") else []

    def _of_disputes(self, subject: str) -> list[Decimal]:
        """``直接起诉占33.3%``: of all court cases, or of all disputes."""
        rows = [self.context.subject_rows(x) for x in (subject, "litig", "recon")]
        totals = self._values(
            *(Quantity("remedies", r, TOTAL) for r in (rows[0], rows[1], rows[1] + rows[2]))
        )
        return [percentage(totals[0], whole) for whole in totals[1:] if whole >= totals[0] and whole]

    def _of_decisions(self, kind: str, numbers: Counts) -> list[Decimal]:
        """``行政执法决定共1940996件，许可占32.7%``: of all decisions; none where others are counted before it."""
        total = self._decided()
        known = self._values(Quantity("disclosure", self.context.subject_rows(kind), ("decisions",)))
        told = not numbers or numbers[-1].token.value in (total, *known)
        return [percentage(value, total) for value in known if total and told]

    def _decided(self) -> Figure:
        """How many decisions of all kinds there are."""
        kinds = [x for x in self.figures.data["subjects"] if self.context.kind(x) == "decisions"]
        every = (Quantity("disclosure", self.context.subject_rows(x), ("decisions",)) for x in kinds)
        return simplest(sum(self._values(*every), 0))

    def _disclosed(self, s: Statement) -> list[Decimal]:
        granted = Quantity("requests", ("granted", "partly_granted"), TOTAL)
        whole = s.parent if s.parent is not None and s.parent.kind == "column" else None
        if whole is not None:  # 自然人250件，其中予以公开97件、部分公开34件，公开率52.4%
            told = [p for p in s.here() if p.parent is whole and p.rows and {*p.rows} <= {*granted.rows}]
            return [
                percentage(part, whole.token.value) for part in (added(told), *(p.token.value for p in told))
            ]
        if columns := tuple(
            c for key in joined_to_last(s.before, "column") for c in self.figures.columns(key)
        ):
            granted = granted._replace(columns=columns)  # 商业企业申请的公开率（60.5%）
        parts = self._values(granted, granted._replace(rows=("granted",)))
        bases = self._values(*(Quantity("requests", rows, granted.columns) for rows in USUAL))
        return [percentage(part, base) for part in parts for base in bases if base]
