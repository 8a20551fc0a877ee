"""The page in Chromium with much and with bad: random reports, hostile files, a worker that dies, no way out."""

import http.server
import shutil
import threading
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from nianbao.cli import main
from nianbao.core.report import Report, dump
from page.conftest import Drive
from support.badfiles import plant
from support.books import write
from support.build import changed
from support.samples import county
from support.units import unit

LINES = "NIANBAO.files.map(file => file.line)"
STATES = "NIANBAO.files.map(file => file.state)"
PROBLEMS = "NIANBAO.files.map(file => file.problem ?? null)"


def by_chance(number: int) -> Report:
    """A unit's report with up to four cells that hold something else, whatever a keyboard can type."""
    chance, report = Random(number), unit(number)
    cells = chance.sample([str(cell) for cell in report.form.cells], chance.randrange(5))
    values = (0, None, 7, chance.randrange(10**6), -3, "3件", "１２", "1,234", "约５", "<b>x</b>")
    return changed(report, {cell: chance.choice(values) for cell in cells})


def command_line(folder: Path, monkeypatch: pytest.MonkeyPatch, names: list[str]) -> list[str]:
    monkeypatch.chdir(folder)
    return CliRunner().invoke(main, ["validate", "--json", *names]).stdout.splitlines()


def test_dozens_of_random_reports_and_of_hostile_files_are_judged_as_by_the_command_line(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One visit with all of them: a hostile file costs itself alone."""
    planted, desk = tmp_path / "planted", tmp_path / "desk"
    desk.mkdir()
    for number, name in enumerate(plant(planted)):
        if (planted / name).is_file():
            shutil.copyfile(planted / name, desk / f"{number:02} {Path(name).name}")
    assert len(list(desk.iterdir())) >= 50
    for number in range(80):
        if number % 10 == 0:  # the page reads both by the same code; a workbook is slow to make
            write(by_chance(number), desk / f"{number:03}.xlsx")
        else:
            (desk / f"{number:03}.json").write_text(dump(by_chance(number)), encoding="utf-8")
    names = sorted(path.name for path in desk.iterdir())
    write(county(), desk / "好 & <b>.xlsx")
    names.append("好 & <b>.xlsx")
    seen = drive(
        [["drop", *(desk / name for name in names)], ["see", "lines", LINES], ["see", "problems", PROBLEMS]]
    )
    assert seen["lines"] == command_line(desk, monkeypatch, names)
    random = [line for name, line in zip(names, seen["lines"], strict=True) if len(Path(name).stem) == 3]
    assert len(random) == 80
    assert len({line.partition('"findings"')[2] for line in random}) > 50
    assert seen["problems"][-1] is None
    assert (seen["errors"], seen["requests"]) == ([], [])


#: How a worker is lost, and what is said of the file it was at.
FAULTS = {
    "self.onmessage = () => { throw new Error('out of memory') }": "程序中断",
    "self.onmessage = () => { for (;;) ; }": "处理超过 2 秒",
}


def test_a_worker_that_is_lost_costs_one_file(drive: Drive, tmp_path: Path) -> None:
    steps: list[list[object]] = []
    for number, fault in enumerate(FAULTS):
        for name in (f"{number} 坏.xlsx", f"{number} 好.xlsx"):
            write(county(), tmp_path / name)
        steps += [
            ["worker", fault],
            ["see", "was", "NIANBAO.limit = 2000"],
            ["drop", tmp_path / f"{number} 坏.xlsx"],
            ["see", "now", "NIANBAO.limit = 60000"],
            ["drop", tmp_path / f"{number} 好.xlsx"],
        ]
    seen = drive([*steps, ["see", "states", STATES], ["see", "problems", PROBLEMS]])
    for number, words in enumerate(FAULTS.values()):
        bad, good = 2 * number, 2 * number + 1
        assert seen["states"][bad] == "不能使用"
        assert seen["problems"][good] is None
        assert words in seen["problems"][bad]
        assert seen["problems"][bad].startswith(f"{number} 坏.xlsx：")


def test_nothing_can_leave_the_page(drive: Drive) -> None:
    """Even script within the page (which nothing from a file becomes) reaches no server."""
    reached: list[str] = []

    class Listening(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reached.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listening) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        there = f"http://127.0.0.1:{server.server_address[1]}"
        tries = f"""(async () => {{
          new Image().src = "{there}/image"
          navigator.sendBeacon("{there}/beacon", "x")
          document.head.append(Object.assign(document.createElement("script"), {{ src: "{there}/script" }}))
          document.head.append(Object.assign(document.createElement("link"), {{ rel: "stylesheet", href: "{there}/style" }}))
          const form = Object.assign(document.createElement("form"), {{ action: "{there}/form" }})
          document.body.append(form)
          form.submit()
          return await fetch("{there}/fetch").then(() => "went", () => "held")
        }})()"""
        seen = drive([["see", "fetch", tries], ["see", "after", "document.title"]])
        server.shutdown()
    assert seen["fetch"] == "held"
    assert seen["after"] == "年报校验"
    assert reached == []
    assert len(seen["errors"]) >= 4
