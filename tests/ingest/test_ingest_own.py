"""What we publish ourselves is read by its labels like any other page, and says what was published."""

from pathlib import Path

import pytest

from nianbao.core.report import to_json
from nianbao.ingest.ingest import ingest
from support.pages import random_report
from support.published import fragment, page, write_word

SEEDS = range(100, 106)


@pytest.mark.many
@pytest.mark.parametrize("draft", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_our_page_is_read_back_as_it_was(seed: int, draft: bool) -> None:
    told = random_report(seed)
    got = ingest(page(told, draft=draft).encode(), name="年报.html")
    assert to_json(got.report) == to_json(told)
    assert got.doubts == ()


@pytest.mark.many
@pytest.mark.parametrize("seed", SEEDS)
def test_our_fragment_is_read_back_but_for_the_title_it_has_not(seed: int) -> None:
    told = random_report(seed)
    got = ingest(fragment(told).encode(), name="年报.html").report
    assert to_json(got)["tables"] == to_json(told)["tables"]
    assert to_json(got)["narrative"] == to_json(told)["narrative"]


@pytest.mark.many
@pytest.mark.parametrize("draft", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_our_word_file_is_read_back_as_it_was(seed: int, draft: bool, tmp_path: Path) -> None:
    told = random_report(seed)
    write_word(told, tmp_path / "年报.docx", draft=draft)
    got = ingest(tmp_path / "年报.docx", name="年报.docx")
    assert to_json(got.report) == to_json(told)
    assert got.doubts == ()
