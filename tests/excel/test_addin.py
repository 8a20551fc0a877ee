"""The add-in as a package: reproducible, valid, and its three languages (ribbon, VBA, Python) agree."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import addin
import pytest
from oletools.olevba import VBA_Parser

from nianbao import __version__
from nianbao.core.files import shipped
from nianbao.excel import VERBS
from nianbao.excel.install import MESSAGES
from support.ooxml import OFFICES, Judge

SOURCE = shipped("workbook/source")
RIBBON = SOURCE / "ribbon.xml"
SOURCES = addin.sources(SOURCE / "vba")
CUSTOM_UI = "{http://schemas.microsoft.com/office/2009/07/customui}"


@pytest.fixture(scope="module")
def built() -> bytes:
    return addin.build(SOURCE / "vba", RIBBON)


@pytest.fixture(scope="module")
def package(built: bytes) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(io.BytesIO(built)) as opened:
        yield opened


def controls() -> list[ElementTree.Element]:
    root = ElementTree.parse(RIBBON).getroot()
    return [root, *(element for element in root.iter() if "id" in element.attrib)]


def callbacks() -> set[str]:
    named = ("onAction", "onLoad", "getEnabled")
    return {element.attrib[name] for element in controls() for name in named if name in element.attrib}


def test_the_committed_addin_is_what_the_sources_build(built: bytes) -> None:
    assert shipped("workbook/nianbao.xlam").read_bytes() == built, "run make workbook"


def test_building_twice_gives_the_same_bytes(built: bytes) -> None:
    assert addin.build(SOURCE / "vba", RIBBON) == built


def test_the_build_command_writes_the_addin_and_leaves_nothing_else(tmp_path: Path, built: bytes) -> None:
    source = tmp_path / "source"
    (source / "vba").mkdir(parents=True)
    for name, text in SOURCES.items():
        (source / "vba" / f"{name}.bas").write_text(text, newline="")
    (source / "ribbon.xml").write_bytes(RIBBON.read_bytes())
    addin.main(source)
    assert (tmp_path / "nianbao.xlam").read_bytes() == built
    assert sorted(path.name for path in tmp_path.iterdir()) == ["nianbao.xlam", "source"]


def test_chinese_in_vba_source_stops_the_build(tmp_path: Path) -> None:
    (tmp_path / "Bad.bas").write_text('Attribute VB_Name = "Bad"\n\' 校验\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"Bad\.bas, line 2"):
        addin.build(tmp_path, RIBBON)


def test_the_vba_read_back_equals_the_source_files(tmp_path: Path, built: bytes) -> None:
    path = tmp_path / "nianbao.xlam"
    path.write_bytes(built)
    parser = VBA_Parser(str(path))
    try:
        read = {name.rpartition(".")[0]: code for _, _, name, code in parser.extract_macros()}
    finally:
        parser.close()
    assert addin.body(read.pop("Sheet1")).strip() == ""
    assert {name: addin.body(code) for name, code in read.items()} == {
        name: addin.body(text) for name, text in SOURCES.items()
    }


@pytest.mark.parametrize("office", OFFICES)
def test_microsofts_validator_finds_nothing_wrong(
    tmp_path: Path, built: bytes, office: str, complaints: Judge
) -> None:
    path = tmp_path / "nianbao.xlam"
    path.write_bytes(built)
    assert complaints(path, office) == []


def test_the_validator_also_judges_the_ribbon(tmp_path: Path, complaints: Judge) -> None:
    wrong = tmp_path / "ribbon.xml"
    wrong.write_text(
        RIBBON.read_text(encoding="utf-8").replace("screentip=", "screentipp=", 1), encoding="utf-8"
    )
    path = tmp_path / "nianbao.xlam"
    path.write_bytes(addin.build(SOURCE / "vba", wrong))
    assert any("customUI14.xml" in complaint for complaint in complaints(path))


def test_the_workbook_is_a_hidden_addin_with_code_names_that_match_its_modules(
    package: zipfile.ZipFile,
) -> None:
    types = package.read("[Content_Types].xml").decode()
    workbook = package.read("xl/workbook.xml").decode()
    assert "application/vnd.ms-excel.addin.macroEnabled.main+xml" in types
    assert 'visibility="hidden"' in workbook
    assert 'codeName="ThisWorkbook"' in workbook
    assert 'codeName="Sheet1"' in package.read("xl/worksheets/sheet1.xml").decode()


def test_the_ribbon_part_is_related_from_the_package_root(package: zipfile.ZipFile) -> None:
    relations = package.read("_rels/.rels").decode()
    kind = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
    assert f'Type="{kind}" Target="customUI/customUI14.xml"' in relations
    assert package.read("customUI/customUI14.xml") == RIBBON.read_bytes()


def test_every_part_is_stored_with_the_same_date_whatever_the_machine(package: zipfile.ZipFile) -> None:
    seen = {(part.date_time, part.compress_type, part.create_system) for part in package.infolist()}
    assert seen == {((1980, 1, 1, 0, 0, 0), zipfile.ZIP_STORED, 0)}


def test_every_callback_names_our_module_and_a_public_procedure_in_it() -> None:
    assert len(callbacks()) >= 17
    for callback in callbacks():
        module, _, procedure = callback.partition(".")
        assert module == "NianbaoRibbon", callback
        assert re.search(rf"^Public Sub {procedure}\(", SOURCES[module], re.M), callback


def test_every_public_callback_in_the_module_is_used_by_the_ribbon() -> None:
    written = re.findall(r"^Public Sub (On\w+)\(", SOURCES["NianbaoRibbon"], re.M)
    assert {f"NianbaoRibbon.{name}" for name in written} == callbacks()


def test_the_verbs_the_buttons_launch_are_exactly_those_of_the_package() -> None:
    launched = re.findall(r'\bLaunch "(\w+)"', SOURCES["NianbaoRibbon"])
    assert sorted(launched) == sorted(VERBS)
    assert all(re.fullmatch(r"[a-z_]+", verb) for verb in VERBS)


def test_every_message_the_vba_shows_has_its_cell_and_every_cell_is_shown() -> None:
    used = {name for text in SOURCES.values() for name in re.findall(r'"(message_\w+)"', text)}
    assert used == set(MESSAGES)


def test_ribbon_ids_are_unique_and_every_button_explains_itself_in_chinese() -> None:
    ids = [element.attrib["id"] for element in controls() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    buttons = [element for element in controls() if element.tag == f"{CUSTOM_UI}button"]
    assert len(buttons) == 20
    for button in buttons:
        assert re.search("[\u4e00-\u9fff]", button.attrib["supertip"]), button.attrib["id"]
        assert button.attrib["screentip"] and button.attrib["imageMso"] and button.attrib["label"]


def test_the_tab_shows_the_buttons_staff_know_by_name() -> None:
    labels = " ".join(element.attrib["label"] for element in controls() if "label" in element.attrib)
    assert labels == (
        "年报 填报 新建年报 导入上年 校验 校验 上一处 下一处 清除标记 整理 规范数字 空格补 0 撤销 "
        "发布 导出 网页 Word PDF JSON 数据 全部 仍要导出草稿 汇总 新建汇总 汇总 帮助 使用说明 关于"
    )


def test_only_what_needs_no_report_stays_enabled_without_one() -> None:
    root = ElementTree.parse(RIBBON).getroot()
    menu = root.find(f".//{CUSTOM_UI}menu")
    assert menu is not None
    inside = set(menu)
    free = [
        element.attrib["label"]
        for element in root.iter(f"{CUSTOM_UI}button")
        if "getEnabled" not in element.attrib and element not in inside
    ]
    assert free == ["新建年报", "新建汇总", "汇总", "使用说明", "关于"]


def test_the_vba_stays_small_and_reads_no_interpreter_from_a_workbook() -> None:
    code = [line for text in SOURCES.values() for line in text.splitlines() if line.strip()]
    assert len(code) <= 175
    launcher = SOURCES["NianbaoLauncher"]
    assert 'ThisWorkbook.Worksheets("messages").Range(key).Value' in launcher
    assert re.findall(r"ActiveWorkbook\.(\w+)", launcher) == ["Name"]
    assert not re.search(r"cmd|powershell|\bShell\(|Environ\$?\(", launcher, re.I)


def test_about_tells_the_version() -> None:
    assert __version__ in MESSAGES["message_about"]
