"""The published web page and the fragment for a site's editor, from ``templates/report*.html.j2``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote
from weakref import WeakKeyDictionary

from nianbao.core.files import shipped
from nianbao.core.form import Form, Section, Table
from nianbao.core.grid import Box, Grid
from nianbao.core.report import Report
from nianbao.export.text import Issue, clean, figure, label_parts, paragraphs, signed_date, title_parts, words

if TYPE_CHECKING:
    from jinja2 import Environment

#: The media type of every download a page links to.
MEDIA = {
    "html": "text/html",
    "infographic": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "json": "application/json",
    "csv": "text/csv",
}
#: Tables of more columns than this are given a width of their own on a phone and scroll sideways.
NARROW = 5
#: A table of at most so many rows is printed on one page; a longer one breaks between rows.
SHORT = 16


class Download(NamedTuple):
    """A file exported beside the page: its kind and its name."""

    kind: str
    name: str

    @property
    def href(self) -> str:
        return quote(self.name)

    @property
    def saves(self) -> bool:
        """Whether the browser is to save it rather than show it."""
        return self.kind not in ("infographic", "html")


class TableView(NamedTuple):
    """A table as the templates print it; ``wide``: its width on a phone in rem (0: as wide as the phone)."""

    key: str
    name: str
    columns: tuple[tuple[tuple[float, float], ...], ...]
    head: tuple[Any, ...]
    bodies: tuple[Any, ...]
    wide: float
    short: bool


def page(report: Report, downloads: Sequence[Download], issue: Issue) -> str:
    """The self-contained page of a report, linking the downloads that stand beside it."""
    css = shipped("templates/report.css").read_text(encoding="utf-8")
    return render(
        "report.html.j2",
        report,
        issue,
        downloads=downloads,
        css=css,
        dataset=dataset(report, downloads, issue),
    )


def fragment(report: Report, issue: Issue) -> str:
    """Texts and tables alone, for the editor of a web site: it survives an editor that strips styles and classes."""
    return render("report-fragment.html.j2", report, issue)


def render(template: str, report: Report, issue: Issue, **more: Any) -> str:
    """A page template filled with what every page needs, and with what this one needs beside."""
    from markupsafe import Markup

    form = report.form
    for name in ("css", "face"):
        if name in more:
            more[name] = Markup(more[name])
    values = {
        "form": form,
        "title": clean(report.heading),
        "agency": clean(report.agency),
        "year": "" if report.year is None else report.year,
        "fingerprint": report.fingerprint(),
        "draft": issue.draft,
        "date": issue.date,
        "signature": clean(report.signature),
        "signed_date": signed_date(report),
        "words": words(form.language),
        "figure": lambda cell: figure(report, cell),
        "title_parts": title_parts(report),
        "label": lambda text: Markup("<wbr>").join(label_parts(text)),
        "incomplete": bool(report.incomplete),
        "preamble": paragraphs(report, "preamble"),
        "sections": [_section(report, section) for section in form.sections],
    }
    return environment().get_template(template).render(values | more)


@cache
def environment() -> Environment:
    """Jinja as the pages use it: everything escaped, an unknown name an error; a template is compiled once."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = shipped("templates")
    return Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined)


def _section(report: Report, section: Section) -> dict[str, Any]:
    table = report.form.tables[section.table] if section.table else None
    return {
        "key": section.key,
        "heading": section.heading,
        "texts": paragraphs(report, section.key),
        "table": table and view(table),
    }


_VIEWS: WeakKeyDictionary[Grid, TableView] = WeakKeyDictionary()


def view(table: Table) -> TableView:
    """The table laid out for the templates, once for each grid."""
    if table.grid not in _VIEWS:
        _VIEWS[table.grid] = _view(table)
    return _VIEWS[table.grid]


def _view(table: Table) -> TableView:
    made = layout(table)
    widths = _phone_widths(table, made)
    wide = round(sum(width for group in widths for width in group), 1) if len(table.widths) > NARROW else 0
    columns = tuple(
        tuple(zip(shares, phone, strict=True)) for shares, phone in zip(made.columns, widths, strict=True)
    )
    return TableView(table.key, table.name, columns, made.head, made.bodies, wide, table.grid.height <= SHORT)


def _phone_widths(table: Table, made: PrintedTable) -> tuple[tuple[float, ...], ...]:
    """Widths in rem for a phone: columns of figures alike, columns of labels compressed."""
    figures = {c for box in table.grid.at.values() for c in range(box.column, box.column + box.columns)}
    each = iter(3.0 if c in figures else round(2 + 0.16 * width, 1) for c, width in enumerate(table.widths))
    return tuple(tuple(next(each) for _ in group) for group in made.columns)


def dataset(report: Report, downloads: Sequence[Download], issue: Issue) -> Any:
    """The page's ``schema.org/Dataset`` as JSON-LD, safe to stand in a script element."""
    from jinja2.utils import htmlsafe_json_dumps

    form, agency = report.form, clean(report.agency)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": clean(report.heading),
        "description": _description(form, agency, report.year),
        "inLanguage": form.language,
        "creator": {"@type": "GovernmentOrganization", "name": agency},
        "identifier": f"nianbao:{report.fingerprint()}",
        "isAccessibleForFree": True,
        "datePublished": issue.date.isoformat(),
        "variableMeasured": [table.name for table in form.tables.values()],
    }
    if report.year is not None:
        data["temporalCoverage"] = f"{report.year:04d}-01-01/{report.year:04d}-12-31"
    if downloads:
        data["distribution"] = [
            {
                "@type": "DataDownload",
                "name": link.name,
                "encodingFormat": MEDIA[link.kind],
                "contentUrl": link.href,
            }
            for link in downloads
        ]
    return htmlsafe_json_dumps(data, ensure_ascii=False)


def _description(form: Form, agency: str, year: int | None) -> str:
    tables = "、".join(table.name for table in form.tables.values())
    return f"{agency} {year or ''} {form.title}（{form.authority}）：{tables}"


class PrintedCell(NamedTuple):
    """One table cell of a page: its box, its id (labels), its scope (labels), the ids of its headers (figures)."""

    box: Box
    id: str
    scope: str
    headers: tuple[str, ...]


Line = tuple[PrintedCell, ...]


class PrintedTable(NamedTuple):
    """A table as a page prints it: widths in per cent by column group, header lines, groups of body lines."""

    columns: tuple[tuple[float, ...], ...]
    head: tuple[Line, ...]
    bodies: tuple[tuple[Line, ...], ...]


def layout(table: Table) -> PrintedTable:
    """The table's boxes with ids, scopes and headers, split into ``thead`` and ``tbody`` elements."""
    lines = [tuple(_square(table, box) for box in row) for row in table.grid.rows()]
    top = head_height(table.grid)
    starts = [r for r in range(top, len(lines)) if r == top or _begins_group(table.grid, r)]
    ends = [*starts[1:], len(lines)]
    bodies = tuple(tuple(lines[a:b]) for a, b in zip(starts, ends, strict=True) if b > a)
    return PrintedTable(_columns(table), tuple(lines[:top]), bodies)


def head_height(grid: Grid) -> int:
    """How many rows at the top hold column headers only: they are repeated on every page of a print."""
    for box in grid.boxes:
        if box.kind not in ("corner", "head"):
            return box.row
    return grid.height


def box_id(table: str, box: Box) -> str:
    """The id of a label box on the page: unique within the form, the same in every report."""
    return f"{table}-r{box.row + 1}c{box.column + 1}"


def _square(table: Table, box: Box) -> PrintedCell:
    if box.is_label:
        return PrintedCell(box, box_id(table.key, box), _scope(box), ())
    return PrintedCell(box, "", "", tuple(box_id(table.key, label) for label in headers(table.grid, box)))


def _scope(box: Box) -> str:
    match box.kind:
        case "title":
            return "rowgroup"
        case "side":
            return "rowgroup" if box.rows > 1 else "row"
        case _:
            return "colgroup" if box.columns > 1 else "col"


def headers(grid: Grid, figure: Box) -> Iterator[Box]:
    """The labels a figure answers to: the title of its block, its column's heads from above, its row's sides."""
    titles = [box for box in grid.labels if box.kind == "title" and box.row < figure.row]
    block = titles[-1].row if titles else -1
    yield from titles[-1:]
    for box in grid.labels:
        if box.kind == "head" and block < box.row < figure.row and _overlap(box, figure):
            yield box
    for box in grid.labels:
        if box.kind == "side" and box.row <= figure.row < box.row + box.rows and box.column < figure.column:
            yield box


def _overlap(one: Box, other: Box) -> bool:
    return one.column < other.column + other.columns and other.column < one.column + one.columns


def _begins_group(grid: Grid, row: int) -> bool:
    """Whether a new group of rows begins here: under a title, or where a label over several rows begins or ended."""
    if any(box.row < row < box.row + box.rows for box in grid.boxes):
        return False
    starts = [box for box in grid.boxes if box.row == row]
    ended = any(box.row + box.rows == row and box.rows > 1 and box.kind == "side" for box in grid.boxes)
    return ended or any(box.kind == "title" or (box.kind == "side" and box.rows > 1) for box in starts)


def _columns(table: Table) -> tuple[tuple[float, ...], ...]:
    """The columns' widths in per cent, grouped as the first row of the grid groups them."""
    whole = sum(table.widths)
    shares = tuple(round(100 * width / whole, 2) for width in table.widths)
    first = next(iter(table.grid.rows()))
    return tuple(shares[box.column : box.column + box.columns] for box in first)
