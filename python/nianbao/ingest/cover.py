"""Cover lines as old workbooks and texts have them: ``填报单位：某某局``, label and name in one cell or in two."""

import re
from collections.abc import Iterator, Sequence

from nianbao.ingest import words
from nianbao.ingest.blocks import Item, Row
from nianbao.ingest.labels import Labels
from nianbao.ingest.title import Title

_AGENCY = re.compile(
    r"(?:(?:填报|报送|编报|编制|报告)(?:单位|机关)(?:名称|全称)?|单位(?:名称|全称))"
    r"(?:\((?:盖章|公章|签章|加盖公章)\))?(?P<colon>:)?(?P<name>.*)"
)
_YEAR = re.compile(r"(?:报告|填报|统计)?年(?:度|份)(?P<colon>:)?(?P<name>.*)")
_FULL_YEAR = re.compile(r"((?:19|20)\d{2})年?度?")
_NAME = re.compile(r"[\u3400-\u9fff〇·()]{3,40}")
_STAMP = re.compile(r"\((?:盖章|公章|签章|加盖公章)\)$")
#: A cover line is never longer than this; it is looked for among so many items.
LONGEST = 60
ITEMS = 2_000


def completed(named: Title, items: Sequence[Item], labels: Labels) -> Title:
    """The title with agency and year from the cover, where it has none itself."""
    if named.agency and named.year is not None:
        return named
    texts = [text for item in items[:ITEMS] for text in _texts(item)]
    agency = named.agency or next((n for n in _said(texts, _AGENCY) if _is_name(n, labels)), "")
    years = (found for text in _said(texts, _YEAR) if (found := _FULL_YEAR.fullmatch(text)))
    year = named.year if named.year is not None else next((int(found[1]) for found in years), None)
    return named._replace(agency=agency, year=year)


def is_row(row: Row, labels: Labels) -> bool:
    """Whether a table's row is a cover line: it names the agency, and nothing of the form."""
    texts = _texts(row)
    named = any(_is_name(name, labels) for name in _said(texts, _AGENCY))
    return named and not any(labels.is_label(text) for text in texts)


def _texts(item: Item) -> tuple[str, ...]:
    """The cells of an item, those of one line divided by wide spaces too."""
    cells = [cell.text for cell in item.cells] if isinstance(item, Row) else item.parts or (item.text,)
    pieces = (piece for cell in cells for piece in re.split(r"\s{2,}|\u3000+|\n", words.trim(cell)))
    return tuple(words.trim(piece) for piece in pieces if words.trim(piece))


def _said(texts: Sequence[str], label: re.Pattern[str]) -> Iterator[str]:
    """What stands behind a label, in the same text after a colon or in the next one."""
    for n, text in enumerate(texts):
        found = label.fullmatch(re.sub(r"\s", "", words.simplify(text))) if len(text) <= LONGEST else None
        if found and found["name"]:
            if found["colon"]:
                yield _STAMP.sub("", re.split(r"(?:单位|日期|人|电话|年度):", found["name"])[0])
        elif found and n + 1 < len(texts):
            yield _STAMP.sub("", re.sub(r"\s", "", words.simplify(texts[n + 1])))


def _is_name(text: str, labels: Labels) -> bool:
    return bool(_NAME.fullmatch(text)) and not labels.is_label(text)
