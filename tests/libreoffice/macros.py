"""Running a workbook's own macros (VBA modules are read as Basic). Only where the app was started with macros."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .errors import EngineError

if TYPE_CHECKING:
    from .app import App

_CALL = re.compile(r"(?:'(?P<book>.+)'!)?(?:(?P<module>\w+)\.)?(?P<name>\w+)")


def run(app: App, macro: str, args: tuple[Any, ...]) -> Any:
    """Call `macro` ("Sub", "Module.Sub" or "'book.xlsm'!Module.Sub") and give what it returns."""
    if not app.macros:
        raise EngineError(f"没有允许运行宏，未运行“{macro}”。")
    call = _CALL.fullmatch(macro)
    book = app.books(call["book"]) if call and call["book"] else app.books.active
    if call is None or book is None:
        raise EngineError(f"没有找到宏“{macro}”。")
    doc = book.document.doc
    for library, module in _modules(doc.BasicLibraries):
        wanted = call["module"] in (None, module)
        if wanted and _defines(doc.BasicLibraries.getByName(library).getByName(module), call["name"]):
            uri = f"vnd.sun.star.script:{library}.{module}.{call['name']}?language=Basic&location=document"
            native = tuple(getattr(value, "xl", value) for value in args)
            return doc.ScriptProvider.getScript(uri).invoke(native, (), ())[0]
    raise EngineError(f"工作簿“{book.name}”中没有宏“{macro}”。")


def _modules(libraries: Any) -> Iterator[tuple[str, str]]:
    for library in libraries.ElementNames:
        libraries.loadLibrary(library)
        for module in libraries.getByName(library).ElementNames:
            yield library, module


def _defines(source: str, name: str) -> bool:
    return bool(re.search(rf"(?im)^\s*(public\s+)?(sub|function)\s+{name}\b", source))
