"""Fifty kinds of file that come in where a workbook should: broken, hostile, foreign, or a report with a slip."""

import gzip
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl

from nianbao.core.form import load
from nianbao.core.grid import Cell
from nianbao.core.report import Report, dump, with_figures
from nianbao.workbook.writer import blank
from support.books import write
from support.build import FORM
from support.units import unit

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
Make = Callable[[Path], object]


def _bytes(data: bytes) -> Make:
    return lambda path: path.write_bytes(data)


def _ole(stream: str) -> Make:
    return _bytes(OLE + bytes(600) + stream.encode("utf-16-le") + bytes(600))


def _zip(**parts: str) -> Make:
    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as file:
            for name, text in parts.items():
                file.writestr(name.replace("__", "/").replace("_dot_", "."), text)

    return make


def _good(number: int) -> bytes:
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"good-{os.getpid()}-{number}.xlsx"
    write(unit(number), path)
    data = path.read_bytes()
    path.unlink()
    return data


def _parts(data: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """A workbook whose parts are changed one by one; None leaves a part out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if (part := change(info.filename, old.read(info))) is not None:
                new.writestr(info.filename, part)
    return buffer.getvalue()


def _part(data: bytes, name: str, change: Callable[[bytes], bytes | None]) -> Make:
    return _bytes(_parts(data, lambda n, part: change(part) if n == name else part))


def _edited(data: bytes, change: Callable[[openpyxl.Workbook], object]) -> Make:
    book = openpyxl.load_workbook(io.BytesIO(data))
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return _bytes(buffer.getvalue())


def _json(report: Report, **changes: object) -> Make:
    return _bytes(json.dumps(json.loads(dump(report)) | changes, ensure_ascii=False).encode())


def _slip(number: int, **changes: int | str | None) -> Make:
    cells = {Cell.parse(key.replace("__", ".")): value for key, value in changes.items()}
    return _json(with_figures(unit(number), cells))


def _flipped(data: bytes) -> bytes:
    """One bit wrong in the packed bytes of the largest part."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        largest = max(file.infolist(), key=lambda info: info.compress_size)
    at = largest.header_offset + 200
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def not_workbooks() -> Iterator[tuple[str, Make]]:
    """Files that are no .xlsx at all."""
    yield "空.xlsx", _bytes(b"")
    yield "文本.xlsx", _bytes("只有一句话".encode())
    yield "网页.xlsx", _bytes(b"<html><body><table><tr><td>1</td></tr></table></body></html>")
    yield "逗号.xlsx", _bytes("单位,数量\n甲,1\n".encode("gb18030"))
    yield "文档.xlsx", _bytes(b"%PDF-1.7\n" + bytes(99))
    yield "图片.xlsx", _bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    yield "富文本.xlsx", _bytes(b"{\\rtf1\\ansi}")
    yield "压缩.xlsx", _bytes(b"Rar!\x1a\x07\x00" + bytes(99))
    yield "压缩七.xlsx", _bytes(b"7z\xbc\xaf\x27\x1c" + bytes(99))
    yield "压缩三.xlsx", _bytes(gzip.compress(b"x"))
    yield (
        "表格2003.xlsx",
        _bytes(b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'),
    )
    yield "标记.xlsx", _bytes(b'<?xml version="1.0"?><root/>')
    yield "杂乱.xlsx", _bytes(bytes(range(256)) * 9)
    yield "旧版.xls", _ole("Workbook")
    yield "金山.et", _ole("Workbook")
    yield "加密.xlsx", _ole("EncryptedPackage")
    yield "旧文档.xlsx", _ole("WordDocument")
    yield "旧其他.xlsx", _ole("Something")


def broken(good: bytes) -> Iterator[tuple[str, Make]]:
    """Zip containers that are no workbook, or a damaged or hostile one."""
    yield "截断.xlsx", _bytes(good[: len(good) // 2])
    yield "坏字节.xlsx", _bytes(_flipped(good))
    yield "普通压缩包.xlsx", _zip(a_dot_txt="1")
    yield "word.xlsx", _zip(word__document_dot_xml="<w/>")
    yield "ppt.xlsx", _zip(ppt__presentation_dot_xml="<p/>")
    yield (
        "开放文档.ods",
        _zip(mimetype="application/vnd.oasis.opendocument.spreadsheet", content_dot_xml="<o/>"),
    )
    yield "炸弹.xlsx", _part(good, "xl/sharedStrings.xml", lambda part: part + b" " * 70_000_000)
    yield "缺部件.xlsx", _part(good, "xl/worksheets/sheet4.xml", lambda part: None)
    yield (
        "实体.xlsx",
        _part(
            good,
            "xl/sharedStrings.xml",
            lambda part: b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><sst xmlns="x">&a;</sst>',
        ),
    )
    yield (
        "标签不配.xlsx",
        _part(good, "xl/worksheets/sheet3.xml", lambda part: part[: part.rindex(b"</row>")]),
    )
    yield "管道.xlsx", os.mkfifo
    yield "断链.xlsx", lambda path: path.symlink_to("没有这个文件")


def alien(good: bytes) -> Iterator[tuple[str, Make]]:
    """Spreadsheets and JSON that are no reports of this form and year."""
    buffer = io.BytesIO()
    openpyxl.Workbook().save(buffer)
    yield "通讯录.xlsx", _bytes(buffer.getvalue())
    yield "配置.json", _bytes(b'{"name": "x"}')
    yield "不认识的表式.xlsx", _edited(good, lambda b: b["封面"].__setitem__("D12", "cn-1999"))
    yield "半截.json", _bytes(dump(unit(901)).encode()[:900])
    yield "嵌套.json", _bytes(b"[" * 100_000)
    yield "编码.json", _bytes(dump(unit(902)).encode("gb18030"))
    yield "无表式.json", _json(unit(903), form="cn-1998")
    yield "去年.json", _json(unit(904, year=2023))
    yield "旧表式.json", _bytes(dump(blank(load("cn-2019"), 2020, "旧表式单位")).encode())


def slips(good: bytes) -> Iterator[tuple[str, Make]]:
    """Reports that can be read and must be returned."""
    yield "改版式.xlsx", _edited(good, lambda b: b["三、申请办理"].__setitem__("B8", "一、收到的申请"))
    yield "少一表.xlsx", _edited(good, lambda b: b.remove(b["四、复议诉讼"]))
    yield "公式错.xlsx", _edited(good, lambda b: _error(b["二、主动公开"], "C11"))
    yield "带单位.json", _slip(911, disclosure__licensing__decisions="163件")
    yield "负数.json", _slip(912, disclosure__penalty__decisions=-3)
    yield "空格.json", _slip(913, disclosure__coercion__decisions=None)
    yield "文字.json", _slip(914, disclosure__licensing__decisions="若干")
    yield "不平.json", _slip(915, requests__received__natural=10**6)
    yield "四表不平.json", _slip(916, remedies__reconsideration__total=10**6)
    yield "无单位.json", _json(unit(917), agency="")
    yield "无年度.json", _json(unit(918), year=None)
    yield "缺指标.json", _json(unit(919), tables={"requests": {}})
    yield (
        "多指标.json",
        _json(unit(920), tables=json.loads(dump(unit(920)))["tables"] | {"x": {"y": {"z": 1}}}),
    )


def _error(sheet: object, at: str) -> None:
    cell = sheet[at]  # type: ignore[index]
    cell.value, cell.data_type = "#DIV/0!", "e"


def twins() -> Iterator[tuple[str, Make]]:
    """One unit's report twice, differently."""
    yield "甲/同单位.json", _json(unit(930))
    yield "乙/同单位.json", _json(replace(unit(930), figures=unit(931).figures))


def kinds() -> Mapping[str, Make]:
    """Every kind by its file name."""
    good = _good(900)
    return dict(
        kind for some in (not_workbooks(), broken(good), alien(good), slips(good), twins()) for kind in some
    )


def plant(folder: Path) -> list[str]:
    """Put one file of each kind into a folder; their names."""
    made = kinds()
    for name, make in made.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        make(path)
    assert len(FORM.cells) == 200
    return list(made)
