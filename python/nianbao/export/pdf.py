"""The PDF of a report, made from its Word document by an office program that the caller brings."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from nianbao.core.errors import Unreadable
from nianbao.export.word import with_fonts

#: Prints a Word document as PDF: ``to_pdf(source, target)``; the target does not exist yet.
ToPdf = Callable[[Path, Path], None]


def write(word: Path, path: Path, to_pdf: ToPdf | None) -> None:
    """The Word document as PDF: tagged, with bookmarks, fonts embedded, as far as the office program can."""
    if to_pdf is None:
        what = "本机没有可用的 LibreOffice 或 Word，不能生成 PDF"
        raise Unreadable(
            path.name, what, "请安装 LibreOffice，或先导出 Word 文档，再在 Word、WPS 中另存为 PDF"
        )
    source = word.with_name("print.docx")
    source.write_bytes(with_fonts(word.read_bytes(), installed_fonts()))
    to_pdf(source, path)


def installed_fonts() -> frozenset[str]:
    """The font families of this computer, as fontconfig names them; none where there is no fontconfig."""
    program = shutil.which("fc-list")
    if program is None:
        return frozenset()
    run = subprocess.run([program, ":", "family"], capture_output=True, check=False, timeout=60)
    lines = run.stdout.decode("utf-8", "replace").splitlines()
    return frozenset(name.strip() for line in lines for name in line.split(","))
