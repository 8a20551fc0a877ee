"""一图读懂: the charts that a form asks for, drawn with their figures beside them."""

from dataclasses import replace
from pathlib import Path

import lxml.html
import pytest

from nianbao.core.cell import Cell
from nianbao.core.errors import Unreadable
from nianbao.core.form import FormError, build, keys, load
from nianbao.core.report import Report, with_figures
from nianbao.export import export, published_fingerprint
from nianbao.export.charts import Bar, charts, headline
from nianbao.export.infographic import SPAN, change, page, picture
from nianbao.export.text import words
from support.samples import abroad, county, hostile

GRANTED = Cell("requests", "granted", "total")


def compared() -> Report:
    """This year's report with last year's, in which 20 requests were granted."""
    return replace(county(), previous=with_figures(county(2023), {GRANTED: 20}))


def parsed(text: str) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(text)


@pytest.mark.parametrize("key", keys())
def test_every_built_in_form_asks_for_charts_of_its_own_cells(key: str) -> None:
    form = load(key)
    report = Report(form, "某局", form.years[0], dict.fromkeys(form.cells, 1))
    assert len(charts(report)) == 4
    assert all(bar.value for chart in charts(report) for bar in chart.bars)
    assert len(headline(report)) == 6


def test_a_group_of_rows_is_one_bar() -> None:
    (outcome, *_) = charts(county())
    bars = {bar.label: bar.value for bar in outcome.bars}
    assert bars == {"予以公开": 8, "部分公开": 1, "不予公开": 0, "无法提供": 1, "不予处理": 0, "其他处理": 0}
    assert outcome.whole == 10


def test_the_longest_bar_fills_the_room_and_the_others_keep_the_scale() -> None:
    outcome = picture(charts(compared())[0])
    granted, partly, *_ = outcome.drawn
    assert granted.last_length == SPAN
    assert granted.length == SPAN * 8 / 20
    assert (granted.value, granted.last, granted.share) == ("8", "20", "80.0%")
    assert (partly.value, partly.length) == ("1", SPAN / 20)


def test_a_figure_that_cannot_be_counted_is_not_drawn() -> None:
    report = with_figures(county(), {GRANTED: "若干"})
    (outcome, *_) = charts(report)
    assert outcome.bars[0].value is None
    assert "无数据" in page(report)


def test_without_last_year_nothing_is_compared() -> None:
    assert "上年" not in parsed(page(county())).text_content()
    assert "上年" in parsed(page(compared())).text_content()


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [(5, 3, "比上年增加 2"), (3, 5, "比上年减少 2"), (3, 3, "与上年持平"), (3, None, ""), (None, 3, "")],
)
def test_the_change_is_told_in_words(now: int | None, before: int | None, said: str) -> None:
    assert change(Bar("收到", "件", now, before), words("zh-CN")) == said


def test_every_chart_has_words_and_a_table_for_those_who_do_not_see_it() -> None:
    document = parsed(page(compared()))
    for figure in document.iter("figure"):
        (svg,) = figure.iter("svg")
        title, desc = svg.get("aria-labelledby").split()
        assert document.get_element_by_id(title).text == figure.xpath("string(h2)")
        assert len(document.get_element_by_id(desc).text.split("；")) == len(figure.xpath(".//tbody/tr"))
    (row,) = document.xpath("(//figure)[1]//tbody/tr[1]")
    assert [cell.text for cell in row] == ["予以公开（件）", "8", "20", "80.0%"]


def test_it_is_exported_beside_the_page_and_linked_from_it(tmp_path: Path) -> None:
    first, *_, chart = export(county(), ["html", "infographic"], tmp_path)
    assert chart.name == "青山县水利局2024年政府信息公开工作年度报告（一图读懂）.html"
    assert published_fingerprint(chart) == county().fingerprint()
    assert "一图读懂</a>" in first.read_text(encoding="utf-8")


def test_what_was_typed_never_becomes_markup() -> None:
    document = parsed(page(hostile(), draft=True))
    assert not document.xpath("//script | //b[not(ancestor::ul)] | //@onerror")
    assert document.xpath("//body/@data-draft") == ["草稿"]


def test_a_form_that_asks_for_no_charts_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="没有规定一图读懂"):
        export(abroad(), ["infographic"], tmp_path)


@pytest.mark.parametrize("cell", ["requests.nowhere.total", "requests.@nobody.total"])
def test_a_chart_of_an_unknown_cell_is_a_mistake_of_the_form(cell: str) -> None:
    wrong = {"headline": [], "charts": [{"title": "x", "bars": [{"label": "x", "cells": [cell]}]}]}
    form = build({**load("cn-2021").data, "infographic": wrong})
    with pytest.raises(FormError, match="infographic"):
        charts(replace(county(), form=form))
