"""Numbers that a workbook shows as dates: a date in a figure's place is no figure."""

import re
from datetime import datetime, timedelta

from nianbao.core.number import Figure

#: The numbers of the formats for dates and times that are not written down in a workbook (ECMA-376, 18.8.30).
_BUILT_IN = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_NO_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_FIRST, _FIRST_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
#: The last day that Excel knows, 9999-12-31.
_LAST = 2_958_465


def is_date(key: str, code: str) -> bool:
    """Whether a number format, by its number and its code, shows a date or a time."""
    if code:
        return bool(re.search("[ymdhs]", _NO_CODE.sub("", code), re.IGNORECASE))
    return key.isascii() and key.isdigit() and int(key[:4]) in _BUILT_IN


def shown(value: Figure, from_1904: bool) -> str:
    """The day as it is read (``2022年1月15日``), for less than a day the time of day."""
    if not 0 <= value <= _LAST:
        return f"日期{value}"
    moment = (_FIRST_1904 if from_1904 else _FIRST) + timedelta(days=float(value))
    if value < 1 and not from_1904:
        return f"{moment:%H:%M}"
    return f"{moment.year}年{moment.month}月{moment.day}日"
