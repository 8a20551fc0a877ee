"""Names of the things a form is made of: a figure's cell, a paragraph's place, and what else a finding may be about."""

from typing import NamedTuple


class Cell(NamedTuple):
    """One figure of a form; ``str(cell)`` is its interchange key, e.g. ``requests.received.natural``."""

    table: str
    row: str
    column: str

    def __str__(self) -> str:
        return f"{self.table}.{self.row}.{self.column}"

    @classmethod
    def parse(cls, key: str) -> "Cell":
        """The cell of an interchange key; ``ValueError`` when it has not three parts."""
        table, row, column = key.split(".")
        return cls(table, row, column)


class Place(NamedTuple):
    """One paragraph of the narrative: its section's key and its number from 1 (0: the section as a whole)."""

    section: str
    paragraph: int

    def __str__(self) -> str:
        return f"{self.section}#{self.paragraph}"


class Anchor(NamedTuple):
    """What a finding is about where it is neither a figure nor a paragraph; :data:`NOWHERE` when it has no place.

    ``area``: ``cover`` or ``previous`` (last year's data) with the field as ``key``; ``section`` with its key, and
    row and column of a printed label; ``explanation`` with its number from 0 as ``row``; ``sheet`` with the name of
    another sheet, row and column.
    """

    area: str
    key: str = ""
    row: int = 0
    column: int = 0


NOWHERE = Anchor("")
