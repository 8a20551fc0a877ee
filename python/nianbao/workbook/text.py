"""Texts made fit for a workbook's XML: characters that it cannot hold, and the escapes it is read with."""

import re

# What XML cannot hold even escaped; what a cell's text holds only escaped; what would be read as an escape.
_NO_CHARACTER = re.compile("[\ud800-\udfff\ufffe\uffff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def sound(text: str) -> str:
    """The text with what is no character replaced (U+FFFD)."""
    return _NO_CHARACTER.sub("\ufffd", text)


def printable(text: str) -> str:
    """The text without control characters too, for where nothing is escaped: formulas' values, notes, properties."""
    return _CONTROL.sub(" ", sound(text))


def escaped(text: str) -> str:
    """A cell's text as it must be written so that it is read as it is (ECMA-376 part 1, ST_Xstring)."""
    return _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", _ESCAPE.sub("_x005F_", sound(text)))
