"""LibreOffice as a process and as a converter: how it starts, ends, fails, recalculates and prints."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
import xlwings as xw

import libreoffice
from nianbao.core.files import Unreadable

Opener = Callable[[Path], xw.Book]


TESTS = Path(__file__).parents[1]


class TestPdf:
    def test_a_workbook_becomes_a_tagged_pdf_with_its_chinese_text(
        self, app: xw.App, form: Path, tmp_path: Path
    ) -> None:
        libreoffice.to_pdf(form, tmp_path / "年报.pdf", app=app)
        assert "自然人" in pdf_text(tmp_path / "年报.pdf")
        assert b"/MarkInfo" in (tmp_path / "年报.pdf").read_bytes()

    def test_a_word_document_becomes_a_pdf(self, app: xw.App, tmp_path: Path) -> None:
        word_document(tmp_path / "年报.docx", "一、总体情况")
        libreoffice.to_pdf(tmp_path / "年报.docx", tmp_path / "年报.pdf", app=app)
        assert "一、总体情况" in pdf_text(tmp_path / "年报.pdf")

    def test_one_sheet_of_a_book_is_printed_through_xlwings(
        self, office_book: Opener, form: Path, tmp_path: Path
    ) -> None:
        book = office_book(form)
        book.sheets[1]["A1"].value = "未发现问题"
        book.to_pdf(tmp_path / "结果.pdf", include="校验结果")
        assert "未发现问题" in pdf_text(tmp_path / "结果.pdf")
        assert "自然人" not in pdf_text(tmp_path / "结果.pdf")
        assert [sheet.visible for sheet in book.sheets] == [True, True]


class TestItsOwnPython:
    def test_it_runs_nothing_of_ours_and_finds_its_own_library_beside_a_virtual_environment(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Neither what lies in the folder nor what is on the path of our Python, and not the environment's library."""
        venv.create(tmp_path / "环境")
        monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "环境"))
        monkeypatch.setenv("PATH", f"{tmp_path / '环境' / 'bin'}{os.pathsep}{os.environ['PATH']}")
        for name in ("uno", "unohelper", "re", "nianbao", "sitecustomize"):
            mark = f"open({str(tmp_path / 'run')!r}, 'a').write({name!r})\n"
            (tmp_path / f"{name}.py").write_text(mark, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        for variable in ("PYTHONPATH", "PYTHONHOME"):
            monkeypatch.setenv(variable, str(tmp_path))
        with libreoffice.start() as own:
            sheet = own.books.add().sheets[0]
            sheet["A1:B2"].value = [[1, 2], [3, 4]]
            assert sheet["A1:B2"].value == [[1, 2], [3, 4]]
        assert not (tmp_path / "run").exists()


class TestRecalculated:
    def test_totals_are_recalculated_and_the_source_is_untouched(
        self, app: xw.App, form: Path, tmp_path: Path
    ) -> None:
        before = form.read_bytes()
        libreoffice.recalculated(form, tmp_path / "重算.xlsx", app=app)
        assert form.read_bytes() == before
        assert cached(tmp_path / "重算.xlsx", "D2") == 11

    def test_nothing_is_overwritten(self, app: xw.App, form: Path) -> None:
        before = form.read_bytes()
        with pytest.raises(libreoffice.EngineError, match="已经存在，不会覆盖它"):
            libreoffice.recalculated(form, form, app=app)
        assert form.read_bytes() == before

    def test_a_missing_file_is_told_in_one_sentence(self, app: xw.App, tmp_path: Path) -> None:
        with pytest.raises(Unreadable, match=r"没有\.xlsx：没有这个文件；请检查"):
            libreoffice.recalculated(tmp_path / "没有.xlsx", tmp_path / "重算.xlsx", app=app)
        assert list(tmp_path.iterdir()) == []

    def test_what_is_no_workbook_is_told_in_one_sentence(self, app: xw.App, tmp_path: Path) -> None:
        (tmp_path / "坏.xlsx").write_text("not a workbook")
        with pytest.raises(Unreadable, match=r"坏\.xlsx：LibreOffice 打不开它；请确认文件完整"):
            libreoffice.to_pdf(tmp_path / "坏.xlsx", tmp_path / "坏.pdf", app=app)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["坏.xlsx"]

    def test_a_folder_that_is_not_there_is_told(self, app: xw.App, form: Path, tmp_path: Path) -> None:
        with pytest.raises(libreoffice.EngineError, match="请检查它是否存在"):
            libreoffice.recalculated(form, tmp_path / "没有" / "重算.xlsx", app=app)

    def test_work_without_end_is_ended_and_leaves_no_file_and_its_office_is_gone(
        self, app: xw.App, form: Path, tmp_path: Path
    ) -> None:
        with libreoffice.start() as own:
            sheet = own.books.add().sheets[0]
            with pytest.raises(libreoffice.EngineError, match=r"在 0\.001 秒内没有完成，已停止"):
                libreoffice.recalculated(form, tmp_path / "重算.xlsx", app=own, timeout=0.001)
            assert sorted(tmp_path.iterdir()) == [form]
            with pytest.raises(libreoffice.Gone, match="LibreOffice 已退出或文件已关闭"):
                sheet["A1"].value = 1
            with pytest.raises(libreoffice.Gone):
                assert sheet["A1:B2"].value
            with pytest.raises(libreoffice.Gone):
                own.books.add()
        assert xw.apps.active == app


class TestStartAndEnd:
    def test_the_process_and_its_profile_are_gone_after_the_block_even_if_it_fails(self, app: xw.App) -> None:
        with pytest.raises(ZeroDivisionError), libreoffice.start() as own:
            pid, profile = own.pid, own.impl.office.profile
            assert process_runs(pid) and profile.exists()
            assert xw.apps.active == own
            own.books.add()
            _ = 1 / 0
        assert not process_runs(pid)
        assert not profile.exists()
        assert not [pipe for pipe in Path("/tmp").glob("OSL_PIPE_*") if profile.name in pipe.name]
        assert xw.apps.active == app

    def test_no_orphan_is_left_when_our_process_is_killed(self) -> None:
        code = (
            "import time\nimport libreoffice\n"
            "with libreoffice.start() as app:\n    app.books.add(); print(app.pid, app.impl.office.profile, flush=True); time.sleep(60)"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=own_env()
        ) as parent:
            assert parent.stdout is not None
            pid, profile = parent.stdout.readline().split()
            assert process_runs(int(pid))
            parent.kill()
        assert wait_until(lambda: not process_runs(int(pid)))
        with libreoffice.start():  # clears up what the killed process could not
            assert not Path(profile).exists()

    def test_without_libreoffice_the_sentence_says_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "")
        with pytest.raises(libreoffice.Missing, match="没有找到 LibreOffice；请先安装"), libreoffice.start():
            pass

    def test_without_the_bridge_the_sentence_says_what_to_install(self) -> None:
        code = (
            "import sys; sys.modules['uno'] = None\nimport libreoffice\n"
            "try:\n    libreoffice.start()\nexcept libreoffice.Missing as missing:\n    print(missing)"
        )
        shown = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=own_env(), check=True
        )
        assert "请安装 python3-uno" in shown.stdout

    def test_on_another_system_the_sentence_names_the_alternatives(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("platform.system", lambda: "Windows")
        with pytest.raises(libreoffice.Missing, match="只支持 Linux；其他系统请使用 Excel 加载项或命令行"):
            libreoffice.start()

    def test_a_window_without_a_display_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DISPLAY", raising=False)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        with pytest.raises(libreoffice.EngineError, match="没有图形界面"), libreoffice.start(visible=True):
            pass

    def test_importing_the_package_imports_neither_xlwings_nor_uno(self) -> None:
        code = f"import sys; sys.path.append({str(TESTS)!r}); import libreoffice; sys.exit(any(name in sys.modules for name in ('xlwings', 'uno', 'pyuno')))"
        assert subprocess.run([sys.executable, "-c", code], env=own_env(), check=False).returncode == 0

    def test_importing_uno_leaves_python_as_it_was(self, app: xw.App) -> None:
        assert __import__.__module__ == "builtins"
        assert "/usr/lib/python3/dist-packages" not in sys.path


def process_runs(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def own_env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"}


def cached(path: Path, address: str) -> object:
    import openpyxl

    workbook = openpyxl.load_workbook(path, data_only=True)
    return workbook.worksheets[0][address].value


def pdf_text(path: Path) -> str:
    return subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout


def word_document(path: Path, text: str) -> None:
    import docx

    document = docx.Document()
    document.add_heading(text, 1)
    document.save(str(path))
