"""What stands in cells: values and formulas, read and written a whole block at a time."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .address import Box
from .block import WHOLE, Block, places
from .bridge import struct, uno_safe
from .errors import EngineError
from .values import Place, error_code, from_serial, ready, rectangle

_CONTENT = 1 | 2 | 4 | 16  # com.sun.star.sheet.CellFlags: values, dates, strings, formulas


@uno_safe
class Contents(Block):
    """The values and formulas of a range."""

    @property
    def raw_value(self) -> Any:
        """One cell: its value; else rows of values. Numbers are floats, dates datetimes, error values Excel's codes."""
        if self.xl is None:
            return None
        block = self._used() if len(self) > WHOLE else self
        rows = [list(row) for row in block.xl.getDataArray()]
        if any(type(value) is float for row in rows for value in row):
            block._interpret(rows)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                if value is None:  # void: an error value
                    row[c] = error_code(block.xl.getCellByPosition(c, r).getError())
                elif value == "":
                    row[c] = None
        return rows[0][0] if len(self) == 1 else tuple(map(tuple, rows))

    @raw_value.setter
    def raw_value(self, value: Any) -> None:
        self._write(value)

    def _used(self) -> Any:
        """The part of whole columns or rows that lies within the used area."""
        used, box = self.sheet.used_range.box, self.box
        bottom, right = max(box.top, min(box.bottom, used.bottom)), max(box.left, min(box.right, used.right))
        return self.at(box._replace(bottom=bottom, right=right))

    def _interpret(self, rows: list[list[Any]]) -> None:
        """Turn numbers that are shown as dates or truth values into such."""

        def has_number(box: Box) -> bool:
            return any(type(rows[r][c]) is float for r, c in places(box))

        for key, box in self.formats(has_number):
            if key == 0 or not (self.document.is_date(key) or self.document.is_truth(key)):
                continue
            convert = bool if self.document.is_truth(key) else from_serial
            for r, c in places(box):
                if type(rows[r][c]) is float:
                    rows[r][c] = convert(rows[r][c])

    def _write(self, value: Any) -> None:
        if self.xl is None:
            return
        if isinstance(value, str) and value.startswith("=") and len(value) > 1:
            self._fill(value)
            return
        if len(self) > WHOLE:
            raise EngineError("不能一次写满整列、整行或整张工作表；请指定具体的单元格区域。")
        rows = rectangle(value, self.shape)
        self.guard()
        block = ready(rows, functools.cache(lambda: self._places(self.document.is_text)))
        self.xl.setDataArray(tuple(block.data))
        for code, shown in block.formats.items():
            if general := sorted(self._places(lambda key: key == 0).intersection(shown)):
                self.several(general).NumberFormat = self.document.format_key(code)
        for (r, c), formula in block.formulas:
            cell = self.xl.getCellByPosition(c, r)
            cell.setTokens(self.document.tokens(formula, cell.CellAddress))

    def _places(self, wanted: Callable[[int], bool]) -> frozenset[Place]:
        """The cells whose number format key `wanted` accepts."""
        boxes = (box for key, box in self.formats() if wanted(key))
        return frozenset(place for box in boxes for place in places(box))

    def _fill(self, formula: str) -> None:
        """One formula fills the range, its relative references counted from the first cell."""
        if len(self) > WHOLE:
            raise EngineError("不能用公式填满整列、整行或整张工作表；请指定具体的单元格区域。")
        self.guard()
        tokens = self.document.tokens(formula, self.first.CellAddress)
        rows, columns = self.shape
        for r in range(rows):
            for c in range(columns):
                self.xl.getCellByPosition(c, r).setTokens(tokens)

    @property
    def formula(self) -> Any:
        """What would be typed: formulas in Excel's spelling, other contents as text; one, or rows of them."""
        if self.xl is None:
            return None
        block = self._used() if len(self) > WHOLE else self
        texts = block.xl.getFormulaArray()
        sheet = self.sheet.index - 1
        rows = [
            tuple(block._typed_text(sheet, r, c, text) for c, text in enumerate(row))
            for r, row in enumerate(texts)
        ]
        return rows[0][0] if len(self) == 1 else tuple(rows)

    @formula.setter
    def formula(self, value: Any) -> None:
        self._write(value)

    formula2 = formula

    def _typed_text(self, sheet: int, r: int, c: int, text: str) -> str:
        if text.startswith("{="):  # an array formula
            text = text.removeprefix("{").removesuffix("}")
        if text.startswith("="):
            origin = struct(
                "table.CellAddress", Sheet=sheet, Row=self.row - 1 + r, Column=self.column - 1 + c
            )
            return self.document.respelled(text, origin)
        return text.removeprefix("'")

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
        if self.xl is not None:
            self.guard()
            self.xl.clearContents(_CONTENT)
