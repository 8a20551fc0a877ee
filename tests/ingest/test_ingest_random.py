"""Random reports, written as pages and texts unlike our own, are read back as they were."""

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nianbao.core import form as forms
from nianbao.core.report import to_json
from nianbao.ingest.ingest import ingest
from support.pages import as_html, as_tabs, as_text, counted, random_report, report

FEW = settings(max_examples=20, deadline=None)
SEEDS = st.integers(0, 2**32)


@pytest.mark.long
@FEW
@given(SEEDS)
def test_a_page_is_read_back_as_it_was(seed: int) -> None:
    told = random_report(seed)
    got = ingest(as_html(told).encode(), name="年报.html")
    assert to_json(got.report) == to_json(told)
    assert got.doubts == ()


@pytest.mark.long
@FEW
@given(SEEDS)
def test_a_text_with_one_cell_a_line_is_never_wrong(seed: int) -> None:
    told = random_report(seed)
    got = ingest(as_text(told).encode(), name="年报.txt")
    assert to_json(got.report)["narrative"] == to_json(told)["narrative"]
    wrong = [cell for cell, value in got.report.figures.items() if told.figures[cell] != value]
    assert wrong == []
    assert got.report.raw.items() <= told.raw.items()


@pytest.mark.long
@FEW
@given(SEEDS)
def test_a_text_with_tabs_is_read_back_as_it_was(seed: int) -> None:
    told = random_report(seed)
    got = ingest(as_tabs(told).encode(), name="年报.txt")
    assert to_json(got.report) == to_json(told)
    assert got.doubts == ()


CELL = re.compile(r'<td rowspan="(\d+)" colspan="(\d+)">([^<]*)</td>')


def _damaged(page: str, dice: Random) -> str:
    """The page with one cell left out, doubled, emptied, or of a wrong span."""
    found = dice.choice(list(CELL.finditer(page)))
    rows, columns, text = int(found[1]), int(found[2]), found[3]
    more = dice.choice((-1, 1, 2))
    instead = dice.choice(
        (
            "",
            found[0] * 2,
            f'<td rowspan="{rows}" colspan="{columns}"></td>',
            f'<td rowspan="{max(1, rows + more)}" colspan="{columns}">{text}</td>',
            f'<td rowspan="{rows}" colspan="{max(1, columns + more)}">{text}</td>',
        )
    )
    return page[: found.start()] + instead + page[found.end() :]


@pytest.mark.long
@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_a_page_with_one_damaged_cell_is_never_read_wrong(seed: int) -> None:
    form = forms.load("cn-2021")
    told = report(form, counted(form, start=1000))
    got = ingest(_damaged(as_html(told), Random(seed)).encode(), name="年报.html")
    wrong = {c: v for c, v in got.report.figures.items() if v is not None and v != told.figures[c]}
    assert wrong == {}
    assert got.doubts or got.report.figures.keys() == told.figures.keys()
