"""Published files that somebody changed: no file that was changed is ever called unchanged."""

import csv
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nianbao.core.files import Unreadable
from nianbao.export.export import ENGLISH
from nianbao.export.seal import commented
from nianbao.verify.verify import MANIFEST, Verdict, verify, verify_all
from support.published import copied, export
from support.samples import county

KINDS = ("html", "fragment", "docx", "json", "csv", "infographic", "svg")
SAME, WRAPPED, OTHER = "一致", "内容一致，但文件与导出时不同", "不一致"


@pytest.fixture(scope="module")
def folder() -> Path:
    return _once()


def original(folder: Path, kind: str) -> Path:
    endings = {"fragment": "（网站粘贴用）.html", "infographic": ".png"}
    ending = endings.get(kind, f".{kind}")
    return next(
        p for p in sorted(folder.iterdir()) if p.name.endswith(ending) and p.name != MANIFEST
        and (kind != "html" or "粘贴" not in p.name)
    )  # fmt: skip


def changed(folder: Path, kind: str, target: Path, change: Callable[[bytes], bytes]) -> Path:
    """A copy somewhere else with something changed."""
    data = original(folder, kind).read_bytes()
    new = change(data)
    assert new != data
    path = target / original(folder, kind).name
    path.write_bytes(new)
    return path


def told(path: Path) -> list[Verdict]:
    """The verdict alone and against the workbook; what cannot be judged alone is not called unchanged either."""
    verdicts = []
    for against in (None, county()):
        try:
            verdicts.append(verify(path, against))
        except Unreadable:
            assert against is None
    return verdicts


def put(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda data: data.replace(old.encode(), new.encode(), 1)


NUMBER = "8988.0625"
PAGES = {
    "a script": ("</body>", "<script>document.title=1</script></body>", "多出脚本"),
    "an event": ("<h1>", '<h1 onclick="x()">', "onclick 有改动"),
    "a style": ("</style>", "td:nth-of-type(2)::after{content:'9'}</style>", "content:'9'"),
    "a style in line": (f">{NUMBER}<", f' style="display:none">{NUMBER}<', ""),
    "a picture": ("</main>", '<img src="data:," alt="更正"></main>', "图片"),
    "an overlay": ("<main", '<div style="position:fixed;inset:0">作废</div><main', "作废"),
    "a text before the title": ("<h1>", "<p>更正</p><h1>", "更正"),
    "a caption": ("<caption", "<caption>作废</caption><caption", "作废"),
    "a drawing": ("</main>", "<svg><text>作废</text></svg></main>", "作废"),
    "a field": ("</main>", "<textarea>作废</textarea></main>", "作废"),
    "a frame": ("</main>", '<iframe srcdoc="作废"></iframe></main>', "iframe"),
    "a text turned round": (f">{NUMBER}<", f'><bdo dir="rtl">{NUMBER}</bdo><', "bdo"),
    "a text struck out": (f">{NUMBER}<", f"><s>{NUMBER}</s><", "<s>"),
    "a template": ("</main>", "<template>作废</template></main>", "作废"),
    "a note for old browsers": ("</main>", "<!--[if IE]><p>作废</p><![endif]--></main>", "作废"),
    "a download": (".json\" download", ".exe\" download", "链接应指向"),
    "a base": ("<meta charset", '<base href="http://127.0.0.1/"><meta charset', "base"),
    "a refresh": ("<meta charset", '<meta http-equiv="refresh" content="0;url=x"><meta charset', "refresh"),
    "a policy": ("default-src 'none'", "default-src *", "default-src *"),
    "a doubled attribute": ('<td data-cell="disclosure.fees.amount"', '<td hidden data-cell="disclosure.fees.amount"', "hidden"),
    "the footer": ("<footer>", "<footer>已作废 ", "已作废"),
    "the date": ("</time>", " 更正</time>", "更正"),
    "a text behind the end": ("</html>", "</html><p>更正</p>", "更正"),
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("name", PAGES)
def test_whatever_a_reader_of_a_page_would_see_is_told(folder: Path, tmp_path: Path, name: str) -> None:
    old, new, words = PAGES[name]
    for verdict in told(changed(folder, "html", tmp_path, put(old, new))):
        assert verdict.words == OTHER
        assert any(words in line for line in verdict.differences), verdict.differences


@pytest.mark.many
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put("<meta charset", '<div style="position:fixed">作废</div><meta charset'), "作废"),
        (put(f">{NUMBER}<", f' style="color:#fff">{NUMBER}<'), "style 有改动"),
        (put("</table>", "</table><style>td{display:none}</style>"), "样式表"),
    ],
)
def test_a_fragment_is_held_to_the_same(
    folder: Path, tmp_path: Path, change: Callable[[bytes], bytes], words: str
) -> None:
    for verdict in told(changed(folder, "fragment", tmp_path, change)):
        assert any(words in line for line in verdict.differences), verdict.differences


@pytest.mark.many
@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: b"\xef\xbb\xbf" + data,
        put("</main>", "<!-- 备注 --></main>"),
        put("</main>", "\n\n</main>"),
        lambda data: re.sub(rb"\n<!-- nianbao \w+ -->\n$", b"", data),
    ],
)
def test_a_page_that_shows_the_same_is_another_file_all_the_same(
    folder: Path, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    for verdict in told(changed(folder, "html", tmp_path, change)):
        assert verdict.words == WRAPPED
        assert verdict.changes


def in_part(name: str, old: str, new: str, **added: str) -> Callable[[bytes], bytes]:
    """A Word document with a text changed in one of its parts, and parts added."""

    def change(data: bytes) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as there, zipfile.ZipFile(made, "w") as new_:
            for info in there.infolist():
                part = there.read(info)
                if info.filename == name:
                    assert old.encode() in part
                    part = part.replace(old.encode(), new.encode(), 1)
                new_.writestr(info, part)
            for path, text in added.items():
                new_.writestr(f"word/{path}", text)
        return made.getvalue()

    return change


BODY, FOOT, STYLES = "word/document.xml", "word/footer1.xml", "word/styles.xml"
RUN = f'<w:r><w:t xml:space="preserve">{NUMBER}'
WORDS = {
    "struck out": (BODY, RUN, f"<w:r><w:rPr><w:strike/></w:rPr><w:t>{NUMBER}", "删除线"),
    "hidden": (BODY, RUN, f"<w:r><w:rPr><w:vanish/></w:rPr><w:t>{NUMBER}", "隐藏"),
    "white": (BODY, RUN, f'<w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>{NUMBER}', "白色"),
    "tiny": (BODY, RUN, f'<w:r><w:rPr><w:sz w:val="2"/></w:rPr><w:t>{NUMBER}', "小字号"),
    "a symbol": (BODY, "<w:sectPr", '<w:p><w:r><w:sym w:font="Arial" w:char="0039"/></w:r></w:p><w:sectPr', "符号"),
    "another document": (BODY, "<w:sectPr", '<w:altChunk r:id="x"/><w:sectPr', "嵌入的另一份文档"),
    "a field": (BODY, "<w:sectPr", '<w:p><w:fldSimple w:instr="DATE"/></w:p><w:sectPr', "域"),
    "a formula": (BODY, "<w:sectPr", '<w:p><m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:r><m:t>9</m:t></m:r></m:oMath></w:p><w:sectPr', "公式"),
    "a tracked change": (BODY, "<w:sectPr", "<w:p><w:ins><w:r><w:t>更正</w:t></w:r></w:ins></w:p><w:sectPr", "修订"),
    "a deletion": (BODY, "<w:sectPr", "<w:p><w:del><w:r><w:delText>旧文</w:delText></w:r></w:del></w:p><w:sectPr", "旧文"),
    "a text box": (BODY, "<w:sectPr", "<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>作废</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p><w:sectPr", "作废"),
    "a number": (BODY, "<w:pPr>", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr>', "自动编号"),
    "a footer": (FOOT, "</w:ftr>", "<w:p><w:r><w:t>作废</w:t></w:r></w:p></w:ftr>", "作废"),
    "a field in the footer": (FOOT, "</w:ftr>", '<w:p><w:fldSimple w:instr="DATE"/></w:p></w:ftr>', "域"),
    "a hidden style": (STYLES, "<w:rPrDefault><w:rPr>", "<w:rPrDefault><w:rPr><w:vanish/>", "隐藏"),
    "the title": ("docProps/core.xml", "</dc:title>", "作废</dc:title>", "文件属性“标题”"),
    "a paragraph": (BODY, "<w:sectPr", "<w:p><w:r><w:t>更正。</w:t></w:r></w:p><w:sectPr", ""),
}  # fmt: skip


@pytest.mark.many
@pytest.mark.parametrize("name", WORDS)
def test_whatever_a_reader_of_a_word_file_would_see_is_told(folder: Path, tmp_path: Path, name: str) -> None:
    part, old, new, words = WORDS[name]
    for verdict in told(changed(folder, "docx", tmp_path, in_part(part, old, new))):
        assert verdict.words == OTHER
        assert any(words in line for line in verdict.differences), verdict.differences


@pytest.mark.many
@pytest.mark.parametrize("part", ["vbaProject.bin", "comments.xml", "embeddings/a.bin", "media/a.png"])
def test_whatever_is_attached_to_a_word_file_is_told(folder: Path, tmp_path: Path, part: str) -> None:
    data = '<?xml version="1.0"?><a/>'
    path = changed(folder, "docx", tmp_path, in_part("docProps/core.xml", "", "", **{part: data}))
    assert {verdict.words for verdict in told(path)} == {OTHER}


@pytest.mark.long
def test_a_word_file_packed_again_is_another_file(folder: Path, tmp_path: Path) -> None:
    def packed(data: bytes) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as there, zipfile.ZipFile(made, "w") as new:
            for name in there.namelist():
                new.writestr(name, there.read(name))
        return made.getvalue()

    assert {verdict.words for verdict in told(changed(folder, "docx", tmp_path, packed))} == {WRAPPED}
    saved = in_part("docProps/app.xml", "<Application>nianbao", "<Application>Office")
    for verdict in told(changed(folder, "docx", tmp_path, saved)):
        assert verdict.changes[-1].startswith("由“Office")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"year": 2024,', '"year": 2024,\n "scope": "本级",', "统计范围"),
        ('"year": 2024,', '"year": 2024,\n "level": "县级部门",', "行政层级"),
        ('"year": 2024,', '"year": 2024,\n "agency_code": "1",', "单位代码"),
    ],
)
def test_whatever_the_json_says_beside_the_figures_is_told(
    folder: Path, tmp_path: Path, old: str, new: str, words: str
) -> None:
    alone, compared = told(changed(folder, "json", tmp_path, put(old, new)))
    assert any(words in line for line in compared.differences)
    assert alone.words == OTHER


#: One change to a file of which nothing but its own marks is known, and the only sentences that may be said of it.
SIGNED = ("html", "fragment", "docx", "json")
ALONE = "导出之后内容（或指纹本身）被改动过"


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of a report that has a signature and last year's figures."""
    report = replace(
        county(), signature="青山县水利局", date="2025-01-20", previous=replace(county(), year=2023)
    )
    folder = tmp_path_factory.mktemp("落款")
    export(report, SIGNED, folder)
    return folder


@pytest.mark.parametrize("kind", SIGNED)
def test_of_a_changed_figure_no_other_change_is_said(signed: Path, tmp_path: Path, kind: str) -> None:
    change = in_part("word/document.xml", NUMBER, "8989.0625") if kind == "docx" else put(NUMBER, "8989.0625")
    verdict = verify(changed(signed, kind, tmp_path, change))
    assert len(verdict.differences) == 1 and ALONE in verdict.differences[0]
    assert verdict.changes == ("与所带的校验码不符，导出后被改动过",)


def test_of_changed_json_alone_only_that_is_said_to_differ_which_may(signed: Path, tmp_path: Path) -> None:
    (only,) = verify(changed(signed, "json", tmp_path, put('"year": 2023', '"year": 2022'))).differences
    assert only.startswith("数字和文字与数据指纹相符；其余栏目") and "与工作簿不同" not in only


def test_json_with_last_year_in_another_layout_says_the_same(signed: Path, tmp_path: Path) -> None:
    verdict = verify(changed(signed, "json", tmp_path, put('"digest": ', '"digest":  ')))
    assert verdict.words == WRAPPED and verdict.changes[-1].startswith("排版")


def test_a_key_that_stands_twice_is_told(folder: Path, tmp_path: Path) -> None:
    path = changed(folder, "json", tmp_path, put('"year": 2024,', '"year": 2024,\n "year": 2024,'))
    assert all(verdict.words == OTHER for verdict in told(path))


def test_json_in_another_layout_says_the_same(folder: Path, tmp_path: Path) -> None:
    def laid_out(data: bytes) -> bytes:
        return json.dumps(json.loads(data), ensure_ascii=False).encode()

    for verdict in told(changed(folder, "json", tmp_path, laid_out)):
        assert verdict.words == WRAPPED


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("（单位：万元）", "（单位：亿元）", "应为“本年收费金额（单位：万元）”"),
        (",万元,", ",元,", "“计量单位”一栏应为“万元”"),
        ("行政许可", "行政审批", "“项目”一栏"),
        (NUMBER, "8988", "应为“8988.0625”，文件中是“8988”"),
        ("\r\nremedies", "\r\nx,y,z\r\nremedies", "应有 11 栏"),
        ("青山县", "红山县", "“填报单位”一栏"),
    ],
)
def test_whatever_a_csv_says_is_compared(
    folder: Path, tmp_path: Path, old: str, new: str, words: str
) -> None:
    (verdict,) = told(changed(folder, "csv", tmp_path, put(old, new)))
    assert any(words in line for line in verdict.differences), verdict.differences


def test_a_csv_with_the_english_heads_of_older_versions_is_compared_alike(
    folder: Path, tmp_path: Path
) -> None:
    head = original(folder, "csv").read_text(encoding="utf-8-sig").split("\n", 1)[0].strip()
    older = put(head, ",".join(ENGLISH))
    verdict = verify(changed(folder, "csv", tmp_path, older), county())
    assert (verdict.differences, verdict.changes) == ((), (f"旁边没有{MANIFEST}，无法确认是导出的原文件",))
    wrong = changed(folder, "csv", tmp_path, lambda data: put(NUMBER, "8988")(older(data)))
    assert "应为“8988.0625”，文件中是“8988”" in verify(wrong, county()).differences[-1]


def test_a_line_more_and_a_line_less_are_told(folder: Path, tmp_path: Path) -> None:
    more = changed(folder, "csv", tmp_path, lambda data: data + b"x,y\r\n")
    assert any("多出来" in line for line in told(more)[0].differences)
    less = changed(folder, "csv", tmp_path, lambda data: data[: data.rindex(b"remedies")])
    assert any("少了“remedies" in line for line in told(less)[0].differences)
    assert len(list(csv.reader(io.StringIO(less.read_text(encoding="utf-8-sig"))))) > 100


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, put in, taken out or doubled, anywhere."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        at, length = chance.randrange(len(made)), chance.choice((1, 1, 1, 4, 40))
        match chance.randrange(4):
            case 0:
                made[at] ^= chance.randint(1, 255)
            case 1:
                del made[at : at + length]
            case 2:
                made[at:at] = bytes(chance.randrange(256) for _ in range(length))
            case 3:
                made[at:at] = made[at : at + length]
    return bytes(made)


@pytest.mark.long
@settings(max_examples=25)
@given(st.sampled_from(KINDS), st.integers(0, 2**32))
def test_a_file_changed_anywhere_at_random_is_never_called_unchanged(kind: str, seed: int) -> None:
    folder = _once()
    data = original(folder, kind).read_bytes()
    new = mutated(data, random.Random(seed))
    if new == data:
        return
    path = folder / "改过" / original(folder, kind).name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(new)
    for against in (None, county()):
        try:
            assert verify(path, against).words != SAME
        except Unreadable:
            continue


@pytest.mark.long
@settings(max_examples=15)
@given(st.sampled_from(("html", "fragment", "docx")), st.integers(0, 2**32))
def test_a_text_changed_at_random_is_never_called_unchanged(kind: str, seed: int) -> None:
    chance, folder = random.Random(seed), _once()

    def change(data: bytes) -> bytes:
        spots = [m.start() for m in re.finditer(rb">[^<>]*", data)]
        at = chance.choice(spots) + 1
        return data[:at] + chance.choice(("作废", "9", "<i/>", " ", "\u200b")).encode() + data[at:]

    data = original(folder, kind).read_bytes()
    if kind == "docx":
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = {name: package.read(name) for name in package.namelist()}
        name = chance.choice(sorted(name for name in parts if name.endswith(".xml")))
        parts[name] = change(parts[name])
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
            for part, text in parts.items():
                package.writestr(part, text)
        new = made.getvalue()
    else:
        new = change(data)
    path = folder / "改过" / original(folder, kind).name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(new)
    for against in (None, county()):
        try:
            assert verify(path, against).words != SAME
        except Unreadable:
            continue


_FOLDER: list[Path] = []


def _once() -> Path:
    """One export for all tests and all examples of the properties."""
    import tempfile

    if not _FOLDER:
        made = Path(tempfile.mkdtemp(prefix="nianbao-tampered-"))
        copied(county(), KINDS, made)
        _FOLDER.append(made)
    return _FOLDER[0]


@pytest.mark.long
def test_a_folder_is_checked_with_its_manifest(tmp_path: Path) -> None:
    paths = copied(county(), ["html", "json", "csv"], tmp_path)
    assert {v.name: v.words for v in verify_all([tmp_path])} == {path.name: SAME for path in paths}
    (tmp_path / "附件.html").write_bytes(paths[0].read_bytes())
    paths[2].unlink()
    paths[3].write_bytes(paths[3].read_bytes().replace(b"8988.0625", b"8988"))
    verdicts = {v.name: v for v in verify_all([tmp_path])}
    assert verdicts[paths[2].name].differences == (f"{MANIFEST}中有，文件夹里没有",)
    assert verdicts[paths[3].name].words == OTHER
    assert verdicts["附件.html"].changes == (f"不在{MANIFEST}中",)
    assert verdicts[paths[0].name].words == SAME


def test_a_file_of_which_digest_and_manifest_disagree_is_not_called_unchanged(tmp_path: Path) -> None:
    (path,) = copied(county(), ["json"], tmp_path)
    other = tmp_path / "别处"
    (again,) = export(county(), ["json"], other, draft=True)
    path.write_bytes(again.read_bytes())
    assert verify(path).words == WRAPPED
    assert "与导出清单中的记录不符" in verify(path).changes


@pytest.mark.long
def test_copies_on_several_platforms_are_compared_with_each_other(tmp_path: Path) -> None:
    first = copied(county(), ["html"], tmp_path / "门户")[0]
    second = copied(county(2023), ["html"], tmp_path / "平台")[0]
    one, two = verify_all([first, second])
    assert one.words == SAME
    assert any(line.startswith(f"与“{first.name}”不同：年度应为 2024") for line in two.differences)


@pytest.mark.many
@pytest.mark.parametrize("changed", [0, 1, 2])
def test_a_changed_copy_is_never_the_measure_of_the_others(tmp_path: Path, changed: int) -> None:
    places = {"门户": "html", "数据": "json", "平台": "html"}
    paths = [copied(county(), [kind], tmp_path / place)[0] for place, kind in places.items()]
    data = paths[changed].read_bytes()
    assert b"8988.0625" in data
    paths[changed].write_bytes(data.replace(b"8988.0625", b"8898.0625"))
    verdicts = list(verify_all(paths))
    assert [bool(verdict.differences) for verdict in verdicts] == [n == changed for n in range(3)]


def test_a_digest_computed_anew_hides_no_script_from_a_comparison_with_the_workbook(tmp_path: Path) -> None:
    page = copied(county(), ["html"], tmp_path)[0]
    (tmp_path / MANIFEST).unlink()
    assert verify(page, county()).words == SAME
    text, _, _ = page.read_text(encoding="utf-8").rpartition("<!-- nianbao")
    page.write_bytes(commented(text.replace("</main>", "<script>rewrite()</script></main>")))
    assert "多出脚本" in verify(page, county()).differences


def test_json_that_lost_its_form_is_told_as_changed_by_the_manifest(tmp_path: Path) -> None:
    (path,) = copied(county(), ["json"], tmp_path)
    path.write_bytes(path.read_bytes().replace(b": 0,", b": 01,", 1))
    assert verify(path).differences == ("导出之后被改动过；用 --against 指定工作簿可列出改动之处",)
    (tmp_path / MANIFEST).unlink()
    with pytest.raises(Unreadable, match="无法单独判断"):
        verify(path)
