"""The published page and the fragment for a site's editor."""

import json
import os
import re
from pathlib import Path

import lxml.html
import pytest

from nianbao.core.form import keys, load
from nianbao.core.grid import Cell
from nianbao.core.report import Report
from nianbao.export.html import Download
from support.published import fragment, page
from support.samples import abroad, county, hostile

GOLDEN = Path(__file__).parents[1] / "golden"


def parsed(text: str) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(text)


def test_every_figure_stands_on_the_page_as_it_stood() -> None:
    report = county()
    cells = {
        td.get("data-cell"): td.text_content()
        for td in parsed(page(report)).iter("td")
        if td.get("data-cell")
    }
    assert cells.keys() == {str(cell) for cell in report.form.cells}
    assert cells["requests.received.total"] == "11"
    assert cells["disclosure.regulations.issued"] == ""
    assert cells["disclosure.fees.amount"] == "8988.0625"


@pytest.mark.parametrize("key", keys())
def test_tables_have_the_spans_of_the_printed_form(key: str) -> None:
    form = load(key)
    document = parsed(page(Report(form, "某局", form.years[0], dict.fromkeys(form.cells, 0))))
    for table in form.tables.values():
        seen = [
            [(cell.text_content(), int(cell.get("rowspan", 1)), int(cell.get("colspan", 1))) for cell in row]
            for row in document.get_element_by_id(table.key).iter("tr")
        ]
        printed = [
            [(b.text if b.is_label else "0", b.rows, b.columns) for b in row] for row in table.grid.rows()
        ]
        assert seen == printed


def test_each_figure_names_its_headers_from_the_outside_in() -> None:
    document = parsed(page(county()))
    (cell,) = document.xpath("//td[@data-cell='requests.refused_law.legal']")
    assert [document.get_element_by_id(i).text_content() for i in cell.get("headers").split()] == [
        "申请人情况",
        "法人或其他组织",
        "法律服务机构",
        "三、本年度办理结果",
        "（三）不予公开",
        "2.其他法律行政法规禁止公开",
    ]


def test_the_page_tells_unit_year_form_and_fingerprint() -> None:
    report = county()
    document = parsed(page(report))
    meta = {m.get("name"): m.get("content") for m in document.iter("meta") if m.get("name")}
    assert meta["nianbao-agency"] == "青山县水利局"
    assert meta["nianbao-year"] == "2024"
    assert meta["nianbao-form"] == "cn-2021"
    assert meta["nianbao-fingerprint"] == report.fingerprint()
    assert document.get("lang") == "zh-CN"
    assert report.fingerprint() in document.xpath("//footer")[0].text_content()


def test_the_contents_list_leads_to_every_section() -> None:
    document = parsed(page(county()))
    for link, section in zip(document.xpath("//nav//ol//a"), county().form.sections, strict=True):
        assert link.text == section.heading
        assert document.get_element_by_id(link.get("href")[1:]).text == section.heading


def test_downloads_are_linked_and_described_for_machines() -> None:
    document = parsed(page(county(), [Download("docx", "青山 1.docx"), Download("csv", "a&b.csv")]))
    assert document.xpath("//nav//ul//a/@href") == ["%E9%9D%92%E5%B1%B1%201.docx", "a%26b.csv"]
    data = json.loads(document.xpath("//script/text()")[0])
    assert data["@type"] == "Dataset"
    assert data["temporalCoverage"] == "2024-01-01/2024-12-31"
    assert [d["name"] for d in data["distribution"]] == ["青山 1.docx", "a&b.csv"]


def test_what_was_typed_never_becomes_markup() -> None:
    for text in (page(hostile()), fragment(hostile())):
        document = parsed(text)
        assert [s.get("type") for s in document.iter("script")] in ([], ["application/ld+json"])
        assert not document.xpath("//img | //@onerror")
        assert "alert(1)" in document.text_content()
        assert "{{ 7 * 7 }}" in document.text_content()
        assert "\u202e" not in text
        assert "\x0b" not in text


def test_a_text_in_a_figure_cell_is_shown_as_it_stood() -> None:
    (cell,) = parsed(page(hostile())).xpath("//td[@data-cell='requests.received.legal']")
    assert cell.text_content() == '"><script>alert(3)</script>'


def test_a_draft_says_so_and_is_not_indexed() -> None:
    document = parsed(page(county(), draft=True))
    assert document.xpath("//body/@data-draft") == ["草稿"]
    assert "不得对外公开" in document.xpath("//header")[0].text_content()
    assert document.xpath("//meta[@name='robots']/@content") == ["noindex, nofollow"]
    assert "草稿" in parsed(fragment(county(), draft=True)).text_content()
    assert "草稿" not in page(county()).replace(county().heading, "").split("</style>")[1]


def test_the_fragment_survives_an_editor_that_strips_classes_scripts_and_style_sheets() -> None:
    text = fragment(county())
    assert not re.search(r"\s(class|id|on\w+)=|<(script|style|link|iframe|object|form)\b", text)
    stripped = parsed(re.sub(r'\s(style|align|width|border|cellspacing|cellpadding|scope)="[^"]*"', "", text))
    assert len(stripped.xpath("//table")) == 3
    assert [h.text for h in stripped.iter("h2")] == [s.heading for s in county().form.sections]
    assert "全年发布信息86条" in stripped.text_content()


def test_a_form_of_another_country_goes_through_unchanged() -> None:
    document = parsed(page(abroad()))
    assert document.get("lang") == "en"
    assert document.xpath("string(//h1)") == "Tax Office: Freedom of Information Report 2024"
    assert document.xpath("string(//aside//h2)") == "Contents"
    assert document.xpath("string(//td[@data-cell='requests.closed.total'])") == "8"
    assert "A quiet year." in parsed(fragment(abroad())).text_content()


def test_a_report_without_year_or_text_has_a_page_too() -> None:
    report = Report(county().form, "", None, {Cell("requests", "received", "total"): 3})
    document = parsed(page(report))
    assert document.xpath("string(//h1)") == "政府信息公开工作年度报告"


def test_page_and_fragment_equal_the_golden_ones() -> None:
    for name, text in (("page.html", page(county())), ("fragment.html", fragment(county()))):
        path = GOLDEN / name
        if os.environ.get("NIANBAO_GOLDEN") == "write":
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8"), f"{name}: make golden, then review the difference"
