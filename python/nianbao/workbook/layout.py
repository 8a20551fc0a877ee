"""Where everything stands in the workbook: one place that writer, reader, marks and add-in share.

Rows and columns count from 1. Beside each table (or text) stand five hidden blocks of the same width:
``fault`` (formula: does the cell hold no proper figure), ``live`` (formula: what the live checks say), ``mark`` (the
validator's flag), ``mirror`` (formula: what the cell holds, whatever is cut or dragged) and what it held at the last
validation. Conditional formats on the
visible cells read ``live`` and ``mark``; every other formula reads the mirror.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil
from typing import NamedTuple
from unicodedata import east_asian_width

from nianbao.core.equation import Equation, Term
from nianbao.core.form import Column, Form, Section, Table
from nianbao.core.grid import Anchor, Box, Cell, Place, a1

COVER, PREVIOUS, CHECKS, RESULTS, EXPLANATIONS, GUIDE = (
    "封面",
    "上年数据",
    "勾稽核对",
    "校验结果",
    "审核说明",
    "填报说明",
)
#: Workbook-level name by which the add-in knows a workbook of ours; it refers to the form's key on the cover.
FORM_NAME = "nianbao.form"
#: Names of the cells that hold what the validator stored: when it ran, and what it saw.
TIME_NAME, FINGERPRINT_NAME = "nianbao.time", "nianbao.fingerprint"

LEFT = 2
TABLE_TOP = 5
TEXT_TOP = 6
TEXT_ROWS = 40
NOTE_ROWS = 12
PREAMBLE_ROWS = 8
#: Live flags: the figure's own fault; a blank in a table that has been begun. Between: broken identities.
FAULTY, BLANK = 100, -1
#: Where a row and a column cross of which the own ledger says something else.
CROSSED = 50

#: Columns of the sheet of explanations: rule, place, problem, explanation; hidden: keys, fingerprint.
EXPLANATION_COLUMNS = (2, 3, 4, 5, 6, 7)
#: What the sheet of results says before the first validation.
NOT_VALIDATED = "尚未校验。用“年报”选项卡的“校验”、年报校验网页的“标好问题的副本”或命令行 nianbao validate --mark，结果写在这里。"
#: First rows of the sheets that list things.
CHECKS_TOP = RESULTS_TOP = EXPLANATIONS_TOP = 6
#: Down to here the sheet of results is made ready for lines (there may be more).
RESULTS_LAST = 2000
PREVIOUS_TOP = 6


Lines = Mapping[str, Sequence[int]]
NO_LINES: Lines = {}

#: Row and column of a cell, counted from 1.
Square = tuple[int, int]


class Spot(NamedTuple):
    """A cell of a sheet."""

    sheet: str
    row: int
    column: int

    @property
    def a1(self) -> str:
        return a1(self.row, self.column) if self.row else ""

    def full(self) -> str:
        """The address with its sheet, as a formula needs it."""
        return f"{quoted(self.sheet)}!{self.a1}"


#: Of what stands nowhere in the workbook.
NO_SPOT = Spot("", 0, 0)
#: The line above the results; where the validator stores time and fingerprint; how many cells were edited since.
SUMMARY = Spot(RESULTS, 2, 2)
STORED = (Spot(RESULTS, 2, 10), Spot(RESULTS, 3, 10))
EDITED, VERDICT = Spot(RESULTS, 1, 11), Spot(RESULTS, 3, 2)


def fixed(spot: Spot) -> str:
    """An address that stays where it is wherever its formula is copied."""
    return f"${spot.a1.rstrip('0123456789')}${spot.row}"


def number_code(column: Column) -> str:
    """The number format of a column's figures; it keeps ``1/2`` from becoming a date."""
    return "0.####" if column.decimals else "0"


def number_kind(column: Column) -> str:
    """The kind of validation of a column's figures."""
    return "decimal" if column.decimals else "whole"


def quoted(sheet: str) -> str:
    """A sheet name as a formula needs it."""
    return "'" + sheet.replace("'", "''") + "'"


COVER_FIELDS: dict[str, tuple[str, Spot]] = {
    "agency": ("填报单位", Spot(COVER, 6, 4)),
    "agency_code": ("统一社会信用代码", Spot(COVER, 7, 4)),
    "year": ("报告年度", Spot(COVER, 8, 4)),
    "level": ("行政层级", Spot(COVER, 9, 4)),
    "scope": ("编制范围", Spot(COVER, 10, 4)),
    "authority": ("格式依据", Spot(COVER, 11, 4)),
    "form": ("表式代码", Spot(COVER, 12, 4)),
}


def names() -> Mapping[str, str]:
    """The names by which the add-in knows the workbook, and what they refer to."""
    form = COVER_FIELDS["form"][1]
    spots = {FORM_NAME: form, TIME_NAME: STORED[0], FINGERPRINT_NAME: STORED[1]}
    return {name: f"={quoted(spot.sheet)}!{fixed(spot)}" for name, spot in spots.items()}


#: The fields of the cover that nobody fills in.
FIXED_FIELDS = ("authority", "form")
#: The cover's line on what is missing in a summary.
NOTICE = Spot(COVER, 1, 2)
PREAMBLE_LABEL = Spot(COVER, 15, 2)
PREAMBLE = Spot(COVER, 16, 2)
PREVIOUS_YEAR, PREVIOUS_FORM = Spot(PREVIOUS, 3, 3), Spot(PREVIOUS, 4, 3)
#: Below the fields of the cover: what the live checks of each sheet say.
STATE = Spot(COVER, 13, 2)
LEVELS = ("国务院部门", "省级政府", "省级部门", "市级政府", "市级部门", "县级政府", "县级部门", "乡镇街道")
SCOPES = ("本级", "含下级汇总")
#: The sheet of a summary that lists its units.
DETAIL = "单位明细"
#: Its hidden sheet of the units that it adds up, and all the sheets that only a summary has.
LEAVES = "汇总构成"
SUMMARY_SHEETS = frozenset((LEAVES, DETAIL, "报送情况", "口径说明"))


@dataclass(frozen=True)
class SheetLayout:
    """One section's sheet: its table if any, and where its paragraphs begin."""

    section: Section
    table: Table | None
    totals: tuple[tuple[Cell, Equation], ...] = ()

    @property
    def name(self) -> str:
        return self.section.sheet

    @property
    def width(self) -> int:
        """Columns of the table, or one for text alone."""
        return self.table.grid.width if self.table else 1

    @property
    def text_top(self) -> int:
        """The row of the first paragraph."""
        return TABLE_TOP + self.table.grid.height + 3 if self.table else TEXT_TOP

    @property
    def last_column(self) -> int:
        return LEFT + self.width - 1

    @property
    def hidden(self) -> tuple[int, int]:
        """The first and last hidden column."""
        return self.last_column + 2, self.last_column + 5 * (self.width + 1)

    @property
    def growth(self) -> int:
        """The column beyond the hidden ones that makes the rows of merged texts grow."""
        return self.hidden[1] + 1

    def box(self, box: Box) -> tuple[int, int]:
        """Row and column of a printed box."""
        return TABLE_TOP + box.row, LEFT + box.column

    def spot(self, cell: Cell) -> Spot:
        return self.spots[cell]

    @cached_property
    def spots(self) -> dict[Cell, Spot]:
        boxes = self.table.grid.at if self.table else {}
        return {cell: Spot(self.name, *self.box(box)) for cell, box in boxes.items()}

    @property
    def ledger_column(self) -> int:
        """The column beside the table, and (:attr:`ledger_row`) the row below it, for what the own ledger says."""
        return self.last_column + 1

    @property
    def ledger_row(self) -> int:
        return TABLE_TOP + (self.table.grid.height if self.table else 0)

    @cached_property
    def beside(self) -> dict[Cell, Cell]:
        """The total of its row for every figure that is a part of one."""
        return self._parts("row")

    @cached_property
    def below(self) -> dict[Cell, Cell]:
        """The total of its column for every figure that is a part of one."""
        return self._parts("column")

    def _parts(self, line: str) -> dict[Cell, Cell]:
        def same(cell: Cell, total: Cell) -> bool:
            return bool(getattr(cell, line) == getattr(total, line))

        sums = [(total, e) for total, e in self.totals if all(same(t.cell, total) for t in e.left)]
        return {term.cell: total for total, e in sums for term in e.left}

    @cached_property
    def ledger(self) -> dict[Cell, Spot]:
        """台账核对数: where staff may type what their own ledger says of a total.

        Totals of a row stand beside it (several in one printed row one above the other), totals of a column below it.
        """
        rows: dict[int, list[Cell]] = {}
        for cell in self.spots:
            if cell in self.beside.values():
                rows.setdefault(self.spots[cell].row, []).append(cell)
        spots = {
            cell: Spot(self.name, row - len(cells) + n, self.ledger_column)
            for row, cells in rows.items()
            for n, cell in enumerate(cells, 1)
        }
        sums = [cell for cell in self.spots if cell in self.below.values()]
        return spots | {cell: Spot(self.name, self.ledger_row, self.spots[cell].column) for cell in sums}

    def ledger_flag(self, cell: Cell) -> Spot:
        """The hidden cell that says whether the ledger differs."""
        spot = self.ledger[cell]
        return spot._replace(column=spot.column + self.width + 1)

    @cached_property
    def figures(self) -> tuple[tuple[Cell, Square], ...]:
        """The figure cells in reading order, each with its row and column."""
        return tuple((cell, (spot.row, spot.column)) for cell, spot in self.spots.items())

    @cached_property
    def label_squares(self) -> tuple[Square, ...]:
        """Row and column of every printed label."""
        return tuple(self.box(box) for box in self.table.grid.labels) if self.table else ()

    @cached_property
    def label_texts(self) -> list[str]:
        """What the printed labels say."""
        return [box.text for box in self.table.grid.labels] if self.table else []

    @cached_property
    def corners(self) -> tuple[Spot, Spot]:
        """The first and last corner of the rectangle that holds all figures of the table."""
        rows = [spot.row for spot in self.spots.values()]
        columns = [spot.column for spot in self.spots.values()]
        return Spot(self.name, min(rows), min(columns)), Spot(self.name, max(rows), max(columns))

    def fault(self, cell: Cell) -> Spot:
        return self._beside(cell, 1)

    def live(self, cell: Cell) -> Spot:
        return self._beside(cell, 2)

    def mark(self, cell: Cell) -> Spot:
        return self._beside(cell, 3)

    @property
    def mark_columns(self) -> range:
        """The hidden columns of the validator's flags."""
        first = self.left_of(3)
        return range(first, first + self.width + 1)

    def left_of(self, block: int) -> int:
        """The first column of a hidden block."""
        return LEFT + block * (self.width + 1)

    def mirror(self, cell: Cell) -> Spot:
        return self._beside(cell, 4)

    def crossing(self, cell: Cell) -> tuple[Cell, Cell] | None:
        """The totals of its row and of its column of a figure that is typed, where the ledger may speak of both."""
        if cell in self.beside and cell in self.below:
            return self.beside[cell], self.below[cell]
        return None

    def _beside(self, cell: Cell, block: int) -> Spot:
        spot = self.spot(cell)
        return spot._replace(column=spot.column + block * (self.width + 1))

    def paragraph(self, number: int) -> Spot:
        """The cell of a paragraph counted from 1 (0: the section's heading)."""
        return Spot(self.name, self.text_top + number - 1 if number else 1, LEFT)

    def paragraph_mark(self, number: int) -> Spot:
        spot = self.paragraph(number)
        return spot._replace(column=spot.column + 3 * (self.width + 1))


class Layout:
    """The whole workbook of a form."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.sheets = tuple(
            SheetLayout(
                section,
                form.tables.get(section.table),
                tuple((cell, e) for cell, e in form.filled.items() if cell.table == section.table),
            )
            for section in form.sections
        )
        self._by_table = {s.section.table: s for s in self.sheets if s.section.table}
        self._by_section = {s.section.key: s for s in self.sheets}

    @classmethod
    @lru_cache(maxsize=16)
    def of(cls, form: Form) -> "Layout":
        """The layout of a form, worked out once."""
        return cls(form)

    def sheet_of(self, cell: Cell) -> SheetLayout:
        return self._by_table[cell.table]

    def of_table(self, key: str) -> SheetLayout:
        return self._by_table[key]

    def section(self, key: str) -> SheetLayout:
        return self._by_section[key]

    def spot(self, cell: Cell) -> Spot:
        return self.sheet_of(cell).spot(cell)

    def place(self, place: Place, lines: Lines = NO_LINES) -> Spot:
        """Where a paragraph stands (``lines``: the rows of each section's paragraphs, when known)."""
        rows = lines.get(place.section, ())
        if place.section == "preamble":
            spot = PREAMBLE._replace(row=PREAMBLE.row + max(place.paragraph - 1, 0))
        else:
            spot = self.section(place.section).paragraph(place.paragraph)
        known = 0 < place.paragraph <= len(rows)
        return spot._replace(row=rows[place.paragraph - 1]) if known else spot

    def anchor(self, anchor: Anchor, lines: Lines = NO_LINES) -> Spot:
        """Where that stands (``lines``: also the rows of the explanations); :data:`NO_SPOT` when nowhere."""
        if anchor.area == "cover":
            return COVER_FIELDS[anchor.key][1] if anchor.key in COVER_FIELDS else STATE
        if anchor.area == "previous":
            return PREVIOUS_YEAR
        if anchor.area == "section":
            heading = self.section(anchor.key).paragraph(0)
            return heading._replace(row=anchor.row, column=anchor.column) if anchor.row else heading
        if anchor.area == "explanation":
            rows = lines.get("explanations", ())
            row = rows[anchor.row] if anchor.row < len(rows) else EXPLANATIONS_TOP + anchor.row
            return Spot(EXPLANATIONS, row, EXPLANATION_COLUMNS[3])
        return Spot(anchor.key, anchor.row, anchor.column) if anchor.area == "sheet" else NO_SPOT

    def place_mark(self, place: Place, lines: Lines = NO_LINES) -> Spot:
        """The hidden cell of a paragraph's flag."""
        spot = self.place(place, lines)
        if place.section == "preamble":
            return spot._replace(column=PREAMBLE_MARK)
        return spot._replace(column=self.section(place.section).paragraph_mark(1).column)

    def cells(self) -> Iterator[tuple[Cell, Spot]]:
        for sheet in self.sheets:
            yield from sheet.spots.items()

    @cached_property
    def previous(self) -> dict[Cell, Spot]:
        """Where last year's figures stand: for each table a plain matrix of rows and columns."""
        spots, top = {}, PREVIOUS_TOP
        for table in self.form.tables.values():
            for r, row in enumerate(table.rows):
                for c, column in enumerate(table.columns):
                    cell = Cell(table.key, row, column)
                    if cell in table.grid.at:
                        spots[cell] = Spot(PREVIOUS, top + 2 + r, LEFT + 1 + c)
            top += len(table.rows) + 4
        return spots

    @cached_property
    def previous_labels(self) -> tuple[Mapping[Spot, str], ...]:
        """The names of the rows of last year's figures where they are printed, a mapping a table."""
        labels: dict[str, dict[Spot, str]] = {}
        for cell, spot in self.previous.items():
            name = self.form.tables[cell.table].rows[cell.row].name
            labels.setdefault(cell.table, {})[spot._replace(column=LEFT)] = name
        return tuple(labels.values())

    @cached_property
    def previous_figures(self) -> tuple[tuple[Cell, Square], ...]:
        """Last year's figures, each with its row and column."""
        return tuple((cell, (spot.row, spot.column)) for cell, spot in self.previous.items())

    @cached_property
    def previous_squares(self) -> frozenset[Square]:
        return frozenset(square for _, square in self.previous_figures)

    @cached_property
    def totals(self) -> Mapping[str, tuple[tuple[Cell, Equation, Square], ...]]:
        """The totals that the workbook computes by table, each with its identity, row and column."""
        by_table: dict[str, list[tuple[Cell, Equation, Square]]] = {}
        for cell, equation in self.form.filled.items():
            spot = self.spot(cell)
            by_table.setdefault(cell.table, []).append((cell, equation, (spot.row, spot.column)))
        return {table: tuple(totals) for table, totals in by_table.items()}

    def term(self, term: Term) -> Spot:
        """Where an identity's figure stands."""
        return self.previous[term.cell] if term.previous else self.spot(term.cell)

    def check_row(self, index: int) -> int:
        """The row of the form's n-th identity (from 0) on the sheet of checks."""
        return CHECKS_TOP + index

    @property
    def sheet_names(self) -> tuple[str, ...]:
        sections = (sheet.name for sheet in self.sheets)
        return (COVER, *sections, PREVIOUS, CHECKS, RESULTS, EXPLANATIONS, GUIDE)

    @property
    def read_sheets(self) -> tuple[str, ...]:
        """The sheets that hold what staff type."""
        return (COVER, *(sheet.name for sheet in self.sheets), PREVIOUS, EXPLANATIONS)

    @cached_property
    def read_columns(self) -> Mapping[str, int]:
        """The last column of each sheet in which something typed or printed stands; beyond it are the hidden ones."""
        sections = {sheet.name: sheet.last_column + bool(sheet.ledger) for sheet in self.sheets}
        return {COVER: PREAMBLE_MARK - 1, **sections, EXPLANATIONS: EXPLANATION_COLUMNS[-1]}


#: The cover's hidden column for the validator's flags on the preamble.
PREAMBLE_MARK = 8
#: And the column beyond the hidden ones that makes the rows of the preamble grow.
COVER_GROWTH = 10


@lru_cache(maxsize=128)
def height(text: str, width: float, size: float) -> float:
    """The row height in points that a wrapped text needs in a column ``width`` characters wide; lists repeat texts."""
    room = max(width * 10.5 / size - 1, 1)
    if "\n" in text:
        lines = sum(max(1, ceil(measure(line) / room)) for line in text.split("\n"))
    else:
        lines = max(1, ceil(measure(text) / room))
    return min(lines * size * 1.45 + 4, 409)


def measure(text: str) -> int:
    """The width of a text in half-width characters."""
    return sum(map(_WIDTHS.__getitem__, text))


class _Widths(dict[str, int]):
    """The widths of the characters that were met."""

    def __missing__(self, character: str) -> int:
        self[character] = wide = 2 if east_asian_width(character) in "WFA" else 1
        return wide


_WIDTHS = _Widths()
