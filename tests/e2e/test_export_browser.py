"""The published page in Chromium: contents, downloads, table semantics, accessibility, phone and print.

All pages are looked at by one start of the browser."""

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


Page = dict[str, Any]  # what the browser saw of a page (see browse.mjs)


def page_of(report: Report, folder: Path, **options: bool) -> Path:
    return export(report, ["html", "json", "csv"], folder, **options)[0]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Page]:
    """Every page that is looked at, by name."""
    folder = tmp_path_factory.mktemp("page")
    page = page_of(county(), folder / "county")
    drawn = {"picture": folder / "page.png", "print": folder / "print.pdf"}
    draft = page_of(county(), folder / "draft", draft=True)
    harmed = page_of(hostile(), folder / "hostile", draft=True)
    jobs: dict[str, dict[str, Any]] = {
        "desktop": {"file": page, "width": 1280, "audited": True, **drawn},
        "phone": {"file": page, "width": 390},
        "small phone": {"file": page, "width": 320},
        "draft": {"file": draft, "width": 390, "audited": True},
        "hostile": {"file": harmed, "width": 390},
        "foreign": {"file": page_of(abroad(), folder / "abroad"), "width": 1280, "audited": True},
    }
    command = ["node", str(BROWSE), json.dumps(list(jobs.values()), default=str)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=ROOT)
    assert run.returncode == 0, run.stderr
    found: list[Page] = json.loads(run.stdout)
    return {name: each | {"folder": page.parent, **drawn} for name, each in zip(jobs, found, strict=True)}


@pytest.fixture(scope="module")
def desktop(pages: dict[str, Page]) -> Page:
    return pages["desktop"]


def test_contents_and_headings_are_the_sections(desktop: Page) -> None:
    sections = [section.heading for section in county().form.sections]
    assert desktop["contents"] == [[heading, True] for heading in sections]
    assert desktop["headings"] == [county().heading, *sections]


def test_download_links_lead_to_the_files_beside_the_page(desktop: Page) -> None:
    assert len(desktop["downloads"]) == 2
    assert all((desktop["folder"] / name).is_file() for name in desktop["downloads"])
    assert desktop["data"]["@type"] == "Dataset"


def test_every_figure_answers_to_its_headers(desktop: Page) -> None:
    assert len(desktop["cells"]) == len(county().form.cells)
    assert all(None not in cell["headers"] for cell in desktop["cells"].values())
    fee = desktop["cells"]["disclosure.fees.amount"]
    assert fee["headers"] == ["第二十条第（八）项", "本年收费金额（单位：万元）", "行政事业性收费"]


def test_nothing_runs_nothing_is_fetched_nothing_fails(desktop: Page) -> None:
    assert desktop["errors"] == []
    assert desktop["requests"] == []
    assert desktop["scripts"] == ["application/ld+json"]


def test_it_is_accessible_on_desktop_phone_and_as_a_draft(pages: dict[str, Page]) -> None:
    assert pages["desktop"]["violations"] == []
    assert pages["draft"]["violations"] == []
    assert pages["draft"]["errors"] == []


def test_on_a_phone_only_wide_tables_scroll_sideways(pages: dict[str, Page]) -> None:
    phone = pages["phone"]
    assert phone["pageWidth"] == 390
    assert phone["regions"] == [[0, False], [0, True], [0, True]]
    assert pages["small phone"]["pageWidth"] == 320


def test_a_print_keeps_rows_whole_and_repeats_headers(desktop: Page) -> None:
    pages = printed(desktop["print"])
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


def test_hostile_text_and_a_foreign_form_do_no_harm(pages: dict[str, Page]) -> None:
    harmed = pages["hostile"]
    assert harmed["errors"] == []
    assert harmed["requests"] == []
    assert harmed["pageWidth"] == 390
    foreign = pages["foreign"]
    assert (foreign["lang"], foreign["violations"], foreign["errors"]) == ("en", [], [])
