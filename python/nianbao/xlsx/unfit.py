"""What a file that is no .xlsx workbook seems to be, and what its owner should do: one sentence a kind."""

from __future__ import annotations

from typing import NoReturn

from nianbao.xlsx.container import AGAIN, Container
from nianbao.xlsx.value import Defect

_SAVE_AS = "请在 Excel 或 WPS 中打开，另存为“.xlsx”格式后重试"
IMPORT = "已发布的网页、Word、PDF、文本可用 nianbao import 导入成工作簿"
_CHOOSE = f"请核对是否选错文件，应为“.xlsx”格式的年报工作簿；{IMPORT}"
#: How the CSV that we export begins, and why it is no report (what is wrong, what to do).
OUR_CSV = b"key,section,row,column,unit,value"
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
    if head.startswith(OUR_CSV.decode()):
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
