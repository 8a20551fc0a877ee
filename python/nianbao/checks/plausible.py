"""Plausibility: figures that the form's own limits put in doubt (who may have them, how large they may be)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from nianbao.core.cell import Cell
from nianbao.core.finding import CODES, Finding
from nianbao.core.report import Report


def plausible(report: Report, previous: Report | None) -> Iterator[Finding]:
    """``plausible.*``: the form's ``plausible`` entries; silent where a form has none."""
    limits = report.form.data.get("plausible", {})
    for spec in limits.get("not_competent", ()):
        yield from _not_competent(report, spec)
    for spec in limits.get("amounts", ()):
        yield from _amount(report, spec)


def not_competent(report: Report, cell: Cell) -> bool:
    """Whether an agency of the level the report states has no such figure at all."""
    specs = report.form.data.get("plausible", {}).get("not_competent", ())
    level = report.level.strip()
    return any(str(cell) in spec["cells"] and level in spec["levels"] for spec in specs)


def _not_competent(report: Report, spec: Mapping[str, Any]) -> Iterator[Finding]:
    """Figures above 0 of an agency whose level has no such power; only where the report states its level."""
    if report.level.strip() not in spec["levels"]:
        return
    rule = "plausible.not_competent"
    for cell in map(Cell.parse, spec["cells"]):
        if (value := report.amount(cell)) and value > 0:
            message = f"“{report.form.name(cell)}”为 {value}：{spec['says']}，填报单位为“{report.level.strip()}”，请核实"
            yield Finding(rule, CODES[rule].severity, (cell,), message, 0, value)


def _amount(report: Report, spec: Mapping[str, Any]) -> Iterator[Finding]:
    cell, rule = Cell.parse(spec["cell"]), "plausible.amount"
    value, level = report.amount(cell), report.level.strip()
    limit = next((limit for limit in spec.get("limits", ()) if level in limit["levels"]), None)
    least, most = Decimal(str(spec["least"])), Decimal(str((limit or spec)["most"]))
    if value is None or value <= 0 or least <= value <= most:
        return
    size = "过小" if value < least else f"过大（填报单位为“{level}”）" if limit else "过大"
    message = f"“{report.form.name(cell)}”为 {value}，数额{size}：{spec['says']}"
    yield Finding(rule, CODES[rule].severity, (cell,), message, None, value)
