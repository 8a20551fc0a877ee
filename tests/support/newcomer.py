"""What a newcomer finds on the first day: a roster of forty units, and forty mixed files that they sent."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl

from nianbao.core.grid import Cell
from nianbao.core.report import Report, with_figures
from nianbao.workbook.writer import blank
from support.books import write
from support.build import FORM
from support.documents import as_word
from support.units import LICENSING, YEAR, save, unit

#: The roster in its order: departments of a county, then its towns.
NAMES = tuple(
    f"青山县{name}"
    for name in (
        "人民政府办公室", "发展和改革委员会", "教育局", "工业和信息化局", "公安局", "民政局", "司法局", "财政局",
        "人力资源和社会保障局", "自然资源和规划局", "住房和城乡建设局", "交通运输局", "农业农村局", "水利局", "文化广电和旅游局",
        "卫生健康委员会", "退役军人事务局", "应急管理局", "审计局", "市场监督管理局", "统计局", "医疗保障局", "信访局",
        "城市管理综合执法局", "林业局", "行政审批服务局", "生态环境分局", "气象局", "税务局", "供销合作社", "河口镇人民政府",
        "石桥镇人民政府", "大营镇人民政府", "东安镇人民政府", "柳林镇人民政府", "白塔乡人民政府", "龙泉乡人民政府",
        "城关街道办事处", "北关街道办事处", "南关街道办事处",
    )
)  # fmt: skip
MISSING = tuple(NAMES[n] for n in (27, 35, 38))
SHORT: Mapping[str, str] = {
    NAMES[1]: "县发改委", NAMES[8]: "人社局", NAMES[10]: "青山县住建局", NAMES[15]: "县卫健委", NAMES[14]: "文旅局",
}  # fmt: skip
TWO_VERSIONS, SENT_TWICE, LAST_YEAR, AS_WORD, AS_XLS = NAMES[5], NAMES[7], NAMES[12], NAMES[13], NAMES[18]
SLIPPED, WITH_UNIT, BLANK = NAMES[20], NAMES[21], NAMES[24]
RETURNED = (TWO_VERSIONS, LAST_YEAR, AS_WORD, AS_XLS, SLIPPED, WITH_UNIT)
#: Sent as workbooks; the others as data, which takes a test less time.
BOOKS = frozenset((*SHORT, TWO_VERSIONS, SLIPPED, WITH_UNIT, *NAMES[30:32]))
RECEIVED = Cell("requests", "received", "total")


def sound(number: int) -> Report:
    """The report of the unit of that number, before anything happens to it."""
    report = unit(number + 1, blanks=False)
    return replace(report, agency=NAMES[number], agency_code="")


def counted() -> list[Report]:
    """The reports that are to be added up."""
    out = {*MISSING, *RETURNED, BLANK}
    return [sound(n) for n, name in enumerate(NAMES) if name not in out]


def plant(folder: Path, *, programs: bool = False) -> None:
    """Put the files into a folder; with ``programs`` one of them is an old ``.xls``, made by LibreOffice."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(NAMES):
        if name in (*MISSING, BLANK, AS_WORD, AS_XLS):
            continue
        report = _odd(sound(number))
        save(report, folder / f"{report.agency}{'.xlsx' if name in BOOKS else '.json'}")
    number = NAMES.index(TWO_VERSIONS)
    later = with_figures(sound(number), {LICENSING: 9_999})
    save(later, folder / f"{TWO_VERSIONS}（定稿）.xlsx")
    save(sound(NAMES.index(SENT_TWICE)), folder / f"{SENT_TWICE}(1).json")
    (folder / f"{AS_WORD}.docx").write_bytes(as_word(sound(NAMES.index(AS_WORD))))
    write(blank(FORM, YEAR, ""), folder / f"{BLANK}.xlsx")
    (folder / "通知.txt").write_text("请各单位于1月20日前报送。", encoding="utf-8")
    (folder / f"~${NAMES[0]}.xlsx").write_bytes(b"lock")
    _old_workbook(sound(NAMES.index(AS_XLS)), folder, programs)


def _odd(report: Report) -> Report:
    """The report as that unit sent it."""
    if report.agency == LAST_YEAR:
        return replace(report, year=YEAR - 1)
    if report.agency == SLIPPED:
        return with_figures(report, {RECEIVED: (report.figures[RECEIVED] or 0) + 90})
    if report.agency == WITH_UNIT:
        return with_figures(report, {LICENSING: f"{report.figures[LICENSING]}件"})
    return replace(report, agency=SHORT.get(report.agency, report.agency))


def _old_workbook(report: Report, folder: Path, programs: bool) -> None:
    target = folder / f"{report.agency}.xls"
    if not programs:
        target.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(8_000))
        return
    source = folder / f"{report.agency}.xlsx"
    write(report, source)
    program = shutil.which("soffice")
    assert program, "LibreOffice is needed: make setup installs it"
    command = [program, "--headless", "--convert-to", "xls:MS Excel 97", "--outdir", str(folder), str(source)]
    subprocess.run(
        [*command, f"-env:UserInstallation=file://{folder.parent}/profile"], check=True, capture_output=True
    )
    source.unlink()


def fill(settings: Path) -> None:
    """Fill in the workbook of settings as the officer does."""
    book = openpyxl.load_workbook(settings)
    answers = {
        "汇总单位": "青山县人民政府", "年度": YEAR, "截止日期": "2099年1月20日", "联系人": "李明",
        "电话": "0712-1234567", "落款": "青山县政务公开办公室",
    }  # fmt: skip
    for row in book["设置"].iter_rows(min_row=4):
        row[1].value = answers.get(row[0].value)
    for name in NAMES:
        book["名录"].append(
            [name, None, None, "青山县人民政府" if "镇" not in name else "青山县乡镇工作办公室"]
        )
    book.save(settings)
