"""What people do to a workbook without meaning harm: cut, drag, paste over, insert and delete rows. Nothing is silent."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlwings as xw

from libreoffice.office import enum
from nianbao.checks.validate import validate
from nianbao.excel import verbs
from nianbao.excel.book import OpenBook
from nianbao.excel.flagging import read as read_open
from nianbao.excel.tidying import damages as damages_open
from nianbao.workbook.layout import FORM_NAME, PREVIOUS, RESULTS, RESULTS_TOP, Layout
from nianbao.workbook.reader import read
from nianbao.workbook.repair import damages, inspected
from nianbao.workbook.tidy import RECORD, apply, changes
from support.books import write
from support.build import FORM, hubei

Open = Callable[[Path], xw.Book]
SHEET = "三、申请办理"
LAYOUT = Layout.of(FORM)


def _move(page: Any, source: str, target: str) -> None:
    area = page.getCellRangeByName(source).getRangeAddress()
    page.moveRange(page.getCellRangeByName(target).getCellAddress(), area)


def _copy(page: Any, source: str, target: str) -> None:
    area = page.getCellRangeByName(source).getRangeAddress()
    page.copyRange(page.getCellRangeByName(target).getCellAddress(), area)


def _lock(page: Any, area: str, locked: bool) -> None:
    cells = page.getCellRangeByName(area)
    protection = cells.CellProtection
    protection.IsLocked = locked
    cells.CellProtection = protection


def _accept_anything(page: Any, area: str, kind: str = "ANY") -> None:
    cells = page.getCellRangeByName(area)
    rule = cells.Validation
    rule.Type = enum("sheet.ValidationType", kind)
    rule.setFormula1("1")
    cells.Validation = rule


def _format(page: Any, area: str, key: int) -> None:
    page.getCellRangeByName(area).NumberFormat = key


def _colourless(page: Any) -> None:
    listed = page.ConditionalFormats
    for found in listed.getConditionalFormats():
        listed.removeByID(found.ID)


#: What harms nothing but what is the template's: 校验 and tidy put it back to the last cell. A cell where it is seen.
DAMAGE: dict[str, tuple[Callable[[Any], None], str, str]] = {
    "paste over a hidden check": (lambda page: _copy(page, "E10", "P10"), "核对公式", "P10"),
    "lock inputs": (lambda page: _lock(page, "E10:G11", True), "锁定", "E10"),
    "unlock totals": (lambda page: _lock(page, "K8:K30", False), "锁定", "K8"),
    "lock the rows for text": (lambda page: _lock(page, "B36:B38", True), "锁定", "B36"),
    "delete validations": (lambda page: _accept_anything(page, "E8:J12"), "输入校验", "E8"),
    "another validation": (lambda page: _accept_anything(page, "F9", "TEXT_LEN"), "输入校验", "F9"),
    "show figures as dates": (lambda page: _format(page, "E10:J10", 37), "数字格式", "E10"),
    "show figures as text": (lambda page: _format(page, "G8", 100), "数字格式", "G8"),
    "remove the colours": (_colourless, "标色规则", "E8"),
}
ATTACKS: dict[str, Callable[[Any], None]] = {
    "cut one figure to its neighbour": lambda page: _move(page, "E10", "F10"),
    "drag a block down": lambda page: _move(page, "E10:J12", "E20"),
    "cut a column of inputs": lambda page: _move(page, "I8:I30", "J8"),
    "paste an input over a total": lambda page: _copy(page, "E10", "K10"),
    "paste a label over inputs": lambda page: _copy(page, "C10", "E10"),
    "insert a row": lambda page: page.getRows().insertByIndex(11, 1),
    "delete a row": lambda page: page.getRows().removeByIndex(11, 1),
}


@pytest.fixture
def attacked(office_book: Open, tmp_path: Path) -> Callable[..., xw.Book]:
    """A workbook in which all is right, a sheet unprotected for an attack and protected again."""

    def run(attack: Callable[[Any], None], sheet: str = SHEET, *, protect: bool = True) -> xw.Book:
        write(hubei(), tmp_path / "年报.xlsx")
        book = office_book(tmp_path / "年报.xlsx")
        page = book.sheets[sheet].impl.xl
        page.unprotect("")
        attack(page)
        if protect:
            page.protect("")
        book.app.calculate()
        return book

    return run


def saved(book: xw.Book) -> Path:
    """The file of the open workbook, as it stands now."""
    book.save()
    return Path(book.fullname)


def damage(book: xw.Book) -> tuple[Any, ...]:
    """What is damaged in the open workbook, and in the file that it is saved as."""
    opened, path = OpenBook(book), saved(book)
    return (*damages_open(opened, read_open(opened)[0]), *damages(path, read(path)))


def results(book: xw.Book) -> str:
    page = book.sheets[RESULTS]
    return "\n".join(map(str, page.range((RESULTS_TOP, 5), (RESULTS_TOP + 30, 5)).value))


@pytest.mark.parametrize("name", ATTACKS)
def test_whatever_was_done_is_said_and_what_is_ours_comes_back(
    attacked: Callable[..., xw.Book], tmp_path: Path, name: str
) -> None:
    """Of the file that was saved, and by a click in the open workbook."""
    book = attacked(ATTACKS[name])
    comes_back_in_a_copy(saved(book), tmp_path / "规范.xlsx")
    typed = book.sheets[SHEET].impl.xl.getCellRangeByName("E8:J30").getDataArray()
    if name == "cut one figure to its neighbour":  # the checks that run without any macro stay armed
        assert str(book.sheets[SHEET]["B3"].value).startswith("✗ 自然人列 218≠55")
    verbs.validate(book)
    said = results(book)
    if name in ("insert a row", "delete a row"):
        assert "版式错位" in said and ("删除这行" in said) == (name == "insert a row")
    else:
        assert "与模板不同" in said or "手工填写" in said
    assert damage(book) == ()
    assert book.sheets[SHEET].impl.xl.getCellRangeByName("E8:J30").getDataArray() == typed


def comes_back_in_a_copy(path: Path, tidied: Path) -> None:
    """What was done to the file is said, and put back in a copy of it where its rows fit the form."""
    report = inspected(path, read(path))
    usual = {(f.rule, f.message) for f in validate(hubei())}
    new = [f for f in validate(report) if (f.rule, f.message) not in usual]
    assert [f for f in new if f.severity == "error" or f.rule in ("form.damaged", "form.total_typed")]
    if any(f.rule == "form.layout" for f in new):
        return  # nothing is written into the wrong rows
    apply(path, tidied, changes(report), report)
    assert damages(tidied, read(tidied)) == ()


def wreck(page: Any) -> None:
    """All the damage that there is, on one sheet."""
    for attack, _, _ in DAMAGE.values():
        attack(page)


def test_every_kind_of_damage_is_found_in_the_file_and_comes_back_in_a_copy_and_by_the_button(
    app: xw.App, attacked: Callable[..., xw.Book], tmp_path: Path
) -> None:
    book = attacked(wreck)
    path = saved(book)
    report = inspected(path, read(path))
    found = {(each.at.a1, each.kind) for each in damages(path, report)}
    assert {(place, kind) for _, kind, place in DAMAGE.values()} <= found
    (finding,) = [f for f in report.problems if f.rule == "form.damaged"]
    assert all(kind in finding.message for _, kind, _ in DAMAGE.values())
    apply(path, tmp_path / "规范.xlsx", changes(report), report)
    tidied = tmp_path / "规范.xlsx"
    assert damages(tidied, read(tidied)) == ()
    verbs.tidy(book)
    said = app.impl.asked.pop().prompt
    assert all(f"{SHEET}　恢复{kind}" in said for _, kind, _ in DAMAGE.values())
    assert damage(book) == () and RECORD not in [sheet.name for sheet in book.sheets]


def test_a_click_puts_every_kind_of_damage_back_as_the_template_has_it(
    attacked: Callable[..., xw.Book],
) -> None:
    book = attacked(wreck, protect=False)
    verbs.validate(book)
    said = next(line for line in results(book).split("\n") if f"“{SHEET}”与模板不同" in line)
    assert all(kind in said for _, kind, _ in DAMAGE.values())
    assert "工作表保护已取消，已按模板恢复；填完后请在“审阅”中保护工作表" in said
    assert {found.kind for found in damage(book)} == {"工作表保护"}
    page = book.sheets[SHEET]
    rule = page["E8"].api.Validation
    assert (rule.Type, rule.Formula1) == (1, "0")
    assert "没有的填 0" in rule.ErrorMessage and "本年1月1日" in rule.InputMessage
    listed = page.api.Cells.FormatConditions
    every = [listed.Item(number) for number in range(1, listed.Count + 1)]
    assert [item.Formula1 for item in every if item.AppliesTo.Address == "$E$8:$K$32"] == [
        '=OR(LEFT(AL8,1)="E",AA8>=100,AND(AL8="",ISNUMBER(AA8),AA8>=2))',
        '=LEFT(AL8,1)="V"',
        '=OR(AA8>=1,LEFT(AL8,1)="N")',
        "=AA8=-1",
    ]


def test_a_sheet_left_open_is_named_and_stays_open(attacked: Callable[..., xw.Book]) -> None:
    book = attacked(lambda page: None, protect=False)
    verbs.validate(book)
    assert f"“{SHEET}”与模板不同：工作表保护已取消，填完后请在“审阅”中保护工作表" in results(book)
    assert not book.sheets[SHEET].api.ProtectContents and book.sheets[PREVIOUS].api.ProtectContents


def test_the_names_of_the_add_in_come_back(attacked: Callable[..., xw.Book]) -> None:
    book = attacked(lambda page: None)
    book.names[FORM_NAME].delete()
    verbs.validate(book)
    assert "名称缺失，已按模板恢复" in results(book)
    assert book.names[FORM_NAME].refers_to == "='封面'!$D$12"


def test_what_is_done_to_last_years_figures_is_said_and_put_back(attacked: Callable[..., xw.Book]) -> None:
    spot = min(LAYOUT.previous.values())

    def harm(page: Any) -> None:
        _accept_anything(page, spot.a1)
        _lock(page, spot.a1, True)

    book = attacked(harm, PREVIOUS)
    verbs.validate(book)
    assert (
        f"“{PREVIOUS}”与模板不同：锁定 1 处（{spot.a1}）、输入校验 1 处（{spot.a1}），已按模板恢复"
        in results(book)
    )
    assert damage(book) == ()


def test_a_colour_of_ones_own_stays(attacked: Callable[..., xw.Book]) -> None:
    """A conditional format that the user made is left where it is, also where ours come back."""
    book = attacked(_colourless, protect=False)
    page = book.sheets[SHEET]
    page["E8"].select()
    page["E8:J30"].api.FormatConditions.Add(2, 0, "=E8>999")
    page.api.Protect("")
    verbs.validate(book)
    listed = page.api.Cells.FormatConditions
    assert "=E8>999" in [listed.Item(n).Formula1 for n in range(1, listed.Count + 1)]
