"""What kind of file it is, by its content and within bounds → its lines and tables.

Plain text, Markdown and CSV, as copied from a page or saved from one, are read here; and PDF with text: PDFium tells
quickly what is written on each page; only where the labels of a form are does the slow search for drawn tables begin,
and it ends when all labels have been met.
"""

import csv
import io
import re
import struct
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nianbao.core import form as forms
from nianbao.core.files import Unreadable
from nianbao.core.form import Form
from nianbao.core.text import unified
from nianbao.ingest import html, office, words
from nianbao.ingest.blocks import LINES, Block, Line, RawCell, RawTable, Source, gathered, no_report, too_much
from nianbao.ingest.office import OfficeFile
from nianbao.ingest.pdf_layout import DrawnTable, PdfPage, characters, column_lines, framed, paragraphs
from nianbao.ingest.words import simplify

MEGABYTE = 1_048_576
#: Bounds: a page or a text, and any other file.
PAGE = 20 * MEGABYTE
FILE = 64 * MEGABYTE
#: What is larger than this, once inflated, is read in a process of its own.
SMALL = MEGABYTE
_TAG = re.compile(r"<\s*/?\s*(?:!doctype|html|body|table|tr|td|div|p|br|span|h[1-6])\b", re.IGNORECASE)
_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([\w-]{1,20})""", re.IGNORECASE
)
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_GUESSES = ("utf-8", "gb18030", "big5hkscs")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
#: Bounds of a PDF: pages, and characters of all of them.
PAGES = 300
CHARACTERS = 1_000_000
#: A page with more drawn edges than this, or more crossings of drawn lines, is a drawing and no table.
EDGES = 20_000
CROSSINGS = 20_000
#: Labels shorter than this may stand in any text.
TELLING = 4
#: Edges this near (points) are one; shorter pieces are part of one too.
_NEAR, _SHORT = 3, 8
_DAMAGED = ("PDF 已损坏，或内容过大", "请重新导出 PDF，或复制为文本文件后再导入")
_LOCKED = ("PDF 加了密码", "请去掉密码后再导入")


def load(source: Path | bytes, name: str) -> bytes:
    """The bytes of a source within bounds; ``Unreadable`` where they cannot be had, or there are none."""
    data = source if isinstance(source, bytes) else _load(source, name)
    if len(data) > FILE:
        raise Unreadable(name, "文件超过 64 MB", "请只导出年度报告这一份文件后再导入")
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable(name, "文件是空的", "请重新保存后再导入")
    return data


def heavy(data: bytes) -> bool:
    """Whether reading may take long: PDF always, other files where they are larger than reports are."""
    if len(data) > SMALL or _is_pdf(data):
        return True
    return data.startswith(b"PK") and _inflated(data) > SMALL


def _inflated(data: bytes) -> int:
    """How many bytes of text a zip file promises at most (no more comes out of it); 0 where it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return sum(
                part.file_size for part in package.infolist() if part.filename.endswith((".xml", ".rels"))
            )
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        return 0


def read(data: bytes, name: str, form: Form | None = None) -> Source:
    """The file taken apart (``form``: which it is known to be of); ``Unreadable`` says in one sentence why it cannot be."""
    return _unified(_taken_apart(data, name, form))


def _is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


def _unified(source: Source) -> Source:
    """All text without look-alikes of ideographs, which browsers print into PDF and staff paste from there."""
    titles = tuple(unified(title) for title in source.titles)
    return source._replace(blocks=tuple(map(_unified_block, source.blocks)), titles=titles)


def _unified_block(block: Block) -> Block:
    if isinstance(block, Line):
        return block._replace(text=unified(block.text), parts=tuple(map(unified, block.parts)))
    return RawTable(tuple(tuple(c._replace(text=unified(c.text)) for c in row) for row in block.rows))


def _load(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(FILE + 1)
    except OSError as error:
        raise not_opened(path, name, error) from None


def not_opened(path: Path, name: str, error: OSError) -> Unreadable:
    """Why a file could not be opened, in Chinese on every system."""
    if path.is_dir():  # Windows calls this a lack of rights
        return Unreadable(name, "是文件夹", "请指定其中的文件")
    if name.lower().startswith(("http:", "https:")):
        return Unreadable(name, "是网址，不从网上读取", "请在浏览器中打开，另存为网页文件后再导入")
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Unreadable(name, "没有这个文件", "请核对文件名和所在文件夹")
    if isinstance(error, PermissionError):
        return Unreadable(name, "没有读取权限", "请核对文件的访问权限，并关闭正在使用它的程序后再试")
    return Unreadable(name, "文件读不出来", "请检查磁盘或网络连接，或把文件复制到本机后再试")


def _taken_apart(data: bytes, name: str, form: Form | None) -> Source:
    if _is_pdf(data):
        return read_pdf(data, name, form)
    if data.startswith(b"PK"):
        return _office(data, name)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise _compound(data, name)
    if data.startswith(_PICTURES):
        raise Unreadable(name, "是图片，图片里的文字读不出来", "请改用网页、Word 或带文字的 PDF")
    return _page(data, name)


def _office(data: bytes, name: str) -> Source:
    parts = OfficeFile(data, name).names
    if office.WORD in parts:
        return office.read_word(data, name)
    if office.WORKBOOK in parts:
        return office.read_workbook(data, name)
    raise Unreadable(name, "是压缩文件，不是 Word 文件或工作簿", "请解压后导入其中的年度报告")


def _compound(data: bytes, name: str) -> Unreadable:
    """Why a file of the old Office container cannot be read: it is encrypted, or of the old format."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return Unreadable(name, "文件加了密码", "请去掉密码后再导入")
    return Unreadable(name, "是旧版 Office 文件（.doc 或 .xls）", "请另存为 .docx 或 .xlsx 后再导入")


def _page(data: bytes, name: str) -> Source:
    if len(data) > PAGE:
        raise Unreadable(name, "网页或文本超过 20 MB", "请只保存年度报告这一页后再导入")
    text = decode(data, name)
    if _TAG.search(text):
        return html.read(text, name)
    return read_text(text, name)


def decode(data: bytes, name: str) -> str:
    """The text of the bytes: by byte order mark, else the declared charset or the first usual one that fits.

    A charset fits when it decodes and the words every report has come out; pages often declare a wrong one.
    """
    for mark, charset in _BOMS:
        if data.startswith(mark):
            return data.decode(charset, "replace")
    declared = _CHARSET.search(data[:4096])
    names = [_known(declared[1].decode("ascii", "replace"))] if declared else []
    decoded = [
        t for charset in dict.fromkeys((*names, *_GUESSES)) if (t := _strictly(data, charset)) is not None
    ]
    for candidate in decoded:
        if "公开" in simplify(candidate[:2_000_000]):
            return candidate
    if b"\x00" in data[:4096] or (not decoded and not names):
        raise Unreadable(name, "不是网页、Word、PDF、工作簿或文本文件", "请核对文件后再导入")
    return decoded[0] if decoded else data.decode(names[0], "replace")


def _known(charset: str) -> str:
    """The codec of a declared charset; GB names mean the widest of them, unknown ones UTF-8."""
    lower = charset.lower()
    if lower.startswith("gb"):
        return "gb18030"
    if lower.startswith("big5"):
        return "big5hkscs"
    return lower if lower in ("utf-8", "utf-16", "utf8") else "utf-8"


def _strictly(data: bytes, charset: str) -> str | None:
    try:
        return data.decode(charset)
    except UnicodeDecodeError:
        return None


_WIDE_GAP = re.compile(r"\t|(?<=\S)[ \u3000]{2,}(?=\S)")
#: So many lines for one with text no report has.
BLANK = 20
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*")
_EMPHASIS = re.compile(r"(\*\*|__)(.+?)\1")
_BAR = re.compile(r"(?<!\\)[|｜]")
_RULE = re.compile(r"[|｜\s]*:?-{2,}:?(?:\s*[|｜]\s*:?-+:?)*[|｜\s]*")
#: A table divided by commas has so many columns at least, in so large a share of its lines.
COLUMNS, SHARE = 3, 0.8


def read_text(text: str, name: str) -> Source:
    """The lines of a text, each with the empty lines before it and its cells where it is divided; rows of cells
    between bars, or all rows of a file divided by commas, as tables."""
    if text.count("\n") + text.count("\r") > BLANK * LINES:
        raise too_much(name)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    rows = _separated(lines)
    return Source(gathered((RawTable(rows),) if rows else _blocks(lines), name))


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    blanks = 0
    rows: list[tuple[RawCell, ...]] = []
    for line in lines:
        trimmed = words.trim(line)
        cells = _between_bars(trimmed)
        if len(cells) > 1:
            rows.append(tuple(map(RawCell, cells)))
            continue
        if _RULE.fullmatch(trimmed) and (rows or _BAR.search(trimmed)):
            continue
        yield from _table(rows)
        rows = []
        if not trimmed and "\t" not in line:
            blanks += 1
            continue
        yield Line(cells[0], blanks, cells) if cells else _line(trimmed, blanks, line)
        blanks = 0
    yield from _table(rows)


def _table(rows: Sequence[tuple[RawCell, ...]]) -> Iterator[Block]:
    """Rows between bars; a single one is a line that happens to have them."""
    if len(rows) == 1:
        texts = tuple(cell.text for cell in rows[0])
        yield Line(" | ".join(texts), 0, texts)
    elif rows:
        yield RawTable(tuple(rows))


def _between_bars(line: str) -> tuple[str, ...]:
    """The cells of a line that are divided by bars, or its one cell where it ends in a bar; else none."""
    if not _BAR.search(line) or _RULE.fullmatch(line):
        return ()
    cells = [_plain(words.trim(cell)) for cell in _BAR.split(line)]
    if not cells[0] and len(cells) > 2:
        del cells[0]
    ended = not cells[-1]
    if ended and len(cells) > 1:
        del cells[-1]
    return tuple(cells) if len(cells) > 1 or ended else ()


def _line(trimmed: str, blanks: int, line: str) -> Line:
    heading = _HEADING.fullmatch(trimmed)
    return Line(_plain(heading[1] if heading else trimmed), blanks, _parts(line))


def _plain(text: str) -> str:
    """The text without marks of emphasis."""
    return (
        _EMPHASIS.sub(r"\2", text).replace("\\|", "|") if "*" in text or "_" in text or "\\" in text else text
    )


def _parts(line: str) -> tuple[str, ...]:
    """The cells of a line divided by tabs, else by wide spaces; none where it is whole."""
    parts = line.split("\t") if "\t" in line.strip(" \u3000") else _WIDE_GAP.split(words.trim(line))
    return tuple(parts) if len(parts) > 1 else ()


def _separated(lines: Sequence[str]) -> tuple[tuple[RawCell, ...], ...]:
    """The rows of a text that is divided by commas or semicolons as a whole; none where it is not."""
    for sign in ",;":
        if sum(1 for line in lines if line.count(sign) >= COLUMNS - 1) < COLUMNS:
            continue
        try:
            rows = [row for row in csv.reader(lines, delimiter=sign, strict=True) if any(map(str.strip, row))]
        except csv.Error:
            continue
        width, count = Counter(map(len, rows)).most_common(1)[0]
        if width >= COLUMNS and count >= SHARE * len(rows):
            return tuple(tuple(RawCell(words.trim(cell)) for cell in row) for row in rows)
    return ()


def read_pdf(data: bytes, name: str, form: Form | None = None) -> Source:
    """The PDF's blocks; ``form``: whose labels are looked for, else all built-in forms'. ``Unreadable`` where it is locked, scanned, damaged, too long or has none of our labels."""
    texts = _texts(data, name)
    if not any(words.trim(text) for text in texts):
        raise Unreadable(name, "扫描件没有文字", "请改用带文字的 PDF、Word 或网页")
    known = forms.keys()
    every = [form] if form else [forms.load(key) for key in known]
    labels = [_labels(one) for one in every]
    telling: frozenset[str] = frozenset().union(*labels, *map(_headings, every))
    if not any(_on(telling, text) for text in texts):
        raise no_report(name)
    pages = _pages(data, name, list(_tabled(texts, labels)))
    empty = sum(1 for page in pages if not page.parts)
    doubts = (f"PDF 有 {empty} 页没有文字（可能是扫描件或图片），没有读入",) if empty else ()
    return Source(tuple(_block(block) for block in paragraphs(pages)), (), doubts)


def _block(block: Any) -> Block:
    if isinstance(block, str):
        return Line(block)
    return RawTable(tuple(tuple(RawCell(*cell) for cell in row) for row in block))


# what is written on the pages


def _texts(data: bytes, name: str) -> list[str]:
    """The folded text of every page, as PDFium reads it."""
    import pypdfium2
    from pypdfium2.raw import FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) in (FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY)
        raise Unreadable(name, *(_LOCKED if locked else _DAMAGED)) from None
    if len(document) > PAGES:
        raise Unreadable(name, f"PDF 超过 {PAGES} 页，不是一份年度报告", "请只导出年度报告的各页后再导入")
    texts: list[str] = []
    left = CHARACTERS
    for n in range(len(document)):
        text = _written(document, n)
        left -= len(text)
        if left < 0:
            raise Unreadable(name, "PDF 内容太多，不是一份年度报告", "请只导出年度报告的各页后再导入")
        texts.append(words.fold(unified(text)))
    document.close()
    return texts


def _written(document: Any, n: int) -> str:
    import pypdfium2

    try:
        page = document[n]
        text = page.get_textpage()
        return str(text.get_text_range()) if 0 < text.count_chars() <= CHARACTERS else ""
    except pypdfium2.PdfiumError:
        return ""


def _labels(form: Form) -> frozenset[str]:
    """The labels of a form's tables, folded; those that are long enough to tell."""
    texts = (box.text for table in form.tables.values() for box in table.grid.labels)
    folded = (words.fold(words.split_number(text)[1]) for text in texts)
    return frozenset(text for text in folded if len(text) >= TELLING)


def _headings(form: Form) -> frozenset[str]:
    headings = (words.fold(words.split_number(section.heading)[1]) for section in form.sections)
    return frozenset(heading for heading in headings if heading)


def _on(labels: frozenset[str], text: str) -> frozenset[str]:
    return frozenset(label for label in labels if label in text)


def _tabled(texts: Sequence[str], every: Sequence[frozenset[str]]) -> Iterator[bool]:
    """Whether tables are to be looked for on each page: it has labels, or the page before it had, and not all labels
    were met before."""
    left = list(every)
    before, complete = False, False
    for text in texts:
        has = any(_on(labels, text) for labels in every)
        yield (has and not complete) or before
        left = [labels - _on(labels, text) for labels in left]
        before = has and not complete
        complete = not all(left)


# where it stands


def _pages(data: bytes, name: str, tabled: Sequence[bool]) -> list[PdfPage]:
    import pdfplumber
    from pdfminer.pdfexceptions import PDFException
    from pdfplumber.utils.exceptions import PdfminerException

    wrong = (PDFException, PdfminerException, ValueError, KeyError, TypeError, AttributeError, IndexError)
    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            return [_pdf_page(page, has) for page, has in zip(pdf.pages, tabled, strict=False)]
    except wrong:
        raise Unreadable(name, *_DAMAGED) from None


def _pdf_page(page: Any, tabled: bool) -> PdfPage:
    """One page: its tables, where they are looked for, and the lines outside them, from the top down."""
    tables = _tables(page) if tabled else []
    chars = characters(page.dedupe_chars().chars)
    spaced = any(char.text == " " for char in chars)
    grids: list[DrawnTable] = []
    for table in tables:
        inside = [c for c in chars if c.within(table.bbox)]
        if len(table.cells) > 1 and inside:
            grids += framed(table.cells, inside, page.height)
    held = {c for grid in grids for c in grid.chars}
    outside = [c for c in chars if c not in held]
    parts: list[tuple[float, Any]] = [(line.order, line) for line in column_lines(outside, spaced)]
    parts += [(grid.box[1], grid) for grid in grids]
    ordered = tuple(part for _, part in sorted(parts, key=lambda p: p[0]))
    size = Counter(round(c.size) for c in chars).most_common(1)
    page.close()
    return PdfPage(ordered, float(page.height), float(size[0][0]) if size else 0.0)


def _tables(page: Any) -> list[Any]:
    """The drawn tables of a page; none where so many lines cross that it is a drawing.

    A table that goes on over the page's end may lack the line there: it is closed where its upright lines end.
    """
    from pdfplumber.table import merge_edges

    if len(page.edges) > EDGES:
        return []
    straight = [edge for edge in page.edges if edge["orientation"] in ("h", "v")]
    lines = merge_edges(straight, _NEAR, _NEAR, _NEAR, _NEAR)
    across = [e["top"] for e in lines if e["orientation"] == "h" and e["x1"] - e["x0"] > _SHORT]
    upright = [e for e in lines if e["orientation"] == "v" and e["bottom"] - e["top"] > _SHORT]
    if not upright or len(across) * len(upright) > CROSSINGS:
        return []
    ends = (min(e["top"] for e in upright), max(e["bottom"] for e in upright))
    on_page = [end for end in ends if 0 < end < page.height]
    open_ends = [end for end in on_page if not any(abs(end - y) <= _NEAR for y in across)]
    tables: list[Any] = page.find_tables({"explicit_horizontal_lines": open_ends})
    return tables
