"""Back to the units: flagged copies and letters of what is returned, reminders of what is missing, and the notice.

Copies and letters are made by processes of our own, each file within its time limit as when it was first read. What
stands in the folder already is replaced only where an earlier run of ours wrote it and nobody changed it since.
"""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nianbao.checks.validate import validate
from nianbao.consolidate.folder import Item, bare_name, is_url
from nianbao.consolidate.journal import JournalEntry, ListedFinding, gravest, in_few_lines
from nianbao.consolidate.pool import IN_FLIGHT, Workers, drive
from nianbao.consolidate.result import NOBODY, Result, Standing
from nianbao.consolidate.settings import Job, Letterhead
from nianbao.consolidate.submissions import (
    ALIKE,
    FOREIGN,
    RETURNED,
    RIVALS,
    UNFILLED,
    VERIFY,
    Submission,
    printed,
    short_reason,
)
from nianbao.core.files import Manifest, Unreadable, fresh, into_place, shipped, staging
from nianbao.core.finding import SEVERITY_WORDS
from nianbao.core.text import guarded
from nianbao.export.text import clean
from nianbao.export.word import filled
from nianbao.workbook.leaves import MISSING, SENT_BACK
from nianbao.workbook.marks import mark
from nianbao.workbook.reader import read

COPY, LETTER, REMINDER = ".校验.xlsx", ".退回意见.docx", ".催报函.docx"
#: The folder of the reminders, the files of all letters, and the short texts for a message.
REMINDERS, ALL_LETTERS, ALL_REMINDERS, MESSAGES = (
    "催报函",
    "全部退回意见.docx",
    "全部催报函.docx",
    "通知消息.txt",
)
#: The list of what we wrote into the folder: names with digests.
RECORD = ".退回记录.json"
#: File systems hold names of 255 bytes.
_LONGEST = 200
#: So many lines fit a letter; the others are counted. So many letters fit one file to print.
LINES, LETTERS = 14, 300
#: So many new letters are named.
NEW_NAMED = 10
#: Whom a letter or message is for where no unit is known.
UNKNOWN = "有关报送单位"
Letter = dict[str, Any]


def send_back_and_remind(result: Result, job: Job) -> list[str]:
    """Write what goes to the units, and the list of missing ones, where they are asked for; says what was made."""
    made = _write_folder(result, job, job.returns) if job.returns else []
    if made and job.letterhead.late:
        made.append(f"截止日期 {job.letterhead.until} 已过，信函写作“请立即报送”；另定日期的请改“设置”表")
    if job.remind:
        text = _notice_table(result) if job.remind.suffix.lower() == ".csv" else notice(result)
        if job.remind.suffix.lower() == ".txt" and (lines := job.letterhead.lines()):
            text += "\n" + "\n".join(lines) + "\n"
        with into_place(job.remind if job.update else fresh(job.remind)) as temporary:
            temporary.write_text(text, encoding="utf-8-sig", newline="")
        made.append(f"催报名单：{job.remind.name}")
    return made


class _Folder:
    """The folder of what goes back: nothing in it but what we wrote ourselves is ever replaced."""

    def __init__(self, folder: Path) -> None:
        self.manifest = Manifest(folder / RECORD, writing=True)
        self.written: set[str] = set()
        self.before = set(self.manifest.files)
        self.kept: set[str] = set()
        self.beside: list[str] = []

    def put(self, name: str, data: bytes) -> str:
        """Write a file, under a name with a number where that one is not ours. Gives the name."""
        path = self.manifest.free(name)
        if path.name != Path(name).name and name in self.before:
            self.kept.add(name)
            self.beside.append(f"{name} 您改过，已保留；今天的另存为 {path.name}")
        with into_place(path) as temporary:
            temporary.write_bytes(data)
        self.manifest.add(path, data)
        self.written.add(self.manifest.name(path))
        return path.name

    def changes(self) -> Iterator[str]:
        """What is new since the last run, and what of it somebody changed and was left alone."""
        single = [name for name in self.written if name.endswith((LETTER, REMINDER))]
        new = sorted(Path(name).name for name in single if name not in self.before)
        if self.before and new:
            more = f" 等 {len(new)} 份" if len(new) > NEW_NAMED else ""
            yield f"比上次新写的：{'、'.join(new[:NEW_NAMED])}{more}"
        yield from self.beside
        for name in sorted(self.before - self.written - self.kept):
            if (self.manifest.folder / name).exists():
                yield f"{name} 您改过，今天已不需要，没有删除"

    def close(self, *, sweep: bool) -> None:
        """Write the record; ``sweep``: letters of an earlier run that are out of date and unchanged are removed."""
        for name in set(self.manifest.files) - self.written if sweep else ():
            path = self.manifest.folder / name
            if self.manifest.unchanged(path):
                with suppress(OSError):
                    path.unlink()
                del self.manifest.files[name]
        self.manifest.save()


def _write_folder(result: Result, job: Job, folder: Path) -> list[str]:
    """A letter and a flagged copy for each returned file, a reminder for each missing unit, and all of them to print;
    gives what was made, in sentences."""
    counted = {case.unit for case in result.cases if case.unit and case.counted}
    back = [
        case
        for case in result.cases
        if case.state == RETURNED and case.unit not in counted and not printed(case.head)
    ]
    missing = [s for s in result.standings if s.state == MISSING and s.name not in result.suspected]
    place = _Folder(folder)
    verify = [case for case in result.cases if case.state == VERIFY]
    if not (back or missing or verify or place.manifest.files):
        return []
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=staging(), dir=folder) as scratch:
        letters = list(_returned(result, job, back, Path(scratch), place))
    reminders = [_reminder(result, standing, job.letterhead) for standing in missing]
    for standing, letter in zip(missing, reminders, strict=True):
        name = _short_name(standing.name.replace("/", "／").replace("\\", "＼"))
        place.put(f"{REMINDERS}/{name}{REMINDER}", render("reminder.docx", [letter]))
    for name, template, every in (
        (ALL_LETTERS, "return-letter.docx", letters),
        (ALL_REMINDERS, "reminder.docx", reminders),
    ):
        for n in range(0, len(every), LETTERS):
            part = name.replace(".", f"{n // LETTERS + 1}.") if len(every) > LETTERS else name
            place.put(part, render(template, every[n : n + LETTERS]))
    texts: list[str] = []
    if letters or reminders or verify:
        texts = [letter["message"] for letter in (*letters, *reminders)]
        texts += [_to_verify(result, case, job.letterhead) for case in verify]
        place.put(MESSAGES, "\n\n".join(texts).encode("utf-8-sig", "replace") + b"\n")
    place.close(sweep=job.update)
    made = [f"退回意见 {len(letters)} 份", f"催报函 {len(reminders)} 份", *([MESSAGES] if texts else [])]
    return [f"{folder.name} 文件夹：{'、'.join(made)}", *place.changes()]


def _to_verify(result: Result, case: Submission, head: Letterhead) -> str:
    """The short text to a unit whose report was taken and has something to be verified."""
    words = (
        f"报送的{_years(result, case)}政府信息公开工作年度报告（“{case.head.name}”）已接收，"
        f"有 {case.head.verify} 个核实性问题：{case.details}。请核实，数字属实的在“审核说明”写明原因"
    )
    return _message(_addressed(case.name, case.unit.contact if case.unit else ""), words, head)


def _addressed(name: str, contact: str) -> str:
    """Whom a message is for, with the person on the roster where there is one."""
    name = name.strip() or UNKNOWN
    return f"【{contact}】{name}" if contact else name


def _returned(
    result: Result, job: Job, back: Sequence[Submission], scratch: Path, place: _Folder
) -> Iterator[Letter]:
    """Have copies and letters made, and put them in their place; gives what the letters say."""
    asked, names = {}, names_back([case.head.name for case in back])
    for group in _one_a_unit(back):
        case = group[0]
        letter = _letter(result, group, job.letterhead)
        copied = case.mendable and not is_url(result.folder)
        work = {"letter": letter, "copy": Path(names[case.head.name]).name + COPY if copied else ""}
        (scratch / f"{_key(case.head.name)}.json").write_text(json.dumps(work), encoding="utf-8")
        asked[case.head.name] = letter
    items = [Item(name, str(result.path(name)), 0, 0) for name in asked]
    if items:
        with closing(Workers(min(job.workers, len(items)), job.limit, job.log)) as crew:
            for _ in drive(
                items, crew.submit, partial(answer, str(scratch)), IN_FLIGHT * crew.count, job.log
            ):
                pass
    for case in (case for case in back if case.head.name in asked):
        base, letter = scratch / _key(case.head.name), asked[case.head.name]
        copy, page = base.with_suffix(".xlsx"), base.with_suffix(".docx")
        marked, page_name = (_name_back(names[case.head.name], ending) for ending in (COPY, LETTER))
        name = place.put(marked, copy.read_bytes()) if copy.exists() else ""
        letter = _with_copy(letter, name)
        made = page.read_bytes() if page.exists() and name in ("", Path(marked).name) else b""
        place.put(page_name, made or render("return-letter.docx", [letter]))
        yield letter


def _one_a_unit(back: Sequence[Submission]) -> Iterator[list[Submission]]:
    """The returned files, each by itself; a unit's versions of which one must be chosen go back together."""
    versions: dict[str, list[Submission]] = {}
    for case in back:
        alone = case.details or RIVALS not in case.reason or not case.name
        versions.setdefault(case.head.name if alone else f"\n{case.name}", []).append(case)
    yield from versions.values()


def answer(scratch: str, item: Item) -> JournalEntry:
    """The flagged copy of one unit's workbook (of its figures where that cannot be edited) and the letter with it."""
    base = Path(scratch) / _key(item.name)
    work = json.loads(base.with_suffix(".json").read_text(encoding="utf-8"))
    copy, name = base.with_suffix(".xlsx"), work["copy"]
    if name:
        try:
            report = read(Path(item.path))
            mark(Path(item.path), copy, report, gravest(validate(report)))
        except Unreadable:  # changed since it was read, or too long a text for a cell
            copy.unlink(missing_ok=True)
            name = ""
    page = render("return-letter.docx", [_with_copy(work["letter"], _shortened(name, COPY))])
    base.with_suffix(".docx").write_bytes(page)
    return JournalEntry(*item.key)


def render(template: str, letters: Sequence[Letter]) -> bytes:
    """The Word file of some letters, each on a page of its own."""
    return filled(shipped(f"templates/{template}").read_bytes(), {"letters": letters}, template)


def _key(name: str) -> str:
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=16).hexdigest()


def names_back(files: Sequence[str]) -> dict[str, str]:
    """What files that go back are called, without an ending: as the unit's file, which keeps its kind only where
    another one would be called the same."""
    bare = Counter(bare_name(file).casefold() for file in files)
    whole = {file.casefold() for file in files}
    return {
        file: name if bare[name.casefold()] == 1 and name.casefold() not in whole else _with_kind(file)
        for file in files
        for name in (bare_name(file),)
    }


def _with_kind(file: str) -> str:
    return file.removesuffix(".xlsx") if file.endswith(COPY) else file


def _name_back(name: str, ending: str) -> str:
    """The name of a file that goes back: with an ending, cut where it is too long."""
    path = Path(name)
    return path.with_name(_short_name(path.name) + ending).as_posix()


def _shortened(name: str, ending: str) -> str:
    return _short_name(name.removesuffix(ending)) + ending if name else ""


def _short_name(name: str) -> str:
    return name.encode()[:_LONGEST].decode(errors="ignore")


def _letter(result: Result, cases: Sequence[Submission], head: Letterhead) -> Letter:
    """What the letter on a returned report, or on a unit's versions of it, says."""
    case, files = cases[0], "”“".join(case.head.name for case in cases)
    open_ = [item for item in result.of(case) if item.severity != "info"] if case.mendable else []
    lines = in_few_lines(open_)
    year, reason = _years(result, case), _reason(cases)
    until = f"，并于{head.until}前重新报送" if head.until else "后重新报送"
    until = f"，立即重新报送（报送期限{head.until}已过）" if head.late else until
    quoted = case.mendable and UNFILLED not in reason
    details = f"：{case.details.rstrip('。')}" if quoted else ""
    todo = head.asked("改正后重新报送" if quoted else "重新报送")
    return _common(head, result) | {
        "title": f"关于退回{year}政府信息公开工作年度报告的意见",
        "addressee": clean(case.name.strip() or UNKNOWN),
        "year": year,
        "file": clean(files),
        "reason": clean(f"{reason}。"),
        "problems": [_row(n, item) for n, item in enumerate(lines[:LINES], 1)],
        "more": f"共 {len(lines)} 项，以上列出 {LINES} 项。" if len(lines) > LINES else "",
        "closing": f"请改正{until}。" if case.mendable else f"请按退回原因处理{until}。",
        "mendable": case.mendable,
        "message": _message(
            _addressed(case.name, case.unit.contact if case.unit else ""),
            f"报送的{year}政府信息公开工作年度报告（“{files}”）已退回，原因为{reason}{details}。{todo}",
            head,
        ),
    }


def _years(result: Result, case: Submission) -> str:
    """The year of a report as it says it, else the one that is summed; nothing where neither is known."""
    year = case.head.year or result.report.year
    return f"{year}年" if year else ""


def _reason(cases: Sequence[Submission]) -> str:
    """Why it goes back, in words for the unit: not how this program is used."""
    if len(cases) > 1:
        return short_reason(cases)
    parts = cases[0].reason.rstrip("。").split("；")
    own = [part for part in parts if "nianbao" not in part and not ("名录" in part and part is not parts[0])]
    return "；".join([*own, *(["请核对数字是否为本单位的"] if ALIKE in parts[0] else [])]) or parts[0]


def _with_copy(letter: Letter, copy: str) -> Letter:
    """The letter with a sentence on the flagged copy that goes with it, or on there being none."""
    if not letter["mendable"]:
        return letter
    words = (
        f"全部问题已在副本“{copy}”中标出，可直接在副本中改正，改好后把副本报来，文件名不限。"
        if copy
        else "问题未能在工作簿中标出，请按上列各项在原文件中改正。"
    )
    more = (
        f"{letter['more'].rstrip('。')}，其余见副本的“校验结果”。"
        if copy and letter["more"]
        else letter["more"]
    )
    return letter | {"closing": letter["closing"] + words, "more": more}


def _row(number: int, problem: ListedFinding) -> dict[str, str]:
    return {
        "n": str(number),
        "severity": SEVERITY_WORDS[problem.severity],
        "place": clean(f"{problem.sheet} {problem.cell}") or "整份报告",
        "message": clean(problem.message),
        "advice": clean(problem.advice),
    }


def _reminder(result: Result, standing: Standing, head: Letterhead) -> Letter:
    """What the letter to a unit that has not reported says."""
    year = f"{result.report.year}年" if result.report.year else ""
    until = head.asked("报送")
    return _common(head, result) | {
        "title": f"关于报送{year}政府信息公开工作年度报告的催报函",
        "addressee": clean(standing.name),
        "year": year,
        "closing": f"{until}。已经报送的，请与我单位联系核对。",
        "message": _message(
            _addressed(standing.name, standing.contact),
            f"尚未收到你单位{year}政府信息公开工作年度报告，{until}；已经报送的，请联系核对",
            head,
        ),
    }


def _common(head: Letterhead, result: Result) -> Letter:
    signature = head.signature or result.report.agency
    return {"contact": clean(head.contact), "signature": clean(signature), "date": head.date}


def _message(name: str, words: str, head: Letterhead) -> str:
    """The short text for a message on a telephone."""
    contact = f"{head.contact}。" if head.contact else ""
    signed = f"（{head.signature}）" if head.signature else ""
    return clean(f"{name}：{words}。{contact}{signed}")


def notice(result: Result) -> str:
    """The list for a notice: who has not reported, under which superior; who must report again; files of nobody."""
    year = result.report.year or ""
    lines = [f"{year}年政府信息公开工作年度报告催报名单", ""]
    if result.roster is None:
        lines += ["没有提供名录，无法列出未报单位：请先在名录中填写各单位。", ""]
    for state, words in ((MISSING, "尚未报送"), (SENT_BACK, "已退回、须重新报送")):
        if state == MISSING and result.roster is None:
            continue
        standings = [s for s in result.standings if s.state == state and s.name]
        lines += [f"{words}的单位 {len(standings)} 个：", *_numbered(map(_unit_words, standings))]
    if nobody := [s.cases[0] for s in result.standings if s.state == SENT_BACK and not s.name]:
        lines += [f"{NOBODY} {len(nobody)} 个，请核对是谁报的：", *_numbered(map(_file_words, nobody))]
    if foreign := [case for case in result.cases if case.state == FOREIGN]:
        lines += [
            f"不是年报、须核对是否报错文件的 {len(foreign)} 个：",
            *_numbered(map(_file_words, foreign)),
        ]
    return "\n".join(lines).rstrip() + "\n"


def _numbered(lines: Iterator[str]) -> list[str]:
    return [*(f"{n}. {line}" for n, line in enumerate(lines, 1)), ""]


def _unit_words(standing: Standing) -> str:
    superior = f"（{standing.superior}）" if standing.superior else ""
    reason = short_reason(standing.cases) or standing.note
    contact = f"　联系人：{standing.contact}" if standing.contact else ""
    return f"{standing.name}{superior}{f'：{reason}' if reason else ''}{contact}"


def _file_words(case: Submission) -> str:
    return f"{case.head.name}：{short_reason([case])}"


def _notice_table(result: Result) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("单位", "代码", "上级", "报送", "说明"))
    writer.writerows(_notice_lines(result))
    return text.getvalue()


def _notice_lines(result: Result) -> Iterator[tuple[str, ...]]:
    for standing in result.standings:
        if standing.state in (MISSING, SENT_BACK):
            name = standing.name or f"（{NOBODY}）{standing.cases[0].head.name}"
            line = (name, standing.code, standing.superior, standing.state, short_reason(standing.cases))
            yield tuple(map(guarded, line))
