"""Interchange JSON as a file: read within bounds and held to its schema, written with exact figures."""

import json
import re
from dataclasses import replace
from typing import Any

from nianbao.core import form as forms
from nianbao.core import number
from nianbao.core.errors import Alien, Unreadable
from nianbao.core.form import Form, FormError
from nianbao.core.report import Report, from_json, previous_from_json, to_json
from nianbao.core.schema import first_problem

#: A report's JSON is some ten kilobytes; what is larger is none.
LARGEST = 20_000_000
#: One half of a character beyond the basic plane, as JSON may escape it; without the other half it is none.
_ESCAPED_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def is_json(head: bytes) -> bool:
    """Whether a file that begins so is meant as interchange JSON."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def parse(text: bytes, name: str, form: Form | None = None) -> Report:
    """The report in interchange JSON; ``form`` for a form that is not built in.

    Raises :class:`Unreadable` for what is no JSON, is not shaped as the schema says or names an unknown form.
    """
    if len(text) > LARGEST:
        raise Unreadable(name, f"文件超过 {LARGEST // 1_000_000} MB", "请核对是否选错了文件")
    data = _load(text, name)
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


#: A report's JSON is six deep. So many brackets may open in a report, or nest, before Python's parser meets them:
#: in a browser its stack ends the whole program.
_BRACKETS, _DEPTH = 300, 100
_NESTED = ("JSON 嵌套过深", "请用 nianbao import 重新生成")
_OPENING_OR_CLOSING = re.compile(rb'"(?:[^"\\]|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)


def too_deep(text: bytes) -> bool:
    """Whether brackets nest deeper than any report's; few brackets cannot."""
    if text.count(b"[") + text.count(b"{") <= _BRACKETS:
        return False
    depth = 0
    for found in _OPENING_OR_CLOSING.finditer(text):
        depth += bool(found[1]) - bool(found[2])
        if depth > _DEPTH:
            return True
    return False


def _load(text: bytes, name: str) -> Any:
    if too_deep(text):
        raise Unreadable(name, *_NESTED)
    try:
        data = json.loads(
            text.decode("utf-8-sig"),
            parse_int=_figure,
            parse_float=_figure,
            parse_constant=str,
            object_pairs_hook=_once,
        )
        if _ESCAPED_HALF.search(text):
            json.dumps(data, ensure_ascii=False, default=str).encode()
        return data
    except UnicodeEncodeError:
        raise Unreadable(name, "JSON 中有不完整的字符", "请用 nianbao import 重新生成") from None
    except UnicodeDecodeError:
        raise Unreadable(name, "不是 UTF-8 编码的 JSON", "请另存为 UTF-8 编码后重试") from None
    except RecursionError:
        raise Unreadable(name, *_NESTED) from None
    except ValueError as error:
        line = f"第 {error.lineno} 行" if isinstance(error, json.JSONDecodeError) else str(error)
        raise Unreadable(name, f"不是完整的 JSON（{line}）", "请核对文件是否被截断或改坏") from None


def _figure(literal: str) -> Any:
    value = number.exact(literal)
    return literal if value is None or not number.held(literal) else value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"“{next(n for n in names if names.count(n) > 1)}”重复出现")
    return data


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
