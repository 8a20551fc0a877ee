"""Names of units: how they are compared, what short names offices sign with, what words make no other unit."""

import re
import unicodedata
from functools import lru_cache

from nianbao.core.text import INVISIBLE, unified
from nianbao.ingest.words import simplify

_ENDINGS = re.compile(
    r"(?:\((?:本级|机关|本机关|汇总|含下级|含下级汇总|公章|盖章|已盖章|章)\)|本级|\(公章\))+$"
)
_ALIKE = (("人民政府", "政府"), ("管理委员会", "管委会"), ("办公厅(室)", "办公室"))
_TAIL = re.compile("(?:政府|办公厅|办公室|办事处|管委会|委员会|委|局|厅|办)$")
_SPACE = re.compile(rf"[\s{INVISIBLE}\ufe00-\ufe0f\u3164·•‧・]+")
#: A year before or after a name, or the report's title after it: no part of the name.
_YEAR = re.compile(
    r"^20\d\d年(?:度)?(?=.{2})|\(?20\d\d年?(?:度)?\)?$|(?:20\d\d年(?:度)?)?政府信息公开工作年度报告$"
)


@lru_cache(maxsize=12_000)
def folded(text: str) -> str:
    """The name with width, spaces, invisible and traditional characters evened out."""
    plain = unicodedata.normalize("NFKC", unified(text))
    return _SPACE.sub("", plain if plain.isascii() else simplify(plain)).casefold()


@lru_cache(maxsize=12_000)
def name_key(text: str) -> str:
    """The name without the endings and spellings that make no other unit: 本级, （机关）, a year, 人民政府 for 政府."""
    name = folded(text)
    bare = _ENDINGS.sub("", _YEAR.sub("", _ENDINGS.sub("", name)))
    name = bare if len(bare) > 1 else name
    for long, short in _ALIKE:
        name = name.replace(long, short)
    return name


def forget_names() -> None:
    """Give back the room of the names that are remembered, when the files have been told apart."""
    folded.cache_clear()
    name_key.cache_clear()


def name_stem(text: str) -> str:
    """The name without the one word at its end that says what kind of organ it is: 河口镇 for 河口镇人民政府,
    示例市教育 for 示例市教育局 and 示例市教育委员会."""
    name = name_key(text)
    bare = _TAIL.sub("", name)
    return bare if len(bare) > 1 else name


#: Everyday short names of departments: what stands in the full name, and what offices sign with.
_EVERYDAY = (
    ("发展和改革", "发改"), ("工业和信息化", "工信"), ("经济和信息化", "经信"), ("科学技术", "科技"),
    ("民族宗教事务", "民宗"), ("人力资源和社会保障", "人社"), ("自然资源和规划", "资规"), ("自规", "资规"),
    ("住房和城乡建设", "住建"), ("交通运输", "交通"), ("农业农村", "农业"), ("文化广电旅游", "文旅"),
    ("文化广电和旅游", "文旅"), ("文广旅", "文旅"), ("文化和旅游", "文旅"), ("卫生健康", "卫健"),
    ("退役军人事务", "退役军人"), ("应急管理", "应急"), ("市场监督管理", "市监"), ("市场监管", "市监"),
    ("医疗保障", "医保"), ("国有资产监督管理", "国资"), ("行政审批服务", "审批"), ("行政审批", "审批"),
    ("审批服务", "审批"), ("生态环境", "生态"), ("环境保护", "生态"), ("环保", "生态"), ("水务", "水利"), ("政务服务和数据管理", "政数"),
    ("城市管理综合执法", "城管"), ("城市管理行政执法", "城管"), ("城市管理", "城管"), ("综合执法", "城管"),
    ("林业和草原", "林草"), ("园林绿化", "园林"), ("机关事务管理", "机关事务"), ("金融工作", "金融"),
    ("人民防空", "人防"), ("供销合作总社", "供销社"), ("供销合作社", "供销社"), ("政府办公厅", "政府办"),
    ("政府办公室", "政府办"),
)  # fmt: skip
#: Departments of two signs, each a slip away from another: 体育局 is not 教育局 written wrong.
_DEPARTMENTS = re.compile(
    "教育|体育|财政|民政|邮政|审计|统计|司法|公安|国安|水利|商务|税务|外事|信访|档案|气象|地震|林业|渔业|农机|烟草|海关|海事|盐务|科协|文联|"
    "妇联|残联|侨联|工商|质监|药监|粮食|物价|扶贫|移民|旅游|文化|卫生|民族|宗教|规划|国土|房管|城建|园林|"
    + "|".join(everyday for _, everyday in _EVERYDAY)
)
_REGION = re.compile("[省市县区旗州盟镇乡]$")
#: The last region of a name; that of an agency; the regions at a beginning that two signs follow.
LAST_REGION = re.compile("[^省市县区旗州盟镇乡]+[省市县区旗州盟镇乡]$")
HOME = re.compile(
    "(?:[^省市县区旗州盟镇乡]+省)?[^省市县区旗州盟镇乡]+[省市县区旗州盟镇乡](?:[^省市县区旗州盟镇乡]+[县区旗])?"
)
_LEADING = re.compile("(?:[^省市县区旗州盟镇乡]*[省市县区旗州盟镇乡])+(?=..)")
#: What follows the short form of a department: 委, 局 or 委员会 are told apart only where both are written.
_KIND = re.compile("(?:管委会|委员会|委|局|厅)$")
#: An office within a department signs for the department.
_OFFICE = re.compile("(?<=[局委厅会])(?:办公室|办)$")


@lru_cache(maxsize=200_000)
def short_name(text: str) -> str:
    """The name with its department as offices sign: 某县发改 for 某县发展和改革委员会 and 某县发改委."""
    name = _OFFICE.sub("", name_key(text))
    for long, everyday in _EVERYDAY:
        name = name.replace(long, everyday)
    bare = _KIND.sub("", name)
    return bare if len(bare) > 1 else name


def department(short: str) -> tuple[str, str]:
    """The regions at the beginning of a short name, and its department."""
    region = _LEADING.match(short)
    before, core = (region[0], short[region.end() :]) if region else ("", short)
    return before, core if len(core) > 1 else short


def may_be_slip(written: str, meant: str) -> bool:
    """False if a name is that of another known department than the one that might be meant."""
    core = department(short_name(written))[1]
    return not _DEPARTMENTS.fullmatch(core) or core == department(short_name(meant))[1]


def without_region(name: str, part: str) -> bool:
    """Whether a short name is ``part`` with nothing but the name of a region before it, or the rest of one: 县发改."""
    before = name.removesuffix(part) if name.endswith(part) else ""
    return bool(before) and bool(
        _REGION.search(before) or (len(part) > 2 and _REGION.search(before + part[0]))
    )


def code_key(text: str) -> str:
    """A code as it is compared."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return folded(text).upper().replace("-", "")


def displayable(text: str) -> str:
    """The text as it can be stored and shown: bytes of a file's name that are no UTF-8 stand as ``\\xNN``."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(map(_displayable_sign, text))
    return text


def _displayable_sign(sign: str) -> str:
    number = ord(sign)
    if 0xDC80 <= number <= 0xDCFF:
        return f"\\x{number - 0xDC00:02x}"
    return "\ufffd" if 0xD800 <= number <= 0xDFFF else sign
