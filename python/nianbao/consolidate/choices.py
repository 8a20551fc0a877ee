"""Items that must not simply be added, left out unit by unit by a choice on record (reason and date)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from nianbao.consolidate import names
from nianbao.consolidate.roster import Roster
from nianbao.core.cell import Cell
from nianbao.core.errors import Unreadable
from nianbao.core.form import Form
from nianbao.xlsx.package import read_package

EVERY, SHEET = "*", "不计入指标"
ADVICE = (
    "应为数组，每项写明 unit（单位名称或代码，* 表示所有下级单位）、exclude（指标代码或“{groups}”）、"
    "reason（原因）、date（日期）"
)


class Choice(NamedTuple):
    """What of a unit is not added: the words that were used, the cells they mean, the reason and date on record."""

    unit: str
    words: tuple[str, ...]
    cells: frozenset[Cell]
    reason: str
    date: str
    source: str


class Choices:
    """All choices of one consolidation."""

    def __init__(self, form: Form, choices: Sequence[Choice]) -> None:
        self.all = tuple(choices)
        self._place = {cell: n for n, cell in enumerate(form.cells)}
        self._by_unit: dict[str, set[int]] = {}
        for choice in choices:
            places = self._by_unit.setdefault(_key(choice.unit), set())
            places |= {self._place[cell] for cell in choice.cells}

    def without(self, name: str, code: str, *, every: bool = True) -> frozenset[int]:
        """The places in the form of the cells that are not added for a unit; ``every``: it is a subordinate."""
        found = set(self._by_unit.get(EVERY, ())) if every else set()
        for key in {_key(name), _key(code)} - {""}:
            found |= self._by_unit.get(key, set())
        return frozenset(found)


def _key(unit: str) -> str:
    return unit if unit == EVERY else names.code(unit)


class Party(NamedTuple):
    """Whom a choice may be about: a unit of the roster, or one that has sent a report."""

    name: str
    code: str


def gather(form: Form, roster: Roster | None, file: Path | None) -> Choices:
    """The choices in the roster's columns and in a file of choices; Unreadable names what is not understood."""
    found: list[Choice] = []
    for unit in roster.units if roster else ():
        if unit.exclude:
            cells = _cells(form, unit.exclude, "名录")
            found.append(Choice(unit.name, unit.exclude, cells, unit.reason, "", "名录"))
    return Choices(form, [*found, *(_file(form, file) if file else ())])


def bind(form: Form, chosen: Choices, parties: Sequence[Party], roster: Roster | None) -> Choices:
    """The choices, each with its unit named as the reports and the roster name it.

    Raises Unreadable for a choice whose unit is in neither: nothing would be left out.
    """
    return Choices(form, [choice._replace(unit=_unit(choice, parties, roster)) for choice in chosen.all])


def _unit(choice: Choice, parties: Sequence[Party], roster: Roster | None) -> str:
    """The unit a choice means: by code or name, then as the roster matches, then without the usual endings."""
    meant = choice.unit
    if meant == EVERY or any(_key(meant) in (_key(p.name), _key(p.code)) for p in parties):
        return meant
    if roster and (match := roster.match(meant, meant)):
        return match.unit.name
    alike = {party.name for party in parties if names.loose(party.name) == names.loose(meant)}
    if len(alike) != 1:
        todo = "请改成名录或报告中的单位名称、代码，或删去这一项"
        raise Unreadable(choice.source, f"不计入指标的单位“{meant}”在名录和报告中都没有", todo)
    return alike.pop()


def words(form: Form, word: str) -> str:
    """The names of the items that a cell's key means; a named group as it is called."""
    return "、".join(map(form.name, form.cells_of(word))) if word.count(".") == 2 else word


def excludable(form: Form) -> Mapping[str, tuple[Cell, ...]]:
    """The form's named groups of items that may have to be left out."""
    groups = form.data.get("excludable", {})
    return {name: tuple(cell for key in keys for cell in form.cells_of(key)) for name, keys in groups.items()}


def _cells(form: Form, words: Sequence[str], file: str) -> frozenset[Cell]:
    groups = excludable(form)
    found: set[Cell] = set()
    for word in words:
        meant = groups.get(word) or (form.cells_of(word) if word.count(".") == 2 else ())
        found |= set(meant)
        if not meant:
            known = "、".join(groups) or "没有"
            raise Unreadable(file, f"不计入指标“{word}”不认识", f"请写指标代码，或用本表式的分组：{known}")
    return frozenset(found)


def _sheet(form: Form, path: Path) -> Iterator[Choice]:
    """The choices on the sheet 不计入指标 of a workbook: unit, items, reason and date."""
    page = read_package(path, (SHEET,)).sheets.get(SHEET, {})
    for row in sorted({row for row, _ in page if row > 1}):
        unit, items, reason, date = (
            page[row, c].text.strip() if (row, c) in page else "" for c in range(1, 5)
        )
        words = tuple(items.replace("、", " ").replace("，", " ").split())
        if not (unit or words):
            continue
        if not (unit and words and reason):
            todo = f"请在“{SHEET}”表补齐单位、指标和原因，或删去这一行"
            raise Unreadable(path.name, f"“{SHEET}”第 {row} 行没有写全", todo)
        unit = EVERY if unit in ("所有下级单位", "全部", "所有单位") else unit
        yield Choice(unit, words, _cells(form, words, path.name), reason, date, SHEET)


def _file(form: Form, path: Path) -> Iterator[Choice]:
    if path.suffix.lower() == ".xlsx":
        yield from _sheet(form, path)
        return
    todo = ADVICE.format(groups="、".join(excludable(form)))
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError:
        raise Unreadable(path.name, "打不开", "请核对文件名和所在文件夹") from None
    except ValueError:
        raise Unreadable(path.name, "不是完整的 JSON", todo) from None
    if not isinstance(data, list) or not all(map(_shaped, data)):
        raise Unreadable(path.name, "不是不计入指标的清单", todo)
    for item in data:
        words = tuple(item["exclude"])
        yield Choice(
            item["unit"], words, _cells(form, words, path.name), item["reason"], item["date"], path.name
        )


def _shaped(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and all(isinstance(item.get(key), str) and item[key].strip() for key in ("unit", "reason", "date"))
        and isinstance(item.get("exclude"), list)
        and all(isinstance(word, str) for word in item["exclude"])
    )
