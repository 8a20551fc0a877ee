"""Plain text copied from a page: figures one a line, or rows divided by tabs and spaces."""

import pytest

from nianbao.core import form as forms
from nianbao.core.files import Unreadable
from nianbao.core.grid import Cell
from nianbao.core.report import to_json
from nianbao.ingest.ingest import ingest
from support.pages import AGENCY, as_tabs, as_text, counted, report

FORM = forms.load("cn-2021")
SIX = {s.key: (f"{s.heading[2:]}的文字。",) for s in FORM.sections}
#: What is said of the row that the form of 2021 prints as three.
SPLIT = (
    "表格中“（六）其他处理”只有合计一行（7、0、0、0、0、0、7），国办公开办函〔2021〕30号规定的表分为3行"
    "（1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请；"
    "2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请；3.其他），"
    "无法分开，没有读入，请在工作簿中分行填写"
)
BLANK = [cell for cell in FORM.cells if cell.row == "regulations"]


def test_every_cell_of_a_text_with_one_figure_a_line_is_placed_and_blanks_stay_blank() -> None:
    told = report(FORM, counted(FORM) | dict.fromkeys(BLANK), SIX, ("根据条例编制本报告。",))
    page = "您现在所在的位置:> 主页 > 信息公开 > 信息公开年报\n" + as_text(told)
    got = ingest(page.encode(), name="年报.txt")
    assert to_json(got.report) == to_json(told)
    assert len(got.report.figures) == 200
    assert [got.report.figures[cell] for cell in BLANK] == [None, None, None]
    assert got.doubts == ()


def test_labels_broken_over_lines_are_put_together() -> None:
    told = report(FORM, counted(FORM))
    page = as_text(told)
    for whole, broken in [
        ("商业企业", "商业\n\n企业"),
        ("结果维持", "结果\n\n维持"),
        ("尚未审结", "尚未\n\n审结"),
        ("1.申请人无正当理由逾期不补正、", "1.申请人无正当理由逾期不补正、\n\n"),
    ]:
        assert whole in page
        page = page.replace(whole, broken)
    got = ingest(page.encode(), name="年报.txt")
    assert got.report.figures == told.figures
    assert got.doubts == ()


def test_rows_divided_by_tabs_are_placed_with_their_blanks() -> None:
    told = report(FORM, counted(FORM) | dict.fromkeys(BLANK), SIX)
    got = ingest(as_tabs(told).encode("gb18030"), name="年报.txt")
    assert to_json(got.report) == to_json(told)
    assert got.doubts == ()


@pytest.mark.parametrize("gap", ["  ", "    ", " "])
def test_rows_divided_by_spaces_are_placed(gap: str) -> None:
    told = report(FORM, counted(FORM), SIX)
    got = ingest(as_tabs(told).replace("\t", gap).encode(), name="年报.txt")
    assert to_json(got.report) == to_json(told)
    assert got.doubts == ()


def test_a_row_that_lacks_a_figure_is_listed_and_not_guessed() -> None:
    told = report(FORM, counted(FORM))
    page = as_tabs(told).replace(
        "\n二、上年结转政府信息公开申请数量\t18\t19\t", "\n二、上年结转政府信息公开申请数量\t18\t"
    )
    got = ingest(page.encode(), name="年报.txt")
    row = [cell for cell in FORM.cells if cell.row == "carried_in"]
    assert [cell for cell in FORM.cells if cell not in got.report.figures] == row
    assert any(d.startswith("“二、上年结转政府信息公开申请数量”各列与规定的表头对不上") for d in got.doubts)
    assert {cell: v for cell, v in told.figures.items() if cell not in row} == got.report.figures


def test_a_header_in_another_order_is_not_trusted() -> None:
    told = report(FORM, counted(FORM))
    page = as_tabs(told).replace("商业企业\t科研机构", "科研机构\t商业企业")
    got = ingest(page.encode(), name="年报.txt")
    assert not any(cell.table == "requests" for cell in got.report.figures)
    assert any("各列与规定的表头对不上" in d for d in got.doubts)


def test_a_dash_stays_a_dash_and_a_note_stays_in_its_cell() -> None:
    dash = Cell("requests", "granted", "research")
    note = Cell("requests", "received", "total")
    told = report(FORM, counted(FORM) | {dash: "—", note: "163件（含上年结转17件）"})
    got = ingest(as_text(told).encode(), name="年报.txt")
    assert got.report.raw == {dash: "—", note: "163件（含上年结转17件）"}
    assert (got.report.figures[dash], got.report.figures[note]) == (None, None)


def test_the_single_row_of_the_old_form_is_listed_in_a_report_on_the_new_one() -> None:
    told = report(FORM, counted(FORM))
    lines = as_tabs(told).split("\n")
    start = next(n for n, line in enumerate(lines) if line.startswith("（六）其他处理"))
    lines[start : start + 3] = ["（六）其他处理\t7\t0\t0\t0\t0\t0\t7"]
    got = ingest("\n".join(lines).encode(), name="年报.txt")
    rows = {"other_unsupplemented", "other_unpaid", "other_rest"}
    assert {cell.row for cell in FORM.cells if cell not in got.report.figures} == rows
    assert got.doubts[0] == SPLIT


@pytest.mark.many
@pytest.mark.parametrize(
    ("title", "year"),
    [
        (f"{AGENCY}2022年度政府信息公开工作年度报告", 2022),
        (f"{AGENCY}二〇二二年政府信息公开工作年度报告", 2022),
        (f"{AGENCY}〈2022〉年政府信息公开年度报告", 2022),
        (f"{AGENCY}\n2022年政府信息公开工作年度报告", 2022),
        (f"2022年{AGENCY}政府信息公开工作年度报告", 2022),
        (f"{AGENCY}　2022年政府信息公开工作报告", 2022),
        (f"首页\n年报\n{AGENCY} ２０２２ 年政府信息公开工作年度报告", 2022),
    ],
)
def test_the_title_names_the_agency_and_the_year(title: str, year: int) -> None:
    told = report(FORM, counted(FORM), {}, ("本报告依照规定编制。",))
    page = as_text(told).replace(told.heading, title)
    got = ingest(page.encode(), name="年报.txt")
    assert (got.report.agency, got.report.year) == (AGENCY, year)
    assert got.report.preamble == ("本报告依照规定编制。",)
    assert got.doubts == ()


def test_without_a_title_the_year_comes_from_the_period_and_the_agency_is_asked_for() -> None:
    told = report(FORM, counted(FORM), {}, ("统计期限为2023年1月1日至2023年12月31日。",))
    got = ingest(as_text(told).replace(told.heading, "年报").encode(), name="年报.txt")
    assert (got.report.agency, got.report.year) == ("", 2023)
    assert got.doubts == ("没有认出填报单位，请在封面填写单位全称",)


@pytest.mark.parametrize(
    "heading",
    ["（一）总体情况", "一 、 总体情况", "第一部分 总体情况", "1．总体情况：", "总体情况", "壹、总体情况"],
)
def test_headings_are_known_however_they_are_numbered(heading: str) -> None:
    told = report(FORM, counted(FORM), SIX)
    got = ingest(as_text(told).replace("一、总体情况", heading).encode(), name="年报.txt")
    assert dict(got.report.narrative) == (
        SIX if heading[0] != "壹" else {k: v for k, v in SIX.items() if k != "overview"}
    )


def test_text_without_any_report_is_refused_in_one_sentence() -> None:
    with pytest.raises(Unreadable) as refused:
        ingest("今天天气很好。".encode(), name="日记.txt")
    assert str(refused.value) == (
        "日记.txt：没有找到年度报告的表格和各部分标题；请核对文件是不是政府信息公开工作年度报告。"
    )
