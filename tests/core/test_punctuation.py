"""Half-width punctuation among Chinese characters is offered for correction; what belongs to numbers is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nianbao.core.text import corrected, corrections


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("主动公开,依申请公开.", "主动公开，依申请公开。"),
        ("收到申请12件,办结10件;结转2件.", "收到申请12件，办结10件；结转2件。"),
        ("存在的问题:一是形式单一", "存在的问题：一是形式单一"),
        ("共12,其中自然人9", "共12，其中自然人9"),
        ("办公室(政策法规科)负责", "办公室（政策法规科）负责"),
        ("《条例》,要求", "《条例》，要求"),
        ("是否公开?应当!", "是否公开？应当！"),
    ],
)
def test_marks_among_chinese_become_full_width(typed: str, right: str) -> None:
    assert corrected(typed) == right
    assert corrected(right) == right


@pytest.mark.parametrize(
    "text",
    [
        "1,234.5万元",
        "上午9:30",
        "网址www.example.gov.cn",
        "增长3.2%",
        "No.1, see (b)",
        "第3.2节",
        "等...",
        "",
    ],
)
def test_what_belongs_to_numbers_and_latin_text_is_left_alone(text: str) -> None:
    assert corrections(text) == []


@given(st.text(alphabet="中文件12,.;:?!()，。ab ", max_size=40))
def test_correcting_changes_marks_alone_and_once(text: str) -> None:
    once = corrected(text)
    assert len(once) == len(text)
    assert {(a, b) for a, b in zip(text, once, strict=True) if a != b} <= set(
        zip(",;:?!.()", "，；：？！。（）", strict=True)
    )
