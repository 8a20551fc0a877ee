"""一图读懂: a page of a few bar charts, drawn as SVG, each with its figures in a table."""

from decimal import Decimal
from typing import Any, NamedTuple

from nianbao.core.errors import Unreadable
from nianbao.core.number import Figure
from nianbao.core.report import Report
from nianbao.core.shipped import shipped
from nianbao.export.charts import Bar, Chart, charts, headline
from nianbao.export.html import render
from nianbao.export.text import words

#: Geometry of a chart in its own units: 400 wide, so that it can be read on a phone and beside another.
WIDTH, LEFT, SPAN, STEP, TOP = 400, 116, 190, 38, 6


class Drawn(NamedTuple):
    """A bar as it is drawn: where, how long, and what is written beside it."""

    bar: Bar
    y: int
    length: float
    last_length: float
    value: str
    last: str
    share: str


class Picture(NamedTuple):
    """A chart as it is drawn, and in words."""

    title: str
    height: int
    drawn: tuple[Drawn, ...]
    compared: bool
    said: str


def page(report: Report, *, draft: bool = False) -> str:
    """The page of charts: self-contained, without scripts. ``Unreadable`` where the form asks for none."""
    if not charts(report):
        raise Unreadable(
            report.heading, "这一表式没有规定一图读懂的图表", "请不要选择一图读懂，其他格式可以照常导出"
        )
    said = words(report.form.language)
    css = shipped("templates/infographic.css").read_text(encoding="utf-8")
    cards = [{"bar": bar, "value": shown(bar.value), "change": change(bar, said)} for bar in headline(report)]
    pictures = [picture(chart) for chart in charts(report)]
    return render(
        "infographic.html.j2", report, draft, css=css, cards=cards, pictures=pictures, geometry=GEOMETRY
    )


GEOMETRY = {"width": WIDTH, "left": LEFT, "span": SPAN}


def picture(chart: Chart) -> Picture:
    """The chart with every bar's length, the longest as long as there is room."""
    drawn = tuple(_drawn(chart, bar, n) for n, bar in enumerate(chart.bars))
    said = "；".join(f"{d.bar.label} {d.value}{d.bar.unit}" for d in drawn)
    compared = any(bar.previous is not None for bar in chart.bars)
    return Picture(chart.title, TOP + STEP * len(drawn), drawn, compared, said)


def shown(value: Figure | None) -> str:
    """The figure in plain digits, nothing where there is none."""
    return "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)


def change(bar: Bar, said: Any) -> str:
    """The difference from last year in words; nothing where last year is not known."""
    if bar.value is None or bar.previous is None:
        return ""
    if bar.value == bar.previous:
        return str(said["same"])
    more: Figure = bar.value - bar.previous
    return f"{said['more' if more > 0 else 'less']} {shown(max(more, -more))}"


def _drawn(chart: Chart, bar: Bar, number: int) -> Drawn:
    share = f"{100 * bar.value / chart.whole:.1f}%" if bar.value is not None and chart.whole else ""
    return Drawn(
        bar,
        TOP + STEP * number,
        _length(bar.value, chart.largest),
        _length(bar.previous, chart.largest),
        shown(bar.value),
        shown(bar.previous),
        share,
    )


def _length(value: Figure | None, largest: Figure) -> float:
    if not value or value < 0 or largest <= 0:
        return 0
    return round(float(SPAN * value / largest), 1)
