"""Certificates changed at random: refused, over budget, or accepted with a true statement, by both checkers alike."""

import random
from functools import cache

import pytest

from slt_symbolic import recheck
from slt_symbolic.check.budget import OverBudget
from slt_symbolic.check.core import verify
from slt_symbolic.check.step import Refused
from tests.check.certificates import CERTIFICATES
from tests.check.mutants import mutant
from tests.check.tables import edited

WORK = 3 * 10**6
GERM = ("germ", "function")  # another germ has another truth


@cache
def small():
    return [name for name, certificate in CERTIFICATES.items() if len(str(certificate)) < 5_000]


def outcome(seed):
    """What becomes of one changed certificate: a word, or the bracket that it proves."""
    numbers = random.Random(seed)
    name = numbers.choice(small())
    path, value = mutant(CERTIFICATES[name], numbers)
    changed = edited(CERTIFICATES[name], path, value)
    second = _second(changed)
    try:
        statement = verify(changed, WORK)
    except Refused:
        assert second in ("refused", "over budget"), (name, path, value)
        return "refused"
    except OverBudget:
        return "over budget"
    assert second in ("accepted", "over budget"), (name, path, value)
    if not path.startswith(GERM):
        truth = verify(CERTIFICATES[name]).bracket
        assert statement.bracket.lower <= truth.upper, (name, path, value)
        assert truth.lower <= statement.bracket.upper, (name, path, value)
    return "accepted"


def _second(certificate):
    """The answer of the second checker in a word."""
    try:
        recheck.recheck(certificate)
    except recheck.Refused:
        return "refused"
    except recheck.OverBudget:
        return "over budget"
    return "accepted"


@pytest.mark.parametrize("block", [*range(10), *(pytest.param(n, marks=pytest.mark.long) for n in range(10, 30))])
def test_changed_certificates(block):
    found = [outcome(seed) for seed in range(100 * block, 100 * block + 100)]
    assert found.count("refused") > 50
