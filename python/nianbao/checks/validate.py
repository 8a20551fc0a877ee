"""The main path: a report, all checks in order, findings; and the staff's explanations of what verify rules question, bound
to the rule and to the figures; and what a department changes of the rules for itself (a small file that switches rules
off or changes their severity)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from nianbao.checks import Check
from nianbao.checks.cells import figures, plausible, structure, text_year
from nianbao.checks.identities import corrected, jumps
from nianbao.checks.identities import previous as across_years
from nianbao.core.files import Unreadable
from nianbao.core.finding import CODES, SEVERITY_WORDS, Finding, Suggestion
from nianbao.core.finding import count as count
from nianbao.core.form import Form
from nianbao.core.grid import NOWHERE, Anchor, Cell
from nianbao.core.number import Figure, written_day
from nianbao.core.report import Explanation, Report
from nianbao.core.schema import load_json, problems
from nianbao.core.text import shortened

#: An explanation says at least so much, not counting punctuation and set phrases.
SHORTEST = 8
_HOLLOW = re.compile(
    r"就是|就|这样|问题|同上|无误|无|没有|核实|属实|情况|数据|数字|正确|准确|真实|确认|已经?|经|如实|填报|没问题|正常|同意|按实际|实际|的|为|均|都|是|本?单位|系统|自动"
)
_MARKS = re.compile(r"[\s\W_]+")


def hollow(text: str) -> bool:
    """Whether an explanation explains nothing: under 8 characters, or set phrases only (无, 核实无误, 情况属实)."""
    bare = _MARKS.sub("", text)
    rest = {c for c in _HOLLOW.sub("", bare) if c >= "一"}
    return len(bare) < SHORTEST or len(rest) < SHORTEST // 2


def fingerprint(finding: Finding, report: Report) -> str:
    """The fingerprint (12 hexadecimal digits) of what a finding speaks of: rule, cells, numbers, words."""
    values = [f"{cell}={report.raw.get(cell, report.figures.get(cell))}" for cell in finding.cells]
    texts = {(key, n): text for key, n, text in report.text()}
    quoted = [texts.get((place.section, place.paragraph), "") for place in finding.places]
    parts = [finding.rule, *values, str(finding.expected), str(finding.actual), *quoted]
    import hashlib  # costs more than a reading; few reports need it

    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def binding(explanation: Explanation, now: str) -> str:
    """What binds an explanation that stands beside a finding whose fingerprint is ``now``.

    ``figures.text``: it holds for these figures as long as neither changes. A leading ``!``: this very text has
    lapsed; once it is rewritten, it holds for the figures of that time.
    """
    return f"{'' if _holds(explanation, now) else '!'}{now}.{_digest(explanation.text)}"


def _digest(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.strip().encode()).hexdigest()[:6]


def _holds(explanation: Explanation, now: str) -> bool:
    """Whether an explanation is about these figures: bound to them, to none, or rewritten since it was bound."""
    bound, _, text = explanation.figures.partition(".")
    if text and text != _digest(explanation.text):
        return True
    return bound in ("", now)


def explained(findings: Iterable[Finding], report: Report) -> Iterator[Finding]:
    """The findings, those of severity verify with their explanation where one holds; and what is wrong with
    explanations: hollow ones, and ones whose figures have changed since."""
    if not report.explanations:
        yield from findings
        return
    listed = list(enumerate(report.explanations))
    idle = listed
    for finding in findings:
        given = [(n, e) for n, e in listed if _speaks_of(e, finding)]
        idle = [e for e in idle if e not in given]
        if finding.severity != "verify" or not given:
            yield finding
            continue
        now = fingerprint(finding, report)
        valid = [e for _, e in given if _holds(e, now)]
        accepted = next((e for e in valid if not hollow(e.text)), None)
        yield finding._replace(explanation=accepted.text) if accepted else finding
        if accepted is None:
            yield _objection(finding, *given[-1], lapsed=not valid)
    for n, explanation in idle:
        about = report.form.rule_name(explanation.rule)
        words = f"审核说明“{shortened(explanation.text, 41)}”（{about}）没有对应的问题：问题已不存在，或规则、指标写错"
        severity = CODES["explanation.unmatched"].severity
        yield Finding("explanation.unmatched", severity, (), words, at=Anchor("explanation", row=n))


def _speaks_of(explanation: Explanation, finding: Finding) -> bool:
    """One explanation may speak of several findings of a rule (it is then bound to no figures)."""
    keys = {str(cell) for cell in finding.cells} | {str(place) for place in finding.places}
    given = set(explanation.cells)
    return explanation.rule == finding.rule and (given == keys or (not explanation.figures and keys < given))


def _objection(finding: Finding, n: int, explanation: Explanation, *, lapsed: bool) -> Finding:
    """What is wrong with the n-th explanation; that its finding stays unexplained is told by the finding."""
    rule = "explanation.lapsed" if lapsed else "explanation.empty"
    quote = shortened(explanation.text, 41)
    words = (
        f"数字或文字已经改动，原来的审核说明“{quote}”失效；请再校验一次，然后重新说明"
        if lapsed
        else f"审核说明“{quote}”没有写明原因，请写清具体情况（不少于 {SHORTEST} 个字）"
    )
    at, severity = Anchor("explanation", row=n), CODES[rule].severity
    return Finding(rule, severity, finding.cells, words, places=finding.places, at=at)


def unexplained(findings: Iterable[Finding]) -> list[Finding]:
    """The verify findings that still want a correction or an explanation."""
    return [f for f in findings if f.severity == "verify" and not f.explanation]


def ready(findings: Iterable[Finding]) -> bool:
    """可上报: no error, and no verify finding without an explanation."""
    listed = list(findings)
    return not any(f.severity == "error" for f in listed) and not unexplained(listed)


def narrative(report: Report, previous: Report | None) -> Iterator[Finding]:
    """The checks of the text; their modules are loaded once a report has any, or was handed in without."""
    if report.given or any(raw and not raw.isspace() for _, _, raw in report.text()):
        from nianbao.checks.narrative.check import narrative as checks

        for finding in checks(report, previous):
            other = text_year(report) if finding.rule == "narrative.year" else None
            if other is None or finding.actual != other.year:
                yield finding  # the year of the whole text has been reported as one cause


#: What a file of local rules looks like, as staff are told.
RULES_SHAPE = (
    '整个文件写成 {"rules": [{"rule": "previous.jump", "off": true, "reason": "停用的原因", "date": "2026-01-05"}]}，'
    "每条写明 rule（规则代码）、off（true 为停用）或 severity（error、verify、info）、reason（原因，不少于 4 个字）、date（日期）"
)


class RuleChange(NamedTuple):
    """One rule off (``severity`` None) or of another severity, with the reason and the date (YYYY-MM-DD)."""

    rule: str
    severity: str | None
    reason: str
    date: str


def load_changes(source: Path) -> dict[str, RuleChange]:
    """The changes in a rules file, by rule; raises :class:`Unreadable` for what ``rules.schema.json`` refuses."""
    data = load_json(source, "请指定本地规则文件（JSON）")
    for problem in problems(data, "rules"):
        raise Unreadable(str(source), f"本地规则不符合规定（{problem.place}）", RULES_SHAPE)
    return checked_changes(map(_change, data["rules"]), str(source))


def checked_changes(
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


def check_changes(changes: Mapping[str, RuleChange], form: Form, source: str) -> None:
    """Refuse unknown rules, and any change of what the statutory form itself demands; a rule is told by its name.

    A file that has codes is told the code, too.
    """
    severities = {rule.id: rule.severity for rule in form.rules} | {n: c.severity for n, c in CODES.items()}
    for change in changes.values():
        if change.rule not in severities:
            raise Unreadable(source, f"没有规则“{change.rule}”", _rule_advice(change.rule, form))
        statutory = change.rule.split(".")[0] in ("cell", "form", *form.tables)
        if statutory and severities[change.rule] == "error" and change.severity != "error":
            raise Unreadable(
                source,
                f"{_called(change.rule, form, source)}是规定格式的强制性规则，不能停用或降级",
                "请删去这一条",
            )


def _called(code: str, form: Form, source: str) -> str:
    name = f"“{form.rule_name(code)}”"
    return f"{name}（{code}）" if source.lower().endswith(".json") else name


def _rule_advice(written: str, form: Form) -> str:
    """Where the rules are listed, and the name of the one most like what was written."""
    names = {shown: name for code, name in form.rule_names.items() for shown in (name, code)}
    like = get_close_matches(written, names, n=1)
    meant = f"是不是“{names[like[0]]}”？" if like else ""
    return f"{meant}规则的名称和代码见 nianbao rules"


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


CHECKS: tuple[Check, ...] = (structure, figures, across_years, plausible, narrative)


def validate(
    report: Report, previous: Report | None = None, local: Mapping[str, RuleChange] | None = None
) -> list[Finding]:
    """All findings of a report, in the order of the checks and of the form.

    ``previous`` is last year's report; without it, what the workbook holds of last year is used.
    ``local`` are a department's own changes to the rules (see :func:`load_changes`).
    """
    last = previous or report.previous
    findings = [finding for check in CHECKS for finding in check(report, last)]
    return list(explained(tuned(one_cause(report, findings), local or {}, report.form), report))


#: The rules whose findings only repeat what a wrong figure elsewhere causes, once that is corrected.
_REPEATED = ("narrative.mismatch", "previous.jump")


def one_cause(report: Report, findings: Sequence[Finding]) -> Sequence[Finding]:
    """The findings without those that vanish with a correction that another finding suggests, or offers as likeliest."""
    if not any(f.rule in _REPEATED for f in findings):
        return findings
    corrections = [corrected(report, findings), *_offered(report, findings)]
    return [
        f
        for f in findings
        if f.rule not in _REPEATED or not any(after and _vanishes(f, report, after) for after in corrections)
    ]


def _offered(report: Report, findings: Sequence[Finding]) -> Iterator[Mapping[Cell, Figure]]:
    """What the figures become by the likeliest correction of each error that suggests none."""
    for finding in findings:
        first = finding.candidates[0] if finding.candidates else None
        if finding.suggestion is None and finding.severity == "error" and first and first.cell is not None:
            hint = Suggestion(first.cell, first.value, first.why)
            yield corrected(report, [finding._replace(suggestion=hint)])


def _vanishes(finding: Finding, report: Report, after: Mapping[Cell, Figure]) -> bool:
    """Whether a figure that contradicts the text, or last year's, is what it should be after the corrections."""
    if not any(cell in after for cell in finding.cells):
        return False
    cells = finding.cells if finding.rule == "narrative.mismatch" else finding.cells[:1]
    now = sum(report.amount(cell) or 0 for cell in cells)
    right = sum(after.get(cell, report.amount(cell) or 0) for cell in cells)
    if finding.rule == "narrative.mismatch":
        return finding.expected == now and finding.actual == right
    before = finding.expected
    return not isinstance(before, str) and before is not None and not jumps(right, before)
