"""The browser page's side in Python: one function a button, run by Pyodide in a worker.

The worker puts the files that were dropped into a folder, calls :func:`call` with a verb and gets JSON back. What the
page shows is made by :func:`view`; everything else is done by the rooms below.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from nianbao import __version__
from nianbao.checks.validate import validate
from nianbao.console import UNTOUCHED, line, unreadable_line, untouched
from nianbao.core import form as forms
from nianbao.core.files import Unreadable, refused
from nianbao.core.finding import GRAVITY, SEVERITY_WORDS, Finding, count, to_json
from nianbao.core.grid import Cell
from nianbao.core.report import Explanation, Report
from nianbao.export.html import PrintedCell, TableView
from nianbao.export.html import view as table_view
from nianbao.export.text import clean, figure
from nianbao.workbook.flags import NOTE_HEAD, WHOLE, advice, flags, line_of, state, where
from nianbao.workbook.layout import Layout, Spot
from nianbao.workbook.reader import read
from nianbao.xlsx.container import IMPORT

Asked = Mapping[str, Any]
#: What is published from the page: Word, PDF and 一图读懂 need programs or fonts that a browser has not.
KINDS = ("html", "json", "csv")


def call(verb: str, asked: str) -> str:
    """What a verb answers, as JSON; ``problem`` instead where a file cannot be used (one Chinese sentence)."""
    given = json.loads(asked)
    try:
        answer = VERBS[verb](given)
    except Unreadable as problem:
        reasons = list(getattr(problem, "reasons", ()))
        shown = Unreadable(
            problem.file, problem.what, problem.todo.removesuffix(f"；{IMPORT}")
        )  # no command line here
        answer = {"problem": str(shown), "reasons": reasons}
        if verb == "check":
            answer["line"] = unreadable_line(Path(given["book"]), problem)
            answer["roster"] = _units_listed(Path(given["book"]))
    except OSError as error:
        answer = {"problem": str(refused(Path(str(error.filename or "文件")), error)), "reasons": []}
    return json.dumps(answer, ensure_ascii=False)


def about(_: Asked) -> dict[str, Any]:
    """The version, the forms that are known, and the year that is reported on today."""
    return {"version": __version__, "forms": list(forms.keys()), "year": date.today().year - 1}


def warm(_: Asked) -> dict[str, Any]:
    """Load what the first file needs, while the user is still looking for it."""
    from nianbao.workbook.writer import blank

    form = forms.load(forms.keys()[0])
    report = replace(blank(form, date.today().year - 1, "某单位"), narrative={"overview": ("收到申请1件。",)})
    view(report, validate(report))
    return {}


def check(asked: Asked) -> dict[str, Any]:
    """Validate one file: the command line's line of JSON, and what the page shows."""
    report, doubts, findings = _checked(asked)
    return {
        "line": line(Path(asked["book"]), report, findings),
        "doubts": list(doubts),
        "view": view(report, findings),
    }


def _units_listed(source: Path) -> int:
    """How many units a file lists that is no report but a roster; 0 for any other file."""
    from nianbao.consolidate.roster import load_roster

    if source.suffix.lower() not in (".xlsx", ".csv", ".json"):
        return 0
    try:
        return len(load_roster(source).units)
    except Unreadable:
        return 0


def mark(asked: Asked) -> dict[str, Any]:
    """The flagged copy, with the explanations that were typed in the page."""
    from nianbao.workbook.marks import mark as write_marks
    from nianbao.workbook.writer import write

    source = Path(asked["book"])
    report, _, findings = _checked(asked)
    target = Path(asked["folder"]) / f"{source.stem}.校验.xlsx"
    if source.suffix.lower() in (".xlsx", ".xlsm") and not asked.get("imported"):
        write_marks(source, target, report, findings)
    else:
        write(report, target)
        write_marks(target, target, report, findings)
    return {"written": [str(target)]}


def tidy(asked: Asked) -> dict[str, Any]:
    """A copy with figures written as figures and, where asked for, blanks as 0; every change in words."""
    from nianbao.workbook.tidy import apply, changes, kept, listed

    source = Path(asked["book"])
    report = read(source)
    made = changes(report, zeros=bool(asked.get("zeros")))
    target = Path(asked["folder"]) / f"{source.stem}.规范{source.suffix}"
    restored = apply(source, target, made, report)
    return {"written": [str(target)], "changes": [*listed(made), *restored, *kept(report)]}


def template(asked: Asked) -> dict[str, Any]:
    """An empty workbook of a year for an agency."""
    from nianbao.workbook.writer import blank, write

    year, agency = int(asked["year"]), str(asked["agency"]).strip()
    try:
        form = forms.for_year(year)
    except forms.FormError:
        raise Unreadable(f"{year}年", "没有适用于这一年度的表式", "请核对年度") from None
    from nianbao.export.export import stem

    target = Path(asked["folder"]) / f"{stem(f'{agency}政府信息公开年报{year}')}.xlsx"
    write(blank(form, year, agency), target)
    return {"written": [str(target)]}


def publish(asked: Asked) -> dict[str, Any]:
    """The files that are published; refused while there are errors, unless it is a draft."""
    from nianbao.publish import Options, publish_report

    report, _, findings = _checked(asked)
    kinds = [kind for kind in asked["kinds"] if kind in KINDS]
    folder = Path(asked["folder"])
    options = Options(draft=bool(asked.get("draft")), read_back=False)  # its parsers are not in a browser
    made = publish_report(report, findings, kinds, folder, options)
    return {"written": [str(path) for path in made.paths]}


def save(asked: Asked) -> dict[str, Any]:
    """The report as a workbook of the template (what was dropped was JSON or text)."""
    from nianbao.workbook.writer import write

    report, _, _ = _checked(asked)
    target = Path(asked["folder"]) / f"{Path(asked['book']).stem}.xlsx"
    write(report, target)
    return {"written": [str(target)]}


def consolidate(asked: Asked) -> dict[str, Any]:
    """The summary of a folder of units, and what came of it in words."""
    from nianbao.consolidate.run import consolidate as run
    from nianbao.consolidate.settings import Job
    from nianbao.consolidate.summary import counted_words
    from nianbao.workbook.leaves import MISSING

    target = Path(asked["folder"]) / "汇总.xlsx"
    roster = Path(asked["roster"]) if asked.get("roster") else None
    job = Job(asked["units"], target, roster=roster, jobs=1, agency=str(asked.get("agency") or ""))
    result = run(job)
    cases = [{"name": c.name or c.head.name, "state": c.state, "reason": c.reason} for c in result.cases]
    return {
        "written": [str(target)],
        "words": counted_words(result),
        "missing": [standing.name for standing in result.standings if standing.state == MISSING],
        "notes": list(result.warnings()),
        "cases": cases,
    }


def _checked(asked: Asked) -> tuple[Report, tuple[str, ...], list[Finding]]:
    """The report asked about with the explanations typed in the page, the doubts of the reading, its findings."""
    report, doubts = _read(Path(asked["book"]))
    report = replace(report, explanations=_explained(report, asked.get("explanations") or ()))
    previous = _read(Path(asked["previous"]))[0] if asked.get("previous") else None
    return report, doubts, validate(report, previous)


def _read(source: Path) -> tuple[Report, tuple[str, ...]]:
    """A workbook of ours or JSON as it is; a text by its labels."""
    if source.suffix.lower() not in (".txt", ".md"):
        return read(source), ()
    from nianbao.ingest.ingest import ingest

    taken = ingest(source, name=source.name)
    return taken.report, taken.doubts


def _explained(report: Report, typed: Any) -> tuple[Explanation, ...]:
    """The report's explanations with those typed in the page instead of, or beside, the workbook's."""
    new = {(e["rule"], frozenset(e["cells"])): e for e in typed}
    kept = [e for e in report.explanations if (e.rule, frozenset(e.cells)) not in new]
    added = [Explanation(e["rule"], tuple(e["cells"]), str(e["text"])) for e in new.values()]
    return (*kept, *(e for e in added if e.text.strip()))


VERBS: Mapping[str, Callable[[Asked], dict[str, Any]]] = {
    "about": about,
    "warm": warm,
    "check": check,
    "mark": mark,
    "tidy": tidy,
    "template": template,
    "publish": publish,
    "save": save,
    "consolidate": consolidate,
}


def view(report: Report, findings: Sequence[Finding]) -> dict[str, Any]:
    """A report and its findings as plain data, for the page to put on the screen."""
    layout = Layout.of(report.form)
    return {
        "heading": clean(report.heading),
        "agency": clean(report.agency),
        "year": report.year,
        "form": report.form.key,
        "authority": report.form.authority,
        "state": _state(report, findings),
        "errors": count(findings, "error"),
        "verify": count(findings, "verify"),
        "previous": report.previous.year if report.previous else None,
        "findings": _findings(report, findings, layout),
        "sections": list(_sections(report)),
        "flags": _flags(report, findings, layout),
    }


def _state(report: Report, findings: Sequence[Finding]) -> str:
    """Whether the report can be handed in, in words; a template that nobody has filled is called what it is."""
    if untouched(report):
        return UNTOUCHED
    return state(findings) if findings else "可上报"


def _findings(report: Report, findings: Sequence[Finding], layout: Layout) -> list[dict[str, Any]]:
    """The findings from sheet to sheet, the gravest first within each."""
    order = {name: n for n, name in enumerate(layout.sheet_names)}
    placed = [(where(f, report, layout), f) for f in findings]
    placed.sort(key=lambda pair: (order.get(pair[0].sheet, len(order)), GRAVITY[pair[1].severity]))
    return [_finding(report, finding, at, layout) for at, finding in placed]


def _finding(report: Report, finding: Finding, at: Spot, layout: Layout) -> dict[str, Any]:
    shown = line_of(finding, report, layout)
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


def _row(report: Report, row: Sequence[PrintedCell]) -> list[dict[str, Any]]:
    return [_square(report, square) for square in row]


def _square(report: Report, square: PrintedCell) -> dict[str, Any]:
    box = square.box
    data: dict[str, Any] = {"rows": box.rows, "cols": box.columns, "kind": box.kind}
    if box.cell is not None:
        name = report.form.name(box.cell)
        return data | {"cell": str(box.cell), "text": figure(report, box.cell), "name": name} | _of(square)
    return data | {"text": box.text} | _of(square)


def _of(square: PrintedCell) -> dict[str, Any]:
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
