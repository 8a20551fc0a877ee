"""The time from a filled workbook to all published files, each read back before it is released."""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from nianbao.checks.validate import validate
from nianbao.ingest import ingest
from nianbao.publish import printer
from nianbao.workbook.reader import read
from nianbao.workbook.template import write
from support.published import export
from support.samples import county

KINDS = ("html", "docx", "pdf", "json", "csv")
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
            found = validate(report)
            export(
                report,
                kinds,
                Path(folder) / "out",
                draft=True,
                findings=found,
                to_pdf=printer(),
                reader=ingest,
            )
            times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Print the figures."""
    print(f"export: workbook to {', '.join(KINDS)}, read back: {seconds(KINDS):.2f} s")
    for kind in KINDS:
        print(f"export: workbook to {kind}, read back: {seconds((kind,)):.2f} s")


if __name__ == "__main__":
    main()
