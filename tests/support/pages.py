"""Reports for the import tests: random ones, and small renderers as unlike our own export as can be."""

import html
from collections.abc import Mapping
from decimal import Decimal
from random import Random

from nianbao.core import form as forms
from nianbao.core.form import Form
from nianbao.core.grid import Box, Cell
from nianbao.core.number import Figure, simplest
from nianbao.core.report import Report, from_json

AGENCY = "清河市水利局"


def counted(form: Form, *, start: int = 1) -> dict[Cell, Figure | str | None]:
    """Every cell with a figure of its own, so that one that is misplaced is seen."""
    return {cell: start + n for n, cell in enumerate(form.cells)}


def report(
    form: Form,
    figures: Mapping[Cell, Figure | str | None],
    narrative: Mapping[str, tuple[str, ...]] | None = None,
    preamble: tuple[str, ...] = (),
    *,
    agency: str = AGENCY,
    year: int = 2023,
) -> Report:
    """A report that holds exactly these figures and this text."""
    tables: dict[str, dict[str, dict[str, Figure | str | None]]] = {}
    for cell, value in figures.items():
        tables.setdefault(cell.table, {}).setdefault(cell.row, {})[cell.column] = value
    data = {
        "agency": agency,
        "year": year,
        "tables": tables,
        "narrative": narrative or {},
        "preamble": preamble,
    }
    return from_json(data, form)


def _text(value: Figure | str | None) -> str:
    return "" if value is None else str(value)


def said(told: Report, cell: Cell) -> str:
    """What stands in a cell, as text."""
    return told.raw.get(cell) or _text(told.figures.get(cell))


def as_html(told: Report) -> str:
    """A bare page: one table a section, spans as printed."""
    body = [f"<h1>{html.escape(told.heading)}</h1>", *(_paragraph(p) for p in told.preamble)]
    for section in told.form.sections:
        body.append(f"<h2>{html.escape(section.heading)}</h2>")
        body += [_paragraph(p) for p in told.narrative.get(section.key, ())]
        if section.table:
            body.append(_table(told, section.table))
    return f"<html><body>{''.join(body)}</body></html>"


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def _table(told: Report, table: str) -> str:
    rows = ("".join(_cell(told, box) for box in boxes) for boxes in told.form.tables[table].grid.rows())
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _cell(told: Report, box: Box) -> str:
    text = said(told, box.cell) if box.cell else box.text
    return f'<td rowspan="{box.rows}" colspan="{box.columns}">{html.escape(text)}</td>'


def as_text(told: Report) -> str:
    """A page copied cell by cell, as browsers do: one a line, an empty line between, none for an empty cell."""
    parts = [told.heading + "\n\n", *(p + "\n\n" for p in told.preamble)]
    for section in told.form.sections:
        parts.append(section.heading + "\n\n")
        parts += [p + "\n\n" for p in told.narrative.get(section.key, ())]
        if section.table:
            parts += [_line(told, box) for box in told.form.tables[section.table].grid.boxes]
    return "".join(parts)


def _line(told: Report, box: Box) -> str:
    text = said(told, box.cell) if box.cell else box.text
    return f"{text}\n\n" if text else "\n"


def as_tabs(told: Report) -> str:
    """A page copied row by row, cells divided by tabs, merged cells only where they begin."""
    parts = [told.heading, *told.preamble]
    for section in told.form.sections:
        parts += [section.heading, *told.narrative.get(section.key, ())]
        if section.table:
            for boxes in told.form.tables[section.table].grid.rows():
                parts.append("\t".join(said(told, b.cell) if b.cell else b.text for b in boxes))
    return "\n".join(parts)


_LETTERS = "水利局政务公开工作推进落实，、一二三（）“”abcXYZ0123456789%<>&"
_ODD = (None, "-", "/", "—", "无", "163件", "12（含上年结转3件）")


def random_report(seed: int) -> Report:
    """A report of one of the built-in forms, now and then with a blank, a dash or a note for a figure."""
    dice = Random(seed)
    form = forms.load(dice.choice(forms.keys()))
    first, last = form.years
    text = {section.key: _paragraphs(dice) for section in form.sections}
    figures = {cell: _figure(dice, form, cell) for cell in form.cells}
    year = dice.randint(first, last or first + 6)
    return report(form, figures, text, _paragraphs(dice), year=year)


def _paragraphs(dice: Random) -> tuple[str, ...]:
    return tuple(
        f"全年{''.join(dice.choices(_LETTERS, k=dice.randint(1, 60)))}。" for _ in range(dice.randint(0, 3))
    )


def _figure(dice: Random, form: Form, cell: Cell) -> Figure | str | None:
    if dice.random() < 0.1:
        return dice.choice(_ODD)
    largest = dice.choice((0, 99, 10**9))
    if form.column(cell).decimals:
        return simplest(Decimal(dice.randint(0, largest)) / 10_000)
    return dice.randint(-largest if form.column(cell).signed else 0, largest)
