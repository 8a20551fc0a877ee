"""No figure twice and none lost without a word: whatever the folder holds, the total is the sum of its distinct units."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from nianbao.consolidate.counted import OWN, Contributor, Settlement
from nianbao.consolidate.result import Result
from nianbao.consolidate.submissions import COVERED, DUPLICATE, RETURNED, Identities
from nianbao.core.files import Unreadable
from nianbao.core.report import Leaf, figures_digest, from_json, parse, to_json
from nianbao.workbook.reader import read
from nianbao.xlsx.package import Package, read_package
from support.build import FORM
from support.once import once
from support.units import put, run, save, states, total, unit, units


def figures(result: Result) -> object:
    return {cell: value or 0 for cell, value in result.report.figures.items()}


def sums(numbers: Sequence[int]) -> object:
    return {cell: value or 0 for cell, value in total(units(numbers)).items()}


def summary(tmp_path: Path, name: str, numbers: Sequence[int], target: Path) -> Path:
    """A summary of these units, made by the program itself, once for each list of units."""
    folder = tmp_path / f"of {name}"

    def made() -> bytes:
        put(folder, *units(numbers))
        run(folder, folder / "汇总.xlsx", agency=name)
        return (folder / "汇总.xlsx").read_bytes()

    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(once(f"summary {name} {list(numbers)}", made))
    return target


def as_json(path: Path, target: Path) -> Path:
    """A summary handed on as interchange JSON."""
    save(read(path), target)
    path.unlink()
    return target


@pytest.mark.long
def test_two_summaries_that_share_a_unit_are_both_held_back(tmp_path: Path) -> None:
    summary(tmp_path, "甲县", (1, 2), tmp_path / "in" / "甲.xlsx")
    summary(tmp_path, "乙县", (2, 3), tmp_path / "in" / "乙.xlsx")
    put(tmp_path / "in", unit(9))
    result = run(tmp_path / "in", tmp_path / "a.xlsx")
    assert [states(result)[name] for name in ("甲.xlsx", "乙.xlsx")] == [RETURNED, RETURNED]
    assert figures(result) == sums((9,))
    assert "各有对方没有的单位" in next(c.reason for c in result.cases if c.head.name == "甲.xlsx")


@pytest.mark.long
@pytest.mark.parametrize("kind", ["xlsx", "json"])
def test_units_inside_a_summary_inside_a_summary_count_once(tmp_path: Path, kind: str) -> None:
    summary(tmp_path, "甲县", (1, 2), tmp_path / "city" / "甲.xlsx")
    put(tmp_path / "city", unit(3))
    city = tmp_path / "in" / "汇总" / "某市.xlsx"
    city.parent.mkdir(parents=True)
    run(tmp_path / "city", city, agency="某市")
    if kind == "json":
        as_json(city, city.with_suffix(".json"))
    put(tmp_path / "in" / "单位", *units((1, 4)))
    result = run(tmp_path / "in", tmp_path / "a.xlsx")
    assert figures(result) == sums((1, 2, 3, 4)) and states(result)["单位/第1号单位.json"] == COVERED


@pytest.mark.many
@pytest.mark.parametrize("scope", ["", "含下级\u200b汇总", "本级", "全市"])
@pytest.mark.parametrize("stripped", [False, True])
@pytest.mark.long
def test_a_summary_is_known_by_what_it_holds(tmp_path: Path, scope: str, stripped: bool) -> None:
    path = summary(tmp_path, "甲县", (1, 2, 3), tmp_path / "in" / "甲.xlsx")
    book = openpyxl.load_workbook(path, data_only=True)
    book["封面"]["D10"] = scope or None
    if stripped:
        del book["单位明细"]
    book.save(path)
    put(tmp_path / "in" / "单位", *units((1, 2, 3)))
    result = run(tmp_path / "in", tmp_path / "a.xlsx")
    assert figures(result) == sums((1, 2, 3)) and not next(c for c in result.cases if c.head.summary).counted


@pytest.mark.long
def test_a_summary_without_any_list_is_not_added_beside_others(tmp_path: Path) -> None:
    path = summary(tmp_path, "甲县", (1, 2), tmp_path / "in" / "甲.xlsx")
    book = openpyxl.load_workbook(path, data_only=True)
    del book["单位明细"], book["汇总构成"]
    book.save(path)
    put(tmp_path / "in", *units((1, 2)))
    result = run(tmp_path / "in", tmp_path / "a.xlsx")
    assert figures(result) == sums((1, 2)) and states(result)["甲.xlsx"] == RETURNED


@pytest.mark.long
def test_an_own_report_that_adds_up_others_is_refused(tmp_path: Path) -> None:
    own = summary(tmp_path, "某市", (1, 2), tmp_path / "本级.xlsx")
    put(tmp_path / "in", *units((1, 2)))
    with pytest.raises(Unreadable, match="不能作为本级报告"):
        run(tmp_path / "in", tmp_path / "a.xlsx", own=own)


@pytest.mark.many
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("洪泽区教育局", "洪泽区教育局（本级）"),
        ("洪泽区教育局", "洪泽区教育局(盖章)"),
        ("洪泽区教育局", "洪泽区\u200d教育局"),
        ("甲县财政局", "甲縣财政局"),
        ("洪泽区教育局", "2024年度洪泽区教育局"),
        ("洪泽区教育局", "洪泽区教育局2024年"),
        ("洪泽区教育局", "洪泽区教育局\u2060"),
    ],
)
def test_the_same_figures_under_two_spellings_count_once(tmp_path: Path, first: str, second: str) -> None:
    for file, name in (("a", first), ("b", second)):
        save(replace(unit(1), agency=name, agency_code=""), tmp_path / "in" / f"{file}.json")
    result = run(tmp_path / "in", tmp_path / "a.xlsx")
    assert figures(result) == sums((1,)) and DUPLICATE in states(result).values()


def test_the_same_figures_under_two_codes_count_once(tmp_path: Path) -> None:
    for file, code in (("a", "11320829MB0001"), ("b", "11320829MB0002")):
        save(replace(unit(1), agency="洪泽区教育局", agency_code=code), tmp_path / "in" / f"{file}.json")
    result = run(tmp_path / "in", tmp_path / "a.xlsx")
    assert figures(result) == sums((1,)) and DUPLICATE in states(result).values()


@pytest.mark.long
def test_equal_figures_under_two_names_need_a_decision(tmp_path: Path) -> None:
    for name in ("甲局", "乙委"):
        save(replace(unit(1), agency=name, agency_code=""), tmp_path / "in" / f"{name}.json")
    put(tmp_path / "in", unit(2))
    held = run(tmp_path / "in", tmp_path / "a.xlsx")
    assert figures(held) == sums((2,)) and "数字完全相同" in held.cases[0].reason
    roster = tmp_path / "名录.csv"
    roster.write_text("单位名称,数字相同属实\n甲局,\n乙委,\n第2号单位,\n", encoding="utf-8")
    assert figures(run(tmp_path / "in", tmp_path / "b.xlsx", roster=roster)) == sums((2,))
    roster.write_text("单位名称,数字相同属实\n甲局,\n乙委,是\n第2号单位,\n", encoding="utf-8")
    assert figures(run(tmp_path / "in", tmp_path / "c.xlsx", roster=roster)) == sums((1, 1, 2))
    roster.write_text("单位名称,别名\n甲局,乙委\n第2号单位,\n", encoding="utf-8")
    assert figures(run(tmp_path / "in", tmp_path / "d.xlsx", roster=roster)) == sums((1, 2))


def test_units_with_next_to_nothing_to_report_may_be_alike(tmp_path: Path) -> None:
    nothing = dict.fromkeys(FORM.cells, 0)
    assert figures_digest(nothing.values()).startswith("~")
    assert not figures_digest(unit(1).figures.values()).startswith("~")


def test_the_own_report_that_also_lies_in_the_folder_counts_once(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)))
    result = run(tmp_path / "in", tmp_path / "a.xlsx", own=save(unit(1), tmp_path / "本级.json"))
    assert figures(result) == sums((1, 2)) and states(result)["第1号单位.json"] == DUPLICATE


@pytest.mark.many
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"agency": "别的市"}, "本次汇总的单位"),
        ({"year": 2022}, "上年度应为"),
        ({"level": "市级政府"}, "行政层级"),
    ],
)
def test_last_years_summary_of_somebody_else_is_refused(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    put(tmp_path / "in", unit(1))
    mine = replace(unit(50), agency="某县", level="县级政府")
    own = save(mine, tmp_path / "本级.json")
    last = save(replace(mine, **{"year": 2023, **change}), tmp_path / "上年.json")
    with pytest.raises(Unreadable, match=words):
        run(tmp_path / "in", tmp_path / "a.xlsx", own=own, previous=last)


def test_the_units_of_a_summary_travel_in_interchange_json() -> None:
    report = replace(unit(1), leaves=(Leaf("甲", "A", "00"), Leaf("乙", whole=True)))
    data = json.dumps(to_json(report), default=str)
    assert parse(data.encode(), "a.json").leaves == report.leaves
    assert from_json({**to_json(report), "units": []}, FORM).leaves == ()


# Random trees: what is added must be the distinct leaves, or the run says what it held back.


@dataclass
class Tree:
    """What one random folder holds: each file with the units in it."""

    files: dict[str, list[int]]
    sources: dict[int, Contributor]


def leaf(number: int) -> Leaf:
    return Leaf(f"第{number}号单位", "", f"{number:024x}")


def tree(chance: Random) -> Tree:
    """Some units, and summaries of random sets of them, of each other, equal, nested or overlapping."""
    numbers = range(chance.randint(2, 8))
    groups: list[list[int]] = []
    for _ in range(chance.randint(1, 5)):
        pool = chance.choice([*groups, list(numbers)])
        groups.append(sorted(chance.sample(pool, chance.randint(1, len(pool)))))
    alone = [[n] for n in numbers if chance.random() < 0.6]
    found: dict[int, Contributor] = {}
    files: dict[str, list[int]] = {}
    order = [*((g, True) for g in groups), *((a, False) for a in alone)]
    chance.shuffle(order)
    for place, (group, whole) in enumerate(order):
        name = f"汇总{place}" if whole else leaf(group[0]).name
        sums_ = f"s{'-'.join(map(str, group))}" if whole else leaf(group[0]).digest
        listed = tuple(map(leaf, group)) if whole else ()
        found[place] = Contributor(place, name, f"name {name}", whole, False, sums_, listed)
        files[name] = group
    if alone and chance.random() < 0.3:
        number = chance.choice(numbers)
        node = f"name {leaf(number).name}"
        found[OWN] = Contributor(OWN, "本级", node, False, False, leaf(number).digest, ())
        files["本级"] = [number]
    return Tree(files, found)


@pytest.mark.many
@pytest.mark.parametrize("seed", range(0, 3000, 500))
def test_in_any_tree_each_unit_counts_once_or_is_told_of(seed: int) -> None:
    for number in range(seed, seed + 500):
        judged(tree(Random(number)))


def judged(built: Tree) -> None:
    """Asserts that the verdicts on a tree add each unit once, and tell of what they hold back."""
    known = Identities((leaf(n) for group in built.files.values() for n in group), None)
    verdicts = Settlement(built.sources, known).verdicts()
    added = [n for place, s in built.sources.items() if place not in verdicts for n in built.files[s.name]]
    assert len(added) == len(set(added)), "a unit is added twice"
    returned = [built.sources[place].name for place, v in verdicts.items() if v.state == RETURNED]
    held = {n for name in returned for n in built.files[name]}
    everything = {n for group in built.files.values() for n in group}
    assert everything == set(added) | held, "a unit is neither added nor told of"
    assert OWN not in verdicts


def summaries(chance: Random, tmp_path: Path) -> Iterator[tuple[str, list[int]]]:
    """Files of a random folder, with the units in each; summaries as workbooks and as JSON, in any folder."""
    for number in range(chance.randint(1, 3)):
        group = sorted(chance.sample(range(1, 7), chance.randint(1, 4)))
        path = tmp_path / "in" / chance.choice(("", "汇总", "a/b")) / f"汇总{number}.xlsx"
        summary(tmp_path, f"第{number}县", group, path)
        if chance.random() < 0.5:
            path = as_json(path, path.with_suffix(".json"))
        yield path.relative_to(tmp_path / "in").as_posix(), group
    for number in chance.sample(range(1, 7), chance.randint(1, 5)):
        folder = chance.choice(("", "单位"))
        put(tmp_path / "in" / folder, unit(number))
        yield f"{folder}/{unit(number).agency}.json".removeprefix("/"), [number]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_the_total_of_a_random_folder_is_the_sum_of_what_is_told_as_added(seed: int, tmp_path: Path) -> None:
    held = dict(summaries(Random(seed), tmp_path))
    result = run(tmp_path / "in", tmp_path / "a.xlsx")
    added = [n for case in result.cases if case.counted for n in held[case.head.name]]
    returned = {n for case in result.cases if case.state == RETURNED for n in held[case.head.name]}
    assert len(added) == len(set(added)) and figures(result) == sums(added)
    assert set(added) | returned == {n for group in held.values() for n in group}
    again = read(tmp_path / "a.xlsx")
    assert sorted(leaf.name for leaf in again.leaves) == sorted(unit(n).agency for n in added)


def test_a_summary_is_opened_once_to_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = summary(tmp_path, "甲县", (1, 2), tmp_path / "甲县.xlsx")
    opened: list[object] = []

    def counting(source: Any, *args: Any, **options: Any) -> Package:
        opened.append(source)
        return read_package(source, *args, **options)

    monkeypatch.setattr("nianbao.workbook.reader.read_package", counting)
    assert len(read(book).leaves) == 2
    assert len(opened) == 1
