"""The ground every range stands on: sheet, box, UNO object and the guard of locked cells; what its cells hold; and the
validations and conditional formats of a block as Excel's own objects have them (for code that asks `api` on both)."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from xlwings import base_classes as base

from . import EngineError, Locked
from .office import enum, struct, uno_safe
from .values import (
    MAX_ROW,
    Box,
    Place,
    column_letters,
    error_code,
    from_serial,
    quoted,
    ready,
    rectangle,
    spell,
)

if TYPE_CHECKING:
    from .document import Document
    from .sheet import Book, Sheet


WHOLE = 1_000_000  # more cells than this are never touched one by one: whole columns, a whole sheet


@uno_safe
class Block(base.Range):
    """A rectangle of cells of one sheet; an empty one has no UNO object."""

    def __init__(self, sheet: Sheet, box: Box) -> None:
        self._sheet = sheet
        self.box = box
        self.options: dict[str, Any] = {}

    @functools.cached_property
    def xl(self) -> Any:
        top, left, bottom, right = self.box
        if bottom < top or right < left:
            return None
        return self._sheet.xl.getCellRangeByPosition(left - 1, top - 1, right - 1, bottom - 1)

    @functools.cached_property
    def first(self) -> Any:
        """The UNO object of the top left cell, kept because every new object costs several round trips."""
        return self._sheet.xl.getCellByPosition(self.column - 1, self.row - 1)

    def inside(self, name: str, *arguments: Any) -> Any:
        """Call a function of inside.py on this box: far quicker than by `xl`, which costs several round trips."""
        return self.document.inside(name, self._sheet.xl, tuple(self.box), *arguments)

    @property
    def sheet(self) -> Sheet:
        return self._sheet

    @property
    def book(self) -> Book:
        return self._sheet.book

    @property
    def document(self) -> Document:
        return self._sheet.book.document

    @property
    def row(self) -> int:
        return self.box.top

    @property
    def column(self) -> int:
        return self.box.left

    @property
    def shape(self) -> tuple[int, int]:
        return self.box.shape

    @property
    def coords(self) -> tuple[str, int, int, int, int]:
        return (self._sheet.name, self.row, self.column, *self.shape)

    def __len__(self) -> int:
        return self.box.size

    def __call__(self, first: int, second: int | None = None) -> Any:
        """The cell (row, column) relative to this range, or the n-th cell row by row; may lie outside."""
        if second is None:
            row, column = divmod(first - 1, self.shape[1])
        else:
            row, column = first - 1, second - 1
        top, left = self.row + row, self.column + column
        return self.at(Box(top, left, top, left))

    def at(self, box: Box) -> Any:
        """Another range of the same sheet."""
        return type(self)(self._sheet, box)

    def get_address(
        self, row_absolute: bool = True, col_absolute: bool = True, external: bool = False
    ) -> str:
        address = spell(self.box, row_absolute, col_absolute)
        if not external:
            return address
        place = f"[{self.book.name}]{self._sheet.name}"
        simple = all(letter.isalnum() or letter in "_.[]" for letter in place)
        return f"{place if simple else quoted(place)}!{address}"

    @property
    def address(self) -> str:
        rows, columns = self.shape
        if not len(self):
            return f"{spell(Box(self.row, self.column, self.row, self.column))}{{{rows}x{columns}}}"
        if rows == MAX_ROW:
            return f"${column_letters(self.box.left)}:${column_letters(self.box.right)}"
        return self.get_address()

    # The guard. UNO is inconsistent: blocks of values raise, single values write through, formats vanish silently.

    @property
    def locked(self) -> bool | None:
        """Whether the cells are locked (which only matters on a protected sheet); None when they differ."""
        found: bool | None = self.inside("locked")
        return found

    def guard(self, formats: bool = False) -> None:
        """Raise Locked where Excel would refuse: locked cells, and any format or note of a protected sheet."""
        if self.inside("guarded", formats):
            raise self._refusal()

    def change(self, name: str, *arguments: Any, formats: bool = False) -> None:
        """Call a function of inside.py that changes this box, guarded as by `guard`."""
        if not self.document.inside("change", formats, name, self._sheet.xl, tuple(self.box), *arguments):
            raise self._refusal()

    def _refusal(self) -> Locked:
        return Locked(
            f"工作表“{self._sheet.name}”受保护，不能修改 {self.get_address(False, False)}；请先撤销工作表保护。"
        )

    def several(self, places: list[tuple[int, int]]) -> Any:
        """One UNO object of many cells, given as zero-based places within the range."""
        sheet = self._sheet.xl.RangeAddress.Sheet
        ranges = self.document.doc.createInstance("com.sun.star.sheet.SheetCellRanges")
        ranges.addRangeAddresses(tuple(self._cell_address(sheet, place) for place in places), False)
        return ranges

    def _cell_address(self, sheet: int, place: tuple[int, int]) -> Any:
        row, column = self.row - 1 + place[0], self.column - 1 + place[1]
        return struct(
            "table.CellRangeAddress",
            Sheet=sheet,
            StartRow=row,
            EndRow=row,
            StartColumn=column,
            EndColumn=column,
        )


_CONTENT = 1 | 2 | 4 | 16  # com.sun.star.sheet.CellFlags: values, dates, strings, formulas


@uno_safe
class Contents(Block):
    """The values and formulas of a range."""

    @property
    def raw_value(self) -> Any:
        """One cell: its value; else rows of values. Numbers are floats, dates datetimes, error values Excel's codes."""
        if not len(self):
            return None
        block = self._used() if len(self) > WHOLE else self
        found, errors, dates, truths = block.document.inside(
            "values", block.document.doc, block.sheet.xl, tuple(block.box)
        )
        rows = [[None if value == "" else value for value in row] for row in found]
        for r, c, error in errors:
            rows[r][c] = error_code(error)
        for r, c in dates:
            rows[r][c] = from_serial(rows[r][c])
        for r, c in truths:
            rows[r][c] = bool(rows[r][c])
        return rows[0][0] if len(self) == 1 else tuple(map(tuple, rows))

    @raw_value.setter
    def raw_value(self, value: Any) -> None:
        self._write(value)

    def _used(self) -> Any:
        """The part of whole columns or rows that lies within the used area."""
        used, box = self.sheet.used_range.box, self.box
        bottom, right = max(box.top, min(box.bottom, used.bottom)), max(box.left, min(box.right, used.right))
        return self.at(box._replace(bottom=bottom, right=right))

    def _write(self, value: Any) -> None:
        if not len(self):
            return
        if isinstance(value, str) and value.startswith("=") and len(value) > 1:
            self._fill(value)
            return
        if len(self) > WHOLE:
            raise EngineError("不能一次写满整列、整行或整张工作表；请指定具体的单元格区域。")
        rows = rectangle(value, self.shape)
        block = ready(rows, functools.cache(self._text_places))
        self.change("write", tuple(block.data))
        for code, shown in block.formats.items():
            self.inside("show", self.document.format_key(code), tuple(shown))
        if block.formulas:
            entered = tuple((r, c, formula) for (r, c), formula in block.formulas)
            self.document.inside("enter", self.document.languages[1], self.sheet.xl, tuple(self.box), entered)

    def _text_places(self) -> frozenset[Place]:
        """The cells that are formatted as text."""
        found = self.document.inside("text_places", self.document.doc, self.sheet.xl, tuple(self.box))
        return frozenset((r, c) for r, c in found)

    def _fill(self, formula: str) -> None:
        """One formula fills the range, its relative references counted from the first cell."""
        if len(self) > WHOLE:
            raise EngineError("不能用公式填满整列、整行或整张工作表；请指定具体的单元格区域。")
        self.guard()
        self.document.inside("fill", self.document.languages[1], self.sheet.xl, tuple(self.box), formula)

    @property
    def formula(self) -> Any:
        """What would be typed: formulas in Excel's spelling, other contents as text; one, or rows of them."""
        if not len(self):
            return None
        block = self._used() if len(self) > WHOLE else self
        rows = self.document.inside("formulas", self.document.languages, block.sheet.xl, tuple(block.box))
        return rows[0][0] if len(self) == 1 else rows

    @formula.setter
    def formula(self, value: Any) -> None:
        self._write(value)

    formula2 = formula

    @property
    def formula_array(self) -> Any:
        return self.formula if len(self) == 1 else self(1, 1).formula

    @formula_array.setter
    def formula_array(self, value: str) -> None:
        self.guard()
        self.xl.setArrayTokens(self.document.tokens(value, self.first.CellAddress))

    @property
    def has_array(self) -> bool:
        return len(self) == 1 and bool(self.xl.getArrayFormula())

    def clear_contents(self) -> None:
        if len(self):
            self.change("clear", _CONTENT)


#: Excel's XlDVType and what LibreOffice calls them; XlFormatConditionOperator; XlFormatConditionType.
_KINDS = {0: "ANY", 1: "WHOLE", 2: "DECIMAL", 3: "LIST", 4: "DATE", 5: "TIME", 6: "TEXT_LEN", 7: "CUSTOM"}
_BETWEEN, _EXPRESSION = 1, 2
_REFUSED = "表格程序拒绝了这一操作（所选单元格的输入校验不一致，或没有输入校验）。"


@uno_safe
class Validation:
    """The validation that all cells of a block share. As in Excel its properties raise where there is none, or several."""

    def __init__(self, block: Block) -> None:
        self.__dict__["_block"] = block

    @property
    def Type(self) -> int:
        found = self._block.inside("validation")
        kind = next((number for number, name in _KINDS.items() if name == found), 0)
        if kind == 0:
            raise EngineError(_REFUSED)
        return kind

    @property
    def Formula1(self) -> str:
        return str(self._block.xl.Validation.getFormula1())

    @property
    def InputMessage(self) -> str:
        return str(self._block.xl.Validation.InputMessage)

    @property
    def ErrorMessage(self) -> str:
        return str(self._block.xl.Validation.ErrorMessage)

    def Delete(self) -> None:
        self._change(Type=enum("sheet.ValidationType", "ANY"), InputMessage="", ErrorMessage="")

    def Add(self, Type: int, AlertStyle: int, Operator: int, Formula1: str, Formula2: str) -> None:
        """Between two figures and with a stop, the only kind that we make; refused where there is one already."""
        assert (AlertStyle, Operator) == (1, _BETWEEN)
        if self._block.inside("validation") != "ANY":
            raise EngineError(_REFUSED)
        self._block.guard(formats=True)
        rule = self._block.xl.Validation
        rule.Type = enum("sheet.ValidationType", _KINDS[Type])
        rule.setOperator(enum("sheet.ConditionOperator", "BETWEEN"))
        rule.setFormula1(Formula1)
        rule.setFormula2(Formula2)
        self._block.xl.Validation = rule

    def __setattr__(self, name: str, value: Any) -> None:
        names = {"InputTitle", "InputMessage", "ErrorTitle", "ErrorMessage"}
        assert name in names
        self._change(**{name: value, "ShowInputMessage": True, "ShowErrorMessage": True})

    def _change(self, **values: Any) -> None:
        self._block.guard(formats=True)
        rule = self._block.xl.Validation
        for name, value in values.items():
            setattr(rule, name, value)
        self._block.xl.Validation = rule


@uno_safe
class FormatConditions:
    """The conditional formats of a whole sheet, or to add to a block."""

    def __init__(self, block: Block) -> None:
        self._block = block

    @functools.cached_property
    def _all(self) -> list[FormatCondition]:
        found = self._block.document.inside("conditions", self._block.sheet.xl)
        listed = [Listed(self._block, *each) for each in found]
        return [item for each in listed for item in each.items]

    @property
    def Count(self) -> int:
        return len(self._all)

    def Item(self, number: int) -> FormatCondition:
        return self._all[number - 1]

    def Add(self, Type: int, Operator: int, Formula1: str) -> FormatCondition:
        """Behind all others; the formula's relative references are counted from the active cell, as in Excel."""
        assert (Type, Operator) == (_EXPRESSION, 0)
        self._block.guard(formats=True)
        chosen = self._block.book.app.selection
        assert chosen is not None and (chosen.row, chosen.column) == (self._block.row, self._block.column)
        boxes = (tuple(self._block.box),)
        listed = next((item.listed for item in self._all if item.listed.boxes == boxes), None)
        made = (listed or Listed(self._block, 0, boxes, ())).add(Formula1.removeprefix("="))
        self.__dict__.pop("_all")
        return made


_FORMULA = 24  # com.sun.star.sheet.ConditionFormatOperator.EXPRESSION


class Listed:
    """The conditions of the same cells, which LibreOffice keeps together. It cannot remove one: all are made anew."""

    def __init__(self, block: Block, key: int, boxes: tuple[Any, ...], formulas: tuple[str, ...]) -> None:
        self.block, self.key, self.boxes = block, key, boxes
        self.items = [FormatCondition(self, formula) for formula in formulas]

    def entries(self) -> list[Any]:
        """The UNO objects of the conditions; none before the first is made."""
        found = [one for one in self._formats.getConditionalFormats() if self.key == one.ID]
        return [one.getByIndex(n) for one in found for n in range(one.getCount())]

    def add(self, formula: str) -> FormatCondition:
        if not self.key:
            ranges = self.block.document.doc.createInstance("com.sun.star.sheet.SheetCellRanges")
            for box in self.boxes:
                ranges.addRangeAddress(self.block.at(Box(*box)).xl.RangeAddress, False)
            self.key = self._formats.createByRange(ranges)
        made = next(one for one in self._formats.getConditionalFormats() if self.key == one.ID)
        made.createEntry(0, made.getCount())
        entry = made.getByIndex(made.getCount() - 1)
        entry.Operator, entry.Formula1 = _FORMULA, formula
        self.items.append(FormatCondition(self, formula))
        return self.items[-1]

    def remove(self, item: FormatCondition) -> None:
        kept = [(each, entry.StyleName) for each, entry in zip(self.items, self.entries(), strict=True)]
        self._formats.removeByID(self.key)
        self.key, self.items = 0, []
        for each, style in kept:
            if each is not item:
                self.add(each.formula)
                self.items[-1] = each
                self.entries()[-1].StyleName = style

    @property
    def _formats(self) -> Any:
        return self.block.sheet.xl.ConditionalFormats


@uno_safe
class FormatCondition:
    """One condition; its looks are a cell style's, as LibreOffice wants it."""

    StopIfTrue = True

    def __init__(self, listed: Listed, formula: str) -> None:
        self.listed, self.formula = listed, formula

    @property
    def Formula1(self) -> str:
        return f"={self.formula}"

    @property
    def AppliesTo(self) -> Asked:
        return Asked(",".join(spell(Box(*box), True, True) for box in self.listed.boxes))

    def Delete(self) -> None:
        self.listed.block.guard(formats=True)
        self.listed.remove(self)

    @property
    def Interior(self) -> Look:
        return Look(self._style(), {"Color": "CellBackColor"}, self.listed.block.document.sheets())

    @property
    def Font(self) -> Look:
        names = {"Color": "CharColor", "Bold": "CharWeight"}
        return Look(self._style(), names, self.listed.block.document.sheets())

    def _style(self) -> Any:
        entry = self.listed.entries()[self.listed.items.index(self)]
        document = self.listed.block.document.doc
        styles = document.StyleFamilies.getByName("CellStyles")
        if not entry.StyleName.startswith("条件"):
            name = next(f"条件{n}" for n in range(1, 1000) if not styles.hasByName(f"条件{n}"))
            styles.insertByName(name, document.createInstance("com.sun.star.style.CellStyle"))
            entry.StyleName = name
        return styles.getByName(entry.StyleName)


class Asked(NamedTuple):
    """A range of which only the address is asked."""

    Address: str


class Look:
    """Colours and weight of a cell style under Excel's names; Excel counts blue, green, red."""

    def __init__(self, style: Any, names: dict[str, str], sheets: Sequence[Any]) -> None:
        self.__dict__.update(_style=style, _names=names, _sheets=sheets)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "Color":
            value = (value & 255) << 16 | value & 0xFF00 | value >> 16
        sheets = [sheet for sheet in self._sheets if sheet.isProtected()]
        for sheet in sheets:  # LibreOffice changes no style while any sheet is protected
            sheet.unprotect("")
        setattr(self._style, self._names[name], (150.0 if value else 100.0) if name == "Bold" else value)
        for sheet in sheets:
            sheet.protect("")
