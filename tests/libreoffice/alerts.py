"""Questions to the user: in a message box where there is a window, by the cautious answer where there is none."""

from __future__ import annotations

from typing import Any, NamedTuple

from .bridge import enum


class Alert(NamedTuple):
    """A question as xlwings puts it. `buttons`: "ok", "ok_cancel", "yes_no" or "yes_no_cancel"."""

    prompt: str
    title: str
    buttons: str
    mode: str | None


_BUTTONS = {"ok": 1, "ok_cancel": 2, "yes_no": 3, "yes_no_cancel": 4}  # com.sun.star.awt.MessageBoxButtons
_ANSWERS = {0: "cancel", 1: "ok", 2: "yes", 3: "no"}  # com.sun.star.awt.MessageBoxResults
_KINDS = {None: "MESSAGEBOX", "info": "INFOBOX", "critical": "ERRORBOX"}


def cautious(alert: Alert) -> str:
    """The answer that changes nothing."""
    if alert.buttons == "ok":
        return "ok"
    return "cancel" if alert.buttons.endswith("cancel") else "no"


def show(alert: Alert, window: Any) -> str:
    """Ask in a message box over `window`."""
    kind = enum("awt.MessageBoxType", _KINDS.get(alert.mode, "MESSAGEBOX"))
    box = window.Toolkit.createMessageBox(window, kind, _BUTTONS[alert.buttons], alert.title, alert.prompt)
    return _ANSWERS.get(box.execute(), cautious(alert))
