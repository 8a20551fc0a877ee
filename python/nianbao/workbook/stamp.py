"""The stamp: a number that changes when what was validated does; its live formulas, and the same worked out here.

Excel 2010, WPS and LibreOffice share no function that tells a Chinese character's code alike. So a text is weighed
by its length and by the signs that are frequent in such reports (three characters of four): each occurrence
counts the sign's weight, times the row. Words that only trade places within a paragraph are not seen.
"""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nianbao.core.number import ERRORS
from nianbao.core.report import Report
from nianbao.workbook import layout as at
from nianbao.workbook.layout import Layout, SheetLayout, Spot
from nianbao.workbook.template import Extra

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

#: Digits; rising pairs of them (136 for 163 shows); the characters most frequent in the narratives of the tests.
SIGNS = (
    *"0123456789",
    *(f"{one}{other}" for one in range(10) for other in range(one + 1, 10)),
    *"件政年公请申开行信收结息办府其复到中理议人全局度诉本共的性规转市发文制范提予不讼未案处条有定上法部作自新答报和"
    "持然他维告下果主审网民正建关事业以费分无效纠起机占工现会为我务计县止布一决要元源依类废已出因",
)
#: Fields of the cover that staff fill in.
_TYPED = ("agency", "agency_code", "year", "level", "scope")


def _primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


WEIGHTS: dict[str, int] = dict(zip(SIGNS, _primes(len(SIGNS)), strict=True))
_PAIRS = [sign for sign in WEIGHTS if len(sign) == 2]
_SIGNS_ROW = "{" + ",".join(f'"{sign}"' for sign in WEIGHTS) + "}"
_WEIGHTS_ROW = "{" + ",".join(map(str, WEIGHTS.values())) + "}"


def weigh(text: str, row: int) -> int:
    """What a text that stands in a row adds to the stamp (a pair of digits is two characters long)."""
    counts = Counter(text)
    total: int = len(text) + sum(WEIGHTS[sign] * count for sign, count in counts.items() if sign in WEIGHTS)
    if any(digit in counts for digit in "0123456789"):
        total += sum(2 * WEIGHTS[pair] * text.count(pair) for pair in _PAIRS)
    return row * total


def formulas(layout: Layout) -> Iterator[tuple[Spot, str]]:
    """The formulas of the stamp with the cells they stand in: the stamp itself first, then its parts of text."""
    texts = list(_texts(layout))
    first, last = part(0), part(len(texts) - 1)
    parts = [_table(sheet) for sheet in layout.sheets if sheet.table]
    parts += [_previous(layout), f"SUM({first.a1}:{last.a1})"]
    yield at.STAMP_NOW, f"=ROUND({'+'.join(parts)},4)"
    for n, (top, end) in enumerate(texts):
        area = f"{top.full()}:{end.a1}"
        used = f"{top.full()}:INDEX({area},MAX(1,SUMPRODUCT(MAX((LEN({area})>0)*ROW({area})))-{top.row - 1}))"
        counts = f'LEN({used})-LEN(SUBSTITUTE({used},{_SIGNS_ROW},""))'
        weighed = f"SUMPRODUCT(({counts})*{_WEIGHTS_ROW}*ROW({used}))+SUMPRODUCT(LEN({area}),ROW({area}))"
        yield part(n), f"=IFERROR({weighed},0.25)"


def part(number: int) -> Spot:
    """The hidden cell of the n-th part (from 0)."""
    return at.STAMP_PARTS._replace(column=at.STAMP_PARTS.column + number)


def parts(layout: Layout) -> int:
    """How many parts of text there are: the cover, the preamble, the sections."""
    return 2 + len(layout.sheets)


def _texts(layout: Layout) -> Iterator[tuple[Spot, Spot]]:
    """The columns of text that are weighed: first and last cell."""
    fields = [at.COVER_FIELDS[name][1] for name in _TYPED]
    yield fields[0], fields[-1]
    yield at.PREAMBLE, at.PREAMBLE._replace(row=at.PREAMBLE.row + at.TEXT_ROWS - 1)
    for sheet in layout.sheets:
        yield sheet.paragraph(1), sheet.paragraph(at.TEXT_ROWS)


def _table(sheet: SheetLayout) -> str:
    """The figures of a table; while an error value stands in it, the plain sum of its other figures."""
    first, last = sheet.corners
    return f"{_sum(first, last)}+7*COUNTA({first.full()}:{last.a1})"


def _previous(layout: Layout) -> str:
    return _sum(*_last_year(layout))


def _last_year(layout: Layout) -> tuple[Spot, Spot]:
    """The corners of the area in which last year's figures and their year stand."""
    spots = layout.previous.values()
    last = Spot(at.PREVIOUS, max(s.row for s in spots), max(s.column for s in spots))
    return at.PREVIOUS_YEAR, last


def _sum(first: Spot, last: Spot) -> str:
    area = f"{first.full()}:{last.a1}"
    weight = f"(ROW({area})^2+17)*(COLUMN({area})^2+5)"
    return f'IFERROR(SUMPRODUCT({area},{weight}),0.5+SUMIF({area},">0"))'


def of_report(report: Report, layout: Layout, extra: Extra) -> tuple[float, ...]:
    """The stamp of the workbook that is written from a report, and its parts, in the order of :func:`formulas`."""
    total = sum(_written(sheet, report, extra) for sheet in layout.sheets if sheet.table)
    last = report.previous
    year = last.year if last else (report.year - 1 if report.year else None)
    total += (year or 0) * at.PREVIOUS_YEAR.weight
    if last is not None:
        total += sum(float(last.figures.get(c) or 0) * s.weight for c, s in layout.previous.items())
    texts = [sum(weigh(text, row) for row, text in lines) for lines in _said(report, layout)]
    return round(total + sum(texts), 4), *texts


def _written(sheet: SheetLayout, report: Report, extra: Extra) -> float:
    total = 7.0 * sheet.labels_inside
    for cell, spot in sheet.spots.items():
        value = report.figures.get(cell)
        formula = cell in report.form.filled or extra.formulas(cell) is not None
        filled = formula or value is not None or cell in report.raw
        total += float(value or 0) * spot.weight + 7 * filled
    return total


def _said(report: Report, layout: Layout) -> Iterator[list[tuple[int, str]]]:
    """The texts with their rows, part by part."""
    fields = [(at.COVER_FIELDS[name][1].row, getattr(report, name)) for name in _TYPED]
    yield [(row, str(value)) for row, value in fields if value is not None]
    yield list(enumerate(report.preamble[: at.TEXT_ROWS], at.PREAMBLE.row))
    for sheet in layout.sheets:
        paragraphs = report.narrative.get(sheet.section.key, ())[: at.TEXT_ROWS]
        yield list(enumerate(paragraphs, sheet.paragraph(1).row))


def of_book(book: "Workbook", report: Report, layout: Layout) -> float:
    """The stamp of what stands in a workbook that openpyxl holds and ``report`` was read from."""
    total: float = 0
    for sheet in layout.sheets:
        if sheet.table and sheet.name in book.sheetnames:
            total += _stands(book[sheet.name], sheet, report)
    if at.PREVIOUS in book.sheetnames:
        total += _stood(book[at.PREVIOUS], layout)
    for first, last in _texts(layout):
        if first.sheet in book.sheetnames:
            page = book[first.sheet]
            rows = range(first.row, last.row + 1)
            stood = ((row, page.cell(row, first.column).value) for row in rows)
            total += sum(weigh(str(value), row) for row, value in stood if value is not None)
    return round(total, 4)


def _stands(page: "Worksheet", sheet: SheetLayout, report: Report) -> float:
    figures = {cell: float(report.figures.get(cell) or 0) for cell in sheet.spots}
    there = [page.cell(spot.row, spot.column) for spot in sheet.spots.values()]
    total = 7.0 * (sheet.labels_inside + sum(cell.value is not None for cell in there))
    broken = [cell for cell in sheet.spots if report.raw.get(cell) in ERRORS]
    if any(page.cell(*sheet.spots[cell][1:]).data_type != "s" for cell in broken):
        return total + 0.5 + sum(value for value in figures.values() if value > 0)
    return total + sum(value * sheet.spots[cell].weight for cell, value in figures.items())


def _stood(page: "Worksheet", layout: Layout) -> float:
    first, last = _last_year(layout)
    area = page.iter_rows(first.row, last.row, first.column, last.column)
    cells = [cell for row in area for cell in row]
    numbers = {cell: float(str(cell.value)) for cell in cells if _number(cell.value)}
    if any(cell.data_type == "e" for cell in cells):
        return 0.5 + sum(value for value in numbers.values() if value > 0)
    return sum(v * Spot("", c.row or 0, c.column or 0).weight for c, v in numbers.items())


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def renew(page: "Worksheet", layout: Layout) -> None:
    """Give the sheet of results of an older workbook the formulas of now (one without a stamp stays so)."""
    from openpyxl.utils import get_column_letter

    letter, new = get_column_letter(at.STAMP_PARTS.column), page[at.STAMP_PARTS.a1].value is None
    if page[at.STAMP_NOW.a1].value is None or not new:
        return
    for spot, formula in formulas(layout):
        page.cell(spot.row, spot.column).value = formula
    dimension = page.column_dimensions[letter]
    dimension.min, dimension.max = at.STAMP_PARTS.column, part(parts(layout) - 1).column
    dimension.hidden = True
