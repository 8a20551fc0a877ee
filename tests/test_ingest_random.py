"""Random reports, written as pages and texts unlike our own, are read back as they were."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nianbao.ingest import ingest
from nianbao.report import to_json
from pages import as_html, as_tabs, as_text, random_report

FEW = settings(max_examples=30, deadline=None)
SEEDS = st.integers(0, 2**32)


@FEW
@given(SEEDS)
def test_a_page_is_read_back_as_it_was(seed: int) -> None:
    told = random_report(seed)
    got = ingest(as_html(told).encode(), name="年报.html")
    assert to_json(got.report) == to_json(told)
    assert got.doubts == ()


@FEW
@given(SEEDS)
def test_a_text_with_one_cell_a_line_is_never_wrong(seed: int) -> None:
    told = random_report(seed)
    got = ingest(as_text(told).encode(), name="年报.txt")
    assert to_json(got.report)["narrative"] == to_json(told)["narrative"]
    wrong = [cell for cell, value in got.report.figures.items() if told.figures[cell] != value]
    assert wrong == []
    assert got.report.raw.items() <= told.raw.items()


@FEW
@given(SEEDS)
def test_a_text_with_tabs_is_read_back_as_it_was(seed: int) -> None:
    told = random_report(seed)
    got = ingest(as_tabs(told).encode(), name="年报.txt")
    assert to_json(got.report) == to_json(told)
    assert got.doubts == ()
