"""Workbooks in older and other formats are converted by the LibreOffice that is there, else refused in a sentence."""

from pathlib import Path

import pytest
import xlwings as xw

from nianbao import importer
from nianbao.core.files import Unreadable
from nianbao.importer import take
from support.books import write
from support.build import hubei


@pytest.mark.parametrize("ending", ["xls", "ods"])
def test_an_older_workbook_is_converted_and_read_losslessly(app: xw.App, tmp_path: Path, ending: str) -> None:
    write(hubei(), tmp_path / "年报.xlsx")
    book = app.books.open(tmp_path / "年报.xlsx")
    book.save(tmp_path / f"年报.{ending}")
    book.close()
    taken = take(tmp_path / f"年报.{ending}")
    assert taken.doubts == ("由 LibreOffice 转换后读入，请核对数字",)
    assert taken.report.figures == hubei().figures
    assert taken.report.narrative == hubei().narrative


@pytest.mark.parametrize(
    ("name", "content"), [("坏.xls", b"\xd0\xcf\x11\xe0" * 900), ("坏.et", b"\xd0\xcf\x11\xe0" * 9)]
)
def test_what_cannot_be_converted_is_refused_in_a_sentence(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Unreadable):
        take(tmp_path / name)


def test_without_libreoffice_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "programs", lambda environment: iter(()))
    (tmp_path / "旧.et").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"W\0o\0r\0k\0b\0o\0o\0k\0" * 9)
    with pytest.raises(Unreadable, match="另存为"):
        take(tmp_path / "旧.et")
