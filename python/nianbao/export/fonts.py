"""The Chinese font in which pictures are drawn: where this machine has one, and its letters for a file to carry along."""

import base64
import io
import platform
import shutil
import subprocess
from functools import cache
from pathlib import Path

#: In the order of preference; the first two may be embedded in a file (SIL Open Font License).
FAMILY_NAMES = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei")
FAMILY = ", ".join(f"'{name}'" for name in ("nianbao", *FAMILY_NAMES)) + ", sans-serif"
EMBEDDABLE = 2
ADVICE = (
    "请用“sudo apt-get install fonts-noto-cjk”安装中文字体后重试，或不选一图读懂"
    if shutil.which("apt-get")
    else "请安装思源黑体（Noto Sans CJK SC）后重试，或不选一图读懂"
)
_LARGEST = 64 << 20
#: Tables of a font that a picture does without; to cut them down takes long.
_NEEDLESS = frozenset({"GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"})


@cache
def files() -> list[str] | None:
    """The font files to draw with; none of them named where the system finds its own; None where it has no font."""
    if platform.system() in ("Windows", "Darwin"):
        return []
    found = [path for weight in ("Regular", "Bold") if (path := _file(weight))]
    return found or None


def _file(weight: str) -> str:
    program = shutil.which("fc-list")
    for name in FAMILY_NAMES if program else ():
        run = subprocess.run(
            [str(program), f"{name}:style={weight}", "file"], capture_output=True, check=False, timeout=60
        )
        paths = [line.strip().rstrip(":") for line in run.stdout.decode("utf-8", "replace").splitlines()]
        if path := next((path for path in sorted(paths) if path), ""):
            return path
    return ""


def face(texts: str) -> str:
    """CSS that embeds the letters of the texts; nothing where this machine has no font that may be embedded."""
    letters = "".join(sorted(set(texts)))
    rules = [
        _rule(Path(path), weight, letters) for path, weight in zip(files() or (), (400, 700), strict=False)
    ]
    return "".join(rules)


def _rule(path: Path, weight: int, letters: str) -> str:
    from fontTools import subset
    from fontTools.ttLib import TTCollection, TTFont, TTLibError

    try:
        if path.stat().st_size > _LARGEST:
            return ""
        fonts = TTCollection(str(path)).fonts if path.suffix.lower() == ".ttc" else [TTFont(str(path))]
    except (OSError, TTLibError):
        return ""
    font = next((font for font in fonts if font["name"].getDebugName(1) in FAMILY_NAMES[:EMBEDDABLE]), None)
    if font is None:
        return ""
    options = subset.Options(layout_features=[], name_IDs=[1, 2, 13, 14], notdef_outline=True, hinting=False)
    for table in {*font.keys()} & _NEEDLESS:
        del font[table]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    made = io.BytesIO()
    font["head"].modified = font["head"].created
    font.recalcTimestamp = False
    font.save(made)
    data = base64.b64encode(made.getvalue()).decode("ascii")
    return (
        f"@font-face{{font-family:'nianbao';font-weight:{weight};"
        f"src:url(data:font/otf;base64,{data}) format('opentype')}}"
    )
