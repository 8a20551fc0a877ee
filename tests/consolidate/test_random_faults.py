"""Two hundred units with every kind of fault among them: the sum is that of a script that knows nothing of ours."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from nianbao.consolidate.result import Result
from nianbao.core.form import load
from nianbao.core.grid import Cell
from nianbao.core.report import Report, with_figures
from nianbao.workbook.writer import blank
from support.build import FORM
from support.units import LICENSING, put, run, save, unit

CONCLUDED = Cell("requests", "concluded", "total")
UPHELD = Cell("remedies", "reconsideration", "total")

#: Every kind of fault: what is written into the folder instead of the good report, and whether its figures count.
Fault = Callable[[Path, Report], None]


def _changed(cell: Cell, value: int | str | None) -> Fault:
    def write(folder: Path, report: Report) -> None:
        changed = (
            replace(report, figures={**report.figures, cell: value})
            if not isinstance(value, str)
            else with_figures(report, {cell: value})
        )
        put(folder, changed)

    return write


def _twice(folder: Path, report: Report) -> None:
    put(folder, report, suffix=".json")
    save(report, folder / "再报" / f"{report.agency}.xlsx")


def _rival(folder: Path, report: Report) -> None:
    put(folder, report)
    other = replace(report, figures={**report.figures, LICENSING: (report.figures[LICENSING] or 0) + 1})
    save(other, folder / "修改" / f"{report.agency}（修改）.json")


def _bytes(data: bytes, ending: str) -> Fault:
    return lambda folder, report: (folder / f"{report.agency}{ending}").write_bytes(data) and None


def _renamed(ending: str) -> Fault:
    return lambda folder, report: put(folder, replace(report, agency=f"{report.agency}{ending}")) or None


def _same_figures(folder: Path, report: Report) -> None:
    put(
        folder,
        report,
        replace(report, agency=f"另一个{report.agency}局", agency_code=f"9{report.agency_code[1:]}"),
    )


#: Fault, whether the unit's own figures are in the sum.
FAULTS: tuple[tuple[str, Fault, bool], ...] = (
    ("text in a figure", _changed(LICENSING, "163件"), False),
    ("a dash", _changed(LICENSING, "—"), False),
    ("a negative figure", _changed(LICENSING, -3), False),
    ("a blank", _changed(LICENSING, None), False),
    ("a total that is none", _changed(CONCLUDED, 999_999), False),
    ("another total", _changed(UPHELD, 888_888), False),
    ("last year's", lambda f, r: put(f, replace(r, year=2023)) or None, False),
    ("another form", lambda f, r: put(f, blank(load("cn-2019"), 2020, r.agency)) or None, False),
    ("no name", lambda f, r: save(replace(r, agency="", agency_code=""), f / "无名.json") and None, False),
    ("two versions", _rival, False),
    ("the same twice", _twice, True),
    ("a broken workbook", _bytes(b"PK\x03\x04broken", ".xlsx"), False),
    ("a Word file", _bytes(b"PK\x03\x04broken", ".docx"), False),
    ("half a JSON", _bytes(b'{"form": "cn-2021", "agen', ".json"), False),
    ("an empty file", _bytes(b"", ".xlsx"), False),
    ("stamped", _renamed("（盖章）"), True),
    ("equal figures under two names", _same_figures, False),
)


@pytest.fixture(scope="module")
def consolidated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path, list[Report]]:
    """The result of a folder of 200 units, every fault three times; the good reports whose figures should count."""
    folder = tmp_path_factory.mktemp("random") / "报送"
    folder.mkdir()
    numbers = list(range(1, 201))
    Random(17).shuffle(numbers)
    counted = []
    for n, number in enumerate(numbers):
        report, place = unit(number), folder / f"{n % 7}"
        place.mkdir(exist_ok=True)
        _, fault, good = (
            FAULTS[n % len(FAULTS)] if n < 3 * len(FAULTS) else ("", lambda f, r: put(f, r), True)
        )
        fault(place, report)
        if good:
            counted.append(report)
    return run(folder, folder.parent / "汇总.xlsx", year=2024), folder, counted


@pytest.mark.long
def test_the_sum_is_that_of_an_independent_script(consolidated: tuple[Result, Path, list[Report]]) -> None:
    result, folder, counted = consolidated
    assert len(FAULTS) == 17
    names = [line.name.removesuffix("（盖章）") for line in result.lines]
    assert set(names) == {report.agency for report in counted} and len(names) == len(counted)
    shutil.rmtree(folder.parent / "good", ignore_errors=True)
    put(folder.parent / "good", *counted)
    sums: dict[str, Decimal] = {}
    for path in (folder.parent / "good").glob("*.json"):
        data = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        for table, rows in data["tables"].items():
            for row, columns in rows.items():
                for column, value in columns.items():
                    key = f"{table}.{row}.{column}"
                    sums[key] = sums.get(key, Decimal(0)) + (value or 0)
    assert {str(cell): result.report.figures[cell] or 0 for cell in FORM.cells} == sums


@pytest.mark.long
def test_every_file_that_is_not_in_the_sum_has_a_reason(
    consolidated: tuple[Result, Path, list[Report]],
) -> None:
    result, folder, _ = consolidated
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {case.head.name for case in result.cases} == files
    assert all(case.reason for case in result.cases if not case.counted)
