"""Linear programs by two feasible points, and exponents as data."""

from slt_symbolic.check.optimum import optimum, weighted_bound
from tests.check.tables import Accepted, Denied, end, rows


def proof(combination, weights):
    return {"combination": [[list(e), t] for e, t in combination], "weights": list(weights)}


def optimal(exponents, jacobian, data):
    return lambda: optimum(exponents, jacobian, data)


SQUARE = [(2, 0), (0, 2), (1, 1)]
XY = proof([((1, 1), "1")], ["1/2", "1/2"])
THREE = proof([((2, 0), "1/2"), ((0, 2), "1/2")], ["1/2", "1/2"])
ACCEPTED = [Accepted(f"optimum {e}", optimal(e, h, data), end(value)) for e, h, data, value in (
    ([(1, 1)], [0, 0], XY, "1/2,2"),
    # y^2, x^2, x y: only (1/2, 1/2) is optimal; x y alone leaves a line of optima, so that more has to be shown
    (SQUARE, [0, 0], THREE, "1/2"),
    # a multiple does not count
    ([(1, 1), (2, 1)], [0, 0], XY, "1/2,2"),
    ([(2, 0), (0, 3)], [0, 1], proof([((2, 0), "1/2"), ((0, 3), "2/3")], ["1/2", "1/3"]), "7/12"),
    # y has room: it is not used
    ([(2, 1)], [0, 4], proof([((2, 1), "1/2")], ["1/2", "0"]), "1/4"),
    ([(0, 0), (1, 0)], [0, 0], None, "oo"),
    ([()], [], None, "oo"),
)]
REFUSED = [Denied(f"optimum {i}", optimal(e, h, data), sentence) for i, (e, h, data, sentence) in enumerate((
    ([], [0, 0], XY, "there are no monomials"),
    ([(0, 0)], [0, 0], XY, "a monomial is constant, so that there is no optimum"),
    ([(1, 1)], [0, 0], None, "data needs exactly the keys combination, weights"),
    ([(1, 1)], [0, 0], proof([((1, 1), "1")], ["1"]), "there is not one weight for each variable"),
    ([(1, 1)], [0, 0], proof([((1, 1), "1")], ["2", "-1"]), "a weight is negative"),
    ([(1, 1)], [0, 0], {**XY, "weights": "11"}, "weights are rationals"),
    ([(1, 1)], [0, 0], proof([((1, 1), "1")], ["1/4", "1/2"]), "the weights are not feasible"),
    ([(1, 1), (2, 1)], [0, 0], proof([((2, 1), "1/2")], ["1/2", "1/2"]),
     "an exponent that is not minimal or not there"),
    ([(1, 1)], [0, 0], proof([((1, 0), "1")], ["1/2", "1/2"]), "an exponent that is not minimal or not there"),
    ([(1, 1)], [0, 0], proof([((1, 1), "-1")], ["1/2", "1/2"]), "a coefficient of the combination is not positive"),
    (SQUARE, [0, 0], proof([((1, 1), "1"), ((2, 0), "0")], ["1/2", "1/2"]),
     "a coefficient of the combination is not positive"),
    ([(1, 1)], [0, 0], proof([((1, 1), "2")], ["1", "1"]), "the combination is not feasible"),
    # feasible, not optimal
    ([(1, 1)], [0, 0], proof([((1, 1), "1")], ["1", "1/2"]), "combination and weights have different values"),
    ([(1, 1)], [0, 0], proof([((1, 1), "1/2")], ["1/2", "1/2"]), "combination and weights have different values"),
    # an end of the line of optima, and a combination that shows too little: m would be 2 for x^2, x y, y^2
    ([(1, 1)], [0, 0], proof([((1, 1), "1")], ["1", "0"]), "in general position among the optimal ones"),
    (SQUARE, [0, 0], proof([((1, 1), "1")], ["1/2", "1/2"]), "in general position among the optimal ones"),
    ([(1, 1)], [0, 0], proof([((1, 1), "1/2"), ((1, 1), "1/2")], ["1/2", "1/2"]),
     r"the exponent \[1, 1\] is listed twice"),
    ([(1, 1)], [0, 0], proof([((1, 1.0), "1")], ["1/2", "1/2"]), "an exponent is no list of integers >= 0"),
    ([(1, 1)], [0, 0], proof([((1, True), "1")], ["1/2", "1/2"]), "an exponent is no list of integers >= 0"),
    ([(1, 1)], [0, 0], {**XY, "combination": [[[1, 1]]]}, "a combination lists exponents with their coefficients"),
))]
REFUSED += [
    Denied("no exponents", lambda: weighted_bound([], [0, 0], ["1", "0"]), "there are no monomials"),
    Denied("too light", lambda: weighted_bound([(1, 1)], [0, 0], ["1/2", "1/4"]), "the weights are not feasible"),
]
ACCEPTED += [Accepted("not optimal", lambda: weighted_bound([(1, 1)], [0, 2], ["1/2", "1/2"]), end("1"))]
test_accepted, test_refused = rows(ACCEPTED, REFUSED)
