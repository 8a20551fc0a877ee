"""How the add-in finds its workbook, and what becomes of a failure; in a real LibreOffice."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import xlwings as xw

from nianbao.excel import verbs
from nianbao.excel.__main__ import main
from nianbao.workbook import layout as at


def test_the_workbook_is_found_by_window_and_name(
    clean: xw.Book, app: xw.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.books.add()
    monkeypatch.setenv("NIANBAO_HWND", str(app.hwnd))
    monkeypatch.setenv("NIANBAO_NAME", clean.name)
    verbs.validate()
    app.books.active.close() if app.books.active.name != clean.name else None
    assert "校验：" in clean.sheets[at.RESULTS]["B2"].value


def test_without_the_addin_xlwings_own_caller_is_used(
    clean: xw.Book, caller: Callable[[xw.Book], None]
) -> None:
    caller(clean)
    verbs.validate()
    assert "校验：" in clean.sheets[at.RESULTS]["B2"].value


def test_a_failure_is_told_in_the_application_and_logged_and_counts_as_told(
    book: xw.Book, app: xw.App, tmp_path: Path
) -> None:
    log = tmp_path / "new folder" / "nianbao.log"
    env = {"NIANBAO_HWND": str(app.hwnd), "NIANBAO_NAME": book.name, "NIANBAO_LOG": str(log)}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        assert main(["validate"]) == 0
    told = app.impl.asked.pop().prompt
    assert "不是年报模板的工作簿" in told and "空白的年报模板" in told
    assert "validate" in log.read_text(encoding="utf-8")


def test_an_unexpected_failure_is_told_with_the_logs_place_and_its_traceback_is_in_the_log(
    clean: xw.Book, app: xw.App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError("unforeseen")

    monkeypatch.setattr(verbs, "check", breaks)
    log = tmp_path / "nianbao.log"
    for name, value in (("HWND", str(app.hwnd)), ("NAME", clean.name), ("LOG", str(log))):
        monkeypatch.setenv(f"NIANBAO_{name}", value)
    assert main(["validate"]) == 0
    told = app.impl.asked.pop().prompt
    assert str(log) in told and "unforeseen" not in told
    assert "ZeroDivisionError: unforeseen" in log.read_text(encoding="utf-8")


def test_really_run_as_the_launcher_does_with_no_such_workbook_it_says_so_and_fails(tmp_path: Path) -> None:
    log = tmp_path / "日志" / "nianbao.log"
    env = {**os.environ, "NIANBAO_HWND": "4711", "NIANBAO_NAME": "年报.xlsx", "NIANBAO_LOG": str(log)}
    run = subprocess.run(
        [sys.executable, "-m", "nianbao.excel", "validate"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "年报.xlsx：没有找到打开它的表格程序" in run.stderr
    assert "年报.xlsx：没有找到打开它的表格程序" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [["nonsense"], [], ["validate", "clear"], ["check"]])
def test_an_unknown_verb_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "validate" in capsys.readouterr().err
