"""Pasted text → workbook → web page, Word, PDF, JSON → the identical report: a hundred reports of both forms."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from nianbao.core.form import keys, load
from nianbao.core.interchange import dump, parse
from nianbao.core.report import Report
from nianbao.ingest.ingest import ingest
from nianbao.workbook.reader import read
from support.books import write
from support.pages import as_text
from support.published import export
from support.samples import filled

EACH = 50
KINDS = ("html", "docx", "pdf", "json")
AGENCIES = ("青山县水利局", "红山市人民政府办公室", "乙省人力资源和社会保障厅")
WORDS = [
    "全市",
    "各单位",
    "认真贯彻条例",
    "，推进公开",
    "。",
    "主动公开",
    "信息12条",
    "；",
    "办理答复",
    "“及时”",
    "（规范）",
    "、",
    "有序",
    "《办法》",
    "图解27篇",
    "：",
    "其中",
    "下一步",
    "完善机制",
    "群众关切",
    "2024年",
    "平台建设",
    "———",
    "1.5万次",
    "50%以上",
    "ＡＢ网",
    "Q&A",
    "<基层>",
]


def sentence(chance: Random) -> str:
    words = "".join(chance.choice(WORDS) for _ in range(chance.randint(3, 60)))
    return words.strip("，。；、：—") + "。"


def written(form: str, seed: int) -> Report:
    """A consistent report with texts of its own in every section."""
    chance = Random(seed)
    report = filled(load(form), seed)
    texts = {
        section.key: tuple(sentence(chance) for _ in range(chance.randint(1, 4)))
        for section in report.form.sections
    }
    agency = chance.choice(AGENCIES)
    return replace(report, agency=agency, narrative=texts, preamble=(sentence(chance),))


def taken(path: Path) -> Report:
    return (
        parse(path.read_bytes(), path.name) if path.suffix == ".json" else ingest(path, name=path.name).report
    )


@pytest.mark.parametrize("form", keys())
def test_what_was_pasted_comes_back_from_every_kind(form: str, tmp_path: Path) -> None:
    for seed in range(EACH):
        report = written(form, seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        pasted = ingest(as_text(report).encode(), name="年报.txt").report
        write(pasted, folder / "年报.xlsx")
        filed = read(folder / "年报.xlsx")
        assert dump(filed) == dump(report), seed
        for path in export(filed, KINDS, folder / "发布"):
            if "网站粘贴用" not in path.name:  # the title has a field of its own on the site
                assert dump(taken(path)) == dump(report), path.name
