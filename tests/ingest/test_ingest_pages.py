"""Pages in the mark-up of twelve kinds of sites: every figure is placed or listed as doubtful, none is wrong."""

import pytest

from nianbao.core.report import Report
from nianbao.ingest import words
from nianbao.ingest.ingest import ingest
from support.make_pages import AGENCY, FORM, OLD, PAGES, WRITERS, YEAR, said, text_of, written

DOUBTS = {
    "variants": (
        "“2．申请人逾期未按收费通知要求缴纳费用”按“2.申请人逾期未按收费通知要求缴纳费用、"
        "行政机关不再处理其政府信息公开申请”读入，请核对",
        "“四、结转下年度继续办理”一行有不认识的列，没有读入：904",
        "表格中“其他主动公开文件”一行不是规定的项目，没有读入：901、902、903",
    ),
}
#: A raised footnote mark is kept apart from the figure it stands at.
MARKED = {"fullwidth": {"requests.carried_out.business": "180[①]"}}


def _read(page: str) -> tuple[Report, tuple[str, ...]]:
    return ingest(PAGES / f"{page}.html", name=f"{page}.html")


@pytest.mark.many
@pytest.mark.parametrize("page", WRITERS)
def test_every_figure_of_a_page_is_where_it_belongs(page: str) -> None:
    report = _read(page).report
    form = OLD if page == "old" else FORM
    due = {str(c): words.figure(said(page, form, c)) for c in form.cells} | MARKED.get(page, {})
    got = {str(c): report.raw.get(c, value) for c, value in report.figures.items()}
    assert report.form is form
    assert got == due


@pytest.mark.many
@pytest.mark.parametrize("page", WRITERS)
def test_what_a_page_says_besides_is_listed(page: str) -> None:
    assert _read(page)[1] == DOUBTS.get(page, ())


@pytest.mark.many
@pytest.mark.parametrize("page", [page for page in WRITERS if page != "traditional"])
def test_the_text_of_a_page_is_split_into_its_sections_without_furniture(page: str) -> None:
    report = _read(page).report
    assert report.agency == AGENCY
    assert report.year == (2020 if page == "old" else YEAR)
    assert dict(report.narrative) == {s.key: (text_of(n),) for n, s in enumerate(FORM.sections)}
    assert report.preamble == (
        ("根据《中华人民共和国政府信息公开条例》编制本报告。",) if page == "mso" else ()
    )


def test_traditional_text_is_kept_as_it_was_written() -> None:
    report = _read("traditional").report
    assert report.narrative["overview"] == ("2023年，總體情況按要求落实，相關工作穩步推進。",)


@pytest.mark.parametrize("page", WRITERS)
def test_the_pages_kept_are_those_the_writers_write(page: str) -> None:
    assert (PAGES / f"{page}.html").read_bytes() == written(page)
