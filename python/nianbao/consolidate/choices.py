"""The items of a unit that are not counted: out of the roster's columns, a sheet, or a file of choices."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from nianbao.consolidate.names import code_key, name_key
from nianbao.consolidate.roster import Roster
from nianbao.core.files import Unreadable
from nianbao.core.form import Form
from nianbao.core.grid import Cell
from nianbao.core.schema import load_json
from nianbao.xlsx.package import read_package

EVERY, EXCLUDED_SHEET = "*", "不计入指标"
CHOICES_ADVICE = (
    "应为数组，每项写明 unit（单位名称或代码，* 表示所有下级单位）、exclude（指标代码或“{groups}”）、"
    "reason（原因）、date（日期）"
)


#: One for all the units of which everything is counted.
NOTHING: frozenset[int] = frozenset()
_ALL_UNITS = ("所有下级单位", "全部", "所有单位")


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
            places = self._by_unit.setdefault(_choice_key(choice.unit), set())
            places |= {self._place[cell] for cell in choice.cells}

    def without(self, name: str, code: str, *, every: bool = True) -> frozenset[int]:
        """The places in the form of the cells that are not added for a unit; ``every``: it is a subordinate."""
        if not self._by_unit:
            return NOTHING
        left_out = set(self._by_unit.get(EVERY, ())) if every else set()
        for key in {_choice_key(name), _choice_key(code)} - {""}:
            left_out |= self._by_unit.get(key, set())
        return frozenset(left_out) if left_out else NOTHING


def _choice_key(unit: str) -> str:
    return unit if unit == EVERY else code_key(unit)


class Party(NamedTuple):
    """Whom a choice may be about: a unit of the roster, or one that has sent a report."""

    name: str
    code: str


def gather_choices(form: Form, roster: Roster | None, file: Path | None) -> Choices:
    """The choices in the roster's columns and in a file of choices; Unreadable names what is not understood."""
    choices: list[Choice] = []
    for unit in roster.units if roster else ():
        if unit.exclude:
            cells = _cells_of(form, unit.exclude, "名录")
            choices.append(Choice(unit.name, unit.exclude, cells, unit.reason, "", "名录"))
    return Choices(form, [*choices, *(_choices_of_file(form, file) if file else ())])


def bind_choices(form: Form, chosen: Choices, parties: Sequence[Party], roster: Roster | None) -> Choices:
    """The choices, each with its unit named as the reports and the roster name it.

    Raises Unreadable for a choice whose unit is in neither: nothing would be left out.
    """
    return Choices(form, [choice._replace(unit=_unit_of(choice, parties, roster)) for choice in chosen.all])


def _unit_of(choice: Choice, parties: Sequence[Party], roster: Roster | None) -> str:
    """The unit a choice means: by code or name, then as the roster matches, then without the usual endings."""
    given = choice.unit
    if given == EVERY or any(
        _choice_key(given) in (_choice_key(p.name), _choice_key(p.code)) for p in parties
    ):
        return given
    if roster and (match := roster.match(given, given)):
        return match.unit.name
    alike = {party.name for party in parties if name_key(party.name) == name_key(given)}
    if len(alike) != 1:
        near = "、".join(f"“{unit.name}”" for unit in roster.near(given)) if roster else ""
        todo = f"{f'名录中相近的有{near}；' if near else ''}请改成名录或报告中的单位名称、代码，或删去这一项"
        raise Unreadable(choice.source, f"不计入指标的单位“{given}”在名录和报告中都没有", todo)
    return alike.pop()


def choice_words(form: Form, word: str) -> str:
    """The names of the items that a cell's key means; a named group as it is called."""
    return "、".join(map(form.name, form.cells_of(word))) if word.count(".") == 2 else word


def excludable(form: Form) -> Mapping[str, tuple[Cell, ...]]:
    """The form's named groups of items that may have to be left out."""
    groups = form.data.get("excludable", {})
    return {name: tuple(cell for key in keys for cell in form.cells_of(key)) for name, keys in groups.items()}


def _cells_of(form: Form, words: Sequence[str], file: str) -> frozenset[Cell]:
    groups = excludable(form)
    named = {form.name(cell): (cell,) for cell in form.cells}
    cells: set[Cell] = set()
    for word in words:
        named_cells = (
            groups.get(word) or named.get(word) or (form.cells_of(word) if word.count(".") == 2 else ())
        )
        cells |= set(named_cells)
        if not named_cells:
            raise Unreadable(file, f"不计入指标“{word}”不认识", _item_advice(form, word, groups))
    return frozenset(cells)


def _item_advice(form: Form, word: str, groups: Iterable[str]) -> str:
    """What to write for an item that is not known: the name most like it, and where all names stand."""
    meant = f"最相近的是“{like}”；" if (like := _nearest(form, word, groups)) else ""
    example = form.name(form.cells[0])
    return (
        f"{meant}请写指标名称（“单位明细”表头的行名和栏名，中间加“·”，如“{example}”），"
        f"或用本表式的分组：{'、'.join(groups) or '没有'}"
    )


def _nearest(form: Form, word: str, groups: Iterable[str]) -> str:
    """The group or item whose name, or the part of it before or after the dot, is most like a word; else nothing."""
    named = {part: name for name in map(form.name, reversed(form.cells)) for part in (*name.split("·"), name)}
    named |= {group: group for group in groups}
    like = get_close_matches(word, named, n=1, cutoff=0.5)
    return named[like[0]] if like else ""


def _choices_of_sheet(form: Form, path: Path) -> Iterator[Choice]:
    """The choices on the sheet 不计入指标 of a workbook: unit, items, reason and date."""
    page = read_package(path, (EXCLUDED_SHEET,)).sheets.get(EXCLUDED_SHEET, {})
    for row in sorted({row for row, _ in page if row > 1}):
        unit, items, reason, date = (
            page[row, c].text.strip() if (row, c) in page else "" for c in range(1, 5)
        )
        words = tuple(_items_of(items, form))
        if not (unit or words):
            continue
        if not (unit and words and reason):
            todo = f"请在“{EXCLUDED_SHEET}”表补齐单位、指标和原因，或删去这一行"
            raise Unreadable(path.name, f"“{EXCLUDED_SHEET}”第 {row} 行没有写全", todo)
        unit = EVERY if unit in _ALL_UNITS else unit
        yield Choice(unit, words, _cells_of(form, words, path.name), reason, date, EXCLUDED_SHEET)


def _choices_of_file(form: Form, path: Path) -> Iterator[Choice]:
    if path.suffix.lower() == ".xlsx":
        yield from _choices_of_sheet(form, path)
        return
    todo = CHOICES_ADVICE.format(groups="、".join(excludable(form)))
    data = load_json(path, todo)
    entries = [_choice_entry(item, form) for item in data] if isinstance(data, list) else [{}]
    if not all(entries):
        raise Unreadable(path.name, "不是不计入指标的清单", todo)
    for item in entries:
        words = tuple(item["exclude"])
        unit = EVERY if item["unit"] in _ALL_UNITS else item["unit"]
        yield Choice(unit, words, _cells_of(form, words, path.name), item["reason"], item["date"], path.name)


#: The Chinese names of what an entry of the list says.
_CHOICE_KEYS = {"单位": "unit", "指标": "exclude", "原因": "reason", "日期": "date"}


def _choice_entry(item: Any, form: Form) -> dict[str, Any]:
    """An entry with its keys as they are in the schema and its items as a list; empty where it is none."""
    if not isinstance(item, dict):
        return {}
    entry = {_CHOICE_KEYS.get(str(key), str(key)): value for key, value in item.items()}
    if isinstance(entry.get("exclude"), str):
        entry["exclude"] = _items_of(entry["exclude"], form)
    return entry if _is_choice(entry) else {}


def _items_of(text: str, form: Form) -> list[str]:
    """The items that a text lists; the name of one may hold a mark that separates others."""
    if text in map(form.name, form.cells):
        return [text]
    return text.translate(str.maketrans("、，,；;", "     ")).split()


def _is_choice(item: Mapping[str, Any]) -> bool:
    return (
        all(isinstance(item.get(key), str) and item[key].strip() for key in ("unit", "reason", "date"))
        and isinstance(item.get("exclude"), list)
        and bool(item["exclude"])
        and all(isinstance(word, str) for word in item["exclude"])
    )
