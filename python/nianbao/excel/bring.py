"""导入上年 in the open workbook: what last year's report gives, written into blank cells."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from nianbao.excel.book import OpenBook
from nianbao.workbook.layout import Spot
from nianbao.workbook.tidy import Brought, Content, bring, in_words, opening, suits

__all__ = ["Brought", "bring", "in_words", "opening", "put_runs", "runs", "suits"]


def put_runs(book: OpenBook, fill: Mapping[Spot, Content]) -> None:
    """Write the cells, neighbours in one call; all of them were blank, so a failure leaves them blank again."""
    complete = False
    try:
        for run in runs(fill):
            book.put(run[0], [[fill[spot] for spot in run]])
        complete = True
    finally:
        if not complete:
            for run in runs(fill):
                book.empty(run[0], run[0].row, run[-1].column)


def runs(spots: Mapping[Spot, Content]) -> Iterator[Sequence[Spot]]:
    """Cells that stand side by side in a row, together."""
    ordered = sorted(spots)
    for _, group in groupby(enumerate(ordered), lambda pair: (pair[1][:2], pair[1].column - pair[0])):
        yield [spot for _, spot in group]
