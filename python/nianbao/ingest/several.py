"""Two reports in one file: only the first is read, and that is told."""

from collections.abc import Sequence

from nianbao.ingest import title, words
from nianbao.ingest.blocks import Item, Row

#: So many figures before a second title mean that it is not the title after a contents list or a page's head.
FIGURES = 20


def first(items: Sequence[Item]) -> tuple[list[Item], tuple[str, ...]]:
    """The items of the first report, and a doubt where a second one with a title and figures follows it."""
    figures, titled = 0, False
    totals = _figures(items)
    for n, item in enumerate(items):
        named = [text for text in _texts(item) if title.parse(text)]
        if named and titled and figures >= FIGURES and sum(totals[n:]) >= FIGURES:
            told = (
                f"文件中还有另一份报告（“{words.trim(named[0])[:60]}”），只读入了第一份，请把各份分开后再导入"
            )
            return list(items[:n]), (told,)
        titled = titled or bool(named) or figures > 0
        figures += totals[n]
    return list(items), ()


def _texts(item: Item) -> tuple[str, ...]:
    return tuple(cell.text for cell in item.cells) if isinstance(item, Row) else (item.text,)


def _figures(items: Sequence[Item]) -> list[int]:
    """How many plain numbers stand in each item."""
    divided = (
        [cell.text for cell in item.cells] if isinstance(item, Row) else item.parts or item.text[:300].split()
        for item in items
    )
    return [sum(map(words.is_number, texts)) for texts in divided]
