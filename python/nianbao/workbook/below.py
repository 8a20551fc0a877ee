"""What a summary says of the units it adds up: who was missing, sent back or doubtful, for the next level."""

from collections.abc import Sequence
from pathlib import Path

from nianbao.core.cell import Anchor
from nianbao.core.finding import CODES, Finding
from nianbao.xlsx.package import Sheet, read_package

#: The sheet of a summary that lists its units, and the columns of unit, standing and outcome in it.
STANDINGS = "报送情况"
HEADS = ("序号", "单位", "代码", "上级", "报送", "处理结果", "强制性", "核实性", "文件", "说明")
DOUBTFUL, MISSING, SENT_BACK = "接收但须核实", "未报", "退回"
RULE = "summary.below"
#: So many units of a kind are named.
NAMED = 5


def below(source: Path | bytes) -> tuple[Finding, ...]:
    """One finding on the units of a summary that were missing, sent back or to be verified; none if all are sound.

    Raises Unreadable as the reading of the workbook does.
    """
    page = read_package(source, (STANDINGS,), columns={STANDINGS: len(HEADS)}).sheets.get(STANDINGS)
    lines = list(_lines(page)) if page else []
    kinds = (
        ("未报", [name for name, standing, _ in lines if standing == MISSING]),
        ("退回", [name for name, standing, _ in lines if standing == SENT_BACK]),
        ("接收但须核实", [name for name, _, outcome in lines if outcome == DOUBTFUL]),
    )
    if not any(names for _, names in kinds):
        return ()
    said = "，".join(_counted(words, list(dict.fromkeys(names))) for words, names in kinds if names)
    message = f"所汇总的单位中，{said}，详见“{STANDINGS}”，请核实或说明"
    return (Finding(RULE, CODES[RULE].severity, (), message, at=Anchor("sheet", STANDINGS, 1, 1)),)


def _counted(words: str, names: Sequence[str]) -> str:
    more = "等" if len(names) > NAMED else ""
    return f"{words} {len(names)} 个（{'、'.join(names[:NAMED])}{more}）"


def _lines(page: Sheet) -> list[tuple[str, str, str]]:
    """Unit, standing and outcome of every line under the header."""
    columns = [HEADS.index(head) + 1 for head in ("单位", "报送", "处理结果")]
    rows = sorted({row for row, _ in page})
    found = [[page[row, c].text.strip() if (row, c) in page else "" for c in columns] for row in rows]
    begun = next((n for n, line in enumerate(found) if line == ["单位", "报送", "处理结果"]), len(found))
    return [(name or "（单位不明）", standing, outcome) for name, standing, outcome in found[begun + 1 :]]
