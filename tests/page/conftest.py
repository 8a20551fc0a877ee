"""The page as `make page` builds it: built anew when anything that goes into it has changed since."""

import fcntl
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build"
DRIVE = Path(__file__).with_name("drive.mjs")
PARTS = ("python/nianbao", "templates")

Drive = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder with 年报校验.html and page/."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "page.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes: one builds
        if not _fresh():
            command = [sys.executable, "templates/source/build_page.py", str(BUILD)]
            parts = ["--pyodide", ".tools/node_modules/pyodide", "--wheels", ".tools/wheels"]
            subprocess.run([*command, *parts], check=True, cwd=ROOT)
    return BUILD


def _fresh() -> bool:
    made = BUILD / "page" / "index.html"
    if not made.exists():
        return False
    sources = (path for part in PARTS for path in (ROOT / part).rglob("*") if path.is_file())
    return made.stat().st_mtime > max(p.stat().st_mtime for p in sources if "__pycache__" not in p.parts)


@pytest.fixture(scope="session")
def drive(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Drive:
    """`drive(steps, page=…)`: what Chromium saw of the page, step after step (see drive.mjs)."""

    def run(steps: list[list[Any]], page: str | Path = built / "年报校验.html") -> dict[str, Any]:
        listed = tmp_path_factory.mktemp("steps") / "steps.json"
        listed.write_text(json.dumps(steps, default=str), encoding="utf-8")
        command = ["node", str(DRIVE), str(page), str(listed)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        seen: dict[str, Any] = json.loads(done.stdout)
        return seen

    return run
