"""Our own PDF comes back word by word from a computer that has none of the fonts the document names."""

import subprocess
from pathlib import Path

import pytest

from nianbao.core.report import to_json
from nianbao.export.word import print_pdf
from nianbao.ingest.ingest import ingest
from support import fonts
from support.build import FORM
from support.pages import counted, report
from support.published import write_word

TEXT = (
    "“政务网”访问ＡＢ网 Q&A <基层>1.5万次，50%以上。",
    "《办法》<基层><基层>ABC def 12.5%；图解27篇、———（规范）。",
    "政府信息公开工作推进落实" * 4 + "，务、公开；信息：条例！规定？（办理）《年报》" * 3 + "。",
)


def test_text_comes_back_as_written_where_only_three_font_packages_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FONTCONFIG_FILE", str(fonts.only_three(tmp_path)))
    listed = subprocess.run(["fc-list", ":", "file"], capture_output=True, text=True, check=True).stdout
    files = [line.rstrip(": \n") for line in listed.splitlines()]
    assert files and all(file.startswith(fonts.FOLDERS) for file in files)
    filed = report(FORM, counted(FORM), {section.key: TEXT for section in FORM.sections})
    write_word(filed, tmp_path / "年报.docx")
    print_pdf(tmp_path / "年报.docx", tmp_path / "年报.pdf")
    assert to_json(ingest(tmp_path / "年报.pdf", name="年报.pdf").report) == to_json(filed)
