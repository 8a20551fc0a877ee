"""Validations and conditional formats as Excel's own objects have them: for code that asks `api` for them on both."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from . import EngineError
from .office import enum, uno_safe
from .values import Box, spell

if TYPE_CHECKING:
    from .block import Block

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
    def AppliesTo(self) -> Place:
        return Place(",".join(spell(Box(*box), True, True) for box in self.listed.boxes))

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


class Place(NamedTuple):
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
