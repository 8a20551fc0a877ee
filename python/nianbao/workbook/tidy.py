"""规范数字, 补 0, 规范文字 and 导入上年: what a workbook gets without anybody's judgement; every change is listed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from nianbao.checks.system import last_year
from nianbao.core.equation import Equation, added, totals
from nianbao.core.files import Unreadable, into_place
from nianbao.core.form import Form
from nianbao.core.grid import Cell, Place, column_name
from nianbao.core.number import Figure
from nianbao.core.report import Report
from nianbao.core.text import corrected
from nianbao.workbook.layout import COVER_FIELDS, PREVIOUS_FORM, PREVIOUS_YEAR, Layout, Spot
from nianbao.workbook.writer import blank

if TYPE_CHECKING:
    from openpyxl import Workbook

#: The sheet that records what was changed; 撤销 reads the last run from it.
RECORD = "规范记录"
RECORD_HEADS = ("序号", "工作表", "单元格", "项目", "原内容", "现内容", "种类")
RECORD_TOP = 4
NUMBER, ZERO, TOTAL, TEXT = "规范数字", "空格补0", "恢复合计公式", "规范文字"
_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")


class CellChange(NamedTuple):
    """One cell that is put right: what stood there (None: nothing), what stands there now, in the trade's words.

    ``after`` is a figure, a text, or the formula of a total (it begins with ``=``).
    """

    at: Spot
    name: str
    before: str | Figure | None
    after: str | Figure
    kind: str

    def __str__(self) -> str:
        before = "（空白）" if self.before is None or not str(self.before).strip() else f"“{self.before}”"
        after = "合计公式" if self.kind == TOTAL else self.after
        if self.kind == TEXT:
            return f"{self.at.sheet} {self.at.a1}　{self.name}：已规范空格和数字"
        return f"{self.at.sheet} {self.at.a1}　{self.name}：{before} → {after}"


def changes(report: Report, *, zeros: bool = False, text: bool = False) -> list[CellChange]:
    """What can be put right without anybody's judgement, from sheet to sheet and from the top down.

    ``zeros``: blanks (and ``/``, ``无``) become 0 where the form asks for a figure; ``text``: full-width digits, outer
    white space and half-width punctuation among Chinese characters in paragraphs. Numbers written as text (``３件``, ``1,234``, ``〇``) always become numbers.
    """
    layout = Layout.of(report.form)
    proper = dict(_figures(report, zeros=zeros))
    made = [
        CellChange(layout.spot(cell), report.form.name(cell), report.raw.get(cell), *new)
        for cell, new in proper.items()
    ]
    neat = {**report.figures, **{cell: value for cell, (value, _) in proper.items()}}
    made += _totals(replace(report, figures=neat), layout)
    made += _texts(report, layout) if text else []
    order = {name: n for n, name in enumerate(layout.sheet_names)}
    return sorted(made, key=lambda c: (order[c.at.sheet], c.at.row, c.at.column))


def _figures(report: Report, *, zeros: bool) -> Iterator[tuple[Cell, tuple[Figure, str]]]:
    for cell in report.form.cells:
        if cell not in report.raw and (cell in report.form.filled or cell not in report.figures):
            continue
        value, kind = _proper(report, cell, zeros=zeros)
        if value is not None:
            yield cell, (value, kind)


def _proper(report: Report, cell: Cell, *, zeros: bool) -> tuple[Figure | None, str]:
    """The number that a cell should hold instead; None where nothing is to be done, or nothing is certain."""
    reading, column = report.reading(cell), report.form.column(cell)
    if reading is None or reading.fault in ("blank", "none"):
        blank = reading is not None or report.figures.get(cell) is None
        return (0 if zeros and blank and not report.form.row(cell).optional else None), ZERO
    value = reading.figure
    whole = column.decimals or isinstance(value, int)
    if value is None or not whole or (value < 0 and not column.signed):
        return None, NUMBER
    return value, NUMBER


def _totals(report: Report, layout: Layout) -> Iterator[CellChange]:
    """Totals typed over their formulas: the formula comes back where it gives what stands there, or nothing does.

    A table that was not read, as its rows are elsewhere, is left alone.
    """
    from nianbao.workbook.live import total

    for cell, equation in report.form.filled.items():
        current = report.figures.get(cell)
        if cell in report.live or cell in report.raw or cell not in report.figures:
            continue
        if current is None or current == added(equation, report.figures):
            formula = total(equation, report).formula
            yield CellChange(layout.spot(cell), report.form.name(cell), current, formula, TOTAL)


def _texts(report: Report, layout: Layout) -> Iterator[CellChange]:
    for section, n, paragraph in report.text():
        rows = Counter(report.lines.get(section, ()))
        spot = layout.place(Place(section, n), report.lines)
        neat = corrected(paragraph.translate(_DIGITS).strip())
        if neat != paragraph and neat and rows[spot.row] <= 1:
            name = "前言" if section == "preamble" else report.form.section(section).heading
            yield CellChange(spot, name, paragraph, neat, TEXT)


def kept(report: Report) -> list[str]:
    """What is told and never changed: a table that was not read, a total typed over its formula that differs from its parts."""
    lines = [f"没有改动：{problem.message}" for problem in report.problems if problem.rule == "form.layout"]
    for cell, equation in report.form.filled.items():
        current, right = report.figures.get(cell), added(equation, report.figures)
        if cell not in report.live and current is not None and current != right and report.lines:
            lines.append(
                f"{report.form.name(cell)}：手工填写 {current}，各分项之和 {right}，没有改动，请核对"
            )
    return lines


def apply(source: Path, target: Path, made: Sequence[CellChange], report: Report) -> list[str]:
    """A copy of a workbook in which the changes are made and recorded; what of the template came back, in words.

    Raises Unreadable where that cannot be.
    """
    from nianbao.workbook.marks import open_book
    from nianbao.workbook.repair import damages, described, restore

    book = open_book(source, macros=target.suffix.lower() == ".xlsm")
    if book is None:
        raise Unreadable(source.name, "有表格组件无法识别，不能改动", "请用 Excel 或 WPS 另存为 .xlsx 后重试")
    for change in made:
        if change.at.sheet in book.sheetnames:
            _write(book, change.at, change.after, formula=change.kind == TOTAL)
    damaged = damages(source, report)
    restore(book, report.form, damaged)
    restored = described(damaged)
    if made or restored:
        _record(book, made, restored)
    with into_place(target) as temporary:
        book.save(temporary)
    return restored


def _write(book: "Workbook", spot: Spot, value: str | Figure | None, *, formula: bool) -> None:
    cell = book[spot.sheet].cell(spot.row, spot.column)
    cell.value = value
    if isinstance(value, str) and not formula:
        cell.data_type = "s"
    elif cell.number_format == "@":
        cell.number_format = "General"


def _record(book: "Workbook", made: Sequence[CellChange], restored: Sequence[str]) -> None:
    """List the changes on a sheet of their own, in place of those of the run before."""
    from openpyxl.styles import Alignment, Font

    if RECORD in book.sheetnames:
        del book[RECORD]
    page = book.create_sheet(RECORD)
    page["A1"].value, page["A1"].font = RECORD, Font("黑体", 16)
    page["A2"].value = f"共改动 {len(made)} 格。点“撤销”恢复原内容；也可照“原内容”一栏改回。"
    if restored:
        page["A2"].value += f"另按模板：{'；'.join(restored)}。"
    for column, (head, width) in enumerate(zip(RECORD_HEADS, (6, 16, 9, 50, 24, 24, 14), strict=True), 1):
        page.cell(RECORD_TOP - 1, column).value = head
        page.cell(RECORD_TOP - 1, column).font = Font("黑体", 10.5)
        page.column_dimensions[column_name(column)].width = width
    for n, change in enumerate(made):
        before = change.before if not isinstance(change.before, str) else change.before[:32000]
        values = (n + 1, change.at.sheet, change.at.a1, change.name, before, change.after, change.kind)
        for column, value in enumerate(values, 1):
            cell = page.cell(RECORD_TOP + n, column)
            cell.value = value
            cell.font = Font("宋体", 10)
            cell.alignment = Alignment(wrap_text=column > 3, vertical="top")
            if isinstance(value, str):
                cell.data_type = "s"
    page.freeze_panes = f"A{RECORD_TOP}"


#: As many differing cells are named; the rest is counted.
NAMED = 10
Content = str | float


def listed(made: Sequence[CellChange]) -> list[str]:
    """The changes in words, one a line; the blanks that became 0 last, a line for each sheet."""
    zeros: dict[str, list[str]] = {}
    for change in made:
        if change.kind == ZERO and not str(change.before or "").strip():
            zeros.setdefault(change.at.sheet, []).append(change.at.a1)
    lines = [str(c) for c in made if c.at.a1 not in zeros.get(c.at.sheet, ())]
    return lines + [
        f"{sheet}　空白补 0 共 {len(cells)} 格：{'、'.join(cells)}" for sheet, cells in zeros.items()
    ]


class Brought(NamedTuple):
    """What goes into blank cells, and which cells hold something else and stay as they are (in words)."""

    fill: dict[Spot, Content]
    differing: tuple[str, ...]


def suits(report: Report, last: Report, name: str) -> None:
    """Raises Unreadable when ``last`` is another agency's or not of the year before, or nothing in it means the same."""
    names = ["".join(each.agency.split()) for each in (report, last)]
    if all(names) and names[0] != names[1]:
        what = f"是“{last.agency}”的年报，不是“{report.agency}”的"
        todo = "请选择本单位上年度的年报；单位更名的，先清空本年封面的单位名称，带入后再填新名称"
        raise Unreadable(name, what, todo)
    if report.year and last.year and last.year != report.year - 1:
        what = f"是 {last.year} 年度的报告，本工作簿是 {report.year} 年度，上年应为 {report.year - 1} 年度"
        raise Unreadable(name, what, "请选择上年度的年报，或核对封面的报告年度")
    if not report.form.comparable.get(last.form.key):
        raise Unreadable(name, "所用的表式与本年度的没有可比的指标", "请核对是否选错文件")


def bring(report: Report, last: Report, layout: Layout) -> Brought:
    """What last year's report gives to this year's workbook, compared with what stands there."""
    fill: dict[Spot, Content] = {}
    differing: list[str] = []
    previous = report.previous or Report(report.form, "", None, {})
    for cell in _comparable(report, last):
        value = last.raw.get(cell, last.figures.get(cell))
        _offer(fill, differing, cell, layout.previous[cell], value, previous)
    for now, before in opening(report):
        _offer(fill, differing, now, layout.spot(now), last_year(before, report, last), report)
    if report.previous is None:
        fill[PREVIOUS_FORM] = last.form.authority
        fill |= {PREVIOUS_YEAR: float(last.year)} if last.year else {}
    for name in ("agency", "agency_code", "level"):
        if getattr(last, name) and not getattr(report, name):
            fill[COVER_FIELDS[name][1]] = getattr(last, name)
    return Brought(fill, tuple(differing))


def _comparable(report: Report, last: Report) -> list[Cell]:
    """Last year's cells that mean the same in this year's form."""
    tables = report.form.comparable.get(last.form.key, ())
    return [cell for cell in report.form.cells if cell.table in tables and cell in last.form.cell_set]


def opening(report: Report) -> Iterator[tuple[Cell, Cell]]:
    """The cells that begin with a figure of last year: this year's cell and last year's, as the form's rules say.

    That is what an equality of one cell of this year with one of last year says; totals add up by themselves.
    """
    for equation in report.form.equations:
        pair = _pair(equation)
        if pair is not None and pair[0] not in report.form.filled:
            yield pair


def _pair(equation: Equation) -> tuple[Cell, Cell] | None:
    terms = (*equation.left, *equation.right)
    if equation.rule.op != "=" or len(equation.left) != 1 or len(equation.right) != 1:
        return None
    now = [term.cell for term in terms if not term.previous]
    before = [term.cell for term in terms if term.previous]
    return (now[0], before[0]) if len(now) == len(before) == 1 else None


def _offer(
    fill: dict[Spot, Content], differing: list[str], cell: Cell, spot: Spot, value: object, holder: Report
) -> None:
    current = holder.raw.get(cell, holder.figures.get(cell))
    if value is None or current == value:
        return
    if current is None or (isinstance(current, str) and not current.strip()):
        fill[spot] = value if isinstance(value, str) else float(str(value))
    else:
        name = holder.form.name(cell) if cell in holder.form.cell_set else str(cell)
        differing.append(f"{spot.sheet} {spot.a1}　{name}：现为 {current}，上年报告为 {value}")


def in_words(brought: Brought) -> str:
    """What to tell the user afterwards."""
    words = (
        f"已填入 {len(brought.fill)} 格空白单元格（上年数据、上年结转和封面）。"
        if brought.fill
        else "没有需要填入的空白单元格。"
    )
    if not brought.differing:
        return words
    named = "\n".join(brought.differing[:NAMED])
    more = f"\n……另有 {len(brought.differing) - NAMED} 格" if len(brought.differing) > NAMED else ""
    return f"{words}\n\n以下单元格已经填有不同的内容，没有改动，请核对：\n{named}{more}"


def begin(form: Form, year: int, agency: str, last: Report, name: str) -> Report:
    """A report in which nothing is filled in but what last year's gives; raises Unreadable where it does not suit."""
    report = blank(form, year, agency or last.agency)
    suits(report, last, name)
    figures = dict(report.figures)
    figures |= {now: last_year(before, report, last) for now, before in opening(report)}
    figures |= totals(
        form.filled, figures, form.filled
    )  # a total is a formula where it gives what stands there
    fields = {key: getattr(last, key) for key in ("agency_code", "level", "scope")}
    return replace(report, figures=figures, previous=last, **fields)


def bring_into(source: Path, target: Path, report: Report, brought: Brought) -> None:
    """A copy of a workbook with last year's figures in it; raises Unreadable where it cannot be edited."""
    from nianbao.workbook.marks import open_book

    book = open_book(source, macros=target.suffix.lower() == ".xlsm")
    if book is None:
        raise Unreadable(source.name, "有表格组件无法识别，不能改动", "请用 Excel 或 WPS 另存为 .xlsx 后重试")
    for spot, value in brought.fill.items():
        if spot.sheet in book.sheetnames:
            cell = book[spot.sheet].cell(spot.row, spot.column)
            cell.value = int(value) if isinstance(value, float) and value.is_integer() else value
            if isinstance(value, str):
                cell.data_type = "s"
    with into_place(target) as temporary:
        book.save(temporary)
