"""Subordinate units by the dozen: consistent reports by chance, as JSON or workbooks, and folders of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from random import Random

import openpyxl

from nianbao.consolidate.folder import Item
from nianbao.consolidate.journal import examine
from nianbao.consolidate.result import Result
from nianbao.consolidate.run import consolidate
from nianbao.consolidate.settings import Job
from nianbao.core.grid import Cell
from nianbao.core.number import Figure
from nianbao.core.report import Report, dump
from support.books import write
from support.build import FORM, _balance, summed

YEAR = 2024
FEES = Cell("disclosure", "fees", "amount")
LICENSING = Cell("disclosure", "licensing", "decisions")
APPEALS = [cell for cell in FORM.cells if cell.row == "reconsideration"]
REGULATIONS = tuple(Cell("disclosure", "regulations", c) for c in ("issued", "repealed", "in_force"))
TEXT = {
    "overview": (
        "（一）主动公开。及时公布各类政府信息。",
        "（二）依申请公开。依法办理各类申请。",
        "（三）政府信息管理。逐件清理并标明有效性。",
        "（四）政府信息公开平台建设。优化专栏检索。",
        "（五）监督保障。明确机构和人员，定期通报。",
    ),
    "problems": ("存在的主要问题：解读形式不够丰富。", "改进情况：增加图解和问答。"),
    "other": ("未收取信息处理费。没有其他需要报告的事项。",),
}


def unit(number: int, *, year: int = YEAR, blanks: bool = True) -> Report:
    """The report of the unit of that number: always the same, clean; every third has no power to make 规章."""
    chance = Random(number)
    values: dict[Cell, Figure | None] = {
        cell: chance.choice((0, 0, 1, 2, chance.randint(3, 400)))
        for cell in FORM.cells
        if cell not in FORM.filled and cell.row != "carried_out"
    }
    values |= dict.fromkeys(REGULATIONS, None if blanks and number % 3 == 0 else 0)
    values[FEES] = Decimal(chance.randint(10_000, 9_999_999)).scaleb(-4)
    values[Cell("requests", "other_unpaid", "total")] = 0
    for column in FORM.tables["requests"].columns:
        values[Cell("requests", "other_unpaid", column)] = 0
        if column != "total":
            _balance(values, column)
    figures = {cell: values.get(cell) for cell in FORM.cells} | summed(FORM, values)
    return Report(FORM, name(number), year, figures, narrative=TEXT, agency_code=f"1142{number:014d}")


def name(number: int) -> str:
    return f"第{number}号单位"


def units(numbers: Iterable[int]) -> list[Report]:
    return [unit(number) for number in numbers]


def put(folder: Path, *reports: Report, suffix: str = ".json") -> None:
    """The reports as files of a folder, named after their units."""
    folder.mkdir(parents=True, exist_ok=True)
    for report in reports:
        save(report, folder / f"{report.agency}{suffix}")


def save(report: Report, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".json":
        path.write_text(dump(report), encoding="utf-8")
    else:
        write(report, path)
    return path


def total(reports: Sequence[Report]) -> dict[Cell, Figure | None]:
    """The sums by an independent way: cell by cell over all reports; None where all left it blank."""
    found: dict[Cell, Figure | None] = {}
    for cell in FORM.cells:
        known = [value for report in reports if (value := report.figures[cell]) is not None]
        found[cell] = sum(known, start=Decimal(0)) if known else None
    return found


def run(folder: Path, target: Path, **asked: object) -> Result:
    """Consolidate with one process."""
    return consolidate(replace(Job(str(folder), target, jobs=1), **asked))  # type: ignore[arg-type]


def roster(folder: Path, *rows: tuple[str, ...]) -> Path:
    """A roster as a file of the folder, in the encoding of Chinese Windows."""
    path = folder / "名录.csv"
    path.write_text("\n".join(",".join(row) for row in rows), encoding="gb18030")
    return path


def standings(result: Result) -> dict[str, str]:
    """Where each unit of the roster stands."""
    return {standing.name: standing.state for standing in result.standings}


def words(path: Path, sheet: str) -> str:
    """All that stands on a sheet of a workbook."""
    page = openpyxl.load_workbook(BytesIO(path.read_bytes()), data_only=True, read_only=True)[sheet]
    return "\n".join(
        str(value) for row in page.iter_rows(values_only=True) for value in row if value is not None
    )


def states(result: Result) -> dict[str, str]:
    """What became of each file."""
    return {case.head.name: case.state for case in result.cases}


def word_lines(path: Path) -> list[str]:
    """The paragraphs and the cells of the tables of a Word file."""
    from docx import Document

    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [*(paragraph.text for paragraph in document.paragraphs), *cells]


def reason(result: Result, file: str) -> str:
    return next(case.reason for case in result.cases if case.head.name == file)


def entry_of(path: Path) -> tuple[int, int, str]:
    """Errors, open verify findings, and trouble of one file."""
    entry = examine(Item(path.name, str(path), 0, 0))
    return entry.errors, entry.verify, entry.trouble
