"""What recurs from workbook to workbook is inflated and read once, and gives what it gives without that."""

import io
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nianbao.core.files import Unreadable
from nianbao.xlsx import container, plans
from nianbao.xlsx.container import Container, Recurring
from nianbao.xlsx.package import Limits, Value, read_package

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
NO_LIMITS = Limits()
Outcome = Mapping[tuple[int, int], Value] | str


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Nothing is known of other workbooks, before and after."""
    forget()
    yield
    forget()


def forget() -> None:
    container._recurring = Recurring()
    plans._plans.clear()
    plans._late.clear()


def book(sheet: str | bytes, strings: Sequence[str] = ("甲",), **more: str) -> bytes:
    items = "".join(f"<si><t>{text}</t></si>" for text in strings)
    parts: dict[str, str | bytes] = {
        "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELATIONS}">'
        f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{items}</sst>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (parts | more).items():
            archive.writestr(name, content)
    return buffer.getvalue()


def rows(text: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{text}</sheetData></worksheet>'


def outcome(
    data: bytes, *, careful: bool = False, limit: Limits = NO_LIMITS, last: int | None = None
) -> Outcome:
    columns = {} if last is None else {"表": last}
    try:
        return dict(read_package(data, columns=columns, limit=limit, careful=careful).sheets["表"])
    except Unreadable as problem:
        return problem.what


def held() -> Recurring:
    return container._recurring


TOO_LARGE = "文件过大（解压后的内容超出上限），为安全起见未读取"
#: One cell of each kind, each with a value that may be replaced.
CELLS = (
    '<c r="A1"><v>{}</v></c>',
    '<c r="B1" s="3" t="n"><v>{}</v></c>',
    '<c r="C1" t="s"><v>{}</v></c>',
    '<c r="D1"><f>A1+B1</f><v>{}</v></c>',
    '<c r="E1" t="str"><f>A1&amp;""</f><v>{}</v></c>',
    '<c r="F1" t="b"><v>{}</v></c>',
    '<c r="G1" t="e"><f>1/0</f><v>{}</v></c>',
    '<c r="H1" t="s"><f>A1</f><v>{}</v></c>',
    '<c r="I1" t="s"><v xml:space="preserve">1</v></c>',
    '<c r="J1" t="inlineStr"><is><t>文</t></is></c>',
)
VALUES = (
    "0", "1", "2", "7", "007", "12", "-3", "0.1", "1.50", "1E+2", "1e5", " 1 ", "", "甲", "文 字", "a_x0041_b", "#DIV/0!",
    "true", "x", "99999999", "9999999999", "-1", "&amp;", "&#65;", "&#20013;", "&#xFFFF;", "&bad;", "\ufffe", "\x07",
    "\r", "]]>", ">", "<", "</v>", "<v>1</v>", "<!--", "</c>", "１",
)  # fmt: skip


def a_sheet(values: Sequence[str]) -> bytes:
    cells = "".join(cell.format(value) for cell, value in zip(CELLS, values, strict=True))
    return rows(f'<row r="1">{cells}</row><row r="2"><c r="A2"/></row>').encode("utf-8", "surrogatepass")


PLAIN = ("1",) * len(CELLS)


@pytest.mark.long
def test_each_cell_with_each_value_reads_as_without_a_plan() -> None:
    for strings in (["甲", "乙"], ["甲"]):
        for n, value in ((n, value) for n in range(len(CELLS)) for value in VALUES):
            data = book(a_sheet((*PLAIN[:n], value, *PLAIN[n + 1 :])), strings)
            assert outcome(data) == outcome(data, careful=True), (n, value)


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(*(st.sampled_from(("1", "1", *VALUES)) for _ in CELLS)), min_size=3, max_size=6),
    st.sampled_from([None, None, 3, 5, 26]),
    st.integers(1, 3),
)
def test_sheets_that_differ_in_values_alone_read_as_they_do_one_by_one(
    sheets: list[tuple[str, ...]], last: int | None, strings: int
) -> None:
    forget()
    for values in (PLAIN, PLAIN, PLAIN, *sheets, PLAIN, *sheets):
        data = book(a_sheet(values), ["甲", "乙", "丙"][:strings])
        assert outcome(data, last=last) == outcome(data, careful=True, last=last), values


def test_a_plan_is_made_when_sheets_of_its_kind_have_come_and_used_then() -> None:
    texts = ("甲", "乙", "丙")
    for number in range(6):
        values = [str(number % 3)] * len(CELLS)
        found = outcome(book(a_sheet(values), texts))
        assert isinstance(found, dict)
        assert found[1, 1] == Value("n", values[0], False)
        assert found[1, 3] == Value("s", texts[number % 3], False)
        assert found[1, 4] == Value("n", values[0], True)
        assert found[1, 9] == Value("s", "乙", False)
        assert len(plans._plans) == (number > 1)


def test_a_sheet_whose_values_are_spoilt_leaves_those_of_its_kind_readable() -> None:
    good, bad = (rows(f'<row r="1"><c r="A1" t="s"><v>{value}</v></c></row>') for value in ("0", "5"))
    for _ in range(3):
        assert outcome(book(bad)) == outcome(book(bad), careful=True) == "内容损坏（引用了不存在的文字）"
        assert outcome(book(good)) == {(1, 1): Value("s", "甲", False)}


def test_the_same_sheet_shows_the_strings_of_its_own_workbook() -> None:
    sheet = rows('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>')
    for first in "甲乙丙丁":
        assert outcome(book(sheet, (first, "戊"))) == {
            (1, 1): Value("s", first, False),
            (1, 2): Value("s", "戊", False),
        }
    assert held()._parts
    assert outcome(book(sheet, ("甲",))) == "内容损坏（引用了不存在的文字）"


def test_what_was_read_may_be_changed_without_changing_what_is_read_next() -> None:
    data = book(rows('<row r="1"><c r="A1"><v>1</v></c></row>'))
    for _ in range(4):
        found = outcome(data)
        assert isinstance(found, dict)
        assert found == {(1, 1): Value("n", "1", False)}
        found.clear()


def with_crc(data: bytes, name: str, crc: int) -> bytes:
    """The workbook with another checksum of one file, in its directory."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        right = struct.pack("<L", archive.getinfo(name).CRC)
    at = data.index(b"PK\1\2")
    here = data.index(right, at)
    return data[:here] + struct.pack("<L", crc) + data[here + 4 :]


def test_a_file_that_is_kept_is_refused_where_it_must_be() -> None:
    name, sheet = "xl/worksheets/sheet1.xml", rows('<row r="1"><c r="A1"><v>1</v></c></row>')
    data = book(sheet)
    damaged = with_crc(data, name, 1)
    for _ in range(3):
        assert outcome(damaged) == "文件已损坏（内容与校验码不符）"
    assert isinstance(outcome(data), dict) and isinstance(outcome(data), dict) and held()._parts
    assert outcome(damaged) == "文件已损坏（内容与校验码不符）"
    assert outcome(data, limit=Limits(part=len(sheet) - 1)) == TOO_LARGE
    assert outcome(data, limit=Limits(total=1_000)) == TOO_LARGE
    assert outcome(data, limit=Limits(cells=0)) == outcome(data, limit=Limits(cells=0), careful=True)
    locked = data.replace(b"PK\1\2\x14\x03\x14\0\0\0", b"PK\1\2\x14\x03\x14\0\1\0")
    assert locked != data and outcome(locked) == "文件设有密码（压缩包已加密）"
    cut = data[: data.index(b"PK\1\2") - 40] + data[data.index(b"PK\1\2") :]
    assert isinstance(outcome(cut), str)


def test_a_damaged_file_is_never_kept() -> None:
    data = with_crc(book(rows("")), "xl/worksheets/sheet1.xml", 7)
    for _ in range(4):
        assert isinstance(outcome(data), str)
    kept = {part.data for _, part in held()._parts.values()}
    assert kept and rows("").encode() not in kept


def test_what_is_kept_is_bounded_whatever_comes() -> None:
    for number in range(2 * Recurring.LATE):
        data = book(rows(f'<row r="1"><c r="A1" s="{number}"><v>1</v></c></row>'))
        for _ in range(1 + number % 3):
            read_package(data)
        assert len(held()._parts) <= Recurring.KEPT and len(held()._late) <= Recurring.LATE
        assert len(plans._plans) <= plans._PLANS and len(plans._late) <= plans._LATE
    bomb = book(rows("") + " " * (Recurring.PLAIN + 1))
    for _ in range(3):
        assert Container(bomb, NO_LIMITS).part("xl/worksheets/sheet1.xml").made is None
    cells = {
        row: "".join(f'<c r="{c}{row}"><f/></c>' for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        for row in range(1, 90)
    }
    crowded = book(rows("".join(f'<row r="{row}">{text}</row>' for row, text in cells.items())))
    before = set(plans._plans)
    for _ in range(4):
        found = outcome(crowded)
        assert isinstance(found, dict) and len(found) == 26 * 89
    assert set(plans._plans) <= before


def test_a_part_that_is_read_in_many_widths_keeps_few_of_them() -> None:
    cells = "".join(f'<c r="{c}1"><v>1</v></c>' for c in "ABCDEFGH")
    data = book(rows(f'<row r="1">{cells}</row>'))
    for last in (*range(1, 9), *range(1, 9), *range(1, 9)):
        found = outcome(data, last=last)
        assert isinstance(found, dict) and len(found) == last
    assert all(len(part.made or {}) <= 4 for _, part in held()._parts.values())
