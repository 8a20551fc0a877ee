"""Text that units share: which paragraphs, by their hashes in the journal, stand in the reports of several units."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nianbao.consolidate.case import RETURNED, Case
from nianbao.consolidate.found import Found
from nianbao.consolidate.journal import Journal
from nianbao.consolidate.texts import paragraph_hash

RULE = "narrative.sibling"
#: So many units of a group are named, and groups told.
NAMED, GROUPS = 5, 200


@dataclass
class Group:
    """Units that share paragraphs: the first few of them, how many they are, how many paragraphs, how one begins."""

    named: Sequence[str]
    units: int
    paragraphs: int
    begins: str

    @property
    def called(self) -> str:
        return "、".join(self.named) + (f" 等 {self.units} 个单位" if self.units > len(self.named) else "")


def shared(journal: Journal, cases: Iterable[Case]) -> tuple[tuple[str, Found], ...]:
    """For each group of units that share text their names and a finding; the groups with most of it first."""
    of_unit = {
        case.head.name: case.name
        for case in cases
        if (case.counted or case.state == RETURNED) and not case.head.trouble and not case.head.summary
    }
    groups = sorted(_groups(journal.shared(of_unit)), key=lambda g: (-g.paragraphs, -g.units, g.named))
    lines = [(group.called, _finding(group)) for group in groups[:GROUPS]]
    if len(groups) > GROUPS:
        words = f"另有 {len(groups) - GROUPS} 组单位的正文有整段相同，没有列出"
        lines.append(("", Found("verify", RULE, words, "请核实", "", "")))
    return tuple(lines)


def _groups(paragraphs: Iterator[tuple[str, list[str]]]) -> Iterable[Group]:
    found: dict[int, Group] = {}
    for begins, units in paragraphs:
        key = paragraph_hash("\n".join(units))
        if key in found:
            found[key].paragraphs += 1
        else:
            found[key] = Group(units[:NAMED], len(units), 1, begins)
    return found.values()


def _finding(group: Group) -> Found:
    words = f"这 {group.units} 个单位的正文有 {group.paragraphs} 段文字相同（数字不计），如“{group.begins}……”"
    return Found("verify", RULE, words, "请核实是否照抄，各单位应按本单位工作实际撰写", "", "")
