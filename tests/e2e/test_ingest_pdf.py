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


TEXT = {s.key: (f"{s.heading[2:]}的文字。" + LONG * 9, "（一）第二段。") for s in FORM.sections}
WRITTEN = report(FORM, counted(FORM), TEXT, ("根据条例编制本报告。", LONG * 4))


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Word files of a stranger, printed by one start of LibreOffice."""
    folder = tmp_path_factory.mktemp("printed")
    told = {"written": WRITTEN, **{str(seed): random_report(seed) for seed in (3, 7)}}
    files = [folder / f"{name}.docx" for name in told]
    for file, each in zip(files, told.values(), strict=True):
        file.write_bytes(as_word(each))
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, *files]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return {name: folder / f"{name}.pdf" for name in told}


def test_a_pdf_is_read_back_as_it_was(printed: dict[str, Path]) -> None:
    got = ingest(printed["written"], name="年报.pdf")
    assert to_json(got.report) == to_json(WRITTEN)
    assert got.doubts == ()


@pytest.mark.parametrize("seed", [3, 7])
def test_random_pdfs_are_read_back_as_they_were(seed: int, printed: dict[str, Path]) -> None:
    got = ingest(printed[str(seed)], name="年报.pdf")
    assert to_json(got.report) == to_json(random_report(seed))


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
