"""一图读懂: one long picture of the figures that the form names, last year's beside them, with sentences drawn from them."""

from __future__ import annotations

import base64
import io
import platform
import re
import shutil
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from nianbao.core.files import Unreadable
from nianbao.core.form import Form, FormError
from nianbao.core.grid import Cell
from nianbao.core.number import Figure
from nianbao.core.report import Report
from nianbao.export.html import render
from nianbao.export.text import Issue, clean, title_parts, words

#: The picture in pixels: its width, the margin, the room between blocks; a line of text holds so much.
WIDTH, MARGIN, GAP = 1080, 60, 36
INNER = WIDTH - 2 * MARGIN
#: Within a chart: where bars begin, how long the longest is, and the height of a bar's line.
LEFT, SPAN, STEP = 330, 470, 86
#: Where a PNG's header ends and notes may begin.
_HEAD = 33


class Style(NamedTuple):
    """The colours of a picture: band and bars, last year's bars, cards, page."""

    band: str
    last: str
    card: str
    page: str


LOOKS = {
    "蓝": Style("#174a8c", "#9db6d3", "#eef3f9", "#ffffff"),
    "红": Style("#9b1c1c", "#d9b3ae", "#faf1ef", "#ffffff"),
    "墨绿": Style("#1f5c4d", "#a5c4ba", "#eef5f2", "#ffffff"),
}
STYLES = tuple(LOOKS)
INK, SOFT, HAIR = "#1f2328", "#535c66", "#dde2e8"


class Shape(NamedTuple):
    """What is drawn: a text (``x``, ``y`` on its line), or a box."""

    x: float
    y: float
    fill: str
    text: str = ""
    size: int = 0
    bold: bool = False
    anchor: str = "start"
    width: float = 0
    height: float = 0
    round: int = 0


class Picture(NamedTuple):
    """A picture as it is drawn, and in words for those who do not see it."""

    width: int
    height: int
    style: str
    shapes: tuple[Shape, ...]
    spoken: str


def drawing(report: Report, issue: Issue, style: str = STYLES[0]) -> str:
    """The picture as SVG, to be drawn with the fonts of this machine.

    ``Unreadable`` where the form asks for no charts.
    """
    if not charts(report):
        todo = "请不要选择一图读懂，其他格式可以照常导出"
        raise Unreadable(report.heading, "这一表式没有规定一图读懂的图表", todo)
    return render("infographic.svg.j2", report, issue, picture=picture(report, issue, style), family=FAMILY)


def svg(drawn: str) -> str:
    """A drawing with its letters embedded, where this machine has a font that may be."""
    rules = "".join(
        f"@font-face{{font-family:'nianbao';font-weight:{weight};"
        f"src:url(data:font/otf;base64,{base64.b64encode(font).decode('ascii')}) format('opentype')}}"
        for font, weight in zip(_fonts(drawn), (400, 700), strict=False)
    )
    return drawn.replace("</desc>\n", f"</desc>\n<style>{rules}</style>\n", 1) if rules else drawn


def png(drawn: str, fingerprint: str) -> bytes:
    """A drawing as PNG, as wide as it was drawn, with the fingerprint of what it shows.

    ``Unreadable`` where this machine has no Chinese font.
    """
    files = font_files()
    if files is None:
        raise Unreadable("一图读懂", "没有生成图片，本机没有中文字体", ADVICE)
    import resvg_py

    with tempfile.TemporaryDirectory(prefix="nianbao-fonts-") as folder:
        small = [Path(folder, f"{n}.otf") for n in range(len(_fonts(drawn)))]
        for path, font in zip(small, _fonts(drawn), strict=True):
            path.write_bytes(font)
        if small and len(small) == len(files):  # whole collections take long to load
            files = [*map(str, small)]
        made = bytes(
            resvg_py.svg_to_bytes(
                svg_string=drawn,
                font_files=files or None,
                skip_system_fonts=bool(files),
                sans_serif_family=FAMILY_NAMES[0] if files else None,
            )
        )
    note = b"tEXt" + f"nianbao\0{fingerprint}".encode("ascii")
    chunk = struct.pack(">I", len(note) - 4) + note + struct.pack(">I", zlib.crc32(note))
    return made[:_HEAD] + chunk + made[_HEAD:]


def picture(report: Report, issue: Issue, style: str = STYLES[0]) -> Picture:
    """Everything laid out from the top down: title, headline figures, charts with their sentences, the source."""
    terms, look = words(report.form.language), LOOKS[style]
    sheet = _Canvas(look, terms)
    sheet.title(title_parts(report), list(_notes(report, issue)))
    sheet.cards(headline(report))
    spoken = [f"{bar.label}{shown(bar.value) or terms['no_data']}{bar.unit}" for bar in headline(report)]
    for chart in charts(report):
        sentence = statement(chart, terms)
        spoken.append(sentence)
        sheet.chart(chart, sentence)
    sheet.source(report)
    height = round(sheet.y)
    paper = Shape(0, 0, look.page, width=WIDTH, height=height)
    return Picture(WIDTH, height, style, (paper, *sheet.shapes), "；".join(spoken))


class _Canvas:
    """The shapes of a picture as it grows; ``y`` is where the next block begins."""

    def __init__(self, look: Style, terms: Mapping[str, str]) -> None:
        self.look, self.terms = look, terms
        self.shapes: list[Shape] = []
        self.y = 0.0

    def text(self, x: float, text: str, size: int, fill: str, **more: Any) -> None:
        self.shapes.append(Shape(x, round(self.y, 1), fill, text, size, **more))

    def box(self, x: float, y: float, width: float, height: float, fill: str, round_: int = 0) -> None:
        self.shapes.append(Shape(x, y, fill, width=round(width, 1), height=height, round=round_))

    def title(self, parts: Sequence[str], notes: Sequence[str]) -> None:
        lines = [line for part in parts for line in wrapped(part, INNER / 52)]
        height = 150 + 72 * len(lines) + 40 * len(notes)
        self.box(0, 0, WIDTH, height, self.look.band)
        self.y = 92
        for line in lines:
            self.text(WIDTH / 2, line, 52, "#ffffff", bold=True, anchor="middle")
            self.y += 72
        self.y += 4
        self.text(WIDTH / 2, self.terms["infographic"], 34, "#ffffff", anchor="middle")
        for note in notes:
            self.y += 42
            self.text(WIDTH / 2, note, 26, "#ffffff", anchor="middle")
        self.y = height + GAP

    def cards(self, bars: Sequence[Bar]) -> None:
        compared = any(bar.previous is not None for bar in bars)
        width, height = (INNER - 24) / 2, 216 if compared else 176
        top = self.y
        for n, bar in enumerate(bars):
            x, y = MARGIN + (n % 2) * (width + 24), top + (n // 2) * (height + 24)
            self.box(x, y, width, height, self.look.card, 10)
            self.y = y + 54
            self.text(x + 30, bar.label, 32, SOFT)
            self.y = y + 136
            value = shown(bar.value)
            self.text(x + 30, value or self.terms["no_data"], 76 if value else 44, self.look.band, bold=True)
            if value:
                self.text(x + 42 + extent(value) * 76, bar.unit, 32, SOFT)
            self.y = y + 186
            self.text(x + 30, change(bar, self.terms) or " ", 28, SOFT)
        self.y = top + -(-len(bars) // 2) * (height + 24) + GAP / 2

    def chart(self, chart: Chart, sentence: str) -> None:
        self.box(MARGIN, self.y, 10, 46, self.look.band)
        self.y += 38
        self.text(MARGIN + 26, chart.title, 42, INK, bold=True)
        self.legend(chart)
        self.y += 58
        for line in wrapped(sentence, INNER / 32):
            self.text(MARGIN, line, 32, INK)
            self.y += 48
        if any(bar.value or bar.previous for bar in chart.bars):  # else the sentence says it all
            for bar in chart.bars:
                self.bar(chart, bar)
        self.y += GAP

    def legend(self, chart: Chart) -> None:
        if chart.compared:
            x = WIDTH - MARGIN - 250
            for words_, fill in (
                (self.terms["this_year"], self.look.band),
                (self.terms["last_year"], self.look.last),
            ):
                self.box(x, self.y - 24, 26, 26, fill, 4)
                self.text(x + 36, words_, 28, SOFT)
                x += 130

    def bar(self, chart: Chart, bar: Bar) -> None:
        height = 30 if chart.compared else 42
        top, at = self.y, MARGIN + LEFT
        self.y = top + 34
        self.text(at - 20, bar.label, 32, INK, anchor="end")
        length = _length(bar.value, chart.largest)
        self.box(at, top + 6, length, height, self.look.band, 3)
        self.text(at + length + 14, shown(bar.value) or self.terms["no_data"], 32, INK, bold=True)
        if share := _share(bar, chart):
            self.text(at + length + 28 + extent(shown(bar.value)) * 32, share, 26, SOFT)
        if chart.compared:
            last = _length(bar.previous, chart.largest)
            self.box(at, top + 42, last, 18, self.look.last, 3)
            self.y = top + 62
            self.text(at + last + 14, shown(bar.previous) or self.terms["no_data"], 26, SOFT)
        self.y = top + (STEP if chart.compared else 66)

    def source(self, report: Report) -> None:
        self.box(MARGIN, self.y, INNER, 2, HAIR)
        self.y += 50
        for line in wrapped(f"{self.terms['source']}{report.heading}", INNER / 28):
            self.text(MARGIN, line, 28, SOFT)
            self.y += 40
        self.y += 10


def _notes(report: Report, issue: Issue) -> Iterator[str]:
    """What stands under the title: that it is a draft, and which units are missing in a summary."""
    if issue.draft:
        yield words(report.form.language)["draft_note"]
    if report.incomplete:
        yield clean(report.incomplete)


def statement(chart: Chart, terms: Mapping[str, str]) -> str:
    """What a chart shows, in a sentence drawn from its figures: the whole, the largest part, last year's whole."""
    if all(bar.value is None for bar in chart.bars):
        return f"{terms['no_data']}{terms['stop']}"
    unit = chart.bars[0].unit
    sentence = _parts(chart, unit, terms)
    last = [bar.previous for bar in chart.bars]
    if None not in last:
        before = sum((value for value in last if value is not None), start=Decimal(0))
        whole = Bar("", unit, chart.whole, before)
        sentence += terms["than"].format(
            change=change(whole, terms), unit="" if chart.whole == before else unit
        )
    return sentence.rstrip() + terms["stop"]


def _parts(chart: Chart, unit: str, terms: Mapping[str, str]) -> str:
    """The whole and its largest part; all of them where several are equally large."""
    values = [bar for bar in chart.bars if bar.value]
    if not values:
        return terms["all_zero"].format(title=chart.title)
    sentence = terms["whole"].format(whole=shown(chart.whole), unit=unit)
    most = max(bar.value or 0 for bar in values)
    top = [bar for bar in values if bar.value == most]
    if len(values) == 1:
        return sentence + terms["only"].format(label=top[0].label)
    labels = terms["and"].join(bar.label for bar in top)
    kind = "largest" if len(top) == 1 else "equal"
    return sentence + terms[kind].format(
        label=labels, value=shown(most), unit=unit, share=_share(top[0], chart)
    )


def shown(value: Figure | None) -> str:
    """The figure in plain digits, nothing where there is none."""
    return "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)


def change(bar: Bar, terms: Mapping[str, str]) -> str:
    """The difference from last year in words; nothing where last year is not known."""
    if bar.value is None or bar.previous is None:
        return ""
    if bar.value == bar.previous:
        return terms["same"]
    more: Figure = bar.value - bar.previous
    return f"{terms['more' if more > 0 else 'less']} {shown(max(more, -more))}"


def extent(text: str) -> float:
    """How wide a text is, in widths of a Chinese character: Latin letters and digits take a little over half."""
    return sum(1 if ord(c) >= 0x2E80 or c in "“”‘’…—" else 0.57 for c in text)


#: A last line narrower than this (in Chinese characters) is evened out with those before it.
WIDOW = 4


def wrapped(text: str, room: float) -> list[str]:
    """The text in lines of so many widths of a Chinese character; no line begins with a closing mark, and the last is
    not left with a word or two."""
    lines = _filled(text, room)
    if len(lines) < 2 or extent(lines[-1]) >= WIDOW:
        return lines
    even = _filled(text, extent(text) / len(lines) + 1)
    return even if len(even) == len(lines) else lines


#: What stays in one line: a number with its sign and measure word, else one character.
_PIECE = re.compile(r"\d[\d.,]*[%％]?(?: ?[件项条份起人次万亿元])*|.", re.DOTALL)


def _filled(text: str, room: float) -> list[str]:
    """Each line as full as it can be; no number is broken, nor parted from its measure word."""
    lines, line = [], ""
    for piece in _PIECE.findall(text):
        if line and extent(line + piece) > room and piece not in "，。；：、）》”％%":
            lines.append(line)
            line = ""
        line += piece
    return [*lines, line] if line else lines


def _share(bar: Bar, chart: Chart) -> str:
    return f"{100 * bar.value / chart.whole:.1f}%" if bar.value and chart.whole else ""


def _length(value: Figure | None, largest: Figure) -> float:
    if not value or value < 0 or largest <= 0:
        return 0
    return round(float(SPAN * value / largest), 1)


class Bar(NamedTuple):
    """One figure of a chart: its label, unit of measure, value and last year's (None: not known)."""

    label: str
    unit: str
    value: Figure | None
    previous: Figure | None


class Chart(NamedTuple):
    """Bars under a title."""

    title: str
    bars: tuple[Bar, ...]

    @property
    def largest(self) -> Figure:
        return max((v for bar in self.bars for v in (bar.value, bar.previous) if v is not None), default=0)

    @property
    def compared(self) -> bool:
        """Whether last year's figures are known."""
        return any(bar.previous is not None for bar in self.bars)

    @property
    def whole(self) -> Figure:
        """The sum of this year's values, of which the shares are taken."""
        return sum((bar.value for bar in self.bars if bar.value is not None), start=0)


def headline(report: Report) -> tuple[Bar, ...]:
    """The figures that stand above the charts."""
    return _bars(report, report.form.data.get("infographic", {}).get("headline", ()))


def charts(report: Report) -> list[Chart]:
    """The form's charts with the report's figures."""
    specs = report.form.data.get("infographic", {}).get("charts", ())
    return [Chart(spec["title"], _bars(report, spec["bars"])) for spec in specs]


def _bars(report: Report, specs: Sequence[Mapping[str, Any]]) -> tuple[Bar, ...]:
    return tuple(_bar(report, spec["label"], _cells(report.form, spec["cells"])) for spec in specs)


def _bar(report: Report, label: str, cells: Sequence[Cell]) -> Bar:
    last = _sum(report.previous, cells) if report.previous else None
    return Bar(label, report.form.column(cells[0]).unit, _sum(report, cells), last)


def _sum(report: Report, cells: Sequence[Cell]) -> Figure | None:
    """The sum as arithmetic counts the cells; None where one cannot be counted or is not in that year's report."""
    amounts = [report.counted(cell) for cell in cells]
    return None if None in amounts else sum(amount for amount in amounts if amount is not None)


def _cells(form: Form, keys: Sequence[str]) -> list[Cell]:
    cells = [cell for key in keys for cell in _expanded(form, key)]
    if strange := [cell for cell in cells if cell not in form.cell_set]:
        raise FormError(f"infographic: unknown cell {strange[0]}")
    return cells


def _expanded(form: Form, key: str) -> Iterator[Cell]:
    """``table.row.column``, where ``@group`` stands for every row of a group."""
    table, row, column = key.split(".")
    if not row.startswith("@"):
        yield Cell(table, row, column)
        return
    groups = form.tables[table].groups if table in form.tables else {}
    if row[1:] not in groups:
        raise FormError(f"infographic: unknown group {key}")
    for member in groups[row[1:]]:
        yield Cell(table, member, column)


#: In the order of preference; the first two may be embedded in a file (SIL Open Font License).
FAMILY_NAMES = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei")
FAMILY = ", ".join(f"'{name}'" for name in ("nianbao", *FAMILY_NAMES)) + ", sans-serif"
EMBEDDABLE = 2
ADVICE = (
    "请用“sudo apt-get install fonts-noto-cjk”安装中文字体后重试，或不选一图读懂"
    if shutil.which("apt-get")
    else "请安装思源黑体（Noto Sans CJK SC）后重试，或不选一图读懂"
)
_LARGEST = 64 << 20
#: Tables of a font that a picture does without; to cut them down takes long.
_NEEDLESS = frozenset({"GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"})


@cache
def font_files() -> list[str] | None:
    """The font files to draw with; none of them named where the system finds its own; None where it has no font."""
    if platform.system() in ("Windows", "Darwin"):
        return []
    return [path for weight in ("Regular", "Bold") if (path := _file(weight))] or None


def _file(weight: str) -> str:
    program = shutil.which("fc-list")
    for name in FAMILY_NAMES if program else ():
        run = subprocess.run(
            [str(program), f"{name}:style={weight}", "file"], capture_output=True, check=False, timeout=60
        )
        paths = [line.strip().rstrip(":") for line in run.stdout.decode("utf-8", "replace").splitlines()]
        if path := next((path for path in sorted(paths) if path), ""):
            return path
    return ""


def _fonts(drawn: str) -> tuple[bytes, ...]:
    """The regular and the bold font with the letters of a drawing alone; none where there is none that may be embedded."""
    return _fonts_of("".join(sorted({*drawn, *"".join(STYLES)} - {"\n"})))  # the same in every style


@lru_cache(maxsize=4)
def _fonts_of(letters: str) -> tuple[bytes, ...]:
    return tuple(font for path in font_files() or () if (font := _cut_down(Path(path), letters)))


def _cut_down(path: Path, letters: str) -> bytes:
    from fontTools.ttLib import TTLibError

    try:
        if path.stat().st_size > _LARGEST:
            return b""
        with path.open("rb") as file:
            return _subset(file, path.suffix.lower() == ".ttc", letters)
    except (OSError, TTLibError):
        return b""


def _subset(file: BinaryIO, several: bool, letters: str) -> bytes:
    """The font of the family with these letters alone; nothing where the file has none. A collection that is not read
    lazily would be read whole for each of its fonts."""
    from fontTools import subset
    from fontTools.ttLib import TTCollection, TTFont

    fonts = TTCollection(file, lazy=True).fonts if several else [TTFont(file, lazy=True)]
    font = next((font for font in fonts if font["name"].getDebugName(1) in FAMILY_NAMES[:EMBEDDABLE]), None)
    if font is None:
        return b""
    options = subset.Options(
        layout_features=[], name_IDs=[1, 2, 6, 13, 14], notdef_outline=True, hinting=False
    )
    for table in {*font.keys()} & _NEEDLESS:
        del font[table]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    made = io.BytesIO()
    font.recalcTimestamp = False
    font.save(made)
    return made.getvalue()
