"""What the command line says of itself, in Chinese: its help, and a call that cannot be taken (click's are English)."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from nianbao.core.files import Unreadable, refused

#: What an option wants, where it does not say so itself.
_WANTED: dict[type, str] = {click.Path: "文件", click.IntRange: "整数"}


class _Worded(click.Command):
    """Writes the parts of a help page for which click has English words."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = (piece for param in self.get_params(ctx) for piece in param.get_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, " ".join(("[选项]", *pieces)), prefix="用法：")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        _section(formatter, "选项", [_row(option) for option in options if not option.hidden])

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "显示这一页说明。"
        return option


class Verb(_Worded):
    """One command of the command line; none is begun on a system that was told to know ASCII alone."""

    def invoke(self, ctx: click.Context) -> Any:
        "年报".encode(sys.getfilesystemencoding())
        return super().invoke(ctx)


class Verbs(_Worded, click.Group):
    """Commands in the order of a year's work; a call that cannot be taken is told in one Chinese sentence."""

    command_class = Verb

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        run: Callable[..., Any] = super().main
        if not standalone_mode:
            return run(*args, standalone_mode=False, **extra)
        try:
            result = run(*args, standalone_mode=False, **extra)
        except click.UsageError as error:
            click.echo(complaint(error), err=True)
            sys.exit(2)
        except click.Abort:
            click.echo("\n已中断，没有写完的文件没有留下。", err=True)
            sys.exit(130)
        except BrokenPipeError:  # whoever reads what is printed has seen enough (… | head)
            raise
        except (Unreadable, OSError, UnicodeEncodeError) as error:
            click.echo(f"错误：{_problem(error)}", err=True)
            sys.exit(2)
        sys.exit(result if isinstance(result, int) else 0)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "[选项] 命令 [参数]...", prefix="用法：")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, _first_line(command)) for name, command in self.commands.items() if not command.hidden]
        _section(formatter, "命令", rows)


def _problem(error: Exception) -> Unreadable:
    """A file that cannot be used, what the system refuses to write, and a system that was told to know ASCII alone
    (files and folders have Chinese names)."""
    if isinstance(error, Unreadable):
        return error
    if isinstance(error, OSError):
        return refused(Path(str(error.filename or "输出")), error)
    todo = "请先设置环境变量 PYTHONUTF8=1 或 LC_ALL=C.UTF-8，再重试"
    return Unreadable("nianbao", "系统的语言环境不支持中文文件名", todo)


def _section(formatter: click.HelpFormatter, heading: str, rows: Sequence[tuple[str, str]]) -> None:
    """Two columns under a heading; a Chinese character is as wide as two others."""
    from nianbao.workbook.layout import measure

    wide = max((measure(first) for first, _ in rows), default=0)
    formatter.write(f"\n{heading}：\n")
    for first, second in rows:
        formatter.write(f"  {first}{' ' * (wide - measure(first))}  {second}\n")


def _first_line(command: click.Command) -> str:
    return (command.help or "").strip().partition("\n")[0]


def _row(option: click.Option) -> tuple[str, str]:
    """An option as its help lists it: how it is written, and what it does."""
    names = ", ".join(option.opts)
    written = names if option.is_flag else f"{names} {option.metavar or _kind(option.type)}"
    more = "；".join(_more(option))
    return written, f"{option.help or ''}{f'  [{more}]' if more else ''}"


def _kind(kind: object) -> str:
    if isinstance(kind, click.Choice):
        return "|".join(map(str, kind.choices))
    return _WANTED.get(type(kind), "文字")


def _more(option: click.Option) -> Iterator[str]:
    if option.show_default:
        yield f"默认：{option.default}"
    if isinstance(option.type, click.IntRange):
        yield _bounds(option.type)
    if option.required:
        yield "必填"


def _bounds(kind: click.IntRange) -> str:
    low, high = kind.min, kind.max
    return f"{low} 至 {high}" if high is not None else f"不小于 {low}"


def complaint(error: click.UsageError) -> str:
    """What is wrong with the call, and where its help is; the help itself where no command was named."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and error.ctx is not None:
        return error.ctx.get_help()
    path = error.ctx.command_path if error.ctx is not None else "nianbao"
    return f"错误：{_what(error)}；用法见 {path} --help。"


def _what(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}"
    if isinstance(error, click.MissingParameter):
        name = _name(error)
        return f"没有写{' ' if name.startswith('-') else ''}{name}"
    if isinstance(error, click.BadParameter):
        return f"{_name(error)} 的值不能用（{_wanted(error)}）"
    if isinstance(error, click.BadOptionUsage):
        return f"{error.option_name} 的写法不对（{'后面没有写值' if 'requires' in error.message else '不能写值'}）"
    if error.message.startswith("No such command"):
        return f"没有命令 {error.message.removeprefix('No such command ').rstrip('.').strip(chr(39))}"
    if "extra argument" in error.message:
        return f"多写了 {error.message.partition('(')[2].rstrip(')')}"
    return "命令的写法不对"


def _name(error: click.BadParameter) -> str:
    parameter = error.param
    if isinstance(parameter, click.Option):
        return "/".join(parameter.opts)
    return f"“{parameter.human_readable_name.rstrip('.')}”" if parameter is not None else "参数"


def _wanted(error: click.BadParameter) -> str:
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, click.IntRange):
        return f"应为 {_bounds(kind)} 的整数"
    if isinstance(kind, click.Choice):
        return f"可用：{'、'.join(map(str, kind.choices))}"
    return "不合要求"
