"""Reads what staff typed out of a closed workbook (or interchange JSON): a report, with what was odd as findings.

Of a summary also the units that it adds up, and who of them was missing, sent back or doubtful.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from nianbao.core import form as forms
from nianbao.core import number, text
from nianbao.core.equation import Equation, added, totals
from nianbao.core.files import Alien
from nianbao.core.finding import CODES, Finding
from nianbao.core.form import Form, FormError
from nianbao.core.grid import Anchor, Cell, column_name
from nianbao.core.number import Figure
from nianbao.core.report import (
    Explanation,
    Report,
    is_json,
    paragraphs,
    parse,
    read_incomplete,
)
from nianbao.workbook import layout as at
from nianbao.workbook.layout import (
    COVER_FIELDS,
    Layout,
    SheetLayout,
    Spot,
    Square,
)
from nianbao.workbook.leaves import LISTS, read_leaves, unsettled
from nianbao.xlsx.package import Package, Sheet, Value, content, read_package

USE_TEMPLATE = "请在空白的年报模板上填报，已发布的网页、Word、PDF 请先导入为工作簿"
#: What stands in a cell that is not there.
_NOTHING = Value("s", "", False)


class NotOurs(Alien):
    """A sound workbook, but not one of our template."""


def read(source: Path, form: Form | None = None) -> Report:
    """The report in a workbook or in interchange JSON, told apart by content; ``form``: one not built in.

    Raises :class:`Unreadable` when the file cannot be used at all; everything else is in the report's findings.
    """
    data = content(source)
    if is_json(data[:64]):
        return parse(data, source.name, form)
    return read_workbook(data, source.name, form, str(source))


def read_workbook(source: Path | bytes, name: str, form: Form | None = None, path: str = "") -> Report:
    """The report in a workbook of ours; raises :class:`Unreadable` when it is none. ``path``: where bytes come from."""
    guess = form or forms.load(forms.keys()[0])
    package = _package(source, Layout.of(guess), path)
    actual = form_of(package, name, form)
    if actual is not guess:
        package = _package(source, Layout.of(actual), path)
    report = report_of(package, name, actual)
    if report.scope == at.SCOPES[1] or not at.SUMMARY_SHEETS.isdisjoint(package.names):
        leaves = read_leaves(package, source, actual)
        return replace(report, leaves=leaves, problems=(*report.problems, *unsettled(package)))
    return report


def _package(source: Path | bytes, layout: Layout, path: str) -> Package:
    """What staff type, and the lists of a summary, in one reading."""
    sheets, columns = (*layout.read_sheets, *LISTS), {**layout.read_columns, **LISTS}
    return read_package(source, sheets, columns=columns, path=path)


def report_of(package: Package, name: str, form: Form | None = None) -> Report:
    """The report in what was read of a workbook, closed or open; raises :class:`Unreadable` when it is none."""
    return _BookReader(package, Layout.of(form_of(package, name, form))).report()


def form_of(package: Package, name: str, form: Form | None = None) -> Form:
    """The form that the cover names; ``form``: one not built in."""
    cover = package.sheets.get(at.COVER)
    if cover is None:
        todo = USE_TEMPLATE
        if like := lookalike(at.COVER, [n for n in package.names if n not in at.SUMMARY_SHEETS]):
            todo = f"工作表“{like}”像是封面，是的请改回“{at.COVER}”；不是的，{USE_TEMPLATE}"
        raise NotOurs(name, f"不是年报模板的工作簿（没有“{at.COVER}”工作表）", todo)
    key = _text(cover, COVER_FIELDS["form"][1]).strip()
    if form is not None and form.key == key:
        return form
    try:
        return forms.load(key)
    except FormError:
        where = COVER_FIELDS["form"][1].a1
        raise NotOurs(name, f"封面 {where} 的表式代码“{key[:20]}”不认识", USE_TEMPLATE) from None


def _renamed(name: str, strange: Sequence[str]) -> str:
    """What to do about a sheet that is missing: the one that looks like it is named."""
    like = lookalike(name, strange)
    if like:
        return f"“{like}”像是它，请把名称改回“{name}”"
    if len(strange) == 1:
        return f"“{strange[0]}”可能是它，是的请把名称改回“{name}”，不是的请从模板重新填写"
    return "请从模板重新填写，不要删除或改名"


def lookalike(name: str, others: Sequence[str]) -> str:
    """Of some sheets the one whose name is like ``name`` (``三、申请办理 (2)``, ``申请办理``, ``三``); else an empty text."""
    bare, folded = text.folded(name), {text.folded(other): other for other in others}
    number = bare.partition("、")[0]
    held = [
        f
        for f in folded
        if bare in f or (len(f) > 1 and f in bare) or f == number or f.startswith(f"{number}、")
    ]
    close = held or get_close_matches(bare, folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else ""


def _text(sheet: Sheet, spot: Spot) -> str:
    value = sheet.get((spot.row, spot.column))
    return value.text if value else ""


class _BookReader:
    """One workbook being read: figures as they stood, and findings of what was odd."""

    def __init__(self, package: Package, layout: Layout) -> None:
        self.sheets, self.layout, self.form = package.sheets, layout, layout.form
        self.summed = at.DETAIL in package.names
        ours = {*layout.sheet_names, *at.SUMMARY_SHEETS}
        self.strange = [name for name in package.names if name not in ours and name != at.DETAIL]
        self.figures: dict[Cell, Figure | None] = {}
        self.raw: dict[Cell, str] = {}
        self.problems: list[Finding] = []
        self.lines: dict[str, tuple[int, ...]] = {}
        self.live: set[Cell] = set()
        self.ledger: dict[Cell, Figure] = {}

    def report(self) -> Report:
        cover = self.sheets[at.COVER]
        fields = {key: _text(cover, spot).strip() for key, (_, spot) in COVER_FIELDS.items()}
        self.summed &= fields["scope"] == at.SCOPES[1]
        for sheet in self.layout.sheets:
            if sheet.name not in self.sheets:
                words = f"缺少工作表“{sheet.name}”，{_renamed(sheet.name, self.strange)}"
                self._problem("form.layout", words, at=Anchor("cover"))
            elif sheet.table:
                self._table(sheet, self.sheets[sheet.name])
        year = _year(fields["year"])
        if year is None and fields["year"]:
            words = f"报告年度填的是“{fields['year'][:20]}”，不是年份，请在封面填写四位年份（如 2025）"
            self._problem("form.year", words, at=Anchor("cover", "year"))
        return Report(
            form=self.form,
            agency=fields["agency"],
            year=year,
            figures=self.figures,
            raw=self.raw,
            narrative={k: v for k, v in self._narrative() if v},
            preamble=self._paragraphs("preamble", cover, at.PREAMBLE),
            incomplete=read_incomplete(_text(cover, at.NOTICE)),
            agency_code=fields["agency_code"],
            level=fields["level"],
            scope=fields["scope"],
            explanations=tuple(self._explanations()),
            previous=self._previous(fields["agency"]),
            problems=tuple(self.problems),
            lines=self.lines,
            ledger=self.ledger,
            live=frozenset(self.live),
            given=frozenset(s.section.key for s in self.layout.sheets if s.name in self.sheets),
        )

    def _problem(
        self, rule: str, message: str, cells: tuple[Cell, ...] = (), at: Anchor | None = None
    ) -> None:
        self.problems.append(Finding(rule, "error", cells, message, at=at))

    def _table(self, sheet: SheetLayout, page: Sheet) -> None:
        printed = [page.get(square, _NOTHING).text for square in sheet.label_squares]
        changed = [] if printed == sheet.label_texts else list(_changed(sheet, page))
        if changed:
            more = f"，另有 {len(changed) - 1} 处不同" if len(changed) > 1 else ""
            skip = "；版式错位，本表数字没有读入" if len(changed) > 1 else ""
            fix = "请恢复规定的表格（可从模板复制）后重新填写"
            if line := _inserted(sheet, page):
                fix = f"多出了{line}，请在“审阅”中撤销工作表保护，删除这{line[-1]}后再校验"
            self._problem(
                "form.layout",
                f"“{sheet.name}”的表格被改动：{changed[0].says}{more}{skip}，{fix}",
                at=changed[0].at,
            )
        if len(changed) <= 1:
            self._figures(sheet, page)

    def _figures(self, sheet: SheetLayout, page: Sheet) -> None:
        figures, raw, waiting, formulas = _typed_in(sheet.figures, page)
        self.figures |= figures
        self.raw |= raw
        for cell in (cell for cell in waiting if cell not in self.form.filled):
            self._uncalculated(cell)
        self.figures |= totals(self.form.filled, self.figures, set(waiting) & self.form.filled.keys())
        if not self.summed:  # the figures of a summary are sums over its units
            self._computed(formulas)
        self._ledger(sheet, page)
        for cell, equation, square in self.layout.totals.get(sheet.section.table, ()):
            value = page.get(square)
            if value is not None and value.formula:
                self.live.add(cell)
            else:
                self._typed(cell, equation)

    def _ledger(self, sheet: SheetLayout, page: Sheet) -> None:
        """What staff typed of their own ledger."""
        for cell, spot in sheet.ledger.items():
            value = page.get((spot.row, spot.column))
            if value is None or not value.text.strip():
                continue
            figure = number.understand(value.text).figure if value.kind == "s" else number.exact(value.text)
            if figure is None:
                words = f"台账核对数 {spot.a1}（{self.form.name(cell)}）填的“{value.text[:20]}”不是数字，没有用来核对"
                where = Anchor("section", sheet.section.key, spot.row, spot.column)
                self.problems.append(Finding("cell.ledger", "info", (), words, at=where))
            else:
                self.ledger[cell] = figure

    def _uncalculated(self, cell: Cell) -> None:
        """A formula without a cached value that is no total: nobody can compute it again."""
        where = self.layout.spot(cell).a1
        words = (
            f"“{self.form.name(cell)}”（{where}）是没有计算结果的公式，请在表格软件中打开并保存，或直接填数字"
        )
        self._problem("cell.error", words, (cell,))

    def _computed(self, formulas: Sequence[Cell]) -> None:
        """Figures that staff should have typed and that are formulas: what they show may change unseen."""
        cells = [cell for cell in formulas if cell not in self.form.filled]
        if not cells:
            return
        named = "、".join(f"“{self.form.name(cell)}”（{self.layout.spot(cell).a1}）" for cell in cells[:3])
        more = f"等 {len(cells)} 格" if len(cells) > 3 else ""
        words = f"{named}{more}是公式，所载数值以保存时为准，请改为直接填写的数字"
        self.problems.append(Finding("cell.formula", "verify", tuple(cells), words))

    def _typed(self, cell: Cell, equation: Equation) -> None:
        """A total that no longer is a formula."""
        if self.figures.get(cell) is None:
            return
        right = added(equation, self.figures)
        name, now = self.form.name(cell), self.figures[cell]
        same = "与各分项之和相符" if now == right else f"各分项之和为 {right}"
        words = f"“{name}”是手工填写的数字 {now}，不是合计公式（{same}）；改正分项后不会自动重算"
        self.problems.append(Finding("form.total_typed", "info", (cell,), words, right, now))

    def _narrative(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for sheet in self.layout.sheets:
            page = self.sheets.get(sheet.name)
            if page is not None:
                yield sheet.section.key, self._paragraphs(sheet.section.key, page, sheet.paragraph(1))

    def _paragraphs(self, section: str, page: Sheet, first: Spot) -> tuple[str, ...]:
        """The paragraphs of a section: a line broken within a cell is one of its own, as it is published."""
        rows = sorted(row for row, column in page if column == first.column and row >= first.row)
        pairs = [(row, text) for row in rows for text in paragraphs((page[row, first.column].text,))]
        self.lines[section] = tuple(row for row, _ in pairs)
        return tuple(text for _, text in pairs)

    def _explanations(self) -> Iterator[Explanation]:
        page: Mapping[tuple[int, int], Value] = self.sheets.get(at.EXPLANATIONS, {})
        self.lines["explanations"] = ()
        for row in sorted({row for row, _ in page if row >= at.EXPLANATIONS_TOP}):
            rule, cells, text, figures = (
                _text(page, Spot("", row, column)).strip() for column in (2, 6, 5, 7)
            )
            if rule and text:
                self.lines["explanations"] += (row,)
                yield Explanation(self.form.rule_code(rule), tuple(cells.split()), text, figures)

    def _previous(self, agency: str) -> Report | None:
        page = self.sheets.get(at.PREVIOUS)
        if page is None or page.keys().isdisjoint(self.layout.previous_squares):
            return None
        if shifted := _shifted(self.layout, page):
            fix = "上年数字没有读入，请恢复规定的行（可从模板复制）后重新填写"
            self._problem("form.layout", f"“{at.PREVIOUS}”的行错位：{shifted}；{fix}", at=Anchor("previous"))
            return None
        year = _year(_text(page, at.PREVIOUS_YEAR))
        figures, raw, waiting, _ = _typed_in(self.layout.previous_figures, page)
        figures |= dict.fromkeys(waiting)
        raw |= dict.fromkeys(waiting, "")
        if not raw and all(value is None for value in figures.values()):
            return None
        form = self._previous_form(_text(page, at.PREVIOUS_FORM).strip())
        known = {c: v for c, v in figures.items() if c in form.cell_set}
        texts = {c: v for c, v in raw.items() if c in form.cell_set}
        return Report(form, agency, year, known, texts)

    def _previous_form(self, basis: str) -> Form:
        """The form of last year's report, named by its authority (in older workbooks by its key)."""
        if basis in ("", self.form.key, self.form.authority):
            return self.form
        known = {form.key: form for form in map(forms.load, forms.keys())}
        last_form = known.get(basis) or next(
            (form for form in known.values() if form.authority == basis), None
        )
        if last_form is None:
            spot = at.PREVIOUS_FORM
            words = f"“{at.PREVIOUS}”{spot.a1} 的格式依据“{basis[:30]}”不认识，上年数字按本年的格式读入，请改回“{self.form.authority}”"
            where = Anchor("sheet", at.PREVIOUS, spot.row, spot.column)
            self.problems.append(Finding("form.damaged", CODES["form.damaged"].severity, (), words, at=where))
        return last_form or self.form


#: What is no plain whole number and has to be looked at.
_ODD: Any = object()


class _Whole(dict[Value | None, Any]):
    """The whole numbers of late by what stood in their cells, nothing for an empty one; for all others :data:`_ODD`."""

    def __missing__(self, value: Value | None) -> Any:
        if value is None:
            return None
        if value.kind != "n" or not value.text.isdigit() or len(value.text) >= number.DIGITS:
            return _ODD
        if len(self) >= 8_192:
            self.clear()
        self[value] = figure = int(value.text)
        return figure


_whole = _Whole()


def _typed_in(
    places: Sequence[tuple[Cell, Square]], page: Sheet
) -> tuple[dict[Cell, Figure | None], dict[Cell, str], list[Cell], list[Cell]]:
    """Figures and texts as they stand, the cells that hold a formula without a cached value, and those that hold one
    that shows a number or a text."""
    values = list(map(page.get, [square for _, square in places]))
    known = list(map(_whole.__getitem__, values))
    figures: dict[Cell, Figure | None] = dict(zip([cell for cell, _ in places], known, strict=True))
    raw: dict[Cell, str] = {}
    waiting: list[Cell] = []
    formulas: list[Cell] = []
    for (cell, _), value, figure in zip(places, values, known, strict=True):
        if value is None:
            continue
        kind, text, formula = value
        if formula and kind in ("n", "s"):
            formulas.append(cell)
        if figure is not _ODD:
            continue
        if kind == "" and formula:
            waiting.append(cell)
            del figures[cell]
        else:
            figure = figures[cell] = number.exact(text) if kind == "n" else None
            if figure is None and (text or kind != "s"):
                raw[cell] = {"b": ("FALSE", "TRUE")[text == "1"]}.get(kind, text)
    return figures, raw, waiting, formulas


def _year(words: str) -> int | None:
    """The year that a text names: a whole number as it stands, or the one four-digit year in it (二〇二四 too)."""
    figure = number.exact(text.plain(words))
    return figure if isinstance(figure, int) else text.year_in(words)


def _shifted(layout: Layout, page: Sheet) -> str:
    """Where a row of last year's figures bears the name of another one; an empty text where none does."""
    for labels in layout.previous_labels:
        names = {text.folded(name) for name in labels.values()}
        for spot, name in labels.items():
            now = text.folded(_text(page, spot))
            if now != text.folded(name) and now in names:
                return f"{spot.a1} 应为“{name}”，现为“{_text(page, spot).strip()[:30]}”"
    return ""


class _Changed(NamedTuple):
    """A printed label that is not what the form prescribes: where, and in words."""

    at: Anchor
    says: str


def _changed(sheet: SheetLayout, page: Sheet) -> Iterator[_Changed]:
    """The printed labels that are not what the form prescribes."""
    assert sheet.table is not None
    for box in sheet.table.grid.labels:
        row, column = sheet.box(box)
        value = page.get((row, column))
        shown = value.text if value else ""
        if shown != box.text and text.folded(shown) != text.folded(box.text):
            now = f"现为“{shown.strip()[:30]}”{_elsewhere(sheet, shown)}" if shown.strip() else "现在是空白"
            says = f"{Spot('', row, column).a1} 应为“{box.text}”，{now}"
            yield _Changed(Anchor("section", sheet.section.key, row, column), says)


def _inserted(sheet: SheetLayout, page: Sheet) -> str:
    """The row or column that was inserted into a table, in words; an empty text where that is not what happened."""
    assert sheet.table is not None
    places = [(*sheet.box(box), text.folded(box.text)) for box in sheet.table.grid.labels]

    def label(row: int, column: int) -> str:
        return text.folded(_text(page, Spot("", row, column)))

    moved = [place for place in places if label(*place[:2]) != place[2]]
    for down, words in ((True, "第 {} 行"), (False, "{} 列")):
        first = min(row if down else column for row, column, _ in moved)
        later = [(row, column, name) for row, column, name in places if (row if down else column) >= first]
        if all(label(row + down, column + (not down)) == name for row, column, name in later):
            return words.format(first if down else column_name(first))
    return ""


def _elsewhere(sheet: SheetLayout, label: str) -> str:
    """Where another built-in form prints that label and this one does not."""
    assert sheet.table is not None
    if any(text.folded(label) == text.folded(box.text) for box in sheet.table.grid.labels):
        return ""
    known = forms.keys()
    for other in map(forms.load, known):
        table = other.tables.get(sheet.table.key)
        if table and any(text.folded(label) == text.folded(box.text) for box in table.grid.labels):
            return f"（这是 {other.authority} 格式的栏目）"
    return ""
