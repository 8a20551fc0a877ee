"""The parts of the ribbon's functions that need no spreadsheet application."""

import ast
import inspect
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from nianbao.checks.validate import validate
from nianbao.cli import main
from nianbao.core import form as forms
from nianbao.core.files import Unreadable
from nianbao.core.grid import Cell
from nianbao.core.report import with_figures
from nianbao.excel import VERBS, flagging, tidying
from nianbao.excel.book import Formula, areas, as_saved, cells, cover, digits, link, serial, typed
from nianbao.excel.flagging import first_place
from nianbao.workbook import layout as at
from nianbao.workbook import tidy
from nianbao.workbook.flags import ResultRow, plan
from nianbao.workbook.layout import NO_SPOT, Layout, Spot
from nianbao.xlsx.value import Value
from support.build import hubei

LAYOUT = Layout.of(hubei().form)
PACKAGE = Path(flagging.__file__).parents[1]


@pytest.mark.parametrize(
    ("value", "formula", "saved"),
    [
        (None, "", None),
        ("", "", None),
        (None, "=B1", Value("s", "", True)),
        (12.0, "12", Value("n", "12", False)),
        (0.1, "0.1", Value("n", "0.1", False)),
        (Decimal("8.2455"), "8.2455", Value("n", "8.2455", False)),
        (1e20, "1E+20", Value("n", "1e+20", False)),
        (True, "TRUE", Value("b", "1", False)),
        ("#DIV/0!", "=1/0", Value("e", "#DIV/0!", True)),
        ("3件", "3件", Value("s", "3件", False)),
        ("=text", "=text", Value("s", "=text", False)),
    ],
)
def test_a_cell_of_an_open_workbook_reads_as_a_file_would_have_it(
    value: object, formula: str, saved: Value | None
) -> None:
    assert as_saved(value, formula) == saved


def test_a_number_gives_the_shortest_digits_that_are_exactly_it() -> None:
    assert [digits(x) for x in (201.0, -3.0, 0.1 + 0.2, 1e15)] == [
        "201",
        "-3",
        "0.30000000000000004",
        "1000000000000000.0",
    ]


def test_a_cell_formatted_as_a_date_is_the_number_it_holds() -> None:
    assert serial(2021, 12, 31) == 44561
    assert serial(2021, 12, 31, 12) == 44561.5


def test_a_block_is_placed_by_its_left_column() -> None:
    assert cells([[1.0, None], [None, "x"]], [["1", ""], ["", "x"]], 2) == {
        (1, 2): Value("n", "1", False),
        (2, 3): Value("s", "x", False),
    }


@pytest.mark.parametrize("text", ["=1+1", "+1", "-", "@x", "12", "2021-01-01", "1e5", "'x"])
def test_a_text_that_a_spreadsheet_would_take_for_something_else_is_marked_as_text(text: str) -> None:
    assert typed(text) == f"'{text}"


def test_other_contents_are_handed_over_as_they_are() -> None:
    assert [typed(v) for v in ("强制性", 3, None, Formula("=1"))] == ["强制性", 3, None, "=1"]


def test_a_link_leads_to_the_cell_and_survives_quotes_in_names() -> None:
    assert link("a'b", "C3", 'x"y') == '=HYPERLINK("#\'a\'\'b\'!C3","x""y")'


@pytest.mark.parametrize("key", forms.keys())
def test_no_hidden_column_of_a_section_is_ever_read(key: str) -> None:
    layout = Layout.of(forms.load(key))
    read = {area.sheet: area for area in (cover(), *areas(layout))}
    assert set(read) == set(layout.read_sheets)
    for sheet in layout.sheets:
        assert read[sheet.name].right < sheet.hidden[0]


def line(spot: Spot, message: str) -> ResultRow:
    return ResultRow("强制性", "", spot, message, "", "")


def test_the_first_place_comes_with_all_messages_of_its_cell_and_the_number_of_cells() -> None:
    first, second = Spot("三、申请办理", 10, 5), Spot("封面", 6, 4)
    lines = [line(NO_SPOT, "零"), line(first, "甲"), line(second, "丙"), line(first, "乙")]
    assert first_place(lines, [first.sheet, second.sheet]) == (first, "第 1 处，共 2 处：甲；乙")
    assert first_place(lines, [second.sheet]) == (second, "第 1 处，共 1 处：丙")
    assert first_place(lines[:1], [first.sheet]) is None


def test_the_status_bar_says_no_more_than_it_can_show() -> None:
    _, text = first_place([line(Spot("a", 1, 1), "长" * 500)], ["a"]) or (None, "")
    assert text.endswith("长…") and len(text) < 200


def test_the_plan_has_one_block_of_marks_a_sheet_and_numbers_the_lines() -> None:
    report = with_figures(hubei(), {Cell.parse("requests.granted.natural"): -1})
    planned = plan(report, validate(report), datetime(2022, 1, 5, 9, 30))
    blocks = flagging.blocks_of(planned)
    marked = [b for b in blocks if b.first.sheet == "三、申请办理"]
    assert len(marked) == 1
    listed = next(b for b in blocks if b.first == Spot(at.RESULTS, at.RESULTS_TOP, 2))
    assert [row[0] for row in listed.rows] == list(range(1, len(planned.lines) + 1))
    stored = next(b for b in blocks if b.first == at.STORED[0])
    assert stored.rows[0][0] == "2022-01-05 09:30:00"


def test_opening_figures_are_read_from_the_forms_rules() -> None:
    pairs = {str(now): str(before) for now, before in tidy.opening(hubei())}
    applicants = ("natural", "business", "research", "charity", "legal", "other")
    assert pairs == {f"requests.carried_in.{a}": f"requests.carried_out.{a}" for a in applicants}


def last_year() -> object:
    return replace(hubei(), year=2020)


def test_blank_cells_are_filled_and_what_staff_typed_is_named_and_left() -> None:
    last = with_figures(
        replace(hubei(), year=2020),
        {Cell.parse("requests.carried_out.natural"): 17, Cell.parse("requests.carried_out.legal"): 2},
    )
    now = with_figures(
        hubei(), {Cell.parse("requests.carried_in.natural"): None, Cell.parse("requests.carried_in.legal"): 5}
    )
    brought = tidy.bring(now, last, LAYOUT)
    assert brought.fill[LAYOUT.spot(Cell.parse("requests.carried_in.natural"))] == 17
    assert LAYOUT.spot(Cell.parse("requests.carried_in.legal")) not in brought.fill
    assert "现为 5，上年报告为 2" in "".join(brought.differing)
    assert (
        brought.fill[at.PREVIOUS_YEAR] == 2020
        and brought.fill[at.PREVIOUS_FORM] == "国办公开办函〔2021〕30号"
    )
    assert "没有改动" in tidy.in_words(brought)


def test_bringing_in_the_same_report_again_changes_nothing() -> None:
    last = replace(hubei(), year=2020)
    first = tidy.bring(hubei(), last, LAYOUT)
    again = tidy.bring(replace(hubei(), previous=last), last, LAYOUT)
    assert first.fill and not {s for s in again.fill if s.sheet == at.PREVIOUS}


def test_a_report_of_another_year_is_refused_in_one_sentence() -> None:
    with pytest.raises(
        Unreadable, match=r"去年\.xlsx：是 2019 年度的报告，本工作簿是 2021 年度，上年应为 2020 年度；"
    ):
        tidy.suits(hubei(), replace(hubei(), year=2019), "去年.xlsx")


def test_neighbours_are_written_in_one_call() -> None:
    spots = {Spot("a", 1, 2): 1.0, Spot("a", 1, 3): 2.0, Spot("a", 1, 5): 3.0, Spot("a", 2, 2): 4.0}
    assert [len(run) for run in tidying.runs(spots)] == [2, 1, 1]


def test_every_verb_of_the_ribbon_is_a_function_that_needs_no_argument() -> None:
    from nianbao.excel import verbs

    for verb in (*VERBS, "export"):
        needed = [
            p for p in inspect.signature(getattr(verbs, verb)).parameters.values() if p.default is p.empty
        ]
        assert not needed, verb


@pytest.mark.long
def test_xlwings_is_imported_in_one_file() -> None:
    found = [path for path in PACKAGE.rglob("*.py") if "xlwings" in _imports(path)]
    assert found == [PACKAGE / "excel" / "book.py"]


def _imports(path: Path) -> set[str]:
    """What a file imports when it runs; imports for types alone do not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = [ast.Pass()]
    names = [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    names += [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    return {name.partition(".")[0] for name in names}


@pytest.mark.long
def test_install_says_what_it_did_and_uninstall_undoes_it(tmp_path: Path) -> None:
    env = {"APPDATA": str(tmp_path / "Roaming"), "LOCALAPPDATA": str(tmp_path / "Local")}
    done = CliRunner().invoke(main, ["install"], env=env)
    assert done.exit_code == 0 and "已安装加载项" in done.output
    assert (tmp_path / "Roaming/Microsoft/Excel/XLSTART/nianbao.xlam").exists()
    undone = CliRunner().invoke(main, ["uninstall"], env=env)
    assert undone.exit_code == 0 and "已卸载加载项" in undone.output
    assert not (tmp_path / "Roaming").exists()


def test_install_without_a_windows_profile_says_so_and_exits_2() -> None:
    done = CliRunner().invoke(main, ["install"], env={"APPDATA": ""})
    assert done.exit_code == 2 and "APPDATA" in done.output


def test_doctor_exits_1_when_something_is_wrong(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["doctor"], env={"APPDATA": str(tmp_path)})
    assert done.exit_code == 1 and "✗ 加载项" in done.output and "怎么办：" in done.output


def test_the_verbs_can_be_called_from_plain_xlwings() -> None:
    import nianbao.excel
    from nianbao.excel import verbs

    for name in ("validate", "clear", "export", "consolidate", "import_previous", "new"):
        assert getattr(nianbao.excel, name) is getattr(verbs, name)
    with pytest.raises(AttributeError):
        getattr(nianbao.excel, "explode")  # noqa: B009
