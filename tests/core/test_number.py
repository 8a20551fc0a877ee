"""Numbers: what stood in a cell is an exact figure, or it is told what was meant."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nianbao.core.number import LARGEST, Reading, chinese, exact, plain, simplest, to_json, understand


class TestExact:
    @pytest.mark.parametrize(
        ("literal", "value"),
        [
            ("0", 0),
            ("007", 7),
            ("12", 12),
            ("-3", -3),
            ("-0", 0),
            ("12.0", 12),
            ("1E+2", 100),
            ("1e-4", Decimal("0.0001")),
            ("8988.0625", Decimal("8988.0625")),
            ("0.10", Decimal("0.1")),
            ("0.30000000000000004", Decimal("0.3")),
            ("12.000000000000001", 12),
            ("1234567890123456.7", None),
            ("1000000000000000", 10**15),
            ("1000000000000001", None),
            ("1e999999999", None),
            ("1e-999999999", None),
            ("5E-324", None),
            ("nan", None),
            ("Infinity", None),
            ("", None),
            ("12件", None),
        ],
    )
    def test_a_literal_becomes_the_figure_it_stands_for(self, literal: str, value: object) -> None:
        assert exact(literal) == value
        assert type(exact(literal)) is type(value)

    @given(st.integers(-(10**15), 10**15))
    def test_every_whole_number_is_kept(self, value: int) -> None:
        assert exact(str(value)) == value

    @given(st.decimals(-(10**9), 10**9, places=4))
    def test_four_places_of_万元_are_kept_through_a_spreadsheets_float(self, value: Decimal) -> None:
        assert exact(repr(float(value))) == value

    @given(st.floats(allow_nan=True, allow_infinity=True))
    def test_whatever_a_spreadsheet_stores_is_a_bounded_figure_or_none(self, value: float) -> None:
        figure = exact(repr(value))
        assert figure is None or (abs(figure) <= LARGEST and (isinstance(figure, int) or figure % 1 != 0))

    @given(st.floats(-1e14, 1e14, allow_subnormal=False).map(lambda f: float(f"{f:.15g}")))
    def test_a_figure_goes_through_json_unchanged(self, value: float) -> None:
        figure = exact(repr(value))
        assert figure is None or exact(repr(to_json(figure))) == figure


class TestUnderstand:
    @pytest.mark.parametrize(
        ("text", "unit", "fault", "meant"),
        [
            ("163件", "件", "annotated", 163),
            ("１６３", "件", "annotated", 163),
            (" 12", "件", "annotated", 12),
            ("12　", "件", "annotated", 12),
            ("1,234", "件", "annotated", 1234),
            ("1，234", "件", "annotated", 1234),
            ("12（含上年结转3件）", "件", "annotated", 12),
            ("【注】12", "件", "annotated", 12),
            ("+5", "件", "annotated", 5),
            ("-5", "件", "annotated", -5),
            ("十二件", "件", "annotated", 12),
            ("二〇二", "件", "annotated", 202),
            ("3万件", "件", "annotated", 30_000),
            ("8988.5万元", "万元", "annotated", Decimal("8988.5")),
            ("89880000元", "万元", "annotated", 8988),
            ("1亿元", "万元", "annotated", 10_000),
            ("0.5元", "元", "annotated", Decimal("0.5")),
            ("/", "件", "none", 0),
            ("-", "件", "none", 0),
            ("——", "件", "none", 0),
            ("／", "件", "none", 0),
            ("无", "件", "none", 0),
            ("不涉及", "件", "none", 0),
            ("#REF!", "件", "error", None),
            ("#DIV/0!", "件", "error", None),
            ("#n/a", "件", "error", None),
            ("", "件", "blank", 0),
            (" 　\n", "件", "blank", 0),
            ("是", "件", "unknown", None),
            ("详见附件", "件", "unknown", None),
            ("TRUE", "件", "unknown", None),
            ("=1+1", "件", "unknown", None),
            ("3+4", "件", "unknown", None),
            ("3-4", "件", "unknown", None),
            ("12/3", "件", "unknown", None),
            ("2021年", "件", "unknown", None),
            ("12%", "件", "unknown", None),
            ("1.2.3", "件", "unknown", None),
            ("12,34", "件", "unknown", None),
            ("1e3", "件", "unknown", None),
            ("约50", "件", "unknown", None),
            ("50余件", "件", "unknown", None),
            ("近百件", "件", "unknown", None),
            ("9" * 40, "件", "unknown", None),
        ],
    )
    def test_a_text_is_read_as_staff_meant_it(self, text: str, unit: str, fault: str, meant: object) -> None:
        assert understand(text, unit) == Reading(fault, meant)  # type: ignore[arg-type]

    @given(st.text(max_size=40), st.sampled_from(["件", "万元", ""]))
    def test_no_text_is_too_strange(self, text: str, unit: str) -> None:
        reading = understand(text, unit)
        assert reading.fault in ("annotated", "none", "error", "blank", "unknown")
        assert reading.fault != "annotated" or reading.figure is not None

    @given(st.integers(0, 10**9), st.sampled_from(["", "件", "项", " 件", "（件）"]))
    def test_a_whole_number_with_a_unit_is_that_number(self, value: int, unit: str) -> None:
        assert understand(f"{value}{unit}", "件").figure == value


class TestChinese:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("零", 0),
            ("两", 2),
            ("十", 10),
            ("十二", 12),
            ("二十", 20),
            ("二十五", 25),
            ("一百零三", 103),
            ("一百二十", 120),
            ("两千零五", 2005),
            ("一万二千", 12_000),
            ("十万", 100_000),
            ("三万零五", 30_005),
            ("二〇二一", 2021),
            ("一百二", None),
            ("三万五", None),
            ("万五", None),
            ("万", None),
            ("一一十", None),
            ("十十", None),
            ("百千", None),
            ("一万万", None),
            ("12", None),
            ("", None),
        ],
    )
    def test_a_numeral_that_is_beyond_doubt_has_a_value(self, text: str, value: int | None) -> None:
        assert chinese(text) == value

    @given(st.integers(0, 99_999_999))
    def test_every_numeral_written_in_full_is_read_back(self, value: int) -> None:
        assert chinese(numeral(value)) == value


def numeral(value: int) -> str:
    """A number below a hundred million in Chinese, written in full (十二 for 12, 一百零三 for 103)."""
    if value >= 10_000:
        high, low = divmod(value, 10_000)
        return f"{numeral(high)}万" + (f"{'零' if low < 1000 else ''}{numeral(low)}" if low else "")
    digits = "零一二三四五六七八九"
    words = ""
    for power, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // power % 10
        words += digits[digit] + name if digit else ("零" if words and words[-1] != "零" else "")
    return words.rstrip("零").removeprefix("一") if 10 <= value < 20 else words.rstrip("零") or "零"


def test_texts_are_compared_without_regard_to_width_and_outer_spaces() -> None:
    assert plain(" （一）１２ ") == "(一)12"


@pytest.mark.parametrize(
    ("value", "kept"), [(Decimal("12.00"), 12), (Decimal("0.50"), Decimal("0.5")), (3, 3)]
)
def test_a_whole_decimal_is_simplified_to_a_whole_number(value: Decimal, kept: object) -> None:
    assert simplest(value) == kept
    assert type(simplest(value)) is type(kept)


@pytest.mark.parametrize(
    ("text", "meant"), [("−3", -3), ("l2", None), ("3万元", None), ("O5", None), ("12A", None)]
)
def test_a_sign_is_kept_and_letters_or_another_unit_leave_it_open(text: str, meant: int | None) -> None:
    assert understand(text, "件").figure == meant
