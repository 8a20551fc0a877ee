"""Published files as somebody changed them afterwards."""

import zipfile
from pathlib import Path


def edited(path: Path, old: str, new: str) -> Path:
    """The file with a text changed, as a site's editor or Word would."""
    if path.suffix != ".docx":
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8", newline="")
        return path
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    assert old.encode() in parts["word/document.xml"]
    parts["word/document.xml"] = parts["word/document.xml"].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return path
