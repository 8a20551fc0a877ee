"""The demonstration: real figures filled in, validated, a slip planted, found, flagged; everything published."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from nianbao.checks.validate import validate
from nianbao.core.equation import totals
from nianbao.core.finding import Finding, count
from nianbao.core.grid import Cell
from nianbao.core.report import Report, parse, with_figures
from nianbao.publish import publish_report
from nianbao.workbook.marks import mark
from nianbao.workbook.reader import read
from nianbao.workbook.writer import write

SOURCE = Path(__file__).with_name("hubei-2021.json")
#: The slip that is planted: two digits of one figure exchanged, as fingers do.
SLIP, RIGHT, WRONG = Cell("requests", "granted", "natural"), 163, 136

#: What is published, in the order of interest: the end of a name, and what to say of it.
PUBLISHED = {
    "报告.html": "发布的网页",
    "报告.docx": "发布的 Word 文档",
    ".png": "一图读懂，可直接发布",
    ".svg": "一图读懂，放大不失真",
    ".html": "粘贴到网站编辑器的片段",
    ".json": "交换数据",
    ".csv": "表格数据",
    "导出清单.json": "各文件的指纹，供 nianbao verify 核对有没有被改动",
}

Say = Callable[[str], Any]


def run(folder: Path, say: Say) -> None:
    """Write the demonstration's files into ``folder``, telling step by step what happens."""
    folder.mkdir(parents=True, exist_ok=True)
    report = parse(SOURCE.read_bytes(), SOURCE.name)
    book = _fill(report, folder, say)
    slipped = _slip(read(book), folder, say)
    _publish(read(book), folder, say)
    say("\n请打开看看：")
    for path, words in _results(folder, book, slipped):
        say(f"  {path}　{words}")


def _fill(report: Report, folder: Path, say: Say) -> Path:
    book = _free(folder / "年报-湖北省人社厅-2021.xlsx")
    write(report, book)
    findings = validate(read(book))
    say(f"1. 把 {report.agency} {report.year} 年的真实数字填入模板：{book.name}")
    say(f"   校验：强制性问题 {count(findings, 'error')} 个，核实性问题 {count(findings, 'verify')} 个。")
    return book


def _slip(report: Report, folder: Path, say: Say) -> Path:
    slipped = with_figures(report, {SLIP: WRONG})
    filled = report.form.filled  # totals are formulas in the template and follow
    slipped = with_figures(slipped, totals(filled, slipped.figures, filled))
    book = _free(folder / "年报-填错一处.xlsx")
    write(slipped, book)
    findings = validate(read(book))
    say(f"2. 故意填错一处：“{report.form.name(SLIP)}”由 {RIGHT} 错填为 {WRONG}。校验发现：")
    for finding in findings:
        if finding.severity == "error":
            say(f"   ✗ {finding.message}")
    flagged = _free(folder / "年报-填错一处.校验.xlsx")
    mark(book, flagged, read(book), findings)
    say(f"3. 在单元格上标出并附批注，另存为 {flagged.name}")
    return flagged


def _publish(report: Report, folder: Path, say: Say) -> None:
    findings: list[Finding] = validate(report)
    kinds = ("html", "docx", "json", "csv", "infographic")
    written = publish_report(report, findings, kinds, folder).paths
    say(f"4. 从正确的工作簿导出 {len(written)} 个文件，逐个读回核对无误：")
    for path in written:
        say(f"   {path.name}")
    say("   PDF 用 nianbao export … --to pdf 导出，需要本机装有 LibreOffice 或 Word。")


def _results(folder: Path, book: Path, flagged: Path) -> Iterator[tuple[Path, str]]:
    yield book, "填好的工作簿（校验通过）"
    yield flagged, "标出问题的工作簿：先看“三、申请办理”和“校验结果”"
    yield flagged.with_name("年报-填错一处.xlsx"), "填错一处、还没有标记的工作簿"
    published = [*sorted(folder.glob("*报告*")), *folder.glob("导出清单.json")]
    ends = {path: max((end for end in PUBLISHED if path.name.endswith(end)), key=len) for path in published}
    for end, words in PUBLISHED.items():
        yield from ((path, words) for path in published if ends[path] == end)


def _free(path: Path) -> Path:
    """The path, an earlier run's file of that name taken away."""
    with suppress(FileNotFoundError):
        path.unlink()
    return path
