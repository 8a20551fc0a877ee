"""``narrative.wording``: 全部办结, 无结转, 全部维持, 无纠错 beside figures that say otherwise."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nianbao.checks.narrative.compare import counted
from nianbao.checks.narrative.context import Passage
from nianbao.checks.narrative.patterns import matches, stands
from nianbao.checks.narrative.text import Paragraph, Sentence, holds
from nianbao.checks.narrative.tokens import Lexicon
from nianbao.core.cell import Cell
from nianbao.core.finding import Finding
from nianbao.core.report import Report

#: ``上年结转2件``: a figure that says nothing of what became of the rest.
_CARRIED = re.compile(r"上年度?结转\d+[件宗]")
_CLAUSE = re.compile(r"[，；。：]")


Spec = Mapping[str, Any]


def contradictable(paragraph: Paragraph, specs: Sequence[Spec]) -> list[Spec]:
    """The wordings that stand anywhere in a paragraph."""
    return [spec for spec in specs if stands(spec["pattern"], paragraph.masked)]


def wording(passage: Passage, sentence: Sentence, specs: Sequence[Spec]) -> Iterator[Finding]:
    """Words that a figure above 0 contradicts; silent where the words have a scope of their own."""
    report = passage.report
    said = passage.paragraph.masked[sentence.start : sentence.end]
    for spec in specs:
        if not any(
            (report.amount(Cell.parse(key)) or 0) > 0
            for some in (spec["zero"], spec.get("else", {}))
            for keys in some.values()
            for key in keys
        ):
            continue
        for match in matches(spec["pattern"], said):
            if holds(_CARRIED.sub("", said), spec.get("not", ())) or _bracketed(said, match.start()):
                continue
            topics = _topics(passage, sentence, match, spec["zero"])
            for key in ("zero", "else"):
                if key == "else" and not _else(said, match, spec):
                    continue
                cells = _cells(report, topics, spec.get(key, {}))
                if above := [cell for cell in cells if (counted(report, cell) or 0) > 0]:
                    yield _finding(passage, sentence, match, cells, above)
                    break


def _bracketed(said: str, at: int) -> bool:
    """Whether words stand in brackets behind a number: they speak of that number alone."""
    opened = said.rfind("（", 0, at)
    return opened > 0 and "）" not in said[opened:at] and said[opened - 1] in "件起宗个"


def _else(said: str, match: re.Match[str], spec: Spec) -> bool:
    """Whether words say of a number right before them what other cells contradict too (``4件，全部维持``)."""
    if "else" not in spec or holds(said, spec["else_not"]):
        return False
    return re.search(spec["else_after"], said[: match.start()]) is not None


def _cells(report: Report, topics: Sequence[str], keys: Mapping[str, Any]) -> tuple[Cell, ...]:
    cells = (Cell.parse(key) for topic in topics for key in keys.get(topic, ()))
    return tuple(cell for cell in cells if cell in report.form.cell_set)


def _topics(passage: Passage, sentence: Sentence, match: re.Match[str], zero: Mapping[str, Any]) -> list[str]:
    """The topics the words are about: named in the clause, else nearest before; none where that is foreign."""
    paragraph, lex = passage.paragraph, passage.lex
    at = sentence.start + match.start()
    tokens = lex.tokens(paragraph.masked, 0, sentence.end)
    clause = [m.end() for m in _CLAUSE.finditer(paragraph.masked, 0, at)]
    inside = [t for t in tokens if (clause[-1] if clause else 0) <= t.start < at + len(match[0])]
    before = [t for t in tokens if t.start < at]
    for stretch in (inside, before):
        for token in reversed(stretch):
            if token.word in lex.foreign or token.word in lex.outside:
                return []
            if named := _named(token.word, zero, lex):
                since = max(sentence.start, paragraph.masked.rfind("；", 0, at) + 1)
                same = [n for t in stretch if t.start >= since for n in _named(t.word, zero, lex)]
                return list(dict.fromkeys(same)) if same else named
    return [t.key for t in lex.topics if paragraph.section in t.home and t.key in zero]


def _named(word: str, zero: Mapping[str, Any], lex: Lexicon) -> list[str]:
    return [t.key for t in lex.topics if t.key in zero and word in t.names]


def _finding(
    passage: Passage,
    sentence: Sentence,
    match: re.Match[str],
    cells: tuple[Cell, ...],
    above: list[Cell],
) -> Finding:
    report, start = passage.report, sentence.start + match.start()
    table = "，".join(f"“{report.form.name(cell)}”为 {report.amount(cell)}" for cell in above)
    total = sum(report.amount(cell) or 0 for cell in above)
    said = passage.writes(max(sentence.start, start - 12), start + len(match[0]))
    message = f"{said}，而表中{table}，请核对文字和表格"
    return Finding(
        "narrative.wording", "verify", cells, message, total, match[0], places=(passage.paragraph.place,)
    )
