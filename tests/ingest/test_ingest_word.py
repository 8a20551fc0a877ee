"""Word files: paragraphs and tables in order, merged cells as merged, deletions and footnote marks left out."""

import io
import zipfile
from pathlib import Path

import pytest

from nianbao.core import form as forms
from nianbao.core.files import Unreadable
from nianbao.core.form import Form
from nianbao.core.report import to_json
from nianbao.ingest.ingest import ingest
from support.documents import as_word
from support.pages import counted, random_report, report

FORM = forms.load("cn-2021")
SIX = {s.key: (f"{s.heading[2:]}的文字。", "（一）第二段。") for s in FORM.sections}


def _changed(data: bytes, old: str, new: str) -> bytes:
    """The same file with one piece of its document's XML replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            part = source.read(name)
            if name == "word/document.xml":
                assert old in part.decode()
                part = part.decode().replace(old, new, 1).encode()
            target.writestr(name, part)
    return out.getvalue()


@pytest.mark.many
@pytest.mark.parametrize("form", [*map(forms.load, forms.keys())], ids=lambda f: f.key)
def test_a_document_is_read_back_as_it_was(form: Form) -> None:
    text = {s.key: SIX[s.key] for s in form.sections}
    told = report(form, counted(form), text, ("根据条例编制本报告。",), year=form.years[0])
    got = ingest(as_word(told), name="年报.docx")
    assert to_json(got.report) == to_json(told)
    assert got.doubts == ()


@pytest.mark.many
@pytest.mark.parametrize("seed", range(5))
def test_random_documents_are_read_back_as_they_were(seed: int) -> None:
    told = random_report(seed)
    assert to_json(ingest(as_word(told), name="年报.docx").report) == to_json(told)


def test_struck_out_figures_and_footnote_marks_do_not_count() -> None:
    data = as_word(report(FORM, counted(FORM)))
    struck = _changed(
        data, "<w:t>17</w:t></w:r>", "<w:rPr><w:strike/></w:rPr><w:t>9</w:t></w:r><w:r><w:t>17</w:t></w:r>"
    )
    raised = '<w:t>18</w:t></w:r><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>1</w:t></w:r>'
    got = ingest(_changed(struck, "<w:t>18</w:t></w:r>", raised), name="年报.docx")
    assert got.report.figures[FORM.cells[16]] == 17
    assert got.report.raw == {FORM.cells[17]: "18[1]"}


def test_automatic_numbers_are_asked_about() -> None:
    numbered = (
        "<w:p><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:t>总体情况</w:t></w:r></w:p><w:p>"
    )
    data = _changed(as_word(report(FORM, counted(FORM))), "<w:p>", numbered)
    assert "文中有 1 段用了自动编号，编号没有读入，请核对段首的序号" in ingest(data, name="年报.docx").doubts


def test_a_table_that_only_arranges_the_page_is_looked_into() -> None:
    import docx

    told = report(FORM, counted(FORM), SIX)
    document = docx.Document()
    frame = document.add_table(1, 1)
    inner = docx.Document(io.BytesIO(as_word(told)))
    for child in list(inner.element.body):
        if not child.tag.endswith("sectPr"):
            frame.rows[0].cells[0]._tc.append(child)
    file = io.BytesIO()
    document.save(file)
    assert to_json(ingest(file.getvalue(), name="年报.docx").report) == to_json(told)


def _refusal(data: bytes) -> str:
    with pytest.raises(Unreadable) as refused:
        ingest(data, name="年报.docx")
    return str(refused.value)


@pytest.mark.long
def test_a_document_that_declares_entities_is_refused() -> None:
    data = as_word(report(FORM, counted(FORM)))
    bomb = "<!DOCTYPE w [<!ENTITY a 'ha'>" + "".join(
        f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert _refusal(_changed(data, "<w:document", bomb + "]><w:document")) == (
        "年报.docx：文件带有实体声明，不是 Office 软件写的；请用 Word 或 WPS 打开后另存一份再导入。"
    )


def test_a_document_nested_too_deep_is_refused() -> None:
    data = _changed(
        as_word(report(FORM, counted(FORM))), "<w:p>", "<w:sdt>" * 5000 + "</w:sdt>" * 5000 + "<w:p>"
    )
    assert "嵌套过深" in _refusal(data)


@pytest.mark.long
def test_a_document_that_inflates_without_end_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("word/document.xml", b" " * (65 * 1_048_576))
    assert "解压后超过 64 MB" in _refusal(out.getvalue())


def test_damaged_encrypted_and_old_files_are_refused_in_one_sentence() -> None:
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 500
    assert "文件已损坏" in _refusal(as_word(report(FORM, counted(FORM)))[:3000])
    assert "文件加了密码" in _refusal(ole + "EncryptedPackage".encode("utf-16-le"))
    assert "是旧版 Office 文件" in _refusal(ole)


def test_other_files_are_refused_in_one_sentence(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        target.writestr("a.txt", "x")
    assert "是压缩文件" in _refusal(out.getvalue())
    assert "是图片" in _refusal(b"\x89PNG\r\n\x1a\n")
    assert "文件是空的" in _refusal(b" \n")
    with pytest.raises(Unreadable, match="没有这个文件"):
        ingest(tmp_path / "没有.docx", name="没有.docx")
