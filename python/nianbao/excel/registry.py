"""Reading the Windows registry, as a value that tests can stand in for."""

import sys
from collections.abc import Callable

Registry = Callable[[str, str, str], str | int | None]
"""(root "HKCU" | "HKCR" | "HKLM", key, value name; "" for the default value) → text or number, None where there is none."""


def this_machine() -> Registry | None:
    """This machine's registry; None where it has none (not Windows)."""
    if sys.platform == "win32":
        import winreg

        roots = {
            "HKCU": winreg.HKEY_CURRENT_USER,
            "HKCR": winreg.HKEY_CLASSES_ROOT,
            "HKLM": winreg.HKEY_LOCAL_MACHINE,
        }

        def read(root: str, key: str, name: str) -> str | int | None:
            try:
                with winreg.OpenKey(roots[root], key) as opened:
                    value = winreg.QueryValueEx(opened, name)[0]
            except OSError:
                return None
            return value if isinstance(value, str | int) else None

        return read
    return None
