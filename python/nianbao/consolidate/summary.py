"""The summary workbook: a valid workbook of the form whose figures are live sums, with the lists behind them."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

from xlsxwriter import Workbook

from nianbao.consolidate.charts import write_charts
from nianbao.consolidate.choices import EVERY, Choice, choice_words
from nianbao.consolidate.comparisons import write_anomalies, write_differences
from nianbao.consolidate.detail import (
    FIRST_FIGURE,
    beyond_sheet,
    column,
    live_sums,
    summed,
    write_detail,
    write_leaves,
)
from nianbao.consolidate.journal import ListedFinding, in_few_lines
from nianbao.consolidate.names import code_key
from nianbao.consolidate.result import ALIASES, NOBODY, NODE, SUBMITTED, Result, Standing, UnitRow, rule_words
from nianbao.consolidate.sheets import MANY, ROWS, Beside, Folder, ListSheet, Value
from nianbao.consolidate.submissions import (
    COVERED,
    DUPLICATE,
    EARLIER,
    FOREIGN,
    OUTSIDE,
    RETURNED,
    Submission,
    short_reason,
)
from nianbao.core.files import Manifest, Unreadable
from nianbao.core.finding import SEVERITY_WORDS
from nianbao.core.grid import column_name
from nianbao.core.report import Report
from nianbao.workbook.layout import EXPLANATIONS
from nianbao.workbook.leaves import DOUBTFUL, HEADS, MISSING, SENT_BACK, STANDINGS
from nianbao.workbook.reader import read
from nianbao.workbook.styles import HEI, Extra, Styles
from nianbao.workbook.writer import write

FOLLOW = "数字是“单位明细”的求和公式，随明细变动。"
#: Subtotals are formulas up to so many figures to be looked at in a calculation; a criterion holds 255 characters.
LIVE, LONGEST_NAME = 100_000_000, 120
LEADS = (
    "点击带下划线的“位置”，打开该单位的工作簿并转到有问题的单元格；交换数据（JSON）没有单元格，只写明位置。"
)
ALIKE = "同类问题合并为一行，写明共几处；逐条的清单可用 --to csv（或 json、parquet）另存。"
#: What the units are called that stand under no other of the roster.
DIRECT = "直属单位"
#: So many units of a kind are named at the top of 报送情况, so many superiors listed there.
OVERVIEW_NAMED, SUPERIORS = 12, 200
#: Files that no link can open at a cell.
DATA_FILES = (".json", ".csv")
SUBTOTALS, PROBLEMS, BASIS = "分级小计", "问题清单", "口径说明"


def counted_words(result: Result) -> str:
    """What came in: a line on the roster's units where there is a roster, and one on the files."""
    return "\n".join(filter(None, (unit_words(result), file_words(result))))


def unit_words(result: Result) -> str:
    """How many units of the roster are in which state, and how many reports are nobody's; empty without a roster."""
    if not result.roster:
        return ""
    counts = result.standing_counts().items()
    shown = "，".join(f"{state} {n}{' 个单位' if state == SENT_BACK else ''}" for state, n in counts)
    apart = "，".join(f"{what} {n}" for what, n in result.apart().items())
    return f"名录 {len(result.roster.units)} 个单位：{shown}。{f'另有{apart}。' if apart else ''}"


def file_words(result: Result) -> str:
    """How many files are in which state; of returned ones how many need not be sent again."""
    parts = [f"{state} {n}{_needless(result, state)}" for state, n in result.counts().items() if n]
    return f"共 {len(result.cases)} 个文件：{'，'.join(parts) or '没有年报'}。"


def _needless(result: Result, state: str) -> str:
    """That it is files that were returned, and that their units may have another report that was taken."""
    if state != RETURNED:
        return ""
    here = {case.unit for case in result.cases if case.unit and case.counted}
    back = [case.unit for case in result.cases if case.state == RETURNED]
    needless = sum(unit in here for unit in back)
    which = "其" if needless == len(back) else f"其中 {needless} 个的"
    return f" 个文件（{which}单位另有可用的报告，不必重报）" if needless else " 个文件"


def write_standings(book: Workbook, styles: Styles, result: Result, target: Path) -> Beside:
    """How far the reports are in at a glance, by superior, then who has reported: a line a file, in roster order. The
    lines are there when the context that is given ends."""
    coded = any(standing.code for standing in result.standings)
    widths = (6, 28, 20 if coded else 8, 20, 9, 13, 8, 8, 28, 52)
    listing = ListSheet(book, styles, STANDINGS, widths)
    listing.title(f"{result.report.heading}　{STANDINGS}")
    if words := result.report.incomplete:
        listing.line(["", words], styles.warning, 20)
    _overview(listing, result)
    _by_superior(listing, result)
    listing.line([])
    listing.head(HEADS)
    folder = Folder(Path(result.folder), target)

    def lines() -> None:
        every = (line for standing in result.standings for line in _standing(standing, folder))
        for number, line in enumerate(every, 1):
            if listing.row < ROWS:
                listing.line((number, *line))

    def done(first: int) -> None:
        listing.filter(len(HEADS), first)
        listing.page.print_area(0, 0, listing.row - 1, len(HEADS) - 1)

    return Beside(listing, len(result.cases), lines, done)


def _overview(listing: ListSheet, result: Result) -> None:
    """The bar of units that have reported, the counts, and who is missing, returned or to be verified."""
    styles, counts = listing.styles, result.standing_counts()
    wanted = sum(counts.values()) - counts.get(NODE, 0) if result.roster else len(result.cases)
    here = counts[SUBMITTED] if result.roster else sum(case.counted for case in result.cases)
    share = f"　{here} / {wanted}（{round(100 * here / wanted)}%）" if wanted else ""
    what = "已报单位" if result.roster else "计入的文件"
    listing.line(["", what], styles.get(font_name=HEI, font_size=12), 26)
    listing.bar(2, here, wanted, share)
    if result.roster:
        listing.spread("单位", unit_words(result))
    listing.spread("文件", file_words(result))
    for label, names in _named_by_state(result):
        more = f" 等 {len(names)} 个" if len(names) > OVERVIEW_NAMED else ""
        of_units = " 个单位" if label == SENT_BACK else ""
        listing.spread(f"{label} {len(names)}{of_units}", "、".join(names[:OVERVIEW_NAMED]) + more)


def _named_by_state(result: Result) -> Iterator[tuple[str, list[str]]]:
    """What is still to be done, with the names of whom it concerns; returned ones with the reason."""
    back = [s for s in result.standings if s.state == SENT_BACK]
    unknown = [s.cases[0].head.name for s in back if not s.name]
    named = (
        (MISSING, [s.name for s in result.listed if s.state == MISSING]),
        (SENT_BACK, [f"{s.name}（{short_reason(s.cases)}）" for s in back if s.name]),
        (NOBODY, unknown),
        (DOUBTFUL, [case.name for case in result.cases if case.state == DOUBTFUL]),
        (OUTSIDE, [case.name for case in result.cases if case.state == OUTSIDE]),
        (FOREIGN, [case.head.name for case in result.cases if case.state == FOREIGN]),
    )
    return ((label, names) for label, names in named if names)


def _by_superior(listing: ListSheet, result: Result) -> None:
    """A line a superior: how many of its units are to report, have reported, are missing, were sent back."""
    groups: dict[str, list[str]] = {}
    for standing in result.listed:
        if standing.state != NODE:
            groups.setdefault(standing.superior or DIRECT, []).append(standing.state)
    if not groups.keys() - {DIRECT}:
        return
    listing.line([])
    listing.line(["序号", "上级", "进度", "", "应报", SUBMITTED, MISSING, SENT_BACK], listing.styles.head, 22)
    for number, (superior, states) in enumerate(list(groups.items())[:SUPERIORS], 1):
        each = [states.count(state) for state in (SUBMITTED, MISSING, SENT_BACK)]
        listing.line([number, superior, "", "", len(states), *each], listing.styles.listed)
        listing.bar(2, each[0], len(states), "", signs=20)
    if len(groups) > SUPERIORS:
        listing.line(["", f"另有 {len(groups) - SUPERIORS} 个上级，没有列出"])


def _standing(standing: Standing, folder: Folder) -> Iterator[tuple[Value, ...]]:
    who = (standing.name, standing.code, standing.superior, standing.state)
    if not standing.cases:
        yield *who, "", None, None, "", "；".join(filter(None, (standing.note, _contact(standing))))
    for case in standing.cases:
        head = case.head
        notes = "；".join(text for text in (case.full_reason, *case.notes, _contact(standing)) if text)
        file = folder.link(head.name, head.name)
        who = (standing.name, standing.code or case.head.code, standing.superior, standing.state)
        yield *who, case.state, head.errors, head.verify, file, notes


def _contact(standing: Standing) -> str:
    open_ = standing.state in (MISSING, SENT_BACK)
    return f"联系人：{standing.contact}" if standing.contact and open_ else ""


def write_subtotals(book: Workbook, styles: Styles, result: Result) -> None:
    """For every superior of the roster its own and all its subordinates' figures added up."""
    if not result.subtotals:
        return
    form, roster = result.form, result.roster
    assert roster is not None
    listing = ListSheet(book, styles, SUBTOTALS, (6, 30, 18, 9, *(9.5 for _ in form.cells)), wide=True)
    live = len(result.detail) * len(result.subtotals) * len(form.cells) <= LIVE
    follow = FOLLOW if live and result.detail else ""
    listing.title(SUBTOTALS, f"按名录的上下级关系，每一级含本单位和全部下级已计入的数字。{follow}")
    blank = [""] * 4
    listing.head(
        [*blank, *(form.row(cell).name for cell in form.cells)],
        ["序号", "上级", "再上级", "计入单位", *(form.column(cell).name for cell in form.cells)],
        height=44,
    )
    for number, (name, totals) in enumerate(result.subtotals.items(), 1):
        below = _level_lines(result, name, listing.row + 1) if live else ""
        figures = [summed(result, n, v, below) if below else v for n, v in enumerate(totals.vector())]
        listing.line((number, name, roster.superiors.get(name, ""), totals.units, *figures))


def _level_lines(result: Result, name: str, row: int) -> str:
    """What picks the lines of a level in the detail, for SUMIFS; nothing where the name is too long for that."""
    levels = column(result, column_name(FIRST_FIGURE + len(result.form.cells)))
    if len(name) > LONGEST_NAME:
        return ""
    if not set(name) & set('*?~"'):
        return f'{levels},"*|"&$B{row}&"|*"'
    literal = "".join(f"~{c}" if c in "*?~" else c for c in name).replace('"', '""')
    return f'{levels},"*|{literal}|*"'


def write_problems(book: Workbook, styles: Styles, result: Result, target: Path) -> Beside:
    """The findings of every unit, errors first, like ones in a line, with a link to the workbook and its cell; the lines
    are there when the context that is given ends."""
    listing = ListSheet(book, styles, PROBLEMS, (6, 24, 26, 8, 16, 18, 66, 32, 20))
    listing.title(PROBLEMS, LEADS, ALIKE)
    heads = ("序号", "单位", "文件", "性质", "规则", "位置", "问题", "处理建议", "审核说明")
    listing.head(heads)
    folder = Folder(Path(result.folder), target)

    def lines() -> None:
        for number, (unit, file, finding) in enumerate(_told(result), 1):
            if listing.row >= ROWS - 1:
                listing.line(["问题超过一张工作表的行数，其余见数据文件（--to csv）"])
                return
            words = (finding.message, finding.advice, finding.explanation)
            severity, rule = SEVERITY_WORDS[finding.severity], rule_words(result.form, finding)
            listing.line((number, unit, file, severity, rule, _place(folder, file, finding), *words))

    return Beside(listing, len(result.cases), lines, lambda first: listing.filter(len(heads), first))


def _told(result: Result) -> Iterator[tuple[str, str, ListedFinding]]:
    """Unit, file and finding of every line of the problems."""
    for severity in ("error", "verify"):
        for unit, file, findings in result.problems(severity):
            for item in in_few_lines(item for item in findings if item.severity == severity):
                yield unit, file, item


def _place(folder: Folder, file: str, finding: ListedFinding) -> Value:
    """Where a finding stands, as a link where a spreadsheet program can follow it: into a workbook's cell."""
    place = f"{finding.sheet} {finding.cell}".strip()
    if not file or file.lower().endswith(DATA_FILES):
        return place
    return folder.link(place or "打开文件", file, finding.sheet, finding.cell)


def write_aliases(book: Workbook, styles: Styles, result: Result) -> None:
    """The names that reports give instead of the roster's, with what the roster's 别名 then has to say."""
    listing = ListSheet(book, styles, ALIASES, (6, 34, 30, 14, 12, 50))
    listing.title(
        ALIASES,
        "报告中的单位名称与名录写法不同。核对无误的，把最右一格复制到“名录”中该单位的“别名”栏，以后不再提示。",
        "“没有计入”的，确认是同一单位后照填“别名”，再运行一次汇总即计入；不是同一单位的，不必理会。",
    )
    listing.head(("序号", "名录中的单位", "报告中写作", "对应依据", "是否计入", "“别名”栏应填（整格复制）"))
    for number, alias in enumerate(result.aliases, 1):
        counted = "按此计入" if alias.counted else "没有计入"
        listing.line((number, alias.unit.name, alias.written, alias.how, counted, alias.text))


def write_basis(book: Workbook, styles: Styles, result: Result) -> None:
    """What was added and what was not, and why."""
    listing = ListSheet(book, styles, BASIS, (20, 34, 100))
    listing.title(BASIS, "本表说明各项合计数字怎样得来，哪些数字没有计入，原因是什么。")
    listing.head(("事项", "对象", "说明"), frozen=0)
    for line in basis(result):
        listing.line(line)


def basis(result: Result) -> Iterator[tuple[str, str, str]]:
    """The lines of 口径说明: matter, what it is about, words."""
    form, report = result.form, result.report
    yield "表式和年度", f"{report.year or '—'}年，{form.key}", f"按{form.authority}规定格式，格式不得混用。"
    yield "计入单位", f"{len(result.lines)} 个", _sum_words(result)
    if result.roster:
        yield "报送单位", "", unit_words(result)
    yield "来件情况", "", file_words(result)
    if len(result.lines) > len(result.detail):
        yield "明细", "", beyond_sheet(result)
    for choice in result.choices.all:
        yield _choice(result, choice)
    if nowhere := [result.form.name(result.form.cells[n]) for n in result.excluded]:
        yield "全部不计入", f"{len(nowhere)} 格", f"所有单位都不计入，合计填 0：{'、'.join(nowhere)}。"
    for state in (COVERED, EARLIER, DUPLICATE, OUTSIDE):
        for case in result.cases:
            if case.state == state:
                yield state, f"{case.name}（{case.head.name}）", f"{case.reason}。"
    for case in result.cases:
        for note in case.notes:
            yield "须留意", _who(case), f"{note}。"
    for remark in result.remarks:
        yield "须留意", "整体报告", f"{remark}。"
    for units, finding in result.shared:
        yield "须留意", units, f"{finding.message}。"
    if not report.agency:
        yield "填报单位", "", "没有指明汇总单位，请填写汇总单位。"
    yield from _blanks(result)


def _choice(result: Result, choice: Choice) -> tuple[str, str, str]:
    """What is left out of whom by which choice, and whether there was anything to leave out."""
    form = result.form
    parts = [choice_words(form, word) for word in choice.words]
    used = choice.unit == EVERY or any(code_key(choice.unit) in _keys(line) for line in result.lines)
    when = f"（{choice.date}）" if choice.date else ""
    words = f"{'、'.join(parts)}：{choice.reason or '未写原因'}{when}，依据{choice.source}。"
    unit = "所有下级单位" if choice.unit == EVERY else _named(result, choice.unit)
    return "不计入的指标", unit, words if used else f"未生效，该单位没有计入汇总的报告。{words}"


def _keys(line: UnitRow) -> set[str]:
    """The names and the code by which a choice may mean a line."""
    called = line.case.head.agency if line.case else ""
    return {code_key(text) for text in (line.name, line.code, called)} - {""}


def _named(result: Result, unit: str) -> str:
    """The unit's name as the summary has it, where a choice gives its code or writes it otherwise."""
    key = code_key(unit)
    return next((line.name for line in result.lines if key in _keys(line)), unit)


def _who(case: Submission) -> str:
    return f"{case.name}（{case.head.name}）"


def _sum_words(result: Result) -> str:
    own = f"含本级（{result.own.agency}）" if result.own else "未提供本级报告，只含下级"
    return f"合计＝本级＋下级，逐格相加；{own}。只计入“接收”和“接收但须核实”的报告，退回的改正后重新汇总。"


def _blanks(result: Result) -> Iterator[tuple[str, str, str]]:
    for n, count in sorted(result.totals.blanks.items()):
        cell = result.form.cells[n]
        named = result.totals.blank_units[n]
        more = f"等 {count} 个单位" if count > len(named) else ""
        yield "空白", result.form.name(cell), f"{'、'.join(named)}{more}未填此格，合计时不作数字计入。"


NOTE = "本表是汇总数：每格为“单位明细”各行之和，不在此处填写。"


def write_summary(result: Result, target: Path) -> None:
    """Write the summary at ``target``, moved into place when it is complete."""
    live = live_sums(result)

    def first(book: Workbook, styles: Styles) -> None:
        copies.enter_context(write_standings(book, styles, result, target))

    def sheets(book: Workbook, styles: Styles) -> None:
        write_charts(book, styles, result)
        copies.enter_context(write_detail(book, styles, result))
        write_subtotals(book, styles, result)
        copies.enter_context(write_problems(book, styles, result, target))
        if result.aliases:
            write_aliases(book, styles, result)
        if result.anomalies is not None:
            write_anomalies(book, styles, result)
        if result.whole is not None:
            write_differences(book, styles, result)
        write_basis(book, styles, result)
        write_leaves(book, result)
        copies.close()

    with ExitStack() as copies:
        write(result.report, target, Extra(sheets, live.get, NOTE, first, long=len(result.cases) > MANY))


def with_earlier_text(result: Result, target: Path, record: Path) -> Result:
    """The result with what staff wrote into an earlier summary of the same: text, 审核说明, what else the cover asks for.

    ``record`` is the record of what we wrote: of several summaries the one that was changed last is taken. What was
    taken, and which file is today's, is in the result's ``carried``.
    """
    manifest, number = Manifest(record), re.escape(re.sub(r"\(\d+\)$", "", target.stem))
    beside = target.parent.glob("*.xlsx") if manifest.files else [target]
    series = [path for path in beside if re.fullmatch(rf"{number}(\(\d+\))?", path.stem)]
    earlier = sorted((not manifest.unchanged(p), p.stat().st_mtime_ns, p) for p in series if p.is_file())
    if not earlier:
        return result
    changed, _, path = earlier[-1]
    report, parts = result.report, []
    with suppress(Unreadable):
        before = read(path)
        if (before.form, before.year) == (report.form, report.year):
            report, parts = _with_text(report, before), _written(before)
    words = (
        [f"{path.name} 您改过，已保留原样；今天的数字在 {target.name}"] if changed and path != target else []
    )
    if parts and (changed or path != target):
        words.append(f"{path.name} 中写好的{'、'.join(parts)}已带入 {target.name}")
    return replace(result, report=report, carried=tuple(words))


def _with_text(report: Report, before: Report) -> Report:
    """Today's figures with the earlier summary's text; the reasons for figures that changed since are out of date
    there as in any workbook."""
    return replace(
        report,
        narrative=before.narrative,
        preamble=before.preamble,
        explanations=before.explanations,
        agency_code=report.agency_code or before.agency_code,
        level=report.level or before.level,
        signature=before.signature,
        date=before.date,
        given=before.given,
    )


def _written(before: Report) -> list[str]:
    """What of an earlier summary was written by hand, by name."""
    sections = [s for s in before.form.sections if any(before.narrative.get(s.key, ()))]
    return [
        *(["前言"] if any(before.preamble) else []),
        *(f"“{section.heading}”" for section in sections),
        *([EXPLANATIONS] if before.explanations else []),
    ]
