"""The form: what the 2021 form holds, and that every mistake in a form file is refused where it stands."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nianbao.core import form as forms
from nianbao.core.equation import added, totals
from nianbao.core.form import FormError, build, keys, load, load_file
from nianbao.core.grid import Cell, Grid
from nianbao.core.number import Figure
from support.build import TINY, form_data, tiny

Data = dict[str, Any]

#: The labels of the printed 2021 form, table by table in reading order.
DISCLOSURE = """第二十条第（一）项
信息内容|本年制发件数|本年废止件数|现行有效件数
规章
行政规范性文件
第二十条第（五）项
信息内容|本年处理决定数量
行政许可
第二十条第（六）项
信息内容|本年处理决定数量
行政处罚
行政强制
第二十条第（八）项
信息内容|本年收费金额（单位：万元）
行政事业性收费"""
REQUESTS = """（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）|申请人情况
自然人|法人或其他组织|总计
商业企业|科研机构|社会公益组织|法律服务机构|其他
一、本年新收政府信息公开申请数量
二、上年结转政府信息公开申请数量
三、本年度办理结果|（一）予以公开
（二）部分公开（区分处理的，只计这一情形，不计其他情形）
（三）不予公开|1.属于国家秘密
2.其他法律行政法规禁止公开
3.危及“三安全一稳定”
4.保护第三方合法权益
5.属于三类内部事务信息
6.属于四类过程性信息
7.属于行政执法案卷
8.属于行政查询事项
（四）无法提供|1.本机关不掌握相关政府信息
2.没有现成信息需要另行制作
3.补正后申请内容仍不明确
（五）不予处理|1.信访举报投诉类申请
2.重复申请
3.要求提供公开出版物
4.无正当理由大量反复申请
5.要求行政机关确认或重新出具已获取信息
（六）其他处理|1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请
2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请
3.其他
（七）总计
四、结转下年度继续办理"""
REMEDIES = """行政复议|行政诉讼
结果维持|结果纠正|其他结果|尚未审结|总计|未经复议直接起诉|复议后起诉
结果维持|结果纠正|其他结果|尚未审结|总计|结果维持|结果纠正|其他结果|尚未审结|总计
"""


def printed(grid: Grid) -> str:
    return "\n".join("|".join(box.text for box in row if box.is_label) for row in grid.rows())


class TestTheFormOf2021:
    @pytest.mark.parametrize(
        ("table", "labels"), [("disclosure", DISCLOSURE), ("requests", REQUESTS), ("remedies", REMEDIES)]
    )
    def test_every_label_stands_as_it_is_printed(self, table: str, labels: str) -> None:
        assert printed(load("cn-2021").tables[table].grid) == labels

    def test_it_has_two_hundred_figures(self) -> None:
        cells = Counter(cell.table for cell in load("cn-2021").cells)
        assert cells == {"disclosure": 10, "requests": 175, "remedies": 15}

    def test_it_has_all_identities_within_a_table(self) -> None:
        rules = Counter(e.rule.id for e in load("cn-2021").equations if not e.uses_previous)
        assert rules == {
            "requests.balance": 7,
            "requests.concluded": 7,
            "requests.total": 25,
            "remedies.total": 3,
        }

    def test_identities_within_a_table_must_hold_and_those_across_years_be_explained(self) -> None:
        assert all(
            rule.severity == ("verify" if rule.uses_previous else "error") for rule in load("cn-2021").rules
        )

    def test_the_section_headings_stand_as_the_circular_has_them(self) -> None:
        assert [section.heading for section in load("cn-2021").sections] == [
            "一、总体情况",
            "二、主动公开政府信息情况",
            "三、收到和处理政府信息公开申请情况",
            "四、政府信息公开行政复议、行政诉讼情况",
            "五、存在的主要问题及改进情况",
            "六、其他需要报告的事项",
        ]

    def test_the_spans_of_the_table_of_requests_are_those_of_the_printed_form(self) -> None:
        grid = load("cn-2021").tables["requests"].grid
        spans = {box.text: (box.rows, box.columns) for box in grid.labels if box.rows * box.columns > 1}
        assert spans["三、本年度办理结果"] == (22, 1)
        assert spans["（三）不予公开"] == (8, 1)
        assert spans["一、本年新收政府信息公开申请数量"] == (1, 3)
        assert spans["申请人情况"] == (1, 7)
        assert (grid.height, grid.width) == (28, 10)

    def test_every_total_is_filled_by_a_formula(self) -> None:
        filled = load("cn-2021").filled
        totals = {c for c in load("cn-2021").cells if c.column == "total" or c.row == "concluded"}
        assert set(filled) == totals

    @pytest.mark.parametrize(("year", "covered"), [(2020, False), (2021, True), (2025, True)])
    def test_it_is_for_2021_and_later(self, year: int, covered: bool) -> None:
        assert load("cn-2021").covers(year) is covered

    def test_the_heading_of_a_report_names_agency_and_year(self) -> None:
        assert load("cn-2021").heading("某市统计局", 2023) == "某市统计局2023年政府信息公开工作年度报告"


class TestForms:
    def test_every_built_in_form_satisfies_the_schema_and_its_own_cross_checks(self) -> None:
        for key in keys():
            assert load_file(forms.FORMS / f"{key}.json").key == key

    def test_a_form_of_another_country_needs_only_its_file(self) -> None:
        assert len(tiny().cells) == 19
        assert tiny().heading("Ministry", 2020) == "Freedom of Information Return 2020 of Ministry"
        assert Counter(e.rule.id for e in tiny().equations) == {
            "casework.decided": 6,
            "casework.total": 3,
            "casework.net": 3,
            "casework.refunds": 1,
        }

    def test_an_unknown_form_is_refused_by_its_name(self) -> None:
        with pytest.raises(FormError, match="cn-1999"):
            load("cn-1999")

    def test_a_year_without_a_form_is_refused(self) -> None:
        with pytest.raises(FormError, match="no form for 2007"):
            forms.for_year(2007)

    @pytest.mark.parametrize("key", ["../pyproject", "report.schema", "form.schema", ""])
    def test_only_a_form_is_loaded_as_one(self, key: str) -> None:
        with pytest.raises(FormError, match="unknown form"):
            load(key)


def requests(data: Data) -> Any:
    return data["tables"]["requests"]


def _rename_row(data: Data) -> None:
    requests(data)["rows"]["grant"] = requests(data)["rows"].pop("granted")


def _same_cell_twice(data: Data) -> None:
    requests(data)["grid"][4][1] = {"cells": "received"}


def _unguarded(data: Data) -> None:
    data["free"].remove("disclosure.fees.amount")


def _free_unknown(data: Data) -> None:
    data["free"].append("disclosure.fees.decisions")


def _rule(data: Data, **changes: Any) -> None:
    data["rules"][0] |= changes


def _wide(data: Data) -> None:
    requests(data)["widths"].append(5)


def _narrow_span(data: Data) -> None:
    requests(data)["grid"][0][1]["cols"] = 6


def _long_span(data: Data) -> None:
    requests(data)["grid"][5][0]["rows"] = 21


def _group(data: Data) -> None:
    requests(data)["groups"]["refused"].append("refused_all")


def _unit(data: Data) -> None:
    requests(data)["columns"]["natural"]["unit"] = "人"


def _no_section(data: Data) -> None:
    del data["sections"][2]["table"]


def _two_sections(data: Data) -> None:
    data["sections"][0]["table"] = "requests"


def _section_twice(data: Data) -> None:
    data["sections"][1]["key"] = "overview"


def _sheet_twice(data: Data) -> None:
    data["sections"][1]["sheet"] = "一、总体情况"


def _sheet_twice_but_for_case(data: Data) -> None:
    data["sections"][0]["sheet"], data["sections"][1]["sheet"] = "Part A", "part a"


def _rule_twice(data: Data) -> None:
    data["rules"][1]["id"] = "requests.balance"


def _heading_with_another_name(data: Data) -> None:
    data["full_title"] = "{agency}{year}{province}"


def _years(data: Data) -> None:
    data["years"] = [2025, 2021]


def _circle(data: Data) -> None:
    _rule(data, left=["concluded"], right=["granted"], fills=True)


MISTAKES: list[tuple[Callable[[Data], None], str]] = [
    (_rename_row, r"tables\.requests\.grid: unknown cell requests\.granted\.natural"),
    (_same_cell_twice, r"duplicate cell of tables\.requests: requests\.received\.natural"),
    (_unguarded, r"disclosure\.fees\.amount is guarded by no rule"),
    (_free_unknown, r"free: unknown cell disclosure\.fees\.decisions"),
    (lambda d: _rule(d, left=["received", "carried"]), r"rules\.requests\.balance\[natural\]: unknown cell"),
    (lambda d: _rule(d, table="request"), r"rules\.requests\.balance: unknown table request"),
    (lambda d: _rule(d, only=["naturals"]), r"rules\.requests\.balance: unknown column naturals"),
    (lambda d: _rule(d, left=["@all"]), r"rules\.requests\.balance: unknown group '?all"),
    (lambda d: _rule(d, left=["concluded", "received"]), r"requests\.balance\[natural\]: a cell .* twice"),
    (lambda d: _rule(d, fills=True), r"requests\.balance\[natural\]: only a single total"),
    (lambda d: _rule(d, fills=True, right=["previous:received"]), r"only a single total of this year"),
    (lambda d: _rule(d, across="cells", left=["received"]), r"rules\.requests\.balance.*received"),
    (lambda d: _rule(d, across="cells", left=["a.b.c.d"]), r"rules\.requests\.balance.*a\.b\.c\.d"),
    (_unit, r"requests\.total\[received\]: mixed units of measure 人、件"),
    (_wide, r"tables\.requests\.grid: row 1: "),
    (_narrow_span, r"tables\.requests\.grid: row 1: "),
    (_long_span, r"tables\.requests\.grid: row \d+: "),
    (_group, r"tables\.requests\.groups\.refused: unknown row refused_all"),
    (_no_section, "table requests has no section"),
    (_two_sections, "duplicate table of a section: requests"),
    (_section_twice, "duplicate section: overview"),
    (_sheet_twice, "duplicate sheet: 一、总体情况"),
    (_sheet_twice_but_for_case, "duplicate sheet: part a"),
    (_rule_twice, r"duplicate rule: requests\.balance"),
    (lambda d: _rule(d, name="数字为负"), r"duplicate name of a rule: 数字为负"),
    (_heading_with_another_name, "full_title.*province"),
    (_years, "years: 2025 is after 2021"),
    (_circle, r"rules: the total requests\.(granted|concluded)\.\w+ is filled from itself"),
]


class TestMistakesInAForm:
    @pytest.mark.many
    @pytest.mark.parametrize(
        ("plant", "message"), MISTAKES, ids=[f"{n}-{m[1][:30]}" for n, m in enumerate(MISTAKES)]
    )
    def test_it_is_refused_and_the_place_named(
        self, plant: Callable[[Data], None], message: str, tmp_path: Path
    ) -> None:
        data = form_data()
        plant(data)
        with pytest.raises(FormError, match=message):
            build(data)
        path = tmp_path / "form.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        with pytest.raises(FormError):
            load_file(path)

    @pytest.mark.many
    @pytest.mark.parametrize(
        ("plant", "place"),
        [
            (lambda d: d.update(autority="x"), r"\$.*autority"),
            (lambda d: d.pop("authority"), "authority"),
            (lambda d: d["rules"][0].update(severity="fatal"), r"rules\[0\]\.severity"),
            (lambda d: d["rules"][0].update(id="Requests balance"), r"rules\[0\]\.id"),
            (lambda d: d["rules"][0].update(left=[]), r"rules\[0\]\.left"),
            (lambda d: d["rules"][0].pop("name"), r"'name' is a required property"),
            (lambda d: d["rules"][0].update(op="<"), r"rules\[0\]\.op"),
            (lambda d: d["sections"][0].update(sheet="一/总体"), r"sections\[0\]\.sheet"),
            (lambda d: d["sections"][0].update(sheet="一" * 32), r"sections\[0\]\.sheet"),
            (lambda d: requests(d)["columns"]["natural"].pop("unit"), r"columns\.natural.*unit"),
            (lambda d: requests(d)["rows"]["granted"].update(hnt=""), r"rows\.granted.*hnt"),
            (lambda d: requests(d)["grid"][0][0].update(head="x"), r"grid\[0\]\[0\]"),
            (lambda d: requests(d)["grid"][0][0].update(rows=0), r"grid\[0\]\[0\]\.rows"),
            (lambda d: requests(d)["widths"].__setitem__(0, -1), r"widths\[0\]"),
            (lambda d: d.update(full_title="年度报告"), "full_title"),
            (lambda d: d.update(years=[2021]), "years"),
            (lambda d: d.update(tables={}), "tables"),
            (lambda d: d["free"].append("fees"), "free"),
        ],
    )
    def test_a_typing_error_is_refused_by_the_schema(
        self, plant: Callable[[Data], Any], place: str, tmp_path: Path
    ) -> None:
        data = form_data()
        plant(data)
        path = tmp_path / "mine.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        with pytest.raises(FormError, match=rf"mine\.json: .*{place}"):
            load_file(path)

    def test_a_name_that_stands_twice_in_the_file_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.json"
        text = TINY.read_text(encoding="utf-8")
        path.write_text(
            text.replace('"refused": {', '"granted": {"name": "Twice"}, "refused": {', 1), "utf-8"
        )
        with pytest.raises(FormError, match=r"mine\.json: .*granted"):
            load_file(path)

    def test_a_file_that_is_no_json_is_refused_by_name_and_line(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.json"
        path.write_text('{"form":\n', "utf-8")
        with pytest.raises(FormError, match=r"mine\.json: .*line 2"):
            load_file(path)


def test_a_cell_is_known_by_its_key() -> None:
    assert str(Cell("requests", "received", "natural")) == "requests.received.natural"
    assert Cell.parse("requests.received.natural") == Cell("requests", "received", "natural")
    with pytest.raises(ValueError, match="values to unpack"):
        Cell.parse("requests.received")


def test_totals_of_totals_are_added_up_from_their_parts_in_whatever_order_they_are_asked_for() -> None:
    form = forms.load("cn-2021")
    ones: dict[Cell, Figure | None] = {cell: None if cell in form.filled else 1 for cell in form.cells}
    forwards, backwards = (
        totals(form.filled, ones, order) for order in (form.filled, reversed(list(form.filled)))
    )
    assert forwards == backwards
    whole = ones | forwards
    assert all(added(equation, whole) == whole[cell] for cell, equation in form.filled.items())
    assert max(value for value in forwards.values() if value) > 10
