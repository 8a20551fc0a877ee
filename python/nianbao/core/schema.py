"""JSON from outside: read within bounds, and held to the schemas of reports, forms and local rules.

Reports are checked in every reading, thousands of times in a consolidation and in a browser too: a schema that uses no
more than types, properties and items is turned into plain functions. The others are left to jsonschema.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from nianbao.core import number
from nianbao.core.files import Unreadable, bounded

FOLDER = Path(__file__).with_name("forms")


#: Reports are some ten kilobytes, the largest rosters some megabytes; what is larger is neither.
LARGEST = 20_000_000
#: A report's JSON is six deep. So many brackets may open, or nest, before Python's parser meets them: in a browser its
#: stack ends the whole program.
_BRACKETS, _DEPTH = 300, 100
_OPENING_OR_CLOSING = re.compile(rb'"(?:[^"\\]|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)
#: One half of a character beyond the basic plane, as JSON may escape it; without the other half it is none.
_ESCAPED_HALF = re.compile(rb"\\u[dD][89a-fA-F]")


def load_json(path: Path, todo: str = "") -> Any:
    """What a JSON file of somebody else says, by :func:`loads`; :class:`Unreadable` where it cannot be read at all."""
    return loads(bounded(path, LARGEST, todo or "请核对文件名和所在文件夹"), path.name, todo=todo)


def loads(
    text: bytes,
    name: str,
    *,
    todo: str = "",
    constant: Callable[[str], Any] | None = None,
    doubled: list[str] | None = None,
) -> Any:
    """What JSON from outside says, its figures exact; :class:`Unreadable` for what is none, or nests too deep.

    ``todo``: what to do about it; ``constant``: what NaN and Infinity become (refused without it);
    ``doubled``: collects the names that stand twice in one place (refused without it).
    """

    if too_deep(text):
        raise Unreadable(name, "JSON 嵌套过深", todo or "请核对是否选错了文件")
    try:
        data = json.loads(
            text.decode("utf-8-sig"),
            parse_int=_figure,
            parse_float=_figure,
            parse_constant=constant or _refused,
            object_pairs_hook=partial(_unique, doubled),
        )
        if _ESCAPED_HALF.search(text):
            json.dumps(data, ensure_ascii=False, default=str).encode()
        return data
    except UnicodeEncodeError:
        raise Unreadable(name, "JSON 中有不完整的字符", todo or "请重新生成这个文件") from None
    except UnicodeDecodeError:
        raise Unreadable(name, "不是 UTF-8 编码的 JSON", "请另存为 UTF-8 编码后重试") from None
    except ValueError as error:
        line = f"第 {error.lineno} 行" if isinstance(error, json.JSONDecodeError) else str(error)
        what = f"不是完整的 JSON（{line}）"
        raise Unreadable(name, what, todo or "请核对文件是否被截断或改坏") from None


def _unique(doubled: list[str] | None, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """One object of JSON; names that stand twice in it are collected or refused."""
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [key for key, _ in pairs]
        twice = [key for key in data if names.count(key) > 1] if len(names) < 1000 else ["同一名称"]
        if doubled is None:
            raise ValueError(f"“{twice[0][:40]}”重复出现")
        doubled.extend(twice)
    return data


def too_deep(text: bytes) -> bool:
    """Whether brackets nest deeper than in anything of ours; few brackets cannot."""
    if text.count(b"[") + text.count(b"{") <= _BRACKETS:
        return False
    depth = 0
    for bracket in _OPENING_OR_CLOSING.finditer(text):
        depth += bool(bracket[1]) - bool(bracket[2])
        if depth > _DEPTH:
            return True
    return False


def _figure(literal: str) -> Any:
    value = number.exact(literal)
    return literal if value is None or not number.held(literal) else value


def _refused(literal: str) -> Any:
    raise ValueError(f"{literal} 不是数字")


class SchemaFault(NamedTuple):
    """What does not fit: the keys and numbers that lead to it, and the keyword of the schema that it fails.

    ``json_path`` and ``message`` are jsonschema's own words, for authors of forms.
    """

    path: tuple[str | int, ...]
    keyword: str
    json_path: str = ""
    message: str = ""

    @property
    def place(self) -> str:
        """The path as staff read it."""
        return ".".join(map(str, self.path)) or "最外层"


Judge = Callable[[Any], SchemaFault | None]


def problems(data: Any, name: str) -> Iterator[SchemaFault]:
    """What in the data does not fit the schema of that name (``rules``, ``form``), by jsonschema."""
    import jsonschema

    for error in jsonschema.Draft202012Validator(schema(name)).iter_errors(data):
        yield SchemaFault(tuple(error.absolute_path), str(error.validator), error.json_path, error.message)


def first_problem(data: Any, name: str = "report") -> SchemaFault | None:
    """The first thing in the data that does not fit a schema of types, properties and items; None where all fits."""
    return _judge_of(name)(data)


@cache
def schema(name: str) -> Mapping[str, Any]:
    """The schema of that name as it is shipped."""
    data: Mapping[str, Any] = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    return data


@cache
def _judge_of(name: str) -> Judge:
    whole = schema(name)
    return _judge(whole, whole.get("$defs", {}))


#: The Python types of each type of JSON Schema; figures are exact, true and false are no numbers.
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, Decimal),
    "boolean": (bool,),
    "null": (type(None),),
}
#: The keywords that are turned into functions, and those that say nothing of the data.
_UNDERSTOOD = {"type", "required", "properties", "additionalProperties", "items", "$ref"}
_SILENT = {"$schema", "$defs", "title", "description"}


def _judge(node: Mapping[str, Any] | bool, defs: Mapping[str, Any]) -> Judge:
    """One node of a schema as a function."""
    if isinstance(node, bool):
        return _anything if node else _nothing
    if "$ref" in node:
        return _judge(defs[node["$ref"].rpartition("/")[2]], defs)
    if unknown := node.keys() - _UNDERSTOOD - _SILENT:
        raise NotImplementedError(f"keywords of a schema: {', '.join(unknown)}")
    named = [node["type"]] if isinstance(node["type"], str) else node["type"]
    types = frozenset(kind for name in named for kind in _TYPES[name])
    if "items" in node:
        return partial(_array, _judge(node["items"], defs))
    if "object" in named:
        known = {key: _judge(value, defs) for key, value in node.get("properties", {}).items()}
        other = _judge(node.get("additionalProperties", True), defs)
        return partial(_object, known, other, frozenset(node.get("required", ())))
    return lambda data: None if type(data) in types else SchemaFault((), "type")


def _anything(data: Any) -> SchemaFault | None:
    return None


def _nothing(data: Any) -> SchemaFault | None:
    return SchemaFault((), "additionalProperties")


def _array(item: Judge, data: Any) -> SchemaFault | None:
    if type(data) is not list:
        return SchemaFault((), "type")
    for n, value in enumerate(data):
        if problem := item(value):
            return SchemaFault((n, *problem.path), problem.keyword)
    return None


def _object(
    known: Mapping[str, Judge], other: Judge, required: frozenset[str], data: Any
) -> SchemaFault | None:
    if type(data) is not dict:
        return SchemaFault((), "type")
    if not required <= data.keys():
        return SchemaFault((), "required")
    for key, value in data.items():
        judge = known.get(key, other)
        if problem := judge(value):
            path = problem.path if judge is _nothing else (key, *problem.path)
            return SchemaFault(path, problem.keyword)
    return None
