"""Which correction would mend the broken identities of a table: cross-footing read as an error-correcting code.

A slip in one figure breaks exactly the identities that figure stands in, all by the same difference; from the
pattern of what broke, the cell and its right value follow. Where several corrections would do, none is chosen.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from nianbao.checks.slip import slip
from nianbao.checks.system import Correction, Solution, System, corrected, covers, followed, moves
from nianbao.core.cell import Cell
from nianbao.core.equation import Equation
from nianbao.core.finding import Candidate
from nianbao.core.number import Figure
from nianbao.core.report import Report
from nianbao.core.rules import coefficients

#: How the list of several possible corrections begins and what stands between them.
SEVERAL, BETWEEN = "可能的更正有", "；"
_LIKELY, _OTHERS = "像是笔误的：", "其他可能："
#: More simultaneous slips than this are not told apart.
MOST_SLIPS = 2


class Diagnosis(NamedTuple):
    """What would mend one group of identities that broke together.

    One solution: the suspect. Several: each would do, none is chosen. ``moved`` says that the solution is
    figures standing one place off (a shifted row or column, two exchanged cells); ``follows`` that the totals
    are computed and follow the correction.
    """

    broken: tuple[Equation, ...]
    solutions: tuple[Solution, ...]
    moved: str = ""
    follows: bool = False

    def correction(self, equation: Equation) -> Correction | None:
        """The one correction that mends this identity, where it is beyond doubt and of a single cell."""
        if len(self.solutions) != 1 or self.moved:
            return None
        if self.follows:
            return self.solutions[0][0]
        return next((c for c in self.solutions[0] if c.cell in coefficients(equation)), None)


def diagnose(report: Report, table: str) -> list[Diagnosis]:
    """The diagnoses of one table: of each group of identities that broke together, or of what is left of them."""
    system = System(report, table)
    if typed := _typed_over(system, report):
        return [typed]
    groups = system.groups()
    apart = len(groups) > 1 and not any(any(covers(system, group, 1)) for group in groups)
    if apart and len(found := moves(system, system.broken)) == 1:
        return [_move(system, system.broken, found)]
    at_once = [(group, _at_once(system, group)) for group in groups]
    done = [diagnosis for _, diagnosis in at_once if diagnosis is not None]
    left = [group for group, diagnosis in at_once if diagnosis is None]
    rest: dict[Equation, Figure] = {e: r for group in left for e, r in group.items()}
    if rest and (inputs := tuple((c,) for c in followed(system, rest))):
        return [*done, Diagnosis(tuple(rest), inputs, follows=True)]
    return [*done, *(_several(system, group) for group in left)]


def _typed_over(system: System, report: Report) -> Diagnosis | None:
    """A total of a workbook that is a typed number while the others are formulas, where its parts' sum mends all."""
    if not report.live or not system.broken:
        return None
    typed = ((cell, e) for cell, e in report.form.filled.items() if cell not in report.live)
    right = [{cell: system.amount(cell) + system.broken[e]} for cell, e in typed if e in system.broken]
    found = [changes for changes in right if system.mends(changes, system.broken)]
    return (
        Diagnosis(tuple(system.broken), (corrected(system, found[0]),), follows=True)
        if len(found) == 1
        else None
    )


def _at_once(system: System, group: Mapping[Equation, Figure]) -> Diagnosis | None:
    """One cell, or one row or column that moved, mends the group."""
    if single := tuple(covers(system, group, 1)):
        return Diagnosis(tuple(group), single)
    found = moves(system, group)
    return _move(system, group, found) if found else None


def _move(
    system: System, group: Mapping[Equation, Figure], found: Mapping[Any, tuple[str, Mapping[Cell, Figure]]]
) -> Diagnosis:
    words, _ = next(iter(found.values()))
    solutions = tuple(corrected(system, changes) for _, changes in found.values())
    return Diagnosis(tuple(group), solutions, words if len(found) == 1 else "几个数字填错了位置")


def _several(system: System, group: Mapping[Equation, Figure]) -> Diagnosis:
    """Several slips at once; not told apart where the totals are computed and only follow."""
    typed = any(equation.rule.fills for equation in group)
    for size in range(2, MOST_SLIPS + 1) if typed else ():
        if found := tuple(covers(system, group, size)):
            return Diagnosis(tuple(group), found)
    return Diagnosis(tuple(group), ())


def corrections(report: Report) -> dict[Cell, Figure]:
    """The values that the identities leave no doubt about: of cells that hold no number, and of single suspects."""
    known: dict[Cell, Figure] = {}
    for table in report.form.tables:
        known |= _solved(report, table)
        for diagnosis in diagnose(report, table):
            if len(diagnosis.solutions) == 1 and not diagnosis.moved:
                known |= {c.cell: c.value for c in diagnosis.solutions[0] if proper(report, c.cell, c.value)}
    return known


def _solved(report: Report, table: str) -> dict[Cell, Figure]:
    """Cells that cannot be counted, solved one after another from identities in which nothing else is unknown."""
    equations = [
        e for e in report.form.equations if e.rule.table == table and not e.uses_previous and e.rule.op == "="
    ]
    known = {cell: report.amount(cell) for e in equations for cell in e.cells}
    solved: dict[Cell, Figure] = {}
    while new := {c: v for c, v in _next(equations, known).items() if proper(report, c, v)}:
        solved |= new
        known |= new
    return solved


def proper(report: Report, cell: Cell, value: Figure) -> bool:
    """Whether a value may stand in a cell: a count is a whole number, and nothing falls below 0 that is not signed."""
    column = report.form.column(cell)
    return (column.decimals or isinstance(value, int)) and (column.signed or value >= 0)


def _next(equations: list[Equation], known: Mapping[Cell, Figure | None]) -> dict[Cell, Figure]:
    """What the identities with one unknown each say of it, where they agree on a figure that may be."""
    proposals: dict[Cell, set[Figure]] = {}
    for equation in equations:
        unknown = [cell for cell in equation.cells if known[cell] is None]
        if len(unknown) == 1:
            signs = coefficients(equation)
            rest = sum(sign * (known[cell] or 0) for cell, sign in signs.items())
            proposals.setdefault(unknown[0], set()).add(-rest * signs[unknown[0]])
    return {cell: values.pop() for cell, values in proposals.items() if len(values) == 1}


def words(diagnosis: Diagnosis, equation: Equation, report: Report) -> str:
    """What a finding says of the diagnosis: the suspect, the move, or that several corrections would do."""
    correction = diagnosis.correction(equation)
    if correction and len(diagnosis.solutions[0]) > 1:
        count = len(diagnosis.solutions[0])
        return f"疑似有 {count} 处错误，一并改正后勾稽关系同时成立：{_listed(diagnosis.solutions[0], report)}"
    if correction:
        return _suspect(correction, diagnosis, report)
    if diagnosis.moved and len(diagnosis.solutions) == 1:
        moved = diagnosis.solutions[0]
        changes = "，".join(f"“{report.form.name(c.cell)}”由 {c.now} 改为 {c.value}" for c in moved)
        return f"{diagnosis.moved}，可改为：{changes}"
    return _choices(diagnosis, equation, report)


def _suspect(correction: Correction, diagnosis: Diagnosis, report: Report) -> str:
    kind = slip(correction.cell, correction.now, correction.value, report)
    mends = f"可使 {correction.mends} 处勾稽关系同时成立" if correction.mends > 1 else "即可平衡"
    follow = "（合计随之重算）" if diagnosis.follows else ""
    name, why = report.form.name(correction.cell), f"（{kind}）" if kind else ""
    return f"疑似“{name}”有误{why}：现为 {correction.now}，改为 {correction.value}{follow} {mends}"


def _choices(diagnosis: Diagnosis, equation: Equation, report: Report) -> str:
    """Several corrections would do: those that look like a known slip first, none chosen."""
    here = coefficients(equation)
    choices = [s for s in diagnosis.solutions if diagnosis.follows or any(c.cell in here for c in s)]
    if not choices:
        return "有不止一处错误，请逐项核对"
    likelier = [s for s in choices if diagnosis.follows and likely(s[0], report)]
    others = [s for s in choices if s not in likelier]
    first = f"{_LIKELY}{_many(likelier, report)}{BETWEEN}{_OTHERS}" if likelier and others else ""
    rest = others if first else choices
    head = f"{SEVERAL} {len(choices)} 种，请对照原始台账核对后改正其中一种"
    return f"{head}：{first}{_many(rest, report)}"


def _many(solutions: list[Solution], report: Report) -> str:
    return BETWEEN.join(_listed(solution, report) for solution in solutions)


def parted(message: str) -> tuple[str, tuple[str, ...]]:
    """The message of a finding without its list of possible corrections, and those corrections, the likely first.

    No corrections where the message lists none, or only one.
    """
    head, found, tail = message.partition(f"。{SEVERAL}")
    if not found:
        return message, ()
    listed = tail.partition("：")[2].split(BETWEEN)
    return head, tuple(text.removeprefix(_LIKELY).removeprefix(_OTHERS) for text in listed)


def likely(correction: Correction, report: Report) -> bool:
    """A blank that should hold a figure, or digits transposed, doubled or left out."""
    blank = report.figures.get(correction.cell) is None
    return blank or slip(correction.cell, correction.now, correction.value, report) not in ("", "疑似漏填")


def candidate(c: Correction, report: Report) -> Candidate:
    """A correction as a finding offers it."""
    kind = slip(c.cell, c.now, c.value, report)
    mends = f"改正后 {c.mends} 处勾稽关系成立" if c.mends > 1 else "改正后即可平衡"
    return Candidate(c.cell, c.value, f"{kind}，{mends}" if kind else mends)


def _listed(solution: Solution, report: Report) -> str:
    return "，".join(_one(c, report) for c in solution)


def _one(c: Correction, report: Report) -> str:
    kind = slip(c.cell, c.now, c.value, report)
    return f"“{report.form.name(c.cell)}”由 {c.now} 改为 {c.value}{f'（{kind}）' if kind else ''}"
