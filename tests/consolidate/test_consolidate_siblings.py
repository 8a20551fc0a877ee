"""Text that one unit took from another is seen where the reports of both are at hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from nianbao.consolidate.result import Result
from nianbao.core.report import Report
from support.units import put, run, states, unit, units

COPIED = (
    "一年来，坚持以公开为常态、不公开为例外，围绕社会关切的重点领域公开信息{n}条，做好政策解读和回应，"
    "及时答复群众提出的问题，不断提高公开的质量和实效。"
)
OWN = "本年组织了第{n}次业务培训，由各科室轮流讲解办理申请的经过和体会，共同查找不足并逐项明确改进的办法和时限要求{mark}。"


def told(result: Result) -> list[tuple[str, str]]:
    return [(units, found.message) for units, found in result.shared]


def with_text(number: int, *paragraphs: str) -> Report:
    report = unit(number)
    return replace(
        report, narrative={**report.narrative, "problems": (*report.narrative["problems"], *paragraphs)}
    )


def test_units_that_share_a_paragraph_are_told_whatever_its_figures_and_their_names(tmp_path: Path) -> None:
    text = "{name}坚持以群众需求为导向，全年主动公开信息{n}条，回应群众关切，切实保障人民群众的知情权参与权表达权监督权。"
    reports = [with_text(n, text.format(name=unit(n).agency, n=n * 7)) for n in (1, 2)]
    put(tmp_path / "in", *reports, unit(4))
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx")
    ((who, words),) = told(result)
    assert who == "第1号单位、第2号单位" and "这 2 个单位的正文有 1 段文字相同" in words
    assert set(states(result).values()) == {"接收"}, "nobody is sent back for it"
    assert any("整段相同" in warning for warning in result.warnings())


def test_a_text_of_many_units_is_told_once_with_their_number(tmp_path: Path) -> None:
    put(tmp_path / "in", *(with_text(n, COPIED.format(n=n), COPIED.format(n=n)[:70]) for n in range(1, 9)))
    ((who, words),) = told(run(tmp_path / "in", tmp_path / "汇总.xlsx"))
    assert who.endswith("等 8 个单位") and who.count("、") == 4 and "2 段文字相同" in words


def test_own_words_and_short_phrases_are_no_matter(tmp_path: Path) -> None:
    marks = {1: "甲乙", 2: "丙丁"}
    put(tmp_path / "in", *(with_text(n, OWN.format(n=n, mark=marks[n])) for n in (1, 2)), *units((4, 5)))
    assert told(run(tmp_path / "in", tmp_path / "汇总.xlsx")) == []


@pytest.mark.long
def test_a_resumed_run_tells_the_same_and_forgets_what_is_gone(tmp_path: Path) -> None:
    put(tmp_path / "in", *(with_text(n, COPIED.format(n=n)) for n in (1, 2, 3)))
    first = told(run(tmp_path / "in", tmp_path / "汇总.xlsx"))
    assert told(run(tmp_path / "in", tmp_path / "汇总.xlsx", resume=True)) == first
    (tmp_path / "in" / "第3号单位.json").unlink()
    ((who, _),) = told(run(tmp_path / "in", tmp_path / "汇总.xlsx", resume=True))
    assert who == "第1号单位、第2号单位"
