"""Back to the units: flagged copies and letters of what is returned, and the notice of who is missing.

The copies are made by processes of our own, each file within its time limit as when it was first read. What stands
in the folder already is replaced only where an earlier run of ours wrote it and nobody changed it since.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory

from nianbao.checks.validate import validate
from nianbao.consolidate.findings import Problem, gravest, in_few_lines
from nianbao.consolidate.folder import Item, is_url
from nianbao.consolidate.journal import Entry, item_key
from nianbao.consolidate.pool import IN_FLIGHT, Workers, drive, lost
from nianbao.consolidate.result import NOBODY, Result, Standing
from nianbao.consolidate.settings import Job
from nianbao.consolidate.submissions import FOREIGN, RETURNED, Submission
from nianbao.core.errors import Unreadable
from nianbao.core.finding import SEVERITY_WORDS
from nianbao.workbook.below import MISSING, SENT_BACK
from nianbao.workbook.marks import mark
from nianbao.workbook.reader import read
from nianbao.workbook.template import into_place


def send_back_and_remind(result: Result, job: Job) -> None:
    """Write the returned units' copies and letters, and the list of missing units, where they are asked for."""
    if job.returns:
        send_back(result, job, job.returns)
    if job.remind:
        text = _notice_table(result) if job.remind.suffix.lower() == ".csv" else notice(result)
        if job.closing and job.remind.suffix.lower() == ".txt":
            text += f"\n{job.closing}\n"
        with into_place(job.remind if job.update else fresh(job.remind)) as temporary:
            temporary.write_text(text, encoding="utf-8-sig", newline="")


def fresh(target: Path) -> Path:
    """The target of a new file; Unreadable when there is one already."""
    if target.exists():
        raise Unreadable(str(target), "文件已经存在，不覆盖", "请换一个文件名，或先移走原文件")
    return target


def notice(result: Result) -> str:
    """The list for a notice: who has not reported, under which superior; who must report again; files of nobody."""
    year = result.report.year or ""
    lines = [f"{year}年政府信息公开工作年度报告催报名单", ""]
    for state, words in ((MISSING, "尚未报送"), (SENT_BACK, "已退回、须重新报送")):
        standings = [s for s in result.standings if s.state == state and s.name]
        lines += [f"{words}的单位 {len(standings)} 个：", *_numbered(map(_unit_words, standings))]
    if nobody := [s.cases[0] for s in result.standings if s.state == SENT_BACK and not s.name]:
        lines += [f"{NOBODY} {len(nobody)} 个，请核对是谁报的：", *_numbered(map(_file_words, nobody))]
    if foreign := [case for case in result.cases if case.state == FOREIGN]:
        lines += [
            f"不是年报、须核对是否报错文件的 {len(foreign)} 个：",
            *_numbered(map(_file_words, foreign)),
        ]
    if result.roster is None:
        lines.append("没有提供名录，无法列出未报单位。")
    return "\n".join(lines).rstrip() + "\n"


def _numbered(lines: Iterator[str]) -> list[str]:
    return [*(f"{n}. {line}" for n, line in enumerate(lines, 1)), ""]


def _unit_words(standing: Standing) -> str:
    superior = f"（{standing.superior}）" if standing.superior else ""
    reason = _short_reason(standing.cases)
    return f"{standing.name}{superior}{f'：{reason}' if reason else ''}"


def _file_words(case: Submission) -> str:
    return f"{case.head.name}：{_short_reason([case])}"


def _short_reason(cases: Sequence[Submission]) -> str:
    """Why reports were sent back, in one short sentence."""
    reasons = list(dict.fromkeys(case.reason.split("；")[0].rstrip("。") for case in cases))
    if len(cases) == 1 or not reasons:
        return "".join(reasons)
    if all("另有内容不同" in reason for reason in reasons):
        return f"报来 {len(cases)} 份内容不同的报告，请确认以哪一份为准"
    return f"报来 {len(cases)} 份，都不能用：{reasons[0]}"


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
            line = (name, standing.code, standing.superior, standing.state, _short_reason(standing.cases))
            yield tuple(f"'{text}" if text.startswith(("=", "+", "-", "@")) else text for text in line)


COPY, LETTER = ".校验.xlsx", ".退回意见.html"
#: The list of what we wrote into the folder: names with digests.
RECORD = ".退回记录.json"
#: File systems hold names of 255 bytes.
_LONGEST = 200


def send_back(result: Result, job: Job, folder: Path) -> None:
    """Write a letter for each returned file, and a flagged copy where there is something to flag."""
    back = [case for case in result.cases if case.state in (RETURNED, FOREIGN)]
    record = Record(folder)
    if not back:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".nianbao-", dir=folder) as scratch:
        made = set(_copied(result, job, back, Path(scratch)))
        for case in back:
            copy = Path(scratch) / bytes_digest(case.head.name.encode())
            name = record.put(_name_back(case, COPY), copy.read_bytes()) if case.head.name in made else ""
            text = letter_page(result, case, Path(name).name)
            record.put(_name_back(case, LETTER), text.encode("utf-8", "replace"))
    record.keep()


def _name_back(case: Submission, ending: str) -> str:
    """The name of a file that goes back: that of the unit's file with an ending, cut where it is too long."""
    name = Path(case.head.name)
    short = name.name
    while len(short.encode()) > _LONGEST:
        short = short[:-1]
    return name.with_name(short + ending).as_posix()


def _copied(result: Result, job: Job, cases: Sequence[Submission], scratch: Path) -> Iterator[str]:
    """The names of the files of which a flagged copy was made, in ``scratch`` under the digest of their name."""
    items = [
        Item(case.head.name, str(result.path(case.head.name)), 0, 0)
        for case in cases
        if case.mendable and not is_url(result.folder)
    ]
    if not items:
        return
    with closing(Workers(min(job.workers, len(items)), job.limit, job.log)) as crew:
        function = partial(flag_copy, str(scratch))
        for entries in drive(items, crew.submit, function, IN_FLIGHT * crew.count):
            yield from (entry.name for entry in entries if not entry.trouble)


def flag_copy(scratch: str, item: Item) -> Entry:
    """A flagged copy of the unit's own workbook, or of its figures where that cannot be edited; a worker's task."""
    copy = Path(scratch) / bytes_digest(item.name.encode())
    try:
        _flagged_copy(Path(item.path), copy)
    except Unreadable as problem:  # changed since it was read, or too long a text for a cell
        return lost(item, problem.what)
    return Entry(*item_key(item))


def _flagged_copy(source: Path, copy: Path) -> None:
    report = read(source)
    findings = gravest(validate(report))
    mark(source, copy, report, findings)


def bytes_digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


class Record:
    """What an earlier run wrote into a folder: nothing else there is ever replaced."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written = _read_record(folder / RECORD)

    def put(self, name: str, data: bytes) -> str:
        """Write a file; under a name with a number where that one is not ours. Gives the name."""
        path = Path(name)
        stem, ending = _split(path.name)
        names = (path.with_name(f"{stem}（{n}）{ending}").as_posix() for n in range(2, 10_000))
        free = next(other for other in (name, *names) if self._free(other))
        with into_place(self.folder / free) as temporary:
            temporary.write_bytes(data)
        self._written[free] = bytes_digest(data)
        return free

    def _free(self, name: str) -> bool:
        try:
            return bytes_digest((self.folder / name).read_bytes()) == self._written.get(name)
        except FileNotFoundError:
            return True
        except OSError:
            return False

    def keep(self) -> None:
        """Write the list for the next run."""
        with into_place(self.folder / RECORD) as temporary:
            temporary.write_text(json.dumps(self._written, ensure_ascii=False), encoding="utf-8")


def _split(name: str) -> tuple[str, str]:
    ending = next(ending for ending in (COPY, LETTER) if name.endswith(ending))
    return name.removesuffix(ending), ending


def _read_record(path: Path) -> dict[str, str]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(digest) for name, digest in data.items()} if isinstance(data, dict) else {}


#: So many lines fit the page; the others are counted.
LINES = 14
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title><style>
body{{font:14px/1.6 "SimSun","Noto Serif CJK SC",serif;max-width:48em;margin:2em auto;padding:0 1em;color:#1f2933}}
h1{{font-size:19px}} table{{border-collapse:collapse;width:100%}} th,td{{border:1px solid #7b8794;padding:2px 6px;
text-align:left;vertical-align:top;font-size:13px}} th{{background:#eef2f6;white-space:nowrap}}
@page{{size:A4;margin:2cm}} @media print{{body{{margin:0;max-width:none}}}}
</style></head><body><h1>{title}</h1><p>文件：{file}</p><p>退回原因：{reason}</p>{table}
<p>{closing}</p></body></html>
"""
_HEADS = "<tr><th>序号</th><th>性质</th><th>位置</th><th>问题</th><th>处理建议</th></tr>"


def letter_page(result: Result, case: Submission, copy: str) -> str:
    """One page for the unit: why its report is returned, and the problems with their places; ``copy`` is the name
    of the flagged copy that goes with it, if there is one."""
    found = [item for item in result.of(case) if item.severity != "info"] if case.mendable else []
    title = f"{case.name or case.head.name}　{case.head.year or result.report.year or ''}年年报退回意见"
    return _PAGE.format(
        title=escape(title),
        file=escape(case.head.name),
        reason=escape(case.reason.rstrip("。") + "。"),
        table=_table(in_few_lines(found), bool(copy)),
        closing=escape(_closing_words(case, copy)),
    )


def _table(lines: Sequence[Problem], copied: bool) -> str:
    if not lines:
        return ""
    rows = "".join(_row(number, item) for number, item in enumerate(lines[:LINES], 1))
    if len(lines) > LINES:
        words = f"等 {len(lines)} 项" + ("，其余见副本的“校验结果”" if copied else "")
        rows += f'<tr><td colspan="5">{words}</td></tr>'
    return f"<table>{_HEADS}{rows}</table>"


def _row(number: int, found: Problem) -> str:
    place = f"{found.sheet} {found.cell}".strip() or "整份报告"
    cells = (str(number), SEVERITY_WORDS[found.severity], place, found.message, found.advice)
    return "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in cells) + "</tr>"


def _closing_words(case: Submission, copy: str) -> str:
    """What the unit is to do: correct its report only where something in it is wrong."""
    if not case.mendable:
        return "请按退回原因处理后重新报送。"
    if not copy:
        return "请改正后重新报送。问题未能在工作簿中标出，请按上列各项在原文件中改正。"
    return f"请改正后重新报送。全部问题已在副本“{copy}”中标出，可直接在副本中改正，改好后把副本报来，文件名不限。"
