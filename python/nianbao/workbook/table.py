"""A section's sheet with its statistical table exactly as it is printed, live totals and live flags."""

from collections.abc import Iterator, Mapping, Set
from itertools import groupby
from typing import Any, NamedTuple

from nianbao.core.equation import added
from nianbao.core.form import Column, Form
from nianbao.core.grid import Box, Cell
from nianbao.core.text import shortened
from nianbao.workbook import live
from nianbao.workbook.layout import (
    CHECKS,
    CHECKS_TOP,
    FAULTY,
    LEFT,
    NOTE_ROWS,
    PREVIOUS,
    TABLE_TOP,
    Layout,
    SheetLayout,
    Spot,
    fixed,
    height,
    number_kind,
    quoted,
)
from nianbao.workbook.styles import Sheet, Value, put, setup, write_paragraphs

FILL = "白底蓝字处填写，没有的填 0；灰底合计自动计算。"


def write_table(context: Sheet, sheet: SheetLayout) -> None:
    """Heading, live status, the printed table, and under it the rows for text beside the table."""
    assert sheet.table is not None
    page, styles = context.page, context.styles
    widths = [(1, 2.0), *((LEFT + i, width) for i, width in enumerate(sheet.table.widths))]
    setup(context, widths, hidden=sheet.hidden, title=sheet.section.heading, landscape=_wide(sheet))
    put(page, Spot("", 1, LEFT), sheet.section.heading, styles.title)
    unit, incomplete = sheet.table.columns, context.report.incomplete
    names = list(dict.fromkeys(column.unit for column in unit.values()))
    put(
        page,
        Spot("", 2, LEFT),
        f"{incomplete}计量单位：{'、'.join(names)}。{context.extra.note or FILL}",
        styles.warning if incomplete else styles.get(font_size=9.5, font_color="#616E7C"),
    )
    _status(context, sheet)
    _heights(context, sheet)
    for box in sheet.table.grid.boxes:
        _box(context, sheet, box)
    _validations(context, sheet)
    _flags(context, sheet)
    if sheet.ledger:
        _ledger(context, sheet)
    _text(context, sheet)
    page.freeze_panes(_head(sheet) - 1, 0)
    page.set_column(sheet.growth - 1, sheet.growth - 1, sum(sheet.table.widths) * 0.97)
    _print(context, sheet)


def _print(context: Sheet, sheet: SheetLayout) -> None:
    """What is printed: all but the own ledger, so the text beside a table with one stands on a page of its own."""
    last = sheet.text_top + max(NOTE_ROWS, len(context.report.narrative.get(sheet.section.key, ())) + 5) - 1
    below = any(spot.row == sheet.ledger_row for spot in sheet.ledger.values())
    ranges = [(1, sheet.ledger_row - 1), (sheet.text_top - 1, last)] if below else [(1, last)]
    first, end = LEFT, sheet.last_column
    areas = [
        f"{quoted(sheet.name)}!{fixed(Spot('', top, first))}:{fixed(Spot('', bottom, end))}"
        for top, bottom in ranges
    ]
    context.book.define_name(f"{quoted(sheet.name)}!_xlnm.Print_Area", "=" + ",".join(areas))


def _status(context: Sheet, sheet: SheetLayout) -> None:
    """The line on top: red, amber or green; a click leads to the sheet of checks."""
    page, styles, spot = context.page, context.styles, Spot("", 3, LEFT)
    page.write_url(spot.row - 1, spot.column - 1, f"internal:{quoted(CHECKS)}!B{CHECKS_TOP}", styles.status)
    put(page, spot, live.status(sheet, context.report), styles.status)
    for sign, colour in (("✗", "#B00020"), ("？", "#8A5A00"), ("✓", "#1B7F3B")):
        look = styles.colour(colour)
        page.conditional_format(
            spot.a1, {"type": "formula", "criteria": f'=LEFT(${spot.a1},1)="{sign}"', "format": look}
        )


def _head(sheet: SheetLayout) -> int:
    """The row at which the sheet begins to scroll: below the column heads where one head serves the whole table."""
    assert sheet.table is not None
    single = not any(box.kind == "title" for box in sheet.table.grid.labels)
    return sheet.corners[0].row if single and sheet.table.grid.height > 12 else TABLE_TOP


def _wide(sheet: SheetLayout) -> bool:
    """A table much wider than it is high is printed on its side."""
    assert sheet.table is not None
    return sum(sheet.table.widths) > 100 and sheet.table.grid.height < 12


def _heights(context: Sheet, sheet: SheetLayout) -> None:
    assert sheet.table is not None
    table = sheet.table
    for row, boxes in enumerate(table.grid.rows()):
        needs = [22.0]
        for box in boxes:
            if box.rows == 1:
                width = sum(table.widths[box.column : box.column + box.columns])
                needs.append(height(box.text, width, 10.5))
        context.page.set_row(TABLE_TOP + row - 1, max(needs))


def _box(context: Sheet, sheet: SheetLayout, box: Box) -> None:
    styles = context.styles
    row, column = sheet.box(box)
    if box.cell is not None:
        value = _value(context, box.cell)
        total = isinstance(value, live.Live) or box.cell in context.report.form.filled
        style = styles.figure(total, context.report.form.column(box.cell))
    else:
        tall = box.kind == "side" and box.rows > 1
        named = {"title": styles.head, "head": styles.head, "corner": styles.corner, "side": styles.side}
        style, value = styles.group if tall else named[box.kind], box.text
    if box.rows * box.columns > 1:
        last = (row + box.rows - 2, column + box.columns - 2)
        context.page.merge_range(row - 1, column - 1, *last, "", style)
    put(context.page, Spot("", row, column), value, style)
    if box.cell is not None:
        _beside(context, sheet, box.cell)


def _value(context: Sheet, cell: Cell) -> Value:
    """What is written in a figure cell: a live total where it gives what stood there, else what stood.

    In a summary the other figures are formulas too: live sums over its detail.
    """
    report = context.report
    equation = report.form.filled.get(cell)
    given = report.raw.get(cell, report.figures.get(cell))
    if equation is not None and added(equation, report.figures) == given:
        return live.total(equation, report)
    return context.extra.formulas(cell) or given


def _beside(context: Sheet, sheet: SheetLayout, cell: Cell) -> None:
    page, style = context.page, context.styles.hidden
    put(page, sheet.fault(cell), live.fault(cell, context.report), style)
    put(page, sheet.mirror(cell), live.mirror(cell, context.report), style)
    put(page, sheet.live(cell), live.live(sheet, cell, context.report), style)
    page.write_blank(sheet.mark(cell).row - 1, sheet.mark(cell).column - 1, None, style)


def _validations(context: Sheet, sheet: SheetLayout) -> None:
    computed = {cell for cell in sheet.spots if context.extra.formulas(cell) is not None}
    for check in number_checks(context.report.form, sheet, computed):
        context.page.data_validation(f"{check.first.a1}:{check.last.a1}", dict(check.options))


class NumberCheck(NamedTuple):
    """One validation: its first and last cell, and what XlsxWriter is told of it."""

    first: Spot
    last: Spot
    options: Mapping[str, Any]


def number_checks(form: Form, sheet: SheetLayout, computed: Set[Cell] = frozenset()) -> Iterator[NumberCheck]:
    """One validation for each run of inputs of a row that take the same kind of figure, then those of the own ledger.

    ``computed``: cells in which nobody types.
    """
    inputs = [cell for cell in sheet.spots if cell not in computed and cell not in form.filled]

    def kind(cell: Cell) -> tuple[int, str, str, bool, bool]:
        column = form.column(cell)
        return sheet.spot(cell).row, cell.row, column.unit, column.decimals, column.signed

    for _, run in groupby(inputs, key=kind):
        yield _number_check(form, sheet, list(run))
    for total, spot in sheet.ledger.items():
        prompt = f"本单位台账上“{form.name(total)}”的数，用来核对；可不填，不打印，不公开。"
        words = {"input_title": LEDGER, "input_message": shortened(prompt, 255)}
        yield NumberCheck(spot, spot, {**number_only(form.column(total)), **words})


def _number_check(form: Form, sheet: SheetLayout, run: list[Cell]) -> NumberCheck:
    column, row = form.column(run[0]), form.row(run[0])
    title = f"{column.name}" if len(run) == 1 else row.name.rpartition("·")[2]
    prompt = {
        "input_title": shortened(title, 32),
        "input_message": shortened(f"{row.hint}\n{_asks(column, row.optional)}", 255),
    }
    options = {**number_only(column), **(prompt if row.hint else {})}
    return NumberCheck(sheet.spot(run[0]), sheet.spot(run[-1]), options)


def previous_checks(form: Form, layout: Layout) -> Iterator[NumberCheck]:
    """The validations of last year's figures: one for all columns of a table that take the same kind of figure."""
    for table in form.tables.values():
        spots = [
            (spot, form.column(cell)) for cell, spot in layout.previous.items() if cell.table == table.key
        ]
        top, bottom = (edge(spot.row for spot, _ in spots) for edge in (min, max))
        columns = sorted({spot.column: column for spot, column in spots}.items())
        for options, run in groupby(columns, key=lambda pair: number_only(pair[1])):
            numbers = [number for number, _ in run]
            yield NumberCheck(Spot(PREVIOUS, top, numbers[0]), Spot(PREVIOUS, bottom, numbers[-1]), options)


def number_only(column: Column) -> dict[str, object]:
    """The validation of a figure cell."""
    return {
        "validate": number_kind(column),
        "criteria": "between",
        "minimum": -999_999_999_999 if column.signed else 0,
        "maximum": 999_999_999_999,
        "error_title": "请填数字",
        "error_message": f"这里只能填{_kind(column)}，不带单位、符号和文字；没有的填 0。",
    }


def _asks(column: Column, optional: bool) -> str:
    return f"单位：{column.unit}，填{_kind(column)}；" + (
        "没有此项职权的可以空着。" if optional else "没有的填 0。"
    )


def _kind(column: Column) -> str:
    whole = "数字（可带小数）" if column.decimals else "整数"
    return whole if column.signed else f"不小于 0 的{whole}"


LEDGER = "台账核对数"


def _ledger(context: Sheet, sheet: SheetLayout) -> None:
    """台账核对数: unlocked cells beside and below the table, amber where they differ; they are never printed."""
    page, styles, report = context.page, context.styles, context.report
    page.set_column(sheet.ledger_column - 1, sheet.ledger_column - 1, 12)
    beside = [spot for spot in sheet.ledger.values() if spot.column == sheet.ledger_column]
    below = [spot for spot in sheet.ledger.values() if spot.row == sheet.ledger_row]
    if beside:
        _merged(
            context, (TABLE_TOP, sheet.ledger_column, min(s.row for s in beside) - 1, sheet.ledger_column)
        )
    if below:
        _merged(context, (sheet.ledger_row, LEFT, sheet.ledger_row, min(s.column for s in below) - 1))
    for total, spot in sheet.ledger.items():
        put(page, spot, report.ledger.get(total), styles.ledger)
        put(page, sheet.ledger_flag(total), live.ledger_flag(sheet, total, report), styles.hidden)


def _merged(context: Sheet, area: tuple[int, int, int, int]) -> None:
    """The words 台账核对数 in a merged area (rows and columns from 1)."""
    top, left, bottom, right = area
    style = context.styles.ledger_head
    if (top, left) != (bottom, right):
        context.page.merge_range(top - 1, left - 1, bottom - 1, right - 1, "", style)
    put(context.page, Spot("", top, left), LEDGER, style)


def _flags(context: Sheet, sheet: SheetLayout) -> None:
    for rule in colour_rules(sheet):
        look = {"format": context.styles.flag(rule.flag), "stop_if_true": rule.stops}
        test = {"type": "formula", "criteria": rule.formula, **look}
        context.page.conditional_format(f"{rule.first.a1}:{rule.last.a1}", test)


class ColourRule(NamedTuple):
    """One conditional format: its first and last cell, its flag, its formula (as it stands in the first cell)."""

    first: Spot
    last: Spot
    flag: str
    formula: str
    stops: bool = False


def colour_rules(sheet: SheetLayout) -> Iterator[ColourRule]:
    """Conditional formats of the whole table: the validator's flag first, then what the live checks say; those of the
    own ledger."""
    first, last = sheet.corners
    last = last._replace(column=sheet.last_column)
    step = sheet.width + 1
    now, mark = (first._replace(column=first.column + block * step).a1 for block in (2, 3))
    for flag, formula in (
        ("error", f'=OR(LEFT({mark},1)="E",{now}>={FAULTY},AND({mark}="",ISNUMBER({now}),{now}>=2))'),
        ("verify", f'=LEFT({mark},1)="V"'),
        ("near", f'=OR({now}>=1,LEFT({mark},1)="N")'),
        ("blank", f"={now}=-1"),
    ):
        yield ColourRule(first, last, flag, formula, stops=True)
    beside = [spot for spot in sheet.ledger.values() if spot.column == sheet.ledger_column]
    below = [spot for spot in sheet.ledger.values() if spot.row == sheet.ledger_row]
    for spots in filter(None, (beside, below)):
        flagged = min(spots)._replace(column=min(spots).column + step)
        yield ColourRule(min(spots), max(spots), "verify", f"={flagged.a1}=1")


def _text(context: Sheet, sheet: SheetLayout) -> None:
    label = Spot("", sheet.text_top - 1, LEFT)
    style = context.styles.label
    words = "文字说明（可不填；每段一行，导出时排在表格之前）"
    context.page.merge_range(
        label.row - 1, label.column - 1, label.row - 1, sheet.last_column - 1, words, style
    )
    write_paragraphs(context, sheet, NOTE_ROWS)
