"""The report that the cases of the narrative vary: a bureau of a made-up city, its text in keeping with its figures."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from nianbao.checks.narrative.check import narrative
from nianbao.core.finding import Finding
from nianbao.core.form import load
from nianbao.core.grid import Cell
from nianbao.core.report import Report, with_figures

CASES = Path(__file__).parents[1] / "cases" / "narrative.json"
AGENCY, YEAR = "青河市自然资源局", 2024
COLUMNS = ("natural", "business", "research", "charity", "legal", "other")
REQUESTS = {
    "received": (100, 12, 2, 1, 8, 3),
    "carried_in": (9, 1, 0, 0, 0, 0),
    "granted": (50, 5, 1, 0, 4, 1),
    "partly_granted": (11, 2, 0, 0, 1, 0),
    "refused_state_secret": (1, 0, 0, 0, 0, 0),
    "refused_security": (1, 1, 0, 0, 0, 0),
    "refused_third_party": (2, 0, 0, 1, 0, 0),
    "refused_internal": (3, 1, 0, 0, 0, 0),
    "refused_process": (3, 0, 1, 0, 1, 0),
    "refused_query": (2, 0, 0, 0, 0, 0),
    "unavailable_not_held": (7, 1, 0, 0, 1, 0),
    "unavailable_creation": (3, 1, 0, 0, 0, 0),
    "unavailable_unclear": (1, 0, 0, 0, 0, 0),
    "unprocessed_petition": (5, 0, 0, 0, 0, 1),
    "unprocessed_repeat": (3, 0, 0, 0, 0, 0),
    "unprocessed_reissue": (1, 0, 0, 0, 0, 0),
    "other_unsupplemented": (6, 0, 0, 0, 0, 1),
    "other_rest": (3, 1, 0, 0, 1, 0),
    "concluded": (102, 12, 2, 1, 8, 3),
    "carried_out": (7, 1, 0, 0, 0, 0),
}
REMEDIES = {
    "reconsideration": (5, 2, 3, 1),
    "direct_litigation": (3, 1, 0, 2),
    "litigation_after_reconsideration": (1, 0, 1, 1),
}
DISCLOSURE = {
    "disclosure.regulations.issued": 2,
    "disclosure.regulations.repealed": 1,
    "disclosure.regulations.in_force": 19,
    "disclosure.normative.issued": 13,
    "disclosure.normative.repealed": 4,
    "disclosure.normative.in_force": 77,
    "disclosure.licensing.decisions": 352,
    "disclosure.penalty.decisions": 46,
    "disclosure.coercion.decisions": 5,
}
PREAMBLE = (
    "青河市自然资源局2024年政府信息公开工作年度报告",
    "本报告根据《中华人民共和国政府信息公开条例》和国办公开办函〔2021〕30号文件编制，数据统计期限为2024年1月1日至2024年12月31日。",
)
NARRATIVE = {
    "overview": (
        "2024年，青河市自然资源局坚持公开为常态、不公开为例外，持续做好政府信息公开工作。",
        "主动公开方面，及时公开规划、用地等信息，全年公开信息1860条，其中规划类620条、用地类940条、其他300条。",
        "依申请公开方面，全年收到政府信息公开申请126件，办结128件，结转下年度8件。",
        "政府信息管理方面，动态更新目录，落实保密审查。平台建设方面，改版政务公开专栏。",
        "监督保障方面，开展业务培训3次，接受社会评议。",
    ),
    "problems": (
        "存在的主要问题：政策解读形式不够多样，个别栏目更新不够及时。",
        "改进情况：下一步将丰富解读形式，加强栏目维护，逐案分析行政争议，减少纠错败诉。",
    ),
    "other": (
        "本年度未收取信息处理费。",
        "承办人大建议12件、政协提案20件，共32件，均按要求公开办理结果。",
    ),
}


@cache
def base() -> Report:
    """The report as it should be: every identity holds and the text says what the tables say."""
    form = load("cn-2021")
    figures: dict[Cell, Any] = dict.fromkeys(form.cells, 0)
    figures |= {Cell.parse(key): value for key, value in DISCLOSURE.items()}
    figures |= _rows("requests", REQUESTS, COLUMNS)
    figures |= _rows("remedies", REMEDIES, ("upheld", "corrected", "other", "pending"))
    figures[Cell("disclosure", "fees", "amount")] = number("1286.5")
    return Report(form, AGENCY, YEAR, figures, narrative=NARRATIVE, preamble=PREAMBLE)


def number(text: str) -> Any:
    from nianbao.core.number import exact

    return exact(text)


def _rows(table: str, rows: dict[str, tuple[int, ...]], columns: tuple[str, ...]) -> dict[Cell, int]:
    cells = {Cell(table, row, c): v for row, vs in rows.items() for c, v in zip(columns, vs, strict=True)}
    return cells | {Cell(table, row, "total"): sum(values) for row, values in rows.items()}


def cases() -> list[dict[str, Any]]:
    """The sentences with their figures, section and expected findings."""
    data: list[dict[str, Any]] = json.loads(CASES.read_text(encoding="utf-8"))
    return data


def told(case: dict[str, Any]) -> Report:
    """The base report with a case's figures, its text added to its section as the last paragraph."""
    report = base()
    changes = {Cell.parse(key): value for key, value in case.get("figures", {}).items()}
    section, text = case["section"], case["text"]
    if changes:  # the base's own sentence would speak of the old figures
        report = replace(report, narrative={**NARRATIVE, "overview": _without_figures()})
    if section == "preamble":
        return replace(with_figures(report, changes), preamble=(*PREAMBLE[1:], text))
    body = (*report.narrative.get(section, ()), text)
    if section == "other" and "信息处理费" in text:
        body = (text,)
    return replace(with_figures(report, changes), narrative={**report.narrative, section: body})


def _without_figures() -> tuple[str, ...]:
    return tuple(p if "收到" not in p else "依申请公开方面，规范办理流程。" for p in NARRATIVE["overview"])


def found(case: dict[str, Any]) -> list[Finding]:
    """What the narrative checks say of a case."""
    return list(narrative(told(case), None))


def wrong(case: dict[str, Any]) -> list[str]:
    """What the checks say of a case and should not, and what they do not say and should.

    An expected finding is one of its rule that is about one of its cells; it may ask to verify what is expected to be an error.
    """
    rest, faults = found(case), []
    for wanted in case["findings"]:
        match = next((f for f in rest if f.rule == wanted["rule"] and _about(f, wanted)), None)
        if match is None:
            faults.append(f"missed {wanted}")
            continue
        rest.remove(match)
        if match.severity == "error" and wanted["severity"] != "error":
            faults.append(f"too severe: {match.message}")
    return faults + [f"false: {f.message}" for f in rest]


def _about(finding: Finding, wanted: dict[str, Any]) -> bool:
    return not wanted["cells"] or bool(set(wanted["cells"]) & set(map(str, finding.cells)))


def lengthy() -> Report:
    """The base report with 5,000 characters of text: prose as offices write it, a figure in every line or so."""
    told = [p for paragraphs in NARRATIVE.values() for p in paragraphs]
    dense = [case["text"] for case in cases() if case["section"] == "requests" and not case["findings"]]
    lines = [f"{told[i % len(told)]}{PROSE}{dense[i]}" for i in range(len(dense))]
    text = "".join(lines)[: 5000 - sum(map(len, told))]
    paragraphs = tuple(text[i : i + 400] for i in range(0, len(text), 400))
    return replace(base(), narrative={**NARRATIVE, "requests": paragraphs})


PROSE = (
    "围绕中心工作，聚焦群众关切，持续推动决策、执行、管理、服务、结果公开，进一步健全工作机制，压实各科室责任，"
    "着力提升公开内容的及时性、准确性和可读性，切实保障公众的知情权、参与权、表达权和监督权。"
)
PENDING = Cell("remedies", "reconsideration", "pending")
REVIEWS = Cell("remedies", "reconsideration", "total")
FEES = Cell("disclosure", "fees", "amount")
