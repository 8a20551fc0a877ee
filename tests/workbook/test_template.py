"""The workbook written new: it looks as printed, computes by itself, and keeps whatever it was given."""

import os
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.workbook import Workbook

from nianbao.core.files import Unreadable
from nianbao.core.form import Form
from nianbao.core.grid import Cell
from nianbao.core.report import Explanation, Report, with_figures
from nianbao.workbook import layout as at
from nianbao.workbook.layout import Layout, height
from nianbao.workbook.reader import read
from nianbao.workbook.writer import blank, write
from support.build import FORM, changed, hubei, plain, tiny, tiny_report
from support.strategies import odd

GOLDEN = Path(__file__).parents[1] / "golden" / "template-cn-2021.txt"


def through(report: Report, folder: Path, name: str = "book.xlsx") -> Report:
    """The report written into a workbook and read back."""
    (folder / name).unlink(missing_ok=True)
    write(report, folder / name)
    return read(folder / name, report.form)


def opened(report: Report, folder: Path) -> Workbook:
    write(report, folder / "book.xlsx")
    return openpyxl.load_workbook(folder / "book.xlsx")


class TestTheTemplate:
    @pytest.mark.long
    @pytest.mark.parametrize("form", [FORM, tiny()], ids=lambda f: f.key)
    def test_every_label_stands_at_its_place_with_its_spans(self, form: Form, tmp_path: Path) -> None:
        book = opened(blank(form, 2022), tmp_path)
        for sheet in Layout(form).sheets:
            merged = {str(area) for area in book[sheet.name].merged_cells.ranges}
            for box in sheet.table.grid.labels if sheet.table else ():
                row, column = sheet.box(box)
                assert (book[sheet.name].cell(row, column).value or "") == box.text
                if box.rows * box.columns > 1:
                    last = book[sheet.name].cell(row + box.rows - 1, column + box.columns - 1)
                    assert f"{book[sheet.name].cell(row, column).coordinate}:{last.coordinate}" in merged

    @pytest.mark.long
    def test_the_sheets_stand_in_the_order_of_the_report(self, tmp_path: Path) -> None:
        assert opened(blank(FORM, 2022), tmp_path).sheetnames == [
            "封面",
            "一、总体情况",
            "二、主动公开",
            "三、申请办理",
            "四、复议诉讼",
            "五、问题改进",
            "六、其他事项",
            "上年数据",
            "勾稽核对",
            "校验结果",
            "审核说明",
            "填报说明",
        ]

    @pytest.mark.long
    def test_inputs_are_open_and_everything_else_is_locked(self, tmp_path: Path) -> None:
        book, layout = opened(blank(FORM, 2022), tmp_path), Layout(FORM)
        for cell, spot in layout.cells():
            written = book[spot.sheet].cell(spot.row, spot.column)
            assert written.protection.locked is (cell in FORM.filled)
            assert book[spot.sheet].protection.sheet
            assert book[spot.sheet].protection.password is None

    @pytest.mark.long
    def test_every_input_is_validated_and_no_total_is(self, tmp_path: Path) -> None:
        book, layout = opened(blank(FORM, 2022), tmp_path), Layout(FORM)
        for cell, spot in layout.cells():
            rules = [
                rule
                for rule in book[spot.sheet].data_validations.dataValidation
                if spot.a1 in rule.sqref or any(spot.a1 in area for area in _cells(rule.sqref))
            ]
            kinds = [rule.type for rule in rules]
            whole = "decimal" if FORM.column(cell).decimals else "whole"
            assert kinds == ([] if cell in FORM.filled else [whole])

    def test_an_empty_template_has_no_total_and_no_verdict_yet(self, tmp_path: Path) -> None:
        write(blank(FORM, 2022, "某局"), tmp_path / "book.xlsx")
        shown = openpyxl.load_workbook(tmp_path / "book.xlsx", data_only=True)
        assert {shown["勾稽核对"].cell(6 + n, 9).value for n in range(len(FORM.equations))} == {"—"}
        assert shown["三、申请办理"]["B3"].value == "○ 尚未填写"
        assert shown["封面"]["B3"].value == "某局2022年政府信息公开工作年度报告"

    @pytest.mark.long
    def test_the_filled_workbook_shows_its_totals_without_being_calculated(self, tmp_path: Path) -> None:
        write(hubei(), tmp_path / "book.xlsx")
        shown = openpyxl.load_workbook(tmp_path / "book.xlsx", data_only=True)
        for cell, spot in Layout(FORM).cells():
            assert shown[spot.sheet].cell(spot.row, spot.column).value == hubei().figures[cell]
        assert shown["三、申请办理"]["B3"].value == "✓ 表内勾稽关系全部成立"
        assert shown["勾稽核对"]["B3"].value == "共 51 条，成立 42 条，不成立 0 条，待更正 0 条"

    @pytest.mark.long
    def test_a_total_is_a_formula_unless_it_was_published_otherwise(self, tmp_path: Path) -> None:
        book = opened(changed(hubei(), {"requests.received.total": 216}), tmp_path)
        layout = Layout(FORM)
        for cell in FORM.filled:
            spot = layout.spot(cell)
            value = book[spot.sheet].cell(spot.row, spot.column).value
            if str(cell) == "requests.received.total":
                assert value == 216
            else:
                assert str(value).startswith("=IF(COUNT(")

    @pytest.mark.parametrize("report", [blank(FORM, 2022), hubei()], ids=["empty", "filled"])
    def test_nothing_in_it_leads_outside(self, report: Report, tmp_path: Path) -> None:
        import zipfile

        write(report, tmp_path / "book.xlsx")
        with zipfile.ZipFile(tmp_path / "book.xlsx") as package:
            assert not [n for n in package.namelist() if "external" in n.lower() or "vba" in n.lower()]
            assert not [n for n in package.namelist() if b'TargetMode="External"' in package.read(n)]


def _cells(areas: Any) -> Iterator[list[str]]:
    for area in areas.ranges:
        yield [f"{openpyxl.utils.get_column_letter(c)}{r}" for row in area.rows for r, c in row]


ODD_TEXTS = [
    "/",
    "163件",
    "#REF!",
    "=1+1",
    " 12",
    "是",
    "TRUE",
    "_x0041_",
    "12\t",
    "1e5",
    "'12",
    "@x",
    "\x01",
]
ODD_NAMES = [
    "=cmd|'/c calc'!A0",
    "<b>局</b>",
    'a"b局',
    "'单引号",
    "局" * 200,
    "𠮷县&<>",
    "+86",
    "a\x01b",
]


class TestNothingIsLost:
    @pytest.mark.long
    @settings(max_examples=10)
    @given(report=odd())
    def test_whatever_stood_in_a_report_goes_through_a_workbook_unchanged(
        self, report: Report, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        tidy = replace(
            report,
            agency=report.agency.strip(),
            agency_code=report.agency_code.strip(),
            level=report.level.strip(),
            scope=report.scope.strip(),
            explanations=(),
        )
        back = through(tidy, tmp_path_factory.mktemp("odd"))
        assert plain(back) == plain(tidy)

    def test_texts_in_number_cells_stay_as_they_stood(self, tmp_path: Path) -> None:
        for first in (1, 8):
            cells = [c for n, c in enumerate(FORM.cells) if n % 9 == first][: len(ODD_TEXTS)]
            report = with_figures(hubei(), dict(zip(cells, ODD_TEXTS, strict=True)))
            assert plain(through(report, tmp_path)) == plain(report)

    @pytest.mark.long
    def test_blanks_fractions_and_totals_unlike_their_sum_stay_as_they_stood(self, tmp_path: Path) -> None:
        values = [None, 0, -3, Decimal("0.5"), Decimal("8988.0625"), 10**15, 216, 0, None]
        keys = [*(c for c in FORM.cells if c.column == "total"), Cell.parse("disclosure.fees.amount")]
        for first in range(0, 27, 9):
            report = with_figures(hubei(), dict(zip(keys[first:], values, strict=False)))
            assert plain(through(report, tmp_path)) == plain(report)

    @pytest.mark.long
    @pytest.mark.parametrize("name", ODD_NAMES)
    def test_an_odd_name_is_a_name_and_nothing_else(self, name: str, tmp_path: Path) -> None:
        report = replace(hubei(), agency=name, level=name, scope=name, agency_code=name)
        assert plain(through(report, tmp_path)) == plain(report)
        assert openpyxl.load_workbook(tmp_path / "book.xlsx")["封面"]["D6"].data_type == "s"

    def test_paragraphs_stay_as_they_were_typed(self, tmp_path: Path) -> None:
        texts = (
            "=HYPERLINK(1)",
            "一\n二",
            '"引"',
            "'",
            " 首行缩进",
            "尾空格 ",
            "http://例.cn",
            "2021",
            "\t表",
        )
        texts += ("a\r\nb", "段" * 5000, "@x", "-1", "\x01")
        narrative = {section.key: texts for section in FORM.sections}
        report = replace(hubei(), narrative=narrative, preamble=texts)
        assert plain(through(report, tmp_path)) == plain(report)

    def test_what_is_no_character_is_replaced_so_that_the_file_stays_sound(self, tmp_path: Path) -> None:
        report = replace(hubei(), agency="\uffff局", preamble=("\ud800",))
        back = through(report, tmp_path)
        assert (back.agency, back.preamble) == ("\ufffd局", ("\ufffd",))

    def test_more_paragraphs_than_rows_were_prepared_are_no_harm(self, tmp_path: Path) -> None:
        many = tuple(f"第{n}段" for n in range(120))
        narrative = {section.key: many for section in FORM.sections}
        report = replace(hubei(), narrative=narrative, preamble=many)
        assert plain(through(report, tmp_path)) == plain(report)

    def test_last_years_figures_and_explanations_are_kept(self, tmp_path: Path) -> None:
        last = Report(FORM, hubei().agency, 2020, {**hubei().figures}, {})
        given = Explanation(
            "previous.jump",
            ("requests.received.total", "requests.carried_in.total"),
            "因为机构改革划转",
            "abc",
        )
        report = replace(hubei(), previous=last, explanations=(given,))
        assert plain(through(report, tmp_path)) == plain(report)

    @pytest.mark.many
    @pytest.mark.parametrize("year", [None, 3021, 20211, 12])
    def test_a_year_stays_as_it_stood_even_when_it_cannot_be_right(
        self, year: int | None, tmp_path: Path
    ) -> None:
        assert through(replace(hubei(), year=year), tmp_path).year == year

    def test_a_form_of_another_country_goes_through_unchanged(self, tmp_path: Path) -> None:
        odd_one = tiny_report(granted__press="three", refused__net=None, decided__fees=Decimal("0.1"))
        for report in (tiny_report(), odd_one, replace(odd_one, previous=tiny_report())):
            assert plain(through(report, tmp_path)) == plain(report)


class TestRefusals:
    @pytest.mark.parametrize(
        "report",
        [
            replace(hubei(), agency="局" * 32_768),
            replace(hubei(), narrative={"other": ("段" * 32_768,)}),
            replace(hubei(), preamble=("𠮷" * 16_384,)),
            changed(hubei(), {"requests.received.natural": "1" * 32_768}),
            replace(hubei(), explanations=(Explanation("a.b", (), "说" * 32_768),)),
        ],
        ids=["name", "paragraph", "rare characters", "text", "explanation"],
    )
    def test_what_no_cell_can_hold_is_told_and_nothing_is_written(
        self, report: Report, tmp_path: Path
    ) -> None:
        with pytest.raises(Unreadable, match="超过 32767 字") as told:
            write(report, tmp_path / "book.xlsx")
        assert str(told.value).startswith("book.xlsx：")
        assert list(tmp_path.iterdir()) == []


def dump(path: Path) -> str:
    """Everything in a workbook that a person could see change, as text: one line a cell, span, rule or width."""
    book, shown = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    lines = []
    for page in book:
        lines.append(
            f"== {page.title} {page.sheet_state} {page.print_options.horizontalCentered} {page.freeze_panes}"
        )
        lines += sorted(f"merged {area}" for area in page.merged_cells.ranges)
        for letter, column in sorted(page.column_dimensions.items()):
            lines.append(
                f"width {letter} {column.min}-{column.max} {column.width:g} {'hidden' if column.hidden else ''}".rstrip()
            )
        for rule in page.data_validations.dataValidation:
            lines.append(
                f"validation {rule.sqref} {rule.type} {rule.operator} {rule.formula1} {rule.formula2} {rule.prompt!r} {rule.error!r}"
            )
        for area in page.conditional_formatting:
            lines += [f"format {area.sqref} {rule.formula} {rule.stopIfTrue}" for rule in area.rules]
        for row in page.iter_rows():
            for cell in row:
                if cell.value is not None:
                    value = shown[page.title][cell.coordinate].value if cell.data_type == "f" else ""
                    lines.append(
                        f"{cell.coordinate} {cell.value!r} {value!r}"
                        if value != ""
                        else f"{cell.coordinate} {cell.value!r}"
                    )
    return "\n".join(lines) + "\n"


@pytest.mark.long
def test_locked_totals_are_not_counted_as_cells_to_fill_in(tmp_path: Path) -> None:
    filled = {Cell.parse(f"remedies.reconsideration.{column}"): 2 for column in ("upheld", "total")}
    begun = with_figures(blank(FORM, 2024, "某县水利局"), filled)
    write(begun, tmp_path / "begun.xlsx")
    page = openpyxl.load_workbook(tmp_path / "begun.xlsx", data_only=True)["四、复议诉讼"]
    assert page["B3"].value == "○ 还有 11 格未填，没有的请填 0"


@pytest.mark.long
def test_a_preamble_of_the_usual_length_is_seen_whole_when_typed_in(tmp_path: Path) -> None:
    write(blank(FORM, 2024, "某县水利局"), tmp_path / "template.xlsx")
    page = openpyxl.load_workbook(tmp_path / "template.xlsx")["封面"]
    wide = sum(page.column_dimensions[letter].width for letter in "BCDE")
    paragraph = "根据《中华人民共和国政府信息公开条例》第五十条的规定，编制本报告。" * 7
    assert len(paragraph) * 2 < wide * 6
    assert page.row_dimensions[at.PREAMBLE.row].height >= height(paragraph, 96, 12)
    look = page.cell(at.PREAMBLE.row, at.PREAMBLE.column).alignment
    assert (look.vertical, look.wrap_text) == ("top", True)


def test_the_template_is_the_golden_one(tmp_path: Path) -> None:
    write(blank(FORM, 2021, "某某市某某局"), tmp_path / "template.xlsx")
    now = dump(tmp_path / "template.xlsx")
    if os.environ.get("NIANBAO_GOLDEN") == "write":
        GOLDEN.write_text(now, encoding="utf-8")
    assert now == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.long
@pytest.mark.parametrize("report", [hubei(), tiny_report()], ids=["cn-2021", "tiny"])
def test_every_formula_is_one_that_parses_to_its_end(report: Report, tmp_path: Path) -> None:
    write(report, tmp_path / "book.xlsx")
    for page in openpyxl.load_workbook(tmp_path / "book.xlsx"):
        for one in (c for row in page.iter_rows() for c in row if c.data_type == "f"):
            depth = 0
            for item in Tokenizer(str(one.value)).items:
                depth += (item.subtype == Token.OPEN) - (item.subtype == Token.CLOSE)
                assert depth >= 0, (page.title, one.coordinate, one.value)
            assert depth == 0, (page.title, one.coordinate, one.value)
