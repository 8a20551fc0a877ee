"""How wide a text is and how high a row must be to show it wrapped."""

from math import ceil
from unicodedata import east_asian_width


def height(text: str, width: float, size: float) -> float:
    """The row height in points that a wrapped text needs in a column ``width`` characters wide."""
    room = max(width * 10.5 / size - 1, 1)
    lines = sum(max(1, ceil(measure(line) / room)) for line in text.split("\n") or [""])
    return min(lines * size * 1.45 + 4, 409)


def measure(text: str) -> int:
    """The width of a text in half-width characters."""
    return sum(2 if east_asian_width(c) in "WFA" else 1 for c in text)
