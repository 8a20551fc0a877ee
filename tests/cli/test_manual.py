"""The manual is not stale: its reference and samples are what the commands make now, what it names is there."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from nianbao.cli import main
from nianbao.core.report import to_json
from nianbao.workbook.reader import read

WORKBOOK = Path(__file__).parents[2] / "workbook"
MANUAL = WORKBOOK / "手册" / "手册.md"


def made_by(name: str) -> dict[str, Any]:
    return runpy.run_path(str(WORKBOOK / "source" / name))


def test_the_reference_is_what_the_program_says() -> None:
    assert (WORKBOOK / "手册" / "参考.md").read_text(encoding="utf-8") == made_by("reference.py")[
        "reference"
    ]()


def test_the_samples_are_what_the_command_makes(tmp_path: Path) -> None:
    command = made_by("samples.py")
    for name, report in command["reports"]().items():
        assert to_json(read(WORKBOOK / "样例" / name)) == to_json(report), name
    for name in ("名录.csv", "本地规则.json", "填好的年报.json"):
        assert (WORKBOOK / "样例" / name).is_file()


def test_what_the_manual_names_is_there() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", text):
        assert (MANUAL.parent / picture).stat().st_size > 10_000, picture
    for name in re.findall(r"样例/([^`\s]+)", text):
        assert (WORKBOOK / "样例" / name).exists(), name
    for command in re.findall(r"nianbao ([a-z][a-z-]*)", text):
        assert command in main.commands, command


@pytest.mark.parametrize(("name", "ready"), [("填好的年报.xlsx", True), ("有错的年报.xlsx", False)])
def test_the_samples_show_what_they_are_for(name: str, ready: bool) -> None:
    from nianbao.checks.explain import ready as can_be_handed_in
    from nianbao.checks.validate import validate

    assert can_be_handed_in(validate(read(WORKBOOK / "样例" / name))) is ready
