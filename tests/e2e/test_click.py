"""What a click costs, counted and not timed: each question to LibreOffice is a round trip, each new object about ten."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import xlwings as xw

from nianbao.core.grid import Cell
from nianbao.excel import verbs
from nianbao.workbook.layout import Layout
from support.build import hubei

#: The most round trips of a click on a workbook with two mistakes; a few more than are needed.
MOST = {"validate": 350, "clear": 155}


class Counted:
    """A UNO object as a client sees it, every question to which is counted, as is every object it gives."""

    def __init__(self, target: Any, count: Counter[str]) -> None:
        self.__dict__.update(target=target, count=count)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.target, name)
        if type(value).__name__ != "PyUNO_callable":
            self.count["asked"] += 1
            return self.wrapped(value)
        return lambda *arguments: self.called(value, arguments)

    def __setattr__(self, name: str, value: Any) -> None:
        self.count["asked"] += 1
        setattr(self.target, name, value)

    def called(self, function: Any, arguments: tuple[Any, ...]) -> Any:
        self.count["asked"] += 1
        return self.wrapped(function(*bare(arguments)))

    def wrapped(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(self.wrapped, value))
        if type(value).__name__ != "pyuno":
            return value
        self.count["objects given"] += 1
        return Counted(value, self.count)


def bare(value: Any) -> Any:
    """A value with every counted object in it as LibreOffice knows it."""
    if isinstance(value, tuple):
        return tuple(map(bare, value))
    return value.target if isinstance(value, Counted) else value


@pytest.fixture
def wrong(clean: xw.Book) -> xw.Book:
    """Two mistakes; validated and cleared once, because the first click asks for what no later one needs to."""
    layout = Layout(hubei().form)
    for key, value in {"requests.granted.natural": 136, "remedies.reconsideration.upheld": "3件"}.items():
        place = layout.spot(Cell.parse(key))
        clean.sheets[place.sheet][place.a1].value = value
    verbs.validate(clean)
    verbs.clear(clean)
    return clean


@pytest.fixture
def counted(app: xw.App, wrong: xw.Book, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts all that is asked of LibreOffice from now on."""
    count: Counter[str] = Counter()
    document, office, ask = wrong.impl.document, app.impl.office, Counted(None, count)
    invoke = office._invoke
    monkeypatch.setitem(office.__dict__, "_invoke", lambda *call: ask.called(invoke, call))
    monkeypatch.setattr(document, "_doc", Counted(document.doc, count))
    monkeypatch.setattr(document, "_sheets", ())
    assert len(wrong.sheets) == len(document.sheets())  # has them fetched again, as counted ones
    assert count["objects given"] > len(wrong.sheets)
    count.clear()
    return count


def test_a_click_asks_little_of_libreoffice_and_is_given_no_new_objects(
    wrong: xw.Book, counted: Counter[str]
) -> None:
    for verb, most in MOST.items():
        counted.clear()
        getattr(verbs, verb)(wrong)
        assert 0 < counted["asked"] <= most, verb
        assert counted["objects given"] == 0, verb
