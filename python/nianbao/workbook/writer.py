"""Writes the sheets of a new workbook, in the order in which staff meet them."""

from datetime import datetime
from pathlib import Path

from xlsxwriter import Workbook

from nianbao import __version__
from nianbao.core.finding import SEVERITY_WORDS
from nianbao.core.form import Table
from nianbao.core.report import Report
from nianbao.core.rules import about
from nianbao.workbook import flags, live
from nianbao.workbook import layout as at
from nianbao.workbook.cover import write_cover
from nianbao.workbook.guide import write_guide
from nianbao.workbook.layout import LEFT, Layout, SheetLayout, Spot, fixed
from nianbao.workbook.sheet import Area, Page, Sheet, put, setup
from nianbao.workbook.styles import Styles
from nianbao.workbook.table import number_only, write_table
from nianbao.workbook.template import Extra
from nianbao.workbook.text import printable, sound

#: The calculation engine that our values are as good as (Excel 2019 and later): it calculates nothing anew.
CALCULATED = 191029


class Writer:
    """One new workbook of one report."""

    def __init__(self, report: Report, layout: Layout, extra: Extra) -> None:
        self.report, self.layout, self.extra = report, layout, extra

    def write(self, path: Path) -> None:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.book = Workbook(str(path), options)
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
        self.book.define_name(at.FORM_NAME, f"={at.quoted(at.COVER)}!{fixed(at.COVER_FIELDS['form'][1])}")
        for name, spot in zip((at.TIME_NAME, at.FINGERPRINT_NAME), at.STORED, strict=True):
            self.book.define_name(name, f"={at.quoted(at.RESULTS)}!{fixed(spot)}")
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
    sign = str(live.status(sheet, context.report, context.layout).value)[:1]
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


def write_paragraphs(context: Sheet, sheet: SheetLayout, rows: int) -> None:
    """The unlocked rows for text, one paragraph a row, with the flags' conditional formats."""
    paragraphs = context.report.narrative.get(sheet.section.key, ())
    last = max(rows, len(paragraphs) + 5)
    area = Area(sheet.last_column, sum(sheet.table.widths), sheet.growth) if sheet.table else Area(LEFT, 96)
    for n in range(1, last + 1):
        spot, text = sheet.paragraph(n), paragraphs[n - 1] if n <= len(paragraphs) else ""
        context.text_row(spot, area, text, lines=3 if sheet.table and n <= 2 else 1)
    first, end = sheet.paragraph(1), sheet.paragraph(last)
    context.flag_text(first, end, sheet.paragraph_mark(1))


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
    put(page, at.PREVIOUS_FORM._replace(column=2), "上年表式代码", styles.label)
    put(page, at.PREVIOUS_FORM, last.form.key if last else report.form.key, styles.value)
    for table in report.form.tables.values():
        _previous_table(context, table)
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
        put(page, spot, value, styles.figure(total=False, decimals=column.decimals))
        page.data_validation(spot.a1, number_only(column))


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
    row, line = context.layout.check_row(index), live.check_row(index, context.layout, report)
    rule = equation.rule
    sign = "≤" if rule.op == "<=" else "＝"
    put(page, Spot("", row, 2), index + 1, styles.listed_center)
    put(page, Spot("", row, 3), SEVERITY_WORDS[rule.severity], styles.listed_center)
    where = about(equation, report.form) or rule.says
    first = context.layout.spot(equation.cells[0])
    page.write_url(row - 1, 3, f"internal:{first.full()}", styles.link, sound(where))
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
