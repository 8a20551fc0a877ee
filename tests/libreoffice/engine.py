"""The engine as xlwings knows it, and how it gets to know it."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import xlwings as xw

from .app import App, Apps, has_display
from .errors import EngineError
from .values import cleaned, plain

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
