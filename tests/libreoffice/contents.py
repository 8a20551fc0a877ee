"""What stands in cells: values and formulas, read and written a whole block at a time."""

from __future__ import annotations

import functools
from typing import Any

from .block import WHOLE, Block
from .bridge import uno_safe
from .errors import EngineError
from .values import Place, error_code, from_serial, ready, rectangle

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
