"""What stands around figures and text counts too: title, headings, labels and meta data of a published file."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from nianbao.core.report import Report
from nianbao.export.word import template_bytes
from nianbao.ingest.ingest import Printed
from nianbao.publish import Stopped
from nianbao.verify.content import labels
from support.published import copied, differences, edited, export
from support.samples import county, hostile

PRINTED = ("html", "fragment", "docx")
HEADING = "三、收到和处理政府信息公开申请情况"
LABEL = "4.保护第三方合法权益"


def published(folder: Path, kind: str, report: Report | None = None) -> Path:
    every = copied(report or county(), [kind if kind != "fragment" else "html"], folder)
    return every[-1] if kind == "fragment" else every[0]


@pytest.mark.many
@pytest.mark.parametrize("against", [None, county()], ids=["alone", "against the workbook"])
@pytest.mark.parametrize("said", ["三、申请情况", "（三）收到和处理政府信息公开申请情况"])
@pytest.mark.parametrize("kind", PRINTED)
def test_a_changed_heading_is_told(tmp_path: Path, kind: str, said: str, against: Report | None) -> None:
    path = edited(published(tmp_path, kind), f">{HEADING}<", f">{said}<")
    told = differences(path, against)
    assert f"标题应为“{HEADING}”，文件中是“{said}”" in told


@pytest.mark.many
@pytest.mark.parametrize("kind", PRINTED)
def test_a_heading_that_is_gone_is_told(tmp_path: Path, kind: str) -> None:
    path = edited(published(tmp_path, kind), ">六、其他需要报告的事项<", "><")
    assert "文件中没有“六、其他需要报告的事项”这一标题" in differences(path, county())


@pytest.mark.many
@pytest.mark.parametrize("against", [None, county()], ids=["alone", "against the workbook"])
def test_a_page_whose_title_and_meta_data_name_another_year_is_told(
    tmp_path: Path, against: Report | None
) -> None:
    path = published(tmp_path, "html")
    head, rest = path.read_text(encoding="utf-8").split("<style>", 1)
    path.write_text(f"{head.replace('2024', '2025')}<style>{rest}", encoding="utf-8", newline="")
    told = differences(path, against)
    assert any(
        "网页标题" in line and "应为“青山县水利局2024年政府信息公开工作年度报告”" in line and "2025" in line
        for line in told
    )
    assert "网页属性“nianbao-year”应为“2024”，文件中是“2025”" in told


@pytest.mark.many
@pytest.mark.parametrize(
    ("old", "new"), [("<dd>2024<", "<dd>2023<"), ("<dd>青山县水利局<", "<dd>红山县水利局<")]
)
def test_basic_facts_at_the_head_of_a_page_are_compared(tmp_path: Path, old: str, new: str) -> None:
    (told,) = differences(edited(published(tmp_path, "html"), old, new), county())
    assert told == f"应为“{old[4:-1]}”，文件中是“{new[4:-1]}”"


@pytest.mark.long
def test_a_site_page_around_our_fragment_may_have_a_title_of_its_own(tmp_path: Path) -> None:
    body = published(tmp_path, "fragment").read_text(encoding="utf-8")
    page = tmp_path / "site.html"
    for name, sound in (("通知公告 - 青山县人民政府", True), ("青山县水利局2024年政府信息公开工作年度报告_青山县人民政府", True),
                        ("青山县水利局2023年政府信息公开工作年度报告_青山县人民政府", False)):  # fmt: skip
        page.write_text(
            f'<html><head><title>{name}</title><meta name="keywords" content="水利"></head><body>{body}</body></html>',
            encoding="utf-8",
        )
        told = differences(page, county())
        assert (told == []) is sound
        assert sound or "2023" in told[0]


@pytest.mark.many
@pytest.mark.parametrize("kind", PRINTED)
def test_a_changed_row_label_is_told_and_not_seven_blanks(tmp_path: Path, kind: str) -> None:
    path = published(tmp_path, kind)
    label = ">4.<wbr>保护第三方合法权益<"
    path = edited(
        path, label if label in path.read_bytes().decode("utf-8", "replace") else f">{LABEL}<", ">4.其他<"
    )
    assert differences(path, county()) == [
        f"“{HEADING}”的表格应有“{LABEL}”一栏，文件中是“4.其他”（该表有 7 项数字因此无法核对）"
    ]


def test_a_label_in_other_words_is_told_though_its_figures_are_found(tmp_path: Path) -> None:
    path = edited(published(tmp_path, "fragment"), ">行政规范性文件<", ">规范性文件<")
    told = ["“二、主动公开政府信息情况”的表格应有“行政规范性文件”一栏，文件中是“规范性文件”"]
    assert differences(path, county()) == told
    assert differences(path) == told


def test_a_table_that_became_a_picture_is_told_with_the_picture(tmp_path: Path) -> None:
    path = published(tmp_path, "fragment")
    text = path.read_text(encoding="utf-8")
    last = text.rindex("<table")
    path.write_text(re.sub(r"<table.*?</table>", '<img src="a.png">', text[last:], flags=re.DOTALL).join([text[:last], ""]),
                    encoding="utf-8")  # fmt: skip
    assert differences(path, county()) == [
        "文件中没有“四、政府信息公开行政复议、行政诉讼情况”的表格",
        "多出图片或嵌入的内容 <img>",
    ]


def test_columns_that_changed_places_are_told_in_one_sentence(tmp_path: Path) -> None:
    path = published(tmp_path, "fragment")
    text = path.read_text(encoding="utf-8")
    text = text.replace(">结果维持<", ">@<").replace(">结果纠正<", ">结果维持<").replace(">@<", ">结果纠正<")
    path.write_text(text, encoding="utf-8")
    assert differences(path, county()) == [
        "“四、政府信息公开行政复议、行政诉讼情况”的表格有 15 项数字读不出来：各栏的次序或单元格与规定不同"
    ]


def test_a_template_whose_heading_was_changed_stops_the_export(tmp_path: Path) -> None:
    own = tmp_path / "own.docx"
    own.write_bytes(template_bytes(county().form, None))
    edited(own, ">一、总体情况<", ">一、总体概况<")
    with pytest.raises(Stopped, match="读回核对发现 1 处") as stopped:
        export(county(), ["docx"], tmp_path / "out", word_template=own)
    assert stopped.value.reasons == ("标题应为“一、总体情况”，文件中是“一、总体概况”",)


@pytest.mark.long
@pytest.mark.parametrize("draft", [False, True])
@pytest.mark.parametrize("report", [hostile(), replace(county(), agency=""), replace(county(), year=None)])
def test_odd_reports_are_found_sound_with_all_that_is_printed(
    tmp_path: Path, report: Report, draft: bool
) -> None:
    for path in export(report, ["html", "docx"], tmp_path, draft=draft):
        assert differences(path, report) == []


def test_a_label_that_goes_on_over_the_end_of_a_page_is_one_label() -> None:
    report = county()
    texts = [box.text for table in report.form.tables.values() for box in table.grid.labels]
    at = texts.index("三、本年度办理结果")
    halves = Printed(cells=(*texts[:at], "三、", *texts[at + 1 :], "本年度办理结果"))
    assert labels(halves, report, report).messages == ()
    half = Printed(cells=(*texts[:at], "三、", *texts[at + 1 :]))
    assert any("三、本年度办理结果" in line for line in labels(half, report, report).messages)
