"""A call of the command line that cannot be taken, in one Chinese sentence (click's own are English)."""

import click


def told_of(error: click.UsageError) -> str:
    """What is wrong with the call, and where its help is; the help itself where no command was named."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and error.ctx is not None:
        return error.ctx.get_help()
    path = error.ctx.command_path if error.ctx is not None else "nianbao"
    return f"错误：{_what(error)}；用法见 {path} --help。"


def _what(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}"
    if isinstance(error, click.MissingParameter):
        return f"没有写 {_name(error)}"
    if isinstance(error, click.BadParameter):
        return f"{_name(error)} 的值不能用（{_wanted(error)}）"
    if error.message.startswith("No such command"):
        return f"没有命令 {error.message.removeprefix('No such command ').rstrip('.').strip(chr(39))}"
    if "extra argument" in error.message:
        return f"多写了 {error.message.partition('(')[2].rstrip(')')}"
    return "命令的写法不对"


def _name(error: click.BadParameter) -> str:
    parameter = error.param
    if isinstance(parameter, click.Option):
        return "/".join(parameter.opts)
    return parameter.human_readable_name if parameter is not None else "参数"


def _wanted(error: click.BadParameter) -> str:
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, click.IntRange):
        low, high = kind.min, kind.max
        bounds = f"{low} 至 {high}" if high is not None else f"不小于 {low}"
        return f"应为{bounds}的整数"
    if isinstance(kind, click.Choice):
        return f"可用：{'、'.join(map(str, kind.choices))}"
    return "不合要求"
