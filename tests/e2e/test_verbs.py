"""The functions behind the ribbon's buttons, on filled workbooks in a real LibreOffice: flags, notes, results."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
import xlwings as xw

from nianbao.core.files import Unreadable
from nianbao.core.grid import Cell
from nianbao.excel import flagging, verbs
from nianbao.excel.book import OpenBook
from nianbao.workbook import layout as at
from nianbao.workbook.flags import NOTE_HEAD, PREVIOUS_SHIFT
from nianbao.workbook.layout import Layout
from nianbao.workbook.reader import read
from support.books import write
from support.build import hubei

LAYOUT = Layout(hubei().form)
REQUESTS, DISCLOSURE, REMEDIES, OVERVIEW = "三、申请办理", "二、主动公开", "四、复议诉讼", "一、总体情况"
PLANTED = {
    "requests.granted.natural": 136,  # 163: an identity
    "requests.refused_law.legal": None,  # a blank
    "requests.other_rest.business": -1,  # negative
    "disclosure.licensing.decisions": 1.5,  # not whole
    "remedies.reconsideration.upheld": "3件",  # a unit in the cell
}


def spot(cell: str) -> at.Spot:
    return LAYOUT.spot(Cell.parse(cell))


def cell(book: xw.Book, key: str) -> xw.Range:
    place = spot(key)
    return book.sheets[place.sheet][place.a1]


def plant(clean: xw.Book) -> xw.Book:
    """One mistake of each kind, typed into the open workbook as staff would, and things of the staff's own."""
    for key, value in PLANTED.items():
        cell(clean, key).value = value
    for name in (REQUESTS, DISCLOSURE):
        clean.sheets[name].api.Unprotect("")
    cell(clean, "requests.concluded.other").value = 9  # a total overwritten
    cell(clean, "disclosure.penalty.decisions").formula = "=1/0"  # an error value
    clean.sheets[DISCLOSURE]["B6"].value = "信息名称"  # a printed label changed
    cell(clean, "requests.received.natural").add_note("张三：已与信访科核对")
    cell(clean, "requests.granted.natural").add_note("请保留")
    cell(clean, "requests.received.natural").color = (0, 200, 0)
    cell(clean, "requests.granted.natural").color = (200, 200, 255)
    for name in (REQUESTS, DISCLOSURE):
        clean.sheets[name].api.Protect("")
    return clean


@pytest.fixture
def planted(clean: xw.Book) -> xw.Book:
    """See `plant`."""
    return plant(clean)


@pytest.fixture(scope="module")
def judged(app: xw.App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[xw.Book]:
    """The same, validated, for tests that only look at it."""
    path = tmp_path_factory.mktemp("judged") / "已校验.xlsx"
    write(hubei(), path)
    book = app.books.open(path)
    verbs.validate(plant(book))
    yield book
    book.close()


class Seen(NamedTuple):
    """All that a cell is: content, looks and note."""

    value: Any
    number_format: str
    font: tuple[Any, ...]
    fill: Any
    locked: bool
    note: str | None


def photograph(book: xw.Book, path: Path) -> dict[at.Spot, Seen]:
    """Every cell of the workbook as an independent reader sees it in the saved file."""
    book.save(path)
    saved = openpyxl.load_workbook(path)
    return {
        at.Spot(page.title, c.row, c.column): Seen(
            c.value,
            c.number_format,
            (c.font.name, c.font.sz, c.font.b, c.font.color and c.font.color.rgb),
            c.fill.fgColor.rgb,
            c.protection.locked,
            c.comment and c.comment.text,
        )
        for page in saved
        for row in page.iter_rows()
        for c in row
        if c.value is not None or c.comment is not None or c.fill.fill_type
    }


def ours(book: dict[at.Spot, Seen]) -> set[at.Spot]:
    """The cells that may differ after a validation: marks, results and lines to be explained."""
    marks = {sheet.name: sheet.paragraph_mark(1).column for sheet in LAYOUT.sheets} | {
        at.COVER: at.PREAMBLE_MARK,
        at.PREVIOUS: at.LEFT + PREVIOUS_SHIFT,
    }
    return {
        s for s in book if s.sheet in (at.RESULTS, at.EXPLANATIONS) or s.column >= marks.get(s.sheet, 99_999)
    }


def codes(book: xw.Book) -> dict[at.Spot, str]:
    """The validator's flags by the flagged cell."""
    found = {}
    for sheet in LAYOUT.sheets:
        block = book.sheets[sheet.name].range((1, 1), (90, sheet.hidden[1])).value
        for place in [*sheet.spots.values(), *(sheet.paragraph(n) for n in range(1, 30))]:
            step = sheet.paragraph_mark(1).column - at.LEFT
            if row_value := block[place.row - 1][place.column + step - 1]:
                found[place] = row_value
    return found


def notes(book: xw.Book) -> dict[at.Spot, str]:
    return {at.Spot(n.location.sheet.name, n.location.row, n.location.column): n.text for n in book.notes}


def results(book: xw.Book) -> list[list[Any]]:
    rows = book.sheets[at.RESULTS].range((at.RESULTS_TOP, 2), (at.RESULTS_TOP + 80, 7)).value
    return [row for row in rows if row[0] is not None]


def test_each_kind_of_mistake_is_flagged_in_its_cell_with_its_own_rule(judged: xw.Book) -> None:
    flagged = codes(judged)
    expected = {
        "requests.granted.natural": "E requests.balance",
        "requests.concluded.natural": "N requests.balance",
        "requests.refused_law.legal": "E cell.blank",
        "requests.other_rest.business": "E cell.negative",
        "disclosure.licensing.decisions": "E cell.not_whole",
        "disclosure.penalty.decisions": "E cell.error",
        "remedies.reconsideration.upheld": "E cell.annotated",
    }
    for key, code in expected.items():
        assert flagged[spot(key)].startswith(code), key
    rules = {row[5] for row in results(judged)}
    assert {"表格被改动", "合计手工填写", "申请平衡"} <= rules


def test_the_culprit_is_the_deepest_cell_and_carries_the_only_note(clean: xw.Book) -> None:
    cell(clean, "requests.granted.natural").value = 136
    verbs.validate(clean)
    place, flagged = spot("requests.granted.natural"), codes(clean)
    assert [each for each, code in flagged.items() if code.startswith("E")] == [place]
    assert len(flagged) > 5 and [each for each in notes(clean) if each.sheet == place.sheet] == [place]


def test_a_note_says_the_rule_both_sides_the_difference_and_what_to_do(judged: xw.Book) -> None:
    said = notes(judged)
    annotated = said[spot("remedies.reconsideration.upheld")]
    assert annotated.startswith(NOTE_HEAD)
    assert "3件" in annotated and "请只填 3" in annotated


def test_the_sheet_of_results_has_counts_time_links_and_a_filter(judged: xw.Book, tmp_path: Path) -> None:
    rows = results(judged)
    head = judged.sheets[at.RESULTS]["B2"].value
    errors = sum(row[1] == "强制性" for row in rows)
    assert re.match(
        rf"\d{{4}}年\d\d月\d\d日 \d\d:\d\d 校验：强制性问题 {errors} 个，核实性问题 \d+ 个。暂不可上报", head
    )
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    link = judged.sheets[at.RESULTS].range((at.RESULTS_TOP, 4))
    sheet, address = re.fullmatch(r"#'(.+)'!([A-Z]+\d+)", link.hyperlink).groups()  # type: ignore[union-attr]
    assert link.value.startswith(f"{sheet} {address}")
    judged.save(tmp_path / "marked.xlsx")
    assert openpyxl.load_workbook(tmp_path / "marked.xlsx")[at.RESULTS].auto_filter.ref.startswith("B5:G")


def test_the_first_finding_is_selected_and_the_status_bar_says_it(app: xw.App, planted: xw.Book) -> None:
    verbs.validate(planted)
    first = results(planted)[0]
    assert first[2].startswith(f"{app.selection.sheet.name} {app.selection.get_address(False, False)}")
    assert re.match(r"第 1 处，共 \d+ 处：", app.status_bar)


def test_what_staff_typed_is_read_as_in_the_file_and_untouched_cell_by_cell_and_clearing_restores_all(
    planted: xw.Book, tmp_path: Path
) -> None:
    report, _ = flagging.read(OpenBook(planted))
    before = photograph(planted, tmp_path / "before.xlsx")
    closed = read(tmp_path / "before.xlsx")
    assert report == closed
    assert report.lines == closed.lines
    verbs.validate(planted)
    assert all(sheet.api.ProtectContents for sheet in planted.sheets)
    after = photograph(planted, tmp_path / "after.xlsx")
    for place in (before.keys() | after.keys()) - ours(before) - ours(after):
        seen, now = before.get(place), after.get(place)
        if now is not None and (now.note or "").startswith(NOTE_HEAD) and (seen is None or seen.note is None):
            now = now._replace(note=None)
        if seen is None:
            assert now is not None and now.value is None, place
        else:
            assert now == seen, place
    verbs.clear(planted)
    assert all(sheet.api.ProtectContents for sheet in planted.sheets)
    after = photograph(planted, tmp_path / "cleared.xlsx")
    assert {
        p: (before.get(p), after.get(p))
        for p in before.keys() | after.keys()
        if before.get(p) != after.get(p)
    } == {}


def test_a_cell_with_a_note_of_the_user_keeps_it_and_still_has_its_flag_and_line(judged: xw.Book) -> None:
    place = spot("requests.granted.natural")
    assert notes(judged)[place] == "请保留"
    assert codes(judged)[place] == "E requests.balance"
    assert any(row[2].startswith(f"{REQUESTS} {place.a1}") for row in results(judged))


def test_validating_twice_is_validating_once_and_another_run_replaces_what_was_said(planted: xw.Book) -> None:
    verbs.validate(planted)
    once = codes(planted), notes(planted), results(planted)
    verbs.validate(planted)
    assert (codes(planted), notes(planted), results(planted)) == once
    cell(planted, "remedies.reconsideration.upheld").value = 3
    verbs.validate(planted)
    place = spot("remedies.reconsideration.upheld")
    assert place not in codes(planted) and place not in notes(planted)
    assert not any(row[5] == "数字带单位文字" for row in results(planted))


def test_a_failure_midway_leaves_no_flag_and_everything_as_it_was(
    app: xw.App, planted: xw.Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted.sheets[OVERVIEW]["B9"].select()
    before = photograph(planted, tmp_path / "before.xlsx")
    real, written = OpenBook.annotate, []

    def breaks(self: OpenBook, place: at.Spot, text: str) -> None:
        written.append(place)
        if len(written) == 4:
            raise ZeroDivisionError("in the middle")
        real(self, place, text)

    monkeypatch.setattr(OpenBook, "annotate", breaks)
    with pytest.raises(ZeroDivisionError):
        verbs.validate(planted)
    assert (app.screen_updating, app.calculation, app.status_bar) == (True, "automatic", False)
    assert (app.selection.sheet.name, app.selection.address) == (OVERVIEW, "$B$9")
    assert all(planted.sheets[name].api.ProtectContents for name in (REQUESTS, at.COVER, at.RESULTS))
    assert codes(planted) == {}
    assert photograph(planted, tmp_path / "after.xlsx") == before


def test_an_edit_after_the_validation_is_shown_by_the_workbook_itself(clean: xw.Book) -> None:
    verbs.validate(clean)
    shown = clean.sheets[at.RESULTS]["B3"]
    assert shown.value == "校验后未修改"
    cell(clean, "requests.received.natural").value = 202
    assert shown.value == "校验后已修改，请重新校验"
    verbs.validate(clean)
    assert shown.value == "校验后未修改"


def test_an_edit_is_shown_even_while_an_error_value_stands_in_a_table(judged: xw.Book) -> None:
    shown, edited = judged.sheets[at.RESULTS]["B3"], cell(judged, "requests.received.natural")
    before = edited.value
    assert shown.value == "校验后未修改"
    edited.value = 202
    assert shown.value == "校验后已修改，请重新校验"
    edited.value = before
    assert shown.value == "校验后未修改"


def test_time_and_fingerprint_are_stored_under_their_names(judged: xw.Book) -> None:
    report, _ = flagging.read(OpenBook(judged))
    assert judged.names[at.FINGERPRINT_NAME].refers_to_range.value == report.fingerprint()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", judged.names[at.TIME_NAME].refers_to_range.value)


def test_a_sheet_protected_by_a_password_is_told_before_anything_is_changed(
    planted: xw.Book, tmp_path: Path
) -> None:
    page = planted.sheets[REMEDIES]
    page.api.Unprotect("")
    page.api.Protect("secret")
    before = photograph(planted, tmp_path / "before.xlsx")
    with pytest.raises(
        Unreadable, match=r"工作表“四、复议诉讼”设有保护密码.*工作簿未作任何改动.*撤销工作表保护"
    ):
        verbs.validate(planted)
    assert photograph(planted, tmp_path / "after.xlsx") == before
    assert all(sheet.api.ProtectContents for sheet in planted.sheets)


def test_a_sheet_that_staff_left_unprotected_stays_so(clean: xw.Book) -> None:
    clean.sheets[REMEDIES].api.Unprotect("")
    verbs.validate(clean)
    assert not clean.sheets[REMEDIES].api.ProtectContents


@pytest.mark.parametrize("verb", ["validate", "clear"])
def test_a_workbook_that_is_none_of_ours_is_told(book: xw.Book, verb: str) -> None:
    with pytest.raises(Unreadable, match="不是年报模板的工作簿"):
        getattr(verbs, verb)(book)


def test_a_missing_sheet_is_a_finding_and_the_rest_is_flagged_all_the_same(planted: xw.Book) -> None:
    planted.sheets[OVERVIEW].delete()
    verbs.validate(planted)
    assert any("缺少工作表“一、总体情况”" in row[3] for row in results(planted))
    assert spot("remedies.reconsideration.upheld") in codes_of(planted, REMEDIES)


def codes_of(book: xw.Book, sheet: str) -> set[at.Spot]:
    made = next(s for s in LAYOUT.sheets if s.name == sheet)
    step = made.paragraph_mark(1).column - at.LEFT
    page = book.sheets[sheet]
    return {s for s in made.spots.values() if page.range((s.row, s.column + step)).value}


def test_what_must_be_explained_is_listed_and_what_was_explained_stays(planted: xw.Book) -> None:
    verbs.validate(planted)
    page = planted.sheets[at.EXPLANATIONS]
    assert page["B6"].value and page["C6"].value
    page["E6"].value = "本单位没有规章制定权，依照表式可以空白"
    page["E20"].value = "自己记的一行"
    rule = page["B6"].value
    verbs.validate(planted)
    texts = page["E6:E40"].value
    assert "本单位没有规章制定权，依照表式可以空白" in texts and "自己记的一行" in texts
    verbs.clear(planted)
    kept = [row for row in page["B6:E40"].value if any(row)]
    assert [(row[0], row[3]) for row in kept] == [
        (rule, "本单位没有规章制定权，依照表式可以空白"),
        (None, "自己记的一行"),
    ]


def test_a_calculation_mode_set_by_the_user_is_kept(app: xw.App, clean: xw.Book) -> None:
    app.calculation = "manual"
    try:
        verbs.validate(clean)
        assert app.calculation == "manual"
    finally:
        app.calculation = "automatic"
