"""Reading the narrative: what is passed over for speed would have told nothing."""

import copy
import re
from typing import Any

import pytest

from nianbao.checks.narrative.leftovers import sought
from nianbao.checks.narrative.patterns import active, matches
from nianbao.checks.narrative.reading import Reader
from nianbao.checks.narrative.text import Paragraph, paragraphs
from nianbao.checks.narrative.tokens import lexicon
from nianbao.core.form import load
from nianbao.core.report import Report
from support import blind, narratives

#: Sentences without figures, before, between and after those that have some.
PROSE = (
    "坚持公开为常态。",
    "持续推动决策、执行、管理、服务公开，进一步健全机制。",
    "全市各部门积极配合。",
    "2023年工作扎实。",
)


def told(report: Report, paragraph: Paragraph, *, thorough: bool) -> list[Any]:
    """The mentions of a paragraph; ``thorough``: with no sentence passed over."""
    lex = copy.copy(lexicon(report.form))
    if thorough:
        lex.tells = re.compile("")
    return [mentions for _, mentions in Reader(report, lex).read(paragraph)]


@pytest.mark.parametrize("prose", PROSE)
def test_a_sentence_that_is_passed_over_would_have_changed_nothing(prose: str) -> None:
    report = narratives.base()
    for case in narratives.cases():
        for text in (prose + case["text"], case["text"].replace("。", f"。{prose}", 1)):
            paragraph = Paragraph(case["section"], 1, text)
            assert told(report, paragraph, thorough=False) == told(report, paragraph, thorough=True)


def test_a_long_text_is_read_the_same_when_nothing_is_passed_over() -> None:
    report = narratives.lengthy()
    for paragraph in paragraphs(report):
        assert told(report, paragraph, thorough=False) == told(report, paragraph, thorough=True)


def test_prose_without_figures_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    from nianbao.checks.narrative import reading

    walked = []
    walk = reading.Walk

    def noted(*given: Any) -> Any:
        walked.append(given[2][given[3].start : given[3].end])
        return walk(*given)

    monkeypatch.setattr(reading, "Walk", noted)
    paragraph = Paragraph("requests", 1, "坚持公开为常态。全市各部门收到申请。全年收到申请126件。")
    report = narratives.base()
    told(report, paragraph, thorough=False)
    assert "坚持公开为常态。" not in walked and "全年收到申请126件。" in walked


def test_a_pattern_that_is_not_active_in_a_text_matches_nothing_in_it() -> None:
    patterns = tuple(sought(load("cn-2021").phrases))
    for case in blind.cases():
        live = active(patterns, case["text"])
        assert [p for p in patterns if p not in live and list(matches(p, case["text"]))] == []
        assert len(live) < len(patterns)


def test_a_pattern_whose_words_stand_in_the_text_is_active() -> None:
    text = "本年度收到申请（）件，请联系填报单位。"
    assert active(("(?#（）|×)（）件", "(?#申请)(?#×)申请×件", "[0-9]+"), text) == {
        "(?#（）|×)（）件",
        "[0-9]+",
    }
