"""The examples that ship: each formula as its source states it, and each wrong one is found where it is wrong."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from slt_symbolic import closed_forms
from slt_symbolic.testing import check_formula, engine_on, examples, rank_of

NAMES = [module.name for module in pkgutil.iter_modules(examples.__path__)]


def module(name):
    return importlib.import_module(f"{examples.__name__}.{name}")


def failure(name, formula):
    file = module(name)
    oracle = engine_on(file.germ, timeout=2) if hasattr(file, "germ") else rank_of(file.network)
    return check_formula(getattr(file, formula), against=oracle, sizes=file.sizes, domain=getattr(file, "domain", None))


@pytest.mark.parametrize(("name", "formula", "sizes"), [
    ("brieskorn_pham", "formula", None),
    ("brieskorn_pham", "facet_alone", {"a": 2, "b": 2, "c": 3}),
    ("reduced_rank_regression", "without_parity", {"M": 1, "N": 1, "H": 1, "r": 0}),
    ("expected_dimension", "formula", {"d": 4, "p": 3, "K": 5}),
])
def test_example(name, formula, sizes):
    found = failure(name, formula)
    assert (found and found.sizes) == sizes


def test_the_expected_dimension_is_wrong_at_that_size_alone():
    file = module("expected_dimension")
    assert check_formula(file.formula, against=rank_of(file.network), sizes=file.sizes,
                         domain=lambda **sizes: sizes != {"d": 4, "p": 3, "K": 5}) is None


def test_reduced_rank_regression_is_the_entry_of_the_catalogue():
    """The entry is proved by another way, and goes further than the engine does in a second."""
    file, entry = module("reduced_rank_regression"), closed_forms["reduced-rank-regression"]
    sizes = {name: range(1, 5) for name in "MNH"} | {"r": range(5)}
    assert check_formula(file.formula, against=lambda **sizes: entry.at(**sizes), sizes=sizes, domain=file.domain,
                         examples=2000) is None


@pytest.mark.slow
def test_reduced_rank_regression_by_the_engine():
    assert failure("reduced_rank_regression", "formula") is None


def test_every_example_says_where_it_comes_from():
    assert len(NAMES) >= 3
    for name in NAMES:
        assert any(year in module(name).__doc__ for year in ("1976", "2005", "2009"))
