"""The step `hessian`: second and higher derivatives of one generator at its zeros."""

from fractions import Fraction

import pytest

from slt_symbolic import rlct
from slt_symbolic.check.algebra.ring import ring_of
from slt_symbolic.check.core import verify
from slt_symbolic.check.step import Refused
from slt_symbolic.check.steps.hessian import fold
from slt_symbolic.recheck import Refused as SecondRefused
from slt_symbolic.recheck import recheck
from tests.check.mutants import nodes
from tests.check.tables import accepts, refuses, rows, stratum


def empty(*table, units=()):
    return {"cofactors": [list(pair) for pair in table], "units": list(units)}


def data(gradient=(), minors=(), folds=(), proof=None, optimum=None):
    return {"gradient": list(gradient), "minors": [[list(m), list(m)] for m in minors],
            "folds": [list(f) for f in folds], "empty": proof or empty([1, "1"]),
            "optimum": optimum or {"weights": ["1/4"]}}


# t^4 (y^2 - z^2 + t y), t^4 (y^2 + z^2 + w^2 - t w), t^4 (y^2 + z^3 + t z) along y, z = 0; a cusp t^8 (y^2 - z^3)
NODE = stratum(["y^2 - z^2 + t*y"], "t y z", free="y z", orders={"t": 4}, jacobian={"t": 3})
BALL = stratum(["y^2 + z^2 + w^2 - t*w"], "t y z w", free="y z w", orders={"t": 4}, jacobian={"t": 3})
EDGE = stratum(["y^2 + z^3 + t*z"], "t y z", free="y z", orders={"t": 4}, jacobian={"t": 3})
CUSP = stratum(["y^2 - z^3"], "y z")
THIRD = ("y", "z", 3)
SWALLOW = stratum(["y^2 + z^4"], "y z")

ACCEPTED = [
    accepts("hessian", NODE, data(minors=["yz"]), {}, "1/2,3 .. 1/2"),
    accepts("hessian", BALL, data(minors=["yzw"]), {}, "1/2,2 .. 1/2"),
    accepts("hessian", BALL, data(minors=["yz"]), {}, "1/2,3 .. 1/2"),
    accepts("hessian", EDGE, data(folds=[THIRD]), {}, "5/12 .. 1/2"),
    accepts("hessian", CUSP, data(folds=[THIRD], optimum={"combination": [[[0, 3], "1/3"], [[2, 0], "1/2"]],
                                                         "weights": ["1/2", "1/3"]}), {}, "5/12"),
    accepts("hessian", SWALLOW, data(folds=[("y", "z", 4)], optimum={"weights": ["1/2", "1/4"]}), {}, "3/8"),
    # what vanishes nowhere is a monomial; a coordinate, where its derivative does not vanish
    accepts("hessian", stratum(["y^2 + 1 + t"], "t y", free="y", orders={"t": 4}, jacobian={"t": 3}),
            data(proof={"form": 0, "nonzero": [["y^2 + 1", 1, "sturm"]]}), {}, "1/2,2 .. 1/2"),
    accepts("hessian", stratum(["y - z^2 + t"], "t y z", free="y z", orders={"t": 4}, jacobian={"t": 3}),
            data(gradient=["y"]), {}, "1/2,2 .. 1/2"),
]
REFUSED = [
    refuses("hessian", stratum(["y", "z"], "y z"), data(), "needs exactly one generator; here there are 2"),
    refuses("hessian", NODE, {**data(), "gradient": "y"}, "a gradient is a list of names"),
    refuses("hessian", NODE, {**data(), "minors": [[["y", "z"]]]}, "a minor needs rows and columns"),
    refuses("hessian", NODE, {**data(), "minors": [["yz", ["y", "z"]]]}, "rows and columns are names"),
    refuses("hessian", NODE, data(minors=["y"]), "needs minors of 2 or 3 distinct rows and as many columns"),
    refuses("hessian", NODE, data(minors=["yy"]), "needs minors of 2 or 3 distinct rows and as many columns"),
    refuses("hessian", BALL, {**data(), "minors": [[["y", "z"], ["y", "z", "w"]]]}, "needs minors of 2 or 3 distinct"),
    refuses("hessian", EDGE, {**data(), "folds": [["y", "z"]]}, "a fold needs two names and a number"),
    refuses("hessian", EDGE, data(folds=[("y", "z", 2)]), "the number of derivatives"),
    refuses("hessian", EDGE, data(folds=[("y", "z", 7)]), "needs at most 6 derivatives; here 7"),
    refuses("hessian", EDGE, data(folds=[("y", "y", 3)]), "needs two variables for a fold; here y twice"),
    # t carries orders: a derivative by it says nothing of the measure
    refuses("hessian", NODE, data(gradient=["t"]), "needs a variable without orders; here t has one"),
    refuses("hessian", stratum(["y^2 - z^2"], "y z", jacobian={"z": 1}), data(minors=["yz"]),
            "needs a variable without orders; here z has one"),
    refuses("hessian", stratum(["y^2 - c*z^2"], "y z c", free="y z", constants={"c": "c^2-2"}), data(gradient=["c"]),
            "needs a coordinate; here c is a constant"),
    # derivatives that vanish with the generator: the square of a cusp's edge, a fold of one derivative more
    refuses("hessian", EDGE, data(minors=["yz"]), "the cofactors do not combine"),
    refuses("hessian", SWALLOW, data(folds=[THIRD]), "the cofactors do not combine"),
    refuses("hessian", stratum(["(y + z)^2"], "y z"), data(folds=[THIRD]), "the cofactors do not combine"),
    refuses("hessian", stratum(["y^3 + z^3"], "y z"), data(folds=[THIRD]), "the cofactors do not combine"),
]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)


def test_a_fold_is_the_derivative_where_the_first_one_is_eliminated():
    """``y^2 + 2 y z^2`` is ``(y + z^2)^2 - z^4``: no third derivative, the fourth is -24."""
    ring = ring_of(["y", "z"])
    y, z = ring.gens()
    values = [fold(y**2 + 2 * y * z**2, 0, 1, k)(0, 0) for k in (3, 4)]
    assert values[0] == 0
    assert values[1] == 2 * 2**3 * -24



@pytest.mark.parametrize(("name", "value"), [("gradient", []), ("minors", []), ("optimum", {"weights": ["1"]})])
def test_forged_data_are_refused_by_both(name, value):
    """A certificate that needs the step, with a list left out or an optimum that is none."""
    found = rlct("(x+y^2)^6 + (y+x*z)^6 + (z-x^2)^6 - 3*(x+y^2)^2*(y+x*z)^2*(z-x^2)^2", function=True)
    assert (found.lambda_, found.multiplicity) == (Fraction(1, 2), 1)
    listed = [node for node in nodes(found.certificate) if node["step"] == "hessian" and node["data"][name] != value]
    assert listed
    listed[0]["data"][name] = value
    with pytest.raises(Refused):
        verify(found.certificate)
    with pytest.raises(SecondRefused):
        recheck(found.certificate)
