"""The rooms and their order: a file imports rooms before its own, or its own, and nothing else of the house."""

import ast
from pathlib import Path

import pytest

from tests import ROOT

# Each package's rooms, in order; a package may also import what ALLOWED says. `check` is all that is trusted.
ROOMS = {
    "slt_symbolic": ["errors", "conventions", "storage", "check", "recheck", "evidence", "threshold", "germ", "search",
                     "networks", "ranks", "engine", "closed_forms", "audit", "free_energy", "models", "rendering",
                     "testing", "commands", "__main__"],
    "derivations": ["scope", "framework", "ranks", "products", "narrow_fits", "linear_models", "quadratic_generic",
                    "quadratic_dead_unit", "zero_truth", "padded_units", "single_output", "coinciding_units",
                    "modular_addition", "modular_addition_labels", "modular_addition_fourier",
                    "modular_addition_softmax", "symmetric_factorisation", "reduced_rank",
                    "deep_linear", "deep_linear_local", "one_head_attention", "mixtures", "naive_bayes",
                    "orthogonal_rows", "boltzmann", "hidden_markov", "tensors", "latent_gaussian",
                    "hyperplane_arrangement", "tanh_zero_truth", "other_products",
                    "cullen_2026", "least_width", "single_frequency", "fits_at_three", "open_questions", "weight_noise",
                    "bounded_term",
                    "__init__", "record", "render", "pages", "commands", "__main__"],
    "numerics": ["figures", "workers", "threads", "progress", "losses", "curvature", "networks", "sampling",
                 "estimation", "modules", "diagnosis", "grokking", "verification", "sweep", "studies", "pictures",
                 "__init__", "examples", "commands"],
}
BEFORE = {"slt_symbolic": [], "derivations": ["slt_symbolic"], "numerics": ["slt_symbolic", "derivations"]}
HEAVY = {"torch", "scipy", "matplotlib", "arviz_stats", "joblib", "tqdm", "tabulate", "dask", "distributed"}

FILES = [path for package in ROOMS for path in sorted((ROOT / package).rglob("*.py"))]


def module_of(path: Path) -> tuple[str, ...]:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts


def imports_of(path: Path) -> set[tuple[str, ...]]:
    """The modules that a file imports anywhere, plain or relative, functions and `if TYPE_CHECKING` included."""
    here, found = path.relative_to(ROOT).with_suffix("").parts, set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {tuple(alias.name.split(".")) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = (*here[: len(here) - node.level if node.level else 0], *filter(None, (node.module or "").split(".")))
            for alias in node.names:
                whole = ROOT.joinpath(*base, alias.name)
                found.add((*base, alias.name) if whole.with_suffix(".py").exists() or whole.is_dir() else base)
    return found


def room_of(module: tuple[str, ...]) -> str:
    return module[1] if len(module) > 1 else "__init__"


def problems(here: tuple[str, ...], imports: set[tuple[str, ...]]) -> list[str]:
    package = here[0]
    rooms, found = ROOMS[package], []
    for module in imports:
        if module[0] in ROOMS:
            if module[0] == package:
                own = here[1] if len(here) > 1 else "__init__"
                last = len(rooms) if own == "__init__" and own not in rooms else rooms.index(own)
                if room_of(module) == "__init__" and "__init__" not in rooms:
                    found.append(f"{'.'.join(module)}: a room does not import the face of its package")
                elif room_of(module) != own and rooms.index(room_of(module)) > last:
                    found.append(f"{'.'.join(module)}: {room_of(module)} comes after {own}")
            elif module[0] not in BEFORE[package]:
                found.append(f"{'.'.join(module)}: {module[0]} comes after {package}")
        elif module[0] in HEAVY and package != "numerics":
            found.append(f"{module[0]}: only numerics needs it")
        elif module[0] == "tests":
            found.append("tests come last")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_respect_the_order_of_the_rooms(path):
    assert not problems(module_of(path), imports_of(path))


@pytest.mark.parametrize("path", [path for path in FILES if module_of(path)[:2] == ("slt_symbolic", "check")],
                         ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_trusted_imports_errors_alone(path):
    inside = {module for module in imports_of(path) if module[0] in ROOMS}
    assert all(module[:2] in (("slt_symbolic", "check"), ("slt_symbolic", "errors")) for module in inside)


def test_the_second_checker_imports_nothing_of_the_project():
    assert not [module for module in imports_of(ROOT / "slt_symbolic" / "recheck.py") if module[0] in ROOMS]


def test_every_file_stands_in_a_room_that_is_listed():
    for path in FILES:
        module = module_of(path)
        assert room_of(module) in [*ROOMS[module[0]], "__init__"], path


@pytest.mark.parametrize(("here", "module"), [
    (("slt_symbolic", "check", "core"), ("slt_symbolic", "search", "tree")),
    (("slt_symbolic", "engine"), ("numerics", "losses")),
    (("slt_symbolic", "engine"), ("torch",)),
    (("slt_symbolic", "engine"), ("slt_symbolic", "closed_forms")),
    (("slt_symbolic", "engine"), ("slt_symbolic",)),
    (("derivations", "ranks"), ("derivations", "render")),
    (("numerics", "losses", "module"), ("numerics", "estimation", "llc")),
    (("numerics", "losses", "module"), ("tests", "oracles")),
])
def test_an_arrow_upwards_is_seen(here, module):
    assert problems(here, {module})


def test_relative_imports_are_resolved(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.house.test_rooms.ROOT", tmp_path)
    room = tmp_path / "slt_symbolic" / "check"
    room.mkdir(parents=True)
    (room / "bad.py").write_text("from ..search import tree\nfrom . import core\n")
    (tmp_path / "slt_symbolic" / "search").mkdir()
    (tmp_path / "slt_symbolic" / "search" / "tree.py").touch()
    (room / "core.py").touch()
    assert imports_of(room / "bad.py") == {("slt_symbolic", "search", "tree"), ("slt_symbolic", "check", "core")}


def test_no_float_in_the_exact_core():
    """A float may be a time; it is never a value: no float literal in the exact package."""
    for path in sorted((ROOT / "slt_symbolic").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), f"{path}:{node.lineno}"
