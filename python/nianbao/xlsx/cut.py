"""What of a sheet part is read at all: up to the end of its cells, and of each row up to the last column wanted.

Both readings, the fast and the careful, are given what is left here, so that they agree on what was not read.
Conditional formats, data validations and formulas of hidden columns are most of a workbook of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from nianbao.core.grid import column_name
from nianbao.xlsx.value import MAIN, STRICT_MAIN

_DECLARATION = rb'(?:<\?xml version="1\.0" encoding="(?:UTF|utf)-8"(?: standalone="(?:yes|no)")?\?>[\r\n]*)?'
_NAMESPACE = f'"(?:{re.escape(MAIN)}|{re.escape(STRICT_MAIN)})"'.encode()
_ROOT = re.compile(_DECLARATION + b"<worksheet xmlns=" + _NAMESPACE + b"[ >]")
# A comment, CDATA section, document type or processing instruction, in which a tag would be none.
_HIDING = re.compile(rb"<[!?]")
_OPEN, _CLOSE, _NO_CELLS = b"<sheetData>", b"</sheetData>", b"<sheetData/>"
_END = b"</worksheet>"


def cut(data: bytes, last: int | None) -> bytes | None:
    """The part without what follows the cells, and without the rows' cells from the first one right of
    column `last` on (None: all columns are wanted); None where the part is not of the plain shape.

    What is cut off is not looked at but for this: a row whose cells do not stand in the order of their columns
    (ECMA-376 part 1, 18.3.1.4) is not of the plain shape.
    """
    root = _ROOT.match(data)
    start = data.find(_OPEN)
    end = data.find(_CLOSE if start >= 0 else _NO_CELLS)
    if root is None or end < max(start, 0) or _HIDING.search(data, root.end(), end):
        return None
    if start < 0:
        return data[:end] + _NO_CELLS + _END
    if last is None:
        return data[: end + len(_CLOSE)] + _END
    kept = list(_kept(data, start, end, last))
    return None if b"" in kept else b"".join([data[:start], *kept, _CLOSE, _END])


def _kept(data: bytes, start: int, end: int, last: int) -> Iterator[bytes]:
    """The pieces of the rows that are wanted, from `start` to `end`; an empty one when a row has no plain end, or a
    wanted cell after one that is not."""
    beyond, within, here = _beyond(last), _within(last), start
    while found := beyond.search(data, here, end):
        stop = data.find(b"</row>", found.end(), end)
        if stop < 0 or data.find(b"<row", found.end(), stop) >= 0 or within.search(data, found.end(), stop):
            yield b""
            return
        yield data[here : found.start()]
        here = stop
    yield data[here:end]


@cache
def _beyond(last: int) -> re.Pattern[bytes]:
    """The beginning of a cell right of column `last`."""
    letters = column_name(last)
    longer = [f"[A-Z]{{{len(letters) + 1},3}}+"] if len(letters) < 3 else []
    after = [
        f"{letters[:n]}[{chr(ord(c) + 1)}-Z]{'[A-Z]' * (len(letters) - n - 1)}"
        for n, c in enumerate(letters)
        if c != "Z"
    ]
    return re.compile(f'<c r="(?:{"|".join([*after, *longer])})[0-9]'.encode())


@cache
def _within(last: int) -> re.Pattern[bytes]:
    """The beginning of a cell not right of column `last`."""
    letters = column_name(last)
    shorter = [f"[A-Z]{{1,{len(letters) - 1}}}"] if len(letters) > 1 else []
    before = [
        f"{letters[:n]}[A-{chr(ord(c) - 1)}]{'[A-Z]' * (len(letters) - n - 1)}"
        for n, c in enumerate(letters)
        if c != "A"
    ]
    return re.compile(f'<c r="(?:{"|".join([letters, *before, *shorter])})[0-9]'.encode())
