"""What the checks of a text are given: a paragraph with its report, and what one sentence of it tells."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from nianbao.checks.narrative.meaning import Claim
from nianbao.checks.narrative.mention import Mention
from nianbao.checks.narrative.text import Paragraph, Sentence
from nianbao.checks.narrative.tokens import Lexicon
from nianbao.core.report import Report


class Passage(NamedTuple):
    """A paragraph and what it is judged by: its report, last year's, the words of the form."""

    report: Report
    previous: Report | None
    paragraph: Paragraph
    lex: Lexicon

    def writes(self, start: int, end: int) -> str:
        """The beginning of a message: where the words stand, and the words."""
        return f"{self.paragraph.where(self.report.form)}写“{self.paragraph.quote(start, end)}”"


class Told(NamedTuple):
    """What a sentence tells: its mentions and, by their index, the claims on cells and those found wrong.

    ``before`` are the mentions of the paragraph's sentences before it.
    """

    sentence: Sentence
    mentions: Sequence[Mention] = ()
    found: Mapping[int, Claim] = {}
    wrong: AbstractSet[int] = frozenset()
    before: Sequence[Mention] = ()
