"""Microsoft's Open XML SDK validator over a file, for every kind of file we write."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

OFFICES = ("Office2010", "Microsoft365")
Judge = Callable[..., list[str]]  # complaints(path, office) as a test asks for it, by its fixture
_VALIDATOR = Path(__file__).parents[2] / ".tools/node_modules/.bin/ooxml-validator"


def complaints(path: Path, office: str = "Microsoft365") -> list[str]:
    """What the validator says against the file for one version of Office: `id part xpath: description`.

    Raises AssertionError when the validator is not installed (`make setup` installs it) or cannot judge.
    """
    assert _VALIDATOR.exists(), f"{_VALIDATOR} is missing: run make setup"
    command = [str(_VALIDATOR), str(path), "--officeVersion", office]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stderr
    errors = json.loads(run.stdout)["errors"]
    return [f"{error['id']} {error['path']} {error['xPath']}: {error['description']}" for error in errors]
