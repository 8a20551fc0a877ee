"""The Word document of a report: the form's template filled in, marked with the fingerprint; and the PDF that the office
program of this machine prints of it."""

from __future__ import annotations

import io
import os
import platform
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import MAXYEAR
from functools import cache, lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

from nianbao.core.files import Unreadable, bounded, shipped
from nianbao.core.form import Form, Table, for_year
from nianbao.core.report import Report
from nianbao.export.seal import APPLICATION, OPEN, filled_package
from nianbao.export.text import Issue, clean, figure, paragraphs, signed_date, title_parts, words

if TYPE_CHECKING:
    from docx.document import Document
    from jinja2 import Environment

SONG, HEI, KAI, FANG, BIAOSONG = "宋体", "黑体", "楷体_GB2312", "仿宋_GB2312", "方正小标宋简体"
LATIN = "Times New Roman"
#: Fonts that stand in where a computer has not the prescribed one.
FALLBACK = {
    BIAOSONG: "华文中宋,STZhongsong,小标宋,Noto Serif CJK SC",
    FANG: "仿宋,FangSong,华文仿宋,STFangsong,Noto Serif CJK SC",
    KAI: "楷体,KaiTi,华文楷体,STKaiti,Noto Serif CJK SC",
    HEI: "SimHei,华文黑体,STHeiti,Noto Sans CJK SC",
    SONG: "SimSun,华文宋体,STSong,Noto Serif CJK SC",
}
#: The mark in the keywords of a Word document and, through it, of the PDF.
KEYWORD = "nianbao-{}"
#: The properties of a Word document hold so many characters.
PROPERTY = 255
#: The dates in an archive of ours; the document's own date is in its properties.
_DATE = (2025, 1, 1, 0, 0, 0)
#: No template of one's own is larger.
LARGEST_TEMPLATE = 64 << 20
#: A title of so many characters stands on one line.
ONE_LINE = 20


def document(report: Report, issue: Issue, *, template: Path | None = None) -> bytes:
    """The report as a Word document; ``template``: one that staff restyled, instead of the form's own."""
    made = _rendered(template_bytes(report.form, template), context(report), str(template))
    if report.incomplete:
        _in_red(made, clean(report.incomplete))
    if issue.draft:
        watermark(made, report.form)
    _stamp(made, report, issue)
    whole = io.BytesIO()
    made.save(whole)
    return filled_package(named_program(whole.getvalue()))


def filled(template: bytes, values: Mapping[str, Any], name: str) -> bytes:
    """A Word template with its tags filled in; ``name`` is what it is called in a sentence about it.

    It is compiled once in a process, for a letter a unit. The values are clean texts: no line ends in them.
    """
    with _marks_of(name):
        letter = _compiled(template)
        text = letter.text.render(dict(values)).replace("\n<w:p", "<w:p")
    return _packed({**letter.parts, _TEXT: f"{_DECLARATION}{text}".encode()})


class _Compiled(NamedTuple):
    """A template taken apart: the text as Jinja has it, and the other parts of the package."""

    text: Any
    parts: Mapping[str, bytes]


_TEXT = "word/document.xml"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@lru_cache(maxsize=4)
def _compiled(template: bytes) -> _Compiled:
    from docxtpl import DocxTemplate

    document = DocxTemplate(io.BytesIO(template))
    document.init_docx()
    tags = document.patch_xml(document.xml_to_string(document.docx.element))
    with zipfile.ZipFile(io.BytesIO(named_program(template))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    return _Compiled(_environment().from_string(re.sub(r"<w:p([ >])", r"\n<w:p\1", tags)), parts)


def _rendered(template: bytes, values: Mapping[str, Any], name: str) -> Document:
    from docxtpl import DocxTemplate

    document = DocxTemplate(io.BytesIO(template))
    document.patch_xml = _patched
    with _marks_of(name):
        document.render(dict(values), jinja_env=_environment())
    made: Document = document.docx
    return made


@lru_cache(maxsize=8)
def _patched(tags: str) -> str:
    """A part of a template with the marks put together that Word took apart: half the work, so done once for each part."""
    from docxtpl import DocxTemplate

    patched: str = DocxTemplate(None).patch_xml(tags)
    return patched


@contextmanager
def _marks_of(name: str) -> Iterator[None]:
    """Within it the marks of a template are filled in; one that is wrong is Unreadable."""
    from jinja2 import TemplateError

    try:
        yield
    except (
        TemplateError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:  # a mark that calculates
        what = f"Word 模板中的标记有误（{error}）"
        raise Unreadable(name, what, "请恢复被改动的 {{ }}、{% %} 标记，或改用自带的模板") from None


def _in_red(document: Document, text: str) -> None:
    """The paragraph of this text in red, whatever template it came from."""
    from docx.shared import RGBColor

    for paragraph in document.paragraphs:
        if paragraph.text == text:
            for run in paragraph.runs:
                run.font.color.rgb, run.font.bold = RGBColor(0xB0, 0x00, 0x20), True
            return


@cache
def _environment() -> Environment:
    """Sandboxed; what was compiled once is not compiled again (docxtpl has a template compiled at every rendering)."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    compiled = lru_cache(maxsize=32)(environment.from_string)
    environment.from_string = compiled  # type: ignore[method-assign,assignment]
    return environment


def template_bytes(form: Form, own: Path | None) -> bytes:
    """The template: one's own, or the shipped one of the form."""
    if own is not None:
        data = bounded(own, LARGEST_TEMPLATE)
        if not zipfile.is_zipfile(io.BytesIO(data)):
            raise Unreadable(str(own), "不是 Word（.docx）模板", "请选用由本工具自带模板改成的 .docx 文件")
        return data
    try:
        return shipped(f"templates/{template_name(form)}").read_bytes()
    except FileNotFoundError:
        todo = "请用 --word-template 指定为这一表式做的模板，或导出其他格式"
        raise Unreadable(form.title, "这一表式没有自带的 Word 模板", todo) from None


def template_name(form: Form) -> str:
    """The file name of a form's template: ``report.docx`` is that of the form in use now."""
    in_use = form.key == for_year(MAXYEAR).key
    return "report.docx" if in_use else f"report-{form.key}.docx"


def context(report: Report) -> dict[str, Any]:
    """What the tags of a template stand for."""
    tables = {key: _named(report, table) for key, table in report.form.tables.items()}
    return tables | {
        "title": title(report),
        "agency": clean(report.agency),
        "year": report.year,
        "preamble": paragraphs(report, "preamble"),
        "texts": {section.key: paragraphs(report, section.key) for section in report.form.sections},
        "signature": clean(report.signature),
        "date": signed_date(report),
        "fingerprint": report.fingerprint(),
        "words": words(report.form.language),
    }


def _named(report: Report, table: Table) -> SimpleNamespace:
    """A table's figures by row and column; no dictionaries, whose methods a column's key might name."""
    rows: dict[str, dict[str, str]] = {}
    for cell in table.cells:
        rows.setdefault(cell.row, {})[cell.column] = figure(report, cell)
    return SimpleNamespace(**{row: SimpleNamespace(**columns) for row, columns in rows.items()})


def title(report: Report) -> str:
    """The report's title, broken after the agency where it needs more than one line."""
    return ("\n" if len(clean(report.heading)) > ONE_LINE else "").join(title_parts(report))


def watermark(document: Document, form: Form) -> None:
    """草稿 across every page, and the sentence that says what that means at its top."""
    from docx.oxml import parse_xml

    terms = words(form.language)
    number = 0
    for section in document.sections:
        for header in (section.header, section.even_page_header, section.first_page_header):
            number += 1
            header.is_linked_to_previous = False
            paragraph = header.paragraphs[0]
            paragraph.style = document.styles["Normal"]
            paragraph.add_run(f"【{terms['draft']}】{terms['draft_note']}")
            paragraph._p.append(parse_xml(_SHAPE.format(number=number, text=terms["draft"])))


_SHAPE = """<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml"
 xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w10="urn:schemas-microsoft-com:office:word"><w:rPr><w:noProof/></w:rPr><w:pict>
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">
<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/>
<v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/></v:formulas>
<v:path textpathok="t" o:connecttype="custom"/><v:textpath on="t" fitshape="t"/></v:shapetype>
<v:shape id="PowerPlusWaterMarkObject{number}" o:spid="_x0000_s20{number}" type="#_x0000_t136" alt="{text}" stroked="f" fillcolor="#c0504d"
 style="position:absolute;margin-left:0;margin-top:0;width:360pt;height:160pt;rotation:315;z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;mso-position-vertical:center;mso-position-vertical-relative:margin">
<v:fill opacity=".16"/><v:textpath style="font-family:&quot;黑体&quot;;font-size:1pt" string="{text}"/><w10:wrap anchorx="margin" anchory="margin"/></v:shape></w:pict></w:r>"""


#: No sign may hang over the margin, where LibreOffice leaves it out of the PDF; it reads this setting upside down.
_NO_OVERHANG, _INSIDE = re.compile(rb"(<w:p(?: [^>]*)?(?<!/)>)(<w:pPr>)?"), b'<w:overflowPunct w:val="1"/>'


def with_fonts(package: bytes, installed: Collection[str]) -> bytes:
    """The document with every Chinese font that is not installed replaced by the first stand-in that is.

    Word takes the stand-ins from the font table by itself; LibreOffice would take any font, Japanese shapes too.
    """

    def chosen(match: re.Match[bytes]) -> bytes:
        name = match[2].decode()
        lists = ([key, *others.split(",")] for key, others in FALLBACK.items())
        names = next((names for names in lists if name in names), [])
        return match[1] + next((n for n in (name, *names) if n in installed), name).encode() + b'"'

    def change(name: str, data: bytes) -> bytes:
        if name == "word/document.xml":
            data = _NO_OVERHANG.sub(
                lambda p: p[1] + b"<w:pPr>" + _INSIDE + (b"" if p[2] else b"</w:pPr>"), data
            )
        fonts = name.startswith("word/") and name.endswith(".xml") and name != "word/fontTable.xml"
        return re.sub(rb'(w:eastAsia=")([^"]*)"', chosen, data) if fonts else data

    return rewritten(package, change)


def _stamp(document: Document, report: Report, issue: Issue) -> None:
    properties = document.core_properties
    properties.title, properties.author = clean(report.heading)[:PROPERTY], clean(report.agency)[:PROPERTY]
    properties.keywords = KEYWORD.format(report.fingerprint())
    properties.subject, properties.language = report.form.authority[:PROPERTY], report.form.language
    properties.created = properties.modified = issue.at
    properties.last_modified_by = clean(report.agency)[:PROPERTY]


def named_program(package: bytes) -> bytes:
    """The package with our name as the program that saved it, and room for the digest; that part is stored."""

    def change(name: str, data: bytes) -> bytes:
        if name != APPLICATION:
            return data
        data = re.sub(rb"<Application>[^<]*</Application>", b"", data)
        return re.sub(rb"(<Properties[^>]*>)", rb"\1" + _PROGRAM, data, count=1)

    return rewritten(package, change, stored=APPLICATION)


_PROGRAM = f"<Application>nianbao {OPEN}</Application>".encode()


def rewritten(
    package: bytes, change: Callable[[str, bytes], bytes] = lambda name, data: data, *, stored: str = ""
) -> bytes:
    """The package with every part as ``change(name, data)`` gives it, in the same order; one of them not deflated."""
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        return _packed({name: change(name, old.read(name)) for name in old.namelist()}, stored)


def _packed(parts: Mapping[str, bytes], stored: str = APPLICATION) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as new:
        for name, data in parts.items():
            how = zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED
            new.writestr(zipfile.ZipInfo(name, _DATE), data, how)
    return made.getvalue()


#: Prints a Word document as PDF: ``to_pdf(source, target)``; the target does not exist yet.
ToPdf = Callable[[Path, Path], None]
#: More seconds than this no document of ours takes, on whatever machine.
SECONDS = 240
#: What LibreOffice is asked for: a tagged PDF (for screen readers) with the headings as bookmarks.
PRINTED = (
    'pdf:writer_pdf_Export:{"UseTaggedPDF":{"type":"boolean","value":"true"},'
    '"ExportBookmarks":{"type":"boolean","value":"true"},"SelectPdfVersion":{"type":"long","value":"17"}}'
)
#: How LibreOffice is installed by the package tools of Linux systems.
_INSTALL = {
    "apt-get": "sudo apt-get install libreoffice-writer",
    "dnf": "sudo dnf install libreoffice-writer",
    "yum": "sudo yum install libreoffice-writer",
    "zypper": "sudo zypper install libreoffice-writer",
    "pacman": "sudo pacman -S libreoffice-still",
}
_WORD_AS_PDF = 17


def print_pdf(word: Path, path: Path, to_pdf: ToPdf | None = None) -> None:
    """The Word document as PDF: tagged, with bookmarks, fonts embedded, as far as the office program can.

    ``to_pdf``: another printer than this machine's. Raises ``Unreadable``, which says how to get one on this system.
    """
    to_pdf = to_pdf or printer()
    if to_pdf is None:
        raise Unreadable(path.name, "没有生成 PDF，本机没有可用的 LibreOffice 或 Word", advice())
    source = word.with_name("print.docx")
    source.write_bytes(with_fonts(word.read_bytes(), installed_fonts()))
    to_pdf(source, path)


def printer() -> ToPdf | None:
    """What prints on this machine: LibreOffice, or Word on Windows; None where there is neither."""
    if program := next(programs(os.environ), None):
        return lambda source, target: by_libreoffice(program, source, target)
    if platform.system() == "Windows" and _word_is_installed():
        return by_word
    return None


def advice() -> str:
    """How to get a printer on this system, or do without."""
    system = platform.system()
    if system == "Windows":
        how = "请安装 Word 或 LibreOffice 后重试"
    elif system == "Linux":
        command = next((words for tool, words in _INSTALL.items() if shutil.which(tool)), "")
        how = f"请用“{command}”安装 LibreOffice 后重试" if command else "请安装 LibreOffice 后重试"
    else:
        how = "请安装 LibreOffice（拖入“应用程序”文件夹）后重试"
    return f"{how}，或先导出 Word 文档，再在 Word、WPS 中另存为 PDF"


def programs(environment: Mapping[str, str]) -> Iterator[str]:
    """LibreOffice where the different systems have it."""
    if office := shutil.which("soffice") or shutil.which("libreoffice"):
        yield office
    folders = [environment.get(name, "") for name in ("ProgramFiles", "ProgramFiles(x86)")]
    places = [Path(folder) / "LibreOffice" / "program" / "soffice.exe" for folder in folders if folder]
    places.append(Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"))
    yield from (str(place) for place in places if place.is_file())


def by_libreoffice(program: str, source: Path, target: Path) -> None:
    """Print in a LibreOffice of our own, with a profile that nobody else uses and that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="nianbao-office-") as folder:
        profile = Path(folder, "profile").as_uri()
        command = [program, f"-env:UserInstallation={profile}", "--headless", "--norestore", "--nolockcheck"]
        command += ["--convert-to", PRINTED, "--outdir", folder, str(source.resolve())]
        made = Path(folder, source.stem + ".pdf")
        try:
            for _ in range(2):  # a fresh profile may end the first start
                subprocess.run(command, capture_output=True, check=False, timeout=SECONDS, cwd=folder)
                if made.is_file():
                    shutil.move(made, target)
                    return
        except (OSError, subprocess.TimeoutExpired):
            pass
    raise Unreadable(target.name, "没有生成 PDF，LibreOffice 没有打印成功", advice())


def _word_is_installed() -> bool:
    try:
        import winreg

        with winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, "Word.Application"):  # type: ignore[attr-defined,unused-ignore]
            return True
    except (ImportError, OSError):
        return False


def by_word(source: Path, target: Path) -> None:
    """Print in a Word of our own, unseen and with macros off; for Windows."""
    try:
        from pythoncom import CoInitialize  # type: ignore[import-untyped,unused-ignore]
        from win32com.client import DispatchEx  # type: ignore[import-untyped,unused-ignore]

        CoInitialize()  # each thread asks for it by itself
        word = DispatchEx("Word.Application")
        try:
            word.AutomationSecurity = 3
            document = word.Documents.Open(str(source.resolve()), ReadOnly=True, AddToRecentFiles=False)
            document.SaveAs2(str(target.resolve()), FileFormat=_WORD_AS_PDF)
            document.Close(False)
        finally:
            word.Quit()
    except Exception as error:  # whatever Word refuses: COM errors share no base class off Windows
        raise Unreadable(target.name, "没有生成 PDF，Word 没有打印成功", advice()) from error


def installed_fonts() -> frozenset[str]:
    """The font families of this computer, as fontconfig names them; none where there is no fontconfig."""
    program = shutil.which("fc-list")
    if program is None:
        return frozenset()
    run = subprocess.run([program, ":", "family"], capture_output=True, check=False, timeout=60)
    lines = run.stdout.decode("utf-8", "replace").splitlines()
    return frozenset(name.strip() for line in lines for name in line.split(","))
