"""校验 and 清除标记 in the open workbook: everything is worked out first and written at the end, or not at all."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from nianbao.checks.validate import RuleChange, check_changes, load_changes, validate
from nianbao.core.finding import Finding
from nianbao.core.report import Report
from nianbao.excel.book import OpenBook, Row, explanations, link, undone_by
from nianbao.excel.tidying import damages, layout_of, read, restore
from nianbao.workbook import layout as at
from nianbao.workbook import repair
from nianbao.workbook.flags import NOTE_HEAD, Flag, Plan, ResultRow, plan, typed_areas
from nianbao.workbook.layout import Layout, Spot
from nianbao.workbook.repair import Damage

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


def check(book: OpenBook, *, restoring: bool = False) -> Checked:
    """Read and validate, nothing written; a department's own rules are in the file that ``NIANBAO_RULES`` names.

    ``restoring``: what of the template is damaged is put back afterwards.
    """
    report, layout = read(book)
    damaged = damages(book, report)
    worded = (*report.problems, *repair.findings(damaged, layout, restored=restoring))
    findings = validate(replace(report, problems=worded), None, _rules(layout))
    return Checked(report, layout, findings, damaged)


def _rules(layout: Layout) -> Mapping[str, RuleChange]:
    named = os.environ.get("NIANBAO_RULES", "")
    if not named:
        return {}
    changes = load_changes(Path(named))
    check_changes(changes, layout.form, named)
    return changes


def blocks_of(planned: Plan) -> list[Block]:
    """What a validation writes as values: marks, summary, time and fingerprint, the lines of results."""
    blocks = [
        *_marks(planned.flags),
        Block(at.SUMMARY, [[planned.summary]]),
        Block(at.STORED[0], [[value] for value in planned.stored]),
    ]
    if planned.lines:
        first = Spot(at.RESULTS, at.RESULTS_TOP, at.LEFT)
        blocks.append(Block(first, [_listed(n, line) for n, line in enumerate(planned.lines, 1)]))
    return blocks


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


def _listed(number: int, line: ResultRow) -> list[str | float | None]:
    place = link(line.at.sheet, line.at.a1, line.place) if line.at.sheet else line.place
    return [number, line.severity, place, line.message, line.advice, line.rule]


def flag(book: OpenBook, checked: Checked) -> tuple[ResultRow, ...]:
    """Show the findings in the workbook, in place of those of the last run; the lines of the sheet of results.

    Raises Unreadable before anything is changed where a sheet is protected by a password. On any failure
    the workbook is left without flags.
    """
    layout, planned = checked.layout, plan(checked.report, checked.findings, datetime.now())
    notes = {flag.at: flag.note for flag in planned.flags if flag.note}
    with (
        book.quiet(),
        book.unlocked(flagged_sheets(layout)),
        undone_by(lambda: clear(book, layout)),
    ):
        noted = _clear_flags(book, layout, notes)
        restore(book, layout.form, checked.damaged)
        _write(book, planned, {spot: note for spot, note in notes.items() if spot not in noted})
        _keep(book, layout)
    return planned.lines


def _keep(book: OpenBook, layout: Layout) -> None:
    """Copy what is typed beside it, so that the workbook sees what is edited later."""
    for area in typed_areas(layout):
        if area.first.sheet in book.sheet_names:
            book.put(area.copy, book.block(area.first, area.last.row, area.last.column))


def _write(book: OpenBook, planned: Plan, notes: Mapping[Spot, str]) -> None:
    """Write the plan, and the notes of those cells that have none of the user's."""
    for block in blocks_of(planned):
        if block.first.sheet in book.sheet_names:
            book.put(block.first, block.rows)
    for spot, note in notes.items():
        if spot.sheet in book.sheet_names:
            book.annotate(spot, note)
    _ask(book, [[text or None for text in line] for line in planned.asked])
    if planned.lines:
        book.fit(at.RESULTS, at.RESULTS_TOP, at.RESULTS_TOP + len(planned.lines) - 1)
    book.colour_tabs(planned.tabs)


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
    notes = book.notes(sheet)
    texts = {spot: str(note.text) for spot, note in notes.items()}
    stale = {s for s, text in texts.items() if text.startswith(NOTE_HEAD) and text != keep.get(s)}
    for spot in stale:
        notes[spot].delete()
    return notes.keys() - stale


def _mark_columns(layout: Layout) -> Iterator[tuple[Spot, int]]:
    """The hidden columns of the validator's flags: their first cell and last column."""
    yield at.PREAMBLE._replace(column=at.PREAMBLE_MARK), at.PREAMBLE_MARK
    for sheet in layout.sheets:
        first = sheet.paragraph_mark(1)._replace(row=1)
        yield first, first.column + sheet.width - 1


#: The status bar shows no more characters of the messages.
_LONGEST = 160


def first_place(lines: Iterable[ResultRow], sheets: Sequence[str]) -> tuple[Spot, str] | None:
    """The first cell that lines of results lead to on one of these sheets, and what the status bar says on arriving there."""
    messages: dict[Spot, list[str]] = {}
    for line in lines:
        if line.at.sheet in sheets:
            messages.setdefault(line.at, []).append(line.message)
    if not messages:
        return None
    spot, first = next(iter(messages.items()))
    text = "；".join(first)
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return spot, f"第 1 处，共 {len(messages)} 处：{short}"
