"""The manual is not stale: its reference and samples are what the commands make now, what it names is there."""

import re
import runpy
import shlex
import shutil
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from nianbao.cli import main
from nianbao.core.report import to_json
from nianbao.workbook.reader import read
from nianbao.xlsx.package import read_package

WORKBOOK = Path(__file__).parents[2] / "workbook"
MANUAL = WORKBOOK / "手册" / "手册.md"


def made_by(name: str) -> dict[str, Any]:
    return runpy.run_path(str(WORKBOOK / "source" / name))


def test_the_reference_is_what_the_program_says() -> None:
    assert (WORKBOOK / "手册" / "参考.md").read_text(encoding="utf-8") == made_by("reference.py")[
        "reference"
    ]()


@pytest.mark.long
def test_the_samples_are_what_the_command_makes(tmp_path: Path) -> None:
    command = made_by("samples.py")
    for name, report in command["reports"]().items():
        assert to_json(read(WORKBOOK / "样例" / name)) == to_json(report), name
    command["build"](tmp_path)
    for name in ("名录.csv", "本地规则.json", "填好的年报.json"):
        assert (WORKBOOK / "样例" / name).read_bytes() == (tmp_path / name).read_bytes(), name
    settings = (read_package(folder / "汇总设置.xlsx").sheets for folder in (WORKBOOK / "样例", tmp_path))
    ours, again = ({name: dict(sheet) for name, sheet in sheets.items()} for sheets in settings)
    assert ours == again


def test_the_word_manual_is_what_the_text_makes() -> None:
    built = made_by("manual.py")["build"](MANUAL.read_text(encoding="utf-8"), MANUAL.parent)
    part = "word/document.xml"
    assert ZipFile(MANUAL.with_suffix(".docx")).read(part) == ZipFile(BytesIO(built)).read(part), (
        "run make manual"
    )


def test_a_paragraph_of_the_manual_is_one_line() -> None:
    """Two lines below each other are one paragraph in Markdown and would be two in Word."""
    lines = MANUAL.read_text(encoding="utf-8").splitlines()
    plain = [bool(re.match(r"[^ |#!\d-]", line)) for line in lines]
    assert [lines[n] for n in range(1, len(lines)) if plain[n] and plain[n - 1]] == []


def test_the_printed_manual_has_every_chapter_on_some_fifteen_pages() -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(MANUAL.with_suffix(".pdf"))
    printed = "".join(page.get_textpage().get_text_range() for page in document)
    plain = re.sub(r"\s", "", printed)
    for heading in re.findall(r"^#+ (.+)$", MANUAL.read_text(encoding="utf-8"), re.MULTILINE):
        assert re.sub(r"\s", "", heading) in plain, heading
    assert 8 <= len(document) <= 16


#: What changes the user's Excel or builds the page: named in the documents, not run by this test.
NOT_RUN = ("install", "uninstall", "doctor", "excel")


def printed(document: Path) -> list[list[str]]:
    """The command lines for staff of a document, in their order, each with arguments, without comments."""
    text, _, _ = document.read_text("utf-8").partition("# For developers")
    found = re.findall(r"^ {4}(nianbao .+)$|`(nianbao [^`]+ [^`]+)`", text, re.MULTILINE)
    lines = [shlex.split(block or inline, comments=True)[1:] for block, inline in found]
    return [words for words in lines if words[0] not in NOT_RUN]


def test_every_command_that_is_printed_does_as_printed_in_the_folder_of_samples(
    soffice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The README's first, then the manual's, in the same folder, as a newcomer would."""
    assert soffice
    shutil.copytree(WORKBOOK / "样例", tmp_path / "样例")
    monkeypatch.chdir(tmp_path / "样例")
    every = printed(WORKBOOK.parent / "README.md") + printed(MANUAL)
    lines = [list(words) for words in dict.fromkeys(map(tuple, every))]  # what both print is run once
    assert len(every) >= 26 and len(lines) >= 22
    for words in lines:
        done = CliRunner().invoke(main, words)
        wrong = words[0] == "consolidate" or {"有错的年报.xlsx", "规范后的年报.xlsx"} & {
            *words
        }  # planted errors
        assert done.exit_code in ((0, 1) if wrong else (0,)), (words, done.output)
        for option in ("-o", "--return", "--remind", "--new"):
            if option in words:
                assert Path(words[words.index(option) + 1]).exists(), words
        if "--mark" in words:
            assert Path(words[1]).with_suffix(".校验.xlsx").is_file(), words


@pytest.mark.long
def test_the_settings_sample_makes_summary_returned_copies_and_notice(tmp_path: Path) -> None:
    shutil.copytree(WORKBOOK / "样例", tmp_path / "样例")
    done = CliRunner().invoke(main, ["consolidate", str(tmp_path / "样例" / "汇总设置.xlsx")])
    assert done.exit_code == 1
    assert "未报：青山县教育局" in done.output and "退回：青山县卫生健康局" in done.output
    assert (tmp_path / "样例" / "汇总.xlsx").is_file() and any((tmp_path / "样例" / "退回").iterdir())


def test_the_pictures_of_the_readme_are_the_manuals() -> None:
    readme = (WORKBOOK.parent / "README.md").read_text(encoding="utf-8")
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", readme)
    assert len(pictures) >= 5
    for picture in pictures:
        assert (WORKBOOK.parent / picture).is_file() and picture.startswith("workbook/手册/图/"), picture
    for link in re.findall(r"(?<!!)\[[^]]*\]\(([^)]+)\)", readme):
        assert (WORKBOOK.parent / link).exists(), link


def test_what_the_manual_names_is_there() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text):
        assert (MANUAL.parent / picture).stat().st_size > 10_000, picture
    made = {words[words.index("-o") + 1] for words in printed(MANUAL) if "-o" in words} | {
        "清单.json",
        "导出清单.json",
    }
    for name in re.findall(r"`([^`\s]+\.(?:xlsx|csv|json))`", text):
        assert (WORKBOOK / "样例" / name).exists() or name in made or name.endswith("校验.xlsx"), name
    for command in re.findall(r"nianbao ([a-z][a-z-]*)", text):
        assert command in main.commands, command


@pytest.mark.parametrize(("name", "ready"), [("填好的年报.xlsx", True), ("有错的年报.xlsx", False)])
def test_the_samples_show_what_they_are_for(name: str, ready: bool) -> None:
    from nianbao.checks.validate import ready as can_be_handed_in
    from nianbao.checks.validate import validate

    assert can_be_handed_in(validate(read(WORKBOOK / "样例" / name))) is ready
