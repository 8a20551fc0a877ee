"""The zip container of a workbook, read with struct and zlib alone, and what a file that is none seems to be.

Every part is inflated under a bound that does not trust the declared sizes, and its CRC is compared.
Layout: PKWARE APPNOTE 6.3.3, sections 4.3 and 4.5.3 (zip64).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn, Protocol

from nianbao.xlsx.value import Defect, Limits, too_large

AGAIN = "请核对原文件，重新保存或复制后再试"

_END = struct.Struct("<4s4H2LH")
_END64_PLACE = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")


class Member(NamedTuple):
    """One file of the container as its directory states it; `offset` of its local header."""

    flags: int
    method: int
    crc: int
    size: int
    offset: int


class Part(NamedTuple):
    """The inflated bytes of one file; ``made``: where its readers keep what they make of these bytes alone, where the
    very same file came with another container of late (None: it did not)."""

    data: bytes
    made: dict[object, Any] | None = None


class Recurring:
    """Files that container after container holds in the very same packed bytes, as those made of one template do:
    inflated and read once.

    A file is known by all its packed bytes, and only sound ones are kept, from the second time on. What is kept is
    bounded in number and size, and given up when full.
    """

    #: Packed and inflated bytes of a file that is kept; how many are; of how many it is known that they were here.
    PACKED, PLAIN, KEPT, LATE = 16_384, 200_000, 64, 256

    def __init__(self) -> None:
        self._parts: dict[bytes, tuple[int, Part]] = {}
        self._late: set[int] = set()

    def known(self, packed: bytes, crc: int, bound: int) -> Part | None:
        """The file of these packed bytes, where it is kept and within its bounds here too."""
        known = self._parts.get(packed)
        return known[1] if known and known[0] == crc and len(known[1].data) <= bound else None

    def met(self, packed: bytes, crc: int, data: bytes) -> Part:
        """A sound file that is not kept: kept when it has been here."""
        if len(data) > self.PLAIN:
            return Part(data)
        if (number := hash(packed)) not in self._late:
            if len(self._late) >= self.LATE:
                self._late.clear()
            self._late.add(number)
            return Part(data)
        if len(self._parts) >= self.KEPT:
            self._parts.clear()
        part = Part(data, {})
        self._parts[packed] = crc, part
        return part


_recurring = Recurring()


class Container:
    """The files of one zip container held in memory, by folded name (lower case, forward slashes)."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        self._left = limits.total
        self.entries: Mapping[str, Member] = _directory(data, limits)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.entries

    def read(self, name: str) -> bytes:
        """The inflated bytes of one file; raises Defect when it is missing, damaged, locked or too large."""
        return self.part(name).data

    def part(self, name: str) -> Part:
        """One file, and whether it recurs; raises as :meth:`read` does."""
        entry = self.entries.get(name.lower())
        if entry is None:
            raise Defect("内容不完整（压缩包中缺少必要的部件）")
        if entry.flags & 0x41:
            raise Defect(
                "文件设有密码（压缩包已加密）", "请取消密码，并在 Excel 或 WPS 中另存为“.xlsx”格式后重试"
            )
        packed = self._packed(entry)
        bound = min(self._limits.part, self._left)
        if entry.method != 8 or len(packed) > Recurring.PACKED:
            part = Part(_plain_of(packed, entry, bound))
        else:
            key = bytes(packed)
            known = _recurring.known(key, entry.crc, bound)
            part = known or _recurring.met(key, entry.crc, _plain_of(packed, entry, bound))
        self._left -= len(part.data)
        return part

    def _packed(self, entry: Member) -> memoryview:
        data, start = self._data, entry.offset
        if start + _LOCAL.size > len(data) or data[start : start + 4] != b"PK\3\4":
            raise _damaged()
        name, extra = _LOCAL.unpack_from(data, start)[-2:]
        start += _LOCAL.size + name + extra
        if start + entry.size > len(data):
            raise _truncated()
        return memoryview(data)[start : start + entry.size]


class Inflating(Protocol):
    """What is wanted of a library that inflates as :mod:`zlib` does."""

    def decompressobj(self, wbits: int) -> Any: ...
    def crc32(self, data: bytes) -> int: ...


#: A library that does it in less time, where somebody has given one.
_quick: list[Inflating] = []


def inflate_with(library: Inflating) -> None:
    """Inflate what is sound by this library; what is not stays with zlib, which says what is wrong."""
    _quick[:] = [library]


def _quickly(packed: memoryview, entry: Member, bound: int) -> bytes | None:
    """The bytes of a part that is sound within its bounds; None where that is not so, or nobody is there to tell."""
    if not _quick or entry.method != 8:
        return None
    inflater = _quick[0].decompressobj(-15)
    try:
        plain: bytes = inflater.decompress(packed, bound + 1)
    except Exception:  # the library has an error of its own, and zlib says what is wrong
        return None
    intact = inflater.eof and len(plain) <= bound and _quick[0].crc32(plain) == entry.crc
    return plain if intact else None


def _plain_of(packed: memoryview, entry: Member, bound: int) -> bytes:
    """The inflated bytes of a sound file within its bounds; raises Defect for any other."""
    if (soon := _quickly(packed, entry, bound)) is not None:
        return soon
    plain = _inflate(packed, entry.method, bound)
    if len(plain) > bound:
        raise too_large("解压后的内容超出上限")
    if zlib.crc32(plain) != entry.crc:
        raise Defect("文件已损坏（内容与校验码不符）", AGAIN)
    return plain


def _truncated() -> Defect:
    return Defect("文件不完整，可能在下载或传送中被截断", AGAIN)


def _damaged() -> Defect:
    return Defect("文件已损坏（压缩包结构有误）", AGAIN)


def _inflate(packed: memoryview, method: int, bound: int) -> bytes:
    if method == 0:
        return bytes(packed[: bound + 1])
    if method != 8:
        raise Defect("文件使用了不支持的压缩方式")
    inflater = zlib.decompressobj(-15)
    try:
        plain = inflater.decompress(packed, bound + 1)
    except zlib.error:
        raise Defect("文件已损坏（无法解压）", AGAIN) from None
    if len(plain) <= bound and not inflater.eof:
        raise _truncated()
    return plain


def _directory(data: bytes, limits: Limits) -> dict[str, Member]:
    count, size, start, shift = _extent(data)
    if count > limits.entries:
        raise too_large("压缩包内文件过多")
    entries: dict[str, Member] = {}
    here, stop = start, start + size
    for _ in range(count):
        if here + _ENTRY.size > stop:
            raise _damaged()
        fields = _ENTRY.unpack_from(data, here)
        name_at, extra_at = here + 46, here + 46 + fields[10]
        here = extra_at + fields[11] + fields[12]
        if fields[0] != b"PK\1\2" or here > stop:
            raise _damaged()
        raw = data[name_at:extra_at]
        name = (_name if len(raw) < _SHORT else _name.__wrapped__)(raw, fields[3])
        if name in entries:
            raise Defect("内容有歧义（压缩包中有重名的部件）")
        sizes = fields[8], fields[9], fields[16]
        if 0xFFFFFFFF in sizes:
            sizes = _zip64(data[extra_at : extra_at + fields[11]], sizes)
        entries[name] = Member(fields[3], fields[4], fields[7], sizes[0], sizes[2] + shift)
    return entries


#: Names of fewer bytes are remembered: they are the same in container after container.
_SHORT = 100


@lru_cache(maxsize=512)
def _name(raw: bytes, flags: int) -> str:
    name = raw.decode("utf-8" if flags & 0x800 else "cp437", "replace")
    return name.replace("\\", "/").lower()


def _extent(data: bytes) -> tuple[int, int, int, int]:
    """Number of entries, bytes and place of the directory, and what to add to every offset in it."""
    end = data.rfind(b"PK\5\6", max(0, len(data) - 65_557))
    if end < 0 or end + _END.size > len(data):
        raise _truncated()
    fields = _END.unpack_from(data, end)
    count, size, offset = fields[4], fields[5], fields[6]
    if 0xFFFF in fields[1:5] or 0xFFFFFFFF in (size, offset):
        end, count, size, offset = _extent64(data, end)
    elif fields[1] or fields[2]:
        raise Defect("文件是分卷压缩包的一部分")
    start = end - size
    if start < offset:
        raise _truncated() if start < 0 else _damaged()
    return count, size, start, start - offset


def _extent64(data: bytes, end: int) -> tuple[int, int, int, int]:
    place = end - _END64_PLACE.size
    if place < 0 or data[place : place + 4] != b"PK\6\7":
        raise _damaged()
    offset = _END64_PLACE.unpack_from(data, place)[2]
    if offset + _END64.size > place or data[offset : offset + 4] != b"PK\6\6":
        raise _damaged()
    fields = _END64.unpack_from(data, offset)
    return offset, fields[7], fields[8], fields[9]


def _zip64(extra: bytes, sizes: tuple[int, int, int]) -> tuple[int, int, int]:
    """Packed size, inflated size and offset with those of the zip64 extra field put in where they are kept."""
    packed, plain, offset = sizes
    here = 0
    while here + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, here)
        if kind == 1 and here + 4 + length <= len(extra):
            wide = list(struct.unpack_from(f"<{length // 8}Q", extra, here + 4))[::-1]
            plain = wide.pop() if plain == 0xFFFFFFFF and wide else plain
            packed = wide.pop() if packed == 0xFFFFFFFF and wide else packed
            offset = wide.pop() if offset == 0xFFFFFFFF and wide else offset
            return packed, plain, offset
        here += 4 + length
    return sizes


_SAVE_AS = "请在 Excel 或 WPS 中打开，另存为“.xlsx”格式后重试"
IMPORT = "已发布的网页、Word、PDF、文本可用 nianbao import 导入成工作簿"
_CHOOSE = f"请核对是否选错文件，应为“.xlsx”格式的年报工作簿；{IMPORT}"
#: How the CSV that we export begins (now, and in older versions), and why it is no report (what is wrong, what to do).
OUR_CSV = ("单元格代码,部分,项目,栏目,计量单位,数值".encode(), b"key,section,row,column,unit,value")
FIGURES_ALONE = (
    "是导出的表格数据（CSV），只有数字，没有文字部分",
    "请改用同时导出的交换数据（.json）、网页或 Word 文件，或填报的工作簿",
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_UNPACK = "请先解压，再报送其中的“.xlsx”文件"

# Beginnings of files that are often renamed or sent by mistake: what they are, what is to be done.
_SIGNATURES = (
    (b"%PDF", "PDF 文件", _CHOOSE),
    (b"{\\rtf", "RTF 文档", _CHOOSE),
    (b"Rar!", "RAR 压缩包", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包", _UNPACK),
    (b"\x1f\x8b", "gzip 压缩包", _UNPACK),
    (b"\x89PNG", "图片", _CHOOSE),
    (b"\xff\xd8\xff", "图片", _CHOOSE),
    (b"GIF8", "图片", _CHOOSE),
    (b"BM", "图片", _CHOOSE),
    (b"L\0\0\0\x01\x14\x02\0", "快捷方式", "请报送文件本身"),
)
_HTML = ("<!doctype html", "<head", "<body", "<meta", "<style", "<div")


def refuse_content(data: bytes, name: str) -> None:
    """Raises Defect when the bytes of a file are no zip container; `name` serves to tell .et from .xls."""
    if data[:4] in (b"PK\3\4", b"PK\5\6"):
        return
    if not data:
        raise Defect("文件是空的（0 字节）", AGAIN)
    if name.replace("\\", "/").rpartition("/")[2].startswith("~$"):
        raise Defect("这是打开工作簿时产生的临时文件", "请关闭工作簿，并指定正式的文件")
    if data[:8] == _OLE:
        raise _old(data, name.lower())
    for signature, kind, todo in _SIGNATURES:
        if data.startswith(signature):
            raise Defect(f"不是 Excel 工作簿，看起来是{kind}", todo)
    raise _textual(data[:65_536])


def _old(data: bytes, name: str) -> Defect:
    """An OLE compound file, told apart by the stream names in its directory (MS-CFB, UTF-16LE)."""
    if _utf16("EncryptedPackage") in data or _utf16("DataSpaces") in data:
        return Defect(
            "工作簿设有打开密码（已加密）", "请在 Excel 或 WPS 中打开，取消打开密码并另存为“.xlsx”格式后重试"
        )
    if name.endswith((".et", ".ett")):
        return Defect("这是 WPS 的 .et 格式", "请在 WPS 中打开，另存为“.xlsx”格式后重试")
    if _utf16("Workbook") in data or _utf16("Book") in data:
        return Defect("这是旧版 Excel 97-2003 的 .xls 格式", _SAVE_AS)
    if _utf16("WordDocument") in data:
        return Defect("不是 Excel 工作簿，看起来是旧版 Word 文档（.doc）", _CHOOSE)
    return Defect("不是“.xlsx”工作簿，看起来是旧版 Office 文件", _SAVE_AS)


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-le")


def _textual(start: bytes) -> Defect:
    text = _plain(start)
    if text is None:
        return Defect("不是 Excel 工作簿，或文件已损坏", _CHOOSE)
    head = text.lstrip("\ufeff \t\r\n").lower()
    if "urn:schemas-microsoft-com:office:spreadsheet" in head:
        return Defect("这是 XML 表格 2003 格式，不是“.xlsx”工作簿", _SAVE_AS)
    if head.startswith(_HTML) or "<html" in head or "<table" in head:
        return Defect("不是 Excel 工作簿，看起来是网页（HTML）", f"{_SAVE_AS}；{IMPORT}")
    if head.startswith("<"):
        return Defect("不是 Excel 工作簿，看起来是 XML 文件", _CHOOSE)
    if head.startswith(tuple(begins.decode() for begins in OUR_CSV)):
        return Defect(*FIGURES_ALONE)
    if "," in head or "\t" in head or ";" in head:
        return Defect("不是 Excel 工作簿，看起来是文本或文本表格（CSV）", f"{_SAVE_AS}；{IMPORT}")
    return Defect("不是 Excel 工作簿，看起来是纯文本文件", _CHOOSE)


def _plain(start: bytes) -> str | None:
    """The text of a file's beginning in the encodings met in practice; None when it is binary."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return start.decode("utf-16", "replace")
    if any(byte in start for byte in (0, 1, 2, 3, 4, 5, 6, 7, 8)):
        return None
    # The last character may be cut: what is left over after it does not count.
    for encoding in ("utf-8", "gb18030"):
        text = start.decode(encoding, "ignore")
        if len(text.encode(encoding)) >= len(start) - 3:
            return text
    return None


def refuse_package(container: Container, main: str | None) -> NoReturn:
    """Raises the Defect of a zip container whose main part is no workbook."""
    names = container.entries.keys()
    if main is not None and main.lower().endswith("workbook.bin"):
        raise Defect("这是 .xlsb（二进制工作簿）格式", _SAVE_AS)
    if any(name.startswith("word/") for name in names):
        raise Defect("不是 Excel 工作簿，看起来是 Word 文档（.docx）", _CHOOSE)
    if any(name.startswith("ppt/") for name in names):
        raise Defect("不是 Excel 工作簿，看起来是演示文稿（.pptx）", _CHOOSE)
    if "content.xml" in names and "mimetype" in names:
        raise _open_document(container.read("mimetype"))
    if "[content_types].xml" in names:
        raise Defect("内容不完整（找不到工作簿部件）")
    raise Defect("不是 Excel 工作簿，看起来是普通压缩包", _UNPACK)


def _open_document(kind: bytes) -> Defect:
    if b"spreadsheet" in kind:
        return Defect("这是 OpenDocument 的 .ods 格式", "ods 请另存为“.xlsx”格式后重试")
    if b"text" in kind:
        todo = "请在 Word 或 WPS 中另存为“.docx”格式，再用 nianbao import 导入成工作簿"
        return Defect("这是 OpenDocument 文档（.odt）", todo)
    return Defect("不是 Excel 工作簿，看起来是 OpenDocument 文档", _CHOOSE)
