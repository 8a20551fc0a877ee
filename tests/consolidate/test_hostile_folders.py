"""Folders made to have a figure counted twice: each unit is in the sum once, or it is said what was held back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from nianbao.consolidate.pool import Alone
from nianbao.consolidate.result import Result
from nianbao.core.report import Report, dump, figures_digest
from nianbao.workbook.reader import read
from support.build import FORM
from support.units import put, run, save, total, unit, units

#: The same report under another spelling of its name or code.
SPELLINGS: dict[str, Callable[[Report], Report]] = {
    "own level": lambda r: replace(r, agency=f"{r.agency}（本级）"),
    "stamped": lambda r: replace(r, agency=f"{r.agency}（盖章）"),
    "sealed": lambda r: replace(r, agency=f"{r.agency}(公章)"),
    "organ": lambda r: replace(r, agency=f"{r.agency}（机关）"),
    "space": lambda r: replace(r, agency=r.agency.replace("号", "号 ")),
    "wide space": lambda r: replace(r, agency=f"\u3000{r.agency}"),
    "zero width space": lambda r: replace(r, agency=r.agency.replace("号", "号\u200b")),
    "zero width joiner": lambda r: replace(r, agency=r.agency.replace("号", "\u200d号")),
    "byte order mark": lambda r: replace(r, agency=f"\ufeff{r.agency}"),
    "soft hyphen": lambda r: replace(r, agency=r.agency.replace("单", "单\u00ad")),
    "right to left": lambda r: replace(r, agency=f"\u202e{r.agency}"),
    "variation": lambda r: replace(r, agency=f"{r.agency}\ufe0f"),
    "full width": lambda r: replace(r, agency=r.agency.replace("1", "１")),
    "traditional": lambda r: replace(r, agency=r.agency.replace("号单", "號單")),
    "year before": lambda r: replace(r, agency=f"2024年{r.agency}"),
    "year after": lambda r: replace(r, agency=f"{r.agency}2024年度"),
    "title after": lambda r: replace(r, agency=f"{r.agency}2024年政府信息公开工作年度报告"),
    "dot": lambda r: replace(r, agency=r.agency.replace("号", "号·")),
    "another code": lambda r: replace(r, agency_code="9" * 18),
    "no code": lambda r: replace(r, agency_code=""),
    "code in full width": lambda r: replace(r, agency_code=r.agency_code.replace("1", "１")),
    "code with spaces": lambda r: replace(r, agency_code=f" {r.agency_code[:4]} {r.agency_code[4:]}"),
    "another name": lambda r: replace(r, agency="毫不相干局"),
    "another name, no code": lambda r: replace(r, agency="毫不相干局", agency_code=""),
}


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nianbao.consolidate.run.Workers", lambda *_: Alone())


def sound(result: Result, base: Sequence[Report]) -> None:
    """The sum is that of distinct units; where one is not in it, a file that is not counted says why."""
    known = {figures_digest(map(report.figures.get, FORM.cells)): report for report in base}
    leaves = [leaf.digest for leaf in result.leaves()]
    assert len(set(leaves)) == len(leaves) and set(leaves) <= known.keys()
    counted = [known[digest] for digest in leaves]
    assert result.report.figures == (total(counted) if counted else dict.fromkeys(FORM.cells))
    if len(counted) < len(base):
        assert any(case.reason for case in result.cases if not case.counted)


@pytest.mark.many
@pytest.mark.parametrize("listed", [False, True], ids=["no roster", "roster"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_unit_under_two_spellings_is_counted_once_or_held_back(
    tmp_path: Path, spelling: str, listed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # what is counted is judged here; summaries of units under two spellings are written in test_leaves
    monkeypatch.setattr("nianbao.consolidate.run.write_summary", lambda *_: None)
    base = units((1, 2, 3))
    put(tmp_path / "in", *base)
    save(SPELLINGS[spelling](base[0]), tmp_path / "in" / "再报" / "x.json")
    asked: dict[str, object] = {}
    if listed:
        rows = ["单位名称,代码", *(f"{report.agency},{report.agency_code}" for report in base)]
        asked["roster"] = tmp_path / "名录.csv"
        (tmp_path / "名录.csv").write_text("\n".join(rows), encoding="utf-8")
    sound(run(tmp_path / "in", tmp_path / "汇总.xlsx", **asked), base)


def county(tmp_path: Path, *numbers: int, agency: str = "某县") -> Path:
    """The summary of some units, as a workbook."""
    put(tmp_path / agency, *units(numbers))
    run(tmp_path / agency, tmp_path / f"{agency}.xlsx", agency=agency)
    return tmp_path / f"{agency}.xlsx"


def _as_json(book: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(dump(read(book)), encoding="utf-8")


@pytest.mark.many
@pytest.mark.parametrize(
    "kind", ["beside its units", "as data", "twice", "twice as data", "in two names", "overlapping"]
)
def test_a_summary_among_its_units_is_counted_once_or_held_back(tmp_path: Path, kind: str) -> None:
    book, folder = county(tmp_path, 1, 2, 3), tmp_path / "in"
    put(folder, unit(9))
    base = units((1, 2, 3, 9))
    (folder / "县").mkdir()
    if kind == "as data" or kind == "twice as data":
        _as_json(book, folder / "县" / "汇总.json")
    if kind != "as data":
        (folder / "县" / "汇总.xlsx").write_bytes(book.read_bytes())
    if kind == "twice":
        (folder / "另").mkdir()
        (folder / "另" / "汇总.xlsx").write_bytes(book.read_bytes())
    if kind in ("beside its units", "as data"):
        put(folder / "单位", *units((1, 2, 3)))
    if kind == "in two names":
        save(replace(read(book), agency="别县"), folder / "县" / "别县.json")
    if kind == "overlapping":
        other = county(tmp_path, 3, 4, agency="乙县")
        (folder / "乙县.xlsx").write_bytes(other.read_bytes())
        base = units((1, 2, 3, 4, 9))
    sound(run(folder, tmp_path / "总.xlsx", agency="某市"), base)
