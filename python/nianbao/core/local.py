"""Rules that a department tunes for itself: a small JSON file that switches rules off or changes their severity."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nianbao.core.cell import NOWHERE
from nianbao.core.errors import Unreadable
from nianbao.core.finding import CODES, SEVERITY_WORDS, Finding
from nianbao.core.form import Form
from nianbao.core.number import written_day
from nianbao.core.schema import load_json, problems

#: What a file of local rules looks like, as staff are told.
SHAPE = (
    '整个文件写成 {"rules": [{"rule": "previous.jump", "off": true, "reason": "停用的原因", "date": "2026-01-05"}]}，'
    "每条写明 rule（规则代码）、off（true 为停用）或 severity（error、verify、info）、reason（原因，不少于 4 个字）、date（日期）"
)


class Change(NamedTuple):
    """One rule off (``severity`` None) or of another severity, with the reason and the date (YYYY-MM-DD)."""

    rule: str
    severity: str | None
    reason: str
    date: str


def load(source: Path) -> dict[str, Change]:
    """The changes in a rules file, by rule; raises :class:`Unreadable` for what ``rules.schema.json`` refuses."""
    data = load_json(source, "请指定本地规则文件（JSON）")
    for problem in problems(data, "rules"):
        raise Unreadable(str(source), f"本地规则不符合规定（{problem.place}）", SHAPE)
    return checked(map(_change, data["rules"]), str(source))


def checked(changes: Iterable[Change], source: str) -> dict[str, Change]:
    """The changes by rule, each date as YYYY-MM-DD; Unreadable for a rule that stands twice and a day that is none."""
    by_rule: dict[str, Change] = {}
    for change in changes:
        if (day := written_day(change.date)) is None:
            what = (
                f"“{change.rule}”的日期 {change.date[:20]} 不存在"
                if change.date
                else f"“{change.rule}”没有写日期"
            )
            raise Unreadable(source, what, "请改为真实的日期，如 2026-01-05")
        if change.rule in by_rule:
            raise Unreadable(source, f"规则“{change.rule}”写了不止一次", "请只保留一条")
        by_rule[change.rule] = change._replace(date=day.isoformat())
    return by_rule


def _change(entry: Mapping[str, Any]) -> Change:
    return Change(
        entry["rule"], None if entry.get("off") else entry["severity"], entry["reason"], entry["date"]
    )


def check(changes: Mapping[str, Change], form: Form, source: str) -> None:
    """Refuse unknown rules, and any change of what the statutory form itself demands."""
    severities = {rule.id: rule.severity for rule in form.rules} | {n: c.severity for n, c in CODES.items()}
    for change in changes.values():
        if change.rule not in severities:
            raise Unreadable(source, f"没有规则“{change.rule}”", "规则代码见 nianbao rules")
        statutory = change.rule.split(".")[0] in ("cell", "form", *form.tables)
        if statutory and severities[change.rule] == "error" and change.severity != "error":
            raise Unreadable(source, f"“{change.rule}”是规定格式的强制性规则，不能停用或降级", "请删去这一条")


def tuned(findings: Iterable[Finding], changes: Mapping[str, Change], form: Form) -> Iterator[Finding]:
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


def _shown(change: Change, name: str, times: int) -> Finding:
    what = "已停用" if change.severity is None else f"改为{SEVERITY_WORDS[change.severity]}"
    words = f"按本地规则，“{name}”{what}（{change.reason}，{change.date}），涉及 {times} 处"
    return Finding("rules.local", CODES["rules.local"].severity, (), words, at=NOWHERE)
