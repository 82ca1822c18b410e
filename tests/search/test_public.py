"""Germs that others published, or built models of: the values by hand or from the sources named beside them."""

import json

import pytest

from slt_symbolic import rlct
from slt_symbolic.recheck import recheck
from tests import DATA

CASES = {case["id"]: case for case in json.loads((DATA / "public_cases.json").read_text())}
QUICK = {"m2_quartic_cone", "iss_singular1060", "disc_cubic", "amgm4", "gmix2", "m2_curve456", "real_ideal_def",
         "tree_quartet12", "varchenko_1", "factor2_rank1", "rbm_3v3h"}


def asked(case):
    at = dict(part.split("=") for part in case["at"].split(",")) if case["at"] else None
    return case["gens"], at


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.long] * (name not in QUICK)) for name in CASES])
def test_a_public_case(name):
    case = CASES[name]
    generators, at = asked(case)
    answer = rlct(generators, at=at, function=case["function"], timeout=120)
    assert (str(answer.lambda_), answer.multiplicity) == (case["lam"], case["m"]), case["why"]
    second = recheck(json.loads(json.dumps(answer.certificate)))
    assert second.lower == second.upper == (answer.lambda_, answer.multiplicity)


# These take minutes then.
ALSO_AS_A_FUNCTION = sorted(set(CASES) - {"matcomp_c6", "braid5", "nb3_3states", "tanh_4", "dln_22222"})
REORDERED = sorted(QUICK - {"varchenko_1"})


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.long] * (name not in QUICK))
                                  for name in ALSO_AS_A_FUNCTION if not CASES[name]["function"]])
def test_the_same_as_one_function(name):
    generators, at = asked(CASES[name])
    answer = rlct(" + ".join(f"({g})^2" for g in generators), at=at, function=True, timeout=120)
    assert (str(answer.lambda_), answer.multiplicity) == (CASES[name]["lam"], CASES[name]["m"])


@pytest.mark.parametrize("name", REORDERED)
def test_the_same_in_another_order(name):
    """Generators and variables from the last to the first, and mixed by an invertible matrix."""
    case = CASES[name]
    generators, at = asked(case)
    turned = generators[::-1]
    mixed = [f"{turned[0]} + 2*({turned[-1]})", *turned[1:]] if len(turned) > 1 else [f"3*({turned[0]})"]
    answer = rlct(mixed, at=at, function=case["function"], timeout=60)
    variables = answer.statement.variables[::-1]
    again = rlct(mixed, variables, at, function=case["function"], timeout=60)
    for found in (answer, again):
        assert (str(found.lambda_), found.multiplicity) == (case["lam"], case["m"])
