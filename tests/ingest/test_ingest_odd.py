"""What stands in real files beside one report: a second one, sums of groups, marks of a draft, a cover."""

from collections.abc import Callable

import pytest

from nianbao.core import form as forms
from nianbao.core.report import Report, to_json
from nianbao.ingest.ingest import ingest
from support.pages import as_html, as_tabs, as_text, counted, report
from support.published import fragment

FORM = forms.load("cn-2021")
SIX = {s.key: (f"{s.heading[2:]}的文字。",) for s in FORM.sections}
TOLD = report(FORM, counted(FORM), SIX, ("根据条例编制本报告。",))
SUM = ("（六）其他处理", "7", "0", "0", "0", "0", "0", "7")


def test_the_single_row_of_the_old_form_on_a_page_is_explained_and_not_split() -> None:
    page = as_html(TOLD)
    start = page.rindex("<tr>", 0, page.index("（六）其他处理"))
    end = start
    for _ in range(3):
        end = page.index("</tr>", end) + len("</tr>")
    cells = "".join(f"<td>{figure}</td>" for figure in SUM[1:])
    row = f'<tr><td colspan="2">{SUM[0]}</td>{cells}</tr>'
    page = page[:start].replace('rowspan="22"', 'rowspan="20"') + row + page[end:]
    got = ingest(page.encode(), name="年报.html")
    assert len(got.report.figures) == 200 - 21
    assert got.doubts[0].startswith(
        "表格中“（六）其他处理”只有合计一行（7、0、0、0、0、0、7），国办公开办函〔2021〕30号规定的表分为3行（1."
    )
    assert got.doubts[0].endswith("无法分开，没有读入，请在工作簿中分行填写")


def test_a_column_of_remarks_is_told_in_one_line() -> None:
    page = as_html(TOLD)
    start = page.index("<table>", page.index("三、收到和处理"))
    end = page.index("</table>", start)
    head, *rows = page[start:end].split("</tr>")
    rows = [row + f'<td rowspan="1">{"有" if n % 2 else ""}</td></tr>' for n, row in enumerate(rows[2:-1])]
    table = "</tr>".join([head + '<td rowspan="3">备注</td>', *page[start:end].split("</tr>")[1:3]]) + "</tr>"
    got = ingest((page[:start] + table + "".join(rows) + page[end:]).encode(), name="年报.html")
    assert len(got.doubts) == 1
    assert got.doubts[0].startswith("“备注”不是规定的列，没有读入，共 12 行有内容（“二、上年结转")
    assert got.report.figures == TOLD.figures


def test_a_sum_beside_the_rows_it_is_made_of_is_told_as_that() -> None:
    page = as_tabs(TOLD).replace("（六）其他处理\t1.申请人", "\t".join(SUM) + "\n（六）其他处理\t1.申请人")
    got = ingest(page.encode(), name="年报.txt")
    assert got.report.figures == TOLD.figures
    assert got.doubts == ("表格中“（六）其他处理”一行是小计，不是规定的项目，没有读入：7、0、0、0、0、0、7",)


@pytest.mark.parametrize("render", [as_text, as_tabs, as_html])
def test_of_two_reports_the_first_is_read_and_the_second_is_told(render: Callable[[Report], str]) -> None:
    second = report(FORM, counted(FORM, start=500), SIX, year=2024)
    got = ingest(f"{render(TOLD)}\n{render(second)}".encode(), name="年报")
    assert to_json(got.report) == to_json(TOLD)
    assert got.doubts == (
        f"文件中还有另一份报告（“{second.heading}”），只读入了第一份，请把各份分开后再导入",
    )


def test_a_title_that_comes_again_without_another_report_is_no_second_report() -> None:
    page = f"{TOLD.heading}\n{as_text(TOLD)}附件：\n{TOLD.heading}.docx\n"
    got = ingest(page.encode(), name="年报.txt")
    assert to_json(got.report) == to_json(TOLD)
    assert got.doubts == ()


@pytest.mark.many
@pytest.mark.parametrize("draft", [False, True])
@pytest.mark.parametrize("mark", ["{}", "{}\n", "<div>{}</div>"])
def test_our_fragment_alone_leaves_no_mark_of_its_own_in_the_text(mark: str, draft: bool) -> None:
    got = ingest(mark.format(fragment(TOLD, draft=draft)).encode(), name="片段.html")
    assert got.report.preamble == TOLD.preamble
    assert dict(got.report.narrative) == SIX


def test_the_text_of_our_fragment_copied_leaves_no_mark_either() -> None:
    note = "草稿：本文件为草稿，尚未校验通过，不得对外公开。\n"
    page = note + as_text(TOLD).replace(f"{TOLD.heading}\n", "") + "数据指纹： 8b63 c92f 5f7d daa5（校验）\n"
    got = ingest(page.encode(), name="片段.txt")
    assert got.report.preamble == TOLD.preamble
    assert dict(got.report.narrative) == SIX


def _without_title(page: str) -> str:
    return page.replace(f"{TOLD.heading}\n", "", 1)


@pytest.mark.parametrize(
    "cover",
    [
        "填报单位：清河市水利局\n报告年度：2023年\n",
        "单位名称:清河市水利局（盖章）　　　年度：2023\n",
        "填报单位（公章）：清河市 水利局\n年份：2023年度\n",
        "填报机关：\n清河市水利局\n报告年度\n2023\n",
    ],
)
def test_agency_and_year_come_from_a_cover_line_where_there_is_no_title(cover: str) -> None:
    page = cover + _without_title(as_text(TOLD))
    got = ingest(page.encode(), name="年报.txt")
    assert (got.report.agency, got.report.year) == (TOLD.agency, 2023)
    assert got.report.figures == TOLD.figures
    assert dict(got.report.narrative) == SIX
    assert got.doubts == ()


def test_a_sentence_or_a_unit_of_measure_is_no_cover_line() -> None:
    page = "单位：件\n填报单位：各科室、各镇街共12家。\n" + _without_title(as_text(TOLD))
    got = ingest(page.encode(), name="年报.txt")
    assert got.report.agency == ""
    assert "没有认出填报单位，请在封面填写单位全称" in got.doubts
