"""The verdict on published files, each on its own, against the workbook, and against each other.

``一致`` is said of a file only that is, byte for byte, what the export wrote: by the digest in the manifest beside it or
the digest that it carries. Of every other file the content is compared; interchange JSON and CSV are compared here, by
every key, every line, every label.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from nianbao.core.files import LARGEST, Manifest, Unreadable, bounded, digest
from nianbao.core.report import Report, dense
from nianbao.core.schema import loads
from nianbao.export.export import ENGLISH, csv_heads, to_csv, to_json
from nianbao.export.seal import SEALED, carried, filled, published_fingerprint
from nianbao.verify import content, document, page
from nianbao.verify.page import Seen

#: The manifest that an export writes beside its files.
MANIFEST = "导出清单.json"
#: More differences than this help nobody; the rest are counted.
MOST = 50
#: What an export writes, by the endings of the names.
KINDS = (".html", ".htm", ".docx", ".pdf", ".json", ".csv", ".png", ".svg")
#: How sentences on a file begin that only repeat, in other words, what its content says otherwise.
_REPEATING = (
    "应为", "多出文字", "少了", "标记的嵌套", "“表中数据", "“各部分文字", "“前言", "“填报单位", "“年度", "“表式",
    "“落款",
)  # fmt: skip
#: The first words of a text that was added.
_ADDED = re.compile("多出文字“(.{1,8})")
_CHANGED = "导出之后被改动过；用 --against 指定工作簿可列出改动之处"
_AGAINST = "请用 --against 指定工作簿，与其逐项比较"


class Verdict(NamedTuple):
    """What is to be said of one file.

    ``differences``: what it says, or shows, otherwise; ``changes``: how it is another file than the export wrote,
    though it says the same. It is unchanged where there is neither.
    """

    name: str
    differences: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    report: Report | None = None

    @property
    def words(self) -> str:
        if self.differences:
            return "不一致"
        return "内容一致，但文件与导出时不同" if self.changes else "一致"


def verify(path: Path, against: Report | None = None) -> Verdict:
    """The verdict on a published file; ``against``: what it should say, else by the fingerprint that it carries.

    Raises :class:`Unreadable` for what is no published file, or where nothing can be said of it alone.
    """
    body = _load(path)
    exact, why = _exact(path, body)
    kind = path.suffix.lower()
    if kind == ".csv":
        verdict = _csv(path, body, against, exact)
    elif kind in (".png", ".svg"):
        verdict = _picture(path, against, exact)
    else:
        verdict = _document(path, body, against, exact)
    changes = () if exact else tuple(dict.fromkeys((*why, *verdict.changes)))
    return verdict._replace(differences=_bounded(verdict.differences), changes=changes)


def verify_all(paths: Sequence[Path], against: Report | None = None) -> Iterator[Verdict]:
    """Files and folders, one verdict each; copies of one report are compared with each other.

    What the others are held to is a file that is what its export wrote, else one that agrees with its fingerprint.
    """
    verdicts = [
        v for path in paths for v in (_folder(path, against) if path.is_dir() else [verify(path, against)])
    ]
    copies = [v for v in verdicts if v.report is not None] if against is None else []
    measure = min(copies, key=lambda v: (bool(v.differences), bool(v.changes)), default=None)
    for verdict in verdicts:
        yield verdict if measure is None else _beside(verdict, measure)


def _beside(verdict: Verdict, measure: Verdict) -> Verdict:
    """The verdict on a copy, with what it says otherwise than another copy of the same report."""
    if verdict is measure or verdict.report is None or measure.report is None:
        return verdict
    other = content.differences(content.signed_alike(verdict.report, measure.report), measure.report)
    lines = [f"与“{measure.name}”不同：{line}" for line in other]
    return verdict._replace(differences=_bounded([*verdict.differences, *lines])) if lines else verdict


def read_back(path: Path, report: Report) -> list[str]:
    """Why a file that was just made does not say what the report says; nothing where it does."""
    try:
        if path.suffix.lower() == ".csv":
            return list(_bounded(csv_lines(path.read_bytes(), report)))
        return list(_bounded(content.read_differences(path, content.read_back(path, report.form), report)))
    except Unreadable as problem:
        return [f"无法读回核对：{problem}"]


def _load(path: Path) -> bytes:
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        todo = "请指定由它导出的网页、Word、PDF 或数据文件，工作簿写在 --against 之后"
        raise Unreadable(str(path), "是工作簿，不是发布的文件", todo)
    if path.name == MANIFEST:
        raise Unreadable(str(path), "是导出清单，不是发布的文件", "请指定它所在的文件夹")
    return bounded(path, LARGEST, "请核对文件名")


def _exact(path: Path, body: bytes) -> tuple[bool, tuple[str, ...]]:
    """Whether the file is what the export wrote, and why not."""
    listed = Manifest(path.parent / MANIFEST).digest(path)
    own = carried(body, path.suffix)
    if own is False:
        return False, (_how(path, body),)
    if listed is not None:
        same = digest(body) == listed and (own is True or path.suffix.lower() not in SEALED)
        return same, () if same else ("与导出清单中的记录不符",)
    if own:
        return True, ()
    if path.suffix.lower() in SEALED:
        return False, ("文件里没有导出时的校验码",)
    return False, (f"旁边没有{MANIFEST}，无法确认是导出的原文件",)


def _listed(path: Path) -> bool:
    """Whether the manifest beside a file lists it."""
    return Manifest(path.parent / MANIFEST).digest(path) is not None


def _how(path: Path, body: bytes) -> str:
    """Whether line ends alone, or a byte-order mark, were changed, as some servers do."""
    plain = body.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    if path.suffix.lower() != ".docx" and carried(plain, path.suffix):
        return "只有换行符或编码标记不同"
    return "与所带的校验码不符，导出后被改动过"


def _document(path: Path, body: bytes, against: Report | None, exact: bool) -> Verdict:
    """A page, Word document, PDF or JSON file."""
    stamped = published_fingerprint(path)
    if against is None and stamped is None:
        if _listed(path):
            return Verdict(path.name, (_CHANGED,))
        raise Unreadable(str(path), "文件里没有数据指纹，无法单独判断", _AGAINST)
    try:
        back = content.read_back(path, against.form if against else None)
    except Unreadable as problem:
        if stamped is None and path.suffix.lower() not in (".json", ".htm", ".html"):
            raise
        return Verdict(path.name, (f"读不出年报的内容：{problem.what}",))
    if against is None:
        reports, messages, mismatch = _by_fingerprint(path, back, str(stamped))
    else:
        reports, mismatch = [against], []
        messages = list(_with_origin(content.read_differences(path, back, against), stamped, against))
    forgeable = against is not None and path.suffix.lower() in (
        ".html",
        ".htm",
    )  # anybody can compute a digest
    seen = Seen()
    if forgeable or not exact:
        every = (_seen(path, body, report, stamped, against is None) for report in reports)
        seen = min(every, key=lambda one: (len(one.differences), len(one.changes)))
    more = [line for line in seen.differences if not _repeats(line, messages)]
    differences = (*messages, *mismatch, *more)
    rest = (seen.rest,) if seen.rest and not (differences or seen.changes) else ()
    return Verdict(path.name, differences, (*seen.changes, *rest), back.report)


def _repeats(line: str, messages: Sequence[str]) -> bool:
    """Whether a sentence only says again, by its mark-up, what the comparison of the contents says."""
    if not messages or not line.startswith(_REPEATING):
        return False
    added = _ADDED.match(dense(line))
    return added is None or any(added[1] in dense(other) for other in messages)


def _by_fingerprint(
    path: Path, back: content.Back, stamped: str
) -> tuple[list[Report], list[str], list[str]]:
    """The content against the fingerprint that the file carries: the report (any that it may be, where none has the
    fingerprint), what is printed otherwise, what does not fit."""
    readings = list(content.readings(back.report))
    fit = [report for report in readings if report.fingerprint() == stamped][:1]
    messages = list(content.around(path, back, back.report))
    words = f"文件内容与所载数据指纹 {stamped} 不符：导出之后内容（或指纹本身）被改动过；用 --against 指定工作簿可列出改动之处"
    return fit or readings, messages, [] if fit else [words]


def _seen(path: Path, body: bytes, report: Report, stamped: str | None, alone: bool) -> Seen:
    match path.suffix.lower():
        case ".html" | ".htm":
            return page.compare(body.decode("utf-8-sig", "replace"), report, stamped)
        case ".docx":
            return document.compare_word(path, report)
        case ".pdf":
            return document.compare_pdf(path, report)
        case ".json":
            return json_compare(body, report, alone)
    return Seen()


def _with_origin(messages: Iterable[str], stamped: str | None, against: Report) -> Iterator[str]:
    """The differences, after the sentence that the file is of another state of the workbook, where it is."""
    every = list(messages)
    if every and stamped is not None and stamped != against.fingerprint():
        yield f"文件所载数据指纹 {stamped} 与工作簿的 {against.fingerprint()} 不符：不是由现在的工作簿导出的"
    yield from every


def _csv(path: Path, body: bytes, against: Report | None, exact: bool) -> Verdict:
    if against is None:
        if exact:
            return Verdict(path.name)
        if not _listed(path):
            raise Unreadable(str(path), "CSV 只有表中数据，没有文字，无法单独判断", _AGAINST)
        return Verdict(path.name, (_CHANGED,))
    seen = csv_compare(body, against)
    messages = _with_origin(seen.differences, published_fingerprint(path), against)
    return Verdict(path.name, tuple(messages), seen.changes)


def _picture(path: Path, against: Report | None, exact: bool) -> Verdict:
    """一图读懂: a picture can only be exactly what was drawn, and of which report it was drawn stands in it."""
    if exact and (against is None or published_fingerprint(path) == against.fingerprint()):
        return Verdict(path.name)
    if exact:
        return Verdict(path.name, ("一图读懂不是由现在的工作簿绘制的，请重新导出",))
    listed = _listed(path)
    if path.suffix.lower() == ".png" and not listed and against is None:
        raise Unreadable(str(path), f"图片旁边没有{MANIFEST}，无法判断", "请与导出时的文件夹一起核对")
    how = (
        "图片在导出之后被改动过"
        if listed or path.suffix.lower() == ".svg"
        else f"旁边没有{MANIFEST}，图片无法核对"
    )
    return Verdict(path.name, (how,))


def _folder(folder: Path, against: Report | None) -> Iterator[Verdict]:
    """A folder of an export: what its manifest lists, and what lies beside."""
    manifest = Manifest(folder / MANIFEST)
    paths = sorted(
        path for path in folder.iterdir() if path.suffix.lower() in KINDS and path.name != MANIFEST
    )
    if not paths and not manifest.files:
        raise Unreadable(str(folder), "文件夹里没有导出的文件", "请指定导出时写入的文件夹")
    for name in manifest.files:
        if not (folder / name).is_file():
            yield Verdict(name, (f"{MANIFEST}中有，文件夹里没有",))
        elif Path(name).suffix.lower() not in KINDS:
            yield _unread(folder / name, against)
    for path in paths:
        try:
            verdict = verify(path, against)
        except Unreadable as problem:
            verdict = Verdict(path.name, (f"{problem.what}",))
        if manifest.files and path.name not in manifest.files:
            verdict = verdict._replace(changes=(f"不在{MANIFEST}中", *verdict.changes))
        yield verdict


def _unread(path: Path, against: Report | None) -> Verdict:
    """A file of a kind that is not read again: whether it is what the export wrote, by the manifest alone."""
    _, why = _exact(path, bounded(path, LARGEST, "请核对文件名"))
    return Verdict(path.name, why, () if against is None else ("这种文件不能读回，没有与工作簿比较",))


def _bounded(messages: Iterable[str]) -> tuple[str, ...]:
    every = tuple(dict.fromkeys(messages))
    return every if len(every) <= MOST else (*every[:MOST], f"此外还有 {len(every) - MOST} 处不同")


#: Marks of the published file; they are no part of the report.
_MARKS = ("fingerprint", "digest", "draft")
_KEYS = {
    "agency_code": "单位代码", "level": "行政层级", "scope": "统计范围", "explanations": "审核说明", "previous": "上年数据",
    "signature": "落款单位", "date": "落款日期", "form": "表式", "agency": "填报单位", "year": "年度", "tables": "表中数据",
    "narrative": "各部分文字", "preamble": "前言", "incomplete": "数字不全的说明", "ledger": "台账",
    "units": "所汇总的单位",
}  # fmt: skip


def json_compare(text: bytes, report: Report, alone: bool) -> Seen:
    """Published JSON against the report; ``alone``: against what it says itself, so that only the digest can tell, and
    only where the fingerprint says that figures and text were left as they were."""
    drafts = [filled(to_json(report, draft=draft)) for draft in (False, True)]
    if text in drafts:
        return Seen()
    doubled: list[str] = []
    there, due = _plain(text, doubled), _plain(drafts[0])
    other = "不是导出时的写法" if alone else "与工作簿不同"
    messages = [
        f"“{_KEYS.get(key, key)}”{other}"
        for key in dict.fromkeys((*due, *there))
        if key not in _MARKS and due.get(key) != there.get(key)
    ]
    messages += [f"“{_KEYS.get(key, key)}”重复出现" for key in doubled]
    if alone and there.get("fingerprint") == report.fingerprint() and not _canonical(text, drafts):
        messages.append(
            "数字和文字与数据指纹相符；其余栏目（代码、层级、范围、审核说明、上年数据等）、文字中的空白或校验码有改动，"
            "用 --against 指定工作簿可列出"
        )
    return Seen(tuple(messages), rest="排版（空格、换行、次序）或标记有改动")


def _plain(text: bytes, doubled: list[str] | None = None) -> Mapping[str, Any]:
    """What the JSON says; ``doubled`` collects keys that stand twice in one place, of which programs read either."""
    try:
        data = loads(text, "JSON", constant=str, doubled=[] if doubled is None else doubled)
    except Unreadable:
        return {}
    return data if isinstance(data, dict) else {}


def _canonical(text: bytes, drafts: list[bytes]) -> bool:
    """Whether the file, written as the export writes, would have the digest that it carries."""
    carried = _plain(text).get("digest")
    return any(_plain(draft).get("digest") == carried for draft in drafts)


def csv_compare(text: bytes, report: Report) -> Seen:
    """Published CSV against the report, line by line and column by column."""
    ours = [to_csv(report, draft=draft).encode("utf-8-sig") for draft in (False, True)]
    older, heads = (",".join(names).encode() for names in (ENGLISH, csv_heads(report.form)))
    if text in ours or text.replace(older, heads, 1) in ours:
        return Seen()
    messages = list(csv_lines(text, report))
    return Seen(tuple(messages), () if messages else ("换行、引号、编码标记、状态或指纹一栏有改动",))


def csv_lines(text: bytes, report: Report) -> Iterator[str]:
    """What the lines say otherwise than they should."""
    due = _lines(to_csv(report))
    there = _lines(text.decode("utf-8-sig", "replace"))
    columns = csv_heads(report.form)
    if there[:1] not in ([list(columns)], [list(ENGLISH)]):
        yield "表头与导出的不同"
    for n, (line, actual) in enumerate(zip_longest(due[1:], there[1:], fillvalue=None), 2):
        if line is None:
            yield f"第 {n} 行是多出来的：“{','.join(actual or ())[:60]}”"
        elif actual is None:
            yield f"少了“{line[0]}”一行"
        else:
            yield from _line(report, columns, line, actual, n)


def _line(
    report: Report, columns: tuple[str, ...], due: list[str], actual: list[str], n: int
) -> Iterator[str]:
    if len(actual) != len(columns):
        yield f"第 {n} 行有 {len(actual)} 栏，应有 {len(columns)} 栏"
        return
    for meaning, column, here, there in zip(ENGLISH, columns, due, actual, strict=True):
        if here == there or meaning in ("status", "fingerprint"):
            continue
        if meaning == "value":
            name = report.form.name(report.form.cells[n - 2])
            yield f"{name}：应为{_quoted(here)}，文件中是{_quoted(there)}"
        else:
            yield f"第 {n} 行“{column}”一栏应为{_quoted(here)}，文件中是{_quoted(there)}"


def _lines(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    except csv.Error:
        return []


def _quoted(text: str) -> str:
    return f"“{text}”" if text else "空白"
