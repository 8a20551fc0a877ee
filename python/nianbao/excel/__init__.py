"""The doors behind the ribbon buttons, and the add-in that calls them.

The verbs can also be called without arguments from plain xlwings: ``RunPython("import nianbao.excel;
nianbao.excel.validate()")``. They are imported when they are asked for, as xlwings is heavy.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nianbao.excel.verbs import (
        clear,
        consolidate,
        export,
        import_previous,
        new,
        new_settings,
        tidy,
        validate,
    )

#: Every verb of the ribbon, as in ``python -P -E -m nianbao.excel <verb>``; 使用说明, 关于, 上一处 and 下一处 need no Python.
VERBS = (
    "new",
    "import_previous",
    "validate",
    "clear",
    "tidy",
    "fill_zeros",
    "undo",
    "export_html",
    "export_docx",
    "export_pdf",
    "export_json",
    "export_all",
    "export_draft",
    "new_settings",
    "consolidate",
)

__all__ = [
    "VERBS",
    "clear",
    "consolidate",
    "export",
    "import_previous",
    "new",
    "new_settings",
    "tidy",
    "validate",
]


def __getattr__(name: str) -> Callable[[], None]:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from nianbao.excel import verbs

    function: Callable[[], None] = getattr(verbs, name)
    return function
