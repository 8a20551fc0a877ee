"""The PDF of a report, printed from its Word document by the office program of this machine."""

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from nianbao.core.errors import Unreadable
from nianbao.export.word import with_fonts

#: Prints a Word document as PDF: ``to_pdf(source, target)``; the target does not exist yet.
ToPdf = Callable[[Path, Path], None]
#: More seconds than this no document of ours takes, on whatever machine.
SECONDS = 240
#: What LibreOffice is asked for: a tagged PDF (for screen readers) with the headings as bookmarks.
PRINTED = (
    'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"},'
    '"ExportBookmarks":{"type":"boolean","value":"true"},"SelectPdfVersion":{"type":"long","value":"17"}}'
)
#: How LibreOffice is installed by the package tools of Linux systems.
_INSTALL = {
    "apt-get": "sudo apt-get install libreoffice-writer",
    "dnf": "sudo dnf install libreoffice-writer",
    "yum": "sudo yum install libreoffice-writer",
    "zypper": "sudo zypper install libreoffice-writer",
    "pacman": "sudo pacman -S libreoffice-still",
}
_WORD_AS_PDF = 17


def write(word: Path, path: Path, to_pdf: ToPdf | None = None) -> None:
    """The Word document as PDF: tagged, with bookmarks, fonts embedded, as far as the office program can.

    ``to_pdf``: another printer than this machine's. Raises ``Unreadable``, which says how to get one on this system.
    """
    to_pdf = to_pdf or printer()
    if to_pdf is None:
        raise Unreadable(path.name, "没有生成 PDF，本机没有可用的 LibreOffice 或 Word", advice())
    source = word.with_name("print.docx")
    source.write_bytes(with_fonts(word.read_bytes(), installed_fonts()))
    to_pdf(source, path)


def printer() -> ToPdf | None:
    """What prints on this machine: LibreOffice, or Word on Windows; None where there is neither."""
    if program := next(programs(os.environ), None):
        return lambda source, target: by_libreoffice(program, source, target)
    if platform.system() == "Windows" and _word_is_installed():
        return by_word
    return None


def advice() -> str:
    """How to get a printer on this system, or do without."""
    system = platform.system()
    if system == "Windows":
        how = "请安装 Word 或 LibreOffice 后重试"
    elif system == "Linux":
        command = next((words for tool, words in _INSTALL.items() if shutil.which(tool)), "")
        how = f"请用“{command}”安装 LibreOffice 后重试" if command else "请安装 LibreOffice 后重试"
    else:
        how = "请安装 LibreOffice（拖入“应用程序”文件夹）后重试"
    return f"{how}，或先导出 Word 文档，再在 Word、WPS 中另存为 PDF"


def programs(environment: Mapping[str, str]) -> Iterator[str]:
    """LibreOffice where the different systems have it."""
    if found := shutil.which("soffice") or shutil.which("libreoffice"):
        yield found
    folders = [environment.get(name, "") for name in ("ProgramFiles", "ProgramFiles(x86)")]
    places = [Path(folder) / "LibreOffice" / "program" / "soffice.exe" for folder in folders if folder]
    places.append(Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"))
    yield from (str(place) for place in places if place.is_file())


def by_libreoffice(program: str, source: Path, target: Path) -> None:
    """Print in a LibreOffice of our own, with a profile that nobody else uses and that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="nianbao-office-") as folder:
        profile = Path(folder, "profile").as_uri()
        command = [program, f"-env:UserInstallation={profile}", "--headless", "--norestore", "--nolockcheck"]
        command += ["--convert-to", PRINTED, "--outdir", folder, str(source.resolve())]
        made = Path(folder, source.stem + ".pdf")
        try:
            for _ in range(2):  # a fresh profile may end the first start
                subprocess.run(command, capture_output=True, check=False, timeout=SECONDS, cwd=folder)
                if made.is_file():
                    shutil.move(made, target)
                    return
        except (OSError, subprocess.TimeoutExpired):
            pass
    raise Unreadable(target.name, "没有生成 PDF，LibreOffice 没有打印成功", advice())


def _word_is_installed() -> bool:
    try:
        import winreg

        with winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, "Word.Application"):  # type: ignore[attr-defined,unused-ignore]
            return True
    except (ImportError, OSError):
        return False


def by_word(source: Path, target: Path) -> None:
    """Print in a Word of our own, unseen and with macros off; for Windows."""
    try:
        from pythoncom import CoInitialize  # type: ignore[import-untyped,unused-ignore]
        from win32com.client import DispatchEx  # type: ignore[import-untyped,unused-ignore]

        CoInitialize()  # each thread asks for it by itself
        word = DispatchEx("Word.Application")
        try:
            word.AutomationSecurity = 3
            document = word.Documents.Open(str(source.resolve()), ReadOnly=True, AddToRecentFiles=False)
            document.SaveAs2(str(target.resolve()), FileFormat=_WORD_AS_PDF)
            document.Close(False)
        finally:
            word.Quit()
    except Exception as error:  # whatever Word refuses: COM errors share no base class off Windows
        raise Unreadable(target.name, "没有生成 PDF，Word 没有打印成功", advice()) from error


def installed_fonts() -> frozenset[str]:
    """The font families of this computer, as fontconfig names them; none where there is no fontconfig."""
    program = shutil.which("fc-list")
    if program is None:
        return frozenset()
    run = subprocess.run([program, ":", "family"], capture_output=True, check=False, timeout=60)
    lines = run.stdout.decode("utf-8", "replace").splitlines()
    return frozenset(name.strip() for line in lines for name in line.split(","))
