"""The journal: every file's entry in a small SQLite file beside the summary, so that memory stays flat and a
run that was stopped goes on where it was."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from nianbao.consolidate.entry import Entry, Item, unpack
from nianbao.consolidate.found import Found, unpacked
from nianbao.consolidate.names import folded
from nianbao.core.errors import Unreadable
from nianbao.core.number import Figure
from nianbao.core.report import Leaf
from nianbao.workbook.layout import SCOPES
from nianbao.workbook.leaves import UNKNOWN

_FIELDS = Entry._fields
_HEAD = tuple(f for f in _FIELDS if f not in ("figures", "findings", "size", "changed", "level", "texts"))


class Head(NamedTuple):
    """An entry without its figures and findings: what tells units apart and decides on their reports."""

    name: str
    trouble: str
    alien: bool
    form: str
    agency: str
    code: str
    year: int | None
    scope: str
    digest: str
    sums: str
    errors: int
    verify: int
    first: str
    covers: tuple[Leaf, ...]

    @property
    def summary(self) -> bool:
        """Whether it adds up other units: by what it holds, or by what its cover says."""
        return bool(self.covers) or folded(self.scope) == SCOPES[1]

    @property
    def opaque(self) -> bool:
        """Whether it is a summary of which nobody knows what it adds up."""
        return self.summary and not all(leaf.name or leaf.code for leaf in self.covers or UNKNOWN)


def beside(summary: Path) -> Path:
    """The journal's place: beside the summary, with its name."""
    return summary.with_name(f"{summary.stem}.汇总记录.sqlite")


class Journal:
    """The entries of one run. ``settings``: what they depend on; a journal of other settings is begun anew."""

    def __init__(self, path: Path, settings: Mapping[str, str], *, resume: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not resume:
            _remove(path)
        try:
            self._open(path)
            if self._settings() != settings:
                self._db.close()
                _remove(path)
                self._open(path)
                self._db.executemany("insert into settings values (?, ?)", settings.items())
                self._db.commit()
        except sqlite3.Error:
            raise Unreadable(str(path), "汇总记录无法写入或已损坏", "请删除该文件后重新汇总") from None

    def _open(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.execute("create table if not exists settings (name text primary key, value text)")
        columns = ", ".join(f"{field} primary key" if field == "name" else field for field in _FIELDS)
        self._db.execute(f"create table if not exists files ({columns}) without rowid")

    def _settings(self) -> dict[str, str]:
        return dict(self._db.execute("select name, value from settings"))

    def close(self) -> None:
        self._db.close()

    def todo(self, items: Iterable[Item]) -> list[Item]:
        """The items that are not in the journal as they are now; entries of files that are gone are dropped."""
        known = {n: (s, c) for n, s, c in self._db.execute("select name, size, changed from files")}
        wanted = []
        for item in items:
            if known.pop(item.name, None) != (item.size, item.changed):
                wanted.append(item)
        self._db.executemany("delete from files where name = ?", [(name,) for name in known])
        self._db.commit()
        return wanted

    def add(self, entries: Iterable[Entry]) -> None:
        """Keep entries, whole batch or none."""
        marks = ", ".join("?" * len(_FIELDS))
        with self._db:
            rows = ([_storable(value) for value in entry] for entry in entries)
            self._db.executemany(f"insert or replace into files values ({marks})", rows)

    def heads(self) -> Iterator[Head]:
        """The heads of all entries by name."""
        for row in self._db.execute(f"select {', '.join(_HEAD)} from files order by name"):
            covers = tuple(map(Leaf._make, json.loads(row[-1]))) if row[-1] != "[]" else ()
            yield Head._make((*row[:2], bool(row[2]), *row[3:-1], covers))

    def figures(self, name: str) -> tuple[Figure | None, ...]:
        """The figures of one file, in the order of the form's cells."""
        (text,) = self._db.execute("select figures from files where name = ?", (name,)).fetchone()
        return unpack(text)

    def findings(self, name: str) -> list[Found]:
        """The findings of one file."""
        (text,) = self._db.execute("select findings from files where name = ?", (name,)).fetchone()
        return unpacked(text)

    def shared(self, of_unit: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
        """The paragraphs that stand in the reports of several units: how each begins, and the units by name.

        ``of_unit``: the units of the files that are looked at. The work is the database's, memory stays flat.
        """
        self._db.execute("drop table if exists temp.texts")
        self._db.execute(
            "create temp table texts (hash integer, unit text, begins text, primary key (hash, unit)) without rowid"
        )
        for name, texts in self._db.execute("select name, texts from files where texts <> '[]'"):
            if unit := of_unit.get(name):
                rows = ((number, unit, begins) for number, begins in json.loads(texts))
                self._db.executemany("insert or ignore into temp.texts values (?, ?, ?)", rows)
        several = "select hash from temp.texts group by hash having count(*) > 1"
        found = self._db.execute(
            f"select hash, unit, begins from temp.texts where hash in ({several}) order by hash, unit"
        )
        for _, group in groupby(found, key=lambda row: row[0]):
            lines = list(group)
            yield min(begins for _, _, begins in lines), [unit for _, unit, _ in lines]
        self._db.commit()


def _storable(value: str | int | None) -> str | int | None:
    """A value as SQLite takes it: halves of signs that a report holds stand as question marks."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
