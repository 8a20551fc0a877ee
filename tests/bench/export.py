"""The time from a filled workbook to all published files, each read back before it is released."""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from nianbao.checks.validate import validate
from nianbao.publish import Options, publish_report
from nianbao.workbook.reader import read
from nianbao.workbook.template import write
from support.samples import county

KINDS = ("html", "docx", "pdf", "json", "csv", "infographic")
ROUNDS = 3


def seconds(kinds: tuple[str, ...]) -> float:
    """Wall time of reading, checking, exporting and reading back one report; the best of several rounds."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book.xlsx"
        write(county(), book)
        for _ in range(ROUNDS):
            start = time.perf_counter()
            report = read(book)
            publish_report(report, validate(report), kinds, Path(folder) / "out", Options(draft=True))
            times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print the figures."""
    print(f"export: workbook to {', '.join(KINDS)}, read back: {seconds(KINDS):.2f} s")
    for kind in KINDS:
        print(f"export: workbook to {kind}, read back: {seconds((kind,)):.2f} s")


if __name__ == "__main__":
    main()
