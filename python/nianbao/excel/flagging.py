"""校验 and 清除标记 in the open workbook: everything is worked out first and written at the end, or not at all."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from nianbao.checks.validate import validate
from nianbao.core import local
from nianbao.core.finding import Finding
from nianbao.core.report import Report
from nianbao.excel.blocks import Formula, areas, cover, explanations, link
from nianbao.excel.book import OpenBook, Row
from nianbao.workbook import layout as at
from nianbao.workbook import repair
from nianbao.workbook.flags import NOTE_HEAD, Flag, Line, asked, flags, lines, summary, tabs, typed_areas
from nianbao.workbook.layout import RESULTS_TOP, Layout, Spot
from nianbao.workbook.reader import form_of, report_of
from nianbao.workbook.repair import Damage
from nianbao.xlsx.package import Package
from nianbao.xlsx.value import address

#: Where the explanation itself stands in a line of the sheet of explanations.
_TEXT = 3


class Checked(NamedTuple):
    """An open workbook's report, its findings, where everything stands."""

    report: Report
    layout: Layout
    findings: list[Finding]
    damaged: tuple[Damage, ...] = ()


class Block(NamedTuple):
    """Rows of values to write, the top left one at ``first``."""

    first: Spot
    rows: list[list[str | float | None]]


class Plan(NamedTuple):
    """Everything a validation writes."""

    blocks: tuple[Block, ...]
    notes: tuple[tuple[Spot, str], ...]
    lines: tuple[Line, ...]
    asked: tuple[Row, ...]
    tabs: dict[str, str]


def layout_of(book: OpenBook) -> Layout:
    """Where everything stands in an open workbook; raises Unreadable when it is none of ours."""
    return Layout.of(form_of(book.package([cover()]), book.name))


def read(book: OpenBook) -> tuple[Report, Layout]:
    """The report in an open workbook; raises Unreadable when it is none of ours."""
    book.calculate()
    first = book.package([cover()])
    layout = Layout.of(form_of(first, book.name))
    rest = book.package(list(areas(layout)))
    package = Package(first.names, {**first.sheets, **rest.sheets})
    report = report_of(package, book.name, layout.form)
    return repair.dated(report, layout, book.number_format), layout


def check(book: OpenBook, previous: Report | None = None, rules: Path | None = None) -> Checked:
    """Read and validate, nothing written. ``rules``: a department's own (also from ``NIANBAO_RULES``)."""
    report, layout = read(book)
    damaged = _damaged(book, layout)
    worded = (*report.problems, *repair.findings(damaged, layout))
    findings = validate(replace(report, problems=worded), previous, _rules(rules, layout))
    return Checked(report, layout, findings, damaged)


def _damaged(book: OpenBook, layout: Layout) -> tuple[Damage, ...]:
    """The live checks whose formulas were lost or led astray; none in a summary, in which nobody types."""
    if at.DETAIL in book.sheet_names:
        return ()
    stand: dict[str, dict[tuple[int, int], str]] = {}
    spots = sorted(repair.formulas(layout.form), key=lambda spot: spot.sheet)
    for sheet, group in groupby(spots, key=lambda spot: spot.sheet):
        if sheet in book.sheet_names:
            places = list(group)
            first = Spot(sheet, min(s.row for s in places), min(s.column for s in places))
            bottom, right = max(s.row for s in places), max(s.column for s in places)
            stand[sheet] = book.formulas(first, bottom, right)
    return tuple(Damage(spot, repair.FORMULA) for spot in repair.damaged_formulas(layout.form, stand))


def _rules(source: Path | None, layout: Layout) -> Mapping[str, local.Change]:
    named = os.environ.get("NIANBAO_RULES", "")
    if source is None and not named:
        return {}
    path = source or Path(named)
    changes = local.load(path)
    local.check(changes, layout.form, str(path))
    return changes


def plan(checked: Checked, when: datetime) -> Plan:
    """What the validation at ``when`` writes."""
    report, layout, findings, _ = checked
    flagged, listed = flags(findings, report, layout), lines(findings, report, layout)
    stored: list[str | float | None] = [f"{when:%Y-%m-%d %H:%M:%S}", report.fingerprint()]
    blocks = [
        *_marks(flagged),
        Block(at.SUMMARY, [[summary(findings, when)]]),
        Block(at.STORED[0], [[value] for value in stored]),
    ]
    if listed:
        first = Spot(at.RESULTS, at.RESULTS_TOP, at.LEFT)
        blocks.append(Block(first, [_listed(n, line) for n, line in enumerate(listed, 1)]))
    notes = tuple((flag.at, flag.note) for flag in flagged if flag.note)
    explain: list[Row] = [[text or None for text in line] for line in asked(findings, report, layout)]
    return Plan(tuple(blocks), notes, tuple(listed), tuple(explain), tabs(listed, report, layout))


def _marks(flagged: Iterable[Flag]) -> Iterator[Block]:
    """For each sheet one block that spans all its marks."""
    by_sheet: dict[str, dict[tuple[int, int], str]] = {}
    for flag in flagged:
        if not flag.code:
            continue
        by_sheet.setdefault(flag.mark.sheet, {})[flag.mark.row, flag.mark.column] = flag.code
    for sheet, codes in by_sheet.items():
        rows, columns = ([place[i] for place in codes] for i in (0, 1))
        wide = range(min(columns), max(columns) + 1)
        block = [[codes.get((row, column)) for column in wide] for row in range(min(rows), max(rows) + 1)]
        yield Block(Spot(sheet, min(rows), min(columns)), [list(line) for line in block])


def _listed(number: int, line: Line) -> list[str | float | None]:
    place = link(line.at.sheet, line.at.a1, line.place) if line.at.sheet else line.place
    return [number, line.severity, place, line.message, line.advice, line.rule]


def flag(book: OpenBook, checked: Checked) -> tuple[Line, ...]:
    """Show the findings in the workbook, in place of those of the last run; the lines of the sheet of results.

    Raises Unreadable before anything is changed where a sheet is protected by a password. On any failure
    the workbook is left without flags.
    """
    made = plan(checked, datetime.now())
    with book.quiet(), book.unlocked(flagged_sheets(checked.layout)):
        noted = _clear_flags(book, checked.layout, dict(made.notes))
        for spot, _ in checked.damaged:
            book.put(spot, [[Formula(repair.formulas(checked.layout.form)[spot])]])
        _write_or_clear(book, checked.layout, made, noted)
    return made.lines


def _keep(book: OpenBook, layout: Layout) -> None:
    """Copy what is typed beside it, so that the workbook sees what is edited later."""
    for area in typed_areas(layout):
        if area.first.sheet in book.sheet_names:
            book.put(area.copy, book.block(area.first, area.last.row, area.last.column))


def _write_or_clear(book: OpenBook, layout: Layout, made: Plan, noted: set[Spot]) -> None:
    """Write the plan; cells in ``noted`` have a note of the user's, which stays."""
    complete = False
    try:
        for block in made.blocks:
            if block.first.sheet in book.sheet_names:
                book.put(block.first, block.rows)
        for spot, note in made.notes:
            if spot.sheet in book.sheet_names and spot not in noted:
                book.annotate(spot, note)
        _ask(book, made.asked)
        if made.lines:
            book.fit(at.RESULTS, at.RESULTS_TOP, at.RESULTS_TOP + len(made.lines) - 1)
        _keep(book, layout)
        book.colour_tabs(made.tabs)
        complete = True
    finally:
        if not complete:
            clear(book, layout)


def _ask(book: OpenBook, lines: Sequence[Row]) -> None:
    """Write the lines of what must be explained; what staff wrote on a line of their own goes below them."""
    if at.EXPLANATIONS in book.sheet_names:
        before = _explained(book)
        own = [line for line in before if line[_TEXT] is not None and line[0] is None]
        _replace(book, before, [*lines, *own])


def _explained(book: OpenBook) -> list[Row]:
    """The lines of the sheet of explanations as they stand."""
    area = explanations()
    bottom = max(area.bottom, book.bottom(area.sheet))
    return book.block(Spot(area.sheet, area.bottom, area.left), bottom, area.right)


def _replace(book: OpenBook, before: Sequence[Row], after: Sequence[Row]) -> None:
    blank: Row = [None] * len(at.EXPLANATION_COLUMNS)
    padded = [*after, *[blank] * (len(before) - len(after))]
    if [list(line) for line in padded] != [list(line) for line in before]:
        book.put(Spot(at.EXPLANATIONS, at.EXPLANATIONS_TOP, at.EXPLANATION_COLUMNS[0]), padded)
        book.fit(at.EXPLANATIONS, at.EXPLANATIONS_TOP, at.EXPLANATIONS_TOP + len(padded) - 1)


def unflag(book: OpenBook) -> None:
    """Remove every flag, note and result that validations made; nothing else."""
    layout = layout_of(book)
    with book.quiet(), book.unlocked(flagged_sheets(layout)):
        clear(book, layout)


def flagged_sheets(layout: Layout) -> Sequence[str]:
    """The sheets on which a validation writes."""
    sections = (sheet.name for sheet in layout.sheets)
    return (at.COVER, *sections, at.PREVIOUS, at.CHECKS, at.RESULTS, at.EXPLANATIONS)


def clear(book: OpenBook, layout: Layout) -> None:
    """Remove what validations made from a workbook whose sheets are unprotected."""
    for area in typed_areas(layout):
        if area.first.sheet in book.sheet_names:
            book.empty(area.copy, area.last.row, area.last.column + area.shift)
    _clear_flags(book, layout)
    if at.RESULTS in book.sheet_names:
        bottom = book.bottom(at.RESULTS)
        if bottom >= at.RESULTS_TOP:
            book.fit(at.RESULTS, at.RESULTS_TOP, bottom)
        book.put(at.SUMMARY, [[at.NOT_VALIDATED]])
        book.empty(at.STORED[0], at.STORED[-1].row, at.STORED[0].column)
    if at.EXPLANATIONS in book.sheet_names:
        before = _explained(book)
        if any(line[0] is not None and line[_TEXT] is None for line in before):
            _replace(book, before, [line for line in before if line[_TEXT] is not None])


def _clear_flags(book: OpenBook, layout: Layout, keep: Mapping[Spot, str] | None = None) -> set[Spot]:
    """Remove marks, our notes (but for those in ``keep``) and the lines of results; the cells that still have notes."""
    noted: set[Spot] = set()
    for first, right in _mark_columns(layout):
        if first.sheet in book.sheet_names:
            book.empty(first, book.bottom(first.sheet), right)
            noted |= _clear_notes(book, first.sheet, keep or {})
    if at.RESULTS in book.sheet_names:
        book.show_all(at.RESULTS)
        book.empty(Spot(at.RESULTS, at.RESULTS_TOP, at.LEFT), book.bottom(at.RESULTS), at.LEFT + 5)
    return noted


def _clear_notes(book: OpenBook, sheet: str, keep: Mapping[Spot, str]) -> set[Spot]:
    """Remove our notes from a sheet; the cells whose notes are not ours, or say already what they should."""
    found = book.notes(sheet)
    texts = {spot: str(note.text) for spot, note in found.items()}
    stale = {s for s, text in texts.items() if text.startswith(NOTE_HEAD) and text != keep.get(s)}
    for spot in stale:
        found[spot].delete()
    return found.keys() - stale


def _mark_columns(layout: Layout) -> Iterator[tuple[Spot, int]]:
    """The hidden columns of the validator's flags: their first cell and last column."""
    yield at.PREAMBLE._replace(column=at.PREAMBLE_MARK), at.PREAMBLE_MARK
    for sheet in layout.sheets:
        first = sheet.paragraph_mark(1)._replace(row=1)
        yield first, first.column + sheet.width - 1


_PLACE = re.compile(r"(?P<sheet>.+?) (?P<address>[A-Z]{1,3}[1-9][0-9]*)(?:　.*)?", re.DOTALL)
_LONGEST = 160


class Stop(NamedTuple):
    """One cell to look at, with all that is said of it and the rows of the sheet of results that say so."""

    at: Spot
    messages: tuple[str, ...]
    rows: tuple[int, ...]


def stops(listed: Iterable[tuple[object, object]]) -> list[Stop]:
    """The distinct cells of the listed (place, message) pairs, which stand from ``RESULTS_TOP`` on, in their order."""
    found: dict[Spot, Stop] = {}
    for row, (place, message) in enumerate(listed, RESULTS_TOP):
        match = _PLACE.fullmatch(str(place or ""))
        if match is None:
            continue
        at = Spot(match["sheet"], *address(match["address"]))
        before = found.get(at, Stop(at, (), ()))
        found[at] = Stop(at, (*before.messages, str(message or "")), (*before.rows, row))
    return list(found.values())


def said(places: Sequence[Stop], index: int) -> str:
    """What the status bar says on arriving at a stop."""
    words = "；".join(places[index].messages)
    short = words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
    return f"第 {index + 1} 处，共 {len(places)} 处：{short}"
