"""A call that cannot be taken is told in one Chinese sentence, exit code 2."""

import pytest
from click.testing import CliRunner

from nianbao.cli import main


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("validate", "没有写 FILES"),
        ("validate --jsn x", "没有选项 --jsn"),
        ("template -o x.xlsx", "没有写 --year"),
        ("template --year 99 -o x.xlsx", "--year 的值不能用（应为2008 至 2100的整数）"),
        ("template --year abc -o x.xlsx", "--year 的值不能用"),
        ("publish x", "没有命令 publish"),
        ("demo one two", "多写了 one two"),
    ],
)
def test_a_wrong_call_is_one_chinese_sentence(arguments: str, words: str) -> None:
    result = CliRunner().invoke(main, arguments.split())
    assert result.exit_code == 2
    assert result.output.startswith("错误：")
    assert words in result.output
    assert "--help。" in result.output
    assert len(result.output.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "code"), [("--help", 0), ("validate --help", 0), ("--version", 0), ("", 2)]
)
def test_help_and_version_are_still_there(arguments: str, code: int) -> None:
    result = CliRunner().invoke(main, arguments.split())
    assert result.exit_code == code
    assert "nianbao" in result.output or "main" in result.output
