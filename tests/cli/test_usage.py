"""A call that cannot be taken is told in one Chinese sentence, exit code 2."""

import re

import pytest
from click.testing import CliRunner

from nianbao import __version__
from nianbao.cli import main


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("validate", "没有写“文件”；"),
        ("validate --jsn x", "没有选项 --jsn"),
        ("template -o x.xlsx", "错误：没有写 --year；"),
        ("template --year 99 -o x.xlsx", "错误：--year 的值不能用（应为 2008 至 2100 的整数）"),
        ("template --year abc -o x.xlsx", "--year 的值不能用"),
        ("publish x", "没有命令 publish"),
        ("demo one two", "多写了 one two"),
        ("consolidate --new", "--new 的写法不对（后面没有写值）"),
        ("validate x --json=1", "--json 的写法不对（不能写值）"),
    ],
)
def test_a_wrong_call_is_one_chinese_sentence(arguments: str, words: str) -> None:
    result = CliRunner().invoke(main, arguments.split())
    assert result.exit_code == 2
    assert result.output.startswith("错误：")
    assert words in result.output
    assert "--help。" in result.output
    assert len(result.output.strip().splitlines()) == 1


def page(arguments: str) -> str:
    result = CliRunner().invoke(main, arguments.split(), prog_name="nianbao")
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize("command", ["", *main.commands])
def test_no_help_page_has_a_word_of_english_that_is_no_name(command: str) -> None:
    """What is left of Latin letters are commands, options, programs, kinds of file and codes."""
    known = {*main.commands, "nianbao", "libreoffice", "s", "x", "year", "build", "demo"}
    known |= {"html", "docx", "xlsx", "pdf", "json", "csv", "txt", "parquet", "markdown"}
    known |= {"word", "excel", "wps", "python", "libreoffice", "dask"}
    known |= {"rules", "rule", "off", "true", "severity", "error", "info", "reason", "date"}  # a rules file
    known |= {"previous", "jump", "narrative", "similar", "infographic"}
    said = page(f"{command} --help")
    bare = re.sub(r"(?<!\w)--?[a-z-]+", "", said)
    assert {word.lower() for word in re.findall(r"[A-Za-z]+", bare)} - known == set()
    assert said.startswith(f"用法：nianbao {command}".rstrip() + " [选项]")
    assert re.search(r"^  -h, --help +显示这一页说明。$", said, re.MULTILINE)


def test_the_first_page_lists_every_command_with_what_it_does() -> None:
    lines = page("--help").partition("命令：\n")[2].splitlines()
    assert [line.split()[0] for line in lines] == list(main.commands)
    assert {len(re.match(r"  [a-z-]+ +", line)[0]) for line in lines} == {19}  # type: ignore[index]
    words = "校验工作簿或交换数据。没有强制性问题时退出码为 0，有为 1，文件无法读取为 2。"
    assert f"  validate         {words}" in lines


def test_what_an_option_wants_is_said_in_chinese() -> None:
    assert page("template --help").partition("选项：\n")[2].splitlines() == [
        "  --year 整数        报告年度，如 2025。  [2008 至 2100；必填]",
        "  --agency 文字      填报单位全称。",
        "  --form 文字        表式代码；不写时按年度选用。",
        "  --previous 文件    上年度的工作簿或交换数据：带入上年数据、上年结转、单位和层级。",
        "  -o, --output 文件  要生成的工作簿（.xlsx）。  [必填]",
        "  -h, --help         显示这一页说明。",
    ]
    kinds = "html（网页，连同粘贴到网站编辑器的片段）、docx（或word）、pdf、json、csv、infographic（一图读懂），用逗号分开。"
    assert f"{kinds}[默认：html,json]" in "".join(page("export --help").split())
    assert re.search(
        r"--jobs 整数 +并行的进程数；不写时与处理器数相同。  \[不小于 1]", page("consolidate -h")
    )
    assert page("validate --help").startswith("用法：nianbao validate [选项] 文件...\n")


def test_a_call_without_a_command_shows_the_help() -> None:
    result = CliRunner().invoke(main, [], prog_name="nianbao")
    assert result.exit_code == 2
    assert result.stderr.startswith("用法：nianbao [选项] 命令 [参数]...\n")
    assert "命令：" in result.stderr


def test_the_version_is_told_without_english() -> None:
    assert page("--version") == f"nianbao {__version__}\n"
