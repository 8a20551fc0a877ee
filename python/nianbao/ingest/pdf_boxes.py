"""Drawn boxes that are no table cells: browsers frame whole sections, and their text would be read as one cell."""

from collections.abc import Sequence

from nianbao.ingest.pdf_layout import BBox, Char, Grid, text_lines

#: A box of this share of the drawing's width with more than one line of text holds paragraphs.
WHOLE = 0.98


def parted(cells: Sequence[BBox], chars: Sequence[Char]) -> tuple[list[Grid], list[Char]]:
    """The tables in a drawing from the top down, and the characters that stand in none of them.

    A box as wide as the drawing with more than one line of text is part of no table and divides what is above it
    from what is below.
    """
    held: dict[BBox, list[Char]] = {cell: [c for c in chars if c.within(cell)] for cell in cells}
    prose = [cell for cell in cells if _wide(cell, cells) and len(text_lines(held[cell])) > 1]
    if not prose:
        return [Grid(tuple(cells), tuple(chars))], []
    groups: dict[int, list[BBox]] = {}
    for cell in sorted(set(cells) - set(prose), key=lambda c: (c[1], c[0])):
        groups.setdefault(sum(p[1] <= cell[1] for p in prose), []).append(cell)
    tables = [group for group in groups.values() if not all(_wide(cell, cells) for cell in group)]
    grids = [Grid(tuple(group), tuple(c for cell in group for c in held[cell])) for group in tables]
    within = {c for grid in grids for c in grid.chars}
    return grids, [c for c in chars if c not in within]


def _wide(cell: BBox, cells: Sequence[BBox]) -> bool:
    whole = max(c[2] for c in cells) - min(c[0] for c in cells)
    return cell[2] - cell[0] >= WHOLE * whole
