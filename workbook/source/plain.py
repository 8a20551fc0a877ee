"""Builds ``workbook/样例/nianbao_plain.xlsm``: the verbs through plain xlwings. ``python workbook/source/plain.py``

A workbook of the form with mistakes in it, the macros of ``plain/`` beside xlwings' own module, a sheet of buttons and
the three functions of ``nianbao_plain.py``. Functions stand as text until they are imported into Excel.
"""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import addin
import samples

from nianbao.workbook.styles import Extra
from nianbao.workbook.writer import write

if TYPE_CHECKING:
    from xlsxwriter import Workbook

SOURCE = Path(__file__).with_name("plain")
TARGET = samples.FOLDER / "nianbao_plain.xlsm"
SHEET = "自建表格"
BUTTONS = {
    "校验": "NianbaoValidate",
    "清除标记": "NianbaoClear",
    "规范数字": "NianbaoTidy",
    "导入上年": "NianbaoImportPrevious",
    "导出": "NianbaoExport",
    "新建年报": "NianbaoNew",
    "汇总": "NianbaoConsolidate",
}
WORDS = (
    "不装“年报”加载项，用 xlwings 自带的 RunPython 调用同样的功能；只供自己设计表格的单位参考，正式填报请用模板和加载项。",
    "准备：安装 Python 3.11 和 nianbao（xlwings 一并装好），启用本工作簿的宏；Python 不在系统路径中的，"
    "在“xlwings.conf”工作表写明 Interpreter_Win。",
    "只打开自己的或可信的工作簿：RunPython 运行哪个程序由工作簿中的设置决定，这正是加载项不用它的原因。",
    "函数：在 Excel 信任中心勾选“信任对 VBA 工程对象模型的访问”，按 Alt+F8 运行 ImportPythonUDFs，再把 F 列的文字去掉前面的单引号回车。"
    "函数写在同一文件夹的 nianbao_plain.py 中，可以照着改。",
)
#: A list as somebody may have built it: item and figure; one digit too many in the last.
LIST = (
    ("一、本年新收·自然人", 11),
    ("二、上年结转·自然人", 1),
    ("（一）予以公开·自然人", 9),
    ("三、（七）总计·自然人", 10),
    ("四、结转下年度继续办理·自然人", 3),
    ("一、本年新收·总计", 11),
)
SENTENCE = "本机关全年新收政府信息公开申请12件。"
TOP = 9


def formulas() -> tuple[tuple[str, str], ...]:
    """What each function is for, and how it is written."""
    figures = f"A{TOP + 1}:B{TOP + len(LIST)}"
    return (
        ("这个数字有什么问题", f"=nianbao_cell(A{TOP + 1},B{TOP + 1})"),
        ("申请平衡（自然人）的差额", f'=nianbao_rule("申请平衡",{figures},"自然人")'),
        ("这句话与数字是否一致", f'=nianbao_sentence("{SENTENCE}",{figures})'),
    )


def macros() -> bytes:
    """The VBA project of xlwings' own standalone workbook with our module in place of its example."""
    import xlwings
    from pyopenvba import ExcelFile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "plain.xlsm")
        path.write_bytes(Path(xlwings.__file__).with_name("quickstart_standalone.xlsm").read_bytes())
        with ExcelFile(path) as book:
            project = book.vba_project()
            project.delete_module("Module1")
            for name, source in addin.sources(SOURCE).items():
                project.add_module(name, source)
            book.save()
        with ZipFile(path) as package:
            return package.read("xl/vbaProject.bin")


def _sheets(project: Path) -> Any:
    """Adds the sheet of buttons and of functions, and the macros."""

    def add(book: "Workbook", styles: object) -> None:
        book.add_vba_project(str(project))
        page = book.add_worksheet(SHEET)
        page.set_column("A:A", 34)
        page.set_column("B:D", 12)
        page.set_column("E:F", 30)
        wrapped = book.add_format({"text_wrap": True, "valign": "vcenter"})
        for row, words in enumerate(WORDS):
            page.merge_range(row, 0, row, 5, words, wrapped)
            page.set_row(row, 34)
        for n, (caption, macro) in enumerate(BUTTONS.items()):
            place = {"x_offset": 100 * n, "width": 92, "height": 30}
            page.insert_button(len(WORDS) + 1, 0, {"macro": macro, "caption": caption, **place})
        page.write_row(TOP - 1, 0, ("指标", "数字"))
        for row, line in enumerate(LIST, TOP):
            page.write_row(row, 0, line)
        for row, line in enumerate(formulas(), TOP):
            page.write_row(row, 4, line)

    return add


def build(target: Path) -> None:
    """Write the workbook; what is there already is replaced."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "vbaProject.bin")
        project.write_bytes(macros())
        write(samples.reports()["有错的年报.xlsx"], target, Extra(first=_sheets(project)))


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
