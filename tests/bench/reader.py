"""CPU time of reading and validating filled workbooks of ours, file by file, beside what else could read them.

Every file is another: the memos of the reader hit as they would in a folder of units' workbooks. Readers take
turns; the median over the rounds is printed. The floor is what no reader can save: zip directory, inflate, CRC.
"""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

import openpyxl
import pandas
import python_calamine

from nianbao.checks.validate import validate
from nianbao.core.form import load
from nianbao.core.report import Report, parse
from nianbao.workbook.layout import Layout
from nianbao.workbook.reader import read_workbook
from nianbao.workbook.writer import write
from nianbao.xlsx.container import Container
from nianbao.xlsx.package import Limits, read_package

ROUNDS, FILES, STARTS = 15, 60, 9
CASE = Path(__file__).parents[1] / "cases" / "hubei-2021.json"
LAYOUT = Layout.of(load("cn-2021"))
WANTED = list(LAYOUT.read_sheets)

FIRST = (
    "import sys, time; from nianbao.workbook.reader import read_workbook; data = open(sys.argv[1], 'rb').read();"
    "began = time.process_time(); read_workbook(data, ''); print(time.process_time() - began)"
)


def reports(count: int) -> list[Report]:
    """So many consistent reports, no two the same: the figures of a real one multiplied, texts of their own."""
    base = parse(CASE.read_bytes(), CASE.name)
    chance, made = random.Random(1), []
    for n in range(1, count + 1):
        figures = {cell: value * n if value else 0 for cell, value in base.figures.items()}
        words = "".join(chance.choices("依法公开政务信息及时回应群众关切完善制度加强培训", k=90))
        text = {section.key: (f"{words}。", f"{words[::-1]}。") for section in base.form.sections}
        made.append(replace(base, agency=f"第{n}县人民政府办公室", figures=figures, narrative=text))
    return made


def floor(data: bytes, parts: frozenset[str] | None = None) -> int:
    """The least any reader must do: the zip directory, inflating, CRC; of some parts, or of all."""
    total = 0
    for name, entry in Container(data, Limits()).entries.items():
        if parts is None or name in parts:
            start = entry.offset + 30 + int.from_bytes(data[entry.offset + 26 : entry.offset + 28], "little")
            start += int.from_bytes(data[entry.offset + 28 : entry.offset + 30], "little")
            plain = zlib.decompress(data[start : start + entry.size], -15)
            total += zlib.crc32(plain) == entry.crc
    return total


def needed(data: bytes) -> frozenset[str]:
    """The parts that our reading inflates."""
    read: set[str] = set()

    class Noting(Container):
        def read(self, name: str) -> bytes:
            read.add(name.lower())
            return super().read(name)

    from nianbao.xlsx import package

    kept, package.Container = package.Container, Noting  # type: ignore[misc]
    try:
        read_workbook(data, "")
    finally:
        package.Container = kept  # type: ignore[misc]
    return frozenset(read)


def by_calamine(data: bytes) -> list[object]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [book.get_sheet_by_name(name).to_python() for name in WANTED]


def by_openpyxl(data: bytes, read_only: bool) -> list[object]:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=read_only, data_only=True)
    return [list(book[name].iter_rows(values_only=True)) for name in WANTED]


def by_pandas(data: bytes) -> object:
    return pandas.read_excel(io.BytesIO(data), sheet_name=WANTED, header=None, engine="openpyxl")


def readers(data: bytes) -> dict[str, tuple[Callable[[bytes], object], int]]:
    """Every reader with how many files it is given in a round."""
    parts = needed(data)
    return {
        "inflate floor, all parts": (floor, FILES),
        "inflate floor, parts needed": (lambda data: floor(data, parts), FILES),
        "ours, cells": (lambda data: read_package(data, WANTED, columns=LAYOUT.read_columns), FILES),
        "ours, report": (lambda data: read_workbook(data, ""), FILES),
        "ours, report and validate": (lambda data: validate(read_workbook(data, "")), FILES),
        "ours, careful (expat)": (
            lambda data: read_package(data, WANTED, columns=LAYOUT.read_columns, careful=True),
            6,
        ),
        "python-calamine": (by_calamine, FILES),
        "openpyxl read_only": (lambda data: by_openpyxl(data, True), 2),
        "pandas.read_excel": (by_pandas, 2),
        "openpyxl": (lambda data: by_openpyxl(data, False), 2),
    }


def milliseconds(read: Callable[[bytes], object], files: Sequence[bytes]) -> float:
    """CPU time a file."""
    began = time.process_time()
    for data in files:
        read(data)
    return (time.process_time() - began) * 1000 / len(files)


def measure(files: Sequence[bytes]) -> dict[str, float]:
    """The median CPU time a file of every reader, the readers taking turns, each round with other files."""
    spent: dict[str, list[float]] = {}
    for round in range(ROUNDS):
        for name, (read, count) in readers(files[0]).items():
            first = round * count % len(files)
            some = [*files[first:], *files[:first]][:count]
            spent.setdefault(name, []).append(milliseconds(read, some))
    return {name: median(times) for name, times in spent.items()}


def first(book: Path) -> float:
    """The median CPU milliseconds of the first reading in a fresh process, nothing compiled or remembered yet."""
    command = [sys.executable, "-c", FIRST, str(book)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "python")}
    runs = (subprocess.run(command, capture_output=True, check=True, env=environment) for _ in range(STARTS))
    return median(float(run.stdout) * 1000 for run in runs)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{n}.xlsx" for n in range(FILES)]
        for path, report in zip(paths, reports(FILES), strict=True):
            write(report, path)
        files = [path.read_bytes() for path in paths]
        inflated = sum(entry.size for entry in Container(files[0], Limits()).entries.values())
        print(
            f"{len(files)} filled workbooks of about {len(files[0]):,} bytes ({inflated:,} packed), {WANTED}"
        )
        found = measure(files)
        least, ours = found["inflate floor, all parts"], found["ours, report"]
        for name, spent in found.items():
            print(f"  {name:32}{spent:9.3f} ms{spent / least:8.1f} x floor{spent / ours:8.1f} x ours")
        print(f"  {'first reading in a fresh process':32}{first(paths[0]):9.3f} ms")


if __name__ == "__main__":
    main()
