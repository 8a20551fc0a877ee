"""The JSON Schemas of reports, forms and local rules: what in some data does not fit, named by its place.

Reports are checked in every reading, thousands of times in a consolidation and in a browser too: a schema that uses no
more than types, properties and items is turned into plain functions. The others are left to jsonschema.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).with_name("forms")


class Problem(NamedTuple):
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


Judge = Callable[[Any], Problem | None]


def problems(data: Any, name: str) -> Iterator[Problem]:
    """What in the data does not fit the schema of that name (``rules``, ``form``), by jsonschema."""
    import jsonschema

    for error in jsonschema.Draft202012Validator(schema(name)).iter_errors(data):
        yield Problem(tuple(error.absolute_path), str(error.validator), error.json_path, error.message)


def first_problem(data: Any, name: str = "report") -> Problem | None:
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
    return lambda data: None if type(data) in types else Problem((), "type")


def _anything(data: Any) -> Problem | None:
    return None


def _nothing(data: Any) -> Problem | None:
    return Problem((), "additionalProperties")


def _array(item: Judge, data: Any) -> Problem | None:
    if type(data) is not list:
        return Problem((), "type")
    for n, value in enumerate(data):
        if problem := item(value):
            return Problem((n, *problem.path), problem.keyword)
    return None


def _object(known: Mapping[str, Judge], other: Judge, required: frozenset[str], data: Any) -> Problem | None:
    if type(data) is not dict:
        return Problem((), "type")
    if not required <= data.keys():
        return Problem((), "required")
    for key, value in data.items():
        judge = known.get(key, other)
        if problem := judge(value):
            path = problem.path if judge is _nothing else (key, *problem.path)
            return Problem(path, problem.keyword)
    return None
