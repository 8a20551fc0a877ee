"""Two readings of one rule: the formulas in the real template, recalculated by LibreOffice, and the checks here.

Dozens of tables by chance are typed into one workbook. After each, the sheet of checks, the hidden mirror
columns that the conditional formats read and the lines above the tables say what Python says.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import xlwings as xw

from nianbao.checks.identities import suspects
from nianbao.checks.system import sides
from nianbao.checks.validate import validate
from nianbao.core.equation import holds
from nianbao.core.form import Form
from nianbao.core.grid import Cell
from nianbao.core.number import exact
from nianbao.core.report import Report
from nianbao.workbook import layout as at
from nianbao.workbook import live
from nianbao.workbook.layout import Layout, SheetLayout, Spot
from support.books import write
from support.build import FORM, cell, hubei, tiny_report

#: Tables typed into the workbook of each form; the other engines of test_engines get theirs besides.
TABLES = {"cn-2021": 36, "xx-foi": 12}


class Typist:
    """A workbook open in LibreOffice: whole tables are typed into it and everything is read back at once."""

    def __init__(self, book: xw.Book, form: Form, app: xw.App) -> None:
        self.calculate = app.calculate
        self.form, self.layout = form, Layout(form)
        self.pages = {name: book.sheets[name].impl.xl for name in self.layout.sheet_names}
        for page in self.pages.values():
            page.unprotect("")
        self.totals = {cell: self._page(spot).getFormula() for cell, spot in self.layout.cells()}

    def _page(self, spot: Spot) -> Any:
        return self.pages[spot.sheet].getCellByPosition(spot.column - 1, spot.row - 1)

    def type(self, spots: dict[Cell, Spot], texts: dict[Cell, str]) -> None:
        """Type into cells of one sheet that form a rectangle (or, if they do not, one by one)."""
        rows = sorted({spot.row for spot in spots.values()})
        columns = sorted({spot.column for spot in spots.values()})
        if len(rows) * len(columns) != len(spots):
            for where, text in texts.items():
                self._page(spots[where]).setFormula(text)
            return
        standing = {(s.row, s.column): texts[c] for c, s in spots.items()}
        page = self.pages[next(iter(spots.values())).sheet]
        area = page.getCellRangeByPosition(columns[0] - 1, rows[0] - 1, columns[-1] - 1, rows[-1] - 1)
        area.setFormulaArray(tuple(tuple(standing[r, c] for c in columns) for r in rows))

    def block(self, sheet: str, first: Spot, last: Spot) -> list[list[Any]]:
        page = self.pages[sheet]
        area = page.getCellRangeByPosition(first.column - 1, first.row - 1, last.column - 1, last.row - 1)
        return [list(row) for row in area.getDataArray()]

    def mirrored(self, sheet: SheetLayout, block: int) -> dict[Cell, Any]:
        """What stands in a table (block 0) or beside it, by cell."""
        step = block * (sheet.width + 1)
        first, last = (spot._replace(column=spot.column + step) for spot in sheet.corners)
        values = self.block(sheet.name, first, last)
        top, left = sheet.corners[0].row, sheet.corners[0].column
        return {c: values[s.row - top][s.column - left] for c, s in sheet.spots.items()}

    def checks(self) -> list[list[Any]]:
        last = self.layout.check_row(len(self.form.equations) - 1)
        return self.block(at.CHECKS, Spot("", at.CHECKS_TOP, 6), Spot("", last, 10))

    def status(self, sheet: SheetLayout) -> str:
        return str(self.block(sheet.name, Spot("", 3, 2), Spot("", 3, 2))[0][0])


def chosen(chance: Random, form: Form, totals: dict[Cell, str], base: dict[Cell, Any]) -> dict[Cell, str]:
    """What to type into every cell: mostly consistent, with slips, blanks, texts, fractions, errors, typed totals."""
    odd, typed = chance.choice([0.0, 0.005, 0.005, 0.02, 0.05, 0.3]), chance.choice([0.0, 0.02, 0.3])
    kinds = ["", "-3", "2.5", "163件", "/", "是", "=1/0", "  "]
    empty = chance.random() < 0.1
    texts = {}
    for where in form.cells:
        total = where in form.filled
        usual = (
            totals[where]
            if total
            else ""
            if empty
            else str(chance.choice([base[where], base[where], chance.randint(0, 30)]))
        )
        if chance.random() < (typed if total else odd):
            usual = chance.choice([str(chance.randint(0, 300)), *kinds] if total else kinds)
        texts[where] = usual
    return texts


def as_report(form: Form, stood: dict[Cell, Any], previous: Report | None) -> Report:
    """The report of what the cells show now; an error comes as None."""
    figures, raw = {}, {}
    for where, value in stood.items():
        figures[where] = exact(repr(value)) if isinstance(value, float) else None
        if value is None or (isinstance(value, str) and value):
            raw[where] = "#DIV/0!" if value is None else value
    return Report(form, "某局", 2022, figures, raw, previous=previous)


@pytest.fixture(scope="module", params=["cn-2021", "xx-foi"])
def typist(
    request: pytest.FixtureRequest, app: xw.App, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Typist]:
    report = hubei() if request.param == "cn-2021" else tiny_report()
    path = tmp_path_factory.mktemp("agreement") / f"{request.param}.xlsx"
    write(report, path)
    book = app.books.open(path)
    app.calculation = "manual"
    yield Typist(book, report.form, app)
    app.calculation = "automatic"
    book.close()


def agree(typist: Typist, report: Report) -> None:
    judged = [live.judge(e, report) for e in typist.form.equations]
    shown = typist.checks()
    assert [row[3] for row in shown] == [j.verdict for j in judged]
    for row, one in zip(shown, judged, strict=True):
        assert row[:2] == pytest.approx([_shown(one.left), _shown(one.right)])
        assert row[4] == (one.verdict == live.BAD)
    _as_python(report, judged)
    for sheet in (s for s in typist.layout.sheets if s.table):
        assert typist.mirrored(sheet, 1) == {c: live.fault_value(report, c) for c in sheet.spots}
        flags = {c: live.live_value(c, report, _about(c, typist.form, judged)) for c in sheet.spots}
        assert typist.mirrored(sheet, 2) == flags
        assert typist.status(sheet) == live.status(sheet, report).value


def _shown(value: Any) -> Any:
    return "" if value is None else float(value)


def _about(where: Cell, form: Form, judged: list[live.Judged]) -> list[live.Judged]:
    pairs = zip(form.equations, judged, strict=True)
    return [j for e, j in pairs if where in e.cells and not e.uses_previous]


def _as_python(report: Report, judged: list[live.Judged]) -> None:
    """✓ and ✗ are what Python judges, and no table with a ✗ is without a finding; 待更正 stands exactly above a text or an error."""
    broken = {e for e in suspects(report) if (both := sides(e, report)) and not holds(e, both)}
    named = {cell.table for finding in validate(report) for cell in finding.cells}
    for equation, one in zip(report.form.equations, judged, strict=True):
        faulty = any(report.raw.get(c, "").strip() for c in live._beneath(equation, report.form))
        assert (one.verdict == live.MEND) == faulty
        if equation.uses_previous:
            both = sides(equation, report, report.previous)
            assert (
                faulty
                or one.verdict == live.OPEN
                or (one.verdict == live.BAD) == bool(both and both.difference)
            )
        elif one.verdict in (live.GOOD, live.BAD):
            assert (equation in broken) == (one.verdict == live.BAD)
        elif one.verdict == live.OPEN:
            assert equation not in broken
        assert one.verdict != live.BAD or equation.uses_previous or equation.rule.table in named


def test_dozens_of_tables_are_judged_alike_by_the_workbook_and_by_python(typist: Typist) -> None:
    base = {c: v or 0 for c, v in (hubei() if typist.form is FORM else tiny_report()).figures.items()}
    verdicts: set[str] = set()
    for seed in range(TABLES[typist.form.key]):
        chance = Random(seed)
        texts = chosen(chance, typist.form, typist.totals, base)
        for sheet in typist.layout.sheets:
            if sheet.table:
                typist.type(sheet.spots, {c: texts[c] for c in sheet.spots})
        previous = _last_year(chance, typist) if seed % 3 == 0 else None
        typist.calculate()
        stood = {
            c: v for s in typist.layout.sheets for c, v in (typist.mirrored(s, 0) if s.table else {}).items()
        }
        report = as_report(typist.form, stood, previous)
        agree(typist, report)
        verdicts |= {row[3] for row in typist.checks()}
        if previous:
            typist.type(*_previous(typist, {}))
    assert verdicts == {live.GOOD, live.BAD, live.OPEN, live.MEND}


def _last_year(chance: Random, typist: Typist) -> Report | None:
    figures = {c: chance.choice([0, 17, chance.randint(0, 500)]) for c in typist.layout.previous}
    if typist.form is not FORM:
        return None
    typist.type(*_previous(typist, {c: str(v) for c, v in figures.items()}))
    kept = {c: figures[c] for c in typist.layout.previous if c.table == "requests"}
    return Report(FORM, "某局", 2021, dict(kept))


def _previous(typist: Typist, texts: dict[Cell, str]) -> tuple[dict[Cell, Spot], dict[Cell, str]]:
    spots = {c: s for c, s in typist.layout.previous.items() if c.table == "requests"}
    return spots, {c: texts.get(c, "") for c in spots}


class TestOneTable:
    @pytest.fixture(scope="class")
    def one(self, app: xw.App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typist]:
        path = tmp_path_factory.mktemp("one") / "one.xlsx"
        write(hubei(), path)
        book = app.books.open(path)
        yield Typist(book, FORM, app)
        book.close()

    @pytest.mark.parametrize(
        ("typed", "line"),
        [
            ({}, "✓ 表内勾稽关系全部成立"),
            (
                {"requests.granted.natural": "136"},
                "✗ 自然人列 218≠191，差 27（共 2 处，见“勾稽核对”）",
            ),
            ({"requests.granted.natural": "163件"}, "✗ 有 1 格填的不是规范的数字，请改正红色单元格"),
            ({"requests.granted.business": ""}, "○ 还有 1 格未填，没有的请填 0"),
        ],
    )
    def test_the_line_above_it_says_what_staff_must_do(
        self, one: Typist, typed: dict[str, str], line: str
    ) -> None:
        cells = [one._page(one.layout.spot(cell(key))) for key in typed]
        before = [each.getFormula() for each in cells]
        for each, text in zip(cells, typed.values(), strict=True):
            each.setFormula(text)
        one.calculate()
        status = one.status(one.layout.section("requests"))
        cover = str(one.block(at.COVER, Spot("", 13, 2), Spot("", 13, 2))[0][0])
        for each, text in zip(cells, before, strict=True):
            each.setFormula(text)
        assert status == line
        assert line in cover
