"""The separation of the layers: who may import whom."""

import ast
from pathlib import Path

import pytest

from tests import ROOT

HEAVY = {"torch", "scipy", "matplotlib", "arviz_stats", "joblib", "tqdm", "tabulate", "dask", "distributed"}
FORBIDDEN = {
    "slt_symbolic": {"derivations", "numerics", *HEAVY},
    "derivations": {"numerics", *HEAVY},
    "numerics": {"tests"},
}


def _imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", [
    path for package in FORBIDDEN for path in sorted((ROOT / package).rglob("*.py"))
], ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_respect_the_layers(path):
    package = path.relative_to(ROOT).parts[0]
    allowed = {"numerics", "derivations"} if path == ROOT / "slt_symbolic" / "cli.py" else set()
    assert not (_imports(path) & FORBIDDEN[package]) - allowed


def test_the_command_line_imports_numerics_only_inside_a_function():
    tree = ast.parse((ROOT / "slt_symbolic" / "cli.py").read_text())
    top = {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not any(module.split(".")[0] in {"numerics", "derivations"} for module in top)


def test_no_float_in_the_exact_core():
    """A float may be a time; it is never a value: no float literal in the exact package."""
    for path in sorted((ROOT / "slt_symbolic").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"{path}:{node.lineno}"
