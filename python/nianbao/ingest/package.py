"""The parts of a zipped Office file, inflated within bounds and parsed without entities."""

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from nianbao.core.errors import Unreadable

if TYPE_CHECKING:
    from lxml.etree import _Element

#: A part may not inflate beyond this, nor have more elements than this.
INFLATED = 64 * 1_048_576
ELEMENTS = 2_000_000
_STRICT = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": (
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    ),
}
_TODO = "请用 Word 或 WPS 打开后另存一份再导入"


def inflated(data: bytes) -> int:
    """How many bytes of text a zip file promises at most (no more comes out of it); 0 where it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return sum(
                part.file_size for part in package.infolist() if part.filename.endswith((".xml", ".rels"))
            )
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        return 0


class Package:
    """An Office file; ``Unreadable`` where its directory is damaged."""

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
            raise Unreadable(name, "文件已损坏", _TODO) from None
        self._left = INFLATED

    @property
    def names(self) -> frozenset[str]:
        """The parts of the file."""
        return frozenset(self._zip.namelist())

    def xml(self, part: str) -> "_Element":
        """A part parsed; ``Unreadable`` where it is missing, damaged, encrypted, too large or declares a DTD."""
        from lxml import etree

        data = self._inflated(part)
        for strict, usual in _STRICT.items():
            data = data.replace(strict, usual)
        if data.count(b"<") > 2 * ELEMENTS:
            raise Unreadable(self._name, "内容太多，不是一份年度报告", "请只保留年度报告后再导入")
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError:
            raise Unreadable(self._name, "文件已损坏，或嵌套过深", _TODO) from None
        if root.getroottree().docinfo.internalDTD is not None:
            raise Unreadable(self._name, "文件带有实体声明，不是 Office 软件写的", _TODO)
        return root

    def _inflated(self, part: str) -> bytes:
        """A part's bytes; the bound counts what comes out, not what the directory promises."""
        try:
            with self._zip.open(part) as file:
                data = file.read(self._left + 1)
        except (KeyError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
            raise Unreadable(self._name, "文件已损坏或加了密码", _TODO) from None
        self._left -= len(data)
        if self._left < 0:
            raise Unreadable(self._name, "文件解压后超过 64 MB", "请只保留年度报告后再导入")
        return data
