"""From click to result: 校验 in a running LibreOffice, split into reading, checking and writing.

The first click writes every note; a click after a correction finds most of them there already.
"""

import statistics
import tempfile
import time
from pathlib import Path

import libreoffice
from nianbao.checks.validate import validate
from nianbao.core.grid import Cell
from nianbao.core.report import with_figures
from nianbao.excel import flagging, verbs
from nianbao.excel.book import OpenBook
from nianbao.workbook.writer import write
from support.build import hubei

RUNS = 15
PLANTED = {
    "requests.granted.natural": 136,
    "requests.refused_law.legal": None,
    "requests.other_rest.business": -1,
    "disclosure.licensing.decisions": "1.5万",
    "remedies.reconsideration.upheld": "3件",
}


def main() -> None:
    report = with_figures(hubei(), {Cell.parse(key): value for key, value in PLANTED.items()})
    with tempfile.TemporaryDirectory() as folder, libreoffice.start() as app:
        path = Path(folder) / "年报.xlsx"
        write(report, path)
        book = app.books.open(path)
        names = ("first click", "click again", "of which read", "of which check", "of which write")
        times: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(RUNS):
            for name in names[:2]:
                begun = time.perf_counter()
                verbs.validate(book)
                times[name].append(time.perf_counter() - begun)
            _one(OpenBook(book), times)
            verbs.clear(book)
        verbs.validate(book)
        print(f"校验 in LibreOffice, {RUNS} runs, {len(book.notes)} notes, median (fastest) in ms:")
        for name, seconds in times.items():
            print(f"  {name:16} {1000 * statistics.median(seconds):6.0f} ({1000 * min(seconds):.0f})")
        print("aim: median below 300 ms for a click")


def _one(workbook: OpenBook, times: dict[str, list[float]]) -> None:
    begun = time.perf_counter()
    report, layout = flagging.read(workbook)
    read = time.perf_counter()
    findings = validate(report)
    checked = time.perf_counter()
    flagging.flag(workbook, flagging.Checked(report, layout, findings))
    written = time.perf_counter()
    times["of which read"].append(read - begun)
    times["of which check"].append(checked - read)
    times["of which write"].append(written - checked)
