"""The UNO bridge: `uno` imported without its side effects, and the few helpers every other file needs.

Importing this module needs python3-uno; everything that must work without it imports this module late.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import inspect
import re
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from .errors import GONE, EngineError, Gone, Missing

# Debian keeps the bridge with the system's Python, other distributions beside LibreOffice itself.
PLACES = (
    "/usr/lib/python3/dist-packages",
    "/usr/lib/libreoffice/program",
    "/usr/lib64/libreoffice/program",
    "/opt/libreoffice/program",
)
_DUNDERS = (
    "__init__",
    "__call__",
    "__len__",
    "__iter__",
    "__getitem__",
    "__contains__",
    "__getattr__",
    "__setattr__",
)

C = TypeVar("C", bound=type)


def _import_uno() -> Any:
    """`uno`, while `sys.path` and `builtins.__import__`, which it replaces, stay what they were."""
    real, path = builtins.__import__, list(sys.path)
    sys.path.extend(PLACES)
    try:
        return importlib.import_module("uno")
    except ImportError as error:
        raise Missing(
            "没有找到与当前 Python 配套的 LibreOffice 接口（python3-uno）；"
            "请安装 python3-uno，并使用系统自带版本的 Python。"
        ) from error
    finally:
        builtins.__import__ = real
        sys.path[:] = path


uno: Any = _import_uno()
UnoException: type[Exception] = uno.getClass("com.sun.star.uno.Exception")
Disposed: type[Exception] = uno.getClass("com.sun.star.lang.DisposedException")
NoConnect: type[Exception] = uno.getClass("com.sun.star.connection.NoConnectException")


def struct(name: str, **fields: Any) -> Any:
    """A UNO struct `com.sun.star.<name>` with these fields."""
    made = uno.createUnoStruct(f"com.sun.star.{name}")
    for key, value in fields.items():
        setattr(made, key, value)
    return made


def constant(name: str) -> int:
    """The value of the UNO constant `com.sun.star.<name>`."""
    return int(uno.getConstantByName(f"com.sun.star.{name}"))


def enum(kind: str, name: str) -> Any:
    """The member `name` of the UNO enumeration `com.sun.star.<kind>`."""
    return uno.Enum(f"com.sun.star.{kind}", name)


def properties(**fields: Any) -> tuple[Any, ...]:
    """Named arguments as UNO wants them: a tuple of PropertyValue."""
    return tuple(struct("beans.PropertyValue", Name=key, Value=value) for key, value in fields.items())


def property_list(**fields: Any) -> Any:
    """The same, typed, for a property whose value is itself a list of properties (FilterData)."""
    return uno.Any("[]com.sun.star.beans.PropertyValue", properties(**fields))


def translated(error: Exception) -> EngineError:
    """The sentence for an exception that UNO raised."""
    if isinstance(error, Disposed):
        return Gone(GONE)
    return refused(str(getattr(error, "Message", "")) or type(error).__name__.rpartition(".")[2])


def refused(message: str) -> EngineError:
    """The sentence for what UNO says, without the place in its source."""
    said = re.sub(r"\s*\bat \./\S+", "", message).strip()
    return EngineError(f"LibreOffice 没有完成这一步（{said}）。")


def safely(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`, raising EngineError where UNO raised.

    UNO's exceptions refuse `__traceback__` and so break contextlib and pytest: the new one is raised after the
    `except` block, so that it does not even carry the old one as its context.
    """

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except UnoException as error:
            sentence = translated(error)
        raise sentence

    return call


def uno_safe(cls: C) -> C:
    """Class decorator: every method and property of the class itself goes through `safely`."""
    for name, member in list(vars(cls).items()):
        if isinstance(member, property):
            read, write = (part and safely(part) for part in (member.fget, member.fset))
            setattr(cls, name, property(read, write, doc=member.__doc__))
        elif inspect.isfunction(member) and (name in _DUNDERS or not name.startswith("__")):
            setattr(cls, name, safely(member))
    return cls
