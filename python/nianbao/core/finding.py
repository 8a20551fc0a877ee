"""A finding: one thing a strict superior would send a report back for, and the words of every rule code."""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from nianbao.core.grid import Anchor, Cell, Place
from nianbao.core.number import Figure
from nianbao.core.number import to_json as number

Severity = Literal["error", "verify", "info"]

SEVERITY_WORDS: dict[str, str] = {"error": "强制性", "verify": "核实性", "info": "提示"}
#: The order of severities, the gravest first.
GRAVITY: dict[str, int] = {severity: n for n, severity in enumerate(SEVERITY_WORDS)}


class Suggestion(NamedTuple):
    """The one correction that would mend a finding: the cell, the value to put there, and it in words."""

    cell: Cell
    value: Figure
    text: str


class Candidate(NamedTuple):
    """One possible cause of a finding: the cell, the value that would be right there, and why it is suspected.

    ``cell`` is None where not a figure of the table but a statement about it (the text, the ledger) may be wrong.
    """

    cell: Cell | None
    value: Figure
    why: str


class Finding(NamedTuple):
    """What is wrong (``message``), where (``cells``, ``places``) and what would mend it (``suggestion``).

    ``candidates`` are the possible causes, the likeliest first, at most three; ``suggestion`` is the first of them
    where it is alone or clearly ahead.
    ``at`` is where to look first when that is neither a cell nor a paragraph; machines are not told of it.
    ``explanation`` is the staff's 审核说明 where it holds for this finding. ``brief`` is the message without what may
    have caused it, where the message says so too.
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
    at: Anchor | None = None
    candidates: tuple[Candidate, ...] = ()
    brief: str = ""


class Code(NamedTuple):
    """A rule code that belongs to every form: its short name, severity, the rule in words and its source."""

    name: str
    severity: Severity
    says: str
    source: str


_FORM = "国务院办公厅政府信息公开工作年度报告格式"
_PRACTICE = "对已公开年度报告的观察"
_LOCAL = "上级审核年度报告的通行做法"

CODES: dict[str, Code] = {
    "cell.not_number": Code("填写非数字", "error", "数字栏只能填写数字，没有的填 0", _FORM),
    "cell.annotated": Code("数字带单位文字", "error", "数字栏内不得带计量单位、符号或说明文字", _FORM),
    "cell.negative": Code("数字为负", "error", "数字不得为负", _FORM),
    "cell.not_whole": Code("数字非整数", "error", "件数、项数须为整数", _FORM),
    "cell.blank": Code(
        "数字栏空白", "error", "数字栏不得空白，没有的填 0（无权制发规章的单位，规章一行可空，须核实）", _FORM
    ),
    "cell.error": Code("公式错误值", "error", "单元格为公式错误值，须改为数字", _PRACTICE),
    "cell.formula": Code(
        "填报栏为公式", "verify", "填报栏须直接填写数字；是公式的，所载数值以保存时为准，须核实", _PRACTICE
    ),
    "cell.ledger": Code("台账核对数", "info", "台账核对数用来核对，须是数字；可不填，不公开", _PRACTICE),
    "form.damaged": Code(
        "模板受损",
        "info",
        "工作簿的核对公式、锁定、输入校验、格式和名称须与模板一致，受损的恢复原样",
        _PRACTICE,
    ),
    "form.unknown_cell": Code("表外指标", "error", "数据中有本表式没有的指标", _FORM),
    "form.missing_cell": Code("缺少指标", "error", "数据中缺少本表式的指标", _FORM),
    "form.year": Code("报告年度", "error", "报告年度须适用所用的表式，不得晚于今年，并与正文一致", _FORM),
    "form.old_year": Code(
        "年度须核对", "verify", "报告年度一般是上一年；不是的，正文又没有写明的，须核实", _PRACTICE
    ),
    "form.hidden": Code("隐藏行列有数字", "verify", "有数字的行或列不得隐藏，审核和打印时看不到", _PRACTICE),
    "form.agency": Code("填报单位名称", "error", "须填写填报单位全称", _FORM),
    "form.agency_code": Code(
        "统一社会信用代码", "info", "统一社会信用代码为 18 位数字和字母；可不填", _PRACTICE
    ),
    "form.layout": Code("表格被改动", "error", "表格的行、列和文字须与规定格式一致，不得改动", _FORM),
    "form.total_typed": Code(
        "合计手工填写", "info", "合计栏一般由公式计算；手工填写的数字与分项不符时另按勾稽关系报错", _PRACTICE
    ),
    "previous.missing": Code(
        "未填上年数据", "info", "没有上年数据的，不能核对上年结转、现行有效件数和增减幅度", _PRACTICE
    ),
    "previous.year": Code("上年数据年度", "verify", "上年数据应是上一年度的报告", _PRACTICE),
    "previous.agency": Code("上年数据单位", "verify", "上年数据应是同一单位的报告", _PRACTICE),
    "previous.jump": Code(
        "增减幅度过大",
        "verify",
        "与上年相比增减超过五倍，或由有变无、由无变有，须核实（相差不足 5 的不提示）",
        _PRACTICE,
    ),
    "explanation.empty": Code("说明未写原因", "info", "审核说明须写明具体原因，不少于 8 个字", _LOCAL),
    "explanation.unmatched": Code("说明无对应问题", "info", "审核说明须对应现有的问题", _LOCAL),
    "explanation.lapsed": Code("说明已失效", "info", "审核说明随数字生效，数字改动后失效", _LOCAL),
    "rules.local": Code("本地规则调整", "info", "本地规则停用或调整了校验规则", _LOCAL),
    "narrative.mismatch": Code(
        "叙述与表不符", "error", "正文中的数字须与表格一致（文字有多种理解的，须核实）", _PRACTICE
    ),
    "narrative.parts": Code(
        "叙述分项与总数", "error", "正文中分项之和不得大于总数，“共”字所合计的须等于各项之和", _PRACTICE
    ),
    "narrative.percent": Code(
        "叙述百分比", "verify", "正文中的百分比须与所列数字相符（误差 0.1 个百分点以内）", _PRACTICE
    ),
    "narrative.wording": Code(
        "叙述用语与表不符", "verify", "“全部办结”“无结转”“全部维持”等表述须与表格相符", _PRACTICE
    ),
    "narrative.year": Code("叙述年份", "error", "标题、数据期限和正文的年份须为报告年度", _PRACTICE),
    "narrative.date": Code("日期不存在", "error", "正文中的日期须真实存在", _PRACTICE),
    "narrative.agency": Code("叙述单位名称", "error", "标题和正文中的单位名称须为填报单位", _PRACTICE),
    "narrative.missing_number": Code("叙述缺数字", "error", "“件”“万元”等计量单位前须有数字", _PRACTICE),
    "narrative.leftover": Code("残留模板文字", "error", "正文中不得留有模板文字", _PRACTICE),
    "narrative.circular": Code("引用文件失效", "error", "须引用现行的报告格式文件", _FORM),
    "narrative.empty": Code("文字部分空缺", "error", "以文字报告的部分不得空缺", _FORM),
    "narrative.aspects": Code("内容未写全", "verify", "各部分须写全规定的内容", _FORM),
    "narrative.heading": Code("标题不合规定", "error", "标题须与规定一致", _FORM),
    "narrative.fee": Code("信息处理费未写明", "verify", "须写明信息处理费收取情况", _FORM),
    "narrative.fee_unpaid": Code(
        "信息处理费与缴费", "verify", "有逾期未缴费的申请而写未收取信息处理费的，须核实", _PRACTICE
    ),
    "narrative.fee_differs": Code(
        "信息处理费不一致", "verify", "正文各处写的信息处理费不一致的，须核实", _PRACTICE
    ),
    "narrative.fee_above": Code(
        "信息处理费过大", "verify", "信息处理费大于行政事业性收费金额的，须核实", _PRACTICE
    ),
    "narrative.corrected": Code(
        "纠错败诉未提及", "info", "有复议纠正或诉讼败诉的，存在的主要问题部分一般应有所分析", _LOCAL
    ),
    "narrative.similar": Code(
        "正文与上年雷同", "verify", "正文（全文或其中一部分）与上年报告超过一半相同的，须核实", _PRACTICE
    ),
    "narrative.sibling": Code(
        "正文与同级雷同",
        "verify",
        "汇总时发现不同单位的正文有整段相同的，须核实（只在上级汇总时核对）",
        _PRACTICE,
    ),
    "summary.below": Code(
        "所汇总单位", "verify", "汇总所含的单位有未报、退回或须核实的，须核实或说明（只用于汇总表）", _LOCAL
    ),
    "plausible.not_competent": Code(
        "规章制定权", "verify", "无规章制定权的单位填有规章的，须核实", _PRACTICE
    ),
    "plausible.amount": Code(
        "收费金额异常", "verify", "收费金额过小或过大、疑为单位填错的，须核实", _PRACTICE
    ),
}


def count(findings: Iterable[Finding], severity: str) -> int:
    """How many findings have a severity."""
    return sum(finding.severity == severity for finding in findings)


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
        "candidates": [
            {"cell": c.cell and str(c.cell), "value": number(c.value), "why": c.why}
            for c in finding.candidates
        ],
    }
    if finding.explanation:
        data["explanation"] = finding.explanation
    if finding.places:
        data["places"] = [str(place) for place in finding.places]
    return data
