"""The add-in: what it says by itself, its package, and putting it in and taking it out for the current user."""

import io
import json
import subprocess
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from nianbao import __version__
from nianbao.core.files import Unreadable, shipped

SHEET = "messages"
PYTHON = "message_python"  # the interpreter's path: empty as built, written by `nianbao install`

MESSAGES: dict[str, str] = {
    PYTHON: "",
    "message_title": "政府信息公开年报",
    "message_missing": (
        "没有找到运行年报工具所需的 Python。\n\n"
        "请在命令行运行 nianbao install，然后重新打开 Excel。\n"
        "仍有问题时运行 nianbao doctor，按提示处理。"
    ),
    "message_failed": (
        "本次操作没有完成，工作簿内容未被提交或发布。\n\n"
        "请先保存工作簿，再重试一次；仍不成功时运行 nianbao doctor，"
        "并把下面的日志文件交给信息化人员。\n\n退出代码与日志："
    ),
    "message_early": (
        "Python 没有启动成功，工作簿没有任何改动，也没有写下日志。\n\n"
        "请在命令行运行 nianbao doctor，按提示处理；急用时可先用命令行：nianbao validate 工作簿.xlsx --mark。\n\n退出代码："
    ),
    "message_blocked": (
        "系统不允许 Excel 启动其他程序（多为安全策略“阻止 Office 创建子进程”或杀毒软件拦截），工作簿没有任何改动。\n\n"
        "不改策略也能用：在“开始”菜单或命令行运行 nianbao excel validate（工作簿保持打开即可）；"
        "或请信息化管理员放行。"
    ),
    "message_busy": "年报工具正在启动……",
    "message_results": "校验结果",
    "message_stop": "第 %1 处，共 %2 处：",
    "message_no_list": "“校验结果”中没有列出问题。\n\n请先点“校验”；没有问题时不需要查看。",
    "message_mac": (
        "Mac 版 Excel 不允许加载项调用外部程序。\n\n"
        "请改用命令行：nianbao validate 工作簿.xlsx；各命令见 nianbao --help。"
    ),
    "message_help": (
        "当前工作簿中没有“填报说明”工作表。\n\n"
        "请先点“新建年报”建立本年度工作簿，或打开已有的年报工作簿，再点“使用说明”。"
    ),
    "message_help_sheet": "填报说明",
    "message_about": (
        f"政府信息公开工作年度报告工具 {__version__}\n\n"
        "填报、校验、汇总、导出。依据《政府信息公开条例》和国办公开办函〔2021〕30号格式。\n\n"
        "按钮不能运行（不许用宏或 Python）时，请用网页版“年报校验.html”：双击用浏览器打开，不用安装。\n\n"
        "正在使用的 Python："
    ),
}


XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
WORKBOOK_PART = "xl/workbook.xml"
SHEET_PART = "xl/worksheets/sheet1.xml"
RIBBON_PART = "customUI/customUI14.xml"
VBA_PART = "xl/vbaProject.bin"

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MICROSOFT = "http://schemas.microsoft.com/office"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def _relationships(*triples: tuple[str, str, str]) -> str:
    items = "".join(
        f'<Relationship Id="{name}" Type="{kind}" Target="{target}"/>' for name, kind, target in triples
    )
    return f'{XML}<Relationships xmlns="{_PACKAGE}/relationships">{items}</Relationships>'


_TYPES = (
    f'{XML}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/{WORKBOOK_PART}" '
    'ContentType="application/vnd.ms-excel.addin.macroEnabled.main+xml"/>'
    f'<Override PartName="/{SHEET_PART}" ContentType="{_SHEET}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET}.styles+xml"/>'
    "</Types>"
)
_STYLES = (
    f'{XML}<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<fonts count="1"><font><sz val="11"/><name val="宋体"/><family val="3"/><charset val="134"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
FIXED_PARTS = {
    "[Content_Types].xml": _TYPES,
    "_rels/.rels": _relationships(
        ("rId1", f"{_OFFICE}/officeDocument", WORKBOOK_PART),
        ("rId2", f"{_MICROSOFT}/2007/relationships/ui/extensibility", RIBBON_PART),
    ),
    "xl/_rels/workbook.xml.rels": _relationships(
        ("rId1", f"{_OFFICE}/worksheet", "worksheets/sheet1.xml"),
        ("rId2", f"{_OFFICE}/styles", "styles.xml"),
        ("rId3", f"{_MICROSOFT}/2006/relationships/vbaProject", "vbaProject.bin"),
    ),
    "xl/styles.xml": _STYLES,
}

_DATE = (1980, 1, 1, 0, 0, 0)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def pack(parts: Mapping[str, bytes]) -> bytes:
    """A zip of the parts in the order given, uncompressed, dated 1980-01-01."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.create_system = 0
            package.writestr(info, content)
    return out.getvalue()


def workbook_xml() -> str:
    """The hidden workbook of one sheet, with a defined name for each message's cell."""
    names = "".join(
        f'<definedName name="{name}">{SHEET}!$B${row}</definedName>'
        for name, row in sorted((name, row) for row, name in enumerate(MESSAGES, 1))
    )
    return (
        f'{XML}<workbook xmlns="{_MAIN}" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<workbookPr codeName="ThisWorkbook"/>'
        '<bookViews><workbookView visibility="hidden"/></bookViews>'
        f'<sheets><sheet name="{SHEET}" sheetId="1" r:id="rId1"/></sheets>'
        f"<definedNames>{names}</definedNames></workbook>"
    )


def sheet_xml(messages: Mapping[str, str]) -> str:
    """One row a message: its name in A, its text in B."""
    rows = "".join(
        f'<row r="{row}">{_text(f"A{row}", name)}{_text(f"B{row}", text)}</row>'
        for row, (name, text) in enumerate(messages.items(), 1)
    )
    return (
        f'{XML}<worksheet xmlns="{_MAIN}"><sheetPr codeName="Sheet1"/>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def _text(cell: str, text: str) -> str:
    return f'<c r="{cell}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


ADDIN = "nianbao.xlam"
_ASK = "import nianbao.excel, xlwings; print(nianbao.__version__, xlwings.__version__)"
_CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}c"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)  # RuntimeError: an encrypted part


class Places(NamedTuple):
    """Where the parts of an installation stand."""

    addin: Path
    state: Path
    log: Path

    @property
    def mark(self) -> Path:
        """The stream Windows attaches to files from the internet, for which Office blocks macros."""
        return self.addin.with_name(f"{ADDIN}:Zone.Identifier")

    @property
    def menu(self) -> Path:
        """The folder in the user's Start menu."""
        return self.addin.parents[2] / "Windows" / "Start Menu" / "Programs" / "政府信息公开年报"

    @property
    def record(self) -> Path:
        return self.state / "install.json"

    @property
    def backups(self) -> Path:
        return self.state / "backup"


#: Entries of the Start menu for desks whose Excel may not start programs: name and verb.
SHORTCUTS = {"新建年报": "new", "校验": "validate", "清除标记": "clear", "导出": "export_all"}
_OURS = "rem nianbao"


class Record(NamedTuple):
    """What an installation must undo: folders it made (outermost first) and files it moved (oldest first)."""

    created: tuple[str, ...] = ()
    backups: tuple[str, ...] = ()


def places(env: Mapping[str, str]) -> Places:
    """The places of this user's installation. Raises Unreadable where there is no %APPDATA%."""
    roaming = env.get("APPDATA", "")
    if not roaming:
        raise Unreadable(
            "Excel 启动文件夹",
            "没有找到（环境变量 APPDATA 为空）",
            "请在 Windows 上以使用 Excel 的用户身份运行",
        )
    local = env.get("LOCALAPPDATA") or roaming
    return Places(
        Path(roaming, "Microsoft", "Excel", "XLSTART", ADDIN),
        Path(roaming, "nianbao"),
        Path(local, "nianbao", "nianbao.log"),
    )


def install(env: Mapping[str, str], python: Path) -> list[str]:
    """Installs the add-in for the current user, to run the given interpreter; says in Chinese what was done.

    Doing it again changes nothing; a file of the same name that is not ours is kept and comes back on uninstall.
    Raises Unreadable when the interpreter cannot be used or a file is locked.
    """
    at = places(env)
    fresh = with_interpreter(shipped(f"workbook/{ADDIN}").read_bytes(), usable(python))
    versions(python)
    with _worded(at.addin):
        if at.addin.is_file() and not at.mark.exists() and at.addin.read_bytes() == fresh:
            return [f"加载项已是最新，无需改动：{at.addin}", *_next_step()]
        record = _prepare(at)
        kept = _keep_foreign(at, record)
        _write(at, fresh)
        _write_menu(at, python)
    return [*kept, f"已安装加载项：{at.addin}", f"加载项使用的 Python：{python}", *_next_step()]


def _next_step() -> list[str]:
    return ["请关闭并重新打开 Excel，功能区会出现“年报”选项卡；没有出现时请运行 nianbao doctor。"]


def uninstall(env: Mapping[str, str]) -> list[str]:
    """Takes the add-in out and puts everything back as it was; says in Chinese what was done."""
    at = places(env)
    with _worded(at.addin):
        record = _read_record(at)
        lines = [*_remove_addin(at), *_restore(at, record)]
        _remove_menu(at)
        for leftover in (at.record, at.log):
            leftover.unlink(missing_ok=True)
        for folder in (at.backups, at.log.parent, *map(Path, reversed(record.created))):
            _remove_if_empty(folder)
        kept = sorted(at.backups.iterdir()) if at.backups.is_dir() else []
    lines += [f"较早的备份仍保留：{path}" for path in kept]
    return lines or ["没有安装加载项，无需卸载。"]


def usable(python: Path) -> str:
    """The interpreter's path as it goes into the add-in, checked for what the launcher could misread."""
    path = str(python.absolute())
    if not python.is_file():
        raise Unreadable(path, "没有这个 Python 程序", "请用要安装的 Python 运行 nianbao install")
    if "windowsapps" in path.casefold():
        todo = "请从 Python 官方安装包安装 Python 3.11（不需要管理员权限），用它运行 nianbao install"
        raise Unreadable(path, "是 Microsoft Store 版 Python，它写的文件 Excel 看不到", todo)
    if set(path) & set('%"\r\n'):
        raise Unreadable(
            path, "Python 的路径中有 % 或引号，加载项无法调用", "请把 Python 装到不含这些字符的文件夹"
        )
    return path


def versions(python: Path) -> tuple[str, str]:
    """Our version and xlwings' as the interpreter answers when called as the launcher calls it.

    Raises Unreadable where it does not start or does not find them.
    """
    return _versions(python, python.stat().st_mtime_ns)


@cache
def _versions(python: Path, changed: int) -> tuple[str, str]:
    command = [str(python), "-P", "-E", "-c", _ASK]
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as refused:
        what = f"无法运行 {python}（{refused}）"
        raise Unreadable(str(python), what, "请重新安装 Python，再运行 nianbao install") from None
    if run.returncode:
        last = (run.stderr.strip().splitlines() or ["无输出"])[-1]
        todo = f'请运行 "{python}" -m pip install nianbao，再运行 nianbao install'
        raise Unreadable(str(python), f"{python} 找不到所需的包（{last}）", todo)
    ours, xlwings = run.stdout.split()
    return ours, xlwings


def with_interpreter(addin: bytes, python: str) -> bytes:
    """The add-in with the interpreter's path in its own sheet; every other part as it was."""
    with zipfile.ZipFile(io.BytesIO(addin)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts[SHEET_PART] = sheet_xml({**MESSAGES, PYTHON: python}).encode()
    return pack(parts)


def interpreter_in(addin: bytes) -> str:
    """The interpreter an installed add-in would run; empty for one that was not installed, or is not ours."""
    if not is_ours(addin):
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(addin)) as package:
            sheet = ElementTree.fromstring(package.read(SHEET_PART))
    except (KeyError, ElementTree.ParseError, *_BROKEN):
        return ""
    row = list(MESSAGES).index(PYTHON) + 1
    return next(("".join(cell.itertext()) for cell in sheet.iter(_CELL) if cell.get("r") == f"B{row}"), "")


def is_ours(addin: bytes) -> bool:
    """Whether these bytes are some version of our add-in, told by the callbacks in its ribbon."""
    try:
        with zipfile.ZipFile(io.BytesIO(addin)) as package, package.open(RIBBON_PART) as ribbon:
            return b'"NianbaoRibbon.' in ribbon.read(1 << 20)
    except (KeyError, *_BROKEN):
        return False


def _prepare(at: Places) -> Record:
    """Makes the folders that are missing and notes which."""
    wanted = [
        folder
        for place in (at.state, at.addin.parent, at.menu)
        for folder in (*reversed(place.parents), place)
        if not folder.exists()
    ]
    at.addin.parent.mkdir(parents=True, exist_ok=True)
    at.state.mkdir(parents=True, exist_ok=True)
    at.menu.mkdir(parents=True, exist_ok=True)
    before = _read_record(at)
    created = dict.fromkeys((*before.created, *map(str, wanted)))
    record = before._replace(created=tuple(created))
    _save(at, record)
    return record


def _keep_foreign(at: Places, record: Record) -> list[str]:
    if not at.addin.exists() or is_ours(at.addin.read_bytes()):
        return []
    at.backups.mkdir(exist_ok=True)
    number = 1 + max((int(path.stem) for path in at.backups.glob("*.bak") if path.stem.isdigit()), default=0)
    backup = at.backups / f"{number}.bak"
    _save(at, record._replace(backups=(*record.backups, str(backup))))
    at.addin.replace(backup)
    return [f"原有同名文件不是年报加载项，已移到：{backup}（卸载时放回）"]


def _write(at: Places, content: bytes) -> None:
    fresh = at.state / f"{ADDIN}.tmp"
    fresh.write_bytes(content)
    try:
        fresh.replace(at.addin)
    finally:
        fresh.unlink(missing_ok=True)
    at.mark.unlink(missing_ok=True)


def _write_menu(at: Places, python: Path) -> None:
    """The verbs as entries of the Start menu; a file there that is not ours is left alone."""
    for name, verb in SHORTCUTS.items():
        entry = at.menu / f"{name}.cmd"
        if not entry.exists() or _is_our_entry(entry):
            command = f'"{python.absolute()}" -P -E -m nianbao excel {verb} || pause'
            lines = ("@echo off", _OURS, "chcp 65001 >nul", command, "")
            entry.write_text("\r\n".join(lines), encoding="utf-8", newline="")


def _is_our_entry(entry: Path) -> bool:
    with entry.open(encoding="utf-8", errors="replace") as file:
        return _OURS in file.read(200)


def _remove_menu(at: Places) -> None:
    for name in SHORTCUTS:
        entry = at.menu / f"{name}.cmd"
        if entry.is_file() and _is_our_entry(entry):
            entry.unlink()


def _remove_addin(at: Places) -> list[str]:
    if not at.addin.is_file():
        return []
    if not is_ours(at.addin.read_bytes()):
        return [f"同名文件不是年报加载项，未改动：{at.addin}"]
    at.addin.unlink()
    return [f"已卸载加载项：{at.addin}"]


def _restore(at: Places, record: Record) -> list[str]:
    """Puts the newest kept file back, unless something stands in its place."""
    last = next((Path(path) for path in reversed(record.backups) if Path(path).is_file()), None)
    if last is None or at.addin.exists():
        return []
    last.replace(at.addin)
    return [f"已放回原有的同名文件：{at.addin}"]


def _read_record(at: Places) -> Record:
    try:
        fields = json.loads(at.record.read_text(encoding="utf-8"))
        return Record(tuple(map(str, fields["created"])), tuple(map(str, fields["backups"])))
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return Record()


def _save(at: Places, record: Record) -> None:
    at.record.write_text(json.dumps(record._asdict(), ensure_ascii=False), encoding="utf-8")


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


@contextmanager
def _worded(addin: Path) -> Iterator[None]:
    try:
        yield
    except OSError as refused:
        why = refused.strerror or str(refused)
        todo = "请关闭所有 Excel 窗口后重试；仍不行时检查该文件夹的权限和杀毒软件的隔离记录"
        raise Unreadable(str(addin), f"无法读写（{why}）", todo) from refused
