"""The published web page and the fragment for a site's editor, from ``templates/report*.html.j2``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from nianbao.core.form import Form, Section, Table
from nianbao.core.report import Report
from nianbao.core.shipped import shipped
from nianbao.export.layout import Layout, layout
from nianbao.export.text import clean, figure, label_parts, paragraphs, title_parts, words

if TYPE_CHECKING:
    from jinja2 import Environment

#: The media type of every download a page links to.
MEDIA = {
    "html": "text/html",
    "infographic": "text/html",
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


def page(report: Report, downloads: Sequence[Download] = (), *, draft: bool = False) -> str:
    """The self-contained page of a report, linking the downloads that stand beside it."""
    css = shipped("templates/report.css").read_text(encoding="utf-8")
    return render(
        "report.html.j2", report, draft, downloads=downloads, css=css, dataset=dataset(report, downloads)
    )


def fragment(report: Report, *, draft: bool = False) -> str:
    """Texts and tables alone, for the editor of a web site: it survives an editor that strips styles and classes."""
    return render("report-fragment.html.j2", report, draft)


def render(template: str, report: Report, draft: bool, **more: Any) -> str:
    """A page template filled with what every page needs, and with what this one needs beside."""
    from markupsafe import Markup

    form = report.form
    if "css" in more:
        more["css"] = Markup(more["css"])
    values = {
        "form": form,
        "title": clean(report.heading),
        "agency": clean(report.agency),
        "year": "" if report.year is None else report.year,
        "fingerprint": report.fingerprint(),
        "draft": draft,
        "words": words(form.language),
        "figure": lambda cell: figure(report, cell),
        "title_parts": title_parts(report),
        "label": lambda text: Markup("<wbr>").join(label_parts(text)),
        "preamble": paragraphs(report, "preamble"),
        "sections": [_section(report, section) for section in form.sections],
    }
    return environment().get_template(template).render(values | more)


def environment() -> Environment:
    """Jinja as the pages use it: everything escaped, an unknown name an error."""
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


def view(table: Table) -> TableView:
    """The table laid out for the templates."""
    made = layout(table)
    widths = _phone_widths(table, made)
    wide = round(sum(width for group in widths for width in group), 1) if len(table.widths) > NARROW else 0
    columns = tuple(
        tuple(zip(shares, phone, strict=True)) for shares, phone in zip(made.columns, widths, strict=True)
    )
    return TableView(table.key, table.name, columns, made.head, made.bodies, wide, table.grid.height <= SHORT)


def _phone_widths(table: Table, made: Layout) -> tuple[tuple[float, ...], ...]:
    """Widths in rem for a phone: columns of figures alike, columns of labels compressed."""
    figures = {c for box in table.grid.at.values() for c in range(box.column, box.column + box.columns)}
    each = iter(3.0 if c in figures else round(2 + 0.16 * width, 1) for c, width in enumerate(table.widths))
    return tuple(tuple(next(each) for _ in group) for group in made.columns)


def dataset(report: Report, downloads: Sequence[Download]) -> Any:
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
