"""Builds the template workbook that is shipped: ``python workbook/source/template.py FOLDER``."""

import sys
from pathlib import Path

from nianbao.core import form as forms
from nianbao.core.report import Report
from nianbao.workbook.writer import write

NAME = "政府信息公开年报模板.xlsx"


def build(folder: Path) -> Path:
    """Write the empty template of the form in use into ``folder``; unit and year are left to be filled in."""
    form = forms.load(forms.keys()[0])
    target = folder / NAME
    write(Report(form, "", None, dict.fromkeys(form.cells)), target)
    return target


if __name__ == "__main__":
    print(build(Path(sys.argv[1])))
