"""What a reader of a Word document or a PDF would see beside figures and text.

In Word: headers, fields, hidden and struck text, macros. In a PDF: annotations, form fields, pictures, added letters.
"""

import difflib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nianbao.core.report import Report, dense
from nianbao.core.text import shortened, unified
from nianbao.export.text import WORDS, Issue, clean, figure, paragraphs, signed_date, words
from nianbao.export.word import PROPERTY, document
from nianbao.ingest.office import OfficeFile
from nianbao.verify.page import Seen

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
#: Marks of a run or a style by which its text is hidden, struck or turned round.
_MARKS = {
    "strike": "删除线", "dstrike": "双删除线", "vanish": "隐藏", "specVanish": "隐藏", "webHidden": "隐藏",
    "rtl": "从右到左", "caps": "大写", "smallCaps": "大写", "effect": "动态效果",
}  # fmt: skip
#: Elements that show something which is no text of the report.
_SHOWN = {
    "sym": "符号", "altChunk": "嵌入的另一份文档", "object": "嵌入的对象", "control": "控件", "pict": "图片或图形",
    "drawing": "图片或图形", "footnoteReference": "脚注", "endnoteReference": "尾注", "commentReference": "批注",
    "numPr": "自动编号", "ins": "修订", "del": "修订", "moveFrom": "修订", "moveTo": "修订", "bdo": "改变文字方向的标记",
    "dir": "改变文字方向的标记", "ruby": "拼音", "txbxContent": "文本框", "subDoc": "子文档", "fldSimple": "域", "instrText": "域",
    "framePr": "文本框", "eastAsianLayout": "合并的文字", "fitText": "压缩的文字", "dayLong": "域", "monthLong": "域", "yearLong": "域",
}  # fmt: skip
_PARTS = {
    "word/vbaProject.bin": "宏", "word/footnotes.xml": "脚注", "word/comments.xml": "批注", "word/endnotes.xml": "尾注",
}  # fmt: skip
_NAMES = {"title": "标题", "creator": "作者", "subject": "主题"}


def compare_word(path: Path, report: Report) -> Seen:
    """A Word document against the report: all that is shown in whatever part of it, and what else was changed."""
    package = OfficeFile(path.read_bytes(), path.name)
    draft = any("不得对外公开" in text for text in _around(package))
    differences = [
        *_text(package, report),
        *_properties(package, report),
        *_shown(package, draft),
        *_headers(package, report, draft),
        *_marks(package),
        *_attached(package),
    ]
    return Seen(
        tuple(dict.fromkeys(differences)), tuple(_changes(path, report, draft)), "压缩包或文件属性有改动"
    )


def _text(package: OfficeFile, report: Report) -> Iterator[str]:
    """The text of the body, paragraph by paragraph and cell by cell."""
    root = package.xml("word/document.xml")
    there = [text for p in root.iter(f"{_W}p") if (text := dense(_written(p)))]
    there = [text for text in there if text != dense(words(report.form.language)["draft_note"])]
    due = [dense(text) for text in _due(report) if dense(text)]
    for operation, a, b, c, d in difflib.SequenceMatcher(None, due, there, autojunk=False).get_opcodes():
        if operation == "equal":
            continue
        gone, new = due[a:b], there[c:d]
        if len(gone) == len(new):
            yield from (
                f"应为“{_short(x)}”，文件中是“{_short(y)}”" for x, y in zip(gone, new, strict=True) if x != y
            )
        else:
            yield from (f"少了文字“{_short(text)}”" for text in gone)
            yield from (f"多出文字“{_short(text)}”" for text in new)


def _due(report: Report) -> Iterator[str]:
    """Every text of the document in its order."""
    yield clean(report.heading)
    yield from ("".join(p) for p in paragraphs(report, "preamble"))
    for section in report.form.sections:
        yield section.heading
        yield from ("".join(p) for p in paragraphs(report, section.key))
        if section.table:
            for row in report.form.tables[section.table].grid.rows():
                yield from (box.text if box.cell is None else figure(report, box.cell) for box in row)
    yield clean(report.signature)
    yield signed_date(report)


def _written(paragraph: Any) -> str:
    """All text of a paragraph, deleted and hidden text too: somebody put it there."""
    texts = (f"{_W}t", f"{_W}delText", f"{_M}t")
    inner = [t for box in paragraph.iter(f"{_W}txbxContent") for t in box.iter(*texts)]
    return "".join(t.text or "" for t in paragraph.iter(*texts) if t not in inner)


def _properties(package: OfficeFile, report: Report) -> Iterator[str]:
    if "docProps/core.xml" not in package.names:
        return
    there = {str(e.tag).rpartition("}")[2]: e.text or "" for e in package.xml("docProps/core.xml")}
    due = {"title": report.heading, "creator": report.agency, "subject": report.form.authority}
    for name, text in due.items():
        if dense(there.get(name, "")) != dense(clean(text)[:PROPERTY]):
            yield f"文件属性“{_NAMES[name]}”应为“{_short(clean(text))}”，文件中是“{_short(there.get(name, ''))}”"


def _around(package: OfficeFile) -> list[str]:
    """The texts of headers and footers."""
    parts = [name for name in package.names if re.fullmatch(r"word/(?:header|footer)\d*\.xml", name)]
    return [
        text
        for name in sorted(parts)
        for p in package.xml(name).iter(f"{_W}p")
        if (text := dense(_written(p)))
    ]


def _headers(package: OfficeFile, report: Report, draft: bool) -> Iterator[str]:
    fixed = words(report.form.language)
    allowed = {dense(f"【{fixed['draft']}】{fixed['draft_note']}")} if draft else set()
    for text in _around(package):
        if text not in allowed and not re.fullmatch(r"[—–-]?\d{0,4}[—–-]?", text):
            yield f"页眉或页脚中多出文字“{_short(text)}”"


def _shown(package: OfficeFile, draft: bool) -> Iterator[str]:
    """Whatever shows something without being text, in the body, headers and footers."""
    for name in sorted(package.names):
        edge = re.fullmatch(r"word/(?:header|footer)\d*\.xml", name) is not None
        if name != "word/document.xml" and not edge:
            continue
        for element in package.xml(name).iter():
            tag = str(element.tag)
            local = tag.rpartition("}")[2]
            if tag.startswith(_M) and local == "oMath":
                yield "多出公式"
            if not tag.startswith(_W) or local not in _SHOWN:
                continue
            field = element.get(f"{_W}instr") or element.text or ""
            if edge and local in ("fldSimple", "instrText") and field.split()[:1] in ([], ["PAGE"]):
                continue
            if edge and draft and local == "pict":
                continue
            inside = dense("".join(map(_written, element.iter(f"{_W}p")))) if local == "txbxContent" else ""
            quote = f"“{_short(inside)}”" if inside else ""
            yield f"{'页眉或页脚中' if edge else ''}多出{_SHOWN[local]}{quote}"


def _marks(package: OfficeFile) -> Iterator[str]:
    """Text, or a style in use, that is hidden, struck, turned round, white or too small to see."""
    used: set[str] = set()
    for name in sorted(package.names):
        if re.fullmatch(r"word/(?:document|numbering|header\d*|footer\d*)\.xml", name):
            root = package.xml(name)
            for properties in root.iter(f"{_W}rPr", f"{_W}r"):
                yield from (f"文字设了{mark}" for mark in _mark(properties))
            used |= {str(e.get(f"{_W}val")) for kind in _STYLED for e in root.iter(f"{_W}{kind}")}
    if "word/styles.xml" in package.names:
        yield from _styles(package.xml("word/styles.xml"), used)


_STYLED = ("pStyle", "rStyle", "tblStyle")


def _styles(root: Any, used: set[str]) -> Iterator[str]:
    """The marks of the styles in use, of those they are based on, and of the defaults."""
    styles = {str(style.get(f"{_W}styleId")): style for style in root.iter(f"{_W}style")}
    waiting = [*used, *(key for key, style in styles.items() if style.get(f"{_W}default") in ("1", "true"))]
    seen: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key in seen or key not in styles:
            continue
        seen.add(key)
        waiting += [str(base.get(f"{_W}val")) for base in styles[key].iter(f"{_W}basedOn")]
    for element in (*root.iter(f"{_W}docDefaults"), *(styles[key] for key in sorted(seen))):
        for properties in element.iter(f"{_W}rPr"):
            yield from (f"样式设了{mark}" for mark in _mark(properties))


def _mark(properties: Any) -> Iterator[str]:
    for element in properties:
        local, value = str(element.tag).rpartition("}")[2], element.get(f"{_W}val")
        if local in _MARKS and value not in ("0", "false", "none", "off"):
            yield _MARKS[local]
        elif local == "color" and (value or "").upper() in ("FFFFFF", "WHITE"):
            yield "白色"
        elif local in ("sz", "szCs") and (value or "").isdigit() and int(value or 0) < 14:
            yield "看不清的小字号"
        elif local in _SHIFTS and _out_of(_SHIFTS[local], value or ""):
            yield "变形、移动或挤在一起的字"


#: How far letters may be stretched (per cent), raised (half points) or spaced (twentieths of a point).
_SHIFTS = {"w": (50, 200), "position": (-8, 8), "spacing": (-30, 400)}


def _out_of(bounds: tuple[int, int], value: str) -> bool:
    match = re.fullmatch(r"(-?\d{1,9})(?:\.\d+)?(?:%|pt)?", value)
    return match is None or not bounds[0] <= int(match[1]) <= bounds[1]


def _attached(package: OfficeFile) -> Iterator[str]:
    """Macros, embedded files, notes and links to elsewhere."""
    for name in sorted(package.names):
        if words_ := _PARTS.get(name):
            yield f"多出{words_}"
        elif re.match(r"word/(?:embeddings|activeX|afchunk|media)", name, re.IGNORECASE):
            yield f"多出嵌入的内容（{name}）"
        elif name.endswith(".rels"):
            for link in package.xml(name).iter(f"{_RELATIONS}Relationship"):
                if link.get("TargetMode") == "External":
                    yield f"多出指向别处的链接“{_short(link.get('Target', ''))}”"


def _changes(path: Path, report: Report, draft: bool) -> Iterator[str]:
    """How the file is otherwise not what would be exported: who saved it, which parts differ."""
    with zipfile.ZipFile(path) as there:
        names = there.namelist()
        application = there.read("docProps/app.xml") if "docProps/app.xml" in names else b""
        program = re.search(rb"<Application>([^<]{1,100})", application)
        if program and not program[1].startswith(b"nianbao"):
            yield f"由“{program[1].decode('utf-8', 'replace')}”另存过"
            return
        with zipfile.ZipFile(io.BytesIO(document(report, Issue(draft)))) as ours:
            properties = {"docProps/core.xml", "docProps/app.xml"}
            due = {*ours.namelist()} - properties
            different = {
                *(due ^ ({*names} - properties)),
                *(n for n in due & {*names} if ours.read(n) != there.read(n)),
            }
    if different:
        yield f"部件有改动：{'、'.join(sorted(different))}"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return shortened(text, 60, tail=16)


_IMAGE, _FORM = 3, 5
_LETTER = re.compile(r"[\u3400-\u9fffA-Za-z]")
#: What makes a PDF act by itself.
_ACTIVE = {b"/JavaScript": "脚本", b"/JS": "脚本", b"/Launch": "启动程序的动作", b"/OpenAction": "打开时的动作",
           b"/AcroForm": "表单", b"/EmbeddedFile": "附件", b"/RichMedia": "多媒体", b"/XFA": "表单"}  # fmt: skip


def compare_pdf(path: Path, report: Report) -> Seen:
    """A PDF against the report: whatever lies over or beside its text, and how it was changed as a file."""
    data = path.read_bytes()
    updates = data.count(b"startxref") - 1
    messages = [f"多出{what}" for mark, what in _ACTIVE.items() if re.search(re.escape(mark) + rb"\b", data)]
    if data.startswith(b"%PDF") and _is_plain(data, messages):
        messages = [text for text in messages if text != "多出打开时的动作"]
    changes = [f"导出后又追加保存过 {updates} 次（增量更新）"] if updates > 0 else []
    return Seen(tuple(dict.fromkeys([*messages, *_pages(data, report)])), tuple(changes))


def _is_plain(data: bytes, messages: list[str]) -> bool:
    """Whether the only thing that happens on opening is that a page is shown, as LibreOffice asks."""
    actions = re.findall(rb"/OpenAction\s*(.)", data)
    return bool(messages) and all(action == b"[" for action in actions)


def _pages(data: bytes, report: Report) -> Iterator[str]:
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        yield "PDF 的结构已损坏"
        return
    try:
        if len(document) > 300:
            return
        texts = []
        for page in document:
            notes = raw.FPDFPage_GetAnnotCount(page)
            if notes:
                yield f"多出批注、链接或表单域 {notes} 处"
            kinds = Counter(item.type for item in page.get_objects(max_depth=3))
            if kinds[_IMAGE]:
                yield f"多出图片 {kinds[_IMAGE]} 幅"
            texts.append(page.get_textpage().get_text_range())
            page.close()
        yield from _letters(texts, report)
    finally:
        document.close()


def _letters(texts: list[str], report: Report) -> Iterator[str]:
    """Letters that stand more often in the PDF than they are due; heads of tables are printed on every page."""
    there = _counted("".join(texts))
    due = _counted("".join(_due_letters(report)))
    heads = _counted(
        "".join(b.text for t in report.form.tables.values() for b in t.grid.labels if b.kind != "side")
    )
    extra = "".join(c * n for c, n in (there - due).items() if n > heads[c] * (len(texts) - 1))
    if extra:
        yield f"多出文字（其中有“{extra[:20]}”等字）"


def _due_letters(report: Report) -> Iterator[str]:
    yield clean(report.heading)
    yield clean(report.incomplete)
    yield from (clean(text) for _, _, text in report.text())
    for section in report.form.sections:
        yield section.heading
    for table in report.form.tables.values():
        yield from (
            b.text if b.cell is None else figure(report, b.cell) for row in table.grid.rows() for b in row
        )
    yield from (report.signature, report.dated)


def _counted(text: str) -> Any:
    for fixed in WORDS.values():
        text = text.replace(f"【{fixed['draft']}】{fixed['draft_note']}", "")
    return Counter(c for c in unified(text) if _LETTER.match(c))
