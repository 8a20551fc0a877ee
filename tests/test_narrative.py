"""The narrative against the tables: sentences one by one, the whole text, and the speed of reading it."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import narratives
from nianbao.cell import Place
from nianbao.checks.narrative.check import narrative
from nianbao.finding import CODES
from nianbao.form import FORMS, FormError, build, keys, load
from nianbao.report import from_json, to_json, with_figures
from nianbao.validate import validate

CASES = narratives.cases()


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['section']}:{c['text'][:24]}")
def test_a_sentence_gets_exactly_the_findings_it_deserves(case: dict[str, Any]) -> None:
    assert narratives.actual(case) == narratives.expected(case)


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


def test_a_report_that_came_without_text_is_not_scolded_for_it() -> None:
    report = replace(narratives.base(), narrative={}, preamble=())
    assert [f for f in validate(report) if f.rule.startswith("narrative.")] == []


def test_once_there_is_text_the_empty_sections_are_named() -> None:
    report = replace(
        narratives.base(), narrative={"overview": narratives.NARRATIVE["overview"], "other": ("无。",)}
    )
    found = {
        (f.places[0].section, f.severity) for f in narrative(report, None) if f.rule == "narrative.empty"
    }
    assert found == {("problems", "error"), ("other", "verify")}


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


def test_five_thousand_characters_are_read_within_ten_milliseconds() -> None:
    report = narratives.lengthy()
    assert 4900 <= sum(len(text) for _, _, text in report.text()) - sum(map(len, report.preamble)) <= 5000
    list(narrative(report, None))
    best = min(_timed(report) for _ in range(7))
    assert best < 0.02  # twice the aim, for loaded machines; tests/bench/narrative.py prints the figure


def _timed(report: Any) -> float:
    start = time.process_time()
    list(narrative(report, None))
    return time.process_time() - start


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
    topic = {"table": "requests", "names": ["申请"], "units": "件", "rows": {"any": [["recieved"]]}}
    data = {**load("cn-2021").data, "phrases": {"use": "zh", "topics": {"requests": topic}}}
    with pytest.raises(FormError, match=r"phrases: topics\.requests: unknown recieved"):
        build(data)


def test_the_forms_and_the_shared_phrases_keep_to_the_schema() -> None:
    schema = json.loads((FORMS / "form.schema.json").read_text(encoding="utf-8"))
    for key in keys():
        jsonschema.validate(json.loads((FORMS / f"{key}.json").read_text(encoding="utf-8")), schema)
    shared = {"$defs": schema["$defs"], "$ref": "#/$defs/phrases"}
    for path in Path(FORMS / "phrases").glob("*.json"):
        jsonschema.validate(json.loads(path.read_text(encoding="utf-8")), shared)
