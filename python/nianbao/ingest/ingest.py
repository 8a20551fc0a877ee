"""The whole way from the bytes of a published report to a Report with its doubts.

Every figure is placed by the labels of the form's printed grid. What cannot be placed with certainty is
listed; nothing is invented, and neither a dash nor a blank becomes 0.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nianbao.core import form as forms
from nianbao.core.files import Unreadable
from nianbao.core.form import Form, FormError, Section
from nianbao.core.number import exact
from nianbao.core.report import Report, from_json
from nianbao.ingest import narrative, title, words
from nianbao.ingest import source as sources
from nianbao.ingest.blocks import (
    ALL_SQUARES,
    LONGEST,
    Block,
    Item,
    Line,
    RawTable,
    SourceRow,
    expand,
    no_report,
    rows_among,
    too_much,
    whole_tables,
)
from nianbao.ingest.tables import TableFigures, TableReader
from nianbao.ingest.title import Title
from nianbao.ingest.words import Labels, labels_of

#: Bounds of one file: seconds, and bytes of memory (where the system can bound a process).
SECONDS = 60
MEMORY = 1536 * 1024**2
_CHILD = "from nianbao.ingest.ingest import child; child()"
_COPY = "请把年度报告的正文复制为文本文件后再导入"
#: More doubts than this help nobody; the rest are counted.
MOST = 200
#: The title is looked for in this many lines before the first section.
FRONT = 1_000


class Printed(NamedTuple):
    """What stands around figures and text: the title, and the lines that end with it as one; what a page calls itself
    (its title and meta data, where they are a report's title), each section's heading as it stood, and the texts of
    all table cells."""

    title: str = ""
    opening: str = ""
    titles: tuple[Title, ...] = ()
    headings: Mapping[str, str] = {}
    cells: tuple[str, ...] = ()


class Ingested(NamedTuple):
    """The report as it was read, Chinese sentences on what could not be placed, and why; and what is printed
    around it. ``by_labels``: a workbook of our template that was changed so much that it had to be read by its
    labels."""

    report: Report
    doubts: tuple[str, ...]
    printed: Printed = Printed()
    by_labels: bool = False


def ingest(source: Path | bytes, *, name: str, form: Form | None = None) -> Ingested:
    """The report of a published page, Word, PDF, text or old workbook; ``name`` is what staff call the file.

    The kind is told by the content. Without ``form``, the built-in form whose labels fit best is taken.
    Only the given bytes are read: no address is ever fetched. What may take long is read in a process of its own.
    ``Unreadable`` where there is no report in it.
    """
    data = sources.load(source, name)
    if form is None and sources.heavy(data):
        return _ingested(read_apart(data, name), None)
    return _ingested(_read(data, name, form), form)


def read_apart(data: bytes, name: str, seconds: float = SECONDS, memory: int = MEMORY) -> Any:
    """What :func:`_read` made of the bytes in a process of its own, which can be stopped: only a process has bounds of
    time and memory. Nothing but JSON comes back. ``Unreadable`` where it refused or was stopped."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "PYTHONIOENCODING": "utf-8"}
    window = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    command = [sys.executable, "-P", "-c", _CHILD, name.encode("utf-8", "replace").hex(), str(memory)]
    try:
        done = subprocess.run(
            command, input=data, capture_output=True, env=env, timeout=seconds, creationflags=window
        )
    except subprocess.TimeoutExpired:
        raise Unreadable(name, f"在 {seconds:g} 秒内没有读完，内容过多或不正常", _COPY) from None
    except OSError:  # the system has no room for another process
        raise Unreadable(name, "系统资源不足，没有读完", "请关闭其他程序后重试") from None
    reply = _answer(done.stdout) if done.returncode == 0 else None
    if reply is None:
        raise Unreadable(name, "文件已损坏，或内容过大", f"请重新导出，或{_COPY[1:]}")
    if "refused" in reply:
        raise Unreadable(name, *reply["refused"])
    return reply["read"]


def child() -> None:
    """The other end of :func:`read_apart`: the bytes come by standard input, JSON goes by standard output."""
    import logging

    name, memory = bytes.fromhex(sys.argv[1]).decode("utf-8"), int(sys.argv[2])
    _bound(memory)
    logging.disable(logging.CRITICAL)
    try:
        reply: Mapping[str, Any] = {"read": _read(sys.stdin.buffer.read(), name)}
    except Unreadable as problem:
        reply = {"refused": [problem.what, problem.todo]}
    except (MemoryError, RecursionError):
        os._exit(1)
    sys.stdout.buffer.write(json.dumps(reply, ensure_ascii=False, default=_exact).encode("utf-8", "replace"))


def _bound(memory: int) -> None:
    """Bound the memory of this process, where the system can."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _exact(value: Any) -> dict[str, str]:
    return {"exact": str(value)}


def _answer(output: bytes) -> Any:
    def decimals(item: dict[str, Any]) -> Any:
        return exact(item["exact"]) if item.keys() == {"exact"} else item

    try:
        return json.loads(output, object_hook=decimals)
    except ValueError:
        return None


def _ingested(reply: Mapping[str, Any], form: Form | None) -> Ingested:
    text, opening, titles, headings, cells = reply["printed"]
    printed = Printed(text, opening, tuple(Title(*each) for each in titles), headings, tuple(cells))
    report = from_json(reply["report"], form or forms.load(reply["form"]))
    return Ingested(report, tuple(reply["doubts"]), printed)


def _read(data: bytes, name: str, form: Form | None = None) -> Mapping[str, Any]:
    """The report as interchange data, with the doubts and what is printed around it: nothing but plain values."""
    taken = sources.read(data, name, form)
    items, doubts = _items(taken.blocks, name)
    items, second = title.first_report(items)
    chosen = form or _best_form(items)
    labels = labels_of(chosen)
    reader = TableReader(labels)
    rows = [item for item in items if isinstance(item, Line) or not title.is_cover_row(item, labels)]
    lines, unread = _read_rows(rows, reader)
    sections = narrative.split(lines, chosen)
    parts, front = _read_lines(sections, reader, labels)
    result = reader.result()
    if not result.values and not sections.parts:
        raise no_report(name, taken.pictures)
    front = front[-FRONT:]
    named = title.completed(title.read(front, taken.titles, chosen), items, labels)
    if form is None and not result.values and (due := _prescribed(named.year)) not in (None, chosen):
        return _read(data, name, due)
    text, lost = _narrative(parts, labels)
    report = _report(chosen, named, result, text, tuple(title.preamble(front, named)))
    other = title.above(front, named)
    about_tables = (
        *((f"标题上方另有“{other}”，填报单位按“{named.agency}”读入",) if other else ()),
        *_about_title(named, chosen, bool(result.values)),
        *result.doubts,
        *_missing(chosen, result),
    )
    about_text = (*_missing_sections(from_json(report, chosen), sections), *lost)
    every = (*taken.doubts, *doubts, *second, *sections.doubts, *unread, *about_tables, *about_text)
    opening = "".join(front[max(0, named.end - title.LINES) : named.end])
    outside = title.outside(taken.titles)
    return {
        "form": chosen.key,
        "report": report,
        "doubts": _bounded(every),
        "printed": (named.text, opening, outside, sections.headings, _cells(taken.blocks)),
    }


def _prescribed(year: int | None) -> Form | None:
    """The form of a report of which no table was read: the one for its year, if there is one."""
    try:
        return forms.for_year(year) if year is not None else None
    except FormError:
        return None


def _cells(blocks: Sequence[Block]) -> tuple[str, ...]:
    tables = (block for block in blocks if isinstance(block, RawTable))
    return tuple(cell.text for table in tables for row in table.rows for cell in row if words.trim(cell.text))


def _items(blocks: Sequence[Block], name: str) -> tuple[list[Item], list[str]]:
    items: list[Item] = []
    doubts: list[str] = []
    squares = 0
    for n, block in enumerate(whole_tables(blocks)):
        if not isinstance(block, RawTable):
            items.append(block)
            continue
        try:
            rows = expand(block, n)
        except ValueError:
            doubts.append("有一个表格过大，不是年度报告的表格，没有读入")
            continue
        squares += sum(len(row.squares) for row in rows)
        if squares > ALL_SQUARES:
            raise too_much(name)
        items += rows
    return items, doubts


def _best_form(items: Sequence[Item]) -> Form:
    """The built-in form with most of its labels, word for word, in the source; the newest of equals."""
    texts = {words.fold(text) for item in items for text in _short(item)}
    known = forms.keys()
    every = [forms.load(key) for key in known]
    return max(every, key=lambda form: sum(map(labels_of(form).exact, texts)))


def _short(item: Item) -> Iterator[str]:
    texts = (
        [cell.text for cell in item.cells] if isinstance(item, SourceRow) else (item.parts or (item.text,))
    )
    yield from (text for text in texts if len(text) <= LONGEST)


def _read_rows(items: Sequence[Item], reader: TableReader) -> tuple[list[Line], list[str]]:
    """Rows go to the reader. What is left are lines: the rows of one text that are no part of a table."""
    left = [item for item in items if isinstance(item, Line) or not reader.read(item)]
    lines: list[Line] = []
    lost: list[str] = []
    seen: set[tuple[int, int]] = set()
    for item in left:
        if isinstance(item, Line):
            lines.append(item)
            continue
        fresh = [c for c in item.cells if (item.table, c.origin) not in seen and words.trim(c.text)]
        seen |= {(item.table, cell.origin) for cell in fresh}
        if not fresh or item.table in reader.foreign:
            continue
        if item.table in reader.met and (len(fresh) > 1 or item.squares[0] != fresh[0]):
            texts = " ".join(words.trim(cell.text) for cell in fresh)[:60]
            lost.append(f"表格中“{texts}”一行不是规定的项目，没有读入")
        else:
            lines += [Line(text) for cell in fresh for text in cell.text.split("\n")]
    return lines, lost


def _read_lines(
    sections: narrative.Sections, reader: TableReader, labels: Labels
) -> tuple[Mapping[str, Sequence[Line]], list[str]]:
    """Tables that were not met as tables are looked for among the lines of their sections."""
    form = labels.form
    parts: dict[str, Sequence[Line]] = {"": sections.front, **sections.parts}
    for n, section in enumerate(form.sections):
        wanted = _homeless(form, sections, section) - reader.tables
        if wanted and section.key in parts:
            parts[section.key] = _streamed(parts[section.key], reader, labels, -n - 1, wanted)
    for n, key in enumerate(tuple(parts)):
        wanted = frozenset(form.tables) - reader.tables
        if wanted:
            parts[key] = _streamed(parts[key], reader, labels, -n - 1 - len(form.sections), wanted)
    front = parts.pop("")
    return parts, [line.text for line in front if not line.hint]


def _homeless(form: Form, sections: narrative.Sections, home: Section) -> frozenset[str]:
    """A section's own table, and with it those whose headings were not found: they may stand anywhere."""
    if not home.table:
        return frozenset()
    return frozenset(
        {home.table, *(s.table for s in form.sections if s.key not in sections.parts and s.table)}
    )


def _streamed(
    lines: Sequence[Line], reader: TableReader, labels: Labels, number: int, wanted: frozenset[str]
) -> Sequence[Line]:
    """Lines without the rows of the wanted tables, which go to the reader; all of them where no figure is there."""
    streamed = rows_among(lines, labels, number, wanted)
    if not any(words.is_figure(cell.text) for row in streamed.rows for cell in row.cells):
        return lines
    for row in streamed.rows:
        reader.read(row)
    return streamed.text


def _narrative(
    parts: Mapping[str, Sequence[Line]], labels: Labels
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    form = labels.form
    text = {key: narrative.paragraphs(lines, labels, form.section(key)) for key, lines in parts.items()}
    if not parts:
        return text, ()
    last = list(parts)[-1]
    tail = narrative.without_foot(text[last])
    lost = tuple(f"页末“{p[:30]}……”一段在网页栏目文字之后，没有读入" for p in tail.lost)
    return {**text, last: tail.text}, lost


def _report(
    form: Form,
    named: Title,
    read: TableFigures,
    text: Mapping[str, tuple[str, ...]],
    preamble: tuple[str, ...],
) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for cell in form.cells:
        if cell in read.values:
            rows = tables.setdefault(cell.table, {})
            rows.setdefault(cell.row, {})[cell.column] = read.values[cell]
    return {
        "agency": named.agency,
        "year": named.year,
        "tables": tables,
        "narrative": text,
        "preamble": preamble,
    }


def _about_title(named: Title, form: Form, tables: bool) -> Iterator[str]:
    if not named.agency:
        yield "没有认出填报单位，请在封面填写单位全称"
    if named.year is None:
        yield "没有认出报告年度，请在封面填写四位年份"
    elif tables and not form.covers(named.year):
        yield f"表格是{form.authority}规定的格式，与报告年度{named.year}年不符，请核对"


def _missing(form: Form, tables: TableFigures) -> Iterator[str]:
    for table in form.tables.values():
        absent = [cell for cell in table.cells if cell not in tables.values]
        if not absent:
            continue
        if len(absent) == len(table.cells):
            yield f"没有读到“{table.name}”的表格（可能没有这张表，或者是图片），共 {len(absent)} 项"
            continue
        for row in dict.fromkeys(cell.row for cell in absent):
            columns = [cell for cell in absent if cell.row == row]
            names = "、".join(table.columns[cell.column].name for cell in columns)
            yield f"没有读到“{table.rows[row].name}”的{names}"


def _missing_sections(report: Report, sections: narrative.Sections) -> Iterator[str]:
    """Headings that were not found, and where the text that stood under them has gone."""
    home, text = "前言", bool(report.preamble)
    for section in report.form.sections:
        if section.key in sections.parts:
            home, text = f"“{section.heading}”", bool(report.narrative.get(section.key))
        elif text:
            yield f"没有找到“{section.heading}”这一标题，该部分如有文字，已读入{home}，请核对并移到该部分"
        else:
            yield f"没有找到“{section.heading}”这一标题，也没有读到该部分的文字"


def _bounded(doubts: Sequence[str]) -> tuple[str, ...]:
    distinct = tuple(dict.fromkeys(doubts))
    more = len(distinct) - MOST
    return distinct if more <= 0 else (*distinct[:MOST], f"另有 {more} 处没有列出")
