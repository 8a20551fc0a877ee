"""The add-in as a package: what it says by itself, the parts that never change, its zip and the interpreter it runs."""

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from nianbao import __version__

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
