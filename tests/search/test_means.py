"""Means with weights that add up to one: differences become coordinates, definite quadratic parts squares."""

import pytest

from slt_symbolic import rlct
from slt_symbolic.search.simplify import pooled
from tests.check.tables import stratum


def moments(components, order):
    weights = [f"p{i}" for i in range(1, components)]
    weights.append(f"(1-{'-'.join(weights)})")
    return ["+".join(f"{p}*u{i}^{n}" for i, p in enumerate(weights, 1)) for n in range(1, order + 1)]


def test_four_normals_at_one():
    """The mean is a coordinate, the variance a definite form in three differences: 1/2 + 3/4."""
    point = {f"p{i}": "1/4" for i in (1, 2, 3)} | {f"u{i}": "0" for i in (1, 2, 3, 4)}
    answer = rlct(moments(4, 6), at=point, timeout=20)
    assert (str(answer.lambda_), answer.multiplicity) == ("5/4", 1)


@pytest.mark.parametrize(("mean", "variable"), [
    pytest.param("(p+1/3)*x+(2/3-p)*y", "y", id="mean"),
    pytest.param("(p+1/3)*x+(2/3-2*p)*y", None, id="weights-without-sum"),
    pytest.param("(p+1/3)*x+(2/3-p)*y+p^2", None, id="not-only-a-mean"),
    pytest.param("(p+1/3)*x+(-1/3-p)*y", None, id="difference"),
])
def test_means(mean, variable):
    found = pooled(stratum([mean, "p*x^2+y^3"], "p x y"))
    assert (None if found is None else found[1].data["variable"]) in {variable, "x" if variable else None}
