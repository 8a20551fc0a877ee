"""Texts as offices write them: judged rightly, every slip in them found, and no statement of one read into the next."""

import random
import re
from collections import defaultdict
from dataclasses import replace
from itertools import islice
from typing import Any

import pytest

from nianbao.checks.narrative.check import narrative
from nianbao.core.form import load
from nianbao.core.grid import Cell
from nianbao.core.report import from_json
from support import texts

CASES = texts.cases()
#: How many of the slips must be found, and how many pairs of texts are joined.
LEAST, PAIRS = 0.98, 250


#: The texts are tried in so many parts: a test for each of thousands takes longer to set up than to run.
PARTS = 4


@pytest.mark.many
@pytest.mark.parametrize("part", range(PARTS))
def test_a_text_is_judged_rightly(part: int) -> None:
    judged = ((case["id"], *_judged(case)) for case in CASES[part::PARTS])
    assert [(name, missed, false) for name, missed, false in judged if missed or false] == []


def _judged(case: dict[str, Any]) -> tuple[list[Any], list[str]]:
    """What was expected and not found, and what was found and not expected."""
    rest = texts.found(texts.report(case))
    missed = []
    for expected in case["expect"]:
        match = next((f for f in rest if texts.answers(f, expected)), None)
        if match is None:
            missed.append(expected)
        else:
            rest.remove(match)
    cells = {cell for expected in case["expect"] for cell in expected["cells"]}
    false = [f.message for f in rest if f.cells and not cells & set(map(str, f.cells))]
    return missed, false if case["expect"] else [f.message for f in rest]


@pytest.mark.long
def test_nearly_every_slip_in_a_right_figure_is_found() -> None:
    rng, missed, count = random.Random(7), [], 0
    for case in CASES:
        if case["kind"] not in ("right", "wrong", "parts"):
            continue
        for kind, body, cells in texts.slipped(case, rng):
            count += 1
            said = texts.found(texts.report(case, *body))
            if not any(not f.cells or cells & set(map(str, f.cells)) for f in said):
                missed.append((case["id"], kind, body))
    assert count > 500
    assert len(missed) / count <= 1 - LEAST, missed


def _told(base: str, section: str, text: str) -> list[str]:
    case = {"base": base, "section": section, "paragraphs": text.split("/")}
    return [f.message for f in texts.found(texts.report(case))]


@pytest.mark.many
@pytest.mark.parametrize("part", range(PARTS))
def test_a_right_sentence_is_left_alone(part: int) -> None:
    judged = (
        (text, _told(base, section, texts.unmarked(text)))
        for base, section, text in texts.marked()[part::PARTS]
    )
    assert [(text, said) for text, said in judged if said] == []


@pytest.mark.parametrize("part", range(PARTS))
def test_a_wrong_sentence_is_noticed(part: int) -> None:
    assert [
        text for base, section, text in texts.faulty()[part::PARTS] if not _told(base, section, text)
    ] == []


@pytest.mark.many
@pytest.mark.parametrize("data", texts.reports(), ids=lambda data: data["agency"])
def test_a_whole_report_that_agrees_is_left_alone(data: dict[str, Any]) -> None:
    report = from_json(data, load(data["form"]))
    assert [f.message for f in texts.found(report)] == []


@pytest.mark.long
def test_nearly_every_slip_in_a_marked_figure_is_found() -> None:
    rng, missed, count = random.Random(11), [], 0
    for base, section, text in texts.marked():
        for slipped in texts.slips_of(text, rng):
            count += 1
            if not _told(base, section, slipped):
                missed.append(slipped)
    assert count > 500
    assert len(missed) / count <= 1 - LEAST, missed


#: Other ways to say what a sentence says: what is replaced, how often, and by what.
_CLASSES = "予以公开|部分公开|不予公开|无法提供|不予处理|其他处理|结果维持|结果纠正|维持|纠正|废止|现行有效|自然人|商业企业"
_REWORDED = (
    (rf"(?<=[，、：中])({_CLASSES})(\d+件)", 0, r"\1的\2"),
    (rf"(?<=[，、：中])({_CLASSES})(\d+件)", 0, r"\1的有\2"),
    (r"(?<=[开供理持正])(?=\d+件)", 0, "有"),
    (r"(?<=\d)件", 0, "宗"),
    (r"(?<![\d.,万—-])(\d+)件(?=[，；。])", 1, r"\1件，均依法在规定期限内办理"),
    (r"(?<![\d.,万—-])(\d+)件(?=[，；。])", 1, r"\1件（详见下表）"),
    ("^", 1, "据统计，"),
)
#: What may stand behind a number in brackets without changing what the next ones are.
_ASIDE = ("（上年为17件）", "（另办理建议提案46件）")


@pytest.mark.long
def test_a_right_sentence_in_other_words_is_left_alone() -> None:
    sentences = random.Random(7).sample(texts.marked(), 400)
    reworded = {
        (base, section, re.sub(pattern, new, text, count=count))
        for base, section, text in ((b, s, texts.unmarked(t)) for b, s, t in sentences)
        for pattern, count, new in _REWORDED
    }
    wrong = [(some, said) for some in sorted(reworded) if (said := _told(*some))]
    assert len(wrong) <= len(reworded) * 0.005, wrong


@pytest.mark.long
@pytest.mark.parametrize("aside", _ASIDE)
def test_a_slip_is_found_behind_other_things_in_brackets(aside: str) -> None:
    rng, lost, count = random.Random(6), [], 0
    for base, section, text in rng.sample(texts.marked(), 400):
        for slipped in islice(texts.slips_of(text, rng), 2):
            changed = re.sub(r"(?<![\d.,万—-])(\d+)件(?=[，；。、])", rf"\1件{aside}", slipped, count=1)
            if changed != slipped and _told(base, section, slipped):
                count += 1
                lost += [] if _told(base, section, changed) else [changed]
    assert count > 80
    assert len(lost) <= count * 0.1, lost


@pytest.mark.long
def test_no_statement_of_a_right_text_is_read_into_the_next() -> None:
    rng = random.Random(3)
    by_base = defaultdict(list)
    for case in CASES:
        if not case["expect"]:
            by_base[case["base"]].append(case)
    pairs = [
        (a, b) for some in by_base.values() for a in some for b in some if a is not b and not _goes_on(b)
    ]
    leaks = []
    sampled = ((a, b) for a, b in rng.sample(pairs, 2 * PAIRS) if not (_said_joined(a) or _said_joined(b)))
    joined = list(islice(sampled, PAIRS))
    assert len(joined) == PAIRS
    for a, b in joined:
        one, other = _joined(a)[0], _joined(b)[0]
        for body in ((one + other,), (one, other)):
            if said := texts.found(texts.report(a | {"section": "overview"}, *body)):
                leaks.append((a["id"], b["id"], said[0].message))
    assert len(leaks) <= PAIRS * 2 * 0.005, leaks


@pytest.mark.long
def test_a_wrong_text_keeps_its_finding_behind_a_right_one() -> None:
    rng, lost = random.Random(5), []
    right = [case for case in CASES if not case["expect"]]
    wrong = [case for case in CASES if case["kind"] in ("wrong", "own-wrong") and not _at_its_place(case)]
    pairs = [(a, b) for a in right for b in wrong if a["base"] == b["base"]]
    joined = list(islice(((a, b) for a, b in rng.sample(pairs, 2 * PAIRS) if _said_joined(b)), PAIRS))
    assert len(joined) == PAIRS
    for a, b in joined:
        cells = {cell for expected in b["expect"] for cell in expected["cells"]}
        said = texts.found(texts.report(a | {"section": "overview"}, _joined(a)[0] + _joined(b)[0]))
        if not any(not f.cells or cells & set(map(str, f.cells)) for f in said):
            lost.append((a["id"], b["id"]))
    assert len(lost) <= PAIRS * 0.03, str(lost)


def _said_joined(case: dict[str, Any]) -> list[Any]:
    """What is found in the text in one paragraph."""
    if case["id"] not in _SAID:
        _SAID[case["id"]] = texts.found(texts.report(case, *_joined(case)))
    return _SAID[case["id"]]


_SAID: dict[str, list[Any]] = {}


def _goes_on(case: dict[str, Any]) -> bool:
    """Whether a text is about the one before it."""
    return bool(case["paragraphs"][0].startswith("其中"))


def _joined(case: dict[str, Any]) -> list[str]:
    """The text in one paragraph."""
    return ["".join(p if p[-1] in "。；！" else p + "。" for p in case["paragraphs"])]


def _at_its_place(case: dict[str, Any]) -> bool:
    """Whether what is wrong shows only where a paragraph begins: another agency's name, another year."""
    return any({"narrative.agency", "narrative.year"} & set(expected["rules"]) for expected in case["expect"])


@pytest.mark.parametrize("seed", range(4))
def test_no_mixture_of_clauses_is_stumbled_over(seed: int) -> None:
    """Clauses of all texts in any order, some broken in the middle: whatever they come to, nothing is raised."""
    rng = random.Random(seed)
    pieces = [
        p
        for case in texts.cases()
        for text in case["paragraphs"]
        for p in re.split(r"(?<=[，。；：、（）])", text)
    ]
    for _ in range(150):
        text = "".join(rng.choices(pieces, k=rng.choice((2, 4, 8, 16))))
        start = rng.randrange(len(text) + 1)
        mixed = text[:start] + text[start + rng.randrange(4) :]
        case = {
            "base": f"kinds-{rng.choice('abc')}.json",
            "section": "overview",
            "paragraphs": [mixed or "无"],
        }
        assert all(finding.message for finding in texts.found(texts.report(case)))


_LAST_YEAR = {
    "requests.received.total": 80,
    "requests.concluded.total": 81,
    "disclosure.licensing.decisions": 1268,
}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("新收申请84件，其中自然人74件、商业企业6件，较上年增长5%。", ""),
        ("收到申请84件（自然人74件、商业企业6件），同比上升5%。", ""),
        ("新收申请84件、办结81件，较上年分别增加4件、持平。", ""),
        ("新收申请84件，办结81件，同比分别增长5%和持平。", ""),
        ("全年新收申请84件，较上年的80件增加4件。", ""),
        ("全年新收申请84件，较上年的79件增加5件。", "上年报告为 80"),
        ("作出行政许可决定1268件，同比增长5%。", "按上年报告的数字没有增减"),
        ("全年新收申请84件，同比增长15%。", "按上年报告的数字应为 5.0%"),
        ("全年新收申请84件，比去年减少4件。", "上年报告为 80，两数之差为 4，增减方向也不符"),
    ],
)
def test_a_change_is_held_to_last_years_report(text: str, said: str) -> None:
    this = texts.report({"base": "kinds-b.json", "section": "overview", "paragraphs": [text]})
    figures = {Cell.parse(key): value for key, value in _LAST_YEAR.items()}
    last = replace(this, year=2023, figures=this.figures | figures, narrative={})
    found = [f for f in narrative(this, last) if f.rule == "narrative.percent"]
    assert [said in f.message for f in found] == [True] * bool(said), found


def test_a_share_before_a_verb_that_leads_the_sentence_is_no_label() -> None:
    case = {
        "base": "kinds-a.json",
        "section": "problems",
        "paragraphs": ["准确率91.3%；按照要求、办结率99.3%，共答复申请43件。"],
    }
    assert all(finding.severity != "error" for finding in texts.found(texts.report(case)))
