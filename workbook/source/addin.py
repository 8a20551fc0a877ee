"""Builds nianbao.xlam from VBA text and ribbon.xml: `python workbook/source/addin.py`.

The bytes depend on the sources alone: parts are stored uncompressed (a deflated stream differs between
zlib builds), in a fixed order and with a fixed date. Only this module needs pyOpenVBA, and only to build.
"""

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.excel.install import (
    FIXED_PARTS,
    MESSAGES,
    RIBBON_PART,
    SHEET_PART,
    VBA_PART,
    WORKBOOK_PART,
    pack,
    sheet_xml,
    workbook_xml,
)

if TYPE_CHECKING:
    from pyopenvba.vba import VBAProject

_DOCUMENT_MODULES = ("ThisWorkbook", "Sheet1")


def build(vba_dir: Path, ribbon: Path) -> bytes:
    """The add-in's bytes, the same for the same sources.

    Raises ValueError for a module that is not plain ASCII: its writer would turn Chinese into question marks.
    """
    parts: dict[str, bytes] = {name: text.encode() for name, text in FIXED_PARTS.items()}
    parts[WORKBOOK_PART] = workbook_xml().encode()
    parts[SHEET_PART] = sheet_xml(MESSAGES).encode()
    parts[RIBBON_PART] = ribbon.read_bytes().replace(b"\r\n", b"\n")
    parts[VBA_PART] = vba_project(sources(vba_dir))
    return pack(parts)


def sources(vba_dir: Path) -> dict[str, str]:
    """Module name → source with CRLF line ends, in the order of the names."""
    return {path.stem: _ascii(path) for path in sorted(vba_dir.glob("*.bas"))}


def _ascii(path: Path) -> str:
    raw = path.read_bytes()
    if not raw.isascii():
        line = next(number for number, text in enumerate(raw.splitlines(), 1) if not text.isascii())
        raise ValueError(
            f"{path.name}, line {line}: VBA source must be ASCII; put Chinese into excel/install.py"
        )
    return "\r\n".join(raw.decode("ascii").splitlines()) + "\r\n"


def body(source: str) -> str:
    """A module's text without its leading Attribute lines, which the container writes itself."""
    return re.sub(r"\A(?:Attribute [^\r\n]*\r?\n)+", "", source)


def vba_project(modules: Mapping[str, str]) -> bytes:
    """The VBA project part: document modules for the workbook and its sheet, then ours."""
    from pyopenvba import ExcelFile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "empty.xlam")
        with ExcelFile.create_new(path) as book:
            project = book.vba_project()
            project.delete_module("Module1")
            for name, source in modules.items():
                put(project, name, source)
            book.save()
        with ExcelFile(path) as book:
            content: bytes = book.vba_project_bytes()
            return content


def put(project: "VBAProject", name: str, source: str) -> None:
    """Adds a module, or fills the workbook's or the sheet's own under the header it has."""
    if name not in _DOCUMENT_MODULES:
        project.add_module(name, source)
        return
    module = project.get_module(name)
    module.source = module.attribute_header + body(source)
    module.dirty = True


def main(here: Path) -> None:
    """Writes nianbao.xlam beside the folder of the sources."""
    target = here.parent / "nianbao.xlam"
    fresh = target.with_suffix(".tmp")
    fresh.write_bytes(build(here / "vba", here / "ribbon.xml"))
    fresh.replace(target)


if __name__ == "__main__":
    main(Path(__file__).resolve().parent)
