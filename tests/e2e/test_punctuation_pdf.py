"""No punctuation is lost between our Word document, LibreOffice's PDF and what is read back from it."""

from pathlib import Path
from random import Random

import pytest
import xlwings as xw

from libreoffice import to_pdf
from nianbao.core import form as forms
from nianbao.core.report import to_json
from nianbao.ingest.ingest import ingest
from support.pages import counted, report
from support.published import write_word

FORM = forms.load("cn-2021")
LETTERS = "水利局政务公开工作推进落实信息条例规定编制年报行政机关"
PIECES = (
    "《{}》",
    "（{}）",
    "“{}”",
    "‘{}’",
    "【{}】",
    "〔{}〕",
    "{}——",
    "{}……",
    "{}·",
    "{}12.5%",
    "{}ABC def",
)
MARKS = "，，，。、；：？！"


def _paragraph(dice: Random) -> str:
    """A paragraph of a few lines with all that Chinese sentences are punctuated with."""
    text = "全年"
    for _ in range(dice.randint(3, 16)):
        text += dice.choice((*PIECES, *["{}"] * 6)).format(
            "".join(dice.choices(LETTERS, k=dice.randint(1, 9)))
        )
        text += dice.choice(MARKS)
    return f"{text}完成。"


def _shifted(by: int) -> str:
    """A line of which every sign stands at another place for every shift."""
    return f"{'政' * by}，府务、公开；信息：条例！规定？（办理）《年报》“公开”‘信息’【办】〔理〕…——·务。" * 2


@pytest.mark.parametrize("seed", range(3))
def test_every_sign_at_every_place_of_a_line_comes_back(seed: int, app: xw.App, tmp_path: Path) -> None:
    dice = Random(seed)
    shifts = iter(range(1 + 9 * seed, 100))
    text = {s.key: (_paragraph(dice), _shifted(next(shifts)), _paragraph(dice)) for s in FORM.sections}
    told = report(FORM, counted(FORM), text, tuple(_shifted(next(shifts)) for _ in range(3)))
    write_word(told, tmp_path / "年报.docx")
    to_pdf(tmp_path / "年报.docx", tmp_path / "年报.pdf", app=app)
    assert to_json(ingest(tmp_path / "年报.pdf", name="年报.pdf").report) == to_json(told)


def test_a_comma_at_the_end_of_a_full_line_is_printed(app: xw.App, tmp_path: Path) -> None:
    preamble = ("根据《中华人民共和国政府信息公开条例》第五十条规定，编制本报告。",)
    told = report(FORM, counted(FORM), {}, preamble, agency="湖北省人力资源和社会保障厅", year=2021)
    write_word(told, tmp_path / "年报.docx")
    to_pdf(tmp_path / "年报.docx", tmp_path / "年报.pdf", app=app)
    assert ingest(tmp_path / "年报.pdf", name="年报.pdf").report.preamble == preamble
