"""LibreOffice's names for file formats, and opening a file as what its name says it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .bridge import Disposed, UnoException, constant, properties, struct, uno
from .office import Office

WORKBOOK = "Calc MS Excel 2007 XML"
_VBA = "Calc MS Excel 2007 VBA XML"

SAVED_AS = {".xlsx": WORKBOOK, ".xlsm": _VBA, ".xls": "MS Excel 97", ".ods": "calc8"}
# Without these, a text file named .xlsx is opened as text.
_OPENED_AS = {".xlsx": WORKBOOK, ".xlsm": _VBA, ".xlam": _VBA, ".docx": "MS Word 2007 XML"}
ENCRYPTED = (".xlsx", ".xlsm")


def open_file(office: Office, path: Path, *, macros: bool = False, **arguments: Any) -> Any:
    """The UNO document, or None when LibreOffice cannot open it. Never hidden: such a document has no controller.

    Links to other files are not followed; macros run only if `macros`.
    """
    kind = _OPENED_AS.get(path.suffix.lower())
    named = {"FilterName": kind} if kind else {}
    settings = properties(**named, **arguments, UpdateDocMode=0, MacroExecutionMode=macro_mode(macros))
    try:
        return office.desktop.loadComponentFromURL(path.as_uri(), "_blank", 0, settings)
    except Disposed:
        raise
    except UnoException:
        return None


def macro_mode(allowed: bool) -> int:
    """Whether a document's macros may run."""
    name = "ALWAYS_EXECUTE_NO_WARN" if allowed else "NEVER_EXECUTE"
    return constant(f"document.MacroExecMode.{name}")


def encryption(password: str) -> Any:
    """The argument that encrypts an Excel file; a plain Password is ignored there, silently."""
    parts = (("CryptoType", "Standard"), ("OOXPassword", password))
    values = tuple(struct("beans.NamedValue", Name=name, Value=value) for name, value in parts)
    return uno.Any("[]com.sun.star.beans.NamedValue", values)
