"""One sentence, number by number: what each counts in the light of those before it, and what rules it out."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice, pairwise, takewhile

from nianbao.checks.narrative.lexicon import (
    PERCENT,
    Token,
    Words,
    has,
    joined_to_last,
    labelled,
    pick,
    strong,
    values,
    written,
)
from nianbao.checks.narrative.quantities import BOTH, CARRIED, CONCLUDED, RECEIVED, TOTAL, Quantity
from nianbao.checks.narrative.reading import read
from nianbao.checks.narrative.requests import NEVER, REST
from nianbao.checks.narrative.sentence import AIMS, Context, Statement, agrees, beside_other_year
from nianbao.checks.narrative.statements import Statements, share_out
from nianbao.core.phrases import Meaning

_OTHER_COLUMN = {"column": Meaning("column", "other", False)}
#: What a sentence says beside the table's cases is of others (除信息公开案件外，还办理复议11件).
_BESIDES = re.compile(r"除[^，。；\d]*信息公开[^，。；\d]*外，")
_TOPIC = re.compile(r"(?:类|领域|方面|主题|方式|途径)的?$")
#: Kinds of meanings that make a foreign word one of ours (其他处理 is a class and a result).
_OURS = frozenset(("row", "column", "outcome", "subject", "change"))
#: What is done for others.
_HELPING = frozenset(("配合", "协助", "指导", "参与", "代表", "协调"))
#: What a number does from which something rose or fell (由14件降为0件).
_MOVES = frozenset("升降增减变涨下上缩压")
#: What makes a reason of 由, not a start (以不掌握为由答复14件).
_WHYS = ("为", "理", "事")
#: What is done with the cases that a number counts.
_DOING = ("开展", "进行", "逐件", "逐一", "组织")
_FLOWS = frozenset(("received", "concluded", "both"))
#: Kinds of words that may narrow down what is counted behind them, or make other things of it.
_NARROWING = frozenset(
    [
        "foreign",
        "outside",
        "qualifier",
        "channel",
        "compare",
        "delta",
        "rough",
        "rate",
        "share",
        "rest",
        "cumulative",
        "aside",
        "show",
    ]
)
#: How many numbers of the sentence before may narrow down what a number behind them counts.
_NEAR = 6
#: Numbers below this are the table's by chance too.
_BY_CHANCE = 10
#: Measure words of cases and documents.
_CASES = frozenset(("", "件", "份", "起", "宗", "部", "元"))


def walk(sentence: Words, number: int, counts: list[Statement], context: Context) -> list[Statement]:
    """The statements of the ``number``-th sentence, read in order and added to those ``counts`` by the paragraph."""
    new = Statements(sentence, number, counts).read()
    share_out(new, sentence)
    heard, near = 0, new[0].back(_NEAR) if new else ()
    narrowed = any(_amiss(s, context) for s in near if s.sentence == number - 1)
    counts += new
    aim = next((t.start for t in sentence if t.text in AIMS), None)
    each_of = has(sentence, "respectively") or has(sentence, "each")
    for item in new:
        at = sentence.index(item.token, heard)
        context.hear(sentence[heard:at])
        narrowed = narrowed or any(_narrows(t, context) for t in sentence[heard:at])
        heard = at + 1
        item.aimed = context.when == "next" or (aim is not None and aim < item.token.start)
        _regroup(item)
        _mark(item, sentence, at)
        _applicants_rest(item, context)
        if has(item.before, "change"):
            _subject_after(item, sentence, at, context)
        read(item, context)
        if item.likely:
            _both_flows(item)
            _lone_rest(item, context)
            _rest_of_group(item, context)
        if item.joined == "、" and item.last and item.last.shown:
            item.shown, item.weight = True, item.weight - (1 if agrees(item.last, context.figures) else 3)
        if each_of:
            _distribute(item, context)
        _rule_out(item, context)
        item.plain = not narrowed and _plain(item, context)
        if item.rows and not item.away:
            context.rows = _borne_out(item, context) or item.rows
    context.hear(sentence[heard:])
    context.listing = new[-1].kind if new else ""
    if new and has(sentence, "all"):
        _all_new(sentence[heard:], new, context)
    if has(sentence, "aside"):
        _set_aside(sentence, new)
    if has(sentence, "rest") and (besides := _BESIDES.search(written(sentence))):
        for item in new:
            if item.token.start - sentence[0].start >= besides.end():
                item.away = item.foreign = True
    _own_scope(new, context)
    for item in new if new and new[-1].noted else ():
        item.away = item.change = True
    return new


def _own_scope(new: Sequence[Statement], context: Context) -> None:
    """``区级执法机关实施强制318件，处罚51372件``: a scope of which large numbers are the table's is the whole of it."""
    scoped = [s for s in new if s.scoped and s.likely and s.weight > 1 and not s.weak]
    large = (s for s in scoped if s.token.value >= _BY_CHANCE)
    own = {s.scoped for s in large if context.figures.bears_out(s.token, s.likely[0])}
    for s in scoped:
        s.away = s.scoped not in own
    for s in new:  # 本局机关收到申请51件，下属单位收到33件
        others = [o.token.value for o in new if o.scoped and o.away and o.rows == s.rows != ()]
        if others and not s.away and s.token.value + sum(others) in context.figures.known(*s.likely[:1]):
            s.away = True


def _amiss(item: Statement, context: Context) -> bool:
    """Whether a number is none that the table has, so that those behind it may be of what it counts."""
    return item.scoped > 0 or (bool(item.likely) and not agrees(item, context.figures))


def _narrows(token: Token, context: Context) -> bool:
    """Whether a word before a number leaves open that less, or other things, than the table's are spoken of."""
    scope = "own" if context.wide else "area"
    period = token.tags.get("period")
    return (
        token.unknown
        or scope in token.tags
        or not _NARROWING.isdisjoint(token.tags)
        or (period is not None and period.value != "this")
    )


def _plain(item: Statement, context: Context) -> bool:
    """Whether a number stands right behind a class of the form (or a change and its documents), as cases are counted."""
    of_table = item.likely and item.likely[0].table != "requests" and has(item.before, "subject")
    named = strong(item.before, "row") or of_table or "new" in values(item.before, "verb")
    whole = item.parent
    return (
        bool(named)
        and not (item.leads or item.kind == "column")
        and item.token.unit in _CASES
        and not any(_narrows(t, context) for t in item.after)
        and (whole is None or (bool(whole.likely) and agrees(whole, context.figures)))
    )


def _borne_out(item: Statement, context: Context) -> tuple[str, ...]:
    """The rows of which the table says the number; what follows may split them."""
    every = (q for q in (*item.likely, *item.possible) if q.table == "requests" and q.columns == TOTAL)
    return next((q.rows for q in every if context.figures.bears_out(item.token, q)), ())


def _both_flows(item: Statement) -> None:
    """``收办申请2213件，其中新收2131件、上年结转82件``: what both flows are parts of is both together."""
    beside = item.last if item.joined == "、" and item.rows == CARRIED[0] else None
    whole = beside.parent if beside is not None and beside.rows == RECEIVED else None
    if whole is not None and whole.rows == BOTH:
        whole.likely, whole.possible = whole.likely[:1], ()


def _set_aside(sentence: Words, new: Sequence[Statement]) -> None:
    """``…复议1452件、诉讼386件，不属于本报告的统计范围``: what stands before such words, up to a semicolon, is not the table's."""
    at = next(t.start for t in sentence if "aside" in t.tags)
    for item in reversed(new):
        if item.token.start < at:
            item.away = item.foreign = True
            if item.joined == "；":
                break


def _all_new(words: Words, new: Sequence[Statement], context: Context) -> None:
    """``自然人71件、公司6件，均为今年新收``: the words behind a list say which row it is of."""
    verbs = values(words, "verb")
    if not (has(words, "all") and verbs[-1:] == ["new"]):
        return
    for s in new:
        if s.kind == "column" and s.likely and s.likely[0].table == "requests":
            s.likely = (
                Quantity("requests", tuple(context.figures.data["verbs"]["new"][0]), s.likely[0].columns),
            )
            s.possible = ()


def _regroup(item: Statement) -> None:
    """A flow behind a list of applicants (``结转下年度8件``), and what follows a total of its own, is no part of the list."""
    before, parent = item.before, item.parent
    if parent is not None and not item.depth and _other_change(item, parent):
        item.parent = None
        return
    carried = any(row.startswith("carried") for row in strong(before, "row"))
    if carried or not _FLOWS.isdisjoint(values(before, "verb")):
        listed = has(before, "column") or has(before, "channel")
        item.flow = not listed and not any(t.text in REST for t in before)
    if parent is None or item.depth:
        return
    here = next((s for s in item.back() if not s.depth and not s.change), None)
    if here is None:
        return
    if (item.flow and here.parent is parent and not here.flow) or (
        here.sentence == item.sentence and here.parent is None and parent.clause < here.clause
    ):
        item.parent = None


def _other_change(item: Statement, parent: Statement) -> bool:
    """``制发7件，其中…，废止2件``: another change of the same documents."""
    mine, whole = values(item.before, "change"), values(parent.before, "change")
    other = bool(mine) and bool(whole) and parent.subject in ("regs", "norm") and mine[-1] != whole[-1]
    return other and not any(t.unknown for t in item.before)


def _mark(item: Statement, sentence: Words, at: int) -> None:
    """Whether it is a change, of another year, and what kind of list it belongs to."""
    before, after, last = item.before, item.after, item.last
    final = before[-1] if before else None
    if final is not None and "period" in final.tags:
        final = next((t for t in reversed(before) if "period" not in t.tags), None)
    arrives = final is not None and final.text[-1] in "至到为"
    rose = arrives and has(before, "delta")
    if arrives and last is not None:
        since = rose and (last.dated or last.change)
        if since or any(t.text[-1] in "由从" and t.text[:-1] not in _WHYS for t in last.before):
            item.reached, last.change, last.away = True, True, True  # 由2447件降至2131件
    item.reached |= rose and labelled(before)  # 规范性文件减至63件
    if not item.reached and (has(sentence, "delta") or has(sentence, "compare")):
        lead = [t for t in before if t.kind == "word" and "filler" not in t.tags]
        item.change = has(lead[-2:], "delta") or has(lead, "compare")
    if before and before[-1].text[-1] in "由从" and after and after[0].text[0] in _MOVES:
        item.change = True
    item.noted = _other_year_behind(sentence, at + 1)
    item.change |= item.noted or (has(after, "compare") and has(before[-2:], "join"))
    if last is not None and last.change and item.joined in ("、", "和") and not item.shared:
        same = last.sentence == item.sentence and not has(last.before, "delta") and last.depth == item.depth
        item.change |= same and not has(before, "period")  # 相较上年的复议28件、诉讼13件
    _of_list(item)


def _of_list(item: Statement) -> None:
    """The kind of list a number belongs to: of channels, applicants or outcomes."""
    words = item.own
    if has(words, "channel") or has(item.after, "channel"):
        item.kind = "channel"
    elif has(words, "column"):
        item.kind = "column"
    else:
        row = has(words, "row")
        others = has(item.before, "row") and any(t.text in REST for t in item.before)
        before = next((s.kind for s in item.back() if s.parent is item.parent), "") if others or row else ""
        if others and before == "column":
            item.kind = "column"
        elif (row and (before == "row" or strong(words, "row"))) or (
            has(words, "outcome") and not any(t.text in REST for t in words)
        ):
            item.kind = "row"
    if item.parent is not None and item.parent.subject == "foreign":
        item.kind = "free"


def _other_year_behind(sentence: Words, at: int) -> bool:
    """``行政复议3件（2023年）``."""
    if at >= len(sentence) or sentence[at].text != "（":
        return False
    close = next((j for j in range(at, len(sentence)) if sentence[j].text == "）"), len(sentence))
    inside = sentence[at:close]
    periods = values(inside, "period")
    return bool(periods) and periods[-1] != "this" and not any(t.kind == "number" for t in inside)


def _applicants_rest(item: Statement, context: Context) -> None:
    """其他 in a list of applicants is a column."""
    if item.last is None and context.listing == "column" and has(item.before[:1], "skip"):
        item.kind = "column"  # 6.其他64件, after paragraphs of single applicants
    if item.kind == "column" and not all(m.strong for m in pick(item.before, "row")):
        item.before = [replace(t, tags=_OTHER_COLUMN) if t.text in REST else t for t in item.before]


def _subject_after(item: Statement, sentence: Words, at: int, context: Context) -> None:
    """``制定9件、废止1件规范性文件``: the documents are named after the last number."""
    if has(item.before, "subject"):
        return
    spoken = context.kind(context.subject) == "documents"
    for token in islice(sentence, at + 1, None):
        beyond = token.kind == "mark" and (token.text != "，" or spoken)
        if (beyond and token.text != "、") or (not spoken and (token.unknown or "list" in token.tags)):
            return
        subject = token.means("subject")
        if context.kind(subject) == "documents":
            context.subject = subject
            context.subjects.append(subject)
            return


def _rest_of_group(item: Statement, context: Context) -> None:
    """``不掌握474件，其余无法提供的47件``: a class without those of its members that were told before."""
    words = item.before
    other = any(t.text in REST and "row" in u.tags for t, u in pairwise(words))  # 其他不予公开情形4件
    if not (item.rows[1:] and (other or has(words, "rest"))):
        return
    item.doubtful, item.weight = True, min(item.weight, 2) if other else item.weight
    inside = [s for s in item.here() if s.rows and {*s.rows} < {*item.rows}]
    right = context.figures.known(item.likely[0])
    item.allowed += [n - sum(s.token.value for s in inside) for n in right if inside]
    if other and not inside:
        item.weight = NEVER


def _lone_rest(item: Statement, context: Context) -> None:
    """``其他16件`` after no outcome is the rest of something else; after some it may be all the others."""
    loose = any(not m.strong and m.value == "other" for m in pick(item.before, "row"))
    if item.likely[0].columns[1:] or not loose:
        return
    listed = [*takewhile(lambda s: s.kind == "row" and s is not item.parent, item.here())]
    if not listed:
        item.weight = NEVER
    every = context.figures.rows("other")
    firm = strong(item.governing, "row")[:1] == ["other"]  # 其他处理中，逾期不补正的8件，其他11件
    if listed and listed[0].rows and set(listed[0].rows) < set(every):  # 逾期不补正的8件，其他11件
        item.possible = item.likely
        item.likely, item.weight = (
            (Quantity("requests", every[-1:], TOTAL),),
            3 if firm else max(item.weight, 1),
        )
    right = sum(context.figures.known(*(s.likely[0] for s in listed if s.likely)))
    concluded = context.figures.known(Quantity("requests", CONCLUDED, TOTAL))
    item.allowed += [n - told for n in concluded for told in (sum(s.token.value for s in listed), right)]
    beside = [s.token.value for s in item.here() if s.parent is item.parent and s.depth == item.depth]
    item.allowed += [item.parent.token.value - sum(beside)] if item.parent and beside else []


def _distribute(item: Statement, context: Context) -> None:
    """``复议、诉讼分别为177件、57件``: each number has its own of the joined words; ``各3件`` is each of them."""
    if item.likely and has(item.before, "each") and has(item.before[-2:], "each"):
        table, rows, columns = item.likely[0]
        apart = tuple(Quantity(table, rows, (column,)) for column in columns) if columns[1:] else ()
        item.likely = apart or tuple(q for q in item.possible if len(q.rows) < len(rows))
    if item.shared:
        return
    run = [item, *item.here()]
    at = next((n for n, s in enumerate(run) if has(s.before, "respectively")), None)
    if at is None or any(labelled(s.own) for s in run[:at]):
        return
    lead = run[at].before
    names = [s for s in joined_to_last(lead, "subject") if context.kind(s) in ("disputes", "decisions")]
    outcomes = joined_to_last(lead, "outcome")
    if outcomes and len(names) < 2:
        disputes = [s.subject for s in run[:at:-1] if context.disputes(s.subject)]
        names = list(dict.fromkeys(disputes))[-2:]
    if at >= len(names) or len(names) < 2:
        return
    name = names[at]
    spec = context.figures.data["subjects"][name]
    columns = tuple(spec.get("columns", ())) or tuple(outcomes) or TOTAL
    item.likely = (Quantity(spec["table"], tuple(spec["rows"]), columns),)
    item.possible, item.weight, item.subject = (), 3, name


def _rule_out(item: Statement, context: Context) -> None:
    """Whether no cell holds the number, and whether what follows under its subject is out as well."""
    before, parent = item.before, item.parent
    attribute = "refused" in values(before, "row") if has(before, "row") else written(before) == "依申请公开"
    attributes = attribute and any(t.text == "主动公开" for s in item.here() for t in s.before)
    out = vetoed(item, context) or bool(attributes)
    if item.token.rough and item.likely and not context.outside:
        item.rounded = not vetoed(replace(item, token=replace(item.token, rough=False)), context)
    item.away, item.scoped = out or context.outside, context.scopes if context.outside and not out else 0
    if parent is not None and parent.away and not (parent.change or parent.token.rough or parent.dated):
        kept = "in_force" in values(item.before, "change") and has(item.before, "subject")
        named = strong(item.before, "row") and "requests" in values(
            [*parent.before, *parent.after], "subject"
        )
        named = named or not context.figures.reasons.isdisjoint(strong(item.before, "row"))
        named = named and not any(
            len(t.text) > 2 and t.text.endswith("类") and t.kind == "gap" for t in parent.before
        )  # 征收类申请112件，其中予以公开47件
        kept |= bool(named) and not (context.outside or parent.change or has(parent.before, "outside"))
        kept |= _cumulative(parent.before, parent) and "this" in values(item.before, "period")
        every = not context.outside and "all_kinds" in values(parent.before, "qualifier")
        kept |= every and any("信息公开" in t.text for t in item.before)
        item.away = not kept or has(item.before, "outside")  # 累计入库3746件，其中现行有效规范性文件913件
    same = None
    lost = any("subject" in t.tags and "outcome" in t.tags for t in item.own)  # 行政案件1452件，败诉211件
    if not ((item.named and not lost) or has(before, "area")):  # 区政府办公室62件；全区共265件
        same = next((s for s in item.here() if s.subject == item.subject), None)
    carried = same is not None and same.foreign
    if carried and not strong(before, "row") and not has(before, "change"):
        item.away = True  # 受理非信息公开类复议143件，纠正18件
    last = next(item.here(), None)
    if last is not None and item.joined == "、" and not item.away:
        helping = last.foreign and last.before[:1] and last.before[0].text in _HELPING
        scope = last.foreign and has(last.before, "outside") and not has(before, "area")
        same_change = values(last.before, "change") == values(before, "change")  # 本级制发22件、部门制发64件
        listed = last.foreign and item.kind == last.kind == "row" and not agrees(last, context.figures)
        item.away = bool(helping or listed or (scope and same_change) or _cumulative(last.before, last))
        # 会商后决定予以公开4件、部分公开3件; 配合司法行政部门办理复议答复9件、应诉6件; 累计发生行政复议1244件、行政诉讼348件
    if last is not None and last.token.text == "一天" and last.clause == item.clause:
        item.away = True  # 最多的一天收到申请9件
    if item.away and not item.change:
        item.foreign = context.outside or carried or has(before, "qualifier") or has(before, "foreign")


def vetoed(item: Statement, context: Context) -> bool:
    """Another year's, a change, rounded, foreign, by channel or topic: no cell holds such a number."""
    token, before, after = item.token, item.before, item.after
    if token.rough or token.unit in PERCENT or _measured(item, context):
        return True
    if after:
        does = [k for k, t in enumerate(after) if t.text.startswith(_DOING) or "all" in t.tags]
        after = after[: next((k for k in does if labelled(after[:k])), len(after))]  # 对81件答复开展案卷评查
        if after and after[0].text[0] == "由" and not labelled(before) and not has(after, "column"):
            return True  # 复议6件（5件由市政府受理、1件由省厅受理）
    if has(before, "share") and has(before, "total"):
        return True  # 占案件总数3126件: what a share is of
    if item.depth and before and before[-1].text in ("最多", "最少"):
        before = before[:-1]  # 企业最多（173件）
    if before and before[0].text == "涉及" and strong(before[1:2], "row"):
        before = before[1:]  # 涉及商业秘密的33件
    carried = item.leads and "carried_out" in strong(after, "row") and not has(after, "qualifier")
    named = has(after, "change") and bool(strong(after, "subject"))  # 政策文件库…，931件现行有效的规范性文件
    governing = [t for t in item.governing[-3:] if t.text != "问题"] if item.leads and not named else []
    words = before if carried else [*governing, *before, *after] if after or governing else before
    if _cumulative(words, item):
        return True
    if _timed(item, context):
        item.change = item.dated = True
        return True
    return _elsewhere(item, before, words, after) or item.change


def _measured(item: Statement, context: Context) -> bool:
    """Whether a number's measure word counts no cases, or none stands where a name goes on (47岁)."""
    token, after = item.token, item.after
    if not token.unit:
        near = bool(after) and after[0].kind == "gap" and after[0].start == token.end
        return near and after[0].text[0] not in '”’"'
    if token.unit == "元":
        return bool(item.likely) and item.likely[0].rows != ("fees",)
    return token.unit not in context.figures.data["counted"]


def _elsewhere(item: Statement, before: Words, words: Words, after: Words) -> bool:
    """Foreign, a subset, by channel or topic."""
    for t in words:
        if "foreign" in t.tags and _OURS.isdisjoint(t.tags):
            return True
    firm = bool(strong(before, "row") or strong(before, "outcome"))
    near = words if item.leads or not after else [*before, after[0]]
    if has(near, "qualifier") and any(
        "qualifier" in t.tags
        and not (firm and t.means("qualifier") == "persons")
        and not (t.text == "年初" and "carried_in" in strong(before, "row"))
        for t in near
    ):
        return True
    if firm:
        return False
    if has(words, "channel") and bool(item.likely) and item.likely[0].table == "requests":
        return True
    return any(t.unknown and len(t.text) > 2 and t.kind == "gap" and _TOPIC.search(t.text) for t in words)


def _cumulative(words: Words, item: Statement) -> bool:
    if not has(words, "cumulative") or "in_force" in values(words, "change"):
        return False
    spoken = [*item.governing, *item.before]
    if {RECEIVED, CARRIED[0]} <= {s.rows for s in item.here()}:
        return False  # 新收265件，加上去年结转14件，累计答复279件
    until = any("period" in b.tags and a.text[-1] in "至到" for a, b in pairwise(spoken))
    return until or "this" not in values(spoken, "period")  # 2008年施行至2023年，累计收到


def _timed(item: Statement, context: Context) -> bool:
    """Whether another period is spoken of; what was carried over is this year's wherever it stands."""
    before, after = item.before, item.after
    periods = values(before, "period")
    if beside_other_year(item):
        return True
    if len(periods) > 1 and {*periods} - {"this"} and not has(before, "compare"):
        return True  # 2023年受理、2024年审结的2件
    rows = (*pick(before, "row"), *pick(after, "row"))
    if not rows:
        return (periods[-1] if periods else "this" if item.reached else context.when) != "this"
    if (periods or [context.when])[-1] == "next" and any(m.value == "carried_out" for m in rows):
        return False  # 2025年将继续办理结转的8件
    if any(m.strong and m.value.startswith("carried") for m in rows):
        return context.period == "last" and context.when != "this" and "this" not in periods
    return (periods[-1] if periods else "this" if item.reached else context.when) != "this"
