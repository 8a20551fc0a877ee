"""The published page in Chromium: contents, downloads, table semantics, accessibility, phone and print."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nianbao.core.report import Report
from support.published import export
from support.samples import abroad, county, hostile

BROWSE = Path(__file__).with_name("browse.mjs")
ROOT = Path(__file__).parents[2]


def seen(page: Path, width: int, *more: Path) -> dict[str, Any]:
    """What the browser saw of a page at a width (see browse.mjs); pictures or prints are written where told."""
    command = ["node", str(BROWSE), str(page), str(width), *map(str, more)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def page_of(report: Report, folder: Path, **options: bool) -> Path:
    return export(report, ["html", "json", "csv"], folder, **options)[0]


@pytest.fixture(scope="module")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("page")
    page = page_of(county(), folder)
    return seen(page, 1280, folder / "page.png", folder / "print.pdf") | {"folder": folder}


def test_contents_and_headings_are_the_sections(desktop: dict[str, Any]) -> None:
    sections = [section.heading for section in county().form.sections]
    assert desktop["contents"] == [[heading, True] for heading in sections]
    assert desktop["headings"] == [county().heading, *sections]


def test_download_links_lead_to_the_files_beside_the_page(desktop: dict[str, Any]) -> None:
    assert len(desktop["downloads"]) == 2
    assert all((desktop["folder"] / name).is_file() for name in desktop["downloads"])
    assert desktop["data"]["@type"] == "Dataset"


def test_every_figure_answers_to_its_headers(desktop: dict[str, Any]) -> None:
    assert len(desktop["cells"]) == len(county().form.cells)
    assert all(None not in cell["headers"] for cell in desktop["cells"].values())
    fee = desktop["cells"]["disclosure.fees.amount"]
    assert fee["headers"] == ["第二十条第（八）项", "本年收费金额（单位：万元）", "行政事业性收费"]


def test_nothing_runs_nothing_is_fetched_nothing_fails(desktop: dict[str, Any]) -> None:
    assert desktop["errors"] == []
    assert desktop["requests"] == []
    assert desktop["scripts"] == ["application/ld+json"]


def test_it_is_accessible_on_desktop_phone_and_as_a_draft(desktop: dict[str, Any], tmp_path: Path) -> None:
    assert desktop["violations"] == []
    draft = seen(page_of(county(), tmp_path, draft=True), 390)
    assert draft["violations"] == []
    assert draft["errors"] == []


def test_on_a_phone_only_wide_tables_scroll_sideways(tmp_path: Path) -> None:
    phone = seen(page_of(county(), tmp_path), 390)
    assert phone["pageWidth"] == 390
    assert phone["regions"] == [[0, False], [0, True], [0, True]]
    assert seen(page_of(county(), tmp_path), 320)["pageWidth"] == 320


def test_a_print_keeps_rows_whole_and_repeats_headers(desktop: dict[str, Any]) -> None:
    pages = printed(desktop["folder"] / "print.pdf")
    across = [page for page in pages if "申请人情况" in page]
    labels = [box.text for box in county().form.tables["requests"].grid.labels if box.kind == "side"]
    for label in labels:
        assert any(squeezed(label) in page for page in across), label
    assert "目录" not in pages[0]
    assert [page for page in pages if "复议后起诉" in page] == [
        page for page in pages if "未经复议直接起诉" in page
    ]


def printed(pdf: Path) -> list[str]:
    """The text of each printed page without any spaces, cell by cell."""
    command = ["pdftotext", "-raw", str(pdf), "-"]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return [squeezed(page) for page in run.stdout.split("\f")]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_hostile_text_and_a_foreign_form_do_no_harm(tmp_path: Path) -> None:
    harmed = seen(page_of(hostile(), tmp_path, draft=True), 390)
    assert harmed["errors"] == []
    assert harmed["requests"] == []
    assert harmed["pageWidth"] == 390
    foreign = seen(page_of(abroad(), tmp_path), 1280)
    assert (foreign["lang"], foreign["violations"], foreign["errors"]) == ("en", [], [])
