"""PDF files that LibreOffice makes from Word files, and Chromium from pages: over page ends and line ends."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from nianbao.core import form as forms
from nianbao.core.report import Report, to_json
from nianbao.ingest.ingest import ingest
from nianbao.verify.content import differences
from support.documents import as_word
from support.pages import counted, random_report, report
from support.published import page
from support.samples import county

FORM = forms.load("cn-2021")
LONG = "文字写到行末换行，ABC def 混排，2023年收到12件，办结10件。"


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> str:
    return tmp_path_factory.mktemp("profile").as_uri()


def _as_pdf(told: Report, folder: Path, profile: str) -> Path:
    source = folder / "年报.docx"
    source.write_bytes(as_word(told))
    command = [
        "soffice",
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        folder,
    ]
    subprocess.run([*command, source], check=True, capture_output=True, timeout=120)
    return folder / "年报.pdf"


def test_a_pdf_is_read_back_as_it_was(tmp_path: Path, profile: str) -> None:
    text = {s.key: (f"{s.heading[2:]}的文字。" + LONG * 9, "（一）第二段。") for s in FORM.sections}
    told = report(FORM, counted(FORM), text, ("根据条例编制本报告。", LONG * 4))
    got = ingest(_as_pdf(told, tmp_path, profile), name="年报.pdf")
    assert to_json(got.report) == to_json(told)
    assert got.doubts == ()


@pytest.mark.parametrize("seed", [3, 7])
def test_random_pdfs_are_read_back_as_they_were(seed: int, tmp_path: Path, profile: str) -> None:
    told = random_report(seed)
    got = ingest(_as_pdf(told, tmp_path, profile), name="年报.pdf")
    assert to_json(got.report) == to_json(told)


@pytest.mark.parametrize("header", [True, False])
def test_a_page_printed_by_a_browser_is_read_as_it_was(header: bool, tmp_path: Path) -> None:
    told = county()
    got = ingest(_printed(page(told), tmp_path, header), name="年报.pdf")
    assert list(differences(_without_mark(got.report), told)) == []
    assert got.doubts == ()


def _printed(text: str, folder: Path, header: bool) -> Path:
    (folder / "年报.html").write_text(text, encoding="utf-8")
    command = [
        os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder / 'profile'}",
        f"--print-to-pdf={folder / '年报.pdf'}",
        *([] if header else ["--no-pdf-header-footer"]),
        (folder / "年报.html").as_uri(),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / "年报.pdf"


def _without_mark(told: Report) -> Report:
    """The report without the line that tells the fingerprint at the foot of our own page."""
    kept = tuple(p for p in told.narrative["other"] if not p.startswith("数据指纹"))
    return replace(told, narrative={**told.narrative, "other": kept})
