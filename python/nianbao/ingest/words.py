"""The words of published pages as data (``variants.json``), text reduced to what is compared, and a form's labels.

The labels are those of the form's printed grid: which row and which column a published text names.
"""

import difflib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from nianbao.core import number
from nianbao.core.form import Form, Table
from nianbao.core.grid import Box, Cell
from nianbao.core.number import Figure
from nianbao.core.text import visible

_WIDE = str.maketrans("０１２３４５６７８９，．－", "0123456789,.-")
_FIGURE = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
#: Digits grouped as no number is (``6,63``, ``1 234``): a figure cell's text, of which the figure is not certain.
_LOOSE = re.compile(r"-?[0-9]{1,6}(?:[, ]{1,2}[0-9]{1,6}){1,4}(?:\.[0-9]+)?")
_NUMBER = re.compile(r"\s*(?:\(\s*([一二三四五六七八九十]{1,3}|[0-9]{1,2})\s*\)[、.,:]?"
                     r"|([一二三四五六七八九十]{1,3}|[0-9]{1,2})\s*[、.,:·])\s*(?![0-9])")  # fmt: skip
_NOTE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|〔[^〔〕]*〕|【[^【】]*】")
#: So many answers on texts, each at most so long, are kept: the same few stand in every table and every report.
LOOKED_UP, SHORT = 20_000, 200
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
    return visible(unicodedata.normalize("NFKC", text)).translate(_simplified())


@lru_cache(maxsize=LOOKED_UP)
def fold(text: str) -> str:
    """What is compared of a label: its letters, characters and digits, in simplified form."""
    return "".join(c for c in simplify(text) if c.isalnum()).casefold()


def split_number(text: str) -> tuple[str, str]:
    """A label's own number (``（三）`` → ``三``, ``1.`` → ``1``, none → empty) and the rest of it."""
    plain = simplify(text)
    match = _NUMBER.match(plain)
    return (match[1] or match[2], plain[match.end() :]) if match else ("", plain)


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
    return _short_figure(text) if len(text) <= SHORT else _figure(text)


def _figure(text: str) -> Figure | str | None:
    bare = visible(trim(text))
    if not bare:
        return None
    plain = bare.translate(_WIDE)
    if _FIGURE.fullmatch(plain):
        value: int | Decimal | None = number.exact(plain.replace(",", ""))
        if value is not None:
            return value
    return re.sub(r"\s*\n\s*", " ", bare)


_short_figure = lru_cache(maxsize=LOOKED_UP)(_figure)


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


#: Labels shorter than this say too little without their number or group ("其他", "总计").
TELLING = 4
#: A label this long may be cut short, or have a slip in it, and still be recognised.
LONG = 8
_YEAR = re.compile(r"(?:19|20)\d\d年度?")
_DEFINED = re.compile(r"[:\n]|——|,?(?:是指|系指|指)")
#: A label with its definition is never longer than this; what comes after so much of it is not looked at.
DEFINED, TERM = 600, 200
_MONEY = re.compile(r"亿元|万元|元")
_T = TypeVar("_T")


class Label(NamedTuple):
    """One label of the form: its table, its box, and its folded text."""

    table: str
    box: Box
    text: str


class Target(NamedTuple):
    """One printed row of figures: its own label (none in a table of columns only), the labels of the groups
    it belongs to, its cells from left to right, and above each cell its column labels from the top."""

    table: str
    label: Label | None
    groups: tuple[str, ...]
    cells: tuple[Cell, ...]
    heads: tuple[tuple[str, ...], ...]
    orders: tuple[tuple[str, ...], ...]


class Key(NamedTuple):
    """One way to write a label: folded, with its number apart. Smaller ``rank`` is closer to the original."""

    rank: int
    text: str
    number: str


@lru_cache(maxsize=LOOKED_UP)
def spellings(text: str) -> tuple[Key, ...]:
    """The ways a label may be compared: whole, without notes, without its number, without both, without a year in
    it, without the definition after it."""
    number, rest = split_number(text)
    bare = without_notes(text)
    ways = (
        text,
        bare,
        rest,
        split_number(bare)[1],
        _YEAR.sub("", bare),
        split_number(_term(bare))[1],
    )
    keys = (Key(rank, fold(way), number) for rank, way in enumerate(ways))
    return tuple(key for key in keys if key.text)


@lru_cache(maxsize=1)
def _synonyms() -> dict[str, tuple[str, ...]]:
    groups = [[fold(w) for w in group] for group in data()["synonyms"]]
    synonyms: dict[str, tuple[str, ...]] = {}
    for group in groups:
        for word in group:
            synonyms[word] = (*synonyms.get(word, ()), *(other for other in group if other != word))
    return synonyms


def _figure_rows(table: Table) -> Iterator[tuple[int, tuple[Box, ...]]]:
    for row, boxes in enumerate(table.grid.rows()):
        figures = tuple(box for box in boxes if box.cell)
        if figures:
            yield row, figures


def _term(text: str) -> str:
    """What stands before a definition (``规章：指……``)."""
    return _DEFINED.split(simplify(text), maxsplit=1)[0]


class Labels:
    """The labels of one form, looked up by what a source says."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self._short_row = lru_cache(maxsize=LOOKED_UP)(self._row)
        self._short_near = lru_cache(maxsize=LOOKED_UP)(self._near_row)
        self._short_other = lru_cache(maxsize=LOOKED_UP)(self._other)

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """Every printed row of figures."""
        return tuple(
            self._target(key, table, row, figures)
            for key, table in self.form.tables.items()
            for row, figures in _figure_rows(table)
        )

    def _target(self, key: str, table: Table, row: int, figures: tuple[Box, ...]) -> Target:
        first = min(box.column for box in figures)
        sides = [
            Label(key, box, fold(box.text))
            for box in sorted(table.grid.labels, key=lambda b: b.column)
            if box.kind == "side" and box.row <= row < box.row + box.rows and box.column < first
        ]
        block = self._block(table, row)
        heads = tuple(_above(block, box) for box in figures)
        leaves = [h[-1] for h in heads if h]
        reading = [fold(b.text) for b in block if b.kind == "head" and fold(b.text) in leaves]
        orders = tuple(dict.fromkeys((tuple(reading), tuple(leaves))))
        label = sides[-1] if sides else None
        groups = tuple(side.text for side in sides[:-1])
        return Target(key, label, groups, tuple(b.cell for b in figures if b.cell), heads, orders)

    @staticmethod
    def _block(table: Table, row: int) -> tuple[Box, ...]:
        """The boxes of the header rows that stand above a row of figures."""
        figure_rows = {box.row for box in table.grid.boxes if box.cell}
        last = row
        while last in figure_rows:
            last -= 1
        first = max((r for r in figure_rows if r < last), default=-1) + 1
        return tuple(b for b in table.grid.boxes if first <= b.row <= last and b.is_label)

    @cached_property
    def _sides(self) -> dict[str, list[tuple[Key, Target]]]:
        index: dict[str, list[tuple[Key, Target]]] = {}
        for target in self.targets:
            if target.label:
                for key in spellings(target.label.box.text):
                    index.setdefault(key.text, []).append((key, target))
        return index

    @cached_property
    def _others(self) -> dict[str, list[tuple[Key, Label]]]:
        """Labels that head no row of their own: titles, corners, column heads, groups of rows."""
        own = {target.label for target in self.targets}
        index: dict[str, list[tuple[Key, Label]]] = {}
        for key, table in self.form.tables.items():
            for box in table.grid.labels:
                label = Label(key, box, fold(box.text))
                if label not in own and label.text:
                    for spelling in spellings(box.text):
                        index.setdefault(spelling.text, []).append((spelling, label))
        return index

    def row(self, text: str, group: str = "") -> Target | None:
        """The row of figures a label names; None where it names none, or more than one.

        ``group``: the folded label of the group it stands in, which a label as short as ``其他`` needs
        when it comes without its number.
        """
        return self._short_row(text, group) if len(text) <= SHORT else self._row(text, group)

    def _row(self, text: str, group: str) -> Target | None:
        for key, matched in _candidates(text, self._sides):
            fits = {
                target
                for own, target in matched
                if _agree(key, own) and (_tells(key, own) or (group and group in target.groups))
            }
            if len(fits) == 1:
                return fits.pop()
        return None

    def near_row(self, text: str) -> Target | None:
        """The row whose long label is cut short here, or differs by a slip of the pen; None when in doubt."""
        return self._short_near(text) if len(text) <= SHORT else self._near_row(text)

    def _near_row(self, text: str) -> Target | None:
        folded = fold(text)
        if len(folded) < LONG or len(folded) > 120:
            return None
        long = [t for t in self.targets if t.label and len(t.label.text) >= LONG]
        close = [t for t in long if t.label and _near(folded, t.label.text)]
        return close[0] if len(close) == 1 else None

    def heads(self, text: str) -> tuple[Label, ...]:
        """The column labels a text may be, one for each table and text."""
        return self._labels(text, ("head",))

    def is_label(self, text: str) -> bool:
        """Whether the text is a label of the form of whatever kind."""
        return self.row(text, group="") is not None or bool(self._labels(text))

    def group(self, text: str) -> str:
        """The folded label of the group of rows that a text names, or nothing."""
        key = self._labels(text, ("side",))
        return key[0].text if key else ""

    def other(self, text: str) -> tuple[Label, ...]:
        """Titles, corners, column heads and groups that a text may be."""
        return self._labels(text)

    def _labels(
        self, text: str, kinds: tuple[str, ...] = ("title", "corner", "head", "side")
    ) -> tuple[Label, ...]:
        return self._short_other(text, kinds) if len(text) <= SHORT else self._other(text, kinds)

    def _other(self, text: str, kinds: tuple[str, ...]) -> tuple[Label, ...]:
        for key, matched in _candidates(text, self._others):
            fits = [
                label
                for own, label in matched
                if label.box.kind in kinds and _agree(key, own) and _same_unit(text, label.box.text)
            ]
            if fits:
                return tuple({(label.table, label.text): label for label in fits}.values())
        return ()

    def exact(self, text: str) -> bool:
        """Whether the text is a label of this form word for word (spaces and punctuation apart)."""
        return fold(text) in self._words

    @cached_property
    def _words(self) -> frozenset[str]:
        tables = self.form.tables.values()
        return frozenset(fold(box.text) for table in tables for box in table.grid.labels)


_MADE: list[Labels] = []


def labels_of(form: Form) -> Labels:
    """The labels of a form, with all that was looked up among them before: those of the last few forms are kept."""
    kept = next((labels for labels in _MADE if labels.form is form), None)
    if kept is None:
        kept = Labels(form)
        _MADE[:] = [kept, *_MADE[:3]]
    return kept


def _candidates(
    text: str, index: dict[str, list[tuple[Key, _T]]]
) -> Iterator[tuple[Key, list[tuple[Key, _T]]]]:
    if len(text) > DEFINED:
        return
    text = text[:TERM]
    for key in spellings(text):
        if key.text in index:
            yield key, index[key.text]
    for key in spellings(text):
        for word in _synonyms().get(key.text, ()):
            if word in index:
                yield key, index[word]


def _agree(other: Key, own: Key) -> bool:
    """Two numbered labels agree in their number, or say enough without it."""
    return not (other.number and own.number) or other.number == own.number or len(own.text) >= TELLING


def _tells(other: Key, own: Key) -> bool:
    """A short label that lacks the number of the form's says too little by itself."""
    return bool(other.number) or not own.number or len(own.text) >= TELLING or own.rank < 2


def _same_unit(text: str, label: str) -> bool:
    """No note names another unit of money than the form's label."""
    own, due = _unit(text), _unit(label)
    return not (own and due) or own == due


@lru_cache(maxsize=LOOKED_UP)
def _unit(text: str) -> str:
    """The unit of money that a label names, in its notes if it has any; or nothing."""
    units: list[str] = _MONEY.findall("".join(notes(text)) or text)
    return units[0] if units else ""


def _near(text: str, label: str) -> bool:
    if label.startswith(text) or text.startswith(label):
        return True
    matcher = difflib.SequenceMatcher(None, text, label, autojunk=False)
    return matcher.real_quick_ratio() > 0.9 and matcher.ratio() > 0.9


def _above(block: tuple[Box, ...], figure: Box) -> tuple[str, ...]:
    return tuple(
        fold(box.text)
        for box in sorted(block, key=lambda b: b.row)
        if box.kind == "head"
        and box.column < figure.column + figure.columns
        and figure.column < box.column + box.columns
    )
