"""``nianbao export --word-template``: a Word template that staff restyled, and files that are none."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from click.testing import CliRunner, Result

from nianbao.cli import main
from nianbao.export.word import template_bytes
from support.books import write
from support.build import FORM, hubei


@pytest.fixture
def book(tmp_path: Path) -> Path:
    write(hubei(), tmp_path / "年报.xlsx")
    return tmp_path / "年报.xlsx"


def shipped_template(target: Path) -> Path:
    target.write_bytes(template_bytes(FORM, None))
    return target


def export(book: Path, own: Path, kinds: str = "docx") -> Result:
    arguments = ["export", str(book), "--to", kinds, "-o", str(book.parent / "发布")]
    return CliRunner().invoke(main, [*arguments, "--word-template", str(own)])


def without(part: str) -> Callable[[Path], None]:
    """The shipped template with one part left out."""

    def make(target: Path) -> None:
        whole = shipped_template(target.with_name("whole.docx"))
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(target, "w") as new:
            for name in old.namelist():
                if name != part:
                    new.writestr(name, old.read(name))

    return make


def template_document(target: Path) -> None:
    """The shipped template declared as a template (.dotx)."""
    whole = shipped_template(target.with_name("whole.docx"))
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "[Content_Types].xml":
                data = data.replace(b"wordprocessingml.document.main", b"wordprocessingml.template.main")
            new.writestr(name, data)


def torn(target: Path) -> None:
    target.write_bytes(template_bytes(FORM, None)[:-400])


def marked(mark: str) -> Callable[[Path], None]:
    """The shipped template with another mark where its title stood."""

    def make(target: Path) -> None:
        own = docx.Document(str(shipped_template(target)))
        own.paragraphs[0].text = mark
        own.save(str(target))

    return make


def test_the_restyled_template_is_what_the_word_file_is_made_from(book: Path) -> None:
    own = shipped_template(book.with_name("本单位模板.docx"))
    restyled = docx.Document(str(own))
    restyled.paragraphs[0].insert_paragraph_before("{{ agency }}文件")
    restyled.save(str(own))
    assert export(book, own).exit_code == 0
    (made,) = (book.parent / "发布").glob("*.docx")
    assert docx.Document(str(made)).paragraphs[0].text == f"{hubei().agency}文件"


@pytest.mark.many
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda target: None, "没有这个文件"),
        (lambda target: target.mkdir(), "是文件夹，不是文件"),
        (lambda target: target.write_text("字", encoding="utf-8"), "文件已损坏"),
        (lambda target: shutil.copy(target.with_name("年报.xlsx"), target), "不是 Word 的 .docx 文件"),
        (template_document, ".dotx、.docm 须先另存为 .docx"),
        (torn, "文件已损坏"),
        (without("word/styles.xml"), "文件缺少 word/styles.xml"),
        (without("_rels/.rels"), "文件已损坏"),
        (marked("{{ titel }}"), "Word 模板中的标记有误"),
        (marked("{{ 1/0 }}"), "Word 模板中的标记有误"),
        (marked("{{ title + 1 }}"), "Word 模板中的标记有误"),
        (marked("{{ '%d'|format(title) }}"), "Word 模板中的标记有误"),
    ],
)
def test_a_bad_template_is_one_chinese_sentence_and_nothing_is_written(
    book: Path, make: Callable[[Path], object], words: str
) -> None:
    own = book.with_name("坏模板.docx")
    make(own)
    result = export(book, own)
    assert result.exit_code == 2
    assert result.stderr.startswith("错误：")
    assert str(own) in result.stderr
    assert words in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not list((book.parent / "发布").glob("*"))


def test_a_template_that_no_file_asked_for_would_use_is_told(book: Path) -> None:
    result = export(book, shipped_template(book.with_name("本单位模板.docx")), "html,json")
    assert result.exit_code == 2
    assert "用不上 Word 模板；请在 --to 中写 docx 或 pdf。" in result.stderr
    assert not (book.parent / "发布").exists()
