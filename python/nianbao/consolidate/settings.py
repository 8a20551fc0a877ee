"""汇总设置.xlsx: what is to be consolidated, as a workbook that staff fill in once and run again every day."""

import datetime
import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nianbao.consolidate.job import Job
from nianbao.core import form as forms
from nianbao.core.errors import Unreadable
from nianbao.core.files import Manifest
from nianbao.core.number import plain
from nianbao.xlsx.package import Sheet, read_package

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

SETTINGS, ROSTER, EXCLUDED = "设置", "名录", "不计入指标"
#: The lines of the sheet 设置: label, what is to be filled in.
FIELDS = (
    ("汇总单位", "政府或部门的全称，必填"),
    ("年度", "报告年度，如 2025；不填时取多数报告的年度"),
    ("报送文件夹", "各单位年报所在的文件夹；相对于本文件所在的文件夹，不填为“报送”"),
    ("本级", "本级年报的文件名，可不填"),
    ("整体", "另行编制的整体报告的文件名，填了才有“差额表”"),
    ("上年", "上年度汇总的文件名，可不填"),
    ("截止日期", "写进催报名单，如 2026年1月20日"),
    ("联系人", "写进催报名单"),
    ("电话", "写进催报名单"),
    ("落款", "催报名单的署名；不填时为汇总单位"),
)
ROSTER_HEADS = (
    "单位名称", "代码", "别名", "上级", "汇总节点", "数字相同属实", "联系人", "电话",
)  # fmt: skip
EXCLUDED_HEADS = ("单位", "指标", "原因", "日期")
RECORD = ".汇总文件.json"
_FIRST, _LINES = 4, 2_000
TODO = "请用 nianbao consolidate --new 汇总设置.xlsx 生成，填好后再运行"


def write_settings(target: Path) -> None:
    """Write an empty workbook of settings."""
    from xlsxwriter import Workbook

    from nianbao.workbook.template import into_place

    with into_place(target) as temporary, Workbook(temporary) as book:
        head = book.add_format({"bold": True, "bg_color": "#EEF2F6", "border": 1, "font_name": "宋体"})
        plain_, hint = (
            book.add_format({"border": 1, "font_name": "宋体", "num_format": "@", "text_wrap": True}),
            book.add_format({"font_color": "#616E7C", "font_name": "宋体", "font_size": 9}),
        )
        page = book.add_worksheet(SETTINGS)
        page.set_column(0, 0, 14)
        page.set_column(1, 1, 44)
        page.set_column(2, 2, 60)
        page.write_string(0, 0, "汇总设置", book.add_format({"bold": True, "font_size": 16}))
        page.write_string(1, 0, "填好第二列后保存，再运行“汇总”；以后每天收到新文件，直接再运行一次。", hint)
        for row, (label, words) in enumerate(FIELDS, _FIRST - 1):
            page.write_string(row, 0, label, head)
            page.write_blank(row, 1, None, plain_)
            page.write_string(row, 2, words, hint)
        _list(book, ROSTER, ROSTER_HEADS, (34, 22, 24, 24, 10, 14, 12, 16), head, plain_)
        excluded = _list(book, EXCLUDED, EXCLUDED_HEADS, (34, 24, 40, 16), head, plain_)
        known = map(forms.load, forms.keys())
        groups = sorted({group for form in known for group in form.data.get("excludable", {})})
        excluded.data_validation(
            1, 1, _LINES, 1, {"validate": "list", "source": groups, "error_type": "warning"}
        )


def _list(
    book: "Workbook", name: str, heads: Sequence[str], widths: Sequence[float], head: "Format", cell: "Format"
) -> "Worksheet":
    page = book.add_worksheet(name)
    for column, (text, width) in enumerate(zip(heads, widths, strict=True)):
        page.set_column(column, column, width, cell)
        page.write_string(0, column, text, head)
    page.freeze_panes(1, 1)
    return page


def is_settings(path: Path) -> bool:
    """Whether a workbook is one of settings, by its sheets."""
    if path.suffix.lower() != ".xlsx" or not path.is_file():
        return False
    return {SETTINGS, ROSTER} <= set(read_package(path, ()).names)


def job_of(path: Path) -> Job:
    """What a workbook of settings asks for; Unreadable says what in it cannot be used."""
    sheets = read_package(path).sheets
    if SETTINGS not in sheets:
        raise Unreadable(path.name, f"不是汇总设置（没有“{SETTINGS}”工作表）", TODO)
    page = sheets[SETTINGS]
    said = {_text(page, row, 1): _text(page, row, 2) for row in {row for row, _ in page}}
    agency = said.get("汇总单位", "")
    if not agency:
        raise Unreadable(path.name, "没有填写汇总单位", f"请在“{SETTINGS}”表填写后重新运行")
    year = plain(said.get("年度", "")).removesuffix("年")
    if year and not (year.isdigit() and 2008 <= int(year) <= 2100):
        raise Unreadable(path.name, f"年度“{year[:20]}”不是年份", "请填写四位年份，如 2025")
    folder = path.parent / (said.get("报送文件夹") or "报送")
    record = Manifest(path.parent / RECORD)
    closing = closing_words(said, agency)
    return Job(
        folder=str(folder),
        target=record.free(f"{path.stem.removesuffix('设置')}.xlsx" if "设置" in path.stem else "汇总.xlsx"),
        roster=path if _filled(sheets.get(ROSTER, {})) else None,
        choices=path if _filled(sheets.get(EXCLUDED, {})) else None,
        own=_file(path, said, "本级"),
        whole=_file(path, said, "整体"),
        previous=_file(path, said, "上年"),
        returns=path.parent / "退回",
        remind=record.free("催报名单.txt"),
        year=int(year) if year else None,
        agency=agency,
        resume=True,
        update=True,
        closing=closing,
    )


def closing_words(said: dict[str, str], agency: str) -> str:
    """The last lines of a notice: until when, whom to ask, who signs, when."""
    until = f"请于{said['截止日期']}前报送。" if said.get("截止日期") else ""
    asked = "，".join(f"{key}：{said[key]}" for key in ("联系人", "电话") if said.get(key))
    today = datetime.date.today()
    signed = (said.get("落款") or agency, f"{today.year}年{today.month}月{today.day}日")
    return "\n".join(line for line in (until, f"{asked}。" if asked else "", *signed) if line)


def remember(job: Job) -> None:
    """Record what a run from settings wrote, so that the next run may replace what nobody changed since."""
    assert job.remind is not None
    record = Manifest(job.target.parent / RECORD)
    for path in (job.target, job.remind):
        record.add(path, path.read_bytes())
    record.save()


def data_folder() -> Path:
    """Where a program keeps what its user need not see."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "nianbao"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/nianbao"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "nianbao"


def out_of_sight(target: Path) -> Path:
    """The journal's place for a target that is made again and again: in the user's data folder."""
    name = hashlib.sha256(str(target.resolve().parent).encode("utf-8", "replace")).hexdigest()[:24]
    return data_folder() / f"{name}.sqlite"


def _filled(page: Sheet) -> bool:
    return any(row > 1 and value.text.strip() for (row, _), value in page.items())


def _text(page: Sheet, row: int, column: int) -> str:
    return page[row, column].text.strip() if (row, column) in page else ""


def _file(path: Path, said: dict[str, str], label: str) -> Path | None:
    if not (name := said.get(label, "")):
        return None
    file = path.parent / name
    if not file.is_file():
        raise Unreadable(path.name, f"“{SETTINGS}”表中“{label}”的文件“{name}”找不到", "请核对文件名")
    return file


def run_settings(path: Path, run: Callable[[Job, str], int]) -> int:
    """Consolidate as a workbook of settings asks; gives the exit code of the run."""
    job = job_of(path)
    code = run(replace(job, to=()), str(job.target))
    remember(job)
    return code
