"""The four readings of a consistency identity (a check, a live formula, a sentence, a row of coefficients), and what a
department changes of the rules for itself: a small file that switches rules off or changes their severity."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from nianbao.core.equation import Equation, Term
from nianbao.core.files import Unreadable
from nianbao.core.finding import CODES, SEVERITY_WORDS, Finding
from nianbao.core.form import Form
from nianbao.core.grid import NOWHERE, Cell, square
from nianbao.core.number import Figure, written_day
from nianbao.core.report import Report
from nianbao.core.schema import load_json, problems


class Sides(NamedTuple):
    """Both sides of an identity for one report; ``difference`` is left minus right."""

    left: Figure
    right: Figure

    @property
    def difference(self) -> Figure:
        return self.left - self.right


def sides(equation: Equation, report: Report, previous: Report | None = None) -> Sides | None:
    """Both sides' sums, or None where there is nothing to judge.

    Nothing to judge: a cell cannot be counted, or last year's figure is asked for and is not there
    (no previous report, a form whose table does not mean the same, a blank).
    """
    left, right = (_sum(terms, report, previous) for terms in (equation.left, equation.right))
    return None if left is None or right is None else Sides(left, right)


def _sum(terms: Iterable[Term], report: Report, previous: Report | None) -> Figure | None:
    total: Figure = 0
    for term in terms:
        value = last_year(term.cell, report, previous) if term.previous else report.amount(term.cell)
        if value is None:
            return None
        total += value
    return total


def last_year(cell: Cell, report: Report, previous: Report | None) -> Figure | None:
    """Last year's figure of a cell; None unless there is one that means the same."""
    if previous is None or cell.table not in report.form.comparable.get(previous.form.key, ()):
        return None
    if previous.figures.get(cell) is None and cell not in previous.raw:
        return None
    return previous.amount(cell)


class _Plain(NamedTuple):
    """An identity of this year's figures as places among the form's cells, one place a zero: quick to sum."""

    equation: Equation
    left: Callable[[Sequence[Figure]], tuple[Figure, ...]]
    right: Callable[[Sequence[Figure]], tuple[Figure, ...]]


@lru_cache(maxsize=16)
def _plain(form: Form) -> tuple[_Plain, ...]:
    order = {cell: n for n, cell in enumerate(form.cells)}

    def side(terms: Iterable[Term]) -> Callable[[Sequence[Figure]], tuple[Figure, ...]]:
        return itemgetter(*(order[term.cell] for term in terms), len(order), len(order))

    return tuple(_Plain(e, side(e.left), side(e.right)) for e in form.equations if not e.uses_previous)


def suspects(report: Report) -> Iterator[Equation]:
    """This year's identities that may be broken: all where a text stands among the figures, else those whose
    sides differ."""
    values = [report.figures.get(cell) or 0 for cell in report.form.cells] + [0]
    for equation, left, right in _plain(report.form):
        if report.raw or sum(left(values)) != sum(right(values)):
            yield equation


def holds(equation: Equation, both: Sides) -> bool:
    """Whether the identity (or the ≤ of the rule) is kept."""
    return both.difference <= 0 if equation.rule.op == "<=" else both.difference == 0


def coefficients(equation: Equation) -> Mapping[Cell, int]:
    """This year's cells with +1 on the left side and −1 on the right side."""
    return {t.cell: 1 for t in equation.left if not t.previous} | {
        t.cell: -1 for t in equation.right if not t.previous
    }


def formula(terms: Iterable[Term], address: Callable[[Term], str]) -> str:
    """One side as a spreadsheet expression without the equals sign: ``SUM(D5,D6)``; texts count as 0."""
    return f"SUM({','.join(runs([address(term) for term in terms]))})"


def runs(addresses: list[str]) -> list[str]:
    """Addresses with vertical or horizontal neighbours joined to ranges: ``D5,D6,D7`` → ``D5:D7``."""
    joined: list[list[str]] = []
    for address in addresses:
        if joined and _next(joined[-1], address):
            joined[-1].append(address)
        else:
            joined.append([address])
    return [run[0] if len(run) == 1 else f"{run[0]}:{run[-1].rpartition('!')[2]}" for run in joined]


def _next(run: list[str], address: str) -> bool:
    (sheet, column, row), (sheet2, column2, row2) = _split(run[-1]), _split(address)
    if sheet != sheet2:
        return False
    down = column == column2 and row2 == row + 1
    along = row == row2 and column2 == column + 1
    if len(run) == 1:
        return down or along
    _, first_column, _ = _split(run[0])
    return down and first_column == column if first_column == column else along


def _split(address: str) -> tuple[str, int, int]:
    sheet, _, bare = address.rpartition("!")
    row, column = square(bare) or (0, 0)
    return sheet, column, row


def about(equation: Equation, form: Form) -> str:
    """What an identity is about, in words: the table, and its row or column."""
    rule = equation.rule
    if rule.across == "cells":
        return ""
    table = form.tables[rule.table]
    if rule.across == "columns":
        return f"{table.columns[equation.key].name}列"
    return table.rows[equation.key].name


def sentence(equation: Equation, form: Form) -> str:
    """The identity as staff read it: ``自然人列：一、本年新收＋二、上年结转 ＝ 三、（七）总计＋四、结转下年度``."""
    rule = equation.rule
    head = about(equation, form)
    sign = "≤" if rule.op == "<=" else "＝"
    return f"{head}{'：' if head else ''}{rule.left_says} {sign} {rule.right_says}"


#: What a file of local rules looks like, as staff are told.
SHAPE = (
    '整个文件写成 {"rules": [{"rule": "previous.jump", "off": true, "reason": "停用的原因", "date": "2026-01-05"}]}，'
    "每条写明 rule（规则代码）、off（true 为停用）或 severity（error、verify、info）、reason（原因，不少于 4 个字）、date（日期）"
)


class RuleChange(NamedTuple):
    """One rule off (``severity`` None) or of another severity, with the reason and the date (YYYY-MM-DD)."""

    rule: str
    severity: str | None
    reason: str
    date: str


def load(source: Path) -> dict[str, RuleChange]:
    """The changes in a rules file, by rule; raises :class:`Unreadable` for what ``rules.schema.json`` refuses."""
    data = load_json(source, "请指定本地规则文件（JSON）")
    for problem in problems(data, "rules"):
        raise Unreadable(str(source), f"本地规则不符合规定（{problem.place}）", SHAPE)
    return checked(map(_change, data["rules"]), str(source))


def checked(
    changes: Iterable[RuleChange], source: str, named: Callable[[str], str] = str
) -> dict[str, RuleChange]:
    """The changes by rule, each date as YYYY-MM-DD; Unreadable for a rule that stands twice and a day that is none.

    ``named``: what a rule is called where it was written.
    """
    by_rule: dict[str, RuleChange] = {}
    for change in changes:
        if (day := written_day(change.date)) is None:
            rule = f"本地规则“{named(change.rule)}”"
            what = f"{rule}的日期 {change.date[:20]} 不存在" if change.date else f"{rule}没有写日期"
            raise Unreadable(source, what, "请写真实的日期，如 2026-01-05")
        if change.rule in by_rule:
            raise Unreadable(source, f"本地规则“{named(change.rule)}”写了不止一次", "请只保留一条")
        by_rule[change.rule] = change._replace(date=day.isoformat())
    return by_rule


def _change(entry: Mapping[str, Any]) -> RuleChange:
    return RuleChange(
        entry["rule"], None if entry.get("off") else entry["severity"], entry["reason"], entry["date"]
    )


def check(changes: Mapping[str, RuleChange], form: Form, source: str) -> None:
    """Refuse unknown rules, and any change of what the statutory form itself demands."""
    severities = {rule.id: rule.severity for rule in form.rules} | {n: c.severity for n, c in CODES.items()}
    for change in changes.values():
        if change.rule not in severities:
            raise Unreadable(source, f"没有规则“{change.rule}”", "规则代码见 nianbao rules")
        statutory = change.rule.split(".")[0] in ("cell", "form", *form.tables)
        if statutory and severities[change.rule] == "error" and change.severity != "error":
            raise Unreadable(source, f"“{change.rule}”是规定格式的强制性规则，不能停用或降级", "请删去这一条")


def tuned(findings: Iterable[Finding], changes: Mapping[str, RuleChange], form: Form) -> Iterator[Finding]:
    """The findings of a report of ``form`` under the local rules; each change that took effect is shown as a hint."""
    if not changes:
        yield from findings
        return
    used: dict[str, int] = {}
    for finding in findings:
        change = changes.get(finding.rule)
        if change is None:
            yield finding
            continue
        used[finding.rule] = used.get(finding.rule, 0) + 1
        if change.severity is not None:
            yield finding._replace(severity=change.severity)  # type: ignore[arg-type]
    for rule, times in used.items():
        yield _shown(changes[rule], form.rule_name(rule), times)


def _shown(change: RuleChange, name: str, times: int) -> Finding:
    what = "已停用" if change.severity is None else f"改为{SEVERITY_WORDS[change.severity]}"
    words = f"按本地规则，“{name}”{what}（{change.reason}，{change.date}），涉及 {times} 处"
    return Finding("rules.local", CODES["rules.local"].severity, (), words, at=NOWHERE)
