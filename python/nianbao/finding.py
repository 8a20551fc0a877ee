"""A finding: one thing a strict superior would send a report back for, and the words of every rule code."""

from typing import Any, Literal, NamedTuple

from nianbao.cell import Cell, Place
from nianbao.number import Figure
from nianbao.number import to_json as number

Severity = Literal["error", "verify", "info"]

SEVERITY_WORDS: dict[str, str] = {"error": "强制性", "verify": "核实性", "info": "提示"}


class Suggestion(NamedTuple):
    """The one correction that would mend a finding: the cell, the value to put there, and it in words."""

    cell: Cell
    value: Figure
    text: str


class Finding(NamedTuple):
    """What is wrong (``message``), where (``cells``, ``places``) and what would mend it (``suggestion``).

    ``explanation`` is the staff's 审核说明 where it holds for this finding.
    """

    rule: str
    severity: Severity
    cells: tuple[Cell, ...]
    message: str
    expected: Figure | str | None = None
    actual: Figure | str | None = None
    suggestion: Suggestion | None = None
    places: tuple[Place, ...] = ()
    explanation: str = ""


class Code(NamedTuple):
    """A rule code that belongs to every form: severity, the rule in words and its source."""

    severity: Severity
    says: str
    source: str


_FORM = "国务院办公厅政府信息公开工作年度报告格式"
_PRACTICE = "对已公开年度报告的观察"
_LOCAL = "上级审核年度报告的通行做法"

CODES: dict[str, Code] = {
    "cell.not_number": Code("error", "数字栏只能填写数字，没有的填 0", _FORM),
    "cell.annotated": Code("error", "数字栏内不得带计量单位、符号或说明文字", _FORM),
    "cell.negative": Code("error", "数字不得为负", _FORM),
    "cell.not_whole": Code("error", "件数、项数须为整数", _FORM),
    "cell.blank": Code(
        "error", "数字栏不得空白，没有的填 0（无权制发规章的单位，规章一行可空，须核实）", _FORM
    ),
    "cell.error": Code("error", "单元格为公式错误值，须改为数字", _PRACTICE),
    "form.unknown_cell": Code("error", "数据中有本表式没有的指标", _FORM),
    "form.missing_cell": Code("error", "数据中缺少本表式的指标", _FORM),
    "form.year": Code("error", "报告年度须适用所用的表式", _FORM),
    "form.agency": Code("error", "须填写填报单位全称", _FORM),
    "form.layout": Code("error", "表格的行、列和文字须与规定格式一致，不得改动", _FORM),
    "form.total_typed": Code(
        "info", "合计栏一般由公式计算；手工填写的数字与分项不符时另按勾稽关系报错", _PRACTICE
    ),
    "previous.year": Code("verify", "上年数据应是上一年度的报告", _PRACTICE),
    "previous.agency": Code("verify", "上年数据应是同一单位的报告", _PRACTICE),
    "previous.jump": Code(
        "verify", "与上年相比增减超过五倍，或由有变无、由无变有，须核实（相差不足 5 的不提示）", _PRACTICE
    ),
    "explanation.empty": Code("verify", "审核说明须写明具体原因，不少于 8 个字", _LOCAL),
    "explanation.unmatched": Code("info", "审核说明须对应现有的问题", _LOCAL),
    "explanation.lapsed": Code("info", "审核说明随数字生效，数字改动后失效", _LOCAL),
    "rules.local": Code("info", "本地规则停用或调整了校验规则", _LOCAL),
    "narrative.mismatch": Code("error", "正文中的数字须与表格一致（文字有多种理解的，须核实）", _PRACTICE),
    "narrative.parts": Code("error", "正文中分项之和不得大于总数，“共”字所合计的须等于各项之和", _PRACTICE),
    "narrative.percent": Code("verify", "正文中的百分比须与所列数字相符（误差 0.1 个百分点以内）", _PRACTICE),
    "narrative.wording": Code("verify", "“全部办结”“无结转”“全部维持”等表述须与表格相符", _PRACTICE),
    "narrative.year": Code("error", "标题、数据期限和正文的年份须为报告年度", _PRACTICE),
    "narrative.agency": Code("error", "标题和正文中的单位名称须为填报单位", _PRACTICE),
    "narrative.missing_number": Code("error", "“件”“万元”等计量单位前须有数字", _PRACTICE),
    "narrative.leftover": Code("error", "正文中不得留有模板文字", _PRACTICE),
    "narrative.circular": Code("error", "须引用现行的报告格式文件", _FORM),
    "narrative.empty": Code("error", "以文字报告的部分不得空缺", _FORM),
    "narrative.aspects": Code("verify", "各部分须写全规定的内容", _FORM),
    "narrative.heading": Code("error", "标题须与规定一致", _FORM),
    "narrative.fee": Code("verify", "须写明信息处理费收取情况", _FORM),
    "narrative.fee_unpaid": Code("verify", "有逾期未缴费的申请而写未收取信息处理费的，须核实", _PRACTICE),
    "narrative.fee_above": Code("verify", "信息处理费大于行政事业性收费金额的，须核实", _PRACTICE),
    "narrative.similar": Code("verify", "正文与上年报告几乎相同的，须核实", _PRACTICE),
    "plausible.not_competent": Code("verify", "无规章制定权的单位填有规章的，须核实", _PRACTICE),
    "plausible.amount": Code("verify", "收费金额过小或过大、疑为单位填错的，须核实", _PRACTICE),
}


def to_json(finding: Finding) -> dict[str, Any]:
    """The finding as the command line's ``--json`` prints it."""
    hint = finding.suggestion
    data: dict[str, Any] = {
        "rule": finding.rule,
        "severity": finding.severity,
        "cells": [str(cell) for cell in finding.cells],
        "message": finding.message,
        "expected": number(finding.expected),
        "actual": number(finding.actual),
        "suggestion": hint and {"cell": str(hint.cell), "value": number(hint.value), "text": hint.text},
    }
    if finding.explanation:
        data["explanation"] = finding.explanation
    if finding.places:
        data["places"] = [str(place) for place in finding.places]
    return data
