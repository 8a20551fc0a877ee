"""The page's verbs without a browser: the command line's words, copies that keep what was typed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nianbao.page import call
from nianbao.workbook.reader import read
from support.books import write
from support.build import changed, hubei
from support.samples import county


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "out").mkdir()
    (tmp_path / "units").mkdir()
    write(changed(hubei(), {"requests.granted.natural": "163件"}), tmp_path / "甲.xlsx")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(verb: str, **given: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(call(verb, json.dumps({"folder": "out", "book": "甲.xlsx"} | given)))
    return answer


def test_a_file_that_cannot_be_used_is_one_sentence(desk: Path) -> None:
    (desk / "坏.xlsx").write_bytes(b"PK")
    answer = asked("check", book="坏.xlsx")
    assert answer["problem"].startswith("坏.xlsx：")
    shown, _, advice = json.loads(answer["line"])["unreadable"].rpartition("；")
    assert answer["problem"] == f"{shown}。"
    assert "nianbao import" in advice


@pytest.mark.long
def test_an_explanation_typed_in_the_page_holds_and_is_kept_in_the_copy() -> None:
    finding = next(f for f in asked("check")["view"]["findings"] if f["severity"] == "verify")
    why = "本厅没有规章制定权，历年均为空白。"
    typed = [{"rule": finding["rule"], "cells": finding["keys"], "text": why}]
    now = asked("check", explanations=typed)["view"]["findings"]
    assert next(f for f in now if f["keys"] == finding["keys"])["explanation"] == why
    (copy,) = asked("mark", explanations=typed)["written"]
    assert why in {e.text for e in read(Path(copy)).explanations}


def test_the_tidied_copy_lists_its_changes() -> None:
    answer = asked("tidy")
    assert any("163" in change for change in answer["changes"])
    (copy,) = answer["written"]
    assert read(Path(copy)).figures == hubei().figures


def test_an_empty_template_is_for_the_year_and_agency() -> None:
    (made,) = asked("template", year="2025", agency="示例市水利局")["written"]
    report = read(Path(made))
    assert (report.agency, report.year) == ("示例市水利局", 2025)
    assert "没有适用" in asked("template", year="1990", agency="")["problem"]


def test_nothing_is_published_while_there_are_errors() -> None:
    answer = asked("publish", kinds=["json"])
    assert "不能导出" in answer["problem"] and answer["reasons"]
    (draft,) = asked("publish", kinds=["json"], draft=True)["written"]
    assert "草稿" in draft


@pytest.mark.long
def test_a_roster_is_known_and_names_who_is_missing(desk: Path) -> None:
    (desk / "名录.csv").write_text("单位名称\n水利局\n教育局\n", encoding="utf-8-sig")
    assert asked("check", book="名录.csv")["roster"] == 2
    assert asked("check", book="甲.xlsx").get("roster") is None
    write(replace(county(2021), agency="水利局"), desk / "units" / "水利局.xlsx")
    answer = asked("consolidate", units="units", roster="名录.csv")
    assert answer["missing"] == ["教育局"]
    assert answer["words"].startswith("名录 2 个单位")


def test_several_reports_are_added_up(desk: Path) -> None:
    write(county(2021), desk / "units" / "水利局.xlsx")
    write(hubei(), desk / "units" / "人社厅.xlsx")
    answer = asked("consolidate", units="units")
    assert answer["words"].startswith("共 2 个文件")
    assert Path(answer["written"][0]).is_file()
