"""Three worksheet functions for people who build their own sheets: ``nianbao_plain.xlsm`` beside it shows them.

    =nianbao_cell("一、本年新收·自然人", B3)            what is wrong with one figure; empty where nothing is
    =nianbao_rule("申请平衡", A3:B60, "自然人")      left side less right side of a rule, in one column of the table
    =nianbao_sentence("全年收到申请11件。", A3:B60)  where a sentence contradicts the figures; empty where it does not

A list of figures has two columns: the item ("row·column" as in the template, or its key) and the figure. What cannot be answered is a sentence that says why.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import wraps
from typing import Any

import xlwings as xw

from nianbao.checks.cells import cells
from nianbao.checks.diagnose import Diagnoses
from nianbao.checks.system import sides
from nianbao.checks.validate import narrative
from nianbao.core import form as forms
from nianbao.core.grid import Cell
from nianbao.core.number import Figure
from nianbao.core.report import Report, with_figures
from nianbao.workbook.writer import blank

YEAR = date.today().year - 1
FORM = forms.for_year(YEAR)
_BY_NAME: Mapping[str, Cell] = {name: cell for cell in FORM.cells for name in (str(cell), FORM.name(cell))}
#: The rules that a sentence alone can break.
_SENTENCE = frozenset(
    f"narrative.{kind}" for kind in ("mismatch", "parts", "percent", "wording", "date", "missing_number")
)


class Unknown(Exception):
    """A name that the form does not have; its text is the answer."""


def answered(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose answer to a name that nobody knows is the sentence that says so."""

    @wraps(function)
    def answer(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Unknown as unknown:
            return str(unknown)

    return answer


@xw.func
@answered
def nianbao_cell(item: str, value: Any) -> str:
    """What is wrong with one figure."""
    cell = _cell(item)
    report = replace(_report([[item, value]]), form=replace(FORM, equations=()))  # one figure has no balance
    return "；".join(
        finding.message for finding in cells(report, Diagnoses(report, None)) if finding.cells == (cell,)
    )


@xw.func
@xw.arg("figures", ndim=2)
@answered
def nianbao_rule(rule: str, figures: Sequence[Sequence[Any]], column: str = "") -> Any:
    """Left side less right side of a rule; ``column``: of the identity of this column or row, else of the first broken."""
    found = [e for e in FORM.equations if rule in (e.rule.id, e.rule.name)]
    if not found:
        raise Unknown(f"没有“{rule}”这条规则；名称见 nianbao rules")
    if column:
        found = [e for e in found if column in (e.key, *_words(e.cells))]
        if not found:
            raise Unknown(f"“{rule}”不涉及“{column}”")
    report = _report(figures)
    differences = [both.difference for e in found if (both := sides(e, report)) is not None]
    if not differences:
        return "有的数字不能计算，或要用上年数据"
    return float(next((d for d in differences if d), 0))


@xw.func
@xw.arg("figures", ndim=2)
@answered
def nianbao_sentence(sentence: str, figures: Sequence[Sequence[Any]]) -> str:
    """Where a sentence of the report contradicts the figures."""
    report = _report(figures, sentence)
    return "；".join(f.message for f in narrative(report, None) if f.rule in _SENTENCE)


def _cell(item: object) -> Cell:
    cell = _BY_NAME.get(str(item).strip())
    if cell is None:
        raise Unknown(f"没有“{item}”这个指标；名称是模板中的“行·列”，如“一、本年新收·自然人”")
    return cell


def _words(of: Iterable[Cell]) -> Iterable[str]:
    """The names of the columns and rows that cells stand in."""
    for cell in of:
        yield from (FORM.column(cell).name, FORM.row(cell).name)


def _report(figures: Sequence[Sequence[Any]], sentence: str = "") -> Report:
    """A report of these figures alone."""
    if any(len(row) < 2 for row in figures):
        raise Unknown("请选两列：左列指标名称，右列数字")
    pairs = {_cell(item): _figure(value) for item, value, *_ in figures if item not in (None, "")}
    report = with_figures(blank(FORM, YEAR), pairs)
    if not sentence:
        return report
    return Report(
        FORM, "", YEAR, report.figures, report.raw, narrative={FORM.sections[0].key: (str(sentence),)}
    )


def _figure(value: Any) -> Figure | str | None:
    """What a worksheet hands over, exactly: 163.0 is 163."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    number = Decimal(str(value))
    if not number.is_finite():
        return str(value)
    return int(number) if number == number.to_integral_value() else number
