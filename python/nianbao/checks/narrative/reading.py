"""From paragraphs to mentions: every number of a report's text with the words that belong to it."""

from collections.abc import Iterator

from nianbao.checks.narrative.mention import Mention
from nianbao.checks.narrative.state import Setting, State
from nianbao.checks.narrative.text import Paragraph, Sentence, holds
from nianbao.checks.narrative.tokens import Lexicon
from nianbao.checks.narrative.walk import Walk
from nianbao.core.phrases import Topic
from nianbao.core.report import Report


class Reader:
    """Reads the mentions of one report's paragraphs."""

    def __init__(self, report: Report, lexicon: Lexicon) -> None:
        self.lex = lexicon
        self.agency = report.agency.strip()
        wide = self.agency.endswith(lexicon.phrases.words("area_agencies"))
        self.setting = Setting(lexicon, report.year, wide)

    def read(self, paragraph: Paragraph) -> Iterator[tuple[Sentence, list[Mention]]]:
        """The sentences of a paragraph, each with its mentions."""
        home = self._home(paragraph)
        state = State(self.setting, home, self._barred(paragraph))
        state.divided = holds(paragraph.text, self.lex.phrases.words("divided"))
        text = self._without_agency(paragraph.masked)
        sentences = paragraph.sentences()
        counting = [i for i, s in enumerate(sentences) if self.lex.counting.search(text, s.start, s.end)]
        last = counting[-1] if counting else -1  # what follows the last number governs nothing
        for i, sentence in enumerate(sentences):
            yield sentence, self._mentions(text, sentence, state, i in counting) if i <= last else []
            state.topic = home or state.topic
            state.near = state.topic is not None and paragraph.section in state.topic.home

    def _mentions(self, text: str, sentence: Sentence, state: State, counting: bool) -> list[Mention]:
        """The mentions of a sentence; one that holds nothing that counts or governs is not walked through."""
        if text.find("■", sentence.start, sentence.end) >= 0:  # the agency's name
            state.outside = False
        state.period = state.opened
        lex, (start, end) = self.lex, sentence
        if counting or lex.tells.search(text, start, end) or lex.numeral.search(text, start, end):
            return Walk(self.setting, state, text, sentence).run()
        return []

    def _barred(self, paragraph: Paragraph) -> frozenset[str]:
        """Topics that the paragraph cannot be about: outside their own section, without the words they need."""
        return frozenset(
            topic.key
            for topic in self.lex.topics
            if topic.needs and paragraph.section not in topic.home and not holds(paragraph.text, topic.needs)
        )

    def _home(self, paragraph: Paragraph) -> Topic | None:
        homes = [topic for topic in self.lex.topics if paragraph.section in topic.home]
        return homes[0] if len(homes) == 1 else None

    def _without_agency(self, text: str) -> str:
        return text if len(self.agency) < 3 else text.replace(self.agency, "■" * len(self.agency))
