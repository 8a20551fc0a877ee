"""Microsoft's own validator has nothing against the workbooks that are written: template, filled, flagged."""

from pathlib import Path

import pytest

from nianbao.checks.validate import validate
from nianbao.core.report import Report
from nianbao.workbook.marks import mark
from nianbao.workbook.writer import blank, write
from support.build import FORM, changed, hubei, tiny_report
from support.ooxml import OFFICES, complaints

WRONG = changed(
    hubei(),
    {
        "requests.granted.natural": 136,
        "requests.received.legal": "14件",
        "remedies.reconsideration.other": None,
    },
)


def serious(path: Path, office: str) -> list[str]:
    """The complaints, but for the one about openpyxl's order of the children of a font (harmless)."""
    told = complaints(path, office)
    return [
        c for c in told if not c.startswith("Sch_UnexpectedElementContentExpectingComplex /xl/styles.xml")
    ]


@pytest.mark.parametrize(
    ("report", "new", "flagged"),
    [
        (blank(FORM, 2022, "某局"), *OFFICES),
        (hubei(), *reversed(OFFICES)),
        (WRONG, *OFFICES),
        (tiny_report(), *reversed(OFFICES)),
    ],
    ids=["empty", "filled", "wrong", "foreign"],
)
def test_new_and_flagged_workbooks_are_well_formed(
    report: Report, new: str, flagged: str, tmp_path: Path
) -> None:
    """Either kind of workbook is judged by the rules of either version of Office."""
    write(report, tmp_path / "book.xlsx")
    assert complaints(tmp_path / "book.xlsx", new) == []
    mark(tmp_path / "book.xlsx", tmp_path / "flagged.xlsx", report, validate(report))
    assert serious(tmp_path / "flagged.xlsx", flagged) == []
