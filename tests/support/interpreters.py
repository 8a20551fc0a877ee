"""Programs that answer as a Python with our package does, at once and wherever a test wants them."""

from pathlib import Path


def interpreter(path: Path) -> Path:
    """An executable at ``path`` that names the versions it is asked for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\necho 1.0 0.1\n", encoding="ascii")
    path.chmod(0o755)
    return path
