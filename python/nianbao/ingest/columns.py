"""The header above rows of figures: which of the form's columns stands where, and whether that can be trusted."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from nianbao.core.cell import Cell
from nianbao.core.number import Figure
from nianbao.ingest import words
from nianbao.ingest.blocks import Row, Square
from nianbao.ingest.labels import Labels, Target

Value = Figure | str | None
#: A header cell: the number of the source's table, and of the cell in it.
Key = tuple[int, int]


class Column(NamedTuple):
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

    def __init__(self, labels: Labels, rows: tuple[Row, ...] = ()) -> None:
        self.rows = rows
        self._labels = labels
        self._known: dict[tuple[int, Target], Column] = {}

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

    def column(self, column: int, target: Target) -> Column:
        """What stands above a column."""
        key = (column, target)
        if key not in self._known:
            self._known[key] = self._column(column, target)
        return self._known[key]

    def _column(self, column: int, target: Target) -> Column:
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
        return Column(cell, leaf, frozenset(strange), bool(path or strange), loose)

    def _head(self, above: Sequence[str], start: int, target: Target) -> tuple[int, str]:
        """The column label that begins at a header cell, put together from as many as it takes."""
        for end in range(len(above), start, -1):
            for label in self._labels.heads("".join(above[start:end])):
                if label.table == target.table:
                    return end, label.text
        return start + 1, ""

    def _above(self, column: int) -> Mapping[Key, str]:
        """The header cells above a column, top down."""
        found: dict[Key, str] = {}
        for row in self.rows:
            square = row.squares[column] if column < len(row.squares) else None
            if square is not None and words.trim(square.text):
                found[(row.table, square.origin)] = square.text
        return found

    def by_column(self, row: Row, figures: Sequence[Square], target: Target) -> ByColumn | None:
        """The figures by the labels above them; None where header and row do not fit each other without doubt."""
        origins = {square.origin: square for square in figures}
        places = {n: s.origin for n, s in enumerate(row.squares) if s is not None and s.origin in origins}
        first = min(places, default=0)
        if not self._sound(places, first, target):
            return None
        said: dict[Cell, list[Value]] = {}
        strange: list[str] = []
        heads: dict[str, None] = {}
        corner = frozenset(key for n in range(first) for key in self._above(n))
        for origin, square in origins.items():
            columns = [self.column(n, target) for n, own in places.items() if own == origin]
            cells = {column.cell for column in columns}
            value = words.figure(square.text)
            if value is None or (len(cells) == 1 and None not in cells):
                for cell in cells - {None}:
                    said.setdefault(cell, []).append(value)  # type: ignore[arg-type]
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
        filled = {cell: [v for v in values if v is not None] for cell, values in said.items()}
        if any(len(values) > 1 for values in filled.values()):
            return None
        placed = tuple((cell, next(iter(v), None)) for cell, v in filled.items())
        return ByColumn(placed, tuple(strange), tuple(heads))

    def _sound(self, places: Mapping[int, int], first: int, target: Target) -> bool:
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
