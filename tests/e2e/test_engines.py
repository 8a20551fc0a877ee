"""The shipped template's live checks in engines that know nothing of each other, against Python's on random tables.

LibreOffice is in test_agreement; here are IronCalc, HyperFormula and the editor of ONLYOFFICE.
"""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pytest

from nianbao.checks.validate import validate
from nianbao.core.equation import added
from nianbao.core.grid import Cell
from nianbao.core.number import Figure, simplest
from nianbao.core.report import Report
from nianbao.workbook import flags, live
from nianbao.workbook import layout as at
from nianbao.workbook.layout import Layout, Spot
from nianbao.workbook.reader import read
from nianbao.workbook.repair import damages
from support.books import mark, write
from support.build import FORM, hubei

LAYOUT = Layout.of(FORM)
TABLES = [sheet for sheet in LAYOUT.sheets if sheet.table]
BASE = {cell: value or 0 for cell, value in hubei().figures.items()}
INPUTS = [cell for cell in FORM.cells if cell not in FORM.filled]
Content = int | float | str | None
#: Every formula is in each table, every verdict among the first six. HyperFormula takes a tenth of a second for one,
#: ONLYOFFICE a whole one: it calculates anew after every cell.
IN_IRONCALC, IN_HYPERFORMULA, IN_ONLYOFFICE = 60, 24, 6


class Case:
    """One random table: what is typed into which cell, and the report that it makes."""

    def __init__(self, seed: int) -> None:
        chance = Random(seed)
        odd = chance.choice([0, 0, 0.005, 0.01, 0.05])
        self.inputs: dict[Cell, Content] = {}
        for cell in INPUTS:
            usual = BASE[cell] if chance.random() < 0.9 else chance.randint(0, 30)
            strange = chance.random() < odd
            self.inputs[cell] = chance.choice([None, "163件", "/", -3, 2.5, "\u3000"]) if strange else usual
        self.ledger = {
            cell: chance.choice([0, 14, chance.randint(0, 200)])
            for sheet in TABLES
            for cell in sheet.ledger
            if chance.random() < chance.choice([0, 0, 0.3])
        }
        last = chance.random() < 0.3
        self.previous = {c: chance.choice([0, 17, 30]) for c in LAYOUT.previous} if last else {}

    def typed(self) -> dict[Spot, Content]:
        """Every cell in which something may be typed, so that what the last case left there goes."""
        cells: dict[Spot, Content] = {LAYOUT.spot(c): value for c, value in self.inputs.items()}
        for sheet in TABLES:
            cells |= {spot: self.ledger.get(cell) for cell, spot in sheet.ledger.items()}
        return cells | {spot: self.previous.get(cell) for cell, spot in LAYOUT.previous.items()}

    def report(self) -> Report:
        raw = {c: v for c, v in self.inputs.items() if isinstance(v, str)}
        figures: dict[Cell, Figure | None] = {
            c: None if isinstance(v, str) else _exact(v) for c, v in self.inputs.items()
        }
        for _ in range(2):  # the total of totals comes after them
            for cell, equation in FORM.filled.items():
                value = added(equation, figures)
                figures[cell] = simplest(value) if isinstance(value, Decimal) else value
        last = Report(FORM, "", None, dict(self.previous)) if self.previous else None
        return Report(FORM, "某局", 2022, figures, raw, previous=last, ledger=dict(self.ledger))


def _exact(value: Any) -> Figure | None:
    return Decimal(str(value)) if isinstance(value, float) else value


def wanted() -> Iterator[Spot]:
    """The verdicts, the flags that the colours read, the lines above the tables."""
    for index in range(len(FORM.equations)):
        yield Spot(at.CHECKS, LAYOUT.check_row(index), 9)
    for sheet in TABLES:
        yield from (sheet.live(cell) for cell in sheet.spots)
        yield Spot(sheet.name, 3, at.LEFT)


def expected(report: Report) -> list[Content]:
    judged = [live.judge(e, report) for e in FORM.equations]
    shown: list[Content] = [j.verdict for j in judged]
    for sheet in TABLES:
        shown += [live.live(sheet, cell, report).value for cell in sheet.spots]
        shown.append(live.status(sheet, report).value)
    return shown


def same(seed: int, shown: list[Any]) -> None:
    report = Case(seed).report()
    for spot, engine, ours in zip(wanted(), shown, expected(report), strict=True):
        alike = float(engine or 0) == ours if isinstance(ours, int) else engine == ours
        assert alike, f"case {seed}: {spot.full()} is {engine!r}, should be {ours!r}"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with every figure typed in, as a person would fill it."""
    path = tmp_path_factory.mktemp("engines") / "年报.xlsx"
    write(Case(0).report(), path)
    return path


def test_the_tables_have_every_verdict() -> None:
    tables = (Case(seed).report() for seed in range(IN_ONLYOFFICE))
    verdicts = {live.judge(e, report).verdict for report in tables for e in FORM.equations}
    assert verdicts == {live.GOOD, live.BAD, live.OPEN, live.MEND}


def test_ironcalc_judges_dozens_of_tables_as_python_does(template: Path) -> None:
    import ironcalc

    model = ironcalc.load_from_xlsx(str(template), "en", "Asia/Shanghai", "en")
    sheets = {name: n for n, name in enumerate(LAYOUT.sheet_names)}
    for seed in range(IN_IRONCALC):
        for spot, content in Case(seed).typed().items():
            place = sheets[spot.sheet], spot.row, spot.column
            if content is None:
                model.clear_cell_contents(*place)
            elif isinstance(content, str):
                model.update_cell_with_text(*place, content)
            else:
                model.update_cell_with_number(*place, float(content))
        model.evaluate()
        same(seed, [model.get_cell_value(sheets[s.sheet], s.row, s.column) for s in wanted()])


def hyperformula(path: Path, cases: list[dict[str, Any]], spots: list[Spot]) -> list[list[Any]]:
    """What HyperFormula shows in the cells of a workbook after each case was typed into it."""
    book = openpyxl.load_workbook(path)
    sheets = {
        page.title: [[_content(cell.value) for cell in row] for row in page.iter_rows(max_row=120)]
        for page in book.worksheets
    }
    asked = json.dumps({"sheets": sheets, "cases": cases, "wanted": [_key(spot) for spot in spots]})
    command = ["node", str(Path(__file__).with_name("hyperformula.mjs"))]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    shown: list[list[Any]] = json.loads(done.stdout)
    return shown


def test_hyperformula_judges_dozens_of_tables_as_python_does(template: Path) -> None:
    cases = [
        {_key(s): _content(v, typed=True) for s, v in Case(n).typed().items()} for n in range(IN_HYPERFORMULA)
    ]
    for seed, shown in enumerate(hyperformula(template, cases, list(wanted()))):
        same(seed, shown)


def _key(spot: Spot) -> str:
    return f"{spot.sheet}!{spot.row - 1}!{spot.column - 1}"


def _content(value: Any, typed: bool = False) -> Any:
    """A text stays text; HyperFormula would read "163" as a number and "=" as a formula."""
    if isinstance(value, str) and (typed or not value.startswith("=")):
        return "'" + value
    return value


class Editor:
    """The editor of ONLYOFFICE with a workbook open."""

    def __init__(self, path: Path) -> None:
        import docbuilder

        self.builder = docbuilder.CDocBuilder()
        self.builder.OpenFile(str(path), "")
        self.context = self.builder.GetContext()
        self.scope = self.context.CreateScope()
        self.api = self.context.GetGlobal()["Api"]

    def cell(self, spot: Spot) -> Any:
        return self.api.Call("GetSheet", spot.sheet).Call("GetRange", spot.a1)

    def type(self, spot: Spot, content: Content) -> None:
        self.cell(spot).Call("SetValue", "" if content is None else str(content))

    def shown(self, spot: Spot) -> str:
        return str(self.cell(spot).Call("GetValue2").ToString())

    def save(self, kind: str, path: Path) -> None:
        self.builder.SaveFile(kind, str(path))
        self.builder.CloseFile()


def test_onlyoffice_judges_six_tables_as_python_does(template: Path) -> None:
    editor = Editor(template)
    before = Case(0).typed()  # as the template has it
    for seed in range(IN_ONLYOFFICE):
        typed = Case(seed).typed()
        for spot in typed:
            if typed[spot] != before[spot]:
                editor.type(spot, typed[spot])
        before = typed
        same(seed, [editor.shown(spot) for spot in wanted()])


EDIT = LAYOUT.spot(Cell.parse("requests.granted.natural"))


@pytest.fixture(scope="module")
def flagged(template: Path) -> Path:
    """The workbook after a validation."""
    report = read(template)
    mark(template, template.with_name("标.xlsx"), report, validate(report))
    return template.with_name("标.xlsx")


def stored(path: Path) -> Iterator[tuple[Spot, Content]]:
    """What a validation wrote into a workbook for its later comparison."""
    book = openpyxl.load_workbook(path)
    yield at.STORED[0], book[at.RESULTS][at.STORED[0].a1].value
    for area in flags.typed_areas(LAYOUT):
        last = area.last._replace(column=area.last.column + area.shift)
        for row in book[area.first.sheet][f"{area.copy.a1}:{last.a1}"]:
            yield from ((Spot(area.first.sheet, cell.row, cell.column), cell.value) for cell in row)


def test_ironcalc_and_hyperformula_see_what_was_edited_since_the_validation(
    template: Path, flagged: Path
) -> None:
    import ironcalc

    model = ironcalc.load_from_xlsx(str(template), "en", "Asia/Shanghai", "en")
    sheets = {name: n for n, name in enumerate(LAYOUT.sheet_names)}
    for spot, content in stored(flagged):
        place = sheets[spot.sheet], spot.row, spot.column
        if isinstance(content, str):
            model.update_cell_with_text(*place, content)
        elif content is not None:
            model.update_cell_with_number(*place, float(content))
    line = sheets[at.RESULTS], at.VERDICT.row, at.VERDICT.column
    typed = Case(0).inputs[Cell.parse("requests.granted.natural")]
    assert isinstance(typed, int)
    for value, words in ((typed, flags.UNCHANGED), (4711, flags.CHANGED), (typed, flags.UNCHANGED)):
        model.update_cell_with_number(sheets[EDIT.sheet], EDIT.row, EDIT.column, float(value))
        model.evaluate()
        assert model.get_cell_value(*line) == words
    cases = [{}, {_key(EDIT): 4711}, {_key(EDIT): typed}]
    seen = [row[0] for row in hyperformula(flagged, cases, [at.VERDICT])]
    assert seen == [flags.UNCHANGED, flags.CHANGED, flags.UNCHANGED]


def test_what_onlyoffice_saved_reads_back_identical_and_undamaged(tmp_path: Path) -> None:
    report = replace(hubei(), ledger={Cell.parse("requests.granted.total"): 170})
    write(report, tmp_path / "年报.xlsx")
    before = read(tmp_path / "年报.xlsx")
    Editor(tmp_path / "年报.xlsx").save("xlsx", tmp_path / "又存.xlsx")
    after = read(tmp_path / "又存.xlsx")
    assert after == before
    assert damages(tmp_path / "又存.xlsx", after) == ()


def test_the_colours_of_a_flagged_sheet_are_seen_as_onlyoffice_draws_them(tmp_path: Path) -> None:
    slip = {Cell.parse("requests.granted.natural"): 136}
    report = replace(hubei(), figures={**hubei().figures, **slip})
    for _ in range(2):
        figures = dict(report.figures)
        figures |= {cell: added(equation, figures) for cell, equation in FORM.filled.items()}
        report = replace(report, figures=figures)
    write(report, tmp_path / "年报.xlsx")
    again = read(tmp_path / "年报.xlsx")
    mark(tmp_path / "年报.xlsx", tmp_path / "标.xlsx", again, validate(again))
    editor = Editor(tmp_path / "标.xlsx")
    editor.api.Call("GetSheet", "三、申请办理").Call("SetActive")
    editor.save("pdf", tmp_path / "标.pdf")
    drawn = _fills(tmp_path / "标.pdf")
    assert (0xF4, 0xB6, 0xB0) in drawn  # the guilty cell
    assert (0xFB, 0xE3, 0xE0) in drawn  # the others of its identity


def _fills(path: Path) -> set[tuple[int, ...]]:
    """The colours of the filled rectangles of a PDF."""
    import pdfplumber

    with pdfplumber.open(path) as pdf:
        fills = (rect["non_stroking_color"] for page in pdf.pages for rect in page.rects)
        return {tuple(round(255 * part) for part in fill) for fill in fills if fill and len(fill) == 3}
