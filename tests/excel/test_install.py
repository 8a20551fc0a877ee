"""Installing for one user, against a profile folder that stands in for Windows' own."""

import io
import sys
import zipfile
from pathlib import Path

import pytest

from nianbao.core.files import Unreadable, shipped
from nianbao.excel.install import install, interpreter_in, is_ours, uninstall, with_interpreter
from support.interpreters import interpreter

PYTHON = Path(sys.executable)
SHIPPED = shipped("workbook/nianbao.xlam").read_bytes()


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    folder = tmp_path / "王 五 & 100%" / "AppData"
    (folder / "Roaming" / "Microsoft").mkdir(parents=True)
    (folder / "Local").mkdir()
    return folder


@pytest.fixture
def env(profile: Path) -> dict[str, str]:
    return {"APPDATA": str(profile / "Roaming"), "LOCALAPPDATA": str(profile / "Local")}


@pytest.fixture
def start_up(profile: Path) -> Path:
    return profile / "Roaming" / "Microsoft" / "Excel" / "XLSTART"


def everything(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def foreign(start_up: Path, content: bytes = b"another add-in") -> Path:
    start_up.mkdir(parents=True, exist_ok=True)
    path = start_up / "nianbao.xlam"
    path.write_bytes(content)
    return path


def test_installing_puts_the_addin_with_this_interpreter_into_the_start_up_folder(
    env: dict[str, str], start_up: Path
) -> None:
    said = install(env, PYTHON)
    assert [path.name for path in start_up.iterdir()] == ["nianbao.xlam"]
    assert interpreter_in((start_up / "nianbao.xlam").read_bytes()) == str(PYTHON)
    assert said[0].startswith("已安装加载项：") and str(start_up) in said[0]
    assert "重新打开 Excel" in said[-1]


def test_only_the_sheet_with_the_interpreter_differs_from_the_shipped_addin() -> None:
    with (
        zipfile.ZipFile(io.BytesIO(SHIPPED)) as before,
        zipfile.ZipFile(io.BytesIO(with_interpreter(SHIPPED, r"C:\py & <3>\python.exe"))) as after,
    ):
        assert before.namelist() == after.namelist()
        changed = [name for name in before.namelist() if before.read(name) != after.read(name)]
    assert changed == ["xl/worksheets/sheet1.xml"]
    assert interpreter_in(with_interpreter(SHIPPED, r"C:\py & <3>\python.exe")) == r"C:\py & <3>\python.exe"
    assert with_interpreter(with_interpreter(SHIPPED, "x"), "") == SHIPPED


def test_installing_again_changes_nothing_and_says_so(env: dict[str, str], profile: Path) -> None:
    install(env, PYTHON)
    before = everything(profile)
    assert install(env, PYTHON)[0].startswith("加载项已是最新，无需改动")
    assert everything(profile) == before


def test_installing_with_another_interpreter_replaces_our_own_without_a_backup(
    env: dict[str, str], profile: Path, start_up: Path, tmp_path: Path
) -> None:
    other = tmp_path / "新 Python" / "python.exe"
    other.parent.mkdir()
    interpreter(other)
    install(env, PYTHON)
    install(env, other)
    assert interpreter_in((start_up / "nianbao.xlam").read_bytes()) == str(other)
    assert not list(profile.rglob("*.bak"))


def test_an_interpreter_without_our_package_is_not_installed(env: dict[str, str], tmp_path: Path) -> None:
    bare = interpreter(tmp_path / "bare")
    bare.write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    with pytest.raises(Unreadable, match=r"找不到所需的包.*pip install nianbao"):
        install(env, bare)
    assert not list(Path(env["APPDATA"]).rglob("nianbao*"))


def test_a_python_of_the_microsoft_store_is_refused_with_the_way_out(
    env: dict[str, str], tmp_path: Path
) -> None:
    store = interpreter(tmp_path / "Microsoft" / "WindowsApps" / "python.exe")
    with pytest.raises(Unreadable, match=r"Microsoft Store 版 Python.*官方安装包"):
        install(env, store)


def test_the_verbs_are_in_the_start_menu_for_excels_that_may_start_nothing(
    env: dict[str, str], profile: Path
) -> None:
    install(env, PYTHON)
    entry = next(profile.rglob("校验.cmd"))
    assert f'"{PYTHON}" -P -E -m nianbao excel validate' in entry.read_text(encoding="utf-8")
    (entry.parent / "导出.cmd").write_text("mine", encoding="utf-8")
    install(env, PYTHON)
    uninstall(env)
    assert [path.read_text(encoding="utf-8") for path in entry.parent.iterdir()] == ["mine"]


@pytest.mark.parametrize("had_start_up_folder", [True, False])
def test_uninstalling_leaves_the_profile_exactly_as_it_was(
    env: dict[str, str], profile: Path, start_up: Path, had_start_up_folder: bool
) -> None:
    if had_start_up_folder:
        start_up.mkdir(parents=True)
    before = everything(profile)
    install(env, PYTHON)
    log = profile / "Local" / "nianbao" / "nianbao.log"
    log.parent.mkdir()
    log.write_text("a run", encoding="utf-8")
    assert uninstall(env)[0].startswith("已卸载加载项：")
    assert everything(profile) == before


def test_a_foreign_file_of_the_same_name_is_kept_outside_the_start_up_folder_and_comes_back(
    env: dict[str, str], profile: Path, start_up: Path
) -> None:
    foreign(start_up)
    before = everything(profile)
    said = install(env, PYTHON)
    assert "不是年报加载项" in said[0] and "卸载时放回" in said[0]
    assert [path.name for path in start_up.iterdir()] == ["nianbao.xlam"]
    install(env, PYTHON)
    assert any("已放回" in line for line in uninstall(env))
    assert everything(profile) == before


def test_a_second_foreign_file_does_not_push_out_the_first_backup(
    env: dict[str, str], profile: Path, start_up: Path
) -> None:
    foreign(start_up, b"first")
    install(env, PYTHON)
    foreign(start_up, b"second")
    install(env, PYTHON)
    said = uninstall(env)
    assert (start_up / "nianbao.xlam").read_bytes() == b"second"
    kept = list(profile.rglob("*.bak"))
    assert [path.read_bytes() for path in kept] == [b"first"]
    assert any(str(kept[0]) in line for line in said)


def test_uninstalling_never_removes_a_file_that_is_not_ours(env: dict[str, str], start_up: Path) -> None:
    path = foreign(start_up)
    said = uninstall(env)
    assert path.read_bytes() == b"another add-in"
    assert said == [f"同名文件不是年报加载项，未改动：{path}"]


def test_uninstalling_what_was_never_installed_says_so(env: dict[str, str], profile: Path) -> None:
    before = everything(profile)
    assert uninstall(env) == ["没有安装加载项，无需卸载。"]
    assert everything(profile) == before


def test_other_files_in_the_start_up_folder_stay(env: dict[str, str], start_up: Path) -> None:
    install(env, PYTHON)
    (start_up / "PERSONAL.XLSB").write_bytes(b"the user's own macros")
    uninstall(env)
    assert [path.name for path in start_up.iterdir()] == ["PERSONAL.XLSB"]


def test_a_download_mark_on_the_installed_addin_is_taken_off(env: dict[str, str], start_up: Path) -> None:
    install(env, PYTHON)
    mark = start_up / "nianbao.xlam:Zone.Identifier"
    mark.write_text("[ZoneTransfer]\nZoneId=3\n", encoding="ascii")
    assert install(env, PYTHON)[0].startswith("已安装加载项")
    assert not mark.exists()


def test_a_damaged_record_does_not_stop_uninstalling(
    env: dict[str, str], profile: Path, start_up: Path
) -> None:
    install(env, PYTHON)
    (profile / "Roaming" / "nianbao" / "install.json").write_text('{"created": 3', encoding="utf-8")
    uninstall(env)
    assert not (start_up / "nianbao.xlam").exists()


def test_without_a_windows_profile_one_sentence_says_what_to_do() -> None:
    with pytest.raises(Unreadable, match=r"APPDATA.*请在 Windows 上"):
        install({}, PYTHON)


def test_an_interpreter_that_does_not_exist_is_refused_and_nothing_is_created(
    env: dict[str, str], profile: Path
) -> None:
    before = everything(profile)
    with pytest.raises(Unreadable, match="没有这个 Python 程序"):
        install(env, profile / "python.exe")
    assert everything(profile) == before


@pytest.mark.parametrize("sign", ["%", '"', "\n"])
def test_an_interpreter_path_the_launcher_would_misread_is_refused(
    env: dict[str, str], tmp_path: Path, sign: str
) -> None:
    python = tmp_path / f"a{sign}b"
    python.touch()
    with pytest.raises(Unreadable, match="路径中有 % 或引号"):
        install(env, python)


def test_a_folder_in_the_addins_place_is_told_as_a_sentence_not_a_traceback(
    env: dict[str, str], start_up: Path
) -> None:
    (start_up / "nianbao.xlam").mkdir(parents=True)
    with pytest.raises(Unreadable, match="关闭所有 Excel 窗口"):
        install(env, PYTHON)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", SHIPPED[:4000], b"\xd0\xcf\x11\xe0"])
def test_damaged_or_foreign_bytes_are_never_taken_for_ours(content: bytes) -> None:
    assert not is_ours(content)
    assert interpreter_in(content) == ""


def test_installing_does_not_need_the_library_that_builds_the_addin(
    env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyopenvba", None)
    assert install(env, PYTHON)[0].startswith("已安装加载项")
