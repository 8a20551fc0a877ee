"""A Word document as the package of parts that it is: written again with parts changed, the same every time."""

import io
import zipfile
from collections.abc import Callable

#: The dates in an archive of ours; the document's own date is in its properties.
_DATE = (2025, 1, 1, 0, 0, 0)


def rewritten(package: bytes, change: Callable[[str, bytes], bytes] = lambda name, data: data) -> bytes:
    """The package with every part as ``change(name, data)`` gives it, in the same order."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _DATE), change(name, old.read(name)), zipfile.ZIP_DEFLATED)
    return made.getvalue()
