"""Units' names and codes as they are compared: width, spaces and the usual endings make no difference."""

import re
import unicodedata
from functools import lru_cache

from nianbao.core.glyphs import unified
from nianbao.ingest.words import simplify

_ENDINGS = re.compile(
    r"(?:\((?:本级|机关|本机关|汇总|含下级|含下级汇总|公章|盖章|已盖章|章)\)|本级|\(公章\))+$"
)
_SAME = (("人民政府", "政府"), ("管理委员会", "管委会"), ("办公厅(室)", "办公室"))
_TAIL = re.compile("(?:政府|办公厅|办公室|办事处|管委会|委员会|委|局|厅|办)$")
_SPACE = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\u00ad\u180e\u3164·•‧・]+")
#: A year before or after a name, or the report's title after it: no part of the name.
_YEAR = re.compile(
    r"^20\d\d年(?:度)?(?=.{2})|\(?20\d\d年?(?:度)?\)?$|(?:20\d\d年(?:度)?)?政府信息公开工作年度报告$"
)


@lru_cache(maxsize=200_000)
def folded(text: str) -> str:
    """The name with width, spaces, invisible and traditional characters evened out."""
    plain = unicodedata.normalize("NFKC", unified(text))
    return _SPACE.sub("", plain if plain.isascii() else simplify(plain)).casefold()


@lru_cache(maxsize=200_000)
def loose(text: str) -> str:
    """The name without the endings and spellings that make no other unit: 本级, （机关）, a year, 人民政府 for 政府."""
    name = folded(text)
    bare = _ENDINGS.sub("", _YEAR.sub("", _ENDINGS.sub("", name)))
    name = bare if len(bare) > 1 else name
    for long, short in _SAME:
        name = name.replace(long, short)
    return name


def stem(text: str) -> str:
    """The name without the one word at its end that says what kind of organ it is: 河口镇 for 河口镇人民政府,
    示例市教育 for 示例市教育局 and 示例市教育委员会."""
    name = loose(text)
    bare = _TAIL.sub("", name)
    return bare if len(bare) > 1 else name


def code(text: str) -> str:
    """A code as it is compared."""
    return folded(text).upper().replace("-", "")


def sound(text: str) -> str:
    """The text as it can be stored and shown: bytes of a file's name that are no UTF-8 stand as ``\\xNN``."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(map(_sound, text))
    return text


def _sound(sign: str) -> str:
    number = ord(sign)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    return "\ufffd" if 0xD800 <= number <= 0xDFFF else sign
