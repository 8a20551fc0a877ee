"""The application and the engine as xlwings knows them; questions to the user; macros."""

from __future__ import annotations

import atexit
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import xlwings as xw
from xlwings import base_classes as base

from . import EngineError
from .block import Block
from .document import Document, macro_mode
from .office import Office, enum, properties, struct, uno_safe
from .range import Range
from .sheet import Book, Books, Sheet
from .values import Box, cleaned, plain


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


@uno_safe
class App(base.App):
    """One LibreOffice. What Excel keeps and LibreOffice has no notion of (events, alerts) is remembered only.

    `answer`: what a question gets when there is no window to ask in; None is the cautious answer (cancel, no).
    `asked`: every such question, in order. `macros`: whether the macros of opened workbooks may run.
    """

    display_alerts = True
    enable_events = True
    interactive = True
    cut_copy_mode: str | bool | None = None
    clipboard: Block | None = None
    answer: str | None = None

    def __init__(self, apps: Apps, office: Office, macros: bool) -> None:
        self._apps = apps
        self.office = office
        self.macros = macros
        self.documents: list[Document] = []  # the active one first
        self.asked: list[Alert] = []
        self._opened = 0
        self._visible = not office.headless
        self._frozen: list[Document] | None = None
        self._calculation = "automatic"
        self._status: str | None = None
        self._indicator: Any = None

    @property
    def engine(self) -> Engine:
        return self._apps.engine

    @property
    def api(self) -> Any:
        return self.office.desktop

    @property
    def pid(self) -> int:
        return self.office.pid

    @property
    def hwnd(self) -> int:
        return 0

    @property
    def path(self) -> str:
        return str(self.office.program)

    @property
    def version(self) -> str:
        provider = self.office.service("com.sun.star.configuration.ConfigurationProvider")
        node = struct("beans.NamedValue", Name="nodepath", Value="/org.openoffice.Setup/Product")
        access = "com.sun.star.configuration.ConfigurationAccess"
        return str(provider.createInstanceWithArguments(access, (node,)).getByName("ooSetupVersion"))

    @property
    def books(self) -> Books:
        return Books(self)

    # The documents

    def new_document(self) -> Any:
        """A fresh UNO spreadsheet. Never hidden: a hidden one has no controller."""
        mode = properties(MacroExecutionMode=macro_mode(self.macros))
        return self.api.loadComponentFromURL("private:factory/scalc", "_blank", 0, mode)

    def living(self) -> list[Document]:
        """The open documents, the active one first, without those that the user closed in the window."""
        for document in [document for document in self.documents if not document.alive()]:
            self.forget(document)
        return self.documents

    def adopt(self, doc: Any) -> Document:
        """Count a freshly opened spreadsheet among the workbooks; it becomes the active one."""
        self._opened += 1
        document = Document(doc, self.office, self._opened, f"Book{self._opened}")
        self.documents.insert(0, document)
        if self._calculation == "manual":
            doc.enableAutomaticCalculation(False)
        return document

    def bring_forward(self, document: Document) -> None:
        self.documents.remove(document)
        self.documents.insert(0, document)

    def forget(self, document: Document) -> None:
        self.documents.remove(document)
        if self._frozen and document in self._frozen:
            self._frozen.remove(document)

    # What the user sees

    @property
    def visible(self) -> bool:
        return self._visible

    @visible.setter
    def visible(self, value: bool) -> None:
        """Show or hide the windows; an app started without windows can only remember the wish."""
        self._visible = bool(value)
        if not self.office.headless:
            for document in self.living():
                document.doc.CurrentController.Frame.ContainerWindow.setVisible(self._visible)

    def activate(self, steal_focus: bool = False) -> None:
        self._apps.bring_forward(self)

    @property
    def screen_updating(self) -> bool:
        return self._frozen is None

    @screen_updating.setter
    def screen_updating(self, value: bool) -> None:
        if value and self._frozen is not None:
            for document in self._frozen:
                if document.alive():
                    document.doc.removeActionLock()
                    document.doc.unlockControllers()
            self._frozen = None
        elif not value and self._frozen is None:
            self._frozen = list(self.living())
            for document in self._frozen:
                document.doc.lockControllers()
                document.doc.addActionLock()

    @property
    def calculation(self) -> str:
        return self._calculation

    @calculation.setter
    def calculation(self, value: str) -> None:
        """ "automatic", "semiautomatic" (the same here) or "manual"."""
        self._calculation = value
        for document in self.living():
            document.doc.enableAutomaticCalculation(value != "manual")

    def calculate(self) -> None:
        for document in self.living():
            document.doc.calculateAll()

    @property
    def status_bar(self) -> str | bool:
        """The text shown; False while LibreOffice shows its own, as in Excel."""
        return False if self._status is None else self._status

    @status_bar.setter
    def status_bar(self, value: str | bool | None) -> None:
        text = None if value in (None, False) else str(value)
        if text == self._status:
            return
        self._status = text
        if self._indicator is not None:
            self._indicator.end()
            self._indicator = None
        if self._status is not None and self.living():
            self._indicator = self.documents[0].indicator
            self._indicator.start(self._status, 0)

    @property
    def selection(self) -> Range | None:
        """The selected cells of the active workbook, the first area of several; None while a drawing is selected."""
        if not self.living():
            return None
        document = self.documents[0]
        selected = document.inside("selection", document.doc)
        if not selected:
            return None
        return Range(Sheet(Book(self, document), document.sheets()[selected[0]]), Box(*selected[1]))

    def alert(self, prompt: str, title: str | None, buttons: str, mode: str | None, callback: object) -> str:
        """Ask, and give the button pressed ("ok", "cancel", "yes", "no")."""
        alert = Alert(prompt, title or "", buttons, mode)
        if self._visible and self.living() and not self.office.headless:
            return show(alert, self.documents[0].doc.CurrentController.Frame.ContainerWindow)
        self.asked.append(alert)
        return self.answer or cautious(alert)

    def run(self, macro: str, args: tuple[Any, ...]) -> Any:
        return run(self, macro, args)

    # The end

    def quit(self) -> None:
        """Close everything unsaved and end the process."""
        for document in list(self.documents):
            document.close()
        self._drop()
        self.office.quit()

    def kill(self) -> None:
        self._drop()
        self.office.kill()

    def _drop(self) -> None:
        self.documents.clear()
        self._indicator = None
        self._apps.forget(self)


@uno_safe
class Apps(base.Apps):
    """The apps this process started, the active one first."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._apps: list[App] = []

    def _living(self) -> list[App]:
        for app in self._apps:
            if not app.office.alive():
                app.office.kill()  # removes its profile and pipe
        self._apps = [app for app in self._apps if app.office.alive()]
        return self._apps

    def keys(self) -> list[int]:
        return [app.pid for app in self._living()]

    def add(
        self,
        spec: str | None = None,
        add_book: bool | None = True,
        xl: Any = None,
        visible: bool | None = None,
    ) -> App:
        """A new LibreOffice, with a window only where `visible` is True and there is a display to show it on."""
        app = self.launch(visible=bool(visible))
        if add_book:
            app.books.add()
        return app

    def launch(self, *, visible: bool, macros: bool = False) -> App:
        """The same without a workbook; `macros` as in App."""
        app = App(self, Office(headless=not (visible and has_display())), macros)
        self._apps.insert(0, app)
        return app

    def bring_forward(self, app: App) -> None:
        self._apps.remove(app)
        self._apps.insert(0, app)

    def forget(self, app: App) -> None:
        if app in self._apps:
            self._apps.remove(app)

    def cleanup(self) -> None:  # type: ignore[override]  # xlwings calls it on the object
        """End every app that is still there."""
        for app in list(self._apps):
            app.kill()

    def __iter__(self) -> Iterator[App]:
        return iter(list(self._living()))

    def __len__(self) -> int:
        return len(self._living())

    def __getitem__(self, pid: int) -> App:
        for app in self._living():
            if app.pid == pid:
                return app
        raise KeyError(pid)


def has_display() -> bool:
    """Whether there is a screen to show a window on."""
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


NAME = "libreoffice"


class Engine:
    """What `xlwings.Engine` wraps."""

    name = NAME
    type = "desktop"  # a scalar fills a range in one call

    def __init__(self) -> None:
        self.apps = Apps(self)

    @staticmethod
    def prepare_xl_data_element(value: Any, options: Any) -> Any:
        return plain(value)

    @staticmethod
    def clean_value_data(
        data: Sequence[Sequence[Any]],
        datetime_builder: Callable[..., Any],
        empty_as: Any,
        number_builder: Callable[[float], Any] | None,
        err_to_str: bool,
    ) -> list[list[Any]]:
        return [
            [cleaned(v, datetime_builder, empty_as, number_builder, err_to_str) for v in row] for row in data
        ]


def register() -> Any:
    """Make the engine known to xlwings, once, and give it: `xw.engines["libreoffice"]`."""
    if NAME not in xw.engines.engines_by_name:
        engine = Engine()
        atexit.register(engine.apps.cleanup)
        xw.engines.add(xw.Engine(impl=engine))
    return xw.engines[NAME]


@contextmanager
def running(visible: bool, macros: bool) -> Iterator[xw.App]:
    """See `libreoffice.start`."""
    if visible and not has_display():
        raise EngineError(
            "当前环境没有图形界面，无法显示 LibreOffice 窗口；请在桌面环境中运行，或不显示窗口运行。"
        )
    engine, before = register(), xw.engines.active
    apps: Apps = engine.impl.apps
    impl: App = apps.launch(visible=visible, macros=macros)
    engine.activate()
    try:
        yield xw.App(impl=impl)
    finally:
        xw.engines.active = before
        impl.quit()
