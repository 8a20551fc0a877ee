"""What was typed, before any sum: layout, agency and year; what may stand in a figure cell, the clean value where it is
beyond doubt, and how large a figure may be."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from datetime import date
from decimal import Decimal
from functools import cache, partial
from typing import Any, NamedTuple

from nianbao.checks.diagnose import Diagnoses, solved
from nianbao.checks.identities import identities
from nianbao.core.finding import CODES, Candidate, Finding, Severity, Suggestion
from nianbao.core.grid import Anchor, Cell, Place
from nianbao.core.number import Figure, Reading, exact, held, typed_as
from nianbao.core.report import Report
from nianbao.core.text import folded, plain, shortened, year_in

#: So many numbers stored as text in one table are one finding: they were pasted.
PASTED = 3


def figures(report: Report, previous: Report | None) -> Iterator[Finding]:
    """What is wrong with the figures of this year: first what is no proper figure, then the identities that broke."""
    diagnoses = Diagnoses(report, previous)
    reported: set[Cell] = set()
    for finding in cells(report, diagnoses):
        reported.update(finding.cells)
        yield finding
    yield from identities(report, diagnoses, frozenset(reported))


def cells(report: Report, diagnoses: Diagnoses) -> Iterator[Finding]:
    """``cell.*``: every figure is a non-negative whole number (decimal where the form says so), nothing else.

    A total that is a live formula only follows its parts: what is wrong with one of these is told there, once.
    """
    odd = {
        c for c, value in report.figures.items() if type(value) is not int or value < 0
    } | report.raw.keys()
    if not odd:
        return
    known = cache(lambda: _corrections(report, diagnoses))
    pasted = {cell for cells in _pasted(report) for cell in cells}
    yield from map(partial(_as_text, report), _pasted(report))
    for cell in report.form.cells:
        if cell not in odd or cell in pasted or _follows(report, cell, odd):
            continue
        if (text := report.raw.get(cell)) is not None:
            yield from _text(report, cell, text, known)
        elif cell in report.figures:
            value = report.figures[cell]
            yield from [_blank(report, cell, known)] if value is None else _figure(report, cell, value, known)


def _pasted(report: Report) -> Iterator[list[Cell]]:
    """The cells of each table whose numbers are text throughout, as pasting from Word or a page leaves them."""
    for table in report.form.tables.values() if len(report.raw) >= PASTED else ():
        texts = [c for c in table.cells if c in report.raw and _bare(report, c)]
        if len(texts) >= PASTED:
            yield texts


def _bare(report: Report, cell: Cell) -> bool:
    """Whether a cell holds the text of a proper figure and nothing else."""
    text = plain(report.raw[cell])
    value = exact(text) if text.replace(".", "", 1).isdigit() else None
    return value is not None and held(text) and (isinstance(value, int) or report.form.column(cell).decimals)


def _as_text(report: Report, cells: Sequence[Cell]) -> Finding:
    rule, first = "cell.annotated", cells[0]
    name = report.form.tables[first.table].name
    shown = f"如“{report.form.name(first)}”的“{report.raw[first].strip()}”"
    words = f"“{name}”有 {len(cells)} 格是文本格式的数字（{shown}），表格软件不计入合计，请全部改为数字"
    return Finding(rule, CODES[rule].severity, tuple(cells), words)


def _corrections(report: Report, diagnoses: Diagnoses) -> dict[Cell, Suggestion]:
    """The values that the identities leave no doubt about; for blanks also what the text says of them."""
    known = {cell: value for table in report.form.tables for cell, value in solved(report, table).items()}
    known |= diagnoses.corrections
    stated = {
        cell: Suggestion(cell, value, f"文字中写的是 {value}")
        for cell, value in diagnoses.stated.items()
        if value and report.blank(cell)
    }
    return stated | {c: Suggestion(c, value, f"按勾稽关系推算应为 {value}") for c, value in known.items()}


def _follows(report: Report, cell: Cell, odd: Set[Cell]) -> bool:
    """Whether a cell is a live total of parts of which one is odd itself."""
    total = report.form.filled.get(cell) if cell in report.live else None
    return total is not None and any(term.cell in odd for term in total.left)


#: The values that are beyond doubt; worked out once, when first asked for.
Known = Callable[[], Mapping[Cell, Suggestion]]


def _find(
    rule: str,
    report: Report,
    cell: Cell,
    what: str,
    suggestion: Suggestion | None = None,
    **values: Figure | str,
) -> Finding:
    message = f"“{report.form.name(cell)}”{what}"
    severity: Severity = CODES[rule].severity
    if rule == "cell.blank" and report.form.row(cell).optional:
        severity = "info" if not_competent(report, cell) else "verify"
    expected, actual = values.get("expected"), values.get("actual")
    offered = (Candidate(*suggestion),) if suggestion else ()
    return Finding(rule, severity, (cell,), message, expected, actual, suggestion, candidates=offered)


#: So much of a text that stands for a figure is quoted.
SHOWN = 21


def _text(report: Report, cell: Cell, text: str, known: Known) -> Iterator[Finding]:
    reading = report.reading(cell) or Reading("unknown", None)
    short = shortened(" ".join(text.split()), SHOWN)
    if reading.fault == "blank":
        yield _blank(report, cell, known)
    elif reading.fault == "error":
        yield _unreadable("cell.error", report, cell, known, f"是公式错误值 {text.strip()}，请改为数字")
    elif reading.fault == "date":
        what = f"填的是日期“{short}”，疑为“{typed_as(text)}”被当作日期，请改为数字"
        yield _unreadable("cell.not_number", report, cell, known, what)
    elif not held(plain(text)):
        what = f"填的是“{short}”，超过 15 位有效数字，表格软件存不下，请核对后填写准确的数字"
        yield _find("cell.not_number", report, cell, what, actual=text)
    elif reading.figure is None:
        yield _unreadable(
            "cell.not_number",
            report,
            cell,
            known,
            f"填的是“{short}”，不是数字，请改为数字",
        )
    elif reading.fault == "none":
        what = f"填的是“{short}”，不是数字"
        yield _nothing("cell.not_number", report, cell, known, what, actual=text)
    else:
        yield from _annotated(report, cell, text, reading.figure, known)


def _annotated(report: Report, cell: Cell, text: str, figure: Figure, known: Known) -> Iterator[Finding]:
    """A number with a unit or note; its clean value is proposed where it is a proper figure."""
    faults = list(_figure(report, cell, figure, known))
    what = f"填的是文本“{shortened(' '.join(text.split()), SHOWN)}”，数字栏不得带单位、符号或说明"
    if faults:
        yield _find("cell.annotated", report, cell, f"{what}，请改为规范的数字", actual=text)
        yield from faults
    else:
        hint = Suggestion(cell, figure, f"改为 {figure}")
        yield _find(
            "cell.annotated", report, cell, f"{what}，请只填 {figure}", hint, expected=figure, actual=text
        )


def _unreadable(rule: str, report: Report, cell: Cell, known: Known, what: str) -> Finding:
    hint = known().get(cell)
    if hint is None:
        return _find(rule, report, cell, what, actual=report.raw[cell])
    return _find(
        rule, report, cell, f"{what}（{hint.text}）", hint, actual=report.raw[cell], expected=hint.value
    )


def _blank(report: Report, cell: Cell, known: Known) -> Finding:
    if not_competent(report, cell):
        what = f"空白。填报单位为“{report.level.strip()}”，没有此项职权，可以空着，不必填 0"
        return _find("cell.blank", report, cell, what)
    if report.form.row(cell).optional:
        what = "空白。无此项职权的单位可以空着；有此项职权而没有发生的，请填 0"
        return _find("cell.blank", report, cell, what, Suggestion(cell, 0, "有此项职权而没有发生的填 0"))
    return _nothing("cell.blank", report, cell, known, "空白")


def _nothing(
    rule: str, report: Report, cell: Cell, known: Known, what: str, **values: Figure | str
) -> Finding:
    """A blank or a dash: the value that is beyond doubt is proposed, else 0."""
    hint = known().get(cell)
    if hint and hint.value:
        todo = "请核实后填写"
        if cell in report.form.filled and report.lines:  # in a workbook: the cell is locked
            what, todo = f"{what}，合计公式被删去", "请用“规范数字”恢复公式"
        return _find(rule, report, cell, f"{what}，{hint.text}，{todo}", hint, expected=hint.value, **values)
    return _find(rule, report, cell, f"{what}，没有的请填 0", Suggestion(cell, 0, "没有的填 0"), **values)


def _figure(report: Report, cell: Cell, value: Figure, known: Known) -> Iterator[Finding]:
    column = report.form.column(cell)
    faults = []
    if value < 0 and not column.signed:
        faults.append(("cell.negative", f"为负数（{value}），请改为不小于 0 的数"))
    if not isinstance(value, int) and not column.decimals:
        faults.append(("cell.not_whole", f"不是整数（{value}），请改为整数"))
    hint = known().get(cell) if faults else None
    for rule, what in faults:
        if hint is None:
            yield _find(rule, report, cell, what, actual=value)
        else:
            yield _find(rule, report, cell, f"{what}（{hint.text}）", hint, expected=hint.value, actual=value)


def plausible(report: Report, previous: Report | None) -> Iterator[Finding]:
    """``plausible.*``: the form's ``plausible`` entries; silent where a form has none."""
    limits = report.form.data.get("plausible", {})
    for spec in limits.get("not_competent", ()):
        yield from _not_competent(report, spec)
    for spec in limits.get("amounts", ()):
        yield from _amount(report, spec)


def not_competent(report: Report, cell: Cell) -> bool:
    """Whether an agency of the level the report states has no such figure at all."""
    specs = report.form.data.get("plausible", {}).get("not_competent", ())
    level = report.level.strip()
    return any(str(cell) in spec["cells"] and level in spec["levels"] for spec in specs)


def _not_competent(report: Report, spec: Mapping[str, Any]) -> Iterator[Finding]:
    """Figures above 0 of an agency whose level has no such power; only where the report states its level."""
    if report.level.strip() not in spec["levels"]:
        return
    rule = "plausible.not_competent"
    for cell in map(Cell.parse, spec["cells"]):
        if (value := report.amount(cell)) and value > 0:
            message = f"“{report.form.name(cell)}”为 {value}：{spec['says']}，填报单位为“{report.level.strip()}”，请核实"
            yield Finding(rule, CODES[rule].severity, (cell,), message, 0, value)


def _amount(report: Report, spec: Mapping[str, Any]) -> Iterator[Finding]:
    cell, rule = Cell.parse(spec["cell"]), "plausible.amount"
    value, level = report.amount(cell), report.level.strip()
    limit = next((limit for limit in spec.get("limits", ()) if level in limit["levels"]), None)
    least, most = Decimal(str(spec["least"])), Decimal(str((limit or spec)["most"]))
    if value is None or value <= 0 or least <= value <= most:
        return
    size = "过小" if value < least else f"过大（填报单位为“{level}”）" if limit else "过大"
    message = f"“{report.form.name(cell)}”为 {value}，数额{size}：{spec['says']}"
    yield Finding(rule, CODES[rule].severity, (cell,), message, None, value)


#: No agency's full name has more characters.
LONGEST = 100
#: A year as the subject of a sentence: at its beginning, as the period that is counted, or in the report's title.
_YEAR = r"((?:19|20|１９|２０)\d\d|[一二][〇○零九][〇○零一二三四五六七八九]{2})年"
_OPENS = re.compile(rf"^[\s　（(“]*{_YEAR}(?=度|[，,]|全年|我|本|全)")
_COUNTED = re.compile(rf"{_YEAR}1月1日|{_YEAR}度?政府信息公开")
#: Sentences that speak of what is to come, or compare with another year.
_OTHER = re.compile(r"将|下一步|计划|拟|力争|相比|同比|较上年|历年|以来|起施行")
_SENTENCE = re.compile(r"[。！？；\n]")
#: The text must name a year in so many sections, and so many times as often as the report's own, to weigh against the cover.
SECTIONS, CLEARLY = 2, 2


#: The fields of the cover that findings are about; the others are about the year.
_FIELDS = {"form.agency": "agency", "form.agency_code": "agency_code"}
_CODE = re.compile(r"[0-9A-Za-z]{18}")


def structure(report: Report, previous: Report | None) -> Iterator[Finding]:
    """``form.*``: findings of the reading, the agency's name, the form's years and the year of the cover."""
    yield from report.problems
    if report.incomplete and not any(problem.rule == "summary.below" for problem in report.problems):
        words = f"所汇总的单位不全：{report.incomplete.partition('：')[2].rstrip('。')}，请核实或说明"
        yield Finding("summary.below", CODES["summary.below"].severity, (), words, at=Anchor("cover"))
    if not report.agency.strip():
        yield _finding("form.agency", "没有填写填报单位，请在封面填写单位全称")
    elif len(report.agency.strip()) > LONGEST:
        begins = f"填报单位“{report.agency.strip()[:12]}…”有 {len(report.agency.strip())} 个字，不像单位名称"
        yield _finding("form.agency", f"{begins}，请只填写单位全称（不超过 {LONGEST} 个字）")
    code = folded(report.agency_code)
    if code and not _CODE.fullmatch(code) and report.form.language.startswith("zh"):
        words = f"统一社会信用代码填了“{shortened(code, 20)}”（{len(code)} 位），应为 18 位数字和字母，请核对"
        yield _finding("form.agency_code", words)
    if report.year is None and any(problem.rule == "form.year" for problem in report.problems):
        return
    if report.year is None:
        yield _finding("form.year", "没有填写报告年度，请在封面填写四位年份")
    elif not report.form.covers(report.year):
        yield _finding("form.year", _wrong_year(report, report.year))
    else:
        yield from _year(report, report.year, date.today().year)


def _year(report: Report, year: int, now: int) -> Iterator[Finding]:
    """The year of the cover against the calendar and the text; one finding says what is wrong with it."""
    other = text_year(report)
    if year > now:
        named = f"，正文写的是{other.year}年" if other else ""
        yield _finding("form.year", f"填报的是{year}年度，今年是{now}年{named}，请核对封面的报告年度")
    elif other:
        quotes = f"（“{other.quote}”等 {other.times} 处）"
        words = f"封面填报的是{year}年度，正文写的是{other.year}年{quotes}，请核对封面的报告年度和正文"
        yield _finding("form.year", words)._replace(expected=other.year, actual=year)
    elif report.lines and year != now - 1 and not _confirmed(report, year):
        words = f"填报的是{year}年度，现在一般报送{now - 1}年度的报告，请核对报告年度"
        yield _finding("form.old_year", words)


def _finding(rule: str, message: str) -> Finding:
    severity: Severity = CODES[rule].severity
    return Finding(rule, severity, (), message, at=Anchor("cover", _FIELDS.get(rule, "year")))


def _wrong_year(report: Report, year: int) -> str:
    first, last = report.form.years
    period = f"{first}年及以后年度" if last is None else f"{first}至{last}年度"
    return (
        f"本表式（{report.form.authority}）用于{period}的报告，填报的是{year}年度，"
        "请核对年度，或改用该年度规定的表式重新填报"
    )


class TextYear(NamedTuple):
    """The year that the text as a whole is about, where that is not the report's: how often, where first, in which words."""

    year: int
    times: int
    place: Place
    quote: str


def text_year(report: Report) -> TextYear | None:
    """The other year that the text names as its own, in several sections and clearly more often than the report's."""
    named = list(_named(report))
    if not named or not report.form.language.startswith("zh"):
        return None
    votes = Counter(year for year, _, _ in named)
    year, times = votes.most_common(1)[0]
    places = [(place, quote) for other, place, quote in named if other == year]
    if year == report.year or times < CLEARLY * votes[report.year or 0]:
        return None
    if len({place.section for place, _ in places}) < SECTIONS:
        return None
    return TextYear(year, times, *places[0])


def _confirmed(report: Report, year: int) -> bool:
    """Whether the text, or last year's report beside it, shows that the year is meant."""
    last = report.previous
    return any(named == year for named, _, _ in _named(report)) or (
        last is not None and last.year == year - 1
    )


def _named(report: Report) -> Iterator[tuple[int, Place, str]]:
    """The years that sentences have as their subject, with their place and words; one a sentence."""
    for section, n, text in report.text():
        if "年" not in text:
            continue
        for sentence in _SENTENCE.split(text):
            match = _OPENS.search(sentence) or _COUNTED.search(sentence)
            if match and not _OTHER.search(sentence):
                digits = next(group for group in match.groups() if group)
                year = int(digits) if digits.isdecimal() else year_in(digits)
                if year is not None:
                    yield year, Place(section, n), match[0].strip(" 　（(“")
