"""CPU time of reading one closed workbook: ours, the inflate floor, python-calamine and openpyxl read_only."""

from __future__ import annotations

import io
import time
import zipfile
import zlib
from collections.abc import Callable

import openpyxl
import python_calamine
import xlsxwriter

from nianbao.workbook.container import Container
from nianbao.workbook.package import Limits, read_package

ROUNDS = 15


def workbook(sheets: int, filled: int) -> bytes:
    """`sheets` sheets of styled cells, the first `filled` of them with 214 figures and 5 texts each."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    boxed = book.add_format({"border": 1, "font_name": "仿宋", "num_format": "0"})
    for number in range(sheets):
        sheet = book.add_worksheet(f"表{number + 1}")
        for index in range(214):
            if number < filled:
                sheet.write_number(index // 7, index % 7, index * 37 % 911 if index % 3 else 0, boxed)
            else:
                sheet.write_blank(index // 7, index % 7, None, boxed)
        for row in range(5):
            sheet.write_string(40 + row, 0, f"第{number + 1}张表的第{row + 1}段文字", boxed)
        sheet.data_validation("A1:G30", {"validate": "integer", "criteria": ">=", "value": 0})
    book.close()
    return buffer.getvalue()


def floor(data: bytes) -> int:
    """The least any reader must do: the zip directory, inflating, CRC."""
    total = 0
    for entry in Container(data, Limits()).entries.values():
        start = entry.offset + 30 + int.from_bytes(data[entry.offset + 26 : entry.offset + 28], "little")
        start += int.from_bytes(data[entry.offset + 28 : entry.offset + 30], "little")
        plain = zlib.decompress(data[start : start + entry.size], -15)
        total += zlib.crc32(plain) == entry.crc
    return total


def by_calamine(data: bytes, wanted: list[str] | None = None) -> list[object]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [book.get_sheet_by_name(name).to_python() for name in wanted or book.sheet_names]


def by_openpyxl(data: bytes) -> list[object]:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    return [list(sheet.iter_rows(values_only=True)) for sheet in book]


def milliseconds(read: Callable[[bytes], object], data: bytes, times: int) -> float:
    """CPU time of one reading, the mean over `times`."""
    began = time.process_time()
    for _ in range(times):
        read(data)
    return (time.process_time() - began) * 1000 / times


def measure(data: bytes, wanted: list[str]) -> dict[str, float]:
    """The best of several rounds for every reader, the readers taking turns."""
    some = f"{len(wanted)} sheet(s)"
    readers: dict[str, tuple[Callable[[bytes], object], int]] = {
        "inflate floor, all parts": (floor, 100),
        "ours, all sheets": (read_package, 20),
        f"ours, {some}": (lambda data: read_package(data, wanted), 20),
        "ours, careful (expat)": (lambda data: read_package(data, careful=True), 5),
        "python-calamine, all sheets": (by_calamine, 20),
        f"python-calamine, {some}": (lambda data: by_calamine(data, wanted), 20),
        "openpyxl read_only": (by_openpyxl, 1),
    }
    best = dict.fromkeys(readers, float("inf"))
    for _ in range(ROUNDS):
        for name, (read, times) in readers.items():
            best[name] = min(best[name], milliseconds(read, data, times))
    return best


def main() -> None:
    """Print the table for a workbook filled on one sheet, on three and on all seven."""
    for filled in (1, 3, 7):
        data = workbook(7, filled)
        inflated = sum(info.file_size for info in zipfile.ZipFile(io.BytesIO(data)).infolist())
        print(f"{len(data):,} bytes ({inflated:,} inflated), 7 sheets, {filled} of them with 214 figures")
        best = measure(data, [f"表{number + 1}" for number in range(min(filled, 3))])
        least = best["inflate floor, all parts"]
        for name, spent in best.items():
            print(f"  {name:30}{spent:8.3f} ms{spent / least:8.1f} x floor")


if __name__ == "__main__":
    main()
