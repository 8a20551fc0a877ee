"""Word files with tracked changes, comments, boxes, controls and fields: what a reader sees once all is accepted."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest

from nianbao.core import form as forms
from nianbao.ingest.ingest import Ingested, ingest
from support.documents import as_word
from support.make_pages import text_of
from support.pages import counted, report

FORM = forms.load("cn-2021")
TEXT = {s.key: (text_of(n), "第二段，共3件。") for n, s in enumerate(FORM.sections)}
REPORT = report(
    FORM, counted(FORM, start=1000), TEXT, ("根据《中华人民共和国政府信息公开条例》编制本报告。",)
)
FIRST = text_of(0)
BY = 'w:id="1" w:author="a" w:date="2024-01-01T00:00:00Z"'
ROW, CELL = "<w:tr>(?:(?!</w:tr>).)*?{}.*?</w:tr>", "<w:tc>(?:(?!</w:tc>).)*?{}.*?</w:tc>"
PARAGRAPH = "<w:p>(?:(?!</w:p>).)*?{}.*?</w:p>"


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def inserted(text: str) -> str:
    return f"<w:ins {BY}>{run(text)}</w:ins>"


def deleted(text: str) -> str:
    return f"<w:del {BY}><w:r><w:delText>{text}</w:delText></w:r></w:del>"


def marked(what: str, content: str) -> str:
    """A paragraph whose end was inserted, deleted or moved."""
    return f"<w:p><w:pPr><w:rPr><w:{what} {BY}/></w:rPr></w:pPr>{content}</w:p>"


def field(instruction: str, shown: str) -> str:
    begin, separate, end = (
        f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")
    )
    return f"{begin}<w:r><w:instrText>{instruction}</w:instrText></w:r>{separate}{shown}{end}"


def box(content: str) -> str:
    """A text box as Word writes it, with the older form of the same."""
    text = f"<w:txbxContent>{content}</w:txbxContent>"
    mc = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    wps = 'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    return (
        f'<w:r><mc:AlternateContent {mc}><mc:Choice Requires="wps"><w:drawing><wps:txbx {wps}>{text}</wps:txbx></w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict>{text}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def control(content: str, properties: str = "") -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def read(change: Callable[[str], str]) -> Ingested:
    """The report as a Word document, changed, and read."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_word(REPORT))) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/document.xml":
                data = (text := change(data.decode())).encode()
                assert text != old.read(name).decode()
            new.writestr(name, data)
    return ingest(file.getvalue(), name="年报.docx")


def at(pattern: str, text: str, change: Callable[[str], str]) -> Callable[[str], str]:
    """A change of the first row, cell or paragraph that holds a text."""
    found = re.compile(pattern.format(re.escape(text)), re.DOTALL)
    return lambda document: found.sub(lambda m: change(m[0]), document, count=1)


def instead(new: str, old: str = "1010") -> Callable[[str], str]:
    return lambda document: document.replace(run(old), new, 1)


def whole_row(mark: str) -> Callable[[str], str]:
    """A row of other figures, whose deletion is marked, before the row as it is now."""
    return lambda row: row.replace("<w:trPr>", f"<w:trPr>{mark}").replace(">10", ">77") + row


CHANGES = {
    "a figure": instead(deleted("999") + inserted("1010")),
    "a digit": instead(run("10") + inserted("10") + deleted("5")),
    "a change changed": instead(f"<w:ins {BY}>{deleted('888')}{run('1010')}</w:ins>"),
    "formatting": instead(
        f"<w:r><w:rPr><w:b/><w:rPrChange {BY}><w:rPr><w:strike/></w:rPr></w:rPrChange></w:rPr><w:t>1010</w:t></w:r>"
    ),
    "a row deleted": at(ROW, "1010", whole_row(f"<w:del {BY}/>")),
    "a row inserted": at(ROW, "1010", lambda row: row.replace("<w:trPr>", f"<w:trPr><w:ins {BY}/>")),
    "a cell deleted": at(
        CELL, "1010", lambda c: c.replace("<w:tcPr>", f"<w:tcPr><w:cellDel {BY}/>").replace("1010", "7") + c
    ),
    "a paragraph deleted": at(PARAGRAPH, FIRST, lambda p: marked("del", deleted("　　废段。")) + p),
    "a paragraph inserted": at(PARAGRAPH, FIRST, lambda p: marked("ins", inserted("　　" + FIRST))),
    "two paragraphs joined": at(
        PARAGRAPH, FIRST, lambda p: marked("del", run("　　" + FIRST[:9])) + f"<w:p>{run(FIRST[9:])}</w:p>"
    ),
    "a paragraph moved away": at(
        PARAGRAPH, FORM.sections[4].heading,
        lambda p: marked("moveFrom", f"<w:moveFrom {BY}>{run('　　' + FIRST)}</w:moveFrom>") + p,
    ),
    "a paragraph moved here": at(
        PARAGRAPH, FIRST, lambda p: marked("moveTo", f"<w:moveTo {BY}>{run('　　' + FIRST)}</w:moveTo>")
    ),
    "a comment": instead(
        f'<w:commentRangeStart w:id="0"/>{run("1010")}<w:commentRangeEnd w:id="0"/>'
        '<w:r><w:commentReference w:id="0"/></w:r>'
    ),
    "a footnote": instead(
        run("1010") + '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="2"/></w:r>'
    ),
    "a control in a cell": instead(control(run("1010"))),
    "a control around a cell": at(CELL, "1010", control),
    "a control around a paragraph": at(PARAGRAPH, FIRST, control),
    "a control left unfilled": at(
        PARAGRAPH, FIRST,
        lambda p: p + control(f"<w:p>{run('单击此处输入文字。')}</w:p>", "<w:showingPlcHdr/>"),
    ),
    "a paragraph in a box": at(PARAGRAPH, FIRST, lambda p: f"<w:p>{box(p)}</w:p>"),
    "a figure in a box": instead(box(f"<w:p>{run('1010')}</w:p>")),
    "a table in a cell": instead(
        f"</w:p><w:tbl><w:tr><w:tc><w:p>{run('1010')}</w:p></w:tc></w:tr></w:tbl><w:p>"
    ),
    "a calculated figure": instead(field("=SUM(LEFT)", run("1010"))),
    "a simple field": instead(f'<w:fldSimple w:instr="=1">{run("1010")}</w:fldSimple>'),
    "a sign by its number": instead(run("101") + '<w:r><w:sym w:font="Symbol" w:char="F030"/></w:r>'),
}  # fmt: skip


@pytest.mark.many
@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_read_as_accepted(change: str) -> None:
    got = read(CHANGES[change])
    assert got.report.figures == REPORT.figures
    assert not got.report.raw
    assert (got.report.preamble, dict(got.report.narrative)) == (REPORT.preamble, TEXT)
    assert (got.report.agency, got.report.year) == (REPORT.agency, REPORT.year)


def test_the_text_of_a_box_stands_behind_its_paragraph() -> None:
    hung = box(f"<w:p>{run('注：框内的话。')}</w:p><w:p>{run('第二行。')}</w:p>")
    got = read(at(PARAGRAPH, FIRST, lambda p: p.replace("</w:p>", hung + "</w:p>")))
    assert got.report.narrative["overview"] == (FIRST, "注：框内的话。", "第二行。", "第二段，共3件。")


@pytest.mark.many
@pytest.mark.parametrize("sign", ['w:font="Wingdings" w:char="F031"', 'w:char="zz"', 'w:char="D800"'])
def test_a_sign_of_pictures_is_no_digit(sign: str) -> None:
    got = read(instead(run("101") + f"<w:r><w:sym {sign}/></w:r>"))
    assert list(got.report.raw.values()) == ["101□"]
