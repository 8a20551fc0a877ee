"""Sentences written without sight of the checks: each a report of its own, judged by what a reader would expect.

Found is an expected finding whose rule is right and that is about one of the cells named, where any are (a number
that contradicts its own sentence may be told as ``narrative.mismatch`` or as ``narrative.wording``). False is a
finding that nothing expected is about.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from nianbao.checks.narrative.check import narrative
from nianbao.core.finding import Finding
from nianbao.core.form import load
from nianbao.core.grid import Cell
from nianbao.core.number import exact
from nianbao.core.report import Report

CASES = sorted((Path(__file__).parents[1] / "cases").glob("narrative-blind*.json"))
#: What the set was written for; what is asked of whole sections (empty ones, aspects, the fee) is none of it.
RULES = {
    f"narrative.{rule}"
    for rule in (
        "mismatch",
        "wording",
        "parts",
        "percent",
        "year",
        "agency",
        "missing_number",
        "leftover",
        "circular",
    )
}
_EITHER = {"narrative.mismatch", "narrative.wording"}


class Verdict(NamedTuple):
    """How many of the expected findings came, which did not, and which came that nobody expected."""

    hits: int
    missed: tuple[str, ...]
    false: tuple[str, ...]


@cache
def cases() -> tuple[dict[str, Any], ...]:
    return tuple(case for path in CASES for case in json.loads(path.read_text(encoding="utf-8"))["cases"])


def told(case: dict[str, Any]) -> Report:
    """The report of a case: its figures, all others 0, and its one paragraph."""
    form = load("cn-2021")
    figures: dict[Cell, Any] = dict.fromkeys(form.cells, 0)
    figures |= {Cell.parse(key): exact(str(value)) for key, value in case["figures"].items()}
    text = (case["text"],)
    if case["section"] == "preamble":
        return Report(form, case["agency"], case["year"], figures, preamble=text)
    return Report(form, case["agency"], case["year"], figures, narrative={case["section"]: text})


def judge(case: dict[str, Any]) -> Verdict:
    """What the narrative checks make of a case."""
    found = [f for f in narrative(told(case), None) if f.rule in RULES]
    rest, missed = list(found), []
    for wanted in case["expected"]:
        match = next((f for f in rest if _answers(f, wanted)), None)
        if match is None:
            missed.append(wanted["rule"])
        else:
            rest.remove(match)
    false = [f.message for f in rest if not any(_shares(f, wanted) for wanted in case["expected"])]
    return Verdict(len(case["expected"]) - len(missed), tuple(missed), tuple(false))


def _answers(finding: Finding, wanted: dict[str, Any]) -> bool:
    rules = _EITHER if wanted["rule"] in _EITHER and wanted["cells"] else {wanted["rule"]}
    return finding.rule in rules and (not wanted["cells"] or _shares(finding, wanted))


def _shares(finding: Finding, wanted: dict[str, Any]) -> bool:
    return bool({str(cell) for cell in finding.cells} & set(wanted["cells"]))
