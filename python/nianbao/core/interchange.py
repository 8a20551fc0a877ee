"""Interchange JSON as a file: read within bounds and held to its schema, written with exact figures."""

import json
from dataclasses import replace

from nianbao.core import form as forms
from nianbao.core.errors import Alien, Unreadable
from nianbao.core.form import Form, FormError
from nianbao.core.report import Report, from_json, previous_from_json, to_json
from nianbao.core.schema import LARGEST, first_problem, loads


def is_json(head: bytes) -> bool:
    """Whether a file that begins so is meant as interchange JSON."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def parse(text: bytes, name: str, form: Form | None = None) -> Report:
    """The report in interchange JSON; ``form`` for a form that is not built in.

    Raises :class:`Unreadable` for what is no JSON, is not shaped as the schema says or names an unknown form.
    """
    if len(text) > LARGEST:
        raise Unreadable(name, f"文件超过 {LARGEST // 1_000_000} MB", "请核对是否选错了文件")
    data = loads(text, name, constant=str)
    if problem := first_problem(data):
        what = f"{problem.place}：{_KEYWORDS.get(problem.keyword, '不符合规定')}"
        raise Alien(name, f"不是年报交换格式的 JSON（{what}）", "请用 nianbao import 重新生成")
    chosen = _form(data["form"], name, form)
    report = from_json(data, chosen)
    if "previous" in data:
        last = data["previous"]
        previous = previous_from_json(last, _form(last["form"], name, form), report.agency)
        return replace(report, previous=previous)
    return report


def dump(report: Report) -> str:
    """The report as interchange JSON text, ending in a newline."""
    return json.dumps(to_json(report), ensure_ascii=False, indent=1) + "\n"


def _form(key: str, name: str, form: Form | None) -> Form:
    if form is not None and form.key == key:
        return form
    try:
        return forms.load(key)
    except FormError:
        known = "、".join(forms.keys())
        raise Unreadable(name, f"没有名为“{key}”的表式", f"请改用现有的表式（{known}）") from None


#: What is said of the keywords of a schema.
_KEYWORDS = {"required": "缺少必需的项", "additionalProperties": "有不认识的项", "type": "类型不对"}
