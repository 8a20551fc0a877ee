"""A summary of which units are missing says so wherever it goes: in what is published of it, and in what is read back."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document

from nianbao.checks.validate import validate
from nianbao.core.report import dump, incomplete_words, parse, read_incomplete
from nianbao.importer import take
from nianbao.publish import publish
from nianbao.verify.verify import verify
from nianbao.workbook.reader import read
from support.books import write
from support.units import put, run, unit, units

SENTENCE = "数字不全：只含 2 个单位，未报 1，退回 1。"
RED = "B00020"


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of four units two have reported, one is missing, one was sent back."""
    folder = tmp_path_factory.mktemp("汇总")
    put(folder / "in", *units((1, 2)), replace(unit(3), year=2023))
    rows = ["名称", *(f"第{n}号单位" for n in range(1, 5))]
    (folder / "名录.csv").write_text("\n".join(rows), encoding="utf-8")
    run(folder / "in", folder / "汇总.xlsx", roster=folder / "名录.csv", agency="某县人民政府", year=2024)
    return folder / "汇总.xlsx"


@pytest.fixture(scope="module")
def published(summary: Path) -> dict[str, Path]:
    made = publish(summary, ["html", "docx", "json", "csv", "infographic"], summary.parent / "公开")
    return {"fragment" if "粘贴" in path.name else path.suffix: path for path in made.paths}


@pytest.mark.long
def test_the_workbook_has_it_on_the_cover_and_above_the_tables_and_is_read_with_it(summary: Path) -> None:
    import openpyxl

    book = openpyxl.load_workbook(summary)
    assert book["封面"]["B1"].value == SENTENCE and book["封面"]["B1"].font.color.rgb.endswith(RED)
    assert all(book[name]["B2"].value.startswith(SENTENCE) for name in ("二、主动公开", "三、申请办理"))
    assert read(summary).incomplete == SENTENCE


@pytest.mark.long
def test_page_fragment_word_picture_and_data_print_it_in_red(published: dict[str, Path]) -> None:
    assert f'<p class="incomplete" role="note">{SENTENCE}</p>' in published[".html"].read_text("utf-8")
    assert f'color:#a3201c;"><strong>{SENTENCE}' in published["fragment"].read_text("utf-8")
    (line,) = (p for p in Document(str(published[".docx"])).paragraphs if p.text == SENTENCE)
    assert all(str(found.font.color.rgb) == RED for found in line.runs if found.text)
    assert json.loads(published[".json"].read_text("utf-8"))["incomplete"] == SENTENCE
    assert SENTENCE in published[".svg"].read_text("utf-8")


@pytest.mark.long
@pytest.mark.parametrize("kind", [".html", "fragment", ".docx", ".json"])
def test_what_was_published_is_as_it_was_and_reads_back_with_it(
    published: dict[str, Path], summary: Path, tmp_path: Path, kind: str
) -> None:
    assert verify(published[kind]).words == verify(published[kind], read(summary)).words == "一致"
    back = tmp_path / "回.xlsx"
    write(take(published[kind]).report, back)
    assert read(back).incomplete == SENTENCE and not any("数字不全" in text for text in read(back).preamble)
    assert any(found.rule == "summary.below" for found in validate(read(back)))


@pytest.mark.many
@pytest.mark.parametrize("kind", [".html", "fragment"])
@pytest.mark.long
@pytest.mark.long
def test_taking_it_off_is_found_out(
    published: dict[str, Path], summary: Path, tmp_path: Path, kind: str
) -> None:
    text = published[kind].read_text("utf-8")
    stripped = re.sub(rf"<p[^>]*>(?:<strong>)?{SENTENCE}(?:</strong>)?</p>", "", text)
    assert stripped != text
    (tmp_path / "改.html").write_text(stripped, encoding="utf-8")
    assert verify(tmp_path / "改.html").words == "不一致"
    assert any("数字不全" in line for line in verify(tmp_path / "改.html", read(summary)).differences)


def test_an_own_word_template_prints_it_too(summary: Path, tmp_path: Path) -> None:
    from nianbao.core.files import shipped
    from nianbao.publish import Options

    own = tmp_path / "模板.docx"
    own.write_bytes(shipped("templates/report.docx").read_bytes())
    made = publish(summary, ["docx"], tmp_path, Options(word_template=own))
    assert any(p.text == SENTENCE for p in Document(str(made.paths[0])).paragraphs)


def test_a_report_written_anew_keeps_it_and_a_whole_one_has_none(summary: Path, tmp_path: Path) -> None:
    report = read(summary)
    write(replace(report, leaves=()), tmp_path / "又.xlsx")
    assert read(tmp_path / "又.xlsx").incomplete == parse(dump(report).encode(), "x").incomplete == SENTENCE
    whole = replace(report, incomplete="")
    assert whole.fingerprint() != report.fingerprint() and "incomplete" not in json.loads(dump(whole))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("数字不全： 只含28个单位，未报4，退回 8。", incomplete_words(28, 4, 8)),
        ("数字不全：只含 3 个单位，退回 1", incomplete_words(3, 0, 1)),
        ("数字不全：只含 3 个单位。", ""),
        ("<b>数字不全：只含 3 个单位，退回 1。</b>", ""),
        ("数字不全", ""),
    ],
)
def test_the_sentence_is_known_by_its_words_alone(text: str, meant: str) -> None:
    assert read_incomplete(text) == meant
