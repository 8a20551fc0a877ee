"""One file of a folder, and what reading it gave: the work of a pool's worker, light in and light out."""

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from nianbao.checks.explain import unexplained
from nianbao.checks.validate import count, validate
from nianbao.consolidate.found import kept, packed
from nianbao.consolidate.gist import quoted
from nianbao.consolidate.kinds import looks, refuse_place
from nianbao.consolidate.texts import hashes
from nianbao.core.cell import Cell
from nianbao.core.errors import Alien, Unreadable
from nianbao.core.interchange import is_json, parse
from nianbao.core.number import Figure, exact, simplest
from nianbao.core.report import Report, dense, figures_digest
from nianbao.workbook.leaves import DETAIL_CODE, DETAIL_FIRST, DETAIL_NAME, detail_lines
from nianbao.workbook.reader import read, read_workbook


class Item(NamedTuple):
    """A file to read: its name within the folder (forward slashes), where it is, its size, when it changed (ns)."""

    name: str
    path: str
    size: int
    changed: int


class Entry(NamedTuple):
    """What reading one file gave, flat: it travels between processes and stands as a row in the journal.

    ``trouble``: why nothing could be read (a sentence), else empty; ``alien``: it is no report at all.
    ``figures``: the form's cells in order (see :func:`pack`). ``findings``: JSON, a list of ``found.Found``, the
    gravest first, bounded. ``errors`` and ``verify`` count all error findings and the verify findings without
    explanation; ``first`` is what the first few of the one kind, else of the other, say.
    ``sums``: the digest of the figures alone (see ``figures_digest``).
    ``covers``: JSON, the fields of every ``Leaf`` that a summary adds up. ``texts``: see ``texts.hashes``. ``digest`` of everything that was said.
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


def pack(figures: tuple[Figure | None, ...]) -> str:
    """Exact figures as one text, blanks empty: ``3,,0.25``."""
    return ",".join("" if value is None else str(value) for value in figures)


def unpack(text: str) -> tuple[Figure | None, ...]:
    """The figures of :func:`pack`, exactly."""
    return tuple(int(part) if part.isdigit() else exact(part) for part in text.split(","))


def examine(item: Item) -> Entry:
    """Read and validate one file; whatever is wrong with it is in the result, nothing is raised."""
    source = Path(item.path)
    try:
        refuse_place(item.name, source)
        report = read(source)
        return _entry(item, report)
    except Unreadable as problem:
        return unreadable(item, problem)


def examine_bytes(item: Item, data: bytes) -> Entry:
    """As :func:`examine`, of a file whose bytes are here already."""
    try:
        report = parse(data, item.name) if is_json(data[:64]) else read_workbook(data, item.name)
        return _entry(item, report)
    except Unreadable as problem:
        return unreadable(item, problem)


def unreadable(item: Item, problem: Unreadable) -> Entry:
    """The entry of a file that cannot be used at all."""
    words = f"{problem.what}；{problem.todo}。"
    return Entry(*item_key(item), trouble=words, alien=isinstance(problem, Alien) or not looks(item.name))


def item_key(item: Item) -> tuple[str, int, int]:
    return item.name, item.size, item.changed


def _entry(item: Item, report: Report) -> Entry:
    findings = [finding for finding in validate(report) if finding.rule != "previous.missing"]
    if report.leaves:  # a summary hands in figures; its text is written before it is published
        findings = [finding for finding in findings if finding.rule != "narrative.empty"]
    errors, verify = count(findings, "error"), len(unexplained(findings))
    listed = kept(findings, report)
    figures = tuple(map(report.figures.get, report.form.cells))
    open_ = [f for f in listed if f.severity == ("error" if errors else "verify") and not f.explanation]
    return Entry(
        *item_key(item),
        form=report.form.key,
        agency=report.agency,
        code=report.agency_code,
        year=report.year,
        level=report.level,
        scope=report.scope,
        digest=digest(report),
        sums=figures_digest(figures),
        figures=pack(figures),
        errors=errors,
        verify=verify,
        first=quoted(open_, errors or verify),
        findings=packed(listed),
        covers=json.dumps(report.leaves, ensure_ascii=False) if report.leaves else "[]",
        texts=hashes(report),
    )


def digest(report: Report) -> str:
    """A digest of what the report says, whatever file says it: every cell's figure or text, a cell that is absent
    and one that is blank alike, and the text as it is compared, without white space.

    Two copies of one report (JSON in any order, a workbook) have the same, different reports another. The
    staff's explanations are no part of the report.
    """
    figures = (_plain(report, cell) for cell in report.form.cells)
    said: dict[str, list[str]] = {}
    for section, _, paragraph in report.text():
        said.setdefault(section, []).append(paragraph)
    texts = [(section, dense("".join(paragraphs))) for section, paragraphs in said.items()]
    content = (tuple(figures), [(section, text) for section, text in texts if text])
    return hashlib.blake2b(repr(content).encode("utf-8", "replace"), digest_size=12).hexdigest()


def _plain(report: Report, cell: Cell) -> str:
    if (text := report.raw.get(cell)) is not None:
        return f"“{text.strip()}”"
    value = report.figures.get(cell)
    return "" if value is None else str(simplest(value))


def detail(source: Path, cells: int) -> dict[str, tuple[str, ...]]:
    """The figures of every unit that a summary lists, as they stand in its detail, by name and by code.

    Raises Unreadable when the summary cannot be read any more.
    """
    found: dict[str, tuple[str, ...]] = {}
    for texts in detail_lines(source, cells):
        for key in (texts[DETAIL_NAME - 1], texts[DETAIL_CODE - 1]):
            found[key] = tuple(texts[DETAIL_FIRST - 1 :])
    return found
