"""PDF files that LibreOffice makes from Word files: tables over page ends, paragraphs over line ends."""

import subprocess
from pathlib import Path

import pytest

from documents import as_word
from nianbao import form as forms
from nianbao.ingest import ingest
from nianbao.report import Report, to_json
from pages import counted, random_report, report

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
