"""Shares without a number of their own: named rates (维持率80%), applicants (自然人占95.3%), lists (分别占…)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from nianbao.checks.narrative.compare import counted
from nianbao.checks.narrative.mention import Mention
from nianbao.checks.narrative.tokens import Lexicon
from nianbao.core.cell import Cell
from nianbao.core.number import Figure
from nianbao.core.phrases import Reading, Topic
from nianbao.core.report import Report

#: ``当面42件、邮寄37件，分别占19.5%、18.2%``: what stands between the last number and the first percentage.
EACH = re.compile(
    r"[，、]?(?:(?:占比|所占比例|比例)分别(?:为|是|达)|分别占)(?P<of>[^，。；、（）占\d]{0,16})$"
)
_BARE = re.compile(r"(?P<who>[^，。；、：（）\d]{2,16}?)(?:占比|占)(?P<of>[^，。；、：（）占\d]{0,10})$")
#: What a share may be of, so that it is the table's.
_WHOLE = re.compile(
    r"(?:办结|答复|收到|新收|申请|受理)?(?:总数|总量|总申请量|总申请数|申请总数|申请总量|申请量|全部申请|比例|比)?(?:的|为|达|约)*"
)
_WHOLE_OF = re.compile(
    r"(?:全部|总|全年|年度|申请|收件|件数|数量|总数|总量|比例|比|受理|公开|政府信息)*(?:的|为|达|约)*"
)
_LEAD = re.compile(r"[^，。；、：（）]*$")
_CARRIED = re.compile(r"上年度?结转")
_AWAY = ("上年", "去年", "上一年", "同比", "较", "累计", "历年")


def named(report: Report, before: str, sentence: str, lex: Lexicon) -> list[Fraction]:
    """The values that a named rate right before a percentage may have; empty where none is named."""
    specs: Sequence[Mapping[str, Any]] = report.form.phrases.data.get("rates", ())
    if any(word in _CARRIED.sub("", sentence) for word in _AWAY) or _of_others(report, sentence, lex):
        return []
    rates = []
    for spec in specs:
        barred = any(word in sentence for word in spec.get("not", ()))
        near = any(word in sentence for word in spec["near"])
        if near and not barred and re.search(spec["pattern"], before):
            rates += _quotients(_sums(report, spec["of"]), _sums(report, spec["in"]))
    return rates


def _of_others(report: Report, sentence: str, lex: Lexicon) -> bool:
    """Whether a sentence speaks of more than the agency's own cases (在全市系统)."""
    wide = report.agency.strip().endswith(lex.phrases.words("area_agencies"))
    return any(word in sentence for word in lex.area) and not wide


def _sums(report: Report, alternatives: Sequence[Sequence[str]]) -> list[Figure]:
    found = []
    for keys in alternatives:
        cells = [cell for key in keys if (cell := Cell.parse(key)) in report.form.cell_set]
        values = [counted(report, cell) for cell in cells]
        if cells and None not in values:
            found.append(sum(v for v in values if v is not None))
    return found


def _quotients(parts: Sequence[Figure], wholes: Sequence[Figure]) -> list[Fraction]:
    return [Fraction(p) / Fraction(w) * 100 for w in wholes for p in parts if w and p <= w]


def recalled(
    report: Report, mentions: Sequence[Mention], before: str
) -> tuple[int, list[Fraction], list[Fraction]] | None:
    """``网络52件、信函21件，网络申请占全部申请的65%``: the number told before of what has the share.

    Gives where its clause begins in ``before``, its shares in its own list and in the totals, and those in any
    number of the sentence.
    """
    clause = _LEAD.search(before)
    match = _BARE.fullmatch(clause[0]) if clause else None
    if clause is None or match is None or not _WHOLE_OF.fullmatch(match["of"]):
        return None
    told = [m for m in mentions if not m.zero and not m.token.rough and m.stretch.endswith(match["who"])]
    if len(told) != 1 or any(word in before for word in _AWAY):
        return None
    part, value = told[0], told[0].token.value
    alike = [m for m in mentions if m.token.unit == part.token.unit and not m.token.rough]
    bases = [sum(m.token.value for m in alike if m.parent == part.parent)]
    if part.parent is not None:
        bases.append(mentions[part.parent].token.value)
    for topic in part.topics[:1]:
        bases += wholes(report, topic)
    others = [m.token.value for m in alike if m is not part]
    return clause.start(), _quotients([value], bases), _quotients([value], others)


def wholes(report: Report, topic: Topic) -> list[Figure]:
    """The totals of a topic's statements (收到, 办结)."""
    if not topic.columns.any:
        return []
    return _sums(report, [_keys(topic, rows, topic.columns.any[0]) for rows in topic.rows.any])


def bare(report: Report, section: str, before: str, sentence: str, lex: Lexicon) -> list[Fraction]:
    """The shares of a kind of applicant or outcome that is told without its number; empty where none is."""
    clause = _LEAD.search(before)
    match = _BARE.fullmatch(clause[0]) if clause else None
    if match is None or not _WHOLE.fullmatch(match["of"]) or any(word in sentence for word in _AWAY):
        return []
    words = [t.word for t in lex.tokens(match["who"], 0, len(match["who"]))]
    if any(word in lex.foreign or word in lex.outside for word in words):
        return []
    for topic in lex.topics:
        if not topic.steady and topic.columns.any and section in topic.home:
            return _quotients_of(report, topic, words)
    return []


def _quotients_of(report: Report, topic: Topic, words: Sequence[str]) -> list[Fraction]:
    """Each kind's share in each of the topic's statements: of the applicants, or of the outcomes."""
    heads = list(dict.fromkeys(rows for said in (topic.rows,) for rows in said.any))
    columns = {topic.said_columns[w].any for w in words if w in topic.said_columns}
    rows = {topic.said_rows[w].any for w in words if w in topic.said_rows and not topic.said_rows[w].head}
    total = topic.columns.any[0]
    if len(columns) == 1 and not rows:
        (readings,) = columns
        pairs = [((head, reading), (head, total)) for head in heads for reading in readings]
    elif len(rows) == 1 and not columns:
        (readings,) = rows
        pairs = [((reading, total), (head, total)) for head in heads for reading in readings]
    else:
        return []
    return [
        rate
        for part, whole in pairs
        for rate in _quotients(_sums(report, [_keys(topic, *part)]), _sums(report, [_keys(topic, *whole)]))
    ]


def _keys(topic: Topic, rows: Reading, columns: Reading) -> list[str]:
    return [f"{topic.table}.{row}.{column}" for row in rows for column in columns]


def each(
    report: Report, mentions: Sequence[Mention], count: int, said: Sequence[Mention]
) -> Iterator[tuple[Mention, list[Fraction]]]:
    """The last ``count`` numbers, each with its shares in what was said before, in their sum and in the totals."""
    items = [m for m in mentions if not m.zero][-count:]
    if len(items) < count or any(m.token.rough or m.token.unit != items[0].token.unit for m in items):
        return
    earlier = [m.token.value for m in said if m not in items and not m.token.rough]
    bases = [sum(m.token.value for m in items), *earlier]
    for topic in items[0].topics[:1]:
        if topic.columns.any:
            bases += _sums(report, [_keys(topic, rows, topic.columns.any[0]) for rows in topic.rows.any])
    for item in items:
        yield item, _quotients([item.token.value], bases)
