"""What the system does not allow is told in one sentence, exit code 2, and nothing is replaced."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from nianbao.cli import main
from nianbao.core.files import Unreadable, into_place
from nianbao.core.report import dump
from support.build import hubei


def run(*args: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(a) for a in args])
    return result.exit_code, result.output


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "年报.json"
    path.write_text(dump(hubei()), encoding="utf-8")
    return path


@pytest.mark.parametrize("ending", ["xlsx", "json"])
def test_a_link_to_nowhere_is_not_written_over(source: Path, tmp_path: Path, ending: str) -> None:
    link = tmp_path / f"出.{ending}"
    link.symlink_to(tmp_path / "没有")
    code, output = run("import", source, "-o", link)
    assert code == 2
    assert output == f"错误：{link}：是失效的链接，指向的文件不存在；请删去这个链接，或换一个文件名。\n"
    assert link.is_symlink()
    assert not (tmp_path / "没有").exists()


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, wrapped: bool) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    target = tmp_path / "出.xlsx"
    target.write_text("原来的")
    with pytest.raises(Unreadable, match="磁盘已满"), into_place(target):
        raise RuntimeError(full) if wrapped else full
    assert [path.name for path in tmp_path.iterdir()] == ["出.xlsx"]
    assert target.read_text() == "原来的"


@pytest.mark.parametrize(
    "command", ["validate {} --rules /dev/zero", "export {} --to word -o o --word-template /dev/zero"]
)
def test_a_file_without_end_is_refused(source: Path, command: str) -> None:
    code, output = run(*command.format(source).split())
    assert code == 2
    assert "不是普通文件" in output
    assert len(output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "command",
    [
        "validate {}",
        "validate 年报.json --rules {}",
        "import {} -o o.xlsx",
        "verify {}",
        "export {} -o o",
        "export 年报.json --to word --word-template {} -o o",
    ],
)
def test_a_pipe_that_nobody_fills_is_not_waited_for(
    source: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(source.parent)
    os.mkfifo("管道")
    code, output = run(*command.format("管道").split())
    assert code == 2
    assert "不是普通文件" in output
    assert len(output.strip().splitlines()) == 1


@pytest.mark.long
def test_a_file_larger_than_the_system_allows_is_told_and_nothing_else_is(source: Path) -> None:
    (source.parent / "发布").mkdir()
    for command in (f"template --year 2024 -o {source.parent}/模板.xlsx", f"import {source} -o {source.parent}/出.xlsx",
                    f"export {source} --to word,网页 -o {source.parent}/发布"):  # fmt: skip
        limited = "import resource, signal, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000)); signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        code = f"{limited} sys.argv = {['nianbao', *command.split()]!r}; from nianbao.cli import main; main()"
        done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, check=False)
        assert done.returncode == 2, done.stderr.decode()
        assert len(done.stderr.decode().strip().splitlines()) == 1, done.stderr.decode()
    assert sorted(path.name for path in source.parent.rglob("*")) == ["发布", "年报.json"]


@pytest.mark.long
@pytest.mark.parametrize(
    "command",
    [
        "validate 年报.json",
        "import 年报.json -o 出.xlsx",
        "export 年报.json --to 网页 -o 出",
        "verify 年报.json",
        "consolidate . -o 出.xlsx",
        "template --year 2024 -o out.xlsx",
        "tidy 年报.json -o 出.xlsx",
        "import-previous 年报.json 年报.json -o 出.xlsx",
    ],
)
def test_a_system_that_knows_ascii_alone_is_told_what_to_set(source: Path, command: str) -> None:
    ascii_alone = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    code = "import sys; sys.argv[:1] = ['nianbao']; from nianbao.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *command.split()],
        capture_output=True,
        env={**os.environ, **ascii_alone},
        cwd=source.parent,
        check=False,
    )
    assert done.returncode == 2
    told = "错误：nianbao：系统的语言环境不支持中文文件名；请先设置环境变量 PYTHONUTF8=1 或 LC_ALL=C.UTF-8，再重试。"
    assert done.stderr.decode().strip() == told
    assert [path.name for path in source.parent.iterdir()] == ["年报.json"]
