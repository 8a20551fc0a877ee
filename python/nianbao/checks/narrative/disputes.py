"""What a number counts of 复议 and 诉讼: their kinds, and their outcomes."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nianbao.checks.narrative.lexicon import Words, has, joined_to_last, pick, strong, values, written
from nianbao.checks.narrative.quantities import CONCLUDED, SETTLED, TOTAL, USUAL, Quantity
from nianbao.checks.narrative.requests import NEVER, Subject, amidst, residue
from nianbao.checks.narrative.sentence import Context, Statement, agrees

#: Outcomes in the courts' own words, which the form's classes only may hold.
VAGUE = ("驳回", "撤", "终止", "调解", "违法", "责令", "不予受理")
#: So many times the table's disputes are those about everything.
_MANY_TIMES = 4
_NEGATIVE = frozenset(("none", "none_after"))
#: The two ways into court.
_WAYS = frozenset(("direct", "after"))
#: With these words all disputes are counted, not only the settled ones.
_ARISEN = frozenset(("引发", "引起", "产生", "发生", "提起", "被提起", "被申请"))
#: Measure words of other things than cases.
_THINGS = ("个", "条", "项")


def outcomes_before(item: Statement) -> list[str]:
    """The outcomes that a number before tells of both kinds of disputes (``尚未审结29件，复议19件、诉讼10件``)."""
    for s in item.back(2):
        outcomes = joined_to_last(s.own, "outcome") if s.sentence == item.sentence else []
        if outcomes and (item.joined in ("、", "和", "，") or not s.named):
            return outcomes
    return []


class _Dispute(NamedTuple):
    """What the words of a number say of 复议 and 诉讼: their kinds and outcomes, whether in the courts' own words."""

    own: Words
    outcomes: list[str]
    named: list[str]
    rows: tuple[str, ...]
    subject: Subject
    vague: bool

    @property
    def in_court(self) -> bool:
        """Whether one of the two ways into court is spoken of."""
        return not _WAYS.isdisjoint((self.subject.name, *self.named))


def disputes(item: Statement, own: Words, subject: Subject, context: Context) -> bool:
    """复议, 诉讼 and their outcomes; False where neither subject nor outcome is counted."""
    own, after = _affirmed(own), _affirmed(item.after)
    outcomes = joined_to_last(own, "outcome") or joined_to_last(after, "outcome")
    if subject.near < 2 and not outcomes and not (item.parent and item.kind == "free"):
        return False
    if item.token.unit in _THINGS and not (has(item.before, "outcome") or has(item.before, "subject")):
        return False  # 专区由7个增加到12个
    named = [s for s in joined_to_last(own, "subject") if context.disputes(s)]
    if len({"subject" in t.tags for t in own if t.means("outcome") == "corrected"}) > 1:
        named = []  # 被纠正或败诉24件
    named = [s for s in values(own, "subject") if s in _WAYS] or named
    if subject.name in _WAYS and not strong(own, "subject"):
        named = []  # 后者被判决维持的22件
    rows = together(context, named or [subject.name])
    vague = bool(outcomes) and any(word in written(own) for word in VAGUE)
    words = _Dispute(own, outcomes, named, rows, subject, vague)
    spoken_of = () if outcomes else columns_of(_outcomes_spoken_of(item))
    item.likely = tuple(
        Quantity("remedies", rows, c) for c in (spoken_of, columns_of(outcomes) or TOTAL) if c
    )
    context.arisen |= any(t.text in _ARISEN for t in (*item.governing, *own))
    item.possible = (*_other_kinds(item, words, context), *_other_outcomes(item, words, context))
    loose = bool(outcomes) and not all(m.strong for m in pick(own, "outcome")[-1:])
    _weigh_dispute(item, words, loose, context)
    item.kind = "row" if outcomes else item.kind
    item.weak = not outcomes
    item.doubtful = item.weak or loose or vague or "done" in outcomes
    return True


def _outcomes_spoken_of(item: Statement) -> list[str]:
    """The outcomes of which the clause before speaks without a number (``其他结果的诉讼，直接起诉5件，复议后起诉8件``)."""
    whole = next((s for s in item.back(3) if s.sentence == item.sentence and s.leads), None)
    if whole and whole.clause < item.clause and item.token.value <= whole.token.value:
        return joined_to_last(whole.after, "outcome")  # 从3件诉讼纠正案件看，直接起诉2件、复议后起诉1件
    words = item.governing
    start = next((k for k in range(len(words) - 1, 0, -1) if words[k - 1].end != words[k].start), 0)
    clause = words[start:]
    spoken = "subject" in clause[-1].tags or clause[-1].text[-1] in "的中件" if clause else False
    return strong(clause, "outcome") or joined_to_last(clause, "outcome") if spoken else []


def _other_kinds(item: Statement, words: _Dispute, context: Context) -> list[Quantity]:
    """The other kinds of disputes that a number may count, with the same outcomes."""
    subject, named, columns = words.subject, words.named, item.likely[0].columns
    others = [s for s in dict.fromkeys(context.subjects) if context.disputes(s)]
    if named or (item.parent and item.parent.likely and item.parent.likely[0].table == "remedies"):
        others = []
    kinds = [context.subject_rows(s) for s in others]
    # 直接起诉…；复议后起诉…。两类合计57件，已审结47件
    both = "litig" in context.subjects or has(context.words, "total")
    if not named and subject.name in _WAYS and both and not item.depth:
        kinds.append(context.subject_rows("litig"))
    spoken = [*others, *(s for s in values(words.own, "subject") if context.disputes(s))]
    if not named and item.adds_up:
        spoken += [s for s in values(context.words, "subject") if context.disputes(s)]
    if {"direct", "after"} <= {*spoken} and item.adds_up:
        kinds.append(context.subject_rows("litig"))  # 复议后起诉…；直接起诉…；二者合计维持31件
    behind = item.wide if item.leads else item.after
    spoken += [s for s in values(behind, "subject") if context.disputes(s)]
    if len(others) > 1:
        kinds.append(together(context, others))
    mixed = len({"subject" in t.tags for t in words.own if t.means("outcome") == "corrected"}) > 1
    if {"recon", "litig"} <= {*spoken} or mixed:  # 被纠正和败诉的24件
        kinds.append(together(context, ("recon", "litig")))  # 24件被纠正的复议、诉讼案件
    if not named and item.parent and item.parent.likely and item.parent.likely[0].table == "remedies":
        kinds.append(item.parent.likely[0].rows)  # 复议、诉讼合计234件，其中未审结29件
    if named == ["litig"]:
        kinds += [context.subject_rows(s) for s in context.subjects if s in _WAYS]
    return [Quantity("remedies", rows, columns) for rows in kinds]


def _other_outcomes(item: Statement, words: _Dispute, context: Context) -> list[Quantity]:
    """The other outcomes of the same disputes that a number may count."""
    outcomes, parent = words.outcomes, item.parent
    columns: list[tuple[str, ...]] = []
    if not outcomes and parent is not None:
        wholes = [parent, *([parent.parent] if parent.parent is not None else [])]
        told = next((some for s in wholes if (some := joined_to_last(s.own, "outcome"))), [])
        columns.append(columns_of(told) or TOTAL)  # 24件被纠正案件（复议21件）
    if not outcomes and context.settled and not context.arisen:
        columns.append(SETTLED)
    if any("胜诉" in t.text for t in words.own):
        columns.append(("upheld", "other"))
    behind = values([t for t in context.words if t.start > item.token.end], "outcome")
    if "done" in outcomes and ("pending" in behind or "upheld" not in behind):
        columns.append(TOTAL)  # 审结177件，其中维持103件、…、尚未审结19件
    if words.vague:
        columns += [(column,) for column in SETTLED]
    concluded = "done" in outcomes and words.subject.near < 1
    also = [Quantity("requests", CONCLUDED, TOTAL)] if concluded else []
    return [*(Quantity("remedies", words.rows, some) for some in columns), *also]


def _weigh_dispute(item: Statement, words: _Dispute, loose: bool, context: Context) -> None:
    own, outcomes, near = words.own, words.outcomes, words.subject.near - words.vague
    item.weight = (3 if near >= 1 or (not loose and near == 0) else 1) - 2 * residue(item)
    if words.vague and item.leads and any(t.unknown or t.text == "申请人" for t in item.after):
        item.weight -= 2  # 3件申请人自愿撤回的复议申请
    arrived = any("outcome" not in t.tags and t.means("verb") in ("received", "new", "handled") for t in own)
    context.arrived |= arrived and not context.about
    if not outcomes and (arrived or context.arrived):
        item.weight -= 2  # 收到, 办理复议案件 may count other cases than the table's
    ours = context.about or context.at_disputes or words.in_court
    plain = all(t.tags or t.text in "，、" for t in own) and not has(own, "area")
    named = has(own, "outcome") and bool(strong(own, "subject"))
    item.weight -= not (ours or named or plain or context.home == "requests")
    right = context.figures.value(item.likely[0]) or 0
    other = not (ours or outcomes) and item.token.value > _MANY_TIMES * right > 0
    if (context.carried and not outcomes) or (
        other and not context.figures.relation(item.token.value, item.likely[0])
    ):
        item.weight = NEVER  # 新增9件，上年结转2件: cases of other years too
    refused = any(m.strong and "outcome" not in t.tags for t in own if (m := t.tags.get("row")))
    if refused and outcomes:
        item.weight = NEVER  # 不予公开决定被复议纠正的6件
    if not (ours or strong(own, "subject")) and any(s.foreign or s.subject == "foreign" for s in item.here()):
        item.weight = NEVER  # 法院受理行政案件211件，行政机关败诉19件
    if item.parent is not None and item.parent.rows and item.parent.rows not in USUAL:
        item.weight = NEVER  # 不予公开的36件中，被申请复议的4件
    open_ = (item.leads or has(own, "rest")) and any(t.unknown for t in item.after)
    if not outcomes and (amidst(item) or open_):
        item.weight = NEVER  # 诉讼尚有1件没判下来, 复议案件中有5件
    inside = [t for t in context.words if item.start <= t.start < item.token.start and t not in item.before]
    last = next(item.here(), None)
    wider = last is not None and last.subject == item.subject and last.weight == NEVER
    if any(t.unknown for t in inside) or (outcomes and wider and last and not agrees(last, context.figures)):
        item.weight = NEVER  # 复议案件（含征地补偿等）共29件，被纠正5件
    if outcomes:
        part_of_same(item, context)  # 5件以其他方式结案，其中3件系申请人撤回


def columns_of(outcomes: Sequence[str]) -> tuple[str, ...]:
    return tuple(c for o in outcomes for c in (SETTLED if o == "done" else (o,)))


def _affirmed(words: Words) -> Words:
    """The words before a negative (``17件复议无一被纠正``), or the outcome of a rate (``177件复议的纠错率为``)."""
    denied = (k for k, t in enumerate(words) if k and not _NEGATIVE.isdisjoint(t.tags))
    at = next((k for k in denied if words[k - 1].text != "因"), len(words))  # 因未征求意见被纠正
    rate = next((k for k, t in enumerate(words) if "rate" in t.tags and t.text[0] == "率"), at + 1)
    return words[: min(at, rate - 1)]


def together(context: Context, subjects: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row for s in subjects for row in context.subject_rows(s)))


def part_of_same(item: Statement, context: Context) -> None:
    """A part of what it is read as itself (``规范性文件913件，其中标注“有效”的827件``) has no cell."""
    whole = item.parent
    if whole is None:
        return
    borne_out = (q for q in whole.possible if context.figures.bears_out(whole.token, q))
    if not {*whole.likely, *borne_out}.isdisjoint(item.likely):
        item.weight = NEVER
