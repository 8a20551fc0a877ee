"""What a reader of a page would see beside figures and text: scripts, styles, links, pictures, whatever was added.

A page, fragment or picture of ours is compared with the one that would be exported of the same report, token by token.
In a site's own page only the part that holds the report is looked at; how the site lays it out is its own affair.
"""

import difflib
import html
import itertools
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import quote, unquote

from nianbao.core.report import Report, dense
from nianbao.core.text import shortened
from nianbao.export.export import OFFERED, file_name
from nianbao.export.html import Download, fragment, page
from nianbao.export.text import Issue, words

#: Tokens of a page; one of ours has some three thousand.
MOST = 60_000
_SEAL = re.compile(r"\s*nianbao [0-9a-f]{64}\s*")
_GENERATOR = re.compile(r'<meta\s+name="generator"\s+content="nianbao"')
#: Elements that show something which no text of the report is, or hide or reverse what is one.
_STRANGE = frozenset(
    [
        "script",
        "style",
        "link",
        "iframe",
        "frame",
        "object",
        "embed",
        "applet",
        "svg",
        "math",
        "canvas",
        "video",
        "audio",
        "textarea",
        "input",
        "select",
        "option",
        "button",
        "marquee",
        "template",
        "noscript",
        "del",
        "s",
        "strike",
        "bdo",
        "img",
        "picture",
        "map",
        "dialog",
        "details",
        "slot",
        "portal",
        "base",
        "form",
        "meter",
        "progress",
    ]
)
#: Styles by which text is hidden, struck, moved over other text, or made by the style itself.
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:|opacity|position\s*:\s*(?:absolute|fixed|sticky)|line-through|font-size\s*:\s*0"
    r"|font\s*:|clip|transform|filter|content\s*:|background(?:-image)?\s*:[^;]*url|-index|float|direction|unicode-bidi"
    r"|text-indent\s*:\s*-|margin[a-z-]*\s*:[^;]*-\d|color\s*:\s*(?:#f{3}\b|#f{6}|white|transparent)|zoom|(?:max-)?(?:width|height)\s*:\s*0",
    re.IGNORECASE,
)


class PageToken(NamedTuple):
    """A tag with its attributes, a text, a comment or a declaration."""

    kind: str
    text: str
    attributes: tuple[tuple[str, str], ...] = ()


class Seen(NamedTuple):
    """What differs for a reader, and what differs without one seeing it.

    ``rest``: what must have been changed where nothing else was, as the file is another one.
    """

    differences: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    rest: str = ""


def compare(text: str, report: Report, stamped: str | None) -> Seen:
    """A page against the report; ``stamped`` is the fingerprint that the page carries."""
    if stamped:
        text = text.replace(stamped, report.fingerprint())
    shape = _shape(text)
    there = tokens(text)
    if len(there) > MOST:
        return Seen(("网页的标记比年报多得多，无法逐项核对",))
    if shape == "infographic":
        return Seen(("是旧格式的一图读懂网页，无法逐项核对，请重新导出",))
    if shape == "site":
        return Seen(tuple(_within(there, report)), tuple(_outside(there)))
    messages = [*_changes(_expected(text, there, report, shape), there)]
    return Seen(tuple(dict.fromkeys(messages)), rest="空白、换行或注释有改动")


def tokens(text: str) -> list[PageToken]:
    """The page taken apart; white space and the digest at its end do not count."""
    parser = _Parser()
    parser.feed(text)
    parser.close()
    parser.flush()
    return parser.tokens


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tokens: list[PageToken] = []
        self._data: list[str] = []

    def flush(self) -> None:
        text = " ".join("".join(self._data).split())
        self._data = []
        if text:
            self.tokens.append(PageToken("text", text))

    def _add(self, kind: str, text: str, attributes: Sequence[tuple[str, str | None]] = ()) -> None:
        self.flush()
        self.tokens.append(PageToken(kind, text, tuple((name, value or "") for name, value in attributes)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add("tag", tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add("tag", tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._add("end", tag)

    def handle_data(self, data: str) -> None:
        self._data.append(data)

    def handle_comment(self, data: str) -> None:
        if re.match(r"\[if|\[endif", data.strip(), re.IGNORECASE):  # old browsers act upon these
            self._add("conditional", data)

    def handle_decl(self, decl: str) -> None:
        self._add("declaration", decl.lower())

    def handle_pi(self, data: str) -> None:
        self._add("instruction", data)

    def unknown_decl(self, data: str) -> None:
        self._add("declaration", data)


def _shape(text: str) -> str:
    head, _, rest = text.partition("</head>")
    if _GENERATOR.search(head) and rest:
        return "infographic" if 'content="infographic"' in head else "page"
    whole = re.search(r"<(?:html|body|head)\b", text, re.IGNORECASE)
    return "fragment" if _GENERATOR.search(text) and not whole else "site"


def _expected(text: str, there: Sequence[PageToken], report: Report, shape: str) -> list[PageToken]:
    """What would be exported of the report, issued on the day and with the downloads that the page names."""
    draft = words(report.form.language)["draft_note"] in text.partition("<h1")[0]
    issue = Issue(draft, _published(there))
    if shape == "fragment":
        return tokens(fragment(report, issue))
    return tokens(page(report, _downloads(there, report, draft), issue))


def _published(there: Sequence[PageToken]) -> datetime:
    dates = [dict(token.attributes).get("content", "") for token in there if token.text == "meta"]
    for date in dates:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", date):
            try:
                return datetime.fromisoformat(date)
            except ValueError:
                break
    return datetime(2000, 1, 1)


def _downloads(there: Sequence[PageToken], report: Report, draft: bool) -> list[Download]:
    """The downloads that the page offers, each with the name that the export gives it."""
    fixed = words(report.form.language)
    labels = {fixed[kind]: kind for kind in OFFERED}
    downloads: list[Download] = []
    for token, after in itertools.pairwise(there):
        kind = labels.get(after.text) if token.text == "a" and after.kind == "text" else None
        if token.kind != "tag" or kind is None or any(kind == link.kind for link in downloads):
            continue
        name, href = file_name(report, kind, draft=draft), dict(token.attributes).get("href", "")
        stem, _, ending = name.rpartition(".")
        again = re.fullmatch(rf"{re.escape(stem)}\(\d{{1,4}}\)\.{re.escape(ending)}", unquote(href))
        downloads.append(Download(kind, unquote(href) if again and quote(unquote(href)) == href else name))
    return downloads


def _changes(due: Sequence[PageToken], there: Sequence[PageToken]) -> Iterator[str]:
    """What was added, taken away or changed, a sentence each."""
    start = 0
    while start < min(len(due), len(there)) and due[start] == there[start]:
        start += 1
    end = 0
    while end < min(len(due), len(there)) - start and due[-1 - end] == there[-1 - end]:
        end += 1
    ours, theirs = due[start : len(due) - end], there[start : len(there) - end]
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=len(ours) > 4_000)
    for operation, a, b, c, d in matcher.get_opcodes():
        if operation != "equal":
            yield from _change(ours[a:b], theirs[c:d])


def _change(gone: Sequence[PageToken], new: Sequence[PageToken]) -> Iterator[str]:
    if len(gone) == len(new) == 1 and gone[0].kind == new[0].kind:
        old, now = gone[0], new[0]
        if old.kind == "text":
            yield f"应为“{_short(old.text)}”，文件中是“{_short(now.text)}”"
            return
        if old.kind == "tag" and old.text == now.text:
            yield _attributes(old, now)
            return
    yield from (f"少了{_named(token)}" for token in gone if token.kind != "end")
    yield from (f"多出{_named(token)}" for token in new if token.kind != "end")
    if not any(token.kind != "end" for token in (*gone, *new)):
        yield "标记的嵌套有改动"


def _attributes(old: PageToken, new: PageToken) -> str:
    before, after = dict(old.attributes), dict(new.attributes)
    if old.text == "a" and before.get("href") != after.get("href"):
        return f"链接应指向“{_short(unquote(before.get('href', '')))}”，文件中指向“{_short(after.get('href', ''))}”"
    if old.text == "meta":
        return f"网页属性“{before.get('name') or before.get('http-equiv', '')}”应为“{_short(before.get('content', ''))}”，文件中是“{_short(after.get('content', ''))}”"
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    doubled = len(new.attributes) != len(after)
    what = "、".join(changed) or ("重复的属性" if doubled else "属性的次序")
    return f"标记 <{old.text}> 的 {what} 有改动"


def _named(token: PageToken) -> str:
    match token.kind, token.text:
        case "text", text:
            return f"文字“{_short(text)}”"
        case "tag", "script":
            return "脚本"
        case "tag", "style" | "link":
            return "样式表"
        case "tag", "img" | "svg" | "canvas" | "picture" | "video" | "object" | "embed" | "iframe":
            return f"图片或嵌入的内容 <{token.text}>"
        case "tag", tag:
            shown = "".join(f' {name}="{_short(value)}"' for name, value in token.attributes[:3])
            return f"标记 <{tag}{shown}>"
        case _:
            return f"网页声明“{_short(token.text)}”"


def _within(there: Sequence[PageToken], report: Report) -> Iterator[str]:
    """What does not belong there within the report's part of a site's page."""
    start, end = _part(there, report)
    skipped = ""
    for token in there[start:end]:
        if token.kind == "tag":
            attributes = dict(token.attributes)
            style = " ".join(value for name, value in token.attributes if name == "style")
            if token.text in _STRANGE:
                yield f"正文中有{_named(token)}"
                skipped = token.text
            if match := _HIDING.search(style):
                yield f"正文中 <{token.text}> 的样式“{_short(match[0])}”会遮住、移动或隐藏文字"
            if "hidden" in attributes or any(name.startswith("on") for name in attributes):
                yield f"正文中 <{token.text}> 带有隐藏或脚本属性"
        elif token.kind == "end" and token.text == skipped:
            skipped = ""
        elif token.kind == "text" and skipped:
            yield f"正文中有不属于报告的文字“{_short(token.text)}”"
        elif token.kind in ("conditional", "instruction"):
            yield f"正文中有网页声明“{_short(token.text)}”"


def _part(there: Sequence[PageToken], report: Report) -> tuple[int, int]:
    """From the first heading of the report to the last text that belongs to it."""
    first, last = dense(report.form.sections[0].heading), report.form.sections[-1]
    starts = [n for n, token in enumerate(there) if token.kind == "text" and first in dense(token.text)]
    start = starts[-1] if starts else 0
    texts = report.narrative.get(last.key, ())
    ends = {dense(last.heading), *(dense(text)[-12:] for text in texts if dense(text))}
    parts = [
        n
        for n, token in enumerate(there[start:], start)
        if token.kind == "text" and any(dense(token.text).endswith(end) for end in ends)
    ]
    return start, (parts[-1] + 1 if parts else len(there))


def _outside(there: Sequence[PageToken]) -> Iterator[str]:
    scripts = sum(token.kind == "tag" and token.text == "script" for token in there)
    sheets = sum(token.kind == "tag" and token.text in ("style", "link") for token in there)
    yield "不是导出的原文件，而是网站自己的网页" + (
        f"（另有脚本 {scripts} 段、样式 {sheets} 处，它们怎样显示没有核对）" if scripts or sheets else ""
    )


def _short(text: str) -> str:
    text = html.unescape(" ".join(text.split()))
    return shortened(text, 60, tail=16)
