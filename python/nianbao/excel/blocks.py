"""What an open workbook gives in blocks of values and formulas, in the shape a closed one is read in. No engine here."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from nianbao.core.number import ERRORS
from nianbao.workbook import layout as at
from nianbao.workbook.layout import COVER_FIELDS, Layout
from nianbao.xlsx.value import Value

#: A spreadsheet counts days from here (LibreOffice and Excel after February 1900 agree).
_FIRST_DAY = datetime(1899, 12, 30)
#: Whole numbers of more digits are written with an exponent, as files have them.
_LONGEST_WHOLE = 1e15


class Area(NamedTuple):
    """The columns of a sheet that hold what staff type; row 1 down to ``bottom`` or further.

    ``grows``: the last row with something in this column counts as well (0: never further down).
    ``formulas``: whether it matters that a cell holds a formula. Hidden columns are not in it.
    """

    sheet: str
    left: int
    right: int
    bottom: int
    grows: int = 0
    formulas: bool = False


def cover() -> Area:
    """The cover, which stands in the same place in every form."""
    right = max(spot.column for _, spot in COVER_FIELDS.values())
    return Area(at.COVER, at.LEFT, right, at.PREAMBLE.row, at.PREAMBLE.column)


def areas(layout: Layout) -> Iterator[Area]:
    """What must be read of an open workbook of this form besides the cover, a block a sheet."""
    for sheet in layout.sheets:
        tabular = sheet.table is not None
        yield Area(sheet.name, at.LEFT, layout.read_columns[sheet.name], sheet.text_top, at.LEFT, tabular)
    last = [at.PREVIOUS_YEAR, at.PREVIOUS_FORM, *layout.previous.values()]
    yield Area(at.PREVIOUS, at.LEFT, max(s.column for s in last), max(s.row for s in last))
    yield explanations()


def explanations() -> Area:
    """The lines of 审核说明, with the hidden columns that bind each to what it speaks of."""
    columns = at.EXPLANATION_COLUMNS
    return Area(at.EXPLANATIONS, columns[0], columns[-1], at.EXPLANATIONS_TOP, columns[0])


def cells(
    values: Sequence[Sequence[Any]], formulas: Sequence[Sequence[str]], left: int
) -> dict[tuple[int, int], Value]:
    """A block that begins in row 1 and column ``left``, as a closed sheet's content by (row, column).

    Without ``formulas`` every cell is taken for a typed one.
    """
    found = {}
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            formula = formulas[row][column] if formulas else ""
            if (cell := as_saved(value, formula or "")) is not None:
                found[row + 1, left + column] = cell
    return found


def as_saved(value: Any, formula: str) -> Value | None:
    """One cell as a file would have it: numbers by their exact digits, error values and truth values as such.

    ``value``: None, bool, a number, a text (error values as text too); ``formula``: what would be typed.
    """
    computed = formula.startswith("=") and formula != value
    if value is None or value == "":
        return Value("s", "", True) if computed else None
    if isinstance(value, bool):
        return Value("b", "1" if value else "0", computed)
    if isinstance(value, float | int | Decimal):
        return Value("n", digits(value), computed)
    text = str(value)
    return Value("e" if text in ERRORS else "s", text, computed)


def digits(value: float | int | Decimal) -> str:
    """The shortest digits that give exactly this number back."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _LONGEST_WHOLE:
        return str(int(value))
    return str(value)


def serial(*parts: Any, **named: Any) -> float:
    """A cell that is formatted as a date holds a number all the same: its days since the spreadsheet's first.

    The parts are those of a ``datetime``, as xlwings hands them over; its time zone is none of a spreadsheet's.
    """
    named.pop("tzinfo", None)
    passed = datetime(*parts, **named) - _FIRST_DAY
    days = passed.days + (passed.seconds + passed.microseconds / 1e6) / 86400
    return round(days, 9)


class Formula(str):
    """A text that is entered as a formula; every other text stays text."""


def typed(value: str | float | None) -> str | float | None:
    """A value as it must be handed over so that a text never turns into a number, a date or a formula."""
    if not isinstance(value, str) or isinstance(value, Formula):
        return value
    return f"'{value}" if value and (value[0] in "=+-@'." or value[0].isdigit()) else value


def link(sheet: str, address: str, text: str) -> Formula:
    """A cell that leads to another cell of the workbook when it is clicked (texts in formulas: 255 characters)."""
    target = f"#{at.quoted(sheet)}!{address}"
    return Formula(f'=HYPERLINK("{_inside(target)}","{_inside(text[:120])}")')


def _inside(text: str) -> str:
    return text.replace('"', '""')
