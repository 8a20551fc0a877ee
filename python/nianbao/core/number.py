"""What stood in a figure cell: an exact number, or why it is none and which number was meant."""

import json
import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from nianbao.core.text import plain as plain

Figure = int | Decimal

#: Spreadsheets keep 15 significant digits; what stands beyond them is rounding noise of binary fractions.
DIGITS = 15
#: A binary fraction is written with so many digits; what shortens to so many less than a spreadsheet's was noise.
BINARY, NOISE = 17, 3
#: Larger figures are no figures of a report; they are kept as text (and bound the work of arithmetic).
LARGEST = Decimal(10) ** 15
#: Smaller ones (as powers of ten) neither, and no float holds them exactly.
LEAST = -300

#: The numbers by which spreadsheets keep the days of the years 2000 to 2099, and the day of number 0.
DAYS, EPOCH = range(36_526, 73_051), date(1899, 12, 30)

ERRORS = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!"}
)
_PLAIN = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_NONE = re.compile(r"[-—–―‐/\\_~.·、*×]+|无|没有|无此项|不涉及|未发生|空|/+")
_NOTE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
#: A day, as a cell that holds a date shows it or somebody wrote it.
_DAY = re.compile(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})(?:日|(?:[ T]00:00(?::00)?.*)?)")
_SCALE = {"元": Decimal(1), "万元": Decimal(10_000), "亿元": Decimal(100_000_000)}
_VAGUE = re.compile(r"[A-Za-z%:年月日至~/约余近多超]|左右|不[足到]|以[上下内]")
_CHINESE = re.compile(r"[〇零一二三四五六七八九十百千万两]+")
_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_POWER = {"十": 10, "百": 100, "千": 1000}


class Reading(NamedTuple):
    """How a text in a figure cell is understood: ``fault`` is ``annotated``, ``none``, ``error``, ``blank``,
    ``date`` or ``unknown``; ``figure`` is the figure that was meant, where that is beyond doubt."""

    fault: str
    figure: Figure | None


def exact(literal: str) -> Figure | None:
    """The exact figure of a number's literal (as XML or JSON has it), or None when it is none.

    At most 15 significant digits are kept, as spreadsheets do; a whole number becomes ``int``.
    """
    if literal.isascii() and literal.isdigit() and len(literal) <= DIGITS:
        return int(literal)
    try:
        value = Decimal(literal)
    except InvalidOperation:
        return None
    if not value.is_finite():
        return None
    if not value:
        return 0
    if not LEAST <= value.adjusted() <= DIGITS or abs(value) > LARGEST:
        return None
    if len(value.as_tuple().digits) > DIGITS:
        value = Decimal(f"{value:.{DIGITS}g}")
    return simplest(value)


def held(literal: str) -> bool:
    """Whether a spreadsheet holds the number as it is written: at most 15 significant digits, but for the noise at
    the end of a binary fraction (``0.30000000000000004`` is 0.3)."""
    value = exact(literal)
    if value is None or Decimal(literal) == value:
        return True
    digits = [len(Decimal(number).normalize().as_tuple().digits) for number in (literal, value)]
    return digits[0] <= BINARY and digits[1] <= DIGITS - NOISE


def simplest(value: Figure) -> Figure:
    """``int`` where the value is whole, else a ``Decimal`` without trailing zeros."""
    if isinstance(value, int):
        return value
    return int(value) if value == value.to_integral_value() else value.normalize()


def chinese(text: str) -> int | None:
    """The value of a Chinese numeral below 100,000,000 (``十二`` 12, ``一百零三`` 103), else None.

    None too for what is short for another number: ``一百二`` is 120 as people speak.
    """
    if not _CHINESE.fullmatch(text) or text.startswith("万"):
        return None
    if all(c in _DIGIT for c in text):
        return int("".join(str(_DIGIT[c]) for c in text))
    high, _, low = text.rpartition("万")
    if high and low in _DIGIT:
        return None
    parts = [_below_wan(high) if high else 0, _below_wan(low) if low else 0]
    return None if None in parts else (parts[0] or 0) * 10_000 + (parts[1] or 0)


def _below_wan(text: str) -> int | None:
    total, digit, last = 0, None, 10_000
    for c in text:
        if c in _DIGIT:
            digit = _DIGIT[c] if digit in (None, 0) else -1
        elif c in _POWER and _POWER[c] < last:
            last = _POWER[c]
            total, digit = total + (1 if digit in (None, 0) else digit) * last, None
        else:
            return None
        if digit == -1:
            return None
    short = digit and last in (100, 1000) and text[-2:-1] != "零"
    return None if short else total + (digit or 0)


def understand(text: str, unit: str = "") -> Reading:
    """How the text that stood in a figure cell is to be read; ``unit`` is the cell's unit of measure.

    ``163件`` means 163, ``１２`` 12, ``89880000元`` in a 万元 cell 8988, ``/`` and ``无`` nothing (0 is proposed).
    Two numbers, or none, leave it unknown.
    """
    bare = plain(text)
    if not bare:
        return Reading("blank", 0)
    if bare.upper() in ERRORS:
        return Reading("error", None)
    if _NONE.fullmatch(bare):
        return Reading("none", 0)
    if typed_as(bare):
        return Reading("date", None)
    figure = _intended(_NOTE.sub("", bare).strip() or bare, unit)
    return Reading("annotated" if figure is not None else "unknown", figure)


def typed_as(text: str) -> str:
    """What was probably typed where a date stands: ``3-1`` for ``2026-03-01``; an empty text for what is none."""
    match = _DAY.fullmatch(plain(text))
    whole = match and (match[1] or "月" in text)
    return f"{int(match[2])}-{int(match[3])}" if match and whole else ""


def written_day(text: str) -> date | None:
    """The day that a text names in full (``2026-01-05``, ``2026年1月5日``) or as a spreadsheet's number; else None."""
    bare = plain(text)
    if bare.isdecimal():
        return day(int(bare[:9]))
    match = _DAY.fullmatch(bare)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match and match[1] else None
    except ValueError:
        return None


def day(serial: Figure) -> date | None:
    """The date that a spreadsheet keeps as this number; None outside the years 2000 to 2099."""
    return EPOCH + timedelta(int(serial)) if serial in DAYS else None


_FIRST, _FIRST_1904 = datetime.combine(EPOCH, time()), datetime(1904, 1, 1)
#: The last day that Excel knows, 9999-12-31.
_LAST = 2_958_465


def day_text(serial: Figure, from_1904: bool) -> str:
    """The day that a spreadsheet shows for a number, as it is read (``2022年1月15日``); for less than a day the time."""
    if not 0 <= serial <= _LAST:
        return f"日期{serial}"
    moment = (_FIRST_1904 if from_1904 else _FIRST) + timedelta(days=float(serial))
    if serial < 1 and not from_1904:
        return f"{moment:%H:%M}"
    return f"{moment.year}年{moment.month}月{moment.day}日"


def _intended(bare: str, unit: str) -> Figure | None:
    numbers = _PLAIN.findall(bare)
    if not numbers:
        return chinese(re.sub(r"(件|项|份|条|起|宗|次|个|人)$", "", bare))
    if len(numbers) != 1:
        return None
    value = exact(numbers[0].replace(",", ""))
    rest = bare.replace(numbers[0], "", 1)
    if value is None or _VAGUE.search(rest) or ("元" in rest and unit not in _SCALE):
        return None
    return simplest(value * _factor(rest, unit))


def _factor(rest: str, unit: str) -> Decimal | int:
    for name in ("亿元", "万元", "元"):
        if name in rest and unit in _SCALE:
            return _SCALE[name] / _SCALE[unit]
    if unit not in _SCALE:
        return 100_000_000 if "亿" in rest else 10_000 if "万" in rest else 1
    return 1


def to_json(value: Figure | str | None) -> int | float | str | None:
    """The value for JSON: a decimal as the number of the same digits, as text where a float cannot hold it."""
    if not isinstance(value, Decimal):
        return value
    short = float(value)
    return short if Decimal(repr(short)) == value else str(value)


def pack(figures: Iterable[Figure | None]) -> str:
    """Exact figures as one text, blanks empty: ``3,,0.25``."""
    return ",".join(["" if value is None else str(value) for value in figures])


def unpack(text: str) -> tuple[Figure | None, ...]:
    """The figures of :func:`pack`, exactly; in the time that JSON's reader needs for them."""
    between = f"[,{text},]".replace(",,", ",null,").replace(",,", ",null,")
    try:
        return tuple(json.loads(f"[{between[2:-2]}]", parse_float=exact))
    except ValueError:
        return tuple(map(one_of, text.split(",")))


def one_of(text: str) -> Figure | None:
    """One figure of :func:`pack`."""
    return int(text) if text.isdigit() else exact(text) if text else None
