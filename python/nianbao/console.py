"""What the command line prints: findings for people and for machines, the list of rules."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from nianbao.checks.validate import check_changes, load_changes, ready, unexplained, validate
from nianbao.core import form as forms
from nianbao.core.files import Unreadable, free_name
from nianbao.core.finding import CODES, SEVERITY_WORDS, Finding, count, to_json
from nianbao.core.form import Form, FormError
from nianbao.core.report import Report
from nianbao.core.text import one_line
from nianbao.workbook.flags import WHOLE, advice, state, where
from nianbao.workbook.layout import Layout
from nianbao.workbook.reader import read
from nianbao.workbook.repair import inspected

#: What to do about several blanks, by the severity they have there.
_BLANK = {
    "error": "没有的请填 0",
    "verify": "没有此项职权的可以空着（在封面填明行政层级，或写审核说明），有而没有发生的填 0",
    "info": "按封面的行政层级没有此项职权，可以空着，不必填 0",
}
#: So many findings of one rule about a sheet's cells have a line each.
ALIKE = 6
SIGNS = {"error": "✗", "verify": "？", "info": "·"}


class Validation:
    """A run of ``nianbao validate``: reads, checks and prints file after file."""

    def __init__(
        self,
        previous: Path | None,
        as_json: bool,
        marked: bool,
        echo: Callable[..., Any],
        rules: Path | None = None,
    ) -> None:
        self.previous = read(previous) if previous else None
        self.rules, self.changes = str(rules), load_changes(rules) if rules else {}
        self.as_json, self.marked, self.echo = as_json, marked, echo

    def file(self, source: Path) -> int:
        """Validate one file and print its findings; the exit code it calls for."""
        try:
            report, findings = self._read(source)
            self.echo(line(source, report, findings) if self.as_json else page(source, report, findings))
            if self.marked:
                self.echo(f"  已另存标记副本 {_mark(source, report, findings)}", err=self.as_json)
        except Unreadable as problem:
            if self.as_json:
                self.echo(unreadable_line(source, problem))
            self.echo(f"错误：{problem}", err=True)
            return 2
        return 1 if count(findings, "error") else 0

    def _read(self, source: Path) -> tuple[Report, list[Finding]]:
        report = inspected(source, read(source))
        if self.changes:
            check_changes(self.changes, report.form, self.rules)
        return report, validate(report, self.previous, self.changes)


def marked_copy(source: Path) -> Path:
    """Where the flagged copy of a workbook goes."""
    return free_name(source.parent, f"{source.stem}.校验.xlsx")


def _mark(source: Path, report: Report, findings: Sequence[Finding]) -> Path:
    from nianbao.workbook.marks import mark

    target = marked_copy(source)
    mark(source, target, report, findings)
    return target


def line(source: Path, report: Report, findings: Sequence[Finding]) -> str:
    """One report's findings as one line of JSON."""
    data = {
        "file": str(source),
        "form": report.form.key,
        "agency": report.agency,
        "year": report.year,
        "errors": count(findings, "error"),
        "verify": count(findings, "verify"),
        "unexplained": len(unexplained(findings)),
        "ready": ready(findings),
        "findings": [to_json(finding) for finding in findings],
    }
    return json.dumps(data, ensure_ascii=False)


_NOTHING = {"errors": 0, "verify": 0, "unexplained": 0, "ready": False}


def unreadable_line(source: Path, problem: Exception) -> str:
    """The line of a file that cannot be read."""
    none: dict[str, Any] = {"file": str(source), "form": None, "agency": None, "year": None}
    return json.dumps({**none, **_NOTHING, "findings": [], "unreadable": str(problem)}, ensure_ascii=False)


#: Said of a template that nobody has filled yet, before what is missing in it.
UNTOUCHED = "这是一份没有填写的空白年报，填好以后再校验"


def untouched(report: Report) -> bool:
    """Whether neither a figure nor a text has been filled in."""
    return not (any(report.figures.values()) or any(report.narrative.values()) or report.raw)


def page(source: Path, report: Report, findings: Sequence[Finding]) -> str:
    """One report's findings as staff read them: grouped by sheet, with the cells' addresses."""
    layout = Layout.of(report.form)
    year = f"{report.year}年" if report.year else ""
    out = [click.style(one_line(f"{report.agency or '（未填单位）'} {year}　{source.name}"), bold=True)]
    order = {name: n for n, name in enumerate(layout.sheet_names)}
    placed = [(where(f, report, layout), f) for f in findings]
    placed.sort(key=lambda pair: order.get(pair[0].sheet, len(order)))
    for sheet, group in groupby(placed, key=lambda pair: pair[0].sheet):
        out.append(f"  【{sheet or WHOLE}】")
        out += _sheet([f for _, f in group], report, layout)
    errors, verify = count(list(findings), "error"), count(list(findings), "verify")
    if untouched(report):
        out.insert(1, f"  {UNTOUCHED}。")
    if findings:
        out.append(f"  合计：强制性问题 {errors} 个，核实性问题 {verify} 个。{state(findings)}")
    else:
        out.append("  没有发现问题。可上报")
    return "\n".join(out)


def _sheet(findings: list[Finding], report: Report, layout: Layout) -> Iterator[str]:
    blanks = [f for f in findings if f.rule == "cell.blank"]
    for severity in ("error", "verify", "info"):
        same = [f for f in blanks if f.severity == severity and not (f.suggestion and f.suggestion.value)]
        if len(same) > 2:
            yield _blanks(same, severity, layout)
        left = [f for f in findings if f.severity == severity and not (len(same) > 2 and f in same)]
        alike = Counter(f.rule for f in left if f.rule.startswith("cell."))
        shown: Counter[str] = Counter()
        for finding in left:
            shown[finding.rule] += 1
            if alike[finding.rule] <= ALIKE or shown[finding.rule] < ALIKE:
                yield from _finding(finding, report, layout)
            elif shown[finding.rule] == ALIKE:
                rest = [f for f in left if f.rule == finding.rule][ALIKE - 1 :]
                yield _rest(rest, report, layout)


def _rest(findings: list[Finding], report: Report, layout: Layout) -> str:
    """Findings of one rule beyond those that are told one by one."""
    places = [where(f, report, layout).a1 for f in findings]
    shown = "、".join(places[:12]) + (" 等" if len(places) > 12 else "")
    return f"    {_sign(findings[0].severity)} {shown}　同样的问题另有 {len(places)} 格　[{report.form.rule_name(findings[0].rule)}]"


def _blanks(findings: list[Finding], severity: str, layout: Layout) -> str:
    places = [layout.spot(f.cells[0]).a1 for f in findings]
    shown = "、".join(places[:12]) + (" 等" if len(places) > 12 else "")
    what = _BLANK[severity]
    name = CODES["cell.blank"].name
    return f"    {_sign(severity)} {shown}　共 {len(places)} 格空白，{what}　[{name}]"


def _finding(finding: Finding, report: Report, layout: Layout) -> Iterator[str]:
    at = where(finding, report, layout)
    yield f"    {_sign(finding.severity)} {at.a1:<5} {finding.message}　[{report.form.rule_name(finding.rule)}]"
    if finding.suggestion is None and finding.severity == "verify":
        yield f"            {advice(finding, report)}"
    if finding.rule == "cell.annotated" and len(finding.cells) > 1:
        yield "            可用 nianbao tidy 一次改好"
    elif finding.rule == "previous.missing":
        yield "            上年的工作簿或数据可用 nianbao import-previous 带入"


def _sign(severity: str) -> str:
    colour = {"error": "red", "verify": "yellow"}.get(severity)
    return click.style(SIGNS[severity], fg=colour)


def _form(key: str) -> Form:
    try:
        return forms.load(key)
    except FormError as error:
        known = forms.keys()
        if key in known:  # one that is being written
            raise Unreadable(f"{key}.json", f"表式有误：{error}", "请改正后重试") from None
        raise Unreadable(key, "没有这个表式", f"现有表式：{'、'.join(known)}") from None


def _rules(key: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Code, name, severity, words and source of every rule: the form's own, then those of every form."""
    for rule in _form(key).rules:
        yield rule.id, rule.name, SEVERITY_WORDS[rule.severity], rule.says, rule.source
    for code, (name, severity, says, source) in CODES.items():
        yield code, name, SEVERITY_WORDS[severity], says, source


def rules_text(key: str) -> str:
    """The list of rules for the terminal."""
    return "".join(
        f"{name}　{severity}　{code}\n    {says}\n    依据：{source}\n"
        for code, name, severity, says, source in _rules(key)
    )


def rules_markdown(key: str) -> str:
    """The list of rules as a page (``rules.md``)."""
    form = _form(key)
    head = f"# 校验规则（{form.key}，{form.authority}）\n\n| 代码 | 名称 | 性质 | 规则 | 依据 |\n|---|---|---|---|---|\n"
    return head + "".join(f"| `{code}` | {' | '.join(words)} |\n" for code, *words in _rules(key))


def write_rules(key: str, target: Path) -> None:
    """Write ``rules.md``; an earlier list of ours is replaced, any other file stays (:class:`Unreadable`)."""
    from nianbao.core.files import into_place

    page = rules_markdown(key)
    if target.is_dir():
        raise Unreadable(str(target), "是文件夹", "请写明文件名，如 rules.md")
    if target.exists() and not _is_list(target):
        raise Unreadable(str(target), "文件已经存在，不是规则清单，不覆盖", "请换一个文件名，或先移走原文件")
    with into_place(target) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _is_list(target: Path) -> bool:
    try:
        first, *rest = target.read_text(encoding="utf-8").splitlines() or [""]
    except ValueError:
        return False
    return first.startswith("# 校验规则（") and all(line.startswith("|") for line in rest if line)
