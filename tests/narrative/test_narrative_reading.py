"""Reading the narrative: what is passed over for speed would have told nothing."""

from dataclasses import replace

import pytest

from nianbao.checks.narrative.check import Reader, narrative
from nianbao.checks.narrative.lexicon import lexicon
from nianbao.checks.narrative.text import active, matches, sought
from nianbao.core.form import load
from nianbao.core.grid import Cell
from support import blind, narratives

#: Sentences without figures, put before a text.
PROSE = ("坚持公开为常态。", "持续推动决策、执行、管理、服务公开，进一步健全机制。", "工作扎实推进。")


@pytest.mark.long
@pytest.mark.parametrize("prose", PROSE)
def test_prose_around_a_sentence_changes_nothing_of_what_it_says(prose: str) -> None:
    for case in narratives.cases()[::12]:
        if case["section"] == "preamble":
            continue
        text = case["text"]
        rules = [
            sorted(f.rule for f in narratives.found(case | {"text": some}) if f.rule == "narrative.mismatch")
            for some in (text, prose + text, text + prose)
        ]
        assert rules[0] == rules[1] == rules[2], text


def test_prose_without_figures_is_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up = []
    tokens = Reader._tokens
    monkeypatch.setattr(Reader, "_tokens", lambda self, span: looked_up.append(span) or tokens(self, span))
    text = "坚持公开为常态、狠抓落实，推动工作再上台阶并且持续完善各项制度机制。" * 3
    report = replace(narratives.base(), narrative={"requests": (f"全年收到申请126件。{text}",)})
    list(narrative(report, None))
    assert len(looked_up) <= 3


def test_a_strong_word_that_begins_inside_a_weak_one_is_read() -> None:
    lex = lexicon(load("cn-2021"))
    words = [t.text for t in lex.tokens("因内部事务信息5件", 2024, 0, 9)]
    assert "内部事务信息" in words


def test_a_pattern_that_is_not_active_in_a_text_matches_nothing_in_it() -> None:
    patterns = tuple(sought(load("cn-2021").phrases))
    for case in blind.cases():
        live = active(patterns, case["text"])
        assert [p for p in patterns if p not in live and list(matches(p, case["text"]))] == []
        assert len(live) < len(patterns)


def test_a_pattern_whose_words_stand_in_the_text_is_active() -> None:
    text = "本年度收到申请（）件，请联系填报单位。"
    assert active(("(?#（）|×)（）件", "(?#申请)(?#×)申请×件", "[0-9]+"), text).keys() == {
        "(?#（）|×)（）件",
        "[0-9]+",
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("收到申请126件，较上年有所下降。", "方向不符"),
        ("收到申请126件，较上年有所增长。", ""),
        ("收到申请126件，同比增长26.0%。", ""),
        ("收到申请126件，同比增长62.0%。", "按上年报告的数字应为 26.0%"),
        ("收到申请126件，同比下降26.0%。", "按上年报告的数字应为增长 26.0%"),
        ("收到申请126件，较上年增加62件。", "两数之差为 26"),
    ],
)
def test_rises_and_falls_are_held_against_last_years_report(text: str, message: str) -> None:
    report = replace(narratives.base(), narrative={"overview": (text,)})
    cell = Cell("requests", "received", "total")
    before = replace(report, year=report.year - 1, figures=report.figures | {cell: 100})
    found = [f.message for f in narrative(report, before) if f.rule == "narrative.percent"]
    assert len(found) == bool(message)
    assert all(message in some for some in found)
