"""A published page → lines and tables, whatever its mark-up. Nothing is fetched, nothing is run."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nianbao.core.files import Unreadable
from nianbao.ingest import words
from nianbao.ingest.blocks import Block, Line, RawCell, RawTable, Source, gathered

if TYPE_CHECKING:
    from lxml.etree import _Element

#: More tags than this no page of a report has, nor more attributes in one tag: what compares them takes hours.
TAGS = 1_000_000
ATTRIBUTES = 2_000
_LONG = 10_000
#: So many headings among a page's spans are the report's.
HEADINGS = 3
_SKIPPED = frozenset(
    [
        "head",
        "script",
        "style",
        "noscript",
        "template",
        "select",
        "option",
        "button",
        "textarea",
        "iframe",
        "object",
        "svg",
        "math",
        "nav",
        "aside",
        "footer",
        "del",
        "s",
        "strike",
        "audio",
        "video",
        "map",
        "canvas",
    ]
)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "section",
        "article",
        "main",
        "header",
        "center",
        "blockquote",
        "pre",
        "table",
        "tbody",
        "thead",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
        "form",
        "fieldset",
        "address",
        "figure",
        "figcaption",
        "hr",
        "body",
    ]
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
#: Rules of a style sheet, those for some screens or for print apart, and a selector that is but a class or an id.
_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_MEDIA = re.compile(r"@[\w-]+[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_SIMPLE = re.compile(r"\w*[.#][\w-]+")
#: What is laid out as a block or a cell whatever its name, where spaces and line ends are kept, and what is read as
#: a heading of the report where a page is nothing but spans.
_LAID_OUT = re.compile(
    r"display\s*:\s*(?:block|flex|grid|list-item|table|table-row|table-cell)\b", re.IGNORECASE
)
_ROLES = frozenset(
    ["table", "row", "rowgroup", "cell", "gridcell", "rowheader", "columnheader", "heading", "paragraph"]
)
_KEPT = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_NUMBERED = re.compile(r"\s*[一二三四五六]、[^。，；：]{2,30}\s*")
_BREAKS = re.compile(r"[ ]*[\t\r\n\f\v][ \t\r\n\f\v]*")
#: What ends a page: the parser would leave out whatever stands behind it.
_ENDS = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_TITLES = ("articletitle", "og:title", "title")


def read(text: str, name: str) -> Source:
    """The page's lines and tables in order; ``Unreadable`` where it is nested deeper or larger than any page."""
    from lxml import etree, html

    if text.count("<") > TAGS or _crowded(text):
        raise Unreadable(name, "网页标记太多，不是一份年度报告的页面", "请只保存年度报告这一页后再导入")
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(_ENDS.sub("", text).encode("utf-8", "replace"), parser=parser)
        _hide(root)
    except (etree.ParserError, etree.XMLSyntaxError):
        raise Unreadable(name, "网页里没有内容", "请重新保存网页后再导入") from None
    if any("depth" in entry.message for entry in parser.error_log):
        raise Unreadable(name, "网页嵌套过深，不是正常的页面", "请把正文复制为文本文件后再导入")
    pictures = next(root.iter("img", "image"), None) is not None
    blocks = gathered(_Walk(root).blocks(), name)
    if _run_together(root, blocks):
        blocks = gathered(_Walk(root, spans=True).blocks(), name)
    return Source(blocks, tuple(_titles(root)), (), pictures)


def _run_together(root: "_Element", blocks: Sequence[Block]) -> bool:
    """Whether most headings of a page are spans that only a style sheet elsewhere puts on lines of their own."""
    spans = [span.text.strip() for span in root.iter("span") if span.text and _NUMBERED.fullmatch(span.text)]
    lines = {block.text for block in blocks if isinstance(block, Line)}
    return len(spans) >= HEADINGS and sum(text in lines for text in spans) < len(spans) / 2


def _hide(root: "_Element") -> None:
    """Mark what a style sheet of the page itself hides by class or id: copies for other screens, older versions."""
    sheets = "".join(_COMMENT.sub("", str(style.xpath("string()"))) for style in root.iter("style"))
    rules = (rule for rule in _RULE.findall(_MEDIA.sub("", sheets)) if _HIDDEN.search(rule[1]))
    names = {name.strip() for selectors, _ in rules for name in selectors.split(",")}
    simple = {name for name in names if _SIMPLE.fullmatch(name)}
    for element in root.iter() if simple else ():
        own = {f".{name}" for name in (element.get("class") or "").split()} | {f"#{element.get('id')}"}
        if own & simple or {f"{element.tag}{name}" for name in own} & simple:
            element.set("hidden", "hidden")


def _crowded(text: str) -> bool:
    """Whether a tag has more attributes than any tag has; long values count as one."""
    long = (piece for piece in text.split("<") if len(piece) > _LONG)
    return any(len(_QUOTED.sub("", piece).split()) > ATTRIBUTES for piece in long)


def _titles(root: "_Element") -> Iterator[str]:
    for meta in root.iter("meta"):
        if (meta.get("name") or meta.get("property") or "").lower() in _TITLES:
            yield words.trim(meta.get("content") or "")
    for title in root.iter("title", "h1"):
        yield words.trim(" ".join(str(title.xpath("string()")).split())[:200])


class _Walk:
    """One pass over the tree; text gathers until a block begins or ends. ``spans``: each is a block, too."""

    def __init__(self, root: "_Element", spans: bool = False) -> None:
        self._root, self._spans = root, spans
        self._blocks: list[Block] = []
        self._text: list[str] = []
        self._heading = self._kept = 0

    def blocks(self) -> Iterator[Block]:
        from lxml import etree

        walk: Any = etree.iterwalk(self._root, events=("start", "end"))
        for event, element in walk:
            tag = element.tag
            if event == "start":
                self._start(element, tag, walk)
            else:
                self._end(element, tag)
            yield from self._ready()
        self._flush()
        yield from self._ready()

    def _ready(self) -> list[Block]:
        """The blocks that are complete, each once."""
        ready, self._blocks = self._blocks, []
        return ready

    def _start(self, element: "_Element", tag: str, walk: Any) -> None:
        if _skipped(element):
            walk.skip_subtree()
            return
        if tag == "br" and not self._heading:
            self._flush()
        if self._is_block(element):
            self._flush()
        if tag in _HEADINGS:
            self._heading += 1
        if _keeps_lines(element):
            self._kept += 1
        if tag == "table" and not _is_layout(element):
            self._blocks.append(_table(element))
            walk.skip_subtree()
            return
        self._add(element.text)

    def _end(self, element: "_Element", tag: str) -> None:
        if tag in _HEADINGS and not _skipped(element):
            self._heading -= 1
        if self._is_block(element):
            self._flush()
        if _keeps_lines(element) and not _skipped(element):
            self._kept -= 1
        self._add(element.tail)

    def _is_block(self, element: "_Element") -> bool:
        return _is_block(element) or (self._spans and element.tag == "span")

    def _add(self, text: str | None) -> None:
        """More text of the line; where line ends are kept, each ends one."""
        pieces = (text or "").split("\n") if self._kept else [text or ""]
        for piece in pieces[:-1]:
            self._text.append(piece)
            self._flush()
        self._text.append(pieces[-1])

    def _flush(self) -> None:
        text = words.trim(_joined("".join(self._text)))
        self._text = []
        if text:
            self._blocks.append(Line(text))


def _is_block(element: "_Element") -> bool:
    """Whether an element stands on lines of its own: by its name, as an element of a site's own, by style or role."""
    tag, role = element.tag, element.get("role")
    return (
        tag in _BLOCKS or "-" in tag or role in _ROLES or bool(_LAID_OUT.search(element.get("style") or ""))
    )


def _keeps_lines(element: "_Element") -> bool:
    return element.tag == "pre" or bool(_KEPT.search(element.get("style") or ""))


def _skipped(element: "_Element") -> bool:
    """Whether an element is no text of the page: hidden, a menu, a link before everything to a place in the page."""
    parent = element.getparent()
    return (
        element.tag in _SKIPPED
        or (
            element.tag == "a"
            and parent is not None
            and parent.tag == "body"
            and (element.get("href") or "").startswith("#")
        )
        or element.get("hidden") is not None
        or bool(_HIDDEN.search(element.get("style") or ""))
    )


def _joined(text: str) -> str:
    """Line ends of the mark-up taken out: nothing between Chinese characters, else one space."""

    def between(match: re.Match[str]) -> str:
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        return "" if _wide(before) and _wide(after) else " "

    return _BREAKS.sub(between, text)


def _wide(character: str) -> bool:
    return not character or ord(character) >= 0x2E80


def _rows(table: "_Element") -> list["_Element"]:
    rows: list[_Element] = []
    for child in table:
        if child.tag == "tr":
            rows.append(child)
        elif child.tag in ("thead", "tbody", "tfoot"):
            rows += [row for row in child if row.tag == "tr"]
    return rows


def _cells(row: "_Element") -> list["_Element"]:
    return [cell for cell in row if cell.tag in ("td", "th") and not _skipped(cell)]


def _is_layout(table: "_Element") -> bool:
    """Whether a table only arranges the page: one column, or a table of several cells within it."""
    rows = [_cells(row) for row in _rows(table)]
    if all(len(row) <= 1 for row in rows):
        return True
    inner = (t for t in table.iterdescendants("table"))
    return any(sum(len(_cells(row)) for row in _rows(t)) > 1 for t in inner)


def _table(table: "_Element") -> RawTable:
    rows = []
    for row in _rows(table):
        if not _skipped(row):
            rows.append(tuple(_cell(cell) for cell in _cells(row)))
    return RawTable(tuple(rows))


def _cell(cell: "_Element") -> RawCell:
    return RawCell(_cell_text(cell), _span(cell, "rowspan"), _span(cell, "colspan"))


def _span(cell: "_Element", name: str) -> int:
    """A span as browsers read it: the leading digits, 1 where there are none, rowspan 0 to the end."""
    match = re.match(r"\s*(\d{1,4})", cell.get(name) or "1")
    span = int(match[1]) if match else 1
    return span or (65_534 if name == "rowspan" else 1)


def _cell_text(cell: "_Element") -> str:
    """The cell's text, its paragraphs one a line; a raised figure is a footnote's and put in brackets."""
    from lxml import etree

    parts: list[str] = [cell.text or ""]
    walk: Any = etree.iterwalk(cell, events=("start", "end"))
    for event, element in walk:
        if element is cell:
            continue
        if event == "start" and _skipped(element):
            walk.skip_subtree()
            continue
        if element.tag == "br" or _is_block(element):
            parts.append("\x00")
        if event == "start":
            parts.append("[" if element.tag in ("sup", "sub") else "")
            parts.append(element.text or _typed(element))
        else:
            parts.append("]" if element.tag in ("sup", "sub") else "")
            parts.append(element.tail or "")
    text = "".join(parts).replace("[]", "").replace("[[", "[").replace("]]", "]")
    lines = (words.trim(_joined(line)) for line in text.split("\x00"))
    return "\n".join(line for line in lines if line)


def _typed(element: "_Element") -> str:
    """What a field of a form in a cell shows."""
    shown = element.tag == "input" and (element.get("type") or "text").lower() in ("text", "number", "tel")
    return element.get("value") or "" if shown else ""
