"""Consolidations killed at random moments: never a broken summary, and --resume gives the same result.

`python tests/killed.py 50` is the long demonstration; the suite runs a few.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from nianbao.workbook.reader import read
from support.units import put, total, units

REPORTS = units(range(60))


def command(folder: Path, target: Path, *more: str) -> list[str]:
    code = "from nianbao.cli import main; main()"
    return [sys.executable, "-c", code, "consolidate", str(folder), "-o", str(target), "--jobs", "2", *more]


def prepare(folder: Path) -> float:
    """Put the units there and measure a whole run, in seconds."""
    put(folder / "in", *REPORTS[4:])
    put(folder / "in", *REPORTS[:4], suffix=".xlsx")
    began = time.monotonic()
    subprocess.run(command(folder / "in", folder / "whole.xlsx"), check=True, capture_output=True)
    return time.monotonic() - began


def killed(folder: Path, number: int, after: float) -> str:
    """Kill one run after some seconds, go on with it, and hold the result to the exact sums; what was met."""
    target = folder / f"汇总{number}.xlsx"
    run = subprocess.Popen(
        command(folder / "in", target), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(after)
    run.send_signal(signal.SIGKILL)
    run.wait()
    met = "nothing yet"
    if target.exists():
        assert read(target).figures == total(REPORTS), "a summary that is there is whole"
        met = "done"
    elif target.with_name(f"{target.stem}.汇总记录.sqlite").exists():
        met = "under way"
    done = subprocess.run(
        command(folder / "in", target, "--resume"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert read(target).figures == total(REPORTS)
    return met


def main(runs: int) -> None:
    """Print how the runs went."""
    chance, met = Random(os.getpid()), list[str]()
    with tempfile.TemporaryDirectory() as scratch:
        whole = prepare(Path(scratch))
        for number in range(runs):
            met.append(killed(Path(scratch), number, chance.uniform(0, whole)))
        left = [path.name for path in Path(scratch).iterdir() if path.name.startswith(".nianbao-")]
    print(
        f"{runs} runs killed (a whole run takes {whole:.1f} s): "
        + ", ".join(f"{kind} {met.count(kind)}" for kind in sorted(set(met)))
    )
    print(f"every summary met was whole, every resumed one exact; {len(left)} temporary files left beside")


if __name__ == "__main__":
    main(int(sys.argv[1]))
