"""Writes ``tests/cases/pages``: invented reports in the mark-up of different kinds of sites.

``python tests/make_pages.py`` writes them anew. Every figure is its cell's number in the form (counted from 1),
so that a misplaced one is seen; ``ODD`` names what stands elsewhere.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from nianbao.core import form as forms
from nianbao.core.form import Form
from nianbao.core.grid import Box, Cell

PAGES = Path(__file__).parents[1] / "cases" / "pages"
AGENCY, YEAR = "清河市水利局", 2023
FORM = forms.load("cn-2021")
OLD = forms.load("cn-2019")
TRADITIONAL = str.maketrans(
    "总体况动开报处议诉讼复关问题进须项规范强决单万费额数据稳级为质获认补继续结转维纠审经织构业当无权执过内询掌握现个类现举监缴纳区办废没组罚计许访请这",
    "總體況動開報處議訴訟復關問題進須項規範強決單萬費額數據穩級為質獲認補繼續結轉維糾審經織構業當無權執過內詢掌握現個類現舉監繳納區辦廢沒組罰計許訪請這",
)

#: What stands in some cells of some pages instead of the figure.
ODD: Mapping[str, Mapping[str, str]] = {
    "fullwidth": {
        "disclosure.regulations.issued": "",
        "disclosure.regulations.repealed": "",
        "disclosure.regulations.in_force": "",
        "disclosure.coercion.decisions": "-",
        "disclosure.fees.amount": "1,234.5",
        "requests.received.total": "１７（含上年结转３件）",
        "requests.granted.research": "",
        "requests.refused_law.natural": "/",
        "requests.concluded.total": "163件",
        "remedies.reconsideration.pending": "无",
    },
    "mso": {"disclosure.regulations.issued": "", "remedies.direct_litigation.other": ""},
    "old": {
        "disclosure.licensing.change": "-12",
        "disclosure.penalty.change": "+3",
        "disclosure.fees.change": "0",
    },
}


def said(page: str, form: Form, cell: Cell) -> str:
    """What the page says in a cell."""
    return ODD.get(page, {}).get(str(cell), str(form.cells.index(cell) + 1))


CellWriter = Callable[[str, Box], str]


def rows(page: str, form: Form, table: str, write: CellWriter) -> list[str]:
    """The printed rows of a table, each its cells written one after another."""
    return [
        "".join(write(said(page, form, b.cell) if b.cell else b.text, b) for b in boxes)
        for boxes in form.tables[table].grid.rows()
    ]


def spans(box: Box) -> str:
    return (f' rowspan="{box.rows}"' if box.rows > 1 else "") + (
        f' colspan="{box.columns}"' if box.columns > 1 else ""
    )


def td(text: str, box: Box) -> str:
    return f"<td{spans(box)}>{text}</td>"


def heading(n: int) -> str:
    return FORM.sections[n].heading


def text_of(n: int) -> str:
    return f"2023年，{heading(n)[2:]}按要求落实，相关工作稳步推进。"


def mso(page: str) -> str:
    """Saved from Word as a web page, then pasted into an editor; GB2312."""

    def cell(text: str, box: Box) -> str:
        shown = text if text else "<span lang=EN-US style='mso-spacerun:yes'>&nbsp;</span>"
        if box.cell and len(text) > 1:
            shown = f"<span lang=EN-US>{text[0]}</span><span lang=EN-US>{text[1:]}<o:p></o:p></span>"
        elif len(text) > 9:
            shown = f"<span style='font-size:10.5pt;font-family:宋体'>{text[:6]}\r\n  {text[6:]}<span lang=EN-US><o:p></o:p></span></span>"
        return (
            f"<td width=66 valign=top{spans(box)} style='border:solid windowtext 1.0pt'>\r\n"
            f"  <p class=MsoNormal align=center style='text-align:center'>{shown}</p>\r\n  </td>"
        )

    def para(text: str) -> str:
        return (
            "<p class=MsoNormal style='text-indent:32.0pt'><span style='font-size:16.0pt'>"
            f"　　{text[:20]}\r\n{text[20:]}<span lang=EN-US><o:p></o:p></span></span></p>"
        )

    body = [
        "<p class=MsoTitle align=center><b><span>清河市水利局<span lang=EN-US>2023</span>年政府信息公开工作年度报告</span></b></p>"
    ]
    body.append(para("根据《中华人民共和国政府信息公开条例》编制本报告。"))
    for n, section in enumerate(FORM.sections):
        body.append(
            f"<p class=MsoNormal><b><span style='font-family:黑体'>{section.heading}</span></b></p>"
            + para(text_of(n))
        )
        if section.table:
            lines = "\r\n".join(
                f" <tr style='height:20.0pt'>{r}</tr>" for r in rows(page, FORM, section.table, cell)
            )
            body.append(
                f"<div align=center><table class=MsoNormalTable border=1 cellspacing=0>\r\n{lines}</table></div>"
            )
    head = (
        '<meta http-equiv=Content-Type content="text/html; charset=gb2312"><style><!-- p.MsoNormal {margin:0} --></style>'
        "<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->"
    )
    return (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>' + head + "</head><body lang=ZH-CN>"
        "<div class=Section1>" + "\r\n".join(body) + "</div></body></html>"
    )


def nested(page: str) -> str:
    """An old content system: the page itself, the title and single header cells are tables within tables."""

    def cell(text: str, box: Box) -> str:
        inner = (
            f"<table width=100%><tr><td align=center>{text}</td></tr></table>" if box.kind == "head" else text
        )
        return f"<TD{spans(box)} bgColor=#ffffff>{inner}</TD>"

    def block(html: str) -> str:
        return f"<table width=100% border=0><tr><td class=zw>{html}</td></tr></table>"

    content = [block("<font size=5>清河市水利局2023年<BR>政府信息公开工作年度报告</font>")]
    for n, section in enumerate(FORM.sections):
        content.append(
            block(f"<STRONG>{section.heading}</STRONG><BR>&nbsp;&nbsp;&nbsp;&nbsp;{text_of(n)}<BR>")
        )
        if section.table:
            lines = "".join(f"<TR>{r}</TR>" for r in rows(page, FORM, section.table, cell))
            content.append(block(f"<TABLE border=1><TBODY>{lines}</TBODY></TABLE>"))
    menu = "<table><tr><td><a href=#>机构概况</a></td></tr><tr><td><a href=#>政务公开</a></td></tr></table>"
    return (
        "<HTML><HEAD><TITLE>清河市水利局2023年政府信息公开工作年度报告-清河市人民政府</TITLE></HEAD><BODY>"
        f"<table width=1000><tr><td width=200>{menu}</td><td>您当前的位置：首页 &gt; 年报<table><tr><td>{''.join(content)}"
        "</td></tr></table>【打印本页】【关闭窗口】</td></tr></table><table><tr><td>版权所有：清河市水利局</td><td>备案</td></tr></table>"
    )


def modern(page: str) -> str:
    """A responsive site: head cells as th, contents list, share buttons, scripts, footer; declares a wrong charset."""

    def cell(text: str, box: Box) -> str:
        tag = "th" if box.kind in ("title", "corner", "head") else "td"
        shown = "<br>".join((text[: len(text) // 2], text[len(text) // 2 :])) if box.kind == "head" else text
        return f'<{tag} class="c{box.columns}"{spans(box)}><p>{shown}</p></{tag}>'

    parts = []
    for n, section in enumerate(FORM.sections):
        parts.append(
            f'<h3 id="p{n}"><span>{section.heading[:2]}</span><span>{section.heading[2:]}</span></h3>'
        )
        parts.append(f"<p>　　{text_of(n)}</p>")
        if section.table:
            lines = rows(page, FORM, section.table, cell)
            parts.append(
                f'<div class="table-responsive"><table><thead><tr>{lines[0]}</tr></thead>'
                f"<tbody>{''.join(f'<tr>{line}</tr>' for line in lines[1:])}</tbody></table></div>"
            )
    listed = "".join(f'<li><a href="#p{n}">{s.heading}</a></li>' for n, s in enumerate(FORM.sections))
    return f"""<!DOCTYPE html><html lang="zh"><head><meta charset="gb2312">
<meta name="ArticleTitle" content="清河市水利局2023年政府信息公开工作年度报告"><title>年报</title>
<script>var t = "<table><tr><td>规章</td><td>99</td></tr></table>";</script></head><body onload="go()">
<header><nav><a href="/">首页</a><a href="/zw">政务公开</a></nav></header>
<div class="crumb">当前位置：首页 &gt; 政府信息公开年报</div>
<main><article><h1>清河市水利局<br>2023年政府信息公开工作年度报告</h1>
<div class="info"><span>发布日期：2024-01-20 10:00</span></div><div><span>来源：市水利局</span></div><div>字体：【大 中 小】</div>
<div class="toc"><ul>{listed}</ul></div>
{"".join(parts)}
<div>附件：清河市水利局2023年年报.docx</div><div class="share">分享到：</div></article></main>
<div>扫一扫在手机打开当前页</div><div>上一篇：关于防汛工作的通知</div>
<footer>主办：清河市水利局 网站标识码1234567890</footer></body></html>"""


def split(page: str) -> str:
    """Every table cut in several: one for each item of Article 20, the requests in three, remedies in two."""

    def cut(lines: list[str], *ends: int) -> str:
        starts = (0, *ends)
        pieces = [lines[a:b] for a, b in zip(starts, (*ends, len(lines)), strict=True)]
        return "<p>&nbsp;</p>".join(
            f"<table>{''.join(f'<tr>{r}</tr>' for r in piece)}</table>" for piece in pieces
        )

    blocks = rows(page, FORM, "disclosure", td)
    titled = [f"<p>{('第二十条第（一）项', '第二十条第（五）项', '第二十条第（六）项', '第二十条第（八）项')[n]}</p>"
              + f"<table>{''.join(f'<tr>{r}</tr>' for r in piece)}</table>"
              for n, piece in enumerate((blocks[1:4], blocks[5:7], blocks[8:11], blocks[12:]))]  # fmt: skip
    results = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
    cells = [said(page, FORM, c) for c in FORM.cells if c.table == "remedies"]
    head = "".join(f"<td>{r}</td>" for r in results)
    remedies = (
        f"<table><tr><td colspan=5>行政复议</td></tr><tr>{head}</tr><tr>{''.join(f'<td>{c}</td>' for c in cells[:5])}</tr></table>"
        "<table><tr><td colspan=10>行政诉讼</td></tr><tr><td colspan=5>未经复议直接起诉</td><td colspan=5>复议后起诉</td></tr>"
        f"<tr>{head}{head}</tr><tr>{''.join(f'<td>{c}</td>' for c in cells[5:])}</tr></table>"
    )
    tables = ["".join(titled), cut(rows(page, FORM, "requests", td), 10, 20), remedies]
    parts = [f"<h2>{heading(0)}</h2><div>{text_of(0)}</div>"]
    for n, table in enumerate(tables, 1):
        parts.append(f"<h2>{heading(n)}</h2><div>{text_of(n)}</div>{table}")
    parts += [f"<h2>{heading(n)}</h2><div>{text_of(n)}</div>" for n in (4, 5)]
    return f"<html><meta charset=utf-8><body><h1>清河市水利局2023年政府信息公开工作年度报告</h1>{''.join(parts)}</body></html>"


def spans_wrong(page: str) -> str:
    """Row spans one too long or too short, a corner one column too narrow; browsers show it askew."""

    def cell(text: str, box: Box) -> str:
        wrong = {
            "三、本年度办理结果": box._replace(rows=box.rows - 1),
            "（四）无法提供": box._replace(rows=4),
            "（五）不予处理": box._replace(rows=4),
        }.get(text, box)
        if box.kind == "corner" and box.columns == 3:
            wrong = box._replace(columns=2)
        return f"<td{spans(wrong)}>{text}</td>"

    return _plain(page, cell)


def traditional(page: str) -> str:
    """Traditional characters, quotation marks 「」, Big5."""
    text = (
        _plain(page, td).replace("“", "「").replace("”", "」").replace("制发", "製發").replace("制作", "製作")
    )
    return text.translate(TRADITIONAL)


def fullwidth(page: str) -> str:
    """Full-width digits, figures with thousands separators, units and notes, blanks, a footnote mark."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")

    def cell(text: str, box: Box) -> str:
        if box.cell and text.isdigit() and box.cell.column in ("natural", "total"):
            text = f"<p>&nbsp;{text.translate(wide)}&nbsp;</p>"
        if box.cell and str(box.cell) == "requests.carried_out.business":
            text += "<sup>①</sup>"
        return td(text, box)

    return _plain(page, cell)


def variants(page: str) -> str:
    """Labels as sites vary them, a row and a column that the form does not have."""
    text = _plain(page, td)
    for old, new in [
        ("现行有效件数", "现行有效件数(历史累计)"), ("<td>行政规范性文件", "<td>规范性文件"), ("<td>规章", "<td>规章(县级无此项)"),
        ("本年制发件数", "本年度制发数"), ("本年废止件数", "本年 废 止 件 数"), ("其他结果", "其 他 结 果"), ("<td>1.", "<td>1、"),
        ("<td>2.", "<td>2．"), ("（", "("), ("）", ")"), ("危及“三安全一稳定”", '危及"三安全一稳定"'), ("<td>总计", "<td>合计"),
        ("申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请", "申请人逾期未按收费通知要求缴纳费用"),
        ("法人或其他组织", "法人和其他组织"),
    ]:  # fmt: skip
        assert old in text, old
        text = text.replace(old, new)
    extra = "<tr><td>其他主动公开文件</td><td>901</td><td>902</td><td>903</td></tr>"
    text = text.replace(
        '<tr><td colspan="4">第二十条第(五)项', extra + '<tr><td colspan="4">第二十条第(五)项'
    )
    lines = []
    for line in text.split("<tr>"):
        if "申请人情况" in line:
            line = line.replace("</tr>", '<td rowspan="3">备注</td></tr>')
        elif "四、结转下年度" in line:
            line = line.replace("</tr>", "<td>904</td></tr>")
        elif "一、本年新收" in line:
            line = line.replace("</tr>", "<td></td></tr>")
        lines.append(line)
    return "<tr>".join(lines)


def one_table(page: str) -> str:
    """The whole report in one table, headings and text as rows of one merged cell; upper-case tags, no end tags."""

    def cell(text: str, box: Box) -> str:
        return f"<TD ROWSPAN={box.rows} COLSPAN={box.columns}>{text}"

    lines = ["<TR><TD COLSPAN=15><B>清河市水利局2023年政府信息公开工作年度报告</B>"]
    for n, section in enumerate(FORM.sections):
        lines += [f"<TR><TD COLSPAN=15>{section.heading}", f"<TR><TD COLSPAN=15>　　{text_of(n)}"]
        if section.table:
            lines += [f"<TR>{row}" for row in rows(page, FORM, section.table, cell)]
    return f"<HTML><BODY><TABLE>{''.join(lines)}</TABLE></BODY></HTML>"


def divs(page: str) -> str:
    """No tables at all: rows and cells are div elements, arranged by a style sheet."""

    def cell(text: str, box: Box) -> str:
        return f'<div class="cell w{box.columns}"><span>{text}</span></div>'

    parts = ["<div class=title>清河市水利局2023年政府信息公开工作年度报告</div>"]
    for n, section in enumerate(FORM.sections):
        parts += [f"<div class=h>{section.heading}</div>", f"<div class=t>{text_of(n)}</div>"]
        if section.table:
            parts += [f"<div class=row>{row}</div>" for row in rows(page, FORM, section.table, cell)]
    return f"<!doctype html><meta charset=utf-8><body>{''.join(parts)}</body>"


def stacked(page: str) -> str:
    """Header labels cut into two cells one above the other, labels and numbers in columns of their own."""

    def cell(text: str, box: Box) -> str:
        if box.kind == "side" and text[1:2] == "." and box.columns == 1:
            return f"<td>{text[:2]}</td><td>{text[2:]}</td>"
        if (box.kind == "corner" and box.columns == 3) or (box.kind == "side" and box.columns > 1):
            return td(text, box._replace(columns=box.columns + 1))
        return td(text, box)

    text = _plain(page, cell)
    cells = [said(page, FORM, c) for c in FORM.cells if c.table == "remedies"]
    words = ("结果维持", "结果纠正", "其他结果", "尚未审结", "总计")
    upper = "".join(f"<td>{w[:2]}</td>" for w in words)
    lower = "".join(f"<td>{w[2:]}</td>" for w in words)
    table = (
        "<table><tr><td colspan=5 rowspan=2>行政复议</td><td colspan=10>行政诉讼</td></tr>"
        "<tr><td colspan=5>未经复议直接起诉</td><td colspan=5>复议后起诉</td></tr>"
        f"<tr>{upper * 3}</tr><tr>{lower * 3}</tr><tr>{''.join(f'<td>{c}</td>' for c in cells)}</tr></table>"
    )
    start = text.index("<table>", text.index(heading(3)))
    return text[:start] + table + text[text.index("</table>", start) + 8 :]


def old(page: str) -> str:
    """A report on 2020 in the form of 2019."""
    return _plain(page, td, OLD, 2020)


def _plain(page: str, cell: CellWriter, form: Form = FORM, year: int = YEAR) -> str:
    parts = [f"<h1>{AGENCY}{year}年政府信息公开工作年度报告</h1>"]
    for n, section in enumerate(form.sections):
        parts += [f"<p><strong>{section.heading}</strong></p>", f"<p>{text_of(n)}</p>"]
        if section.table:
            parts.append(
                f"<table>{''.join(f'<tr>{r}</tr>' for r in rows(page, form, section.table, cell))}</table>"
            )
    return "<html><head><meta charset='utf-8'></head><body>" + "\n".join(parts) + "</body></html>"


WRITERS: Mapping[str, tuple[Callable[[str], str], str]] = {
    "mso": (mso, "gb18030"),
    "nested": (nested, "utf-8"),
    "modern": (modern, "utf-8"),
    "split": (split, "utf-8"),
    "spans": (spans_wrong, "utf-8"),
    "traditional": (traditional, "big5hkscs"),
    "fullwidth": (fullwidth, "gb18030"),
    "variants": (variants, "utf-8"),
    "one-table": (one_table, "gb18030"),
    "divs": (divs, "utf-8"),
    "stacked": (stacked, "utf-8"),
    "old": (old, "utf-8"),
}


def written(page: str) -> bytes:
    """The bytes of a page as they are kept in ``tests/cases/pages``."""
    write, charset = WRITERS[page]
    return write(page).encode(charset)


if __name__ == "__main__":
    PAGES.mkdir(parents=True, exist_ok=True)
    for name in WRITERS:
        (PAGES / f"{name}.html").write_bytes(written(name))
