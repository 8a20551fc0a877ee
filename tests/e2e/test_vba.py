"""The add-in's VBA, run in a real LibreOffice from a twin of the add-in, with what it would run recorded."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import addin
import openpyxl
import pytest

from libreoffice.office import Office, properties, safely
from nianbao.core.files import shipped
from nianbao.excel.install import MESSAGES
from support.twin import REPLACED, callbacks, modules, write_twin

PYTHON = r"C:\Program Files\Python311\python.exe"
LOG = r"C:\Users\wang\AppData\Local\nianbao\nianbao.log"
BUTTONS = callbacks()
Press = Callable[..., str]


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    running = Office()
    yield running
    running.quit()


@safely
def opened(office: Office, path: Path) -> Any:
    always = properties(MacroExecutionMode=4)
    return office.desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, always)


@safely
def call(document: Any, function: str, *arguments: str) -> str:
    address = f"vnd.sun.star.script:VBAProject.{function}?language=Basic&location=document"
    return str(document.getScriptProvider().getScript(address).invoke(arguments, (), ())[0])


@pytest.fixture(scope="module")
def twin(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    path = tmp_path_factory.mktemp("twin") / "nianbao.xlsm"
    write_twin(path, PYTHON)
    document = opened(office, path)
    yield document
    safely(document.close)(True)


@pytest.fixture
def in_front(office: Office) -> Iterator[Callable[[Path], None]]:
    """Opens a workbook in front of the twin, so that it is the active one."""
    documents = []

    def show(path: Path) -> None:
        documents.append(opened(office, path))

    yield show
    for document in documents:
        safely(document.close)(True)


@pytest.fixture
def form(tmp_path: Path) -> Path:
    path = tmp_path / "年报.xlsx"
    write_form(path)
    return path


def write_form(path: Path, extra_sheets: dict[str, list[list[str]]] | None = None) -> None:
    book = openpyxl.Workbook()
    book.active.title = "封面"
    book.create_sheet("填报说明")
    for name, rows in (extra_sheets or {}).items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    for name, cell in {"nianbao.form": "封面!$A$1", **hostile_names(extra_sheets)}.items():
        book.defined_names[name] = openpyxl.workbook.defined_name.DefinedName(name, attr_text=cell)
    book.save(path)


def hostile_names(sheets: dict[str, list[list[str]]] | None) -> dict[str, str]:
    return {"message_python": "messages!$B$1"} if sheets else {}


def press(twin: Any, button: str, answer: str = "0") -> str:
    return call(twin, f"TwinDriver.Press_{button}", answer)


def test_each_module_compiles_and_answers(twin: Any) -> None:
    for name in modules():
        assert call(twin, f"{name}.Probe{name}") == f"{name} runs"


def test_the_twin_differs_from_the_addin_only_where_libreoffice_is_not_windows() -> None:
    original = "".join(addin.sources(shipped("workbook/source/vba")).values())
    assert all(original.count(text) == 1 for text in REPLACED)
    before, after = original.splitlines(), "".join(modules().values()).splitlines()
    changed = [line for line in before if line not in after]
    assert len(changed) == len(REPLACED) + 3 - 1, "Hwnd stands in one of the three environment lines"


@pytest.mark.parametrize(("button", "verb"), [item for item in BUTTONS.items() if item[1]])
def test_each_button_runs_its_verb_with_the_addins_interpreter_isolated_hidden_and_waited_for(
    twin: Any, in_front: Callable[[Path], None], form: Path, button: str, verb: str
) -> None:
    in_front(form)
    assert press(twin, button).splitlines() == [
        "ENVIRONMENT PROCESS",
        "NIANBAO_HWND=4711",
        "NIANBAO_NAME=年报.xlsx",
        f"NIANBAO_LOG={LOG}",
        f'RUN "{PYTHON}" -P -E -m nianbao.excel {verb}',
        "STYLE 0",
        "WAIT True",
        "SHEET 封面",
    ]


def test_a_run_that_fails_is_told_with_its_code_and_the_logs_place(twin: Any) -> None:
    said = press(twin, "OnValidate", "7")
    assert f"SAID {MESSAGES['message_title']}: {MESSAGES['message_failed']}7\n{LOG}\n" in said


def test_a_run_that_fails_before_it_can_write_a_log_is_told_so(twin: Any) -> None:
    assert f"SAID {MESSAGES['message_title']}: {MESSAGES['message_early']}1\n" in press(
        twin, "OnValidate", "early"
    )


def test_a_system_that_lets_excel_start_nothing_is_told_with_the_way_round_it(twin: Any) -> None:
    assert "nianbao excel validate" in press(twin, "OnValidate", "blocked")


def test_next_and_previous_go_round_the_listed_places_without_python(
    twin: Any, in_front: Callable[[Path], None], tmp_path: Path
) -> None:
    rows = [[], [], [], [], ["", "序号", "性质", "位置", "问题"]]
    places = ["封面 D6", "填报说明 B3", "填报说明 B3", "整个文件", "封面 D8　年度"]
    rows += [["", n, "强制性", place, "问题"] for n, place in enumerate(places, 1)]
    write_form(tmp_path / "年报.xlsx", {"校验结果": rows})
    in_front(tmp_path / "年报.xlsx")
    walked = [press(twin, button) for button in ("OnNextFinding",) * 4 + ("OnPreviousFinding",) * 2]
    assert [said.rpartition("SHEET ")[2] for said in walked] == [
        "封面",
        "填报说明",
        "封面",
        "封面",
        "封面",
        "填报说明",
    ]
    assert not any("RUN" in said or "ERROR" in said for said in walked)


def test_where_nothing_is_listed_next_says_so(
    twin: Any, in_front: Callable[[Path], None], form: Path
) -> None:
    in_front(form)
    assert MESSAGES["message_no_list"] in press(twin, "OnNextFinding")


def test_a_python_that_does_not_start_is_told_with_what_to_do(twin: Any) -> None:
    said = press(twin, "OnValidate", "raise")
    assert MESSAGES["message_missing"] in said and "nianbao install" in said and "file not found" in said


def test_after_a_failure_the_next_click_runs_again(twin: Any) -> None:
    press(twin, "OnValidate", "raise")
    assert press(twin, "OnValidate").count("RUN ") == 1


def test_a_click_while_a_verb_is_running_does_not_start_another(twin: Any) -> None:
    assert re.findall("RUN .* (\\w+)\n", press(twin, "OnValidate", "again")) == ["validate"]


def test_on_a_mac_nothing_is_run_and_the_command_line_is_pointed_to(twin: Any) -> None:
    said = press(twin, "OnValidate", "mac")
    assert "RUN" not in said
    assert MESSAGES["message_mac"] in said


def test_without_an_interpreter_nothing_is_run_and_the_user_is_told_to_install(
    office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "bare.xlsm"
    write_twin(path, "")
    document = opened(office, path)
    said = press(document, "OnValidate")
    safely(document.close)(True)
    assert "RUN" not in said and MESSAGES["message_missing"] in said


def test_help_shows_the_instructions_of_the_workbook(
    twin: Any, in_front: Callable[[Path], None], form: Path
) -> None:
    in_front(form)
    assert press(twin, "OnHelp") == "SHEET 填报说明"


def test_help_without_such_a_sheet_says_how_to_get_one(twin: Any) -> None:
    assert MESSAGES["message_help"] in press(twin, "OnHelp")


def test_about_tells_the_version_and_the_interpreter(twin: Any) -> None:
    assert f"{MESSAGES['message_about']}{PYTHON}\n" in press(twin, "OnAbout")


def test_buttons_are_enabled_only_on_our_workbooks(
    twin: Any, in_front: Callable[[Path], None], form: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(other)
    in_front(other)
    assert call(twin, "TwinDriver.IsEnabled") == "False"
    in_front(form)
    assert call(twin, "TwinDriver.IsEnabled") == "True"


EVIL = r"C:\evil\python.exe"
HOSTILE_NAME = "年报 & %TEMP% ^ ' $ ; ( 1.xlsx"


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A workbook that names another interpreter everywhere it can, with modules of our names beside it."""
    folder = tmp_path / "张 三 & % ^ ' $ ; ("
    folder.mkdir()
    path = folder / HOSTILE_NAME
    settings = [["Interpreter_Win", EVIL], ["Interpreter", EVIL], ["PYTHONPATH", str(folder)]]
    write_form(path, {"xlwings.conf": settings, "messages": [["message_python", EVIL]]})
    for name in ("nianbao.py", "xlwings.py", "sitecustomize.py"):
        trap = "import pathlib\npathlib.Path(__file__).with_name('trapped').touch()\n"
        (folder / name).write_text(trap, encoding="utf-8")
    return path


def test_a_hostile_workbook_changes_nothing_about_what_is_run(
    twin: Any, in_front: Callable[[Path], None], hostile: Path, form: Path
) -> None:
    in_front(form)
    kind = press(twin, "OnExportAll")
    in_front(hostile)
    wicked = press(twin, "OnExportAll")
    assert f"NIANBAO_NAME={HOSTILE_NAME}\n" in wicked
    assert wicked.replace(str(hostile), str(form)).replace(HOSTILE_NAME, form.name) == kind
    assert "evil" not in wicked


def test_modules_beside_a_hostile_workbook_are_not_what_is_imported(
    twin: Any, in_front: Callable[[Path], None], hostile: Path
) -> None:
    in_front(hostile)
    record = press(twin, "OnValidate")
    assert run_as_recorded(record, hostile.parent, isolated=True) == 0
    assert not (hostile.parent / "trapped").exists()


def test_without_isolation_the_same_folder_would_have_been_a_trap(
    twin: Any, in_front: Callable[[Path], None], hostile: Path
) -> None:
    in_front(hostile)
    assert run_as_recorded(press(twin, "OnValidate"), hostile.parent, isolated=False) != 0
    assert (hostile.parent / "trapped").exists()


def run_as_recorded(record: str, folder: Path, *, isolated: bool) -> int:
    """Runs the recorded command from the workbook's folder, this machine's interpreter in place of Windows'.

    The verb's module is replaced by one without effects, so that no Excel is needed.
    """
    found = re.search(r'^RUN "(.+?)" (-P -E) -m nianbao\.excel validate$', record, re.M)
    assert found and found[1] == PYTHON
    environment = dict(re.findall(r"^(NIANBAO_\w+)=(.*)$", record, re.M)) | {"PYTHONPATH": str(folder)}
    options = found[2].split() if isolated else []
    command = [sys.executable, *options, "-m", "nianbao.excel.install"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False).returncode
