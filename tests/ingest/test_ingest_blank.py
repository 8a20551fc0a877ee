"""Tables without figures, and figures written as no number is: nothing is lost, what is odd is told."""

import re
from collections.abc import Callable

import pytest

from nianbao.core import form as forms
from nianbao.core.grid import Cell
from nianbao.core.report import Report, to_json, with_figures
from nianbao.ingest.ingest import ingest
from support.pages import as_html, as_tabs, counted, report

FORM = forms.load("cn-2021")
SIX = {s.key: (f"{s.heading[2:]}的文字。",) for s in FORM.sections}
TOLD = report(FORM, counted(FORM), SIX, ("根据条例编制本报告。",))
UPHELD = Cell("remedies", "reconsideration", "upheld")


def blank(table: str) -> Report:
    return with_figures(TOLD, dict.fromkeys(FORM.tables[table].cells))


@pytest.mark.many
@pytest.mark.parametrize("table", sorted(FORM.tables))
@pytest.mark.parametrize("gap", ["", "&nbsp;", "<p>&#160;</p>", "　"])
def test_a_table_without_any_figure_is_read_as_blanks_and_told(table: str, gap: str) -> None:
    page = re.sub(r"(<td[^>]*>)(</td>)", rf"\g<1>{gap}\g<2>", as_html(blank(table)))
    got = ingest(page.encode(), name="年报.html")
    assert to_json(got.report) == to_json(blank(table))
    name = FORM.tables[table].name
    assert got.doubts == (f"“{name}”的表格全部空白，已按空白读入，没有的应填 0，请核对原文",)


def test_an_empty_row_under_the_header_does_not_hide_the_figures_below_it() -> None:
    page = as_html(TOLD)
    row = page.rindex("<tr>")
    page = f"{page[:row]}<tr>{'<td></td>' * 15}</tr>{page[row:]}"
    got = ingest(page.encode(), name="年报.html")
    assert to_json(got.report) == to_json(TOLD)
    assert got.doubts == ()


@pytest.mark.many
@pytest.mark.parametrize("render", [as_html, as_tabs])
@pytest.mark.parametrize("text", ["6,63", "1,2345", "1 234", "６，６３"])
def test_digits_grouped_wrongly_lose_no_other_figure_and_are_told(
    render: Callable[[Report], str], text: str
) -> None:
    told = with_figures(TOLD, {UPHELD: text})
    got = ingest(render(told).encode(), name="年报")
    assert to_json(got.report) == to_json(told)
    assert got.doubts == (
        f"“政府信息公开行政复议、行政诉讼情况”的数字分节不合规范（行政复议·结果维持“{text}”），已照原样读入，请核对",
    )


def test_a_word_among_the_figures_of_a_table_without_row_labels_stays_where_it_stood() -> None:
    told = with_figures(TOLD, {UPHELD: "待核实"})
    assert to_json(ingest(as_html(told).encode(), name="年报.html").report) == to_json(told)
