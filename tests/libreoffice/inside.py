"""What runs inside LibreOffice's own process, by its own Python: one call where a client needs dozens of round trips.

`Office.inside` has LibreOffice load this file, which therefore imports nothing of nianbao. To a client a new UNO object
costs about ten round trips (1 ms), to the code here a few microseconds. What comes and goes: UNO documents and sheets,
boxes as (top, left, bottom, right) and cells as (row, column), both one-based as in address.Box, places as zero-based
(row, column) within a box, and tuples of values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import uno
import unohelper

_DATE_OR_TIME = 2 | 4  # com.sun.star.util.NumberFormat
_LOGICAL, _TEXT = 1024, 256

# Bare TRUE and FALSE would be read as the numbers 1 and 0; inside quotes they are text or a sheet's name.
_TRUTH_IN = re.compile(r'("[^"]*"|\'[^\']*\'!?)|(?<![\w.$\[])(TRUE|FALSE)\b(?!\s*[(!\w.])', re.IGNORECASE)
_TRUTH_OUT = re.compile(r'("[^"]*")|\b(TRUE|FALSE)\(\)')

UnoException: type[Exception] = uno.getClass("com.sun.star.uno.Exception")
Disposed: type[Exception] = uno.getClass("com.sun.star.lang.DisposedException")
Script: Any = uno.getClass("com.sun.star.script.provider.XScript")

Box = tuple[int, int, int, int]
Place = tuple[int, int]

#: LibreOffice's spelling of a formula → Excel's: the same wherever it stands, and a second's work for a workbook.
_SPELLED: dict[str, str] = {}


def cells(sheet: Any, box: Box) -> Any:
    """The UNO range of a box."""
    top, left, bottom, right = box
    return sheet.getCellRangeByPosition(left - 1, top - 1, right - 1, bottom - 1)


def _first(sheet: Any, box: Box) -> Any:
    """The UNO cell in the top left corner of a box."""
    return sheet.getCellByPosition(box[1] - 1, box[0] - 1)


def _box(address: Any) -> Box:
    """The box of a UNO CellRangeAddress."""
    return address.StartRow + 1, address.StartColumn + 1, address.EndRow + 1, address.EndColumn + 1


# The document


def alive(doc: Any) -> bool:
    """Whether a document is still open: the user may have closed its window."""
    try:
        return doc.CurrentController is not None
    except UnoException:
        return False


def order(doc: Any, known: tuple[Any, ...]) -> tuple[int, ...]:
    """The zero-based positions of the known sheets if they are all that the document has, else nothing.

    A UNO sheet that no longer spans its whole sheet counts as unknown: cells were inserted or deleted.
    """
    sheets = doc.Sheets
    try:
        found = [sheet.getCellByPosition(0, 0).RangeAddress.Sheet for sheet in known]
        whole = all(
            sheet.RangeAddress == sheets.getByIndex(n).RangeAddress
            for n, sheet in zip(found, known, strict=True)
        )
    except UnoException:  # one was deleted
        return ()
    return tuple(found) if whole and sorted(found) == list(range(sheets.Count)) else ()


def activate(doc: Any, sheet: Any) -> None:
    doc.CurrentController.setActiveSheet(sheet)


def active(doc: Any) -> int:
    """The zero-based position of the active sheet."""
    return int(doc.CurrentController.ActiveSheet.RangeAddress.Sheet)


def select(doc: Any, sheet: Any, box: Box) -> None:
    doc.CurrentController.setActiveSheet(sheet)
    doc.CurrentController.select(cells(sheet, box))


def selection(doc: Any) -> tuple[int, Box] | tuple[()]:
    """The position of the sheet and the box of the (first) selected cells; nothing while a drawing is selected."""
    selected = doc.CurrentSelection
    if selected is not None and selected.supportsService("com.sun.star.sheet.SheetCellRanges"):
        selected = selected.getByIndex(0) if selected.Count else None
    if selected is None or not selected.supportsService("com.sun.star.sheet.SheetCellRange"):
        return ()
    address = selected.RangeAddress
    return address.Sheet, _box(address)


def indicator(doc: Any) -> Any:
    """A status indicator of the document's window."""
    return doc.CurrentController.Frame.createStatusIndicator()


# Values and formulas


def used(sheet: Any) -> Box:
    """The used area of a sheet."""
    cursor = sheet.createCursor()
    cursor.gotoStartOfUsedArea(False)
    cursor.gotoEndOfUsedArea(True)
    return _box(cursor.RangeAddress)


def values(doc: Any, sheet: Any, box: Box) -> tuple[Any, ...]:
    """The rows of a box (error values void), the places and numbers of its errors, its dates', its truth values'."""
    block = cells(sheet, box)
    rows = block.getDataArray()
    numbers = {(r, c) for r, row in enumerate(rows) for c, value in enumerate(row) if type(value) is float}
    errors = tuple(
        (r, c, block.getCellByPosition(c, r).getError())
        for r, row in enumerate(rows)
        for c, value in enumerate(row)
        if value is None
    )
    kinds = _kinds(doc, block, numbers) if numbers else {}
    dates, truths = (
        tuple(place for place, kind in kinds.items() if kind & wanted) for wanted in (_DATE_OR_TIME, _LOGICAL)
    )
    return rows, errors, dates, truths


def text_places(doc: Any, sheet: Any, box: Box) -> tuple[Place, ...]:
    """The cells that are formatted as text."""
    top, left, bottom, right = box
    everywhere = {(r, c) for r in range(bottom - top + 1) for c in range(right - left + 1)}
    kinds = _kinds(doc, cells(sheet, box), everywhere)
    return tuple(place for place, kind in kinds.items() if kind & _TEXT)


def typed(sheet: Any, box: Box) -> tuple[tuple[str, ...], ...]:
    """What stands in the cells, as LibreOffice spells it."""
    rows: tuple[tuple[str, ...], ...] = cells(sheet, box).getFormulaArray()
    return rows


def formulas(languages: tuple[Any, Any], sheet: Any, box: Box) -> tuple[tuple[str, ...], ...]:
    """What would be typed: formulas in Excel's spelling, other contents as text."""
    block = cells(sheet, box)
    return tuple(
        tuple(_typed_text(languages, block, r, c, text) for c, text in enumerate(row))
        for r, row in enumerate(block.getFormulaArray())
    )


def _typed_text(languages: tuple[Any, Any], block: Any, r: int, c: int, text: str) -> str:
    if text.startswith("{="):  # an array formula
        text = text.removeprefix("{").removesuffix("}")
    if not text.startswith("="):
        return text.removeprefix("'")
    if text not in _SPELLED:
        native, excel = languages
        origin = block.getCellByPosition(c, r).CellAddress
        _SPELLED[text] = spelled(excel, native.parseFormula(text[1:], origin), origin)
    return _SPELLED[text]


def languages(doc: Any, mapping: int, convention: int) -> tuple[Any, Any]:
    """Two parsers of formulas: of LibreOffice's own spelling, and of Excel's English one."""
    native, excel = (doc.createInstance("com.sun.star.sheet.FormulaParser") for _ in range(2))
    mapper = doc.createInstance("com.sun.star.sheet.FormulaOpCodeMapper")
    excel.OpCodeMap = mapper.getAvailableMappings(mapping, -1)
    excel.CompileEnglish = True
    excel.FormulaConvention = convention
    return native, excel


def tokens(excel: Any, formula: str, origin: Any) -> Any:
    """Excel's spelling of a formula, with or without `=`, compiled as if it stood at `origin`."""
    text = _TRUTH_IN.sub(lambda found: found[1] or f"{found[2].upper()}()", formula.removeprefix("="))
    return excel.parseFormula(text, origin)


def spelled(excel: Any, compiled: Any, origin: Any) -> str:
    """The way back, with `=`."""
    text = excel.printFormula(compiled, origin)
    return "=" + _TRUTH_OUT.sub(lambda found: found[1] or found[2], text)


def write(sheet: Any, box: Box, rows: tuple[Any, ...]) -> None:
    """Values into a box of exactly their shape."""
    cells(sheet, box).setDataArray(rows)


def enter(excel: Any, sheet: Any, box: Box, entered: tuple[tuple[int, int, str], ...]) -> None:
    """Formulas in Excel's spelling into some cells of a box, each with its place."""
    block = cells(sheet, box)
    for r, c, formula in entered:
        cell = block.getCellByPosition(c, r)
        cell.setTokens(tokens(excel, formula, cell.CellAddress))


def fill(excel: Any, sheet: Any, box: Box, formula: str) -> None:
    """One formula into every cell, its relative references counted from the first."""
    block = cells(sheet, box)
    compiled = tokens(excel, formula, block.getCellByPosition(0, 0).CellAddress)
    rows, columns = box[2] - box[0] + 1, box[3] - box[1] + 1
    for r, c in ((r, c) for r in range(rows) for c in range(columns)):
        block.getCellByPosition(c, r).setTokens(compiled)


def clear(sheet: Any, box: Box, flags: int) -> None:
    """Remove what com.sun.star.sheet.CellFlags name."""
    cells(sheet, box).clearContents(flags)


# Formats


def _kinds(doc: Any, block: Any, wanted: set[Place]) -> dict[Place, int]:
    """What kind of number format (com.sun.star.util.NumberFormat) each of the wanted cells has."""
    kinds: dict[int, int] = {}
    found = {}
    for place, key in _formats(block, wanted):
        if key not in kinds:
            kinds[key] = int(doc.NumberFormats.getByKey(key).Type) if key else 0
        found[place] = kinds[key]
    return found


def _formats(block: Any, wanted: set[Place]) -> Iterator[tuple[Place, int]]:
    """The number format key of each wanted cell of a block, by halving the block until each part has one."""
    address = block.RangeAddress
    rows, columns = address.EndRow - address.StartRow + 1, address.EndColumn - address.StartColumn + 1
    parts = [((0, 0, rows - 1, columns - 1), wanted)]
    while parts:
        (top, left, bottom, right), places = parts.pop()
        part = block.getCellRangeByPosition(left, top, right, bottom)
        if _alike(part, "NumberFormat"):
            key = part.NumberFormat
            yield from ((place, key) for place in places)
            continue
        for half in _halves(top, left, bottom, right):
            if within := {(r, c) for r, c in places if half[0] <= r <= half[2] and half[1] <= c <= half[3]}:
                parts.append((half, within))


def _halves(top: int, left: int, bottom: int, right: int) -> tuple[Box, Box]:
    """A box of more than one cell, cut across its longer side."""
    if right - left >= bottom - top:
        middle = (left + right) // 2
        return (top, left, bottom, middle), (top, middle + 1, bottom, right)
    middle = (top + bottom) // 2
    return (top, left, middle, right), (middle + 1, left, bottom, right)


def _alike(block: Any, name: str) -> bool:
    """Whether all cells have the same value of a property."""
    return bool(block.getPropertyState(name).value != "AMBIGUOUS_VALUE")


def show(sheet: Any, box: Box, key: int, places: tuple[Place, ...]) -> None:
    """Give those of the places that have the format General another number format."""
    block = cells(sheet, box)
    for r, c in places:
        cell = block.getCellByPosition(c, r)
        if cell.NumberFormat == 0:
            cell.NumberFormat = key


def locked(sheet: Any, box: Box) -> bool | None:
    """Whether the cells are locked (which only matters on a protected sheet); None when they differ."""
    block = cells(sheet, box)
    if _alike(block, "CellProtection"):
        return bool(block.CellProtection.IsLocked)
    groups = block.getUniqueCellFormatRanges()
    states = {bool(groups.getByIndex(n).CellProtection.IsLocked) for n in range(groups.Count)}
    return states.pop() if len(states) == 1 else None


def change(formats: bool, name: str, sheet: Any, box: Box, *arguments: Any) -> bool:
    """Call another function of this file that changes a box, if Excel would allow it; whether it did."""
    if guarded(sheet, box, formats):
        return False
    globals()[name](sheet, box, *arguments)
    return True


def guarded(sheet: Any, box: Box, formats: bool) -> bool:
    """Whether Excel would refuse a change: of locked cells, or of any format or note of a protected sheet."""
    return bool(sheet.isProtected()) and (formats or locked(sheet, box) is not False)


def format_of(doc: Any, sheet: Any, box: Box) -> tuple[str, int] | tuple[()]:
    """The number format of a box, its code and its kind; nothing when its cells differ."""
    block = cells(sheet, box)
    if not _alike(block, "NumberFormat"):
        return ()
    shown = doc.NumberFormats.getByKey(block.NumberFormat)
    return shown.FormatString, shown.Type


def validation(sheet: Any, box: Box) -> str:
    """The kind of validation (com.sun.star.sheet.ValidationType) that all cells of a box share; empty when they differ."""
    block = cells(sheet, box)
    return str(block.Validation.Type.value) if _alike(block, "Validation") else ""


def conditions(sheet: Any) -> tuple[tuple[int, tuple[Box, ...], tuple[str, ...]], ...]:
    """The conditional formats of a sheet: their ids, where they apply, the formulas of their conditions."""
    return tuple(
        (
            listed.ID,
            tuple(map(_box, listed.Range.RangeAddresses)),
            tuple(getattr(listed.getByIndex(n), "Formula1", "") for n in range(listed.getCount())),
        )
        for listed in sheet.ConditionalFormats.getConditionalFormats()
    )


def fit(sheet: Any, box: Box, columns: bool, rows: bool) -> None:
    """Make columns, rows or both as large as what is in them."""
    block = cells(sheet, box)
    if columns:
        block.Columns.OptimalWidth = True
    if rows:
        block.Rows.OptimalHeight = True


# Notes


def noted(sheet: Any) -> tuple[tuple[int, int], ...]:
    """The (row, column) of every note of a sheet."""
    notes = sheet.Annotations
    places = (notes.getByIndex(n).Position for n in range(notes.Count))
    return tuple((place.Row + 1, place.Column + 1) for place in places)


def note(sheet: Any, box: Box) -> str:
    """The text of the first cell's note, empty where it has none."""
    return str(_first(sheet, box).Annotation.String)


def annotate(sheet: Any, box: Box, text: str) -> None:
    """A note on the first cell where it has none, or another text for the one it has."""
    cell = _first(sheet, box)
    if cell.Annotation.String:
        cell.Annotation.setString(text)
    else:
        sheet.Annotations.insertNew(cell.CellAddress, text)


def refers(excel: Any, doc: Any, key: str) -> str:
    """What a name of the workbook refers to, in Excel's spelling; empty where there is no such name."""
    names = doc.NamedRanges
    if not names.hasByName(key):
        return ""
    name = names.getByName(key)
    return spelled(excel, name.getTokens(), name.ReferencePosition)


class Inside(unohelper.Base, Script):  # type: ignore[misc]  # what uno gives has no types
    """Calls the functions of this file by name."""

    def invoke(self, call: tuple[Any, ...], *_out: Any) -> tuple[Any, tuple[()], tuple[()]]:
        """`call` is a function's name and its arguments; gives ("done", what it returned) or what UNO raised."""
        name, *arguments = call
        function: Callable[..., Any] = globals()[name]
        try:
            return ("done", function(*arguments)), (), ()
        except Disposed:
            return ("gone", ""), (), ()
        except UnoException as error:
            return ("refused", str(getattr(error, "Message", ""))), (), ()


def getComponentFactory(_name: str, _services: Any, _registry: Any) -> Inside:
    """What LibreOffice's Python loader asks for."""
    return Inside()
