"""The record of what we wrote into a folder: only that, unchanged since, is ever replaced."""

import errno
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest

from nianbao.core.files import Manifest, Unreadable, free_name, fresh, replaceable, writable


def written(folder: Path, name: str, data: bytes) -> Path:
    """A file written and recorded as a command of ours does."""
    manifest = Manifest(folder / "清单.json")
    path = manifest.free(name)
    path.write_bytes(data)
    manifest.add(path, data)
    manifest.save()
    return path


def test_our_own_file_is_replaced_and_a_changed_one_kept(tmp_path: Path) -> None:
    first = written(tmp_path, "年报.html", b"1")
    assert written(tmp_path, "年报.html", b"2") == first
    first.write_bytes(b"2 and a note")
    assert written(tmp_path, "年报.html", b"3").name == "年报(2).html"
    assert first.read_bytes() == b"2 and a note"


def test_a_file_of_somebody_else_is_kept(tmp_path: Path) -> None:
    (tmp_path / "年报.html").write_bytes(b"")
    (tmp_path / "年报(2).html").mkdir()
    assert written(tmp_path, "年报.html", b"1").name == "年报(3).html"


@pytest.mark.parametrize("text", ["", "[", "[]", '{"files": 3}', '{"files": []}', "[" * 100_000, "\udcff"])
def test_what_is_no_record_records_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "清单.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert Manifest(path).files == {}


def test_a_file_outside_the_folder_is_none_of_ours(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path / "a" / "清单.json")
    assert not manifest.unchanged(tmp_path / "b")
    assert manifest.digest(tmp_path / "b") is None


def test_a_dangling_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "年报.html").symlink_to(tmp_path / "nowhere")
    assert free_name(tmp_path, "年报.html").name == "年报(2).html"


def test_a_record_is_moved_into_place_as_a_whole_and_says_why_it_cannot_be(tmp_path: Path) -> None:
    record = Manifest(tmp_path / "记录.json")
    (tmp_path / "记录.json.new").mkdir()  # what stood in the way of a fixed name
    record.save()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["记录.json", "记录.json.new"]
    (tmp_path / "文件").write_text("")
    with pytest.raises(Unreadable, match="不能写到这里"):
        Manifest(tmp_path / "文件" / "记录.json").save()


def test_a_new_file_is_never_one_that_is_there_nor_a_dead_link(tmp_path: Path) -> None:
    (tmp_path / "在.xlsx").write_text("")
    (tmp_path / "链.xlsx").symlink_to(tmp_path / "无")
    for name, words in (
        ("在.xlsx", "文件已经存在，不覆盖"),
        ("链.xlsx", "失效的链接"),
        ("文.txt", "须以 .xlsx 结尾"),
    ):
        with pytest.raises(Unreadable, match=words):
            fresh(tmp_path / name, ".xlsx")
    assert fresh(tmp_path / "新.xlsx", ".xlsx") == tmp_path / "新.xlsx"
    assert free_name(tmp_path, "链.xlsx").name == "链(2).xlsx"


@pytest.mark.parametrize("text", ["my own list", '{"files": "x"}', '{"my": "data"}', "[]"])
def test_a_users_file_in_the_place_of_the_record_is_never_written_over(text: str, tmp_path: Path) -> None:
    own = tmp_path / "导出清单.json"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(Unreadable, match="不是本程序写的清单"):
        Manifest(own, writing=True)
    assert own.read_text(encoding="utf-8") == text and Manifest(own).files == {}


def test_a_folder_in_the_place_of_the_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / "导出清单.json").mkdir()
    with pytest.raises(Unreadable, match="请移走或改名"):
        Manifest(tmp_path / "导出清单.json", writing=True)


def test_a_name_from_outside_neither_breaks_the_line_nor_moves_the_cursor() -> None:
    words = str(Unreadable("甲\x1b[2J\n  合计：强制性问题 0 个.json", "坏\u202e了", "请\x07重试"))
    assert "\n" not in words and not {"\x1b", "\x07", "\u202e"} & set(words)


def denied(*_: object, **__: object) -> NoReturn:
    raise OSError(errno.EROFS, "Read-only file system")


def test_a_folder_that_can_be_made_is_not_left_behind(tmp_path: Path) -> None:
    writable(tmp_path / "新" / "更新")
    assert list(tmp_path.iterdir()) == []
    writable(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_refused_and_nothing_of_it_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "TemporaryFile", denied)
    for check in (lambda: writable(tmp_path / "新" / "更新"), lambda: fresh(tmp_path / "新" / "年报.xlsx")):
        with pytest.raises(Unreadable, match="无法写入（磁盘只能读，不能写）；请换一个位置"):
            check()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_another_program_holds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "汇总.xlsx").write_bytes(b"1")
    replaceable(tmp_path / "汇总.xlsx")
    assert (tmp_path / "汇总.xlsx").read_bytes() == b"1"

    def held(*_: object) -> NoReturn:  # what Windows says of a workbook that is open in Excel
        raise PermissionError(errno.EACCES, "being used by another process")

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(Unreadable, match=r"汇总\.xlsx：无法写入（没有权限，或者文件正被打开）"):
        replaceable(tmp_path / "汇总.xlsx")
