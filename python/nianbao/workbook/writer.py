"""Writes the sheets of a new workbook, in the order in which staff meet them: the cover first, the guide last."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO

from xlsxwriter import Workbook

from nianbao import __version__
from nianbao.core.files import Unreadable, into_place
from nianbao.core.finding import SEVERITY_WORDS
from nianbao.core.form import Form, Table
from nianbao.core.report import Report
from nianbao.workbook import flags, live
from nianbao.workbook import layout as at
from nianbao.workbook.layout import (
    COVER_FIELDS,
    PREAMBLE,
    PREAMBLE_LABEL,
    PREAMBLE_MARK,
    PREAMBLE_ROWS,
    Layout,
    SheetLayout,
    Spot,
    height,
)
from nianbao.workbook.styles import FLAGS, Area, Extra, Page, Sheet, Styles, put, setup, write_paragraphs
from nianbao.workbook.table import previous_checks, write_table
from nianbao.xlsx.value import characters, printable

#: The calculation engine that our values are as good as (Excel 2019 and later): it calculates nothing anew.
CALCULATED = 191029


#: A workbook of so many bytes is put together in memory.
_IN_MEMORY = 4_000_000


class Writer:
    """One new workbook of one report."""

    def __init__(self, report: Report, layout: Layout, extra: Extra) -> None:
        self.report, self.layout, self.extra = report, layout, extra

    def write(self, path: Path) -> None:
        never = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")
        options = {"in_memory": not self.extra.long, **dict.fromkeys(never, False)}
        with SpooledTemporaryFile(
            _IN_MEMORY
        ) as made:  # a full disk then interrupts nothing that is half written
            self._write(made, options)
            made.seek(0)
            with path.open("wb") as file:
                copyfileobj(made, file)

    def _write(self, made: IO[bytes], options: Mapping[str, bool]) -> None:
        self.book = Workbook(made, options)
        self.styles = Styles(self.book)
        self._properties()
        self.extra.first(self.book, self.styles)
        write_cover(self._sheet(at.COVER))
        for sheet in self.layout.sheets:
            context = self._sheet(sheet.name)
            context.page.set_tab_color(f"#{_tab(context, sheet)}")
            write_table(context, sheet) if sheet.table else _narrative(context, sheet)
        self.extra.sheets(self.book, self.styles)
        _previous(self._sheet(at.PREVIOUS))
        _checks(self._sheet(at.CHECKS))
        _results(self._sheet(at.RESULTS))
        _explanations(self._sheet(at.EXPLANATIONS))
        write_guide(self._sheet(at.GUIDE))
        for name, refers_to in at.names().items():
            self.book.define_name(name, refers_to)
        self.book.close()

    def _sheet(self, name: str) -> Sheet:
        page = self.book.add_worksheet(name, Page)
        return Sheet(self.book, page, self.styles, self.report, self.layout, self.extra)

    def _properties(self) -> None:
        """The same report always makes the same bytes: the date is the day after the reported year."""
        created = datetime(min(max((self.report.year or 2025) + 1, 1900), 9999), 1, 1)
        words = {"title": printable(self.report.heading), "author": printable(self.report.agency)}
        self.book.set_properties({**words, "comments": f"nianbao {__version__}", "created": created})
        self.book.set_calc_mode("auto", CALCULATED)
        self.book.calc_on_load = False  # every value is there: an untouched file is closed without a question


def _tab(context: Sheet, sheet: SheetLayout) -> str:
    """The colour of a sheet's tab, by what the live checks say of it."""
    if sheet.table is None:
        return flags.TABS["done" if context.report.narrative.get(sheet.section.key) else "open"]
    sign = str(live.status(sheet, context.report).value)[:1]
    return flags.TABS[{"✗": "error", "？": "verify", "✓": "done"}.get(sign, "open")]


def _narrative(context: Sheet, sheet: SheetLayout) -> None:
    page, styles = context.page, context.styles
    setup(context, [(1, 2), (2, 96)], hidden=sheet.hidden, title=sheet.section.heading)
    put(page, Spot("", 1, 2), sheet.section.heading, styles.title)
    asks = "、".join(sheet.section.asks)
    put(page, Spot("", 3, 2), f"本部分应当写明：{asks}。" if asks else "", styles.note)
    put(page, Spot("", 4, 2), "每段一行，不写标题；段内序号照常书写。需要更多行时直接往下写。", styles.note)
    put(page, Spot("", sheet.text_top - 1, 2), "正文", styles.label)
    write_paragraphs(context, sheet, at.TEXT_ROWS)


def _previous(context: Sheet) -> None:
    page, styles, report = context.page, context.styles, context.report
    columns = [(1, 2), (2, 46), *((c, 12) for c in range(3, 10))]
    setup(context, columns, hidden=(11, 19), title="上年数据")
    put(page, Spot("", 1, 2), "上年数据", styles.title)
    note = "填上年度报告的数字（或用“导入上年”自动填入），用于跨年核对；没有上年报告的可以空着。"
    put(page, Spot("", 2, 2), note, styles.get(font_size=9.5, font_color="#616E7C"))
    last = report.previous
    year = last.year if last else (report.year - 1 if report.year else None)
    put(page, at.PREVIOUS_YEAR._replace(column=2), "上年年度", styles.label)
    put(page, at.PREVIOUS_YEAR, year, styles.year)
    spot, form = at.PREVIOUS_FORM, last.form if last else report.form
    put(page, spot._replace(column=2), "上年格式依据", styles.label)
    page.merge_range(spot.row - 1, spot.column - 1, spot.row - 1, spot.column + 1, "", styles.fixed)
    put(page, spot, form.authority, styles.fixed)
    for table in report.form.tables.values():
        _previous_table(context, table)
    for check in previous_checks(report.form, context.layout):
        page.data_validation(f"{check.first.a1}:{check.last.a1}", dict(check.options))
    page.freeze_panes(4, 2)


def _previous_table(context: Sheet, table: Table) -> None:
    page, styles, last = context.page, context.styles, context.report.previous
    spots = {cell: spot for cell, spot in context.layout.previous.items() if cell.table == table.key}
    top = min(spot.row for spot in spots.values()) - 2
    put(page, Spot("", top, 2), table.name, styles.heading)
    put(page, Spot("", top + 1, 2), "项目", styles.head)
    for c, column in enumerate(table.columns.values()):
        put(page, Spot("", top + 1, 3 + c), column.name, styles.head)
    for r, row in enumerate(table.rows.values()):
        put(page, Spot("", top + 2 + r, 2), row.name, styles.side)
        for c in range(len(table.columns)):
            page.write_blank(top + 1 + r, 2 + c, None, styles.group)
    for cell, spot in spots.items():
        value = last.raw.get(cell, last.figures.get(cell)) if last else None
        column = (last.form if last and cell in last.form.cell_set else context.report.form).column(cell)
        put(page, spot, value, styles.figure(total=False, column=column))


def _checks(context: Sheet) -> None:
    page, styles, form = context.page, context.styles, context.report.form
    columns = [(1, 2), (2, 6), (3, 9), (4, 34), (5, 46), (6, 10), (7, 10), (8, 10), (9, 9)]
    setup(context, columns, hidden=(10, 11), title="勾稽核对")
    put(page, Spot("", 1, 2), "勾稽核对", styles.title)
    note = "每一条勾稽关系都是实时公式，随填随算，不需要启用宏。✓ 成立，✗ 不成立，— 尚无可比数字，待更正：有单元格不是数字。"
    put(page, Spot("", 2, 2), note, styles.get(font_size=9.5, font_color="#616E7C"))
    _check_summary(context, len(form.equations))
    for c, name in enumerate(("序号", "性质", "核对对象", "勾稽关系", "左边", "右边", "差额", "结果")):
        put(page, Spot("", at.CHECKS_TOP - 1, 2 + c), name, styles.head)
    for index in range(len(form.equations)):
        _check_line(context, index)
    last = context.layout.check_row(len(form.equations) - 1)
    area = f"B{at.CHECKS_TOP}:I{last}"
    for flag, test in (
        ("error", f'=AND($I{at.CHECKS_TOP}="✗",$C{at.CHECKS_TOP}="强制性")'),
        ("verify", f'=$I{at.CHECKS_TOP}="✗"'),
        ("verify", f'=$I{at.CHECKS_TOP}="待更正"'),
    ):
        page.conditional_format(area, {"type": "formula", "criteria": test, "format": styles.flag(flag)})
    page.autofilter(at.CHECKS_TOP - 2, 1, last - 1, 8)
    page.freeze_panes(at.CHECKS_TOP - 1, 0)
    page.repeat_rows(at.CHECKS_TOP - 2)


def _check_summary(context: Sheet, count: int) -> None:
    top, last = at.CHECKS_TOP, at.CHECKS_TOP + count - 1
    verdicts = [live.judge(e, context.report).verdict for e in context.report.form.equations]
    bad, mend = verdicts.count(live.BAD), verdicts.count(live.MEND)
    words = f"共 {count} 条，成立 {verdicts.count(live.GOOD)} 条，不成立 {bad} 条，待更正 {mend} 条"
    area = f"$I${top}:$I${last}"
    formula = (
        f'="共 {count} 条，成立 "&COUNTIF({area},"✓")&" 条，不成立 "&COUNTIF({area},"✗")'
        f'&" 条，待更正 "&COUNTIF({area},"待更正")&" 条"'
    )
    put(context.page, Spot("", 3, 2), live.Live(formula, words), context.styles.status)


def _check_line(context: Sheet, index: int) -> None:
    page, styles, report = context.page, context.styles, context.report
    equation = report.form.equations[index]
    row, line = context.layout.check_row(index), live.check_row(index, report)
    rule = equation.rule
    sign = "≤" if rule.op == "<=" else "＝"
    put(page, Spot("", row, 2), index + 1, styles.listed_center)
    put(page, Spot("", row, 3), SEVERITY_WORDS[rule.severity], styles.listed_center)
    where = report.form.about(equation) or rule.says
    first = context.layout.spot(equation.cells[0])
    page.write_url(row - 1, 3, f"internal:{first.full()}", styles.link, characters(where))
    put(page, Spot("", row, 5), f"{rule.left_says} {sign} {rule.right_says}", styles.listed)
    for c, value in enumerate((line.left, line.right, line.difference, line.verdict)):
        put(page, Spot("", row, 6 + c), value, styles.listed_center)
    put(page, Spot("", row, 10), line.bad, styles.hidden)
    put(page, Spot("", row, 11), live.sentence(equation, context.layout, row, report), styles.hidden)


def _results(context: Sheet) -> None:
    page, styles = context.page, context.styles
    columns = [(1, 2), (2, 6), (3, 9), (4, 38), (5, 62), (6, 44), (7, 22)]
    setup(
        context,
        columns,
        hidden=(9, 12),
        title="校验结果",
        landscape=True,
    )
    put(page, Spot("", 1, 2), "校验结果", styles.title)
    put(
        page,
        Spot("", 2, 2),
        at.NOT_VALIDATED,
        styles.get(font_size=10.5),
    )
    put(page, Spot("", 3, 2), _changed(context), styles.status)
    for c, name in enumerate(("序号", "性质", "位置", "问题", "处理建议", "规则")):
        put(page, Spot("", at.RESULTS_TOP - 1, 2 + c), name, styles.head)
    _result_lines(context, dict(columns))
    page.freeze_panes(at.RESULTS_TOP - 1, 0)
    page.repeat_rows(at.RESULTS_TOP - 2)


def _result_lines(context: Sheet, widths: dict[int, float]) -> None:
    """The lines to come look right before they are there: a validation writes their contents only."""
    page, styles, top, last = context.page, context.styles, at.RESULTS_TOP, at.RESULTS_LAST
    looks = {2: styles.center_column, 3: styles.center_column, 4: styles.link_column}
    for column in range(2, 8):
        page.set_column(column - 1, column - 1, widths[column], looks.get(column, styles.text_column))
    for area, test, look in (
        (f"C{top}:C{last}", f'=$C{top}="强制性"', styles.flag_line("error")),
        (f"C{top}:C{last}", f'=$C{top}="核实性"', styles.flag_line("verify")),
        (f"B{top}:G{last}", f'=$B{top}<>""', styles.line),
    ):
        page.conditional_format(area, {"type": "formula", "criteria": test, "format": look})
    page.autofilter(top - 2, 1, last - 1, 6)


def _changed(context: Sheet) -> live.Live:
    """The line that says whether anything was edited since the last validation."""
    put(context.page, at.EDITED, live.Live(flags.edited(context.layout), 0), context.styles.hidden)
    return live.Live(flags.verdict(), "")


def _explanations(context: Sheet) -> None:
    page, styles = context.page, context.styles
    columns = [(1, 2), (2, 24), (3, 34), (4, 54), (5, 60)]
    setup(context, columns, hidden=(6, 7), title="审核说明", landscape=True)
    put(page, Spot("", 1, 2), "审核说明", styles.title)
    note = "核实性问题属实的，在“审核说明”一栏写明原因（不少于 8 个字，不能只写“无”“情况属实”等）。说明随数字生效，数字改动后须重新说明。"
    put(page, Spot("", 2, 2), note, styles.get(font_size=10))
    for c, name in enumerate(("规则", "位置", "问题", "审核说明")):
        put(page, Spot("", at.EXPLANATIONS_TOP - 1, 2 + c), name, styles.head)
    given = context.report.explanations
    for n in range(max(30, len(given) + 10)):
        row = at.EXPLANATIONS_TOP + n
        rule, cells, text, figures = given[n] if n < len(given) else ("", (), "", "")
        keys, name = " ".join(cells), context.report.form.rule_name(rule)
        for column, value in zip(at.EXPLANATION_COLUMNS, (name, keys, "", text, keys, figures), strict=True):
            put(page, Spot("", row, column), value, styles.hidden if column > 5 else styles.listed_open)
    page.freeze_panes(at.EXPLANATIONS_TOP - 1, 0)


#: A preamble in one paragraph (basis, period, contact) takes about so many lines.
PREAMBLE_LINES = 6


def write_cover(context: Sheet) -> None:
    page, styles, report = context.page, context.styles, context.report
    setup(context, [(1, 2), (2, 22), (3, 2), (4, 52), (5, 20)], hidden=(7, 9), title="封面")
    page.set_column(at.COVER_GROWTH - 1, at.COVER_GROWTH - 1, 94)
    page.merge_range(2, 1, 2, 4, "", styles.cover_title)
    put(page, Spot("", 3, 2), _title(context), styles.cover_title)
    page.set_row(2, 64)
    if report.incomplete:
        put(page, at.NOTICE, report.incomplete, styles.warning)
    page.merge_range(3, 1, 3, 4, "", styles.get(align="center", font_color="#616E7C"))
    put(
        page,
        Spot("", 4, 2),
        f"（{report.form.authority}规定格式）",
        styles.get(align="center", font_color="#616E7C"),
    )
    for key, (label, spot) in COVER_FIELDS.items():
        _field(context, key, label, spot)
    _state(context)
    _preamble(context)
    _choices(context)


def _title(context: Sheet) -> live.Live:
    form, report = context.report.form, context.report
    agency, year = live.held(COVER_FIELDS["agency"][1]), live.held(COVER_FIELDS["year"][1])
    name = f'IF(TRIM({agency})="","（单位全称）",{agency})'
    pieces = (
        form.full_title.replace('"', '""').replace("{agency}", f'"&{name}&"').replace("{year}", f'"&{year}&"')
    )
    shown = form.full_title.format(agency=report.agency.strip() or "（单位全称）", year=report.year or "")
    return live.Live(f'="{pieces}"', shown)


def _field(context: Sheet, key: str, label: str, spot: Spot) -> None:
    page, styles, report = context.page, context.styles, context.report
    page.set_row(spot.row - 1, 26, None, {"hidden": key == "form"})  # the key is for programs
    must = key in ("agency", "year")
    page.merge_range(spot.row - 1, 1, spot.row - 1, 2, f"＊{label}（必填）" if must else label, styles.label)
    if must:
        test = {"type": "formula", "criteria": f'=TRIM(${spot.a1})=""', "format": styles.flag("verify")}
        page.conditional_format(spot.a1, test)
    fixed = key in ("authority", "form")
    value = {"authority": report.form.authority, "form": report.form.key}.get(key)
    style = styles.fixed if fixed else styles.year if key == "year" else styles.value
    page.merge_range(spot.row - 1, spot.column - 1, spot.row - 1, 4, "", style)
    put(page, spot, value if fixed else getattr(report, key), style)


def _state(context: Sheet) -> None:
    """One line on the whole workbook: what the live checks of each table say."""
    page, styles = context.page, context.styles
    tables = [sheet for sheet in context.layout.sheets if sheet.table]
    page.merge_range(12, 1, 12, 4, "", styles.status)
    parts = [f'"{s.name}："&{at.quoted(s.name)}!B3' for s in tables]
    shown = [f"{s.name}：{live.status(s, context.report).value}" for s in tables]
    style = styles.get(font_size=9.5, font_color="#1F4E79", text_wrap=True, valign="top")
    put(page, at.STATE, live.Live("=" + "&CHAR(10)&".join(parts), "\n".join(shown)), style)
    page.set_row(12, 16 * len(tables) + 6)


def _preamble(context: Sheet) -> None:
    page, styles, paragraphs = context.page, context.styles, context.report.preamble
    words = "前言（编制依据、时间范围、联系方式等；每段一行，可不填）"
    page.merge_range(PREAMBLE_LABEL.row - 1, 1, PREAMBLE_LABEL.row - 1, 4, words, styles.label)
    area = Area(5, 94, at.COVER_GROWTH)
    rows = max(PREAMBLE_ROWS, len(paragraphs) + 3)
    for n in range(rows):
        spot = PREAMBLE._replace(row=PREAMBLE.row + n)
        text = paragraphs[n] if n < len(paragraphs) else ""
        context.text_row(spot, area, text, lines=PREAMBLE_LINES if n == 0 else 2)
    last = PREAMBLE._replace(row=PREAMBLE.row + rows - 1)
    page.print_area(0, 1, last.row - 1, 4)
    context.flag_text(PREAMBLE, last, PREAMBLE._replace(column=PREAMBLE_MARK))


def _choices(context: Sheet) -> None:
    page = context.page
    for key, choices in (("level", at.LEVELS), ("scope", at.SCOPES)):
        spot = COVER_FIELDS[key][1]
        rule = {"validate": "list", "source": list(choices), "error_type": "information"}
        words = {
            "input_title": COVER_FIELDS[key][0],
            "input_message": "从列表中选择，也可以自行填写；可不填。",
        }
        page.data_validation(spot.a1, {**rule, **words})
    first, last = context.report.form.years
    year = {"validate": "integer", "criteria": "between", "minimum": first, "maximum": last or 2100}
    words = {"error_title": "报告年度", "error_message": f"请填四位年份；本表式用于{first}年及以后。"}
    if last is not None:
        words["error_message"] = f"请填四位年份；本表式用于{first}至{last}年度。"
    page.data_validation(COVER_FIELDS["year"][1].a1, {**year, **words})


STEPS = (
    "在“封面”填写单位全称和报告年度；前言可以写编制依据、时间范围和联系方式。",
    "在各部分的表格中填数字：白底蓝字处填写，没有的填 0，不要填“/”“-”“无”，不要带单位和说明；灰底的合计自动计算，不用填。",
    "从别处复制数字，用“选择性粘贴—数值”，只粘贴数值；不要剪切，不要拖动单元格，不要插入、删除行和列。",
    "在文字部分每段写一行；表格下面的“文字说明”可不填。",
    "看表格上方的一行提示：绿色 ✓ 表示表内勾稽关系成立；红色 ✗ 写明哪一列（行）差多少，必须改正；黄色 ？ 须核实。点这一行转到“勾稽核对”看算式，点算式转到单元格。这些核对不需要启用宏，WPS 同样可用。",
    "填“上年数据”（或用“导入上年”自动填入），核对上年结转和现行有效件数。",
    "装有“年报”加载项的，点“校验”：有问题的单元格标出颜色并附批注，“校验结果”逐条列出并可点击跳转。没有加载项的，用浏览器打开“年报校验.html”，把本工作簿拖进去（不安装、不联网，向信息化人员要这个文件）；也可用命令行 nianbao validate。",
    "核实性问题属实的，在“审核说明”写明原因；强制性问题必须改正。",
    "点“导出”生成网页、Word、PDF 和数据文件；或把本工作簿报送上级汇总。",
)
COLOURS = (
    ("error", "红色：必须改正。不是规范的数字，或者校验认为最可能有误的一格（批注写明原因）。"),
    ("near", "浅红：处在一处不平的勾稽关系之中，请连同算式核对。"),
    ("verify", "黄色：需要核实。属实的写审核说明，不属实的改正。"),
    ("blank", "浅蓝：还没有填。没有的填 0。"),
)


def write_guide(context: Sheet) -> None:
    setup(context, [(1, 2), (2, 40), (3, 84)], title="填报说明")
    line = _Lines(context)
    line.title("填报说明")
    line.note(
        f"格式依据：{context.report.form.authority}。政府信息公开工作年度报告每年 1 月 31 日前公布，报告上一年度情况。"
    )
    line.heading("一、怎样填")
    for n, step in enumerate(STEPS, 1):
        line.wide(f"{n}. {step}")
    line.heading("二、颜色的含义")
    for flag, words in COLOURS:
        line.colour(flag, words)
    line.heading("三、各项数字填什么")
    _hints(line, context.report.form)
    line.heading("四、勾稽关系")
    _rule_lines(line, context.report.form)


def _hints(line: "_Lines", form: Form) -> None:
    for table in form.tables.values():
        line.pair(f"【{form.section_of(table.key).heading}】", "", head=True)
        for row in table.rows.values():
            line.pair(row.name, row.hint)


def _rule_lines(line: "_Lines", form: Form) -> None:
    for rule in form.rules:
        line.pair(f"{SEVERITY_WORDS[rule.severity]}：{rule.name}", f"{rule.says}。（依据：{rule.source}）")
    line.note("强制性问题必须改正；核实性问题须改正，或者在“审核说明”中写明原因。")


class _Lines:
    """Writes line after line down the sheet."""

    def __init__(self, context: Sheet) -> None:
        self.page, self.styles, self.row = context.page, context.styles, 0

    def _next(self, high: float) -> Spot:
        self.row += 1
        self.page.set_row(self.row - 1, high)
        return Spot("", self.row, 2)

    def title(self, text: str) -> None:
        put(self.page, self._next(28), text, self.styles.title)

    def heading(self, text: str) -> None:
        self._next(10)
        put(self.page, self._next(24), text, self.styles.heading)

    def wide(self, text: str) -> None:
        self._merged(text, self.styles.body, 11)

    def note(self, text: str) -> None:
        self._merged(text, self.styles.note, 9.5)

    def _merged(self, text: str, style: object, size: float) -> None:
        spot = self._next(height(text, 122, size))
        self.page.merge_range(spot.row - 1, 1, spot.row - 1, 2, text, style)

    def pair(self, left: str, right: str, *, head: bool = False) -> None:
        high = max(height(left, 38, 10), height(right, 82, 10), 18)
        spot = self._next(high)
        style = self.styles.head if head else self.styles.listed
        put(self.page, spot, left, style)
        put(self.page, spot._replace(column=3), right, style)

    def colour(self, flag: str, words: str) -> None:
        spot = self._next(20)
        look = dict(FLAGS[flag].items())
        put(self.page, spot, "示例", self.styles.boxed(align="center", **look))
        put(self.page, spot._replace(column=3), words, self.styles.listed)


#: The longest text a spreadsheet cell holds.
LONGEST = 32_767


def blank(form: Form, year: int, agency: str = "") -> Report:
    """A report in which nothing is filled in yet."""
    return Report(form, agency, year, dict.fromkeys(form.cells))


def write(report: Report, target: Path, extra: Extra | None = None) -> None:
    """Write the report into a new workbook at ``target`` (moved into place when it is complete).

    Inputs are unlocked; totals are live formulas where they equal their sum, and stand as they stood where
    they do not. Raises :class:`Unreadable` when a text is longer than a cell can hold.
    """
    for where, text in _texts(report):
        if len(text) > LONGEST // 2 and len(text.encode("utf-16-le", "replace")) > 2 * LONGEST:
            raise Unreadable(target.name, f"{where}超过 {LONGEST} 字，写不进一个单元格", "请缩短，或分成几段")
    with into_place(target) as temporary:
        Writer(report, Layout.of(report.form), extra or Extra()).write(temporary)


def _texts(report: Report) -> Iterator[tuple[str, str]]:
    """Every text of the report with words for where it stands."""
    yield from (
        ("填报单位等封面栏目", getattr(report, name)) for name in ("agency", "agency_code", "level", "scope")
    )
    for section, n, paragraph in report.text():
        where = "前言" if section == "preamble" else report.form.section(section).heading
        yield f"“{where}”第{n}段", paragraph
    for last in (report, report.previous):
        yield from ((f"“{last.form.name(cell)}”", text) for cell, text in last.raw.items()) if last else ()
    yield from (("审核说明", text) for e in report.explanations for text in (e.text, " ".join(e.cells)))
