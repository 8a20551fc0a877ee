"""What the page shows of a report: its findings in order, its sections with tables as printed, each flag and note."""

from collections.abc import Iterator, Sequence
from typing import Any

from nianbao.core.cell import Cell
from nianbao.core.finding import SEVERITY_WORDS, Finding, to_json
from nianbao.core.report import Report
from nianbao.export.html import Square, TableView
from nianbao.export.html import view as table_view
from nianbao.export.text import clean, figure
from nianbao.workbook.flags import NOTE_HEAD, WHOLE, advice, flags, lines, state, where
from nianbao.workbook.layout import Layout, Spot

_GRAVITY = {"error": 0, "verify": 1, "info": 2}


def view(report: Report, findings: Sequence[Finding]) -> dict[str, Any]:
    """A report and its findings as plain data, for the page to put on the screen."""
    layout = Layout.of(report.form)
    return {
        "heading": clean(report.heading),
        "agency": clean(report.agency),
        "year": report.year,
        "form": report.form.key,
        "authority": report.form.authority,
        "state": state(findings) if findings else "可上报",
        "errors": sum(f.severity == "error" for f in findings),
        "verify": sum(f.severity == "verify" for f in findings),
        "previous": report.previous.year if report.previous else None,
        "findings": _findings(report, findings, layout),
        "sections": list(_sections(report)),
        "flags": _flags(report, findings, layout),
    }


def _findings(report: Report, findings: Sequence[Finding], layout: Layout) -> list[dict[str, Any]]:
    """The findings from sheet to sheet, the gravest first within each."""
    order = {name: n for n, name in enumerate(layout.sheet_names)}
    placed = [(where(f, report, layout), f) for f in findings]
    placed.sort(key=lambda pair: (order.get(pair[0].sheet, len(order)), _GRAVITY[pair[1].severity]))
    return [_finding(report, finding, at, layout) for at, finding in placed]


def _finding(report: Report, finding: Finding, at: Spot, layout: Layout) -> dict[str, Any]:
    shown = lines([finding], report, layout)[0]
    goes_to = _targets(report, finding, at, layout)
    return {
        **to_json(finding),
        "word": SEVERITY_WORDS[finding.severity],
        "name": shown.rule,
        "sheet": at.sheet or WHOLE,
        "place": shown.place,
        "advice": advice(finding, report),
        "target": goes_to[0] if goes_to else "",
        "keys": [*map(str, finding.cells), *map(str, finding.places)],
        "explanation": finding.explanation,
        "candidates": _candidates(report, finding),
    }


def _candidates(report: Report, finding: Finding) -> list[dict[str, Any]]:
    """The possible causes as the command line gives them, each with the name of its figure."""
    given: list[dict[str, Any]] = to_json(finding).get("candidates") or []
    return [one | {"name": report.form.name(Cell.parse(one["cell"]))} for one in given]


def _targets(report: Report, finding: Finding, at: Spot, layout: Layout) -> list[str]:
    """What a click on the finding leads to: the figure or the paragraph that stands where it points."""
    cells = [cell for cell in finding.cells if cell in report.form.cell_set]
    if finding.suggestion is not None and finding.suggestion.cell in report.form.cell_set:
        cells.insert(0, finding.suggestion.cell)
    exact = [str(cell) for cell in cells if layout.spot(cell) == at]
    return exact or [str(place) for place in finding.places] or [str(cell) for cell in cells]


def _sections(report: Report) -> Iterator[dict[str, Any]]:
    texts: dict[str, list[dict[str, str]]] = {}
    for key, n, paragraph in report.text():
        if text := clean(paragraph):
            texts.setdefault(key, []).append({"place": f"{key}#{n}", "text": text})
    yield {"key": "preamble", "heading": "", "texts": texts.get("preamble", []), "table": None}
    for section in report.form.sections:
        table = report.form.tables[section.table] if section.table else None
        yield {
            "key": section.key,
            "heading": section.heading,
            "texts": texts.get(section.key, []),
            "table": _table(report, table_view(table)) if table else None,
        }


def _table(report: Report, table: TableView) -> dict[str, Any]:
    return {
        "key": table.key,
        "name": table.name,
        "wide": table.wide,
        "columns": table.columns,
        "head": [_row(report, row) for row in table.head],
        "bodies": [[_row(report, row) for row in body] for body in table.bodies],
    }


def _row(report: Report, row: Sequence[Square]) -> list[dict[str, Any]]:
    return [_square(report, square) for square in row]


def _square(report: Report, square: Square) -> dict[str, Any]:
    box = square.box
    data: dict[str, Any] = {"rows": box.rows, "cols": box.columns, "kind": box.kind}
    if box.cell is not None:
        name = report.form.name(box.cell)
        return data | {"cell": str(box.cell), "text": figure(report, box.cell), "name": name} | _of(square)
    return data | {"text": box.text} | _of(square)


def _of(square: Square) -> dict[str, Any]:
    return {"id": square.id, "scope": square.scope, "headers": list(square.headers)}


def _flags(report: Report, findings: Sequence[Finding], layout: Layout) -> dict[str, dict[str, str]]:
    """Every flagged figure and paragraph with its letter (``E``, ``V``, ``N``) and its note, as the workbook's."""
    names: dict[Spot, str] = {layout.spot(cell): str(cell) for cell in report.form.cells}
    for finding in findings:
        names |= {layout.place(p, report.lines): str(p) for p in finding.places if _known(p.section, report)}
    made: dict[str, dict[str, str]] = {}
    for flag in flags(findings, report, layout):
        if name := names.get(flag.at):
            note = flag.note.removeprefix(NOTE_HEAD).strip()
            made[name] = {"letter": flag.code[:1], "note": note}
    return made


def _known(section: str, report: Report) -> bool:
    return section == "preamble" or any(s.key == section for s in report.form.sections)
