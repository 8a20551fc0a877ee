"""一图读懂: one long picture of what a form asks to show, last year's figures beside this year's."""

import io
import re
import struct
from dataclasses import replace
from pathlib import Path

import lxml.etree
import pytest
from PIL import Image

from nianbao.core.form import FormError, build, keys, load
from nianbao.core.grid import Cell
from nianbao.core.report import Report, with_figures
from nianbao.export.infographic import (
    SPAN,
    STYLES,
    WIDTH,
    Bar,
    Chart,
    charts,
    drawing,
    extent,
    font_files,
    headline,
    picture,
    png,
    statement,
    svg,
    wrapped,
)
from nianbao.export.seal import published_fingerprint
from nianbao.export.text import Issue, words
from nianbao.publish import Stopped
from support.published import ISSUED, copied, export
from support.published import words as verdict
from support.samples import abroad, county, hostile

GRANTED = Cell("requests", "granted", "total")
ZH = words("zh")


def compared() -> Report:
    """This year's report with last year's, in which 20 requests were granted."""
    return replace(county(), previous=with_figures(county(2023), {GRANTED: 20}))


def drawn(report: Report, draft: bool = False, style: str = STYLES[0]) -> lxml.etree._Element:
    """The drawing, without the letters that a file of its own takes along."""
    return lxml.etree.fromstring(drawing(report, Issue(draft, ISSUED), style).encode())


def texts(root: lxml.etree._Element) -> list[str]:
    return [t.text or "" for t in root.iter("{http://www.w3.org/2000/svg}text")]


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
    lengths = [s.width for s in picture(compared(), Issue(at=ISSUED)).shapes if s.width and s.x == 390]
    assert lengths[:4] == [SPAN * 8 / 20, SPAN, SPAN / 20, SPAN / 20]


def test_sentences_are_drawn_from_the_figures() -> None:
    outcome, applicants, _, suits = charts(county())
    assert statement(outcome, ZH) == "共 10 件，其中“予以公开”最多，8 件，占 80.0%。"
    assert statement(applicants, ZH) == "共 11 件，其中“自然人”最多，9 件，占 81.8%。"
    assert statement(suits, ZH) == "行政诉讼结果：本年均为 0。"
    assert statement(charts(compared())[0], ZH).endswith("占 80.0%；比上年减少 12 件。")
    only = charts(with_figures(county(), {Cell("remedies", "reconsideration", "corrected"): 0}))[2]
    assert statement(only, ZH) == "共 1 件，全部为“结果维持”。"
    even = Chart(
        "行政复议结果",
        (Bar("结果维持", "件", 2, 3), Bar("结果纠正", "件", 2, 3), Bar("其他结果", "件", 1, 0)),
    )
    assert (
        statement(even, ZH) == "共 5 件，其中“结果维持”“结果纠正”最多，各 2 件，各占 40.0%；比上年减少 1 件。"
    )
    none = Chart("行政诉讼结果", (Bar("结果维持", "件", 0, 2), Bar("结果纠正", "件", 0, 0)))
    assert statement(none, ZH) == "行政诉讼结果：本年均为 0；比上年减少 2 件。"
    unknown = Chart("行政诉讼结果", (Bar("结果维持", "件", None, 2),))
    assert statement(unknown, ZH) == "无数据。"


def test_no_line_is_left_with_a_word_or_two() -> None:
    sentence = "共 11 件，其中“自然人”最多，9 件，占 81.8%；比上年增加 1 件。"
    lines = wrapped(sentence, 29)
    assert len(lines) == 2
    assert "".join(lines) == sentence
    assert min(map(extent, lines)) > 10


def test_no_number_is_broken_or_parted_from_its_measure_word() -> None:
    sentence = "政府信息公开申请办结 10 件，其中予以公开 5 件、部分公开 5 件，各占 50.0%，最多的一类 9件。"
    for room in (8, 9.5, 11, 13, 17):
        joined = "|".join(wrapped(sentence, room))
        assert joined.replace("|", "") == sentence
        assert not re.search(r"\d\|[\d.%]|\d ?\| ?件|\.\|", joined), joined


@pytest.mark.long
def test_every_figure_of_the_form_stands_in_the_picture_and_last_year_beside_it() -> None:
    said = texts(drawn(compared()))
    for chart in charts(compared()):
        for bar in chart.bars:
            assert bar.label in said
            assert str(bar.value) in said
    assert {"本年", "上年", "20"} <= {*said}
    assert not {"上年"} & {*texts(drawn(county()))}


@pytest.mark.long
def test_a_figure_that_cannot_be_counted_is_not_drawn() -> None:
    report = with_figures(county(), {GRANTED: "若干"})
    assert charts(report)[0].bars[0].value is None
    assert "无数据" in texts(drawn(report))


@pytest.mark.long
@pytest.mark.parametrize("style", STYLES)
def test_the_picture_is_1080_wide_in_every_style_and_tells_itself_in_words(style: str) -> None:
    root = drawn(county(), style=style)
    assert root.get("width") == str(WIDTH) == "1080"
    assert "新收申请11件" in root.findtext("{http://www.w3.org/2000/svg}desc", "")
    longest = max(float(t.get("x", 0)) for t in root.iter("{http://www.w3.org/2000/svg}text"))
    assert longest < WIDTH


@pytest.mark.long
def test_chinese_letters_are_embedded_where_the_font_may_be(tmp_path: Path) -> None:
    assert font_files(), "a Chinese font is missing: run make setup"
    root = lxml.etree.fromstring(svg(drawing(county(), Issue(at=ISSUED))).encode())
    style = root.findtext("{http://www.w3.org/2000/svg}style", "")
    assert re.match(
        r"@font-face\{font-family:'nianbao';font-weight:400;src:url\(data:font/otf;base64,", style
    )
    assert style.count("@font-face") == 2


@pytest.mark.long
def test_png_and_svg_are_written_together_and_carry_the_fingerprint(tmp_path: Path) -> None:
    page, _, png, vector = export(compared(), ["html", "infographic"], tmp_path)
    data = png.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">I", data[16:20]) == (1080,)
    assert vector.suffix == ".svg"
    for path in (png, vector):
        assert published_fingerprint(path) == county().fingerprint()
        assert verdict(path) == verdict(path, compared()) == "一致"
    assert "一图读懂</a>" in page.read_text(encoding="utf-8")


@pytest.mark.long
def test_a_changed_picture_is_told(tmp_path: Path) -> None:
    png, vector = copied(county(), ["infographic"], tmp_path)
    vector.write_text(vector.read_text(encoding="utf-8").replace(">11<", ">21<"), encoding="utf-8")
    png.write_bytes(png.read_bytes()[:-30] + bytes(30))
    for path in (png, vector):
        assert verdict(path) == verdict(path, county()) == "不一致"


@pytest.mark.long
def test_a_draft_and_hostile_text_do_no_harm() -> None:
    root = lxml.etree.fromstring(svg(drawing(hostile(), Issue(True, ISSUED))).encode())
    assert "草稿" in texts(root)
    assert {str(e.tag).rpartition("}")[2] for e in root.iter() if isinstance(e.tag, str)} == {
        "svg", "title", "desc", "style", "rect", "text",
    }  # fmt: skip


def test_a_form_without_charts_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Stopped, match="没有导出任何文件") as stopped:
        export(abroad(), ["infographic"], tmp_path)
    assert "没有规定一图读懂的图表" in stopped.value.reasons[0]


@pytest.mark.many
@pytest.mark.parametrize("cell", ["requests.nowhere.total", "requests.@nobody.total", "nothing.@x.total"])
def test_a_form_that_asks_for_a_cell_it_has_not_is_wrong(cell: str) -> None:
    wrong = {"charts": [{"title": "x", "bars": [{"label": "y", "cells": [cell]}]}]}
    form = build({**load("cn-2021").data, "infographic": wrong})
    with pytest.raises(FormError, match="infographic"):
        charts(Report(form, "某局", 2024, dict.fromkeys(form.cells, 0)))


@pytest.mark.long
@pytest.mark.many
@pytest.mark.parametrize("style", STYLES)
def test_the_letters_of_the_png_are_drawn(style: str) -> None:
    root = drawing(compared(), Issue(at=ISSUED), style)
    with Image.open(io.BytesIO(png(root, "0" * 16))) as image:
        band = image.convert("L").crop((0, 0, WIDTH, 200))
        card = image.convert("L").crop((80, 300, 540, 440))
    for part in (band, card):
        histogram = part.histogram()
        assert len([count for count in histogram if count]) > 20
        assert sum(histogram) - max(histogram) > 1_000
