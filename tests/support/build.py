"""What tests are built from: the figures of 湖北 2021, a small foreign form, consistent reports by chance."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import strategies as st

from nianbao.checks.validate import validate
from nianbao.core.finding import Finding
from nianbao.core.form import Form, load, load_file
from nianbao.core.grid import Cell
from nianbao.core.number import Figure
from nianbao.core.report import Report, parse, with_figures

CASES = Path(__file__).parents[1] / "cases"
HUBEI = CASES / "hubei-2021.json"
TINY = CASES / "form-tiny.json"
FORM = load("cn-2021")

Changes = Mapping[str, Figure | str | None]


@cache
def hubei() -> Report:
    """The report of 湖北省人力资源和社会保障厅 for 2021: its figures, and text of ours with the same numbers."""
    return parse(HUBEI.read_bytes(), HUBEI.name)


@cache
def tiny() -> Form:
    """A small form of another country: English, spans, decimals, identities across rows and columns."""
    return load_file(TINY)


def form_data(path: Path | None = None) -> dict[str, Any]:
    """A form file as parsed, to plant mistakes in."""
    from nianbao.core.form import FORMS

    data: dict[str, Any] = json.loads((path or FORMS / "cn-2021.json").read_text(encoding="utf-8"))
    return data


def tiny_report(**changes: Figure | str | None) -> Report:
    """A consistent report on the tiny form; ``row__column=value`` changes a cell."""
    from decimal import Decimal

    rows: dict[str, tuple[Figure, ...]] = {
        "granted": (3, 40, 43, Decimal("120.5"), Decimal("20.25"), Decimal("100.25")),
        "refused": (1, 6, 7, Decimal("0.1"), Decimal("0.2"), Decimal("-0.1")),
        "decided": (4, 46, 50, Decimal("120.6"), Decimal("20.45"), Decimal("100.15")),
    }
    columns = list(tiny().tables["casework"].columns)
    figures: dict[Cell, Figure | None] = {
        Cell("casework", row, column): value
        for row, values in rows.items()
        for column, value in zip(columns, values, strict=True)
    }
    figures[Cell("casework", "staff", "public")] = 2
    report = Report(tiny(), "Ministry of Weather", 2023, figures, narrative={"summary": ("A calm year.",)})
    return with_figures(report, {Cell("casework", *k.split("__")): v for k, v in changes.items()})


def cell(key: str) -> Cell:
    return Cell.parse(key)


def changed(report: Report, changes: Changes) -> Report:
    """The report with some cells, named by their keys, holding something else."""
    return with_figures(report, {Cell.parse(key): value for key, value in changes.items()})


def found(report: Report, rule: str = "") -> list[Finding]:
    """The findings of a report whose rule code begins so."""
    return [finding for finding in validate(report) if finding.rule.startswith(rule)]


def identities(findings: Iterable[Finding]) -> list[Finding]:
    """Those that are about an identity within a table."""
    rules = {rule.id for form in (FORM, tiny()) for rule in form.rules if not rule.uses_previous}
    return [finding for finding in findings if finding.rule in rules]


@st.composite
def consistent(draw: st.DrawFn) -> Report:
    """A report in which every identity of the 2021 form holds: parts by chance, totals summed, 四 the remainder."""
    chance, most = Random(draw(st.integers(0, 10**9))), draw(st.sampled_from([1, 9, 300, 99_999]))
    zeros = draw(st.sampled_from([0.0, 0.5, 0.9]))
    values: dict[Cell, Figure | None] = {
        c: 0 if chance.random() < zeros else chance.randint(0, most)
        for c in FORM.cells
        if c not in FORM.filled and c.row != "carried_out"
    }
    for column in FORM.tables["requests"].columns:
        if column != "total":
            _balance(values, column)
    return Report(FORM, "某市某局", 2022, {c: values.get(c) for c in FORM.cells} | summed(FORM, values))


def _balance(values: dict[Cell, Figure | None], column: str) -> None:
    """四 is what is left; where more was concluded than there was, more was received."""
    outcomes = [e for e in FORM.equations if e.rule.id == "requests.concluded" and e.key == column]
    done = sum(values[term.cell] or 0 for term in outcomes[0].left)
    received, carried = Cell("requests", "received", column), Cell("requests", "carried_in", column)
    left = (values[received] or 0) + (values[carried] or 0) - done
    if left < 0:
        values[received] = (values[received] or 0) - left
    values[Cell("requests", "carried_out", column)] = max(left, 0)


def summed(form: Form, values: Mapping[Cell, Figure | None]) -> dict[Cell, Figure | None]:
    """Every total of the form from its parts, totals of totals included."""
    known = dict(values)

    def total(cell: Cell) -> Figure:
        if cell in form.filled:
            known[cell] = sum(total(term.cell) for term in form.filled[cell].left)
        return known.get(cell) or 0

    return {cell: total(cell) for cell in form.filled}


def plain(report: Report) -> Any:
    """What a report says, as interchange JSON: for comparing what went through a file."""
    from nianbao.core.report import to_json

    return to_json(report)
