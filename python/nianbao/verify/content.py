"""What a published file says, against a report: cell by cell, paragraph by paragraph, with all that is printed around.

What is printed around are the title, the headings and the labels, which are compared with the form's.
"""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from nianbao.core.files import Unreadable
from nianbao.core.form import Form, Table
from nianbao.core.grid import Cell
from nianbao.core.report import Report, dense, from_json, previous_from_json
from nianbao.export.seal import parsed, published_agency, published_fingerprint, published_year
from nianbao.export.text import WORDS, clean, figure, signed_date
from nianbao.export.word import PROPERTY
from nianbao.ingest.ingest import Printed, ingest

#: The kinds whose content is read back, by the ending of the name.
READ = (".html", ".htm", ".docx", ".pdf", ".json", ".txt")
_OWN_LINE = re.compile(
    "|".join(
        rf"{re.escape(fixed['fingerprint'])}[：:]\s*[0-9a-f]{{16}}|(【{re.escape(fixed['draft'])}】|{re.escape(fixed['draft'])}：)?"
        rf"{re.escape(fixed['draft_note'])}"
        for fixed in WORDS.values()
    )
)


class Back(NamedTuple):
    """A file read back: the report, and what is printed around it (None where nothing is: JSON)."""

    report: Report
    printed: Printed | None


def read_back(path: Path, form: Form | None = None) -> Back:
    """What a file says, without the lines that only an export has."""
    if path.suffix.lower() == ".json":
        return Back(_from_json(path, form), None)
    read = ingest(path, name=path.name, form=form)
    published = read.report
    narrative = {key: _without_own(texts) for key, texts in published.narrative.items()}
    report = replace(
        published,
        agency=_agency(published.agency, published_agency(path) or ""),
        year=published_year(path) if published.year is None else published.year,
        narrative={key: texts for key, texts in narrative.items() if texts},
        preamble=_without_own(published.preamble),
    )
    return Back(report, read.printed)


def readings(report: Report) -> Iterator[Report]:
    """What was read, and the same with its last lines taken for a signature: nothing else tells them from paragraphs."""
    yield report
    last = report.form.sections[-1].key
    texts = report.narrative.get(last, ())
    for signature, date in ((0, 1), (1, 0), (1, 1)):
        if len(texts) < signature + date:
            continue
        kept = texts[: len(texts) - signature - date]
        yield replace(
            report,
            date=texts[-1] if date else "",
            signature=texts[-1 - date] if signature else "",
            narrative={**report.narrative, last: kept},
        )


_DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")


def signed_alike(published: Report, report: Report) -> Report:
    """What was read, its last lines taken for the signature where the report is signed with them, and only there.

    A signature without a date (or the reverse) cannot be told from a paragraph without knowing it.
    """
    last = published.form.sections[-1].key
    texts = [*published.narrative.get(last, ()), *(t for t in (published.signature, published.date) if t)]
    dated = (
        texts
        and report.date
        and (_DATE.fullmatch(dense(texts[-1])) or dense(texts[-1]) == dense(report.dated))
    )
    date = texts.pop() if dated else ""
    signs = texts and report.signature and dense(texts[-1]) == dense(report.signature)
    signature = texts.pop() if signs else ""
    return replace(
        published, date=date, signature=signature, narrative={**published.narrative, last: tuple(texts)}
    )


def read_differences(path: Path, back: Back, report: Report) -> Iterator[str]:
    """Everything that a file says otherwise than the report, the labels of its tables first."""
    lost: frozenset[Cell] = frozenset()
    if back.printed is not None and back.report.form.key == report.form.key:
        yield from around(path, back, report)
        lost = labels(back.printed, report, back.report).lost
    published = back.report if back.printed is None else signed_alike(back.report, report)
    yield from differences(published, report, lost)


def around(path: Path, back: Back, report: Report) -> Iterator[str]:
    """What is printed around figures and text otherwise than the form and the report's title have it."""
    if back.printed is None:
        return
    if _same_agency(back.report, report) and _same_year(back.report, report):
        yield from title(back.printed, report) if published_fingerprint(path) else ()
        yield from names(back.printed, report)
    yield from headings(back.printed, report)
    yield from labels(back.printed, report, back.report).messages


def _agency(published: str, named: str) -> str:
    """The agency as the file's properties name it, where its title agrees as far as it was recognised."""
    return named if dense(published) in dense(named) else published


def differences(published: Report, report: Report, lost: frozenset[Cell] = frozenset()) -> Iterator[str]:
    """What the one report says otherwise than the other: form, agency, year, every cell, every paragraph.

    ``lost``: cells that are not compared, because their labels were changed.
    """
    if published.form.key != report.form.key:
        yield f"表式应为 {report.form.key}，文件中是 {published.form.key}"
        return
    if not _same_agency(published, report):
        here, there = (_excerpt(name, 0) for name in (clean(report.agency), published.agency))
        yield f"填报单位应为{here}，文件中是{there}"
    if not _same_year(published, report):
        yield f"年度应为 {report.year}，文件中是 {published.year or '（没有认出）'}"
    for cell in report.form.cells:
        if cell not in lost:
            yield from _cell_difference(published, report, cell)
    for section in ("preamble", *(section.key for section in report.form.sections)):
        yield from _text_difference(published, report, section)
    for name, here, there in (
        ("落款单位", clean(report.signature), published.signature),
        ("落款日期", signed_date(report), signed_date(published)),
    ):
        if dense(here) != dense(there):
            yield f"{name}应为{_quoted(here)}，文件中是{_quoted(clean(there))}"


def _same(published: str, agency: str) -> bool:
    """Whether that is the agency's name; the properties of a Word document hold the beginning of a long one."""
    return published == agency or (len(published) >= PROPERTY and agency.startswith(published))


def _same_agency(published: Report, report: Report) -> bool:
    """Whether the file names the agency; a draft may have none."""
    agency = dense(clean(report.agency))
    return not agency or _same(dense(published.agency), agency)


def _same_year(published: Report, report: Report) -> bool:
    return report.year is None or published.year == report.year


def _cell_difference(published: Report, report: Report, cell: Cell) -> Iterator[str]:
    there, here = figure(published, cell), figure(report, cell)
    if dense(there) != dense(here):
        section = report.form.section_of(cell.table).heading
        yield f"“{section}”{report.form.name(cell)}：应为{_quoted(here)}，文件中是{_quoted(there)}"


def _text_difference(published: Report, report: Report, section: str) -> Iterator[str]:
    there, here = _lines(published, section), _lines(report, section)
    if "".join(there) == "".join(here):
        return
    where = "前言" if section == "preamble" else f"“{report.form.section(section).heading}”"
    at = next(
        (n for n, (a, b) in enumerate(zip(there, here, strict=False)) if a != b), min(len(there), len(here))
    )
    ours, theirs = (lines[at] if at < len(lines) else "" for lines in (here, there))
    start = next(
        (n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs))
    )
    yield f"{where}第 {at + 1} 段：应为{_excerpt(ours, start)}，文件中是{_excerpt(theirs, start)}"


def _lines(report: Report, section: str) -> list[str]:
    texts = report.opening if section == "preamble" else report.narrative.get(section, ())
    return [line for text in texts for part in text.splitlines() if (line := dense(clean(part)))]


def _excerpt(text: str, start: int) -> str:
    """The text around the first difference, quoted."""
    begin = max(0, start - 8)
    return (
        f"“{'…' if begin else ''}{text[begin : start + 16]}{'…' if start + 16 < len(text) else ''}”"
        if text
        else "空白"
    )


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "空白"


def _from_json(path: Path, form: Form | None) -> Report:
    from nianbao.core import form as forms

    def form_of(data: Mapping[str, Any]) -> Form:
        return form if form and form.key == data["form"] else forms.load(data["form"])

    try:
        data = parsed(path)
        report = from_json(data, form_of(data))
        last = data.get("previous")
        return replace(
            report, previous=previous_from_json(last, form_of(last), report.agency) if last else None
        )
    except (KeyError, forms.FormError):
        raise Unreadable(path.name, "不是年度报告的交换数据（JSON）", "请重新导出") from None


def _without_own(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text for text in texts if not _OWN_LINE.fullmatch(text.strip()))


class LabelFaults(NamedTuple):
    """The sentences on labels that are not the form's, and the figures that could not be read because of them."""

    messages: tuple[str, ...]
    lost: frozenset[Cell]


def headings(printed: Printed, report: Report) -> Iterator[str]:
    """Sections whose heading is not the form's."""
    for section in report.form.sections:
        printed_heading = printed.headings.get(section.key)
        if printed_heading is None:
            yield f"文件中没有“{section.heading}”这一标题"
        elif dense(printed_heading) != dense(section.heading):
            yield f"标题应为“{section.heading}”，文件中是“{clean(printed_heading)}”"


def title(printed: Printed, report: Report) -> Iterator[str]:
    """The title in the text, where there is one and it is not the report's."""
    due = clean(report.heading)
    if printed.title and not dense(printed.opening).endswith(dense(due)):
        yield f"标题应为“{due}”，文件中是“{clean(printed.title)}”"


def names(printed: Printed, report: Report) -> Iterator[str]:
    """Titles outside the text that name another agency or year."""
    due = clean(report.heading)
    own = dense(clean(report.agency))
    for title in {t.text: t for t in printed.titles}.values():
        agency = dense(title.agency)
        if (title.year, report.year) == (report.year, title.year) and (agency in own or own in agency):
            continue
        yield f"网页标题应为“{due}”，文件中是“{clean(title.text)}”"


def labels(printed: Printed, report: Report, published: Report) -> LabelFaults:
    """Labels of the tables that the file does not have, each with the one that stands in its place."""
    tables = report.form.tables
    there = Counter(dense(text) for text in printed.cells)
    due = Counter(text for table in tables.values() for text in _texts(table))
    there = _rejoined(there, due)
    figures = {dense(figure(source, cell)) for source in (report, published) for cell in report.form.cells}
    strange = [text for text in (there - due) if text not in figures]
    absent = [table for table in tables.values() if _absent(table, due - there)]
    lacking = due - there - Counter(text for table in absent for text in _texts(table))
    messages: list[str] = []
    lost: set[Cell] = set()
    for table in tables.values():
        missing = [text for text in dict.fromkeys(_texts(table)) if text in lacking]
        unread = [cell for cell in table.cells if cell not in published.figures]
        where = f"“{report.form.section_of(table.key).heading}”的表格"
        if table in absent:
            if len(unread) == len(table.cells):
                messages.append(f"文件中没有{where}")
            elif unread:
                messages.append(f"{where}不完整，有 {len(unread)} 项数字没有")
        elif missing:
            more = f"（该表有 {len(unread)} 项数字因此无法核对）" if unread else ""
            messages += [
                f"{where}应有“{_label(table, text)}”一栏，文件中{f'是“{instead}”' if instead else '没有'}{more}"
                for text, instead in _paired(missing, strange)
            ]
        elif unread:
            messages.append(f"{where}有 {len(unread)} 项数字读不出来：各栏的次序或单元格与规定不同")
        lost |= set(unread)
    return LabelFaults(tuple(messages), frozenset(lost))


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
