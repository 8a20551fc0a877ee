"""Names of exports, what they replace, when they are stopped, and the machine-readable ones."""

import csv
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from nianbao.checks.validate import validate
from nianbao.core.files import Unreadable
from nianbao.core.finding import Finding
from nianbao.core.grid import Cell
from nianbao.core.report import to_json as interchange
from nianbao.core.report import with_figures
from nianbao.export import word
from nianbao.export.export import LONGEST, named, stem, to_csv, to_json
from nianbao.export.seal import published_fingerprint
from nianbao.publish import Stopped, publish_report
from nianbao.verify.verify import MANIFEST, verify, verify_all
from support.published import export
from support.samples import abroad, county, hostile

TITLE = "青山县水利局2024年政府信息公开工作年度报告"
ERROR = Finding("cell.blank", "error", (), "“一、本年新收·自然人”空着，没有的请填 0")


def test_files_are_named_after_unit_and_year(tmp_path: Path) -> None:
    paths = export(county(), ["json", "html", "csv"], tmp_path / "new")
    names = [f"{TITLE}.html", f"{TITLE}（网站粘贴用）.html", f"{TITLE}.json", f"{TITLE}.csv"]
    assert [path.name for path in paths] == names
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted([*names, MANIFEST])


def test_the_page_links_what_was_exported_with_it(tmp_path: Path) -> None:
    first = export(county(), ["html", "json"], tmp_path)[0].read_text(encoding="utf-8")
    assert "（JSON）</a>" in first
    assert "（CSV）</a>" not in first


def test_our_own_earlier_export_is_replaced(tmp_path: Path) -> None:
    export(county(), ["html", "json", "csv"], tmp_path)
    changed = with_figures(county(), {Cell("disclosure", "penalty", "decisions"): 7})
    paths = export(changed, ["html", "json", "csv"], tmp_path)
    assert len(list(tmp_path.iterdir())) == 5
    assert {published_fingerprint(path) for path in paths[:3]} == {changed.fingerprint()}


@pytest.mark.many
@pytest.mark.parametrize("words", ["同名的别的文件", "", "[1]", '{"form": "x"}', "\ufeff"])
@pytest.mark.parametrize("kind", ["html", "json", "csv"])
def test_a_file_of_someone_else_is_never_overwritten(tmp_path: Path, kind: str, words: str) -> None:
    other = tmp_path / f"{TITLE}.{kind}"
    other.write_text(words, encoding="utf-8")
    (tmp_path / f"{TITLE}(2).{kind}").mkdir()
    path = export(county(), [kind], tmp_path)[0]
    assert path.name == f"{TITLE}(3).{kind}"
    assert other.read_text(encoding="utf-8") == words


def test_an_export_that_someone_edited_is_not_overwritten(tmp_path: Path) -> None:
    (path,) = export(county(), ["json"], tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("\n ", "\n  "), encoding="utf-8")
    assert export(county(), ["json"], tmp_path) == [tmp_path / f"{TITLE}(2).json"]


@pytest.mark.many
@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("html", "</body>", "<p>补充说明</p></body>"),
        ("json", '"penalty": {\n    "decisions": ', '"penalty": {\n    "decisions": 1'),
        ("csv", "\r\ndisclosure", "\r\n,,,,,,,,,,\r\ndisclosure"),
        ("infographic", "</svg>", "<title>旁注</title></svg>"),
    ],
)
def test_a_change_in_whatever_kind_of_export_is_kept(tmp_path: Path, kind: str, old: str, new: str) -> None:
    path = export(county(), [kind], tmp_path)[-1 if kind == "infographic" else 0]
    before = path.read_bytes().decode()
    path.write_bytes(before.replace(old, new, 1).encode())
    assert path.read_bytes().decode() != before
    again = export(county(), [kind], tmp_path)[-1 if kind == "infographic" else 0]
    assert again.stem == f"{path.stem}(2)"
    assert new in path.read_bytes().decode()


def test_blank_cells_that_stop_an_export_are_told_in_one_sentence(tmp_path: Path) -> None:
    report = with_figures(county(), dict.fromkeys(county().form.tables["remedies"].cells))
    with pytest.raises(Stopped) as stopped:
        export(report, ["html"], tmp_path / "x", findings=validate(report))
    (words,) = [reason for reason in stopped.value.reasons if "格空白" in reason]
    assert words.startswith(
        "“行政复议·结果维持”、“行政复议·结果纠正”、“行政复议·其他结果”等 15 格空白，没有的请填 0"
    )


def test_errors_stop_the_export_and_a_draft_is_named_so(tmp_path: Path) -> None:
    with pytest.raises(Stopped, match="尚有 1 处强制性问题") as stopped:
        export(county(), ["html"], tmp_path / "x", findings=[ERROR])
    assert stopped.value.reasons == (ERROR.message,)
    assert not (tmp_path / "x").exists()
    paths = export(county(), ["html", "json"], tmp_path, findings=[ERROR], draft=True)
    assert [path.name for path in paths] == [
        f"{TITLE}（草稿）.html",
        f"{TITLE}（草稿）（网站粘贴用）.html",
        f"{TITLE}（草稿）.json",
    ]


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unreadable, match=r"不能写到这里（.*是文件，不是文件夹）；请换一个文件夹"):
        export(county(), ["json"], tmp_path / "file" / "inner")


def test_an_unknown_kind_is_our_own_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="xls"):
        export(county(), ["xls"], tmp_path)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a/../../b", "a_.._.._b"),
        ("..", "_"),
        ("CON", "_CON"),
        ("lpt1.x", "_lpt1.x"),
        ('甲:乙*"<>|?\\', "甲_乙_______"),
        ("名\u202egpj.exe\n 尾. ", "名gpj.exe 尾"),
        ("-rf", "rf"),
    ],
)
def test_names_are_safe_on_every_system(title: str, name: str) -> None:
    assert stem(title) == name


def test_long_names_are_cut_between_characters() -> None:
    assert len(stem("长" * 200).encode()) == LONGEST


def test_a_hostile_agency_stays_in_the_folder(tmp_path: Path) -> None:
    for path in export(hostile(), ["html", "json"], tmp_path, draft=True):
        assert path.parent == tmp_path
        assert path.exists()


def test_json_is_the_interchange_itself_and_the_fingerprint() -> None:
    text = to_json(county())
    assert json.loads(text) == interchange(county()) | {
        "fingerprint": county().fingerprint(),
        "digest": "0" * 64,
    }
    assert text.endswith("}\n")
    assert "青山县水利局" in text


def test_csv_has_one_line_a_cell_with_its_labels() -> None:
    lines = list(csv.DictReader(to_csv(county()).splitlines()))
    assert len(lines) == len(county().form.cells)
    by_key = {line["单元格代码"]: line for line in lines}
    assert by_key["disclosure.fees.amount"] == {
        "单元格代码": "disclosure.fees.amount",
        "部分": "二、主动公开政府信息情况",
        "项目": "第二十条第（八）项·行政事业性收费",
        "栏目": "本年收费金额（单位：万元）",
        "计量单位": "万元",
        "数值": "8988.0625",
        "填报单位": "青山县水利局",
        "年度": "2024",
        "表式": "cn-2021",
        "状态": "正式稿",
        "数据指纹": county().fingerprint(),
    }
    assert by_key["disclosure.regulations.issued"]["数值"] == ""
    assert by_key["remedies.direct_litigation.upheld"]["项目"] == "行政诉讼·未经复议直接起诉"


def test_a_csv_of_a_draft_says_so_in_every_line() -> None:
    lines = csv.DictReader(to_csv(county(), draft=True).splitlines())
    assert {line["状态"] for line in lines} == {"草稿"}


def test_csv_opens_in_a_spreadsheet_and_calculates_nothing(tmp_path: Path) -> None:
    cell = Cell("requests", "received", "legal")
    report = with_figures(county(), {cell: "=1+1", cell._replace(column="other"): Decimal("-3.5")})
    (path,) = export(report, ["csv"], tmp_path, draft=True)
    assert path.read_bytes().startswith("\ufeff单元格代码,部分,".encode())
    values = {line["单元格代码"]: line["数值"] for line in csv.DictReader(to_csv(report).splitlines())}
    assert values[str(cell)] == "'=1+1"
    assert values["requests.received.other"] == "-3.5"


def test_a_form_of_another_country_exports_too(tmp_path: Path) -> None:
    names = [path.name for path in export(abroad(), ["html", "json", "csv"], tmp_path)]
    assert names[0] == "Tax Office_ Freedom of Information Report 2024.html"


def test_kinds_are_asked_for_in_the_words_of_staff() -> None:
    assert named("word，网页、PDF；一图读懂") == ["docx", "html", "pdf", "infographic"]
    assert named("HTML，docx") == ["html", "docx"]
    assert named(" 数据, xls") == ["json", "xls"]


@pytest.mark.long
@pytest.mark.parametrize("agency", ["甲<b>局", '乙"局', "丙&丁局", "戊/己..\\局", "%00局"])
def test_an_agency_with_signs_in_its_name_is_exported_under_a_safe_name(tmp_path: Path, agency: str) -> None:
    paths = export(replace(county(), agency=agency), ["html", "docx", "json", "csv"], tmp_path)
    assert len(paths) == 5
    assert all(path.parent == tmp_path and not set(path.name) & set('<>"&%/\\') for path in paths)
    assert {verdict.words for verdict in verify_all([tmp_path])} == {"一致"}


def test_where_no_pdf_can_be_made_the_others_are_written_and_one_sentence_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word, "printer", lambda: None)
    made = publish_report(county(), [], ["html", "docx", "pdf"], tmp_path)
    assert {path.suffix for path in made.paths} == {".html", ".docx"}
    (missing,) = made.missing
    assert "没有生成 PDF，本机没有可用的 LibreOffice 或 Word；请" in missing
    assert "PDF 文档" not in made.paths[0].read_text(encoding="utf-8")


def test_what_is_open_is_mentioned(tmp_path: Path) -> None:
    finding = Finding("previous.jump", "verify", (), "变化较大")
    made = publish_report(county(), [finding], ["json"], tmp_path)
    assert made.notes == ("另有 1 处核实性问题没有说明，发布前请核实，或在“审核说明”写明原因：", "· 变化较大")


@pytest.mark.long
def test_a_report_is_signed_in_every_kind(tmp_path: Path) -> None:
    signed = replace(county(), signature="青山县水利局", date="2025-01-20")
    paths = export(signed, ["html", "docx", "json"], tmp_path)
    assert "2025年1月20日" in paths[0].read_text(encoding="utf-8")
    assert [verify(path, signed).words for path in paths] == ["一致"] * 4
    assert [verify(path).words for path in paths] == ["一致"] * 4
    told = verify(paths[2], replace(signed, date="2025-01-21")).differences
    assert told[1:] == ("落款日期应为“2025年1月21日”，文件中是“2025年1月20日”",)


@pytest.mark.long
def test_an_export_is_the_same_every_time_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1737365400")
    first, second = (export(county(), ["html", "docx"], tmp_path / name) for name in "ab")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert "2025-01-20" in first[0].read_text(encoding="utf-8")


def test_libreoffice_is_given_a_place_that_holds_wherever_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("发布").mkdir()
    Path("发布/print.docx").write_bytes(b"words")
    program = tmp_path / "soffice"
    program.write_text('#!/bin/sh\nfor last; do :; done\ncp "$last" "$PWD/print.pdf"\n', encoding="utf-8")
    program.chmod(0o755)
    word.by_libreoffice(str(program), Path("发布/print.docx"), Path("发布/年报.pdf"))
    assert Path("发布/年报.pdf").read_bytes() == b"words"
