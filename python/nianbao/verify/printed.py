"""What is printed around figures and text: title, headings and labels of a published file against the form's."""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from nianbao.core.cell import Cell
from nianbao.core.form import Table
from nianbao.core.report import Report, dense
from nianbao.export.text import clean, figure
from nianbao.ingest.ingest import Printed


class Labels(NamedTuple):
    """The sentences on labels that are not the form's, and the figures that could not be read because of them."""

    told: tuple[str, ...]
    lost: frozenset[Cell]


def headings(printed: Printed, report: Report) -> Iterator[str]:
    """Sections whose heading is not the form's."""
    for section in report.form.sections:
        said = printed.headings.get(section.key)
        if said is None:
            yield f"文件中没有“{section.heading}”这一标题"
        elif dense(said) != dense(section.heading):
            yield f"标题应为“{section.heading}”，文件中是“{clean(said)}”"


def title(printed: Printed, report: Report) -> Iterator[str]:
    """The title in the text, where there is one and it is not the report's."""
    due = clean(report.heading)
    if printed.title and not dense(printed.opening).endswith(dense(due)):
        yield f"标题应为“{due}”，文件中是“{clean(printed.title)}”"


def names(printed: Printed, report: Report) -> Iterator[str]:
    """Titles outside the text that name another agency or year."""
    due = clean(report.heading)
    own = dense(clean(report.agency))
    for said in {t.text: t for t in printed.titles}.values():
        agency = dense(said.agency)
        if (said.year, report.year) == (report.year, said.year) and (agency in own or own in agency):
            continue
        yield f"网页标题应为“{due}”，文件中是“{clean(said.text)}”"


def labels(printed: Printed, report: Report, found: Report) -> Labels:
    """Labels of the tables that the file does not have, each with the one that stands in its place."""
    tables = report.form.tables
    there = Counter(dense(text) for text in printed.cells)
    due = Counter(text for table in tables.values() for text in _texts(table))
    there = _rejoined(there, due)
    figures = {dense(figure(source, cell)) for source in (report, found) for cell in report.form.cells}
    strange = [text for text in (there - due) if text not in figures]
    absent = [table for table in tables.values() if _absent(table, due - there)]
    lacking = due - there - Counter(text for table in absent for text in _texts(table))
    told: list[str] = []
    lost: set[Cell] = set()
    for table in tables.values():
        missing = [text for text in dict.fromkeys(_texts(table)) if text in lacking]
        unread = [cell for cell in table.cells if cell not in found.figures]
        where = f"“{report.form.section_of(table.key).heading}”的表格"
        if table in absent:
            told += [f"文件中没有{where}"] if len(unread) == len(table.cells) else []
        elif missing:
            more = f"（该表有 {len(unread)} 项数字因此无法核对）" if unread else ""
            told += [
                f"{where}应有“{_label(table, text)}”一栏，文件中{f'是“{instead}”' if instead else '没有'}{more}"
                for text, instead in _paired(missing, strange)
            ]
        elif unread:
            told.append(f"{where}有 {len(unread)} 项数字读不出来：各栏的次序或单元格与规定不同")
        lost |= set(unread)
    return Labels(tuple(told), frozenset(lost))


def _rejoined(there: Counter[str], due: Counter[str]) -> Counter[str]:
    """The texts with the two halves of a label put together that goes on over the end of a page, as in a PDF."""
    joined, over = there.copy(), there - due
    for text in due - there:
        for at in range(1, len(text)):
            halves = Counter((text[:at], text[at:]))
            if halves <= over:
                joined, over = joined - halves + Counter((text,)), over - halves
                break
    return joined


def _absent(table: Table, lacking: Mapping[str, int]) -> bool:
    """Whether most of a table's labels are not in the file: it is not there as a table."""
    texts = set(_texts(table))
    return 2 * sum(text in lacking for text in texts) > len(texts)


def _texts(table: Table) -> list[str]:
    return [text for box in table.grid.labels if (text := dense(box.text))]


def _label(table: Table, text: str) -> str:
    return next(box.text for box in table.grid.labels if dense(box.text) == text)


def _paired(missing: Sequence[str], strange: list[str]) -> Iterator[tuple[str, str]]:
    """Each missing label with the strange text most like it, which then belongs to no other."""
    for text in missing:
        like = max(strange, key=lambda s: difflib.SequenceMatcher(None, s, text).ratio(), default="")
        if like:
            strange.remove(like)
        yield text, like
