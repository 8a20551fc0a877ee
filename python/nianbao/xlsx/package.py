"""Closed workbooks (.xlsx, .xlsm) read as they stand: sheet names and the content of the sheets wanted.

Only the relationships, the workbook part, the shared strings and the wanted sheets are inflated. No link,
external reference or macro is followed. Parts are found as ECMA-376 part 2 says, through relationships.
"""

from __future__ import annotations

import errno
import re
import stat
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from nianbao.core.files import Unreadable
from nianbao.xlsx import expat, plans, scan
from nianbao.xlsx.container import Container, Part, refuse_content, refuse_package
from nianbao.xlsx.value import (
    MAIN,
    STRICT_MAIN,
    Defect,
    Limits,
    Sheet,
    Value,
    too_large,
)

__all__ = ["Inside", "Limits", "Package", "Sheet", "Value", "read_inside", "read_package"]

_RELATIONSHIP = "http://schemas.openxmlformats.org/package/2006/relationships Relationship"
_OFFICE = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
NO_BOUNDS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True)
class Package:
    """What was read: `names` of all sheets in order, `sheets` by name, only those wanted and present."""

    names: tuple[str, ...]
    sheets: Mapping[str, Sheet]


def read_package(
    source: str | Path | bytes,
    wanted: Collection[str] | None = None,
    *,
    columns: Mapping[str, int] = NO_BOUNDS,
    limit: Limits = Limits(),  # noqa: B008 (frozen)
    careful: bool = False,
    path: str = "",
) -> Package:
    """Read a closed workbook, from its path or its bytes.

    `wanted` names the sheets to read (None: all); one that is missing is absent from the result. A chart
    sheet is an empty sheet. `columns` gives the last column to read (from 1) of the sheets named in it: a
    cell right of it is never in the result, and what follows it in its row need not be read. What follows
    the cells of a sheet (formats, validations) is not looked at where the part is of plain shape. `careful` reads every part with expat alone (slower, same result). `path`
    says where bytes come from.
    Raises Unreadable, one Chinese sentence, when the file is no readable workbook or exceeds `limit`.
    """
    name = (path or "（未命名文件）") if isinstance(source, bytes) else str(source)
    try:
        data = source if isinstance(source, bytes) else _content(Path(source), limit)
        if len(data) > limit.file:
            raise too_large("文件字节数超出上限")
        refuse_content(data, name)
        return _read(Container(data, limit), wanted, columns, limit, careful)
    except Defect as defect:
        raise Unreadable(name, defect.what, defect.todo) from None


@dataclass(frozen=True)
class Inside:
    """What a workbook holds beside contents: the structure of its sheets, its cell styles, its defined names."""

    sheets: Mapping[str, expat.Structure]
    looks: Sequence[tuple[bool, str]]
    names: Mapping[str, str]


def read_inside(source: Path, wanted: Collection[str], limit: Limits = Limits()) -> Inside:  # noqa: B008 (frozen)
    """Formulas, locks, formats and names of the wanted sheets; raises Unreadable as :func:`read_package` does."""
    try:
        container = Container(_content(source, limit), limit)
        main = _of_kind(_relations(container, ""), "officeDocument")
        if main is None:
            refuse_package(container, main)
        relations = _relations(container, main)
        parts = {
            name: relations[id].part
            for name, id in _listed(container, main).items()
            if name in wanted and id in relations and relations[id].kind == "worksheet"
        }
        sheets = {name: _structure(container.read(part), limit.cells) for name, part in parts.items()}
        styles = _of_kind(relations, "styles")
        looks = expat.looks(container.read(styles)) if styles else []
        return Inside(sheets, looks, expat.names(container.read(main)))
    except Defect as defect:
        raise Unreadable(str(source), defect.what, defect.todo) from None


_VALUES = re.compile(rb"<v>[^<]*</v>")


def _structure(data: bytes, limit: int) -> expat.Structure:
    """What a sheet holds beside values: the same in most workbooks that were made of one template."""
    bare = _VALUES.sub(b"", data)
    return _remembered(bare, limit) if len(bare) <= _SHEET else expat.structure(bare, limit)


#: Sheets without their values up to so many bytes are remembered.
_SHEET = 200_000


@lru_cache(maxsize=48)
def _remembered(bare: bytes, limit: int) -> expat.Structure:
    return expat.structure(bare, limit)


def content(path: Path) -> bytes:
    """The bytes of a file that may be a workbook; raises Unreadable when they cannot be had or are too many."""
    try:
        return _content(path, Limits())
    except Defect as defect:
        raise Unreadable(str(path), defect.what, defect.todo) from None


def _content(path: Path, limit: Limits) -> bytes:
    """The bytes of a regular file; raises Defect when they cannot be had or are more than allowed."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise Defect("这是文件夹，不是文件", "请指定其中的工作簿文件")
        if not stat.S_ISREG(status.st_mode):
            raise Defect("这不是普通文件", "请指定工作簿文件")
        if status.st_size > limit.file:
            raise too_large("文件字节数超出上限")
        with path.open("rb", buffering=0) as file:
            return file.read(status.st_size)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise Defect("找不到文件", "请核对文件名和所在文件夹") from None
    except PermissionError:
        raise Defect("没有权限读取", "请先在 Excel 或 WPS 中关闭该文件，并核对文件的访问权限") from None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise Defect("找不到文件", "请核对文件名和所在文件夹") from None
        raise Defect("读取失败", "请检查磁盘或网络连接，或把文件复制到本机后重试") from None


class _Relation(NamedTuple):
    """One internal relationship of a part: its kind ("worksheet") and the part that it points to."""

    kind: str
    part: str


def _relations(container: Container, part: str) -> dict[str, _Relation]:
    """The internal relationships of a part ("" for the package) by id; links to the outside are left out."""
    folder, _, base = part.rpartition("/")
    data = container.read(f"{folder}/_rels/{base}.rels".lstrip("/"))
    return _related(data, folder) if len(data) <= _SMALL else _related.__wrapped__(data, folder)


#: Parts up to so many bytes are remembered.
_SMALL = 8_000


@lru_cache(maxsize=64)
def _related(data: bytes, folder: str) -> dict[str, _Relation]:
    """Kept for the parts of late: they are the same in all the workbooks that one program made of a template."""
    relations = {}
    for name, attributes in expat.elements(data):
        if name != _RELATIONSHIP or attributes.get("TargetMode") == "External":
            continue
        family, _, kind = attributes.get("Type", "").rpartition("/")
        if family in _OFFICE:
            relations[attributes.get("Id", "")] = _Relation(
                kind, _resolve(folder, attributes.get("Target", ""))
            )
    return relations


def _resolve(folder: str, target: str) -> str:
    """The name of the part that `target` means when written in a part of `folder`."""
    target = target.replace("\\", "/")
    steps = [] if target.startswith("/") else folder.split("/")
    for step in target.split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(step for step in steps if step)


def _of_kind(relations: Mapping[str, _Relation], kind: str) -> str | None:
    return next((relation.part for relation in relations.values() if relation.kind == kind), None)


def _read(
    container: Container,
    wanted: Collection[str] | None,
    columns: Mapping[str, int],
    limit: Limits,
    careful: bool,
) -> Package:
    main = _of_kind(_relations(container, ""), "officeDocument") if "_rels/.rels" in container else None
    if main is None or main.lower().endswith(".bin"):
        refuse_package(container, main)
    listed = _listed(container, main)
    parts = {name: id for name, id in listed.items() if wanted is None or name in wanted}
    sheets = _sheets(container, main, parts, columns, limit, careful)
    return Package(tuple(listed), MappingProxyType(sheets))


def _listed(container: Container, main: str) -> Mapping[str, str]:
    """The relationship id of every sheet by its name, in order."""
    data = container.read(main)
    listed = _named(data) if len(data) <= _SMALL else _named.__wrapped__(data)
    if listed is None:
        refuse_package(container, main)
    if not listed:
        raise Defect("其中没有工作表")
    return listed


@lru_cache(maxsize=64)
def _named(data: bytes) -> Mapping[str, str] | None:
    """The same of a workbook part, None where it is none; kept for those of late, which are as alike as their relationships."""
    names = {f"{namespace} sheet" for namespace in (MAIN, STRICT_MAIN)}
    listed: dict[str, str] = {}
    elements = iter(expat.elements(data))
    if next(elements)[0] not in (f"{MAIN} workbook", f"{STRICT_MAIN} workbook"):
        return None
    for element, attributes in elements:
        if element not in names:
            continue
        name = attributes.get("name", "")
        if name in listed:
            raise Defect("内容有歧义（有重名的工作表）")
        listed[name] = next(
            (attributes[f"{family} id"] for family in _OFFICE if f"{family} id" in attributes), ""
        )
    return MappingProxyType(listed)


def _sheets(
    container: Container,
    main: str,
    parts: Mapping[str, str],
    columns: Mapping[str, int],
    limit: Limits,
    careful: bool,
) -> dict[str, Sheet]:
    if not parts:
        return {}
    relations = _relations(container, main)
    table = _of_kind(relations, "sharedStrings")
    strings = _strings(container.read(table), limit, careful) if table else []
    left, sheets = limit.cells, dict[str, Sheet]()
    for name, id in parts.items():
        relation = relations.get(id)
        if relation is None:
            raise Defect(f"内容不完整（找不到工作表“{name}”的数据）")
        cells = (
            _cells(container.part(relation.part), strings, left, columns.get(name), careful)
            if relation.kind == "worksheet"
            else {}
        )
        left -= len(cells)
        sheets[name] = MappingProxyType(cells)
    return sheets


def _strings(data: bytes, limit: Limits, careful: bool) -> list[str]:
    fast = None if careful else scan.strings(data, limit.strings)
    return expat.strings(data, limit.strings) if fast is None else fast


def _cells(
    part: Part, strings: list[str], limit: int, last: int | None, careful: bool
) -> dict[tuple[int, int], Value]:
    if careful:
        return expat.cells(scan.shortened(part.data, last) or part.data, strings, limit, last)
    if limit >= plans.ENOUGH:
        kind = plans.planned(part.data, last) if part.made is None else _recurring(part.data, part.made, last)
        if kind.plan and (by_plan := kind.plan.read(kind.values, strings)) is not None:
            return by_plan
    plain = scan.shortened(part.data, last)
    fast = None if plain is None else scan.cells(plain, strings, limit, last)
    return expat.cells(plain or part.data, strings, limit, last) if fast is None else fast


#: So many readings of different widths are kept of a part that recurs.
_WIDTHS = 4


def _recurring(data: bytes, made: dict[object, plans.Planned], last: int | None) -> plans.Planned:
    """A part that recurs with its plan, worked out once."""
    if last in made:
        return made[last]
    kind = plans.planned(data, last)
    if kind.plan and len(made) < _WIDTHS:
        kind = made[last] = plans.settled(kind.plan, kind.values)
    return kind
