"""What many tests begin with is made once a run: the test processes share a folder of what was made, by a digest."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

#: The folder of this run, which the tests' configuration names; without one (outside a run) nothing is shared.
HOME: list[Path] = []
_known: dict[str, bytes] = {}


def once(what: str, make: Callable[[], bytes]) -> bytes:
    """What ``make`` gives, which depends on nothing but ``what``. Two processes at once may both make it: it is the same."""
    name = hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()
    if name not in _known:
        _known[name] = _shared(name, make)
    return _known[name]


def _shared(name: str, make: Callable[[], bytes]) -> bytes:
    if not HOME:
        return make()
    path = HOME[0] / name
    if not path.exists():
        HOME[0].mkdir(exist_ok=True)
        own = path.with_name(f"{name}.{os.getpid()}")
        own.write_bytes(make())
        own.replace(path)
    return path.read_bytes()
