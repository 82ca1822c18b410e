"""Every hypothesis of the checker is seen to fail: the places where rows are refused are all places there are."""

import ast
import importlib
import pkgutil

import pytest

import tests.check
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.step import Refused
from tests.check.tables import CHECKER, sites

ERRORS = (Refused.__name__, OverBudget.__name__)


def _hypotheses():
    """File and line of every `require(...)`, `raise Refused(...)` and `raise OverBudget(...)`."""
    for path in sorted(CHECKER.rglob("*.py")):
        for found in ast.walk(ast.parse(path.read_text())):
            call = found.exc if isinstance(found, ast.Raise) else found
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name)):
                continue
            if (call.func.id == "require") if call is found else (call.func.id in ERRORS):
                yield str(path.relative_to(CHECKER)), found.lineno


def _tables():
    for module in pkgutil.walk_packages(tests.check.__path__, f"{tests.check.__name__}."):
        yield importlib.import_module(module.name)


def test_every_hypothesis_is_seen_to_fail():
    there, seen = set(_hypotheses()), set()
    for module in _tables():
        for row in getattr(module, "REFUSED", ()):
            seen.update(sites(row.check()))
    there.discard(_in_require())
    assert sorted(there - seen) == [], "hypotheses that no row sees to fail"
    assert sorted(seen - there) == [], "refusals that come from nowhere"
    assert len(there) > 150


def _in_require():
    """The one `raise` that all of them share."""
    tree = ast.parse((CHECKER / "step.py").read_text())
    function = next(f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and f.name == "require")
    return "step.py", next(n.lineno for n in ast.walk(function) if isinstance(n, ast.Raise))


def test_every_step_accepts_and_refuses():
    from slt_symbolic.check.steps import STEPS
    for kind in ("ACCEPTED", "REFUSED"):
        names = {row.name.split()[0] for module in _tables() for row in getattr(module, kind, ()) if "steps" in
                 module.__name__}
        assert set(STEPS) - names == set(), kind


@pytest.mark.parametrize("kind", ["ACCEPTED", "REFUSED"])
def test_the_tables_are_long(kind):
    assert sum(len(getattr(module, kind, ())) for module in _tables()) > (50 if kind == "ACCEPTED" else 250)
