"""Text with bars between cells, Markdown, CSV, and labels that carry their definitions."""

import csv
import io

import pytest

from nianbao.core import form as forms
from nianbao.core.report import Report, to_json
from nianbao.ingest.ingest import ingest
from support.pages import as_html, counted, report, said

FORM = forms.load("cn-2021")
TOLD = report(
    FORM,
    counted(FORM),
    {"overview": ("文字一段，共3件。", "（一）第二段。"), "other": ("没有。",)},
    ("开头。",),
)


def rows(told: Report, key: str) -> list[list[str]]:
    """The printed rows, merged cells once."""
    return [
        [said(told, box.cell) if box.cell else box.text for box in boxes]
        for boxes in told.form.tables[key].grid.rows()
    ]


def spread(told: Report, key: str) -> list[list[str]]:
    """The printed rows as a spreadsheet saves them: blanks where a merged cell goes on."""
    grid = told.form.tables[key].grid
    squares = [[""] * grid.width for _ in range(grid.height)]
    for box in grid.boxes:
        squares[box.row][box.column] = said(told, box.cell) if box.cell else box.text
    return squares


def marked(told: Report, table: str, heading: str = "## {}") -> str:
    """The report as text; ``table``: how a row is written."""
    parts = [f"# {told.heading}" if "#" in heading else told.heading, *told.preamble]
    for section in told.form.sections:
        parts += [heading.format(section.heading), *told.narrative.get(section.key, ())]
        for n, row in enumerate(rows(told, section.table) if section.table else ()):
            if table == "cells":
                parts += [f"{cell} |" for cell in row]
            else:
                parts.append(table.format(" | ".join(row)))
            if table.startswith("|") and n == 0:
                parts.append("|" + " --- |" * len(row))
    return "\n".join(parts) + "\n"


@pytest.mark.many
@pytest.mark.parametrize("table", ["| {} |", "{} |", "{}", "cells"])
@pytest.mark.parametrize("heading", ["## {}", "**{}**", "{}"])
def test_rows_between_bars_are_tables(table: str, heading: str) -> None:
    got = ingest(marked(TOLD, table, heading).encode(), name="年报.md")
    assert to_json(got.report) == to_json(TOLD)
    assert got.doubts == ()


def test_blanks_between_bars_stay_blank() -> None:
    cells = {cell: (None if n in (0, 1, 2, 14, 17) else n) for n, cell in enumerate(FORM.cells)}
    told = report(FORM, cells, {"overview": ("文字。",)})
    got = ingest(marked(told, "| {} |").encode(), name="年报.md")
    assert got.report.figures == told.figures


@pytest.mark.parametrize("sign", [",", ";"])
def test_a_table_of_commas_is_read(sign: str) -> None:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=sign)
    lines = [[TOLD.heading]]
    for section in FORM.sections:
        lines += [[section.heading], *([text] for text in TOLD.narrative.get(section.key, ()))]
        lines += spread(TOLD, section.table) if section.table else []
    for line in lines:
        writer.writerow(line + [""] * (15 - len(line)))
    got = ingest(file.getvalue().encode("utf-8-sig"), name="年报.csv")
    assert got.report.figures == TOLD.figures
    assert got.report.narrative == TOLD.narrative
    assert (got.report.agency, got.report.year) == ("清河市水利局", 2023)


def test_prose_with_commas_is_no_table() -> None:
    text = (
        "清河市水利局2023年政府信息公开工作年度报告\n一、总体情况\n" + "2023年,全市公开,办理3件,办结。\n" * 4
    )
    got = ingest(text.encode(), name="年报.txt")
    assert got.report.narrative["overview"] == ("2023年,全市公开,办理3件,办结。",) * 4


@pytest.mark.many
@pytest.mark.parametrize(
    ("label", "defined"),
    [
        (
            "行政许可",
            "行政许可：是指行政机关根据公民、法人或者其他组织的申请，经依法审查，准予其从事特定活动的行为",
        ),
        ("规章", "规章<br>指国务院部门和地方政府依照法定程序制定的规范性文件，" + "适用于本行政区域" * 20),
        ("行政处罚", "行政处罚——行政机关依法对违反行政管理秩序的行为给予的处罚"),
        ("行政强制", "行政强制，指行政机关依法采取的措施"),
        ("（一）予以公开", "（一）予以公开：申请内容全部公开的"),
    ],
)
def test_a_label_with_its_definition_is_known(label: str, defined: str) -> None:
    page = as_html(TOLD).replace(f">{label}<", f">{defined}<")
    assert defined in page
    got = ingest(page.encode(), name="年报.html")
    assert got.report.figures == TOLD.figures
    assert got.doubts == ()


def test_a_column_head_with_a_year_in_it_is_known() -> None:
    old = forms.load("cn-2019")
    told = report(old, counted(old), year=2020)
    page = as_html(told).replace("上一年项目数量", "上一年项目数量2019年")
    assert "数量2019年" in page
    got = ingest(page.encode(), name="年报.html")
    assert got.report.figures == told.figures
    assert got.doubts == ()
