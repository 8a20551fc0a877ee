"""Read back: every exported file says what was validated, and a changed one is told."""

import json
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import docx
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from nianbao.core import report as interchange
from nianbao.core.files import Manifest, Unreadable, shipped
from nianbao.core.form import Form, keys, load
from nianbao.core.grid import Cell
from nianbao.core.report import Report, to_json, with_figures
from nianbao.export.seal import published_fingerprint
from nianbao.publish import Stopped
from nianbao.verify.verify import MANIFEST, read_back, verify_all
from support.published import differences, edited, export
from support.samples import county, hostile

KINDS = ("html", "fragment", "docx", "json", "csv")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The county's report as exported, in the order of the kinds."""
    return export(county(), KINDS, tmp_path_factory.mktemp("发布"))


@pytest.fixture
def files(exported: list[Path], tmp_path: Path) -> dict[str, Path]:
    """Copies of what was exported, by kind, with the manifest beside them."""
    shutil.copytree(exported[0].parent, tmp_path, dirs_exist_ok=True)
    return {kind: tmp_path / path.name for kind, path in zip(KINDS, exported, strict=True)}


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_an_exported_file_says_what_was_validated(files: dict[str, Path], kind: str) -> None:
    assert read_back(files[kind], county()) == []
    assert differences(files[kind], county()) == []


@pytest.mark.many
@pytest.mark.parametrize("kind", KINDS)
def test_every_file_carries_the_fingerprint_of_what_was_validated(files: dict[str, Path], kind: str) -> None:
    assert published_fingerprint(files[kind]) == county().fingerprint()


@pytest.mark.many
@pytest.mark.parametrize("kind", ["html", "fragment", "docx", "json"])
def test_it_is_found_sound_by_its_own_fingerprint(files: dict[str, Path], kind: str) -> None:
    assert differences(files[kind]) == []


@pytest.mark.many
@pytest.mark.parametrize("kind", ["html", "fragment", "docx"])
def test_a_changed_figure_is_told_with_both_values(files: dict[str, Path], kind: str) -> None:
    path = edited(files[kind], "8988.0625", "8988")
    assert differences(path, county()) == [
        "“二、主动公开政府信息情况”行政事业性收费·本年收费金额：应为“8988.0625”，文件中是“8988”"
    ]
    (told,) = differences(path)
    assert "导出之后内容（或指纹本身）被改动过" in told


@pytest.mark.long
@pytest.mark.parametrize("kind", ["html", "fragment", "docx"])
def test_a_changed_sentence_is_told_where_it_begins_to_differ(files: dict[str, Path], kind: str) -> None:
    path = edited(files[kind], "全年发布信息86条", "全年发布信息96条")
    assert differences(path, county()) == [
        "“一、总体情况”第 2 段：应为“…动公开。全年发布信息86条，其中水旱灾害防御信息3…”，文件中是“…动公开。全年发布信息96条，其中水旱灾害防御信息3…”"
    ] or differences(path, county())[0].startswith("“一、总体情况”第 2 段：应为“…")


@pytest.mark.many
@pytest.mark.parametrize("kind", ["json", "csv"])
def test_changed_data_is_told(files: dict[str, Path], kind: str) -> None:
    path = edited(files[kind], "8988.0625", "8988")
    (told,) = differences(path, county())
    assert "应为“8988.0625”，文件中是“8988”" in told


def test_a_file_of_an_older_workbook_is_told(files: dict[str, Path]) -> None:
    newer = with_figures(county(), {Cell("disclosure", "penalty", "decisions"): 7})
    told = differences(files["html"], newer)
    assert "不是由现在的工作簿导出的" in told[0]
    assert told[1].endswith("应为“7”，文件中是“6”")


@pytest.mark.long
def test_another_unit_year_or_form_is_told(files: dict[str, Path]) -> None:
    told = differences(files["docx"], replace(county(), agency="红山县水利局", year=2025))
    assert any("填报单位应为“红山县水利局”，文件中是“青山县水利局”" in line for line in told)
    assert any("年度应为 2025，文件中是 2024" in line for line in told)
    other = load("cn-2019")
    report = Report(other, "青山县水利局", 2019, dict.fromkeys(other.cells, 0))
    assert "表式应为 cn-2019，文件中是 cn-2021" in differences(files["json"], report)


@pytest.mark.long
def test_data_changed_after_the_export_is_told_by_its_own_fingerprint(files: dict[str, Path]) -> None:
    told, *_ = differences(edited(files["json"], "8988.0625", "8988"))
    assert "导出之后内容（或指纹本身）被改动过" in told


@pytest.mark.long
def test_a_file_that_cannot_tell_alone_needs_something_to_compare_with(files: dict[str, Path]) -> None:
    (files["csv"].parent / MANIFEST).unlink()
    with pytest.raises(
        Unreadable, match="CSV 只有表中数据，没有文字，无法单独判断；请用 --against 指定工作簿"
    ):
        differences(files["csv"])
    files["json"].write_text(interchange.dump(county()), encoding="utf-8")
    with pytest.raises(Unreadable, match="文件里没有数据指纹，无法单独判断"):
        differences(files["json"])


def test_tables_of_an_older_workbook_are_told_as_such(files: dict[str, Path]) -> None:
    newer = with_figures(county(), {Cell("disclosure", "penalty", "decisions"): 7})
    assert "不是由现在的工作簿导出的" in differences(files["csv"], newer)[0]
    assert differences(files["csv"], replace(county(), preamble=("新的引言",))) == []


@pytest.mark.many
@pytest.mark.parametrize("mark", ["", "0123", "zzzzzzzzzzzzzzzz"])
def test_what_is_no_fingerprint_is_not_taken_for_one(files: dict[str, Path], mark: str) -> None:
    for kind in ("json", "csv"):
        assert published_fingerprint(edited(files[kind], county().fingerprint(), mark)) is None


def test_the_marks_of_a_published_file_are_no_part_of_the_report(tmp_path: Path) -> None:
    (path,) = export(county(), ["json"], tmp_path, draft=True)
    data = json.loads(path.read_text(encoding="utf-8"))
    assert len(data.pop("digest")) == 64
    assert (data.pop("fingerprint"), data.pop("draft")) == (county().fingerprint(), True)
    assert data == to_json(county())
    assert to_json(interchange.parse(path.read_bytes(), path.name)) == data


def test_what_is_no_report_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    (told,) = differences(tmp_path / "x.json", county())
    assert told == "读不出年报的内容：不是年报交换格式的 JSON"


def test_a_template_that_loses_a_figure_stops_the_export(tmp_path: Path) -> None:
    own = docx.Document(str(shipped("templates/report.docx")))
    own.tables[2].cell(3, 0).paragraphs[0].text = "0"
    own.save(str(tmp_path / "own.docx"))
    with pytest.raises(Stopped, match="读回核对发现 1 处与工作簿不一致") as stopped:
        export(county(), ["docx", "html"], tmp_path / "out", word_template=tmp_path / "own.docx")
    assert "行政复议·结果维持：应为“1”，文件中是“0”" in stopped.value.reasons[0]
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.long
def test_drafts_and_hostile_text_read_back_as_well(tmp_path: Path) -> None:
    assert len(export(county(), KINDS, tmp_path, draft=True)) == len(KINDS)
    assert len(export(hostile(), KINDS, tmp_path, draft=True)) == len(KINDS)


@pytest.mark.long
def test_blanks_and_unseen_characters_pasted_along_make_no_difference(tmp_path: Path) -> None:
    text = "\u3000\u3000（一）压实\u200b责任。\ufeff全年\u00a0发布\u2002１２条\u00ad，共计２４条。\r\n\r\n另起一行"
    report = replace(county(), narrative={**county().narrative, "problems": (text, "  ", "")})
    for path in export(report, KINDS, tmp_path):
        assert path.suffix in (".csv", ".json") or differences(path) == []


SENTENCES = (
    "全年共收到申请12件。",
    "（一）主动公开。发布信息343篇，其中图片293个；",
    "2.进一步规范办理，做到“应公开尽公开”。",
)
AGENCIES = ("青山县水利局", "红山市人民政府办公室", "乙省人力资源和社会保障厅（本级）")


def any_report(form: Form, chance: Random) -> Report:
    """A report with random figures, blanks, fees with decimals and texts."""

    def figure(cell: Cell) -> int | Decimal | None:
        if form.column(cell).decimals and chance.random() < 0.5:
            return Decimal(chance.randint(1, 10**8) * 10 + 1) / 10000
        return chance.choice((0, 0, 0, chance.randint(1, 99999), None))

    def texts() -> tuple[str, ...]:
        return tuple(
            "".join(chance.choices(SENTENCES, k=chance.randint(1, 3))) for _ in range(chance.randint(0, 2))
        )

    narrative = {section.key: texts() for section in form.sections}
    cells = {cell: figure(cell) for cell in form.cells}
    return Report(form, chance.choice(AGENCIES), form.years[0], cells, narrative=narrative)


@pytest.mark.long
@settings(max_examples=6, deadline=None, phases=[Phase.generate])
@given(st.sampled_from(keys()), st.integers(0, 2**32))
def test_every_report_of_either_form_reads_back_from_every_kind(key: str, seed: int) -> None:
    report = any_report(load(key), Random(seed))
    with TemporaryDirectory() as folder:
        for path in export(report, KINDS, Path(folder)):
            assert path.suffix in (".csv", ".json") or differences(path) == []


def test_a_kind_that_is_not_read_again_is_held_to_the_manifest(tmp_path: Path) -> None:
    """An export that somebody adds has no reader yet: it is told by its digest, never passed over."""
    (text,) = export(county(), ("csv",), tmp_path)
    manifest = Manifest(tmp_path / MANIFEST)
    odd = text.rename(text.with_suffix(".txt"))
    manifest.files.clear()
    manifest.add(odd, odd.read_bytes())
    manifest.save()
    (same,) = verify_all([tmp_path])
    assert (same.name, same.words) == (odd.name, "一致")
    (beside,) = verify_all([tmp_path], county())
    assert beside.changes == ("这种文件不能读回，没有与工作簿比较",)
    odd.write_bytes(odd.read_bytes() + b"x")
    (other,) = verify_all([tmp_path])
    assert (other.words, other.differences) == ("不一致", ("与导出清单中的记录不符",))
