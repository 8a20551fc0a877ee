"""One agency's report of one year: its figures, what stood where a figure should be, its text."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from nianbao.core import form as forms
from nianbao.core import number
from nianbao.core.equation import added
from nianbao.core.files import Alien, Unreadable
from nianbao.core.finding import CODES, Finding
from nianbao.core.form import Form, FormError, keys, load
from nianbao.core.grid import NOWHERE, Anchor, Cell
from nianbao.core.number import Figure, Reading
from nianbao.core.schema import LARGEST, first_problem, loads
from nianbao.core.text import dense as dense

Narrative = Mapping[str, tuple[str, ...]]
#: What a report is signed with: the unit's name and the date as they are to be printed under the text.
SIGNED = ("signature", "date")
#: Two reports with so many different figures of at least this size do not have them all alike by chance.
DISTINCT, TELLING = 4, 10
_INCOMPLETE = re.compile(r"数字不全[：:]只含(\d{1,9})个单位((?:[，,](?:未报|退回)\d{1,9})+)。?")
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?")


class Explanation(NamedTuple):
    """审核说明: why figures that a verify rule questions are right; ``figures`` is the fingerprint of the
    figures it speaks of, so that it lapses when one of them changes."""

    rule: str
    cells: tuple[str, ...]
    text: str
    figures: str = ""


class Leaf(NamedTuple):
    """One unit whose figures are in a summary: its name and code, and the digest of its figures there.

    ``whole``: the figures may include units below it. A leaf without a name: what the summary adds up is not known.
    """

    name: str
    code: str = ""
    digest: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Report:
    """One agency's year.

    ``figures`` has every cell that was present: an exact number, or None for a blank *and* for a text;
    ``raw`` has the text of the cells that hold one. ``problems`` are findings of the reading itself
    (changed layout, unknown cells). ``previous`` is last year's report as far as the workbook holds it.
    ``signature`` and ``date`` are what the report is signed with (落款), each of them optional.
    ``lines`` has the sheet rows in which each section's paragraphs (and the ``explanations``) stood, when read from a
    workbook; ``live``
    the totals that are formulas there. ``ledger`` are 台账核对数: what the agency's own ledger says that some cells
    should hold; not published. ``given`` are the sections that were handed in, also those left empty: all of a
    workbook's, those that interchange JSON names; none when it carries figures alone. ``leaves`` are the units that
    a summary adds up; ``incomplete`` is its sentence on the units that are missing while some are.
    """

    form: Form
    agency: str
    year: int | None
    figures: Mapping[Cell, Figure | None]
    raw: Mapping[Cell, str] = field(default_factory=dict)
    narrative: Narrative = field(default_factory=dict)
    preamble: tuple[str, ...] = ()
    agency_code: str = ""
    level: str = ""
    scope: str = ""
    signature: str = ""
    date: str = ""
    explanations: tuple[Explanation, ...] = ()
    ledger: Mapping[Cell, Figure] = field(default_factory=dict)
    previous: "Report | None" = None
    problems: tuple[Finding, ...] = ()
    lines: Mapping[str, tuple[int, ...]] = field(default_factory=dict, compare=False)
    live: frozenset[Cell] = field(default=frozenset(), compare=False)
    given: frozenset[str] = field(default=frozenset(), compare=False)
    leaves: tuple[Leaf, ...] = ()
    incomplete: str = ""

    @property
    def opening(self) -> tuple[str, ...]:
        """What stands before the first section: the sentence on what is missing, then the preamble."""
        return (*([self.incomplete] if self.incomplete else []), *self.preamble)

    def reading(self, cell: Cell) -> Reading | None:
        """How the text in a cell is understood; None where the cell holds a number or nothing."""
        text = self.raw.get(cell)
        return None if text is None else number.understand(text, self.form.column(cell).unit)

    def amount(self, cell: Cell) -> Figure | None:
        """The figure as arithmetic counts it: a blank (or a dash) is 0, ``163件`` is 163.

        A total that only leaves out the texts among its parts, as a live formula does, counts them too.
        None: what stands there cannot be counted (a text, an error value), or the form has no such cell.
        """
        return self.amounts.get(cell)

    def blank(self, cell: Cell) -> bool:
        """Whether nothing stands in a cell of this year."""
        return self.figures.get(cell) is None and cell not in self.raw

    def counted(self, cell: Cell) -> Figure | None:
        """The amount of a cell that was read; None also where its table was not, so that nothing is known of it."""
        return self.amount(cell) if cell in self.figures or cell in self.raw else None

    @cached_property
    def amounts(self) -> Mapping[Cell, Figure | None]:
        """What every cell of the form counts as (see :meth:`amount`), worked out once."""
        if not self.raw:
            return {cell: self.figures.get(cell) or 0 for cell in self.form.cells}
        known: dict[Cell, Figure | None] = {}
        for cell in self.form.cells:
            self._count(cell, known)
        return known

    def _count(self, cell: Cell, known: dict[Cell, Figure | None]) -> Figure | None:
        if cell not in known:
            reading, value = self.reading(cell), self.figures.get(cell)
            total = self.form.filled.get(cell) if self.raw and cell in self.live else None
            if reading is not None:
                known[cell] = reading.figure
            elif total is not None and value == added(total, self.figures):
                parts = [self._count(term.cell, known) for term in total.left]
                known[cell] = None if None in parts else sum(part for part in parts if part)
            else:
                known[cell] = value or 0
        return known[cell]

    def text(self) -> Iterator[tuple[str, int, str]]:
        """Every paragraph with its section key (``preamble`` first) and its number from 1."""
        for key in ("preamble", *(section.key for section in self.form.sections)):
            paragraphs = self.preamble if key == "preamble" else self.narrative.get(key, ())
            for n, paragraph in enumerate(paragraphs, 1):
                yield key, n, paragraph

    @property
    def heading(self) -> str:
        """The full title of the report."""
        return self.form.heading(self.agency, self.year or 0) if self.year else self.form.title

    @property
    def dated(self) -> str:
        """The date under the text as it is printed: ``2022年1月20日`` for ``2022-01-20``, else as it was typed."""
        match = _DATE.fullmatch(self.date.strip())
        if not match or not self.form.language.startswith("zh"):
            return self.date
        return "{}年{}月{}日".format(*map(int, match.groups()))

    def fingerprint(self) -> str:
        """16 hexadecimal digits that change when a figure, the text, the agency or the year changes.

        Only what is published counts, and white space does not: a page read back has the fingerprint it carries.
        """
        texts: dict[str, str] = {}
        if self.incomplete:
            texts["preamble"] = dense(self.incomplete)
        for section, _, paragraph in self.text():
            texts[section] = texts.get(section, "") + dense(paragraph)
        published = {
            "form": self.form.key,
            "agency": dense(self.agency),
            "year": self.year,
            "tables": _tables(self),
            "text": {section: text for section, text in texts.items() if text},
        }
        signed = {key: dense(text) for key in SIGNED if (text := getattr(self, key))}
        if self.date:
            signed["date"] = dense(self.dated)
        if signed:
            published["signed"] = signed
        text = json.dumps(published, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        import hashlib  # costs more than a reading; few reports need it

        return hashlib.sha256(text.encode()).hexdigest()[:16]


def to_json(report: Report) -> dict[str, Any]:
    """The report as interchange JSON (``report.schema.json``), tables and cells in the form's order."""
    data: dict[str, Any] = {"form": report.form.key, "agency": report.agency}
    for name in ("agency_code", "level", "scope", *SIGNED):
        if value := getattr(report, name):
            data[name] = value
    data |= {"year": report.year, "tables": _tables(report)}
    data["narrative"] = {
        section.key: list(texts)
        for section in report.form.sections
        if (texts := paragraphs(report.narrative.get(section.key, ())))
    }
    if report.incomplete:
        data["incomplete"] = report.incomplete
    if report.preamble:
        data["preamble"] = list(paragraphs(report.preamble))
    if report.explanations:
        data["explanations"] = [_explanation(e) for e in report.explanations]
    if report.ledger:
        data["ledger"] = _nested(report.form, report.ledger)
    if report.leaves:
        data["units"] = [_unit(leaf) for leaf in report.leaves]
    if report.previous is not None:
        last = report.previous
        data["previous"] = {"form": last.form.key, "year": last.year, "tables": _tables(last)}
    return data


def _unit(leaf: Leaf) -> dict[str, Any]:
    data: dict[str, Any] = {"name": leaf.name, "code": leaf.code, "digest": leaf.digest}
    return data | ({"whole": True} if leaf.whole else {})


def figures_digest(figures: Iterable[Figure | None]) -> str:
    """A digest of figures in the form's order; blank and 0 differ, 0.50 and 0.5 do not.

    It begins with ``~`` where the figures are so few and small that two units may well have the same.
    """
    values = [number.simplest(value) if isinstance(value, Decimal) else value for value in figures]
    return packed_digest(values, number.pack(values))


def packed_digest(figures: Iterable[Figure | None], packed: str) -> str:
    """The same of figures as simple as they can be, which have been packed already."""
    import hashlib  # costs more than a reading; few reports need it

    telling = sum(value is not None and value >= TELLING for value in set(figures)) >= DISTINCT
    return ("" if telling else "~") + hashlib.blake2b(packed.encode(), digest_size=12).hexdigest()


def _explanation(e: Explanation) -> dict[str, Any]:
    data = {"rule": e.rule, "cells": list(e.cells), "text": e.text}
    return data | ({"figures": e.figures} if e.figures else {})


def _tables(report: Report) -> dict[str, dict[str, dict[str, Any]]]:
    return _nested(report.form, {**report.figures, **report.raw})


def _nested(form: Form, values: Mapping[Cell, Figure | str | None]) -> dict[str, dict[str, dict[str, Any]]]:
    """The cells' values by table, row and column, in the form's order."""
    tables: dict[str, dict[str, dict[str, Any]]] = {}
    for cell in form.cells:
        if cell in values:
            tables.setdefault(cell.table, {}).setdefault(cell.row, {})[cell.column] = number.to_json(
                values[cell]
            )
    return tables


def incomplete_words(units: int, missing: int, returned: int) -> str:
    """The sentence on a summary of so many units while others are missing or were sent back; else nothing."""
    parts = [f"，{word} {n}" for word, n in (("未报", missing), ("退回", returned)) if n]
    return f"数字不全：只含 {units} 个单位{''.join(parts)}。" if parts else ""


def read_incomplete(text: str) -> str:
    """The sentence of :func:`incomplete_words` in a text, however its spaces came through; empty where it is another."""
    match = _INCOMPLETE.fullmatch(dense(text))
    if not match:
        return ""
    counts = {word: int(n) for word, n in re.findall(r"(未报|退回)(\d+)", match[2])}
    return incomplete_words(int(match[1]), counts.get("未报", 0), counts.get("退回", 0))


def from_json(data: Mapping[str, Any], form: Form) -> Report:
    """The report of parsed interchange JSON that its schema allows; unknown and missing cells become findings.

    Numbers are expected as ``int`` or ``Decimal``; a number that is no figure comes as its literal text.
    """
    figures, raw, unknown = _figures(data["tables"], form)
    narrative = data.get("narrative", {})
    known = {section.key for section in form.sections}
    ledger, _, nowhere = _figures(data.get("ledger", {}), form)
    problems = [*_unknown([*unknown, *nowhere], form), *_missing(figures, form)]
    problems += [_strange_section(key) for key in narrative if key not in known]
    opening = paragraphs(data.get("preamble", ()))
    notices = (text for given in (data.get("incomplete", ""), *opening) if (text := read_incomplete(given)))
    return Report(
        form=form,
        agency=data["agency"],
        year=data["year"],
        figures=figures,
        raw=raw,
        narrative={k: paragraphs(v) for k, v in narrative.items() if k in known and paragraphs(v)},
        preamble=tuple(text for text in opening if not read_incomplete(text)),
        incomplete=next(notices, ""),
        given=frozenset(narrative),
        agency_code=data.get("agency_code", ""),
        level=data.get("level", ""),
        scope=data.get("scope", ""),
        signature=data.get("signature", ""),
        date=data.get("date", ""),
        leaves=tuple(
            Leaf(u["name"], u.get("code", ""), u.get("digest", ""), u.get("whole", False))
            for u in data.get("units", ())
        ),
        explanations=tuple(
            Explanation(e["rule"], tuple(e["cells"]), e["text"], e.get("figures", ""))
            for e in data.get("explanations", ())
        ),
        ledger={cell: value for cell, value in ledger.items() if value is not None},
        problems=tuple(problems),
    )


def paragraphs(texts: Sequence[str]) -> tuple[str, ...]:
    """The texts as they are published: every line a paragraph of its own, a blank one says nothing."""
    return tuple(line for text in texts for line in text.splitlines() if line.strip())


def previous_from_json(data: Mapping[str, Any], form: Form, agency: str) -> Report:
    """Last year's report out of this year's interchange JSON (its ``previous``)."""
    figures, raw, _ = _figures(data["tables"], form)
    return Report(form, agency, data["year"], figures, raw)


def with_figures(report: Report, changes: Mapping[Cell, Figure | str | None]) -> Report:
    """A copy in which some cells hold something else: a number, a text, or nothing."""
    figures = dict(report.figures)
    raw = dict(report.raw)
    for cell, value in changes.items():
        raw.pop(cell, None)
        figures[cell] = None if isinstance(value, str) else value
        if isinstance(value, str):
            raw[cell] = value
    return replace(report, figures=figures, raw=raw)


def _figures(
    tables: Mapping[str, Any], form: Form
) -> tuple[dict[Cell, Figure | None], dict[Cell, str], list[Cell]]:
    figures: dict[Cell, Figure | None] = {}
    raw: dict[Cell, str] = {}
    unknown = []
    for table, rows in tables.items():
        for row, columns in rows.items():
            for column, value in columns.items():
                cell = Cell(table, row, column)
                if cell not in form.cell_set:
                    unknown.append(cell)
                    continue
                figures[cell] = None if isinstance(value, str) else value
                if isinstance(value, str) and value:
                    raw[cell] = value
    return figures, raw, unknown


def _unknown(cells: Sequence[Cell], form: Form) -> Iterator[Finding]:
    """One finding for each unknown row; a row of another year's form is recognised as such."""
    rows: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        rows.setdefault((cell.table, cell.row), []).append(cell)
    for same in rows.values():
        words = _elsewhere(same[0], form) or "请核对表式和指标名称，删去或改为规定的指标"
        shown = f"“{same[0]}”" + (f"等 {len(same)} 项" if len(same) > 1 else "")
        severity = CODES["form.unknown_cell"].severity
        section = next((s.key for s in form.sections if s.table == same[0].table), "")
        at = Anchor("section", section) if section else NOWHERE
        yield Finding("form.unknown_cell", severity, tuple(same), f"本表式没有指标{shown}，{words}", at=at)


def _elsewhere(cell: Cell, form: Form) -> str:
    """Where another built-in form has the cell: which form, its name there, and the rows that took its place."""
    for other in (load(key) for key in keys() if key != form.key):
        if cell in other.cell_set:
            members = form.tables[cell.table].groups.get(cell.row, ()) if cell.table in form.tables else ()
            rows = "、".join(form.tables[cell.table].rows[m].name for m in members)
            now = (
                f"，本表式分为 {len(members)} 行（{rows}），请分行填写" if members else "，请改用本表式的指标"
            )
            return f"它是 {other.authority} 格式的“{other.row(cell).name}”{now}"
    return ""


def _missing(figures: Mapping[Cell, object], form: Form) -> Iterator[Finding]:
    for key, table in form.tables.items():
        absent = tuple(cell for cell in table.cells if cell not in figures)
        if not absent:
            continue
        names = "、".join(form.name(cell) for cell in absent[:3]) + ("等" if len(absent) > 3 else "")
        yield Finding(
            "form.missing_cell",
            CODES["form.missing_cell"].severity,
            absent,
            f"“{form.tables[key].name}”缺少 {len(absent)} 项指标（{names}），请补齐，没有的填 0",
        )


def _strange_section(key: str) -> Finding:
    return Finding(
        "form.unknown_cell",
        "error",
        (),
        f"本表式没有名为“{key}”的部分，其文字没有读入，请改为规定的部分",
        at=NOWHERE,
    )


def is_json(head: bytes) -> bool:
    """Whether a file that begins so is meant as interchange JSON."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def parse(text: bytes, name: str, form: Form | None = None) -> Report:
    """The report in interchange JSON; ``form`` for a form that is not built in.

    Raises :class:`Unreadable` for what is no JSON, is not shaped as the schema says or names an unknown form.
    """
    if len(text) > LARGEST:
        raise Unreadable(name, f"文件超过 {LARGEST // 1_000_000} MB", "请核对是否选错了文件")
    data = loads(text, name, constant=str)
    if problem := first_problem(data):
        what = f"{problem.place}：{_KEYWORDS.get(problem.keyword, '不符合规定')}"
        raise Alien(name, f"不是年报交换格式的 JSON（{what}）", "请用 nianbao import 重新生成")
    chosen = _form(data["form"], name, form)
    report = from_json(data, chosen)
    if "previous" in data:
        last = data["previous"]
        previous = previous_from_json(last, _form(last["form"], name, form), report.agency)
        return replace(report, previous=previous)
    return report


def dump(report: Report) -> str:
    """The report as interchange JSON text, ending in a newline."""
    return json.dumps(to_json(report), ensure_ascii=False, indent=1) + "\n"


def _form(key: str, name: str, form: Form | None) -> Form:
    if form is not None and form.key == key:
        return form
    try:
        return forms.load(key)
    except FormError:
        known = "、".join(forms.keys())
        raise Unreadable(name, f"没有名为“{key}”的表式", f"请改用现有的表式（{known}）") from None


#: What is said of the keywords of a schema.
_KEYWORDS = {"required": "缺少必需的项", "additionalProperties": "有不认识的项", "type": "类型不对"}
