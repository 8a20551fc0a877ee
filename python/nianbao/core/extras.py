"""What a form names besides its tables and rules: items that may be left out of sums, charts of a summary."""

from collections.abc import Iterator, Mapping
from typing import Any


def keys(data: Mapping[str, Any]) -> Iterator[str]:
    """Every key that these use; ``table.@group.column`` stands for the rows of a group."""
    for keys in data.get("excludable", {}).values():
        yield from keys
    for chart in data.get("charts", ()):
        yield from (key for part in chart.get("parts", ()) for key in part["cells"])
        yield from (f"{chart['table']}.{r}.{c}" for r in chart.get("rows", ()) for c in chart["columns"])
