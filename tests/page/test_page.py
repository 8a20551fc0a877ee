"""The page in Chromium, from disk and from a server: the command line's findings and files, nothing requested."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from nianbao.cli import main
from nianbao.core.report import dump
from nianbao.workbook.reader import read
from page.conftest import Drive
from support.books import write
from support.build import changed, found, hubei
from support.published import export
from support.samples import county, hostile

LINES = "NIANBAO.files.map(file => file.line)"
#: One input mistyped, its total live: the suspect is the input.
SLIP = {"requests.granted.natural": 99}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clerk may drop: a clean workbook, a slip, a hostile text, JSON, what is none, what is broken."""
    folder = tmp_path_factory.mktemp("desk")
    write(county(), folder / "水利局 2024.xlsx")
    write(changed(hubei(), SLIP), folder / "甲&乙.xlsx")
    write(hostile(), folder / "坏 <b>.xlsx")
    (folder / "交换.json").write_text(dump(hubei()), encoding="utf-8")
    (folder / "别的.json").write_text('{"a": 1}', encoding="utf-8")
    (folder / "截断.xlsx").write_bytes((folder / "水利局 2024.xlsx").read_bytes()[:5000])
    return folder


@pytest.fixture(scope="module")
def seen(drive: Drive, folder: Path) -> dict[str, Any]:
    """One visit to the page from disk: everything dropped, the slip followed, the copy and the files saved."""
    slip = '.file:has-text("甲&乙")'
    return drive(
        [
            ["drop", *sorted(folder.iterdir())],
            ["see", "lines", LINES],
            ["see", "problems", "NIANBAO.files.map(file => file.problem ?? null)"],
            ["audit", "light"],
            ["click", slip],
            ["see", "deep", "[...document.querySelectorAll('td.E')].map(td => td.id)"],
            ["see", "pale", "document.querySelectorAll('td.N').length"],
            ["click", ".finding.error .go"],
            ["see", "focused", "document.activeElement.id"],
            ["see", "note", "document.getElementById('note').textContent"],
            ["see", "settled", "new Promise(done => setTimeout(done, 300))"],
            ["see", "noted", "!document.getElementById('note').hidden"],
            ["dark"],
            ["audit", "dark"],
            ["light"],
            ["save", "text=标好问题的副本", folder],
            ["size", 390, 844],
            ["audit", "phone"],
            ["see", "width", "document.documentElement.scrollWidth"],
            ["size", 1366, 768],
            ["click", '.file:has-text("水利局")'],
            ["click", "text=网页和数据"],
            ["wait", "#made a"],
            ["all", folder],
        ]
    )


def command_line(folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> list[str]:
    monkeypatch.chdir(folder)
    run = CliRunner().invoke(main, ["validate", "--json", *names])
    return run.stdout.splitlines()


def test_every_file_gets_the_command_lines_findings(
    seen: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sorted(path.name for path in folder.iterdir() if path.name not in seen["saved"])
    assert seen["lines"] == command_line(folder, monkeypatch, *names)
    assert [bool(problem) for problem in seen["problems"]] == [name[:2] in ("别的", "截断") for name in names]


def test_the_suspect_is_deep_and_the_others_pale(seen: dict[str, Any]) -> None:
    assert seen["deep"] == ["at-requests.granted.natural"]
    assert seen["pale"] > 20
    assert seen["focused"] == "at-requests.granted.natural"
    assert "应为 163" in seen["note"] and seen["noted"]


def test_it_is_small_enough_to_mail_and_to_serve(built: Path) -> None:
    served = sum(path.stat().st_size for path in (built / "page").iterdir())
    assert (built / "年报校验.html").stat().st_size <= 20e6
    assert served <= 8e6


def test_nothing_is_requested_and_nothing_fails(seen: dict[str, Any]) -> None:
    assert seen["requests"] == []
    assert seen["errors"] == []


def test_it_is_accessible_light_dark_and_on_a_phone(seen: dict[str, Any]) -> None:
    assert (seen["light"], seen["dark"], seen["phone"]) == ([], [], [])
    assert seen["width"] == 390


def test_the_saved_copy_is_flagged_and_says_what_was_typed(seen: dict[str, Any], folder: Path) -> None:
    copy = folder / "甲&乙.校验.xlsx"
    assert copy.name in seen["saved"]
    assert read(copy).figures == changed(hubei(), SLIP).figures
    assert any("163" in f.message for f in found(read(copy), "requests"))


def test_the_published_files_are_the_command_lines(
    seen: dict[str, Any], folder: Path, tmp_path: Path
) -> None:
    ours = export(read(folder / "水利局 2024.xlsx"), ["html", "json", "csv"], tmp_path)
    assert {path.name for path in ours} <= {*seen["saved"]}
    for path in ours:
        assert (folder / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.fixture
def server(built: Path) -> Iterator[str]:
    """The folder form, served as an office's own server would."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Tests are quiet."""

    handler = functools.partial(Quiet, directory=str(built / "page"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_address[1]}/index.html"
        served.shutdown()
        thread.join()


def test_from_a_server_it_asks_for_its_own_parts_alone(
    drive: Drive, server: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = drive([["drop", folder / "甲&乙.xlsx"], ["see", "lines", LINES]], page=server)
    assert seen["lines"] == command_line(folder, monkeypatch, "甲&乙.xlsx")
    own = server.removesuffix("index.html")
    assert all(address.startswith(own) and address.endswith(".gz") for address in seen["requests"])
    assert seen["errors"] == []
