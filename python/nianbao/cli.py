"""The command line: one command a verb. Heavy libraries are imported inside the command that needs them."""

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click

from nianbao import __version__
from nianbao.core.files import Unreadable, fresh
from nianbao.excel import VERBS
from nianbao.usage import Verbs

FILE = click.Path(path_type=Path, readable=False)  # whoever reads a file says why it cannot be read


def _in_a_line(_context: click.Context, _option: click.Parameter, name: str) -> str:
    """A name as it was typed, without line breaks and double spaces."""
    return " ".join(name.split())


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nianbao", message="%(prog)s %(version)s", help="显示版本号。")
def main() -> None:
    """政府信息公开工作年度报告：填报、校验、汇总、导出。"""
    for stream in (sys.stdout, sys.stderr):  # a console that lacks a character (GBK: ✗) shows ? and goes on
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


@main.command()
@click.option("--year", type=click.IntRange(2008, 2100), required=True, help="报告年度，如 2025。")
@click.option("--agency", default="", callback=_in_a_line, help="填报单位全称。")
@click.option("--form", "key", default="", help="表式代码；不写时按年度选用。")
@click.option("--previous", type=FILE, help="上年度的工作簿或交换数据：带入上年数据、上年结转、单位和层级。")
@click.option("-o", "--output", type=FILE, required=True, help="要生成的工作簿（.xlsx）。")
def template(year: int, agency: str, key: str, previous: Path | None, output: Path) -> None:
    """生成空白的年报模板工作簿。"""
    from nianbao.core import form as forms
    from nianbao.workbook.reader import read
    from nianbao.workbook.tidy import begin
    from nianbao.workbook.writer import blank, write

    try:
        form = forms.load(key) if key else forms.for_year(year)
    except forms.FormError:
        known = "、".join(forms.keys())
        raise Unreadable(
            str(output), f"没有适用于{key or f'{year}年度'}的表式", f"现有表式：{known}"
        ) from None
    if not form.covers(year):
        raise Unreadable(str(output), f"表式 {form.key} 不用于{year}年度", "请去掉 --form，按年度选用表式")
    target = fresh(output, ".xlsx")
    report = (
        begin(form, year, agency, read(previous), previous.name) if previous else blank(form, year, agency)
    )
    write(report, target)
    click.echo(f"已生成 {output}")


@main.command("import-previous")
@click.argument("book", type=FILE, metavar="工作簿")
@click.argument("previous", type=FILE, metavar="上年文件")
@click.option("-o", "--output", type=FILE, required=True, help="要生成的副本（.xlsx）；原工作簿不改动。")
def import_previous(book: Path, previous: Path, output: Path) -> None:
    """把上年度的数字填入工作簿副本的“上年数据”和上年结转；只填空白单元格。"""
    from nianbao.workbook.layout import Layout
    from nianbao.workbook.reader import read
    from nianbao.workbook.tidy import bring, bring_into, in_words, suits

    target = fresh(output, ".xlsx", ".xlsm")
    report, last = read(book), read(previous)
    suits(report, last, previous.name)
    brought = bring(report, last, Layout.of(report.form))
    bring_into(book, target, report, brought)
    click.echo(f"已生成 {output}。{in_words(brought)}")


@main.command()
@click.argument("book", type=FILE, metavar="工作簿")
@click.option("--zeros", is_flag=True, help="空白（以及“/”“无”）补 0，可以空着的除外。")
@click.option(
    "--text", is_flag=True, help="文字部分：全角数字改半角，汉字之间的半角标点改全角，去掉段首段尾空格。"
)
@click.option("-o", "--output", type=FILE, help="要生成的副本（.xlsx）；不写时为“<文件名>.规范.xlsx”。")
def tidy(book: Path, zeros: bool, text: bool, output: Path | None) -> None:
    """把写法不规范的数字（文本数字、全角、1,234、3件）改为数字，恢复合计公式，写成副本并逐条列出改动。"""
    from nianbao.core.files import free_name
    from nianbao.workbook.reader import read
    from nianbao.workbook.tidy import apply, changes, kept, listed

    suffix = ".xlsm" if book.suffix.lower() == ".xlsm" else ".xlsx"
    name = f"{book.stem}.规范{suffix}"
    target = fresh(output, ".xlsx", ".xlsm") if output else free_name(book.parent, name)
    report = read(book)
    made = changes(report, zeros=zeros, text=text)
    restored = apply(book, target, made, report)
    for words in [*listed(made), *restored]:
        click.echo(f"  {words}")
    for words in kept(report):
        click.echo(f"  ？ {words}")
    nothing = "按模板恢复了受损之处" if restored else "没有需要规范的内容"
    click.echo(f"已生成 {target}：共改动 {len(made)} 格" if made else f"已生成 {target}：{nothing}")


@main.command("import")
@click.argument("source", type=FILE, metavar="来源")
@click.option("-o", "--output", type=FILE, required=True, help="要生成的工作簿（.xlsx）或交换数据（.json）。")
def import_(source: Path, output: Path) -> None:
    """把已发布的网页、Word、PDF、文本、旧工作簿或交换数据转为工作簿（.xlsx）或交换数据（.json）。

    数字、空白和文字一律保持原样；放不准的逐条列出，不猜。来源写 - 时读标准输入。
    模板工作簿的版式被改动的，按表中的文字读入，退出码为 1。
    """
    from nianbao.core.files import into_place
    from nianbao.importer import take
    from nianbao.workbook.writer import write

    target = fresh(output, ".xlsx", ".json")
    report, doubts, _, by_labels = take(source)
    if target.suffix.lower() == ".json":
        from nianbao.core.report import dump

        with into_place(target) as temporary:
            temporary.write_text(dump(report), encoding="utf-8")
    else:
        write(report, target)
    click.echo(f"已生成 {output}")
    for doubt in doubts:
        click.echo(f"  请核对：{doubt}", err=True)
    sys.exit(int(by_labels))


@main.command()
@click.argument("files", type=FILE, nargs=-1, required=True, metavar="文件...")
@click.option("--previous", type=FILE, help="上年度的工作簿或交换数据，用于跨年核对。")
@click.option("--json", "as_json", is_flag=True, help="每个文件输出一行 JSON。")
@click.option(
    "--rules", "local", type=FILE, envvar="NIANBAO_RULES", help="本部门的本地规则文件（JSON），写法见上文。"
)
@click.option("--mark", "marked", is_flag=True, help="另存一份标出问题的副本“<文件名>.校验.xlsx”。")
def validate(
    files: tuple[Path, ...],
    previous: Path | None,
    as_json: bool,
    local: Path | None,
    marked: bool,
) -> None:
    """校验工作簿或交换数据。没有强制性问题时退出码为 0，有为 1，文件无法读取为 2。

    本地规则文件停用一条规则，或改变它的性质，每条写明规则代码、原因和日期：

    \b
    {"rules": [
      {"rule": "previous.jump", "off": true,
       "reason": "许可权限下放", "date": "2026-01-05"},
      {"rule": "narrative.similar", "severity": "info",
       "reason": "格式统一", "date": "2026-01-05"}]}

    severity 可为 error（强制性）、verify（核实性）、info（提示）；规则代码见 nianbao rules。
    规定格式的强制性规则不能停用或降级。
    """
    from nianbao.console import Validation

    run = Validation(previous, as_json, marked, click.echo, local)
    sys.exit(max(map(run.file, files)))


@main.command()
@click.argument("book", type=FILE, metavar="工作簿")
@click.option(
    "--to",
    "kinds",
    default="html,json",
    show_default=True,
    help="html（网页，连同粘贴到网站编辑器的片段）、docx（或 word）、pdf、json、csv、infographic（一图读懂），用逗号分开。",
)
@click.option("-o", "--output", "folder", type=FILE, metavar="文件夹", required=True, help="写到哪个文件夹。")
@click.option("--draft", is_flag=True, help="有强制性问题也导出，各页标明“草稿”。")
@click.option("--word-template", type=FILE, help="改过版式的 Word 模板（.docx），用于 docx 和 pdf。")
@click.option("--style", default="蓝", show_default=True, help="一图读懂的颜色：蓝、红、墨绿。")
@click.option("--previous", type=FILE, help="上年度的工作簿或交换数据，用于跨年核对和一图读懂的对比。")
def export(book: Path, kinds: str, folder: Path, previous: Path | None, **options: Any) -> None:
    """导出网页、Word、PDF、一图读懂和数据文件；有强制性问题时不导出。

    本机生成不了的格式逐个说明，其余照常导出，退出码为 1。文件旁边的“导出清单.json”记下每个文件的摘要，供 nianbao verify 核对。
    """
    from nianbao.export.export import named
    from nianbao.publish import AS_DRAFT, Options, Stopped, publish

    try:
        made = publish(book, named(kinds), folder, Options(**options), previous)
    except Stopped as stop:
        click.echo(f"没有导出：{stop}".replace(AS_DRAFT, f"{AS_DRAFT}（加 --draft）"), err=True)
        for reason in stop.reasons:
            click.echo(f"  ✗ {reason}", err=True)
        sys.exit(1)
    for path in made.paths:
        click.echo(f"已生成 {path}")
    for line in (*made.missing, *made.notes):
        click.echo(f"注意：{line}", err=True)
    sys.exit(1 if made.missing else 0)


@main.command()
@click.argument("published", type=FILE, nargs=-1, required=True, metavar="文件或文件夹...")
@click.option("--against", type=FILE, help="与哪个工作簿或交换数据逐项比较；不写时核对文件自带的数据指纹。")
@click.option("--previous", type=FILE, help="导出时用了 --previous 的，写同一个文件。")
@click.option(
    "--content", is_flag=True, help="内容一致就算通过（如网站套了自己页面的），仍列出文件的不同之处。"
)
def verify(published: tuple[Path, ...], against: Path | None, previous: Path | None, content: bool) -> None:
    """核对已发布的网页、Word、PDF、图片和数据文件，是否仍与导出时一致。

    “一致”是指与导出时一字不差；“内容一致，但文件与导出时不同”是指读者看到的没有变，文件变了，并说明变在哪里。
    核对文件夹时连同其中的“导出清单.json”；列出几个文件的（如各平台上的同一份年报），还相互比较。
    """
    from nianbao.publish import with_previous
    from nianbao.verify.verify import verify_all
    from nianbao.workbook.reader import read

    worst, alone = False, False
    report = with_previous(read(against), previous) if against else None
    for verdict in verify_all(published, report):
        for line in verdict.differences:
            click.echo(f"  ✗ {line}")
        for line in verdict.changes:
            click.echo(f"  · {line}")
        click.echo(f"{verdict.name}：{verdict.words}")
        worst |= bool(verdict.differences or (verdict.changes and not content))
        alone |= report is None and not (verdict.differences or verdict.changes)
    if alone:
        message = "没有写 --against：核对的是文件自带的校验码、数据指纹和旁边的导出清单，没有与工作簿比较。"
        click.echo(message, err=True)
    sys.exit(int(worst))


@main.command()
@click.option(
    "-o",
    "--output",
    "folder",
    type=FILE,
    metavar="文件夹",
    default=Path("build/demo"),
    show_default=True,
    help="写到哪个文件夹。",
)
def demo(folder: Path) -> None:
    """用真实数字演示一遍：填表、校验、标出错误、导出。"""
    from nianbao.demo import run

    run(folder, click.echo)


@main.command()
@click.option("--form", "key", default="cn-2021", help="表式代码。")
@click.option("--write", "target", type=FILE, help="写成 Markdown 文件；只覆盖以前写成的规则清单。")
def rules(key: str, target: Path | None) -> None:
    """列出全部校验规则：名称、性质、代码、内容和依据。"""
    from nianbao.console import rules_text, write_rules

    if target is None:
        click.echo(rules_text(key), nl=False)
    else:
        write_rules(key, target)


@main.command()
@click.argument("folder", metavar="文件夹", default="")
@click.option("-o", "--output", default="", metavar="文件", help="要生成的汇总工作簿（.xlsx）。")
@click.option("--new", type=FILE, metavar="文件", help="新建汇总设置（.xlsx），填好后以它代替文件夹运行。")
@click.option("--roster", type=FILE, help="名录（xlsx、csv 或 json）：单位名称、代码、别名、上级。")
@click.option("--own", type=FILE, help="本级的报告；合计＝本级＋下级。")
@click.option("--previous", type=FILE, help="上年度的汇总或报告，用于跨年核对和图表。")
@click.option("--whole", type=FILE, help="另行编制的整体报告，在“差额表”中与本级＋下级逐格比较。")
@click.option("--choices", type=FILE, help="不计入指标的清单（json）：单位、指标、原因、日期。")
@click.option("--rules", type=FILE, envvar="NIANBAO_RULES", help="本部门的本地规则文件（JSON 或汇总设置）。")
@click.option(
    "--return", "returns", type=FILE, metavar="文件夹", help="把退回单位的标记副本和退回意见写入这个文件夹。"
)
@click.option("--remind", type=FILE, help="把未报、退回的单位名单写成这个文件（txt 或 csv）。")
@click.option("--to", default="", help="另存明细和问题：parquet,csv,json。")
@click.option("--resume", is_flag=True, help="接着上次：已读过且没有改动的文件不再读。")
@click.option("--scheduler", default="", help="已有的 Dask 集群的地址。")
@click.option("--year", type=click.IntRange(2008, 2100), help="报告年度；不写时取多数报告的年度。")
@click.option("--agency", default="", callback=_in_a_line, help="汇总单位全称。")
@click.option("--jobs", type=click.IntRange(1), help="并行的进程数；不写时与处理器数相同。")
def consolidate(folder: str, output: str, new: Path | None, to: str, jobs: int | None, **asked: Any) -> None:
    """汇总一个文件夹里各单位的年报。全部收齐且没有退回时退出码为 0，有退回或未报为 1。

    文件夹处也可以写填好的汇总设置（--new 生成）：汇总、退回、催报一次完成，以后再运行即更新。
    """
    from nianbao.consolidate.command import kinds, run
    from nianbao.consolidate.settings import Job, is_settings, run_settings, write_settings

    if new is not None:
        write_settings(fresh(new, ".xlsx"))
        (new.parent / "报送").mkdir(exist_ok=True)
        click.echo(f"已生成 {new}，各单位年报放进旁边的“报送”文件夹，填好后运行 nianbao consolidate {new}")
        return
    if is_settings(Path(folder)):
        sys.exit(run_settings(Path(folder), run))
    if not (folder and output):
        raise Unreadable(folder or "汇总", "没有写明文件夹或要生成的文件", "请写文件夹和 -o，或写汇总设置")
    sys.exit(run(Job(folder, Path(output), to=kinds(to), jobs=jobs or 0, **asked), output))


@main.command()
@click.option("--python", type=FILE, default=None, help="加载项使用的 Python；不写时为当前的 Python。")
def install(python: Path | None) -> None:
    """为当前用户安装 Excel 加载项（“年报”选项卡），不需要管理员权限。"""
    import os

    from nianbao.excel.install import install as put_in

    for line in put_in(os.environ, python or Path(sys.executable)):
        click.echo(line)


@main.command()
def uninstall() -> None:
    """卸载 Excel 加载项，恢复安装前的样子。"""
    import os

    from nianbao.excel.install import uninstall as take_out

    for line in take_out(os.environ):
        click.echo(line)


@main.command("excel")
@click.argument("verb", type=click.Choice(VERBS), metavar="功能")
def excel_(verb: str) -> None:
    """对 Excel 中打开的年报工作簿执行功能区的一个功能，如 validate（校验）；用于不允许 Excel 启动其他程序的电脑。"""
    from nianbao.excel.__main__ import attach

    sys.exit(attach(verb))


@main.command()
def doctor() -> None:
    """检查 Python、Excel 或 WPS、加载项和宏设置，说明怎么处理。有问题时退出码为 1。"""
    import os

    from nianbao.excel.doctor import examine

    checks = []
    for check in examine(os.environ):
        click.echo(str(check))
        checks.append(check)
    sys.exit(int(any(check.ok is False for check in checks)))
