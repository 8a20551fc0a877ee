"""Putting the open workbook right: what of the template is damaged in it (locks, number formats, validations,
conditional formats, protection, names) and how it comes back; 规范数字, 空格补 0 and 撤销, every change recorded on a
sheet and taken back from there; 导入上年 into blank cells.

Damage is judged as in a closed workbook (see workbook/repair). Read in whole areas, as every question to Excel takes
its time; written only where something differs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING, Any

from nianbao.core.files import Unreadable
from nianbao.core.form import Form
from nianbao.core.grid import square
from nianbao.core.report import Report
from nianbao.excel.book import Formula, OpenBook, areas, cover, number_of, refusals, undone_by
from nianbao.workbook import layout as at
from nianbao.workbook import repair
from nianbao.workbook.layout import Layout, Spot
from nianbao.workbook.reader import form_of, report_of
from nianbao.workbook.repair import GUARD, Damage, Look, Rectangle, described
from nianbao.workbook.tidy import RECORD, RECORD_HEADS, RECORD_TOP, TOTAL, CellChange, changes, kept
from nianbao.xlsx.expat import Hidden, Structure
from nianbao.xlsx.package import Inside, Package

if TYPE_CHECKING:
    from nianbao.workbook.table import ColourRule, NumberCheck

#: Excel's own numbers: XlDVType and what files call them; a stop; between; a conditional format by formula.
_KINDS = {1: "whole", 2: "decimal"}
_STOP, _BETWEEN, _EXPRESSION = 1, 1, 2


#: As many changes are told; all of them stand on the sheet of records.
SHOWN = 10
_NOTHING = "没有可以撤销的改动"
Content = str | float | None


def layout_of(book: OpenBook) -> Layout:
    """Where everything stands in an open workbook; raises Unreadable when it is none of ours."""
    return Layout.of(form_of(book.package([cover()]), book.name))


def read(book: OpenBook) -> tuple[Report, Layout]:
    """The report in an open workbook; raises Unreadable when it is none of ours."""
    book.calculate()
    first = book.package([cover()])
    layout = Layout.of(form_of(first, book.name))
    rest = book.package(list(areas(layout)))
    package = Package(first.names, {**first.sheets, **rest.sheets})
    report = report_of(package, book.name, layout.form)
    return repair.dated(report, layout, book.number_format), layout


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
    for look, alike in _areas(looks).items():
        for area in alike:
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
        alike: list[Rectangle] = []
        for spots in runs(spot for spot, each in looks.items() if each == look):
            run = Rectangle(spots[0].row, spots[0].column, spots[-1].row, spots[-1].column)
            above = next(
                (n for n, r in enumerate(alike) if r.bottom == run.top - 1 and r[1::2] == run[1::2]), None
            )
            if above is None:
                alike.append(run)
            else:
                alike[above] = alike[above]._replace(bottom=run.bottom)
        rectangles[look] = alike
    return rectangles


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
    return [str(item.AppliesTo.Address).replace(",", " ") for item in _conditional_formats(page)]


def _conditional_formats(page: Any) -> list[Any]:
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
    for item in reversed(_conditional_formats(page)):
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


# Contents


def put_right(book: OpenBook, *, zeros: bool) -> str:
    """Make the changes and record them; what to tell the user. On any failure every cell is as it was."""
    report, _ = read(book)
    made = changes(report, zeros=zeros)
    damaged = [damage for damage in damages(book, report) if damage.kind != GUARD]
    spots = [*(change.at for change in made), *(damage.at for damage in damaged)]
    if spots:
        with book.quiet(), book.unlocked(_sheets(spots)):
            restore(book, report.form, damaged)
            before = [_stands(book, change.at) for change in made]
            _write(book, [(change.at, _content(change.after, change.kind)) for change in made])
            if made:
                _record(book, made, before)
    return "\n".join([*_listed(made, damaged), *described(damaged), *kept(report)])


def take_back(book: OpenBook) -> str:
    """Put back what stood in the cells before the last run, but for those that were edited since."""
    recorded = _recorded(book)
    edited = [at for at, _, after, kind in recorded if not _same(_stands(book, at), _content(after, kind))]
    back = [(at, before) for at, before, _, _ in recorded if at not in edited]
    with book.quiet(), book.unlocked(_sheets(at for at, _ in back)):
        _write(book, [(at, _content(value, "")) for at, value in back])
        _empty_record(book, f"上次的改动已撤销（{len(back)} 格）。")
    later = "".join(f"\n{at.sheet} {at.a1}：改动后又编辑过，没有恢复" for at in edited[:SHOWN])
    return f"已撤销 {len(back)} 格，恢复为原内容。{later}"


def _write(book: OpenBook, wanted: Sequence[tuple[Spot, Content]]) -> None:
    """Write the cells; when one is refused, those before it get back what stood there."""
    before: list[tuple[Spot, Content]] = []

    def put_back() -> None:
        for at, value in before:
            book.put(at, [[_content(value, "")]])

    with undone_by(put_back):
        for at, value in wanted:
            before.append((at, _stands(book, at)))
            if not isinstance(value, str):
                book.as_number(at)
            book.put(at, [[value]])


def _stands(book: OpenBook, at: Spot) -> Content:
    """What is typed in a cell: its formula, or its value."""
    formula = book.formula(at)
    if formula.startswith("="):
        return Formula(formula)
    value = book.value(at)
    return value if value is None or isinstance(value, str) else float(value)


def _content(value: object, kind: str) -> Content:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return Formula(value) if kind == TOTAL or isinstance(value, Formula) else value
    return float(str(value))


def _same(current: Content, wrote: Content) -> bool:
    if isinstance(wrote, Formula):  # an application may write a formula down in its own way
        return isinstance(current, Formula)
    return current == wrote and isinstance(current, Formula) == isinstance(wrote, Formula)


def _record(book: OpenBook, made: Sequence[CellChange], before: Sequence[Content]) -> None:
    """The changes on a sheet of their own, in place of those of the run before."""
    if RECORD not in book.sheet_names:
        book.add_sheet(RECORD)
    _empty_record(book, f"共改动 {len(made)} 格。点“撤销”恢复原内容；也可照“原内容”一栏改回。")
    book.put(Spot(RECORD, RECORD_TOP - 1, 1), [list(RECORD_HEADS)])
    rows: list[list[Content]] = []
    for number, (change, content) in enumerate(zip(made, before, strict=True), 1):
        after = str(change.after) if change.kind == TOTAL else _content(change.after, "")
        rows.append(
            [number, change.at.sheet, change.at.a1, change.name, _as_text(content), after, change.kind]
        )
    book.put(Spot(RECORD, RECORD_TOP, 1), rows)


def _as_text(content: Content) -> Content:
    return str(content) if isinstance(content, Formula) else content


def _empty_record(book: OpenBook, words: str) -> None:
    book.empty(Spot(RECORD, 1, 1), book.bottom(RECORD), len(RECORD_HEADS))
    book.put(Spot(RECORD, 1, 1), [[RECORD], [words]])


def _recorded(book: OpenBook) -> list[tuple[Spot, Content, object, str]]:
    """Cell, content before, content after and kind of every change of the last run; raises Unreadable where none is."""
    if RECORD not in book.sheet_names:
        raise Unreadable(book.name, _NOTHING, "“撤销”恢复的是上一次“规范数字”或“空格补 0”的改动")
    recorded: list[tuple[Spot, Content, object, str]] = []
    for row in book.block(Spot(RECORD, RECORD_TOP, 1), max(book.bottom(RECORD), RECORD_TOP), 7):
        _, sheet, place, _, before, after, kind = row
        cell = square(place) if isinstance(place, str) else None
        if cell is not None and sheet in book.sheet_names:
            recorded.append((Spot(str(sheet), *cell), before, after, str(kind)))
    if not recorded:
        raise Unreadable(book.name, _NOTHING, "“撤销”恢复的是上一次“规范数字”或“空格补 0”的改动")
    return recorded


def _sheets(spots: Iterable[Spot]) -> list[str]:
    return sorted({spot.sheet for spot in spots})


def _listed(made: Sequence[CellChange], damaged: Sequence[Damage]) -> list[str]:
    if not made:
        rest = "只按模板恢复了下列内容：" if damaged else "工作簿没有改动。"
        return [f"没有需要规范的单元格，{rest}"]
    more = [f"……另有 {len(made) - SHOWN} 格"] if len(made) > SHOWN else []
    head = f"已改动 {len(made)} 格，逐格列在“{RECORD}”；点“撤销”恢复。"
    return [head, *map(str, made[:SHOWN]), *more]


def put_runs(book: OpenBook, fill: Mapping[Spot, Content]) -> None:
    """Write the cells, neighbours in one call; all of them were blank, so a failure leaves them blank again."""

    def empty() -> None:
        for run in runs(fill):
            book.empty(run[0], run[0].row, run[-1].column)

    with undone_by(empty):
        for run in runs(fill):
            book.put(run[0], [[fill[spot] for spot in run]])


def runs(spots: Iterable[Spot]) -> Iterator[Sequence[Spot]]:
    """Cells that stand side by side in a row, together."""
    ordered = sorted(spots)
    for _, group in groupby(enumerate(ordered), lambda pair: (pair[1][:2], pair[1].column - pair[0])):
        yield [spot for _, spot in group]
