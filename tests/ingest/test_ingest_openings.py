"""Titles and openings: whose report it is, and no first sentence lost."""

import pytest

from nianbao.core import form as forms
from nianbao.ingest import title
from nianbao.ingest.ingest import ingest
from support.pages import as_html, as_text, counted, report

FORM = forms.load("cn-2021")
OPENINGS = (
    "现将2023年度政府信息公开工作情况报告如下：",
    "现将2023年度政府信息公开工作年度报告如下",
    "清河市水利局现将2023年度政府信息公开年度报告予以公布",
    "根据条例第五十条，编制本报告",
    "我局2023年政府信息公开工作年度报告公布如下。",
    "本报告由办公室编制，2024年1月10日",
)


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("render", ["h1", "p", "title", "text"])
def test_an_opening_is_neither_lost_nor_taken_for_the_title(opening: str, render: str) -> None:
    told = report(FORM, counted(FORM), {"overview": ("文字一段。",)}, (opening,))
    page = as_text(told) if render == "text" else as_html(told)
    name = f"<h1>{told.heading}</h1>"
    if render == "p":
        page = page.replace(name, name.replace("h1", "p"))
    if render == "title":
        page = page.replace(name, "").replace("<html>", f"<html><head><title>{told.heading}</title></head>")
    got = ingest(page.encode(), name="年报.html").report
    assert (got.agency, got.year) == ("清河市水利局", 2023)
    assert got.preamble == (opening,)
    assert got.figures == told.figures


@pytest.mark.parametrize(
    ("line", "agency", "year"),
    [
        ("清河市水利局关于2022年度政府信息公开工作情况的报告", "清河市水利局", 2022),
        ("清河市水利局关于2022年政府信息公开工作年度报告", "清河市水利局", 2022),
        ("清河市水利局2022年度政府信息公开年报", "清河市水利局", 2022),
        ("清河市水利局 2022 年政府信息公开工作年度报告", "清河市水利局", 2022),
    ],
)
def test_the_agency_ends_before_the_words_of_the_title(line: str, agency: str, year: int) -> None:
    named = title.parse(line)
    assert named is not None
    assert (named.agency, named.year) == (agency, year)


@pytest.mark.parametrize(
    "line",
    [
        *OPENINGS,
        "关于印发《清河市水利局2022年政府信息公开工作年度报告》的通知",
        "按照2022年政府信息公开工作年度报告",
    ],
)
def test_what_is_no_title_is_none(line: str) -> None:
    assert title.parse(line) is None


def test_a_report_on_2020_without_tables_has_the_form_of_its_year_and_no_claim_about_a_table() -> None:
    sections = forms.load("cn-2019").sections
    body = "".join(f"<h2>{s.heading}</h2><p>本部分文字一段。</p>" for s in sections)
    page = f"<html><body><h1>清河市水利局2020年政府信息公开工作年度报告</h1>{body}</body></html>"
    got = ingest(page.encode(), name="年报.html")
    assert got.report.form.key == "cn-2019"
    assert not any("规定的格式" in doubt for doubt in got.doubts)
    assert sum("没有读到" in doubt and "表格" in doubt for doubt in got.doubts) == 3
