"""What doctor tells the user, with a profile folder and a registry that stand in for Windows' own."""

import sys
import zipfile
from pathlib import Path

import pytest

from nianbao.core.files import shipped
from nianbao.excel.doctor import Check, Registry, doctor, examine
from nianbao.excel.install import install, pack, with_interpreter
from support.interpreters import interpreter

PYTHON = Path(sys.executable)
EXCEL = r"C:\Program Files\Microsoft Office\Root\Office16\EXCEL.EXE /automation"
CLSID = "{00024500-0000-0000-C000-000000000046}"
SECURITY = r"Software\Microsoft\Office\16.0\Excel\Security"
POLICY = r"Software\Policies\Microsoft\Office\16.0\Excel\Security"
Answers = dict[tuple[str, str, str], str | int]


def registry(extra: Answers | None = None, server: str = EXCEL) -> Registry:
    answers: Answers = {
        ("HKCR", r"Excel.Application\CLSID", ""): CLSID,
        ("HKCR", rf"CLSID\{CLSID}\LocalServer32", ""): server,
        **(extra or {}),
    }
    return lambda root, key, name: answers.get((root, key, name))


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return {"APPDATA": str(tmp_path / "Roaming"), "LOCALAPPDATA": str(tmp_path / "Local"), "PATH": ""}


def addin(env: dict[str, str]) -> Path:
    return Path(env["APPDATA"], "Microsoft", "Excel", "XLSTART", "nianbao.xlam")


def told(env: dict[str, str], name: str, read: Registry | None = None) -> Check:
    return next(check for check in examine(env, read) if check.name == name)


@pytest.mark.long
def test_a_good_installation_passes_every_check_that_applies(env: dict[str, str]) -> None:
    install(env, PYTHON)
    checks = {check.name: check for check in doctor(env, registry())}
    expected = [
        "Python",
        "Excel 注册",
        "加载项",
        "下载标记",
        "宏设置",
        "受信任位置",
        "启动程序",
        "日志",
        "LibreOffice",
        "xlwings",
    ]
    assert list(checks) == [*expected, "加载项所用 Python"]
    assert [name for name, check in checks.items() if check.ok is not True] == ["LibreOffice"]


@pytest.mark.long
def test_every_failure_says_what_to_do(env: dict[str, str]) -> None:
    failed = [check for check in doctor(env, lambda root, key, name: None) if check.ok is False]
    assert {check.name for check in failed} == {"Excel 注册", "加载项", "LibreOffice"}
    assert all(check.todo for check in failed)


def test_python_and_its_bitness_are_told(env: dict[str, str]) -> None:
    says = told(env, "Python").says
    assert f"Python {sys.version_info.major}.{sys.version_info.minor}" in says and "64 位" in says


@pytest.mark.long
def test_xlwings_is_asked_of_the_interpreter_run_in_isolation(env: dict[str, str]) -> None:
    assert "可调用年报工具" in told(env, "xlwings").says


def test_wps_in_excels_place_is_named_with_the_way_to_undo_it(env: dict[str, str]) -> None:
    wps = r"C:\Users\wang\AppData\Local\Kingsoft\WPS Office\12.1.0\office6\et.exe /Automation"
    check = told(env, "Excel 注册", registry(server=wps))
    assert check.ok is False
    assert "WPS 接管了 Excel.Application" in check.says and "兼容第三方系统和软件" in check.todo


def test_a_32_bit_excel_is_found_too(env: dict[str, str]) -> None:
    answers: Answers = {
        ("HKCR", r"Excel.Application\CLSID", ""): CLSID,
        ("HKCR", rf"WOW6432Node\CLSID\{CLSID}\LocalServer32", ""): EXCEL,
    }
    check = told(env, "Excel 注册", lambda root, key, name: answers.get((root, key, name)))
    assert check == Check("Excel 注册", True, EXCEL)


def test_without_excel_the_command_line_is_pointed_to(env: dict[str, str]) -> None:
    check = told(env, "Excel 注册", lambda root, key, name: None)
    assert check.ok is False and "nianbao validate" in check.todo


@pytest.mark.long
def test_on_another_system_what_only_windows_has_is_marked_as_not_applying() -> None:
    checks = {check.name: check.ok for check in doctor({"PATH": ""})}
    assert checks["Excel 注册"] is None and checks["加载项"] is None
    assert checks["宏设置"] is None and checks["受信任位置"] is None


def test_a_missing_addin_names_the_place_and_the_usual_cause(env: dict[str, str]) -> None:
    check = told(env, "加载项")
    assert check.ok is False
    assert str(addin(env)) in check.says and "nianbao install" in check.todo and "杀毒软件" in check.todo


def test_an_altered_addin_is_noticed(env: dict[str, str]) -> None:
    install(env, PYTHON)
    with zipfile.ZipFile(addin(env)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    ribbon = parts["customUI/customUI14.xml"]
    parts["customUI/customUI14.xml"] = ribbon.replace("校验年报".encode(), "校验月报".encode())
    addin(env).write_bytes(pack(parts))
    check = told(env, "加载项")
    assert check.ok is False and "不一致" in check.says


def test_a_foreign_file_of_the_same_name_is_noticed(env: dict[str, str]) -> None:
    addin(env).parent.mkdir(parents=True)
    addin(env).write_bytes(b"another add-in")
    assert "不是年报加载项" in told(env, "加载项").says


def test_a_download_mark_is_noticed(env: dict[str, str]) -> None:
    install(env, PYTHON)
    addin(env).with_name("nianbao.xlam:Zone.Identifier").write_text("[ZoneTransfer]\nZoneId=3\n", "ascii")
    check = told(env, "下载标记")
    assert check.ok is False and "解除锁定" in check.todo


def test_an_addin_without_an_interpreter_is_noticed(env: dict[str, str]) -> None:
    addin(env).parent.mkdir(parents=True)
    addin(env).write_bytes(shipped("workbook/nianbao.xlam").read_bytes())
    assert told(env, "加载项").ok is True
    assert told(env, "加载项所用 Python").says == "加载项中没有写入 Python 的位置"


def test_an_interpreter_that_has_gone_is_noticed(env: dict[str, str]) -> None:
    install(env, PYTHON)
    addin(env).write_bytes(with_interpreter(addin(env).read_bytes(), r"D:\old\python.exe"))
    check = told(env, "加载项所用 Python")
    assert check.ok is False and r"D:\old\python.exe" in check.says


def test_an_interpreter_without_our_package_is_noticed(env: dict[str, str], tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    install(env, interpreter(bare))
    bare.write_text("#!/bin/sh\necho \"No module named 'nianbao'\" >&2\nexit 1\n", encoding="ascii")
    check = told(env, "加载项所用 Python")
    assert check.ok is False
    assert "No module named 'nianbao'" in check.says and "-m pip install nianbao" in check.todo


def test_a_policy_that_keeps_office_from_starting_programs_is_noticed(env: dict[str, str]) -> None:
    rules = r"SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"
    answers: Answers = {("HKLM", rules, "D4F940AB-401B-4EFC-AADC-AD5F3C50688A"): "1"}
    check = told(env, "启动程序", registry(answers))
    assert check.ok is False and "nianbao excel validate" in check.todo and "年报校验.html" in check.todo


def test_an_interpreter_that_cannot_run_is_noticed(env: dict[str, str], tmp_path: Path) -> None:
    text = tmp_path / "python.exe"
    install(env, interpreter(text))
    text.write_text("no program", encoding="ascii")
    text.chmod(0o644)
    assert told(env, "加载项所用 Python").says.startswith("无法运行")


@pytest.mark.parametrize("key", [SECURITY, POLICY])
def test_the_start_up_folder_missing_among_trusted_locations_is_noticed(
    env: dict[str, str], key: str
) -> None:
    other = {("HKCU", rf"{key}\Trusted Locations\Location2", "Path"): r"C:\Templates\ "}
    check = told(env, "受信任位置", registry({**other}))
    assert check.ok is False and "XLSTART" in check.todo


@pytest.mark.parametrize(
    "path", [r"%APPDATA%\Microsoft\Excel\XLSTART", r"%AppData%\microsoft\excel\xlstart" + "\\"]
)
def test_the_start_up_folder_is_recognised_however_the_registry_spells_it(
    env: dict[str, str], path: str
) -> None:
    listed: Answers = {
        ("HKCU", rf"{SECURITY}\Trusted Locations\Location0", "Path"): r"C:\Templates",
        ("HKCU", rf"{SECURITY}\Trusted Locations\Location1", "Path"): path,
    }
    assert told(env, "受信任位置", registry(listed)).ok is True


def test_trusted_locations_switched_off_by_policy_are_noticed(env: dict[str, str]) -> None:
    check = told(
        env, "受信任位置", registry({("HKCU", rf"{POLICY}\Trusted Locations", "AllLocationsDisabled"): 1})
    )
    assert check.ok is False and "管理员" in check.todo


def test_disabled_macros_do_not_matter_in_a_trusted_location(env: dict[str, str]) -> None:
    assert told(env, "宏设置", registry({("HKCU", SECURITY, "VBAWarnings"): 4})).ok is True


def test_disabled_macros_outside_trusted_locations_are_noticed(env: dict[str, str]) -> None:
    off: Answers = {
        ("HKCU", rf"{POLICY}\Trusted Locations", "AllLocationsDisabled"): 1,
        ("HKCU", SECURITY, "VBAWarnings"): 4,
    }
    check = told(env, "宏设置", registry(off))
    assert check.ok is False and "VBAWarnings=4" in check.says


def test_the_administrators_setting_goes_before_the_users_own(env: dict[str, str]) -> None:
    both: Answers = {
        ("HKCU", rf"{SECURITY}\Trusted Locations", "AllLocationsDisabled"): 1,
        ("HKCU", POLICY, "VBAWarnings"): 1,
        ("HKCU", SECURITY, "VBAWarnings"): 4,
    }
    assert told(env, "宏设置", registry(both)).ok is True


@pytest.mark.parametrize("name", ["DisableAllAddins", "RequireAddinSig"])
def test_addins_switched_off_by_policy_are_noticed(env: dict[str, str], name: str) -> None:
    check = told(env, "宏设置", registry({("HKCU", POLICY, name): 1}))
    assert check.ok is False and "管理员" in check.todo and "年报校验.html" in check.todo


def test_a_check_reads_as_a_line_with_what_to_do_below() -> None:
    assert str(Check("加载项", False, "没有找到", "运行 nianbao install")) == (
        "✗ 加载项：没有找到\n    怎么办：运行 nianbao install"
    )
    assert str(Check("加载项", True, "已安装")) == "✓ 加载项：已安装"
