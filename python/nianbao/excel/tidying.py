"""What the buttons write into the open workbook: 规范数字, 空格补 0, 撤销 (every change is recorded on a sheet, and taken
back from there), and 导入上年 into blank cells."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from nianbao.core.files import Unreadable
from nianbao.core.grid import square
from nianbao.excel.book import Formula, OpenBook, undone_by
from nianbao.excel.flagging import read
from nianbao.excel.structure import damages, restore
from nianbao.workbook.layout import Spot
from nianbao.workbook.repair import GUARD, Damage, described
from nianbao.workbook.tidy import RECORD, RECORD_HEADS, RECORD_TOP, TOTAL, CellChange, changes, kept

#: As many changes are told; all of them stand on the sheet of records.
SHOWN = 10
_NOTHING = "没有可以撤销的改动"
Content = str | float | None


def put_right(book: OpenBook, *, zeros: bool) -> str:
    """Make the changes and record them; what to tell the user. On any failure every cell is as it was."""
    report, _ = read(book)
    made = changes(report, zeros=zeros)
    damaged = [damage for damage in damages(book, report) if damage.kind != GUARD]
    spots = [*(change.at for change in made), *(damage.at for damage in damaged)]
    if spots:
        with book.quiet(), book.unlocked(_sheets(spots)):
            restore(book, report.form, damaged)
            before = [_stands(book, change.at) for change in made]
            _write(book, [(change.at, _content(change.after, change.kind)) for change in made])
            if made:
                _record(book, made, before)
    return "\n".join([*_listed(made, damaged), *described(damaged), *kept(report)])


def take_back(book: OpenBook) -> str:
    """Put back what stood in the cells before the last run, but for those that were edited since."""
    recorded = _recorded(book)
    edited = [at for at, _, after, kind in recorded if not _same(_stands(book, at), _content(after, kind))]
    back = [(at, before) for at, before, _, _ in recorded if at not in edited]
    with book.quiet(), book.unlocked(_sheets(at for at, _ in back)):
        _write(book, [(at, _content(value, "")) for at, value in back])
        _empty_record(book, f"上次的改动已撤销（{len(back)} 格）。")
    later = "".join(f"\n{at.sheet} {at.a1}：改动后又编辑过，没有恢复" for at in edited[:SHOWN])
    return f"已撤销 {len(back)} 格，恢复为原内容。{later}"


def _write(book: OpenBook, wanted: Sequence[tuple[Spot, Content]]) -> None:
    """Write the cells; when one is refused, those before it get back what stood there."""
    before: list[tuple[Spot, Content]] = []

    def put_back() -> None:
        for at, value in before:
            book.put(at, [[_content(value, "")]])

    with undone_by(put_back):
        for at, value in wanted:
            before.append((at, _stands(book, at)))
            if not isinstance(value, str):
                book.as_number(at)
            book.put(at, [[value]])


def _stands(book: OpenBook, at: Spot) -> Content:
    """What is typed in a cell: its formula, or its value."""
    formula = book.formula(at)
    if formula.startswith("="):
        return Formula(formula)
    value = book.value(at)
    return value if value is None or isinstance(value, str) else float(value)


def _content(value: object, kind: str) -> Content:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return Formula(value) if kind == TOTAL or isinstance(value, Formula) else value
    return float(str(value))


def _same(current: Content, wrote: Content) -> bool:
    if isinstance(wrote, Formula):  # an application may write a formula down in its own way
        return isinstance(current, Formula)
    return current == wrote and isinstance(current, Formula) == isinstance(wrote, Formula)


def _record(book: OpenBook, made: Sequence[CellChange], before: Sequence[Content]) -> None:
    """The changes on a sheet of their own, in place of those of the run before."""
    if RECORD not in book.sheet_names:
        book.add_sheet(RECORD)
    _empty_record(book, f"共改动 {len(made)} 格。点“撤销”恢复原内容；也可照“原内容”一栏改回。")
    book.put(Spot(RECORD, RECORD_TOP - 1, 1), [list(RECORD_HEADS)])
    rows: list[list[Content]] = []
    for number, (change, content) in enumerate(zip(made, before, strict=True), 1):
        after = str(change.after) if change.kind == TOTAL else _content(change.after, "")
        rows.append(
            [number, change.at.sheet, change.at.a1, change.name, _as_text(content), after, change.kind]
        )
    book.put(Spot(RECORD, RECORD_TOP, 1), rows)


def _as_text(content: Content) -> Content:
    return str(content) if isinstance(content, Formula) else content


def _empty_record(book: OpenBook, words: str) -> None:
    book.empty(Spot(RECORD, 1, 1), book.bottom(RECORD), len(RECORD_HEADS))
    book.put(Spot(RECORD, 1, 1), [[RECORD], [words]])


def _recorded(book: OpenBook) -> list[tuple[Spot, Content, object, str]]:
    """Cell, content before, content after and kind of every change of the last run; raises Unreadable where none is."""
    if RECORD not in book.sheet_names:
        raise Unreadable(book.name, _NOTHING, "“撤销”恢复的是上一次“规范数字”或“空格补 0”的改动")
    recorded: list[tuple[Spot, Content, object, str]] = []
    for row in book.block(Spot(RECORD, RECORD_TOP, 1), max(book.bottom(RECORD), RECORD_TOP), 7):
        _, sheet, place, _, before, after, kind = row
        cell = square(place) if isinstance(place, str) else None
        if cell is not None and sheet in book.sheet_names:
            recorded.append((Spot(str(sheet), *cell), before, after, str(kind)))
    if not recorded:
        raise Unreadable(book.name, _NOTHING, "“撤销”恢复的是上一次“规范数字”或“空格补 0”的改动")
    return recorded


def _sheets(spots: Iterable[Spot]) -> list[str]:
    return sorted({spot.sheet for spot in spots})


def _listed(made: Sequence[CellChange], damaged: Sequence[Damage]) -> list[str]:
    if not made:
        rest = "只按模板恢复了下列内容：" if damaged else "工作簿没有改动。"
        return [f"没有需要规范的单元格，{rest}"]
    more = [f"……另有 {len(made) - SHOWN} 格"] if len(made) > SHOWN else []
    head = f"已改动 {len(made)} 格，逐格列在“{RECORD}”；点“撤销”恢复。"
    return [head, *map(str, made[:SHOWN]), *more]


def put_runs(book: OpenBook, fill: Mapping[Spot, Content]) -> None:
    """Write the cells, neighbours in one call; all of them were blank, so a failure leaves them blank again."""

    def empty() -> None:
        for run in runs(fill):
            book.empty(run[0], run[0].row, run[-1].column)

    with undone_by(empty):
        for run in runs(fill):
            book.put(run[0], [[fill[spot] for spot in run]])


def runs(spots: Mapping[Spot, Content]) -> Iterator[Sequence[Spot]]:
    """Cells that stand side by side in a row, together."""
    ordered = sorted(spots)
    for _, group in groupby(enumerate(ordered), lambda pair: (pair[1][:2], pair[1].column - pair[0])):
        yield [spot for _, spot in group]
