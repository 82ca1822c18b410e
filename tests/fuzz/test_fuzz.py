"""A few random cases for each oracle, saved disagreements again, and wrong answers that have to be seen."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.fuzz.__main__ import FAILURES
from tests.fuzz.package import PACKAGE
from tests.fuzz.searches import SEARCHES, case_of, judged
from tests.oracles.ends import End

CASES = 12
SEED = 2024
SAVED = sorted(FAILURES.glob("*.json"))


@pytest.mark.parametrize("name", SEARCHES)
def test_random_cases(name):
    search = SEARCHES[name]
    for number in range(CASES):
        case = case_of(search, SEED, number)
        verdict = judged(search, case, PACKAGE)
        assert verdict is None or verdict.agrees, (case, verdict)


@pytest.mark.parametrize("path", SAVED, ids=lambda path: path.stem)
def test_saved_disagreements(path):
    record = json.loads(path.read_text())
    verdict = judged(SEARCHES[record["search"]], record["case"], PACKAGE)
    assert verdict is not None
    assert verdict.agrees, verdict


def test_cases_depend_on_the_seed_alone():
    for search in SEARCHES.values():
        assert case_of(search, 1, 7) == case_of(search, 1, 7)
        assert json.loads(json.dumps(case_of(search, 1, 7))) == case_of(search, 1, 7)
        assert len({json.dumps(case_of(search, 1, n)) for n in range(20)}) > 1


def _larger_lambda(end: End) -> End:
    return end[0] * 61 / 60, end[1]


def _larger_multiplicity(end: End) -> End:
    return end[0], end[1] + 1


def _always(error: Exception):
    def raising(*arguments):
        raise error
    return raising


GERMS = ("plane", "cones", "homogeneous", "sum_of_squares")
WRONG = [
    *((name, {"bracket": lambda *a, change=change: tuple(map(change, PACKAGE.bracket(*a)))})
      for name in GERMS if name != "sum_of_squares" for change in (_larger_lambda, _larger_multiplicity)),
    ("sum_of_squares", {"bracket": lambda g, names, function: tuple(
        (end[0] * (2 if function else 1), end[1]) for end in PACKAGE.bracket(g, names, function))}),
    *((name, {"bracket": _always(ValueError("no"))}) for name in GERMS),
    ("polyhedra", {"faces": lambda exponents: set(sorted(PACKAGE.faces(exponents), key=sorted)[1:])}),
    ("polyhedra", {"faces": lambda exponents: {*PACKAGE.faces(exponents), frozenset()}}),
    ("polyhedra", {"threshold": lambda *a: _larger_lambda(PACKAGE.threshold(*a))}),
    ("polyhedra", {"threshold": lambda *a: _larger_multiplicity(PACKAGE.threshold(*a))}),
    ("charts", {"charts": lambda rays: PACKAGE.charts(rays)[1:]}),
    ("charts", {"charts": lambda rays: PACKAGE.charts(rays)[:1] * 2}),
]


@pytest.mark.parametrize(("name", "changes"), [
    pytest.param(*case, marks=[pytest.mark.long] * (case[0] == "cones")) for case in WRONG])
def test_wrong_answers_are_seen(name, changes):
    """Wherever the package is exact, a different answer disagrees."""
    search, wrong = SEARCHES[name], replace(PACKAGE, **changes)
    seen = 0
    for number in range(6):
        case = case_of(search, SEED, number)
        right, changed = judged(search, case, PACKAGE), judged(search, case, wrong)
        if right is not None and right.exact:
            assert not changed.agrees, (case, changed)
            seen += 1
    assert seen
