"""What goes back to the units is short enough to be read: one page a letter, one sentence a unit in the notice."""

import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from docx import Document

from nianbao.consolidate.journal import MOST
from nianbao.consolidate.result import BEYOND, MISSING, NOBODY, NODE, SENT_BACK, SUBMITTED
from nianbao.core.files import Unreadable
from nianbao.core.form import load
from nianbao.core.grid import Cell
from nianbao.core.report import Report, with_figures
from nianbao.workbook.writer import blank
from support.build import FORM
from support.units import LICENSING, YEAR, put, run, save, unit, units, word_lines

RECEIVED = Cell("requests", "received", "natural")


def letter(tmp_path: Path, report: Report, *, suffix: str = ".xlsx") -> list[str]:
    """The cells of the table and the paragraphs of the letter to the unit of a faulty report, beside a good one."""
    put(tmp_path / "in", unit(1))
    put(tmp_path / "in", report, suffix=suffix)
    run(tmp_path / "in", tmp_path / "汇总.xlsx", returns=tmp_path / "退回", year=YEAR)
    (page,) = (tmp_path / "退回").rglob("*.退回意见.docx")
    return word_lines(page)


def slipped(number: int) -> Report:
    """A report with one slip, which many corrections of inputs would mend, as the template's totals follow."""
    report = unit(number)
    more = {RECEIVED: (report.figures[RECEIVED] or 0) + 9}
    total = Cell("requests", "received", "total")
    return with_figures(report, more | {total: (report.figures[total] or 0) + 9})


@pytest.mark.long
def test_the_letter_on_one_slip_names_a_handful_of_corrections_once(tmp_path: Path) -> None:
    said = letter(tmp_path, slipped(2))
    assert sum("改为" in text for text in said) == 1
    (listed,) = (text for text in said if "改为" in text)
    assert 1 <= listed.count("改为") <= 3
    assert len("".join(said)) < 700


@pytest.mark.long
def test_the_letter_on_an_empty_template_counts_the_blanks_in_one_line(tmp_path: Path) -> None:
    said = letter(tmp_path, blank(FORM, YEAR, "空白单位"))
    assert "是没有填完的模板，请填写完整" in said[2] and "个强制性问题" not in "".join(said)
    (line,) = (text for text in said if "个格没有填写" in text)
    assert re.match(r"有 1\d\d 个格没有填写：二、主动公开 C8、D8", line)
    assert len("".join(said)) < 1_000


@pytest.mark.long
def test_errors_come_before_what_is_to_be_verified(tmp_path: Path) -> None:
    said = letter(tmp_path, with_figures(unit(3), {Cell("remedies", "reconsideration", "total"): "若干"}))
    kinds = [text for text in said if text in ("强制性", "核实性")]
    assert kinds == sorted(kinds, key=["强制性", "核实性"].index) and set(kinds) == {"强制性", "核实性"}


@pytest.mark.long
def test_a_report_in_the_wrong_form_is_told_the_right_form_and_nothing_else(tmp_path: Path) -> None:
    said = letter(tmp_path, blank(load("cn-2019"), 2020, "旧表单位"))
    assert not (tmp_path / "退回" / "旧表单位.校验.xlsx").exists()
    assert "格式不得混用，请用规定的表式重新填报" in said[2] and "强制性" not in "".join(said)
    page = openpyxl.load_workbook(BytesIO((tmp_path / "汇总.xlsx").read_bytes()), read_only=True)["问题清单"]
    assert [row[4].value for row in page.iter_rows(min_row=5) if row[1].value == "旧表单位"] == ["整份文件"]


@pytest.mark.long
def test_a_damaged_label_is_placed_where_it_stands(tmp_path: Path) -> None:
    source = save(unit(2), tmp_path / "in" / "b.xlsx")
    book = openpyxl.load_workbook(source)
    book["三、申请办理"]["D15"] = "4.保护他人"
    book.save(source)
    run(tmp_path / "in", tmp_path / "汇总.xlsx", returns=tmp_path / "退回")
    assert "三、申请办理 D15" in word_lines(tmp_path / "退回" / "b.退回意见.docx")


@pytest.mark.long
def test_a_file_of_the_users_own_is_never_replaced_by_a_letter(tmp_path: Path) -> None:
    put(tmp_path / "in", with_figures(unit(1), {LICENSING: "163件"}))
    mine = tmp_path / "退回" / "第1号单位.退回意见.docx"
    mine.parent.mkdir()
    mine.write_text("我写的", encoding="utf-8")
    for n in (1, 2):
        run(tmp_path / "in", tmp_path / f"{n}.xlsx", returns=tmp_path / "退回")
    assert mine.read_text(encoding="utf-8") == "我写的"
    names = sorted(path.name for path in mine.parent.iterdir())
    assert set(names) == {
        ".退回记录.json",
        "第1号单位.校验.xlsx",
        "第1号单位.退回意见.docx",
        "第1号单位.退回意见(2).docx",
        "全部退回意见.docx",
        "通知消息.txt",
    }


@pytest.mark.long
def test_a_letter_that_was_changed_by_hand_is_kept(tmp_path: Path) -> None:
    put(tmp_path / "in", with_figures(unit(1), {LICENSING: "163件"}))
    run(tmp_path / "in", tmp_path / "1.xlsx", returns=tmp_path / "退回")
    page = tmp_path / "退回" / "第1号单位.退回意见.docx"
    document = Document(str(page))
    document.add_paragraph("请务必改正")
    document.save(str(page))
    run(tmp_path / "in", tmp_path / "2.xlsx", returns=tmp_path / "退回")
    assert "请务必改正" in word_lines(page)


@pytest.mark.long
def test_a_report_with_endless_problems_is_told_of_a_bounded_number(tmp_path: Path) -> None:
    report = with_figures(unit(1), {LICENSING: "163件"})
    text = tuple(f"本年新收政府信息公开申请{n + 90_000}件。" for n in range(600))
    put(tmp_path / "in", replace(report, narrative={**report.narrative, "overview": text}), suffix=".xlsx")
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", returns=tmp_path / "退回", to=("json",))
    head = result.cases[0].head
    assert head.errors + head.verify > MOST
    import json

    listed = json.loads((tmp_path / "汇总.问题清单.json").read_text(encoding="utf-8"))
    assert len(listed) <= MOST + 2 and any("没有列出" in line["message"] for line in listed)
    copy = openpyxl.load_workbook(tmp_path / "退回" / "第1号单位.校验.xlsx")
    assert copy["校验结果"].max_row < MOST + 20


@pytest.mark.long
def test_a_copy_that_takes_too_long_is_given_up_and_the_letter_says_nothing_of_it(tmp_path: Path) -> None:
    put(tmp_path / "in", with_figures(unit(1), {LICENSING: "163件"}), suffix=".xlsx")
    run(tmp_path / "in", tmp_path / "1.xlsx")
    run(tmp_path / "in", tmp_path / "1.xlsx", returns=tmp_path / "退回", resume=True, limit=0.05)
    assert [path.name for path in (tmp_path / "退回").glob("第*")] == ["第1号单位.退回意见.docx"]
    assert "副本" not in "".join(word_lines(tmp_path / "退回" / "第1号单位.退回意见.docx"))


@pytest.mark.long
def test_the_units_of_the_roster_add_up_and_files_of_nobody_stand_apart(tmp_path: Path) -> None:
    put(tmp_path / "in", *units((1, 2)), with_figures(unit(3), {LICENSING: "163件"}), unit(9))
    (tmp_path / "in" / "管道.xlsx").write_bytes(b"broken")
    rows = ["名称,上级,汇总节点", "某县,,是", *(f"第{n}号单位,某县," for n in range(1, 6))]
    (tmp_path / "名录.csv").write_text("\n".join(rows), encoding="utf-8")
    result = run(
        tmp_path / "in", tmp_path / "a.xlsx", roster=tmp_path / "名录.csv", remind=tmp_path / "催报.txt"
    )
    assert result.standing_counts() == {SUBMITTED: 2, MISSING: 2, SENT_BACK: 1, NODE: 1}
    assert result.apart() == {BEYOND: 1, NOBODY: 1}
    text = (tmp_path / "催报.txt").read_text(encoding="utf-8-sig")
    assert "已退回、须重新报送的单位 1 个：\n1. 第3号单位（某县）：有 1 个强制性问题，须改正\n" in text
    assert "无法对应单位的文件 1 个，请核对是谁报的：\n1. 管道.xlsx：" in text
    assert max(map(len, text.split("\n"))) < 60
    assert (
        "名录 6 个单位：已报 2，未报 2，退回 1 个单位，汇总节点 1。另有名录外 1，无法对应单位的文件 1。"
        in (
            openpyxl.load_workbook(BytesIO((tmp_path / "a.xlsx").read_bytes()), read_only=True)["报送情况"][
                "C4"
            ].value
        )
    )


def test_a_letter_compiled_once_says_to_the_letter_what_the_library_renders(tmp_path: Path) -> None:
    import zipfile

    from docxtpl import DocxTemplate
    from lxml import etree

    from nianbao.core.files import shipped
    from nianbao.export.word import filled

    problem = {"n": "1", "severity": "强制性", "place": "三 C7", "message": "<甲>&“乙”", "advice": "改为 5"}
    base = {
        "title": "关于退回的意见",
        "addressee": "某局",
        "year": "2024年",
        "file": "甲&乙.xlsx",
        "reason": "有误。",
    }
    base |= {"closing": "请改正。", "contact": "", "signature": "某办", "date": "2025年1月1日"}
    letters = [base | {"problems": [problem] * n, "more": "其余见副本。" if n > 1 else ""} for n in (0, 1, 3)]
    template = shipped("templates/return-letter.docx")
    usual = DocxTemplate(str(template))
    usual.render({"letters": letters}, autoescape=True)
    usual.save(tmp_path / "库.docx")
    for _ in range(2):
        (tmp_path / "快.docx").write_bytes(filled(template.read_bytes(), {"letters": letters}, "x"))
        parts = []
        for name in ("库.docx", "快.docx"):
            with zipfile.ZipFile(tmp_path / name) as package:
                assert package.testzip() is None
                parts.append(
                    etree.tostring(etree.fromstring(package.read("word/document.xml")), method="c14n")
                )
        assert parts[0] == parts[1]


def messages(tmp_path: Path, *reports: Report, other: bytes = b"") -> list[str]:
    """The short texts on returned reports beside a good one; ``other``: a file of nobody."""
    put(tmp_path / "in", unit(1))
    for report in reports:
        put(tmp_path / "in", report, suffix=".xlsx")
    if other:
        (tmp_path / "in" / "空.xlsx").write_bytes(other)
    run(tmp_path / "in", tmp_path / "汇总.xlsx", returns=tmp_path / "退回", year=YEAR)
    return (tmp_path / "退回" / "通知消息.txt").read_text("utf-8-sig").strip().split("\n\n")


@pytest.mark.long
def test_a_report_of_another_year_is_told_what_to_send(tmp_path: Path) -> None:
    said = letter(tmp_path, replace(unit(2), year=YEAR - 1))
    assert said[0] == f"关于退回{YEAR - 1}年政府信息公开工作年度报告的意见"
    assert f"本次汇总为 {YEAR}，请改报 {YEAR} 年度的报告（年度填错的，请改正年度）。现予退回" in said[2]
    message = (tmp_path / "退回" / "通知消息.txt").read_text("utf-8-sig").strip()
    assert message.endswith("（年度填错的，请改正年度）。请尽快重新报送。")


@pytest.mark.long
def test_what_belongs_to_no_unit_is_addressed_to_no_file(tmp_path: Path) -> None:
    (message,) = messages(tmp_path, other=b"broken")
    assert message.startswith(
        f"有关报送单位：报送的{YEAR}年政府信息公开工作年度报告（“空.xlsx”）已退回，原因为"
    )
    (page,) = (tmp_path / "退回").glob("*.退回意见.docx")
    assert word_lines(page)[1] == "有关报送单位："


@pytest.mark.long
def test_a_message_on_a_returned_report_says_why_in_one_sentence_and_what_to_do(tmp_path: Path) -> None:
    empty, faulty = sorted(
        messages(tmp_path, blank(FORM, YEAR, "空白单位"), slipped(2)), key=lambda text: "强制性" in text
    )
    assert empty == (
        f"空白单位：报送的{YEAR}年政府信息公开工作年度报告（“空白单位.xlsx”）已退回，"
        "原因为表中数字一个也没有填写，是没有填完的模板，请填写完整。请尽快重新报送。"
    )
    assert "已退回，原因为有 1 个强制性问题，须改正：" in faulty and faulty.endswith(
        "。请尽快改正后重新报送。"
    )


def test_a_reminder_cites_the_article_that_sets_the_time_and_not_the_one_on_contents() -> None:
    from nianbao.core.files import shipped

    said = "".join(
        paragraph.text for paragraph in Document(str(shipped("templates/reminder.docx"))).paragraphs
    )
    assert "《中华人民共和国政府信息公开条例》第四十九条" in said and "第五十条" not in said


def test_a_letter_whose_marks_were_changed_is_refused_in_one_sentence() -> None:
    import io

    from docx import Document

    from nianbao.core.files import shipped
    from nianbao.export.word import filled

    document = Document(str(shipped("templates/reminder.docx")))
    document.add_paragraph("{{ letters[0].nothing }}")
    changed = io.BytesIO()
    document.save(changed)
    with pytest.raises(Unreadable, match="标记有误"):
        filled(changed.getvalue(), {"letters": []}, "reminder.docx")
