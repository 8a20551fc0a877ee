"""The browser page's side in Python: one function a button, run by Pyodide in a worker.

The worker puts the files that were dropped into a folder, calls :func:`call` with a verb and gets JSON back. What the
page shows is made in ``view``; everything else is done by the rooms below.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from nianbao import __version__
from nianbao.checks.validate import validate
from nianbao.console import line, unreadable_line
from nianbao.core import form as forms
from nianbao.core.errors import Unreadable, refused
from nianbao.core.finding import Finding
from nianbao.core.interchange import too_deep
from nianbao.core.report import Explanation, Report
from nianbao.page.view import view
from nianbao.workbook.reader import read

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
        answer = {"problem": str(problem), "reasons": reasons}
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
    from nianbao.workbook.template import blank

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
        if source.suffix.lower() == ".json" and too_deep(source.read_bytes()):
            return 0
        return len(load_roster(source).units)
    except Unreadable:
        return 0


def mark(asked: Asked) -> dict[str, Any]:
    """The flagged copy, with the explanations that were typed in the page."""
    from nianbao.workbook.marks import mark as write_marks
    from nianbao.workbook.template import write

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
    from nianbao.workbook.tidy import apply, changes, kept

    source = Path(asked["book"])
    report = read(source)
    made = changes(report, zeros=bool(asked.get("zeros")))
    target = Path(asked["folder"]) / f"{source.stem}.规范{source.suffix}"
    restored = apply(source, target, made, report)
    return {"written": [str(target)], "changes": [*map(str, made), *restored, *kept(report)]}


def template(asked: Asked) -> dict[str, Any]:
    """An empty workbook of a year for an agency."""
    from nianbao.workbook.template import blank, write

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
    from nianbao.workbook.template import write

    report, _, _ = _checked(asked)
    target = Path(asked["folder"]) / f"{Path(asked['book']).stem}.xlsx"
    write(report, target)
    return {"written": [str(target)]}


def consolidate(asked: Asked) -> dict[str, Any]:
    """The summary of a folder of units, and what came of it in words."""
    from nianbao.consolidate.run import consolidate as run
    from nianbao.consolidate.settings import Job
    from nianbao.consolidate.summary import counted_words
    from nianbao.workbook.reader import MISSING

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
