"""What a consolidation is asked to do."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from nianbao.consolidate import faults
from nianbao.consolidate.journal import beside
from nianbao.consolidate.pool import LIMIT

#: Lines of the detail that a sheet holds below its header.
DETAIL_ROWS = 1_048_576 - 5


@dataclass(frozen=True)
class Job:
    """What is asked for: ``folder`` is a path or an fsspec URL, everything else is a file here.

    ``jobs``: processes (0: one for each processor); ``limit``: seconds within which a file must have been read.
    ``update``: what stands under the targets is ours and may be replaced. ``closing``: the last lines of a notice.
    """

    folder: str
    target: Path
    roster: Path | None = None
    own: Path | None = None
    previous: Path | None = None
    whole: Path | None = None
    choices: Path | None = None
    returns: Path | None = None
    remind: Path | None = None
    to: tuple[str, ...] = ()
    resume: bool = False
    scheduler: str = ""
    year: int | None = None
    agency: str = ""
    jobs: int = 0
    limit: float = LIMIT
    detail_rows: int = DETAIL_ROWS
    update: bool = False
    closing: str = ""

    @property
    def journal(self) -> Path:
        """Where the journal stands: beside the summary, out of sight where the same is made again and again."""
        if not self.update:
            return beside(self.target)
        from nianbao.consolidate.settings import out_of_sight

        return out_of_sight(self.target)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are named and thus no unit's, and the folder of what goes back."""
        named = (self.roster, self.own, self.previous, self.whole, self.choices, self.remind, self.returns)
        return (*(path for path in named if path), self.target, beside(self.target))

    @property
    def log(self) -> Path:
        """Where faults of this program are written down."""
        return faults.beside(self.target)

    @property
    def workers(self) -> int:
        """How many processes read: as asked for, else one for each processor that is ours to use."""
        if self.jobs:
            return self.jobs
        return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
