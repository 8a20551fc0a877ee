"""The roster (名录): which units are to report, under which superior, and how a name or code finds its unit."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from nianbao.consolidate.likeness import Likenesses
from nianbao.consolidate.names import (
    HOME,
    LAST_REGION,
    code_key,
    department,
    folded,
    may_be_slip,
    name_key,
    name_stem,
    short_name,
    without_region,
)
from nianbao.core.files import Unreadable, bounded
from nianbao.core.schema import LARGEST, loads
from nianbao.workbook.layout import COVER
from nianbao.xlsx.package import read_package

_HEADS = {
    "name": ("单位名称", "名称", "单位", "机关名称", "填报单位", "name"),
    "code": ("统一社会信用代码", "代码", "单位代码", "机构代码", "code"),
    "aliases": ("别名", "曾用名", "简称", "其他名称", "aliases", "alias"),
    "superior": ("上级", "上级单位", "主管单位", "主管部门", "上级部门", "所属地区", "superior"),
    "exclude": ("不计入指标", "不计入", "exclude"),
    "node": ("汇总节点", "节点", "node"),
    "same": ("数字相同属实", "数字相同已核实", "same"),
    "contact": ("联系人", "联系人员"),
    "phone": ("电话", "联系电话", "手机"),
    "reason": ("不计入原因", "原因", "reason"),
}
_SEPARATORS = str.maketrans(",，;；|、\n\t", "        ")
TEXT = "请把“代码”一列设为文本格式，按原始资料重新填写后再试（用 CSV 的，请以文本导入该列）"
#: So many digits of a number a spreadsheet keeps; how it shows longer ones.
_KEPT, _EXPONENT = 15, re.compile(r"[0-9](?:\.[0-9]+)?e\+?[0-9]+")
#: What speaks for a unit whose name has another word at its end; so many signs at the end tell names apart.
TAIL_WORDS, TAIL = "名称（末尾的“人民政府”“局”“委员会”等不同）", 3
SHORT_WORDS = "简称（名录中只有这一个单位相符）"
#: What leaves open whether the name is the unit's.
DOUBTFUL_WORDS = (TAIL_WORDS, SHORT_WORDS)
ADVICE = "名录须有“单位名称”一列，可有“代码”“别名”“上级”“汇总节点”“不计入指标”“不计入原因”各列，请核对后重试"


class Unit(NamedTuple):
    """One unit of the roster; ``superior`` as written there, ``exclude`` what of it is not to be added, and why;
    ``node``: it only groups others and has no report of its own to send; ``same``: that its figures equal another
    unit's was looked into and is right; ``contact``: whom to ask there, with the telephone."""

    name: str
    code: str = ""
    aliases: tuple[str, ...] = ()
    superior: str = ""
    exclude: tuple[str, ...] = ()
    reason: str = ""
    node: bool = False
    same: bool = False
    contact: str = ""


class Match(NamedTuple):
    """The unit a report belongs to, and how it was found where name or code are not written as in the roster.

    ``clash``: the other unit whose code the report gives. ``weak``: the words of the one thing that speaks for
    the unit where its name, as the roster has it, does not; empty where there is no doubt.
    """

    unit: Unit
    note: str
    clash: Unit | None = None
    weak: str = ""


@dataclass(frozen=True)
class Roster:
    """All units in the roster's order; ``agency``: whose summary is being made, where that is known."""

    units: tuple[Unit, ...]
    agency: str = ""

    @cached_property
    def _codes(self) -> Mapping[str, Unit]:
        return {code_key(unit.code): unit for unit in self.units if unit.code}

    @cached_property
    def _exact(self) -> Mapping[str, Unit]:
        """By name, then alias; a name goes before another unit's alias."""
        aliases = _unique((folded(a), u) for u in self.units for a in u.aliases)
        return aliases | {folded(unit.name): unit for unit in self.units}

    @cached_property
    def _loose(self) -> Mapping[str, Unit]:
        return _unique((name_key(n), u) for u in self.units for n in (u.name, *u.aliases))

    @cached_property
    def _stems(self) -> Mapping[str, Unit]:
        return _unique((name_stem(n), u) for u in self.units for n in (u.name, *u.aliases))

    @cached_property
    def _tails(self) -> Mapping[str, list[tuple[str, Unit]]]:
        """The units by the end of their stems, for names that are to be made out."""
        by_tail: dict[str, list[tuple[str, Unit]]] = {}
        for unit in self.units:
            stem = name_stem(unit.name)
            by_tail.setdefault(stem[-TAIL:], []).append((stem, unit))
        return by_tail

    def match(self, name: str, code: str) -> Match | None:
        """The unit of a report: by name, alias, the name without its usual endings, else by code.

        Where code and name belong to two units, the name's unit is given and the code's is its ``clash``.
        """
        by_code = self._codes.get(code_key(code)) if code else None
        unit, how = self.called(name)
        sure = unit is not None and how not in DOUBTFUL_WORDS
        if unit is None:
            unit, how = by_code, "代码"
        if unit is None:
            return None
        clash = by_code if by_code is not None and by_code != unit else None
        weak = "" if sure or (by_code == unit and how in DOUBTFUL_WORDS) or not folded(name) else how
        notes = [] if unit.name == name else [f"报告中单位写作“{name}”，按{how}对应名录“{unit.name}”"]
        if code and unit.code and by_code is None:
            notes.append(
                f"“{unit.name}”的报告所填代码“{code}”与名录的“{unit.code}”不同，按名称对应，请核对代码"
            )
        return Match(unit, "；".join(notes), clash, weak)

    def called(self, name: str) -> tuple[Unit | None, str]:
        """The unit that a name means, and by what it does."""
        if unit := self._exact.get(folded(name)):
            return unit, "名称（别名、全半角或空格不同）"
        if unit := self._loose.get(name_key(name)):
            return unit, "名称（词尾写法不同）"
        if unit := self._stems.get(name_stem(name)):
            return unit, TAIL_WORDS
        return self._signed(name), SHORT_WORDS

    @cached_property
    def _shorts(self) -> Mapping[str, list[Unit]]:
        """The units by the end of their everyday short names."""
        by_end: dict[str, list[Unit]] = {}
        for unit in self.units:
            by_end.setdefault(short_name(unit.name)[-2:], []).append(unit)
        return by_end

    @cached_property
    def _homes(self) -> tuple[str, ...]:
        """The region of the agency that sums up, with and without the larger one before it: 某省某市, 某市."""
        first = HOME.match(name_key(self.agency))
        last = LAST_REGION.search(first[0]) if first else None
        return tuple(dict.fromkeys((first[0], last[0]))) if first and last else ()

    def _signed(self, name: str) -> Unit | None:
        """The one unit that an everyday short name fits: a direct one of the agency that sums up before all others."""
        part = short_name(name)
        if len(part) < 2:
            return None
        for full in self._at_home(name_key(name)):
            if unit := self._stems.get(name_stem(full)):
                return unit
            known = [u for u in self._short(short_name(full)) if short_name(u.name) == short_name(full)]
            if len(known) == 1:
                return known[0]
        fits = self._fits(part)
        return fits[0] if len(fits) == 1 else None

    def _at_home(self, name: str) -> Iterator[str]:
        """What a name stands for within the region of the agency that sums up: 市教育局, 某教育局 and 教育局 there."""
        for home in self._homes:
            if name.startswith(home[-1]):
                yield home + name[1:]
            if name.startswith(home[:-1]) and not name.startswith(home):
                yield home + name.removeprefix(home[:-1])
            if not name.startswith(home):
                yield home + name

    def _short(self, part: str) -> list[Unit]:
        return self._shorts.get(part[-2:], [])

    def _fits(self, part: str) -> list[Unit]:
        near = ((short_name(unit.name), unit) for unit in self._short(part))
        return [unit for known, unit in near if known == part or without_region(known, part)]

    def near(self, name: str) -> list[Unit]:
        """Units that a name may mean although it does not match: the one ends as the other does, it is the short
        name of several, or a slip of the pen away from that of one."""
        stem = name_stem(name)
        alike = self._tails.get(stem[-TAIL:], []) if len(stem) >= TAIL else []
        ends = [unit for known, unit in alike if known.endswith(stem) or stem.endswith(known)]
        return [*dict.fromkeys((*ends, *self._same_department(short_name(name))))][:3] or self._miswritten(
            name
        )

    @cached_property
    def _likenesses(self) -> tuple[Likenesses, Likenesses]:
        """The units by their names and aliases, and by their short names, for those that are written wrong."""
        full = ((name_key(name), unit.name) for unit in self.units for name in (unit.name, *unit.aliases))
        return Likenesses(full), Likenesses((short_name(unit.name), unit.name) for unit in self.units)

    def _miswritten(self, name: str) -> list[Unit]:
        """The one unit whose name, or else whose short name, the given one is with a sign wrong, missing or too many."""
        written = (name_key(name), *self._at_home(name_key(name)))
        for key, known in zip((name_key, short_name), self._likenesses, strict=True):
            near = {whom for text in written for whom in known.near(key(text)) if may_be_slip(text, whom)}
            if near:
                return [self._exact[folded(near.pop())]] if len(near) == 1 else []
        return []

    def _same_department(self, part: str) -> Iterator[Unit]:
        """The units of the department that a short name means, of whatever region where it names none."""
        before, core = department(part)
        for unit in self._short(core):
            known = short_name(unit.name)
            if known == core or (known.endswith(core) and before in known):
                yield unit

    @cached_property
    def superiors(self) -> Mapping[str, str]:
        """The superior of every unit, by name; superiors that are no units of the roster stand for themselves."""
        known = {unit.name: unit.superior for unit in self.units}
        superiors = {}
        for unit in self.units:
            match = self.match(unit.superior, "") if unit.superior else None
            superiors[unit.name] = match.unit.name if match else unit.superior
        return superiors | {s: "" for s in superiors.values() if s and s not in known}

    def above(self, name: str) -> Iterator[str]:
        """The superiors of a unit, the nearest first."""
        while name := self.superiors.get(name, ""):
            yield name

    @cached_property
    def _direct(self) -> Mapping[str, list[str]]:
        units: dict[str, list[str]] = {}
        for name, superior in self.superiors.items():
            units.setdefault(superior, []).append(name)
        return units

    def below(self, name: str) -> Iterator[str]:
        """The units under a unit, at any depth."""
        waiting = list(self._direct.get(name, ()))
        while waiting:
            yield (unit := waiting.pop())
            waiting += self._direct.get(unit, ())


def _unique(pairs: Iterable[tuple[str, Unit]]) -> dict[str, Unit]:
    """The units by key; a key that would mean two of them means none."""
    by_key: dict[str, Unit | None] = {}
    for key, unit in pairs:
        by_key[key] = None if by_key.get(key, unit) != unit else unit
    return {key: unit for key, unit in by_key.items() if key and unit is not None}


def load_roster(path: Path) -> Roster:
    """The roster in an .xlsx, .csv or .json file; Unreadable says what is wrong with it."""
    rows = _records(path)
    units = tuple(_unit(row) for row in rows if _is_unit(row, path.name))
    if not units:
        raise Unreadable(path.name, "名录中没有单位", ADVICE)
    roster = Roster(units)
    if damaged := _numbered_code(units):
        words = f"名录中“{damaged.name}”的代码“{damaged.code}”被表格软件当作数字，15 位以后已经丢失"
        raise Unreadable(path.name, words, TEXT)
    _check(roster, path.name)
    return roster


def _numbered_code(units: Sequence[Unit]) -> Unit | None:
    """A unit whose code a spreadsheet took for a number: with an exponent, or all long codes alike ending in noughts."""
    long = [unit for unit in units if unit.code.isdigit() and len(unit.code) > _KEPT]
    if len(long) > 1 and all(unit.code[_KEPT:].strip("0") == "" for unit in long):
        return long[0]
    return next((unit for unit in units if _EXPONENT.fullmatch(folded(unit.code))), None)


def _is_unit(row: Mapping[str, Any], file: str) -> bool:
    """Whether a row is of a unit: not blank, not the sum at the foot; Unreadable for values that are no text."""
    for key in ("name", "code", "superior", "reason"):
        if not isinstance(value := row.get(key), str | int | None) or isinstance(value, bool):
            raise Unreadable(file, f"名录中“{_HEADS[key][0]}”的值“{value}”不是文字", ADVICE)
    name = folded(_text(row.get("name")))
    return bool(name) and not re.fullmatch(r"(?:合计|总计|小计|共计)(?::?\d*个?(?:单位)?)", name)


def _check(roster: Roster, file: str) -> None:
    for what, keys in (
        ("代码", [code_key(u.code) for u in roster.units if u.code]),
        ("单位", [folded(u.name) for u in roster.units]),
    ):
        if twice := next((k for k, n in _counts(keys).items() if n > 1), None):
            raise Unreadable(file, f"名录中{what}“{twice}”重复出现", "请删去重复的一行")
    for unit in roster.units:
        seen = {unit.name}
        for superior in roster.above(unit.name):
            if superior in seen:
                raise Unreadable(file, f"名录中“{unit.name}”的上级互为上下级", "请改正“上级”一列")
            seen.add(superior)


def _counts(keys: Sequence[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    return counts


def _unit(row: Mapping[str, Any]) -> Unit:
    return Unit(
        _text(row["name"]),
        _text(row.get("code")),
        _list(row.get("aliases")),
        _text(row.get("superior")),
        _list(row.get("exclude")),
        _text(row.get("reason")),
        _yes(row.get("node")),
        _yes(row.get("same")),
        " ".join(filter(None, (_text(row.get("contact")), _text(row.get("phone"))))),
    )


def _yes(value: Any) -> bool:
    return folded(_text(value)) in ("是", "y", "yes", "true", "1", "√", "已核实", "属实")


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _list(value: Any) -> tuple[str, ...]:
    return (
        tuple(map(_text, value))
        if isinstance(value, list)
        else tuple(_text(value).translate(_SEPARATORS).split())
    )


def _records(path: Path) -> list[dict[str, Any]]:
    if path.suffix.lower() == ".json":
        return _json(path)
    rows = _sheet(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _csv(path)
    for n, row in enumerate(rows[:10]):
        heads = {c: key for c, text in enumerate(row) if (key := _head(text))}
        if "name" in heads.values():
            return [{key: r[c] for c, key in heads.items() if c < len(r)} for r in rows[n + 1 :]]
    raise Unreadable(path.name, "没有找到名录的表头", ADVICE)


def _head(text: str) -> str:
    bare = folded(text)
    return next((key for key, heads in _HEADS.items() if bare in heads), "")


def _sheet(path: Path) -> list[list[str]]:
    package = read_package(path)
    if COVER in package.names:  # whose cover also has a line for the agency
        raise Unreadable(path.name, "是年报工作簿，不是单位名录", ADVICE)
    cells = package.sheets["名录" if "名录" in package.names else package.names[0]]
    width, height = max((c for _, c in cells), default=0), max((r for r, _ in cells), default=0)
    if height * width > 20_000_000:
        raise Unreadable(path.name, "名录的表格过大", ADVICE)
    blank = [""] * width
    rows = [list(blank) for _ in range(height)]
    for (row, column), value in cells.items():
        rows[row - 1][column - 1] = value.text
    return rows


def _csv(path: Path) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(_decoded(path), newline="")))
    except csv.Error:
        raise Unreadable(path.name, "名录不是完整的 CSV", ADVICE) from None


def _json(path: Path) -> list[dict[str, Any]]:
    data = loads(_decoded(path).encode(), path.name, todo=ADVICE)
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise Unreadable(path.name, "名录的 JSON 须是由对象组成的数组", ADVICE)
    return [{_head(str(key)): value for key, value in row.items()} for row in data]


def _decoded(path: Path) -> str:
    data = bounded(path, LARGEST, "请核对名录的文件名和所在文件夹")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(path.name, "名录的文字编码不能识别", "请另存为 UTF-8 编码的 CSV 后重试")
