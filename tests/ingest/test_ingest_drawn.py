"""Habits of PDF producers, drawn sign by sign: hanging punctuation, no spaces, two columns, tables over page ends."""

from collections.abc import Sequence

import pytest

from nianbao.core import form as forms
from nianbao.core.files import Unreadable
from nianbao.core.report import Report
from nianbao.ingest.ingest import ingest
from support.drawings import LEFT, RIGHT, SIZE, Drawing, width
from support.pages import counted, report

FORM = forms.load("cn-2021")
LONG = (
    "全市各单位认真贯彻条例，推进公开、办理答复；全年主动公开信息12条，其中文字9条，图片3条。下一步完善机制。"
)


TEXT = {
    "overview": (LONG * 3, "（一）" + LONG * 2),
    "problems": (LONG,),
    "other": ("没有其他需要报告的事项。",),
}
TOLD = report(FORM, counted(FORM), TEXT, ("根据条例编制本报告。" + LONG,))


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read, not where: that a PDF is read in a process of its own is tried with the hostile ones."""
    monkeypatch.setattr("nianbao.ingest.source.heavy", lambda _: False)


def drawn(told: Report, indent: int = 2, gap: int = 0, cut: int = 0) -> bytes:
    """The report as a PDF; ``cut``: the row after which the table of requests goes on on the next page."""
    page = Drawing()
    page.text(LEFT + 60, page.down(), told.heading, 16)
    page.down(30)

    def prose(texts: Sequence[str]) -> None:
        for text in texts:
            page.paragraph(text, indent)
            page.y -= gap

    prose(told.preamble)
    for section in told.form.sections:
        page.text(LEFT, page.down(30), section.heading, 15)
        page.y -= 6
        prose(told.narrative.get(section.key, ()))
        if section.table:
            page.page()
            height = told.form.tables[section.table].grid.height
            for rows in (range(cut), range(cut, height)) if 0 < cut < height else (range(height),):
                if rows.start:
                    page.page()
                page.table(told, section.table, rows)
    return page.bytes()


@pytest.mark.long
@pytest.mark.parametrize(
    ("indent", "gap"), [(2, 0), (2, 8), (0, 12)], ids=["indented", "indented and apart", "apart"]
)
def test_punctuation_that_hangs_over_the_margin_stays_in_its_line(indent: int, gap: int) -> None:
    got = ingest(drawn(TOLD, indent, gap), name="年报.pdf")
    assert got.report.narrative == TOLD.narrative
    assert got.report.preamble == TOLD.preamble
    assert got.report.figures == TOLD.figures
    assert got.doubts == ()


@pytest.mark.long
@pytest.mark.parametrize("cut", [4, 11, 20])
def test_a_table_over_a_page_end_is_one_table(cut: int) -> None:
    got = ingest(drawn(TOLD, cut=cut), name="年报.pdf")
    assert got.report.figures == TOLD.figures
    assert got.doubts == ()


def test_a_scan_is_refused_in_a_sentence() -> None:
    page = Drawing()
    page.canvas.rect(100, 100, 300, 300)
    with pytest.raises(Unreadable, match="扫描件没有文字"):
        ingest(page.bytes(), name="年报.pdf")


def test_a_pdf_without_a_label_of_the_form_is_refused_before_its_tables_are_looked_at() -> None:
    page = Drawing()
    for n in range(3):
        page.text(LEFT, page.down(), f"第{n}页：某公司财务年报，应收账款、固定资产。")
        for line in range(90):
            page.canvas.line(LEFT, 80 + 8 * line, RIGHT, 80 + 8 * line)
            page.canvas.line(LEFT + 5 * line, 80, LEFT + 5 * line, 780)
        page.page()
    with pytest.raises(Unreadable, match="没有找到年度报告的表格和各部分标题"):
        ingest(page.bytes(), name="年报.pdf")


@pytest.mark.long
def test_a_drawing_of_thousands_of_crossing_lines_is_no_table() -> None:
    page = Drawing()
    page.text(LEFT, page.down(), "行政规范性文件示意图")
    for line in range(170):
        page.canvas.line(LEFT, 80 + 4 * line, RIGHT, 80 + 4 * line)
        page.canvas.line(LEFT + 3 * line, 80, LEFT + 3 * line, 760)
    page.page()
    whole = Drawing()
    whole.canvas = page.canvas
    whole.file = page.file
    whole.text(LEFT, whole.down(), TOLD.heading, 16)
    for section in FORM.sections:
        whole.text(LEFT, whole.down(30), section.heading, 15)
        if section.table:
            whole.page()
            whole.table(TOLD, section.table)
    got = ingest(whole.bytes(), name="年报.pdf")
    assert got.report.figures == TOLD.figures


def test_punctuation_drawn_left_of_a_sign_from_another_font_stays_behind_it() -> None:
    page = Drawing()
    page.text(LEFT, page.down(), TOLD.heading, 16)
    for section in FORM.sections:
        page.text(LEFT, page.down(30), section.heading, 15)
    page.text(LEFT + 2 * SIZE, page.down(), "水利局第")
    page.text(LEFT + 6.4 * SIZE, page.y, "I")
    page.text(LEFT + 6.1 * SIZE, page.y, "，推进公开。")
    got = ingest(page.bytes(), name="年报.pdf", form=FORM).report
    assert got.narrative["other"] == ("水利局第I，推进公开。",)


@pytest.mark.long
def test_signs_placed_one_by_one_get_no_space_between_them() -> None:
    page, text = Drawing(), "制定<办法><规定>12件，A类3件，网址www.gov.cn。"
    page.text(LEFT, page.down(), TOLD.heading, 16)
    for section in FORM.sections:
        page.text(LEFT, page.down(30), section.heading, 15)
        if section.key == "overview":
            x, y = LEFT + 2.0 * SIZE, page.down()
            for sign in text:
                page.text(x, y, sign)
                x += width(sign) + 0.1 * SIZE
    assert ingest(page.bytes(), name="年报.pdf").report.narrative["overview"] == (text,)


@pytest.mark.long
@pytest.mark.parametrize(("first", "second"), [("<基层>", "<网站>"), ("收到1", "2件"), ("50%", "(上年)")])
def test_no_space_is_put_where_a_line_ends(first: str, second: str) -> None:
    page = Drawing()
    page.text(LEFT, page.down(), TOLD.heading, 16)
    for section in FORM.sections:
        page.text(LEFT, page.down(30), section.heading, 15)
        for _ in range(3 if section.key == "overview" else 0):
            page.text(LEFT + 2 * SIZE, page.down(), "政" * 31 + first)
            page.text(LEFT, page.down(), second + "办结。")
    text = "政" * 31 + first + second + "办结。"
    assert ingest(page.bytes(), name="年报.pdf").report.narrative["overview"] == (text,) * 3


@pytest.mark.long
def test_two_columns_of_text_are_read_one_after_the_other() -> None:
    page = Drawing()
    page.text(LEFT, page.down(), TOLD.heading, 16)
    page.text(LEFT, page.down(30), FORM.sections[0].heading, 15)
    start = page.y
    page.paragraph(LONG * 2, columns=16)
    page.y = start
    page.paragraph(LONG[::-1].replace("。", "") + "。" + LONG, columns=16, left=LEFT + 20 * SIZE)
    for section in FORM.sections[1:]:
        page.text(LEFT, page.down(30), section.heading, 15)
    got = ingest(page.bytes(), name="年报.pdf")
    assert got.report.narrative["overview"] == (LONG * 2, LONG[::-1].replace("。", "") + "。" + LONG)
