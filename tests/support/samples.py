"""Reports the export tests speak of: one on the built-in form, one on a small form of another country."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

from nianbao.core.equation import Equation
from nianbao.core.form import Form, build, load
from nianbao.core.grid import Cell
from nianbao.core.number import Figure
from nianbao.core.report import Report, with_figures

ABROAD: dict[str, Any] = {
    "form": "xx-foi",
    "title": "Freedom of Information Report",
    "full_title": "{agency}: Freedom of Information Report {year}",
    "authority": "Information Act s. 12",
    "language": "en",
    "years": [2000, None],
    "sections": [
        {"key": "summary", "heading": "1. Summary", "sheet": "Summary"},
        {"key": "figures", "heading": "2. Requests", "sheet": "Requests", "table": "requests"},
    ],
    "tables": {
        "requests": {
            "name": "Requests for information",
            "columns": {
                "people": {"name": "People", "unit": "requests"},
                "firms": {"name": "Firms", "unit": "requests"},
                "total": {"name": "Total", "unit": "requests"},
            },
            "rows": {
                "granted": {"name": "Granted"},
                "refused": {"name": "Refused"},
                "closed": {"name": "Closed"},
            },
            "widths": [10, 20, 10, 10, 10],
            "grid": [
                [{"corner": "", "cols": 2}, {"head": "People"}, {"head": "Firms"}, {"head": "Total"}],
                [{"side": "Outcome", "rows": 2}, {"side": "Granted"}, {"cells": "granted"}],
                [{"side": "Refused"}, {"cells": "refused"}],
                [{"side": "Closed", "cols": 2}, {"cells": "closed"}],
            ],
        }
    },
    "rules": [
        {
            "id": "requests.closed",
            "name": "closed requests",
            "severity": "error",
            "table": "requests",
            "across": "columns",
            "fills": True,
            "left": ["granted", "refused"],
            "right": ["closed"],
            "says": "granted and refused make closed",
            "left_says": "granted and refused",
            "right_says": "closed",
            "source": "Information Act s. 12",
        }
    ],
}


def abroad() -> Report:
    """A report on a form that nobody built anything for."""
    form = build(ABROAD)
    counts = {"granted": (3, 4, 7), "refused": (1, 0, 1), "closed": (4, 4, 8)}
    figures = {
        Cell("requests", row, column): value
        for row, values in counts.items()
        for column, value in zip(("people", "firms", "total"), values, strict=True)
    }
    return Report(form, "Tax Office", 2024, figures, narrative={"summary": ("A quiet year.",)})


def zeros(form: Form) -> dict[Cell, int]:
    return dict.fromkeys(form.cells, 0)


def county(year: int = 2024) -> Report:
    """A small unit's consistent report on the 2021 form: 12 requests, blank 规章, a fee with decimals."""
    form = load("cn-2021")
    report = Report(
        form,
        "青山县水利局",
        year,
        zeros(form),
        narrative=NARRATIVE,
        preamble=(f"根据《中华人民共和国政府信息公开条例》编制本报告。数据期限为{year}年1月1日至12月31日。",),
    )
    changes: dict[Cell, Any] = {Cell.parse(key): value for key, value in FIGURES.items()}
    return with_figures(report, changes)


def hostile() -> Report:
    """A report in which everything typed tries to break out of the file it is written to."""
    report = county()
    breaking = '<script>alert(1)</script><img src=x onerror="alert(2)">{{ 7 * 7 }}{% raw %}]]>&amp;\u202e\x0b'
    narrative = {**report.narrative, "overview": (breaking, "=HYPERLINK(1)")}
    report = with_figures(report, {Cell("requests", "received", "legal"): '"><script>alert(3)</script>'})
    return replace(report, agency='甲"><b>局/..\\', narrative=narrative)


NARRATIVE = {
    "overview": (
        "2024年，青山县水利局坚持“公开为常态、不公开为例外”，各项工作平稳有序。",
        "（一）主动公开。全年发布信息86条，其中水旱灾害防御信息31条。",
        "（二）依申请公开。全年新收申请11件，上年结转1件，办结10件。",
    ),
    "requests": ("本年度新收政府信息公开申请11件，办结10件，结转下年度继续办理2件。",),
    "problems": ("存在的问题：\n一是解读形式单一；二是更新不够及时。下一步将逐项改进。",),
    "other": ("本年度未收取信息处理费。",),
}
FIGURES: dict[str, Any] = {
    "disclosure.regulations.issued": None,
    "disclosure.regulations.repealed": None,
    "disclosure.regulations.in_force": None,
    "disclosure.normative.issued": 2,
    "disclosure.normative.repealed": 1,
    "disclosure.normative.in_force": 15,
    "disclosure.licensing.decisions": 48,
    "disclosure.penalty.decisions": 6,
    "disclosure.fees.amount": Decimal("8988.0625"),
    "requests.received.natural": 9,
    "requests.received.business": 2,
    "requests.received.total": 11,
    "requests.carried_in.natural": 1,
    "requests.carried_in.total": 1,
    "requests.granted.natural": 6,
    "requests.granted.business": 2,
    "requests.granted.total": 8,
    "requests.partly_granted.natural": 1,
    "requests.partly_granted.total": 1,
    "requests.unavailable_not_held.natural": 1,
    "requests.unavailable_not_held.total": 1,
    "requests.concluded.natural": 8,
    "requests.concluded.business": 2,
    "requests.concluded.total": 10,
    "requests.carried_out.natural": 2,
    "requests.carried_out.total": 2,
    "remedies.reconsideration.upheld": 1,
    "remedies.reconsideration.corrected": 1,
    "remedies.reconsideration.total": 2,
}


def filled(form: Form, seed: int = 1) -> Report:
    """Inputs by chance, every total from its parts, every other identity mended through a cell of its own."""
    chance = Random(seed)
    figures: dict[Cell, Figure | None] = {c: chance.randint(1, 40) for c in form.cells}
    for _ in range(4):
        for equation in within(form):
            _mend(equation, figures, form)
    year = form.years[0]
    sections = {s.key: (f"{s.heading[2:]}方面的工作按要求完成。",) for s in form.sections}
    return Report(form, "示例市水利局", year, figures, narrative=sections)


def within(form: Form) -> Iterator[Equation]:
    return (e for e in form.equations if not e.uses_previous)


def _mend(equation: Equation, figures: dict[Cell, Figure | None], form: Form) -> None:
    left = sum(figures[t.cell] or 0 for t in equation.left)
    right = sum(figures[t.cell] or 0 for t in equation.right)
    if equation.rule.op == "<=":
        figures[equation.right[0].cell] = max(left, right)
    elif equation.rule.fills:
        figures[equation.right[-1].cell] = left
    else:
        side = equation.right if left > right else equation.left
        own = [t.cell for t in side if t.cell not in form.filled]
        for cell in own[-1:]:
            figures[cell] = (figures[cell] or 0) + abs(left - right)
