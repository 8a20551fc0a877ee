"""Rows of published tables → figures of the form, by their labels; what is not certain is listed instead.

The header above the rows tells which of the form's columns stands where, and whether that can be trusted.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import dropwhile
from typing import NamedTuple

from nianbao.core.grid import Cell
from nianbao.core.number import Figure
from nianbao.ingest import words
from nianbao.ingest.blocks import SourceRow, Square
from nianbao.ingest.words import TELLING, Labels, Target

Value = Figure | str | None
#: A header cell: the number of the source's table, and of the cell in it.
Key = tuple[int, int]


class ColumnHead(NamedTuple):
    """What stands above one column: the target's cell, the header cell that says so, and the header cells
    with texts that the form does not have. ``named``: any label or text of its own stands there. ``loose``: a column
    label, but not under the labels it belongs to."""

    cell: Cell | None
    leaf: Key | None
    strange: frozenset[Key]
    named: bool
    loose: bool


class ByColumn(NamedTuple):
    """The figures of one row by their cells, and what stands under columns that the form does not have, and their
    heads."""

    placed: tuple[tuple[Cell, Value], ...]
    strange: tuple[str, ...]
    heads: tuple[str, ...] = ()


class Header:
    """The header rows above rows of figures."""

    def __init__(self, labels: Labels, rows: tuple[SourceRow, ...] = ()) -> None:
        self.rows = rows
        self._labels = labels
        self._known: dict[tuple[int, Target], ColumnHead] = {}

    def in_order(self, target: Target) -> bool:
        """Whether the header names exactly the target's columns, in the form's order."""
        leaves = {heads[-1] for heads in target.heads if heads}
        seen: dict[tuple[int, int, int], str] = {}
        for n, row in enumerate(self.rows):
            for square in row.cells:
                for label in self._labels.heads(square.text):
                    if label.table == target.table and label.text in leaves:
                        seen.setdefault((0 if row.aligned else n, row.table, square.origin), label.text)
        return tuple(seen.values()) in target.orders

    @cached_property
    def width(self) -> int:
        """The number of columns the header has."""
        return max((len(row.squares) for row in self.rows), default=0)

    def column(self, column: int, target: Target) -> ColumnHead:
        """What stands above a column."""
        key = (column, target)
        if key not in self._known:
            self._known[key] = self._column(column, target)
        return self._known[key]

    def _column(self, column: int, target: Target) -> ColumnHead:
        above = tuple(self._above(column).items())
        path, leaf, strange = [], None, set()
        n = 0
        while n < len(above):
            end, text = self._head(tuple(text for _, text in above), n, target)
            if text:
                path.append(text)
                leaf = above[end - 1][0]
            elif not any(label.table == target.table for label in self._labels.other(above[n][1])):
                strange.add(above[n][0])
            n = end
        cells = [
            cell
            for cell, heads in zip(target.cells, target.heads, strict=True)
            if path and heads and heads[-1] == path[-1] and set(path) <= set(heads)
        ]
        cell = cells[0] if len(cells) == 1 else None
        loose = cell is None and bool(path) and any(heads and heads[-1] == path[-1] for heads in target.heads)
        return ColumnHead(cell, leaf, frozenset(strange), bool(path or strange), loose)

    def _head(self, above: Sequence[str], start: int, target: Target) -> tuple[int, str]:
        """The column label that begins at a header cell, put together from as many as it takes."""
        for end in range(len(above), start, -1):
            for label in self._labels.heads("".join(above[start:end])):
                if label.table == target.table:
                    return end, label.text
        return start + 1, ""

    def _above(self, column: int) -> Mapping[Key, str]:
        """The header cells above a column, top down."""
        texts: dict[Key, str] = {}
        for row in self.rows:
            square = row.squares[column] if column < len(row.squares) else None
            if square is not None and words.trim(square.text):
                texts[(row.table, square.origin)] = square.text
        return texts

    def by_column(self, row: SourceRow, figures: Sequence[Square], target: Target) -> ByColumn | None:
        """The figures by the labels above them; None where header and row do not fit each other without doubt."""
        origins = {square.origin: square for square in figures}
        places = {n: s.origin for n, s in enumerate(row.squares) if s is not None and s.origin in origins}
        first = min(places, default=0)
        if not self._trusted(places, first, target):
            return None
        by_cell: dict[Cell, list[Value]] = {}
        strange: list[str] = []
        heads: dict[str, None] = {}
        corner = frozenset(key for n in range(first) for key in self._above(n))
        for origin, square in origins.items():
            columns = [self.column(n, target) for n, own in places.items() if own == origin]
            cells = {column.cell for column in columns}
            value = words.figure(square.text)
            if value is None or (len(cells) == 1 and None not in cells):
                for cell in cells - {None}:
                    by_cell.setdefault(cell, []).append(value)  # type: ignore[arg-type]
            elif cells == {None} and all(column.strange - corner for column in columns):
                strange.append(words.trim(square.text))
                keys = {
                    key: n
                    for n in places
                    for key in self.column(n, target).strange - corner
                    if places[n] == origin
                }
                heads |= dict.fromkeys(words.trim(self._above(n)[key]) for key, n in keys.items())
            else:
                return None
        filled = {cell: [v for v in values if v is not None] for cell, values in by_cell.items()}
        if any(len(values) > 1 for values in filled.values()):
            return None
        placed = tuple((cell, next(iter(v), None)) for cell, v in filled.items())
        return ByColumn(placed, tuple(strange), tuple(heads))

    def _trusted(self, places: Mapping[int, int], first: int, target: Target) -> bool:
        """Whether everything in the header stands over figures (empty ones too), each of the target's cells
        under one label, all in the form's order."""
        columns = {n: self.column(n, target) for n in range(self.width)}
        named = {n: column for n, column in columns.items() if column.cell}
        if any(n < first for n in named) or any(column.loose for column in columns.values()):
            return False
        labels = dict.fromkeys((column.cell, column.leaf) for column in named.values())
        order = [cell for cell, _ in labels]
        filled = {column.cell for n, column in named.items() if n in places}
        empty = [column for n, column in columns.items() if n >= first and n not in places and column.named]
        if any(column.cell not in filled for column in empty):
            return False
        return order == [cell for cell in target.cells if cell in filled]


Placed = tuple[tuple[Cell, Value], ...]


class TableFigures(NamedTuple):
    """What the tables said: the figures, what could not be placed, and which of the form's tables were met."""

    values: Mapping[Cell, Value]
    doubts: tuple[str, ...]
    tables: frozenset[str]


class _Split(NamedTuple):
    """A row taken apart at its label: what it names, and the cells to the right of the label."""

    target: Target
    label: str
    figures: tuple[Square, ...]
    near: bool = False


class _Stranger(NamedTuple):
    """A row with figures that is none of the form's; ``group``: the folded label of the group it is the sum of."""

    table: int
    name: str
    figures: str
    group: str


class _Beside(NamedTuple):
    """What a row has under columns that the form does not have."""

    label: str
    text: str


class TableReader:
    """Reads rows in the order of the document; a header counts until the next one begins."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._header = Header(labels)
        self._above: tuple[int, frozenset[int]] = (-1, frozenset())
        self._open = False
        self._group = ""
        self._last = 0
        self._values: dict[Cell, list[Value]] = {}
        self._blank: set[Cell] = set()
        self._doubts: list[str] = []
        self._strangers: list[_Stranger] = []
        self._beside: dict[str, list[_Beside]] = {}
        self._met: set[int] = set()

    def read(self, row: SourceRow) -> bool:
        """Take in one row; False where it is no part of a table of the form."""
        part = self._is_blank(row) or self._read(row)
        self._above = (row.table, frozenset(cell.origin for cell in row.cells))
        return part

    def _read(self, row: SourceRow) -> bool:
        split = self._split(row) or self._bare(row)
        if split:
            self._open = False
            self._met.add(row.table)
            self._place(row, split)
            return True
        if self._is_header(row) or self._goes_on(row):
            goes_on = self._open and self._header.rows[-1].table == row.table
            self._header = Header(self._labels, (*self._header.rows, row) if goes_on else (row,))
            self._open = True
            return True
        return self._strange(row)

    def result(self) -> TableFigures:
        """All that was placed; a cell that was given two different figures is placed nowhere."""
        values: dict[Cell, Value] = dict.fromkeys(self._blank)
        for cell, given in self._values.items():
            distinct = list(dict.fromkeys(given))
            if len(distinct) == 1:
                values[cell] = distinct[0]
            else:
                name = self._labels.form.name(cell)
                shown = "、".join("空白" if v is None else str(v) for v in distinct[:5])
                self._doubts.append(f"“{name}”出现了几个不同的数（{shown}），没有读入，请核对原文")
        for heads, rows in self._beside.items():
            self._doubts += _extra_columns(heads, rows)
        self._doubts += [self._about(row, values) for row in self._strangers if row.table in self._met]
        if self.foreign:
            self._doubts.append(f"有 {len(self.foreign)} 个表格不是规定的表格，没有读入")
        self._doubts += self._unclear(values)
        return TableFigures(values, tuple(dict.fromkeys(self._doubts)), self.tables)

    def _unclear(self, values: Mapping[Cell, Value]) -> Iterator[str]:
        """Tables without any figure, and what stands in figure cells and is no number beyond doubt."""
        form = self._labels.form
        for table in form.tables.values():
            given = {cell: values[cell] for cell in table.cells if cell in values}
            if given and all(value is None for value in given.values()):
                yield f"“{table.name}”的表格全部空白，已按空白读入，没有的应填 0，请核对原文"
            loose = [c for c, v in given.items() if isinstance(v, str) and words.is_loose(v)]
            if loose:
                shown = "、".join(f"{form.name(c)}“{given[c]}”" for c in loose[:3])
                more = f"等 {len(loose)} 处" if len(loose) > 3 else ""
                yield f"“{table.name}”的数字分节不合规范（{shown}{more}），已照原样读入，请核对"

    @property
    def tables(self) -> frozenset[str]:
        """The form's tables of which a figure or a blank was placed."""
        placed = {cell.table for cell, given in self._values.items() if len(set(given)) == 1}
        return frozenset(placed | {cell.table for cell in self._blank})

    @property
    def met(self) -> frozenset[int]:
        """The source's tables that have rows of the form."""
        return frozenset(self._met)

    @property
    def foreign(self) -> frozenset[int]:
        """The source's tables that have figures, but no row of the form."""
        return frozenset(row.table for row in self._strangers) - self.met

    def _about(self, row: _Stranger, values: Mapping[Cell, Value]) -> str:
        """Why a row was not taken in; for the sum of a group, which rows of the form it is to be split into."""
        form = self._labels.form
        parts = [t for t in self._labels.targets if row.group and row.group in t.groups[-1:]]
        lacking = [t for t in parts if not any(cell in values for cell in t.cells)]
        if not parts or (len(lacking) < len(parts) and lacking):
            return f"表格中“{row.name}”一行不是规定的项目，没有读入：{row.figures}"
        if not lacking:
            return f"表格中“{row.name}”一行是小计，不是规定的项目，没有读入：{row.figures}"
        names = "；".join(t.label.box.text for t in parts if t.label)
        return (
            f"表格中“{row.name}”只有合计一行（{row.figures}），{form.authority}规定的表分为{len(parts)}行"
            f"（{names}），无法分开，没有读入，请在工作簿中分行填写"
        )

    # rows

    def _is_blank(self, row: SourceRow) -> bool:
        """Take in a row without any text right under the header of a table that has no row labels."""
        if (
            not self._open
            or row.table != self._header.rows[-1].table
            or any(words.trim(c.text) for c in row.cells)
        ):
            return False
        for target in self._labels.targets:
            whole = len(row.cells) == len(target.cells) and self._header.in_order(target)
            if target.label is None and (whole or self._covers(row, row.cells, target)):
                self._blank |= set(target.cells)
                self._met.add(row.table)
                return True
        return False

    def _split(self, row: SourceRow) -> _Split | None:
        cells = row.cells
        group = "" if row.aligned or row.table != self._last else self._group
        self._last = row.table
        for n, cell in enumerate(cells[:8]):
            self._group = group = self._labels.group(cell.text) or group
            for text in _joined(cells, n):
                target = self._labels.row(text, group)
                if target:
                    return _Split(target, text, self._without_groups(cells[n + 1 :]))
            if isinstance(words.figure(cell.text), str) and len(cell.text) >= 8 and len(cells) > n + 1:
                target = self._labels.near_row(cell.text)
                if target and len(cells) - n - 1 >= len(target.cells):
                    return _Split(target, cell.text, cells[n + 1 :], near=True)
        return None

    def _without_groups(self, cells: Sequence[Square]) -> tuple[Square, ...]:
        """Cells without the labels of groups, which wrong row spans push among the figures."""
        return tuple(cell for cell in cells if not self._labels.group(cell.text))

    def _bare(self, row: SourceRow) -> _Split | None:
        """A row of figures in a table that has no row labels, told by the header above it."""
        figures = tuple(dropwhile(lambda c: words.trim(c.text) and not words.is_figure(c.text), row.cells))
        if not any(words.is_figure(c.text) for c in figures) or self._is_header(row):
            return None
        for target in self._labels.targets:
            if target.label is None and self._header.in_order(target):
                whole = len(row.cells) == len(target.cells)
                return _Split(target, "", row.cells if whole else figures)
            if target.label is None and self._covers(row, figures, target):
                return _Split(target, "", figures)
        return None

    def _covers(self, row: SourceRow, figures: Sequence[Square], target: Target) -> bool:
        """Whether the header has columns of the target alone above the figures."""
        columns = self._header.by_column(row, figures, target) if row.aligned else None
        return columns is not None and len(columns.placed) > 1 and not columns.strange

    def _is_header(self, row: SourceRow) -> bool:
        if any(words.is_number(cell.text) for cell in row.cells):
            return False
        labels = [label for cell in row.cells for label in self._labels.other(cell.text)]
        heads = {label.text for label in labels if label.box.kind == "head"}
        firm = any(label.box.kind in ("title", "corner") for label in labels)
        return firm or len(heads) > 1 or any(len(head) >= TELLING for head in heads)

    def _goes_on(self, row: SourceRow) -> bool:
        """Whether a row without figures right under a header is its lower half (``结果`` over ``维持``)."""
        if not (
            self._open and row.aligned and row.table == self._header.rows[-1].table and len(row.cells) > 1
        ):
            return False
        return not any(words.is_figure(cell.text) for cell in row.cells)

    def _strange(self, row: SourceRow) -> bool:
        texts = [words.trim(cell.text) for cell in row.cells]
        figures = [t for t in texts if words.is_figure(t)]
        labels = [t for t in texts if t and t not in figures]
        if not figures:
            return any(self._labels.other(t) for t in labels)
        name = " ".join(labels)[:60] or "（没有文字）"
        group = next((g for text in reversed(labels) if (g := self._labels.group(text))), "")
        if group:
            name = labels[-1][:60]
        self._strangers.append(_Stranger(row.table, name, "、".join(figures[:12]), group))
        return True

    # columns

    def _place(self, row: SourceRow, split: _Split) -> None:
        target = split.target
        if any(self._labels.row(c.text, "") for c in split.figures if isinstance(words.figure(c.text), str)):
            self._refuse(split, "同一行里有几个项目")
            return
        if row.aligned and any(self._from_above(row, square) for square in split.figures):
            self._refuse(split, "有与上一行合并的数")
            return
        if split.near and target.label:
            self._doubts.append(f"“{split.label}”按“{target.label.box.text}”读入，请核对")
        placed = self._by_column(row, split) if row.aligned else None
        if placed is None:
            placed = self._by_order(split)
        if placed is None:
            self._refuse(split, "各列与规定的表头对不上")
            return
        for cell, value in placed:
            self._values.setdefault(cell, []).append(value)

    def _from_above(self, row: SourceRow, square: Square) -> bool:
        table, origins = self._above
        return table == row.table and square.origin in origins and words.is_figure(square.text)

    def _refuse(self, split: _Split, why: str) -> None:
        figures = "、".join(words.trim(c.text) or "空白" for c in split.figures[:20])
        if any(words.trim(c.text) for c in split.figures):
            name = split.label or "没有行名的一行"
            self._doubts.append(f"“{name[:60]}”{why}，没有读入：{figures}")

    def _by_order(self, split: _Split) -> Placed | None:
        """The figures from left to right: as many as the form has, under a header in the form's order."""
        cells = split.target.cells
        if len(split.figures) != len(cells) or not self._header.in_order(split.target):
            return None
        return tuple((c, words.figure(s.text)) for c, s in zip(cells, split.figures, strict=True))

    def _by_column(self, row: SourceRow, split: _Split) -> Placed | None:
        """The figures by the labels above their columns; None when header and row do not fit each other."""
        columns = self._header.by_column(row, split.figures, split.target)
        if columns and columns.strange:
            beside = _Beside(split.label[:60], "、".join(columns.strange[:12]))
            self._beside.setdefault("、".join(columns.heads)[:60], []).append(beside)
        return columns.placed if columns else None


def _extra_columns(heads: str, rows: Sequence[_Beside]) -> Iterator[str]:
    """What is said of columns that the form does not have: once, however many rows have something there."""
    if len(rows) < 3:
        yield from (f"“{row.label}”一行有不认识的列，没有读入：{row.text}" for row in rows)
        return
    some = "、".join(f"“{row.label}”{row.text}" for row in rows[:3])
    yield f"“{heads}”不是规定的列，没有读入，共 {len(rows)} 行有内容（{some}{' 等' if len(rows) > 3 else ''}）"


def _joined(cells: Sequence[Square], n: int) -> tuple[str, ...]:
    """A cell's text, and it with the text of the one or two cells before it (a label split up)."""
    texts = [c.text for c in cells]
    if not words.trim(texts[n]) or words.is_figure(texts[n]):
        return ()
    return tuple("".join(texts[m : n + 1]) for m in range(n, max(-1, n - 3), -1))
