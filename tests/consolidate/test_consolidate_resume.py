"""A run that was stopped goes on where it was; a run that was killed leaves nothing broken."""

import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from nianbao.cli import main
from nianbao.consolidate.command import UNCHANGED
from nianbao.consolidate.pool import progress_words
from nianbao.core.files import Unreadable
from support import killed
from support.units import put, run, save, states, total, unit, units


def seen(folder: Path, target: Path) -> list[tuple[int, int]]:
    """What a resumed run tells of its progress."""
    told: list[tuple[int, int]] = []
    from nianbao.consolidate.run import consolidate
    from nianbao.consolidate.settings import Job

    consolidate(Job(str(folder), target, resume=True, jobs=1), lambda done, all: told.append((done, all)))
    return told


@pytest.mark.long
def test_resuming_reads_only_what_is_new_or_changed(tmp_path: Path) -> None:
    put(tmp_path / "in", *units(range(5)))
    run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert seen(tmp_path / "in", tmp_path / "汇总.xlsx") == [(0, 0)]
    put(tmp_path / "in", unit(7))
    save(unit(30), tmp_path / "in" / "第1号单位.json")
    (tmp_path / "in" / "第2号单位.json").unlink()
    assert seen(tmp_path / "in", tmp_path / "汇总.xlsx")[-1] == (2, 2)
    result = run(tmp_path / "in", tmp_path / "汇总.xlsx", resume=True)
    assert result.report.figures == total(units((0, 30, 3, 4, 7)))


@pytest.mark.long
def test_without_resume_everything_is_read_again(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    run(tmp_path / "in", tmp_path / "汇总.xlsx")
    (tmp_path / "汇总.xlsx").unlink()
    with sqlite3.connect(tmp_path / "汇总.汇总记录.sqlite") as db:
        db.execute("update files set agency = 'stale'")
    db.close()
    assert run(tmp_path / "in", tmp_path / "汇总.xlsx").cases[0].name == unit(1).agency


@pytest.mark.long
def test_a_journal_of_another_version_or_folder_is_begun_anew(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    put(tmp_path / "other", unit(2))
    run(tmp_path / "in", tmp_path / "汇总.xlsx")
    assert states(run(tmp_path / "other", tmp_path / "汇总.xlsx", resume=True)) == {"第2号单位.json": "接收"}


def test_a_journal_that_is_none_is_told(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    (tmp_path / "汇总.汇总记录.sqlite").write_text(
        "this is no database, and long enough to be taken for one" * 99
    )
    with pytest.raises(Unreadable, match="汇总记录"):
        run(tmp_path / "in", tmp_path / "汇总.xlsx", resume=True)


@pytest.mark.long
def test_runs_killed_at_random_moments_leave_nothing_broken(tmp_path: Path) -> None:
    whole = killed.prepare(tmp_path)
    for number, share in enumerate((0.4, 0.8)):
        assert killed.killed(tmp_path, number, whole * share) in ("nothing yet", "under way", "done")


@pytest.mark.long
def test_ctrl_c_stops_cleanly(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    os.mkfifo(tmp_path / "in" / "x")
    save(unit(0), tmp_path / "0.json")
    for number in range(3000):  # more than can be read before the signal comes, however slow this process is
        os.link(tmp_path / "0.json", tmp_path / "in" / f"{number + 1}.json")
    process = subprocess.Popen(
        killed.command(tmp_path / "in", tmp_path / "汇总.xlsx"),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    journal = tmp_path / "汇总.汇总记录.sqlite"
    while not journal.exists() and process.poll() is None:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the readers too
    out, err = process.communicate(timeout=300)
    assert process.returncode == 130 and "已中断" in err and "Traceback" not in err and not out
    assert not (tmp_path / "汇总.xlsx").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".nianbao-")]


def test_the_bar_tells_rate_and_time_left() -> None:
    assert progress_words(250, 1000, 5.0) == f"[{'█' * 6}{'░' * 18}] 已读 250/1,000，每秒 50 个，剩余 0:15"
    assert progress_words(10, 100_000, 1.0).endswith("剩余 2:46:39")
    assert progress_words(0, 0, 0.0) == f"[{'█' * 24}] 已读 0/0，每秒 0 个"


def test_the_command_says_what_came_of_it(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1), unit(2, year=2023), unit(4))
    target = str(tmp_path / "汇总.xlsx")
    done = CliRunner().invoke(main, ["consolidate", str(tmp_path / "in"), "-o", target, "--jobs", "1"])
    assert (
        done.exit_code == 1
        and done.output == f"共 3 个文件：接收 2，退回 1 个文件。\n退回：第2号单位\n已生成 {target}\n"
    )


def test_the_command_gives_0_when_all_is_in_and_2_when_it_cannot_work(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1))
    asked = ["consolidate", str(tmp_path / "in"), "-o", str(tmp_path / "汇总.xlsx"), "--jobs", "1"]
    assert CliRunner().invoke(main, asked).exit_code == 0
    again = CliRunner().invoke(main, asked)
    assert again.exit_code == 2 and "已经存在" in again.output
    wrong = CliRunner().invoke(main, [*asked[:-3], str(tmp_path / "b.xlsx"), "--to", "xml"])
    assert wrong.exit_code == 2 and "没有这种数据格式" in wrong.output


@pytest.mark.long
def test_again_with_nothing_changed_nothing_is_read_or_written_anew(tmp_path: Path) -> None:
    put(tmp_path / "in", unit(1), unit(2, year=2023), unit(4))
    target, back = tmp_path / "汇总.xlsx", tmp_path / "退回"
    asked = [
        "consolidate",
        str(tmp_path / "in"),
        "-o",
        str(target),
        "--return",
        str(back),
        "--jobs",
        "1",
        "--resume",
    ]
    first = CliRunner().invoke(main, asked)
    before = {path: path.stat().st_mtime_ns for path in (target, *back.rglob("*"))}
    again = CliRunner().invoke(main, asked)
    assert again.exit_code == first.exit_code == 1
    assert again.output.splitlines() == [*first.output.splitlines()[:-1], UNCHANGED]
    assert before == {path: path.stat().st_mtime_ns for path in (target, *back.rglob("*"))}


@pytest.mark.long
@pytest.mark.parametrize(
    "change", ["a file more", "a file less", "the summary", "a letter", "the roster", "an option"]
)
def test_whatever_changed_is_done_again(tmp_path: Path, change: str) -> None:
    put(tmp_path / "in", unit(1), unit(2, year=2023), unit(4))
    target, back, roster = tmp_path / "汇总.xlsx", tmp_path / "退回", tmp_path / "名录.csv"
    roster.write_text("名称\n第1号单位\n第2号单位\n第4号单位", encoding="utf-8")
    asked = [
        "consolidate",
        str(tmp_path / "in"),
        "-o",
        str(target),
        "--roster",
        str(roster),
        "--return",
        str(back),
    ]
    asked += ["--jobs", "1", "--resume"]
    CliRunner().invoke(main, asked)
    match change:
        case "a file more":
            put(tmp_path / "in", unit(5))
        case "a file less":
            (tmp_path / "in" / "第4号单位.json").unlink()
        case "the summary":
            target.unlink()
        case "a letter":
            next(back.rglob("*.docx")).unlink()
        case "the roster":
            roster.write_text("名称\n第1号单位\n第2号单位", encoding="utf-8")
        case _:
            asked += ["--agency", "某县人民政府"]
    output = CliRunner().invoke(main, asked).output
    assert output.splitlines()[-1] == f"已生成 {target}" and target.exists() and list(back.rglob("*.docx"))
