"""Pasted text → workbook → web page, Word, PDF, JSON → the identical report: a score of reports of both forms.

The PDF files are printed by one start of LibreOffice."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from nianbao.core.form import keys, load
from nianbao.core.report import Report, dump, parse
from nianbao.ingest.ingest import ingest
from nianbao.workbook.reader import read
from support.books import write
from support.pages import as_text
from support.published import Queue, export
from support.samples import filled

#: Reports of each form, and how many of them are printed as PDF too.
EACH, PRINTED = 10, 3
KINDS = ("html", "docx", "json")
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


def taken(path: Path, report: Report, apart: bool) -> Report:
    """What a file says; ``apart``: as of a stranger's file, in a process of its own and of a form that is not known."""
    if path.suffix == ".json":
        return parse(path.read_bytes(), path.name)
    return ingest(path, name=path.name, form=None if apart else report.form).report


@pytest.mark.parametrize("form", keys())
def test_what_was_pasted_comes_back_from_every_kind(form: str, soffice: str, tmp_path: Path) -> None:
    queue = Queue(tmp_path)
    made: dict[Path, Report] = {}
    for seed in range(EACH):
        report = written(form, seed)
        pasted = ingest(as_text(report).encode(), name="年报.txt").report
        write(pasted, tmp_path / f"{seed}.xlsx")
        filed = read(tmp_path / f"{seed}.xlsx")
        assert dump(filed) == dump(report), seed
        folder = tmp_path / f"发布{seed}"
        kinds = (*KINDS, "pdf") if seed < PRINTED else KINDS
        made |= dict.fromkeys(export(filed, kinds, folder, to_pdf=queue.take, read_back=False), report)
    queue.print_all(soffice)
    whole = [
        each for each in made.items() if "网站粘贴用" not in each[0].name
    ]  # a site has a field for the title
    for n, (path, report) in enumerate(whole):
        assert dump(taken(path, report, apart=n < 8)) == dump(report), path
