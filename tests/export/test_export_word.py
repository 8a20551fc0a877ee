"""The Word document: the form's template filled in, the look of an official document, drafts, restyled templates."""

import re
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.table import Table as WordTable
from word_template import TEXT_WIDTH, TWIPS, build

from nianbao.core.files import Unreadable, shipped
from nianbao.core.form import Form, keys, load
from nianbao.core.grid import Cell
from nianbao.core.report import Report, with_figures
from nianbao.export.seal import published_fingerprint
from nianbao.export.word import template_name, with_fonts
from support.ooxml import Judge
from support.published import export, own_template, write_word
from support.samples import abroad, county, hostile

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def written(report: Report, folder: Path, **options: Any) -> Path:
    (path,) = export(report, ["docx"], folder, **options)
    return path


def printed(table: WordTable) -> list[list[tuple[str, int, int]]]:
    """The boxes that begin in each row of a Word table: text, rows, columns."""
    rows = []
    for r, row in enumerate(table._tbl.tr_lst):
        boxes, column = [], 0
        for cell in row.tc_lst:
            if cell.vMerge != "continue":
                below = 1
                while r + below < len(table._tbl.tr_lst) and _continued(table, r + below, column):
                    below += 1
                boxes.append(
                    (
                        "".join(t.text or "" for t in cell.iter(f"{W}t")),
                        below if cell.vMerge else 1,
                        cell.grid_span,
                    )
                )
            column += cell.grid_span
        rows.append(boxes)
    return rows


def _continued(table: WordTable, row: int, column: int) -> bool:
    at = 0
    for cell in table._tbl.tr_lst[row].tc_lst:
        if at == column:
            return cell.vMerge == "continue"
        at += cell.grid_span
    return False


def report_on(form: Form) -> Report:
    return Report(form, "某局", form.years[0], dict.fromkeys(form.cells, 0))


@pytest.mark.many
@pytest.mark.parametrize("key", keys())
def test_tables_have_the_spans_and_figures_of_the_printed_form(key: str, tmp_path: Path) -> None:
    report = report_on(load(key))
    document = docx.Document(str(written(report, tmp_path)))
    for table, word in zip(report.form.tables.values(), document.tables, strict=True):
        expected = [
            [(b.text if b.is_label else "0", b.rows, b.columns) for b in row] for row in table.grid.rows()
        ]
        assert printed(word) == expected


@pytest.mark.long
def test_figures_stand_as_they_stood(tmp_path: Path) -> None:
    report = with_figures(county(), {Cell("requests", "received", "legal"): "3件<b>"})
    texts = [
        cell for row in printed(docx.Document(str(written(report, tmp_path))).tables[1]) for cell, _, _ in row
    ]
    assert "3件<b>" in texts
    first = [
        cell for row in printed(docx.Document(str(written(report, tmp_path))).tables[0]) for cell, _, _ in row
    ]
    assert "8988.0625" in first
    assert first.count("") == 3


def test_the_page_is_that_of_an_official_document(tmp_path: Path) -> None:
    document = docx.Document(str(written(county(), tmp_path)))
    section = document.sections[0]
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(margin.mm) for margin in margins] == [37, 35, 28, 26]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    title, first = document.styles["Title"], document.styles["Normal"]
    assert (title.font.size.pt, first.font.size.pt) == (22, 16)
    assert 28 <= first.paragraph_format.line_spacing.pt <= 29
    assert first.element.rPr.rFonts.get(f"{W}eastAsia") == "仿宋_GB2312"
    assert document.styles["Heading 1"].element.rPr.rFonts.get(f"{W}eastAsia") == "黑体"
    assert " PAGE " in section.footer._element.xml
    assert "—" in section.even_page_footer.paragraphs[0].text


def test_fonts_are_named_with_those_that_may_stand_in(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(county(), tmp_path)) as package:
        fonts = package.read("word/fontTable.xml").decode()
    assert 'w:name="方正小标宋简体"><w:altName w:val="华文中宋' in fonts
    assert 'w:name="仿宋_GB2312"><w:altName w:val="仿宋' in fonts


def test_headings_are_real_and_texts_follow_them(tmp_path: Path) -> None:
    paragraphs = docx.Document(str(written(county(), tmp_path))).paragraphs
    assert paragraphs[0].style.name == "Title"
    assert paragraphs[0].text == "青山县水利局\n2024年政府信息公开工作年度报告"
    headings = [p.text for p in paragraphs if p.style.name == "Heading 1"]
    assert headings == [section.heading for section in county().form.sections]
    texts = [p.text for p in paragraphs]
    assert "（一）主动公开。全年发布信息86条，其中水旱灾害防御信息31条。" in texts
    assert {"存在的问题：", "一是解读形式单一；二是更新不够及时。下一步将逐项改进。"} <= {*texts}
    assert not any("{" in text for text in texts)


def test_header_rows_repeat_no_row_is_split_and_tables_fit_the_text(tmp_path: Path) -> None:
    document = docx.Document(str(written(county(), tmp_path)))
    for table, repeated in zip(document.tables, (0, 3, 3), strict=True):
        rows = table._tbl.tr_lst
        assert sum(row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows) == repeated
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows)
        assert sum(column.w.twips for column in table._tbl.tblGrid.gridCol_lst) == round(TEXT_WIDTH * TWIPS)


@pytest.mark.long
def test_a_draft_is_marked_across_every_page(tmp_path: Path) -> None:
    section = docx.Document(str(written(county(), tmp_path, draft=True))).sections[0]
    for header in (section.header, section.even_page_header):
        assert "不得对外公开" in header.paragraphs[0].text
        assert 'string="草稿"' in header._element.xml
    assert docx.Document(str(written(county(), tmp_path))).sections[0].header.is_linked_to_previous


def test_the_fingerprint_stands_in_the_properties_and_not_on_the_page(tmp_path: Path) -> None:
    path = written(county(), tmp_path)
    assert published_fingerprint(path) == county().fingerprint()
    section = docx.Document(str(path)).sections[0]
    for footer in (section.footer, section.even_page_footer):
        assert re.fullmatch("— 1? ?—", footer.paragraphs[-1].text.replace("  ", " "))
    with zipfile.ZipFile(path) as package:
        shown = [name for name in package.namelist() if name.startswith("word/")]
        assert not any(county().fingerprint().encode() in package.read(name) for name in shown)


@pytest.mark.long
def test_a_document_saved_by_another_program_is_not_overwritten(tmp_path: Path) -> None:
    path = written(county(), tmp_path)
    assert written(county(), tmp_path) == path
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    saved = re.sub(
        b"<Application>nianbao [0-9a-f]+<", b"<Application>Microsoft Office Word<", parts["docProps/app.xml"]
    )
    with zipfile.ZipFile(path, "w") as package:
        for name, data in (parts | {"docProps/app.xml": saved}).items():
            package.writestr(name, data)
    assert written(county(), tmp_path).stem == path.stem + "(2)"
    assert published_fingerprint(path) == county().fingerprint()


def test_a_paragraph_added_by_an_editor_that_keeps_our_name_is_not_lost(tmp_path: Path) -> None:
    path = written(county(), tmp_path)
    edited = docx.Document(str(path))
    edited.add_paragraph("附：联系人王某某。")
    edited.save(str(path))
    assert written(county(), tmp_path).stem == path.stem + "(2)"
    assert docx.Document(str(path)).paragraphs[-1].text == "附：联系人王某某。"


def test_a_group_is_broken_after_its_ordinal_and_nowhere_else(tmp_path: Path) -> None:
    table = docx.Document(str(written(county(), tmp_path))).tables[1]
    said = {cell.text for row in table.rows for cell in row.cells if "不予公开" in cell.text}
    assert said == {"（三）\n不予公开"}


def test_what_was_typed_is_neither_markup_nor_template(tmp_path: Path, complaints: Judge) -> None:
    path = written(hostile(), tmp_path, draft=True)
    texts = [p.text for p in docx.Document(str(path)).paragraphs]
    assert '<script>alert(1)</script><img src=x onerror="alert(2)">{{ 7 * 7 }}{% raw %}]]>&amp;' in texts
    assert complaints(path) == []


def test_microsofts_validator_has_no_complaint(tmp_path: Path, complaints: Judge) -> None:
    """Of either version of Office, which between them see a report, a draft and a document of a template of one's own."""
    own = own_template(abroad().form, tmp_path)
    assert complaints(written(county(), tmp_path), "Office2010") == []
    assert complaints(written(county(), tmp_path, draft=True), "Microsoft365") == []
    assert complaints(written(abroad(), tmp_path, word_template=own), "Office2010") == []


@pytest.mark.long
@pytest.mark.parametrize("key", keys())
def test_the_shipped_template_is_what_the_form_builds(key: str, tmp_path: Path) -> None:
    build(load(key)).save(str(tmp_path / "built.docx"))
    with (
        zipfile.ZipFile(tmp_path / "built.docx") as built,
        zipfile.ZipFile(shipped(f"templates/{template_name(load(key))}")) as kept,
    ):
        assert built.namelist() == kept.namelist()
        for name in built.namelist():
            assert built.read(name) == kept.read(name), f"{name}: make templates"


def test_a_template_that_staff_restyled_is_used(tmp_path: Path) -> None:
    own = docx.Document(str(shipped("templates/report.docx")))
    own.paragraphs[0].insert_paragraph_before("{{ agency }}文件")
    own.save(str(tmp_path / "own.docx"))
    (path,) = export(county(), ["docx"], tmp_path, word_template=tmp_path / "own.docx")
    assert docx.Document(str(path)).paragraphs[0].text == "青山县水利局文件"


def test_a_broken_template_is_told_in_one_sentence(tmp_path: Path) -> None:
    own = docx.Document(str(shipped("templates/report.docx")))
    own.paragraphs[0].text = "{{ titel }}"
    own.save(str(tmp_path / "own.docx"))
    with pytest.raises(Unreadable, match="模板中的标记有误"):
        write_word(county(), tmp_path / "x.docx", template=tmp_path / "own.docx")
    (tmp_path / "own.docx").write_text("no template")
    with pytest.raises(Unreadable, match=r"不是 Word（\.docx）模板"):
        write_word(county(), tmp_path / "x.docx", template=tmp_path / "own.docx")


def test_a_template_cannot_reach_beyond_the_report(tmp_path: Path) -> None:
    own = docx.Document(str(shipped("templates/report.docx")))
    own.paragraphs[0].text = "{{ title.__class__.__mro__ }}"
    own.save(str(tmp_path / "own.docx"))
    with pytest.raises(Unreadable, match="模板中的标记有误"):
        write_word(county(), tmp_path / "x.docx", template=tmp_path / "own.docx")


def test_a_form_without_a_template_is_told_and_takes_one_made_for_it(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"没有自带的 Word 模板；请用 --word-template"):
        written(abroad(), tmp_path)
    own = own_template(abroad().form, tmp_path)
    document = docx.Document(str(written(abroad(), tmp_path, word_template=own)))
    assert document.paragraphs[0].text == "Tax Office: \nFreedom of Information Report 2024".replace(
        ": \n", "\n: "
    )
    assert printed(document.tables[0])[1] == [
        ("Outcome", 2, 1),
        ("Granted", 1, 1),
        ("3", 1, 1),
        ("4", 1, 1),
        ("7", 1, 1),
    ]


def test_for_libreoffice_a_missing_font_gives_way_to_an_installed_stand_in(tmp_path: Path) -> None:
    package = written(county(), tmp_path).read_bytes()
    (tmp_path / "print.docx").write_bytes(with_fonts(package, {"Noto Serif CJK SC", "黑体"}))
    with zipfile.ZipFile(tmp_path / "print.docx") as changed:
        fonts = set(re.findall('w:eastAsia="([^"]*)"', changed.read("word/styles.xml").decode()))
    assert fonts == {"Noto Serif CJK SC", "黑体", "zh-CN"}
