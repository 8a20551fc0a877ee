"""Builds ``workbook/样例/``: what the manual speaks of, from one fictitious report. ``python workbook/source/samples.py``"""

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from openpyxl import load_workbook

from nianbao.consolidate.settings import write_settings
from nianbao.core.equation import added
from nianbao.core.grid import Cell
from nianbao.core.number import Figure
from nianbao.core.report import Report, dump, parse, with_figures
from nianbao.workbook.writer import write

SOURCE = Path(__file__).with_name("sample.json")
FOLDER = Path(__file__).parents[1] / "样例"
#: Last year: one request less received, one carried over.
LAST = {
    "requests.received.natural": 8,
    "requests.received.total": 10,
    "requests.carried_out.natural": 1,
    "requests.carried_out.total": 1,
    "disclosure.normative.in_force": 14,
}
#: What last year's report wrote; a text that is the same year after year is a finding.
LAST_TEXT = {
    "overview": (
        "2025年，青山县水利局围绕防汛抗旱、农村供水和河湖管护推进政务公开。",
        "主动公开方面，在县政府门户网站发布信息74条，公布防汛责任人名单和水库巡查结果。",
        "依申请公开方面，受理渠道保持畅通，全年新收申请11件，办结10件，均在期限内答复。",
        "规范性文件由法制机构每季度清理一次，现行有效的15件全部可以查到正文。",
        "平台由县融媒体中心统一维护，本局指定两名联络员；接受县政府办公室季度抽查，未发现问题。",
    ),
    "requests": ("当年收到的申请多数涉及移民后期扶持资金，继续办理2件。",),
    "problems": (
        "主要问题是公开内容偏重动态消息，群众关心的供水水质信息公布得少。",
        "改进情况：已按月公布水质检测结果；被行政复议纠正的1件已重新答复，并组织了学习。",
    ),
}
#: What is wrong in the sample with mistakes: two digits swapped, a unit typed along, a blank.
SLIPS: Mapping[str, Figure | str | None] = {
    "requests.granted.natural": 16,
    "disclosure.licensing.decisions": "48件",
    "disclosure.penalty.decisions": None,
}
#: The units of the folder and what is different in the report of each; the last one has not reported.
UNITS: Mapping[str, Mapping[str, Figure | str | None]] = {
    "青山县水利局": {},
    "青山县民政局": {"disclosure.licensing.decisions": 12, "disclosure.penalty.decisions": 0},
    "青山县卫生健康局": {"disclosure.licensing.decisions": 95, "requests.granted.natural": 16},
    "青山县教育局": {},
}
MISSING = "青山县教育局"
#: What the workbook of settings says.
SETTINGS = {
    "汇总单位": "青山县人民政府办公室",
    "年度": "2025",
    "报送文件夹": "报送",
    "截止日期": "2026年1月20日",
    "联系人": "李明",
    "电话": "0712-1234567",
}
ROSTER = "单位名称,代码,上级\n" + "".join(f"{name},QS{n:02},\n" for n, name in enumerate(UNITS, 1))
RULES = {
    "rules": [
        {"rule": "previous.jump", "off": True, "reason": "许可权限下放", "date": "2026-01-05"},
    ]
}


def reports() -> dict[str, Report]:
    """Each sample workbook's report, by its name within the folder."""
    now = parse(SOURCE.read_bytes(), SOURCE.name)
    text = {key: tuple(_last(p) for p in LAST_TEXT.get(key, said)) for key, said in now.narrative.items()}
    before = _changed(replace(now, year=2024, narrative=text, preamble=tuple(map(_last, now.preamble))), LAST)
    filled = replace(now, previous=before)
    made = {"去年的年报.xlsx": before, "填好的年报.xlsx": filled, "有错的年报.xlsx": _changed(filled, SLIPS)}
    units = {
        name: _changed(_renamed(now, name), differs) for name, differs in UNITS.items() if name != MISSING
    }
    return made | {f"报送/{name}.xlsx": report for name, report in units.items()}


def _last(text: str) -> str:
    """A paragraph as it stood in the report on the year before."""
    return (
        text.replace("2025年", "2024年")
        .replace("新收申请11件", "新收申请10件")
        .replace("公开申请11件", "公开申请10件")
        .replace("继续办理2件", "继续办理1件")
        .replace("现行有效的15件", "现行有效的14件")
    )


def _changed(report: Report, changes: Mapping[str, Figure | str | None]) -> Report:
    """The report with some cells changed and its totals following, as in the template."""
    made = with_figures(report, {Cell.parse(key): value for key, value in changes.items()})
    for _ in range(3):  # totals of totals
        made = with_figures(made, {cell: added(of, made.figures) for cell, of in report.form.filled.items()})
    return made


def _renamed(report: Report, name: str) -> Report:
    text = {
        key: tuple(p.replace(report.agency, name) for p in said) for key, said in report.narrative.items()
    }
    return replace(report, agency=name, narrative=text)


def settings(target: Path) -> None:
    """The workbook of settings for the folder of units, filled in."""
    write_settings(target)
    book = load_workbook(target)
    for label, value in book["设置"].iter_rows(min_row=4, max_col=2):
        value.value = SETTINGS.get(label.value)
    for row, name in enumerate(UNITS, 2):
        book["名录"].cell(row, 1).value = name
        book["名录"].cell(row, 2).value = f"QS{row - 1:02}"
    book.save(target)


def build(folder: Path) -> None:
    """Write every sample; what is there already is replaced."""
    for name, report in reports().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write(report, folder / name)
    (folder / "填好的年报.json").write_text(dump(reports()["填好的年报.xlsx"]), encoding="utf-8")
    (folder / "名录.csv").write_text(ROSTER, encoding="utf-8-sig")
    settings(folder / "汇总设置.xlsx")
    rules = json.dumps(RULES, ensure_ascii=False, indent=1) + "\n"
    (folder / "本地规则.json").write_text(rules, encoding="utf-8")


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
