"""Read back: does a published file still say what was validated? Cell by cell, paragraph by paragraph."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, Protocol

from nianbao.core.cell import Cell
from nianbao.core.errors import Unreadable
from nianbao.core.form import Form
from nianbao.core.report import Report, dense, from_json
from nianbao.export import head, infographic, printed
from nianbao.export.data import safe
from nianbao.export.printed import Printed
from nianbao.export.stamp import (
    ENOUGH,
    PROPERTY,
    is_infographic,
    parsed,
    published_agency,
    published_fingerprint,
    published_year,
    without_seal,
)
from nianbao.export.text import WORDS, clean, figure

#: Kinds whose content is read back; the charts of 一图读懂 are drawn from figures that the others are checked for.
READ_BACK = ("html", "fragment", "docx", "pdf", "json", "csv")
#: More differences than this help nobody; the rest are counted.
MOST = 50
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
_OWN_LINE = re.compile(
    "|".join(
        rf"{re.escape(said['fingerprint'])}[：:]\s*[0-9a-f]{{16}}|(【{re.escape(said['draft'])}】|{re.escape(said['draft'])}：)?"
        rf"{re.escape(said['draft_note'])}"
        for said in WORDS.values()
    )
)


class Read(Protocol):
    """What a reader of published files gives: the report, what it could not place, what is printed around it."""

    @property
    def report(self) -> Report: ...

    @property
    def doubts(self) -> tuple[str, ...]: ...

    @property
    def printed(self) -> Printed: ...


class Reader(Protocol):
    """A reader of published files, such as ``nianbao.ingest.ingest``."""

    def __call__(self, source: Path, *, name: str, form: Form | None = None) -> Read: ...


def verify(path: Path, report: Report, reader: Reader) -> list[str]:
    """The differences between an exported file and the report, a Chinese sentence each; none where it says the same."""
    if path.suffix.lower() == ".csv":
        return _bounded(_csv_differences(path, report))
    try:
        return _bounded(_read_differences(path, reader, report))
    except Unreadable as problem:
        return [f"无法读回核对：{problem}"]


def check_published(path: Path, reader: Reader, against: Report | None = None) -> list[str]:
    """Why a published file no longer says what was validated; empty where it does.

    Against a report the content is compared. Without one, the fingerprint that the file carries is compared with
    that of its content. ``Unreadable`` where the file cannot be read at all.
    """
    if against is None:
        return _alone(path, reader)
    told = _compared(path, reader, against)
    return _bounded(_with_origin(told, published_fingerprint(path), against))


def undecided(path: Path) -> str | None:
    """Why nobody can tell from the file alone whether it was changed; None where its fingerprint tells."""
    if path.suffix.lower() == ".csv":
        return "CSV 只有表中数据，没有文字"
    if is_infographic(path):
        return "一图读懂只有部分数据"
    return None if published_fingerprint(path) else "文件里没有数据指纹"


def _alone(path: Path, reader: Reader) -> list[str]:
    if what := undecided(path):
        return [f"{what}，无法单独判断；请用 --against 指定工作簿，与其逐项比较"]
    stamped = published_fingerprint(path)
    back = read_back(path, reader, None)
    told = list(_around(path, back, back.report))
    if back.report.fingerprint() != stamped:
        told.append(
            f"文件内容与所载数据指纹 {stamped} 不符：导出之后内容被改动过；用 --against 指定工作簿可列出改动之处"
        )
    return _bounded(iter(told))


def _compared(path: Path, reader: Reader, against: Report) -> Iterator[str]:
    if path.suffix.lower() == ".csv":
        return _csv_differences(path, against)
    if is_infographic(path):
        return _charts_differences(path, against)
    return _read_differences(path, reader, against)


class Back(NamedTuple):
    """A file read back: the report, and what is printed around it (None where nothing is: JSON)."""

    report: Report
    printed: Printed | None


def read_back(path: Path, reader: Reader, form: Form | None) -> Back:
    """What a file says, without the lines that only an export has."""
    if path.suffix.lower() == ".json":
        return Back(_from_json(path, form), None)
    read = reader(path, name=path.name, form=form)
    found = read.report
    narrative = {key: _without_own(texts) for key, texts in found.narrative.items()}
    report = replace(
        found,
        agency=_agency(found.agency, published_agency(path) or ""),
        year=published_year(path) if found.year is None else found.year,
        narrative={key: texts for key, texts in narrative.items() if texts},
        preamble=_without_own(found.preamble),
    )
    return Back(report, read.printed)


def _read_differences(path: Path, reader: Reader, report: Report) -> Iterator[str]:
    """Everything that a file says otherwise than the report, the labels of its tables first."""
    back = read_back(path, reader, report.form)
    lost: frozenset[Cell] = frozenset()
    if back.printed is not None and back.report.form.key == report.form.key:
        yield from _around(path, back, report)
        lost = printed.labels(back.printed, report, back.report).lost
    yield from differences(back.report, report, lost)


def _around(path: Path, back: Back, report: Report) -> Iterator[str]:
    """What is printed around figures and text otherwise than the form and the report's title have it."""
    if back.printed is None:
        return
    if _same_agency(back.report, report) and _same_year(back.report, report):
        page = _opening(path) if path.suffix.lower() in (".html", ".htm") else ""
        yield from printed.title(back.printed, report) if published_fingerprint(path) else ()
        told = list(head.differences(page, report))
        yield from told or printed.names(back.printed, report)
    yield from printed.headings(back.printed, report)
    yield from printed.labels(back.printed, report, back.report).told


def _agency(found: str, named: str) -> str:
    """The agency as the file's properties name it, where its title agrees as far as it was recognised."""
    return named if dense(found) in dense(named) else found


def _opening(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(ENOUGH).decode("utf-8", "replace")


def differences(found: Report, report: Report, lost: frozenset[Cell] = frozenset()) -> Iterator[str]:
    """What the one report says otherwise than the other: form, agency, year, every cell, every paragraph.

    ``lost``: cells that are not compared, because their labels were changed.
    """
    if found.form.key != report.form.key:
        yield f"表式应为 {report.form.key}，文件中是 {found.form.key}"
        return
    if not _same_agency(found, report):
        here, there = (_excerpt(name, 0) for name in (clean(report.agency), found.agency))
        yield f"填报单位应为{here}，文件中是{there}"
    if not _same_year(found, report):
        yield f"年度应为 {report.year}，文件中是 {found.year or '（没有认出）'}"
    for cell in report.form.cells:
        if cell not in lost:
            yield from _cell_difference(found, report, cell)
    for section in ("preamble", *(section.key for section in report.form.sections)):
        yield from _text_difference(found, report, section)


def _same(found: str, agency: str) -> bool:
    """Whether that is the agency's name; the properties of a Word document hold the beginning of a long one."""
    return found == agency or (len(found) >= PROPERTY and agency.startswith(found))


def _same_agency(found: Report, report: Report) -> bool:
    """Whether the file names the agency; a draft may have none."""
    agency = dense(clean(report.agency))
    return not agency or _same(dense(found.agency), agency)


def _same_year(found: Report, report: Report) -> bool:
    return report.year is None or found.year == report.year


def _cell_difference(found: Report, report: Report, cell: Cell) -> Iterator[str]:
    there, here = figure(found, cell), figure(report, cell)
    if dense(there) != dense(here):
        section = report.form.section_of(cell.table).heading
        yield f"“{section}”{report.form.name(cell)}：应为{_said(here)}，文件中是{_said(there)}"


def _text_difference(found: Report, report: Report, section: str) -> Iterator[str]:
    there, here = _lines(found, section), _lines(report, section)
    if "".join(there) == "".join(here):
        return
    where = "引言" if section == "preamble" else f"“{report.form.section(section).heading}”"
    at = next(
        (n for n, (a, b) in enumerate(zip(there, here, strict=False)) if a != b), min(len(there), len(here))
    )
    ours, theirs = (lines[at] if at < len(lines) else "" for lines in (here, there))
    start = next(
        (n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs))
    )
    yield f"{where}第 {at + 1} 段：应为{_excerpt(ours, start)}，文件中是{_excerpt(theirs, start)}"


def _lines(report: Report, section: str) -> list[str]:
    texts = report.preamble if section == "preamble" else report.narrative.get(section, ())
    return [line for text in texts for part in text.splitlines() if (line := dense(clean(part)))]


def _excerpt(text: str, start: int) -> str:
    """The text around the first difference, quoted."""
    begin = max(0, start - 8)
    return (
        f"“{'…' if begin else ''}{text[begin : start + 16]}{'…' if start + 16 < len(text) else ''}”"
        if text
        else "空白"
    )


def _said(text: str) -> str:
    return f"“{text}”" if text else "空白"


def _with_origin(told: Iterator[str], stamped: str | None, against: Report) -> Iterator[str]:
    """The differences, after the sentence that the file is of another state of the workbook, where it is."""
    first = next(told, None)
    if first is None:
        return
    if stamped is not None and stamped != against.fingerprint():
        yield f"文件所载数据指纹 {stamped} 与工作簿的 {against.fingerprint()} 不符：不是由现在的工作簿导出的"
    yield first
    yield from told


def _from_json(path: Path, form: Form | None) -> Report:
    from nianbao.core import form as forms

    try:
        data = parsed(path)
        return from_json(data, form if form and form.key == data["form"] else forms.load(data["form"]))
    except (ValueError, KeyError, OSError, forms.FormError):
        raise Unreadable(path.name, "不是年度报告的交换数据（JSON）", "请重新导出") from None


def _csv_differences(path: Path, report: Report) -> Iterator[str]:
    text = path.read_bytes().decode("utf-8-sig", "replace")
    found = {
        line.get("key"): line.get("value") or "" for line in csv.DictReader(io.StringIO(text, newline=""))
    }
    for cell in report.form.cells:
        here, there = safe(figure(report, cell)), found.get(str(cell), "")
        if here != there:
            yield f"{report.form.name(cell)}：应为{_said(here)}，文件中是{_said(there)}"


def _charts_differences(path: Path, against: Report) -> Iterator[str]:
    """一图读懂 holds but a part of the figures: it is compared with one drawn again."""
    there = _STYLE.sub("", without_seal(path.read_text(encoding="utf-8", errors="replace")))
    drawn = (_STYLE.sub("", infographic.page(against, draft=draft)) for draft in (False, True))
    if there not in drawn:
        yield "一图读懂与按工作簿重新绘制的不同：数据或图表有改动，请重新导出"


def _without_own(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text for text in texts if not _OWN_LINE.fullmatch(text.strip()))


def _bounded(told: Iterator[str]) -> list[str]:
    every = list(told)
    return every if len(every) <= MOST else [*every[:MOST], f"此外还有 {len(every) - MOST} 处不同"]
