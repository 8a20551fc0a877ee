"""A printed grid as an accessible table: header rows, row groups, and which headers each figure answers to."""

from collections.abc import Iterator
from typing import NamedTuple

from nianbao.core.form import Table
from nianbao.core.grid import Box, Grid


class Square(NamedTuple):
    """One table cell of a page: its box, its id (labels), its scope (labels), the ids of its headers (figures)."""

    box: Box
    id: str
    scope: str
    headers: tuple[str, ...]


Line = tuple[Square, ...]


class Layout(NamedTuple):
    """A table as a page prints it: widths in per cent by column group, header lines, groups of body lines."""

    columns: tuple[tuple[float, ...], ...]
    head: tuple[Line, ...]
    bodies: tuple[tuple[Line, ...], ...]


def layout(table: Table) -> Layout:
    """The table's boxes with ids, scopes and headers, split into ``thead`` and ``tbody`` elements."""
    lines = [tuple(_square(table, box) for box in row) for row in table.grid.rows()]
    top = head_height(table.grid)
    starts = [r for r in range(top, len(lines)) if r == top or _begins_group(table.grid, r)]
    ends = [*starts[1:], len(lines)]
    bodies = tuple(tuple(lines[a:b]) for a, b in zip(starts, ends, strict=True) if b > a)
    return Layout(_columns(table), tuple(lines[:top]), bodies)


def head_height(grid: Grid) -> int:
    """How many rows at the top hold column headers only: they are repeated on every page of a print."""
    for box in grid.boxes:
        if box.kind not in ("corner", "head"):
            return box.row
    return grid.height


def box_id(table: str, box: Box) -> str:
    """The id of a label box on the page: unique within the form, the same in every report."""
    return f"{table}-r{box.row + 1}c{box.column + 1}"


def _square(table: Table, box: Box) -> Square:
    if box.is_label:
        return Square(box, box_id(table.key, box), _scope(box), ())
    return Square(box, "", "", tuple(box_id(table.key, label) for label in headers(table.grid, box)))


def _scope(box: Box) -> str:
    match box.kind:
        case "title":
            return "rowgroup"
        case "side":
            return "rowgroup" if box.rows > 1 else "row"
        case _:
            return "colgroup" if box.columns > 1 else "col"


def headers(grid: Grid, figure: Box) -> Iterator[Box]:
    """The labels a figure answers to: the title of its block, its column's heads from above, its row's sides."""
    titles = [box for box in grid.labels if box.kind == "title" and box.row < figure.row]
    block = titles[-1].row if titles else -1
    yield from titles[-1:]
    for box in grid.labels:
        if box.kind == "head" and block < box.row < figure.row and _overlap(box, figure):
            yield box
    for box in grid.labels:
        if box.kind == "side" and box.row <= figure.row < box.row + box.rows and box.column < figure.column:
            yield box


def _overlap(one: Box, other: Box) -> bool:
    return one.column < other.column + other.columns and other.column < one.column + one.columns


def _begins_group(grid: Grid, row: int) -> bool:
    """Whether a new group of rows begins here: under a title, or where a label over several rows begins or ended."""
    if any(box.row < row < box.row + box.rows for box in grid.boxes):
        return False
    starts = [box for box in grid.boxes if box.row == row]
    ended = any(box.row + box.rows == row and box.rows > 1 and box.kind == "side" for box in grid.boxes)
    return ended or any(box.kind == "title" or (box.kind == "side" and box.rows > 1) for box in starts)


def _columns(table: Table) -> tuple[tuple[float, ...], ...]:
    """The columns' widths in per cent, grouped as the first row of the grid groups them."""
    whole = sum(table.widths)
    shares = tuple(round(100 * width / whole, 2) for width in table.widths)
    first = next(iter(table.grid.rows()))
    return tuple(shares[box.column : box.column + box.columns] for box in first)
