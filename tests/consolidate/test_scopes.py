"""A report that does not say whether it is its own or a sum: what equals or contains others is not added beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import pytest

from nianbao.consolidate.counted import count_once
from nianbao.consolidate.journal import Head
from nianbao.consolidate.result import Result
from nianbao.consolidate.roster import Roster, Unit
from nianbao.consolidate.submissions import ACCEPTED, COVERED, RETURNED, Standard, Submission, judge
from nianbao.core.files import Unreadable
from nianbao.core.number import Figure
from nianbao.core.report import figures_digest
from nianbao.workbook.layout import SCOPES
from support.build import FORM
from support.units import put, run, save, states, total, unit, units

OWN_SCOPE, WHOLE = SCOPES
TOWNS = (1, 2, 3)
CODES = "单位名称,上级\n甲县人民政府,\n" + "".join(f"第{n}号单位,甲县人民政府\n" for n in TOWNS)


def county(figures: Mapping[object, Figure | None], scope: str = "", name: str = "甲县人民政府") -> object:
    return replace(unit(77), agency=name, agency_code="", figures=figures, scope=scope)


def folder(tmp_path: Path, report: object, numbers: Sequence[int] = TOWNS) -> Path:
    put(tmp_path / "in", *units(numbers), report)  # type: ignore[arg-type]
    return tmp_path / "in"


def roster(tmp_path: Path, text: str = CODES) -> Path:
    (tmp_path / "名录.csv").write_text(text, encoding="utf-8")
    return tmp_path / "名录.csv"


def reason(result: Result) -> str:
    return next(c.reason for c in result.cases if "甲县" in c.head.name)


def sums(numbers: Sequence[int]) -> dict[object, Figure]:
    return {cell: value or 0 for cell, value in total(units(numbers)).items()}


def added(result: Result) -> dict[object, Figure]:
    return {cell: value or 0 for cell, value in result.report.figures.items()}


@pytest.mark.many
@pytest.mark.parametrize("listed", [True, False])
def test_a_sum_without_a_scope_is_held_back_and_asked_about(tmp_path: Path, listed: bool) -> None:
    given = folder(tmp_path, county(total(units(TOWNS))))
    result = run(given, tmp_path / "a.xlsx", roster=roster(tmp_path) if listed else None)
    assert states(result)["甲县人民政府.json"] == RETURNED and added(result) == sums(TOWNS)
    assert "未写明编制范围" in reason(result) and "3 个单位（第1号单位、第2号单位、第3号单位）" in reason(
        result
    )
    assert any("甲县人民政府" in words for words in result.warnings())


def test_figures_that_contain_those_of_the_units_are_held_back(tmp_path: Path) -> None:
    given = folder(tmp_path, county(total(units((*TOWNS, 9)))))
    result = run(given, tmp_path / "a.xlsx", roster=roster(tmp_path))
    assert states(result)["甲县人民政府.json"] == RETURNED and "各格都不小于" in reason(result)


def test_figures_smaller_than_the_units_are_plainly_its_own(tmp_path: Path) -> None:
    result = run(folder(tmp_path, county(unit(8).figures)), tmp_path / "a.xlsx", roster=roster(tmp_path))
    case = next(c for c in result.cases if "甲县" in c.head.name)
    assert case.state == ACCEPTED and added(result) == sums((*TOWNS, 8))
    assert "按本级计入" in case.notes[0] and not any("甲县" in words for words in result.warnings())


@pytest.mark.long
def test_whoever_writes_the_scope_or_confirms_it_in_the_roster_has_decided(tmp_path: Path) -> None:
    given = folder(tmp_path, county(total(units(TOWNS)), OWN_SCOPE))
    both = {cell: 2 * value for cell, value in sums(TOWNS).items()}
    result = run(given, tmp_path / "a.xlsx", roster=roster(tmp_path))
    assert added(result) == both and any("核对有无重复" in words for words in result.warnings())
    folder(tmp_path, county(total(units(TOWNS))))
    text = CODES.replace("上级\n", "上级,数字相同属实\n").replace("府,\n", "府,,是\n", 1)
    assert added(run(given, tmp_path / "b.xlsx", roster=roster(tmp_path, text))) == both


def test_a_summary_smaller_than_one_of_its_units_is_held_back_and_the_units_count(tmp_path: Path) -> None:
    given = folder(tmp_path, county(unit(8).figures, WHOLE))
    result = run(given, tmp_path / "a.xlsx", roster=roster(tmp_path))
    assert states(result)["甲县人民政府.json"] == RETURNED and added(result) == sums(TOWNS)
    assert "汇总不可能小于所属单位" in reason(result) and "号单位" in reason(result)


def test_a_summary_that_holds_its_units_stands_for_them(tmp_path: Path) -> None:
    given = folder(tmp_path, county(total(units((*TOWNS, 9))), WHOLE))
    result = run(given, tmp_path / "a.xlsx", roster=roster(tmp_path))
    assert added(result) == sums((*TOWNS, 9)) and states(result)["第1号单位.json"] == COVERED


def test_an_own_report_that_is_the_sum_of_the_folder_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "in", *units(TOWNS))
    own = save(county(total(units(TOWNS)), name="某市"), tmp_path / "本级.json")  # type: ignore[arg-type]
    with pytest.raises(Unreadable, match="等于文件夹中 3 份报告之和"):
        run(tmp_path / "in", tmp_path / "a.xlsx", own=own)


@pytest.mark.long
def test_a_report_from_outside_the_roster_with_a_units_figures_is_told_to_have_them(tmp_path: Path) -> None:
    given = folder(tmp_path, replace(unit(1), agency="丁局", agency_code=""))
    result = run(given, tmp_path / "a.xlsx", roster=roster(tmp_path))
    reason = next(case.reason for case in result.cases if case.head.agency == "丁局")
    assert "数字与“第1号单位”的报告（第1号单位.json）完全相同" in reason


# Random trees: a city, its bureaus, counties and their units; superiors report their own figures, the sum of what is under
# them or both, with and without 编制范围, a summary's units present or not.

Vector = tuple[Figure, ...]


@dataclass
class Tree:
    chance: Random
    kinds: tuple[str, ...]
    units: list[Unit] = field(default_factory=list)
    figures: dict[str, Vector] = field(default_factory=dict)
    heads: list[Head] = field(default_factory=list)
    leaves: dict[str, frozenset[str]] = field(default_factory=dict)

    def grow(self, name: str, superior: str, depth: int) -> tuple[Vector, frozenset[str]]:
        """A unit with what is under it; gives the sum of all and its leaves."""
        chance = self.chance
        below = [
            self.grow(f"{name}之{chr(0x4E00 + n)}", name, depth - 1)
            for n in range(chance.randint(2, 4) if depth else 0)
        ]
        self.units.append(Unit(name, superior=superior))
        own = tuple(chance.choice((0, chance.randint(0, 900))) for _ in FORM.cells)
        every = tuple(map(sum, zip(own, *(vector for vector, _ in below), strict=True)))
        under = frozenset(unit for _, found in below for unit in found)
        without = tuple(a - b for a, b in zip(every, own, strict=True))
        kinds = self.kinds if below else ("own",)
        vector, holds = {
            "own": (own, frozenset((name,))),
            "sum": (without, under),
            "both": (every, under | {name}),
        }[chance.choice(kinds)]
        scope = WHOLE if holds & under and chance.random() < 0.3 else ""
        self.send(name, vector, holds, scope)
        return (without, under) if holds == under else (every, under | {name})

    def send(self, name: str, vector: Vector, holds: frozenset[str], scope: str) -> None:
        file = f"{name}.json"
        self.figures[file], self.leaves[file] = vector, holds
        digest = figures_digest(vector)
        head = (file, "", False, FORM.key, name, "", 2024, scope, digest, digest, 0, 0, "", ())
        self.heads.append(Head._make(head))


@pytest.mark.many
@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("listed", [True, False])
def test_in_any_tree_no_figure_is_added_twice(seed: int, listed: bool) -> None:
    """Without a roster a sum is known by its figures alone, so that no superior adds its own to it there."""
    tree = Tree(Random(seed), ("own", "sum", "both") if listed else ("own", "sum"))
    tree.grow("某市", "", 2)
    known = Roster(tuple(tree.units)) if listed else None
    heads = tree.heads if listed else [head._replace(scope="") for head in tree.heads]
    cases: list[Submission] = judge(heads, Standard(2024, FORM.key, known))
    cases = count_once(cases, known, None, FORM, tree.figures.__getitem__)
    counted = [name for case in cases if case.counted for name in tree.leaves[case.head.name]]
    held = {name for case in cases if case.state == RETURNED for name in tree.leaves[case.head.name]}
    assert len(counted) == len(set(counted)), "a unit is added twice"
    everything = {name for names in tree.leaves.values() for name in names}
    assert set(counted) | held == everything, "a unit is neither added nor told of"
