"""What a number counts of the requests: rows by their class names, columns by the applicants, flows by verbs."""

from typing import NamedTuple

from nianbao.checks.narrative.lexicon import (
    LABELS,
    Words,
    has,
    how_many,
    joined_to_last,
    labelled,
    pick,
    strong,
    values,
    written,
)
from nianbao.checks.narrative.quantities import (
    BOTH,
    CARRIED,
    CONCLUDED,
    FLOWS,
    RECEIVED,
    TOTAL,
    USUAL,
    Quantities,
    Quantity,
)
from nianbao.checks.narrative.sentence import Context, Statement

#: The weight of words that rule a number out.
NEVER = -9
REST = ("其他", "其它")
#: Measure words that rarely count requests.
_ODD = ("次", "个", "例", "部", "人次", "条")
_LARGE, _TELLING = 100, 10
_PERSONS = ("人", "名", "家", "户", "位")
#: Weak classes that mean too many other things to stand alone.
_LOOSE = ("other", "other_rest", "carried_in", "carried_out", "granted")
_ARRIVING = frozenset(("new", "received"))
#: Kinds of words that tell what was done.
_DONE = frozenset(("change", "decide", "verb"))
_CAUSES = ("引发", "引起", "产生", "类", "导致")


class Subject(NamedTuple):
    """What a number is about, and how near that was named: 2 in its own words, 1 in the sentence, 0 before, -1 nowhere."""

    name: str
    near: int


class _Named(NamedTuple):
    """What the words of a number say of the requests: ``firm`` by a class name, ``chosen`` the applicants' columns; what else is meant."""

    rows: list[str]
    columns: list[str]
    chosen: tuple[str, ...]
    verbs: list[str]
    firm: bool
    subject: Subject
    extra: Quantities


def _both_flows(item: Statement, own: Words) -> bool:
    """True if one number counts what was carried in and what is new (上年结转和本年新收申请共81件, 新收与上年结转合计81件)."""
    flows = [t.means("row") or t.means("verb") for t in own]
    carried = next((k for k, flow in enumerate(flows) if flow.startswith("carried")), len(flows))
    before, after = flows[:carried], {*flows[carried + 1 :]}
    apart = item.last is None or item.last.token.end < item.start  # 64件新收申请连同上年结转的4件
    linked = apart and any("join" in t.tags for t in own[:carried])  # 新收和上年结转的2213件
    return "new" in after or ((item.adds_up or linked) and not _ARRIVING.isdisjoint(before))


def _with_the_last(item: Statement, own: Words) -> bool:
    """``上年结转82件，与新收申请合计2213件``: a total of the flow that is named and of the one told before it."""
    last = next(item.here(), None)
    linked = bool(own) and ("join" in own[0].tags or own[0].text.startswith(("加", "连")))
    if last is None or not (linked and item.adds_up) or item.leads:
        return False
    flows = {t.means("row") or t.means("verb") for t in own}
    other = CARRIED[0] if not _ARRIVING.isdisjoint(flows) else RECEIVED if "carried_in" in flows else ()
    return last.rows == other


def requests(item: Statement, own: Words, subject: Subject, context: Context) -> None:
    """The requests: rows by their class names, columns by the applicants, flows by verbs."""
    named = _names(item, own, subject, context)
    if named is None:
        return
    rows, columns, verbs, parent = named.rows, named.columns, named.verbs, item.parent
    if rows:
        _by_row(item, named, context)
    elif columns:
        _by_column(item, named, context, own)
        _remainder(item, columns, context)
    elif verbs:
        _by_verb(item, named, context)
    else:
        flows = USUAL if has(item.before, "all") else USUAL[:1]
        item.likely = tuple(Quantity("requests", r, TOTAL) for r in flows)
        item.possible = (Quantity("requests", CONCLUDED, TOTAL), Quantity("requests", BOTH, TOTAL))
        item.weight = (
            NEVER if item.leads and any(t.unknown for t in item.after) else 1
        )  # 14件申请要的东西不在我局
    one = context.columns or context.passed
    if (
        one and not columns and (len(one) == 1 or "natural" not in one)
    ):  # 法律服务机构的64件，办结62件。予以公开21件
        alone = tuple(dict.fromkeys(c for key in one for c in context.figures.columns(key)))
        alone = (
            context.figures.columns("org") if {"business", "other"} <= {*alone} else alone
        )  # 企业和其他组织
        item.possible += tuple(q._replace(columns=alone) for q in item.likely)
    beside = next(item.here(), None)
    if rows and not columns and beside is not None and beside.likely and beside.subject == "requests":
        applicants = beside.likely[0].columns  # 商业企业申请予以公开3件、部分公开1件
        item.possible += tuple(q._replace(columns=applicants) for q in item.likely)
    item.possible += tuple(named.extra)
    item.weight -= (1 if named.firm else 2) * residue(item) + 2 * (item.token.unit in _ODD)
    orphan = parent is None and any(t.text == "其中" for t in item.before)
    subset = parent is not None and bool(parent.rows) and _subset(verbs, parent)
    several = item.leads and item.before and item.before[0].text == "等"  # 查询事项50件、案卷48件等98件申请
    if not rows and not columns and (orphan or subset or several or amidst(item)):
        item.weight = NEVER  # a part in its whole's own words has no cell
    _left_out(item, named.chosen, context)
    item.subject = "requests"


def _names(item: Statement, own: Words, subject: Subject, context: Context) -> _Named | None:
    """What the words say of the requests; None where they speak of none."""
    figures, parent = context.figures, item.parent
    rows, firm, extra = _classes(item, own, context)
    columns = joined_to_last(own, "column") or ([] if rows else _behind(item))
    columns = ["org"] if _and_such(own, columns, context) else columns
    if not (rows or columns) and item.opens and item.clause and parent is None:
        columns = strong(item.governing, "column")  # 社会公益组织也来申请，全年新收8件
        classes = [r for r in strong(item.governing, "row") if not r.startswith("carried")]
        if not columns and strong(own, "verb")[-1:] == ["concluded"]:
            rows = firm = classes[-1:]  # 不掌握的较多，以此答复52件
        extra = [Quantity("requests", r, TOTAL) for r in USUAL] if columns or rows else extra
    if others := _other_applicants(item, own, context):
        rows, firm, columns = [], [], others
    spoken = bool(columns) or bool(joined_to_last(own, "subject"))
    verbs = [m.value for m in pick(own, "verb") if m.strong or spoken]
    if rows == ["carried_out"] and item.adds_up and "concluded" in verbs and not item.leads:
        rows = ["concluded", "carried_out"]  # 已办结与结转下年度之和
    carried = rows == ["carried_in"] or (rows == ["carried_out"] and not firm and item.adds_up)
    if (carried and _both_flows(item, own)) or _with_the_last(item, own):
        rows, firm, verbs = [], [], ["concluded" if "concluded" in verbs else "both"]
        extra = [*extra, Quantity("requests", CARRIED[0], TOTAL)]  # 新收申请及上年结转的14件
    name, near = subject
    if not (rows or columns or verbs or (name == "requests" and near == 2)):
        return None
    disputed = bool(context.subjects) and context.disputes(context.subjects[-1])
    if (name not in ("requests", "") and not firm) or (firm and firm[-1].startswith("carried") and disputed):
        return None
    if "natural" in columns and "org" in columns:
        columns = []  # 公民、法人和其他组织: everyone
    chosen = tuple(dict.fromkeys(c for key in columns for c in figures.columns(key))) or TOTAL
    behind = strong(item.after, "row")
    also = [Quantity("requests", figures.rows(r), c) for r in behind for c in {TOTAL, chosen}]
    return _Named(rows, columns, chosen, verbs, bool(firm), Subject(name, near), [*extra, *also])


def _classes(item: Statement, own: Words, context: Context) -> tuple[list[str], list[str], Quantities]:
    """The rows that are named, those of them by a class name, and what they may mean beside."""
    firm = strong(own, "row")
    named = joined_to_last(own, "row")
    several = any(
        how_many(t.text) == len(named) for t in own if "total" in t.tags
    )  # 内部事务、执法案卷两类合计
    rows = _narrow([r for r in named if several or not firm or r in firm], context)
    rows, extra = _reasons(item, own, rows, context)
    if rows[1:] and named[-1:] in (["other"], ["other_rest"]) and named[-1] not in firm:
        item.doubtful = True  # 其余724件按无法提供、不予处理和其他情形办理
        extra = [*extra, Quantity("requests", _rows_of(rows, context), TOTAL)]
        rows, firm = [*rows, "other"], [*firm, "other"]
    if not rows and not labelled(item.before):
        rows = _narrow(joined_to_last(item.after, "row"), context)
    also = strong(item.after, "row")
    if has(item.after, "all") and (inside := [r for r in also if _inside(r, rows, context)]):
        rows = inside  # 无法提供的14件全部因不掌握
    return rows, ["carried_out"] if rows == ["carried_out"] and "carried_out" in also else firm, extra


def _behind(item: Statement) -> list[str]:
    """The applicants behind a number, all of a list (``265件来自公民、法人和其他组织``)."""
    if has(item.after, "all"):
        return []  # 84件申请全部由自然人提出: a claim of all the others
    return joined_to_last(item.wide if has(item.after, "column") else item.after, "column")


def _and_such(own: Words, columns: list[str], context: Context) -> bool:
    """``商业企业、法律服务机构等组织``: all organisations."""
    if not columns:
        return False
    at = max((k for k, t in enumerate(own) if "column" in t.tags), default=-1)
    such = at >= 0 and written(own[at + 1 : at + 2]).startswith("等")
    return such and set(columns) <= {"org", *context.figures.columns("org")}


def _other_applicants(item: Statement, own: Words, context: Context) -> list[str]:
    """``自然人以外的申请人``; ``除自然人外，其他申请人``; ``除自然人和企业外，其他组织``."""
    if values(own, "column") == ["natural"] and any(t.text in ("以外", "之外") for t in own):
        return ["org"]
    but = values(item.governing, "column") if any(t.text == "除" for t in item.governing) else []
    if (
        not but
        or not any(t.text.startswith(REST) for t in own)
        or {*values(own, "column")} - {"other", "org"}
    ):
        return []
    named = {c for key in but for c in context.figures.columns(key)}
    return [c for c in context.figures.columns("org") if c not in named] if "natural" in but else []


def _reasons(item: Statement, own: Words, rows: list[str], context: Context) -> tuple[list[str], Quantities]:
    """The reason rather than the group, where both are named (``以内部事务信息为由不予公开``); the group may be meant too."""
    figures = context.figures
    if len(rows) != 1:
        return rows, ()
    wider = [r for r in rows if len(figures.rows(r)) > 1 and "+" not in r]
    if not wider:
        return rows, ()
    spoken = [*item.governing, *own]
    inside = [r for r in strong(spoken, "row") if _inside(r, wider[:1], context)]
    if not inside:  # 对“执法案卷”的适用，48件不予公开
        also = [r for r in values(spoken, "row") if _inside(r, wider[:1], context)]
        return rows, tuple(Quantity("requests", figures.rows(r), TOTAL) for r in also)
    if not inside or any("等" in t.text for t in own):  # for several reasons, or for one told before
        return rows, tuple(Quantity("requests", figures.rows(r), TOTAL) for r in inside)
    here = values(own, "row")
    chosen = inside if any(r in here for r in inside) else inside[-1:]
    return list(dict.fromkeys(chosen)), (Quantity("requests", figures.rows(wider[0]), TOTAL),)


def _inside(row: str, rows: list[str], context: Context) -> bool:
    return any(set(context.figures.rows(row)) < set(context.figures.rows(r)) for r in rows)


def _remainder(item: Statement, columns: list[str], context: Context) -> None:
    """其他3件 after single kinds of organisations may be all the others."""
    figures = context.figures
    every = figures.columns("org")
    rest = (
        bool(columns) and {*columns} <= {"org", "other"} and any(t.text in REST for t in item.before)
    )  # 企业173件、其他各类组织112件
    if columns == ["other"] or rest:
        listed = sum(token.value for column, token in context.listed if column != "natural")
        known = {q.rows: figures.value(q._replace(columns=every)) for q in (*item.likely, *item.possible)}
        item.allowed += [value - listed for value in known.values() if value is not None]
        left = tuple(c for c in every if c not in {column for column, _ in context.listed})
        item.allowed += figures.known(*(Quantity("requests", rows, left) for rows in known))
    elif len(columns) == 1 and columns[0] in ("natural", *every):
        if any(column == columns[0] for column, _ in context.listed):
            context.listed = []  # 办结…，其中自然人…；未办结…，其中自然人…
        context.listed.append((columns[0], item.token))


def _counted(parent: Statement, context: Context) -> Quantities:
    """What a whole counts: the quantities that the table bears out, else all of them."""
    every = [*parent.likely, *parent.possible]
    return [q for q in every if context.figures.bears_out(parent.token, q)] or every


def _subset(verbs: list[str], parent: Statement) -> bool:
    """其中10件在年内办结, 其中受理76件: no cell counts these."""
    if parent.rows == BOTH and verbs[-1:] == ["concluded"]:
        return False  # 应办89件中81件已答复
    return not (verbs and verbs[-1] == "new") or (
        parent.rows == RECEIVED and parent.weight >= 3 and not parent.possible[1:]
    )


def _narrow(rows: list[str], context: Context) -> list[str]:
    """Without the group whose own member is named too (``因重复申请不予处理``)."""
    if len(rows) < 2:
        return rows
    known = {r: set(context.figures.rows(r)) for r in rows}
    return [r for r in rows if not any(other != r and known[other] < known[r] for other in rows)]


def _rows_of(keys: list[str], context: Context) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row for key in keys for row in context.figures.rows(key)))


def _by_row(item: Statement, named: _Named, context: Context) -> None:
    figures, rows, columns, parent = context.figures, named.rows, named.chosen, item.parent
    together = _rows_of(rows, context)
    item.likely = (Quantity("requests", together, columns),)
    several = any(how_many(t.text) > 1 for t in item.before if "total" in t.tags)  # 三类合计84件
    possible = [] if several else [Quantity("requests", figures.rows(key), columns) for key in rows]
    if rows[-1] == "granted" and not named.firm:
        item.likely += (Quantity("requests", ("granted", "partly_granted"), columns),)
    beside = any(s.rows and {*s.rows} < {*figures.rows("other")} for s in item.here())
    if rows[-1] == "other" and (beside or not named.firm):  # 逾期不补正的8件，其他处理11件
        possible += [Quantity("requests", (row,), columns) for row in figures.rows("other")]
    behind = context.rows == CONCLUDED and item.joined and not has(item.before, "list")  # 办结81件，结转8件
    if rows == ["other_rest"] and not named.firm:
        possible.append(Quantity("requests", figures.rows("other"), columns))  # 还有19件按其他情形处理
    if rows == ["carried_out"] and not named.firm and not behind:
        ways = [*item.likely, Quantity("requests", ("carried_in",), columns)]
        item.likely = tuple(ways[:: -1 if context.rows == RECEIVED and item.joined == "、" else 1])
    item.possible = tuple(possible)
    confirmed = parent is not None and set(together) < set(parent.rows)
    item.weight = 3 if named.firm or confirmed else named.subject.near
    if rows == ["other_rest"] and has(item.before, "rest") and item.leads:
        item.weight = NEVER  # 其余7件按照其他情形依法答复: of all that was not named
    if parent is not None and parent.rows in CARRIED and together not in CARRIED:
        item.weight = min(item.weight, 3 if item.token.value > parent.token.value else NEVER)
    alone = named.subject.name in ("", "requests") and not any(t.unknown for t in item.before)
    if alone and item.token.value >= _TELLING and rows[-1] not in _LOOSE:
        item.weight = max(item.weight, 1)  # 信息不存在447件, with nothing else spoken of
    if context.home == "requests" and rows[-1].startswith("carried"):
        item.weight = max(item.weight, 1)
    item.doubtful |= not strong(item.own, "row")
    if parent is not None and parent.rows == together and not has(item.before, "column"):
        item.doubtful = True  # 不予公开17件，其中…不予公开4件: a part in its whole's own name
    if item.token.unit == "项" and any("show" in t.tags and "row" not in t.tags for t in item.before):
        item.weight = NEVER  # 梳理不予公开事项117项


def _by_verb(item: Statement, named: _Named, context: Context) -> None:
    """收到, 办结, 办理: the flows, by words that speak of other things as well."""
    known = {
        verb: [tuple(rows) for rows in readings] for verb, readings in context.figures.data["verbs"].items()
    }
    verb = named.verbs[-1]
    rows = [r for v in named.verbs for r in known[v]]
    every = [r for readings in known.values() for r in readings] if item.leads else []
    firm = rows if verb in ("handled", "both") or item.leads else known[verb][:1]
    item.weak = True
    clean = not any(t.unknown for t in item.before)
    item.doubtful = not (named.verbs == ["new"] and named.subject.near == 2 and clean)
    item.likely = tuple(Quantity("requests", r, TOTAL) for r in firm)
    item.possible = tuple(Quantity("requests", r, TOTAL) for r in [*rows, *every])
    name, near = named.subject
    item.weight = {2: 3, 1: 3, 0: 2}.get(near, 0) if name == "requests" else 0
    unknown = any(t.unknown and "delta" not in t.tags for t in item.before)
    own = written(t for t in item.own if "period" not in t.tags)
    answers = (item.leads or item.opens) and own.startswith("答复") and item.token.value >= _TELLING
    if not name and (item.token.value >= _LARGE or answers) and not unknown:
        item.weight = 1  # nothing else is spoken of: counts where it tellingly resembles the table's
    if sum(t.unknown for t in item.before) > 1:
        item.weight -= 3  # 工作人员对高龄申请人提供大字版答复书37份
    elif near < 1 and unknown:
        item.weight -= 2  # 全年脱敏处理134条
    if item.leads and verb == "concluded" and any(t.text == "因" for t in item.after):
        item.weight -= 3  # 1件答复因未充分征求意见被纠正
    labels = [k for k, t in enumerate(item.own) if not LABELS.isdisjoint(t.tags)]
    between = item.own[labels[0] : labels[-1]] if labels else ()
    if item.leads and not has(item.own, "all") and any(t.unknown for t in between):
        item.weight -= 3  # 有4件申请延迟登记
    if item.adds_up and (last := next(item.here(), None)) and last.token.unit in _PERSONS:
        item.weight = NEVER  # 7人共提出申请31件
    if has(item.before, "rest"):
        item.weight = NEVER  # 其余12件均按期答复: of what was spoken of


def _by_column(item: Statement, named: _Named, context: Context, own: Words) -> None:
    """自然人, 法人 …: of the row that the words, the whole or the sentence before speak of."""
    figures, columns, parent = context.figures, named.chosen, item.parent
    about = [q.rows for q in _counted(parent, context)] if parent is not None and parent.rows else []
    if about and "new" in values(item.governing, "verb"):
        about = [RECEIVED]  # 收到申请84件，上年结转5件；其中新收申请按申请人区分，自然人74件
    classed = context.rows and context.rows not in USUAL
    verbs = strong(own, "verb") if about or classed else named.verbs
    if not (verbs or about or classed) and values(item.governing, "verb")[-1:] == ["new"]:
        verbs = ["new"]  # 本年新收申请中，自然人申请236件
    known = [tuple(rows) for verb in reversed(verbs) for rows in figures.data["verbs"][verb]]
    running = [context.rows] if context.rows else []
    rows = known or about or [*running, *USUAL]  # 行政查询事项50件，自然人提出44件
    firm = rows[:1] if verbs or about else rows
    item.likely = tuple(Quantity("requests", r, columns) for r in dict.fromkeys(firm))
    item.possible = tuple(Quantity("requests", r, columns) for r in rows)
    headed = [figures.rows(r) for r in values(item.governing, "row")[-1:]]  # 按结转口径统计，自然人61件
    headed += [tuple(r) for verb in values(item.governing, "verb")[-1:] for r in figures.data["verbs"][verb]]
    item.possible += tuple(Quantity("requests", r, columns) for r in headed)
    loose = not all(m.strong for m in pick(own, "column"))
    if loose or columns == ("other",):
        every = figures.columns("org")
        item.possible = (*item.possible, *(Quantity("requests", r, every) for r in [*rows, *USUAL]))
    name, near = named.subject
    if name == "requests":
        item.weight = 3 if near >= 1 or not loose or context.home == "requests" else 2
    elif not loose:
        item.weight = 2
    elif written(own[-1:]).endswith("申请") or any(t.text.startswith(("提出", "提交")) for t in own):
        item.weight = 1  # 企业申请173件, 以个人名义提出的1846件
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
    item.doubtful = not (verbs or about) or rows[0] == BOTH
    if has(item.before, "rest") and item.before[-1].text[-1] == "的":
        item.weight = NEVER  # 已经答复6件，还有企业提出的1件
    thing = item.before[-1] if item.before and not (item.leads or item.parent) else None
    if loose and thing and thing.kind == "gap" and len(thing.text) > 1 and thing.text[-1] != "的":
        item.weight = NEVER  # 中选企业供货数据10件


def _left_out(item: Statement, chosen: tuple[str, ...], context: Context) -> None:
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
        item.parent is not None and item.parent.rows == CONCLUDED
    )
    but = any(t.text == "除" for t in context.words)
    total = has(item.before, "total") or has(item.before, "cumulative")
    total |= any(t.text.startswith(("加上", "连同", "加之")) for t in context.words)
    all_in_all = total and rows == CONCLUDED and not but  # 新收265件，上年结转14件，共办结279件
    behind = [t for t in context.words if t.start >= item.token.end]
    held = any("list" in t.tags or t.text[0] == "含" for t in behind) and "不" not in written(
        behind[:4]
    )  # 265件中包含上年结转的14件
    if (
        context.carried
        and not (all_in_all or (held and rows == CONCLUDED))
        and (rows == CONCLUDED or of_concluded)
    ):
        item.allowed.append(concluded - carried_in)
    if context.open and carried_out and rows == CONCLUDED:
        item.allowed.append(received - carried_out)


def amidst(item: Statement) -> bool:
    """Whether a number is of some among what was named before it (``复议案件中有5件``)."""
    at = next((k for k in range(len(item.before) - 1, 0, -1) if item.before[k].text[-1] in "中里"), 0)
    return at > 0 and not item.leads and labelled(item.before[:at]) and not labelled(item.before[at:])


def predicate(words: Words) -> Words:
    """Words from the last thing that was done on (``受理采矿等事项并作出许可决定``)."""
    done = [
        k
        for k, t in enumerate(words)
        if k and t.text == "并" and words[k + 1 :] and not _DONE.isdisjoint(words[k + 1].tags)
    ]
    return words[done[-1] + 1 :] if done else words


def residue(item: Statement) -> int:
    """Unknown words between the first that counts and the number: the more, the likelier a subset is meant."""
    count, named, unknown = 0, False, False
    for t in predicate(item.before):
        named = named or not LABELS.isdisjoint(t.tags)
        if not named and unknown and t.text in _CAUSES:
            count += 2
        unknown = t.unknown and "rough" not in t.tags
        count += named and unknown
    return min(2, count)
