"""What is counted: every file is the set of units (leaves) whose figures it holds, and no leaf is added twice."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nianbao.consolidate.roster import Roster
from nianbao.consolidate.scopes import OWN, Figures, Scopes, names_of
from nianbao.consolidate.submissions import (
    ALIKE,
    COVERED,
    DUPLICATE,
    RETURNED,
    Identities,
    Submission,
    leaf_of,
)
from nianbao.core.form import Form
from nianbao.core.number import simplest
from nianbao.core.report import Leaf, Report, figures_digest

#: So many units are named in a reason.
NAMED = 5


@dataclass(slots=True)
class Contributor:
    """What one file holds: its leaves, each with the digest of its figures (empty where that is not known)."""

    place: int
    name: str
    node: str
    summary: bool
    opaque: bool
    sums: str
    listed: tuple[Leaf, ...]
    holds: dict[str, str] | None = None

    @property
    def leaves(self) -> dict[str, str]:
        """The digests of its leaves by the units' identities; a report that is no summary is its own leaf."""
        return {self.node: self.sums} if self.holds is None else self.holds

    @property
    def pairs(self) -> set[tuple[str, str]]:
        """Its leaves, and itself as one, each with the digest of its figures."""
        return {*self.leaves.items(), (self.node, self.sums)}


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of a file that is not added: its state and the reason in a sentence."""

    state: str
    reason: str


def count_once(
    cases: Sequence[Submission],
    roster: Roster | None,
    own: Report | None,
    form: Form,
    figures: Callable[[str], Figures],
) -> list[Submission]:
    """The cases with nothing counted twice.

    A summary whose units are all here by themselves is left out for them; else the units' reports are left out for
    the summary. Where neither holds the other, what overlaps is held back, and so is a summary that is smaller than
    its units, and a report that seems to be one without saying so. ``own`` is added in any case.
    """
    settled = list(cases)
    while True:
        sources, verdicts = _settled(settled, roster, own)
        small = dict(_too_small(sources, verdicts, form, figures))
        if not small:
            break
        settled = _with(settled, small)
    settled = _with(settled, verdicts)
    return Scopes(settled, roster, own, form, figures).decided()


def _settled(
    cases: Sequence[Submission], roster: Roster | None, own: Report | None
) -> "tuple[dict[int, Contributor], dict[int, Decision]]":
    """What each counted file holds, and what becomes of those that are not added."""
    counted = {n: case for n, case in enumerate(cases) if case.counted}
    known = Identities(list(_leaves(counted.values(), own)), roster)
    sources = {n: _source(n, case, known) for n, case in counted.items()}
    if own is not None:
        sources[OWN] = _own(own, known)
    return sources, Settlement(sources, known).verdicts()


def _leaves(counted: Iterable[Submission], own: Report | None) -> Iterator[Leaf]:
    for case in counted:
        yield leaf_of(case.head)
        yield from case.head.covers
    if own:
        yield Leaf(own.agency, own.agency_code)


def _with(cases: Sequence[Submission], verdicts: Mapping[int, Decision]) -> list[Submission]:
    changed = list(cases)
    for n, verdict in verdicts.items():
        held = verdict.state == RETURNED
        changed[n] = replace(
            changed[n], state=verdict.state, reason=verdict.reason, details="", undecided=held
        )
    return changed


def _too_small(
    sources: Mapping[int, Contributor],
    verdicts: Mapping[int, Decision],
    form: Form,
    figures: Callable[[str], Figures],
) -> Iterator[tuple[int, Decision]]:
    """Summaries that stand for reports in the folder although they are smaller than these in a cell."""
    covered = [sources[n] for n, v in verdicts.items() if v.state == COVERED]
    for n, source in sources.items():
        if n in verdicts or not source.summary:
            continue
        inner = [
            other
            for other in covered
            if other.leaves.keys() <= source.leaves.keys()
            and not any(source.leaves[identity] for identity in other.leaves)  # else its list tells
        ]
        if words := _smaller(source, inner, form, figures):
            yield n, Decision(RETURNED, words)


def _smaller(
    source: Contributor, inner: Sequence[Contributor], form: Form, figures: Callable[[str], Figures]
) -> str:
    """The sentence on the first cell in which a summary is smaller than one of its units or than all of them."""
    if not inner:
        return ""
    whole, parts = figures(source.name), [(o.name, figures(o.name)) for o in inner if not o.summary]
    for n, cell in enumerate(form.cells):
        most, by = max(((values[n] or 0, name) for name, values in parts), default=(0, ""))
        every = sum(values[n] or 0 for _, values in parts)
        here = whole[n] or 0
        if every > here:
            one = f"“{by}”一家就报 {simplest(most)}" if most > here else ""
            words = one or f"所属单位的报告（{names_of(name for name, _ in parts)}）合计 {simplest(every)}"
            return (
                f"是含下级汇总的报告，但“{form.name(cell)}”为 {simplest(here)}，而{words}，汇总不可能小于所属单位，"
                "没有计入，所属单位按各自的报告计入；请核对后重新报送，或请其改报本级数字并在封面“编制范围”选“本级”"
            )
    return ""


def _source(n: int, case: Submission, known: Identities) -> Contributor:
    head = case.head
    node = f"unit {case.unit.name}" if case.unit else known.of(head.agency, head.code)
    node = node or f"file {head.name}"
    return Contributor(n, head.name, node, head.summary, head.opaque, head.sums, head.covers)


def _own(own: Report, known: Identities) -> Contributor:
    node = known.of(own.agency, own.agency_code) or "own"
    sums = figures_digest(map(own.figures.get, own.form.cells))
    return Contributor(OWN, "本级报告", node, False, False, sums, ())


class Settlement:
    """Decides which files are left out, for what reason."""

    def __init__(self, sources: Mapping[int, Contributor], known: Identities) -> None:
        self.sources, self.known = sources, known
        self._nodes: dict[str, list[Contributor]] = {}
        for source in sources.values():
            if source.summary and not source.opaque:
                self._nodes.setdefault(source.node, []).append(source)
        for source in sources.values():
            if source.place != OWN and source.summary:
                source.holds = self._leaves(source)

    def _leaves(self, source: Contributor) -> dict[str, str]:
        if source.opaque:
            return {source.node: "", **dict.fromkeys(self.known.below(source.node), "")}
        return dict(self._expanded(source, frozenset((source.place,))))

    def _expanded(self, source: Contributor, seen: frozenset[int]) -> Iterator[tuple[str, str]]:
        """A summary's leaves; one that is itself a summary in this folder stands for the leaves of that."""
        for leaf in source.listed:
            identity = self.known.of(leaf.name, leaf.code)
            nodes = [s for s in self._nodes.get(identity, ()) if s.place not in seen]
            same = [s for s in nodes if s.sums == leaf.digest]
            for node in same or (nodes if leaf.whole else ()):
                yield from self._expanded(node, seen | {node.place})
            if same:
                continue
            yield identity, leaf.digest
            if leaf.whole and identity != source.node:
                yield from ((below, "") for below in self.known.below(identity))

    def verdicts(self) -> dict[int, Decision]:
        """What becomes of the files that are not added; when files are held back, the others are settled anew."""
        held: dict[int, Decision] = dict(self._unknown())
        while True:
            active = {n: s for n, s in self.sources.items() if n not in held}
            left_out = self._nested(active)
            remaining = [s for n, s in active.items() if n not in left_out]
            more = dict(self._partial(remaining)) or dict(self._alike(remaining))
            if not more:
                return held | left_out
            held |= more

    def _unknown(self) -> Iterator[tuple[int, Decision]]:
        """Summaries of which nobody knows what they add up cannot stand beside other reports."""
        if len(self.sources) < 2:
            return
        for n, source in self.sources.items():
            if source.opaque and len(source.leaves) < 2 and not source.node.startswith("unit "):
                yield (
                    n,
                    Decision(
                        RETURNED,
                        "是含下级汇总的报告，但没有写明包含哪些单位（“单位明细”不在），不能确定与其他报告有无重复，"
                        "没有计入；请报送本程序生成的汇总，或在名录中写明上下级关系",
                    ),
                )

    def _nested(self, active: Mapping[int, Contributor]) -> dict[int, Decision]:
        """Files that hold what others hold, where one lies wholly within the other; the smallest first."""
        left_out: dict[int, Decision] = {}
        where = _by_several(active.values())
        for source in sorted(active.values(), key=lambda s: (len(s.leaves), s.place)):
            if source.place == OWN or source.place in left_out or not where:
                continue
            inner = list(self._within(source, where, left_out))
            if not inner:
                continue
            held = Counter(identity for other in inner for identity in other.leaves)
            if len(held) == len(source.leaves) and max(held.values()) == 1 and not source.opaque:
                left_out[source.place] = _replaced(source, inner)
            elif all(other.place != OWN for other in inner):
                words = f"已含在{_called(source)}的汇总（{source.name}）中，不重复计入"
                left_out |= {other.place: Decision(COVERED, words) for other in inner}
        return left_out

    def _within(
        self, source: Contributor, where: Mapping[str, list[Contributor]], left_out: Mapping[int, Decision]
    ) -> Iterator[Contributor]:
        """The files whose leaves are all among the source's; of equal ones those that come first."""
        seen = {source.place}
        for identity in source.leaves:
            for other in where.get(identity, ()):
                if other.place in seen or other.place in left_out:
                    continue
                seen.add(other.place)
                inside = other.leaves.keys() <= source.leaves.keys()
                if inside and (len(other.leaves) < len(source.leaves) or other.place < source.place):
                    yield other

    def _partial(self, remaining: Sequence[Contributor]) -> Iterator[tuple[int, Decision]]:
        """Files that share units although neither holds all of the other's."""
        shared = _by_several(remaining)
        for source in remaining if shared else ():
            common = [identity for identity in source.leaves if identity in shared]
            if not common or not source.summary:
                continue
            others = {o.name: o for identity in common for o in shared[identity] if o is not source}
            words = (
                f"与{_files(others)}都含有{_units_named(common)}的数字，又各有对方没有的单位，计入会重复，"
                "都没有计入；请核对由哪一份汇总包含，改正后重新报送"
            )
            yield source.place, Decision(RETURNED, words)

    @staticmethod
    def _digests(remaining: Sequence[Contributor]) -> set[str]:
        """The digests of figures that stand under several identities."""
        first: dict[str, str] = {}
        return {
            digest
            for source in remaining
            for identity, digest in source.pairs
            if digest and not digest.startswith("~") and first.setdefault(digest, identity) != identity
        }

    def _alike(self, remaining: Sequence[Contributor]) -> Iterator[tuple[int, Decision]]:
        """Files that hold the very same figures under different names."""
        where: dict[str, dict[str, list[Contributor]]] = {}
        several = self._digests(remaining)
        for source in remaining if several else ():
            for identity, digest in source.pairs:
                if digest in several:
                    where.setdefault(digest, {}).setdefault(identity, []).append(source)
        for identities in where.values():
            sources = {s.place: s for group in identities.values() for s in group}
            if len(identities) < 2 or len(sources) < 2 or self.known.confirmed(identities):
                continue
            for source in sources.values():
                if source.place != OWN:
                    others = {s.name: s for s in sources.values() if s is not source}
                    words = (
                        f"与{_files(others)}的{ALIKE}（{_units_named(identities)}），可能是同一单位报了两次，"
                        "没有计入；是同一单位的，请删去一份或在名录“别名”中写明；确属巧合的，请在名录“数字相同属实”一列填“是”"
                    )
                    yield source.place, Decision(RETURNED, words)


def _by_several(sources: Iterable[Contributor]) -> dict[str, list[Contributor]]:
    """The identities that several files hold, each with these files."""
    first: dict[str, Contributor] = {}
    several: dict[str, list[Contributor]] = {}
    for source in sources:
        for identity in source.leaves:
            begun = first.setdefault(identity, source)
            if begun is not source:
                several.setdefault(identity, [begun]).append(source)
    return several


def _replaced(source: Contributor, inner: Sequence[Contributor]) -> Decision:
    if source.summary:
        words = f"所汇总的 {len(source.leaves)} 个单位均已单独计入，本汇总不重复计入"
        return Decision(COVERED, words)
    same = inner[0].sums == source.sums
    if inner[0].place == OWN and not same:
        return Decision(RETURNED, "是本级的报告，与另行提供的本级报告数字不同，没有计入，请确认以哪一份为准")
    if same:
        return Decision(DUPLICATE, f"与“{inner[0].name}”数字相同，只计一次")
    return Decision(COVERED, f"已含在“{inner[0].name}”中，不重复计入")


def _called(source: Contributor) -> str:
    kind, _, name = source.node.partition(" ")
    return f"“{name}”" if kind in ("unit", "name") else "该单位"


def _files(sources: Mapping[str, Contributor]) -> str:
    return names_of(sources)


def _units_named(identities: Iterable[str]) -> str:
    ordered = sorted(identity.partition(" ")[2] for identity in identities)
    return "、".join(f"“{name}”" for name in ordered[:NAMED]) + (
        f"等 {len(ordered)} 个单位" if len(ordered) > NAMED else ""
    )
