"""The live checks: the formulas that work with no macro at all, each with the value it gives now."""

from functools import lru_cache
from typing import NamedTuple

from nianbao.core.equation import Equation, Term, added
from nianbao.core.form import Form
from nianbao.core.grid import Cell, runs
from nianbao.core.number import Figure
from nianbao.core.report import Report
from nianbao.workbook.layout import (
    BLANK,
    CHECKS,
    COVER,
    CROSSED,
    FAULTY,
    PREVIOUS,
    TABLE_TOP,
    Layout,
    SheetLayout,
    Spot,
    fixed,
    quoted,
)

GOOD, BAD, OPEN, MEND = "✓", "✗", "—", "待更正"
#: What counts as nothing: spaces, those of Chinese text and those that do not break.
BLANKS = " \u3000\u00a0"
#: Weight of a figure that is a number but not a proper one: identities are still judged with it.
IMPROPER = 0.001
#: So many formulas of each kind are kept: those of the forms in use, which every workbook has alike.
KEPT = 2048


class Live(NamedTuple):
    """A formula with the value it has for the figures written beside it."""

    formula: str
    value: float | int | str


class Judged(NamedTuple):
    """What the live checks say of one identity: both sides (None: not judged) and the verdict."""

    left: Figure | None
    right: Figure | None
    verdict: str


def counted(report: Report, cell: Cell) -> Figure:
    """The figure as a spreadsheet's SUM counts it: a blank or a text is 0."""
    return report.figures.get(cell) or 0


def fault_value(report: Report, cell: Cell) -> float:
    """1: a text or an error value; a thousandth: a number, but negative or not whole; 0: proper or blank."""
    if cell in report.raw:
        return 1 if report.raw[cell].strip(BLANKS) else 0
    value, column = report.figures.get(cell), report.form.column(cell)
    if value is None:
        return 0
    improper = (value < 0 and not column.signed) or (not isinstance(value, int) and not column.decimals)
    return IMPROPER if improper else 0


def _beneath(equation: Equation, form: Form) -> tuple[Cell, ...]:
    """This year's cells of an identity and all that its totals add up: a text in one of them comes first."""
    cells = list(equation.cells)
    for cell in cells:
        if cell in form.filled:
            cells += (term.cell for term in form.filled[cell].left)
    return tuple(dict.fromkeys(cells))


def judge(equation: Equation, report: Report) -> Judged:
    """The live verdict on an identity, as the formulas of the sheet of checks give it.

    Of the report that was asked about last the verdicts are kept: every figure asks for all that it stands in.
    """
    global _LATEST
    of, known = _LATEST
    if of is not report:
        known = {}
        _LATEST = report, known
    if equation not in known:
        known[equation] = _judge(equation, report)
    return known[equation]


_LATEST: tuple[Report | None, dict[Equation, Judged]] = (None, {})


def _judge(equation: Equation, report: Report) -> Judged:
    previous = report.previous
    texts = {cell for cell, text in report.raw.items() if text.strip(BLANKS)}
    if texts and not texts.isdisjoint(_beneath(equation, report.form)):
        return Judged(None, None, MEND)
    sums: list[Figure] = []
    for terms in (equation.left, equation.right):
        total: Figure = 0
        for term in terms:
            source = previous if term.previous else report
            if source is None or (term.previous and source.figures.get(term.cell) is None):
                return Judged(None, None, OPEN)
            total += counted(source, term.cell)
        sums.append(total)
    blank = all(report.figures.get(cell) is None for cell in report.form.telling(equation))
    if blank:
        return Judged(None, None, OPEN)
    good = sums[0] <= sums[1] if equation.rule.op == "<=" else sums[0] == sums[1]
    return Judged(sums[0], sums[1], GOOD if good else BAD)


def held(spot: Spot) -> str:
    """A cell as a formula reads it that cutting, dragging and pasting cannot lead astray.

    The last cell of an area whose every edge has a locked cell in it: such an area never moves with what is moved.
    """
    sheet = f"{quoted(spot.sheet)}!" if spot.sheet == PREVIOUS else ""
    top = {PREVIOUS: 1, COVER: 5}.get(spot.sheet, TABLE_TOP - 1)
    return f"INDEX({sheet}$A${top}:{fixed(spot)},{spot.row - top + 1},{spot.column})"


@lru_cache(maxsize=8)
def _totals_of(form: Form) -> dict[Cell, list[Cell]]:
    """The totals in which each cell is added up."""
    by_part: dict[Cell, list[Cell]] = {}
    for total, equation in form.filled.items():
        for term in equation.left:
            by_part.setdefault(term.cell, []).append(total)
    return by_part


def _above(form: Form, layout: SheetLayout, cell: Cell) -> bool:
    """Whether a total that depends on the cell stands above or left of it, where the area of :func:`held` would reach."""
    waiting, seen = [cell], set[Cell]()
    while waiting:
        for total in _totals_of(form).get(waiting.pop(), ()):
            if total not in seen:
                seen.add(total)
                waiting.append(total)
    spot = layout.spot(cell)
    places = [layout.spot(total) for total in seen if total in layout.spots]
    return any(place.row <= spot.row and place.column <= spot.column for place in places)


def mirror(cell: Cell, report: Report) -> Live:
    """What a figure cell holds, an empty text where that is nothing but spaces."""
    text, value = report.raw.get(cell, ""), report.figures.get(cell)
    shown = (text if text.strip(BLANKS) else "") if value is None else _shown(value)
    return Live(_mirror_formula(report.form, cell), shown)


@lru_cache(maxsize=KEPT)
def _mirror_formula(form: Form, cell: Cell) -> str:
    layout = Layout.of(form).sheet_of(cell)
    plain = cell in form.filled or _above(form, layout, cell)
    at = layout.spot(cell).a1 if plain else held(layout.spot(cell))
    bare = f'TRIM(SUBSTITUTE(SUBSTITUTE({at},"\u3000",""),"\u00a0",""))'
    return f'=IF({bare}="","",{at})'


def fault(cell: Cell, report: Report) -> Live:
    """Whether a figure cell holds what is no proper figure (see :func:`fault_value`)."""
    return Live(_own_fault_formula(report.form, cell), fault_value(report, cell))


@lru_cache(maxsize=KEPT)
def _own_fault_formula(form: Form, cell: Cell) -> str:
    at, column = Layout.of(form).sheet_of(cell).mirror(cell).a1, form.column(cell)
    improper = [] if column.signed else [f"{at}<0"]
    improper += [] if column.decimals else [f"{at}<>INT({at})"]
    number = f"IF(OR({','.join(improper)}),{IMPROPER},0)" if improper else "0"
    return f'=IF(ISERROR({at}),1,IF({at}="",0,IF(ISNUMBER({at}),{number},1)))'


@lru_cache(maxsize=8)
def _identities(form: Form) -> dict[Cell, list[int]]:
    """The identities of this year's figures in which each cell stands, by their numbers."""
    by_cell: dict[Cell, list[int]] = {}
    for index, equation in enumerate(form.equations):
        for cell in () if equation.uses_previous else equation.cells:
            by_cell.setdefault(cell, []).append(index)
    return by_cell


def live(layout: SheetLayout, cell: Cell, report: Report) -> Live:
    """The live flag of a figure: 100 for its own fault, else the number of broken identities it stands in,
    −1 for a blank in a table that has been begun (a total waits for the first of its parts).

    A total that its parts give counts at most one: it is never to blame.
    """
    form = report.form
    verdicts = [judge(form.equations[i], report) for i in _identities(form).get(cell, [])]
    value = live_value(cell, report, verdicts, layout.crossing(cell) or ())
    return Live(_flag_formula(form, cell), value)


@lru_cache(maxsize=KEPT)
def _flag_formula(form: Form, cell: Cell) -> str:
    book = Layout.of(form)
    layout, indices = book.sheet_of(cell), _identities(form).get(cell, [])
    bad = "+".join(f"{quoted(CHECKS)}!$J${book.check_row(i)}" for i in indices) or "0"
    at, own = layout.mirror(cell).a1, layout.fault(cell).a1
    begun = f"COUNT({layout_range(layout, 4, *layout.corners)})"
    total = form.filled.get(cell)
    if total is not None:
        begun = f"COUNT({','.join(runs([layout.mirror(term.cell).a1 for term in total.left]))})"
        typed = f"{quoted(CHECKS)}!$J${book.check_row(form.equations.index(total))}"
        bad = f"IF({typed}>0,{bad},MIN(1,{bad}))"
    blank = "0" if form.row(cell).optional else f"IF({begun}=0,0,{BLANK})"
    flag = f'IF({at}="",IF(({bad})>0,{bad},{blank}),{bad})'
    crossing = layout.crossing(cell)
    if crossing is not None:
        differ = "*".join(layout.ledger_flag(total).a1 for total in crossing)
        flag = f"IF({differ}>0,{CROSSED},{flag})"
    return f"=IF({own}>0,{FAULTY},{flag})"


def ledger_flag(layout: SheetLayout, cell: Cell, report: Report) -> Live:
    """1 where the own ledger says another total than the table."""
    typed, total = held(layout.ledger[cell]), layout.mirror(cell).a1
    formula = f"=IF(AND(ISNUMBER({typed}),ISNUMBER({total})),IF({typed}={total},0,1),0)"
    return Live(formula, int(_differs(cell, report)))


def _differs(total: Cell, report: Report) -> bool:
    own, figure = report.ledger.get(total), report.figures.get(total)
    return own is not None and figure is not None and own != figure


def live_value(cell: Cell, report: Report, verdicts: list[Judged], crossing: tuple[Cell, ...] = ()) -> int:
    """``crossing``: the totals of its row and column, where the own ledger may speak of both."""
    if fault_value(report, cell):
        return FAULTY
    if crossing and all(_differs(total, report) for total in crossing):
        return CROSSED
    broken = sum(j.verdict == BAD for j in verdicts)
    total = report.form.filled.get(cell)
    if total is not None and judge(total, report).verdict != BAD:
        broken = min(1, broken)
    if report.figures.get(cell) is None and not broken:
        return BLANK if _missing(report, cell) else 0
    return broken


def _missing(report: Report, cell: Cell) -> bool:
    """Whether a figure is still to be filled in: a blank in a table that has been begun; no total without parts."""
    total = report.form.filled.get(cell)
    if report.figures.get(cell) is not None or report.form.row(cell).optional:
        return False
    if total is not None:
        return any(report.figures.get(term.cell) is not None for term in total.left)
    return begun(report, cell.table)


def begun(report: Report, table: str) -> bool:
    return any(report.figures.get(cell) is not None for cell in report.form.tables[table].cells)


def total(equation: Equation, report: Report) -> Live:
    """A live total: the sum of its parts, blank while all of them are blank."""
    return Live(_total_formula(report.form, equation), _shown(added(equation, report.figures)))


@lru_cache(maxsize=KEPT)
def _total_formula(form: Form, equation: Equation) -> str:
    layout = Layout.of(form)
    parts = ",".join(runs([layout.sheet_of(term.cell).mirror(term.cell).a1 for term in equation.left]))
    return f'=IF(COUNT({parts})=0,"",SUM({parts}))'


class CheckRow(NamedTuple):
    """One line of the sheet of checks; ``bad`` is the hidden 0/1 that the cells' live flags add up."""

    left: Live
    right: Live
    difference: Live
    verdict: Live
    bad: Live


def check_row(index: int, report: Report) -> CheckRow:
    """The formulas of the n-th identity: left, right, difference, verdict, and whether it is broken."""
    judged = judge(report.form.equations[index], report)
    both = judged.left is not None and judged.right is not None
    gap = (judged.left or 0) - (judged.right or 0) if both else None
    values = (_shown(judged.left), _shown(judged.right), _shown(gap), judged.verdict)
    formulas = _check_formulas(report.form, index)
    return CheckRow(*map(Live, formulas, (*values, int(judged.verdict == BAD))))


@lru_cache(maxsize=KEPT)
def _check_formulas(form: Form, index: int) -> tuple[str, ...]:
    equation, layout = form.equations[index], Layout.of(form)
    row = layout.check_row(index)
    open_, faults = _blank_formula(equation, layout), _fault_formula(equation, layout)

    def side(terms: tuple[Term, ...]) -> str:
        inner = f"SUM({','.join(_joined([_address(term, layout) for term in terms]))})"
        return f'=IF({faults}>=1,"",IF({open_},"",{inner}))'

    sign = "<=0" if equation.rule.op == "<=" else "=0"
    verdict = f'=IF({faults}>=1,"{MEND}",IF(F{row}="","{OPEN}",IF(H{row}{sign},"{GOOD}","{BAD}")))'
    return (
        side(equation.left),
        side(equation.right),
        f'=IF(F{row}="","",ROUND(F{row}-G{row},6))',
        verdict,
        f'=IF(I{row}="{BAD}",1,0)',
    )


def _shown(value: Figure | None) -> float | str:
    """A cached value as Excel would save it: a whole number without a decimal point."""
    if value is None:
        return ""
    return value if isinstance(value, int) else float(value)


def _address(term: Term, layout: Layout) -> str:
    if term.previous:
        return held(layout.previous[term.cell])
    return layout.sheet_of(term.cell).mirror(term.cell).full()


def _fault_formula(equation: Equation, layout: Layout) -> str:
    own = [layout.sheet_of(cell).fault(cell) for cell in _beneath(equation, layout.form)]
    down = sorted(own, key=lambda spot: (spot.sheet, spot.column, spot.row))
    return f"SUM({','.join(runs([spot.full() for spot in down]))})"


def _blank_formula(equation: Equation, layout: Layout) -> str:
    """True while there is nothing to judge: no figure yet but what was brought from last year, or that is missing."""
    now = [layout.sheet_of(cell).mirror(cell).full() for cell in layout.form.telling(equation)]
    nothing = f"COUNT({','.join(runs(now))})=0"
    last = [_address(t, layout) for t in (*equation.left, *equation.right) if t.previous]
    missing = [f"NOT(ISNUMBER({at}))" for at in last]
    return f"OR({','.join([nothing, *missing])})" if last else nothing


def status(layout: SheetLayout, report: Report) -> Live:
    """The line above a table: what the live checks say of it, in words; the first difference with its column."""
    assert layout.table is not None
    return Live(_status_formula(report.form, layout.table.key), _status_value(layout, report))


@lru_cache(maxsize=KEPT)
def _status_formula(form: Form, table: str) -> str:
    book = Layout.of(form)
    layout = book.of_table(table)
    first, last = layout.corners
    area = layout_range(layout, 4, first, last)
    faults, flags = f"{layout_range(layout, 1, first, last)}", f"{layout_range(layout, 2, first, last)}"
    broken = "".join(
        f'IF(SUM({_flags(run, "J")})>0,"{sign}"&INDEX({_flags(run, "K")},MATCH(1,{_flags(run, "J")},0))&{_more(listed)},'
        for sign, listed in _judged_rows(layout, book)
        for run in listed
    )
    count = sum(len(listed) for _, listed in _judged_rows(layout, book))
    ledger = _ledger_sum(layout)
    own = f'IF({ledger}>0,"？ 台账核对数有 "&{ledger}&" 处与表内合计不同，请核对",' if ledger else ""
    return (
        f'=IF(SUM({faults})>0,"✗ 有 "&COUNTIF({faults},">0")&" 格填的不是规范的数字，请改正红色单元格",'
        f"{broken}{own}"
        f'IF(COUNTIF({flags},{BLANK})>0,"○ 还有 "&COUNTIF({flags},{BLANK})&" 格未填，没有的请填 0",'
        f'IF(COUNT({area})=0,"○ 尚未填写","✓ 表内勾稽关系全部成立")){")" * (count + bool(ledger))})'
    )


def _ledger_sum(layout: SheetLayout) -> str:
    """How many totals the own ledger says otherwise, as a formula; nothing where no ledger may speak."""
    spots = [layout.ledger_flag(cell) for cell in layout.ledger]
    down = sorted(spots, key=lambda spot: (spot.column, spot.row))
    return f"SUM({','.join(runs([spot.a1 for spot in down]))})" if spots else ""


Run = tuple[int, int]


def _judged_rows(layout: SheetLayout, book: Layout) -> list[tuple[str, list[Run]]]:
    """The rows of a table's identities on the sheet of checks as runs: those that must hold, those to be verified."""
    assert layout.table is not None
    kinds: dict[str, list[Run]] = {"✗ ": [], "？ ": []}
    for i, equation in enumerate(book.form.equations):
        if equation.rule.table == layout.table.key:
            listed, row = kinds["✗ " if equation.rule.severity == "error" else "？ "], book.check_row(i)
            if listed and listed[-1][1] == row - 1:
                listed[-1] = (listed[-1][0], row)
            else:
                listed.append((row, row))
    return [(sign, listed) for sign, listed in kinds.items() if listed]


def _flags(run: Run, column: str) -> str:
    return f"{quoted(CHECKS)}!${column}${run[0]}:${column}${run[1]}"


def _more(listed: list[Run]) -> str:
    """How many more are broken, as a formula; nothing where it is the only one."""
    total = f"SUM({','.join(_flags(run, 'J') for run in listed)})"
    return f'IF({total}>1,"（共 "&{total}&" 处，见“勾稽核对”）","（见“勾稽核对”）")'


def sentence(equation: Equation, layout: Layout, row: int, report: Report) -> Live:
    """What is said of a broken identity on the line above its table: ``自然人列 218≠191，差 27``."""
    head = report.form.about(equation) or equation.rule.name
    sign = ">" if equation.rule.op == "<=" else "≠"
    judged = judge(equation, report)
    text = f'=IF(J{row}=1,"{head} "&F{row}&"{sign}"&G{row}&"，差 "&ABS(H{row}),"")'
    return Live(text, _sentence(equation, judged, report) if judged.verdict == BAD else "")


def _sentence(equation: Equation, judged: Judged, report: Report) -> str:
    head = report.form.about(equation) or equation.rule.name
    sign = ">" if equation.rule.op == "<=" else "≠"
    left, right = judged.left or 0, judged.right or 0
    gap: Figure = left - right if left > right else right - left
    return f"{head} {plain(left)}{sign}{plain(right)}，差 {plain(gap)}"


def plain(value: Figure) -> str:
    """A figure as a spreadsheet joins it to a text."""
    return f"{value:f}".rstrip("0").rstrip(".") if not isinstance(value, int) else str(value)


def _joined(addresses: list[str]) -> list[str]:
    """Neighbours among plain addresses as ranges; what is looked up otherwise stays as it is."""
    plain_ones = [address for address in addresses if "(" not in address]
    return [*runs(plain_ones), *(address for address in addresses if "(" in address)]


def layout_range(layout: SheetLayout, block: int, first: Spot, last: Spot) -> str:
    """The part of a hidden block beside the figures, as an absolute range."""
    step = block * (layout.width + 1)
    moved = [spot._replace(column=spot.column + step) for spot in (first, last)]
    return f"{fixed(moved[0])}:{fixed(moved[1])}"


def _status_value(layout: SheetLayout, report: Report) -> str:
    assert layout.table is not None
    key, cells = layout.table.key, layout.table.cells
    faults = sum(fault_value(report, cell) > 0 for cell in cells)
    if faults:
        return f"✗ 有 {faults} 格填的不是规范的数字，请改正红色单元格"
    for severity, sign in (("error", "✗ "), ("verify", "？ ")):
        own = [e for e in report.form.equations if e.rule.table == key and e.rule.severity == severity]
        bad = [(e, j) for e in own if (j := judge(e, report)).verdict == BAD]
        if bad:
            more = f"共 {len(bad)} 处，" if len(bad) > 1 else ""
            return f"{sign}{_sentence(*bad[0], report)}（{more}见“勾稽核对”）"
    differing = sum(_differs(cell, report) for cell in layout.ledger)
    if differing:
        return f"？ 台账核对数有 {differing} 处与表内合计不同，请核对"
    if not begun(report, key):
        return "○ 尚未填写"
    blanks = sum(_missing(report, cell) for cell in cells)
    return f"○ 还有 {blanks} 格未填，没有的请填 0" if blanks else "✓ 表内勾稽关系全部成立"
