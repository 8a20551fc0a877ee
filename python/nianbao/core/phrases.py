"""How narratives phrase the figures of a form: a table of words, declared as data, resolved to what the form has.

A form names a shared table (``"phrases": "zh"``, a file of ``forms/phrases/``) or extends one with words of its own
(``{"use": "zh", "words": {"row": {"granted": ["准许公开"]}}}``). A new phrase is one word more in the line of its meaning;
a trailing ``~`` marks a weak word, which means its quantity only where the context speaks of it. Rows and columns that a
form does not have are left out of a shared table; a form's own words must name what the form has.
Source: the circular's headings and about 90 published reports.
"""

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

SHARED = Path(__file__).with_name("forms") / "phrases"


class PhraseTable(Protocol):
    """What of a table the phrases refer to."""

    @property
    def rows(self) -> Mapping[str, Any]: ...
    @property
    def columns(self) -> Mapping[str, Any]: ...
    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]: ...


@dataclass(slots=True)
class Meaning:
    """One thing that a word may mean: ``row`` ``granted``; ``strong``: it means that wherever it stands."""

    kind: str
    value: str
    strong: bool


#: A word's meanings by their kind.
Meanings = Mapping[str, Meaning]


@cache
def _alone(kind: str, value: str, strong: bool) -> Meanings:
    """One for all the words that mean nothing else."""
    return {kind: Meaning(kind, value, strong)}


@dataclass(frozen=True, eq=False)
class Phrases:
    """The table of one form: its words, and everything else it declares (``units``, ``dates``, ``leftover`` …)."""

    vocabulary: Mapping[str, Meanings]
    data: Mapping[str, Any]

    def words(self, *path: str) -> tuple[str, ...]:
        """A word list of the table, empty where the table has none."""
        node: Any = self.data
        for key in path:
            node = node.get(key, {})
        return tuple(node)


def resolve(declared: str | Mapping[str, Any] | None, tables: Mapping[str, PhraseTable]) -> Phrases:
    """The phrases a form declares, for its tables; ``ValueError`` names the first mistake of its own words."""
    if declared is None:
        return Phrases({}, {})
    own: Mapping[str, Any] = {"use": declared} if isinstance(declared, str) else declared
    shared: Mapping[str, Any] = _shared(own["use"]) if "use" in own else {}
    data = {key: value for key, value in {**shared, **own}.items() if key != "use"}
    known = _known(data, tables)
    vocabulary: dict[str, Meanings] = {}
    merged: dict[tuple[int, int], Meanings] = {}  # tens of thousands of words have a few hundred meanings
    for spec, strict in ((shared, False), (own, True)):
        for kind, value, words in _meanings(spec):
            if kind in known and not known[kind].issuperset(value.split("+")):
                if strict:
                    raise ValueError(f"words.{kind}: unknown {value}")
                continue
            strong, weak = _alone(kind, value, True), _alone(kind, value, False)
            for word in words:
                new = weak if word[-1:] == "~" else strong
                bare = word.rstrip("~") if new is weak else word
                held = vocabulary.setdefault(bare, new)
                if held is not new and kind not in held:
                    key = (id(held), id(new))
                    vocabulary[bare] = merged.get(key) or merged.setdefault(key, {**held, **new})
    return Phrases(vocabulary, data)


def _known(data: Mapping[str, Any], tables: Mapping[str, PhraseTable]) -> dict[str, set[str]]:
    """What words may mean by the kinds that name something of the form."""
    subjects: Mapping[str, Any] = data.get("subjects", {})
    rows = {key for table in tables.values() for key in (*table.rows, *table.groups)}
    columns = {key for table in tables.values() for key in table.columns}
    return {
        "row": rows,
        "column": columns | set(data.get("columns", {})),
        "subject": {
            name
            for name, spec in subjects.items()
            if spec["table"] in tables and rows.issuperset(spec["rows"])
        },
    }


def _meanings(spec: Mapping[str, Any]) -> Iterator[tuple[str, str, Iterable[str]]]:
    """The words of a table, kind and value by kind and value, as they are declared (``结转~``)."""
    for kind, declared in spec.get("words", {}).items():
        for value, words in declared.items() if isinstance(declared, dict) else [("", declared)]:
            yield kind, value, words
    for family in spec.get("families", ()):
        yield family["kind"], family["meaning"], map("".join, itertools.product(*family["parts"]))


@cache
def _shared(name: str) -> Mapping[str, Any]:
    path = SHARED / f"{name}.json"
    if not path.is_file():
        raise ValueError(f"unknown phrases {name}")
    data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data
