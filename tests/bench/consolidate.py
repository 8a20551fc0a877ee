"""Consolidation: reading and checking against the floor and other readers, the whole job against a plain script,
and peak memory, on one corpus of distinct filled workbooks. `main(["--10000"])` adds 10,020 units beside the
fast script, `main(["--large"])` 20,040."""

import json
import re
import resource
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import mean

import openpyxl
import pandas as pd
import python_calamine
import xlsxwriter

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "bench")]

from reader import floor  # noqa: E402

import libreoffice  # noqa: E402
from nianbao.consolidate.folder import Item  # noqa: E402
from nianbao.consolidate.journal import examine  # noqa: E402
from nianbao.consolidate.run import consolidate  # noqa: E402
from nianbao.consolidate.settings import Job  # noqa: E402
from nianbao.core.report import with_figures  # noqa: E402
from nianbao.workbook.layout import COVER_FIELDS, Layout  # noqa: E402
from nianbao.workbook.reader import read  # noqa: E402
from support.units import FORM, save, unit  # noqa: E402

BUILD = TESTS.parent / "build" / "bench"
KINDS = ("written by XlsxWriter", "saved again by LibreOffice", "by openpyxl, no cached values")
COUNT, SAMPLE, COPIES = 1_000, 60, 60

_WHOLE = """
import contextlib, io, json, resource, sys, time
from multiprocessing.forkserver import _forkserver
from pathlib import Path
from nianbao.consolidate.command import run
from nianbao.consolidate.settings import Job
if __name__ == "__main__":
    began = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        run(Job(sys.argv[1], Path(sys.argv[2]), resume=len(sys.argv) > 3), sys.argv[2])
    wall = time.perf_counter() - began
    _forkserver._stop()  # what its children took is known when it is gone
    me, them = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]  # ru_maxrss begins with the starter's
    units = sum(1 for _ in Path(sys.argv[1]).rglob("*.xlsx"))
    print(json.dumps({"units": units, "wall": wall, "parent_cpu": me.ru_utime + me.ru_stime,
        "workers_cpu": them.ru_utime + them.ru_stime, "parent_mib": int(peak) / 1024,
        "worker_mib": them.ru_maxrss / 1024}))
"""


def corpus(folder: Path, count: int = COUNT) -> list[Path]:
    """`count` distinct filled workbooks, made once: a third each as XlsxWriter writes them, saved again by LibreOffice,
    and saved again by openpyxl (without cached values)."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"单位{number:05d}.xlsx" for number in range(count)]
    todo = [number for number in range(count) if not files[number].exists()]
    if any(number % 3 == 1 for number in todo):
        with libreoffice.start() as app:
            for number in (n for n in todo if n % 3 == 1):
                raw = save(unit(number), folder / ".raw.xlsx")
                libreoffice.recalculated(raw, files[number], app=app)
    for number in (n for n in todo if n % 3 != 1):
        raw = save(unit(number), folder / ".raw.xlsx")
        if number % 3 == 2:
            openpyxl.load_workbook(raw).save(folder / ".raw.xlsx")
        (folder / ".raw.xlsx").replace(files[number])
    (folder / ".raw.xlsx").unlink(missing_ok=True)
    return files


def enlarged(files: Sequence[Path], folder: Path, copies: int = COPIES) -> None:
    """The workbooks as XlsxWriter wrote them again and again, each time of another unit: the agency's name and code
    and one figure are changed."""
    for n, path in list(enumerate(files))[::3]:
        for copy in range(copies):
            target = folder / f"{copy:02d}" / path.name
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                _renamed(path, target, n, copy)


def _renamed(path: Path, target: Path, number: int, copy: int) -> None:
    with (
        zipfile.ZipFile(path) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "xl/sharedStrings.xml":
                data = data.replace(f"第{number}号单位".encode(), f"第{number}号单位{copy}".encode())
                data = data.replace(f"1142{number:014d}".encode(), f"{1142 + copy}{number:014d}".encode())
            if info.filename == "xl/worksheets/sheet3.xml":  # equal figures of two units would be held back
                licences = str(1_000 + 1_000 * copy + number).encode()
                data = re.sub(rb'(<c r="C11"[^>]*><v>)[^<]*', rb"\g<1>" + licences, data, count=1)
            new.writestr(info.filename, data)


def ours(path: Path) -> object:
    return examine(Item(path.name, str(path), 0, 0))


def by_calamine(path: Path, wanted: Sequence[str] = ()) -> object:
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return [book.get_sheet_by_name(name).to_python() for name in wanted or book.sheet_names]


def by_openpyxl(path: Path) -> object:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows = [list(sheet.iter_rows(values_only=True)) for sheet in book]
    book.close()
    return rows


def by_pandas(path: Path) -> object:
    return pd.read_excel(path, sheet_name=None, header=None, engine="openpyxl")


def by_script(files: Iterable[Path], target: Path) -> None:
    """What one would write with openpyxl alone: open each workbook, take the figures, add up, write sums and detail."""
    spots = dict(Layout(FORM).cells())
    sums: dict[str, float] = {}
    book = openpyxl.Workbook()
    sheet = book.active
    for path in files:
        source = openpyxl.load_workbook(path, data_only=True)
        row: list[object] = [source["封面"][COVER_FIELDS["agency"][1].a1].value]
        for cell, spot in spots.items():
            value = source[spot.sheet][spot.a1].value
            sums[str(cell)] = sums.get(str(cell), 0) + (value if isinstance(value, int | float) else 0)
            row.append(value)
        sheet.append(row)
    book.create_sheet("合计").append([*sums.values()])
    book.save(target)


def _row(path: Path) -> dict[str, object]:
    """The agency and the figures of one workbook as calamine reads them; nothing is checked."""
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    sheets: dict[str, list[list[object]]] = {}
    found: dict[str, object] = {"unit": path.stem}
    for cell, spot in Layout(FORM).cells():
        if spot.sheet not in sheets:
            sheets[spot.sheet] = book.get_sheet_by_name(spot.sheet).to_python(skip_empty_area=False)
        rows = sheets[spot.sheet]
        value = rows[spot.row - 1][spot.column - 1] if spot.row <= len(rows) else None
        found[str(cell)] = float(value) if isinstance(value, int | float) else None
    return found


def by_fast_script(files: Sequence[Path], target: Path) -> None:
    """What one would write for speed today: calamine on every processor, polars for the sums, no check at all."""
    import polars

    with ProcessPoolExecutor(
        mp_context=get_context("fork")
    ) as pool:  # at once, and whatever this module is called
        frame = polars.DataFrame(list(pool.map(_row, files, chunksize=32)), infer_schema_length=None)
    with xlsxwriter.Workbook(target) as book:
        frame.write_excel(book, "单位明细")
        frame.select(polars.exclude("unit").sum()).write_excel(book, "合计")


def fast_script(folder: Path) -> float:
    """The wall time of the fast script over a folder; prints it."""
    files = sorted(folder.rglob("*.xlsx"))
    began, before = time.perf_counter(), _processor()
    by_fast_script(files, BUILD / "fast-script.xlsx")
    wall, spent = time.perf_counter() - began, _processor() - before
    print(
        f"calamine + polars script that checks nothing, {len(files):,} units: {wall:.1f} s, CPU {spent:.1f} s",
        flush=True,
    )
    return wall


def _processor() -> float:
    """The processor's time of this process and of those that it waited for."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def returned(count: int = 60) -> None:
    """What a returned unit costs: flagged copy and letter, by the workers."""
    folder = BUILD / "returned"
    shutil.rmtree(folder, ignore_errors=True)
    for number in range(count):
        save(with_figures(unit(number), {FORM.cells[6]: "163件"}), folder / "in" / f"{number:03d}.xlsx")
    jobs = (
        Job(str(folder / "in"), folder / "0.xlsx"),
        Job(str(folder / "in"), folder / "1.xlsx", returns=folder / "退回"),
    )
    times = []
    for job in jobs:  # the helpers' processor time is not known: they go on
        began = time.perf_counter()
        consolidate(job)
        times.append(time.perf_counter() - began)
    spent = (times[1] - times[0]) * 1000 / count
    print(f"a returned unit (copy and letter): {spent:.0f} ms wall over {count}", flush=True)


def milliseconds(function: Callable[[Path], object], files: Sequence[Path], rounds: int) -> float:
    """CPU time a file, the best of several rounds over all files."""
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        for path in files:
            function(path)
        best = min(best, (time.process_time() - began) * 1000 / len(files))
    return best


def reading(files: Sequence[Path]) -> None:
    """Print the table of readers over the same files."""
    wanted = list(Layout(FORM).read_sheets)
    table: dict[str, tuple[Callable[[Path], object], int]] = {
        "inflate floor, all parts": (lambda path: floor(path.read_bytes()), 5),
        "ours: read": (read, 5),
        "ours: read, validate, pack": (ours, 5),
        "python-calamine, all sheets": (by_calamine, 5),
        "python-calamine, our sheets": (lambda path: by_calamine(path, wanted), 5),
        "openpyxl read_only": (by_openpyxl, 1),
        "pandas.read_excel": (by_pandas, 1),
    }
    kinds = {kind: files[n::3] for n, kind in enumerate(KINDS)}
    spent = {
        kind: {name: milliseconds(reader, some, rounds) for name, (reader, rounds) in table.items()}
        for kind, some in kinds.items()
    }
    spent["all three alike"] = {name: mean(one[name] for one in spent.values()) for name in table}
    for kind, times in spent.items():
        print(f"{kind} ({len(files) // 3} files)")
        for name, ms in times.items():
            against = ms / times["inflate floor, all parts"]
            print(
                f"  {name:30}{ms:9.2f} ms{against:8.1f} x floor{1000 / ms:10.0f} files per CPU second",
                flush=True,
            )


def whole(folder: Path, *, resume: bool = False) -> dict[str, float]:
    """One whole consolidation in a process of its own; prints and gives time and memory. ``resume``: again, with nothing
    changed since."""
    target = BUILD / f"汇总-{folder.name}.xlsx"
    for old in BUILD.glob(f"汇总-{folder.name}*") if not resume else ():
        old.unlink()
    script = BUILD / "whole.py"
    script.write_text(_WHOLE, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, str(script), str(folder), str(target), *(("--resume",) if resume else ())],
        capture_output=True,
        text=True,
        check=True,
    )
    said: dict[str, float] = json.loads(run.stdout)
    cpu = said["parent_cpu"] + said["workers_cpu"]
    print(
        f"{'resumed with nothing changed' if resume else 'whole consolidation'}, {said['units']:,.0f} units: {said['wall']:.1f} s, CPU {cpu:.1f} s "
        f"(parent {said['parent_cpu']:.1f}, workers {said['workers_cpu']:.1f}); "
        f"peak memory parent {said['parent_mib']:.0f} MiB, largest worker {said['worker_mib']:.0f} MiB"
    )
    return said | {"cpu": cpu}


def main(arguments: Sequence[str] = ()) -> None:
    """Print everything; `--10000` and `--large` add larger folders."""
    files = corpus(BUILD / f"units-{COUNT}")
    sample = files[:SAMPLE]
    reading(sample)
    said = whole(files[0].parent)
    whole(files[0].parent, resume=True)
    fast_script(files[0].parent)
    returned()
    script = milliseconds(partial(_script, sample), sample[:1], 1) / len(sample)
    ratio = script * said["units"] / 1000 / said["cpu"]
    print(
        f"plain openpyxl script: {script:.1f} ms CPU a unit (over {len(sample)}); ours is {ratio:.1f} times as fast"
    )
    for option, name, copies in (("--10000", "units-10k", 30), ("--large", "units-many", COPIES)):
        if option in arguments:
            enlarged(files, BUILD / name, copies)
            whole(BUILD / name)
            whole(BUILD / name, resume=True)
            fast_script(BUILD / name)


def _script(files: Sequence[Path], _: Path) -> None:
    by_script(files, BUILD / "script.xlsx")


if __name__ == "__main__":
    main(sys.argv[1:])
