"""Microsoft's Open XML SDK validator over a file, for every kind of file we write."""

import functools
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

OFFICES = ("Office2010", "Microsoft365")
Judge = Callable[..., list[str]]  # complaints(path, office) as a test asks for it, by its fixture
_TOOLS = Path(__file__).parents[2] / ".tools/node_modules/@xarsh"


@functools.cache
def _validator() -> str:
    """The program itself, which its wrapper in JavaScript would start for one file as well."""
    found = sorted(_TOOLS.glob("ooxml-validator-*/ooxml-validator*"))
    assert found, f"the validator is missing in {_TOOLS}: run make setup"
    return str(found[0])


def complaints(path: Path, office: str = "Microsoft365") -> list[str]:
    """What the validator says against the file for one version of Office: `id part xpath: description`.

    Raises AssertionError when the validator is not installed (`make setup` installs it) or cannot judge.
    """
    assert office in OFFICES, "a version that the validator does not know is taken for another"
    command = [_validator(), str(path), office]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr or run.stdout
    errors = json.loads(run.stdout)["errors"]
    return [f"{error['id']} {error['path']} {error['xPath']}: {error['description']}" for error in errors]
