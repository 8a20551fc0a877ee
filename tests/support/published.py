"""Published files as somebody changed them afterwards."""

import pickle
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from word_template import build

from nianbao.core.finding import Finding
from nianbao.core.form import Form
from nianbao.core.report import Report, dump
from nianbao.export import html, word
from nianbao.export.text import Issue
from nianbao.publish import Options, publish_report
from nianbao.verify.verify import MANIFEST, verify
from support.once import once


def export(
    report: Report, kinds: Sequence[str], folder: Path, findings: Sequence[Finding] = (), **options: Any
) -> list[Path]:
    """The report exported as the command does; the paths in the order of the kinds."""
    return list(publish_report(report, findings, kinds, folder, Options(**options)).paths)


def copied(report: Report, kinds: Sequence[str], folder: Path) -> list[Path]:
    """As :func:`export` into a new folder; a report that was exported in this run as these kinds is not exported anew.

    For tests that change what was published: the export itself is the subject of others.
    """

    def packed() -> bytes:
        with TemporaryDirectory() as first:
            names = [path.name for path in export(report, kinds, Path(first))]
            return pickle.dumps([(name, (Path(first) / name).read_bytes()) for name in (*names, MANIFEST)])

    files = pickle.loads(once(f"export {report.form.key} {dump(report)} {' '.join(kinds)}", packed))
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files:
        (folder / name).write_bytes(data)
    return [folder / name for name, _ in files if name != MANIFEST]


class Queue:
    """A printer that prints later: the PDF files of many exports by one start of LibreOffice, asked as the product asks."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "queue"
        self.folder.mkdir()
        self.waiting: dict[Path, Path] = {}  # where a document waits → where its PDF belongs

    def take(self, source: Path, target: Path) -> None:
        """As ``word.ToPdf``: the document is kept, and until it is printed a blank stands for the PDF."""
        target.write_bytes(b"")
        held = self.folder / f"{len(self.waiting)}.docx"
        shutil.copy(source, held)
        # exported into a folder within the target's
        self.waiting[held] = target.parent.parent / target.name

    def print_all(self, soffice: str) -> None:
        """Print what waits. Raises where a document was not printed."""
        command = [
            soffice,
            f"-env:UserInstallation={(self.folder / 'profile').as_uri()}",
            "--headless",
            "--norestore",
        ]
        command += ["--convert-to", word.PRINTED, "--outdir", str(self.folder), *map(str, self.waiting)]
        for _ in range(2):  # a fresh profile may end the first start
            subprocess.run(command, capture_output=True, check=False, timeout=500)
            if all(held.with_suffix(".pdf").exists() for held in self.waiting):
                break
        for held, target in self.waiting.items():
            held.with_suffix(".pdf").replace(target)


def differences(path: Path, against: Report | None = None) -> list[str]:
    """What a published file says otherwise, a sentence each."""
    return list(verify(path, against).differences)


def words(path: Path, against: Report | None = None) -> str:
    """The verdict on a published file in words."""
    return verify(path, against).words


def edited(path: Path, old: str, new: str) -> Path:
    """The file with a text changed, as a site's editor or Word would."""
    if path.suffix != ".docx":
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8", newline="")
        return path
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    assert old.encode() in parts["word/document.xml"]
    parts["word/document.xml"] = parts["word/document.xml"].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return path


#: The day on which the exports of the tests are issued.
ISSUED = datetime(2025, 1, 20, 9, 30)


def page(report: Report, downloads: Sequence[html.Download] = (), *, draft: bool = False) -> str:
    """The page of a report."""
    return html.page(report, downloads, Issue(draft, ISSUED))


def fragment(report: Report, *, draft: bool = False) -> str:
    """The fragment of a report for a site's editor."""
    return html.fragment(report, Issue(draft, ISSUED))


def write_word(report: Report, path: Path, *, draft: bool = False, template: Path | None = None) -> None:
    """The Word document of a report."""
    path.write_bytes(word.document(report, Issue(draft, ISSUED), template=template))


def own_template(form: Form, folder: Path) -> Path:
    """A Word template made for a form that has none of its own."""
    path = folder / "模板.docx"
    build(form).save(str(path))
    return path
