"""What reading each file gave, and the journal (SQLite) that keeps it: memory stays flat, a stopped run goes on."""

import hashlib
import json
import os
import re
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from nianbao.checks.validate import RuleChange, unexplained, validate
from nianbao.consolidate.folder import LARGEST, Item, looks_like_report, refuse_place, titled
from nianbao.consolidate.names import folded
from nianbao.core.files import Alien, Unreadable
from nianbao.core.finding import GRAVITY, Finding, count
from nianbao.core.number import Figure, pack, simplest, unpack
from nianbao.core.report import Leaf, Report, dense, is_json, packed_digest, parse
from nianbao.workbook.flags import advice, where
from nianbao.workbook.layout import SCOPES, Layout
from nianbao.workbook.leaves import UNKNOWN
from nianbao.workbook.reader import read, read_workbook

#: So many findings of one file are kept, the gravest first; the others are counted.
MOST = 300
#: Stands for a rule where a file as a whole is spoken of.
FILE = "file"


class ListedFinding(NamedTuple):
    """A finding as the lists show it, with the cell that it points at and the unit's explanation where one holds."""

    severity: str
    rule: str
    message: str
    advice: str
    sheet: str
    cell: str
    explanation: str = ""
    brief: str = ""


class JournalEntry(NamedTuple):
    """What reading one file gave, flat: it travels between processes and stands as a row in the journal.

    ``trouble``: why nothing could be read (a sentence), else empty; ``alien``: it is no report at all.
    ``figures``: the form's cells in order (see ``number.pack``). ``findings``: JSON, a list of :class:`ListedFinding`, the
    gravest first, bounded. ``errors`` and ``verify`` count all error findings and the verify findings without
    explanation; ``first`` is what the first few of the one kind, else of the other, say.
    ``sums``: the digest of the figures alone (see ``figures_digest``).
    ``covers``: JSON, the fields of every ``Leaf`` that a summary adds up. ``texts``: see ``texts.hashes``. ``digest`` of everything that the report says.
    """

    name: str
    size: int
    changed: int
    trouble: str = ""
    alien: bool = False
    form: str = ""
    agency: str = ""
    code: str = ""
    year: int | None = None
    level: str = ""
    scope: str = ""
    digest: str = ""
    sums: str = ""
    figures: str = ""
    errors: int = 0
    verify: int = 0
    first: str = ""
    findings: str = "[]"
    covers: str = "[]"
    texts: str = "[]"


#: What is no matter of a consolidation: it has last year's summary, and holds every report to one year itself.
APART = ("previous.missing", "form.old_year")
#: No local rules.
NONE: Mapping[str, RuleChange] = {}


def examine(item: Item, rules: Mapping[str, RuleChange] = NONE) -> JournalEntry:
    """Read and validate one file; whatever is wrong with it is in the result, nothing is raised."""
    source = Path(item.path)
    try:
        refuse_place(item.name, source)
        report = read(source)
        return _entry(item, report, rules)
    except Unreadable as problem:
        return unreadable(item, problem)._replace(agency=titled(item))


def examine_bytes(item: Item, data: bytes, rules: Mapping[str, RuleChange] = NONE) -> JournalEntry:
    """As :func:`examine`, of a file whose bytes are here already."""
    try:
        report = parse(data, item.name) if is_json(data[:64]) else read_workbook(data, item.name)
        return _entry(item, report, rules)
    except Unreadable as problem:
        return unreadable(item, problem)


def examine_url(item: Item, rules: Mapping[str, RuleChange] = NONE) -> JournalEntry:
    """As ``examine``, of a file named by its URL."""
    import fsspec

    try:
        if item.size > LARGEST:
            raise Unreadable(item.name, "文件过大，为安全起见未读取", "请核对是否选错文件")
        with fsspec.open(item.path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError:
        return unreadable(item, Unreadable(item.name, "读取失败", "请检查网络连接和访问权限后重试"))
    except Unreadable as problem:
        return unreadable(item, problem)
    return examine_bytes(item, data, rules)


def unreadable(item: Item, problem: Unreadable) -> JournalEntry:
    """The entry of a file that cannot be used at all."""
    words = f"{problem.what}；{problem.todo}。"
    return JournalEntry(
        *item.key, trouble=words, alien=isinstance(problem, Alien) or not looks_like_report(item.name)
    )


#: A template that nobody filled in is no report and goes back to nobody.
EMPTY = "是空白模板，单位、数字和文字都没有填写，不是报送的年报；请填写后报送，误放的可删去。"


def _empty(report: Report) -> bool:
    """Whether nothing at all was filled in: no name, no figure, no text."""
    filled = any(value is not None for value in report.figures.values()) or report.raw or report.leaves
    return not (filled or report.agency.strip() or report.agency_code or any(report.text()))


def _entry(item: Item, report: Report, rules: Mapping[str, RuleChange]) -> JournalEntry:
    if _empty(report):
        return JournalEntry(*item.key, trouble=EMPTY, alien=True)
    findings = [finding for finding in validate(report, local=rules) if finding.rule not in APART]
    if report.leaves:  # a summary hands in figures; its text is written before it is published
        findings = [finding for finding in findings if finding.rule != "narrative.empty"]
    errors, verify = count(findings, "error"), len(unexplained(findings))
    listed = problems_of(findings, report)
    figures = plain_figures(report)
    packed = pack(figures)
    open_ = [f for f in listed if f.severity == ("error" if errors else "verify") and not f.explanation]
    return JournalEntry(
        *item.key,
        form=report.form.key,
        agency=report.agency,
        code=report.agency_code,
        year=report.year,
        level=report.level,
        scope=report.scope,
        digest=digest(report, packed),
        sums=packed_digest(figures, packed),
        figures=packed,
        errors=errors,
        verify=verify,
        first=quoted(open_, errors or verify),
        findings=json.dumps(listed, ensure_ascii=False),
        covers=json.dumps(report.leaves, ensure_ascii=False) if report.leaves else "[]",
        texts=text_hashes(report),
    )


def digest(report: Report, packed: str) -> str:
    """A digest of what the report says, whatever file says it: every cell's figure (``packed``) or text, a cell that is
    absent and one that is blank alike, and the text as it is compared, without white space.

    Two copies of one report (JSON in any order, a workbook) have the same, different reports another. The
    staff's explanations are no part of the report.
    """
    raw = sorted((str(cell), text.strip()) for cell, text in report.raw.items())
    by_section: dict[str, list[str]] = {}
    for section, _, paragraph in report.text():
        by_section.setdefault(section, []).append(paragraph)
    texts = [(section, dense("".join(paragraphs))) for section, paragraphs in by_section.items()]
    content = (packed, raw, [(section, text) for section, text in texts if text])
    return hashlib.blake2b(repr(content).encode("utf-8", "replace"), digest_size=12).hexdigest()


def plain_figures(report: Report) -> tuple[Figure | None, ...]:
    """The figures in the order of the form's cells, each as simple as it can be."""
    values = map(report.figures.get, report.form.cells)
    return tuple([v if v is None or type(v) is int else simplest(v) for v in values])


#: Paragraphs of fewer characters (figures, punctuation and the agency's name left aside) are common to many reports.
LEAST_SIGNS = 40
#: So many paragraphs of a report are looked at; so much of one is quoted.
PARAGRAPHS, QUOTED_SIGNS = 60, 24
_NOISE = re.compile(r"[\W\d_]+")


def text_hashes(report: Report) -> str:
    """The long paragraphs of the parts that are text alone, as JSON: pairs of a hash and how the paragraph begins."""
    sections = {section.key for section in report.form.sections if not section.table}
    hashes: dict[int, str] = {}
    for section, _, paragraph in report.text():
        if section not in sections or len(paragraph) < LEAST_SIGNS or len(hashes) == PARAGRAPHS:
            continue
        bare = _NOISE.sub("", paragraph.replace(report.agency, "") if report.agency else paragraph)
        if len(bare) >= LEAST_SIGNS:
            hashes[paragraph_hash(bare)] = paragraph.strip()[:QUOTED_SIGNS]
    return json.dumps(list(hashes.items()), ensure_ascii=False) if hashes else "[]"


def paragraph_hash(text: str) -> int:
    """63 bits, as SQLite holds them."""
    return (
        int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1
    )


_FIELDS = JournalEntry._fields
#: What has a table of its own: it is long, and not needed where units are told apart.
_APART = ("figures", "findings", "texts")
_ROW = tuple(f for f in _FIELDS if f not in _APART)
#: The columns of the journal, by which an older one is told from this.
COLUMNS = (*_ROW, *_APART)
#: The tables with their columns.
_COLUMNS_OF = {"files": _ROW, **{table: ("name", table) for table in _APART}}
_HEAD = tuple(f for f in _ROW if f not in ("size", "changed", "level"))


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


class Journal:
    """The entries of one run. ``settings``: what they depend on; a journal of other settings is begun anew."""

    def __init__(self, path: Path, settings: Mapping[str, str], *, resume: bool) -> None:
        self._path, self._process = path, os.getpid()
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
            if not path.exists():
                raise Unreadable(str(path.parent), "文件夹不能写入", "请换一个有写入权限的文件夹") from None
            raise Unreadable(str(path), "汇总记录无法写入或已损坏", "请删除该文件后重新汇总") from None

    def _open(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.execute("create table if not exists settings (name text primary key, value text)")
        self._db.execute("create table if not exists notes (name text primary key, value text)")
        columns = ", ".join(f"{field} primary key" if field == "name" else field for field in _ROW)
        self._db.execute(f"create table if not exists files ({columns}) without rowid")
        for table in _APART:
            self._db.execute(f"create table if not exists {table} (name primary key, value) without rowid")

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
        for table in ("files", *_APART):
            self._db.executemany(f"delete from {table} where name = ?", [(name,) for name in known])
        self._db.commit()
        return wanted

    def current(self, items: Iterable[Item]) -> bool:
        """Whether the journal holds these items as they are now, and nothing else."""
        known = {n: (s, c) for n, s, c in self._db.execute("select name, size, changed from files")}
        return known == {item.name: (item.size, item.changed) for item in items}

    def note(self, name: str) -> str:
        """A text that was kept under a name; empty where none was."""
        row = self._db.execute("select value from notes where name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def keep(self, name: str, text: str) -> None:
        """Keep a text under a name."""
        with self._db:
            self._db.execute("insert or replace into notes values (?, ?)", (name, _storable(text)))

    def add(self, entries: Iterable[JournalEntry]) -> None:
        """Keep entries, whole batch or none."""
        rows: Sequence[tuple[str | int | None, ...]] = list(entries)
        try:
            self._put(rows)
        except UnicodeEncodeError:
            self._put([tuple(map(_storable, row)) for row in rows])

    def _put(self, rows: Sequence[tuple[str | int | None, ...]]) -> None:
        with self._db:
            for table, columns in _COLUMNS_OF.items():
                marks = ", ".join("?" * len(columns))
                values = map(itemgetter(*map(_FIELDS.index, columns)), rows)
                self._db.executemany(f"insert or replace into {table} values ({marks})", values)

    def hold(self) -> None:
        """Read all that follows at one state of the journal: locks are then not asked for again and again."""
        self._db.commit()
        self._db.execute("begin")

    def heads(self) -> Iterator[Head]:
        """The heads of all entries by name."""
        for row in self._db.execute(f"select {', '.join(_HEAD)} from files order by name"):
            covers = tuple(map(Leaf._make, json.loads(row[-1]))) if row[-1] != "[]" else ()
            yield Head._make((*row[:2], bool(row[2]), *map(_interned, row[3:-1]), covers))

    def figures(self, name: str) -> tuple[Figure | None, ...]:
        """The figures of one file, in the order of the form's cells."""
        return unpack(self._value("figures", name))

    def texts(self, name: str) -> list[str]:
        """The figures of one file as texts, blanks empty: for those who need but a few of them, or write them down."""
        return self._value("figures", name).split(",")

    def findings(self, name: str) -> list[ListedFinding]:
        """The findings of one file."""
        return [ListedFinding(*fields) for fields in json.loads(self._value("findings", name))]

    def _value(self, table: str, name: str) -> str:
        if (
            os.getpid() != self._process
        ):  # a copy of the process has its own connection, and leaves this one alone
            self._inherited, self._process = self._db, os.getpid()
            self._db = sqlite3.connect(self._path)
            self.hold()
        (text,) = self._db.execute(f"select value from {table} where name = ?", (name,)).fetchone()
        return str(text)

    def shared(self, of_unit: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
        """The paragraphs that stand in the reports of several units: how each begins, and the units by name.

        ``of_unit``: the units of the files that are looked at. The work is the database's, memory stays flat.
        """
        self._db.execute("drop table if exists temp.texts")
        self._db.execute(
            "create temp table texts (hash integer, unit text, begins text, primary key (hash, unit)) without rowid"
        )
        for name, texts in self._db.execute("select name, value from main.texts where value <> '[]'"):
            if unit := of_unit.get(name):
                rows = ((number, unit, begins) for number, begins in json.loads(texts))
                self._db.executemany("insert or ignore into temp.texts values (?, ?, ?)", rows)
        several = "select hash from temp.texts group by hash having count(*) > 1"
        shared = self._db.execute(
            f"select hash, unit, begins from temp.texts where hash in ({several}) order by hash, unit"
        )
        for _, group in groupby(shared, key=lambda row: row[0]):
            lines = list(group)
            yield min(begins for _, _, begins in lines), [unit for _, unit, _ in lines]


def _interned(value: str | int | None) -> str | int | None:
    """One text for all the heads that say the same: the form, the scope, no problem."""
    return sys.intern(value) if isinstance(value, str) and len(value) < _ALIKE else value


#: Texts of so few characters are the same in many heads.
_ALIKE = 10


def _storable(value: str | int | None) -> str | int | None:
    """A value as SQLite takes it: halves of signs that a report holds stand as question marks."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def gravest(findings: Sequence[Finding]) -> list[Finding]:
    """The findings that are kept of a file: errors first, at most :data:`MOST`."""
    return sorted(findings, key=lambda finding: GRAVITY[finding.severity])[:MOST]


def problems_of(findings: Sequence[Finding], report: Report) -> list[ListedFinding]:
    """The findings of one report, errors first, at most :data:`MOST`; the last line counts those left out."""
    layout = Layout.of(report.form)
    shown = [_problem(finding, report, layout) for finding in gravest(findings)]
    if left := len(findings) - len(shown):
        words = f"问题过多，另有 {left} 个没有列出"
        shown.append(ListedFinding("info", FILE, words, "改正已列出的问题后重新校验", "", ""))
    return shown


def _problem(finding: Finding, report: Report, layout: Layout) -> ListedFinding:
    at = where(finding, report, layout)
    words = (
        finding.message,
        advice(finding, report),
        at.sheet,
        at.a1,
        finding.explanation,
        _in_short(finding),
    )
    return ListedFinding(finding.severity, finding.rule, *words)


def _in_short(finding: Finding) -> str:
    """What a finding says without arithmetic, where its cause is clear (what was filled in, what it should be); else
    without the corrections that come into question."""
    cause, _, rest = finding.message.partition(f"。{finding.brief}")
    return cause if finding.brief and rest else finding.brief


#: So many blanks become one line; of other findings under one rule so many are shown before the rest is counted.
BLANKS, SHOWN = 3, 5
#: So many places of like findings and problems in a reason are named.
PLACES, QUOTED = 8, 3


def in_few_lines(findings: Iterable[ListedFinding]) -> list[ListedFinding]:
    """The findings in as few lines as tell them, errors first; each line points at the first of its places."""
    groups: dict[tuple[int, str, bool], list[ListedFinding]] = {}
    for item in findings:
        key = GRAVITY.get(item.severity, 0), item.rule, bool(item.explanation)
        groups.setdefault(key, []).append(item)
    ordered = sorted(groups.items(), key=lambda pair: (pair[0][0], pair[0][1] == FILE))
    return [line for _, group in ordered for line in _lines(group)]


def quoted(findings: Iterable[ListedFinding], count: int) -> str:
    """What the first few of ``count`` problems say in short."""
    lines = [(line.brief or line.message).rstrip("。") for line in in_few_lines(findings)]
    more = f" 等 {count} 个" if len(lines) > QUOTED else ""
    return "；".join(lines[:QUOTED]) + more


def _lines(group: Sequence[ListedFinding]) -> Iterator[ListedFinding]:
    """The lines of one rule."""
    first = group[0]
    if first.rule == "cell.blank" and len(group) >= BLANKS:
        yield _blanks(group)
    elif len(group) > SHOWN + 1:
        yield from group[:SHOWN]
        rest = group[SHOWN:]
        yield rest[0]._replace(brief="", message=f"同类问题另有 {len(rest)} 处：{places(rest)}")
    else:
        yield from group


def _blanks(group: Sequence[ListedFinding]) -> ListedFinding:
    first = group[0]
    if first.severity == "error":
        words = f"有 {len(group)} 个格没有填写：{places(group)}"
        return first._replace(message=words, advice="请逐格填写，没有的填 0")
    return first._replace(message=f"{first.message}（同此共 {len(group)} 格：{places(group)}）")


def places(findings: Sequence[ListedFinding]) -> str:
    """Where findings stand, sheet by sheet: ``三、申请办理 E8、F8，二、主动公开 C7 等 12 处``."""
    parts = []
    for sheet, group in groupby(findings[:PLACES], key=lambda item: item.sheet):
        parts.append(f"{sheet} {'、'.join(item.cell for item in group)}".strip())
    return "，".join(parts) + (f" 等 {len(findings)} 处" if len(findings) > PLACES else "")
