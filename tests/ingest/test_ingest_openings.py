"""Titles and openings: whose report it is, and no first sentence lost."""

import io
from collections.abc import Callable, Iterator, Sequence

import docx
import pytest
import xlsxwriter

from nianbao.core import form as forms
from nianbao.ingest import title
from nianbao.ingest.ingest import ingest
from support.drawings import LEFT, RIGHT, Drawing
from support.pages import AGENCY, as_html, as_text, counted, report, said

FORM = forms.load("cn-2021")
OPENINGS = (
    "现将2023年度政府信息公开工作情况报告如下：",
    "现将2023年度政府信息公开工作年度报告如下",
    "清河市水利局现将2023年度政府信息公开年度报告予以公布",
    "根据条例第五十条，编制本报告",
    "我局2023年政府信息公开工作年度报告公布如下。",
    "本报告由办公室编制，2024年1月10日",
)


@pytest.mark.many
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


# titles, in every kind of file

REST = "政府信息公开工作年度报告"
#: What stands as the title, line by line, and whose it is; the year is always 2023.
TITLES: dict[tuple[str, ...], str] = {
    (f"{AGENCY}2023年{REST}",): AGENCY,
    (f"{AGENCY} 2023年度 政府信息公开 工作 年度报告",): AGENCY,
    (f"{AGENCY}关于2023年度政府信息公开工作情况的报告",): AGENCY,
    (f"{AGENCY}关于2023年{REST}的公告",): AGENCY,
    (f"关于{AGENCY}2023年政府信息公开工作情况的年度报告",): AGENCY,
    (AGENCY, f"2023年{REST}"): AGENCY,
    (f"{AGENCY}2023年", REST): AGENCY,
    (AGENCY, "2023年", REST): AGENCY,
    (f"{AGENCY}2023年政府信息公开", "工作年度报告"): AGENCY,
    (AGENCY, REST, "（2023年）"): AGENCY,
    (f"{AGENCY}{REST}", "（2023年度）"): AGENCY,
    (f"{AGENCY}{REST}（2023年）",): AGENCY,
    (f"{AGENCY}政府信息公开年度报告(2023)",): AGENCY,
    (f"{AGENCY}（2023年）{REST}",): AGENCY,
    (f"{AGENCY}政府信息公开工作2023年度报告",): AGENCY,
    (f"{AGENCY}{REST}",): AGENCY,
    (f"2023年{AGENCY}{REST}",): AGENCY,
    (f"2023年度{REST}（{AGENCY}）",): AGENCY,
    (f"{AGENCY}2023年政务公开工作年度报告",): AGENCY,
    (f"{AGENCY}2023年信息公开工作年度报告",): AGENCY,
    (f"{AGENCY}2023年政府信息与政务公开年度报告",): AGENCY,
    (f"{AGENCY}2023年政府信息公开年报",): AGENCY,
    (f"{AGENCY}2023年度政府信息公开工作总结报告",): AGENCY,
    (f"{AGENCY}二〇二三年{REST}",): AGENCY,
    (f"{AGENCY}二○二三年度{REST}",): AGENCY,
    (f"{AGENCY}２０２３年{REST}",): AGENCY,
    (f"{AGENCY}本级2023年{REST}",): f"{AGENCY}本级",
    (f"{AGENCY}（本级）2023年{REST}",): f"{AGENCY}（本级）",
    (f"清河市人民政府办公室（清河市大数据局）2023年{REST}",): "清河市人民政府办公室（清河市大数据局）",
    (f"清河市“放管服”改革办公室2023年{REST}",): "清河市“放管服”改革办公室",
    (f"《{AGENCY}2023年{REST}》",): AGENCY,
    (f"“{AGENCY}”2023年{REST}",): AGENCY,
    (f"{AGENCY}：2023年{REST}",): AGENCY,
    (f"【年报】{AGENCY}2023年{REST}",): AGENCY,
    (f"{AGENCY}2023年{REST}（2024年1月公布）",): AGENCY,
    (f"{AGENCY}2023年{REST}[附统计表]",): AGENCY,
}
BEGINNING = ("现将2023年度政府信息公开工作情况报告如下：", "统计期限自2023年1月1日起至2023年12月31日止。")
BODY = {s.key: ("本部分文字一段。",) for s in FORM.sections}
TABLE = {c: n for n, c in enumerate(c for c in FORM.cells if c.table == "disclosure")}
BARE = report(FORM, TABLE, BODY, BEGINNING)
PATH = "<p>当前位置：首页 &gt; 政务公开 &gt; 政府信息公开年报</p>"


def parts(lines: Sequence[str]) -> Iterator[str]:
    """The whole report line by line, ``""`` for its one table."""
    yield from (*lines, *BEGINNING)
    for section in FORM.sections:
        yield from (section.heading, *BODY[section.key], *[""][: section.table == "disclosure"])


def grid() -> Iterator[list[str]]:
    for boxes in FORM.tables["disclosure"].grid.rows():
        yield [said(BARE, box.cell) if box.cell else box.text for box in boxes]


def a_page(lines: Sequence[str], before: str = "", head: str = "", tag: str = "p") -> bytes:
    """The title in elements of its own, or in one with breaks (``br``)."""
    shown = f"<h1>{'<br>'.join(lines)}</h1>" if tag == "br" else "".join(f"<{tag}>{t}</{tag}>" for t in lines)
    table = "".join(f"<tr><td>{'<td>'.join(row)}" for row in grid())
    rest = "".join(f"<p>{text}</p>" if text else f"<table>{table}</table>" for text in parts(()))
    return f"<html><head><meta charset=utf-8>{head}</head><body>{before}{shown}{rest}</body></html>".encode()


def a_text(lines: Sequence[str], mark: str = "") -> bytes:
    table = "\n".join("\t".join(row) for row in grid())
    headings = {section.heading for section in FORM.sections}
    shown = (mark * (n < len(lines) or text in headings) + text for n, text in enumerate(parts(lines)))
    return "\n\n".join(text or table for text in shown).encode()


def a_document(lines: Sequence[str]) -> bytes:
    document, file = docx.Document(), io.BytesIO()
    for text in parts(lines):
        if text:
            document.add_paragraph(text)
            continue
        rows = list(grid())
        table = document.add_table(len(rows), 4)
        for row, cells in zip(table.rows, rows, strict=True):
            for cell, written in zip(row.cells, cells, strict=False):
                cell.text = written
    document.save(file)
    return file.getvalue()


def a_workbook(lines: Sequence[str]) -> bytes:
    rows = [row for text in parts(lines) for row in ([[text]] if text else grid())]
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate(rows):
            sheet.write_row(n, 0, row)
    return file.getvalue()


def a_pdf(lines: Sequence[str]) -> bytes:
    drawing = Drawing()
    for line in lines:
        left = max(LEFT, (LEFT + RIGHT - 18 * len(line)) / 2)
        drawing.text(left, drawing.down(30), line, min(18, (RIGHT - LEFT) / len(line)))
    drawing.down()
    for text in list(parts(lines))[len(lines) :]:
        if text:
            drawing.paragraph(text)
        else:
            drawing.table(BARE, "disclosure")
    return drawing.bytes()


KINDS: dict[str, Callable[[Sequence[str]], bytes]] = {
    "headings": lambda lines: a_page(lines, tag="h1"),
    "breaks": lambda lines: a_page(lines, tag="br"),
    "a path above": lambda lines: a_page(lines, PATH, "<title>清河市人民政府</title>"),
    "a menu above": lambda lines: a_page(lines, f"<p>首页</p><p>政务公开</p><p>{''.join(lines)}</p>"),
    "name of the site": lambda lines: a_page((), head=f"<title>{''.join(lines)}-清河市人民政府</title>"),
    "names of column and site": lambda lines: a_page(
        lines, PATH, f"<title>{''.join(lines)}_年报_清河市人民政府门户网站</title>"
    ),
    "text": a_text,
    "Markdown": lambda lines: a_text(lines, "# "),
    "Word": a_document,
    "workbook": a_workbook,
    "PDF": a_pdf,
}
#: Files that are slow to make: a title on one line reads in all of them as in the others, so a third of those will do.
SLOW = ("Word", "workbook", "PDF")


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_agency_and_year_are_read_from_every_form_of_title_in_every_kind_of_file(kind: str) -> None:
    wrong = {}
    for n, (lines, agency) in enumerate(TITLES.items()):
        if kind in SLOW and len(lines) == 1 and n % 3:
            continue
        got = ingest(KINDS[kind](lines), name="年报", form=FORM).report
        if (got.agency, got.year, got.preamble, got.figures, dict(got.narrative)) != (
            agency,
            2023,
            BEGINNING,
            BARE.figures,
            BODY,
        ):
            wrong[lines] = (got.agency, got.year, got.preamble, len(got.figures))
    assert wrong == {}
