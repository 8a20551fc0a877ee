"""The browser page in Chromium: its size, the time from opening to the first answer, further workbooks, memory.

Needs `make page`. Wanted: one file at most 20 MB, the folder 8 MB gzipped; the first answer 6 s after
opening on an idle core, further workbooks 0.3 s each; 400 MB with 100 workbooks.
"""

import json
import subprocess
import tempfile
from pathlib import Path

from nianbao.workbook.writer import write
from support.units import unit

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "build" / "年报校验.html"
COUNT = 100
NOW = "performance.now()"


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        desk = Path(scratch)
        books = [desk / f"{number:03}.xlsx" for number in range(COUNT)]
        for number, book in enumerate(books):
            write(unit(number), book)
        steps = [
            ["drop", str(books[0])],
            ["see", "first", NOW],
            ["drop", *map(str, books[1:])],
            ["see", "all", NOW],
            ["see", "read", "NIANBAO.files.filter(file => file.view).length"],
            ["memory", "memory"],
        ]
        (desk / "steps.json").write_text(json.dumps(steps), encoding="utf-8")
        command = ["node", str(ROOT / "tests/page/drive.mjs"), str(PAGE), str(desk / "steps.json")]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    seen = json.loads(done.stdout)
    served = sum(path.stat().st_size for path in (ROOT / "build" / "page").iterdir())
    print(f"one file {PAGE.stat().st_size / 1e6:.1f} MB, folder {served / 1e6:.1f} MB")
    print(f"ready after {seen['started'] / 1e3:.1f} s, first answer after {seen['first'] / 1e3:.1f} s")
    print(f"{seen['read']} workbooks, {(seen['all'] - seen['first']) / (COUNT - 1) / 1e3:.2f} s each")
    print(f"memory {seen['memory']} MB")
