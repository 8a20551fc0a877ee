"""What goes back to the units: a flagged copy and a letter for each returned report, in a folder of its own.

The copies are made by processes of our own, each file within its time limit as when it was first read. What stands
in the folder already is replaced only where an earlier run of ours wrote it and nobody changed it since.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from nianbao.checks.validate import validate
from nianbao.consolidate.case import FOREIGN, RETURNED, Case
from nianbao.consolidate.entry import Entry, Item, item_key
from nianbao.consolidate.found import gravest
from nianbao.consolidate.intake import is_url
from nianbao.consolidate.job import Job
from nianbao.consolidate.letter import page
from nianbao.consolidate.pool import IN_FLIGHT, Workers, drive, lost
from nianbao.consolidate.result import Result
from nianbao.core.errors import Unreadable
from nianbao.workbook.marks import mark
from nianbao.workbook.reader import read
from nianbao.workbook.template import into_place

COPY, LETTER = ".校验.xlsx", ".退回意见.html"
#: The list of what we wrote into the folder: names with digests.
RECORD = ".退回记录.json"
#: File systems hold names of 255 bytes.
_LONGEST = 200


def send_back(result: Result, job: Job, folder: Path) -> None:
    """Write a letter for each returned file, and a flagged copy where there is something to flag."""
    back = [case for case in result.cases if case.state in (RETURNED, FOREIGN)]
    record = Record(folder)
    if not back:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".nianbao-", dir=folder) as scratch:
        made = set(_copied(result, job, back, Path(scratch)))
        for case in back:
            copy = Path(scratch) / digest(case.head.name.encode())
            name = record.put(_named(case, COPY), copy.read_bytes()) if case.head.name in made else ""
            text = page(result, case, Path(name).name)
            record.put(_named(case, LETTER), text.encode("utf-8", "replace"))
    record.keep()


def _named(case: Case, ending: str) -> str:
    """The name of a file that goes back: that of the unit's file with an ending, cut where it is too long."""
    name = Path(case.head.name)
    short = name.name
    while len(short.encode()) > _LONGEST:
        short = short[:-1]
    return name.with_name(short + ending).as_posix()


def _copied(result: Result, job: Job, cases: Sequence[Case], scratch: Path) -> Iterator[str]:
    """The names of the files of which a flagged copy was made, in ``scratch`` under the digest of their name."""
    items = [
        Item(case.head.name, str(result.path(case.head.name)), 0, 0)
        for case in cases
        if case.mendable and not is_url(result.folder)
    ]
    if not items:
        return
    with closing(Workers(min(job.workers, len(items)), job.limit, job.log)) as crew:
        function = partial(flag, str(scratch))
        for entries in drive(items, crew.submit, function, IN_FLIGHT * crew.count):
            yield from (entry.name for entry in entries if not entry.trouble)


def flag(scratch: str, item: Item) -> Entry:
    """A flagged copy of the unit's own workbook, or of its figures where that cannot be edited; a worker's task."""
    copy = Path(scratch) / digest(item.name.encode())
    try:
        _flag(Path(item.path), copy)
    except Unreadable as problem:  # changed since it was read, or too long a text for a cell
        return lost(item, problem.what)
    return Entry(*item_key(item))


def _flag(source: Path, copy: Path) -> None:
    report = read(source)
    findings = gravest(validate(report))
    mark(source, copy, report, findings)


def digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


class Record:
    """What an earlier run wrote into a folder: nothing else there is ever replaced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written = _read(folder / RECORD)

    def put(self, name: str, data: bytes) -> str:
        """Write a file; under a name with a number where that one is not ours. Gives the name."""
        path = Path(name)
        stem, ending = _split(path.name)
        names = (path.with_name(f"{stem}（{n}）{ending}").as_posix() for n in range(2, 10_000))
        free = next(other for other in (name, *names) if self._free(other))
        with into_place(self.folder / free) as temporary:
            temporary.write_bytes(data)
        self._written[free] = digest(data)
        return free

    def _free(self, name: str) -> bool:
        try:
            return digest((self.folder / name).read_bytes()) == self._written.get(name)
        except FileNotFoundError:
            return True
        except OSError:
            return False

    def keep(self) -> None:
        """Write the list for the next run."""
        with into_place(self.folder / RECORD) as temporary:
            temporary.write_text(json.dumps(self._written, ensure_ascii=False), encoding="utf-8")


def _split(name: str) -> tuple[str, str]:
    ending = next(ending for ending in (COPY, LETTER) if name.endswith(ending))
    return name.removesuffix(ending), ending


def _read(path: Path) -> dict[str, str]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(digest) for name, digest in data.items()} if isinstance(data, dict) else {}
