"""A computer with few fonts, for the programs that a test starts."""

from pathlib import Path

#: What the packages fonts-noto-cjk, fonts-dejavu and fonts-opensymbol install on Debian.
FOLDERS = (
    "/usr/share/fonts/opentype/noto",
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/truetype/libreoffice",
)


def only_three(folder: Path) -> Path:
    """A fontconfig file (for ``FONTCONFIG_FILE``) that knows no other fonts than those three packages'."""
    cache = folder / "font cache"
    known = "".join(f"<dir>{name}</dir>" for name in FOLDERS)
    path = folder / "fonts.conf"
    text = f'<?xml version="1.0"?><fontconfig>{known}<cachedir>{cache}</cachedir></fontconfig>'
    path.write_text(text, encoding="utf-8")
    return path
