"""Habits of sites, one at a time: how cells, tables, text and files are written; figures and text come out the same."""

import re
from collections.abc import Callable

import pytest

from nianbao.core import form as forms
from nianbao.core.files import Unreadable
from nianbao.core.grid import Box
from nianbao.ingest.ingest import ingest
from support.make_pages import spans, td, text_of
from support.pages import counted, report, said

FORM = forms.load("cn-2021")
TEXT = {s.key: (text_of(n), "第二段，共3件。") for n, s in enumerate(FORM.sections)}
OPENING = "根据《中华人民共和国政府信息公开条例》编制本报告。"
REPORT = report(FORM, counted(FORM, start=1000), TEXT, (OPENING,))
WIDE = str.maketrans("0123456789,", "０１２３４５６７８９，")

Write = Callable[[str, Box], str]


def table_of(rows: list[str]) -> str:
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def page(
    cell: Write = td,
    table: Callable[[list[str]], str] = table_of,
    heading: str = "<h2>{}</h2>",
    paragraph: str = "<p>{}</p>",
    head: str = "<meta charset=utf-8>",
    whole: str = "{}",
) -> str:
    """The report as a page, each part of it written as one site does."""
    parts = [f"<h1>{REPORT.heading}</h1>", paragraph.format(OPENING)]
    for section in FORM.sections:
        parts += [heading.format(section.heading), *map(paragraph.format, TEXT[section.key])]
        if section.table:
            grid = FORM.tables[section.table].grid
            parts.append(
                table(
                    [
                        "".join(cell(said(REPORT, b.cell) if b.cell else b.text, b) for b in boxes)
                        for boxes in grid.rows()
                    ]
                )
            )
    return f"<html><head>{head}</head><body>{whole.format(''.join(parts))}</body></html>"


def inside(mark_up: str, *, figures_only: bool = False) -> Write:
    """A cell whose text is written within more mark-up."""
    return lambda text, box: td(mark_up.format(text) if box.cell or not figures_only else text, box)


def figure(write: Callable[[str], str]) -> Write:
    """A cell whose figure is written in a way of its own."""
    return lambda text, box: td(write(text) if box.cell else text, box)


def halves(rows: list[str]) -> str:
    """The long table cut in two."""
    middle = len(rows) // 2 if len(rows) > 20 else len(rows)
    return "".join(table_of(part) for part in (rows[:middle], rows[middle:]) if part)


def twice(mark_up: str) -> Callable[[list[str]], str]:
    return lambda rows: table_of(rows) + mark_up.format(table_of(rows))


def wps(text: str, box: Box) -> str:
    """As WPS saves a page: figures parted over fonts, prefixes of Office within."""
    if box.cell:
        text = f'<font face="Calibri"><span style="font-size:10.5000pt">{text[:1]}</span></font><font face="宋体"><b>{text[1:]}</b></font><o:p></o:p>'
    style = "mso-spacerun:'yes';font-family:Calibri;"
    return f'<td width=70 valign=top{spans(box)}><p class=MsoNormal align=center><span style="{style}">{text}</span></p></td>'


LAYOUT = "<table><tr><td>{}</td></tr></table>"
BODY = re.sub(".*<body>|</body>.*", "", page())
OLD_BODY = BODY.replace(">1007<", ">7007<")

SITES = {
    "no spans": page(lambda text, box: f"<td>{text}</td>"),
    "row spans only": page(lambda text, box: f'<td rowspan="{box.rows}">{text}</td>'),
    "column spans only": page(lambda text, box: f'<td colspan="{box.columns}">{text}</td>'),
    "no merged header": page(table=lambda rows: table_of(rows[1:])),
    "th and td mixed": page(lambda text, box: td(text, box) if box.cell else f"<th{spans(box)}>{text}</th>"),
    "no end tags": page(table=lambda rows: "<table><tr>" + "<tr>".join(rows) + "</table>"),
    "a table in two": page(table=halves),
    "layout within layout": page(
        whole=LAYOUT.format(LAYOUT.format("<table><tr><td width=9></td><td>{}</td></tr></table>"))
    ),
    "a table in every cell": page(inside(LAYOUT)),
    "headings in tables": page(heading=LAYOUT),
    "rows as divs": page(
        lambda text, box: f"<div role=cell>{text}</div>",
        lambda rows: "".join(f"<div role=row>{row}</div>" for row in rows),
    ),
    "rows as lists": page(
        lambda text, box: f"<li>{text}</li>", lambda rows: "".join(f"<ul>{row}</ul>" for row in rows)
    ),
    "rows of cells by role": page(
        lambda text, box: f"<span role=cell>{text}</span>",
        lambda rows: f"<div role=table>{''.join(f'<div role=row>{row}</div>' for row in rows)}</div>",
    ),
    "rows of cells by style": page(
        lambda text, box: f'<span style="display: table-cell">{text}</span>',
        lambda rows: "".join(f'<span style="display:table-row">{row}</span>' for row in rows),
    ),
    "a table a row": page(table=lambda rows: "".join(table_of([row]) for row in rows)),
    "a table within tables": page(table=lambda rows: LAYOUT.format(LAYOUT.format(table_of(rows)))),
    "a table under its caption": page(
        table=lambda rows: f"<table><tr><td>附表</td></tr><tr><td>{table_of(rows)}</td></tr></table>"
    ),
    "WPS": page(wps),
    "fonts and strong": page(inside("<strong><font color=red><span>{}</span></font></strong>")),
    "a span a digit": page(figure(lambda text: "".join(f"<span>{c}</span>" for c in text))),
    "fields of a form": page(figure('<input type="text" readonly value="{}">'.format)),
    "spaces and Office paragraphs": page(
        inside("&nbsp;&nbsp;{}&nbsp;<o:p>&nbsp;</o:p>"),
        paragraph="<p class=MsoNormal>&nbsp;&nbsp;&nbsp;&nbsp;{}<o:p></o:p></p>",
    ),
    "text between breaks": page(heading="<br><b>{}</b><br>", paragraph="　　{}<br/>", whole="<div>{}</div>"),
    "spans and breaks": page(heading="<span>{}</span><br><br>", paragraph="<span>　　{}</span><br>"),
    "spans laid out as blocks": page(
        heading='<span style="display:block">{}</span>', paragraph='<span style="display:block">{}</span>'
    ),
    "bare spans": page(heading="<span>{}</span>", paragraph="<span>{}</span>"),
    "bare divs": page(heading="<div>{}</div>", paragraph="<div>&nbsp;&nbsp;&nbsp;&nbsp;{}</div>"),
    "double breaks": page(heading="{}<br><br>", paragraph="&emsp;&emsp;{}<br><br>"),
    "lists": page(heading="<dl><dt>{}</dt></dl>", paragraph="<ul><li>{}</li></ul>"),
    "sections": page(
        heading="<section><header>{}</header></section>", paragraph="<article><section>{}</section></article>"
    ),
    "elements of the site's own": page(heading="<my-title>{}</my-title>", paragraph="<my-text>{}</my-text>"),
    "lines as typed": page(
        heading="\n{}\n", paragraph="\n　　{}\n", whole='<div style="white-space:pre-wrap">{}</div>'
    ),
    "text set as it was typed": page(heading="<pre>\n{}\n</pre>", paragraph="<pre>　　{}\n</pre>"),
    "full-width digits": page(figure(lambda text: text.translate(WIDE))),
    "thousands": page(figure(lambda text: f"{int(text):,}")),
    "full-width thousands": page(figure(lambda text: f"{int(text):,}".translate(WIDE))),
    "invisible characters": page(inside("\ufeff{}\u200b")),
    "character references": page(figure(lambda text: "".join(f"&#{ord(c)};" for c in text))),
    "meta refresh": page(
        head='<meta http-equiv=refresh content="0;url=/m/"><noscript>请启用脚本</noscript><meta charset=utf-8>'
    ),
    "a template for later": page(
        table=lambda rows: "<template><table><tr><td>规章<td>9</table></template>" + table_of(rows)
    ),
    "hidden copies of tables": page(table=twice('<div style="display:none">{}</div>')),
    "a copy for phones": f"<style>@media(max-width:600px){{.pc{{display:none}}}}</style><div class=pc>{BODY}</div><div>{BODY}</div>",
    "an older version, hidden": f"<style>/* x */ .a,.old {{ color:red; display: none }}</style><div class=old>{OLD_BODY}</div>{BODY}",
    "an older version behind, hidden": f"<style>div#old{{display:none}}</style>{BODY}<div id=old>{OLD_BODY}</div>",
    "GB 2312": page(head="<meta charset=gb2312>").encode("gb18030"),
    "GBK undeclared": page(head="").encode("gbk"),
    "UTF-8 declared as GBK": page(head="<meta charset=gbk>").encode(),
    "UTF-16": page(head="").encode("utf-16"),
}


@pytest.mark.many
@pytest.mark.parametrize("site", SITES)
def test_a_page_is_read_whatever_its_mark_up(site: str) -> None:
    written = SITES[site]
    got = ingest(written if isinstance(written, bytes) else written.encode(), name="年报.html")
    assert got.doubts == ()
    assert got.report.figures == REPORT.figures
    assert (got.report.agency, got.report.year) == (REPORT.agency, REPORT.year)
    assert (got.report.preamble, dict(got.report.narrative)) == ((OPENING,), TEXT)


def test_tables_that_are_pictures_are_told() -> None:
    got = ingest(page(table=lambda rows: '<img src="1.png" alt="表">').encode(), name="年报.html")
    assert [doubt.startswith("没有读到") and "图片" in doubt for doubt in got.doubts] == [True] * 3
    assert dict(got.report.narrative) == TEXT


def test_a_page_of_pictures_is_refused_in_a_sentence_that_says_so() -> None:
    text = f"<h1>{REPORT.heading}</h1><p><img src=1.jpg></p><p><img src=2.jpg></p>"
    with pytest.raises(Unreadable, match="正文可能是图片，图片里的文字读不出来"):
        ingest(text.encode(), name="年报.html")


def test_a_footnote_mark_in_brackets_is_kept_apart_from_its_figure() -> None:
    mark = '1010<sup><a href="#n1">[1]</a></sup>'
    got = ingest(page(figure(lambda text: mark if text == "1010" else text)).encode(), name="年报.html")
    assert list(got.report.raw.values()) == ["1010[1]"]
