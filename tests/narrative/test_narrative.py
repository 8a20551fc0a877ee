"""The narrative against the tables: sentences one by one, the whole text, and the speed of reading it."""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from nianbao.checks.narrative.check import narrative, witnesses
from nianbao.checks.narrative.text import holds_each, needed
from nianbao.checks.validate import ready, validate
from nianbao.core.finding import CODES
from nianbao.core.form import FORMS, FormError, build, keys, load
from nianbao.core.grid import Cell, Place
from nianbao.core.report import Report, from_json, to_json, with_figures
from nianbao.workbook.reader import read
from support import blind, narratives
from support.books import write

CASES = narratives.cases()
#: The sentences are tried in so many parts: a test for each of thousands takes longer to set up than to run.
PARTS = 4


@pytest.mark.many
@pytest.mark.parametrize("part", range(PARTS))
def test_a_sentence_gets_exactly_the_findings_it_deserves(part: int) -> None:
    judged = ((case, narratives.wrong(case)) for case in CASES[part::PARTS])
    assert [f"{case['section']} {case['text']}: {wrong}" for case, wrong in judged if wrong] == []


@pytest.mark.many
@pytest.mark.parametrize("part", range(PARTS))
def test_a_sentence_written_without_sight_of_the_checks_is_judged_rightly(part: int) -> None:
    judged = ((case["name"], blind.judge(case)) for case in blind.cases()[part::PARTS])
    assert [(name, v.missed, v.false) for name, v in judged if v.missed or v.false] == []


def test_the_sentences_keep_to_their_schema() -> None:
    schema = json.loads(narratives.CASES.with_name("narrative.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(CASES, schema)
    assert {f["rule"] for case in CASES for f in case["findings"]} <= CODES.keys()


def test_a_text_in_keeping_with_its_tables_has_no_findings() -> None:
    assert validate(narratives.base()) == []


def test_the_finding_quotes_the_words_and_gives_both_numbers() -> None:
    report = replace(
        narratives.base(),
        narrative={**narratives.NARRATIVE, "requests": ("全年共收到政府信息公开申请 216 件。",)},
    )
    (finding,) = narrative(report, None)
    assert "全年共收到政府信息公开申请 216 件" in finding.message
    assert "三、收到和处理政府信息公开申请情况" in finding.message and "第1段" in finding.message
    assert "“一、本年新收·总计”为 126" in finding.message
    assert (finding.expected, finding.actual) == (126, 216)
    assert finding.places == (Place("requests", 1),)
    assert finding.suggestion is None


TOLD = {
    "overview": "网站全年发布解读信息236篇，其中文字解读118篇，图片解读94篇，视频解读17篇，动漫7篇。",
    "requests": "本年度共收到政府信息公开申请126件，其中，当面申请16件、邮寄30件、网络80件，"
    "年度内办结128件（含上年转接10件），接转下年度继续办理8件。",
    "disclosure": "全年制作规范性文件13件，废止4件，现行有效77件；作出行政许可决定352件；行政事业性收费1286.5万元。",
    "remedies": "因政府信息公开工作被申请行政复议10件。其中，结果维持5件，结果纠正2件，驳回申请3件。",
    "other": "接收人大建议36件，政协提案49件，共85件，其中人大建议主办13件，会办23件；政协提案主办8件，会办41件。",
}
#: Every figure of the text, and what a slip of the hand makes of it.
SLIPS = [
    (section, found.span(), slipped)
    for section, text in TOLD.items()
    for found in re.finditer(r"(?<!\.)\d+(?=篇|件|万元|\.)", text)
    for slipped in (str(int(found[0]) + 1), str(int(found[0]) - 1))
]


def with_text(section: str, text: str) -> Report:
    base = with_figures(narratives.base(), {narratives.PENDING: 0, narratives.REVIEWS: 10})
    body = (*base.narrative.get(section, ()), text)
    return replace(base, narrative={**base.narrative, section: body})


@pytest.mark.parametrize("section", TOLD)
def test_a_text_whose_sums_are_right_is_left_alone(section: str) -> None:
    assert list(narrative(with_text(section, TOLD[section]), None)) == []


def test_any_one_figure_changed_is_found_in_its_place() -> None:
    for section, span, slipped in SLIPS:
        text = TOLD[section][: span[0]] + slipped + TOLD[section][span[1] :]
        report = with_text(section, text)
        place = Place(section, len(report.narrative[section]))
        assert any(finding.places == (place,) for finding in narrative(report, None)), text


def test_a_report_that_came_without_text_is_not_scolded_for_it() -> None:
    report = replace(narratives.base(), narrative={}, preamble=())
    assert [f for f in validate(report) if f.rule.startswith("narrative.")] == []


def test_a_workbook_without_one_word_of_text_cannot_be_handed_in(tmp_path: Path) -> None:
    report = replace(narratives.base(), narrative={}, preamble=())
    write(report, tmp_path / "silent.xlsx")
    found = validate(read(tmp_path / "silent.xlsx"))
    (finding,) = [f for f in found if f.rule == "narrative.empty"]
    assert finding.severity == "verify"
    assert (
        "“一、总体情况”、“五、存在的主要问题及改进情况”、“六、其他需要报告的事项”都还没有文字"
        in finding.message
    )
    assert not ready(found)


def test_its_figures_are_sound_all_the_same(tmp_path: Path) -> None:
    report = replace(narratives.base(), narrative={}, preamble=())
    write(report, tmp_path / "silent.xlsx")
    assert [f for f in validate(read(tmp_path / "silent.xlsx")) if f.severity == "error"] == []


def test_interchange_json_that_carries_figures_alone_is_judged_by_its_figures() -> None:
    data = to_json(replace(narratives.base(), narrative={}, preamble=()))
    figures = {key: value for key, value in data.items() if key != "narrative"}
    for given in (figures, figures | {"narrative": {}}):
        bare = from_json(given, narratives.base().form)
        assert [f for f in validate(bare) if f.severity != "info"] == []


def test_once_there_is_text_the_sections_handed_in_empty_are_named() -> None:
    text = {"overview": narratives.NARRATIVE["overview"], "other": ("无。",)}
    report = replace(narratives.base(), narrative=text, given=frozenset({"overview", "problems", "other"}))
    found = {
        (f.places[0].section, f.severity) for f in narrative(report, None) if f.rule == "narrative.empty"
    }
    assert found == {("problems", "error"), ("other", "verify")}


def test_sections_that_were_not_handed_in_are_not_called_empty() -> None:
    report = replace(narratives.base(), narrative={"requests": ("全年工作平稳。",)}, given=frozenset())
    assert [f for f in narrative(report, None) if f.rule == "narrative.empty"] == []


def test_missing_aspects_of_the_first_section_are_listed() -> None:
    report = replace(
        narratives.base(), narrative={**narratives.NARRATIVE, "overview": ("主动公开信息，办理申请。",)}
    )
    (finding,) = [f for f in narrative(report, None) if f.rule == "narrative.aspects"]
    assert finding.actual == "政府信息管理、政府信息公开平台建设、监督保障"
    assert finding.severity == "verify"


def test_a_sixth_section_that_never_mentions_the_fee_is_to_be_verified() -> None:
    report = replace(
        narratives.base(), narrative={**narratives.NARRATIVE, "other": ("承办人大建议12件，均已公开。",)}
    )
    assert [f.rule for f in narrative(report, None)] == ["narrative.fee"]


def test_text_that_repeats_last_year_is_reported_with_its_share() -> None:
    long = (
        "坚持以公开促落实促规范促服务，" * 3
        + "聚焦规划编制、用地审批、不动产登记等重点领域持续深化公开内容。"
    ) * 3
    this = replace(
        narratives.base(),
        narrative={**narratives.NARRATIVE, "problems": (f"存在的主要问题和改进情况：{long}",)},
    )
    last = replace(this, year=2023, narrative={"problems": this.narrative["problems"]})
    (finding,) = [f for f in narrative(this, last) if f.rule == "narrative.similar"]
    assert finding.severity == "verify"
    assert finding.actual == "100%"


def test_text_of_which_less_than_half_is_last_years_is_left_alone() -> None:
    old = (
        "推进重大建设项目、公共资源配置、社会公益事业领域公开，完善依申请公开登记办理台账，组织全员业务培训，修订指南与目录。"
        * 2
    )
    new = (
        "围绕优化营商环境归集惠企政策，建成一站式政策问答平台，开展政府开放日活动，邀请代表委员走流程，收集意见逐条反馈。"
        * 3
    )
    this = replace(narratives.base(), narrative={**narratives.NARRATIVE, "problems": (new + old[:40],)})
    last = replace(this, year=2023, narrative={"problems": (old,)})
    assert [f for f in narrative(this, last) if f.rule == "narrative.similar"] == []


@pytest.mark.parametrize(
    ("day", "real"), [("11月31日", False), ("2023年2月29日", False), ("2024年2月29日", True)]
)
def test_a_day_that_no_calendar_has_is_an_error(day: str, real: bool) -> None:
    report = replace(narratives.base(), narrative={"requests": (f"{day}，召开工作推进会。",)})
    found = [f.severity for f in narrative(report, None) if f.rule == "narrative.date"]
    assert found == ([] if real else ["error"])


def test_corrections_without_a_word_in_the_section_on_problems_are_hinted_at() -> None:
    problems = ("存在的主要问题：解读形式不够多样。", "改进情况：丰富解读形式。")
    report = replace(narratives.base(), narrative={**narratives.NARRATIVE, "problems": problems})
    (finding,) = narrative(report, None)
    assert (finding.rule, finding.severity) == ("narrative.corrected", "info")


@pytest.mark.parametrize(("words", "wrong"), [("办结率100%", True), ("按期办结率100%", False)])
def test_a_rate_of_all_beside_requests_carried_over_is_to_be_verified(words: str, wrong: bool) -> None:
    report = replace(narratives.base(), narrative={"requests": (f"政府信息公开申请{words}。",)})
    assert any(f.rule == "narrative.wording" for f in narrative(report, None)) is wrong


@pytest.mark.parametrize(
    ("first", "then", "wrong"),
    [
        ("全年收取信息处理费1200元。", "本年度未收取信息处理费。", True),
        ("全年收取信息处理费1200元。", "收取信息处理费1500元。", True),
        ("全年收取信息处理费1200元。", "收取信息处理费0.12万元。", False),
        ("收取信息处理费0元。", "本年度未收取信息处理费。", False),
        ("每件收取信息处理费100元。", "全年收取信息处理费1200元。", False),
        ("2023年收取信息处理费800元。", "全年收取信息处理费1200元。", False),
    ],
)
def test_a_fee_that_is_stated_in_two_ways_is_to_be_verified(first: str, then: str, wrong: bool) -> None:
    report = replace(narratives.base(), narrative={"overview": (first,), "other": (then,)})
    assert any(f.rule == "narrative.fee_differs" for f in narrative(report, None)) is wrong


@pytest.mark.parametrize(
    ("way", "cell"),
    [("复议后起诉", "direct_litigation"), ("未经复议直接起诉", "litigation_after_reconsideration")],
)
def test_all_suits_of_one_way_leave_none_to_the_other(way: str, cell: str) -> None:
    total = Cell("remedies", cell, "total")
    for count in (0, 2):
        report = with_figures(narratives.base(), {total: count})
        report = replace(report, narrative={"remedies": (f"行政诉讼均为{way}。",)})
        named = [c for f in narrative(report, None) if f.rule == "narrative.wording" for c in f.cells]
        assert named == [total] * (count > 0)


def test_an_overview_that_opens_with_the_year_before_is_an_error() -> None:
    overview = tuple(p.replace("2024年", "2023年") for p in narratives.NARRATIVE["overview"])
    report = replace(narratives.base(), narrative={**narratives.NARRATIVE, "overview": overview})
    assert [(f.rule, f.severity) for f in narrative(report, None)] == [("narrative.year", "error")]


def test_a_bureau_has_no_power_to_make_regulations() -> None:
    report = replace(narratives.base(), level="部门")
    found = [f for f in validate(report) if f.rule == "plausible.not_competent"]
    assert [str(f.cells[0]) for f in found] == [
        "disclosure.regulations.issued",
        "disclosure.regulations.repealed",
        "disclosure.regulations.in_force",
    ]
    assert all(f.severity == "verify" for f in found)


@pytest.mark.parametrize("amount", ["0.1286", "12865000"])
def test_a_fee_that_looks_like_the_wrong_unit_is_to_be_verified(amount: str) -> None:
    report = with_figures(narratives.base(), {narratives.FEES: narratives.number(amount)})
    assert [f.rule for f in validate(report)] == ["plausible.amount"]


@pytest.mark.long
def test_the_work_of_reading_grows_no_faster_than_the_text() -> None:
    report = narratives.lengthy()
    text = report.narrative["requests"]
    twice = replace(report, narrative={**report.narrative, "requests": text * 4})
    validate(twice)
    once, fourfold = _calls(report), _calls(twice)  # the time itself is for make bench
    assert fourfold < 6 * once


def _calls(report: Any) -> int:
    """How many functions are called to judge a report: a measure of the work that no machine's speed changes."""
    count = 0

    def counting(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    validate(report)  # what is made once is made
    sys.setprofile(counting)
    try:
        validate(report)
    finally:
        sys.setprofile(None)
    return count


def test_a_pattern_names_no_words_that_it_can_do_without() -> None:
    """What stands for the words in front of a pattern is checked on every sentence of the cases."""
    patterns = set(_patterns(load("cn-2021").phrases.data))
    texts = {case["text"] for case in (*CASES, *blind.cases())}
    hinted = [pattern for pattern in patterns if needed(pattern)]
    assert len(hinted) > 20
    for pattern in hinted:
        plain = re.compile(pattern)
        assert [t for t in texts if plain.search(t) and not holds_each(t, needed(pattern))] == []


def _patterns(data: Any) -> Iterator[str]:
    """Every string of the phrase table that begins as a pattern with words in front."""
    if isinstance(data, str):
        if data.startswith("(?#"):
            yield data
        return
    for item in data.values() if isinstance(data, dict) else data if isinstance(data, list | tuple) else ():
        yield from _patterns(item)


def test_the_text_survives_the_interchange_json() -> None:
    report = narratives.base()
    again = from_json(to_json(report), report.form)
    assert list(narrative(again, None)) == []


def test_a_form_without_phrases_is_met_with_silence() -> None:
    data = {k: v for k, v in load("cn-2021").data.items() if k not in ("phrases", "plausible")}
    report = replace(
        narratives.base(), form=build(data), narrative={"overview": ("收到政府信息公开申请1件。",)}
    )
    assert validate(report) == []


def test_a_phrase_of_the_forms_own_that_names_no_row_is_a_form_error() -> None:
    data = {**load("cn-2021").data, "phrases": {"use": "zh", "words": {"row": {"recieved": ["收悉"]}}}}
    with pytest.raises(FormError, match=r"phrases: words\.row: unknown recieved"):
        build(data)


def test_a_limit_on_a_cell_that_the_form_lacks_is_a_form_error() -> None:
    limit = {"cell": "disclosure.fees.amounts", "least": 1, "most": 2, "says": "…"}
    data = {**load("cn-2021").data, "plausible": {"amounts": [limit]}}
    with pytest.raises(FormError, match=r"plausible: unknown cell disclosure\.fees\.amounts"):
        build(data)


def test_the_2019_form_is_read_with_the_same_phrases() -> None:
    form = load("cn-2019")
    assert "row" in form.phrases.vocabulary["予以公开"] and "逾期不补正" not in form.phrases.vocabulary
    text = "本年度共收到政府信息公开申请12件，其他处理3件。"
    report = replace(
        narratives.base(),
        form=form,
        year=2020,
        figures=dict.fromkeys(form.cells, 0),
        narrative={"requests": (text,)},
    )
    found = [f for f in narrative(report, None) if f.rule == "narrative.mismatch"]
    assert [tuple(map(str, f.cells)) for f in found] == [
        ("requests.received.total",),
        ("requests.other.total",),
    ]


def test_the_forms_and_the_shared_phrases_keep_to_the_schema() -> None:
    schema = json.loads((FORMS / "form.schema.json").read_text(encoding="utf-8"))
    for key in keys():
        jsonschema.validate(json.loads((FORMS / f"{key}.json").read_text(encoding="utf-8")), schema)
    shared = {"$defs": schema["$defs"], "$ref": "#/$defs/phrases"}
    for path in Path(FORMS / "phrases").glob("*.json"):
        jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), shared)


@pytest.mark.parametrize(
    "opening", ["2023年以来，我局坚持公开。", "2023年底，我局完成改版。", "2023年度以来，我局坚持公开。"]
)
def test_an_overview_may_open_with_what_began_the_year_before(opening: str) -> None:
    overview = (opening, *(p.replace("2024年，", "") for p in narratives.NARRATIVE["overview"]))
    report = replace(narratives.base(), narrative={**narratives.NARRATIVE, "overview": overview})
    assert list(narrative(report, None)) == []


def test_nothing_is_compared_with_a_table_that_could_not_be_read() -> None:
    base = narratives.base()
    told = "政府信息公开行政复议1件，全部维持，制定规范性文件99件。"
    figures = {cell: value for cell, value in base.figures.items() if cell.table == "requests"}
    report = replace(base, figures=figures, narrative={**narratives.NARRATIVE, "remedies": (told,)})
    assert [f.cells for f in narrative(report, None) if any(c.table != "requests" for c in f.cells)] == []
    share = {**report.narrative, "requests": ("自然人申请2件，占99%。",)}
    nothing = replace(report, figures={}, narrative=share)
    assert [f.rule for f in narrative(nothing, None)] == []


HEADINGS = [
    ("overview", "一、概述", "一、总体情况"),
    ("overview", "一、总体概况", "一、总体情况"),
    ("overview", "第一部分 总体情况", "一、总体情况"),
    ("overview", "一、推进决策公开", "一、总体情况"),
    ("disclosure", "三、依申请公开情况", "三、收到和处理政府信息公开申请情况"),
    ("requests", "三、依申请公开情况", "三、收到和处理政府信息公开申请情况"),
    ("requests", "四、依申请公开情况", "三、收到和处理政府信息公开申请情况"),
    ("remedies", "四、复议诉讼情况", "四、政府信息公开行政复议、行政诉讼情况"),
    ("problems", "五、存在问题", "五、存在的主要问题及改进情况"),
    ("problems", "五、问题及改进措施", "五、存在的主要问题及改进情况"),
    ("other", "六、其他事项", "六、其他需要报告的事项"),
]


def opening_with(section: str, *lines: str) -> Report:
    base = narratives.base()
    body = (*lines, *base.narrative.get(section, ()))
    return replace(base, narrative={**base.narrative, section: body})


@pytest.mark.parametrize(("section", "line", "right"), HEADINGS)
def test_a_heading_of_an_offices_own_is_told_the_prescribed_one(section: str, line: str, right: str) -> None:
    (finding,) = narrative(opening_with(section, line), None)
    assert (finding.rule, finding.severity, finding.expected) == ("narrative.heading", "error", right)


@pytest.mark.parametrize(
    ("section", "lines"),
    [
        ("overview", ("一、总体情况", "坚持公开为常态。")),
        ("overview", ("一、加强组织领导", "二、落实主体责任", "三、依申请公开渠道畅通")),
        ("overview", ("一、主动公开", "二、依申请公开", "三、信息管理", "四、平台建设", "五、监督保障")),
        ("overview", ("一、加强领导，落实责任。明确分管领导和责任人。",)),
        ("problems", ("一、存在的问题", "二、改进措施")),
        ("other", ("（一）其他事项", "按要求公开。")),
    ],
)
def test_points_of_a_section_are_no_headings(section: str, lines: tuple[str, ...]) -> None:
    assert list(narrative(opening_with(section, *lines), None)) == []


@pytest.mark.long
def test_a_sentence_of_thousands_of_numbers_is_read_to_its_end() -> None:
    text = "收到申请10件，其中" + "、".join(["自然人1件"] * 3_000) + "。"
    report = replace(narratives.base(), narrative={**narratives.NARRATIVE, "requests": (text,)})
    assert any(f.rule == "narrative.mismatch" for f in narrative(report, None))


def test_a_phrase_more_is_one_line_of_data() -> None:
    words = {"row": {"granted": ["准许查阅"]}}
    form = build({**load("cn-2021").data, "phrases": {"use": "zh", "words": words}})
    report = replace(narratives.base(), form=form, narrative={"requests": ("准许查阅26件。",)})
    (finding,) = [f for f in narrative(report, None) if f.rule == "narrative.mismatch"]
    assert finding.cells == (Cell("requests", "granted", "total"),)


def test_more_or_less_than_last_year_is_recomputed_from_last_years_report() -> None:
    last = with_figures(narratives.base(), {Cell("requests", "received", "total"): 120})
    last = replace(last, year=2023)
    for said, right in (("增加6件", True), ("增加7件", False), ("减少6件", False)):
        text = f"全年收到政府信息公开申请126件，同比{said}。"
        report = replace(narratives.base(), narrative={**narratives.NARRATIVE, "requests": (text,)})
        found = [f for f in narrative(report, last) if f.rule == "narrative.percent"]
        assert bool(found) is not right


@pytest.mark.parametrize(("opening", "severity"), [(2023, "error"), (2022, "verify"), (2021, "verify")])
def test_an_overview_that_opens_with_an_older_year_is_told(opening: int, severity: str) -> None:
    text = (f"{opening}年，我局认真做好政府信息公开工作。",)
    report = replace(narratives.base(), narrative={**narratives.NARRATIVE, "overview": text})
    assert [f.severity for f in narrative(report, None) if f.rule == "narrative.year"] == [severity]


def test_what_the_text_says_beyond_doubt_is_a_witness_for_the_diagnosis() -> None:
    text = "本年度上年结转10件，予以公开62件，网络申请80件，公开信息1860条。"
    report = replace(narratives.base(), narrative={"requests": (text,)})
    said = {tuple(str(t.cell) for t in w.terms): (w.total, w.quote) for w in witnesses(report, None)}
    assert said["requests.granted.total",] == (62, "予以公开62件")
    assert not {80, 1860} & {total for total, _ in said.values()}
