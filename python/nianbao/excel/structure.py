"""What of the template stands in the open workbook beside contents, and how it comes back: locks, number formats,
validations, conditional formats, protection and names.

It is compared as a closed workbook is (see workbook/repair). Read in whole areas, as every question to Excel takes its
time; written only where something differs. Sheets are unprotected by who calls.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Any

from nianbao.core.form import Form
from nianbao.core.report import Report
from nianbao.excel.book import Formula, OpenBook, number_of, refusals
from nianbao.workbook import layout as at
from nianbao.workbook import repair
from nianbao.workbook.layout import Layout, Spot
from nianbao.workbook.repair import Damage, Look, Rectangle
from nianbao.xlsx.expat import Hidden, Structure
from nianbao.xlsx.package import Inside

if TYPE_CHECKING:
    from nianbao.workbook.table import ColourRule, NumberCheck

#: Excel's own numbers: XlDVType and what files call them; a stop; between; a conditional format by formula.
_KINDS = {1: "whole", 2: "decimal"}
_STOP, _BETWEEN, _EXPRESSION = 1, 1, 2


def damages(book: OpenBook, report: Report) -> tuple[Damage, ...]:
    """What of the template is damaged in the open workbook from which ``report`` was read; none in a summary."""
    if at.DETAIL in book.sheet_names:
        return ()
    layout = Layout.of(report.form)
    looks, styles = repair.looks(report.form), list[tuple[bool, str]]()
    formulas = _formulas(book, report.form)
    sheets = {
        name: _structure(book, name, looks.get(name, {}), formulas.get(name, {}), styles)
        for name in layout.sheet_names
        if name in book.sheet_names
    }
    names = {name: _refers_to(book, name) for name in at.names()}
    return repair.compared(Inside(sheets, styles, names), report)


def _formulas(book: OpenBook, form: Form) -> dict[str, dict[tuple[int, int], str]]:
    """The formulas of every area in which the template has some."""
    formulas = {}
    spots = sorted(repair.formulas(form), key=lambda spot: spot.sheet)
    for sheet, group in groupby(spots, key=lambda spot: spot.sheet):
        if sheet in book.sheet_names:
            rows, columns = zip(*((spot.row, spot.column) for spot in group), strict=True)
            formulas[sheet] = book.formulas(Spot(sheet, min(rows), min(columns)), max(rows), max(columns))
    return formulas


def _structure(
    book: OpenBook,
    name: str,
    looks: Mapping[Spot, Look],
    formulas: dict[tuple[int, int], str],
    styles: list[tuple[bool, str]],
) -> Structure:
    page = book.pages[name]

    def ask(area: Rectangle) -> Any:
        return page.range(area[:2], area[2:])

    locked: dict[tuple[int, int], Any] = {}
    codes: dict[tuple[int, int], Any] = {}
    validations: list[tuple[str, str]] = []
    for look, areas in _areas(looks).items():
        for area in areas:
            locked |= _each(area, lambda part: ask(part).api.Locked)
            if look.code:
                codes |= _each(area, lambda part: ask(part).number_format)
            if look.kind:
                kinds = _each(area, lambda part: _kind(ask(part)))
                validations += [(kind, Spot(name, *place).a1) for place, kind in kinds.items() if kind]
    numbers: dict[tuple[int, int], int] = {}
    for place, lock in locked.items():
        style = (bool(lock), str(codes.get(place) or ""))
        if style not in styles:
            styles.append(style)
        numbers[place] = styles.index(style)
    coloured = _conditions(page) if any(look.coloured for look in looks.values()) else []
    protected, hidden = bool(page.api.ProtectContents), Hidden(set(), [])
    return Structure(formulas, numbers, validations, coloured, protected, hidden)


def _areas(looks: Mapping[Spot, Look]) -> dict[Look, list[Rectangle]]:
    """The cells that look alike, in as few rectangles as there are with ease."""
    rectangles: dict[Look, list[Rectangle]] = {}
    for look in dict.fromkeys(looks.values()):
        runs: list[Rectangle] = []
        for run in _runs(sorted((s.row, s.column) for s, each in looks.items() if each == look)):
            above = next(
                (n for n, r in enumerate(runs) if r.bottom == run.top - 1 and r[1::2] == run[1::2]), None
            )
            if above is None:
                runs.append(run)
            else:
                runs[above] = runs[above]._replace(bottom=run.bottom)
        rectangles[look] = runs
    return rectangles


def _runs(places: Sequence[tuple[int, int]]) -> Iterator[Rectangle]:
    """Cells that stand side by side in a row, together."""
    for (row, _), group in groupby(enumerate(places), lambda pair: (pair[1][0], pair[1][1] - pair[0])):
        columns = [column for _, (_, column) in group]
        yield Rectangle(row, columns[0], row, columns[-1])


def _each(area: Rectangle, ask: Callable[[Rectangle], Any]) -> dict[tuple[int, int], Any]:
    """What each cell of an area says: one question where all say the same, which is so but for what was damaged."""
    answer = ask(area)
    if answer is not None or area[:2] == area[2:]:
        return dict.fromkeys(area.places, answer)
    return {place: answer_of for part in area.parts() for place, answer_of in _each(part, ask).items()}


def _kind(cells: Any) -> str | None:
    """The kind of validation that cells share; None where they have several, or none (Excel then refuses to answer)."""
    with suppress(*refusals()):
        return _KINDS.get(cells.api.Validation.Type, "other")
    return None


def _conditions(page: Any) -> list[str]:
    """Where the conditional formats of a sheet apply."""
    return [str(item.AppliesTo.Address).replace(",", " ") for item in _listed(page)]


def _listed(page: Any) -> list[Any]:
    every = page.api.Cells.FormatConditions
    return [every.Item(number) for number in range(1, every.Count + 1)]


def _refers_to(book: OpenBook, name: str) -> str:
    names = book.book.names
    return str(names[name].refers_to or "") if name in names else ""


# Putting back


def restore(book: OpenBook, form: Form, damaged: Sequence[Damage]) -> None:
    """Put back what is damaged, on sheets that are not protected; nothing that was typed is touched.

    A sheet that staff left unprotected stays so.
    """
    for kind, put_back in _WAYS.items():
        by_sheet: dict[str, list[Spot]] = {}
        for damage in damaged:
            if damage.kind == kind and damage.at.sheet in book.sheet_names:
                by_sheet.setdefault(damage.at.sheet, []).append(damage.at)
        for name, spots in by_sheet.items():
            put_back(book, form, name, spots)


def _put_formulas(book: OpenBook, form: Form, _name: str, spots: Sequence[Spot]) -> None:
    for spot in spots:
        book.put(spot, [[Formula(repair.formulas(form)[spot])]])


def _put_locks(book: OpenBook, form: Form, name: str, spots: Sequence[Spot]) -> None:
    for spot in spots:
        whole = book.pages[name].range((spot.row, spot.column)).merge_area
        whole.api.Locked = repair.looks(form)[name][spot].locked


def _put_formats(book: OpenBook, form: Form, name: str, spots: Sequence[Spot]) -> None:
    for spot in spots:
        whole = book.pages[name].range((spot.row, spot.column)).merge_area
        whole.number_format = repair.looks(form)[name][spot].code


def _put_validations(book: OpenBook, form: Form, name: str, spots: Sequence[Spot]) -> None:
    for check in _number_checks(form, name):
        if any(_within(spot, check.first, check.last) for spot in spots):
            rule = book.pages[name].range(check.first[1:], check.last[1:]).api.Validation
            given = check.options
            rule.Delete()
            kind = next(number for number, kind in _KINDS.items() if kind == given["validate"])
            rule.Add(kind, _STOP, _BETWEEN, str(given["minimum"]), str(given["maximum"]))
            rule.ErrorTitle, rule.ErrorMessage = given["error_title"], given["error_message"]
            if "input_message" in given:
                rule.InputTitle, rule.InputMessage = given["input_title"], given["input_message"]


def _number_checks(form: Form, name: str) -> "Iterator[NumberCheck]":
    """The validations of a sheet as the template has them."""
    from nianbao.workbook.table import number_checks, previous_checks

    layout = Layout.of(form)
    if name == at.PREVIOUS:
        return previous_checks(form, layout)
    return number_checks(form, next(sheet for sheet in layout.sheets if sheet.name == name))


def _within(spot: Spot, first: Spot, last: Spot) -> bool:
    return first.row <= spot.row <= last.row and first.column <= spot.column <= last.column


def _put_colours(book: OpenBook, form: Form, name: str, _spots: Sequence[Spot]) -> None:
    """The conditional formats of a table: what is left of ours goes, whole ones come; the user's own stay.

    Relative references in a formula are counted from the active cell, so the first cell is selected meanwhile.
    """
    from nianbao.workbook.styles import FLAGS
    from nianbao.workbook.table import colour_rules

    page = book.pages[name]
    rules = list(colour_rules(next(sheet for sheet in Layout.of(form).sheets if sheet.name == name)))
    ours = {repair.skeleton(rule.formula) for rule in rules}
    for item in reversed(_listed(page)):
        if repair.skeleton(str(getattr(item, "Formula1", ""))) in ours and _touches(item, rules):
            item.Delete()
    page.activate()
    for rule in rules:
        page.range(rule.first[1:]).select()
        area = page.range(rule.first[1:], rule.last[1:])
        made = area.api.FormatConditions.Add(_EXPRESSION, 0, rule.formula)
        made.StopIfTrue = rule.stops
        look = FLAGS[rule.flag]
        made.Interior.Color = number_of(look["bg_color"])
        if "font_color" in look:
            made.Font.Color = number_of(look["font_color"])
        if look.get("bold"):
            made.Font.Bold = True


def _touches(item: Any, rules: "Sequence[ColourRule]") -> bool:
    """Whether a conditional format applies to a cell of ours."""
    applied = repair.areas([str(item.AppliesTo.Address).replace(",", " ")])
    return any(
        area.top <= rule.last.row
        and area.bottom >= rule.first.row
        and area.left <= rule.last.column
        and area.right >= rule.first.column
        for area in applied
        for rule in rules
    )


def _put_names(book: OpenBook, form: Form, _name: str, _spots: Sequence[Spot]) -> None:
    for name, refers_to in at.names().items():
        if repair.lost(_refers_to(book, name)):
            book.book.names.add(name, refers_to)


_WAYS: Mapping[str, Callable[[OpenBook, Form, str, Sequence[Spot]], None]] = {
    repair.FORMULA: _put_formulas,
    repair.LOCK: _put_locks,
    repair.FORMAT: _put_formats,
    repair.VALIDATION: _put_validations,
    repair.COLOUR: _put_colours,
    repair.NAME: _put_names,
}
