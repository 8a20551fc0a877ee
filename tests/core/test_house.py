"""The house keeps its shape: no circle of imports between any two files, also of those inside functions."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "python" / "nianbao"
#: The longest file, in lines (the reading of the text is counted apart).
LONGEST = 500


def modules() -> Mapping[str, Path]:
    """Every file of the package by the name it is imported by."""
    named = {
        path: ".".join(("nianbao", *path.relative_to(PACKAGE).with_suffix("").parts))
        for path in PACKAGE.rglob("*.py")
    }
    return {name.removesuffix(".__init__"): path for path, name in named.items()}


def imported(tree: ast.AST, known: Mapping[str, Path]) -> Iterator[str]:
    """What a file imports of the package, but for what only the type checker sees."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("nianbao"):
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in known else node.module
        yield from imported(node, known)


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """A circle of a graph, or nothing: what is left once files that import nothing left are taken away."""
    left = {name: set(targets) for name, targets in graph.items()}
    while free := {name for name, targets in left.items() if not targets & left.keys()}:
        left = {name: targets for name, targets in left.items() if name not in free}
    return sorted(left)


def test_no_two_files_import_one_another_at_whatever_remove() -> None:
    known = modules()
    graph = {
        name: {
            target
            for target in imported(ast.parse(path.read_text(encoding="utf-8")), known)
            if target != name
        }
        for name, path in known.items()
    }
    assert circle(graph) == []
    assert circle({**graph, "a": {"b"}, "b": {"a"}}) == ["a", "b"]


def test_no_file_is_too_long() -> None:
    long = {
        str(path.relative_to(PACKAGE)): lines
        for path in modules().values()
        if "narrative" not in path.parts
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST
    }
    assert long == {}
