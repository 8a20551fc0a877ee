"""The detail and the findings for machines: parquet, csv, json, in pieces, so that memory stays flat."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nianbao.consolidate.result import Result, rule_words
from nianbao.core.files import into_place
from nianbao.core.finding import SEVERITY_WORDS
from nianbao.core.form import Form
from nianbao.core.grid import Cell
from nianbao.core.number import to_json
from nianbao.core.text import guarded

if TYPE_CHECKING:
    import pyarrow


KINDS = ("parquet", "csv", "json")
DETAIL, PROBLEMS = "单位明细", "问题清单"
PIECE = 2_000
_UNIT = ("unit", "code", "superior", "state", "file", "year", "excluded")
#: The same in a table for people; the indicators' codes stand in a file of their own beside it.
_UNIT_HEADS = ("单位", "代码", "上级", "处理结果", "文件", "年度", "不计入指标")
_PROBLEM_HEADS = ("单位", "文件", "性质", "规则", "问题", "处理建议", "工作表", "单元格", "审核说明")
CODES_OF = "指标代码"
_PROBLEM = ("unit", "file", "severity", "rule", "message", "advice", "sheet", "cell", "explanation")
Row = Sequence[Any]


def data_files(summary: Path, kinds: Iterable[str]) -> list[Path]:
    """The files that will be written beside a summary."""
    return [
        _target(summary, what, kind)
        for kind in kinds
        for what in (DETAIL, PROBLEMS, *((CODES_OF,) if kind == "csv" else ()))
    ]


def _target(summary: Path, what: str, kind: str) -> Path:
    return summary.with_name(f"{summary.stem}.{what}.{kind}")


def write_data(result: Result, summary: Path, kinds: Iterable[str]) -> list[Path]:
    """Write the detail (a row a unit, a column a cell, exact figures) and the findings in the kinds asked for.

    Where the detail does not fit the workbook, it is written as csv even if not asked for. Gives the files.
    """
    wanted = list(dict.fromkeys(kinds))
    if len(result.detail) < len(result.lines) and "csv" not in wanted:
        wanted.append("csv")
    for kind in wanted:
        cells, detail, problems = (
            result.form.cells,
            _target(summary, DETAIL, kind),
            _target(summary, PROBLEMS, kind),
        )
        if kind == "csv":
            names = tuple(map(result.form.name, cells))
            _csv(detail, [*_UNIT_HEADS, *names], _detail(result, result.form.name), None)
            _csv(problems, _PROBLEM_HEADS, _problem_words(result), None)
            _csv(
                _target(summary, CODES_OF, kind),
                ("指标", "代码"),
                zip(names, map(str, cells), strict=True),
                None,
            )
            continue
        types = _Types(result.form, max(result.totals.places, default=0))
        _WRITERS[kind](detail, [*_UNIT, *map(str, cells)], _detail(result, str), types)
        _WRITERS[kind](problems, _PROBLEM, _problems(result), None)
    return data_files(summary, wanted)


def _detail(result: Result, called: Callable[[Cell], str]) -> Iterator[Row]:
    for line in result.lines:
        figures = result.figures(line)
        excluded = " ".join(called(result.form.cells[n]) for n in sorted(line.without))
        year = result.report.year
        yield (line.name, line.code, line.superior, line.state, line.file, year, excluded, *figures)


def _problems(result: Result) -> Iterator[Row]:
    for unit, file, findings in result.problems():
        yield from ((unit, file, *item[: len(_PROBLEM) - 2]) for item in findings)


def _problem_words(result: Result) -> Iterator[Row]:
    """The problems as people read them: severity and rule by name."""
    for unit, file, findings in result.problems():
        for item in findings:
            severity, rule = SEVERITY_WORDS[item.severity], rule_words(result.form, item)
            yield (
                unit,
                file,
                severity,
                rule,
                item.message,
                item.advice,
                item.sheet,
                item.cell,
                item.explanation,
            )


class _Types:
    """The parquet types of the detail's columns: whole numbers, or decimals with their places."""

    def __init__(self, form: Form, places: int) -> None:
        self.form, self.places = form, max(places, 6)

    def schema(self) -> "pyarrow.Schema":
        import pyarrow as pa

        words = [(name, pa.int64() if name == "year" else pa.string()) for name in _UNIT]
        exact = pa.decimal128(30, self.places)
        cells = [(str(c), exact if self.form.column(c).decimals else pa.int64()) for c in self.form.cells]
        return pa.schema([*words, *cells])


def _pieces(rows: Iterable[Row]) -> Iterator[list[Row]]:
    source = iter(rows)
    return iter(lambda: list(islice(source, PIECE)), [])


def _csv(target: Path, columns: Sequence[str], rows: Iterable[Row], types: _Types | None) -> None:
    import pandas as pd

    with into_place(target) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        pd.DataFrame(columns=list(columns)).to_csv(file, index=False)
        for piece in _pieces(rows):
            safe = [[guarded(value) if isinstance(value, str) else value for value in row] for row in piece]
            pd.DataFrame(safe, dtype=object).to_csv(file, index=False, header=False)


def _json(target: Path, columns: Sequence[str], rows: Iterable[Row], types: _Types | None) -> None:
    with into_place(target) as temporary, temporary.open("w", encoding="utf-8") as file:
        comma = "["
        for row in rows:
            record = dict(zip(columns, map(to_json, row), strict=True))
            file.write(f"{comma}\n{json.dumps(record, ensure_ascii=False)}")
            comma = ","
        file.write("[]\n" if comma == "[" else "\n]\n")


def _parquet(target: Path, columns: Sequence[str], rows: Iterable[Row], types: _Types | None) -> None:
    import pandas as pd
    import pyarrow as pa
    from pyarrow import parquet

    schema = types.schema() if types else pa.schema([(name, pa.string()) for name in columns])
    with into_place(target) as temporary, parquet.ParquetWriter(temporary, schema) as writer:
        for piece in _pieces(rows):
            frame = pd.DataFrame(piece, columns=list(columns), dtype=object)
            writer.write_table(pa.Table.from_pandas(frame, schema=schema, preserve_index=False))


_WRITERS: dict[str, Callable[[Path, Sequence[str], Iterable[Row], _Types | None], None]] = {
    "parquet": _parquet,
    "csv": _csv,
    "json": _json,
}
