"""The words of published pages as data (``variants.json``), and text reduced to what is compared."""

import json
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from nianbao.core import number
from nianbao.core.number import Figure

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_WIDE = str.maketrans("０１２３４５６７８９，．－", "0123456789,.-")
_FIGURE = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
#: Digits grouped as no number is (``6,63``, ``1 234``): a figure cell's text, of which the figure is not certain.
_LOOSE = re.compile(r"-?[0-9]{1,6}(?:[, ]{1,2}[0-9]{1,6}){1,4}(?:\.[0-9]+)?")
_NUMBER = re.compile(r"\s*(?:\(\s*([一二三四五六七八九十]{1,3}|[0-9]{1,2})\s*\)[、.,:]?"
                     r"|([一二三四五六七八九十]{1,3}|[0-9]{1,2})\s*[、.,:·])\s*(?![0-9])")  # fmt: skip
_NOTE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|〔[^〔〕]*〕|【[^【】]*】")
_EDGE = " \t\r\n\f\v\u3000\u00a0\u2002\u2003\u200b\ufeff"


@cache
def data() -> Mapping[str, Any]:
    """The variants of labels and headings, traditional characters, page furniture."""
    loaded: Mapping[str, Any] = json.loads(Path(__file__).with_name("variants.json").read_text("utf-8"))
    return loaded


@cache
def _simplified() -> dict[int, str]:
    pairs: str = data()["traditional"]
    return {ord(a): b for a, b in zip(pairs[::2], pairs[1::2], strict=True)}


@cache
def patterns(name: str) -> re.Pattern[str]:
    """One of the lists of ``variants.json`` as a pattern for a whole line."""
    return re.compile("|".join(f"(?:{p})" for p in data()[name]), re.IGNORECASE)


def trim(text: str) -> str:
    """The text without outer white space, full-width indentation and invisible marks."""
    return text.strip(_EDGE)


def simplify(text: str) -> str:
    """Compatibility forms folded, invisible marks taken out, traditional characters made simplified."""
    return unicodedata.normalize("NFKC", text).translate(_INVISIBLE).translate(_simplified())


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """What is compared of a label: its letters, characters and digits, in simplified form."""
    return "".join(c for c in simplify(text) if c.isalnum()).casefold()


def split_number(text: str) -> tuple[str, str]:
    """A label's own number (``（三）`` → ``三``, ``1.`` → ``1``, none → empty) and the rest of it."""
    plain = simplify(text)
    found = _NUMBER.match(plain)
    return (found[1] or found[2], plain[found.end() :]) if found else ("", plain)


def notes(text: str) -> tuple[str, ...]:
    """What stands in brackets inside a label, its number apart."""
    return tuple(_NOTE.findall(split_number(text)[1]))


def without_notes(text: str) -> str:
    """The label without its notes in brackets; its number stays."""
    count, rest = split_number(text)
    return f"{count}.{_NOTE.sub('', rest)}" if count else _NOTE.sub("", rest)


def figure(text: str) -> Figure | str | None:
    """What a published figure cell says: an exact number, None for a blank, else the text that stood there.

    Plain, full-width and grouped digits (``12``, ``１２``, ``1,234``) are numbers when they are all there is.
    """
    bare = trim(text).translate(_INVISIBLE)
    if not bare:
        return None
    plain = bare.translate(_WIDE)
    if _FIGURE.fullmatch(plain):
        value: int | Decimal | None = number.exact(plain.replace(",", ""))
        if value is not None:
            return value
    return re.sub(r"\s*\n\s*", " ", bare)


def is_number(text: str) -> bool:
    """Whether the text is a plain number."""
    return not isinstance(figure(text), (str, type(None)))


def is_loose(text: str) -> bool:
    """Whether the text is digits grouped as no number is."""
    value = figure(text)
    return isinstance(value, str) and len(value) <= 30 and bool(_LOOSE.fullmatch(value.translate(_WIDE)))


def is_figure(text: str) -> bool:
    """Whether the text can only stand in a figure cell: a number, a dash, ``无``, ``12件``, ``12（含…）``."""
    value = figure(text)
    if not isinstance(value, str):
        return value is not None
    if is_loose(value):
        return True
    if len(value) > 60 or split_number(value)[0]:
        return False
    fault = number.understand(value).fault
    return fault in ("none", "error") or (
        fault == "annotated" and value.translate(_WIDE)[0] in "+-0123456789"
    )
