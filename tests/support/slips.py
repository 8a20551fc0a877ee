"""Four consistent reports with the figures that such agencies have, and the slips that are planted in them."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from random import Random
from typing import NamedTuple

from nianbao.checks.diagnose import Diagnoses
from nianbao.checks.identities import identities
from nianbao.core.grid import Cell
from nianbao.core.number import Figure
from nianbao.core.report import Report, with_figures
from support.build import FORM, summed

COLUMNS = ("natural", "business", "research", "charity", "legal", "other")
#: Table three of four agencies: what is not 0, by applicant in the order of the form; totals are summed.
AGENCIES: dict[str, dict[str, tuple[int, ...]]] = {
    "临江市人民政府": {
        "received": (1287, 164, 3, 8, 41, 12),
        "carried_in": (58, 11, 0, 0, 3, 0),
        "granted": (526, 72, 1, 4, 17, 5),
        "partly_granted": (143, 19, 0, 1, 6, 2),
        "refused_state_secret": (2, 0, 0, 0, 0, 0),
        "refused_law": (17, 3, 0, 0, 1, 0),
        "refused_third_party": (21, 2, 0, 0, 0, 0),
        "refused_internal": (14, 1, 0, 0, 0, 0),
        "refused_process": (36, 5, 0, 0, 2, 0),
        "refused_enforcement": (9, 0, 0, 0, 0, 0),
        "refused_query": (28, 4, 0, 0, 0, 1),
        "unavailable_not_held": (312, 41, 1, 2, 9, 3),
        "unavailable_creation": (38, 6, 1, 0, 3, 0),
        "unavailable_unclear": (23, 2, 0, 0, 0, 0),
        "unprocessed_petition": (67, 5, 0, 0, 1, 0),
        "unprocessed_repeat": (19, 1, 0, 0, 0, 0),
        "other_unsupplemented": (13, 2, 0, 1, 0, 0),
        "other_unpaid": (4, 0, 0, 0, 0, 0),
        "other_rest": (26, 3, 0, 0, 1, 0),
    },
    "青石县人民政府": {
        "received": (214, 37, 0, 2, 6, 0),
        "carried_in": (9, 2, 0, 0, 0, 0),
        "granted": (87, 16, 0, 1, 3, 0),
        "partly_granted": (31, 4, 0, 0, 1, 0),
        "refused_law": (5, 0, 0, 0, 0, 0),
        "refused_third_party": (3, 1, 0, 0, 0, 0),
        "refused_process": (8, 2, 0, 0, 0, 0),
        "refused_enforcement": (2, 0, 0, 0, 0, 0),
        "unavailable_not_held": (49, 8, 0, 1, 1, 0),
        "unavailable_creation": (7, 1, 0, 0, 0, 0),
        "unavailable_unclear": (4, 0, 0, 0, 0, 0),
        "unprocessed_petition": (11, 2, 0, 0, 0, 0),
        "unprocessed_repeat": (3, 0, 0, 0, 0, 0),
        "other_unsupplemented": (2, 1, 0, 0, 0, 0),
        "other_rest": (0, 1, 0, 0, 1, 0),
    },
    "江北省自然资源厅": {
        "received": (643, 98, 2, 0, 17, 4),
        "carried_in": (31, 4, 0, 0, 1, 0),
        "granted": (218, 39, 1, 0, 8, 2),
        "partly_granted": (74, 12, 0, 0, 2, 0),
        "refused_law": (6, 0, 0, 0, 0, 0),
        "refused_internal": (4, 1, 0, 0, 0, 0),
        "refused_process": (12, 2, 0, 0, 1, 0),
        "unavailable_not_held": (253, 34, 1, 0, 5, 1),
        "unavailable_creation": (29, 3, 0, 0, 0, 0),
        "unprocessed_petition": (16, 1, 0, 0, 0, 0),
        "unprocessed_repeat": (8, 0, 0, 0, 0, 0),
        "unprocessed_excessive": (15, 0, 0, 0, 0, 0),
        "other_unsupplemented": (11, 2, 0, 0, 0, 1),
    },
    "南屏市住房和城乡建设局": {
        "received": (98, 23, 0, 1, 2, 0),
        "carried_in": (6, 1, 0, 0, 0, 0),
        "granted": (41, 10, 0, 1, 1, 0),
        "partly_granted": (12, 3, 0, 0, 0, 0),
        "refused_third_party": (4, 1, 0, 0, 0, 0),
        "unavailable_not_held": (27, 6, 0, 0, 1, 0),
        "unavailable_creation": (3, 1, 0, 0, 0, 0),
        "unprocessed_petition": (7, 0, 0, 0, 0, 0),
        "other_rest": (2, 1, 0, 0, 0, 0),
    },
}
#: What the text says of the totals, as such reports do.
TEXT = (
    "本年新收政府信息公开申请{received}件，上年结转{carried_in}件，办结{concluded}件，结转下年度继续办理{carried_out}件。",
    "在办结的{concluded}件中，予以公开{granted}件，部分公开{partly_granted}件，不予公开{refused}件，"
    "无法提供{unavailable}件，不予处理{unprocessed}件，其他处理{other}件。",
)


#: Digits that are read for one another in print or handwriting.
ALIKE = dict(zip("0123456789", ("69", "7", "37", "82", "9", "63", "085", "12", "36", "40"), strict=True))


class Slip(NamedTuple):
    """One wrong figure in a report whose totals follow it."""

    agency: str
    kind: str
    cell: Cell
    right: int
    wrong: int


@cache
def agency(name: str) -> Report:
    """A consistent report: 四 is what is left, totals are summed."""
    rows = AGENCIES[name]
    values: dict[Cell, Figure | None] = {c: 0 for c in FORM.cells if c not in FORM.filled}
    values |= {
        Cell("requests", r, c): v for r, line in rows.items() for c, v in zip(COLUMNS, line, strict=True)
    }
    for n, column in enumerate(COLUMNS):
        left = rows["received"][n] + rows["carried_in"][n]
        left -= sum(line[n] for row, line in rows.items() if row not in ("received", "carried_in"))
        assert left >= 0, (name, column, left)
        values[Cell("requests", "carried_out", column)] = left
    return Report(FORM, name, 2025, {c: values.get(c) for c in FORM.cells} | summed(FORM, values))


def spoken(report: Report) -> Report:
    """The report with a text that states the totals of table three."""
    table = FORM.tables["requests"]
    totals = {row: report.amount(Cell("requests", row, "total")) or 0 for row in table.rows}
    for group, rows in table.groups.items():
        totals[group] = sum(totals[row] for row in rows)
    said = (TEXT[0].format(**totals), TEXT[1].format(**totals))
    return replace(report, narrative={"overview": said[:1], "requests": said[1:]})


def kept(report: Report) -> Report:
    """The report with the totals of the agency's own ledger beside table three and below it."""
    rows = [c for c in FORM.cells if c.table == "requests" and c.column == "total"]
    below = [Cell("requests", "concluded", column) for column in COLUMNS]
    return replace(report, ledger={cell: report.amount(cell) or 0 for cell in rows + below})


def typed(report: Report, changes: dict[Cell, int]) -> Report:
    """The report with some inputs changed and the totals following, as in the template."""
    figures = {**report.figures, **changes}
    return with_figures(report, {**figures, **summed(FORM, figures)})


def wrong_figures(value: int, chance: Random) -> Iterator[tuple[str, int]]:
    """The wrong figures that single keys make of a figure, the commoner kinds at every place; and 0."""
    digits = str(value)
    for i, (a, b) in enumerate(pairwise(digits)):
        if a != b and not (i == 0 and b == "0"):
            yield "swapped", int(digits[:i] + b + a + digits[i + 2 :])
    places = range(len(digits))
    for wrong in sorted({int(digits[:i] + digits[i + 1 :]) for i in places} if len(digits) > 1 else ()):
        yield "dropped", wrong
    for wrong in sorted({int(digits[: i + 1] + digits[i:]) for i in places}):
        yield "doubled", wrong
    alike = [(i, other) for i, d in enumerate(digits) for other in ALIKE[d]]
    i, other = chance.choice(alike)
    yield "misread", int(digits[:i] + other + digits[i + 1 :])
    yield "0 for a number", 0


def neighbours(report: Report, cell: Cell) -> Iterator[int]:
    """The figures of the inputs above and below a cell, as they are copied by a slip of a line."""
    rows = [c for c in report.figures if c[::2] == cell[::2] and c not in FORM.filled]
    at = rows.index(cell)
    for other in rows[max(at - 1, 0) : at] + rows[at + 1 : at + 2]:
        if value := report.amount(other):
            yield int(value)


def slips(name: str, seed: int = 7) -> Iterator[Slip]:
    """Every figure of table three that somebody types and is not 0, with the slips that it may suffer."""
    chance, report = Random(seed), agency(name)
    for cell, right in report.figures.items():
        if cell.table == "requests" and cell not in FORM.filled and isinstance(right, int) and right:
            known = list(wrong_figures(right, chance))
            known += [("a neighbour's", value) for value in dict.fromkeys(neighbours(report, cell))]
            for kind, wrong in known:
                if wrong != right:
                    yield Slip(name, kind, cell, right, wrong)


def offered(report: Report, slip: Slip) -> tuple[int | None, bool]:
    """Where the guilty cell with its right value stands among the candidates (from 0), and whether it is suggested."""
    findings = list(identities(report, Diagnoses(report), frozenset()))
    candidates = [(c.cell, c.value) for finding in findings for c in finding.candidates]
    place = candidates.index((slip.cell, slip.right)) if (slip.cell, slip.right) in candidates else None
    return place, any(f.suggestion is not None for f in findings)
