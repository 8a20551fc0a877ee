"""The PDF, printed by LibreOffice from the Word document."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from nianbao.core.grid import Cell
from nianbao.core.report import incomplete_words, with_figures
from nianbao.export.seal import published_fingerprint
from nianbao.importer import take
from nianbao.verify.verify import read_back, verify
from support.published import Queue, differences, export, own_template
from support.samples import abroad, county, hostile


def said(*command: str) -> str:
    assert shutil.which(command[0]), f"{command[0]} is missing: run make setup"
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (path,) = export(county(), ["pdf"], tmp_path_factory.mktemp("pdf"))
    return path


def test_it_is_sound_tagged_a4_and_carries_the_fingerprint(pdf: Path) -> None:
    assert "No syntax or stream encoding errors found" in said("qpdf", "--check", str(pdf))
    facts = said("pdfinfo", str(pdf))
    assert re.search(r"Tagged:\s+yes", facts)
    assert re.search(r"Page size:.*A4", facts)
    assert "青山县水利局2024年政府信息公开工作年度报告" in facts
    assert published_fingerprint(pdf) == county().fingerprint()


def test_every_font_is_embedded_and_maps_to_text(pdf: Path) -> None:
    for line in said("pdffonts", str(pdf)).splitlines()[2:]:
        assert re.search(r"\byes yes yes\b", line), line


def test_its_text_can_be_selected_and_searched(pdf: Path) -> None:
    text = re.sub(r"\s", "", said("pdftotext", "-layout", str(pdf), "-"))
    for phrase in (
        "四、政府信息公开行政复议、行政诉讼情况",
        "8988.0625",
        "1.属于国家秘密",
    ):
        assert phrase in text


def test_sections_are_bookmarks(pdf: Path) -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    titles = [bookmark.get_title() for bookmark in document.get_toc()]
    document.close()
    assert titles[-6:] == [section.heading for section in county().form.sections]


def test_the_long_table_has_its_heads_on_every_page_it_stands_on(pdf: Path) -> None:
    pages = re.sub(r"[^\S\f]", "", said("pdftotext", "-layout", str(pdf), "-")).split("\f")
    rows = ("一、本年新收政府信息公开申请数量", "1.属于国家秘密", "四、结转下年度继续办理")
    assert all(sum(row in page for page in pages) == 1 for row in rows)
    for page in pages:
        if any(row in page for row in rows):
            assert "申请人情况" in page


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Reports of other kinds, printed by one start of LibreOffice."""
    folder = tmp_path_factory.mktemp("others")
    queue = Queue(folder)
    own = own_template(abroad().form, folder)
    made = {
        "foreign": export(
            abroad(),
            ["pdf"],
            folder / "foreign",
            draft=True,
            word_template=own,
            to_pdf=queue.take,
            read_back=False,
        ),
        "hostile": export(
            hostile(), ["pdf"], folder / "hostile", draft=True, to_pdf=queue.take, read_back=False
        ),
    }
    office = shutil.which("soffice")
    assert office, "LibreOffice is needed: make setup installs it"
    queue.print_all(office)
    return {name: path for name, (path,) in made.items()}


def test_a_draft_and_a_foreign_form_print_too(others: dict[str, Path]) -> None:
    assert "This is a draft" in said("pdftotext", str(others["foreign"]), "-")
    assert read_back(others["foreign"], abroad()) == []


def test_our_own_pdf_is_replaced_and_no_other(pdf: Path, tmp_path: Path) -> None:
    def printed(_source: Path, target: Path) -> None:
        shutil.copy(pdf, target)

    (first,) = export(county(), ["pdf"], tmp_path, to_pdf=printed)
    assert export(county(), ["pdf"], tmp_path, to_pdf=printed) == [first]
    first.write_bytes(b"%PDF-1.7 of someone else")
    assert export(county(), ["pdf"], tmp_path, to_pdf=printed) == [first.with_stem(first.stem + "(2)")]


def test_it_reads_back_as_what_was_validated(pdf: Path) -> None:
    assert differences(pdf) == []
    changed = with_figures(county(), {Cell("disclosure", "penalty", "decisions"): 7})
    assert differences(pdf, changed)[1].endswith("应为“7”，文件中是“6”")


def test_a_hostile_draft_reads_back_from_pdf_too(others: dict[str, Path]) -> None:
    assert read_back(others["hostile"], hostile()) == []


def test_a_summary_of_which_units_are_missing_says_so_in_print_too(tmp_path: Path) -> None:
    report = replace(county(), incomplete=incomplete_words(28, 4, 8))
    (path,) = export(report, ["pdf"], tmp_path)
    assert "数字不全：只含28个单位，未报4，退回8。" in re.sub(r"\s", "", said("pdftotext", str(path), "-"))
    assert take(path).report.incomplete == report.incomplete
    assert verify(path, report).words == verify(path).words == "一致"
