"""Texts as offices write them, each in the report it was written for: what is right, what is wrong, and what only looks so.

Left out of the sets kept here: texts whose slip no table can tell (企业申请177件 beside 办结 of 177; 299 = 新收 + 上年结转), words too
rare for a rule (转出5件 with no word of requests, 结转的83件 among plans), another year at the head of a passage that tells no figure of
the table, one in which the slip is the sum of two rows, two in which one slip makes two figures wrong, a rounded number (一百九十余万件),
a channel that may be all there is (书面申请六十四份), and thirteen of the last four sets that are read otherwise still.

``claims`` are the figures that a text states of cells, to be made wrong one by one (``slipped``).
"""

import itertools
import json
import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from nianbao.checks.narrative.check import narrative
from nianbao.core.finding import Finding
from nianbao.core.form import load
from nianbao.core.number import exact
from nianbao.core.report import Report, from_json
from nianbao.core.report import paragraphs as _lines

FOLDER = Path(__file__).parents[1] / "cases" / "narrative"
#: The rules that texts are written for; what is asked of whole sections is none of it.
RULES = frozenset(
    f"narrative.{rule}"
    for rule in [
        "mismatch",
        "parts",
        "year",
        "agency",
        "missing_number",
        "leftover",
        "circular",
        "percent",
        "wording",
        "date",
    ]
)
_EITHER = frozenset(("narrative.mismatch", "narrative.wording"))
_PLAIN = re.compile(r"[\d,，]+(?:\.\d+)?")


@cache
def cases() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads((FOLDER / "texts.json").read_text(encoding="utf-8")))


@cache
def base(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"), parse_float=exact)


def report(case: dict[str, Any], *paragraphs: str) -> Report:
    """The report of a case with its own text, or with other paragraphs in its place."""
    section, text = case["section"], _lines(paragraphs or case["paragraphs"])
    narrative = {section: text} if text else {}
    return replace(_without_text(case["base"]), narrative=narrative, given=frozenset([section]))


@cache
def _without_text(name: str) -> Report:
    return from_json({"form": "cn-2021", **base(name), "narrative": {}}, load("cn-2021"))


def found(some: Report) -> list[Finding]:
    """What the checks of the text say, without what they ask of whole sections and without hints."""
    return [f for f in narrative(some, None) if f.rule in RULES and f.severity != "info"]


def answers(finding: Finding, expected: dict[str, Any]) -> bool:
    """Whether a finding is the expected one: of its rule, and about one of its cells where both name some."""
    rules = set(expected["rules"])
    if rules & _EITHER:
        rules |= _EITHER
    cells = set(map(str, finding.cells))
    return finding.rule in rules and (
        not cells or not expected["cells"] or bool(cells & set(expected["cells"]))
    )


def slipped(case: dict[str, Any], rng: random.Random) -> Iterator[tuple[str, list[str], set[str]]]:
    """The text with one of its right figures made wrong, in every way that hands slip, and the cells that it speaks of."""
    wrong = {cell for expected in case["expect"] for cell in expected["cells"]}
    body: list[str] = case["paragraphs"]
    for figure, cells in case.get("claims", ()):
        plain = unicodedata.normalize("NFKC", figure)
        number = _PLAIN.match(plain)
        once = sum(paragraph.count(figure) for paragraph in body) == 1
        if number is None or set(cells) & wrong or not once or "万" in figure or "亿" in figure:
            continue
        for kind, slip in _slips(number[0], rng).items():
            new = plain[: number.start()] + slip + plain[number.end() :]
            yield kind, [paragraph.replace(figure, new) for paragraph in body], set(cells)


def _slips(number: str, rng: random.Random) -> dict[str, str]:
    digits = [i for i, c in enumerate(number) if c.isdigit()]
    out = {}
    for a, b in itertools.pairwise(digits):
        if number[a] != number[b] and not (a == 0 and number[b] == "0"):
            out["swapped"] = number[:a] + number[b] + number[a + 1 : b] + number[a] + number[b + 1 :]
    if len(digits) > 1 and "." not in number and "," not in number:
        out["dropped"], out["doubled"] = number[:-1], number + number[-1]
    i = rng.choice(digits)
    out["one digit"] = number[:i] + str((int(number[i]) + rng.randint(1, 8)) % 10 or 9) + number[i + 1 :]
    return {kind: slip for kind, slip in out.items() if slip != number and not slip.startswith("0")}


_MARK = re.compile(r"\{([^}]*)\}")


def marked() -> list[tuple[str, str, str]]:
    """The right sentences of ``marked.txt``: base, section, and text with braces around each figure whose slips must be found."""
    lines = (FOLDER / "marked.txt").read_text(encoding="utf-8").splitlines()
    return [
        (f"kinds-{name}.json", section, text)
        for name, section, text in (line.split("|", 2) for line in lines if line and line[0] != "#")
        if text[0] != "!"
    ]


def faulty() -> list[tuple[str, str, str]]:
    """The sentences of ``marked.txt`` with an exclamation mark before them: base, section, and a text that is wrong somewhere."""
    lines = (FOLDER / "marked.txt").read_text(encoding="utf-8").splitlines()
    return [
        (f"kinds-{name}.json", section, text[1:])
        for name, section, text in (line.split("|", 2) for line in lines if line and line[0] != "#")
        if text[0] == "!"
    ]


def slips_of(text: str, rng: random.Random) -> Iterator[str]:
    """A marked text with one of its figures made wrong, figure by figure and way by way."""
    for mark in _MARK.finditer(text):
        for slip in sorted(_slips(mark[1], rng).values()):
            yield unmarked(text[: mark.start()] + slip + text[mark.end() :])


def unmarked(text: str) -> str:
    return text.replace("{", "").replace("}", "")


@cache
def reports() -> tuple[dict[str, Any], ...]:
    """Whole reports of 1,500 to 4,000 characters whose texts agree with their tables."""
    data = json.loads((FOLDER / "reports.json").read_text(encoding="utf-8"), parse_float=exact)
    return tuple(data)
