"""The zip container of a workbook, read with struct and zlib alone: directory once, parts on demand.

Every part is inflated under a bound that does not trust the declared sizes, and its CRC is compared.
Layout: PKWARE APPNOTE 6.3.3, sections 4.3 and 4.5.3 (zip64).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import NamedTuple

from nianbao.xlsx.value import Defect, Limits, too_large

AGAIN = "请重新下载或请报送单位重新发送后再试"

_END = struct.Struct("<4s4H2LH")
_END64_PLACE = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")


class Entry(NamedTuple):
    """One file of the container as its directory states it; `offset` of its local header."""

    flags: int
    method: int
    crc: int
    size: int
    offset: int


class Container:
    """The files of one zip container held in memory, by folded name (lower case, forward slashes)."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        self._limits = limits
        self._left = limits.total
        self.entries: Mapping[str, Entry] = _directory(data, limits)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self.entries

    def read(self, name: str) -> bytes:
        """The inflated bytes of one file; raises Defect when it is missing, damaged, locked or too large."""
        entry = self.entries.get(name.lower())
        if entry is None:
            raise Defect("内容不完整（压缩包中缺少必要的部件）")
        if entry.flags & 0x41:
            raise Defect(
                "文件设有密码（压缩包已加密）", "请取消密码，并在 Excel 或 WPS 中另存为“.xlsx”格式后重试"
            )
        packed = self._packed(entry)
        bound = min(self._limits.part, self._left)
        plain = _inflate(packed, entry.method, bound)
        if len(plain) > bound:
            raise too_large("解压后的内容超出上限")
        if zlib.crc32(plain) != entry.crc:
            raise Defect("文件已损坏（内容与校验码不符）", AGAIN)
        self._left -= len(plain)
        return plain

    def _packed(self, entry: Entry) -> memoryview:
        data, start = self._data, entry.offset
        if start + _LOCAL.size > len(data) or data[start : start + 4] != b"PK\3\4":
            raise _damaged()
        name, extra = _LOCAL.unpack_from(data, start)[-2:]
        start += _LOCAL.size + name + extra
        if start + entry.size > len(data):
            raise _truncated()
        return memoryview(data)[start : start + entry.size]


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


def _directory(data: bytes, limits: Limits) -> dict[str, Entry]:
    count, size, start, shift = _extent(data)
    if count > limits.entries:
        raise too_large("压缩包内文件过多")
    entries: dict[str, Entry] = {}
    here, stop = start, start + size
    for _ in range(count):
        if here + _ENTRY.size > stop:
            raise _damaged()
        fields = _ENTRY.unpack_from(data, here)
        name_at, extra_at = here + 46, here + 46 + fields[10]
        here = extra_at + fields[11] + fields[12]
        if fields[0] != b"PK\1\2" or here > stop:
            raise _damaged()
        name = _name(data[name_at:extra_at], fields[3])
        if name in entries:
            raise Defect("内容有歧义（压缩包中有重名的部件）")
        sizes = fields[8], fields[9], fields[16]
        if 0xFFFFFFFF in sizes:
            sizes = _zip64(data[extra_at : extra_at + fields[11]], sizes)
        entries[name] = Entry(fields[3], fields[4], fields[7], sizes[0], sizes[2] + shift)
    return entries


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
