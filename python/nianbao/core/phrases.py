"""How narratives phrase the figures of a form: a table of words, declared as data, resolved to rows and columns.

A form names a shared table (``"phrases": "zh"``, a file of ``forms/phrases/``) or extends one with words of its
own (``{"use": "zh", …}``). Rows and columns that a form does not have are left out of a shared table; a form's
own words must name what the form has. Source: the circular's headings and about 90 published reports.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

SHARED = Path(__file__).with_name("forms") / "phrases"

#: How many characters a bar has at most that is no word to the reader of the text.
SHORT = 2

#: One reading of a phrase: the keys (rows, or columns) whose figures are added up.
Reading = tuple[str, ...]


class Grid(Protocol):
    """What of a table the phrases refer to."""

    @property
    def rows(self) -> Mapping[str, Any]: ...
    @property
    def columns(self) -> Mapping[str, Any]: ...
    @property
    def groups(self) -> Mapping[str, tuple[str, ...]]: ...


class Said(NamedTuple):
    """What a phrase means: its readings (``any``), and readings that are accepted in silence (``also``).

    ``less``: what the text may legitimately have left out of the number.
    ``head``: it opens a statement of its own; ``weak``: another phrase beside it prevails; ``loose``: courts and
    clerks may file it elsewhere; ``joint``: two such phrases in one sentence are added up; ``cumulative``: running
    totals are meant; ``when``: readings by period (last, this, next).
    """

    any: tuple[Reading, ...] = ()
    also: tuple[Reading, ...] = ()
    less: tuple[Reading, ...] = ()
    severity: Literal["error", "verify"] = "error"
    head: bool = False
    weak: bool = False
    loose: bool = False
    joint: bool = False
    cumulative: bool = False
    when: Mapping[str, tuple[Reading, ...]] = {}


@dataclass(frozen=True, eq=False)
class Topic:
    """One subject of the narrative: the words that name it and what the words beside a number mean in it.

    ``home`` are the sections whose text speaks of it unless it says otherwise; elsewhere the paragraph must hold
    one of ``needs``. ``bars`` rule a number out. ``soft_units`` are measure words that leave a doubt.
    """

    key: str
    table: str
    home: tuple[str, ...]
    needs: tuple[str, ...]
    names: tuple[str, ...]
    short: tuple[str, ...]
    bars: tuple[str, ...]
    units: str
    soft_units: str
    rows: Said
    columns: Said
    said_rows: Mapping[str, Said]
    said_columns: Mapping[str, Said]

    @cached_property
    def counts(self) -> frozenset[str]:
        """Every word that says what is counted."""
        return frozenset((*self.names, *self.short, *self.said_rows, *self.said_columns))

    @cached_property
    def said(self) -> frozenset[str]:
        """The words that say which row or column is meant."""
        return frozenset((*self.said_rows, *self.said_columns))

    @cached_property
    def outcomes(self) -> frozenset[str]:
        """Words for a group of rows that is no statement of its own (不予公开): nothing else is told so."""
        return frozenset(w for w, s in self.said_rows.items() if not s.head and s.any and len(s.any[0]) > 1)

    @cached_property
    def called(self) -> frozenset[str]:
        """The words that name the topic, the short ones included."""
        return frozenset((*self.names, *self.short))

    @cached_property
    def barred(self) -> frozenset[str]:
        """``bars``, to be looked up."""
        return frozenset(self.bars)

    @cached_property
    def short_bars(self) -> tuple[str, ...]:
        """Bars of few characters, looked for in what no known word covers (公开, 信息 stand everywhere)."""
        return tuple(bar for bar in self.bars if len(bar) <= SHORT)

    @cached_property
    def steady(self) -> bool:
        """Whether the topic's name says which row is meant (复议, 规章), so that only its column is to be told."""
        return self.rows.severity == "error"


@dataclass(frozen=True, eq=False)
class Phrases:
    """The table of one form; ``data`` holds the plain word lists (``foreign``, ``rounded``, ``none`` …)."""

    topics: Mapping[str, Topic]
    data: Mapping[str, Any]

    def words(self, *path: str) -> tuple[str, ...]:
        """A word list of the table, empty where the table has none."""
        found: Any = self.data
        for key in path:
            found = found.get(key, {})
        return tuple(found)


def resolve(declared: str | Mapping[str, Any] | None, tables: Mapping[str, Grid]) -> Phrases:
    """The phrases a form declares, for its tables; ``ValueError`` names the first mistake of its own words."""
    if declared is None:
        return Phrases({}, {})
    own: Mapping[str, Any] = {"use": declared} if isinstance(declared, str) else declared
    shared: Mapping[str, Any] = _shared(own["use"]) if "use" in own else {}
    topics = dict(_topics(shared.get("topics", {}), tables, strict=False))
    topics |= dict(_topics(own.get("topics", {}), tables, strict=True))
    plain = {k: v for k, v in {**shared, **own}.items() if k not in ("topics", "use")}
    return Phrases(topics, plain)


@cache
def _shared(name: str) -> Mapping[str, Any]:
    path = SHARED / f"{name}.json"
    if not path.is_file():
        raise ValueError(f"unknown phrases {name}")
    data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data


def _topics(
    specs: Mapping[str, Any], tables: Mapping[str, Grid], *, strict: bool
) -> Iterator[tuple[str, Topic]]:
    for key, spec in specs.items():
        table = tables.get(spec["table"])
        if table is None:
            if strict:
                raise ValueError(f"topics.{key}: unknown table {spec['table']}")
            continue
        topic = _topic(key, spec, table, strict)
        if topic.rows.any:
            yield key, topic


def _topic(key: str, spec: Mapping[str, Any], table: Grid, strict: bool) -> Topic:
    where = f"topics.{key}"
    rows, columns = _Keys(table.rows, table.groups), _Keys(table.columns, {})
    return Topic(
        key=key,
        table=spec["table"],
        home=tuple(spec.get("home", ())),
        needs=tuple(spec.get("needs", ())),
        names=tuple(spec["names"]),
        short=tuple(spec.get("short", ())),
        bars=tuple(spec.get("not", ())),
        units=spec["units"],
        soft_units=spec.get("soft_units", ""),
        rows=_said(spec["rows"], rows, strict, where),
        columns=_said(spec.get("columns", {}), columns, strict, where),
        said_rows=dict(_words(spec.get("said_rows", ()), rows, strict, where)),
        said_columns=dict(_words(spec.get("said_columns", ()), columns, strict, where)),
    )


class _Keys(NamedTuple):
    known: Mapping[str, Any]
    groups: Mapping[str, tuple[str, ...]]

    def expand(self, names: Iterable[str]) -> Reading | None:
        """The keys behind names and ``@groups``; None where the table lacks one."""
        found: list[str] = []
        for name in names:
            members = self.groups.get(name[1:]) if name.startswith("@") else (name,)
            if members is None or any(m not in self.known for m in members):
                return None
            found += members
        return tuple(found)


def _words(
    specs: Iterable[Mapping[str, Any]], keys: _Keys, strict: bool, where: str
) -> Iterator[tuple[str, Said]]:
    for spec in specs:
        said = _said(spec, keys, strict, where)
        if said.any:
            for word in spec["words"]:
                yield word, said


def _said(spec: Mapping[str, Any], keys: _Keys, strict: bool, where: str) -> Said:
    def readings(lists: Iterable[list[str]]) -> tuple[Reading, ...]:
        found = [(names, keys.expand(names)) for names in lists]
        if strict and (bad := [names for names, reading in found if reading is None]):
            raise ValueError(f"{where}: unknown {' '.join(bad[0])}")
        return tuple(reading for _, reading in found if reading is not None)

    marks = {k: v for k, v in spec.items() if k not in ("words", "any", "also", "less", "when")}
    when = {k: readings(v) for k, v in spec.get("when", {}).items()}
    known, also, less = (readings(spec.get(name, ())) for name in ("any", "also", "less"))
    return Said(known, also, less, when=when, **marks)
