"""What a consolidation is asked to do: the job, and the workbook 汇总设置 that staff fill in."""

import datetime
import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nianbao.checks.validate import RuleChange, check_changes, checked_changes, load_changes
from nianbao.consolidate.choices import EXCLUDED_SHEET
from nianbao.consolidate.pool import LIMIT, log_beside
from nianbao.core import form as forms
from nianbao.core.files import Manifest, Unreadable, free_name
from nianbao.core.form import Form
from nianbao.core.number import plain, written_day
from nianbao.export.text import now
from nianbao.xlsx.package import Sheet, read_package

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

#: Lines of the detail that the workbook shows; with more of them hardly a computer opens it.
DETAIL_ROWS = 100_000


class Letterhead(NamedTuple):
    """Who writes to the units: until when an answer is awaited, whom to ask, who signs."""

    until: str = ""
    contact: str = ""
    signature: str = ""

    @property
    def late(self) -> bool:
        """Whether the day by which an answer was awaited is over."""
        numbers = [int(number) for number in re.findall(r"\d+", self.until)]
        return len(numbers) == 3 and datetime.date(*numbers) < now().date()

    def asked(self, what: str) -> str:
        """By when something is to be done: 请于某日前报送."""
        if not self.until:
            return f"请尽快{what}"
        return f"已超过报送期限（{self.until}），请立即{what}" if self.late else f"请于{self.until}前{what}"

    @property
    def date(self) -> str:
        """Today as letters are dated."""
        today = now()
        return f"{today.year}年{today.month}月{today.day}日"

    def lines(self) -> list[str]:
        """The last lines of a notice; none where nothing was filled in."""
        if not any(self):
            return []
        until = f"{self.asked('报送')}。" if self.until else ""
        contact = f"{self.contact}。" if self.contact else ""
        return [line for line in (until, contact, self.signature, self.date) if line]


def journal_beside(summary: Path) -> Path:
    """The journal's place: beside the summary, with its name."""
    return summary.with_name(f"{summary.stem}.汇总记录.sqlite")


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


@dataclass(frozen=True)
class Job:
    """What is asked for: ``folder`` is a path or an fsspec URL, everything else is a file here.

    ``jobs``: processes (0: one for each processor); ``limit``: seconds within which a file must have been read.
    ``update``: what stands under the targets is ours and may be replaced. ``letterhead``: who writes to the units.
    """

    folder: str
    target: Path
    roster: Path | None = None
    own: Path | None = None
    previous: Path | None = None
    whole: Path | None = None
    choices: Path | None = None
    rules: Path | None = None
    returns: Path | None = None
    remind: Path | None = None
    to: tuple[str, ...] = ()
    resume: bool = False
    scheduler: str = ""
    year: int | None = None
    agency: str = ""
    jobs: int = 0
    limit: float = LIMIT
    detail_rows: int = DETAIL_ROWS
    update: bool = False
    letterhead: Letterhead = field(default_factory=Letterhead)

    @property
    def journal(self) -> Path:
        """Where the journal stands: beside the summary, out of sight where the same is made again and again."""
        if not self.update:
            return journal_beside(self.target)

        return out_of_sight(self.target)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are named and thus no unit's, and the folder of what goes back."""
        named = (
            self.roster,
            self.own,
            self.previous,
            self.whole,
            self.choices,
            self.rules,
            self.remind,
            self.returns,
        )
        return (*(path for path in named if path), self.target, journal_beside(self.target))

    @property
    def log(self) -> Path:
        """Where faults of this program are written down."""
        return log_beside(self.target)

    @property
    def workers(self) -> int:
        """How many processes read: as asked for, else one for each processor that is ours to use."""
        if self.jobs:
            return self.jobs
        return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


SETTINGS_SHEET, ROSTER_SHEET, RULES_SHEET = "设置", "名录", "本地规则"
RULES_HEADS = ("规则", "处理", "原因", "日期")
#: What may become of a rule, as the sheet 本地规则 has it.
_CHANGES = {"停用": None, "改为强制性": "error", "改为核实性": "verify", "改为提示": "info"}
#: The lines of the sheet 设置: label, what is to be filled in.
FIELDS = (
    ("汇总单位", "政府或部门的全称，必填"),
    ("年度", "报告年度，如 2025；不填时取多数报告的年度"),
    ("报送文件夹", "各单位年报所在的文件夹；相对于本文件所在的文件夹，不填为“报送”"),
    ("本级", "本级年报的文件名，可不填"),
    ("整体", "另行编制的整体报告的文件名，填了才有“差额表”"),
    ("上年", "上年度汇总的文件名，可不填"),
    ("截止日期", "写进退回意见、催报函和催报名单，如 2026年1月20日"),
    ("联系人", "同上"),
    ("电话", "同上"),
    ("落款", "同上，作为署名；不填时为汇总单位"),
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

    from nianbao.core.files import into_place

    with into_place(target) as temporary, Workbook(temporary) as book:
        head = book.add_format({"bold": True, "bg_color": "#EEF2F6", "border": 1, "font_name": "宋体"})
        plain_, hint = (
            book.add_format({"border": 1, "font_name": "宋体", "num_format": "@", "text_wrap": True}),
            book.add_format({"font_color": "#616E7C", "font_name": "宋体", "font_size": 9}),
        )
        page = book.add_worksheet(SETTINGS_SHEET)
        page.set_column(0, 0, 14)
        page.set_column(1, 1, 44)
        page.set_column(2, 2, 60)
        page.write_string(0, 0, "汇总设置", book.add_format({"bold": True, "font_size": 16}))
        page.write_string(1, 0, "填好第二列后保存，再运行“汇总”；以后每天收到新文件，直接再运行一次。", hint)
        for row, (label, words) in enumerate(FIELDS, _FIRST - 1):
            page.write_string(row, 0, label, head)
            page.write_blank(row, 1, None, plain_)
            page.write_string(row, 2, words, hint)
        _list_sheet(book, ROSTER_SHEET, ROSTER_HEADS, (34, 22, 24, 24, 10, 14, 12, 16), head, plain_)
        excluded = _list_sheet(book, EXCLUDED_SHEET, EXCLUDED_HEADS, (34, 24, 40, 16), head, plain_)
        known = map(forms.load, forms.keys())
        groups = sorted({group for form in known for group in form.data.get("excludable", {})})
        _rules_sheet(book, head, plain_)
        excluded.data_validation(
            1, 1, _LINES, 1, {"validate": "list", "source": groups, "error_type": "warning"}
        )


def _list_sheet(
    book: "Workbook", name: str, heads: Sequence[str], widths: Sequence[float], head: "Format", cell: "Format"
) -> "Worksheet":
    page = book.add_worksheet(name)
    for column, (text, width) in enumerate(zip(heads, widths, strict=True)):
        page.set_column(column, column, width, cell)
        page.write_string(0, column, text, head)
    page.freeze_panes(1, 1)
    if "日期" in heads:
        column, words = heads.index("日期"), f"{'必填，' if name == RULES_SHEET else ''}如 2026-01-05，备查"
        page.data_validation(1, column, _LINES, column, {"validate": "any", "input_message": words})
    return page


def _rules_sheet(book: "Workbook", head: "Format", cell: "Format") -> None:
    """The sheet 本地规则: rules by their names and what becomes of them, both from lists."""
    page = _list_sheet(book, RULES_SHEET, RULES_HEADS, (30, 16, 44, 16), head, cell)
    known = map(forms.load, forms.keys())
    names = sorted({name for form in known for name in form.rule_names.values()})
    for row, name in enumerate(names):
        page.write_string(row, 7, name)
    page.set_column(7, 7, None, None, {"hidden": True})
    stop = {"error_type": "warning", "error_message": "请从列表中选择，也可以填规则代码"}
    page.data_validation(1, 0, _LINES, 0, {"validate": "list", "source": f"=$H$1:$H${len(names)}", **stop})
    page.data_validation(1, 1, _LINES, 1, {"validate": "list", "source": list(_CHANGES)})


def local_rules(path: Path, form: Form) -> dict[str, RuleChange]:
    """The local rules of a workbook of settings (by Chinese name or code) or of a JSON file.

    Raises Unreadable for what cannot be used.
    """
    if path.suffix.lower() != ".xlsx":
        changes = load_changes(path)
    else:
        page = read_package(path, (RULES_SHEET,)).sheets.get(RULES_SHEET, {})
        changes = checked_changes(_rules_of_sheet(page, form, path.name), path.name, form.rule_name)
    check_changes(changes, form, path.name)
    return changes


def _rules_of_sheet(page: Sheet, form: Form, file: str) -> Iterator[RuleChange]:
    for row in sorted({row for row, column in page if row > 1 and column <= len(RULES_HEADS)}):
        rule, change, reason, date = (_at(page, row, column) for column in range(1, 5))
        if not (rule or change or reason):
            continue
        if not rule or change not in _CHANGES or len(reason) < 4:
            todo = f"处理应为“{'”“'.join(_CHANGES)}”之一，原因不少于 4 个字"
            raise Unreadable(file, f"“{RULES_SHEET}”第 {row} 行没有写全", todo)
        yield RuleChange(form.rule_code(rule), _CHANGES[change], reason, date)


def new_settings(folder: Path) -> Path:
    """A fresh workbook of settings in a folder, with the folder 报送 beside it; gives its path (never one that is there)."""
    target = free_name(folder, "汇总设置.xlsx")
    write_settings(target)
    (target.parent / "报送").mkdir(exist_ok=True)
    return target


def is_settings(path: Path) -> bool:
    """Whether a workbook is one of settings, by its sheets."""
    if path.suffix.lower() != ".xlsx" or not path.is_file():
        return False
    return {SETTINGS_SHEET, ROSTER_SHEET} <= set(read_package(path, ()).names)


def job_of(path: Path) -> Job:
    """What a workbook of settings asks for; Unreadable says what in it cannot be used."""
    sheets = read_package(path).sheets
    if SETTINGS_SHEET not in sheets:
        raise Unreadable(path.name, f"不是汇总设置（没有“{SETTINGS_SHEET}”工作表）", TODO)
    page = sheets[SETTINGS_SHEET]
    fields = {_at(page, row, 1): _at(page, row, 2) for row in {row for row, _ in page}}
    agency = fields.get("汇总单位", "")
    if not agency:
        raise Unreadable(path.name, "没有填写汇总单位", f"请在“{SETTINGS_SHEET}”表填写后重新运行")
    year = plain(fields.get("年度", "")).removesuffix("年")
    if year and not (year.isdigit() and 2008 <= int(year) <= 2100):
        raise Unreadable(path.name, f"年度“{year[:20]}”不是年份", "请填写四位年份，如 2025")
    folder = path.parent / (fields.get("报送文件夹") or "报送")
    if not folder.is_dir():
        row = next((row for row, column in page if _at(page, row, 1) == "报送文件夹"), "")
        words = f"“{SETTINGS_SHEET}”表第 {row} 行“报送文件夹”所写的文件夹“{folder}”找不到"
        raise Unreadable(path.name, words, "请建立这个文件夹，或改正这一行")
    record = Manifest(path.parent / RECORD, writing=True)
    return Job(
        folder=str(folder),
        target=record.free(f"{path.stem.removesuffix('设置')}.xlsx" if "设置" in path.stem else "汇总.xlsx"),
        roster=path if _filled(sheets.get(ROSTER_SHEET, {})) else None,
        choices=path if _filled(sheets.get(EXCLUDED_SHEET, {})) else None,
        rules=path if _filled(sheets.get(RULES_SHEET, {}), len(RULES_HEADS)) else None,
        own=_named_file(path, fields, "本级"),
        whole=_named_file(path, fields, "整体"),
        previous=_named_file(path, fields, "上年"),
        returns=path.parent / "退回",
        remind=record.free("催报名单.txt"),
        year=int(year) if year else None,
        agency=agency,
        resume=True,
        update=True,
        letterhead=letterhead(fields, agency, path.name),
    )


def letterhead(fields: Mapping[str, str], agency: str, file: str) -> Letterhead:
    """What the sheet 设置 says for letters."""
    asked = "，".join(f"{key}：{fields[key]}" for key in ("联系人", "电话") if fields.get(key))
    return Letterhead(_day(fields.get("截止日期", ""), file), asked, fields.get("落款") or agency)


def _day(text: str, file: str) -> str:
    """A date as letters write it, typed as a text or as a spreadsheet keeps one; Unreadable for what is none."""
    if not text:
        return ""
    day = written_day(text)
    if day is None:
        todo = "请填写日期，如 2026年1月20日；不填时信函写“请尽快报送”"
        raise Unreadable(file, f"“{SETTINGS_SHEET}”表的截止日期“{text[:20]}”不是日期", todo)
    return f"{day.year}年{day.month}月{day.day}日"


def remember(job: Job) -> None:
    """Record what a run from settings wrote, so that the next run may replace what nobody changed since."""
    assert job.remind is not None
    record = Manifest(job.target.parent / RECORD)
    for path in (job.target, job.remind):
        record.add(path, path.read_bytes())
    record.save()


def _filled(page: Sheet, columns: int = 100) -> bool:
    return any(row > 1 and column <= columns and value.text.strip() for (row, column), value in page.items())


def _at(page: Sheet, row: int, column: int) -> str:
    return page[row, column].text.strip() if (row, column) in page else ""


def _named_file(path: Path, fields: dict[str, str], label: str) -> Path | None:
    if not (name := fields.get(label, "")):
        return None
    file = path.parent / name
    if not file.is_file():
        raise Unreadable(path.name, f"“{SETTINGS_SHEET}”表中“{label}”的文件“{name}”找不到", "请核对文件名")
    return file


def run_settings(path: Path, run: Callable[[Job, str], int]) -> int:
    """Consolidate as a workbook of settings asks; gives the exit code of the run."""
    job = job_of(path)
    code = run(replace(job, to=()), str(job.target))
    remember(job)
    return code
