"""The cover: whose report, of which year and form, the preamble, and the state of the live checks."""

from nianbao.workbook import layout as at
from nianbao.workbook import live
from nianbao.workbook.layout import COVER_FIELDS, PREAMBLE, PREAMBLE_LABEL, PREAMBLE_MARK, PREAMBLE_ROWS, Spot
from nianbao.workbook.sheet import Area, Sheet, put, setup

#: A preamble in one paragraph (basis, period, contact) takes about so many lines.
PREAMBLE_LINES = 6


def write_cover(context: Sheet) -> None:
    page, styles, report = context.page, context.styles, context.report
    setup(context, [(1, 2), (2, 22), (3, 2), (4, 52), (5, 20)], hidden=(7, 9), title="封面")
    page.set_column(at.COVER_GROWTH - 1, at.COVER_GROWTH - 1, 94)
    page.merge_range(2, 1, 2, 4, "", styles.cover_title)
    put(page, Spot("", 3, 2), _title(context), styles.cover_title)
    page.set_row(2, 64)
    if context.extra.warning:
        put(page, Spot("", 1, 2), context.extra.warning, styles.warning)
    page.merge_range(3, 1, 3, 4, "", styles.get(align="center", font_color="#616E7C"))
    put(
        page,
        Spot("", 4, 2),
        f"（{report.form.authority}规定格式）",
        styles.get(align="center", font_color="#616E7C"),
    )
    for key, (label, spot) in COVER_FIELDS.items():
        _field(context, key, label, spot)
    _state(context)
    _preamble(context)
    _choices(context)


def _title(context: Sheet) -> live.Live:
    form, report = context.report.form, context.report
    agency, year = live.held(COVER_FIELDS["agency"][1]), live.held(COVER_FIELDS["year"][1])
    name = f'IF(TRIM({agency})="","（单位全称）",{agency})'
    pieces = (
        form.full_title.replace('"', '""').replace("{agency}", f'"&{name}&"').replace("{year}", f'"&{year}&"')
    )
    shown = form.full_title.format(agency=report.agency.strip() or "（单位全称）", year=report.year or "")
    return live.Live(f'="{pieces}"', shown)


def _field(context: Sheet, key: str, label: str, spot: Spot) -> None:
    page, styles, report = context.page, context.styles, context.report
    page.set_row(spot.row - 1, 26)
    must = key in ("agency", "year")
    page.merge_range(spot.row - 1, 1, spot.row - 1, 2, f"＊{label}（必填）" if must else label, styles.label)
    if must:
        test = {"type": "formula", "criteria": f'=TRIM(${spot.a1})=""', "format": styles.flag("verify")}
        page.conditional_format(spot.a1, test)
    fixed = key in ("authority", "form")
    value = {"authority": report.form.authority, "form": report.form.key}.get(key)
    style = styles.fixed if fixed else styles.year if key == "year" else styles.value
    page.merge_range(spot.row - 1, spot.column - 1, spot.row - 1, 4, "", style)
    put(page, spot, value if fixed else getattr(report, key), style)


def _state(context: Sheet) -> None:
    """One line on the whole workbook: what the live checks of each table say."""
    page, styles = context.page, context.styles
    tables = [sheet for sheet in context.layout.sheets if sheet.table]
    page.merge_range(12, 1, 12, 4, "", styles.status)
    parts = [f'"{s.name}："&{at.quoted(s.name)}!B3' for s in tables]
    shown = [f"{s.name}：{live.status(s, context.report, context.layout).value}" for s in tables]
    style = styles.get(font_size=9.5, font_color="#1F4E79", text_wrap=True, valign="top")
    put(page, at.STATE, live.Live("=" + "&CHAR(10)&".join(parts), "\n".join(shown)), style)
    page.set_row(12, 16 * len(tables) + 6)


def _preamble(context: Sheet) -> None:
    page, styles, paragraphs = context.page, context.styles, context.report.preamble
    words = "前言（编制依据、时间范围、联系方式等；每段一行，可不填）"
    page.merge_range(PREAMBLE_LABEL.row - 1, 1, PREAMBLE_LABEL.row - 1, 4, words, styles.label)
    area = Area(5, 94, at.COVER_GROWTH)
    rows = max(PREAMBLE_ROWS, len(paragraphs) + 3)
    for n in range(rows):
        spot = PREAMBLE._replace(row=PREAMBLE.row + n)
        text = paragraphs[n] if n < len(paragraphs) else ""
        context.text_row(spot, area, text, lines=PREAMBLE_LINES if n == 0 else 2)
    last = PREAMBLE._replace(row=PREAMBLE.row + rows - 1)
    page.print_area(0, 1, last.row - 1, 4)
    context.flag_text(PREAMBLE, last, PREAMBLE._replace(column=PREAMBLE_MARK))


def _choices(context: Sheet) -> None:
    page = context.page
    for key, choices in (("level", at.LEVELS), ("scope", at.SCOPES)):
        spot = COVER_FIELDS[key][1]
        rule = {"validate": "list", "source": list(choices), "error_type": "information"}
        words = {
            "input_title": COVER_FIELDS[key][0],
            "input_message": "从列表中选择，也可以自行填写；可不填。",
        }
        page.data_validation(spot.a1, {**rule, **words})
    first, last = context.report.form.years
    year = {"validate": "integer", "criteria": "between", "minimum": first, "maximum": last or 2100}
    words = {"error_title": "报告年度", "error_message": f"请填四位年份；本表式用于{first}年及以后。"}
    if last is not None:
        words["error_message"] = f"请填四位年份；本表式用于{first}至{last}年度。"
    page.data_validation(COVER_FIELDS["year"][1].a1, {**year, **words})
