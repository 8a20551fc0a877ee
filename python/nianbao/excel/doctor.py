"""What stands between this user and a working ribbon, each with what to do about it, in Chinese."""

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from nianbao import __version__
from nianbao.core.files import Unreadable, shipped
from nianbao.excel.install import ADDIN, interpreter_in, is_ours, places, versions, with_interpreter

Registry = Callable[[str, str, str], str | int | None]
"""(root "HKCU" | "HKCR" | "HKLM", key, value name; "" for the default value) → text or number, None where there is none."""


def this_machine() -> Registry | None:
    """This machine's registry; None where it has none (not Windows)."""
    if sys.platform == "win32":
        import winreg

        roots = {
            "HKCU": winreg.HKEY_CURRENT_USER,
            "HKCR": winreg.HKEY_CLASSES_ROOT,
            "HKLM": winreg.HKEY_LOCAL_MACHINE,
        }

        def read(root: str, key: str, name: str) -> str | int | None:
            try:
                with winreg.OpenKey(roots[root], key) as opened:
                    value = winreg.QueryValueEx(opened, name)[0]
            except OSError:
                return None
            return value if isinstance(value, str | int) else None

        return read
    return None


_VERSIONS = ("16.0", "15.0", "14.0")  # Office 2016 to Microsoft 365, 2013, 2010
_WPS = ("kingsoft", "wps", "\\et.exe")
_LOCATIONS = r"Security\Trusted Locations"
_REINSTALL = "运行 nianbao install"
#: What works where neither Excel's buttons nor Python may run.
_PAGE = "或改用网页版“年报校验.html”（不用安装，双击用浏览器打开）"
#: The rule “Block all Office applications from creating child processes” and where policy switches it on (1).
_NO_CHILDREN = "D4F940AB-401B-4EFC-AADC-AD5F3C50688A"
_ASR = r"SOFTWARE\Policies\Microsoft\Windows Defender\Windows Defender Exploit Guard\ASR\Rules"


class Check(NamedTuple):
    """One thing looked at: ok is None where it does not apply here or cannot be told."""

    name: str
    ok: bool | None
    says: str
    todo: str = ""

    def __str__(self) -> str:
        mark = {True: "✓", False: "✗", None: "－"}[self.ok]
        return f"{mark} {self.name}：{self.says}" + (f"\n    怎么办：{self.todo}" if self.todo else "")


def doctor(env: Mapping[str, str], registry: Registry | None = None) -> list[Check]:
    """Every check. Paths come from the environment given; the registry is this machine's unless one is given."""
    return list(examine(env, registry))


def examine(env: Mapping[str, str], registry: Registry | None = None) -> Iterator[Check]:
    """The checks one by one, the two that start an interpreter (about half a second each) last."""
    read = registry or this_machine()
    yield _python()
    yield _excel(read)
    yield from _addin(env)
    yield _macros(env, read)
    yield _trusted(env, read)
    yield _child_processes(read)
    yield _log_folder(env)
    yield _libreoffice(env)
    yield _callable("xlwings", Path(sys.executable))
    yield _interpreter(env)


def _python() -> Check:
    bits = 64 if sys.maxsize > 2**32 else 32
    says = f"Python {platform.python_version()}（{bits} 位），年报工具 {__version__}，位于 {sys.executable}"
    return Check("Python", sys.version_info >= (3, 11), says)


def _callable(name: str, python: Path) -> Check:
    """Whether the interpreter finds our package and xlwings just as the launcher calls it."""
    try:
        ours, xlwings = versions(python)
    except Unreadable as problem:
        return Check(name, False, problem.what, problem.todo)
    return Check(name, True, f"{python} 可调用年报工具 {ours} 和 xlwings {xlwings}")


def _excel(read: Registry | None) -> Check:
    """Who answers to Excel.Application: Excel, WPS in its place, or nobody."""
    name = "Excel 注册"
    if read is None:
        return Check(name, None, "本机不是 Windows，不适用")
    server = _server(read)
    if not server:
        todo = "安装 Microsoft Excel；只有 WPS 时请用命令行 nianbao validate 工作簿.xlsx，" + _PAGE
        return Check(name, False, "没有找到 Excel（Excel.Application 未注册）", todo)
    if any(sign in server.casefold() for sign in _WPS):
        todo = (
            "打开“WPS Office 配置工具”→“高级”→“兼容设置”，取消“WPS Office 兼容第三方系统和软件”，"
            "再对 Microsoft Office 执行“快速修复”"
        )
        return Check(name, False, f"WPS 接管了 Excel.Application：{server}", todo)
    return Check(name, True, server)


def _server(read: Registry) -> str:
    clsid = read("HKCR", r"Excel.Application\CLSID", "")
    keys = (rf"CLSID\{clsid}\LocalServer32", rf"WOW6432Node\CLSID\{clsid}\LocalServer32")
    return next((str(entry) for key in keys if clsid and (entry := read("HKCR", key, ""))), "")


def _addin(env: Mapping[str, str]) -> Iterator[Check]:
    """The add-in in place, unaltered and not marked as downloaded."""
    if not env.get("APPDATA"):
        says = "没有 Excel 的用户文件夹（APPDATA 为空），不适用；可用命令行，或在 LibreOffice 中校验"
        yield Check("加载项", None, says)
        return
    path = places(env).addin
    installed = _installed(env)
    if installed is None:
        yield Check("加载项", False, f"没有找到 {path}", f"{_REINSTALL}；若曾安装，请检查杀毒软件的隔离记录")
        return
    yield _unaltered(path, installed)
    yield _mark(places(env).mark)


def _installed(env: Mapping[str, str]) -> bytes | None:
    try:
        return places(env).addin.read_bytes() if env.get("APPDATA") else None
    except OSError:
        return None


def _unaltered(path: Path, installed: bytes) -> Check:
    if not is_ours(installed):
        return Check("加载项", False, f"{path} 不是年报加载项", f"{_REINSTALL}（原文件会保留备份）")
    fresh = with_interpreter(shipped(f"workbook/{ADDIN}").read_bytes(), interpreter_in(installed))
    if installed != fresh:
        return Check(
            "加载项", False, f"{path} 与本版本 {__version__} 的加载项不一致（旧版或被改动）", _REINSTALL
        )
    return Check("加载项", True, f"{path}（版本 {__version__}）")


def _mark(mark: Path) -> Check:
    if mark.exists():
        todo = "在文件属性中勾选“解除锁定”，或" + _REINSTALL
        return Check("下载标记", False, "加载项带有“来自互联网”标记，Excel 会阻止其中的宏", todo)
    return Check("下载标记", True, "没有“来自互联网”标记")


def _interpreter(env: Mapping[str, str]) -> Check:
    name = "加载项所用 Python"
    installed = _installed(env)
    if installed is None:
        return Check(name, None, "没有安装加载项")
    python = interpreter_in(installed)
    if not python:
        return Check(name, False, "加载项中没有写入 Python 的位置", _REINSTALL)
    if not Path(python).is_file():
        return Check(name, False, f"加载项中写的 Python 已不存在：{python}", f"用现有的 Python {_REINSTALL}")
    return _callable(name, Path(python))


def _settings(read: Registry, name: str, under: str = "Security") -> list[int | str]:
    """What Excel's settings say; what the administrator prescribes goes before the user's own."""
    roots = (r"Software\Policies\Microsoft\Office", r"Software\Microsoft\Office")
    keys = [rf"{root}\{version}\Excel\{under}" for root in roots for version in _VERSIONS]
    return [entry for key in keys if (entry := read("HKCU", key, name)) is not None]


def _macros(env: Mapping[str, str], read: Registry | None) -> Check:
    """Whether Excel's settings let the add-in run; a trusted location is exempt from all but the first two."""
    name = "宏设置"
    if read is None:
        return Check(name, None, "本机不是 Windows，不适用")
    ask = "请信息化管理员放行年报加载项，或改用命令行 nianbao validate 工作簿.xlsx，" + _PAGE
    if _settings(read, "DisableAllAddins")[:1] == [1]:
        return Check(name, False, "Excel 设置为禁用所有应用程序加载项", ask)
    if _settings(read, "RequireAddinSig")[:1] == [1]:
        return Check(name, False, "Excel 设置为只运行有签名的加载项，年报加载项没有签名", ask)
    if _trusted(env, read).ok is not False:
        return Check(name, True, "启动文件夹受信任，其中的宏不受宏安全级别限制")
    level = next(iter(_settings(read, "VBAWarnings")), None)
    if level in (3, 4):
        return Check(
            name, False, f"宏被禁用（VBAWarnings={level}），且启动文件夹不受信任", "先按“受信任位置”一项处理"
        )
    if _settings(read, "blockcontentexecutionfrominternet")[:1] == [1]:
        return Check(name, None, "来自互联网的宏会被阻止；加载项没有下载标记时不受影响")
    return Check(name, True, "打开 Excel 时可能提示是否启用宏，选择“启用”即可")


def _trusted(env: Mapping[str, str], read: Registry | None) -> Check:
    name = "受信任位置"
    if read is None or not env.get("APPDATA"):
        return Check(name, None, "本机不是 Windows，不适用")
    todo = "Excel“选项”→“信任中心”→“受信任位置”中添加 " + str(places(env).addin.parent)
    if _settings(read, "AllLocationsDisabled", _LOCATIONS)[:1] == [1]:
        return Check(name, False, "Excel 设置为禁用所有受信任位置", "请信息化管理员放开此设置")
    known = [_plain(str(path), env) for path in _locations(read)]
    if known and _plain(str(places(env).addin.parent), env) not in known:
        return Check(name, False, "受信任位置中没有 Excel 的用户启动文件夹", todo)
    return Check(name, True, "Excel 的用户启动文件夹受信任" + ("" if known else "（默认）"))


def _locations(read: Registry) -> list[str | int]:
    return [
        path for number in range(21) for path in _settings(read, "Path", rf"{_LOCATIONS}\Location{number}")
    ]


def _plain(path: str, env: Mapping[str, str]) -> str:
    """A path fit to compare: variables filled in, one kind of slash, no case."""
    filled = path.casefold().replace("%appdata%", env["APPDATA"].casefold())
    return filled.replace("\\", "/").rstrip("/")


def _child_processes(read: Registry | None) -> Check:
    """Whether an attack surface reduction rule keeps Office from starting programs."""
    name = "启动程序"
    if read is None:
        return Check(name, None, "本机不是 Windows，不适用")
    if str(read("HKLM", _ASR, _NO_CHILDREN)) == "1":
        todo = "请信息化管理员为 Excel 放行；或保持工作簿打开，在命令行运行 nianbao excel validate；" + _PAGE
        return Check(name, False, "安全策略禁止 Office 启动其他程序，功能区按钮不能运行", todo)
    return Check(name, True, "没有禁止 Office 启动其他程序的策略")


def _log_folder(env: Mapping[str, str]) -> Check:
    """Whether the log of the buttons can be written."""
    name = "日志"
    if not env.get("APPDATA"):
        return Check(name, None, "没有 Excel 的用户文件夹，不适用")
    log = places(env).log
    nearest = next(folder for folder in (log.parent, *log.parents) if folder.exists())
    if not os.access(nearest, os.W_OK):
        return Check(name, False, f"{log} 不能写入", f"请检查文件夹 {nearest} 的权限")
    return Check(name, True, str(log))


def _libreoffice(env: Mapping[str, str]) -> Check:
    name = "LibreOffice"
    program = shutil.which("soffice", path=env.get("PATH", os.defpath))
    if program:
        return Check(name, True, program)
    if os.name == "nt":
        return Check(name, None, "没有安装；用 Excel 时不需要")
    return Check(
        name,
        False,
        "没有找到 soffice",
        "安装 LibreOffice Calc（Debian：apt install libreoffice-calc python3-uno）",
    )
