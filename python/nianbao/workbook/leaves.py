"""The units that a summary adds up, as its workbook carries them: on a hidden sheet, else from its own detail."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.core import number
from nianbao.core.form import Form
from nianbao.core.number import Figure
from nianbao.core.report import Leaf, figures_digest
from nianbao.workbook.layout import DETAIL, LEAVES, SUMMARY_SHEETS
from nianbao.xlsx.package import Sheet, read_package

if TYPE_CHECKING:
    from xlsxwriter import Workbook

TITLE = "本表由程序生成：汇总包含的单位及其数字的校验码，请勿改动或删除"
HEADS = ("单位", "代码", "校验码", "含下级")
_TOP, _YES = 3, "是"
#: Where in the detail of a summary the list begins, and in which columns name, code and figures stand.
DETAIL_TOP, DETAIL_NAME, DETAIL_CODE, DETAIL_FIRST = 6, 2, 3, 7
#: What is known of a summary that no longer carries the list of its units.
UNKNOWN = (Leaf("", whole=True),)
#: A sheet holds no more rows; longer lists are carried as one leaf that is not known.
MOST = 1_000_000


def write_leaves(book: "Workbook", leaves: Sequence[Leaf]) -> None:
    """Write the units into a sheet that Excel does not offer to show."""
    page = book.add_worksheet(LEAVES)
    page.write_string(0, 0, TITLE)
    for column, head in enumerate(HEADS):
        page.write_string(1, column, head)
    for row, leaf in enumerate(leaves if len(leaves) <= MOST else UNKNOWN, _TOP - 1):
        for column, text in enumerate((leaf.name, leaf.code, leaf.digest, _YES if leaf.whole else "")):
            if text:
                page.write_string(row, column, text)
    page.very_hidden()


def read_leaves(source: Path | bytes, sheets: Iterable[str], form: Form) -> tuple[Leaf, ...]:
    """The units that a workbook with these sheets adds up; none where it is no summary.

    Raises Unreadable as the reading of the workbook does.
    """
    here = SUMMARY_SHEETS.intersection(sheets)
    if LEAVES in here:
        page = read_package(source, (LEAVES,), columns={LEAVES: len(HEADS)}).sheets.get(LEAVES, {})
        return tuple(_listed(page)) or (UNKNOWN if DETAIL not in here else ())
    if DETAIL in here:
        return tuple(_of_detail(source, form))
    return UNKNOWN if here else ()


def _listed(page: Sheet) -> Iterator[Leaf]:
    for row in sorted({row for row, _ in page if row >= _TOP}):
        name, code, digest, whole = (page[row, c].text if (row, c) in page else "" for c in range(1, 5))
        yield Leaf(name, code, digest, whole == _YES)


def _of_detail(source: Path | bytes, form: Form) -> Iterator[Leaf]:
    """The lines of the detail of a summary without the list; a line may be a summary itself."""
    count = len(form.cells)
    for texts in detail_lines(source, count):
        figures = [_figure(text) for text in texts[DETAIL_FIRST - 1 :]]
        name, code = texts[DETAIL_NAME - 1], texts[DETAIL_CODE - 1]
        if name or code:
            yield Leaf(name, code, figures_digest(figures), whole=True)


def _figure(text: str) -> Figure | None:
    """A figure of the detail; one in brackets is the unit's although it is not added."""
    value = number.exact(text.strip("（）")) if text else None
    return number.simplest(value) if isinstance(value, Decimal) else value


def detail_lines(source: Path | bytes, cells: int) -> Iterator[list[str]]:
    """The texts of every line of a summary's detail, up to the last of its figures.

    Raises Unreadable when the summary cannot be read any more.
    """
    width = DETAIL_FIRST + cells - 1
    page = read_package(source, (DETAIL,), columns={DETAIL: width}).sheets.get(DETAIL, {})
    for row in sorted({row for row, _ in page if row >= DETAIL_TOP}):
        yield [page[row, c].text if (row, c) in page else "" for c in range(1, width + 1)]
