"""What one of our pages says of itself outside the report's text: title, meta data, basic facts, contents list."""

import json
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

from nianbao.core.report import Report, dense
from nianbao.export.html import page

#: Meta data that is not about the report, or is compared elsewhere.
_OTHER = frozenset({"viewport", "generator", "robots", "nianbao-fingerprint"})
#: What is compared of the JSON-LD.
_DATASET = ("name", "description", "temporalCoverage")
_GENERATOR = '<meta name="generator" content="nianbao">'


def differences(text: str, report: Report) -> Iterator[str]:
    """What a page of ours, or one with our fragment in it, says of itself otherwise than the report's page would."""
    if _GENERATOR not in text:
        return
    there = _said(text)
    whole = _GENERATOR in text.partition("</head>")[0] and "schema.org" in text
    here = _said(page(report, draft="data-draft=" in text))
    names: dict[tuple[str, str], list[str]] = {}
    for key in (
        here.keys() & there.keys() if whole else {k for k in here.keys() & there.keys() if "nianbao-" in k}
    ):
        if dense(here[key]) != dense(there[key]):
            names.setdefault((here[key], there[key]), []).append(key)
    for (due, said), keys in sorted(names.items()):
        yield f"{'、'.join(sorted(keys))}应为“{due}”，文件中是{f'“{said}”' if said else '空白'}"


def _said(text: str) -> Mapping[str, str]:
    """What the page says of itself, by a Chinese name for each place."""
    parser = _Parser()
    parser.feed(text)
    parser.close()
    return parser.said | dict(_dataset(parser.script))


def _dataset(script: str) -> Iterator[tuple[str, str]]:
    try:
        data = json.loads(script)
    except (ValueError, RecursionError):
        return
    if not isinstance(data, dict):
        return
    for key in _DATASET:
        if isinstance(data.get(key), str):
            yield f"网页结构化数据“{key}”", data[key]
    creator = data.get("creator")
    if isinstance(creator, dict) and isinstance(creator.get("name"), str):
        yield "网页结构化数据“creator”", creator["name"]


class _Parser(HTMLParser):
    """Gathers the title, meta data, the list of basic facts and the links of the contents list."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: dict[str, str] = {}
        self.script = ""
        self._into = self._term = ""
        self._listed = 0
        self._contents = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        if tag == "meta" and given.get("name") and given["name"].lower() not in _OTHER:
            self.said.setdefault(f"网页属性“{given['name']}”", given.get("content") or "")
        elif tag == "script" and given.get("type") == "application/ld+json":
            self._into = "script"
        elif tag == "nav":
            self._contents = given.get("aria-labelledby") == "contents"
        elif tag == "a" and self._contents:
            self._listed += 1
            self._begin(f"目录第 {self._listed} 项")
        elif tag == "title":
            self._begin("网页标题")
        elif tag == "dt":
            self._into, self._term = "dt", ""
        elif tag == "dd" and self._term:
            self._begin(f"页首“{self._term.strip()}”一栏")

    def _begin(self, key: str) -> None:
        self._into = "" if key in self.said else key
        if self._into:
            self.said[key] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "title", "dt", "dd", "a"):
            self._into = ""
        self._contents = self._contents and tag != "nav"

    def handle_data(self, data: str) -> None:
        if self._into == "script":
            self.script += data
        elif self._into == "dt":
            self._term += data
        elif self._into:
            self.said[self._into] += data
