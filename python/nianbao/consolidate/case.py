"""One file of a consolidation and what became of it."""

import unicodedata
from dataclasses import dataclass, replace

from nianbao.consolidate.journal import Head
from nianbao.consolidate.roster import Unit
from nianbao.workbook.below import DOUBTFUL

ACCEPTED, VERIFY, RETURNED = "接收", DOUBTFUL, "退回"
DUPLICATE, OUTSIDE, FOREIGN, COVERED = "重复", "名录外", "不是年报文件", "已含在汇总中"
#: What this program made of the same folder before: no report that anybody sent.
EARLIER = "此前的汇总"
#: The order in which the states are shown and counted.
STATES = (ACCEPTED, VERIFY, RETURNED, DUPLICATE, OUTSIDE, COVERED, EARLIER, FOREIGN)


def plain_code(code: str) -> str:
    """A code as it should be typed: without full-width signs and spaces."""
    return "".join(unicodedata.normalize("NFKC", code).split())


@dataclass(frozen=True)
class Case:
    """One file and what became of it: its state, the reason in a sentence, the roster's unit it belongs to.

    ``details`` quote the problems behind the reason, where it is problems that are to be mended or verified.
    ``notes`` are what the summary tells about it besides (a name written differently, possible double counting);
    ``weak``: by what alone the unit was found, where its name is another (see ``roster.Match``).
    """

    head: Head
    state: str
    reason: str = ""
    unit: Unit | None = None
    notes: tuple[str, ...] = ()
    weak: str = ""
    details: str = ""

    @property
    def counted(self) -> bool:
        """Whether its figures are added up."""
        return self.state in (ACCEPTED, VERIFY)

    @property
    def name(self) -> str:
        """The unit's name as the roster has it, else as the report has it."""
        return self.unit.name if self.unit else self.head.agency

    @property
    def code(self) -> str:
        """The report's code in plain signs, else the roster's."""
        return plain_code(self.head.code) or (self.unit.code if self.unit else "")

    @property
    def told(self) -> str:
        """The reason with the problems behind it."""
        return f"{self.reason}：{self.details}" if self.details else self.reason

    @property
    def mendable(self) -> bool:
        """Whether it is sent back for problems of its own, in the form that was asked for."""
        return self.state == RETURNED and bool(self.details)

    def noted(self, note: str) -> "Case":
        return replace(self, notes=(*self.notes, note)) if note else self
