"""Interchange JSON as a file: read within bounds and held to its schema, written with exact figures."""

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from nianbao.core import form as forms
from nianbao.core import number
from nianbao.core.errors import Alien, Unreadable
from nianbao.core.form import FORMS, Form, FormError
from nianbao.core.report import Report, from_json, previous_from_json, to_json

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
    if not _shaped(data):
        raise Alien(name, f"不是年报交换格式的 JSON（{_complaint(data)}）", "请用 nianbao import 重新生成")
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


def _load(text: bytes, name: str) -> Any:
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
        raise Unreadable(name, "JSON 嵌套过深", "请用 nianbao import 重新生成") from None
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


def _shaped(data: Any) -> bool:
    """A quick look that accepts exactly what the schema accepts (a test holds them together)."""
    if (
        not isinstance(data, dict)
        or data.keys() - _KNOWN
        or not {"form", "agency", "year", "tables"} <= data.keys()
    ):
        return False
    words = all(isinstance(data.get(key, ""), str) for key in _WORDS) and isinstance(
        data.get("draft", False), bool
    )
    text = _paragraphs(data.get("preamble", [])) and _narrative(data.get("narrative", {}))
    more = _explained(data.get("explanations", [])) and _previous(data.get("previous"), "previous" in data)
    more = more and _units(data.get("units", []))
    return (
        words
        and _year(data["year"])
        and _tables(data["tables"])
        and _tables(data.get("ledger", {}))
        and text
        and more
    )


#: ``fingerprint``, ``draft`` and ``digest`` are marks of a published file; they are no part of the report.
_WORDS = ("form", "agency", "agency_code", "level", "scope", "signature", "date", "fingerprint", "digest")
_KNOWN = frozenset(
    (
        *_WORDS,
        "draft",
        "year",
        "tables",
        "narrative",
        "preamble",
        "explanations",
        "ledger",
        "units",
        "previous",
    )
)


def _year(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _tables(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(rows, dict)
        and all(
            isinstance(row, dict)
            and all(
                v is None or (isinstance(v, int | str | Decimal) and not isinstance(v, bool))
                for v in row.values()
            )
            for row in rows.values()
        )
        for rows in value.values()
    )


def _paragraphs(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(p, str) for p in value)


def _narrative(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_paragraphs, value.values()))


def _explained(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(e, dict)
        and {"rule", "cells", "text"} <= e.keys() <= {"rule", "cells", "text", "figures"}
        and isinstance(e["rule"], str)
        and _paragraphs(e["cells"])
        and isinstance(e["text"], str)
        and isinstance(e.get("figures", ""), str)
        for e in value
    )


def _units(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(u, dict)
        and {"name"} <= u.keys() <= {"name", "code", "digest", "whole"}
        and all(isinstance(u.get(key, ""), str) for key in ("name", "code", "digest"))
        and isinstance(u.get("whole", False), bool)
        for u in value
    )


def _previous(value: Any, given: bool) -> bool:
    if not given:
        return True
    return (
        isinstance(value, dict)
        and value.keys() == {"form", "year", "tables"}
        and isinstance(value["form"], str)
        and _year(value["year"])
        and _tables(value["tables"])
    )


def _complaint(data: Any) -> str:
    """What the schema says is wrong, in a few words: where, and what was expected."""
    import jsonschema

    schema = json.loads((FORMS / "report.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    error = next(iter(sorted(validator.iter_errors(_plain(data)), key=lambda e: len(e.absolute_path))), None)
    if error is None:
        return "结构不符"
    place = ".".join(str(part) for part in error.absolute_path) or "最外层"
    missing = {"required": "缺少必需的项", "additionalProperties": "有不认识的项", "type": "类型不对"}
    return f"{place}：{missing.get(str(error.validator), '不符合规定')}"


def _plain(data: Any) -> Any:
    """Exact figures as JSON Schema knows them."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return float(data) if isinstance(data, Decimal) else data
