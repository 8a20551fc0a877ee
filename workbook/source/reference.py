"""Writes ``workbook/手册/参考.md`` from the truth: commands, exit codes, formats, rules.

``python workbook/source/reference.py`` rewrites it; a test says when it is stale.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from nianbao.cli import main
from nianbao.console import rules_markdown
from nianbao.consolidate.settings import EXCLUDED_HEADS, FIELDS, ROSTER_HEADS
from nianbao.core import form as forms
from nianbao.core.form import FORMS

TARGET = Path(__file__).parents[1] / "手册" / "参考.md"
SAMPLES = Path(__file__).parents[1] / "样例"
EXIT_CODES = (
    ("0", "没有强制性问题；文件已经生成；核对一致"),
    ("1", "有强制性问题；没有导出；核对不一致；汇总有退回或未报"),
    ("2", "文件不能使用，或写法有误：一句话说明是哪个文件、哪里不对、怎么办"),
)
FORMATS = (
    ("交换数据", "report.schema.json", "填好的年报.json"),
    ("本地规则", "rules.schema.json", "本地规则.json"),
)


def reference() -> str:
    """The whole reference as Markdown."""
    parts = ["# 参考\n\n本页由 `make manual` 从程序本身生成，请勿手工修改。\n"]
    return "\n".join([*parts, _commands(), _exit_codes(), _formats(), _rules()])


def _commands() -> str:
    return "## 命令\n\n" + "\n".join(
        _command(name, command) for name, command in sorted(main.commands.items())
    )


def _command(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name, parent=main.context_class(main, **main.context_settings))
    pieces = (piece for param in command.get_params(context) for piece in param.get_usage_pieces(context))
    usage = " ".join(("[选项]", *pieces))
    lines = [f"### `nianbao {name} {usage}`\n", (command.help or "").splitlines()[0] + "\n"]
    options = [option for option in command.params if isinstance(option, click.Option)]
    rows = [f"| `{'`、`'.join(option.opts)}` | {_cell(option.help or '')} |" for option in options]
    table = ["| 选项 | 含义 |", "|---|---|", *rows, ""] if rows else []
    return "\n".join([*lines, *table])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _exit_codes() -> str:
    rows = "\n".join(f"| {code} | {words} |" for code, words in EXIT_CODES)
    return f"## 退出码\n\n| 退出码 | 含义 |\n|---|---|\n{rows}\n"


def _formats() -> str:
    return "## 数据格式\n\n" + "\n".join([*(_format(*given) for given in FORMATS), _settings()])


def _format(name: str, schema: str, example: str) -> str:
    rules = json.dumps(json.loads((FORMS / schema).read_text(encoding="utf-8")), ensure_ascii=False, indent=1)
    shown = "\n".join(_shortened((SAMPLES / example).read_text(encoding="utf-8")))
    return (
        f"### {name}\n\n格式（JSON Schema，`{schema}`）：\n\n```json\n{rules}\n```\n\n"
        f"样例（`样例/{example}` 的开头）：\n\n```json\n{shown}\n```\n"
    )


def _settings() -> str:
    """What the workbook of settings asks for, and the columns of a roster."""
    rows = "\n".join(f"| {label} | {_cell(words)} |" for label, words in FIELDS)
    heads = "、".join(ROSTER_HEADS)
    return (
        f"### 汇总设置\n\n工作簿，用 `nianbao consolidate --new 汇总设置.xlsx` 生成（样例：`样例/汇总设置.xlsx`）。“设置”表：\n\n"
        f"| 项目 | 写什么 |\n|---|---|\n{rows}\n\n“名录”表的列：{heads}。“不计入指标”表的列：{'、'.join(EXCLUDED_HEADS)}。\n"
    )


def _shortened(text: str) -> Iterator[str]:
    lines = text.splitlines()
    yield from lines[:24]
    if len(lines) > 24:
        yield "…"


def _rules() -> str:
    pages = (rules_markdown(key).replace("# ", "### ", 1) for key in sorted(forms.keys(), reverse=True))
    return "## 规则\n\n" + "\n".join(pages)


if __name__ == "__main__":
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(reference(), encoding="utf-8")
