"""The lists that a summary carries: the units that it adds up, who of them was missing, its detail; written and read."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from nianbao.core import number
from nianbao.core.finding import CODES, Finding
from nianbao.core.form import Form
from nianbao.core.grid import Anchor
from nianbao.core.number import Figure
from nianbao.core.report import Leaf, figures_digest
from nianbao.workbook.layout import DETAIL, LEAVES, SUMMARY_SHEETS
from nianbao.xlsx.package import Package, Sheet, read_package

#: The sheet of a summary that lists its units, and the columns of unit, standing and outcome in it.
STANDINGS = "报送情况"
HEADS = ("序号", "单位", "代码", "上级", "报送", "处理结果", "强制性", "核实性", "文件", "说明")
DOUBTFUL, MISSING, SENT_BACK = "接收但须核实", "未报", "退回"
_UNSETTLED = "summary.below"
#: So many units of a kind are named.
_NAMED = 5


def unsettled(package: Package) -> tuple[Finding, ...]:
    """One finding on the units of a summary that were missing, sent back or to be verified; none if all are sound."""
    page = package.sheets.get(STANDINGS)
    lines = list(_lines(page)) if page else []
    kinds = (
        ("未报", [name for name, standing, _ in lines if standing == MISSING]),
        ("退回", [name for name, standing, _ in lines if standing == SENT_BACK]),
        ("接收但须核实", [name for name, _, outcome in lines if outcome == DOUBTFUL]),
    )
    if not any(names for _, names in kinds):
        return ()
    parts = "，".join(_counted(words, list(dict.fromkeys(names))) for words, names in kinds if names)
    message = f"所汇总的单位中，{parts}，详见“{STANDINGS}”，请核实或说明"
    return (
        Finding(_UNSETTLED, CODES[_UNSETTLED].severity, (), message, at=Anchor("sheet", STANDINGS, 1, 1)),
    )


def _counted(words: str, names: Sequence[str]) -> str:
    more = "等" if len(names) > _NAMED else ""
    return f"{words} {len(names)} 个（{'、'.join(names[:_NAMED])}{more}）"


def _lines(page: Sheet) -> list[tuple[str, str, str]]:
    """Unit, standing and outcome of every line under the header."""
    columns = [HEADS.index(head) + 1 for head in ("单位", "报送", "处理结果")]
    rows = sorted({row for row, _ in page})
    texts = [[page[row, c].text.strip() if (row, c) in page else "" for c in columns] for row in rows]
    begun = next((n for n, line in enumerate(texts) if line == ["单位", "报送", "处理结果"]), len(texts))
    return [(name or "（单位不明）", standing, outcome) for name, standing, outcome in texts[begun + 1 :]]


LEAF_TITLE = "本表由程序生成：汇总包含的单位及其数字的校验码，请勿改动或删除"
LEAF_HEADS = ("单位", "代码", "校验码", "含下级")
_TOP, _YES = 3, "是"
#: The last columns of the lists that a summary carries.
LISTS = {STANDINGS: len(HEADS), LEAVES: len(LEAF_HEADS)}
#: Where in the detail of a summary the list begins, and in which columns name, code and figures stand.
DETAIL_TOP, DETAIL_NAME, DETAIL_CODE, DETAIL_FIRST = 6, 2, 3, 7
#: What is known of a summary that no longer carries the list of its units.
UNKNOWN = (Leaf("", whole=True),)
#: A sheet holds no more rows; longer lists are carried as one leaf that is not known.
MOST = 1_000_000


def leaf_rows(leaves: Callable[[], Iterable[Leaf]]) -> Iterator[tuple[str, ...]]:
    """The rows of the list of units, title and heads first; the units are asked for twice, to be counted first."""
    yield (LEAF_TITLE,)
    yield LEAF_HEADS
    few = sum(1 for _ in leaves()) <= MOST
    for leaf in leaves() if few else UNKNOWN:
        yield leaf.name, leaf.code, leaf.digest, _YES if leaf.whole else ""


def read_leaves(package: Package, source: Path | bytes, form: Form) -> tuple[Leaf, ...]:
    """The units that a workbook adds up, from its detail where it has no list of them; none where it is no summary.

    Raises Unreadable as the reading of the workbook does.
    """
    here = SUMMARY_SHEETS.intersection(package.names)
    if LEAVES in here:
        page = package.sheets.get(LEAVES, {})
        return tuple(_listed(page)) or (UNKNOWN if DETAIL not in here else ())
    if DETAIL in here:
        return tuple(_of_detail(source, form))
    return UNKNOWN if here else ()


def _listed(page: Sheet) -> Iterator[Leaf]:
    for row in sorted({row for row, _ in page if row >= _TOP}):
        name, code, digest, whole = (page[row, c].text if (row, c) in page else "" for c in range(1, 5))
        yield Leaf(name, code, digest, whole == _YES)


def _of_detail(source: Path | bytes, form: Form) -> Iterator[Leaf]:
    """The lines of the detail of a summary without the list; a line may be a summary itself."""
    count = len(form.cells)
    for texts in detail_lines(source, count):
        figures = [_figure(text) for text in texts[DETAIL_FIRST - 1 :]]
        name, code = texts[DETAIL_NAME - 1], texts[DETAIL_CODE - 1]
        if name or code:
            yield Leaf(name, code, figures_digest(figures), whole=True)


def _figure(text: str) -> Figure | None:
    """A figure of the detail; one in brackets is the unit's although it is not added."""
    value = number.exact(text.strip("（）")) if text else None
    return number.simplest(value) if isinstance(value, Decimal) else value


def detail_lines(source: Path | bytes, cells: int) -> Iterator[list[str]]:
    """The texts of every line of a summary's detail, up to the last of its figures.

    Raises Unreadable when the summary cannot be read any more.
    """
    width = DETAIL_FIRST + cells - 1
    page = read_package(source, (DETAIL,), columns={DETAIL: width}).sheets.get(DETAIL, {})
    for row in sorted({row for row, _ in page if row >= DETAIL_TOP}):
        yield [page[row, c].text if (row, c) in page else "" for c in range(1, width + 1)]
