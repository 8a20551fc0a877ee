"""Files made to harm: read harmlessly, or refused in bounded time and memory with one sentence."""

import io
import zipfile
import zlib
from collections.abc import Callable
from itertools import pairwise

import pytest

from nianbao.core import form as forms
from nianbao.core.files import Unreadable
from nianbao.ingest.ingest import ingest, read_apart
from support.pages import as_html, counted, report

FORM = forms.load("cn-2021")
PAGE = as_html(report(FORM, counted(FORM), {"overview": ("文字一段。",)}))


def _refusal(data: bytes, name: str = "年报.html") -> str:
    with pytest.raises(Unreadable) as refused:
        ingest(data, name=name)
    told = str(refused.value)
    assert told.startswith(name + "：") and told.endswith("。") and "\n" not in told
    return told


def test_scripts_and_event_handlers_leave_no_trace() -> None:
    page = PAGE.replace(
        "文字一段。",
        '<img src=x onerror="steal()">文字<script>document.write("假的")</script>一段。'
        "<a href='javascript:alert(1)' onclick='x()'></a><style>p{}</style><iframe src=http://x></iframe>",
    ).replace("<td", '<td onmouseover="x()"')
    got = ingest(page.encode(), name="年报.html")
    assert got.report.narrative["overview"] == ("文字一段。",)
    assert got.report.figures == counted(FORM)
    assert got.doubts == ()


def test_mark_up_that_is_written_as_text_stays_text() -> None:
    page = PAGE.replace("文字一段。", "写作 &lt;script&gt;alert(1)&lt;/script&gt; 的一段。")
    got = ingest(page.encode(), name="年报.html")
    assert got.report.narrative["overview"] == ("写作 <script>alert(1)</script> 的一段。",)


def test_hidden_figures_do_not_count() -> None:
    page = PAGE.replace(">17</td>", '>17<span style="display: none">99</span><del>5</del></td>')
    assert ingest(page.encode(), name="年报.html").report.figures == counted(FORM)


def test_entities_are_not_expanded() -> None:
    names = "abcdefghij"
    bomb = "<!ENTITY a 'ha'>" + "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in pairwise(names))
    page = f"<?xml version='1.0'?><!DOCTYPE html [{bomb}<!ENTITY f SYSTEM 'file:///etc/passwd'>]>" + PAGE
    got = ingest(page.replace("文字一段。", "文字&j;&f;一段。").encode(), name="年报.html")
    assert len(got.report.narrative["overview"][0]) < 30
    assert got.report.figures == counted(FORM)


@pytest.mark.long
@pytest.mark.parametrize(
    ("data", "told"),
    [
        (lambda: b"<p>" + b"x" * 100_000_000, "文件超过 64 MB"),
        (lambda: b"<p>" + b"x" * 21_000_000, "网页或文本超过 20 MB"),
        (lambda: b"<div>" * 100_000 + b"x", "网页嵌套过深"),
        (lambda: b"<p></p>" * 600_000, "网页标记太多"),
        (lambda: "<p>其他</p>".encode() * 30_000, "内容太多"),
        (lambda: "其他\n".encode() * 30_000, "内容太多"),
        (lambda: b"<table>" + b"<tr><td>1<td>2" * 9_000 + b"</table>", "没有找到"),
        (lambda: (b"<table>" + b"<tr><td>1<td>2" * 900 + b"</table>") * 60, "内容太多"),
    ],
    ids=["100MB", "21MB", "deep", "tags", "paragraphs", "lines", "rows", "tables"],
)
def test_pages_beyond_all_bounds_are_refused(data: Callable[[], bytes], told: str) -> None:
    assert told in _refusal(data())


def test_spans_beyond_all_bounds_do_no_harm() -> None:
    wide = (
        "<table><tr><td rowspan=9999 colspan=9999>其他</td></tr>"
        + "<tr><td>1</td><td>2</td></tr>" * 500
        + "</table>"
    )
    got = ingest(PAGE.replace("<h2>", wide + "<h2>", 1).encode(), name="年报.html")
    assert got.report.figures == counted(FORM)
    assert got.doubts == ("有一个表格过大，不是年度报告的表格，没有读入",)


@pytest.mark.long
def test_as_much_text_as_is_allowed_is_read_in_time() -> None:
    page = PAGE.replace(
        "</body>", "<div>其他</div><div>本年新收政府信息公开申请数量</div>" * 9_000 + "</body>"
    )
    assert ingest(page.encode(), name="年报.html").report.figures == counted(FORM)


def _pdf(pages: int, content: bytes = b"", *, packed: bool = False, extra: bytes = b"") -> bytes:
    """A small PDF whose pages all show the same content."""
    kids = b" ".join(b"%d 0 R" % (n + 4) for n in range(pages))
    pack = b"/Filter /FlateDecode " if packed else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, kids),
        b"<< %s/Length %d >>\nstream\n%s\nendstream" % (pack, len(content), content),
        *[b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R >>"] * pages,
    ]
    out, places = io.BytesIO(b"%PDF-1.4\n"), []
    out.seek(0, 2)
    for n, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (n, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(
        b"trailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, extra, start)
    )
    return out.getvalue()


def test_a_pdf_of_ten_thousand_pages_is_refused() -> None:
    assert "PDF 超过 300 页" in _refusal(_pdf(10_000), "年报.pdf")


def test_a_scanned_pdf_is_refused() -> None:
    assert "扫描件没有文字" in _refusal(_pdf(2), "年报.pdf")


def test_an_encrypted_pdf_is_refused() -> None:
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O (%s) /U (%s) /P -44 >> /ID [(a) (a)] " % (
        b"o" * 32,
        b"u" * 32,
    )
    assert "PDF 加了密码" in _refusal(_pdf(1, extra=lock), "年报.pdf")


def test_a_damaged_pdf_is_refused() -> None:
    assert "PDF 已损坏" in _refusal(b"%PDF-1.4\n" + b"1 0 obj << /Type" * 100, "年报.pdf")


@pytest.mark.long
def test_a_pdf_that_inflates_without_end_is_stopped() -> None:
    packer = zlib.compressobj(1)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(500)) + packer.flush()
    with pytest.raises(Unreadable, match="已损坏，或内容过大"):
        read_apart(_pdf(1, bomb, packed=True), "年报.pdf", memory=600_000_000)


def test_a_pdf_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(Unreadable, match="没有读完"):
        read_apart(_pdf(250), "年报.pdf", seconds=0.05)


def test_a_zip_of_many_parts_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for n in range(2_000):
            target.writestr(f"word/{n}.xml", "x")
    assert "是压缩文件" in _refusal(out.getvalue(), "年报.docx")


@pytest.mark.long
def test_a_tag_of_more_attributes_than_can_be_compared_is_refused() -> None:
    crowd = " ".join(f"a{n}=1" for n in range(300_000))
    assert "网页标记太多" in _refusal(f"<p {crowd}>{PAGE}".encode())
    names = " ".join(f'a{n}="x y"' for n in range(300_000))
    assert "网页标记太多" in _refusal(f"{PAGE}<p {names}>".encode())


@pytest.mark.long
def test_a_long_picture_written_into_the_page_does_no_harm() -> None:
    picture = f'<img src="data:image/png;base64,{"QUJD" * 500_000}" alt="图 一 二">'
    got = ingest(PAGE.replace("文字一段。", f"文字{picture}一段。").encode(), name="年报.html")
    assert got.report.narrative["overview"] == ("文字一段。",)
    assert got.report.figures == counted(FORM)
    assert got.doubts == ()


@pytest.mark.long
def test_what_is_read_in_a_process_of_its_own_comes_back_whole() -> None:
    page = PAGE.replace(">17</td>", ">1,234.5</td>").replace(">18</td>", ">3件</td>")
    small = ingest(page.encode(), name="年报.html")
    large = ingest((page + f"<!--{'x' * 2_000_000}-->").encode(), name="年报.html")
    assert large == small


@pytest.mark.long
@pytest.mark.parametrize(
    "text",
    ["其他\n" * 2_500_000, "其他\n\n\n" * 2_000_000, "\n" * 16_000_000 + "年报"],
    ids=["lines", "spaced", "blank"],
)
def test_millions_of_short_lines_are_refused(text: str) -> None:
    assert "内容太多" in _refusal(text.encode(), "年报.txt")


@pytest.mark.long
def test_a_small_word_file_of_half_a_million_paragraphs_is_refused() -> None:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    paragraphs = "<w:p><w:r><w:t>其他</w:t></w:r></w:p>" * 480_000
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        body = f'<w:document xmlns:w="{space}"><w:body>{paragraphs}</w:body></w:document>'
        target.writestr("word/document.xml", body)
    assert len(out.getvalue()) < 100_000
    assert "内容太多" in _refusal(out.getvalue(), "年报.docx")
