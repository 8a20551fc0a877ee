"""Runs the benches named on the command line (`run.py validate reader`), or all of them, each in its own process; what
begins with two dashes is the bench's to understand (`run.py consolidate --10000`)."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
#: Runs the main() of one file. Its folder stays off the path: a bench may be named like a library (click).
ONE = """
import importlib.util, sys
sys.path.insert(0, sys.argv[1])
spec = importlib.util.spec_from_file_location("bench", sys.argv[2])
bench = sys.modules["bench"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bench)
bench.main(*([sys.argv[3:]] if sys.argv[3:] else []))
"""


def benches() -> list[str]:
    """The modules beside this one that have a main()."""
    paths = sorted(path for path in HERE.glob("*.py") if path.stem != "run")
    return [path.stem for path in paths if "def main(" in path.read_text(encoding="utf-8")]


def main(names: list[str]) -> int:
    options = [name for name in names if name.startswith("--")]
    names = [name for name in names if name not in options]
    if unknown := set(names) - set(benches()):
        print(f"no such bench: {', '.join(sorted(unknown))}; there are: {', '.join(benches())}")
        return 2
    failed = 0
    for name in names or benches():
        print(f"== {name}", flush=True)
        command = [sys.executable, "-c", ONE, str(HERE.parent), str(HERE / f"{name}.py"), *options]
        failed += subprocess.run(command, check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
