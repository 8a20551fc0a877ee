"""Names of the things a form is made of: a figure's cell and a paragraph's place."""

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
