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


#: Everyday short names of departments: what stands in the full name, and what offices sign with.
_SHORT = (
    ("发展和改革", "发改"), ("工业和信息化", "工信"), ("经济和信息化", "经信"), ("科学技术", "科技"),
    ("民族宗教事务", "民宗"), ("人力资源和社会保障", "人社"), ("自然资源和规划", "资规"), ("自规", "资规"),
    ("住房和城乡建设", "住建"), ("交通运输", "交通"), ("农业农村", "农业"), ("文化广电旅游", "文旅"),
    ("文化广电和旅游", "文旅"), ("文广旅", "文旅"), ("文化和旅游", "文旅"), ("卫生健康", "卫健"),
    ("退役军人事务", "退役军人"), ("应急管理", "应急"), ("市场监督管理", "市监"), ("市场监管", "市监"),
    ("医疗保障", "医保"), ("国有资产监督管理", "国资"), ("行政审批服务", "审批"), ("政务服务和数据管理", "政数"),
    ("城市管理综合执法", "城管"), ("城市管理行政执法", "城管"), ("城市管理", "城管"), ("综合执法", "城管"),
    ("林业和草原", "林草"), ("园林绿化", "园林"), ("机关事务管理", "机关事务"), ("金融工作", "金融"),
    ("人民防空", "人防"), ("供销合作总社", "供销社"), ("供销合作社", "供销社"), ("政府办公厅", "政府办"),
    ("政府办公室", "政府办"),
)  # fmt: skip
_REGION = re.compile("[省市县区旗州盟镇乡]$")
#: What follows the short form of a department: 委, 局 or 委员会 are told apart only where both are written.
_KIND = re.compile("(?:管委会|委员会|委|局|厅)$")
#: An office within a department signs for the department.
_OFFICE = re.compile("(?<=[局委厅会])(?:办公室|办)$")


@lru_cache(maxsize=200_000)
def short(text: str) -> str:
    """The name with its department as offices sign: 某县发改 for 某县发展和改革委员会 and 某县发改委."""
    name = _OFFICE.sub("", loose(text))
    for long, everyday in _SHORT:
        name = name.replace(long, everyday)
    bare = _KIND.sub("", name)
    return bare if len(bare) > 1 else name


def without_region(name: str, part: str) -> bool:
    """Whether a short name is ``part`` with nothing but the name of a region before it."""
    return name.endswith(part) and bool(_REGION.search(name.removesuffix(part)))


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
