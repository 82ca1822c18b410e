"""The step `vandermonde`: sums of powers of units with outer weights."""

import json

import pytest
import sympy

from slt_symbolic import closed_form, rlct
from slt_symbolic.check.bracket import End
from slt_symbolic.check.steps.vandermonde import value
from slt_symbolic.closed_forms.tanh import vandermonde_germ
from slt_symbolic.models import jets
from slt_symbolic.recheck import recheck
from tests.check.tables import accepts, refuses, rows, stratum

NAMES = "a b x y"
ODD = ["a*x + b*y", "a*x^3 + b*y^3"]
TWO = stratum(ODD, NAMES)


def data(units="xy", weights=("ab",), stride=2):
    return {"units": list(units), "weights": [list(row) for row in weights], "stride": stride}


def refused(reason, generators=ODD, names=NAMES, where=None, **changed):
    return refuses("vandermonde", stratum(generators, names, **(where or {})), data(**changed), reason)


ACCEPTED = [
    # (H + i^2 + i)/(4 i + 2), i the integer part of the square root of H; further powers change nothing
    accepts("vandermonde", TWO, data(), {}, "2/3"),
    accepts("vandermonde", TWO, data("yx", ["ba"]), {}, "2/3"),
    accepts("vandermonde", stratum([*ODD, "a*x^7 + b*y^7"], NAMES), data(), {}, "2/3"),
    # all powers; two outputs, as many as units: (2 Q k (k + 1) + 2 H)/(4 (1 + k Q)) at k = 1
    accepts("vandermonde", stratum(["a*x + b*y", "a*x^2 + b*y^2"], NAMES), data(stride=1), {}, "3/4"),
    accepts("vandermonde", stratum([*ODD, "c*x + d*y", "c*x^3 + d*y^3"], "a b c d x y"), data(weights=["ab", "cd"]), {},
            "1,2"),
    # other least powers; the engine finds these values without the step too
    accepts("vandermonde", stratum(["a*x^2 + b*y^2", "a*x^4 + b*y^4"], NAMES), data(), {}, "1/2,2"),
    accepts("vandermonde", stratum(["a*x^3 + b*y^3", "a*x^4 + b*y^4"], NAMES), data(stride=1), {}, "1/3"),
    accepts("vandermonde", stratum(["a + b", "a*x^3 + b*y^3"], NAMES), data(stride=3), {}, "5/6"),
]
REFUSED = [
    refuses("vandermonde", TWO, {**data(), "units": "xy"}, "units are a list of names"),
    refuses("vandermonde", TWO, {**data(), "weights": "ab"}, "weights are a list of lists"),
    refuses("vandermonde", TWO, {**data(), "weights": ["ab"]}, "the weights of an output are a list of names"),
    refused("the stride is 0, not an integer >= 1", stride=0),
    refused("needs units, and a weight of each for each output", units=""),
    refused("needs units, and a weight of each for each output", weights=[]),
    refused("needs units, and a weight of each for each output", weights=["a"]),
    refused("needs distinct variables", weights=["aa"]),
    refused("needs distinct variables", weights=["ax"]),
    refused("there is no variable z", units="xz"),
    refused("needs orders 0; here t has the order 1", names=f"{NAMES} t", where={"orders": {"t": 1}}),
    refused("needs near variables; here y is not near 0", where={"free": "y"}),
    refused("without Jacobian orders; here a has one", where={"jacobian": {"a": 1}}),
    # even powers; another coefficient; a unit too few, a stranger, and a unit's other weight
    refused("needs powers that are 1 modulo the stride", [*ODD, "a*x^4 + b*y^4"]),
    refused("needs powers that are 1 modulo the stride", ["a*x + b*y", "a*x^2 + b*y^2"]),
    refused("needs powers that are 0 modulo the stride", ["a + b", *ODD]),
    refused("needs equal coefficients", ["a*x + b*y", "a*x^3 + 2*b*y^3"]),
    refused("needs a sum over all units of a weight times a power", [*ODD, "a*x^5"]),
    refused("needs a sum over all units of a weight times a power", [*ODD, "t"], f"{NAMES} t"),
    refused("needs a sum over all units of a weight times a power", ["a*x + b*y", "b*x^3 + a*y^3"]),
    # two units need the powers 1 and 3, and for stride 1 the powers 1 and 2
    refused("needs a sum for each of 1 outputs, and as many powers as there are units", ["a*x^5 + b*y^5", ODD[0]]),
    refused("needs a sum for each of 1 outputs, and as many powers as there are units", stride=1),
    refused("needs a sum over all units of a weight times a power", ["a + 1 + b", *ODD]),
    refused("needs a sum over all units of a weight times a power", ["a", *ODD]),
    # with the power 0 units that coincide would be as many as the minimum: a + b, a (x^2 - y^2) is (1, 3)
    refused("needs more units, or a larger stride, for the power 0", ["a + b", "a*x^2 + b*y^2"]),
    refused("needs more units, or a larger stride, for the power 0", ["a + b + c", "a*x + b*y + c*z",
            "a*x^2 + b*y^2 + c*z^2"], "a b c x y z", units="xyz", weights=["abc"], stride=1),
    refused("needs a sum for each of 1 outputs, and as many powers as there are units", [],
            units="x", weights=["a"]),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)


@pytest.mark.parametrize("sizes", [(5, 1, 2), (4, 1, 3), (6, 2, 1), (2, 3, 2), (9, 1, 2)])
def test_many_units(sizes):
    """The entry `vandermonde`, whose oracle is the order of a volume; the second checker agrees."""
    answer = rlct(vandermonde_germ(*sizes))
    assert '"vandermonde"' in json.dumps(answer.certificate)
    expected = closed_form("vandermonde").at(**dict(zip("HMQ", sizes, strict=True)))
    assert (answer.lambda_, answer.multiplicity) == (expected.lambda_, expected.multiplicity)
    assert recheck(json.loads(json.dumps(answer.certificate))).lower == (expected.lambda_, expected.multiplicity)


def powers(units, stride, start):
    """``sum_h a_h b_h^(start + stride n)``, n below the number of units."""
    return [" + ".join(f"a{h}*b{h}^{start + stride * n}" if start + stride * n else f"a{h}" for h in range(units))
            for n in range(units)]


@pytest.mark.parametrize("sizes", [(2, 3, 0), (2, 2, 2), (2, 1, 3)])
def test_other_least_powers_without_the_step(sizes, monkeypatch):
    """The theorem's value against a search by charts and blow-ups, which does not know it; another start differs."""
    units, stride, start = sizes
    monkeypatch.setattr("slt_symbolic.search.search.sums_of_powers", lambda s: None)
    answer = rlct(powers(*sizes), timeout=60)
    assert '"vandermonde"' not in json.dumps(answer.certificate)
    found = End(answer.lambda_, answer.multiplicity)
    assert found == value(units, 1, stride, start) != value(units, 1, stride, start + 1)


@pytest.mark.parametrize(("build", "function", "expected"), [
    # even units: sums of a_h b_h^(2 n), (H + k (k + 1))/(4 k) with k (k - 1) <= H
    (4, sympy.cos, ("5/4", 1)), (6, sympy.sech, ("3/2", 2)),
    # without a constant term: (H + k (k + 1))/(4 (k + 1)) with k (k + 1) <= H
    (5, lambda z: sympy.cosh(z) - 1, ("7/8", 1))])
def test_even_units(build, function, expected):
    x, known = sympy.Symbol("x"), [sympy.symbols(f"a{h} b{h}") for h in range(build)]
    model = jets([a * function(b * x) for a, b in known], {p: 0 for pair in known for p in pair}, 2 * build)
    answer = model.rlct()
    assert (str(answer.lambda_), answer.multiplicity) == expected
    assert '"vandermonde"' in json.dumps(answer.certificate)
    assert str(recheck(json.loads(json.dumps(answer.certificate))).lower[0]) == expected[0]
