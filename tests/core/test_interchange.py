"""Interchange JSON: the quick look accepts what the schema accepts, and bad files are told in one sentence."""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nianbao.core.files import Unreadable
from nianbao.core.form import FORMS
from nianbao.core.report import dump, is_json, parse
from nianbao.core.schema import first_problem, load_json, loads, too_deep
from nianbao.export.export import to_json as published
from support.build import HUBEI, cell, hubei, plain, tiny, tiny_report

SCHEMA = json.loads((FORMS / "report.schema.json").read_text(encoding="utf-8"))


def floats(data: Any) -> Any:
    """Exact figures as JSON Schema knows them."""
    if isinstance(data, dict):
        return {key: floats(value) for key, value in data.items()}
    if isinstance(data, list):
        return [floats(value) for value in data]
    return float(data) if isinstance(data, Decimal) else data


VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def full() -> dict[str, Any]:
    """A report in which everything the schema knows is there."""
    data = plain(hubei())
    data["tables"] = {"requests": {"received": {"natural": 1, "total": "1件", "legal": None}}}
    data |= {"agency_code": "x", "level": "", "scope": "", "preamble": ["a"]}
    data["explanations"] = [{"rule": "a.b", "cells": ["c"], "text": "t", "figures": "f"}]
    data["ledger"] = {"requests": {"concluded": {"total": 215}}}
    data["previous"] = {"form": "cn-2021", "year": 2020, "tables": {"a": {"b": {"c": 0.5}}}}
    return data


junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(-1e9, 1e9), st.text(max_size=3)),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something can be changed, added or taken away within a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(path for key, inner in items for path in paths(inner, (*here, key)))]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A full report with up to three changes: a value replaced, a key taken away, a key added."""
    data: Any = {"root": json.loads(json.dumps(full()))}
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from([p for p in paths(data) if p]))
        holder = data
        for key in path[:-1]:
            holder = holder[key]
        action = draw(st.sampled_from(["replace", "remove", "add"]))
        if action == "replace" or path == ("root",):
            holder[path[-1]] = draw(junk)
        elif action == "remove":
            del holder[path[-1]]
        elif isinstance(holder, dict):
            holder[draw(st.sampled_from(["figures", "form", "year", "x"]))] = draw(junk)
        else:
            holder.append(draw(junk))
    return data["root"]


class TestTheQuickLook:
    @pytest.mark.long
    @given(mutated())
    def test_it_accepts_exactly_what_the_schema_accepts(self, data: Any) -> None:
        read = loads(json.dumps(data).encode(), "a.json")
        assert (first_problem(read) is None) == VALIDATOR.is_valid(floats(read))

    def test_everything_the_schema_knows_is_accepted(self) -> None:
        assert first_problem(loads(json.dumps(full()).encode(), "a.json")) is None
        VALIDATOR.validate(full())

    @pytest.mark.many
    @pytest.mark.parametrize("value", [None, True, 1, 0.5, "x", [], {}, ["x"], [1], {"x": 1}, {"x": {}}])
    def test_a_value_of_each_kind_in_each_place_is_judged_as_by_the_schema(self, value: Any) -> None:
        for place in filter(None, paths(full())):
            data = full()
            holder: Any = data
            for key in place[:-1]:
                holder = holder[key]
            holder[place[-1]] = value
            read = loads(json.dumps(data).encode(), "a.json")
            assert (first_problem(read) is None) == VALIDATOR.is_valid(floats(read)), place


def text(**changes: Any) -> bytes:
    return json.dumps(plain(hubei()) | changes, ensure_ascii=False).encode()


BAD: dict[str, tuple[bytes, str]] = {
    "truncated": (HUBEI.read_bytes()[:500], "不是完整的 JSON（第 "),
    "empty": (b"", "不是完整的 JSON（第 1 行）"),
    "trailing": (text() + b"}", "不是完整的 JSON"),
    "gbk": ('{"agency": "湖北"}'.encode("gbk"), "不是 UTF-8 编码的 JSON；请另存为 UTF-8 编码后重试"),
    "utf-16": ('{"agency": "湖北"}'.encode("utf-16"), "不是 UTF-8 编码的 JSON"),
    "twice": (b'{"form": "a", "form": "b"}', "“form”重复出现"),
    "deep": (b"[" * 100_000 + b"]" * 100_000, "嵌套过深"),
    "deep within": (text(level="x").replace(b'"x"', b"[" * 60_000 + b"]" * 60_000), "嵌套过深"),
    "a list": (b"[]", "最外层：类型不对"),
    "a number": (b"1", "最外层：类型不对"),
    "no tables": (b'{"form": "cn-2021", "agency": "", "year": 2021}', "最外层：缺少必需的项"),
    "unknown item": (text(agncy="x"), "最外层：有不认识的项"),
    "year as text": (text(year="2021"), "year：类型不对"),
    "year as fraction": (text(year=2021.5), "year：类型不对"),
    "year without end": (text(year=10**400), "year：类型不对"),
    "year next to nothing": (text(year=0).replace(b'"year": 0', b'"year": 1e-400'), "year：类型不对"),
    "a figure that is true": (text(tables={"requests": {"received": {"natural": True}}}), "类型不对"),
    "a figure that is a list": (text(tables={"requests": {"received": {"natural": []}}}), "类型不对"),
    "unknown form": (text(form="cn-1999"), "没有名为“cn-1999”的表式；请改用现有的表式（cn-2021"),
    "a form that is a path": (text(form="../cn-2021"), "没有名为“../cn-2021”的表式"),
    "last year's form": (
        text(previous={"form": "x", "year": None, "tables": {}}),
        "没有名为“x”的表式",
    ),
    "half a character": (text(agency="x").replace(b'"x"', b'"\\ud800"'), "不完整的字符"),
    "half a character in a key": (
        text(narrative={"x": []}).replace(b'"x"', b'"\\udfff"'),
        "不完整的字符",
    ),
    "20 MB": (b'{"form": "' + b"x" * 20_000_000 + b'"}', "文件超过 20 MB"),
}


class TestBadFiles:
    @pytest.mark.parametrize("name", BAD)
    def test_each_is_told_in_one_chinese_sentence(self, name: str) -> None:
        data, words = BAD[name]
        with pytest.raises(Unreadable) as told:
            parse(data, "某局.json")
        sentence = str(told.value)
        assert words in sentence
        assert sentence.startswith("某局.json：")
        assert sentence.endswith("。")
        assert sentence.count("。") == 1
        assert "\n" not in sentence

    @given(st.binary(max_size=200))
    def test_no_bytes_are_too_strange(self, data: bytes) -> None:
        with pytest.raises(Unreadable):
            parse(data, "a.json")

    @given(mutated())
    def test_no_json_is_too_strange(self, data: Any) -> None:
        try:
            assert parse(json.dumps(data).encode(), "a.json").form.key == "cn-2021"
        except Unreadable as told:
            assert str(told).startswith("a.json：")


class TestTheLedger:
    def test_it_is_kept_and_its_blanks_say_nothing(self) -> None:
        rows = {"concluded": {"total": 215, "natural": None}}
        report = parse(text(ledger={"requests": rows}), "a.json")
        assert report.ledger == {cell("requests.concluded.total"): 215}
        assert plain(report)["ledger"] == {"requests": {"concluded": {"total": 215}}}
        assert parse(dump(report).encode(), "a.json") == report

    def test_a_cell_that_the_form_lacks_is_told(self) -> None:
        report = parse(text(ledger={"requests": {"nowhere": {"total": 1}}}), "a.json")
        assert [f.rule for f in report.problems] == ["form.unknown_cell"]

    def test_it_is_never_published(self) -> None:
        report = parse(text(ledger={"requests": {"concluded": {"total": 215}}}), "a.json")
        assert "ledger" not in json.loads(published(report))


class TestGoodFiles:
    def test_a_rare_character_escaped_in_two_halves_is_one_character(self) -> None:
        assert parse(json.dumps(plain(hubei()) | {"agency": "𠮷县"}).encode(), "a.json").agency == "𠮷县"

    def test_a_byte_order_mark_and_spaces_before_it_are_no_harm(self) -> None:
        assert parse(b"\xef\xbb\xbf\n  " + HUBEI.read_bytes(), "a.json") == hubei()
        assert is_json(b"\xef\xbb\xbf\r\n {")

    @pytest.mark.parametrize("head", [b"PK\3\4", b"", b"<html>", b"\xd0\xcf\x11\xe0"])
    def test_other_files_are_not_taken_for_json(self, head: bytes) -> None:
        assert not is_json(head)

    @pytest.mark.parametrize(
        ("literal", "value"),
        [("NaN", "NaN"), ("Infinity", "Infinity"), ("1e400", "1e400"), ("1e999999999", "1e999999999")],
    )
    def test_a_number_that_is_no_figure_is_kept_as_its_text(self, literal: str, value: str) -> None:
        data = text(tables={"requests": {"received": {"natural": 77777}}}).replace(b"77777", literal.encode())
        assert parse(data, "a.json").raw[cell("requests.received.natural")] == value

    def test_a_huge_integer_is_kept_as_its_text(self) -> None:
        data = text(tables={"requests": {"received": {"natural": 77777}}}).replace(b"77777", b"9" * 6_000)
        assert parse(data, "a.json").raw[cell("requests.received.natural")] == "9" * 6_000

    def test_a_form_that_is_not_built_in_can_be_given(self) -> None:
        assert parse(dump(tiny_report()).encode(), "a.json", tiny()) == tiny_report()


def test_brackets_without_end_are_refused_before_they_are_parsed() -> None:
    """Python's own parser recurses; in a browser its stack is what the page stands on."""
    for text in (b"[" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000):
        assert too_deep(text)
        with pytest.raises(Unreadable, match="嵌套过深"):
            parse(text, "嵌套.json")
    wide = json.dumps([{"a": [1], "[" * 200: '\\]"}'}] * 1_000).encode()
    assert not too_deep(wide)


OUTSIDE: dict[str, tuple[bytes, str]] = {
    "deep": (b"[" * 200_000, "嵌套过深"),
    "twice": (b'[{"a": 1, "a": 2}]', "“a”重复出现"),
    "no number": (b'[{"a": NaN}]', "NaN 不是数字"),
    "without end": (b'[{"a": -Infinity}]', "-Infinity 不是数字"),
    "gbk": ('["湖北"]'.encode("gbk"), "不是 UTF-8"),
    "half a character": (b'["\\ud800"]', "不完整的字符"),
    "many names": (
        json.dumps({str(n): 1 for n in range(5000)}).replace("}", ', "0": 2}').encode(),
        "重复出现",
    ),
}


class TestJsonOfOthers:
    @pytest.mark.parametrize("name", OUTSIDE)
    def test_every_fault_is_one_sentence(self, name: str, tmp_path: Path) -> None:
        data, words = OUTSIDE[name]
        (tmp_path / "a.json").write_bytes(data)
        with pytest.raises(Unreadable) as refused:
            load_json(tmp_path / "a.json")
        assert words in str(refused.value)
        assert str(refused.value).count("。") == 1

    def test_a_pipe_a_folder_and_a_file_without_end_are_refused_at_once(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.json")
        for path in (tmp_path / "pipe.json", tmp_path, Path("/dev/zero"), tmp_path / "none.json"):
            with pytest.raises(Unreadable):
                load_json(path)
        with (tmp_path / "large.json").open("wb") as file:
            file.truncate(20_000_001)
        with pytest.raises(Unreadable, match="文件超过 20 MB"):
            load_json(tmp_path / "large.json")
