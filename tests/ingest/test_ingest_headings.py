"""Headings unlike the prescribed ones, or missing: the tables are found by their labels, the text is accounted for."""

from collections.abc import Callable

import pytest

from nianbao.core import form as forms
from nianbao.core.form import Section
from nianbao.core.report import Report, to_json
from nianbao.ingest.ingest import ingest
from support.pages import as_tabs, as_text, counted, report

FORM = forms.load("cn-2021")
SIX = {s.key: (f"{s.heading[2:]}的文字。",) for s in FORM.sections}
TOLD = report(FORM, counted(FORM), SIX, ("根据条例编制本报告。",))
UNLIKE = {
    "一、总体情况": "一、概述",
    "二、主动公开政府信息情况": "二、主动公开情况",
    "三、收到和处理政府信息公开申请情况": "三、依申请公开情况",
    "四、政府信息公开行政复议、行政诉讼情况": "四、行政复议和诉讼情况",
    "五、存在的主要问题及改进情况": "第五部分 问题与改进",
    "六、其他需要报告的事项": "六、其它情况",
}


@pytest.mark.many
@pytest.mark.parametrize("due", UNLIKE)
def test_a_heading_in_other_words_is_recognised_and_told(due: str) -> None:
    page = as_text(TOLD).replace(due, UNLIKE[due])
    got = ingest(page.encode(), name="年报.txt")
    assert to_json(got.report) == to_json(TOLD)
    assert got.doubts == (f"标题“{UNLIKE[due]}”与规定的“{due}”不同，已按该部分读入，请核对",)


def test_all_headings_in_other_words_with_a_contents_list_before_them() -> None:
    page = as_tabs(TOLD)
    for due, said in UNLIKE.items():
        page = page.replace(due, said)
    contents = "\n".join(["目录", *UNLIKE.values()])
    got = ingest(page.replace("根据条例", f"{contents}\n根据条例", 1).encode(), name="年报.txt")
    assert to_json(got.report) == to_json(TOLD)
    assert len(got.doubts) == 6


@pytest.mark.many
@pytest.mark.parametrize("section", FORM.sections, ids=lambda s: s.key)
@pytest.mark.parametrize("render", [as_text, as_tabs])
def test_without_its_heading_no_figure_is_lost_and_it_is_told_where_the_text_went(
    section: Section, render: Callable[[Report], str]
) -> None:
    page = render(TOLD).replace(f"{section.heading}\n", "有关方面\n", 1)
    got = ingest(page.encode(), name="年报.txt")
    assert got.report.figures == TOLD.figures
    keys = [s.key for s in FORM.sections]
    before = keys.index(section.key) - 1
    home = f"“{FORM.sections[before].heading}”" if before >= 0 else "前言"
    assert got.doubts == (
        f"没有找到“{section.heading}”这一标题，该部分如有文字，已读入{home}，请核对并移到该部分",
    )
    into = got.report.narrative[keys[before]] if before >= 0 else got.report.preamble
    assert into[-2:] == ("有关方面", f"{section.heading[2:]}的文字。")


def test_a_numbered_sentence_or_point_is_no_heading() -> None:
    points = ("一、主动公开工作扎实推进。", "（二）主动公开情况", "五、申请办理情况", "二是主动公开情况")
    told = report(FORM, counted(FORM), SIX | {"overview": points})
    page = as_text(told).replace("二、主动公开政府信息情况\n", "")
    got = ingest(page.encode(), name="年报.txt")
    assert got.report.narrative["overview"] == (*points, *SIX["disclosure"])


def test_a_heading_without_any_text_is_told_as_that() -> None:
    told = report(FORM, counted(FORM), {k: v for k, v in SIX.items() if k not in ("problems", "remedies")})
    page = as_text(told).replace("五、存在的主要问题及改进情况\n", "")
    got = ingest(page.encode(), name="年报.txt")
    assert got.doubts == ("没有找到“五、存在的主要问题及改进情况”这一标题，也没有读到该部分的文字",)


@pytest.mark.parametrize(
    "said",
    [
        "（四）政府信息公开行政复议、行政诉讼情况",
        "第四部分 政府信息公开行政复议、行政诉讼情况",
        "4、政府信息公开行政复议、行政诉讼情况",
        "四、政府信息公开行政复议和行政诉讼情况",
    ],
)
def test_a_heading_that_is_the_prescribed_one_but_for_number_or_a_word_is_told(said: str) -> None:
    due = "四、政府信息公开行政复议、行政诉讼情况"
    got = ingest(as_text(TOLD).replace(due, said).encode(), name="年报.txt")
    assert to_json(got.report) == to_json(TOLD)
    assert got.doubts == (f"标题“{said}”与规定的“{due}”不同，已按该部分读入，请核对",)


@pytest.mark.parametrize(
    "said", ["四 政府信息公开行政复议行政诉讼情况：", "四．政府信息公开行政复议、行政诉讼情况"]
)
def test_a_heading_that_differs_in_punctuation_alone_needs_no_doubt(said: str) -> None:
    got = ingest(
        as_text(TOLD).replace("四、政府信息公开行政复议、行政诉讼情况", said).encode(), name="年报.txt"
    )
    assert to_json(got.report) == to_json(TOLD)
    assert got.doubts == ()


@pytest.mark.parametrize(
    ("above", "told"),
    [("青山县水利局", True), ("青山县人民政府", False), ("青山县", False), ("青山县教育局", False)],
)
def test_a_second_agency_above_the_title_is_told(above: str, told: bool) -> None:
    page = as_text(TOLD).replace(
        TOLD.heading, f"{above}\n青山县教育局\n{TOLD.year}年政府信息公开工作年度报告", 1
    )
    got = ingest(page.encode(), name="年报.txt")
    assert got.report.agency == "青山县教育局"
    assert got.doubts == (("标题上方另有“青山县水利局”，填报单位按“青山县教育局”读入",) if told else ())
