"""What of the template was damaged: its formulas, locks, validations, formats and names, and how they come back."""

import copy
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nianbao.core.equation import added, totals
from nianbao.core.files import Unreadable
from nianbao.core.finding import CODES, Finding
from nianbao.core.form import Form
from nianbao.core.grid import Anchor, Cell, column_name
from nianbao.core.number import Figure, day
from nianbao.core.report import Report, with_figures
from nianbao.workbook import flags, live
from nianbao.workbook import layout as at
from nianbao.workbook.layout import Layout, Spot
from nianbao.xlsx.expat import Structure
from nianbao.xlsx.package import Inside, read_inside
from nianbao.xlsx.value import address, is_date

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.worksheet import Worksheet

RULE = "form.damaged"
FORMULA, LOCK, VALIDATION, FORMAT, COLOUR, GUARD, NAME = (
    "核对公式",
    "锁定",
    "输入校验",
    "数字格式",
    "标色规则",
    "工作表保护",
    "名称",
)
#: So many cells are named.
NAMED = 4
_REFERENCE = re.compile(r"\$?[A-Z]{1,3}\$?[0-9]+(?::\$?[A-Z]{1,3}\$?[0-9]+)?")


class Damage(NamedTuple):
    """One thing that is not as the template has it: where, and which kind."""

    at: Spot
    kind: str


@lru_cache(maxsize=8)
def formulas(form: Form) -> Mapping[Spot, str]:
    """Every formula of the live checks, by its cell; no total (one that is typed over may be meant)."""
    layout, report = Layout.of(form), Report(form, "", None, dict.fromkeys(form.cells))
    by_spot: dict[Spot, str] = {}
    for sheet in layout.sheets:
        for cell in sheet.spots:
            by_spot[sheet.fault(cell)] = live.fault(cell, report).formula
            by_spot[sheet.mirror(cell)] = live.mirror(cell, report).formula
            by_spot[sheet.live(cell)] = live.live(sheet, cell, report).formula
        for cell in sheet.ledger:
            by_spot[sheet.ledger_flag(cell)] = live.ledger_flag(sheet, cell, report).formula
        if sheet.table:
            by_spot[Spot(sheet.name, 3, at.LEFT)] = live.status(sheet, report).formula
    for index, equation in enumerate(form.equations):
        row = layout.check_row(index)
        line = live.check_row(index, report)
        for column, value in enumerate(line[:4], 6):
            by_spot[Spot(at.CHECKS, row, column)] = value.formula
        by_spot[Spot(at.CHECKS, row, 10)] = line.bad.formula
        by_spot[Spot(at.CHECKS, row, 11)] = live.sentence(equation, layout, row, report).formula
    by_spot[at.EDITED], by_spot[at.VERDICT] = flags.edited(layout), flags.verdict()
    return by_spot


def spelled(formula: str) -> tuple[str, ...]:
    """What makes out a formula however a program spells it: its references in order."""
    return tuple(match.replace("$", "") for match in _REFERENCE.findall(formula.upper()))


def damaged_formulas(form: Form, stand: Mapping[str, Mapping[tuple[int, int], str]]) -> Iterator[Spot]:
    """The cells of sheets that are there whose formula is gone, or refers to something else."""
    for spot, formula in formulas(form).items():
        if spot.sheet in stand:
            now = stand[spot.sheet].get((spot.row, spot.column), "")
            if now != formula[1:] and ("#REF!" in now or spelled(now) != spelled(formula)):
                yield spot


def damages(source: Path, report: Report) -> tuple[Damage, ...]:
    """What of the template is damaged in a workbook from which ``report`` was read; none in what is no workbook."""
    try:
        return compared(read_inside(source, Layout.of(report.form).sheet_names), report)
    except Unreadable:
        return ()


def compared(inside: Inside, report: Report) -> tuple[Damage, ...]:
    """What of the template is damaged in what was read of a workbook, closed or open."""
    layout = Layout.of(report.form)
    if report.scope == at.SCOPES[1]:
        return ()  # a summary is computed, nobody types in it
    moved = _moved(report, layout)
    pages = {name: page for name, page in inside.sheets.items() if name not in moved}
    elsewhere = (at.CHECKS, at.RESULTS) if moved else ()  # formulas there follow what was moved
    present = {name: page.formulas for name, page in pages.items() if name not in elsewhere}
    damaged = [Damage(spot, FORMULA) for spot in damaged_formulas(report.form, present)]
    for name, page in pages.items():
        damaged += _cells(looks(report.form).get(name, {}), page, inside.looks)
    damaged += [
        Damage(Spot(name, 1, 1), GUARD)
        for name in layout.sheet_names
        if name in inside.sheets and not inside.sheets[name].protected
    ]
    damaged += [Damage(Spot(at.COVER, 1, 1), NAME) for name in at.names() if lost(inside.names.get(name, ""))]
    return tuple(damaged)


def lost(refers_to: str) -> bool:
    """Whether a name no longer leads to a cell."""
    return "!" not in refers_to or "#REF!" in refers_to


def _moved(report: Report, layout: Layout) -> frozenset[str]:
    """The sheets whose rows or columns are not where the form has them: what is ours is there, but elsewhere."""
    tables = (sheet for sheet in layout.sheets if sheet.table)
    names = [sheet.name for sheet in tables if report.figures.keys().isdisjoint(sheet.spots)]
    shifted = any(f.rule == "form.layout" and f.at and f.at.area == "previous" for f in report.problems)
    return frozenset([*names, at.PREVIOUS] if shifted else names)


class Look(NamedTuple):
    """A cell as the template has it: locked or not, its number format and kind of validation (empty: any), coloured or
    not."""

    locked: bool
    code: str = ""
    kind: str = ""
    coloured: bool = False


@lru_cache(maxsize=8)
def looks(form: Form) -> Mapping[str, Mapping[Spot, Look]]:
    """The cells in which staff type, and the totals among them, by sheet."""
    layout = Layout.of(form)
    by_spot: dict[Spot, Look] = {
        spot: Look(locked=False) for key, (_, spot) in at.COVER_FIELDS.items() if key not in at.FIXED_FIELDS
    }
    for sheet in layout.sheets:
        rows = at.NOTE_ROWS if sheet.table else at.TEXT_ROWS
        by_spot |= {sheet.paragraph(n): Look(locked=False) for n in range(1, rows + 1)}
        for cell, spot in sheet.spots.items():
            total = cell in form.filled
            column = form.column(cell)
            kind = "" if total else at.number_kind(column)
            by_spot[spot] = Look(total, at.number_code(column), kind, coloured=True)
        for cell, spot in sheet.ledger.items():
            by_spot[spot] = Look(False, kind=at.number_kind(form.column(cell)), coloured=True)
    for cell, spot in layout.previous.items():
        column = form.column(cell)
        by_spot[spot] = Look(False, at.number_code(column), at.number_kind(column))
    by_sheet: dict[str, dict[Spot, Look]] = {}
    for spot, look in by_spot.items():
        by_sheet.setdefault(spot.sheet, {})[spot] = look
    return by_sheet


def _cells(
    wanted: Mapping[Spot, Look], page: Structure, styles: Sequence[tuple[bool, str]]
) -> Iterator[Damage]:
    """Cells that are locked or open, take anything or another format, or are coloured no more."""
    checked: dict[str, list[Rectangle]] = {}
    for kind, area in page.validations:
        checked.setdefault(kind, []).extend(areas([area]))
    coloured = areas(page.conditions)
    for spot, look in wanted.items():
        place = spot.row, spot.column
        style = page.styles.get(place, 0)
        locked, code = styles[style] if style < len(styles) else (True, "General")
        if locked != look.locked:
            yield Damage(spot, LOCK)
        if look.kind and not any(_covers(area, place) for area in checked.get(look.kind, ())):
            yield Damage(spot, VALIDATION)
        if look.coloured and not any(_covers(area, place) for area in coloured):
            yield Damage(spot, COLOUR)
        if look.code and code != look.code:
            yield Damage(spot, FORMAT)


class Rectangle(NamedTuple):
    """Cells of a sheet, both corners included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def places(self) -> list[tuple[int, int]]:
        rows, columns = range(self.top, self.bottom + 1), range(self.left, self.right + 1)
        return [(row, column) for row in rows for column in columns]

    def parts(self) -> "list[Rectangle]":
        """Its rows, or its cells where it has but one row."""
        if self.top < self.bottom:
            return [self._replace(top=row, bottom=row) for row in range(self.top, self.bottom + 1)]
        return [self._replace(left=column, right=column) for column in range(self.left, self.right + 1)]


def areas(listed: Iterable[str]) -> list[Rectangle]:
    """The rectangles that are listed (``B5:K9 M5``), each as first row, first column, last row, last column."""
    rectangles = []
    for text in (part for sqref in listed for part in sqref.split()):
        first, _, last = text.replace("$", "").partition(":")
        if _CELL.fullmatch(first) and _CELL.fullmatch(last or first):
            rectangles.append(Rectangle(*address(first), *address(last or first)))
    return rectangles


_CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")


def _covers(area: Rectangle, place: tuple[int, int]) -> bool:
    return area.top <= place[0] <= area.bottom and area.left <= place[1] <= area.right


def inspected(source: Path, report: Report) -> Report:
    """The report with what of its workbook is damaged or hidden among its problems, and dates read as such."""
    layout = Layout.of(report.form)
    try:
        inside = read_inside(source, layout.sheet_names)
    except Unreadable:
        return report
    problems = [*findings(compared(inside, report), layout), *_hidden(inside, report, layout)]
    report = replace(report, problems=(*report.problems, *problems)) if problems else report
    return dated(report, layout, partial(_format, inside))


def _format(inside: Inside, spot: Spot) -> str:
    """The number format of a cell."""
    page = inside.sheets.get(spot.sheet)
    style = page.styles.get((spot.row, spot.column), 0) if page else 0
    return inside.looks[style][1] if style < len(inside.looks) else "General"


def dated(report: Report, layout: Layout, format_of: Callable[[Spot], str]) -> Report:
    """The report in which figures that are shown as dates stand as these dates."""
    dates: dict[Cell, Figure | str | None] = {
        cell: shown.isoformat()
        for cell, value in report.figures.items()
        if value is not None and (shown := day(value)) and is_date(format_of(layout.spot(cell)))
    }
    return _without(report, dates) if dates else report


def _without(report: Report, dates: Mapping[Cell, Figure | str | None]) -> Report:
    """The report with dates in place of figures; live totals no longer count what these looked like."""
    before = report.figures
    live = [t for t in report.live if before.get(t) == added(report.form.filled[t], before)]
    report = with_figures(report, dates)
    return with_figures(report, totals(report.form.filled, report.figures, live))


def _hidden(inside: Inside, report: Report, layout: Layout) -> Iterator[Finding]:
    """Figures in rows and columns that nobody sees, a finding a sheet."""
    for sheet in layout.sheets:
        page = inside.sheets.get(sheet.name)
        if page is None or not sheet.table:
            continue
        cells = [
            cell
            for cell, spot in sheet.spots.items()
            if page.hidden.holds(spot.row, spot.column) and (report.figures.get(cell) or cell in report.raw)
        ]
        if cells:
            spots = [sheet.spots[cell] for cell in cells]
            rows = sorted({spot.row for spot in spots if spot.row in page.hidden.rows})
            columns = sorted({spot.column for spot in spots if spot.row not in page.hidden.rows})
            named = [f"第 {'、'.join(map(str, rows))} 行"] if rows else []
            named += [f"{'、'.join(map(column_name, columns))} 列"] if columns else []
            message = f"“{sheet.name}”隐藏了{'和'.join(named)}，其中 {len(cells)} 格有数字，请取消隐藏后核对"
            yield Finding("form.hidden", CODES["form.hidden"].severity, tuple(cells), message)


def findings(damaged: Sequence[Damage], layout: Layout, *, restored: bool = False) -> Iterator[Finding]:
    """One finding a sheet, with the kinds of damage and the first cells of each.

    ``restored``: all is put back at once, but for the protection of a sheet, which staff may have taken off on purpose.
    """
    for name in layout.sheet_names:
        here = [damage for damage in damaged if damage.at.sheet == name]
        if not here:
            continue
        kinds = [
            _kind(kind, [d.at for d in here if d.kind == kind])
            for kind in dict.fromkeys(d.kind for d in here)
        ]
        message = f"“{name}”与模板不同：{'、'.join(kinds)}，{_outcome(here) if restored else '表上的实时核对可能不准'}"
        yield Finding(
            RULE,
            CODES[RULE].severity,
            (),
            message,
            at=Anchor("sheet", name, here[0].at.row, here[0].at.column),
        )


def _outcome(damaged: Sequence[Damage]) -> str:
    open_, others = (any((d.kind == GUARD) == guard for d in damaged) for guard in (True, False))
    words = ["已按模板恢复"] if others else []
    return "；".join([*words, "填完后请在“审阅”中保护工作表（不设密码）"] if open_ else words)


def _kind(kind: str, spots: Sequence[Spot]) -> str:
    if kind in (GUARD, NAME):
        return f"{kind}已取消" if kind == GUARD else f"{kind}缺失"
    named = "、".join(spot.a1 for spot in spots[:NAMED]) + ("等" if len(spots) > NAMED else "")
    return f"{kind} {len(spots)} 处（{named}）"


@lru_cache(maxsize=4)
def _pristine(form: Form) -> "Workbook":
    """The template of a form as openpyxl holds it."""
    from openpyxl import load_workbook

    from nianbao.workbook.writer import blank, write

    with tempfile.TemporaryDirectory() as folder:
        write(blank(form, form.years[0]), Path(folder) / "模板.xlsx")
        return load_workbook(Path(folder) / "模板.xlsx")


def restore(book: "Workbook", form: Form, damaged: Sequence[Damage]) -> None:
    """Put back what is damaged in a workbook that openpyxl holds; nothing that was typed is touched."""
    if not damaged:
        return
    from openpyxl.styles import Protection

    model = _pristine(form)
    for spot, kind in damaged:
        if spot.sheet not in book.sheetnames:
            continue
        page, made = book[spot.sheet], model[spot.sheet]
        if kind == FORMULA:
            page.cell(spot.row, spot.column).value = formulas(form)[spot]
        elif kind in (LOCK, FORMAT):
            cell = page.cell(spot.row, spot.column)
            cell.protection = Protection(locked=made.cell(spot.row, spot.column).protection.locked)
            cell.number_format = made.cell(spot.row, spot.column).number_format
        elif kind == GUARD:
            page.protection = copy.copy(made.protection)
    for name in {d.at.sheet for d in damaged if d.kind in (VALIDATION, COLOUR)} & set(book.sheetnames):
        _rules(book[name], model[name])
    if any(d.kind == NAME for d in damaged):
        for name in at.names():
            book.defined_names[name] = copy.copy(model.defined_names[name])


def _rules(page: "Worksheet", made: "Worksheet") -> None:
    """Validations and conditional formats of a sheet as the template has them; the user's own stay."""
    from openpyxl.formatting.formatting import ConditionalFormattingList

    ours = {
        skeleton(formula)
        for block in made.conditional_formatting
        for r in block.rules
        for formula in r.formula
    }
    whole = ConditionalFormattingList()
    for block in made.conditional_formatting:
        for rule in block.rules:
            whole.add(str(block.sqref), rule)
    for block in page.conditional_formatting:
        for rule in block.rules:
            if ours.isdisjoint(map(skeleton, rule.formula)):
                rule.priority = 0  # after the template's
                whole.add(str(block.sqref), rule)
    page.conditional_formatting = whole
    checks = made.data_validations.dataValidation
    own = [v for v in page.data_validations.dataValidation if not any(_alike(v, check) for check in checks)]
    page.data_validations.dataValidation = [*checks, *own]


def _alike(one: "DataValidation", ours: "DataValidation") -> bool:
    """Whether a validation is one of the template's, wherever it was dragged, or stands on one of its cells."""
    fields = ("type", "operator", "formula1", "formula2", "error", "prompt")
    on_ours = any(not a.isdisjoint(b) for a in one.sqref.ranges for b in ours.sqref.ranges)
    return on_ours or all(getattr(one, field) == getattr(ours, field) for field in fields)


#: An address, or what is left of one whose cell is gone.
_ADDRESS = re.compile(r"\$?[A-Z]{1,3}\$?[0-9]+|#REF!")


def skeleton(formula: str) -> str:
    """A formula without its addresses, by which ours are known wherever they were dragged."""
    return _ADDRESS.sub("#", formula.replace(" ", ""))


def described(damaged: Sequence[Damage]) -> list[str]:
    """What was put back, in words, a line a sheet and kind."""
    groups: dict[tuple[str, str], list[Spot]] = {}
    for spot, kind in damaged:
        groups.setdefault((spot.sheet, kind), []).append(spot)
    return [f"{sheet}　恢复{_kind(kind, spots)}" for (sheet, kind), spots in groups.items()]
