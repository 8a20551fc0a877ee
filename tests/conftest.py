"""Settings that all tests share: how long property tests look, and which tests need a program beside Python."""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from nianbao.workbook.marks import merged_as_they_are
from support import once, ooxml

# A machine may be told to keep no compiled modules; then every test process and every command would compile all anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# A package of the tests alone brings defusedxml along, with which openpyxl reads sheets in plain Python. Users have none.
os.environ["OPENPYXL_DEFUSEDXML"] = "False"
# Processes that a pool starts would else run the program `pytest` itself before anything of ours.
vars(sys.modules["__main__"]).pop("__file__", None)

settings.register_profile(
    "fast", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.register_profile("long", max_examples=2_000, deadline=None, parent=settings.get_profile("fast"))
settings.load_profile("fast")

PROGRAMS = {
    "complaints",
    "soffice",
    "built",
    "drive",
    "seen",
}  # fixtures behind which a program stands; everything in tests/e2e needs one
END_TO_END = Path(__file__).with_name("e2e")


@pytest.fixture(scope="session", autouse=True)
def workbooks_as_they_are() -> Iterator[None]:
    """Tests that open a workbook with openpyxl see every merged cell as the file has it, in half the time."""
    with merged_as_they_are():
        yield


@pytest.fixture(scope="session", autouse=True)
def made_once_a_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    """All test processes of a run find what one of them has made."""
    own = tmp_path_factory.getbasetemp()
    once.HOME[:] = [(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "made"]


@pytest.fixture
def complaints() -> ooxml.Judge:
    """Microsoft's Open XML validator: what it has to say against a file."""
    return ooxml.complaints


@pytest.fixture
def soffice() -> str:
    """LibreOffice, as the product runs it: the path of the program."""
    found = shutil.which("soffice")
    assert found, "LibreOffice is needed: make setup installs it"
    return found


def pytest_collection_finish() -> None:
    """What was loaded for all tests is not looked through for garbage again and again: a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what `make quick` leaves out: tests of LibreOffice, a browser or an npm tool, and of ``many`` cases of one
    kind all but the first. Files with such tests come first: no process begins a long one when the others are done."""
    begun: set[str] = set()
    for item in items:
        if END_TO_END in item.path.parents or PROGRAMS & set(getattr(item, "fixturenames", ())):
            item.add_marker("program")
        if item.get_closest_marker("many"):
            test = item.nodeid.partition("[")[0]
            if test in begun:
                item.add_marker("long")
            begun.add(test)
    rank: dict[Path, int] = {}
    for item in items:
        own = 0 if item.get_closest_marker("program") else 1 if item.get_closest_marker("long") else 2
        rank[item.path] = min(own, rank.get(item.path, own))
    items.sort(key=lambda item: rank[item.path])
