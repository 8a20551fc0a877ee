"""What a consolidation is asked to do: the job, the workbook 汇总设置 that staff fill in, and what is left out of sums."""

import datetime
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from nianbao.consolidate.journal import journal_beside, out_of_sight
from nianbao.consolidate.pool import LIMIT, log_beside
from nianbao.consolidate.roster import Roster, code_key, name_key
from nianbao.core import form as forms
from nianbao.core import local
from nianbao.core.cell import Cell
from nianbao.core.errors import Unreadable
from nianbao.core.files import Manifest, free_name
from nianbao.core.form import Form
from nianbao.core.number import plain
from nianbao.core.schema import load_json
from nianbao.xlsx.package import Sheet, read_package

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

#: Lines of the detail that a sheet holds below its header.
DETAIL_ROWS = 1_048_576 - 5


class Letterhead(NamedTuple):
    """Who writes to the units: until when an answer is awaited, whom to ask, who signs."""

    until: str = ""
    contact: str = ""
    signature: str = ""

    @property
    def date(self) -> str:
        """Today as letters are dated."""
        today = datetime.date.today()
        return f"{today.year}年{today.month}月{today.day}日"

    def lines(self) -> list[str]:
        """The last lines of a notice; none where nothing was filled in."""
        if not any(self):
            return []
        until = f"请于{self.until}前报送。" if self.until else ""
        contact = f"{self.contact}。" if self.contact else ""
        return [line for line in (until, contact, self.signature, self.date) if line]


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


SETTINGS_SHEET, ROSTER_SHEET, EXCLUDED, RULES_SHEET = "设置", "名录", "不计入指标", "本地规则"
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
        excluded = _list_sheet(book, EXCLUDED, EXCLUDED_HEADS, (34, 24, 40, 16), head, plain_)
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


def local_rules(path: Path, form: Form) -> dict[str, local.Change]:
    """The local rules of a workbook of settings (by Chinese name or code) or of a JSON file.

    Raises Unreadable for what cannot be used.
    """
    if path.suffix.lower() != ".xlsx":
        changes = local.load(path)
    else:
        page = read_package(path, (RULES_SHEET,)).sheets.get(RULES_SHEET, {})
        changes = {change.rule: change for change in _rules_of_sheet(page, form, path.name)}
    local.check(changes, form, path.name)
    return changes


def _rules_of_sheet(page: Sheet, form: Form, file: str) -> Iterator[local.Change]:
    for row in sorted({row for row, column in page if row > 1 and column <= len(RULES_HEADS)}):
        rule, change, reason, date = (_at(page, row, column) for column in range(1, 5))
        if not (rule or change or reason):
            continue
        if not rule or change not in _CHANGES or len(reason) < 4:
            todo = f"处理应为“{'”“'.join(_CHANGES)}”之一，原因不少于 4 个字"
            raise Unreadable(file, f"“{RULES_SHEET}”第 {row} 行没有写全", todo)
        yield local.Change(form.rule_code(rule), _CHANGES[change], reason, date or "日期未填")


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
    said = {_at(page, row, 1): _at(page, row, 2) for row in {row for row, _ in page}}
    agency = said.get("汇总单位", "")
    if not agency:
        raise Unreadable(path.name, "没有填写汇总单位", f"请在“{SETTINGS_SHEET}”表填写后重新运行")
    year = plain(said.get("年度", "")).removesuffix("年")
    if year and not (year.isdigit() and 2008 <= int(year) <= 2100):
        raise Unreadable(path.name, f"年度“{year[:20]}”不是年份", "请填写四位年份，如 2025")
    folder = path.parent / (said.get("报送文件夹") or "报送")
    record = Manifest(path.parent / RECORD)
    return Job(
        folder=str(folder),
        target=record.free(f"{path.stem.removesuffix('设置')}.xlsx" if "设置" in path.stem else "汇总.xlsx"),
        roster=path if _filled(sheets.get(ROSTER_SHEET, {})) else None,
        choices=path if _filled(sheets.get(EXCLUDED, {})) else None,
        rules=path if _filled(sheets.get(RULES_SHEET, {}), len(RULES_HEADS)) else None,
        own=_named_file(path, said, "本级"),
        whole=_named_file(path, said, "整体"),
        previous=_named_file(path, said, "上年"),
        returns=path.parent / "退回",
        remind=record.free("催报名单.txt"),
        year=int(year) if year else None,
        agency=agency,
        resume=True,
        update=True,
        letterhead=letterhead(said, agency),
    )


def letterhead(said: Mapping[str, str], agency: str) -> Letterhead:
    """What the sheet 设置 says for letters."""
    asked = "，".join(f"{key}：{said[key]}" for key in ("联系人", "电话") if said.get(key))
    return Letterhead(said.get("截止日期", ""), asked, said.get("落款") or agency)


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


def _named_file(path: Path, said: dict[str, str], label: str) -> Path | None:
    if not (name := said.get(label, "")):
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


EVERY, EXCLUDED_SHEET = "*", "不计入指标"
CHOICES_ADVICE = (
    "应为数组，每项写明 unit（单位名称或代码，* 表示所有下级单位）、exclude（指标代码或“{groups}”）、"
    "reason（原因）、date（日期）"
)


_ALL_UNITS = ("所有下级单位", "全部", "所有单位")


class Choice(NamedTuple):
    """What of a unit is not added: the words that were used, the cells they mean, the reason and date on record."""

    unit: str
    words: tuple[str, ...]
    cells: frozenset[Cell]
    reason: str
    date: str
    source: str


class Choices:
    """All choices of one consolidation."""

    def __init__(self, form: Form, choices: Sequence[Choice]) -> None:
        self.all = tuple(choices)
        self._place = {cell: n for n, cell in enumerate(form.cells)}
        self._by_unit: dict[str, set[int]] = {}
        for choice in choices:
            places = self._by_unit.setdefault(_choice_key(choice.unit), set())
            places |= {self._place[cell] for cell in choice.cells}

    def without(self, name: str, code: str, *, every: bool = True) -> frozenset[int]:
        """The places in the form of the cells that are not added for a unit; ``every``: it is a subordinate."""
        found = set(self._by_unit.get(EVERY, ())) if every else set()
        for key in {_choice_key(name), _choice_key(code)} - {""}:
            found |= self._by_unit.get(key, set())
        return frozenset(found)


def _choice_key(unit: str) -> str:
    return unit if unit == EVERY else code_key(unit)


class Party(NamedTuple):
    """Whom a choice may be about: a unit of the roster, or one that has sent a report."""

    name: str
    code: str


def gather_choices(form: Form, roster: Roster | None, file: Path | None) -> Choices:
    """The choices in the roster's columns and in a file of choices; Unreadable names what is not understood."""
    found: list[Choice] = []
    for unit in roster.units if roster else ():
        if unit.exclude:
            cells = _cells_meant(form, unit.exclude, "名录")
            found.append(Choice(unit.name, unit.exclude, cells, unit.reason, "", "名录"))
    return Choices(form, [*found, *(_choices_of_file(form, file) if file else ())])


def bind_choices(form: Form, chosen: Choices, parties: Sequence[Party], roster: Roster | None) -> Choices:
    """The choices, each with its unit named as the reports and the roster name it.

    Raises Unreadable for a choice whose unit is in neither: nothing would be left out.
    """
    return Choices(
        form, [choice._replace(unit=_unit_meant(choice, parties, roster)) for choice in chosen.all]
    )


def _unit_meant(choice: Choice, parties: Sequence[Party], roster: Roster | None) -> str:
    """The unit a choice means: by code or name, then as the roster matches, then without the usual endings."""
    meant = choice.unit
    if meant == EVERY or any(
        _choice_key(meant) in (_choice_key(p.name), _choice_key(p.code)) for p in parties
    ):
        return meant
    if roster and (match := roster.match(meant, meant)):
        return match.unit.name
    alike = {party.name for party in parties if name_key(party.name) == name_key(meant)}
    if len(alike) != 1:
        todo = "请改成名录或报告中的单位名称、代码，或删去这一项"
        raise Unreadable(choice.source, f"不计入指标的单位“{meant}”在名录和报告中都没有", todo)
    return alike.pop()


def choice_words(form: Form, word: str) -> str:
    """The names of the items that a cell's key means; a named group as it is called."""
    return "、".join(map(form.name, form.cells_of(word))) if word.count(".") == 2 else word


def excludable(form: Form) -> Mapping[str, tuple[Cell, ...]]:
    """The form's named groups of items that may have to be left out."""
    groups = form.data.get("excludable", {})
    return {name: tuple(cell for key in keys for cell in form.cells_of(key)) for name, keys in groups.items()}


def _cells_meant(form: Form, words: Sequence[str], file: str) -> frozenset[Cell]:
    groups = excludable(form)
    named = {form.name(cell): (cell,) for cell in form.cells}
    found: set[Cell] = set()
    for word in words:
        meant = groups.get(word) or named.get(word) or (form.cells_of(word) if word.count(".") == 2 else ())
        found |= set(meant)
        if not meant:
            known = "、".join(groups) or "没有"
            raise Unreadable(file, f"不计入指标“{word}”不认识", f"请写指标代码，或用本表式的分组：{known}")
    return frozenset(found)


def _choices_of_sheet(form: Form, path: Path) -> Iterator[Choice]:
    """The choices on the sheet 不计入指标 of a workbook: unit, items, reason and date."""
    page = read_package(path, (EXCLUDED_SHEET,)).sheets.get(EXCLUDED_SHEET, {})
    for row in sorted({row for row, _ in page if row > 1}):
        unit, items, reason, date = (
            page[row, c].text.strip() if (row, c) in page else "" for c in range(1, 5)
        )
        words = tuple(_items_of(items, form))
        if not (unit or words):
            continue
        if not (unit and words and reason):
            todo = f"请在“{EXCLUDED_SHEET}”表补齐单位、指标和原因，或删去这一行"
            raise Unreadable(path.name, f"“{EXCLUDED_SHEET}”第 {row} 行没有写全", todo)
        unit = EVERY if unit in _ALL_UNITS else unit
        yield Choice(unit, words, _cells_meant(form, words, path.name), reason, date, EXCLUDED_SHEET)


def _choices_of_file(form: Form, path: Path) -> Iterator[Choice]:
    if path.suffix.lower() == ".xlsx":
        yield from _choices_of_sheet(form, path)
        return
    todo = CHOICES_ADVICE.format(groups="、".join(excludable(form)))
    data = load_json(path, todo)
    entries = [_choice_entry(item, form) for item in data] if isinstance(data, list) else [{}]
    if not all(entries):
        raise Unreadable(path.name, "不是不计入指标的清单", todo)
    for item in entries:
        words = tuple(item["exclude"])
        unit = EVERY if item["unit"] in _ALL_UNITS else item["unit"]
        yield Choice(
            unit, words, _cells_meant(form, words, path.name), item["reason"], item["date"], path.name
        )


#: The Chinese names of what an entry of the list says.
_CHOICE_KEYS = {"单位": "unit", "指标": "exclude", "原因": "reason", "日期": "date"}


def _choice_entry(item: Any, form: Form) -> dict[str, Any]:
    """An entry with its keys as they are in the schema and its items as a list; empty where it is none."""
    if not isinstance(item, dict):
        return {}
    entry = {_CHOICE_KEYS.get(str(key), str(key)): value for key, value in item.items()}
    if isinstance(entry.get("exclude"), str):
        entry["exclude"] = _items_of(entry["exclude"], form)
    return entry if _is_choice(entry) else {}


def _items_of(text: str, form: Form) -> list[str]:
    """The items that a text lists; the name of one may hold a mark that separates others."""
    if text in map(form.name, form.cells):
        return [text]
    return text.translate(str.maketrans("、，,；;", "     ")).split()


def _is_choice(item: Mapping[str, Any]) -> bool:
    return (
        all(isinstance(item.get(key), str) and item[key].strip() for key in ("unit", "reason", "date"))
        and isinstance(item.get("exclude"), list)
        and bool(item["exclude"])
        and all(isinstance(word, str) for word in item["exclude"])
    )
