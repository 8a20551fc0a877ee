"""The whole process `nianbao validate book.xlsx`, against the same done with openpyxl; and where its time goes.

The rival reads the cells through openpyxl and hands the same report to the same checks, so that only the
reading differs. Medians of processor time, the two run in turns.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from nianbao.workbook.writer import write
from support.build import hubei

ROUNDS = 11
OURS = "from nianbao.cli import main; main()"
RIVAL = """
import sys
from openpyxl import load_workbook
from nianbao.console import page
from nianbao.core.form import load
from nianbao.core.number import exact
from nianbao.core.report import Report
from nianbao.checks.validate import validate
from nianbao.workbook.layout import COVER_FIELDS, Layout
from pathlib import Path

source = Path(sys.argv[2])
book = load_workbook(source, data_only=True)
form = load("cn-2021")
layout = Layout(form)
def value(spot):
    return book[spot.sheet].cell(spot.row, spot.column).value
figures = {c: None if (v := value(s)) is None else exact(repr(v)) for c, s in layout.cells()}
narrative = {}
for sheet in layout.sheets:
    rows = book[sheet.name].iter_rows(min_row=sheet.text_top, min_col=2, max_col=2, values_only=True)
    narrative[sheet.section.key] = tuple(str(row[0]) for row in rows if row[0])
report = Report(form, value(COVER_FIELDS["agency"][1]), value(COVER_FIELDS["year"][1]), figures, {}, narrative)
print(page(source, report, validate(report)))
"""


def timed(code: str, *arguments: str) -> float:
    """Milliseconds of processor time of a whole Python process, start and end included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.DEVNULL, check=True, env=_environment()
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000


def _environment() -> dict[str, str]:
    """As on a user's machine: modules compiled once, whatever this machine is set to."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    compiled = str(Path(tempfile.gettempdir()) / "nianbao-bench-compiled")
    paths = {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONPYCACHEPREFIX": compiled}
    return kept | paths | {"PYTHONIOENCODING": "utf-8"}


def startup(book: Path) -> list[tuple[str, float]]:
    """The packages that take longest to import during a validation, in milliseconds of their own."""
    command = [sys.executable, "-X", "importtime", "-c", OURS, "validate", str(book)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=_environment())
    own: dict[str, float] = {}
    for line in run.stderr.splitlines():
        spent, _, name = (
            line.removeprefix("import time:").split("|") if line.count("|") == 2 else ("", "", "")
        )
        if spent.strip().isdigit():
            package = name.strip().partition(".")[0]
            own[package] = own.get(package, 0) + int(spent) / 1000
    return sorted(own.items(), key=lambda item: -item[1])[:8]


def main() -> None:
    """Print the medians and their ratio, the floor of a bare Python, and the costliest imports."""
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book.xlsx"
        write(hubei(), book)
        runs: dict[str, list[float]] = {"nianbao": [], "openpyxl": [], "python alone": []}
        for code in (OURS, RIVAL):
            timed(code, "validate", str(book))
        for _ in range(ROUNDS):
            runs["nianbao"].append(timed(OURS, "validate", str(book)))
            runs["openpyxl"].append(timed(RIVAL, "validate", str(book)))
            runs["python alone"].append(timed("pass"))
        ours, rival, bare = (statistics.median(times) for times in runs.values())
        print(f"nianbao validate  {ours:6.0f} ms")
        print(f"with openpyxl     {rival:6.0f} ms   ratio {ours / rival:.2f} (aim: under 0.33)")
        print(f"python alone      {bare:6.0f} ms")
        print("imports: " + ", ".join(f"{name} {spent:.1f} ms" for name, spent in startup(book)))


if __name__ == "__main__":
    main()
