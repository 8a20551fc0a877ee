"""Findings as they appear in a workbook: the flag of each cell, its note, and the lines of the sheet of results."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from nianbao.checks.validate import binding, fingerprint, ready, unexplained
from nianbao.core.equation import added
from nianbao.core.finding import GRAVITY, SEVERITY_WORDS, Finding, count
from nianbao.core.grid import Cell
from nianbao.core.report import Report
from nianbao.workbook import layout as at
from nianbao.workbook.layout import COVER_FIELDS, EXPLANATIONS_TOP, NO_SPOT, Layout, Spot
from nianbao.xlsx.value import escaped

if TYPE_CHECKING:
    from openpyxl import Workbook

#: Notes that begin so are ours; no other note is ever changed or removed.
NOTE_HEAD = "【年报校验】"
#: Identities with more cells are flagged at their total, the other cells faintly.
FEW = 6
#: The place of what stands nowhere in the workbook.
WHOLE = "整份报告"
#: A note has at most so many lines; one message alone has room for so many characters, each of several for so many.
NOTE_LINES, ALONE, MESSAGE = 6, 600, 160
#: “校验后已修改”: what the line on the sheet of results says.
UNCHANGED, CHANGED = "校验后未修改", "校验后已修改，请重新校验"
#: How far to the right of what was typed on the cover and on 上年数据 its copy stands.
COVER_SHIFT, TEXT_SHIFT, PREVIOUS_SHIFT = 5, 7, 9
_LETTER = {"error": "E", "verify": "V", "info": ""}


#: Tabs: something is wrong, to be verified, not filled in yet, nothing to be said.
TABS = {"error": "C0392B", "verify": "E0A800", "open": "5B8DB8", "done": "2E8B57"}


class Flag(NamedTuple):
    """One flagged cell: ``code`` for the hidden mark (``E``/``V``/``N`` and the rule; empty: a note alone), the note."""

    at: Spot
    mark: Spot
    code: str
    note: str


class ResultRow(NamedTuple):
    """One line of the sheet of results; ``at`` is where its link leads (no sheet: nowhere), ``rule`` the rule's name."""

    severity: str
    place: str
    at: Spot
    message: str
    advice: str
    rule: str


class Plan(NamedTuple):
    """Everything that a validation writes into a workbook, worked out once; an applier only writes it down.

    ``stored`` are the time and the fingerprint.
    """

    flags: tuple[Flag, ...]
    lines: tuple["ResultRow", ...]
    asked: tuple["Asked", ...]
    summary: str
    stored: tuple[str, str]
    tabs: dict[str, str]


def plan(report: Report, findings: Sequence[Finding], when: datetime) -> Plan:
    """What the validation of a report at ``when`` writes into its workbook."""
    layout = Layout.of(report.form)
    explain = asked(findings, report, layout)
    listed = _lines(findings, report, layout, explain)
    return Plan(
        tuple(flags(findings, report, layout)),
        tuple(listed),
        tuple(explain),
        summary(findings, when),
        (f"{when:%Y-%m-%d %H:%M:%S}", report.fingerprint()),
        tabs(listed, report, layout),
    )


def tabs(lines: Sequence[ResultRow], report: Report, layout: Layout) -> dict[str, str]:
    """The colour of the tab of every sheet to be filled in, by the state of its work."""
    worst: dict[str, str] = {}
    for severity in ("核实性", "强制性"):
        worst |= {line.at.sheet: severity for line in lines if line.severity == severity}
    shown = {}
    for sheet in layout.sheets:
        empty = not report.narrative.get(sheet.section.key)
        if sheet.table:
            empty = all(report.figures.get(cell) is None for cell in sheet.spots)
        state = "open" if empty else "done"
        shown[sheet.name] = TABS[
            {"强制性": "error", "核实性": "verify"}.get(worst.get(sheet.name, ""), state)
        ]
    return shown


def flags(findings: Sequence[Finding], report: Report, layout: Layout) -> list[Flag]:
    """The flags of all findings, one a cell: the gravest letter, all messages in the note."""
    codes: dict[tuple[Spot, Spot], list[str]] = {}
    notes: dict[tuple[Spot, Spot], list[str]] = {}
    for finding in findings:
        for spot, mark, letter in _flagged(finding, report, layout):
            if letter:
                codes.setdefault((spot, mark), []).append(f"{letter} {finding.rule}")
            if letter == "V" or (letter == "E" and spot == where(finding, report, layout)):
                notes.setdefault((spot, mark), []).append(_words(finding))
    made = [Flag(*key, min(code, key=_rank), _note(notes.get(key, []))) for key, code in codes.items()]
    return [*made, *_anchored(findings, report, layout, {flag.at for flag in made})]


def _anchored(
    findings: Iterable[Finding], report: Report, layout: Layout, flagged: set[Spot]
) -> Iterator[Flag]:
    """The notes of findings about a field of the cover or a printed label, where the validator has no marks."""
    notes: dict[Spot, list[str]] = {}
    for finding in findings:
        if finding.at is not None and finding.at.area in ("cover", "section") and _LETTER[finding.severity]:
            notes.setdefault(layout.anchor(finding.at, report.lines), []).append(_words(finding))
    for spot, words in notes.items():
        if spot not in flagged:
            yield Flag(spot, spot, "", _note(words))


def _rank(code: str) -> int:
    return "EVN".index(code[0])


def _note(words: Sequence[str]) -> str:
    """The note: the head and at most five lines below it; what finds no room is in the sheet of results."""
    unique = list(dict.fromkeys(words))
    if not unique:
        return ""
    if len(unique) == 1:
        return f"{NOTE_HEAD}\n{_fitted(unique[0], ALONE)}"
    room = NOTE_LINES - 1 if len(unique) < NOTE_LINES else NOTE_LINES - 2
    body = [f"{n}. {_fitted(text, MESSAGE)}" for n, text in enumerate(unique[:room], 1)]
    more = [f"另有 {len(unique) - room} 处，见“校验结果”"] if len(unique) > room else []
    return "\n".join([NOTE_HEAD, *body, *more])


def _fitted(words: str, most: int) -> str:
    """A message of at most so many characters: what is beyond goes from a punctuation mark on, never within a word."""
    if len(words) <= most:
        return words
    head = words[: most - len(_IN_FULL)]
    end = max(head.rfind(mark) for mark in "。；，、：")
    return (head[:end] if end > most // 2 else head) + _IN_FULL


_IN_FULL = "……（全文见“校验结果”）"


def _words(finding: Finding) -> str:
    return f"{SEVERITY_WORDS[finding.severity]}：{finding.message}"


def _flagged(finding: Finding, report: Report, layout: Layout) -> Iterable[tuple[Spot, Spot, str]]:
    known = [cell for cell in finding.cells if cell in report.form.cell_set]
    guilty = suspect(finding, report)
    if guilty is not None and guilty not in known:
        known.append(guilty)
    for cell in known:
        sheet = layout.sheet_of(cell)
        yield sheet.spot(cell), sheet.mark(cell), _letter(finding, cell, known, report)
    for place in finding.places:
        if place.section == "preamble" or any(s.key == place.section for s in report.form.sections):
            spot = layout.place(place, report.lines)
            yield spot, layout.place_mark(place, report.lines), _LETTER[finding.severity]


def suspect(finding: Finding, report: Report) -> Cell | None:
    """The one cell that most probably caused a finding; None where nothing points at one."""
    cells = [c.cell for c in finding.candidates if c.cell is not None and c.cell in report.form.cell_set]
    hint = finding.suggestion
    if hint is not None and hint.cell in report.form.cell_set:
        return hint.cell
    return cells[0] if cells else None


def _letter(finding: Finding, cell: Cell, cells: Sequence[Cell], report: Report) -> str:
    """Strong where the finding points at the cell, faint (``N``) where the cell only takes part.

    A total that its parts give is never to blame.
    """
    letter = _LETTER[finding.severity]
    if finding.severity == "error" and _computed(cell, report):
        return "N"
    if finding.severity != "error" or len(cells) == 1 or finding.rule.startswith("cell."):
        return letter
    guilty = suspect(finding, report)
    if guilty is not None:
        return letter if cell == guilty else "N"
    return "N" if len(cells) > FEW or _computed(cell, report) else letter


def _computed(cell: Cell, report: Report) -> bool:
    """Whether a total is what its parts add up to, as the workbook's own formula makes it."""
    equation = report.form.filled.get(cell)
    return equation is not None and added(equation, report.figures) == report.figures.get(cell)


def lines(findings: Iterable[Finding], report: Report, layout: Layout) -> list[ResultRow]:
    """The findings as lines of the sheet of results: errors first, then what must be verified, then hints.

    Within these from sheet to sheet, from the top down.
    """
    return _lines(findings, report, layout, asked(findings, report, layout))


def _lines(
    findings: Iterable[Finding], report: Report, layout: Layout, explain: Sequence["Asked"]
) -> list[ResultRow]:
    sheets = {name: n for n, name in enumerate(layout.sheet_names)}
    rows = _rows(report, explain)
    report = replace(report, lines={**report.lines, "explanations": rows}) if rows else report
    listed = [(GRAVITY[f.severity], line_of(f, report, layout)) for f in findings]
    last = len(sheets)
    listed.sort(
        key=lambda pair: (pair[0], sheets.get(pair[1].at.sheet, last), pair[1].at.row, pair[1].at.column)
    )
    return [line for _, line in listed]


def _rows(report: Report, explain: Sequence["Asked"]) -> tuple[int, ...]:
    """The rows of the report's explanations once the sheet of explanations is written anew (see :func:`asked`)."""
    if not report.explanations:
        return ()
    written = [(line.keys, line.rule) for line in explain]
    rule_name = report.form.rule_name
    keys = [(" ".join(given.cells), rule_name(given.rule)) for given in report.explanations]
    return tuple(EXPLANATIONS_TOP + written.index(key) for key in keys)


def where(finding: Finding, report: Report, layout: Layout) -> Spot:
    """The cell a reader of the finding should look at first; :data:`~nianbao.workbook.layout.NO_SPOT` where there is
    none."""
    if finding.at is not None:
        return layout.anchor(finding.at, report.lines)
    known = [cell for cell in finding.cells if cell in report.form.cell_set]
    guilty = suspect(finding, report)
    if guilty is not None:
        return layout.spot(guilty)
    sections = {section.key for section in report.form.sections} | {"preamble"}
    for place in finding.places:
        if place.section in sections:
            return layout.place(place, report.lines)
    if known and finding.rule.startswith("cell."):
        return layout.spot(known[0])
    if known:
        inputs = [cell for cell in known if not _computed(cell, report)]
        return layout.spot(known[-1] if len(known) > FEW else (inputs or known)[0])
    return NO_SPOT


def line_of(finding: Finding, report: Report, layout: Layout) -> ResultRow:
    first = where(finding, report, layout)
    known = [cell for cell in (suspect(finding, report), *finding.cells) if cell in report.form.cell_set]
    fields = (label for label, spot in COVER_FIELDS.values() if spot == first)
    name = next(
        (report.form.name(cell) for cell in known if cell and layout.spot(cell) == first), next(fields, "")
    )
    place = f"{first.sheet} {first.a1}{f'　{name}' if name else ''}" if first.sheet else WHOLE
    severity = SEVERITY_WORDS[finding.severity]
    rule = report.form.rule_name(finding.rule)
    return ResultRow(severity, place, first, finding.message, advice(finding, report), rule)


class Asked(NamedTuple):
    """One line of the sheet of explanations; ``rule`` is the rule's name, ``keys`` and ``figures`` (hidden) bind the
    line to what it speaks of."""

    rule: str
    place: str
    problem: str
    text: str
    keys: str
    figures: str


def asked(findings: Iterable[Finding], report: Report, layout: Layout) -> list[Asked]:
    """The lines of the sheet of explanations: every finding to be verified has its line.

    Explanations whose finding is gone stay, so that nothing typed is lost.
    """
    rows: dict[tuple[str, str], Asked] = {}
    for finding in findings:
        if finding.severity == "verify" and not finding.rule.startswith("explanation."):
            keys = " ".join([*map(str, finding.cells), *map(str, finding.places)])
            now = fingerprint(finding, report)
            shown = line_of(finding, report, layout)
            rows[finding.rule, keys] = Asked(shown.rule, shown.place, finding.message, "", keys, now)
    for given in report.explanations:
        key = given.rule, " ".join(given.cells)
        gone = Asked(report.form.rule_name(given.rule), key[1], "（这一问题已不存在）", "", key[1], "")
        line = rows.get(key, gone)
        bound = binding(given, line.figures) if key in rows else given.figures
        rows[key] = line._replace(text=given.text, figures=bound)
    return list(rows.values())


def state(findings: Iterable[Finding]) -> str:
    """Whether the report can be handed in, in words."""
    listed = list(findings)
    errors, open_ = count(listed, "error"), len(unexplained(listed))
    if ready(listed):
        return "可上报"
    parts = [f"强制性问题 {errors} 个"] if errors else []
    parts += [f"未说明的核实性问题 {open_} 个"] if open_ else []
    return f"暂不可上报：{'，'.join(parts)}"


def advice(finding: Finding, report: Report) -> str:
    """What to do about a finding, in a few words."""
    if finding.explanation:
        return f"已说明：{finding.explanation}"
    if finding.rule == "cell.blank" and finding.severity == "info":
        return "可以空着，不必说明"
    if finding.suggestion is not None:
        cell, value, text = finding.suggestion
        if report.form.row(cell).optional and finding.rule == "cell.blank":
            return f"没有此项职权的在封面填明行政层级，或在“审核说明”写明；{text}"
        return f"请核对，建议把“{report.form.name(cell)}”改为 {value}"
    if finding.rule in ("explanation.empty", "explanation.lapsed"):
        return "请在“审核说明”的这一行重新写明原因"
    if finding.severity == "verify":
        return "请核实：有误的改正，属实的在“审核说明”写明原因"
    if finding.severity != "error":
        return "供参考"
    if finding.rule == "cell.blank":
        return "请填写，没有的填 0"
    return "请对照台账，改正所列几处中填错的一处" if finding.candidates else "请改正"


def summary(findings: Sequence[Finding], when: datetime) -> str:
    """The line above the results: counts and time."""
    errors, verify = count(findings, "error"), count(findings, "verify")
    counts = "没有发现问题" if not findings else f"强制性问题 {errors} 个，核实性问题 {verify} 个"
    return f"{when:%Y年%m月%d日 %H:%M} 校验：{counts}。{state(findings)}。"


class InputArea(NamedTuple):
    """A rectangle in which staff type, and how far to the right of it its copy stands.

    A locked cell belongs to its upper and left edge, so that it never moves with what is cut or dragged.
    """

    first: Spot
    last: Spot
    shift: int

    @property
    def copy(self) -> Spot:
        """The first cell of the copy."""
        return self.first._replace(column=self.first.column + self.shift)

    def changes(self) -> str:
        """How many cells are not what their copies are, as a formula that every spreadsheet calculates.

        While an error value stands there, how far their sums and the count of numbers are apart.
        """
        end = self.last._replace(column=self.last.column + self.shift)
        typed, kept = f"{self.first.full()}:{self.last.a1}", f"{self.copy.full()}:{end.a1}"
        apart = f'ABS(SUMIF({typed},">0")-SUMIF({kept},">0"))+ABS(COUNT({typed})-COUNT({kept}))'
        return f'IFERROR(SUMPRODUCT(--({typed}&""<>{kept}&"")),{apart})'


def typed_areas(layout: Layout) -> Iterator[InputArea]:
    """Where staff type: the cover, the preamble, every table with the text beside it, last year's figures."""
    fields = [at.COVER_FIELDS[name][1] for name in ("agency", "scope")]
    yield InputArea(fields[0]._replace(row=fields[0].row - 1), fields[1], COVER_SHIFT)
    preamble = at.PREAMBLE._replace(row=at.PREAMBLE.row + at.TEXT_ROWS - 1)
    yield InputArea(at.PREAMBLE_LABEL, preamble, TEXT_SHIFT)
    for sheet in layout.sheets:
        shift = 5 * (sheet.width + 1)
        if sheet.table:
            first, last = sheet.corners
            yield InputArea(first._replace(row=first.row - 1, column=first.column - 1), last, shift)
        yield InputArea(
            sheet.paragraph(1)._replace(row=sheet.text_top - 1), sheet.paragraph(at.TEXT_ROWS), shift
        )
    spots = layout.previous.values()
    last = Spot(at.PREVIOUS, max(s.row for s in spots), max(s.column for s in spots))
    yield InputArea(at.PREVIOUS_YEAR._replace(column=at.LEFT), last, PREVIOUS_SHIFT)


def edited(layout: Layout) -> str:
    """How many cells were edited since the last validation; 0 before the first."""
    return f'=IF({at.STORED[0].a1}="",0,{"+".join(area.changes() for area in typed_areas(layout))})'


def verdict() -> str:
    """The line on the sheet of results, as a formula."""
    words = f'IF({at.EDITED.a1}=0,"{UNCHANGED}","{CHANGED}")'
    return f'=IF({at.STORED[0].a1}="","",{words})'


def keep(book: "Workbook", report: Report, layout: Layout) -> None:
    """Copy what is typed in a workbook that openpyxl holds and ``report`` was read from."""
    figures = {spot: value_of(report, cell) for cell, spot in layout.cells()}
    for area in typed_areas(layout):
        if area.first.sheet not in book.sheetnames:
            continue
        page = book[area.first.sheet]
        for row in range(area.first.row, area.last.row + 1):
            for column in range(area.first.column, area.last.column + 1):
                spot, source = Spot(area.first.sheet, row, column), page._cells.get((row, column))
                value = figures.get(spot, source.value if source is not None else None)
                target = page.cell(row, column + area.shift)
                target.value = value
                if isinstance(value, str):
                    target.data_type = "s"


def value_of(report: Report, cell: Cell) -> Any:
    """What the cell of a figure holds: the figure, or the text that stands in its place."""
    return escaped(report.raw[cell]) if cell in report.raw else report.figures.get(cell)
