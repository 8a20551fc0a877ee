"""A newcomer's first day: from a new workbook of settings and forty mixed files to the summary and the letters."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest
from click.testing import CliRunner

from nianbao.cli import main
from nianbao.workbook.reader import read
from support import newcomer as day
from support.units import total, word_lines

pytestmark = pytest.mark.long


class Walk(NamedTuple):
    """What the newcomer has before him after the first run."""

    folder: Path
    code: int
    said: list[str]

    def sheet(self, name: str) -> list[list[str]]:
        page = openpyxl.load_workbook(BytesIO((self.folder / "汇总.xlsx").read_bytes()), read_only=True)[name]
        return [[str(cell.value or "") for cell in row] for row in page.iter_rows()]


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    folder = tmp_path_factory.mktemp("汇总工作")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(folder / "data"))
        patch.setenv("LOCALAPPDATA", str(folder / "data"))
        settings = folder / "汇总设置.xlsx"
        assert CliRunner().invoke(main, ["consolidate", "--new", str(settings)]).exit_code == 0
        day.plant(folder / "报送")
        day.fill(settings)
        assert sum(not path.name.startswith("~") for path in (folder / "报送").iterdir()) == 40
        done = CliRunner().invoke(main, ["consolidate", str(settings)])
        yield Walk(folder, done.exit_code, done.output.splitlines())


@pytest.mark.long
def test_the_console_says_who_is_missing_and_who_was_sent_back(walk: Walk) -> None:
    assert walk.code == 1
    assert walk.said[0].startswith("名录 40 个单位：已报 30，未报 3，退回 7 个单位。")
    assert walk.said[1].startswith("共 40 个文件：接收 30，退回 8 个文件，重复 1，不是年报文件 1。")
    assert walk.said[2] == f"未报：{'、'.join(day.MISSING)}"
    assert set(walk.said[3].removeprefix("退回：").split("、")) == {*day.RETURNED, day.BLANK}
    assert walk.said[-1] == f"已生成 {walk.folder / '汇总.xlsx'}"


def test_the_sums_are_those_of_the_sound_reports_each_once(walk: Walk) -> None:
    assert len(day.counted()) == 30
    summary = read(walk.folder / "汇总.xlsx")
    assert summary.figures == total(day.counted())
    assert summary.incomplete == "数字不全：只含 30 个单位，未报 3，退回 7。"


@pytest.mark.long
@pytest.mark.parametrize(
    ("unit", "words"),
    [
        (day.TWO_VERSIONS, "报来 2 份内容不同的报告"),
        (day.LAST_YEAR, "报告年度为 2023，本次汇总为 2024"),
        (day.AS_WORD, "报来的是 Word 文件，须先导入成工作簿才能计入"),
        (day.AS_XLS, ".xls"),
        (day.SLIPPED, "有 1 个强制性问题"),
        (day.WITH_UNIT, "有 1 个强制性问题"),
        (day.BLANK, "是空白模板"),
    ],
)
def test_every_odd_file_goes_back_with_its_reason_in_one_letter(walk: Walk, unit: str, words: str) -> None:
    overview = next(line[2] for line in walk.sheet("报送情况") if line[1] == "退回 7 个单位")
    assert words in overview[overview.index(unit) :]
    letters = [path for path in (walk.folder / "退回").glob("*.docx") if path.name.startswith(unit)]
    if unit == day.AS_WORD:  # which the newcomer imports himself, by the command that he is given
        assert letters == [] and any(
            f"{unit}.docx" in line and "nianbao import" in line for line in walk.said
        )
        return
    assert len(letters) == 1
    text = "\n".join(word_lines(letters[0]))
    assert (
        f"{unit}：" in text and words in text and "2099年1月20日前重新报送" in text and "nianbao" not in text
    )
    assert all(part in text for part in ("李明", "0712-1234567", "青山县政务公开办公室"))


@pytest.mark.long
def test_short_names_are_taken_for_their_units_and_ready_to_paste(walk: Walk) -> None:
    listed = {line[1]: line[2:6] for line in walk.sheet("简称对应") if line[0].isdigit()}
    assert listed == {unit: [name, "简称", "按此计入", name] for unit, name in day.SHORT.items()}


@pytest.mark.long
def test_what_was_sent_twice_counts_once_and_what_is_no_report_is_told(walk: Walk) -> None:
    lines = {line[8]: line for line in walk.sheet("报送情况") if len(line) > 8}
    assert lines[f"{day.SENT_TWICE}.json"][5] == "接收" and lines[f"{day.SENT_TWICE}(1).json"][5] == "重复"
    assert lines["通知.txt"][5] == "不是年报文件"
    assert not any("~$" in name for name in lines)


def test_flagged_copies_reminders_and_messages_lie_beside(walk: Walk) -> None:
    back = walk.folder / "退回"
    assert {path.name for path in back.glob("*.校验.xlsx")} == {
        f"{unit}.校验.xlsx" for unit in (day.SLIPPED, day.WITH_UNIT)
    }
    assert {path.name for path in (back / "催报函").iterdir()} == {
        f"{unit}.催报函.docx" for unit in day.MISSING
    }
    messages = (back / "通知消息.txt").read_text("utf-8-sig").strip().split("\n\n")
    assert sorted(text.partition("：")[0] for text in messages) == sorted(
        {*day.RETURNED, day.BLANK, *day.MISSING} - {day.AS_WORD}
    )
    notice = (walk.folder / "催报名单.txt").read_text("utf-8-sig")
    assert "尚未报送的单位 3 个" in notice and "请于2099年1月20日前报送" in notice


def test_the_old_workbook_of_a_real_program_is_sent_back_as_such(tmp_path: Path, soffice: str) -> None:
    day.plant(tmp_path / "报送", programs=True)
    from support.units import entry_of

    assert ".xls" in entry_of(tmp_path / "报送" / f"{day.AS_XLS}.xls")[2]
