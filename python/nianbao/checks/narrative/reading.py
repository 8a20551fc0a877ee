"""What a number counts: the quantities that its words name (likely), those they may also mean, and how much they weigh.

The form's own class names speak of the table wherever they stand; weaker words need their subject in the sentence, the paragraph, its
heading or the section. A weight of 3 is beyond doubt, of 1 a guess, and :data:`NEVER` rules a number out.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nianbao.checks.narrative.lexicon import (
    LABELS,
    Words,
    has,
    joined_to_last,
    labelled,
    pick,
    strong,
    values,
    written,
)
from nianbao.checks.narrative.quantities import Quantities, Quantity
from nianbao.checks.narrative.sentence import Context, Statement

NEVER = -9
TOTAL = ("total",)
#: What the requests' flows are called in the form.
_CARRIED = (("carried_in",), ("carried_out",))
RECEIVED, BOTH, CONCLUDED = ("received",), ("received", "carried_in"), ("concluded",)
USUAL = (RECEIVED, CONCLUDED, BOTH)
FLOWS = [
    Quantity("requests", (row,), TOTAL) for row in ("received", "carried_in", "concluded", "carried_out")
]
SETTLED = ("upheld", "corrected", "other")
#: Outcomes in the courts' own words, which the form's classes only may hold.
_VAGUE = ("驳回", "撤", "终止", "调解", "违法", "责令", "不予受理")
_REST = ("其他", "其它")
#: Measure words that count things rather than decisions, and such as rarely count requests.
_ITEMS, _ODD = ("项", "条", "个", "份"), ("次", "个", "例", "部", "人次")
_LARGE, _TELLING = 100, 10
#: Words that point back to a number.
_SPOKEN_OF = ("这", "该", "上述", "前述")
#: What may stand alone between a clause that names applicants and their number.
_AMOUNTS = ("达", "为", "有", "共", "计", "共计", "共有", "达到")
#: With these words all disputes are counted, not only the settled ones.
_ARISEN = frozenset(("引发", "引起", "产生", "发生", "提起", "被提起", "被申请"))
_CAUSES = ("引发", "引起", "产生", "类", "导致")


class Subject(NamedTuple):
    """What a number is about, and how near that was named: 2 in its own words, 1 in the sentence, 0 before, -1 nowhere."""

    name: str
    near: int


def read(item: Statement, k: int, counts: Sequence[Statement], context: Context) -> None:
    """Fill in what the ``k``-th number of a paragraph may count, and the weight of its words for that."""
    parent = counts[item.parent] if item.parent is not None else None
    own = _own(item, k, counts, parent, context)
    if own is None:
        item.subject = context.subject
        return
    subject = _subject(item, own, k, counts, context)
    item.subject = subject.name
    if subject.name == "foreign" or _thing(item) or (item.leads and "等" in written(item.wide)):
        return
    kind = context.kind(subject.name)
    if kind == "documents":
        _documents(item, own, subject, context, counts[k - 1] if k else None, parent)
        _part_of_same(item, parent)
    elif kind == "decisions":
        _decisions(item, own, subject, context, parent)
    elif kind == "money":
        _money(item, own, subject, context)
    elif not (kind == "disputes" and _disputes(item, own, subject, context, parent)):
        _requests(item, own, subject, context, parent)
    elif k and item.joined in ("、", "和") and not has(own, "outcome"):
        lead = joined_to_last(counts[k - 1].before, "outcome")  # 未审结的复议案件19件、诉讼案件10件
        columns = tuple(c for o in lead for c in (SETTLED if o == "done" else (o,)))
        item.possible += tuple(q._replace(columns=columns) for q in item.likely if columns)
    if item.likely and parent is not None and own is parent.before:
        item.weight = 3


def _own(
    item: Statement, k: int, counts: Sequence[Statement], parent: Statement | None, context: Context
) -> Words | None:
    """The words that name a number: its own, or those of a number it goes with; None where nothing does."""
    own = item.own
    if labelled(own):
        return own
    if item.reached:
        return next((s.before for s in reversed(counts[max(0, k - 4) : k]) if labelled(s.before)), None)
    last = counts[k - 1] if k and counts[k - 1].sentence == item.sentence else None
    plain = not any(t.unknown and "delta" not in t.tags for t in own)
    if last is not None and last.token.unit == "%" and plain and labelled(last.before):
        return last.before  # 自然人占88.1%，为74件
    if last is not None and last.change and plain and "this" in values(own, "period"):
        for s in reversed(counts[max(0, k - 6) : k]):
            before = [t for t in s.before if "period" not in t.tags]
            if s.sentence != item.sentence or not s.change:
                break
            if labelled(before):
                return before  # 去年收到56件，今年为63件
        return (
            item.governing if labelled(item.governing) else None
        )  # 申请量波动较大：2021年839件，2022年798件
    about = _concerning(item.before) and not (parent is not None and _concerning(parent.before))
    if (
        has(own, "decide")
        and not any(t.unknown for t in own)
        and context.kind(context.subject) == "decisions"
        and not has(own, "foreign")
    ):
        return own  # 行政强制方面，作出决定15726件
    if parent is not None and about and item.token.value > parent.token.value:
        wholes = (i for i in range(max(0, k - 6), k) if counts[i].token.value >= item.token.value)
        item.parent = next((i for i in wholes if counts[i].sentence == item.sentence), item.parent)
        return None
    if parent is not None and about:
        for s in counts[max(0, k - 6) : k]:  # 应诉案件872件，其中涉及政府信息公开的57件
            if s.sentence == parent.sentence and context.disputes(s.subject):
                s.weight = NEVER
                context.arrived |= bool({"received", "new", "handled"} & set(values(s.before, "verb")))
        parent.weight = NEVER
        if labelled(parent.before):
            return parent.before
    if has(item.before, "total") and labelled(item.governing) and last is None:
        return item.governing
    bare = bool(own) and all(t.text in _AMOUNTS or "filler" in t.tags or t.text == "的" for t in own)
    if bare and last is not None and last.change and has(last.before, "delta"):
        risen = [t for t in last.before if not {"delta", "compare", "period"} & set(t.tags)]
        return risen if labelled(risen) else None  # 新收申请增加12件，达84件
    if bare and (last is None or last.clause < item.clause - 1) and has(item.governing[-2:], "delta"):
        risen = [t for t in item.governing if not {"delta", "compare", "period"} & set(t.tags)]
        return risen if labelled(risen) else None  # 申请量较上年下降，为265件
    if bare and (last is None or last.clause < item.clause - 1) and _class_last(item.governing):
        return item.governing  # 申请人以自然人为主，达74件; 因逾期不补正，不再处理2件
    return None


def _concerning(words: Words) -> bool:
    """Whether words narrow cases down to those about information (``涉政府信息公开的``, ``信息公开类``)."""
    return any(
        "信息公开" in t.text and (t.text[0] in "涉有关" or any(w.text == "类" for w in words[k + 1 : k + 2]))
        for k, t in enumerate(words)
    )


def _class_last(words: Words) -> bool:
    words = [
        t for t in words if "share" not in t.tags and not t.text.startswith(("最高", "最大", "较高", "较多"))
    ]
    named = has(words[-3:], "column") or strong(words[-2:], "row")
    return bool(named) and not (has(words, "foreign") or has(words, "qualifier"))


def _thing(item: Statement) -> bool:
    """Whether what is counted is named after the measure word, and is none of ours (``128个部门``)."""
    after = item.after[0] if item.after else None
    if item.before and item.before[-1].text.endswith(_SPOKEN_OF):
        return True  # 办结了这82件: of which was spoken
    if after is None or item.token.unit not in ("个", "项", "份", "部"):
        return False
    body = item.token.unit == "个" and "column" in after.tags and not after.tags["column"].strong
    return body or (after.kind == "gap" and after.unknown)


def _subject(item: Statement, own: Words, k: int, counts: Sequence[Statement], context: Context) -> Subject:
    parent = counts[item.parent] if item.parent is not None else None
    if named := pick(own, "subject") or pick(item.after, "subject"):
        item.named = named[-1].value
        here = context.at_disputes or any(context.disputes(s) for s in context.subjects)
        if named[-1].strong or not (here and context.disputes(context.subject)):
            return Subject(named[-1].value, 2)
    current, spoken = context.subject, bool(context.subjects)
    last = counts[k - 1] if k else None
    listed = last is not None and (last.sentence, last.subject, last.kind) == (
        item.sentence,
        "requests",
        "row",
    )
    if listed and has(own, "row") and not has(own, "foreign"):
        return Subject("requests", 1)
    carried = all(value.startswith("carried") for value in strong(own, "row"))
    if current == "foreign" and spoken and carried and not has(own, "column"):
        return Subject("foreign", 1)
    abroad = parent is not None and parent.subject == "foreign"
    rows = [t for t in own if (r := t.tags.get("row")) and r.strong]
    if not abroad and any(not ("outcome" in t.tags and context.disputes(current)) for t in rows):
        return Subject("requests", 2)
    if parent is not None and item.parent is not None:
        beside = (
            s.named for s in reversed(counts[max(item.parent + 1, k - 12) : k]) if s.parent == item.parent
        )
        if named_beside := next((name for name in beside if context.disputes(name)), ""):
            return Subject(named_beside, 1)
    if not spoken and not abroad and strong(own, "column"):
        return Subject("requests", 1)
    if parent is not None and parent.subject:
        later = parent.subject == "litig" and current in ("direct", "after")
        return Subject(current if later else parent.subject, 1)
    governed = values(item.governing, "subject")
    if (governed and current == governed[-1]) or (spoken and current != "foreign"):
        return Subject(current, 1)
    if current in ("", "remedies") and context.home == "remedies" and has(own, "outcome"):
        return Subject("recon", 0)
    return Subject(current, 0 if current else -1)


def _documents(
    item: Statement,
    own: Words,
    subject: Subject,
    context: Context,
    last: Statement | None,
    parent: Statement | None,
) -> None:
    """规章, 规范性文件: issued, repealed or in force."""
    near = subject.near
    beside = joined_to_last(last.before, "change") if last is not None and item.joined == "、" else []
    changes = joined_to_last(own, "change") or joined_to_last(item.after, "change")
    named = [s for s in joined_to_last(own, "subject") if context.kind(s) == "documents"]
    rows = tuple(row for s in named or [subject.name] for row in context.subject_rows(s))
    if not changes and near == 2:
        changes, near = joined_to_last(item.governing, "change") or beside, 1
    columns = tuple(dict.fromkeys(changes)) or ("issued",)
    every = ("issued", "repealed", "in_force") if not changes else columns
    item.likely = tuple(Quantity("disclosure", rows, (c,)) for c in columns)
    item.possible = (
        *(Quantity("disclosure", rows, (c,)) for c in every),
        Quantity("disclosure", rows, columns),
        *(Quantity("disclosure", (r,), (c,)) for r in rows for c in columns),
    )
    shown = has(own, "show")
    item.shown = not changes and shown
    item.doubtful = not changes
    weight = (3 if near >= 1 else 2) if changes else 0 if shown else 1
    item.weight = weight - 2 * _residue(item)
    of_whole = parent is not None and changes and values(parent.before, "change")[-1:] == ["in_force"]
    if of_whole and any(t.unknown for t in item.before):
        item.weight = NEVER  # 现行有效913件，其中政府制发456件
    if parent is not None and parent.shown and parent.weight <= 0:
        item.weight = NEVER  # 集中公开规范性文件919件，其中废止6件


def _part_of_same(item: Statement, parent: Statement | None) -> None:
    if parent is not None and set(parent.likely) & set(item.likely):
        item.weight = NEVER


def _decisions(
    item: Statement, own: Words, subject: Subject, context: Context, parent: Statement | None
) -> None:
    """行政许可, 处罚, 强制: decisions, where items and posts are counted too."""
    columns = tuple(context.figures.data["subjects"][subject.name]["columns"])
    item.likely = (Quantity("disclosure", context.subject_rows(subject.name), columns),)
    named = pick(own, "subject")
    word = any("决定" in t.text for t in (*item.governing, *own))
    item.weight = 3 if word or has(own, "decide") else 2 if named and named[-1].strong else 1
    item.weight -= 2 * _residue(item) + (subject.near < 1)
    item.shown = has(own, "show")
    cases = any("案件" in t.text for t in own) and not word
    item.weight -= 2 * cases  # 办理行政处罚案件51件
    item.doubtful = not word or item.token.unit in _ITEMS
    _part_of_same(item, parent)
    item.weight -= (2 if word else 3) * item.shown + 3 * (item.token.unit in _ITEMS and not word)


def _money(item: Statement, own: Words, subject: Subject, context: Context) -> None:
    if item.token.unit == "元":
        columns = tuple(context.figures.data["subjects"][subject.name]["columns"])
        item.likely = (Quantity("disclosure", context.subject_rows(subject.name), columns),)
        firm = subject.near == 2 and not _residue(item)
        item.weight = 3 if firm else 1
        if not strong(own, "subject") and context.section != "disclosure":
            item.weight = NEVER  # 收费金额: of another fee


def _disputes(
    item: Statement, own: Words, subject: Subject, context: Context, parent: Statement | None
) -> bool:
    """复议, 诉讼 and their outcomes; False where neither subject nor outcome is counts."""
    near = subject.near
    outcomes = joined_to_last(own, "outcome") or joined_to_last(item.after, "outcome")
    if near < 2 and not outcomes and not (parent and item.kind == "free"):
        return False
    named = [s for s in joined_to_last(own, "subject") if context.disputes(s)]
    if len({"subject" in t.tags for t in own if t.means("outcome") == "corrected"}) > 1:
        named = []  # 被纠正或败诉24件
    named = [s for s in values(own, "subject") if s in ("direct", "after")] or named
    if subject.name in ("direct", "after") and not strong(own, "subject"):
        named = []  # 后者被判决维持的22件
    rows = _together(context, named or [subject.name])
    others = [s for s in dict.fromkeys(context.subjects) if context.disputes(s)]
    if not named and not near and not others:
        others = ["recon", "litig"]  # 纠正2件: of either
    many = len(others) > 1
    if named or (parent is not None and parent.likely and parent.likely[0].table == "remedies"):
        others = []
    columns = tuple(c for o in outcomes for c in (SETTLED if o == "done" else (o,))) or TOTAL
    loose = bool(outcomes) and not all(m.strong for m in pick(own, "outcome")[-1:])
    item.likely = (Quantity("remedies", rows, columns),)
    possible = [Quantity("remedies", context.subject_rows(s), columns) for s in others]
    if not named and subject.name in ("direct", "after") and "litig" in context.subjects and not item.depth:
        possible.append(Quantity("remedies", context.subject_rows("litig"), columns))
    if not named and others and many:
        possible.append(Quantity("remedies", _together(context, others), columns))
    context.arisen |= any(t.text in _ARISEN for t in (*item.governing, *own))
    if not outcomes and context.settled and not context.arisen:
        possible.append(Quantity("remedies", rows, SETTLED))
    if "done" in outcomes:
        possible.append(Quantity("remedies", rows, TOTAL))
        possible += [Quantity("requests", CONCLUDED, TOTAL)] if near < 1 else []
    if outcomes and any(word in written(own) for word in _VAGUE):
        possible += [Quantity("remedies", rows, (c,)) for c in SETTLED]
        near -= 1
    item.possible = tuple(possible)
    item.weight = (3 if near >= 1 or (not loose and near == 0) else 1) - 2 * _residue(item)
    arrived = any("outcome" not in t.tags and t.means("verb") in ("received", "new", "handled") for t in own)
    context.arrived |= arrived and not context.about
    if not outcomes and (arrived or context.arrived):
        item.weight -= 2  # 收到, 办理复议案件 may count other cases than the table's
    clear = bool(has(own, "outcome") and strong(own, "subject")) or subject.name in ("direct", "after")
    item.weight -= not (
        clear
        or {"direct", "after"} & set(named)
        or context.about
        or context.home == "requests"
        or context.at_disputes
        or (all(t.tags or t.text in "，、" for t in own) and not has(own, "area"))
    )
    if context.carried and not outcomes:
        item.weight = NEVER  # 新增9件，上年结转2件: cases of other years too
    if parent is not None and parent.rows and parent.rows not in USUAL:
        item.weight = NEVER  # 不予公开的36件中，被申请复议的4件
    item.kind = "row" if outcomes else item.kind
    item.weak = not outcomes
    vague = any(word in written(own) for word in _VAGUE)
    item.doubtful = item.weak or loose or vague or "done" in outcomes
    return True


def _together(context: Context, subjects: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row for s in subjects for row in context.subject_rows(s)))


def _both_flows(item: Statement, own: Words) -> bool:
    """True if one number counts what was carried in and what is new (上年结转和本年新收申请共81件, 新收与上年结转合计81件)."""
    flows = [t.means("row") or t.means("verb") for t in own]
    carried = flows.index("carried_in") if "carried_in" in flows else len(flows)
    before, after = flows[:carried], flows[carried + 1 :]
    return "new" in after or (item.adds_up and bool({"new", "received"} & set(before)))


def _requests(
    item: Statement, own: Words, subject: Subject, context: Context, parent: Statement | None
) -> None:
    """The requests: rows by their class names, columns by the applicants, flows by verbs."""
    figures = context.figures
    firm = strong(own, "row")
    rows = _narrow([r for r in joined_to_last(own, "row") if not firm or r in firm], context)
    rows, extra = _reasons(item, own, rows, context)
    if not rows and not labelled(item.before):
        rows = _narrow(joined_to_last(item.after, "row"), context)
    also = strong(item.after, "row")
    if has(item.after, "all") and (inside := [r for r in also if _inside(r, rows, context)]):
        rows = inside  # 无法提供的14件全部因不掌握
    if rows == ["carried_out"] and "carried_out" in also:
        firm = ["carried_out"]
    columns = joined_to_last(own, "column") or ([] if rows else joined_to_last(item.after, "column"))
    if _other_applicants(item, own):
        rows, firm, columns = [], [], ["org"]
    named = bool(columns) or bool(joined_to_last(own, "subject"))
    verbs = [m.value for m in pick(own, "verb") if m.strong or named]
    if rows == ["carried_in"] and _both_flows(item, own):
        rows, firm, verbs = [], [], ["concluded" if "concluded" in verbs else "both"]
    name, near = subject
    if not (rows or columns or verbs or (name == "requests" and near == 2)):
        return
    if context.disputes(name) and name not in context.subjects and parent is None:
        name, near = "", 0  # only the sentence before spoke of disputes
    disputed = bool(context.subjects) and context.disputes(context.subjects[-1])
    if (name not in ("requests", "") and not firm) or (firm and firm[-1].startswith("carried") and disputed):
        return
    if "natural" in columns and "org" in columns:
        columns = []  # 公民、法人和其他组织: everyone
    chosen = tuple(dict.fromkeys(c for key in columns for c in figures.columns(key))) or TOTAL
    _remainder(item, columns, context)
    about = [q.rows for q in _counted(parent, context)] if parent is not None and parent.rows else []
    if columns and about:
        verbs = strong(own, "verb")
    found = _Named(rows, columns, chosen, verbs, bool(firm), Subject(name, near))
    if rows:
        _by_row(item, found, context, parent)
    elif verbs and not columns:
        _by_verb(item, found, context)
    elif columns:
        _by_column(item, found, context, own, about, parent)
    else:
        item.likely = tuple(
            Quantity("requests", r, TOTAL) for r in (USUAL if has(item.before, "all") else USUAL[:1])
        )
        item.possible = (Quantity("requests", CONCLUDED, TOTAL), Quantity("requests", BOTH, TOTAL))
        item.weight = 1
    if len(context.columns) == 1 and not columns and item.likely:  # 法律服务机构的64件，办结62件
        alone = figures.columns(context.columns[0])
        item.possible = (*item.possible, *(q._replace(columns=alone) for q in item.likely))
    also_meant = (Quantity("requests", figures.rows(r), c) for r in also for c in {TOTAL, chosen})
    item.possible = (*item.possible, *extra, *also_meant)
    item.weight -= (1 if firm else 2) * _residue(item) + 2 * (item.token.unit in _ODD)
    orphan = parent is None and any(t.text == "其中" for t in item.before)
    subset = parent is not None and bool(parent.rows) and _subset(verbs, parent)
    if not rows and not columns and (orphan or subset):
        item.weight = NEVER  # a part in its whole's own words has no cell
    _left_out(item, chosen, context, parent)
    if item.likely:
        item.subject = "requests"


def _other_applicants(item: Statement, own: Words) -> bool:
    """``自然人以外的申请人``; ``除自然人外，其他申请人``."""
    beyond = any(t.text in ("以外", "之外") for t in own) and values(own, "column") == ["natural"]
    but = any(t.text == "除" for t in item.governing) and values(item.governing, "column") == ["natural"]
    return beyond or (but and any(t.text in _REST for t in own) and not has(own, "column"))


class _Named(NamedTuple):
    """What the words of a number say of the requests."""

    rows: list[str]
    columns: list[str]
    chosen: tuple[str, ...]
    verbs: list[str]
    firm: bool
    subject: Subject


def _reasons(item: Statement, own: Words, rows: list[str], context: Context) -> tuple[list[str], Quantities]:
    """The reason rather than the group, where both are named (``以内部事务信息为由不予公开``); the group may be meant too."""
    figures = context.figures
    wider = [r for r in rows if len(figures.rows(r)) > 1 and "+" not in r]
    if len(rows) != 1 or not wider or any("等" in t.text for t in own):
        return rows, ()
    inside = [r for r in strong([*item.governing, *own], "row") if _inside(r, wider[:1], context)]
    if not inside:
        return rows, ()
    here = values(own, "row")
    chosen = inside if any(r in here for r in inside) else inside[-1:]
    return list(dict.fromkeys(chosen)), (Quantity("requests", figures.rows(wider[0]), TOTAL),)


def _inside(row: str, rows: list[str], context: Context) -> bool:
    return any(set(context.figures.rows(row)) < set(context.figures.rows(r)) for r in rows)


def _remainder(item: Statement, columns: list[str], context: Context) -> None:
    """其他3件 after single kinds of organisations may be all the others."""
    figures = context.figures
    every = figures.columns("org")
    if columns == ["other"]:
        listed = sum(token.value for token in context.organisations)
        known = figures.known(*(Quantity("requests", rows, every) for rows in USUAL))
        item.allowed += [value - listed for value in known]
    elif len(columns) == 1 and columns[0] in every:
        context.organisations.append(item.token)


def _counted(parent: Statement, context: Context) -> Quantities:
    """What a whole counts: the quantities that the table bears out, else all of them."""
    every = [*parent.likely, *parent.possible]
    return [q for q in every if context.figures.bears_out(parent.token, q)] or every


def _subset(verbs: list[str], parent: Statement) -> bool:
    """其中10件在年内办结, 其中受理76件: no cell counts these."""
    if ("new" in verbs and parent.rows != RECEIVED) or "both" in verbs:
        return False
    return not (verbs and verbs[-1] == "new") or (
        parent.rows == RECEIVED and parent.weight >= 3 and not parent.possible[1:]
    )


def _narrow(rows: list[str], context: Context) -> list[str]:
    """Without the group whose own member is named too (``因重复申请不予处理``)."""
    known = {r: set(context.figures.rows(r)) for r in rows}
    return [r for r in rows if not any(other != r and known[other] < known[r] for other in rows)]


def _by_row(item: Statement, found: _Named, context: Context, parent: Statement | None) -> None:
    figures, rows, columns = context.figures, found.rows, found.chosen
    together = tuple(dict.fromkeys(row for key in rows for row in figures.rows(key)))
    item.likely = (Quantity("requests", together, columns),)
    possible = [Quantity("requests", figures.rows(key), columns) for key in rows]
    if parent is not None and not found.columns and parent.likely and parent.likely[0].columns != TOTAL:
        possible += [Quantity("requests", together, q.columns) for q in parent.likely]
    if rows[-1] == "granted" and not found.firm:
        item.likely += (Quantity("requests", ("granted", "partly_granted"), columns),)
    if rows[-1] == "other" and not (found.firm and not item.joined and parent is None):
        possible += [Quantity("requests", (row,), columns) for row in figures.rows("other")]
    if found.columns in (["business"], ["other"]):
        possible.append(Quantity("requests", together, figures.columns("org")))
    behind = context.rows == CONCLUDED and item.joined and not has(item.before, "list")  # 办结81件，结转8件
    if rows == ["carried_out"] and not found.firm and not behind:
        ways = [*item.likely, Quantity("requests", ("carried_in",), columns)]
        item.likely = tuple(ways[:: -1 if context.rows == RECEIVED and item.joined == "、" else 1])
    item.possible = tuple(possible)
    confirmed = parent is not None and set(together) < set(parent.rows)
    item.weight = 3 if found.firm or confirmed else found.subject.near
    if parent is not None and parent.rows in _CARRIED and together not in _CARRIED:
        item.weight = min(item.weight, 3 if item.token.value > parent.token.value else NEVER)
    if context.home == "requests" and rows[-1].startswith("carried"):
        item.weight = max(item.weight, 1)
    item.doubtful = not strong(item.own, "row")


def _by_verb(item: Statement, found: _Named, context: Context) -> None:
    """收到, 办结, 办理: the flows, by words that speak of other things as well."""
    known = {
        verb: [tuple(rows) for rows in readings] for verb, readings in context.figures.data["verbs"].items()
    }
    verb = found.verbs[-1]
    rows = [r for v in found.verbs for r in known[v]]
    every = [r for readings in known.values() for r in readings] if item.leads else []
    firm = rows if verb in ("handled", "both") or item.leads else known[verb][:1]
    item.weak = True
    clean = not any(t.unknown for t in item.before)
    item.doubtful = not (found.verbs == ["new"] and found.subject.near == 2 and clean)
    item.likely = tuple(Quantity("requests", r, TOTAL) for r in firm)
    item.possible = tuple(Quantity("requests", r, TOTAL) for r in [*rows, *every])
    name, near = found.subject
    item.weight = {2: 3, 1: 3, 0: 2}.get(near, 0) if name == "requests" else 0
    unknown = any(t.unknown and "delta" not in t.tags for t in item.before)
    answers = item.leads and written(item.after[:1]) == "答复" and item.token.value >= _TELLING
    if not name and (item.token.value >= _LARGE or answers) and not unknown:
        item.weight = 1  # nothing else is spoken of: counts where it tellingly resembles the table's
    if near < 1 and unknown:
        item.weight -= 2  # 全年脱敏处理134条
    if has(item.before, "rest"):
        item.weight = NEVER  # 其余12件均按期答复: of what was spoken of


def _by_column(
    item: Statement,
    found: _Named,
    context: Context,
    own: Words,
    about: Sequence[tuple[str, ...]],
    parent: Statement | None,
) -> None:
    """自然人, 法人 …: of the row that the words, the whole or the sentence before speak of."""
    figures, columns = context.figures, found.chosen
    known = [tuple(rows) for verb in found.verbs for rows in figures.data["verbs"][verb]]
    running = [context.rows] if context.rows else []
    rows = known or list(about) or [*running, *USUAL]
    firm = rows[:1] if found.verbs or about else rows
    item.likely = tuple(Quantity("requests", r, columns) for r in dict.fromkeys(firm))
    item.possible = tuple(Quantity("requests", r, columns) for r in rows)
    loose = not all(m.strong for m in pick(own, "column"))
    if loose or columns == ("other",):
        every = figures.columns("org")
        item.possible = (*item.possible, *(Quantity("requests", r, every) for r in [*rows, *USUAL]))
    name, near = found.subject
    if name == "requests":
        item.weight = 3 if near >= 1 or not loose or context.home == "requests" else 2
    elif not loose:
        item.weight = 2
    item.kind = "column"
    first = item.likely[0]
    if (
        parent
        and about
        and item.token.value >= _TELLING
        and figures.bears_out(item.token, first)
        and parent.weight >= 0
    ):
        parent.weight = 3  # 答复369件中，法人和其他组织29件
    item.doubtful = not (found.verbs or about) or rows[0] == BOTH


def _left_out(item: Statement, chosen: tuple[str, ...], context: Context, parent: Statement | None) -> None:
    """What a total may legitimately leave out: what was carried in, or what is still open."""
    if not item.likely or chosen != TOTAL:
        return
    rows = item.likely[0].rows
    if not (context.carried or context.open) or rows not in (CONCLUDED, RECEIVED):
        return
    flows = context.figures.known(*FLOWS)
    if len(flows) < len(FLOWS):
        return
    received, carried_in, concluded, carried_out = flows
    of_concluded = "concluded" in values(item.before, "verb") or (
        parent is not None and parent.rows == CONCLUDED
    )
    if context.carried and (rows == CONCLUDED or of_concluded):
        item.allowed.append(concluded - carried_in)
    if context.open and rows == CONCLUDED:
        item.allowed.append(received - carried_out)


def _residue(item: Statement) -> int:
    """Unknown words between the first that counts and the number: the more, the likelier a subset is meant."""
    first = next((k for k, t in enumerate(item.before) if not LABELS.isdisjoint(t.tags)), len(item.before))
    lead, stretch = item.before[:first], item.before[first:]
    cause = any(t.unknown and lead[k + 1 : k + 2] and lead[k + 1].text in _CAUSES for k, t in enumerate(lead))
    return min(2, sum(t.unknown for t in stretch) + 2 * cause)
